//! Forms that are no plain tables: codes as columns, titles beside values, titles below each other.
//! What is read is the same as from a table, at its own cells; what cannot be read is said there.

use std::fs;

use dangtong::model::{Finding, Outcome};

use crate::case::{County, Results, dangtong};

const SHAPES: &str = r#"
id = "shapes"
title = "各种版式"
order = 5

[[table]]
title = "版式"
indicators = ["orgs", "office_orgs", "party_members", "meetings"]

[[form]]
id = "wide"
title = "定级情况表"
row = "一个等次、一个领域"
frequency = "monthly"
owed_by = ["township"]
primary_key = ["grade", "domain"]
unpivot = { dimension = "domain", value = "orgs", columns = { "行政村" = "行政村", "机关" = "机关" }, total = "合计" }
field = [
  { name = "grade", title = "等次", type = "code", codelist = "grade", required = true, filled = true },
  { name = "domain", title = "领域", type = "code", codelist = "domain", required = true, filled = true },
  { name = "orgs", title = "党组织数", type = "integer", unit = "个", required = true, filled = true },
]

[[form]]
id = "card"
title = "党委情况卡"
row = "一个党委"
frequency = "monthly"
owed_by = ["township"]
layout = "key-value"
field = [
  { name = "secretary", title = "书记姓名", type = "text", personal = true },
  { name = "members", title = "党员总数", type = "integer", unit = "人", required = true, filled = true },
  { name = "women", title = "其中：女", type = "integer", unit = "人", required = true, part_of = "members" },
  { name = "founded", title = "成立日期", type = "date" },
]

[[form]]
id = "meetings"
title = "三会一课统计表"
row = "一个支部"
frequency = "monthly"
owed_by = ["township"]
layout = "transposed"
primary_key = ["branch"]
field = [
  { name = "branch", title = "支部", type = "text", required = true, filled = true },
  { name = "assemblies", title = "党员大会", type = "integer", unit = "次", required = true, filled = true },
  { name = "lectures", title = "党课", type = "integer", unit = "次", required = true },
]

[[form]]
id = "cadres"
title = "后备干部登记卡"
row = "一名后备干部"
frequency = "monthly"
owed_by = ["township"]
layout = "key-value"
repeats = true
primary_key = ["number"]
field = [
  { name = "number", title = "编号", type = "code", required = true, filled = true },
  { name = "age", title = "年龄", type = "integer", unit = "岁", required = true, filled = true },
]

[[form]]
id = "coverage"
title = "两个覆盖统计表"
row = "一个项目"
frequency = "monthly"
owed_by = ["township"]
primary_key = ["item"]
items = { field = "item", every_row = true }
field = [
  { name = "item", title = "项目", type = "code", codelist = "coverage_item", required = true, filled = true },
  { name = "total", title = "合计", type = "integer", required = true, filled = true },
]

[[check]]
code = "S-01"
name = "covered-above-all"
title = "覆盖企业多于企业"
form = "coverage"
level = "query"
rule = "cell('党组织覆盖企业数', '合计') <= cell('非公企业总数', 'total')"
message = "覆盖的企业比企业还多"
remedy = "核对两项"
basis = "覆盖的在企业之中"

[[indicator]]
id = "orgs"
title = "党组织"
form = "wide"
kind = "sum"
numerator = "orgs"
by = ["unit", "domain"]

[[indicator]]
id = "office_orgs"
title = "好的机关党组织"
form = "wide"
kind = "sum"
numerator = "orgs"
where = "domain = '机关' AND grade = '好'"
by = ["unit"]

[[indicator]]
id = "cadre_age"
title = "平均年龄"
form = "cadres"
kind = "mean"
numerator = "age"
by = ["unit"]

[[indicator]]
id = "party_members"
title = "党员"
form = "card"
kind = "sum"
numerator = "members"
by = ["unit"]

[[indicator]]
id = "meetings"
title = "会议"
form = "meetings"
kind = "sum"
numerator = "assemblies + lectures"
by = ["unit"]
"#;

const DOMAIN: &str = r#"
[domain]
title = "领域"
codes = [{ code = "行政村", id = "village" }, { code = "机关", id = "office" }]
[coverage_item]
title = "项目"
codes = [{ code = "非公企业总数", id = "firms" }, { code = "党组织覆盖企业数", id = "covered" }]
"#;

fn county() -> County {
    County::of("tests/fixtures/second", |path| {
        let lists = path.join("codelists.toml");
        let text = fs::read_to_string(&lists).unwrap();
        fs::write(lists, text + DOMAIN).unwrap();
        fs::write(path.join("programmes/shapes.toml"), SHAPES).unwrap();
    })
}

/// October's figures from one sheet of 河东镇.
fn read(title: &str, rows: &[&[&str]]) -> (County, Results) {
    let county = county();
    let mut sheet: Vec<Vec<&str>> =
        vec![vec![title], vec!["填报单位：河东镇", "", "报告期：2013年10月"]];
    sheet.extend(rows.iter().map(|row| row.to_vec()));
    county.file("2013-10/河东镇.xlsx", &[("表", &sheet)]);
    let results = county.compute("2013-10");
    (county, results)
}

/// What is found in the file, with its cells.
fn found(results: &Results) -> Vec<(String, String)> {
    let said =
        |f: &&Finding| f.outcome != Outcome::NotEvaluated && f.location.file.contains("河东");
    let all = results.0.checked.validated.findings.iter().filter(said);
    all.map(|f| (f.code.clone(), f.location.cells_text())).collect()
}

#[track_caller]
fn expect_found(results: &Results, wanted: &[(&str, &str)]) {
    let found = found(results);
    let found: Vec<(&str, &str)> = found.iter().map(|(c, at)| (c.as_str(), at.as_str())).collect();
    assert_eq!(found, wanted);
}

const WIDE: [&[&str]; 6] = [
    &["等次", "行政村", "机关", "合计"],
    &["甲", "1", "2", "3"],
    &["好", "10", "4", "14"],
    &["一般", "6", "0", "6"],
    &["差", "1", "2", "3"],
    &["合计", "17", "6", "23"],
];

#[test]
fn columns_that_are_codes_are_rows_with_their_cells() {
    let (_county, results) = read("定级情况表", &WIDE);
    expect_found(&results, &[]);
    assert_eq!(results.numbers("orgs@201"), ["23", "", "23"]);
    assert_eq!(results.numbers("orgs@200@office"), ["6", "", "6"]);
    assert_eq!(results.numbers("office_orgs@201"), ["4", "", "4"]);
    let facts = &results.0.checked.validated.facts;
    let period = dangtong::model::Period::parse("2013-10");
    let table = facts.table("wide", &period).unwrap();
    // 好 · 机关 is the second row: its number stands in C5, its code in the title.
    let (own, row) = table.origin(1);
    assert_eq!(own.location(row, &[2]).cells_text(), "C5");
    assert_eq!(own.location(row, &[1]).cells_text(), "C3");
}

#[test]
fn totals_below_and_beside_are_compared_and_never_read() {
    let mut rows = WIDE.to_vec();
    rows[2] = &["好", "10", "4", "15"];
    rows[5] = &["合计", "17", "7", "23"];
    let (_county, results) = read("定级情况表", &rows);
    // 10 + 4 is not 15; 4 + 0 + 2 is not 7; the whole is right.
    let mut found = found(&results);
    found.sort();
    assert_eq!(found, [("G-01".to_owned(), "C8".to_owned()), ("G-01".to_owned(), "D5".to_owned())]);
}

#[test]
fn a_code_without_its_column_is_a_column_that_is_missing() {
    let rows: [&[&str]; 3] = [&["等次", "行政村"], &["好", "10"], &["差", "x"]];
    let (_county, results) = read("定级情况表", &rows);
    let found = found(&results);
    assert!(found.iter().any(|(code, _)| code == "C-22"), "{found:?}");
    assert!(found.contains(&("D-01".to_owned(), "B5".to_owned())), "{found:?}");
}

#[test]
fn titles_beside_their_values_are_one_row() {
    let rows: [&[&str]; 3] = [
        &["书记姓名", "张三", "党员总数（人）", "56"],
        &["其中：女", "20", "成立日期", "1952-07-01"],
        &["填表人：李四", "", "填报日期：2013年11月3日"],
    ];
    let (_county, results) = read("党委情况卡", &rows);
    expect_found(&results, &[]);
    assert_eq!(results.numbers("party_members@201"), ["56", "", "56"]);
    let figure = results.figure("party_members@201");
    assert_eq!(figure.lineage.numerator[0].rows, [0]);
}

#[test]
fn what_cannot_be_told_beside_a_title_is_said_at_its_cell() {
    let rows: [&[&str]; 3] = [
        &["党员总数", "56", "其中：女", "57"],
        &["所属系统", "教育", "", "", "99"],
        &["党员总数", "58"],
    ];
    let (_county, results) = read("党委情况卡", &rows);
    let mut found = found(&results);
    found.sort();
    let found: Vec<(&str, &str)> = found.iter().map(|(c, at)| (c.as_str(), at.as_str())).collect();
    // An unknown title, a title twice, a number that belongs to nothing. The return is sent back.
    assert_eq!(found, [("C-23", "A4"), ("C-24", "A5"), ("C-33", "E4"), ("G-02", "D3 B3")]);
}

#[test]
fn a_title_without_its_value_is_a_blank_at_the_empty_cell() {
    let rows: [&[&str]; 2] = [&["党员总数", "", "其中：女", "0"], &["成立日期", "1952-07-01"]];
    let (_county, results) = read("党委情况卡", &rows);
    let found = found(&results);
    assert!(found.contains(&("D-14".to_owned(), "B3".to_owned())), "{found:?}");
}

#[test]
fn columns_are_rows_where_titles_stand_below_each_other() {
    let mut rows: [&[&str]; 4] = [
        &["栏次", "1", "2", "3"],
        &["支部", "一支部", "二支部", "合计"],
        &["党员大会（次）", "1", "2", "3"],
        &["党课", "3", "0", "3"],
    ];
    let (_county, results) = read("三会一课统计表", &rows);
    expect_found(&results, &[]);
    // 1 + 3 + 2 + 0.
    assert_eq!(results.numbers("meetings@201"), ["6", "", "6"]);
    rows[3] = &["党课", "3", "0", "4"];
    let (_county, results) = read("三会一课统计表", &rows);
    expect_found(&results, &[("G-01", "D6")]);
}

#[test]
fn a_rule_over_items_names_both_cells_and_items_are_known_as_forms_print_them() {
    let rows: [&[&str]; 4] = [
        &["项目", "合计"],
        &["甲", "1"],
        &["一、非公企业总数（个）", "20"],
        &["（二）党组织覆盖企业数", "21"],
    ];
    let (_county, results) = read("两个覆盖统计表", &rows);
    expect_found(&results, &[("S-01", "B6 B5")]);
    let finding = &results.failures("S-01")[0];
    assert_eq!(finding.seen, "“党组织覆盖企业数”的合计=21，“非公企业总数”的合计=20");
}

#[test]
fn an_item_that_is_not_there_sends_the_return_back_and_the_rule_is_not_evaluated() {
    let rows: [&[&str]; 2] = [&["项目", "合计"], &["1.党组织覆盖企业数", "21"]];
    let (_county, results) = read("两个覆盖统计表", &rows);
    let found = found(&results);
    assert_eq!(found.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["G-16"]);
    assert!(results.failures("S-01").is_empty());
}

#[test]
fn what_is_handed_out_is_known_when_it_comes_back_and_its_instructions_are_no_return() {
    let county = county();
    let paths = ["pipeline", "returns", "templates"].map(|name| county.path(name));
    let [pipeline, returns, out] = paths.each_ref().map(|path| path.to_str().unwrap());
    let fixed = ["--pipeline", pipeline, "--returns", returns, "--period", "2013-10"];
    dangtong(&[&["template", "--out", out, "--unit", "河东镇"], &fixed[..]].concat())
        .expect_code(0);
    let name = "河东镇2013年10月报表.xlsx";
    let folder = county.path("returns/2013-10");
    fs::create_dir_all(&folder).unwrap();
    fs::copy(county.path("templates/2013-10").join(name), folder.join(name)).unwrap();
    let results = county.compute("2013-10");
    let empty = results.failures("C-29");
    let forms: Vec<&str> = empty.iter().map(|finding| finding.form.as_str()).collect();
    for form in ["wide", "card", "meetings"] {
        assert!(forms.contains(&form), "{form} is not known: {forms:?}");
    }
    let all = &results.0.checked.validated.findings;
    assert!(all.iter().all(|f| &*f.location.sheet != "填报说明"), "{all:#?}");
}

#[test]
fn titles_that_come_again_begin_another_row() {
    let rows: [&[&str]; 3] = [
        &["编号", "'01", "年龄", "30", "", "编号", "'02", "年龄", "41"],
        &["第三名"],
        &["编号", "'03", "年龄（岁）", "x"],
    ];
    let (_county, results) = read("后备干部登记卡", &rows);
    expect_found(&results, &[("D-01", "D5"), ("C-31", "A4")]);
    let mut rows = rows;
    rows[2] = &["编号", "'03", "年龄（岁）", "49"];
    let (_county, results) = read("后备干部登记卡", &rows);
    expect_found(&results, &[("C-31", "A4")]);
    // (30 + 41 + 49) / 3
    assert_eq!(results.numbers("cadre_age@201"), ["120", "3", "40"]);
}

#[test]
fn a_word_before_a_title_is_told_and_takes_no_value() {
    let rows: [&[&str]; 2] =
        [&["党员情况", "党员总数", "56", "其中：女", "20"], &["", "成立日期", "1952-07-01"]];
    let (_county, results) = read("党委情况卡", &rows);
    // 党员情况 stands over nothing here: it is no title of the form.
    expect_found(&results, &[("C-33", "A3")]);
    assert_eq!(results.numbers("party_members@201"), ["56", "", "56"]);
}
