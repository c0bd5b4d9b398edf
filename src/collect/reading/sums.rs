//! Rows that add up the rows above them and do not say so. One without a key can be nothing else and
//! is taken for a total; one whose key anybody may type counts as data and is asked about.

use std::mem::take;

use super::BlockReader;
use crate::collect::findings::Subject;
use crate::collect::lines::{Lines, SheetLine, Skipped, TotalKind, TotalLine};
use crate::collect::typing::{self, Typed};
use crate::collect::workbook::Cell;
use crate::definition::{Field, FieldType, Form};
use crate::model::codes;
use crate::model::{CellRef, Decimal, Finding, ReturnFacts};

impl BlockReader<'_> {
    /// Takes for totals what no word calls one: no key and no other words, and two numbers and more,
    /// each the sum of those above.
    pub(super) fn name_totals(&self, lines: &mut Lines) {
        // Without a column of its key no row can have one.
        let mut key = self.form.primary_key.iter().filter_map(|name| self.key_column(name));
        if key.next().is_none() || !lines.data.iter().any(|line| self.has_no_words(line)) {
            return;
        }
        let mut sums = vec![Decimal::ZERO; self.form.fields.len()];
        let (mut kept, mut totals) = (Vec::with_capacity(lines.data.len()), Vec::new());
        for line in take(&mut lines.data) {
            let numbers = self.numbers_in(&line);
            let is_sum = |(field, number): &(usize, Option<Decimal>)| *number == Some(sums[*field]);
            let says =
                |(_, number): &&(usize, Option<Decimal>)| number.is_some_and(|n| !n.is_zero());
            let adds_up = numbers.iter().all(is_sum) && numbers.iter().filter(says).count() >= 2;
            if kept.len() >= 2 && adds_up && self.has_no_words(&line) {
                let (label, kind) = (String::new(), TotalKind::Whole);
                totals.push(TotalLine { line, label, kind, data_above: kept.len() });
                continue;
            }
            for (field, number) in numbers {
                sums[field] = sums[field].plus(number.unwrap_or(Decimal::ZERO));
            }
            kept.push(line);
        }
        lines.data = kept;
        take_for_totals(lines, totals);
    }

    fn key_column(&self, name: &str) -> Option<u16> {
        self.column_at[self.form.field_index(name)?]
    }

    /// Is nothing but numbers typed into the row, or merged into its key from above?
    fn has_no_words(&self, line: &SheetLine) -> bool {
        let is_number = |cell: &Cell| {
            let field = self.columns.field(cell.column);
            field.is_none_or(|field| self.form.fields[field].kind.is_number())
        };
        let mut key = self.form.primary_key.iter().filter_map(|name| self.key_column(name));
        line.cells.iter().all(is_number)
            && key.all(|column| {
                line.cells.iter().all(|cell| cell.column != column)
                    && !self.covered.contains_key(&(line.row, column))
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

/// Sorts totals that were found among the data into the others.
fn take_for_totals<'s>(lines: &mut Lines<'s>, found: Vec<TotalLine<'s>>) {
    lines.skipped.extend(found.iter().map(|total| (total.line.row, Skipped::UnnamedTotal)));
    for total in &mut lines.totals {
        total.data_above -= found.partition_point(|other| other.line.row < total.line.row);
    }
    lines.totals.extend(found);
    lines.totals.sort_by_key(|total| total.line.row);
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
