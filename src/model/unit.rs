//! Reporting units (填报单位): the committees and offices that send returns.

use std::collections::BTreeMap;

use super::{Period, Validity};

/// One reporting unit from the unit register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unit {
    pub code: String,
    pub name: String,
    /// Other ways in which clerks write the name; matched exactly after normalising.
    pub aliases: Vec<String>,
    /// What the unit is, e.g. `township`; forms say which kinds owe them.
    pub kind: String,
    /// The group inside which units are ranked, e.g. 乡镇.
    pub group: String,
    /// Chosen by us because the brief does not name the unit.
    pub assumed: bool,
    /// From when to when it exists; outside it owes nothing.
    pub valid: Validity,
}

/// All units, in register order (the order of every table).
#[derive(Debug, Clone, Default)]
pub struct Units {
    list: Vec<Unit>,
    by_code: BTreeMap<String, usize>,
}

impl Units {
    pub fn new(list: Vec<Unit>) -> Self {
        let by_code = list.iter().enumerate().map(|(i, u)| (u.code.clone(), i)).collect();
        Self { list, by_code }
    }

    pub fn all(&self) -> &[Unit] {
        &self.list
    }

    /// The units that exist at the end of a period.
    pub fn valid_in(&self, period: &Period) -> impl Iterator<Item = &Unit> {
        let day = period.last_day();
        self.list.iter().filter(move |unit| unit.valid.covers_day(day))
    }

    pub fn get(&self, code: &str) -> Option<&Unit> {
        self.by_code.get(code).map(|&i| &self.list[i])
    }

    /// The unit with this name, code or alias.
    pub fn named(&self, text: &str) -> Option<&Unit> {
        let text = text.trim();
        self.list
            .iter()
            .find(|u| u.name == text || u.code == text || u.aliases.iter().any(|a| a == text))
    }

    /// Place in register order; unknown codes sort last.
    pub fn order(&self, code: &str) -> usize {
        self.by_code.get(code).copied().unwrap_or(usize::MAX)
    }

    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.get(code).map_or(code, |u| u.name.as_str())
    }
}
