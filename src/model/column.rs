//! Columns: the values of one field or expression, one entry a row, held by polars.
//!
//! A column is shared, not copied: cloning and slicing cost nothing, so that a form's facts are in
//! memory once, whoever looks at them. Numbers of every kind are 64-bit integers (decimals in units
//! of their last place, dates in days since 1970-01-01); what they mean is the column's type.

mod stored;

use std::sync::Arc;

use polars::prelude::{
    ChunkedArray, DataType, IdxCa, IdxSize, IntoSeries, NamedFrom, NewChunkedArray, PlSmallStr,
    Series, StringType,
};

use serde::{Deserialize, Serialize};

use super::Decimal;

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

/// The type of a column or expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ColumnType {
    Integer,
    /// Decimal places.
    Decimal(u8),
    Date,
    Boolean,
    Text,
}

/// The values of one field, one entry a row; each may be missing.
#[derive(Clone)]
pub struct Column {
    kind: ColumnType,
    /// Nameless, in one chunk.
    series: Series,
    /// What it is a part of, and from which row on.
    part_of: Option<(Series, usize)>,
}

impl ColumnType {
    fn stored(self) -> DataType {
        match self {
            Self::Integer | Self::Decimal(_) | Self::Date => DataType::Int64,
            Self::Boolean => DataType::Boolean,
            Self::Text => DataType::String,
        }
    }
}

/// What it is a part of is nothing that it says.
impl std::fmt::Debug for Column {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Column").field(&self.kind).field(&self.series).finish()
    }
}

impl PartialEq for Column {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind && self.series.equals_missing(&other.series)
    }
}

impl Column {
    /// What an engine gives, as a column of the promised type; `None` when it is none.
    pub fn of_series(kind: ColumnType, series: &Series) -> Option<Self> {
        let series = series.rechunk().with_name(PlSmallStr::EMPTY);
        (*series.dtype() == kind.stored()).then_some(Self::whole(kind, series))
    }

    /// For the engine, nameless.
    pub fn series(&self) -> &Series {
        &self.series
    }

    /// Whole numbers, units of the last place, or days.
    pub fn numbers(kind: ColumnType, values: impl IntoIterator<Item = Option<i64>>) -> Self {
        debug_assert_eq!(kind.stored(), DataType::Int64, "numbers are held by numeric types");
        let values: Vec<Option<i64>> = values.into_iter().collect();
        Self::whole(kind, Series::new(PlSmallStr::EMPTY, values))
    }

    pub fn integers(values: impl IntoIterator<Item = Option<i64>>) -> Self {
        Self::numbers(ColumnType::Integer, values)
    }

    /// Days since 1970-01-01.
    pub fn dates(values: impl IntoIterator<Item = Option<i32>>) -> Self {
        Self::numbers(ColumnType::Date, values.into_iter().map(|day| day.map(i64::from)))
    }

    pub fn booleans(values: impl IntoIterator<Item = Option<bool>>) -> Self {
        let values: Vec<Option<bool>> = values.into_iter().collect();
        Self::whole(ColumnType::Boolean, Series::new(PlSmallStr::EMPTY, values))
    }

    pub fn texts<T: AsRef<str>>(values: impl IntoIterator<Item = Option<T>>) -> Self {
        let texts: ChunkedArray<StringType> =
            ChunkedArray::from_iter_options(PlSmallStr::EMPTY, values.into_iter());
        Self::whole(ColumnType::Text, texts.into_series())
    }

    pub fn empty(kind: ColumnType) -> Self {
        Self::blanks(kind, 0)
    }

    /// Nothing but blanks.
    pub fn blanks(kind: ColumnType, rows: usize) -> Self {
        Self::whole(kind, Series::full_null(PlSmallStr::EMPTY, rows, &kind.stored()))
    }

    pub fn kind(&self) -> ColumnType {
        self.kind
    }

    pub fn len(&self) -> usize {
        self.series.len()
    }

    pub fn is_empty(&self) -> bool {
        self.series.is_empty()
    }

    pub fn get(&self, row: usize) -> Value {
        let value = match self.kind {
            ColumnType::Integer => self.integer(row).map(Value::Integer),
            ColumnType::Decimal(_) => self.number(row).map(Value::Decimal),
            ColumnType::Date => self.day(row).map(Value::Date),
            ColumnType::Boolean => self.truth(row).map(Value::Boolean),
            ColumnType::Text => self.text(row).map(|text| Value::Text(Arc::from(text))),
        };
        value.unwrap_or(Value::Missing)
    }

    /// Is the value blank (or the row beyond the end)?
    pub fn is_missing(&self, row: usize) -> bool {
        match self.kind {
            ColumnType::Boolean => self.truth(row).is_none(),
            ColumnType::Text => self.text(row).is_none(),
            _ => self.integer(row).is_none(),
        }
    }

    pub fn has_missing(&self) -> bool {
        self.series.null_count() > 0
    }

    /// The value as an exact number; `None` when blank or not a number.
    pub fn number(&self, row: usize) -> Option<Decimal> {
        match self.kind {
            ColumnType::Integer => self.integer(row).map(Decimal::integer),
            ColumnType::Decimal(places) => {
                self.integer(row).map(|units| Decimal::new(units.into(), places))
            }
            _ => None,
        }
    }

    /// The stored integer: a whole number, units of the last place, or days.
    pub fn integer(&self, row: usize) -> Option<i64> {
        self.series.i64().ok()?.get(row)
    }

    /// Days since 1970-01-01.
    pub fn day(&self, row: usize) -> Option<i32> {
        if self.kind != ColumnType::Date {
            return None;
        }
        self.integer(row).and_then(|day| i32::try_from(day).ok())
    }

    pub fn truth(&self, row: usize) -> Option<bool> {
        self.series.bool().ok()?.get(row)
    }

    pub fn text(&self, row: usize) -> Option<&str> {
        self.series.str().ok()?.get(row)
    }

    /// All stored integers; none of a column that holds no integers.
    pub fn iter_integers(&self) -> impl Iterator<Item = Option<i64>> + '_ {
        self.series.i64().ok().into_iter().flat_map(|values| values.iter())
    }

    /// All truths; none of a column that holds no truths.
    pub fn iter_truths(&self) -> impl Iterator<Item = Option<bool>> + '_ {
        self.series.bool().ok().into_iter().flat_map(|values| values.iter())
    }

    /// All texts; none of a column that holds no texts.
    pub fn iter_texts(&self) -> impl Iterator<Item = Option<&str>> + '_ {
        self.series.str().ok().into_iter().flat_map(|values| values.iter())
    }

    /// Rows from `from` on, shared with this column.
    pub fn slice(&self, from: usize, rows: usize) -> Self {
        let (whole, before) = self.part_of.clone().unwrap_or((self.series.clone(), 0));
        Self::part(self.kind, whole, before + from, rows)
    }

    fn whole(kind: ColumnType, series: Series) -> Self {
        Self { kind, series, part_of: None }
    }

    fn part(kind: ColumnType, whole: Series, from: usize, rows: usize) -> Self {
        let offset = i64::try_from(from).unwrap_or(i64::MAX);
        Self { kind, series: whole.slice(offset, rows), part_of: Some((whole, from)) }
    }

    /// The parts as one part of what they are all parts of, if they follow each other there.
    fn neighbours(kind: ColumnType, parts: &[&Self]) -> Option<Self> {
        let (whole, first) = parts.first()?.part_of.as_ref()?;
        let mut end = *first;
        for part in parts {
            let (its, from) = part.part_of.as_ref()?;
            let same = std::ptr::addr_eq(Arc::as_ptr(&whole.0), Arc::as_ptr(&its.0));
            if !same || *from != end {
                return None;
            }
            end += part.len();
        }
        Some(Self::part(kind, whole.clone(), *first, end - first))
    }

    /// The given rows, in their order; a row beyond the end is blank.
    pub fn take(&self, rows: impl IntoIterator<Item = usize>) -> Self {
        let inside = |row: usize| IdxSize::try_from(row).ok().filter(|_| row < self.len());
        let rows: IdxCa = rows.into_iter().map(inside).collect();
        let Ok(taken) = self.series.take(&rows) else {
            unreachable!("only rows that are there are asked for")
        };
        Self::whole(self.kind, taken)
    }

    /// The largest magnitude in a column of numbers; of texts the greatest length in bytes; of
    /// dates and truths, which are only compared, nothing.
    pub fn magnitude(&self) -> u128 {
        let largest = match self.kind {
            ColumnType::Integer | ColumnType::Decimal(_) => {
                self.iter_integers().flatten().map(i64::unsigned_abs).max()
            }
            ColumnType::Text => self.iter_texts().flatten().map(|text| text.len() as u64).max(),
            ColumnType::Date | ColumnType::Boolean => None,
        };
        largest.unwrap_or(0).into()
    }

    /// The rows of all parts, in their order. Parts that stand beside each other in one column are
    /// not copied; parts of another type are left out.
    pub fn joined<'c>(kind: ColumnType, parts: impl IntoIterator<Item = &'c Self>) -> Self {
        let fits = |part: &&Self| {
            debug_assert_eq!(part.kind, kind, "columns of one field have one type");
            part.kind == kind && !part.is_empty()
        };
        let parts: Vec<&Self> = parts.into_iter().filter(fits).collect();
        if parts.is_empty() {
            return Self::empty(kind);
        }
        if let Some(together) = Self::neighbours(kind, &parts) {
            return together;
        }
        match kind.stored() {
            DataType::Boolean => Self::booleans(parts.iter().flat_map(|part| part.iter_truths())),
            DataType::String => Self::texts(parts.iter().flat_map(|part| part.iter_texts())),
            _ => Self::numbers(kind, parts.iter().flat_map(|part| part.iter_integers())),
        }
    }
}

/// A column in the making, row by row.
#[derive(Debug, Clone)]
pub struct ColumnBuilder {
    kind: ColumnType,
    values: Values,
}

#[derive(Debug, Clone)]
enum Values {
    Numbers(Vec<Option<i64>>),
    Truths(Vec<Option<bool>>),
    Texts(Vec<Option<Arc<str>>>),
}

impl ColumnBuilder {
    /// `rows`: how many there will be, as far as is known.
    pub fn new(kind: ColumnType, rows: usize) -> Self {
        let values = match kind {
            ColumnType::Boolean => Values::Truths(Vec::with_capacity(rows)),
            ColumnType::Text => Values::Texts(Vec::with_capacity(rows)),
            _ => Values::Numbers(Vec::with_capacity(rows)),
        };
        Self { kind, values }
    }

    pub fn kind(&self) -> ColumnType {
        self.kind
    }

    /// A new row, blank so far.
    pub fn push_missing(&mut self) {
        match &mut self.values {
            Values::Numbers(values) => values.push(None),
            Values::Truths(values) => values.push(None),
            Values::Texts(values) => values.push(None),
        }
    }

    /// The last row becomes this number (units of the last place, days).
    pub fn set_last_number(&mut self, value: i64) {
        if let Values::Numbers(values) = &mut self.values {
            set_last(values, value);
        }
    }

    pub fn set_last_truth(&mut self, value: bool) {
        if let Values::Truths(values) = &mut self.values {
            set_last(values, value);
        }
    }

    pub fn set_last_text(&mut self, value: Arc<str>) {
        if let Values::Texts(values) = &mut self.values {
            set_last(values, value);
        }
    }

    pub fn is_last_missing(&self) -> bool {
        match &self.values {
            Values::Numbers(values) => values.last().is_none_or(Option::is_none),
            Values::Truths(values) => values.last().is_none_or(Option::is_none),
            Values::Texts(values) => values.last().is_none_or(Option::is_none),
        }
    }

    /// The number of the last row, as it is stored.
    pub fn last_number(&self) -> Option<i64> {
        let Values::Numbers(values) = &self.values else { return None };
        values.last().copied().flatten()
    }

    /// The text of the row before the last one.
    pub fn text_above(&self) -> Option<Arc<str>> {
        let Values::Texts(values) = &self.values else { return None };
        values.len().checked_sub(2).and_then(|row| values.get(row)?.clone())
    }

    pub fn finish(self) -> Column {
        match self.values {
            Values::Numbers(values) => Column::numbers(self.kind, values),
            Values::Truths(values) => Column::booleans(values),
            Values::Texts(values) => Column::texts(values),
        }
    }
}

fn set_last<T>(values: &mut [Option<T>], value: T) {
    if let Some(last) = values.last_mut() {
        *last = Some(value);
    }
}
