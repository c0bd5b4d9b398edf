//! Report: figures and findings → workbook, charts, CSV and JSON files, as bytes.

use std::collections::BTreeMap;

use crate::definition::Definition;
use crate::model::{Collected, Figure, Period, Validated};

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    pub definition: &'a Definition,
    /// The hand-in folder that the report is for.
    pub folder: &'a Period,
    pub collected: &'a Collected,
    pub validated: &'a Validated,
    pub figures: &'a [Figure],
}

/// The report's files: path relative to the report folder → bytes.
pub fn report(_inputs: &Inputs) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    Ok(BTreeMap::new())
}
