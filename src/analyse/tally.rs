//! Counting and summing: one pass over the rows, all breakdowns at once, integers only.

use std::collections::BTreeSet;

use anyhow::bail;

use crate::model::{Column, ColumnType, Decimal};

use super::counted::Excluded;
use super::layout::{Breakdown, Layout};
use super::source::Source;

/// What one slot (and class) has received.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    /// Rows considered.
    base: u64,
    /// Rows that are true, or have a number.
    used: u64,
    sum: i128,
    /// Numbers of the used rows, for figures that are published.
    pub(super) rows: Vec<u32>,
    /// Trimmed means only.
    values: Vec<(i128, u32)>,
}

impl Tally {
    pub(super) fn count(&self) -> Decimal {
        Decimal::new(i128::from(self.used), 0)
    }

    /// Rows without any number have no sum; no rows at all sum to zero.
    pub(super) fn sum(&self, places: u8) -> Option<Decimal> {
        (self.used > 0 || self.base == 0).then(|| Decimal::new(self.sum, places))
    }

    /// All classes of a slot: the base of a distribution.
    pub(super) fn together(classes: &[Self]) -> Self {
        let mut all = Self::default();
        for tally in classes {
            all.base += tally.base;
            all.used += tally.used;
            all.rows.extend_from_slice(&tally.rows);
        }
        all.rows.sort_unstable();
        all
    }

    /// Drops the `trim` lowest and highest; nothing is left when there are not enough.
    /// Among equal values the first row counts as the lower.
    pub(super) fn trim(mut self, trim: usize) -> Self {
        self.values.sort_unstable();
        let kept = self.values.len().saturating_sub(trim.saturating_mul(2));
        let mut kept: Vec<(i128, u32)> = self.values.drain(..).skip(trim).take(kept).collect();
        kept.sort_unstable_by_key(|&(_, row)| row);
        Self {
            base: self.base,
            used: kept.len() as u64,
            sum: kept.iter().map(|&(value, _)| value).sum(),
            rows: kept.into_iter().map(|(_, row)| row).collect(),
            values: Vec::new(),
        }
    }
}

/// What is added up.
#[derive(Debug, Clone, Copy)]
pub(super) enum Values<'a> {
    /// Every row counts.
    Rows,
    /// True rows count.
    Truth(&'a Column),
    /// Yes is one and no is zero, as numbers: for means.
    TruthAsNumber(&'a Column),
    Numbers(&'a Column),
}

impl<'a> Values<'a> {
    /// The values of an expression, and the decimal places of its numbers (`None`: a count).
    pub(super) fn of(column: &'a Column) -> anyhow::Result<(Self, Option<u8>)> {
        Ok(match column.kind() {
            ColumnType::Boolean => (Self::Truth(column), None),
            ColumnType::Integer => (Self::Numbers(column), Some(0)),
            ColumnType::Decimal(places) => (Self::Numbers(column), Some(places)),
            ColumnType::Date | ColumnType::Text => bail!("应得到是/否或数,得到的是日期或文字"),
        })
    }

    /// The same, with yes and no as numbers.
    pub(super) fn as_numbers(column: &'a Column) -> anyhow::Result<(Self, u8)> {
        Ok(match Self::of(column)? {
            (Self::Truth(values), _) => (Self::TruthAsNumber(values), 0),
            (values, places) => (values, places.unwrap_or(0)),
        })
    }

    fn at(self, row: usize) -> Option<i128> {
        match self {
            Self::Rows => Some(1),
            Self::Truth(values) => values.truth(row).filter(|&is| is).map(|_| 1),
            Self::TruthAsNumber(values) => values.truth(row).map(i128::from),
            Self::Numbers(values) => values.integer(row).map(i128::from),
        }
    }
}

/// The slots of each row: the county, and at most one of each breakdown.
#[derive(Debug)]
pub(super) struct RowSlots {
    /// Slots a row.
    width: usize,
    /// Row after row; `NONE` where a row has no place.
    slots: Vec<u32>,
    /// Can the source be attributed to the slot at all?
    pub(super) known: Vec<bool>,
}

const NONE: u32 = u32::MAX;

impl RowSlots {
    /// `units`: the listed units, in slot order, of a register of `all_units` units. Rows of
    /// units that are not counted, and those left out, have no place.
    pub(super) fn new(
        layout: &Layout,
        source: &Source,
        units: &[usize],
        all_units: usize,
        excluded: &Excluded,
        left_out: &BTreeSet<usize>,
    ) -> Self {
        let mut unit_places = vec![None; all_units];
        for (place, &unit) in (0u32..).zip(units) {
            unit_places[unit] = Some(place);
        }
        let place_of = |row: usize| -> Option<u32> {
            let unit = (*source.units.as_ref()?.get(row)?)?;
            unit_places.get(unit as usize).copied().flatten()
        };
        let codes: Vec<Option<Vec<Option<u32>>>> =
            layout.dimensions.iter().map(|d| source.code_positions(&d.field, &d.codes)).collect();
        let code_of = |row: usize, d: usize| codes[d].as_ref().and_then(|c| c[row]);
        let size = |d: usize| layout.dimensions[d].codes.len() as u32;

        let unit_of = |row: usize| Some((*source.units.as_ref()?.get(row)?)? as usize);
        let counted = |row: usize, dimension: Option<usize>| {
            let unit = unit_of(row);
            let out = unit.is_some_and(|unit| match dimension {
                None => excluded.unit(unit),
                Some(d) => excluded.unit_in(unit, &layout.dimensions[d].field),
            });
            !out && !left_out.contains(&row)
        };
        // Rows of nobody's cannot leave with a unit that is not counted.
        let attributed = source.units.is_some() || excluded.is_nobody();

        let width = 1 + layout.breakdowns.len();
        let mut slots = vec![NONE; source.len * width];
        let mut known = vec![attributed];
        for row in 0..source.len {
            if counted(row, None) {
                slots[row * width] = 0;
            }
        }
        for (at, &breakdown) in layout.breakdowns.iter().enumerate() {
            let first = known.len() as u32;
            let (count, is_known, dimension) = match breakdown {
                Breakdown::Unit => (units.len(), source.units.is_some(), None),
                Breakdown::Field(d) => {
                    (size(d) as usize, codes[d].is_some() && attributed, Some(d))
                }
                Breakdown::Cross(d) => {
                    let is_known = source.units.is_some() && codes[d].is_some();
                    (units.len() * size(d) as usize, is_known, Some(d))
                }
            };
            known.resize(known.len() + count, is_known);
            for row in (0..source.len).filter(|&row| counted(row, dimension)) {
                let slot = match breakdown {
                    Breakdown::Unit => place_of(row),
                    Breakdown::Field(d) => code_of(row, d),
                    Breakdown::Cross(d) => place_of(row)
                        .zip(code_of(row, d))
                        .map(|(place, code)| place * size(d) + code),
                };
                slots[row * width + 1 + at] = slot.map_or(NONE, |slot| first + slot);
            }
        }
        Self { width, slots, known }
    }
}

/// How rows are added up.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pass<'a> {
    pub(super) source: &'a Source,
    pub(super) slots: &'a RowSlots,
    /// Rows considered: those for which it is true.
    pub(super) filter: Option<&'a Column>,
    pub(super) values: Values<'a>,
    /// Remember the used rows.
    pub(super) keep_rows: bool,
    /// Remember the values.
    pub(super) keep_values: bool,
}

impl Pass<'_> {
    /// One tally a slot.
    pub(super) fn run(&self) -> Vec<Tally> {
        self.run_by_class(None, 1)
    }

    /// One tally a slot and class: `slot * count + class`. Rows without class are left out.
    pub(super) fn run_by_class(&self, classes: Option<&[Option<u32>]>, count: usize) -> Vec<Tally> {
        let mut tallies = vec![Tally::default(); self.slots.known.len() * count];
        for row in 0..self.source.len {
            if self.filter.is_some_and(|filter| filter.truth(row) != Some(true)) {
                continue;
            }
            let class = match classes {
                None => 0,
                Some(classes) => match classes[row] {
                    Some(class) => class as usize,
                    None => continue,
                },
            };
            let value = self.values.at(row);
            let number = self.source.row_number(row);
            let width = self.slots.width;
            for &slot in &self.slots.slots[row * width..(row + 1) * width] {
                if slot == NONE {
                    continue;
                }
                let tally = &mut tallies[slot as usize * count + class];
                tally.base += 1;
                let Some(value) = value else { continue };
                tally.used += 1;
                tally.sum += value;
                if self.keep_rows {
                    tally.rows.push(number);
                }
                if self.keep_values {
                    tally.values.push((value, number));
                }
            }
        }
        tallies
    }
}
