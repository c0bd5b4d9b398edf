//! Writes what a county hands up, as bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::lists::{
    BLANKS, DECLARATIONS, FINDINGS, RECEIPTS, TALLIES, TallyLine, blank_lines, register,
    returns_of, rows_of,
};
use super::manifest::{HANDUP_MANIFEST, HandupManifest, SCHEMA, Sealed};
use super::personal::{Numbered, staying_fields};
use super::records;
use super::rows::{ReturnHead, to_table};
use crate::columnar::{self, Table};
use crate::definition::{Form, Register, Reviewed};
use crate::model::{Column, Period, ReturnFacts, sha256};

/// What is handed up.
#[derive(Debug)]
pub struct HandedUp<'a> {
    pub reviewed: Reviewed<'a>,
    /// All folders, oldest first.
    pub folders: &'a [Period],
    /// Are personal columns handed up as they are?
    pub personal: bool,
}

/// All files of it by their names, the manifest among them.
pub fn files(handed: &HandedUp) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let mut files = returns(handed)?;
    let Reviewed { definition, validated, .. } = handed.reviewed;
    let tallies: Vec<TallyLine> = validated
        .tallies
        .iter()
        .map(|(check, tally)| TallyLine { check: check.clone(), tally: *tally })
        .collect();
    for (name, table) in [
        (FINDINGS, records::to_table(&validated.findings)?),
        (RECEIPTS, records::to_table(&validated.receipts)?),
        (BLANKS, records::to_table(&blank_lines(&validated.blanks))?),
        (TALLIES, records::to_table(&tallies)?),
    ] {
        add(&mut files, name.to_owned(), &table)?;
    }
    for (name, own) in &definition.registers {
        add(&mut files, register(name), &register_table(own))?;
    }
    let mut declarations = serde_json::to_vec_pretty(&handed.reviewed.collected.declarations)?;
    declarations.push(b'\n');
    files.insert(DECLARATIONS.to_owned(), declarations);
    let manifest = manifest(handed, &files)?;
    files.insert(HANDUP_MANIFEST.to_owned(), manifest);
    Ok(files)
}

/// An empty list has no columns and no file; the manifest says that there is none.
fn add(files: &mut BTreeMap<String, Vec<u8>>, name: String, table: &Table) -> anyhow::Result<()> {
    if !table.is_empty() {
        files.insert(name, columnar::to_bytes(table)?);
    }
    Ok(())
}

/// Of each folder: its returns, and the rows of each form.
fn returns(handed: &HandedUp) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    let HandedUp { reviewed, folders, personal } = *handed;
    let Reviewed { definition, collected, validated, .. } = reviewed;
    let accepted: BTreeSet<*const ReturnFacts> = validated
        .facts
        .tables
        .values()
        .flat_map(|table| table.returns.iter().map(Arc::as_ptr))
        .collect();
    let mut hidden = (!personal).then(Numbered::default);
    let staying = |form: &Form| {
        if personal { BTreeSet::new() } else { staying_fields(definition, form) }
    };
    let staying: BTreeMap<&str, BTreeSet<usize>> =
        definition.forms.iter().map(|form| (form.id.as_str(), staying(form))).collect();
    let mut files = BTreeMap::new();
    for folder in folders {
        let own: Vec<(usize, &Arc<ReturnFacts>)> =
            collected.returns.iter().filter(|facts| facts.folder == *folder).enumerate().collect();
        let mut heads = Vec::new();
        for (_, facts) in &own {
            if let Some(staying) = staying.get(facts.form.as_str()) {
                let is_accepted = accepted.contains(&Arc::as_ptr(facts));
                heads.push(ReturnHead::of(facts, is_accepted, staying));
            }
        }
        add(&mut files, returns_of(folder), &records::to_table(&heads)?)?;
        for form in &definition.forms {
            let of_form: Vec<(usize, &Arc<ReturnFacts>)> =
                own.iter().filter(|(_, facts)| facts.form == form.id).copied().collect();
            if let Some(staying) = staying.get(form.id.as_str()).filter(|_| !of_form.is_empty()) {
                let table = to_table(definition, form, &of_form, staying, &mut hidden)?;
                add(&mut files, rows_of(folder, &form.id), &table)?;
            }
        }
    }
    Ok(files)
}

fn register_table(register: &Register) -> Table {
    let column = |(at, name): (usize, &String)| {
        let texts = register.rows.iter().map(|row| row.get(at).map(String::as_str));
        (name.clone(), Column::texts(texts))
    };
    register.columns.iter().enumerate().map(column).collect()
}

fn manifest(handed: &HandedUp, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Vec<u8>> {
    let settings = &handed.reviewed.definition.settings;
    let sealed = |(path, bytes): (&String, &Vec<u8>)| Sealed {
        path: path.clone(),
        sha256: sha256(bytes),
        size: bytes.len() as u64,
    };
    let manifest = HandupManifest {
        schema: SCHEMA,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        county: settings.county_code.clone(),
        county_name: settings.county_name.clone(),
        period: handed.reviewed.folder.clone(),
        folders: handed.folders.to_vec(),
        programmes: handed.reviewed.definition.programmes_digest(),
        personal: handed.personal,
        sources: handed.reviewed.collected.files.clone(),
        files: files.iter().map(sealed).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    Ok(text)
}
