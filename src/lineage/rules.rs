//! An indicator's definition for programs: everything that somebody needs who recomputes its
//! figures without ours. Expressions are SQL ([`crate::sql`]) over the columns of a table.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::definition::{
    Better, BlankMeans, Computation, Definition, Denominator, Form, Indicator, NotOwed,
    OtherDenominator, Term,
};

/// How the figures of an indicator are computed; what its kind does not use is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Rule {
    #[serde(skip_serializing_if = "String::is_empty")]
    pub numerator: String,
    /// The numerator is a condition, or what rows are worth for which one is true: of no such row
    /// it is zero. Else it is summed.
    #[serde(skip_serializing_if = "is_false")]
    pub counts: bool,
    #[serde(rename = "where", skip_serializing_if = "String::is_empty")]
    pub filter: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denominator: Option<Base>,
    /// Columns in which a blank is zero.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blank_is_zero: Vec<String>,
    /// The coded column of a distribution or transition.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub of: String,
    /// The column of the same row that holds the earlier code of a transition.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from_field: String,
    /// What tells a row from others, where rows are matched with those of another period.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub key: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<WrittenClass>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub formula: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<PartRule>,
    /// A part whose form a unit does not owe does not count.
    #[serde(skip_serializing_if = "is_false")]
    pub not_owed_is_left_out: bool,
    /// Rows dropped at each end of a trimmed mean.
    #[serde(skip_serializing_if = "is_zero")]
    pub trim: usize,
    pub scale: i64,
    /// Divided by this, to be printed in a multiple of the unit of measure.
    #[serde(skip_serializing_if = "is_one", default = "one")]
    pub print_divisor: i64,
    pub decimals: u8,
}

fn one() -> i64 {
    1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(value: &i64) -> bool {
    *value == 1
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_false(value: &bool) -> bool {
    !value
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_zero(value: &usize) -> bool {
    *value == 0
}

/// What a ratio is divided by.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Base {
    /// An expression over the numerator's rows; else one of the next three.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub expression: String,
    /// As of the numerator.
    #[serde(skip_serializing_if = "is_false")]
    pub counts: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub form: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub register: String,
    /// `expected`: the units that owe the indicator's form.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub units: String,
    #[serde(rename = "where", skip_serializing_if = "String::is_empty")]
    pub filter: String,
    /// Summed instead of counting rows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sum: String,
    /// One for each part of a year; those up to the end of the period are added.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sum_to_date: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blank_is_zero: Vec<String>,
}

/// A class of a distribution with a column of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WrittenClass {
    pub title: String,
    pub sum: String,
}

/// A step of a funnel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    pub id: String,
    #[serde(rename = "where")]
    pub filter: String,
}

/// A part of a composite score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartRule {
    pub id: String,
    pub indicator: String,
    pub weight: u32,
    /// The value that gives all points, or none where less is better.
    pub full: String,
    pub less_is_better: bool,
}

pub(super) fn rule(indicator: &Indicator, definition: &Definition) -> Rule {
    let text = |term: Option<&Term>| term.map(|term| term.text.clone()).unwrap_or_default();
    let computation = &indicator.computation;
    let form = definition.form(&indicator.form);
    let key = form.filter(|_| indicator.compares_rows()).map(|form| form.primary_key.clone());
    let part = |part: &crate::definition::Part| PartRule {
        id: part.id.clone(),
        indicator: part.indicator.clone(),
        weight: part.weight,
        full: part.full.clone(),
        less_is_better: part.better == Better::Lower,
    };
    let step = |step: &crate::definition::FunnelStep| Step {
        id: step.id.clone(),
        filter: indicator.weighted(&step.filter.text),
    };
    let column = |column: &crate::definition::ClassColumn| WrittenClass {
        title: column.title.clone(),
        sum: column.sum.text.clone(),
    };
    // Of a distribution the numerator is what its rows are worth.
    let (numerator, counted) = match computation.numerator() {
        Some(term) => (indicator.weighted(&term.text), counts(term)),
        None => (text(computation.weight()), computation.weight().is_some()),
    };
    let (formula, scored) = match computation {
        Computation::Derived { text, .. } => (text.clone(), NotOwed::default()),
        Computation::Composite { if_not_owed, .. } => (String::new(), *if_not_owed),
        _ => (String::new(), NotOwed::default()),
    };
    Rule {
        counts: counted,
        numerator,
        filter: text(indicator.filter.as_ref()),
        denominator: base(indicator, definition),
        blank_is_zero: form.map(|form| zeros(form, indicator)).unwrap_or_default(),
        of: computation.of().unwrap_or_default().to_owned(),
        from_field: computation.from_field().unwrap_or_default().to_owned(),
        key: key.unwrap_or_default(),
        steps: computation.steps().iter().map(step).collect(),
        columns: computation.columns().iter().map(column).collect(),
        formula,
        parts: computation.parts().iter().map(part).collect(),
        not_owed_is_left_out: scored == NotOwed::Exclude,
        trim: match computation {
            Computation::TrimmedMean { trim, .. } => *trim,
            _ => 0,
        },
        scale: indicator.scale(),
        print_divisor: indicator.print_divisor().unwrap_or(1),
        decimals: indicator.decimals,
    }
}

/// Does it count rows of which something is true?
fn counts(term: &Term) -> bool {
    term.counting_condition().is_some()
}

/// What an indicator is divided by, if it is.
fn base(indicator: &Indicator, definition: &Definition) -> Option<Base> {
    match &indicator.computation {
        Computation::Ratio { denominator: Denominator::OfRows(base), .. }
        | Computation::WideDistribution { together: base, .. } => Some(Base {
            expression: indicator.weighted(&base.text),
            counts: counts(base),
            ..Base::default()
        }),
        Computation::Ratio { denominator: Denominator::Elsewhere(other), .. } => {
            Some(elsewhere(other, indicator, definition))
        }
        _ => None,
    }
}

fn elsewhere(other: &OtherDenominator, indicator: &Indicator, definition: &Definition) -> Base {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let term = |term: &Option<Term>| term.as_ref().map(|t| t.text.clone()).unwrap_or_default();
    let form = other.form.as_deref().and_then(|form| definition.form(form));
    Base {
        form: text(&other.form),
        register: text(&other.register),
        units: text(&other.units),
        filter: term(&other.filter),
        sum: term(&other.sum),
        sum_to_date: other.sum_to_date.clone(),
        blank_is_zero: form.map(|form| zeros(form, indicator)).unwrap_or_default(),
        ..Base::default()
    }
}

/// Columns of a form that the indicator reads, and in which a blank is zero to it.
fn zeros(form: &Form, indicator: &Indicator) -> Vec<String> {
    let read: BTreeSet<&String> = indicator.expressions().flat_map(|e| &e.columns).collect();
    let zero = |column: &&&String| indicator.blank_in(form, column) == Some(BlankMeans::Zero);
    read.iter().filter(zero).map(|column| (*column).clone()).collect()
}
