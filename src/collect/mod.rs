//! Collect: files → workbooks → recognised forms → typed facts, with a finding for whatever
//! cannot be read with certainty.
//!
//! A file is sniffed by content ([`sniff`]), read into a neutral workbook ([`workbook`]) by the
//! reader of its format, in this process or in a [`child`]. Forms are found by their header titles
//! ([`header`]), rows are sorted out ([`lines`]) and typed by the data contract ([`typing`]).

mod biff;
mod binary;
mod child;
mod codes;
mod context;
mod dates;
mod declarations;
mod delimited;
mod file;
mod findings;
mod furniture;
mod guard;
mod header;
mod lines;
mod ods;
mod ole;
mod protected;
mod reading;
mod resolve;
mod sentences;
mod sniff;
mod typing;
mod units;
mod workbook;
mod xlsb;
mod xlsx;
mod xml;

use std::io::Read;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::definition::Definition;
use crate::model::{Collected, Declarations, FileReceipt, Finding, Period, text};
use file::{Draft, FileResult, Received, Shared};
use findings::Subject;

pub use child::{READER_COMMAND, serve_reader};

/// What to read.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    pub definition: &'a Definition,
    /// The folder that holds one hand-in folder a period.
    pub returns: &'a Path,
    /// Hand-in folders to read, oldest first; absent ones are gaps.
    pub folders: &'a [Period],
    /// The program that reads risky formats in a process of its own: our own binary.
    pub reader: PathBuf,
}

/// Reads every file of the requested folders. One bad file costs only itself.
pub fn collect(request: &Request) -> anyhow::Result<Collected> {
    let shared = Shared {
        definition: request.definition,
        titles: header::Titles::new(&request.definition.forms),
        units: units::UnitIndex::new(&request.definition.units),
        reader: &request.reader,
    };
    if !request.returns.is_dir() {
        anyhow::bail!("收表目录不存在：{}", request.returns.display());
    }
    let mut received = Vec::new();
    for folder in request.folders {
        let directory = request.returns.join(folder.to_string());
        if directory.is_dir() {
            let mut found = Vec::new();
            list_files(&directory, &folder.to_string(), folder, 0, &mut found)?;
            found.sort_by(|a: &Received, b| a.path.cmp(&b.path));
            received.extend(found);
        }
    }
    let read: Vec<OneFile> = received.par_iter().map(|r| read_one(r, &shared)).collect();

    let mut collected = Collected::default();
    let mut drafts: Vec<Draft> = Vec::new();
    let known: Vec<&str> = received.iter().map(|r| r.path.as_ref()).collect();
    let mut declared = Declarations::default();
    for (received, one) in received.iter().zip(read) {
        if let Some(bytes) = &one.declaration {
            let found = declarations::read(received, bytes, &known, &shared, &mut declared);
            collected.findings.extend(found);
        }
        collected.findings.extend(one.result.findings);
        drafts.extend(one.result.drafts);
        collected.files.push(one.receipt);
    }
    collected.findings.extend(resolve::same_files(&mut drafts, &collected.files, &declared));
    resolve::resolve(&mut drafts, &declared.corrections);
    resolve::drop_instructions(&mut drafts);
    collected.findings.extend(resolve::misdirected(&drafts, &declared.corrections));
    for draft in drafts {
        note_return(&mut collected.files, &draft);
        collected.findings.extend(resolve::sentence_findings(&draft));
        collected.findings.extend(draft.findings);
        if draft.deliverable {
            collected.returns.push(Arc::new(draft.facts));
        }
    }
    for file in &mut collected.files {
        file.returns.sort();
        file.returns.dedup();
    }
    collected.declarations = declared;
    collected.findings = findings::tune(collected.findings, &request.definition.settings);
    Ok(collected)
}

/// Adds a recognised return to its file's receipt.
fn note_return(files: &mut [FileReceipt], draft: &Draft) {
    let facts = &draft.facts;
    if facts.unit.is_empty() {
        return;
    }
    if let Some(file) = files.iter_mut().find(|f| f.path == facts.file) {
        file.returns.push((facts.unit.clone(), facts.form.clone(), facts.period.clone()));
    }
}

/// Files of a hand-in folder, also in folders below; office lock files and system files are none.
fn list_files(
    directory: &Path,
    relative: &str,
    folder: &Period,
    depth: usize,
    found: &mut Vec<Received>,
) -> anyhow::Result<()> {
    let unreadable = || format!("收表文件夹读不出来：{}", directory.display());
    for entry in std::fs::read_dir(directory).with_context(unreadable)? {
        let entry = entry.with_context(unreadable)?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if sniff::is_system(&name) {
            continue;
        }
        let path = format!("{relative}/{name}");
        if entry.path().is_dir() {
            if depth < 8 {
                list_files(&entry.path(), &path, folder, depth + 1, found)?;
            }
            continue;
        }
        found.push(Received { path: path.into(), full: entry.path(), folder: folder.clone() });
    }
    Ok(())
}

struct OneFile {
    receipt: FileReceipt,
    result: FileResult,
    /// The content, if it is a declaration.
    declaration: Option<Vec<u8>>,
}

fn read_one(received: &Received, shared: &Shared) -> OneFile {
    let subject = Subject::file(&received.path, &received.folder);
    let mut receipt = FileReceipt {
        path: received.path.clone(),
        folder: received.folder.clone(),
        sha256: String::new(),
        size: 0,
        format: String::new(),
        returns: Vec::new(),
    };
    let failed = |receipt: FileReceipt, finding: Finding| OneFile {
        receipt,
        result: FileResult { findings: vec![finding], ..FileResult::default() },
        declaration: None,
    };
    let bytes = match load(&received.full, &mut receipt) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            let limit = workbook::bounds::FILE_BYTES >> 20;
            let message = format!("文件大于 {limit} MB，不像是报表");
            return failed(receipt, subject.finding(codes::UNSAFE_FILE, Vec::new(), message));
        }
        Err(e) => {
            let message = format!("文件读不出来：{e}");
            return failed(receipt, subject.finding(codes::UNREADABLE_FILE, Vec::new(), message));
        }
    };
    let name = received.path.rsplit('/').next().unwrap_or_default();
    if sniff::is_temporary(name) {
        let message = format!("{name}：程序留下的临时文件，未读取");
        return failed(receipt, subject.finding(codes::TEMPORARY_FILE, Vec::new(), message));
    }
    if declarations::is_declaration(name) {
        "csv".clone_into(&mut receipt.format);
        return OneFile { receipt, result: FileResult::default(), declaration: Some(bytes) };
    }
    // A panic in a reader costs only this file.
    let read = catch_unwind(AssertUnwindSafe(|| file::read_file(received, &bytes, shared)));
    match read {
        Ok(result) => {
            result.format.clone_into(&mut receipt.format);
            OneFile { receipt, result, declaration: None }
        }
        Err(_) => {
            let message = "读取时出错中止，文件可能已损坏".to_owned();
            failed(receipt, subject.finding(codes::UNSAFE_FILE, Vec::new(), message))
        }
    }
}

/// Reads and hashes a file; gives no content when it is too large, but still its hash.
fn load(path: &Path, receipt: &mut FileReceipt) -> std::io::Result<Option<Vec<u8>>> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut content = Vec::new();
    let mut buffer = vec![0u8; 1 << 16];
    loop {
        let count = file.read(&mut buffer)?;
        if count == 0 {
            break;
        }
        hasher.update(&buffer[..count]);
        receipt.size += count as u64;
        if receipt.size <= workbook::bounds::FILE_BYTES {
            content.extend_from_slice(&buffer[..count]);
        }
    }
    receipt.sha256 = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok((receipt.size <= workbook::bounds::FILE_BYTES).then_some(content))
}
