//! Comparisons (环比, 同比, 比年初) and series: the same figure in other periods.

use crate::definition::IndicatorKind;
use crate::model::{Change, Decimal, Nature, Obstacle, Period, Point, Rational, Series, Status};

use super::layout::FigureKey;
use super::plan::{Item, Plan};
use super::table::{AllFigures, BareFigure, PeriodFigures};
use super::timeline::Due;

/// The other periods of an indicator's figures.
pub(super) struct History<'a> {
    now: &'a PeriodFigures<'a>,
    previous: Option<Then<'a>>,
    year_ago: Option<Then<'a>>,
    year_begin: Option<Then<'a>>,
    /// Of the series, oldest first.
    points: Vec<Place<'a>>,
    nature: Nature,
    /// Does growth in per cent say something?
    grows: bool,
}

/// A period that figures are compared with.
struct Then<'a> {
    period: Period,
    table: Option<&'a PeriodFigures<'a>>,
    /// The 口径 changed since.
    is_broken: bool,
    called: &'a str,
}

/// A period of a series.
struct Place<'a> {
    period: &'a Period,
    table: Option<&'a PeriodFigures<'a>>,
    break_before: bool,
    restart_before: bool,
}

impl<'a> History<'a> {
    pub(super) fn new(
        plan: &'a Plan,
        tables: &'a AllFigures<'a>,
        (number, item): (usize, &Item),
        now: &'a PeriodFigures<'a>,
    ) -> Self {
        let table = |period: &Period| tables.get(&(number, period.clone()));
        let then = |period: Period| Then {
            table: table(&period),
            is_broken: item.breaks_between(&period, &now.period),
            period,
            called: "",
        };
        let nature = item.indicator.nature();
        let clock = plan.clock(item);
        let previous = clock.and_then(|clock| Some((clock.previous(&now.period)?, clock)));
        let previous = match nature {
            // Only inside the year: what the period itself added.
            Nature::Ytd => previous
                .filter(|(then, _)| then.year() == now.period.year())
                .map(|(at, _)| then(at)),
            _ => previous.map(|(at, clock)| Then { called: &clock.form.former, ..then(at) }),
        };
        // Only what stands at the end of a period has stood at the end of last year.
        let begin = now.period.year_begin().filter(|_| nature == Nature::Stock);
        Self {
            now,
            previous,
            year_ago: now.period.year_ago().map(then),
            year_begin: begin.map(then),
            points: places(plan, item, &now.period, table),
            nature,
            grows: grows(item),
        }
    }

    pub(super) fn previous(&self, now: &BareFigure) -> Option<Change> {
        let change = self.change(now, self.previous.as_ref()?);
        Some(match self.nature {
            Nature::Ytd => Change { growth: None, ..change },
            _ => change,
        })
    }

    pub(super) fn year_ago(&self, now: &BareFigure) -> Option<Change> {
        Some(self.change(now, self.year_ago.as_ref()?))
    }

    pub(super) fn year_begin(&self, now: &BareFigure) -> Option<Change> {
        Some(self.change(now, self.year_begin.as_ref()?))
    }

    /// Every due period is a point; one without value is a gap.
    pub(super) fn series(&self, key: FigureKey) -> Series {
        let point = |place: &Place| {
            let found = place.table.and_then(|table| Some((table, table.get(key)?)));
            Point {
                period: place.period.clone(),
                value: found.and_then(|(_, cell)| cell.value),
                exact: found.and_then(|(_, cell)| cell.exact),
                base: found.and_then(|(_, cell)| cell.denominator),
                status: found.map_or(Status::Missing, |(table, cell)| table.status(cell)),
                break_before: place.break_before,
                restart_before: place.restart_before,
            }
        };
        self.points.iter().map(point).collect()
    }

    /// The only place that decides whether two values compare.
    fn change(&self, now: &BareFigure, then: &Then) -> Change {
        let before = then.table.and_then(|table| Some((table, table.get(now.key)?)));
        let value = before.and_then(|(_, cell)| cell.value);
        let both = now.value.zip(value);
        let partial = [Some((self.now, now)), before]
            .into_iter()
            .flatten()
            .any(|(table, cell)| table.status(cell).is_partial());
        let obstacle = if then.is_broken {
            Some(Obstacle::Broken)
        } else {
            both.filter(|_| partial).map(|_| Obstacle::Partial)
        };
        let both = both.filter(|_| obstacle.is_none());
        Change {
            period: then.period.clone(),
            called: then.called.to_owned(),
            then: value,
            difference: both.map(|(now, then)| now.minus(then)),
            growth: both.filter(|_| self.grows).and_then(|(now, then)| growth(now, then)),
            obstacle,
        }
    }
}

/// The periods of an indicator's series.
fn places<'a>(
    plan: &'a Plan,
    item: &Item,
    now: &Period,
    table: impl Fn(&Period) -> Option<&'a PeriodFigures<'a>>,
) -> Vec<Place<'a>> {
    let Some(clock) = plan.clock(item) else { return Vec::new() };
    let dues = clock.series(now, plan.definition.settings.report.series_points);
    let mut before = dues.first().and_then(|first| clock.before(&first.period));
    let place = |due: &'a Due| {
        let break_before = match before {
            Some(before) => item.breaks_between(&before.period, &due.period),
            None => item.breaks.contains(&due.period),
        };
        let another_year = before.is_some_and(|b| b.period.year() != due.period.year());
        before = Some(due);
        Place {
            period: &due.period,
            table: table(&due.period),
            break_before,
            restart_before: another_year && item.indicator.nature() == Nature::Ytd,
        }
    };
    dues.into_iter().map(place).collect()
}

/// Growth in per cent says something of counts and sums; shares differ by 百分点.
fn grows(item: &Item) -> bool {
    match item.indicator.kind() {
        IndicatorKind::Count | IndicatorKind::Sum => true,
        IndicatorKind::Distribution | IndicatorKind::Funnel | IndicatorKind::Transition => {
            item.indicator.scale() == 1
        }
        _ => false,
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
