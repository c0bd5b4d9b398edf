//! Columns as the tests write them: from single values, and back.

use dangtong::model::{Column, ColumnType, Columns, Value};

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
