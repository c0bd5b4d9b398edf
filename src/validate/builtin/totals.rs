//! G-01: typed 合计 and 小计 are compared with the rows they cover. The typed number is kept,
//! never used.

use std::collections::BTreeSet;

use crate::definition::Form;
use crate::model::{CellRef, Decimal, Location, ReturnFacts};
use crate::validate::context::{Context, Output, Said};

pub(super) fn check(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
    refused: &BTreeSet<CellRef>,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-01").filter(|tuned| tuned.covers(form)) else { return };
    for total in &facts.totals {
        for &(index, column, typed) in &total.values {
            let Some(field) = form.fields.get(index) else { continue };
            if !field.is_additive() || !tuned.covers_field(form, field) {
                continue;
            }
            let Some(values) = facts.columns.get(index) else { continue };
            // A sum over a cell that could not be read says nothing about the typed total.
            let unknown = |row: usize| {
                let at = facts.location(row, &[index]).cells;
                values.is_missing(row) && at.iter().any(|cell| refused.contains(cell))
            };
            if (total.first..total.end).any(unknown) {
                output.tally("G-01").not_evaluated += 1;
                continue;
            }
            let sum = (total.first..total.end)
                .filter_map(|row| values.number(row))
                .fold(Decimal::ZERO, Decimal::plus);
            if sum == typed {
                output.tally("G-01").passed += 1;
                continue;
            }
            output.tally("G-01").failed += 1;
            let location =
                Location { cells: vec![CellRef::new(total.row, column)], ..facts.sheet_location() };
            let label: String = total.label.split_whitespace().collect();
            let rows = total.end.saturating_sub(total.first);
            let difference = typed.minus(sum);
            let said = Said {
                seen: format!("{label}={typed}"),
                expected: format!("明细 {rows} 行之和={sum}，相差 {difference}"),
                message: format!("“{}”的{label}与明细之和不符，相差 {difference}", field.title),
            };
            output.findings.push(context.failed(&tuned, facts, location, said));
        }
    }
}
