//! The clauses of a SELECT: keys of joins, groups, and what may not stand there.

use sqlparser::ast::{
    BinaryOperator, Expr, GroupByExpr, Ident, ObjectName, ObjectNamePart, Query, Select,
    SelectFlavor, TableAlias,
};

use super::Refusal;
use super::names::{Reach, TypedNode};
use super::node::{Aggregate, Grouping, JoinKind, Node};
use super::refuse::{refuse, type_name};
use super::scalar::Walker;

/// `a = b` between a column of an earlier table and one of the joined table.
pub(super) fn join_key(
    part: &Expr,
    scope: &Reach,
    new: usize,
    kind: JoinKind,
) -> Result<(Node, Node), Refusal> {
    let remedy = if kind == JoinKind::Left {
        "其他条件请放进子查询：LEFT JOIN (SELECT … WHERE 条件) AS 名 ON …"
    } else {
        "其他条件请写在 WHERE 里"
    };
    let not_a_key = || {
        Refusal(format!(
            "ON 后面只能写两张表的列相等（a.列 = b.列，用 AND 相连），不能写“{part}”。{remedy}"
        ))
    };
    let mut tree = part;
    while let Expr::Nested(inner) = tree {
        tree = inner;
    }
    let Expr::BinaryOp { left, op: BinaryOperator::Eq, right } = tree else {
        return Err(not_a_key());
    };
    let walker = Walker::of_rows(scope);
    let (a, b) = (walker.walk(left)?, walker.walk(right)?);
    let owner = |typed: &TypedNode| match &typed.node {
        Node::Column(name) => name.split_once('.').and_then(|(index, _)| index.parse().ok()),
        _ => None,
    };
    let (first, second): (Option<usize>, Option<usize>) = (owner(&a), owner(&b));
    if a.kind != b.kind {
        let name = |t: &TypedNode| t.kind.map_or_else(|| "NULL".to_owned(), type_name);
        return refuse(format!("ON 两边类型不同：“{left}”是{}，“{right}”是{}", name(&a), name(&b)));
    }
    match (first, second) {
        (Some(x), Some(y)) if x < new && y == new => Ok((a.node, b.node)),
        (Some(x), Some(y)) if y < new && x == new => Ok((b.node, a.node)),
        _ => Err(not_a_key()),
    }
}

/// The conditions that AND joins.
pub(super) fn conjuncts(condition: Option<&Expr>) -> Vec<&Expr> {
    let mut parts = Vec::new();
    let mut rest: Vec<&Expr> = condition.into_iter().collect();
    while let Some(tree) = rest.pop() {
        match tree {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                rest.push(right);
                rest.push(left);
            }
            Expr::Nested(inner) => rest.push(inner),
            other => parts.push(other),
        }
    }
    parts
}

pub(super) fn group_keys(clause: &GroupByExpr, rows: Walker<'_>) -> Result<Vec<Node>, Refusal> {
    let GroupByExpr::Expressions(trees, modifiers) = clause else {
        return refuse("GROUP BY 要写明各列，不能写 ALL");
    };
    if !modifiers.is_empty() {
        return refuse("GROUP BY 不能带 ROLLUP、CUBE、TOTALS。合计请另写一段用 UNION ALL");
    }
    let mut keys = Vec::with_capacity(trees.len());
    for tree in trees {
        let node = rows.walk(tree)?.node;
        if node.is_literal() {
            return refuse(format!("GROUP BY 要写列名，不能写“{tree}”"));
        }
        keys.push(node);
    }
    Ok(keys)
}

/// Replaces keys and aggregates by columns of the grouped table.
pub(super) fn group(
    keys: Vec<Node>,
    output: &mut [(String, TypedNode)],
) -> Result<Grouping, Refusal> {
    let mut aggregates: Vec<(String, Aggregate, Option<Node>)> = Vec::new();
    let mut lift = |node: &Node| -> Option<Node> {
        if let Some(at) = keys.iter().position(|key| key == node) {
            return Some(Node::Column(format!("k.{at}")));
        }
        let Node::Aggregate(aggregate, value) = node else { return None };
        let value = value.as_deref().cloned();
        let known = aggregates.iter().position(|(_, a, v)| a == aggregate && *v == value);
        let at = known.unwrap_or(aggregates.len());
        if known.is_none() {
            aggregates.push((format!("a.{at}"), *aggregate, value));
        }
        Some(Node::Column(format!("a.{at}")))
    };
    for (_, value) in output.iter_mut() {
        let node = std::mem::replace(&mut value.node, Node::Boolean(false));
        value.node = node.replace(&mut lift);
    }
    let loose = |node: &Node| matches!(node, Node::Column(name) if !name.starts_with(['k', 'a']));
    for node in output.iter().map(|(_, value)| &value.node) {
        if node.any(&loose) {
            return refuse(format!(
                "列“{}”不在 GROUP BY 里，也没有汇总。请加入 GROUP BY，或用 MIN、MAX、SUM、COUNT",
                first_loose(node)
            ));
        }
    }
    let keys = keys.into_iter().enumerate().map(|(at, node)| (format!("k.{at}"), node)).collect();
    Ok(Grouping { keys, aggregates })
}

/// The name of the first column that is neither key nor aggregate, as it was written.
fn first_loose(node: &Node) -> String {
    if let Node::Column(name) = node
        && !name.starts_with(['k', 'a'])
    {
        return name.split_once('.').map_or(name.as_str(), |(_, column)| column).to_owned();
    }
    node.children().into_iter().map(first_loose).find(|name| !name.is_empty()).unwrap_or_default()
}

pub(super) fn plain_alias(alias: &TableAlias) -> Result<String, Refusal> {
    if !alias.columns.is_empty() || alias.at.is_some() {
        return refuse(format!("“{alias}”：名字后面不能再列各列的名字。请在 SELECT 里用 AS"));
    }
    Ok(alias.name.value.clone())
}

pub(super) fn plain_name(name: &ObjectName) -> Result<String, Refusal> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(Ident { value, .. })] => Ok(value.clone()),
        _ => refuse(format!("表名“{name}”：只写一个名字，不带库名")),
    }
}

/// Refuses everything around the body of a query but WITH.
pub(super) fn refuse_clauses(query: &Query) -> Result<(), Refusal> {
    let Query {
        with: _,
        body: _,
        order_by,
        limit_clause,
        fetch,
        locks,
        for_clause,
        settings,
        format_clause,
        pipe_operators,
    } = query;
    if order_by.is_some() {
        return refuse("查询不写 ORDER BY：结果的次序由程序固定，排名由指标计算");
    }
    if limit_clause.is_some() || fetch.is_some() {
        return refuse("不能用 LIMIT、OFFSET、FETCH：取哪几行会取决于次序。请用条件写明要哪些行");
    }
    let plain = locks.is_empty()
        && for_clause.is_none()
        && settings.is_none()
        && format_clause.is_none()
        && pipe_operators.is_empty();
    if !plain {
        return refuse("查询末尾有不能用的写法（FOR、SETTINGS、FORMAT、|>）");
    }
    Ok(())
}

pub(super) fn refuse_unusual(select: &Select) -> Result<(), Refusal> {
    // Every field is named, so that one added by the parser is noticed here.
    let Select {
        select_token: _,
        optimizer_hints,
        distinct: _,
        select_modifiers,
        top,
        top_before_distinct: _,
        projection: _,
        exclude,
        into,
        from: _,
        lateral_views,
        prewhere,
        selection: _,
        connect_by,
        group_by: _,
        cluster_by,
        distribute_by,
        sort_by,
        having,
        named_window,
        qualify,
        window_before_qualify: _,
        value_table_mode,
        flavor,
    } = select;
    let named = [
        (top.is_some(), "TOP"),
        (into.is_some(), "INTO"),
        (exclude.is_some(), "EXCLUDE"),
        (having.is_some(), "HAVING：请把汇总写成子查询，条件写在外层的 WHERE 里"),
        (qualify.is_some(), "QUALIFY"),
        (!named_window.is_empty(), "WINDOW"),
        (prewhere.is_some(), "PREWHERE"),
        (!lateral_views.is_empty(), "LATERAL VIEW"),
        (!connect_by.is_empty(), "CONNECT BY"),
        (!cluster_by.is_empty(), "CLUSTER BY"),
        (!distribute_by.is_empty(), "DISTRIBUTE BY"),
        (!sort_by.is_empty(), "SORT BY"),
        (value_table_mode.is_some(), "SELECT AS"),
        (select_modifiers.is_some(), "SELECT 后面的修饰词"),
        (!optimizer_hints.is_empty(), "优化提示"),
        (*flavor != SelectFlavor::Standard, "FROM 在前的写法"),
    ];
    match named.iter().find(|(present, _)| *present) {
        Some((_, what)) => refuse(format!(
            "不能用 {what}。可用：SELECT [DISTINCT] … FROM … JOIN … WHERE … GROUP BY …"
        )),
        None => Ok(()),
    }
}
