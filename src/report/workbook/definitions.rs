//! 方法与口径: the method, which prints; then every indicator as defined, to look up.

use rust_xlsxwriter::Worksheet;

use super::WorkbookContext;
use super::page::Paper;
use super::render::{self, WORKBOOK};
use super::style::LineLook;
use crate::report::table::definitions;

/// The method is as wide as a page, not as the table below.
const METHOD_LAST: u16 = 6;

pub(super) fn sheet(context: &WorkbookContext, name: &str) -> anyhow::Result<Worksheet> {
    let table = definitions::all(context.index, WORKBOOK);
    let (mut sheet, last) = render::begin(name, Paper::Portrait, &table)?;
    sheet.line("方法与口径", METHOD_LAST, LineLook::Heading)?;
    let more = "下列各指标的定义供查阅、筛选，不随报告打印；口径、目标和说明已印在各专题表下。";
    for line in
        definitions::method(context.index, WORKBOOK).iter().map(String::as_str).chain([more])
    {
        sheet.line(line, METHOD_LAST, LineLook::Note)?;
    }
    let header = sheet.row;
    render::rows(context, &mut sheet, &table, last)?;
    if !table.is_empty() {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, last)?;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 2)?;
    sheet.finish_reference(header, METHOD_LAST)
}
