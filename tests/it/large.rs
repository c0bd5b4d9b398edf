//! Too large a number costs its own return and nobody else's month; many units get their report.

use std::fs;
use std::path::Path;

use calamine::{Reader, Xlsx, open_workbook};
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

#[test]
fn a_province_of_1100_units_gets_its_report() {
    let case = Case::mini();
    let edit = |file: &str, from: &str, to: &str| {
        let path = case.path("pipeline").join(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        fs::write(path, text.replace(from, to)).unwrap();
    };
    edit("programmes/cases.toml", "[\"township\", \"agency\"]", "[\"township\"]");
    edit("pipeline.toml", "[\"乡镇\", \"县直机关\"]", "[\"乡镇\"]");
    let folder = case.path("returns/2013-10");
    fs::create_dir_all(&folder).unwrap();
    let mut units = "code,name,aliases,kind,group\n".to_owned();
    for n in 0..1100 {
        units += &format!("9{n:05},第{n:04}乡,,township,乡镇\n");
        let text = format!(
            "办件月报\n填报单位：第{n:04}乡,,报告期：2013年10月\n\
             窗口,经办人,期初在办,本月登记,本月办结,期末在办\nw{n},党员0001,1,3,1,3\n"
        );
        fs::write(folder.join(format!("{n}.csv")), text).unwrap();
    }
    fs::write(case.path("pipeline/registers/unit.csv"), units).unwrap();
    let ran = case.run().expect_code(0);
    // A bar a unit makes no picture, and nobody turns 1,100 pages.
    assert!(
        ran.stderr.contains("有 1 幅图看不出什么，没有画，原因见目录：办结率"),
        "{}",
        ran.stderr
    );
    let report = case.path("reports/2013-10");
    assert!(!report.join("charts").exists());
    // What is not there is said where a reader looks for it.
    let page = fs::read_to_string(report.join("report.html")).unwrap();
    assert!(
        page.contains("看不出什么，不作图，数字见表：办结率（行数太多）。")
            && !page.contains("无数据，本期不作图")
    );
    // The section of a unit is made when it is opened: its figures are there, and links lead to it.
    assert!(page.contains("href=\"#u900005\"") && !page.contains("id=\"u900005\""));
    let opens = crate::page::data(&page);
    let figures = opens["figures"].as_array().unwrap();
    assert!(figures.iter().any(|figure| figure["id"] == "closing_rate@900005"));
    assert!(page.len() < 1_000_000, "{} bytes", page.len());
    let contents = column(&report.join("测试月报_2013-10.xlsx"), "目录");
    for said in [
        "办件不作图，数字见表：办结率（行数太多）。",
        "单位有 1100 个，超过 150 个，不再一单位一页",
    ] {
        assert!(contents.iter().any(|text| text.starts_with(said)), "{said}: {contents:?}");
    }
    // One of four cases is done by each: 1100 of 4400.
    assert_eq!(case.figure("closing_rate@100"), "25.0");
}

/// The first column of a sheet.
fn column(workbook: &Path, sheet: &str) -> Vec<String> {
    let mut workbook: Xlsx<_> = open_workbook(workbook).unwrap();
    let range = workbook.worksheet_range(sheet).unwrap();
    range.rows().map(|row| row[0].to_string()).collect()
}
