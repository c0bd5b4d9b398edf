//! 退回单: what a unit handed in, once more, with every cell that failed in colour and annotated, and
//! a sheet on which it explains. What it typed stands as text or number, never as a formula.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::{Format, FormatAlign, FormatBorder, Note, Worksheet, XlsxError};

use super::names::SheetNames;
use super::{new_workbook, properties};
use crate::definition::Definition;
use crate::model::handout::{EXPLANATIONS, SLIP_TITLE};
use crate::model::{
    ADDED_HEADER, AddedPage, AddedRow, CellRef, Finding, GridSheet, GridValue, HEAD_GROUND, Level,
    Mark, Markup, Period, ground,
};

/// What a slip is made from.
#[derive(Debug)]
pub struct Slip<'a> {
    pub definition: &'a Definition,
    pub folder: &'a Period,
    /// The file that was handed in, without folders.
    pub file: &'a str,
    /// Why it is a copy of what was read and not of the file itself.
    pub why_copied: Option<&'a str>,
    /// Of this file, in reading order.
    pub findings: &'a [&'a Finding],
}

const WIDEST: f64 = 40.0;
/// Height of a line, in points.
const LINE: f64 = 16.5;

/// The unit's workbook as it was read, where its own parts cannot be marked.
pub fn slip(slip: &Slip, sheets: &[GridSheet]) -> anyhow::Result<Vec<u8>> {
    let mut workbook = new_workbook()?;
    workbook.set_properties(&properties(slip.definition, slip.folder)?);
    let mut names = SheetNames::default();
    let Markup { marks, page } = slip_markup(slip);
    // The name by which the explanations are found when they come back.
    let name = names.unique(EXPLANATIONS);
    workbook.push_worksheet(explanations(&page, &name)?);
    let none = BTreeMap::new();
    for grid in sheets {
        let name = names.unique(&grid.name);
        let sheet = marked(grid, marks.get(&grid.name).unwrap_or(&none), &name)?;
        workbook.push_worksheet(sheet);
    }
    Ok(workbook.save_to_buffer()?)
}

/// What is added to the workbook of a unit.
pub fn slip_markup(slip: &Slip) -> Markup {
    let mut marks: BTreeMap<String, BTreeMap<CellRef, Vec<&Finding>>> = BTreeMap::new();
    for finding in slip.findings {
        for &cell in &finding.location.cells {
            let sheet = marks.entry(finding.location.sheet.to_string()).or_default();
            sheet.entry(cell).or_default().push(finding);
        }
    }
    let marked = |(at, findings): (CellRef, Vec<&Finding>)| {
        let worst = findings.iter().map(|f| f.level).min().unwrap_or(Level::Query);
        (at, Mark { level: worst, note: note_text(&findings) })
    };
    let marks =
        marks.into_iter().map(|(sheet, cells)| (sheet, cells.into_iter().map(marked).collect()));
    Markup { marks: marks.collect(), page: page(slip) }
}

fn note_text(findings: &[&Finding]) -> String {
    /// More of them are read on the sheet 审核说明.
    const MOST: usize = 5;
    let line = |f: &&Finding| format!("{} {}：{}", f.level.title(), f.code, f.message);
    let mut lines: Vec<String> = findings.iter().take(MOST).map(line).collect();
    if findings.len() > MOST {
        lines.push(format!("共 {} 项，见“{EXPLANATIONS}”表", findings.len()));
    }
    lines.join("\n")
}

fn note(text: &str) -> Note {
    let height = 24 * u32::try_from(text.lines().count() + 1).unwrap_or(6);
    Note::new(text).add_author_prefix(false).set_width(320).set_height(height.max(72))
}

/// A sheet as it was handed in, with its failing cells.
fn marked(
    grid: &GridSheet,
    marks: &BTreeMap<CellRef, Mark>,
    name: &str,
) -> anyhow::Result<Worksheet> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    let merged: BTreeMap<CellRef, CellRef> = grid.merged.iter().copied().collect();
    let style = |at: &CellRef| {
        let format = Format::new().set_border(FormatBorder::Thin).set_text_wrap();
        let format = match merged.contains_key(at) {
            true => format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter),
            false => format.set_align(FormatAlign::VerticalCenter),
        };
        match marks.get(at) {
            Some(mark) => format.set_background_color(ground(mark.level)),
            None => format,
        }
    };
    for (from, to) in merged.iter().filter(|(from, to)| from != to) {
        sheet.merge_range(from.row, from.column, to.row, to.column, "", &style(from))?;
    }
    for (at, value) in &grid.cells {
        write(&mut sheet, *at, value, style(at))?;
    }
    let filled: BTreeSet<CellRef> = grid.cells.iter().map(|(at, _)| *at).collect();
    for (at, mark) in marks {
        if !filled.contains(at) {
            sheet.write_blank(at.row, at.column, &style(at))?;
        }
        sheet.insert_note(at.row, at.column, &note(&mark.note))?;
    }
    fit(&mut sheet, grid)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
}

/// Columns as wide and rows as high as their texts need; regions of several cells ask for nothing.
fn fit(sheet: &mut Worksheet, grid: &GridSheet) -> anyhow::Result<()> {
    let covered = |at: &CellRef| {
        grid.merged
            .iter()
            .any(|(from, to)| from.row == at.row && from.column == at.column && from != to)
    };
    let single = || grid.cells.iter().filter(|(at, _)| !covered(at));
    let mut widths: BTreeMap<u16, f64> = BTreeMap::new();
    for (at, value) in single() {
        let width = widths.entry(at.column).or_insert(8.0);
        *width = width.max(needed(&shown(value))).min(WIDEST);
    }
    let mut lines: BTreeMap<u32, f64> = BTreeMap::new();
    for (at, value) in single() {
        let own = lines_of(&shown(value), widths.get(&at.column).copied().unwrap_or(WIDEST));
        let most = lines.entry(at.row).or_insert(1.0);
        *most = most.max(own);
    }
    for (row, lines) in lines {
        sheet.set_row_height(row, LINE * lines)?;
    }
    for (column, width) in widths {
        sheet.set_column_width(column, width)?;
    }
    Ok(())
}

fn write(
    sheet: &mut Worksheet,
    at: CellRef,
    value: &GridValue,
    format: Format,
) -> Result<(), XlsxError> {
    let (row, column) = (at.row, at.column);
    let places = |places: u8| match places {
        0 => "0%".to_owned(),
        places => format!("0.{}%", "0".repeat(usize::from(places))),
    };
    match value {
        GridValue::Text(text) => sheet.write_string_with_format(row, column, text, &format),
        GridValue::Number(number) => sheet.write_number_with_format(row, column, *number, &format),
        GridValue::Date(day) => {
            sheet.write_number_with_format(row, column, *day, &format.set_num_format("yyyy-mm-dd"))
        }
        GridValue::Percent(number, shown) => {
            let format = format.set_num_format(places(*shown));
            sheet.write_number_with_format(row, column, *number, &format)
        }
        GridValue::Boolean(truth) => sheet.write_boolean_with_format(row, column, *truth, &format),
    }?;
    Ok(())
}

fn shown(value: &GridValue) -> String {
    match value {
        GridValue::Text(text) => text.clone(),
        GridValue::Number(number) => number.to_string(),
        _ => "2013-10-25".to_owned(),
    }
}

/// Characters that a text takes; a Chinese one is twice as wide.
fn needed(text: &str) -> f64 {
    let width = |line: &str| line.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum::<u32>();
    f64::from(text.lines().map(width).max().unwrap_or(0)) + 2.0
}

/// Lines that it takes in a column of this width.
fn lines_of(text: &str, width: f64) -> f64 {
    /// Excel shows no higher row.
    const MOST: f64 = 24.0;
    text.lines().map(|line| (needed(line) / width).ceil()).sum::<f64>().clamp(1.0, MOST)
}

const COLUMNS: [(&str, f64); 11] = [
    ("级别", 6.0),
    ("检查", 10.0),
    ("单位", 12.0),
    ("报表", 20.0),
    ("工作表", 16.0),
    ("单元格", 10.0),
    ("原值", 24.0),
    ("问题", 40.0),
    ("应为", 20.0),
    ("怎么办", 28.0),
    ("说明", 36.0),
];

/// The findings, each with an empty cell for what the unit has to say.
fn page(slip: &Slip) -> AddedPage {
    let definition = slip.definition;
    let row = |finding: &&Finding| {
        let form = definition.form(&finding.form).map_or("", |form| form.title.as_str());
        let texts = [
            finding.level.title(),
            &finding.code,
            definition.units.name(&finding.unit),
            form,
            &finding.location.sheet,
            &finding.location.cells_text(),
            &finding.seen,
            &finding.message,
            &finding.expected,
            &finding.remedy,
        ]
        .map(|text| shortened(text).into_owned());
        let lines = texts.iter().zip(COLUMNS).map(|(text, (_, width))| lines_of(text, width));
        let height = LINE * lines.fold(1.0, f64::max);
        AddedRow { level: finding.level, texts: texts.into(), height }
    };
    let about = match slip.why_copied {
        None => "的副本，只加了颜色、批注和本表".to_owned(),
        Some(why) => format!("按所读内容另写的一份（{why}）"),
    };
    AddedPage {
        title: format!("{SLIP_TITLE}{}", slip.folder),
        about: format!(
            "本工作簿是“{}”{about}，原件未动；红色为强制，须改正后重报；黄色为核实，确属实情的在“说明”栏写明原因，连同本工作簿发回。",
            slip.file
        ),
        columns: COLUMNS.into(),
        rows: slip.findings.iter().map(row).collect(),
    }
}

/// No cell holds a longer text, and nobody reads one.
fn shortened(text: &str) -> Cow<'_, str> {
    const MOST: usize = 2_000;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => Cow::Owned(format!("{}…", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

fn explanations(page: &AddedPage, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    let cell = Format::new()
        .set_border(FormatBorder::Thin)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    let head = cell.clone().set_bold().set_background_color(HEAD_GROUND);
    let title = Format::new().set_bold().set_font_size(14);
    sheet.write_string_with_format(0, 0, &page.title, &title)?;
    sheet.write_string(1, 0, &page.about)?;
    for (column, (title, width)) in (0..).zip(&page.columns) {
        sheet.write_string_with_format(ADDED_HEADER, column, *title, &head)?;
        sheet.set_column_width(column, *width)?;
    }
    let last = u16::try_from(page.columns.len().saturating_sub(1))?;
    for (row, added) in (ADDED_HEADER + 1..).zip(&page.rows) {
        let grounded = cell.clone().set_background_color(ground(added.level));
        for (column, text) in (0..).zip(&added.texts) {
            let format = if column == 0 { &grounded } else { &cell };
            sheet.write_string_with_format(row, column, text, format)?;
        }
        sheet.set_row_height(row, added.height)?;
        // A 强制 is not explained but put right.
        let explain = if added.level == Level::Error { &cell } else { &grounded };
        sheet.write_blank(row, last, explain)?;
    }
    sheet.set_freeze_panes(ADDED_HEADER + 1, 0)?;
    sheet.set_repeat_rows(ADDED_HEADER, ADDED_HEADER)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
}
