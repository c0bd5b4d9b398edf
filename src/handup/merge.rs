//! What several counties handed up as one: lists one after the other in the order in which
//! validating gives them, and nothing looked at again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::read::HandUp;
use crate::definition::Definition;
use crate::model::{
    Blanks, Collected, FactTable, FileReceipt, Finding, Period, ReturnFacts, Validated,
    in_unit_order,
};

/// Of the units of a definition: what was handed up, and what is known of those of whom nothing was.
pub fn merged(
    definition: &Definition,
    folder: &Period,
    folders: &[Period],
    handups: &[&HandUp],
    absent: Validated,
    refused: &[Finding],
) -> (Collected, Validated) {
    let mut collected = Collected::default();
    let mut validated = absent;
    let mut blanks = Blanks::default();
    let mut tables: BTreeMap<(String, Period), Vec<Arc<ReturnFacts>>> = BTreeMap::new();
    validated.findings.extend(refused.iter().cloned());
    for handup in handups {
        collected.files.push(manifest_receipt(handup, folder));
        collected.files.extend(handup.collected.files.iter().cloned());
        collected.returns.extend(handup.collected.returns.iter().cloned());
        let (all, own) = (&mut collected.declarations, &handup.collected.declarations);
        all.explanations.extend(own.explanations.iter().cloned());
        all.corrections.extend(own.corrections.iter().cloned());
        all.amendments.extend(own.amendments.iter().cloned());
        all.arrivals.extend(own.arrivals.iter().cloned());
        all.received.extend(own.received.clone());
        let own = &handup.validated;
        let findings = own.findings.iter().cloned();
        validated.findings.extend(findings.map(|finding| of_county(definition, handup, finding)));
        validated.receipts.extend(own.receipts.iter().cloned());
        for (check, more) in &own.tallies {
            let tally = validated.tallies.entry(check.clone()).or_default();
            tally.passed += more.passed;
            tally.failed += more.failed;
            tally.not_evaluated += more.not_evaluated;
        }
        for (form, period, unit, lacks) in own.blanks.all() {
            blanks.set(form, period, unit, lacks.clone());
        }
        for (key, table) in &own.facts.tables {
            tables.entry(key.clone()).or_default().extend(table.returns.iter().cloned());
        }
    }
    validated.blanks = blanks;
    for ((id, period), mut returns) in tables {
        let Some(form) = definition.form(&id) else { continue };
        in_unit_order(&definition.units, &mut returns);
        let table = FactTable::new(&id, &form.column_types(), returns);
        validated.facts.tables.insert((id, period), Arc::new(table));
    }
    in_order(definition, folders, &mut validated);
    (collected, validated)
}

/// What was found of a county as a whole is, above it, of that county.
fn of_county(definition: &Definition, handup: &HandUp, finding: Finding) -> Finding {
    let county = &handup.manifest.county;
    if !finding.unit.is_empty() || *county == definition.settings.county_code {
        return finding;
    }
    Finding { unit: county.clone(), ..finding }
}

/// The manifest of what was handed up is a source like a return: a report names its hash.
fn manifest_receipt(handup: &HandUp, folder: &Period) -> FileReceipt {
    let county = &handup.manifest.county;
    FileReceipt {
        path: format!("上交/{county}/{}", super::HANDUP_MANIFEST).into(),
        folder: folder.clone(),
        sha256: handup.sha256.clone(),
        size: handup.size,
        returns: Vec::new(),
    }
}

/// As validating leaves them: findings folder by folder, receipts in folder, unit, form order.
fn in_order(definition: &Definition, folders: &[Period], validated: &mut Validated) {
    let place =
        |folder: &Period| folders.iter().position(|own| own == folder).unwrap_or(usize::MAX);
    validated
        .findings
        .sort_by(|a, b| (place(&a.folder), a.sort_key()).cmp(&(place(&b.folder), b.sort_key())));
    let forms: BTreeMap<&str, usize> =
        definition.forms.iter().map(|form| form.id.as_str()).zip(0..).collect();
    let key = |receipt: &crate::model::Receipt| {
        let form = forms.get(receipt.form.as_str()).copied();
        (place(&receipt.folder), definition.units.order(&receipt.unit), form)
    };
    validated
        .receipts
        .sort_by(|a, b| (key(a), &a.unit, &a.period).cmp(&(key(b), &b.unit, &b.period)));
}
