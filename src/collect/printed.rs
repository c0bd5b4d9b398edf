//! Names and texts as everything after collecting knows them: without numbers of persons.
//!
//! While a file is read its name is needed as it is: to open it, to recognise its unit, to match
//! what a declaration says of it. Afterwards it is only printed, in a dozen outputs; so it is
//! changed here, once, and no output can forget it. A printed name still means one file: names that
//! would become the same are numbered, and the manifest binds each to its content by SHA-256.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::file::DraftReturn;
use crate::definition::Definition;
use crate::model::{Collected, Location};

/// Old name → printed name, of those that change.
type Renamed = BTreeMap<Arc<str>, Arc<str>>;

/// What collecting hands on, and the returns that it has not handed on yet.
pub(super) fn without_personal(
    definition: &Definition,
    collected: &mut Collected,
    drafts: &mut [DraftReturn],
) {
    let without_numbers = |text: &str| definition.without_numbers(text).into_owned();
    let names = Names::of(definition, collected, drafts);
    for file in &mut collected.files {
        names.file(&mut file.path);
    }
    for draft in drafts.iter_mut() {
        let facts = &mut draft.facts;
        names.place(&mut facts.file, &mut facts.sheet);
        for sentence in &mut facts.sentences {
            names.location(&mut sentence.location);
            sentence.text = without_numbers(&sentence.text);
        }
    }
    let of_drafts = drafts.iter_mut().flat_map(|draft| &mut draft.findings);
    for finding in collected.findings.iter_mut().chain(of_drafts) {
        names.location(&mut finding.location);
        definition.mask(finding);
    }
    let declared = &mut collected.declarations;
    for note in &mut declared.corrections {
        for text in [&mut note.adopted, &mut note.superseded] {
            if let Some(printed) = names.files.get(text.as_str()) {
                *text = printed.to_string();
            }
        }
        for text in [&mut note.who, &mut note.when, &mut note.reason] {
            *text = without_numbers(text);
        }
    }
    for explanation in &mut declared.explanations {
        names.file(&mut explanation.file);
        for text in [&mut explanation.cell, &mut explanation.text] {
            *text = without_numbers(text);
        }
    }
    for arrival in &mut declared.arrivals {
        let path = format!("{}/{}", arrival.folder, arrival.name);
        arrival.name = match names.files.get(path.as_str()).and_then(|p| p.split_once('/')) {
            Some((_, printed)) => printed.to_owned(),
            None => without_numbers(&arrival.name),
        };
    }
    let received = std::mem::take(&mut declared.received);
    let printed = |path: String| names.files.get(path.as_str()).map_or(path, |p| p.to_string());
    declared.received = received.into_iter().map(|(path, day)| (printed(path), day)).collect();
}

/// The printed names of files, and of the sheets of each file.
struct Names {
    files: Renamed,
    sheets: BTreeMap<Arc<str>, Renamed>,
}

impl Names {
    fn of(definition: &Definition, collected: &Collected, drafts: &[DraftReturn]) -> Self {
        let mut files: BTreeSet<Arc<str>> =
            collected.files.iter().map(|file| file.path.clone()).collect();
        let mut sheets: BTreeMap<Arc<str>, BTreeSet<Arc<str>>> = BTreeMap::new();
        let mut add = |place: &Location| {
            sheets.entry(place.file.clone()).or_default().insert(place.sheet.clone());
        };
        collected.findings.iter().for_each(|finding| add(&finding.location));
        for draft in drafts {
            add(&draft.facts.sheet_location());
            draft.findings.iter().for_each(|finding| add(&finding.location));
            draft.facts.sentences.iter().for_each(|sentence| add(&sentence.location));
        }
        // What was left alone has findings, too.
        files.extend(sheets.keys().cloned());
        let sheets =
            sheets.into_iter().map(|(file, names)| (file, renamed(definition, &names))).collect();
        Self { files: renamed(definition, &files), sheets }
    }

    fn file(&self, file: &mut Arc<str>) {
        if let Some(printed) = self.files.get(file) {
            *file = printed.clone();
        }
    }

    fn place(&self, file: &mut Arc<str>, sheet: &mut Arc<str>) {
        if let Some(printed) = self.sheets.get(file).and_then(|sheets| sheets.get(sheet)) {
            *sheet = printed.clone();
        }
        self.file(file);
    }

    fn location(&self, location: &mut Location) {
        self.place(&mut location.file, &mut location.sheet);
    }
}

/// Printed names that are one for one: `〔个人信息〕.xlsx`, `〔个人信息〕.xlsx（2）`.
fn renamed(definition: &Definition, names: &BTreeSet<Arc<str>>) -> Renamed {
    let mut renamed = Renamed::new();
    let mut taken: BTreeSet<Arc<str>> = BTreeSet::new();
    for name in names {
        let masked = definition.without_numbers(name);
        if masked == **name {
            continue;
        }
        let numbered = (2..).map(|n| format!("{masked}（{n}）"));
        let mut choices = std::iter::once(masked.to_string()).chain(numbered);
        let free = |printed: &String| {
            !names.contains(printed.as_str()) && !taken.contains(printed.as_str())
        };
        if let Some(printed) = choices.find(free) {
            let printed: Arc<str> = printed.into();
            taken.insert(printed.clone());
            renamed.insert(name.clone(), printed);
        }
    }
    renamed
}
