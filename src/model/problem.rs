//! Diagnosed problems: what a rule of the pipeline finds wrong with a unit's work, with its
//! evidence. Not to be confused with findings, which are about returns.

use super::{Location, Period};

/// What a diagnosed problem rests on; every piece opens to cells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Evidence {
    /// Id of a published figure; its lineage leads to the cells.
    Figure(String),
    /// A finding: code of its check, its hand-in folder and place.
    Finding { code: String, folder: Period, location: Location },
}

/// One line of the problem list (问题清单): a rule that a unit meets in the report's period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosedProblem {
    /// `rule@unit_code`, ASCII, stable between periods.
    pub id: String,
    pub rule: String,
    /// The rule's title, e.g. 报表迟报.
    pub title: String,
    /// The programme that the rule is about, where its figure is shown.
    pub programme: String,
    /// The disease it is a sign of, e.g. 弱化, 淡化, 虚化.
    pub disease: String,
    pub unit_code: String,
    pub unit: String,
    pub group: String,
    /// What was found, as printed with its measure, e.g. `33.3%（2/6）`.
    pub seen: String,
    /// What it is held against, as printed, e.g. `不低于 80%`.
    pub threshold: String,
    /// Periods in a row, the report's included, in which the rule was met.
    pub periods: usize,
    /// The first of them.
    pub since: Period,
    /// The sentence that is read out.
    pub text: String,
    pub evidence: Vec<Evidence>,
}
