//! 收报明细: a row a return owed or received in the report's folder; above a county a row a form of each
//! of the rows, counted.

use std::collections::BTreeMap;

use super::{Align, Cell, List, Medium, PERIOD, Table};
use crate::model::{Period, Receipt, ReturnCounts, date_text};
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
    let units = &definition.units;
    let (counted, own): (Vec<&Receipt>, Vec<&Receipt>) =
        receipts.partition(|r| units.row_code(&r.unit) != r.unit);
    if !counted.is_empty() {
        return of_rows(index, medium, title, [counted, own].concat());
    }
    let group =
        |r: &&Receipt| Cell::words(units.get(&r.unit).map_or("", |unit| unit.group.as_str()));
    let form = |r: &&Receipt| Cell::words(text::form_title(definition, &r.form));
    let mut list = List::<&Receipt>::new(medium);
    list.serial().sheet(5.5);
    list.center("组别", group).sheet(10.0);
    list.left("单位", |r| Cell::words(units.name(&r.unit))).sheet(18.0);
    list.column(Align::Name, "报表", form).sheet(26.0).page();
    list.center("报告期", |r| Cell::words(text::period(definition, &r.period)))
        .sheet(PERIOD)
        .page();
    list.center("状态", |r| Cell::words(state(r))).sheet(13.0).page();
    list.center("收到日期", |r| Cell::words(received(r))).sheet(12.0).page();
    list.center("按时", |r| Cell::words(r.timeliness.title())).sheet(8.0).page();
    list.number("行数", |r| Cell::count(r.rows)).sheet(7.0).page();
    list.number("强制", |r| Cell::count(r.errors)).sheet(7.0).page();
    list.number("待核实", |r| Cell::count(r.queries)).sheet(8.0).page();
    list.number("已说明", |r| Cell::count(r.explained)).sheet(8.0).page();
    list.number("提示", |r| Cell::count(r.hints)).sheet(7.0).page();
    list.column(Align::Remark, "文件", |r| Cell::words(&*r.file)).sheet(34.0).page();
    let mut table = list.table(title, own);
    table.empty = EMPTY;
    table
}

/// Said in place of rows, where there are none.
const EMPTY: &str = "本期没有应报或收到的报表。";

/// The returns of a row for one form and period, counted: each stands in the report of the row's own.
struct OfRow<'a> {
    row: &'a str,
    form: &'a str,
    period: &'a Period,
    receipts: Vec<&'a Receipt>,
}

fn of_rows<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    title: &str,
    receipts: Vec<&'a Receipt>,
) -> Table<'a> {
    let definition = index.inputs.definition;
    let units = &definition.units;
    let mut rows: BTreeMap<(usize, &str, &Period), OfRow> = BTreeMap::new();
    for receipt in receipts {
        let (row, form, period) =
            (units.row_code(&receipt.unit), receipt.form.as_str(), &receipt.period);
        let new = || OfRow { row, form, period, receipts: Vec::new() };
        let all = rows.entry((units.order(row), form, period)).or_insert_with(new);
        all.receipts.push(receipt);
    }
    let sum = |own: &OfRow, number: fn(&Receipt) -> usize| {
        Cell::count(own.receipts.iter().map(|receipt| number(receipt)).sum())
    };
    let form = |own: &OfRow| Cell::words(text::form_title(definition, own.form));
    let mut list = List::<OfRow>::new(medium);
    list.serial().sheet(5.5);
    list.left("单位", |own| Cell::words(units.name(own.row))).sheet(18.0);
    list.column(Align::Name, "报表", form).sheet(26.0).page();
    list.center("报告期", |own| Cell::words(text::period(definition, own.period)))
        .sheet(PERIOD)
        .page();
    for (at, title) in ReturnCounts::TITLES.into_iter().enumerate() {
        list.number(title, move |own| {
            let counts = ReturnCounts::of(own.receipts.iter().copied());
            let count = counts.columns().into_iter().nth(at);
            Cell::words(count.map(|count| count.to_string()).unwrap_or_default())
        })
        .sheet(9.0)
        .page();
    }
    list.number("行数", move |own| sum(own, |r| r.rows)).sheet(8.0).page();
    list.number("强制", move |own| sum(own, |r| r.errors)).sheet(7.0).page();
    list.number("已说明", move |own| sum(own, |r| r.explained)).sheet(8.0).page();
    list.number("提示", move |own| sum(own, |r| r.hints)).sheet(7.0).page();
    let mut table = list.table(title, rows.into_values());
    table.notes.push("注：下属单位的报表按单位和报表合计，每份报表见该单位自己的报告。".to_owned());
    table.empty = EMPTY;
    table
}

fn state(receipt: &Receipt) -> String {
    let uncalled = if receipt.owed { "" } else { "（不应报）" };
    format!("{}{uncalled}", receipt.state.title())
}

fn received(receipt: &Receipt) -> String {
    receipt.received_on.map_or_else(|| text::NONE.to_owned(), date_text)
}
