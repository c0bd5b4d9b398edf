//! Lineage: for every figure the rows and cells of its numerator and denominator, and the units
//! that are not in it. Raw texts are kept, so that a report explains itself; personal fields
//! are masked here, before anything is printed.
//!
//! Audit writes it as `lineage.json`, the report's page opens figures with it.

mod rules;
mod words;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use crate::definition::{
    Definition, Form, Indicator, KEY_COLUMN, Made, Register, made_columns, register_title,
};
use crate::model::{
    AMENDED, Absent, Column, ColumnType, Contribution, DiagnosedProblem, Evidence, FactTable,
    Figure, Location, PERSONAL, Period, Point, ReturnFacts, RowsOf, Unit, Validated, Validity,
    Value, column_letters, date_text,
};

pub use rules::{Base, PartRule, Rule, Step};
pub use words::InWords;

/// Since 2 with what a program needs that recomputes the figures.
const SCHEMA: u32 = 2;

#[derive(Debug, Serialize, Deserialize)]
pub struct Lineage {
    pub schema: u32,
    /// Its code: the unit of figures that are the whole county's.
    pub county: String,
    /// In the order of the unit register; tables called `units` count by it.
    pub units: Vec<UnitEntry>,
    /// Absent without a holiday file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calendar: Option<WorkingDays>,
    pub indicators: BTreeMap<String, InWords>,
    pub tables: Vec<UsedTable>,
    pub figures: BTreeMap<String, FigureLineage>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
    /// Diagnosed problems; absent in a pipeline without diagnoses.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub problems: BTreeMap<String, ProblemLineage>,
}

/// A reporting unit, as expressions see it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UnitEntry {
    pub code: String,
    pub name: String,
    pub kind: String,
    pub group: String,
    /// The unit above it, where the register names one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub parent: String,
}

/// Which days are working days, from the first covered to the last.
#[derive(Debug, Serialize, Deserialize)]
pub struct WorkingDays {
    pub first: String,
    pub last: String,
    /// Days that are not what their weekday says.
    pub exceptions: BTreeMap<String, bool>,
}

impl UsedTable {
    pub fn rows_of(&self) -> RowsOf<'_> {
        RowsOf::named(&self.source)
    }

    /// Does a field say which row of a register a row is?
    pub fn is_key(&self, field: &str) -> bool {
        field == KEY_COLUMN && matches!(self.rows_of(), RowsOf::Register(_))
    }

    /// The cell of a field in a row; empty where the return lacks the field.
    pub fn cell(&self, row: usize, field: &str) -> String {
        if let Some(cell) = self.places.get(field).and_then(|rows| rows.get(&row)) {
            return cell.clone();
        }
        let Some(&(at, sheet_row)) = self.rows.get(row) else { return String::new() };
        let letters = self.returns.get(at).and_then(|own| own.columns.get(field));
        letters.map(|letters| format!("{letters}{sheet_row}")).unwrap_or_default()
    }
}

impl Lineage {
    /// Are the rows of a figure all listed?
    pub fn lists_rows_of(&self, figure: &str) -> bool {
        let parts = self.figures.get(figure).into_iter();
        let mut parts = parts.flat_map(|f| f.numerator.iter().chain(&f.denominator));
        parts.all(|part| part.unlisted == 0)
    }
}

/// The used part of one fact table, or of a register.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct UsedTable {
    /// [`RowsOf`] as text.
    pub source: String,
    pub title: String,
    pub period: String,
    /// Field → title, of the fields that some figure reads.
    pub fields: BTreeMap<String, String>,
    pub returns: Vec<Return>,
    /// So many rows are not listed: no figure lists its rows in this table.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlisted: u64,
    /// (index into `returns`, one-based sheet row) of each row.
    pub rows: Vec<(usize, u32)>,
    /// Field → row → cell, of fields whose values do not stand in a column of their own.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub places: BTreeMap<String, BTreeMap<usize, String>>,
    /// Field → raw text of each row; `null` is blank.
    pub cells: BTreeMap<String, Vec<Option<String>>>,
    /// Field → type: `integer`, `decimal`, `date`, `boolean`, `text`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub types: BTreeMap<String, String>,
    /// Field → row → value, where it is not what the raw text says; never of a personal field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub typed: BTreeMap<String, BTreeMap<usize, Option<String>>>,
    /// Field → row → what the county changed there (订正); its raw text is what the unit typed.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub amended: BTreeMap<String, BTreeMap<usize, String>>,
    /// Columns made of the fields, as far as some figure reads them.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub made: BTreeMap<String, Made>,
    /// Of a register: the column that says to which unit a row belongs.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub unit_column: String,
    /// Of a register: the first and the last day of each row that has such days.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub valid: BTreeMap<usize, (Option<String>, Option<String>)>,
}

#[derive(Debug, Serialize, Deserialize)]
pub struct Return {
    pub unit: String,
    pub unit_name: String,
    pub file: String,
    pub sheet: String,
    /// Field → column letters.
    pub columns: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FigureLineage {
    pub indicator: String,
    pub period: String,
    pub unit: String,
    pub numerator: Vec<UsedRows>,
    pub denominator: Vec<UsedRows>,
    pub absent: Vec<Absence>,
    /// Ids of the problems that the figure counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
}

/// Rows of an indicator's form that it leaves out because of a blank.
#[derive(Debug, Serialize, Deserialize)]
pub struct LeftOut {
    pub indicator: String,
    pub table: usize,
    pub rows: String,
}

/// A unit that a figure does not count.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Absence {
    /// Its name.
    pub unit: String,
    pub code: String,
    pub form: String,
    pub reason: String,
    /// Where cells are blank that the figure needs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cells: Vec<String>,
}

/// What a problem rests on. Texts and numbers stand in `problems.csv`.
#[derive(Debug, Serialize, Deserialize)]
pub struct ProblemLineage {
    /// Where the rule comes from.
    pub basis: String,
    pub figures: Vec<String>,
    /// The figure in the periods in a row, oldest first: (period, printed value).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<FindingLineage>,
    /// (state, form, hand-in folder, file)
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub returns: Vec<(String, String, String, String)>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FindingLineage {
    pub code: String,
    pub folder: String,
    pub file: String,
    pub sheet: String,
    pub cells: String,
    pub message: String,
    pub outcome: String,
}

/// Rows of one table.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct UsedRows {
    pub table: usize,
    pub fields: Vec<String>,
    /// Row numbers: `0-5,7`.
    pub rows: String,
    /// So many rows are not listed, because the table is too large to be shipped.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub unlisted: u64,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

type TableKey<'a> = (&'a str, Option<&'a Period>);

/// The lineage of all figures.
pub fn build(
    definition: &Definition,
    validated: &Validated,
    figures: &[Figure],
    problems: &[DiagnosedProblem],
) -> Lineage {
    let used = used_fields(definition, figures);
    let listed: BTreeSet<TableKey> = figures
        .iter()
        .flat_map(contributions)
        .filter(|part| !part.rows.is_empty())
        .map(key)
        .collect();
    let index: BTreeMap<TableKey, usize> = used.keys().copied().zip(0..).collect();
    let part = |c: &Contribution| UsedRows {
        table: index.get(&key(c)).copied().unwrap_or_default(),
        fields: c.fields.to_vec(),
        rows: ranges(&c.rows),
        unlisted: c.unlisted,
    };
    let figure = |f: &Figure| FigureLineage {
        indicator: f.indicator.clone(),
        period: f.period.to_string(),
        unit: f.unit.clone(),
        numerator: f.lineage.numerator.iter().map(part).collect(),
        denominator: f.lineage.denominator.iter().map(part).collect(),
        absent: f.lineage.absent.iter().map(|a| absence(definition, a)).collect(),
        problems: f.lineage.problems.clone(),
    };
    let most = definition.settings.report.rows_listed;
    let table = |(key, fields)| {
        // What one figure lists is there for all.
        let most = if listed.contains(key) { usize::MAX } else { most };
        table(definition, validated, key, fields, most)
    };
    let tables: Vec<UsedTable> = used.iter().map(table).collect();
    let in_words = |i: &Indicator| (i.id.clone(), words::in_words(i, definition));
    Lineage {
        schema: SCHEMA,
        county: definition.settings.county_code.clone(),
        units: definition.units.all().iter().map(unit_entry).collect(),
        calendar: calendar(definition),
        indicators: definition.indicators.iter().map(in_words).collect(),
        figures: figures.iter().map(|f| (f.id.clone(), figure(f))).collect(),
        left_out: left_out(definition, validated, &index, &tables),
        tables,
        problems: problems
            .iter()
            .map(|p| (p.id.clone(), problem(definition, validated, figures, p)))
            .collect(),
    }
}

/// The fields that the figures read of each table.
fn used_fields<'a>(
    definition: &'a Definition,
    figures: &'a [Figure],
) -> BTreeMap<TableKey<'a>, BTreeSet<&'a str>> {
    let mut used: BTreeMap<TableKey, BTreeSet<&str>> = BTreeMap::new();
    for part in figures.iter().flat_map(contributions) {
        used.entry(key(part)).or_default().extend(part.fields.iter().map(String::as_str));
    }
    // A figure without a number shows no rows, but why there is none is seen in what it reads.
    for figure in figures {
        let Some(indicator) = definition.indicator(&figure.indicator) else { continue };
        let key = (indicator.form.as_str(), Some(&figure.period));
        if let (Some(fields), Some(form)) = (used.get_mut(&key), definition.form(&indicator.form)) {
            let read = indicator.expressions().flat_map(|e| &e.columns);
            let read = read.filter_map(|column| form.field_behind(column));
            fields.extend(read.map(|field| form.fields[field].name.as_str()));
        }
    }
    used
}

fn key(part: &Contribution) -> TableKey<'_> {
    (part.source.as_str(), part.period.as_ref())
}

fn absence(definition: &Definition, absent: &Absent) -> Absence {
    Absence {
        unit: definition.units.name(&absent.unit).to_owned(),
        code: absent.unit.clone(),
        form: absent.form.clone(),
        reason: absent.reason.title().to_owned(),
        cells: absent.cells.iter().map(ToString::to_string).collect(),
    }
}

fn unit_entry(unit: &Unit) -> UnitEntry {
    UnitEntry {
        code: unit.code.clone(),
        name: unit.name.clone(),
        kind: unit.kind.clone(),
        group: unit.group.clone(),
        parent: unit.parent.clone(),
    }
}

fn calendar(definition: &Definition) -> Option<WorkingDays> {
    let (first, last, days) = definition.calendar.exceptions()?;
    Some(WorkingDays {
        first: date_text(first),
        last: date_text(last),
        exceptions: days.iter().map(|(&day, &works)| (date_text(day), works)).collect(),
    })
}

fn left_out(
    definition: &Definition,
    validated: &Validated,
    index: &BTreeMap<TableKey, usize>,
    tables: &[UsedTable],
) -> Vec<LeftOut> {
    let mut all = Vec::new();
    for indicator in &definition.indicators {
        let own = index.iter().filter(|((source, _), _)| *source == indicator.form);
        for ((source, period), &table) in own.filter(|(_, table)| tables[**table].unlisted == 0) {
            let Some(period) = period else { continue };
            let Some(facts) = validated.facts.table(source, period) else { continue };
            let blanks: BTreeMap<&str, &BTreeSet<usize>> = validated
                .blanks
                .of(source, period, &indicator.id)
                .map(|(unit, blanks)| (unit, &blanks.left_out))
                .collect();
            let is_out = |&row: &u32| {
                let (facts, own) = facts.origin(row as usize);
                blanks.get(facts.unit.as_str()).is_some_and(|rows| rows.contains(&own))
            };
            let rows: Vec<u32> = (0..facts.len() as u32).filter(is_out).collect();
            if !rows.is_empty() {
                let rows = ranges(&rows);
                all.push(LeftOut { indicator: indicator.id.clone(), table, rows });
            }
        }
    }
    all
}

fn problem(
    definition: &Definition,
    validated: &Validated,
    figures: &[Figure],
    problem: &DiagnosedProblem,
) -> ProblemLineage {
    let rule = definition.diagnoses.iter().find(|d| d.id == problem.rule);
    let mut lineage = ProblemLineage {
        basis: rule.map(|rule| rule.basis.clone()).unwrap_or_default(),
        figures: Vec::new(),
        history: Vec::new(),
        findings: Vec::new(),
        returns: Vec::new(),
    };
    for evidence in &problem.evidence {
        match evidence {
            Evidence::Figure(id) => {
                lineage.figures.push(id.clone());
                let figure = figures.iter().find(|f| f.id == *id);
                lineage.history.extend(figure.into_iter().flat_map(|f| history(f, problem)));
            }
            Evidence::Return { state, form, folder, file } => {
                let parts = (state.clone(), form.clone(), folder.to_string(), file.clone());
                lineage.returns.push(parts);
            }
            Evidence::Finding { code, folder, location } => {
                let same = |f: &&crate::model::Finding| {
                    f.code == *code && f.folder == *folder && f.location == *location
                };
                let finding = validated.findings.iter().find(same);
                lineage.findings.push(FindingLineage {
                    code: code.clone(),
                    folder: folder.to_string(),
                    file: location.file.to_string(),
                    sheet: location.sheet.to_string(),
                    cells: location.cells_text(),
                    message: finding.map(|f| f.message.clone()).unwrap_or_default(),
                    outcome: finding.map(|f| f.outcome.title().to_owned()).unwrap_or_default(),
                });
            }
        }
    }
    lineage
}

/// The last points of the series: those that met the rule.
fn history(figure: &Figure, problem: &DiagnosedProblem) -> Vec<(String, String)> {
    let from = figure.series.len().saturating_sub(problem.periods);
    let printed = |p: &Point| p.value.map(|v| format!("{v}{}", figure.measure)).unwrap_or_default();
    figure.series[from..].iter().map(|p| (p.period.to_string(), printed(p))).collect()
}

fn contributions(figure: &Figure) -> impl Iterator<Item = &Contribution> {
    figure.lineage.numerator.iter().chain(&figure.lineage.denominator)
}

fn table(
    definition: &Definition,
    validated: &Validated,
    &(source, period): &TableKey,
    fields: &BTreeSet<&str>,
    most: usize,
) -> UsedTable {
    let form = match RowsOf::named(source) {
        RowsOf::Register(name) => return register_table(definition, name, fields),
        RowsOf::Units => {
            let register = register_table(definition, &definition.settings.unit_register, fields);
            let title = "应报单位".to_owned();
            return UsedTable { source: source.to_owned(), title, ..register };
        }
        RowsOf::Form(id) => definition.form(id),
    };
    let table = UsedTable {
        source: source.to_owned(),
        title: form.map_or(source, |form| &form.title).to_owned(),
        period: period.map(ToString::to_string).unwrap_or_default(),
        ..UsedTable::default()
    };
    let facts = period.and_then(|p| validated.facts.table(source, p));
    let Some((form, facts)) = form.zip(facts) else { return table };
    let mut table = table_of(definition, form, facts, fields, most, table);
    if table.unlisted == 0 {
        table.made = made(form, definition, fields);
        table.amended = amended(validated, facts, &indexed(form, fields));
    }
    table
}

/// The fields that are columns of a form, with their numbers.
fn indexed<'f>(form: &Form, fields: &BTreeSet<&'f str>) -> Vec<(usize, &'f str)> {
    fields.iter().filter_map(|&name| Some((form.field_index(name)?, name))).collect()
}

/// The returns of a form, and what stands in their cells.
fn table_of(
    definition: &Definition,
    form: &Form,
    facts: &FactTable,
    fields: &BTreeSet<&str>,
    most: usize,
    mut table: UsedTable,
) -> UsedTable {
    let indexed = indexed(form, fields);
    for &(index, name) in &indexed {
        table.fields.insert(name.to_owned(), form.fields[index].title.clone());
    }
    for facts in &facts.returns {
        let letters = |&(index, name): &(usize, &str)| {
            let column = facts.column_at.get(index).copied().flatten()?;
            Some((name.to_owned(), column_letters(column)))
        };
        table.returns.push(Return {
            unit: facts.unit.clone(),
            unit_name: definition.units.name(&facts.unit).to_owned(),
            file: facts.file.to_string(),
            sheet: facts.sheet.to_string(),
            columns: indexed.iter().filter_map(letters).collect(),
        });
    }
    if facts.len() > most {
        table.unlisted = facts.len() as u64;
        return table;
    }
    for (at, facts) in facts.returns.iter().enumerate() {
        let first = table.rows.len();
        table.rows.extend(facts.rows.iter().map(|row| (at, row + 1)));
        for &(index, name) in indexed.iter().filter(|(index, _)| facts.placed.contains_key(index)) {
            let cell = |row| Some((first + row, facts.cell(row, index)?.to_string()));
            let cells = (0..facts.rows.len()).filter_map(cell);
            table.places.entry(name.to_owned()).or_default().extend(cells);
        }
    }
    for &(index, name) in &indexed {
        let text = |row| {
            let (facts, row) = facts.origin(row);
            raw_text(definition, form, facts, row, index)
        };
        let texts = (0..facts.len()).map(text).collect();
        table.cells.insert(name.to_owned(), texts);
        table.types.insert(name.to_owned(), type_name(&facts.columns[index]).to_owned());
        let typed = typed(definition, form, facts, index);
        if !typed.is_empty() {
            table.typed.insert(name.to_owned(), typed);
        }
    }
    table
}

fn type_name(column: &Column) -> &'static str {
    match column.kind() {
        ColumnType::Integer => "integer",
        ColumnType::Decimal(_) => "decimal",
        ColumnType::Date => "date",
        ColumnType::Boolean => "boolean",
        ColumnType::Text => "text",
    }
}

/// Values that are not what their raw texts say.
fn typed(
    definition: &Definition,
    form: &Form,
    facts: &FactTable,
    field: usize,
) -> BTreeMap<usize, Option<String>> {
    if form.fields[field].personal {
        return BTreeMap::new();
    }
    let column = &facts.columns[field];
    let value = |row: &usize| {
        let value = column.get(*row);
        (value != Value::Missing)
            .then(|| definition.without_numbers(&value.to_string()).into_owned())
    };
    let differs = |row: &usize| {
        let (facts, own) = facts.origin(*row);
        facts.raw.get(field).and_then(|rows| rows.get(own)).is_some_and(Option::is_some)
    };
    (0..facts.len()).filter(differs).map(|row| (row, value(&row))).collect()
}

/// What the county changed in these fields: collecting said it at each cell.
fn amended(
    validated: &Validated,
    facts: &FactTable,
    fields: &[(usize, &str)],
) -> BTreeMap<String, BTreeMap<usize, String>> {
    let amendments: BTreeMap<&Location, &str> = validated
        .findings
        .iter()
        .filter(|finding| finding.code == AMENDED)
        .map(|finding| (&finding.location, finding.message.as_str()))
        .collect();
    let mut amended: BTreeMap<String, BTreeMap<usize, String>> = BTreeMap::new();
    if amendments.is_empty() {
        return amended;
    }
    for row in 0..facts.len() {
        let (own, inner) = facts.origin(row);
        for &(field, name) in fields {
            if let Some(said) = amendments.get(&own.location(inner, &[field])) {
                amended.entry(name.to_owned()).or_default().insert(row, (*said).to_owned());
            }
        }
    }
    amended
}

/// The columns made of these fields that some indicator reads, and what they are made of.
fn made(form: &Form, definition: &Definition, fields: &BTreeSet<&str>) -> BTreeMap<String, Made> {
    let mut read: BTreeSet<&str> = BTreeSet::new();
    for indicator in &definition.indicators {
        read.extend(indicator.expressions().flat_map(|e| &e.columns).map(String::as_str));
        read.extend(indicator.by.iter().flat_map(|by| by.split('*')).map(str::trim));
        read.extend(indicator.coded_columns());
    }
    let of_fields = |name: &str| {
        form.field_behind(name)
            .is_some_and(|field| fields.contains(form.fields[field].name.as_str()))
    };
    let all = made_columns(form, definition);
    let counted = all.iter().filter(|(name, _)| read.contains(name.as_str()));
    let dates: BTreeSet<String> = counted.map(|(_, made)| made.of().to_owned()).collect();
    let wanted = |(name, _): &(String, Made)| {
        (read.contains(name.as_str()) || dates.contains(name)) && of_fields(name)
    };
    all.into_iter().filter(wanted).collect()
}

/// What stands in a cell, as it may be printed.
pub fn raw_text(
    definition: &Definition,
    form: &Form,
    facts: &ReturnFacts,
    row: usize,
    field: usize,
) -> Option<String> {
    let text = facts.raw_text(row, field)?;
    Some(match facts.columns[field].kind() {
        _ if form.fields[field].personal => PERSONAL.to_owned(),
        // A number that counts is shown as it counts.
        ColumnType::Integer | ColumnType::Decimal(_) => text,
        _ => definition.without_numbers(&text).into_owned(),
    })
}

/// The code of each row, and what the figures read of it.
fn register_table(definition: &Definition, name: &str, fields: &BTreeSet<&str>) -> UsedTable {
    let register = definition.registers.get(name);
    let unit_column = register.and_then(Register::unit_column);
    let shown = || {
        let named: BTreeSet<&str> = fields.iter().copied().chain(unit_column).collect();
        [KEY_COLUMN].into_iter().chain(named.into_iter().filter(|name| *name != KEY_COLUMN))
    };
    let title = |field: &str| match unit_column {
        Some(column) if column == field && field != KEY_COLUMN => "所属单位".to_owned(),
        _ => register_title(field).to_owned(),
    };
    let mut table = UsedTable {
        source: RowsOf::Register(name).to_string(),
        title: definition.register_called(name),
        period: String::new(),
        fields: shown().map(|field| (field.to_owned(), title(field))).collect(),
        returns: vec![Return {
            unit: String::new(),
            unit_name: String::new(),
            file: format!("pipeline/registers/{name}.csv"),
            sheet: String::new(),
            columns: BTreeMap::new(),
        }],
        unit_column: unit_column.unwrap_or_default().to_owned(),
        ..UsedTable::default()
    };
    if let Some(register) = register {
        let rows = 0..register.rows.len();
        for field in shown() {
            let text = |row| Some(register.get(row, field).to_owned()).filter(|t| !t.is_empty());
            table.cells.insert(field.to_owned(), rows.clone().map(text).collect());
            let column = register.column_index(field).and_then(|c| u16::try_from(c).ok());
            let letters = column.map(column_letters).unwrap_or_default();
            table.returns[0].columns.insert(field.to_owned(), letters);
        }
        for row in rows {
            let valid = register.validity(row);
            if valid != Validity::default() {
                table.valid.insert(row, (valid.from.map(date_text), valid.to.map(date_text)));
            }
        }
        // One-based line in the CSV file, after the header.
        table.rows = (0..register.rows.len() as u32).map(|row| (0, row + 2)).collect();
    }
    table
}

/// `[0,1,2,5]` → `0-2,5`.
pub fn ranges(rows: &[u32]) -> String {
    let mut text = String::new();
    for run in rows.chunk_by(|a, b| a.checked_add(1) == Some(*b)) {
        let between = if text.is_empty() { "" } else { "," };
        // Writing to a string cannot fail.
        let _ = match run {
            [first, .., last] => write!(text, "{between}{first}-{last}"),
            [only] => write!(text, "{between}{only}"),
            [] => Ok(()),
        };
    }
    text
}

/// The inverse of [`ranges`]; unreadable parts are left out.
pub fn rows_of(ranges: &str) -> Vec<u32> {
    ranges
        .split(',')
        .filter_map(|part| {
            let (a, b) = part.split_once('-').unwrap_or((part, part));
            Some(a.parse::<u32>().ok()?..=b.parse::<u32>().ok()?)
        })
        .flatten()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_round_trip() {
        assert_eq!(ranges(&[0, 1, 2, 5, 7, 8]), "0-2,5,7-8");
        assert_eq!(rows_of("0-2,5,7-8"), [0, 1, 2, 5, 7, 8]);
        assert_eq!(rows_of(""), Vec::<u32>::new());
    }
}
