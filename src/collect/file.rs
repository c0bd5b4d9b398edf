//! One received file: read it, find its forms, unit and period, and type its rows.

mod identity;

use std::path::Path;
use std::sync::Arc;

use super::child::{read_apart, read_here};
use super::codes;
use super::context::Context;
use super::findings::{Subject, with};
use super::header::{Block, Titles, find_blocks};
use super::reading::read_block;
use super::sniff::{self, Format};
use super::text::compact;
use super::units::UnitIndex;
use super::workbook::{Flaw, Refusal, Sheet, Workbook};
use crate::definition::{Definition, Form};
use crate::model::{CellRef, Finding, Period, ReturnFacts};
use identity::{check_period, filed_on, find_unit};

/// What all files share.
pub(super) struct Shared<'a> {
    pub definition: &'a Definition,
    pub titles: Titles<'a>,
    pub units: UnitIndex<'a>,
    pub reader: &'a Path,
}

/// A file in a hand-in folder.
#[derive(Debug, Clone)]
pub(super) struct Received {
    /// Relative to the returns root, with `/`.
    pub path: Arc<str>,
    pub full: std::path::PathBuf,
    pub folder: Period,
}

impl Received {
    fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }
}

/// A recognised return, before rivals and conflicts between files are settled.
#[derive(Debug)]
pub(super) struct Draft {
    pub facts: ReturnFacts,
    pub findings: Vec<Finding>,
    /// The unit that the file name names instead.
    pub other_unit: Option<String>,
    /// Unit known, form due: counts as received.
    pub deliverable: bool,
}

#[derive(Debug, Default)]
pub(super) struct FileResult {
    pub format: &'static str,
    pub drafts: Vec<Draft>,
    pub findings: Vec<Finding>,
}

/// Reads one file. Whatever goes wrong is a finding of this file.
pub(super) fn read_file(received: &Received, bytes: &[u8], shared: &Shared) -> FileResult {
    let subject = Subject::file(&received.path, &received.folder);
    let refused = |refusal: Refusal, format: &'static str| {
        let name = received.path.rsplit('/').next().unwrap_or_default();
        let message = format!("{name}：{}", refusal.message);
        let finding = subject.finding(&refusal.code, Vec::new(), message);
        FileResult {
            format,
            findings: vec![with(finding, refusal.message, "")],
            drafts: Vec::new(),
        }
    };
    let format = match sniff::format(&received.path, bytes) {
        Ok(format) => format,
        Err(refusal) => return refused(refusal, ""),
    };
    let read = match format {
        Format::Xls | Format::Xlsb => read_apart(shared.reader, &received.full),
        Format::Xlsx | Format::Ods | Format::Csv => read_here(format, bytes),
    };
    let workbook = match read {
        Ok(workbook) => workbook,
        Err(refusal) => return refused(refusal, ""),
    };
    let mut result = interpret(&workbook, received, shared, &subject);
    result.format = format.id();
    result
}

/// A sheet with what was found in it.
struct Page<'w> {
    sheet: &'w Sheet,
    name: Arc<str>,
    blocks: Vec<Block>,
}

fn interpret(
    workbook: &Workbook,
    received: &Received,
    shared: &Shared,
    subject: &Subject,
) -> FileResult {
    let mut result = FileResult::default();
    let mut pages: Vec<Page> = Vec::new();
    for sheet in &workbook.sheets {
        let name: Arc<str> = sheet.name.as_str().into();
        if sheet.hidden {
            let message = format!("隐藏工作表“{name}”未读取");
            result.findings.push(subject.clone().sheet(&name).finding(
                codes::HIDDEN_SHEET,
                Vec::new(),
                message,
            ));
            continue;
        }
        let blocks = find_blocks(sheet, &shared.titles);
        pages.push(Page { sheet, name, blocks });
    }
    // Covers and notes: what they say holds for sheets that do not say it themselves.
    let mut cover = Context::default();
    for page in pages.iter().filter(|p| p.blocks.is_empty()) {
        cover.read(page.sheet, 0, u32::MAX);
    }
    if cover.units.is_empty() {
        // A unit that is written on one sheet holds for the sheets that write none.
        for page in &pages {
            for block in &page.blocks {
                let mut own = Context::default();
                own.read(page.sheet, block.title_row, block.first_row);
                cover.units.extend(own.units);
            }
        }
    }
    let any_form = pages.iter().any(|p| !p.blocks.is_empty());
    if pages.iter().any(|p| !p.sheet.hidden_known && !p.blocks.is_empty()) {
        let message = "这种格式看不出有无隐藏的行和列".to_owned();
        result.findings.push(subject.finding(codes::HIDDEN_UNKNOWN, Vec::new(), message));
    }
    for page in &pages {
        if page.blocks.is_empty() {
            let own = subject.clone().sheet(&page.name);
            result.findings.extend(page.sheet.flaws.iter().map(|flaw| flaw_finding(flaw, &own)));
            result.findings.extend(unknown_sheet(page, any_form, shared, subject));
        }
        for block in &page.blocks {
            result.drafts.push(read_return(page, block, &cover, received, shared));
        }
    }
    if !any_form && result.findings.iter().all(|f| f.code == codes::HIDDEN_SHEET) {
        let message = "没有一张工作表的表头与已定义的报表相符".to_owned();
        result.findings.push(subject.finding(codes::NO_FORM_IN_FILE, Vec::new(), message));
    }
    settle_units(&mut result, shared, subject);
    result
}

/// What forbids to use a return, at its cell.
fn flaw_finding(flaw: &Flaw, subject: &Subject) -> Finding {
    let at = CellRef::new(flaw.row, flaw.column);
    subject.finding(&flaw.code, vec![at], flaw.message.clone())
}

/// A visible sheet without a header: an empty one is nothing, a titled one is a broken return.
fn unknown_sheet(
    page: &Page,
    any_form: bool,
    shared: &Shared,
    subject: &Subject,
) -> Option<Finding> {
    if page.sheet.cells.is_empty() {
        return None;
    }
    let subject = subject.clone().sheet(&page.name);
    let heads = |text: &str| shared.titles.headed_by(text).first().copied();
    let top = page.sheet.cells.iter().take_while(|c| c.row < page.sheet.cells[0].row + 6);
    let titled = top
        .filter_map(|c| match &c.value {
            super::workbook::CellValue::Text(text) => heads(text),
            _ => None,
        })
        .next();
    if let Some(form) = titled {
        let form = &shared.definition.forms[form];
        let subject = Subject { form: form.id.clone(), ..subject };
        let message = format!("标题是“{}”，但表头与表样不符，找不到应有的栏", form.title);
        return Some(subject.finding(codes::NO_FORM_IN_FILE, Vec::new(), message));
    }
    let message = format!("工作表“{}”不是已定义的报表，未读取", page.name);
    if any_form {
        // A cover or a page of notes is no table: nothing there was left out.
        let lists = page.sheet.rows().filter(|(_, cells)| cells.len() >= 3).count() >= 2;
        if !lists {
            return None;
        }
        return Some(subject.finding(codes::UNKNOWN_SHEET, Vec::new(), message));
    }
    Some(subject.finding(codes::NO_FORM_IN_FILE, Vec::new(), message))
}

fn read_return(
    page: &Page,
    block: &Block,
    cover: &Context,
    received: &Received,
    shared: &Shared,
) -> Draft {
    let form = &shared.definition.forms[block.form];
    let owed = form.owed_in(&received.folder);
    let mut subject = Subject::file(&received.path, &received.folder).sheet(&page.name);
    subject.form.clone_from(&form.id);
    if let Some(owed) = &owed {
        subject.period = owed.period.clone();
    }
    let (facts, mut findings, footer) =
        read_block(page.sheet, block, shared.definition, form, &subject);
    findings.extend(page.sheet.flaws.iter().map(|flaw| flaw_finding(flaw, &subject)));
    let mut context = Context::default();
    context.read(page.sheet, block.title_row, block.first_row);
    if let Some(footer) = footer {
        context.read_below(page.sheet, footer, block.end_row);
    }
    let mut draft =
        Draft { facts, findings: Vec::new(), other_unit: None, deliverable: owed.is_some() };
    if let Some(owed) = owed {
        findings.extend(check_period(&owed.period, &context, cover, received, shared, &subject));
    } else {
        let message =
            format!("“{}”不应在 {} 的收表文件夹上报", form.title, received.folder.title());
        findings.push(subject.finding(codes::FORM_NOT_DUE, Vec::new(), message));
    }
    let (unit, unit_finding) = find_unit(&context, cover, received, shared, &subject);
    findings.extend(unit_finding);
    draft.facts.filed_on = filed_on(&context, cover, &subject, &mut findings);
    let unit = unit.unwrap_or_default();
    draft.deliverable &= !unit.is_empty();
    let named = shared.units.inside_file_name(received.stem());
    if !unit.is_empty() && !named.is_empty() && !named.contains(&unit.as_str()) {
        draft.other_unit = Some(named[0].to_owned());
        let (own, other) = (shared.units.name(&unit), shared.units.name(named[0]));
        let at = context.units.first().map(|s| s.at).into_iter().collect();
        let message = format!("表内填报单位是“{own}”，文件名是“{other}”");
        findings.push(with(subject.finding(codes::UNIT_CONFLICT, at, message), own, other));
    }
    for finding in &mut findings {
        finding.unit.clone_from(&unit);
    }
    draft.facts.unit = unit;
    draft.findings = findings;
    draft
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

/// The form that a declaration names by id, number or title.
pub(super) fn find_form<'a>(definition: &'a Definition, text: &str) -> Option<&'a Form> {
    let text = compact(text);
    let is = |name: &String| !name.is_empty() && compact(name) == text;
    definition
        .forms
        .iter()
        .find(|f| is(&f.id) || is(&f.number) || is(&f.title) || f.aliases.iter().any(is))
}
