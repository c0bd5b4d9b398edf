//! 排名: the places of the units of a group, a row an indicator, with change of place.

use super::{Align, Cell, List, Medium, Table, Target};
use crate::definition::Indicator;
use crate::model::{GroupPlace, Unit};
use crate::report::index::Index;
use crate::report::{selection, text};

/// What the places of a row mean.
const NOTE: &str = "注：在组内按未舍入的数排名，同数同名次（标“并”），其后名次顺延（1、2、2、4）；变化为比上期升降的位次，“平”为与上期相同，空的上期未排名；“△”为小基数，名次仅供参考；“—”为不排名。数值见“排名明细”。";

/// A table a group, with at most so many units side by side.
pub(in crate::report) fn tables<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    most: usize,
) -> Vec<Table<'a>> {
    let mut tables = Vec::new();
    for group in selection::groups(index) {
        let units = index.inputs.definition.units.rows_in(index.inputs.folder);
        let units: Vec<&Unit> = units.filter(|unit| unit.group == group).collect();
        // One unit alone has no places.
        if units.len() < 2 {
            continue;
        }
        let title = match group.as_str() {
            "" => "各单位名次".to_owned(),
            group => format!("{group}名次"),
        };
        tables.extend(units.chunks(most).map(|units| table(index, medium, &title, units)));
    }
    if let Some(last) = tables.last_mut() {
        last.notes.push(NOTE.to_owned());
    }
    tables
}

fn table<'a>(index: &'a Index<'a>, medium: Medium, title: &str, units: &[&'a Unit]) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = List::<&Indicator>::new(medium);
    list.center("专题", |i| Cell::words(text::programme_label(definition, i))).sheet(6.0);
    list.column(Align::Name, "指标", |i| Cell::words(i.full_title())).sheet(26.0);
    for &unit in units {
        let own = |i: &&Indicator| {
            let figure = index.of_unit(&i.id, &unit.code)?;
            Some((figure, figure.place.as_ref()?))
        };
        list.center("名次", move |i| match own(i) {
            Some((figure, place)) => Cell::ordinal(place.place).to(Target::Figure(&figure.id)),
            None => Cell::none(),
        })
        .under(&unit.name)
        .sheet_free();
        list.center("变化", move |i| {
            own(i).map_or_else(Cell::none, |(_, place)| Cell::words(change(place)))
        })
        .under(&unit.name)
        .sheet_free();
    }
    let placed = |indicator: &&Indicator| {
        let figures = units.iter().filter_map(|u| index.of_unit(&indicator.id, &u.code));
        figures.into_iter().any(|figure| figure.place.is_some())
    };
    list.table(title, selection::ranked(index).filter(placed))
}

/// `↑1 并△`
fn change(place: &GroupPlace) -> String {
    let moved = match place.previous {
        None => String::new(),
        Some(before) if before == place.place => "平".to_owned(),
        Some(_) => text::movement(place),
    };
    let tied = if place.tied { "并" } else { "" };
    let small = if place.small_base { "△" } else { "" };
    format!("{moved} {tied}{small}").trim().to_owned()
}
