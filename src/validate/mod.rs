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
mod rules;
mod run;
mod settle;
mod tables;
mod wholes;

use crate::definition::Definition;
use crate::model::{Collected, Finding, Period, Validated};

/// Validates all hand-in folders in time order, up to and including the last of `folders`.
pub fn validate(
    definition: &Definition,
    collected: &Collected,
    folders: &[Period],
) -> anyhow::Result<Validated> {
    let mut validated = Validated::default();
    let mut history = accepted::History::default();
    let wholes = wholes::Wholes::new(definition, collected, folders)?;
    for folder in folders {
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
