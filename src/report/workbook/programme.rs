//! One sheet a programme: its tables (合计 first, then a row a unit or category, with the base
//! beside every rate) and native charts below.

use rust_xlsxwriter::Worksheet;

use super::sheet::{Line, Paper, Sheet};
use super::{Context, composite, native_chart, transition};
use crate::definition::{Indicator, IndicatorKind, Programme, TableSpec};
use crate::model::{Class, Decimal, Figure, Status};
use crate::report::chart::is_quotient;
use crate::report::index::Row;
use crate::report::text;

/// Charts need this width to be readable; the table is widened to it.
const CHART_WIDTH: u32 = 940;

/// More rows than this do not fit on one page.
const ROWS_A_PAGE: usize = 26;

/// The columns of one indicator in a table.
pub(super) enum Block<'a> {
    /// Only the value.
    Value(&'a Indicator),
    /// Numerator, denominator, value.
    Quotient(&'a Indicator),
    /// Base, then count and share of each class.
    Classes(&'a Indicator, Vec<&'a Class>),
    /// Value and points of each part, then the total and the place.
    Parts(&'a Indicator, Vec<&'a Class>),
}

impl Block<'_> {
    fn indicator(&self) -> &Indicator {
        match self {
            Self::Value(i) | Self::Quotient(i) | Self::Classes(i, _) | Self::Parts(i, _) => i,
        }
    }

    fn width(&self) -> u16 {
        match self {
            Self::Value(_) => 1,
            Self::Quotient(_) => 3,
            Self::Classes(_, classes) => 1 + 2 * classes.len() as u16,
            Self::Parts(i, _) => 2 + 2 * i.parts.len() as u16,
        }
    }
}

pub(super) fn sheet(
    context: &Context,
    name: &str,
    programme: &Programme,
) -> anyhow::Result<Worksheet> {
    let grouped = programme.tables.iter().any(|table| {
        let indicators = indicators(context, table);
        context.index.rows(&indicators, &table.by).iter().any(|r| !r.group.is_empty())
    });
    // The tables of a sheet share its columns, so the columns of labels are the same in all.
    let labels: &[f64] = if grouped { &[6.0, 10.0, 24.0] } else { &[6.0, 26.0] };
    let mut sheet = Sheet::new(name, Paper::Landscape, labels)?;
    sheet.measures_in_cells = false;
    let mut last = 7;
    let mut breaks = Vec::new();
    for (i, table) in programme.tables.iter().enumerate() {
        if i > 0 {
            sheet.row += 1;
            breaks.push(sheet.row);
        }
        let (matrices, others): (Vec<&Indicator>, Vec<&Indicator>) = indicators(context, table)
            .into_iter()
            .partition(|indicator| indicator.kind == IndicatorKind::Transition);
        if !others.is_empty() || matrices.is_empty() {
            last = last.max(table_at(context, &mut sheet, programme, table, &others, grouped)?);
        }
        for (j, matrix) in matrices.into_iter().enumerate() {
            if j > 0 || !others.is_empty() {
                sheet.row += 1;
            }
            let used = transition::matrix(context, &mut sheet, programme, table, matrix, grouped)?;
            last = last.max(used);
        }
    }
    if programme.tables.is_empty() {
        sheet.line(&programme.title, last, Line::Heading)?;
    }
    if !programme.note.is_empty() {
        sheet.line(&format!("注：{}", programme.note), last, Line::Note)?;
    }
    let drawn: Vec<_> = context
        .charts
        .iter()
        .zip(&context.blocks)
        .filter(|(chart, _)| chart.programme == programme.id)
        .collect();
    if !drawn.is_empty() && !programme.tables.is_empty() {
        sheet.row += 1;
        breaks.push(sheet.row);
    }
    if !drawn.is_empty() {
        sheet.fill(last, CHART_WIDTH);
    }
    let mut used = 0;
    for (chart, block) in &drawn {
        native_chart::insert(&mut sheet, chart, block, (last, &mut used, &mut breaks))?;
    }
    let missing: Vec<&str> = programme
        .charts
        .iter()
        .filter(|spec| !drawn.iter().any(|(chart, _)| chart.id == spec.id))
        .map(|spec| spec.title.as_str())
        .collect();
    if !missing.is_empty() {
        let line = format!("未到期或无数据，本期不作图：{}。", missing.join("、"));
        sheet.line(&line, last, Line::Note)?;
    }
    if !breaks.is_empty() {
        sheet.worksheet.set_page_breaks(&breaks)?;
    }
    sheet.finish(last)
}

fn indicators<'a>(context: &Context<'a>, table: &TableSpec) -> Vec<&'a Indicator> {
    let definition = context.inputs.definition;
    table.indicators.iter().filter_map(|id| definition.indicator(id)).collect()
}

/// Writes one table; gives its last column.
fn table_at(
    context: &Context,
    sheet: &mut Sheet,
    programme: &Programme,
    table: &TableSpec,
    indicators: &[&Indicator],
    grouped: bool,
) -> anyhow::Result<u16> {
    let index = context.index;
    let blocks: Vec<Block> = indicators
        .iter()
        .map(|&indicator| {
            let classes = index.classes(&indicator.id);
            if indicator.kind == IndicatorKind::Composite {
                Block::Parts(indicator, classes)
            } else if !classes.is_empty() {
                Block::Classes(indicator, classes)
            } else if is_quotient(indicator) {
                Block::Quotient(indicator)
            } else {
                Block::Value(indicator)
            }
        })
        .collect();
    let rows = index.rows(indicators, &table.by);
    let first_block = if grouped { 3 } else { 2 };
    let last = first_block + blocks.iter().map(Block::width).sum::<u16>();
    sheet.widen(last, 12.0);

    sheet.line(&heading(programme, &table.title), last, Line::Heading)?;
    sheet.line(&measures(&blocks), last, Line::Right)?;
    let header = sheet.row;
    header_rows(sheet, table, &blocks, grouped, last)?;
    let county = index.county_row();
    body_row(context, sheet, "", &county, &blocks, grouped, true)?;
    for (i, row) in rows.iter().enumerate() {
        body_row(context, sheet, &(i + 1).to_string(), row, &blocks, grouped, false)?;
    }
    if programme.tables.len() == 1 {
        sheet.worksheet.set_freeze_panes(header + 2, first_block)?;
        // Charts stand on the pages after: no header above them unless the table needs it.
        if rows.len() > ROWS_A_PAGE {
            sheet.worksheet.set_repeat_rows(header, header + 1)?;
        }
    }
    for line in notes(context, table, &blocks) {
        sheet.line(&line, last, Line::Note)?;
    }
    Ok(last)
}

pub(super) fn heading(programme: &Programme, title: &str) -> String {
    if programme.number.is_empty() {
        title.to_owned()
    } else {
        format!("{}　{title}", programme.number)
    }
}

/// `单位：个、%`
pub(super) fn measures(blocks: &[Block]) -> String {
    let mut measures: Vec<&str> = Vec::new();
    for block in blocks {
        let measure = block.indicator().measure();
        if !measure.is_empty() && !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    if measures.is_empty() { String::new() } else { format!("单位：{}", measures.join("、")) }
}

/// Titles of the columns before the figures.
pub(super) fn labels(table: &TableSpec, grouped: bool) -> Vec<&'static str> {
    let (group, name) = match table.by.as_str() {
        "" | "unit" => ("组别", "单位"),
        by if by.contains('*') => ("组别", "单位、类别"),
        _ => ("分类", "类别"),
    };
    if grouped { vec!["序号", group, name] } else { vec!["序号", name] }
}

fn header_rows(
    sheet: &mut Sheet,
    table: &TableSpec,
    blocks: &[Block],
    grouped: bool,
    last: u16,
) -> anyhow::Result<()> {
    let (top, below) = (sheet.row, sheet.row + 1);
    let mut column = 0;
    for label in labels(table, grouped) {
        sheet.merged_header((top, column), (below, column), label)?;
        column += 1;
    }
    for block in blocks {
        let title = &block.indicator().title;
        let right = column + block.width() - 1;
        match block {
            Block::Value(indicator) => {
                let title = match indicator.measure() {
                    "" => title.clone(),
                    measure => format!("{title}（{measure}）"),
                };
                sheet.merged_header((top, column), (below, column), &title)?;
            }
            Block::Quotient(indicator) => {
                sheet.merged_header((top, column), (top, right), title)?;
                let value = match indicator.measure() {
                    "" => "值".to_owned(),
                    measure => measure.to_owned(),
                };
                for (i, word) in (0..).zip(["分子", "分母", &value]) {
                    sheet.header((below, column + i), word)?;
                }
            }
            Block::Classes(_, classes) => {
                sheet.merged_header((top, column), (top, right), title)?;
                sheet.header((below, column), "基数")?;
                for (i, class) in (0..).zip(classes) {
                    sheet.header((below, column + 1 + 2 * i), &class.title)?;
                    sheet.header((below, column + 2 + 2 * i), "占比")?;
                }
            }
            Block::Parts(indicator, _) => {
                composite::header_cells(sheet, indicator, (top, below), column)?;
            }
        }
        column = right + 1;
    }
    sheet.merged_header((top, last), (below, last), "备注")?;
    sheet.worksheet.set_row_height(top, 30)?;
    sheet.worksheet.set_row_height(below, 30)?;
    sheet.row += 2;
    Ok(())
}

fn body_row(
    context: &Context,
    sheet: &mut Sheet,
    number: &str,
    row: &Row,
    blocks: &[Block],
    grouped: bool,
    total: bool,
) -> anyhow::Result<()> {
    let index = context.index;
    let at = sheet.row;
    let mut column = row_labels(context, sheet, number, row, blocks, grouped, total)?;
    let mut remarks: Vec<String> = Vec::new();
    for block in blocks {
        let indicator = block.indicator();
        match block {
            Block::Value(_) => match index.get(&indicator.id, row, None) {
                Some(figure) => {
                    sheet.value((at, column), figure, indicator.scale(), None, total)?;
                    remark(&mut remarks, figure);
                }
                None => sheet.text((at, column), "", total)?,
            },
            Block::Quotient(_) => match index.get(&indicator.id, row, None) {
                Some(figure) => {
                    sheet.optional((at, column), figure.numerator, total)?;
                    sheet.optional((at, column + 1), figure.denominator, total)?;
                    let parts = Some((column, column + 1));
                    sheet.value((at, column + 2), figure, indicator.scale(), parts, total)?;
                    remark(&mut remarks, figure);
                }
                None => blank(sheet, at, column..column + 3, total)?,
            },
            Block::Classes(_, classes) => {
                let figures: Vec<Option<&Figure>> =
                    classes.iter().map(|c| index.get(&indicator.id, row, Some(c))).collect();
                let base: Option<Decimal> = figures.iter().flatten().find_map(|f| f.denominator);
                sheet.optional((at, column), base, total)?;
                for (i, figure) in (0..).zip(&figures) {
                    let (count, share) = (column + 1 + 2 * i, column + 2 + 2 * i);
                    let Some(figure) = figure else {
                        blank(sheet, at, count..share + 1, total)?;
                        continue;
                    };
                    sheet.optional((at, count), figure.numerator, total)?;
                    let parts = (figure.denominator == base).then_some((count, column));
                    sheet.value((at, share), figure, indicator.scale(), parts, total)?;
                    remark(&mut remarks, figure);
                }
            }
            Block::Parts(_, parts) => {
                let cells = composite::Cells { index, row, indicator, parts, total };
                cells.write(sheet, (at, column), &mut remarks)?;
            }
        }
        column += block.width();
    }
    sheet.text((at, column), &remarks.join("，"), total)?;
    sheet.row += 1;
    Ok(())
}

/// Number, group and title of a row; gives the column after them.
pub(super) fn row_labels(
    context: &Context,
    sheet: &mut Sheet,
    number: &str,
    row: &Row,
    blocks: &[Block],
    grouped: bool,
    total: bool,
) -> anyhow::Result<u16> {
    let at = sheet.row;
    let mut column = 0;
    sheet.center((at, column), number, total)?;
    column += 1;
    if grouped {
        let group = if row.group.is_empty() {
            dimension_title(context, blocks, &row.dimension)
        } else {
            row.group.clone()
        };
        sheet.center((at, column), &group, total)?;
        column += 1;
    }
    let title = if total { "合计".to_owned() } else { row.title(context.index.county()) };
    sheet.text((at, column), &title, total)?;
    Ok(column + 1)
}

/// The breakdown's name: the title of its field.
fn dimension_title(context: &Context, blocks: &[Block], dimension: &str) -> String {
    blocks
        .iter()
        .filter_map(|b| context.inputs.definition.form(&b.indicator().form))
        .find_map(|form| form.field(dimension))
        .map_or_else(String::new, |field| field.title.clone())
}

pub(super) fn blank(
    sheet: &mut Sheet,
    row: u32,
    columns: std::ops::Range<u16>,
    total: bool,
) -> anyhow::Result<()> {
    for column in columns {
        sheet.text((row, column), "", total)?;
    }
    Ok(())
}

/// What a reader must know of a figure before using it, each remark once a row.
pub(super) fn remark(remarks: &mut Vec<String>, figure: &Figure) {
    let mut add = |remark: String| {
        if !remarks.contains(&remark) {
            remarks.push(remark);
        }
    };
    if figure.lineage.absent.iter().any(|a| a.unit == figure.unit_code) {
        return; // The cells say 未报 or 退回.
    }
    match figure.status {
        Status::Provisional => add(text::status(figure)),
        Status::Incomplete => add(format!("不完整 {}", text::completeness(figure))),
        Status::Break | Status::Normal | Status::Missing => {}
    }
    if figure.place.as_ref().is_some_and(|p| p.small_base) {
        add("小基数".to_owned());
    }
}

/// 注: base, period and completeness of each indicator, then the table's own note.
pub(super) fn notes(context: &Context, table: &TableSpec, blocks: &[Block]) -> Vec<String> {
    let definition = context.inputs.definition;
    let mut lines = Vec::new();
    for block in blocks {
        let indicator = block.indicator();
        let mut parts = Vec::new();
        let base = text::base(indicator);
        if !base.is_empty() {
            parts.push(format!("口径为{base}"));
        }
        parts.extend((!indicator.note.is_empty()).then(|| indicator.note.clone()));
        parts.extend(composite::notes(indicator));
        let target = text::target(indicator);
        parts.extend((!target.is_empty()).then_some(target));
        match context.index.headline(&indicator.id) {
            Some(figure) => {
                parts.push(format!("数据期 {}", text::period(definition, &figure.period)));
                parts.push(text::completeness_line(definition, figure));
            }
            None if indicator.is_collectable() => parts.push("未到期或无数据".to_owned()),
            None => parts.push(format!("无法收集：{}", indicator.reason)),
        }
        lines.push(format!("注{}：{}：{}。", lines.len() + 1, indicator.title, parts.join("；")));
    }
    if !table.note.is_empty() {
        lines.push(format!("说明：{}", table.note));
    }
    lines
}
