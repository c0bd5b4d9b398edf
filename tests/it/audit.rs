//! Audit: verify names what moved, trace opens a figure, a report is never half there.

use std::fs;

use serde_json::json;

use crate::case::{Case, files};

#[test]
fn an_untouched_report_verifies() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let ran = case.verify().expect_code(0);
    assert!(ran.stdout.contains("核对一致"), "{}", ran.stdout);
}

#[test]
fn an_edited_return_is_named_with_the_figures_that_moved() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    // By hand: closed 9 + 1 + 4 = 14 of opening + registered 10 + 3 + 5 = 18; then 15 of 18.
    assert_eq!(case.figure("closing_rate@100"), "77.8");
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "10", "0"]]);
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("原始报表有改动：2013-10/甲镇.xlsx"), "{}", ran.stdout);
    let said = |text: &str| assert!(ran.stdout.contains(text), "{text}:\n{}", ran.stdout);
    // The cells that the report read: F4 期末在办 is in no figure.
    said("  甲镇 办件月报 2013年10月：E4 本月办结 9→10；现为通过");
    said("2 个数字变动：");
    said("  办结率 测试县 2013-10：77.8%（14/18） → 83.3%（15/18）");
    said("  办结率 甲镇 2013-10：90.0%（9/10） → 100.0%（10/10）");
    assert!(!ran.stdout.contains("乙乡"), "{}", ran.stdout);
}

#[test]
fn a_deleted_return_cannot_be_verified_and_is_named_with_what_moves() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    fs::remove_file(case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    let ran = case.verify().expect_code(2);
    assert!(ran.stdout.contains("原始报表不存在：2013-10/乙乡.xlsx"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains(
            "  办结率 测试县 2013-10：77.8%（14/18），状态 正常 → 86.7%（13/15），状态 不完整"
        ),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_added_return_is_named() {
    let case = Case::mini_clean();
    fs::rename(case.path("returns/2013-10/乙乡.xlsx"), case.path("aside.xlsx")).unwrap();
    case.run().expect_code(1);
    fs::rename(case.path("aside.xlsx"), case.path("returns/2013-10/乙乡.xlsx")).unwrap();
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("原始报表新增：2013-10/乙乡.xlsx"), "{}", ran.stdout);
    assert!(
        ran.stdout.contains("  办结率 乙乡 2013-10：—，状态 缺 → 33.3%（1/3），状态 正常"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_changed_output_and_a_changed_definition_are_named() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let figures = case.path("reports/2013-10/figures.csv");
    let text = fs::read_to_string(&figures).unwrap().replace("77.8", "99.9");
    fs::write(&figures, text).unwrap();
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("报告文件被改动：figures.csv"), "{}", ran.stdout);

    case.run().expect_code(0);
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap().replace("decimals = 1", "decimals = 2");
    fs::write(&programme, text).unwrap();
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("定义文件有改动：programmes/cases.toml"), "{}", ran.stdout);
}

/// A unit that is called otherwise moves no number.
#[test]
fn a_new_name_is_told_from_numbers_that_moved() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let register = case.path("pipeline/registers/unit.csv");
    let text = fs::read_to_string(&register).unwrap();
    fs::write(&register, text.replace("102,乙乡,,", "102,乙镇,乙乡,")).unwrap();
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("名称变动：乙乡 → 乙镇（"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("个数字变动"), "{}", ran.stdout);
    let window = [["a1", "4", "4", "8", "0"]];
    case.cases("2013-10", "甲镇", &window);
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("名称变动：乙乡 → 乙镇（"), "{}", ran.stdout);
    assert!(ran.stdout.contains("个数字变动："), "{}", ran.stdout);
}

#[test]
fn a_figure_opens_to_its_cells_and_absent_units() {
    let case = Case::mini_clean();
    fs::remove_file(case.path("returns/2013-10/丙局.xlsx")).unwrap();
    case.run().expect_code(1);
    let ran = case.trace("closing_rate@100", &["--json"]);
    let trace: serde_json::Value = serde_json::from_str(&ran.expect_code(0).stdout).unwrap();
    assert_eq!(trace["numerator"], "10");
    assert_eq!(trace["denominator"], "13");
    let cells: Vec<String> = trace["numerator_cells"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| {
            let text = |k: &str| c[k].as_str().unwrap().to_owned();
            format!("{}!{}={}", text("file"), text("cell"), text("raw"))
        })
        .collect();
    assert_eq!(cells, ["2013-10/甲镇.xlsx!E4=9", "2013-10/乙乡.xlsx!E4=1"]);
    assert_eq!(trace["absent"][0]["unit"], "丙局");
    assert_eq!(trace["absent"][0]["reason"], "未报");
    let ran = case.trace("closing_rate@999", &[]);
    assert!(ran.expect_code(2).stderr.contains("closing_rate@100"));
}

/// Rows of a table that is too large to be shipped are counted in the report, and read from the
/// returns again by whoever opens a figure.
#[test]
fn rows_of_a_large_table_are_not_shipped_but_traced() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let traced = |id: &str, more: &[&str]| -> serde_json::Value {
        let ran = case.trace(id, &[&["--json"], more].concat());
        serde_json::from_str(&ran.expect_code(0).stdout).unwrap()
    };
    let read = |name: &str| fs::read(case.path("reports/2013-10").join(name)).unwrap();
    let (figures, whole) = (read("figures.csv"), traced("closing_rate@100", &[]));

    let settings = case.path("pipeline/pipeline.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("[report]", "[report]\nrows_listed = 2")).unwrap();
    case.run().expect_code(0);
    assert_eq!(read("figures.csv"), figures);
    let lineage: serde_json::Value = serde_json::from_slice(&read("audit/lineage.json")).unwrap();
    // Three rows, one a unit: the table's texts are not there.
    let table = &lineage["tables"][0];
    assert_eq!((&table["unlisted"], &table["cells"]), (&json!(3), &json!({})));
    assert_eq!(lineage["figures"]["closing_rate@100"]["numerator"][0]["unlisted"], 3);

    assert_eq!(traced("closing_rate@100", &[])["numerator_cells"], whole["numerator_cells"]);
    let recorded = traced("closing_rate@100", &["--as-recorded"]);
    assert_eq!(recorded["numerator_cells"], json!([]));
    assert_eq!(recorded["denominator_unlisted"], 3);
    case.verify().expect_code(0);
}

#[test]
fn cells_are_traced_from_left_to_right_and_a_register_shows_what_it_counts_by() {
    let case = Case::mini_clean();
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap();
    let indicator = "\n[[indicator]]\nid = \"handled\"\ntitle = \"经手\"\nform = \"cases\"\nkind = \"ratio\"\n\
        numerator = \"opening + closing + closed\"\n\
        denominator = { register = \"unit\", where = \"kind = 'township'\" }\n\
        base_title = \"乡镇\"\ndecimals = 1\nmeasure = \"件\"\nscale = 1\n";
    fs::write(&programme, text + indicator).unwrap();
    case.run().expect_code(0);
    let ran = case.trace("handled@100", &["--json"]);
    let trace: serde_json::Value = serde_json::from_str(&ran.expect_code(0).stdout).unwrap();
    let shown = |side: &str| -> Vec<String> {
        let cells = trace[side].as_array().unwrap().iter();
        cells.map(|c| format!("{}={}", c["cell"], c["raw"]).replace('"', "")).collect()
    };
    assert_eq!(shown("numerator_cells")[..3], ["C4=4", "E4=9", "F4=1"]);
    assert_eq!(shown("denominator_cells"), ["A2=101", "D2=township", "A3=102", "D3=township"]);
}

#[test]
fn a_failed_run_leaves_the_previous_report_whole() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let before = files(&case.path("reports"));
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap();
    fs::write(&programme, text.replace("denominator = \"opening", "denominator = \"opening_typo"))
        .unwrap();
    let ran = case.run().expect_code(2);
    assert!(ran.stderr.contains("programmes/cases.toml:"), "{}", ran.stderr);
    assert!(ran.stderr.contains("opening"), "names the choices: {}", ran.stderr);
    assert_eq!(files(&case.path("reports")), before);
}

#[test]
fn a_killed_run_leaves_the_previous_report_whole() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    // The working papers stand beside the report and are written one by one.
    let report = || {
        let mut all = files(&case.path("reports/2013-10"));
        all.retain(|name, _| !name.starts_with("收报/"));
        all
    };
    let before = report();
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "10", "0"]]);
    let out = case.path("reports");
    for delay in [0u64, 2, 5, 10, 20, 40, 80] {
        let mut child = crate::case::program()
            .args(["run", "--period", "2013-10", "--pipeline"])
            .arg(case.path("pipeline"))
            .arg("--returns")
            .arg(case.path("returns"))
            .arg("--out")
            .arg(&out)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(delay));
        child.kill().unwrap();
        child.wait().unwrap();
        let now = report();
        let manifest: serde_json::Value =
            serde_json::from_slice(&now["audit/manifest.json"]).unwrap();
        if now != before {
            // The run was quicker than the kill: then it is the new report, whole.
            assert_eq!(manifest["subject"].as_array().unwrap().len() + 1, now.len());
            break;
        }
    }
    // What a killed run left behind is cleared by the next.
    case.run().expect_code(0);
    let left: Vec<_> = fs::read_dir(&out).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["2013-10"]);
}

#[test]
fn what_the_user_put_into_the_report_folder_stays() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let report = case.path("reports/2013-10");
    fs::write(report.join("批注.txt"), "县委意见").unwrap();
    fs::create_dir_all(report.join("往来/空")).unwrap();
    fs::write(report.join("往来/回函.txt"), "已阅").unwrap();
    let page = fs::read(report.join("report.html")).unwrap();
    fs::write(report.join("findings.csv"), "改过的").unwrap();
    std::os::unix::fs::symlink("/nowhere", report.join("链接")).unwrap();
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "10", "0"]]);
    let ran = case.run().expect_code(0);
    let now = |name: &str| fs::read(report.join(name)).unwrap();
    assert_eq!(now("批注.txt"), "县委意见".as_bytes());
    assert_eq!(now("往来/回函.txt"), "已阅".as_bytes());
    assert!(report.join("往来/空").is_dir());
    assert_eq!(fs::read_link(report.join("链接")).unwrap().to_str(), Some("/nowhere"));
    assert_eq!(now("findings.csv.bak"), "改过的".as_bytes());
    assert_ne!(now("findings.csv"), "改过的".as_bytes());
    // Ours and unchanged: replaced, without a copy.
    assert_ne!(now("report.html"), page);
    assert!(!report.join("report.html.bak").exists());
    assert!(
        ran.stderr.contains("findings.csv 写出以后被改动过，改动过的已另存为 findings.csv.bak")
    );
    assert!(
        ran.stderr.contains("原样保留：往来/回函.txt、往来/空、批注.txt、链接"),
        "{}",
        ran.stderr
    );
    // Edited again: the first copy stays too.
    fs::write(report.join("findings.csv"), "又改过").unwrap();
    case.run().expect_code(0);
    assert_eq!(now("findings.csv.bak"), "改过的".as_bytes());
    assert_eq!(now("findings.csv.bak2"), "又改过".as_bytes());
}

#[test]
fn a_report_is_not_written_among_the_returns_nor_around_them() {
    let case = Case::mini_clean();
    let before = files(&case.path("returns"));
    std::os::unix::fs::symlink(case.path("returns"), case.path("link")).unwrap();
    for out in ["returns", "returns/2013-10/报告", "link/新", "."] {
        let path = case.path(out);
        let ran = case.dangtong("run", &["--out", path.to_str().unwrap()]).expect_code(2);
        assert!(ran.stderr.contains("一个在另一个之内"), "{}", ran.stderr);
    }
    assert_eq!(files(&case.path("returns")), before);
}

#[test]
fn two_runs_at_once_leave_one_whole_report() {
    let case = Case::mini_clean();
    let ran: Vec<i32> = std::thread::scope(|scope| {
        let runs: Vec<_> = (0..4).map(|_| scope.spawn(|| case.run().code)).collect();
        runs.into_iter().map(|run| run.join().unwrap()).collect()
    });
    assert_eq!(ran, [0; 4]);
    let left: Vec<_> =
        fs::read_dir(case.path("reports")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["2013-10"]);
    let report = case.path("reports/2013-10");
    let manifest: serde_json::Value =
        serde_json::from_slice(&fs::read(report.join("audit/manifest.json")).unwrap()).unwrap();
    let own = files(&report).into_keys().filter(|name| !name.starts_with("收报/")).count();
    assert_eq!(manifest["subject"].as_array().unwrap().len() + 1, own);
}

#[test]
fn a_full_or_read_only_disk_leaves_the_old_report_and_says_so() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let before = files(&case.path("reports"));
    // No room for any file: every write fails.
    let (pipeline, returns, out) =
        (case.path("pipeline"), case.path("returns"), case.path("reports"));
    let full = std::process::Command::new("sh")
        .args(["-c", "ulimit -f 8; trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(env!("CARGO_BIN_EXE_dangtong"))
        .args(["run", "--no-cache", "--period", "2013-10", "--pipeline"])
        .arg(&pipeline)
        .arg("--returns")
        .arg(&returns)
        .arg("--out")
        .arg(&out)
        .output()
        .unwrap();
    let said = String::from_utf8(full.stderr).unwrap();
    assert_eq!(full.status.code(), Some(2), "{said}");
    assert!(said.contains("不能写入"), "{said}");
    assert_eq!(files(&case.path("reports")), before);
}

#[test]
fn a_foreign_folder_is_never_overwritten() {
    let case = Case::mini_clean();
    fs::create_dir_all(case.path("reports/2013-10")).unwrap();
    fs::write(case.path("reports/2013-10/我的文件.txt"), "重要").unwrap();
    let ran = case.run().expect_code(2);
    assert!(ran.stderr.contains("不会覆盖"), "{}", ran.stderr);
    assert_eq!(files(&case.path("reports")).len(), 1);
}

/// Another county's report in its place would be lost without a word.
#[test]
fn the_report_of_another_county_is_never_overwritten() {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let before = files(&case.path("reports"));
    let settings = case.path("pipeline/pipeline.toml");
    let text = fs::read_to_string(&settings).unwrap();
    fs::write(&settings, text.replace("county_code = \"100\"", "county_code = \"200\"")).unwrap();
    let ran = case.run().expect_code(2);
    assert!(ran.stderr.contains("2013-10 是 100 的报告，不会被 200 的覆盖"), "{}", ran.stderr);
    assert_eq!(files(&case.path("reports")), before);
    let out = case.path("reports/200");
    let out = out.to_str().unwrap();
    case.dangtong("run", &["--period", "2013-10", "--out", out]).expect_code(0);
}

#[test]
fn the_manifest_names_the_libraries_that_are_built_in() {
    let lock = fs::read_to_string(crate::case::repository().join("Cargo.lock")).unwrap();
    let case = Case::mini_clean();
    case.run().expect_code(0);
    let bytes = fs::read(case.path("reports/2013-10/audit/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let versions = manifest["predicate"]["runDetails"]["builder"]["version"].as_object().unwrap();
    for (name, version) in versions {
        let entry = format!("name = \"{name}\"\nversion = {version}");
        assert!(lock.contains(&entry), "{entry} is not in Cargo.lock");
    }
}

#[test]
fn a_denominator_of_expected_units_names_them() {
    let case = Case::mini_clean();
    let programme = case.path("pipeline/programmes/cases.toml");
    let text = fs::read_to_string(&programme).unwrap();
    let indicator = "\n[[indicator]]\nid = \"windows\"\ntitle = \"窗口覆盖\"\nform = \"cases\"\nkind = \"ratio\"\n\
        numerator = \"window IS NOT NULL\"\ndenominator = { units = \"expected\" }\n\
        base_title = \"应报单位\"\nby = [\"unit\"]\n";
    fs::write(&programme, text + indicator).unwrap();
    case.run().expect_code(0);
    let named = |figure: &str| -> Vec<String> {
        let ran = case.trace(figure, &["--json"]);
        let trace: serde_json::Value = serde_json::from_str(&ran.expect_code(0).stdout).unwrap();
        let cells = trace["denominator_cells"].as_array().unwrap().iter();
        cells.map(|c| c["raw"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(named("windows@100"), ["101", "甲镇", "102", "乙乡", "103", "丙局"]);
    assert_eq!(named("windows@102"), ["102", "乙乡"]);
}

#[test]
fn the_lineage_holds_what_somebody_needs_who_recomputes_a_figure() {
    let case = Case::mini_clean();
    // 9 in full width: the value is not what was typed.
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "９", "1"]]);
    fs::remove_file(case.path("returns/2013-10/丙局.xlsx")).unwrap();
    case.run().expect_code(1);
    let bytes = fs::read(case.path("reports/2013-10/audit/lineage.json")).unwrap();
    let lineage: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let rule = &lineage["indicators"]["closing_rate"]["rule"];
    assert_eq!(rule["numerator"], "closed");
    assert_eq!(rule["denominator"]["expression"], "opening + registered");
    assert_eq!((rule["scale"].as_i64(), rule["decimals"].as_i64()), (Some(100), Some(1)));
    let table = &lineage["tables"][0];
    assert_eq!(table["types"]["closed"], "integer");
    assert_eq!(table["cells"]["closed"], serde_json::json!(["９", "1"]));
    assert_eq!(table["typed"]["closed"], serde_json::json!({ "0": "9" }));
    assert_eq!(lineage["figures"]["closing_rate@100"]["absent"][0]["code"], "103");
    assert_eq!(lineage["county"], "100");
    assert_eq!(lineage["units"][0]["kind"], "township");
}
