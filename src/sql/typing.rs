//! Types that must agree: comparisons, common types, places of decimals.

use sqlparser::ast::Expr;

use super::names::TypedNode;
use super::node::{Comparator, Node, Operation};
use super::refuse::{refuse, type_name};
use super::{ColumnType, Refusal};

/// More decimal places than this do not fit into 64 bits with anything before the point.
pub(super) const MOST_PLACES: u8 = 15;

pub(super) fn minus(node: Node) -> Node {
    match node {
        Node::Integer(value) if value != i64::MIN => Node::Integer(-value),
        other => Node::Arithmetic(Operation::Subtract, Node::Integer(0).boxed(), other.boxed()),
    }
}

pub(super) fn compare(op: Comparator, a: TypedNode, b: TypedNode) -> Result<Node, Refusal> {
    let (Some(x), Some(y)) = (a.kind, b.kind) else {
        return refuse("与 NULL 比较的结果永远不为“是”。请用 IS NULL 或 IS NOT NULL");
    };
    let common = match (x.places(), y.places()) {
        (Some(p), Some(q)) => ColumnType::Decimal(p.max(q)),
        _ if x == y => x,
        _ => return refuse(cannot_compare(x, y)),
    };
    if common == ColumnType::Boolean && !matches!(op, Comparator::Equal | Comparator::NotEqual) {
        return refuse("“是/否”只能用 = 或 <> 比较");
    }
    Ok(Node::Compare(op, align(a, common)?.boxed(), align(b, common)?.boxed()))
}

fn cannot_compare(x: ColumnType, y: ColumnType) -> String {
    let remedy = match (x, y) {
        (ColumnType::Date, ColumnType::Text) | (ColumnType::Text, ColumnType::Date) => {
            "。日期请写成 DATE '2013-10-25'"
        }
        (ColumnType::Text, other) | (other, ColumnType::Text) if other.places().is_some() => {
            "。文字请用单引号括起，例如 '01'"
        }
        (ColumnType::Boolean, _) | (_, ColumnType::Boolean) => {
            "。“是/否”列直接写列名，或写 = TRUE、= FALSE"
        }
        _ => "",
    };
    format!("{}不能与{}比较{remedy}", type_name(x), type_name(y))
}

/// The one type of several values; numbers take the most places.
pub(super) fn common(what: &str, values: &[TypedNode]) -> Result<ColumnType, Refusal> {
    let mut kind: Option<ColumnType> = None;
    for next in values.iter().filter_map(|value| value.kind) {
        kind = Some(match kind {
            None => next,
            Some(known) if known == next => known,
            Some(known) => match (known.places(), next.places()) {
                (Some(p), Some(q)) => ColumnType::Decimal(p.max(q)),
                _ => {
                    return refuse(format!(
                        "{what}类型不一致：{}与{}",
                        type_name(known),
                        type_name(next)
                    ));
                }
            },
        });
    }
    kind.map_or_else(|| refuse(format!("{what}全是 NULL，看不出类型")), Ok)
}

/// The same value with the places of `kind`; a bare NULL takes its type.
pub(super) fn align(value: TypedNode, kind: ColumnType) -> Result<Node, Refusal> {
    let Some(own) = value.kind else { return Ok(Node::Null(kind.physical())) };
    let (Some(from), Some(to)) = (own.places(), kind.places()) else { return Ok(value.node) };
    if to <= from {
        return Ok(value.node);
    }
    numeric_type(to)?;
    fold(Operation::Multiply, value.node, Node::Integer(10i64.pow(u32::from(to - from))))
}

/// Literals are computed at once, so that an overflow is found when the definition loads.
pub(super) fn fold(operation: Operation, a: Node, b: Node) -> Result<Node, Refusal> {
    if let (Node::Integer(x), Node::Integer(y)) = (&a, &b) {
        let result = match operation {
            Operation::Add => x.checked_add(*y),
            Operation::Subtract => x.checked_sub(*y),
            Operation::Multiply => x.checked_mul(*y),
        };
        return result.map(Node::Integer).ok_or_else(|| Refusal("数字太大，超出 18 位".into()));
    }
    Ok(Node::Arithmetic(operation, a.boxed(), b.boxed()))
}

pub(super) fn numeric_type(places: u8) -> Result<ColumnType, Refusal> {
    match places {
        0 => Ok(ColumnType::Integer),
        1..=MOST_PLACES => Ok(ColumnType::Decimal(places)),
        _ => refuse(format!("小数位数达到 {places} 位，最多 {MOST_PLACES} 位。请减少相乘的小数")),
    }
}

pub(super) fn number(typed: &TypedNode, tree: &Expr) -> Result<ColumnType, Refusal> {
    match typed.kind {
        Some(kind) if kind.places().is_some() => Ok(kind),
        Some(kind) => refuse(format!("“{tree}”是{}，不能做加减乘", type_name(kind))),
        None => refuse("NULL 不能做加减乘"),
    }
}
