//! Reads .ods. `content.xml` holds values, spans and hidden rows in one stream, so it is read here
//! directly: calamine would give the values only, and fails on indented files.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::codes::{ENCRYPTED_FILE, UNREADABLE_FILE, UNSAFE_FILE};
use super::guard::{Archive, attribute};
use super::workbook::{Cell, CellValue, Meter, Refusal, Region, Sheet, Shown, Workbook, bounds};

pub(super) fn read(bytes: &[u8]) -> Result<Workbook, Refusal> {
    let mut archive = Archive::open(bytes)?;
    if archive.text("META-INF/manifest.xml")?.is_some_and(|m| m.contains("encryption-data")) {
        return Err(Refusal::new(ENCRYPTED_FILE, "文件设有打开密码"));
    }
    let Some(xml) = archive.text("content.xml")? else {
        return Err(Refusal::new(UNREADABLE_FILE, "缺少 content.xml，文件可能已损坏"));
    };
    let mut reader = ContentReader::new(&xml);
    while reader.step()? {}
    if reader.workbook.sheets.is_empty() {
        return Err(Refusal::new(UNREADABLE_FILE, "文件中没有工作表"));
    }
    for sheet in &mut reader.workbook.sheets {
        sheet.order();
        sheet.show_uncomputed();
    }
    Ok(reader.workbook)
}

/// The cell that is being read.
struct OpenCell {
    repeated: u32,
    kind: String,
    value: String,
    row_span: u32,
    column_span: u32,
    text: String,
    paragraphs: u32,
}

struct ContentReader<'a> {
    reader: Reader<&'a [u8]>,
    workbook: Workbook,
    sheet: Option<Sheet>,
    /// Names of the automatic table styles that hide their sheet.
    hidden_styles: Vec<String>,
    style: String,
    row: u32,
    row_repeated: u32,
    column: u32,
    columns_declared: u32,
    cell: Option<OpenCell>,
    /// Inside a comment or a shape: its text is not the cell's.
    aside: u32,
    meter: Meter,
}

impl<'a> ContentReader<'a> {
    fn new(xml: &'a str) -> Self {
        let mut reader = Reader::from_str(xml);
        reader.config_mut().check_end_names = false;
        Self {
            reader,
            workbook: Workbook::default(),
            sheet: None,
            hidden_styles: Vec::new(),
            style: String::new(),
            row: 0,
            row_repeated: 1,
            column: 0,
            columns_declared: 0,
            cell: None,
            aside: 0,
            meter: Meter::default(),
        }
    }

    /// Reads one event; `false` at the end.
    fn step(&mut self) -> Result<bool, Refusal> {
        let event = self
            .reader
            .read_event()
            .map_err(|e| Refusal::new(UNREADABLE_FILE, format!("content.xml 有错：{e}")))?;
        match event {
            Event::Start(e) => self.start(&e, false)?,
            Event::Empty(e) => self.start(&e, true)?,
            Event::End(e) => self.end(e.local_name().as_ref())?,
            Event::Text(text) => self.add_text(&text),
            Event::CData(text) => self.add_text(&text),
            Event::GeneralRef(reference) => {
                let resolved = match reference.resolve_char_ref() {
                    Ok(Some(c)) => c.to_string(),
                    _ => match &*reference {
                        "amp" => "&".to_owned(),
                        "lt" => "<".to_owned(),
                        "gt" => ">".to_owned(),
                        "quot" => "\"".to_owned(),
                        "apos" => "'".to_owned(),
                        _ => String::new(),
                    },
                };
                self.add_text(&resolved);
            }
            Event::Eof => return Ok(false),
            _ => {}
        }
        Ok(true)
    }

    fn add_text(&mut self, text: &str) {
        if self.aside == 0
            && let Some(cell) = &mut self.cell
            && cell.paragraphs > 0
        {
            cell.text.push_str(text);
        }
    }

    fn start(&mut self, e: &BytesStart, empty: bool) -> Result<(), Refusal> {
        match e.local_name().as_ref() {
            "style" => self.style = attribute(e, "name").unwrap_or_default(),
            "table-properties" if attribute(e, "display").as_deref() == Some("false") => {
                self.hidden_styles.push(self.style.clone());
            }
            "table" if self.cell.is_none() => {
                let mut sheet = Sheet::new(attribute(e, "name").unwrap_or_default());
                sheet.hidden =
                    attribute(e, "style-name").is_some_and(|s| self.hidden_styles.contains(&s));
                self.sheet = Some(sheet);
                (self.row, self.columns_declared) = (0, 0);
            }
            "table-column" => {
                let repeated = number(e, "number-columns-repeated");
                let hidden = is_hidden(e);
                let first = self.columns_declared;
                self.columns_declared = first.saturating_add(repeated).min(bounds::COLUMNS);
                if hidden
                    && self.columns_declared > first
                    && let Some(sheet) = &mut self.sheet
                {
                    sheet.hidden_columns.push((first as u16, (self.columns_declared - 1) as u16));
                }
            }
            "table-row" => {
                self.row_repeated = number(e, "number-rows-repeated");
                self.column = 0;
                if is_hidden(e)
                    && let Some(sheet) = &mut self.sheet
                {
                    let last = self.row.saturating_add(self.row_repeated - 1);
                    sheet.hidden_rows.push((self.row, last));
                }
                if empty {
                    self.row = self.row.saturating_add(self.row_repeated);
                }
            }
            "table-cell" | "covered-table-cell" => {
                let kind = attribute(e, "value-type").unwrap_or_default();
                let value_name = match kind.as_str() {
                    "date" => "date-value",
                    "boolean" => "boolean-value",
                    "time" => "time-value",
                    "string" => "string-value",
                    _ => "value",
                };
                if let (Some(formula), Some(sheet), Ok(column)) =
                    (attribute(e, "formula"), &mut self.sheet, u16::try_from(self.column))
                {
                    sheet.formulas.push((self.row, column, formula.into()));
                }
                self.cell = Some(OpenCell {
                    repeated: number(e, "number-columns-repeated"),
                    value: attribute(e, value_name).unwrap_or_default(),
                    kind,
                    row_span: number(e, "number-rows-spanned"),
                    column_span: number(e, "number-columns-spanned"),
                    text: String::new(),
                    paragraphs: 0,
                });
                if empty {
                    self.close_cell()?;
                }
            }
            "annotation" | "shapes" | "frame" | "custom-shape" if !empty => self.aside += 1,
            "p" if self.aside == 0 => {
                if let Some(cell) = &mut self.cell {
                    if cell.paragraphs > 0 {
                        cell.text.push('\n');
                    }
                    cell.paragraphs += 1;
                }
            }
            "s" => {
                let spaces = usize::try_from(number(e, "c")).unwrap_or(1).min(1000);
                self.add_text(&" ".repeat(spaces));
            }
            "tab" => self.add_text("\t"),
            "line-break" => self.add_text("\n"),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &str) -> Result<(), Refusal> {
        match name {
            "annotation" | "shapes" | "frame" | "custom-shape" => {
                self.aside = self.aside.saturating_sub(1);
            }
            "table-cell" | "covered-table-cell" => self.close_cell()?,
            "table-row" => self.row = self.row.saturating_add(self.row_repeated),
            "table" if self.cell.is_none() => {
                if let Some(mut sheet) = self.sheet.take() {
                    if sheet.hidden {
                        sheet.cells.clear();
                    }
                    self.workbook.sheets.push(sheet);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close_cell(&mut self) -> Result<(), Refusal> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let (row, column) = (self.row, self.column);
        self.column = column.saturating_add(cell.repeated);
        let Some(sheet) = &mut self.sheet else { return Ok(()) };
        if cell.row_span > 1 || cell.column_span > 1 {
            let last_row = row.saturating_add(cell.row_span - 1);
            let last_column = column.saturating_add(cell.column_span - 1);
            let columns = (u16::try_from(column), u16::try_from(last_column));
            if let (Ok(first_column), Ok(last_column)) = columns {
                sheet.merged.push(Region { first_row: row, last_row, first_column, last_column });
            }
            if sheet.merged.len() > bounds::MERGED_REGIONS {
                return Err(Refusal::new(UNSAFE_FILE, "合并单元格过多"));
            }
        }
        let Some((value, shown)) = typed(&cell) else { return Ok(()) };
        for r in 0..self.row_repeated {
            for c in 0..cell.repeated {
                let (row, column) = (row.saturating_add(r), column.saturating_add(c));
                self.meter.count(row, column, cell.text.len())?;
                sheet.cells.push(Cell { row, column: column as u16, shown, value: value.clone() });
            }
        }
        Ok(())
    }
}

fn number(e: &BytesStart, name: &str) -> u32 {
    attribute(e, name).and_then(|v| v.parse().ok()).unwrap_or(1).max(1)
}

fn is_hidden(e: &BytesStart) -> bool {
    matches!(attribute(e, "visibility").as_deref(), Some("collapse" | "filter"))
}

/// The value and how it is shown; the displayed text tells places and per cent.
fn typed(cell: &OpenCell) -> Option<(CellValue, Shown)> {
    let text = || {
        (!super::text::is_blank(&cell.text))
            .then(|| (CellValue::Text(cell.text.as_str().into()), Shown::Text))
    };
    // LibreOffice writes errors as text with a value of zero.
    if cell.text.starts_with('#') || cell.text.starts_with("Err:") {
        return Some((CellValue::Error(cell.text.as_str().into()), Shown::General));
    }
    match cell.kind.as_str() {
        "float" | "currency" => {
            let number = cell.value.parse().ok()?;
            Some((CellValue::Number(number), shown_number(&cell.text)))
        }
        "percentage" => {
            let number = cell.value.parse().ok()?;
            let digits = cell.text.trim_end_matches(['%', '％', ' ']);
            Some((CellValue::Number(number), Shown::Percent { places: places_of(digits) }))
        }
        "date" => Some((CellValue::Text(cell.value.as_str().into()), Shown::Date)),
        "boolean" => Some((CellValue::Boolean(cell.value == "true"), Shown::General)),
        "string" if cell.paragraphs == 0 && !cell.value.is_empty() => {
            Some((CellValue::Text(cell.value.as_str().into()), Shown::Text))
        }
        _ => text(),
    }
}

fn shown_number(text: &str) -> Shown {
    let plain = text.trim();
    if plain.is_empty() || plain.contains(['E', 'e']) {
        return Shown::General;
    }
    let whole = plain.split('.').next().unwrap_or_default();
    let digits = whole.bytes().filter(u8::is_ascii_digit).count();
    let padded = whole.starts_with('0') && digits > 1;
    Shown::Number {
        places: places_of(plain),
        digits: if padded { digits.min(18) as u8 } else { 1 },
    }
}

fn places_of(text: &str) -> u8 {
    let fraction = text.split_once('.').map_or("", |(_, fraction)| fraction);
    fraction.bytes().take_while(u8::is_ascii_digit).count().min(18) as u8
}
