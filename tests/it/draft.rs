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
