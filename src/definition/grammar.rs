//! Strings of definitions that have a grammar: parsed when the file is read, so that a spelling
//! that means nothing is refused at its line, with what could be written instead.
//!
//! `#[serde(deserialize_with = "grammar::one")]` (or `optional`, `list`) reads a field so.

use std::collections::BTreeMap;

use serde::de::{Deserialize, Deserializer, Error};
use toml::Spanned;

use crate::model::{Decimal, Period};

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
pub enum Due {
    Days(u16),
    WorkingDays(u16),
}

impl Grammar for Due {
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

impl Due {
    pub fn in_words(self) -> String {
        match self {
            Self::Days(count) => format!("上报月份结束后 {count} 日内"),
            Self::WorkingDays(count) => format!("上报月份结束后 {count} 个工作日内"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_has_one_spelling_and_nothing_else_is_one() {
        assert_eq!(Due::parse("+10 working days"), Some(Due::WorkingDays(10)));
        assert_eq!(Due::parse("+1 day"), Some(Due::Days(1)));
        for text in
            ["", "+10 workdays", "次月5日前", "2012-05-05", "10 days", "++1 day", "+10  days"]
        {
            assert_eq!(Due::parse(text), None, "{text}");
        }
    }
}
