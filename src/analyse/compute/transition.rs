//! Transitions: where rows that stand in this period and the one before have moved to.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::Context;

use crate::definition::{Form, Indicator};
use crate::model::{Column, Contribution, Period, Value};

use super::{Due, Plan, Rows, Side, Sides, Source, Tally, Values, Work};
use crate::analyse::side::Origin;

/// The rows of the period before from which the rows of this one have moved.
pub(super) struct Earlier {
    form: String,
    period: Period,
    fields: Arc<[String]>,
    /// By row of this period.
    rows: Vec<Option<u32>>,
}

impl Earlier {
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
        }
    }
}

/// The period from which the rows of an indicator have moved. When the 口径 has changed since,
/// codes do not mean the same, and nothing moves.
pub(super) fn matched_due<'p>(plan: &'p Plan, indicator: &Indicator, due: &Due) -> Option<&'p Due> {
    earlier_due(plan, indicator, due).filter(|then| !is_broken(indicator, then, due))
}

fn earlier_due<'p>(plan: &'p Plan, indicator: &Indicator, due: &Due) -> Option<&'p Due> {
    let clock = plan.timeline(&indicator.form).filter(|_| indicator.compares_rows())?;
    clock.at(&clock.previous(&due.period)?)
}

fn is_broken(indicator: &Indicator, then: &Due, now: &Due) -> bool {
    indicator.breaks.iter().any(|b| then.period < *b && *b <= now.period)
}

impl<'p> Work<'p, '_> {
    /// One class a pair of codes; the base of each is all rows that come from its first code.
    pub(super) fn transition(&self, rows: &Rows) -> anyhow::Result<(Sides, Option<Earlier>)> {
        let field = self.indicator.of.as_deref().context("缺少 of")?;
        let codes = &self.layout.class_codes;
        let pairs = codes.len() * codes.len();
        let nothing = || vec![Tally::default(); self.slots.len() * pairs];
        if let Some(from_field) = self.indicator.from_field.as_deref() {
            let tallies = match rows.source {
                None => nothing(),
                Some(source) => {
                    let from = positions(source, from_field, codes)?;
                    self.moves(source, rows, field, &from)?
                }
            };
            let columns = || [field, from_field].into_iter().chain(rows.columns(None));
            return Ok((self.both(tallies, columns, &self.covered), None));
        }
        let keys: Vec<&str> = self.form.primary_key.iter().map(String::as_str).collect();
        let columns = || keys.iter().copied().chain([field]).chain(rows.columns(None));
        let before = matched_due(self.plan, self.indicator, self.due);
        let earlier = before.and_then(|before| {
            let source = self.sources.get(&(self.form.id.clone(), before.period.clone()))?;
            Some((before, source))
        });
        let Some((before, earlier)) = earlier else {
            let covered = vec![false; self.slots.len()];
            return Ok((self.both(nothing(), columns, &covered), None));
        };
        let (tallies, matched) = match rows.source {
            None => (nothing(), Vec::new()),
            Some(source) => {
                let matched = matched(source, earlier, self.form)
                    .with_context(|| format!("{}({})", self.form.title, before.period))?;
                let then = positions(earlier, field, codes)?;
                let from: Vec<Option<u32>> =
                    matched.iter().map(|row| then.get((*row)? as usize).copied()?).collect();
                (self.moves(source, rows, field, &from)?, matched)
            }
        };
        let sides = self.both(tallies, columns, &self.covered);
        let fields: Arc<[String]> =
            keys.iter().copied().chain([field]).map(str::to_owned).collect();
        let earlier = Earlier {
            form: self.form.id.clone(),
            period: before.period.clone(),
            fields,
            rows: matched,
        };
        Ok((sides, Some(earlier)))
    }

    pub(super) fn is_broken(&self) -> bool {
        let before = earlier_due(self.plan, self.indicator, self.due);
        before.is_some_and(|then| is_broken(self.indicator, then, self.due))
    }

    /// One tally a slot and pair of codes. Rows that lack either code are in no pair.
    fn moves(
        &self,
        source: &Source,
        rows: &Rows,
        field: &str,
        from: &[Option<u32>],
    ) -> anyhow::Result<Vec<Tally>> {
        let codes = &self.layout.class_codes;
        let to = positions(source, field, codes)?;
        let pair = |(from, to): (&Option<u32>, Option<u32>)| -> Option<u32> {
            Some((*from)? * codes.len() as u32 + to?)
        };
        let classes: Vec<Option<u32>> = from.iter().zip(to).map(pair).collect();
        let slots = self.row_slots(source, rows.own);
        let pass = self.pass(source, &slots, rows, Values::Rows)?;
        Ok(pass.run_by_class(Some(&classes), codes.len() * codes.len()))
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
            Side::of_tallies(origin, tallies, None, None, covered)
        };
        (side(tallies), Some(side(base)))
    }
}

fn positions(source: &Source, field: &str, codes: &[String]) -> anyhow::Result<Vec<Option<u32>>> {
    source.code_positions(field, codes).with_context(|| format!("没有代码字段 {field}"))
}

/// For each row, the row of the period before that has the same key: its own unit's, or else the
/// only one, of a unit that handed it over. What several other units had is none of them: a key of
/// the county in two returns is named by G-07, and a mere number of a line says nothing of others.
fn matched(source: &Source, earlier: &Source, form: &Form) -> anyhow::Result<Vec<Option<u32>>> {
    let mut by_key: BTreeMap<Vec<String>, Vec<u32>> = BTreeMap::new();
    for (row, key) in (0u32..).zip(keys(earlier, form)?) {
        if let Some(key) = key {
            by_key.entry(key).or_default().push(row);
        }
    }
    let unit = |source: &Source, row: usize| source.units.as_ref()?.get(row).copied()?;
    let find = |(row, key): (usize, Option<Vec<String>>)| {
        let then = by_key.get(&key?)?;
        let own = |at: &&u32| unit(earlier, **at as usize) == unit(source, row);
        let only = || if let [only] = then.as_slice() { Some(only) } else { None };
        then.iter().find(own).or_else(only).copied()
    };
    Ok(keys(source, form)?.into_iter().enumerate().map(find).collect())
}

/// The key of each row; `None` when part of it is blank.
fn keys(source: &Source, form: &Form) -> anyhow::Result<Vec<Option<Vec<String>>>> {
    let columns: Vec<&Column> = form
        .primary_key
        .iter()
        .map(|name| source.column(name).with_context(|| format!("没有主键列 {name}")))
        .collect::<anyhow::Result<_>>()?;
    let part = |column: &&Column, row: usize| {
        let value = column.get(row);
        (value != Value::Missing).then(|| value.to_string())
    };
    let key = |row| columns.iter().map(|column| part(column, row)).collect();
    Ok((0..source.len).map(key).collect())
}
