//! Whatever comes in which order, a month of returns, corrections, explanations, checks, reports and
//! slips loses nothing: every content that was ever there is in 收件.csv, no file is touched, each
//! unit's number is what its file says or its file is named, and nothing is remembered but the files.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::case::Case;

/// A generator of numbers that are the same on every machine (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }
}

const FOLDER: &str = "returns/2013-10";
const UNITS: [(&str, &str); 3] = [("甲镇", "101"), ("乙乡", "102"), ("丙局", "103")];

/// What a file of a unit says was registered, and whether it adds up.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Sent {
    registered: u64,
    adds_up: bool,
}

/// The month as the test knows it.
struct Month {
    case: Case,
    /// Unit → file → content.
    files: BTreeMap<usize, BTreeMap<String, Sent>>,
    /// Lines of 更正.csv and 订正.csv: unit, adopted, superseded; unit, before, after.
    corrections: Vec<(usize, String, String)>,
    amendments: Vec<(usize, u64, u64)>,
    /// SHA-256 of every content that a check saw.
    seen: BTreeSet<String>,
}

impl Month {
    fn new() -> Self {
        let case = Case::mini();
        fs::create_dir_all(case.path(FOLDER)).unwrap();
        Self {
            case,
            files: BTreeMap::new(),
            corrections: Vec::new(),
            amendments: Vec::new(),
            seen: BTreeSet::new(),
        }
    }

    fn send(&mut self, unit: usize, name: &str, sent: Sent) {
        let (title, _) = UNITS[unit];
        let [registered, closing] =
            [sent.registered, sent.registered + u64::from(!sent.adds_up)].map(|n| n.to_string());
        // All that is registered stays open: T-02 asks why nothing was closed.
        self.case.cases("2013-10", title, &[["a1", "0", &registered, "0", &closing]]);
        let there = self.case.path(&format!("{FOLDER}/{title}.xlsx"));
        let bytes = fs::read(&there).unwrap();
        fs::remove_file(there).unwrap();
        // What stood under the unit's plain name is put back.
        fs::write(self.path(name), bytes).unwrap();
        self.files.entry(unit).or_default().insert(name.to_owned(), sent);
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.case.path(&format!("{FOLDER}/{name}"))
    }

    fn write_declarations(&self) {
        let mut corrected = "单位,报表,采用文件,被替代文件,更正人,更正日期,原因\n".to_owned();
        for (unit, adopted, superseded) in &self.corrections {
            let unit = UNITS[*unit].0;
            corrected +=
                &format!("{unit},办件月报,{adopted},{superseded},统计员,2013-11-04,漏登\n");
        }
        fs::write(self.path("更正.csv"), corrected).unwrap();
        let mut amended = "单位,报表,单元格,原值,新值,原因,订正人,时间\n".to_owned();
        for (unit, before, after) in &self.amendments {
            let unit = UNITS[*unit].0;
            for cell in ["D4", "F4"] {
                amended +=
                    &format!("{unit},办件月报,{cell},{before},{after},漏登,统计员,2013-11-05\n");
            }
        }
        fs::write(self.path("订正.csv"), amended).unwrap();
    }

    /// One thing that happens.
    fn step(&mut self, dice: &mut Dice) {
        let unit = dice.below(3) as usize;
        let (title, _) = UNITS[unit];
        match dice.below(10) {
            0..=4 => {
                let name = format!("{title}{}.xlsx", ["（一）", "（二）"][dice.below(2) as usize]);
                let sent = Sent { registered: 1 + dice.below(5), adds_up: dice.below(4) > 0 };
                self.corrections.retain(|(own, ..)| *own != unit);
                self.send(unit, &name, sent);
            }
            5 => {
                if let Some((name, _)) = self.files.get_mut(&unit).and_then(BTreeMap::pop_first) {
                    fs::remove_file(self.path(&name)).unwrap();
                    self.corrections.retain(|(own, ..)| *own != unit);
                }
            }
            6 => {
                let names: Vec<String> =
                    self.files.get(&unit).into_iter().flat_map(BTreeMap::keys).cloned().collect();
                if let [first, second] = &names[..] {
                    self.corrections.retain(|(own, ..)| *own != unit);
                    self.corrections.push((unit, second.clone(), first.clone()));
                }
            }
            7 => {
                self.amendments.retain(|(own, ..)| *own != unit);
                self.amendments.push((unit, 1 + dice.below(5), 9));
            }
            8 => {
                let lines = format!(
                    "检查,单位,报表,单元格,说明\nT-02,{title},办件月报,,窗口搬迁停办一月\n"
                );
                fs::write(self.path("审核说明.csv"), lines).unwrap();
            }
            _ => {
                let out = self.case.path("reports");
                let to = ["--period", "2013-10", "--out", out.to_str().unwrap()];
                let command = ["run", "slips"][dice.below(2) as usize];
                let ran = self.case.dangtong(command, &to);
                assert!(ran.code < 2, "{command}: {}", ran.stderr);
            }
        }
        self.write_declarations();
    }

    /// The number of a unit, if one of its files counts: by the rules, not by the program.
    fn expected(&self, unit: usize) -> Option<u64> {
        let files = self.files.get(&unit)?;
        let replaced: BTreeSet<&String> = (self.corrections.iter())
            .filter(|(own, ..)| *own == unit)
            .map(|(_, _, superseded)| superseded)
            .collect();
        let mut left =
            files.iter().filter(|(name, _)| !replaced.contains(name)).map(|(_, sent)| *sent);
        let first = left.next()?;
        // The same file twice is one; two that differ are both sent back.
        if left.any(|other| other != first) || !first.adds_up {
            return None;
        }
        let amended = self
            .amendments
            .iter()
            .find(|(own, before, _)| *own == unit && *before == first.registered);
        Some(amended.map_or(first.registered, |(.., after)| *after))
    }

    fn check(&mut self) {
        let before = self.contents();
        self.seen.extend(before.values().cloned());
        let ran = self.case.dangtong(
            "check",
            &["--period", "2013-10", "--out", self.case.path("reports").to_str().unwrap()],
        );
        assert!(ran.code < 2, "{}", ran.stderr);
        assert_eq!(self.contents(), before, "a file was touched");
        let received = fs::read_to_string(self.path("收件.csv")).unwrap_or_default();
        for content in &self.seen {
            assert!(received.contains(content), "{content} is not in 收件.csv:\n{received}");
        }
        let out = self.case.path("reports");
        self.case.dangtong("run", &["--period", "2013-10", "--out", out.to_str().unwrap()]);
        let findings = self.case.csv("findings.csv");
        for (unit, (title, code)) in UNITS.iter().enumerate() {
            let figure = self.case.figure(&format!("registered_total@{code}"));
            match self.expected(unit) {
                Some(number) => assert_eq!(figure, number.to_string(), "{title}: {:?}", self.files),
                None => {
                    assert_eq!(figure, "", "{title}: {:?}", self.files);
                    // Each file that does not count is named with something that is wrong.
                    for name in self.files.get(&unit).into_iter().flat_map(BTreeMap::keys) {
                        let path = format!("2013-10/{name}");
                        assert!(
                            findings.iter().any(|f| f["file"] == path),
                            "{path} is dropped silently"
                        );
                    }
                }
            }
        }
    }

    /// The returns with their SHA-256.
    fn contents(&self) -> BTreeMap<String, String> {
        let names = self.files.values().flat_map(BTreeMap::keys);
        let content = |name: &String| {
            (name.clone(), dangtong::model::sha256(&fs::read(self.path(name)).unwrap()))
        };
        names.map(content).collect()
    }
}

#[test]
fn no_order_of_events_loses_a_value_or_a_file() {
    for seed in [3, 17, 2013] {
        let mut dice = Dice(seed * 0x9E37_79B9_7F4A_7C15);
        let mut month = Month::new();
        for step in 1..=24 {
            month.step(&mut dice);
            if step % 4 == 0 {
                month.check();
            }
        }
        // Another county clerk gets the folder as it is, without what the program wrote elsewhere.
        let fresh = Case::mini();
        fs::create_dir_all(fresh.path(FOLDER)).unwrap();
        for entry in fs::read_dir(month.case.path(FOLDER)).unwrap() {
            let entry = entry.unwrap();
            fs::copy(entry.path(), fresh.path(FOLDER).join(entry.file_name())).unwrap();
        }
        fresh.run();
        for table in ["figures.csv", "findings.csv"] {
            let of = |case: &Case| fs::read(case.path("reports/2013-10").join(table)).unwrap();
            assert_eq!(of(&fresh), of(&month.case), "{table} of seed {seed}");
        }
    }
}
