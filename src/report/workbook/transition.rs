//! Transition matrices: a line a code then, a pair of columns a code now for the county; for each
//! unit one line with the numbers only, so that all units stand on one page.

use super::WorkbookContext;
use super::sheet::{LineLook, Sheet};
use super::table::{COLUMNS_A_PAGE, class_cells, labels, notes, row_labels};
use crate::definition::{Indicator, Programme, TableSpec};
use crate::model::Class;
use crate::report::index::Row;
use crate::report::layout::{self, ColumnBlock};
use crate::report::text;

/// The classes from one code: each with the code that it leads to.
type FromCode<'a> = (&'a str, Vec<(&'a str, &'a Class)>);

struct Matrix<'c, 'a> {
    context: &'c WorkbookContext<'a>,
    indicator: &'a Indicator,
    /// Its only block, for labels and notes.
    blocks: [ColumnBlock<'a>; 1],
    lines: Vec<FromCode<'a>>,
    labels: Vec<&'static str>,
    grouped: bool,
    title: String,
}

/// Writes the county's matrix, then the numbers of each row of the table; gives the last column.
pub(super) fn matrix<'a>(
    context: &WorkbookContext<'a>,
    sheet: &mut Sheet,
    programme: &Programme,
    table: &TableSpec,
    indicator: &'a Indicator,
    grouped: bool,
) -> anyhow::Result<u16> {
    let classes = context.index.classes(&indicator.id);
    let title = match table.indicators.as_slice() {
        [_] => table.title.clone(),
        _ => format!("{}：{}", table.title, indicator.title),
    };
    let matrix = Matrix {
        context,
        indicator,
        lines: layout::by_code_then(&classes),
        blocks: [ColumnBlock::Classes(indicator, classes)],
        labels: labels(table, grouped),
        grouped,
        title: text::numbered(programme, &title),
    };
    let mut last = matrix.county(sheet)?;
    let rows = context.index.rows(&[indicator], &table.by);
    let codes = matrix.lines.first().map_or(1, |(_, line)| line.len().max(1));
    if !rows.is_empty() {
        for lines in matrix.lines.chunks((COLUMNS_A_PAGE / codes).max(1)) {
            sheet.row += 1;
            sheet.keep_together();
            last = last.max(matrix.units(sheet, &rows, lines)?);
        }
    }
    notes(context, sheet, table, &matrix.blocks, last)?;
    Ok(last)
}

impl Matrix<'_, '_> {
    fn first(&self) -> u16 {
        self.labels.len() as u16
    }

    fn labels(&self, sheet: &mut Sheet, more: &[&str]) -> anyhow::Result<()> {
        let (top, below) = (sheet.row, sheet.row + 1);
        for (column, label) in (0..).zip(self.labels.iter().chain(more)) {
            sheet.merged_header((top, column), (below, column), label)?;
        }
        Ok(())
    }

    fn county(&self, sheet: &mut Sheet) -> anyhow::Result<u16> {
        let first = self.first();
        let codes: Vec<&str> = self
            .lines
            .first()
            .map(|(_, line)| line.iter().map(|(now, _)| *now).collect())
            .unwrap_or_default();
        let last = first + 2 + 2 * codes.len() as u16;
        sheet.widen(last, 12.0);
        sheet.line(&self.title, last, LineLook::Heading)?;
        sheet.line(&layout::measures(&self.blocks), last, LineLook::Right)?;
        self.labels(sheet, &["原为", "原有数"])?;
        let (top, below) = (sheet.row, sheet.row + 1);
        for (column, code) in (first + 2..).step_by(2).zip(&codes) {
            sheet.merged_header((top, column), (top, column + 1), &format!("现为{code}"))?;
            sheet.header((below, column), "数")?;
            sheet.header((below, column + 1), "占比")?;
        }
        sheet.merged_header((top, last), (below, last), "备注")?;
        sheet.row += 2;
        let row = self.context.index.county_row();
        for (code, line) in &self.lines {
            row_labels(self.context, sheet, "", &row, &self.blocks, self.grouped, true)?;
            sheet.center((sheet.row, first), code, true)?;
            let classes: Vec<&Class> = line.iter().map(|(_, class)| *class).collect();
            class_cells(self.context, sheet, self.indicator, &row, &classes, first + 1, true)?;
            let own = [ColumnBlock::Classes(self.indicator, classes)];
            let remarks = layout::row_remarks(self.context.index, &row, &own);
            sheet.text((sheet.row, last), &remarks, true)?;
            sheet.row += 1;
        }
        Ok(last)
    }

    fn units(&self, sheet: &mut Sheet, rows: &[Row], lines: &[FromCode]) -> anyhow::Result<u16> {
        let first = self.first();
        let width: usize = lines.iter().map(|(_, line)| line.len()).sum();
        let last = first + width as u16;
        sheet.widen(last, 12.0);
        sheet.line(
            &format!("{}：分{}", self.title, self.labels[self.labels.len() - 1]),
            last,
            LineLook::Heading,
        )?;
        sheet.line("数字为原为某等次、现为某等次的个数", last, LineLook::Right)?;
        self.labels(sheet, &[])?;
        let (top, below) = (sheet.row, sheet.row + 1);
        let mut column = first;
        for (then, line) in lines {
            let right = column + line.len() as u16 - 1;
            sheet.merged_header((top, column), (top, right), &format!("原为{then}"))?;
            for (column, (now, _)) in (column..).zip(line) {
                sheet.header((below, column), &format!("现为{now}"))?;
            }
            column = right + 1;
        }
        sheet.merged_header((top, last), (below, last), "备注")?;
        sheet.row += 2;
        let classes: Vec<&Class> =
            lines.iter().flat_map(|(_, line)| line.iter().map(|(_, class)| *class)).collect();
        let county = self.context.index.county_row();
        for (number, row) in std::iter::once((0, &county)).chain((1..).zip(rows)) {
            let total = number == 0;
            let number = if total { String::new() } else { number.to_string() };
            row_labels(self.context, sheet, &number, row, &self.blocks, self.grouped, total)?;
            for (column, class) in (first..).zip(&classes) {
                self.count(sheet, row, class, column, total)?;
            }
            let own = [ColumnBlock::Classes(self.indicator, classes.clone())];
            let remarks = layout::row_remarks(self.context.index, row, &own);
            sheet.text((sheet.row, last), &remarks, total)?;
            sheet.row += 1;
        }
        Ok(last)
    }

    /// The number of one move; it leads to the figure's cells.
    fn count(
        &self,
        sheet: &mut Sheet,
        row: &Row,
        class: &Class,
        column: u16,
        total: bool,
    ) -> anyhow::Result<()> {
        let at = (sheet.row, column);
        let Some(figure) = self.context.index.get(&self.indicator.id, row, Some(class)) else {
            return sheet.blank(at.0, column..column + 1, total);
        };
        sheet.origin(at, figure)?;
        match figure.numerator {
            Some(count) => sheet.number(at, count, total),
            None => sheet.center(at, text::why_empty(figure), total),
        }
    }
}
