//! What is handed up beside rows: names of the files, blanks and tallies as lists.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rows::under;
use crate::model::{
    Blanks, CheckTally, Declarations, IndicatorBlanks, Location, Period, ReturnBlanks,
};

pub(super) const FINDINGS: &str = "findings.parquet";
pub(super) const RECEIPTS: &str = "receipts.parquet";
pub(super) const BLANKS: &str = "blanks.parquet";
pub(super) const TALLIES: &str = "tallies.parquet";
pub(super) const DECLARATIONS: &str = "declarations.json";

pub(super) fn returns_of(folder: &Period) -> String {
    format!("{folder}/returns.parquet")
}

pub(super) fn rows_of(folder: &Period, form: &str) -> String {
    format!("{folder}/rows.{form}.parquet")
}

pub(super) fn register(name: &str) -> String {
    format!("registers/{name}.parquet")
}

/// What the blanks of one return do to one indicator.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct BlankLine {
    form: String,
    period: Period,
    unit: String,
    indicator: String,
    blanks: IndicatorBlanks,
}

pub(super) fn blank_lines(blanks: &Blanks) -> Vec<BlankLine> {
    let of_return = |(form, period, unit, all): (&str, &Period, &str, &ReturnBlanks)| {
        let line = |(indicator, blanks): (&String, &IndicatorBlanks)| BlankLine {
            form: form.to_owned(),
            period: period.clone(),
            unit: unit.to_owned(),
            indicator: indicator.clone(),
            blanks: blanks.clone(),
        };
        all.iter().map(line).collect::<Vec<_>>()
    };
    blanks.all().flat_map(of_return).collect()
}

/// Adds what lines say to the blanks of others.
pub(super) fn add_blanks(lines: Vec<BlankLine>, below: &str, blanks: &mut Blanks) {
    let mut returns: BTreeMap<(String, Period, String), ReturnBlanks> = BTreeMap::new();
    for BlankLine { form, period, unit, indicator, blanks } in lines {
        let placed = |places: std::collections::BTreeSet<Location>| {
            let up = |mut place: Location| {
                place.file = under(below, &place.file);
                place
            };
            places.into_iter().map(up).collect()
        };
        let unclassified = blanks.unclassified.into_iter();
        let blanks = IndicatorBlanks {
            stops: placed(blanks.stops),
            unclassified: unclassified.map(|(field, cells)| (field, placed(cells))).collect(),
            left_out: blanks.left_out,
        };
        returns.entry((form, period, unit)).or_default().insert(indicator, blanks);
    }
    for ((form, period, unit), all) in returns {
        blanks.set(&form, &period, &unit, all);
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct TallyLine {
    pub check: String,
    pub tally: CheckTally,
}

/// Names of files in declarations, as the level above knows them.
pub(super) fn declared_below(below: &str, mut declared: Declarations) -> Declarations {
    for explanation in &mut declared.explanations {
        explanation.file = under(below, &explanation.file);
    }
    for amendment in &mut declared.amendments {
        amendment.file = under(below, &amendment.file);
    }
    for note in &mut declared.corrections {
        for name in [&mut note.adopted, &mut note.superseded] {
            *name = under(below, name).to_string();
        }
    }
    let received = std::mem::take(&mut declared.received);
    declared.received =
        received.into_iter().map(|(path, day)| (under(below, &path).to_string(), day)).collect();
    declared
}
