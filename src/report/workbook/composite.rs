//! Columns of a composite score: value and points of each part, the total, the place.

use super::sheet::{self, Sheet};
use crate::definition::Indicator;
use crate::report::index::{Index, Row};
use crate::report::layout::{ScoreParts, part_title};
use crate::report::text;

/// Lines that the titles take.
pub(super) fn header_lines(parts: &ScoreParts) -> usize {
    let lines = parts.parts.iter().map(|(part, _)| sheet::header_lines(&part_title(part), 2));
    lines.max().unwrap_or(1)
}

/// Titles over the columns of one composite, in two rows.
pub(super) fn header_cells(
    sheet: &mut Sheet,
    indicator: &Indicator,
    parts: &ScoreParts,
    (top, below): (u32, u32),
    mut column: u16,
) -> anyhow::Result<()> {
    for (part, _) in &parts.parts {
        sheet.merged_header((top, column), (top, column + 1), &part_title(part))?;
        sheet.header((below, column), "指标值")?;
        sheet.header((below, column + 1), "得分")?;
        column += 2;
    }
    if !parts.closes {
        return Ok(());
    }
    sheet.merged_header((top, column), (top, column + 1), &indicator.title)?;
    sheet.header((below, column), "总分")?;
    sheet.header((below, column + 1), "组内名次")
}

/// One row of a composite.
pub(super) struct Cells<'c, 'a> {
    pub(super) index: &'c Index<'a>,
    pub(super) row: &'c Row,
    pub(super) indicator: &'c Indicator,
    pub(super) parts: &'c ScoreParts<'a>,
    pub(super) total: bool,
}

impl Cells<'_, '_> {
    pub(super) fn write(
        &self,
        sheet: &mut Sheet,
        (at, mut column): (u32, u16),
    ) -> anyhow::Result<()> {
        let scale = self.indicator.scale();
        let figure = |part| self.index.get(&self.indicator.id, self.row, part);
        for (_, class) in &self.parts.parts {
            match class.and_then(|class| figure(Some(class))) {
                Some(points) => {
                    sheet.optional((at, column), points.scored, self.total)?;
                    sheet.value((at, column + 1), points, scale, None, self.total)?;
                }
                None => sheet.blank(at, column..column + 2, self.total)?,
            }
            column += 2;
        }
        if !self.parts.closes {
            return Ok(());
        }
        let Some(total) = figure(None) else {
            return sheet.blank(at, column..column + 2, self.total);
        };
        sheet.value((at, column), total, scale, None, self.total)?;
        match &total.place {
            Some(place) => sheet.ordinal((at, column + 1), place.place),
            None => sheet.center((at, column + 1), text::NONE, self.total),
        }
    }
}
