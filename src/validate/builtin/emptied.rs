//! G-18: where a blank says that there is nothing, what a row had last period is not blank now.

use super::{indices, rows_by_key};
use crate::definition::{BlankMeans, Form};
use crate::model::{FactTable, Location, PERSONAL, Wording};
use crate::validate::context::{Context, Output};
use crate::validate::message::{quoted_titles, shown_key};

pub(in crate::validate) fn emptied_cells(
    context: &Context,
    form: &Form,
    before: &FactTable,
    now: &FactTable,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-18").filter(|tuned| tuned.covers(form)) else { return };
    let key = indices(form, &form.primary_key);
    let fields: Vec<usize> = (0..form.fields.len())
        .filter(|index| form.fields[*index].blank == Some(BlankMeans::Nothing))
        .filter(|index| tuned.covers_field(form, &form.fields[*index]))
        .collect();
    if key.is_empty() || fields.is_empty() {
        return;
    }
    let rows_before = rows_by_key(before, &key);
    for (found, &row) in &rows_by_key(now, &key) {
        let Some(&row_before) = rows_before.get(found) else { continue };
        for &field in &fields {
            if before.columns[field].is_missing(row_before) {
                continue;
            }
            if !now.columns[field].is_missing(row) {
                output.tally("G-18").passed += 1;
                continue;
            }
            output.tally("G-18").failed += 1;
            let (earlier, row_then) = before.origin(row_before);
            let (facts, inner) = now.origin(row);
            let then = match form.fields[field].personal {
                true => PERSONAL.to_owned(),
                false => earlier.raw_text(row_then, field).unwrap_or_default(),
            };
            let title = &form.fields[field].title;
            let place: Location = facts.location(inner, &[field]);
            let said = Wording {
                seen: String::new(),
                expected: format!("上期（{}）：{then}", earlier.period.title()),
                message: format!(
                    "{}“{}”的“{title}”上期为“{then}”，本期空白，按没有计",
                    quoted_titles(form, &key),
                    shown_key(form, facts, inner, &key)
                ),
            };
            output.findings.push(context.failed(&tuned, facts, place, said));
        }
    }
}
