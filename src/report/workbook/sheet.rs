//! A worksheet being filled from top to bottom: widths follow the text, pages are set up for
//! A4, figures become live formulas where their parts stand in the same row.

use std::collections::BTreeMap;

use rust_xlsxwriter::{Formula, Worksheet};

use super::style::{Styles, plain_format, value_format};
use crate::model::{Decimal, Figure, column_letters};
use crate::report::text;

/// Cells hold at most 32,767 characters.
const LONGEST: usize = 32_000;

/// Width limits in characters of the default font.
const NARROWEST: f64 = 6.0;

pub(super) struct Sheet {
    pub(super) worksheet: Worksheet,
    pub(super) styles: Styles,
    /// The next free row.
    pub(super) row: u32,
    widths: Vec<f64>,
    /// Columns before this one keep their width; text wraps in them.
    fixed: usize,
    /// Lines that the text of a row needs, where more than one.
    lines: BTreeMap<u32, usize>,
    /// Numbers carry their measure (`12个`), unless the header says it.
    pub(super) measures_in_cells: bool,
}

/// Where the text of a column of free width begins to wrap.
const WIDEST: f64 = 26.0;
pub(super) const ROW_HEIGHT: f64 = 16.5;
const TEXT_LINE: f64 = 14.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Portrait,
    Landscape,
}

impl Sheet {
    /// `fixed`: widths of the first columns, in characters; others follow their text.
    pub(super) fn new(name: &str, paper: Paper, fixed: &[f64]) -> anyhow::Result<Self> {
        let mut worksheet = Worksheet::new();
        worksheet.set_name(name)?;
        worksheet
            .set_paper_size(9)
            .set_print_fit_to_pages(1, 0)
            .set_print_center_horizontally(true)
            .set_margins(0.6, 0.6, 0.8, 0.8, 0.3, 0.4)
            .set_footer("&C&\"宋体\"&14— &P —")
            .set_default_row_height(ROW_HEIGHT)
            .set_screen_gridlines(false);
        if paper == Paper::Landscape {
            worksheet.set_landscape();
        }
        Ok(Self {
            worksheet,
            styles: Styles::new(),
            row: 0,
            widths: fixed.to_vec(),
            fixed: fixed.len(),
            lines: BTreeMap::new(),
            measures_in_cells: true,
        })
    }

    /// At least this width.
    pub(super) fn widen(&mut self, column: u16, width: f64) {
        let column = usize::from(column);
        if column < self.fixed {
            return;
        }
        if self.widths.len() <= column {
            self.widths.resize(column + 1, NARROWEST);
        }
        self.widths[column] = self.widths[column].max(width);
    }

    /// Makes room for a text: width where the column is free, else height.
    fn fit(&mut self, (row, column): (u32, u16), text: &str) {
        self.widen(column, (text::columns(text) as f64 * 1.08 + 2.0).min(WIDEST));
        let index = usize::from(column);
        let room = if index < self.fixed { self.widths[index] } else { WIDEST };
        let lines: usize = text.lines().map(|line| lines_of(line, room)).sum();
        if lines > 1 {
            let row = self.lines.entry(row).or_insert(1);
            *row = lines.max(*row);
        }
    }

    /// Text of a data cell; never a formula.
    pub(super) fn text(&mut self, at: (u32, u16), value: &str, total: bool) -> anyhow::Result<()> {
        self.fit(at, value);
        let format = self.styles.text(total);
        self.worksheet.write_string_with_format(at.0, at.1, cut(value), format)?;
        Ok(())
    }

    /// Short text of a data cell, centred.
    pub(super) fn center(
        &mut self,
        at: (u32, u16),
        value: &str,
        total: bool,
    ) -> anyhow::Result<()> {
        self.fit(at, value);
        let format = self.styles.centered(total);
        self.worksheet.write_string_with_format(at.0, at.1, cut(value), format)?;
        Ok(())
    }

    pub(super) fn header(&mut self, at: (u32, u16), value: &str) -> anyhow::Result<()> {
        // Headers wrap early: the numbers below them are short.
        let columns = text::columns(value) as f64 * 1.08 + 2.0;
        self.widen(at.1, columns.min(11.0));
        self.worksheet.write_string_with_format(at.0, at.1, cut(value), &self.styles.header)?;
        Ok(())
    }

    /// A header row over the given titles, moving down.
    pub(super) fn header_row(&mut self, titles: &[&str]) -> anyhow::Result<()> {
        for (column, title) in (0..).zip(titles) {
            self.header((self.row, column), title)?;
        }
        self.worksheet.set_row_height(self.row, 30)?;
        self.row += 1;
        Ok(())
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
        let needed = text::columns(value) as f64 * 1.08 + 2.0;
        let columns = f64::from(right - left + 1);
        let each = needed.min(if columns > 1.0 { 22.0 } else { 11.0 }) / columns;
        for column in left..=right {
            self.widen(column, each);
        }
        self.worksheet.merge_range(top, left, bottom, right, &cut(value), &self.styles.header)?;
        Ok(())
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
        self.fit(at, &format!("{value}{}", suffix_of(format)));
        let format = self.styles.number(format, total);
        self.worksheet.write_number_with_format(at.0, at.1, excel(value), format)?;
        Ok(())
    }

    /// 序号 and 名次: centred.
    pub(super) fn ordinal(&mut self, at: (u32, u16), value: usize) -> anyhow::Result<()> {
        let number = excel(Decimal::new(value as i128, 0));
        self.worksheet.write_number_with_format(at.0, at.1, number, &self.styles.center)?;
        Ok(())
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
        self.fit(at, &format!("{result}{}", suffix_of(format)));
        let formula = Formula::new(formula).set_result(result);
        let format = self.styles.number(format, total);
        self.worksheet.write_formula_with_format(at.0, at.1, formula, format)?;
        Ok(())
    }

    /// Numerator, denominator or nothing, as plain numbers.
    pub(super) fn optional(
        &mut self,
        at: (u32, u16),
        value: Option<Decimal>,
        total: bool,
    ) -> anyhow::Result<()> {
        match value {
            Some(value) => self.number(at, value, total),
            None => self.text(at, "", total),
        }
    }

    /// A figure's value. With the columns of numerator and denominator in the same row it is a
    /// live formula, provided that the formula gives exactly the printed value.
    pub(super) fn value(
        &mut self,
        at: (u32, u16),
        figure: &Figure,
        scale: i64,
        parts: Option<(u16, u16)>,
        total: bool,
    ) -> anyhow::Result<()> {
        let shown = self.measures_in_cells || figure.measure == "%";
        let measure = if shown { figure.measure.as_str() } else { "" };
        let format_of = |value: Decimal| value_format(value, measure);
        let share = figure.measure == "%";
        if let (Some((n, d)), Some(numerator), Some(denominator)) =
            (parts, figure.numerator, figure.denominator)
        {
            let row = at.0 + 1;
            let (n, d) = (column_letters(n), column_letters(d));
            // Percentages are stored as fractions and shown with %.
            let factor = match (share, scale) {
                (true, 100) | (false, 1) => String::new(),
                (true, _) => format!("*{scale}/100"),
                (false, _) => format!("*{scale}"),
            };
            match figure.value {
                None if denominator.is_zero() => {
                    let formula =
                        format!(r#"=IF({d}{row}=0,"{}",{n}{row}/{d}{row}{factor})"#, text::NONE);
                    return self.formula(at, &formula, text::NONE, "0", total);
                }
                Some(value) if gives(numerator, denominator, scale, value) => {
                    let places = value.places + if share { 2 } else { 0 };
                    let formula = format!(
                        r#"=IF({d}{row}=0,"{}",ROUND({n}{row}/{d}{row}{factor},{places}))"#,
                        text::NONE
                    );
                    let result = stored(value, &figure.measure).to_string();
                    return self.formula(at, &formula, &result, &format_of(value), total);
                }
                _ => {}
            }
        }
        match figure.value {
            Some(value) => {
                let format = format_of(value);
                self.number_as(at, stored(value, &figure.measure), &format, total)
            }
            None => self.center(at, text::why_empty(figure), total),
        }
    }

    /// A line over the whole width (merged: outside data), as high as its text needs.
    pub(super) fn line(&mut self, value: &str, last: u16, look: Line) -> anyhow::Result<()> {
        let format = match look {
            Line::Title => &self.styles.title,
            Line::Subtitle => &self.styles.subtitle,
            Line::Heading => &self.styles.heading,
            Line::Note => &self.styles.note,
            Line::Right => &self.styles.note_right,
            Line::Notice => &self.styles.notice,
        };
        let (size, factor) = match look {
            Line::Title => (40.0, 2.1),
            Line::Subtitle => (28.0, 1.55),
            Line::Heading => (24.0, 1.35),
            Line::Note | Line::Right | Line::Notice => (16.0, 1.05),
        };
        let room: f64 =
            (0..=usize::from(last)).map(|c| self.widths.get(c).copied().unwrap_or(NARROWEST)).sum();
        let lines = (text::columns(value) as f64 * factor / room.max(1.0)).ceil().max(1.0);
        if last == 0 {
            self.worksheet.write_string_with_format(self.row, 0, cut(value), format)?;
        } else {
            self.worksheet.merge_range(self.row, 0, self.row, last, &cut(value), format)?;
        }
        self.worksheet.set_row_height(self.row, size * lines)?;
        self.row += 1;
        Ok(())
    }

    /// Height of an empty row, in pixels.
    pub(super) fn row_in_pixels() -> u32 {
        (ROW_HEIGHT * 4.0 / 3.0) as u32
    }

    /// Widens the last column until the columns together have this width.
    pub(super) fn fill(&mut self, last: u16, pixels: u32) {
        let missing = f64::from(pixels.saturating_sub(self.width_in_pixels(last)));
        let own = self.widths.get(usize::from(last)).copied().unwrap_or(NARROWEST);
        self.widen(last, own + missing / 7.0);
    }

    /// Total width of the columns up to `last`, in pixels.
    pub(super) fn width_in_pixels(&self, last: u16) -> u32 {
        let pixels: f64 = (0..=usize::from(last))
            .map(|c| self.widths.get(c).copied().unwrap_or(NARROWEST) * 7.0 + 5.0)
            .sum();
        pixels as u32
    }

    /// Sets widths and the print area, and gives the worksheet.
    pub(super) fn finish(mut self, last: u16) -> anyhow::Result<Worksheet> {
        for (&row, &lines) in &self.lines {
            let height = (TEXT_LINE * lines as f64 + 4.0).clamp(ROW_HEIGHT, 400.0);
            self.worksheet.set_row_height(row, height)?;
        }
        for (column, width) in (0..).zip(&self.widths) {
            self.worksheet.set_column_width(column, *width)?;
        }
        self.worksheet.set_print_area(0, 0, self.row.saturating_sub(1), last)?;
        Ok(self.worksheet)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    Title,
    Subtitle,
    Heading,
    Note,
    /// A note flush right: 单位.
    Right,
    /// A note in the middle.
    Notice,
}

/// Lines that a text takes in a column. Long words without spaces break early.
fn lines_of(line: &str, room: f64) -> usize {
    let columns = text::columns(line) as f64;
    let ascii = line.chars().filter(char::is_ascii).count() as f64;
    let loss = if ascii > columns / 2.0 { 1.3 } else { 1.04 };
    if columns <= room { 1 } else { (columns * loss / room).ceil() as usize }
}

/// As stored in a cell: a share of 38.1 % is 0.381.
pub(super) fn stored(value: Decimal, measure: &str) -> Decimal {
    if measure == "%" { Decimal::new(value.units, value.places + 2) } else { value }
}

/// Does `scale · numerator / denominator`, rounded as printed, equal the printed value?
fn gives(numerator: Decimal, denominator: Decimal, scale: i64, value: Decimal) -> bool {
    let scaled = Decimal::integer(scale).to_rational().times(numerator.to_rational());
    scaled
        .divided_by(denominator.to_rational())
        .is_some_and(|quotient| quotient.round(value.places) == value)
}

/// The nearest double of the printed digits, as Excel reads them.
pub(super) fn excel(value: Decimal) -> f64 {
    value.to_f64_for_display()
}

/// What a number format adds to the digits, for the width.
fn suffix_of(format: &str) -> String {
    let first = format.split(';').next().unwrap_or("");
    first.chars().filter(|c| !"0.\"".contains(*c)).collect()
}

fn cut(value: &str) -> String {
    if value.chars().count() <= LONGEST {
        return value.to_owned();
    }
    let kept: String = value.chars().take(LONGEST).collect();
    format!("{kept}…（过长，其余见 CSV 文件）")
}
