//! What a ratio is divided by: rows of its own form, of another, of a register, or units.

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Error, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::Term;
use crate::model::{Period, RowsOf};
use crate::sql;

/// What a ratio is divided by.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub enum Denominator {
    /// An expression over the same rows: boolean counts rows, a number is summed.
    OfRows(Term),
    Elsewhere(Box<OtherDenominator>),
}

/// Decided by what is written, so that a mistake in a table is told as one of a table.
impl<'de> Deserialize<'de> for Denominator {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        struct Written;

        impl<'de> Visitor<'de> for Written {
            type Value = Denominator;

            fn expecting(&self, formatter: &mut std::fmt::Formatter) -> std::fmt::Result {
                formatter.write_str(
                    "表达式，或 { form = … }、{ register = … }、{ units = \"expected\" } 之一",
                )
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Denominator, E> {
                Ok(Denominator::OfRows(text.to_owned().into()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Denominator, A::Error> {
                let other = OtherDenominator::deserialize(MapAccessDeserializer::new(map))?;
                Ok(Denominator::Elsewhere(Box::new(other)))
            }
        }

        source.deserialize_any(Written)
    }
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherDenominator {
    /// Rows of another form in its period due by then.
    pub form: Option<String>,
    /// Boolean expression over that form's or register's rows.
    #[serde(rename = "where")]
    pub filter: Option<Term>,
    /// Numeric expression summed over the rows instead of counting them.
    pub sum: Option<Term>,
    /// Instead of `sum`, for a plan of a year: one numeric expression for each part of the year,
    /// all of one length (4: quarters, 12: months). Those up to the end of the indicator's period
    /// are added: what should be reached by then.
    #[serde(default)]
    pub sum_to_date: Vec<String>,
    /// `expected`: the units that owe the indicator's form.
    pub units: Option<String>,
    /// Rows of a register.
    pub register: Option<String>,
    /// Cumulated: the first part, the first two, …
    #[serde(skip)]
    pub parsed_to_date: Vec<sql::Expression>,
}

impl OtherDenominator {
    /// What it counts; `None` unless exactly one is said.
    pub fn rows_of(&self) -> Option<RowsOf<'_>> {
        match (&self.form, &self.register, self.units.as_deref()) {
            (Some(form), None, None) => Some(RowsOf::Form(form)),
            (None, Some(register), None) => Some(RowsOf::Register(register)),
            (None, None, Some("expected")) => Some(RowsOf::Units),
            _ => None,
        }
    }

    /// `sum_to_date` as running sums: `(q1)`, `(q1) + (q2)`, …
    pub fn running_sums(&self) -> Vec<String> {
        let sum = |parts: &[String]| {
            let parts: Vec<String> = parts.iter().map(|part| format!("({part})")).collect();
            parts.join(" + ")
        };
        (1..=self.sum_to_date.len()).map(|count| sum(&self.sum_to_date[..count])).collect()
    }

    /// What is summed for a period.
    pub fn sum_at(&self, period: &Period) -> Option<&sql::Expression> {
        if self.parsed_to_date.is_empty() {
            return self.sum.as_ref()?.parsed.as_ref();
        }
        // Parts are whole months; a part counts from its last month on.
        let months = 12 / self.parsed_to_date.len();
        let (_, month) = period.last_month()?;
        let passed = usize::from(month) / months.max(1);
        passed.checked_sub(1).and_then(|last| self.parsed_to_date.get(last))
    }

    /// Everything that is evaluated over its rows.
    pub fn expressions(&self) -> impl Iterator<Item = &sql::Expression> {
        let terms = self.filter.iter().chain(&self.sum);
        terms.filter_map(|term| term.parsed.as_ref()).chain(&self.parsed_to_date)
    }
}
