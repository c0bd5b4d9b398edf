//! A certificate: two engines computed the same month, and what they came to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Where it stands inside a report.
pub const CERTIFICATE: &str = "certificate.json";

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    pub schema: u32,
    pub program: String,
    pub period: String,
    /// What the other engine calls its version.
    pub engine: String,
    /// Of `figures.csv`, which both engines' tallies make.
    pub figures: String,
    /// Are all equal?
    pub equal: bool,
    /// By form id, or `register:<name>`.
    pub sources: BTreeMap<String, Agreement>,
}

impl Certificate {
    pub const SCHEMA: u32 = 1;
}

/// What was asked of one form or register, and where the engines differ.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Agreement {
    /// Rows of the largest table that was asked about.
    pub rows: usize,
    /// Row rules, with their conditions.
    pub rules: usize,
    /// What rules and measures say, row by row.
    pub values: usize,
    pub measures: usize,
    pub groups: usize,
    /// Counts and sums of groups.
    pub tallies: usize,
    pub differing: usize,
    /// The first of them.
    pub differences: Vec<String>,
}
