//! Columns ↔ polars series.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, bail, ensure};
use polars::prelude::{DataType, NamedFrom, PlSmallStr, Series};

use super::ColumnType;
use super::node::{Input, Physical};
use crate::model::Column;

/// Named columns of equal length, ready for polars. Cheap to clone: columns are shared, and
/// each is handed to polars only when it is first read.
#[derive(Debug, Clone)]
pub struct Frame {
    columns: Arc<BTreeMap<String, FrameColumn>>,
    height: usize,
}

#[derive(Debug)]
struct FrameColumn {
    column: Column,
    series: OnceLock<Series>,
    magnitude: OnceLock<u128>,
}

impl Frame {
    /// Columns must have equal length and different names.
    pub fn new(columns: Vec<(String, Column)>) -> anyhow::Result<Self> {
        let height = columns.first().map_or(0, |(_, column)| column.len());
        let mut named = BTreeMap::new();
        for (name, column) in columns {
            ensure!(
                column.len() == height,
                "列 {name} 有 {} 行,其他列有 {height} 行",
                column.len()
            );
            let entry = FrameColumn { column, series: OnceLock::new(), magnitude: OnceLock::new() };
            ensure!(named.insert(name.clone(), entry).is_none(), "列 {name} 重复");
        }
        Ok(Self { columns: Arc::new(named), height })
    }

    /// An empty frame with these columns.
    pub(super) fn empty<'a>(
        columns: impl IntoIterator<Item = (&'a str, ColumnType)>,
    ) -> anyhow::Result<Self> {
        Self::new(columns.into_iter().map(|(name, kind)| (name.to_owned(), kind.empty())).collect())
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.height
    }

    pub fn is_empty(&self) -> bool {
        self.height == 0
    }

    /// The columns as they were given, by name.
    pub fn columns(&self) -> impl Iterator<Item = (&str, &Column)> {
        self.columns.iter().map(|(name, entry)| (name.as_str(), &entry.column))
    }

    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.get(name).map(|entry| &entry.column)
    }

    /// A column for polars, under its unique name, and the largest magnitude in it.
    pub(super) fn series(&self, input: &Input) -> anyhow::Result<(Series, u128)> {
        let name = &input.column;
        let entry = self.columns.get(name).with_context(|| format!("缺少列 {name}"))?;
        // Decimals with other places than those that were checked would be wrong by tenfolds.
        let given = ColumnType::of(&entry.column);
        ensure!(given == input.kind, "列 {name} 应为 {:?},给出的是 {given:?}", input.kind);
        let series = entry.series.get_or_init(|| to_series(&entry.column)).clone();
        let magnitude = *entry.magnitude.get_or_init(|| magnitude(&entry.column));
        Ok((series.with_name(PlSmallStr::from_str(&input.unique)), magnitude))
    }
}

impl ColumnType {
    /// An empty column of this type.
    pub fn empty(self) -> Column {
        match self {
            Self::Integer => Column::Integer(Vec::new()),
            Self::Decimal(places) => Column::Decimal { places, values: Vec::new() },
            Self::Date => Column::Date(Vec::new()),
            Self::Boolean => Column::Boolean(Vec::new()),
            Self::Text => Column::Text(Vec::new()),
        }
    }

    /// The type of a column.
    pub fn of(column: &Column) -> Self {
        match column {
            Column::Integer(_) => Self::Integer,
            Column::Decimal { places, .. } => Self::Decimal(*places),
            Column::Date(_) => Self::Date,
            Column::Boolean(_) => Self::Boolean,
            Column::Text(_) => Self::Text,
        }
    }
}

pub(super) fn to_series(column: &Column) -> Series {
    let name = PlSmallStr::EMPTY;
    match column {
        Column::Integer(values) | Column::Decimal { values, .. } => Series::new(name, values),
        Column::Date(values) => {
            Series::new(name, values.iter().map(|v| v.map(i64::from)).collect::<Vec<_>>())
        }
        Column::Boolean(values) => Series::new(name, values),
        Column::Text(values) => {
            Series::new(name, values.iter().map(Option::as_deref).collect::<Vec<_>>())
        }
    }
}

/// The largest magnitude in a column of numbers; of texts the greatest length in bytes.
pub(super) fn magnitude(column: &Column) -> u128 {
    match column {
        Column::Integer(values) | Column::Decimal { values, .. } => {
            values.iter().flatten().map(|v| u128::from(v.unsigned_abs())).max().unwrap_or(0)
        }
        Column::Text(values) => values.iter().flatten().map(|v| v.len() as u128).max().unwrap_or(0),
        // Dates are only compared.
        Column::Date(_) | Column::Boolean(_) => 0,
    }
}

/// A series as plain values: integers for every physical integer.
pub(super) fn plain(series: &Series) -> anyhow::Result<Column> {
    Ok(match series.dtype() {
        DataType::Int64 => Column::Integer(series.i64()?.iter().collect()),
        DataType::Boolean => Column::Boolean(series.bool()?.iter().collect()),
        DataType::String => Column::Text(series.str()?.iter().map(|v| v.map(Arc::from)).collect()),
        other => bail!("程序内部错误:结果类型 {other} 不在约定之内"),
    })
}

/// A series as a column of the promised type.
pub(super) fn typed(series: &Series, kind: ColumnType) -> anyhow::Result<Column> {
    let column = plain(series)?;
    Ok(match (column, kind) {
        (Column::Integer(values), ColumnType::Integer) => Column::Integer(values),
        (Column::Integer(values), ColumnType::Decimal(places)) => {
            Column::Decimal { places, values }
        }
        (Column::Integer(values), ColumnType::Date) => {
            let day = |v: Option<i64>| v.map(i32::try_from).transpose();
            Column::Date(values.into_iter().map(day).collect::<Result<_, _>>()?)
        }
        (Column::Boolean(values), ColumnType::Boolean) => Column::Boolean(values),
        (Column::Text(values), ColumnType::Text) => Column::Text(values),
        (other, kind) => {
            bail!("程序内部错误:应为 {kind:?},得到 {:?}", ColumnType::of(&other))
        }
    })
}

impl Physical {
    pub(super) fn data_type(self) -> DataType {
        match self {
            Self::Integer => DataType::Int64,
            Self::Boolean => DataType::Boolean,
            Self::Text => DataType::String,
        }
    }
}
