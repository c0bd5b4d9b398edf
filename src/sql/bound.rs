//! How large a number an expression or query can hold: 64-bit integers wrap silently, and must not.
//!
//! The answer is asked twice. When definitions are loaded, of numbers with so many whole digits: a
//! return's number with more is refused at its cell, and so no number of a return can stop a batch.
//! And before each step of a computation, of the numbers that are there (`run`): what loading could
//! not foresee (more rows than anybody has) is an error and not a wrong number.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;

use super::node::{Aggregate, Node, Operation, QueryPlan, RowPlan, SelectPlan, Source};
use super::{ColumnType, Expression, Query};

pub(super) const TOO_LARGE: &str = "数字太大：计算会超出 18 位整数，结果不可靠，已停止";

/// More rows than a table or a join of tables has.
const ROWS: u128 = 1_000_000;
/// The longest text of a cell, in characters.
const LONGEST_TEXT: u128 = 32_767;
/// Beyond the days of any calendar date, counted from 1970.
const DAYS: u128 = 10_000_000;

/// The largest magnitude of each column.
type Bounds<'a> = BTreeMap<&'a str, u128>;

impl Expression {
    /// Expressions compute in Decimal(18): what no rule bounds has one digit less.
    pub const MOST_DIGITS: u8 = 17;

    /// Whole digits that all numbers of its columns may have without any step leaving 64 bits.
    pub fn whole_digits(&self) -> u8 {
        most_digits(|digits| {
            let input = |name: &str| self.inputs.iter().find(|input| input.unique == name);
            bound(&self.node, &|name| input(name).map_or(0, |input| largest(input.kind, digits)))
                .map(drop)
        })
    }
}

impl Query {
    /// As of an expression.
    pub fn whole_digits(&self) -> u8 {
        most_digits(|digits| of_query(&self.plan, digits))
    }

    /// Columns that it reads, with their tables.
    pub fn reads(&self) -> BTreeSet<(&str, &str)> {
        let mut found = BTreeSet::new();
        for plan in self.plan.shared.iter().chain([&self.plan.body]) {
            read(plan, &mut found);
        }
        found
    }
}

fn most_digits(fits: impl Fn(u8) -> Option<()>) -> u8 {
    (1..=Expression::MOST_DIGITS).rev().find(|digits| fits(*digits).is_some()).unwrap_or(0)
}

/// The largest magnitude of a column whose numbers have so many whole digits.
fn largest(kind: ColumnType, digits: u8) -> u128 {
    match kind {
        ColumnType::Integer => 10u128.saturating_pow(u32::from(digits)),
        ColumnType::Decimal(places) => 10u128.saturating_pow(u32::from(digits) + u32::from(places)),
        ColumnType::Date => DAYS,
        ColumnType::Boolean => 1,
        ColumnType::Text => LONGEST_TEXT,
    }
}

fn of_query(query: &QueryPlan, digits: u8) -> Option<()> {
    let mut shared = Vec::with_capacity(query.shared.len());
    for plan in &query.shared {
        let bounds = of_plan(plan, &shared, digits)?;
        shared.push(bounds);
    }
    of_plan(&query.body, &shared, digits).map(drop)
}

/// The bounds of a plan's columns, in their order; of a table they are its inputs' to ask.
fn of_plan<'a>(
    plan: &'a RowPlan,
    shared: &[Vec<(&'a str, u128)>],
    digits: u8,
) -> Option<Vec<(&'a str, u128)>> {
    Some(match plan {
        RowPlan::Table(_) => Vec::new(),
        RowPlan::Shared(at) => shared.get(*at).cloned().unwrap_or_default(),
        RowPlan::Select(select) => of_select(select, shared, digits)?,
        RowPlan::Union(parts) => {
            let mut all: Vec<(&str, u128)> = Vec::new();
            for part in parts {
                let next = of_plan(part, shared, digits)?;
                if all.is_empty() {
                    all = next;
                } else {
                    for ((_, most), (_, other)) in all.iter_mut().zip(next) {
                        *most = other.max(*most);
                    }
                }
            }
            all
        }
    })
}

/// The magnitude of a column of which nothing is known: it proves nothing.
pub(super) const UNKNOWN: u128 = u128::MAX;

fn of_source<'a>(
    source: &'a Source,
    shared: &[Vec<(&'a str, u128)>],
    digits: u8,
    columns: &mut Bounds<'a>,
) -> Option<()> {
    let below: Bounds = of_plan(&source.input, shared, digits)?.into_iter().collect();
    for input in &source.columns {
        let most = match source.input {
            RowPlan::Table(_) => largest(input.kind, digits),
            _ => below.get(input.column.as_str()).copied().unwrap_or(UNKNOWN),
        };
        columns.insert(&input.unique, most);
    }
    Some(())
}

fn of_select<'a>(
    select: &'a SelectPlan,
    shared: &[Vec<(&'a str, u128)>],
    digits: u8,
) -> Option<Vec<(&'a str, u128)>> {
    let mut columns = Bounds::new();
    for source in &select.sources {
        of_source(source, shared, digits, &mut columns)?;
    }
    for (left, right) in select.joins.iter().flat_map(|join| &join.keys) {
        of_node(left, &columns)?;
        of_node(right, &columns)?;
    }
    for (value, plan) in &select.members {
        of_node(value, &columns)?;
        of_plan(plan, shared, digits)?;
    }
    if let Some(condition) = &select.filter {
        of_node(condition, &columns)?;
    }
    if let Some(grouping) = &select.grouping {
        let mut grouped = Bounds::new();
        for (name, key) in &grouping.keys {
            grouped.insert(name, of_node(key, &columns)?);
        }
        for (name, aggregate, value) in &grouping.aggregates {
            let of_value = value.as_ref().map_or(Some(0), |value| of_node(value, &columns))?;
            grouped.insert(name, of_aggregate(*aggregate, of_value)?);
        }
        columns = grouped;
    }
    select
        .output
        .iter()
        .map(|(name, node)| Some((name.as_str(), of_node(node, &columns)?)))
        .collect()
}

fn of_aggregate(aggregate: Aggregate, of_value: u128) -> Option<u128> {
    fitting(match aggregate {
        Aggregate::CountRows | Aggregate::Count | Aggregate::CountDistinct => ROWS,
        Aggregate::Sum => of_value.saturating_mul(ROWS),
        Aggregate::Minimum | Aggregate::Maximum => of_value,
    })
}

fn fitting(magnitude: u128) -> Option<u128> {
    (magnitude <= i64::MAX as u128).then_some(magnitude)
}

fn read<'a>(plan: &'a RowPlan, found: &mut BTreeSet<(&'a str, &'a str)>) {
    match plan {
        RowPlan::Table(_) | RowPlan::Shared(_) => {}
        RowPlan::Union(parts) => parts.iter().for_each(|part| read(part, found)),
        RowPlan::Select(select) => {
            for source in &select.sources {
                match &source.input {
                    RowPlan::Table(table) => {
                        let columns = source.columns.iter();
                        found.extend(columns.map(|input| (table.as_str(), input.column.as_str())));
                    }
                    other => read(other, found),
                }
            }
            select.members.iter().for_each(|(_, plan)| read(plan, found));
        }
    }
}

fn of_node(node: &Node, columns: &Bounds) -> Option<u128> {
    bound(node, &|name| columns.get(name).copied().unwrap_or(UNKNOWN))
}

/// Of the numbers that are there: the largest magnitude of each column is known.
pub(super) fn checked(node: &Node, magnitudes: &BTreeMap<String, u128>) -> anyhow::Result<u128> {
    bound(node, &|name| magnitudes.get(name).copied().unwrap_or(UNKNOWN)).context(TOO_LARGE)
}

/// The largest magnitude (or length) that a node can have; `None` when a step leaves 64 bits.
/// `column`: the largest of a column.
fn bound(node: &Node, column: &dyn Fn(&str) -> u128) -> Option<u128> {
    let largest = || -> Option<u128> {
        node.children().into_iter().try_fold(0, |most: u128, n| Some(most.max(bound(n, column)?)))
    };
    fitting(match node {
        Node::Column(name) => column(name),
        Node::Integer(value) => u128::from(value.unsigned_abs()),
        Node::Text(text) => text.len() as u128,
        Node::Boolean(_) | Node::Null(_) => 0,
        Node::Arithmetic(operation, a, b) => {
            let (a, b) = (bound(a, column)?, bound(b, column)?);
            match operation {
                Operation::Add | Operation::Subtract => a + b,
                Operation::Multiply => a * b,
            }
        }
        Node::Compare(..)
        | Node::And(..)
        | Node::Or(..)
        | Node::Not(_)
        | Node::IsNull(_)
        | Node::Like(..) => {
            largest()?;
            0
        }
        Node::Length(_) | Node::Case { .. } | Node::Coalesce(_) => largest()?,
        Node::Aggregate(..) => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Schema, check_expression, check_query};
    use super::*;

    fn schema() -> Schema {
        let columns = [
            ("unit", ColumnType::Text),
            ("a", ColumnType::Integer),
            ("b", ColumnType::Integer),
            ("m", ColumnType::Decimal(2)),
        ];
        Schema(columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec())
    }

    /// 2⁶³ is 9.2 × 10¹⁸.
    #[test]
    fn an_expression_says_how_many_digits_it_holds() {
        let digits = |text| check_expression(text, &schema()).unwrap().whole_digits();
        assert_eq!(digits("a IS NULL"), 17);
        assert_eq!(digits("a + b <= 5"), 17);
        // 10⁹ × 10⁹ is within, 10¹⁰ × 10¹⁰ is not.
        assert_eq!(digits("a * b"), 9);
        // × 100: 10⁸ × 10⁸ × 10².
        assert_eq!(digits("a * 100 >= b * a * 100"), 8);
        // Hundredths: two digits less.
        assert_eq!(digits("m * 1000 > 1"), 13);
    }

    #[test]
    fn a_query_says_how_many_digits_its_sums_hold() {
        let tables = BTreeMap::from([("t".to_owned(), schema())]);
        let query = |text| check_query(text, &tables).unwrap();
        // A million rows of 10¹².
        let sums = query("SELECT unit, SUM(a) AS n FROM t GROUP BY unit");
        assert_eq!(sums.whole_digits(), 12);
        assert_eq!(sums.reads(), BTreeSet::from([("t", "a"), ("t", "unit")]));
        let shared = query(
            "WITH s AS (SELECT unit, SUM(a) AS n FROM t GROUP BY unit) \
             SELECT s.unit, s.n * 10 AS seen FROM s JOIN t ON t.unit = s.unit",
        );
        assert_eq!(shared.whole_digits(), 11);
    }
}
