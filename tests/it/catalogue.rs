//! Every check, form, rule and programme of the county's pipeline is proved by something: a row
//! that passes and a row that fails, a return, a figure, a page.

use std::collections::BTreeSet;
use std::fs;

use dangtong::cache::Cache;
use dangtong::definition::{self, Definition};
use dangtong::model::{Finding, Outcome, Period};
use dangtong::pipeline;

use crate::case::repository;
use crate::mutation::{Mutation, Sample};

fn county() -> Definition {
    definition::load(&repository().join("pipelines/zuoquan")).unwrap()
}

type Place = (String, String, Period, String, String);

fn place(finding: &Finding) -> Place {
    (
        finding.code.clone(),
        finding.unit.clone(),
        finding.folder.clone(),
        finding.location.to_string(),
        finding.message.clone(),
    )
}

/// Codes that fail somewhere in the faults beside the sample (`flawed/<fault>/expect.csv`, which
/// another test holds).
fn failing_in_faults() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for entry in fs::read_dir(repository().join("sample-data/zuoquan/flawed")).unwrap() {
        let path = entry.unwrap().path().join("expect.csv");
        if !path.exists() {
            continue;
        }
        for record in csv::Reader::from_path(&path).unwrap().records() {
            let record = record.unwrap();
            if &record[7] != Outcome::NotEvaluated.id() {
                codes.insert(record[1].to_owned());
            }
        }
    }
    codes
}

/// Mutations with what goes with them, in batches that are validated at once: failing ones that
/// touch different units, and passing ones of one folder (only the last folder is counted).
fn batches(mutations: &[Vec<Mutation>]) -> Vec<Vec<&[Mutation]>> {
    let mut batches: Vec<Vec<&[Mutation]>> = Vec::new();
    for group in mutations {
        let fits = |other: &&[Mutation]| {
            let (mine, other) = (&group[0], &other[0]);
            let apart = mine.unit != other.unit && mine.unit != "*" && other.unit != "*";
            let together = mine.outcome == "fail" || mine.folder == other.folder;
            mine.outcome == other.outcome && apart && together
        };
        match batches.iter_mut().find(|batch| batch.iter().all(fits)) {
            Some(batch) => batch.push(group),
            None => batches.push(vec![group]),
        }
    }
    batches
}

#[test]
fn every_check_passes_somewhere_and_fails_somewhere() {
    let sample = Sample::get();
    let mutations = Mutation::read();
    let (definition, mut problems) = (&sample.definition, Vec::new());

    // Passing rows: months in which, together, every form is handed in.
    let mut passing: BTreeSet<String> = BTreeSet::new();
    let mut failing = failing_in_faults();
    let mut known: BTreeSet<Place> = BTreeSet::new();
    for last in ["2012-12", "2013-01", "2013-06", "2013-09", "2013-10"] {
        let folders = sample.folders_until(&Period::parse(last));
        let validated = sample.validate(&sample.collected, &folders);
        let passed = validated.tallies.iter().filter(|(_, tally)| tally.passed > 0);
        passing.extend(passed.map(|(code, _)| code.clone()));
        known.extend(validated.findings.iter().map(place));
        let failed = validated.findings.iter().filter(|f| f.outcome != Outcome::NotEvaluated);
        failing.extend(failed.map(|f| f.code.clone()));
    }
    for batch in batches(&mutations) {
        let mut collected = sample.collected.clone();
        let mut folders: BTreeSet<Period> = sample.folders.iter().cloned().collect();
        for mutation in batch.iter().copied().flatten() {
            folders.insert(mutation.folder());
            if let Err(problem) = mutation.apply(definition, &mut collected) {
                problems.push(format!("{}: {problem}", mutation.code));
            }
        }
        let folders: Vec<Period> = folders.into_iter().collect();
        let validated = sample.validate(&collected, &folders);
        for mutation in batch.iter().map(|group| &group[0]) {
            let is_new = |finding: &&Finding| {
                mutation.explains(definition, finding) && !known.contains(&place(finding))
            };
            let proved = if mutation.outcome == "fail" {
                failing.insert(mutation.code.clone());
                validated.findings.iter().any(|finding| is_new(&finding))
            } else {
                passing.insert(mutation.code.clone());
                validated.tallies[&mutation.code].passed > 0
            };
            if !proved {
                problems
                    .push(format!("{} does not {}: {mutation:?}", mutation.code, mutation.outcome));
            }
        }
    }

    for check in definition.checks.iter().filter(|check| check.is_collectable()) {
        for (what, codes) in [("fails", &failing), ("passes", &passing)] {
            // The weights are constants of the rule; `byhand` fails it with other weights.
            if !codes.contains(&check.code) && check.code != "F06-02a" {
                problems.push(format!("{} never {what}", check.code));
            }
        }
    }
    assert!(problems.is_empty(), "\n{}\n", problems.join("\n"));
}

#[test]
fn every_check_says_what_why_and_what_to_do() {
    let definition = county();
    let codes: BTreeSet<&str> = definition.checks.iter().map(|c| c.code.as_str()).collect();
    assert!(codes.len() >= 200);
    for check in &definition.checks {
        let texts =
            [&check.name, &check.title, &check.message, &check.remedy, &check.basis, &check.form];
        assert!(texts.iter().all(|text| !text.trim().is_empty()), "{}", check.code);
        assert!(check.is_collectable() || !check.reason.is_empty(), "{}", check.code);
    }
}

/// `tests/fixtures/rules.txt`: the rules that the county asks for. A rule split by level or scope
/// has a letter behind its id.
#[test]
fn every_rule_of_the_county_is_declared() {
    let definition = county();
    let rules = fs::read_to_string(repository().join("tests/fixtures/rules.txt")).unwrap();
    let declares = |code: &str, rule: &str| {
        let letter = code.strip_prefix(rule);
        letter.is_some_and(|rest| rest.chars().all(|c| c.is_ascii_lowercase()) && rest.len() < 2)
    };
    let missing: Vec<&str> = rules
        .lines()
        .filter(|rule| !definition.checks.iter().any(|check| declares(&check.code, rule)))
        .collect();
    assert_eq!(rules.lines().count(), 105);
    assert!(missing.is_empty(), "{missing:?}");
}

/// Forms that are due only after the sample's last month; `later` hands them in.
const LATER: [&str; 1] = ["term_result"];

#[test]
fn every_form_has_rows_in_the_sample() {
    let sample = Sample::get();
    for form in &sample.definition.forms {
        let rows = |facts: &&std::sync::Arc<dangtong::model::ReturnFacts>| {
            facts.form == form.id && !facts.rows.is_empty()
        };
        let has_rows = sample.collected.returns.iter().any(|facts| rows(&facts));
        assert_eq!(has_rows, !LATER.contains(&form.id.as_str()), "{}", form.id);
    }
}

/// Figure ids that the programs of `tests/oracle` recomputed.
fn recomputed() -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for entry in fs::read_dir(repository().join("tests/oracle")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if name.starts_with("county_2013-10") && name.ends_with(".csv") {
            let mut reader = csv::Reader::from_path(&path).unwrap();
            ids.extend(reader.records().map(|record| record.unwrap()[0].to_owned()));
        }
    }
    ids
}

#[test]
fn every_indicator_is_recomputed_or_says_why_not() {
    let definition = county();
    let ids = recomputed();
    let known: BTreeSet<&str> = ids.iter().filter_map(|id| id.split('@').next()).collect();
    for indicator in &definition.indicators {
        if indicator.is_collectable() {
            assert!(known.contains(indicator.id.as_str()), "{}", indicator.id);
        } else {
            assert!(!indicator.reason().is_empty(), "{}", indicator.id);
        }
    }
}

#[test]
fn every_programme_has_figures_a_section_and_a_page() {
    let definition = county();
    let (ids, pages) = (recomputed(), repository().join("docs/programmes/zuoquan"));
    let numbers: BTreeSet<String> =
        definition.programmes.iter().map(|programme| programme.number.clone()).collect();
    let expected: BTreeSet<String> = (1..=20).map(|number| format!("P{number:02}")).collect();
    let missing: Vec<&String> = expected.difference(&numbers).collect();
    assert_eq!(missing, Vec::<&String>::new(), "programmes of the brief without a file");
    for programme in &definition.programmes {
        let shown: Vec<&String> =
            programme.tables.iter().flat_map(|table| &table.indicators).collect();
        assert!(!shown.is_empty(), "{} has no table", programme.id);
        for indicator in shown {
            let county = format!("{indicator}@");
            assert!(ids.iter().any(|id| id.starts_with(&county)), "{indicator}");
        }
        assert!(pages.join(format!("{}.md", programme.id)).is_file(), "{}", programme.id);
    }
}

#[test]
fn both_coverages_of_last_year_were_full() {
    let prepared = pipeline::prepare(&pipeline::Request {
        pipeline: repository().join("pipelines/zuoquan"),
        returns: Some(repository().join("sample-data/zuoquan/returns")),
        period: Some("2012-12".to_owned()),
        facts: Vec::new(),
        at: None,
        reader: env!("CARGO_BIN_EXE_dangtong").into(),
        cache: Cache::none(),
    });
    let computed = pipeline::compute(prepared.unwrap()).unwrap();
    for indicator in ["eligible_coverage", "work_coverage", "scale_edu_coverage"] {
        let id = format!("{indicator}@140722");
        let figure = computed.figures.iter().find(|figure| figure.id == id).unwrap();
        assert_eq!(figure.value.unwrap().to_string(), "100.0", "{id}");
        assert_eq!(figure.period.to_string(), "2012Q4");
    }
}
