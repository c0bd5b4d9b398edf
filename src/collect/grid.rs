//! The visible sheets of a file as they stand, for who writes them again (退回单).

use std::path::Path;
use std::sync::Arc;

use super::child::{read_apart, read_here};
use super::header::{Titles, find_blocks};
use super::sniff::{Format, Sniffed};
use super::texts::explanations_on;
use super::workbook::{Cell, CellValue, Refusal, Sheet, Shown, Workbook};
use super::{bounds, delimited};
use crate::definition::{Definition, Form};
use crate::model::{CellRef, GridSheet, GridValue};

/// Reads a file that was handed in; `reader` as in [`super::ReadRequest`].
pub fn grid(
    definition: &Definition,
    reader: &Path,
    name: &str,
    bytes: &[u8],
) -> anyhow::Result<Vec<GridSheet>> {
    let path: Arc<str> = name.into();
    let read = read_alone(&definition.forms, reader, &path, bytes);
    let workbook = read.map_err(|refusal| anyhow::anyhow!("{name}：{}", refusal.message))?;
    let shown = |sheet: &&Sheet| !sheet.hidden && explanations_on(sheet).is_none();
    Ok(workbook.sheets.iter().filter(shown).map(grid_of).collect())
}

/// The workbook of one file, however it is stored; the forms tell how a text table is split.
pub(super) fn read_alone(
    forms: &[Form],
    reader: &Path,
    path: &Arc<str>,
    bytes: &[u8],
) -> Result<Workbook, Refusal> {
    let file = Sniffed::new(path, bytes)?;
    let read = match file.format {
        Format::Xls | Format::Xlsb | Format::Protected => read_apart(reader, bytes),
        Format::Xlsx | Format::Ods => read_here(file),
        Format::Csv => {
            let titles = Titles::new(forms);
            delimited::read(path, bytes, |sheet| {
                find_blocks(sheet, &titles).iter().map(|block| block.columns.len()).sum()
            })
        }
    };
    read?.bounded()
}

fn grid_of(sheet: &Sheet) -> GridSheet {
    let at = |row, column| CellRef::new(row, column);
    let regions = sheet.merged.beginning_in(0, bounds::ROWS);
    let corners = |r: &super::merged::Region| {
        (at(r.first_row, r.first_column), at(r.last_row, r.last_column))
    };
    let cell = |cell: &Cell| (at(cell.row, cell.column), value_of(cell, sheet.from_1904));
    GridSheet {
        name: sheet.name.clone(),
        cells: sheet.cells.iter().map(cell).collect(),
        merged: regions.iter().map(corners).collect(),
    }
}

fn value_of(cell: &Cell, from_1904: bool) -> GridValue {
    /// Days between the two beginnings of counting.
    const YEARS_1904: f64 = 1_462.0;
    match (&cell.value, cell.shown) {
        (CellValue::Text(text), _) => GridValue::Text(text.to_string()),
        (CellValue::Error(error), _) => GridValue::Text(error.to_string()),
        (CellValue::Boolean(value), _) => GridValue::Boolean(*value),
        (CellValue::Number(day), Shown::Date) => {
            GridValue::Date(if from_1904 { day + YEARS_1904 } else { *day })
        }
        (CellValue::Number(number), Shown::Percent { places }) => {
            GridValue::Percent(*number, places)
        }
        (CellValue::Number(number), _) => GridValue::Number(*number),
    }
}
