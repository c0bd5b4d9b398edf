//! A second county (`tests/fixtures/second`): six units, a form of items, rows of villages
//! without 合计, bases from a register, rounds with a hole. Each test breaks one return of a small
//! month and says by hand what is left; nothing may become a number that nobody reported.

use std::fs;

use dangtong::model::{Decimal, Figure, Finding, Level, Outcome, Status};

use crate::case::{County, Results};

const PIPELINE: &str = "tests/fixtures/second";
const MONTH: &str = "2013-10";

fn county() -> County {
    County::of(PIPELINE, |_| {})
}

/// Villages valid in October: 201 has two (the third was merged away in June), 202 two, 203
/// three (one since July), 204 one; 8 in all.
const VILLAGES: [(&str, &[&str]); 4] = [
    (
        "河东镇",
        &[
            "village_code=20101;visits=2;cases_due=10;cases_done=8;trainees=3;grade=好",
            "village_code=20102;visits=0;cases_due=5;cases_done=5;trainees=4;grade=差",
        ],
    ),
    (
        "河西镇",
        &[
            "village_code=20201;visits=1;cases_due=4;cases_done=4;trainees=5;grade=好",
            "village_code=20202;visits=1;cases_due=6;cases_done=3;trainees=0;grade=一般",
        ],
    ),
    (
        "南坪乡",
        &[
            "village_code=20301;visits=1;cases_due=3;cases_done=1;trainees=1;grade=一般",
            "village_code=20302;visits=3;cases_due=3;cases_done=1;trainees=2;grade=一般",
            "village_code=20303;visits=1;cases_due=4;cases_done=2;trainees=4;grade=好",
        ],
    ),
    ("北坪乡", &["village_code=20401;visits=1;cases_due=5;cases_done=5;trainees=6;grade=好"]),
];

/// Hands in all villages, with the rows of one unit changed.
fn villages(county: &County, unit: &str, change: impl Fn(&str) -> String) {
    for (name, rows) in VILLAGES {
        let rows: Vec<String> = rows
            .iter()
            .map(|row| if name == unit { change(row) } else { (*row).to_owned() })
            .collect();
        county.hand_in(MONTH, name, "village_work", &rows);
    }
}

fn as_it_is(row: &str) -> String {
    row.to_owned()
}

/// A message of the program stands at exactly this cell of October's returns.
#[track_caller]
fn only_finding_at<'a>(results: &'a Results, unit: &str, cell: &str) -> &'a Finding {
    let here: Vec<&Finding> = findings(results)
        .filter(|f| f.location.file.contains(unit) && f.location.cells_text() == cell)
        .collect();
    assert_eq!(here.len(), 1, "at {unit} {cell}: {here:#?}");
    here[0]
}

fn findings(results: &Results) -> impl Iterator<Item = &Finding> {
    let folder = &results.0.checked.folder;
    let found = results.0.checked.validated.findings.iter();
    found.filter(move |f| f.folder == *folder && f.outcome != Outcome::NotEvaluated)
}

/// A figure is in what is published with this status, value and count of units.
#[track_caller]
fn expect(results: &Results, id: &str, status: Status, value: &str, units: [usize; 2]) {
    let figure = results.figure(id);
    let printed = figure.value.map(|v| v.to_string()).unwrap_or_default();
    assert_eq!(
        (figure.status, printed.as_str(), [figure.units_used, figure.units_expected]),
        (status, value, units),
        "{id}: {:?}/{:?}",
        figure.numerator,
        figure.denominator,
    );
}

#[test]
fn the_whole_month_is_normal() {
    let county = county();
    villages(&county, "", as_it_is);
    let results = county.compute(MONTH);
    // 7 of 8 villages visited; 8 + 5 + 4 + 3 + 1 + 1 + 2 + 5 = 29 of 40 done;
    // 3 + 4 + 5 + 0 + 1 + 2 + 4 + 6 = 25 trained.
    expect(&results, "visited_share@200", Status::Normal, "87.5", [4, 4]);
    expect(&results, "case_rate@200", Status::Normal, "72.5", [4, 4]);
    expect(&results, "trainees@200", Status::Normal, "25", [4, 4]);
    expect(&results, "trainees_mean@200", Status::Normal, "3.1", [4, 4]);
}

#[test]
fn a_blank_in_a_column_that_was_added_takes_its_unit_out() {
    let county = county();
    villages(&county, "河东镇", |row| row.replace("trainees=4", "trainees="));
    let results = county.compute(MONTH);
    // Without 河东镇: 5 + 0 + 1 + 2 + 4 + 6 = 18 of six villages. Its other village's 3 is not
    // the unit's number either.
    expect(&results, "trainees@200", Status::Incomplete, "18", [3, 4]);
    expect(&results, "trainees@201", Status::Missing, "", [0, 1]);
    expect(&results, "trainees@202", Status::Normal, "5", [1, 1]);
    expect(&results, "trainees_mean@200", Status::Incomplete, "3.0", [3, 4]);
    expect(&results, "trainees_mean@201", Status::Missing, "", [0, 1]);
    // What does not read the column counts all four, and waits for the same answer.
    expect(&results, "visited_share@200", Status::Provisional, "87.5", [4, 4]);
    // Row 5, the fifth column.
    let finding = only_finding_at(&results, "河东镇", "E5");
    assert_eq!(finding.level, Level::Query);
}

#[test]
fn both_sides_of_a_ratio_need_a_value_whatever_the_columns_are_called() {
    for (blank, cell) in [("cases_done=5", "D5"), ("cases_due=5", "C5")] {
        let county = county();
        let name = blank.split_once('=').unwrap().0;
        villages(&county, "河东镇", |row| row.replace(blank, &format!("{name}=")));
        let results = county.compute(MONTH);
        // 4 + 3 + 1 + 1 + 2 + 5 = 16 of 4 + 6 + 3 + 3 + 4 + 5 = 25.
        expect(&results, "case_rate@200", Status::Incomplete, "64.0", [3, 4]);
        expect(&results, "case_rate@201", Status::Missing, "", [0, 1]);
        only_finding_at(&results, "河东镇", cell);
    }
}

#[test]
fn a_blank_code_is_in_no_class_and_its_unit_in_no_distribution() {
    let county = county();
    villages(&county, "河东镇", |row| row.replace("grade=差", "grade="));
    let results = county.compute(MONTH);
    // 20201, 20303, 20401 of the six villages of the other three.
    expect(&results, "grades@200@good", Status::Incomplete, "50.0", [3, 4]);
    expect(&results, "grades@201@good", Status::Missing, "", [0, 1]);
}

#[test]
fn a_unit_without_a_return_leaves_the_registers_side_too() {
    let county = county();
    for (name, rows) in VILLAGES.iter().filter(|(name, _)| *name != "南坪乡") {
        county.hand_in(MONTH, name, "village_work", rows);
    }
    let results = county.compute(MONTH);
    // Its three villages leave both sides: 4 of 5, not 4 of 8.
    expect(&results, "visited_share@200", Status::Incomplete, "80.0", [3, 4]);
    expect(&results, "visited_share@203", Status::Missing, "", [0, 1]);
    expect(&results, "visited_share@201", Status::Normal, "50.0", [1, 1]);
}

#[test]
fn a_village_of_nobody_or_of_another_time_is_refused_at_its_cell() {
    // 20103 was merged away at the end of June.
    for code in ["29999", "20103"] {
        let county = county();
        villages(&county, "河东镇", |row| row.replace("20102", code));
        let results = county.compute(MONTH);
        let finding = only_finding_at(&results, "河东镇", "A5");
        assert_eq!(finding.level, Level::Error);
        assert!(finding.message.contains(code) || finding.seen.contains(code), "{finding:?}");
        // Without 河东镇: 6 of 6.
        expect(&results, "visited_share@200", Status::Incomplete, "100.0", [3, 4]);
    }
}

#[test]
fn a_return_that_is_not_owed_is_refused_and_not_counted() {
    let county = county();
    villages(&county, "", as_it_is);
    let row = "village_code=20101;visits=9;cases_due=100;cases_done=0;trainees=90;grade=差";
    county.hand_in(MONTH, "机关工委", "village_work", &[row]);
    let results = county.compute(MONTH);
    expect(&results, "trainees@200", Status::Normal, "25", [4, 4]);
    expect(&results, "case_rate@200", Status::Normal, "72.5", [4, 4]);
    let refused = findings(&results).find(|f| f.location.file.contains("机关工委")).unwrap();
    assert_eq!(refused.level, Level::Error);
    assert!(format!("{}{}", refused.title, refused.message).contains("不应报"), "{refused:?}");
}

#[test]
fn a_dissolved_committee_owes_nothing_from_then_on() {
    let county = county();
    let rows = |members: u32| {
        ["党员总数", "其中：女", "其中：35岁及以下"]
            .iter()
            .zip([members, 40, 10])
            .map(|(item, people)| format!("item={item};people={people}"))
            .collect::<Vec<_>>()
    };
    for (folder, members) in [("2013-06", 100), ("2013-09", 101)] {
        for unit in ["河东镇", "河西镇", "南坪乡", "北坪乡", "机关工委"] {
            county.hand_in(folder, unit, "member_items", &rows(members));
        }
    }
    county.hand_in("2013-06", "城关工委", "member_items", &rows(100));
    // Until the end of June six units owe the form, then five.
    expect(&county.compute("2013-06"), "members@200", Status::Normal, "600", [6, 6]);
    expect(&county.compute("2013-09"), "members@200", Status::Normal, "505", [5, 5]);
    // What it sends after its end is no more wanted than another's.
    county.hand_in("2013-09", "城关工委", "member_items", &rows(101));
    expect(&county.compute("2013-09"), "members@200", Status::Normal, "505", [5, 5]);
}

/// The items of one unit that is not like the others (100 members, 40 women).
fn items(of: &str, rows: &[&str]) -> Results {
    let county = county();
    let whole =
        ["item=党员总数;people=100", "item=其中：女;people=40", "item=其中：35岁及以下;people=10"];
    for unit in ["河东镇", "河西镇", "南坪乡", "北坪乡", "机关工委"] {
        county.hand_in("2013-09", unit, "member_items", if unit == of { rows } else { &whole });
    }
    county.compute("2013-09")
}

#[test]
fn a_missing_item_row_makes_incomplete_what_needs_it() {
    let results = items("河西镇", &["item=党员总数;people=300", "item=其中：35岁及以下;people=30"]);
    // 160 of 400; with 300 in the base alone it would be 22.9.
    expect(&results, "women_share@200", Status::Incomplete, "40.0", [4, 5]);
    expect(&results, "women_share@202", Status::Missing, "", [0, 1]);
    let named = |f: &&Finding| f.level < Level::Hint && f.location.file.contains("河西镇");
    assert!(findings(&results).any(|f| named(&f) && f.message.contains("其中：女")));
}

#[test]
fn an_item_twice_or_of_nobody_is_refused() {
    for second in ["item=其中：女;people=50", "item=其中：少数民族;people=50"] {
        let rows = [
            "item=党员总数;people=300",
            "item=其中：女;people=90",
            "item=其中：35岁及以下;people=30",
            second,
        ];
        let results = items("河西镇", &rows);
        expect(&results, "women_share@200", Status::Incomplete, "40.0", [4, 5]);
        assert!(findings(&results).any(|f| f.level < Level::Hint && f.unit == "202"));
    }
}

const TOWNSHIPS: [&str; 4] = ["河东镇", "河西镇", "南坪乡", "北坪乡"];

#[test]
fn nothing_is_compared_over_a_hole_in_the_rounds() {
    let county = county();
    for (folder, times) in [("2013-07", 1), ("2013-08", 3), ("2013-10", 5)] {
        for unit in TOWNSHIPS {
            county.hand_in(folder, unit, "inspection", &[format!("inspected={times}")]);
        }
    }
    let then = |folder: &str| {
        let results = county.compute(folder);
        let change = results.figure("inspected@200").previous.clone();
        change.and_then(|change| change.then).map(|value| value.to_string())
    };
    // August against July; October has no September to be compared with.
    assert_eq!(then("2013-08").as_deref(), Some("4"));
    assert_eq!(then("2013-10"), None);
}

fn months(county: &County, recruited: &[(&str, u32, u32)]) {
    for (folder, month, to_date) in recruited {
        let row = format!("recruited={month};recruited_to_date={to_date}");
        for unit in ["河东镇", "河西镇", "南坪乡", "北坪乡", "机关工委"] {
            county.hand_in(folder, unit, "recruit_month", &[row.as_str()]);
        }
        if *folder < "2013-07" {
            county.hand_in(
                folder,
                "城关工委",
                "recruit_month",
                &["recruited=0;recruited_to_date=0"],
            );
        }
    }
}

#[test]
fn the_year_to_date_is_compared_with_the_same_month_and_never_with_the_years_end() {
    let county = county();
    months(
        &county,
        &[("2012-10", 2, 15), ("2012-12", 3, 20), ("2013-09", 1, 16), ("2013-10", 2, 18)],
    );
    let results = county.compute(MONTH);
    let then = |change: &Option<dangtong::model::Change>| {
        change.as_ref().and_then(|change| change.then).map(|value| value.to_string())
    };
    let to_date: &Figure = results.figure("recruited_to_date@200");
    // Five units: 5 × 18 = 90, a year ago 5 × 15 = 75; the year's end (100) is no beginning.
    assert_eq!(to_date.value, Some(Decimal::integer(90)));
    assert_eq!(then(&to_date.year_ago).as_deref(), Some("75"));
    assert_eq!(then(&to_date.year_begin), None);
    // A month's flow has no beginning of the year either.
    let month = results.figure("recruited@200");
    assert_eq!(then(&month.previous).as_deref(), Some("5"));
    assert_eq!(then(&month.year_begin), None);
}

#[test]
fn a_month_without_a_return_neither_adds_to_a_row_nor_ends_it() {
    let county = county();
    for folder in ["2013-07", "2013-08", "2013-09", "2013-10"] {
        for unit in TOWNSHIPS {
            // 河东镇 reports every month, 河西镇 not in September; both are closed.
            let absent = unit == "河西镇" && folder == "2013-09";
            let opened = matches!(unit, "南坪乡" | "北坪乡");
            if !absent {
                let row = if opened { "opened=是" } else { "opened=否" };
                county.hand_in(folder, unit, "station", &[row]);
            }
        }
    }
    let results = county.compute(MONTH);
    let text = |unit: &str| {
        let id = format!("station-closed@{unit}");
        let found = results.0.problems.iter().find(|p| p.id == id).unwrap();
        (found.periods, found.text.clone())
    };
    let (honest, said) = text("201");
    assert_eq!(honest, 4);
    assert!(said.contains("连续 4 个月") && !said.contains("至少"), "{said}");
    // July, August, October are known; not reporting must not look better than reporting.
    let (known, said) = text("202");
    assert_eq!(known, 3);
    assert!(said.contains("至少 3 个月") && said.contains("9月缺报"), "{said}");
}

#[test]
fn a_return_as_csv_counts_like_a_workbook() {
    let county = county();
    villages(&county, "", as_it_is);
    let csv = "村级工作月报,,,,,\n填报单位：北坪乡,,报告期：2013年10月,,,\n\
               村代码,走访次数,应办事项,办结事项,新增培训人数,等次\n20401,1,5,5,6,好\n";
    let folder = county.path("returns").join(MONTH);
    fs::remove_file(folder.join("北坪乡_village_work.xlsx")).unwrap();
    fs::write(folder.join("北坪乡.csv"), csv).unwrap();
    let results = county.compute(MONTH);
    expect(&results, "trainees@200", Status::Normal, "25", [4, 4]);
}
