//! Rows on their way through a query: one lazy plan, and what is known of the numbers in it.
//!
//! 64-bit integers wrap silently, and must not. So the largest magnitude of each column and the number
//! of rows are carried along, and a step is added only when they prove that nothing in it leaves 64
//! bits. Where they prove nothing (the rows of a join are bounded by a product), the plan is computed so
//! far and its numbers are measured: what is there decides. Numbers of returns never come that far
//! (`bound`).

use std::collections::BTreeMap;

use anyhow::{bail, ensure};
use polars::prelude::{
    Column, DataFrame, DataType, Expr, IntoLazy, JoinCoalesce, JoinType, LazyFrame, NULL,
    NamedFrom, PlSmallStr, Series, UnionArgs, UniqueKeepStrategy, col, concat, len, lit, when,
};

use super::bound::{TOO_LARGE, UNKNOWN, checked};
use super::lower::{integer, lower};
use super::node::{Aggregate, Grouping, Input, JoinKind, Node};
use super::{ColumnType, Frame};
use crate::model;

/// Helping columns are named `#…`, as no field is. This one carries the height of a table without
/// other columns.
const HEIGHT: &str = "#";

#[derive(Clone)]
pub(super) struct PlanStage {
    plan: LazyFrame,
    /// The largest magnitude of each column (the length of the longest text), by name.
    magnitudes: BTreeMap<String, u128>,
    /// There are no more than these.
    rows: u128,
}

impl PlanStage {
    /// The columns of a table that are read.
    pub(super) fn of_frame<'a>(
        frame: &Frame,
        inputs: impl IntoIterator<Item = &'a Input>,
    ) -> anyhow::Result<Self> {
        let mut magnitudes = BTreeMap::new();
        let mut columns: Vec<Column> = Vec::new();
        for input in inputs {
            let (values, magnitude) = frame.series(input)?;
            magnitudes.insert(input.unique.clone(), magnitude);
            columns.push(values.into());
        }
        if columns.is_empty() {
            let height = vec![true; frame.len()];
            columns.push(Series::new(PlSmallStr::from_static(HEIGHT), height).into());
        }
        let plan = DataFrame::new(frame.len(), columns)?.lazy();
        Ok(Self { plan, magnitudes, rows: frame.len() as u128 })
    }

    /// The columns of a subquery that are read, by the names under which they are.
    pub(super) fn read(self, inputs: &[Input]) -> Self {
        let magnitude = |input: &Input| (input.unique.clone(), self.magnitude(&input.column));
        let magnitudes = inputs.iter().map(magnitude).collect();
        let named = |input: &Input| col(input.column.as_str()).alias(input.unique.as_str());
        let plan = shown(self.plan, inputs.iter().map(named).collect());
        Self { plan, magnitudes, rows: self.rows }
    }

    pub(super) fn magnitude(&self, column: &str) -> u128 {
        self.magnitudes.get(column).copied().unwrap_or(UNKNOWN)
    }

    /// Computes what is planned, as one plan.
    pub(super) fn collect(self) -> anyhow::Result<DataFrame> {
        Ok(self.plan.collect()?)
    }

    /// Computes a single step: there is nothing that the optimiser could do. Sequential, because
    /// what runs side by side is whole forms and checks.
    pub(super) fn single_step(self) -> anyhow::Result<DataFrame> {
        Ok(self.plan.without_optimizations().collect()?)
    }

    /// Computed so far, with the bounds of what is there.
    pub(super) fn settled(self) -> anyhow::Result<Self> {
        let frame = self.plan.collect()?;
        let magnitudes = self
            .magnitudes
            .into_keys()
            .map(|name| {
                let most = magnitude(frame.column(&name)?)?;
                Ok((name, most))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self { magnitudes, rows: frame.height() as u128, plan: frame.lazy() })
    }

    /// The largest magnitude of each node.
    fn bounds(&self, nodes: &[&Node]) -> anyhow::Result<Vec<u128>> {
        nodes.iter().map(|node| checked(node, &self.magnitudes)).collect()
    }

    /// The same rows, and the largest magnitude of each node over them; refuses what could leave
    /// 64 bits with the numbers that are there.
    fn bounded(self, nodes: &[&Node]) -> anyhow::Result<(Self, Vec<u128>)> {
        if let Ok(bounds) = self.bounds(nodes) {
            return Ok((self, bounds));
        }
        let settled = self.settled()?;
        let bounds = settled.bounds(nodes)?;
        Ok((settled, bounds))
    }

    /// The same rows with more columns.
    pub(super) fn with<'a>(
        self,
        columns: impl IntoIterator<Item = (&'a str, &'a Node)>,
    ) -> anyhow::Result<Self> {
        let (names, nodes): (Vec<&str>, Vec<&Node>) = columns.into_iter().unzip();
        if nodes.is_empty() {
            return Ok(self);
        }
        let (mut stage, bounds) = self.bounded(&nodes)?;
        let made = names.iter().zip(nodes).map(|(name, node)| lower(node).alias(*name));
        stage.plan = stage.plan.with_columns_seq(made.collect::<Vec<_>>());
        stage.magnitudes.extend(names.iter().map(|name| (*name).to_owned()).zip(bounds));
        Ok(stage)
    }

    /// The rows for which a condition is true.
    pub(super) fn keep(self, condition: &Node) -> anyhow::Result<Self> {
        let (stage, _) = self.bounded(&[condition])?;
        Ok(Self { plan: stage.plan.filter(lower(condition)), ..stage })
    }

    /// Joins on key columns made for the purpose: all others keep their names.
    pub(super) fn join(
        self,
        right: Self,
        kind: JoinKind,
        keys: &[(Node, Node)],
    ) -> anyhow::Result<Self> {
        let one = (Node::Integer(1), Node::Integer(1));
        let keys = if kind == JoinKind::Cross { std::slice::from_ref(&one) } else { keys };
        let names = |side: &str| -> Vec<String> {
            (0..keys.len()).map(|at| format!("#{side}{at}")).collect()
        };
        let (own, others) = (names("l"), names("r"));
        let rows = match kind {
            JoinKind::Inner | JoinKind::Cross => self.rows.saturating_mul(right.rows),
            JoinKind::Left => self.rows.saturating_mul(right.rows.max(1)),
        };
        let left =
            self.with(own.iter().map(String::as_str).zip(keys.iter().map(|(key, _)| key)))?;
        let right =
            right.with(others.iter().map(String::as_str).zip(keys.iter().map(|(_, key)| key)))?;
        let how = match kind {
            JoinKind::Left => JoinType::Left,
            JoinKind::Inner | JoinKind::Cross => JoinType::Inner,
        };
        let pick = |names: &[String]| names.iter().map(|n| col(n.as_str())).collect::<Vec<_>>();
        let plan = left
            .plan
            .join_builder()
            .with(right.plan)
            .left_on(pick(&own))
            .right_on(pick(&others))
            .how(how)
            .coalesce(JoinCoalesce::KeepColumns)
            .allow_parallel(false)
            .finish();
        let mut magnitudes = left.magnitudes;
        magnitudes.extend(right.magnitudes);
        Ok(Self { plan, magnitudes, rows }.without_helpers())
    }

    /// Only the columns that the query named.
    fn without_helpers(mut self) -> Self {
        self.magnitudes.retain(|name, _| !name.starts_with(HEIGHT));
        let columns: Vec<Expr> = self.magnitudes.keys().map(|name| col(name.as_str())).collect();
        self.plan = shown(self.plan, columns);
        self
    }

    /// Keeps the rows whose value is among those of a table of one column.
    pub(super) fn keep_members(self, value: &Node, members: Self) -> anyhow::Result<Self> {
        let member = members.magnitudes.keys().next().map_or("", String::as_str);
        let members =
            members.plan.select([col(member).alias("#m")]).unique(None, UniqueKeepStrategy::Any);
        let rows = self.rows;
        let stage = self.with([("#v", value)])?;
        let plan = stage
            .plan
            .join_builder()
            .with(members)
            .left_on([col("#v")])
            .right_on([col("#m")])
            .how(JoinType::Inner)
            .coalesce(JoinCoalesce::KeepColumns)
            .allow_parallel(false)
            .finish();
        Ok(Self { plan, magnitudes: stage.magnitudes, rows }.without_helpers())
    }

    /// One row for each set of keys; without keys one in all.
    pub(super) fn group(self, grouping: &Grouping) -> anyhow::Result<Self> {
        // Keys and arguments become plain columns first: aggregates then only name columns.
        let argument = |name: &str| format!("#{name}");
        let mut made: Vec<(String, &Node)> =
            grouping.keys.iter().map(|(name, key)| (name.clone(), key)).collect();
        for (name, _, value) in &grouping.aggregates {
            made.extend(value.iter().map(|value| (argument(name), value)));
        }
        let stage = self.with(made.iter().map(|(name, node)| (name.as_str(), *node)))?;
        let summed = grouping.aggregates.iter().filter(|(_, of, _)| *of == Aggregate::Sum);
        let summed: Vec<&str> = summed.map(|(name, ..)| name.as_str()).collect();
        let arguments: Vec<String> = summed.iter().map(|name| argument(name)).collect();
        let stage = stage.summable(&arguments)?;
        let mut magnitudes = BTreeMap::new();
        for (name, _) in &grouping.keys {
            magnitudes.insert(name.clone(), stage.magnitude(name));
        }
        let mut aggregates = Vec::new();
        for (name, aggregate, _) in &grouping.aggregates {
            let argument = argument(name);
            aggregates.extend(aggregated(*aggregate, name, &argument));
            let of_value = stage.magnitude(&argument);
            let most = match aggregate {
                Aggregate::CountRows | Aggregate::Count | Aggregate::CountDistinct => stage.rows,
                Aggregate::Sum => of_value.saturating_mul(stage.rows).min(i64::MAX as u128),
                Aggregate::Minimum | Aggregate::Maximum => of_value,
            };
            magnitudes.insert(name.clone(), most);
        }
        let keys: Vec<Expr> = grouping.keys.iter().map(|(name, _)| col(name.as_str())).collect();
        let (grouped, rows) = match keys.is_empty() {
            true => (stage.plan.select(aggregates), 1),
            false => (stage.plan.group_by(keys).agg(aggregates), stage.rows),
        };
        let missing: Vec<Expr> = summed.into_iter().map(missing_where_nothing).collect();
        let plan = if missing.is_empty() { grouped } else { grouped.with_columns_seq(missing) };
        Ok(Self { plan, magnitudes, rows })
    }

    /// Refuses columns of which a sum over any of the rows could leave 64 bits.
    fn summable(self, columns: &[String]) -> anyhow::Result<Self> {
        let proved =
            |column: &String| self.magnitude(column).saturating_mul(self.rows) <= i64::MAX as u128;
        if columns.iter().all(proved) {
            return Ok(self);
        }
        let settled = self.settled()?;
        let frame = settled.clone().collect()?;
        for column in columns {
            let fits = sum_fits(&frame, column, settled.magnitude(column))?;
            ensure!(fits, "{}", TOO_LARGE);
        }
        Ok(settled)
    }

    /// The results of a SELECT, each once if it is `distinct`.
    pub(super) fn output(self, columns: &[(String, Node)], distinct: bool) -> anyhow::Result<Self> {
        // Literals are as many as the rows only beside other columns; and `SELECT b AS a, a AS b`
        // must not mix them up.
        let hidden: Vec<String> = (0..columns.len()).map(|at| format!("#{at}")).collect();
        let nodes = columns.iter().map(|(_, node)| node);
        let stage = self.with(hidden.iter().map(String::as_str).zip(nodes))?;
        let named = || hidden.iter().zip(columns).map(|(hidden, (name, _))| (hidden, name));
        let magnitudes =
            named().map(|(hidden, name)| (name.clone(), stage.magnitude(hidden))).collect();
        let shown = named().map(|(hidden, name)| col(hidden.as_str()).alias(name.as_str()));
        let plan = stage.plan.select(shown.collect::<Vec<_>>());
        let plan = if distinct { plan.unique(None, UniqueKeepStrategy::Any) } else { plan };
        Ok(Self { plan, magnitudes, rows: stage.rows })
    }

    /// UNION ALL of tables with the same columns.
    pub(super) fn union(parts: Vec<Self>) -> anyhow::Result<Self> {
        let mut magnitudes: BTreeMap<String, u128> = BTreeMap::new();
        for (name, most) in parts.iter().flat_map(|part| &part.magnitudes) {
            let known = magnitudes.entry(name.clone()).or_default();
            *known = (*known).max(*most);
        }
        let rows = parts.iter().fold(0, |rows: u128, part| rows.saturating_add(part.rows));
        let plans: Vec<LazyFrame> = parts.into_iter().map(|part| part.plan).collect();
        let plan = concat(plans, UnionArgs { parallel: false, ..UnionArgs::default() })?;
        Ok(Self { plan, magnitudes, rows })
    }
}

/// These columns alone; without any, as many rows.
fn shown(plan: LazyFrame, columns: Vec<Expr>) -> LazyFrame {
    match columns.is_empty() {
        true => plan.with_columns_seq([lit(true).alias(HEIGHT)]).select([col(HEIGHT)]),
        false => plan.select(columns),
    }
}

/// An aggregate by its name; of a sum also, as `#n…`, of how many numbers it is.
fn aggregated(aggregate: Aggregate, name: &str, argument: &str) -> Vec<Expr> {
    let whole = |expression: Expr| expression.cast(DataType::Int64);
    let values = || col(argument);
    let value = match aggregate {
        Aggregate::CountRows => whole(len()),
        Aggregate::Count => whole(values().count()),
        Aggregate::CountDistinct => whole(values().drop_nulls().n_unique()),
        Aggregate::Sum => values().sum(),
        Aggregate::Minimum => values().min(),
        Aggregate::Maximum => values().max(),
    };
    let mut found = vec![value.alias(name)];
    if aggregate == Aggregate::Sum {
        found.push(whole(values().count()).alias(format!("#n{name}")));
    }
    found
}

/// SQL: the sum of nothing is missing, not zero.
fn missing_where_nothing(sum: &str) -> Expr {
    when(col(format!("#n{sum}")).gt(integer(0)))
        .then(col(sum))
        .otherwise(lit(NULL).cast(DataType::Int64))
        .alias(sum)
}

fn magnitude(column: &Column) -> anyhow::Result<u128> {
    let series = column.as_materialized_series();
    let kind = stored_type(series)?;
    Ok(model::Column::of_series(kind, series).map_or(0, |column| column.magnitude()))
}

/// Does no sum over any of the rows leave 64 bits? `largest`: the largest magnitude in the column.
pub(super) fn sum_fits(rows: &DataFrame, column: &str, largest: u128) -> anyhow::Result<bool> {
    if largest.saturating_mul(rows.height() as u128) <= i64::MAX as u128 {
        return Ok(true);
    }
    // The quick bound fails; the exact one is the sum of all magnitudes.
    let values = rows.column(column)?.as_materialized_series().i64()?.clone();
    let total: u128 = values.iter().flatten().map(|v| u128::from(v.unsigned_abs())).sum();
    Ok(total <= i64::MAX as u128)
}

/// What a series holds, as far as it tells.
pub(super) fn stored_type(series: &Series) -> anyhow::Result<ColumnType> {
    Ok(match series.dtype() {
        DataType::Int64 => ColumnType::Integer,
        DataType::Boolean => ColumnType::Boolean,
        DataType::String => ColumnType::Text,
        other => bail!("程序内部错误：结果类型 {other} 不在约定之内"),
    })
}
