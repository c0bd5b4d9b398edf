//! Reads .ods. `content.xml` holds values, spans and hidden rows in one stream, so it is read here
//! directly: calamine would give the values only, and fails on indented files.

use std::collections::BTreeSet;

use super::bounds;
use super::guard::Archive;
use super::merged::Region;
use super::template::remembered;
use super::workbook::{Cell, CellValue, Doubt, Meter, Refusal, Sheet, Shown, Workbook};
use super::xml::{Event, Part, Tag, local, resolve, unescaped};
use crate::model::CellRef;
use crate::model::codes::{ENCRYPTED_FILE, UNREADABLE_FILE};

pub(super) fn read(mut archive: Archive) -> Result<Workbook, Refusal> {
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
    }
    let mut workbook = reader.workbook;
    workbook.template = archive.text("meta.xml").ok().flatten().and_then(|xml| remembered(&xml));
    Ok(workbook)
}

/// The cell that is being read.
struct OpenCell {
    repeated: u32,
    row_span: u32,
    column_span: u32,
    /// `office:value-type`, and the value in whichever attribute that type has.
    kind: String,
    value: Option<String>,
    /// The program that wrote the file marks the cell as an error.
    is_error: bool,
    has_formula: bool,
    text: String,
    paragraphs: u32,
}

impl OpenCell {
    fn new(e: &Tag) -> (Self, Option<String>) {
        let mut cell = Self {
            repeated: 1,
            row_span: 1,
            column_span: 1,
            kind: String::new(),
            value: None,
            is_error: false,
            has_formula: false,
            text: String::new(),
            paragraphs: 0,
        };
        let mut formula = None;
        let count = |value: &str| value.parse().unwrap_or(1).max(1);
        for (name, value) in e.attributes() {
            match name {
                "calcext:value-type" => cell.is_error = value == "error",
                name => match local(name) {
                    "number-columns-repeated" => cell.repeated = count(value),
                    "number-rows-spanned" => cell.row_span = count(value),
                    "number-columns-spanned" => cell.column_span = count(value),
                    "formula" => formula = Some(unescaped(value).into_owned()),
                    "value-type" => cell.kind = unescaped(value).into_owned(),
                    "value" | "date-value" | "time-value" | "boolean-value" | "string-value" => {
                        cell.value = Some(unescaped(value).into_owned());
                    }
                    _ => {}
                },
            }
        }
        cell.has_formula = formula.is_some();
        (cell, formula)
    }
}

struct ContentReader<'a> {
    part: Part<'a>,
    workbook: Workbook,
    sheet: Option<Sheet>,
    /// Names of the automatic table styles that hide their sheet.
    hidden_styles: BTreeSet<String>,
    style: String,
    row: u32,
    row_repeated: u32,
    column: u32,
    columns_declared: u32,
    cell: Option<OpenCell>,
    /// Of the sheet that is being read.
    merged: Vec<Region>,
    /// How deep inside a comment, a shape or a list of changes: its text is no cell's.
    aside: u32,
    meter: Meter,
}

impl<'a> ContentReader<'a> {
    fn new(xml: &'a str) -> Self {
        Self {
            part: Part::new("content.xml", xml),
            workbook: Workbook::default(),
            sheet: None,
            hidden_styles: BTreeSet::new(),
            style: String::new(),
            row: 0,
            row_repeated: 1,
            column: 0,
            columns_declared: 0,
            cell: None,
            merged: Vec::new(),
            aside: 0,
            meter: Meter::default(),
        }
    }

    /// Reads one event; `false` at the end.
    fn step(&mut self) -> Result<bool, Refusal> {
        match self.part.next()? {
            Event::Start(e) => self.start(&e, false)?,
            Event::Empty(e) => self.start(&e, true)?,
            Event::End(e) => self.end(e.local_name())?,
            Event::Text(text) | Event::CData(text) => self.add_text(text),
            Event::Reference(reference) => {
                self.add_text(resolve(reference).map(String::from).as_deref().unwrap_or_default());
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

    fn start(&mut self, e: &Tag, empty: bool) -> Result<(), Refusal> {
        if self.aside > 0 || self.is_aside(e) {
            self.aside += u32::from(!empty);
            return Ok(());
        }
        match e.local_name() {
            "style" => self.style = e.attribute("name").unwrap_or_default().into_owned(),
            "table-properties" if e.attribute("display").as_deref() == Some("false") => {
                self.hidden_styles.insert(self.style.clone());
            }
            "table" if self.cell.is_none() => {
                let mut sheet = Sheet::new(e.attribute("name").unwrap_or_default().into_owned());
                sheet.hidden = e
                    .attribute("style-name")
                    .is_some_and(|s| self.hidden_styles.contains(s.as_ref()));
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
                let (cell, formula) = OpenCell::new(e);
                if let (Some(formula), Some(sheet), Ok(column)) =
                    (formula, &mut self.sheet, u16::try_from(self.column))
                {
                    sheet.formulas.push((self.row, column, formula.into()));
                }
                self.cell = Some(cell);
                if empty {
                    self.close_cell()?;
                }
            }
            "p" => {
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

    /// Inside a cell only the text vocabulary is its text, without phonetic guides and notes; a
    /// comment, a drawing of any kind or a table within is another matter.
    fn is_aside(&self, e: &Tag) -> bool {
        let (prefix, local) = e.name.split_once(':').unwrap_or(("", e.name));
        if self.cell.is_some() {
            return prefix != "text" || matches!(local, "ruby-text" | "note" | "tracked-changes");
        }
        matches!(local, "shapes" | "tracked-changes" | "dde-links" | "annotation")
    }

    fn end(&mut self, name: &str) -> Result<(), Refusal> {
        if self.aside > 0 {
            self.aside -= 1;
            return Ok(());
        }
        match name {
            "table-cell" | "covered-table-cell" => self.close_cell()?,
            "table-row" => self.row = self.row.saturating_add(self.row_repeated),
            "table" if self.cell.is_none() => {
                let merged = std::mem::take(&mut self.merged);
                if let Some(mut sheet) = self.sheet.take() {
                    sheet.merge(merged)?;
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
                self.merged.push(Region { first_row: row, last_row, first_column, last_column });
            }
        }
        let read = typed(&cell);
        let Some((value, shown)) = read.value else { return Ok(()) };
        for r in 0..self.row_repeated {
            for c in 0..cell.repeated {
                let (row, column) = (row.saturating_add(r), column.saturating_add(c));
                self.meter.count(row, column, cell.text.len())?;
                let column = column as u16;
                if read.shown_instead {
                    sheet.doubts.push((CellRef::new(row, column), Doubt::ShownInstead));
                }
                sheet.cells.push(Cell { row, column, shown, value: value.clone() });
            }
        }
        Ok(())
    }
}

fn number(e: &Tag, name: &str) -> u32 {
    e.attribute(name).and_then(|v| v.parse().ok()).unwrap_or(1).max(1)
}

fn is_hidden(e: &Tag) -> bool {
    matches!(e.attribute("visibility").as_deref(), Some("collapse" | "filter"))
}

/// What a cell is read as.
struct Read {
    value: Option<(CellValue, Shown)>,
    /// The stored value could not be read.
    shown_instead: bool,
}

/// The value and how it is shown; the displayed text tells places and per cent.
fn typed(cell: &OpenCell) -> Read {
    let good = |value| Read { value, shown_instead: false };
    if cell.is_error || is_error(&cell.text) {
        let what = if cell.text.is_empty() { "公式出错" } else { &cell.text };
        return good(Some((CellValue::Error(what.into()), Shown::General)));
    }
    let text = |text: &str| {
        (!super::text::is_blank(text)).then(|| (CellValue::Text(text.into()), Shown::Text))
    };
    let stored = cell.value.as_deref();
    let value = match (cell.kind.as_str(), stored) {
        // LibreOffice stores a result that is the empty text as an empty paragraph: a blank.
        // Nothing at all is no result.
        ("" | "float" | "currency" | "percentage", None)
            if cell.has_formula && cell.paragraphs == 0 =>
        {
            Some((CellValue::uncomputed(), Shown::General))
        }
        ("float" | "currency", Some(value)) => {
            number_of(value).map(|number| (CellValue::Number(number), shown_number(&cell.text)))
        }
        ("percentage", Some(value)) => number_of(value).map(|number| {
            let digits = cell.text.trim_end_matches(['%', '％', ' ']);
            (CellValue::Number(number), Shown::Percent { places: places_of(digits) })
        }),
        ("date", Some(value)) if value.starts_with(|c: char| c.is_ascii_digit()) => {
            Some((CellValue::Text(value.into()), Shown::Date))
        }
        ("boolean", Some("true" | "false")) => {
            Some((CellValue::Boolean(stored == Some("true")), Shown::General))
        }
        ("string", Some(value)) if cell.paragraphs == 0 => return good(text(value)),
        ("string" | "time" | "", _) => return good(text(&cell.text)),
        _ => None,
    };
    // A value that cannot be read: what the cell shows, and if it shows nothing, an error.
    match value {
        Some(value) => good(Some(value)),
        None => Read {
            value: text(&cell.text).or_else(|| {
                let what = format!("值“{}”读不出来", stored.unwrap_or_default());
                Some((CellValue::Error(what.into()), Shown::General))
            }),
            shown_instead: true,
        },
    }
}

fn number_of(value: &str) -> Option<f64> {
    value.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// The errors of formulas as LibreOffice and Excel show them.
fn is_error(text: &str) -> bool {
    let names = ["#N/A", "#REF!", "#DIV/0!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!"];
    let numbered = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    names.contains(&text) || text.strip_prefix("Err:").is_some_and(numbered)
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
