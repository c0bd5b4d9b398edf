//! One worksheet part in a single pass: cells with their styles, formulas, what is merged and
//! what is hidden. What the part says twice is noted, never settled.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::super::bounds;
use super::super::formats::Appearance;
use super::super::merged::Region;
use super::super::workbook::{Cell, CellValue, Doubt, Meter, Refusal, SAME_ADDRESS, Sheet, Shown};
use super::super::xml::{Event, Part, Tag, is_true, unescaped};
use super::package::{Package, rich_text, visible};
use crate::model::CellRef;
use crate::model::codes::{UNREADABLE_FILE, UNSAFE_FILE};

pub(super) fn read(
    xml: &str,
    package: &Package,
    sheet: &mut Sheet,
    meter: &mut Meter,
) -> Result<(), Refusal> {
    let name = format!("工作表“{}”", sheet.name);
    let mut reader = SheetReader {
        part: Part::new(&name, xml),
        package,
        sheet,
        meter,
        rows: Vec::new(),
        row: 0,
        row_is_stated: false,
        column: 0,
        seen: Vec::new(),
        shared: BTreeMap::new(),
        arrays: Vec::new(),
        array_cells: 0,
        merged: Vec::new(),
    };
    reader.read()?;
    reader.finish()
}

struct SheetReader<'a, 'b> {
    part: Part<'a>,
    package: &'b Package,
    sheet: &'b mut Sheet,
    meter: &'b mut Meter,
    /// Rows in the order of the file.
    rows: Vec<u32>,
    /// The row that is being read, and whether it states its number.
    row: u32,
    row_is_stated: bool,
    /// Where a cell without an address stands.
    column: u32,
    /// For each column, in which row of the file it was last seen, counted from 1.
    seen: Vec<usize>,
    /// What cells that share a formula say instead of it.
    shared: BTreeMap<String, Box<str>>,
    /// Formulas that fill a range from its first cell, and whether they have results.
    arrays: Vec<(Region, String, bool)>,
    array_cells: u64,
    merged: Vec<Region>,
}

/// What `t` says of a cell's value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Shared,
    Inline,
    Text,
    Boolean,
    Error,
    Date,
}

/// The parts of a cell as they stand in the file.
#[derive(Default)]
struct Content<'a> {
    /// The stored value or result, as text.
    stored: Option<Cow<'a, str>>,
    inline: Option<Cow<'a, str>>,
    formula: Option<String>,
    in_pieces: bool,
    repeated: bool,
}

impl<'a> SheetReader<'a, '_> {
    fn read(&mut self) -> Result<(), Refusal> {
        let mut has_data = false;
        loop {
            let event = self.part.next()?;
            let begins = matches!(event, Event::Start(_));
            let e = match event {
                Event::Start(e) | Event::Empty(e) => e,
                Event::Eof => break,
                _ => continue,
            };
            match e.local_name() {
                "sheetData" if has_data => {
                    self.sheet.contradicts(None, "工作表的内容（sheetData）出现两次");
                    if begins {
                        self.part.skip()?;
                    }
                }
                "sheetData" => {
                    has_data = true;
                    if begins {
                        self.rows()?;
                    }
                }
                "sheetFormatPr" => self.sheet.rows_hidden_by_default = e.is_true("zeroHeight"),
                "sheetCalcPr" => self.sheet.stale |= e.is_true("fullCalcOnLoad"),
                "col" => self.column_width(&e),
                "mergeCell" => self.merged.extend(e.attribute("ref").and_then(|r| region(&r))),
                // What extensions say is about charts, pictures and lists to choose from.
                "extLst" if begins => self.part.skip()?,
                _ => {}
            }
        }
        if has_data { Ok(()) } else { Err(self.part.ends_early()) }
    }

    fn column_width(&mut self, e: &Tag) {
        let narrow = e.attribute("width").is_some_and(|w| is_zero(&w));
        if e.is_true("hidden") || narrow {
            let get = |name| e.attribute(name).and_then(|v| v.parse::<u32>().ok());
            if let (Some(first), Some(last)) = (get("min"), get("max")) {
                let zero_based = |c: u32| c.saturating_sub(1).min(bounds::COLUMNS) as u16;
                self.sheet.hidden_columns.push((zero_based(first), zero_based(last)));
            }
        }
    }

    /// Everything up to the end of `sheetData`.
    fn rows(&mut self) -> Result<(), Refusal> {
        let mut next_row = 0;
        loop {
            let event = self.part.next()?;
            let begins = matches!(event, Event::Start(_));
            match event {
                Event::Start(e) | Event::Empty(e) => match e.local_name() {
                    "row" => {
                        self.begin_row(&e, next_row)?;
                        next_row = self.row.saturating_add(1);
                    }
                    "c" => {
                        self.cell(&e, begins)?;
                        next_row = self.row.saturating_add(1);
                    }
                    _ => {
                        if begins {
                            self.part.skip()?;
                        }
                    }
                },
                Event::End(e) if e.local_name() == "sheetData" => return Ok(()),
                Event::Eof => return Err(self.part.ends_early()),
                _ => {}
            }
        }
    }

    fn begin_row(&mut self, e: &Tag, next: u32) -> Result<(), Refusal> {
        let (mut stated, mut hidden) = (None, false);
        for (name, value) in e.attributes() {
            match name {
                "r" if stated.is_some() => self.sheet.contradicts(None, "一行写了两个行号"),
                "r" => stated = Some(value),
                "hidden" => hidden |= is_true(value),
                "ht" => hidden |= is_zero(value),
                _ => {}
            }
        }
        self.row_is_stated = stated.is_some();
        self.row = match stated {
            Some(r) => match r.trim().parse::<u32>() {
                Ok(r) if (1..=bounds::ROWS).contains(&r) => r - 1,
                _ => return Err(self.unreadable(&format!("行号“{r}”"))),
            },
            None => next,
        };
        self.rows.push(self.row);
        self.column = 0;
        if hidden {
            self.sheet.hidden_rows.push((self.row, self.row));
        } else if self.sheet.rows_hidden_by_default {
            self.sheet.visible_rows.push(self.row);
        }
        Ok(())
    }

    fn unreadable(&self, what: &str) -> Refusal {
        Refusal::new(UNREADABLE_FILE, format!("工作表“{}”的{what}读不出来", self.sheet.name))
    }

    fn cell(&mut self, e: &Tag, begins: bool) -> Result<(), Refusal> {
        let (mut style, mut kind) = (None, Kind::Number);
        let (mut stated, mut row) = (0, self.row);
        for (name, value) in e.attributes() {
            match name {
                "r" => {
                    let Some((r, column)) = cell_address(value) else {
                        return Err(self.unreadable(&format!("单元格地址“{value}”")));
                    };
                    (row, self.column) = (r, u32::from(column));
                    stated += 1;
                }
                "s" => style = value.parse::<usize>().ok(),
                "t" => kind = self.kind(value)?,
                _ => {}
            }
        }
        let column = self.column;
        self.column += 1;
        let at = u16::try_from(column).map(|column| CellRef::new(row, column)).ok();
        if stated > 1 {
            self.sheet.contradicts(at, "单元格写了两个地址");
        }
        if row != self.row {
            if self.row_is_stated {
                let (own, row) = (row + 1, self.row + 1);
                self.sheet.contradicts(at, &format!("地址在第 {own} 行，却写在第 {row} 行里"));
            } else {
                // The first cell tells which row it is.
                self.row = row;
            }
        }
        // Also when one of the two is blank.
        if self.is_again(column) {
            self.sheet.contradicts(at, SAME_ADDRESS);
        }
        if !begins {
            return self.meter.count(row, column, 0);
        }
        let content = self.content(at)?;
        if content.in_pieces {
            self.sheet.contradicts(at, "值的中间夹有注释等内容");
        }
        if content.repeated {
            self.sheet.contradicts(at, "一格存了两个值");
        }
        // A text result may be the empty text: then the cell is blank, and computed.
        let is_text = matches!(kind, Kind::Text | Kind::Shared | Kind::Inline);
        let uncomputed = content.formula.is_some()
            && content.stored.as_ref().is_none_or(|stored| stored.is_empty() && !is_text)
            && content.inline.is_none();
        let look = self.package.styles.get(style.unwrap_or(0));
        let shown = look.map_or(Shown::General, |look| look.shown);
        let value = if uncomputed {
            Some((CellValue::uncomputed(), Shown::General))
        } else {
            self.value(at, kind, &content, shown)?
        };
        let text = if let Some((CellValue::Text(text), _)) = &value { text.len() } else { 0 };
        let formula = content.formula.as_ref().map_or(0, String::len);
        self.meter.count(row, column, text + formula)?;
        // The meter has bounded the column.
        let column = column as u16;
        if let Some((value, shown)) = value {
            if let Some(look) = look {
                self.note_look(CellRef::new(row, column), look, &value);
            }
            self.sheet.cells.push(Cell { row, column, shown, value });
        }
        if let Some(formula) = content.formula {
            self.sheet.formulas.push((row, column, formula.into_boxed_str()));
        }
        Ok(())
    }

    /// Keeps what the look of a cell makes doubtful about its value.
    fn note_look(&mut self, at: CellRef, look: &Appearance, value: &CellValue) {
        let struck = look.struck.then_some(Doubt::Struck);
        let unseen = match value {
            CellValue::Number(number) => look.doubts(*number),
            _ => Vec::new(),
        };
        self.sheet.doubts.extend(struck.into_iter().chain(unseen).map(|doubt| (at, doubt)));
    }

    /// Has the row of the file had a cell in this column?
    fn is_again(&mut self, column: u32) -> bool {
        let row = self.rows.len().max(1);
        let at = column as usize;
        if at >= self.seen.len() {
            self.seen.resize(at + 1, 0);
        }
        std::mem::replace(&mut self.seen[at], row) == row
    }

    fn kind(&self, name: &str) -> Result<Kind, Refusal> {
        Ok(match name {
            "n" => Kind::Number,
            "s" => Kind::Shared,
            "inlineStr" | "is" => Kind::Inline,
            "str" => Kind::Text,
            "b" => Kind::Boolean,
            "e" => Kind::Error,
            "d" => Kind::Date,
            _ => return Err(self.unreadable(&format!("单元格类型“{name}”"))),
        })
    }

    /// Everything inside `<c>`.
    fn content(&mut self, at: Option<CellRef>) -> Result<Content<'a>, Refusal> {
        let mut content = Content::default();
        loop {
            let event = self.part.next()?;
            let begins = matches!(event, Event::Start(_));
            match event {
                Event::Start(e) | Event::Empty(e) => match e.local_name() {
                    "v" => {
                        content.repeated |= content.stored.is_some();
                        let text = if begins { self.part.content()? } else { Default::default() };
                        content.in_pieces |= text.in_pieces;
                        content.stored = Some(text.text);
                    }
                    "is" => {
                        content.repeated |= content.inline.is_some();
                        let text =
                            if begins { rich_text(&mut self.part, e)? } else { Default::default() };
                        content.in_pieces |= text.in_pieces;
                        content.inline = Some(text.text);
                    }
                    "f" => {
                        content.repeated |= content.formula.is_some();
                        let text = if begins { self.part.content()? } else { Default::default() };
                        content.formula = Some(self.formula(&e, at, text.text.into_owned())?);
                    }
                    _ => {
                        if begins {
                            self.part.skip()?;
                        }
                    }
                },
                Event::End(e) if e.local_name() == "c" => {
                    self.note_array(at, &content);
                    return Ok(content);
                }
                Event::Eof => return Err(self.part.ends_early()),
                _ => {}
            }
        }
    }

    /// A formula as text. One that is shared is written out once; the others name its place.
    fn formula(&mut self, e: &Tag, at: Option<CellRef>, text: String) -> Result<String, Refusal> {
        let (mut kind, mut index, mut range) = (None, None, None);
        for (name, value) in e.attributes() {
            match name {
                "t" => kind = Some(unescaped(value)),
                "si" => index = Some(unescaped(value)),
                "ref" => range = region(value),
                _ => {}
            }
        }
        match (kind.as_deref(), at) {
            (Some("shared"), Some(at)) => {
                let index = index.unwrap_or_default();
                if text.is_empty() {
                    return Ok(self
                        .shared
                        .get(index.as_ref())
                        .map_or_else(String::new, ToString::to_string));
                }
                let begins = shortened(&text);
                self.shared
                    .insert(index.into_owned(), format!("{begins}（同 {at}，随位置变动）").into());
                Ok(text)
            }
            (Some("array" | "dataTable"), _) => {
                let cells = |r: &Region| {
                    u64::from(r.last_row.saturating_sub(r.first_row) + 1)
                        * u64::from(r.last_column.saturating_sub(r.first_column) + 1)
                };
                if let Some(range) = range.filter(|r| cells(r) > 1) {
                    self.array_cells += cells(&range);
                    if self.array_cells > bounds::CELLS as u64 {
                        return Err(Refusal::new(UNSAFE_FILE, "数组公式的范围过大"));
                    }
                    self.arrays.push((range, text.clone(), true));
                }
                Ok(text)
            }
            _ => Ok(text),
        }
    }

    /// An array formula without a result in its first cell has none in the others.
    fn note_array(&mut self, at: Option<CellRef>, content: &Content) {
        if let (Some((range, _, computed)), Some(at)) = (self.arrays.last_mut(), at)
            && (range.first_row, range.first_column) == (at.row, at.column)
        {
            *computed = content.stored.is_some();
        }
    }

    fn value(
        &mut self,
        at: Option<CellRef>,
        kind: Kind,
        content: &Content,
        shown: Shown,
    ) -> Result<Option<(CellValue, Shown)>, Refusal> {
        let stored = content.stored.as_deref().unwrap_or_default();
        let text = |text: &str| visible(text).map(|t| (CellValue::Text(t), text_shown(shown)));
        Ok(match kind {
            Kind::Inline => content.inline.as_deref().and_then(text),
            Kind::Text => text(stored),
            Kind::Shared if stored.trim().is_empty() => None,
            Kind::Shared => {
                let found =
                    stored.trim().parse().ok().and_then(|i: usize| self.package.strings.get(i));
                let Some(found) = found else {
                    let at = at.map(|at| at.to_string()).unwrap_or_default();
                    return Err(self.unreadable(&format!(" {at} 所引用的共享字符串 {stored} ")));
                };
                found.clone().map(|t| (CellValue::Text(t), text_shown(shown)))
            }
            Kind::Boolean => match stored.trim() {
                "" => None,
                "1" | "true" | "TRUE" | "True" => Some((CellValue::Boolean(true), shown)),
                "0" | "false" | "FALSE" | "False" => Some((CellValue::Boolean(false), shown)),
                other => Some((CellValue::Error(other.into()), Shown::General)),
            },
            Kind::Error => Some((CellValue::Error(stored.trim().into()), Shown::General)),
            Kind::Date => visible(stored).map(|t| (CellValue::Text(t), Shown::Date)),
            Kind::Number => match number(stored) {
                Some(value) => Some((CellValue::Number(value), shown)),
                None => text(stored),
            },
        })
    }

    fn finish(self) -> Result<(), Refusal> {
        let Self { sheet, mut rows, arrays, meter, merged, .. } = self;
        sheet.merge(merged)?;
        if !rows.is_sorted_by(|a, b| a < b) {
            rows.sort_unstable();
            let twice: Vec<u32> = rows.windows(2).filter(|w| w[0] == w[1]).map(|w| w[0]).collect();
            for row in twice {
                let at = CellRef::new(row, 0);
                sheet.contradicts(Some(at), &format!("第 {} 行出现两次", row + 1));
            }
        }
        sheet.order();
        let mut filled: BTreeMap<(u32, u16), (Box<str>, bool)> = BTreeMap::new();
        for (range, formula, computed) in arrays {
            let first = CellRef::new(range.first_row, range.first_column);
            let text = format!("{}（{first} 的数组公式）", shortened(&formula)).into_boxed_str();
            for row in range.first_row..=range.last_row {
                for column in range.first_column..=range.last_column {
                    if sheet.formula_at(row, column).is_none() {
                        meter.count(row, u32::from(column), text.len())?;
                        let uncomputed = !computed && sheet.cell(row, column).is_none();
                        filled.entry((row, column)).or_insert_with(|| (text.clone(), uncomputed));
                    }
                }
            }
        }
        for ((row, column), (formula, uncomputed)) in filled {
            sheet.formulas.push((row, column, formula));
            if uncomputed {
                let value = CellValue::uncomputed();
                sheet.cells.push(Cell { row, column, shown: Shown::General, value });
            }
        }
        sheet.order();
        Ok(())
    }
}

/// The beginning of a formula that thousands of cells may name.
fn shortened(formula: &str) -> Cow<'_, str> {
    const MOST: usize = 100;
    match formula.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &formula[..end])),
        None => Cow::Borrowed(formula),
    }
}

/// A date format says nothing about a text.
fn text_shown(shown: Shown) -> Shown {
    if shown == Shown::Date { Shown::General } else { shown }
}

/// A number as the format stores it; `None` for what only looks like one.
fn number(text: &str) -> Option<f64> {
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    let begins = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
    let plain = |b: u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
    text.parse().ok().filter(|_| begins && text.bytes().all(plain))
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
    CellRef::parse(reference).map(|at| (at.row, at.column))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions_are_read_as_excel_writes_them() {
        let region = region("A1:C2").unwrap();
        assert!(region.contains(1, 2) && !region.contains(2, 0));
    }

    fn sheet(data: &str) -> Sheet {
        let package = Package {
            strings: vec![Some("甲乡".into()), None],
            styles: vec![Appearance::plain(Shown::General), Appearance::plain(Shown::Date)],
            ..Package::default()
        };
        let mut sheet = Sheet::new("表".to_owned());
        let xml = format!("<worksheet><sheetData>{data}</sheetData></worksheet>");
        read(&xml, &package, &mut sheet, &mut Meter::default()).unwrap();
        sheet
    }

    /// `A1=60 B2=甲乡`
    fn cells(data: &str) -> String {
        let sheet = sheet(data);
        let text = |c: &Cell| {
            let value = super::super::super::typing::raw_text(c, false);
            format!("{}={value}", CellRef::new(c.row, c.column))
        };
        sheet.cells.iter().map(text).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn values_are_read_as_their_types_say() {
        for (data, expected) in [
            (
                r#"<row r="1"><c r="A1"><v>60</v></c><c r="B1" t="s"><v>0</v></c></row>"#,
                "A1=60 B1=甲乡",
            ),
            (
                r#"<row><c><v>1</v></c><c/><c><v>2</v></c></row><row><c><v>3</v></c></row>"#,
                "A1=1 C1=2 A2=3",
            ),
            (r#"<row r="3"><c r="A3" s="1"><v>41572</v></c></row>"#, "A3=2013-10-25"),
            (r#"<row r="1"><c r="A1" t="inlineStr"><is><t>乙</t></is><v>9</v></c></row>"#, "A1=乙"),
            (
                r#"<row r="1"><c r="A1" t="b"><v>1</v></c><c r="B1" t="e"><v>#N/A</v></c></row>"#,
                "A1=TRUE B1=#N/A",
            ),
            (
                r#"<row r="1"><c r="A1"><v><![CDATA[60]]></v></c><c r="B1"><v>6&#48;</v></c></row>"#,
                "A1=60 B1=60",
            ),
            (
                r#"<row r="1"><c r="A1" t="str"><v>a&amp;b</v></c><c r="B1"><v>nan</v></c></row>"#,
                "A1=a&b B1=nan",
            ),
            (r#"<row r="1"><c r="A1" t="s"><v>1</v></c><c r="B1" s="7"/></row>"#, ""),
        ] {
            assert_eq!(cells(data), expected, "{data}");
        }
    }

    /// A stored empty text is a blank; a result that was never computed is not.
    #[test]
    fn results_that_are_empty_and_results_that_are_missing() {
        for (cell, expected) in [
            (r#"<c r="A1" t="str"><f>IF(B1="","",1)</f><v></v></c>"#, ""),
            (r#"<c r="A1" t="str"><f>IF(B1="","",1)</f><v/></c>"#, ""),
            (r#"<c r="A1" t="str"><f>" "</f><v xml:space="preserve"> </v></c>"#, ""),
            (r#"<c r="A1" t="str"><f>B1</f></c>"#, "A1=未计算的公式"),
            (r#"<c r="A1"><f>B1</f></c>"#, "A1=未计算的公式"),
            (r#"<c r="A1"><f>B1</f><v></v></c>"#, "A1=未计算的公式"),
            (r#"<c r="A1"><f>B1</f><v/></c>"#, "A1=未计算的公式"),
            (r#"<c r="A1"><f t="shared" si="0"/></c>"#, "A1=未计算的公式"),
            (
                r#"<c r="A1"><f t="array" ref="A1:C1">D1:F1</f></c><c r="B1"><v>5</v></c>"#,
                "A1=未计算的公式 B1=5 C1=未计算的公式",
            ),
        ] {
            assert_eq!(cells(&format!(r#"<row r="1">{cell}</row>"#)), expected, "{cell}");
        }
    }

    #[test]
    fn shared_and_array_formulas_name_where_they_are_written() {
        let sheet = sheet(
            r#"<row r="1"><c r="A1"><f t="shared" ref="A1:A2" si="0">B1*2</f><v>2</v></c></row>
               <row r="2"><c r="A2"><f t="shared" si="0"/><v>4</v></c></row>
               <row r="3"><c r="A3"><f t="array" ref="A3:B3">C3:D3</f><v>1</v></c><c r="B3"><v>1</v></c></row>"#,
        );
        let formulas: Vec<&str> = sheet.formulas.iter().map(|f| &*f.2).collect();
        assert_eq!(
            formulas,
            ["B1*2", "B1*2（同 A1，随位置变动）", "C3:D3", "C3:D3（A3 的数组公式）"]
        );
    }

    #[test]
    fn what_stands_there_twice_is_noted_not_settled() {
        for (data, at) in [
            (r#"<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>"#, "A1"),
            (r#"<row r="1"><c r="A1"><v>1</v></c><c r="A1"/></row>"#, "A1"),
            (
                r#"<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="B1"><v>2</v></c></row>"#,
                "A1",
            ),
            (r#"<row r="2"/><row r="1"/><row r="2"><c r="B2"><v>2</v></c></row>"#, "A2"),
            (r#"<row r="1"><c r="A2"><v>1</v></c></row>"#, "A2"),
            (r#"<row r="1"><c r="A1"><v>6<!-- -->0</v></c></row>"#, "A1"),
            (r#"<row r="1"><c r="A1"><v>6<?x?>0</v></c></row>"#, "A1"),
            (r#"<row r="1"><c r="A1"><v>1</v><v>2</v></c></row>"#, "A1"),
            (r#"<row r="1"><c r="A1" r="B1"><v>1</v></c></row>"#, "B1"),
            (r#"<row r="1"><c r="A1"><v>1</v></c></row></sheetData><sheetData>"#, "A1"),
        ] {
            let found = sheet(data).flaws;
            let at_cells: Vec<String> =
                found.iter().map(|f| CellRef::new(f.row, f.column).to_string()).collect();
            assert_eq!(at_cells, [at], "{data}: {found:?}");
        }
    }

    #[test]
    fn rows_and_columns_tell_what_is_hidden() {
        let xml = r#"<worksheet><sheetFormatPr/><cols><col min="2" max="3" hidden="1"/></cols>
            <sheetData><row r="1"><c r="A1"><v>0</v></c></row><row r="2" hidden="1"/><row r="3" ht="0"/>
            </sheetData><mergeCells><mergeCell ref="A1:B1"/></mergeCells>
            <extLst><ext><f>Sheet2!A1</f></ext></extLst></worksheet>"#;
        let mut sheet = Sheet::new("表".to_owned());
        read(xml, &Package::default(), &mut sheet, &mut Meter::default()).unwrap();
        assert_eq!(sheet.hidden_rows, [(1, 2)]);
        assert_eq!(sheet.hidden_columns, [(1, 2)]);
        assert_eq!(sheet.merged.beginning_in(0, 9).len(), 1);
        assert!(sheet.formulas.is_empty());
    }
}
