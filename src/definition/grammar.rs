//! Strings of definitions that have a grammar: parsed when the file is read, so that a spelling
//! that means nothing is refused at its line, with what could be written instead.
//!
//! `#[serde(deserialize_with = "grammar::one")]` (or `optional`, `list`) reads a field so.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use toml::Spanned;

use crate::model::{Decimal, Period, date_of, date_text, parse_date};

/// A type that is written as a string.
pub(super) trait Grammar: Sized {
    /// In Chinese: 报告期.
    const WHAT: &'static str;
    /// How it is written, with an example of each way.
    const WRITTEN: &'static str;

    fn parse(text: &str) -> Option<Self>;
}

/// Why a text is not what it should be.
pub(super) fn wrong<T: Grammar>(text: &str) -> String {
    format!("“{text}” 不是{}，应写作 {}", T::WHAT, T::WRITTEN)
}

fn parse<T: Grammar, E: Error>(text: &str) -> Result<T, E> {
    T::parse(text).ok_or_else(|| E::custom(wrong::<T>(text)))
}

pub(super) fn one<'de, T: Grammar, D: Deserializer<'de>>(source: D) -> Result<T, D::Error> {
    parse(&String::deserialize(source)?)
}

pub(super) fn optional<'de, T: Grammar, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<T>, D::Error> {
    one(source).map(Some)
}

pub(super) fn list<'de, T: Grammar, D: Deserializer<'de>>(source: D) -> Result<Vec<T>, D::Error> {
    let texts = Vec::<String>::deserialize(source)?;
    texts.iter().map(|text| parse(text)).collect()
}

/// A table of named values.
pub(super) fn named<'de, T: Grammar, D: Deserializer<'de>>(
    source: D,
) -> Result<BTreeMap<String, T>, D::Error> {
    let texts = BTreeMap::<String, String>::deserialize(source)?;
    texts.into_iter().map(|(name, text)| Ok((name, parse(&text)?))).collect()
}

/// A table whose keys are in the order of the file: the order in which they are shown.
pub(super) fn in_file_order<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<Vec<(String, String)>, D::Error> {
    let keys = BTreeMap::<String, Spanned<String>>::deserialize(source)?;
    let mut placed: Vec<(String, Spanned<String>)> = keys.into_iter().collect();
    placed.sort_by_key(|(_, value)| value.span().start);
    Ok(placed.into_iter().map(|(key, value)| (key, value.into_inner())).collect())
}

/// A period, or the name of a campaign: which names there are only the whole pipeline says.
pub(super) fn period_or_campaign<'de, D: Deserializer<'de>>(source: D) -> Result<Period, D::Error> {
    Ok(Period::parse(&String::deserialize(source)?))
}

/// The same where it may be left out.
pub(super) fn optional_period<'de, D: Deserializer<'de>>(
    source: D,
) -> Result<Option<Period>, D::Error> {
    period_or_campaign(source).map(Some)
}

/// A month, quarter, half or year; a campaign is only known by its name.
impl Grammar for Period {
    const WHAT: &'static str = "报告期";
    const WRITTEN: &'static str = "2013-10（月）、2013Q3（季）、2013H1（半年）或 2013（年）";

    fn parse(text: &str) -> Option<Self> {
        Self::parse_regular(text)
    }
}

impl Grammar for Decimal {
    const WHAT: &'static str = "数";
    const WRITTEN: &'static str = "数字，如 60、0.5、-1";

    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

/// Until when a return is on time, counted from the end of the month that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deadline {
    Days(u16),
    WorkingDays(u16),
}

impl Grammar for Deadline {
    const WHAT: &'static str = "报送期限";
    const WRITTEN: &'static str = "+10 working days（上报月份结束后 10 个工作日内）或 +5 days（5 日内）；不考核及时性的不写 due";

    fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.strip_prefix('+')?.split_once(' ')?;
        // `u16::from_str` would take a second sign.
        let number = number.bytes().all(|b| b.is_ascii_digit()).then(|| number.parse().ok())??;
        match unit {
            "day" | "days" => Some(Self::Days(number)),
            "working day" | "working days" => Some(Self::WorkingDays(number)),
            _ => None,
        }
    }
}

impl Deadline {
    pub fn in_words(self) -> String {
        match self {
            Self::Days(count) => format!("上报月份结束后 {count} 日内"),
            Self::WorkingDays(count) => format!("上报月份结束后 {count} 个工作日内"),
        }
    }
}

/// Until when a task is done: a day of a month after the report's period, so that each issue sets
/// its own; or one day for all issues before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskDay {
    /// Of a month with fewer days the last one is meant.
    After { months: u8, day: u8 },
    /// Days since 1970-01-01.
    On(i32),
}

impl Grammar for TaskDay {
    const WHAT: &'static str = "任务的日子";
    const WRITTEN: &'static str = "+2 months 20（报告期以后第二个月的 20 日；31 是月末）或 2013-12-31（这一天；报告期不早于它的，用到它的句子不写）";

    fn parse(text: &str) -> Option<Self> {
        let Some(after) = text.strip_prefix('+') else {
            let day = parse_date(text)?;
            return (date_text(day) == text).then_some(Self::On(day));
        };
        let [months, unit, day] = *after.split(' ').collect::<Vec<_>>().as_slice() else {
            return None;
        };
        let number = |text: &str, most: u8| {
            // `u8::from_str` would take a second sign.
            let number = text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())??;
            (1..=most).contains(&number).then_some(number)
        };
        let (months, day) = (number(months, 24)?, number(day, 31)?);
        matches!(unit, "month" | "months").then_some(Self::After { months, day })
    }
}

impl TaskDay {
    /// `12月20日`, with the year where it is another than the period's; or why there is none.
    pub fn in_report_of(self, period: &Period) -> Result<String, String> {
        let countless = || format!("{}不是月、季、半年或年，期限无从算起", period.title());
        let last = period.last_day().ok_or_else(countless)?;
        let day = match self {
            Self::On(day) if day <= last => {
                return Err(format!("期限 {} 不晚于报告期", date_text(day)));
            }
            Self::On(day) => day,
            Self::After { months, day } => {
                Self::after(period, months, day).ok_or_else(countless)?
            }
        };
        let date = date_of(day).ok_or_else(countless)?;
        let year = match period.year() {
            Some(year) if year == date.year() => String::new(),
            _ => format!("{}年", date.year()),
        };
        Ok(format!("{year}{}月{}日", date.month(), date.day()))
    }

    fn after(period: &Period, months: u8, day: u8) -> Option<i32> {
        let (year, month) = period.last_month()?;
        let ahead = i16::from(month) - 1 + i16::from(months);
        let month = Period::Month(year + ahead / 12, u8::try_from(ahead % 12 + 1).ok()?);
        let before = month.previous()?.last_day()?;
        Some((before + i32::from(day)).min(month.last_day()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_s_day_goes_with_the_period() {
        let said = |written: &str, period: &str| {
            TaskDay::parse(written).unwrap().in_report_of(&Period::parse(period))
        };
        assert_eq!(said("+2 months 20", "2013-10").unwrap(), "12月20日");
        assert_eq!(said("+2 months 20", "2013-06").unwrap(), "8月20日");
        // December and later: the next year, and said so. February ends before the 31st.
        assert_eq!(said("+1 month 10", "2013-12").unwrap(), "2014年1月10日");
        assert_eq!(said("+2 months 31", "2013Q4").unwrap(), "2014年2月28日");
        assert_eq!(said("+24 months 5", "2013H1").unwrap(), "2015年6月5日");
        assert_eq!(said("2013-12-31", "2013-11").unwrap(), "12月31日");
        assert!(said("2013-12-31", "2013-12").unwrap_err().contains("不晚于报告期"));
        assert!(said("+1 month 5", "三评").unwrap_err().contains("无从算起"));
        for wrong in ["12月20日", "+2 20", "+2 months 0", "+0 months 5", "+2 months 32", "2013-2-1"]
        {
            assert_eq!(TaskDay::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_deadline_has_one_spelling_and_nothing_else_is_one() {
        assert_eq!(Deadline::parse("+10 working days"), Some(Deadline::WorkingDays(10)));
        assert_eq!(Deadline::parse("+1 day"), Some(Deadline::Days(1)));
        for text in
            ["", "+10 workdays", "次月5日前", "2012-05-05", "10 days", "++1 day", "+10  days"]
        {
            assert_eq!(Deadline::parse(text), None, "{text}");
        }
    }
}
