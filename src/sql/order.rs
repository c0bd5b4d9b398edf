//! The order of rows of a result: stated here, so that no engine decides it.

use std::cmp::Ordering;

use crate::model::Column;

/// Two rows of one column, missing values last, texts by code point.
pub(super) fn compare(column: &Column, a: usize, b: usize) -> Ordering {
    fn last<T: Ord>(a: Option<&T>, b: Option<&T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
    match column {
        Column::Integer(v) | Column::Decimal { values: v, .. } => {
            last(v[a].as_ref(), v[b].as_ref())
        }
        Column::Date(v) => last(v[a].as_ref(), v[b].as_ref()),
        Column::Boolean(v) => last(v[a].as_ref(), v[b].as_ref()),
        Column::Text(v) => last(v[a].as_ref(), v[b].as_ref()),
    }
}

/// The values of the given rows; no row, no value.
pub(super) fn gather(column: &Column, rows: &[Option<usize>]) -> Column {
    fn pick<T: Clone>(values: &[Option<T>], rows: &[Option<usize>]) -> Vec<Option<T>> {
        rows.iter().map(|row| row.and_then(|row| values[row].clone())).collect()
    }
    match column {
        Column::Integer(v) => Column::Integer(pick(v, rows)),
        Column::Decimal { places, values } => {
            Column::Decimal { places: *places, values: pick(values, rows) }
        }
        Column::Date(v) => Column::Date(pick(v, rows)),
        Column::Boolean(v) => Column::Boolean(pick(v, rows)),
        Column::Text(v) => Column::Text(pick(v, rows)),
    }
}
