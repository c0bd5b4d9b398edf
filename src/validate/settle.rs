//! Between the checks inside forms and those between forms: whose returns count.
//!
//! Forms are settled one by one, each after those that it rests on ([`Definition::settling_order`]):
//! a return that is not owed or that refers to nobody (G-17) is rejected before the
//! forms that rest on its rows are looked at. Duties that follow from data are so settled on what
//! is accepted by then.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::accepted::{AcceptedSoFar, Current, Ready, Settled, accepted_table, rejected_returns};
use super::builtin::{self, Others};
use super::context::{Context, Output, ReturnKey};
use crate::definition::{Definition, Duty, Form};
use crate::model::{FactTable, Period, ReturnFacts, Wording};

pub(super) fn settle(
    context: &Context,
    inside: &BTreeMap<String, Arc<Ready>>,
    received: &[Arc<ReturnFacts>],
    history: &AcceptedSoFar,
    output: &mut Output,
) -> anyhow::Result<Current> {
    let mut current = Current::new();
    for form in context.definition.settling_order() {
        let own: Vec<Arc<ReturnFacts>> =
            received.iter().filter(|facts| facts.form == form.id).cloned().collect();
        if !own.is_empty() {
            not_owed(context, form, &own, &Settled { current: &current, history }, output)?;
        }
        let accepted = |output: &Output| {
            let rejected = rejected_returns(&own, &output.findings);
            let table = accepted_table(context, form, inside, &rejected, history)?;
            anyhow::Ok((rejected, table))
        };
        let (rejected, table) = accepted(output)?;
        let Some(table) = table else { continue };
        current.insert(form.id.clone(), table);
        let stand = |facts: &&Arc<ReturnFacts>| !rejected.contains(&ReturnKey::of(facts));
        let standing: Vec<&ReturnFacts> = own.iter().filter(stand).map(AsRef::as_ref).collect();
        if standing.is_empty() {
            continue;
        }
        let before = output.findings.len();
        let others = AsSettled {
            definition: context.definition,
            settled: Settled { current: &current, history },
            inside,
        };
        builtin::references(context, form, &standing, &others, output)?;
        if output.findings[before..].iter().any(crate::model::Finding::rejects) {
            let (_, table) = accepted(output)?;
            current.extend(table.map(|table| (form.id.clone(), table)));
        }
    }
    Ok(current)
}

/// returns of units that do not owe the form.
fn not_owed(
    context: &Context,
    form: &Form,
    own: &[Arc<ReturnFacts>],
    settled: &Settled,
    output: &mut Output,
) -> anyhow::Result<()> {
    let Some(tuned) = context.tuned("R-05") else { return Ok(()) };
    let units = &context.definition.units;
    let mut duties: BTreeMap<&Period, Vec<Duty>> = BTreeMap::new();
    for facts in own {
        if !duties.contains_key(&facts.period) {
            let of_period = context.definition.duties_for(form, &facts.period, settled)?;
            duties.insert(&facts.period, of_period);
        }
        let duty = duties.get(&facts.period).and_then(|d| d.get(units.order(&facts.unit)));
        if duty.is_none_or(|duty| *duty != Duty::Free) {
            continue;
        }
        let said = Wording {
            seen: format!("{}报送", units.name(&facts.unit)),
            expected: "由应报单位报送".to_owned(),
            message: format!(
                "{}不应报“{}”（{}）：{}；不计入任何数",
                units.name(&facts.unit),
                form.title,
                facts.period.title(),
                why_not(context.definition, form, facts)
            ),
        };
        output.findings.push(context.failed(&tuned, facts, facts.sheet_location(), said));
    }
    Ok(())
}

/// Why a unit does not owe a form, in one clause.
fn why_not(definition: &Definition, form: &Form, facts: &ReturnFacts) -> String {
    let owed = form.owed_for(&facts.period);
    let unit = definition.units.get(&facts.unit);
    if owed.is_empty() {
        "该期没有布置这张表".to_owned()
    } else if unit.is_some_and(|unit| !unit.valid.covers(&facts.period)) {
        "单位登记册中该单位在报告期最后一天不存在".to_owned()
    } else if unit.is_some_and(|unit| owed.iter().any(|owed| unit.is_named(&owed.by))) {
        let when = form.owed_when.as_ref().map(|when| when.in_words(definition));
        format!("该单位不符合应报条件（{}）", when.unwrap_or_default())
    } else {
        "该单位不在这张表的应报单位之内".to_owned()
    }
}

/// The other forms as a form that refers to them sees them.
struct AsSettled<'a> {
    definition: &'a Definition,
    settled: Settled<'a>,
    /// For forms that refer to each other: their rows before they are settled.
    inside: &'a BTreeMap<String, Arc<Ready>>,
}

impl Others for AsSettled<'_> {
    fn rows(&self, form: &Form) -> Option<(&Period, &FactTable)> {
        if let Some((period, ready)) = self.settled.current.get(&form.id) {
            return Some((period, &ready.table));
        }
        if let Some(ready) = self.inside.get(&form.id) {
            let period = ready.table.returns.iter().map(|facts| &facts.period).max()?;
            return Some((period, &ready.table));
        }
        let period = self.settled.history.latest(&form.id)?;
        self.settled.history.table(&form.id, period).map(|table| (period, table.as_ref()))
    }

    fn duty(&self, form: &Form, period: &Period, unit: &str) -> anyhow::Result<Duty> {
        let duties = self.definition.duties_for(form, period, &self.settled)?;
        Ok(duties.get(self.definition.units.order(unit)).copied().unwrap_or(Duty::Free))
    }
}
