//! A4 pages: sheets as wide as a page, and breaks before blocks that stay together.

use std::collections::BTreeMap;

use rust_xlsxwriter::Worksheet;

/// Height of a row nobody has set, in points.
pub(super) const ROW_HEIGHT: f64 = 12.75;

/// Fonts of another machine may make columns a little wider.
const RESERVE: f64 = 0.97;
const PIXELS_AN_INCH: f64 = 96.0;

/// The smallest scale that reads well: 10 points are 6.2.
const SMALLEST: f64 = 0.62;
const POINTS_AN_INCH: f64 = 72.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Paper {
    Portrait,
    Landscape,
}

/// Page breaks of a sheet that Excel takes.
pub(super) const MOST_BREAKS: usize = 1023;

impl Paper {
    /// What the margins leave of A4, in inches.
    fn room(self) -> (f64, f64) {
        match self {
            Self::Portrait => (8.27 - 0.8, 11.69 - 1.2),
            Self::Landscape => (11.69 - 0.8, 8.27 - 1.2),
        }
    }

    /// Widest content that prints at this scale, in pixels.
    pub(super) fn pixels_at(self, scale: f64) -> u32 {
        (self.room().0 * PIXELS_AN_INCH * RESERVE / scale) as u32
    }
}

/// How the rows of a sheet fall on pages.
pub(super) struct Pages {
    paper: Paper,
    heights: BTreeMap<u32, f64>,
    /// First rows of blocks that stay together.
    blocks: Vec<u32>,
}

impl Pages {
    pub(super) fn new(worksheet: &mut Worksheet, paper: Paper) -> Self {
        worksheet
            .set_paper_size(9)
            .set_print_fit_to_pages(1, 0)
            .set_print_center_horizontally(true)
            .set_margins(0.4, 0.4, 0.55, 0.65, 0.3, 0.3)
            .set_footer("&C&\"宋体\"&14— &P —")
            .set_default_row_height(ROW_HEIGHT)
            .set_screen_gridlines(false);
        if paper == Paper::Landscape {
            worksheet.set_landscape();
        }
        Self { paper, heights: BTreeMap::new(), blocks: Vec::new() }
    }

    pub(super) fn set_height(&mut self, row: u32, height: f64) {
        self.heights.insert(row, height);
    }

    /// The rows from here to the next block stay on one page, if one can hold them.
    pub(super) fn begin_block(&mut self, row: u32) {
        self.blocks.push(row);
    }

    pub(super) fn pixels(&self, from: u32, to: u32) -> u32 {
        (self.height(from, to) * PIXELS_AN_INCH / POINTS_AN_INCH) as u32
    }

    fn height(&self, from: u32, to: u32) -> f64 {
        let set: f64 = self.heights.range(from..to).map(|(_, height)| height).sum();
        let others = (to - from) as usize - self.heights.range(from..to).count();
        set + others as f64 * ROW_HEIGHT
    }

    /// Rows before which a page ends, for a sheet of `rows` rows that prints at `scale`.
    fn breaks(&self, rows: u32, scale: f64) -> Vec<u32> {
        self.fall(rows, scale).0
    }

    /// Points that a page holds at this scale.
    fn page(&self, scale: f64) -> f64 {
        self.paper.room().1 * POINTS_AN_INCH * RESERVE / scale
    }

    /// The breaks, and the points used of the last page.
    fn fall(&self, rows: u32, scale: f64) -> (Vec<u32>, f64) {
        let page = self.page(scale);
        let mut breaks = Vec::new();
        let mut used = self.blocks.first().map_or(0.0, |&first| self.height(0, first));
        for (i, &from) in self.blocks.iter().enumerate() {
            let to = self.blocks.get(i + 1).map_or(rows, |&next| next).max(from);
            let height = self.height(from, to);
            if from > 0 && used > 0.0 && used + height > page {
                breaks.push(from);
                used = 0.0;
            }
            used = (used + height) % page;
        }
        (breaks, used)
    }

    /// Sets heights, breaks and the print area over all rows.
    pub(super) fn apply(
        &self,
        worksheet: &mut Worksheet,
        (rows, last): (u32, u16),
        width: u32,
    ) -> anyhow::Result<()> {
        // Said row by row: not every program heeds the default height, and pages would not be
        // those that are reckoned here.
        for row in 0..rows {
            let height = self.heights.get(&row).copied().unwrap_or(ROW_HEIGHT);
            worksheet.set_row_height(row, height)?;
        }
        let mut breaks = self.breaks(rows, self.scale(width));
        // Excel breaks the pages after these itself: nothing is lost, a block may begin on the way.
        breaks.truncate(MOST_BREAKS);
        if !breaks.is_empty() {
            worksheet.set_page_breaks(&breaks)?;
        }
        worksheet.set_print_area(0, 0, rows.saturating_sub(1), last)?;
        Ok(())
    }

    /// The scale at which this width fits on a page.
    fn scale(&self, width: u32) -> f64 {
        (f64::from(self.paper.pixels_at(1.0)) / f64::from(width.max(1))).min(1.0)
    }

    /// Is print still large enough when this width fits?
    pub(super) fn reads_well(&self, width: u32) -> bool {
        width <= self.paper.pixels_at(SMALLEST)
    }

    /// Pages that so many rows take when this width fits.
    pub(super) fn count(&self, rows: u32, width: u32) -> usize {
        self.breaks(rows, self.scale(width)).len() + 1
    }

    /// The pages that a list of so many rows takes if what is over would hardly fill a third of
    /// another one.
    pub(super) fn crowded(&self, rows: u32, width: u32) -> Option<u16> {
        let pages = self.height(0, rows) / self.page(self.scale(width));
        let whole = pages.floor();
        (whole >= 1.0 && pages - whole < 0.34).then_some(whole as u16)
    }

    /// Pixels left below the rows so far, and of a whole page, when this width fits.
    pub(super) fn room(&self, rows: u32, width: u32) -> (u32, u32) {
        let scale = self.scale(width);
        let (_, used) = self.fall(rows, scale);
        let pixels = |points: f64| (points * PIXELS_AN_INCH / POINTS_AN_INCH) as u32;
        (pixels(self.page(scale) - used), pixels(self.page(scale)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_pages_than_excel_breaks_are_left_to_excel() {
        let mut worksheet = Worksheet::new();
        let mut pages = Pages::new(&mut worksheet, Paper::Landscape);
        // A page is 494 points high.
        for row in 0..3000 {
            pages.begin_block(row);
            pages.set_height(row, 300.0);
        }
        assert_eq!(pages.breaks(3000, 1.0).len(), 2999);
        pages.apply(&mut worksheet, (3000, 5), 800).unwrap();
    }

    #[test]
    fn a_block_that_does_not_fit_begins_a_page() {
        let mut pages = Pages::new(&mut Worksheet::new(), Paper::Landscape);
        // A page holds 38 rows of 12.75 points: 7.07 in × 72 × 0.97 / 12.75 = 38.7.
        for row in [0, 10, 29, 36, 58] {
            pages.begin_block(row);
        }
        assert_eq!(pages.breaks(80, 1.0), [36, 58]);
        assert_eq!(pages.breaks(80, 0.5), [58], "77 rows at half size");
    }
}
