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

use crate::definition::Reviewed;
use crate::lineage::Lineage;
use crate::model::{Stage, sha256};

pub use manifest::{Dependency, Manifest, OutputFile, read as read_manifest};
pub use problem::{ProblemTrace, trace_problem};
pub use trace::{Trace, TracedCell, lineage_of, prove, trace, untouched};
pub use verify::{CellChange, Difference, Recomputed, ReturnChange, Verdict, verify};

/// Where the manifest stands inside a report.
pub const MANIFEST: &str = "audit/manifest.json";
/// Where the lineage stands inside a report.
pub const LINEAGE: &str = "audit/lineage.json";

/// Folders in a report's folder that are no part of it: the month's working papers, and what was
/// made final.
pub const WORKING_PAPERS: &str = "收报";
pub const FINAL: &str = "定稿";

/// Is a file, named relative to the report's folder, in one of them?
pub fn is_beside(name: &str) -> bool {
    let folder = name.split_once('/').map_or(name, |(folder, _)| folder);
    [WORKING_PAPERS, FINAL].contains(&folder)
}

/// Adds lineage and manifest to the outputs; the manifest names all other outputs.
pub fn record(
    reviewed: &Reviewed,
    stage: &Stage,
    lineage: &Lineage,
    outputs: &mut BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<()> {
    outputs.insert(LINEAGE.into(), lineage_file(lineage)?);
    let manifest = manifest::build(reviewed, stage, outputs);
    outputs.insert(MANIFEST.into(), manifest.to_json()?);
    Ok(())
}

/// The bytes of the lineage.
pub fn lineage_file(lineage: &Lineage) -> anyhow::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(lineage)?;
    text.push(b'\n');
    Ok(text)
}
