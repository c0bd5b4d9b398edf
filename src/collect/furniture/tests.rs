//! Tests of this module.
use super::*;

#[test]
fn marks_of_the_page_are_known_by_what_they_say() {
    for text in [
        "第1页",
        "第 1 页 共 3 页",
        "第　页，共　页",
        "共三页第一页",
        "第1页/共2页",
        "Page 1 of 3",
        "（续表）",
        "续表2",
        "表三（续）",
        "接上页",
        "转下页",
        "见下表",
        "未完待续",
        "以下空白",
        "（此处空白）",
        "以下无正文",
        "本页以下空白",
    ] {
        assert!(is_page_mark(&compact(text)), "{text}");
    }
    for text in
        ["第一党支部", "续聘", "转正", "接待党员", "共青团", "空白票", "以下各项", "页岩村", "12"]
    {
        assert!(!is_page_mark(&compact(text)), "{text}");
    }
}

#[test]
fn sums_that_paper_carries_are_known_by_their_direction() {
    for text in [
        "承前页",
        "过次页",
        "转下页",
        "承上页小计",
        "上页结转",
        "接前页累计",
        "结转下页",
        "转次页合计",
        "本页累计",
    ] {
        assert!(carries(&compact(text)), "{text}");
    }
    for text in ["本页小计", "网页", "活页累计册", "党建网页数", "前页岭村"] {
        assert!(!carries(&compact(text)), "{text}");
    }
    for text in ["本页小计", "本页合计", "页计"] {
        assert!(is_page_total(text), "{text}");
    }
}

#[test]
fn a_title_may_say_that_it_goes_on() {
    let bare = |text: &str| {
        let (bare, marked) = without_continuation(text);
        (bare.into_owned(), marked)
    };
    assert_eq!(bare("运行月报续表"), ("运行月报".into(), true));
    assert_eq!(bare("运行月报续2"), ("运行月报".into(), true));
    assert_eq!(bare("续表运行月报"), ("运行月报".into(), true));
    assert_eq!(bare("运行月报第2页"), ("运行月报".into(), true));
    assert_eq!(bare("运行月报二"), ("运行月报二".into(), false));
}
