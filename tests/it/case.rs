//! The test language: a temporary county, workbooks from inline rows, one run of the program.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

use dangtong::cache::Cache;
use dangtong::definition::{self, Definition, Field, FieldType};
use dangtong::model::{Decimal, Figure, Finding, Outcome, Period};
use dangtong::pipeline::{self, Computed};
use rust_xlsxwriter::Workbook;

/// A temporary folder with `pipeline/` and `returns/`.
pub(crate) struct Case {
    dir: tempfile::TempDir,
}

/// What one run of the program gave.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Fails with everything there is to see.
    #[track_caller]
    pub(crate) fn expect_code(self, code: i32) -> Self {
        assert_eq!(self.code, code, "stdout:\n{}\nstderr:\n{}", self.stdout, self.stderr);
        self
    }
}

pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

impl Case {
    /// The small invented county of `tests/fixtures/mini`.
    pub(crate) fn mini() -> Self {
        let case = Self { dir: tempfile::tempdir().unwrap() };
        copy_folder(&repository().join("tests/fixtures/mini"), &case.path("pipeline"));
        fs::create_dir_all(case.path("returns")).unwrap();
        case
    }

    /// The mini county with a clean October (and September) of all three units.
    pub(crate) fn mini_clean() -> Self {
        let case = Self::mini();
        case.cases("2013-09", "甲镇", &[["a1", "2", "10", "8", "4"]]);
        case.cases("2013-09", "乙乡", &[["b1", "0", "5", "5", "0"]]);
        case.cases("2013-09", "丙局", &[["c1", "1", "2", "2", "1"]]);
        case.cases("2013-10", "甲镇", &[["a1", "4", "6", "9", "1"]]);
        case.cases("2013-10", "乙乡", &[["b1", "0", "3", "1", "2"]]);
        case.cases("2013-10", "丙局", &[["c1", "1", "4", "4", "1"]]);
        case
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.dir.path().join(relative)
    }

    /// Writes a 办件月报: rows of window, opening, registered, closed, closing.
    pub(crate) fn cases(&self, folder: &str, unit: &str, rows: &[[&str; 5]]) {
        let period = folder.replace('-', "年").replace("年0", "年") + "月";
        let mut all: Vec<Vec<String>> = vec![
            vec!["办件月报".into()],
            vec![format!("填报单位：{unit}"), String::new(), format!("报告期：{period}")],
            ["窗口", "经办人", "期初在办", "本月登记", "本月办结", "期末在办"]
                .map(str::to_owned)
                .into(),
        ];
        for [window, opening, registered, closed, closing] in rows {
            all.push(
                [window, "党员0001", opening, registered, closed, closing]
                    .map(|c| (*c).to_owned())
                    .into(),
            );
        }
        let rows: Vec<Vec<&str>> =
            all.iter().map(|r| r.iter().map(String::as_str).collect()).collect();
        self.workbook(&format!("{folder}/{unit}.xlsx"), &[("办件月报", &rows)]);
    }

    /// Writes sheets: a cell that reads as an integer or decimal is a number, else text;
    /// a leading `'` makes text of a number.
    pub(crate) fn workbook(&self, relative: &str, sheets: &[(&str, &[Vec<&str>])]) {
        let path = self.path("returns").join(relative);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let mut workbook = Workbook::new();
        for (name, rows) in sheets {
            let sheet = workbook.add_worksheet().set_name(*name).unwrap();
            for (r, row) in (0..).zip(rows.iter()) {
                for (c, cell) in (0..).zip(row) {
                    if let Some(text) = cell.strip_prefix('\'') {
                        sheet.write_string(r, c, text).unwrap();
                    } else if let Ok(number) = cell.parse::<f64>() {
                        sheet.write_number(r, c, number).unwrap();
                    } else if !cell.is_empty() {
                        sheet.write_string(r, c, *cell).unwrap();
                    }
                }
            }
        }
        workbook.save(&path).unwrap();
    }

    /// `dangtong <command> --pipeline … --returns …` with more arguments.
    pub(crate) fn dangtong(&self, command: &str, more: &[&str]) -> Ran {
        let (pipeline, returns) = (self.path("pipeline"), self.path("returns"));
        let mut arguments = vec![command];
        let (pipeline, returns) = (pipeline.to_str().unwrap(), returns.to_str().unwrap());
        arguments.extend(["--pipeline", pipeline, "--returns", returns]);
        arguments.extend(more);
        dangtong(&arguments)
    }

    /// Runs October into `reports/`.
    pub(crate) fn run(&self) -> Ran {
        let out = self.path("reports");
        self.dangtong("run", &["--period", "2013-10", "--out", out.to_str().unwrap()])
    }

    pub(crate) fn verify(&self) -> Ran {
        self.audit("verify", &[])
    }

    /// Opens a figure or a problem of October.
    pub(crate) fn trace(&self, id: &str, more: &[&str]) -> Ran {
        self.audit("trace", &[&[id], more].concat())
    }

    /// `dangtong audit <command> reports/2013-10 …`
    pub(crate) fn audit(&self, command: &str, more: &[&str]) -> Ran {
        let paths = ["reports/2013-10", "pipeline", "returns"].map(|name| self.path(name));
        let [report, pipeline, returns] = paths.each_ref().map(|path| path.to_str().unwrap());
        let fixed = ["audit", command, report, "--pipeline", pipeline, "--returns", returns];
        dangtong(&[&fixed, more].concat())
    }

    /// Rows of a CSV output of October, by column name.
    pub(crate) fn csv(&self, name: &str) -> Vec<std::collections::BTreeMap<String, String>> {
        read_csv(&self.path("reports/2013-10").join(name))
    }

    /// The printed value of a figure.
    #[track_caller]
    pub(crate) fn figure(&self, id: &str) -> String {
        let rows = self.csv("figures.csv");
        let row = rows.iter().find(|r| r["figure_id"] == id);
        row.unwrap_or_else(|| panic!("no figure {id}"))["value"].clone()
    }
}

/// The program, without what other runs of it have read.
pub(crate) fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_dangtong"));
    program.env("XDG_CACHE_HOME", "/dev/null");
    program
}

/// Runs the program in the repository's folder.
pub(crate) fn dangtong(arguments: &[&str]) -> Ran {
    // What `check` writes belongs to the test, not into the repository.
    let out = tempfile::tempdir().unwrap();
    let writes = arguments.first() == Some(&"check") && !arguments.contains(&"--out");
    let out = writes.then(|| ["--out", out.path().to_str().unwrap()]);
    let mut program = program();
    program.args(arguments).args(out.iter().flatten());
    let output = program.current_dir(repository()).output().unwrap();
    Ran {
        code: output.status.code().unwrap_or(-1),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

pub(crate) fn read_csv(path: &Path) -> Vec<std::collections::BTreeMap<String, String>> {
    let bytes = fs::read(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).expect("UTF-8 with BOM");
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().clone();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            header.iter().zip(&record).map(|(k, v)| (k.to_owned(), v.to_owned())).collect()
        })
        .collect()
}

/// All files below a folder: relative path → bytes.
pub(crate) fn files(root: &Path) -> std::collections::BTreeMap<String, Vec<u8>> {
    let mut found = std::collections::BTreeMap::new();
    let mut folders = vec![root.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    for (name, bytes) in files(from) {
        let path = to.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
}

/// A county's pipeline (by default the real one) over small returns that a test writes down.
pub(crate) struct County {
    case: Case,
    definition: Definition,
}

impl County {
    pub(crate) fn new() -> Self {
        Self::with(|_| {})
    }

    /// With changed definitions: the closure is given the folder of the pipeline's copy.
    pub(crate) fn with(change: impl FnOnce(&Path)) -> Self {
        Self::of("pipelines/zuoquan", change)
    }

    /// Another county: its pipeline's folder in the repository.
    pub(crate) fn of(pipeline: &str, change: impl FnOnce(&Path)) -> Self {
        let case = Case { dir: tempfile::tempdir().unwrap() };
        copy_folder(&repository().join(pipeline), &case.path("pipeline"));
        fs::create_dir_all(case.path("returns")).unwrap();
        change(&case.path("pipeline"));
        let definition = definition::load(&case.path("pipeline")).unwrap_or_else(|problems| {
            panic!("{}", problems.iter().map(|p| format!("{p}\n")).collect::<String>())
        });
        Self { case, definition }
    }

    pub(crate) fn definition(&self) -> &Definition {
        &self.definition
    }

    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.case.path(relative)
    }

    /// Hands in a form with rows of `field=value;…`. Fields that may not be blank and are not
    /// given are 0, 否, a day of 2013, the first code or 样例; data begins in row 4.
    pub(crate) fn hand_in<S: AsRef<str>>(&self, folder: &str, unit: &str, form: &str, rows: &[S]) {
        let form = self.definition.form(form).unwrap();
        let period = form.owed_in(&Period::parse(folder)).unwrap().period.title();
        let (unit_line, period_line) = (format!("填报单位：{unit}"), format!("报告期：{period}"));
        let mut sheet: Vec<Vec<String>> = vec![vec![form.title.clone()]];
        sheet.push(vec![unit_line, String::new(), period_line]);
        sheet.push(form.fields.iter().map(|field| field.title.clone()).collect());
        for row in rows {
            let parts: Vec<(&str, &str)> =
                row.as_ref().split(';').filter_map(|part| part.split_once('=')).collect();
            for (name, _) in &parts {
                assert!(form.field(name).is_some(), "no field {name}");
            }
            let given = |field: &Field| parts.iter().find(|(name, _)| *name == field.name);
            let cell = |field: &Field| match given(field) {
                Some((_, value)) => self.cell(field, value),
                None if field.filled => self.cell(field, &self.filler(field)),
                None => String::new(),
            };
            sheet.push(form.fields.iter().map(cell).collect());
        }
        let sheet: Vec<Vec<&str>> =
            sheet.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
        let file = format!("{folder}/{unit}_{}.xlsx", form.id);
        self.case.workbook(&file, &[("报表", &sheet)]);
    }

    /// Hands in a file of sheets, cell by cell.
    pub(crate) fn file(&self, name: &str, sheets: &[(&str, &[Vec<&str>])]) {
        self.case.workbook(name, sheets);
    }

    /// Codes stay text.
    fn cell(&self, field: &Field, value: &str) -> String {
        match field.kind {
            FieldType::Code | FieldType::Text if !value.is_empty() => format!("'{value}"),
            _ => value.to_owned(),
        }
    }

    fn filler(&self, field: &Field) -> String {
        let codes = self.definition.codelist_of(field).and_then(|list| list.codes.first());
        match (field.kind, codes) {
            (_, Some(first)) => first.code.clone(),
            (FieldType::Code | FieldType::Text, None) => "样例".to_owned(),
            (FieldType::Boolean, _) => "否".to_owned(),
            (FieldType::Date, _) => "2013-01-07".to_owned(),
            (FieldType::Month, _) => "2013年1月".to_owned(),
            _ => "0".to_owned(),
        }
    }

    /// Everything up to the figures of a month.
    pub(crate) fn compute(&self, folder: &str) -> Results {
        let prepared = pipeline::prepare(&pipeline::Request {
            pipeline: self.path("pipeline"),
            returns: Some(self.path("returns")),
            period: Some(folder.to_owned()),
            facts: Vec::new(),
            at: None,
            reader: env!("CARGO_BIN_EXE_dangtong").into(),
            cache: Cache::none(),
        })
        .unwrap();
        Results(pipeline::compute(prepared).unwrap())
    }
}

/// What came out of a month.
pub(crate) struct Results(pub(crate) Computed);

impl Results {
    /// Findings of a check, without those that say that it was not evaluated.
    pub(crate) fn failures(&self, code: &str) -> Vec<&Finding> {
        let failed = |f: &&Finding| f.code == code && f.outcome != Outcome::NotEvaluated;
        self.0.checked.validated.findings.iter().filter(failed).collect()
    }

    /// The data rows that a check blames, counted from 1.
    pub(crate) fn failing_rows(&self, code: &str) -> Vec<u32> {
        let row = |f: &&Finding| f.location.cells.first().map(|cell| cell.row - 2);
        self.failures(code).iter().filter_map(row).collect()
    }

    #[track_caller]
    pub(crate) fn figure(&self, id: &str) -> &Figure {
        let found = self.0.figures.iter().find(|figure| figure.id == id);
        found.unwrap_or_else(|| panic!("no figure {id}"))
    }

    /// Numerator, denominator and printed value; what there is not, is empty.
    #[track_caller]
    pub(crate) fn numbers(&self, id: &str) -> [String; 3] {
        let figure = self.figure(id);
        let text = |number: &Option<Decimal>| number.map_or_else(String::new, |n| n.to_string());
        [&figure.numerator, &figure.denominator, &figure.value].map(text)
    }
}

/// The workbook with texts of one part replaced.
pub(crate) fn changed(workbook: &[u8], part: &str, texts: &[(&str, &str)]) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for index in 0..archive.len() {
        let mut entry = archive.by_index(index).unwrap();
        let name = entry.name().unwrap().into_owned();
        let mut content = Vec::new();
        entry.read_to_end(&mut content).unwrap();
        if name == part {
            let mut xml = String::from_utf8(content).unwrap();
            for (from, to) in texts {
                assert!(xml.contains(from), "{from} is not in {part}: {xml}");
                xml = xml.replace(from, to);
            }
            content = xml.into_bytes();
        }
        package.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        package.write_all(&content).unwrap();
    }
    package.finish().unwrap().into_inner()
}

/// The text of a part of a workbook.
pub(crate) fn part(workbook: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}
