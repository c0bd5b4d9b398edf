//! Queries: syntax tree → plan. What is not listed here is not in the profile.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use sqlparser::ast::{
    BinaryOperator, Cte, Distinct, Expr, GroupByExpr, Ident, Join as JoinSyntax, JoinConstraint,
    JoinOperator, ObjectName, ObjectNamePart, Query, Select, SelectFlavor, SelectItem, SetExpr,
    SetOperator, SetQuantifier, TableAlias, TableFactor,
};

use super::node::{
    Aggregate, Grouping, Input, Join, JoinKind, Node, Plan, QueryPlan, SelectPlan, Source, Window,
};
use super::parse::Parsed;
use super::refuse::{choices, refuse, type_name};
use super::scalar::{Names, Scope, Typed, Walker, align, common};
use super::{ColumnType, Refusal, Schema};

/// Subqueries inside subqueries.
const DEEPEST: usize = 12;

/// Plans one query.
pub(super) struct Planner<'a> {
    parsed: &'a Parsed<Box<Query>>,
    tables: &'a BTreeMap<String, Schema>,
    /// Tables read so far.
    read: RefCell<BTreeSet<String>>,
    /// WITH tables so far, over all levels.
    shared: RefCell<Vec<Plan>>,
}

pub(super) struct Planned {
    pub(super) plan: QueryPlan,
    pub(super) tables: Vec<String>,
    pub(super) columns: Vec<(String, ColumnType)>,
}

/// A table-like thing with typed columns.
#[derive(Clone)]
struct Relation {
    plan: Plan,
    columns: Vec<(String, ColumnType)>,
    /// Exactly one row, whatever the data: an aggregate without GROUP BY.
    single_row: bool,
}

/// WITH tables in sight.
type Shared = Vec<(String, Relation)>;

/// One SELECT before its output types are made equal to those of its UNION.
struct Arm {
    plan: SelectPlan,
    output: Vec<(String, Typed)>,
    single_row: bool,
}

pub(super) fn plan(
    parsed: &Parsed<Box<Query>>,
    tables: &BTreeMap<String, Schema>,
) -> Result<Planned, Refusal> {
    let planner = Planner { parsed, tables, read: RefCell::default(), shared: RefCell::default() };
    let relation = planner.query(&parsed.tree, &Shared::new(), 0)?;
    let plan = QueryPlan { shared: planner.shared.into_inner(), body: relation.plan };
    let tables = planner.read.into_inner().into_iter().collect();
    Ok(Planned { plan, tables, columns: relation.columns })
}

impl Planner<'_> {
    fn query(&self, query: &Query, outer: &Shared, depth: usize) -> Result<Relation, Refusal> {
        if depth > DEEPEST {
            return refuse(format!("子查询嵌套超过 {DEEPEST} 层。请用 WITH 拆开"));
        }
        refuse_clauses(query)?;
        let mut in_sight = outer.clone();
        if let Some(with) = &query.with {
            if with.recursive {
                return refuse("不能用 WITH RECURSIVE");
            }
            for table in &with.cte_tables {
                let named = self.shared_table(table, &in_sight, depth)?;
                in_sight.push(named);
            }
        }
        self.set(&query.body, &in_sight, depth)
    }

    fn shared_table(
        &self,
        table: &Cte,
        in_sight: &Shared,
        depth: usize,
    ) -> Result<(String, Relation), Refusal> {
        let Cte { alias, query, from: None, materialized: None, closing_paren_token: _ } = table
        else {
            return refuse("WITH 只能写成 WITH 名 AS (SELECT …)");
        };
        let name = plain_alias(alias)?;
        if self.tables.contains_key(&name) || in_sight.iter().any(|(known, _)| *known == name) {
            return refuse(format!("WITH 的名字“{name}”与已有的表重名。请换一个名字"));
        }
        let mut relation = self.query(query, in_sight, depth + 1)?;
        let mut shared = self.shared.borrow_mut();
        shared.push(relation.plan);
        relation.plan = Plan::Shared(shared.len() - 1);
        Ok((name, relation))
    }

    fn set(&self, body: &SetExpr, in_sight: &Shared, depth: usize) -> Result<Relation, Refusal> {
        let mut arms = Vec::new();
        self.arms(body, in_sight, depth, &mut arms)?;
        let single_row = arms.len() == 1 && arms.iter().all(|arm| arm.single_row);
        let Some(first) = arms.first() else { return refuse("没有 SELECT") };
        let names: Vec<String> = first.output.iter().map(|(name, _)| name.clone()).collect();
        if let Some(other) = arms.iter().find(|arm| arm.output.len() != names.len()) {
            return refuse(format!(
                "UNION ALL 前后的列数不同:{} 列与 {} 列",
                names.len(),
                other.output.len()
            ));
        }
        let mut columns = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let values: Vec<Typed> = arms.iter().map(|arm| arm.output[at].1.clone()).collect();
            columns.push((name.clone(), common(&format!("列“{name}”的值"), &values)?));
        }
        let mut plans = Vec::with_capacity(arms.len());
        for mut arm in arms {
            for ((_, value), (name, kind)) in arm.output.into_iter().zip(&columns) {
                arm.plan.output.push((name.clone(), align(value, *kind)?));
            }
            plans.push(Plan::Select(Box::new(arm.plan)));
        }
        let plan = match plans.len() {
            1 => plans.remove(0),
            _ => Plan::Union(plans),
        };
        Ok(Relation { plan, columns, single_row })
    }

    fn arms(
        &self,
        body: &SetExpr,
        in_sight: &Shared,
        depth: usize,
        arms: &mut Vec<Arm>,
    ) -> Result<(), Refusal> {
        match body {
            SetExpr::Select(select) => {
                arms.push(self.select(select, in_sight, depth)?);
                Ok(())
            }
            SetExpr::Query(query) if query.with.is_none() => {
                refuse_clauses(query)?;
                self.arms(&query.body, in_sight, depth, arms)
            }
            SetExpr::SetOperation { left, op, set_quantifier, right } => {
                if *op != SetOperator::Union {
                    return refuse(format!(
                        "不能用 {op}。“有”请用 IN (SELECT …),“没有”请用 LEFT JOIN … IS NULL"
                    ));
                }
                if *set_quantifier != SetQuantifier::All {
                    return refuse("UNION 请写成 UNION ALL;要去掉重复,外面再套 SELECT DISTINCT");
                }
                self.arms(left, in_sight, depth, arms)?;
                self.arms(right, in_sight, depth, arms)
            }
            _ => refuse("只能写 SELECT(可用 WITH 和 UNION ALL)"),
        }
    }

    fn select(&self, select: &Select, in_sight: &Shared, depth: usize) -> Result<Arm, Refusal> {
        refuse_unusual(select)?;
        let distinct = match &select.distinct {
            None | Some(Distinct::All) => false,
            Some(Distinct::Distinct) => true,
            Some(Distinct::On(_)) => return refuse("不能用 DISTINCT ON"),
        };
        let [from] = select.from.as_slice() else {
            return refuse(match select.from.len() {
                0 => "SELECT 后面要写 FROM 表名",
                _ => "FROM 后面只写一张表,其他表用 JOIN … ON 连接",
            });
        };
        let mut scope = Scope::default();
        let mut inputs = vec![self.source(&from.relation, in_sight, depth, &mut scope)?];
        let mut joins = Vec::new();
        for join in &from.joins {
            let relation = self.source(&join.relation, in_sight, depth, &mut scope)?;
            joins.push(self.join(join, &relation, &scope)?);
            inputs.push(relation);
        }
        let rows = Walker::of_rows(&scope);
        let mut members = Vec::new();
        let mut filter: Option<Node> = None;
        for condition in conjuncts(select.selection.as_ref()) {
            if let Expr::InSubquery { expr, subquery, negated: false } = condition {
                members.push(self.member(expr, subquery, in_sight, depth, rows)?);
                continue;
            }
            let node = rows.condition(condition)?;
            filter = Some(match filter {
                None => node,
                Some(before) => Node::And(before.boxed(), node.boxed()),
            });
        }
        let keys = group_keys(&select.group_by, rows)?;
        let all = Walker { aggregates: true, windows: true, ..rows };
        let mut output = self.output(&select.projection, all)?;
        let mut having = select
            .having
            .as_ref()
            .map(|tree| Walker { aggregates: true, ..rows }.condition(tree))
            .transpose()?;

        let is_aggregate = |node: &Node| matches!(node, Node::Aggregate(..));
        let summed = output.iter().any(|(_, value)| value.node.any(&is_aggregate))
            || having.as_ref().is_some_and(|node| node.any(&is_aggregate));
        let single_row = summed && keys.is_empty() && having.is_none();
        if having.is_some() && !summed && keys.is_empty() {
            return refuse("HAVING 只用于汇总后的条件。逐行的条件请写在 WHERE 里");
        }
        let mut grouping = None;
        let mut windows = Vec::new();
        if summed || !keys.is_empty() {
            grouping = Some(group(keys, &mut output, &mut having)?);
        } else {
            for (_, value) in &mut output {
                let node = std::mem::replace(&mut value.node, Node::Boolean(false));
                value.node = node.replace(&mut |node| lift_window(node, &mut windows));
            }
        }
        let used = scope.used.borrow();
        let sources = inputs
            .into_iter()
            .enumerate()
            .map(|(index, relation)| Source {
                columns: relation
                    .columns
                    .iter()
                    .filter(|(column, _)| used.contains(&(index, column.clone())))
                    .map(|(column, kind)| Input {
                        column: column.clone(),
                        unique: scope.unique(index, column),
                        kind: *kind,
                    })
                    .collect(),
                input: relation.plan,
            })
            .collect();
        let plan = SelectPlan {
            sources,
            joins,
            members,
            filter,
            grouping,
            having,
            windows,
            output: Vec::new(),
            distinct,
        };
        Ok(Arm { plan, output, single_row })
    }

    /// A table of the FROM clause, also entered into the scope.
    fn source(
        &self,
        factor: &TableFactor,
        in_sight: &Shared,
        depth: usize,
        scope: &mut Scope,
    ) -> Result<Relation, Refusal> {
        let (alias, relation) = match factor {
            TableFactor::Table {
                name,
                alias,
                args: None,
                with_hints,
                version: None,
                with_ordinality: false,
                partitions,
                json_path: None,
                sample: None,
                index_hints,
            } if with_hints.is_empty() && partitions.is_empty() && index_hints.is_empty() => {
                let name = plain_name(name)?;
                let relation = self.table(&name, in_sight)?;
                let alias = alias.as_ref().map(plain_alias).transpose()?.unwrap_or(name);
                (alias, relation)
            }
            TableFactor::Derived { lateral: false, subquery, alias, sample: None } => {
                let Some(alias) = alias else {
                    return refuse("FROM 里的子查询要起名:(SELECT …) AS 名");
                };
                (plain_alias(alias)?, self.query(subquery, in_sight, depth + 1)?)
            }
            other => {
                return refuse(format!("FROM 里不能写“{other}”。可用:表名、(SELECT …) AS 名"));
            }
        };
        if scope.sources.iter().any(|s| s.alias.as_deref() == Some(alias.as_str())) {
            return refuse(format!("两张表都叫“{alias}”。请各起一个名:表 AS 名"));
        }
        scope.sources.push(Names { alias: Some(alias), columns: relation.columns.clone() });
        Ok(relation)
    }

    fn table(&self, name: &str, in_sight: &Shared) -> Result<Relation, Refusal> {
        if let Some((_, relation)) = in_sight.iter().find(|(known, _)| known == name) {
            return Ok(relation.clone());
        }
        let Some(schema) = self.tables.get(name) else {
            let names = self
                .tables
                .keys()
                .map(String::as_str)
                .chain(in_sight.iter().map(|(known, _)| known.as_str()));
            return refuse(format!("没有表“{name}”。可用的表:{}", choices(name, names)));
        };
        self.read.borrow_mut().insert(name.to_owned());
        Ok(Relation {
            plan: Plan::Table(name.to_owned()),
            columns: schema.0.clone(),
            single_row: false,
        })
    }

    fn join(&self, join: &JoinSyntax, relation: &Relation, scope: &Scope) -> Result<Join, Refusal> {
        let (kind, constraint) = match &join.join_operator {
            _ if join.global => return refuse("不能用 GLOBAL JOIN"),
            JoinOperator::Join(on) | JoinOperator::Inner(on) => (JoinKind::Inner, on),
            JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (JoinKind::Left, on),
            JoinOperator::CrossJoin(JoinConstraint::None) => {
                if !relation.single_row {
                    return refuse(
                        "CROSS JOIN 的右边只能是恰好一行的汇总(没有 GROUP BY 的 SUM、COUNT …)",
                    );
                }
                return Ok(Join { kind: JoinKind::Cross, keys: Vec::new() });
            }
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => {
                return refuse("不能用 RIGHT JOIN。请调换两张表,用 LEFT JOIN");
            }
            JoinOperator::FullOuter(_) => {
                return refuse("不能用 FULL JOIN。请用 UNION ALL 汇总两边,再 GROUP BY");
            }
            _ => return refuse("只能用 JOIN … ON、LEFT JOIN … ON、CROSS JOIN(单行)"),
        };
        let JoinConstraint::On(condition) = constraint else {
            return refuse("JOIN 要写 ON a.列 = b.列(不能用 USING、NATURAL)");
        };
        let new = scope.sources.len() - 1;
        let mut keys = Vec::new();
        for part in conjuncts(Some(condition)) {
            keys.push(join_key(part, scope, new, kind)?);
        }
        Ok(Join { kind, keys })
    }

    fn member(
        &self,
        value: &Expr,
        subquery: &Query,
        in_sight: &Shared,
        depth: usize,
        rows: Walker<'_>,
    ) -> Result<(Node, Plan), Refusal> {
        let typed = rows.walk(value)?;
        let relation = self.query(subquery, in_sight, depth + 1)?;
        let [(_, kind)] = relation.columns.as_slice() else {
            return refuse("IN (SELECT …) 的子查询只能有一列");
        };
        match typed.kind {
            Some(own) if own == *kind => Ok((typed.node, relation.plan)),
            Some(own) => refuse(format!(
                "IN (SELECT …) 两边类型不同:{}与{}",
                type_name(own),
                type_name(*kind)
            )),
            None => refuse("NULL IN (SELECT …) 永远不成立"),
        }
    }

    fn output(
        &self,
        items: &[SelectItem],
        walker: Walker<'_>,
    ) -> Result<Vec<(String, Typed)>, Refusal> {
        let mut output: Vec<(String, Typed)> = Vec::with_capacity(items.len());
        for item in items {
            let (tree, name) = match item {
                SelectItem::UnnamedExpr(tree) => {
                    let name = match tree {
                        Expr::Identifier(ident) => ident.value.clone(),
                        Expr::CompoundIdentifier(parts) => {
                            parts.last().map_or_else(String::new, |ident| ident.value.clone())
                        }
                        other => {
                            return refuse(format!("“{other}”要起名:{other} AS 名"));
                        }
                    };
                    (tree, name)
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    if !self.parsed.follows_as(alias) {
                        return refuse(format!(
                            "“{expr} {alias}”:两个词之间缺逗号或运算符;若“{alias}”是名字,请写 AS {alias}"
                        ));
                    }
                    (expr, alias.value.clone())
                }
                _ => return refuse("不能写 SELECT *。请写明各列:改表时才不会悄悄变"),
            };
            if output.iter().any(|(known, _)| *known == name) {
                return refuse(format!("两列都叫“{name}”。请用 AS 改名"));
            }
            output.push((name, walker.walk(tree)?));
        }
        Ok(output)
    }
}

/// `a = b` between a column of an earlier table and one of the joined table.
fn join_key(
    part: &Expr,
    scope: &Scope,
    new: usize,
    kind: JoinKind,
) -> Result<(Node, Node), Refusal> {
    let remedy = if kind == JoinKind::Left {
        "其他条件请放进子查询:LEFT JOIN (SELECT … WHERE 条件) AS 名 ON …"
    } else {
        "其他条件请写在 WHERE 里"
    };
    let not_a_key = || {
        Refusal(format!(
            "ON 后面只能写两张表的列相等(a.列 = b.列,用 AND 相连),不能写“{part}”。{remedy}"
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
    let owner = |typed: &Typed| match &typed.node {
        Node::Column(name) => name.split_once('.').and_then(|(index, _)| index.parse().ok()),
        _ => None,
    };
    let (first, second): (Option<usize>, Option<usize>) = (owner(&a), owner(&b));
    if a.kind != b.kind {
        let name = |t: &Typed| t.kind.map_or_else(|| "NULL".to_owned(), type_name);
        return refuse(format!("ON 两边类型不同:“{left}”是{},“{right}”是{}", name(&a), name(&b)));
    }
    match (first, second) {
        (Some(x), Some(y)) if x < new && y == new => Ok((a.node, b.node)),
        (Some(x), Some(y)) if y < new && x == new => Ok((b.node, a.node)),
        _ => Err(not_a_key()),
    }
}

/// The conditions that AND joins.
fn conjuncts(condition: Option<&Expr>) -> Vec<&Expr> {
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

fn group_keys(clause: &GroupByExpr, rows: Walker<'_>) -> Result<Vec<Node>, Refusal> {
    let GroupByExpr::Expressions(trees, modifiers) = clause else {
        return refuse("GROUP BY 要写明各列,不能写 ALL");
    };
    if !modifiers.is_empty() {
        return refuse("GROUP BY 不能带 ROLLUP、CUBE、TOTALS。合计请另写一段用 UNION ALL");
    }
    let mut keys = Vec::with_capacity(trees.len());
    for tree in trees {
        let node = rows.walk(tree)?.node;
        if node.is_literal() {
            return refuse(format!("GROUP BY 要写列名,不能写“{tree}”"));
        }
        keys.push(node);
    }
    Ok(keys)
}

/// Replaces keys and aggregates by columns of the grouped table.
fn group(
    keys: Vec<Node>,
    output: &mut [(String, Typed)],
    having: &mut Option<Node>,
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
    *having = having.take().map(|node| node.replace(&mut lift));
    let loose = |node: &Node| {
        matches!(node, Node::Window(_))
            || matches!(node, Node::Column(name) if !name.starts_with(['k', 'a']))
    };
    for node in output.iter().map(|(_, value)| &value.node).chain(having.as_ref()) {
        if node.any(&|n| matches!(n, Node::Window(_))) {
            return refuse("同一层 SELECT 不能既有 GROUP BY 或汇总,又有 OVER。请先用 WITH 汇总");
        }
        if node.any(&loose) {
            return refuse(format!(
                "列“{}”不在 GROUP BY 里,也没有汇总。请加入 GROUP BY,或用 MIN、MAX、SUM、COUNT",
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

fn lift_window(node: &Node, windows: &mut Vec<(String, Window)>) -> Option<Node> {
    let Node::Window(window) = node else { return None };
    let known = windows.iter().position(|(_, w)| w == window.as_ref());
    let at = known.unwrap_or(windows.len());
    if known.is_none() {
        windows.push((format!("w.{at}"), window.as_ref().clone()));
    }
    Some(Node::Column(format!("w.{at}")))
}

fn plain_alias(alias: &TableAlias) -> Result<String, Refusal> {
    if !alias.columns.is_empty() || alias.at.is_some() {
        return refuse(format!("“{alias}”:名字后面不能再列各列的名字。请在 SELECT 里用 AS"));
    }
    Ok(alias.name.value.clone())
}

fn plain_name(name: &ObjectName) -> Result<String, Refusal> {
    match name.0.as_slice() {
        [ObjectNamePart::Identifier(Ident { value, .. })] => Ok(value.clone()),
        _ => refuse(format!("表名“{name}”:只写一个名字,不带库名")),
    }
}

/// Refuses everything around the body of a query but WITH.
fn refuse_clauses(query: &Query) -> Result<(), Refusal> {
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
        return refuse("查询不写 ORDER BY:结果的次序由程序固定,排名由指标计算");
    }
    if limit_clause.is_some() || fetch.is_some() {
        return refuse("不能用 LIMIT、OFFSET、FETCH:取哪几行会取决于次序。请用条件写明要哪些行");
    }
    let plain = locks.is_empty()
        && for_clause.is_none()
        && settings.is_none()
        && format_clause.is_none()
        && pipe_operators.is_empty();
    if !plain {
        return refuse("查询末尾有不能用的写法(FOR、SETTINGS、FORMAT、|>)");
    }
    Ok(())
}

fn refuse_unusual(select: &Select) -> Result<(), Refusal> {
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
        having: _,
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
            "不能用 {what}。可用:SELECT [DISTINCT] … FROM … JOIN … WHERE … GROUP BY … HAVING"
        )),
        None => Ok(()),
    }
}
