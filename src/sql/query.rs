//! Queries: syntax tree → plan. What is not listed here is not in the profile.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use sqlparser::ast::{
    Cte, Distinct, Expr, Join as JoinSyntax, JoinConstraint, JoinOperator, Query, Select,
    SelectItem, SetExpr, SetOperator, SetQuantifier, TableFactor,
};

use super::clauses::{
    conjuncts, group, group_keys, join_key, plain_alias, plain_name, refuse_clauses, refuse_unusual,
};
use super::names::{GivenColumns, Names, Reach, TypedNode};
use super::node::{Input, Join, JoinKind, Node, QueryPlan, RowPlan, SelectPlan, Source};
use super::parse::Parsed;
use super::refuse::{choices, refuse, type_name};
use super::scalar::Walker;
use super::typing::{align, common};
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
    shared: RefCell<Vec<RowPlan>>,
}

pub(super) struct Planned {
    pub(super) plan: QueryPlan,
    pub(super) tables: Vec<String>,
    pub(super) columns: Vec<(String, ColumnType)>,
}

/// A table-like thing with typed columns.
#[derive(Clone)]
struct Relation<'t> {
    plan: RowPlan,
    columns: GivenColumns<'t>,
    /// Exactly one row, whatever the data: an aggregate without GROUP BY.
    single_row: bool,
}

/// WITH tables in sight.
type Shared<'t> = Vec<(String, Relation<'t>)>;

/// One SELECT before its output types are made equal to those of its UNION.
struct Arm {
    plan: SelectPlan,
    output: Vec<(String, TypedNode)>,
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
    Ok(Planned { plan, tables, columns: relation.columns.into_owned() })
}

impl<'t> Planner<'t> {
    fn query(
        &self,
        query: &Query,
        outer: &Shared<'t>,
        depth: usize,
    ) -> Result<Relation<'t>, Refusal> {
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
        in_sight: &Shared<'t>,
        depth: usize,
    ) -> Result<(String, Relation<'t>), Refusal> {
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
        relation.plan = RowPlan::Shared(shared.len() - 1);
        Ok((name, relation))
    }

    fn set(
        &self,
        body: &SetExpr,
        in_sight: &Shared<'t>,
        depth: usize,
    ) -> Result<Relation<'t>, Refusal> {
        let mut arms = Vec::new();
        self.arms(body, in_sight, depth, &mut arms)?;
        let single_row = arms.len() == 1 && arms.iter().all(|arm| arm.single_row);
        let Some(first) = arms.first() else { return refuse("没有 SELECT") };
        let names: Vec<String> = first.output.iter().map(|(name, _)| name.clone()).collect();
        if let Some(other) = arms.iter().find(|arm| arm.output.len() != names.len()) {
            return refuse(format!(
                "UNION ALL 前后的列数不同：{} 列与 {} 列",
                names.len(),
                other.output.len()
            ));
        }
        let mut columns = Vec::with_capacity(names.len());
        for (at, name) in names.iter().enumerate() {
            let values: Vec<TypedNode> = arms.iter().map(|arm| arm.output[at].1.clone()).collect();
            columns.push((name.clone(), common(&format!("列“{name}”的值"), &values)?));
        }
        let mut plans = Vec::with_capacity(arms.len());
        for mut arm in arms {
            for ((_, value), (name, kind)) in arm.output.into_iter().zip(&columns) {
                arm.plan.output.push((name.clone(), align(value, *kind)?));
            }
            plans.push(RowPlan::Select(Box::new(arm.plan)));
        }
        let plan = match plans.len() {
            1 => plans.remove(0),
            _ => RowPlan::Union(plans),
        };
        Ok(Relation { plan, columns: columns.into(), single_row })
    }

    fn arms(
        &self,
        body: &SetExpr,
        in_sight: &Shared<'t>,
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
                        "不能用 {op}。“有”请用 IN (SELECT …)，“没有”请用 LEFT JOIN … IS NULL"
                    ));
                }
                if *set_quantifier != SetQuantifier::All {
                    return refuse("UNION 请写成 UNION ALL；要去掉重复，外面再套 SELECT DISTINCT");
                }
                self.arms(left, in_sight, depth, arms)?;
                self.arms(right, in_sight, depth, arms)
            }
            _ => refuse("只能写 SELECT（可用 WITH 和 UNION ALL）"),
        }
    }

    fn select(&self, select: &Select, in_sight: &Shared<'t>, depth: usize) -> Result<Arm, Refusal> {
        refuse_unusual(select)?;
        let distinct = match &select.distinct {
            None | Some(Distinct::All) => false,
            Some(Distinct::Distinct) => true,
            Some(Distinct::On(_)) => return refuse("不能用 DISTINCT ON"),
        };
        let [from] = select.from.as_slice() else {
            return refuse(match select.from.len() {
                0 => "SELECT 后面要写 FROM 表名",
                _ => "FROM 后面只写一张表，其他表用 JOIN … ON 连接",
            });
        };
        let mut scope = Reach::default();
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
        let mut output = self.output(&select.projection, Walker { aggregates: true, ..rows })?;
        let is_aggregate = |node: &Node| matches!(node, Node::Aggregate(..));
        let summed = output.iter().any(|(_, value)| value.node.any(&is_aggregate));
        let single_row = summed && keys.is_empty();
        let grouped = summed || !keys.is_empty();
        let grouping = grouped.then(|| group(keys, &mut output)).transpose()?;
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
        let plan =
            SelectPlan { sources, joins, members, filter, grouping, output: Vec::new(), distinct };
        Ok(Arm { plan, output, single_row })
    }

    /// A table of the FROM clause, also entered into the scope.
    fn source(
        &self,
        factor: &TableFactor,
        in_sight: &Shared<'t>,
        depth: usize,
        scope: &mut Reach<'t>,
    ) -> Result<Relation<'t>, Refusal> {
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
                    return refuse("FROM 里的子查询要起名：(SELECT …) AS 名");
                };
                (plain_alias(alias)?, self.query(subquery, in_sight, depth + 1)?)
            }
            other => {
                return refuse(format!("FROM 里不能写“{other}”。可用：表名、(SELECT …) AS 名"));
            }
        };
        if scope.sources.iter().any(|s| s.alias.as_deref() == Some(alias.as_str())) {
            return refuse(format!("两张表都叫“{alias}”。请各起一个名：表 AS 名"));
        }
        scope.sources.push(Names { alias: Some(alias), columns: relation.columns.clone() });
        Ok(relation)
    }

    fn table(&self, name: &str, in_sight: &Shared<'t>) -> Result<Relation<'t>, Refusal> {
        if let Some((_, relation)) = in_sight.iter().find(|(known, _)| known == name) {
            return Ok(relation.clone());
        }
        let Some(schema) = self.tables.get(name) else {
            let names = self
                .tables
                .keys()
                .map(String::as_str)
                .chain(in_sight.iter().map(|(known, _)| known.as_str()));
            return refuse(format!("没有表“{name}”。可用的表：{}", choices(name, names)));
        };
        self.read.borrow_mut().insert(name.to_owned());
        Ok(Relation {
            plan: RowPlan::Table(name.to_owned()),
            columns: schema.0.as_slice().into(),
            single_row: false,
        })
    }

    fn join(
        &self,
        join: &JoinSyntax,
        relation: &Relation<'_>,
        scope: &Reach,
    ) -> Result<Join, Refusal> {
        let (kind, constraint) = match &join.join_operator {
            _ if join.global => return refuse("不能用 GLOBAL JOIN"),
            JoinOperator::Join(on) | JoinOperator::Inner(on) => (JoinKind::Inner, on),
            JoinOperator::Left(on) | JoinOperator::LeftOuter(on) => (JoinKind::Left, on),
            JoinOperator::CrossJoin(JoinConstraint::None) => {
                if !relation.single_row {
                    return refuse(
                        "CROSS JOIN 的右边只能是恰好一行的汇总（没有 GROUP BY 的 SUM、COUNT …）",
                    );
                }
                return Ok(Join { kind: JoinKind::Cross, keys: Vec::new() });
            }
            JoinOperator::Right(_) | JoinOperator::RightOuter(_) => {
                return refuse("不能用 RIGHT JOIN。请调换两张表，用 LEFT JOIN");
            }
            JoinOperator::FullOuter(_) => {
                return refuse("不能用 FULL JOIN。请用 UNION ALL 汇总两边，再 GROUP BY");
            }
            _ => return refuse("只能用 JOIN … ON、LEFT JOIN … ON、CROSS JOIN（单行）"),
        };
        let JoinConstraint::On(condition) = constraint else {
            return refuse("JOIN 要写 ON a.列 = b.列（不能用 USING、NATURAL）");
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
        in_sight: &Shared<'t>,
        depth: usize,
        rows: Walker<'_>,
    ) -> Result<(Node, RowPlan), Refusal> {
        let typed = rows.walk(value)?;
        let relation = self.query(subquery, in_sight, depth + 1)?;
        let [(_, kind)] = &*relation.columns else {
            return refuse("IN (SELECT …) 的子查询只能有一列");
        };
        match typed.kind {
            Some(own) if own == *kind => Ok((typed.node, relation.plan)),
            Some(own) => refuse(format!(
                "IN (SELECT …) 两边类型不同：{}与{}",
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
    ) -> Result<Vec<(String, TypedNode)>, Refusal> {
        let mut output: Vec<(String, TypedNode)> = Vec::with_capacity(items.len());
        for item in items {
            let (tree, name) = match item {
                SelectItem::UnnamedExpr(tree) => {
                    let name = match tree {
                        Expr::Identifier(ident) => ident.value.clone(),
                        Expr::CompoundIdentifier(parts) => {
                            parts.last().map_or_else(String::new, |ident| ident.value.clone())
                        }
                        other => {
                            return refuse(format!("“{other}”要起名：{other} AS 名"));
                        }
                    };
                    (tree, name)
                }
                SelectItem::ExprWithAlias { expr, alias } => {
                    if !self.parsed.follows_as(alias) {
                        return refuse(format!(
                            "“{expr} {alias}”：两个词之间缺逗号或运算符；若“{alias}”是名字，请写 AS {alias}"
                        ));
                    }
                    (expr, alias.value.clone())
                }
                _ => return refuse("不能写 SELECT *。请写明各列：改表时才不会悄悄变"),
            };
            if output.iter().any(|(known, _)| *known == name) {
                return refuse(format!("两列都叫“{name}”。请用 AS 改名"));
            }
            output.push((name, walker.walk(tree)?));
        }
        Ok(output)
    }
}
