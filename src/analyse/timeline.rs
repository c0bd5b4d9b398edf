//! Which period of a form is due when, and which units owe it.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::{Discriminant, discriminant};

use crate::definition::{Definition, Duty, Form};
use crate::model::{Period, Validated};

/// One due period of a form.
#[derive(Debug, Clone)]
pub(super) struct Due {
    pub(super) period: Period,
    /// The folder in which it is handed in.
    pub(super) folder: Period,
    /// Indices of the owing units, in register order, with those of which it is not known.
    pub(super) owing: Vec<usize>,
    /// Those of which it is not known whether they owe it.
    pub(super) undecided: Vec<usize>,
}

/// The due periods of one form up to the report's folder, oldest first.
#[derive(Debug, Clone)]
pub(super) struct Timeline<'a> {
    pub(super) form: &'a Form,
    pub(super) due: Vec<Due>,
}

impl<'a> Timeline<'a> {
    pub(super) fn new(
        form: &'a Form,
        folders: &[Period],
        definition: &Definition,
        validated: &Validated,
    ) -> anyhow::Result<Self> {
        let mut due: BTreeMap<Period, Due> = BTreeMap::new();
        for owed in folders.iter().filter_map(|folder| form.owed_in(folder)) {
            let duties = definition.duties(form, &owed, &validated.facts)?;
            let of = |wanted: &dyn Fn(Duty) -> bool| -> BTreeSet<usize> {
                let units = duties.iter().enumerate();
                units.filter(|(_, duty)| wanted(**duty)).map(|(unit, _)| unit).collect()
            };
            let entry = due.entry(owed.period.clone()).or_insert_with(|| Due {
                period: owed.period,
                folder: owed.folder.clone(),
                owing: Vec::new(),
                undecided: Vec::new(),
            });
            // Two rounds of one period (different units): due when the last of them is.
            entry.folder = entry.folder.clone().max(owed.folder);
            let both = |known: &[usize], more: BTreeSet<usize>| -> Vec<usize> {
                let both: BTreeSet<usize> = known.iter().copied().chain(more).collect();
                both.into_iter().collect()
            };
            entry.owing = both(&entry.owing, of(&|duty| duty != Duty::Free));
            let certain = of(&|duty| duty == Duty::Owes);
            entry.undecided = both(&entry.undecided, of(&|duty| duty == Duty::Unknown));
            entry.undecided.retain(|unit| !certain.contains(unit));
        }
        Ok(Self { form, due: due.into_values().collect() })
    }

    /// The latest period due by a folder.
    pub(super) fn latest_by(&self, folder: &Period) -> Option<&Due> {
        self.due.iter().rev().find(|d| d.folder <= *folder)
    }

    pub(super) fn at(&self, period: &Period) -> Option<&Due> {
        self.due.iter().find(|d| d.period == *period)
    }

    /// Due periods of the same kind up to this one, at most `points`, oldest first.
    pub(super) fn series(&self, period: &Period, points: usize) -> Vec<&Due> {
        let kind = discriminant(period);
        let mut found: Vec<&Due> = self
            .due
            .iter()
            .rev()
            .filter(|d| d.period <= *period && discriminant(&d.period) == kind)
            .take(points.max(1))
            .collect();
        found.reverse();
        found
    }

    /// 上期 of the form.
    pub(super) fn previous(&self, period: &Period) -> Option<Period> {
        self.form.previous_period(period)
    }

    /// The due period of the same kind before this one.
    pub(super) fn before(&self, period: &Period) -> Option<&Due> {
        let kind = discriminant(period);
        self.due.iter().rev().find(|d| d.period < *period && discriminant(&d.period) == kind)
    }
}

/// All folders up to the report's: those that exist, and the regular ones between them, because
/// a folder that nobody made was due all the same.
pub(super) fn folders(validated: &Validated, report: &Period) -> Vec<Period> {
    let received = validated.receipts.iter().map(|r| &r.folder);
    let known: BTreeSet<Period> =
        received.chain([report]).filter(|f| *f <= report).cloned().collect();
    let mut all = known.clone();
    let mut kinds: Vec<(Discriminant<Period>, &Period, &Period)> = Vec::new();
    for folder in &known {
        match kinds.iter_mut().find(|(kind, ..)| *kind == discriminant(folder)) {
            Some((_, _, last)) => *last = folder,
            None => kinds.push((discriminant(folder), folder, folder)),
        }
    }
    for (_, first, last) in kinds {
        let mut folder = last.previous();
        while let Some(between) = folder.filter(|f| f > first) {
            folder = between.previous();
            all.insert(between);
        }
    }
    all.into_iter().collect()
}
