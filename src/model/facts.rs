//! Facts: typed values read from returns, each of which knows its file, sheet and cell.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{CellRef, Decimal, Location, Period};

/// One typed value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Blank. Never zero.
    Missing,
    Integer(i64),
    Decimal(Decimal),
    /// Days since 1970-01-01.
    Date(i32),
    Boolean(bool),
    Text(Arc<str>),
}

/// The values of one field, one entry a row. `None` is missing.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    Integer(Vec<Option<i64>>),
    /// Units of `10^-places`.
    Decimal {
        places: u8,
        values: Vec<Option<i64>>,
    },
    /// Days since 1970-01-01.
    Date(Vec<Option<i32>>),
    Boolean(Vec<Option<bool>>),
    Text(Vec<Option<Arc<str>>>),
}

impl Column {
    pub fn len(&self) -> usize {
        match self {
            Self::Integer(v) => v.len(),
            Self::Decimal { values, .. } => values.len(),
            Self::Date(v) => v.len(),
            Self::Boolean(v) => v.len(),
            Self::Text(v) => v.len(),
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// An empty column of the same type.
    pub fn empty_like(&self) -> Self {
        match self {
            Self::Integer(_) => Self::Integer(Vec::new()),
            Self::Decimal { places, .. } => Self::Decimal { places: *places, values: Vec::new() },
            Self::Date(_) => Self::Date(Vec::new()),
            Self::Boolean(_) => Self::Boolean(Vec::new()),
            Self::Text(_) => Self::Text(Vec::new()),
        }
    }

    /// A column of the same type with nothing but blanks.
    pub fn blanks(&self, rows: usize) -> Self {
        match self {
            Self::Integer(_) => Self::Integer(vec![None; rows]),
            Self::Decimal { places, .. } => {
                Self::Decimal { places: *places, values: vec![None; rows] }
            }
            Self::Date(_) => Self::Date(vec![None; rows]),
            Self::Boolean(_) => Self::Boolean(vec![None; rows]),
            Self::Text(_) => Self::Text(vec![None; rows]),
        }
    }

    pub fn get(&self, row: usize) -> Value {
        match self {
            Self::Integer(v) => {
                v.get(row).copied().flatten().map_or(Value::Missing, Value::Integer)
            }
            Self::Decimal { places, values } => {
                values.get(row).copied().flatten().map_or(Value::Missing, |units| {
                    Value::Decimal(Decimal::new(units.into(), *places))
                })
            }
            Self::Date(v) => v.get(row).copied().flatten().map_or(Value::Missing, Value::Date),
            Self::Boolean(v) => {
                v.get(row).copied().flatten().map_or(Value::Missing, Value::Boolean)
            }
            Self::Text(v) => v.get(row).cloned().flatten().map_or(Value::Missing, Value::Text),
        }
    }

    /// Is the value blank (or the row beyond the end)?
    pub fn is_missing(&self, row: usize) -> bool {
        match self {
            Self::Integer(v) => v.get(row).is_none_or(Option::is_none),
            Self::Decimal { values, .. } => values.get(row).is_none_or(Option::is_none),
            Self::Date(v) => v.get(row).is_none_or(Option::is_none),
            Self::Boolean(v) => v.get(row).is_none_or(Option::is_none),
            Self::Text(v) => v.get(row).is_none_or(Option::is_none),
        }
    }

    /// The value as an exact number; `None` when blank or not a number.
    pub fn number(&self, row: usize) -> Option<Decimal> {
        match self {
            Self::Integer(v) => v.get(row).copied().flatten().map(Decimal::integer),
            Self::Decimal { places, values } => {
                let units = values.get(row).copied().flatten()?;
                Some(Decimal::new(units.into(), *places))
            }
            _ => None,
        }
    }

    /// Appends all values of a column of the same type; other types are ignored.
    pub fn append(&mut self, other: &Self) {
        match (self, other) {
            (Self::Integer(a), Self::Integer(b)) => a.extend_from_slice(b),
            (Self::Decimal { values: a, .. }, Self::Decimal { values: b, .. }) => {
                a.extend_from_slice(b);
            }
            (Self::Date(a), Self::Date(b)) => a.extend_from_slice(b),
            (Self::Boolean(a), Self::Boolean(b)) => a.extend_from_slice(b),
            (Self::Text(a), Self::Text(b)) => a.extend_from_slice(b),
            _ => debug_assert!(false, "columns of one field have one type"),
        }
    }
}

/// A typed 合计 or 小计 row: never data, only compared.
#[derive(Debug, Clone, PartialEq)]
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
    /// (field index, sheet column, value) of each number typed in the row.
    pub values: Vec<(usize, u16, Decimal)>,
}

/// The rows of one return: one unit × one form × one period, from one block of one sheet.
#[derive(Debug, Clone)]
pub struct ReturnFacts {
    pub form: String,
    /// Unit code.
    pub unit: String,
    /// The period covered (报告期), not the folder.
    pub period: Period,
    /// The hand-in folder, e.g. `2013-10`.
    pub folder: Period,
    /// Relative to the returns root, with `/`.
    pub file: Arc<str>,
    pub sheet: Arc<str>,
    /// Aligned with the form's fields, each as long as `rows`.
    pub columns: Vec<Column>,
    /// Sheet column of each field; `None` when the return lacks the column.
    pub column_at: Vec<Option<u16>>,
    /// Zero-based sheet row of each data row.
    pub rows: Vec<u32>,
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
    pub sentences: Vec<Sentence>,
}

/// Words that stand beside a table, with their cells; personal data is masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sentence {
    pub location: Location,
    pub text: String,
}

impl ReturnFacts {
    /// The place of the given fields in one data row (index into `rows`).
    pub fn location(&self, row: usize, fields: &[usize]) -> Location {
        let cells = fields
            .iter()
            .filter_map(|&f| self.column_at.get(f).copied().flatten())
            .filter_map(|column| self.rows.get(row).map(|&r| CellRef::new(r, column)))
            .collect();
        Location { file: self.file.clone(), sheet: self.sheet.clone(), cells }
    }

    /// The place of the whole return: its sheet.
    pub fn sheet_location(&self) -> Location {
        Location { file: self.file.clone(), sheet: self.sheet.clone(), cells: Vec::new() }
    }

    /// The formula of a data cell, if it is computed and the file format tells.
    pub fn formula(&self, row: usize, field: usize) -> Option<&str> {
        let column = self.column_at.get(field).copied().flatten()?;
        let at = CellRef::new(*self.rows.get(row)?, column);
        self.formulas.get(&at).map(AsRef::as_ref)
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

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Missing => Ok(()),
            Self::Integer(v) => write!(f, "{v}"),
            Self::Decimal(v) => write!(f, "{v}"),
            Self::Date(days) => f.write_str(&super::date_text(*days)),
            Self::Boolean(v) => f.write_str(if *v { "是" } else { "否" }),
            Self::Text(v) => f.write_str(v),
        }
    }
}

/// Where a row of a [`FactTable`] comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RowOrigin {
    /// Index into [`FactTable::returns`].
    pub return_index: u32,
    /// Index into that return's rows.
    pub row: u32,
}

/// The rows of several returns of one form, in unit order, then sheet order.
#[derive(Debug, Clone)]
pub struct FactTable {
    pub form: String,
    pub returns: Vec<Arc<ReturnFacts>>,
    /// Aligned with the form's fields.
    pub columns: Vec<Column>,
    pub rows: Vec<RowOrigin>,
}

impl FactTable {
    /// Concatenates returns in the given order. `empty` gives the column types (one a field).
    pub fn new(form: &str, empty: &[Column], returns: Vec<Arc<ReturnFacts>>) -> Self {
        let mut columns: Vec<Column> = empty.iter().map(Column::empty_like).collect();
        let mut rows = Vec::new();
        for (return_index, facts) in (0u32..).zip(&returns) {
            for (column, part) in columns.iter_mut().zip(&facts.columns) {
                column.append(part);
            }
            rows.extend((0..facts.rows.len() as u32).map(|row| RowOrigin { return_index, row }));
        }
        Self { form: form.to_owned(), returns, columns, rows }
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The return a row belongs to, and the row's index inside it.
    pub fn origin(&self, row: usize) -> (&ReturnFacts, usize) {
        let origin = self.rows[row];
        (&self.returns[origin.return_index as usize], origin.row as usize)
    }

    pub fn unit(&self, row: usize) -> &str {
        &self.origin(row).0.unit
    }
}
