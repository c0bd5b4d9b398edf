//! Rows that add up the rows above them and do not say so. One without a key can be nothing else and
//! is taken for a total; one whose key anybody may type counts as data and is asked about.

use super::BlockReader;
use crate::collect::findings::Subject;
use crate::collect::lines::{Lines, SheetLine, Skipped, TotalKind, TotalLine};
use crate::collect::typing::{self, Typed};
use crate::definition::{Field, FieldType, Form};
use crate::model::codes;
use crate::model::{CellRef, Decimal, Finding, ReturnFacts};

impl BlockReader<'_> {
    /// Takes for totals what no word calls one: no key, and every number the sum of those above.
    pub(super) fn name_totals(&self, lines: &mut Lines) {
        if self.form.primary_key.is_empty() || !lines.data.iter().any(|l| self.has_no_key(l)) {
            return;
        }
        let mut sums = vec![Decimal::ZERO; self.form.fields.len()];
        let mut at = 0;
        while at < lines.data.len() {
            let line = lines.data[at];
            let numbers = self.numbers_in(&line);
            let is_sum = |(field, number): &(usize, Option<Decimal>)| *number == Some(sums[*field]);
            let adds_up = numbers.iter().all(is_sum)
                && numbers.iter().any(|(_, number)| number.is_some_and(|n| !n.is_zero()));
            if at >= 2 && adds_up && self.has_no_key(&line) {
                take_for_total(lines, at);
                continue;
            }
            for (field, number) in numbers {
                sums[field] = sums[field].plus(number.unwrap_or(Decimal::ZERO));
            }
            at += 1;
        }
    }

    /// Is no part of the key typed into the row, or merged into it from above?
    fn has_no_key(&self, line: &SheetLine) -> bool {
        self.form.primary_key.iter().all(|name| {
            let column = self.form.field_index(name).and_then(|field| self.column_at[field]);
            column.is_none_or(|column| {
                line.cells.iter().all(|cell| cell.column != column)
                    && !self.covered.contains_key(&(line.row, column))
            })
        })
    }

    /// What stands in the columns that are added up; `None` for what is no number.
    fn numbers_in(&self, line: &SheetLine) -> Vec<(usize, Option<Decimal>)> {
        let mut numbers = Vec::new();
        for cell in line.cells {
            let Some(index) = self.columns.field(cell.column) else { continue };
            let field = &self.form.fields[index];
            if field.is_additive() {
                let number = match typing::read(cell, &self.targets[index]).typed {
                    Typed::Integer(number) => Some(Decimal::integer(number)),
                    Typed::Decimal(units, _) => Some(Decimal::new(units.into(), field.decimals)),
                    _ => None,
                };
                numbers.push((index, number));
            }
        }
        numbers
    }
}

fn take_for_total(lines: &mut Lines, at: usize) {
    let line = lines.data.remove(at);
    lines.skipped.push((line.row, Skipped::UnnamedTotal));
    let behind = lines.totals.partition_point(|total| total.line.row < line.row);
    for total in &mut lines.totals[behind..] {
        total.data_above -= 1;
    }
    let total = TotalLine { line, label: String::new(), kind: TotalKind::Whole, data_above: at };
    lines.totals.insert(behind, total);
}

/// Rows of data that say in two columns and more just what the rows above add up to, in a form whose
/// key anybody may type: 全镇 in a column of names.
pub(super) fn like_totals(facts: &ReturnFacts, form: &Form, subject: &Subject) -> Vec<Finding> {
    let key = |name: &String| form.field_index(name).is_some_and(|at| is_open(&form.fields[at]));
    if form.primary_key.is_empty() || !form.primary_key.iter().all(key) {
        return Vec::new();
    }
    let added: Vec<usize> =
        (0..form.fields.len()).filter(|&field| form.fields[field].is_additive()).collect();
    let mut sums = vec![Decimal::ZERO; added.len()];
    let mut found = Vec::new();
    for (row, &on_sheet) in facts.rows.iter().enumerate() {
        let numbers = || added.iter().map(|&field| facts.columns[field].number(row)).zip(&sums);
        let says = |sum: &Decimal| !sum.is_zero();
        let equal = numbers().filter(|(n, sum)| says(sum) && *n == Some(**sum)).count();
        let differs = numbers().any(|(n, sum)| says(sum) && n.is_some_and(|n| n != *sum));
        if row >= 2 && equal >= 2 && !differs {
            let at = CellRef::new(
                on_sheet,
                facts.column_at.iter().flatten().min().copied().unwrap_or(0),
            );
            let message =
                format!("第 {} 行各栏恰好是以上各行之和，像是合计行，已作为数据计入", on_sheet + 1);
            found.push(subject.finding(codes::LIKE_A_TOTAL, vec![at], message));
        }
        for (sum, &field) in sums.iter_mut().zip(&added) {
            *sum = sum.plus(facts.columns[field].number(row).unwrap_or(Decimal::ZERO));
        }
    }
    found
}

/// May anybody type anything into the field?
fn is_open(field: &Field) -> bool {
    match field.kind {
        FieldType::Text => true,
        FieldType::Code => field.codelist.is_none() && field.refers_to.is_none(),
        _ => false,
    }
}
