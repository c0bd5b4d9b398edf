//! A table in the circular: full grid, the header repeated on every page.

use docx_rs::{
    AlignmentType, Docx, LineSpacing, LineSpacingType, Paragraph, Run, Shading, TableAlignmentType,
    TableCell, TableCellMargins, TableLayoutType, TableRow, VAlignType, WidthType,
};

use super::typesetting::{SIZE_5, note, run, run_fonts};
use crate::definition::Fonts;
use crate::report::table::{Align, Head, Table};

/// A table of no more rows stands on one page.
const WHOLE: usize = 24;

/// The table and its notes; its title is that of the attachment. A short one is not torn apart.
pub(super) fn table(fonts: &Fonts, docx: Docx, table: &Table) -> Docx {
    let whole = table.rows().count() <= WHOLE;
    if table.is_empty() {
        return docx.add_paragraph(note(table.empty));
    }
    let heads = table.columns.iter().map(|head| {
        let run = run(&head.title).fonts(run_fonts(&fonts.heading));
        cell(run, width(head), AlignmentType::Center, whole).shading(Shading::new().fill("F2F2F2"))
    });
    let mut rows = vec![TableRow::new(heads.collect()).cant_split()];
    let widths: Vec<usize> = table.columns.iter().map(width).collect();
    let all = widths.iter().sum();
    for body in &table.bodies {
        if let Some(heading) = &body.heading {
            let run = run(&heading.words).fonts(run_fonts(&fonts.heading));
            let across = cell(run, all, AlignmentType::Left, true).grid_span(table.columns.len());
            rows.push(TableRow::new(vec![across]).cant_split());
        }
        for (at, row) in body.rows.iter().enumerate() {
            let with_next = whole && at + 1 < body.rows.len();
            let cells = table.columns.iter().zip(&row.cells);
            let cells =
                cells.map(|(head, own)| cell(run(&own.text()), width(head), side(head), with_next));
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

fn width(head: &Head) -> usize {
    head.width.unwrap_or_default() as usize
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
