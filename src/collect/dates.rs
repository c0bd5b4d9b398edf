//! Dates, months and reporting periods as clerks type them.

use super::text::{ascii_digits, compact};
use crate::model::{Period, one_or_two, parse_date, plausible_year, split_date};

/// A date typed as text, in any of the usual ways; days since 1970-01-01.
pub(super) fn date(text: &str) -> Option<i32> {
    date_and_time(text).map(|(day, _)| day)
}

/// A date that may have a time of day behind it; whether there is one other than midnight, which
/// is how programs write a date: `2013-10-25T08:30:00`, `2013-10-25 8:30`, `2013年10月25日8时30分`.
pub(super) fn date_and_time(text: &str) -> Option<(i32, bool)> {
    if let Some(day) = day(text) {
        return Some((day, false));
    }
    let is_border = |c: char| c.is_whitespace() || matches!(c, 'T' | 't' | 'Ｔ' | '日' | '号');
    text.char_indices().filter(|&(_, c)| is_border(c)).find_map(|(at, c)| {
        let time = &text[at + c.len_utf8()..];
        Some((day(&text[..at])?, !is_midnight(time)?))
    })
}

fn day(text: &str) -> Option<i32> {
    let text = compact(text);
    let text = ascii_digits(&text);
    parse_date(&text)
}

/// Is a time of day midnight? `None` for what is no time, or one of another time zone: its day may
/// be another here.
fn is_midnight(time: &str) -> Option<bool> {
    let numbers = time.split_whitespace().filter(|part| part.contains(char::is_numeric)).count();
    let time = compact(time);
    let time = ascii_digits(&time);
    let time =
        ["+08:00", "+0800", "+08"].iter().find_map(|z| time.strip_suffix(z)).unwrap_or(&time);
    let afternoon = ["下午", "晚上", "PM", "pm"];
    let halves = ["上午", "早上", "凌晨", "中午", "AM", "am"];
    let half =
        afternoon.iter().chain(&halves).find(|h| time.starts_with(**h) || time.ends_with(**h));
    let digits = half.map_or(time, |h| time.trim_start_matches(h).trim_end_matches(h));
    let mut plain = digits.replace(['时', '点', '分'], ":").replace('秒', "");
    if matches!(plain.len(), 4 | 6) && plain.bytes().all(|b| b.is_ascii_digit()) {
        // `0830`, `083000`
        plain = format!("{}:{}:{}", &plain[..2], &plain[2..4], &plain[4..]);
    }
    let mut parts = plain.trim_end_matches(':').split(':');
    let mut next = |limit: u32| -> Option<Option<u32>> {
        let Some(part) = parts.next() else { return Some(None) };
        let whole = part.split_once('.').map_or(part, |(whole, fraction)| {
            if fraction.bytes().all(|b| b.is_ascii_digit()) { whole } else { "" }
        });
        let value = whole.parse().ok().filter(|v| *v < limit && whole.len() <= 2)?;
        Some(Some(value))
    };
    let (hour, minute, second) = (next(24)??, next(60)?, next(60)?);
    let zero = hour == 0 && minute.unwrap_or(0) == 0 && second.unwrap_or(0) == 0;
    (numbers == 1 && parts.next().is_none()).then_some(zero && half.is_none())
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
    match split_date(text).as_slice() {
        [year, month] => year_month(year, month),
        _ => None,
    }
}

fn year_month(year: &str, month: &str) -> Option<(i16, u8)> {
    let month = one_or_two(month).and_then(|m| u8::try_from(m).ok())?;
    (1..=12).contains(&month).then_some((plausible_year(year)?, month))
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
    let year = plausible_year(year)?;
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

/// The month, quarter or half that a text names without its year: `9月`, `三季度`, `上半年报表`.
pub(super) fn part_of_year(text: &str, year: Option<i16>) -> Option<Period> {
    let text = compact(text);
    if let Some((_, after)) = text.split_once('月') {
        // Not a day, nor several months.
        let alone = !after.contains('月') && !after.starts_with(|c: char| c.is_ascii_digit());
        return Some(Period::Month(year?, bare_month(&text).filter(|_| alone)?));
    }
    let from = text.find(['第', '一', '二', '三', '四', '1', '2', '3', '4', '上', '下'])?;
    let named = text.contains("季") || text.contains("半年");
    match period_inside(&format!("{}年{}", year?, &text[from..])).filter(|_| named)? {
        Stated::Period(period @ (Period::Quarter(..) | Period::Half(..))) => Some(period),
        _ => None,
    }
}

/// A month without a year in a file name: `10月报表`.
pub(super) fn bare_month(text: &str) -> Option<u8> {
    let text = compact(text);
    let text = ascii_digits(&text);
    let at = text.find('月')?;
    let before = &text[..at];
    let digits_from = before.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    let month = one_or_two(&before[digits_from..]).and_then(|m| u8::try_from(m).ok())?;
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
            assert_eq!(date_and_time(text).map(|(_, time)| time), Some(false), "{text}");
        }
        for text in [
            "2013-10-25T08:30:00",
            "2013-10-25T08:00",
            "2013-10-25T08:30:00.000+08:00",
            "2013-10-25 8:30",
            "2013/10/25  08:30:15",
            "２０１３－１０－２５　０８：３０",
            "2013年10月25日 8时30分",
            "2013年10月25日8点",
            "2013-10-25 下午3:30",
            "2013-10-25 03:30 PM",
            "20131025 08:30",
            "20131025T083000",
        ] {
            let read = date_and_time(text).map(|(day, time)| (date_text(day), time));
            assert_eq!(read, Some(("2013-10-25".to_owned(), true)), "{text}");
        }
        // A time of another zone may mean another day; what is no time is not passed over.
        for text in ["2013-10-24T16:00:00.000Z", "2013-10-25T", "2013-10-25 25:00", "2013-10-25T会"]
        {
            assert_eq!(date(text), None, "{text}");
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
