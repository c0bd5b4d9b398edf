//! Window functions, computed here: order, ties and missing values are then ours to state.

use std::cmp::Ordering;

use anyhow::{Context, bail};

use super::bound::TOO_LARGE;
use super::node::{Aggregate, WindowFunction};
use crate::model::Column;

/// Plain columns of equal length.
pub(super) struct Input {
    pub(super) height: usize,
    pub(super) value: Option<Column>,
    pub(super) partition: Vec<Column>,
    /// `true`: descending. Missing values are last either way.
    pub(super) order: Vec<(Column, bool)>,
    /// All other columns: they decide between rows that sort equal.
    pub(super) rest: Vec<Column>,
}

/// One value a row.
pub(super) fn compute(
    function: WindowFunction,
    by_rows: bool,
    input: &Input,
) -> anyhow::Result<Column> {
    let mut rows: Vec<usize> = (0..input.height).collect();
    rows.sort_by(|&a, &b| {
        partition(input, a, b).then_with(|| order(input, a, b)).then_with(|| all(&input.rest, a, b))
    });
    let parts = rows.chunk_by(|&a, &b| partition(input, a, b).is_eq());
    match function {
        WindowFunction::RowNumber => {
            let mut numbers = vec![None; input.height];
            for part in parts {
                for (number, &row) in (1i64..).zip(part) {
                    numbers[row] = Some(number);
                }
            }
            Ok(Column::Integer(numbers))
        }
        WindowFunction::Lag(distance) => {
            let mut from = vec![None; input.height];
            for part in parts {
                for (&row, &earlier) in part.iter().skip(distance).zip(part) {
                    from[row] = Some(earlier);
                }
            }
            Ok(gather(input.value.as_ref().context("程序内部错误:LAG 没有值")?, &from))
        }
        WindowFunction::Aggregate(aggregate) => {
            let mut result: Vec<Option<usize>> = vec![None; input.height];
            let mut numbers: Vec<Option<i64>> = vec![None; input.height];
            for part in parts {
                // Rows that sort equal share one value, unless rows are added one by one.
                let together = |&a: &usize, &b: &usize| {
                    !by_rows && order(input, a, b).is_eq() || input.order.is_empty()
                };
                let mut state = State::default();
                for peers in part.chunk_by(together) {
                    for &row in peers {
                        state.take(input.value.as_ref(), row)?;
                    }
                    for &row in peers {
                        numbers[row] = state.number(aggregate)?;
                        result[row] = match aggregate {
                            Aggregate::Minimum => state.least,
                            _ => state.most,
                        };
                    }
                }
            }
            match (aggregate, &input.value) {
                (Aggregate::Minimum | Aggregate::Maximum, Some(value)) => {
                    Ok(gather(value, &result))
                }
                _ => Ok(Column::Integer(numbers)),
            }
        }
    }
}

/// What has been seen of a partition so far.
#[derive(Default)]
struct State {
    rows: i64,
    present: i64,
    sum: i128,
    /// Rows of the least and the largest value.
    least: Option<usize>,
    most: Option<usize>,
}

impl State {
    fn take(&mut self, value: Option<&Column>, row: usize) -> anyhow::Result<()> {
        self.rows += 1;
        let Some(column) = value else { return Ok(()) };
        if is_missing(column, row) {
            return Ok(());
        }
        self.present += 1;
        if let Column::Integer(values) = column {
            self.sum += i128::from(values[row].unwrap_or(0));
        }
        if self.least.is_none_or(|known| compare(column, row, known).is_lt()) {
            self.least = Some(row);
        }
        if self.most.is_none_or(|known| compare(column, row, known).is_gt()) {
            self.most = Some(row);
        }
        Ok(())
    }

    fn number(&self, aggregate: Aggregate) -> anyhow::Result<Option<i64>> {
        Ok(match aggregate {
            Aggregate::CountRows => Some(self.rows),
            Aggregate::Count => Some(self.present),
            Aggregate::Sum if self.present == 0 => None,
            Aggregate::Sum => match i64::try_from(self.sum) {
                Ok(sum) => Some(sum),
                Err(_) => bail!("{TOO_LARGE}"),
            },
            Aggregate::CountDistinct | Aggregate::Minimum | Aggregate::Maximum => None,
        })
    }
}

fn partition(input: &Input, a: usize, b: usize) -> Ordering {
    all(&input.partition, a, b)
}

fn order(input: &Input, a: usize, b: usize) -> Ordering {
    input.order.iter().fold(Ordering::Equal, |so_far, (column, descending)| {
        so_far.then_with(|| match (is_missing(column, a), is_missing(column, b)) {
            (false, false) if *descending => compare(column, b, a),
            _ => compare(column, a, b),
        })
    })
}

fn all(columns: &[Column], a: usize, b: usize) -> Ordering {
    columns
        .iter()
        .fold(Ordering::Equal, |so_far, column| so_far.then_with(|| compare(column, a, b)))
}

fn is_missing(column: &Column, row: usize) -> bool {
    match column {
        Column::Integer(v) | Column::Decimal { values: v, .. } => v[row].is_none(),
        Column::Date(v) => v[row].is_none(),
        Column::Boolean(v) => v[row].is_none(),
        Column::Text(v) => v[row].is_none(),
    }
}

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
