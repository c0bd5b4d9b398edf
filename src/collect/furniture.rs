//! What paper needs and data does not: the row of column numbers, sums carried over the page,
//! page numbers, 续表, 以下空白.
//!
//! Each is known by what kind of thing it is, not by a list of wordings; and only what cannot be
//! data is taken for furniture. What could be either is [`Numbering::Unclear`] and becomes a finding.

use std::borrow::Cow;

use super::block::{ColumnMap, has_own_key};
use super::text::{ascii_digits, compact, is_unit_of_measure};
use super::typing::{known_code, raw_text};
use super::workbook::{Cell, Shown};
use crate::definition::{Definition, Field, FieldType, Form};

/// What a row that numbers the columns is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Numbering {
    /// Some cell could not be data, or 甲 乙 goes on in order.
    Printed,
    /// Every cell could be data, but so many would not be in order by chance.
    Likely,
    /// Every cell could be data as well.
    Unclear,
}

/// One way of counting columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// 甲 乙 丙
    Stem,
    /// A B C
    Letter,
    /// 1 2 3, also in brackets or circles
    Number,
    /// 一 二 三
    Chinese,
    /// I II III
    Roman,
}

const STYLES: usize = 5;
const STEMS: &str = "甲乙丙丁戊己庚辛壬癸";
const ROMAN: [&str; 12] =
    ["I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII"];

/// What one cell of such a row may be.
enum Mark {
    /// 栏次
    Label,
    /// A column without number: —, ×
    Without,
    /// A place in one or another way of counting.
    Place(Vec<(Style, u32)>),
    /// `5+6` without saying that it is column 4: the next number.
    Formula,
}

/// Does the row directly under a header only number its columns?
pub(super) fn column_numbers(
    cells: &[Cell],
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> Option<Numbering> {
    let mut count = Count::default();
    let (mut labels, mut formulas) = (0usize, 0usize);
    for cell in cells {
        let text = raw_text(cell, false);
        match mark(&compact(&text))? {
            Mark::Label if count.marked == 0 => labels += 1,
            Mark::Label => return None,
            Mark::Without => {}
            Mark::Formula => {
                formulas += 1;
                count.next_of_last();
            }
            Mark::Place(places) => count.place(&places),
        }
    }
    let stems = count.next[Style::Stem as usize].map_or(0, |n| n - 1);
    let lettered = stems > 0 || count.next[Style::Letter as usize].is_some();
    // A table that goes on beside or below counts on: 甲 乙 13 14.
    let begins = count.from_one || stems > 0 || labels > 0;
    let numbers = columns.iter().filter(|(_, field)| form.fields[*field].kind.is_number());
    let bare = numbers.clone().filter(|(c, _)| cells.iter().all(|x| x.column != *c)).count();
    if count.out_of_order || !begins || bare * 3 > numbers.count() {
        return (stems >= 2 || formulas > 0).then_some(Numbering::Unclear);
    }
    let readable = |cell: &Cell| {
        columns.field(cell.column).is_none_or(|i| could_be_data(cell, &form.fields[i], definition))
    };
    let unreadable = labels > 0 || !cells.iter().all(readable);
    let keyless = form.primary_key.iter().any(|key| {
        let its = |cell: &Cell| columns.field(cell.column).map(|i| &form.fields[i].name);
        cells.iter().all(|cell| its(cell) != Some(key))
    });
    match count.marked {
        0 => None,
        1 => (labels > 0).then_some(Numbering::Printed),
        2 => (unreadable && bare == 0).then_some(Numbering::Printed),
        _ if unreadable || keyless => Some(Numbering::Printed),
        4.. if lettered => Some(Numbering::Printed),
        // Six columns that happen to hold just their own numbers are no longer chance.
        6.. => Some(Numbering::Likely),
        _ => Some(Numbering::Unclear),
    }
}

/// Counts along a row of marks: each way of counting goes on where it was.
struct Count {
    next: [Option<u32>; STYLES],
    last: Style,
    marked: usize,
    from_one: bool,
    out_of_order: bool,
}

impl Default for Count {
    fn default() -> Self {
        let next = [None; STYLES];
        Self { next, last: Style::Number, marked: 0, from_one: true, out_of_order: false }
    }
}

impl Count {
    fn place(&mut self, places: &[(Style, u32)]) {
        self.marked += 1;
        let expected = |style: Style| self.next[style as usize];
        let follows = places.iter().find(|(style, place)| expected(*style) == Some(*place));
        let begins = |(style, _): &&(Style, u32)| expected(*style).is_none();
        let first = places.iter().filter(begins).find(|(_, place)| *place == 1);
        match follows.or(first).or_else(|| places.iter().find(begins)) {
            Some(&(style, place)) => {
                self.from_one &= expected(style).is_some() || place == 1;
                self.next[style as usize] = Some(place + 1);
                self.last = style;
            }
            None => self.out_of_order = true,
        }
    }

    fn next_of_last(&mut self) {
        self.marked += 1;
        match &mut self.next[self.last as usize] {
            Some(next) => *next += 1,
            none => *none = Some(2),
        }
    }
}

fn mark(text: &str) -> Option<Mark> {
    let labels = ["栏次", "栏号", "列次", "列号", "栏目", "序号", "行次"];
    if labels.contains(&text) {
        return Some(Mark::Label);
    }
    if text.chars().all(|c| matches!(c, '-' | '—' | '―' | '–' | '×' | '/' | '*')) {
        return Some(Mark::Without);
    }
    if let Some(at) = text.find(['=', '≥', '≤', '>', '<']) {
        let (left, right) = text.split_at(at);
        let refers = right.chars().any(|c| c.is_alphanumeric()) && right.chars().all(in_formula);
        return match place(left) {
            Some(places) if refers => Some(Mark::Place(places)),
            None if refers && left.is_empty() => Some(Mark::Formula),
            _ => None,
        };
    }
    if let Some(places) = place(text) {
        return Some(Mark::Place(places));
    }
    let sum = text.chars().all(in_formula)
        && text.contains(['+', '-', '×', '÷', '*', '/'])
        && text.starts_with(|c: char| c.is_ascii_digit() || c == '(')
        && text.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | '%'));
    sum.then_some(Mark::Formula)
}

fn in_formula(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || STEMS.contains(c)
        || matches!(
            c,
            '+' | '-'
                | '*'
                | '/'
                | '×'
                | '÷'
                | '='
                | '('
                | ')'
                | '['
                | ']'
                | '.'
                | ','
                | '、'
                | '%'
                | '~'
                | '…'
                | '至'
                | '≥'
                | '≤'
                | '>'
                | '<'
                | '栏'
                | '−'
                | '—'
        )
}

/// The places that a mark such as `(3)`, `第3栏`, 丙, C or 三 may mean.
fn place(text: &str) -> Option<Vec<(Style, u32)>> {
    let text = text.trim_matches(['(', ')', '[', ']', '〔', '〕', '【', '】', '.', '、']);
    let text = text.strip_prefix('第').unwrap_or(text);
    let text = text.trim_end_matches(['栏', '列']);
    let mut places = Vec::new();
    let mut characters = text.chars();
    if let (Some(only), None) = (characters.next(), characters.next()) {
        if let Some(at) = STEMS.chars().position(|stem| stem == only) {
            places.push((Style::Stem, at as u32 + 1));
        }
        if only.is_ascii_alphabetic() {
            places.push((Style::Letter, u32::from(only.to_ascii_uppercase()) - 64));
        }
    }
    if let Some(at) = ROMAN.iter().position(|roman| *roman == text) {
        places.push((Style::Roman, at as u32 + 1));
    }
    let digits = |text: &str| {
        let plain = (1..=3).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<u32>().ok().filter(|_| plain)
    };
    if let Some(number) = digits(text) {
        places.push((Style::Number, number));
    } else if !text.contains(|c: char| c.is_ascii()) {
        places.extend(digits(&ascii_digits(text)).map(|number| (Style::Chinese, number)));
    }
    (!places.is_empty()).then_some(places)
}

/// Would the data contract take the mark for a value of the field?
fn could_be_data(cell: &Cell, field: &Field, definition: &Definition) -> bool {
    let text = raw_text(cell, false);
    match field.kind {
        FieldType::Integer | FieldType::Decimal | FieldType::Percent | FieldType::Money => {
            text.trim().parse::<i64>().is_ok()
        }
        FieldType::Date => cell.shown == Shown::Date,
        FieldType::Month => false,
        FieldType::Boolean => matches!(text.trim(), "0" | "1"),
        FieldType::Text => true,
        FieldType::Code => definition
            .codelist_of(field)
            .is_none_or(|list| known_code(list, &compact(&text)).is_some()),
    }
}

/// Does a row under a header that belongs to no known form number its columns, and hold nothing
/// else? Three in order, or two of which one is no number.
pub(super) fn only_numbers_columns(cells: &[Cell]) -> bool {
    let mut count = Count::default();
    for cell in cells {
        match mark(&compact(&raw_text(cell, false))) {
            Some(Mark::Place(places)) => count.place(&places),
            Some(Mark::Formula) => count.next_of_last(),
            Some(Mark::Label | Mark::Without) => {}
            None => return false,
        }
    }
    let plain = cells.iter().all(|cell| raw_text(cell, false).parse::<u32>().is_ok());
    count.from_one && !count.out_of_order && count.marked >= if plain { 3 } else { 2 }
}

/// A row of units of measure under the titles: 人 件 万元.
pub(super) fn names_units(cells: &[Cell], columns: &ColumnMap, form: &Form) -> bool {
    let mut over_numbers = 0;
    for cell in cells {
        let Some(text) = cell.text() else { return false };
        let text = compact(text);
        let text = text.trim_matches(['(', ')']);
        let is_number = |i: usize| form.fields[i].kind.is_number();
        if measures(text, form) {
            over_numbers += usize::from(columns.field(cell.column).is_some_and(is_number));
        } else if !matches!(text, "计量单位" | "单位" | "-" | "—" | "/") {
            return false;
        }
    }
    over_numbers >= 2
}

/// A word that measures: a usual one, one of the form's own, or thousands of one.
fn measures(text: &str, form: &Form) -> bool {
    let own = |text: &str| form.fields.iter().any(|f| !text.is_empty() && compact(&f.unit) == text);
    let known = |text: &str| is_unit_of_measure(text) || own(text);
    known(text) || text.strip_prefix(['千', '万', '亿']).is_some_and(known)
}

/// 承前页, 过次页, 本页累计: a sum that paper carries from page to page.
pub(super) fn is_carried(cells: &[Cell], columns: &ColumnMap, form: &Form) -> bool {
    let label = cells.iter().filter(|c| c.text().is_some()).take(2);
    label.into_iter().any(|cell| {
        cell.text().is_some_and(|text| carries(&compact(text)))
            && !has_own_key(cells, cell, columns, form)
    })
}

/// `承前页`, `转下页小计`, `上页结转(累计)`: a direction and 页, with a word for sum at most.
fn carries(text: &str) -> bool {
    if !text.contains('页') {
        return false;
    }
    let text: String = text.chars().filter(|c| !"()[]:,、".contains(*c)).collect();
    let Some((before, after)) = text.split_once('页') else { return false };
    let sums = ["合计", "小计", "累计", "结转", "转入", "转来", "总计", "数", "计"];
    let mut rest = after;
    while let Some(shorter) = sums.iter().find_map(|sum| rest.strip_prefix(sum)) {
        rest = shorter;
    }
    let moves = |c: char| "承接续过转结移上前次下一本至自".contains(c);
    let towards = before.chars().any(|c| "承过转前次上下".contains(c));
    let own = before == "本" && after.contains("累计");
    rest.is_empty() && before.chars().count() <= 4 && before.chars().all(moves) && (towards || own)
}

/// `本页小计`: the rows of one page, which can be compared.
pub(super) fn is_page_total(label: &str) -> bool {
    let of_page = ["本页", "每页", "该页", "此页"].iter().find_map(|p| label.strip_prefix(p));
    of_page
        .or_else(|| label.strip_prefix('页'))
        .is_some_and(|rest| matches!(rest, "小计" | "合计" | "总计" | "计" | "共计"))
}

/// Does a whole row only say where on the paper one is?
pub(super) fn is_page_row(cells: &[Cell]) -> bool {
    let alone = cells.len() == 1;
    cells.iter().all(|cell| {
        cell.text().is_some_and(|text| {
            let text = compact(text);
            is_page_mark(&text) || alone && is_bare_page_number(&text)
        })
    })
}

/// `第 1 页 共 3 页`, `续表`, `接下页`, `以下空白`.
pub(super) fn is_page_mark(compacted: &str) -> bool {
    // Each of them has one of these; most texts have none.
    const TELLING: [char; 12] =
        ['页', '张', 'p', 'P', '续', '接', '转', '见', '承', '完', '空', '无'];
    if !compacted.contains(TELLING) {
        return false;
    }
    let text = ascii_digits(compacted);
    let text = text.replace(MARKS, "");
    if text.is_empty() {
        return false;
    }
    is_page_number(&text) || is_continuation(&text) || is_blank_below(&text)
}

/// Between the words of a printed line; they say nothing.
const MARKS: [char; 22] = [
    '(', ')', '[', ']', '【', '】', '〔', '〕', ':', ',', '.', '、', ';', '/', '-', '—', '–', '_',
    '~', '*', '·', '。',
];

fn is_page_number(text: &str) -> bool {
    let english = text.to_ascii_lowercase();
    if let Some(rest) = english.strip_prefix("page") {
        return rest.replace("of", "").bytes().all(|b| b.is_ascii_digit());
    }
    let rest = text.strip_prefix("页码").or_else(|| text.strip_prefix("页次"));
    if rest.is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit())) {
        return true;
    }
    // 第 n 页, 共 m 页, in either order, the numbers perhaps left open.
    let mut rest = text;
    let mut parts = 0;
    while let Some(after) = rest.strip_prefix(['第', '共', '总']) {
        let after = after.strip_prefix('计').unwrap_or(after);
        let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
        let Some(after) = after.strip_prefix(['页', '张']) else { return false };
        rest = after;
        parts += 1;
    }
    parts > 0 && rest.is_empty()
}

/// `- 1 -`, `1/3`
fn is_bare_page_number(text: &str) -> bool {
    let marks: String = text.chars().filter(|c| !c.is_ascii_digit()).collect();
    let dashes = ["--", "——", "––", "――"].contains(&marks.as_str())
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && !text.ends_with(|c: char| c.is_ascii_digit());
    dashes && text.len() <= 10 && text.contains(|c: char| c.is_ascii_digit())
}

/// `续表`, `续表2`, `表3续`, `接上页`, `转下表`, `未完待续`.
fn is_continuation(text: &str) -> bool {
    let text = text.trim_matches(|c: char| c.is_ascii_digit());
    if ["未完", "待续", "未完待续"].contains(&text) {
        return true;
    }
    let rest = text.trim_start_matches("附").trim_start_matches('表');
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    if rest.chars().count() > 4 || rest.is_empty() {
        return false;
    }
    let Some(first) = rest.chars().next().filter(|c| "续接转见承".contains(*c)) else {
        return false;
    };
    let rest = rest.trim_start_matches(['续', '接', '转', '见', '承']);
    let rest = rest.trim_start_matches(['上', '下', '前', '后', '次']);
    matches!(rest, "表" | "页" | "一页") || rest.is_empty() && first == '续'
}

/// `以下空白`, `此处空白`, `以下无正文`.
fn is_blank_below(text: &str) -> bool {
    let place =
        ["本页以下", "本行以下", "以下各行", "以下", "此处", "此页", "此行", "下面", "本页"];
    let Some(rest) = place.iter().find_map(|place| text.strip_prefix(place)) else {
        return text == "空白";
    };
    let rest = rest.trim_start_matches(['均', '全', '皆', '为', '是']);
    matches!(
        rest,
        "空白" | "空" | "无正文" | "无内容" | "无数据" | "无" | "空白行" | "空行" | "空格"
    )
}

/// A title without what marks it as a later page: `阳光便民工作室运行月报(续表)`.
/// The second value tells whether something marked it.
pub(super) fn without_continuation(key: &str) -> (Cow<'_, str>, bool) {
    let bare =
        key.trim_end_matches(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c));
    for end in ["续表", "续上表", "接上表", "接上页", "续页", "续"] {
        if let Some(rest) = bare.strip_suffix(end).or_else(|| key.strip_suffix(end)) {
            return (Cow::Borrowed(rest), true);
        }
    }
    for start in ["续表", "续"] {
        if let Some(rest) = key.strip_prefix(start) {
            return (Cow::Borrowed(rest), true);
        }
    }
    // 第 2 页 behind a title.
    if let Some(at) = key.rfind('第')
        && is_page_number(&ascii_digits(&key[at..]))
    {
        return (Cow::Borrowed(&key[..at]), true);
    }
    (Cow::Borrowed(key), false)
}

#[cfg(test)]
mod tests;
