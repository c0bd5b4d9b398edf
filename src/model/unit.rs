//! Reporting units (填报单位): the committees and offices that send returns.

use std::collections::{BTreeMap, BTreeSet};

use super::{Period, Validity};

/// One reporting unit from the unit register.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Unit {
    pub code: String,
    pub name: String,
    /// Other ways in which clerks write the name; matched exactly after normalising.
    pub aliases: Vec<String>,
    /// What the unit is, e.g. `township`; forms say which kinds owe them.
    pub kind: String,
    /// The group inside which units are ranked, e.g. 乡镇.
    pub group: String,
    /// Code of the unit to which it belongs (县之于市); empty directly below the whole.
    pub parent: String,
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

    /// The units that hand in returns themselves: those to which no other belongs.
    pub fn leaves(&self) -> impl Iterator<Item = &Unit> {
        let parents: BTreeSet<&str> = self.list.iter().map(|unit| unit.parent.as_str()).collect();
        self.list.iter().filter(move |unit| !parents.contains(unit.code.as_str()))
    }

    /// The units directly below one; below the whole those without a parent.
    pub fn children<'a>(&'a self, code: &'a str, whole: &str) -> impl Iterator<Item = &'a Unit> {
        let parent = if code == whole { "" } else { code };
        self.list.iter().filter(move |unit| unit.parent == parent)
    }

    /// Is a unit the other or anywhere below it? All are below the whole.
    pub fn is_below(&self, unit: &Unit, code: &str, whole: &str) -> bool {
        if code == whole {
            return true;
        }
        let mut at = Some(unit);
        // No longer than there are units: a register may go in a circle until it is checked.
        for _ in 0..=self.list.len() {
            match at {
                Some(unit) if unit.code == code => return true,
                Some(unit) => at = self.get(&unit.parent),
                None => return false,
            }
        }
        false
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
