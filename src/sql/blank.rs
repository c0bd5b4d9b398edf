//! What a blank does to a value: which rows of an expression a blank keeps from being known, and
//! expressions that take a blank for zero.
//!
//! SQL's NULL means two things: "not known, because a cell is blank" and "this row has no value
//! here" (a CASE without ELSE). Only the typed nodes tell them apart.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::node::Node;
use super::{ColumnType, Expression};

impl Expression {
    /// A condition that is never NULL: is the value unknown because a column among `columns` is
    /// blank? `None` if no blank in them can make it so.
    pub fn unknown_by(&self, columns: &dyn Fn(&str) -> bool) -> Option<Self> {
        let node = unknown(&self.node, columns)?;
        Some(Self { result: ColumnType::Boolean, node: Arc::new(node), ..self.clone() })
    }

    /// Columns of which it asks whether they are blank: a blank is an answer there.
    pub fn blanks_asked(&self) -> BTreeSet<&str> {
        let mut names = BTreeSet::new();
        asked(&self.node, &mut names);
        let inputs = self.inputs.iter().filter(|input| names.contains(input.unique.as_str()));
        inputs.map(|input| input.column.as_str()).collect()
    }

    /// The same expression with blanks of the numbers among `columns` read as zero. Its text says
    /// so, because the same text stands for the same values.
    pub fn with_blank_as_zero(self, columns: &dyn Fn(&str) -> bool) -> Self {
        let numbers: Vec<String> = self
            .inputs
            .iter()
            .filter(|input| input.kind.places().is_some() && columns(&input.column))
            .map(|input| input.unique.clone())
            .collect();
        if numbers.is_empty() {
            return self;
        }
        let text = format!("{}（{}空白作 0）", self.text, numbers.join("、"));
        let zero = |node: &Node| match node {
            Node::Column(name) if numbers.contains(name) => {
                Some(Node::Coalesce(vec![node.clone(), Node::Integer(0)]))
            }
            _ => None,
        };
        let node = self.node.as_ref().clone().replace(&mut { zero });
        Self { text, node: Arc::new(node), ..self }
    }
}

/// Names of columns below a test for blanks.
fn asked<'a>(node: &'a Node, names: &mut BTreeSet<&'a str>) {
    let tested: &[&Node] = match node {
        Node::IsNull(value) => &[value],
        // What stands last is not replaced.
        Node::Coalesce(values) => &values.iter().rev().skip(1).collect::<Vec<_>>(),
        _ => &[],
    };
    for value in tested {
        columns(value, names);
    }
    for child in node.children() {
        asked(child, names);
    }
}

fn columns<'a>(node: &'a Node, names: &mut BTreeSet<&'a str>) {
    if let Node::Column(name) = node {
        names.insert(name);
    }
    for child in node.children() {
        columns(child, names);
    }
}

fn unknown(node: &Node, columns: &dyn Fn(&str) -> bool) -> Option<Node> {
    let below = |node: &Node| unknown(node, columns);
    match node {
        Node::Column(name) => columns(name).then(|| Node::IsNull(node.clone().boxed())),
        Node::Compare(_, a, b) | Node::Arithmetic(_, a, b) => either(below(a), below(b)),
        // One side may decide alone: false AND NULL is false.
        Node::And(a, b) | Node::Or(a, b) => and_missing(node, either(below(a), below(b))),
        // The definition itself says what stands for a blank.
        Node::Coalesce(values) => {
            and_missing(node, values.iter().map(below).fold(None, either))
        }
        Node::Not(a) | Node::Like(_, a, _) | Node::Length(a) => below(a),
        Node::Case { branches, otherwise } => {
            let mut cases = Vec::new();
            let mut any = false;
            for (condition, value) in branches {
                // Whether the branch is taken is not known; SQL would pass on to the next.
                if let Some(unknown) = below(condition) {
                    cases.push((unknown, Node::Boolean(true)));
                    any = true;
                }
                let value = below(value);
                any |= value.is_some();
                cases.push((condition.clone(), value.unwrap_or(Node::Boolean(false))));
            }
            let otherwise = below(otherwise);
            any |= otherwise.is_some();
            let otherwise = otherwise.unwrap_or(Node::Boolean(false)).boxed();
            any.then_some(Node::Case { branches: cases, otherwise })
        }
        // A test for blanks has always an answer; literals are known.
        Node::IsNull(_)
        | Node::Integer(_)
        | Node::Boolean(_)
        | Node::Text(_)
        | Node::Null(_)
        // Not in row expressions.
        | Node::Aggregate(..) => None,
    }
}

fn either(a: Option<Node>, b: Option<Node>) -> Option<Node> {
    match (a, b) {
        (Some(a), Some(b)) => Some(Node::Or(a.boxed(), b.boxed())),
        (a, b) => a.or(b),
    }
}

fn and_missing(node: &Node, unknown: Option<Node>) -> Option<Node> {
    let missing = Node::IsNull(node.clone().boxed());
    Some(Node::And(missing.boxed(), unknown?.boxed()))
}

#[cfg(test)]
mod tests {
    use super::super::{Frame, Schema, check_expression, evaluate};
    use super::*;
    use crate::model::Column;

    /// Rows: both known; `b` blank; `a` blank; both blank.
    fn unknown_rows(text: &str) -> Vec<bool> {
        let number = |values: [Option<i64>; 4]| Column::integers(values);
        let columns = vec![
            ("a".to_owned(), number([Some(1), Some(1), None, None])),
            ("b".to_owned(), number([Some(2), None, Some(2), None])),
        ];
        let schema = Schema(columns.iter().map(|(n, c)| (n.clone(), c.kind())).collect());
        let expression = check_expression(text, &schema).unwrap();
        let Some(unknown) = expression.unknown_by(&|_| true) else { return vec![false; 4] };
        let frame = Frame::new(columns).unwrap();
        let values = evaluate(&frame, &[&unknown]).unwrap().remove(0);
        assert_eq!(values.kind(), ColumnType::Boolean);
        values.iter_truths().map(Option::unwrap).collect()
    }

    #[test]
    fn a_value_is_unknown_when_a_blank_keeps_it_from_being_known() {
        assert_eq!(unknown_rows("a"), [false, false, true, true]);
        assert_eq!(unknown_rows("a + b"), [false, true, true, true]);
        assert_eq!(unknown_rows("a IN (1, b)"), [false, false, true, true]);
        assert_eq!(unknown_rows("a >= 1 AND b >= 1"), [false, true, true, true]);
        // a = 1 decides in the first two rows, alone.
        assert_eq!(unknown_rows("a = 1 OR b = 1"), [false, false, true, true]);
        assert_eq!(unknown_rows("b IS NOT NULL AND b >= 1"), [false; 4]);
        assert_eq!(unknown_rows("COALESCE(b, 0)"), [false; 4]);
        assert_eq!(unknown_rows("COALESCE(b, a)"), [false, false, false, true]);
    }

    #[test]
    fn a_test_for_blanks_names_its_columns() {
        let schema = Schema(["a", "b"].map(|n| (n.to_owned(), ColumnType::Integer)).to_vec());
        let asked = |text: &str| {
            let expression = check_expression(text, &schema).unwrap();
            expression.blanks_asked().into_iter().map(str::to_owned).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(asked("a >= 1 AND NOT b = 2"), "");
        assert_eq!(asked("a IS NOT NULL AND b >= 1"), "a");
        assert_eq!(asked("COALESCE(a, b)"), "a");
        assert_eq!(asked("CASE WHEN a + b IS NULL THEN 1 ELSE 2 END"), "a b");
    }

    #[test]
    fn a_case_without_a_branch_has_no_value_but_is_known() {
        assert_eq!(unknown_rows("CASE WHEN a = 7 THEN b END"), [false, false, true, true]);
        assert_eq!(unknown_rows("CASE WHEN a = 1 THEN b END"), [false, true, true, true]);
        assert_eq!(
            unknown_rows("CASE WHEN a IS NULL THEN 0 ELSE b END"),
            [false, true, false, false]
        );
    }

    #[test]
    fn the_name_of_a_column_decides_nothing() {
        // A column whose name holds “case” is a column like any other.
        let columns = vec![("cases_done".to_owned(), Column::integers(vec![None]))];
        let schema = Schema(vec![("cases_done".to_owned(), ColumnType::Integer)]);
        let expression = check_expression("cases_done", &schema).unwrap();
        let unknown = expression.unknown_by(&|_| true).unwrap();
        let frame = Frame::new(columns).unwrap();
        assert_eq!(
            evaluate(&frame, &[&unknown]).unwrap(),
            vec![Column::booleans(vec![Some(true)])]
        );
    }

    #[test]
    fn a_blank_read_as_zero_is_said_in_the_text() {
        let schema = Schema(vec![("a".to_owned(), ColumnType::Integer)]);
        let expression = check_expression("a", &schema).unwrap().with_blank_as_zero(&|_| true);
        assert_eq!(expression.text, "a（a空白作 0）");
        let frame =
            Frame::new(vec![("a".to_owned(), Column::integers(vec![None, Some(3)]))]).unwrap();
        assert_eq!(
            evaluate(&frame, &[&expression]).unwrap(),
            vec![Column::integers(vec![Some(0), Some(3)])]
        );
        assert!(expression.unknown_by(&|_| true).is_none_or(|unknown| {
            evaluate(&frame, &[&unknown]).unwrap()
                == vec![Column::booleans(vec![Some(false), Some(false)])]
        }));
    }
}
