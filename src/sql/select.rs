//! Queries → one lazy plan each, with polars' optimiser on.
//!
//! A table of WITH is a plan of its own: it is computed once, however often it is read.

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use polars::prelude::DataFrame;

use super::Frame;
use super::node::{QueryPlan, RowPlan, SelectPlan, Source};
use super::stage::PlanStage;

/// The rows of a query, in no particular order.
pub(super) fn query(
    plan: &QueryPlan,
    tables: &BTreeMap<String, &Frame>,
) -> anyhow::Result<DataFrame> {
    let mut planning = Planning { tables, shared: Vec::with_capacity(plan.shared.len()) };
    for shared in &plan.shared {
        let stage = planning.plan(shared)?.settled()?;
        planning.shared.push(stage);
    }
    planning.plan(&plan.body)?.collect()
}

struct Planning<'a> {
    tables: &'a BTreeMap<String, &'a Frame>,
    shared: Vec<PlanStage>,
}

impl Planning<'_> {
    fn plan(&self, plan: &RowPlan) -> anyhow::Result<PlanStage> {
        match plan {
            RowPlan::Table(name) => bail!("程序内部错误：表 {name} 只能由 SELECT 读取"),
            RowPlan::Shared(at) => {
                self.shared.get(*at).cloned().context("程序内部错误：WITH 的次序")
            }
            RowPlan::Union(parts) => PlanStage::union(
                parts.iter().map(|part| self.plan(part)).collect::<Result<_, _>>()?,
            ),
            RowPlan::Select(select) => self.select(select),
        }
    }

    fn source(&self, source: &Source) -> anyhow::Result<PlanStage> {
        match &source.input {
            RowPlan::Table(name) => {
                let frame = self.tables.get(name).with_context(|| format!("没有给出表 {name}"))?;
                PlanStage::of_frame(frame, &source.columns)
            }
            other => Ok(self.plan(other)?.read(&source.columns)),
        }
    }

    fn select(&self, select: &SelectPlan) -> anyhow::Result<PlanStage> {
        let (first, others) = select.sources.split_first().context("程序内部错误：查询没有表")?;
        let mut rows = self.source(first)?;
        for (source, join) in others.iter().zip(&select.joins) {
            rows = rows.join(self.source(source)?, join.kind, &join.keys)?;
        }
        for (value, plan) in &select.members {
            rows = rows.keep_members(value, self.plan(plan)?)?;
        }
        if let Some(condition) = &select.filter {
            rows = rows.keep(condition)?;
        }
        if let Some(grouping) = &select.grouping {
            rows = rows.group(grouping)?;
        }
        rows.output(&select.output, select.distinct)
    }
}
