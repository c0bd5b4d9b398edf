//! Validate: checks → findings; who has reported; which returns are accepted.
//!
//! A return is one unit × one form × one period. In each hand-in folder the checks inside forms
//! (表内) come first; checks between forms and across periods (表间、跨期) run once, on what is
//! accepted then, so that one error does not cascade. A check whose other side is missing or
//! rejected is *not evaluated*: neither passed nor failed. Nothing here changes a number.

mod accepted;
mod blanks;
mod builtin;
mod context;
mod corrections;
mod explanations;
mod folder;
mod interval;
mod message;
mod names;
mod queries;
mod receipts;
mod remembered;
mod rules;
mod run;
mod settle;
mod tables;
mod wholes;

use crate::cache::Cache;
use crate::definition::Definition;
use crate::model::{Collected, Finding, Period, Validated};
use crate::sql::Engine;
use remembered::Memory;

/// Validates all hand-in folders in time order, up to and including the last of `folders`. What the
/// earlier ones came to is taken from the cache, if it is there. Row rules are the engine's to compute.
pub fn validate(
    definition: &Definition,
    collected: &Collected,
    folders: &[Period],
    cache: &Cache,
    engine: &dyn Engine,
) -> anyhow::Result<Validated> {
    let mut validated = Validated::default();
    let mut history = accepted::AcceptedSoFar::default();
    let (earlier, last) = folders.split_at(folders.len().saturating_sub(1));
    let memory =
        if earlier.is_empty() { None } else { Memory::new(definition, collected, earlier, cache) };
    let mut left = folders;
    if let Some((remembered, known)) = memory.as_ref().and_then(|m| m.recall(definition)) {
        history = known;
        validated.findings = remembered.findings;
        validated.receipts = remembered.receipts;
        validated.blanks = remembered.blanks;
        left = last;
    }
    let wholes = wholes::Wholes::new(definition, collected, left, engine)?;
    for (at, folder) in left.iter().enumerate() {
        if at > 0
            && at + 1 == left.len()
            && let Some(memory) = &memory
        {
            let Validated { findings, receipts, blanks, .. } = &validated;
            memory.keep(findings, receipts, blanks, &history);
        }
        let result = folder::validate_folder(
            definition,
            folder,
            collected,
            &mut history,
            &wholes,
            &mut validated.blanks,
        )?;
        validated.findings.extend(result.findings);
        validated.receipts.extend(result.receipts);
        validated.tallies = result.tallies;
    }
    // Nothing is lost: what reading said about anything outside these folders comes last.
    let elsewhere = |finding: &&Finding| !folders.contains(&finding.folder);
    let mut elsewhere: Vec<Finding> =
        collected.findings.iter().filter(elsewhere).cloned().collect();
    elsewhere.sort_by(|a, b| a.sort_key().cmp(&b.sort_key()));
    validated.findings.extend(elsewhere);
    // Every check has a tally, also when no row was asked.
    for check in definition.checks.iter().filter(|check| check.is_collectable()) {
        validated.tallies.entry(check.code.clone()).or_default();
    }
    validated.facts = history.into_facts();
    Ok(validated)
}
