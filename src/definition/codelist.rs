//! Code lists (代码表): the only values a coded field may have.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::model::{Period, Validity};

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Code {
    /// The code as stored and printed, e.g. 较好.
    pub code: String,
    /// ASCII, part of figure ids.
    pub id: String,
    /// Other spellings, matched exactly after normalising.
    #[serde(default)]
    pub synonyms: Vec<String>,
    /// From when to when it may be used: that of the register's row.
    #[serde(skip)]
    pub valid: Validity,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    pub title: String,
    /// Best first; gives `<field>__rank` (1 = best).
    #[serde(default)]
    pub ordered: bool,
    /// Given here, or taken from a register.
    #[serde(default)]
    pub codes: Vec<Code>,
    /// The codes are the rows of this register, in its order: `name` is the code, `code` its id,
    /// `aliases` its other spellings (between `;`), `valid_from` and `valid_to` when it is used.
    pub register: Option<String>,
}

impl CodeList {
    /// The codes that may be used in a period.
    pub fn valid_in(&self, period: &Period) -> impl Iterator<Item = &Code> {
        let day = period.last_day();
        self.codes.iter().filter(move |code| code.valid.covers_day(day))
    }

    pub fn position(&self, code: &str) -> Option<usize> {
        self.codes.iter().position(|c| c.code == code)
    }
}
