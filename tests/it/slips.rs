//! 退回单: a unit sees what is wrong in its own table, explains it there, and the file that comes back
//! is read for its explanations.

use std::fs;

use calamine::{Data, Reader, Xlsx, open_workbook};

use crate::case::{Case, changed, part};

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

const SHEET: &str = "xl/worksheets/sheet1.xml";

#[test]
fn a_slip_is_the_units_own_workbook_with_marks_and_one_page_more() {
    let case = messy();
    let path = case.path("returns/2013-10/甲镇.xlsx");
    // 期末在办 is a formula of the unit's own.
    let original = fs::read(&path).unwrap();
    let original = changed(
        &original,
        SHEET,
        &[("<c r=\"F4\"><v>10</v>", "<c r=\"F4\"><f>C4+D4-E4</f><v>10</v>")],
    );
    fs::write(&path, &original).unwrap();
    slips(&case, &[]);
    let slip = fs::read(case.path("reports/2013-10/收报/退回单/甲镇（退回单）.xlsx")).unwrap();
    let sheet = part(&slip, SHEET);
    assert!(sheet.contains("<f>C4+D4-E4</f>"), "{sheet}");
    // T-02 names 本月登记 and 本月办结 of the row.
    let marked = ["D4", "E4"].map(|at| format!("<c r=\"{at}\" s="));
    assert!(marked.iter().all(|cell| sheet.contains(cell)), "{sheet}");
    assert_eq!(part(&slip, "xl/sharedStrings.xml"), part(&original, "xl/sharedStrings.xml"));
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(&slip)).unwrap();
    let names: Vec<String> = (0..archive.len())
        .map(|i| archive.by_index(i).unwrap().name().unwrap().into_owned())
        .collect();
    assert!(names.iter().any(|name| name == "xl/worksheets/dangtong1.xml"), "{names:?}");
}

/// Whatever is unusual inside a file: the unit gets a slip, and it says which of the two it is.
#[test]
fn a_package_that_cannot_be_marked_for_certain_comes_back_as_a_copy_that_says_why() {
    let case = messy();
    let path = case.path("returns/2013-10/甲镇.xlsx");
    let original = fs::read(&path).unwrap();
    let types = "[Content_Types].xml";
    for (name, texts, why) in [
        (SHEET, &[("<row r=\"4\"", "<row")][..], "工作表的行没有按行号排列"),
        (SHEET, &[("<c r=\"E4\"", "<c r=\"E4\" s=\"99\"")], "单元格的样式不在样式表里"),
        ("xl/styles.xml", &[("cellXfs", "cellXf")], "单元格的样式不在样式表里"),
        ("xl/styles.xml", &[("<fills", "<gills"), ("</fills", "</gills")], "样式表不全"),
        (types, &[("sheet.main+xml", "sheet.macroEnabled.main+xml")], "工作簿含有宏，或者是模板"),
        (
            "xl/workbook.xml",
            &[(
                "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
                "http://purl.oclc.org/ooxml/spreadsheetml/main",
            )],
            "工作簿是少见的“严格”格式",
        ),
        ("xl/_rels/workbook.xml.rels", &[("/styles\"", "/stiles\"")], "没有样式表"),
    ] {
        fs::write(&path, changed(&original, name, texts)).unwrap();
        slips(&case, &[]);
        let page = sheet(&case, "甲镇（退回单）.xlsx", "审核说明");
        let said = format!("本工作簿是“甲镇.xlsx”按所读内容另写的一份（{why}），原件未动");
        assert!(page[1][0].starts_with(&said), "{name} {texts:?}: {}", page[1][0]);
        assert_eq!(sheet(&case, "甲镇（退回单）.xlsx", "办件月报")[3][2], "4");
    }
    // A sheet of the unit's own that has the page's name is no page.
    let own = [vec!["本表由单位自备"]];
    let rows = [
        vec!["办件月报"],
        vec!["填报单位：甲镇", "", "报告期：2013年10月"],
        vec!["窗口", "经办人", "期初在办", "本月登记", "本月办结", "期末在办"],
        vec!["a1", "党员0001", "4", "6", "0", "10"],
    ];
    case.workbook("2013-10/甲镇.xlsx", &[("办件月报", &rows), ("审核说明", &own)]);
    slips(&case, &[]);
    let page = sheet(&case, "甲镇（退回单）.xlsx", "审核说明");
    assert!(page[1][0].contains("（工作簿另有一张“审核说明”）"), "{page:?}");
}

#[test]
fn a_slip_whose_findings_are_settled_goes_unless_somebody_wrote_in_it() {
    let case = messy();
    slips(&case, &[]);
    let folder = case.path("reports/2013-10/收报/退回单");
    fs::write(folder.join("甲镇（退回单）.xlsx"), "filled in").unwrap();
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "9", "1"]]);
    case.cases("2013-10", "乙乡", &[["b1", "0", "3", "1", "2"]]);
    let out = case.path("reports");
    let ran = case.dangtong("slips", &["--period", "2013-10", "--out", out.to_str().unwrap()]);
    let ran = ran.expect_code(0);
    assert_eq!(ran.stdout, "2013年10月 没有要退回的报表\n");
    assert_eq!(ran.stderr, "提示：乙乡（退回单）.xlsx 的问题都已解决，已删去\n");
    assert!(!folder.join("乙乡（退回单）.xlsx").exists());
    assert_eq!(fs::read(folder.join("甲镇（退回单）.xlsx")).unwrap(), b"filled in");
}
