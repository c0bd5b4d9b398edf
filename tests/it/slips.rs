//! 退回单: a unit sees what is wrong in its own table, explains it there, and the file that comes back
//! is read for its explanations.

use std::fs;

use calamine::{Data, Reader, Xlsx, open_workbook};

use crate::case::Case;

/// 甲镇 closed nothing (T-02, 核实); 乙乡 does not add up (T-01, 强制); 丙局 is clean.
fn messy() -> Case {
    let case = Case::mini_clean();
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "0", "10"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "3", "1", "3"]]);
    case
}

fn slips(case: &Case, more: &[&str]) -> String {
    let out = case.path("reports");
    let fixed = ["--period", "2013-10", "--out", out.to_str().unwrap()];
    case.dangtong("slips", &[&fixed, more].concat()).expect_code(0).stdout
}

/// The rows of a sheet of a slip, as texts.
fn sheet(case: &Case, slip: &str, name: &str) -> Vec<Vec<String>> {
    let path = case.path("reports/2013-10/收报/退回单").join(slip);
    let mut workbook: Xlsx<_> = open_workbook(path).unwrap();
    let range = workbook.worksheet_range(name).unwrap();
    let text = |cell: &Data| cell.to_string();
    range.rows().map(|row| row.iter().map(text).collect()).collect()
}

fn lent(rows: &[Vec<String>]) -> Vec<Vec<&str>> {
    rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect()
}

#[test]
fn each_file_with_something_to_do_goes_back_and_its_explanation_is_read() {
    let case = messy();
    let before = fs::read(case.path("returns/2013-10/甲镇.xlsx")).unwrap();
    let said = slips(&case, &[]);
    assert!(said.contains("  甲镇（退回单）.xlsx（1 项）\n"), "{said}");
    assert!(said.contains("  乙乡（退回单）.xlsx（1 项）\n"), "{said}");
    assert!(!said.contains("丙局（"), "{said}");
    assert_eq!(fs::read(case.path("returns/2013-10/甲镇.xlsx")).unwrap(), before);

    let table = sheet(&case, "甲镇（退回单）.xlsx", "办件月报");
    assert_eq!(table[3], ["a1", "党员0001", "4", "6", "0", "10"]);
    let mut list = sheet(&case, "甲镇（退回单）.xlsx", "审核说明");
    assert_eq!(list[4][..4], ["核实", "T-02", "甲镇", "办件月报"]);
    assert_eq!(list[4][10], "");

    // The unit fills in the last column and sends the workbook back.
    list[4][10] = "窗口搬迁停办一月".into();
    let back = [("审核说明", &*lent(&list)), ("办件月报", &*lent(&table))];
    case.workbook("2013-10/甲镇（退回单）.xlsx", &back);
    case.run().expect_code(1);
    let findings = case.csv("findings.csv");
    let of = |code: &str| findings.iter().filter(|f| f["code"] == code).collect::<Vec<_>>();
    assert_eq!(of("T-02")[0]["outcome"], "explained");
    // The same values twice are one return.
    assert_eq!(of("C-26").len(), 0);
    assert!(of("C-44")[0]["message"].starts_with("退回单，各格的值与“甲镇.xlsx"));
    assert_eq!(case.figure("registered_total@101"), "6");
}

#[test]
fn slips_are_made_for_one_unit_and_are_the_same_bytes_again() {
    let case = messy();
    let said = slips(&case, &["--unit", "乙乡"]);
    assert!(said.contains("乙乡（退回单）") && !said.contains("甲镇（退回单）"), "{said}");
    let path = case.path("reports/2013-10/收报/退回单/乙乡（退回单）.xlsx");
    let first = fs::read(&path).unwrap();
    // A change of the clerk's is kept beside the new one.
    fs::write(&path, "changed").unwrap();
    slips(&case, &[]);
    assert_eq!(fs::read(&path).unwrap(), first);
    assert_eq!(fs::read(path.with_extension("xlsx.bak")).unwrap(), b"changed");
}

#[test]
fn a_slip_of_another_period_explains_nothing() {
    let case = messy();
    let list = [
        vec!["审核说明：2013-09"],
        vec!["检查", "单位", "报表", "单元格", "说明"],
        vec!["T-02", "甲镇", "办件月报", "E4", "窗口搬迁停办一月"],
    ];
    case.workbook("2013-10/说明.xlsx", &[("审核说明", &list)]);
    case.run().expect_code(1);
    let findings = case.csv("findings.csv");
    let told = findings.iter().find(|f| f["code"] == "C-28").unwrap();
    assert!(
        told["message"].ends_with("这是 2013-09 的退回单，上面的说明不用于 2013-10"),
        "{told:?}"
    );
    assert_eq!(findings.iter().find(|f| f["code"] == "T-02").unwrap()["outcome"], "fail");
}
