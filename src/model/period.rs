//! Reporting periods (报告期) and frequencies, with 上期, 上年同期 and 年初.

use std::cmp::Ordering;
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How often a form is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Frequency {
    Monthly,
    Quarterly,
    HalfYearly,
    Annual,
    /// Rows since the last return; handed in monthly, may be empty.
    Event,
    /// A campaign or a single round.
    Once,
}

impl Frequency {
    /// As definitions write it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Monthly => "monthly",
            Self::Quarterly => "quarterly",
            Self::HalfYearly => "half-yearly",
            Self::Annual => "annual",
            Self::Event => "event",
            Self::Once => "once",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Monthly => "月报",
            Self::Quarterly => "季报",
            Self::HalfYearly => "半年报",
            Self::Annual => "年报",
            Self::Event => "即报（按月汇总）",
            Self::Once => "一次性",
        }
    }
}

/// A period that a return covers.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum Period {
    Month(i16, u8),
    Quarter(i16, u8),
    Half(i16, u8),
    Year(i16),
    /// A one-off campaign or reference date, e.g. `2021-06-05`.
    Campaign(String),
}

impl From<String> for Period {
    fn from(text: String) -> Self {
        Self::parse(&text)
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}

impl Period {
    /// Parses `2013-10`, `2013Q3`, `2013H1`, `2013`; anything else is a campaign name.
    pub fn parse(text: &str) -> Self {
        Self::parse_regular(text).unwrap_or_else(|| Self::Campaign(text.to_owned()))
    }

    /// Parses the regular forms only.
    pub fn parse_regular(text: &str) -> Option<Self> {
        if !text.is_ascii() || text.len() < 4 {
            return None;
        }
        let (year, rest) = text.split_at(4);
        if !year.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let year: i16 = year.parse().ok()?;
        match rest.as_bytes() {
            [] => Some(Self::Year(year)),
            [b'-', a @ b'0'..=b'1', b @ b'0'..=b'9'] => {
                let month = (a - b'0') * 10 + (b - b'0');
                (1..=12).contains(&month).then_some(Self::Month(year, month))
            }
            [b'Q', q @ b'1'..=b'4'] => Some(Self::Quarter(year, q - b'0')),
            [b'H', h @ b'1'..=b'2'] => Some(Self::Half(year, h - b'0')),
            _ => None,
        }
    }

    /// The period of the given frequency whose last month is (or contains) this month.
    pub fn containing(frequency: Frequency, year: i16, month: u8) -> Self {
        match frequency {
            Frequency::Monthly | Frequency::Event | Frequency::Once => Self::Month(year, month),
            Frequency::Quarterly => Self::Quarter(year, month.div_ceil(3)),
            Frequency::HalfYearly => Self::Half(year, month.div_ceil(6)),
            Frequency::Annual => Self::Year(year),
        }
    }

    /// Year and last month of the period; `None` for a campaign.
    pub fn last_month(&self) -> Option<(i16, u8)> {
        match self {
            Self::Month(y, m) => Some((*y, *m)),
            Self::Quarter(y, q) => Some((*y, q * 3)),
            Self::Half(y, h) => Some((*y, h * 6)),
            Self::Year(y) => Some((*y, 12)),
            Self::Campaign(_) => None,
        }
    }

    /// The last day, since 1970-01-01: it decides who owes the period and which rows of a
    /// register are valid in it. `None` for a campaign whose name is not a date.
    pub fn last_day(&self) -> Option<i32> {
        match self {
            Self::Campaign(name) => super::parse_date(name),
            _ => {
                let (year, month) = self.last_month()?;
                let first = jiff::civil::Date::new(year, i8::try_from(month).ok()?, 1).ok()?;
                Some(super::day_number(first.last_of_month()))
            }
        }
    }

    /// Year and first month of the period; `None` for a campaign.
    pub fn first_month(&self) -> Option<(i16, u8)> {
        match self {
            Self::Month(y, m) => Some((*y, *m)),
            Self::Quarter(y, q) => Some((*y, q * 3 - 2)),
            Self::Half(y, h) => Some((*y, h * 6 - 5)),
            Self::Year(y) => Some((*y, 1)),
            Self::Campaign(_) => None,
        }
    }

    /// Is the other one also a month, a quarter, …?
    pub fn is_like(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }

    pub fn year(&self) -> Option<i16> {
        self.last_month().map(|(year, _)| year)
    }

    /// 上期: the period of the same kind just before.
    pub fn previous(&self) -> Option<Self> {
        match self {
            Self::Month(y, 1) => Some(Self::Month(y - 1, 12)),
            Self::Month(y, m) => Some(Self::Month(*y, m - 1)),
            Self::Quarter(y, 1) => Some(Self::Quarter(y - 1, 4)),
            Self::Quarter(y, q) => Some(Self::Quarter(*y, q - 1)),
            Self::Half(y, 1) => Some(Self::Half(y - 1, 2)),
            Self::Half(y, _) => Some(Self::Half(*y, 1)),
            Self::Year(y) => Some(Self::Year(y - 1)),
            Self::Campaign(_) => None,
        }
    }

    /// How many periods of its own kind later than another; `None` for other kinds and campaigns.
    pub fn steps_since(&self, earlier: &Self) -> Option<i32> {
        let number = |period: &Self| match period {
            Self::Month(y, m) => Some((0, i32::from(*y) * 12 + i32::from(*m))),
            Self::Quarter(y, q) => Some((1, i32::from(*y) * 4 + i32::from(*q))),
            Self::Half(y, h) => Some((2, i32::from(*y) * 2 + i32::from(*h))),
            Self::Year(y) => Some((3, i32::from(*y))),
            Self::Campaign(_) => None,
        };
        let ((kind, now), (other, then)) = (number(self)?, number(earlier)?);
        (kind == other).then_some(now - then)
    }

    /// 上年同期.
    pub fn year_ago(&self) -> Option<Self> {
        match self {
            Self::Month(y, m) => Some(Self::Month(y - 1, *m)),
            Self::Quarter(y, q) => Some(Self::Quarter(y - 1, *q)),
            Self::Half(y, h) => Some(Self::Half(y - 1, *h)),
            Self::Year(y) => Some(Self::Year(y - 1)),
            Self::Campaign(_) => None,
        }
    }

    /// 年初: the last period of the same kind of the year before.
    pub fn year_begin(&self) -> Option<Self> {
        match self {
            Self::Month(y, _) => Some(Self::Month(y - 1, 12)),
            Self::Quarter(y, _) => Some(Self::Quarter(y - 1, 4)),
            Self::Half(y, _) => Some(Self::Half(y - 1, 2)),
            Self::Year(y) => Some(Self::Year(y - 1)),
            Self::Campaign(_) => None,
        }
    }

    /// As printed in Chinese text: `2013年10月`, `2013年三季度`, `2013年上半年`, `2013年`.
    pub fn title(&self) -> String {
        match self {
            Self::Month(y, m) => format!("{y}年{m}月"),
            Self::Quarter(y, q) => {
                format!("{y}年{}季度", ["一", "二", "三", "四"][usize::from(q - 1).min(3)])
            }
            Self::Half(y, h) => format!("{y}年{}半年", if *h == 1 { "上" } else { "下" }),
            Self::Year(y) => format!("{y}年"),
            Self::Campaign(name) => name.clone(),
        }
    }

    fn sort_key(&self) -> (i16, u8, u8) {
        match self {
            Self::Month(y, m) => (*y, *m, 0),
            Self::Quarter(y, q) => (*y, q * 3, 1),
            Self::Half(y, h) => (*y, h * 6, 2),
            Self::Year(y) => (*y, 12, 3),
            Self::Campaign(_) => (i16::MAX, 0, 0),
        }
    }
}

/// Ordered by last month, then by length; campaigns come last, by name.
impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Campaign(name), Self::Campaign(other)) => name.cmp(other),
            _ => self.sort_key().cmp(&other.sort_key()),
        }
    }
}
impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Month(y, m) => write!(f, "{y:04}-{m:02}"),
            Self::Quarter(y, q) => write!(f, "{y:04}Q{q}"),
            Self::Half(y, h) => write!(f, "{y:04}H{h}"),
            Self::Year(y) => write!(f, "{y:04}"),
            Self::Campaign(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_round_trip_and_know_their_neighbours() {
        for text in ["2013-10", "2013Q3", "2013H1", "2013", "2021-06-05"] {
            assert_eq!(Period::parse(text).to_string(), text);
        }
        assert_eq!(Period::parse("2013-13"), Period::Campaign("2013-13".into()));
        let january = Period::parse("2013-01");
        assert_eq!(january.previous(), Some(Period::parse("2012-12")));
        assert_eq!(Period::parse("2013-10").year_begin(), Some(Period::parse("2012-12")));
        assert_eq!(Period::parse("2013-10").year_ago(), Some(Period::parse("2012-10")));
        assert_eq!(Period::parse("2013Q1").previous(), Some(Period::parse("2012Q4")));
        assert!(Period::parse("2013-12") < Period::parse("2013"));
        assert_eq!(Period::parse("2013Q3").title(), "2013年三季度");
        let steps = |now: &str, then: &str| Period::parse(now).steps_since(&Period::parse(then));
        assert_eq!(steps("2013-02", "2012-11"), Some(3));
        assert_eq!((steps("2013Q1", "2012Q4"), steps("2013Q1", "2012-12")), (Some(1), None));
    }
}
