//! Indicators made of others: arithmetic on exact values, row by row.

use std::collections::BTreeMap;

use anyhow::Context;

use crate::definition::Formula;
use crate::model::{Period, Rational};

use super::composite::{compose, merged};
use super::layout::Key;
use super::plan::{Item, Plan, Rule};
use super::standing::Standing;
use super::table::{Cell, Table};
use super::timeline::Due;

/// Computed tables by item and period.
pub(super) type Tables<'p> = BTreeMap<(usize, Period), Table<'p>>;

/// The figures of an indicator made of others; of a formula, every row that all its operands have.
pub(super) fn derive<'p>(
    plan: &'p Plan,
    tables: &Tables<'p>,
    item: &Item,
    due: &Due,
) -> anyhow::Result<Table<'p>> {
    let derivation = item.derivation.as_ref().context("不是派生指标")?;
    let Rule::Formula(formula) = derivation.rule else { return compose(plan, tables, item, due) };
    let operands = plan.operand_tables(tables, item, due);
    let standings = Standing::each_once(operands.iter().flatten());
    let complete: Option<Vec<&Table>> = operands.into_iter().collect();
    let mut cells = Vec::new();
    if let Some((first, rest)) = complete.as_deref().and_then(<[_]>::split_first) {
        for cell in first.cells.iter().filter(|cell| shown(item, cell.key)) {
            let others: Option<Vec<&Cell>> = rest.iter().map(|t| t.get(cell.key)).collect();
            let Some(others) = others else { continue };
            let all: Vec<&Cell> = [cell].into_iter().chain(others).collect();
            cells.push(
                combined(item, formula, &all)
                    .with_context(|| format!("计算指标 {}", item.indicator.id))?,
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

fn combined(item: &Item, formula: &Formula, operands: &[&Cell]) -> anyhow::Result<Cell> {
    let values: Vec<Option<Rational>> = operands.iter().map(|cell| cell.exact).collect();
    let scale = Rational::new(item.indicator.scale().into(), 1);
    let exact = formula.evaluate(&values)?.map(|value| value.times(scale));
    let lineage = |side| merged(operands.iter().copied(), side);
    Ok(Cell {
        key: operands.first().context("公式没有引用任何指标")?.key,
        numerator: None,
        denominator: None,
        exact,
        value: exact.map(|exact| exact.round(item.indicator.decimals)),
        missing: operands.iter().any(|cell| cell.missing),
        half: operands.iter().any(|cell| cell.half),
        lineage: (lineage(|cell| &cell.lineage.0), lineage(|cell| &cell.lineage.1)),
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
