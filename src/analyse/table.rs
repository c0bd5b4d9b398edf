//! One indicator in one period: numerator, denominator and value of every row and class.

use std::collections::BTreeMap;

use crate::model::{Contribution, Decimal, Lineage, Period, Rational, Status};

use super::layout::Key;
use super::plan::{Item, Plan};
use super::standing::{Completeness, Standing};

/// One figure of a period, before comparisons.
#[derive(Debug, Clone)]
pub(super) struct Cell {
    pub(super) key: Key,
    pub(super) numerator: Option<Decimal>,
    pub(super) denominator: Option<Decimal>,
    pub(super) exact: Option<Rational>,
    pub(super) value: Option<Decimal>,
    /// There is nothing to compute from: no return.
    pub(super) missing: bool,
    /// Rows with only one of two numbers are left out: provisional.
    pub(super) half: bool,
    /// Rows, for the report's own period only.
    pub(super) lineage: (Vec<Contribution>, Vec<Contribution>),
}

/// All figures of an indicator in one period.
pub(super) struct Table<'p> {
    pub(super) period: Period,
    pub(super) cells: Vec<Cell>,
    /// Returns that the indicator draws on.
    pub(super) standings: Vec<&'p Standing>,
    /// The 口径 changes with this period.
    pub(super) breaks_here: bool,
    index: BTreeMap<Key, usize>,
    county: Completeness,
    units: Vec<Completeness>,
}

impl<'p> Table<'p> {
    pub(super) fn new(
        plan: &'p Plan,
        item: &Item,
        period: &Period,
        cells: Vec<Cell>,
        standings: Vec<&'p Standing>,
    ) -> Self {
        Self::over(plan, item, period, cells, standings, &|_| true)
    }

    /// With some units only behind the county's row.
    pub(super) fn over(
        plan: &'p Plan,
        item: &Item,
        period: &Period,
        cells: Vec<Cell>,
        standings: Vec<&'p Standing>,
        counts: &dyn Fn(usize) -> bool,
    ) -> Self {
        let register = &plan.definition.units;
        let before = plan
            .clock(item)
            .and_then(|clock| clock.before(period).map(|d| d.period.clone()))
            .or_else(|| period.previous());
        let breaks_here = item.breaks.contains(period)
            || before.is_some_and(|before| item.breaks_between(&before, period));
        Self {
            period: period.clone(),
            index: cells.iter().enumerate().map(|(at, cell)| (cell.key, at)).collect(),
            county: Completeness::of_county(&standings, register, counts),
            units: (0..register.all().len())
                .map(|unit| Completeness::of_unit(&standings, unit, register))
                .collect(),
            cells,
            standings,
            breaks_here,
        }
    }

    pub(super) fn get(&self, key: Key) -> Option<&Cell> {
        self.index.get(&key).and_then(|&at| self.cells.get(at))
    }

    pub(super) fn completeness(&self, key: Key) -> &Completeness {
        key.unit.and_then(|unit| self.units.get(unit as usize)).unwrap_or(&self.county)
    }

    /// The weightiest of what holds.
    pub(super) fn status(&self, cell: &Cell) -> Status {
        let complete = self.completeness(cell.key);
        if cell.missing {
            Status::Missing
        } else if !complete.absent.is_empty() {
            Status::Incomplete
        } else if complete.open_queries > 0 || cell.half {
            Status::Provisional
        } else if self.breaks_here {
            Status::Break
        } else {
            Status::Normal
        }
    }

    pub(super) fn lineage(&self, cell: &Cell) -> Lineage {
        let (numerator, denominator) = cell.lineage.clone();
        let absent = self.completeness(cell.key).absent.clone();
        Lineage { numerator, denominator, absent, problems: Vec::new() }
    }
}
