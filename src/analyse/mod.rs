//! Analyse: indicators → figures, with comparisons, series, rankings, completeness, lineage.
//!
//! Rows are evaluated once a form and period; everything after that is integers: counts and
//! sums in one pass for all breakdowns, one exact division a figure, rounded once.

mod composite;
mod compute;
mod counted;
mod derive;
mod diagnose;
mod figures;
mod history;
mod layout;
mod plan;
mod ranking;
mod side;
mod source;
mod standing;
mod table;
mod tally;
mod timeline;

use std::collections::BTreeSet;

use rayon::prelude::*;

use crate::definition::{Definition, Denominator};
use crate::model::{Figure, Period, Validated};

pub use diagnose::{count_problems, diagnose};

use compute::Sources;
use counted::Excluded;
use plan::Plan;
use source::Source;
use table::Tables;

/// All figures of the report of one hand-in folder, in definition order.
pub fn analyse(
    definition: &Definition,
    validated: &Validated,
    folder: &Period,
) -> anyhow::Result<Vec<Figure>> {
    let plan = Plan::new(definition, validated, folder)?;
    let sources = evaluated(&plan)?;
    let tables = computed(&plan, &sources)?;
    let numbers: Vec<usize> = (0..plan.items.len()).collect();
    let by_item: Vec<Vec<Figure>> =
        numbers.par_iter().map(|&number| figures::figures(&plan, &tables, number)).collect();
    let all: Vec<Figure> = by_item.into_iter().flatten().collect();
    figures::refuse_equal_ids(&all)?;
    Ok(all)
}

/// The rows of every form and register, for each period that an indicator needs.
fn evaluated(plan: &Plan) -> anyhow::Result<Sources> {
    let wanted = plan.wanted();
    let needed: Vec<(String, Period)> = needed_sources(plan).into_iter().collect();
    let sources: Vec<Option<Source>> = needed
        .par_iter()
        .map(|(name, period)| {
            let Some(wanted) = wanted.get(name) else { return Ok(None) };
            if let Some(register) = name.strip_prefix("register:") {
                let register = plan.definition.registers.get(register);
                return register
                    .map(|r| Source::of_register(r, period, wanted, plan.definition))
                    .transpose();
            }
            let Some(form) = plan.definition.form(name) else { return Ok(None) };
            Source::of_form(form, period, wanted, plan.definition, plan.validated)
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(needed.into_iter().zip(sources).filter_map(|(key, s)| Some((key, s?))).collect())
}

fn needed_sources(plan: &Plan) -> BTreeSet<(String, Period)> {
    let mut needed = BTreeSet::new();
    for item in plan.items.iter().filter(|item| item.derivation.is_none()) {
        let Some(clock) = plan.clock(item) else { continue };
        for due in item.needed.iter().filter_map(|period| clock.at(period)) {
            needed.insert((item.indicator.form.clone(), due.period.clone()));
            if item.indicator.compares_rows() {
                let before = clock.previous(&due.period);
                needed.extend(before.map(|before| (item.indicator.form.clone(), before)));
            }
            let Some(Denominator::Other(other)) = &item.indicator.denominator else { continue };
            if let Some(form) = &other.form {
                let its = plan.timeline(form).and_then(|clock| clock.latest_by(&due.folder));
                needed.extend(its.map(|its| (form.clone(), its.period.clone())));
            }
            if let Some(register) = &other.register {
                needed.insert((format!("register:{register}"), due.period.clone()));
            }
        }
    }
    needed
}

/// Every indicator in every period that it is needed for; derived ones last, in order.
fn computed<'p>(plan: &'p Plan<'p>, sources: &Sources) -> anyhow::Result<Tables<'p>> {
    let work: Vec<(usize, &Period)> = plan
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.derivation.is_none())
        .flat_map(|(number, item)| item.needed.iter().map(move |period| (number, period)))
        .collect();
    let mut tables: Tables = work
        .par_iter()
        .filter_map(|&(number, period)| {
            let item = &plan.items[number];
            let due = plan.clock(item)?.at(period)?;
            let table = compute::compute(plan, sources, item, due, &Excluded::default());
            Some(table.map(|table| ((number, period.clone()), table)))
        })
        .collect::<anyhow::Result<_>>()?;
    for &number in &plan.order {
        let item = &plan.items[number];
        let Some(clock) = plan.clock(item).filter(|_| item.derivation.is_some()) else { continue };
        for due in item.needed.iter().filter_map(|period| clock.at(period)) {
            let table = derive::derive(plan, sources, &tables, item, due, &Excluded::default())?;
            tables.insert((number, due.period.clone()), table);
        }
    }
    Ok(tables)
}
