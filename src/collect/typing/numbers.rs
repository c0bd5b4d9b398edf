//! Numbers as typed: exact decimals, percents, units behind the digits, marks instead of digits.

use super::{CellRemark, ReadAs, Reading, Typed, is_ditto};
use crate::collect::text::compact;
use crate::collect::workbook::{Cell, CellValue, Shown};
use crate::definition::{Field, FieldType};
use crate::model::codes;
use crate::model::{Decimal, Rational};
use unicode_normalization::UnicodeNormalization;

pub(super) fn number(cell: &Cell, target: &ReadAs) -> Reading {
    match &cell.value {
        CellValue::Number(value) => {
            if cell.shown == Shown::Date {
                return no_date();
            }
            // A number cell keeps 15 digits: of a longer number the last are already lost.
            let whole = value.abs() < 1e15;
            let Some(decimal) = decimal_of(*value).filter(|_| whole) else {
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
        CellValue::Text(_) if cell.shown == Shown::Date => no_date(),
        CellValue::Text(text) => text_number(text, target),
        CellValue::Boolean(_) | CellValue::Error(_) => {
            Reading::bad(codes::NUMBER_UNREADABLE, target.field.kind.title())
        }
    }
}

fn no_date() -> Reading {
    Reading::bad(codes::NUMBER_UNREADABLE, "数字，不是日期")
}

/// A number without a per cent sign.
fn plain(
    value: Decimal,
    places: Option<u8>,
    target: &ReadAs,
    note: Option<&'static str>,
) -> Reading {
    if target.field.kind != FieldType::Percent || target.header_percent || value.is_zero() {
        return fit(value, places, target, note);
    }
    Reading { typed: Typed::AmbiguousPercent(value, places), remark: None }
}

/// Fits an exact number into the field's places, or says why not.
fn fit(value: Decimal, places: Option<u8>, target: &ReadAs, note: Option<&'static str>) -> Reading {
    let typed = match fit_exactly(value, target.field) {
        Ok(units) if target.field.kind == FieldType::Integer => Typed::Integer(units),
        Ok(units) => Typed::Decimal(units, places),
        Err(remark) => return Reading { typed: Typed::Missing, remark: Some(remark) },
    };
    Reading { typed, remark: note.map(|code| CellRemark { code, expected: String::new() }) }
}

/// The number in units of the field's last place.
pub(in crate::collect) fn fit_exactly(value: Decimal, field: &Field) -> Result<i64, CellRemark> {
    let places = if field.kind == FieldType::Integer { 0 } else { field.decimals };
    let Some(fitted) = value.with_places(places) else {
        return Err(match field.kind {
            FieldType::Integer => {
                CellRemark { code: codes::NOT_AN_INTEGER, expected: "整数".to_owned() }
            }
            _ => CellRemark {
                code: codes::TOO_MANY_PLACES,
                expected: format!("至多 {places} 位小数"),
            },
        });
    };
    let whole = field.most_whole_digits();
    let in_range = fitted.units.unsigned_abs() < 10u128.pow(u32::from(whole + places));
    i64::try_from(fitted.units).ok().filter(|_| in_range).ok_or_else(|| CellRemark {
        code: codes::NUMBER_TOO_LARGE,
        expected: format!("整数部分至多 {whole} 位"),
    })
}

fn text_number(text: &str, target: &ReadAs) -> Reading {
    let field = target.field;
    let compacted = compact(text);
    let word = compacted.as_ref();
    let listed = |list: &[String]| list.iter().any(|v| compact(v) == word);
    if listed(&field.zero_values) {
        return fit(Decimal::ZERO, Some(0), target, None);
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
    if joins_digits(text) {
        return Reading::bad(codes::NUMBER_UNREADABLE, field.kind.title());
    }
    let word = word.replace('\u{2212}', "-");
    let unit = compact(&field.unit);
    let is_unit = |rest: &str| may_be_unit(rest) || same_unit(rest, &unit);
    let Some((digits, suffix)) = split_number(&word).filter(|(_, rest)| is_unit(rest)) else {
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
            return match ten_thousand(value) {
                Some(value) => fit(value, Some(0), target, Some(codes::TEN_THOUSAND)),
                None => Reading::bad(codes::NUMBER_TOO_LARGE, ""),
            };
        }
    }
    let expected = if unit.is_empty() {
        "数字，不带单位".to_owned()
    } else {
        format!("单位为{unit}")
    };
    Reading::bad(codes::UNIT_SUFFIX, expected)
}

/// `None` when it is too large.
fn ten_thousand(value: Decimal) -> Option<Decimal> {
    let mut result = Decimal::new(value.units.checked_mul(10_000)?, value.places);
    while result.places > 0 && result.units % 10 == 0 {
        result = Decimal::new(result.units / 10, result.places - 1);
    }
    Some(result)
}

fn same_unit(typed: &str, declared: &str) -> bool {
    if declared.is_empty() {
        return false;
    }
    let people = |u: &str| matches!(u, "人" | "名");
    typed == declared || people(typed) && people(declared)
}

/// Would compacting make one number of two? `10 11` and a footnote mark (`12②`, `12²`) are not
/// 1011 and 122; a space between thousands (`12 345`) is.
fn joins_digits(text: &str) -> bool {
    let ordinary = |c: char| c.is_ascii_digit() || ('０'..='９').contains(&c);
    let mark = |c: char| c.is_numeric() && !ordinary(c) && std::iter::once(c).nfkc().any(ordinary);
    if text.contains(mark) {
        return true;
    }
    let mut runs = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|run| !run.is_empty())
        .peekable();
    let mut grouped = true;
    let mut first = true;
    while let (Some(run), Some(next)) = (runs.next(), runs.peek()) {
        if run.ends_with(ordinary) && next.starts_with(ordinary) {
            let whole = run.trim_start_matches(['-', '+', '－', '＋']).chars();
            let leads = whole.clone().all(ordinary)
                && if first { whole.count() <= 3 } else { whole.count() == 3 };
            let follows = next.chars().take_while(|&c| ordinary(c)).count() == 3;
            grouped &= leads && follows;
            first = false;
        }
    }
    let one_line = !text.trim().contains(|c: char| c.is_control());
    !(grouped && (first || one_line))
}

/// Could what stands behind the digits be a unit of measure? `1O` has a letter for a digit, and `12？`
/// a mark behind it.
fn may_be_unit(suffix: &str) -> bool {
    suffix.chars().all(|c| c.is_alphabetic() || matches!(c, '%' | '‰' | '℃' | '/'))
        && !suffix.chars().all(|c| matches!(c, 'O' | 'o' | 'l' | 'I' | 'i'))
        || suffix.is_empty()
}

/// Digits with an optional sign, point and well-placed thousands commas, then the rest. A unit may
/// stand in brackets.
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
    let unsigned = digits.trim_start_matches(['-', '+']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    if fraction.contains(',') {
        return None;
    }
    let rest = rest.strip_prefix('(').and_then(|r| r.strip_suffix(')')).unwrap_or(rest);
    let mut groups = whole.split(',');
    let first = groups.next().unwrap_or_default();
    let grouped_well =
        !whole.contains(',') || (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3);
    grouped_well.then_some((digits, rest))
}

fn is_approximate(text: &str) -> bool {
    let has_digit = text.contains(|c: char| c.is_ascii_digit());
    let words =
        ["≈", "约", "大概", "左右", "上下", "余", "多", "近", "以上", "以下", "不足", "超过", "几"];
    if has_digit && words.iter().any(|w| text.contains(w)) {
        return true;
    }
    // A range: digits on both sides of a dash.
    let range =
        |c: char| matches!(c, '-' | '~' | '—' | '–' | '至' | '到' | '\u{301c}' | '\u{223c}');
    text.char_indices().any(|(i, c)| {
        range(c)
            && text[..i].ends_with(|p: char| p.is_ascii_digit())
            && text[i + c.len_utf8()..].starts_with(|n: char| n.is_ascii_digit())
    })
}

/// The number that a spreadsheet shows for a stored one: 15 significant digits, no trailing zeros.
pub(in crate::collect) fn decimal_of(value: f64) -> Option<Decimal> {
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

pub(in crate::collect) fn times_hundred(value: Decimal) -> Option<Decimal> {
    if value.places >= 2 {
        return Some(Decimal::new(value.units, value.places - 2));
    }
    let factor = 10i128.pow(u32::from(2 - value.places));
    Some(Decimal::new(value.units.checked_mul(factor)?, 0))
}

/// Decides a plain number in a percent column by its row's numerator and denominator: the reading
/// that comes within one percentage point, if only one does.
pub(in crate::collect) fn decide_percent(
    value: Decimal,
    numerator: i64,
    denominator: i64,
) -> Option<Decimal> {
    if denominator <= 0 {
        return None;
    }
    let computed = Rational::new(i128::from(numerator) * 100, denominator.into());
    let fits = |candidate: Decimal| {
        // What is too large to be compared is no share.
        candidate
            .to_rational()
            .checked_minus(computed)
            .is_some_and(|away| away <= Rational::new(1, 1) && away >= Rational::new(-1, 1))
    };
    let as_share = times_hundred(value)?;
    match (fits(value), fits(as_share)) {
        (true, false) => Some(value),
        (false, true) => Some(as_share),
        _ => None,
    }
}
