//! Typed nodes and plans → polars.
//!
//! Each SELECT is run step by step, so that the largest possible magnitude of every sum and
//! product is known before it is computed: 64-bit integers wrap silently, and must not. Numbers of
//! returns never come that far (`bound`).

use std::collections::BTreeMap;

use anyhow::{Context, bail, ensure};
use polars::prelude::{
    BooleanType, ChunkedArray, Column, DataFrame, DataType, Expr, Field, Int64Type, IntoLazy,
    IntoSeries, JoinArgs, JoinCoalesce, JoinType, LazyFrame, NULL, NamedFrom, PlSmallStr,
    PolarsDataType, PolarsResult, Scalar, Series, UnionArgs, UniqueKeepStrategy, coalesce, col,
    concat, len, lit, when,
};

use super::bound::{TOO_LARGE, checked};
use super::measure::{Added, Groups, Measure};
use super::node::{
    Aggregate, Comparison, Grouping, Input, JoinKind, Match, Node, Operation, Plan, QueryPlan,
    SelectPlan, Source,
};
use super::{ColumnType, Frame};
use crate::model;

/// Rows with the largest magnitude of each column (the length of the longest text).
#[derive(Clone)]
struct Rows {
    frame: DataFrame,
    magnitudes: BTreeMap<String, u128>,
}

/// A column that only carries the height of a table without other columns.
const HEIGHT: &str = "#";

impl Rows {
    /// Measures a frame.
    fn measured(frame: DataFrame) -> anyhow::Result<Self> {
        let mut magnitudes = BTreeMap::new();
        for column in frame.columns() {
            magnitudes.insert(column.name().to_string(), magnitude(column)?);
        }
        Ok(Self { frame, magnitudes })
    }

    fn height(&self) -> usize {
        self.frame.height()
    }

    /// Refuses nodes whose arithmetic could leave 64 bits.
    fn check<'a>(&self, nodes: impl IntoIterator<Item = &'a Node>) -> anyhow::Result<()> {
        for node in nodes {
            checked(node, &self.magnitudes)?;
        }
        Ok(())
    }

    /// The same rows with more columns.
    fn with<'a>(
        self,
        columns: impl IntoIterator<Item = (&'a str, &'a Node)>,
    ) -> anyhow::Result<Self> {
        let mut magnitudes = self.magnitudes;
        let mut expressions = Vec::new();
        for (name, node) in columns {
            let bound = checked(node, &magnitudes)?;
            magnitudes.insert(name.to_owned(), bound);
            expressions.push(lower(node).alias(name));
        }
        if expressions.is_empty() {
            return Ok(Self { frame: self.frame, magnitudes });
        }
        let frame = collect(self.frame.lazy().with_columns_seq(expressions))?;
        Ok(Self { frame, magnitudes })
    }
}

/// The values of row expressions, each as long as the frame. Every input is given once.
pub(super) fn evaluate(
    frame: &Frame,
    nodes: &[&Node],
    inputs: &[&Input],
) -> anyhow::Result<Vec<Series>> {
    let rows = from_frame(frame, inputs.iter().copied())?;
    // No column may hide behind a result: fields are never named `#…`.
    let results: Vec<String> = (0..nodes.len()).map(|at| format!("#{at}")).collect();
    let rows = rows.with(results.iter().map(String::as_str).zip(nodes.iter().copied()))?;
    results
        .iter()
        .map(|name| Ok(rows.frame.column(name)?.as_materialized_series().clone()))
        .collect()
}

/// The rows of a query, in no particular order.
pub(super) fn query(
    plan: &QueryPlan,
    tables: &BTreeMap<String, &Frame>,
) -> anyhow::Result<DataFrame> {
    let mut run = Run { tables, shared: Vec::with_capacity(plan.shared.len()) };
    for shared in &plan.shared {
        let frame = run.plan(shared)?;
        run.shared.push(frame);
    }
    run.plan(&plan.body)
}

struct Run<'a> {
    tables: &'a BTreeMap<String, &'a Frame>,
    shared: Vec<DataFrame>,
}

impl Run<'_> {
    fn plan(&self, plan: &Plan) -> anyhow::Result<DataFrame> {
        match plan {
            Plan::Table(name) => bail!("程序内部错误：表 {name} 只能由 SELECT 读取"),
            Plan::Shared(at) => self.shared.get(*at).cloned().context("程序内部错误:WITH 的次序"),
            Plan::Union(parts) => {
                let parts = parts
                    .iter()
                    .map(|part| Ok(self.plan(part)?.lazy()))
                    .collect::<anyhow::Result<Vec<LazyFrame>>>()?;
                collect(concat(parts, UnionArgs { parallel: false, ..UnionArgs::default() })?)
            }
            Plan::Select(select) => self.select(select),
        }
    }

    fn table(&self, name: &str) -> anyhow::Result<&Frame> {
        self.tables.get(name).copied().with_context(|| format!("没有给出表 {name}"))
    }

    fn source(&self, source: &Source) -> anyhow::Result<Rows> {
        let frame = match &source.input {
            Plan::Table(name) => return from_frame(self.table(name)?, &source.columns),
            other => self.plan(other)?,
        };
        let height = frame.height();
        let mut columns = Vec::with_capacity(source.columns.len());
        for input in &source.columns {
            let series = frame.column(&input.column)?.as_materialized_series().clone();
            columns.push(series.with_name(PlSmallStr::from_str(&input.unique)));
        }
        Rows::measured(data_frame(columns, height)?)
    }

    fn select(&self, select: &SelectPlan) -> anyhow::Result<DataFrame> {
        let mut rows: Option<Rows> = None;
        for (index, source) in select.sources.iter().enumerate() {
            let next = self.source(source)?;
            rows = Some(match (rows, index.checked_sub(1).and_then(|at| select.joins.get(at))) {
                (Some(rows), Some(join)) => attach(rows, next, join.kind, &join.keys)?,
                _ => next,
            });
        }
        let mut rows = rows.context("程序内部错误：查询没有表")?;
        for (value, plan) in &select.members {
            rows = keep_members(rows, value, self.plan(plan)?)?;
        }
        if let Some(condition) = &select.filter {
            rows = keep(rows, condition)?;
        }
        if let Some(grouping) = &select.grouping {
            rows = group(rows, grouping)?;
        }
        // Results get names of their own first: `SELECT b AS a, a AS b` must not mix them up.
        let hidden: Vec<String> = (0..select.output.len()).map(|at| format!("#{at}")).collect();
        let columns =
            hidden.iter().map(String::as_str).zip(select.output.iter().map(|(_, node)| node));
        let rows = rows.with(columns)?;
        let mut series = Vec::with_capacity(hidden.len());
        for (name, (output, _)) in hidden.iter().zip(&select.output) {
            let column = rows.frame.column(name)?.as_materialized_series().clone();
            series.push(column.with_name(PlSmallStr::from_str(output)));
        }
        let frame = data_frame(series, rows.height())?;
        if select.distinct {
            return collect(frame.lazy().unique(None, UniqueKeepStrategy::Any));
        }
        Ok(frame)
    }
}

fn from_frame<'a>(
    frame: &Frame,
    inputs: impl IntoIterator<Item = &'a Input>,
) -> anyhow::Result<Rows> {
    let mut magnitudes = BTreeMap::new();
    let mut series = Vec::new();
    for input in inputs {
        let (values, magnitude) = frame.series(input)?;
        magnitudes.insert(input.unique.clone(), magnitude);
        series.push(values);
    }
    Ok(Rows { frame: data_frame(series, frame.len())?, magnitudes })
}

fn data_frame(mut series: Vec<Series>, height: usize) -> anyhow::Result<DataFrame> {
    if series.is_empty() {
        series.push(Series::new(PlSmallStr::from_static(HEIGHT), vec![true; height]));
    }
    Ok(DataFrame::new(height, series.into_iter().map(Into::into).collect())?)
}

fn keep(rows: Rows, condition: &Node) -> anyhow::Result<Rows> {
    rows.check([condition])?;
    let kept = [lower(condition).alias("#keep")];
    let judged = collect(rows.frame.clone().lazy().with_columns_seq(kept))?;
    let frame = rows.frame.filter_seq(judged.column("#keep")?.bool()?)?;
    Ok(Rows { frame, ..rows })
}

/// Joins on key columns made for the purpose, so that all other columns keep their names.
fn attach(left: Rows, right: Rows, kind: JoinKind, keys: &[(Node, Node)]) -> anyhow::Result<Rows> {
    let one = (Node::Integer(1), Node::Integer(1));
    let keys = if kind == JoinKind::Cross { std::slice::from_ref(&one) } else { keys };
    let names =
        |side: &str| -> Vec<String> { (0..keys.len()).map(|at| format!("#{side}{at}")).collect() };
    let (left_names, right_names) = (names("l"), names("r"));
    let pick = |names: &[String]| names.iter().map(|n| col(n.as_str())).collect::<Vec<_>>();
    let left =
        left.with(left_names.iter().map(String::as_str).zip(keys.iter().map(|(key, _)| key)))?;
    let right =
        right.with(right_names.iter().map(String::as_str).zip(keys.iter().map(|(_, key)| key)))?;
    let how = match kind {
        JoinKind::Left => JoinType::Left,
        JoinKind::Inner | JoinKind::Cross => JoinType::Inner,
    };
    let joined = left
        .frame
        .lazy()
        .join_builder()
        .with(right.frame.lazy())
        .left_on(pick(&left_names))
        .right_on(pick(&right_names))
        .how(how)
        .coalesce(JoinCoalesce::KeepColumns)
        .allow_parallel(false)
        .finish();
    let frame = without_helpers(&collect(joined)?)?;
    let mut magnitudes = left.magnitudes;
    magnitudes.extend(right.magnitudes);
    Ok(Rows { frame, magnitudes })
}

/// The columns that a query named: what a join made for itself starts with `#`.
fn without_helpers(frame: &DataFrame) -> anyhow::Result<DataFrame> {
    let named = frame.columns().iter().filter(|column| !column.name().starts_with('#'));
    let series = named.map(|column| column.as_materialized_series().clone()).collect();
    data_frame(series, frame.height())
}

/// Keeps the rows whose value is among those of a table of one column.
fn keep_members(rows: Rows, value: &Node, members: DataFrame) -> anyhow::Result<Rows> {
    let name = members.get_column_names().first().map(|n| n.to_string()).unwrap_or_default();
    let members = collect(
        members
            .lazy()
            .select([col(name.as_str()).alias("#m")])
            .unique(None, UniqueKeepStrategy::Any),
    )?;
    let rows = rows.with([("#v", value)])?;
    let joined = rows.frame.lazy().join(
        members.lazy(),
        [col("#v")],
        [col("#m")],
        JoinArgs::new(JoinType::Inner).with_coalesce(JoinCoalesce::KeepColumns),
    );
    Ok(Rows { frame: without_helpers(&collect(joined)?)?, magnitudes: rows.magnitudes })
}

fn group(rows: Rows, grouping: &Grouping) -> anyhow::Result<Rows> {
    // Keys and arguments become plain columns first: aggregates then only name columns.
    let mut made: Vec<(String, Node)> = grouping.keys.clone();
    for (name, _, value) in &grouping.aggregates {
        if let Some(value) = value {
            made.push((format!("#{name}"), value.clone()));
        }
    }
    let rows = rows.with(made.iter().map(|(name, node)| (name.as_str(), node)))?;
    let mut aggregates = Vec::new();
    for (name, aggregate, _) in &grouping.aggregates {
        let input = format!("#{name}");
        let values = col(input.as_str());
        let whole = |expression: Expr| expression.cast(DataType::Int64);
        let expression = match aggregate {
            Aggregate::CountRows => whole(len()),
            Aggregate::Count => whole(values.count()),
            Aggregate::CountDistinct => whole(values.drop_nulls().n_unique()),
            Aggregate::Sum => {
                ensure!(sum_fits(&rows, &input)?, "{}", TOO_LARGE);
                // SQL: the sum of nothing is missing, not zero.
                aggregates.push(whole(values.clone().count()).alias(format!("#n{name}")));
                values.sum()
            }
            Aggregate::Minimum => values.min(),
            Aggregate::Maximum => values.max(),
        };
        aggregates.push(expression.alias(name.as_str()));
    }
    let keys: Vec<Expr> = grouping.keys.iter().map(|(name, _)| col(name.as_str())).collect();
    let lazy = rows.frame.lazy();
    let grouped =
        if keys.is_empty() { lazy.select(aggregates) } else { lazy.group_by(keys).agg(aggregates) };
    let missing: Vec<Expr> = grouping
        .aggregates
        .iter()
        .filter(|(_, aggregate, _)| *aggregate == Aggregate::Sum)
        .map(|(name, ..)| {
            when(col(format!("#n{name}")).gt(integer(0)))
                .then(col(name.as_str()))
                .otherwise(lit(NULL).cast(DataType::Int64))
                .alias(name.as_str())
        })
        .collect();
    let grouped = if missing.is_empty() { grouped } else { grouped.with_columns(missing) };
    Rows::measured(collect(grouped)?)
}

fn magnitude(column: &Column) -> anyhow::Result<u128> {
    let series = column.as_materialized_series();
    let kind = stored_type(series)?;
    Ok(model::Column::of_series(kind, series).map_or(0, |column| column.magnitude()))
}

/// Does no sum over any of the rows leave 64 bits?
fn sum_fits(rows: &Rows, column: &str) -> anyhow::Result<bool> {
    let largest = rows.magnitudes.get(column).copied().unwrap_or(0);
    if largest.saturating_mul(rows.height() as u128) <= i64::MAX as u128 {
        return Ok(true);
    }
    // The quick bound fails; the exact one is the sum of all magnitudes.
    let values = rows.frame.column(column)?.as_materialized_series().i64()?.clone();
    let total: u128 = values.iter().flatten().map(|v| u128::from(v.unsigned_abs())).sum();
    Ok(total <= i64::MAX as u128)
}

/// The numbers of measures row by row, and their sums by each set of keys.
pub(super) fn grouped(
    frame: &Frame,
    measures: &[&Measure],
    sets: &[(Vec<&str>, Vec<usize>)],
) -> anyhow::Result<(Vec<model::Column>, Vec<Groups>)> {
    let mut inputs: BTreeMap<&str, Input> = BTreeMap::new();
    for input in measures.iter().flat_map(|measure| &measure.inputs) {
        inputs.insert(&input.unique, input.clone());
    }
    for &key in sets.iter().flat_map(|(keys, _)| keys) {
        let column = frame.column(key).with_context(|| format!("缺少列 {key}"))?;
        inputs.insert(key, Input::plain(key, column.kind()));
    }
    let rows = from_frame(frame, inputs.values())?;
    // Conditions that several measures share are judged once.
    let mut made: Vec<(String, Node)> = Vec::new();
    let mut considered: Vec<Option<String>> = Vec::new();
    for measure in measures {
        considered.push(measure.considered.as_ref().map(|condition| {
            if let Some((name, _)) = made.iter().find(|(_, known)| known == condition) {
                return name.clone();
            }
            let name = format!("#d{}", made.len());
            made.push((name.clone(), condition.clone()));
            name
        }));
    }
    let numbers: Vec<String> = (0..measures.len()).map(|at| format!("#n{at}")).collect();
    let columns = numbers.iter().cloned().zip(measures.iter().map(|m| m.number.clone()));
    made.extend(columns);
    let rows = rows.with(made.iter().map(|(name, node)| (name.as_str(), node)))?;
    let row_numbers: Vec<u32> = (0..rows.height()).map(u32::try_from).collect::<Result<_, _>>()?;
    let mut frame = rows.frame.clone();
    frame.with_column(Series::new(PlSmallStr::from_static(ROW), row_numbers).into())?;
    let rows = Rows { frame, ..rows };
    let numbers: Vec<model::Column> = numbers
        .iter()
        .map(|name| {
            let series = rows.frame.column(name)?.as_materialized_series();
            model::Column::of_series(ColumnType::Integer, series).context(STRAY)
        })
        .collect::<anyhow::Result<_>>()?;
    let grouped = sets.iter().map(|(keys, wanted)| {
        let considered: Vec<Option<&str>> =
            wanted.iter().map(|&at| considered[at].as_deref()).collect();
        let numbers: Vec<(usize, &model::Column)> =
            wanted.iter().map(|&at| (at, &numbers[at])).collect();
        one_grouping(&rows, keys, &considered, &numbers)
    });
    let grouped = grouped.collect::<anyhow::Result<_>>()?;
    Ok((numbers, grouped))
}

/// Numbers the rows of a grouped frame.
const ROW: &str = "#row";
const STRAY: &str = "程序内部错误：分组结果的类型不在约定之内";

fn one_grouping(
    rows: &Rows,
    keys: &[&str],
    considered: &[Option<&str>],
    numbers: &[(usize, &model::Column)],
) -> anyhow::Result<Groups> {
    let whole = |expression: Expr| expression.cast(DataType::Int64);
    let mut aggregates = vec![col(ROW), whole(len()).alias("#all")];
    let mut fits = Vec::with_capacity(numbers.len());
    for (condition, (at, _)) in considered.iter().zip(numbers) {
        if let Some(condition) = condition {
            aggregates.push(whole(col(*condition).sum()).alias(format!("#c{at}")));
        }
        let number = format!("#n{at}");
        aggregates.push(whole(col(&number).count()).alias(format!("#u{at}")));
        let fit = sum_fits(rows, &number)?;
        if fit {
            aggregates.push(col(&number).sum().alias(format!("#s{at}")));
        }
        fits.push(fit);
    }
    let by: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
    let found = rows.frame.clone().lazy().group_by(by).agg(aggregates).collect()?;
    let column = |name: &str| -> anyhow::Result<model::Column> {
        let series = found.column(name)?.as_materialized_series();
        model::Column::of_series(ColumnType::Integer, series).context(STRAY)
    };
    let mut group_rows: Vec<Vec<u32>> = Vec::with_capacity(found.height());
    let lists = found.column(ROW)?.as_materialized_series().list()?.clone();
    for group in 0..found.height() {
        let list = lists.get_as_series(group).context(STRAY)?;
        let mut list: Vec<u32> = list.u32()?.iter().flatten().collect();
        list.sort_unstable();
        group_rows.push(list);
    }
    let all = column("#all")?;
    let mut added = Vec::with_capacity(numbers.len());
    for ((condition, (at, values)), fit) in considered.iter().zip(numbers).zip(fits) {
        let base = condition.map_or(Ok(all.clone()), |_| column(&format!("#c{at}")))?;
        let used = column(&format!("#u{at}"))?;
        let sums = if fit { Some(column(&format!("#s{at}"))?) } else { None };
        let count = |column: &model::Column, group: usize| {
            column.integer(group).and_then(|n| u64::try_from(n).ok()).unwrap_or(0)
        };
        let sum = |group: usize| match &sums {
            Some(sums) => sums.integer(group).map_or(0, i128::from),
            // 64 bits might not hold it.
            None => {
                let rows = group_rows[group].iter();
                rows.filter_map(|&row| values.integer(row as usize)).map(i128::from).sum()
            }
        };
        let of_group = |group: usize| Added {
            considered: count(&base, group),
            used: count(&used, group),
            sum: sum(group),
        };
        added.push((0..found.height()).map(of_group).collect::<Vec<_>>());
    }
    let keys = keys
        .iter()
        .map(|key| {
            let series = found.column(key)?.as_materialized_series();
            let kind = stored_type(series)?;
            model::Column::of_series(kind, series).context(STRAY)
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    Ok(Groups { keys, rows: group_rows, added }.sorted())
}

/// What a series holds, as far as it tells.
fn stored_type(series: &Series) -> anyhow::Result<ColumnType> {
    Ok(match series.dtype() {
        DataType::Int64 => ColumnType::Integer,
        DataType::Boolean => ColumnType::Boolean,
        DataType::String => ColumnType::Text,
        other => bail!("程序内部错误：结果类型 {other} 不在约定之内"),
    })
}

/// Without the optimiser: plans are one step each, and its passes cost more than they save.
/// Steps are sequential for the same reason: a county's tables are small, and what runs side by
/// side is whole forms and checks.
fn collect(lazy: LazyFrame) -> anyhow::Result<DataFrame> {
    Ok(lazy.without_optimizations().collect()?)
}

fn lower(node: &Node) -> Expr {
    match node {
        Node::Column(name) => col(name.as_str()),
        Node::Integer(value) => integer(*value),
        Node::Boolean(value) => lit(*value),
        Node::Text(value) => lit(value.as_str()),
        Node::Null(physical) => lit(NULL).cast(physical.data_type()),
        Node::Compare(comparison, a, b) => {
            let (a, b) = (lower(a), lower(b));
            match comparison {
                Comparison::Equal => a.eq(b),
                Comparison::NotEqual => a.neq(b),
                Comparison::Less => a.lt(b),
                Comparison::LessOrEqual => a.lt_eq(b),
                Comparison::Greater => a.gt(b),
                Comparison::GreaterOrEqual => a.gt_eq(b),
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
fn integer(value: i64) -> Expr {
    lit(Scalar::from(value))
}
