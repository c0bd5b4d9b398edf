//! Reads text tables (.csv, .tsv, and such text under any name): UTF-8 if it is valid UTF-8,
//! UTF-16 where that is certain, else GB18030, which contains GBK and GB2312.
//!
//! A text table has nothing but its separators and quotes to say which value stands where. So the
//! separator is the one with which a header is understood, and whatever leaves a doubt about the
//! borders between values (an open quote, a row of another width, a missing end) is a flaw.

use std::collections::BTreeMap;
use std::ops::Range;

use super::bounds;
use super::workbook::{
    Cell, CellValue, Flaw, MOST_FLAWS, Meter, Refusal, Remark, Sheet, Shown, Workbook,
};
use crate::model::codes::{LAST_CELL_OPEN, MISNAMED_FILE, TABLE_CUT, UNREADABLE_FILE, UNSAFE_FILE};

/// A text and the name of its encoding.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub text: String,
    pub encoding: &'static str,
}

const UTF16: &str = "UTF-16";

/// The text of a file in UTF-8 or UTF-16 (with or without byte order mark) or GB18030.
pub(super) fn decode(bytes: &[u8]) -> Result<Decoded, Refusal> {
    if let Some((text, bad)) = utf16(bytes) {
        return if bad { Err(garbled()) } else { Ok(Decoded { text, encoding: UTF16 }) };
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => return Ok(Decoded { text: text.to_owned(), encoding: "UTF-8" }),
        // Sound up to half a character at the very end: read on as another encoding, the whole
        // text would turn into other characters.
        Err(e) if e.error_len().is_none() && !bytes[..e.valid_up_to()].is_ascii() => {
            let message = "文件在一个汉字的中间断了，没有传完";
            return Err(Refusal::new(UNREADABLE_FILE, message));
        }
        Err(_) => {}
    }
    let (text, _, bad) = encoding_rs::GB18030.decode(bytes);
    if bad {
        return Err(garbled());
    }
    Ok(Decoded { text: text.into_owned(), encoding: "GB18030" })
}

fn garbled() -> Refusal {
    let message = "文字编码不是 UTF-8、UTF-16 或 GB18030，或者内容已损坏、没有传完";
    Refusal::new(UNREADABLE_FILE, message)
}

/// The text in UTF-16 and whether something in it was no character; `None` for other encodings.
fn utf16(bytes: &[u8]) -> Option<(String, bool)> {
    let marked = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    if let Some(encoding) = marked.filter(|e| *e != encoding_rs::UTF_8) {
        let (text, _, bad) = encoding.decode(bytes);
        return Some((text.into_owned(), bad));
    }
    // Without a mark: zero bytes, which no other encoding has, and one byte order in which
    // everything is a character of Chinese tables while in the other it is not.
    if marked.is_some() || !bytes.contains(&0) || !bytes.len().is_multiple_of(2) {
        return None;
    }
    let read = |encoding: &'static encoding_rs::Encoding| {
        let (text, bad) = encoding.decode_without_bom_handling(bytes);
        (!bad && text.contains('\n') && text.chars().all(is_usual)).then(|| text.into_owned())
    };
    match (read(encoding_rs::UTF_16LE), read(encoding_rs::UTF_16BE)) {
        (Some(text), None) | (None, Some(text)) => Some((text, false)),
        _ => None,
    }
}

/// Characters that Chinese tables are made of.
fn is_usual(c: char) -> bool {
    matches!(c, '\t' | '\r' | '\n' | ' '..='~' | '\u{a0}'..='\u{ff}' | '\u{2000}'..='\u{206f}')
        || matches!(c, '\u{2100}'..='\u{26ff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}')
        || matches!(c, '\u{4e00}'..='\u{9fff}')
}

/// Is this a table in plain text, whatever it is called?
pub(super) fn is_text_table(bytes: &[u8]) -> bool {
    let is_plain = |c: char| !c.is_control() || matches!(c, '\t' | '\r' | '\n' | DOS_END);
    decode(bytes).is_ok_and(|Decoded { text, .. }| {
        text.contains(['\n', '\r']) && text.contains(SEPARATORS) && text.chars().all(is_plain)
    })
}

/// What separates values; the first is the most usual.
const SEPARATORS: [char; 4] = [',', '\t', ';', '|'];
/// Old systems end a text with it.
const DOS_END: char = '\u{1a}';

/// Reads a text table. `fit` says how much of a sheet's header is understood.
pub(super) fn read(
    name: &str,
    bytes: &[u8],
    fit: impl Fn(&Sheet) -> usize,
) -> Result<Workbook, Refusal> {
    let Decoded { text, encoding } = decode(bytes)?;
    let mut best: Option<(usize, char, Sheet)> = None;
    let mut refusal = None;
    for (separator, table) in readings(&text) {
        // Split at the wrong places, a sound text may have cells that no sheet could have.
        let sheet = match sheet_of(&table) {
            Ok(sheet) => sheet,
            Err(why) => {
                refusal = refusal.or(Some(why));
                continue;
            }
        };
        let fit = fit(&sheet);
        if best.as_ref().is_none_or(|(most, ..)| fit > *most) {
            best = Some((fit, separator, sheet));
        }
    }
    let mut workbook = Workbook::default();
    if let Some(refusal) = refusal
        && best.as_ref().is_none_or(|(fit, ..)| *fit == 0)
    {
        return Err(refusal);
    }
    let Some((_, separator, sheet)) = best else { return Ok(workbook) };
    workbook.sheets.push(sheet);
    workbook.remarks.extend(misnamed(name, encoding, separator));
    Ok(workbook)
}

/// The records of a text: those of the reading in which `fit` finds most.
pub(super) fn records(
    text: &str,
    fit: impl Fn(&[Vec<String>]) -> usize,
) -> Result<Vec<Vec<String>>, Refusal> {
    let mut best: Option<(usize, Table)> = None;
    for (_, table) in readings(text) {
        let fit = fit(&table.rows);
        if best.as_ref().is_none_or(|(most, _)| fit > *most) {
            best = Some((fit, table));
        }
    }
    match best.map(|(_, table)| table) {
        None => Ok(Vec::new()),
        Some(Table { too_large: true, .. }) => Err(too_large()),
        Some(Table { fault: Some((row, column, what)), .. }) => {
            let message = format!("第 {} 行第 {} 栏{what}", row + 1, column + 1);
            Err(Refusal::new(UNREADABLE_FILE, message))
        }
        Some(table) => Ok(table.rows),
    }
}

/// The text split with each separator, the most frequent one first: it wins where no header says
/// which one is meant. A first line `sep=;` settles it; Excel does not show that line.
fn readings(text: &str) -> impl Iterator<Item = (char, Table)> {
    let mut text = text.trim_end_matches(DOS_END);
    let mut candidates = SEPARATORS.to_vec();
    let first = text.lines().next().unwrap_or_default();
    let declared = first.trim_matches('"').strip_prefix("sep=").map(|rest| rest.chars());
    if let Some((Some(separator), None)) = declared.map(|mut c| (c.next(), c.next()))
        && separator.is_ascii()
    {
        text = text[first.len()..].trim_start_matches('\r');
        text = text.strip_prefix('\n').unwrap_or(text);
        candidates = vec![separator];
    }
    let head: Vec<char> = text.lines().take(20).flat_map(str::chars).collect();
    candidates.sort_by_key(|s| std::cmp::Reverse(head.iter().filter(|c| *c == s).count()));
    // Those that are nowhere all read the same: a line a record.
    let mut one_is_absent = false;
    candidates.retain(|s| text.contains(*s) || !std::mem::replace(&mut one_is_absent, true));
    candidates.into_iter().map(move |separator| (separator, split(text, separator)))
}

/// The records of a text. Each record is a row as Excel counts them: blank lines are rows, a
/// quoted value over several lines is one.
#[derive(Debug, Default)]
struct Table {
    rows: Vec<Vec<String>>,
    /// The first place where quotes do not pair: row, column, what is wrong.
    fault: Option<(u32, u16, &'static str)>,
    /// The last value has neither a line end nor a closing quote behind it, or the last line has
    /// half an end.
    open_end: bool,
    /// More than any sheet can have: the rest was not split.
    too_large: bool,
}

fn too_large() -> Refusal {
    Refusal::new(UNSAFE_FILE, "行、栏或单元格多于工作表所能有的")
}

fn split(text: &str, separator: char) -> Table {
    let mut table = Table::default();
    let mut row: Vec<String> = Vec::new();
    let mut rest = text;
    let mut cells = 0;
    let (mut any_quoted, mut stray_quote, mut returns) = (false, None, 0);
    while !rest.is_empty() {
        cells += 1;
        table.too_large = cells > bounds::CELLS
            || table.rows.len() > bounds::ROWS as usize
            || row.len() > bounds::COLUMNS as usize;
        if table.too_large {
            return table;
        }
        let mut value = String::new();
        let quoted = rest.strip_prefix('"');
        let mut fault = None;
        if let Some(inside) = quoted {
            let (content, after) = unquote(inside);
            value = content;
            rest = after.unwrap_or_default();
            fault = after.is_none().then_some("的引号没有闭合，其后的内容无法分栏");
        }
        let end = rest.find([separator, '\r', '\n']).unwrap_or(rest.len());
        let (tail, after) = rest.split_at(end);
        if quoted.is_none() {
            tail.clone_into(&mut value);
        } else if !tail.trim_matches([' ', '\t']).is_empty() {
            fault = fault.or(Some("的引号之后还有文字，引号不成对"));
            value.push_str(tail);
        }
        let (at, column) = (table.rows.len() as u32, row.len().min(usize::from(u16::MAX)));
        table.fault = table.fault.or(fault.map(|what| (at, column as u16, what)));
        any_quoted |= quoted.is_some();
        if quoted.is_none() && value.contains('"') {
            stray_quote = stray_quote.or(Some((at, column as u16, STRAY_QUOTE)));
        }
        table.open_end = after.is_empty() && quoted.is_none() && !value.is_empty();
        row.push(value);
        if let Some(after) = after.strip_prefix(separator) {
            rest = after;
            // A separator at the very end of the text has one more, empty value behind it.
            if rest.is_empty() {
                row.push(String::new());
                table.rows.push(std::mem::take(&mut row));
            }
            continue;
        }
        table.rows.push(std::mem::take(&mut row));
        let whole = after.starts_with("\r\n");
        // Where lines end in two characters, one of them alone is a line that was cut.
        table.open_end |= after == "\r" && returns > 0;
        returns += usize::from(whole);
        let after = after.strip_prefix('\r').unwrap_or(after);
        rest = after.strip_prefix('\n').unwrap_or(after);
    }
    // Who quotes at all quotes what has quotes in it.
    table.fault = table.fault.or(stray_quote.filter(|_| any_quoted));
    table
}

const STRAY_QUOTE: &str = "中间有引号，引号不成对";

/// The content of a quoted value and what follows its closing quote, `None` if there is none.
fn unquote(inside: &str) -> (String, Option<&str>) {
    let mut content = String::new();
    let mut rest = inside;
    while let Some(at) = rest.find('"') {
        content.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                content.push('"');
                rest = after;
            }
            None => return (content, Some(rest)),
        }
    }
    content.push_str(rest);
    (content, None)
}

fn sheet_of(table: &Table) -> Result<Sheet, Refusal> {
    if table.too_large {
        return Err(too_large());
    }
    let mut sheet = Sheet::new(String::new());
    sheet.merges_known = false;
    sheet.only_text = true;
    sheet.open_end = table.open_end;
    let mut meter = Meter::default();
    for (row, record) in (0u32..).zip(&table.rows) {
        for (column, text) in (0u32..).zip(record) {
            meter.count(row, column, text.len())?;
            let at = (row, column as u16);
            if let Some(value) = value_of(text, at, &mut sheet) {
                sheet.cells.push(Cell { row, column: at.1, shown: Shown::Text, value });
            }
        }
        sheet.widths.push(record.len().min(usize::from(u16::MAX)) as u16);
    }
    if let Some((row, column, what)) = table.fault {
        let message = format!("第 {} 行第 {} 栏{what}", row + 1, u32::from(column) + 1);
        sheet.flaws.push(Flaw { code: TABLE_CUT.to_owned(), row, column, message });
    }
    Ok(sheet)
}

/// What a value is: systems put a TAB behind it or write `="0012"` so that Excel leaves it alone.
/// Any other formula would be computed by Excel; here it has no result.
fn value_of(text: &str, at: (u32, u16), sheet: &mut Sheet) -> Option<CellValue> {
    let mut text = text.trim_matches('\t');
    if let Some(formula) = text.strip_prefix('=') {
        let plain = formula.strip_prefix('"').and_then(|t| t.strip_suffix('"'));
        match plain.filter(|t| !t.contains('"')) {
            Some(plain) => text = plain.trim_matches('\t'),
            None if formula.starts_with(|c: char| c.is_alphanumeric() || "(+-".contains(c)) => {
                sheet.formulas.push((at.0, at.1, formula.into()));
                return Some(CellValue::uncomputed());
            }
            None => {}
        }
    }
    (!super::text::is_blank(text)).then(|| CellValue::Text(text.into()))
}

/// Text tables under the name of a workbook, and Excel's "Unicode text".
fn misnamed(name: &str, encoding: &str, separator: char) -> Option<Remark> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension).to_lowercase();
    if ["csv", "tsv", "txt"].contains(&extension.as_str()) && encoding != UTF16 {
        return None;
    }
    let by = match separator {
        '\t' => "制表符".to_owned(),
        ',' => "逗号".to_owned(),
        other => format!("“{other}”"),
    };
    let message =
        format!("扩展名是 .{extension}，实际是用{by}分隔的文本（{encoding} 编码），已按文本读取");
    Some(Remark { code: MISNAMED_FILE.to_owned(), message })
}

/// Excel leaves out separators behind the last value of sixteen rows together.
const EXCEL_ROWS: usize = 16;

/// Rows of a table whose width is not the header's: a value more or less than the header has
/// titles moves all that follow. `rows` are the rows of data and totals, `width` is the header's.
pub(super) fn uneven_rows(sheet: &Sheet, mut rows: Vec<u32>, width: u16) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    // A last row of which so little came that it is no longer known as data.
    let last = sheet.cells.last().filter(|_| sheet.open_end).map(|c| c.row);
    let directly_below = last.filter(|last| rows.iter().any(|row| row + 1 == *last));
    let first_text = sheet.cells.iter().find(|c| Some(c.row) == last).map(|c| &c.value);
    if let (Some(last), Some(CellValue::Text(text))) = (directly_below, first_text)
        && !super::surroundings::is_footer(text)
        && !rows.contains(&last)
    {
        rows.push(last);
    }
    let mut widths: BTreeMap<u16, usize> = BTreeMap::new();
    for own in rows.iter().filter_map(|row| sheet.widths.get(*row as usize)) {
        *widths.entry(*own).or_default() += 1;
    }
    // Empty values behind all others are common; in one row alone they were another row's.
    let alone = |own: u16| rows.len() > 2 && widths.get(&own) == Some(&1);
    for &row in &rows {
        let Some(&own) = sheet.widths.get(row as usize) else { continue };
        let is_last = row as usize + 1 == sheet.widths.len();
        let beyond = sheet.cells.partition_point(|c| (c.row, c.column) < (row, width));
        let beyond = sheet.cells.get(beyond).filter(|c| c.row == row).map(|c| c.column);
        let mut flaw = |code: &str, column: u16, message: String| {
            flaws.push(Flaw { code: code.to_owned(), row, column, message });
        };
        if own < width && !is_short_as_excel_writes(sheet, row as usize, is_last) {
            let what = if is_last { "，文件可能没有传完" } else { "" };
            let message = format!("第 {} 行只有 {own} 栏，表头有 {width} 栏{what}", row + 1);
            flaw(TABLE_CUT, own, message);
        } else if let Some(column) = beyond {
            let message = format!(
                "第 {} 行有 {own} 栏，表头只有 {width} 栏：数值里可能有没加引号的分隔符",
                row + 1
            );
            flaw(TABLE_CUT, column, message);
        } else if own > width && alone(own) {
            let message = format!(
                "第 {} 行有 {own} 栏，表头只有 {width} 栏，其他行都没有这么多：可能是两行连在了一起",
                row + 1
            );
            flaw(TABLE_CUT, width, message);
        } else if is_last && sheet.open_end && own == width {
            let message = "文件在这一格结束，没有换行：这一格可能没有传完".to_owned();
            flaw(LAST_CELL_OPEN, own - 1, message);
        }
    }
    if flaws.len() > MOST_FLAWS {
        let more = flaws.len() - MOST_FLAWS;
        flaws.truncate(MOST_FLAWS + 1);
        if let Some(last) = flaws.last_mut() {
            last.message = format!("另有 {more} 行的栏数与表头不符，未逐一列出");
        }
    }
    flaws
}

fn is_short_as_excel_writes(sheet: &Sheet, row: usize, is_last: bool) -> bool {
    let first = row / EXCEL_ROWS * EXCEL_ROWS;
    let together: Range<usize> = first..(first + EXCEL_ROWS).min(sheet.widths.len());
    let together = &sheet.widths[together];
    together.len() > 1
        && together.iter().all(|width| *width == sheet.widths[row])
        && !(is_last && sheet.open_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_encodings_give_the_same_text() {
        let text = "单位,人数\n石匣乡,１２\n";
        let read = |bytes: &[u8]| decode(bytes).unwrap().text;
        let (gbk, _, _) = encoding_rs::GB18030.encode(text);
        let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(read(&gbk), text);
        assert_eq!(read(text.as_bytes()), text);
        assert_eq!(read(&utf16), text);
        assert_eq!(read("\u{feff}单位".as_bytes()), "单位");
        assert!(decode(&[0xff, 0xff, 0x80, 0x0a]).is_err());
    }

    #[test]
    fn records_are_rows_whatever_ends_them() {
        let split = |text: &str| split(text, ',').rows;
        for end in ["\n", "\r\n", "\r"] {
            let rows = split(&["a,\"x\ny\"", "", ",2", ""].join(end));
            assert_eq!(rows, [vec!["a", "x\ny"], vec![""], vec!["", "2"]], "{end:?}");
        }
        assert_eq!(split("a,"), [["a", ""]]);
        assert_eq!(split("\"说\"\"好\"\"\",5\""), [["说\"好\"", "5\""]]);
    }
}
