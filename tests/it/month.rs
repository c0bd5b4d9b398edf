//! The month: forms handed out come back without a finding of layout.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use dangtong::cache::Cache;
use dangtong::collect;
use dangtong::definition::{self, Definition};
use dangtong::model::{Collected, Period, ReturnFacts, Unit, Value};
use dangtong::report::{BlankForm, Handout, handout};

use crate::case::{Case, dangtong, repository};

fn county() -> Definition {
    definition::load(&repository().join("pipelines/zuoquan")).unwrap()
}

fn collected(definition: &Definition, returns: &Path, folder: &Period) -> Collected {
    let folders = [folder.clone()];
    let reader = PathBuf::from(env!("CARGO_BIN_EXE_dangtong"));
    let cache = &Cache::none();
    let request = collect::ReadRequest { definition, returns, folders: &folders, reader, cache };
    collect::collect(&request).unwrap()
}

/// What the sample's return says, written into the form that would have been handed out.
fn filled<'d>(definition: &'d Definition, facts: &ReturnFacts) -> BlankForm<'d> {
    let row = |row| facts.columns.iter().map(|column| column.get(row)).collect();
    let form = definition.form(&facts.form).unwrap();
    let choices = form.fields.iter().map(|f| {
        definition.choices(f, &facts.period, &facts.unit, &dangtong::model::Facts::default())
    });
    let rows: Vec<Vec<Value>> = (0..facts.rows.len()).map(row).collect();
    BlankForm { form, period: facts.period.clone(), choices: choices.collect(), rows }
}

#[test]
fn every_form_that_is_handed_out_filled_in_and_handed_in_says_the_same_without_a_remark() {
    let definition = county();
    let sample = repository().join("sample-data/zuoquan/returns");
    let mut forms: BTreeSet<String> = BTreeSet::new();
    for folder in ["2012-12", "2013-06", "2013-09", "2013-10"].map(Period::parse) {
        let original = collected(&definition, &sample, &folder);
        let mut by_unit: BTreeMap<&str, Vec<&ReturnFacts>> = BTreeMap::new();
        for facts in original.returns.iter().filter(|facts| !facts.rows.is_empty()) {
            by_unit.entry(&facts.unit).or_default().push(facts);
        }
        let returns = tempfile::tempdir().unwrap();
        std::fs::create_dir(returns.path().join(folder.to_string())).unwrap();
        let mut sent: BTreeMap<(String, String), &ReturnFacts> = BTreeMap::new();
        for (code, own) in by_unit {
            let unit: &Unit = definition.units.get(code).unwrap();
            let blanks = own.iter().map(|facts| filled(&definition, facts)).collect();
            let bytes = handout(&Handout {
                definition: &definition,
                folder: &folder,
                unit,
                forms: blanks,
                perhaps: Vec::new(),
            });
            let name = format!("{folder}/{}.xlsx", unit.name);
            std::fs::write(returns.path().join(name), bytes.unwrap()).unwrap();
            sent.extend(own.iter().map(|f| ((f.unit.clone(), f.form.clone()), *f)));
        }
        let again = collected(&definition, returns.path(), &folder);
        let remarks: Vec<String> = again
            .findings
            .iter()
            .map(|f| format!("{} {} {}", f.code, f.message, f.location))
            .collect();
        assert!(remarks.is_empty(), "{folder}:\n{}", remarks.join("\n"));
        assert_eq!(again.returns.len(), sent.len());
        for facts in &again.returns {
            let before = sent[&(facts.unit.clone(), facts.form.clone())];
            assert_eq!(facts.columns, before.columns, "{} {}", facts.unit, facts.form);
            forms.insert(facts.form.clone());
        }
    }
    // The result of the election is due next year: it has no round yet.
    let all = definition.forms.iter().map(|form| form.id.clone());
    let missing: Vec<String> = all.filter(|id| !forms.contains(id)).collect();
    assert_eq!(missing, ["term_result"]);
}

#[test]
fn forms_handed_in_as_they_were_handed_out_are_no_zeros() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    dangtong(&["template", "--period", "2013-11", "--out", &path("returns")]).expect_code(0);
    let checked = dangtong(&["check", "--returns", &path("returns"), "--json"]).expect_code(1);
    let said: serde_json::Value = serde_json::from_str(&checked.stdout).unwrap();
    let receipts = said["receipts"].as_array().unwrap();
    assert!(receipts.len() > 100, "{}", receipts.len());
    // Without the months before nobody is known to have opened a studio.
    let taken: Vec<&serde_json::Value> =
        receipts.iter().filter(|r| r["state"] != "退回" && r["state"] != "未报").collect();
    assert!(taken.is_empty(), "{taken:#?}");
}

#[test]
fn a_unit_that_is_not_in_the_register_is_named_with_those_that_are() {
    let ran = Case::mini_clean().dangtong("template", &["--period", "2013-11", "--unit", "丁镇"]);
    let ran = ran.expect_code(2);
    assert!(
        ran.stderr.contains("单位“丁镇”不在名录。名录里有：甲镇、乙乡、丙局"),
        "{}",
        ran.stderr
    );
    let ran = dangtong(&["template", "--period", "十一月"]).expect_code(2);
    assert!(ran.stderr.contains("“十一月” 不是报告期"), "{}", ran.stderr);
}

/// Lines of 收件.csv of October.
fn receipts(case: &Case) -> Vec<String> {
    let text = std::fs::read_to_string(case.path("returns/2013-10/收件.csv")).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn when_a_file_arrived_is_written_down_once_whatever_becomes_of_the_file() {
    let case = Case::mini_clean();
    let folder = case.path("returns/2013-10");
    let check = || case.dangtong("check", &["--period", "2013-10"]).expect_code(0).stdout;
    // One line is typed by hand; the others are added below it.
    std::fs::write(folder.join("收件.csv"), "文件,收到日期\n甲镇.xlsx,2013-11-05\n").unwrap();
    assert!(check().contains("新登记 2 个文件"));
    let first = receipts(&case);
    assert_eq!(first.len(), 4);
    assert_eq!(first[..2], ["文件,收到日期,登记日期,内容指纹", "甲镇.xlsx,2013-11-05"]);
    assert!(first[2].contains(",sha256:") && !check().contains("新登记"));
    assert_eq!(receipts(&case), first);
    // Renamed: known by its content. Taken away: named, and nobody's mistake.
    std::fs::rename(folder.join("乙乡.xlsx"), folder.join("乙乡(改).xlsx")).unwrap();
    check();
    assert_eq!(receipts(&case), first);
    std::fs::rename(folder.join("丙局.xlsx"), case.path("丙局.xlsx")).unwrap();
    let gone = case.dangtong("check", &["--period", "2013-10", "--json"]).expect_code(1);
    let said: serde_json::Value = serde_json::from_str(&gone.stdout).unwrap();
    let of = |code: &str| {
        let all = said["findings"].as_array().unwrap().iter();
        all.filter(|f| f["code"] == code).cloned().collect::<Vec<_>>()
    };
    assert_eq!(of("C-46").len(), 1);
    assert_eq!(of("C-46")[0]["level"], "hint");
    assert!(of("C-46")[0]["message"].as_str().unwrap().contains("丙局.xlsx"));
    assert!(of("C-28").is_empty());
}

#[test]
fn a_later_version_of_a_file_that_was_in_time_is_not_late() {
    let case = Case::mini_clean();
    let form = case.path("pipeline/programmes/cases.toml");
    let text = std::fs::read_to_string(&form).unwrap();
    let text =
        text.replacen("frequency = \"monthly\"", "frequency = \"monthly\"\ndue = \"+5 days\"", 1);
    std::fs::write(&form, text).unwrap();
    // 5 November is the last day; 乙乡 sent its first version then and another one later.
    let lines = "文件,收到日期,登记日期,内容指纹\n\
                 甲镇.xlsx,2013-11-05,,\n\
                 乙乡.xlsx,2013-11-05,2013-11-05,sha256:00\n\
                 乙乡.xlsx,2013-11-09,2013-11-09,sha256:11\n\
                 丙局.xls,2013-11-06,2013-11-06,sha256:22\n";
    std::fs::write(case.path("returns/2013-10/收件.csv"), lines).unwrap();
    let ran = case.dangtong("check", &["--period", "2013-10", "--json"]);
    let said: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let on_time: Vec<(String, Option<bool>)> = said["receipts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| (r["unit"].as_str().unwrap().to_owned(), r["on_time"].as_bool()))
        .collect();
    // 丙局 was saved as another format since: its day is the old file's.
    let expected = [("101", true), ("102", true), ("103", false)];
    assert_eq!(on_time, expected.map(|(unit, in_time)| (unit.to_owned(), Some(in_time))));
}

/// `dangtong freeze 2013-10` of the mini county.
fn freeze(case: &Case, more: &[&str]) -> crate::case::Ran {
    let out = case.path("reports");
    let out = ["--out", out.to_str().unwrap(), "2013-10"];
    case.dangtong("freeze", &[&out[..], more].concat())
}

#[test]
fn a_report_is_final_once_and_what_changes_after_that_is_a_revision() {
    let case = Case::mini_clean();
    let none = freeze(&case, &[]).expect_code(2);
    assert!(none.stderr.contains("还没有报告可以定稿"), "{}", none.stderr);
    let draft = case.run().expect_code(0);
    assert!(draft.stdout.contains("报告（征求意见稿）："), "{}", draft.stdout);
    freeze(&case, &[]).expect_code(0);
    case.verify().expect_code(0);
    let page =
        |case: &Case| std::fs::read_to_string(case.path("reports/2013-10/report.html")).unwrap();
    assert!(page(&case).contains("<strong>定稿</strong>"));
    let twice = freeze(&case, &[]).expect_code(2);
    assert!(twice.stderr.contains("2013年10月 的报告已经是定稿"), "{}", twice.stderr);
    // Nothing changed: the same report again.
    let kept = std::fs::read(case.path("reports/2013-10/audit/manifest.json")).unwrap();
    assert!(case.run().expect_code(0).stdout.contains("报告（定稿）："));
    assert_eq!(std::fs::read(case.path("reports/2013-10/audit/manifest.json")).unwrap(), kept);
    // 甲镇 registered 7 cases, not 6, and closes them all: 13 of the county become 14.
    case.cases("2013-10", "甲镇", &[["a1", "4", "7", "10", "1"]]);
    let changed = case.run().expect_code(0);
    assert!(changed.stdout.contains("报告（修订稿"), "{}", changed.stdout);
    assert!(changed.stdout.contains("本月登记 测试县：13件 → 14件"), "{}", changed.stdout);
    assert!(case.path("reports/2013-10/收报/修订表.xlsx").is_file());
    assert!(page(&case).contains("修订稿（对第 1 次定稿的修订，改动见修订表）"));
    case.verify().expect_code(0);
    // The first edition is still there as it was, and the revision can be made final in its turn.
    let first = case.path("reports/2013-10/定稿/1/audit/manifest.json");
    assert_eq!(std::fs::read(first).unwrap(), kept);
    freeze(&case, &[]).expect_code(0);
    assert!(page(&case).contains("<strong>定稿（第 2 次）</strong>"));
}

#[test]
fn a_gap_is_made_final_only_by_name_and_with_a_reason() {
    let case = Case::mini_clean();
    std::fs::remove_file(case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    case.run().expect_code(1);
    let refused = freeze(&case, &[]).expect_code(2);
    assert!(refused.stderr.contains("乙乡：未报《办件月报》"), "{}", refused.stderr);
    let other = freeze(&case, &["--except", "甲镇", "--why", "断网"]).expect_code(2);
    assert!(other.stderr.contains("“甲镇”没有未报、退回的报表"), "{}", other.stderr);
    let silent = freeze(&case, &["--except", "乙乡"]).expect_code(2);
    assert!(silent.stderr.contains("每个 --except 要有一个 --why"), "{}", silent.stderr);
    freeze(&case, &["--except", "乙乡", "--why", "断网，12月补报"]).expect_code(0);
    let page = std::fs::read_to_string(case.path("reports/2013-10/report.html")).unwrap();
    assert!(page.contains(
        "定稿：数字不全，不含未报的乙乡《办件月报》；乙乡未报《办件月报》（断网，12月补报）"
    ));
    // The return comes late: the revision says so.
    case.cases("2013-10", "乙乡", &[["b1", "0", "3", "1", "2"]]);
    let late = case.run().expect_code(0);
    assert!(late.stdout.contains("报表补报"), "{}", late.stdout);
}

/// As where somebody has the ledger open in a program that locks it: nothing can be put in its place.
#[test]
fn a_ledger_that_cannot_be_written_is_named_and_stays_as_it_was() {
    let case = Case::mini_clean();
    let out = case.path("reports");
    let check = || case.dangtong("check", &["--period", "2013-10", "--out", out.to_str().unwrap()]);
    check().expect_code(0);
    let papers = case.path("reports/2013-10/收报");
    let before = std::fs::read(papers.join("收报台账.xlsx")).unwrap();
    std::fs::remove_file(case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    std::fs::create_dir(papers.join(".收报台账.xlsx.partial")).unwrap();
    let ran = check().expect_code(2);
    assert!(ran.stderr.contains("收报台账.xlsx，可能正在别的程序中打开"), "{}", ran.stderr);
    assert_eq!(std::fs::read(papers.join("收报台账.xlsx")).unwrap(), before);
    std::fs::remove_dir(papers.join(".收报台账.xlsx.partial")).unwrap();
    check().expect_code(1);
    assert_ne!(std::fs::read(papers.join("收报台账.xlsx")).unwrap(), before);
}

#[test]
fn one_form_of_a_unit_may_be_excused_and_its_others_not() {
    let case = Case::mini_clean();
    // 甲镇 owes two forms and sends neither.
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = std::fs::read_to_string(&programme).unwrap();
    let other = "\n[[form]]\nid = \"rest\"\ntitle = \"另表\"\nrow = \"一项\"\nfrequency = \"monthly\"\n\
        owed_by = [\"101\"]\nprimary_key = [\"item\"]\n[[form.field]]\nname = \"item\"\n\
        title = \"项目\"\ntype = \"text\"\nrequired = true\nfilled = true\n[[form.field]]\n\
        name = \"number\"\ntitle = \"个数\"\ntype = \"integer\"\nrequired = true\n";
    std::fs::write(&programme, text + other).unwrap();
    std::fs::remove_file(case.path("returns/2013-10/甲镇.xlsx")).unwrap();
    case.run().expect_code(1);
    let one = freeze(&case, &["--except", "甲镇/另表", "--why", "下月开始"]).expect_code(2);
    assert!(one.stderr.contains("甲镇：未报《办件月报》\n"), "{}", one.stderr);
    let wrong = freeze(&case, &["--except", "甲镇/无此表", "--why", "下月开始"]).expect_code(2);
    assert!(wrong.stderr.contains("“甲镇/无此表”没有未报"), "{}", wrong.stderr);
    let both = ["--except", "甲镇", "--why", "断网", "--except", "甲镇/另表", "--why", "下月开始"];
    let made = freeze(&case, &both).expect_code(0).stdout;
    assert!(made.contains("例外：甲镇未报《办件月报》（断网）\n"), "{made}");
    assert!(made.contains("例外：甲镇未报《另表》（下月开始）\n"), "{made}");
}

#[test]
fn a_report_that_is_not_what_the_returns_give_now_is_not_made_final() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    case.cases("2013-10", "甲镇", &[["a1", "4", "7", "10", "1"]]);
    let before = std::fs::read(case.path("reports/2013-10/figures.csv")).unwrap();
    let refused = freeze(&case, &[]).expect_code(2);
    assert!(refused.stderr.contains("请重新运行 dangtong run"), "{}", refused.stderr);
    assert_eq!(std::fs::read(case.path("reports/2013-10/figures.csv")).unwrap(), before);
    assert!(!case.path("reports/2013-10/定稿").exists());
}

#[test]
fn a_late_return_is_told_from_the_receipt_list_that_grew_with_it() {
    let case = Case::mini_clean();
    std::fs::rename(case.path("returns/2013-10/乙乡.xlsx"), case.path("late.xlsx")).unwrap();
    // Each check adds to 收件.csv; what it was at the 定稿 is still its beginning.
    case.dangtong("check", &["--period", "2013-10"]).expect_code(1);
    case.run().expect_code(1);
    freeze(&case, &["--except", "乙乡", "--why", "未报"]).expect_code(0);
    std::fs::rename(case.path("late.xlsx"), case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    assert!(
        case.dangtong("check", &["--period", "2013-10"]).expect_code(0).stdout.contains("新登记")
    );
    let ran = case.run().expect_code(0);
    // By hand: 13 of 15 cases closed; with 乙乡 14 of 18.
    assert!(ran.stdout.contains("办结率 测试县：86.7% → 77.8%（报表补报 -8.9）"), "{}", ran.stdout);
}

#[test]
fn a_return_that_was_overwritten_is_the_cause_though_the_old_one_is_gone() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    freeze(&case, &[]).expect_code(0);
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "10", "0"]]);
    let ran = case.run().expect_code(0);
    // By hand: 甲镇 closed 9 of 10, now 10 of 10.
    assert!(ran.stdout.contains("办结率 甲镇：90.0% → 100.0%（报表更正 10.0）"), "{}", ran.stdout);
}

#[test]
fn a_final_report_that_somebody_changed_is_no_base_for_a_revision() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    freeze(&case, &[]).expect_code(0);
    let figures = case.path("reports/2013-10/定稿/1/figures.csv");
    let text = std::fs::read_to_string(&figures).unwrap();
    std::fs::write(&figures, text.replace("90.0", "99.0")).unwrap();
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "10", "0"]]);
    let ran = case.run().expect_code(0);
    assert!(ran.stderr.contains("被改动过，请从备份恢复"), "{}", ran.stderr);
    assert!(!case.path("reports/2013-10/收报/修订表.xlsx").exists());
}

#[test]
fn nobody_makes_a_report_final_by_writing_so_into_its_manifest() {
    let case = Case::mini_clean();
    std::fs::remove_file(case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    case.run().expect_code(1);
    let path = case.path("reports/2013-10/audit/manifest.json");
    let text = std::fs::read_to_string(&path).unwrap();
    let mut manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["predicate"]["buildDefinition"]["externalParameters"]["stage"] =
        serde_json::json!({ "kind": "final", "edition": 1, "exceptions": [] });
    std::fs::write(&path, serde_json::to_vec(&manifest).unwrap()).unwrap();
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("乙乡未报《办件月报》"), "{}", ran.stdout);
}

/// A page that says of itself that it holds no numbers, and holds a table of numbers all the same.
#[test]
fn a_table_on_a_page_of_the_form_is_read() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let before = case.figure("registered_total@101");
    let rows = [
        vec!["本页由表样自带，不填数"],
        vec!["办件月报"],
        vec!["填报单位：甲镇", "", "报告期：2013年10月"],
        vec!["窗口", "经办人", "期初在办", "本月登记", "本月办结", "期末在办"],
        vec!["a1", "党员0001", "4", "6", "9", "1"],
    ];
    case.workbook("2013-10/甲镇.xlsx", &[("填报说明", &rows)]);
    case.run().expect_code(0);
    assert_eq!((case.figure("registered_total@101"), before.as_str()), ("6".to_owned(), "6"));
}
