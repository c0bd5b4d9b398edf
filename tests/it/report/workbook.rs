//! The workbook as an office uses it: links, pages, boards, unit pages, changes by unit.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::LazyLock;

use calamine::{Data, Range, Reader, Xlsx};
use dangtong::cache::Cache;
use dangtong::model::{DiagnosedProblem, Evidence, Figure, Period, Rational};
use dangtong::report::{Inputs, report};

use super::fixture::{COUNTY, Fixture, fixture};
use super::{files, parts};

const NAME: &str = "党建统计月报_2013-10.xlsx";

/// The report of the fixture as it is.
static PLAIN: LazyLock<BTreeMap<String, Vec<u8>>> = LazyLock::new(|| files(&fixture()));

fn sheets(files: &BTreeMap<String, Vec<u8>>) -> BTreeMap<String, Range<Data>> {
    let mut workbook = Xlsx::new(Cursor::new(files[NAME].clone())).unwrap();
    workbook.worksheets().into_iter().collect()
}

/// Name of each sheet → its XML.
fn xml(parts: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let names = parts["xl/workbook.xml"].split("<sheet name=\"").skip(1);
    let name = |text: &str| text.split('"').next().unwrap().to_owned();
    let part = |i: usize| parts[&format!("xl/worksheets/sheet{}.xml", i + 1)].clone();
    names.enumerate().map(|(i, text)| (name(text), part(i))).collect()
}

/// Zero-based row and column of `B12`.
fn address(text: &str) -> (u32, u32) {
    let split = text.find(|c: char| c.is_ascii_digit()).unwrap();
    let column = text[..split].bytes().fold(0, |n, b| n * 26 + u32::from(b - b'A') + 1);
    (text[split..].parse::<u32>().unwrap() - 1, column - 1)
}

fn attribute<'t>(tag: &'t str, key: &str) -> &'t str {
    let from = tag.find(&format!("{key}=\"")).unwrap() + key.len() + 2;
    tag[from..].split('"').next().unwrap()
}

/// Zero-based row and column.
type At = (u32, u32);

/// (cell, sheet it leads to, cell it leads to)
fn links(xml: &str) -> Vec<(At, String, At)> {
    let tags = xml.split("<hyperlink ").skip(1);
    tags.map(|tag| {
        let (sheet, cell) = attribute(tag, "location").rsplit_once('!').unwrap();
        (address(attribute(tag, "ref")), sheet.trim_matches('\'').to_owned(), address(cell))
    })
    .collect()
}

fn text_at(range: &Range<Data>, (row, column): (u32, u32)) -> String {
    range.get_value((row, column)).map(ToString::to_string).unwrap_or_default()
}

/// The row of the first cell with this text, and its column.
fn find(range: &Range<Data>, text: &str) -> (u32, u32) {
    let (top, left) = range.start().unwrap();
    let (row, column, _) = range.cells().find(|(_, _, c)| **c == *text).unwrap();
    (row as u32 + top, column as u32 + left)
}

#[test]
fn sheets_are_named_for_their_readers_and_listed_in_the_contents() {
    let files = &*PLAIN;
    let workbook = Xlsx::new(Cursor::new(files[NAME].clone())).unwrap();
    let names = workbook.sheet_names();
    let expected = [
        "封面",
        "目录",
        "一页通",
        "主要指标",
        "党组织分类定级 星级管理 三评",
        "党代表工作室",
        "发展党员“1234”",
        "排名",
        "红黑榜",
        "一委一单",
        "变化说明",
        "变化分解",
        "审核结果",
        "收报情况",
        "方法与口径",
        "排名明细",
        "收报明细",
        "溯源",
        "图表数据",
    ];
    // The programme's own brackets and slash are not allowed in Excel.
    assert_eq!(names.len(), expected.len(), "{names:?}");
    for name in expected.iter().filter(|name| !name.contains("三评")) {
        assert!(names.iter().any(|n| n == name), "{name} in {names:?}");
    }
    assert!(names.iter().all(|n| n.encode_utf16().count() <= 31));
    let xml = xml(&parts(files));
    let listed: Vec<String> = links(&xml["目录"]).into_iter().map(|(_, to, _)| to).collect();
    for name in &names {
        assert!(listed.contains(name), "{name} is not in the contents");
    }
}

/// Expected: the row of 溯源 that a figure leads to prints the same value.
#[test]
fn links_lead_to_cells_that_exist_and_figures_to_their_own_row() {
    let files = &*PLAIN;
    let (sheets, xml) = (sheets(files), xml(&parts(files)));
    let mut figures = 0;
    for (name, text) in &xml {
        for (from, to, cell) in links(text) {
            let target = text_at(&sheets[&to], cell);
            assert!(!target.is_empty() || cell.0 == 0, "{name} {from:?} leads to {to} {cell:?}");
            if to != "溯源" {
                continue;
            }
            let origin = text_at(&sheets[&to], (cell.0, 5));
            let own = text_at(&sheets[name], from);
            if own.parse::<f64>().is_ok() && name != "排名" {
                assert_eq!(own, origin, "{name} {from:?} leads to {target}");
                figures += 1;
            }
        }
    }
    assert!(figures > 150, "{figures} figures have a link");
}

#[test]
fn nothing_is_merged_where_numbers_stand() {
    for (name, text) in xml(&parts(&PLAIN)) {
        let numbers: Vec<(u32, u32)> = text
            .split("<c r=\"")
            .skip(1)
            .filter(|cell| !cell.split('>').next().unwrap().contains("t=\"s\""))
            .filter(|cell| cell.split("</c>").next().unwrap().contains("<v>"))
            .map(|cell| address(cell.split('"').next().unwrap()))
            .collect();
        for tag in text.split("<mergeCell ").skip(1) {
            let (from, to) = attribute(tag, "ref").split_once(':').unwrap();
            let (from, to) = (address(from), address(to));
            let inside = |c: &&(u32, u32)| from.0 <= c.0 && c.0 <= to.0;
            assert_eq!(numbers.iter().find(inside), None, "{name}: {from:?} to {to:?}");
        }
    }
}

#[test]
fn every_sheet_prints_on_a4_with_page_numbers_and_references_do_not_print() {
    let parts = parts(&PLAIN);
    for (name, text) in xml(&parts) {
        assert!(text.contains("paperSize=\"9\""), "{name}");
        assert!(text.contains("fitToPage=\"1\""), "{name} is as wide as a page");
        assert!(text.contains("— &amp;P —"), "{name}");
    }
    let area = |sheet: &str| {
        let names = parts["xl/workbook.xml"].split("<definedName ").skip(1);
        let of = |text: &&str| text.contains("Print_Area") && text.contains(&format!(">{sheet}!"));
        let text = names.clone().find(of).unwrap_or_else(|| panic!("{sheet} has no print area"));
        let end = text.split("</definedName>").next().unwrap().rsplit('$').next().unwrap();
        end.parse::<u32>().unwrap()
    };
    for sheet in ["排名明细", "收报明细", "溯源"] {
        assert_eq!(area(sheet), 1, "{sheet} prints an empty cell beside its table");
    }
    let pages = &xml(&parts)["一委一单"];
    let breaks = attribute(pages.split("<rowBreaks ").nth(1).unwrap(), "count");
    let begins = links(&xml(&parts)["目录"]).iter().filter(|l| l.1 == "一委一单").count();
    // Units share pages; none is cut.
    let breaks = breaks.parse::<usize>().unwrap();
    assert!(breaks > 0 && breaks + 2 < begins, "{breaks} breaks for {begins} units");
}

#[test]
fn charts_of_indicators_with_a_target_have_its_line() {
    let parts = parts(&PLAIN);
    let charts: Vec<&String> =
        parts.iter().filter(|(n, _)| n.starts_with("xl/charts/chart")).map(|(_, t)| t).collect();
    let with_line = |c: &&&String| c.contains("<c:barChart>") && c.contains("<c:lineChart>");
    let lines: Vec<&&String> = charts.iter().filter(with_line).collect();
    assert_eq!(lines.len(), 1, "较好以上率 has a target of 80 %, 接待人次 none");
    let drawings: String =
        parts.iter().filter(|(n, _)| n.starts_with("xl/drawings/")).map(|(_, t)| &**t).collect();
    assert_eq!(drawings.matches("descr=\"").count(), charts.len(), "alternative texts");
}

/// 环比 of 一页通 is a number that shows an arrow; trends are pictures, which every program shows. Of
/// the chosen indicators those stand that can be better or worse, and who is behind in them.
#[test]
fn one_page_has_arrows_and_trends_of_the_chosen_indicators() {
    let mut chosen = fixture();
    chosen.definition.settings.report.one_page =
        vec!["coverage".to_owned(), "good_or_better".to_owned()];
    let files = files(&chosen);
    let sheet = &sheets(&files)["一页通"];
    find(sheet, "较好以上率");
    assert!(!sheet.cells().any(|(_, _, c)| *c == "群众满意度平均分"));
    let parts = parts(&files);
    let styles = &parts["xl/styles.xml"];
    let arrows = r#"formatCode="&quot;↑&quot;0.0;&quot;↓&quot;0.0;&quot;持平&quot;""#;
    assert!(styles.contains(arrows), "{:?}", styles.find('↑').map(|i| &styles[i - 60..i + 40]));
    let page = &xml(&parts)["一页通"];
    assert!(!page.contains("fitToHeight=\"0\""), "one page, however long");
    assert!(page.contains("<drawing") && !page.contains("<xm:f>"), "pictures, no sparklines");
}

/// Expected from the fixture's own places.
#[test]
fn boards_name_first_and_last_in_words_and_configured_colours() {
    let mut painted = fixture();
    painted.definition.settings.report.board_palette =
        vec!["A01010".to_owned(), "101010".to_owned()];
    let files = files(&painted);
    let board = &sheets(&files)["红黑榜"];
    let (row, column) = find(board, "县直机关");
    let best = |worst: bool| {
        let mut rated: Vec<&Figure> = painted
            .figures
            .iter()
            .filter(|f| f.indicator == "good_or_better" && f.group == "县直机关")
            .filter(|f| f.class.is_none() && f.place.is_some())
            .collect();
        rated.sort_by_key(|f| f.place.as_ref().unwrap().place);
        if worst { rated.last().unwrap().unit.clone() } else { rated[0].unit.clone() }
    };
    assert!(text_at(board, (row, column + 2)).contains(&best(false)));
    assert!(text_at(board, (row, column + 3)).contains(&best(true)));
    assert_eq!(find(board, "红榜（前 1 名）").1 + 1, find(board, "黑榜（后 1 名）").1);
    let styles = &parts(&files)["xl/styles.xml"];
    assert!(styles.contains("FFA01010") && styles.contains("FF101010"));

    painted.definition.settings.report.board_places = 2;
    let board = &sheets(&super::files(&painted))["红黑榜"];
    find(board, "红榜（前 2 名）");
}

#[test]
fn places_are_shown_with_ties_and_movement() {
    let sheet = &sheets(&PLAIN)["排名"];
    let (row, _) = find(sheet, "较好以上率");
    let (_, column) = find(sheet, "芹泉镇");
    // 芹泉镇 and 拐儿镇 share a place (15 of 20); all were second before, so they fell.
    let [fourth, fifth] = [0, 2].map(|at| text_at(sheet, (row, column + at)));
    assert_eq!(fourth, fifth);
    assert!(fourth.parse::<u32>().is_ok(), "a place is a number: {fourth}");
    let moved = text_at(sheet, (row, column + 1));
    assert!(moved.ends_with('并') && moved.contains('↓'), "{moved}");
}

/// Changes good_or_better: 辽阳镇 had one good organisation fewer, 桐峪镇 four organisations
/// and two good ones fewer; all others were the same.
fn changed() -> Fixture {
    let mut changed = fixture();
    let then = Period::parse("2013-09");
    for figure in changed.figures.iter_mut() {
        if figure.indicator != "good_or_better" || !figure.dimension.is_empty() {
            continue;
        }
        let (Some(n), Some(d)) = (figure.numerator, figure.denominator) else { continue };
        let (less_good, less) = match figure.unit_code.as_str() {
            COUNTY => (3, 4),
            "140722001" => (1, 0),
            "140722002" => (2, 4),
            _ => (0, 0),
        };
        let whole = |d: dangtong::model::Decimal| d.to_string().parse::<i128>().unwrap();
        let base = whole(d) - less;
        let exact = Rational::new((whole(n) - less_good) * 100, base);
        let mut point = dangtong::model::Point {
            period: then.clone(),
            value: Some(exact.round(1)),
            exact: Some(exact),
            base: Some(dangtong::model::Decimal::new(base, 0)),
            status: figure.status,
            break_before: false,
            restart_before: false,
        };
        if base == 0 {
            (point.value, point.exact) = (None, None);
        }
        figure.previous =
            figure.value.zip(point.value).map(|(now, before)| dangtong::model::Change {
                called: String::new(),
                period: then.clone(),
                then: Some(before),
                difference: Some(now.minus(before)),
                growth: None,
                obstacle: None,
            });
        figure.series = vec![point];
    }
    changed
}

/// The formula by hand: N, D of the county now; c = 100·(Δn − (N₀/D₀)·Δd)/D.
#[test]
fn contributions_of_units_add_up_to_the_change() {
    let changed = changed();
    let county = changed.figures.iter().find(|f| f.id == format!("good_or_better@{COUNTY}"));
    let county = county.unwrap();
    let number =
        |d: Option<dangtong::model::Decimal>| -> f64 { d.unwrap().to_string().parse().unwrap() };
    let (n, d) = (number(county.numerator), number(county.denominator));
    let rate = (n - 3.0) / (d - 4.0);
    let first = 100.0 * 1.0 / d;
    let second = 100.0 * (2.0 - rate * 4.0) / d;
    let change = 100.0 * (n / d - rate);
    assert!((first + second - change).abs() < 1e-9, "the formula adds up");

    let sheet = &sheets(&files(&changed))["变化分解"];
    let (_, column) = find(sheet, "较好以上率");
    let at = |name: &str| -> f64 { text_at(sheet, (find(sheet, name).0, column)).parse().unwrap() };
    assert!((at("辽阳镇") - first).abs() <= 0.005, "{} is not {first}", at("辽阳镇"));
    assert!((at("桐峪镇") - second).abs() <= 0.005, "{} is not {second}", at("桐峪镇"));
    assert_eq!(at("麻田镇"), 0.0);
    assert_eq!(at("未分到单位"), 0.0);
    assert!((at("贡献合计") - at("辽阳镇") - at("桐峪镇")).abs() < 1e-9);
    assert!((at("贡献合计") - change).abs() <= 0.01);
    let residual = at("增减（印出）") - at("贡献合计");
    assert!((at("舍入差") - residual).abs() < 1e-9, "the residual of rounding is shown");

    let sheet = &sheets(&files(&changed))["变化说明"];
    let (row, column) = find(sheet, "较好以上率");
    // The county's rate fell: 桐峪镇 pulls it down, 辽阳镇 up.
    assert!(change < 0.0);
    let (up, down) = (text_at(sheet, (row, column + 4)), text_at(sheet, (row, column + 5)));
    assert!(up.starts_with("辽阳镇 +"), "{up}");
    assert!(down.starts_with("桐峪镇 -"), "{down}");
}

fn problem(unit: &str, name: &str, group: &str, evidence: Vec<Evidence>) -> DiagnosedProblem {
    DiagnosedProblem {
        alike: 1,
        asked: 1,
        remedy: String::new(),
        id: format!("few_good@{unit}"),
        rule: "few_good".to_owned(),
        title: "较好以上率低".to_owned(),
        programme: "org-rating".to_owned(),
        disease: "虚化".to_owned(),
        unit_code: unit.to_owned(),
        unit: name.to_owned(),
        group: group.to_owned(),
        seen: "=33.3%（2/6）".to_owned(),
        threshold: "不低于 80%".to_owned(),
        periods: 3,
        lasting: "3 个月".to_owned(),
        gaps: String::new(),
        since: Period::parse("2013-08"),
        text: "=较好以上率 33.3%，连续三个月低于 80%。".to_owned(),
        evidence,
    }
}

#[test]
fn problems_are_listed_with_their_evidence_and_stand_on_the_units_page() {
    let mut county = fixture();
    // A pipeline without diagnoses has no such sheet.
    county.definition.diagnoses.push(
        toml::from_str(
            r#"id = "low_grades"
            title = "较好以上率低"
            disease = "虚化"
            indicator = "good_or_better"
            below = "80"
            text = "{unit}较好以上率{seen}"
            basis = "测试""#,
        )
        .unwrap(),
    );
    let evidence = vec![Evidence::Figure("good_or_better@140722001".to_owned())];
    let list = [problem("140722001", "辽阳镇", "乡镇", evidence)];
    let inputs = Inputs { problems: &list, ..county.inputs() };
    let files = report(&inputs, &county.lineage(), &Cache::none()).unwrap().files;
    let sheet = &sheets(&files)["问题清单"];
    let (row, _) = find(sheet, "较好以上率低");
    assert_eq!(text_at(sheet, (row, 1)), "虚化");
    assert_eq!(text_at(sheet, (row, 5)), list[0].seen, "text, also when it looks like a formula");
    assert_eq!(text_at(sheet, (row, 7)), "3 个月，自 2013年8月");
    let xml = xml(&parts(&files));
    let (_, to, cell) = links(&xml["问题清单"]).into_iter().next().unwrap();
    assert_eq!(text_at(&sheets(&files)[&to], cell), "good_or_better@140722001");
    let pages = &sheets(&files)["一委一单"];
    let lines =
        |words: &str| pages.cells().filter(|(_, _, c)| c.to_string().starts_with(words)).count();
    assert_eq!(lines("问题 1（虚化）"), 1);
    assert!(lines("问题：本期未诊断出问题。") > 10);
    assert!(!sheets(&PLAIN).contains_key("问题清单"), "no diagnosis, no sheet");
}

/// The contents lead to the page of the unit they name.
#[test]
fn unit_pages_begin_where_the_contents_lead() {
    let files = &*PLAIN;
    let (sheets, xml) = (sheets(files), xml(&parts(files)));
    let contents = &sheets["目录"];
    let mut pages = 0;
    for (from, to, cell) in links(&xml["目录"]) {
        let name = text_at(contents, from);
        if to == "一委一单" && name != "一委一单" {
            let heading = text_at(&sheets[&to], (cell.0, 0));
            assert_eq!(heading, format!("{name}（2013年10月）"));
            pages += 1;
        }
    }
    assert!(pages >= 15, "{pages} pages");
}
