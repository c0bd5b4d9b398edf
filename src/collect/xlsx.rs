//! Reads .xlsx and .xlsm in this process: checked first, then streamed cell by cell.
//!
//! calamine gives values and style ids in one pass. A second, light pass over the same part reads
//! what calamine does not tell: hidden rows and columns, merged regions, formulas.

use std::collections::BTreeMap;
use std::io::Cursor;

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx};
use quick_xml::Reader;
use quick_xml::events::Event;

use super::codes::{UNREADABLE_FILE, UNSAFE_FILE};
use super::guard::{Archive, attribute, is_true};
use super::workbook::{Cell, CellValue, Meter, Refusal, Region, Sheet, Shown, Workbook, bounds};

pub(super) fn read(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let mut archive = Archive::open(bytes)?;
    let parts = sheet_parts(&mut archive)?;
    archive.check_shared_strings(&format!("{}sharedstrings.xml", parts.folder))?;
    for name in ["styles.xml", "theme/theme1.xml"] {
        archive.part(&format!("{}{name}", parts.folder))?;
    }
    let broken =
        |e: calamine::XlsxError| Refusal::new(UNREADABLE_FILE, format!("工作簿内部有错：{e}"));
    let mut book = Xlsx::new(Cursor::new(bytes)).map_err(broken)?;
    let from_1904 = book.has_1904_epoch();
    let mut meter = Meter::default();
    let mut workbook = Workbook::default();
    for metadata in book.sheets_metadata().to_vec() {
        if metadata.typ != SheetType::WorkSheet {
            continue;
        }
        let mut sheet = Sheet::new(metadata.name.clone());
        sheet.from_1904 = from_1904;
        if metadata.visible != SheetVisible::Visible {
            sheet.hidden = true;
            workbook.sheets.push(sheet);
            continue;
        }
        let part = parts.by_name.get(&metadata.name).map(String::as_str).unwrap_or_default();
        let Some(xml) = archive.text(part)? else {
            return Err(Refusal::new(
                UNREADABLE_FILE,
                format!("缺少工作表“{}”的内容", metadata.name),
            ));
        };
        read_marks(&xml, &mut sheet)?;
        drop(xml);
        read_cells(&mut book, &mut sheet, &mut meter).map_err(|e| match e {
            CellError::Broken(e) => broken(e),
            CellError::Refused(refusal) => refusal,
        })?;
        sheet.order();
        sheet.show_uncomputed();
        workbook.sheets.push(sheet);
    }
    if workbook.sheets.is_empty() {
        return Err(Refusal::new(UNREADABLE_FILE, "工作簿中没有工作表，文件可能已损坏"));
    }
    Ok(workbook)
}

struct Parts {
    /// Folder of the workbook part, with `/`.
    folder: String,
    by_name: BTreeMap<String, String>,
}

/// Finds the part of each sheet through the relationships.
fn sheet_parts(archive: &mut Archive) -> Result<Parts, Refusal> {
    let missing =
        |what: &str| Refusal::new(UNREADABLE_FILE, format!("缺少部件 {what}，文件可能已损坏"));
    let package = archive.text("_rels/.rels")?.ok_or_else(|| missing("_rels/.rels"))?;
    let workbook = relationships(&package)
        .into_iter()
        .find(|r| r.kind.ends_with("/officeDocument"))
        .map(|r| r.target.trim_start_matches('/').to_owned())
        .ok_or_else(|| missing("workbook.xml"))?;
    let (folder, file) = match workbook.rfind('/') {
        Some(at) => (workbook[..=at].to_owned(), workbook[at + 1..].to_owned()),
        None => (String::new(), workbook.clone()),
    };
    let xml = archive.text(&workbook)?.ok_or_else(|| missing(&workbook))?;
    let rels_name = format!("{folder}_rels/{file}.rels");
    let rels = archive.text(&rels_name)?.ok_or_else(|| missing(&rels_name))?;
    let targets: BTreeMap<String, String> = relationships(&rels)
        .into_iter()
        .map(|r| {
            let path = match r.target.strip_prefix('/') {
                Some(absolute) => absolute.to_owned(),
                None => format!("{folder}{}", r.target),
            };
            (r.id, path)
        })
        .collect();
    let mut by_name = BTreeMap::new();
    let mut reader = Reader::from_str(&xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(e) | Event::Empty(e)) if e.local_name().as_ref() == "sheet" => {
                let name = attribute(&e, "name").unwrap_or_default();
                let target = attribute(&e, "id").and_then(|id| targets.get(&id).cloned());
                by_name.entry(name).or_insert(target.unwrap_or_default());
            }
            Ok(Event::Eof) => break,
            Err(e) => return Err(Refusal::new(UNREADABLE_FILE, format!("{workbook}：{e}"))),
            Ok(_) => {}
        }
    }
    Ok(Parts { folder, by_name })
}

struct Relationship {
    id: String,
    kind: String,
    target: String,
}

fn relationships(xml: &str) -> Vec<Relationship> {
    let mut found = Vec::new();
    let mut reader = Reader::from_str(xml);
    loop {
        match reader.read_event() {
            Ok(Event::Start(e) | Event::Empty(e)) if e.local_name().as_ref() == "Relationship" => {
                let get = |name| attribute(&e, name).unwrap_or_default();
                found.push(Relationship {
                    id: get("Id"),
                    kind: get("Type"),
                    target: get("Target"),
                });
            }
            Ok(Event::Eof) | Err(_) => return found,
            Ok(_) => {}
        }
    }
}

/// The part without the cells that have no formula: the light pass need not look at them.
/// `None` when the text is not plain enough to tell tags by their first letters.
fn without_plain_cells(xml: &str) -> Option<String> {
    if xml.contains("<!") {
        // Comments and CDATA may hold what looks like a tag.
        return None;
    }
    let data = xml.find("<sheetData>")? + "<sheetData>".len();
    let end = data + xml[data..].find("</sheetData>")?;
    let (mut kept, mut cell) = (xml[..data].to_owned(), None);
    for (at, _) in xml[data..end].match_indices('<') {
        let tag = &xml[data + at..end];
        let named = |name: &str| {
            tag[1..].strip_prefix(name).is_some_and(|rest| rest.starts_with([' ', '>', '/']))
        };
        if named("c") {
            cell = Some(tag);
        } else if named("row") {
            kept.push_str(&tag[..=tag.find('>')?]);
        } else if named("f") {
            let cell = cell?;
            let cell = &cell[..=cell.find('>')?];
            // Without an address the column would have to be counted.
            cell.find(" r=")?;
            kept.push_str(cell);
            let formula = tag.find("</f>").map_or(0, |end| end + "</f>".len());
            let empty = tag.find("/>").map_or(usize::MAX, |end| end + "/>".len());
            let opens = tag.find('>').map_or(0, |end| end + 1);
            kept.push_str(&tag[..if empty == opens { empty } else { formula }]);
        }
    }
    kept.push_str(&xml[end..]);
    Some(kept)
}

/// The light pass: what is hidden, merged or computed.
fn read_marks(xml: &str, sheet: &mut Sheet) -> Result<(), Refusal> {
    let reduced = without_plain_cells(xml);
    let mut reader = Reader::from_str(reduced.as_deref().unwrap_or(xml));
    reader.config_mut().check_end_names = false;
    let mut row = 0u32;
    let mut next_row = 0u32;
    let mut column = 0u16;
    let mut next_column = 0u16;
    let mut formula: Option<String> = None;
    loop {
        let event = reader.read_event().map_err(|e| {
            Refusal::new(UNREADABLE_FILE, format!("工作表“{}”内部有错：{e}", sheet.name))
        })?;
        match &event {
            Event::Start(e) | Event::Empty(e) => match e.local_name().as_ref() {
                "c" => {
                    let reference =
                        e.attributes().with_checks(false).flatten().find(|a| a.key.as_ref() == "r");
                    column = reference.and_then(|a| cell_column(&a.value)).unwrap_or(next_column);
                    next_column = column.saturating_add(1);
                }
                "row" => {
                    row = attribute(e, "r")
                        .and_then(|r| r.parse::<u32>().ok())
                        .map_or(next_row, |r| r.saturating_sub(1));
                    next_row = row.saturating_add(1);
                    next_column = 0;
                    let flat = attribute(e, "ht").is_some_and(|h| is_zero(&h));
                    if is_true(e, "hidden") || flat {
                        sheet.hidden_rows.push((row, row));
                    } else if sheet.rows_hidden_by_default {
                        sheet.visible_rows.push(row);
                    }
                }
                "f" => formula = matches!(event, Event::Start(_)).then(String::new),
                "sheetFormatPr" => sheet.rows_hidden_by_default = is_true(e, "zeroHeight"),
                "col" => {
                    let narrow = attribute(e, "width").is_some_and(|w| is_zero(&w));
                    if is_true(e, "hidden") || narrow {
                        let get = |name| attribute(e, name).and_then(|v| v.parse::<u32>().ok());
                        if let (Some(first), Some(last)) = (get("min"), get("max")) {
                            let zero_based =
                                |c: u32| c.saturating_sub(1).min(bounds::COLUMNS) as u16;
                            sheet.hidden_columns.push((zero_based(first), zero_based(last)));
                        }
                    }
                }
                "mergeCell" => {
                    if let Some(region) = attribute(e, "ref").and_then(|r| region(&r)) {
                        sheet.merged.push(region);
                    }
                    if sheet.merged.len() > bounds::MERGED_REGIONS {
                        return Err(Refusal::new(UNSAFE_FILE, "合并单元格过多"));
                    }
                }
                _ => {}
            },
            Event::Text(text) => {
                if let Some(formula) = &mut formula {
                    formula.push_str(text);
                }
            }
            Event::GeneralRef(reference) => {
                if let Some(formula) = &mut formula {
                    formula.push_str(entity(reference));
                }
            }
            Event::End(e) => {
                if e.local_name().as_ref() == "f"
                    && let Some(formula) = formula.take()
                {
                    sheet.formulas.push((row, column, formula.into_boxed_str()));
                }
            }
            Event::Eof => return Ok(()),
            _ => {}
        }
    }
}

fn entity(name: &str) -> &'static str {
    match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    }
}

fn is_zero(text: &str) -> bool {
    text.bytes().any(|b| b == b'0') && text.bytes().all(|b| matches!(b, b'0' | b'.'))
}

/// `B3:D5`, or one cell.
fn region(reference: &str) -> Option<Region> {
    let (from, to) = reference.split_once(':').unwrap_or((reference, reference));
    let (first_row, first_column) = cell_address(from)?;
    let (last_row, last_column) = cell_address(to)?;
    Some(Region { first_row, last_row, first_column, last_column })
}

fn cell_address(reference: &str) -> Option<(u32, u16)> {
    let letters = reference.trim_start_matches('$');
    let digits_from = letters.find(|c: char| c.is_ascii_digit())?;
    let row: u32 = letters[digits_from..].parse().ok()?;
    Some((row.checked_sub(1)?, cell_column(letters)?))
}

fn cell_column(reference: &str) -> Option<u16> {
    let mut column = 0u32;
    for byte in reference.bytes().take_while(u8::is_ascii_alphabetic) {
        column = column.checked_mul(26)? + u32::from(byte.to_ascii_uppercase() - b'A') + 1;
    }
    u16::try_from(column.checked_sub(1)?).ok().filter(|&c| u32::from(c) < bounds::COLUMNS)
}

enum CellError {
    Broken(calamine::XlsxError),
    Refused(Refusal),
}

fn read_cells(
    book: &mut Xlsx<Cursor<&[u8]>>,
    sheet: &mut Sheet,
    meter: &mut Meter,
) -> Result<(), CellError> {
    let name = sheet.name.clone();
    let mut reader = book.worksheet_cells_reader(&name).map_err(CellError::Broken)?;
    let shown: Vec<Shown> = reader
        .styles()
        .iter()
        .map(|style| match &style.number_format {
            Some(format) => Shown::from_format_code(&format.format_code),
            None => Shown::General,
        })
        .collect();
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(CellError::Broken)? {
        let (row, column) = cell.get_position();
        let value = match cell.get_value() {
            DataRef::Empty => None,
            DataRef::Int(v) => Some(CellValue::Number(*v as f64)),
            DataRef::Float(v) => Some(CellValue::Number(*v)),
            DataRef::String(v) => text_value(v),
            DataRef::SharedString(v) => text_value(v),
            DataRef::Bool(v) => Some(CellValue::Boolean(*v)),
            DataRef::DateTime(v) => Some(CellValue::Number(v.as_f64())),
            DataRef::DateTimeIso(v) | DataRef::DurationIso(v) => text_value(v),
            DataRef::Error(e) => Some(CellValue::Error(e.to_string().into())),
        };
        let bytes = if let Some(CellValue::Text(text)) = &value { text.len() } else { 0 };
        meter.count(row, column, bytes).map_err(CellError::Refused)?;
        let Some(value) = value else { continue };
        let is_date = matches!(cell.get_value(), DataRef::DateTime(_) | DataRef::DateTimeIso(_));
        let shown = if is_date {
            Shown::Date
        } else {
            match shown.get(style).copied().unwrap_or(Shown::General) {
                // Only calamine's own reading decides that a number is a date.
                Shown::Date => Shown::General,
                other => other,
            }
        };
        // The meter has bounded the column.
        sheet.cells.push(Cell { row, column: column as u16, shown, value });
    }
    Ok(())
}

fn text_value(text: &str) -> Option<CellValue> {
    (!super::text::is_blank(text)).then(|| CellValue::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_excel_writes_them() {
        assert_eq!(cell_address("B3"), Some((2, 1)));
        assert_eq!(cell_column("XFD1"), Some(16_383));
        assert_eq!(cell_column("ZZZZ1"), None);
        let region = region("A1:C2").unwrap();
        assert!(region.contains(1, 2) && !region.contains(2, 0));
    }

    #[test]
    fn leaving_out_plain_cells_changes_no_mark() {
        let xml = r#"<worksheet><sheetFormatPr/><cols><col min="2" max="2" hidden="1"/></cols>
            <sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><f>SUM(A2:A3)</f><v>3</v></c></row>
            <row r="2" hidden="1"><c r="A2"><v>1</v></c><c r="C2"><f t="shared" si="0"/><v>2</v></c></row>
            <row r="3"><c r="A3" t="inlineStr"><is><t>a &lt; b</t></is></c><c r="B3"><f>IF(A1&lt;2,1,0)</f></c></row>
            </sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells></worksheet>"#;
        let reduced = without_plain_cells(xml).expect("plain");
        assert!(reduced.len() < xml.len() && !reduced.contains("<v>"));
        let marks = |xml: &str| {
            let mut sheet = Sheet::new("表".to_owned());
            // A comment makes the text not plain: everything is looked at.
            read_marks(xml, &mut sheet).expect("marks");
            (sheet.hidden_rows, sheet.hidden_columns, sheet.formulas, sheet.merged)
        };
        let all = marks(&xml.replace("<sheetData>", "<!-- all --><sheetData>"));
        assert_eq!(marks(xml), all);
        assert_eq!(all.0, [(1, 1)]);
        assert_eq!(all.2.len(), 2, "{:?}", all.2);
    }
}
