//! One sheet a programme: its tables, transition matrices and native charts, packed on pages.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::table::{FIGURE_WIDTH, table_at};
use super::{Context, native_chart, transition};
use crate::definition::{Indicator, IndicatorKind, Programme, TableSpec};

/// Charts need this width to be readable; the tables are widened to it.
const CHART_WIDTH: u32 = 1_200;

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
    let mut sheet = Sheet::new(name, Paper::Landscape, labels)?.linked(&context.origins);
    sheet.measures_in_cells = false;
    sheet.narrowest = FIGURE_WIDTH;
    let mut last = 7;
    for table in &programme.tables {
        last = last.max(tables(context, &mut sheet, programme, table, grouped)?);
        sheet.row += 1;
    }
    if programme.tables.is_empty() {
        sheet.line(&programme.title, last, Line::Heading)?;
    }
    sheet.fill(last, CHART_WIDTH);
    if !programme.note.is_empty() {
        sheet.line(&format!("注：{}", programme.note), last, Line::Note)?;
    }
    charts(context, &mut sheet, programme, last)?;
    sheet.signatures(last)?;
    sheet.finish(last)
}

/// One table and its matrices; gives the last column.
fn tables(
    context: &Context,
    sheet: &mut Sheet,
    programme: &Programme,
    table: &TableSpec,
    grouped: bool,
) -> anyhow::Result<u16> {
    let (matrices, others): (Vec<&Indicator>, Vec<&Indicator>) = indicators(context, table)
        .into_iter()
        .partition(|indicator| indicator.kind == IndicatorKind::Transition);
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
    context: &Context,
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
    native_chart::insert(sheet, &drawn, last)?;
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
    Ok(())
}

fn indicators<'a>(context: &Context<'a>, table: &TableSpec) -> Vec<&'a Indicator> {
    let definition = context.inputs.definition;
    table.indicators.iter().filter_map(|id| definition.indicator(id)).collect()
}
