//! 各单位收报情况: returns counted by state, the county first, then unit by unit.

use super::{Align, Body, Cell, List, Medium, Table, Target};
use crate::model::ReturnCounts;
use crate::report::index::Index;
use crate::report::returns::{self, Count};

/// Code of a unit (none for all together), and its returns.
struct Entry<'a> {
    unit: Option<&'a str>,
    counts: ReturnCounts,
}

pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let units = &index.inputs.definition.units;
    let group = |code: &str| units.get(code).map_or("", |unit| unit.group.as_str());
    let mut list = List::<Entry<'a>>::new(medium);
    list.serial().sheet(6.0);
    list.column(Align::Name, "单位", |entry| match entry.unit {
        Some(code) => Cell::words(units.name(code)).to(Target::Unit(code)),
        None => Cell::words("合计"),
    })
    .sheet(26.0)
    .page();
    list.center("组别", move |entry| Cell::words(entry.unit.map_or("", group))).sheet(10.0).page();
    let widths = [8.0, 8.0, 12.0, 8.0, 8.0, 12.0];
    for (at, (title, width)) in ReturnCounts::TITLES.into_iter().zip(widths).enumerate() {
        list.number(title, move |entry| count(&entry.counts, at)).sheet(width).page();
    }
    list.filtered_by(|entry| ["", entry.unit.unwrap_or_default(), ""]);
    let total = Entry { unit: None, counts: ReturnCounts::of(index.inputs.receipts()) };
    let total = Body { heading: None, rows: vec![list.total(&total)] };
    let own = returns::by_row(&index.inputs).into_iter();
    let rows = own.map(|(code, counts)| list.row(&Entry { unit: Some(code), counts })).collect();
    list.of_bodies("各单位收报情况", vec![total, Body { heading: None, rows }])
}

fn count<'a>(counts: &ReturnCounts, at: usize) -> Cell<'a> {
    match counts.columns().into_iter().nth(at) {
        Some(Count::Number(number)) => Cell::count(number),
        Some(Count::Words(words)) => Cell::words(words),
        None => Cell::default(),
    }
}
