//! The portable SQL profile: expressions and queries of definitions, and the only place that
//! names polars.
//!
//! Text is parsed to its end, walked against a positive list of syntax nodes (`parse`, `scalar`,
//! `functions`, `query`, `clauses`), which gives typed nodes (`node`): this walk alone decides what is
//! a definition's mistake. The nodes are then evaluated by polars (`run`; a query as one lazy plan:
//! `select`, `stage`), or printed for an engine that
//! takes text (`print`, `engine`). polars never sees the text: its own SQL front end changes the meaning
//! of some queries silently. Inside the profile the major
//! engines agree; outside it a definition is refused with the reason and the remedy.
//! `docs/sql-profile.md` is the page for those who write definitions.

mod blank;
mod bound;
mod clauses;
mod engine;
mod frame;
mod functions;
mod literal;
mod lower;
mod measure;
mod names;
mod node;
mod order;
mod outcomes;
mod parse;
mod print;
mod provenance;
mod query;
mod refuse;
mod run;
mod scalar;
mod select;
mod stage;
mod sums;
mod typing;
mod words;

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, ensure};
use polars::prelude::Series;

use crate::model::{Column, ColumnType};

pub use engine::{Asked, Embedded, Engine, GroupPlan};
pub use frame::Frame;
pub use measure::{Added, Addend, Groups, Measure};
pub use outcomes::{Domain, UnknownText, is_possible};
pub use print::{ROW, TABLE, grouped_statement, numbers_statement, rows_statement};

/// Does a job, and what it does side by side, on the threads on which queries are computed: on others
/// every query would be handed over and waited for.
pub fn on_query_threads<R: Send>(job: impl FnOnce() -> R + Send) -> R {
    polars_core::runtime::RAYON.install(job)
}

/// Column names and types of one table, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema(pub Vec<(String, ColumnType)>);

/// A checked row expression.
#[derive(Debug, Clone)]
pub struct Expression {
    pub text: String,
    /// Columns that it reads, sorted.
    pub columns: Vec<String>,
    pub result: ColumnType,
    inputs: Arc<[node::Input]>,
    node: Arc<node::Node>,
}

/// A checked SELECT.
#[derive(Debug, Clone)]
pub struct Query {
    pub text: String,
    /// Tables that it reads, sorted.
    pub tables: Vec<String>,
    pub columns: Vec<(String, ColumnType)>,
    /// What each column shows: (table, column) pairs, aligned with `columns`.
    pub shows: Vec<std::collections::BTreeSet<(String, String)>>,
    plan: Arc<node::QueryPlan>,
}

/// Why a text is outside the profile: Chinese, with the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal(pub String);

/// Parses and checks a row expression over one table.
pub fn check_expression(text: &str, schema: &Schema) -> Result<Expression, Refusal> {
    let parsed = parse::expression(text)?;
    let names = names::Names { alias: None, columns: schema.0.as_slice().into() };
    let scope = names::Reach { sources: vec![names], ..names::Reach::default() };
    let typed = scalar::Walker::of_rows(&scope).walk(&parsed.tree)?;
    let Some(result) = typed.kind else {
        return refuse::refuse("表达式的结果永远是 NULL");
    };
    let columns: Vec<String> =
        scope.used.into_inner().into_iter().map(|(_, column)| column).collect();
    let used = schema.0.iter().filter(|(name, _)| columns.contains(name));
    let inputs = used.map(|(name, kind)| node::Input::plain(name, *kind));
    Ok(Expression {
        text: text.to_owned(),
        inputs: inputs.collect(),
        columns,
        result,
        node: Arc::new(typed.node),
    })
}

/// Parses and checks a SELECT over several tables.
pub fn check_query(text: &str, tables: &BTreeMap<String, Schema>) -> Result<Query, Refusal> {
    let parsed = parse::query(text)?;
    let planned = query::plan(&parsed, tables)?;
    Ok(Query {
        text: text.to_owned(),
        tables: planned.tables,
        columns: planned.columns,
        shows: provenance::shown(&planned.plan),
        plan: Arc::new(planned.plan),
    })
}

impl Expression {
    /// Is it true or false of a row?
    pub fn is_condition(&self) -> bool {
        self.result == ColumnType::Boolean
    }

    /// Evaluates it on an empty table: what the checks let through, polars must take.
    pub fn dry_run(&self) -> anyhow::Result<()> {
        let used = self.inputs.iter().map(|input| (input.column.as_str(), input.kind));
        evaluate(&Frame::empty(used)?, &[self]).map(drop)
    }
}

impl Query {
    /// Runs it on empty tables: what the checks let through, polars must take.
    pub fn dry_run(&self, tables: &BTreeMap<String, Schema>) -> anyhow::Result<()> {
        let mut frames = BTreeMap::new();
        for name in &self.tables {
            let columns = tables.get(name).map_or(&[][..], |schema| &schema.0);
            let columns = columns.iter().map(|(column, kind)| (column.as_str(), *kind));
            frames.insert(name.clone(), Frame::empty(columns)?);
        }
        let frames = frames.iter().map(|(name, frame)| (name.clone(), frame)).collect();
        select(self, &frames).map(drop)
    }
}

/// Evaluates row expressions over one frame; each result is as long as the frame.
pub fn evaluate(frame: &Frame, expressions: &[&Expression]) -> anyhow::Result<Vec<Column>> {
    let nodes: Vec<&node::Node> = expressions.iter().map(|e| e.node.as_ref()).collect();
    let mut inputs: Vec<&node::Input> = expressions.iter().flat_map(|e| &*e.inputs).collect();
    inputs.sort_by(|a, b| a.unique.cmp(&b.unique));
    inputs.dedup_by(|a, b| a.unique == b.unique && a.kind == b.kind);
    let series = run::evaluate(frame, &nodes, &inputs)?;
    series
        .iter()
        .zip(expressions)
        .map(|(series, expression)| {
            let column = typed(series, expression.result)?;
            ensure!(column.len() == frame.len(), "程序内部错误：结果的行数不对");
            Ok(column)
        })
        .collect()
}

/// Sums measures by keys: one grouping for each set of keys (columns of the frame), of the measures
/// (by number) that want it. Also gives the numbers of each measure, row by row.
pub fn group(
    frame: &Frame,
    measures: &[&Measure],
    sets: &[(Vec<&str>, Vec<usize>)],
) -> anyhow::Result<(Vec<Column>, Vec<Groups>)> {
    run::grouped(frame, measures, sets)
}

/// Runs a query on these tables alone; rows come back sorted by all columns, first to last.
pub fn select(
    query: &Query,
    tables: &BTreeMap<String, &Frame>,
) -> anyhow::Result<Vec<(String, Column)>> {
    let found = select::query(&query.plan, tables)?;
    let mut columns = Vec::with_capacity(query.columns.len());
    for (name, kind) in &query.columns {
        let series = found.column(name)?.as_materialized_series();
        columns.push((name.clone(), typed(series, *kind)?));
    }
    // Joins and groups come back in an order that depends on threads.
    let mut rows: Vec<usize> = (0..found.height()).collect();
    rows.sort_by(|&a, &b| order::compare_rows(columns.iter().map(|(_, column)| column), a, b));
    let sorted = |column: &Column| column.take(rows.iter().copied());
    Ok(columns.into_iter().map(|(name, column)| (name, sorted(&column))).collect())
}

fn typed(series: &Series, kind: ColumnType) -> anyhow::Result<Column> {
    let column = Column::of_series(kind, series);
    column.with_context(|| format!("程序内部错误：应为 {kind:?}，得到 {}", series.dtype()))
}
