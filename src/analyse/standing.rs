//! Who is in the figures of one form and period: expected, handed in, used.

use std::collections::BTreeMap;

use crate::model::{
    Absent, AbsentReason, FactTable, Period, Receipt, ReturnState, Units, Validated,
};

use super::table::Table;
use super::timeline::Due;

/// One unit's return of one form and period.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UnitStanding {
    pub(super) expected: bool,
    /// Handed in, also if sent back.
    pub(super) reported: bool,
    /// Accepted: its rows count.
    pub(super) used: bool,
    /// 核实 open in an accepted return.
    pub(super) queries: usize,
}

impl UnitStanding {
    fn absent(self) -> Option<AbsentReason> {
        let reason = if self.reported { AbsentReason::Rejected } else { AbsentReason::Missing };
        (self.expected && !self.used).then_some(reason)
    }
}

/// All units' returns of one form and period.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    form: String,
    /// By index in the unit register.
    pub(super) units: Vec<UnitStanding>,
}

impl Standing {
    pub(super) fn new(form: &str, due: &Due, receipts: &Receipts, units: &Units) -> Self {
        let mut standings = vec![UnitStanding::default(); units.all().len()];
        for &unit in &due.owing {
            standings[unit].expected = true;
        }
        for receipt in receipts.of(form, &due.period) {
            let Some(standing) = standings.get_mut(units.order(&receipt.unit)) else { continue };
            // A late return (补报) adds a receipt to the one that says 未报: any that counts, counts.
            standing.reported |= receipt.state != ReturnState::Missing;
            standing.used |= receipt.state.accepted();
            if receipt.state == ReturnState::Queried {
                standing.queries += receipt.queries;
            }
        }
        if let Some(table) = receipts.table(form, &due.period) {
            for facts in &table.returns {
                if let Some(standing) = standings.get_mut(units.order(&facts.unit)) {
                    standing.reported = true;
                    standing.used = true;
                }
            }
        }
        Self { form: form.to_owned(), units: standings }
    }

    /// The returns behind several tables, each once.
    pub(super) fn each_once<'p: 't, 't>(
        tables: impl Iterator<Item = &'t &'t Table<'p>>,
    ) -> Vec<&'p Self> {
        let mut standings: Vec<&Self> = Vec::new();
        for standing in tables.flat_map(|table| &table.standings) {
            if !standings.iter().any(|known| std::ptr::eq(*known, *standing)) {
                standings.push(standing);
            }
        }
        standings
    }

    pub(super) fn used(&self, unit: usize) -> bool {
        self.units.get(unit).is_some_and(|s| s.used)
    }

    pub(super) fn any_used(&self) -> bool {
        self.units.iter().any(|s| s.used)
    }

    /// Units that owe the form or whose rows are in it, in register order.
    pub(super) fn listed(&self) -> Vec<usize> {
        let units = self.units.iter().enumerate();
        units.filter(|(_, s)| s.expected || s.used).map(|(unit, _)| unit).collect()
    }
}

/// Receipts and accepted tables by form and period.
pub(super) struct Receipts<'a> {
    by_form: BTreeMap<&'a str, BTreeMap<&'a Period, Vec<&'a Receipt>>>,
    validated: &'a Validated,
}

impl<'a> Receipts<'a> {
    pub(super) fn new(validated: &'a Validated) -> Self {
        let mut by_form: BTreeMap<&str, BTreeMap<&Period, Vec<_>>> = BTreeMap::new();
        for receipt in &validated.receipts {
            let periods = by_form.entry(receipt.form.as_str()).or_default();
            periods.entry(&receipt.period).or_default().push(receipt);
        }
        Self { by_form, validated }
    }

    fn of(&self, form: &str, period: &Period) -> &[&'a Receipt] {
        let periods = self.by_form.get(form);
        periods.and_then(|periods| periods.get(period)).map_or(&[], Vec::as_slice)
    }

    fn table(&self, form: &str, period: &Period) -> Option<&FactTable> {
        self.validated.facts.table(form, period).map(AsRef::as_ref)
    }
}

/// How complete a figure is, counted over the forms that it draws on.
#[derive(Debug, Clone, Default)]
pub(super) struct Completeness {
    pub(super) expected: usize,
    pub(super) reported: usize,
    pub(super) used: usize,
    pub(super) open_queries: usize,
    pub(super) absent: Vec<Absent>,
}

impl Completeness {
    /// Of the whole county. A unit counts once: as reported or used only if all that it owes is.
    /// `counts` says which units belong to it.
    pub(super) fn of_county(
        standings: &[&Standing],
        units: &Units,
        counts: &dyn Fn(usize) -> bool,
    ) -> Self {
        let mut total = Self::default();
        let members = || (0..units.all().len()).filter(|&unit| counts(unit));
        for unit in members() {
            let one = Self::of_unit(standings, unit, units);
            total.expected += one.expected;
            total.open_queries += one.open_queries;
            // Returns of units that do not owe the form never make up for a missing one.
            total.reported += one.reported.min(one.expected);
            total.used += one.used.min(one.expected);
        }
        // The list is by form first: "these have not sent that form".
        total.absent = once(
            standings
                .iter()
                .flat_map(|standing| members().filter_map(|unit| absent(standing, unit, units))),
        );
        total
    }

    pub(super) fn of_unit(standings: &[&Standing], unit: usize, units: &Units) -> Self {
        let its = || standings.iter().filter_map(|s| s.units.get(unit));
        let expected = its().any(|s| s.expected);
        // What it owes; if it owes nothing, what it sent.
        let counts = |s: &&UnitStanding| s.expected || !expected && s.reported;
        let all = |holds: fn(&UnitStanding) -> bool| {
            its().any(|s| counts(&s)) && its().filter(counts).all(holds)
        };
        Self {
            expected: usize::from(expected),
            reported: usize::from(all(|s| s.reported)),
            used: usize::from(all(|s| s.used)),
            open_queries: its().map(|s| s.queries).sum(),
            absent: once(standings.iter().filter_map(|s| absent(s, unit, units))),
        }
    }
}

/// Two periods of one form may lack the same unit: it is named once.
fn once(all: impl Iterator<Item = Absent>) -> Vec<Absent> {
    let mut absent: Vec<Absent> = Vec::new();
    for one in all {
        if !absent.contains(&one) {
            absent.push(one);
        }
    }
    absent
}

fn absent(standing: &Standing, unit: usize, units: &Units) -> Option<Absent> {
    let reason = standing.units.get(unit)?.absent()?;
    let code = units.all().get(unit)?.code.clone();
    Some(Absent { unit: code, form: standing.form.clone(), reason })
}
