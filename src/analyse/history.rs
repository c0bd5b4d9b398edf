//! Comparisons (环比, 同比, 比年初) and series: the same figure in other periods.

use crate::definition::IndicatorKind;
use crate::model::{Change, Decimal, Period, Point, Rational, Series, Status};

use super::derive::Tables;
use super::layout::Key;
use super::plan::{Item, Plan};

/// One figure's other periods.
pub(super) struct History<'a> {
    pub(super) plan: &'a Plan<'a>,
    pub(super) tables: &'a Tables<'a>,
    pub(super) number: usize,
    pub(super) item: &'a Item<'a>,
    pub(super) period: &'a Period,
}

impl History<'_> {
    pub(super) fn previous(&self, key: Key, now: Option<Decimal>) -> Option<Change> {
        self.change(key, now, self.plan.clock(self.item)?.previous(self.period))
    }

    pub(super) fn year_ago(&self, key: Key, now: Option<Decimal>) -> Option<Change> {
        self.change(key, now, self.period.year_ago())
    }

    pub(super) fn year_begin(&self, key: Key, now: Option<Decimal>) -> Option<Change> {
        self.change(key, now, self.period.year_begin())
    }

    /// Every due period is a point; one without value is a gap.
    pub(super) fn series(&self, key: Key) -> Series {
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
            series.push(Point {
                period: due.period.clone(),
                value: found.and_then(|(_, cell)| cell.value),
                exact: found.and_then(|(_, cell)| cell.exact),
                base: found.and_then(|(_, cell)| cell.denominator),
                status: found.map_or(Status::Missing, |(table, cell)| table.status(cell)),
                break_before,
            });
            before = Some(due);
        }
        series
    }

    fn change(&self, key: Key, now: Option<Decimal>, then: Option<Period>) -> Option<Change> {
        let period = then?;
        let table = self.tables.get(&(self.number, period.clone()));
        let then = table.and_then(|table| table.get(key)).and_then(|cell| cell.value);
        let broken = self.item.breaks_between(&period, self.period);
        let both = now.zip(then).filter(|_| !broken);
        Some(Change {
            period,
            then,
            difference: both.map(|(now, then)| now.minus(then)),
            growth: both.filter(|_| self.grows()).and_then(|(now, then)| growth(now, then)),
            broken,
        })
    }

    /// Growth in per cent says something of counts and sums; shares differ by 百分点.
    fn grows(&self) -> bool {
        match self.item.indicator.kind {
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
