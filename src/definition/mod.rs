//! Definitions: what a pipeline directory says, typed and cross-checked.
//!
//! One programme is one TOML file: its forms, checks, indicators and section of the report.
//! Nothing here knows a county: everything is data. All problems of all files are found
//! together, each with file, line and the valid choices ([`load`]).

mod calendar;
mod cases;
mod check;
mod circular;
mod codelist;
mod codes;
mod columns;
mod composite;
mod diagnosis;
mod dry_run;
mod duty;
mod form;
mod formula;
mod grammar;
mod handout;
mod indicator;
mod items;
mod keys;
mod layout;
mod load;
mod previous;
mod programme;
mod reference;
mod refers;
mod register;
mod reviewed;
mod schema;
mod settings;
mod spoken;
mod style;
mod table_name;
mod template;
mod words;

pub use calendar::Calendar;
pub use cases::{Case, CaseFile, Example, Given, PlacedCase, Typed, TypedRow};
pub use check::{CellOf, Check, Interval, IntervalOperation, MissingPolicy};
pub use circular::{
    Attachment, AttachmentKind, Circular, Fonts, Limits, SectionKind, Sentence, Time,
};
pub use codelist::{Code, CodeGroup, CodeList};
pub use codes::GROUP_DIMENSION;
pub use columns::{
    FIXED_COLUMNS, Made, clashing_columns, form_columns, form_schema, made_columns,
    register_columns, register_schema,
};
pub use composite::{NotOwed, Part};
pub use diagnosis::{
    Condition, DISEASES, Diagnosis, PLACEHOLDERS, RULE_DIMENSION, Reporting, WORDS, changed,
    measured,
};
pub use dry_run::dry_run;
pub use duty::{Accepted, Duty, OwedWhen};
pub use form::{
    Band, BandStep, BlankMeans, Constraints, Derive, Field, FieldType, Form, Hidden, Owed, Parts,
    Round, Stock,
};
pub use formula::{Formula, TooLarge};
pub use grammar::{Deadline, TaskDay};
pub use handout::{Choices, Heading};
pub use indicator::{
    Better, ClassColumn, Computation, Denominator, FunnelStep, Indicator, IndicatorKind,
    IndicatorSpec, OtherDenominator, Pace, Term, written_together,
};
pub use items::{Items, MissingItem};
pub use layout::{CodeColumn, Layout, Unpivot};
pub use load::{DefinitionFile, Problem, load, load_cases};
pub use programme::{Against, ChartKind, ChartSpec, Programme, Status, TableSpec};
pub use reference::{Described, GENERATED, reference};
pub use refers::Referent;
use register::no_register;
pub use register::{KEY_COLUMN, Register};
pub use reviewed::Reviewed;
pub use schema::schemas;
pub use settings::{
    BuiltinTuning, Campaign, ExplanationSettings, ReportSettings, Settings, SilentCharts,
};
pub use spoken::register_title;
pub use style::formatted;
pub use table_name::{TableRole, tables_schema};
pub use template::{Answer, Template, Vocabulary};
pub use words::Call;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::personal::without_numbers;
use crate::model::{Finding, Unit, Units, adds_up, sha256};

/// A whole pipeline.
#[derive(Debug, Clone)]
pub struct Definition {
    pub settings: Settings,
    /// Every file read, with its SHA-256, in path order (for the manifest).
    pub files: Vec<DefinitionFile>,
    pub codelists: BTreeMap<String, CodeList>,
    pub registers: BTreeMap<String, Register>,
    pub units: Units,
    pub calendar: Calendar,
    /// In report order.
    pub programmes: Vec<Programme>,
    /// In programme order, then file order.
    pub forms: Vec<Form>,
    pub checks: Vec<Check>,
    pub indicators: Vec<Indicator>,
    pub diagnoses: Vec<Diagnosis>,
    /// Of the programmes, in programme order, then file order.
    pub sentences: Vec<Sentence>,
    /// The frame of the circular, if the pipeline writes one.
    pub circular: Option<Circular>,
}

impl Definition {
    /// A text of a return without numbers of persons. Numbers that begin with a code of a register
    /// are the county's own.
    pub fn without_numbers<'t>(&self, text: &'t str) -> Cow<'t, str> {
        without_numbers(text, &|number| self.registers.values().any(|r| r.begins(number)))
    }

    /// Takes numbers of persons out of what a finding says.
    pub fn mask(&self, finding: &mut Finding) {
        for text in [&mut finding.seen, &mut finding.expected, &mut finding.message] {
            if let Cow::Owned(masked) = self.without_numbers(text) {
                *text = masked;
            }
        }
    }

    /// Of all its files, names and contents.
    pub fn digest(&self) -> String {
        let line = |file: &DefinitionFile| format!("{} {}\n", file.sha256, file.path);
        sha256(self.files.iter().map(line).collect::<String>().as_bytes())
    }

    /// Of the files that say what a form, a check and a figure mean, whoever the county is and
    /// wherever it has them from.
    pub fn programmes_digest(&self) -> String {
        let common = ["codelists.toml", "holidays.csv"];
        let counted = |path: &str| {
            let name = path.rsplit('/').next().unwrap_or_default();
            common.contains(&name) || path.split('/').any(|part| part == "programmes")
        };
        let name = |path: &str| path.rsplit('/').next().unwrap_or_default().to_owned();
        let mut lines: Vec<String> = self
            .files
            .iter()
            .filter(|file| counted(&file.path))
            .map(|file| format!("{} {}\n", name(&file.path), file.sha256))
            .collect();
        lines.sort();
        sha256(lines.concat().as_bytes())
    }

    /// Groups that a unit is in or may be in.
    pub fn unit_groups(&self) -> BTreeSet<&str> {
        let own = self.units.all().iter().map(|unit| unit.group.as_str());
        own.chain(self.settings.unit_groups.iter().map(String::as_str)).collect()
    }

    /// The form that people mean by a text.
    pub fn form_called(&self, text: &str) -> Option<&Form> {
        self.forms.iter().find(|form| form.is_called(text))
    }

    pub fn form(&self, id: &str) -> Option<&Form> {
        self.forms.iter().find(|f| f.id == id)
    }

    /// What a register is called where people read.
    pub fn register_called(&self, name: &str) -> String {
        self.registers.get(name).map_or_else(|| name.to_owned(), Register::called)
    }

    pub fn indicator(&self, id: &str) -> Option<&Indicator> {
        self.indicators.iter().find(|i| i.id == id)
    }

    pub fn check(&self, code: &str) -> Option<&Check> {
        self.checks.iter().find(|c| c.code == code)
    }

    /// Empty for a programme that is not there.
    pub fn programme_title(&self, id: &str) -> &str {
        self.programme(id).map_or("", |programme| &programme.title)
    }

    pub fn programme(&self, id: &str) -> Option<&Programme> {
        self.programmes.iter().find(|p| p.id == id)
    }

    /// Forms from whose rows an indicator is made, also through others.
    pub fn forms_behind<'a>(&'a self, indicator: &'a Indicator) -> Vec<&'a str> {
        let mut forms = Vec::new();
        let mut open = vec![indicator];
        let mut seen = BTreeSet::new();
        while let Some(indicator) = open.pop() {
            if !seen.insert(indicator.id.as_str()) {
                continue;
            }
            let other = indicator.divided_by().and_then(|other| other.form.as_deref());
            let own = Some(indicator.form.as_str()).filter(|form| !form.is_empty());
            forms.extend(own.into_iter().chain(other));
            open.extend(indicator.operands().into_iter().filter_map(|id| self.indicator(id)));
        }
        forms
    }

    /// What would be no problem by a rule, in the measure of its figure.
    pub fn threshold(&self, rule: &Diagnosis) -> String {
        let indicator = rule.indicator.as_deref().and_then(|id| self.indicator(id));
        rule.threshold(indicator.map_or("", Indicator::measure))
    }

    /// Is a rule asked of a row? Of a unit if the programme's diagnoses are about it. Of a row with
    /// units below it only what does not grow with their number, such as a rate or a place; what a
    /// unit handed in, and how, is asked of the unit, where it reports.
    pub fn asks(&self, rule: &Diagnosis, row: &Unit) -> bool {
        let Some(programme) = self.programme(&rule.programme) else { return false };
        let named = &programme.diagnosed;
        let about = |unit: &Unit| named.is_empty() || unit.is_named(named);
        let at = self.units.order(&row.code);
        if !self.units.is_level(at) {
            return about(row);
        }
        let indicator = rule.indicator.as_deref().and_then(|id| self.indicator(id));
        let is_place = matches!(rule.condition(), Some(Condition::Last(_)));
        indicator.is_some_and(|indicator| is_place || !adds_up(indicator.measure()))
            && rule.answers.is_none()
            && self.units.leaves_of(at).iter().any(|&leaf| about(&self.units.all()[leaf]))
    }

    /// The code list of a field, if it is coded.
    pub fn codelist_of(&self, field: &Field) -> Option<&CodeList> {
        self.codelists.get(field.codelist.as_deref()?)
    }
}
