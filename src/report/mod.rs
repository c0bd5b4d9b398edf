//! Report: figures and findings → workbook, circular, charts, page, CSV and JSON, as bytes.
//!
//! Everything is a pure function of the inputs: no clock, no file system, no fonts of the
//! machine. Numbers are printed from the figures' exact decimals; floating point places
//! pixels and nothing else.

mod alone;
mod cause;
mod chart;
pub mod circular;
mod color;
mod contribution;
mod csv;
pub mod font;
mod index;
mod json;
mod judgement;
mod layout;
mod page;
mod returns;
mod rows;
mod selection;
mod small_trend;
mod table;
mod text;
mod wording;
mod workbook;

use std::collections::BTreeMap;
use std::ops::Deref;

use rayon::prelude::*;

pub use workbook::{
    BlankForm, Handout, Revision, Slip, handout, ledger, revisions, slip, slip_markup,
};

use crate::cache::Cache;
use crate::definition::Reviewed;
use crate::lineage::Lineage;
use crate::model::{
    DiagnosedProblem, Figure, Finding, Receipt, ReturnFacts, ReturnSentence, Stage, Unit,
};

/// What a report is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    pub reviewed: Reviewed<'a>,
    pub figures: &'a [Figure],
    /// Diagnosed problems, in unit order.
    pub problems: &'a [DiagnosedProblem],
    pub stage: &'a Stage,
}

impl<'a> Deref for Inputs<'a> {
    type Target = Reviewed<'a>;

    fn deref(&self) -> &Reviewed<'a> {
        &self.reviewed
    }
}

impl<'a> Inputs<'a> {
    /// Findings of the report's own folder, in reading order.
    fn findings(&self) -> impl Iterator<Item = &'a Finding> {
        let folder = self.folder;
        self.validated.findings.iter().filter(move |f| f.folder == *folder)
    }

    /// What the returns of the report's own folder say in words, with the return.
    fn sentences(&self) -> impl Iterator<Item = (&'a ReturnFacts, &'a ReturnSentence)> {
        let folder = self.folder;
        let own = self.collected.returns.iter().filter(move |facts| facts.folder == *folder);
        own.flat_map(|facts| facts.sentences.iter().map(move |sentence| (&**facts, sentence)))
    }

    /// Reporting status of the report's own folder, in unit and form order.
    fn receipts(&self) -> impl Iterator<Item = &'a Receipt> {
        let folder = self.folder;
        self.validated.receipts.iter().filter(move |r| r.folder == *folder)
    }
}

/// The tables that other programs read, and that an audit opens.
pub fn tables(inputs: &Inputs) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    tables_of(&index::Index::new(inputs))
}

fn tables_of(index: &index::Index) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let inputs = &index.inputs;
    let mut files = BTreeMap::new();
    files.insert("figures.csv".to_owned(), csv::figures(inputs)?);
    files.insert("findings.csv".to_owned(), csv::findings(inputs)?);
    if !inputs.definition.diagnoses.is_empty() {
        files.insert("problems.csv".to_owned(), csv::problems(index)?);
    }
    Ok(files)
}

/// The pages that units are sent, each of one unit alone, in register order; of the unit with that
/// code, or of all of which there is something to tell.
pub fn unit_pages<'a>(
    inputs: &Inputs<'a>,
    lineage: &Lineage,
    code: Option<&str>,
) -> anyhow::Result<Vec<(&'a Unit, Vec<u8>)>> {
    let shares = alone::Shares::new(inputs, lineage);
    let all = inputs.definition.units.rows_in(inputs.folder);
    let wanted = |unit: &&Unit| code.is_none_or(|code| code == unit.code) && shares.has(unit);
    let units: Vec<&Unit> = all.filter(wanted).collect();
    let page = |unit: &'a Unit| {
        let share = shares.of(unit);
        let own = share.inputs(inputs);
        let bytes = page::unit_page(&own, &index::Index::new(&own), &share.lineage, unit)?;
        Ok((unit, bytes))
    };
    units.into_par_iter().map(page).collect()
}

/// A report as bytes.
#[derive(Debug)]
pub struct Report {
    /// Path relative to the report folder → bytes.
    pub files: BTreeMap<String, Vec<u8>>,
    /// Sentences of the circular that could not be said.
    pub omitted: Vec<circular::Omitted>,
    /// Titles of charts that are not drawn although there are data, with the reason.
    pub undrawn: Vec<(String, String)>,
}

/// Draws, lays out and writes everything but the audit's own files.
pub fn report(inputs: &Inputs, lineage: &Lineage, cache: &Cache) -> anyhow::Result<Report> {
    let mut index = index::Index::new(inputs);
    let charts = chart::charts(&mut index);
    // The page quotes it too.
    let circular = circular::text(inputs, &index);
    // First the pictures: workbook and circular show them.
    let mut files = chart::files(&charts, cache)?;
    let (workbook, (page, document)) = rayon::join(
        || workbook::workbook(inputs, &index, &charts, &files),
        || {
            rayon::join(
                || page::page(inputs, &index, &charts, circular.as_ref(), lineage),
                || circular::file(inputs, &index, &charts, &files, circular.as_ref()),
            )
        },
    );
    files.insert(workbook::file_name(inputs), workbook?);
    files.insert(page::FILE.to_owned(), page?);
    files.extend(document?);
    files.extend(tables_of(&index)?);
    files.insert("validation.json".to_owned(), json::validation(inputs)?);
    let omitted = circular.map(|circular| circular.omitted).unwrap_or_default();
    let undrawn =
        index.undrawn.iter().map(|(spec, why)| (spec.title.clone(), why.clone())).collect();
    Ok(Report { files, omitted, undrawn })
}
