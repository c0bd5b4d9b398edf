//! A number that is too large costs its own return and nobody else's month.

use std::fs;

use dangtong::definition::{Field, FieldType, Form};
use dangtong::model::Period;

use crate::case::{Case, County};

fn is_number(field: &&Field) -> bool {
    use FieldType::{Decimal, Integer, Money, Percent};
    matches!(field.kind, Integer | Decimal | Money | Percent)
}

/// Every number of every form due in a folder is this text; one row, one unit a form.
fn everywhere(county: &County, folder: &str, text: &dyn Fn(&Field) -> String) -> usize {
    let period = Period::parse(folder);
    let mut forms = 0;
    for form in &county.definition().forms {
        if form.owed_in(&period).is_none() {
            continue;
        }
        let units = county.definition().units.all();
        let owes = |names: &Vec<String>, code: &str, kind: &str| {
            names.iter().any(|name| name == code || name == kind)
        };
        let unit = units.iter().find(|unit| owes(&form.owed_by, &unit.code, &unit.kind));
        let unit = unit.unwrap_or(&units[0]);
        let cells = |form: &Form| {
            let numbers = form.fields.iter().filter(is_number);
            numbers.map(|f| format!("{}={}", f.name, text(f))).collect::<Vec<_>>().join(";")
        };
        county.hand_in(folder, &unit.name, &form.id, &[cells(form)]);
        forms += 1;
    }
    forms
}

#[test]
fn no_number_that_a_cell_may_hold_stops_a_month() {
    let county = County::new();
    let mut forms = 0;
    for folder in ["2013-06", "2013-09", "2013-10", "2013-12", "2014-12"] {
        forms += everywhere(&county, folder, &|field| {
            "9".repeat(usize::from(field.most_whole_digits()))
        });
    }
    assert!(forms >= 40, "{forms}");
    for folder in ["2013-10", "2014-12"] {
        county.compute(folder);
    }
}

#[test]
fn what_is_larger_is_refused_at_its_cell() {
    let county = County::new();
    everywhere(&county, "2013-10", &|_| "9".repeat(14));
    let results = county.compute("2013-10");
    let refused = results.failures("D-18");
    assert!(refused.len() > 100, "{}", refused.len());
    assert!(refused.iter().all(|f| f.location.cells.len() == 1 && f.expected.contains("位")));
}

#[test]
fn a_column_pasted_one_off_costs_one_return() {
    let case = Case::mini_clean();
    let digits = "140722100217"; // A village's code where a count belongs.
    case.cases("2013-10", "乙乡", &[["b1", digits, digits, digits, digits]]);
    let out = case.path("reports");
    let ran = case.run();
    assert!(ran.code <= 1, "{}\n{}", ran.code, ran.stderr);
    let status = fs::read_to_string(out.join("2013-10/figures.csv")).unwrap();
    let of = |unit: &str| status.lines().any(|line| line.contains(unit));
    assert!(of("甲镇") && of("丙局"), "{status}");
}
