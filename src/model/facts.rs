//! Facts: typed values read from returns, each of which knows its file, sheet and cell.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

use serde::{Deserialize, Serialize};

use super::{CellRef, Column, ColumnType, Columns, Decimal, Location, Period, Units, Value};

/// A typed 合计 or 小计 row: never data, only compared.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TotalRow {
    /// Zero-based sheet row.
    pub row: u32,
    /// As typed, e.g. `合 计`.
    pub label: String,
    /// A 小计: covers only the rows since the last subtotal.
    pub subtotal: bool,
    /// Data rows covered: indices into the return's rows, half open.
    pub first: usize,
    pub end: usize,
    /// Of these, every so manieth: rows of one line may stand apart.
    pub step: usize,
    /// (field index, sheet column, value) of each number typed in the row.
    pub values: Vec<(usize, u16, Decimal)>,
}

/// The rows of one return: one unit × one form × one period, from one block of one sheet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ReturnFacts {
    pub form: String,
    /// Unit code.
    pub unit: String,
    /// The period covered (报告期), not the folder.
    pub period: Period,
    /// The hand-in folder, e.g. `2013-10`.
    pub folder: Period,
    /// Relative to the returns root, with `/`.
    #[serde(with = "super::shared_text")]
    pub file: Arc<str>,
    #[serde(with = "super::shared_text")]
    pub sheet: Arc<str>,
    /// Aligned with the form's fields, each as long as `rows`.
    pub columns: Columns,
    /// Sheet column of each field; `None` when the return lacks the column.
    pub column_at: Vec<Option<u16>>,
    /// Zero-based sheet row of each data row.
    pub rows: Vec<u32>,
    /// Fields whose values do not stand in a column of their own: the cell of each data row.
    #[serde(default)]
    pub placed: BTreeMap<usize, Vec<CellRef>>,
    /// What was typed, a field, then a row; `None` inside when it is as the value prints.
    /// An empty inner vector means that all cells of the field are as their values print.
    pub raw: Vec<Vec<Option<Box<str>>>>,
    /// For decimal, percent and money fields: decimal places shown by the cell's number format
    /// or typed in text. Empty inner vector when unknown or not fractional.
    pub shown_places: Vec<Vec<Option<u8>>>,
    pub totals: Vec<TotalRow>,
    /// 填报日期 typed in the sheet: days since 1970-01-01.
    pub filed_on: Option<i32>,
    /// Formulas of the cells that are computed, where the file format tells; the value taken is
    /// the result stored in the file.
    pub formulas: BTreeMap<CellRef, Box<str>>,
    /// What the return says in words above or below its table (情况说明, 备注); it settles nothing.
    pub sentences: Vec<ReturnSentence>,
}

/// Words that stand beside a table, with their cells; personal data is masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnSentence {
    pub location: Location,
    pub text: String,
}

impl ReturnFacts {
    /// The place of the given fields in one data row (index into `rows`).
    pub fn location(&self, row: usize, fields: &[usize]) -> Location {
        let cells = fields.iter().filter_map(|&field| self.cell(row, field)).collect();
        Location { file: self.file.clone(), sheet: self.sheet.clone(), cells }
    }

    /// The cell of a field in one data row; `None` when the return lacks the field.
    pub fn cell(&self, row: usize, field: usize) -> Option<CellRef> {
        if let Some(cells) = self.placed.get(&field) {
            return cells.get(row).copied();
        }
        let column = self.column_at.get(field).copied().flatten()?;
        self.rows.get(row).map(|&row| CellRef::new(row, column))
    }

    /// The data row and field whose value stands in a cell.
    pub fn at(&self, cell: CellRef) -> Option<(usize, usize)> {
        let fields = (0..self.columns.len()).rev();
        let row = |field| (0..self.rows.len()).find(|&row| self.cell(row, field) == Some(cell));
        fields.filter_map(|field| Some((row(field)?, field))).next()
    }

    /// The place of the whole return: its sheet.
    pub fn sheet_location(&self) -> Location {
        Location { file: self.file.clone(), sheet: self.sheet.clone(), cells: Vec::new() }
    }

    /// The formula of a data cell, if it is computed and the file format tells.
    pub fn formula(&self, row: usize, field: usize) -> Option<&str> {
        self.formulas.get(&self.cell(row, field)?).map(AsRef::as_ref)
    }

    /// What stands in the cell, as typed; `None` when it is blank.
    pub fn raw_text(&self, row: usize, field: usize) -> Option<String> {
        if let Some(Some(text)) = self.raw.get(field).and_then(|f| f.get(row)) {
            return Some(text.to_string());
        }
        let value = self.columns.get(field)?.get(row);
        (value != Value::Missing).then(|| value.to_string())
    }
}

/// The column that numbers the rows of a table, from 0.
pub const ROW_NUMBER: &str = "_row";

/// The rows of several returns of one form, in unit order, then sheet order.
#[derive(Debug, Clone)]
pub struct FactTable {
    pub form: String,
    pub returns: Vec<Arc<ReturnFacts>>,
    /// Aligned with the form's fields.
    pub columns: Columns,
    /// The first row of each return, and the end.
    starts: Vec<usize>,
    /// The columns as expressions see them, once somebody has asked.
    named: OnceLock<Vec<(String, Column)>>,
    /// Unit → its returns, once somebody has asked.
    by_unit: OnceLock<BTreeMap<String, Vec<usize>>>,
}

impl FactTable {
    /// Concatenates returns in the given order; `types`: one a field.
    pub fn new(form: &str, types: &[ColumnType], returns: Vec<Arc<ReturnFacts>>) -> Self {
        let columns = Columns::joined(types, returns.iter().map(|facts| &facts.columns));
        let mut starts = vec![0];
        let mut end = 0;
        for facts in &returns {
            end += facts.rows.len();
            starts.push(end);
        }
        Self {
            form: form.to_owned(),
            returns,
            columns,
            starts,
            named: OnceLock::new(),
            by_unit: OnceLock::new(),
        }
    }

    /// The rows of some returns that follow each other, shared with this table.
    pub fn part(&self, returns: Range<usize>) -> Self {
        let Range { start: from, end } = self.rows_of(&returns);
        let rows = end - from;
        let named = self.named.get().map(|columns| {
            let part = |(name, column): &(String, Column)| {
                let numbered = name == ROW_NUMBER;
                (name.clone(), column.slice(if numbered { 0 } else { from }, rows))
            };
            columns.iter().map(part).collect::<Vec<_>>()
        });
        Self {
            form: self.form.clone(),
            returns: self.returns[returns.clone()].to_vec(),
            columns: self.columns.part(from..end),
            starts: self.starts[returns.start..=returns.end].iter().map(|at| at - from).collect(),
            named: named.map_or_else(OnceLock::new, OnceLock::from),
            by_unit: OnceLock::new(),
        }
    }

    /// The rows of these returns.
    pub fn rows_of(&self, returns: &Range<usize>) -> Range<usize> {
        self.starts[returns.start]..self.starts[returns.end]
    }

    /// The columns as expressions see them; made once.
    pub fn named(&self, make: impl FnOnce() -> Vec<(String, Column)>) -> &[(String, Column)] {
        self.named.get_or_init(make)
    }

    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(0)
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Index of the return that a row belongs to, and the row's index inside it.
    pub fn place(&self, row: usize) -> (usize, usize) {
        let at = self.starts.partition_point(|&start| start <= row).saturating_sub(1);
        (at, row - self.starts[at])
    }

    /// The return a row belongs to, and the row's index inside it.
    pub fn origin(&self, row: usize) -> (&ReturnFacts, usize) {
        let (at, own) = self.place(row);
        (&self.returns[at], own)
    }

    /// The rows of each return.
    pub fn spans(&self) -> impl Iterator<Item = (&Arc<ReturnFacts>, Range<usize>)> {
        self.returns.iter().zip(self.starts.windows(2).map(|ends| ends[0]..ends[1]))
    }

    /// The returns of a unit: one, but in tables of all periods or of what was received.
    pub fn of_unit(&self, unit: &str) -> impl Iterator<Item = &Arc<ReturnFacts>> {
        let by_unit = self.by_unit.get_or_init(|| {
            let mut by_unit: BTreeMap<String, Vec<usize>> = BTreeMap::new();
            for (at, facts) in self.returns.iter().enumerate() {
                by_unit.entry(facts.unit.clone()).or_default().push(at);
            }
            by_unit
        });
        by_unit.get(unit).into_iter().flatten().map(|&at| &self.returns[at])
    }

    pub fn has_unit(&self, unit: &str) -> bool {
        self.of_unit(unit).next().is_some()
    }

    pub fn unit(&self, row: usize) -> &str {
        &self.origin(row).0.unit
    }
}

/// Puts returns in the order of the unit register, so that tables do not depend on that of files.
pub fn in_unit_order<F: AsRef<ReturnFacts>>(units: &Units, returns: &mut [F]) {
    returns.sort_by(|a, b| order_key(units, a.as_ref()).cmp(&order_key(units, b.as_ref())));
}

fn order_key<'f>(units: &Units, facts: &'f ReturnFacts) -> impl Ord + use<'f> {
    let place = (&facts.file, &facts.sheet, facts.rows.first());
    (units.order(&facts.unit), &facts.unit, &facts.period, place)
}

/// Lays the columns of a form's returns side by side, folder by folder and in unit order: tables
/// of what stands together are parts of them, and nothing is in memory twice. What stands in a table
/// with others stays there.
pub fn lay_together<'f>(units: &Units, returns: impl IntoIterator<Item = &'f mut ReturnFacts>) {
    let alone = returns.into_iter().filter(|facts| facts.columns.is_whole());
    let mut ordered: Vec<&mut ReturnFacts> = alone.collect();
    ordered.sort_by(|a, b| {
        let by_place = || order_key(units, a).cmp(&order_key(units, b));
        (&a.form, &a.folder).cmp(&(&b.form, &b.folder)).then_with(by_place)
    });
    let alike = |a: &&mut ReturnFacts, b: &&mut ReturnFacts| {
        a.form == b.form && a.columns.len() == b.columns.len()
    };
    for of_form in ordered.chunk_by_mut(alike) {
        let types: Vec<ColumnType> = of_form[0].columns.iter().map(Column::kind).collect();
        let all = Columns::joined(&types, of_form.iter().map(|facts| &facts.columns));
        let mut from = 0;
        for facts in of_form.iter_mut() {
            let rows = facts.columns.rows();
            facts.columns = all.part(from..from + rows);
            from += rows;
        }
    }
}
