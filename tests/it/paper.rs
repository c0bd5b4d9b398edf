//! What is data and what is paper: rows and sheets that are certainly no data are named and left
//! out, what could be data is never left out, and no sentence is lost.

use std::io::{Cursor, Read as _, Write as _};

use dangtong::model::{Collected, ReturnFacts};
use rust_xlsxwriter::{Format, Formula, Workbook, Worksheet};

use crate::case::{Case, files};
use crate::collect::{Returns, lines, rows};

/// Cells by row; a number is a number, `'1` is text, `=A1|0` a formula with its stored result.
pub(crate) type Rows<'a> = &'a [&'a [&'a str]];

pub(crate) fn fill(sheet: &mut Worksheet, rows: Rows) {
    for (r, row) in (0..).zip(rows) {
        for (c, cell) in (0..).zip(*row) {
            if let Some(text) = cell.strip_prefix('\'') {
                sheet.write_string(r, c, text).unwrap();
            } else if let Some((formula, result)) = cell.split_once('|') {
                sheet.write_formula(r, c, Formula::new(formula).set_result(result)).unwrap();
            } else if let Ok(number) = cell.parse::<f64>() {
                sheet.write_number(r, c, number).unwrap();
            } else if !cell.is_empty() {
                sheet.write_string(r, c, *cell).unwrap();
            }
        }
    }
}

pub(crate) fn book(sheets: &[(&str, Rows)]) -> Vec<u8> {
    let mut workbook = Workbook::new();
    for (name, rows) in sheets {
        fill(workbook.add_worksheet().set_name(*name).unwrap(), rows);
    }
    workbook.save_to_buffer().unwrap()
}

pub(crate) const TITLE: &[&str] = &["党员评议表"];
pub(crate) const UNIT: &[&str] = &["填报单位：甲乡", "", "报告期：2013年10月"];
pub(crate) const HEADER: &[&str] = &["序号", "党组织代码", "片区", "应参评党员数", "实参评党员数"];
pub(crate) const FIRST: &[&str] = &["1", "'0010", "东片", "20", "19"];
pub(crate) const SECOND: &[&str] = &["2", "'0020", "西片", "12", "10"];

/// A sheet of title, unit line, header and these rows.
fn sheet<'a>(body: &[&'a [&'a str]]) -> Vec<&'a [&'a str]> {
    [&[TITLE, UNIT, HEADER], body].concat()
}

pub(crate) fn collected(body: &[&[&str]]) -> Collected {
    Returns::new().write("2013-10/甲乡.xlsx", &book(&[("评议", &sheet(body))])).collect()
}

/// Rows as `row: code due/actual`.
pub(crate) fn read(facts: &ReturnFacts) -> Vec<String> {
    let field = |row: &str, at: usize| row.split(" | ").nth(at).unwrap_or_default().to_owned();
    rows(facts)
        .iter()
        .map(|row| {
            let number = row.split(':').next().unwrap();
            format!("{number}: {} {}/{}", field(row, 1), field(row, 2), field(row, 3))
        })
        .collect()
}

pub(crate) fn message<'c>(collected: &'c Collected, code: &str) -> &'c str {
    &collected.findings.iter().find(|f| f.code == code).expect(code).message
}

#[test]
fn a_row_that_numbers_the_columns_is_no_data() {
    for marks in [
        &["甲", "乙", "丙", "1", "2"][..],
        &["甲", "乙", "丙", "1", "2=1-3"],
        &["A", "B", "C", "1", "2"],
        &["A", "B", "C", "D", "E"],
        &["(1)", "(2)", "(3)", "(4)", "(5)"],
        &["（1）", "（2）", "（3）", "（4）", "（5）＝（4）－（3）"],
        &["①", "②", "③", "④", "⑤"],
        &["一", "二", "三", "四", "五"],
        &["I", "II", "III", "IV", "V"],
        &["甲", "乙", "—", "1", "2"],
        &["甲", "乙", "丙", "13", "14"],
        &["栏次", "", "", "1", "2"],
        &["", "", "", "第1栏", "第2栏"],
        &["", "计量单位", "—", "人", "人"],
    ] {
        let collected = collected(&[marks, FIRST, SECOND]);
        assert!(lines(&collected).is_empty(), "{marks:?}: {:?}", lines(&collected));
        assert_eq!(read(&collected.returns[0]), ["5: 0010 20/19", "6: 0020 12/10"], "{marks:?}");
    }
}

/// Six plain numbers in a row under six titles are column numbers; fewer may be a small return.
#[test]
fn what_could_be_data_is_not_taken_for_column_numbers() {
    let unclear = collected(&[&["1", "2", "3", "4", "5"], SECOND]);
    assert_eq!(lines(&unclear), ["error C-41 A4"]);
    assert_eq!(read(&unclear.returns[0]), ["4: 2 4/5", "5: 0020 12/10"]);
    let jumping = collected(&[&["甲", "乙", "丙", "1", "3"], FIRST]);
    assert_eq!(lines(&jumping), ["error C-41 A4"]);
    // Not under the header: a row like any other.
    let later = collected(&[FIRST, &["2", "'2", "3", "4", "5"]]);
    assert!(lines(&later).is_empty(), "{:?}", lines(&later));
    assert_eq!(read(&later.returns[0]), ["4: 0010 20/19", "5: 2 4/5"]);

    let header: &[&str] =
        &["党组织代码", "应参评党员数", "实参评党员数", "得分", "片区", "评议日期"];
    let numbers: &[&str] = &["1", "2", "3", "4", "5", "6"];
    let data: &[&str] = &["'0010", "20", "19", "88", "东片", "2013-10-25"];
    let wide = book(&[("评议", &[TITLE, UNIT, header, numbers, data])]);
    let wide = Returns::new().write("2013-10/甲乡.xlsx", &wide).collect();
    assert!(lines(&wide).is_empty(), "no date is 6: {:?}", lines(&wide));
    assert_eq!(read(&wide.returns[0]), ["5: 0010 20/19"]);
}

#[test]
fn what_paper_carries_from_page_to_page_is_no_data() {
    let collected = collected(&[
        &["甲", "乙", "丙", "1", "2"],
        FIRST,
        &["本页小计", "", "", "20", "19"],
        &["过次页", "", "", "20", "19"],
        &["第1页　共2页"],
        HEADER,
        &["甲", "乙", "丙", "1", "2"],
        &["承前页", "", "", "20", "19"],
        SECOND,
        &["本页小计", "", "", "12", "10"],
        &["本页累计", "", "", "32", "29"],
        &["合计", "", "", "32", "29"],
        &["", "（以下空白）"],
        &["填表人：", "党员0009"],
        &["第2页　共2页"],
    ]);
    assert_eq!(lines(&collected), ["hint C-31 A4 A7 A8 A9 A10"]);
    assert_eq!(
        message(&collected, "C-31"),
        "8 行不是数据，未读取：栏号（第 4、10 行）；每页重复的标题和表头（第 8—9 行）；\
         转页的累计（第 7、11、14 行）；页码、续表、以下空白等（第 16 行）"
    );
    assert_eq!(read(&collected.returns[0]), ["5: 0010 20/19", "12: 0020 12/10"]);
    // 本页小计 is a sum over its page, and is compared like any other.
    let totals: Vec<_> =
        collected.returns[0].totals.iter().map(|t| (t.row + 1, t.first, t.end)).collect();
    assert_eq!(totals, [(6, 0, 1), (13, 1, 2), (15, 0, 2)]);
}

/// A carried sum is known by its words in a label cell; a row with a key of its own is data.
#[test]
fn a_row_with_its_own_key_is_data_whatever_it_is_called() {
    let collected = collected(&[&["1", "'0010", "过次页", "20", "19"]]);
    assert!(lines(&collected).is_empty(), "{:?}", lines(&collected));
    assert_eq!(read(&collected.returns[0]), ["4: 0010 20/19"]);
}

#[test]
fn a_return_of_several_printed_pages_is_one_return() {
    let continued: &[&str] = &["党员评议表（续表）"];
    let signed: &[&str] = &["填表人：党员0009"];
    let open_unit: &[&str] = &["填报单位：", "", "报告期：2013年10月"];
    let mark: &[&str] = &["续表"];
    let total: &[&str] = &["合计", "", "", "20", "19"];
    for between in [
        &[TITLE, UNIT, HEADER][..],
        &[continued, UNIT, HEADER],
        &[continued, HEADER],
        &[mark, HEADER],
        &[continued, open_unit, HEADER],
        // Signed on each page: 续表 or 序号 says that it goes on.
        &[signed, continued, UNIT, HEADER],
        &[signed, TITLE, UNIT, HEADER],
        &[total, continued, UNIT, HEADER],
    ] {
        let body = [&[FIRST], between, &[SECOND]].concat();
        let collected = collected(&body);
        assert_eq!(collected.returns.len(), 1, "{between:?} {:#?}", collected.findings);
        let codes: Vec<&str> = collected.findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(codes, ["C-31"], "{between:?}");
        let last = 4 + between.len() + 1;
        let expected = ["4: 0010 20/19".to_owned(), format!("{last}: 0020 12/10")];
        assert_eq!(read(&collected.returns[0]), expected, "{between:?}");
    }
}

#[test]
fn a_second_return_below_is_no_second_page() {
    let other_unit: &[&str] = &["填报单位：乙镇", "", "报告期：2013年10月"];
    let other_period: &[&str] = &["填报单位：甲乡", "", "报告期：2013年9月"];
    let total: &[&str] = &["合计", "", "", "20", "19"];
    let again: &[&str] = &["1", "'0020", "西片", "12", "10"];
    for (between, code) in [
        (&[TITLE, other_unit, HEADER][..], "C-16"),
        // A finished table, its title again, and lines counted from 1: which one counts?
        (&[total, TITLE, UNIT, HEADER], "C-26"),
    ] {
        let body = [&[FIRST], between, &[again]].concat();
        let collected = collected(&body);
        let errors: Vec<&str> =
            collected.findings.iter().filter(|f| f.rejects()).map(|f| f.code.as_str()).collect();
        assert!(errors.contains(&code), "{between:?} {errors:?}");
    }
    // Another period of the same unit is no rival either.
    let collected = collected(&[FIRST, TITLE, other_period, HEADER, again]);
    assert_eq!(lines(&collected), ["hint C-42"]);
    assert_eq!(read(&collected.returns[0]), ["4: 0010 20/19"]);
}

/// A year's workbook with a sheet a month: the folder's month is read.
#[test]
fn sheets_of_other_periods_are_named_and_not_read() {
    let month = |period: &'static str, due: &'static str| -> Vec<Vec<&'static str>> {
        let unit = if period.is_empty() {
            vec!["填报单位：甲乡"]
        } else {
            vec!["填报单位：甲乡", "", period]
        };
        vec![TITLE.to_vec(), unit, HEADER.to_vec(), vec!["1", "'0010", "东片", due, "1"]]
    };
    let year = |sheets: &[(&str, Vec<Vec<&str>>)]| {
        let mut workbook = Workbook::new();
        for (name, rows) in sheets {
            let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
            fill(workbook.add_worksheet().set_name(*name).unwrap(), &rows);
        }
        let bytes = workbook.save_to_buffer().unwrap();
        Returns::new().write("2013-10/甲乡.xlsx", &bytes).collect()
    };
    let (september, october) = ("报告期：2013年9月", "报告期：2013年10月");
    for sheets in [
        [("10月", october, "20"), ("9月", september, "7")],
        [("Sheet1", september, "7"), ("Sheet2", october, "20")],
        [("9月份评议", "", "7"), ("10月份评议", "", "20")],
        // A copy of last year's October: the sheet's name does not contradict what it says.
        [("10月", "报告期：2012年10月", "7"), ("10月（2）", october, "20")],
        [("九月", september, "7"), ("本期", "", "20")],
    ] {
        let all: Vec<(&str, Vec<Vec<&str>>)> =
            sheets.iter().map(|(name, period, due)| (*name, month(period, due))).collect();
        let collected = year(&all);
        let errors: Vec<_> = collected.findings.iter().filter(|f| f.rejects()).collect();
        assert!(errors.is_empty(), "{sheets:?} {errors:#?}");
        assert_eq!(collected.findings.iter().filter(|f| f.code == "C-42").count(), 1, "{sheets:?}");
        let read: Vec<String> = collected.returns.iter().flat_map(|r| read(r)).collect();
        assert_eq!(read, ["4: 0010 20/1"], "{sheets:?}");
    }
    // Copied and not corrected: name and 报告期 contradict each other, so nothing is certain.
    let collected = year(&[("9月", month(october, "7")), ("10月", month(october, "20"))]);
    assert!(lines(&collected).contains(&"error C-26".to_owned()), "{:?}", lines(&collected));
    // No sheet of the folder's period: nothing to read in its place.
    let collected =
        year(&[("8月", month("报告期：2013年8月", "7")), ("9月", month(september, "8"))]);
    assert!(lines(&collected).contains(&"error C-19 C2".to_owned()), "{:?}", lines(&collected));
}

#[test]
fn the_same_file_twice_is_one_file() {
    let bytes = book(&[("评议", &sheet(&[FIRST]))]);
    let returns = Returns::new();
    returns.write("2013-10/甲乡.xlsx", &bytes).write("2013-10/甲乡(2).xlsx", &bytes);
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["hint C-43"]);
    assert_eq!(collected.returns.len(), 1);
    assert_eq!(collected.returns[0].file.as_ref(), "2013-10/甲乡.xlsx");
    assert_eq!(collected.files.len(), 2);
    // The one that came first counts for being on time.
    let receipt = "文件,收到日期\n甲乡.xlsx,2013-11-20\n甲乡(2).xlsx,2013-11-04\n";
    returns.write("2013-10/收件.csv", receipt.as_bytes());
    let collected = returns.collect();
    assert_eq!(collected.returns[0].file.as_ref(), "2013-10/甲乡(2).xlsx");

    // Under another unit's name it is that unit's mistake, not a copy.
    let returns = Returns::new();
    returns.write("2013-10/甲乡.xlsx", &bytes).write("2013-10/乙镇.xlsx", &bytes);
    assert_eq!(lines(&returns.collect()), ["error C-15 A2"]);
    // One byte of data apart, they are rivals.
    let other = book(&[("评议", &sheet(&[&["1", "'0010", "东片", "20", "18"]]))]);
    let returns = Returns::new();
    returns.write("2013-10/甲乡.xlsx", &bytes).write("2013-10/甲乡2.xlsx", &other);
    assert_eq!(lines(&returns.collect()), ["error C-26", "error C-26"]);
}

#[test]
fn bare_forms_and_copies_beside_a_return_are_not_needed() {
    let filled = sheet(&[FIRST]);
    let blank: Rows = &[
        TITLE,
        &["填报单位：", "", "报告期：    年  月"],
        HEADER,
        &["甲", "乙", "丙", "1", "2"],
        &["1"],
        &["2"],
        &["填表人："],
    ];
    for sheets in [
        [("评议", &filled[..]), ("空表", blank)],
        [("空表", blank), ("评议", &filled[..])],
        [("评议", &filled[..]), ("评议 (2)", &filled[..])],
    ] {
        let returns = Returns::new();
        let collected = returns.write("2013-10/甲乡.xlsx", &book(&sheets)).collect();
        assert_eq!(lines(&collected), ["hint C-44"]);
        let read: Vec<String> = collected.returns.iter().flat_map(|r| read(r)).collect();
        assert_eq!(read, ["4: 0010 20/19"]);
    }
    // In a file of its own, under a name that is nobody's.
    let returns = Returns::new();
    returns
        .write("2013-10/甲乡.xlsx", &book(&[("评议", &filled)]))
        .write("2013-10/空白表样.xlsx", &book(&[("评议", blank)]));
    assert_eq!(lines(&returns.collect()), ["hint C-44"]);
    // Alone, a bare form is a return without data.
    let alone = Returns::new();
    alone.write("2013-10/甲乡.xlsx", &book(&[("评议", &sheet(&[]))]));
    assert_eq!(lines(&alone.collect()), ["error C-29"]);
}

/// Stands for the empty text as a formula's result, which the writer would make a zero.
const NOTHING: &str = "∅";

/// The same workbook from a program that has computed what it wrote.
fn computed(workbook: &[u8]) -> Vec<u8> {
    let mut source = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut target = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..source.len() {
        let mut part = source.by_index(at).unwrap();
        let (name, mut content) = (part.name().unwrap().into_owned(), Vec::new());
        part.read_to_end(&mut content).unwrap();
        let text = String::from_utf8(content).unwrap();
        let text = text.replace(" fullCalcOnLoad=\"1\"", "").replace(NOTHING, "");
        target.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        target.write_all(text.as_bytes()).unwrap();
    }
    target.finish().unwrap().into_inner()
}

/// Spare rows of a prepared form: formulas that give nothing are no data, a typed number is.
#[test]
fn prepared_rows_are_no_rows() {
    let read_computed = |body: &[&[&str]]| {
        let bytes = computed(&book(&[("评议", &sheet(body))]));
        Returns::new().write("2013-10/甲乡.xlsx", &bytes).collect()
    };
    // The usual way: =IF(C6="","",…) shows nothing. No word about it.
    let empty: &[&str] = &["=IF(C6=\"\",\"\",3)|∅", "=IF(C6=\"\",\"\",9)|∅", "", "", "=D6&\"\"|∅"];
    let spaced = read_computed(&[FIRST, SECOND, empty, empty, empty]);
    assert!(lines(&spaced).is_empty(), "{:?}", lines(&spaced));
    assert_eq!(read(&spaced.returns[0]), ["4: 0010 20/19", "5: 0020 12/10"]);
    // Sums over blank cells show 0.
    let zero: &[&str] = &["3", "", "", "=D1+0|0", "=E1+0|0"];
    let zeros = read_computed(&[FIRST, SECOND, zero, zero]);
    assert_eq!(lines(&zeros), ["hint C-31 A6 A7"]);
    assert_eq!(read(&zeros.returns[0]), ["4: 0010 20/19", "5: 0020 12/10"]);
    for typed in [&["3", "", "", "0", "=E1+0|0"][..], &["3", "", "", "=D1+0|7", "=E1+0|0"]] {
        let row = read_computed(&[FIRST, SECOND, typed]);
        assert!(lines(&row).contains(&"error D-14 B6".to_owned()), "{typed:?}");
    }
    // Zeros that the file itself calls out of date may be anything.
    let stale = collected(&[FIRST, SECOND, zero]);
    assert!(lines(&stale).contains(&"error D-14 B6".to_owned()), "{:?}", lines(&stale));
}

/// A sentence above or below the table, wherever it stands and however it begins.
#[test]
fn no_sentence_is_lost() {
    let said = "本月三个工作室因装修停办，数字比上月少。";
    let labelled = "情况说明：本月三个工作室因装修停办，数字比上月少。";
    for (below, text, cells) in [
        (vec![vec![labelled]], labelled, "A5"),
        (vec![vec![said]], said, "A5"),
        (vec![vec!["", said]], said, "B5"),
        (vec![vec!["情况说明：", said]], labelled, "A5 B5"),
        (vec![vec!["情况说明："], vec![said]], labelled, "A5 A6"),
        (vec![vec!["填表人：党员0009"], vec![labelled]], labelled, "A6"),
        (vec![vec!["填表人：", "党员0009", labelled]], labelled, "C5"),
        (vec![vec!["填表人：党员0009"], vec![], vec!["本表一式两份"]], "本表一式两份", "A7"),
        (
            vec![vec!["本月三个工作室停办；"], vec!["下月恢复。"]],
            "本月三个工作室停办； 下月恢复。",
            "A5 A6",
        ),
    ] {
        let below: Vec<&[&str]> = below.iter().map(Vec::as_slice).collect();
        let collected = collected(&[&[FIRST], &below[..]].concat());
        assert_eq!(lines(&collected), [format!("hint C-45 {cells}")], "{below:?}");
        let facts = &collected.returns[0];
        assert_eq!(read(facts), ["4: 0010 20/19"], "{below:?}");
        let kept: Vec<&str> = facts.sentences.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(kept, [text], "{below:?}");
        assert!(message(&collected, "C-45").ends_with(text));
    }
    // Above the table, on a page of its own, merged over the table.
    let above: Rows = &[TITLE, UNIT, &["备注：含流动党员2人"], HEADER, FIRST];
    let page: Rows = &[&["情况说明"], &["本月三个工作室停办。"]];
    let returns = Returns::new();
    returns.write("2013-10/甲乡.xlsx", &book(&[("评议", above), ("情况说明", page)]));
    let collected = returns.collect();
    let kept: Vec<&str> = collected.returns[0].sentences.iter().map(|s| s.text.as_str()).collect();
    assert_eq!(kept, ["备注：含流动党员2人", "情况说明：本月三个工作室停办。"]);

    let mut workbook = Workbook::new();
    let worksheet = workbook.add_worksheet();
    fill(worksheet, &sheet(&[FIRST]));
    worksheet.merge_range(4, 0, 4, 4, said, &Format::new()).unwrap();
    let merged = workbook.save_to_buffer().unwrap();
    let collected = Returns::new().write("2013-10/甲乡.xlsx", &merged).collect();
    assert_eq!(lines(&collected), ["hint C-45 A5"]);
}

/// Words in a row of data are data; what a form prints on every sheet is nobody's statement.
#[test]
fn data_and_printed_instructions_are_no_sentences() {
    let data = collected(&[FIRST, &["2", "'0020", "说明：西片含两个村。", "12", "10"]]);
    assert!(lines(&data).is_empty(), "{:?}", lines(&data));
    assert_eq!(read(&data.returns[0]), ["4: 0010 20/19", "5: 0020 12/10"]);

    let printed: &[&str] = &["填表说明：本表由各党委于次月5日前报县委组织部。"];
    let returns = Returns::new();
    let second: &[&str] = &["填报单位：乙镇", "", "报告期：2013年10月"];
    returns
        .write("2013-10/甲乡.xlsx", &book(&[("评议", &sheet(&[FIRST, printed]))]))
        .write("2013-10/乙镇.xlsx", &book(&[("评议", &[TITLE, second, HEADER, FIRST, printed])]));
    let collected = returns.collect();
    assert!(lines(&collected).is_empty(), "{:?}", lines(&collected));
    // What only one unit writes is its own, whatever stands before it.
    let own = self::collected(&[FIRST, &["填表说明：本月三个工作室停办。"]]);
    assert_eq!(lines(&own), ["hint C-45 A5"]);
}

/// Sentences reach everybody who reads the report, without personal data, and settle nothing.
#[test]
fn sentences_are_shown_and_settle_nothing() {
    let case = Case::mini_clean();
    let row = |cells: &[&'static str]| cells.to_vec();
    let rows = vec![
        row(&["办件月报"]),
        row(&["填报单位：甲镇", "", "报告期：2013年10月"]),
        row(&["窗口", "经办人", "期初在办", "本月登记", "本月办结", "期末在办"]),
        row(&["a1", "党员0001", "4", "6", "0", "10"]),
        row(&[
            "情况说明：没有办结，是因为窗口装修；请党员0001接听13800000000，证号140722198001010011。",
        ]),
    ];
    case.workbook("2013-10/甲镇.xlsx", &[("办件月报", &rows)]);
    case.run().expect_code(0);
    let masked =
        "情况说明：没有办结，是因为窗口装修；请〔个人信息〕接听〔个人信息〕，证号〔个人信息〕。";
    let findings = case.csv("findings.csv");
    let found = findings.iter().find(|f| f["code"] == "C-45").unwrap();
    assert_eq!((found["unit"].as_str(), found["cell"].as_str()), ("甲镇", "A5"));
    assert!(found["message"].contains(masked));
    // The 核实 that the sentence explains stays open: an explanation is declared in 审核说明.csv.
    let open = findings.iter().find(|f| f["code"] == "T-02").unwrap();
    assert_eq!(open["outcome"], "fail");

    let outputs = files(&case.path("reports/2013-10"));
    let validation: serde_json::Value =
        serde_json::from_slice(&outputs["validation.json"]).unwrap();
    let kept = &validation["sentences"][0];
    assert_eq!((&kept["unit"], &kept["text"]), (&"101".into(), &masked.into()));
    assert_eq!(kept["cells"], serde_json::json!(["A5"]));
    let page = String::from_utf8(outputs["report.html"].clone()).unwrap();
    let unit = page.split("id=\"u101\"").nth(1).unwrap().split("</section>").next().unwrap();
    assert!(unit.contains("表上文字") && unit.contains(masked));
    // Not the ledger among the working papers.
    let is_workbook = |(name, _): &(&String, _)| name.ends_with("2013-10.xlsx");
    let workbook = outputs.iter().find(is_workbook).unwrap().1;
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut strings = String::new();
    let mut part = archive.by_name("xl/sharedStrings.xml").unwrap();
    part.read_to_string(&mut strings).unwrap();
    assert!(strings.contains(&format!("《办件月报》表上文字：{masked}")));
    for bytes in outputs.values() {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("13800000000") && !text.contains("140722198001010011"));
    }
    // And it is there again when the report is computed from the same returns.
    case.verify().expect_code(0);
}
