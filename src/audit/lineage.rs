//! `lineage.json`: for every figure the rows and cells of its numerator and denominator, and
//! the units that are not in it. Raw texts are kept, so that a report explains itself; personal
//! fields are masked.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Inputs;
use crate::definition::{Denominator, Form, Indicator};
use crate::model::{Contribution, Figure, Period, column_letters};

/// What a personal field prints.
pub(super) const MASK: &str = "〔个人信息〕";

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Lineage {
    pub schema: u32,
    pub indicators: BTreeMap<String, Definition>,
    pub tables: Vec<Table>,
    pub figures: BTreeMap<String, FigureLineage>,
}

/// An indicator in words.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Definition {
    pub title: String,
    pub form: String,
    pub kind: String,
    pub numerator: String,
    pub denominator: String,
    pub filter: String,
    pub base: String,
    pub note: String,
}

/// The used part of one fact table, or of a register.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Table {
    pub source: String,
    pub title: String,
    pub period: String,
    /// Field → title, of the fields that some figure reads.
    pub fields: BTreeMap<String, String>,
    pub returns: Vec<Return>,
    /// (index into `returns`, one-based sheet row) of each row.
    pub rows: Vec<(usize, u32)>,
    /// Field → raw text of each row; `null` is blank.
    pub cells: BTreeMap<String, Vec<Option<String>>>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Return {
    pub unit: String,
    pub unit_name: String,
    pub file: String,
    pub sheet: String,
    /// Field → column letters.
    pub columns: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct FigureLineage {
    pub indicator: String,
    pub period: String,
    pub unit: String,
    pub numerator: Vec<Part>,
    pub denominator: Vec<Part>,
    /// (unit name, form, reason)
    pub absent: Vec<(String, String, String)>,
}

/// Rows of one table.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Part {
    pub table: usize,
    pub fields: Vec<String>,
    /// Row numbers: `0-5,7`.
    pub rows: String,
}

type TableKey = (String, Option<Period>);

pub(super) fn to_json(inputs: &Inputs) -> anyhow::Result<Vec<u8>> {
    let mut used: BTreeMap<TableKey, BTreeSet<String>> = BTreeMap::new();
    for part in inputs.figures.iter().flat_map(contributions) {
        used.entry((part.source.clone(), part.period.clone()))
            .or_default()
            .extend(part.fields.iter().cloned());
    }
    let index: BTreeMap<&TableKey, usize> = used.keys().zip(0..).collect();
    let part = |c: &Contribution| Part {
        table: index.get(&(c.source.clone(), c.period.clone())).copied().unwrap_or_default(),
        fields: c.fields.to_vec(),
        rows: ranges(&c.rows),
    };
    let units = &inputs.definition.units;
    let figure = |f: &Figure| FigureLineage {
        indicator: f.indicator.clone(),
        period: f.period.to_string(),
        unit: f.unit.clone(),
        numerator: f.lineage.numerator.iter().map(part).collect(),
        denominator: f.lineage.denominator.iter().map(part).collect(),
        absent: f
            .lineage
            .absent
            .iter()
            .map(|a| (units.name(&a.unit).to_owned(), a.form.clone(), a.reason.title().to_owned()))
            .collect(),
    };
    let lineage = Lineage {
        schema: 1,
        indicators: inputs
            .definition
            .indicators
            .iter()
            .map(|i| (i.id.clone(), in_words(i)))
            .collect(),
        tables: used.iter().map(|(key, fields)| table(inputs, key, fields)).collect(),
        figures: inputs.figures.iter().map(|f| (f.id.clone(), figure(f))).collect(),
    };
    let mut text = serde_json::to_vec(&lineage)?;
    text.push(b'\n');
    Ok(text)
}

fn contributions(figure: &Figure) -> impl Iterator<Item = &Contribution> {
    figure.lineage.numerator.iter().chain(&figure.lineage.denominator)
}

fn table(inputs: &Inputs, key: &TableKey, fields: &BTreeSet<String>) -> Table {
    let (source, period) = key;
    if let Some(name) = source.strip_prefix("register:") {
        return register_table(inputs, name, fields);
    }
    if source == "units" {
        let register = register_table(inputs, &inputs.definition.settings.unit_register, fields);
        return Table { source: source.clone(), title: "应报单位".to_owned(), ..register };
    }
    let mut table = Table {
        source: source.clone(),
        title: source.clone(),
        period: period.as_ref().map(ToString::to_string).unwrap_or_default(),
        fields: BTreeMap::new(),
        returns: Vec::new(),
        rows: Vec::new(),
        cells: BTreeMap::new(),
    };
    let Some(form) = inputs.definition.form(source) else { return table };
    table.title.clone_from(&form.title);
    let Some(facts) = period.as_ref().and_then(|p| inputs.validated.facts.table(source, p)) else {
        return table;
    };
    let indexed: Vec<(usize, &str)> =
        fields.iter().filter_map(|name| Some((form.field_index(name)?, name.as_str()))).collect();
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
            unit_name: inputs.definition.units.name(&facts.unit).to_owned(),
            file: facts.file.to_string(),
            sheet: facts.sheet.to_string(),
            columns: indexed.iter().filter_map(letters).collect(),
        });
    }
    for origin in &facts.rows {
        let sheet_row = facts.returns[origin.return_index as usize].rows[origin.row as usize];
        table.rows.push((origin.return_index as usize, sheet_row + 1));
    }
    for &(index, name) in &indexed {
        let texts = (0..facts.len()).map(|row| raw_text(form, facts, row, index)).collect();
        table.cells.insert(name.to_owned(), texts);
    }
    table
}

fn raw_text(
    form: &Form,
    facts: &crate::model::FactTable,
    row: usize,
    field: usize,
) -> Option<String> {
    let (facts, row) = facts.origin(row);
    let text = facts.raw_text(row, field)?;
    Some(if form.fields[field].personal { MASK.to_owned() } else { text })
}

/// The code of each row, and what the figures read of it.
fn register_table(inputs: &Inputs, name: &str, fields: &BTreeSet<String>) -> Table {
    let shown = || std::iter::once("code").chain(fields.iter().map(String::as_str));
    let title = |field: &str| match field {
        "code" => "代码".to_owned(),
        "name" => "名称".to_owned(),
        other => other.to_owned(),
    };
    let mut table = Table {
        source: format!("register:{name}"),
        title: format!("登记册 {name}"),
        period: String::new(),
        fields: shown().map(|field| (field.to_owned(), title(field))).collect(),
        returns: vec![Return {
            unit: String::new(),
            unit_name: String::new(),
            file: format!("pipeline/registers/{name}.csv"),
            sheet: String::new(),
            columns: BTreeMap::new(),
        }],
        rows: Vec::new(),
        cells: BTreeMap::new(),
    };
    if let Some(register) = inputs.definition.registers.get(name) {
        let rows = 0..register.rows.len();
        for field in shown() {
            let text = |row| Some(register.get(row, field).to_owned()).filter(|t| !t.is_empty());
            table.cells.insert(field.to_owned(), rows.clone().map(text).collect());
            let column = register.column_index(field).and_then(|c| u16::try_from(c).ok());
            let letters = column.map(column_letters).unwrap_or_default();
            table.returns[0].columns.insert(field.to_owned(), letters);
        }
        // One-based line in the CSV file, after the header.
        table.rows = (0..register.rows.len() as u32).map(|row| (0, row + 2)).collect();
    }
    table
}

fn in_words(indicator: &Indicator) -> Definition {
    let denominator = match &indicator.denominator {
        None => String::new(),
        Some(Denominator::Expression(text)) => text.clone(),
        Some(Denominator::Other(other)) => {
            let mut words = Vec::new();
            words.extend(other.form.as_ref().map(|f| format!("报表 {f} 的行")));
            words.extend(other.register.as_ref().map(|r| format!("登记册 {r} 的行")));
            words.extend(other.units.as_ref().map(|_| "应报单位数".to_owned()));
            words.extend(other.filter.as_ref().map(|w| format!("条件 {w}")));
            words.extend(other.sum.as_ref().map(|s| format!("合计 {s}")));
            words.join(",")
        }
    };
    let steps = || {
        let steps = indicator.steps.iter().map(|s| format!("{}: {}", s.title, s.filter));
        let scoring = indicator.scoring().into_iter().map(|(_, rule)| rule);
        steps.chain(scoring).collect::<Vec<_>>().join("; ")
    };
    Definition {
        title: indicator.title.clone(),
        form: indicator.form.clone(),
        kind: format!("{:?}", indicator.kind).to_lowercase(),
        numerator: indicator
            .numerator
            .clone()
            .or_else(|| indicator.formula.clone())
            .or_else(|| indicator.of.clone())
            .unwrap_or_else(steps),
        denominator,
        filter: indicator.filter.clone().unwrap_or_default(),
        base: indicator.base_title.clone(),
        note: indicator.note.clone(),
    }
}

/// `[0,1,2,5]` → `0-2,5`.
fn ranges(rows: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &row in rows {
        match parts.last_mut() {
            Some((_, end)) if *end + 1 == row => *end = row,
            _ => parts.push((row, row)),
        }
    }
    let print = |&(a, b): &(u32, u32)| if a == b { a.to_string() } else { format!("{a}-{b}") };
    parts.iter().map(print).collect::<Vec<_>>().join(",")
}

/// The inverse of [`ranges`]; unreadable parts are left out.
pub(super) fn rows_of(ranges: &str) -> Vec<u32> {
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
