//! `dangtong draft`: a proposal that says where each guess comes from, and that loads once a person
//! has put it where it belongs.

use std::fs;

use crate::case::{Case, program};

/// Runs `draft` on a text table; gives what it prints.
fn drafted(name: &str, table: &str) -> (i32, String, String) {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join(name), table).unwrap();
    let output = program().args(["draft", name]).current_dir(folder.path()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

const TABLE: &str = "\
2026年3月支部换届情况月报
填报单位：甲镇,,,,,报告期：2026年3月
序号,支部名称,支部类别,应到人数,实到人数,到会率,会费（元）,男,女,合计
,甲,乙,1,2,3,4,5,6,7
1,东街支部,农村,20,15,75.0%,12.50,5,6,11
2,西街支部,社区,10,9,90.0%,7.00,4,4,8
3,南街支部,农村,8,4,50.0%,9.25,2,3,5
4,北街支部,农村,6,6,100.0%,0.00,1,2,3
合计,,,44,34,,28.75,12,15,27
填表人：某某
";

#[test]
fn each_guess_stands_beside_its_cells() {
    let (code, text, _) = drafted("三月.csv", TABLE);
    assert_eq!(code, 0);
    for said in [
        "title = \"支部换届情况月报\"  # A1",
        "frequency = \"monthly\"",
        "primary_key = [\"支部名称\"]  # 4 行各不相同",
        "name = \"支部名称\", title = \"支部名称\", type = \"text\", required = true, filled = true },  # B3，B5—B8 的 4 格",
        "type = \"code\", codelist = \"list1\"",
        "{ code = \"农村\", id = \"c1\" }",
        "name = \"实到人数\", title = \"实到人数\", type = \"integer\", required = true, filled = true, due = \"应到人数\"",
        // 15/20, 9/10, 4/8, 6/6 by hand.
        "type = \"percent\", decimals = 1, required = true, filled = true, ratio_of = [\"实到人数\", \"应到人数\"]",
        "type = \"money\", decimals = 2, unit = \"元\"",
        "[[form.parts]]  # 4 行都相等\nwhole = \"合计\"\nof = [\"男\", \"女\"]\ncomplete = true",
        "# 合计行各栏都等于各行之和",
    ] {
        assert!(text.contains(said), "{said}\n{text}");
    }
    assert!(!text.contains("序号"), "it only counts lines\n{text}");
}

#[test]
fn a_sum_that_fails_in_one_row_is_not_proposed() {
    let (_, text, _) = drafted("三月.csv", &TABLE.replace("2,3,5\n", "2,3,6\n"));
    assert!(!text.contains("[[form.parts]]"), "{text}");
    assert!(text.contains("# 合计行的这些栏不等于各行之和：合计"), "{text}");
    let (_, text, _) = drafted("三月.csv", &TABLE.replace("50.0%", "51.0%"));
    assert!(!text.contains("ratio_of"), "{text}");
}

#[test]
fn a_kept_draft_loads_and_reads_the_very_return() {
    let (_, text, _) = drafted("三月.csv", TABLE);
    let case = Case::mini();
    let (lists, form) = text.split_once("# ==== 以下是报表").unwrap();
    let add = |file: &str, more: &str| {
        let path = case.path("pipeline").join(file);
        let old = fs::read_to_string(&path).unwrap_or_default();
        fs::write(path, old + more).unwrap();
    };
    add("codelists.toml", lists);
    let head = "id = \"turn\"\ntitle = \"换届\"\norder = 20\n# ";
    add("programmes/turn.toml", &format!("{head}{form}"));
    fs::create_dir_all(case.path("returns/2026-03")).unwrap();
    fs::write(case.path("returns/2026-03/甲镇.csv"), TABLE).unwrap();
    let checked = case.dangtong("check", &["--period", "2026-03", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&checked.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}{}", checked.stdout, checked.stderr));
    let receipts = json["receipts"].as_array().unwrap();
    let own = receipts.iter().find(|r| r["form"] == "form1" && r["rows"] == 4);
    assert_eq!(own.unwrap()["errors"], 0, "{json:#}");
}

#[test]
fn what_is_no_table_is_said_and_text_stays_text() {
    let (code, _, said) = drafted("说明.csv", "关于报送的说明\n请按时报送\n");
    assert_eq!(code, 2);
    assert!(said.contains("没有看出表头"), "{said}");
    // A title cannot end the text it stands in.
    let table = "栏\"一,次数\\二\n\"a\"\"b\",1\nc,2\n";
    let (code, text, _) = drafted("引号.csv", table);
    assert_eq!(code, 0);
    toml::from_str::<toml::Table>(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
}

/// The forms of the invented county (`examples/yunfeng`), blank and filled: none is a plain table.
fn of_the_example(file: &str) -> String {
    let path = crate::case::repository().join("examples/yunfeng").join(file);
    let output = program().arg("draft").arg(&path).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    toml::from_str::<toml::Table>(&text).unwrap_or_else(|error| panic!("{file}: {error}\n{text}"));
    text
}

#[track_caller]
fn says(text: &str, all: &[&str]) {
    for said in all {
        assert!(text.contains(said), "{said}\n{text}");
    }
}

#[test]
fn titles_beside_their_values_are_a_card() {
    let blank = of_the_example("forms/登记卡.xlsx");
    says(
        &blank,
        &[
            "layout = \"key-value\"",
            "name = \"党委书记姓名\", title = \"党委书记姓名\", type = \"text\", required = true, personal = true },  # A3",
            "title = \"委员职数\", type = \"integer\", unit = \"名\"",
            "title = \"其中：女\", type = \"integer\", required = true, part_of = \"党员总数\" },  # C6",
            "title = \"实缴党费\", type = \"money\", decimals = 2, unit = \"元\", required = true, due = \"应缴党费\"",
        ],
    );
    assert!(!blank.contains("primary_key"), "a return is its only row\n{blank}");
    let filled = of_the_example("returns/2026-06/东坡镇_2026-06.xlsx");
    says(
        &filled,
        &[
            "frequency = \"half-yearly\"  # C2 的报告期",
            "title = \"任现职时间\", type = \"month\", required = true, filled = true },  # C3，D3 一格：都是年月",
            "title = \"是否按期换届\", type = \"boolean\"",
        ],
    );
}

#[test]
fn lines_that_are_items_and_columns_that_may_be_codes() {
    let matrix = of_the_example("forms/两新组织.xlsx");
    says(
        &matrix,
        &[
            "{ code = \"单独建立\", id = \"c4\" }",
            "items = { field = \"项目\", every_row = true }",
            // Enterprises and people are not added up.
            "name = \"工业\", title = \"工业\", type = \"integer\", required = true, additive = false }",
        ],
    );
    let theme = of_the_example("forms/主题党日.xlsx");
    says(
        &theme,
        &[
            "name = \"农村\", title = \"农村\", type = \"integer\", required = true }",
            "# unpivot = { dimension = \"类别\", value = \"各类党支部开展场次\", total = \"合计\" }",
            "#   { code = \"两新\", id = \"c5\" },",
        ],
    );
}

#[test]
fn titles_below_each_other_are_a_row_a_column() {
    let table = "三会一课统计表\n填报单位：甲镇,,报告期：2026年3月\n支部名称,东街支部,西街支部,合计\n党员大会（次）,1,2,3\n党课（次）,3,0,3\n检查日期,2026-03-01,2026-03-02,\n填表人：\n";
    let (_, text, _) = drafted("三月.csv", table);
    says(
        &text,
        &[
            "layout = \"transposed\"",
            "primary_key = [\"支部名称\"]  # 2 行各不相同",
            "title = \"党课\", type = \"integer\", unit = \"次\", required = true, filled = true },  # A5，B5—C5 的 2 格",
            "title = \"检查日期\", type = \"date\"",
            "# 合计行各栏都等于各行之和",
        ],
    );
    // The same turned round is a table.
    let table = "三会一课统计表\n支部名称,党员大会（次）,检查日期\n东街支部,1,2026-03-01\n西街支部,2,2026-03-02\n北街支部,2,2026-03-02\n";
    let (_, text, _) = drafted("三月.csv", table);
    assert!(!text.contains("layout"), "{text}");
}

/// What a new user's own forms had: a first title that is a person, items with a column of codes.
#[test]
fn no_line_of_a_card_is_lost_and_items_may_have_codes() {
    let card = "党组织基本情况表\n单位：东川乡,2026年一季度\n党组织书记,某某\n党员总数,236\n党支部数（个）,12\n是否换届,是\n";
    let (_, text, _) = drafted("卡.csv", card);
    says(&text, &["layout = \"key-value\"", "name = \"党组织书记\"", "title = \"党支部数\""]);
    assert!(!text.contains("2026年一季度\""), "the period is no title\n{text}");
    let matrix = "培训情况统计表\n指标名称,代码,合计,农村党员,机关党员\n一、培训班期数（期）,01,10,4,6\n二、培训人次（人次）,02,200,120,80\n";
    let (_, text, _) = drafted("矩阵.csv", matrix);
    says(
        &text,
        &[
            "primary_key = [\"指标名称\"]  # 各行的项目",
            "items = { field = \"指标名称\", every_row = true }",
            "{ code = \"培训班期数\", id = \"c1\" }",
        ],
    );
}
