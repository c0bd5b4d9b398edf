//! One sheet a programme: its tables, transition matrices and native charts, packed on pages.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::sheet::{FIGURE_WIDTH, LineLook, Sheet};
use super::table::table_at;
use super::{WorkbookContext, native_chart, transition};
use crate::definition::{Programme, TableSpec};
use crate::report::{chart, layout, text};

/// Charts need this width to be readable; the tables are widened to it.
const CHART_WIDTH: u32 = 1_200;

pub(super) fn sheet(
    context: &WorkbookContext,
    name: &str,
    programme: &Programme,
) -> anyhow::Result<Worksheet> {
    let (grouped, widest) = groups(context, programme);
    // The tables of a sheet share its columns, so the columns of labels are the same in all.
    let labels: &[f64] = if grouped { &[6.0, widest, 24.0] } else { &[6.0, 26.0] };
    let mut sheet = Sheet::new(name, Paper::Landscape, labels)?.linked(&context.origins);
    sheet.measures_in_cells = false;
    sheet.narrowest = FIGURE_WIDTH;
    let mut last = 7;
    for table in &programme.tables {
        last = last.max(tables(context, &mut sheet, programme, table, grouped)?);
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

/// One table and its matrices; gives the last column.
fn tables(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    programme: &Programme,
    table: &TableSpec,
    grouped: bool,
) -> anyhow::Result<u16> {
    let (others, matrices) = layout::indicators(context.inputs.definition, table);
    let mut last = 0;
    if !others.is_empty() || matrices.is_empty() {
        last = table_at(context, sheet, programme, table, &others, grouped)?;
    }
    for (i, matrix) in matrices.into_iter().enumerate() {
        if i > 0 || !others.is_empty() {
            sheet.row += 1;
        }
        sheet.keep_together();
        let used = transition::matrix(context, sheet, programme, table, matrix, grouped)?;
        last = last.max(used);
    }
    Ok(last)
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

/// Do some rows have a group, so that all have the column; and the width of that column, in
/// which other tables name their breakdown.
fn groups(context: &WorkbookContext, programme: &Programme) -> (bool, f64) {
    let definition = context.inputs.definition;
    let (mut grouped, mut widest) = (false, 10.0_f64);
    for table in &programme.tables {
        let (mut indicators, matrices) = layout::indicators(definition, table);
        indicators.extend(matrices);
        for row in context.index.rows(&indicators, &table.by) {
            grouped |= !row.group.is_empty();
            if row.group.is_empty() {
                let title = layout::dimension_title(definition, &indicators, &row.dimension);
                widest = widest.max(text::columns(title) as f64 * 1.08 + 2.0);
            }
        }
    }
    (grouped, widest.min(18.0))
}
