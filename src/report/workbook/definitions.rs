//! 指标口径: what every indicator counts, in words and as defined.

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use crate::definition::Indicator;
use crate::report::text;

const TITLES: [&str; 8] =
    ["编号", "指标", "专题", "计量单位", "口径（分母）", "定义", "口径变化", "说明"];
const LAST: u16 = 7;
const WIDTHS: [f64; 8] = [22.0, 20.0, 18.0, 9.0, 24.0, 60.0, 12.0, 24.0];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?;
    sheet.line("指标口径", LAST, Line::Heading)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for indicator in &context.inputs.definition.indicators {
        row(context, &mut sheet, indicator)?;
    }
    if sheet.row > header + 1 {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.worksheet.set_freeze_panes(header + 1, 2)?;
    sheet.finish(LAST)
}

fn row(context: &Context, sheet: &mut Sheet, indicator: &Indicator) -> anyhow::Result<()> {
    let definition = context.inputs.definition;
    let programme = definition.programme(&indicator.programme);
    let mut notes = Vec::new();
    notes.extend((!indicator.note.is_empty()).then(|| indicator.note.clone()));
    let target = text::target(indicator);
    notes.extend((!target.is_empty()).then_some(target));
    if !indicator.is_collectable() {
        notes.push(format!("无法收集：{}", indicator.reason));
    }
    let at = sheet.row;
    let texts = [
        indicator.id.as_str(),
        &indicator.title,
        programme.map_or("", |p| p.title.as_str()),
        indicator.measure(),
        text::base(indicator),
        &text::definition_text(definition, indicator),
        &indicator.breaks.join("、"),
        &notes.join("；"),
    ];
    for (column, value) in (0..).zip(texts) {
        sheet.text((at, column), value, false)?;
    }
    sheet.row += 1;
    Ok(())
}
