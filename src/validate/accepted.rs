//! What is accepted: the returns of earlier folders, and of this folder as far as it is settled.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use rayon::prelude::*;

use super::context::{Context, ReturnKey, concerns};
use crate::definition::{Accepted, Definition, Form, form_columns};
use crate::model::{Column, FactTable, Facts, Finding, Period, ReturnFacts, in_unit_order};
use crate::sql::Frame;

/// A fact table made ready for expressions. Made once, used by every check.
pub(super) struct Ready {
    pub table: Arc<FactTable>,
    pub frame: Frame,
}

impl Ready {
    pub(super) fn new(
        definition: &Definition,
        form: &Form,
        table: Arc<FactTable>,
    ) -> anyhow::Result<Arc<Self>> {
        let frame = Frame::new(form_columns(form, &table, definition).to_vec())
            .with_context(|| format!("无法为报表“{}”建立计算用表", form.title))?;
        Ok(Arc::new(Self { table, frame }))
    }

    /// Fields and derived columns.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.frame.column(name)
    }
}

struct Entry {
    table: Arc<FactTable>,
    ready: Option<Arc<Ready>>,
}

/// Accepted facts of the folders done so far.
#[derive(Default)]
pub(super) struct AcceptedSoFar {
    entries: BTreeMap<(String, Period), Entry>,
    /// The latest period due of each form, up to the folder being done.
    latest: BTreeMap<String, Period>,
}

impl Accepted for AcceptedSoFar {
    fn accepted(&self, form: &str, period: &Period) -> Option<Arc<FactTable>> {
        self.table(form, period).cloned()
    }
}

impl AcceptedSoFar {
    pub(super) fn table(&self, form: &str, period: &Period) -> Option<&Arc<FactTable>> {
        self.entries.get(&(form.to_owned(), period.clone())).map(|entry| &entry.table)
    }

    /// Makes accepted tables ready, side by side; they are kept for the folders to come.
    pub(super) fn make_ready<'f>(
        &mut self,
        definition: &Definition,
        wanted: impl IntoIterator<Item = (&'f Form, Period)>,
    ) -> anyhow::Result<()> {
        let wanted: BTreeMap<(String, Period), &Form> =
            wanted.into_iter().map(|(form, period)| ((form.id.clone(), period), form)).collect();
        let missing: Vec<_> = wanted
            .into_iter()
            .filter_map(|(key, form)| {
                let entry = self.entries.get(&key).filter(|entry| entry.ready.is_none())?;
                Some((key, form, entry.table.clone()))
            })
            .collect();
        let made: Vec<Arc<Ready>> = missing
            .par_iter()
            .map(|(_, form, table)| Ready::new(definition, form, table.clone()))
            .collect::<anyhow::Result<_>>()?;
        for ((key, ..), ready) in missing.iter().zip(made) {
            if let Some(entry) = self.entries.get_mut(key) {
                entry.ready = Some(ready);
            }
        }
        Ok(())
    }

    /// A table that was made ready.
    pub(super) fn ready(&self, form: &str, period: &Period) -> Option<&Arc<Ready>> {
        self.entries.get(&(form.to_owned(), period.clone()))?.ready.as_ref()
    }

    /// Accepted returns of all periods of a form, oldest first.
    pub(super) fn returns_of<'a>(
        &'a self,
        form: &'a str,
    ) -> impl Iterator<Item = &'a Arc<ReturnFacts>> {
        self.entries
            .iter()
            .filter(move |((id, _), _)| id == form)
            .flat_map(|(_, entry)| &entry.table.returns)
    }

    pub(super) fn latest(&self, form: &str) -> Option<&Period> {
        self.latest.get(form)
    }

    pub(super) fn set_latest(&mut self, form: &str, period: Period) {
        self.latest.insert(form.to_owned(), period);
    }

    /// Accepts returns, in their order.
    pub(super) fn accept(&mut self, form: &Form, period: Period, returns: Vec<Arc<ReturnFacts>>) {
        let table = FactTable::new(&form.id, &form.column_types(), returns);
        self.store(&form.id, period, Arc::new(table));
    }

    /// Form, period and returns of everything that is accepted.
    pub(super) fn all(&self) -> impl Iterator<Item = (&str, &Period, &[Arc<ReturnFacts>])> {
        let entries = self.entries.iter();
        entries
            .map(|((form, period), entry)| (form.as_str(), period, entry.table.returns.as_slice()))
    }

    pub(super) fn latest_of_all(&self) -> &BTreeMap<String, Period> {
        &self.latest
    }

    fn store(&mut self, form: &str, period: Period, table: Arc<FactTable>) {
        self.entries.insert((form.to_owned(), period), Entry { table, ready: None });
    }

    /// As `store`, with the frame that the folder's own checks used.
    fn store_ready(&mut self, form: &str, period: Period, ready: Arc<Ready>) {
        let entry = Entry { table: ready.table.clone(), ready: Some(ready) };
        self.entries.insert((form.to_owned(), period), entry);
    }

    pub(super) fn into_facts(self) -> Facts {
        let tables = self.entries.into_iter().map(|(key, entry)| (key, entry.table)).collect();
        Facts { tables }
    }
}

/// For each form that is due or received: its period and the rows accepted so far.
pub(super) type Current = BTreeMap<String, (Period, Arc<Ready>)>;

/// What is accepted: of this folder as far as it is settled, and of earlier folders.
pub(super) struct Settled<'a> {
    pub current: &'a Current,
    pub history: &'a AcceptedSoFar,
}

impl Accepted for Settled<'_> {
    fn accepted(&self, form: &str, period: &Period) -> Option<Arc<FactTable>> {
        match self.current.get(form) {
            Some((now, ready)) if now == period => Some(ready.table.clone()),
            _ => self.history.table(form, period).cloned(),
        }
    }
}

/// Returns of which a finding says that they cannot be taken.
pub(super) fn rejected_returns(
    received: &[Arc<ReturnFacts>],
    findings: &[Finding],
) -> BTreeSet<ReturnKey> {
    let errors: Vec<&Finding> = findings.iter().filter(|finding| finding.rejects()).collect();
    received
        .iter()
        .filter(|facts| errors.iter().any(|finding| concerns(finding, facts)))
        .map(|facts| ReturnKey::of(facts))
        .collect()
}

/// The period that a form's table means in a folder: the one due, else the latest received.
fn current_period(form: &Form, folder: &Period, received: Option<&Arc<Ready>>) -> Option<Period> {
    let owed = form.owed_in(folder).map(|owed| owed.period);
    owed.or_else(|| received?.table.returns.iter().map(|facts| facts.period.clone()).max())
}

/// Of a form that is due or received: its period in this folder and the rows accepted so far.
pub(super) fn accepted_table(
    context: &Context,
    form: &Form,
    inside: &BTreeMap<String, Arc<Ready>>,
    rejected: &BTreeSet<ReturnKey>,
    history: &AcceptedSoFar,
) -> anyhow::Result<Option<(Period, Arc<Ready>)>> {
    let received = inside.get(&form.id);
    let Some(period) = current_period(form, context.folder, received) else { return Ok(None) };
    let all = received.map_or(&[][..], |ready| &ready.table.returns);
    let taken = |facts: &&Arc<ReturnFacts>| {
        facts.period == period && !rejected.contains(&ReturnKey::of(facts))
    };
    let mut accepted: Vec<_> = all.iter().filter(taken).cloned().collect();
    let fresh = accepted.len();
    if let Some(table) = history.table(&form.id, &period) {
        let kept = kept_from_before(table, &accepted);
        accepted.extend(kept);
        in_unit_order(&context.definition.units, &mut accepted);
    }
    let ready = match received {
        Some(ready) if fresh == all.len() && accepted.len() == fresh => ready.clone(),
        _ => {
            let table = FactTable::new(&form.id, &form.column_types(), accepted);
            Ready::new(context.definition, form, Arc::new(table))?
        }
    };
    Ok(Some((period, ready)))
}

/// Returns accepted in earlier folders that no newer return of the same unit replaces.
fn kept_from_before(table: &FactTable, newer: &[Arc<ReturnFacts>]) -> Vec<Arc<ReturnFacts>> {
    let replaced = |facts: &Arc<ReturnFacts>| newer.iter().any(|n| n.unit == facts.unit);
    table.returns.iter().filter(|facts| !replaced(facts)).cloned().collect()
}

/// Puts what is accepted after all checks into the history that later folders read.
pub(super) fn keep_accepted(
    context: &Context,
    current: Current,
    received: &[Arc<ReturnFacts>],
    rejected: &BTreeSet<ReturnKey>,
    history: &mut AcceptedSoFar,
) {
    let definition = context.definition;
    for (id, (period, ready)) in &current {
        let Some(form) = definition.form(id) else { continue };
        let kept: Vec<_> = ready
            .table
            .returns
            .iter()
            .filter(|facts| !rejected.contains(&ReturnKey::of(facts)))
            .cloned()
            .collect();
        if kept.is_empty() {
            continue;
        }
        if kept.len() == ready.table.returns.len() {
            history.store_ready(id, period.clone(), ready.clone());
        } else {
            let table = FactTable::new(id, &form.column_types(), kept);
            history.store(id, period.clone(), Arc::new(table));
        }
    }
    // Late returns (补报) for periods before the current one.
    let mut late: BTreeMap<(String, Period), Vec<Arc<ReturnFacts>>> = BTreeMap::new();
    for facts in received {
        let is_current = current.get(&facts.form).is_some_and(|(p, _)| *p == facts.period);
        if !is_current && !rejected.contains(&ReturnKey::of(facts)) {
            late.entry((facts.form.clone(), facts.period.clone())).or_default().push(facts.clone());
        }
    }
    for ((id, period), mut returns) in late {
        let Some(form) = definition.form(&id) else { continue };
        if let Some(table) = history.table(&id, &period) {
            let kept = kept_from_before(table, &returns);
            returns.extend(kept);
        }
        in_unit_order(&definition.units, &mut returns);
        let table = FactTable::new(&id, &form.column_types(), returns);
        history.store(&id, period, Arc::new(table));
    }
}
