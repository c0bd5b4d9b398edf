//! G-01: typed 合计 and 小计 are compared with the rows they cover. The typed number is kept,
//! never used.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Form;
use crate::model::{CellRef, Column, Decimal, Location, ReturnFacts, TotalRow, Wording};
use crate::validate::context::{Context, Output};

pub(super) fn check(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
    refused: &BTreeSet<CellRef>,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-01").filter(|tuned| tuned.covers(form)) else { return };
    let mut running: BTreeMap<usize, Running> = BTreeMap::new();
    for total in &facts.totals {
        for &(index, column, typed) in &total.values {
            let Some(field) = form.fields.get(index) else { continue };
            if !field.is_additive() || !tuned.covers_field(form, field) {
                continue;
            }
            let Some(values) = facts.columns.get(index) else { continue };
            let running =
                running.entry(index).or_insert_with(|| Running::new(values, facts, index, refused));
            // A sum over a cell that could not be read says nothing about the typed total.
            let Some(sum) = running.sum(total) else {
                output.tally("G-01").not_evaluated += 1;
                continue;
            };
            if sum == typed {
                output.tally("G-01").passed += 1;
                continue;
            }
            output.tally("G-01").failed += 1;
            let location =
                Location { cells: vec![CellRef::new(total.row, column)], ..facts.sheet_location() };
            let label: String = total.label.split_whitespace().collect();
            let rows = total.end.saturating_sub(total.first).div_ceil(total.step.max(1));
            // Beside its parts, not below them: each column a code.
            let line = facts.rows.get(total.first..total.end).unwrap_or_default();
            let parts = match line.iter().all(|&row| row == total.row) {
                true => format!("本行 {rows} 栏"),
                false => format!("明细 {rows} 行"),
            };
            let difference = typed.minus(sum);
            let said = Wording {
                seen: format!("{label}={typed}"),
                expected: format!("{parts}之和={sum}，相差 {difference}"),
                message: format!("“{}”的{label}与明细之和不符，相差 {difference}", field.title),
            };
            output.findings.push(context.failed(&tuned, facts, location, said));
        }
    }
}

/// Sums of a column up to each row, and how many cells up to there could not be read: a return may
/// have as many totals as rows.
struct Running {
    upto: Vec<(Decimal, usize)>,
}

impl Running {
    fn new(
        values: &Column,
        facts: &ReturnFacts,
        index: usize,
        refused: &BTreeSet<CellRef>,
    ) -> Self {
        let mut last = (Decimal::ZERO, 0);
        let mut upto = vec![last];
        for row in 0..facts.rows.len() {
            if let Some(number) = values.number(row) {
                last.0 = last.0.plus(number);
            } else if facts.location(row, &[index]).cells.iter().any(|cell| refused.contains(cell))
            {
                last.1 += 1;
            }
            upto.push(last);
        }
        Self { upto }
    }

    /// The sum of the rows that a total covers; `None` if one could not be read.
    fn sum(&self, total: &TotalRow) -> Option<Decimal> {
        let between = |first: usize, end: usize| {
            let at = |row: usize| self.upto[row.min(self.upto.len() - 1)];
            let (before, after) = (at(first), at(end.max(first)));
            (before.1 == after.1).then(|| after.0.minus(before.0))
        };
        if total.step <= 1 {
            return between(total.first, total.end);
        }
        let mut rows = (total.first..total.end).step_by(total.step);
        rows.try_fold(Decimal::ZERO, |sum, row| Some(sum.plus(between(row, row + 1)?)))
    }
}
