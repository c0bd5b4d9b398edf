//! The sample county cut into three: each hands up, one reports above them, and every figure is the
//! one that is made directly.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use calamine::{Reader, Xlsx, open_workbook};

use crate::case::{dangtong, files, read_csv, repository};

/// The hand-in folders that are cut.
const FOLDERS: [&str; 2] = ["2013-09", "2013-10"];

/// Codes of the three, dealt out to the units in turn.
const COUNTIES: [&str; 3] = ["X", "Y", "Z"];

/// A unit that the sample's programmes name by its code: shared programmes name its kind.
const ECONOMY: &str = "140722302";

struct Cut {
    dir: tempfile::TempDir,
    /// The unit register, line by line.
    header: String,
    units: Vec<Unit>,
}

struct Unit {
    code: String,
    name: String,
    line: String,
    county: &'static str,
}

/// A row of figures.csv.
type Row = BTreeMap<String, String>;

impl Cut {
    fn new() -> Self {
        let register = sample("pipelines/zuoquan/registers/unit.csv");
        let register = fs::read_to_string(register).unwrap();
        let mut lines = register.lines();
        let header = lines.next().unwrap().to_owned();
        let unit = |(line, county): (&str, &&'static str)| {
            let cells: Vec<&str> = line.split(',').collect();
            let line = match cells[0] {
                ECONOMY => line.replace(",agency,", ",economy,"),
                _ => line.to_owned(),
            };
            Unit { code: cells[0].to_owned(), name: cells[1].to_owned(), line, county }
        };
        let units = lines.zip(COUNTIES.iter().cycle()).map(unit).collect();
        Self { dir: tempfile::tempdir().unwrap(), header, units }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn text(&self, name: &str) -> String {
        self.path(name).to_str().unwrap().to_owned()
    }

    /// The sample's definitions, without what only one county can say, for a county (or all).
    fn pipeline(&self, name: &str, code: &str, register: &str, county: Option<&str>) {
        let target = self.path(name).join("pipeline");
        for (path, bytes) in files(&sample("pipelines/zuoquan")) {
            let file = target.join(&path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            let bytes = match path.rsplit_once('/') {
                Some(("programmes", _)) => shared(&String::from_utf8(bytes).unwrap()).into_bytes(),
                Some(("registers", "unit.csv")) => register.to_owned().into_bytes(),
                Some(("registers", "village.csv")) => {
                    self.villages(&String::from_utf8(bytes).unwrap(), county).into_bytes()
                }
                None if path == "pipeline.toml" => {
                    settings(&String::from_utf8(bytes).unwrap(), code).into_bytes()
                }
                _ => bytes,
            };
            fs::write(file, bytes).unwrap();
        }
    }

    fn villages(&self, all: &str, county: Option<&str>) -> String {
        let is_its = |line: &&str| self.of(county).any(|unit| line.contains(&unit.code));
        let lines = all.lines().take(1).chain(all.lines().skip(1).filter(is_its));
        lines.map(|line| format!("{line}\n")).collect()
    }

    fn of(&self, county: Option<&str>) -> impl Iterator<Item = &Unit> {
        self.units.iter().filter(move |unit| county.is_none_or(|county| unit.county == county))
    }

    fn register(&self, county: Option<&str>) -> String {
        let lines = self.of(county).map(|unit| unit.line.as_str());
        [self.header.as_str()].into_iter().chain(lines).map(|line| format!("{line}\n")).collect()
    }

    /// The files of its units, and the lines about them.
    fn returns(&self, name: &str, county: Option<&str>) {
        for folder in FOLDERS {
            let from = sample("sample-data/zuoquan/returns").join(folder);
            let target = self.path(name).join("returns").join(folder);
            fs::create_dir_all(&target).unwrap();
            for (file, bytes) in files(&from) {
                let is_its = |text: &str| self.of(county).any(|unit| text.contains(&unit.name));
                if matches!(file.as_str(), "收件.csv" | "审核说明.csv") {
                    let text = String::from_utf8(bytes).unwrap();
                    let own =
                        text.lines().take(1).chain(text.lines().skip(1).filter(|l| is_its(l)));
                    let own: String = own.map(|line| format!("{line}\n")).collect();
                    fs::write(target.join(file), own).unwrap();
                } else if is_its(&file) {
                    fs::write(target.join(file), bytes).unwrap();
                }
            }
        }
    }

    fn county(&self, county: &str) {
        self.pipeline(county, county, &self.register(Some(county)), Some(county));
        self.returns(county, Some(county));
        let facts = self.text("facts");
        self.run(county, "collect", &["--facts", &facts]);
        self.run(county, "run", &["--out", &self.text(&format!("{county}/reports"))]);
    }

    fn run(&self, name: &str, command: &str, more: &[&str]) {
        let (pipeline, returns) =
            (self.text(&format!("{name}/pipeline")), self.text(&format!("{name}/returns")));
        let fixed = [command, "--no-cache", "--pipeline", &pipeline, "--returns", &returns];
        let ran = dangtong(&[&fixed, more].concat());
        // 1: something was sent back, because a county's own rows are fewer than a rule expects.
        assert!(ran.code <= 1, "{}{}", ran.stdout, ran.stderr);
    }

    /// The level above the three.
    fn above(&self) {
        let mut register = format!("{},parent\n", self.header);
        for county in COUNTIES {
            register += &format!("{county},{county}县,,county,县,false,,,\n");
        }
        for unit in &self.units {
            register += &format!("{},{}\n", unit.line, unit.county);
        }
        self.pipeline("above", "140722", &register, None);
        let (pipeline, facts) = (self.text("above/pipeline"), self.text("facts"));
        let out = self.text("above/reports");
        let fixed = ["run", "--no-cache", "--pipeline", &pipeline, "--facts", &facts];
        let ran = dangtong(&[&fixed[..], &["--out", &out]].concat());
        assert!(ran.code <= 1, "{}{}", ran.stdout, ran.stderr);
    }

    fn figures(&self, name: &str) -> BTreeMap<String, Row> {
        let rows = read_csv(&self.path(name).join("reports/2013-10/figures.csv"));
        rows.into_iter().map(|row| (row["figure_id"].clone(), row)).collect()
    }
}

fn sample(name: &str) -> PathBuf {
    repository().join(name)
}

/// A programme that any county can have: kinds of units in place of codes.
fn shared(programme: &str) -> String {
    // The rule about the one unit that answers for all.
    let apart = programme.split("\n[[").filter(|item| !item.contains("answers = \""));
    let programme = apart.collect::<Vec<_>>().join("\n[[");
    programme
        .replace(&format!("\"{ECONOMY}\""), "\"economy\"")
        .replace("\"140722304\"", "\"urban\"")
        .replace("\"agency\"", "\"agency\", \"economy\"")
        .replace("'agency'", "'agency', 'economy'")
}

fn settings(settings: &str, code: &str) -> String {
    let known = "unit_register = \"unit\"\nunit_groups = [\"乡镇\", \"县直机关\", \"非公\", \"机关部门\"]\nunit_kinds = [\"township\", \"agency\", \"economy\", \"urban\", \"nonpublic\", \"office\"]";
    let name = if code.len() == 1 { format!("{code}县") } else { "左权县".to_owned() };
    settings
        .replace("county_code = \"140722\"", &format!("county_code = \"{code}\""))
        .replace("county_name = \"左权县\"", &format!("county_name = \"{name}\""))
        .replace("unit_register = \"unit\"", known)
}

/// What may differ: where a figure stands among others.
fn same(a: &Row, b: &Row) -> bool {
    let is_place = |column: &str| column == "group" || column == "rank";
    a.iter().all(|(column, value)| is_place(column) || b[column] == *value)
}

#[test]
fn three_counties_hand_up_and_every_figure_above_is_the_one_made_directly() {
    let cut = Cut::new();
    COUNTIES.iter().for_each(|county| cut.county(county));
    cut.pipeline("whole", "140722", &cut.register(None), None);
    cut.returns("whole", None);
    cut.run("whole", "run", &["--out", &cut.text("whole/reports")]);
    cut.above();
    let above = cut.figures("above");
    // What is diagnosed is asked of the rows: of three counties, not of eighteen committees.
    let is_count_of_problems = |row: &Row| row["indicator"].starts_with("problem_");
    let whole = cut.figures("whole");
    let own = |row: &&Row| row["unit_code"] == "140722" && !is_count_of_problems(row);
    let mut compared = 0;
    for row in whole.values().filter(own) {
        assert!(same(row, &above[&row["figure_id"]]), "{row:?}\n{:?}", above[&row["figure_id"]]);
        compared += 1;
    }
    assert!(compared > 1500, "{compared}");
    for county in COUNTIES {
        let mut values = 0;
        let of_county = cut.figures(county);
        let own = |row: &&Row| row["unit_code"] == county && !is_count_of_problems(row);
        for row in of_county.values().filter(own) {
            match above.get(&row["figure_id"]) {
                Some(up) => {
                    assert!(same(row, up), "{row:?}\n{up:?}");
                    values += usize::from(!row["value"].is_empty());
                }
                // By category only the county's own report shows it; without a value there is no row.
                None => assert!(!row["dimension"].is_empty() || row["value"].is_empty(), "{row:?}"),
            }
        }
        assert!(values > 200, "{values}");
    }
    // What was found of a county as a whole is said of it.
    let found = read_csv(&cut.path("above/reports/2013-10/findings.csv"));
    let of_rule = found.iter().filter(|row| row["code"] == "F01-06");
    let blamed: BTreeSet<&str> = of_rule.map(|row| row["unit"].as_str()).collect();
    assert_eq!(blamed, ["X县", "Y县", "Z县"].into());
    // Nothing in it is of a unit below the rows.
    let shown: BTreeSet<&str> = above.values().map(|row| row["unit_code"].as_str()).collect();
    assert_eq!(shown, ["140722", "X", "Y", "Z"].into());
    let workbook = cut.path("above/reports/2013-10/党建统计月报_2013-10.xlsx");
    let workbook: Xlsx<_> = open_workbook(workbook).unwrap();
    assert!(
        workbook.sheet_names().contains(&"一县一单".to_owned()),
        "{:?}",
        workbook.sheet_names()
    );
    trace(&cut);
}

/// A figure of a county opens to the county, the file and the cell; the manifest has the file's hash.
fn trace(cut: &Cut) {
    let (report, pipeline, facts) =
        (cut.text("above/reports/2013-10"), cut.text("above/pipeline"), cut.text("facts"));
    let fixed = ["--pipeline", &pipeline, "--facts", &facts, "--no-cache"];
    let traced = dangtong(&[&["audit", "trace", &report, "member_actual@Y"], &fixed[..4]].concat());
    let shown = traced.expect_code(0).stdout;
    let manifest = fs::read_to_string(Path::new(&report).join("audit/manifest.json")).unwrap();
    let own = files(&cut.path("Y/returns"));
    let named: Vec<_> =
        own.iter().filter(|(name, _)| shown.contains(&format!("Y县/{name}"))).collect();
    assert!(!named.is_empty(), "{shown}");
    for (name, bytes) in named {
        assert!(manifest.contains(&format!("Y县/{name}")));
        assert!(manifest.contains(&dangtong::model::sha256(bytes)));
    }
}
