//! What an engine is asked: values of rows, and sums by keys. Integers, truths and texts only: it
//! never divides, rounds or ranks, and no result has an order of its own.

use std::fmt::Debug;

use super::{Expression, Frame, Groups, Measure, evaluate, group};
use crate::model::Column;

/// A table for an engine.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// [`crate::model::RowsOf`] as text.
    pub source: &'a str,
    pub frame: &'a Frame,
}

/// Measures to be added up: by each of these sets of keys (columns of the frame) those that want it,
/// by number.
#[derive(Debug, Clone, Copy)]
pub struct GroupPlan<'a> {
    pub measures: &'a [&'a Measure],
    pub sets: &'a [(Vec<&'a str>, Vec<usize>)],
    /// Are the rows behind the groups asked for? Else only the sums are.
    pub rows: bool,
}

/// Computes.
pub trait Engine: Debug + Send + Sync {
    /// The values of row expressions; each is as long as the frame.
    fn rows(&self, asked: Asked, expressions: &[&Expression]) -> anyhow::Result<Vec<Column>>;

    /// The numbers of each measure row by row, and the groups of each set; without numbers and row
    /// lists where none are asked for.
    fn grouped(&self, asked: Asked, plan: &GroupPlan)
    -> anyhow::Result<(Vec<Column>, Vec<Groups>)>;
}

/// polars, in this program. Rows cost it nothing more, so it gives them always.
#[derive(Debug, Clone, Copy, Default)]
pub struct Embedded;

impl Engine for Embedded {
    fn rows(&self, asked: Asked, expressions: &[&Expression]) -> anyhow::Result<Vec<Column>> {
        evaluate(asked.frame, expressions)
    }

    fn grouped(
        &self,
        asked: Asked,
        plan: &GroupPlan,
    ) -> anyhow::Result<(Vec<Column>, Vec<Groups>)> {
        group(asked.frame, plan.measures, plan.sets)
    }
}
