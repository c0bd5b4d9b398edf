//! Transition matrices: a line a code then, a pair of columns a code now.

use super::Context;
use super::notes::notes;
use super::sheet::{Line, Sheet};
use super::table::{Block, blank, heading, labels, measures, remark, row_labels};
use crate::definition::{Indicator, Programme, TableSpec};
use crate::model::{Class, Decimal, Figure};
use crate::report::index::Row;

/// Between the two codes in a class's title.
const ARROW: char = '→';

/// Writes one matrix for the county and for each row of the table; gives its last column.
pub(super) fn matrix(
    context: &Context,
    sheet: &mut Sheet,
    programme: &Programme,
    table: &TableSpec,
    indicator: &Indicator,
    grouped: bool,
) -> anyhow::Result<u16> {
    let index = context.index;
    let classes = index.classes(&indicator.id);
    let lines = by_code_then(&classes);
    let codes: Vec<&str> =
        lines.first().map(|(_, line)| line.iter().map(|c| now(c)).collect()).unwrap_or_default();
    let labels = labels(table, grouped);
    let first = labels.len() as u16;
    let last = first + 2 + 2 * codes.len() as u16;
    sheet.widen(last, 12.0);
    let title = match table.indicators.as_slice() {
        [_] => table.title.clone(),
        _ => format!("{}：{}", table.title, indicator.title),
    };
    let blocks = [Block::Classes(indicator, classes.clone())];
    sheet.line(&heading(programme, &title), last, Line::Heading)?;
    sheet.line(&measures(&blocks), last, Line::Right)?;

    let (top, below) = (sheet.row, sheet.row + 1);
    for (column, label) in (0..).zip(labels.into_iter().chain(["原为", "原有数"])) {
        sheet.merged_header((top, column), (below, column), label)?;
    }
    for (column, code) in (first + 2..).step_by(2).zip(&codes) {
        sheet.merged_header((top, column), (top, column + 1), &format!("现为{code}"))?;
        sheet.header((below, column), "数")?;
        sheet.header((below, column + 1), "占比")?;
    }
    sheet.merged_header((top, last), (below, last), "备注")?;
    sheet.height(top, 30.0);
    sheet.row += 2;

    let rows = index.rows(&[indicator], &table.by);
    let county = index.county_row();
    let all = std::iter::once((0, &county)).chain((1..).zip(&rows));
    for (number, row) in all {
        let total = number == 0;
        let number = if total { String::new() } else { number.to_string() };
        for (code, line) in &lines {
            row_labels(context, sheet, &number, row, &blocks, grouped, total)?;
            let at = sheet.row;
            sheet.center((at, first), code, total)?;
            figures(context, sheet, indicator, row, line, first + 1, total)?;
            sheet.row += 1;
        }
    }
    for line in notes(context, table, &blocks) {
        sheet.line(&line, last, Line::Note)?;
    }
    Ok(last)
}

/// Base, then count and share of each code now, then the remarks.
fn figures(
    context: &Context,
    sheet: &mut Sheet,
    indicator: &Indicator,
    row: &Row,
    line: &[&Class],
    base_column: u16,
    total: bool,
) -> anyhow::Result<()> {
    let at = sheet.row;
    let figures: Vec<Option<&Figure>> =
        line.iter().map(|class| context.index.get(&indicator.id, row, Some(class))).collect();
    let base: Option<Decimal> = figures.iter().flatten().find_map(|f| f.denominator);
    sheet.optional((at, base_column), base, total)?;
    let mut remarks = Vec::new();
    let mut column = base_column + 1;
    for figure in figures {
        match figure {
            Some(figure) => {
                sheet.optional((at, column), figure.numerator, total)?;
                let parts = Some((column, base_column));
                sheet.value((at, column + 1), figure, indicator.scale(), parts, total)?;
                remark(&mut remarks, figure);
            }
            None => blank(sheet, at, column..column + 2, total)?,
        }
        column += 2;
    }
    sheet.text((at, column), &remarks.join("，"), total)
}

/// The classes grouped by the code they start from, in order.
fn by_code_then<'a>(classes: &[&'a Class]) -> Vec<(&'a str, Vec<&'a Class>)> {
    let mut lines: Vec<(&str, Vec<&Class>)> = Vec::new();
    for &class in classes {
        let then = class.title.split(ARROW).next().unwrap_or_default();
        match lines.last_mut() {
            Some((code, line)) if *code == then => line.push(class),
            _ => lines.push((then, vec![class])),
        }
    }
    lines
}

fn now(class: &Class) -> &str {
    class.title.split_once(ARROW).map_or("", |(_, now)| now)
}
