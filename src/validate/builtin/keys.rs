//! G-07 keys that appear twice, G-13 rows that vanish from a register-like form.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{indices, key_of};
use crate::definition::{FieldType, Form};
use crate::model::{FactTable, Frequency, Location, Period, ReturnFacts, Wording};
use crate::validate::context::{Context, Output};
use crate::validate::message::{quoted_titles, shown_key};

/// How many keys a finding about many rows names.
const KEYS_NAMED: usize = 10;

/// The same key on two rows of one return.
pub(super) fn repeated_in_return(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-07").filter(|tuned| tuned.covers(form)) else { return };
    let key = indices(form, &form.primary_key);
    let mut rows_of: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for row in 0..facts.rows.len() {
        if let Some(found) = key_of(facts, row, &key) {
            rows_of.entry(found).or_default().push(row);
        }
    }
    for rows in rows_of.values() {
        if rows.len() == 1 {
            output.tally("G-07").passed += 1;
            continue;
        }
        output.tally("G-07").failed += rows.len();
        let cells = rows.iter().flat_map(|&row| facts.location(row, &key).cells).collect();
        let location = Location { cells, ..facts.sheet_location() };
        let shown = shown_key(form, facts, rows[0], &key);
        let said = Wording {
            seen: format!("{}={shown}，共 {} 行", quoted_titles(form, &key), rows.len()),
            expected: "同一编号只有一行".to_owned(),
            message: format!("{}“{shown}”在本表出现 {} 次", quoted_titles(form, &key), rows.len()),
        };
        output.findings.push(context.failed(&tuned, facts, location, said));
    }
}

/// A key that names a thing of the county (a code of its own, a person), not a line of the form.
fn names_a_thing(form: &Form, key: &[usize]) -> bool {
    key.iter().any(|&index| {
        let field = &form.fields[index];
        let own_code = field.kind == FieldType::Code && field.codelist.is_none();
        own_code || field.personal
    })
}

/// The same key in the returns of two units: both are named, neither is rejected.
pub(in crate::validate) fn repeated_across_units(
    context: &Context,
    form: &Form,
    period: &Period,
    table: &FactTable,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-07").filter(|tuned| tuned.covers(form)) else { return };
    let key = indices(form, &form.primary_key);
    if !names_a_thing(form, &key) {
        return;
    }
    let mut rows_of: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for row in 0..table.len() {
        let (facts, inner) = table.origin(row);
        if let Some(found) = key_of(facts, inner, &key) {
            rows_of.entry(found).or_default().push(row);
        }
    }
    for rows in rows_of.values() {
        let mut units: Vec<&str> = rows.iter().map(|&row| table.unit(row)).collect();
        units.dedup();
        if units.len() < 2 {
            continue;
        }
        let names: Vec<&str> =
            units.iter().map(|unit| context.definition.units.name(unit)).collect();
        let places: Vec<String> = rows
            .iter()
            .map(|&row| {
                let (facts, inner) = table.origin(row);
                facts.location(inner, &key).to_string()
            })
            .collect();
        let (facts, inner) = table.origin(rows[0]);
        let shown = shown_key(form, facts, inner, &key);
        let said = Wording {
            seen: places.join("；"),
            expected: "同一编号只属于一个单位".to_owned(),
            message: format!(
                "{}“{shown}”同时出现在{}的报表中",
                quoted_titles(form, &key),
                names.join("、")
            ),
        };
        let location = facts.location(inner, &key);
        output.findings.push(context.of_form(&tuned, form, period, location, said));
    }
}

/// Rows on the books last period that no return of this folder lists any more.
pub(in crate::validate) fn vanished_rows(
    context: &Context,
    form: &Form,
    before: &FactTable,
    now: &FactTable,
    received: &[Arc<ReturnFacts>],
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-13").filter(|tuned| tuned.covers(form)) else { return };
    let Some(status) = form.field_index("status") else { return };
    let key = indices(form, &form.primary_key);
    if form.frequency == Frequency::Event || key.is_empty() {
        return;
    }
    // The first code is the ordinary state; what was closed before may be left out.
    let states = context.definition.codelist_of(&form.fields[status]);
    let ordinary = states.and_then(|list| list.codes.first()).map(|first| &first.code);
    // A row may have moved to a unit whose return is rejected: it has not vanished.
    let listed: BTreeSet<Vec<String>> = received
        .iter()
        .filter(|facts| facts.form == form.id)
        .flat_map(|facts| (0..facts.rows.len()).filter_map(|row| key_of(facts, row, &key)))
        .collect();
    let on_the_books = |facts: &ReturnFacts, row: usize| {
        let state = facts.columns[status].get(row).to_string();
        ordinary.as_ref().is_none_or(|code| **code == state)
    };
    for facts in &now.returns {
        let mut gone = Vec::new();
        let earlier = before.of_unit(&facts.unit);
        let rows = earlier.flat_map(|facts| (0..facts.rows.len()).map(move |row| (facts, row)));
        for (earlier, row) in rows.filter(|(facts, row)| on_the_books(facts, *row)) {
            let Some(found) = key_of(earlier, row, &key) else { continue };
            if listed.contains(&found) {
                output.tally("G-13").passed += 1;
            } else {
                output.tally("G-13").failed += 1;
                gone.push(shown_key(form, earlier, row, &key));
            }
        }
        if gone.is_empty() {
            continue;
        }
        let named = gone.iter().take(KEYS_NAMED).cloned().collect::<Vec<_>>().join("；");
        let more = if gone.len() > KEYS_NAMED { " 等" } else { "" };
        let said = Wording {
            seen: format!("本期未列：{named}{more}"),
            expected: "上期在册的记录本期仍列出，撤并的注明状态".to_owned(),
            message: format!("上期在册的 {} 条记录本期未列：{named}{more}", gone.len()),
        };
        output.findings.push(context.failed(&tuned, facts, facts.sheet_location(), said));
    }
}
