//! An expression of an indicator: as written, and as checked by the loader.

use std::borrow::Cow;

use anyhow::Context;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;

use crate::model::ColumnType;
use crate::sql::Expression;

/// What is counted, added, or asked of each row.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(from = "String")]
pub struct Term {
    pub text: String,
    /// What is evaluated: set by the loader for everything that is computed.
    pub parsed: Option<Expression>,
    /// Where rows are worth more than one each: the condition alone.
    pub condition: Option<Expression>,
}

impl From<String> for Term {
    fn from(text: String) -> Self {
        Self { text, parsed: None, condition: None }
    }
}

impl Term {
    /// What is evaluated; an error if the loader left it out.
    pub fn checked(&self) -> anyhow::Result<&Expression> {
        self.parsed.as_ref().with_context(|| format!("没有解析：{}", self.text))
    }

    /// As a weight of the rows of which a condition is true.
    pub fn worth_where(&self, condition: &str) -> String {
        format!("CASE WHEN ({condition}) THEN ({}) END", self.text)
    }

    /// What is true of the rows that it counts, if it counts any.
    pub fn counting_condition(&self) -> Option<&Expression> {
        let truth = || self.parsed.as_ref().filter(|e| e.result == ColumnType::Boolean);
        self.condition.as_ref().or_else(truth)
    }

    /// Both forms with every blank of certain columns read as zero.
    pub(in crate::definition) fn read_blank_as_zero(&mut self, zero: &dyn Fn(&str) -> bool) {
        for expression in [&mut self.parsed, &mut self.condition] {
            *expression = expression.take().map(|e| e.with_blank_as_zero(zero));
        }
    }
}

/// In a file it is its text.
impl JsonSchema for Term {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }
}
