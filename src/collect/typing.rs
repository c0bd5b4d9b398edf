//! The data contract: what a typed cell means for a field. A value is taken only when there is one
//! reading; otherwise there is a problem, never a guess.

use std::sync::Arc;

use super::codes;
use super::dates;
use super::text::compact;
use super::workbook::{Cell, CellValue, Shown};
use crate::definition::{CodeList, Field, FieldType};
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
    pub remark: Option<Remark>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Remark {
    pub code: &'static str,
    /// What would be right; empty when the check's title says it.
    pub expected: String,
}

impl Reading {
    fn good(typed: Typed) -> Self {
        Self { typed, remark: None }
    }

    fn noted(typed: Typed, code: &'static str) -> Self {
        Self { typed, remark: Some(Remark { code, expected: String::new() }) }
    }

    fn bad(code: &'static str, expected: impl Into<String>) -> Self {
        Self { typed: Typed::Missing, remark: Some(Remark { code, expected: expected.into() }) }
    }
}

/// What a cell is read as: a field, its code list, and what its column says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Target<'a> {
    pub field: &'a Field,
    pub codes: Option<&'a CodeList>,
    /// The column's header states `%`, so plain numbers are per cent.
    pub header_percent: bool,
    pub from_1904: bool,
    /// Everything is text in this format: text numbers deserve no note.
    pub only_text: bool,
}

/// Reads one cell.
pub(super) fn read(cell: &Cell, target: &Target) -> Reading {
    if let CellValue::Error(error) = &cell.value {
        return Reading::bad(codes::ERROR_CELL, format!("不是 {error}"));
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

/// The number that a spreadsheet shows for a stored one: 15 significant digits, no trailing zeros.
pub(super) fn decimal_of(value: f64) -> Option<Decimal> {
    const LIMIT: f64 = 1e15;
    if !value.is_finite() || value.abs() >= 1e18 {
        return None;
    }
    // Exact shortcuts for what is nearly always typed: `n / 10^p` rounds to the same stored value.
    let mut scale = 1.0;
    for places in 0..=4u8 {
        let scaled = (value * scale).round();
        if scaled.abs() < LIMIT && scaled / scale == value {
            return Some(Decimal::new(scaled as i128, places));
        }
        scale *= 10.0;
    }
    let text = format!("{value:.14e}");
    let (mantissa, exponent) = text.split_once('e')?;
    let exponent: i32 = exponent.parse().ok()?;
    let mantissa = Decimal::parse(mantissa)?;
    let (mut units, mut places) = (mantissa.units, i32::from(mantissa.places) - exponent);
    while places > 0 && units % 10 == 0 {
        (units, places) = (units / 10, places - 1);
    }
    if places < 0 {
        units = units.checked_mul(10i128.checked_pow(u32::try_from(-places).ok()?)?)?;
        places = 0;
    }
    // A number below 10^-18 is a rounding rest of a formula, shown as what it is: too many places.
    Some(Decimal::new(units, u8::try_from(places).ok().filter(|&p| p <= 30)?))
}

fn times_hundred(value: Decimal) -> Option<Decimal> {
    if value.places >= 2 {
        return Some(Decimal::new(value.units, value.places - 2));
    }
    let factor = 10i128.pow(u32::from(2 - value.places));
    Some(Decimal::new(value.units.checked_mul(factor)?, 0))
}

/// A stored date: the day, and whether a time of day was dropped.
fn serial_date(value: f64, from_1904: bool) -> Option<(i32, bool)> {
    if !value.is_finite() || !(0.0..100_000.0).contains(&value) {
        return None;
    }
    dates::from_serial(value.floor() as i64, from_1904).map(|day| (day, value.fract() != 0.0))
}

// Numbers.

fn number(cell: &Cell, target: &Target) -> Reading {
    match &cell.value {
        CellValue::Number(value) => {
            if cell.shown == Shown::Date {
                return Reading::bad(codes::NUMBER_UNREADABLE, "数字，不是日期");
            }
            let Some(decimal) = decimal_of(*value) else {
                return Reading::bad(codes::NUMBER_TOO_LARGE, "");
            };
            match cell.shown {
                Shown::Percent { places } if target.field.kind == FieldType::Percent => {
                    match times_hundred(decimal) {
                        Some(percent) => fit(percent, Some(places), target, None),
                        None => Reading::bad(codes::NUMBER_TOO_LARGE, ""),
                    }
                }
                Shown::Percent { .. } => Reading::bad(codes::NUMBER_UNREADABLE, "数字，不是百分数"),
                Shown::Number { places, .. } => plain(decimal, Some(places), target, None),
                // A general cell shows as many places as the number has.
                Shown::General | Shown::Text => plain(decimal, Some(decimal.places), target, None),
                _ => plain(decimal, None, target, None),
            }
        }
        CellValue::Text(text) => text_number(text, target),
        CellValue::Boolean(_) | CellValue::Error(_) => {
            Reading::bad(codes::NUMBER_UNREADABLE, target.field.kind.title())
        }
    }
}

/// A number without a per cent sign.
fn plain(
    value: Decimal,
    places: Option<u8>,
    target: &Target,
    note: Option<&'static str>,
) -> Reading {
    if target.field.kind != FieldType::Percent || target.header_percent || value.is_zero() {
        return fit(value, places, target, note);
    }
    Reading { typed: Typed::AmbiguousPercent(value, places), remark: None }
}

/// Fits an exact number into the field's places, or says why not.
fn fit(value: Decimal, places: Option<u8>, target: &Target, note: Option<&'static str>) -> Reading {
    let typed = match fit_exactly(value, target.field) {
        Ok(units) if target.field.kind == FieldType::Integer => Typed::Integer(units),
        Ok(units) => Typed::Decimal(units, places),
        Err(remark) => return Reading { typed: Typed::Missing, remark: Some(remark) },
    };
    Reading { typed, remark: note.map(|code| Remark { code, expected: String::new() }) }
}

/// The number in units of the field's last place.
pub(super) fn fit_exactly(value: Decimal, field: &Field) -> Result<i64, Remark> {
    let places = if field.kind == FieldType::Integer { 0 } else { field.decimals };
    let Some(fitted) = value.with_places(places) else {
        return Err(match field.kind {
            FieldType::Integer => {
                Remark { code: codes::NOT_AN_INTEGER, expected: "整数".to_owned() }
            }
            _ => Remark {
                code: codes::TOO_MANY_PLACES, expected: format!("至多 {places} 位小数")
            },
        });
    };
    // Expressions compute in Decimal(18, places).
    let in_range = fitted.units.unsigned_abs() < 10u128.pow(17);
    i64::try_from(fitted.units)
        .ok()
        .filter(|_| in_range)
        .ok_or(Remark { code: codes::NUMBER_TOO_LARGE, expected: String::new() })
}

fn text_number(text: &str, target: &Target) -> Reading {
    let field = target.field;
    let compacted = compact(text);
    let word = compacted.as_ref();
    let listed = |list: &[String]| list.iter().any(|v| compact(v) == word);
    if listed(&field.zero_values) {
        return fit(Decimal::ZERO, Some(0), target, None);
    }
    if listed(&field.missing_values) {
        return Reading::good(Typed::Missing);
    }
    if matches!(word, "无" | "-" | "--" | "—" | "——" | "―" | "–" | "/" | "\\" | "\u{2212}" | "没有")
    {
        return Reading::bad(codes::MISSING_MARK, "数字，或留空并说明");
    }
    if is_ditto(text) {
        return Reading::bad(codes::DITTO_IN_NUMBER, field.kind.title());
    }
    if is_approximate(word) {
        return Reading::bad(codes::APPROXIMATE_NUMBER, "准确数字");
    }
    let word = word.replace('\u{2212}', "-");
    let Some((digits, suffix)) = split_number(&word) else {
        return Reading::bad(codes::NUMBER_UNREADABLE, field.kind.title());
    };
    let separated = digits.contains(',');
    let Some(value) = Decimal::parse(&digits.replace(',', "")) else {
        return Reading::bad(codes::NUMBER_UNREADABLE, field.kind.title());
    };
    let wide = separated || text.trim() != word.as_str() && !text.is_ascii();
    let form_note = match (target.only_text, wide) {
        (_, true) => Some(codes::WIDE_DIGITS),
        (false, false) => Some(codes::TEXT_NUMBER),
        (true, false) => None,
    };
    let places = Some(value.places);
    if suffix.is_empty() {
        return plain(value, places, target, form_note);
    }
    if field.kind == FieldType::Percent {
        return match suffix {
            "%" => fit(value, places, target, if wide { Some(codes::WIDE_DIGITS) } else { None }),
            _ => Reading::bad(codes::UNIT_SUFFIX, "百分数，如 95%"),
        };
    }
    let unit = compact(&field.unit);
    if same_unit(suffix, &unit) {
        return plain(value, places, target, Some(codes::UNIT_IN_CELL));
    }
    if let Some(rest) = suffix.strip_prefix('万')
        && (rest.is_empty() || same_unit(rest, &unit))
    {
        // The column itself counts in 万: `0.5万` in a column of 万元 is 0.5.
        if unit.starts_with('万') {
            return plain(value, places, target, Some(codes::UNIT_IN_CELL));
        }
        if field.allow_wan {
            return fit(ten_thousand(value), Some(0), target, Some(codes::TEN_THOUSAND));
        }
    }
    let expected = if unit.is_empty() {
        "数字，不带单位".to_owned()
    } else {
        format!("单位为{unit}")
    };
    Reading::bad(codes::UNIT_SUFFIX, expected)
}

fn ten_thousand(value: Decimal) -> Decimal {
    let units = value.units * 10_000;
    let mut result = Decimal::new(units, value.places);
    while result.places > 0 && result.units % 10 == 0 {
        result = Decimal::new(result.units / 10, result.places - 1);
    }
    result
}

fn same_unit(typed: &str, declared: &str) -> bool {
    if declared.is_empty() {
        return false;
    }
    let people = |u: &str| matches!(u, "人" | "名");
    typed == declared || people(typed) && people(declared)
}

/// Digits with an optional sign, point and well-placed thousands commas, then the rest.
fn split_number(text: &str) -> Option<(&str, &str)> {
    let end = text
        .char_indices()
        .find(|&(i, c)| {
            !(c.is_ascii_digit() || matches!(c, '.' | ',') || i == 0 && matches!(c, '-' | '+'))
        })
        .map_or(text.len(), |(i, _)| i);
    let (digits, rest) = text.split_at(end);
    if !digits.bytes().any(|b| b.is_ascii_digit()) || rest.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let whole = digits.trim_start_matches(['-', '+']);
    let whole = whole.split('.').next().unwrap_or_default();
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped_well =
        !whole.contains(',') || (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
    grouped_well.then_some((digits, rest))
}

fn is_approximate(text: &str) -> bool {
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    let words =
        ["约", "大概", "左右", "上下", "余", "多", "近", "以上", "以下", "不足", "超过", "几"];
    if has_digit && words.iter().any(|w| text.contains(w)) {
        return true;
    }
    // A range: digits on both sides of a dash.
    let range = |c: char| matches!(c, '-' | '~' | '—' | '–' | '至' | '到' | '\u{301c}');
    text.char_indices().any(|(i, c)| {
        range(c)
            && text[..i].ends_with(|p: char| p.is_ascii_digit())
            && text[i + c.len_utf8()..].starts_with(|n: char| n.is_ascii_digit())
    })
}

// Dates.

fn date(cell: &Cell, target: &Target) -> Reading {
    let unreadable = || Reading::bad(codes::DATE_UNREADABLE, "日期，如 2013-10-25");
    match &cell.value {
        CellValue::Text(text) => {
            dates::date(text).map_or_else(unreadable, |d| Reading::good(Typed::Date(d)))
        }
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

fn whole_number(value: f64) -> Option<i64> {
    decimal_of(value).filter(|d| d.places == 0).and_then(|d| i64::try_from(d.units).ok())
}

fn month(cell: &Cell, target: &Target) -> Reading {
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

fn code(cell: &Cell, target: &Target) -> Reading {
    if let CellValue::Text(text) = &cell.value
        && is_ditto(text)
    {
        return Reading::noted(Typed::Ditto, codes::DITTO_MARK);
    }
    let (text, note) = match words(cell, target) {
        Ok(words) => words,
        Err(reading) => return reading,
    };
    let compacted: Arc<str> = match compact(&text) {
        std::borrow::Cow::Borrowed(_) => text.clone(),
        std::borrow::Cow::Owned(owned) => owned.into(),
    };
    let remark = note.map(|code| Remark { code, expected: String::new() });
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
    let found = list.codes.iter().find(|c| is(&c.code) || c.synonyms.iter().any(is))?;
    Some(&found.code)
}

fn text(cell: &Cell, target: &Target) -> Reading {
    if let CellValue::Text(text) = &cell.value
        && is_ditto(text)
    {
        return Reading::noted(Typed::Ditto, codes::DITTO_MARK);
    }
    match words(cell, target) {
        Ok((text, note)) => {
            let visible = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
            let text = if visible.len() == text.len() { text } else { visible.into() };
            Reading {
                typed: Typed::Text(text),
                remark: note.map(|code| Remark { code, expected: String::new() }),
            }
        }
        Err(reading) => reading,
    }
}

/// The text of a cell in a text or code column; a number there must not have lost digits.
fn words(cell: &Cell, target: &Target) -> Result<(Arc<str>, Option<&'static str>), Reading> {
    let lost = || Reading::bad(codes::DIGITS_LOST, "完整编号，文本格式");
    match &cell.value {
        CellValue::Text(text) if cell.shown == Shown::Date && text.len() >= 10 => {
            Ok((text.get(..10).unwrap_or(text).into(), None))
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

/// Decides a plain number in a percent column by its row's numerator and denominator: the reading
/// that comes within one percentage point, if only one does.
pub(super) fn decide_percent(value: Decimal, numerator: i64, denominator: i64) -> Option<Decimal> {
    if denominator <= 0 {
        return None;
    }
    let computed = crate::model::Rational::new(i128::from(numerator) * 100, denominator.into());
    let fits = |candidate: Decimal| {
        let away = candidate.to_rational().minus(computed);
        let one = crate::model::Rational::new(1, 1);
        away <= one && away >= crate::model::Rational::new(-1, 1)
    };
    let as_share = times_hundred(value)?;
    match (fits(value), fits(as_share)) {
        (true, false) => Some(value),
        (false, true) => Some(as_share),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
