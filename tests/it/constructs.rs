//! What an indicator can be made of beside rows: rows that stand for many, columns that are
//! classes, groups of codes and of units, multiples of a unit, rounds that are terms. All numbers
//! are worked out by hand from the rows at the top of each test.

use std::fs;

use dangtong::model::{Outcome, Status};

use crate::case::{County, Results, dangtong, read_csv};

/// A row is a domain, not an organisation; the votes stand side by side.
const RATED: &str = r#"
id = "rated"
title = "分类定级汇总"
order = 5

[[table]]
title = "定级（按党委）"
indicators = ["rated", "rated_well", "hours"]

[[table]]
title = "构成"
indicators = ["by_domain", "votes"]

[[chart]]
id = "votes"
kind = "stacked"
title = "票的构成"
indicators = ["votes"]

[[chart]]
id = "domains"
kind = "stacked"
title = "领域构成"
indicators = ["by_domain"]

[[form]]
id = "rating"
title = "定级汇总表"
row = "一个领域"
frequency = "monthly"
first_period = "2013-09"
owed_by = ["township", "agency"]
primary_key = ["domain"]
field = [
  { name = "domain", title = "领域", type = "code", codelist = "domain", required = true, filled = true },
  { name = "grade", title = "等次", type = "code", codelist = "grade", required = true, filled = true },
  { name = "orgs", title = "党组织数", type = "integer", unit = "个", required = true, filled = true },
  { name = "好票", title = "好", type = "integer", unit = "票", required = true, filled = true },
  { name = "差票", title = "差", type = "integer", unit = "票", required = true, filled = true },
  { name = "hours", title = "服务时长", type = "integer", unit = "小时" },
]

[[indicator]]
id = "rated"
title = "定级组织数"
form = "rating"
kind = "count"
numerator = "orgs > 0"
weight = "orgs"
measure = "个"
by = ["unit", "unit_group", "domain", "domain__group"]

[[indicator]]
id = "rated_well"
title = "好的比例"
form = "rating"
kind = "ratio"
numerator = "grade = '好'"
denominator = "orgs > 0"
weight = "orgs"
base_title = "定级组织"
decimals = 1
by = ["unit", "unit_group", "domain__group"]
better = "higher"

[[indicator]]
id = "by_domain"
title = "领域构成"
form = "rating"
kind = "distribution"
of = "domain__group"
weight = "orgs"
decimals = 1
by = ["unit", "unit_group"]

[[indicator]]
id = "votes"
title = "票的构成"
form = "rating"
kind = "distribution"
columns = { "好" = "好票", "差" = "差票" }
decimals = 1
by = ["unit", "unit_group"]

[[indicator]]
id = "hours"
title = "服务时长"
form = "rating"
kind = "sum"
numerator = "hours"
blank = "zero"
measure = "小时"
print_in = "万小时"
decimals = 2
by = ["unit", "unit_group"]

[[indicator]]
id = "hours_twice"
title = "两倍时长"
kind = "derived"
formula = 'value_of("hours") * 2'
measure = "万小时"
decimals = 1
"#;

const DOMAINS: &str = r#"
[domain]
title = "领域"
codes = [
  { code = "行政村", id = "village" },
  { code = "机关", id = "office" },
  { code = "国企", id = "state" },
]
[[domain.group]]
title = "机关企业"
id = "offices"
codes = ["机关", "国企"]
"#;

fn county() -> County {
    County::of("tests/fixtures/second", |path| {
        let lists = path.join("codelists.toml");
        let text = fs::read_to_string(&lists).unwrap();
        fs::write(lists, text + DOMAINS).unwrap();
        fs::write(path.join("programmes/rated.toml"), RATED).unwrap();
    })
}

/// 河东镇: 10 good villages, 4 fair offices, 1 fair state firm; 河西镇: 6 fair villages; 机关工委:
/// 5 good offices. Three townships and the dissolved 城关工委 are not in the first two.
fn hand_in(county: &County) {
    let row = "domain=行政村;grade=好;orgs=10;好票=30;差票=10;hours=12345";
    let east = [
        row,
        "domain=机关;grade=一般;orgs=4;好票=8;差票=12;hours=55",
        "domain=国企;grade=一般;orgs=1;好票=1;差票=0",
    ];
    county.hand_in("2013-10", "河东镇", "rating", &east);
    let west = ["domain=行政村;grade=一般;orgs=6;好票=5;差票=5;hours=600"];
    county.hand_in("2013-10", "河西镇", "rating", &west);
    let offices = ["domain=机关;grade=好;orgs=5;好票=9;差票=1;hours=4000"];
    county.hand_in("2013-10", "机关工委", "rating", &offices);
}

#[track_caller]
fn expect(results: &Results, all: &[(&str, [&str; 3])]) {
    for (id, numbers) in all {
        assert_eq!(results.numbers(id), *numbers, "{id}");
    }
}

#[test]
fn rows_that_stand_for_many_count_for_many() {
    let county = county();
    hand_in(&county);
    let results = county.compute("2013-10");
    expect(
        &results,
        &[
            ("rated@200", ["26", "", "26"]),
            ("rated@201", ["15", "", "15"]),
            // 10 + 5 of 26; 10 of 15; none of 6.
            ("rated_well@200", ["15", "26", "57.7"]),
            ("rated_well@201", ["10", "15", "66.7"]),
            ("rated_well@202", ["0", "6", "0.0"]),
            // By the groups of codes: 16 villages; 4 + 1 + 5 offices and firms.
            ("rated@200@domain__group.offices", ["10", "", "10"]),
            ("rated_well@200@offices", ["5", "10", "50.0"]),
        ],
    );
}

#[test]
fn classes_are_groups_of_codes_or_columns_and_make_a_whole() {
    let county = county();
    hand_in(&county);
    let results = county.compute("2013-10");
    expect(
        &results,
        &[
            ("by_domain@200@village", ["16", "26", "61.5"]),
            ("by_domain@200@offices", ["10", "26", "38.5"]),
            ("by_domain@202@offices", ["0", "6", "0.0"]),
            // 30 + 8 + 1 + 5 + 9 of 53 + 28.
            ("votes@200@good", ["53", "81", "65.4"]),
            ("votes@200@poor", ["28", "81", "34.6"]),
            ("votes@202@poor", ["5", "10", "50.0"]),
        ],
    );
    // A figure opens to its rows: those that count, and no other.
    let rows = |id: &str| results.figure(id).lineage.numerator[0].rows.len();
    assert_eq!((rows("by_domain@200@village"), rows("votes@200@good")), (2, 5));
}

#[test]
fn a_group_of_units_is_whole_if_its_own_units_are() {
    let county = county();
    hand_in(&county);
    let results = county.compute("2013-10");
    let [towns, offices] = ["rated@200@group1", "rated@200@group2"].map(|id| results.figure(id));
    assert_eq!((towns.value.unwrap().to_string(), towns.category.as_str()), ("21".into(), "乡镇"));
    // 南坪乡 and 北坪乡 have not sent theirs; the office has, and 城关工委 is no more.
    assert_eq!((towns.status, towns.units_used, towns.units_expected), (Status::Incomplete, 2, 4));
    assert_eq!((offices.status, offices.units_expected), (Status::Normal, 1));
    assert_eq!(offices.value.unwrap().to_string(), "5");
    assert!(offices.lineage.absent.is_empty() && towns.lineage.absent.len() == 2);
    expect(&results, &[("votes@200@group2@good", ["9", "10", "90.0"])]);
}

#[test]
fn a_multiple_is_exact_and_its_unit_is_printed() {
    let county = county();
    hand_in(&county);
    let results = county.compute("2013-10");
    // 12345 + 55 + 600 + 4000 hours.
    expect(
        &results,
        &[
            ("hours@200", ["17000", "", "1.70"]),
            ("hours@201", ["12400", "", "1.24"]),
            ("hours_twice@200", ["", "", "3.4"]),
        ],
    );
    assert_eq!(results.figure("hours@200").measure, "万小时");
}

#[test]
fn a_form_is_not_owed_before_it_begins() {
    let county = county();
    hand_in(&county);
    let results = county.compute("2013-10");
    let missing = |month: &str| {
        let all = results.0.checked.validated.findings.iter();
        let of = all.filter(|f| f.form == "rating" && f.outcome != Outcome::NotEvaluated);
        of.filter(|f| f.folder.to_string() == month && f.code.starts_with("R-01")).count()
    };
    // The folders of the other forms go back to July.
    county.hand_in("2013-07", "河东镇", "inspection", &["inspected=1"]);
    county.hand_in("2013-09", "河东镇", "station", &["opened=是"]);
    let again = county.compute("2013-10");
    let of = again.0.checked.validated.receipts.iter().filter(|r| r.form == "rating");
    let mut months: Vec<String> = of.map(|r| r.folder.to_string()).collect();
    months.dedup();
    assert_eq!((missing("2013-10"), months), (2, vec!["2013-09".to_owned(), "2013-10".to_owned()]));
}

#[test]
fn subtotals_shares_and_multiples_reach_paper_and_page() {
    let county = county();
    hand_in(&county);
    let paths = ["pipeline", "returns", "reports"].map(|name| county.path(name));
    let [pipeline, returns, out] = paths.each_ref().map(|path| path.to_str().unwrap());
    let run = ["run", "--pipeline", pipeline, "--returns", returns, "--out", out];
    dangtong(&[&run[..], &["--period", "2013-10"]].concat()).expect_code(1);
    let report = county.path("reports/2013-10");
    let page = fs::read_to_string(report.join("report.html")).unwrap();
    for text in ["乡镇小计", "县直机关小计", "万小时", "每行按党组织数计", "好＝好；差＝差"]
    {
        assert!(page.contains(text), "{text}");
    }
    let figures = read_csv(&report.join("figures.csv"));
    let group = figures.iter().find(|f| f["figure_id"] == "hours@200@group1").unwrap();
    assert_eq!(
        [&group["dimension"], &group["category"], &group["value"]],
        ["unit_group", "乡镇", "1.30"]
    );
    // What was printed is computed again from the manifest.
    let report = report.to_str().unwrap();
    dangtong(&["audit", "verify", report, "--pipeline", pipeline, "--returns", returns])
        .expect_code(0);
}

const TERMS: &str = r#"
id = "terms"
title = "换届"
order = 6

[[form]]
id = "term"
title = "换届情况表"
row = "一个党委"
frequency = "annual"
former = "上届"
owed_by = ["201"]
round = [{ period = "2010", folder = "2010-12" }, { period = "2013", folder = "2013-10" }]
field = [{ name = "候选人", title = "候选人数", type = "integer", required = true, filled = true }]

[[indicator]]
id = "candidates"
title = "候选人"
form = "term"
kind = "sum"
numerator = "候选人"
measure = "人"
"#;

#[test]
fn a_round_is_compared_with_the_one_before_by_its_name() {
    let county = County::of("tests/fixtures/second", |path| {
        fs::write(path.join("programmes/terms.toml"), TERMS).unwrap();
    });
    county.hand_in("2010-12", "河东镇", "term", &["候选人=10"]);
    county.hand_in("2013-10", "河东镇", "term", &["候选人=121"]);
    let results = county.compute("2013-10");
    let change = results.figure("candidates@200").previous.clone().unwrap();
    assert_eq!((change.called.as_str(), change.period.to_string()), ("上届", "2010".to_owned()));
    assert_eq!(change.difference.unwrap().to_string(), "111");
}
