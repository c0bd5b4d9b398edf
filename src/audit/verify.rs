//! Verifies a report: are its files as the manifest says, are the raw returns and definitions
//! the same, and does a recomputation give the same bytes?

use std::collections::BTreeMap;
use std::path::Path;

use super::{Manifest, sha256};
use crate::definition::Definition;
use crate::model::FileReceipt;

/// A recomputation of the report from the raw returns at hand.
#[derive(Debug)]
pub struct Recomputed<'a> {
    pub definition: &'a Definition,
    /// What collecting read.
    pub raw_files: &'a [FileReceipt],
    pub outputs: &'a BTreeMap<String, Vec<u8>>,
}

/// One difference, ready to print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Difference {
    Version {
        then: String,
        now: String,
    },
    /// A file of the report was changed or removed after it was made.
    ReportFile {
        name: String,
        gone: bool,
    },
    /// A file in the report folder that the manifest does not name.
    ForeignFile {
        name: String,
    },
    RawChanged {
        path: String,
        returns: Vec<String>,
    },
    RawAdded {
        path: String,
    },
    RawGone {
        path: String,
        returns: Vec<String>,
    },
    Definition {
        path: String,
    },
    /// A recomputed output that differs.
    Output {
        name: String,
    },
    Figure {
        id: String,
        from: String,
        to: String,
    },
    /// A diagnosed problem that came, went or reads differently.
    Problem {
        id: String,
        from: String,
        to: String,
    },
}

/// The result of verifying.
#[derive(Debug, Clone, Default)]
pub struct Verdict {
    pub differences: Vec<Difference>,
}

impl Verdict {
    /// 0 same, 1 differs, 2 cannot be verified because a raw file is gone.
    pub fn exit_code(&self) -> u8 {
        let gone = |d: &Difference| matches!(d, Difference::RawGone { .. });
        // Another version that gives the same bytes is the same report.
        let matters = |d: &Difference| !matches!(d, Difference::Version { .. });
        if self.differences.iter().any(gone) {
            2
        } else {
            u8::from(self.differences.iter().any(matters))
        }
    }
}

/// Compares the report folder, its manifest and the recomputation.
pub fn verify(
    report: &Path,
    manifest: &Manifest,
    recomputed: &Recomputed,
) -> anyhow::Result<Verdict> {
    let mut differences = Vec::new();
    if manifest.program_version() != env!("CARGO_PKG_VERSION") {
        differences.push(Difference::Version {
            then: manifest.program_version().to_owned(),
            now: env!("CARGO_PKG_VERSION").to_owned(),
        });
    }
    compare_report(report, manifest, &mut differences)?;
    compare_dependencies(manifest, recomputed, &mut differences);
    for subject in &manifest.subject {
        let now = recomputed.outputs.get(&subject.name).map(|bytes| sha256(bytes));
        if now.as_deref() != Some(&subject.digest.sha256) {
            differences.push(Difference::Output { name: subject.name.clone() });
        }
    }
    let named = |name: &str| manifest.subject.iter().any(|s| s.name == name);
    for name in recomputed.outputs.keys() {
        if name != super::MANIFEST && !named(name) {
            differences.push(Difference::Output { name: name.clone() });
        }
    }
    for (id, from, to) in moved(report, recomputed, "figures.csv", figures)? {
        differences.push(Difference::Figure { id, from, to });
    }
    for (id, from, to) in moved(report, recomputed, "problems.csv", problems)? {
        differences.push(Difference::Problem { id, from, to });
    }
    Ok(Verdict { differences })
}

fn compare_report(
    report: &Path,
    manifest: &Manifest,
    differences: &mut Vec<Difference>,
) -> anyhow::Result<()> {
    for subject in &manifest.subject {
        match std::fs::read(report.join(&subject.name)) {
            Ok(bytes) if sha256(&bytes) == subject.digest.sha256 => {}
            Ok(_) => {
                let name = subject.name.clone();
                differences.push(Difference::ReportFile { name, gone: false });
            }
            Err(_) => {
                let name = subject.name.clone();
                differences.push(Difference::ReportFile { name, gone: true });
            }
        }
    }
    for name in files_below(report, "")? {
        if name != super::MANIFEST && !manifest.subject.iter().any(|s| s.name == name) {
            differences.push(Difference::ForeignFile { name });
        }
    }
    Ok(())
}

fn files_below(root: &Path, prefix: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join(prefix))? {
        let entry = entry?;
        let Some(name) = entry.file_name().to_str().map(str::to_owned) else { continue };
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() {
            names.extend(files_below(root, &name)?);
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn compare_dependencies(
    manifest: &Manifest,
    recomputed: &Recomputed,
    differences: &mut Vec<Difference>,
) {
    let raw: BTreeMap<String, &str> = recomputed
        .raw_files
        .iter()
        .map(|f| (format!("returns/{}", f.path), f.sha256.as_str()))
        .collect();
    let definitions: BTreeMap<String, &str> = recomputed
        .definition
        .files
        .iter()
        .map(|f| (format!("pipeline/{}", f.path), f.sha256.as_str()))
        .collect();
    let dependencies = &manifest.predicate.build_definition.resolved_dependencies;
    for dependency in dependencies {
        let then = dependency.digest.sha256.as_str();
        let returns = dependency.annotations.returns.clone();
        if let Some(path) = dependency.name.strip_prefix("returns/") {
            let path = path.to_owned();
            match raw.get(&dependency.name) {
                Some(&now) if now == then => {}
                Some(_) => differences.push(Difference::RawChanged { path, returns }),
                None => differences.push(Difference::RawGone { path, returns }),
            }
        } else if definitions.get(&dependency.name).copied() != Some(then) {
            let path = dependency.name.trim_start_matches("pipeline/").to_owned();
            differences.push(Difference::Definition { path });
        }
    }
    let named = |name: &String| dependencies.iter().any(|d| d.name == *name);
    for name in raw.keys().filter(|name| !named(name)) {
        let path = name.trim_start_matches("returns/").to_owned();
        differences.push(Difference::RawAdded { path });
    }
    for name in definitions.keys().filter(|name| !named(name)) {
        let path = name.trim_start_matches("pipeline/").to_owned();
        differences.push(Difference::Definition { path });
    }
}

/// The rows of a CSV output by their first column, each as `print` gives it.
fn rows(
    bytes: &[u8],
    columns: &[&str],
    print: fn(&[&str]) -> String,
) -> anyhow::Result<BTreeMap<String, String>> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers()?.clone();
    let at: Vec<Option<usize>> =
        columns.iter().map(|name| header.iter().position(|h| h == *name)).collect();
    let mut all = BTreeMap::new();
    for record in reader.records() {
        let record = record?;
        let cell = |at: &Option<usize>| at.and_then(|at| record.get(at)).unwrap_or("");
        let cells: Vec<&str> = at.iter().map(cell).collect();
        all.insert(record.get(0).unwrap_or("").to_owned(), print(&cells));
    }
    Ok(all)
}

/// `value（numerator/denominator，状态 …）` of each figure of a `figures.csv`.
fn figures(bytes: &[u8]) -> anyhow::Result<BTreeMap<String, String>> {
    rows(bytes, &["numerator", "denominator", "value", "status"], |cells| {
        let &[numerator, denominator, value, status] = cells else { return String::new() };
        let value = if value.is_empty() { "—" } else { value };
        match denominator {
            "" => format!("{value}（状态 {status}）"),
            _ => format!("{value}（{numerator}/{denominator}，状态 {status}）"),
        }
    })
}

/// The sentence of each problem of a `problems.csv`.
fn problems(bytes: &[u8]) -> anyhow::Result<BTreeMap<String, String>> {
    rows(bytes, &["text"], |cells| cells.concat())
}

/// Rows of a CSV output that were there then or are there now, and are not the same.
fn moved(
    report: &Path,
    recomputed: &Recomputed,
    name: &str,
    read: fn(&[u8]) -> anyhow::Result<BTreeMap<String, String>>,
) -> anyhow::Result<Vec<(String, String, String)>> {
    let then = match std::fs::read(report.join(name)) {
        Ok(bytes) => read(&bytes).unwrap_or_default(),
        Err(_) => return Ok(Vec::new()),
    };
    let now = match recomputed.outputs.get(name) {
        Some(bytes) => read(bytes)?,
        None => return Ok(Vec::new()),
    };
    let absent = || "(无)".to_owned();
    let mut moved = Vec::new();
    for (id, from) in then.iter().filter(|(id, from)| now.get(*id) != Some(*from)) {
        let to = now.get(id).cloned().unwrap_or_else(absent);
        moved.push((id.clone(), from.clone(), to));
    }
    for (id, to) in now.iter().filter(|(id, _)| !then.contains_key(*id)) {
        moved.push((id.clone(), absent(), to.clone()));
    }
    Ok(moved)
}
