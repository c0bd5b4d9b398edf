//! 红黑榜: the first and the last of each group by each ranked key indicator, in words.

use super::{Align, Cell, Link, List, Medium, Table, Target, Tone};
use crate::definition::{Better, Indicator};
use crate::model::{Decimal, Figure};
use crate::report::index::Index;
use crate::report::{selection, text};

struct Entry<'a> {
    indicator: &'a Indicator,
    group: &'a str,
    first: Vec<&'a Figure>,
    last: Vec<&'a Figure>,
}

pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let definition = index.inputs.definition;
    let places = definition.settings.report.board_places.max(1);
    let mut list = List::<Entry<'a>>::new(medium);
    list.center("专题", |e| Cell::words(text::programme_label(definition, e.indicator))).sheet(6.0);
    list.column(Align::Name, "指标", |e| Cell::words(e.indicator.full_title())).sheet(22.0).page();
    list.center("组别", |e| Cell::words(e.group)).sheet(9.5).page();
    list.number("组内中位数", |e| match index.median(&e.indicator.id, e.group) {
        Some(median) => Cell::number(median, e.indicator.measure()),
        None => Cell::none(),
    })
    .sheet(11.0)
    .page();
    list.left(&format!("红榜（前 {places} 名）"), |e| {
        named(e.indicator, &e.first, Tone::First)
    })
    .sheet(32.0)
    .page();
    list.left(&format!("黑榜（后 {places} 名）"), |e| {
        named(e.indicator, &e.last, Tone::Last)
    })
    .sheet(32.0)
    .page();
    let entries = selection::ranked_key(index).into_iter().flat_map(|i| entries(index, i, places));
    let mut table = list.table("红黑榜", entries);
    table.empty = "本期没有可列的指标。";
    table.notes.push(format!("注：在组内比较。好于本单位的不足 {places} 个，列红榜；差于本单位的不足 {places} 个，列黑榜；同数的一并列出；两者都是的不列，同数的超过半数的不列。未达到目标的不列红榜，达到目标或已是100%的不列黑榜；两榜都没有单位的指标不列。△为小基数；同数的分子、分母见“排名明细”。没有目标的指标，列榜只说明名次。"));
    table
}

fn entries<'a>(index: &Index<'a>, indicator: &'a Indicator, places: usize) -> Vec<Entry<'a>> {
    let figures = selection::by_place(index, indicator);
    let ranked: Vec<&Figure> = figures.into_iter().filter(|f| f.place.is_some()).collect();
    let groups = ranked.chunk_by(|a, b| a.group == b.group);
    // One unit is not first among others.
    let several = groups.filter(|group| group.len() > 1);
    several
        .map(|units| {
            let [mut first, mut last] = ends(units, places);
            first.retain(|figure| indicator.meets_target(figure) != Some(false));
            last.retain(|figure| !is_beyond_reproach(indicator, figure));
            Entry { indicator, group: &units[0].group, first, last }
        })
        .filter(|entry| !entry.first.is_empty() || !entry.last.is_empty())
        .collect()
}

/// Nobody is blamed who has met the target, or all that there is.
fn is_beyond_reproach(indicator: &Indicator, figure: &Figure) -> bool {
    let whole = Decimal::integer(100).to_rational();
    let all = indicator.measure() == "%" && indicator.better == Better::Higher;
    let value = figure.value.map(Decimal::to_rational);
    indicator.meets_target(figure) == Some(true) || (all && value.is_some_and(|v| v >= whole))
}

/// The first and the last of units in the order of their places, as far as they can be told apart.
fn ends<'f>(ranked: &[&'f Figure], places: usize) -> [Vec<&'f Figure>; 2] {
    let place = |f: &Figure| f.place.as_ref().map_or(0, |p| p.place);
    let better = |f: &Figure| ranked.partition_point(|o| place(o) < place(f));
    let worse = |f: &Figure| ranked.len() - ranked.partition_point(|o| place(o) <= place(f));
    let (first, last) = (|f: &Figure| better(f) < places, |f: &Figure| worse(f) < places);
    let chosen = |keep: &dyn Fn(&Figure) -> bool| {
        ranked.iter().copied().filter(|f| keep(f)).collect::<Vec<_>>()
    };
    // Most of a group are neither first nor last of it.
    let telling = |units: Vec<&'f Figure>| {
        if 2 * units.len() > ranked.len() { Vec::new() } else { units }
    };
    [chosen(&|f| first(f) && !last(f)), chosen(&|f| last(f) && !first(f))].map(telling)
}

/// `辽阳镇 95.0%（19/20）（已达到）`; units of one place together: `辽阳镇、麻田镇 2 个单位 100.0%`.
fn named<'a>(indicator: &Indicator, units: &[&'a Figure], tone: Tone) -> Cell<'a> {
    if units.is_empty() {
        return Cell::none();
    }
    let place = |f: &Figure| f.place.as_ref().map(|p| p.place);
    let alike = units.chunk_by(|a, b| place(a) == place(b));
    Cell::pieces(alike.map(|same| of_place(indicator, same)).collect()).toned(tone)
}

fn of_place<'a>(indicator: &Indicator, same: &[&'a Figure]) -> Vec<Link<'a>> {
    let Some(&first) = same.first() else { return Vec::new() };
    let name = |f: &&Figure| format!("{}{}", f.unit, if f.has_small_base() { "△" } else { "" });
    let names = same.iter().map(name).collect::<Vec<_>>().join("、");
    let (count, base) = match same {
        [only] => (String::new(), text::fraction(only)),
        many => (format!("{} 个单位 ", many.len()), String::new()),
    };
    let bracketed = |words: &str| match words {
        "" => String::new(),
        words => format!("（{words}）"),
    };
    vec![
        Link::plain(format!("{names} {count}")),
        Link::new(text::value(first), Target::Figure(&first.id)),
        Link::plain(format!("{}{}", bracketed(&base), bracketed(text::met(indicator, first)))),
    ]
}
