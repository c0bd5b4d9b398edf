//! Derived indicators: arithmetic on the exact values of others, row by row.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::model::{Contribution, Period};

use super::layout::Key;
use super::plan::{Item, Plan};
use super::standing::Standing;
use super::table::{Cell, Table};
use super::timeline::Due;
use crate::model::Rational;

/// Computed tables by item and period.
pub(super) type Tables<'p> = BTreeMap<(usize, Period), Table<'p>>;

/// The figures of a derived indicator: every row that all its operands have.
pub(super) fn derive<'p>(
    plan: &'p Plan,
    tables: &Tables<'p>,
    item: &Item,
    due: &Due,
) -> anyhow::Result<Table<'p>> {
    let derivation = item.derivation.as_ref().context("不是派生指标")?;
    let operands: Vec<Option<&Table>> = derivation
        .operands
        .iter()
        .map(|operand| {
            let operand = (*operand)?;
            let its = plan.clock(&plan.items[operand])?.latest_by(&due.folder)?;
            tables.get(&(operand, its.period.clone()))
        })
        .collect();
    let mut standings: Vec<&'p Standing> = Vec::new();
    for standing in operands.iter().flatten().flat_map(|table| &table.standings) {
        if !standings.iter().any(|known| std::ptr::eq(*known, *standing)) {
            standings.push(standing);
        }
    }
    let complete: Option<Vec<&Table>> = operands.into_iter().collect();
    let mut cells = Vec::new();
    if let Some((first, rest)) = complete.as_deref().and_then(<[_]>::split_first) {
        for cell in first.cells.iter().filter(|cell| shown(item, cell.key)) {
            let others: Option<Vec<&Cell>> = rest.iter().map(|t| t.get(cell.key)).collect();
            let Some(others) = others else { continue };
            let all: Vec<&Cell> = [cell].into_iter().chain(others).collect();
            cells.push(
                combined(item, &all).with_context(|| format!("计算指标 {}", item.indicator.id))?,
            );
        }
    }
    if cells.is_empty() {
        cells.push(nothing());
    }
    Ok(Table::new(plan, item, &due.period, cells, standings))
}

/// All rows that the operands have, or those asked for.
fn shown(item: &Item, key: Key) -> bool {
    item.indicator.by.is_empty() || item.layout.shows(key)
}

fn combined(item: &Item, operands: &[&Cell]) -> anyhow::Result<Cell> {
    let derivation = item.derivation.as_ref().context("不是派生指标")?;
    let values: Vec<Option<Rational>> = operands.iter().map(|cell| cell.exact).collect();
    let scale = Rational::new(item.indicator.scale().into(), 1);
    let exact = derivation.formula.evaluate(&values)?.map(|value| value.times(scale));
    let merged = |side: fn(&Cell) -> &[Contribution]| {
        let mut all: Vec<Contribution> = Vec::new();
        for contribution in operands.iter().flat_map(|cell| side(cell)) {
            if !all.contains(contribution) {
                all.push(contribution.clone());
            }
        }
        all
    };
    Ok(Cell {
        key: operands.first().context("公式没有引用任何指标")?.key,
        numerator: None,
        denominator: None,
        exact,
        value: exact.map(|exact| exact.round(item.indicator.decimals)),
        missing: operands.iter().any(|cell| cell.missing),
        half: operands.iter().any(|cell| cell.half),
        lineage: (merged(|cell| &cell.lineage.0), merged(|cell| &cell.lineage.1)),
    })
}

/// The county's row of an indicator for which nothing is due or nothing came.
pub(super) fn nothing() -> Cell {
    Cell {
        key: Key { unit: None, category: None, class: None },
        numerator: None,
        denominator: None,
        exact: None,
        value: None,
        missing: true,
        half: false,
        lineage: (Vec::new(), Vec::new()),
    }
}
