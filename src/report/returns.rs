//! Who has reported: returns counted by state, and who is absent, for every renderer.

use std::collections::BTreeMap;

use super::{Inputs, text};
use crate::model::{Lateness, Receipt, ReturnState};

/// Returns counted by state.
#[derive(Default)]
pub(super) struct Counts {
    owed: usize,
    accepted: usize,
    queried: usize,
    rejected: usize,
    missing: usize,
    lateness: Lateness,
}

/// A number of returns, or why it is not one.
pub(super) enum Count {
    Number(usize),
    Words(String),
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Words(words) => f.write_str(words),
        }
    }
}

impl Counts {
    pub(super) fn of<'r>(receipts: impl Iterator<Item = &'r Receipt>) -> Self {
        let mut counts = Self::default();
        receipts.for_each(|receipt| counts.add(receipt));
        counts
    }

    fn add(&mut self, receipt: &Receipt) {
        self.owed += usize::from(receipt.owed);
        self.accepted += usize::from(receipt.state.accepted());
        self.queried += usize::from(receipt.state == ReturnState::Queried);
        self.rejected += usize::from(receipt.state == ReturnState::Rejected);
        self.missing += usize::from(receipt.state == ReturnState::Missing);
        self.lateness.add(receipt.timeliness);
    }

    /// With the titles of the columns.
    pub(super) fn columns(&self) -> [(&'static str, Count); 6] {
        let late = self.lateness.count().map(Count::Number);
        [
            ("应报", Count::Number(self.owed)),
            ("已收", Count::Number(self.accepted)),
            ("其中待核实", Count::Number(self.queried)),
            ("退回", Count::Number(self.rejected)),
            ("未报", Count::Number(self.missing)),
            ("迟报", late.unwrap_or_else(|| Count::Words(self.lateness.in_cell()))),
        ]
    }

    /// In one sentence.
    pub(super) fn summary(&self) -> String {
        format!(
            "应报 {} 份，已收 {} 份（其中待核实 {} 份），退回 {} 份，未报 {} 份，{}。",
            self.owed,
            self.accepted,
            self.queried,
            self.rejected,
            self.missing,
            self.lateness.in_words()
        )
    }
}

/// Counts of each unit that owes or sent something, in register order.
pub(super) fn by_unit<'a>(inputs: &Inputs<'a>) -> Vec<(&'a str, Counts)> {
    let mut units: BTreeMap<(usize, &str), Counts> = BTreeMap::new();
    for receipt in inputs.receipts() {
        let order = inputs.definition.units.order(&receipt.unit);
        units.entry((order, &receipt.unit)).or_default().add(receipt);
    }
    units.into_iter().map(|((_, code), counts)| (code, counts)).collect()
}

/// Who is missing and who was sent back: the state's title, then `甲镇《办件月报》、…`.
pub(super) fn absent(inputs: &Inputs) -> Vec<(&'static str, String)> {
    let definition = inputs.definition;
    let named = |state: ReturnState| {
        let names: Vec<String> = inputs
            .receipts()
            .filter(|r| r.state == state)
            .map(|r| {
                let unit = definition.units.name(&r.unit);
                format!("{unit}《{}》", text::form_title(definition, &r.form))
            })
            .collect();
        (!names.is_empty()).then(|| (state.title(), names.join("、")))
    };
    [ReturnState::Missing, ReturnState::Rejected].into_iter().filter_map(named).collect()
}
