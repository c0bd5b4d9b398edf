//! .xls: a workbook that contradicts itself is refused as a whole; what is no sheet of cells is
//! left alone. The files are made by `tests/hostile/make.py`.

use dangtong::model::Level;

use super::{Returns, lines, rows};
use crate::case::repository;

const GOOD: [&str; 2] =
    ["4:  | 0010 | 12 |  |  |  |  |  |  |  |  | ", "5:  | 0020 | 7 |  |  |  |  |  |  |  |  | "];

fn read(name: &str) -> (Vec<String>, Vec<String>) {
    let returns = Returns::new();
    let file = repository().join("tests/fixtures/hostile").join(name);
    returns.add(&file, &format!("2013-10/乙镇-{name}"));
    let collected = returns.collect();
    (collected.returns.first().map(|facts| rows(facts)).unwrap_or_default(), lines(&collected))
}

#[test]
fn charts_macros_and_embedded_documents_are_left_alone() {
    // The embedded workbook comes first in the container and has another number.
    let embedded = read("embedded.xls");
    assert_eq!(embedded, (GOOD.map(String::from).to_vec(), vec!["hint C-11".into()]));
    let beside = read("chart-and-macros.xls");
    let hints = ["hint C-11", "hint C-54", "hint C-54"].map(String::from);
    assert_eq!(beside, (GOOD.map(String::from).to_vec(), hints.to_vec()));
    let (values, findings) = read("macro-sheet.xlsm");
    assert!(values.len() == 1 && !findings.contains(&"error C-01".to_owned()), "{findings:?}");
}

/// Libraries store a zero where Excel would compute.
#[test]
fn a_result_that_nobody_computed_is_asked_about() {
    assert_eq!(read("not-computed.xls").1, ["hint C-11", "query D-19 B5"]);
}

#[test]
fn a_workbook_that_contradicts_itself_is_never_read_in_part() {
    for (name, what) in [
        ("swallowing.xls", "工作表“评议”记录 0x0203 的长度 53 不对"),
        ("other-row.xls", "工作表“评议”第 5 行有一格不在应在的位置"),
        ("outside-range.xls", "工作表“评议”第 5 行有一格在工作表自称的范围之外"),
        ("unknown-record.xls", "工作表“评议”的单元格之间有记录 0x0703"),
        ("lost-cell.xls", "第 5 行缺少单元格，或者多出来了"),
        ("early-end.xls", "工作表没有开头标志"),
        ("without-end.xls", "数据在这里断了，没有结束标志"),
        ("wrong-offset.xls", "那里没有"),
        ("two-of-a-name.xls", "有两张工作表都叫“评议”"),
    ] {
        let returns = Returns::new();
        let file = repository().join("tests/fixtures/hostile").join(name);
        returns.add(&file, &format!("2013-10/乙镇-{name}"));
        let collected = returns.collect();
        assert!(collected.returns.is_empty(), "{name}");
        let [finding] = collected.findings.as_slice() else { panic!("{name}") };
        assert_eq!((finding.level, finding.code.as_str()), (Level::Error, "C-01"), "{name}");
        assert!(finding.message.contains(what), "{name}: {}", finding.message);
    }
}
