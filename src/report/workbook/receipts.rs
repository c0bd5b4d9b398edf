//! 收报明细: one row a return owed or received in the report's folder.

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use crate::model::{Receipt, date_text};
use crate::report::text;

const TITLES: [&str; 14] = [
    "序号",
    "组别",
    "单位",
    "报表",
    "报告期",
    "状态",
    "收到日期",
    "按时",
    "行数",
    "强制",
    "待核实",
    "已说明",
    "提示",
    "文件",
];
const LAST: u16 = 13;
const WIDTHS: [f64; 14] =
    [5.5, 10.0, 18.0, 26.0, 13.0, 13.0, 12.0, 8.0, 7.0, 7.0, 8.0, 8.0, 7.0, 34.0];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?;
    sheet.line("收报情况明细", LAST, Line::Heading)?;
    sheet.line(
        "本表供查阅、筛选，不随报告打印（打印区域只有这几行），打印用“收报情况”。",
        LAST,
        Line::Note,
    )?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for (number, receipt) in (1..).zip(context.inputs.receipts()) {
        row(context, &mut sheet, number, receipt)?;
    }
    if sheet.row == header + 1 {
        sheet.line("本期没有应报或收到的报表。", LAST, Line::Note)?;
    } else {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 0)?;
    sheet.finish_reference(header, LAST)
}

fn row(
    context: &Context,
    sheet: &mut Sheet,
    number: usize,
    receipt: &Receipt,
) -> anyhow::Result<()> {
    let definition = context.inputs.definition;
    let at = sheet.row;
    let group = definition.units.get(&receipt.unit).map_or("", |u| u.group.as_str());
    sheet.ordinal((at, 0), number)?;
    sheet.center((at, 1), group, false)?;
    sheet.text((at, 2), definition.units.name(&receipt.unit), false)?;
    sheet.text((at, 3), &text::form_title(definition, &receipt.form), false)?;
    sheet.center((at, 4), &text::period(definition, &receipt.period), false)?;
    let state = if receipt.owed {
        receipt.state.title().to_owned()
    } else {
        format!("{}（不应报）", receipt.state.title())
    };
    sheet.center((at, 5), &state, false)?;
    let received = receipt.received_on.map_or_else(|| text::NONE.to_owned(), date_text);
    sheet.center((at, 6), &received, false)?;
    sheet.center((at, 7), receipt.timeliness.title(), false)?;
    let counts = [receipt.rows, receipt.errors, receipt.queries, receipt.explained, receipt.hints];
    for (column, count) in (8..).zip(counts) {
        sheet.count((at, column), count, false)?;
    }
    sheet.text((at, LAST), &receipt.file, false)?;
    sheet.row += 1;
    Ok(())
}
