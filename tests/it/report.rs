//! The report's files: contents, safety, determinism.

mod fixture;
mod workbook;

use std::collections::BTreeMap;
use std::io::Read;

use dangtong::cache::Cache;
use dangtong::report::report;
use fixture::{Fixture, fixture};

fn files(fixture: &Fixture) -> BTreeMap<String, Vec<u8>> {
    report(&fixture.inputs(), &fixture.lineage(), &Cache::none()).unwrap().files
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files[name].clone()).unwrap()
}

/// Set `DANGTONG_REPORT_OUT` to a folder to look at the files.
#[test]
fn all_files_come_out_and_are_the_same_twice() {
    let first = files(&fixture());
    if let Ok(folder) = std::env::var("DANGTONG_REPORT_OUT") {
        for (name, bytes) in &first {
            let path = std::path::Path::new(&folder).join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let names: Vec<&str> = first.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "charts/good_or_better.png",
            "charts/good_or_better.svg",
            "charts/grades.png",
            "charts/grades.svg",
            "charts/satisfaction_trend.png",
            "charts/satisfaction_trend.svg",
            "charts/steps.png",
            "charts/steps.svg",
            "charts/visits.png",
            "charts/visits.svg",
            "figures.csv",
            "findings.csv",
            "report.html",
            "validation.json",
            "党建统计月报_2013-10.xlsx",
        ]
    );
    let again = files(&fixture());
    for (name, bytes) in &first {
        assert!(again[name] == *bytes, "{name} differs between two runs");
    }
}

#[test]
fn figures_csv_keeps_the_contract() {
    let files = files(&fixture());
    let csv = text(&files, "figures.csv");
    assert!(csv.starts_with(
        "\u{FEFF}figure_id,programme,indicator,title,period,unit_code,unit,group,dimension,\
         category,class,numerator,denominator,value,unit_measure,units_expected,units_reported,\
         units_used,status,previous,year_ago,difference,rank,decimals,nature,part_value,\
         part_weight\n"
    ));
    assert!(!csv.contains('\r'));
    assert!(csv.contains(
        "coverage@140722,studio,coverage,组织覆盖率,2013-10,140722,左权县,,,,,1948,5117,38.1,%,18,16,16,U,"
    ));
    assert!(csv.contains(",domain,社会组织,,0,0,,%,"), "no value without a base");
    assert!(csv.contains(
        "grades@140722001@good,org-rating,grades,等次分布,2013-10,140722001,辽阳镇,乡镇,,,好,"
    ));
}

#[test]
fn findings_csv_has_this_folder_only_and_no_formulas() {
    let files = files(&fixture());
    let csv = text(&files, "findings.csv");
    assert!(csv.starts_with(
        "\u{FEFF}level,code,title,scope,period,unit,form,file,sheet,cell,seen,expected,message,\
         remedy,outcome\n"
    ));
    let mut reader = csv::Reader::from_reader(csv.trim_start_matches('\u{FEFF}').as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 4, "last month's finding stays out");
    assert_eq!(&rows[0][5], "羊角乡");
    assert_eq!(&rows[0][9], "M6 L6");
    assert_eq!(&rows[0][10], "'=HYPERLINK(\"http://example.com\",\"点我\")");
    assert_eq!(&rows[1][10], "<b>12人</b> & \"约20\"\n第二行");
    assert_eq!(&rows[3][14], "not-evaluated");
}

#[test]
fn validation_json_gives_one_zero_or_not_available() {
    let files = files(&fixture());
    let json: serde_json::Value = serde_json::from_slice(&files["validation.json"]).unwrap();
    let checks = json["checks"].as_array().unwrap();
    let find = |code: &str| checks.iter().find(|c| c["code"] == code).unwrap();
    assert_eq!(find("F05-02")["value"], "0");
    assert_eq!(find("F05-02")["counts"]["failed"], 3);
    assert_eq!(find("F05-02")["results"].as_array().unwrap().len(), 4);
    assert_eq!(find("F05-02")["results"][3]["value"], "NA");
    assert_eq!(find("F05-02")["results"][0]["cells"][0], "M6");
    assert_eq!(find("G-01")["value"], "1");
}

fn parts(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, String> {
    let bytes = files["党建统计月报_2013-10.xlsx"].clone();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut parts = BTreeMap::new();
    for i in 0..archive.len() {
        let mut part = archive.by_index(i).unwrap();
        let name = part.name().unwrap().into_owned();
        // Pictures are no text.
        if name.ends_with(".png") {
            continue;
        }
        let mut text = String::new();
        part.read_to_string(&mut text).unwrap();
        parts.insert(name, text);
    }
    parts
}

#[test]
fn the_workbook_has_live_shares_and_dead_text() {
    let parts = parts(&files(&fixture()));
    let sheets: String = parts
        .iter()
        .filter(|(name, _)| name.starts_with("xl/worksheets/sheet"))
        .map(|(_, text)| text.as_str())
        .collect();
    assert!(!sheets.contains("HYPERLINK"), "text from returns never becomes a formula");
    assert!(parts["xl/sharedStrings.xml"].contains("=HYPERLINK("));
    assert!(!parts["xl/workbook.xml"].contains("externalReference"));
    // 组织覆盖率 1948/5117 on the key figures: stored as a fraction, cached as printed.
    assert!(
        sheets.contains(r#"<f>IF(F6=0,"—",ROUND(E6/F6,3))</f><v>0.381</v>"#),
        "live share with our result"
    );
    assert!(sheets.contains("ROUND((G3-H3)*100,1)"), "百分点 subtract the printed shares");
    assert!(sheets.contains(r#"t="str"><f>IF("#), "no base gives a dash");
    assert!(parts["docProps/core.xml"].contains("2013-10-01T00:00:00Z"));
    let charts = parts.keys().filter(|name| name.starts_with("xl/charts/chart")).count();
    assert_eq!(charts, 6, "one a chart, and one more for the second measure of the trend");
}

#[test]
fn svg_keeps_text_and_names_chinese_fonts() {
    let files = files(&fixture());
    let svg = text(&files, "charts/good_or_better.svg");
    assert!(svg.contains("font-family=\"Noto Sans SC, "));
    assert!(svg.contains("石匣乡"));
    assert!(svg.contains("role=\"img\""));
    assert!(svg.contains("-title\">较好以上率："));
    assert!(svg.contains("未报"));
}

/// Every text of a picture lies inside it, by a rough estimate of widths that errs on the wide
/// side for Chinese and by little for digits.
#[test]
fn no_text_of_a_chart_is_cut() {
    let files = files(&fixture());
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".svg")) {
        let svg = String::from_utf8(bytes.clone()).unwrap();
        let height: f64 = attribute(&svg, "height").parse().unwrap();
        let mut texts = 0;
        for group in svg.split("<g font-size").skip(1) {
            let group = format!(" font-size{group}");
            let em: f64 = attribute(&group, "font-size").parse().unwrap();
            let anchor = attribute(&group, "text-anchor");
            for tag in group.split("<text").skip(1) {
                let (x, y): (f64, f64) =
                    (attribute(tag, "x").parse().unwrap(), attribute(tag, "y").parse().unwrap());
                let content = tag.split('>').nth(1).unwrap().split('<').next().unwrap().trim();
                let width: f64 =
                    content.chars().map(|c| if c.is_ascii() { 0.5 * em } else { em }).sum();
                let (left, right) = match anchor.as_str() {
                    "start" => (x, x + width),
                    "end" => (x - width, x),
                    _ => (x - width / 2.0, x + width / 2.0),
                };
                assert!(left >= 0.0 && right <= 1600.0, "{name}: {content} at {left}..{right}");
                assert!(y - em >= 0.0 && y <= height, "{name}: {content} at height {y}");
                texts += 1;
            }
        }
        assert!(texts > 5, "{name}");
    }
}

/// The first value of an attribute in a piece of markup.
fn attribute(markup: &str, key: &str) -> String {
    let from = markup.find(&format!(" {key}=\"")).unwrap() + key.len() + 3;
    markup[from..].split('"').next().unwrap().to_owned()
}

#[test]
fn every_mark_of_a_picture_names_its_figure_and_is_safe_markup() {
    let mut hostile = fixture();
    for figure in &mut hostile.figures {
        figure.unit = figure.unit.replace("石匣乡", "石匣乡<script>\"&");
    }
    let files = files(&hostile);
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".svg")) {
        let svg = std::str::from_utf8(bytes).unwrap();
        assert!(!svg.contains("<script"), "{name}");
        let mut reader = quick_xml::Reader::from_str(svg);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        let known = |id: &str| hostile.figures.iter().any(|f| f.id == id);
        let marks: Vec<&str> = svg.split("<g data-figure=").skip(1).collect();
        assert!(marks.len() >= 4, "{name}: {} marks", marks.len());
        for mark in marks {
            let id = mark.trim_start_matches('"').split('"').next().unwrap();
            assert!(known(id), "{name}: {id}");
            assert!(mark.contains("><title>"), "{name}: a mark without a tooltip");
        }
    }
    let bars = text(&files, "charts/good_or_better.svg");
    assert!(bars.contains("data-figure=\"good_or_better@140722001\"><title>辽阳镇 "), "{bars}");
    assert!(bars.contains("石匣乡&lt;script&gt;&quot;&amp;"));
    assert!(bars.contains("id=\"good_or_better-title\""));
}

/// The fixture's three series have a missing month or a change of 口径 each, or neither.
#[test]
fn a_missing_month_stays_a_gap_and_no_line_crosses_a_break() {
    let svg = text(&files(&fixture()), "charts/satisfaction_trend.svg");
    assert_eq!(svg.matches(">缺</text>").count(), 2);
    // 9月–10月 after the break, 7月–8月 before the gap, 8月–9月–10月 without either.
    let lines: Vec<usize> = svg
        .split("stroke-width=\"4\" d=\"M")
        .skip(1)
        .map(|line| line.split('"').next().unwrap().matches('L').count() + 1)
        .collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert_eq!(lines.iter().sum::<usize>(), 2 + 2 + 3);
    assert!(svg.contains("口径变化"));
}

#[test]
fn a_month_without_any_data_still_gives_a_report() {
    let mut empty = fixture();
    empty.figures.clear();
    empty.validated = dangtong::model::Validated::default();
    let files = files(&empty);
    assert_eq!(files.len(), 5, "no charts, the other files stand");
    assert_eq!(text(&files, "figures.csv").lines().count(), 1, "the header stands alone");
    let parts = parts(&files);
    assert!(
        parts["xl/sharedStrings.xml"]
            .contains("未到期或无数据，本期不作图：较好以上率、分类定级。")
    );
    assert!(parts["xl/sharedStrings.xml"].contains("本期各表审核通过，没有问题。"));
}

#[test]
fn a_pipeline_without_units_and_a_named_campaign_work() {
    let mut national = fixture();
    national.figures.retain(|f| f.unit_code == fixture::COUNTY);
    national.definition.units = dangtong::model::Units::default();
    national.folder = dangtong::model::Period::parse("2021-06-05");
    let files = files(&national);
    assert!(files.contains_key("党建统计月报_2021-06-05.xlsx"));
    assert!(!files.contains_key("charts/visits.png"), "no bars without units");
    assert!(files.contains_key("charts/satisfaction_trend.png"));
}
