//! The plot of a series: where values and periods stand, with their axes.

use super::scene::{Anchor, RULE, SMALL, SOFT, Scene};
use crate::model::{Decimal, Period};
use crate::report::color::INK;

pub(super) struct PlotArea {
    pub(super) left: i32,
    pub(super) right: i32,
    pub(super) top: i32,
    pub(super) bottom: i32,
    pub(super) values: ValueAxis,
    pub(super) periods: Vec<Period>,
}

impl PlotArea {
    pub(super) fn x(&self, period: usize) -> i32 {
        if self.periods.len() < 2 {
            return i32::midpoint(self.left, self.right);
        }
        self.left + (self.right - self.left) * period as i32 / (self.periods.len() as i32 - 1)
    }

    pub(super) fn y(&self, value: f64) -> i32 {
        let axis = &self.values;
        let share = (value - axis.low) / (axis.high - axis.low);
        self.bottom - (share * f64::from(self.bottom - self.top)).round() as i32
    }

    /// Grid lines with their values; gives the heights of the lines.
    pub(super) fn grid(&self, scene: &mut Scene) -> Vec<i32> {
        let ticks = self.values.ticks();
        ticks
            .into_iter()
            .map(|(value, text)| {
                let y = self.y(value);
                scene.rect((self.left - 30, y - 1), (self.right - self.left + 60, 2), RULE);
                scene.label((self.left - 42, y), Anchor::End, SMALL, SOFT, &text);
                y
            })
            .collect()
    }

    /// Months, quarters … with the year below its first. Where they would touch only every
    /// n-th is named, counted back from the last.
    pub(super) fn time_axis(&self, scene: &mut Scene) {
        let texts: Vec<String> = self.periods.iter().map(short).collect();
        let widest = texts.iter().map(|t| SMALL.width(t)).max().unwrap_or(0) + 16;
        let room = if texts.len() > 1 { self.x(1) - self.x(0) } else { i32::MAX };
        let every = (widest / room.max(1) + 1) as usize;
        let middle = self.bottom + 14 + SMALL.line_height() / 2;
        let mut year = None;
        for (i, (text, period)) in texts.iter().zip(&self.periods).enumerate() {
            let shown = (texts.len() - 1 - i).is_multiple_of(every);
            scene.rect((self.x(i) - 1, self.bottom), (2, if shown { 10 } else { 6 }), SOFT);
            if !shown {
                continue;
            }
            scene.label((self.x(i), middle), Anchor::Middle, SMALL, INK, text);
            if period.year() != year && !matches!(period, Period::Year(_)) {
                year = period.year();
                let below = year.map(|y| format!("{y}年")).unwrap_or_default();
                let at = (self.x(i), middle + SMALL.line_height());
                scene.label(at, Anchor::Middle, SMALL, SOFT, &below);
            }
        }
    }
}

/// A period without its year: `10月`, `三季度`, `上半年`.
pub(in crate::report) fn short(period: &Period) -> String {
    let title = period.title();
    match (period, title.split_once('年')) {
        (Period::Year(_) | Period::Campaign(_), _) | (_, None) => title,
        (_, Some((_, rest))) => rest.to_owned(),
    }
}

/// Lowest and highest tick and their distance.
#[derive(Debug, PartialEq)]
pub(in crate::report) struct ValueAxis {
    pub(in crate::report) low: f64,
    pub(in crate::report) high: f64,
    step: f64,
}

impl ValueAxis {
    /// Steps of 1, 2 or 5 times a power of ten, from zero unless the values lie close together
    /// far from it. Where all values are whole, so are the ticks.
    pub(in crate::report) fn new(values: &[Decimal]) -> Self {
        let whole = values.iter().all(|v| v.places == 0);
        let values = || values.iter().copied().map(Decimal::to_f64_for_display);
        let (high, low) = (values().fold(f64::MIN, f64::max), values().fold(f64::MAX, f64::min));
        let from_zero = low <= 0.0 || high <= 0.0 || low < high * 0.7 || (whole && high < 20.0);
        let (bottom, top) = if from_zero { (low.min(0.0), high.max(0.0)) } else { (low, high) };
        let span = if top > bottom { top - bottom } else { top.abs().max(1.0) };
        let rough = if whole { (span / 4.0).max(1.0) } else { span / 4.0 };
        let power = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 2.5, 5.0, 10.0]
            .into_iter()
            // Quarters only where ticks stay whole numbers.
            .filter(|m| *m != 2.5 || power >= 10.0)
            .map(|m| m * power)
            .find(|s| *s >= rough)
            .unwrap_or(power * 10.0);
        let mut low = (bottom / step).floor() * step;
        // Room for a label below the lowest point.
        if !from_zero && bottom - low < step / 2.0 {
            low -= step;
        }
        let mut high = (top / step).ceil() * step;
        if high <= low {
            high = low + step;
        }
        Self { low, high, step }
    }

    /// Values with their texts, from below.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let count = ((self.high - self.low) / self.step).round() as i32;
        (0..=count)
            .map(|i| self.low + f64::from(i) * self.step)
            .map(|value| (value, self.text(value)))
            .collect()
    }

    fn text(&self, value: f64) -> String {
        let places = (-self.step.log10().floor()).clamp(0.0, 6.0) as usize;
        let text = format!("{value:.places$}");
        if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
            return "0".to_owned();
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(values: &[&str]) -> (f64, f64, f64) {
        let values: Vec<Decimal> = values.iter().map(|v| Decimal::parse(v).unwrap()).collect();
        let axis = ValueAxis::new(&values);
        (axis.low, axis.high, axis.step)
    }

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        assert_eq!(axis(&["12.0", "38.0"]), (0.0, 40.0, 10.0));
        assert_eq!(axis(&["91.2", "95.9"]), (90.0, 96.0, 2.0));
        assert_eq!(axis(&["-3", "5"]), (-4.0, 6.0, 2.0));
        let tenths = ValueAxis { low: 0.0, high: 0.3, step: 0.1 };
        let texts: Vec<String> = tenths.ticks().into_iter().map(|(_, text)| text).collect();
        assert_eq!(texts, ["0", "0.1", "0.2", "0.3"]);
    }

    #[test]
    fn counts_have_whole_ticks() {
        assert_eq!(axis(&["14", "15"]), (0.0, 15.0, 5.0));
        assert_eq!(axis(&["1", "2"]), (0.0, 2.0, 1.0));
        assert_eq!(axis(&["0", "0"]), (0.0, 1.0, 1.0));
        assert_eq!(axis(&["5766", "5768"]), (5765.0, 5768.0, 1.0));
    }

    #[test]
    fn periods_are_named_in_chinese_without_their_year() {
        let names = ["2013-10", "2013Q3", "2013H1", "2013"].map(|p| short(&Period::parse(p)));
        assert_eq!(names, ["10月", "三季度", "上半年", "2013年"]);
    }
}
