//! The merged regions of a sheet, found by cell and by row without looking at all of them: a file
//! may have tens of thousands.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::bounds;
use crate::model::CellRef;

/// A merged region, both corners inclusive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Region {
    pub first_row: u32,
    pub first_column: u16,
    pub last_row: u32,
    pub last_column: u16,
}

impl Region {
    pub(super) fn contains(&self, row: u32, column: u16) -> bool {
        (self.first_row..=self.last_row).contains(&row)
            && (self.first_column..=self.last_column).contains(&column)
    }
}

/// Regions that do not overlap, in reading order of their first cells.
///
/// A segment tree over the rows at which regions begin or end: each node lists, by column, regions
/// that cover all of its rows. On the way from a row to the root stand all regions of that row.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Region>", into = "Vec<Region>")]
pub(super) struct Merged {
    regions: Vec<Region>,
    /// Rows at which something begins, or ended just above.
    borders: Vec<u32>,
    /// The regions of all nodes, one node after the other.
    listed: Vec<u32>,
    /// Where those of each node begin, and the last ones end.
    begin: Vec<usize>,
}

impl Merged {
    /// Arranges the regions; gives the first cells of those that overlap another and are left out.
    pub(super) fn new(mut regions: Vec<Region>) -> (Self, Vec<CellRef>) {
        for region in &mut regions {
            region.last_row = region.last_row.min(bounds::ROWS);
        }
        regions.retain(|r| r.first_row <= r.last_row && r.first_column <= r.last_column);
        regions.sort_unstable();
        regions.dedup();
        let overlapping = take_overlapping(&mut regions);
        let ends = regions.iter().flat_map(|r| [r.first_row, r.last_row + 1]);
        let mut borders: Vec<u32> = ends.collect();
        borders.sort_unstable();
        borders.dedup();
        let leaf = |row: u32| borders.len() + borders.partition_point(|b| *b < row);
        let mut placed: Vec<(usize, u16, u32)> = Vec::with_capacity(regions.len() * 2);
        for (i, region) in (0u32..).zip(&regions) {
            let mut place = |node: usize| placed.push((node, region.first_column, i));
            let (mut from, mut to) = (leaf(region.first_row), leaf(region.last_row + 1));
            while from < to {
                if from % 2 == 1 {
                    place(from);
                    from += 1;
                }
                if to % 2 == 1 {
                    to -= 1;
                    place(to);
                }
                (from, to) = (from / 2, to / 2);
            }
        }
        placed.sort_unstable();
        let (mut begin, mut at) = (Vec::with_capacity(borders.len() * 2 + 1), 0);
        for node in 0..=borders.len() * 2 {
            at += placed[at..].iter().take_while(|placed| placed.0 < node).count();
            begin.push(at);
        }
        let listed = placed.into_iter().map(|(_, _, region)| region).collect();
        (Self { regions, borders, listed, begin }, overlapping)
    }

    /// The region that covers a cell.
    pub(super) fn at(&self, row: u32, column: u16) -> Option<&Region> {
        let before = |i: &u32| self.regions[*i as usize].first_column <= column;
        self.path(row).find_map(|node| {
            let last = node.partition_point(before).checked_sub(1)?;
            self.regions.get(node[last] as usize).filter(|r| r.contains(row, column))
        })
    }

    /// Regions whose first cell stands in one of the rows from `first` to before `end`.
    pub(super) fn beginning_in(&self, first: u32, end: u32) -> &[Region] {
        let from = self.regions.partition_point(|r| r.first_row < first);
        let to = self.regions.partition_point(|r| r.first_row < end).max(from);
        &self.regions[from..to]
    }

    /// Regions that cover a cell of the rows from `first` to `last`.
    pub(super) fn touching(&self, first: u32, last: u32) -> impl Iterator<Item = &Region> {
        let from_above = self.path(first).flatten().map(|&i| &self.regions[i as usize]);
        from_above.chain(self.beginning_in(first + 1, last + 1))
    }

    /// The nodes that list regions of a row.
    fn path(&self, row: u32) -> impl Iterator<Item = &[u32]> {
        let leaf = self.borders.partition_point(|b| *b <= row).checked_sub(1);
        let leaf = leaf.map(|at| at + self.borders.len());
        std::iter::successors(leaf, |&node| (node > 1).then_some(node / 2))
            .filter_map(|node| self.listed.get(*self.begin.get(node)?..*self.begin.get(node + 1)?))
    }
}

impl From<Vec<Region>> for Merged {
    fn from(regions: Vec<Region>) -> Self {
        Self::new(regions).0
    }
}

impl From<Merged> for Vec<Region> {
    fn from(merged: Merged) -> Self {
        merged.regions
    }
}

/// Takes out each region that overlaps one before it; goes down the rows with the regions that are
/// open in the row, by their first columns.
fn take_overlapping(regions: &mut Vec<Region>) -> Vec<CellRef> {
    let mut open: BTreeMap<u16, u16> = BTreeMap::new();
    let mut ends: BTreeSet<(u32, u16)> = BTreeSet::new();
    let mut overlapping = Vec::new();
    regions.retain(|region| {
        while let Some(&(last_row, column)) =
            ends.first().filter(|(row, _)| *row < region.first_row)
        {
            ends.remove(&(last_row, column));
            open.remove(&column);
        }
        let left = open.range(..=region.last_column).next_back();
        if left.is_some_and(|(_, last_column)| *last_column >= region.first_column) {
            overlapping.push(CellRef::new(region.first_row, region.first_column));
            return false;
        }
        open.insert(region.first_column, region.last_column);
        ends.insert((region.last_row, region.first_column));
        true
    });
    overlapping
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn region(rows: (u32, u32), columns: (u16, u16)) -> Region {
        Region {
            first_row: rows.0,
            first_column: columns.0,
            last_row: rows.0 + rows.1,
            last_column: columns.0 + columns.1,
        }
    }

    proptest! {
        /// What is found is what looking at every region finds.
        #[test]
        fn regions_are_found_by_cell_and_by_row(
            drawn in prop::collection::vec(((0u32..30, 0u32..12), (0u16..12, 0u16..6)), 0..40)
        ) {
            let drawn: Vec<Region> = drawn.into_iter().map(|(r, c)| region(r, c)).collect();
            let (merged, _) = Merged::new(drawn);
            let all: Vec<Region> = merged.clone().into();
            for row in 0..45 {
                for column in 0..20 {
                    let expected: Vec<&Region> =
                        all.iter().filter(|r| r.contains(row, column)).collect();
                    prop_assert!(expected.len() < 2);
                    prop_assert_eq!(merged.at(row, column), expected.first().copied());
                }
                let mut found: Vec<Region> = merged.touching(row, row + 2).copied().collect();
                found.sort_unstable();
                let touches = |r: &&Region| r.first_row <= row + 2 && r.last_row >= row;
                let expected: Vec<Region> = all.iter().filter(touches).copied().collect();
                prop_assert_eq!(found, expected);
            }
        }
    }

    #[test]
    fn of_two_that_overlap_the_later_is_left_out_and_named() {
        let regions = [((0, 3), (0, 1)), ((2, 5), (1, 1)), ((4, 1), (0, 0)), ((4, 1), (0, 0))];
        let (merged, overlapping) =
            Merged::new(regions.map(|(rows, columns)| region(rows, columns)).to_vec());
        assert_eq!(overlapping, [CellRef::new(2, 1)]);
        assert_eq!(merged.beginning_in(0, 9).len(), 2);
        assert_eq!(merged.at(7, 1), None);
    }
}
