//! 退回单: what a unit handed in, once more, with every cell that failed in colour and annotated, and
//! a sheet on which it explains. What it typed stands as text or number, never as a formula.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::{
    Color, Format, FormatAlign, FormatBorder, Note, Workbook, Worksheet, XlsxError,
};

use super::names::SheetNames;
use super::{properties, set_digits};
use crate::definition::Definition;
use crate::model::handout::{EXPLANATIONS, SLIP_TITLE};
use crate::model::{CellRef, Finding, GridSheet, GridValue, Level, Period};

/// What a slip is made from.
#[derive(Debug)]
pub struct Slip<'a> {
    pub definition: &'a Definition,
    pub folder: &'a Period,
    /// The file that was handed in, without folders.
    pub file: &'a str,
    pub sheets: &'a [GridSheet],
    /// Of this file, in reading order.
    pub findings: &'a [&'a Finding],
}

const ERROR: Color = Color::RGB(0xFF_C7_CE);
const QUERY: Color = Color::RGB(0xFF_EB_9C);
const WIDEST: f64 = 40.0;
/// Height of a line, in points.
const LINE: f64 = 16.5;

pub fn slip(slip: &Slip) -> anyhow::Result<Vec<u8>> {
    let mut workbook = Workbook::new();
    set_digits(&mut workbook)?;
    workbook.set_properties(&properties(slip.definition, slip.folder)?);
    let mut names = SheetNames::default();
    // The name by which the explanations are found when they come back.
    let name = names.unique(EXPLANATIONS);
    workbook.push_worksheet(explanations(slip, &name)?);
    for grid in slip.sheets {
        let name = names.unique(&grid.name);
        let sheet = marked(slip, grid, &name)?;
        workbook.push_worksheet(sheet);
    }
    Ok(workbook.save_to_buffer()?)
}

/// Cells of a sheet with the findings that name them.
fn marks<'a>(slip: &'a Slip, grid: &GridSheet) -> BTreeMap<CellRef, Vec<&'a Finding>> {
    let mut marks: BTreeMap<CellRef, Vec<&Finding>> = BTreeMap::new();
    for finding in slip.findings.iter().filter(|f| *f.location.sheet == *grid.name) {
        for &cell in &finding.location.cells {
            marks.entry(cell).or_default().push(finding);
        }
    }
    marks
}

fn colour(findings: &[&Finding]) -> Color {
    if findings.iter().any(|f| f.level == Level::Error) { ERROR } else { QUERY }
}

fn note(findings: &[&Finding]) -> Note {
    /// More of them are read on the sheet 审核说明.
    const MOST: usize = 5;
    let line = |f: &&Finding| format!("{} {}：{}", f.level.title(), f.code, f.message);
    let mut lines: Vec<String> = findings.iter().take(MOST).map(line).collect();
    if findings.len() > MOST {
        lines.push(format!("共 {} 项，见“{EXPLANATIONS}”表", findings.len()));
    }
    let height = 24 * u32::try_from(lines.len() + 1).unwrap_or(6);
    Note::new(lines.join("\n")).add_author_prefix(false).set_width(320).set_height(height.max(72))
}

/// A sheet as it was handed in, with its failing cells.
fn marked(slip: &Slip, grid: &GridSheet, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    let marks = marks(slip, grid);
    let merged: BTreeMap<CellRef, CellRef> = grid.merged.iter().copied().collect();
    let style = |at: &CellRef| {
        let format = Format::new().set_border(FormatBorder::Thin).set_text_wrap();
        let format = match merged.contains_key(at) {
            true => format.set_align(FormatAlign::Center).set_align(FormatAlign::VerticalCenter),
            false => format.set_align(FormatAlign::VerticalCenter),
        };
        match marks.get(at) {
            Some(findings) => format.set_background_color(colour(findings)),
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
    for (at, findings) in &marks {
        if !filled.contains(at) {
            sheet.write_blank(at.row, at.column, &style(at))?;
        }
        sheet.insert_note(at.row, at.column, &note(findings))?;
    }
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
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
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

/// The last of them.
const EXPLAIN: u16 = 10;

/// The findings, each with an empty cell for what the unit has to say.
fn explanations(slip: &Slip, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    let plain = Format::new();
    let cell = Format::new()
        .set_border(FormatBorder::Thin)
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter);
    let head = cell.clone().set_bold().set_background_color(Color::RGB(0xD9_E1_F2));
    sheet.write_string_with_format(
        0,
        0,
        format!("{SLIP_TITLE}{}", slip.folder),
        &Format::new().set_bold().set_font_size(14),
    )?;
    let about = format!(
        "本工作簿是“{}”按所读内容另写的一份，原件未动；红色为强制，须改正后重报；黄色为核实，确属实情的在“说明”栏写明原因，连同本工作簿发回。",
        slip.file
    );
    sheet.write_string_with_format(1, 0, about, &plain)?;
    let header = 3;
    for (column, (title, width)) in (0..).zip(COLUMNS) {
        sheet.write_string_with_format(header, column, title, &head)?;
        sheet.set_column_width(column, width)?;
    }
    for (row, finding) in (header + 1..).zip(slip.findings) {
        let definition = slip.definition;
        let form = definition.form(&finding.form).map_or("", |form| form.title.as_str());
        let cells = finding.location.cells_text();
        let texts = [
            finding.level.title(),
            &finding.code,
            definition.units.name(&finding.unit),
            form,
            &finding.location.sheet,
            &cells,
            &finding.seen,
            &finding.message,
            &finding.expected,
            &finding.remedy,
        ];
        let ground = cell.clone().set_background_color(colour(&[*finding]));
        for (column, text) in (0..).zip(texts) {
            let format = if column == 0 { &ground } else { &cell };
            sheet.write_string_with_format(row, column, text, format)?;
        }
        let lines = texts.iter().zip(COLUMNS).map(|(text, (_, width))| lines_of(text, width));
        sheet.set_row_height(row, LINE * lines.fold(1.0, f64::max))?;
        // A 强制 is not explained but put right.
        let explain = if finding.level == Level::Error { &cell } else { &ground };
        sheet.write_blank(row, EXPLAIN, explain)?;
    }
    sheet.set_freeze_panes(header + 1, 0)?;
    sheet.set_repeat_rows(header, header)?;
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0);
    Ok(sheet)
}
