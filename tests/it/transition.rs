//! Transition matrices on the sample county, from returns to workbook.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

use crate::case::{Case, copy_folder, dangtong, read_csv, repository};

const BY_COLUMN: &str = r#"
[[indicator]]
id = "moves_by_column"
title = "等次变动（按上年等次栏）"
form = "org_rating"
kind = "transition"
of = "grade"
from_field = "prev_grade"
blank = "skip"
by = ["unit", "domain"]
decimals = 1
"#;

#[test]
fn last_years_rows_and_last_years_column_tell_the_same() {
    let case = Case::mini();
    let pipeline = case.path("county");
    copy_folder(&repository().join("pipelines/zuoquan"), &pipeline);
    let path = pipeline.join("programmes/p11-rating.toml");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, format!("{text}{BY_COLUMN}")).unwrap();
    let returns = repository().join("sample-data/zuoquan/returns");
    let out = case.path("reports");
    dangtong(&[
        "run",
        "--pipeline",
        pipeline.to_str().unwrap(),
        "--returns",
        returns.to_str().unwrap(),
        "--period",
        "2013-06",
        "--out",
        out.to_str().unwrap(),
    ])
    .expect_code(0);
    let figures = read_csv(&out.join("2013-06/figures.csv"));
    let of = |indicator: &str| -> BTreeMap<String, [String; 3]> {
        let own = figures.iter().filter(|f| f["indicator"] == indicator);
        own.map(|f| {
            let id = f["figure_id"].replace(indicator, "");
            (id, [f["numerator"].clone(), f["denominator"].clone(), f["value"].clone()])
        })
        .collect()
    };
    let (by_key, by_column) = (of("grade_moves"), of("moves_by_column"));
    // 16 pairs of four grades for the county, 18 committees and 6 domains.
    assert_eq!(by_key.len(), 16 * (1 + 18 + 6));
    // F05-07 holds in the sample: 上年等次 is what the return of last year says.
    assert_eq!(by_key, by_column);
    let county = |pair: &str| by_key[&format!("@140722@{pair}")].clone();
    let number = |text: &str| text.parse::<u32>().unwrap();
    for from in ["good", "fairly-good", "average", "poor"] {
        let row =
            ["good", "fairly-good", "average", "poor"].map(|to| county(&format!("{from}-{to}")));
        let moved: u32 = row.iter().map(|[count, ..]| number(count)).sum();
        assert!(moved > 0 && row.iter().all(|[_, base, _]| number(base) == moved), "{row:?}");
    }

    let workbook = fs::File::open(out.join("2013-06/党建统计月报_2013-06.xlsx")).unwrap();
    let mut strings = String::new();
    let mut archive = zip::ZipArchive::new(workbook).unwrap();
    archive.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut strings).unwrap();
    for text in ["等次变动（上次定级 → 本次定级）", "原为", "原有数", "现为较好"]
    {
        assert!(strings.contains(text), "{text}");
    }
}

#[test]
fn a_transition_that_cannot_be_computed_is_refused_at_load() {
    let case = Case::mini();
    let path = case.path("county");
    copy_folder(&repository().join("pipelines/zuoquan"), &path);
    let programme = path.join("programmes/p11-rating.toml");
    let text = fs::read_to_string(&programme).unwrap();
    let load = |text: &str| {
        fs::write(&programme, text).unwrap();
        dangtong(&["list", "forms", "--pipeline", path.to_str().unwrap()]).expect_code(2).stderr
    };
    let other = BY_COLUMN.replace("\"prev_grade\"", "\"domain\"");
    let said = load(&format!("{text}{other}"));
    assert!(said.contains("指标 moves_by_column: from_field 应为与 of 用同一代码表的列"), "{said}");
    let keyless = text.replace("primary_key = [\"org_code\"]", "");
    let said = load(&keyless);
    assert!(said.contains("指标 grade_moves: 报表 org_rating 没有 primary_key"), "{said}");
    let chart = "[[chart]]\nid = \"moves\"\nkind = \"trend\"\ntitle = \"变动\"\nindicators = [\"grade_moves\"]\n";
    let (head, tail) = text.split_at(text.find("[[table]]").unwrap());
    let said = load(&format!("{head}{chart}{tail}"));
    assert!(said.contains("图 “moves” 不能用变动矩阵指标"), "{said}");
}
