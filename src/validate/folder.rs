//! One hand-in folder: checks inside forms first, then checks between forms and across periods
//! once, on what was accepted; then explanations and reporting status.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::builtin::{self, Earlier};
use super::context::{Context, Output, ReturnKey, Said, concerns};
use super::settle::{Current, settle};
use super::tables::{History, Ready, Role, Tables, in_unit_order};
use super::{blanks, corrections, explanations, queries, receipts, rules};
use crate::definition::{Definition, Form};
use crate::model::{Blanks, Collected, FactTable, Finding, Period, Receipt, ReturnFacts, Tally};

/// What one folder gives.
pub(super) struct FolderResult {
    pub findings: Vec<Finding>,
    pub receipts: Vec<Receipt>,
    pub tallies: BTreeMap<String, Tally>,
}

pub(super) fn validate_folder(
    definition: &Definition,
    folder: &Period,
    collected: &Collected,
    history: &mut History,
    needed: &mut Blanks,
) -> anyhow::Result<FolderResult> {
    let context = &Context { definition, folder };
    let mut received: Vec<Arc<ReturnFacts>> =
        collected.returns.iter().filter(|facts| facts.folder == *folder).cloned().collect();
    in_unit_order(definition, &mut received);
    let mut output = Output::default();
    output.findings.extend(collected.findings.iter().filter(|f| f.folder == *folder).cloned());

    corrections::check_notes(context, collected, &received, &mut output);
    second_returns(context, collected, &received, history, &mut output);

    // 表内
    let forms: Vec<(Arc<Ready>, Output)> = definition
        .forms
        .par_iter()
        .filter_map(|form| checked_inside(context, form, &received, &output.findings).transpose())
        .collect::<anyhow::Result<_>>()?;
    let mut inside = BTreeMap::new();
    for (ready, own) in forms {
        output.add(own);
        inside.insert(ready.table.form.clone(), ready);
    }

    let current = settle(context, &inside, &received, history, &mut output)?;
    // 表间 and 跨期
    for (form, (period, _)) in &current {
        history.set_latest(form, period.clone());
    }
    let mut tables = Tables::new(definition, current, history)?;
    for form in definition.forms.iter().filter(|form| inside.contains_key(&form.id)) {
        across_periods(context, form, &tables, &received, history, &mut output)?;
    }
    let senders: BTreeSet<(String, String)> =
        received.iter().map(|facts| (facts.form.clone(), facts.unit.clone())).collect();
    queries::check_queries(context, &mut tables, &senders, history, &mut output)?;

    let rejected = rejected_returns(&received, &output.findings);
    keep_accepted(context, tables.current, &received, &rejected, history);
    let accepted: BTreeSet<(String, Period)> = received
        .iter()
        .filter(|facts| !rejected.contains(&ReturnKey::of(facts)))
        .map(|facts| (facts.form.clone(), facts.period.clone()))
        .collect();
    blanks::check(context, &accepted, history, needed, &mut output)?;

    let book = receipts::Book::new(context, collected, &received, history)?;
    book.report_missing(&mut output.findings);
    book.report_undecided(&mut output.findings);
    explanations::apply(context, &collected.declarations.explanations, &mut output.findings);
    let receipts = book.receipts(&output.findings);
    output.findings.iter_mut().for_each(|finding| definition.mask(finding));
    output.findings.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    Ok(FolderResult { findings: output.findings, receipts, tallies: output.tallies })
}

/// A form's rows with what the checks inside it found; `None` without returns.
fn checked_inside(
    context: &Context,
    form: &Form,
    received: &[Arc<ReturnFacts>],
    reading: &[Finding],
) -> anyhow::Result<Option<(Arc<Ready>, Output)>> {
    let returns: Vec<_> = received.iter().filter(|r| r.form == form.id).cloned().collect();
    if returns.is_empty() {
        return Ok(None);
    }
    let mut output = Output::default();
    for facts in &returns {
        builtin::check_return(context, form, facts, reading, &mut output);
    }
    let table = FactTable::new(&form.id, &form.empty_columns(), returns);
    let ready = Ready::new(context.definition, form, Arc::new(table))?;
    rules::check_rows(context, form, &ready, &mut output)?;
    Ok(Some((ready, output)))
}

/// A return for which one was accepted in an earlier folder counts only as a declared 更正.
fn second_returns(
    context: &Context,
    collected: &Collected,
    received: &[Arc<ReturnFacts>],
    history: &History,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("R-02") else { return };
    for facts in received {
        let Some(table) = history.table(&facts.form, &facts.period) else { continue };
        let Some(earlier) = table.returns.iter().find(|earlier| earlier.unit == facts.unit) else {
            continue;
        };
        if corrections::is_adopted(collected, &facts.file) {
            continue;
        }
        let said = Said {
            seen: facts.file.to_string(),
            expected: format!("已有审核通过的报表 {}", earlier.file),
            message: format!(
                "{}的报表已在 {} 报送并通过审核，再报而没有更正声明，不予采用",
                facts.period.title(),
                earlier.folder
            ),
        };
        output.findings.push(context.failed(&tuned, facts, facts.sheet_location(), said));
    }
}

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
    history: &History,
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
        in_unit_order(context.definition, &mut accepted);
    }
    let ready = match received {
        Some(ready) if fresh == all.len() && accepted.len() == fresh => ready.clone(),
        _ => {
            let table = FactTable::new(&form.id, &form.empty_columns(), accepted);
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

/// The built-in checks of a form against its period before.
fn across_periods(
    context: &Context,
    form: &Form,
    tables: &Tables,
    received: &[Arc<ReturnFacts>],
    history: &mut History,
    output: &mut Output,
) -> anyhow::Result<()> {
    let Some((period, now)) = tables.current.get(&form.id) else { return Ok(()) };
    if now.table.returns.is_empty() {
        return Ok(());
    }
    builtin::repeated_across_units(context, form, period, &now.table, output);
    builtin::of_another_unit(context, form, &now.table, output);
    let period_before = tables.period(form, Role::Previous, history);
    let before = period_before.as_ref().and_then(|p| history.table(&form.id, p)).cloned();
    let owed = |unit: &str| {
        period_before.as_ref().is_some_and(|period| tables.may_owe(form, period, unit))
    };
    let earlier = Earlier { period: period_before.clone(), table: before.as_deref(), owed: &owed };
    builtin::openings(context, form, &now.table, &earlier, output);
    builtin::falling_cumulatives(context, form, &now.table, &earlier, output);
    if let (Some(before), Some(period_before)) = (&before, &period_before) {
        builtin::vanished_rows(context, form, before, &now.table, received, output);
        builtin::emptied_cells(context, form, before, &now.table, output);
        builtin::abnormal_changes(context, form, &now.table, before, period_before, output);
    }
    Ok(())
}

/// Puts what is accepted after all checks into the history that later folders read.
fn keep_accepted(
    context: &Context,
    current: Current,
    received: &[Arc<ReturnFacts>],
    rejected: &BTreeSet<ReturnKey>,
    history: &mut History,
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
            let table = FactTable::new(id, &form.empty_columns(), kept);
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
        in_unit_order(definition, &mut returns);
        let table = FactTable::new(&id, &form.empty_columns(), returns);
        history.store(&id, period, Arc::new(table));
    }
}
