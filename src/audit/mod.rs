//! Audit: what a report was made from, and whether it can be made again.
//!
//! [`record`] adds `audit/manifest.json` and `audit/lineage.json` to a report's files;
//! [`verify`] compares a report with a recomputation; [`trace`] opens one figure to its cells,
//! [`trace_problem`] a diagnosed problem to what it rests on.

mod manifest;
mod problem;
mod trace;
mod verify;

use std::collections::BTreeMap;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::definition::Definition;
use crate::lineage;
use crate::model::{Collected, DiagnosedProblem, Figure, Period, Validated};

pub use manifest::{Dependency, Manifest, Subject, read as read_manifest};
pub use problem::{ProblemTrace, trace_problem};
pub use trace::{Trace, TracedCell, trace};
pub use verify::{Difference, Recomputed, Verdict, verify};

/// Where the manifest stands inside a report.
pub const MANIFEST: &str = "audit/manifest.json";
/// Where the lineage stands inside a report.
pub const LINEAGE: &str = "audit/lineage.json";

/// What the audit files are made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    pub definition: &'a Definition,
    pub folder: &'a Period,
    pub collected: &'a Collected,
    pub validated: &'a Validated,
    pub figures: &'a [Figure],
    pub problems: &'a [DiagnosedProblem],
    /// Every raw file of the folders read.
    pub raw_files: &'a [RawFile],
}

/// A raw file as it stood when it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawFile {
    /// Relative to the returns root, with `/`.
    pub path: String,
    pub sha256: String,
    pub size: u64,
}

/// Adds lineage and manifest to the outputs; the manifest names all other outputs.
pub fn record(inputs: &Inputs, outputs: &mut BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let lineage =
        lineage::build(inputs.definition, inputs.validated, inputs.figures, inputs.problems);
    let mut text = serde_json::to_vec(&lineage)?;
    text.push(b'\n');
    outputs.insert(LINEAGE.into(), text);
    let manifest = manifest::build(inputs, outputs);
    outputs.insert(MANIFEST.into(), manifest.to_json()?);
    Ok(())
}

/// Hashes every raw file of the given hand-in folders, in path order.
pub fn raw_files(returns: &Path, folders: &[Period]) -> anyhow::Result<Vec<RawFile>> {
    let mut files = Vec::new();
    for folder in folders {
        let name = folder.to_string();
        let Ok(entries) = std::fs::read_dir(returns.join(&name)) else { continue };
        for entry in entries {
            let path = entry?.path();
            let Some(file) = path.file_name().and_then(|f| f.to_str()) else { continue };
            if path.is_file() && !file.starts_with('.') && !file.starts_with("~$") {
                let bytes = std::fs::read(&path)?;
                files.push(RawFile {
                    path: format!("{name}/{file}"),
                    sha256: sha256(&bytes),
                    size: bytes.len() as u64,
                });
            }
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

/// SHA-256 in lower-case hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write;
    Sha256::digest(bytes).iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
