//! 目录: every sheet with a link, what it holds and whether it is made to be printed, and the
//! page of each unit.

use rust_xlsxwriter::Worksheet;

use super::page::{MOST_BREAKS, Paper};
use super::sheet::{Line, Sheet};
use super::{Context, Kind, unit_pages};
use crate::report::chart::TOO_TALL;

const TITLES: [&str; 4] = ["序号", "表", "内容", "打印"];
const LAST: u16 = 3;
/// With more units the list prints on as many pages as it needs.
const ON_ONE_PAGE: usize = 60;
const WIDTHS: [f64; 4] = [6.0, 34.0, 48.0, 8.0];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Portrait, &WIDTHS)?;
    let pages = &context.unit_rows;
    if pages.len() <= ON_ONE_PAGE {
        sheet.worksheet.set_print_fit_to_pages(1, 1);
    }
    sheet.line("目录", LAST, Line::Heading)?;
    sheet.header_row(&TITLES)?;
    for (number, (kind, name)) in (1..).zip(&context.sheets) {
        let at = sheet.row;
        sheet.ordinal((at, 0), number)?;
        let title = match kind {
            Kind::Programme(programme) if !programme.number.is_empty() => {
                format!("{}　{}", programme.number, programme.title)
            }
            kind => kind.title().to_owned(),
        };
        sheet.link((at, 1), &target(name, 0), &title)?;
        sheet.text((at, 2), kind.about(), false)?;
        sheet.center((at, 3), if kind.is_reference() { "供查阅" } else { "打印" }, false)?;
        sheet.row += 1;
    }
    for note in left_out(context) {
        sheet.line(&note, LAST, Line::Note)?;
    }
    if let Some((_, name)) = context.sheets.iter().find(|(k, _)| matches!(k, Kind::UnitPages))
        && !pages.is_empty()
    {
        sheet.row += 1;
        sheet.line(unit_pages::TITLE, LAST, Line::Heading)?;
        sheet.header_row(&["序号", "单位", "组别", ""])?;
        for (number, (unit, row)) in (1..).zip(pages) {
            let at = sheet.row;
            sheet.ordinal((at, 0), number)?;
            sheet.link((at, 1), &target(name, *row), &unit.name)?;
            sheet.text((at, 2), &unit.group, false)?;
            sheet.text((at, 3), "", false)?;
            sheet.row += 1;
        }
    }
    sheet.finish(LAST)
}

/// What the report does not show because of its size.
fn left_out(context: &Context) -> Vec<String> {
    let mut notes = Vec::new();
    for programme in &context.inputs.definition.programmes {
        let tall =
            programme.charts.iter().filter(|spec| context.index.too_tall(&spec.id).is_some());
        notes.extend(tall.map(|spec| format!("{}“{}”：{TOO_TALL}。", programme.title, spec.title)));
    }
    if context.unit_rows.len() > MOST_BREAKS + 1 {
        notes.push(format!(
            "{}：一张表只能定 {MOST_BREAKS} 处分页，以后由 Excel 分页，新的一页不一定从一个单位开始。",
            unit_pages::TITLE
        ));
    }
    notes
}

/// Address of a row's first cell, as hyperlinks have it.
fn target(sheet: &str, row: u32) -> String {
    format!("internal:'{}'!A{}", sheet.replace('\'', "''"), row + 1)
}
