//! `report.html`: the whole report in one file that opens from a memory stick, needs no network
//! and lets every figure open to its cells.
//!
//! What is read stands in the markup, also without script; what opens (definitions, series,
//! cells) travels compressed beside it ([`data`]). Markup and text are different types
//! ([`html`]), so nothing from a return can become markup.

mod compare;
mod data;
mod figure;
mod frame;
mod home;
mod html;
mod lists;
mod picture;
mod programme;
mod render;
mod spark;
mod table;
mod unit;

use std::collections::BTreeSet;

use super::Inputs;
use super::chart::Chart;
use super::circular::CircularText;
use super::index::Index;
use super::table::Medium;
use super::text;
use crate::definition::{Definition, Programme};
use crate::lineage::Lineage;
use crate::model::Unit;

/// The page's name in the report.
pub(super) const FILE: &str = "report.html";

/// What every part of the page is made from.
struct PageContext<'a> {
    inputs: &'a Inputs<'a>,
    index: &'a Index<'a>,
    charts: &'a [Chart<'a>],
    circular: Option<&'a CircularText>,
    lineage: &'a Lineage,
    /// Units that have a page of their own.
    units: Vec<&'a Unit>,
    /// Their codes.
    paged: BTreeSet<&'a str>,
    /// Programmes that show something, with the names of their sections.
    programmes: Vec<(String, &'a Programme)>,
    /// The one unit that the page is for; it has no pages of others, and no programmes.
    alone: Option<&'a Unit>,
}

impl<'a> PageContext<'a> {
    fn definition(&self) -> &'a Definition {
        self.inputs.definition
    }

    fn has_page(&self, unit: &str) -> bool {
        self.paged.contains(unit)
    }

    /// Does each unit's section stand in the page? Of many only the one that is opened is made, by
    /// the script: ten thousand sections are 30 MB and minutes in a browser.
    fn has_sections(&self) -> bool {
        text::without_pages(self.inputs).is_none()
    }

    /// What its tables are shown on.
    fn medium(&self) -> Medium {
        if self.alone.is_some() { Medium::UnitPage } else { Medium::Page }
    }
}

/// Programmes that show something, with the names of their sections.
fn programmes(definition: &Definition) -> Vec<(String, &Programme)> {
    let shown = |p: &&Programme| !p.tables.is_empty() || !p.charts.is_empty();
    definition.programmes.iter().filter(shown).map(|p| (anchor(definition, p), p)).collect()
}

/// `p11`: a number such as `P11`; else `p-` and the programme's id, which cannot clash.
fn anchor(definition: &Definition, programme: &Programme) -> String {
    let number = &programme.number;
    let plain = number.len() > 1
        && number.is_ascii()
        && number.starts_with(['p', 'P'])
        && number.bytes().skip(1).all(|b| b.is_ascii_alphanumeric());
    let alone = definition.programmes.iter().filter(|p| p.number == *number).count() == 1;
    if plain && alone { number.to_lowercase() } else { format!("p-{}", programme.id) }
}

/// The page's bytes.
pub(super) fn page(
    inputs: &Inputs,
    index: &Index,
    charts: &[Chart],
    circular: Option<&CircularText>,
    lineage: &Lineage,
) -> anyhow::Result<Vec<u8>> {
    let rows = &inputs.definition.units;
    let figures = inputs.figures.iter().map(|figure| figure.unit_code.as_str());
    let receipts = inputs.receipts().map(|receipt| rows.row_code(&receipt.unit));
    let reporting: BTreeSet<&str> = figures.chain(receipts).collect();
    let reports = |unit: &&Unit| reporting.contains(unit.code.as_str());
    let units: Vec<&Unit> = rows.rows_in(inputs.folder).filter(reports).collect();
    let paged = units.iter().map(|unit| unit.code.as_str()).collect();
    let context = PageContext {
        inputs,
        index,
        charts,
        circular,
        lineage,
        units,
        paged,
        programmes: programmes(inputs.definition),
        alone: None,
    };
    frame::page(&context)
}

/// The bytes of the page of one unit, from its share of the inputs.
pub(super) fn unit_page(
    inputs: &Inputs,
    index: &Index,
    lineage: &Lineage,
    unit: &Unit,
) -> anyhow::Result<Vec<u8>> {
    let context = PageContext {
        inputs,
        index,
        charts: &[],
        circular: None,
        lineage,
        units: Vec::new(),
        paged: BTreeSet::new(),
        programmes: Vec::new(),
        alone: Some(unit),
    };
    frame::page(&context)
}
