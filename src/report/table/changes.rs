//! 变化说明: what changed since the period before, and which units drive it or hold it back.

use super::{Align, Cell, List, Medium, Table};
use crate::model::Rational;
use crate::report::contribution::{Decomposition, decompose};
use crate::report::index::Index;
use crate::report::{selection, text};

/// Units named in each direction.
const NAMED: usize = 3;

/// Key indicators that changed.
pub(in crate::report) fn moved<'a>(index: &Index<'a>) -> Vec<Decomposition<'a>> {
    let key = selection::key(index.inputs.definition).into_iter();
    key.filter_map(|i| decompose(index, i)).filter(|d| !d.is_still()).collect()
}

pub(in crate::report) fn all<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    changes: &[Decomposition<'a>],
) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = List::<&Decomposition<'a>>::new(medium);
    list.center("专题", |d| Cell::words(text::programme_label(definition, d.indicator))).sheet(6.0);
    list.column(Align::Name, "指标", |d| Cell::words(d.indicator.full_title())).sheet(24.0);
    list.number("上期", |d| Cell::number(d.then, &d.county.measure)).sheet(10.0);
    list.number("本期", |d| Cell::value(d.county)).sheet(10.0);
    list.number("增减", |d| {
        let against = text::previous_period(d.county);
        Cell::change(d.indicator, d.county, (&against, d.county.previous.as_ref()))
            .difference_of(1, 2)
    })
    .sheet(15.0);
    list.left("主要拉高", |d| Cell::words(leaders(d, true))).sheet(44.0);
    list.left("主要拉低", |d| Cell::words(leaders(d, false))).sheet(44.0);
    let mut table = list.table("比上期的变化和拉高、拉低的单位", changes);
    table.empty = "本期没有可与上期比较且有变化的主要指标。";
    table.notes = notes(index);
    table
}

/// The largest contributions in one direction, by size.
fn leaders(change: &Decomposition, up: bool) -> String {
    let zero = Rational::ZERO;
    let mut units: Vec<_> =
        change.units.iter().filter(|(_, c)| if up { *c > zero } else { *c < zero }).collect();
    // Stable: equals stay in register order.
    units.sort_by(|(_, a), (_, b)| if up { b.cmp(a) } else { a.cmp(b) });
    let named: Vec<String> = units
        .iter()
        .take(NAMED)
        .map(|(unit, c)| {
            let sign = if up { "+" } else { "" };
            format!("{} {sign}{}", unit.name, c.round(change.places))
        })
        .collect();
    match units.len() {
        0 => text::NONE.to_owned(),
        n if n > NAMED => format!("{} 等 {n} 个单位", named.join("、")),
        _ => named.join("、"),
    }
}

fn notes(index: &Index) -> Vec<String> {
    let mut still = Vec::new();
    let mut without = Vec::new();
    for indicator in selection::key(index.inputs.definition) {
        match decompose(index, indicator) {
            Some(change) if change.is_still() => still.push(indicator.full_title()),
            Some(_) => {}
            None => without.push(indicator.full_title()),
        }
    }
    let mut lines = vec![
        "注：贡献的单位与增减相同（占比为百分点）。个数、总数的贡献为该单位的增减；比率、平均数的贡献＝〔分子增减－上期县率×分母增减〕÷本期县分母，各单位之和正好等于县的变化。拉高指使县的数变大，拉低指使它变小。全部单位见“变化分解”。".to_owned(),
    ];
    if !still.is_empty() {
        lines.push(format!("与上期相同：{}。", still.join("、")));
    }
    if !without.is_empty() {
        lines.push(format!("没有可比的上期，或不能按单位分解：{}。", without.join("、")));
    }
    lines
}
