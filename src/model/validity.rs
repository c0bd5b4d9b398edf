//! From when to when a unit or a row of a register exists.
//!
//! Of a period its **last day** decides: a committee dissolved on 15 October owes nothing for
//! October; one dissolved on 31 October still does.

use super::Period;

/// Both days belong to it; days since 1970-01-01. Without days it is always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Validity {
    pub from: Option<i32>,
    pub to: Option<i32>,
}

impl Validity {
    /// Does it hold at the end of the period? A campaign whose name is no date has no end: it
    /// takes everything.
    pub fn covers(&self, period: &Period) -> bool {
        self.covers_day(period.last_day())
    }

    /// Is there a day in both?
    pub fn meets(&self, other: Self) -> bool {
        let begins_by_end = |a: Option<i32>, b: Option<i32>| a.zip(b).is_none_or(|(a, b)| a <= b);
        begins_by_end(self.from, other.to) && begins_by_end(other.from, self.to)
    }

    /// The same for the last day of a period, for many rows at once.
    pub fn covers_day(&self, last_day: Option<i32>) -> bool {
        last_day.is_none_or(|day| {
            self.from.is_none_or(|from| from <= day) && self.to.is_none_or(|to| to >= day)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::parse_date;

    #[test]
    fn the_last_day_of_a_period_decides() {
        let until = |day| Validity { from: None, to: parse_date(day) };
        let since = |day| Validity { from: parse_date(day), to: None };
        let covers = |validity: Validity, period| validity.covers(&Period::parse(period));
        assert!(!covers(until("2013-10-30"), "2013-10"));
        assert!(covers(until("2013-10-31"), "2013-10"));
        assert!(covers(since("2013/10/31"), "2013-10"));
        assert!(!covers(since("2013-11-01"), "2013-10"));
        assert!(!covers(until("2013-10-31"), "2013"), "the year ends in December");
        assert!(!covers(until("2013-02-27"), "2013-02") && covers(until("2013-02-28"), "2013-02"));
        // A campaign may be named after its reference day.
        assert!(!covers(until("2021-06-04"), "2021-06-05"));
        assert!(covers(until("2021-06-04"), "摸底"));
    }
}
