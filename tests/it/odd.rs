//! Returns as odd as clerks make them: totals that are called by no name, units of measure beside the
//! table, words that sign and begin a row of data. What is certain is read, the rest is asked about.

use rust_xlsxwriter::{Format, Workbook};

use crate::collect::{Returns, lines};
use crate::paper::{
    FIRST, HEADER, Rows, SECOND, TITLE, UNIT, book, collected, fill, message, read,
};

const NONE: [&str; 0] = [];

/// The rows, the totals with what they cover, and what is found.
type SortedOut = (Vec<String>, Vec<(u32, usize, usize)>, Vec<String>);

fn sorted_out(body: &[&[&str]]) -> SortedOut {
    let collected = collected(body);
    let facts = &collected.returns[0];
    let totals = facts.totals.iter().map(|t| (t.row + 1, t.first, t.end)).collect();
    (read(facts), totals, lines(&collected))
}

fn found(sheet: Rows) -> Vec<String> {
    lines(&Returns::new().write("2013-10/甲乡.xlsx", &book(&[("评议", sheet)])).collect())
}

/// 20 + 12 = 32 and 19 + 10 = 29: without a key the row can be nothing but their total.
#[test]
fn a_row_without_key_that_adds_up_the_others_is_their_total() {
    for label in ["", "2个党组织", "全乡", "∑"] {
        let (rows, totals, found) = sorted_out(&[FIRST, SECOND, &[label, "", "", "32", "29"]]);
        assert_eq!(rows, ["4: 0010 20/19", "5: 0020 12/10"], "{label}");
        assert_eq!((totals, found), (vec![(6, 0, 2)], vec!["hint C-31 A6".to_owned()]), "{label}");
    }
    // Where a number differs nobody knows what the row is.
    let (_, _, found) = sorted_out(&[FIRST, SECOND, &["", "", "", "33", "29"]]);
    assert_eq!(found, ["error D-14 B6"]);
    // One number may be a sum by chance; a row that names somebody is his.
    let (_, totals, found) = sorted_out(&[FIRST, SECOND, &["", "", "", "32", ""]]);
    assert_eq!((totals, found.contains(&"error D-14 B6".to_owned())), (Vec::new(), true));
    let (_, totals, found) = sorted_out(&[FIRST, SECOND, &["", "", "新片", "32", "29"]]);
    assert_eq!(totals, []);
    assert_eq!(found, ["error D-14 B6", "query C-47 B6"]);
    for label in ["（一）小计", "农业(含林业)小计", "(1)合计"] {
        let (rows, totals, _) = sorted_out(&[FIRST, SECOND, &[label, "", "", "32", "29"]]);
        assert_eq!((rows.len(), totals), (2, vec![(6, 0, 2)]), "{label}");
    }
    for label in ["合计（2个）", "合计数", "全乡合计（个）"] {
        let (_, totals, found) = sorted_out(&[FIRST, SECOND, &[label, "", "", "32", "29"]]);
        assert_eq!((totals, found), (vec![(6, 0, 2)], Vec::new()), "{label}");
    }
}

#[test]
fn a_row_with_a_key_that_adds_up_the_others_is_asked_about() {
    let total: &[&str] = &["3", "'9999", "全乡", "32", "29"];
    let (rows, totals, found) = sorted_out(&[FIRST, SECOND, total]);
    assert_eq!(rows, ["4: 0010 20/19", "5: 0020 12/10", "6: 9999 32/29"]);
    assert_eq!((totals, found), (Vec::new(), vec!["query C-47 B6".to_owned()]));
    // One number that is a sum may be chance, and so may the second row.
    assert_eq!(sorted_out(&[FIRST, SECOND, &["3", "'9999", "", "32", "28"]]).2, NONE);
    assert_eq!(sorted_out(&[FIRST, &["2", "'9999", "", "20", "19"]]).2, NONE);
}

#[test]
fn a_total_that_is_said_twice_covers_the_same_rows() {
    let total: &[&str] = &["合计", "", "", "32", "29"];
    let (_, totals, found) = sorted_out(&[FIRST, SECOND, total, total]);
    assert_eq!((totals, found), (vec![(6, 0, 2), (7, 0, 2)], Vec::new()));
}

/// 活动经费 is declared in 万元, the numbers of members in 人.
#[test]
fn a_unit_of_measure_beside_the_table_is_compared_with_the_declared_one() {
    let header: &[&str] = &["党组织代码", "应参评党员数", "活动经费"];
    let data: &[&str] = &["'0010", "20", "1.5"];
    let with = |unit: &str, header: &[&str], below: &[&str]| {
        found(&[TITLE, UNIT, &[unit], header, below, data])
    };
    assert_eq!(with("单位：元", header, &[]), ["error C-25 A3"]);
    assert_eq!(with("（计量单位：人、元）", header, &[]), ["error C-25 A3"]);
    assert_eq!(with("单位：人、万元", header, &[]), NONE);
    assert_eq!(with("单位：元", &["党组织代码", "应参评党员数", "活动经费（万元）"], &[]), NONE);
    // The row under the titles says it for each column.
    assert_eq!(with("", header, &["—", "人", "元"]), ["error C-25 C5"]);
    assert_eq!(with("", header, &["—", "千人", "万元"]), ["error C-25 B5"]);
    assert_eq!(with("", header, &["—", "人", "万元"]), NONE);
}

#[test]
fn a_row_of_numbers_that_begins_with_a_word_of_signatures_is_not_dropped() {
    let (rows, _, found) = sorted_out(&[FIRST, &["审核", "'0020", "西片", "12", "10"]]);
    assert_eq!(rows, ["4: 0010 20/19"]);
    assert_eq!(found, ["error C-30 A5"]);
    assert_eq!(sorted_out(&[FIRST, &["审核人：", "党员0001", "联系电话：", "3862455"]]).2, NONE);
}

#[test]
fn one_cause_is_one_finding() {
    // A renamed column is missed, and not a strange one besides.
    let renamed: &[&str] = &["序号", "党组织代码", "片区", "应参评人数", "实参评党员数"];
    assert_eq!(found(&[TITLE, UNIT, renamed, FIRST]), ["error C-22 D3"]);
    // 同上 in the first row repeats nothing, and is not said to have been filled in.
    assert_eq!(
        found(&[TITLE, UNIT, HEADER, &["1", "'0010", "同上", "20", "19"]]),
        ["error D-09 C4"]
    );
    // What a number is merged over is not blank besides.
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    fill(sheet, &[TITLE, UNIT, HEADER, FIRST, SECOND]);
    sheet.merge_range(3, 3, 4, 3, "", &Format::new()).unwrap();
    sheet.write_number(3, 3, 20).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let collected = Returns::new().write("2013-10/甲乡.xlsx", &bytes).collect();
    assert_eq!(lines(&collected), ["error D-16 D4"]);
    // Words that are merged over numbers leave them blank.
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    fill(sheet, &[TITLE, UNIT, HEADER, &["1", "'0010"], SECOND]);
    sheet.merge_range(3, 2, 3, 4, "东片", &Format::new()).unwrap();
    let bytes = workbook.save_to_buffer().unwrap();
    let collected = Returns::new().write("2013-10/甲乡.xlsx", &bytes).collect();
    assert_eq!(lines(&collected), ["error D-14 D4"]);
}

/// Who types 2013年10月 has stored the first of October; what is shown is the month.
#[test]
fn a_period_that_is_stored_as_a_day_is_the_month_that_is_shown() {
    let with = |format: &str| {
        let mut workbook = Workbook::new();
        let sheet = workbook.add_worksheet();
        fill(sheet, &[TITLE, &["填报单位：甲乡", "", "报告期："], HEADER, FIRST]);
        let format = Format::new().set_num_format(format);
        sheet.write_number_with_format(1, 3, 41_548, &format).unwrap();
        let bytes = workbook.save_to_buffer().unwrap();
        lines(&Returns::new().write("2013-10/甲乡.xlsx", &bytes).collect())
    };
    assert_eq!(with("yyyy\"年\"m\"月\""), NONE);
    assert_eq!(with("yyyy-mm-dd"), ["error C-19 D2"]);
}

#[test]
fn a_return_on_a_hidden_sheet_is_said_to_be_hidden() {
    let mut workbook = Workbook::new();
    fill(workbook.add_worksheet().set_name("评议").unwrap(), &[TITLE, UNIT, HEADER, FIRST]);
    workbook.worksheets_mut()[0].set_hidden(true);
    workbook.add_worksheet().set_name("Sheet2").unwrap().set_active(true);
    let bytes = workbook.save_to_buffer().unwrap();
    let collected = Returns::new().write("2013-10/甲乡.xlsx", &bytes).collect();
    assert_eq!(lines(&collected), ["hint C-07", "error C-05"]);
    assert!(message(&collected, "C-05").contains("取消隐藏"), "{}", message(&collected, "C-05"));
}
