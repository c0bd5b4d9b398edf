//! One sheet a programme: its tables, transition matrices and native charts, packed on pages.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::render::{self, WORKBOOK};
use super::sheet::{FIGURE_WIDTH, Sheet, TallRows};
use super::style::LineLook;
use super::{WorkbookContext, native_chart};
use crate::definition::Programme;
use crate::report::chart;
use crate::report::table::declared::{self, Labels};
use crate::report::table::{Align, Table};

/// A wider sheet prints smaller and holds more rows a page: the widest that still reads well, in
/// pixels; the first that needs the fewest pages is taken.
const WIDTHS: [u32; 5] = [1_250, 1_350, 1_450, 1_550, 1_620];

/// 备注 has at least this width, in characters.
const REMARK_WIDTH: f64 = 12.0;

/// Notes below a narrow table reach this column at least.
const NOTES_END: u16 = 7;

/// More rows than this do not fit on one page.
const ROWS_A_PAGE: usize = 30;

pub(super) fn sheet(
    context: &WorkbookContext,
    name: &str,
    programme: &Programme,
) -> anyhow::Result<Worksheet> {
    let labels = Labels::of(context.index, programme);
    let tables: Vec<Vec<Table>> = programme
        .tables
        .iter()
        .map(|spec| declared::tables(context.index, WORKBOOK, (programme, spec), labels))
        .collect();
    let blank = || begin(name, labels);
    let draft = draft(context, blank()?.on_trial(), &tables)?;
    let charts = charts(context, programme)?;
    let content = Content { programme, tables: &tables, charts: &charts };
    let mut best: Option<(usize, Look)> = None;
    for look in WIDTHS.into_iter().flat_map(|width| [(width, 2), (width, 3)]) {
        let sheet = lay(context, blank()?.on_trial(), &content, &draft, look)?;
        let pages = sheet.pages(draft.last);
        if best.is_none_or(|(fewest, _)| pages < fewest) {
            best = Some((pages, look));
        }
        if pages <= draft.fewest {
            break;
        }
    }
    match best {
        Some((_, look)) => lay(context, blank()?, &content, &draft, look)?.finish(draft.last),
        None => blank()?.finish(0),
    }
}

/// Pixels that a sheet is wide at least, and charts side by side.
type Look = (u32, usize);

/// What stands on a sheet.
struct Content<'c> {
    programme: &'c Programme,
    tables: &'c [Vec<Table<'c>>],
    charts: &'c [native_chart::NativeChart<'c>],
}

/// What all layouts of a sheet have in common.
struct Draft {
    /// How much room is beside and below is known when all widths are.
    widths: Vec<f64>,
    last: u16,
    /// Of each piece of each table: no row depends on the width of the sheet.
    lines: Vec<Vec<TallRows>>,
    /// The pages that its tables need alone, where they print smallest: no layout needs fewer.
    fewest: usize,
}

fn draft(
    context: &WorkbookContext,
    mut sheet: Sheet,
    tables: &[Vec<Table>],
) -> anyhow::Result<Draft> {
    let mut last = NOTES_END;
    let mut lines = Vec::new();
    for pieces in tables {
        last = last.max(widest(pieces));
        let lines_of = |number| {
            let (first, _) = piece(context, &mut sheet, pieces, number, None)?;
            Ok(sheet.lines_since(first))
        };
        lines.push((0..pieces.len()).map(lines_of).collect::<anyhow::Result<_>>()?);
    }
    let widths = sheet.widths().to_vec();
    sheet.fill(last, WIDTHS.into_iter().max().unwrap_or_default());
    Ok(Draft { widths, last, lines, fewest: sheet.pages(last) })
}

/// Fills the sheet in one of the looks.
fn lay<'s>(
    context: &WorkbookContext,
    mut sheet: Sheet<'s>,
    content: &Content,
    draft: &Draft,
    (width, charts_a_row): Look,
) -> anyhow::Result<Sheet<'s>> {
    let last = draft.last;
    sheet.begin_with(&draft.widths);
    sheet.fill(last, width);

    let &Content { programme, tables, charts } = content;
    let mut charts = native_chart::Waiting::new(charts, charts_a_row);
    let mut shown: Vec<&str> = Vec::new();
    for (number, (spec, pieces)) in programme.tables.iter().zip(tables).enumerate() {
        shown.extend(spec.indicators.iter().map(String::as_str));
        let wanted = |ids: &[&str]| ids.iter().all(|id| shown.contains(id));
        for part in 0..pieces.len() {
            sheet.row += u32::from(part > 0);
            let from = sheet.row;
            let known = draft.lines[number].get(part).filter(|_| sheet.is_on_trial());
            let (_, end) = piece(context, &mut sheet, pieces, part, known)?;
            let left = sheet.width_in_pixels(end);
            charts = charts.place_beside(&mut sheet, (from, left), last, &wanted)?;
        }
        if let ([table], 1) = (pieces.as_slice(), programme.tables.len()) {
            freeze(&mut sheet, table)?;
        }
        if number + 1 == tables.len() {
            notes(context, &mut sheet, programme, last)?;
        }
        sheet.row += 1;
        charts = charts.place(&mut sheet, last, &wanted)?;
    }
    if programme.tables.is_empty() {
        sheet.line(&programme.title, last, LineLook::Heading)?;
        notes(context, &mut sheet, programme, last)?;
    }
    charts.place_all(&mut sheet, last)?;
    sheet.signatures(last)?;
    Ok(sheet)
}

/// What is to be said of the programme, and of charts that are not there.
fn notes(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    programme: &Programme,
    last: u16,
) -> anyhow::Result<()> {
    let note = Some(&programme.note).filter(|note| !note.is_empty());
    let mut lines: Vec<String> = note.iter().map(|note| format!("注：{note}")).collect();
    lines.extend(chart::absent(programme, context.charts, context.index));
    sheet.notes(&lines, last)
}

fn begin(name: &str, labels: Labels) -> anyhow::Result<Sheet<'static>> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &labels.widths())?;
    sheet.narrowest = FIGURE_WIDTH;
    Ok(sheet)
}

/// The last column of the widest piece of a declared table.
fn widest(pieces: &[Table]) -> u16 {
    pieces.iter().map(end).max().unwrap_or(0)
}

/// The last column of a table; without columns it is a line.
fn end(table: &Table) -> u16 {
    table.columns.len().checked_sub(1).map_or(NOTES_END, |last| last as u16)
}

/// One piece of a declared table, the lines of whose rows may be known; gives the first of its rows
/// and the last column that it takes.
fn piece(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    pieces: &[Table],
    number: usize,
    known: Option<&TallRows>,
) -> anyhow::Result<(u32, u16)> {
    let Some(table) = pieces.get(number) else { return Ok((sheet.row, 0)) };
    let last = end(table);
    sheet.keep_together();
    if table.columns.last().is_some_and(|head| head.align == Align::Remark) {
        sheet.widen(last, REMARK_WIDTH);
    }
    render::above(sheet, table, last)?;
    let first = match known {
        Some(lines) => render::rows_on_trial(context, sheet, (table, lines), last)?,
        None => render::rows(context, sheet, table, last)?,
    };
    let below = if table.notes.is_empty() { last } else { widest(pieces).max(NOTES_END) };
    render::below(sheet, table, below)?;
    Ok((first, below))
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

/// The programme's charts, each with the indicators that it shows.
fn charts<'a>(
    context: &WorkbookContext<'a>,
    programme: &'a Programme,
) -> anyhow::Result<Vec<native_chart::NativeChart<'a>>> {
    let mut charts = Vec::new();
    for (chart, block) in context.charts.iter().zip(&context.blocks) {
        let spec = programme.charts.iter().find(|spec| spec.id == chart.id);
        let Some(spec) = spec.filter(|_| chart.programme == programme.id) else { continue };
        let shows: Vec<&str> = spec.indicators.iter().map(String::as_str).collect();
        charts.push(native_chart::NativeChart::new((chart, block), context.drawn, shows)?);
    }
    Ok(charts)
}
