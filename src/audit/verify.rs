//! Verifies a report: are its files as the manifest says, does everything else in the manifest
//! hold, are raw returns and definitions the same, and does a recomputation give the same bytes?
//!
//! What moved is said as people know it: units, forms, cells and titles of figures.

mod claims;
mod returns;
mod rows;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context;
use serde::Serialize;
use serde_json::Value;

use super::{Dependency, LINEAGE, MANIFEST, Manifest, sha256};
use crate::definition::Reviewed;
use crate::lineage::Lineage;
use crate::model::{CERTIFICATE, Certificate};

pub use returns::{CellChange, ReturnChange};

/// A recomputation of the report from the raw returns at hand.
#[derive(Debug)]
pub struct Recomputed<'a> {
    pub reviewed: Reviewed<'a>,
    /// Its manifest among them.
    pub outputs: &'a BTreeMap<String, Vec<u8>>,
}

/// One difference between the report and what can be recomputed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Difference {
    /// The program is another than the one that made the report, or a library in it.
    Version {
        what: String,
        then: String,
        now: String,
    },
    /// Something else that the manifest says, and that is not so.
    Claim {
        what: String,
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
        returns: Vec<ReturnChange>,
    },
    RawAdded {
        path: String,
        returns: Vec<String>,
    },
    RawGone {
        path: String,
        returns: Vec<String>,
    },
    /// A definition file that is changed, new or gone.
    Definition {
        path: String,
        then: bool,
        now: bool,
    },
    /// A recomputed output that differs.
    Output {
        name: String,
    },
    /// Figures that say the same of what has another name now.
    Renamed {
        from: String,
        to: String,
        figures: usize,
    },
    Figure {
        id: String,
        title: String,
        from: String,
        to: String,
    },
    /// A diagnosed problem that came, went or reads differently.
    Problem {
        id: String,
        title: String,
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
    let written: Value = serde_json::from_slice(&std::fs::read(report.join(MANIFEST))?)?;
    let bytes = recomputed.outputs.get(MANIFEST).context("重算没有给出清单")?;
    let now: Value = serde_json::from_slice(bytes)?;
    let mut differences = claims::compare(&written, &now, recomputed.reviewed.definition);
    let untouched = compare_report(report, manifest, &mut differences)?;
    // Cells of an edited lineage prove nothing.
    let lineage = untouched.get(LINEAGE).and_then(|bytes| serde_json::from_slice(bytes).ok());
    let now: Manifest = serde_json::from_value(now)?;
    compare_dependencies(manifest, &now, recomputed, lineage.as_ref(), &mut differences);
    compare_outputs(manifest, recomputed, &mut differences);
    let figures = rows::moved(report, recomputed, "figures.csv", rows::figures)?;
    let renamed = figures.renamed.into_iter();
    let renamed = renamed.map(|((from, to), figures)| Difference::Renamed { from, to, figures });
    differences.extend(renamed);
    let figure = |(id, title, from, to)| Difference::Figure { id, title, from, to };
    differences.extend(figures.moved.into_iter().map(figure));
    let problems = rows::moved(report, recomputed, "problems.csv", rows::problems)?;
    let problem = |(id, title, from, to)| Difference::Problem { id, title, from, to };
    differences.extend(problems.moved.into_iter().map(problem));
    Ok(Verdict { differences })
}

/// Compares the files of the report with the manifest; gives those that are as it says.
fn compare_report(
    report: &Path,
    manifest: &Manifest,
    differences: &mut Vec<Difference>,
) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut untouched = BTreeMap::new();
    for subject in &manifest.subject {
        let name = subject.name.clone();
        match std::fs::read(report.join(&name)) {
            Ok(bytes) if sha256(&bytes) == subject.digest.sha256 => {
                untouched.insert(name, bytes);
            }
            Ok(_) => differences.push(Difference::ReportFile { name, gone: false }),
            Err(_) => differences.push(Difference::ReportFile { name, gone: true }),
        }
    }
    for name in files_below(report, "")? {
        let named = name == MANIFEST || manifest.subject.iter().any(|s| s.name == name);
        if named || super::is_beside(&name) {
            continue;
        }
        match (name.as_str(), certificate(report)) {
            (CERTIFICATE, Some(certificate)) => {
                differences.extend(certificate_of_another(&certificate, manifest));
            }
            _ => differences.push(Difference::ForeignFile { name }),
        }
    }
    Ok(untouched)
}

/// What another engine came to, if that was written down.
fn certificate(report: &Path) -> Option<Certificate> {
    serde_json::from_slice(&std::fs::read(report.join(CERTIFICATE)).ok()?).ok()
}

/// A certificate speaks for the report whose figures it names, and only if all was equal.
fn certificate_of_another(certificate: &Certificate, manifest: &Manifest) -> Option<Difference> {
    let figures = manifest.subject.iter().find(|subject| subject.name == "figures.csv")?;
    let now = &figures.digest.sha256;
    let claim = |what: &str, then: &str, now: &str| Difference::Claim {
        what: format!("{CERTIFICATE} 的{what}"),
        then: then.to_owned(),
        now: now.to_owned(),
    };
    if certificate.figures != *now {
        return Some(claim("指标表", &certificate.figures, now));
    }
    (!certificate.equal).then(|| claim("对照结果", "两个引擎不全相同", "全部相同"))
}

fn files_below(root: &Path, prefix: &str) -> anyhow::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(root.join(prefix))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        if entry.file_type()?.is_dir() && entry.file_name().to_str().is_some() {
            names.extend(files_below(root, &name)?);
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

fn compare_dependencies(
    then: &Manifest,
    now: &Manifest,
    recomputed: &Recomputed,
    lineage: Option<&Lineage>,
    differences: &mut Vec<Difference>,
) {
    let (then, now) = (by_name(then), by_name(now));
    let titles = |returns: &[String]| -> Vec<String> {
        returns.iter().map(|r| returns::title(recomputed.reviewed.definition, r)).collect()
    };
    let names: BTreeSet<&str> = then.keys().chain(now.keys()).copied().collect();
    for name in names {
        let (before, after) = (then.get(name), now.get(name));
        if before.map(|d| &d.digest) == after.map(|d| &d.digest) {
            continue;
        }
        let Some(path) = name.strip_prefix("returns/").map(str::to_owned) else {
            let path = name.trim_start_matches("pipeline/").to_owned();
            let (then, now) = (before.is_some(), after.is_some());
            differences.push(Difference::Definition { path, then, now });
            continue;
        };
        differences.push(match (before, after) {
            (Some(before), Some(after)) => {
                let recognised =
                    before.annotations.returns.iter().chain(&after.annotations.returns);
                let returns = returns::changes(&path, recognised, recomputed, lineage);
                Difference::RawChanged { path, returns }
            }
            (Some(gone), None) => {
                Difference::RawGone { path, returns: titles(&gone.annotations.returns) }
            }
            (_, after) => {
                let returns = after.map(|added| titles(&added.annotations.returns));
                Difference::RawAdded { path, returns: returns.unwrap_or_default() }
            }
        });
    }
}

fn by_name(manifest: &Manifest) -> BTreeMap<&str, &Dependency> {
    let all = manifest.predicate.build_definition.resolved_dependencies.iter();
    all.map(|dependency| (dependency.name.as_str(), dependency)).collect()
}

fn compare_outputs(
    manifest: &Manifest,
    recomputed: &Recomputed,
    differences: &mut Vec<Difference>,
) {
    for subject in &manifest.subject {
        let now = recomputed.outputs.get(&subject.name).map(|bytes| sha256(bytes));
        if now.as_deref() != Some(&subject.digest.sha256) {
            differences.push(Difference::Output { name: subject.name.clone() });
        }
    }
    let named = |name: &str| manifest.subject.iter().any(|s| s.name == name);
    for name in recomputed.outputs.keys().filter(|name| *name != MANIFEST && !named(name)) {
        differences.push(Difference::Output { name: name.clone() });
    }
}
