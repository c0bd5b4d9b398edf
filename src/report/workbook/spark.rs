//! Small trend lines: their data stand on the sheet 图表数据, a row a figure.

use std::collections::BTreeMap;

use rust_xlsxwriter::Sparkline;

use super::chart_data;
use super::render::stored;
use super::sheet::Sheet;
use super::style::value_format;
use crate::model::{Figure, Point};
use crate::report::color::{INK, PLAIN};
use crate::report::text;

pub(super) struct Sparks<'a> {
    /// Row of the block's title.
    title: u32,
    figures: Vec<&'a Figure>,
    rows: BTreeMap<&'a str, u32>,
    points: usize,
}

impl<'a> Sparks<'a> {
    /// Figures that have a line at all: two values after the last 口径 change.
    pub(super) fn new(
        figures: impl Iterator<Item = &'a Figure>,
        title: u32,
        points: usize,
    ) -> Self {
        let mut kept: Vec<&Figure> = Vec::new();
        let mut rows = BTreeMap::new();
        for figure in figures {
            let values = joined(shown(figure, points)).iter().filter(|p| p.whole_value().is_some());
            if values.count() >= 2 && !rows.contains_key(figure.id.as_str()) {
                rows.insert(figure.id.as_str(), title + 1 + kept.len() as u32);
                kept.push(figure);
            }
        }
        Self { title, figures: kept, rows, points }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.figures.is_empty()
    }

    /// Puts a figure's line into a cell; a dash if there is none.
    pub(super) fn insert(
        &self,
        sheet: &mut Sheet,
        at: (u32, u16),
        figure: &Figure,
    ) -> anyhow::Result<()> {
        let Some(&row) = self.rows.get(figure.id.as_str()) else {
            return sheet.center(at, text::NONE, false);
        };
        sheet.text(at, "", false)?;
        let points = shown(figure, self.points);
        let skipped = points.len() - joined(points).len();
        let (first, last) = (1 + skipped as u16, points.len() as u16);
        let line = Sparkline::new()
            .set_range((chart_data::NAME, row, first, row, last))
            .set_sparkline_color(PLAIN.code())
            .show_last_point(true)
            .set_last_point_color(INK.code());
        sheet.write(|worksheet, _| worksheet.add_sparkline(at.0, at.1, &line).map(drop))
    }

    /// Writes the block of data.
    pub(super) fn write(&self, sheet: &mut Sheet) -> anyhow::Result<()> {
        let plain = sheet.styles.plain.clone();
        let title = "走势（迷你图）所用数据，自早至近；空格为缺或数据不全";
        sheet.worksheet.write_string_with_format(self.title, 0, title, &plain)?;
        for (row, figure) in (self.title + 1..).zip(&self.figures) {
            sheet.text((row, 0), &figure.id, false)?;
            for (column, point) in (1..).zip(shown(figure, self.points)) {
                if let Some(value) = point.whole_value() {
                    let format = value_format(value, &figure.measure);
                    let value = stored(value, &figure.measure);
                    sheet.number_as((row, column), value, &format, false)?;
                }
            }
            sheet.row = row + 1;
        }
        Ok(())
    }
}

fn shown(figure: &Figure, points: usize) -> &[Point] {
    &figure.series[figure.series.len().saturating_sub(points)..]
}

/// The points that may be joined with the last one.
fn joined(points: &[Point]) -> &[Point] {
    let from = points.iter().rposition(|p| !p.joins()).unwrap_or(0);
    &points[from..]
}
