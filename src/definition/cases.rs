//! A county's own examples for its checks (`tests/*.toml`): rows that each must pass, rows that each
//! must fail. They are no part of what a report is made from.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::grammar;
use crate::model::Period;

/// Column → what is typed in its cell.
pub type TypedRow = BTreeMap<String, Typed>;

/// What is typed in a cell; text is written as a clerk would write it.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Typed {
    Whole(i64),
    Decimal(f64),
    Truth(bool),
    Text(String),
}

impl Typed {
    /// As it stands in a text table.
    pub fn text(&self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            // The shortest decimal that is the number.
            Self::Decimal(number) => number.to_string(),
            Self::Truth(true) => "是".to_owned(),
            Self::Truth(false) => "否".to_owned(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// One example: a row, or several rows of one return.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Example {
    One(TypedRow),
    Several(Vec<TypedRow>),
}

impl Example {
    pub fn rows(&self) -> &[TypedRow] {
        match self {
            Self::One(row) => std::slice::from_ref(row),
            Self::Several(rows) => rows,
        }
    }
}

/// A return that is there as well: of another form, another unit or another period.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Given {
    pub form: String,
    /// Name or code; default: the case's.
    #[serde(default)]
    pub unit: String,
    /// Default: the case's.
    #[serde(default, deserialize_with = "grammar::optional_period")]
    #[schemars(with = "Option<String>")]
    pub period: Option<Period>,
    pub rows: Vec<TypedRow>,
}

/// What one check says to which rows.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// Code of a check, also of a built-in one.
    pub check: String,
    /// Default: the check's form. Built-in checks have none.
    #[serde(default)]
    pub form: String,
    /// Name or code of the unit that reports; default: the first that owes the form.
    #[serde(default)]
    pub unit: String,
    #[serde(default, deserialize_with = "grammar::optional_period")]
    #[schemars(with = "Option<String>")]
    pub period: Option<Period>,
    /// Each of them alone passes.
    #[serde(default)]
    pub good: Vec<Example>,
    /// Each of them alone fails.
    #[serde(default)]
    pub bad: Vec<Example>,
    #[serde(default)]
    pub given: Vec<Given>,
}

/// A file of cases.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CaseFile {
    /// The period of all cases that name none.
    #[serde(deserialize_with = "grammar::period_or_campaign")]
    #[schemars(with = "String")]
    pub period: Period,
    /// Form → what stands in its columns where a row says nothing else.
    #[serde(default)]
    pub base: BTreeMap<String, TypedRow>,
    #[serde(rename = "case", default)]
    pub cases: Vec<Case>,
}

/// A case with all that its file says of it.
#[derive(Debug, Clone)]
pub struct PlacedCase {
    pub file: String,
    pub line: usize,
    pub case: Case,
    pub period: Period,
    pub form: String,
    /// Unit code.
    pub unit: String,
    pub base: BTreeMap<String, TypedRow>,
}
