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

use crate::definition::Definition;
use crate::lineage::Lineage;
use crate::model::{Collected, Period, Validated, sha256};

pub use manifest::{Dependency, Manifest, Subject, read as read_manifest};
pub use problem::{ProblemTrace, trace_problem};
pub use trace::{Trace, TracedCell, prove, trace, untouched};
pub use verify::{CellChange, Difference, Recomputed, ReturnChange, Verdict, verify};

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
    pub lineage: &'a Lineage,
}

/// Adds lineage and manifest to the outputs; the manifest names all other outputs.
pub fn record(inputs: &Inputs, outputs: &mut BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    outputs.insert(LINEAGE.into(), lineage_file(inputs.lineage)?);
    let manifest = manifest::build(inputs, outputs);
    outputs.insert(MANIFEST.into(), manifest.to_json()?);
    Ok(())
}

/// The bytes of the lineage.
pub fn lineage_file(lineage: &Lineage) -> anyhow::Result<Vec<u8>> {
    let mut text = serde_json::to_vec(lineage)?;
    text.push(b'\n');
    Ok(text)
}
