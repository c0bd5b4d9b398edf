//! `audit compare`: each figure that moved between two reports is split by cause, and the causes add
//! up to the difference.

use std::fs;

use serde_json::Value;

use crate::case::{Case, Ran, copy_folder, dangtong};

/// Keeps report, returns and definitions of a month as they are now.
fn keep(case: &Case, period: &str) {
    let report = format!("reports/{period}");
    for (from, to) in
        [(report.as_str(), "old"), ("returns", "old-returns"), ("pipeline", "old-pipeline")]
    {
        copy_folder(&case.path(from), &case.path(to));
    }
}

/// Compares the kept report with October's.
fn compare(case: &Case, more: &[&str]) -> Ran {
    let paths = ["old", "reports/2013-10", "returns", "pipeline"].map(|name| case.path(name));
    let [old, new, returns, pipeline] = paths.each_ref().map(|path| path.to_str().unwrap());
    let fixed = ["audit", "compare", old, new, "--returns", returns, "--pipeline", pipeline];
    dangtong(&[&fixed, more].concat())
}

/// With the kept returns and definitions.
fn compare_with_kept(case: &Case) -> Value {
    let paths = ["old-returns", "old-pipeline"].map(|name| case.path(name));
    let [returns, pipeline] = paths.each_ref().map(|path| path.to_str().unwrap());
    let more = ["--old-returns", returns, "--old-pipeline", pipeline, "--json"];
    serde_json::from_str(&compare(case, &more).expect_code(1).stdout).unwrap()
}

/// `from → to = difference: cause difference, …`
#[track_caller]
fn moved(comparison: &Value, id: &str) -> String {
    let all = comparison["moved"].as_array().unwrap();
    let figure = all.iter().find(|m| m["id"] == id).unwrap_or_else(|| panic!("{id}: {all:?}"));
    let text = |value: &Value| value.as_str().unwrap_or("—").to_owned();
    let causes: Vec<String> = figure["causes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|by| format!("{} {}", text(&by["cause"]), text(&by["difference"])))
        .collect();
    let [from, to, difference] = ["from", "to", "difference"].map(|key| text(&figure[key]));
    format!("{from} → {to} = {difference}: {}", causes.join(", "))
}

#[test]
fn what_was_corrected_and_what_came_late_are_told_apart() {
    let case = Case::mini_clean();
    fs::rename(case.path("returns/2013-10/乙乡.xlsx"), case.path("late.xlsx")).unwrap();
    case.run().expect_code(1);
    keep(&case, "2013-10");
    fs::rename(case.path("late.xlsx"), case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "10", "0"]]);
    case.run().expect_code(0);
    let comparison = compare_with_kept(&case);
    // By hand: 13 of 15; 甲镇 closed 10 instead of 9: 14 of 15; 乙乡 brings 1 of 3: 15 of 18.
    assert_eq!(
        moved(&comparison, "closing_rate@100"),
        "86.7 → 83.3 = -3.4: corrected 6.6, late -10.0"
    );
    assert_eq!(moved(&comparison, "closing_rate@101"), "90.0 → 100.0 = 10.0: corrected 10.0");
    assert_eq!(moved(&comparison, "closing_rate@102"), "— → 33.3 = —: late —");
    assert_eq!(comparison["corrected"], serde_json::json!(["2013-10/甲镇.xlsx"]));
    assert_eq!(comparison["late"], serde_json::json!(["2013-10/乙乡.xlsx"]));
    let all = comparison["moved"].as_array().unwrap();
    assert!(all.iter().all(|m| m["id"] != "closing_rate@103"), "丙局 did not move");
    // In words.
    let returns = case.path("old-returns");
    let ran = compare(&case, &["--old-returns", returns.to_str().unwrap()]).expect_code(1);
    let said = "  办结率 测试县：86.7% → 83.3%，差 -3.4：报表更正 +6.6，报表补报 -10.0";
    assert!(ran.stdout.contains(said), "{}", ran.stdout);
    assert!(ran.stdout.contains("补报的报表：2013-10/乙乡.xlsx"), "{}", ran.stdout);
}

#[test]
fn a_late_return_alone_needs_no_kept_returns() {
    let case = Case::mini_clean();
    fs::rename(case.path("returns/2013-10/乙乡.xlsx"), case.path("late.xlsx")).unwrap();
    case.run().expect_code(1);
    keep(&case, "2013-10");
    fs::rename(case.path("late.xlsx"), case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    case.run().expect_code(0);
    let ran = compare(&case, &["--json"]).expect_code(1);
    let comparison: Value = serde_json::from_str(&ran.stdout).unwrap();
    // By hand: 13 of 15, then 14 of 18.
    assert_eq!(moved(&comparison, "closing_rate@100"), "86.7 → 77.8 = -8.9: late -8.9");
}

#[test]
fn checks_and_definitions_are_told_apart() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    keep(&case, "2013-10");
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap();
    let check = "\n[[check]]\ncode = \"T-03\"\nname = \"new\"\ntitle = \"新\"\nform = \"cases\"\n\
        level = \"error\"\nrule = \"opening <> 1\"\nmessage = \"新\"\nremedy = \"新\"\nbasis = \"测试\"\n";
    let text =
        text.replace("denominator = \"opening + registered\"", "denominator = \"registered\"");
    fs::write(&programme, text + check).unwrap();
    case.run().expect_code(1);
    let comparison = compare_with_kept(&case);
    // By hand: 14 of 18; without 丙局 10 of 13; 10 to 9 registered.
    assert_eq!(
        moved(&comparison, "closing_rate@100"),
        "77.8 → 111.1 = 33.3: rule -0.9, definition 34.2"
    );
    assert_eq!(comparison["definitions"], serde_json::json!(["programmes/cases.toml"]));
}

#[test]
fn between_periods_a_restated_past_is_told_from_the_real_change() {
    let case = Case::mini_clean();
    let out = case.path("reports");
    let run = || case.dangtong("run", &["--period", "2013-09", "--out", out.to_str().unwrap()]);
    run().expect_code(0);
    keep(&case, "2013-09");
    case.cases("2013-09", "乙乡", &[["b1", "0", "6", "6", "0"]]);
    case.run().expect_code(0);
    // By hand: September 15 of 20; with 乙乡's correction 16 of 21; October 14 of 18.
    let comparison = compare_with_kept(&case);
    assert_eq!(
        moved(&comparison, "closing_rate@100"),
        "75.0 → 77.8 = 2.8: corrected 1.2, real 1.6"
    );
}

#[test]
fn nothing_is_compared_that_is_not_what_the_report_was_made_from() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    keep(&case, "2013-10");
    let same = compare(&case, &[]).expect_code(0);
    assert!(same.stdout.contains("0 个数字变动"), "{}", same.stdout);
    // Corrected in place: the old returns are gone.
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "10", "0"]]);
    case.run().expect_code(0);
    let ran = compare(&case, &[]).expect_code(2);
    assert!(ran.stderr.contains("2013-10/甲镇.xlsx；请用 --old-returns"), "{}", ran.stderr);
    // An edited report explains nothing.
    let figures = case.path("old/figures.csv");
    let text = fs::read_to_string(&figures).unwrap().replace("77.8", "70.0");
    fs::write(&figures, text).unwrap();
    let ran = compare(&case, &[]).expect_code(2);
    assert!(ran.stderr.contains("figures.csv 与清单记载的不同"), "{}", ran.stderr);
}
