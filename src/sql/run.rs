//! What an engine is asked of one table (`engine`), computed by polars: values of rows, and sums by keys.

use std::collections::BTreeMap;

use anyhow::Context;
use polars::prelude::{
    DataFrame, DataType, Expr, IntoLazy, NamedFrom, PlSmallStr, Series, col, len,
};

use super::measure::{Added, Groups, Measure};
use super::node::{Input, Node};
use super::stage::{PlanStage, stored_type, sum_fits};
use super::{ColumnType, Frame};
use crate::model;

/// The values of row expressions, each as long as the frame. Every input is given once.
pub(super) fn evaluate(
    frame: &Frame,
    nodes: &[&Node],
    inputs: &[&Input],
) -> anyhow::Result<Vec<Series>> {
    let rows = PlanStage::of_frame(frame, inputs.iter().copied())?;
    // No column may hide behind a result: fields are never named `#…`.
    let results: Vec<String> = (0..nodes.len()).map(|at| format!("#{at}")).collect();
    let rows = rows.with(results.iter().map(String::as_str).zip(nodes.iter().copied()))?;
    let rows = rows.single_step()?;
    results.iter().map(|name| Ok(rows.column(name)?.as_materialized_series().clone())).collect()
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
    let rows = PlanStage::of_frame(frame, inputs.values())?;
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
    let magnitudes: Vec<u128> = numbers.iter().map(|name| rows.magnitude(name)).collect();
    let mut rows = rows.single_step()?;
    let row_numbers: Vec<u32> = (0..rows.height()).map(u32::try_from).collect::<Result<_, _>>()?;
    rows.with_column(Series::new(PlSmallStr::from_static(ROW), row_numbers).into())?;
    let numbers: Vec<model::Column> = numbers
        .iter()
        .map(|name| {
            let series = rows.column(name)?.as_materialized_series();
            model::Column::of_series(ColumnType::Integer, series).context(STRAY)
        })
        .collect::<anyhow::Result<_>>()?;
    let grouped = sets.iter().map(|(keys, wanted)| {
        let considered: Vec<Option<&str>> =
            wanted.iter().map(|&at| considered[at].as_deref()).collect();
        let numbers: Vec<Number> = wanted
            .iter()
            .map(|&at| Number { at, values: &numbers[at], magnitude: magnitudes[at] })
            .collect();
        one_grouping(&rows, keys, &considered, &numbers)
    });
    let grouped = grouped.collect::<anyhow::Result<_>>()?;
    Ok((numbers, grouped))
}

/// Numbers the rows of a grouped frame.
const ROW: &str = "#row";
const STRAY: &str = "程序内部错误：分组结果的类型不在约定之内";

/// The numbers of a measure.
struct Number<'a> {
    /// Of which.
    at: usize,
    values: &'a model::Column,
    /// The largest that there can be.
    magnitude: u128,
}

fn one_grouping(
    rows: &DataFrame,
    keys: &[&str],
    considered: &[Option<&str>],
    numbers: &[Number],
) -> anyhow::Result<Groups> {
    let whole = |expression: Expr| expression.cast(DataType::Int64);
    let mut aggregates = vec![col(ROW), whole(len()).alias("#all")];
    let mut fits = Vec::with_capacity(numbers.len());
    for (condition, Number { at, magnitude, .. }) in considered.iter().zip(numbers) {
        if let Some(condition) = condition {
            aggregates.push(whole(col(*condition).sum()).alias(format!("#c{at}")));
        }
        let number = format!("#n{at}");
        aggregates.push(whole(col(&number).count()).alias(format!("#u{at}")));
        let fit = sum_fits(rows, &number, *magnitude)?;
        if fit {
            aggregates.push(col(&number).sum().alias(format!("#s{at}")));
        }
        fits.push(fit);
    }
    let by: Vec<Expr> = keys.iter().map(|key| col(*key)).collect();
    let found = rows.clone().lazy().group_by(by).agg(aggregates).collect()?;
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
    for ((condition, Number { at, values, .. }), fit) in considered.iter().zip(numbers).zip(fits) {
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
