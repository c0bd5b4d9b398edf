//! 封面: title, period, who issues it, who has reported, what the letters mean.

use rust_xlsxwriter::Worksheet;

use super::WorkbookContext;
use super::page::Paper;
use super::render::{self, WORKBOOK};
use super::style::LineLook;
use crate::model::ReturnCounts;
use crate::report::returns;
use crate::report::table::{counts, definitions};
use crate::report::{chart, text};

pub(super) fn sheet(context: &WorkbookContext, name: &str) -> anyhow::Result<Worksheet> {
    let inputs = context.inputs;
    let settings = &inputs.definition.settings;
    let table = counts::all(context.index, WORKBOOK);
    let (mut sheet, last) = render::begin(name, Paper::Portrait, &table)?;
    sheet.row = 1;
    sheet.line(&settings.report.title, last, LineLook::Title)?;
    sheet.line(&text::period(inputs.definition, inputs.folder), last, LineLook::Subtitle)?;
    sheet.line(&settings.report.organisation, last, LineLook::Subtitle)?;
    if !settings.report.notice.is_empty() {
        sheet.line(&settings.report.notice, last, LineLook::Notice)?;
    }
    sheet.line(&returns::stage(inputs), last, LineLook::Notice)?;
    sheet.row += 1;

    sheet.line("收报情况", last, LineLook::Heading)?;
    let all = ReturnCounts::of(inputs.receipts()).summary();
    let summary = format!("{all}退回和未报的不计入统计，有关指标标为“不完整”。");
    sheet.line(&summary, last, LineLook::Note)?;
    let header = sheet.row;
    render::rows(context, &mut sheet, &table, last)?;
    let absent = returns::absent(inputs);
    if !absent.is_empty() {
        let line: String =
            absent.iter().map(|(state, names)| format!("{state}：{names}。")).collect();
        sheet.line(&line, last, LineLook::Note)?;
    }
    sheet.row += 1;
    for line in definitions::legend() {
        sheet.line(&line, last, LineLook::Note)?;
    }
    let missing = chart::missing_characters(context.charts);
    if !missing.is_empty() {
        let list: Vec<String> = missing.iter().map(char::to_string).collect();
        let line = format!("图中字库没有的字以“〓”代替：{}", list.join(" "));
        sheet.line(&line, last, LineLook::Note)?;
    }
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.finish(last)
}
