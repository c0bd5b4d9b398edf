//! The order of rows of a result: stated here, so that no engine decides it.

use std::cmp::Ordering;

use crate::model::{Column, ColumnType};

/// Two rows of a table: by the first column in which they differ.
pub(super) fn compare_rows<'c>(
    columns: impl IntoIterator<Item = &'c Column>,
    a: usize,
    b: usize,
) -> Ordering {
    columns
        .into_iter()
        .fold(Ordering::Equal, |so_far, column| so_far.then_with(|| compare(column, a, b)))
}

/// Two rows of one column, missing values last, texts by code point.
fn compare(column: &Column, a: usize, b: usize) -> Ordering {
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
