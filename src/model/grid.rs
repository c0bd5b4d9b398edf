//! What goes back to a unit: a sheet as it was read, cell by cell, to be written again, and what is
//! added to it.

use std::collections::BTreeMap;

use super::{CellRef, Level};

#[derive(Debug, Clone, PartialEq)]
pub enum GridValue {
    Text(String),
    Number(f64),
    /// Days since 1899-12-30, as Excel counts them.
    Date(f64),
    /// With the decimal places shown.
    Percent(f64, u8),
    Boolean(bool),
}

#[derive(Debug, Clone)]
pub struct GridSheet {
    pub name: String,
    /// By row, then column.
    pub cells: Vec<(CellRef, GridValue)>,
    /// Merged regions: first and last cell.
    pub merged: Vec<(CellRef, CellRef)>,
}

/// What is added to a workbook that goes back: colours and notes on its cells, and one page more.
#[derive(Debug, Clone)]
pub struct Markup {
    /// By the names of sheets.
    pub marks: BTreeMap<String, BTreeMap<CellRef, Mark>>,
    pub page: AddedPage,
}

#[derive(Debug, Clone)]
pub struct Mark {
    pub level: Level,
    pub note: String,
}

/// A page with a table whose last column is to be filled in.
#[derive(Debug, Clone)]
pub struct AddedPage {
    pub title: String,
    pub about: String,
    /// Titles and widths of the columns.
    pub columns: Vec<(&'static str, f64)>,
    pub rows: Vec<AddedRow>,
}

#[derive(Debug, Clone)]
pub struct AddedRow {
    pub level: Level,
    /// Of all columns but the last.
    pub texts: Vec<String>,
    /// In points.
    pub height: f64,
}

/// Row of the header of an added page, below title, explanation and a blank line.
pub const ADDED_HEADER: u32 = 3;

/// Ground of the header of an added page.
pub const HEAD_GROUND: u32 = 0xD9_E1_F2;

/// Ground of a cell with a finding of that level.
pub fn ground(level: Level) -> u32 {
    match level {
        Level::Error => 0xFF_C7_CE,
        _ => 0xFF_EB_9C,
    }
}
