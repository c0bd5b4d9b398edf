//! Who owes what, what codes refer to, and rows that are items: on a small county of its own
//! (`tests/fixtures/owes`). In October 2013 there are 甲镇 and 丙镇 (乙乡 ended in September), and the
//! villages v1 and v3 (v2 ended on the 15th, v4 begins in November).

use std::fs;
use std::path::Path;
use std::sync::Arc;

use dangtong::definition::{self, MissingItem};
use dangtong::model::{
    AbsentReason, Finding, Level, Outcome, Period, ReturnFacts, ReturnState, Status, Value,
};

use crate::case::{County, Results, copy_folder, repository};
use crate::columns;
use crate::mutation::Sample;

const MONTH: &str = "2013-10";

fn county() -> County {
    County::of("tests/fixtures/owes", |_| {})
}

/// Messages of a check with the cells and units they stand at; not evaluated ones as such.
fn said(results: &Results, code: &str) -> Vec<String> {
    let findings = &results.0.checked.validated.findings;
    let of_month = |f: &&Finding| f.code == code && f.folder.to_string() == MONTH;
    let text = |f: &Finding| {
        let cells: Vec<String> = f.location.cells.iter().map(ToString::to_string).collect();
        let mark = if f.outcome == Outcome::NotEvaluated { "?" } else { "" };
        format!("{mark}{} {} {} {}", f.unit, f.form, cells.join("+"), f.message)
    };
    findings.iter().filter(of_month).map(text).collect()
}

#[track_caller]
fn has(found: &[String], parts: &[&str]) {
    let all = |text: &&String| parts.iter().all(|part| text.contains(part));
    assert_eq!(found.iter().filter(all).count(), 1, "{parts:?} in {found:#?}");
}

fn state(results: &Results, unit: &str, form: &str) -> Option<(ReturnState, bool)> {
    let receipts = &results.0.checked.validated.receipts;
    let its =
        receipts.iter().find(|r| r.unit == unit && r.form == form && r.folder.to_string() == MONTH);
    its.map(|receipt| (receipt.state, receipt.owed))
}

/// Expected, used and status of a figure.
#[track_caller]
fn complete(results: &Results, id: &str) -> (usize, usize, Status) {
    let figure = results.figure(id);
    (figure.units_expected, figure.units_used, figure.status)
}

fn studios(county: &County) {
    county.hand_in(MONTH, "甲镇", "studio", &["studio_code=101;opened_on=2013年1月7日;visits=35"]);
    county.hand_in(MONTH, "丙镇", "studio", &["studio_code=103;visits=70"]);
}

#[test]
fn a_dissolved_committee_owes_nothing_and_is_nowhere() {
    let county = county();
    studios(&county);
    county.hand_in(MONTH, "甲镇", "room", &["village_code=v1;handled=1"]);
    county.hand_in(MONTH, "丙镇", "room", &["village_code=v3;handled=1"]);
    let results = county.compute(MONTH);
    assert_eq!(results.numbers("visits@100")[2], "105");
    assert_eq!(complete(&results, "visits@100"), (2, 2, Status::Normal));
    assert!(results.0.figures.iter().all(|figure| figure.unit_code != "102"));
    assert!(results.0.checked.validated.receipts.iter().all(|receipt| receipt.unit != "102"));
    assert_eq!(results.figure("covered@101").place.as_ref().unwrap().of, 2);
    // In September it was still there, and owed its returns.
    county.hand_in("2013-09", "甲镇", "studio", &["studio_code=101;visits=35"]);
    county.hand_in("2013-09", "丙镇", "studio", &["studio_code=103;visits=70"]);
    let september = county.compute("2013-09");
    assert_eq!(complete(&september, "visits@100"), (3, 2, Status::Incomplete));
}

#[test]
fn a_return_that_is_not_owed_is_refused_and_counts_nowhere() {
    let county = county();
    studios(&county);
    county.hand_in(MONTH, "丁局", "studio", &["studio_code=201;visits=1000"]);
    county.hand_in(MONTH, "乙乡", "studio", &["studio_code=102;visits=1000"]);
    let results = county.compute(MONTH);
    let found = said(&results, "R-05");
    has(&found, &["201 studio", "丁局不应报", "不在这张表的应报单位之内"]);
    has(&found, &["102 studio", "乙乡不应报", "报告期最后一天不存在"]);
    assert_eq!(found.len(), 2);
    assert_eq!(results.numbers("visits@100")[2], "105");
    assert_eq!(complete(&results, "visits@100"), (2, 2, Status::Normal));
    assert_eq!(state(&results, "201", "studio"), Some((ReturnState::Rejected, false)));
    assert!(results.0.figures.iter().all(|figure| figure.unit_code != "102"));
}

#[test]
fn a_village_outside_its_dates_is_in_neither_side() {
    let county = county();
    county.hand_in(MONTH, "甲镇", "room", &["village_code=v1;handled=1"]);
    county.hand_in(MONTH, "丙镇", "room", &["village_code=v3;handled=1"]);
    let results = county.compute(MONTH);
    // Villages at the end of October: v1 and v3.
    assert_eq!(results.numbers("covered@100"), ["2", "2", "100.0"]);
    assert_eq!(results.numbers("covered@101"), ["1", "1", "100.0"]);
    assert_eq!(results.numbers("covered@103"), ["1", "1", "100.0"]);
    county.hand_in(
        MONTH,
        "甲镇",
        "room",
        &["village_code=v1;handled=1", "village_code=v2;handled=1"],
    );
    county.hand_in(
        MONTH,
        "丙镇",
        "room",
        &["village_code=v4;handled=1", "village_code=v9;handled=1"],
    );
    let results = county.compute(MONTH);
    let found = said(&results, "G-17");
    has(&found, &["101 room A5 ", "v2", "2013-10-15 停用"]);
    has(&found, &["103 room A4 ", "v4", "2013-11-01 起用"]);
    has(&found, &["103 room A5 ", "v9", "不在登记册 village"]);
    assert_eq!(state(&results, "101", "room"), Some((ReturnState::Rejected, true)));
}

/// 一村 goes from 甲镇 to 丙镇 on 1 October: a row for each, and each month counts one of them.
#[test]
fn a_village_that_changes_hands_belongs_to_one_unit_at_a_time() {
    let moved = "v1,一村,101,yes,,2013-09-30\nv1,一村,103,yes,2013-10-01,\n";
    let county = County::of("tests/fixtures/owes", |pipeline| {
        let register = pipeline.join("registers/village.csv");
        let text = fs::read_to_string(&register).unwrap();
        fs::write(&register, text.replace("v1,一村,101,yes,,\n", moved)).unwrap();
    });
    county.hand_in(MONTH, "甲镇", "room", &["village_code=v1;handled=1"]);
    county.hand_in(MONTH, "丙镇", "room", &["village_code=v3;handled=1"]);
    let results = county.compute(MONTH);
    // Of 丙镇 are v1 and v3; the county still has two villages.
    assert_eq!(results.numbers("covered@103"), ["1", "2", "50.0"]);
    assert_eq!(results.numbers("covered@100"), ["2", "2", "100.0"]);
}

#[test]
fn a_code_must_be_that_of_an_accepted_row_of_the_other_form() {
    let county = county();
    county.hand_in(MONTH, "甲镇", "room", &["village_code=v1;handled=1"]);
    county.hand_in(MONTH, "丙镇", "room", &["village_code=v3;handled=1"]);
    county.hand_in(MONTH, "甲镇", "duty", &["room=v1;hours=3", "room=v7;hours=90"]);
    county.hand_in(MONTH, "丙镇", "duty", &["room=v3;hours=4"]);
    let results = county.compute(MONTH);
    let found = said(&results, "G-17");
    has(&found, &["101 duty A5 ", "v7", "“便民室月报”（2013年10月）审核通过的行"]);
    assert_eq!(found.len(), 1);
    assert_eq!(results.numbers("hours@100")[2], "4");
    assert_eq!(complete(&results, "hours@100"), (2, 1, Status::Incomplete));
    // The other side is sent back: nothing can be said, and nobody is blamed for it.
    county.hand_in(MONTH, "甲镇", "room", &["village_code=v9;handled=1"]);
    let results = county.compute(MONTH);
    let found = said(&results, "G-17");
    has(&found, &["101 room A4 ", "v9"]);
    has(&found, &["?101 duty A4+A5 ", "本单位“便民室月报”（2013年10月）未报或退回"]);
    assert_eq!(found.len(), 2);
    assert_eq!(state(&results, "101", "duty"), Some((ReturnState::Clean, true)));
}

#[test]
fn every_item_of_a_form_has_one_row() {
    let county = county();
    let whole = ["wind=形式主义;found=1", "wind=官僚主义;found=2", "wind=享乐主义;found=0"];
    county.hand_in(MONTH, "丙镇", "mending", &whole);
    county.hand_in(MONTH, "甲镇", "mending", &[whole[0], "found=2", whole[0]]);
    let results = county.compute(MONTH);
    let found = said(&results, "G-16");
    has(&found, &["101 mending  ", "缺少 2 项“类别”：官僚主义、享乐主义"]);
    has(&found, &["101 mending A5 ", "没有写“类别”"]);
    has(&found, &["101 mending A4+A6 ", "“类别”形式主义 有 2 行"]);
    assert_eq!(found.len(), 3);
    // A code that could not be read is said once; which item it was is not known.
    county.hand_in(MONTH, "甲镇", "mending", &[whole[0], whole[1], "wind=享乐;found=0"]);
    let results = county.compute(MONTH);
    assert!(said(&results, "G-16").is_empty());
    has(&said(&results, "D-09"), &["101 mending A6 "]);
    // A row that is not there is a row of blanks for what would look at it, and for nothing else.
    county.hand_in(MONTH, "甲镇", "mending", &whole[..2]);
    let results = county.compute(MONTH);
    has(&said(&results, "G-16"), &["101 mending  ", "缺少 1 项“类别”：享乐主义"]);
    assert_eq!(results.numbers("found@100")[2], "3");
    assert_eq!(complete(&results, "found@100"), (2, 1, Status::Incomplete));
    assert_eq!(results.figure("found@101").status, Status::Missing);
    assert_eq!(results.figure("found@100").lineage.absent[0].reason, AbsentReason::Blank);
    assert_eq!(results.numbers("formal@100")[2], "2");
    assert_eq!(results.figure("formal@101").units_used, 1);
    // A code list that is taken from a register asks for the spots of this tour only, of each
    // rater.
    county.hand_in(
        MONTH,
        "丁局",
        "tour",
        &[
            "spot=东;rater=01;score=90",
            "spot=西点;rater=01;score=80",
            "spot=东点;rater=02;score=70",
        ],
    );
    let results = county.compute(MONTH);
    has(&said(&results, "G-16"), &["201 tour", "评委 02：缺少 1 项“观摩点”：西点"]);
    let checked = &results.0.checked;
    let form = checked.definition.form("tour").unwrap();
    let table = checked.validated.facts.table("tour", &Period::parse(MONTH)).unwrap();
    let missing = checked.definition.missing_items(form, &table.returns[0]);
    assert_eq!(missing, [MissingItem { item: "西点".into(), beside: vec![(1, "02".to_owned())] }]);
    county.hand_in(
        MONTH,
        "丁局",
        "tour",
        &[
            "spot=东;rater=01;score=90",
            "spot=西点;rater=01;score=80",
            "spot=东点;rater=02;score=70",
            "spot=西点;rater=02;score=60",
        ],
    );
    let results = county.compute(MONTH);
    assert!(said(&results, "G-16").iter().all(|text| !text.contains("tour")));
    assert_eq!(results.numbers("spot_score@100@east"), ["160", "2", "80.0"]);
    assert!(results.0.figures.iter().all(|figure| figure.id != "spot_score@100@old"));
    // A spot of the last tour is none of this one.
    county.hand_in(MONTH, "丁局", "tour", &["spot=旧点;rater=01;score=90"]);
    has(&said(&county.compute(MONTH), "G-17"), &["201 tour A4 ", "旧点", "2013-09-30 停用"]);
}

#[test]
fn a_duty_follows_from_accepted_rows() {
    let county = county();
    studios(&county);
    county.hand_in(MONTH, "甲镇", "ledger", &["case_no=c1;days=3"]);
    let results = county.compute(MONTH);
    assert_eq!(results.numbers("cases@100")[2], "1");
    assert_eq!(complete(&results, "cases@100"), (1, 1, Status::Normal));
    assert_eq!(state(&results, "103", "ledger"), None);
    // 丙镇 opens its studio: from now on its ledger is missed.
    county.hand_in(MONTH, "丙镇", "studio", &["studio_code=103;opened_on=2013年10月8日;visits=70"]);
    let results = county.compute(MONTH);
    assert_eq!(state(&results, "103", "ledger"), Some((ReturnState::Missing, true)));
    has(&said(&results, "R-01"), &["103 ledger", "丙镇应报“办件台账”（2013年10月），未报"]);
    assert_eq!(complete(&results, "cases@100"), (2, 1, Status::Incomplete));
}

#[test]
fn a_ledger_without_an_opened_studio_is_not_owed() {
    let county = county();
    studios(&county);
    county.hand_in(MONTH, "甲镇", "ledger", &["case_no=c1;days=3"]);
    county.hand_in(MONTH, "丙镇", "ledger", &["case_no=c2;days=3"]);
    let results = county.compute(MONTH);
    has(&said(&results, "R-05"), &["103 ledger", "不符合应报条件", "工作室月报"]);
    assert_eq!(complete(&results, "cases@100"), (1, 1, Status::Normal));
}

#[test]
fn without_the_rows_that_decide_a_duty_is_unknown() {
    let county = county();
    county.hand_in(MONTH, "甲镇", "studio", &["studio_code=101;opened_on=2013年1月7日;visits=35"]);
    county.hand_in(MONTH, "甲镇", "ledger", &["case_no=c1;days=3"]);
    let results = county.compute(MONTH);
    has(&said(&results, "R-01"), &["?103 ledger", "丙镇应否报“办件台账”（2013年10月）不明"]);
    assert_eq!(complete(&results, "cases@100"), (2, 1, Status::Incomplete));
    let absent = &results.figure("cases@100").lineage.absent;
    assert_eq!(absent.len(), 1);
    assert_eq!((absent[0].unit.as_str(), absent[0].reason), ("103", AbsentReason::Undecided));
    // What comes all the same counts.
    county.hand_in(MONTH, "丙镇", "ledger", &["case_no=c2;days=3"]);
    let results = county.compute(MONTH);
    assert_eq!(results.numbers("cases@100")[2], "2");
    assert!(said(&results, "R-05").is_empty());
}

#[test]
fn a_duty_follows_from_a_register() {
    let county = county();
    county.hand_in(MONTH, "丙镇", "pilot", &["task=t1"]);
    let results = county.compute(MONTH);
    assert_eq!(state(&results, "101", "pilot"), Some((ReturnState::Missing, true)));
    assert_eq!(state(&results, "103", "pilot"), Some((ReturnState::Rejected, false)));
}

/// All problems of the county with one file changed.
fn problems(file: &str, from: &str, to: &str) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    copy_folder(&repository().join("tests/fixtures/owes"), dir.path());
    replace(&dir.path().join(file), from, to);
    let problems = definition::load(dir.path()).expect_err("should be refused");
    problems.iter().map(ToString::to_string).collect()
}

fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn what_cannot_be_meant_is_refused_with_its_line() {
    let (unit, programme) = ("registers/unit.csv", "programmes/p.toml");
    let cases = [
        (unit, "2013/9/30", "2013年底", "registers/unit.csv:3: valid_to “2013年底” 不是日期"),
        (unit, "2013/9/30", "2013-02-30", "registers/unit.csv:3: valid_to “2013-02-30” 不是日期"),
        (
            unit,
            "2013.1.1,",
            "2013.1.1,2012-12-31",
            "registers/unit.csv:4: valid_from 晚于 valid_to",
        ),
        (programme, "refers_to = \"village\"", "refers_to = \"vilage\"", "登记册 “vilage” 不存在"),
        (programme, "form:room", "form:rooms", "报表 “rooms” 不存在"),
        (programme, "form:room", "form:tour", "主键有 2 列，应写明所指的列"),
        (
            programme,
            "form = \"studio\", where",
            "form = \"x\", where",
            "owed_when 的报表 “x” 不存在",
        ),
        (programme, "form = \"studio\", where", "form = \"ledger\", where", "owed_when 绕了一圈"),
        (programme, "pilot = 'yes'", "pilots = 'yes'", "owed_when"),
        (programme, "field = \"wind\"", "field = \"found\"", "可用的：wind"),
        ("codelists.toml", "register = \"spot\"", "register = \"spots\"", "登记册 “spots” 不存在"),
    ];
    for (file, from, to, expected) in cases {
        let found = problems(file, from, to);
        assert!(found.iter().any(|problem| problem.contains(expected)), "{expected}: {found:#?}");
    }
}

/// A typing slip in a code of the county's October: the cell is named, the return does not count.
#[test]
fn a_code_of_nobody_in_the_county_is_refused() {
    let sample = Sample::get();
    let cases = [
        ("service_room", "room_code", "140722100999", "不在“行政村名录”中"),
        ("term_survey", "village_code", "140722100999", "不在“行政村名录”中"),
        ("member_flow", "committee_code", "140722999", "不在“单位名录”中"),
    ];
    for (form, field, code, place) in cases {
        let mut collected = sample.collected.clone();
        let index = sample.definition.form(form).unwrap().field_index(field).unwrap();
        let meant = |facts: &ReturnFacts| {
            facts.form == form && facts.unit == "140722100" && facts.folder.to_string() == MONTH
        };
        let facts = collected.returns.iter_mut().find(|facts| meant(facts)).unwrap();
        let mut changed = (**facts).clone();
        columns::edited_at(&mut changed.columns, index, |codes| {
            codes[0] = Value::Text(code.into())
        });
        let cell = changed.location(0, &[index]).to_string();
        *facts = Arc::new(changed);
        let validated = sample.validate(&collected, &sample.folders);
        let found: Vec<&Finding> =
            validated.findings.iter().filter(|finding| finding.code == "G-17").collect();
        let [finding] = found[..] else { panic!("{form}: {found:#?}") };
        assert_eq!(finding.level, Level::Error);
        assert_eq!(finding.location.to_string(), cell);
        assert!(finding.message.contains(code) && finding.message.contains(place));
        let table = validated.facts.table(form, &finding.period).unwrap();
        assert!(table.returns.iter().all(|facts| facts.unit != "140722100"));
    }
}
