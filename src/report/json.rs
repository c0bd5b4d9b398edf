//! `validation.json`: every check with its result, for machines (after ESS validation reports:
//! 1 passed, 0 failed, NA not evaluated).

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::Inputs;
use crate::model::{CheckTally, Finding, Outcome, ReturnFacts, ReturnSentence, Scope};

const SCHEMA: &str = "urn:dangtong:validation-report:1";

#[derive(Serialize)]
struct Report<'a> {
    schema: &'static str,
    pipeline: &'a str,
    period: String,
    checks: Vec<CheckResult<'a>>,
    /// What the returns say in words; it settles no check.
    sentences: Vec<SaidResult<'a>>,
}

#[derive(Serialize)]
struct SaidResult<'a> {
    unit: &'a str,
    form: &'a str,
    period: String,
    file: &'a str,
    sheet: &'a str,
    cells: Vec<String>,
    text: &'a str,
}

#[derive(Serialize)]
struct CheckResult<'a> {
    code: &'a str,
    /// Absent for checks that are built in.
    #[serde(skip_serializing_if = "str::is_empty")]
    name: &'a str,
    title: &'a str,
    level: &'static str,
    scope: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    form: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    basis: &'a str,
    /// `1`, `0` or `NA`, for the check as a whole.
    value: &'static str,
    /// How often; absent when the check does not count.
    #[serde(skip_serializing_if = "Option::is_none")]
    counts: Option<Counts>,
    #[serde(skip_serializing_if = "str::is_empty")]
    not_collectable: &'a str,
    results: Vec<SingleResult<'a>>,
}

#[derive(Serialize)]
struct Counts {
    passed: usize,
    failed: usize,
    not_evaluated: usize,
}

#[derive(Serialize)]
struct SingleResult<'a> {
    value: &'static str,
    outcome: &'static str,
    period: String,
    unit: &'a str,
    form: &'a str,
    file: &'a str,
    sheet: &'a str,
    cells: Vec<String>,
    seen: &'a str,
    expected: &'a str,
    message: &'a str,
}

pub(super) fn validation(inputs: &Inputs) -> anyhow::Result<Vec<u8>> {
    let mut findings: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
    for finding in inputs.findings() {
        findings.entry(&finding.code).or_default().push(finding);
    }
    let tallies = &inputs.validated.tallies;
    let mut checks = Vec::new();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for check in &inputs.definition.checks {
        let code = check.code.as_str();
        if !done.insert(code) {
            continue;
        }
        let found = check_result(code, &findings, tallies);
        let scope = check.scope.map_or(found.scope, Scope::id);
        checks.push(CheckResult {
            name: &check.name,
            title: &check.title,
            level: check.level.id(),
            scope: if scope.is_empty() { Scope::Form.id() } else { scope },
            form: &check.form,
            basis: &check.basis,
            not_collectable: if check.is_collectable() { "" } else { &check.reason },
            ..found
        });
    }
    // Built-in checks: those that counted or found something.
    let built_in: BTreeSet<&str> =
        findings.keys().copied().chain(tallies.keys().map(String::as_str)).collect();
    checks.extend(built_in.difference(&done).map(|code| check_result(code, &findings, tallies)));
    let report = Report {
        schema: SCHEMA,
        pipeline: &inputs.definition.settings.id,
        period: inputs.folder.to_string(),
        checks,
        sentences: inputs.sentences().map(|(facts, sentence)| said(facts, sentence)).collect(),
    };
    let mut bytes = serde_json::to_vec_pretty(&report)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// What a check found, in the words of its findings.
fn check_result<'a>(
    code: &'a str,
    findings: &BTreeMap<&'a str, Vec<&'a Finding>>,
    tallies: &BTreeMap<String, CheckTally>,
) -> CheckResult<'a> {
    let own = findings.get(code).map_or(&[][..], Vec::as_slice);
    let first = own.first();
    let tally = tallies.get(code).copied();
    CheckResult {
        code,
        name: "",
        title: first.map_or("", |f| f.title.as_str()),
        level: first.map_or("", |f| f.level.id()),
        scope: first.map_or("", |f| f.scope.id()),
        form: "",
        basis: "",
        value: overall(own, tally),
        counts: tally.map(counts),
        not_collectable: "",
        results: own.iter().map(|f| single(f)).collect(),
    }
}

fn overall(findings: &[&Finding], tally: Option<CheckTally>) -> &'static str {
    let failed = findings.iter().any(|f| f.outcome != Outcome::NotEvaluated);
    if failed || tally.is_some_and(|t| t.failed > 0) {
        "0"
    } else if tally.is_some_and(|t| t.passed > 0) {
        "1"
    } else {
        "NA"
    }
}

fn counts(tally: CheckTally) -> Counts {
    Counts { passed: tally.passed, failed: tally.failed, not_evaluated: tally.not_evaluated }
}

fn said<'a>(facts: &'a ReturnFacts, sentence: &'a ReturnSentence) -> SaidResult<'a> {
    SaidResult {
        unit: &facts.unit,
        form: &facts.form,
        period: facts.period.to_string(),
        file: &sentence.location.file,
        sheet: &sentence.location.sheet,
        cells: sentence.location.cells.iter().map(ToString::to_string).collect(),
        text: &sentence.text,
    }
}

fn single<'a>(finding: &'a Finding) -> SingleResult<'a> {
    SingleResult {
        value: if finding.outcome == Outcome::NotEvaluated { "NA" } else { "0" },
        outcome: finding.outcome.id(),
        period: finding.period.to_string(),
        unit: &finding.unit,
        form: &finding.form,
        file: &finding.location.file,
        sheet: &finding.location.sheet,
        cells: finding.location.cells.iter().map(ToString::to_string).collect(),
        seen: &finding.seen,
        expected: &finding.expected,
        message: &finding.message,
    }
}
