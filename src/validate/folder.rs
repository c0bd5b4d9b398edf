//! One hand-in folder: checks inside forms first, then checks between forms and across periods
//! once, on what was accepted; then explanations and reporting status.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::accepted::{AcceptedSoFar, Ready, keep_accepted, rejected_returns};
use super::builtin::{self, LastPeriod};
use super::context::{Context, Output, ReturnKey};
use super::settle::settle;
use super::tables::FolderTables;
use super::wholes::Wholes;
use super::{blanks, corrections, explanations, queries, receipts, rules};
use crate::definition::{Definition, Form, TableRole};
use crate::model::{
    Blanks, CheckTally, Collected, Finding, Period, Receipt, ReturnFacts, Wording, in_unit_order,
};

/// What one folder gives.
pub(super) struct FolderResult {
    pub findings: Vec<Finding>,
    pub receipts: Vec<Receipt>,
    pub tallies: BTreeMap<String, CheckTally>,
}

pub(super) fn validate_folder(
    definition: &Definition,
    folder: &Period,
    collected: &Collected,
    history: &mut AcceptedSoFar,
    wholes: &Wholes,
    needed: &mut Blanks,
) -> anyhow::Result<FolderResult> {
    let context = &Context { definition, folder };
    let mut received: Vec<Arc<ReturnFacts>> =
        collected.returns.iter().filter(|facts| facts.folder == *folder).cloned().collect();
    in_unit_order(&definition.units, &mut received);
    let mut output = Output::default();
    output.findings.extend(collected.findings.iter().filter(|f| f.folder == *folder).cloned());

    corrections::check_notes(context, collected, &received, &mut output);
    second_returns(context, collected, &received, history, &mut output);

    // 表内
    let inside = all_inside(context, wholes, &mut output)?;
    let current = settle(context, &inside, &received, history, &mut output)?;
    // 表间 and 跨期
    for (form, (period, _)) in &current {
        history.set_latest(form, period.clone());
    }
    let mut tables = FolderTables::new(definition, current, history)?;
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

/// The forms of a folder as they are after the checks inside forms.
fn all_inside(
    context: &Context,
    wholes: &Wholes,
    output: &mut Output,
) -> anyhow::Result<BTreeMap<String, Arc<Ready>>> {
    let refused = builtin::RefusedCells::new(&output.findings);
    let forms = context.definition.forms.par_iter();
    let checked: Vec<(Arc<Ready>, Output)> = forms
        .filter_map(|form| checked_inside(context, form, wholes, &refused).transpose())
        .collect::<anyhow::Result<_>>()?;
    let mut inside = BTreeMap::new();
    for (ready, own) in checked {
        output.add(own);
        inside.insert(ready.table.form.clone(), ready);
    }
    Ok(inside)
}

/// A form's rows with what the checks inside it found; `None` without returns.
fn checked_inside(
    context: &Context,
    form: &Form,
    wholes: &Wholes,
    refused: &builtin::RefusedCells,
) -> anyhow::Result<Option<(Arc<Ready>, Output)>> {
    let Some((table, results)) = wholes.part(&form.id, context.folder) else { return Ok(None) };
    let mut output = Output::default();
    for facts in &table.returns {
        builtin::check_return(context, form, facts, refused, &mut output);
    }
    let ready = Ready::new(context.definition, form, Arc::new(table))?;
    rules::check_rows(context, form, &ready, results, &mut output)?;
    Ok(Some((ready, output)))
}

/// A return for which one was accepted in an earlier folder counts only as a declared 更正.
fn second_returns(
    context: &Context,
    collected: &Collected,
    received: &[Arc<ReturnFacts>],
    history: &AcceptedSoFar,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("R-02") else { return };
    for facts in received {
        let Some(table) = history.table(&facts.form, &facts.period) else { continue };
        let Some(earlier) = table.of_unit(&facts.unit).next() else {
            continue;
        };
        if corrections::is_adopted(collected, &facts.file) {
            continue;
        }
        let said = Wording {
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

/// The built-in checks of a form against its period before.
fn across_periods(
    context: &Context,
    form: &Form,
    tables: &FolderTables,
    received: &[Arc<ReturnFacts>],
    history: &mut AcceptedSoFar,
    output: &mut Output,
) -> anyhow::Result<()> {
    let Some((period, now)) = tables.current.get(&form.id) else { return Ok(()) };
    if now.table.returns.is_empty() {
        return Ok(());
    }
    builtin::repeated_across_units(context, form, period, &now.table, output);
    builtin::of_another_unit(context, form, &now.table, output);
    let period_before = tables.period(form, TableRole::Previous, history);
    let before = period_before.as_ref().and_then(|p| history.table(&form.id, p)).cloned();
    let owed = |unit: &str| {
        period_before.as_ref().is_some_and(|period| tables.may_owe(form, period, unit))
    };
    let earlier =
        LastPeriod { period: period_before.clone(), table: before.as_deref(), owed: &owed };
    builtin::openings(context, form, &now.table, &earlier, output);
    builtin::falling_cumulatives(context, form, &now.table, &earlier, output);
    if let (Some(before), Some(period_before)) = (&before, &period_before) {
        builtin::vanished_rows(context, form, before, &now.table, received, output);
        builtin::emptied_cells(context, form, before, &now.table, output);
        builtin::abnormal_changes(context, form, &now.table, before, period_before, output);
    }
    Ok(())
}
