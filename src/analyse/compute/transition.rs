//! Transitions: where rows that stand in this period and the one before have moved to.

use std::sync::Arc;

use anyhow::Context;

use crate::model::{Contribution, Period};

use super::{Ask, Classes, Side, Sides, Tally, Work, matched_due};
use crate::analyse::ask::Total;
use crate::analyse::side::Origin;

/// The rows of the period before from which the rows of this one have moved.
pub(super) struct MovedFrom {
    form: String,
    period: Period,
    fields: Arc<[String]>,
    /// By row of this period.
    rows: Vec<Option<u32>>,
}

impl MovedFrom {
    /// The earlier halves of the rows of a contribution.
    pub(super) fn contribution(&self, later: &Contribution) -> Contribution {
        let row = |&row: &u32| self.rows.get(row as usize).copied().flatten();
        let mut rows: Vec<u32> = later.rows.iter().filter_map(row).collect();
        rows.sort_unstable();
        Contribution {
            source: self.form.clone(),
            period: Some(self.period.clone()),
            fields: self.fields.clone(),
            rows,
            unlisted: later.unlisted,
        }
    }
}

impl Work<'_, '_> {
    /// One class a pair of codes; the base of each is all rows that come from its first code.
    /// `matched`: the first code is that of the matched row of the period before.
    pub(super) fn transition(
        &self,
        rows: &Ask,
        matched: bool,
    ) -> anyhow::Result<(Sides, Option<MovedFrom>)> {
        let codes = &self.layout.class_codes;
        let tallies = self.tallies(rows, Classes::Pairs(codes));
        if !matched {
            return Ok((self.both(tallies, || rows.columns.iter().copied(), &self.covered), None));
        }
        let field = self.indicator.computation.of().context("缺少 of")?;
        let keys: Vec<&str> = self.form.primary_key.iter().map(String::as_str).collect();
        let columns = || keys.iter().copied().chain(rows.columns.iter().copied());
        let facts = &self.plan.validated.facts;
        let before = matched_due(self.plan, self.indicator, self.due)
            .filter(|before| facts.table(&self.form.id, &before.period).is_some());
        let Some(before) = before else {
            let covered = vec![false; self.slots.len()];
            return Ok((self.both(tallies, columns, &covered), None));
        };
        let fields: Arc<[String]> =
            keys.iter().copied().chain([field]).map(str::to_owned).collect();
        let source = self.sources.get(&self.form.id);
        let found = source.and_then(|s| s.matched(&self.indicator.id, &self.due.period));
        let earlier = MovedFrom {
            form: self.form.id.clone(),
            period: before.period.clone(),
            fields,
            rows: found.map(<[_]>::to_vec).unwrap_or_default(),
        };
        Ok((self.both(tallies, columns, &self.covered), Some(earlier)))
    }

    fn both<'c, I: Iterator<Item = &'c str>>(
        &self,
        tallies: Vec<Tally>,
        columns: impl Fn() -> I,
        covered: &[bool],
    ) -> Sides {
        let codes = self.layout.class_codes.len().max(1);
        let base: Vec<Tally> = tallies
            .chunks(codes)
            .flat_map(|from| vec![Tally::together(from); from.len()])
            .collect();
        let side = |tallies| {
            let origin = Origin::of_form(self.form, &self.due.period, self.layout, columns());
            Side::of_tallies(origin, tallies, &[Total::Rows], None, covered)
        };
        (side(tallies), Some(side(base)))
    }
}
