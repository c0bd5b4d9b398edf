//! A sheet as it was read, cell by cell, to be written again.

use super::CellRef;

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
