//! Registers of several counties as one: rows of what was handed up join our own, and whatever is
//! said twice must be said alike.

use std::collections::{BTreeMap, BTreeSet};

use super::read::HandUp;
use crate::columnar::Table;
use crate::definition::{Definition, KEY_COLUMN, Register};
use crate::model::{Unit, Units};

/// What a unit register says beside names: must be alike above and below.
const SAME_OF_UNITS: [&str; 5] = ["name", "kind", "group", "valid_from", "valid_to"];

/// A code, from when its row is valid (one that changes hands has several), and which of those that
/// say the same of both.
type RowKey = (String, String, usize);
type Rows = BTreeMap<RowKey, Vec<String>>;

/// Our registers, and what the others said of theirs so far.
pub(super) struct Known<'d> {
    definition: &'d Definition,
    ours: BTreeMap<&'d str, OurRows<'d>>,
    theirs: BTreeMap<&'d str, Rows>,
}

/// Rows of a register of ours.
struct OurRows<'d> {
    /// In the register's order.
    keys: Vec<RowKey>,
    rows: BTreeMap<RowKey, &'d Vec<String>>,
}

impl<'d> Known<'d> {
    pub(super) fn new(definition: &'d Definition) -> Self {
        let rows = |register: &'d Register| {
            let keys = keys(register, &register.rows);
            let rows = keys.iter().cloned().zip(&register.rows).collect();
            OurRows { keys, rows }
        };
        let all = definition.registers.iter();
        let ours = all.map(|(name, register)| (name.as_str(), rows(register))).collect();
        Self { definition, ours, theirs: BTreeMap::new() }
    }

    /// Takes in the registers of what was handed up, or says why they cannot stand beside ours and
    /// the others'.
    pub(super) fn take(&mut self, handup: &HandUp) -> Result<(), String> {
        let definition = self.definition;
        let county = &handup.manifest.county;
        if county != &definition.settings.county_code && definition.units.get(county).is_none() {
            return Err(format!("单位 {county} 不在本级的单位登记册里"));
        }
        let mut taken: BTreeMap<&str, Rows> = BTreeMap::new();
        for (name, own) in &definition.registers {
            let both = handup.registers.get(name).zip(self.ours.get(name.as_str()));
            let Some((table, ours)) = both else { continue };
            let rows = in_order(own, table).into_iter().collect();
            match self.conflict(own, ours, &rows, county) {
                Some(conflict) => return Err(conflict),
                None => taken.insert(name, rows),
            };
        }
        for (name, rows) in taken {
            self.theirs.entry(name).or_default().extend(rows);
        }
        Ok(())
    }

    fn conflict(
        &self,
        own: &Register,
        ours: &OurRows,
        rows: &Rows,
        county: &str,
    ) -> Option<String> {
        let (definition, name) = (self.definition, own.name.as_str());
        let is_units = *name == definition.settings.unit_register;
        let same = |row: &[String], other: &[String]| match is_units {
            true => SAME_OF_UNITS.iter().all(|c| cell(own, other, c) == cell(own, row, c)),
            false => other == row,
        };
        let theirs = self.theirs.get(name);
        for (key, row) in rows {
            let code = &key.0;
            let known = ours.rows.get(key);
            if known.is_some_and(|known| !same(row, known)) {
                return Some(format!("{}的 {code} 与本级的内容不同", own.called()));
            }
            if is_units && !is_its(definition, code, county) {
                return Some(format!("单位 {code} 在本级的单位登记册里不隶属于 {county}"));
            }
            let known = theirs.and_then(|theirs| theirs.get(key));
            if known.is_some_and(|known| !same(row, known)) {
                return Some(format!("{}的 {code} 与别的单位上交的内容不同", own.called()));
            }
        }
        let unsaid = |(row, key): &(usize, &RowKey)| {
            !rows.contains_key(key) && is_theirs(definition, own, *row, county, is_units)
        };
        let (_, (code, ..)) = ours.keys.iter().enumerate().find(unsaid)?;
        Some(format!("本级{}里的 {code} 不在上交的登记册里", own.called()))
    }
}

fn is_its(definition: &Definition, unit: &str, county: &str) -> bool {
    let (units, whole) = (&definition.units, &definition.settings.county_code);
    units.get(unit).is_some_and(|unit| units.is_below(unit, county, whole))
}

/// Is it a row that the county must know: of one of its units, or, of its own report, any?
fn is_theirs(
    definition: &Definition,
    register: &Register,
    row: usize,
    county: &str,
    is_units: bool,
) -> bool {
    if *county == definition.settings.county_code {
        return true;
    }
    let column = if is_units { Some(KEY_COLUMN) } else { register.unit_column() };
    let Some(unit) = column.map(|column| register.get(row, column)) else { return false };
    // The county itself is a unit of ours, not of its own.
    unit != county && is_its(definition, unit, county)
}

/// The keys of a register's rows, in their order.
fn keys(register: &Register, rows: &[Vec<String>]) -> Vec<RowKey> {
    let mut before: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    let mut keys = Vec::with_capacity(rows.len());
    for row in rows {
        let (code, from) = (cell(register, row, KEY_COLUMN), cell(register, row, "valid_from"));
        let number = before.entry((code, from)).or_default();
        *number += 1;
        keys.push((code.to_owned(), from.to_owned(), *number));
    }
    keys
}

/// What another level has, in its order, the cells in the order of our columns; cells that it lacks
/// are empty.
fn in_order(own: &Register, table: &Table) -> Vec<(RowKey, Vec<String>)> {
    let column = |name: &String| table.iter().find(|(other, _)| other == name).map(|(_, c)| c);
    let columns: Vec<_> = own.columns.iter().map(column).collect();
    let rows = table.first().map_or(0, |(_, column)| column.len());
    let row = |at: usize| -> Vec<String> {
        columns.iter().map(|c| c.and_then(|c| c.text(at)).unwrap_or_default().to_owned()).collect()
    };
    let rows: Vec<Vec<String>> = (0..rows).map(row).collect();
    keys(own, &rows).into_iter().zip(rows).collect()
}

fn cell<'r>(register: &Register, row: &'r [String], column: &str) -> &'r str {
    let at = register.column_index(column);
    at.and_then(|at| row.get(at)).map_or("", String::as_str)
}

/// The definition as a unit that reports would write it: what is below it alone, its name as the whole,
/// and the rows of registers that are theirs or were handed up by them.
pub fn definition_of(definition: &Definition, at: &Unit, handups: &[&HandUp]) -> Definition {
    let whole = definition.settings.county_code.clone();
    let mut own = definition.clone();
    let units = definition.units.all().iter();
    let is_below =
        |unit: &&Unit| unit.code != at.code && definition.units.is_below(unit, &at.code, &whole);
    let below: Vec<Unit> = units.filter(is_below).cloned().collect();
    let codes: BTreeSet<String> = below.iter().map(|unit| unit.code.clone()).collect();
    own.settings.county_code = at.code.clone();
    own.settings.county_name = at.name.clone();
    // Its groups in our order: figures of groups are numbered by it.
    let is_its = |group: &String| below.iter().any(|unit| unit.group == *group);
    own.settings.report.groups.retain(is_its);
    own.units = Units::new(below);
    for (name, register) in &mut own.registers {
        let is_units = *name == definition.settings.unit_register;
        let unit = if is_units { Some(KEY_COLUMN) } else { register.unit_column() };
        let is_its = |row: &usize| {
            let of = unit.map(|column| register.get(*row, column));
            of.is_none_or(|of| codes.contains(of) || definition.units.get(of).is_none())
        };
        let kept: Vec<usize> = (0..register.rows.len()).filter(is_its).collect();
        *register = register.only(&kept);
        if is_units {
            continue;
        }
        let mut known: BTreeSet<RowKey> = keys(register, &register.rows).into_iter().collect();
        for table in handups.iter().filter_map(|handup| handup.registers.get(name)) {
            for (key, row) in in_order(register, table) {
                if known.insert(key) {
                    register.add(row);
                }
            }
        }
    }
    own
}
