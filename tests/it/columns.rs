//! Columns as the tests write them: from single values, and back.

use std::collections::BTreeMap;

use dangtong::definition::Form;
use dangtong::model::{Column, ColumnType, Columns, Period, ReturnFacts, Value};

pub(crate) fn values(column: &Column) -> Vec<Value> {
    (0..column.len()).map(|row| column.get(row)).collect()
}

/// Values of other types are a mistake of the test.
pub(crate) fn of_values(kind: ColumnType, values: &[Value]) -> Column {
    let number = |value: &Value| match value {
        Value::Missing => None,
        Value::Integer(v) => Some(*v),
        Value::Decimal(v) => Some(i64::try_from(v.units).unwrap()),
        Value::Date(v) => Some(i64::from(*v)),
        other => panic!("{other:?} among numbers"),
    };
    match kind {
        ColumnType::Text => Column::texts(values.iter().map(|value| match value {
            Value::Missing => None,
            Value::Text(text) => Some(text.clone()),
            other => panic!("{other:?} among texts"),
        })),
        ColumnType::Boolean => Column::booleans(values.iter().map(|value| match value {
            Value::Missing => None,
            Value::Boolean(truth) => Some(*truth),
            other => panic!("{other:?} among truths"),
        })),
        kind => Column::numbers(kind, values.iter().map(number)),
    }
}

/// What a cell of a column of this type says; `None` when it cannot say that.
pub(crate) fn parsed(kind: ColumnType, text: &str) -> Option<Value> {
    if text.is_empty() {
        return Some(Value::Missing);
    }
    Some(match kind {
        ColumnType::Integer => Value::Integer(text.parse().ok()?),
        ColumnType::Decimal(places) => {
            Value::Decimal(dangtong::model::Decimal::parse(text)?.with_places(places)?)
        }
        ColumnType::Date => {
            Value::Date(dangtong::model::day_number(text.parse::<jiff::civil::Date>().ok()?))
        }
        ColumnType::Boolean => Value::Boolean(text == "是"),
        ColumnType::Text => Value::Text(text.into()),
    })
}

/// The column with one more or another value, or whatever else is done to its values.
pub(crate) fn edited(column: &mut Column, edit: impl FnOnce(&mut Vec<Value>)) {
    let mut all = values(column);
    edit(&mut all);
    *column = of_values(column.kind(), &all);
}

/// The same of one column of a return.
pub(crate) fn edited_at(columns: &mut Columns, at: usize, edit: impl FnOnce(&mut Vec<Value>)) {
    let mut all: Vec<Column> = columns.iter().cloned().collect();
    edited(&mut all[at], edit);
    *columns = all.into();
}

/// The same of every column of a return.
pub(crate) fn each_edited(columns: &mut Columns, edit: impl Fn(&mut Vec<Value>)) {
    let mut all: Vec<Column> = columns.iter().cloned().collect();
    all.iter_mut().for_each(|column| edited(column, &edit));
    *columns = all.into();
}

/// A return as if it had been read from the fourth line of a sheet of its own on, a column a field.
pub(crate) fn facts(
    form: &Form,
    unit: &str,
    of: (Period, Period),
    columns: Vec<Column>,
) -> ReturnFacts {
    let (period, folder) = of;
    let (fields, rows) = (columns.len(), columns.first().map_or(0, Column::len));
    ReturnFacts {
        form: form.id.clone(),
        unit: unit.to_owned(),
        period,
        file: format!("{folder}/{unit}.xlsx").into(),
        sheet: form.title.as_str().into(),
        folder,
        columns: columns.into(),
        column_at: (0..fields as u16).map(Some).collect(),
        rows: (3..3 + rows as u32).collect(),
        placed: BTreeMap::new(),
        raw: vec![Vec::new(); fields],
        shown_places: vec![Vec::new(); fields],
        totals: Vec::new(),
        filed_on: None,
        formulas: BTreeMap::new(),
        sentences: Vec::new(),
    }
}
