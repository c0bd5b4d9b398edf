//! Printed numbers recomputed from printed numbers: each is known only to half a unit of its
//! last place, so a check asks whether *some* true values agree, not whether rounded ones do.

use std::collections::BTreeMap;

use super::context::Output;
use super::run::{QueryRows, Run};
use crate::definition::{Interval, IntervalOperation};
use crate::model::{Finding, Rational};

/// A closed interval of true values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Range {
    low: Rational,
    high: Rational,
}

impl Range {
    fn around(middle: Rational, half: Rational) -> Self {
        let half = if half < Rational::new(0, 1) { Rational::new(0, 1).minus(half) } else { half };
        Self { low: middle.minus(half), high: middle.plus(half) }
    }

    fn meets(self, other: Self) -> bool {
        self.low <= other.high && other.low <= self.high
    }

    fn minus(self, other: Self) -> Self {
        Self { low: self.low.minus(other.high), high: self.high.minus(other.low) }
    }

    fn negated(self) -> Self {
        let zero = Rational::new(0, 1);
        Self { low: zero.minus(self.high), high: zero.minus(self.low) }
    }

    /// `100 · self / base`; `None` when the base may be zero.
    fn share_of(self, base: Self) -> Option<Self> {
        let zero = Rational::new(0, 1);
        if base.high < zero {
            return self.negated().share_of(base.negated());
        }
        if base.low <= zero {
            return None;
        }
        let hundred = Rational::new(100, 1);
        // The quotient is smallest over the largest base when the part is positive, and over
        // the smallest base when it is negative.
        let low_base = if self.low >= zero { base.high } else { base.low };
        let high_base = if self.high >= zero { base.low } else { base.high };
        Some(Self {
            low: self.low.times(hundred).divided_by(low_base)?,
            high: self.high.times(hundred).divided_by(high_base)?,
        })
    }
}

/// What the true values allow for the printed number; `None` when it cannot be said.
fn allowed(operation: IntervalOperation, a: Range, b: Option<Range>) -> Option<Range> {
    match operation {
        IntervalOperation::Share => a.share_of(b?),
        IntervalOperation::Difference => Some(a.minus(b?)),
        IntervalOperation::Equal => Some(a),
    }
}

/// Judges every row of an interval check.
pub(super) fn check(run: &Run, interval: &Interval, rows: &QueryRows, output: &mut Output) {
    let mut gaps: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for row in 0..rows.len() {
        let judged = judge(interval.operation, rows, row);
        let tally = output.tally(&run.check.code);
        match judged {
            None => {
                tally.not_evaluated += 1;
                if let Some(view) = run.blamed_row(rows, row) {
                    let (at, _) = view.table.place(view.row);
                    let gap = gaps.entry(at).or_insert((row, 0));
                    gap.1 += 1;
                }
            }
            Some((printed, allowed)) if printed.meets(allowed) => tally.passed += 1,
            Some((_, allowed)) => {
                tally.failed += 1;
                let places = shown_places(rows, row).saturating_add(2);
                let range =
                    format!("{}至{}", allowed.low.round(places), allowed.high.round(places));
                let extra = [("range", range.clone()), ("expected", expected(&range))];
                output.findings.push(run.fail(rows, row, &extra));
            }
        }
    }
    if interval.silent_when_missing {
        return;
    }
    for (first, count) in gaps.into_values() {
        let Some(view) = run.blamed_row(rows, first) else { continue };
        let (facts, _) = view.origin();
        output.findings.push(Finding {
            location: facts.sheet_location(),
            seen: String::new(),
            expected: String::new(),
            message: format!("{count} 行未评估：缺少推算所需的数（基数、上期数或公布数）"),
            ..run
                .fail(rows, first, &[])
                .not_evaluated("补充所缺的数后重新审核；没有公布的，无须处理")
        });
    }
}

fn expected(range: &str) -> String {
    format!("按所列数的精度推算应在 {range} 之间")
}

fn shown_places(rows: &QueryRows, row: usize) -> u8 {
    rows.column("printed").and_then(|column| column.number(row)).map_or(0, |n| n.places)
}

/// The printed number's interval and the one recomputed; `None` when not evaluated.
fn judge(operation: IntervalOperation, rows: &QueryRows, row: usize) -> Option<(Range, Range)> {
    let number = |name: &str| Some(rows.column(name)?.number(row)?.to_rational());
    let range = |name: &str, half: &str| Some(Range::around(number(name)?, number(half)?));
    let printed = range("printed", "printed_half")?;
    let a = range("a", "a_half")?;
    let b = range("b", "b_half");
    Some((printed, allowed(operation, a, b)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Column, ColumnType, Decimal};

    fn range(middle: &str, half: &str) -> Range {
        let number = |text| Decimal::parse(text).unwrap().to_rational();
        Range::around(number(middle), number(half))
    }

    fn share_passes(printed: &str, a: &str, b: &str) -> bool {
        let allowed =
            allowed(IntervalOperation::Share, range(a, "0.05"), Some(range(b, "0.05"))).unwrap();
        range(printed, "0.05").meets(allowed)
    }

    #[test]
    fn published_shares_of_2014_are_judged_by_their_precision() {
        // 2466.15/8779.35 = 28.0903 %: above 28.05, so 28.0 cannot be right, 28.1 can.
        assert!(!share_passes("28.0", "2466.2", "8779.3"));
        assert!(share_passes("28.1", "2466.2", "8779.3"));
        // 2286.05/8779.25 = 26.0393 %: below 26.05, so 26.1 cannot be right, 26.0 can.
        assert!(!share_passes("26.1", "2286.0", "8779.3"));
        assert!(share_passes("26.0", "2286.0", "8779.3"));
    }

    #[test]
    fn growth_of_2018_agrees_within_what_printing_leaves_open() {
        // 3.9/457.2 = 0.853 % would round to 0.9, but 3.85/457.25 = 0.842 % rounds to 0.8.
        assert!(share_passes("0.8", "3.9", "457.2"));
        assert!(share_passes("0.9", "3.9", "457.2"));
        assert!(!share_passes("0.7", "3.9", "457.2"));
        // The base known only as 461.0 − 3.9: each half a unit, so its half is 0.1.
        let base = range("461.0", "0.05").minus(range("3.9", "0.05"));
        assert_eq!(base, range("457.1", "0.1"));
        let growth = allowed(IntervalOperation::Share, range("3.9", "0.05"), Some(base)).unwrap();
        assert!(range("0.8", "0.05").meets(growth));
    }

    #[test]
    fn negative_parts_and_bases_that_may_be_zero() {
        // −3.9 of 457.2: −0.8642 … −0.8419 %.
        assert!(share_passes("-0.8", "-3.9", "457.2"));
        assert!(share_passes("-0.9", "-3.9", "457.2"));
        assert!(!share_passes("0.8", "-3.9", "457.2"));
        assert!(!share_passes("-0.7", "-3.9", "457.2"));
        // A part that may be zero allows both signs.
        assert!(share_passes("0.0", "0.0", "457.2"));
        let zero_base = range("0.0", "0.05");
        assert_eq!(allowed(IntervalOperation::Share, range("1", "0.5"), Some(zero_base)), None);
        // Both negative: a positive share.
        let both = allowed(
            IntervalOperation::Share,
            range("-28.0", "0.05"),
            Some(range("-100.0", "0.05")),
        );
        assert!(range("28.0", "0.05").meets(both.unwrap()));
    }

    #[test]
    fn differences_and_equality() {
        let difference = |printed: &str, a: &str, b: &str| {
            let allowed =
                allowed(IntervalOperation::Difference, range(a, "0.05"), Some(range(b, "0.05")));
            range(printed, "0.05").meets(allowed.unwrap())
        };
        assert!(difference("3.9", "461.0", "457.2"));
        assert!(difference("3.8", "461.0", "457.2"));
        assert!(!difference("4.0", "461.0", "457.2"));
        let equal = allowed(IntervalOperation::Equal, range("10.1", "0"), None).unwrap();
        assert!(range("10.1", "0").meets(equal));
        assert!(!range("10.2", "0").meets(equal));
        assert!(range("10.2", "0.1").meets(equal));
    }

    #[test]
    fn a_row_with_a_blank_is_not_evaluated() {
        let column =
            |values: &[Option<i64>]| Column::numbers(ColumnType::Decimal(2), values.to_vec());
        let rows = QueryRows::new(vec![
            ("printed".into(), column(&[Some(2800), None])),
            ("printed_half".into(), column(&[Some(5), Some(5)])),
            ("a".into(), column(&[Some(246_620), Some(246_620)])),
            ("a_half".into(), column(&[Some(5), Some(5)])),
            ("b".into(), column(&[Some(877_930), Some(877_930)])),
            ("b_half".into(), column(&[Some(5), Some(5)])),
        ]);
        let (printed, allowed) = judge(IntervalOperation::Share, &rows, 0).unwrap();
        assert!(!printed.meets(allowed));
        assert!(judge(IntervalOperation::Share, &rows, 1).is_none());
    }
}
