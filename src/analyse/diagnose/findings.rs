//! Rules about findings: those on the latest due return of each form, and how long they recur.

use std::collections::BTreeMap;

use crate::definition::{Definition, Diagnosis, Form};
use crate::model::{Evidence, Finding, Outcome, Period, ReturnState, Unit, Validated};

use super::{Dues, Gap, Met};

/// Unit, form (empty: of no known form), period covered.
type Return<'a> = (&'a str, &'a str, &'a Period);

pub(super) struct Findings<'a> {
    definition: &'a Definition,
    dues: &'a Dues<'a>,
    /// Form → its due periods, latest first; for findings without form the folders.
    periods: BTreeMap<&'a str, Vec<Period>>,
    by_return: BTreeMap<Return<'a>, Vec<&'a Finding>>,
}

impl<'a> Findings<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        validated: &'a Validated,
        dues: &'a Dues<'a>,
        report: &Period,
    ) -> Self {
        let of = |form: &'a Form| (form.id.as_str(), dues.periods(&form.id, report));
        let mut periods: BTreeMap<&str, Vec<Period>> = definition.forms.iter().map(of).collect();
        periods.insert("", dues.folders.clone());
        let counting = counting_folders(validated);
        let mut by_return: BTreeMap<Return, Vec<&Finding>> = BTreeMap::new();
        for finding in validated.findings.iter().filter(|f| !f.unit.is_empty()) {
            let period = if finding.form.is_empty() { &finding.folder } else { &finding.period };
            let key: Return = (&finding.unit, &finding.form, period);
            if counting.get(&key).is_none_or(|folder| **folder == finding.folder) {
                by_return.entry(key).or_default().push(finding);
            }
        }
        Self { definition, dues, periods, by_return }
    }

    pub(super) fn met(&self, rule: &Diagnosis, unit: &Unit) -> Option<Met> {
        // Each form has its own row of periods; the problem is as old as the oldest.
        let rows: Vec<Row> = self.periods.keys().map(|form| self.row(rule, unit, form)).collect();
        let latest: Vec<&Finding> =
            rows.iter().filter_map(|row| row.met.first()).flat_map(|(_, f)| f).copied().collect();
        let longest = rows.iter().max_by_key(|row| row.met.len())?;
        let ((newest, _), (oldest, _)) = (longest.met.first()?, longest.met.last()?);
        let explained = latest.iter().filter(|f| f.outcome == Outcome::Explained).count();
        let mut seen = in_words(&latest);
        if explained > 0 {
            seen += &format!("（已说明 {explained} 项）");
        }
        if longest.gaps.first().is_some_and(|gap| gap.period > **newest) {
            seen += &format!("（{}）", newest.title());
        }
        let check = latest.first().and_then(|f| self.definition.check(&f.code));
        let all = rows.iter().flat_map(|row| &row.met).flat_map(|(_, findings)| findings);
        Some(Met {
            programme: check.map(|check| check.programme.clone()),
            seen,
            threshold: rule.threshold(""),
            periods: longest.met.len(),
            latest: (*newest).clone(),
            since: (*oldest).clone(),
            gaps: longest.gaps.clone(),
            evidence: all.map(|finding| evidence(finding)).collect(),
        })
    }

    /// The periods, counted back to the first that does not, in which one form's return meets
    /// the rule.
    fn row(&self, rule: &Diagnosis, unit: &Unit, form: &str) -> Row<'_, 'a> {
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
        let mut row = Row { met: Vec::new(), gaps: Vec::new() };
        for period in self.periods.get(form).into_iter().flatten() {
            let findings = of(period);
            if findings.len() >= rule.least() {
                row.met.push((period, findings));
            } else if self.dues.has_usable(form, period, unit) {
                break;
            } else if let Some(gap) = self.dues.gap(&[form], period, Some(unit)) {
                row.gaps.push(gap);
            } else {
                break;
            }
        }
        row
    }
}

/// One finding as it says itself; of several how many of each kind. Never their codes.
fn in_words(findings: &[&Finding]) -> String {
    if let [only] = findings {
        return only.clause().to_owned();
    }
    let mut kinds: Vec<(&str, usize)> = Vec::new();
    for finding in findings {
        match kinds.iter_mut().find(|(title, _)| *title == finding.title) {
            Some((_, count)) => *count += 1,
            None => kinds.push((&finding.title, 1)),
        }
    }
    let kinds: Vec<String> =
        kinds.iter().map(|(title, count)| format!("{title} {count} 项")).collect();
    kinds.join("，")
}

/// Periods of one form that meet a rule, and those of which nothing is known.
struct Row<'p, 'a> {
    met: Vec<(&'p Period, Vec<&'a Finding>)>,
    gaps: Vec<Gap>,
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
