//! Findings: what is wrong or doubtful, where, what was seen and expected, what to do.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Location, Period};

/// 强制 blocks the return; 核实 asks for an explanation; 提示 only informs.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Error,
    Query,
    Hint,
}

impl Level {
    pub fn id(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Query => "query",
            Self::Hint => "hint",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Error => "强制",
            Self::Query => "核实",
            Self::Hint => "提示",
        }
    }
}

/// What a check compares.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Reading the file itself (收表).
    File,
    /// 表内
    Form,
    /// 表间
    Forms,
    /// 跨期
    Periods,
}

impl Scope {
    pub fn id(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Form => "form",
            Self::Forms => "forms",
            Self::Periods => "periods",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::File => "收表",
            Self::Form => "表内",
            Self::Forms => "表间",
            Self::Periods => "跨期",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Fail,
    /// Neither pass nor fail; the message says what was missing.
    NotEvaluated,
    /// A 核实 for which the unit has written an explanation (审核说明).
    Explained,
}

impl Outcome {
    pub fn id(self) -> &'static str {
        match self {
            Self::Fail => "fail",
            Self::NotEvaluated => "not-evaluated",
            Self::Explained => "explained",
        }
    }

    pub fn title(self) -> &'static str {
        match self {
            Self::Fail => "未通过",
            Self::NotEvaluated => "未评估",
            Self::Explained => "已说明",
        }
    }
}

/// One finding. Texts are Chinese and never contain personal fields.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub level: Level,
    /// The check's code, e.g. `F05-02`, `G-01`, `C-03`.
    pub code: String,
    pub title: String,
    pub scope: Scope,
    /// The period covered by the return; of the folder when the return is not known.
    pub period: Period,
    /// The hand-in folder in which the finding belongs.
    pub folder: Period,
    /// Unit code; empty when the county or an unknown sender is meant.
    pub unit: String,
    /// Form id; empty when no form is meant.
    pub form: String,
    pub location: Location,
    pub seen: String,
    pub expected: String,
    pub message: String,
    pub remedy: String,
    pub outcome: Outcome,
}

/// What a check says of itself in each of its findings.
#[derive(Debug, Clone, Copy)]
pub struct CheckHead<'c> {
    pub level: Level,
    pub code: &'c str,
    pub title: &'c str,
    pub scope: Scope,
    pub remedy: &'c str,
}

/// The texts of a finding, beside where it stands.
#[derive(Debug, Clone, Default)]
pub struct Wording {
    pub seen: String,
    pub expected: String,
    pub message: String,
}

impl Finding {
    /// What a check found in a hand-in folder, of the county as a whole unless more is said.
    pub fn new(check: CheckHead, folder: &Period, said: Wording) -> Self {
        Self {
            level: check.level,
            code: check.code.to_owned(),
            title: check.title.to_owned(),
            scope: check.scope,
            period: folder.clone(),
            folder: folder.clone(),
            unit: String::new(),
            form: String::new(),
            location: Location::default(),
            seen: said.seen,
            expected: said.expected,
            message: said.message,
            remedy: check.remedy.to_owned(),
            outcome: Outcome::Fail,
        }
    }

    /// The same as something that could not be evaluated, with what is to be done about that.
    pub fn not_evaluated(self, remedy: impl Into<String>) -> Self {
        Self { outcome: Outcome::NotEvaluated, remedy: remedy.into(), ..self }
    }

    /// Stands before what the unit wrote to explain a finding.
    pub const EXPLAINED: &'static str = "；说明：";

    /// The message alone, without what the unit wrote and without its stop: part of a sentence.
    pub fn clause(&self) -> &str {
        let message = self.message.split(Self::EXPLAINED).next().unwrap_or_default();
        message.trim_end_matches(['。', '；'])
    }

    /// Blocks the return it belongs to.
    pub fn rejects(&self) -> bool {
        self.level == Level::Error && self.outcome == Outcome::Fail
    }

    /// Reading order of every list: level, unit place, form, code, place.
    pub fn sort_key(&self) -> (Level, &str, &str, &str, &Location, &str, Outcome, &str) {
        (
            self.level,
            &self.unit,
            &self.form,
            &self.code,
            &self.location,
            &self.message,
            self.outcome,
            &self.seen,
        )
    }
}
