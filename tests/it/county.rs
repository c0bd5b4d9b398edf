//! The sample county: its figures against an independent recomputation, its story's exit code,
//! and each of its faults.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::case::{copy_folder, dangtong, files, read_csv, repository};

const COUNTY: &str = "140722";

fn sample() -> std::path::PathBuf {
    repository().join("sample-data/zuoquan")
}

/// Runs October of the sample county over the given returns; gives the exit code.
fn run(returns: &Path, out: &Path, threads: &str) -> i32 {
    let arguments = ["run", "--period", "2013-10", "--threads", threads, "--returns"];
    let mut arguments: Vec<&str> = arguments.to_vec();
    arguments.extend([returns.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    let ran = dangtong(&arguments);
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    ran.code
}

/// Compares by value: `221728.50` is `221728.5`.
fn same_number(a: &str, b: &str) -> bool {
    let plain = |text: &str| {
        if text.contains('.') {
            text.trim_end_matches('0').trim_end_matches('.').to_owned()
        } else {
            text.to_owned()
        }
    };
    plain(a) == plain(b)
}

/// Figure id → column → number (numerator, denominator, value …), as the programs in `tests/oracle` (openpyxl,
/// fractions; they share no code with us) recomputed them from the returned files.
fn recomputed() -> BTreeMap<String, BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    for entry in fs::read_dir(repository().join("tests/oracle")).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().starts_with("county_2013-10") {
            continue;
        }
        if path.extension().is_none_or(|e| e != "csv") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        for record in reader.deserialize() {
            let mut record: BTreeMap<String, String> = record.unwrap();
            all.insert(record.remove("figure_id").unwrap(), record);
        }
    }
    all
}

#[test]
fn every_figure_of_october_agrees_with_the_independent_recomputation() {
    let out = tempfile::tempdir().unwrap();
    assert_eq!(run(&sample().join("returns"), out.path(), "2"), 0);
    let ours = read_csv(&out.path().join("2013-10/figures.csv"));
    let expected = recomputed();
    let ids: BTreeSet<&String> = ours.iter().map(|r| &r["figure_id"]).collect();
    assert_eq!(ids.len(), ours.len(), "figure ids are unique");
    assert_eq!(ids, expected.keys().collect::<BTreeSet<_>>());
    assert!(expected.len() > 1500);
    let mut differences = Vec::new();
    for row in &ours {
        for (column, theirs) in &expected[&row["figure_id"]] {
            if !same_number(&row[column], theirs) {
                let id = &row["figure_id"];
                differences.push(format!("{id} {column}: {} for {theirs}", row[column]));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

#[test]
fn one_and_two_threads_give_the_same_bytes() {
    let out = tempfile::tempdir().unwrap();
    let run_with = |threads: &str| {
        let out = out.path().join(threads);
        run(&sample().join("returns"), &out, threads);
        files(&out)
    };
    let (one, two) = (run_with("1"), run_with("2"));
    assert_eq!(one.keys().collect::<Vec<_>>(), two.keys().collect::<Vec<_>>());
    for (name, bytes) in &one {
        assert!(*bytes == two[name], "{name} differs");
    }
}

/// The columns of `expect.csv`, which name a finding without its wording.
type Finding = [String; 8];

fn findings(report: &Path) -> BTreeMap<Finding, usize> {
    let mut found = BTreeMap::new();
    for row in read_csv(&report.join("2013-10/findings.csv")) {
        let column = |name: &str| row[name].clone();
        let finding = [
            column("level"),
            column("code"),
            column("unit"),
            column("form"),
            column("file"),
            column("sheet"),
            column("cell"),
            column("outcome"),
        ];
        *found.entry(finding).or_default() += 1;
    }
    found
}

fn expected(path: &Path) -> BTreeMap<Finding, usize> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let mut found = BTreeMap::new();
    for record in reader.records() {
        let record = record.unwrap();
        let finding: Vec<String> = record.iter().map(str::to_owned).collect();
        *found.entry(finding.try_into().unwrap()).or_default() += 1;
    }
    found
}

/// Figures of units: id → unit and value.
fn unit_values(report: &Path) -> BTreeMap<String, (String, String)> {
    read_csv(&report.join("2013-10/figures.csv"))
        .into_iter()
        .filter(|row| row["unit_code"] != COUNTY)
        .map(|row| (row["figure_id"].clone(), (row["unit"].clone(), row["value"].clone())))
        .collect()
}

#[test]
fn each_fault_gives_exactly_its_findings_and_spoils_nobody_else() {
    let out = tempfile::tempdir().unwrap();
    run(&sample().join("returns"), &out.path().join("good"), "2");
    let good = findings(&out.path().join("good"));
    let good_values = unit_values(&out.path().join("good"));
    let mut faults: Vec<_> =
        fs::read_dir(sample().join("flawed")).unwrap().map(|e| e.unwrap().path()).collect();
    faults.retain(|path| path.is_dir());
    faults.sort();
    assert!(faults.len() >= 15);
    let problems_of = |fault: &std::path::PathBuf| -> Vec<String> {
        let name = fault.file_name().unwrap().to_str().unwrap();
        let returns = out.path().join(name).join("returns");
        copy_folder(&sample().join("returns"), &returns);
        copy_folder(&fault.join("2013-10"), &returns.join("2013-10"));
        let report = out.path().join(name).join("reports");
        run(&returns, &report, "1");
        let mut added = findings(&report);
        for (finding, count) in &good {
            let left = added.entry(finding.clone()).or_default();
            *left = left.saturating_sub(*count);
        }
        added.retain(|_, count| *count > 0);
        let wanted = expected(&fault.join("expect.csv"));
        let mut problems = Vec::new();
        if added != wanted {
            problems.push(format!("{name}:\n  got    {added:?}\n  wanted {wanted:?}"));
        }
        // Units that no added finding names keep every figure. An office is not judged and reports
        // on all who are: a problem that rests on what it sent goes with it.
        let named: BTreeSet<&String> = added.keys().map(|finding| &finding[2]).collect();
        let judged: BTreeSet<&String> = good_values
            .iter()
            .filter(|(id, _)| id.starts_with("problem_total@"))
            .map(|(_, (unit, _))| unit)
            .collect();
        let of_all = named.iter().any(|unit| !unit.is_empty() && !judged.contains(*unit));
        let values = unit_values(&report);
        for (id, (unit, value)) in &good_values {
            let touched = named.contains(unit) || of_all && id.starts_with("problem_");
            if !touched && values.get(id).map(|(_, v)| v) != Some(value) {
                problems.push(format!("{name}: {id} was {value}, is {:?}", values.get(id)));
            }
        }
        fs::remove_dir_all(out.path().join(name)).unwrap();
        problems
    };
    // Threads of its own: the shared pool would make other tests of this binary wait.
    let problems: Vec<String> = std::thread::scope(|scope| {
        let half = |first: usize| {
            let (faults, problems_of) = (&faults, &problems_of);
            scope.spawn(move || {
                faults.iter().skip(first).step_by(2).flat_map(problems_of).collect::<Vec<_>>()
            })
        };
        let halves = [half(0), half(1)];
        halves.into_iter().flat_map(|half| half.join().unwrap()).collect()
    });
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn the_facts_of_the_brief_come_out_of_the_sample() {
    let out = tempfile::tempdir().unwrap();
    run(&sample().join("returns"), out.path(), "2");
    let figures: BTreeMap<String, String> = read_csv(&out.path().join("2013-10/figures.csv"))
        .into_iter()
        .map(|row| (row["figure_id"].clone(), row["value"].clone()))
        .collect();
    let (mut facts, mut wrong) = (0, Vec::new());
    for entry in fs::read_dir(repository().join("tests/oracle")).unwrap() {
        let path = entry.unwrap().path();
        if !path.file_name().unwrap().to_str().unwrap().starts_with("facts_") {
            continue;
        }
        // Columns: programme, fact in words, figure id, value ("" is 未到期 or not computable).
        for record in csv::Reader::from_path(&path).unwrap().records() {
            let record = record.unwrap();
            facts += 1;
            match figures.get(&record[2]) {
                Some(value) if same_number(value, &record[3]) => {}
                other => wrong
                    .push(format!("{} {}: {other:?} for {}", &record[0], &record[1], &record[3])),
            }
        }
    }
    assert!(facts > 100, "{facts}");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
