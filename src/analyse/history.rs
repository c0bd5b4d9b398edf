//! Comparisons (环比, 同比, 比年初) and series: the same figure in other periods.

use crate::definition::IndicatorKind;
use crate::model::{Change, Decimal, Nature, Obstacle, Period, Point, Rational, Series, Status};

use super::layout::FigureKey;
use super::plan::{Item, Plan};
use super::table::{Cell, Tables};

/// One figure's other periods.
pub(super) struct History<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) tables: &'a Tables<'a>,
    pub(super) number: usize,
    pub(super) item: &'a Item<'a>,
    pub(super) period: &'a Period,
}

impl History<'_> {
    /// Of a year-to-date value only inside the year: what the period itself added.
    pub(super) fn previous(&self, now: &Cell) -> Option<Change> {
        let clock = self.plan.clock(self.item)?;
        let then = clock.previous(self.period)?;
        if self.nature() != Nature::Ytd {
            let called = clock.form.former.clone();
            return self.change(now, then).map(|change| Change { called, ..change });
        }
        let change = self.change(now, then).filter(|c| c.period.year() == self.period.year())?;
        Some(Change { growth: None, ..change })
    }

    pub(super) fn year_ago(&self, now: &Cell) -> Option<Change> {
        self.change(now, self.period.year_ago()?)
    }

    /// Only what stands at the end of a period has stood at the end of last year.
    pub(super) fn year_begin(&self, now: &Cell) -> Option<Change> {
        self.change(now, self.period.year_begin().filter(|_| self.nature() == Nature::Stock)?)
    }

    fn nature(&self) -> Nature {
        self.item.indicator.nature()
    }

    /// Every due period is a point; one without value is a gap.
    pub(super) fn series(&self, key: FigureKey) -> Series {
        let Some(clock) = self.plan.clock(self.item) else { return Vec::new() };
        let points = self.plan.definition.settings.report.series_points;
        let dues = clock.series(self.period, points);
        let mut before = dues.first().and_then(|first| clock.before(&first.period));
        let mut series = Vec::with_capacity(dues.len());
        for due in dues {
            let table = self.tables.get(&(self.number, due.period.clone()));
            let found = table.and_then(|table| Some((table, table.get(key)?)));
            let break_before = match before {
                Some(before) => self.item.breaks_between(&before.period, &due.period),
                None => self.item.breaks.contains(&due.period),
            };
            let another_year = before.is_some_and(|b| b.period.year() != due.period.year());
            series.push(Point {
                period: due.period.clone(),
                value: found.and_then(|(_, cell)| cell.value),
                exact: found.and_then(|(_, cell)| cell.exact),
                base: found.and_then(|(_, cell)| cell.denominator),
                status: found.map_or(Status::Missing, |(table, cell)| table.status(cell)),
                break_before,
                restart_before: another_year && self.nature() == Nature::Ytd,
            });
            before = Some(due);
        }
        series
    }

    /// The only place that decides whether two values compare.
    fn change(&self, now: &Cell, period: Period) -> Option<Change> {
        let table = |period: &Period| self.tables.get(&(self.number, period.clone()));
        let before = table(&period).and_then(|table| Some((table, table.get(now.key)?)));
        let then = before.and_then(|(_, cell)| cell.value);
        let both = now.value.zip(then);
        let partial = [table(self.period).map(|table| (table, now)), before]
            .into_iter()
            .flatten()
            .any(|(table, cell)| table.status(cell).is_partial());
        let obstacle = if self.item.breaks_between(&period, self.period) {
            Some(Obstacle::Broken)
        } else {
            both.filter(|_| partial).map(|_| Obstacle::Partial)
        };
        let both = both.filter(|_| obstacle.is_none());
        Some(Change {
            period,
            called: String::new(),
            then,
            difference: both.map(|(now, then)| now.minus(then)),
            growth: both.filter(|_| self.grows()).and_then(|(now, then)| growth(now, then)),
            obstacle,
        })
    }

    /// Growth in per cent says something of counts and sums; shares differ by 百分点.
    fn grows(&self) -> bool {
        match self.item.indicator.kind() {
            IndicatorKind::Count | IndicatorKind::Sum => true,
            IndicatorKind::Distribution | IndicatorKind::Funnel | IndicatorKind::Transition => {
                self.item.indicator.scale() == 1
            }
            _ => false,
        }
    }
}

/// From the printed numbers, so that a reader who recomputes it finds the same.
fn growth(now: Decimal, then: Decimal) -> Option<Decimal> {
    if then <= Decimal::ZERO {
        return None;
    }
    let change = now.minus(then).to_rational().times(Rational::new(100, 1));
    Some(change.divided_by(then.to_rational())?.round(1))
}
