//! What is declared beside the returns: the county's own changes (订正), and explanations that units
//! write on a sheet of their workbook. Nothing is changed that is not told with its cell.

use std::collections::BTreeMap;
use std::fs;

use crate::case::Case;

const AMENDMENTS: &str = "单位,报表,单元格,原值,新值,原因,订正人,时间\n";

fn amend(case: &Case, lines: &str) {
    fs::write(case.path("returns/2013-10/订正.csv"), format!("{AMENDMENTS}{lines}")).unwrap();
}

/// Findings of a check, as `cell: message`.
fn told(case: &Case, code: &str) -> Vec<String> {
    let of_check = |row: &&BTreeMap<String, String>| row["code"] == code;
    let said = |row: &BTreeMap<String, String>| format!("{}: {}", row["cell"], row["message"]);
    case.csv("findings.csv").iter().filter(of_check).map(said).collect()
}

/// 乙乡 registered 5 and not 3, so that 4 are left and not 2: by address, and by key and column.
#[test]
fn a_cell_that_the_county_amends_counts_is_listed_and_opens_to_what_the_unit_typed() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    assert_eq!(case.figure("registered_total@102"), "3");
    let before = fs::read(case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    amend(
        &case,
        "乙乡,办件月报,D4,3,5,电话核对漏登两件,党员0009,2013-11-05\n\
         乙乡,cases,b1/期末在办,2,4,同上,党员0009,2013-11-05\n",
    );
    case.run().expect_code(0);
    assert_eq!(case.figure("registered_total@102"), "5");
    assert_eq!(
        told(&case, "C-56"),
        [
            "D4: 订正：“3”改为“5”；订正人：党员0009，2013-11-05；原因：电话核对漏登两件",
            "F4: 订正：“2”改为“4”；订正人：党员0009，2013-11-05；原因：同上",
        ]
    );
    let traced = case.trace("registered_total@102", &[]).expect_code(0).stdout;
    assert!(traced.contains("本月登记 = 3  订正：“3”改为“5”"), "{traced}");
    case.verify().expect_code(0);
    assert_eq!(fs::read(case.path("returns/2013-10/乙乡.xlsx")).unwrap(), before);

    // The unit sends a better return: the amendment is out of date, is not applied, and says so.
    case.cases("2013-10", "乙乡", &[["b1", "0", "7", "3", "4"]]);
    case.run().expect_code(1);
    assert_eq!(case.figure("registered_total@102"), "7");
    assert_eq!(
        told(&case, "C-28"),
        [
            "C2: 订正.csv 第 2 行：原表 D4 现在是“7”，不是“3”，没有订正；原表可能已经重报，请核对后改写或删去这一行",
            "C3: 订正.csv 第 3 行：原表 F4 现在是“4”，不是“2”，没有订正；原表可能已经重报，请核对后改写或删去这一行"
        ]
    );
}

/// A value of the county passes the same checks as one of a unit.
#[test]
fn what_the_county_types_is_checked_like_what_a_unit_types() {
    let case = Case::mini_clean();
    amend(&case, "乙乡,办件月报,D4,3,约5,估计,党员0009,2013-11-05\n");
    case.run().expect_code(1);
    assert_eq!(case.figure("registered_total@102"), "");
    assert_eq!(told(&case, "D-12").len(), 1);
}

/// An amendment that empties a row takes it out of the return: that is told at the cell, too.
#[test]
fn a_row_that_is_amended_away_is_told() {
    let case = Case::mini_clean();
    case.cases("2013-10", "乙乡", &[["b1", "0", "3", "1", "2"], ["b2", "", "", "", ""]]);
    amend(
        &case,
        "乙乡,办件月报,A5,b2,,误填,党员0009,2013-11-05\n乙乡,办件月报,B5,党员0001,,误填,党员0009,2013-11-05\n",
    );
    let ran = case.run();
    assert!(ran.code < 2, "{}", ran.stderr);
    let told = told(&case, "C-56");
    assert!(told.iter().any(|t| t.starts_with("A5: 订正：“b2”改为“空白”")), "{told:?}");
    assert!(told.iter().any(|t| t.starts_with("B5: 订正")), "{told:?}");
}

#[test]
fn amendments_that_cannot_be_meant_change_nothing() {
    let case = Case::mini_clean();
    amend(
        &case,
        "乙乡,办件月报,D4,3,5,漏登,党员0009,2013-11-05\n\
         乙乡,办件月报,b1/本月登记,3,6,漏登,党员0009,2013-11-06\n\
         乙乡,办件月报,A1,办件月报,月报,改名,党员0009,2013-11-05\n\
         乙乡,办件月报,E4,1,2,,党员0009,2013-11-05\n\
         甲镇,办件月报,B4,某某,李四,改名,党员0009,2013-11-05\n\
         丁乡,办件月报,D4,3,5,漏登,党员0009,2013-11-05\n",
    );
    case.run().expect_code(1);
    assert_eq!(case.figure("registered_total@102"), "3");
    assert_eq!(told(&case, "C-56"), [""; 0]);
    let refused = told(&case, "C-28");
    assert_eq!(
        refused,
        [
            "C2: 订正.csv 第 2 行：同一单元格有 2 条订正，一条也没有采用",
            "C3: 订正.csv 第 3 行：同一单元格有 2 条订正，一条也没有采用",
            "C4: 订正.csv 第 4 行：这个单元格不是报表的数据",
            "F5: 订正.csv 第 5 行：没有填“原因”，没有订正",
            // A personal column is told without what stands in it.
            "C6: 订正.csv 第 6 行：原表 B4 现在是“〔个人信息〕”，不是“〔个人信息〕”，没有订正；\
             原表可能已经重报，请核对后改写或删去这一行",
            "A7: 订正.csv 第 7 行：单位“丁乡”不在名录",
        ]
    );
}

/// 甲镇 closed nothing (T-02). It explains on a sheet of its own workbook.
fn explained(text: &str, seen: &str) -> Case {
    explained_of("0", text, seen)
}

/// The same with another 本月办结.
fn explained_of(closed: &str, text: &str, seen: &str) -> Case {
    let case = Case::mini_clean();
    let form = [
        vec!["办件月报"],
        vec!["填报单位：甲镇", "", "报告期：2013年10月"],
        vec!["窗口", "经办人", "期初在办", "本月登记", "本月办结", "期末在办"],
        vec!["a1", "党员0001", "4", "6", closed, "10"],
    ];
    let sheet = [
        vec!["审核说明：2013-10"],
        vec!["检查", "单位", "报表", "单元格", "原值", "说明"],
        vec!["T-02", "甲镇", "办件月报", "E4", seen, text],
        vec!["T-02", "甲镇", "办件月报", "E4", seen, ""],
    ];
    case.workbook("2013-10/甲镇.xlsx", &[("办件月报", &form), ("审核说明", &sheet)]);
    case
}

fn outcome(case: &Case) -> String {
    let rows = case.csv("findings.csv");
    let row = rows.iter().find(|row| row["code"] == "T-02").unwrap();
    format!("{} {}", row["outcome"], row["message"])
}

#[test]
fn an_explanation_settles_a_query_while_the_cells_say_the_same() {
    let case = explained("窗口搬迁停办一月", "");
    case.run().expect_code(0);
    assert_eq!(outcome(&case), "explained 有在办件而本月没有办结；说明：窗口搬迁停办一月");
    assert_eq!(told(&case, "C-06"), [""; 0]);

    let case = explained("窗口搬迁停办一月", "本月办结 3");
    case.run().expect_code(0);
    assert_eq!(outcome(&case), "fail 有在办件而本月没有办结");
    let idle = told(&case, "R-03");
    assert!(idle[0].contains("内容已变，原说明不再适用：说明时是“本月办结 3”"), "{idle:?}");
}

/// Nobody is told to delete an explanation while the number that it explains cannot be read.
#[test]
fn an_explanation_waits_while_its_check_cannot_be_made() {
    let case = explained_of("约0", "窗口搬迁停办一月", "");
    case.run().expect_code(1);
    assert_eq!(outcome(&case).split(' ').next(), Some("not-evaluated"));
    assert_eq!(told(&case, "R-03"), [""; 0]);
}

#[test]
fn words_that_give_no_reason_settle_nothing() {
    for text in ["核实无误", "经核实，情况属实。", "数据准确，没有问题"] {
        let case = explained(text, "");
        case.run().expect_code(0);
        assert_eq!(outcome(&case), "fail 有在办件而本月没有办结", "{text}");
        let said = told(&case, "R-06");
        assert!(said[0].ends_with(&format!("的说明“{text}”没有说明原因，不予采用")), "{said:?}");
    }
}

#[test]
fn explanations_of_another_period_or_check_are_told() {
    let case = Case::mini_clean();
    let sheet = [
        vec!["检查", "单位", "报表", "单元格", "说明"],
        vec!["T-77", "甲镇", "办件月报", "E4", "窗口搬迁停办一月"],
    ];
    case.workbook("2013-10/审核说明.xlsx", &[("审核说明", &sheet)]);
    case.run().expect_code(0);
    assert_eq!(told(&case, "R-03"), [": 没有审核“T-77”，请核对编码"]);
}

/// 甲镇 closed nothing (T-02), and says why below its table.
fn explained_below(words: &str) -> Case {
    let case = Case::mini_clean();
    let form = [
        vec!["办件月报"],
        vec!["填报单位：甲镇", "", "报告期：2013年10月"],
        vec!["窗口", "经办人", "期初在办", "本月登记", "本月办结", "期末在办"],
        vec!["a1", "党员0001", "4", "6", "0", "10"],
        vec![words],
    ];
    case.workbook("2013-10/甲镇.xlsx", &[("办件月报", &form)]);
    case
}

#[test]
fn a_sentence_below_the_table_explains_the_check_that_it_names() {
    let settled = "explained 有在办件而本月没有办结；说明：窗口搬迁停办一月，党员〔个人信息〕在岗";
    let case = explained_below("情况说明：T-02（E4）：窗口搬迁停办一月，党员党员0001在岗");
    case.run().expect_code(0);
    assert_eq!(outcome(&case), settled);
    // Its text stays where it was written, too.
    assert_eq!(told(&case, "C-45").len(), 1);

    for (words, said) in [
        (
            "情况说明：T-02：核实无误",
            "R-06 : 对“T-02 101 cases”的说明“核实无误”没有说明原因，不予采用",
        ),
        ("情况说明：T-20：窗口搬迁停办一月", "R-03 : 没有审核“T-20”，请核对编码"),
        ("情况说明：T-02（E5）：窗口搬迁停办一月", "R-03 : 没有与“T-02 101 cases E5”对应的核实项"),
        ("情况说明：窗口搬迁停办一月，T-02 属实", ""),
    ] {
        let case = explained_below(words);
        case.run().expect_code(0);
        assert_eq!(outcome(&case), "fail 有在办件而本月没有办结", "{words}");
        let (code, said) = said.split_once(' ').unwrap_or(("R-03", ""));
        assert_eq!(told(&case, code).join(""), said, "{words}");
    }
}

/// The county takes another file of 甲镇: what the former said of its own table is said of no other.
#[test]
fn a_sentence_lapses_with_the_return_in_which_it_stands() {
    let case = explained_below("情况说明：T-02：窗口搬迁停办一月");
    case.cases("2013-10", "甲镇更正", &[["a1", "4", "8", "0", "12"]]);
    let path = |name: &str| case.path(&format!("returns/2013-10/{name}"));
    let sheet = fs::read(path("甲镇更正.xlsx")).unwrap();
    let sheet = crate::case::changed(&sheet, "xl/sharedStrings.xml", &[("甲镇更正", "甲镇")]);
    fs::write(path("甲镇更正.xlsx"), sheet).unwrap();
    fs::write(
        path("更正.csv"),
        "单位,报表,采用文件,被替代文件,更正人,更正日期,原因\n甲镇,办件月报,甲镇更正.xlsx,甲镇.xlsx,统计员,2013-11-04,漏登\n",
    )
    .unwrap();
    case.run().expect_code(0);
    assert_eq!(outcome(&case), "fail 有在办件而本月没有办结");
}

#[test]
fn the_countys_own_changes_stand_in_the_method() {
    let case = Case::mini_clean();
    amend(
        &case,
        "乙乡,办件月报,D4,3,5,电话核对漏登两件,党员0009,2013-11-05\n乙乡,办件月报,F4,2,4,同上,党员0009,2013-11-05\n",
    );
    case.run().expect_code(0);
    let page = fs::read_to_string(case.path("reports/2013-10/report.html")).unwrap();
    let method = page.split("id=\"methods\"").nth(1).unwrap();
    for words in [
        "本期有 2 格由县里订正，按新值计算，报表原件不动：",
        "乙乡《办件月报》D4　订正：“3”改为“5”；订正人：党员0009，2013-11-05；原因：电话核对漏登两件",
    ] {
        assert!(method.contains(words), "{words}");
    }
}
