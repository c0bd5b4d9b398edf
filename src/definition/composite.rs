//! Composite scores (综合评价): several indicators, each worth its part of 100 points.
//!
//! A part gives `min(value, full) / full × weight` points where more is better, and
//! `(full − value) / full × weight` where less is; never below 0 and never above its weight.
//! The points are exact; the total is their exact sum, and each printed number is rounded once.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Better;
use crate::model::{Decimal, Rational};

/// One part of a composite score.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// ASCII, part of the figure id.
    pub id: String,
    /// Default: the title of its indicator.
    #[serde(default)]
    pub title: String,
    /// The indicator whose value a unit is scored on; broken down by `unit`.
    pub indicator: String,
    /// Points of 100; the weights of all parts sum to 100.
    pub weight: u32,
    /// The value, as the indicator prints it, that gives all points (with `better = "lower"`: no
    /// points; zero gives all). E.g. `100` for a rate.
    pub full: String,
    /// `higher` (default) or `lower`.
    #[serde(default = "higher")]
    pub better: Better,
    /// Set by the loader.
    #[serde(skip)]
    pub parsed_full: Option<Decimal>,
}

fn higher() -> Better {
    Better::Higher
}

/// What becomes of a part whose form a unit does not owe.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NotOwed {
    /// The unit has no total, as with a part that it owes and lacks.
    #[default]
    Missing,
    /// The part does not count: the total is `points × 100 / weights that count`.
    Exclude,
}

impl Part {
    /// The exact points for a value; `None` when the integers would overflow.
    pub fn points(&self, value: Rational) -> Option<Rational> {
        let (none, all) = (Rational::new(0, 1), Rational::new(1, 1));
        let reached = value.checked_divide(self.parsed_full?.to_rational())?;
        let share = match self.better {
            Better::Lower => all.checked_minus(reached)?,
            Better::Higher | Better::Neither => reached,
        };
        share.clamp(none, all).checked_times(Rational::new(self.weight.into(), 1))
    }

    /// `较好以上率 30 分（达到 100 得满分）`
    pub fn in_words(&self) -> String {
        let rule = match self.better {
            Better::Lower => format!("为 0 得满分，达到 {} 得 0 分", self.full),
            Better::Higher | Better::Neither => format!("达到 {} 得满分", self.full),
        };
        format!("{} {} 分（{rule}）", self.title, self.weight)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(full: &str, better: Better) -> Part {
        Part {
            id: "a".into(),
            title: String::new(),
            indicator: "a".into(),
            weight: 30,
            full: full.into(),
            better,
            parsed_full: Decimal::parse(full),
        }
    }

    fn points(part: &Part, value: Rational) -> String {
        part.points(value).unwrap().round(2).to_string()
    }

    #[test]
    fn points_stay_between_none_and_the_weight() {
        // By hand: 2/3 of 100 % is 20 of 30; 180 % of a quota gives no more than all.
        let rate = part("100", Better::Higher);
        assert_eq!(points(&rate, Rational::new(200, 3)), "20.00");
        assert_eq!(points(&rate, Rational::new(180, 1)), "30.00");
        assert_eq!(points(&rate, Rational::new(-5, 1)), "0.00");
        // 5 of at most 20 working days: (20 − 5) / 20 × 30.
        let days = part("20", Better::Lower);
        assert_eq!(points(&days, Rational::new(5, 1)), "22.50");
        assert_eq!(points(&days, Rational::new(0, 1)), "30.00");
        assert_eq!(points(&days, Rational::new(21, 1)), "0.00");
    }
}
