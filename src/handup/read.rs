//! Reads what a county handed up, if it is whole and by the same definitions.

use std::collections::{BTreeMap, VecDeque};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use super::lists::{
    BLANKS, DECLARATIONS, FINDINGS, RECEIPTS, TALLIES, TallyLine, add_blanks, declared_below,
    register, returns_of, rows_of,
};
use super::manifest::{HANDUP_MANIFEST, HandupManifest, SCHEMA};
use super::records;
use super::rows::{self, ReturnHead, under};
use crate::columnar::{self, Table};
use crate::definition::Definition;
use crate::model::codes;
use crate::model::{
    Blanks, Collected, FactTable, FileReceipt, Finding, Period, Receipt, ReturnFacts, Validated,
    in_unit_order, sha256,
};

/// What one county handed up.
#[derive(Debug)]
pub struct HandUp {
    /// What the county is called in names of files; empty when it is the county of the report.
    pub below: String,
    pub manifest: HandupManifest,
    /// Of the bytes of its manifest.
    pub sha256: String,
    pub size: u64,
    pub collected: Collected,
    pub validated: Validated,
    /// Its registers, column by column, all texts.
    pub(super) registers: BTreeMap<String, Table>,
}

/// Why something handed up is not taken.
#[derive(Debug)]
pub(super) struct NotTaken {
    pub code: &'static str,
    /// Code of the county, if it can be told.
    pub county: String,
    /// The folder's name.
    pub folder: String,
    pub message: String,
}

/// How deep below a folder one looks: `facts/2013-10/140722`.
const DEPTH: usize = 2;

/// The folders with a manifest, in order: the folder itself, or those below it.
pub(super) fn found_below(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = VecDeque::from([(folder.to_owned(), 0)]);
    while let Some((folder, depth)) = open.pop_front() {
        if folder.join(HANDUP_MANIFEST).is_file() {
            found.push(folder);
            continue;
        }
        let entries = std::fs::read_dir(&folder)
            .with_context(|| format!("上交数据的文件夹 {} 不能读取", folder.display()))?;
        let mut below: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
        below.retain(|path| path.is_dir() && depth < DEPTH && !is_hidden(path));
        below.sort();
        open.extend(below.into_iter().map(|path| (path, depth + 1)));
    }
    Ok(found)
}

fn is_hidden(path: &Path) -> bool {
    path.file_name().and_then(|name| name.to_str()).is_none_or(|name| name.starts_with('.'))
}

/// The manifest alone, to see what is there.
pub(super) fn peek(folder: &Path) -> Option<HandupManifest> {
    serde_json::from_slice(&std::fs::read(folder.join(HANDUP_MANIFEST)).ok()?).ok()
}

/// Reads a folder.
pub(super) fn read(
    folder: &Path,
    definition: &Definition,
    period: &Period,
) -> Result<HandUp, NotTaken> {
    let name = folder.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    opened(name, &|path| std::fs::read(folder.join(path)).ok(), definition, period)
}

/// What was written, read back before it leaves the house.
pub fn read_back(
    files: &BTreeMap<String, Vec<u8>>,
    definition: &Definition,
    period: &Period,
) -> anyhow::Result<HandUp> {
    let read = opened("", &|path| files.get(path).cloned(), definition, period);
    read.map_err(|refused| anyhow::anyhow!("写出的数据读不回来：{}", refused.message))
}

/// Every file must be the one of which the manifest tells.
fn opened(
    name: &str,
    get: &dyn Fn(&str) -> Option<Vec<u8>>,
    definition: &Definition,
    period: &Period,
) -> Result<HandUp, NotTaken> {
    let refuse = |code, county: &str, message: String| NotTaken {
        code,
        county: county.to_owned(),
        folder: name.to_owned(),
        message,
    };
    let damaged = |county: &str, message: String| refuse(codes::HANDUP_DAMAGED, county, message);
    let bytes = get(HANDUP_MANIFEST).ok_or_else(|| damaged("", "清单不能读取".into()))?;
    let manifest: HandupManifest = serde_json::from_slice(&bytes)
        .map_err(|_| damaged("", "清单不是本程序写的，或已损坏".into()))?;
    let county = manifest.county.clone();
    if manifest.schema != SCHEMA {
        let message = format!("格式是 {}，本程序能读的是 {SCHEMA}", manifest.schema);
        return Err(damaged(&county, message));
    }
    if manifest.programmes != definition.programmes_digest() {
        let message =
            "报表、审核、指标的定义（programmes、codelists.toml、holidays.csv）与本级不同";
        return Err(refuse(codes::HANDUP_OF_OTHER_DEFINITIONS, &county, message.into()));
    }
    if manifest.period != *period {
        let message = format!("上交的是 {}，本期报告是 {period}", manifest.period);
        return Err(refuse(codes::HANDUP_OF_OTHER_PERIOD, &county, message));
    }
    let whole = whole(get, &manifest).map_err(|message| damaged(&county, message))?;
    let is_own = county == definition.settings.county_code;
    let read = HandUp {
        below: if is_own { String::new() } else { manifest.county_name.clone() },
        sha256: sha256(&bytes),
        size: bytes.len() as u64,
        manifest,
        collected: Collected::default(),
        validated: Validated::default(),
        registers: BTreeMap::new(),
    };
    decoded(whole, read, definition).map_err(|error| damaged(&county, format!("{error:#}")))
}

/// All files, each as the manifest says.
fn whole(
    get: &dyn Fn(&str) -> Option<Vec<u8>>,
    manifest: &HandupManifest,
) -> Result<BTreeMap<String, Vec<u8>>, String> {
    let mut files = BTreeMap::new();
    for sealed in &manifest.files {
        let path = Path::new(&sealed.path);
        let plain = |part| matches!(part, std::path::Component::Normal(_));
        if !path.components().all(plain) {
            return Err(format!("清单里的文件名 {} 不在文件夹之内", sealed.path));
        }
        let bytes = get(&sealed.path)
            .ok_or_else(|| format!("清单里的文件 {} 不在或不能读取", sealed.path))?;
        if bytes.len() as u64 != sealed.size || sha256(&bytes) != sealed.sha256 {
            return Err(format!("{} 与清单所记的内容指纹不同，写出以后被改动过", sealed.path));
        }
        files.insert(sealed.path.clone(), bytes);
    }
    Ok(files)
}

fn decoded(
    mut files: BTreeMap<String, Vec<u8>>,
    mut read: HandUp,
    definition: &Definition,
) -> anyhow::Result<HandUp> {
    let (manifest, below) = (&read.manifest, read.below.as_str());
    let declared = files.remove(DECLARATIONS).context(DECLARATIONS)?;
    let mut table = |name: &str| -> anyhow::Result<Table> {
        let Some(bytes) = files.remove(name) else { return Ok(Table::new()) };
        columnar::of_bytes(bytes).with_context(|| name.to_owned())
    };
    let mut validated = Validated {
        findings: records::of_table::<Finding>(&table(FINDINGS)?)?,
        receipts: records::of_table::<Receipt>(&table(RECEIPTS)?)?,
        tallies: records::of_table::<TallyLine>(&table(TALLIES)?)?
            .into_iter()
            .map(|line| (line.check, line.tally))
            .collect(),
        ..Validated::default()
    };
    let mut blanks = Blanks::default();
    add_blanks(records::of_table(&table(BLANKS)?)?, below, &mut blanks);
    validated.blanks = blanks;
    for finding in &mut validated.findings {
        finding.location.file = under(below, &finding.location.file);
    }
    for receipt in &mut validated.receipts {
        receipt.file = under(below, &receipt.file);
    }
    let mut returns: Vec<(Arc<ReturnFacts>, bool)> = Vec::new();
    for folder in &manifest.folders {
        let heads: Vec<ReturnHead> = records::of_table(&table(&returns_of(folder))?)?;
        returns.extend(returns_in(heads, folder, below, definition, &mut table)?);
    }
    let mut registers = BTreeMap::new();
    for name in definition.registers.keys() {
        registers.insert(name.clone(), table(&register(name))?);
    }
    validated.facts.tables = accepted(&returns, definition);
    let file = |file: &FileReceipt| FileReceipt { path: under(below, &file.path), ..file.clone() };
    let collected = Collected {
        files: manifest.sources.iter().map(file).collect(),
        returns: returns.into_iter().map(|(facts, _)| facts).collect(),
        declarations: declared_below(below, serde_json::from_slice(&declared)?),
        ..Collected::default()
    };
    (read.collected, read.validated, read.registers) = (collected, validated, registers);
    Ok(read)
}

/// The returns of one folder in the order in which they were collected.
fn returns_in(
    heads: Vec<ReturnHead>,
    folder: &Period,
    below: &str,
    definition: &Definition,
    table: &mut impl FnMut(&str) -> anyhow::Result<Table>,
) -> anyhow::Result<Vec<(Arc<ReturnFacts>, bool)>> {
    let mut by_form: BTreeMap<String, Vec<(usize, ReturnHead)>> = BTreeMap::new();
    for (number, head) in heads.into_iter().enumerate() {
        by_form.entry(head.form.clone()).or_default().push((number, head));
    }
    let mut returns = BTreeMap::new();
    for (form, heads) in by_form {
        let name = rows_of(folder, &form);
        let form = definition.form(&form).with_context(|| format!("不认识报表 {form}"))?;
        let (numbers, heads): (Vec<usize>, Vec<ReturnHead>) = heads.into_iter().unzip();
        let accepted: Vec<bool> = heads.iter().map(|head| head.accepted).collect();
        let facts = rows::of_table(form, heads, &table(&name)?, below).context(name)?;
        for ((number, facts), accepted) in numbers.into_iter().zip(facts).zip(accepted) {
            returns.insert(number, (Arc::new(facts), accepted));
        }
    }
    Ok(returns.into_values().collect())
}

/// The tables of what was accepted, as validating makes them.
fn accepted(
    returns: &[(Arc<ReturnFacts>, bool)],
    definition: &Definition,
) -> BTreeMap<(String, Period), Arc<FactTable>> {
    let mut tables: BTreeMap<(String, Period), Vec<Arc<ReturnFacts>>> = BTreeMap::new();
    for (facts, _) in returns.iter().filter(|(_, accepted)| *accepted) {
        let key = (facts.form.clone(), facts.period.clone());
        tables.entry(key).or_default().push(facts.clone());
    }
    let table = |((id, period), mut own): ((String, Period), Vec<Arc<ReturnFacts>>)| {
        in_unit_order(&definition.units, &mut own);
        let types = definition.form(&id)?.column_types();
        let table = FactTable::new(&id, &types, own);
        Some(((id, period), Arc::new(table)))
    };
    tables.into_iter().filter_map(table).collect()
}
