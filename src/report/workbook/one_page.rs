//! 一页通: the county's leading figures on one page, with arrows, trend, target, completeness.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::style::arrow_format;
use super::{Context, selection};
use crate::definition::Indicator;
use crate::model::{Change, Figure};
use crate::report::returns::Counts;
use crate::report::text;

const TITLES: [&str; 10] =
    ["专题", "指标", "分子", "分母", "本期", "比上期", "同比", "走势", "目标", "计入单位"];
const LAST: u16 = 9;
const ROW: f64 = 19.0;
const WIDTHS: [f64; 10] = [6.0, 25.0, 8.0, 8.0, 9.5, 9.5, 9.5, 13.0, 13.0, 8.0];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let inputs = context.inputs;
    let mut sheet = Sheet::new(name, Paper::Portrait, &WIDTHS)?.linked(&context.origins);
    // However many lines wrap: one page.
    sheet.worksheet.set_print_fit_to_pages(1, 1);
    let period = text::period(inputs.definition, inputs.folder);
    let title = format!("{}党建数据一页通（{period}）", inputs.definition.settings.county_name);
    sheet.line(&title, LAST, Line::Heading)?;
    sheet.line(&Counts::of(context.inputs.receipts()).summary(), LAST, Line::Note)?;
    sheet.header_row(&TITLES)?;
    let figures = selection::one_page(context);
    for (indicator, figure) in &figures {
        row(context, &mut sheet, indicator, figure)?;
    }
    if figures.is_empty() {
        sheet.line("本期没有可列的指标。", LAST, Line::Note)?;
    }
    sheet.line(
        "注：比上期、同比（比上年同期）为增减，占比为百分点，其他同本期的单位；本年累计数比上期的增减是本期新增；↑↓只表示方向，不表示好坏；“—”为没有可比数据、数据不全或口径已变。走势在口径变化处断开。其余指标见“主要指标”。",
        LAST,
        Line::Note,
    )?;
    sheet.signatures(LAST)?;
    sheet.finish(LAST)
}

fn row(
    context: &Context,
    sheet: &mut Sheet,
    indicator: &Indicator,
    figure: &Figure,
) -> anyhow::Result<()> {
    let at = sheet.row;
    sheet.height(at, ROW);
    sheet.center((at, 0), selection::programme(context, indicator), false)?;
    sheet.text((at, 1), &indicator.title, false)?;
    sheet.optional((at, 2), figure.numerator, false)?;
    sheet.optional((at, 3), figure.denominator, false)?;
    sheet.value((at, 4), figure, indicator.scale(), Some((2, 3)), false)?;
    change(sheet, (at, 5), figure.previous.as_ref())?;
    change(sheet, (at, 6), figure.year_ago.as_ref())?;
    context.sparks.insert(sheet, (at, 7), figure)?;
    sheet.center((at, 8), &selection::target(indicator, figure), false)?;
    sheet.center((at, 9), &text::completeness(figure), false)?;
    sheet.row += 1;
    Ok(())
}

/// The change as a number that shows its arrow.
pub(super) fn change(
    sheet: &mut Sheet,
    at: (u32, u16),
    change: Option<&Change>,
) -> anyhow::Result<()> {
    match change.and_then(|c| c.difference) {
        Some(difference) => {
            let format = arrow_format(difference);
            sheet.number_as(at, difference, &format, false)
        }
        None => sheet.center(at, text::NONE, false),
    }
}
