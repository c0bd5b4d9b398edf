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
    let request = collect::Request { definition, returns, folders: &folders, reader, cache };
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
