//! With which other periods a number compares: by what kind of number it is, and only if nothing
//! that is owed is absent from either.

use dangtong::model::{Change, Nature, Obstacle, Period};

use super::{County, FORMS, RATE, text};

/// Forms with a year-to-date column, with monthly rounds that have a hole, and with quarterly
/// ones.
const ROUNDS: &str = r#"
[[form]]
id = "hours"
title = "学时月报"
row = "一个党委"
frequency = "monthly"
owed_by = ["township", "agency"]
[[form.field]]
name = "hours"
title = "学时"
type = "integer"
[[form.field]]
name = "hours_ytd"
title = "累计学时"
type = "integer"
cumulative = true

[[form]]
id = "holed"
title = "逐月轮次"
row = "一个党委"
frequency = "monthly"
owed_by = ["township", "agency"]
round = [
  { period = "2013-07", folder = "2013-07" },
  { period = "2013-08", folder = "2013-08" },
  { period = "2013-10", folder = "2013-10" },
]
[[form.field]]
name = "done"
title = "完成"
type = "integer"

[[form]]
id = "spaced"
title = "季末轮次"
row = "一个党委"
frequency = "monthly"
owed_by = ["township", "agency"]
round = [
  { period = "2013-03", folder = "2013-03" },
  { period = "2013-06", folder = "2013-06" },
  { period = "2013-09", folder = "2013-09" },
]
[[form.field]]
name = "done"
title = "完成"
type = "integer"

[[form]]
id = "plan"
title = "年计划"
row = "一个党委"
frequency = "annual"
owed_by = ["township"]
round = [{ period = "2013", folder = "2013-03" }]
[[form.field]]
name = "q1"
title = "一季度"
type = "integer"
[[form.field]]
name = "q2"
title = "二季度"
type = "integer"
[[form.field]]
name = "q3"
title = "三季度"
type = "integer"
[[form.field]]
name = "q4"
title = "四季度"
type = "integer"
"#;

fn forms() -> String {
    format!("{FORMS}{ROUNDS}")
}

fn sum(id: &str, form: &str, field: &str, more: &str) -> String {
    format!(
        "[[indicator]]\nid = \"{id}\"\ntitle = \"{id}\"\nform = \"{form}\"\nkind = \"sum\"\n\
         numerator = \"{field}\"\nby = [\"unit\"]\n{more}\n"
    )
}

/// `then difference growth`, blanks where there is none.
fn said(change: &Option<Change>) -> String {
    let number = |c: &Change| [text(c.then), text(c.difference), text(c.growth)].join(" ");
    change.as_ref().map_or_else(|| "-".to_owned(), number)
}

#[test]
fn stocks_compare_with_the_end_of_last_year_and_flows_do_not() {
    let indicators = sum("stock", "work", "done", "nature = \"stock\"")
        + &sum("flow", "work", "done", "nature = \"flow\"")
        + &sum("unsaid", "work", "done", "");
    let county = County::new(&indicators)
        .everyone("work", "2012-10", &["done=8"])
        .everyone("work", "2012-12", &["done=6"])
        .everyone("work", "2013-09", &["done=5"])
        .everyone("work", "2013-10", &["done=10"]);
    let figures = county.report("2013-10");
    // Five units: 50 now, 25 in September, 40 a year ago, 30 at the end of 2012.
    for (id, begin) in [("stock", "30 20 66.7"), ("flow", "-"), ("unsaid", "-")] {
        let figure = &figures[&format!("{id}@100")];
        assert_eq!(said(&figure.previous), "25 25 100.0", "{id}");
        assert_eq!(said(&figure.year_ago), "40 10 25.0", "{id}");
        assert_eq!(said(&figure.year_begin), begin, "{id}");
    }
}

#[test]
fn a_year_to_date_value_says_what_the_period_added_and_begins_anew_in_january() {
    // Adding up a `cumulative` column is year-to-date without being told.
    let indicators = sum("hours", "hours", "hours", "") + &sum("total", "hours", "hours_ytd", "");
    let county = County::with(&forms(), &indicators)
        .everyone("hours", "2012-12", &["hours=1 hours_ytd=30"])
        .everyone("hours", "2013-01", &["hours=2 hours_ytd=2"])
        .everyone("hours", "2013-02", &["hours=4 hours_ytd=6"])
        .everyone("hours", "2013-12", &["hours=3 hours_ytd=33"]);
    let february = county.report("2013-02");
    let total = &february["total@100"];
    assert_eq!((total.nature, february["hours@100"].nature), (Nature::Ytd, Nature::Flow));
    // 20 is what February added, no growth of anything; December is another year.
    assert_eq!(said(&total.previous), "10 20 ");
    assert_eq!((said(&total.year_ago), said(&total.year_begin)), ("  ".into(), "-".into()));
    let restarts: Vec<bool> = total.series.iter().map(|p| p.restart_before).collect();
    assert_eq!(restarts, [false, true, false]);
    assert!(total.series.iter().all(|p| !p.break_before), "no change of 口径");
    let january = &county.report("2013-01")["total@100"];
    assert_eq!(said(&january.previous), "-");
    // Against the same month of last year it grows.
    let december = &county.report("2013-12")["total@100"];
    assert_eq!(said(&december.year_ago), "150 15 10.0");
}

#[test]
fn what_an_expected_unit_is_not_in_is_not_compared() {
    let county = County::new(RATE)
        .accepted("work", "2013-09", "101", &["done=1 due=4"])
        .accepted("work", "2013-09", "201", &["done=1 due=5"])
        .everyone("work", "2013-10", &["done=1 due=2"]);
    let october = county.report("2013-10");
    let whole = october["rate@100"].previous.as_ref().unwrap();
    // September's 2 of 9 is of two units: it stands there, and nothing is made of it.
    assert_eq!((text(whole.then), whole.difference), ("22.2".into(), None));
    assert_eq!(whole.obstacle, Some(Obstacle::Partial));
    // A unit that was there compares with itself.
    assert_eq!(said(&october["rate@101"].previous), "25.0 25.0 ");
    // Two units of the townships had no place in September: nobody there has moved up or down.
    let before = |unit: &str| october[&format!("rate@{unit}")].place.as_ref().unwrap().previous;
    assert_eq!((before("101"), before("201")), (None, Some(1)));
    // The other way round: then whole, now not.
    let november = County::new(RATE)
        .everyone("work", "2013-09", &["done=1 due=2"])
        .accepted("work", "2013-10", "101", &["done=1 due=4"])
        .report("2013-10");
    let whole = november["rate@100"].previous.as_ref().unwrap();
    assert_eq!((text(whole.then), whole.obstacle), ("50.0".into(), Some(Obstacle::Partial)));
    assert_eq!(november["rate@101"].place.as_ref().unwrap().previous, None);
}

#[test]
fn the_round_before_is_compared_with_but_not_over_a_hole() {
    let indicators = sum("holed", "holed", "done", "") + &sum("spaced", "spaced", "done", "");
    let county = County::with(&forms(), &indicators)
        .everyone("holed", "2013-07", &["done=1"])
        .everyone("holed", "2013-08", &["done=2"])
        .everyone("holed", "2013-10", &["done=4"])
        .everyone("spaced", "2013-06", &["done=1"])
        .everyone("spaced", "2013-09", &["done=3"]);
    let october = county.report("2013-10");
    // September is missing in a list of months: October has no month before it.
    assert_eq!(said(&october["holed@100"].previous), "-");
    // A list of the quarters' last months has no hole; its round before is June.
    let spaced = &october["spaced@100"];
    let previous = spaced.previous.as_ref().unwrap();
    assert_eq!(said(&spaced.previous), "5 10 200.0");
    assert_eq!(previous.period, Period::parse("2013-06"));
    // And is not called 环比.
    assert!(!spaced.is_adjacent(previous));
    let august = &county.report("2013-08")["holed@100"];
    assert!(august.is_adjacent(august.previous.as_ref().unwrap()));
}

#[test]
fn a_plan_by_quarters_is_what_is_due_by_then() {
    let indicators = "[[indicator]]\nid = \"pace\"\ntitle = \"分季计划完成率\"\nform = \"stock\"\n\
         kind = \"ratio\"\nnature = \"ytd\"\nnumerator = \"members\"\nby = [\"unit\"]\ndecimals = 1\n\
         denominator = { form = \"plan\", sum_to_date = [\"q1\", \"q2\", \"q3\", \"q4\"] }\n";
    let county = County::with(&forms(), indicators)
        .everyone("plan", "2013", &["q1=1 q2=2 q3=5 q4=8"])
        .everyone("stock", "2013Q1", &["members=1"])
        .everyone("stock", "2013Q2", &["members=2"])
        .everyone("stock", "2013Q3", &["members=2"]);
    // Each township planned 1, then 3, then 8 to date.
    for (folder, [numerator, due, rate]) in [
        ("2013-03", ["4", "4", "100.0"]),
        ("2013-06", ["8", "12", "66.7"]),
        ("2013-09", ["8", "32", "25.0"]),
    ] {
        let figure = &county.report(folder)["pace@100"];
        let shown = [text(figure.numerator), text(figure.denominator), text(figure.value)];
        assert_eq!(shown, [numerator, due, rate], "{folder}");
    }
}

#[test]
fn contradictions_are_refused_when_the_definitions_are_read() {
    let refused = |indicators: &str| County::load(&forms(), indicators).unwrap_err();
    let message = refused(&sum("total", "hours", "hours_ytd", "nature = \"stock\""));
    assert!(
        message.contains("求和的列 “hours_ytd” 是年内累计数（cumulative），应为 ytd"),
        "{message}"
    );
    let message = refused(&sum("total", "hours", "hours", "pace = \"year\"\ntarget = \"9\""));
    assert!(message.contains("pace 只用于本年累计数"), "{message}");
    let message = refused(&sum("total", "hours", "hours", "nature = \"monthly\""));
    assert!(message.contains("stock"), "{message}");
    // Two halves do not end with each quarter.
    let halves = RATE.replace(
        "denominator = \"due\"",
        "denominator = { form = \"plan\", sum_to_date = [\"q1 + q2\", \"q3 + q4\"] }",
    );
    let message = refused(&halves);
    assert!(message.contains("sum_to_date 有 2 项"), "{message}");
}

#[test]
fn what_is_made_of_year_to_date_values_is_one_too() {
    let derived = |formula: &str| {
        format!(
            "[[indicator]]\nid = \"made\"\ntitle = \"派生\"\nkind = \"derived\"\nformula = '{formula}'\n"
        )
    };
    let own = sum("total", "hours", "hours_ytd", "")
        + &sum("flow", "hours", "hours", "")
        + &sum("stock", "work", "done", "nature = \"stock\"");
    for (formula, nature) in [
        ("value_of(\"total\") * 2", Nature::Ytd),
        ("value_of(\"total\") - value_of(\"flow\")", Nature::Ytd),
        ("value_of(\"stock\") - value_of(\"flow\")", Nature::Flow),
        ("value_of(\"stock\") + 1", Nature::Stock),
    ] {
        let definition = County::load(&forms(), &(derived(formula) + &own)).unwrap();
        assert_eq!(definition.indicator("made").unwrap().nature(), nature, "{formula}");
    }
}
