//! What counties hand up: the same figures from facts as from returns, nothing personal in them, and
//! whatever is wrong with them is said.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use dangtong::cache::Cache;
use dangtong::definition::Field;
use dangtong::pipeline::{self, Request};
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::case::{Case, Ran, dangtong, files, read_csv, repository};

/// The mini county cut in two, and the level above.
struct Levels {
    case: Case,
}

/// The last one no longer exists: 乙县 has an office only so that forms may name the kind.
const UNITS: [&str; 4] = [
    "101,甲镇,甲镇党委;测试县甲镇,township,乡镇,",
    "102,乙乡,,township,乡镇,",
    "103,丙局,丙局党组,agency,县直机关,",
    "104,丁局,,agency,县直机关,2012-12-31",
];

impl Levels {
    fn new() -> Self {
        let levels = Self { case: Case::mini_clean() };
        levels.county("A", "甲县", &[0, 2]);
        levels.county("B", "乙县", &[1, 3]);
        let parents = ["A", "B", "A", "B"];
        let mut register =
            "code,name,aliases,kind,group,valid_to,parent\nA,甲县,,county,县,,\nB,乙县,,county,县,,\n"
                .to_owned();
        for (unit, parent) in UNITS.iter().zip(parents) {
            register += &format!("{unit},{parent}\n");
        }
        fs::write(levels.path("pipeline/registers/unit.csv"), register).unwrap();
        levels
    }

    fn path(&self, name: &str) -> PathBuf {
        self.case.path(name)
    }

    /// A county's own pipeline and returns.
    fn county(&self, code: &str, name: &str, units: &[usize]) {
        let pipeline = self.path(&format!("{code}/pipeline"));
        for (path, bytes) in files(&self.path("pipeline")) {
            let target = pipeline.join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
        }
        let settings = fs::read_to_string(pipeline.join("pipeline.toml")).unwrap();
        let settings = settings
            .replace("county_code = \"100\"", &format!("county_code = \"{code}\""))
            .replace("county_name = \"测试县\"", &format!("county_name = \"{name}\""));
        fs::write(pipeline.join("pipeline.toml"), settings).unwrap();
        let rows: Vec<&str> = units.iter().map(|&unit| UNITS[unit]).collect();
        let register = format!("code,name,aliases,kind,group,valid_to\n{}\n", rows.join("\n"));
        fs::write(pipeline.join("registers/unit.csv"), register).unwrap();
        for folder in ["2013-09", "2013-10"] {
            let target = self.path(&format!("{code}/returns/{folder}"));
            fs::create_dir_all(&target).unwrap();
            for &unit in units {
                let file = format!("{}.xlsx", UNITS[unit].split(',').nth(1).unwrap());
                let from = self.path(&format!("returns/{folder}/{file}"));
                if from.exists() {
                    fs::copy(from, target.join(file)).unwrap();
                }
            }
        }
    }

    fn of_county(&self, code: &str, command: &str, more: &[&str]) -> Ran {
        let paths = ["pipeline", "returns"].map(|name| self.path(&format!("{code}/{name}")));
        let [pipeline, returns] = paths.each_ref().map(|path| path.to_str().unwrap());
        let fixed = [command, "--pipeline", pipeline, "--returns", returns, "--no-cache"];
        dangtong(&[&fixed, more].concat())
    }

    fn collect(&self, code: &str, facts: &str) {
        let facts = self.path(facts);
        self.of_county(code, "collect", &["--facts", facts.to_str().unwrap()]).expect_code(0);
    }

    /// Runs the level above into `reports/`.
    fn above(&self, facts: &[&str], more: &[&str]) -> Ran {
        let paths: Vec<PathBuf> = facts.iter().map(|name| self.path(name)).collect();
        // The report of one of those below stands beside that of the level.
        let out = match more {
            ["--at", code] => self.path(&format!("reports/{code}")),
            _ => self.path("reports"),
        };
        let pipeline = self.path("pipeline");
        let mut all = vec!["run", "--pipeline", pipeline.to_str().unwrap(), "--no-cache"];
        all.extend(["--out", out.to_str().unwrap(), "--facts"]);
        all.extend(paths.iter().map(|path| path.to_str().unwrap()));
        all.extend(more);
        dangtong(&all)
    }

    fn codes(&self) -> BTreeSet<String> {
        self.case.csv("findings.csv").into_iter().map(|row| row["code"].clone()).collect()
    }
}

fn figures(report: &Path) -> Vec<u8> {
    fs::read(report.join("figures.csv")).unwrap()
}

#[test]
fn the_level_above_is_the_sum_and_each_county_is_as_it_reports_itself() {
    let levels = Levels::new();
    for code in ["A", "B"] {
        levels.collect(code, "facts");
        let out = levels.path(&format!("{code}/reports"));
        levels.of_county(code, "run", &["--out", out.to_str().unwrap()]).expect_code(0);
    }
    levels.above(&["facts"], &[]).expect_code(0);
    // (9 + 1 + 4) of (4 + 6 + 0 + 3 + 1 + 4)
    assert_eq!(levels.case.figure("closing_rate@100"), "77.8");
    assert_eq!(levels.case.figure("registered_total@100"), "13");
    // The rows are the counties: 13 of 15, 1 of 3. Who hands in to them is one level further down.
    assert_eq!(levels.case.figure("closing_rate@A"), "86.7");
    assert_eq!(levels.case.figure("closing_rate@B"), "33.3");
    let rows = levels.case.csv("figures.csv");
    assert!(rows.iter().all(|row| !row["unit_code"].starts_with('1') || row["unit_code"] == "100"));
    // A number opens to county, file and cell; the manifest has the hash of the file.
    let facts = levels.path("facts");
    let facts = ["--facts", facts.to_str().unwrap()];
    let report = levels.path("reports/2013-10");
    let pipeline = levels.path("pipeline");
    let audit = |command, more: &[&str]| {
        let report = report.to_str().unwrap();
        let fixed = ["audit", command, report, "--pipeline", pipeline.to_str().unwrap()];
        dangtong(&[&fixed, more, facts.as_slice()].concat())
    };
    let opened = audit("trace", &["closing_rate@100"]).expect_code(0).stdout;
    assert!(opened.contains("甲县/2013-10/甲镇.xlsx"), "{opened}");
    let manifest = fs::read_to_string(report.join("audit/manifest.json")).unwrap();
    let sent = fs::read(levels.path("A/returns/2013-10/甲镇.xlsx")).unwrap();
    assert!(manifest.contains("returns/甲县/2013-10/甲镇.xlsx"));
    assert!(manifest.contains(&dangtong::model::sha256(&sent)));
    audit("verify", &[]).expect_code(0);
    for code in ["A", "B"] {
        levels.above(&["facts"], &["--at", code]).expect_code(0);
        let own = levels.path(&format!("{code}/reports/2013-10"));
        let beside = levels.path(&format!("reports/{code}/2013-10"));
        assert_eq!(figures(&beside), figures(&own), "{code}");
        // The level's page leads there.
        let page = fs::read_to_string(report.join("report.html")).unwrap();
        assert!(page.contains(&format!("href=\"../{code}/2013-10/report.html\"")));
    }
}

#[test]
fn with_more_rows_than_the_setting_none_has_a_page() {
    let levels = Levels::new();
    ["A", "B"].iter().for_each(|code| levels.collect(code, "facts"));
    let page = || {
        levels.above(&["facts"], &[]).expect_code(0);
        fs::read_to_string(levels.path("reports/2013-10/report.html")).unwrap()
    };
    let shown = page();
    assert!(shown.contains("id=\"uA\"") && shown.contains("id=\"uB\""));
    let settings = levels.path("pipeline/pipeline.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("[report]\n", "[report]\npages_a_unit = 1\n")).unwrap();
    let shown = page();
    assert!(!shown.contains("id=\"uA\"") && !shown.contains("id=\"uB\""));
}

#[test]
fn what_was_not_handed_up_is_missing_and_never_a_silent_sum() {
    let levels = Levels::new();
    levels.collect("A", "facts");
    levels.above(&["facts"], &[]).expect_code(1);
    // Who hands up nothing is said once, not return by return.
    assert!(levels.codes().contains("C-67") && !levels.codes().contains("R-01"));
    let rows = levels.case.csv("figures.csv");
    let whole = rows.iter().find(|row| row["figure_id"] == "closing_rate@100").unwrap();
    // 13 of 15, and 乙乡 is not in it.
    assert_eq!((whole["value"].as_str(), whole["status"].as_str()), ("86.7", "U"));
    assert_eq!((whole["units_used"].as_str(), whole["units_expected"].as_str()), ("2", "3"));
}

#[test]
fn what_is_wrong_with_what_was_handed_up_is_said_and_it_does_not_count() {
    let levels = Levels::new();
    levels.collect("A", "a");
    levels.collect("B", "b");
    levels.above(&["a", "b"], &[]).expect_code(0);
    let whole = figures(&levels.path("reports/2013-10"));
    // The same twice is one.
    levels.above(&["a", "b", "a"], &[]).expect_code(0);
    assert!(levels.codes().contains("C-65"));
    assert_eq!(figures(&levels.path("reports/2013-10")), whole);
    // Changed on the way.
    let rows = levels.path("b/2013-10/B/2013-10/rows.cases.parquet");
    let sound = fs::read(&rows).unwrap();
    let mut changed = sound.clone();
    changed[40] ^= 1;
    fs::write(&rows, changed).unwrap();
    levels.above(&["a", "b"], &[]).expect_code(1);
    assert!(levels.codes().contains("C-61") && !levels.codes().contains("C-67"));
    fs::write(&rows, sound).unwrap();
    // Of another period.
    levels.above(&["a", "b"], &["--period", "2013-11"]).expect_code(1);
    assert!(levels.codes_of("2013-11").contains("C-63"));
    // Another one for the same period.
    fs::remove_file(levels.path("B/returns/2013-09/乙乡.xlsx")).unwrap();
    levels.of_county("B", "collect", &["--facts", levels.path("b2").to_str().unwrap()]);
    levels.above(&["a", "b", "b2"], &[]).expect_code(1);
    assert!(levels.codes().contains("C-64"));
    // By a county whose register knows another unit by that code.
    let register = levels.path("B/pipeline/registers/unit.csv");
    let text = fs::read_to_string(&register).unwrap();
    fs::write(&register, text.replace("township,乡镇,", "township,乡镇,2020-12-31")).unwrap();
    levels.of_county("B", "collect", &["--facts", levels.path("b3").to_str().unwrap()]);
    levels.above(&["a", "b3"], &[]).expect_code(1);
    assert!(levels.codes().contains("C-66"));
    fs::write(&register, text).unwrap();
    // By other definitions.
    let programme = levels.path("B/pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap();
    fs::write(&programme, text.replace("\"opening + registered\"", "\"registered\"")).unwrap();
    levels.of_county("B", "collect", &["--facts", levels.path("b4").to_str().unwrap()]);
    levels.above(&["a", "b4"], &[]).expect_code(1);
    assert!(levels.codes().contains("C-62"));
}

impl Levels {
    fn codes_of(&self, period: &str) -> BTreeSet<String> {
        let rows = read_csv(&self.path("reports").join(period).join("findings.csv"));
        rows.into_iter().map(|row| row["code"].clone()).collect()
    }
}

#[test]
fn the_sample_reports_the_same_from_facts_and_no_person_is_in_them() {
    let out = tempfile::tempdir().unwrap();
    let path = |name: &str| out.path().join(name).to_str().unwrap().to_owned();
    let (facts, again) = (path("facts"), path("again"));
    for facts in [&facts, &again] {
        dangtong(&["collect", "--no-cache", "--facts", facts]).expect_code(0);
    }
    let handed = files(Path::new(&facts));
    assert_eq!(handed, files(Path::new(&again)), "the same returns give the same bytes");
    dangtong(&["run", "--no-cache", "--out", &path("direct")]).expect_code(0);
    dangtong(&["run", "--no-cache", "--facts", &facts, "--out", &path("up")]).expect_code(0);
    let reports = ["direct", "up"].map(|name| files(&out.path().join(name).join("2013-10")));
    let [direct, up] = &reports;
    assert!(direct.keys().eq(up.keys()));
    let differ: Vec<&String> = direct.keys().filter(|name| direct[*name] != up[*name]).collect();
    // The manifest names what was handed up.
    assert_eq!(differ, ["audit/manifest.json"]);

    // What is typed freely stays home too, where no figure reads it.
    for (form, field) in [("pledge", "reason"), ("delegate_case", "summary")] {
        let rows =
            handed.iter().filter(|(name, _)| name.ends_with(&format!("rows.{form}.parquet")));
        let shown: Vec<String> = rows.map(|(_, bytes)| printed(bytes)).collect();
        let values: Vec<&str> = shown.iter().flat_map(|text| after(text, field)).collect();
        assert!(values.iter().any(|value| value.starts_with("\"#1\"")), "{form}.{field}");
        let is_hidden = |value: &&str| value.starts_with("\"#") || value.starts_with("null");
        assert!(values.iter().all(is_hidden), "{form}.{field}: {values:?}");
        assert!(shown.iter().all(|text| !text.contains(&format!("{field}__raw"))));
    }
    let persons = persons();
    assert!(!persons.is_empty());
    for (name, bytes) in &handed {
        let text = match name.ends_with(".parquet") {
            true => printed(bytes),
            false => String::from_utf8(bytes.clone()).unwrap(),
        };
        let names = text.match_indices("党员").map(|(at, word)| {
            let rest = &text[at + word.len()..];
            let digits = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
            &text[at..at + word.len() + digits]
        });
        let found: Vec<&str> = names.filter(|name| persons.contains(*name)).collect();
        assert!(found.is_empty(), "{name}: {found:?}");
    }
}

/// Whatever stands in personal columns of text of the sample, where it is long enough to be told
/// from other words.
fn persons() -> BTreeSet<String> {
    let request = Request {
        pipeline: repository().join("pipelines/zuoquan"),
        returns: Some(repository().join("sample-data/zuoquan/returns")),
        facts: Vec::new(),
        at: None,
        period: Some("2013-10".into()),
        reader: PathBuf::from(env!("CARGO_BIN_EXE_dangtong")),
        cache: Cache::none(),
    };
    let checked = pipeline::check(pipeline::prepare(&request).unwrap()).unwrap();
    let mut persons = BTreeSet::new();
    for facts in &checked.collected.returns {
        let form = checked.definition.form(&facts.form).unwrap();
        let is_name = |field: &&Field| field.personal && !field.name.contains("tail");
        for field in form.fields.iter().filter(is_name) {
            let at = form.fields.iter().position(|f| f.name == field.name).unwrap();
            let texts = facts.columns[at].iter_texts().flatten();
            persons.extend(texts.filter(|text| is_told_apart(text)).map(str::to_owned));
        }
    }
    persons
}

/// The values of a column in printed rows.
fn after<'t>(rows: &'t str, column: &str) -> Vec<&'t str> {
    let name = format!("{column}: ");
    rows.split(&name).skip(1).map(|rest| rest.split(',').next().unwrap()).collect()
}

/// Persons of the sample are called 党员0001 …; other words may stand elsewhere by right.
fn is_told_apart(text: &str) -> bool {
    text.starts_with("党员") && text.ends_with(|c: char| c.is_ascii_digit())
}

fn printed(bytes: &[u8]) -> String {
    let reader = SerializedFileReader::new(bytes::Bytes::copy_from_slice(bytes)).unwrap();
    let rows = reader.get_row_iter(None).unwrap();
    rows.map(|row| row.unwrap().to_string()).collect::<Vec<_>>().join("\n")
}
