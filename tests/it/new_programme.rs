//! A programme that nobody has thought of yet: one TOML file, no Rust.

use std::fs;

use crate::case::{County, dangtong, read_csv};

const MADE_UP: &str = r#"
id = "p99-reading"
number = "P99"
title = "党员读书活动"
order = 990
note = "一个示范的工作项目。"
[[table]]
title = "读书活动（按党委）"
indicators = ["reading_rate"]
[[chart]]
id = "reading-rate"
kind = "bars"
title = "读书率"
indicators = ["reading_rate"]
[[form]]
id = "reading"
number = "X01"
title = "党员读书月报"
row = "一个党支部"
frequency = "monthly"
due = "+3 days"
owed_by = ["township"]
primary_key = ["org_code"]
[[form.field]]
name = "org_code"
title = "党组织代码"
type = "code"
required = true
filled = true
[[form.field]]
name = "members"
title = "支部党员数"
type = "integer"
unit = "人"
required = true
filled = true
[[form.field]]
name = "readers"
title = "参加读书党员数"
type = "integer"
unit = "人"
required = true
filled = true
[[check]]
code = "X01-01"
name = "readers-above-members"
title = "参加读书的多于党员"
form = "reading"
level = "error"
rule = "readers <= members"
message = "{org_code}：参加 {readers} 人，党员 {members} 人"
remedy = "核对人数"
basis = "参加的在党员之中"
[[indicator]]
id = "reading_rate"
title = "读书率"
form = "reading"
kind = "ratio"
numerator = "readers"
denominator = "members"
base_title = "支部党员"
by = ["unit"]
decimals = 1
better = "higher"
"#;

#[test]
fn a_new_programme_needs_one_file_and_no_rust() {
    let county =
        County::with(|path| fs::write(path.join("programmes/p99-reading.toml"), MADE_UP).unwrap());
    county.hand_in("2013-10", "辽阳镇", "reading", &["org_code=1;members=8;readers=6"]);
    county.hand_in("2013-10", "桐峪镇", "reading", &["org_code=2;members=8;readers=9"]);
    let (pipeline, returns, out) =
        (county.path("pipeline"), county.path("returns"), county.path("reports"));
    let (pipeline, returns, out) =
        (pipeline.to_str().unwrap(), returns.to_str().unwrap(), out.to_str().unwrap());
    let run = ["run", "--pipeline", pipeline, "--returns", returns, "--out", out];
    // 1: 桐峪镇 is 退回, the others are 未报.
    dangtong(&run).expect_code(1);
    let report = county.path("reports/2013-10");
    let figures = read_csv(&report.join("figures.csv"));
    let figure = |id: &str| figures.iter().find(|row| row["figure_id"] == id).unwrap();
    // 6 of 8; 桐峪镇's nine of eight are not in it.
    assert_eq!(figure("reading_rate@140722")["value"], "75.0");
    assert_eq!(figure("reading_rate@140722")["units_used"], "1");
    let findings = read_csv(&report.join("findings.csv"));
    let found = findings.iter().find(|row| row["code"] == "X01-01").unwrap();
    assert_eq!(
        (found["unit"].as_str(), found["message"].as_str()),
        ("桐峪镇", "2：参加 9 人，党员 8 人")
    );
    // One bar is no chart.
    let page = std::fs::read_to_string(report.join("report.html")).unwrap();
    assert!(page.contains("（只有 1 个单位有数）"));
    let docs = county.path("docs");
    let docs = docs.to_str().unwrap();
    dangtong(&["docs", "--pipeline", pipeline, "--out", docs]).expect_code(0);
    let page = county.path("docs/programmes/zuoquan/p99-reading.md");
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("### X01-01 参加读书的多于党员") && page.contains("### reading_rate 读书率")
    );
}
