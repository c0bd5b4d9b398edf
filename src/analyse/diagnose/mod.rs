//! Diagnosis: rules over figures, findings and reporting status → the problem list of each unit.
//!
//! A rule is asked of every unit that its programme diagnoses; one that is met becomes a problem
//! with what was seen, since when, and where it comes from. The list is in the order of the unit
//! register, then of the diseases, then of the rules.

mod counts;
mod dues;
mod figures;
mod findings;
mod returns;

pub use counts::count_problems;

use std::collections::BTreeMap;

use crate::definition::{DISEASES, Definition, Diagnosis};
use crate::model::placeholders::fill;
use crate::model::{DiagnosedProblem, Evidence, Figure, Period, Unit, Validated};

use dues::{Dues, Gap};
use figures::Figures;
use findings::Findings;
use returns::Returns;

/// All problems that the pipeline's rules find in the report's period.
pub fn diagnose(
    definition: &Definition,
    validated: &Validated,
    folder: &Period,
    figures: &[Figure],
) -> anyhow::Result<Vec<DiagnosedProblem>> {
    let Some(diseases) = definition.codelists.get(DISEASES) else { return Ok(Vec::new()) };
    let dues = Dues::new(definition, validated, folder)?;
    let figures = Figures::new(definition, figures, &dues);
    let findings = Findings::new(definition, validated, &dues, folder);
    let returns = Returns::new(validated, &dues);
    let mut problems = Vec::new();
    let mut could_be: BTreeMap<&str, usize> = BTreeMap::new();
    for unit in definition.units.rows_in(folder) {
        let asked = |d: &&Diagnosis| definition.asks(d, unit);
        for disease in &diseases.codes {
            let of = definition.diagnoses.iter().filter(|d| d.disease == disease.code);
            for rule in of.filter(asked) {
                *could_be.entry(rule.id.as_str()).or_default() +=
                    usize::from(figures.has_base(rule, unit));
                let met = if let Some(indicator) = &rule.indicator {
                    figures.met(rule, indicator, unit)
                } else if rule.reporting.is_empty() {
                    findings.met(rule, unit)
                } else {
                    returns.met(rule, unit)
                };
                let met = met.filter(|met| met.periods >= rule.periods);
                problems.extend(met.map(|met| met.problem(rule, unit)));
            }
        }
    }
    for problem in &mut problems {
        problem.asked = could_be.get(problem.rule.as_str()).copied().unwrap_or_default();
    }
    for rule in &definition.diagnoses {
        let mut alike: Vec<&mut DiagnosedProblem> =
            problems.iter_mut().filter(|problem| problem.rule == rule.id).collect();
        let count = alike.len();
        alike.iter_mut().for_each(|problem| problem.alike = count);
    }
    Ok(problems)
}

/// A rule that a unit meets.
struct Met {
    /// Where its figure or check is shown; `None`: with the rule.
    programme: Option<String>,
    seen: String,
    threshold: String,
    /// Due periods that meet the rule, counted back to the first that does not.
    periods: usize,
    /// The latest and the first of them.
    latest: Period,
    since: Period,
    /// Due periods among and before them of which nothing is known, latest first.
    gaps: Vec<Gap>,
    evidence: Vec<Evidence>,
}

impl Met {
    fn problem(self, rule: &Diagnosis, unit: &Unit) -> DiagnosedProblem {
        DiagnosedProblem {
            id: format!("{}@{}", rule.id, unit.code),
            rule: rule.id.clone(),
            title: rule.title.clone(),
            programme: self.programme.clone().unwrap_or_else(|| rule.programme.clone()),
            disease: rule.disease.clone(),
            unit_code: unit.code.clone(),
            unit: unit.name.clone(),
            group: unit.group.clone(),
            text: self.sentence(rule, unit),
            lasting: self.length(),
            gaps: self.gaps(),
            seen: self.seen,
            threshold: self.threshold,
            periods: self.periods,
            since: self.since,
            alike: 0,
            asked: 0,
            remedy: rule.remedy.clone(),
            evidence: self.evidence,
        }
    }

    fn sentence(&self, rule: &Diagnosis, unit: &Unit) -> String {
        let (length, gaps) = (self.length(), self.gaps());
        let since = self.since.title();
        let streak = match self.periods {
            _ if !gaps.is_empty() => format!("（自{since}起{length}，{gaps}）"),
            1 => String::new(),
            _ => format!("（自{since}起连续 {length}）"),
        };
        let length = if gaps.is_empty() { length } else { format!("{length}（{gaps}）") };
        let values = [
            ("unit", &unit.name),
            ("title", &rule.title),
            ("seen", &self.seen),
            ("threshold", &self.threshold),
            ("periods", &length),
            ("since", &since),
            ("streak", &streak),
        ];
        let value = |wanted: &str| values.iter().find(|(name, _)| *name == wanted);
        fill(&rule.text, |name| value(name).map(|(_, text)| (*text).clone()))
    }

    /// `8 个月`, `2 个季度`, `至少 8 个月` with gaps; `3 期` when there are others between them (a
    /// monthly form that is due at the end of each quarter).
    fn length(&self) -> String {
        let inside = |gap: &&Gap| self.since < gap.period && gap.period < self.latest;
        let all = self.periods + self.gaps.iter().filter(inside).count();
        let adjacent = self.latest.steps_since(&self.since).is_some_and(|s| s as usize + 1 == all);
        let word = match &self.since {
            _ if !adjacent => "期",
            Period::Month(..) => "个月",
            Period::Quarter(..) => "个季度",
            Period::Half(..) => "个半年",
            Period::Year(_) => "年",
            Period::Campaign(_) => "期",
        };
        let at_least = if self.gaps.is_empty() { "" } else { "至少 " };
        format!("{at_least}{} {word}", self.periods)
    }

    /// `2月缺报、4月退回`; of more than three the oldest is named: `5月缺报等 4 期`.
    fn gaps(&self) -> String {
        let Some(newest) = self.gaps.first().map(|gap| (&gap.period).max(&self.latest)) else {
            return String::new();
        };
        let named: Vec<String> = self.gaps.iter().rev().map(|gap| gap.title(newest)).collect();
        match named.as_slice() {
            [oldest, .., _] if named.len() > 3 => format!("{oldest}等 {} 期", named.len()),
            _ => named.join("、"),
        }
    }
}
