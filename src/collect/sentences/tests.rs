//! Tests of this module.
use super::*;

fn kept(text: &str) -> bool {
    matches!(Reader::default().piece(text), Piece::Said(_))
}

#[test]
fn signatures_dates_and_page_numbers_are_no_sentences() {
    for text in [
        "情况说明：本月三个工作室因装修停办。",
        "备注：含流动党员2人",
        "3.需要说明的情况：无新增",
        "本表一式两份",
        "截至10月底，另有两名预备党员未转正",
        "审核人：经审核，王庄支部的数字有误，下月更正。",
    ] {
        assert!(kept(text), "{text}");
    }
    for text in [
        "填表人：张三",
        "填表人 张三",
        "分管领导：李四",
        "单位负责人（签字）：",
        "填报日期：2013年11月6日",
        "2013年11月6日",
        "年　月　日",
        "（公章）",
        "第1页 共2页",
        "联系电话：8622000",
        "单位：人、次、件",
        "合计",
    ] {
        assert!(!kept(text), "{text}");
    }
}

#[test]
fn a_line_of_signatures_may_end_in_a_note() {
    let Piece::Said(said) = Reader::default().piece("填表人：张三  备注：含流动党员2人")
    else {
        panic!("the note is lost")
    };
    assert_eq!(said, "备注:含流动党员2人");
}

#[test]
fn a_sentence_explains_the_checks_that_it_names() {
    let is_check = |code: &str| code == "检-1" || code == "T-02" || code == "F03V-05";
    let said = |text: &str| -> Vec<String> {
        let all = explained(text, &is_check).into_iter();
        all.map(|e| format!("{}|{}|{}", e.code, e.cells, e.text)).collect()
    };
    assert_eq!(said("F03V-05：因村支部换届，12 月补办"), ["F03V-05||因村支部换届，12 月补办"]);
    assert_eq!(
        said("情况说明：1．T-02（E4、E6）：窗口搬迁；2．Ｆ０３Ｖ－０５ : 断网。"),
        ["T-02|E4、E6|窗口搬迁", "F03V-05||断网。"]
    );
    // What looks like a code was mistyped, and is told so later.
    assert_eq!(said("F03V-5a：因换届"), ["F03V-5a||因换届"]);
    for text in [
        "T-02 已核实",
        "见 T-02。",
        "T-021-1：甲",
        "电话 0354-8622000：张",
        "AT-02X：甲",
        "H7N9-2013：甲",
    ] {
        assert!(said(text).is_empty(), "{text}: {:?}", said(text));
    }
    assert_eq!(said("T-02：核实无误 T-02（E5：甲"), ["T-02||核实无误 T-02（E5：甲"]);
}
