//! Rankings of units inside their groups, on exact values, with shared places.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use crate::definition::Better;
use crate::model::{GroupPlace, Rational, Units};

use super::plan::Item;
use super::table::{BareFigure, PeriodFigures};

/// A unit's place in its group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Rank {
    pub(super) place: usize,
    pub(super) of: usize,
    pub(super) tied: bool,
}

/// Places of the units in one period, with the places that they had before.
pub(super) fn places(
    item: &Item,
    table: &PeriodFigures,
    previous: Option<&PeriodFigures>,
    units: &Units,
) -> BTreeMap<u32, GroupPlace> {
    if !item.indicator.is_ranked() {
        return BTreeMap::new();
    }
    let before = previous.map(|table| ranks(item, table, units)).unwrap_or_default();
    let partial: BTreeSet<&str> = previous
        .into_iter()
        .chain([table])
        .flat_map(|table| partial_groups(table, units))
        .collect();
    let threshold = crate::model::Decimal::integer(item.indicator.small_base.into());
    ranks(item, table, units)
        .into_iter()
        .filter_map(|(unit, rank)| {
            let group = units.all().get(unit as usize)?.group.clone();
            let compares = !partial.contains(group.as_str());
            let base = unit_cell(table, unit).and_then(|cell| cell.denominator);
            let place = GroupPlace {
                group,
                place: rank.place,
                of: rank.of,
                tied: rank.tied,
                small_base: base.is_some_and(|base| base < threshold),
                previous: before.get(&unit).filter(|_| compares).map(|rank| rank.place),
            };
            Some((unit, place))
        })
        .collect()
}

/// Groups in which the number of an expected unit is missing or partial: who has moved in them,
/// up or down, nobody knows.
fn partial_groups<'u>(table: &PeriodFigures, units: &'u Units) -> impl Iterator<Item = &'u str> {
    let all = units.all();
    let own = |cell: &&BareFigure| cell.key.category.is_none() && cell.key.class.is_none();
    let partial = table.cells.iter().filter(own).filter(|cell| table.status(cell).is_partial());
    let unit = partial.filter_map(|cell| all.get(cell.key.unit? as usize));
    unit.map(|unit| unit.group.as_str()).collect::<Vec<_>>().into_iter()
}

/// Only units with a value are ranked: nobody comes last for a missing return.
fn ranks(item: &Item, table: &PeriodFigures, units: &Units) -> BTreeMap<u32, Rank> {
    let mut groups: BTreeMap<&str, Vec<(u32, Rational)>> = BTreeMap::new();
    for cell in &table.cells {
        let (Some(unit), None, None) = (cell.key.unit, cell.key.category, cell.key.class) else {
            continue;
        };
        if let (Some(exact), Some(known)) = (cell.exact, units.all().get(unit as usize)) {
            groups.entry(known.group.as_str()).or_default().push((unit, exact));
        }
    }
    let lower_first = item.indicator.better == Better::Lower;
    groups.into_values().flat_map(|members| shared_places(&members, lower_first)).collect()
}

/// 1, 2, 2, 4: a place is one more than the number of better values.
pub(super) fn shared_places(members: &[(u32, Rational)], lower_first: bool) -> Vec<(u32, Rank)> {
    let order = |a: &Rational, b: &Rational| if lower_first { a.cmp(b) } else { b.cmp(a) };
    let mut best_first: Vec<Rational> = members.iter().map(|(_, value)| *value).collect();
    best_first.sort_by(order);
    let rank = |&(unit, value): &(u32, Rational)| {
        let ahead = best_first.partition_point(|other| order(other, &value) == Ordering::Less);
        let behind = best_first.partition_point(|other| order(other, &value) != Ordering::Greater);
        (unit, Rank { place: ahead + 1, of: members.len(), tied: behind - ahead > 1 })
    };
    members.iter().map(rank).collect()
}

fn unit_cell<'t>(table: &'t PeriodFigures, unit: u32) -> Option<&'t BareFigure> {
    table.get(super::layout::FigureKey { unit: Some(unit), category: None, class: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_share_a_place_and_the_next_one_is_left_out() {
        let members =
            [(0, Rational::new(9, 10)), (1, Rational::new(7, 8)), (2, Rational::new(14, 16))];
        let members = [members.as_slice(), &[(3, Rational::new(1, 2))]].concat();
        let places = |lower| -> Vec<(usize, bool)> {
            shared_places(&members, lower).iter().map(|(_, r)| (r.place, r.tied)).collect()
        };
        assert_eq!(places(false), [(1, false), (2, true), (2, true), (4, false)]);
        assert_eq!(places(true), [(4, false), (2, true), (2, true), (1, false)]);
    }

    #[test]
    fn values_that_only_print_alike_are_not_tied() {
        // 33.3 % both, but 1/3 is more than 333/1000.
        let members = [(0, Rational::new(333, 1000)), (1, Rational::new(1, 3))];
        let ranks = shared_places(&members, false);
        assert_eq!((ranks[0].1.place, ranks[1].1.place), (2, 1));
        assert!(!ranks[0].1.tied && !ranks[1].1.tied);
    }
}
