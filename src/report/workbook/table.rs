//! One table of a programme: 合计 first, then a row a unit or category, with the base beside
//! every rate. A table too wide for a page continues below itself, its labels repeated.

use super::sheet::{LineLook, Sheet, header_lines};
use super::{WorkbookContext, composite};
use crate::definition::{Indicator, Programme, TableSpec};
use crate::model::{Class, Decimal, Figure};
use crate::report::index::Row;
use crate::report::layout::{self, ColumnBlock};
use crate::report::text;

/// Columns of figures that fit beside the labels on a page.
pub(super) const COLUMNS_A_PAGE: usize = 16;

const HEADER_LINE: f64 = 13.5;

/// More rows than this do not fit on one page.
const ROWS_A_PAGE: usize = 26;

/// What is written of a table at a time.
struct Piece<'a> {
    title: String,
    blocks: &'a [ColumnBlock<'a>],
    labels: Vec<&'static str>,
    grouped: bool,
}

impl Piece<'_> {
    fn first(&self) -> u16 {
        self.labels.len() as u16
    }

    fn last(&self) -> u16 {
        self.first() + self.blocks.iter().map(ColumnBlock::width).sum::<usize>() as u16
    }
}

/// Writes one table; gives its last column.
pub(super) fn table_at<'a>(
    context: &WorkbookContext<'a>,
    sheet: &mut Sheet,
    programme: &Programme,
    table: &TableSpec,
    indicators: &[&'a Indicator],
    grouped: bool,
) -> anyhow::Result<u16> {
    let divided = |i: &&'a Indicator| ColumnBlock::new(context.index, i).divided(COLUMNS_A_PAGE);
    let blocks: Vec<ColumnBlock> = indicators.iter().flat_map(divided).collect();
    let rows = context.index.rows(indicators, &table.by);
    let mut last = 0;
    let pieces = pieces(&blocks);
    for (i, columns) in pieces.iter().enumerate() {
        let continued = if i > 0 { "（续）" } else { "" };
        let piece = Piece {
            title: format!("{}{continued}", text::numbered(programme, &table.title)),
            blocks: columns,
            labels: labels(table, grouped),
            grouped,
        };
        sheet.keep_together();
        let header = sheet.row + 2;
        piece_at(context, sheet, &piece, &rows)?;
        last = last.max(piece.last());
        if programme.tables.len() == 1 && pieces.len() == 1 {
            sheet.worksheet.set_freeze_panes(header + 2, piece.first())?;
            // Charts stand on the pages after: no header above them unless the table needs it.
            if rows.len() > ROWS_A_PAGE {
                sheet.worksheet.set_repeat_rows(header, header + 1)?;
            }
        }
        if i + 1 < pieces.len() {
            sheet.row += 1;
        }
    }
    notes(context, sheet, table, &blocks, last)?;
    Ok(last)
}

/// 注 below a table: base, target, period and completeness of its indicators.
pub(super) fn notes(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    table: &TableSpec,
    blocks: &[ColumnBlock],
    last: u16,
) -> anyhow::Result<()> {
    let lines = layout::notes(context.inputs.definition, context.index, table, blocks);
    for (i, line) in lines.iter().enumerate() {
        let mark = if i == 0 { "注：" } else { "" };
        sheet.line(&format!("{mark}{line}"), last, LineLook::Note)?;
    }
    Ok(())
}

fn piece_at(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    piece: &Piece,
    rows: &[Row],
) -> anyhow::Result<()> {
    let last = piece.last();
    sheet.widen(last, 12.0);
    sheet.line(&piece.title, last, LineLook::Heading)?;
    sheet.line(&layout::measures(piece.blocks), last, LineLook::Right)?;
    header_rows(sheet, piece)?;
    body_row(context, sheet, piece, "", &context.index.county_row(), true)?;
    for (i, row) in rows.iter().enumerate() {
        body_row(context, sheet, piece, &(i + 1).to_string(), row, false)?;
    }
    Ok(())
}

/// Blocks that stand side by side; at least one piece, also without blocks.
fn pieces<'a, 'b>(blocks: &'b [ColumnBlock<'a>]) -> Vec<&'b [ColumnBlock<'a>]> {
    let total: usize = blocks.iter().map(ColumnBlock::width).sum();
    let even = total.div_ceil(total.div_ceil(COLUMNS_A_PAGE).max(1));
    let mut pieces = Vec::new();
    let (mut from, mut width) = (0, 0);
    for (i, block) in blocks.iter().enumerate() {
        let full = width >= even || width + block.width() > COLUMNS_A_PAGE;
        if i > from && full {
            pieces.push(&blocks[from..i]);
            (from, width) = (i, 0);
        }
        width += block.width();
    }
    pieces.push(&blocks[from..]);
    pieces
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

fn header_rows(sheet: &mut Sheet, piece: &Piece) -> anyhow::Result<()> {
    let (top, below) = (sheet.row, sheet.row + 1);
    let mut column = 0;
    for label in &piece.labels {
        sheet.merged_header((top, column), (below, column), label)?;
        column += 1;
    }
    // Lines of titles over both rows, in the upper row, in the lower row.
    let (mut both, mut upper, mut lower) = (1, 1, 1);
    for block in piece.blocks {
        let title = &block.indicator().title;
        let width = block.width() as u16;
        let right = column + width - 1;
        match block {
            ColumnBlock::Parts(indicator, parts) => {
                upper = upper.max(composite::header_lines(parts));
                composite::header_cells(sheet, indicator, parts, (top, below), column)?;
            }
            ColumnBlock::Value(indicator) => {
                let title = match indicator.measure() {
                    "" => title.clone(),
                    measure => format!("{title}（{measure}）"),
                };
                both = both.max(header_lines(&title, 1));
                sheet.merged_header((top, column), (below, column), &title)?;
            }
            ColumnBlock::Quotient(indicator) => {
                upper = upper.max(header_lines(title, 3));
                sheet.merged_header((top, column), (top, right), title)?;
                let value = match indicator.measure() {
                    "" => "值".to_owned(),
                    measure => measure.to_owned(),
                };
                for (i, word) in (0..).zip(["分子", "分母", &value]) {
                    sheet.header((below, column + i), word)?;
                }
            }
            ColumnBlock::Classes(_, classes) => {
                upper = upper.max(header_lines(title, width));
                sheet.merged_header((top, column), (top, right), title)?;
                sheet.header((below, column), "基数")?;
                for (i, class) in (0..).zip(classes) {
                    lower = lower.max(header_lines(&class.title, 1));
                    sheet.header((below, column + 1 + 2 * i), &class.title)?;
                    sheet.header((below, column + 2 + 2 * i), "占比")?;
                }
            }
        }
        column = right + 1;
    }
    sheet.merged_header((top, column), (below, column), "备注")?;
    lower = lower.max(usize::saturating_sub(both, upper));
    sheet.height(top, HEADER_LINE * upper as f64 + 6.0);
    sheet.height(below, HEADER_LINE * lower as f64 + 6.0);
    sheet.row += 2;
    Ok(())
}

fn body_row(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    piece: &Piece,
    number: &str,
    row: &Row,
    total: bool,
) -> anyhow::Result<()> {
    let at = sheet.row;
    let mut column = row_labels(context, sheet, number, row, piece.blocks, piece.grouped, total)?;
    for block in piece.blocks {
        let cells = column..column + block.width() as u16;
        block_cells(context, sheet, block, row, cells.clone(), total)?;
        column = cells.end;
    }
    let remarks = layout::row_remarks(context.index, row, piece.blocks);
    sheet.text((at, column), &remarks, total)?;
    sheet.row += 1;
    Ok(())
}

/// The cells of one indicator in a row.
fn block_cells(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    block: &ColumnBlock,
    row: &Row,
    cells: std::ops::Range<u16>,
    total: bool,
) -> anyhow::Result<()> {
    let index = context.index;
    let indicator = block.indicator();
    let (at, first) = (sheet.row, cells.start);
    if let ColumnBlock::Parts(_, parts) = block {
        let cells = composite::Cells { index, row, indicator, parts, total };
        return cells.write(sheet, (at, first));
    }
    let ColumnBlock::Classes(_, classes) = block else {
        let Some(figure) = index.get(&indicator.id, row, None) else {
            return sheet.blank(at, cells, total);
        };
        if matches!(block, ColumnBlock::Value(_)) {
            return sheet.value((at, first), figure, indicator.scale(), None, total);
        }
        sheet.optional((at, first), figure.numerator, total)?;
        sheet.optional((at, first + 1), figure.denominator, total)?;
        let parts = Some((first, first + 1));
        return sheet.value((at, first + 2), figure, indicator.scale(), parts, total);
    };
    class_cells(context, sheet, indicator, row, classes, first, total)
}

/// Base, then count and share of each class.
pub(super) fn class_cells(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    indicator: &Indicator,
    row: &Row,
    classes: &[&Class],
    first: u16,
    total: bool,
) -> anyhow::Result<()> {
    let at = sheet.row;
    let figures: Vec<Option<&Figure>> =
        classes.iter().map(|c| context.index.get(&indicator.id, row, Some(c))).collect();
    let base: Option<Decimal> = figures.iter().flatten().find_map(|f| f.denominator);
    sheet.optional((at, first), base, total)?;
    for (i, figure) in (0..).zip(&figures) {
        let (count, share) = (first + 1 + 2 * i, first + 2 + 2 * i);
        let Some(figure) = figure else {
            sheet.blank(at, count..share + 1, total)?;
            continue;
        };
        sheet.optional((at, count), figure.numerator, total)?;
        let parts = (figure.denominator == base).then_some((count, first));
        sheet.value((at, share), figure, indicator.scale(), parts, total)?;
    }
    Ok(())
}

/// Number, group and title of a row; gives the column after them.
pub(super) fn row_labels(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    number: &str,
    row: &Row,
    blocks: &[ColumnBlock],
    grouped: bool,
    total: bool,
) -> anyhow::Result<u16> {
    let at = sheet.row;
    let mut column = 0;
    sheet.center((at, column), number, total)?;
    column += 1;
    if grouped {
        let group = if row.group.is_empty() {
            {
                let indicators: Vec<&Indicator> =
                    blocks.iter().map(ColumnBlock::indicator).collect();
                let definition = context.inputs.definition;
                layout::dimension_title(definition, &indicators, &row.dimension).to_owned()
            }
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
