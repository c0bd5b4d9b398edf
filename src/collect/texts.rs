//! Sheets that hold declarations, as rows of texts.

use super::text::compact;
use super::typing;
use super::workbook::{Cell, Sheet};
use crate::model::handout::EXPLANATIONS;

/// A table of texts: zero-based row, and the texts from the first column on.
pub(super) type Texts = Vec<(u32, Vec<String>)>;

/// Columns of explanations; one more, 原值, may be there.
pub(super) const EXPLAINED: &[&str] = &["检查", "单位", "报表", "单元格", "说明"];

/// What a unit explains on a sheet of its workbook; `None`: it is no such sheet.
pub(super) fn explanations_on(sheet: &Sheet) -> Option<Texts> {
    if sheet.hidden || compact(&sheet.name) != EXPLANATIONS {
        return None;
    }
    let texts = texts_of(sheet);
    texts.iter().any(|(_, row)| is_header(row, EXPLAINED)).then_some(texts)
}

pub(super) fn place_of(header: &[String], column: &str) -> Option<usize> {
    header.iter().position(|c| compact(c) == column)
}

pub(super) fn is_header(row: &[String], columns: &[&str]) -> bool {
    columns.iter().all(|column| place_of(row, column).is_some())
}

/// The cells of a sheet as texts.
pub(super) fn texts_of(sheet: &Sheet) -> Texts {
    /// A declaration has fewer columns.
    const WIDEST: u16 = 64;
    let texts = |cells: &[Cell]| {
        let cells = cells.iter().filter(|cell| cell.column < WIDEST);
        let width = cells.clone().next_back().map_or(0, |cell| usize::from(cell.column) + 1);
        let mut texts = vec![String::new(); width];
        for cell in cells {
            texts[usize::from(cell.column)] = typing::raw_text(cell, sheet.from_1904);
        }
        texts
    };
    sheet.rows().map(|(row, cells)| (row, texts(cells))).collect()
}
