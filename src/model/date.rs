//! Days: numbered since 1970-01-01, printed in one way, read in the ways in which people write
//! them.

use jiff::civil::Date;

/// A date as it is printed everywhere: `2013-10-25`. `days` counts from 1970-01-01.
pub fn date_text(days: i32) -> String {
    date_of(days).map_or_else(|| days.to_string(), |date| date.to_string())
}

/// The calendar date of a day number since 1970-01-01.
pub fn date_of(days: i32) -> Option<Date> {
    jiff::civil::date(1970, 1, 1).checked_add(jiff::Span::new().try_days(days).ok()?).ok()
}

/// Days since 1970-01-01.
pub fn day_number(date: Date) -> i32 {
    date.since((jiff::Unit::Day, jiff::civil::date(1970, 1, 1))).map_or(0, |span| span.get_days())
}

/// A date in ASCII digits without spaces, in any of the usual ways: `2013-10-25`, `2013/10/25`,
/// `2013.10.25`, `2013年10月25日`, `20131025`; days since 1970-01-01.
pub fn parse_date(text: &str) -> Option<i32> {
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return from_parts(&text[..4], &text[4..6], &text[6..]);
    }
    let text = text.strip_suffix(['日', '号']).unwrap_or(text);
    match split_date(text).as_slice() {
        [year, month, day] => from_parts(year, month, day),
        _ => None,
    }
}

/// The parts of a date in one style: `2013年10月25`, or one mark between all parts.
pub fn split_date(text: &str) -> Vec<&str> {
    if text.contains('年') {
        return text.split(['年', '月']).collect();
    }
    let marks = ['-', '.', '/', '—', '–'];
    match text.find(marks).and_then(|at| text[at..].chars().next()) {
        Some(mark) => text.split(mark).collect(),
        None => vec![text],
    }
}

fn from_parts(year: &str, month: &str, day: &str) -> Option<i32> {
    let date = Date::new(plausible_year(year)?, one_or_two(month)?, one_or_two(day)?).ok()?;
    Some(day_number(date))
}

/// Four digits between 1900 and 2100.
pub fn plausible_year(text: &str) -> Option<i16> {
    let four = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    let year = text.parse().ok().filter(|_| four)?;
    (1900..=2100).contains(&year).then_some(year)
}

/// A month or day: one or two digits.
pub fn one_or_two(text: &str) -> Option<i8> {
    let plausible = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plausible)
}
