//! Columns of a composite score: value and points of each part, the total, the place.

use super::sheet::Sheet;
use super::table::{self, blank, remark};
use crate::definition::{Indicator, Part};
use crate::model::{Class, Decimal};
use crate::report::index::{Index, Row};
use crate::report::text;

/// Lines that the titles take.
pub(super) fn header_lines(indicator: &Indicator) -> usize {
    let lines = indicator.parts.iter().map(|part| table::header_lines(&titled(part), 2));
    lines.max().unwrap_or(1)
}

fn titled(part: &Part) -> String {
    format!("{}（{} 分）", part.title, part.weight)
}

/// Titles over the columns of one composite, in two rows.
pub(super) fn header_cells(
    sheet: &mut Sheet,
    indicator: &Indicator,
    (top, below): (u32, u32),
    mut column: u16,
) -> anyhow::Result<()> {
    for part in &indicator.parts {
        sheet.merged_header((top, column), (top, column + 1), &titled(part))?;
        sheet.header((below, column), "指标值")?;
        sheet.header((below, column + 1), "得分")?;
        column += 2;
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
    /// Parts that at least one unit has.
    pub(super) parts: &'c [&'a Class],
    pub(super) total: bool,
}

impl Cells<'_, '_> {
    pub(super) fn write(
        &self,
        sheet: &mut Sheet,
        (at, mut column): (u32, u16),
        remarks: &mut Vec<String>,
    ) -> anyhow::Result<()> {
        let scale = self.indicator.scale();
        let figure = |part| self.index.get(&self.indicator.id, self.row, part);
        for part in &self.indicator.parts {
            let class = self.parts.iter().find(|class| class.id == part.id);
            match class.and_then(|class| figure(Some(*class))) {
                Some(points) => {
                    sheet.optional((at, column), points.numerator, self.total)?;
                    sheet.value((at, column + 1), points, scale, None, self.total)?;
                }
                None => blank(sheet, at, column..column + 2, self.total)?,
            }
            column += 2;
        }
        let Some(total) = figure(None) else {
            return blank(sheet, at, column..column + 2, self.total);
        };
        sheet.value((at, column), total, scale, None, self.total)?;
        match &total.place {
            Some(place) => sheet.ordinal((at, column + 1), place.place)?,
            None => sheet.center((at, column + 1), text::NONE, self.total)?,
        }
        remark(remarks, total);
        if let Some(weights) = total.denominator.filter(|w| *w != Decimal::integer(100)) {
            remarks.push(format!("按 {weights} 分权重折算"));
        }
        Ok(())
    }
}

/// The rules of scoring, for the note below the table.
pub(super) fn notes(indicator: &Indicator) -> Option<String> {
    let rules = indicator.scoring();
    let words: Vec<String> = rules
        .into_iter()
        .map(|(label, rule)| if label == "计分" { rule } else { format!("{label}：{rule}") })
        .collect();
    let exact = "得分按未舍入的数计算，总分是各项得分之和一次舍入，与所列各项之和可能相差末位";
    (!words.is_empty()).then(|| format!("{}；{exact}", words.join("；")))
}
