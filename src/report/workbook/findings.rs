//! 审核结果: one row a finding, made for filtering.

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use crate::model::{Finding, Level, Outcome};
use crate::report::text;

const TITLES: [&str; 15] = [
    "序号",
    "级别",
    "结果",
    "代码",
    "审核内容",
    "类型",
    "报告期",
    "单位",
    "报表",
    "文件",
    "工作表",
    "单元格",
    "所见",
    "应为",
    "问题与处理",
];
const LAST: u16 = 14;
const WIDTHS: [f64; 15] =
    [5.5, 6.0, 8.0, 9.0, 16.0, 6.0, 12.0, 12.0, 16.0, 20.0, 11.0, 9.0, 14.0, 12.0, 38.0];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let inputs = context.inputs;
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?;
    sheet.line("审核结果", LAST, Line::Heading)?;
    let count = |level: Level, outcome: Outcome| {
        inputs.findings().filter(|f| f.level == level && f.outcome == outcome).count()
    };
    let summary = format!(
        "强制 {} 项；核实 {} 项待说明、{} 项已说明；提示 {} 项；未评估 {} 项。",
        count(Level::Error, Outcome::Fail),
        count(Level::Query, Outcome::Fail),
        count(Level::Query, Outcome::Explained),
        count(Level::Hint, Outcome::Fail),
        inputs.findings().filter(|f| f.outcome == Outcome::NotEvaluated).count(),
    );
    sheet.line(&summary, LAST, Line::Note)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for (number, finding) in (1..).zip(inputs.findings()) {
        row(context, &mut sheet, number, finding)?;
    }
    if sheet.row == header + 1 {
        sheet.line("本期各表审核通过，没有问题。", LAST, Line::Note)?;
    } else {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.worksheet.set_freeze_panes(header + 1, 0)?;
    sheet.finish(LAST)
}

fn row(
    context: &Context,
    sheet: &mut Sheet,
    number: usize,
    finding: &Finding,
) -> anyhow::Result<()> {
    let definition = context.inputs.definition;
    let at = sheet.row;
    sheet.ordinal((at, 0), number)?;
    sheet.center((at, 1), finding.level.title(), false)?;
    sheet.center((at, 2), finding.outcome.title(), false)?;
    sheet.center((at, 3), &finding.code, false)?;
    sheet.text((at, 4), &finding.title, false)?;
    sheet.center((at, 5), finding.scope.title(), false)?;
    sheet.center((at, 6), &text::period(definition, &finding.period), false)?;
    sheet.text((at, 7), definition.units.name(&finding.unit), false)?;
    sheet.text((at, 8), &text::form_title(definition, &finding.form), false)?;
    sheet.text((at, 9), &finding.location.file, false)?;
    sheet.text((at, 10), &finding.location.sheet, false)?;
    sheet.text((at, 11), &finding.location.cells_text(), false)?;
    sheet.text((at, 12), &finding.seen, false)?;
    sheet.text((at, 13), &finding.expected, false)?;
    let mut message = finding.message.clone();
    if !finding.remedy.is_empty() {
        message += &format!("\n处理：{}", finding.remedy);
    }
    sheet.text((at, LAST), &message, false)?;
    sheet.row += 1;
    Ok(())
}
