//! How a form stands on paper, where that is no plain table: its fields as labels beside their
//! values, its rows as columns, or the codes of a column as columns of their own.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer};

use super::{Field, Form, grammar};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A header, and a row below it for each row.
    #[default]
    Table,
    /// Each title with its value at its right, one or more pairs a line; a return is one row.
    KeyValue,
    /// Titles below each other, and a column at their right for each row.
    Transposed,
}

/// Columns that are the codes of a field: 行政村 | 社区 | 机关 become rows with their domain.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Unpivot {
    /// The coded field that the columns are codes of.
    pub dimension: String,
    /// The field whose values stand in them.
    pub value: String,
    /// Title of each column → code. Without it every code is a column of its own name.
    #[serde(default, deserialize_with = "code_columns")]
    #[schemars(with = "std::collections::BTreeMap<String, String>")]
    pub columns: Vec<CodeColumn>,
    /// Title of the column with the sum of each line; it is compared, never read.
    pub total: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeColumn {
    pub title: String,
    pub code: String,
}

fn code_columns<'de, D: Deserializer<'de>>(source: D) -> Result<Vec<CodeColumn>, D::Error> {
    let pairs = grammar::in_file_order(source)?.into_iter();
    Ok(pairs.map(|(title, code)| CodeColumn { title, code }).collect())
}

impl Form {
    /// The form as its sheet has it: with a field for each column. Of one that is no table the
    /// titles alone, because no header can be looked for.
    pub fn on_paper(&self) -> Cow<'_, Self> {
        match (self.layout, &self.unpivot) {
            (Layout::Table, None) => Cow::Borrowed(self),
            (Layout::Table, Some(unpivot)) => {
                Cow::Owned(Self { fields: self.paper_fields(unpivot), ..self.clone() })
            }
            _ => Cow::Owned(Self { fields: Vec::new(), ..self.clone() }),
        }
    }

    /// The fields beside, then one for each code, then the total of the line.
    fn paper_fields(&self, unpivot: &Unpivot) -> Vec<Field> {
        let Some(value) = self.field(&unpivot.value) else { return self.fields.clone() };
        let beside = self.fields_beside(unpivot).map(|(_, field)| field.clone());
        let column = |title: &str, required: bool| Field {
            name: title.to_owned(),
            title: title.to_owned(),
            aliases: Vec::new(),
            required,
            filled: required && value.filled,
            ..value.clone()
        };
        let codes = unpivot.columns.iter().map(|one| column(&one.title, true));
        let total = unpivot.total.iter().map(|title| column(title, false));
        beside.chain(codes).chain(total).collect()
    }

    /// The fields that stand in columns of their own, with their numbers.
    pub fn fields_beside<'f>(
        &'f self,
        unpivot: &'f Unpivot,
    ) -> impl Iterator<Item = (usize, &'f Field)> {
        let beside = |field: &Field| field.name != unpivot.dimension && field.name != unpivot.value;
        self.fields.iter().enumerate().filter(move |(_, field)| beside(field))
    }
}
