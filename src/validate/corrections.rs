//! G-12: a correction (更正) says who, when and why. Which file it adopts was settled while
//! reading.

use std::sync::Arc;

use super::context::{Context, Output};
use super::names::unit_code;
use crate::model::{Collected, Finding, Location, ReturnFacts, Wording};

pub(super) fn check_notes(
    context: &Context,
    collected: &Collected,
    received: &[Arc<ReturnFacts>],
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-12") else { return };
    let notes = &collected.declarations.corrections;
    for note in notes.iter().filter(|note| note.folder == *context.folder) {
        let parts = [("更正人", &note.who), ("更正时间", &note.when), ("原因", &note.reason)];
        let blank: Vec<&str> = parts
            .iter()
            .filter(|(_, text)| text.trim().is_empty())
            .map(|(name, _)| *name)
            .collect();
        if blank.is_empty() {
            output.tally("G-12").passed += 1;
            continue;
        }
        output.tally("G-12").failed += 1;
        let said = Wording {
            seen: format!("{}为空", blank.join("、")),
            expected: "更正人、更正时间、原因齐全".to_owned(),
            message: format!("采用“{}”的更正没有写明{}", note.adopted, blank.join("、")),
        };
        let adopted: Vec<&Arc<ReturnFacts>> =
            received.iter().filter(|facts| *facts.file == *note.adopted).collect();
        for facts in &adopted {
            let place = facts.sheet_location();
            output.findings.push(context.failed(&tuned, facts, place, said.clone()));
        }
        if adopted.is_empty() {
            output.findings.push(Finding {
                unit: unit_code(context.definition, &note.unit).unwrap_or_default(),
                location: Location::file(&note.adopted),
                ..Finding::new(tuned.head(), context.folder, said)
            });
        }
    }
}

/// Is the file adopted by a declared correction?
pub(super) fn is_adopted(collected: &Collected, file: &str) -> bool {
    collected.declarations.corrections.iter().any(|note| note.adopted == file)
}
