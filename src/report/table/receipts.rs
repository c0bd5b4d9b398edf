//! 收报明细: a row a return owed or received in the report's folder.

use super::{Align, Cell, List, Medium, Table};
use crate::model::{Receipt, date_text};
use crate::report::index::Index;
use crate::report::text;

/// All returns of the report's folder.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let mut table = table(index, medium, "收报情况明细", index.inputs.receipts());
    table.lead.push("本表供查阅、筛选，不随报告打印，打印用“收报情况”。".to_owned());
    table
}

/// A unit's own.
pub(in crate::report) fn of_unit<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    (code, name): (&str, &str),
) -> Table<'a> {
    let own = index.receipts_of(code).iter().copied();
    table(index, medium, &format!("{name}的报表"), own)
}

fn table<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    title: &str,
    receipts: impl Iterator<Item = &'a Receipt>,
) -> Table<'a> {
    let definition = index.inputs.definition;
    let group = |r: &&Receipt| {
        Cell::words(definition.units.get(&r.unit).map_or("", |unit| unit.group.as_str()))
    };
    let form = |r: &&Receipt| Cell::words(text::form_title(definition, &r.form));
    let mut list = List::<&Receipt>::new(medium);
    list.serial().sheet(5.5);
    list.center("组别", group).sheet(10.0);
    list.left("单位", |r| Cell::words(definition.units.name(&r.unit))).sheet(18.0);
    list.column(Align::Name, "报表", form).sheet(26.0).page();
    list.center("报告期", |r| Cell::words(text::period(definition, &r.period))).sheet(13.0).page();
    list.center("状态", |r| Cell::words(state(r))).sheet(13.0).page();
    list.center("收到日期", |r| Cell::words(received(r))).sheet(12.0).page();
    list.center("按时", |r| Cell::words(r.timeliness.title())).sheet(8.0).page();
    list.number("行数", |r| Cell::count(r.rows)).sheet(7.0).page();
    list.number("强制", |r| Cell::count(r.errors)).sheet(7.0).page();
    list.number("待核实", |r| Cell::count(r.queries)).sheet(8.0).page();
    list.number("已说明", |r| Cell::count(r.explained)).sheet(8.0).page();
    list.number("提示", |r| Cell::count(r.hints)).sheet(7.0).page();
    list.column(Align::Remark, "文件", |r| Cell::words(&*r.file)).sheet(34.0).page();
    let mut table = list.table(title, receipts);
    table.empty = "本期没有应报或收到的报表。";
    table
}

fn state(receipt: &Receipt) -> String {
    let uncalled = if receipt.owed { "" } else { "（不应报）" };
    format!("{}{uncalled}", receipt.state.title())
}

fn received(receipt: &Receipt) -> String {
    receipt.received_on.map_or_else(|| text::NONE.to_owned(), date_text)
}
