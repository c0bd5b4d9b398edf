//! 排名明细: the units of ranked indicators, inside groups, by place.

use super::{Cell, List, Medium, Table};
use crate::definition::Indicator;
use crate::model::{Figure, GroupPlace};
use crate::report::index::Index;
use crate::report::{selection, text};

type Entry<'a> = (&'a Indicator, &'a Figure);

/// All ranked indicators; units without a place stand last, with the reason.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let units = |i: &'a Indicator| selection::by_place(index, i).into_iter().map(move |f| (i, f));
    let mut table = list(medium).table("组内排名明细", selection::ranked(index).flat_map(units));
    table.lead.push("本表供查阅、筛选，不随报告打印，打印用“排名”。在组内按未舍入的数排名，同数同名次，其后名次顺延（1、2、2、4）；小基数为分母低于规定值，名次仅供参考。".to_owned());
    table.empty = "本期没有排名的指标。";
    table
}

/// One indicator's ranked units, but for who is alone in its group; `None` if there are none.
pub(in crate::report) fn of_indicator<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    indicator: &'a Indicator,
) -> Option<Table<'a>> {
    let is_ranked = |figure: &&Figure| figure.place.as_ref().is_some_and(|place| place.of > 1);
    let ranked: Vec<&Figure> =
        selection::by_place(index, indicator).into_iter().filter(is_ranked).collect();
    let period = text::period(index.inputs.definition, &ranked.first()?.period);
    let title = format!("{}（{period}）", indicator.full_title());
    Some(list(medium).table(title, ranked.into_iter().map(|figure| (indicator, figure))))
}

/// How places are given.
pub(in crate::report) const NOTE: &str =
    "注：在组内按未舍入的数排名，同数同名次，其后名次顺延（1、2、2、4）；组内只有一个单位的不排。";

fn list<'a>(medium: Medium) -> List<'a, Entry<'a>> {
    let mut list = List::<Entry<'a>>::new(medium);
    list.left("指标", |(indicator, _)| Cell::words(&indicator.title)).sheet(20.0);
    list.left("口径（分母）", |(indicator, _)| Cell::words(text::base(indicator))).sheet(28.0);
    list.center("组别", |(_, f)| Cell::words(&f.group)).sheet(10.0).circular(1_300);
    list.center("名次", |(_, f)| placed(f, |place| Cell::ordinal(place.place)))
        .sheet(7.0)
        .circular(700);
    list.left("单位", |(_, f)| Cell::words(&f.unit)).sheet(24.0).circular(1_900);
    list.number("分子", |(_, f)| Cell::optional(f.numerator)).sheet(8.0);
    list.number("分母", |(_, f)| Cell::optional(f.denominator)).sheet(8.0);
    list.number("值", |(i, f)| Cell::value(f).ratio_of(2, 1, i.scale()))
        .sheet(10.0)
        .circular(1_300);
    list.center("分子/分母", |(_, f)| match text::fraction(f).as_str() {
        "" => Cell::none(),
        fraction => Cell::words(fraction.to_owned()),
    })
    .circular(1_544);
    list.center("上期名次", |(_, f)| placed(f, previous)).sheet(9.0).circular(1_000);
    list.center("名次变化", |(_, f)| placed(f, |place| Cell::words(text::movement(place))))
        .sheet(9.0);
    list.left("备注", |(_, f)| Cell::words(remarks(f))).sheet(18.0).circular(1_100);
    list
}

fn placed<'a>(figure: &'a Figure, cell: impl Fn(&GroupPlace) -> Cell<'a>) -> Cell<'a> {
    figure.place.as_ref().map_or_else(Cell::none, cell)
}

fn previous<'a>(place: &GroupPlace) -> Cell<'a> {
    place.previous.map_or_else(Cell::none, Cell::ordinal)
}

fn remarks(figure: &Figure) -> String {
    let mut remarks = Vec::new();
    match &figure.place {
        Some(place) => {
            remarks.extend(place.tied.then(|| "并列".to_owned()));
            remarks.extend(place.small_base.then(|| "小基数".to_owned()));
        }
        None => remarks.push(format!("不排名：{}", text::why_empty(figure))),
    }
    if figure.open_queries > 0 {
        remarks.push(format!("待核实 {} 项", figure.open_queries));
    }
    remarks.join("，")
}
