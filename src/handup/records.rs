//! Lists of records as columns, and back: each part of a record that is a text, number or truth is a
//! column, a part of a part is named after both (`location__file`), a list is written as JSON.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::columnar::Table;
use crate::model::{Column, ColumnType, Value as Cell};

/// Ends the name of a column of lists.
const JSON: &str = "__json";
/// Between the names of a part and of its part.
const PART: &str = "__";

pub(super) fn to_table<T: Serialize>(records: &[T]) -> anyhow::Result<Table> {
    let mut flat = Vec::new();
    for record in records {
        let mut parts = BTreeMap::new();
        flatten(String::new(), serde_json::to_value(record)?, &mut parts);
        flat.push(parts);
    }
    let names: BTreeSet<&String> = flat.iter().flat_map(BTreeMap::keys).collect();
    names
        .into_iter()
        .map(|name| {
            let values: Vec<Option<&Value>> = flat.iter().map(|parts| parts.get(name)).collect();
            Ok((name.clone(), column(&values)))
        })
        .collect()
}

fn flatten(name: String, value: Value, parts: &mut BTreeMap<String, Value>) {
    match value {
        Value::Null => {}
        Value::Object(members) => {
            for (member, value) in members {
                let inner = if name.is_empty() { member } else { format!("{name}{PART}{member}") };
                flatten(inner, value, parts);
            }
        }
        Value::Array(_) => {
            parts.insert(format!("{name}{JSON}"), Value::String(value.to_string()));
        }
        plain => {
            parts.insert(name, plain);
        }
    }
}

fn column(values: &[Option<&Value>]) -> Column {
    match values.iter().flatten().next() {
        Some(Value::Number(_)) => {
            Column::integers(values.iter().map(|value| value.and_then(Value::as_i64)))
        }
        Some(Value::Bool(_)) => {
            Column::booleans(values.iter().map(|value| value.and_then(Value::as_bool)))
        }
        _ => Column::texts(values.iter().map(|value| value.and_then(Value::as_str))),
    }
}

pub(super) fn of_table<T: DeserializeOwned>(table: &Table) -> anyhow::Result<Vec<T>> {
    let rows = table.first().map_or(0, |(_, column)| column.len());
    let record = |row| Ok(serde_json::from_value(Value::Object(unflatten(table, row)?))?);
    (0..rows).map(record).collect()
}

fn unflatten(table: &Table, row: usize) -> anyhow::Result<Map<String, Value>> {
    let mut record = Map::new();
    for (name, column) in table {
        let value = match column.get(row) {
            Cell::Missing => continue,
            Cell::Integer(number) => Value::from(number),
            Cell::Boolean(truth) => Value::from(truth),
            Cell::Text(text) if name.ends_with(JSON) => serde_json::from_str(&text)?,
            Cell::Text(text) => Value::from(&*text),
            _ => anyhow::bail!("列 {name} 的类型不符"),
        };
        let path: Vec<&str> = name.trim_end_matches(JSON).split(PART).collect();
        let (last, above) = path.split_last().context("列没有名称")?;
        let mut inner = &mut record;
        for part in above {
            let member = inner.entry(*part).or_insert_with(|| Value::Object(Map::new()));
            inner = member.as_object_mut().context("列名重复")?;
        }
        inner.insert((*last).to_owned(), value);
    }
    Ok(record)
}

/// A column that must be there.
pub(super) fn named<'t>(
    table: &'t Table,
    name: &str,
    kind: ColumnType,
) -> anyhow::Result<&'t Column> {
    let column = table.iter().find(|(own, _)| own == name).map(|(_, column)| column);
    column
        .filter(|column| column.kind() == kind)
        .with_context(|| format!("缺少列 {name} 或类型不符"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        CellRef, Finding, Level, Location, Outcome, Period, Scope, Timeliness, Unjudged,
    };

    #[test]
    fn records_come_back() {
        let finding = |cells: Vec<CellRef>| Finding {
            level: Level::Query,
            code: "F05-02".into(),
            title: "合计".into(),
            scope: Scope::Form,
            period: Period::parse("2013Q3"),
            folder: Period::parse("2013-10"),
            unit: "140722100".into(),
            form: String::new(),
            location: Location { file: "a.xlsx".into(), sheet: "表".into(), cells },
            seen: "3".into(),
            expected: "4".into(),
            message: "不等".into(),
            remedy: "改".into(),
            outcome: Outcome::Explained,
        };
        let findings = [finding(vec![CellRef::new(2, 1)]), finding(Vec::new())];
        let table = to_table(&findings).unwrap();
        assert!(table.iter().any(|(name, _)| name == "location__file"));
        assert_eq!(of_table::<Finding>(&table).unwrap(), findings);
        // A part that is a word in one record and has a reason in another.
        let words = [(1, Timeliness::Late), (2, Timeliness::Unjudged(Unjudged::NoDate))];
        let named: Vec<BTreeMap<&str, Timeliness>> =
            words.iter().map(|(_, word)| BTreeMap::from([("t", *word)])).collect();
        let back: Vec<BTreeMap<String, Timeliness>> = of_table(&to_table(&named).unwrap()).unwrap();
        assert_eq!(back[0]["t"], words[0].1);
        assert_eq!(back[1]["t"], words[1].1);
    }
}
