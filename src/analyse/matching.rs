//! Rows of a period matched with those of the period before.

use std::collections::BTreeMap;

use crate::definition::{Form, Indicator};
use crate::model::{Column, FactTable, Units, Value};

use super::plan::Plan;
use super::timeline::Due;

/// The period from which the rows of an indicator have moved. When the 口径 has changed since,
/// codes do not mean the same, and nothing moves.
pub(super) fn matched_due<'p>(plan: &'p Plan, indicator: &Indicator, due: &Due) -> Option<&'p Due> {
    earlier_due(plan, indicator, due).filter(|then| !is_broken(indicator, then, due))
}

/// Has the 口径 of an indicator whose rows are matched changed since the period before?
pub(super) fn breaks_before(plan: &Plan, indicator: &Indicator, due: &Due) -> bool {
    earlier_due(plan, indicator, due).is_some_and(|then| is_broken(indicator, then, due))
}

fn earlier_due<'p>(plan: &'p Plan, indicator: &Indicator, due: &Due) -> Option<&'p Due> {
    let clock = plan.timeline(&indicator.form).filter(|_| indicator.compares_rows())?;
    clock.at(&clock.previous(&due.period)?)
}

fn is_broken(indicator: &Indicator, then: &Due, now: &Due) -> bool {
    indicator.breaks.iter().any(|b| then.period < *b && *b <= now.period)
}

/// For each row, the row of the period before that has the same key: its own unit's, or else the
/// only one beside it, of a unit of the same parent that handed it over. What several other units had is none of them: a key of
/// the county in two returns is named by G-07, and a mere number of a line says nothing of others.
pub(super) fn matched_rows(
    now: &FactTable,
    then: &FactTable,
    form: &Form,
    units: &Units,
) -> Vec<Option<u32>> {
    let mut by_key: BTreeMap<Vec<String>, Vec<u32>> = BTreeMap::new();
    for (row, key) in (0u32..).zip(keys(then, form)) {
        if let Some(key) = key {
            by_key.entry(key).or_default().push(row);
        }
    }
    let parent = |unit: &str| units.get(unit).map(|unit| unit.parent.as_str());
    let find = |(row, key): (usize, Option<Vec<String>>)| {
        let unit = now.unit(row);
        let mut beside = by_key.get(&key?)?.iter().copied().filter(|at| {
            let other = then.unit(*at as usize);
            other == unit || parent(other) == parent(unit)
        });
        let first = beside.next()?;
        let own = |at: &u32| then.unit(*at as usize) == unit;
        if own(&first) {
            return Some(first);
        }
        match beside.next() {
            None => Some(first),
            Some(second) => [second].into_iter().chain(beside).find(own),
        }
    };
    keys(now, form).into_iter().enumerate().map(find).collect()
}

/// The key of each row; `None` when part of it is blank.
fn keys(table: &FactTable, form: &Form) -> Vec<Option<Vec<String>>> {
    let index = |name: &String| form.field_index(name);
    let columns: Vec<&Column> =
        form.primary_key.iter().filter_map(index).map(|field| &table.columns[field]).collect();
    let part = |column: &&Column, row: usize| {
        let value = column.get(row);
        (value != Value::Missing).then(|| value.to_string())
    };
    let key = |row| columns.iter().map(|column| part(column, row)).collect();
    (0..table.len()).map(key).collect()
}
