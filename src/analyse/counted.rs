//! Whom a figure counts: a unit only if every value that the figure needs of it is there.
//!
//! A unit whose return is absent or sent back, or in which a needed cell is blank, is in neither
//! side of a figure, whatever the sides come from: the same form, another one, a register.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Absent, AbsentReason, Blanks, Location, Units};

use super::standing::{FormStanding, UnitStanding};

/// Units (by index in the register) that are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Excluded {
    /// From everything.
    units: BTreeSet<usize>,
    /// By coded field: from what is told apart by it.
    by_dimension: BTreeMap<String, BTreeSet<usize>>,
}

impl Excluded {
    pub(super) fn unit(&self, unit: usize) -> bool {
        self.units.contains(&unit)
    }

    pub(super) fn unit_in(&self, unit: usize, dimension: &str) -> bool {
        self.unit(unit) || self.by_dimension.get(dimension).is_some_and(|d| d.contains(&unit))
    }

    /// Is nobody excluded from the whole?
    pub(super) fn is_nobody(&self) -> bool {
        self.units.is_empty()
    }

    pub(super) fn extend(&mut self, other: &Self) {
        self.units.extend(&other.units);
        for (dimension, units) in &other.by_dimension {
            self.by_dimension.entry(dimension.clone()).or_default().extend(units);
        }
    }
}

/// A blank that keeps a unit out.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Lack {
    form: String,
    /// The field by which its rows cannot be told apart; `None`: it cannot be counted at all.
    dimension: Option<String>,
    cells: Vec<Location>,
}

/// The returns that a figure draws on, and whom it counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Counted<'p> {
    pub(super) standings: Vec<&'p FormStanding>,
    /// By unit.
    lacks: BTreeMap<usize, Vec<Lack>>,
    pub(super) excluded: Excluded,
}

impl<'p> Counted<'p> {
    /// `beside`: units left out for the sake of other figures that are computed with this one.
    pub(super) fn new(
        standings: Vec<&'p FormStanding>,
        blanks: &Blanks,
        indicator: &str,
        units: &Units,
        beside: &Excluded,
    ) -> Self {
        let mut lacks: BTreeMap<usize, Vec<Lack>> = BTreeMap::new();
        for standing in &standings {
            for (unit, lacking) in blanks.of(&standing.form, &standing.period, indicator) {
                let unit = units.order(unit);
                if !standing.used(unit) {
                    continue;
                }
                let mut lack = |dimension: Option<&String>, cells: &BTreeSet<Location>| {
                    if !cells.is_empty() {
                        let (form, dimension) = (standing.form.clone(), dimension.cloned());
                        let cells = cells.iter().cloned().collect();
                        lacks.entry(unit).or_default().push(Lack { form, dimension, cells });
                    }
                };
                lack(None, &lacking.stops);
                for (dimension, cells) in &lacking.unclassified {
                    lack(Some(dimension), cells);
                }
            }
        }
        let mut counted = Self { standings, lacks, excluded: beside.clone() };
        counted.exclude();
        counted
    }

    /// What several figures draw on together.
    pub(super) fn together<'t>(all: impl Iterator<Item = &'t Self>) -> Self
    where
        'p: 't,
    {
        let mut together = Self::default();
        for counted in all {
            for &standing in &counted.standings {
                if !together.standings.iter().any(|known| std::ptr::eq(*known, standing)) {
                    together.standings.push(standing);
                }
            }
            for (unit, lacks) in &counted.lacks {
                let known = together.lacks.entry(*unit).or_default();
                for lack in lacks {
                    if !known.contains(lack) {
                        known.push(lack.clone());
                    }
                }
            }
            together.excluded.extend(&counted.excluded);
        }
        together
    }

    fn exclude(&mut self) {
        for standing in &self.standings {
            let absent = standing.units.iter().enumerate().filter(|(_, s)| s.absent().is_some());
            self.excluded.units.extend(absent.map(|(unit, _)| unit));
        }
        for (unit, lack) in
            self.lacks.iter().flat_map(|(unit, all)| all.iter().map(move |l| (unit, l)))
        {
            let units = match &lack.dimension {
                None => &mut self.excluded.units,
                Some(field) => self.excluded.by_dimension.entry(field.clone()).or_default(),
            };
            units.insert(*unit);
        }
    }

    /// Coded fields by which some units' rows cannot be told apart.
    pub(super) fn blank_dimensions(&self) -> impl Iterator<Item = &str> {
        self.excluded.by_dimension.keys().map(String::as_str)
    }

    /// Of one unit; `dimension`: also what keeps its rows from being told apart by that field.
    pub(super) fn of_unit(
        &self,
        unit: usize,
        dimension: Option<&str>,
        units: &Units,
    ) -> Completeness {
        let absent = self.absent(&[unit], dimension, units);
        Completeness { absent, ..self.counts(unit, dimension) }
    }

    fn counts(&self, unit: usize, dimension: Option<&str>) -> Completeness {
        let its = || self.standings.iter().filter_map(|s| s.units.get(unit));
        let expected = its().any(|s| s.expected);
        // What it owes; if it owes nothing, what it sent.
        let counts = |s: &&UnitStanding| s.expected || !expected && s.reported;
        let all = |holds: fn(&UnitStanding) -> bool| {
            its().any(|s| counts(&s)) && its().filter(counts).all(holds)
        };
        let whole = self.lacks_of(unit, dimension).next().is_none();
        Completeness {
            expected: usize::from(expected),
            reported: usize::from(all(|s| s.reported)),
            used: usize::from(whole && all(|s| s.used)),
            open_queries: its().map(|s| s.queries).sum(),
            absent: Vec::new(),
        }
    }

    /// Of several units together. A unit counts once: as reported or used only if all that it owes
    /// is.
    pub(super) fn of_several(
        &self,
        members: &[usize],
        dimension: Option<&str>,
        units: &Units,
    ) -> Completeness {
        let mut total = Completeness::default();
        for &unit in members {
            let one = self.counts(unit, dimension);
            total.expected += one.expected;
            total.open_queries += one.open_queries;
            // Returns of units that do not owe the form never make up for a missing one.
            total.reported += one.reported.min(one.expected);
            total.used += one.used.min(one.expected);
        }
        total.absent = self.absent(members, dimension, units);
        total
    }

    /// By form first: "these have not sent that form"; then what lacks cells.
    fn absent(&self, members: &[usize], dimension: Option<&str>, units: &Units) -> Vec<Absent> {
        let mut all: Vec<Absent> = Vec::new();
        let absent = |unit: usize, form: &str, reason, cells: Vec<Location>| {
            let unit = units.all().get(unit)?.code.clone();
            Some(Absent { unit, form: form.to_owned(), reason, cells })
        };
        // Two periods of one form may lack the same unit: it is named once.
        let mut named: BTreeSet<(usize, &str, AbsentReason)> = BTreeSet::new();
        for standing in &self.standings {
            for &unit in members {
                let reason = standing.units.get(unit).and_then(|s| s.absent());
                let reason = reason.filter(|r| named.insert((unit, &standing.form, *r)));
                all.extend(reason.and_then(|r| absent(unit, &standing.form, r, Vec::new())));
            }
        }
        for &unit in members {
            let own = all.len();
            for lack in self.lacks_of(unit, dimension) {
                let one = absent(unit, &lack.form, AbsentReason::Blank, lack.cells.clone());
                let is_new = |one: &Absent| !all[own..].contains(one);
                all.extend(one.filter(is_new));
            }
        }
        all
    }

    /// What a unit lacks, and what keeps its rows from being told apart by a field.
    fn lacks_of(&self, unit: usize, dimension: Option<&str>) -> impl Iterator<Item = &Lack> {
        let concerns = move |lack: &&Lack| {
            lack.dimension.as_deref().is_none_or(|field| Some(field) == dimension)
        };
        self.lacks.get(&unit).into_iter().flatten().filter(concerns)
    }
}

/// How complete a figure is, counted over the forms that it draws on.
#[derive(Debug, Clone, Default)]
pub(super) struct Completeness {
    pub(super) expected: usize,
    pub(super) reported: usize,
    /// Counted: every value is whole.
    pub(super) used: usize,
    pub(super) open_queries: usize,
    pub(super) absent: Vec<Absent>,
}
