//! 溯源: every figure with the cells of numerator and denominator, and the units that are not
//! in it.

use rayon::prelude::*;
use rust_xlsxwriter::Worksheet;

use super::Context;
use super::origin::HEADER;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::style::value_format;
use super::value::stored;
use crate::model::{Contribution, Figure, Location, Period};
use crate::report::text;

const TITLES: [&str; 11] = [
    "编号",
    "指标",
    "单位",
    "类别",
    "数据期",
    "值",
    "分子",
    "分母",
    "分子出处",
    "分母出处",
    "未计入的单位",
];
const LAST: u16 = 10;
const WIDTHS: [f64; 11] = [28.0, 18.0, 14.0, 12.0, 12.0, 10.0, 8.0, 8.0, 42.0, 42.0, 18.0];

struct Entry<'a> {
    figure: &'a Figure,
    numerator: String,
    denominator: String,
    absent: String,
}

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let inputs = context.inputs;
    let definition = inputs.definition;
    let entries: Vec<Entry> = inputs
        .figures
        .par_iter()
        .map(|figure| Entry {
            figure,
            numerator: match figure.lineage.problems.as_slice() {
                [] => sources(context, &figure.lineage.numerator),
                ids => problems(ids),
            },
            denominator: sources(context, &figure.lineage.denominator),
            absent: text::absent_units(definition, &figure.lineage.absent),
        })
        .collect();
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?;
    sheet.line("每个数字的出处", LAST, Line::Heading)?;
    sheet.line(
        "本表供查阅，不随报告打印（打印区域只有这两行）。出处写首个单元格和处数，指标的定义见“方法与口径”；全部单元格及原文用命令“dangtong audit trace 报告文件夹 编号”查看。",
        LAST,
        Line::Note,
    )?;
    debug_assert_eq!(sheet.row, HEADER);
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for entry in &entries {
        row(context, &mut sheet, entry)?;
    }
    if !entries.is_empty() {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 1)?;
    sheet.finish_reference(header, LAST)
}

/// `returns-late@140722102 等 3 条问题`: each is a row of problems.csv.
fn problems(ids: &[String]) -> String {
    match ids {
        [] => String::new(),
        [only] => format!("问题 {only}"),
        [first, ..] => format!("{first} 等 {} 条问题", ids.len()),
    }
}

fn row(context: &Context, sheet: &mut Sheet, entry: &Entry) -> anyhow::Result<()> {
    let at = sheet.row;
    let figure = entry.figure;
    sheet.text((at, 0), &figure.id, false)?;
    sheet.text((at, 1), &figure.title, false)?;
    sheet.text((at, 2), &figure.unit, false)?;
    let class = figure.class.as_ref().map_or("", |c| c.title.as_str());
    let parts = [figure.category.as_str(), class];
    let category: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
    sheet.text((at, 3), &category.join("·"), false)?;
    sheet.center((at, 4), &text::period(context.inputs.definition, &figure.period), false)?;
    match figure.value {
        Some(value) => {
            let format = value_format(value, &figure.measure);
            sheet.number_as((at, 5), stored(value, &figure.measure), &format, false)?;
        }
        None => sheet.center((at, 5), text::why_empty(figure), false)?,
    }
    sheet.optional((at, 6), figure.numerator, false)?;
    sheet.optional((at, 7), figure.denominator, false)?;
    sheet.text((at, 8), &entry.numerator, false)?;
    sheet.text((at, 9), &entry.denominator, false)?;
    sheet.text((at, LAST), &entry.absent, false)?;
    sheet.row += 1;
    Ok(())
}

fn sources(context: &Context, contributions: &[Contribution]) -> String {
    let mut texts: Vec<String> = Vec::new();
    for text in contributions.iter().map(|c| source(context, c)) {
        if !text.is_empty() && !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("；")
}

/// `石匣乡_2013-10.xlsx › 党代表工作室 ! M6 …（18 份报表，共 18 处）`
fn source(context: &Context, contribution: &Contribution) -> String {
    let rows = contribution.rows.len();
    let source = contribution.source.as_str();
    if source == "units" {
        return format!("应报单位 {rows} 个（单位名录）");
    }
    if let Some(register) = source.strip_prefix("register:") {
        return format!("名录 {register}（{rows} 行）");
    }
    let definition = context.inputs.definition;
    let title = text::form_title(definition, source);
    let period = contribution.period.as_ref().map_or_else(String::new, Period::to_string);
    if contribution.unlisted > 0 {
        let rows = contribution.unlisted;
        return format!("《{title}》{period}（{rows} 行，行数太多，未逐行列出）");
    }
    if rows == 0 {
        return format!("《{title}》{period}（无符合的行）");
    }
    let table = contribution
        .period
        .as_ref()
        .and_then(|period| context.inputs.validated.facts.table(source, period));
    let (Some(form), Some(table)) = (definition.form(source), table) else {
        return format!("《{title}》{period}（{rows} 行）");
    };
    let fields: Vec<usize> =
        contribution.fields.iter().filter_map(|name| form.field_index(name)).collect();
    let mut cells = 0;
    let mut returns: Vec<usize> = Vec::new();
    let mut first: Option<Location> = None;
    for row in contribution.rows.iter().map(|&row| row as usize).filter(|&row| row < table.len()) {
        let (at, own) = table.place(row);
        let place = table.returns[at].location(own, &fields);
        cells += place.cells.len().max(1);
        // Rows stand in the order of the returns.
        if returns.last() != Some(&at) {
            returns.push(at);
        }
        if first.is_none() {
            let mut place = place;
            place.cells.truncate(1);
            first = Some(place);
        }
    }
    match first {
        None => format!("《{title}》{period}（{rows} 行）"),
        Some(place) if cells == 1 => place.to_string(),
        Some(place) => format!("{place} …（{} 份报表，共 {cells} 处）", returns.len()),
    }
}
