//! What earlier runs have read need not be read again. It is kept a file, and once more for all files
//! of the folders before the last as one, because they are the same from month to month: their columns
//! stand together there, one table a form, as they are wanted afterwards.
//!
//! Every file is opened and hashed on every run all the same: that is the proof that nothing changed.

use std::mem::take;
use std::panic::{AssertUnwindSafe, catch_unwind};

use rayon::prelude::*;

use super::declarations::is_declaration;
use super::file::{FileResult, Shared, read_file};
use super::findings::Subject;
use super::patch::Patch;
use super::walk::Received;
use super::workbook::Refusal;
use crate::cache::Entry;
use crate::model::{
    Columns, FileReceipt, HashedContent, Period, ReturnFacts, StoredTables, Units, codes,
    lay_together, sha256,
};

/// A file and what it gave.
pub(super) struct OneFile {
    /// What was read; `None` when the file could not be.
    pub receipt: Option<FileReceipt>,
    pub result: FileResult,
    /// The content, if it is a declaration.
    pub declaration: Option<Vec<u8>>,
}

impl OneFile {
    fn new(received: &Received, opened: Result<Opened, Refusal>, result: ReadResult) -> Self {
        let subject = Subject::file(&received.path, &received.folder);
        let refused = |refusal| FileResult {
            findings: vec![subject.refused(refusal)],
            ..FileResult::default()
        };
        match opened {
            Ok(opened) => Self {
                receipt: Some(opened.receipt),
                result: result.unwrap_or_else(refused),
                declaration: is_declaration(received.name()).then_some(opened.bytes),
            },
            Err(refusal) => Self { receipt: None, result: refused(refusal), declaration: None },
        }
    }
}

type ReadResult = Result<FileResult, Refusal>;

/// Everything that was received, oldest folder first, in the same order; `last`: the folder that still changes.
pub(super) fn read_all(
    received: &[Received],
    last: Option<&Period>,
    shared: &Shared,
) -> Vec<OneFile> {
    let is_current = |received: &Received| last == Some(&received.folder);
    let current = match shared.cache.keeps() {
        true => received.iter().position(is_current).unwrap_or(received.len()),
        false => 0,
    };
    let mut files = read_earlier(&received[..current], shared);
    files.par_extend(received[current..].par_iter().map(|received| read_one(received, shared)));
    files
}

/// A file, hashed.
struct Opened {
    receipt: FileReceipt,
    content: HashedContent,
    bytes: Vec<u8>,
}

fn open(received: &Received) -> Result<Opened, Refusal> {
    let bytes = received.load()?;
    let content = HashedContent::new(&bytes);
    let receipt = FileReceipt {
        path: received.path.clone(),
        folder: received.folder.clone(),
        sha256: content.sha256(),
        size: bytes.len() as u64,
        returns: Vec::new(),
    };
    Ok(Opened { receipt, content, bytes })
}

/// The content of a file that was opened before, if it is still the same.
pub(super) fn open_again(
    received: &Received,
    receipt: Option<&FileReceipt>,
) -> Result<Vec<u8>, Refusal> {
    let bytes = received.load()?;
    if receipt.is_none_or(|receipt| receipt.sha256 != sha256(&bytes)) {
        let message = "原表在读取期间被改动，请重新运行";
        return Err(Refusal::new(codes::NO_ACCESS, message));
    }
    Ok(bytes)
}

fn read_one(received: &Received, shared: &Shared) -> OneFile {
    let opened = open(received);
    let result = match &opened {
        Ok(opened) if !is_declaration(received.name()) => {
            let bytes = || Ok(&opened.bytes[..]);
            recall_or_read(received, &opened.content, bytes, &[], shared)
        }
        _ => Ok(FileResult::default()),
    };
    OneFile::new(received, opened, result)
}

/// What a file gives depends on nothing but the parts named here. What could not be read is not
/// kept: it may be this machine that could not.
pub(super) fn recall_or_read<B: AsRef<[u8]>>(
    received: &Received,
    content: &HashedContent,
    bytes: impl FnOnce() -> Result<B, Refusal>,
    patches: &[Patch],
    shared: &Shared,
) -> ReadResult {
    let folder = received.folder.to_string();
    let patched = serde_json::to_vec(patches).unwrap_or_default();
    let entry = shared.cache.entry(&[
        b"return",
        shared.definitions.as_bytes(),
        folder.as_bytes(),
        received.path.as_bytes(),
        &patched,
        &content.secret(),
    ]);
    if let Some(known) = entry.get() {
        return Ok(known);
    }
    let bytes = bytes()?;
    // A panic in a reader costs only this file.
    let read = || read_file(received, bytes.as_ref(), patches, shared);
    let read = catch_unwind(AssertUnwindSafe(read));
    let damaged = |_| Err(Refusal::new(codes::UNSAFE_FILE, "读取时出错中止，文件可能已损坏"));
    let result = read.unwrap_or_else(damaged)?;
    entry.put(&result);
    Ok(result)
}

/// The folders before the last. None of their contents is held longer than it takes to hash it.
fn read_earlier(received: &[Received], shared: &Shared) -> Vec<OneFile> {
    let hashed = |received: &Received| {
        let mut opened = open(received)?;
        if !is_declaration(received.name()) {
            opened.bytes = Vec::new();
        }
        Ok(opened)
    };
    let opened: Vec<Result<Opened, Refusal>> = received.par_iter().map(hashed).collect();
    let entry = entry_of_all(received, &opened, shared);
    let known = entry
        .get_both()
        .and_then(|(files, tables)| with_columns(files, tables))
        .unwrap_or_default();
    let known = known.into_iter().chain(std::iter::repeat_with(|| None)).take(received.len());
    let known: Vec<Option<FileResult>> = known.collect();
    let is_new: Vec<bool> = known.iter().map(Option::is_none).collect();
    let result = |((received, opened), known): ((&Received, &_), Option<FileResult>)| match (
        known, opened,
    ) {
        (Some(known), _) => Ok(known),
        (None, Ok(Opened { receipt, content, .. })) if !is_declaration(received.name()) => {
            let bytes = || open_again(received, Some(receipt));
            recall_or_read(received, content, bytes, &[], shared)
        }
        _ => Ok(FileResult::default()),
    };
    let files = received.par_iter().zip(&opened).zip(known);
    let mut results: Vec<ReadResult> = files.map(result).collect();
    if results.iter().zip(is_new).any(|(result, is_new)| is_new && result.is_ok()) {
        keep_all(&mut results, &shared.definition.units, &entry);
    }
    let files = received.iter().zip(opened).zip(results);
    files.map(|((received, opened), result)| OneFile::new(received, opened, result)).collect()
}

fn entry_of_all<'c>(
    received: &[Received],
    opened: &[Result<Opened, Refusal>],
    shared: &Shared<'c>,
) -> Entry<'c> {
    let content = |opened: &Result<Opened, Refusal>| Some(opened.as_ref().ok()?.content.secret());
    let files: Vec<_> = received
        .iter()
        .zip(opened)
        .map(|(received, opened)| (&received.folder, &*received.path, content(opened)))
        .collect();
    let files = shared.cache.digest(&files).unwrap_or_default();
    shared.cache.entry(&[b"earlier returns", shared.definitions.as_bytes(), &files])
}

/// What each file gave, as it was written down: without the columns, which stand together. `None` of
/// a file that could not be read: it is tried again each time.
fn with_columns(
    mut files: Vec<Option<FileResult>>,
    tables: StoredTables,
) -> Option<Vec<Option<FileResult>>> {
    let mut columns = tables.parts()?.into_iter();
    for facts in facts_of(files.iter_mut().flatten()) {
        facts.columns = columns.next()?;
    }
    Some(files)
}

/// Lays the columns of all files together and keeps everything as one.
fn keep_all(results: &mut [ReadResult], units: &Units, entry: &Entry) {
    lay_together(units, facts_of(results.iter_mut().flatten()));
    let columns: Vec<Columns> =
        facts_of(results.iter_mut().flatten()).map(|facts| take(&mut facts.columns)).collect();
    let files: Vec<Option<&FileResult>> =
        results.iter().map(|result| result.as_ref().ok()).collect();
    entry.put_both(&files, &StoredTables::of(&columns));
    for (facts, columns) in facts_of(results.iter_mut().flatten()).zip(columns) {
        facts.columns = columns;
    }
}

fn facts_of<'f>(
    files: impl Iterator<Item = &'f mut FileResult>,
) -> impl Iterator<Item = &'f mut ReturnFacts> {
    files.flat_map(|file| &mut file.drafts).map(|draft| &mut draft.facts)
}
