//! Analyse: indicators → figures, with comparisons, series, rankings, completeness, lineage.
//!
//! Rows of all periods of a form are evaluated and grouped once for all its indicators; everything
//! after that is integers: sums of groups, one exact division a figure, rounded once.

mod ask;
mod composite;
mod compute;
mod counted;
mod derive;
mod diagnose;
mod figures;
mod history;
mod layout;
mod matching;
mod plan;
mod ranking;
mod side;
mod source;
mod standing;
mod table;
mod tally;
mod timeline;

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use crate::definition::Definition;
use crate::model::{Figure, Period, RowsOf, Validated};
use crate::sql::Engine;

pub use diagnose::{count_problems, diagnose};

use ask::Questions;
use counted::Excluded;
use plan::Plan;
use source::{RowSource, Sources};
use table::AllFigures;

/// All figures of the report of one hand-in folder, in definition order; rows are added up by the
/// engine.
pub fn analyse(
    definition: &Definition,
    validated: &Validated,
    folder: &Period,
    engine: &dyn Engine,
) -> anyhow::Result<Vec<Figure>> {
    figures_of(&Plan::new(definition, validated, folder, engine)?)
}

/// The same figures, with the rows behind one indicator listed however many there are.
pub fn analyse_listing<'d>(
    definition: &'d Definition,
    validated: &'d Validated,
    folder: &'d Period,
    indicator: &'d str,
    engine: &'d dyn Engine,
) -> anyhow::Result<Vec<Figure>> {
    let mut plan = Plan::new(definition, validated, folder, engine)?;
    plan.list_rows_of(indicator);
    figures_of(&plan)
}

fn figures_of(plan: &Plan) -> anyhow::Result<Vec<Figure>> {
    let sources = evaluated(plan)?;
    let tables = computed(plan, &sources)?;
    let numbers: Vec<usize> = (0..plan.items.len()).collect();
    let by_item: Vec<Vec<Figure>> =
        numbers.par_iter().map(|&number| figures::figures(plan, &tables, number)).collect();
    let mut all = Vec::with_capacity(by_item.iter().map(Vec::len).sum());
    all.extend(by_item.into_iter().flatten());
    figures::refuse_equal_ids(&all)?;
    Ok(all)
}

/// The rows of every form and register, in all periods that an indicator needs.
fn evaluated(plan: &Plan) -> anyhow::Result<Sources> {
    let needed = needed_periods(plan);
    let wanted: Vec<(&str, Questions)> = plan.wanted().into_iter().collect();
    let nothing = BTreeSet::new();
    let sources: Vec<Option<(String, RowSource)>> = wanted
        .par_iter()
        .map(|(name, wanted)| {
            let periods = needed.get(*name).unwrap_or(&nothing);
            let source = match RowsOf::named(name) {
                RowsOf::Register(name) => {
                    let register = plan.definition.registers.get(name);
                    register.map(|register| RowSource::of_register(register, periods, wanted, plan))
                }
                RowsOf::Form(id) => {
                    let form = plan.definition.form(id);
                    form.map(|form| RowSource::of_form(form, periods, wanted, plan))
                }
                RowsOf::Units => None,
            };
            Ok(source.transpose()?.map(|source| ((*name).to_owned(), source)))
        })
        .collect::<anyhow::Result<_>>()?;
    Ok(sources.into_iter().flatten().collect())
}

/// By source.
fn needed_periods<'p>(plan: &'p Plan) -> BTreeMap<&'p str, BTreeSet<&'p Period>> {
    let mut needed: BTreeMap<&str, BTreeSet<&Period>> = BTreeMap::new();
    for item in &plan.items {
        let (Some(kind), Some(clock)) = (&item.kind, plan.clock(item)) else { continue };
        for due in item.needed.iter().filter_map(|period| clock.at(period)) {
            for ask in kind.asks() {
                let its = if kind.divisor_form() == Some(&ask.source) {
                    let clock = plan.timeline(&ask.source);
                    clock.and_then(|clock| clock.latest_by(&due.folder))
                } else {
                    Some(due)
                };
                let periods = needed.entry(ask.source.as_str()).or_default();
                periods.extend(its.map(|its| &its.period));
            }
            needed.entry(item.indicator.form.as_str()).or_default().insert(&due.period);
        }
    }
    needed
}

/// Every indicator in every period that it is needed for; derived ones last, in order.
fn computed<'p>(plan: &'p Plan<'p>, sources: &Sources) -> anyhow::Result<AllFigures<'p>> {
    let work: Vec<(usize, &Period)> = plan
        .items
        .iter()
        .enumerate()
        .filter(|(_, item)| item.derivation.is_none())
        .flat_map(|(number, item)| item.needed.iter().map(move |period| (number, period)))
        .collect();
    let mut tables: AllFigures = work
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
