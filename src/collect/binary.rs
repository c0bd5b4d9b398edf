//! Reads .xls and .xlsb through calamine. Both can hang, exhaust memory or abort the process on a
//! damaged file, so this runs only in the reader's child process.

use std::io::Cursor;

use calamine::{Data, DataRef, Range, Reader, SheetType, SheetVisible, Xls, XlsOptions, Xlsb};

use super::biff::{self, SheetEntry, SheetKind};
use super::guard::{Archive, macro_sheets_as_charts};
use super::merged::Region;
use super::ole::{self, Ole};
use super::workbook::{Cell, CellValue, Meter, Refusal, Remark, Sheet, Shown, Workbook};
use crate::model::codes::{TEXTS_MISCOUNTED, UNREADABLE_FILE};

/// UTF-16, which BIFF8 always is whatever its CODEPAGE record claims.
const UTF16_CODEPAGE: u16 = 1200;
/// Simplified Chinese Windows.
const CHINESE_CODEPAGE: u16 = 936;

pub(super) fn read_xls(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let damaged = |damage: &str| Refusal::new(UNREADABLE_FILE, damage);
    let stream = Ole::open(bytes).and_then(|ole| biff::workbook_stream(&ole)).map_err(damaged)?;
    let checked = biff::check(&stream.unwrap_or_default())?;
    let mut options = XlsOptions::default();
    options.force_codepage = match (checked.version, checked.codepage) {
        (5, Some(936 | 20936 | 54936 | 52936)) => Some(CHINESE_CODEPAGE),
        (5, _) => None,
        _ => Some(UTF16_CODEPAGE),
    };
    let broken = |_| damaged(BROKEN);
    // The reader sees the checked stream and nothing else: no embedded workbook of the same name.
    let container = ole::only_stream("Workbook", &checked.stream);
    let mut book = Xls::new_with_options(Cursor::new(container), options).map_err(broken)?;
    let from_1904 = book.has_1904_epoch();
    let mut meter = Meter::default();
    let mut workbook = Workbook::default();
    let listed = book.sheets_metadata().to_vec();
    if listed.len() != checked.sheets.len() {
        return Err(damaged(TWO_READINGS));
    }
    for (metadata, entry) in listed.iter().zip(&checked.sheets) {
        if entry.kind != SheetKind::Cells {
            workbook.remarks.push(Remark::sheet_without_cells(&entry.name));
            continue;
        }
        let mut sheet = Sheet::new(metadata.name.clone());
        sheet.from_1904 = from_1904;
        sheet.hidden_known = false;
        sheet.hidden = entry.hidden;
        sheet.stale = entry.stale;
        if !sheet.hidden {
            let range = book.worksheet_range(&metadata.name).map_err(broken)?;
            if !agree(&range, entry) {
                return Err(damaged(TWO_READINGS));
            }
            fill_from_range(&range, &mut sheet, &mut meter)?;
            if let Ok(formulas) = book.worksheet_formula(&metadata.name) {
                fill_formulas(&formulas, &mut sheet);
            }
            let regions = book.merge_cells_by_sheet_name(&metadata.name).unwrap_or_default();
            sheet.merge(regions.iter().filter_map(merged_region).collect())?;
            if checked.version == 5 {
                refuse_lost_chinese(&sheet)?;
            }
            sheet.order();
        }
        workbook.sheets.push(sheet);
    }
    if let (counted, shown) = checked.texts
        && counted != shown
    {
        let message = format!(
            "工作簿登记了 {counted} 处文字，单元格中有 {shown} 处：可能丢了单元格，也可能是导出系统没有改登记数"
        );
        workbook.remarks.push(Remark { code: TEXTS_MISCOUNTED.to_owned(), message });
    }
    if workbook.sheets.is_empty() {
        return Err(Refusal::new(UNREADABLE_FILE, "工作簿中没有工作表，文件可能已损坏"));
    }
    Ok(workbook)
}

const BROKEN: &str = "工作簿内部有错，文件可能已损坏";
const TWO_READINGS: &str = "工作簿内部已损坏：两种读法得到的单元格不一样；损坏的工作簿整本不读";

/// Did the reader find the cells that the walk over the records found, and no others?
fn agree(range: &Range<Data>, entry: &SheetEntry) -> bool {
    let (first_row, first_column) = range.start().unwrap_or_default();
    let found = range.used_cells().map(|(row, column, _)| {
        (first_row + row as u32, u16::try_from(first_column as usize + column).unwrap_or(u16::MAX))
    });
    let optional = |at: &(u32, u16)| entry.empty_texts.contains(at);
    let expected = entry.filled.iter().copied().filter(|at| !optional(at));
    expected.eq(found.filter(|at| !optional(at)))
}

/// A file of Excel 95 whose code page was misread shows replacement characters: refuse it rather
/// than take garbled titles.
fn refuse_lost_chinese(sheet: &Sheet) -> Result<(), Refusal> {
    let lost = sheet.cells.iter().any(|cell| {
        matches!(&cell.value, CellValue::Text(text) if text.contains('\u{fffd}') || text.contains('\0'))
    });
    if lost {
        return Err(Refusal::new(UNREADABLE_FILE, "这是 Excel 95 格式的文件，其中的汉字读不出来"));
    }
    Ok(())
}

fn merged_region(region: &calamine::Dimensions) -> Option<Region> {
    Some(Region {
        first_row: region.start.0,
        last_row: region.end.0,
        first_column: u16::try_from(region.start.1).ok()?,
        last_column: u16::try_from(region.end.1).ok()?,
    })
}

fn fill_from_range(
    range: &Range<Data>,
    sheet: &mut Sheet,
    meter: &mut Meter,
) -> Result<(), Refusal> {
    // A range begins at its first used cell, not at A1.
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, value) in range.used_cells() {
        let (row, column) = (first_row + row as u32, first_column + column as u32);
        let value = match value {
            Data::Empty => continue,
            Data::Int(v) => DataRef::Int(*v),
            Data::Float(v) => DataRef::Float(*v),
            Data::String(v) => DataRef::SharedString(v),
            Data::Bool(v) => DataRef::Bool(*v),
            Data::DateTime(v) => DataRef::DateTime(*v),
            Data::DateTimeIso(v) | Data::DurationIso(v) => DataRef::SharedString(v),
            Data::Error(e) => DataRef::Error(e.clone()),
        };
        push(sheet, meter, row, column, &value)?;
    }
    Ok(())
}

fn fill_formulas(range: &Range<String>, sheet: &mut Sheet) {
    let (first_row, first_column) = range.start().unwrap_or_default();
    for (row, column, formula) in range.used_cells() {
        if formula.is_empty() {
            continue;
        }
        let (row, column) = (first_row + row as u32, first_column + column as u32);
        if let Ok(column) = u16::try_from(column) {
            sheet.formulas.push((row, column, formula.as_str().into()));
        }
    }
}

pub(super) fn read_xlsb(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let mut archive = Archive::open(bytes)?;
    archive.inflate_all()?;
    let records = super::xlsb::read(&mut archive)?;
    let broken = |_| Refusal::new(UNREADABLE_FILE, BROKEN);
    let readable = macro_sheets_as_charts(bytes)?;
    let mut book = Xlsb::new(Cursor::new(readable.as_ref())).map_err(broken)?;
    let from_1904 = book.has_1904_epoch();
    let mut meter = Meter::default();
    let mut workbook = Workbook::default();
    for metadata in book.sheets_metadata().to_vec() {
        if metadata.typ != SheetType::WorkSheet {
            workbook.remarks.push(Remark::sheet_without_cells(&metadata.name));
            continue;
        }
        let mut sheet = Sheet::new(metadata.name.clone());
        sheet.from_1904 = from_1904;
        sheet.stale = records.stale;
        sheet.hidden_known = false;
        sheet.merges_known = false;
        sheet.hidden = metadata.visible != SheetVisible::Visible;
        if !sheet.hidden {
            let mut cells = book.worksheet_cells_reader(&metadata.name).map_err(broken)?;
            while let Some(cell) = cells.next_cell().map_err(broken)? {
                let (row, column) = cell.get_position();
                push(&mut sheet, &mut meter, row, column, cell.get_value())?;
            }
            drop(cells);
            if let Ok(formulas) = book.worksheet_formula(&metadata.name) {
                fill_formulas(&formulas, &mut sheet);
            }
            if let Some(marks) = records.sheets.get(&metadata.name) {
                marks.complete(&mut sheet, &mut meter)?;
            }
            sheet.order();
        }
        workbook.sheets.push(sheet);
    }
    if workbook.sheets.is_empty() {
        return Err(Refusal::new(UNREADABLE_FILE, "工作簿中没有工作表，文件可能已损坏"));
    }
    Ok(workbook)
}

fn push(
    sheet: &mut Sheet,
    meter: &mut Meter,
    row: u32,
    column: u32,
    value: &DataRef,
) -> Result<(), Refusal> {
    let mut shown = Shown::Unknown;
    let value = match value {
        DataRef::Empty => None,
        DataRef::Int(v) => Some(CellValue::Number(*v as f64)),
        DataRef::Float(v) => Some(CellValue::Number(*v)),
        DataRef::String(v) => text_value(v),
        DataRef::SharedString(v) => text_value(v),
        DataRef::Bool(v) => Some(CellValue::Boolean(*v)),
        DataRef::DateTime(v) => {
            shown = Shown::Date;
            Some(CellValue::Number(v.as_f64()))
        }
        DataRef::DateTimeIso(v) | DataRef::DurationIso(v) => text_value(v),
        DataRef::Error(e) => Some(CellValue::Error(e.to_string().into())),
    };
    let bytes = if let Some(CellValue::Text(text)) = &value { text.len() } else { 0 };
    meter.count(row, column, bytes)?;
    if let Some(value) = value {
        sheet.cells.push(Cell { row, column: column as u16, shown, value });
    }
    Ok(())
}

fn text_value(text: &str) -> Option<CellValue> {
    (!super::text::is_blank(text)).then(|| CellValue::Text(text.into()))
}
