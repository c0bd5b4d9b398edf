//! Missing is never zero: what a blank does to the figures that need it, and whom a figure counts.
//! All numbers are worked out by hand.

use std::collections::BTreeMap;
use std::fs;

use crate::case::Case;

const PROGRAMME: &str = r#"
id = "cases"
title = "办件"
order = 10
[[form]]
id = "desk"
title = "窗口月报"
row = "一个窗口"
frequency = "monthly"
owed_by = ["township", "agency"]
primary_key = ["window"]
[[form.field]]
name = "window"
title = "窗口"
type = "code"
required = true
filled = true
[[form.field]]
name = "grade"
title = "等次"
type = "code"
codelist = "grade"
blank = "nothing"
[[form.field]]
name = "cases_done"
title = "办结"
type = "integer"
[[form.field]]
name = "cases_due"
title = "应办"
type = "integer"
[[form.field]]
name = "gifts"
title = "锦旗"
type = "integer"
blank = "zero"
[[form.field]]
name = "wait"
title = "等候分钟"
type = "integer"
blank = "skip"

[[form]]
id = "staff"
title = "编制月报"
row = "一个单位"
frequency = "monthly"
owed_by = ["township", "agency"]
[[form.field]]
name = "posts"
title = "编制"
type = "integer"

[[indicator]]
id = "done"
title = "办结件"
form = "desk"
kind = "sum"
numerator = "cases_done"
by = ["unit", "grade"]
[[indicator]]
id = "done_rate"
title = "办结率"
form = "desk"
kind = "ratio"
numerator = "cases_done"
denominator = "cases_due"
by = ["unit"]
decimals = 1
[[indicator]]
id = "good_rate"
title = "好窗口占比"
form = "desk"
kind = "ratio"
numerator = "grade IS NOT NULL AND grade = '好'"
denominator = "grade IS NOT NULL"
by = ["unit"]
decimals = 1
[[indicator]]
id = "grades"
title = "等次分布"
form = "desk"
kind = "distribution"
of = "grade"
by = ["unit"]
[[indicator]]
id = "gifts"
title = "锦旗面数"
form = "desk"
kind = "sum"
numerator = "gifts"
by = ["unit"]
[[indicator]]
id = "waiting"
title = "平均等候"
form = "desk"
kind = "mean"
numerator = "wait"
by = ["unit"]
decimals = 1
[[indicator]]
id = "per_post"
title = "人均办结"
form = "desk"
kind = "ratio"
scale = 1
numerator = "cases_done"
denominator = { form = "staff", sum = "posts" }
by = ["unit"]
decimals = 1
[[indicator]]
id = "room_rate"
title = "设窗口的站点"
form = "desk"
kind = "ratio"
numerator = "window IS NOT NULL"
denominator = { register = "room" }
by = ["unit"]
decimals = 1
[[indicator]]
id = "all_posts"
title = "编制数"
form = "staff"
kind = "sum"
numerator = "posts"
by = ["unit"]
[[indicator]]
id = "derived_rate"
title = "每编制办结"
kind = "derived"
formula = 'value_of("done") / value_of("all_posts")'
decimals = 1
"#;

const ROOMS: &str = "code,committee\nr1,101\nr2,101\nr3,102\nr4,102\nr5,103\n";

const HEADER: [&str; 6] = ["窗口", "等次", "办结", "应办", "锦旗", "等候分钟"];

type Row<'a> = [&'a str; 6];

/// 甲镇 as given; 乙乡 and 丙局 as always: 乙乡 3 of 4, 丙局 4 of 8.
fn county(first: &[Row]) -> Case {
    let case = Case::mini();
    fs::write(case.path("pipeline/programmes/cases.toml"), PROGRAMME).unwrap();
    fs::write(case.path("pipeline/registers/room.csv"), ROOMS).unwrap();
    desk(&case, "甲镇", first);
    desk(&case, "乙乡", &[["b1", "好", "3", "4", "1", "10"]]);
    desk(&case, "丙局", &[["c1", "差", "4", "8", "2", "20"]]);
    for (unit, posts) in [("甲镇", "2"), ("乙乡", "3"), ("丙局", "4")] {
        staff(&case, unit, posts);
    }
    case
}

fn desk(case: &Case, unit: &str, rows: &[Row]) {
    let mut all = vec![
        vec!["窗口月报".to_owned()],
        vec![format!("填报单位：{unit}"), "报告期：2013年10月".to_owned()],
        HEADER.map(str::to_owned).to_vec(),
    ];
    all.extend(rows.iter().map(|row| row.map(str::to_owned).to_vec()));
    sheet(case, &format!("2013-10/{unit}_窗口.xlsx"), "窗口月报", &all);
}

fn staff(case: &Case, unit: &str, posts: &str) {
    let all = vec![
        vec!["编制月报".to_owned()],
        vec![format!("填报单位：{unit}"), "报告期：2013年10月".to_owned()],
        vec!["编制".to_owned()],
        vec![posts.to_owned()],
    ];
    sheet(case, &format!("2013-10/{unit}_编制.xlsx"), "编制月报", &all);
}

fn sheet(case: &Case, path: &str, name: &str, rows: &[Vec<String>]) {
    let rows: Vec<Vec<&str>> =
        rows.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
    case.workbook(path, &[(name, &rows)]);
}

type Figures = BTreeMap<String, BTreeMap<String, String>>;

fn figures(case: &Case) -> Figures {
    case.run();
    case.csv("figures.csv").into_iter().map(|row| (row["figure_id"].clone(), row)).collect()
}

/// numerator / denominator = value, status, units used.
fn said(figures: &Figures, id: &str) -> String {
    let figure = &figures[id];
    format!(
        "{}/{}={} {} {}",
        figure["numerator"],
        figure["denominator"],
        figure["value"],
        figure["status"],
        figure["units_used"]
    )
}

const WHOLE: Row = ["a1", "好", "6", "8", "3", "30"];

#[test]
fn nothing_is_left_out_when_every_cell_is_there() {
    let figures = figures(&county(&[WHOLE]));
    assert_eq!(said(&figures, "done@100"), "13/=13 A 3");
    assert_eq!(said(&figures, "done_rate@100"), "13/20=65.0 A 3");
    assert_eq!(said(&figures, "per_post@100"), "13/9=1.4 A 3");
    assert_eq!(said(&figures, "room_rate@100"), "3/5=60.0 A 3");
    assert_eq!(said(&figures, "derived_rate@100"), "/=1.4 A 3");
}

#[test]
fn a_blank_that_is_added_keeps_the_unit_out_of_every_figure_that_needs_it() {
    let case = county(&[WHOLE, ["a2", "好", "", "5", "", ""]]);
    let figures = figures(&case);
    // The unit is missing, not smaller; the county counts the two others.
    assert_eq!(said(&figures, "done@101"), "/= O 0");
    assert_eq!(said(&figures, "done@100"), "7/=7 U 2");
    assert_eq!(said(&figures, "done@100@good"), "3/=3 U 2");
    // A name that holds “case” is a name like any other.
    assert_eq!(said(&figures, "done_rate@101"), "/= O 0");
    assert_eq!(said(&figures, "done_rate@100"), "7/12=58.3 U 2");
    // Both sides, wherever the base comes from.
    assert_eq!(said(&figures, "per_post@100"), "7/7=1.0 U 2");
    // An indicator made of others is made of the same units: 7 over 3 + 4, not over 9.
    assert_eq!(said(&figures, "derived_rate@100"), "/=1.0 U 2");
    assert_eq!(said(&figures, "all_posts@100"), "9/=9 A 3");
    // What does not read the cell is whole, though the return has an open 核实.
    assert_eq!(said(&figures, "good_rate@101"), "2/2=100.0 P 1");
    assert_eq!(said(&figures, "grades@100@good"), "3/4=75 P 3");
}

#[test]
fn the_cell_is_named_once_with_what_it_stops() {
    let case = county(&[WHOLE, ["a2", "好", "", "5", "", ""]]);
    let checked = case.dangtong("check", &["--json"]).expect_code(0);
    let json: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    let named: Vec<&serde_json::Value> =
        json["findings"].as_array().unwrap().iter().filter(|f| f["code"] == "G-15").collect();
    assert_eq!(named.len(), 1, "{named:?}");
    assert_eq!(
        (named[0]["level"].as_str(), named[0]["cell"].as_str()),
        (Some("query"), Some("C5"))
    );
    let message = named[0]["message"].as_str().unwrap();
    assert_eq!(message, "“办结”为空，“办结件”、“办结率”、“人均办结”不计本单位");
    // The traced figure names the unit and the cell that is missing.
    case.run();
    let traced = case.trace("done@100", &[]).expect_code(0);
    assert!(traced.stdout.contains("甲镇 《窗口月报》 缺项"), "{}", traced.stdout);
    assert!(traced.stdout.contains("甲镇_窗口.xlsx › 窗口月报 ! C5"), "{}", traced.stdout);
}

#[test]
fn a_blank_means_what_the_definition_says_it_means() {
    let figures = figures(&county(&[WHOLE, ["a2", "好", "1", "1", "", ""]]));
    // blank = "zero": 3 + 0 + 1 + 2.
    assert_eq!(said(&figures, "gifts@100"), "6/=6 A 3");
    // blank = "skip": 30, 10 and 20 minutes at three windows.
    assert_eq!(said(&figures, "waiting@100"), "60/3=20.0 A 3");
    assert_eq!(said(&figures, "waiting@101"), "30/1=30.0 A 1");
}

#[test]
fn a_row_that_cannot_be_told_apart_spoils_the_breakdown_and_nothing_else() {
    let figures = figures(&county(&[WHOLE, ["a2", "", "5", "5", "", ""]]));
    assert_eq!(said(&figures, "done@101"), "11/=11 P 1");
    assert_eq!(said(&figures, "done@100"), "18/=18 P 3");
    // 甲镇's a2 may be a good window or a poor one: both rows are without 甲镇.
    assert_eq!(said(&figures, "done@100@good"), "3/=3 U 2");
    assert_eq!(said(&figures, "done@100@poor"), "4/=4 U 2");
    // The distribution counts windows by grade: one has none.
    assert_eq!(said(&figures, "grades@101@good"), "/= O 0");
    assert_eq!(said(&figures, "grades@100@good"), "1/2=50 U 2");
    // The rate asks for windows that have a grade: that is its base.
    assert_eq!(said(&figures, "good_rate@101"), "1/1=100.0 P 1");
}

#[test]
fn a_unit_without_return_leaves_both_sides_whatever_the_base() {
    let case = county(&[WHOLE]);
    fs::remove_file(case.path("returns/2013-10/甲镇_窗口.xlsx")).unwrap();
    let figures = figures(&case);
    // 甲镇 has two of the five rooms: two windows in three rooms, not in five.
    assert_eq!(said(&figures, "room_rate@100"), "2/3=66.7 U 2");
    assert_eq!(said(&figures, "room_rate@101"), "/= O 0");
    assert_eq!(said(&figures, "per_post@100"), "7/7=1.0 U 2");
    // Its staff is there and counted where only staff is asked.
    assert_eq!(said(&figures, "all_posts@100"), "9/=9 A 3");
    let case = county(&[WHOLE]);
    fs::remove_file(case.path("returns/2013-10/甲镇_编制.xlsx")).unwrap();
    let figures = self::figures(&case);
    assert_eq!(said(&figures, "per_post@100"), "7/7=1.0 U 2");
    assert_eq!(said(&figures, "done@100"), "13/=13 A 3");
    assert_eq!(said(&figures, "derived_rate@100"), "/=1.0 U 2");
}

#[test]
fn what_a_blank_means_must_fit_the_column() {
    let case = county(&[WHOLE]);
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = PROGRAMME.replace("blank = \"nothing\"", "blank = \"zero\"");
    fs::write(&programme, text).unwrap();
    let refused = case.dangtong("check", &[]).expect_code(2);
    assert!(refused.stderr.contains("blank = \"zero\" 只用于数字列"), "{}", refused.stderr);
}

#[test]
fn who_asks_for_a_blank_says_what_a_blank_is() {
    let case = county(&[WHOLE]);
    let programme = case.path("pipeline/programmes/cases.toml");
    let text =
        PROGRAMME.replace("numerator = \"cases_done\"", "numerator = \"cases_done IS NULL\"");
    let text = text.replacen("kind = \"sum\"", "kind = \"count\"", 1);
    fs::write(&programme, &text).unwrap();
    let refused = case.dangtong("check", &[]).expect_code(2).stderr;
    for said in ["按“办结”是否空白区分", "报表 desk 没有说空白是什么意思", "cases_done 栏写 blank"]
    {
        assert!(refused.contains(said), "{refused}");
    }
    let told = text.replace("title = \"办结\"\n", "title = \"办结\"\nblank = \"nothing\"\n");
    fs::write(&programme, told).unwrap();
    case.dangtong("check", &[]).expect_code(0);
}

#[test]
fn an_incomplete_month_says_so_on_its_first_page_and_screen() {
    let whole = county(&[WHOLE]);
    whole.run();
    for text in first_pages(&whole) {
        assert!(text.contains("征求意见稿") && !text.contains("数字不全"), "{text}");
    }
    let case = county(&[WHOLE, ["a2", "好", "", "5", "", ""]]);
    fs::remove_file(case.path("returns/2013-10/乙乡_编制.xlsx")).unwrap();
    case.run();
    let says = "征求意见稿：数字不全，不含未报的乙乡《编制月报》；缺项的甲镇《窗口月报》";
    for text in first_pages(&case) {
        assert!(text.contains(says), "{text}");
    }
}

/// The workbook's first sheet and the page's header, as text.
fn first_pages(case: &Case) -> [String; 2] {
    use calamine::{Data, Reader, Xlsx, open_workbook};
    let files = fs::read_dir(case.path("reports/2013-10")).unwrap();
    let path =
        files.map(|file| file.unwrap().path()).find(|p| p.extension() == Some("xlsx".as_ref()));
    let mut workbook: Xlsx<_> = open_workbook(path.unwrap()).unwrap();
    let cover = workbook.worksheet_range_at(0).unwrap().unwrap();
    let cell = |(_, _, value): (usize, usize, &Data)| value.to_string();
    let cover: Vec<String> = cover.used_cells().map(cell).collect();
    let page = fs::read_to_string(case.path("reports/2013-10/report.html")).unwrap();
    let header = page.split("</header>").next().unwrap().to_owned();
    [cover.join("\n"), header]
}
