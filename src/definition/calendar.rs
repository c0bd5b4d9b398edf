//! Working days with swapped weekends (调休), from `holidays.csv`.

use std::collections::BTreeMap;

use jiff::civil::Date;

use crate::model::{date_of, day_number};

/// Official days off and swapped working days of the years it covers.
#[derive(Debug, Clone, Default)]
pub struct Calendar {
    /// Day number → is it a working day, for days that differ from the weekly pattern.
    exceptions: BTreeMap<i32, bool>,
    /// Exceptional day → working days that the exceptions up to it add to the weekly pattern.
    corrections: BTreeMap<i32, i32>,
    /// First and last day covered; outside, working days are not known.
    covered: Option<(i32, i32)>,
}

impl Calendar {
    /// `days`: (date, `true` for a swapped working day, `false` for a day off).
    /// Covers the whole years in which at least one day is listed.
    pub fn new(days: impl IntoIterator<Item = (Date, bool)>) -> Self {
        let exceptions: BTreeMap<i32, bool> =
            days.into_iter().map(|(date, works)| (day_number(date), works)).collect();
        let year = |day: Option<&i32>| day.and_then(|&d| date_of(d)).map(|d| d.year());
        let covered = match (year(exceptions.keys().next()), year(exceptions.keys().next_back())) {
            (Some(first), Some(last)) => Some((
                day_number(jiff::civil::date(first, 1, 1)),
                day_number(jiff::civil::date(last, 12, 31)),
            )),
            _ => None,
        };
        let mut total = 0;
        let correction = |(&day, &works): (&i32, &bool)| {
            total += i32::from(works) - i32::from(weekday(day) < 5);
            (day, total)
        };
        let corrections = exceptions.iter().map(correction).collect();
        Self { exceptions, corrections, covered }
    }

    /// First and last day covered, and the days that differ from the weekly pattern.
    pub fn exceptions(&self) -> Option<(i32, i32, &BTreeMap<i32, bool>)> {
        let (first, last) = self.covered?;
        Some((first, last, &self.exceptions))
    }

    pub fn is_working_day(&self, day: i32) -> Option<bool> {
        let (first, last) = self.covered?;
        if !(first..=last).contains(&day) {
            return None;
        }
        if let Some(&works) = self.exceptions.get(&day) {
            return Some(works);
        }
        Some(weekday(day) < 5)
    }

    /// The day that is so many working days after another; `None` outside the covered years.
    pub fn working_days_after(&self, day: i32, count: u16) -> Option<i32> {
        let (mut day, mut left) = (day, count);
        while left > 0 {
            day += 1;
            left -= u16::from(self.is_working_day(day)?);
        }
        Some(day)
    }

    /// Working days from the first covered day up to and including `day`: differences of two
    /// such numbers count working days. `None` outside the covered years.
    pub fn working_day_number(&self, day: i32) -> Option<i32> {
        let (first, last) = self.covered?;
        if !(first..=last).contains(&day) {
            return None;
        }
        // Whole weeks by arithmetic, then the exceptions.
        let start = weekday(first);
        let span = day - first + 1 + start;
        let worked = (span / 7) * 5 + (span % 7).min(5) - start.min(5);
        let correction = self.corrections.range(..=day).next_back().map_or(0, |(_, &total)| total);
        Some(worked + correction)
    }
}

/// Monday is 0; day 0, 1970-01-01, was a Thursday.
fn weekday(day: i32) -> i32 {
    (day + 3).rem_euclid(7)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn national_day_2013() -> Calendar {
        let off = (1..=7).map(|d| (jiff::civil::date(2013, 10, d), false));
        let swapped =
            [(jiff::civil::date(2013, 9, 29), true), (jiff::civil::date(2013, 10, 12), true)];
        Calendar::new(off.chain(swapped))
    }

    #[test]
    fn swapped_weekends_work_and_holidays_do_not() {
        let calendar = national_day_2013();
        let day = |m, d| day_number(jiff::civil::date(2013, m, d));
        assert_eq!(calendar.is_working_day(day(9, 29)), Some(true));
        assert_eq!(calendar.is_working_day(day(10, 7)), Some(false));
        assert_eq!(calendar.is_working_day(day(10, 13)), Some(false));
        assert_eq!(calendar.is_working_day(day_number(jiff::civil::date(2015, 1, 5))), None);
        // By hand: 27 Sep (Fri) to 14 Oct (Mon): 29, 30 Sep, 8–12 Oct, 14 Oct = 8 working days.
        let number = |m, d| calendar.working_day_number(day(m, d)).unwrap();
        assert_eq!(number(10, 14) - number(9, 27), 8);
    }

    #[test]
    fn the_formula_agrees_with_counting_day_by_day() {
        let calendar = national_day_2013();
        let mut count = 0;
        for day in
            day_number(jiff::civil::date(2013, 1, 1))..=day_number(jiff::civil::date(2013, 12, 31))
        {
            count += i32::from(calendar.is_working_day(day).unwrap());
            assert_eq!(calendar.working_day_number(day), Some(count), "day {day}");
        }
    }
}
