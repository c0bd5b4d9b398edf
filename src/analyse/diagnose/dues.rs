//! Who owes what when, and of which due periods nothing is known.
//!
//! A period without a usable return neither adds to a row of periods nor ends it: not reporting
//! must never look better than reporting.

use std::collections::BTreeMap;

use crate::analyse::timeline::{Timeline, folders};
use crate::definition::Definition;
use crate::model::{Period, ReturnState, Unit, Validated};

/// The return is here, but not all that is needed of it.
const PARTIAL: &str = "缺项";

/// A due period of which nothing is known of a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) period: Period,
    /// 缺报, 退回 or 缺项.
    reason: &'static str,
}

impl Gap {
    /// Of a return that is rejected or missing.
    pub(super) fn of(period: &Period, state: ReturnState) -> Self {
        let reason = if state == ReturnState::Rejected { "退回" } else { "缺报" };
        Self { period: period.clone(), reason }
    }

    /// `2月缺报`; with the year if that is not the year of `now`.
    pub(super) fn title(&self, now: &Period) -> String {
        let title = self.period.title();
        let year = now.year().map(|year| format!("{year}年"));
        let short = year.and_then(|year| title.strip_prefix(&year)).filter(|rest| !rest.is_empty());
        format!("{}{}", short.unwrap_or(&title), self.reason)
    }
}

/// The due periods of every form, and what became of the returns.
pub(super) struct Dues<'a> {
    definition: &'a Definition,
    /// Folders, latest first.
    pub(super) folders: Vec<Period>,
    timelines: BTreeMap<&'a str, Timeline<'a>>,
    /// The best state of a unit's return for a form and period.
    states: BTreeMap<(&'a str, &'a str, &'a Period), ReturnState>,
}

impl<'a> Dues<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        validated: &'a Validated,
        report: &Period,
    ) -> anyhow::Result<Self> {
        let mut folders = folders(validated, report);
        let mut timelines = BTreeMap::new();
        for form in &definition.forms {
            let timeline = Timeline::new(form, &folders, definition, validated)?;
            timelines.insert(form.id.as_str(), timeline);
        }
        let mut states = BTreeMap::new();
        for receipt in &validated.receipts {
            let key = (receipt.unit.as_str(), receipt.form.as_str(), &receipt.period);
            let best = states.entry(key).or_insert(receipt.state);
            // Ordered from accepted to missing.
            *best = (*best).min(receipt.state);
        }
        folders.reverse();
        Ok(Self { definition, folders, timelines, states })
    }

    /// The due periods of a form up to the report's folder, latest first.
    pub(super) fn periods(&self, form: &str, report: &Period) -> Vec<Period> {
        let Some(timeline) = self.timelines.get(form) else { return Vec::new() };
        let Some(latest) = timeline.latest_by(report) else { return Vec::new() };
        let series = timeline.series(&latest.period, usize::MAX);
        series.iter().rev().map(|due| due.period.clone()).collect()
    }

    /// Why a period is a gap, if one of the forms is due then (from the row, if one is named).
    pub(super) fn gap(&self, forms: &[&str], period: &Period, unit: Option<&Unit>) -> Option<Gap> {
        let units = &self.definition.units;
        let owes = |form: &&&str| {
            let due = self.timelines.get(**form).and_then(|timeline| timeline.at(period));
            let owing = |leaf: &&Unit| {
                due.is_some_and(|due| due.owing.binary_search(&units.order(&leaf.code)).is_ok())
            };
            unit.map_or(due.is_some(), |row| self.below(row).iter().any(owing))
        };
        let reasons: Vec<&str> =
            forms.iter().filter(owes).map(|form| self.reason(form, period, unit)).collect();
        let absent = reasons.iter().find(|reason| **reason != PARTIAL);
        let reason = absent.or(reasons.first())?;
        Some(Gap { period: period.clone(), reason })
    }

    /// Is the unit's return for the form and period among those that count?
    pub(super) fn has_usable(&self, form: &str, period: &Period, unit: &Unit) -> bool {
        let state = self.states.get(&(unit.code.as_str(), form, period));
        state.is_some_and(|state| state.accepted())
    }

    fn reason(&self, form: &str, period: &Period, unit: Option<&Unit>) -> &'static str {
        let Some(unit) = unit else { return PARTIAL };
        let below = self.below(unit);
        let states =
            below.iter().filter_map(|leaf| self.states.get(&(leaf.code.as_str(), form, period)));
        match states.min() {
            Some(ReturnState::Rejected) => "退回",
            Some(state) if state.accepted() => PARTIAL,
            _ => "缺报",
        }
    }

    /// The units of a row that hand in returns.
    fn below(&self, row: &Unit) -> Vec<&'a Unit> {
        let units = &self.definition.units;
        let leaves = units.leaves_of(units.order(&row.code)).iter();
        leaves.map(|&leaf| &units.all()[leaf]).collect()
    }
}
