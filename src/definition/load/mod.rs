//! Loads a pipeline directory, reporting all problems of all files together.

mod cases;
mod cells;
mod charts;
mod checks;
mod circular;
mod composite;
mod county;
mod cross;
mod decode;
mod diagnoses;
mod digits;
mod expressions;
mod forms;
mod include;
mod indicators;
mod names;
mod natures;
mod rows;
mod sense;
mod tables;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rayon::prelude::*;

use super::{
    Calendar, Check, Circular, CodeList, Definition, Diagnosis, Form, Indicator, Programme,
    Register, Sentence, Settings,
};
use crate::model::text::system_reason;
use crate::model::{Units, sha256};
pub use cases::load_cases;

/// A file of the pipeline, for the manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DefinitionFile {
    /// Relative to the pipeline directory, with `/`.
    pub path: String,
    pub sha256: String,
    pub size: u64,
}

/// A problem in a definition: Chinese text with the valid choices.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    pub file: String,
    /// One-based; 0 when the whole file is meant.
    pub line: usize,
    pub message: String,
}

impl std::fmt::Display for Problem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.line == 0 {
            write!(f, "{}: {}", self.file, self.message)
        } else {
            write!(f, "{}:{}: {}", self.file, self.line, self.message)
        }
    }
}

/// Collects problems while loading goes on.
#[derive(Debug, Default)]
struct Problems {
    all: Vec<Problem>,
    /// Something could not be read, so others may miss it: their complaints would mislead.
    unread: bool,
    /// So is a whole file, and all that is in it would be missed.
    torn: bool,
}

impl Problems {
    fn add(&mut self, place: &SourceLine, message: impl Into<String>) {
        self.all.push(Problem {
            file: place.file.to_string(),
            line: place.outline.line,
            message: message.into(),
        });
    }

    fn extend(&mut self, found: Self) {
        self.all.extend(found.all);
        self.unread |= found.unread;
        self.torn |= found.torn;
    }
}

/// Where an item of a definition stands. Cheap to clone: most places are asked for and never told.
#[derive(Debug, Clone, Default)]
struct SourceLine {
    file: Arc<str>,
    outline: Outline,
}

impl SourceLine {
    fn file(file: &str) -> Self {
        Self::line(file, 0)
    }

    fn line(file: &str, line: usize) -> Self {
        Self { file: file.into(), outline: Outline { line, inner: None } }
    }

    /// The place of one of its keys, if the file has it; else its own.
    fn key(&self, key: &str) -> Self {
        self.inside(self.outline.key(key))
    }

    /// The place of the item of that number below one of its keys: `[[form.round]]`.
    fn nth(&self, key: &str, number: usize) -> Self {
        self.inside(self.outline.key(key).and_then(|key| key.item(number)))
    }

    /// The place of a row of a table of text.
    fn row(&self, number: usize) -> Self {
        self.inside(self.outline.item(number))
    }

    fn inside(&self, outline: Option<&Outline>) -> Self {
        let outline = outline.unwrap_or(&self.outline);
        Self { file: self.file.clone(), outline: outline.clone() }
    }
}

/// The line of an item, and the keys or items below it, each with its own.
#[derive(Debug, Clone, Default)]
struct Outline {
    line: usize,
    inner: Option<Arc<Inner>>,
}

#[derive(Debug)]
enum Inner {
    Keys(Vec<(Box<str>, Outline)>),
    Items(Vec<Outline>),
}

impl Outline {
    fn keys(&self) -> &[(Box<str>, Outline)] {
        match self.inner.as_deref() {
            Some(Inner::Keys(keys)) => keys,
            _ => &[],
        }
    }

    fn key(&self, key: &str) -> Option<&Self> {
        self.keys().iter().find(|(name, _)| **name == *key).map(|(_, outline)| outline)
    }

    fn item(&self, number: usize) -> Option<&Self> {
        match self.inner.as_deref() {
            Some(Inner::Items(items)) => items.get(number),
            _ => None,
        }
    }
}

/// An item and where it stands.
#[derive(Debug, Clone)]
struct Placed<T> {
    place: SourceLine,
    item: T,
}

/// Places of the items, in the order of the definition's lists.
#[derive(Debug)]
struct Places {
    forms: Vec<SourceLine>,
    checks: Vec<SourceLine>,
    indicators: Vec<SourceLine>,
    programmes: Vec<SourceLine>,
    diagnoses: Vec<SourceLine>,
    /// By name.
    registers: BTreeMap<String, SourceLine>,
}

/// Everything decoded, not yet cross-checked.
#[derive(Debug, Default)]
struct Decoded {
    settings: Option<Placed<Settings>>,
    codelists: Vec<(String, Placed<CodeList>)>,
    registers: Vec<Placed<Register>>,
    calendar: Calendar,
    /// Is there a file of holidays?
    has_calendar: bool,
    programmes: Vec<Placed<Programme>>,
    forms: Vec<Placed<Form>>,
    checks: Vec<Placed<Check>>,
    indicators: Vec<Placed<Indicator>>,
    diagnoses: Vec<Placed<Diagnosis>>,
    sentences: Vec<Placed<Sentence>>,
    circular: Option<Placed<Circular>>,
}

impl Decoded {
    /// Adds what another file of the same folder gave.
    fn extend(&mut self, other: Self) {
        self.settings = self.settings.take().or(other.settings);
        self.codelists.extend(other.codelists);
        self.registers.extend(other.registers);
        if other.has_calendar {
            (self.calendar, self.has_calendar) = (other.calendar, true);
        }
        self.programmes.extend(other.programmes);
        self.forms.extend(other.forms);
        self.checks.extend(other.checks);
        self.indicators.extend(other.indicators);
        self.diagnoses.extend(other.diagnoses);
        self.sentences.extend(other.sentences);
        self.circular = self.circular.take().or(other.circular);
    }
}

/// Loads and cross-checks everything, or gives all problems found, sorted.
pub fn load(directory: &Path) -> Result<Definition, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut files = Vec::new();
    let own = pipeline_files(directory, "", &mut problems);
    let mut decoded = decode_files(own, "", &mut files, &mut problems);
    for folder in include::folders(directory, &mut problems) {
        let shared = pipeline_files(&directory.join(&folder), &folder, &mut problems);
        let base = decode_files(shared, &folder, &mut files, &mut problems);
        decoded = decoded.over(base);
    }
    if decoded.settings.is_none() && problems.all.is_empty() {
        problems.add(&SourceLine::file("pipeline.toml"), "缺少管线设置文件");
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let definition =
        if problems.torn { None } else { cross::resolve(decoded, files, &mut problems) };
    problems.all.sort();
    problems.all.dedup();
    match definition {
        Some(definition) if problems.all.is_empty() => Ok(definition),
        _ => Err(problems.all),
    }
}

/// Reads the files of a folder; `folder`: the one that is included, empty for the pipeline's own.
fn decode_files(
    found: Vec<(String, PathBuf)>,
    folder: &str,
    files: &mut Vec<DefinitionFile>,
    problems: &mut Problems,
) -> Decoded {
    let read: Vec<(Option<DefinitionFile>, Decoded, Problems)> = found
        .par_iter()
        .map(|(name, full)| {
            let (mut decoded, mut problems) = (Decoded::default(), Problems::default());
            let file = read_file((name, &shown(folder, name)), full, &mut decoded, &mut problems);
            (file, decoded, problems)
        })
        .collect();
    let mut all = Decoded::default();
    for (file, decoded, found) in read {
        files.extend(file);
        all.extend(decoded);
        problems.extend(found);
    }
    all
}

/// Reads one file; `None` when its bytes cannot be had.
fn read_file(
    (name, path): (&str, &str),
    full: &Path,
    decoded: &mut Decoded,
    problems: &mut Problems,
) -> Option<DefinitionFile> {
    let place = SourceLine::file(path);
    let bytes = match std::fs::read(full) {
        Ok(bytes) => bytes,
        Err(error) => {
            problems.add(&place, format!("不能读取：{}", system_reason(&error)));
            return None;
        }
    };
    let file =
        DefinitionFile { path: path.to_owned(), sha256: sha256(&bytes), size: bytes.len() as u64 };
    match String::from_utf8(bytes) {
        Ok(text) => decode_file((name, path), &text, decoded, problems),
        Err(_) => problems.add(&place, "不是 UTF-8 编码，请另存为 UTF-8"),
    }
    Some(file)
}

/// A file as messages and the manifest name it: `../common/codelists.toml`.
fn shown(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

/// `name`: what the file is; `path`: how it is named.
fn decode_file(
    (name, path): (&str, &str),
    text: &str,
    decoded: &mut Decoded,
    problems: &mut Problems,
) {
    let text = text.trim_start_matches('\u{feff}');
    let stem = path.rsplit('/').next().unwrap_or(path);
    let stem = stem.rsplit_once('.').map_or(stem, |(stem, _)| stem);
    match name {
        "pipeline.toml" => decoded.settings = decode::file(path, text, problems),
        "circular.toml" => decoded.circular = decode::file(path, text, problems),
        "codelists.toml" => decoded.codelists = decode::codelists(path, text, problems),
        "holidays.csv" => {
            decoded.calendar = tables::calendar(path, text, problems);
            decoded.has_calendar = true;
        }
        _ if name.starts_with("registers/") => {
            decoded.registers.extend(tables::register(path, stem, text, problems));
        }
        _ => decode::programme(path, stem, text, decoded, problems),
    }
}

/// The files beside the folders of registers and programmes.
const SINGLE: [&str; 4] = ["pipeline.toml", "circular.toml", "codelists.toml", "holidays.csv"];

/// Folders of a pipeline and the ending of the files in them.
const FOLDERS: [(&str, &str); 2] = [("registers", "csv"), ("programmes", "toml")];

/// The files of a pipeline directory in path order: (relative path, full path). A file that looks
/// like a part of it and is not read is a mistake in its name.
fn pipeline_files(
    directory: &Path,
    included: &str,
    problems: &mut Problems,
) -> Vec<(String, PathBuf)> {
    let is_own = included.is_empty();
    let mut found = BTreeMap::new();
    for (name, full) in entries(directory) {
        let folder = FOLDERS.iter().find(|(folder, _)| *folder == name);
        if full.is_file() && SINGLE.contains(&name.as_str()) {
            // Settings are the county's own.
            if is_own || name != "pipeline.toml" {
                found.insert(name, full);
            }
        } else if full.is_file() && is_definition(&name) {
            let choices = SINGLE.join("、");
            let message =
                format!("不会读取这个文件：管线目录里的文件只能是 {choices}，请改名或移走");
            problems.add(&SourceLine::file(&shown(included, &name)), message);
        } else if let Some((folder, ending)) = folder {
            for (name, full) in entries(&full) {
                let path = format!("{folder}/{name}");
                if full.extension().is_some_and(|e| e == *ending) {
                    found.insert(path, full);
                } else if is_definition(&name) {
                    let message = format!("不会读取这个文件：{folder} 里的文件应以 .{ending} 结尾");
                    problems.add(&SourceLine::file(&shown(included, &path)), message);
                }
            }
        } else if name != cases::FOLDER
            && full.is_dir()
            && entries(&full).iter().any(|(name, _)| is_definition(name))
        {
            let message =
                "不会读取这个文件夹里的文件：应为 registers、programmes 或 tests，请改名或移走";
            problems.add(&SourceLine::file(&shown(included, &name)), message);
        }
    }
    if is_own && !found.contains_key("pipeline.toml") {
        let message = format!("管线目录 {} 里没有 pipeline.toml", directory.display());
        problems.add(&SourceLine::file("pipeline.toml"), message);
    }
    found.into_iter().collect()
}

/// Visible entries of a folder by name; none if it cannot be read.
fn entries(folder: &Path) -> BTreeMap<String, PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let named =
        entries.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())));
    named.filter(|(name, _)| !name.starts_with(['.', '~'])).collect()
}

fn is_definition(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    name.ends_with(".toml") || name.ends_with(".csv")
}

fn units_of(register: &Register) -> Units {
    let all: Vec<usize> = (0..register.rows.len()).collect();
    let unit = |row: usize| crate::model::Unit {
        code: register.get(row, "code").to_owned(),
        name: register.get(row, "name").to_owned(),
        aliases: register
            .get(row, "aliases")
            .split(';')
            .map(str::trim)
            .filter(|a| !a.is_empty())
            .map(str::to_owned)
            .collect(),
        kind: register.get(row, "kind").to_owned(),
        group: register.get(row, "group").to_owned(),
        parent: register.get(row, "parent").to_owned(),
        assumed: register.get(row, "assumed") == "true",
        valid: register.validity(row),
    };
    Units::new(all.into_iter().map(unit).collect())
}
