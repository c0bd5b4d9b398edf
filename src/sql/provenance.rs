//! Which columns of which tables a query's results show: through aliases, expressions, WITH
//! tables, subqueries and UNION. What only decides (conditions, joins, comparisons, counts and
//! lengths) shows nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Aggregate, Node, QueryPlan, RowPlan, SelectPlan};

/// (table, column) pairs.
pub(super) type ColumnOrigins = BTreeSet<(String, String)>;

/// Result columns with what they show.
type Shown = Vec<(String, ColumnOrigins)>;

pub(super) fn shown(plan: &QueryPlan) -> Vec<ColumnOrigins> {
    let mut shared: Vec<Shown> = Vec::new();
    for table in &plan.shared {
        let found = of_plan(table, &shared);
        shared.push(found);
    }
    of_plan(&plan.body, &shared).into_iter().map(|(_, origins)| origins).collect()
}

fn of_plan(plan: &RowPlan, shared: &[Shown]) -> Shown {
    match plan {
        // Read by a SELECT only, which asks for its columns one by one.
        RowPlan::Table(_) => Vec::new(),
        RowPlan::Shared(at) => shared.get(*at).cloned().unwrap_or_default(),
        RowPlan::Select(select) => of_select(select, shared),
        RowPlan::Union(parts) => {
            let mut parts = parts.iter().map(|part| of_plan(part, shared));
            let mut all = parts.next().unwrap_or_default();
            for part in parts {
                for ((_, origins), (_, more)) in all.iter_mut().zip(part) {
                    origins.extend(more);
                }
            }
            all
        }
    }
}

fn of_select(select: &SelectPlan, shared: &[Shown]) -> Shown {
    let mut known: BTreeMap<String, ColumnOrigins> = BTreeMap::new();
    for source in &select.sources {
        let below = of_plan(&source.input, shared);
        for input in &source.columns {
            let origins = match &source.input {
                RowPlan::Table(table) => {
                    ColumnOrigins::from([(table.clone(), input.column.clone())])
                }
                _ => {
                    let mut named = below.iter().filter(|(name, _)| *name == input.column);
                    named.next().map(|(_, origins)| origins.clone()).unwrap_or_default()
                }
            };
            known.insert(input.unique.clone(), origins);
        }
    }
    if let Some(grouping) = &select.grouping {
        let mut made: Shown = Vec::new();
        for (name, key) in &grouping.keys {
            made.push((name.clone(), of_node(key, &known)));
        }
        for (name, aggregate, value) in &grouping.aggregates {
            let value = value.as_ref().filter(|_| shows(*aggregate));
            made.push((name.clone(), value.map(|v| of_node(v, &known)).unwrap_or_default()));
        }
        known.extend(made);
    }
    select.output.iter().map(|(name, node)| (name.clone(), of_node(node, &known))).collect()
}

fn shows(aggregate: Aggregate) -> bool {
    matches!(aggregate, Aggregate::Sum | Aggregate::Minimum | Aggregate::Maximum)
}

fn of_node(node: &Node, known: &BTreeMap<String, ColumnOrigins>) -> ColumnOrigins {
    let all = |nodes: Vec<&Node>| nodes.into_iter().flat_map(|n| of_node(n, known)).collect();
    match node {
        Node::Column(name) => known.get(name).cloned().unwrap_or_default(),
        Node::Arithmetic(_, a, b) => all(vec![a, b]),
        Node::Coalesce(values) => all(values.iter().collect()),
        Node::Case { branches, otherwise } => {
            all(branches.iter().map(|(_, value)| value).chain([otherwise.as_ref()]).collect())
        }
        Node::Aggregate(aggregate, Some(value)) if shows(*aggregate) => of_node(value, known),
        Node::Integer(_)
        | Node::Boolean(_)
        | Node::Text(_)
        | Node::Null(_)
        | Node::Compare(..)
        | Node::And(..)
        | Node::Or(..)
        | Node::Not(_)
        | Node::IsNull(_)
        | Node::Like(..)
        | Node::Length(_)
        | Node::Aggregate(..) => ColumnOrigins::new(),
    }
}
