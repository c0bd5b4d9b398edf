//! The drawn charts of the sample county, and charts that are refused at load.

use std::fs;

use crate::case::{Case, copy_folder, dangtong, repository};

/// A text as it stands in a picture: left, top, right, bottom and what it says.
type Text = (f64, f64, f64, f64, String);

/// By a rough estimate of widths; heights are those of a digit.
fn texts(svg: &str) -> Vec<Text> {
    let mut texts = Vec::new();
    for group in svg.split("<g font-size=\"").skip(1) {
        let em: f64 = group.split('"').next().unwrap().parse().unwrap();
        let anchor = group.split("text-anchor=\"").nth(1).unwrap().split('"').next().unwrap();
        for text in group.split("<text x=\"").skip(1) {
            let mut parts = text.split('"');
            let x: f64 = parts.next().unwrap().parse().unwrap();
            let y: f64 = parts.nth(1).unwrap().parse().unwrap();
            let said = text.split('>').nth(1).unwrap().split('<').next().unwrap().to_owned();
            let width: f64 = said.chars().map(|c| if c.is_ascii() { 0.52 * em } else { em }).sum();
            let left = match anchor {
                "start" => x,
                "end" => x - width,
                _ => x - width / 2.0,
            };
            texts.push((left + 1.0, y - 0.72 * em, left + width - 1.0, y, said));
        }
    }
    texts
}

fn overlap(a: &Text, b: &Text) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

#[test]
fn the_charts_of_october_are_readable_and_say_what_moved() {
    let out = tempfile::tempdir().unwrap();
    let returns = repository().join("sample-data/zuoquan/returns");
    let (returns, folder) = (returns.to_str().unwrap(), out.path().to_str().unwrap());
    dangtong(&["run", "--period", "2013-10", "--returns", returns, "--out", folder]).expect_code(0);
    let charts = out.path().join("2013-10/charts");
    let read = |id: &str| fs::read_to_string(charts.join(format!("{id}.svg"))).unwrap();

    let mut bytes = 0;
    for entry in fs::read_dir(&charts).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "svg") {
            continue;
        }
        let svg = fs::read_to_string(&path).unwrap();
        bytes += svg.len();
        assert!(svg.contains("<g data-figure=\""), "{}", path.display());
        let texts = texts(&svg);
        for (i, a) in texts.iter().enumerate() {
            assert_eq!(dangtong::report::font::missing_characters(&a.4), Vec::<char>::new());
            for b in &texts[i + 1..] {
                assert!(!overlap(a, b), "{}: “{}” and “{}”", path.display(), a.4, b.4);
            }
        }
    }
    assert!(bytes < 600_000, "all charts go into one page: {bytes} bytes");

    // A plan begins anew each year, which is no change of 口径.
    let plan = read("recruit-plan-rate");
    assert!(plan.contains(">三季度<") && !plan.contains("Q3") && !plan.contains("口径变化"));

    // Who is behind stands first: 羊角乡 4 of 12 rooms' business done is the least.
    let rooms = read("room-closing-rate");
    let first = rooms.split("<g data-figure=\"").nth(1).unwrap();
    assert!(first.contains("<title>羊角乡 63.6%（7/11）"), "{first}");
    assert!(first.contains("#d55e00"), "whom the title names is marked: {first}");
    assert_eq!(rooms.matches("#d55e00").count(), 2, "羊角乡 and the legend");

    // What says nothing is not drawn, and said: 410 of 419 in figures.csv are 15 whole committees
    // and three.
    assert!(!charts.join("edu-reach.svg").exists());
    let page = fs::read_to_string(out.path().join("2013-10/report.html")).unwrap();
    let why =
        "远程教育覆盖率（18 个单位中 15 个是 100.0%，羊角乡 73.7%、石匣乡 92.6%、非公工委 92.3%）";
    assert!(page.contains(why));
    // Nothing has red for its best and its worst, and 平稳 is the best.
    let terms = read("term-difficulty");
    assert!(terms.find("#0072b2").unwrap() < terms.find("#d55e00").unwrap());
    assert!(!terms.contains("#c00000"));

    // From tests/oracle/county_2013-10.csv: 34 + 34 + 2 + 21 up, 7 + 1 down, the rest stayed.
    let moves = read("grade-moves");
    assert!(moves.contains("416 个中 91 个上升、8 个下降、317 个不变"), "{moves}");
    assert!(moves.contains("<title>较好→好 34 个，18.9%（34/180）</title>"), "{moves}");

    let slope = read("good-or-better-change");
    assert_eq!(slope.matches("<g data-figure=\"good_or_better@").count(), 18);
    assert!(slope.contains("<title>石匣乡 2012年 74.1% → 2013年 81.5%（22/27）</title>"));

    // Counted by hand in the rankings of the nine tables: 较好以上率, 四风问题整改率,
    // 信息任务完成率, 站点参学率, 远程教育覆盖率.
    let heat = read("key-heatmap");
    assert!(heat.contains("羊角乡居后最多，9 项中有 5 项"), "{heat}");
    assert_eq!(heat.matches("<g data-figure=\"").count(), 9 * 19, "18 committees and the county");
    assert!(heat.contains(">无基数<"), "石匣乡 has no pledge due");
}

#[test]
fn a_chart_that_does_not_fit_its_indicators_is_refused_at_load() {
    let case = Case::mini();
    let path = case.path("county");
    copy_folder(&repository().join("pipelines/zuoquan"), &path);
    let programme = path.join("programmes/p11-rating.toml");
    let text = fs::read_to_string(&programme).unwrap();
    let (head, tail) = text.split_at(text.find("[[table]]").unwrap());
    let chart =
        |id: &str, rest: &str| format!("[[chart]]\nid = \"{id}\"\ntitle = \"图\"\n{rest}\n");
    let charts = [
        chart("a", "kind = \"heatmap\"\nindicators = [\"good_or_better\"]"),
        chart("b", "kind = \"heatmap\"\nindicators = [\"good_or_better\", \"grade_share\"]"),
        chart("c", "kind = \"slope\"\nindicators = [\"good_or_better\", \"upgrade_rate\"]"),
        chart("d", "kind = \"matrix\"\nindicators = [\"grade_share\"]"),
        chart("e", "kind = \"stacked\"\nindicators = [\"grade_moves\"]"),
        chart("f", "kind = \"bars\"\nindicators = [\"good_or_better\"]\nagainst = \"year-ago\""),
        chart(
            "g",
            "kind = \"heatmap\"\nindicators = [\"good_or_better\", \"upgrade_rate\"]\nlabels = [\"甲\"]",
        ),
    ];
    fs::write(&programme, format!("{head}{}{tail}", charts.concat())).unwrap();
    let refused = dangtong(&["list", "forms", "--pipeline", path.to_str().unwrap()]);
    let said = refused.expect_code(2).stderr;
    let line = |id: &str| head.lines().count() + 1 + charts_before(&charts, id);
    // The key is blamed: the fourth line below the header, labels the fifth.
    for (id, what) in [
        ("a", "是热力图，应有 2 至 10 个指标，现有 1 个"),
        ("b", "是热力图，应用每个单位一个数的指标，“grade_share” 是分布"),
        ("c", "是坡度图，应只有 1 个指标，现有 2 个"),
        ("d", "是变动矩阵图，应用变动矩阵指标，“grade_share” 是分布"),
        ("e", "是构成图，应用分布指标，“grade_moves” 是变动矩阵"),
        ("g", "的 labels 有 1 个，indicators 有 2 个，应相同"),
    ] {
        let at = line(id) + if id == "g" { 5 } else { 4 };
        let problem = format!("programmes/p11-rating.toml:{at}: 图 “{id}” {what}");
        assert!(said.contains(&problem), "{problem}\n{said}");
    }
    let useless = format!(
        "programmes/p11-rating.toml:{}: 图 “f”: kind = \"bars\" 不用 against",
        line("f") + 5
    );
    assert!(said.contains(&useless), "{useless}\n{said}");
}

/// Lines of the charts before this one.
fn charts_before(charts: &[String], id: &str) -> usize {
    let before = charts.iter().take_while(|c| !c.contains(&format!("id = \"{id}\"")));
    before.map(|c| c.lines().count()).sum()
}
