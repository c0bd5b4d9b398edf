//! Returns of the sample county, read once, and small changes to them: what
//! `tests/fixtures/checks/mutations.csv` says in a line.

use std::sync::{Arc, OnceLock};

use dangtong::cache::Cache;
use dangtong::collect;
use dangtong::definition::{Definition, Form};
use dangtong::model::{
    Collected, Column, Columns, Decimal, Finding, Outcome, Period, ReturnFacts, Validated, Value,
};
use dangtong::pipeline;
use dangtong::sql::Embedded;
use dangtong::validate::validate;

use crate::case::repository;
use crate::columns;

/// The sample county as read from its files.
pub(crate) struct Sample {
    pub(crate) definition: Definition,
    pub(crate) collected: Collected,
    pub(crate) folders: Vec<Period>,
}

impl Sample {
    /// Read once for all tests.
    pub(crate) fn get() -> &'static Self {
        static SAMPLE: OnceLock<Sample> = OnceLock::new();
        SAMPLE.get_or_init(Self::read)
    }

    fn read() -> Self {
        let prepared = pipeline::prepare(&pipeline::Request {
            pipeline: repository().join("pipelines/zuoquan"),
            returns: Some(repository().join("sample-data/zuoquan/returns")),
            period: None,
            facts: Vec::new(),
            at: None,
            reader: env!("CARGO_BIN_EXE_dangtong").into(),
            cache: Cache::none(),
        })
        .unwrap();
        let collected = collect::collect(&collect::ReadRequest {
            definition: &prepared.definition,
            returns: &prepared.returns,
            folders: &prepared.folders,
            reader: env!("CARGO_BIN_EXE_dangtong").into(),
            cache: &Cache::none(),
        })
        .unwrap();
        Self { definition: prepared.definition, collected, folders: prepared.folders }
    }

    pub(crate) fn validate(&self, collected: &Collected, folders: &[Period]) -> Validated {
        validate(&self.definition, collected, folders, &Cache::none(), &Embedded).unwrap()
    }

    /// All folders up to and including the given one, and the given one.
    pub(crate) fn folders_until(&self, last: &Period) -> Vec<Period> {
        let mut folders: Vec<Period> =
            self.folders.iter().filter(|folder| *folder < last).cloned().collect();
        folders.push(last.clone());
        folders
    }
}

/// A line of the table of mutations.
#[derive(Debug, Clone, serde::Deserialize)]
pub(crate) struct Mutation {
    pub(crate) code: String,
    /// `fail`, `pass`, or `with`: a further change to the returns of the line before.
    pub(crate) outcome: String,
    pub(crate) folder: String,
    /// Name of the unit; `*`: every unit.
    pub(crate) unit: String,
    form: String,
    /// `edit`, `edit-all`, `drop`, `drop-all`, `copy` (a second row like the first),
    /// `again` (the latest return again, in this folder), `new` (a return of one row).
    act: String,
    /// `field=value;…`: the rows meant; `*` is anything, nothing is blank, `@first` the value
    /// of the first row.
    #[serde(rename = "where")]
    chosen: String,
    /// `field=value;…`; `+1` and `-1` change a number.
    set: String,
}

impl Mutation {
    /// Each with what goes with it.
    pub(crate) fn read() -> Vec<Vec<Self>> {
        let path = repository().join("tests/fixtures/checks/mutations.csv");
        let mut groups: Vec<Vec<Self>> = Vec::new();
        for line in csv::Reader::from_path(path).unwrap().deserialize() {
            let line: Self = line.unwrap();
            match groups.last_mut() {
                Some(group) if line.outcome == "with" => group.push(line),
                _ => groups.push(vec![line]),
            }
        }
        groups
    }

    pub(crate) fn folder(&self) -> Period {
        Period::parse(&self.folder)
    }

    pub(crate) fn unit_code(&self, definition: &Definition) -> Option<String> {
        let found = |unit: &&dangtong::model::Unit| unit.name == self.unit;
        definition.units.all().iter().find(found).map(|unit| unit.code.clone())
    }

    /// Does a finding come from this mutation? County-wide findings name no unit.
    pub(crate) fn explains(&self, definition: &Definition, finding: &Finding) -> bool {
        let unit = self.unit_code(definition);
        finding.code == self.code
            && finding.outcome != Outcome::NotEvaluated
            && (finding.unit.is_empty() || unit.is_none_or(|unit| unit == finding.unit))
    }

    /// Changes the returns; `Err` says why the line does not fit them.
    pub(crate) fn apply(
        &self,
        definition: &Definition,
        collected: &mut Collected,
    ) -> Result<(), String> {
        let form = definition.form(&self.form).ok_or_else(|| format!("no form {}", self.form))?;
        let unit = self.unit_code(definition);
        if unit.is_none() && self.unit != "*" {
            return Err(format!("no unit {}", self.unit));
        }
        match self.act.as_str() {
            "new" => {
                collected.returns.push(Arc::new(self.new_return(form, &unit.unwrap_or_default())?));
                return Ok(());
            }
            "again" => {
                let facts = self.again(form, &unit.unwrap_or_default(), collected)?;
                collected.returns.push(Arc::new(facts));
                return Ok(());
            }
            _ => {}
        }
        let folder = self.folder();
        let mut changed = 0;
        for facts in &mut collected.returns {
            let here = facts.form == form.id
                && facts.folder == folder
                && unit.as_ref().is_none_or(|unit| *unit == facts.unit);
            if here {
                changed += self.change(form, Arc::make_mut(facts))?;
            }
        }
        if changed == 0 { Err("no row".to_owned()) } else { Ok(()) }
    }

    fn again(&self, form: &Form, unit: &str, collected: &Collected) -> Result<ReturnFacts, String> {
        let mine = |facts: &&Arc<ReturnFacts>| facts.form == form.id && facts.unit == unit;
        let latest = collected.returns.iter().filter(mine).max_by_key(|facts| facts.folder.clone());
        let mut facts = ReturnFacts::clone(latest.ok_or("no return")?);
        facts.folder = self.folder();
        facts.period = form.owed_in(&facts.folder).ok_or("not owed")?.period;
        Self { act: "edit".to_owned(), ..self.clone() }.change(form, &mut facts)?;
        Ok(facts)
    }

    fn new_return(&self, form: &Form, unit: &str) -> Result<ReturnFacts, String> {
        let types = form.column_types().into_iter();
        let columns: Vec<Column> = types.map(|kind| Column::blanks(kind, 1)).collect();
        let folder = self.folder();
        let period = form.owed_in(&folder).ok_or("not owed")?.period;
        let mut facts = columns::facts(form, unit, (period, folder), columns);
        set_row(form, &mut facts, 0, &self.set)?;
        Ok(facts)
    }

    /// Gives the number of changed rows.
    fn change(&self, form: &Form, facts: &mut ReturnFacts) -> Result<usize, String> {
        facts.totals.clear();
        let mut rows = Vec::new();
        for row in 0..facts.rows.len() {
            if matches(form, facts, row, &self.chosen)? {
                rows.push(row);
            }
        }
        if !self.act.ends_with("-all") {
            rows.truncate(1);
        }
        for &row in rows.iter().rev() {
            match self.act.as_str() {
                "edit" | "edit-all" => set_row(form, facts, row, &self.set)?,
                "drop" | "drop-all" => drop_row(facts, row),
                "copy" => {
                    copy_row(facts, row);
                    set_row(form, facts, facts.rows.len() - 1, &self.set)?;
                }
                other => return Err(format!("no act {other}")),
            }
        }
        Ok(rows.len())
    }
}

fn field(form: &Form, name: &str) -> Result<usize, String> {
    form.field_index(name).ok_or_else(|| format!("no field {name}"))
}

fn parts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(';').filter(|part| !part.is_empty()).filter_map(|part| part.split_once('='))
}

fn matches(form: &Form, facts: &ReturnFacts, row: usize, chosen: &str) -> Result<bool, String> {
    for (name, wanted) in parts(chosen) {
        let column = &facts.columns[field(form, name)?];
        let value = column.get(row);
        let agrees = match wanted {
            "*" => value != Value::Missing,
            "@first" => value == column.get(0),
            _ => value.to_string() == wanted,
        };
        if !agrees {
            return Ok(false);
        }
    }
    Ok(true)
}

fn set_row(form: &Form, facts: &mut ReturnFacts, row: usize, set: &str) -> Result<(), String> {
    for (name, text) in parts(set) {
        let at = field(form, name)?;
        // What was typed before is no longer what stands there.
        if let Some(raw) = facts.raw[at].get_mut(row) {
            *raw = None;
        }
        set_value(&mut facts.columns, at, row, text)
            .ok_or_else(|| format!("{name} cannot be {text}"))?;
    }
    Ok(())
}

fn set_value(columns: &mut Columns, at: usize, row: usize, text: &str) -> Option<()> {
    let column = &columns[at];
    let change = text.strip_prefix('+').or(text.strip_prefix('-').map(|_| text));
    let given = columns::parsed(column.kind(), change.unwrap_or(text))?;
    let value = match (change, column.get(row), given) {
        (Some(_), Value::Integer(base), Value::Integer(by)) => Value::Integer(base + by),
        (Some(_), Value::Decimal(base), Value::Decimal(by)) => {
            Value::Decimal(Decimal::new(base.units + by.units, base.places))
        }
        (_, _, given) => given,
    };
    columns::edited_at(columns, at, |values| values[row] = value);
    Some(())
}

fn drop_row(facts: &mut ReturnFacts, row: usize) {
    facts.rows.remove(row);
    columns::each_edited(&mut facts.columns, |values| remove(values, row));
    facts.raw.iter_mut().for_each(|raw| remove(raw, row));
    facts.shown_places.iter_mut().for_each(|shown| remove(shown, row));
}

/// Columns without anything typed have no entries.
fn remove<T>(values: &mut Vec<T>, row: usize) {
    if row < values.len() {
        values.remove(row);
    }
}

fn copy_row(facts: &mut ReturnFacts, row: usize) {
    facts.rows.push(facts.rows.last().map_or(3, |last| last + 1));
    columns::each_edited(&mut facts.columns, |values| values.push(values[row].clone()));
    facts.raw.iter_mut().filter(|raw| !raw.is_empty()).for_each(|raw| raw.push(None));
    let shown = facts.shown_places.iter_mut().filter(|shown| !shown.is_empty());
    shown.for_each(|shown| shown.push(None));
}
