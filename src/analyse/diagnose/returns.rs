//! Rules about how a unit handed in what it owed: late, rejected, missing, open to query.

use std::collections::BTreeMap;

use crate::definition::{Diagnosis, Reporting};
use crate::model::{Evidence, Period, Receipt, ReturnState, Timeliness, Unit, Validated};

use super::{Dues, Gap, Met};

pub(super) struct Returns<'a> {
    /// Latest first.
    folders: &'a [Period],
    /// Owed returns by unit and folder.
    by_unit: BTreeMap<(&'a str, &'a Period), Vec<&'a Receipt>>,
}

impl<'a> Returns<'a> {
    pub(super) fn new(validated: &'a Validated, dues: &'a Dues<'a>) -> Self {
        let mut by_unit: BTreeMap<_, Vec<&Receipt>> = BTreeMap::new();
        for receipt in validated.receipts.iter().filter(|r| r.owed) {
            by_unit.entry((receipt.unit.as_str(), &receipt.folder)).or_default().push(receipt);
        }
        Self { folders: &dues.folders, by_unit }
    }

    pub(super) fn met(&self, rule: &Diagnosis, unit: &Unit) -> Option<Met> {
        let (mut row, mut gaps): (Vec<(&Period, Vec<_>)>, Vec<Gap>) = (Vec::new(), Vec::new());
        for folder in self.folders {
            let matching = self.matching(rule, unit, folder);
            if matching.len() >= rule.least() {
                row.push((folder, matching));
            } else if let Some(gap) = self.gap(rule, unit, folder).filter(|_| !row.is_empty()) {
                gaps.push(gap);
            } else {
                // The rule is about the report's own folder.
                break;
            }
        }
        let (now, latest) = row.first()?;
        let (since, _) = row.last()?;
        let counted = rule.reporting.iter().filter_map(|state| {
            let count = latest.iter().filter(|(found, _)| found == state).count();
            (count > 0).then(|| format!("{} {count} 份", state.title()))
        });
        Some(Met {
            programme: None,
            seen: counted.collect::<Vec<_>>().join("，"),
            threshold: rule.threshold(""),
            periods: row.len(),
            latest: (*now).clone(),
            since: (*since).clone(),
            gaps,
            evidence: row.iter().flat_map(|(_, matching)| matching).map(evidence).collect(),
        })
    }

    /// A folder in which returns of which the rule could have spoken did not come.
    fn gap(&self, rule: &Diagnosis, unit: &Unit, folder: &Period) -> Option<Gap> {
        let owed = self.by_unit.get(&(unit.code.as_str(), folder))?;
        let speaks = |state: Reporting| rule.reporting.contains(&state);
        let hidden = |receipt: &&&Receipt| match receipt.state {
            ReturnState::Missing => !speaks(Reporting::Missing),
            ReturnState::Rejected => speaks(Reporting::Queried) && !speaks(Reporting::Rejected),
            _ => false,
        };
        owed.iter().find(hidden).map(|receipt| Gap::of(folder, receipt.state))
    }

    /// The returns that are in one of the rule's states, each counted once.
    fn matching(
        &self,
        rule: &Diagnosis,
        unit: &Unit,
        folder: &Period,
    ) -> Vec<(Reporting, &'a Receipt)> {
        let owed = self.by_unit.get(&(unit.code.as_str(), folder));
        let state = |receipt: &&'a Receipt| {
            let found = rule.reporting.iter().find(|state| is_in(**state, receipt))?;
            Some((*found, *receipt))
        };
        owed.into_iter().flatten().filter_map(state).collect()
    }
}

fn is_in(state: Reporting, receipt: &Receipt) -> bool {
    match state {
        Reporting::Late => receipt.timeliness == Timeliness::Late,
        Reporting::Rejected => receipt.state == ReturnState::Rejected,
        Reporting::Missing => receipt.state == ReturnState::Missing,
        Reporting::Queried => receipt.state == ReturnState::Queried,
    }
}

fn evidence((state, receipt): &(Reporting, &Receipt)) -> Evidence {
    Evidence::Return {
        state: state.title().to_owned(),
        form: receipt.form.clone(),
        folder: receipt.folder.clone(),
        file: receipt.file.to_string(),
    }
}
