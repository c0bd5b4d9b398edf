//! Whoever has an interest in other numbers: every edit of a report, its manifest or its returns is
//! named by `audit verify`, and `audit trace` opens nothing that was edited.

use std::fs;
use std::io::{Cursor, Read, Write};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::case::{Case, Ran};

/// The clean county with a report of October.
fn reported() -> Case {
    let case = Case::mini_clean();
    case.run().expect_code(0);
    case
}

fn edit(case: &Case, name: &str, change: impl FnOnce(String) -> String) {
    let path = case.path("reports/2013-10").join(name);
    let before = fs::read_to_string(&path).unwrap();
    let after = change(before.clone());
    assert_ne!(before, after, "nothing edited in {name}");
    fs::write(path, after).unwrap();
}

fn edit_manifest(case: &Case, change: impl FnOnce(&mut Value)) {
    edit(case, "audit/manifest.json", |text| {
        let mut manifest = serde_json::from_str(&text).unwrap();
        change(&mut manifest);
        serde_json::to_string_pretty(&manifest).unwrap()
    });
}

/// Makes the manifest agree with an edited file.
fn seal(case: &Case, name: &str) {
    let bytes = fs::read(case.path("reports/2013-10").join(name)).unwrap();
    let digest: String = Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect();
    edit_manifest(case, |manifest| {
        let subjects = manifest["subject"].as_array_mut().unwrap();
        let subject = subjects.iter_mut().find(|s| s["name"] == name).unwrap();
        subject["digest"]["sha256"] = digest.into();
    });
}

#[track_caller]
fn expect_said(ran: &Ran, texts: &[&str]) {
    for text in texts {
        assert!(ran.stdout.contains(text), "not said: {text}\n{}", ran.stdout);
    }
}

/// The item of a file in a manifest.
fn dependency<'m>(manifest: &'m mut Value, name: &str) -> &'m mut Value {
    let all = &mut manifest["predicate"]["buildDefinition"]["resolvedDependencies"];
    all.as_array_mut().unwrap().iter_mut().find(|d| d["name"] == name).unwrap()
}

#[test]
fn whatever_is_forged_in_the_manifest_is_named() {
    type Forgery = fn(&mut Value);
    let forgeries: [(Forgery, &str); 10] = [
        (
            |m| dependency(m, "returns/2013-10/甲镇.xlsx")["annotations"]["size"] = json!(1),
            "清单所记不实：2013-10/甲镇.xlsx 的字节数 记为 1，实为 ",
        ),
        (
            |m| {
                dependency(m, "returns/2013-10/甲镇.xlsx")["annotations"]["returns"] =
                    json!(["102 cases 2013-10"]);
            },
            "2013-10/甲镇.xlsx 里识别出的报表 记为 乙乡 办件月报 2013年10月，\
             实为 甲镇 办件月报 2013年10月",
        ),
        (
            |m| {
                dependency(m, "returns/2013-09/乙乡.xlsx")["digest"]["sha256"] =
                    json!("0".repeat(64));
            },
            "原始报表有改动：2013-09/乙乡.xlsx",
        ),
        (
            |m| {
                dependency(m, "returns/2013-10/甲镇.xlsx")["name"] =
                    json!("returns/2013-10/甲镇(终).xlsx");
            },
            "原始报表不存在：2013-10/甲镇(终).xlsx（甲镇 办件月报 2013年10月）",
        ),
        (
            |m| {
                m["predicate"]["buildDefinition"]["externalParameters"]["folders"] =
                    json!(["2013-10"]);
            },
            "读取的文件夹 记为 2013-10，实为 2013-09、2013-10",
        ),
        (
            |m| m["predicate"]["runDetails"]["builder"]["version"]["polars"] = json!("9.9.9"),
            "组件 polars 的版本 记为 9.9.9，实为 ",
        ),
        (
            |m| m["predicate"]["runDetails"]["builder"]["id"] = json!("urn:other"),
            "生成报告的程序 记为 urn:other，实为 urn:dangtong",
        ),
        (
            |m| m["predicate"]["signatory"] = json!("县委组织部"),
            "predicate.signatory 记为 县委组织部，实为 （无）",
        ),
        (
            |m| m["subject"].as_array_mut().unwrap().retain(|s| s["name"] != "figures.csv"),
            "报告里多出文件：figures.csv",
        ),
        (
            |m| {
                let all = m["subject"].as_array_mut().unwrap();
                all.push(all[0].clone());
            },
            "清单所记不实：输出文件 ",
        ),
    ];
    let case = reported();
    let manifest = case.path("reports/2013-10/audit/manifest.json");
    let clean = fs::read(&manifest).unwrap();
    for (forge, said) in forgeries {
        edit_manifest(&case, forge);
        let ran = case.verify();
        assert_ne!(ran.code, 0, "{}", ran.stdout);
        expect_said(&ran, &[said]);
        fs::write(&manifest, &clean).unwrap();
    }
    // Another version that gives the same bytes is the same report, and is named.
    edit_manifest(&case, |m| {
        m["predicate"]["runDetails"]["builder"]["version"]["dangtong"] = json!("0.0.9");
    });
    expect_said(&case.verify().expect_code(0), &["程序版本：报告由 0.0.9 生成，现为 ", "核对一致"]);
}

#[test]
fn an_edited_lineage_is_named_and_never_opened() {
    let case = reported();
    assert!(case.trace("closing_rate@101", &[]).expect_code(0).stdout.contains("本月办结 = 9"));
    // By hand: the return says 9 in E4.
    edit(&case, "audit/lineage.json", |text| text.replace("[\"9\",", "[\"5\","));
    expect_said(&case.verify().expect_code(1), &["报告文件被改动：audit/lineage.json"]);
    for more in [&[][..], &["--as-recorded"], &["--json"]] {
        let ran = case.trace("closing_rate@101", more).expect_code(2);
        assert!(ran.stdout.is_empty(), "{}", ran.stdout);
        assert!(ran.stderr.contains("audit/lineage.json 与清单记载的不同"), "{}", ran.stderr);
    }
    // The manifest edited with it: only the returns can tell.
    seal(&case, "audit/lineage.json");
    expect_said(&case.verify().expect_code(1), &["重算结果不同：audit/lineage.json"]);
    let ran = case.trace("closing_rate@101", &[]).expect_code(2);
    assert!(ran.stdout.is_empty(), "{}", ran.stdout);
    assert!(ran.stderr.contains("audit/lineage.json 与用原始报表重算的不同"), "{}", ran.stderr);
}

#[test]
fn an_edited_figure_is_named_with_what_it_was_and_never_opened() {
    let case = reported();
    edit(&case, "figures.csv", |text| text.replace("14,18,77.8", "14,18,99.9"));
    seal(&case, "figures.csv");
    let ran = case.verify().expect_code(1);
    expect_said(
        &ran,
        &[
            "重算结果不同：figures.csv",
            "1 个数字变动：",
            "  办结率 测试县 2013-10：99.9%（14/18） → 77.8%（14/18）",
        ],
    );
    let ran = case.trace("closing_rate@100", &[]).expect_code(2);
    assert!(ran.stderr.contains("figures.csv 与用原始报表重算的不同"), "{}", ran.stderr);
    let ran = case.audit("verify", &["--json"]).expect_code(1);
    let verdict: Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(verdict["verdict"], "different");
    let differences = verdict["differences"].as_array().unwrap();
    let figure = differences.iter().find(|d| d["kind"] == "figure").unwrap();
    assert_eq!(figure["id"], "closing_rate@100");
    assert_eq!(figure["from"], "99.9%（14/18）");
}

#[test]
fn returns_that_change_places_are_named_cell_by_cell() {
    let case = reported();
    let [one, other] = ["甲镇", "乙乡"].map(|u| case.path(&format!("returns/2013-10/{u}.xlsx")));
    let kept = fs::read(&one).unwrap();
    fs::rename(&other, &one).unwrap();
    fs::write(&other, kept).unwrap();
    let ran = case.verify().expect_code(1);
    expect_said(
        &ran,
        &[
            "原始报表有改动：2013-10/甲镇.xlsx",
            "原始报表有改动：2013-10/乙乡.xlsx",
            // By the name of the file it is still 甲镇's, by its sheet it is 乙乡's.
            "  甲镇 办件月报 2013年10月：C4 期初在办 4→0，D4 本月登记 6→3，E4 本月办结 9→1；\
             现为退回（C-15）",
            "6 个数字变动：",
        ],
    );
}

#[test]
fn a_file_packed_anew_is_named_as_one_whose_numbers_are_the_same() {
    let case = reported();
    let path = case.path("returns/2013-10/甲镇.xlsx");
    let mut from = zip::ZipArchive::new(Cursor::new(fs::read(&path).unwrap())).unwrap();
    let mut to = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..from.len() {
        let mut part = from.by_index(at).unwrap();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).unwrap();
        let stored = zip::write::SimpleFileOptions::default()
            .compression_method(zip::CompressionMethod::Stored);
        to.start_file(part.name().unwrap(), stored).unwrap();
        to.write_all(&bytes).unwrap();
    }
    fs::write(&path, to.finish().unwrap().into_inner()).unwrap();
    let ran = case.verify().expect_code(1);
    expect_said(
        &ran,
        &[
            "原始报表有改动：2013-10/甲镇.xlsx",
            "  甲镇 办件月报 2013年10月：报告所用的数没有变动；现为通过",
        ],
    );
    assert!(!ran.stdout.contains("个数字变动"), "{}", ran.stdout);
}

#[test]
fn a_return_in_a_folder_below_is_in_the_manifest_and_held_to_it() {
    let case = Case::mini_clean();
    fs::create_dir(case.path("returns/2013-10/邮件")).unwrap();
    let path = case.path("returns/2013-10/邮件/甲镇.xlsx");
    fs::rename(case.path("returns/2013-10/甲镇.xlsx"), &path).unwrap();
    case.run().expect_code(0);
    case.verify().expect_code(0);
    // 9 of 10 became 3 of 10, and the stock no longer balances.
    case.cases("2013-10", "甲镇", &[["a1", "4", "6", "3", "1"]]);
    fs::rename(case.path("returns/2013-10/甲镇.xlsx"), &path).unwrap();
    let ran = case.verify().expect_code(1);
    expect_said(
        &ran,
        &[
            "原始报表有改动：2013-10/邮件/甲镇.xlsx",
            "  甲镇 办件月报 2013年10月：E4 本月办结 9→3；现为退回（T-01）",
            "  办结率 甲镇 2013-10：90.0%（9/10），状态 正常 → —，状态 缺",
        ],
    );
    fs::remove_file(&path).unwrap();
    expect_said(&case.verify().expect_code(2), &["原始报表不存在：2013-10/邮件/甲镇.xlsx"]);
}

#[test]
fn a_signature_that_was_added_is_named() {
    let case = reported();
    fs::write(case.path("reports/2013-10/audit/签字.txt"), "同意").unwrap();
    expect_said(&case.verify().expect_code(1), &["报告里多出文件：audit/签字.txt"]);
    fs::remove_file(case.path("reports/2013-10/audit/签字.txt")).unwrap();
    fs::remove_file(case.path("reports/2013-10/findings.csv")).unwrap();
    expect_said(&case.verify().expect_code(1), &["报告文件缺失：findings.csv"]);
}
