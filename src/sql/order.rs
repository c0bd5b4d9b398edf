//! The order of rows of a result: stated here, so that no engine decides it.

use std::cmp::Ordering;

use crate::model::{Column, ColumnType};

/// Two rows of one column, missing values last, texts by code point.
pub(super) fn compare(column: &Column, a: usize, b: usize) -> Ordering {
    fn last<T: Ord>(a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => a.cmp(&b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
    match column.kind() {
        ColumnType::Text => last(column.text(a), column.text(b)),
        ColumnType::Boolean => last(column.truth(a), column.truth(b)),
        _ => last(column.integer(a), column.integer(b)),
    }
}
