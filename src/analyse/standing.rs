//! Who is in the figures of one form and period: expected, handed in, used.

use std::collections::BTreeMap;

use crate::model::{AbsentReason, FactTable, Period, Receipt, ReturnState, Units, Validated};

use super::timeline::Due;

/// One unit's return of one form and period.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct UnitStanding {
    pub(super) expected: bool,
    /// It may not owe the return: what decides it is not there.
    pub(super) undecided: bool,
    /// Handed in, also if sent back.
    pub(super) reported: bool,
    /// Accepted: its rows count.
    pub(super) used: bool,
    /// 核实 open in an accepted return.
    pub(super) queries: usize,
}

impl UnitStanding {
    pub(super) fn absent(self) -> Option<AbsentReason> {
        let reason = match (self.reported, self.undecided) {
            (true, _) => AbsentReason::Rejected,
            (false, true) => AbsentReason::Undecided,
            (false, false) => AbsentReason::Missing,
        };
        (self.expected && !self.used).then_some(reason)
    }
}

/// All units' returns of one form and period.
#[derive(Debug, Clone)]
pub(super) struct FormStanding {
    pub(super) form: String,
    pub(super) period: Period,
    /// By index in the unit register.
    pub(super) units: Vec<UnitStanding>,
}

impl FormStanding {
    pub(super) fn new(form: &str, due: &Due, receipts: &Receipts, units: &Units) -> Self {
        let mut standings = vec![UnitStanding::default(); units.all().len()];
        for &unit in &due.owing {
            standings[unit].expected = true;
        }
        for &unit in &due.undecided {
            standings[unit].undecided = true;
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
        Self { form: form.to_owned(), period: due.period.clone(), units: standings }
    }

    pub(super) fn used(&self, unit: usize) -> bool {
        self.units.get(unit).is_some_and(|s| s.used)
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
