//! What validating gives: findings, reporting status, and the accepted facts.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Blanks, FactTable, Finding, Period, Receipt};

/// Accepted rows by form and covered period.
#[derive(Debug, Clone, Default)]
pub struct Facts {
    pub tables: BTreeMap<(String, Period), Arc<FactTable>>,
}

impl Facts {
    pub fn table(&self, form: &str, period: &Period) -> Option<&Arc<FactTable>> {
        self.tables.get(&(form.to_owned(), period.clone()))
    }

    /// Covered periods of a form that have a table, oldest first.
    pub fn periods<'a>(&'a self, form: &'a str) -> impl Iterator<Item = &'a Period> {
        self.tables.keys().filter(move |(f, _)| f == form).map(|(_, period)| period)
    }
}

/// The result of validating all hand-in folders up to the report's.
#[derive(Debug, Clone, Default)]
pub struct Validated {
    /// All findings of all folders, sorted by folder, then by [`Finding::sort_key`].
    pub findings: Vec<Finding>,
    /// One receipt for each owed or received return of each folder, in folder, unit, form order.
    pub receipts: Vec<Receipt>,
    pub facts: Facts,
    /// What is blank in them and needed by an indicator.
    pub blanks: Blanks,
    /// Check → how many rows of its form passed, failed and were not evaluated in the report's
    /// folder. What a violation blames as a whole (a return, the county) is one failure.
    pub tallies: BTreeMap<String, CheckTally>,
}

/// How often a check passed, failed and could not be evaluated in the report's folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CheckTally {
    pub passed: usize,
    pub failed: usize,
    pub not_evaluated: usize,
}
