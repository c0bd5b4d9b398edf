//! How each unit stands: what is missing, sent back, open, or done.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Definition;
use crate::model::{
    Finding, Lateness, Period, Receipt, ReturnCounts, ReturnState, Unit, Validated,
};

/// A unit and its owed returns of one hand-in folder.
#[derive(Debug)]
pub struct UnitReceipts<'a> {
    pub unit: &'a Unit,
    pub receipts: Vec<&'a Receipt>,
}

/// Units that owe something, in register order.
pub fn by_unit<'a>(
    definition: &'a Definition,
    validated: &'a Validated,
    folder: &Period,
) -> Vec<UnitReceipts<'a>> {
    let mut units: BTreeMap<usize, UnitReceipts> = BTreeMap::new();
    for receipt in validated.receipts.iter().filter(|r| r.folder == *folder && r.owed) {
        let Some(unit) = definition.units.get(&receipt.unit) else { continue };
        let order = definition.units.order(&unit.code);
        let standing = units.entry(order).or_insert(UnitReceipts { unit, receipts: Vec::new() });
        standing.receipts.push(receipt);
    }
    units.into_values().collect()
}

impl<'a> UnitReceipts<'a> {
    pub fn of(&self, state: ReturnState) -> impl Iterator<Item = &'a Receipt> + '_ {
        self.receipts.iter().copied().filter(move |r| r.state == state)
    }

    fn counts(&self) -> ReturnCounts {
        ReturnCounts::of(self.receipts.iter().copied())
    }

    /// Errors of the returns that were sent back.
    pub fn errors(&self) -> usize {
        self.of(ReturnState::Rejected).map(|r| r.errors).sum()
    }

    /// 核实 without an explanation, of returns that count.
    pub fn queries(&self) -> usize {
        self.of(ReturnState::Queried).map(|r| r.queries).sum()
    }

    /// Nothing to do for the unit.
    pub fn is_done(&self) -> bool {
        self.receipts.iter().all(|r| r.state.accepted()) && self.queries() == 0
    }

    /// `未报 1 张；退回 2 张（强制 3 项）；待核实 1 项`, `通过`.
    pub fn in_words(&self) -> String {
        let mut parts = Vec::new();
        let ReturnCounts { owed, missing, rejected, lateness, .. } = self.counts();
        parts.extend((missing > 0).then(|| format!("未报 {missing} 张")));
        parts.extend(
            (rejected > 0).then(|| format!("退回 {rejected} 张（强制 {} 项）", self.errors())),
        );
        parts.extend((self.queries() > 0).then(|| format!("待核实 {} 项", self.queries())));
        if parts.is_empty() {
            parts.push(format!("通过（{owed} 张）"));
        }
        let Lateness { late, unjudged, .. } = lateness;
        parts.extend((late > 0).then(|| format!("迟报 {late} 张")));
        parts.extend((unjudged > 0).then(|| format!("{unjudged} 张无法判断是否迟报")));
        parts.join("；")
    }
}

/// What stands open in the whole folder.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Open {
    pub missing: usize,
    pub rejected: usize,
    pub queries: usize,
    /// 强制 that are of no unit's return.
    pub county: usize,
}

pub fn open(definition: &Definition, validated: &Validated, folder: &Period) -> Open {
    let mut open = Open::default();
    for standing in by_unit(definition, validated, folder) {
        let ReturnCounts { missing, rejected, .. } = standing.counts();
        open.missing += missing;
        open.rejected += rejected;
        open.queries += standing.queries();
    }
    let owed = validated.receipts.iter().filter(|r| r.owed && r.folder == *folder);
    let owed: BTreeSet<(&str, &str)> = owed.map(|r| (r.unit.as_str(), r.form.as_str())).collect();
    let owned = |f: &Finding| owed.contains(&(f.unit.as_str(), f.form.as_str()));
    let own = validated.findings.iter().filter(|f| f.folder == *folder && f.rejects());
    open.county = own.filter(|f| !owned(f) && f.code != "R-01").count();
    open
}
