//! Named columns of equal length, for the engine.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use anyhow::{Context, ensure};
use polars::prelude::{DataType, PlSmallStr, Series};

use super::ColumnType;
use super::node::{Input, Physical};
use crate::model::Column;

/// Named columns of equal length, ready for polars. Cheap to clone: columns are shared.
#[derive(Debug, Clone)]
pub struct Frame {
    columns: Arc<BTreeMap<String, FrameColumn>>,
    height: usize,
}

#[derive(Debug)]
struct FrameColumn {
    column: Column,
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
                "列 {name} 有 {} 行，其他列有 {height} 行",
                column.len()
            );
            let entry = FrameColumn { column, magnitude: OnceLock::new() };
            ensure!(named.insert(name.clone(), entry).is_none(), "列 {name} 重复");
        }
        Ok(Self { columns: Arc::new(named), height })
    }

    /// An empty frame with these columns.
    pub(super) fn empty<'a>(
        columns: impl IntoIterator<Item = (&'a str, ColumnType)>,
    ) -> anyhow::Result<Self> {
        Self::new(
            columns
                .into_iter()
                .map(|(name, kind)| (name.to_owned(), Column::empty(kind)))
                .collect(),
        )
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
        let given = entry.column.kind();
        ensure!(given == input.kind, "列 {name} 应为 {:?}，给出的是 {given:?}", input.kind);
        let series = entry.column.series().clone();
        let magnitude = *entry.magnitude.get_or_init(|| entry.column.magnitude());
        Ok((series.with_name(PlSmallStr::from_str(&input.unique)), magnitude))
    }
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
