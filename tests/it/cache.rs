//! The cache: it saves time and changes nothing, whatever becomes of it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use dangtong::cache::{Cache, Entry};
use dangtong::collect::{ReadRequest, collect};
use dangtong::definition;
use dangtong::model::{Collected, Column, HashedContent, Period};
use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeTuple;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::case::{Case, Ran, dangtong, files, program, repository};

/// The mini county with a cache of its own.
struct Cached(Case);

impl Cached {
    fn new() -> Self {
        Self(Case::mini_clean())
    }

    fn folder(&self) -> PathBuf {
        self.0.path("cache")
    }

    /// A run into a folder of its own: what it wrote.
    fn run(&self, more: &[&str]) -> BTreeMap<String, Vec<u8>> {
        let out = self.0.path("reports");
        fs::remove_dir_all(&out).ok();
        assert!(self.ran(more).code < 2);
        files(&out)
    }

    fn ran(&self, more: &[&str]) -> Ran {
        let (out, cache) = (self.0.path("reports"), self.folder());
        let cache = ["--cache", cache.to_str().unwrap()];
        let fixed = ["--period", "2013-10", "--out", out.to_str().unwrap()];
        let cache = if more.contains(&"--no-cache") { &[][..] } else { &cache[..] };
        self.0.dangtong("run", &[&fixed, cache, more].concat())
    }

    fn entries(&self) -> BTreeMap<String, Vec<u8>> {
        files(&self.folder())
    }

    /// The entry of a return as it is now.
    fn entry<'c>(&self, cache: &'c Cache, path: &str) -> Entry<'c> {
        let definition = definition::load(&self.0.path("pipeline")).unwrap();
        let bytes = fs::read(self.0.path("returns").join(path)).unwrap();
        let folder = path.split('/').next().unwrap();
        cache.entry(&[
            b"return",
            definition.digest().as_bytes(),
            folder.as_bytes(),
            path.as_bytes(),
            // Nothing in it is amended.
            b"[]",
            &HashedContent::new(&bytes).secret(),
        ])
    }

    /// Makes of 甲镇's October, where 9 of 10 were closed, one with 3: the return stays, only what
    /// the cache knows of it is forged, with all its checksums.
    fn forge(&self) {
        let cache = Cache::at(self.folder());
        let path = "2013-10/甲镇.xlsx";
        let honest = fs::read(self.0.path("returns").join(path)).unwrap();
        self.0.cases("2013-10", "甲镇", &[["a1", "4", "6", "3", "7"]]);
        self.ran(&[]).expect_code(0);
        let forged: Raw = self.entry(&cache, path).get().unwrap();
        fs::write(self.0.path("returns").join(path), honest).unwrap();
        self.entry(&cache, path).put(&forged);
    }

    fn rate(&self) -> String {
        self.0.figure("closing_rate@101")
    }
}

/// A result as its bytes.
struct Raw(Vec<u8>);

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl<'de> Visitor<'de> for Bytes {
            type Value = Raw;
            fn expecting(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
                f.write_str("bytes")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Raw, A::Error> {
                let next = || all.next_element::<u8>().ok().flatten();
                Ok(Raw(std::iter::from_fn(next).collect()))
            }
        }
        from.deserialize_tuple(usize::MAX, Bytes)
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut all = to.serialize_tuple(self.0.len())?;
        self.0.iter().try_for_each(|byte| all.serialize_element(byte))?;
        all.end()
    }
}

#[test]
fn a_report_is_the_same_without_a_cache_with_a_new_one_and_with_a_full_one() {
    let case = Cached::new();
    let plain = case.run(&["--no-cache"]);
    assert!(plain.len() > 6 && !case.folder().exists());
    for threads in ["1", "2", "7"] {
        fs::remove_dir_all(case.folder()).ok();
        let new = case.run(&["--threads", threads]);
        // Three units' returns of two months, September's once more as one, what it came to, and a picture.
        let kept = case.entries();
        assert_eq!(kept.len(), 9);
        let full = case.run(&["--threads", threads]);
        assert!(new == plain && full == plain, "{threads} threads");
        assert!(case.entries() == kept, "nothing is written twice");
    }
}

/// Every kind of value, remark and format that the sample has.
#[test]
fn what_is_kept_of_a_return_is_all_of_it() {
    let definition = definition::load(&repository().join("pipelines/zuoquan")).unwrap();
    let kept = tempfile::tempdir().unwrap();
    let collected = |cache: &Cache| {
        let collected = collect(&ReadRequest {
            definition: &definition,
            returns: &repository().join("sample-data/zuoquan/returns"),
            folders: &[Period::parse("2013-06"), Period::parse("2013-10")],
            reader: env!("CARGO_BIN_EXE_dangtong").into(),
            cache,
        });
        collected.unwrap()
    };
    let cache = Cache::at(kept.path().to_owned());
    let (plain, new, full) = (collected(&Cache::none()), collected(&cache), collected(&cache));
    let columns = |c: &Collected| -> Vec<Column> {
        c.returns.iter().flat_map(|facts| facts.columns.iter().cloned()).collect()
    };
    let kinds: BTreeSet<String> =
        columns(&plain).iter().map(|c| format!("{:?}", c.kind())).collect();
    assert!(kinds.len() > 5, "{kinds:?}");
    for cached in [new, full] {
        // Long columns are printed in part.
        assert!(columns(&plain) == columns(&cached));
        assert!(format!("{plain:?}") == format!("{cached:?}"));
    }
    assert!(files(kept.path()).len() > 70);
}

#[test]
fn a_changed_return_is_noticed() {
    let case = Cached::new();
    case.run(&[]);
    assert_eq!(case.rate(), "90.0");
    case.0.cases("2013-10", "甲镇", &[["a1", "4", "6", "8", "2"]]);
    let changed = case.run(&[]);
    // Of it, and of the picture that shows it; the months before are as they were.
    assert_eq!((case.rate(), case.entries().len()), ("80.0".to_owned(), 11));
    assert!(changed == case.run(&["--no-cache"]));
}

/// The months before are not validated again; but whatever changes in one of them is noticed, and
/// what it does to this month.
#[test]
fn the_months_before_are_only_believed_as_they_were() {
    let county = Cached::new();
    let same = |what: &str| {
        let cached = county.run(&[]);
        assert!(cached == county.run(&["--no-cache"]), "{what}");
        cached
    };
    let before = same("as it was");
    same("again");
    // 甲镇 closes September with 5, and opens October with 4.
    county.0.cases("2013-09", "甲镇", &[["a1", "2", "10", "7", "5"]]);
    let after = same("another September");
    assert!(before["2013-10/findings.csv"] != after["2013-10/findings.csv"]);
    county.0.cases("2013-09", "甲镇", &[["a1", "2", "10", "8", "4"]]);
    same("September as before");
    fs::write(
        county.0.path("returns/2013-09/审核说明.csv"),
        "编码,单位,说明\nT-02,甲镇,窗口装修停办\n",
    )
    .unwrap();
    same("something declared in September");
    fs::remove_file(county.0.path("returns/2013-09/审核说明.csv")).unwrap();
    fs::remove_file(county.0.path("returns/2013-09/乙乡.xlsx")).unwrap();
    same("a return less in September");
}

/// What a forged entry says is taken for the return's, as long as all that it was made from is the
/// same: so these tests can tell who reads the cache.
#[test]
fn an_entry_is_only_believed_for_the_same_content_place_and_definitions() {
    let case = Cached::new();
    case.forge();
    case.run(&[]);
    assert_eq!(case.rate(), "30.0");
    let rename = |from: &str, to: &str| {
        fs::rename(case.0.path("returns").join(from), case.0.path("returns").join(to)).unwrap();
    };
    rename("2013-10/甲镇.xlsx", "2013-10/甲镇2.xlsx");
    case.run(&[]);
    assert_eq!(case.rate(), "90.0");
    rename("2013-10/甲镇2.xlsx", "2013-10/甲镇.xlsx");
    case.run(&[]);
    assert_eq!(case.rate(), "30.0");
    let calendar = case.0.path("pipeline/pipeline.toml");
    let text = fs::read_to_string(&calendar).unwrap();
    fs::write(&calendar, text + "\n# another word\n").unwrap();
    case.run(&[]);
    assert_eq!(case.rate(), "90.0");
}

/// 甲镇 closed 9 of 10; the county amends 9 to 7, and takes that back.
#[test]
fn what_the_county_amends_is_noticed_whatever_the_cache_knows() {
    let case = Cached::new();
    let returns = case.0.path("returns/2013-10");
    case.run(&[]);
    let amend = "单位,报表,单元格,原值,新值,原因,订正人,时间\n\
                 甲镇,办件月报,E4,9,7,重复登记,党员0009,2013-11-05\n\
                 甲镇,办件月报,F4,1,3,同上,党员0009,2013-11-05\n";
    fs::write(returns.join("订正.csv"), amend).unwrap();
    let first = case.run(&[]);
    assert_eq!(case.rate(), "70.0");
    assert!(first == case.run(&[]) && first == case.run(&["--no-cache"]));
    fs::remove_file(returns.join("订正.csv")).unwrap();
    case.run(&[]);
    assert_eq!(case.rate(), "90.0");
}

/// What is kept of all earlier files is enough, and one of them that cannot be read costs only itself.
#[test]
fn earlier_files_are_known_without_their_own_entries() {
    let county = Cached::new();
    let september = county.0.path("returns/2013-09");
    fs::write(september.join("坏.xlsx"), "PK\u{3}\u{4} no archive").unwrap();
    fs::write(september.join("收件.csv"), "文件,收到日期\n甲镇.xlsx,2013-09-25\n").unwrap();
    let plain = county.run(&["--no-cache"]);
    county.run(&[]);
    let cache = Cache::at(county.folder());
    let forgotten = county.entry(&cache, "2013-09/甲镇.xlsx");
    let before = county.entries();
    let raw: Raw = forgotten.get().unwrap();
    forgotten.put(&Raw(Vec::new()));
    let emptied = county.entries();
    assert!(county.run(&[]) == plain);
    assert!(county.entries() == emptied, "nothing is read or written again");
    forgotten.put(&raw);
    assert!(county.entries() == before);
}

#[test]
fn an_audit_never_reads_the_cache() {
    let case = Cached::new();
    case.forge();
    let audit = |command: &str, more: &[&str]| {
        let paths = ["reports/2013-10", "pipeline", "returns"].map(|name| case.0.path(name));
        let [report, pipeline, returns] = &paths;
        // Where the program looks when nobody says where.
        fs::create_dir_all(case.0.path("user")).unwrap();
        if !case.0.path("user/dangtong").exists() {
            fs::create_dir(case.0.path("user/dangtong")).unwrap();
            symlink(case.folder(), case.0.path("user/dangtong/results")).unwrap();
        }
        let mut program = program();
        program.env("XDG_CACHE_HOME", case.0.path("user")).args(["audit", command]);
        program
            .arg(report)
            .args(more)
            .arg("--pipeline")
            .arg(pipeline)
            .arg("--returns")
            .arg(returns);
        let ran = program.output().unwrap();
        (ran.status.code().unwrap(), String::from_utf8(ran.stdout).unwrap())
    };
    // The forged number is in the report: the proof fails.
    case.run(&[]);
    assert_eq!(case.rate(), "30.0");
    let (code, said) = audit("verify", &[]);
    assert!(code == 1 && said.contains("30.0%（3/10） → 90.0%（9/10）"), "{said}");
    assert_eq!(audit("trace", &["closing_rate@101"]).0, 2);
    // It is in the cache only: the proof holds.
    case.run(&["--no-cache"]);
    assert_eq!(audit("verify", &[]).0, 0);
    assert_eq!(audit("trace", &["closing_rate@101"]).0, 0);
}

#[test]
fn a_damaged_entry_is_as_good_as_none() {
    let folder = tempfile::tempdir().unwrap();
    let cache = Cache::at(folder.path().to_owned());
    let get = |name: &[u8]| cache.entry(&[name]).get::<(String, Vec<u64>)>();
    let result = ("九".repeat(30), vec![1, 2, 300]);
    cache.entry(&[b"one"]).put(&result);
    let one = files(folder.path()).into_keys().next().unwrap();
    let path = folder.path().join(&one);
    let whole = fs::read(&path).unwrap();
    assert_eq!(get(b"one"), Some(result.clone()));
    // Two parts are not one.
    assert_eq!(cache.entry(&[b"on", b"e"]).get::<(String, Vec<u64>)>(), None);
    // As another kind of result it is none.
    assert_eq!(cache.entry(&[b"one"]).get::<Vec<bool>>(), None);
    for bit in 0..whole.len() * 8 {
        let mut damaged = whole.clone();
        damaged[bit / 8] ^= 1 << (bit % 8);
        fs::write(&path, damaged).unwrap();
        assert_eq!(get(b"one"), None, "bit {bit}");
    }
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        assert_eq!(get(b"one"), None, "{length} bytes");
    }
    fs::write(&path, [&whole[..], b"\0"].concat()).unwrap();
    assert_eq!(get(b"one"), None);
    // Another entry under its name.
    cache.entry(&[b"two"]).put(&("二".to_owned(), vec![2u64]));
    let other = files(folder.path()).into_keys().find(|name| *name != one).unwrap();
    fs::copy(folder.path().join(other), &path).unwrap();
    assert_eq!(get(b"one"), None);
    // It is replaced.
    cache.entry(&[b"one"]).put(&result);
    assert_eq!(get(b"one"), Some(result));
}

type Damage = fn(&Path);

#[test]
fn whatever_becomes_of_the_cache_the_report_is_the_same() {
    let case = Cached::new();
    let plain = case.run(&["--no-cache"]);
    case.run(&[]);
    let kept = case.entries();
    let damages: [(&str, Damage, bool); 7] = [
        ("emptied", |path| fs::write(path, "").unwrap(), true),
        ("another text", |path| fs::write(path, "九".repeat(500)).unwrap(), true),
        ("cut", |path| fs::write(path, &fs::read(path).unwrap()[..40]).unwrap(), true),
        ("gone", |path| fs::remove_file(path).unwrap(), true),
        (
            "a link",
            |path| {
                fs::remove_file(path).unwrap();
                symlink("/dev/zero", path).unwrap();
            },
            true,
        ),
        (
            "a pipe",
            |path| {
                fs::remove_file(path).unwrap();
                let made = std::process::Command::new("mkfifo").arg(path).status().unwrap();
                assert!(made.success());
            },
            true,
        ),
        (
            "a folder",
            |path| {
                fs::remove_file(path).unwrap();
                fs::create_dir(path).unwrap();
            },
            false,
        ),
    ];
    for (name, damage, mended) in damages {
        for entry in case.entries().keys() {
            damage(&case.folder().join(entry));
        }
        assert!(case.run(&[]) == plain, "{name}");
        assert!(!mended || case.entries() == kept, "{name}");
    }
    // A file where the folder should be.
    fs::remove_dir_all(case.folder()).unwrap();
    fs::write(case.folder(), "").unwrap();
    assert!(case.run(&[]) == plain);
}

#[test]
fn two_runs_at_once_may_share_it() {
    let case = Cached::new();
    let plain = case.run(&["--no-cache"]);
    let start = |out: &str| {
        let mut program = program();
        program.args(["run", "--period", "2013-10"]);
        for (option, path) in [
            ("--pipeline", "pipeline"),
            ("--returns", "returns"),
            ("--cache", "cache"),
            ("--out", out),
        ] {
            program.arg(option).arg(case.0.path(path));
        }
        program.stdout(Stdio::null()).spawn().unwrap()
    };
    for _ in 0..3 {
        fs::remove_dir_all(case.folder()).ok();
        let runs = ["one", "two"].map(|out| (out, start(out)));
        for (out, mut run) in runs {
            assert!(run.wait().unwrap().success());
            assert!(files(&case.0.path(out)) == plain);
        }
        assert_eq!(case.entries().len(), 9);
    }
}

#[test]
fn what_could_not_be_read_is_not_kept() {
    let case = Cached::new();
    fs::write(case.0.path("returns/2013-10/坏.xlsx"), "PK\u{3}\u{4} no archive").unwrap();
    fs::write(case.0.path("returns/2013-10/空.xls"), "").unwrap();
    let arguments = ["--period", "2013-10", "--json", "--cache", case.folder().to_str().unwrap()]
        .map(str::to_owned);
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let first = case.0.dangtong("check", &arguments);
    assert_eq!(case.entries().len(), 8);
    assert_eq!(first.stdout, case.0.dangtong("check", &arguments).stdout);
}

#[test]
fn the_cache_shows_nothing_of_a_return_and_belongs_to_its_user() {
    use std::os::unix::fs::PermissionsExt;
    let case = Cached::new();
    case.run(&[]);
    let shown = ["党员0001", "甲镇", "cases"];
    for (name, bytes) in case.entries() {
        let text = String::from_utf8_lossy(&bytes).into_owned() + &name;
        assert!(shown.iter().all(|word| !text.contains(word)), "{name}");
        let mode = fs::metadata(case.folder().join(&name)).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{name}");
    }
}

#[test]
fn a_cache_among_the_returns_is_refused() {
    let case = Cached::new();
    let inside = case.0.path("returns/2013-10/cache");
    let ran = case.0.dangtong("check", &["--cache", inside.to_str().unwrap()]).expect_code(2);
    assert!(ran.stderr.contains("收表目录") && !inside.exists(), "{}", ran.stderr);
    let both = dangtong(&["check", "--no-cache", "--cache", "x"]).expect_code(2);
    assert!(both.stderr.contains("--no-cache"), "{}", both.stderr);
}
