//! Columns that are codes become rows: what was read with a field a column, as the rows that the
//! form has. Every value keeps its cell, every code that of its title.

use super::block::Block;
use crate::definition::{Form, Unpivot};
use crate::model::{CellRef, Column, Columns, Decimal, ReturnFacts, TotalRow};

/// The columns of the codes: number among the fields of the paper, sheet column, row of the title.
struct Melting<'a> {
    unpivot: &'a Unpivot,
    form: &'a Form,
    read: &'a ReturnFacts,
    /// How many fields stand beside.
    beside: usize,
    titles: Vec<CellRef>,
}

/// `read`: facts of the form on paper, from a block with all its columns.
pub(super) fn melt(read: ReturnFacts, form: &Form, block: &Block) -> ReturnFacts {
    let Some(unpivot) = &form.unpivot else { return read };
    let beside = form.fields_beside(unpivot).count();
    let title = |field: usize| {
        let column = block.columns.iter().find(|c| c.field == Some(field));
        column.map_or(CellRef::new(block.first_row, 0), |c| CellRef::new(c.row, c.column))
    };
    let titles = (beside..beside + unpivot.columns.len()).map(title).collect();
    Melting { unpivot, form, read: &read, beside, titles }.facts()
}

impl Melting<'_> {
    fn codes(&self) -> usize {
        self.unpivot.columns.len()
    }

    fn rows(&self) -> usize {
        self.read.rows.len() * self.codes()
    }

    /// Of each row, its line and the number of its code: line by line.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        (0..self.rows()).map(|row| (row / self.codes(), row % self.codes()))
    }

    fn facts(&self) -> ReturnFacts {
        let read = self.read;
        let fields = self.form.fields.len();
        let mut facts = ReturnFacts {
            columns: Columns::default(),
            column_at: vec![None; fields],
            raw: vec![Vec::new(); fields],
            shown_places: vec![Vec::new(); fields],
            rows: self.places().map(|(line, _)| read.rows[line]).collect(),
            placed: std::collections::BTreeMap::new(),
            totals: self.totals(),
            ..read.clone()
        };
        let mut columns = Vec::with_capacity(fields);
        let mut beside = 0..self.beside;
        for (index, field) in self.form.fields.iter().enumerate() {
            if field.name == self.unpivot.dimension {
                columns.push(self.dimension(index, &mut facts));
            } else if field.name == self.unpivot.value {
                columns.push(self.value(index, &mut facts));
            } else if let Some(paper) = beside.next() {
                let lines = || self.places().map(|(line, _)| line);
                columns.push(read.columns[paper].take(lines()));
                facts.column_at[index] = read.column_at[paper];
                facts.raw[index] = spread(&read.raw[paper], lines());
                facts.shown_places[index] = spread(&read.shown_places[paper], lines());
            }
        }
        facts.columns = columns.into();
        facts
    }

    fn dimension(&self, index: usize, facts: &mut ReturnFacts) -> Column {
        let codes = &self.unpivot.columns;
        let raw = |code: usize| {
            let column = &codes[code];
            (column.title != column.code).then(|| column.title.clone().into_boxed_str())
        };
        facts.raw[index] = self.places().map(|(_, code)| raw(code)).collect();
        facts.column_at[index] = self.titles.first().map(|at| at.column);
        facts.placed.insert(index, self.places().map(|(_, code)| self.titles[code]).collect());
        Column::texts(self.places().map(|(_, code)| Some(&codes[code].code)))
    }

    fn value(&self, index: usize, facts: &mut ReturnFacts) -> Column {
        let read = self.read;
        let papers = || self.beside..self.beside + self.codes();
        let kind = self.form.fields[index].column_type();
        let by_code = Column::joined(kind, papers().map(|paper| &read.columns[paper]));
        let lines = read.rows.len();
        let raw = |(line, code): (usize, usize)| {
            read.raw[self.beside + code].get(line).cloned().flatten()
        };
        facts.raw[index] = self.places().map(raw).collect();
        let shown = |(line, code): (usize, usize)| {
            let own: &Vec<Option<u8>> = &read.shown_places[self.beside + code];
            own.get(line).copied().flatten()
        };
        if papers().any(|paper| !read.shown_places[paper].is_empty()) {
            facts.shown_places[index] = self.places().map(shown).collect();
        }
        facts.column_at[index] = self.titles.first().map(|at| at.column);
        let cell =
            |(line, code): (usize, usize)| CellRef::new(read.rows[line], self.titles[code].column);
        facts.placed.insert(index, self.places().map(cell).collect());
        by_code.take(self.places().map(|(line, code)| code * lines + line))
    }

    /// The totals below the lines, code by code, and those beside them.
    fn totals(&self) -> Vec<TotalRow> {
        let (read, codes) = (self.read, self.codes());
        let Some(value) = self.form.field_index(&self.unpivot.value) else { return Vec::new() };
        let whole = self.beside + codes;
        let mut totals = Vec::new();
        for total in &read.totals {
            let (first, end) = (total.first * codes, total.end * codes);
            for &(paper, column, number) in &total.values {
                let (first, step) = match paper.checked_sub(self.beside) {
                    Some(code) if code < codes => (first + code, codes),
                    Some(_) => (first, 1),
                    None => continue,
                };
                let values = vec![(value, column, number)];
                totals.push(TotalRow { first, end, step, values, ..total.clone() });
            }
        }
        // Over a column that is not there the sum beside says nothing of those that are.
        if (0..codes)
            .any(|code| read.column_at.get(self.beside + code).copied().flatten().is_none())
        {
            totals.retain(|total| total.step > 1);
            return totals;
        }
        let label = self.unpivot.total.clone().unwrap_or_default();
        let sums = read.columns.get(whole).zip(read.column_at.get(whole).copied().flatten());
        let Some((sums, column)) = sums else { return totals };
        let sum = |line: usize| -> Option<Decimal> { sums.number(line) };
        totals.extend((0..read.rows.len()).filter_map(|line| {
            Some(TotalRow {
                row: read.rows[line],
                label: label.clone(),
                subtotal: true,
                first: line * codes,
                end: (line + 1) * codes,
                step: 1,
                values: vec![(value, column, sum(line)?)],
            })
        }));
        totals
    }
}

/// What each line has, once for each of its rows; nothing where no line has any.
fn spread<T: Clone>(of_lines: &[T], lines: impl Iterator<Item = usize>) -> Vec<T> {
    if of_lines.is_empty() {
        return Vec::new();
    }
    lines.filter_map(|line| of_lines.get(line).cloned()).collect()
}
