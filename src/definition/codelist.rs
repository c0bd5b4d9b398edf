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

/// Codes that are counted together: 机关 and 国企 as 机关企事业. `<field>__group` has its title; a
/// code in no group stands for itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CodeGroup {
    pub title: String,
    /// ASCII, part of figure ids.
    pub id: String,
    /// Codes of the list, each in one group at most.
    pub codes: Vec<String>,
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
    /// Groups of the codes.
    #[serde(default, rename = "group")]
    pub groups: Vec<CodeGroup>,
}

impl CodeList {
    /// The codes that may be used in a period.
    pub fn valid_in(&self, period: &Period) -> impl Iterator<Item = &Code> {
        let day = period.last_day();
        self.codes.iter().filter(move |code| code.valid.covers_day(day))
    }

    /// What a code is counted under: its group, or itself.
    pub fn group_of<'c>(&'c self, code: &'c str) -> &'c str {
        let group = self.groups.iter().find(|group| group.codes.iter().any(|own| own == code));
        group.map_or(code, |group| &group.title)
    }

    pub fn position(&self, code: &str) -> Option<usize> {
        self.codes.iter().position(|c| c.code == code)
    }
}
