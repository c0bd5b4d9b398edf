//! Typed nodes as SQL text, for an engine that takes text (Spark, Sail).
//!
//! Only what the major engines agree on is printed: integers of 64 bits (decimals in units of their
//! last place), booleans, texts compared byte by byte, three-valued logic. Nothing is divided,
//! rounded, ordered or ranked. What each text means is what `run` computes of the same nodes.

use std::collections::BTreeMap;

use anyhow::ensure;

use super::bound::checked;
use super::measure::Measure;
use super::node::{Input, Match, Node, Physical};
use super::{Expression, Frame};

/// What statements call the table that they read.
pub const TABLE: &str = "facts";
/// A column of that table: numbers its rows.
pub const ROW: &str = "#row";

/// The values of expressions: the row's number, then a column an expression.
pub fn rows_statement(frame: &Frame, expressions: &[&Expression]) -> anyhow::Result<String> {
    let inputs = expressions.iter().flat_map(|expression| &*expression.inputs);
    let nodes: Vec<&Node> = expressions.iter().map(|e| e.node.as_ref()).collect();
    rows_of(frame, inputs, &nodes)
}

/// The numbers of measures, row by row.
pub fn numbers_statement(frame: &Frame, measures: &[&Measure]) -> anyhow::Result<String> {
    let nodes: Vec<&Node> = measures.iter().map(|measure| &measure.number).collect();
    rows_of(frame, measures.iter().flat_map(|measure| &measure.inputs), &nodes)
}

fn rows_of<'a>(
    frame: &Frame,
    inputs: impl Iterator<Item = &'a Input>,
    nodes: &[&Node],
) -> anyhow::Result<String> {
    let magnitudes = magnitudes(frame, inputs)?;
    let mut columns = vec![name(ROW)];
    for (at, node) in nodes.iter().enumerate() {
        checked(node, &magnitudes)?;
        columns.push(format!("{} AS v{at}", text(node)));
    }
    Ok(format!("SELECT {} FROM {TABLE}", columns.join(", ")))
}

/// Measures added up by keys: the keys, the number of rows, then of each measure the rows that are
/// considered, the rows that have a number, and the sum.
pub fn grouped_statement(
    frame: &Frame,
    measures: &[&Measure],
    keys: &[&str],
) -> anyhow::Result<String> {
    let inputs = measures.iter().flat_map(|measure| &measure.inputs);
    let magnitudes = magnitudes(frame, inputs)?;
    let keys: Vec<String> = keys.iter().map(|key| name(key)).collect();
    let (mut made, mut added) = (keys.clone(), keys.clone());
    added.push("COUNT(*) AS number".to_owned());
    for (at, measure) in measures.iter().enumerate() {
        match &measure.considered {
            None => added.push(format!("COUNT(*) AS considered{at}")),
            Some(condition) => {
                checked(condition, &magnitudes)?;
                let condition = text(condition);
                made.push(format!("CASE WHEN {condition} THEN 1 ELSE 0 END AS c{at}"));
                added.push(format!("SUM(c{at}) AS considered{at}"));
            }
        }
        let most = checked(&measure.number, &magnitudes)?;
        made.push(format!("{} AS n{at}", text(&measure.number)));
        added.push(format!("COUNT(n{at}) AS used{at}"));
        // Where 64 bits might not hold the sum, it is made of decimals of 38 digits.
        added.push(match most.saturating_mul(frame.len() as u128) <= i64::MAX as u128 {
            true => format!("SUM(n{at}) AS sum{at}"),
            false => format!("SUM(CAST(n{at} AS DECIMAL(38, 0))) AS sum{at}"),
        });
    }
    let (made, added, keys) = (made.join(", "), added.join(", "), keys.join(", "));
    let rows = format!("SELECT {made} FROM {TABLE}");
    Ok(format!("SELECT {added} FROM ({rows}) AS made GROUP BY {keys}"))
}

/// The largest magnitude in each column that is read.
fn magnitudes<'a>(
    frame: &Frame,
    inputs: impl Iterator<Item = &'a Input>,
) -> anyhow::Result<BTreeMap<String, u128>> {
    let mut magnitudes = BTreeMap::new();
    for input in inputs {
        // Only a query's columns go by other names.
        ensure!(input.unique == input.column, "程序内部错误：列 {} 另有名称", input.column);
        let (_, magnitude) = frame.series(input)?;
        magnitudes.insert(input.unique.clone(), magnitude);
    }
    Ok(magnitudes)
}

/// A column by its name, whatever is in it.
fn name(column: &str) -> String {
    format!("`{}`", column.replace('`', "``"))
}

fn text(node: &Node) -> String {
    match node {
        Node::Column(column) => name(column),
        Node::Integer(value) if *value < 0 => format!("({value})"),
        Node::Integer(value) => value.to_string(),
        Node::Boolean(true) => "TRUE".to_owned(),
        Node::Boolean(false) => "FALSE".to_owned(),
        Node::Text(value) => literal(value),
        Node::Null(physical) => format!("CAST(NULL AS {})", type_name(*physical)),
        Node::Compare(comparison, a, b) => {
            format!("({} {} {})", text(a), comparison.sign(), text(b))
        }
        Node::And(a, b) => format!("({} AND {})", text(a), text(b)),
        Node::Or(a, b) => format!("({} OR {})", text(a), text(b)),
        Node::Not(a) => format!("(NOT {})", text(a)),
        Node::IsNull(a) => format!("({} IS NULL)", text(a)),
        Node::Arithmetic(operation, a, b) => {
            // What is made of literals alone has 32 bits in Spark, and leaves them.
            let left = match is_wide(a) || is_wide(b) {
                true => text(a),
                false => format!("CAST({} AS {})", text(a), type_name(Physical::Integer)),
            };
            format!("({left} {} {})", operation.sign(), text(b))
        }
        Node::Case { branches, otherwise } => {
            let branches: String = branches
                .iter()
                .map(|(condition, value)| format!("WHEN {} THEN {} ", text(condition), text(value)))
                .collect();
            format!("CASE {branches}ELSE {} END", text(otherwise))
        }
        Node::Coalesce(values) => {
            let values: Vec<String> = values.iter().map(text).collect();
            format!("COALESCE({})", values.join(", "))
        }
        Node::Like(place, value, part) => {
            // The profile has no pattern with other signs than these.
            let pattern = match place {
                Match::Start => format!("{part}%"),
                Match::End => format!("%{part}"),
                Match::Anywhere => format!("%{part}%"),
            };
            format!("({} LIKE {})", text(value), literal(&pattern))
        }
        Node::Length(value) => format!("CHAR_LENGTH({})", text(value)),
        // Only queries have them, and these are not printed.
        Node::Aggregate(..) => name("#stray"),
    }
}

/// Is a number certainly one of 64 bits?
fn is_wide(node: &Node) -> bool {
    matches!(node, Node::Column(_) | Node::Arithmetic(..))
}

fn type_name(physical: Physical) -> &'static str {
    match physical {
        Physical::Integer => "BIGINT",
        Physical::Boolean => "BOOLEAN",
        Physical::Text => "STRING",
    }
}

/// In Spark a backslash in quotes takes the next sign as it is; two quotes are no quote.
fn literal(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "\\'"))
}

#[cfg(test)]
mod tests {
    use super::super::{Addend, Schema, check_expression};
    use super::*;
    use crate::model::{Column, ColumnType};

    fn frame() -> Frame {
        Frame::new(vec![
            ("unit".to_owned(), Column::texts([Some("a"), Some("b")])),
            ("m".to_owned(), Column::numbers(ColumnType::Decimal(2), [Some(150), None])),
            ("n".to_owned(), Column::integers([Some(1), Some(2)])),
            ("big".to_owned(), Column::integers([Some(5_000_000_000_000_000_000), Some(2)])),
        ])
        .unwrap()
    }

    fn schema() -> Schema {
        Schema(frame().columns().map(|(name, column)| (name.to_owned(), column.kind())).collect())
    }

    fn printed(expression: &str) -> String {
        let checked = check_expression(expression, &schema()).unwrap();
        rows_statement(&frame(), &[&checked]).unwrap()
    }

    #[test]
    fn expressions_are_printed_in_integers_of_the_last_place() {
        assert_eq!(
            printed("m > 1.5 AND NOT (n IS NULL)"),
            "SELECT `#row`, ((`m` > 150) AND (NOT (`n` IS NULL))) AS v0 FROM facts"
        );
        // Hundredths against units: the units are multiplied, nothing is divided.
        assert!(printed("m >= n").contains("(`m` >= (`n` * 100))"), "{}", printed("m >= n"));
        assert!(printed("unit LIKE '%社区%'").contains("(`unit` LIKE '%社区%')"));
    }

    #[test]
    fn numbers_of_literals_alone_are_made_wide() {
        let text = printed("CASE WHEN n > 0 THEN 2000000000 ELSE 0 END + 2000000000 > m");
        assert!(text.contains("CAST(CASE"), "{text}");
    }

    #[test]
    fn a_quote_ends_no_text_and_a_backslash_is_itself() {
        assert_eq!(literal("a'b\\c"), "'a\\'b\\\\c'");
        assert_eq!(name("a`b"), "`a``b`");
    }

    #[test]
    fn sums_that_leave_64_bits_are_made_of_decimals() {
        let sum = |column: &str| {
            let number = check_expression(column, &schema()).unwrap();
            let measure = Measure::new(None, Addend::Number(&number), None).unwrap();
            grouped_statement(&frame(), &[&measure], &["unit"]).unwrap()
        };
        assert_eq!(
            sum("n"),
            "SELECT `unit`, COUNT(*) AS number, COUNT(*) AS considered0, COUNT(n0) AS used0, \
             SUM(n0) AS sum0 FROM (SELECT `unit`, `n` AS n0 FROM facts) AS made GROUP BY `unit`"
        );
        // Twice 5 × 10¹⁸ is more than 2⁶³.
        assert!(sum("big").contains("SUM(CAST(n0 AS DECIMAL(38, 0)))"));
    }
}
