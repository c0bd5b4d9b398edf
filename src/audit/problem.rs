//! Opens one diagnosed problem of a report: the rule, its figure down to the cells, or the places
//! of its findings and returns.

use std::path::Path;

use serde::Serialize;

use super::trace::{Trace, lineage_of, printed_row, trace};
use crate::lineage::FindingLineage;

/// A problem opened.
#[derive(Debug, Clone, Serialize)]
pub struct ProblemTrace {
    pub problem_id: String,
    /// As printed in `problems.csv`.
    pub disease: String,
    pub title: String,
    pub unit: String,
    pub seen: String,
    pub threshold: String,
    pub periods: String,
    pub since: String,
    pub text: String,
    pub basis: String,
    /// The figure in the periods in a row, oldest first.
    pub history: Vec<TracedPoint>,
    pub figures: Vec<Trace>,
    pub findings: Vec<FindingLineage>,
    pub returns: Vec<TracedReturn>,
}

#[derive(Debug, Clone, Serialize)]
pub struct TracedPoint {
    pub period: String,
    pub value: String,
}

#[derive(Debug, Clone, Serialize)]
pub struct TracedReturn {
    pub state: String,
    pub form: String,
    pub folder: String,
    /// Empty when the return is missing.
    pub file: String,
}

/// Traces a problem of the report in `report`; `None` when no problem has the id.
pub fn trace_problem(report: &Path, id: &str) -> anyhow::Result<Option<ProblemTrace>> {
    let lineage = lineage_of(report)?;
    let Some(problem) = lineage.problems.get(id) else { return Ok(None) };
    let printed = printed_row(report, "problems.csv", id)?;
    let column = |name: &str| printed.get(name).cloned().unwrap_or_default();
    let figures = problem.figures.iter().map(|figure| trace(report, &lineage, figure));
    let returns = problem.returns.iter().cloned();
    let history = problem.history.iter().cloned();
    Ok(Some(ProblemTrace {
        problem_id: id.to_owned(),
        disease: column("disease"),
        title: column("title"),
        unit: column("unit"),
        seen: column("seen"),
        threshold: column("threshold"),
        periods: column("periods"),
        since: column("since"),
        text: column("text"),
        basis: problem.basis.clone(),
        history: history.map(|(period, value)| TracedPoint { period, value }).collect(),
        figures: figures.collect::<anyhow::Result<_>>()?,
        findings: problem.findings.clone(),
        returns: returns
            .map(|(state, form, folder, file)| TracedReturn { state, form, folder, file })
            .collect(),
    }))
}
