//! Expressions and queries of a definition: inside the SQL profile, and of the type that is wanted.

use std::collections::BTreeMap;

use super::{Problems, SourceLine};
use crate::model::ColumnType;
use crate::sql::{self, Schema};

/// What an expression has to give.
#[derive(Debug, Clone, Copy)]
pub(super) enum Wanted {
    /// Rows for which it holds are counted or considered.
    Truth,
    /// Its values are added.
    Number,
    Either,
}

impl Wanted {
    pub(super) fn takes(self, kind: ColumnType) -> bool {
        let number = matches!(kind, ColumnType::Integer | ColumnType::Decimal(_));
        let truth = kind == ColumnType::Boolean;
        match self {
            Self::Truth => truth,
            Self::Number => number,
            Self::Either => number || truth,
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Truth => "是/否",
            Self::Number => "数",
            Self::Either => "是/否或数",
        }
    }
}

pub(super) fn type_title(kind: ColumnType) -> &'static str {
    match kind {
        ColumnType::Integer => "整数",
        ColumnType::Decimal(_) => "小数",
        ColumnType::Date => "日期",
        ColumnType::Boolean => "是/否",
        ColumnType::Text => "文字",
    }
}

pub(super) fn expression(
    text: &str,
    schema: &Schema,
    wanted: Wanted,
    what: &str,
    place: &SourceLine,
    problems: &mut Problems,
) -> Option<sql::Expression> {
    match sql::check_expression(text, schema) {
        Ok(parsed) => {
            if !wanted.takes(parsed.result) {
                let (wanted, is) = (wanted.title(), type_title(parsed.result));
                problems.add(place, format!("{what}: “{text}” 应得出{wanted}，实为{is}"));
            }
            Some(parsed)
        }
        Err(refusal) => {
            problems.add(place, format!("{what}: “{text}”: {}", refusal.0));
            None
        }
    }
}

pub(super) fn query(
    text: &str,
    tables: &BTreeMap<String, Schema>,
    what: &str,
    place: &SourceLine,
    problems: &mut Problems,
) -> Option<sql::Query> {
    sql::check_query(text, tables)
        .map_err(|refusal| problems.add(place, format!("{what}: {}", refusal.0)))
        .ok()
}
