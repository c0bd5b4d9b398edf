//! What validating the earlier folders came to: the month changes one folder, and the ten before it
//! are as they were. It is kept under everything that it was made from, so that no change of an
//! earlier return, declaration or definition goes unnoticed.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::accepted::AcceptedSoFar;
use crate::cache::{Cache, Entry};
use crate::definition::Definition;
use crate::model::{Blanks, Collected, Finding, Period, Receipt, ReturnFacts, ReturnSentence};

/// As it is written down.
#[derive(Serialize, Deserialize)]
pub(super) struct Remembered {
    pub(super) findings: Vec<Finding>,
    pub(super) receipts: Vec<Receipt>,
    pub(super) blanks: Blanks,
    latest: BTreeMap<String, Period>,
    /// Form, period, and numbers of its accepted returns among those of the earlier folders.
    accepted: Vec<(String, Period, Vec<usize>)>,
}

/// Of the folders before the last one.
pub(super) struct Memory<'a> {
    entry: Entry<'a>,
    returns: Vec<&'a Arc<ReturnFacts>>,
}

impl<'a> Memory<'a> {
    /// `None` when nothing is kept.
    pub(super) fn new(
        definition: &Definition,
        collected: &'a Collected,
        earlier: &[Period],
        cache: &'a Cache,
    ) -> Option<Self> {
        let here = |folder: &Period| earlier.contains(folder);
        let returns: Vec<&Arc<ReturnFacts>> =
            collected.returns.iter().filter(|facts| here(&facts.folder)).collect();
        // What a return says is what its file says, but for the words that several print.
        let files: Vec<_> = collected.files.iter().filter(|file| here(&file.folder)).collect();
        let words: Vec<&[ReturnSentence]> = returns.iter().map(|facts| &*facts.sentences).collect();
        let findings: Vec<&Finding> =
            collected.findings.iter().filter(|finding| here(&finding.folder)).collect();
        let declared = &collected.declarations;
        let explanations: Vec<_> =
            declared.explanations.iter().filter(|e| here(&e.folder)).collect();
        let of_folder = |path: &str| {
            path.split_once('/').is_some_and(|(folder, _)| here(&Period::parse(folder)))
        };
        let received: Vec<_> =
            declared.received.iter().filter(|(path, _)| of_folder(path)).collect();
        // A correction may adopt a file of another folder: all of them count.
        let said = (findings, explanations, received, &declared.corrections);
        let all = cache.digest(&(earlier, files, words, said))?;
        let definitions = definition.digest();
        let made_from = [b"history".as_slice(), definitions.as_bytes(), &all];
        Some(Self { entry: cache.entry(&made_from), returns })
    }

    /// What was kept, with the history that it stands for.
    pub(super) fn recall(&self, definition: &Definition) -> Option<(Remembered, AcceptedSoFar)> {
        let remembered: Remembered = self.entry.get()?;
        let mut history = AcceptedSoFar::default();
        for (id, period, numbers) in &remembered.accepted {
            let form = definition.form(id)?;
            let returns: Option<Vec<Arc<ReturnFacts>>> =
                numbers.iter().map(|&number| self.returns.get(number).copied().cloned()).collect();
            history.accept(form, period.clone(), returns?);
        }
        for (form, period) in &remembered.latest {
            history.set_latest(form, period.clone());
        }
        Some((remembered, history))
    }

    pub(super) fn keep(
        &self,
        findings: &[Finding],
        receipts: &[Receipt],
        blanks: &Blanks,
        history: &AcceptedSoFar,
    ) {
        // Returns are the very same allocations.
        let numbers: BTreeMap<*const ReturnFacts, usize> =
            self.returns.iter().zip(0..).map(|(facts, at)| (Arc::as_ptr(facts), at)).collect();
        let mut accepted = Vec::new();
        for (form, period, returns) in history.all() {
            let known: Option<Vec<usize>> =
                returns.iter().map(|facts| numbers.get(&Arc::as_ptr(facts)).copied()).collect();
            // Something else was accepted: better nothing than less.
            let Some(known) = known else { return };
            accepted.push((form.to_owned(), period.clone(), known));
        }
        self.entry.put(&Remembered {
            findings: findings.to_vec(),
            receipts: receipts.to_vec(),
            blanks: blanks.clone(),
            latest: history.latest_of_all().clone(),
            accepted,
        });
    }
}
