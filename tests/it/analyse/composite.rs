//! Composite scores against points worked out by hand.

use dangtong::model::Status;

use super::{County, RATE, text};

const SCORE: &str = r#"
[[indicator]]
id = "load"
title = "人均党员"
form = "stock"
kind = "sum"
numerator = "members"
by = ["unit"]
[[indicator]]
id = "score"
title = "综合得分"
kind = "composite"
by = ["unit"]
decimals = 1
better = "higher"
RULE
part = [
  { id = "a", indicator = "rate", title = "完成", weight = 70, full = "90" },
  { id = "b", indicator = "load", weight = 30, full = "200", better = "lower" },
]
"#;

fn county(rule: &str) -> County {
    County::new(&format!("{RATE}{}", SCORE.replace("RULE", rule)))
        .accepted("work", "2013-10", "101", &["done=2 due=3"])
        .accepted("work", "2013-10", "102", &["done=3 due=3"])
        .accepted("work", "2013-10", "103", &["done=1 due=2"])
        .accepted("work", "2013-10", "201", &["done=1 due=3"])
        .accepted("stock", "2013Q3", "101", &["members=50"])
        .accepted("stock", "2013Q3", "102", &["members=201"])
        .accepted("stock", "2013Q3", "104", &["members=0"])
}

#[test]
fn a_composite_is_the_exact_sum_of_its_parts_and_never_over_fewer() {
    let figures = county("").report("2013-10");
    // 甲镇: 66.67 % of 90 is 70 × 20/27 = 51.85…; 50 of 200 leaves 30 × 3/4 = 22.5.
    // The parts print 51.9 + 22.5; the total is 74.35… → 74.4.
    let one = &figures["score@101"];
    let (a, b) = (&figures["score@101@a"], &figures["score@101@b"]);
    assert_eq!([text(a.value), text(b.value), text(one.value)], ["51.9", "22.5", "74.4"]);
    // Beside the points: the value as its indicator prints it, and the weight.
    assert_eq!([text(a.scored), text(a.weight)], ["66.7", "70"]);
    assert_eq!([text(one.scored), text(one.weight)], ["".into(), "100".to_owned()]);
    // Points are no quotient.
    assert_eq!((a.numerator, a.denominator, one.denominator), (None, None, None));
    assert_eq!((a.class.as_ref().unwrap().title.as_str(), one.measure.as_str()), ("完成", "分"));
    assert_eq!(b.class.as_ref().unwrap().title, "人均党员");
    // 乙乡: more than full gives no more than the weight, more than the worst no less than 0.
    assert_eq!(text(figures["score@102"].value), "70.0");
    assert_eq!(text(figures["score@102@b"].value), "0.0");
    // 丙乡 sent no quarterly form, 丁镇 no monthly one, 戊局 owes no quarterly one.
    for (unit, absent) in [("103", 1), ("104", 1), ("201", 0)] {
        let total = &figures[&format!("score@{unit}")];
        assert_eq!((total.value, total.status), (None, Status::Missing), "{unit}");
        assert_eq!(total.lineage.absent.len(), absent, "{unit}");
    }
    assert_eq!(text(figures["score@104@b"].value), "30.0");
    // Ranked on the totals: 甲镇 before 乙乡, the others have no place.
    let place = |unit: &str| figures[&format!("score@{unit}")].place.as_ref().map(|p| p.place);
    assert_eq!([place("101"), place("102"), place("103")], [Some(1), Some(2), None]);
    // The rows of both forms, of both sides.
    assert_eq!(one.lineage.numerator.len(), 2);
    assert_eq!(one.lineage.denominator.len(), 1);
    // The county: (2+3+1+1)/(3+3+2+3) = 63.6 % of 90, 251 of 200.
    assert_eq!(text(figures["score@100"].value), "49.5");
    assert_eq!(figures["score@100"].status, Status::Incomplete);
}

#[test]
fn a_part_that_a_unit_does_not_owe_is_left_out_only_by_rule() {
    let figures = county("if_not_owed = \"exclude\"").report("2013-10");
    // 戊局: 33.33 % of 90 is 70 × 10/27 = 25.925…, of 70 points: 37.037.
    let total = &figures["score@201"];
    assert_eq!([text(total.value), text(total.weight)], ["37.0", "70"]);
    assert_eq!(total.status, Status::Normal);
    assert_eq!(text(figures["score@201@a"].value), "25.9");
    assert!(!figures.contains_key("score@201@b"));
    // 丙乡 owes the form and did not send it: no total.
    assert_eq!(figures["score@103"].value, None);
}

#[test]
fn groups_limit_who_is_scored_and_the_countys_row() {
    let figures = county("groups = [\"乡镇\"]").report("2013-10");
    assert!(!figures.contains_key("score@201"));
    // 戊局 is behind the county's rate: there is no total that would mix it in.
    let total = &figures["score@100"];
    assert_eq!((total.value, total.units_expected, total.units_used), (None, 4, 2));
    assert!(!figures.contains_key("score@100@a"));
    // Also not where nobody of the group sent anything.
    let figures = county("groups = [\"县直机关\"]").report("2013-10");
    assert_eq!(figures["score@201"].value, None);
    assert_eq!(figures["score@100"].units_expected, 1);
}
