//! Real data: the published national figures, against an independent recomputation
//! (`tests/oracle/national.py`).

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};

use dangtong::model::Decimal;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use crate::case::{copy_folder, dangtong, read_csv, repository};

const PIPELINE: &str = "pipelines/national-bulletin";
const RETURNS: &str = "sample-data/national-bulletin/returns";

type Row = BTreeMap<String, String>;

/// (passed, failed, not evaluated)
type Counts = (u64, u64, u64);

/// The periods that have returns, in path order.
fn periods() -> Vec<String> {
    let folders = fs::read_dir(repository().join(RETURNS)).unwrap();
    let mut names: Vec<String> =
        folders.map(|f| f.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn run(returns: &Path, period: &str, out: &Path, exit_code: i32) {
    let (returns, out) = (returns.to_str().unwrap(), out.to_str().unwrap());
    dangtong(&[
        "run",
        "--pipeline",
        PIPELINE,
        "--returns",
        returns,
        "--period",
        period,
        "--out",
        out,
    ])
    .expect_code(exit_code);
}

fn oracle(name: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(repository().join("tests/oracle").join(name)).unwrap();
    let rows = reader.deserialize::<Row>();
    rows.map(Result::unwrap).collect()
}

/// How often each check of the pipeline passed, failed and could not be evaluated.
fn counts(report: &Path) -> BTreeMap<String, Counts> {
    let text = fs::read_to_string(report.join("validation.json")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let count = |counts: &serde_json::Value, key: &str| counts[key].as_u64().unwrap_or(0);
    let checks = json["checks"].as_array().unwrap().iter();
    checks
        .map(|check| {
            let c = &check["counts"];
            let counted = (count(c, "passed"), count(c, "failed"), count(c, "not_evaluated"));
            (check["code"].as_str().unwrap().to_owned(), counted)
        })
        .collect()
}

/// What the oracle says: check → counts, of one period.
fn expected_counts(period: &str, tests: &[Row]) -> BTreeMap<&'static str, Counts> {
    let mut expected = BTreeMap::new();
    for (code, kind) in [
        ("NB-01", "share"),
        ("NB-02", "growth"),
        ("NB-03", "points"),
        ("NB-04a", "sum"),
        ("NB-04b", "sum-other"),
        ("NB-05a", "stock"),
        ("NB-05b", "flow"),
    ] {
        let count = |result: &str| {
            let same =
                |r: &&Row| r["period"] == period && r["kind"] == kind && r["result"] == result;
            tests.iter().filter(same).count() as u64
        };
        expected.insert(code, (count("pass"), count("fail"), count("not-evaluated")));
    }
    expected
}

fn same_number(a: &str, b: &str) -> bool {
    Decimal::parse(a).is_some() && Decimal::parse(a) == Decimal::parse(b)
}

/// Every figure of the period is as recomputed, and none is there that cannot be computed.
fn compare_figures(period: &str, report: &Path, expected: &[Row]) {
    let figures: BTreeMap<String, Row> = read_csv(&report.join("figures.csv"))
        .into_iter()
        .filter(|row| row["period"] == period)
        .map(|row| (row["figure_id"].clone(), row))
        .collect();
    let suffix = format!("@{period}");
    let mut computed = 0;
    for row in expected {
        let Some(id) = row["figure_id@period"].strip_suffix(&suffix) else { continue };
        let figure = figures.get(id).unwrap_or_else(|| panic!("{period}: no figure {id}"));
        computed += 1;
        for key in ["numerator", "denominator", "value"] {
            // A count or sum has no denominator.
            assert!(
                row[key].is_empty() || same_number(&row[key], &figure[key]),
                "{period} {id}: {key} {} instead of {}",
                figure[key],
                row[key]
            );
        }
        // Printed with the places of the indicator, not only equal in value.
        assert_eq!(row["value"], figure["value"], "{period} {id}");
    }
    let published = figures.values().filter(|row| !row["value"].is_empty()).count();
    assert_eq!(published, computed, "{period}: figures that nothing can be computed from");
}

#[test]
fn published_figures_agree_with_themselves_except_two() {
    let out = tempfile::tempdir().unwrap();
    let (tests, figures) = (oracle("national.csv"), oracle("national_figures.csv"));
    let mut totals: BTreeMap<String, Counts> = BTreeMap::new();
    let mut questions = Vec::new();
    for period in periods() {
        run(Path::new(RETURNS), &period, out.path(), 0);
        let report = out.path().join(&period);
        let counted = counts(&report);
        for (code, expected) in expected_counts(&period, &tests) {
            let counted = counted.get(code).copied().unwrap_or_default();
            assert_eq!(counted, expected, "{period} {code}");
            let total = totals.entry(code.to_owned()).or_default();
            *total = (total.0 + counted.0, total.1 + counted.1, total.2 + counted.2);
        }
        compare_figures(&period, &report, &figures);
        let findings = read_csv(&report.join("findings.csv"));
        // Nothing but 提示 beside the two misprints; rates without a base are never findings.
        questions.extend(
            findings
                .into_iter()
                .filter(|f| f["level"] != "hint")
                .map(|f| [&f["level"], &f["code"], &f["period"], &f["cell"]].map(String::clone)),
        );
    }
    let total = |code: &str| totals[code];
    assert_eq!(total("NB-01"), (63, 2, 27));
    assert_eq!(total("NB-02"), (20, 0, 0));
    assert_eq!(total("NB-03"), (12, 0, 7));
    let (passed, failed, _) = total("NB-04a");
    assert_eq!((passed, failed), (19, 0));
    let (passed, failed, _) = total("NB-05a");
    assert_eq!((passed, failed), (12, 0));
    // Ages 46–60 and 61+ of 2014: the printed share and the count beside it.
    let misprint = |cells: &str| ["query", "NB-01", "2014", cells].map(str::to_owned);
    assert_eq!(questions, [misprint("F19 D19"), misprint("F20 D20")]);
}

/// A copy of all returns, to be changed.
struct Copy {
    folder: tempfile::TempDir,
}

impl Copy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        copy_folder(&repository().join(RETURNS), &folder.path().join("returns"));
        Self { folder }
    }

    fn workbook(&self, year: &str) -> PathBuf {
        self.folder.path().join("returns").join(year).join(format!("党内统计公报_{year}.xlsx"))
    }

    /// Replaces text in the sheet of a workbook, where it stands once.
    fn edit(&self, year: &str, from: &str, to: &str) {
        let path = self.workbook(year);
        let mut source = ZipArchive::new(fs::File::open(&path).unwrap()).unwrap();
        let mut target = ZipWriter::new(Cursor::new(Vec::new()));
        for index in 0..source.len() {
            let mut entry = source.by_index(index).unwrap();
            let mut text = String::new();
            entry.read_to_string(&mut text).unwrap();
            let name = entry.name().unwrap().into_owned();
            if name.ends_with("sheet1.xml") {
                assert_eq!(text.matches(from).count(), 1, "{from}");
                text = text.replace(from, to);
            }
            target.start_file(name, SimpleFileOptions::default()).unwrap();
            target.write_all(text.as_bytes()).unwrap();
        }
        let bytes = target.finish().unwrap().into_inner();
        fs::write(path, bytes).unwrap();
    }

    /// Runs a year; its findings other than 提示, as level, code, cells.
    fn findings(&self, year: &str, exit_code: i32) -> Vec<[String; 3]> {
        let out = self.folder.path().join("out");
        run(&self.folder.path().join("returns"), year, &out, exit_code);
        read_csv(&out.join(year).join("findings.csv"))
            .into_iter()
            .filter(|f| f["level"] != "hint")
            .map(|f| [&f["level"], &f["code"], &f["cell"]].map(String::clone))
            .collect()
    }
}

#[test]
fn a_misprinted_share_is_found_by_share_and_by_points() {
    let copy = Copy::new();
    // Women of 2014: 25.7 instead of 24.7, while 2013 printed 24.3 and the change 0.4.
    copy.edit("2014", "<v>24.7</v>", "<v>25.7</v>");
    let expected = [
        ["query", "NB-01", "F11 D11"],
        ["query", "NB-01", "F19 D19"],
        ["query", "NB-01", "F20 D20"],
        ["query", "NB-03", "D14"],
    ];
    assert_eq!(copy.findings("2014", 0), expected.map(|f| f.map(str::to_owned)));
}

#[test]
fn an_unregistered_item_and_a_net_increase_without_total_are_found() {
    let copy = Copy::new();
    copy.edit("2014", "<t>党员总数</t>", "<t>党员人数</t>");
    let found = copy.findings("2014", 1);
    let has = |level: &str, code: &str, cells: &str| {
        found.contains(&[level, code, cells].map(str::to_owned))
    };
    assert!(has("query", "NB-06", "A4 B4 C4"), "{found:?}");
    assert!(has("error", "NB-08", "C5 D5"), "{found:?}");
}

#[test]
fn a_return_of_another_year_is_not_taken_for_this_one() {
    let copy = Copy::new();
    fs::copy(copy.workbook("2013"), copy.workbook("2015")).unwrap();
    let found = copy.findings("2015", 1);
    assert!(found.iter().any(|[level, ..]| level == "error"), "{found:?}");
}
