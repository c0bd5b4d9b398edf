//! Registers (`registers/*.csv`): units, villages and other lists that returns refer to.

use std::collections::BTreeMap;

use crate::model::{Column, Period, Validity, parse_date};

/// The column that identifies a row.
pub const KEY_COLUMN: &str = "code";

/// Six digits name the county, as in an identity card; a code of its own is longer.
const SHORTEST_CODE: usize = 9;

/// A CSV table; all columns are text.
#[derive(Debug, Clone, Default)]
pub struct Register {
    pub name: String,
    /// What the county calls it (`[registers]` of `pipeline.toml`); empty if it does not say.
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
    /// Of each row, from its columns `valid_from` and `valid_to`.
    pub valid: Vec<Validity>,
}

/// What is said of a name that no register has.
pub(super) fn no_register(name: &str, registers: &BTreeMap<String, Register>) -> String {
    let choices: Vec<&str> = registers.keys().map(String::as_str).collect();
    format!("登记册 “{name}” 不存在，现有：{}", choices.join("、"))
}

impl Register {
    /// What it is called where people read.
    pub fn called(&self) -> String {
        match self.title.as_str() {
            "" => format!("登记册 {}", self.name),
            title => format!("“{title}”"),
        }
    }

    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    pub fn get(&self, row: usize, column: &str) -> &str {
        self.column_index(column)
            .and_then(|c| self.rows.get(row)?.get(c))
            .map_or("", String::as_str)
    }

    /// Adds a row of another level's register, whose days are as ours are written.
    pub fn add(&mut self, row: Vec<String>) {
        let day = |name| {
            let text = row.get(self.column_index(name)?)?;
            parse_date(text)
        };
        self.valid.push(Validity { from: day("valid_from"), to: day("valid_to") });
        self.rows.push(row);
    }

    /// Some of its rows, alone.
    pub fn only(&self, kept: &[usize]) -> Self {
        Self {
            name: self.name.clone(),
            title: self.title.clone(),
            columns: self.columns.clone(),
            rows: kept.iter().map(|&row| self.rows[row].clone()).collect(),
            valid: kept.iter().map(|&row| self.validity(row)).collect(),
        }
    }

    /// Does a text begin with the code of a row? Short codes would begin anything.
    pub fn begins(&self, text: &str) -> bool {
        let Some(key) = self.column_index(KEY_COLUMN) else { return false };
        let codes = self.rows.iter().filter_map(|row| row.get(key));
        codes.filter(|code| code.len() >= SHORTEST_CODE).any(|code| text.starts_with(code.as_str()))
    }

    /// Row numbers valid at the end of a period.
    pub fn valid_rows(&self, period: &Period) -> Vec<usize> {
        let day = period.last_day();
        (0..self.rows.len()).filter(|&row| self.validity(row).covers_day(day)).collect()
    }

    pub fn validity(&self, row: usize) -> Validity {
        self.valid.get(row).copied().unwrap_or_default()
    }

    /// The column that says to which unit a row belongs, if any.
    pub fn unit_column(&self) -> Option<&'static str> {
        ["unit", "committee"].into_iter().find(|name| self.column_index(name).is_some())
    }

    /// One column as text values; empty strings are missing.
    pub fn text_column(&self, column: usize, rows: &[usize]) -> Column {
        let value = |&row: &usize| {
            let text = self.rows[row].get(column).map_or("", String::as_str);
            (!text.is_empty()).then_some(text)
        };
        Column::texts(rows.iter().map(value))
    }
}
