//! G-16: forms whose rows are items have each of them exactly once.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Form;
use crate::model::{CellRef, Level, Location, ReturnFacts, Wording};
use crate::validate::builtin::{indices, key_of};
use crate::validate::context::{Context, Output};

pub(super) fn check(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
    refused: &BTreeSet<CellRef>,
    output: &mut Output,
) {
    let Some(mut tuned) = context.tuned("G-16").filter(|tuned| tuned.covers(form)) else { return };
    if form.items.as_ref().is_some_and(|items| items.every_row) {
        tuned.level = Level::Error;
    }
    let Some(items) = context.definition.items_of(form, &facts.period) else { return };
    let Some(index) = form.items.as_ref().and_then(|items| form.field_index(&items.field)) else {
        return;
    };
    // What a cell that could not be read was meant to be is not known, and that is said already.
    let unread =
        |row: usize| facts.location(row, &[index]).cells.iter().any(|c| refused.contains(c));
    if (0..facts.rows.len()).any(|row| facts.columns[index].is_missing(row) && unread(row)) {
        output.tally("G-16").not_evaluated += 1;
        return;
    }
    let title = &form.fields[index].title;
    let expected = format!("{} 项各一行", items.len());
    let mut failed = 0;
    let mut fail = |cells: Vec<usize>, seen: String, message: String| {
        failed += 1;
        let cells = cells.iter().flat_map(|&row| facts.location(row, &[index]).cells).collect();
        let place = Location { cells, ..facts.sheet_location() };
        let said = Wording { seen, expected: expected.clone(), message };
        output.findings.push(context.failed(&tuned, facts, place, said));
    };
    for (among, items) in missing_among(context, form, facts) {
        let message = format!("{among}缺少 {} 项“{title}”：{}", items.len(), items.join("、"));
        fail(Vec::new(), format!("没有 {}", items.join("、")), message);
    }
    let mut rows_of: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    let key = indices(form, &form.primary_key);
    for row in 0..facts.rows.len() {
        if facts.columns[index].is_missing(row) {
            let message = format!("这一行没有写“{title}”，不知道是哪一项");
            fail(vec![row], format!("{title} 为空"), message);
        } else if let Some(key) = key_of(facts, row, &key) {
            rows_of.entry(key).or_default().push(row);
        }
    }
    for rows in rows_of.into_values().filter(|rows| rows.len() > 1) {
        let item = facts.columns[index].get(rows[0]);
        let message = format!("“{title}”{item} 有 {} 行", rows.len());
        fail(rows, format!("{title}={item}"), message);
    }
    let tally = output.tally("G-16");
    tally.failed += failed;
    tally.passed += usize::from(failed == 0);
}

/// What is missing, with the rows among which it is: `某村、一季度：`.
fn missing_among(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
) -> Vec<(String, Vec<String>)> {
    let mut missing: BTreeMap<Vec<(usize, String)>, Vec<String>> = BTreeMap::new();
    for lacking in context.definition.missing_items(form, facts) {
        missing.entry(lacking.beside).or_default().push(lacking.item);
    }
    let among = |beside: Vec<(usize, String)>| {
        let printed = beside.iter().filter(|(field, _)| !form.fields[*field].personal);
        let named: Vec<String> = printed
            .map(|(field, value)| format!("{} {value}", form.fields[*field].title))
            .collect();
        if named.is_empty() { String::new() } else { format!("{}：", named.join("、")) }
    };
    missing.into_iter().map(|(beside, items)| (among(beside), items)).collect()
}
