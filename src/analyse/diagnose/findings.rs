//! Rules about findings: those on the latest due return of each form, and how long they recur.

use std::collections::BTreeMap;

use crate::analyse::timeline::{Timeline, folders};
use crate::definition::{Definition, Diagnosis};
use crate::model::{Evidence, Finding, Outcome, Period, ReturnState, Unit, Validated};

use super::Met;

/// Unit, form (empty: of no known form), period covered.
type Return<'a> = (&'a str, &'a str, &'a Period);

pub(super) struct Findings<'a> {
    definition: &'a Definition,
    /// Form → its due periods, latest first; for findings without form the folders.
    dues: BTreeMap<&'a str, Vec<Period>>,
    by_return: BTreeMap<Return<'a>, Vec<&'a Finding>>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        validated: &'a Validated,
        report: &Period,
    ) -> Self {
        let folders = folders(validated, report);
        let mut dues = BTreeMap::new();
        for form in &definition.forms {
            let timeline = Timeline::new(form, &folders, report, definition, validated);
            let Some(latest) = timeline.latest_by(report) else { continue };
            let series = timeline.series(&latest.period, usize::MAX);
            dues.insert(form.id.as_str(), series.iter().rev().map(|d| d.period.clone()).collect());
        }
        dues.insert("", folders.iter().rev().cloned().collect());
        let counting = counting_folders(validated);
        let mut by_return: BTreeMap<Return, Vec<&Finding>> = BTreeMap::new();
        for finding in validated.findings.iter().filter(|f| !f.unit.is_empty()) {
            let period = if finding.form.is_empty() { &finding.folder } else { &finding.period };
            let key: Return = (&finding.unit, &finding.form, period);
            if counting.get(&key).is_none_or(|folder| **folder == finding.folder) {
                by_return.entry(key).or_default().push(finding);
            }
        }
        Self { definition, dues, by_return }
    }

    pub(super) fn met(&self, rule: &Diagnosis, unit: &Unit) -> Option<Met> {
        // Each form has its own row of periods; the problem is as old as the oldest.
        let rows: Vec<Vec<(&Period, Vec<&Finding>)>> =
            self.dues.keys().map(|form| self.row(rule, unit, form)).collect();
        let latest: Vec<&Finding> =
            rows.iter().filter_map(|row| row.first()).flat_map(|(_, f)| f).copied().collect();
        let longest = rows.iter().max_by_key(|row| row.len())?;
        let ((newest, _), (oldest, _)) = (longest.first()?, longest.last()?);
        let explained = latest.iter().filter(|f| f.outcome == Outcome::Explained).count();
        let mut seen = format!("{} 项", latest.len());
        if explained > 0 {
            seen += &format!("（已说明 {explained} 项）");
        }
        let check = latest.first().and_then(|f| self.definition.check(&f.code));
        let all = rows.iter().flatten().flat_map(|(_, findings)| findings);
        Some(Met {
            programme: check.map(|check| check.programme.clone()),
            seen,
            threshold: rule.threshold(""),
            periods: longest.len(),
            latest: (*newest).clone(),
            since: (*oldest).clone(),
            evidence: all.map(|finding| evidence(finding)).collect(),
        })
    }

    /// The periods in a row, latest first, in which one form's return meets the rule.
    fn row(&self, rule: &Diagnosis, unit: &Unit, form: &str) -> Vec<(&Period, Vec<&'a Finding>)> {
        let counts = |finding: &&&Finding| {
            let outcome = match finding.outcome {
                Outcome::Fail => true,
                Outcome::Explained => rule.explained,
                Outcome::NotEvaluated => false,
            };
            outcome && rule.finding.contains(&finding.code)
        };
        let of = |period: &Period| -> Vec<&Finding> {
            let all = self.by_return.get(&(unit.code.as_str(), form, period));
            all.into_iter().flatten().filter(counts).copied().collect()
        };
        let dues = self.dues.get(form).map_or(&[][..], Vec::as_slice);
        let row = dues.iter().map(|period| (period, of(period)));
        row.take_while(|(_, findings)| findings.len() >= rule.least()).collect()
    }
}

fn evidence(finding: &Finding) -> Evidence {
    Evidence::Finding {
        code: finding.code.clone(),
        folder: finding.folder.clone(),
        location: finding.location.clone(),
    }
}

/// The folder of the return that counts: the last accepted one, else the last that came.
/// Findings about one that it replaced say nothing any more.
fn counting_folders(validated: &Validated) -> BTreeMap<Return<'_>, &Period> {
    let mut counting: BTreeMap<Return, (bool, &Period)> = BTreeMap::new();
    for receipt in validated.receipts.iter().filter(|r| r.state != ReturnState::Missing) {
        let rank = (receipt.state.accepted(), &receipt.folder);
        let known = counting.entry((&receipt.unit, &receipt.form, &receipt.period));
        let best = known.or_insert(rank);
        *best = (*best).max(rank);
    }
    counting.into_iter().map(|(key, (_, folder))| (key, folder)).collect()
}
