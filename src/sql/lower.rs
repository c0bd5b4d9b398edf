//! Typed nodes → polars expressions: one each, and nothing that polars would coerce or round.

use polars::prelude::{
    BooleanType, ChunkedArray, Column, Expr, Field, Int64Type, IntoSeries, NULL, PolarsDataType,
    PolarsResult, Scalar, coalesce, col, lit, when,
};

use super::node::{Comparator, Match, Node, Operation};

pub(super) fn lower(node: &Node) -> Expr {
    match node {
        Node::Column(name) => col(name.as_str()),
        Node::Integer(value) => integer(*value),
        Node::Boolean(value) => lit(*value),
        Node::Text(value) => lit(value.as_str()),
        Node::Null(physical) => lit(NULL).cast(physical.data_type()),
        Node::Compare(comparison, a, b) => {
            let (a, b) = (lower(a), lower(b));
            match comparison {
                Comparator::Equal => a.eq(b),
                Comparator::NotEqual => a.neq(b),
                Comparator::Less => a.lt(b),
                Comparator::LessOrEqual => a.lt_eq(b),
                Comparator::Greater => a.gt(b),
                Comparator::GreaterOrEqual => a.gt_eq(b),
            }
        }
        Node::And(a, b) => lower(a).and(lower(b)),
        Node::Or(a, b) => lower(a).or(lower(b)),
        Node::Not(a) => lower(a).not(),
        Node::IsNull(a) => lower(a).is_null(),
        Node::Arithmetic(operation, a, b) => {
            let (a, b) = (lower(a), lower(b));
            match operation {
                Operation::Add => a + b,
                Operation::Subtract => a - b,
                Operation::Multiply => a * b,
            }
        }
        Node::Case { branches, otherwise } => {
            // From the last branch inwards: each is the "otherwise" of the one before.
            branches.iter().rev().fold(lower(otherwise), |rest, (condition, value)| {
                when(lower(condition)).then(lower(value)).otherwise(rest)
            })
        }
        Node::Coalesce(values) => coalesce(&values.iter().map(lower).collect::<Vec<_>>()),
        Node::Like(place, value, text) => {
            let (place, text) = (*place, text.clone());
            of_texts::<BooleanType>(lower(value), move |value| match place {
                Match::Start => value.starts_with(&text),
                Match::End => value.ends_with(&text),
                Match::Anywhere => value.contains(&text),
            })
        }
        Node::Length(value) => {
            of_texts::<Int64Type>(lower(value), |value| value.chars().count() as i64)
        }
        // Planning has replaced them by columns; a stray one fails when polars looks it up.
        Node::Aggregate(..) => col("#stray"),
    }
}

/// What each text gives; nothing for a missing one.
fn of_texts<T: PolarsDataType>(
    texts: Expr,
    of: impl Fn(&str) -> T::OwnedPhysical + Send + Sync + 'static,
) -> Expr
where
    ChunkedArray<T>: FromIterator<Option<T::OwnedPhysical>> + IntoSeries,
{
    let values = move |column: Column| -> PolarsResult<Column> {
        let found: ChunkedArray<T> = column.str()?.iter().map(|text| text.map(&of)).collect();
        Ok(found.into_series().with_name(column.name().clone()).into())
    };
    texts.map(values, |_, field| Ok(Field::new(field.name().clone(), T::get_static_dtype())))
}

/// A 64-bit literal: a plain `lit` becomes a 32-bit column when it stands alone.
pub(super) fn integer(value: i64) -> Expr {
    lit(Scalar::from(value))
}
