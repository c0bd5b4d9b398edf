//! Measures: what of a table's rows is counted or added. An indicator asks an engine for nothing
//! but measures by keys, and gets integers: an engine never divides, rounds or ranks.
//!
//! A measure is two columns beside the rows: whether a row is considered, and its number (missing
//! where it is not counted). They are summed by groups of keys (`run::grouped`).

use anyhow::ensure;

use super::node::{Input, Node, Physical};
use super::{ColumnType, Expression, order};
use crate::model::Column;

/// What a considered row adds.
#[derive(Debug, Clone, Copy)]
pub enum Addend<'e> {
    /// One.
    Row,
    /// One, if it is true.
    True(&'e Expression),
    /// Its number, in units of the last place.
    Number(&'e Expression),
    /// One for yes, zero for no.
    TruthAsNumber(&'e Expression),
}

/// Two row columns to be summed. Measures of the same text over the same rows are the same.
#[derive(Debug, Clone)]
pub struct Measure {
    text: String,
    pub(super) inputs: Vec<Input>,
    /// A condition; rows for which it is true are considered. `None`: all are.
    pub(super) considered: Option<Node>,
    /// An integer, missing where the row adds nothing.
    pub(super) number: Node,
}

impl Measure {
    /// Columns that it reads, each perhaps more than once.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.inputs.iter().map(|input| input.column.as_str())
    }

    /// What it counts, of which rows.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Of the rows for which `filter` is true. `left_out`: a column of truths; rows for which it is
    /// true are not considered either.
    pub fn new(
        filter: Option<&Expression>,
        counted: Addend,
        left_out: Option<&str>,
    ) -> anyhow::Result<Self> {
        let mut text = String::new();
        let mut inputs = Vec::new();
        let mut considered = None;
        if let Some(filter) = filter {
            ensure!(filter.is_condition(), "where 应得到是/否");
            text = format!("({}) ", filter.text);
            inputs.extend(filter.inputs.iter().cloned());
            considered = Some(filter.node.as_ref().clone());
        }
        if let Some(name) = left_out {
            text += &format!("[{name}] ");
            inputs.push(Input::plain(name, ColumnType::Boolean));
            let kept = Node::Not(Node::Column(name.to_owned()).boxed());
            considered = Some(match considered {
                Some(condition) => Node::And(condition.boxed(), kept.boxed()),
                None => kept,
            });
        }
        let one =
            |condition: Node| case(condition, Node::Integer(1), Node::Null(Physical::Integer));
        let (kind, number) = match counted {
            Addend::Row => ("行", Node::Integer(1)),
            Addend::True(truth) => {
                ensure!(truth.is_condition(), "应得到是/否：{}", truth.text);
                ("为是", one(truth.node.as_ref().clone()))
            }
            Addend::TruthAsNumber(truth) => {
                ensure!(truth.is_condition(), "应得到是/否：{}", truth.text);
                let truth = || truth.node.as_ref().clone();
                let no = Node::Not(truth().boxed());
                let zero = case(no, Node::Integer(0), Node::Null(Physical::Integer));
                ("是为1否为0", case(truth(), Node::Integer(1), zero))
            }
            Addend::Number(number) => {
                let is_number = number.result.places().is_some();
                ensure!(is_number, "应得到是/否或数，得到的是日期或文字：{}", number.text);
                ("数", number.node.as_ref().clone())
            }
        };
        if let Addend::True(e) | Addend::Number(e) | Addend::TruthAsNumber(e) = counted {
            text += &e.text;
            inputs.extend(e.inputs.iter().cloned());
        }
        text = format!("{kind} {text}");
        let number = match &considered {
            None => number,
            Some(condition) => case(condition.clone(), number, Node::Null(Physical::Integer)),
        };
        Ok(Self { text, inputs, considered, number })
    }
}

fn case(condition: Node, then: Node, otherwise: Node) -> Node {
    Node::Case { branches: vec![(condition, then)], otherwise: otherwise.boxed() }
}

/// What one measure adds up to in one group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Added {
    /// Rows considered.
    pub considered: u64,
    /// Rows that have a number.
    pub used: u64,
    pub sum: i128,
}

/// Rows by keys, in the order of the keys (missing ones last).
#[derive(Debug, Clone, Default)]
pub struct Groups {
    /// One column a key, one entry a group.
    pub keys: Vec<Column>,
    /// The rows of each group, ascending.
    pub rows: Vec<Vec<u32>>,
    /// One list a measure that was asked for, one entry a group.
    pub added: Vec<Vec<Added>>,
}

impl Groups {
    /// Groups come back in an order that depends on threads.
    pub(super) fn sorted(self) -> Self {
        let mut order: Vec<usize> = (0..self.rows.len()).collect();
        order.sort_by(|&a, &b| order::compare_rows(&self.keys, a, b));
        let mut rows = self.rows;
        Self {
            keys: self.keys.iter().map(|key| key.take(order.iter().copied())).collect(),
            rows: order.iter().map(|&group| std::mem::take(&mut rows[group])).collect(),
            added: self.added.iter().map(|a| order.iter().map(|&g| a[g]).collect()).collect(),
        }
    }
}
