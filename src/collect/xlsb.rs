//! What the library leaves out of .xlsb, read from the records themselves: results of formulas
//! that are errors, rows that stand there twice, and whether the file calls its results stale.

use std::collections::BTreeMap;

use super::bounds;
use super::guard::Archive;
use super::workbook::{Cell, CellValue, Meter, Refusal, Sheet, Shown};
use super::xlsx::package::relationships;
use crate::model::CellRef;
use crate::model::codes::UNREADABLE_FILE;

/// Of the whole workbook.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// By the names of the sheets.
    pub sheets: BTreeMap<String, SheetMarks>,
    pub stale: bool,
}

/// Of one sheet.
#[derive(Debug, Default)]
pub(super) struct SheetMarks {
    /// Formulas whose result is an error.
    errors: Vec<(u32, u32, u8)>,
    repeated_rows: Vec<u32>,
}

const ROW: u16 = 0;
const ERROR_RESULT: u16 = 11;
const END_OF_DATA: u16 = 146;
const SHEET: u16 = 156;
const CALCULATION: u16 = 157;

impl SheetMarks {
    pub(super) fn complete(&self, sheet: &mut Sheet, meter: &mut Meter) -> Result<(), Refusal> {
        for &(row, column, code) in &self.errors {
            meter.count(row, column, 0)?;
            let value = CellValue::Error(error_name(code).into());
            // The meter has bounded the column.
            let column = column as u16;
            sheet.cells.push(Cell { row, column, shown: Shown::General, value });
        }
        for &row in &self.repeated_rows {
            let at = CellRef::new(row, 0);
            sheet.contradicts(Some(at), &format!("第 {} 行出现两次", row + 1));
        }
        Ok(())
    }
}

fn error_name(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        0x2a => "#N/A",
        _ => "公式出错",
    }
}

pub(super) fn read(archive: &mut Archive) -> Result<Records, Refusal> {
    let broken = |what: &str| Refusal::new(UNREADABLE_FILE, format!("{what}，文件可能已损坏"));
    const WORKBOOK: &str = "xl/workbook.bin";
    let Some(workbook) = archive.part(WORKBOOK)?.map(<[u8]>::to_vec) else {
        return Err(broken("缺少部件 xl/workbook.bin"));
    };
    let links = relationships(archive, "xl/_rels/workbook.bin.rels", "xl")?.unwrap_or_default();
    let mut records = Records::default();
    let mut paths: Vec<(String, String)> = Vec::new();
    for (kind, data) in all(&workbook) {
        match kind {
            SHEET => {
                // State and id, then two texts: the relationship and the name.
                let (link, rest) = text(data.get(8..).unwrap_or_default());
                let (name, _) = text(rest);
                if let Some(link) = links.get(&link) {
                    paths.push((name, link.path.clone()));
                }
            }
            CALCULATION => {
                // Bit 0: compute when loaded; bit 4: not all was computed when saved.
                records.stale = data.get(24).is_some_and(|flags| flags & 0b1_0001 != 0);
            }
            _ => {}
        }
    }
    for (name, path) in paths {
        if let Some(part) = archive.part(&path)? {
            records.sheets.insert(name, marks(part));
        }
    }
    Ok(records)
}

fn marks(part: &[u8]) -> SheetMarks {
    let mut marks = SheetMarks::default();
    let mut rows: Vec<u32> = Vec::new();
    for (kind, data) in all(part) {
        match (kind, number(data)) {
            (ROW, Some(row)) if row < bounds::ROWS => rows.push(row),
            // Column, style, then the code of the error.
            (ERROR_RESULT, Some(column)) => {
                if let (Some(&row), Some(&code)) = (rows.last(), data.get(8)) {
                    marks.errors.push((row, column, code));
                }
            }
            (END_OF_DATA, _) => break,
            _ => {}
        }
    }
    if !rows.is_sorted_by(|a, b| a < b) {
        rows.sort_unstable();
        marks.repeated_rows =
            rows.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).take(20).collect();
    }
    marks
}

/// The records of a part: their kinds and contents, as far as they chain.
fn all(mut part: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let (&first, mut rest) = part.split_first()?;
        let mut kind = u16::from(first);
        if first & 0x80 != 0 {
            let (&second, after) = rest.split_first()?;
            kind = u16::from(first & 0x7f) | u16::from(second & 0x7f) << 7;
            rest = after;
        }
        let mut length = 0usize;
        for place in 0..4 {
            let (&byte, after) = rest.split_first()?;
            length |= usize::from(byte & 0x7f) << (7 * place);
            rest = after;
            if byte & 0x80 == 0 {
                break;
            }
        }
        let (data, after) = rest.split_at_checked(length)?;
        part = after;
        Some((kind, data))
    })
}

fn number(data: &[u8]) -> Option<u32> {
    data.first_chunk().map(|bytes| u32::from_le_bytes(*bytes))
}

/// A text with its length before it, in UTF-16; and what follows.
fn text(data: &[u8]) -> (String, &[u8]) {
    let length = number(data).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    // A missing text has the length −1.
    let length = if length == 0xffff_ffff { 0 } else { length };
    let units = data.get(4..).unwrap_or_default();
    let (own, rest) = units.split_at_checked(length.saturating_mul(2)).unwrap_or((units, &[]));
    let wide: Vec<u16> = own.chunks_exact(2).map(|c| u16::from_le_bytes([c[0], c[1]])).collect();
    (String::from_utf16_lossy(&wide), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        let mut bytes = if kind < 128 {
            vec![kind as u8]
        } else {
            vec![(kind & 0x7f) as u8 | 0x80, (kind >> 7) as u8]
        };
        bytes.push(data.len() as u8);
        bytes.extend(data);
        bytes
    }

    #[test]
    fn errors_of_formulas_and_repeated_rows_are_found() {
        let row = |n: u32| record(ROW, &[n.to_le_bytes().as_slice(), &[0; 13]].concat());
        let error = |column: u32| {
            let head = column.to_le_bytes();
            record(ERROR_RESULT, &[head.as_slice(), &[0; 4], &[0x07, 0, 0]].concat())
        };
        let part = [row(2), error(3), row(4), row(4), error(1), record(END_OF_DATA, &[])].concat();
        let marks = marks(&part);
        assert_eq!(marks.errors, [(2, 3, 7), (4, 1, 7)]);
        assert_eq!(marks.repeated_rows, [4]);
        let mut sheet = Sheet::new("表".to_owned());
        marks.complete(&mut sheet, &mut Meter::default()).unwrap();
        assert_eq!(sheet.cells[0].value, CellValue::Error("#DIV/0!".into()));
        assert_eq!(sheet.flaws.len(), 1);
    }

    #[test]
    fn a_cut_record_ends_the_part() {
        let part = record(SHEET, &[1, 2, 3]);
        assert_eq!(all(&part).count(), 1);
        assert_eq!(all(&part[..part.len() - 1]).count(), 0);
    }
}
