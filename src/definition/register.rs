//! Registers (`registers/*.csv`): units, villages and other lists that returns refer to.

use crate::model::{Column, Period};

/// A CSV table; all columns are text. Rows are valid from `valid_from` to `valid_to`, if given.
#[derive(Debug, Clone)]
pub struct Register {
    pub name: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Register {
    pub fn column_index(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|c| c == name)
    }

    pub fn get(&self, row: usize, column: &str) -> &str {
        self.column_index(column)
            .and_then(|c| self.rows.get(row)?.get(c))
            .map_or("", String::as_str)
    }

    /// Row numbers valid at the end of a period; all rows for a campaign.
    pub fn valid_rows(&self, period: &Period) -> Vec<usize> {
        let Some((year, month)) = period.last_month() else {
            return (0..self.rows.len()).collect();
        };
        // ISO dates compare as text; a month's last day is at most 31.
        let at = format!("{year:04}-{month:02}-31");
        let valid = |&row: &usize| {
            let (from, to) = (self.get(row, "valid_from"), self.get(row, "valid_to"));
            (from.is_empty() || from <= at.as_str()) && (to.is_empty() || to >= at.as_str())
        };
        (0..self.rows.len()).filter(valid).collect()
    }

    /// One column as text values; empty strings are missing.
    pub fn text_column(&self, column: usize, rows: &[usize]) -> Column {
        let value = |&row: &usize| {
            let text = self.rows[row].get(column).map_or("", String::as_str);
            (!text.is_empty()).then(|| text.into())
        };
        Column::Text(rows.iter().map(value).collect())
    }
}
