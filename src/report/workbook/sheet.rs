//! A worksheet being filled from top to bottom: widths follow the text, figures lead to
//! their rows in 溯源.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Format, Formula, Worksheet, XlsxError};

use super::origin::OriginRows;
use super::page::{Pages, Paper, ROW_HEIGHT};
use super::style::{LineLook, Styles, plain_format};
use crate::model::{Decimal, Figure};
use crate::report::text;

/// Cells hold at most 32,767 characters.
const LONGEST: usize = 32_000;

/// Width limits in characters of the default font.
const NARROWEST: f64 = 6.0;

pub(super) struct Sheet<'a> {
    pub(super) worksheet: Worksheet,
    /// Only the layout is tried: nothing is written.
    is_trial: bool,
    pub(super) styles: Styles,
    /// The next free row.
    pub(super) row: u32,
    widths: Vec<f64>,
    /// Columns before this one keep their width; text wraps in them.
    fixed: usize,
    /// Lines that the text of a row needs, where more than one.
    lines: BTreeMap<u32, usize>,
    pages: Pages,
    /// Where figures lead to.
    pub(super) origins: Option<&'a OriginRows<'a>>,
    /// Columns of free width are at least this wide.
    pub(super) narrowest: f64,
    /// Cells that lead somewhere.
    links: u32,
}

/// Rows of several lines, by how far down they stand.
pub(super) type TallRows = Vec<(u32, usize)>;

/// A sheet with more links is called damaged by Excel, which opens it without any.
const MOST_LINKS: u32 = 65_000;

/// Rows that a chart leaves below it, for space and signatures.
const BELOW: u32 = 3;

/// Heights of a chart, in pixels: it is drawn a little smaller rather than on another page.
#[derive(Clone, Copy)]
pub(super) struct ChartHeight {
    pub(super) wanted: u32,
    pub(super) least: u32,
}

/// Where the text of a column of free width begins to wrap.
const WIDEST: f64 = 26.0;
const TEXT_LINE: f64 = 12.5;

/// Width of a column of figures, in characters.
pub(super) const FIGURE_WIDTH: f64 = 7.2;

impl<'a> Sheet<'a> {
    /// `fixed`: widths of the first columns, in characters; others follow their text.
    pub(super) fn new(name: &str, paper: Paper, fixed: &[f64]) -> anyhow::Result<Self> {
        let mut worksheet = Worksheet::new();
        worksheet.set_name(name)?;
        let pages = Pages::new(&mut worksheet, paper);
        Ok(Self {
            worksheet,
            is_trial: false,
            styles: Styles::new(),
            row: 0,
            widths: fixed.to_vec(),
            fixed: fixed.len(),
            lines: BTreeMap::new(),
            pages,
            origins: None,
            narrowest: NARROWEST,
            links: 0,
        })
    }

    /// Figures written from now on lead to their rows in 溯源.
    pub(super) fn linked(mut self, origins: &'a OriginRows<'a>) -> Self {
        self.origins = Some(origins);
        self
    }

    /// A sheet of which only the widths, heights and pages are asked.
    pub(super) fn on_trial(mut self) -> Self {
        self.is_trial = true;
        self
    }

    pub(super) fn is_on_trial(&self) -> bool {
        self.is_trial
    }

    /// Writes, unless only the layout is tried.
    pub(super) fn write<T>(
        &mut self,
        write: impl FnOnce(&mut Worksheet, &mut Styles) -> Result<T, XlsxError>,
    ) -> anyhow::Result<()> {
        if !self.is_trial {
            write(&mut self.worksheet, &mut self.styles)?;
        }
        Ok(())
    }

    /// What follows stays on one page, if it fits.
    pub(super) fn keep_together(&mut self) {
        self.pages.begin_block(self.row);
    }

    pub(super) fn height(&mut self, row: u32, points: f64) {
        self.pages.set_height(row, points);
    }

    /// Begins a chart and gives its height: a little less than wanted if it fits the rest of the
    /// page so, and never more than a page.
    pub(super) fn begin_chart(&mut self, height: ChartHeight, last: u16) -> u32 {
        let ChartHeight { wanted, least } = height;
        self.keep_together();
        self.settle_heights();
        let (left, page) = self.pages.room(self.row, self.width_in_pixels(last));
        // Whole rows.
        let fits = |room: u32| {
            (room / Self::row_in_pixels()).saturating_sub(BELOW) * Self::row_in_pixels()
        };
        let left = fits(left);
        if wanted > left && least <= left { left } else { wanted.min(fits(page)) }
    }

    /// Pixels from a row to the next free one.
    pub(super) fn pixels_since(&mut self, row: u32) -> u32 {
        self.settle_heights();
        self.pages.pixels(row, self.row)
    }

    /// Does a chart of this height, in pixels, fit the rest of the page?
    pub(super) fn has_room_for(&mut self, least: u32, last: u16) -> bool {
        self.settle_heights();
        let (left, _) = self.pages.room(self.row, self.width_in_pixels(last));
        least + BELOW * Self::row_in_pixels() <= left
    }

    /// The lines of the rows from here on.
    pub(super) fn lines_since(&self, row: u32) -> TallRows {
        self.lines.range(row..).map(|(&at, &lines)| (at - row, lines)).collect()
    }

    /// Leaves room for so many rows whose lines are known.
    pub(super) fn skip(&mut self, rows: u32, lines: &TallRows) {
        let from = self.row;
        self.lines.extend(lines.iter().map(|&(down, lines)| (from + down, lines)));
        self.row += rows;
    }

    /// The widths that the text written so far asks for.
    pub(super) fn widths(&self) -> &[f64] {
        &self.widths
    }

    /// Columns as wide as they are known to become.
    pub(super) fn begin_with(&mut self, widths: &[f64]) {
        self.widths = widths.to_vec();
    }

    pub(super) fn end_chart(&mut self, height: u32) {
        self.row += height.div_ceil(Self::row_in_pixels()) + 1;
        // What follows does not belong to it.
        self.keep_together();
    }

    /// At least this width.
    pub(super) fn widen(&mut self, column: u16, width: f64) {
        let column = usize::from(column);
        if column < self.fixed {
            return;
        }
        if self.widths.len() <= column {
            self.widths.resize(column + 1, self.narrowest);
        }
        self.widths[column] = self.widths[column].max(width);
    }

    /// Makes room for a text: width where the column is free, else height.
    fn fit(&mut self, (row, column): (u32, u16), text: &str) {
        let index = usize::from(column);
        let room = if index < self.fixed { self.widths[index] } else { WIDEST };
        let (mut widest, mut lines) = (0, 0);
        for line in text.lines() {
            let columns = text::columns(line);
            widest = widest.max(columns);
            lines += lines_of(line, columns, room);
        }
        self.widen(column, (widest as f64 * 1.08 + 2.0).min(WIDEST));
        if lines > 1 {
            let row = self.lines.entry(row).or_insert(1);
            *row = lines.max(*row);
        }
    }

    /// Text of a data cell; never a formula.
    pub(super) fn text(&mut self, at: (u32, u16), value: &str, total: bool) -> anyhow::Result<()> {
        self.fit(at, value);
        self.write(|sheet, styles| {
            sheet.write_string_with_format(at.0, at.1, cut(value), styles.text(total)).map(drop)
        })
    }

    /// Text of a data cell with a look of its own.
    pub(super) fn text_as(
        &mut self,
        at: (u32, u16),
        value: &str,
        look: &Format,
    ) -> anyhow::Result<()> {
        self.fit(at, value);
        self.write(|sheet, _| {
            sheet.write_string_with_format(at.0, at.1, cut(value), look).map(drop)
        })
    }

    /// Short text of a data cell, centred.
    pub(super) fn center(
        &mut self,
        at: (u32, u16),
        value: &str,
        total: bool,
    ) -> anyhow::Result<()> {
        self.fit(at, value);
        self.write(|sheet, styles| {
            sheet.write_string_with_format(at.0, at.1, cut(value), styles.centered(total)).map(drop)
        })
    }

    pub(super) fn header(&mut self, at: (u32, u16), value: &str) -> anyhow::Result<()> {
        // Headers wrap early: the numbers below them are short.
        let columns = text::columns(value) as f64 + 1.5;
        self.widen(at.1, columns.min(9.0));
        self.write(|sheet, styles| {
            sheet.write_string_with_format(at.0, at.1, cut(value), &styles.header).map(drop)
        })
    }

    /// A header row over the given titles, moving down.
    pub(super) fn header_row(&mut self, titles: &[&str]) -> anyhow::Result<()> {
        let mut lines = 2;
        for (column, title) in (0..).zip(titles) {
            self.header((self.row, column), title)?;
            lines = lines.max(self.header_lines(title, column, 1));
        }
        self.height(self.row, TEXT_LINE * lines as f64 + 2.0);
        self.row += 1;
        Ok(())
    }

    /// Lines that the title of these columns takes, as wide as they are by now.
    pub(super) fn header_lines(&self, title: &str, first: u16, columns: u16) -> usize {
        let widths = self.widths.iter().skip(usize::from(first)).take(usize::from(columns));
        // Its letters are smaller than the digits in which widths are counted.
        let room = widths.sum::<f64>() * 1.1 - 0.5;
        title.lines().map(|line| lines_of(line, text::columns(line), room)).sum()
    }

    /// A header cell over several columns or rows.
    pub(super) fn merged_header(
        &mut self,
        (top, left): (u32, u16),
        (bottom, right): (u32, u16),
        value: &str,
    ) -> anyhow::Result<()> {
        if (top, left) == (bottom, right) {
            return self.header((top, left), value);
        }
        let needed = text::columns(value) as f64 + 1.5;
        let columns = f64::from(right - left + 1);
        let each = needed.min(if columns > 1.0 { 20.0 } else { 9.0 }) / columns;
        for column in left..=right {
            self.widen(column, each);
        }
        self.write(|sheet, styles| {
            sheet.merge_range(top, left, bottom, right, &cut(value), &styles.header).map(drop)
        })
    }

    /// A number exactly as printed.
    pub(super) fn number(
        &mut self,
        at: (u32, u16),
        value: Decimal,
        total: bool,
    ) -> anyhow::Result<()> {
        self.number_as(at, value, &plain_format(value), total)
    }

    pub(super) fn number_as(
        &mut self,
        at: (u32, u16),
        value: Decimal,
        format: &str,
        total: bool,
    ) -> anyhow::Result<()> {
        self.fit(at, &printed(&value.to_string(), format));
        self.write(|sheet, styles| {
            let format = styles.number(format, total);
            sheet.write_number_with_format(at.0, at.1, excel(value), format).map(drop)
        })
    }

    /// 序号 and 名次: centred.
    pub(super) fn ordinal(&mut self, at: (u32, u16), value: usize) -> anyhow::Result<()> {
        let number = excel(Decimal::new(value as i128, 0));
        self.write(|sheet, styles| {
            sheet.write_number_with_format(at.0, at.1, number, &styles.center).map(drop)
        })
    }

    pub(super) fn count(
        &mut self,
        at: (u32, u16),
        value: usize,
        total: bool,
    ) -> anyhow::Result<()> {
        self.number(at, Decimal::new(value as i128, 0), total)
    }

    /// A formula with our own result in its cache.
    pub(super) fn formula(
        &mut self,
        at: (u32, u16),
        formula: &str,
        result: &str,
        format: &str,
        total: bool,
    ) -> anyhow::Result<()> {
        self.fit(at, &printed(result, format));
        self.write(|sheet, styles| {
            let formula = Formula::new(formula).set_result(result);
            let format = styles.number(format, total);
            sheet.write_formula_with_format(at.0, at.1, formula, format).map(drop)
        })
    }

    /// Is there room for another link?
    fn may_link(&mut self) -> bool {
        self.links += 1;
        self.links <= MOST_LINKS
    }

    /// Makes a cell lead to a place. What is written into it next keeps the link and its own look.
    pub(super) fn leads(&mut self, at: (u32, u16), place: &str) -> anyhow::Result<()> {
        if !self.may_link() {
            return Ok(());
        }
        self.write(|sheet, _| sheet.write_url_with_text(at.0, at.1, place, "").map(drop))
    }

    /// Makes a cell lead to the figure's row in 溯源.
    pub(super) fn origin(&mut self, at: (u32, u16), figure: &Figure) -> anyhow::Result<()> {
        let Some(target) = self.origins.and_then(|o| o.target(&figure.id)) else { return Ok(()) };
        self.leads(at, &target)
    }

    /// Text that leads to a cell of this workbook.
    pub(super) fn link(&mut self, at: (u32, u16), target: &str, value: &str) -> anyhow::Result<()> {
        if !self.may_link() {
            return self.text(at, value, false);
        }
        self.fit(at, value);
        self.write(|sheet, styles| {
            let format = Some(&styles.link);
            sheet.write_url_with_options(at.0, at.1, target, cut(value), "", format).map(drop)
        })
    }

    /// Lines over the whole width, several side by side where they are short.
    pub(super) fn notes(&mut self, notes: &[String], last: u16) -> anyhow::Result<()> {
        let room = self.line_room(last);
        let mut line = String::new();
        for note in notes {
            let together = format!("{line}{}{note}", if line.is_empty() { "" } else { "　" });
            if line.is_empty() || text::columns(&together) as f64 <= room {
                line = together;
            } else {
                self.line(&std::mem::replace(&mut line, note.clone()), last, LineLook::Note)?;
            }
        }
        if line.is_empty() { Ok(()) } else { self.line(&line, last, LineLook::Note) }
    }

    /// Characters of the default font that a line over the whole width holds.
    fn line_room(&self, last: u16) -> f64 {
        f64::from(self.width_in_pixels(last)) / 7.0
    }

    /// A line over the whole width (merged: outside data), as high as its text needs.
    pub(super) fn line(&mut self, value: &str, last: u16, look: LineLook) -> anyhow::Result<()> {
        let (size, factor) = match look {
            LineLook::Title => (40.0, 2.1),
            LineLook::Subtitle => (28.0, 1.55),
            LineLook::Heading => (22.0, 1.35),
            LineLook::Note | LineLook::Right | LineLook::Notice => (12.75, 0.95),
        };
        let room = self.line_room(last);
        let lines = (text::columns(value) as f64 * factor / room.max(1.0)).ceil().max(1.0);
        let row = self.row;
        self.write(|sheet, styles| {
            let format = styles.line(look);
            match last {
                0 => sheet.write_string_with_format(row, 0, cut(value), format).map(drop),
                _ => sheet.merge_range(row, 0, row, last, &cut(value), format).map(drop),
            }
        })?;
        self.height(row, size * lines);
        self.row += 1;
        Ok(())
    }

    /// Height of an empty row, in pixels.
    fn row_in_pixels() -> u32 {
        (ROW_HEIGHT * 4.0 / 3.0) as u32
    }

    /// Who made and checked the sheet, to be filled in by hand.
    pub(super) fn signatures(&mut self, last: u16) -> anyhow::Result<()> {
        let gap = "\u{3000}".repeat(8);
        self.line(&format!("制表：{gap}审核：{gap}日期：{gap}"), last, LineLook::Right)
    }

    /// Widens the columns of free width alike until all together have this width.
    pub(super) fn fill(&mut self, last: u16, pixels: u32) {
        self.widen(last, self.narrowest);
        let missing = f64::from(pixels.saturating_sub(self.width_in_pixels(last)));
        let free = self.fixed.min(usize::from(last))..usize::from(last) + 1;
        let each = missing / 7.0 / free.len() as f64;
        for width in &mut self.widths[free] {
            *width += each;
        }
    }

    /// Widens all columns alike, so that the sheet prints smaller, where that saves a page: no more
    /// than still reads well.
    pub(super) fn condense(&mut self, last: u16) {
        const WIDER: [f64; 4] = [1.0, 1.06, 1.12, 1.18];
        self.settle_heights();
        let width = f64::from(self.width_in_pixels(last));
        let pages = |wider: &f64| self.pages.count(self.row, (width * wider) as u32);
        let reads_well = |wider: &&f64| self.pages.reads_well((width * **wider) as u32);
        // The first of those that need the fewest.
        let fewest = WIDER.iter().filter(reads_well).min_by_key(|wider| pages(wider));
        let fewest = fewest.copied().unwrap_or(1.0);
        let columns = f64::from(last) + 1.0;
        let each = width * (fewest - 1.0) / 7.0 / columns;
        for width in self.widths.iter_mut().take(usize::from(last) + 1) {
            *width += each;
        }
    }

    /// Total width of the columns up to `last`, in pixels.
    pub(super) fn width_in_pixels(&self, last: u16) -> u32 {
        let pixels: f64 = (0..=usize::from(last))
            .map(|c| self.widths.get(c).copied().unwrap_or(NARROWEST) * 7.0 + 5.0)
            .sum();
        pixels as u32
    }

    /// Pages that it takes so far.
    pub(super) fn pages(&self, last: u16) -> usize {
        self.pages.count(self.row, self.width_in_pixels(last))
    }

    /// Sets widths, heights and pages, and gives the worksheet.
    pub(super) fn finish(mut self, last: u16) -> anyhow::Result<Worksheet> {
        self.settle()?;
        let width = self.width_in_pixels(last);
        self.pages.apply(&mut self.worksheet, (self.row, last), width)?;
        Ok(self.worksheet)
    }

    /// Of a sheet to look things up in only the first `rows` rows print.
    pub(super) fn finish_reference(mut self, rows: u32, last: u16) -> anyhow::Result<Worksheet> {
        self.settle()?;
        let width = self.width_in_pixels(last);
        self.pages.apply(&mut self.worksheet, (rows, last), width)?;
        Ok(self.worksheet)
    }

    /// A list whose last page would hold little prints a little smaller instead.
    pub(super) fn finish_list(mut self, last: u16) -> anyhow::Result<Worksheet> {
        self.settle()?;
        let width = self.width_in_pixels(last);
        if let Some(pages) = self.pages.crowded(self.row, width) {
            self.worksheet.set_print_fit_to_pages(1, pages);
        }
        self.pages.apply(&mut self.worksheet, (self.row, last), width)?;
        Ok(self.worksheet)
    }

    /// Nothing of it prints: the print area is a cell beside all others.
    pub(super) fn finish_unprinted(mut self, last: u16) -> anyhow::Result<Worksheet> {
        self.settle()?;
        let width = self.width_in_pixels(last);
        self.pages.apply(&mut self.worksheet, (self.row, last), width)?;
        let beside = last.saturating_add(2);
        self.worksheet.set_print_area(0, beside, 0, beside)?;
        Ok(self.worksheet)
    }

    fn settle_heights(&mut self) {
        for (&row, &lines) in &self.lines {
            let height = (TEXT_LINE * lines as f64 + 4.0).clamp(ROW_HEIGHT, 400.0);
            self.pages.set_height(row, height);
        }
    }

    fn settle(&mut self) -> anyhow::Result<()> {
        self.settle_heights();
        for (column, width) in (0..).zip(&self.widths) {
            self.worksheet.set_column_width(column, *width)?;
        }
        Ok(())
    }
}

/// Lines that a text of so many columns takes in a column. Long words without spaces break early.
fn lines_of(line: &str, columns: usize, room: f64) -> usize {
    let columns = columns as f64;
    if columns <= room {
        return 1;
    }
    let ascii = line.chars().filter(char::is_ascii).count() as f64;
    let loss = if ascii > columns / 2.0 { 1.3 } else { 1.04 };
    (columns * loss / room).ceil() as usize
}

/// The nearest double of the printed digits, as Excel reads them.
pub(super) fn excel(value: Decimal) -> f64 {
    value.to_f64_for_display()
}

/// A number as a format shows it, but for the order of its parts: as wide.
fn printed(value: &str, format: &str) -> String {
    let (digits, section) = match value.strip_prefix('-') {
        // The section of negative numbers has the sign itself.
        Some(digits) if format.contains(';') => (digits, format.split(';').nth(1)),
        _ => (value, format.split(';').next()),
    };
    let added = section.unwrap_or_default().chars().filter(|c| !"0.\"".contains(*c));
    digits.chars().chain(added).collect()
}

fn cut(value: &str) -> String {
    if value.len() <= LONGEST || value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    let kept: String = value.chars().take(LONGEST).collect();
    format!("{kept}…（过长，其余见 CSV 文件）")
}
