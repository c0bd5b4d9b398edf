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
