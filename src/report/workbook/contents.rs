//! 目录: every sheet with a link, what it holds and whether it is made to be printed, and the
//! page of each unit.

use rust_xlsxwriter::Worksheet;

use super::page::{MOST_BREAKS, Paper};
use super::render::{self, WORKBOOK};
use super::{Tab, WorkbookContext};
use crate::model::Unit;
use crate::report::table::{Cell, List, Table, Target};
use crate::report::text;

/// With more units the list prints on as many pages as it needs.
const ON_ONE_PAGE: usize = 60;

pub(super) fn sheet(context: &WorkbookContext, name: &str) -> anyhow::Result<Worksheet> {
    let sheets = sheets(context);
    let (mut sheet, last) = render::begin(name, Paper::Portrait, &sheets)?;
    if context.unit_pages.len() <= ON_ONE_PAGE {
        sheet.worksheet.set_print_fit_to_pages(1, 1);
    }
    render::whole(context, &mut sheet, &sheets, last)?;
    if !context.unit_pages.is_empty() {
        sheet.row += 1;
        render::whole(context, &mut sheet, &units(context), last)?;
    }
    sheet.finish(last)
}

fn sheets<'a>(context: &'a WorkbookContext) -> Table<'a> {
    let definition = context.inputs.definition;
    let mut list = List::<(&Tab, &str)>::new(WORKBOOK);
    list.serial().sheet(6.0);
    list.left("表", move |(kind, name)| {
        let title = match kind {
            Tab::Programme(programme) => text::programme_title(programme),
            kind => kind.title(definition).into_owned(),
        };
        Cell::link(title, Target::Sheet(name))
    })
    .sheet(34.0);
    list.left("内容", |(kind, _)| Cell::words(kind.about())).sheet(48.0);
    list.center("打印", |(kind, _)| {
        Cell::words(if kind.is_reference() { "供查阅" } else { "打印" })
    })
    .sheet(8.0);
    let sheets = context.sheets.iter().map(|(kind, name)| (kind, name.as_str()));
    let mut table = list.table("目录", sheets);
    table.notes = left_out(context);
    table
}

/// What the report does not show, and why.
fn left_out(context: &WorkbookContext) -> Vec<String> {
    let mut notes = Vec::new();
    for programme in &context.inputs.definition.programmes {
        let undrawn = programme.charts.iter().filter_map(|spec| context.index.undrawn(&spec.id));
        let undrawn: Vec<String> = undrawn.collect();
        if !undrawn.is_empty() {
            notes.push(format!("{}不作图，数字见表：{}。", programme.title, undrawn.join("、")));
        }
    }
    notes.extend(text::without_pages(context.inputs));
    if context.unit_pages.len() > MOST_BREAKS + 1 {
        notes.push(format!(
            "{}：一张表只能定 {MOST_BREAKS} 处分页，以后由 Excel 分页，新的一页不一定从一个单位开始。",
            text::unit_pages_title(&context.inputs.definition.units)
        ));
    }
    notes
}

fn units<'a>(context: &'a WorkbookContext) -> Table<'a> {
    let mut list = List::<&Unit>::new(WORKBOOK);
    list.serial().sheet(6.0);
    list.left("单位", |unit| Cell::link(&unit.name, Target::Unit(&unit.code))).sheet(34.0);
    list.left("组别", |unit| Cell::words(&unit.group)).sheet(48.0);
    let title = text::unit_pages_title(&context.inputs.definition.units);
    list.table(title, context.unit_pages.iter().map(|(unit, _)| *unit))
}
