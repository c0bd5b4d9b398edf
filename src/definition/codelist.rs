//! Code lists (代码表): the only values a coded field may have.

use schemars::JsonSchema;
use serde::Deserialize;

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
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeList {
    pub title: String,
    /// Best first; gives `<field>__rank` (1 = best).
    #[serde(default)]
    pub ordered: bool,
    pub codes: Vec<Code>,
}

impl CodeList {
    pub fn position(&self, code: &str) -> Option<usize> {
        self.codes.iter().position(|c| c.code == code)
    }
}
