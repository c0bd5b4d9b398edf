//! Indicators made of others: arithmetic on exact values, row by row.

use anyhow::Context;

use crate::definition::{Formula, TooLarge};
use crate::model::Rational;

use super::composite::compose;
use super::compute::compute;
use super::counted::{Counted, Excluded};
use super::layout::FigureKey;
use super::plan::{Combination, Item, Plan};
use super::source::Sources;
use super::table::{AllFigures, BareFigure, PeriodFigures, merged, operand_tables};
use super::timeline::Due;

/// The figures of an indicator made of others; of a formula, every row that all its operands have.
///
/// The rows of several units are made of the same ones in every operand: a unit that one of them
/// cannot count is in none.
pub(super) fn derive<'p>(
    plan: &'p Plan<'p>,
    sources: &Sources,
    tables: &AllFigures<'p>,
    item: &'p Item<'p>,
    due: &Due,
    beside: &Excluded,
) -> anyhow::Result<PeriodFigures<'p>> {
    let derivation = item.derivation.as_ref().context("不是派生指标")?;
    let Combination::Formula(formula) = derivation.rule else {
        return Ok(compose(plan, tables, item, due));
    };
    let operands = operand_tables(plan, tables, item, due);
    let mut counted = Counted::together(operands.iter().flatten().map(|table| &table.counted));
    counted.excluded.extend(beside);
    let mut cells = Vec::new();
    let complete: Option<Vec<&PeriodFigures>> = operands.iter().copied().collect();
    if let Some(complete) = complete {
        let again = recomputed(plan, sources, tables, item, due, &counted.excluded)?;
        let aligned: Vec<&PeriodFigures> = complete
            .iter()
            .zip(&again)
            .map(|(&table, again)| again.as_ref().unwrap_or(table))
            .collect();
        let units = &plan.definition.units;
        let of_several = |key: FigureKey| key.unit.is_none_or(|row| units.is_level(row as usize));
        let keys = complete.first().into_iter().flat_map(|first| &first.cells).map(|c| c.key);
        for key in keys.filter(|key| shown(item, *key)) {
            let tables = if of_several(key) { &aligned } else { &complete };
            let cells_of_key: Option<Vec<&BareFigure>> =
                tables.iter().map(|t| t.get(key)).collect();
            let Some(all) = cells_of_key else { continue };
            cells.push(
                combined(item, formula, &all)
                    .with_context(|| format!("计算指标 {}", item.indicator.id))?,
            );
        }
    }
    if cells.is_empty() {
        cells.push(BareFigure::nothing());
    }
    Ok(PeriodFigures::new(plan, item, &due.period, cells, counted))
}

/// The operands without the units that one of them lacks; `None` for those that lack them already.
fn recomputed<'p>(
    plan: &'p Plan<'p>,
    sources: &Sources,
    tables: &AllFigures<'p>,
    item: &Item,
    due: &Due,
    excluded: &Excluded,
) -> anyhow::Result<Vec<Option<PeriodFigures<'p>>>> {
    let derivation = item.derivation.iter().flat_map(|d| &d.operands);
    derivation
        .map(|operand| {
            let Some(number) = *operand else { return Ok(None) };
            let item = &plan.items[number];
            let Some(its) = plan.clock(item).and_then(|clock| clock.latest_by(&due.folder)) else {
                return Ok(None);
            };
            let known = tables.get(&(number, its.period.clone()));
            if known.is_none_or(|table| table.counted.excluded == *excluded) {
                return Ok(None);
            }
            let again = if item.derivation.is_some() {
                derive(plan, sources, tables, item, its, excluded)
            } else {
                compute(plan, sources, item, its, excluded)
            };
            again.map(Some)
        })
        .collect()
}

/// All rows that the operands have, or those asked for.
fn shown(item: &Item, key: FigureKey) -> bool {
    item.indicator.by.is_empty() || item.layout.shows(key)
}

fn combined(
    item: &Item,
    formula: &Formula,
    operands: &[&BareFigure],
) -> anyhow::Result<BareFigure> {
    let values: Vec<Option<Rational>> = operands.iter().map(|cell| cell.exact).collect();
    let scale = item.indicator.factor();
    // Numbers of returns are bounded, but not what can be made of all of them: then the value is
    // as unknown as with an operand that is not there.
    let result = formula.evaluate(&values).and_then(|value| {
        value.map(|value| value.checked_times(scale).ok_or(TooLarge)).transpose()
    });
    let (exact, too_large) = result.map_or((None, true), |exact| (exact, false));
    let lineage = |side| merged(operands.iter().copied(), side);
    Ok(BareFigure {
        key: operands.first().context("公式没有引用任何指标")?.key,
        numerator: None,
        denominator: None,
        exact,
        value: exact.map(|exact| exact.round(item.indicator.decimals)),
        missing: too_large || operands.iter().any(|cell| cell.missing),
        lineage: (lineage(|cell| &cell.lineage.0), lineage(|cell| &cell.lineage.1)),
    })
}
