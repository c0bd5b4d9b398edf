//! What changed definitions would change in the past, before they land: every period is computed
//! with the definitions as they are and as they are meant to be, from all returns that are there
//! now, and what differs is listed.

use std::collections::BTreeMap;

use anyhow::ensure;
use serde::Serialize;

use super::{Checked, Prepared, check};
use crate::analyse;
use crate::engine::Embedded;
use crate::model::{Figure, Outcome, Period};

/// What differs in one period.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PeriodPlan {
    /// The hand-in folder.
    pub period: String,
    /// Returns that stand otherwise: accepted, sent back, owed.
    pub returns: Vec<Changed>,
    /// Checks that find more or less: number of findings.
    pub checks: Vec<Changed>,
    /// Values that move, with their measure.
    pub figures: Vec<Changed>,
    /// Targets that are met by one and missed by the other.
    pub targets: Vec<Changed>,
    /// Problems that one of them has, or both with another text.
    pub problems: Vec<Changed>,
}

/// One thing that differs; empty where it is not there at all.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Changed {
    /// What it is, in the county's words.
    pub title: String,
    /// Its id, for whoever wants to look further.
    pub id: String,
    pub from: String,
    pub to: String,
}

impl PeriodPlan {
    fn is_empty(&self) -> bool {
        [&self.returns, &self.checks, &self.figures, &self.targets, &self.problems]
            .iter()
            .all(|list| list.is_empty())
    }
}

/// Compares two definitions over the same returns; only periods in which something differs.
pub fn plan(now: Prepared, meant: Prepared) -> anyhow::Result<Vec<PeriodPlan>> {
    let (one, other) = (&now.definition.settings, &meant.definition.settings);
    ensure!(
        one.county_code == other.county_code,
        "两套定义不是同一个县的：{}（{}）和 {}（{}）",
        one.county_name,
        one.county_code,
        other.county_name,
        other.county_code
    );
    let folders = now.folders.clone();
    let (now, meant) = (check(now)?, check(meant)?);
    let mut plans = Vec::new();
    for folder in &folders {
        let (before, after) = (State::of(&now, folder)?, State::of(&meant, folder)?);
        let plan = PeriodPlan {
            period: folder.to_string(),
            returns: changed(&before.returns, &after.returns),
            checks: changed(&before.checks, &after.checks),
            figures: changed(&before.figures, &after.figures),
            targets: changed(&before.targets, &after.targets),
            problems: changed(&before.problems, &after.problems),
        };
        plans.extend(Some(plan).filter(|plan| !plan.is_empty()));
    }
    Ok(plans)
}

/// By id: title and what it says.
type Facts = BTreeMap<String, (String, String)>;

/// What a period comes to.
struct State {
    returns: Facts,
    checks: Facts,
    figures: Facts,
    targets: Facts,
    problems: Facts,
}

impl State {
    fn of(checked: &Checked, folder: &Period) -> anyhow::Result<Self> {
        let (definition, validated) = (&checked.definition, &checked.validated);
        let figures = analyse::analyse(definition, validated, folder, &Embedded)?;
        let problems = analyse::diagnose(definition, validated, folder, &figures)?;
        let receipts = validated.receipts.iter().filter(|receipt| receipt.folder == *folder);
        let returns = receipts.map(|receipt| {
            let form = definition.form(&receipt.form).map_or(&receipt.form, |form| &form.title);
            let unit = definition.units.name(&receipt.unit);
            let title = format!("{unit} {form} {}", receipt.period.title());
            let id = format!("{}@{}@{}", receipt.form, receipt.unit, receipt.period);
            (id, (title, receipt.state.title().to_owned()))
        });
        let mut counts: BTreeMap<&str, (&str, usize)> = BTreeMap::new();
        let findings = validated.findings.iter().filter(|finding| finding.folder == *folder);
        for finding in findings.filter(|finding| finding.outcome != Outcome::NotEvaluated) {
            counts.entry(&finding.code).or_insert((&finding.title, 0)).1 += 1;
        }
        let checks = counts.into_iter().map(|(code, (title, count))| {
            (code.to_owned(), (format!("{code} {title}"), format!("{count} 项")))
        });
        let value = |figure: &Figure| {
            let value = figure.value.map(|value| format!("{value}{}", figure.measure));
            (title(figure), value.unwrap_or_else(|| "—".to_owned()))
        };
        let met = |figure: &Figure| {
            let met = definition.indicator(&figure.indicator)?.meets_target(figure)?;
            Some((title(figure), if met { "达标" } else { "未达标" }.to_owned()))
        };
        Ok(Self {
            returns: returns.collect(),
            checks: checks.collect(),
            figures: figures.iter().map(|f| (f.id.clone(), value(f))).collect(),
            targets: figures.iter().filter_map(|f| Some((f.id.clone(), met(f)?))).collect(),
            problems: problems
                .iter()
                .map(|p| (p.id.clone(), (format!("{} {}", p.unit, p.title), p.text.clone())))
                .collect(),
        })
    }
}

/// `办结率 甲镇 较好`
fn title(figure: &Figure) -> String {
    let class = figure.class.as_ref().map_or("", |class| class.title.as_str());
    let parts = [figure.title.as_str(), &figure.unit, &figure.category, class];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

fn changed(before: &Facts, after: &Facts) -> Vec<Changed> {
    let mut all: Vec<Changed> = Vec::new();
    let said = |facts: &Facts, id: &str| facts.get(id).map(|(_, text)| text.clone());
    let new = after.keys().filter(|id| !before.contains_key(*id));
    for id in before.keys().chain(new) {
        let (from, to) = (said(before, id), said(after, id));
        if from == to {
            continue;
        }
        let title = after.get(id).or(before.get(id)).map(|(title, _)| title.clone());
        all.push(Changed {
            title: title.unwrap_or_default(),
            id: id.clone(),
            from: from.unwrap_or_default(),
            to: to.unwrap_or_default(),
        });
    }
    all
}
