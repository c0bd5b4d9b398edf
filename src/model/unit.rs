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

impl Unit {
    /// Is it meant by names of kinds or codes of units?
    pub fn is_named(&self, by: &[String]) -> bool {
        by.iter().any(|name| *name == self.kind || *name == self.code)
    }

    /// Its name as a part of the name of a file, on any system.
    pub fn file_stem(&self) -> String {
        self.name.replace(['/', '\\', ':', '*', '?', '"', '<', '>', '|'], " ")
    }
}

/// The units below the one that reports, in register order (the order of every table). In a county
/// they are its committees, each handing in returns and each a row; above it the rows are the units
/// directly below, and the returns come from those to which no other belongs.
#[derive(Debug, Clone, Default)]
pub struct Units {
    list: Vec<Unit>,
    by_code: BTreeMap<String, usize>,
    /// Of each unit: the row in which it counts.
    row_of: Vec<usize>,
    /// Row → those of its units that hand in returns: itself, or what is below it.
    leaves_of: BTreeMap<usize, Vec<usize>>,
    /// As printed: with the name of the row that it is below.
    titles: Vec<String>,
}

impl Units {
    pub fn new(list: Vec<Unit>) -> Self {
        let by_code: BTreeMap<String, usize> =
            list.iter().enumerate().map(|(i, u)| (u.code.clone(), i)).collect();
        let above = |at: usize| by_code.get(&list[at].parent).copied();
        let row = |own: usize| {
            // No longer than there are units: a register may go in a circle until it is checked.
            let climb = |at: usize, _| above(at).ok_or(at);
            (0..list.len()).try_fold(own, climb).unwrap_or_else(|top| top)
        };
        let row_of: Vec<usize> = (0..list.len()).map(row).collect();
        let parents: BTreeSet<usize> = (0..list.len()).filter_map(above).collect();
        let mut leaves_of: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        for at in (0..list.len()).filter(|at| !parents.contains(at)) {
            leaves_of.entry(row_of[at]).or_default().push(at);
        }
        let title = |(at, unit): (usize, &Unit)| match row_of[at] {
            row if row == at => unit.name.clone(),
            row => format!("{}{}", list[row].name, unit.name),
        };
        let titles = list.iter().enumerate().map(title).collect();
        Self { by_code, row_of, leaves_of, titles, list }
    }

    pub fn all(&self) -> &[Unit] {
        &self.list
    }

    /// The units that hand in returns themselves: those to which no other belongs.
    pub fn leaves(&self) -> impl Iterator<Item = &Unit> {
        let (all, leaves): (_, BTreeSet<usize>) =
            (&self.list, self.leaves_of.values().flatten().copied().collect());
        leaves.into_iter().map(move |at| &all[at])
    }

    /// Does it hand in returns itself?
    pub fn is_leaf(&self, at: usize) -> bool {
        self.row_of.get(at).is_some_and(|row| self.leaves_of(*row).binary_search(&at).is_ok())
    }

    /// Is it the code of a unit that hands in returns itself?
    pub fn hands_in(&self, code: &str) -> bool {
        self.is_leaf(self.order(code))
    }

    /// The units directly below the one that reports, by their places in the register.
    pub fn rows(&self) -> impl Iterator<Item = (usize, &Unit)> {
        let is_row = |(at, _): &(usize, &Unit)| self.row_of[*at] == *at;
        self.list.iter().enumerate().filter(is_row)
    }

    /// The row in which a unit counts, both by their places.
    pub fn row_of(&self, at: usize) -> Option<usize> {
        self.row_of.get(at).copied()
    }

    /// The same by codes; of one that is not in the register the code itself.
    pub fn row_code<'a>(&'a self, code: &'a str) -> &'a str {
        let row = self.by_code.get(code).and_then(|&at| self.row_of(at));
        row.map_or(code, |row| &self.list[row].code)
    }

    /// Those of a row's units that hand in returns, by their places.
    pub fn leaves_of(&self, row: usize) -> &[usize] {
        self.leaves_of.get(&row).map_or(&[], Vec::as_slice)
    }

    /// Do the returns of a row come from below it?
    pub fn is_level(&self, row: usize) -> bool {
        let leaves = self.leaves_of(row);
        !leaves.is_empty() && leaves != [row]
    }

    /// Is there a row whose returns come from below it?
    pub fn has_levels(&self) -> bool {
        self.rows().any(|(row, _)| self.is_level(row))
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

    /// The rows that exist at the end of a period.
    pub fn rows_in(&self, period: &Period) -> impl Iterator<Item = &Unit> {
        let day = period.last_day();
        self.rows().map(|(_, unit)| unit).filter(move |unit| unit.valid.covers_day(day))
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

    /// As printed: a unit below a row with the row's name, `甲县城关镇`.
    pub fn name<'a>(&'a self, code: &'a str) -> &'a str {
        self.by_code.get(code).map_or(code, |&at| self.titles[at].as_str())
    }
}
