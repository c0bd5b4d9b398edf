//! Collect: files → workbooks → recognised forms → typed facts, with a finding for whatever
//! cannot be read with certainty.
//!
//! A file is sniffed by content ([`sniff`]), read into a neutral workbook ([`workbook`]) by the
//! reader of its format, in this process or in a [`child`]. Forms are found by their header titles
//! ([`header`]), rows are sorted out ([`lines`]) and typed by the data contract ([`typing`]).

mod amend;
mod arrivals;
mod biff;
mod binary;
mod block;
mod bounds;
mod child;
mod dates;
mod declarations;
mod delimited;
mod draft;
mod file;
mod findings;
mod flat;
mod formats;
mod furniture;
mod grid;
mod guard;
mod header;
mod known;
mod lines;
mod marked;
mod melt;
mod merged;
mod ods;
mod ole;
mod patch;
mod printed;
mod protected;
mod reading;
mod resolve;
mod rivals;
mod sentences;
mod sniff;
mod surroundings;
mod template;
mod texts;
mod typing;
mod units;
mod walk;
mod workbook;
mod xlsb;
mod xlsx;
mod xml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::cache::Cache;
use crate::definition::Definition;
use crate::model::codes;
use crate::model::{Collected, Declarations, FileReceipt, Finding, Period, lay_together, text};
use file::{DraftReturn, Shared};
use known::OneFile;
use walk::{Received, Walk};

pub use child::{READER_COMMAND, serve_reader};
pub use draft::draft;
pub use grid::grid;
pub use marked::marked;
pub use walk::{HandInFolders, hand_in_folders};

/// What to read.
#[derive(Debug, Clone)]
pub struct ReadRequest<'a> {
    pub definition: &'a Definition,
    /// The folder that holds one hand-in folder a period.
    pub returns: &'a Path,
    /// Hand-in folders to read, oldest first; absent ones are gaps.
    pub folders: &'a [Period],
    /// The program that reads risky formats in a process of its own: our own binary.
    pub reader: PathBuf,
    /// What earlier runs have read; the definition must be as it was loaded.
    pub cache: &'a Cache,
}

/// Reads every file of the requested folders. One bad file costs only itself.
pub fn collect(request: &ReadRequest) -> anyhow::Result<Collected> {
    let shared = Shared {
        definition: request.definition,
        titles: header::Titles::new(&request.definition.forms),
        units: units::UnitIndex::new(&request.definition.units),
        reader: &request.reader,
        large: Mutex::new(()),
        cache: request.cache,
        definitions: request.definition.digest(),
    };
    if !request.returns.is_dir() {
        anyhow::bail!("收表目录不存在：{}", request.returns.display());
    }
    let mut collected = Collected::default();
    let mut received = Vec::new();
    for folder in request.folders {
        let walk = Walk::through(request.returns, folder);
        received.extend(walk.files);
        collected.findings.extend(walk.findings);
    }
    let mut read = known::read_all(&received, request.folders.last(), &shared);

    let mut declared = declared(&received, &read, &shared, &mut collected.findings);
    let Declarations { amendments, corrections, .. } = &declared;
    let found = amend::amend(&received, &mut read, amendments, corrections, &shared);
    collected.findings.extend(found);
    request.cache.tidy();
    let mut drafts: Vec<DraftReturn> = Vec::new();
    for one in read {
        collected.findings.extend(one.result.findings);
        drafts.extend(one.result.drafts);
        collected.files.extend(one.receipt);
    }
    collected.findings.extend(arrivals::settle(&mut declared, &collected.files));
    collected.findings.extend(resolve::same_files(&mut drafts, &collected.files, &declared));
    resolve::resolve(request.definition, &mut drafts, &declared.corrections);
    resolve::drop_instructions(&mut drafts);
    collected.findings.extend(resolve::misdirected(&drafts, &declared.corrections));
    declared.explanations.extend(resolve::explained(request.definition, &drafts));
    collected.declarations = declared;
    printed::without_personal(request.definition, &mut collected, &mut drafts);
    keep(drafts, request.definition, &mut collected);
    collected.findings = findings::tune(collected.findings, &request.definition.settings);
    Ok(collected)
}

/// What the county declares of its files, and what units explain in theirs.
fn declared(
    received: &[Received],
    read: &[OneFile],
    shared: &Shared,
    findings: &mut Vec<Finding>,
) -> Declarations {
    let known: BTreeSet<&str> = received.iter().map(|r| r.path.as_ref()).collect();
    let mut declared = Declarations::default();
    for (received, one) in received.iter().zip(read) {
        if let Some(bytes) = &one.declaration {
            findings.extend(declarations::read(received, bytes, &known, shared, &mut declared));
        }
        let explained = &one.result.explained;
        findings.extend(declarations::explained(received, explained, shared, &mut declared));
    }
    declared
}

/// Of the drafts what can be used, and what was found in all of them.
fn keep(drafts: Vec<DraftReturn>, definition: &Definition, collected: &mut Collected) {
    let mut places: BTreeMap<Arc<str>, &mut FileReceipt> =
        collected.files.iter_mut().map(|file| (file.path.clone(), file)).collect();
    let mut returns = Vec::new();
    for draft in drafts {
        if let Some(file) = places.get_mut(&draft.facts.file) {
            note_return(file, &draft);
        }
        collected.findings.extend(resolve::sentence_findings(&draft));
        collected.findings.extend(draft.findings);
        if draft.deliverable {
            returns.push(draft.facts);
        }
    }
    lay_together(&definition.units, returns.iter_mut());
    collected.returns = returns.into_iter().map(Arc::new).collect();
    for file in &mut collected.files {
        file.returns.sort();
        file.returns.dedup();
    }
}

/// Adds a recognised return to its file's receipt.
fn note_return(file: &mut FileReceipt, draft: &DraftReturn) {
    let facts = &draft.facts;
    if !facts.unit.is_empty() {
        file.returns.push((facts.unit.clone(), facts.form.clone(), facts.period.clone()));
    }
}
