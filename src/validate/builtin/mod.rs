//! Checks that hold for every form, without a definition: G-01 … G-19 as far as they need
//! facts (G-03, G-05 and G-06 are raised while reading).

mod changes;
mod copies;
mod emptied;
mod items;
mod keys;
mod parts;
mod references;
mod stocks;
mod totals;
mod uniform;

use std::collections::{BTreeMap, BTreeSet};

pub(super) use changes::abnormal_changes;
pub(super) use copies::of_another_unit;
pub(super) use emptied::emptied_cells;
pub(super) use keys::{repeated_across_units, vanished_rows};
pub(super) use references::{Others, references};
pub(super) use stocks::{LastPeriod, falling_cumulatives, openings};

use super::context::{Context, Output};
use crate::definition::Form;
use crate::model::{CellRef, FactTable, Finding, ReturnFacts};

/// The built-in checks inside one return.
pub(super) fn check_return(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
    refused: &RefusedCells,
    output: &mut Output,
) {
    let refused = refused.of(facts);
    totals::check(context, form, facts, &refused, output);
    parts::check_parts(context, form, facts, output);
    parts::check_due(context, form, facts, output);
    parts::check_rates(context, form, facts, output);
    keys::repeated_in_return(context, form, facts, output);
    uniform::check(context, form, facts, output);
    items::check(context, form, facts, &refused, output);
}

/// Cells whose content reading refused, by file and sheet: their values are not known, which is
/// said already.
pub(super) struct RefusedCells<'f>(BTreeMap<(&'f str, &'f str), BTreeSet<CellRef>>);

impl<'f> RefusedCells<'f> {
    pub(super) fn new(reading: &'f [Finding]) -> Self {
        let mut cells: BTreeMap<_, BTreeSet<CellRef>> = BTreeMap::new();
        for finding in reading.iter().filter(|finding| finding.rejects()) {
            let place = &finding.location;
            cells.entry((&*place.file, &*place.sheet)).or_default().extend(&place.cells);
        }
        Self(cells)
    }

    fn of(&self, facts: &ReturnFacts) -> BTreeSet<CellRef> {
        self.0.get(&(&*facts.file, &*facts.sheet)).cloned().unwrap_or_default()
    }
}

/// Field indices of names; unknown names are left out (the loader refuses them).
fn indices(form: &Form, names: &[String]) -> Vec<usize> {
    names.iter().filter_map(|name| form.field_index(name)).collect()
}

/// The key of a row as text; `None` when a part is blank or there is no key.
fn key_of(facts: &ReturnFacts, row: usize, key: &[usize]) -> Option<Vec<String>> {
    if key.is_empty() {
        return None;
    }
    let part = |&field: &usize| {
        let column = facts.columns.get(field)?;
        (!column.is_missing(row)).then(|| column.get(row).to_string())
    };
    key.iter().map(part).collect()
}

/// Rows of a table by unit and key; a key given twice keeps its first row (G-07 tells).
fn rows_by_key(table: &FactTable, key: &[usize]) -> BTreeMap<(String, Vec<String>), usize> {
    let mut rows = BTreeMap::new();
    for row in 0..table.len() {
        let (facts, inner) = table.origin(row);
        // A form without key has one row a unit.
        let found = if key.is_empty() { Some(Vec::new()) } else { key_of(facts, inner, key) };
        if let Some(found) = found {
            rows.entry((facts.unit.clone(), found)).or_insert(row);
        }
    }
    rows
}
