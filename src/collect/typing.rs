//! The data contract: what a typed cell means for a field. A value is taken only when there is one
//! reading; otherwise there is a problem, never a guess.

mod numbers;

use std::sync::Arc;

use numbers::number;
pub(super) use numbers::{decide_percent, decimal_of, fit_exactly, times_hundred};

use super::dates;
use super::text::{compact, without_unit};
use super::workbook::{Cell, CellValue, Shown};
use crate::definition::{CodeList, Field, FieldType};
use crate::model::codes;
use crate::model::{Decimal, date_text};

/// A typed value.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Typed {
    Missing,
    Integer(i64),
    /// Units of `10^-field.decimals`, and the places as shown in the cell.
    Decimal(i64, Option<u8>),
    Date(i32),
    Boolean(bool),
    Text(Arc<str>),
    /// The value above, if there is one.
    Ditto,
    /// A plain number in a percent column: numerator and denominator must decide.
    AmbiguousPercent(Decimal, Option<u8>),
}

/// A value with the note that its way of typing deserves, or what is wrong.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reading {
    pub typed: Typed,
    /// Codes of notes and of problems that still leave a value (or a missing one).
    pub remark: Option<CellRemark>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct CellRemark {
    pub code: &'static str,
    /// What would be right; empty when the check's title says it.
    pub expected: String,
}

impl Reading {
    fn good(typed: Typed) -> Self {
        Self { typed, remark: None }
    }

    fn noted(typed: Typed, code: &'static str) -> Self {
        Self { typed, remark: Some(CellRemark { code, expected: String::new() }) }
    }

    fn bad(code: &'static str, expected: impl Into<String>) -> Self {
        Self { typed: Typed::Missing, remark: Some(CellRemark { code, expected: expected.into() }) }
    }
}

/// What a cell is read as: a field, its code list, and what its column says.
#[derive(Debug, Clone, Copy)]
pub(super) struct ReadAs<'a> {
    pub field: &'a Field,
    pub codes: Option<&'a CodeList>,
    /// The column's header states `%`, so plain numbers are per cent.
    pub header_percent: bool,
    pub from_1904: bool,
    /// Everything is text in this format: text numbers deserve no note.
    pub only_text: bool,
}

/// Reads one cell.
pub(super) fn read(cell: &Cell, target: &ReadAs) -> Reading {
    if let CellValue::Error(error) = &cell.value {
        return Reading::bad(codes::ERROR_CELL, format!("不是 {error}"));
    }
    if let CellValue::Text(typed) = &cell.value
        && !target.field.missing_values.is_empty()
    {
        let word = compact(typed);
        if target.field.missing_values.iter().any(|v| compact(v) == word) {
            return Reading::good(Typed::Missing);
        }
    }
    match target.field.kind {
        FieldType::Integer | FieldType::Decimal | FieldType::Money | FieldType::Percent => {
            number(cell, target)
        }
        FieldType::Date => date(cell, target),
        FieldType::Month => month(cell, target),
        FieldType::Boolean => boolean(cell),
        FieldType::Code => code(cell, target),
        FieldType::Text => text(cell, target),
    }
}

/// What stands in a cell, as a person sees it.
pub(super) fn raw_text(cell: &Cell, from_1904: bool) -> String {
    match &cell.value {
        CellValue::Text(text) => text.to_string(),
        CellValue::Boolean(true) => "TRUE".to_owned(),
        CellValue::Boolean(false) => "FALSE".to_owned(),
        CellValue::Error(error) => error.to_string(),
        CellValue::Number(v) => match cell.shown {
            Shown::Date => serial_date(*v, from_1904)
                .map_or_else(|| plain_number(*v), |(day, _)| date_text(day)),
            Shown::Percent { .. } => match decimal_of(*v).and_then(times_hundred) {
                Some(percent) => format!("{percent}%"),
                None => plain_number(*v),
            },
            _ => plain_number(*v),
        },
    }
}

fn plain_number(value: f64) -> String {
    decimal_of(value).map_or_else(|| format!("{value:e}"), |d| d.to_string())
}

/// A stored date: the day, and whether a time of day was dropped.
fn serial_date(value: f64, from_1904: bool) -> Option<(i32, bool)> {
    if !value.is_finite() || !(0.0..100_000.0).contains(&value) {
        return None;
    }
    dates::from_serial(value.floor() as i64, from_1904).map(|day| (day, value.fract() != 0.0))
}

// Dates.

fn date(cell: &Cell, target: &ReadAs) -> Reading {
    let unreadable = || Reading::bad(codes::DATE_UNREADABLE, "日期，如 2013-10-25");
    match &cell.value {
        CellValue::Text(text) => match dates::date_and_time(text) {
            Some((day, false)) => Reading::good(Typed::Date(day)),
            Some((day, true)) => Reading::noted(Typed::Date(day), codes::TIME_DROPPED),
            None => unreadable(),
        },
        CellValue::Number(value) if is_year(*value, cell) => year_in_date(),
        CellValue::Number(value) if cell.shown == Shown::Date => {
            match serial_date(*value, target.from_1904) {
                Some((day, false)) => Reading::good(Typed::Date(day)),
                Some((day, true)) => Reading::noted(Typed::Date(day), codes::TIME_DROPPED),
                None => unreadable(),
            }
        }
        CellValue::Number(value) => {
            let Some(whole) = whole_number(*value) else { return unreadable() };
            if (19_000_101..=21_001_231).contains(&whole) {
                return dates::date(&whole.to_string())
                    .map_or_else(unreadable, |d| Reading::good(Typed::Date(d)));
            }
            // A serial without a date format: 1950 to 2050, so that no count passes for a date.
            let serial = if target.from_1904 { 16_803..=53_327 } else { 18_264..=54_789 };
            let day =
                dates::from_serial(whole, target.from_1904).filter(|_| serial.contains(&whole));
            day.map_or_else(unreadable, |d| Reading::noted(Typed::Date(d), codes::DATE_AS_NUMBER))
        }
        CellValue::Boolean(_) | CellValue::Error(_) => unreadable(),
    }
}

/// Is a year stored as a date? Who types 2013, or 2013.10, into a cell with a date format has
/// stored a day of 1905.
fn is_year(value: f64, cell: &Cell) -> bool {
    cell.shown == Shown::Date && (1900.0..2101.0).contains(&value)
}

fn year_in_date() -> Reading {
    let expected = "完整的日期：填“2013”或“2013.10”的，日期格式的格会存成另一天";
    Reading::bad(codes::DATE_UNREADABLE, expected)
}

fn whole_number(value: f64) -> Option<i64> {
    decimal_of(value).filter(|d| d.places == 0).and_then(|d| i64::try_from(d.units).ok())
}

fn month(cell: &Cell, target: &ReadAs) -> Reading {
    let unreadable = || Reading::bad(codes::MONTH_UNREADABLE, "年月，如 2013年10月");
    let good = |(year, month): (i16, u8)| {
        Reading::good(Typed::Text(format!("{year:04}-{month:02}").into()))
    };
    match &cell.value {
        CellValue::Text(text) if cell.shown == Shown::Date => {
            text.get(..7).and_then(dates::month).map_or_else(unreadable, good)
        }
        CellValue::Text(text) => match dates::month(text) {
            Some(found) => good(found),
            // A full date states its month.
            None => match dates::date(text).map(date_text) {
                Some(day) => day.get(..7).and_then(dates::month).map_or_else(unreadable, good),
                None => unreadable(),
            },
        },
        CellValue::Number(value) if is_year(*value, cell) => year_in_date(),
        CellValue::Number(value) if cell.shown == Shown::Date => {
            let day = serial_date(*value, target.from_1904).map(|(day, _)| date_text(day));
            day.as_deref()
                .and_then(|d| d.get(..7))
                .and_then(dates::month)
                .map_or_else(unreadable, good)
        }
        CellValue::Number(value) => {
            let Some(decimal) = decimal_of(*value) else { return unreadable() };
            match (decimal.places, cell.shown) {
                (0, _) => dates::month(&decimal.to_string()).map_or_else(unreadable, good),
                // 2013.1 is what is stored when 2013.10 is typed; the format tells, or nobody.
                (1, Shown::Number { places: 2, .. }) => {
                    dates::month(&format!("{decimal}0")).map_or_else(unreadable, good)
                }
                (1, _) if decimal.units % 10 == 1 => {
                    Reading::bad(codes::MONTH_AMBIGUOUS, "1月写“2013年1月”，10月写“2013年10月”")
                }
                (1 | 2, _) => dates::month(&decimal.to_string()).map_or_else(unreadable, good),
                _ => unreadable(),
            }
        }
        CellValue::Boolean(_) | CellValue::Error(_) => unreadable(),
    }
}

// Words.

fn boolean(cell: &Cell) -> Reading {
    let value = match &cell.value {
        CellValue::Boolean(value) => Some(*value),
        CellValue::Number(value) => match whole_number(*value) {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        },
        CellValue::Text(text) => match compact(text).as_ref() {
            "是" | "有" | "√" | "✓" | "✔" | "☑" | "Y" | "y" | "YES" | "Yes" | "yes" | "1"
            | "TRUE" | "true" => Some(true),
            "否" | "无" | "×" | "✗" | "✘" | "╳" | "N" | "n" | "NO" | "No" | "no" | "0"
            | "FALSE" | "false" => Some(false),
            _ => None,
        },
        CellValue::Error(_) => None,
    };
    value.map_or_else(
        || Reading::bad(codes::BOOLEAN_UNREADABLE, "是 或 否"),
        |v| Reading::good(Typed::Boolean(v)),
    )
}

fn code(cell: &Cell, target: &ReadAs) -> Reading {
    if let CellValue::Text(text) = &cell.value
        && is_ditto(text)
    {
        return Reading::good(Typed::Ditto);
    }
    let (text, note) = match words(cell, target) {
        Ok(words) => words,
        Err(reading) => return reading,
    };
    let compacted: Arc<str> = match compact(&text) {
        std::borrow::Cow::Borrowed(_) => text.clone(),
        std::borrow::Cow::Owned(owned) => owned.into(),
    };
    let remark = note.map(|code| CellRemark { code, expected: String::new() });
    let Some(list) = target.codes else {
        return Reading { typed: Typed::Text(compacted), remark };
    };
    match known_code(list, &compacted) {
        Some(code) if *code == *compacted => Reading { typed: Typed::Text(compacted), remark },
        Some(code) => Reading { typed: Typed::Text(code.into()), remark },
        None => {
            let codes: Vec<&str> = list.codes.iter().map(|c| c.code.as_str()).collect();
            let many = if codes.len() > 12 { "…" } else { "" };
            let shown = codes[..codes.len().min(12)].join("、");
            Reading::bad(codes::CODE_UNKNOWN, format!("{shown}{many}"))
        }
    }
}

/// The code that a compacted text means, by itself or a declared synonym.
pub(super) fn known_code<'a>(list: &'a CodeList, compacted: &str) -> Option<&'a str> {
    let is = |text: &String| text == compacted || compact(text) == compacted;
    let named = list.codes.iter().find(|c| is(&c.code) || c.synonyms.iter().any(is));
    if let Some(found) = named {
        return Some(&found.code);
    }
    // As forms print the names of lines: 一、非公企业总数, 1.企业党员数（人）. Two that read the same
    // are not told apart by the number before them.
    let printed = as_printed(compacted);
    if printed == compacted || printed.is_empty() {
        return None;
    }
    let reads = |text: &String| as_printed(&compact(text)) == printed;
    let mut alike = list.codes.iter().filter(|c| reads(&c.code) || c.synonyms.iter().any(reads));
    let only = alike.next().filter(|_| alike.next().is_none());
    only.map(|found| found.code.as_str())
}

/// The name of a line without its number and unit of measure.
pub(super) fn as_printed(compacted: &str) -> String {
    let digits = |c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c);
    let inner = compacted.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let bare = match inner {
        Some((number, rest)) if !number.is_empty() && number.chars().all(digits) => rest,
        _ => {
            let rest = compacted.trim_start_matches(digits);
            let marked = rest.len() < compacted.len() && rest.starts_with(['、', '.']);
            // 1.5 is a number.
            let rest = rest.trim_start_matches(['、', '.']);
            if marked && !rest.starts_with(|c: char| c.is_ascii_digit()) { rest } else { compacted }
        }
    };
    without_unit(bare, "").0.into_owned()
}

fn text(cell: &Cell, target: &ReadAs) -> Reading {
    if let CellValue::Text(text) = &cell.value
        && is_ditto(text)
    {
        return Reading::good(Typed::Ditto);
    }
    match words(cell, target) {
        Ok((text, note)) => {
            let visible = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            let text = if visible.len() == text.len() { text } else { visible.into() };
            Reading {
                typed: Typed::Text(text),
                remark: note.map(|code| CellRemark { code, expected: String::new() }),
            }
        }
        Err(reading) => reading,
    }
}

/// The text of a cell in a text or code column; a number there must not have lost digits.
fn words(cell: &Cell, target: &ReadAs) -> Result<(Arc<str>, Option<&'static str>), Reading> {
    let lost = || Reading::bad(codes::DIGITS_LOST, "完整编号，文本格式");
    match &cell.value {
        CellValue::Text(text) if cell.shown == Shown::Date && text.len() >= 10 => {
            let has_time = dates::date_and_time(text).is_none_or(|(_, time)| time);
            Ok((text.get(..10).unwrap_or(text).into(), has_time.then_some(codes::TIME_DROPPED)))
        }
        CellValue::Text(text) => {
            if target.field.kind == FieldType::Code && is_scientific(&compact(text)) {
                return Err(lost());
            }
            Ok((text.clone(), None))
        }
        CellValue::Number(value) if cell.shown == Shown::Date => Ok((
            raw_text(cell, target.from_1904).into(),
            value.fract().ne(&0.0).then_some(codes::TIME_DROPPED),
        )),
        CellValue::Number(value) => {
            let Some(decimal) = decimal_of(*value) else { return Err(lost()) };
            if decimal.units.unsigned_abs() >= 10u128.pow(14) && decimal.places == 0 {
                return Err(lost());
            }
            if let Shown::Number { places: 0, digits } = cell.shown {
                let shown = decimal.to_string();
                let width = usize::from(digits);
                if decimal.places == 0 && decimal.units >= 0 && shown.len() < width {
                    return Ok((format!("{shown:0>width$}").into(), Some(codes::PADDED_CODE)));
                }
            }
            Ok((raw_text(cell, target.from_1904).into(), None))
        }
        CellValue::Boolean(_) | CellValue::Error(_) => Ok((raw_text(cell, false).into(), None)),
    }
}

/// `1.40722E+17`
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let numeric = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    numeric(mantissa) && exponent.strip_prefix('+').is_some_and(numeric)
}

fn is_ditto(text: &str) -> bool {
    matches!(text.trim(), "〃" | "″" | "\"" | "''" | "“" | "”" | "同上" | "同 上" | "同　上")
}

#[cfg(test)]
mod tests;
