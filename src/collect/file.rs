//! One received file: read it, find its forms, unit and period, and type its rows.

mod drift;
mod foreign;
mod identity;
mod sheets;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use super::block::Block;
use super::bounds;
use super::child::{read_apart, read_here};
use super::delimited;
use super::findings::{Subject, beginning, quoted, with};
use super::flat::{Flat, find_flat};
use super::header::{Titles, find_blocks};
use super::lines::{Lines, Skipped};
use super::melt::melt;
use super::patch::{Patch, patch};
use super::reading::{self, BlockReading, read_block};
use super::sentences::{self, Around};
use super::sniff::{Format, Sniffed};
use super::surroundings::Surroundings;
use super::text::compact;
use super::texts::{Texts, explanations_on};
use super::units::UnitIndex;
use super::walk::Received;
use super::workbook::{Cell, Flaw, MOST_FLAWS, Refusal, Sheet, TemplateStamp, Workbook};
use crate::cache::Cache;
use crate::definition::{Definition, Form, Layout};
use crate::model::codes;
use crate::model::handout::OWN_PAGE;
use crate::model::personal::{PersonNames, without_names};
use crate::model::{CellRef, Finding, Location, ReturnFacts, ReturnSentence};
use drift::Drift;
use identity::{check_period, filed_on, find_unit};

/// What all files share.
pub(super) struct Shared<'a> {
    pub definition: &'a Definition,
    pub titles: Titles<'a>,
    pub units: UnitIndex<'a>,
    pub reader: &'a Path,
    /// Whose turn it is among the large files.
    pub large: Mutex<()>,
    pub cache: &'a Cache,
    /// The digest of all definitions.
    pub definitions: String,
}

/// A recognised return, before rivals and conflicts between files are settled.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct DraftReturn {
    pub facts: ReturnFacts,
    pub findings: Vec<Finding>,
    /// The unit that the file name names instead.
    pub other_unit: Option<String>,
    /// Unit known, form due: counts as received.
    pub deliverable: bool,
    /// It came back as a 退回单, with a sheet of explanations.
    pub is_slip: bool,
    /// Nothing is filled in: the bare form.
    pub is_blank: bool,
}

impl DraftReturn {
    /// It counts no longer, and what was found in it concerns nobody.
    pub(super) fn set_aside(&mut self) {
        self.deliverable = false;
        self.other_unit = None;
        self.findings.clear();
        self.facts.sentences.clear();
    }

    pub(super) fn subject(&self) -> Subject {
        let facts = &self.facts;
        Subject {
            file: facts.file.clone(),
            sheet: facts.sheet.clone(),
            folder: facts.folder.clone(),
            period: facts.period.clone(),
            unit: facts.unit.clone(),
            form: facts.form.clone(),
        }
    }

    /// File and sheet.
    pub(super) fn place(&self) -> String {
        let file = self.facts.file.rsplit('/').next().unwrap_or_default();
        format!("{file} › {}", self.facts.sheet)
    }
}

/// What one file gave.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(super) struct FileResult {
    pub drafts: Vec<DraftReturn>,
    pub findings: Vec<Finding>,
    /// What the unit explains on a sheet of its own.
    pub explained: Texts,
    /// Patches whose cell says something else, with what it says.
    pub unmet: Vec<(usize, String)>,
}

/// Reads one file. Whatever is wrong in it is a finding of this file.
pub(super) fn read_file(
    received: &Received,
    bytes: &[u8],
    patches: &[Patch],
    shared: &Shared,
) -> Result<FileResult, Refusal> {
    let subject = Subject::file(&received.path, &received.folder);
    let file = Sniffed::new(&received.path, bytes)?;
    // However many threads there are, only one of them holds a large file. Nothing that is done
    // with it may wait for another thread of the pool.
    let is_large = file.unpacked_size() > bounds::LARGE_BYTES;
    let _turn = is_large.then(|| shared.large.lock().unwrap_or_else(PoisonError::into_inner));
    let workbook = match file.format {
        Format::Xls | Format::Xlsb | Format::Protected => read_apart(shared.reader, bytes),
        Format::Xlsx | Format::Ods => read_here(file),
        Format::Csv => delimited::read(&received.path, bytes, |sheet| {
            let blocks = find_blocks(sheet, &shared.titles);
            let known = |b: &Block| b.columns.iter().filter(|c| c.field.is_some()).count();
            blocks.iter().map(known).sum()
        }),
    };
    let mut workbook = workbook?.bounded()?;
    let unmet = patch(&mut workbook, patches);
    let pages = blocks_of(&workbook, shared)?;
    let explained = workbook.sheets.iter().find_map(explanations_on).unwrap_or_default();
    let mut result = FileResult { unmet, explained, ..FileResult::default() };
    result.findings.extend(hidden_sheets(&workbook, &subject));
    interpret(&pages, received, shared, &subject, &mut result);
    for remark in &workbook.remarks {
        let finding = subject.finding(&remark.code, Vec::new(), remark.message.clone());
        result.findings.push(finding);
    }
    settle_units(&mut result, shared, &subject);
    let is_slip = !result.explained.is_empty();
    result.drafts.iter_mut().for_each(|draft| draft.is_slip = is_slip);
    Ok(result)
}

/// A sheet with what was found in it.
struct SheetBlocks<'w> {
    sheet: &'w Sheet,
    /// What its workbook was made from.
    template: Option<&'w TemplateStamp>,
    name: Arc<str>,
    blocks: Vec<Block>,
    /// What stands above each block.
    above: Vec<Surroundings>,
    /// Of forms that are no tables: laid flat, by the number of their block.
    flat: BTreeMap<usize, Flat>,
}

/// The visible sheets with their tables.
fn blocks_of<'w>(workbook: &'w Workbook, shared: &Shared) -> Result<Vec<SheetBlocks<'w>>, Refusal> {
    let mut pages: Vec<SheetBlocks> = Vec::new();
    let mut tables = 0;
    for sheet in workbook.sheets.iter().filter(|sheet| !sheet.hidden) {
        let mut blocks = find_blocks(sheet, &shared.titles);
        let mut flat = BTreeMap::new();
        let is_own_page = is_of_the_form(sheet);
        if is_own_page {
            // Its list of titles, one below the other, is neither a header nor a form.
            blocks.retain(|block| block.columns.iter().filter(|c| c.field.is_some()).count() > 1);
        } else {
            for (block, laid) in find_flat(sheet, &shared.definition.forms, &shared.titles) {
                flat.insert(blocks.len(), laid);
                blocks.push(block);
            }
        }
        // What stands in a form's own columns is read, whatever the page says of itself.
        if blocks.is_empty() && is_own_page {
            continue;
        }
        tables += blocks.len();
        if tables > bounds::TABLES {
            let message = format!("一个文件里的报表多于 {} 张", bounds::TABLES);
            return Err(Refusal::new(codes::UNSAFE_FILE, message));
        }
        let (template, name) = (workbook.template.as_ref(), sheet.name.as_str().into());
        let above = blocks.iter().map(|block| above(sheet, block)).collect();
        pages.push(SheetBlocks { sheet, template, name, blocks, above, flat });
    }
    Ok(pages)
}

fn above(sheet: &Sheet, block: &Block) -> Surroundings {
    let mut surroundings = Surroundings::default();
    surroundings.read(sheet, block.title_row, block.first_row);
    surroundings
}

/// A page that came with the form when it was handed out or sent back: no return.
pub(super) fn is_of_the_form(sheet: &Sheet) -> bool {
    explanations_on(sheet).is_some()
        || sheet
            .cell(0, 0)
            .and_then(Cell::text)
            .is_some_and(|text| compact(text) == compact(OWN_PAGE))
}

/// Covers and notes: what they say holds for sheets that do not say it themselves.
fn cover_of(pages: &[SheetBlocks], shared: &Shared) -> Surroundings {
    let mut cover = Surroundings::default();
    for page in pages.iter().filter(|p| p.blocks.is_empty()) {
        cover.read(page.sheet, 0, u32::MAX);
    }
    cover.settle_units(&shared.units, false);
    if cover.units.is_empty() {
        // A unit that is written on one sheet holds for the sheets that write none.
        for mut own in pages.iter().flat_map(|page| page.above.iter().cloned()) {
            own.settle_units(&shared.units, true);
            cover.hear_units(own.units);
        }
    }
    cover
}

fn interpret(
    pages: &[SheetBlocks],
    received: &Received,
    shared: &Shared,
    subject: &Subject,
    result: &mut FileResult,
) {
    let cover = cover_of(pages, shared);
    let any_form = pages.iter().any(|p| !p.blocks.is_empty());
    if pages.iter().any(|p| !p.sheet.hidden_known && !p.blocks.is_empty()) {
        let message = "这种格式看不出有无隐藏的行和列".to_owned();
        result.findings.push(subject.finding(codes::HIDDEN_UNKNOWN, Vec::new(), message));
    }
    let (others, finding) = sheets::of_other_periods(pages, received, shared, subject);
    result.findings.extend(finding);
    let named = shared.units.inside_file_name(received.stem());
    for (p, page) in pages.iter().enumerate() {
        let first = result.drafts.len();
        let mut skipped: Vec<(u32, Skipped)> = Vec::new();
        for number in (0..page.blocks.len()).filter(|b| !others.contains(&(p, *b))) {
            let (draft, rows) = read_return(page, number, &cover, received, &named, shared);
            result.drafts.push(draft);
            skipped.extend(rows);
        }
        if let Some(draft) = result.drafts.get_mut(first) {
            let subject = draft.subject();
            let column = page.blocks.iter().flat_map(|b| &b.columns).map(|c| c.column).min();
            draft.findings.extend(skipped_rows(&subject, &skipped, column.unwrap_or(0)));
        }
    }
    sheets::set_aside(result, subject);
    let beside: Vec<&SheetBlocks> = pages.iter().filter(|p| p.blocks.is_empty()).collect();
    let flaws = beside.iter().flat_map(|page| {
        let own = subject.clone().sheet(&page.name);
        page.sheet.flaws.iter().map(move |flaw| flaw_finding(flaw, &own))
    });
    result.findings.extend(flaws.take(MOST_FLAWS));
    let (covers, unknown) = foreign::without_form(&beside, any_form, shared, subject);
    result.findings.extend(unknown);
    if let Some(draft) = result.drafts.iter_mut().find(|d| d.deliverable) {
        let heads = |text: &str| !shared.titles.headed_by(text).is_empty();
        if let Some(form) = shared.definition.form(&draft.facts.form) {
            let on_page =
                |page: &&SheetBlocks| (page.name.clone(), sentences::on_page(page.sheet, &heads));
            let said = covers.iter().map(on_page).collect();
            keep_sentences(&mut draft.facts, said, form, shared.definition);
        }
    }
    if !any_form && result.findings.iter().all(|f| f.code == codes::HIDDEN_SHEET) {
        let is_hidden = !result.findings.is_empty();
        let hidden = if is_hidden {
            "；报表在隐藏的工作表中的，请取消隐藏后重报"
        } else {
            ""
        };
        let message = format!("没有一张工作表的表头与已定义的报表相符{hidden}");
        result.findings.push(subject.finding(codes::NO_FORM_IN_FILE, Vec::new(), message));
    }
}

/// What is hidden is not read: only named.
fn hidden_sheets(workbook: &Workbook, subject: &Subject) -> Option<Finding> {
    let hidden = workbook.sheets.iter().filter(|sheet| sheet.hidden);
    let names: Vec<Arc<str>> = hidden.map(|sheet| sheet.name.as_str().into()).collect();
    let subject = match names.as_slice() {
        [] => return None,
        [one] => subject.clone().sheet(one),
        _ => subject.clone(),
    };
    let message = format!("隐藏工作表{}未读取", quoted(&names));
    Some(subject.finding(codes::HIDDEN_SHEET, Vec::new(), message))
}

/// What forbids to use a return, at its cell.
fn flaw_finding(flaw: &Flaw, subject: &Subject) -> Finding {
    let at = CellRef::new(flaw.row, flaw.column);
    subject.finding(&flaw.code, vec![at], flaw.message.clone())
}

fn read_return(
    page: &SheetBlocks,
    number: usize,
    cover: &Surroundings,
    received: &Received,
    named: &[&str],
    shared: &Shared,
) -> (DraftReturn, Vec<(u32, Skipped)>) {
    let block = &page.blocks[number];
    let form = &shared.definition.forms[block.form];
    let owed = form.owed_in(&received.folder);
    let mut subject = Subject::file(&received.path, &received.folder).sheet(&page.name);
    subject.form.clone_from(&form.id);
    if let Some(owed) = &owed {
        subject.period = owed.period.clone();
    }
    let BlockReading { facts, mut findings, lines } = rows_of(page, number, shared, &subject);
    let surroundings = beside(page, number, &lines, shared);
    let heads = |text: &str| !shared.titles.headed_by(text).is_empty();
    let around = sentences::around(page.sheet, block, lines.worded(page.sheet), &heads);
    let untouched = page.template.is_some_and(|t| drift::is_untouched(t, form, &facts));
    if untouched {
        // One thing is to be said of it, not each cell.
        findings.retain(|finding| finding.code != codes::BLANK_CELL);
        let message = format!("“{}”还没有填：只有表样预填的内容", form.title);
        findings.push(subject.finding(codes::EMPTY_RETURN, Vec::new(), message));
    }
    let is_blank = (untouched || sheets::is_blank(&facts, &lines))
        && around.words.is_empty()
        && page.sheet.flaws.is_empty();
    let deliverable = owed.is_some();
    let mut draft =
        DraftReturn { facts, findings, other_unit: None, deliverable, is_slip: false, is_blank };
    let said = vec![(page.name.clone(), around)];
    keep_sentences(&mut draft.facts, said, form, shared.definition);
    let findings = &mut draft.findings;
    if let Some(owed) = owed {
        let period = &owed.period;
        findings.extend(check_period(period, &surroundings, cover, received, shared, &subject));
    } else {
        let message =
            format!("“{}”不应在 {} 的收表文件夹上报", form.title, received.folder.title());
        findings.push(subject.finding(codes::FORM_NOT_DUE, Vec::new(), message));
    }
    let (unit, unit_finding) = find_unit(&surroundings, cover, named, shared, &subject);
    findings.extend(unit_finding);
    let is_plain = !page.flat.contains_key(&number) && form.unpivot.is_none();
    if let Some(template) = page.template.filter(|_| is_plain) {
        let (sheet, lines, subject) = (page.sheet, &lines, &subject);
        let drift = Drift { template, sheet, block, lines, form, subject, shared };
        findings.extend(drift.findings(unit.as_deref(), received));
    }
    draft.facts.filed_on = filed_on(&surroundings, cover, shared, &subject, findings);
    let own = unit.as_deref().unwrap_or_default();
    draft.other_unit = other_unit(own, named).map(str::to_owned);
    if let Some(other) = &draft.other_unit {
        let (own, other) = (shared.units.name(own), shared.units.name(other));
        let at = surroundings.units.first().map(|s| s.at).into_iter().collect();
        let message = format!("表内填报单位是“{own}”，文件名是“{other}”");
        findings.push(with(subject.finding(codes::UNIT_CONFLICT, at, message), own, other));
    }
    let unit = unit.unwrap_or_default();
    draft.deliverable &= !unit.is_empty();
    findings.iter_mut().for_each(|finding| finding.unit.clone_from(&unit));
    draft.facts.unit = unit;
    (draft, lines.skipped)
}

/// The unit that the file name names instead of a sheet's own.
fn other_unit<'n>(own: &str, named: &[&'n str]) -> Option<&'n str> {
    named.first().copied().filter(|_| !own.is_empty() && !named.contains(&own))
}

/// The rows of a table, typed, with all that is wrong in its cells.
fn rows_of<'p>(
    page: &'p SheetBlocks,
    number: usize,
    shared: &Shared,
    subject: &Subject,
) -> BlockReading<'p> {
    let block = &page.blocks[number];
    let form = &shared.definition.forms[block.form];
    let mut read = match page.flat.get(&number) {
        Some(flat) => read_flat(flat, shared.definition, form, subject),
        None => {
            let paper = &shared.titles.forms[block.form];
            let read = read_block(page.sheet, block, shared.definition, paper, subject);
            BlockReading { facts: melt(read.facts, form, block), ..read }
        }
    };
    let (rows, width) = lines_and_width(form, block, &read.facts);
    let uneven = delimited::uneven_rows(page.sheet, rows, width);
    let flaws = page.sheet.flaws.iter().chain(&uneven);
    read.findings.extend(flaws.map(|flaw| flaw_finding(flaw, subject)));
    read
}

/// What stands above and below a table.
fn beside(page: &SheetBlocks, number: usize, lines: &Lines, shared: &Shared) -> Surroundings {
    let mut surroundings = page.above[number].clone();
    let below = page.flat.get(&number).map(|_| (page.blocks[number].end_row, u32::MAX));
    for &(first, end) in lines.footers.iter().chain(&below) {
        surroundings.read_below(page.sheet, first, end);
    }
    surroundings.settle_units(&shared.units, true);
    surroundings
}

/// The lines of a return that must be as wide as each other, and how wide. Pairs of title and value
/// need not be: each value stands by its own title.
fn lines_and_width(form: &Form, block: &Block, facts: &ReturnFacts) -> (Vec<u32>, u16) {
    let totals = || facts.totals.iter();
    match form.layout {
        Layout::KeyValue => (Vec::new(), 0),
        Layout::Table => {
            let rows = facts.rows.iter().copied().chain(totals().map(|total| total.row));
            (rows.collect(), block.columns.iter().map(|c| c.column + 1).max().unwrap_or(0))
        }
        Layout::Transposed => {
            let sums = totals().flat_map(|total| &total.values).map(|(_, column, _)| *column);
            let columns = facts.placed.values().flatten().map(|at| at.column).chain(sums);
            let rows = facts.placed.values().filter_map(|cells| cells.first()).map(|at| at.row);
            (rows.collect(), columns.max().map_or(0, |last| last + 1))
        }
    }
}

/// Reads a form that is no table, and says everything at the cells of its sheet.
fn read_flat<'f>(
    flat: &'f Flat,
    definition: &Definition,
    form: &Form,
    subject: &Subject,
) -> BlockReading<'f> {
    let mut read = read_block(&flat.sheet, &flat.block, definition, form, subject);
    flat.place(&mut read.facts);
    read.findings.iter_mut().for_each(|finding| flat.say(finding));
    let headings = flat.headings.iter().map(|&row| (row, Skipped::GroupHeading));
    read.lines.skipped.extend(headings);
    if !flat.stray.is_empty() {
        let message = format!("{} 个单元格看不出属于哪一栏，未读取", flat.stray.len());
        let cells = flat.stray.iter().take(reading::CELLS_SHOWN).copied().collect();
        read.findings.push(subject.finding(codes::DATA_WITHOUT_HEADER, cells, message));
    }
    read
}

/// The rows of a sheet that are no data, in one finding.
fn skipped_rows(subject: &Subject, skipped: &[(u32, Skipped)], column: u16) -> Option<Finding> {
    if skipped.iter().all(|(_, what)| what.is_of_the_printed_form()) {
        return None;
    }
    let mut rows: BTreeMap<Skipped, Vec<u32>> = BTreeMap::new();
    for &(row, what) in skipped {
        rows.entry(what).or_default().push(row + 1);
    }
    let kinds: Vec<String> = rows
        .iter()
        .map(|(what, rows)| format!("{}（第 {} 行）", what.title(), ranges(rows)))
        .collect();
    let message = format!("{} 行不是数据，未读取：{}", skipped.len(), kinds.join("；"));
    let cells = skipped.iter().take(reading::CELLS_SHOWN);
    let cells = cells.map(|&(row, _)| CellRef::new(row, column)).collect();
    Some(subject.finding(codes::ROWS_IGNORED, cells, message))
}

/// `8—10、14`
fn ranges(rows: &[u32]) -> String {
    let together = |a: &u32, b: &u32| a + 1 == *b;
    let range = |rows: &[u32]| match rows {
        [one] => one.to_string(),
        [first, .., last] => format!("{first}—{last}"),
        [] => String::new(),
    };
    rows.chunk_by(together).map(range).collect::<Vec<_>>().join("、")
}

/// Keeps what was said around a table, without the names in its personal columns and those who
/// signed.
fn keep_sentences(
    facts: &mut ReturnFacts,
    said: Vec<(Arc<str>, Around)>,
    form: &Form,
    definition: &Definition,
) {
    // It is printed in several outputs; who needs all of it finds its cells.
    const MOST: usize = 1_000;
    if said.iter().all(|(_, around)| around.words.is_empty()) {
        return;
    }
    let personal = form.fields.iter().zip(facts.columns.iter()).filter(|(field, _)| field.personal);
    let texts = personal.map(|(_, column)| column.iter_texts().flatten());
    let signed = said.iter().flat_map(|(_, around)| around.signed.iter().map(String::as_str));
    let names: PersonNames = texts.flatten().chain(signed).collect();
    let mut kept = Vec::new();
    for (sheet, around) in &said {
        kept.extend(around.words.iter().map(|words| ReturnSentence {
            location: Location {
                file: facts.file.clone(),
                sheet: sheet.clone(),
                cells: words.cells.clone(),
            },
            text: beginning(
                &without_names(&words.text, &names),
                MOST,
                "……（后文见原表）",
                definition,
            ),
        }));
    }
    facts.sentences.extend(kept);
}

/// One file is one unit's. With several nobody knows whose it is: the file is left out, and no
/// unit's own return suffers for it.
fn settle_units(result: &mut FileResult, shared: &Shared, subject: &Subject) {
    let units = result.drafts.iter().map(|d| d.facts.unit.as_str()).filter(|u| !u.is_empty());
    let mut units: Vec<&str> = units.collect();
    units.sort_by_key(|unit| shared.definition.units.order(unit));
    units.dedup();
    if units.len() < 2 {
        return;
    }
    let names: Vec<String> = units.iter().map(|u| shared.units.name(u)).collect();
    let message = format!("一个文件里有 {} 个单位的报表：{}", names.len(), names.join("、"));
    result.findings.push(subject.finding(codes::SEVERAL_UNITS, Vec::new(), message));
    for draft in &mut result.drafts {
        draft.deliverable = false;
        draft.other_unit = None;
        draft.facts.unit.clear();
        draft.findings.retain(|f| f.code != codes::UNIT_CONFLICT);
        for finding in &mut draft.findings {
            finding.unit.clear();
        }
    }
}
