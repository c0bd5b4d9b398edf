//! From groups to the rows of an indicator's table: sums of sums, integers only.

use std::collections::BTreeMap;

use crate::model::Decimal;

use super::ask::{Ask, Total};
use super::counted::Excluded;
use super::layout::{Breakdown, Divisions};
use super::source::{Group, PeriodRows};

/// What one slot (and class) has received.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Rows considered.
    base: u64,
    /// Rows that are true, or have a number.
    used: u64,
    sum: i128,
    /// Numbers of the used rows, for figures that are published.
    pub(super) rows: Vec<u32>,
    /// How many used rows are only counted, not listed.
    pub(super) unlisted: u64,
    /// Trimmed means only.
    values: Vec<(i64, u32)>,
}

impl Tally {
    /// Rows without any number have no sum; no rows at all sum to zero.
    pub(super) fn total(&self, total: Total) -> Option<Decimal> {
        match total {
            Total::Rows => Some(Decimal::new(i128::from(self.used), 0)),
            Total::Sum(_) if self.used == 0 && self.base > 0 => None,
            Total::Sum(places) | Total::SumOfTrue(places) => Some(Decimal::new(self.sum, places)),
        }
    }

    /// All classes of a slot: the base of a distribution.
    pub(super) fn together(classes: &[Self]) -> Self {
        let mut all = Self::default();
        for tally in classes {
            all.base += tally.base;
            all.used += tally.used;
            all.sum += tally.sum;
            all.rows.extend_from_slice(&tally.rows);
            all.unlisted += tally.unlisted;
        }
        all.rows.sort_unstable();
        all
    }

    /// Drops the `trim` lowest and highest; nothing is left when there are not enough.
    /// Among equal values the first row counts as the lower.
    pub(super) fn trim(mut self, trim: usize, keep: Keep) -> Self {
        self.values.sort_unstable();
        let kept = self.values.len().saturating_sub(trim.saturating_mul(2));
        let mut kept: Vec<(i64, u32)> = self.values.drain(..).skip(trim).take(kept).collect();
        kept.sort_unstable_by_key(|&(_, row)| row);
        let mut trimmed = Self {
            base: self.base,
            used: kept.len() as u64,
            sum: kept.iter().map(|&(value, _)| i128::from(value)).sum(),
            ..Self::default()
        };
        match keep {
            Keep::Nothing => {}
            Keep::Count => trimmed.unlisted = trimmed.used,
            Keep::Rows | Keep::Values => {
                trimmed.rows = kept.into_iter().map(|(_, row)| row).collect()
            }
        }
        trimmed
    }

    fn add(&mut self, group: &Group, keep: Keep) {
        self.base += group.added.considered;
        self.used += group.added.used;
        self.sum += group.added.sum;
        match keep {
            Keep::Nothing => {}
            Keep::Count => self.unlisted += group.added.used,
            Keep::Rows => self.rows.extend(group.used().map(|(_, row)| row)),
            Keep::Values => self.values.extend(group.used()),
        }
    }
}

/// What is remembered of the used rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    Nothing,
    /// How many there are.
    Count,
    Rows,
    /// With their numbers.
    Values,
}

/// The classes of each slot.
#[derive(Debug, Clone, Copy)]
pub(super) enum Classes<'a> {
    One,
    /// By one coded column.
    Codes(&'a [String]),
    /// By two: then and now.
    Pairs(&'a [String]),
}

impl Classes<'_> {
    pub(super) fn count(self) -> usize {
        match self {
            Self::One => 1,
            Self::Codes(codes) => codes.len(),
            Self::Pairs(codes) => codes.len() * codes.len(),
        }
    }

    /// `first`: the first class column among those by which the group is told apart.
    fn of(self, group: &Group, first: usize) -> Option<usize> {
        match self {
            Self::One => Some(0),
            Self::Codes(codes) => position(codes, group.code(first)),
            Self::Pairs(codes) => {
                let from = position(codes, group.code(first))?;
                Some(from * codes.len() + position(codes, group.code(first + 1))?)
            }
        }
    }
}

fn position(codes: &[String], code: Option<&str>) -> Option<usize> {
    codes.iter().position(|known| Some(known.as_str()) == code)
}

/// The slots of an indicator's table: the county, then each breakdown; and who is in none.
#[derive(Clone, Copy)]
pub(super) struct Slots<'a> {
    pub(super) layout: &'a Divisions,
    /// The place of each unit's row, by the unit's index.
    pub(super) places: &'a BTreeMap<usize, usize>,
    /// Of each row: are there units below it?
    pub(super) rows: &'a [bool],
    /// Units that are not counted.
    pub(super) excluded: &'a Excluded,
}

impl Slots<'_> {
    /// The county, and each breakdown, with the number of its slots.
    fn breakdowns(&self) -> impl Iterator<Item = (Option<Breakdown>, usize)> {
        let codes = |d: usize| self.layout.dimensions[d].codes.len();
        let size = move |breakdown: &Breakdown| match *breakdown {
            Breakdown::Unit => self.rows.len(),
            Breakdown::Field(d) | Breakdown::Group(d) => codes(d),
            Breakdown::Cross(d) => self.rows.len() * codes(d),
        };
        let all = self.layout.breakdowns.iter().map(move |b| (Some(*b), size(b)));
        [(None, 1)].into_iter().chain(all)
    }

    /// By whose codes rows are told apart.
    fn dimension(breakdown: Option<Breakdown>) -> Option<usize> {
        match breakdown? {
            Breakdown::Unit | Breakdown::Group(_) => None,
            Breakdown::Field(d) | Breakdown::Cross(d) => Some(d),
        }
    }

    /// One tally a slot and class: `slot * classes + class`. Rows without class are left out, and
    /// so are rows of units that are not counted.
    pub(super) fn tallies(
        &self,
        part: PeriodRows,
        ask: &Ask,
        classes: Classes,
        keep: Keep,
    ) -> Vec<Tally> {
        let count = classes.count();
        let mut tallies = Vec::new();
        for (breakdown, size) in self.breakdowns() {
            let first = tallies.len();
            tallies.resize(first + size * count, Tally::default());
            let dimension = Self::dimension(breakdown).map(|d| &self.layout.dimensions[d]);
            let field = dimension.map(|d| d.field.clone());
            let columns: Vec<String> = field.into_iter().chain(ask.classes.clone()).collect();
            let Some(groups) = part.groups(&columns, &ask.measure) else { continue };
            for group in groups {
                let unit = group.unit().map(|unit| unit as usize);
                let out = unit.is_some_and(|unit| match dimension {
                    None => self.excluded.unit(unit),
                    Some(d) => self.excluded.unit_in(unit, &d.field),
                });
                let class = classes.of(&group, usize::from(dimension.is_some()));
                let (Some(class), false) = (class, out) else { continue };
                let place = || self.places.get(&unit?).copied();
                let code = || position(&dimension?.codes, group.code(0));
                let slot = match breakdown {
                    None => Some(0),
                    Some(Breakdown::Unit) => place(),
                    Some(Breakdown::Field(_)) => code(),
                    Some(Breakdown::Group(d)) => {
                        unit.and_then(|unit| self.layout.dimensions[d].group_of(unit))
                    }
                    Some(Breakdown::Cross(d)) => place()
                        .zip(code())
                        .map(|(place, code)| place * self.layout.dimensions[d].codes.len() + code),
                };
                if let Some(slot) = slot {
                    tallies[first + slot * count + class].add(&group, keep);
                }
            }
        }
        tallies.iter_mut().for_each(|tally| tally.rows.sort_unstable());
        tallies
    }

    /// Can a source be attributed to each slot at all?
    pub(super) fn known(&self, part: PeriodRows, ask: &Ask) -> Vec<bool> {
        // Rows of nobody's cannot leave with a unit that is not counted.
        let attributed = part.has_units() || self.excluded.is_nobody();
        let has = |d: usize| {
            let columns = [self.layout.dimensions[d].field.clone()];
            part.groups(&columns, &ask.measure).is_some()
        };
        let of_row = |level: bool| part.has_units() && (level || !part.is_of_units());
        let known = |breakdown: Option<Breakdown>, row: Option<&bool>| match breakdown {
            None => attributed,
            Some(Breakdown::Unit) => row.is_some_and(|level| of_row(*level)),
            Some(Breakdown::Group(_)) => of_row(false),
            Some(Breakdown::Field(d)) => has(d) && attributed,
            Some(Breakdown::Cross(d)) => has(d) && row.is_some_and(|level| of_row(*level)),
        };
        let each = |(breakdown, size): (Option<Breakdown>, usize)| {
            let codes = size / self.rows.len().max(1);
            (0..size).map(move |at| (breakdown, self.rows.get(at / codes.max(1))))
        };
        self.breakdowns().flat_map(each).map(|(breakdown, row)| known(breakdown, row)).collect()
    }
}
