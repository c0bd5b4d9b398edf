//! A table in the circular: full grid, the header repeated on every page.

use docx_rs::{
    AlignmentType, Docx, LineSpacing, LineSpacingType, Paragraph, Run, Shading, TableAlignmentType,
    TableCell, TableCellMargins, TableLayoutType, TableRow, VAlignType, WidthType,
};

use super::typesetting::{SIZE_5, note, run, run_fonts};
use crate::definition::Fonts;
use crate::report::table::{Align, Cell, Head, Table};
use crate::report::text;

/// A digit of 五号, in the widest of the fonts that stand in for another, and the margins of a cell,
/// in twentieths of a point.
const DIGIT: usize = 135;
const CELL: usize = 120;

/// A table of no more rows stands on one page.
const WHOLE: usize = 24;

/// The table and its notes; its title is that of the attachment. A short one is not torn apart.
pub(super) fn table(fonts: &Fonts, docx: Docx, table: &Table) -> Docx {
    let whole = table.rows().count() <= WHOLE;
    if table.is_empty() {
        return docx.add_paragraph(note(table.empty));
    }
    let widths = widths(table);
    let all = widths.iter().sum();
    let heads = table.columns.iter().zip(&widths).map(|(head, width)| {
        let run = run(&head.title).fonts(run_fonts(&fonts.heading));
        cell(run, *width, AlignmentType::Center, whole).shading(Shading::new().fill("F2F2F2"))
    });
    let mut rows = vec![TableRow::new(heads.collect()).cant_split()];
    for body in &table.bodies {
        if let Some(heading) = &body.heading {
            let run = run(&heading.words).fonts(run_fonts(&fonts.heading));
            let across = cell(run, all, AlignmentType::Left, true).grid_span(table.columns.len());
            rows.push(TableRow::new(vec![across]).cant_split());
        }
        for (at, row) in body.rows.iter().enumerate() {
            let with_next = whole && at + 1 < body.rows.len();
            let cells = table.columns.iter().zip(&row.cells).zip(&widths);
            let cells = cells
                .map(|((head, own), width)| cell(run(&own.text()), *width, side(head), with_next));
            rows.push(TableRow::new(cells.collect()).cant_split());
        }
    }
    let grid = docx_rs::Table::new(rows)
        .set_grid(widths)
        .layout(TableLayoutType::Fixed)
        .width(all, WidthType::Dxa)
        .align(TableAlignmentType::Center)
        .margins(TableCellMargins::new().margin(10, 60, 10, 60));
    table.notes.iter().fold(docx.add_table(grid), |docx, line| docx.add_paragraph(note(line)))
}

/// As declared, but for numbers, which are never broken: what their columns lack, the widest column
/// of words gives.
fn widths(table: &Table) -> Vec<usize> {
    let mut widths: Vec<usize> =
        table.columns.iter().map(|head| head.width.unwrap_or_default() as usize).collect();
    let words = |head: &Head| matches!(side(head), AlignmentType::Left);
    let given = (0..widths.len()).filter(|&at| words(&table.columns[at]));
    let Some(given) = given.max_by_key(|&at| widths[at]) else { return widths };
    for at in (0..widths.len()).filter(|&at| !words(&table.columns[at])) {
        let cells = table.rows().filter_map(|row| row.cells.get(at)).map(Cell::text);
        let numbers = cells.filter(|text| text.chars().all(|c| !c.is_alphabetic()));
        let needed = numbers.map(|text| CELL + DIGIT * text::columns(&text)).max().unwrap_or(0);
        let lacks = needed.saturating_sub(widths[at]).min(widths[given] / 3);
        widths[at] += lacks;
        widths[given] -= lacks;
    }
    widths
}

fn side(head: &Head) -> AlignmentType {
    match head.align {
        Align::Left | Align::Name | Align::Remark => AlignmentType::Left,
        Align::Center | Align::Number => AlignmentType::Center,
    }
}

/// `with_next`: on one page with the row below, as a heading is.
fn cell(run: Run, width: usize, side: AlignmentType, with_next: bool) -> TableCell {
    let paragraph = Paragraph::new()
        .align(side)
        .line_spacing(LineSpacing::new().line(280).line_rule(LineSpacingType::Exact))
        // Also the paragraph mark: an empty cell is as tall as a full one.
        .size(SIZE_5)
        .keep_next(with_next)
        .add_run(run.size(SIZE_5));
    TableCell::new()
        .width(width, WidthType::Dxa)
        .vertical_align(VAlignType::Center)
        .add_paragraph(paragraph)
}
