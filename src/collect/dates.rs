//! Dates, months and reporting periods as clerks type them.

use jiff::civil::Date;

use super::text::{ascii_digits, compact};
use crate::model::{Period, day_number};

/// A date typed as text, in any of the usual ways; days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<i32> {
    let text = compact(text);
    let text = ascii_digits(&text);
    let text = without_time(&text);
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        return from_parts(&text[..4], &text[4..6], &text[6..]);
    }
    let text = text.strip_suffix(['日', '号']).unwrap_or(text);
    let parts = split_parts(text);
    match parts.as_slice() {
        [year, month, day] => from_parts(year, month, day),
        _ => None,
    }
}

/// `2013-10-25T00:00:00` or `2013-10-2500:00:00` (spaces are gone): midnight is no information.
fn without_time(text: &str) -> &str {
    match text.split_once('T') {
        Some((date, _)) => date,
        None => text.strip_suffix("00:00:00").or(text.strip_suffix("0:00:00")).unwrap_or(text),
    }
}

/// The parts of a date in one style: `2013年10月25日`, or one mark between all parts.
fn split_parts(text: &str) -> Vec<&str> {
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
    let year = four_digits(year)?;
    let date = Date::new(year, small(month)?, small(day)?).ok()?;
    Some(day_number(date))
}

fn four_digits(text: &str) -> Option<i16> {
    let plausible = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    let year = text.parse().ok().filter(|_| plausible)?;
    (1900..=2100).contains(&year).then_some(year)
}

fn small(text: &str) -> Option<i8> {
    let plausible = matches!(text.len(), 1 | 2) && text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| plausible)
}

/// A date serial as spreadsheets store it, 1900 or 1904 system; days since 1970-01-01.
pub(super) fn from_serial(serial: i64, from_1904: bool) -> Option<i32> {
    let epoch = if from_1904 { -24_107 } else { -25_569 };
    // The 1900 system counts a 29 February 1900 that never was.
    let serial = if !from_1904 && serial < 61 { serial + 1 } else { serial };
    let in_range = (1..=73_415).contains(&serial);
    i32::try_from(serial).ok().filter(|_| in_range)?.checked_add(epoch)
}

/// A month typed as text: (year, month).
pub(super) fn month(text: &str) -> Option<(i16, u8)> {
    let text = compact(text);
    let text = ascii_digits(&text);
    let text = text.strip_suffix('份').unwrap_or(&text);
    if text.len() == 6 && text.bytes().all(|b| b.is_ascii_digit()) {
        return year_month(&text[..4], &text[4..]);
    }
    let text = text.strip_suffix('月').unwrap_or(text);
    match split_parts(text).as_slice() {
        [year, month] => year_month(year, month),
        _ => None,
    }
}

fn year_month(year: &str, month: &str) -> Option<(i16, u8)> {
    let month = small(month).and_then(|m| u8::try_from(m).ok())?;
    (1..=12).contains(&month).then_some((four_digits(year)?, month))
}

/// A reporting period as stated: a regular one, or a reference date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stated {
    Period(Period),
    /// Days since 1970-01-01.
    Date(i32),
}

/// A whole text that states a period and nothing else.
pub(super) fn period(text: &str) -> Option<Stated> {
    let text = compact(text);
    let text = text.trim_matches(['(', ')', '[', ']', '【', '】', '〔', '〕']);
    let text = text.strip_prefix("截至").or(text.strip_prefix("截止")).unwrap_or(text);
    let text = text.strip_suffix('止').unwrap_or(text);
    let text = ascii_digits(text);
    if let Some(day) = date(&text) {
        return Some(Stated::Date(day));
    }
    if let Some((year, month)) = month(&text) {
        return Some(Stated::Period(Period::Month(year, month)));
    }
    if let Some(period) = Period::parse_regular(&text) {
        return Some(Stated::Period(period));
    }
    let (year, rest) = text.split_once('年')?;
    let year = four_digits(year)?;
    let rest = rest.strip_prefix('第').unwrap_or(rest);
    let quarter = |q: &str| match q {
        "1" | "一" => Some(1),
        "2" => Some(2),
        "3" => Some(3),
        "4" => Some(4),
        _ => None,
    };
    match rest {
        "" | "度" | "全年" | "年度" => Some(Stated::Period(Period::Year(year))),
        "上半年" => Some(Stated::Period(Period::Half(year, 1))),
        "下半年" => Some(Stated::Period(Period::Half(year, 2))),
        _ => {
            let number = rest.strip_suffix("季度").or_else(|| rest.strip_suffix('季'))?;
            quarter(number).map(|q| Stated::Period(Period::Quarter(year, q)))
        }
    }
}

/// The first period that stands inside a longer text (a title, a file name), with a year and 年 or
/// written as `2013-10`. The longest reading wins.
pub(super) fn period_inside(text: &str) -> Option<Stated> {
    let text = compact(text);
    let text = ascii_digits(&text);
    let starts = text
        .char_indices()
        .filter(|&(i, c)| c.is_ascii_digit() && !text[..i].ends_with(|p: char| p.is_ascii_digit()));
    for (start, _) in starts {
        let rest = &text[start..];
        let ends: Vec<usize> = rest
            .char_indices()
            .map(|(i, c)| i + c.len_utf8())
            .take(14)
            .filter(|&end| !rest[end..].starts_with(|c: char| c.is_ascii_digit()))
            .collect();
        for &end in ends.iter().rev() {
            let part = &rest[..end];
            // A bare number is not a period; nor is a part of a longer date.
            let marked = part.contains('年') || part.contains('-');
            let cut = rest[end..].starts_with(['-', '~', '至']);
            if marked
                && !cut
                && let Some(stated) = period(part)
            {
                return Some(stated);
            }
        }
    }
    None
}

/// A month without a year in a file name: `10月报表`.
pub(super) fn bare_month(text: &str) -> Option<u8> {
    let text = compact(text);
    let text = ascii_digits(&text);
    let at = text.find('月')?;
    let before = &text[..at];
    let digits_from = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let month = small(&before[digits_from..]).and_then(|m| u8::try_from(m).ok())?;
    let own = !before[..digits_from].ends_with(['-', '.', '至', '~']);
    (own && (1..=12).contains(&month)).then_some(month)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::date_text;

    #[test]
    fn dates_are_read_as_typed() {
        for text in [
            "2013-10-25",
            "2013.10.25",
            "2013/10/25",
            "2013年10月25日",
            "20131025",
            "２０１３．１０．２５",
            "二〇一三年十月二十五日",
            "2013年10月25号",
            "2013-10-25T00:00:00",
            "2013-10-25 00:00:00",
        ] {
            assert_eq!(date(text).map(date_text).as_deref(), Some("2013-10-25"), "{text}");
        }
        for text in ["2013.10", "13-10-25", "2013-13-01", "2013-02-30", "10/25/2013", "去年"] {
            assert_eq!(date(text), None, "{text}");
        }
    }

    #[test]
    fn serials_follow_both_systems() {
        // Excel: 41572 is 2013-10-25 (1900 system), 40110 in the 1904 system.
        assert_eq!(from_serial(41_572, false).map(date_text).as_deref(), Some("2013-10-25"));
        assert_eq!(from_serial(40_110, true).map(date_text).as_deref(), Some("2013-10-25"));
        assert_eq!(from_serial(1, false).map(date_text).as_deref(), Some("1900-01-01"));
        assert_eq!(from_serial(61, false).map(date_text).as_deref(), Some("1900-03-01"));
        assert_eq!(from_serial(9_000_000, false), None);
    }

    #[test]
    fn periods_are_read_as_typed() {
        let stated = |text| match period(text) {
            Some(Stated::Period(p)) => p.to_string(),
            Some(Stated::Date(d)) => date_text(d),
            None => String::new(),
        };
        for (text, expected) in [
            ("2013年10月", "2013-10"),
            ("2013年10月份", "2013-10"),
            ("2013.10", "2013-10"),
            ("2013-10", "2013-10"),
            ("二〇一三年十月", "2013-10"),
            ("2013年三季度", "2013Q3"),
            ("2013年第三季度", "2013Q3"),
            ("2013年上半年", "2013H1"),
            ("2013年", "2013"),
            ("２０１３年度", "2013"),
            ("2013", "2013"),
            ("(2013年10月)", "2013-10"),
            ("截至2013年10月31日", "2013-10-31"),
            ("2021-06-05", "2021-06-05"),
            ("2013年1-10月", ""),
            ("十月", ""),
        ] {
            assert_eq!(stated(text), expected, "{text}");
        }
    }

    #[test]
    fn periods_are_found_inside_titles_and_file_names() {
        let found = |text| match period_inside(text) {
            Some(Stated::Period(p)) => p.to_string(),
            Some(Stated::Date(d)) => date_text(d),
            None => String::new(),
        };
        assert_eq!(found("左权县2013年10月党代表工作室月报"), "2013-10");
        assert_eq!(found("2013年度分类定级表"), "2013");
        assert_eq!(found("石匣乡_2013-10_报表(定稿)(2)"), "2013-10");
        assert_eq!(found("石匣乡2013年三季度台账"), "2013Q3");
        assert_eq!(found("党内统计公报_2021-06-05"), "2021-06-05");
        assert_eq!(found("党内统计公报_2010"), "");
        assert_eq!(found("石匣乡2013年1-10月"), "");
        assert_eq!(bare_month("石匣乡10月报表"), Some(10));
        assert_eq!(bare_month("石匣乡1-10月报表"), None);
    }
}
