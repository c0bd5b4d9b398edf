//! `report.html`: what stands in it and what can be opened is what was computed, and nothing a
//! clerk typed becomes markup. A real browser uses it in `tests/browser`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use base64::Engine;
use serde_json::Value;

use crate::case::{Case, copy_folder, dangtong, read_csv, repository};

fn page(report: &Path) -> String {
    fs::read_to_string(report.join("report.html")).unwrap()
}

/// What opens on the page, unpacked.
pub(crate) fn data(page: &str) -> Value {
    let (_, rest) = page.split_once("id=\"data\">").unwrap();
    let (packed, _) = rest.split_once("</script>").unwrap();
    let bytes = base64::engine::general_purpose::STANDARD.decode(packed).unwrap();
    let mut json = String::new();
    flate2::read::ZlibDecoder::new(&bytes[..]).read_to_string(&mut json).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// Everything a reader could come to see.
fn all_text(page: &str) -> String {
    let (before, rest) = page.split_once("id=\"data\">").unwrap();
    format!("{before}{}{rest}", data(page))
}

/// October alone of the sample county.
fn sample() -> (tempfile::TempDir, std::path::PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let returns = dir.path().join("returns");
    let october = repository().join("sample-data/zuoquan/returns/2013-10");
    copy_folder(&october, &returns.join("2013-10"));
    let out = dir.path().join("out");
    let ran =
        dangtong(&["run", "--returns", returns.to_str().unwrap(), "--out", out.to_str().unwrap()]);
    assert_ne!(ran.code, 2, "{}", ran.stderr);
    (dir, out.join("2013-10"))
}

/// Ids of the figures that a link in the page opens.
fn linked(page: &str) -> BTreeSet<&str> {
    page.split("href=\"#f=").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

#[test]
fn every_figure_is_in_the_page_with_the_value_of_figures_csv() {
    let (_dir, report) = sample();
    let page = page(&report);
    let data = data(&page);
    let shown: BTreeMap<&str, &Value> = data["figures"]
        .as_array()
        .unwrap()
        .iter()
        .map(|figure| (figure["id"].as_str().unwrap(), figure))
        .collect();
    let rows = read_csv(&report.join("figures.csv"));
    assert_eq!(shown.len(), rows.len());
    for row in &rows {
        let figure = shown[row["figure_id"].as_str()];
        for column in ["numerator", "denominator", "value"] {
            let text = figure.get(column).and_then(Value::as_str).unwrap_or_default();
            assert_eq!(text, row[column], "{} {column}", row["figure_id"]);
        }
        assert_eq!(figure["status"], row["status"].as_str());
        let used: usize = row["units_used"].parse().unwrap();
        assert_eq!(figure["counts"][2], used, "{}", row["figure_id"]);
    }
    let linked = linked(&page);
    assert!(linked.len() > 1000, "{}", linked.len());
    for id in linked {
        assert!(shown.contains_key(id), "a link opens {id}, which is no figure");
    }
}

#[test]
fn no_personal_data_reaches_the_page_and_it_needs_no_network() {
    let (_dir, report) = sample();
    let page = page(&report);
    let text = all_text(&page);
    for person in ["党员0", "后备0", "群众0"] {
        assert!(!text.contains(person), "{person} is in the page");
    }
    for outward in ["src=\"http", "href=\"http", "url(http", "@import", "fetch(", "XMLHttp"] {
        assert!(!page.contains(outward), "{outward}");
    }
    assert!(page.contains("default-src 'none'"));
    assert!(page.len() < 3_000_000, "{} bytes", page.len());
}

#[test]
fn what_a_clerk_types_is_shown_and_never_run() {
    let case = Case::mini_clean();
    let markup = "<script>alert(1)</script>";
    // A name is a key here; a count that cannot be read is a finding that shows what was typed.
    case.cases("2013-10", "甲镇", &[[markup, "4", "6", "9", "1"], ["a2", markup, "1", "1", "1"]]);
    case.cases("2013-10", "乙乡", &[["=HYPERLINK(\"http://x\")", "0", "3", "1", "2"]]);
    case.run();
    let page = page(&case.path("reports/2013-10"));
    assert!(!page.contains(markup));
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(!page.contains("href=\"http"));
    // Our own two script elements, and no other.
    assert_eq!(page.matches("<script").count(), 2);
}

#[test]
fn units_that_are_not_in_a_figure_are_named_in_it() {
    let case = Case::mini_clean();
    fs::remove_file(case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    case.run().expect_code(1);
    let page = page(&case.path("reports/2013-10"));
    assert!(page.contains("<strong>未报</strong>：乙乡《"));
    let data = data(&page);
    let incomplete: Vec<&Value> =
        data["figures"].as_array().unwrap().iter().filter(|f| f["status"] == "U").collect();
    assert!(!incomplete.is_empty());
    for figure in incomplete {
        assert_eq!(figure["absent"][0][0], "乙乡", "{figure}");
        assert_eq!(figure["absent"][0][2], "未报");
    }
}

#[test]
fn the_page_is_the_same_twice_and_in_any_folder() {
    let page_of = || {
        let case = Case::mini_clean();
        case.run().expect_code(0);
        page(&case.path("reports/2013-10"))
    };
    let first = page_of();
    assert!(first == page_of());
    assert!(!first.contains("/tmp"));
}

fn unit_pages(report: &Path) -> BTreeMap<String, String> {
    let folder = report.join("收报/单位页");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let pages = files.filter(|path| path.extension().is_some_and(|e| e == "html"));
    pages
        .map(|path| {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            (name, fs::read_to_string(path).unwrap())
        })
        .collect()
}

#[test]
fn what_a_page_of_a_unit_names_opens_there_or_is_said_in_words() {
    let out = tempfile::tempdir().unwrap();
    let out = out.path().to_str().unwrap();
    dangtong(&["page", "--period", "2013-10", "--unit", "桐峪镇", "--out", out]).expect_code(0);
    let page = &unit_pages(&Path::new(out).join("2013-10"))["桐峪镇"];
    let data = data(page);
    let figures = data["figures"].as_array().unwrap().iter();
    let open: BTreeSet<&str> = figures.map(|figure| figure["id"].as_str().unwrap()).collect();
    assert!(linked(page).iter().all(|id| open.contains(id)), "{:?}", linked(page));
    // It has no observation spot: the county's figure by committee says so, which is not on its page.
    assert!(page.contains("没有观摩点") && !page.contains("spots@140722@"));
}

#[test]
fn the_page_of_a_unit_tells_nothing_of_the_others() {
    let case = Case::mini_clean();
    // 乙乡 has a number that stands nowhere else. 甲镇 and 丙局 hand in the same rows, so
    // that a finding of each names the other.
    case.cases("2013-10", "乙乡", &[["w9", "0", "7919", "1", "7918"]]);
    let same =
        [["w1", "1", "41", "38", "4"], ["w2", "2", "17", "8", "11"], ["w3", "5", "9", "7", "7"]];
    case.cases("2013-10", "甲镇", &same);
    case.cases("2013-10", "丙局", &same);
    let reports = case.path("reports");
    let pages = || {
        let fixed = ["--period", "2013-10", "--out", reports.to_str().unwrap()];
        case.dangtong("page", &fixed).expect_code(0);
        unit_pages(&reports.join("2013-10"))
    };
    let made = pages();
    assert_eq!(
        made.keys().collect::<BTreeSet<_>>(),
        ["丙局", "乙乡", "甲镇"].map(String::from).iter().collect()
    );
    for (own, page) in &made {
        let text = all_text(page);
        for (unit, code) in [("甲镇", "@101"), ("乙乡", "@102"), ("丙局", "@103")] {
            assert_eq!(text.contains(unit), unit == own, "{unit} on the page of {own}");
            assert_eq!(text.contains(code), unit == own, "{code} on the page of {own}");
        }
        for word in ["7919", "1/7919"] {
            assert_eq!(text.contains(word), own == "乙乡", "{word} on the page of {own}");
        }
        assert_eq!(text.contains("与另一单位的报表逐格相同"), own != "乙乡", "{own}");
        // What the county is told stands in all of them: (41 + 17 + 9) · 2 + 7919.
        assert!(text.contains("8053"), "{own}");
    }
    // The same bytes again.
    assert_eq!(pages(), made);
}

/// Values in a unit's own cells, which are what it typed.
fn without_cells(data: &Value) -> String {
    let mut data = data.clone();
    for table in data["tables"].as_array_mut().unwrap() {
        table["cells"] = Value::Null;
    }
    data.to_string()
}

#[test]
fn each_unit_of_the_sample_has_a_page_without_names_codes_or_rows_of_the_others() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().to_str().unwrap();
    dangtong(&["page", "--period", "2013-10", "--out", out]).expect_code(0);
    let pages = unit_pages(&dir.path().join("2013-10"));
    let register = repository().join("pipelines/zuoquan/registers/unit.csv");
    let mut register = csv::Reader::from_path(register).unwrap();
    let units: Vec<BTreeMap<String, String>> =
        register.deserialize().map(|row| row.unwrap()).collect();
    assert_eq!(pages.len(), units.len());
    for (own, page) in &pages {
        let data = data(page);
        let (markup, _) = page.split_once("id=\"data\">").unwrap();
        let (_, main) = markup.split_once("<main").unwrap();
        let (shown, _) = main.split_once("</main>").unwrap();
        for unit in units.iter().filter(|unit| unit["name"] != *own) {
            // A group of units has the name of one of them.
            let name = &unit["name"];
            let is_group = units.iter().any(|unit| unit["group"] == *name);
            let told =
                |text: &str| text.contains(&unit["code"]) || (!is_group && text.contains(name));
            assert!(!told(shown), "{name} is named to {own}");
            assert!(!told(&without_cells(&data)), "{name} is in the data of {own}");
        }
        for table in data["tables"].as_array().unwrap() {
            let returns = table["returns"].as_array().unwrap();
            let of = |one: &Value| [own.as_str(), ""].contains(&one[0].as_str().unwrap());
            assert!(returns.iter().all(of), "{own}: {}", table["title"]);
        }
        assert!(!shown.contains("党员0") && !data.to_string().contains("党员0"), "{own}");
    }
    // What the unit itself did is there: 辽阳镇 has 26 of 42 组织 at 较好 or better.
    let figures = data(&pages["辽阳镇"])["figures"].as_array().unwrap().clone();
    let rated = figures.iter().find(|f| f["id"] == "good_or_better@140722100").unwrap();
    assert_eq!((&rated["numerator"], &rated["denominator"]), (&"26".into(), &"42".into()));
    assert_eq!(rated["place"]["place"], 8);
}
