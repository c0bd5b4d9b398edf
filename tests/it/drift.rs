//! A return is compared with the form that was handed out for it: what was changed in the form is
//! said, and what was only filled in is not.

use dangtong::definition;
use dangtong::model::{Period, Value};
use dangtong::report::{BlankForm, Handout, handout};

use crate::case::{Case, changed, part};

/// 甲镇's form for a month, filled in with the numbers of the clean October.
fn filled(case: &Case, folder: &str) -> Vec<u8> {
    let definition = definition::load(&case.path("pipeline")).unwrap();
    let form = definition.form("cases").unwrap();
    let folder = Period::parse(folder);
    let unit = definition.units.named("甲镇").unwrap();
    let numbers = [4, 6, 9, 1].map(Value::Integer);
    let (window, clerk) = (Value::Text("a1".into()), Value::Text("党员0001".into()));
    let row = [&[window, clerk], &numbers[..], &[Value::Missing, Value::Missing]].concat();
    let choices = vec![None; form.fields.len()];
    let blank = BlankForm { form, period: folder.clone(), rows: vec![row], choices };
    let (definition, folder) = (&definition, &folder);
    handout(&Handout { definition, folder, unit, forms: vec![blank], perhaps: Vec::new() }).unwrap()
}

/// What `check` finds in 甲镇's file: `C-59 F4 message`.
fn found(case: &Case, workbook: &[u8]) -> Vec<String> {
    std::fs::write(case.path("returns/2013-10/甲镇.xlsx"), workbook).unwrap();
    let ran = case.dangtong("check", &["--period", "2013-10", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let own = |f: &&serde_json::Value| f["file"] == "2013-10/甲镇.xlsx" && f["outcome"] == "fail";
    let own = said["findings"].as_array().unwrap().iter().filter(own);
    let text = |f: &serde_json::Value, key: &str| f[key].as_str().unwrap_or_default().to_owned();
    own.map(|f| ["code", "cell", "message"].map(|key| text(f, key)).join(" ")).collect()
}

const SHEET: &str = "xl/worksheets/sheet1.xml";
const TEXTS: &str = "xl/sharedStrings.xml";
const PROPERTIES: &str = "docProps/custom.xml";

#[test]
fn a_form_that_was_only_filled_in_has_not_changed() {
    let case = Case::mini_clean();
    assert_eq!(found(&case, &filled(&case, "2013-10")), [""; 0]);
}

/// Columns, from A: 序号 窗口 经办人 期初在办 本月登记 本月办结 期末在办 评分 等次; the header is row 4.
#[test]
fn what_was_changed_in_the_form_is_said_with_what_to_do() {
    let case = Case::mini_clean();
    let original = filled(&case, "2013-10");
    for (part, texts, expected) in [
        // 评分 may be left out of a table of one's own, not out of this form.
        (
            TEXTS,
            &[("<t>评分</t>", "<t>打分</t>")][..],
            &[
                "C-59 H4 表头没有“评分”一栏，它的位置上写的是“打分”",
                "C-23 H4 “打分”不是“办件月报”的栏目，未读取",
            ][..],
        ),
        (
            TEXTS,
            &[("<t>本月登记(件)</t>", "<t>收到(件)</t>")],
            &["C-22 E4 表头没有“本月登记”一栏，它的位置上写的是“收到(件)”"],
        ),
        // The numbers go with their titles: 9 registered and 6 closed do not add up (T-01).
        (
            TEXTS,
            &[("本月登记", "甲"), ("本月办结", "本月登记"), ("甲(", "本月办结(")],
            &[
                "T-01 D5 F5 E5 G5 期初在办 4 + 本月登记 9 不等于 本月办结 6 + 期末在办 1",
                "C-60 F4 “本月登记(件)”不在表样原来的位置",
            ],
        ),
        (
            PROPERTIES,
            &[("2013-10", "2013-09")],
            &["C-58  所用的表样是发给2013年9月的，预填的内容是它的"],
        ),
    ] {
        let changed = changed(&original, part, texts);
        assert_eq!(found(&case, &changed), expected, "{texts:?}");
    }
}

#[test]
fn a_total_that_was_typed_over_is_named_even_where_it_is_right() {
    let case = Case::mini_clean();
    let original = filled(&case, "2013-10");
    let formula = r#"<f>IF(COUNT(E5:E25)=0,"",SUM(E5:E25))</f>"#;
    let escaped = formula.replace('"', "&quot;");
    let xml = part(&original, SHEET);
    let formula = if xml.contains(formula) { formula } else { &escaped };
    let changed = changed(&original, SHEET, &[(formula, "")]);
    assert_eq!(found(&case, &changed), ["D-31 E26 合计行有 1 处公式被数字覆盖"]);
}

#[test]
fn an_old_edition_is_named_and_misses_nothing_that_it_never_asked_for() {
    let case = Case::mini_clean();
    let original = filled(&case, "2013-10");
    // The county asks for one column more after the forms went out.
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = std::fs::read_to_string(&programme).unwrap();
    let more = "[[form.field]]\nname = \"note\"\ntitle = \"备注\"\ntype = \"text\"\n[[form.stock]]";
    std::fs::write(&programme, text.replacen("[[form.stock]]", more, 1)).unwrap();
    assert_eq!(found(&case, &original), ["C-57  所用的“办件月报”表样是旧版，发出以后栏目改过"]);
}

#[test]
fn another_units_form_is_named_with_whose_it_is() {
    let case = Case::mini_clean();
    let original = filled(&case, "2013-10");
    let definition = definition::load(&case.path("pipeline")).unwrap();
    let code = |name: &str| definition.units.named(name).unwrap().code.clone();
    let own = format!("<vt:lpwstr>{}</vt:lpwstr>", code("甲镇"));
    let other = format!("<vt:lpwstr>{}</vt:lpwstr>", code("乙乡"));
    let changed = changed(&original, PROPERTIES, &[(&own, &other)]);
    assert_eq!(found(&case, &changed), ["C-58  所用的表样是发给乙乡的，预填的内容是它的"]);
}

#[test]
fn numbers_that_are_all_last_months_are_asked_about_though_words_were_changed() {
    let case = Case::mini();
    let rows =
        [["a1", "2", "3", "4", "1"], ["a2", "5", "6", "7", "4"], ["a3", "8", "9", "10", "7"]];
    case.cases("2013-09", "甲镇", &rows);
    case.cases("2013-10", "甲镇", &rows);
    let path = case.path("returns/2013-10/甲镇.xlsx");
    let same = std::fs::read(&path).unwrap();
    let other_clerk = changed(&same, TEXTS, &[("党员0001", "党员0002")]);
    let copied = |workbook: &[u8]| {
        let found = found(&case, workbook);
        found.into_iter().filter(|said| said.starts_with("G-10")).collect::<Vec<_>>()
    };
    assert_eq!(copied(&same), ["G-10  本期与上期（2013年9月）逐格相同，疑为照抄上期"]);
    assert_eq!(copied(&other_clerk), ["G-10  本期与上期（2013年9月）所有数字相同，疑为照抄上期"]);
    let other_number = changed(&other_clerk, SHEET, &[("<v>10</v>", "<v>11</v>")]);
    assert_eq!(copied(&other_number), [""; 0]);
}

/// Only the window and the opening stock stand in it, as it was handed out.
#[test]
fn a_form_that_nobody_filled_in_is_sent_back_as_such_and_not_cell_by_cell() {
    let case = Case::mini_clean();
    let out = case.path("forms");
    let unit = ["--period", "2013-10", "--unit", "甲镇", "--out", out.to_str().unwrap()];
    std::fs::remove_file(case.path("returns/2013-10/甲镇.xlsx")).unwrap();
    case.dangtong("template", &unit).expect_code(0);
    let form = std::fs::read(case.path("forms/2013-10/甲镇2013年10月报表.xlsx")).unwrap();
    assert_eq!(found(&case, &form), ["C-29  “办件月报”还没有填：只有表样预填的内容"]);
    // The clerk's name of the unit's own last return stands in the unit's own form, if it goes on.
    assert!(!part(&form, TEXTS).contains("党员0001"));
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = std::fs::read_to_string(&programme).unwrap();
    let carried = text.replacen(
        "primary_key = [\"window\"]",
        "primary_key = [\"window\"]\ncarried = [\"clerk\"]",
        1,
    );
    std::fs::write(&programme, carried).unwrap();
    case.dangtong("template", &unit).expect_code(0);
    let form = std::fs::read(case.path("forms/2013-10/甲镇2013年10月报表.xlsx")).unwrap();
    assert!(part(&form, TEXTS).contains("党员0001"));
    assert_eq!(found(&case, &form).len(), 1);
}
