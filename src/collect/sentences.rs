//! What a return says in words: 情况说明, 备注, a line of free text above or below the table.
//!
//! Nobody computes with a sentence; but it was written for someone to read, so it is kept with its
//! cells. What names a check explains it (`F03V-05：因…`), like a line of 审核说明.csv; the rest settles
//! nothing. Signatures, dates, page numbers and titles are no sentences.

use std::collections::BTreeSet;

use super::block::{Block, ColumnMap, has_own_key, is_wide};
use super::dates;
use super::furniture::is_page_mark;
use super::surroundings::{Label, NOTES, Segment, label_at, segments};
use super::text::compact;
use super::typing::raw_text;
use super::workbook::{Cell, CellValue, Sheet};
use crate::definition::{FieldType, Form};
use crate::model::CellRef;

/// Words with their cells, as typed: personal data is still in them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub cells: Vec<CellRef>,
    pub text: String,
}

/// Sentences of one table that are kept apart, and cells that are named of one.
const MOST: usize = 100;

/// What stands around one block, and who signed there.
#[derive(Debug, Default)]
pub(super) struct Around {
    pub words: Vec<Words>,
    /// Names and telephones of who signed: never to be printed.
    pub signed: BTreeSet<String>,
}

/// The sentences above a block and in the rows below its header that may say something. `heads`
/// tells whether a text is a form's title.
pub(super) fn around<'s>(
    sheet: &'s Sheet,
    block: &Block,
    worded: impl Iterator<Item = &'s [Cell]>,
    heads: &dyn Fn(&str) -> bool,
) -> Around {
    let mut reader = Reader::default();
    for cells in sheet.rows_between(block.title_row, block.first_row) {
        reader.row(cells, sheet.from_1904, &|text| states(text) && !heads(text));
    }
    for cells in worded {
        reader.row(cells, sheet.from_1904, &|_| true);
    }
    reader.finish()
}

/// The sentences of a sheet without a table: a cover, a page of explanations.
pub(super) fn on_page(sheet: &Sheet, heads: &dyn Fn(&str) -> bool) -> Around {
    let explains = ["说明", "备注", "情况"].iter().any(|word| sheet.name.contains(word));
    let mut reader = Reader::default();
    for (_, cells) in sheet.rows() {
        reader.row(cells, sheet.from_1904, &|text| (explains || states(text)) && !heads(text));
    }
    reader.finish()
}

/// What a sentence explains: a check, cells (or none), and the words.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Explained {
    pub code: String,
    pub cells: String,
    pub text: String,
}

/// The explanations in a sentence: `F03V-05（E4）：因…；F03V-06：因…`. `is_check` tells the codes of
/// checks; what only looks like one is taken for one that was mistyped.
pub(super) fn explained(text: &str, is_check: &dyn Fn(&str) -> bool) -> Vec<Explained> {
    let written: Vec<char> = text.chars().collect();
    let plain: Vec<char> = written.iter().map(|&c| half_width(c)).collect();
    let mut begun: Vec<(usize, usize, String, String)> = Vec::new();
    let mut at = 0;
    while at < plain.len() {
        let of_code = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let length = plain[at..].iter().take_while(|c| of_code(c)).count();
        if length == 0 {
            at += 1;
            continue;
        }
        let code: String = plain[at..at + length].iter().collect();
        let is_code = is_check(&code) || looks_like_check(&code);
        if let Some((cells, reason)) = cells_and_colon(&plain, at + length).filter(|_| is_code) {
            begun.push((at, reason, code, cells));
            at = reason;
            continue;
        }
        at += length;
    }
    let ends: Vec<usize> = begun.iter().skip(1).map(|b| b.0).chain([written.len()]).collect();
    let of_last = begun.len().saturating_sub(1);
    (begun.into_iter().zip(ends).enumerate())
        .map(|(place, ((_, from, code, cells), end))| {
            let text: String = written[from..end].iter().collect();
            let text = if place == of_last { text.trim() } else { without_number(&text) };
            Explained { code, cells, text: text.to_owned() }
        })
        .collect()
}

/// `F03V-05`
fn looks_like_check(code: &str) -> bool {
    let Some((kind, number)) = code.split_once('-') else { return false };
    let digits = number.trim_end_matches(|c: char| c.is_ascii_lowercase());
    kind.starts_with(|c: char| c.is_ascii_uppercase())
        && kind.len() <= 6
        && kind.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
        && (1..=3).contains(&digits.len())
        && digits.chars().all(|c| c.is_ascii_digit())
        && number.len() <= digits.len() + 1
}

fn half_width(c: char) -> char {
    let folded =
        u32::from(c).checked_sub(0xFEE0).filter(|_| ('\u{ff01}'..='\u{ff5e}').contains(&c));
    folded.and_then(char::from_u32).unwrap_or(c)
}

/// Cells in brackets, if any, and where the words behind the colon begin.
fn cells_and_colon(plain: &[char], from: usize) -> Option<(String, usize)> {
    let blank = |at: usize| plain[at..].iter().take_while(|c| c.is_whitespace()).count();
    let mut at = from + blank(from);
    let mut cells = String::new();
    if plain.get(at) == Some(&'(') {
        let end = at + plain[at..].iter().position(|c| *c == ')')?;
        cells = plain[at + 1..end].iter().collect();
        at = end + 1;
        at += blank(at);
    }
    (plain.get(at) == Some(&':')).then_some((cells, at + 1))
}

/// Without the number and the mark before the next explanation: `；2．`
fn without_number(text: &str) -> &str {
    let number = |c: char| c.is_numeric() || c.is_whitespace() || "()（）.．、".contains(c);
    let mark = |c: char| ";；。，,".contains(c);
    let bare = text.trim_end_matches(number);
    let text = if bare.ends_with(mark) { bare } else { text };
    text.trim().trim_end_matches(|c| ";；，,".contains(c)).trim()
}

/// Does a text beside the titles say something, other than naming the table, its unit, its maker?
fn states(text: &str) -> bool {
    let text = compact(text);
    is_note_led(&text)
        || chinese(&text) >= 8 && text.contains(['。', ';', '!', '?'])
        || chinese(&text) >= 30
}

fn chinese(text: &str) -> usize {
    text.chars().filter(|c| ('\u{4e00}'..='\u{9fff}').contains(c)).count()
}

/// `情况说明:…`, `备注`, `二、需要说明的情况:`: a short label of words, at the beginning.
fn is_note_led(compacted: &str) -> bool {
    let label = match compacted.split_once(':') {
        Some((label, _)) => label,
        None => compacted,
    };
    let kinds = ["说明", "备注", "附注", "情况", "事项", "原因", "问题"];
    let alone = !compacted.contains(':');
    let known = if alone { &kinds[..3] } else { &kinds[..] };
    label == "注"
        || label.chars().count() <= 10
            && known.iter().any(|kind| label.ends_with(kind))
            && !label.contains(|c: char| c.is_ascii_alphanumeric())
}

/// What one cell outside the table is.
enum Piece {
    Nothing,
    /// A label whose value stands in the next cell; a person's is never printed.
    LabelOf {
        person: bool,
    },
    /// `情况说明:`, and what it announces follows.
    Announced(String),
    Said(String),
}

#[derive(Default)]
struct Reader {
    found: Vec<Words>,
    signed: BTreeSet<String>,
    announced: Option<(CellRef, String)>,
}

impl Reader {
    fn row(&mut self, cells: &[Cell], from_1904: bool, states: &dyn Fn(&str) -> bool) {
        let mut value_follows = None;
        for cell in cells {
            let at = CellRef::new(cell.row, cell.column);
            if let Some(person) = value_follows.take() {
                let value = raw_text(cell, from_1904);
                let is_label = label_at(&compact(&value)).is_some();
                if !is_label {
                    if person {
                        self.sign(&value);
                    }
                    continue;
                }
            }
            let CellValue::Text(text) = &cell.value else { continue };
            let piece = self.piece(text);
            match piece {
                Piece::Nothing => {}
                Piece::LabelOf { person } => value_follows = Some(person),
                Piece::Announced(label) => self.announced = Some((at, label)),
                Piece::Said(said) => {
                    if self.announced.is_some() || states(text) {
                        self.say(at, said);
                    }
                }
            }
        }
    }

    /// Adds a text, to the sentence of the row before where it goes on.
    fn say(&mut self, at: CellRef, said: String) {
        if let Some((label_at, label)) = self.announced.take() {
            self.found.push(Words { cells: vec![label_at, at], text: format!("{label}{said}") });
            return;
        }
        // So many sentences are one long text.
        let many = self.found.len() >= MOST;
        let goes_on = |words: &&mut Words| {
            many || words.cells.last().is_some_and(|last| at.row.saturating_sub(last.row) <= 1)
        };
        match self.found.last_mut().filter(goes_on) {
            Some(words) if many || !is_note_led(&compact(&said)) => {
                if words.cells.len() < MOST {
                    words.cells.push(at);
                } else if let Some(last) = words.cells.last_mut() {
                    *last = at;
                }
                words.text.push(' ');
                words.text.push_str(&said);
            }
            _ => self.found.push(Words { cells: vec![at], text: said }),
        }
    }

    fn sign(&mut self, name: &str) {
        let name = compact(name);
        if name.chars().count() >= 2 {
            self.signed.insert(name.into_owned());
        }
    }

    fn piece(&mut self, typed: &str) -> Piece {
        let text = compact(typed);
        let whole = || Piece::Said(typed.split_whitespace().collect::<Vec<_>>().join(" "));
        if is_page_mark(&text) || chinese(&text) < 2 {
            return Piece::Nothing;
        }
        let found = segments(&text);
        for person in found.iter().filter(|s| s.label == Label::Person) {
            self.sign(person.value);
        }
        if is_note_led(&text) {
            let value = text.split_once(':').map_or("", |(_, value)| value);
            return if value.is_empty() { Piece::Announced(announced(typed)) } else { whole() };
        }
        if let Some(note) = found.iter().find(|s| s.label == Label::Note && !s.value.is_empty()) {
            // A line of signatures may end in a note.
            let signed = found.first().is_some_and(|s| s.from == 0 && s.label != Label::Note);
            return if signed { Piece::Said(text[note.from..].to_owned()) } else { whole() };
        }
        if let Some(Segment { from: 0, label, .. }) = found.first() {
            let last = found.last().map_or("", |s| s.value);
            let person = *label == Label::Person;
            return match last {
                "" => Piece::LabelOf { person },
                value if is_long(value) => whole(),
                _ => Piece::Nothing,
            };
        }
        if is_role(&text) {
            if let Some((_, name)) = text.split_once(':') {
                self.sign(name);
            }
            let open = text.ends_with(':') || !text.contains(':') && is_bare_role(&text);
            return if open { Piece::LabelOf { person: true } } else { Piece::Nothing };
        }
        let blank_date = text.chars().all(|c| c.is_ascii_digit() || "年月日".contains(c));
        let stamp = NOTES.contains(&&*text) || NOTES.iter().any(|n| text.ends_with(n));
        if blank_date || stamp || dates::period(&text).is_some() || chinese(&text) < 4 {
            return Piece::Nothing;
        }
        whole()
    }
}

impl Reader {
    fn finish(self) -> Around {
        Around { words: self.found, signed: self.signed }
    }
}

fn announced(typed: &str) -> String {
    let label = typed.trim().trim_end_matches([':', '：']);
    format!("{label}：")
}

fn is_long(value: &str) -> bool {
    value.contains('。') || chinese(value) >= 15
}

/// Who signs, may be asked, or made the form: `分管领导:…`, `审核人 某某`.
fn is_role(text: &str) -> bool {
    let words = [
        "人", "领导", "书记", "主任", "部长", "局长", "科长", "组长", "负责", "审核", "审签",
        "制表", "填表", "填报", "统计", "经办", "签字", "签名", "签章", "盖章", "公章", "电话",
        "手机", "传真", "邮箱", "日期", "时间", "单位", "机关", "文号", "表号", "地址", "邮编",
    ];
    let short = |value: &str| chinese(value) <= 12 && !value.contains(['。', ';', ',']);
    match text.split_once(':') {
        Some((label, value)) => {
            label.chars().count() <= 10 && words.iter().any(|w| label.contains(w)) && short(value)
        }
        None => {
            is_bare_role(text)
                || label_at(text).is_some_and(|(_, length)| chinese(&text[length..]) <= 4)
        }
    }
}

/// `分管领导`, with nothing behind it.
fn is_bare_role(text: &str) -> bool {
    let text = NOTES.iter().fold(text, |text, note| text.strip_suffix(note).unwrap_or(text));
    let ends = ["人", "领导", "书记", "主任", "部长", "局长", "科长", "组长", "员", "电话", "日期"];
    chinese(text) <= 6 && ends.iter().any(|end| text.ends_with(end))
}

/// A row inside the table that only says something: one text, where no value could stand.
pub(super) fn is_sentence_row(
    sheet: &Sheet,
    cells: &[Cell],
    columns: &ColumnMap,
    form: &Form,
) -> bool {
    let mut texts = cells.iter().filter(|c| !columns.counts_lines(c.column) || c.text().is_some());
    let Some(first) = texts.next() else { return false };
    let Some(text) = first.text() else { return false };
    let text = compact(text);
    if is_note_led(&text) {
        let words = cells.iter().all(|c| c.text().is_some());
        // `情况说明:` before the table's own columns, and in the next cell what it announces.
        let announces = text.ends_with(':') && columns.field(first.column).is_none();
        let keyless = !has_own_key(cells, first, columns, form);
        return words && (cells.len() <= 3 && keyless || cells.len() == 2 && announces);
    }
    if texts.next().is_some() || chinese(&text) < 4 || heads_group(&text) {
        return false;
    }
    let stops = text.contains(['。', ';', '!', '?']);
    let Some(field) = columns.field(first.column).map(|i| &form.fields[i]) else { return true };
    let holds_words = field.kind == FieldType::Text && !is_wide(sheet, first, columns);
    !holds_words && (stops || chinese(&text) >= 20)
}

/// `二、县直机关`: a short text with a number of its own.
fn heads_group(compacted: &str) -> bool {
    let unnumbered = compacted
        .trim_start_matches('(')
        .trim_start_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
    unnumbered.len() < compacted.len()
        && unnumbered.starts_with(['、', ')', '.'])
        && !compacted.contains(['。', ';', ','])
        && chinese(compacted) <= 15
}

/// Words that the form itself prints: how to fill it in.
pub(super) fn instructs(text: &str) -> bool {
    let text = compact(text);
    let labels =
        ["填表说明", "填报说明", "填写说明", "填表须知", "填报要求", "填表要求", "指标解释"];
    labels.iter().any(|label| text.starts_with(label))
}

#[cfg(test)]
mod tests;
