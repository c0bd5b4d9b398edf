//! What every check of one hand-in folder shares: the definition, how built-in checks are
//! tuned, and where findings and tallies go.

use std::collections::BTreeMap;

use crate::definition::{self, Definition, Field, Form};
use crate::model::{
    Builtin, CheckHead, CheckTally, Finding, Level, Location, Period, ReturnFacts, Scope, Wording,
    builtin,
};

/// A return is one unit × one form × one period.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct ReturnKey {
    pub form: String,
    pub unit: String,
    pub period: Period,
}

impl ReturnKey {
    pub(super) fn of(facts: &ReturnFacts) -> Self {
        Self { form: facts.form.clone(), unit: facts.unit.clone(), period: facts.period.clone() }
    }
}

/// The folder being validated.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub definition: &'a Definition,
    pub folder: &'a Period,
}

/// What checks give.
#[derive(Default)]
pub(super) struct Output {
    pub findings: Vec<Finding>,
    pub tallies: BTreeMap<String, CheckTally>,
}

impl Output {
    /// What others found besides, after what is here.
    pub(super) fn add(&mut self, other: Self) {
        self.findings.extend(other.findings);
        for (code, more) in other.tallies {
            let tally = self.tallies.entry(code).or_default();
            tally.passed += more.passed;
            tally.failed += more.failed;
            tally.not_evaluated += more.not_evaluated;
        }
    }

    pub(super) fn tally(&mut self, code: &str) -> &mut CheckTally {
        // Two steps, so that the code is copied only once.
        if !self.tallies.contains_key(code) {
            self.tallies.insert(code.to_owned(), CheckTally::default());
        }
        self.tallies.entry(code.to_owned()).or_default()
    }
}

/// A built-in check as the pipeline tunes it.
pub(super) struct Tuned<'a> {
    pub check: &'static Builtin,
    pub level: Level,
    settings: Option<&'a definition::BuiltinTuning>,
}

impl Tuned<'_> {
    pub(super) fn head(&self) -> CheckHead<'static> {
        CheckHead { level: self.level, ..self.check.head() }
    }

    pub(super) fn percent(&self, default: u32) -> u32 {
        self.settings.and_then(|s| s.percent).unwrap_or(default)
    }

    pub(super) fn at_least(&self, default: u32) -> u32 {
        self.settings.and_then(|s| s.at_least).unwrap_or(default)
    }

    /// Is the form looked at?
    pub(super) fn covers(&self, form: &Form) -> bool {
        self.settings.is_none_or(|s| !s.except.contains(&form.id))
    }

    /// Is the field of a covered form looked at?
    pub(super) fn covers_field(&self, form: &Form, field: &Field) -> bool {
        let same = |except: &String| {
            except.split_once('.').is_some_and(|(f, name)| f == form.id && name == field.name)
        };
        self.settings.is_none_or(|s| !s.except.iter().any(same))
    }
}

impl<'a> Context<'a> {
    /// The built-in check of a code; `None` when the pipeline switches it off.
    pub(super) fn tuned(&self, code: &str) -> Option<Tuned<'a>> {
        let check = builtin(code)?;
        let settings = self.definition.settings.builtin.get(code);
        let enabled = settings.and_then(|s| s.enabled).unwrap_or(true);
        let level = settings.and_then(|s| s.level).unwrap_or(check.level);
        enabled.then_some(Tuned { check, level, settings })
    }

    /// A failed built-in check of a return.
    pub(super) fn failed(
        &self,
        tuned: &Tuned,
        facts: &ReturnFacts,
        location: Location,
        said: Wording,
    ) -> Finding {
        self.of_return(tuned.head(), facts, location, said)
    }

    /// A built-in check of a return that could not be evaluated.
    pub(super) fn not_evaluated(
        &self,
        tuned: &Tuned,
        facts: &ReturnFacts,
        location: Location,
        message: String,
        remedy: &str,
    ) -> Finding {
        let said = Wording { message, ..Wording::default() };
        self.failed(tuned, facts, location, said).not_evaluated(remedy)
    }

    /// A failed check of a return.
    pub(super) fn of_return(
        &self,
        check: CheckHead,
        facts: &ReturnFacts,
        location: Location,
        said: Wording,
    ) -> Finding {
        Finding {
            period: facts.period.clone(),
            unit: facts.unit.clone(),
            form: facts.form.clone(),
            location,
            ..Finding::new(check, self.folder, said)
        }
    }

    /// A finding about the county or a form as a whole: it rejects nobody.
    pub(super) fn of_form(
        &self,
        tuned: &Tuned,
        form: &Form,
        period: &Period,
        location: Location,
        said: Wording,
    ) -> Finding {
        Finding {
            period: period.clone(),
            form: form.id.clone(),
            location,
            ..Finding::new(tuned.head(), self.folder, said)
        }
    }
}

/// Does a finding concern a return? By unit, form and period, or by the place in a file when
/// reading could not tell the form.
pub(super) fn concerns(finding: &Finding, facts: &ReturnFacts) -> bool {
    if finding.unit == facts.unit && finding.form == facts.form && finding.period == facts.period {
        return true;
    }
    let place = &finding.location;
    let unit_agrees = finding.unit.is_empty() || finding.unit == facts.unit;
    // A finding about the county as a whole shows cells of one return but blames none.
    let blames = !finding.unit.is_empty() || finding.scope == Scope::File;
    let names_form = finding.form == facts.form && blames;
    let form_agrees = finding.form.is_empty() || names_form;
    !place.file.is_empty()
        && place.file == facts.file
        && (place.sheet.is_empty() || place.sheet == facts.sheet)
        && unit_agrees
        && form_agrees
}
