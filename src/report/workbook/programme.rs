//! One sheet a programme: its tables, transition matrices and native charts, packed on pages.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::render::{self, WORKBOOK};
use super::sheet::{FIGURE_WIDTH, LineLook, Sheet};
use super::{WorkbookContext, native_chart};
use crate::definition::Programme;
use crate::report::chart;
use crate::report::table::Table;
use crate::report::table::declared::{self, Labels};

/// Charts need this width to be readable; the tables are widened to it.
const CHART_WIDTH: u32 = 1_200;

/// 备注 has at least this width, in characters.
const REMARK_WIDTH: f64 = 12.0;

/// More rows than this do not fit on one page.
const ROWS_A_PAGE: usize = 26;

pub(super) fn sheet(
    context: &WorkbookContext,
    name: &str,
    programme: &Programme,
) -> anyhow::Result<Worksheet> {
    let labels = Labels::of(context.index, programme);
    let mut sheet = Sheet::new(name, Paper::Landscape, &labels.widths())?;
    sheet.narrowest = FIGURE_WIDTH;
    let mut last = 7;
    for spec in &programme.tables {
        let tables = declared::tables(context.index, WORKBOOK, (programme, spec), labels);
        last = last.max(write(context, &mut sheet, &tables)?);
        if let ([table], 1) = (tables.as_slice(), programme.tables.len()) {
            freeze(&mut sheet, table)?;
        }
        sheet.row += 1;
    }
    if programme.tables.is_empty() {
        sheet.line(&programme.title, last, LineLook::Heading)?;
    }
    sheet.fill(last, CHART_WIDTH);
    if !programme.note.is_empty() {
        sheet.line(&format!("注：{}", programme.note), last, LineLook::Note)?;
    }
    charts(context, &mut sheet, programme, last)?;
    sheet.signatures(last)?;
    sheet.finish(last)
}

/// One declared table in its pieces; gives the last column.
fn write(context: &WorkbookContext, sheet: &mut Sheet, tables: &[Table]) -> anyhow::Result<u16> {
    let last = |table: &Table| table.columns.len().saturating_sub(1) as u16;
    let widest = tables.iter().map(last).max().unwrap_or(0);
    for (number, table) in tables.iter().enumerate() {
        sheet.row += u32::from(number > 0);
        sheet.keep_together();
        sheet.widen(last(table), REMARK_WIDTH);
        render::above(sheet, table, last(table))?;
        render::rows(context, sheet, table)?;
        render::below(sheet, table, widest)?;
    }
    Ok(widest)
}

/// Labels and titles of the only table stay in sight.
fn freeze(sheet: &mut Sheet, table: &Table) -> anyhow::Result<()> {
    let rows = table.rows().count();
    let below = rows as u32 + table.notes.len() as u32;
    let begin = sheet.row.saturating_sub(below);
    let labels = table.columns.iter().take_while(|head| head.width.is_some()).count();
    sheet.worksheet.set_freeze_panes(begin, labels as u16)?;
    // Charts stand on the pages after: no header above them unless the table needs it.
    if table.rows().filter(|row| !row.total).count() > ROWS_A_PAGE {
        let header = begin.saturating_sub(render::head_rows(table));
        sheet.worksheet.set_repeat_rows(header, begin.saturating_sub(1))?;
    }
    Ok(())
}

fn charts(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    programme: &Programme,
    last: u16,
) -> anyhow::Result<()> {
    let drawn: Vec<_> = context
        .charts
        .iter()
        .zip(&context.blocks)
        .filter(|(chart, _)| chart.programme == programme.id)
        .collect();
    native_chart::insert(sheet, &drawn, context.drawn, last)?;
    for line in chart::absent(programme, context.charts, context.index) {
        sheet.line(&line, last, LineLook::Note)?;
    }
    Ok(())
}
