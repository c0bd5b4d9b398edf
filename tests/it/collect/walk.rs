//! What stands in a returns folder: regular files are read, everything else is named and left
//! alone, and the manifest holds what was read.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use dangtong::model::Finding;
use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::{Returns, csv, lines};
use crate::case::Case;

/// Code, file and reason of each finding about an entry that is not read.
fn named(returns: &Returns) -> Vec<String> {
    let left = |f: &&Finding| ["C-01", "C-04", "C-37", "C-38"].contains(&f.code.as_str());
    let said = |f: &Finding| format!("{} {}：{}", f.code, f.location.file, f.seen);
    returns.collect().findings.iter().filter(left).map(said).collect()
}

#[test]
fn only_regular_files_are_opened_and_the_rest_is_named() {
    let returns = Returns::new();
    returns.write("2013-10/丙系统.csv", csv("丙系统", "2013年10月", "5").as_bytes());
    let month = returns.0.path().join("2013-10");
    // Opening the pipe would wait for ever; the first link leads out, the second in a circle.
    mknodat(CWD, month.join("管道.xlsx"), FileType::Fifo, Mode::RWXU, 0).unwrap();
    let _socket = UnixListener::bind(month.join("套接字.xlsx")).unwrap();
    symlink("丙系统.csv", month.join("链接.csv")).unwrap();
    symlink("../2013-10", month.join("圈")).unwrap();
    symlink("/不存在", month.join("断.xlsx")).unwrap();
    fs::write(month.join(OsStr::from_bytes(b"\xbc\xd7\xcf\xe7.csv")), "x").unwrap();
    fs::File::create(month.join("巨大.xlsx")).unwrap().set_len(6 << 30).unwrap();
    assert_eq!(
        named(&returns),
        [
            r"C-38 2013-10/\xbc\xd7\xcf\xe7.csv：名字不是 UTF-8 编码（像是“甲乡.csv”），未读取；多半是在别的系统上压缩的",
            "C-37 2013-10/圈：是链接，不是文件本身，未读取",
            "C-37 2013-10/套接字.xlsx：是套接字，未读取",
            "C-37 2013-10/断.xlsx：是链接，不是文件本身，未读取",
            "C-37 2013-10/管道.xlsx：是管道，未读取",
            "C-37 2013-10/链接.csv：是链接，不是文件本身，未读取",
            "C-04 2013-10/巨大.xlsx：文件有 6144 MB，大于 64 MB，不像是报表，未读取",
        ]
    );
    let collected = returns.collect();
    assert_eq!(collected.returns.len(), 1);
    let read: Vec<&str> = collected.files.iter().map(|f| &*f.path).collect();
    assert_eq!(read, ["2013-10/丙系统.csv"]);
}

#[test]
fn a_hand_in_folder_that_is_a_link_or_a_file_is_named() {
    let returns = Returns::new();
    returns.write("别处/丙系统.csv", csv("丙系统", "2013年10月", "5").as_bytes());
    returns.write("2013-09", b"");
    symlink("别处", returns.0.path().join("2013-10")).unwrap();
    let expected =
        ["C-37 2013-09：不是文件夹，未读取", "C-37 2013-10：是链接，不是文件本身，未读取"];
    assert_eq!(named(&returns), expected);
}

#[test]
fn folders_below_a_hand_in_folder_are_read_down_to_the_eighth() {
    let returns = Returns::new();
    let file = csv("丙系统", "2013年10月", "5");
    returns.write("2013-10/1/2/3/4/5/6/7/8/丙系统.csv", file.as_bytes());
    assert_eq!(returns.collect().returns.len(), 1);
    returns.write("2013-10/1/2/3/4/5/6/7/8/9/丙系统.csv", file.as_bytes());
    let message = "C-04 2013-10/1/2/3/4/5/6/7/8/9：文件夹套了 8 层以上，里面的没有读取";
    assert_eq!(named(&returns), [message]);
}

#[test]
fn what_programs_leave_behind_is_named_or_passed_over() {
    let returns = Returns::new();
    for name in ["~$甲乡.xlsx", ".DS_Store", "Thumbs.db", "__MACOSX/._甲乡.xlsx"] {
        returns.write(&format!("2013-10/{name}"), b"x");
    }
    returns.write("2013-10/甲乡.xlsx.crdownload", b"x");
    let collected = returns.collect();
    assert_eq!(lines(&collected), ["hint C-36"]);
    assert!(collected.files.is_empty());
}

/// A return in a folder below, and one whose name is odd, count: so the manifest binds them.
#[test]
fn the_manifest_names_every_file_that_was_read() {
    let case = Case::mini_clean();
    let returns = case.path("returns/2013-10");
    fs::create_dir(returns.join("补报")).unwrap();
    let moved = [("甲镇.xlsx", "补报/甲镇 (2).xlsx"), ("乙乡.xlsx", "乙乡\u{1b}[2J.xlsx")];
    for (from, to) in moved {
        fs::rename(returns.join(from), returns.join(to)).unwrap();
    }
    case.run().expect_code(0);
    let manifest = fs::read_to_string(case.path("reports/2013-10/audit/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let dependencies = &manifest["predicate"]["buildDefinition"]["resolvedDependencies"];
    let named: Vec<&str> = dependencies
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|d| d["name"].as_str()?.strip_prefix("returns/2013-10/"))
        .collect();
    assert_eq!(named, ["丙局.xlsx", "乙乡\u{1b}[2J.xlsx", "补报/甲镇 (2).xlsx"]);
    case.verify().expect_code(0);
    let changed = returns.join("补报/甲镇 (2).xlsx");
    let mut bytes = fs::read(&changed).unwrap();
    bytes.push(0);
    fs::write(&changed, bytes).unwrap();
    let ran = case.verify().expect_code(1);
    assert!(ran.stdout.contains("原始报表有改动：2013-10/补报/甲镇 (2).xlsx"), "{}", ran.stdout);
}
