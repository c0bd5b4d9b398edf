//! Checks (审核公式) as data.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Status;
use crate::model::{CheckHead, Level, Scope};
use crate::sql;

/// What a blank in a named field does to a row rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MissingPolicy {
    /// Not evaluated, naming the field.
    #[default]
    Skip,
    /// The row fails.
    Fail,
    /// SQL logic: NULL is not a failure.
    AsIs,
}

impl MissingPolicy {
    pub fn title(self) -> &'static str {
        match self {
            Self::Skip => "所用的列有空白时不评估",
            Self::Fail => "所用的列有空白即未通过",
            Self::AsIs => "空白按 SQL 的逻辑处理",
        }
    }
}

/// How an interval check recomputes the printed number from `a` and `b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum IntervalOperation {
    /// `100·a/b`
    Share,
    /// `a − b`
    Difference,
    /// `a`
    Equal,
}

impl IntervalOperation {
    pub fn title(self) -> &'static str {
        match self {
            Self::Share => "印出的数 = 100 × a ÷ b",
            Self::Difference => "印出的数 = a − b",
            Self::Equal => "印出的数 = a",
        }
    }
}

/// A check of a printed number by the interval that the printed precision leaves open.
///
/// The query returns `unit`, `_row`, and the decimals `printed`, `printed_half`, `a`, `a_half`
/// and, for share and difference, `b`, `b_half`; `…_half` is half a unit of the last printed
/// place. The row passes if some true values inside the intervals agree. A row with a NULL
/// among them is not evaluated.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Interval {
    pub operation: IntervalOperation,
    pub query: String,
    /// Say "not evaluated" for rows without base (as a 提示-free count, never a finding).
    #[serde(default)]
    pub silent_when_missing: bool,
    #[serde(skip)]
    pub parsed: Option<sql::Query>,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The code of the rule catalogue, e.g. `F05-02`, with a letter where one rule is split.
    pub code: String,
    /// Must read well after "allow …": `grade-outside-score-band`.
    pub name: String,
    pub title: String,
    pub form: String,
    pub level: Level,
    /// Default: 跨期 if another period is read, 表间 if another form is read, else 表内.
    pub scope: Option<Scope>,
    /// A row passes if true; with `cell("item", "column")` a return whose rows are items does.
    pub rule: Option<String>,
    /// The rule is asked only of rows for which this holds.
    pub when: Option<String>,
    /// One SELECT whose rows are the violations.
    pub violations: Option<String>,
    pub interval: Option<Interval>,
    #[serde(default)]
    pub missing: MissingPolicy,
    /// Fields whose cells are shown; default: the fields that the rule names.
    #[serde(default)]
    pub cells: Vec<String>,
    /// `form.field` or `form`: what must have been accepted for the check to be evaluated.
    #[serde(default)]
    pub needs: Vec<String>,
    /// Chinese, with `{field}` placeholders.
    pub message: String,
    pub remedy: String,
    /// Templates for the columns seen and expected; default: the shown cells, empty.
    #[serde(default)]
    pub seen: String,
    #[serde(default)]
    pub expected: String,
    /// Where the rule comes from.
    pub basis: String,
    /// `{ col = ["a", "b"] }` makes one check of many columns: `{col}` is replaced in rule,
    /// query, cells and message.
    #[serde(default)]
    pub for_each: BTreeMap<String, Vec<String>>,
    /// `not-collectable`: declared, never evaluated, with a reason.
    pub status: Option<Status>,
    #[serde(default)]
    pub reason: String,
    #[serde(skip)]
    pub programme: String,
    /// Parsed `rule` / `when` / `violations`, set by the loader.
    #[serde(skip)]
    pub parsed_rule: Option<sql::Expression>,
    #[serde(skip)]
    pub parsed_when: Option<sql::Expression>,
    #[serde(skip)]
    pub parsed_violations: Option<sql::Query>,
    /// The cells that a rule over items names.
    #[serde(skip)]
    pub cells_of: Vec<CellOf>,
}

/// A number of a form whose rows are items.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CellOf {
    pub item: String,
    /// Name of the field.
    pub field: String,
}

impl Check {
    /// What it looks across; the loader works it out where the definition does not say it.
    pub fn scope(&self) -> Scope {
        self.scope.unwrap_or(Scope::Form)
    }

    pub fn head(&self) -> CheckHead<'_> {
        let Self { level, code, title, remedy, .. } = self;
        CheckHead { level: *level, code, title, scope: self.scope(), remedy }
    }

    pub fn is_collectable(&self) -> bool {
        self.status.is_none()
    }
}
