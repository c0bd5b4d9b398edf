//! 规则体检: what several months say about the checks themselves.

use std::fs;

use crate::case::Case;

/// T-02 fires in each of three months and is explained each time; T-01 never fires.
#[test]
fn checks_that_never_fire_or_always_do_are_told() {
    let case = Case::mini_clean();
    let told = |period: &str| case.dangtong("health", &["--period", period]).expect_code(0).stdout;
    assert!(told("2013-10").contains("从未触发（2 条）"), "{}", told("2013-10"));
    for month in ["2013-08", "2013-09", "2013-10"] {
        case.cases(month, "甲镇", &[["a1", "4", "0", "0", "4"]]);
        let line = "检查,单位,报表,单元格,说明\nT-02,甲镇,办件月报,,窗口搬迁停办一月\n";
        fs::write(case.path("returns").join(month).join("审核说明.csv"), line).unwrap();
    }
    let said = told("2013-10");
    assert!(said.contains("从未触发（1 条）"), "{said}");
    let line = "  T-02 没有办结：收到报表 3 期，触发 3 期；未通过 0 项，已说明 3 项，未评估 0 项";
    assert!(said.contains("触发的全部以说明了结（1 条）") && said.contains(line), "{said}");
    // One month without a word: it still fires in each, and is no longer always explained.
    fs::remove_file(case.path("returns/2013-08/审核说明.csv")).unwrap();
    assert!(told("2013-10").contains("每期都触发（1 条）"), "{}", told("2013-10"));
    // Two months are no habit.
    assert!(!told("2013-09").contains("每期都触发"), "{}", told("2013-09"));
}
