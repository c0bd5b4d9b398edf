//! A table on a sheet: a heading, the titles of the columns, a row a row, notes.

use rust_xlsxwriter::{Color, Worksheet};

use super::WorkbookContext;
use super::page::Paper;
use super::picture;
use super::sheet::{Sheet, TallRows};
use super::style::{LineLook, arrow_format, change_format, value_format};
use crate::model::{Decimal, column_letters};
use crate::report::chart::small_trend;
use crate::report::table::{
    Align, Cell, CellFormula, Content, Head, Medium, Row, Table, Target, Tone, spans,
};
use crate::report::text;

pub(super) const WORKBOOK: Medium = Medium::Workbook;

/// Rows of a sheet that is one page: trend lines need air.
const ONE_PAGE_ROW: f64 = 21.0;

/// A wrapped line of such a row.
const LINE: f64 = 13.5;

/// Columns that are as wide as their text have at least this width.
const FREE_WIDTH: f64 = 8.5;

/// Height of a line of titles in two rows, in points.
const HEADER_LINE: f64 = 11.5;

/// How a sheet prints.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Print {
    All,
    /// All of it, with room for who made and checked it.
    Signed,
    /// The same, on one page however many lines wrap.
    OnePage,
    /// Nothing: the sheet is to look things up in.
    None,
}

/// A sheet of one table that can be filtered; `freezes` columns stay in sight.
pub(super) fn list(
    context: &WorkbookContext,
    name: &str,
    table: &Table,
    (paper, print, freezes): (Paper, Print, u16),
) -> anyhow::Result<Worksheet> {
    let (mut sheet, last) = begin(name, paper, table)?;
    if print == Print::OnePage {
        sheet.worksheet.set_print_fit_to_pages(1, 1);
    }
    let header = above(&mut sheet, table, last)?;
    rows(context, &mut sheet, table, last)?;
    if print == Print::OnePage {
        for (row, own) in (header + 1..sheet.row).zip(table.rows()) {
            sheet.height(row, ONE_PAGE_ROW.max(LINE * lines(table, own) as f64));
        }
    }
    if !table.is_empty() && print != Print::OnePage {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, last)?;
    }
    below(&mut sheet, table, last)?;
    if print != Print::OnePage {
        sheet.worksheet.set_freeze_panes(header + 1, freezes)?;
    }
    match print {
        Print::None => return sheet.finish_unprinted(last),
        Print::Signed | Print::OnePage => sheet.signatures(last)?,
        Print::All => {}
    }
    sheet.worksheet.set_repeat_rows(header, header)?;
    if print == Print::OnePage { sheet.finish(last) } else { sheet.finish_list(last) }
}

/// The lines that a row of a table with fixed widths takes.
fn lines(table: &Table, row: &Row) -> usize {
    let own = table.columns.iter().zip(&row.cells).map(|(head, cell)| {
        let room = head.width.unwrap_or(FREE_WIDTH).max(2.0) as usize - 1;
        text::columns(&cell.text()).div_ceil(room.max(1))
    });
    own.max().unwrap_or(1)
}

/// Tables below each other that share their columns, signed together.
pub(super) fn stacked(
    context: &WorkbookContext,
    name: &str,
    tables: &[Table],
    paper: Paper,
) -> anyhow::Result<Worksheet> {
    let widest = tables.iter().max_by_key(|table| table.columns.len());
    let (mut sheet, last) = begin(name, paper, widest.unwrap_or(&Table::default()))?;
    for (number, table) in tables.iter().enumerate() {
        sheet.row += u32::from(number > 0);
        sheet.keep_together();
        whole(context, &mut sheet, table, last)?;
    }
    sheet.signatures(last)?;
    sheet.finish(last)
}

/// Tables with the same columns, as many on a page as it holds.
pub(super) fn pages<'t>(
    context: &WorkbookContext,
    name: &str,
    tables: impl Iterator<Item = &'t Table<'t>> + Clone,
    paper: Paper,
) -> anyhow::Result<Worksheet> {
    let empty = Table::default();
    let first = tables.clone().next().unwrap_or(&empty);
    let (mut sheet, last) = begin(name, paper, first)?;
    for table in tables {
        sheet.keep_together();
        whole(context, &mut sheet, table, last)?;
        sheet.row += 1;
    }
    sheet.signatures(last)?;
    sheet.condense(last);
    sheet.finish(last)
}

/// The first rows of such pages.
pub(super) fn first_rows<'t>(tables: impl Iterator<Item = &'t Table<'t>>) -> Vec<u32> {
    let mut next = 0;
    let begins = |table: &Table| {
        let begin = next;
        next += height(table) + 1;
        begin
    };
    tables.map(begins).collect()
}

/// A sheet with the widths of a table's columns, and the number of the last of them.
pub(super) fn begin(
    name: &str,
    paper: Paper,
    table: &Table,
) -> anyhow::Result<(Sheet<'static>, u16)> {
    let fixed: Vec<f64> = table.columns.iter().map_while(|head| head.width).collect();
    let last = table.columns.len().saturating_sub(1) as u16;
    let mut sheet = Sheet::new(name, paper, &fixed)?;
    if fixed.len() < table.columns.len() {
        sheet.narrowest = FREE_WIDTH;
        sheet.widen(last, FREE_WIDTH);
    }
    Ok((sheet, last))
}

/// A table with what stands around it.
pub(super) fn whole(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    table: &Table,
    last: u16,
) -> anyhow::Result<()> {
    above(sheet, table, last)?;
    rows(context, sheet, table, last)?;
    below(sheet, table, last)
}

/// The rows that a table takes with what stands around it.
fn height(table: &Table) -> u32 {
    let rows = table.rows().count().max(usize::from(!table.empty.is_empty()));
    let measure = usize::from(!table.measure.is_empty());
    let heads = if table.columns.is_empty() { 0 } else { head_rows(table) as usize };
    let lines = 1 + table.lead.len() + measure + heads + rows + table.notes.len();
    u32::try_from(lines).unwrap_or(u32::MAX)
}

/// Gives the row of the columns' titles.
pub(super) fn above(sheet: &mut Sheet, table: &Table, last: u16) -> anyhow::Result<u32> {
    if !table.title.is_empty() {
        sheet.line(&table.title, last, LineLook::Heading)?;
    }
    for line in &table.lead {
        sheet.line(line, last, LineLook::Note)?;
    }
    if !table.measure.is_empty() {
        sheet.line(&table.measure, last, LineLook::Right)?;
    }
    Ok(sheet.row)
}

pub(super) fn below(sheet: &mut Sheet, table: &Table, last: u16) -> anyhow::Result<()> {
    sheet.notes(&table.notes, last)
}

/// The titles of the columns, and the rows; gives the first of them.
pub(super) fn rows(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    table: &Table,
    last: u16,
) -> anyhow::Result<u32> {
    heads(sheet, table)?;
    let first = sheet.row;
    for row in table.rows().take(rows_a_sheet(context)) {
        for ((column, head), cell) in (0..).zip(&table.columns).zip(&row.cells) {
            let at = (sheet.row, column);
            Writing { context, sheet, at, total: row.total }.cell(head, cell)?;
        }
        sheet.row += 1;
    }
    after_rows(context, sheet, table, last)?;
    Ok(first)
}

/// The same for a layout that is only tried: the lines of the rows are known.
pub(super) fn rows_on_trial(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    (table, lines): (&Table, &TallRows),
    last: u16,
) -> anyhow::Result<u32> {
    heads(sheet, table)?;
    let first = sheet.row;
    let rows = table.rows().count().min(rows_a_sheet(context));
    sheet.skip(rows as u32, lines);
    after_rows(context, sheet, table, last)?;
    Ok(first)
}

fn rows_a_sheet(context: &WorkbookContext) -> usize {
    context.inputs.definition.settings.report.rows_a_sheet
}

/// What is to be said where rows are left out, or there are none.
fn after_rows(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    table: &Table,
    last: u16,
) -> anyhow::Result<()> {
    let most = rows_a_sheet(context);
    let left = table.rows().count().saturating_sub(most);
    if left > 0 {
        let note = format!(
            "注：只列前 {most} 行，另有 {left} 行未列（rows_a_sheet）；全部数字见 figures.csv，审核结果见 findings.csv。"
        );
        sheet.line(&note, last, LineLook::Note)?;
    }
    if table.is_empty() && !table.empty.is_empty() {
        sheet.line(table.empty, last, LineLook::Note)?;
    }
    Ok(())
}

/// Rows that the titles of the columns take.
pub(super) fn head_rows(table: &Table) -> u32 {
    if table.columns.iter().any(|head| !head.over.is_empty()) { 2 } else { 1 }
}

fn heads(sheet: &mut Sheet, table: &Table) -> anyhow::Result<()> {
    if table.columns.is_empty() {
        return Ok(());
    }
    if head_rows(table) == 1 {
        let titles: Vec<&str> = table.columns.iter().map(|head| head.title.as_str()).collect();
        return sheet.header_row(&titles);
    }
    let (top, below) = (sheet.row, sheet.row + 1);
    // Lines of titles over both rows, in the upper row, in the lower row.
    let (mut both, mut upper, mut lower) = (1, 1, 1);
    let mut column = 0;
    let all: Vec<&Head> = table.columns.iter().collect();
    for span in spans(&all) {
        let (first, width) = (span[0], span.len() as u16);
        if first.over.is_empty() {
            sheet.merged_header((top, column), (below, column), &first.title)?;
            both = both.max(sheet.header_lines(&first.title, column, 1));
        } else {
            sheet.merged_header((top, column), (top, column + width - 1), &first.over)?;
            for (column, head) in (column..).zip(&span) {
                sheet.header((below, column), &head.title)?;
                lower = lower.max(sheet.header_lines(&head.title, column, 1));
            }
            upper = upper.max(sheet.header_lines(&first.over, column, width));
        }
        column += width;
    }
    lower = lower.max(usize::saturating_sub(both, upper));
    sheet.height(top, HEADER_LINE * upper as f64 + 4.0);
    sheet.height(below, HEADER_LINE * lower as f64 + 4.0);
    sheet.row += 2;
    Ok(())
}

/// A cell being written.
struct Writing<'s, 'w, 'c> {
    context: &'s WorkbookContext<'c>,
    sheet: &'s mut Sheet<'w>,
    at: (u32, u16),
    total: bool,
}

impl Writing<'_, '_, '_> {
    fn cell(&mut self, head: &Head, cell: &Cell) -> anyhow::Result<()> {
        let (at, total) = (self.at, self.total);
        match &cell.content {
            Content::Words(words) => self.words(head, cell, words),
            Content::Ordinal(number) => {
                if let Some(place) = cell.to.and_then(|to| self.place(to)) {
                    self.sheet.leads(at, &place)?;
                }
                self.sheet.ordinal(at, *number)
            }
            Content::Number(number, measure) => self.number(cell, *number, measure),
            Content::Value { figure, measured } => {
                let shown = *measured || figure.measure == "%";
                let measure = if shown { figure.measure.as_str() } else { "" };
                match figure.value {
                    Some(value) => self.number(cell, value, measure),
                    // Live, it may have a value one day.
                    None if cell.formula.is_some() => self.number(cell, Decimal::ZERO, measure),
                    None => self.words(head, cell, text::why_empty(figure)),
                }
            }
            Content::Change { by, measure, arrow } => {
                let format = if *arrow { arrow_format(*by) } else { change_format(*by, measure) };
                match self.formula(cell, *by, measure) {
                    Some(formula) => {
                        self.sheet.formula(at, &formula, &by.to_string(), &format, total)
                    }
                    None => self.sheet.number_as(at, *by, &format, total),
                }
            }
            Content::Trend(figure) => self.context.sparks.insert(self.sheet, at, figure),
            Content::Drawn(figure) => match small_trend(figure)? {
                Some(drawn) => picture::in_cell(self.sheet, at, &drawn),
                None => self.sheet.center(at, text::NONE, total),
            },
            Content::Pieces(pieces) => {
                let mut links = pieces.iter().flatten().filter_map(|link| self.place(link.to?));
                // A cell has one link.
                match links.next().filter(|_| cell.tone == Tone::Plain) {
                    Some(target) => self.sheet.link(at, &target, &cell.text()),
                    None => self.words(head, cell, &cell.text()),
                }
            }
        }
    }

    fn words(&mut self, head: &Head, cell: &Cell, words: &str) -> anyhow::Result<()> {
        let (at, total) = (self.at, self.total);
        // Not names of units: they stand everywhere, and some programs paint every link.
        let figure = cell.to.filter(|to| matches!(to, Target::Figure(_)));
        if let Some(place) = figure.and_then(|to| self.place(to)) {
            self.sheet.leads(at, &place)?;
        }
        match (cell.tone, head.align) {
            _ if words.is_empty() => self.sheet.text(at, words, total),
            (Tone::First | Tone::Last, _) => {
                let color = Color::RGB(self.context.board_color(cell.tone == Tone::Last));
                let look = self.sheet.styles.text(total).clone().set_font_color(color);
                self.sheet.text_as(at, words, &look)
            }
            (_, Align::Left | Align::Name | Align::Remark) => self.sheet.text(at, words, total),
            (_, Align::Center | Align::Number) => self.sheet.center(at, words, total),
        }
    }

    fn number(&mut self, cell: &Cell, number: Decimal, measure: &str) -> anyhow::Result<()> {
        let (at, total) = (self.at, self.total);
        if let Some(place) = cell.to.and_then(|to| self.place(to)) {
            self.sheet.leads(at, &place)?;
        }
        let format = value_format(number, measure);
        match self.formula(cell, number, measure) {
            Some(formula) => {
                let printed = match cell.content {
                    Content::Value { figure, .. } if figure.value.is_none() => {
                        text::NONE.to_owned()
                    }
                    _ => stored(number, measure).to_string(),
                };
                self.sheet.formula(at, &formula, &printed, &format, total)
            }
            None => self.sheet.number_as(at, stored(number, measure), &format, total),
        }
    }

    /// The computation from other cells; it gives the number as stored.
    fn formula(&self, cell: &Cell, number: Decimal, measure: &str) -> Option<String> {
        let (row, column) = (self.at.0 + 1, self.at.1);
        let left = |back: u16| format!("{}{row}", column_letters(column.saturating_sub(back)));
        let share = measure == "%";
        match cell.formula? {
            CellFormula::Ratio { numerator, denominator, scale } => {
                let (n, d) = (left(numerator), left(denominator));
                // Percentages are stored as fractions and shown with %.
                let factor = match (share, scale) {
                    (true, 100) | (false, 1) => String::new(),
                    (true, _) => format!("*{scale}/100"),
                    (false, _) => format!("*{scale}"),
                };
                let quotient = format!("{n}/{d}{factor}");
                let places = number.places + if share { 2 } else { 0 };
                let rounded = match cell.content {
                    Content::Value { figure, .. } if figure.value.is_none() => quotient,
                    _ => format!("ROUND({quotient},{places})"),
                };
                Some(format!(r#"=IF({d}=0,"{}",{rounded})"#, text::NONE))
            }
            CellFormula::Less { now, then } => {
                let factor = if share { "*100" } else { "" };
                Some(format!("=ROUND(({}-{}){factor},{})", left(now), left(then), number.places))
            }
        }
    }

    /// Where a target stands in this workbook.
    fn place(&self, target: Target) -> Option<String> {
        match target {
            Target::Figure(id) => self.context.origins.target(id),
            Target::Unit(code) => self.context.unit_place(code),
            Target::Sheet(name) => Some(address(name, 0)),
            Target::Programme(_) | Target::DefinitionOf(_) => None,
        }
    }
}

/// As stored in a cell: a share of 38.1 % is 0.381.
pub(super) fn stored(value: Decimal, measure: &str) -> Decimal {
    if measure == "%" { Decimal::new(value.units, value.places + 2) } else { value }
}

/// Address of a row's first cell, as hyperlinks have it.
pub(super) fn address(sheet: &str, row: u32) -> String {
    format!("internal:'{}'!A{}", sheet.replace('\'', "''"), row + 1)
}
