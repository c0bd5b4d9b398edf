//! `dangtong plan`: what changed definitions would change in past periods.

use std::fs;

use crate::case::{Case, copy_folder};

/// The mini county's definitions, with one text replaced.
fn changed(case: &Case, from: &str, to: &str) -> String {
    let meant = case.path("meant");
    copy_folder(&case.path("pipeline"), &meant);
    let programme = meant.join("programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(&programme, text.replacen(from, to, 1)).unwrap();
    meant.to_str().unwrap().to_owned()
}

#[test]
fn equal_definitions_change_nothing() {
    let case = Case::mini_clean();
    let same = case.path("pipeline");
    let ran = case.dangtong("plan", &["--to", same.to_str().unwrap()]).expect_code(0);
    assert!(ran.stdout.contains("都没有变动"), "{}", ran.stdout);
}

#[test]
fn a_moved_figure_is_told_for_every_period() {
    let case = Case::mini_clean();
    // September 15/19, October 14/18: 甲镇, 乙乡 and 丙局 together, opening and registered.
    let meant = changed(&case, "decimals = 1", "decimals = 2");
    let ran = case.dangtong("plan", &["--to", &meant, "--json"]).expect_code(1);
    let plans: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let periods: Vec<&str> =
        plans.as_array().unwrap().iter().map(|p| p["period"].as_str().unwrap()).collect();
    assert_eq!(periods, ["2013-09", "2013-10"]);
    let county = plans[1]["figures"].as_array().unwrap();
    let county = county.iter().find(|f| f["id"] == "closing_rate@100").unwrap();
    assert_eq!((&county["from"], &county["to"]), (&"77.8%".into(), &"77.78%".into()));
    // Nothing was written.
    assert!(!case.path("reports").exists());
}

#[test]
fn a_check_that_would_send_back_says_which_returns() {
    let case = Case::mini_clean();
    let meant = changed(
        &case,
        "[[indicator]]",
        "[[check]]\ncode = \"T-99\"\nname = \"few\"\ntitle = \"登记过少\"\nform = \"cases\"\nlevel = \"error\"\n\
         rule = \"registered >= 4\"\nmessage = \"登记过少\"\nremedy = \"核对\"\nbasis = \"试算\"\n\n[[indicator]]",
    );
    let ran = case.dangtong("plan", &["--to", &meant, "--all"]).expect_code(1);
    // October: 乙乡 registered 3; September: 丙局 2.
    for said in ["乙乡 办件月报 2013年10月：通过 → 退回", "丙局 办件月报 2013年9月：通过 → 退回"]
    {
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
    assert!(ran.stdout.contains("T-99 登记过少：无 → 1 项"), "{}", ran.stdout);
    let other = changed(&case, "[[indicator]]", "[[indicator]]");
    let settings = case.path("meant/pipeline.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("county_code = \"100\"", "county_code = \"900\"")).unwrap();
    let ran = case.dangtong("plan", &["--to", &other]).expect_code(2);
    assert!(ran.stderr.contains("不是同一个县"), "{}", ran.stderr);
}
