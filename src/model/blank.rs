//! Blanks of accepted returns that indicators need: what is not known, and therefore not counted.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Location, Period};

/// What the blanks of one return do to one indicator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndicatorBlanks {
    /// The cells (or the sheet, when a row is not there) without which the unit cannot be counted.
    pub stops: BTreeSet<Location>,
    /// By coded column: the cells without which the unit's rows cannot be told apart by it.
    pub unclassified: BTreeMap<String, BTreeSet<Location>>,
    /// Rows of the return that are left out, because the definition says so of their blanks.
    pub left_out: BTreeSet<usize>,
}

/// By indicator id.
pub type ReturnBlanks = BTreeMap<String, IndicatorBlanks>;

/// The blanks of all accepted returns that indicators need.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Blanks {
    /// Form and covered period → unit code → its return's blanks.
    by_table: BTreeMap<(String, Period), BTreeMap<String, ReturnBlanks>>,
}

impl Blanks {
    /// What one accepted return lacks; takes the place of what an earlier return lacked.
    pub fn set(&mut self, form: &str, period: &Period, unit: &str, blanks: ReturnBlanks) {
        let table = self.by_table.entry((form.to_owned(), period.clone())).or_default();
        if blanks.is_empty() {
            table.remove(unit);
        } else {
            table.insert(unit.to_owned(), blanks);
        }
    }

    /// What each return lacks: form, covered period, unit.
    pub fn all(&self) -> impl Iterator<Item = (&str, &Period, &str, &ReturnBlanks)> {
        self.by_table.iter().flat_map(|((form, period), units)| {
            let of = move |(unit, blanks)| (form.as_str(), period, String::as_str(unit), blanks);
            units.iter().map(of)
        })
    }

    /// Does an indicator leave out rows of a form?
    pub fn leave_out(&self, form: &str, indicator: &str) -> bool {
        let tables = self.by_table.iter().filter(|((of, _), _)| of == form);
        let mut blanks = tables.flat_map(|(_, units)| units.values());
        blanks.any(|all| all.get(indicator).is_some_and(|blanks| !blanks.left_out.is_empty()))
    }

    /// Unit code → what its return of a form and period lacks for an indicator.
    pub fn of<'a>(
        &'a self,
        form: &str,
        period: &Period,
        indicator: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a IndicatorBlanks)> {
        let table = self.by_table.get(&(form.to_owned(), period.clone()));
        let units = table.into_iter().flatten();
        units.filter_map(move |(unit, all)| Some((unit.as_str(), all.get(indicator)?)))
    }
}
