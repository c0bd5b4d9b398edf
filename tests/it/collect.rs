//! Reading files: what clerks send becomes typed rows with addresses; a bad file costs itself.

mod limits;
mod old_excel;
mod stored;
mod text_tables;
mod walk;

use std::fs;
use std::path::{Path, PathBuf};

use dangtong::cache::Cache;
use dangtong::collect::{ReadRequest, collect};
use dangtong::definition::Definition;
use dangtong::model::{Collected, Finding, Level, Period, ReturnFacts, date_text};

use crate::case::repository;

fn fixtures() -> PathBuf {
    repository().join("tests/fixtures/collect")
}

fn definition() -> Definition {
    dangtong::definition::load(&fixtures().join("pipeline")).unwrap()
}

/// A returns root that is filled file by file.
pub(crate) struct Returns(tempfile::TempDir);

impl Returns {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Puts a copy of a fixture into a hand-in folder, under a name of its own.
    fn add(&self, fixture: &Path, to: &str) -> &Self {
        self.write(to, &fs::read(fixture).unwrap())
    }

    pub(crate) fn write(&self, to: &str, bytes: &[u8]) -> &Self {
        let path = self.0.path().join(to);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
        self
    }

    pub(crate) fn collect(&self) -> Collected {
        let definition = definition();
        let folders = ["2013-09", "2013-10"].map(Period::parse);
        collect(&ReadRequest {
            definition: &definition,
            returns: self.0.path(),
            folders: &folders,
            reader: PathBuf::from(env!("CARGO_BIN_EXE_dangtong")),
            cache: &Cache::none(),
        })
        .unwrap()
    }
}

fn collected(fixture: &str, to: &str) -> Collected {
    let returns = Returns::new();
    returns.add(&fixtures().join(fixture), to);
    returns.collect()
}

/// A return as lines: a line a row, fields separated by ` | `.
pub(crate) fn rows(facts: &ReturnFacts) -> Vec<String> {
    (0..facts.rows.len())
        .map(|row| {
            let cells: Vec<String> = facts.columns.iter().map(|c| c.get(row).to_string()).collect();
            format!("{}: {}", facts.rows[row] + 1, cells.join(" | "))
        })
        .collect()
}

fn line(finding: &Finding) -> String {
    format!("{} {} {}", finding.level.id(), finding.code, finding.location.cells_text())
        .trim_end()
        .to_owned()
}

pub(crate) fn lines(collected: &Collected) -> Vec<String> {
    collected.findings.iter().map(line).collect()
}

const REVIEW: [&str; 4] = [
    "5: 东片 | 0010 | 20 | 19 | 95.0 | 好 | 82.35 | 2013-10-25 | 2013-10 | 是 | 1.50 | 党员 0001",
    "6: 东片 | 0020 | 12 | 10 | 83.3 | 较好 | 90.00 | 2013-10-08 | 2013-10 | 是 | 0.50 | 党员0002",
    "8: 西片 | 140722198001010011 | 1000 | 950 | 95.0 | 好 | 61.50 | 2013-10-12 | 2013-10 | 否 | 12.00 | 党员0003",
    "9: 西片 | 0040 | 8 | 8 | 100.0 | 一般 | 77.50 | 2013-10-09 | 2012-03 | 是 |  | 党员0004",
];

const REVIEW_FINDINGS: [&str; 8] = [
    "hint C-07",
    "hint C-45 A14",
    "query C-08 A9",
    "query C-09 K3",
    "hint D-21 H9",
    "hint D-22 D6 D8",
    "hint D-23 E6 L6",
    "hint D-24 B9",
];

#[test]
fn a_return_as_clerks_lay_it_out() {
    for fixture in ["review.xlsx", "review-lo.xlsx", "review-lo.ods"] {
        let collected = collected(fixture, "2013-10/甲乡10月报表.xlsx");
        assert_eq!(collected.returns.len(), 1, "{fixture}: {:#?}", collected.findings);
        let facts = &collected.returns[0];
        assert_eq!(rows(facts), REVIEW, "{fixture}");
        assert_eq!(lines(&collected), REVIEW_FINDINGS, "{fixture}");
        assert_eq!((facts.unit.as_str(), facts.period.to_string().as_str()), ("100001", "2013-10"));
        assert_eq!(facts.filed_on.map(date_text).as_deref(), Some("2013-11-03"));
        assert_eq!(facts.sheet.as_ref(), "评议");
    }
}

#[test]
fn cells_keep_what_was_typed_and_how_it_was_shown() {
    let collected = collected("review.xlsx", "2013-10/甲乡.xlsx");
    let facts = &collected.returns[0];
    let field = |name: &str| definition().form("review").unwrap().field_index(name).unwrap();
    assert_eq!(facts.raw_text(1, field("due")).as_deref(), Some("１２"));
    assert_eq!(facts.raw_text(0, field("rate")).as_deref(), Some("95%"));
    assert_eq!(facts.raw_text(0, field("score")).as_deref(), Some("82.35"));
    assert_eq!(facts.raw_text(3, field("area")).as_deref(), Some("〃"));
    assert_eq!(facts.raw_text(3, field("funds")), None);
    assert_eq!(facts.shown_places[field("rate")], [Some(0), Some(1), Some(0), Some(0)]);
    assert_eq!(facts.shown_places[field("score")], [Some(2), Some(0), Some(1), Some(2)]);
    assert_eq!(facts.location(1, &[field("due")]).to_string(), "2013-10/甲乡.xlsx › 评议 ! D6");
}

#[test]
fn totals_are_compared_never_data() {
    let collected = collected("review-lo.xlsx", "2013-10/甲乡.xlsx");
    let totals: Vec<String> = collected.returns[0]
        .totals
        .iter()
        .map(|t| {
            let values: Vec<String> = t.values.iter().map(|(_, _, v)| v.to_string()).collect();
            format!("{} {} {}..{} {}", t.row + 1, t.subtotal, t.first, t.end, values.join(","))
        })
        .collect();
    let formulas: Vec<String> = collected.returns[0]
        .formulas
        .iter()
        .map(|(at, formula)| format!("{at} {formula}"))
        .collect();
    assert_eq!(formulas, ["D11 D7+D10", "E11 E7+E10"]);
    assert_eq!(totals, ["7 true 0..2 32,29", "10 true 2..4 1008,958", "11 false 0..4 1040,987"]);
}

#[test]
fn an_old_xls_is_read_in_a_process_of_its_own() {
    let collected = collected("review-lo.xls", "2013-10/甲乡.xls");
    let facts = &collected.returns[0];
    // The format gives no number formats, so a plain 0.95 is decided by its own numbers, and
    // 2013.1 stays a question.
    let expected: Vec<String> =
        REVIEW.iter().map(|row| row.replace("2013-10-25 | 2013-10", "2013-10-25 | ")).collect();
    assert_eq!(rows(facts), expected);
    assert_eq!(
        lines(&collected),
        [
            "hint C-07",
            "hint C-11",
            "hint C-45 A14",
            "error D-06 J5",
            "hint D-21 H9",
            "hint D-22 D6 D8",
            "hint D-23 E6 L6",
            "hint D-24 B9",
            "hint D-27 F5 F6 F9",
        ]
    );
}

#[test]
fn several_forms_in_one_workbook() {
    let collected = collected("several.xlsx", "2013-09/附件2：乙镇报表(定稿)(2).xlsx");
    let forms: Vec<String> = collected
        .returns
        .iter()
        .map(|r| format!("{} {} {} {}", r.form, r.unit, r.period, rows(r).join("; ")))
        .collect();

    assert_eq!(
        forms,
        [
            "review 100002 2013-09 5:  | 0100 | 7 |  |  |  |  |  |  |  |  | ; \
             7:  | 0200 | 9 |  |  |  |  |  |  |  |  | ",
            "cases 100002 2013-09 ",
            "quarter 100002 2013Q3 3: 走访 | 30",
        ]
    );
    // The second block and the second sheet do not name the unit: the first block does.
    assert_eq!(lines(&collected), ["hint C-23 C3", "hint C-17"]);
    let received: Vec<&str> = collected.files[0].returns.iter().map(|r| r.1.as_str()).collect();
    assert_eq!(received, ["cases", "quarter", "review"]);
}

#[test]
fn dates_of_1904_and_redefined_formats() {
    let mac = collected("dates-1904.xlsx", "2013-10/甲乡.xlsx");
    assert!(rows(&mac.returns[0])[0].contains("2013-10-25"), "{:?}", rows(&mac.returns[0]));
    let redefined = collected("redefined-formats.xlsx", "2013-10/甲乡.xlsx");
    assert!(rows(&redefined.returns[0])[0].contains("88.50"), "{:?}", rows(&redefined.returns[0]));
}

#[test]
fn a_formula_without_a_result_is_no_blank() {
    let collected = collected("uncomputed.xlsx", "2013-10/甲乡.xlsx");
    assert_eq!(lines(&collected), ["error D-11 B4"]);
}

#[test]
fn csv_in_gb18030() {
    let collected = collected("review-gbk.csv", "2013-10/丙系统.csv");
    assert_eq!(
        rows(&collected.returns[0]),
        [
            "4:  | 0010 | 12 |  |  |  | 90.50 | 2013-10-09 |  |  |  | ",
            "5:  | 0020 | 8 |  |  |  | 77.00 | 2013-10-08 |  |  |  | ",
        ]
    );
    assert_eq!(lines(&collected), ["hint D-22 B4"]);
}

/// A minimal return of one data row.
fn csv(unit: &str, period: &str, due: &str) -> String {
    format!("党员评议表\n填报单位：{unit}\n报告期：{period}\n党组织代码,应参评党员数\n0010,{due}\n")
}

#[test]
fn unit_and_period_are_never_guessed() {
    let returns = Returns::new();
    returns
        .write("2013-10/甲乡.csv", csv("甲镇", "2013年10月", "5").as_bytes())
        .write("2013-10/乙镇.csv", csv("乙镇", "2013年9月", "5").as_bytes())
        .write("2013-10/丙系统9月.csv", csv("丙系统", "2013年10月", "5").as_bytes());
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["error C-19", "error C-19 A3", "error C-14 A2"]);
    let unknown = collected.findings.iter().find(|f| f.code == "C-14").unwrap();
    assert_eq!(unknown.message, "填报单位“甲镇”不在单位名录；是否指“甲乡”或“乙镇”");
    // The known units' returns are delivered for their findings to reject.
    let units: Vec<&str> = collected.returns.iter().map(|r| r.unit.as_str()).collect();
    assert_eq!(units, ["100003", "100002"]);
    assert!(collected.returns.iter().all(|r| r.period.to_string() == "2013-10"));
}

#[test]
fn a_unit_only_in_the_file_name_is_asked_about() {
    let returns = Returns::new();
    let table = "党员评议表\n报告期：2013年10月\n党组织代码,应参评党员数\n0010,5\n";
    returns
        .write("2013-10/附件2：乙镇党委报表(2).csv", table.as_bytes())
        .write("2013-10/报表.csv", table.as_bytes());
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["error C-12", "query C-13"]);
    assert_eq!(collected.returns.len(), 1);
}

/// The lines above a table with what official forms print there.
fn headed(lines: &str) -> Vec<u8> {
    format!("党员评议表\n{lines}\n报告期：2013年10月\n党组织代码,应参评党员数\n0010,5\n")
        .into_bytes()
}

#[test]
fn a_unit_is_named_as_official_forms_name_it() {
    for line in [
        "编报单位：乙镇",
        "单位名称：乙镇党委",
        "党委名称（盖章）：乙镇党委",
        "单位：乙镇",
        "单位（盖章）：,乙镇",
        "单位名称,乙镇",
        "乙镇",
        "（乙镇党委）",
        "2013年10月,单位：乙镇",
        // A measure, and somebody else's unit, are not the reporting unit.
        "填报单位：乙镇,单位：人",
        "乙镇,单位：万元",
        "乙镇,主管单位：甲乡",
        "填报单位：乙镇,甲乡",
    ] {
        let collected = Returns::new().write("2013-10/报表.csv", &headed(line)).collect();
        assert!(lines(&collected).is_empty(), "{line}: {:?}", lines(&collected));
        assert_eq!(collected.returns[0].unit, "100002", "{line}");
    }
}

#[test]
fn a_unit_that_nobody_knows_or_that_is_not_one_is_said() {
    for (line, said) in [
        ("单位名称：乙街道", "error C-14 A2"),
        ("党委名称：丁乡党委", "error C-14 A2"),
        // One character beside a registered name is a slip; a measure is nothing.
        ("单位：乙乡", "error C-14 A2"),
        ("单位：人、次", "error C-12"),
        ("甲乡,乙镇", "error C-16 A2 B2"),
        ("某某乡", "error C-12"),
    ] {
        let collected = Returns::new().write("2013-10/报表.csv", &headed(line)).collect();
        assert_eq!(lines(&collected), [said], "{line}");
    }
    // A text that is in the names of many units, or that is like none, suggests none.
    let county = Returns::new().write("2013-10/报表.csv", &headed("填报单位：某县")).collect();
    assert_eq!(county.findings[0].message, "填报单位“某县”不在单位名录");
}

#[test]
fn a_wrong_name_blames_nobody_who_reported_well() {
    let returns = Returns::new();
    // 乙镇 copied 甲乡's workbook and forgot the unit; 甲乡's own return is good.
    returns
        .write("2013-10/甲乡.csv", csv("甲乡", "2013年10月", "5").as_bytes())
        .write("2013-10/乙镇.csv", csv("甲乡", "2013年10月", "6").as_bytes());
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["error C-15 A2"]);
    assert_eq!(collected.findings[0].unit, "100002");
    let units: Vec<&str> = collected.returns.iter().map(|r| r.unit.as_str()).collect();
    assert_eq!(units, ["100002", "100001"]);
}

#[test]
fn rivals_need_a_declaration() {
    let returns = Returns::new();
    returns
        .write("2013-10/甲乡.csv", csv("甲乡", "2013年10月", "5").as_bytes())
        .write("2013-10/甲乡(更正).csv", csv("甲乡", "2013年10月", "6").as_bytes());
    let rivals = returns.collect();
    assert_eq!(lines(&rivals), ["error C-26", "error C-26"]);
    assert_eq!(rivals.returns.len(), 2);
    // What differs is told at its cell, from where each of them stands, and how to settle it.
    assert_eq!(
        rivals.findings[0].message,
        "同一单位、同一报表、同一报告期另有：2013-10/甲乡.csv，又没有更正声明；\
         与“甲乡.csv”有 1 处不同：B5 应参评党员数“6”，对方“5”；如属更正，\
         在 更正.csv 加一行：100001,review,甲乡(更正).csv,甲乡.csv,更正人,更正日期,原因"
    );

    let header = "单位,报表,采用文件,被替代文件,更正人,更正日期,原因\n";
    let declared = format!("{header}甲乡,T01,甲乡(更正).csv,甲乡.csv,党员0009,2013-11-02,漏填\n");
    returns.write("2013-10/更正.csv", declared.as_bytes());
    let settled = returns.collect();
    assert_eq!(lines(&settled), ["hint C-27"]);
    assert_eq!(settled.returns.len(), 1);
    assert_eq!(settled.returns[0].file.as_ref(), "2013-10/甲乡(更正).csv");
    assert_eq!(settled.declarations.corrections[0].who, "党员0009");
    // The declaration itself is a received file, for the manifest.
    assert_eq!(settled.files.len(), 3);
}

/// Another file with the same values is a rival all the same, and the clerk hears that either will do;
/// of rows that only one has, and of many differences, the places are told and counted.
#[test]
fn rivals_are_compared_cell_by_cell() {
    let table = |rows: &str| {
        format!("党员评议表\n填报单位：甲乡\n报告期：2013年10月\n党组织代码,应参评党员数\n{rows}")
    };
    let told = |other: &str| {
        let returns = Returns::new();
        let rows: String = (10..40).map(|n| format!("{n:04},5\n")).collect();
        returns.write("2013-10/甲乡.csv", table(&rows).as_bytes());
        returns.write("2013-10/甲乡新.csv", table(other).as_bytes());
        let collected = returns.collect();
        assert_eq!(lines(&collected), ["error C-26", "error C-26"]);
        collected.findings[0].message.split_once('；').unwrap().1.to_owned()
    };
    let quoted: String = (10..40).map(|n| format!("\"{n:04}\",5\n")).collect();
    assert_eq!(told(&quoted), "与“甲乡新.csv”各格的值都相同，留哪一份都一样");
    let shorter: String = (11..41).map(|n| format!("{n:04},5\n")).collect();
    assert_eq!(told(&shorter), "与“甲乡新.csv”有 2 处不同：第 5 行只在本表、对方第 34 行本表没有");
    let changed: String = (10..40).map(|n| format!("{n:04},{}\n", n % 2)).collect();
    let told = told(&changed);
    assert!(
        told.starts_with("与“甲乡新.csv”有 30 处不同：B5 应参评党员数“5”，对方“0”、"),
        "{told}"
    );
    assert!(told.ends_with("B14 应参评党员数“5”，对方“1”等"), "{told}");
}

#[test]
fn corrections_that_cannot_be_meant_are_reported_and_settle_nothing() {
    let returns = Returns::new();
    returns
        .write("2013-10/甲乡.csv", csv("甲乡", "2013年10月", "5").as_bytes())
        .write("2013-10/甲乡(更正).csv", csv("甲乡", "2013年10月", "6").as_bytes())
        .write("2013-10/乙镇.csv", csv("乙镇", "2013年10月", "7").as_bytes());
    let header = "单位,报表,采用文件,被替代文件,更正人,更正日期,原因\n";
    let circle = format!(
        "{header}甲乡,T01,甲乡(更正).csv,甲乡.csv,党员0009,2013-11-02,漏填\n\
         甲乡,T01,甲乡.csv,甲乡(更正).csv,党员0009,2013-11-03,又改\n"
    );
    returns.write("2013-10/更正.csv", circle.as_bytes());
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["error C-28 C3", "error C-26", "error C-26"]);

    let other = format!("{header}甲乡,T01,甲乡(更正).csv,乙镇.csv,党员0009,2013-11-02,漏填\n");
    returns.write("2013-10/更正.csv", other.as_bytes());
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["error C-28", "error C-26", "error C-26"]);
    assert!(collected.findings[0].message.contains("被替代文件“乙镇.csv”"));
    assert_eq!(collected.returns.len(), 3);
}

#[test]
fn declarations_are_read_and_their_mistakes_reported() {
    let returns = Returns::new();
    returns
        .write("2013-10/甲乡.csv", csv("甲乡", "2013年10月", "5").as_bytes())
        .write(
            "2013-10/收件.csv",
            "\u{feff}文件,收到日期\n甲乡.csv,2013-11-04\n丁.csv,2013-11-04\n甲乡.csv,昨天\n甲乡.csv,2013-11-09\n"
                .as_bytes(),
        )
        .write(
            "2013-10/审核说明.csv",
            "检查,单位,报表,单元格,说明\nG-10,甲乡党委,党员评议表,,属实\nG-10,丁乡,,,属实\n"
                .as_bytes(),
        );
    let collected = returns.collect();
    assert_eq!(
        collected.declarations.received.get("2013-10/甲乡.csv").copied().map(date_text).as_deref(),
        Some("2013-11-04")
    );
    let explained = &collected.declarations.explanations;
    assert_eq!(explained.len(), 1);
    assert_eq!((explained[0].unit.as_str(), explained[0].form.as_str()), ("100001", "review"));
    assert_eq!(
        lines(&collected),
        ["error C-28 B3", "error C-28 B4", "error C-28 B5", "hint C-46 A3"]
    );
}

#[test]
fn refused_and_empty_tables() {
    let returns = Returns::new();
    let no_rows = "党员评议表\n填报单位：甲乡,报告期：2013年10月\n党组织代码,应参评党员数\n填表人：党员0009\n";
    let no_column = "党员评议表\n填报单位：乙镇,报告期：2013年10月\n党组织代码,得分\n0010,88\n";
    let unit_of_money = "党员评议表\n填报单位：丙系统,报告期：2013年10月\n党组织代码,应参评党员数,活动经费（元）\n0010,5,30\n";
    returns
        .write("2013-10/甲乡.csv", no_rows.as_bytes())
        .write("2013-10/乙镇.csv", no_column.as_bytes())
        .write("2013-10/丙系统.csv", unit_of_money.as_bytes());
    assert_eq!(lines(&returns.collect()), ["error C-25 C3", "error C-22", "error C-29"]);
}

#[test]
fn personal_fields_are_never_printed() {
    let returns = Returns::new();
    let table = "党员评议表\n填报单位：甲乡,报告期：2013年10月\n党组织代码,应参评党员数,书记姓名\n0010,5,同上\n";
    returns.write("2013-10/甲乡.csv", table.as_bytes());
    let collected = returns.collect();
    assert!(
        collected.findings.iter().any(|f| f.seen == "〔个人信息〕"),
        "{:#?}",
        collected.findings
    );
}

#[test]
fn numbers_outside_their_range_stay_and_reject() {
    let returns = Returns::new();
    let table = "党员评议表\n填报单位：甲乡,报告期：2013年10月\n党组织代码,应参评党员数,得分\n0010,-5,100.5\n0020,,1\n";
    returns.write("2013-10/甲乡.csv", table.as_bytes());
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["error G-03 B4", "error G-03 C4", "error D-14 B5"]);
    assert!(rows(&collected.returns[0])[0].starts_with("4:  | 0010 | -5 |"));
}

#[test]
fn numbers_below_the_footer_are_named() {
    let returns = Returns::new();
    let table = |below: &str| {
        let head = "党员评议表\n填报单位：甲乡,报告期：2013年10月\n党组织代码,应参评党员数,实参评党员数,得分,评议等次,评议日期";
        format!("{head}\n0010,5,5,88,好,2013-10-08\n填表人：党员0009\n{below}\n")
    };
    for (below, expected) in [
        ("0020,7", vec!["error C-30 A6"]),
        ("漏报,7,6", vec!["error C-30 A6"]),
        ("品名,数量\n甲,3", vec!["error C-30 A7"]),
        ("本表一式两份", vec!["hint C-45 A6"]),
        ("审核人：党员0008,,2013年11月3日", vec![]),
        ("联系电话：,8622000", vec![]),
    ] {
        returns.write("2013-10/甲乡.csv", table(below).as_bytes());
        assert_eq!(lines(&returns.collect()), expected, "{below}");
    }
}

#[test]
fn a_number_merged_over_two_columns_is_nobodys() {
    let returns = Returns::new();
    let path = returns.0.path().join("2013-10/甲乡.xlsx");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let format = rust_xlsxwriter::Format::new();
    let sheet = workbook.add_worksheet();
    for (row, texts) in [
        (0, &["党员评议表"][..]),
        (1, &["填报单位：甲乡", "报告期：2013年10月"]),
        (2, &["党组织代码", "应参评党员数", "实参评党员数"]),
        (3, &["0010"]),
    ] {
        sheet.write_row(row, 0, texts.iter().copied()).unwrap();
    }
    sheet.merge_range(3, 1, 3, 2, "", &format).unwrap();
    sheet.write_number(3, 1, 5).unwrap();
    workbook.save(&path).unwrap();
    assert_eq!(lines(&returns.collect()), ["error D-16 B4"]);
}

/// Every hostile file beside a good return: the good one is read, the bad one is named.
#[test]
fn a_hostile_file_costs_only_itself() {
    let hostile = repository().join("tests/fixtures/hostile");
    let mut names: Vec<String> = fs::read_dir(&hostile)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 30, "run tests/hostile/make.py");
    let returns = Returns::new();
    returns.write("2013-10/丙系统.csv", csv("丙系统", "2013年10月", "5").as_bytes());
    for name in &names {
        returns.add(&hostile.join(name), &format!("2013-10/{name}"));
    }
    let collected = returns.collect();
    assert_eq!(collected.files.len(), names.len() + 1);
    assert!(collected.returns.iter().any(|r| r.file.as_ref() == "2013-10/丙系统.csv"));
    let codes = |name: &str| -> Vec<&str> {
        let path = format!("2013-10/{name}");
        let own = |f: &&Finding| *f.location.file == *path && f.level == Level::Error;
        collected.findings.iter().filter(own).map(|f| f.code.as_str()).collect()
    };
    // What is read although the file is odd: a renamed workbook, a far stray cell, an old code
    // page; a flipped byte may hit nothing that is read.
    let readable = [
        "renamed.xls",
        "far-cells.xlsx",
        "biff5-936.xls",
        "damaged",
        "truncated-cut95.xls",
        "embedded.xls",
        "not-computed.xls",
        "chart-and-macros.xls",
        "macro-sheet.xlsm",
    ];
    for name in &names {
        let odd = readable.iter().any(|r| name.starts_with(r));
        assert!(odd || !codes(name).is_empty(), "{name}: {:#?}", codes(name));
    }
    for (name, code) in [
        ("lying-shared-strings.xlsx", "C-04"),
        ("bomb.xlsx", "C-04"),
        ("lying-size.xlsx", "C-01"),
        ("many-entries.xlsx", "C-04"),
        ("endless-repeats.ods", "C-04"),
        ("directory-loop.xls", "C-01"),
        ("stream-loop.xls", "C-01"),
        ("without-workbook.xlsx", "C-01"),
        ("without-sheet.xlsx", "C-01"),
        ("broken-xml.xlsx", "C-01"),
        ("random.xlsx", "C-01"),
        ("empty.xlsx", "C-01"),
        ("truncated-cut50.xlsx", "C-01"),
        ("encrypted.xlsx", "C-02"),
        ("html.xls", "C-03"),
        ("xml2003.xls", "C-03"),
        ("wps.et", "C-03"),
        ("archive.xlsx", "C-03"),
        ("word.xlsx", "C-03"),
    ] {
        assert_eq!(codes(name), [code], "{name}");
    }
    // Excel 95 in code page 936 keeps its Chinese.
    let old = collected.returns.iter().find(|r| r.file.as_ref() == "2013-10/biff5-936.xls");
    assert_eq!(
        old.map(|r| rows(r)[0].clone()).as_deref(),
        Some("4:  | 0010 | 12 |  |  |  |  |  |  |  |  | ")
    );
}

#[test]
fn the_same_files_give_the_same_result_on_any_number_of_threads() {
    let returns = Returns::new();
    for (fixture, to) in [
        ("review.xlsx", "2013-10/甲乡.xlsx"),
        ("several.xlsx", "2013-09/乙镇.xlsx"),
        ("review-gbk.csv", "2013-10/丙系统.csv"),
    ] {
        returns.add(&fixtures().join(fixture), to);
    }
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| format!("{:?}", returns.collect()))
    };
    assert_eq!(on(1), on(4));
}
