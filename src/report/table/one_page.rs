//! 一页通: the county's leading figures on one page, with arrows, trend, target, completeness.

use super::{Align, Cell, List, Medium, Table};
use crate::report::index::Index;
use crate::report::returns::Counts;
use crate::report::{selection, text};

pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = List::<selection::Shown<'a>>::new(medium);
    list.center("专题", |(i, _)| Cell::words(text::programme_label(definition, i))).sheet(6.0);
    list.column(Align::Name, "指标", |(i, _)| Cell::words(&i.title)).sheet(25.0);
    list.number("分子", |(_, f)| Cell::optional(f.numerator)).sheet(8.0);
    list.number("分母", |(_, f)| Cell::optional(f.denominator)).sheet(8.0);
    list.number("本期", |(i, f)| Cell::value(f).ratio_of(2, 1, i.scale())).sheet(9.5);
    list.number("比上期", |(i, f)| {
        Cell::change(i, f, (&text::previous_period(f), f.previous.as_ref())).with_arrow()
    })
    .sheet(9.5);
    list.number("同比", |(i, f)| {
        Cell::change(i, f, ("上年同期", f.year_ago.as_ref())).with_arrow()
    })
    .sheet(9.5);
    list.center("走势", |(_, f)| Cell::trend(f)).sheet(13.0);
    list.center("目标", |(i, f)| Cell::words(text::target_cell(i, f))).sheet(13.0);
    list.center("计入单位", |(_, f)| Cell::words(text::completeness(f))).sheet(8.0);
    let period = text::period(definition, index.inputs.folder);
    let title = format!("{}党建数据一页通（{period}）", definition.settings.county_name);
    let mut table = list.table(title, selection::one_page(index));
    table.lead.push(Counts::of(index.inputs.receipts()).summary());
    table.empty = "本期没有可列的指标。";
    table.notes.push("注：比上期、同比（比上年同期）为增减，占比为百分点，其他同本期的单位；本年累计数比上期的增减是本期新增；↑↓只表示方向，不表示好坏；“—”为没有可比数据，“数据不全”“口径变化”的不比较。走势在口径变化处断开。其余指标见“主要指标”。".to_owned());
    table
}
