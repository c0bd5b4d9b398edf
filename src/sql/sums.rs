//! Which columns an expression adds to, or takes from, each other: what is added must be counted in
//! the same measure, and only who knows the columns knows their measures.

use super::Expression;
use super::node::{Node, Operation};

impl Expression {
    /// Pairs of columns that are added or subtracted as they stand.
    pub fn added_pairs(&self) -> Vec<(&str, &str)> {
        let mut pairs = Vec::new();
        self.pairs(&self.node, &mut pairs);
        pairs
    }

    fn pairs<'e>(&'e self, node: &'e Node, pairs: &mut Vec<(&'e str, &'e str)>) {
        if let Node::Arithmetic(Operation::Add | Operation::Subtract, a, b) = node {
            pairs.extend(self.addend(a, b).zip(self.addend(b, a)));
        }
        node.children().into_iter().for_each(|child| self.pairs(child, pairs));
    }

    /// The column that a side of a sum is counted like. The other side tells its places.
    fn addend<'e>(&'e self, node: &'e Node, beside: &Node) -> Option<&'e str> {
        match node {
            Node::Column(name) => Some(name),
            Node::Arithmetic(Operation::Add | Operation::Subtract, a, b) => {
                self.addend(a, b).or_else(|| self.addend(b, a))
            }
            // A whole number beside a decimal is brought to its places, which is no multiplication.
            Node::Arithmetic(Operation::Multiply, value, by) => {
                let finer = self.places(beside)?.checked_sub(self.places(value)?)?;
                let aligned = matches!(**by, Node::Integer(by) if Some(by) == 10i64.checked_pow(finer.into()));
                if aligned { self.addend(value, beside) } else { None }
            }
            _ => None,
        }
    }

    fn places(&self, node: &Node) -> Option<u8> {
        match node {
            Node::Column(name) => {
                self.inputs.iter().find(|input| input.unique == *name)?.kind.places()
            }
            Node::Arithmetic(Operation::Add | Operation::Subtract, a, b) => {
                self.places(a).max(self.places(b))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ColumnType, Schema, check_expression};

    #[test]
    fn columns_that_are_added_are_told_from_those_that_are_compared_or_converted() {
        let columns = [
            ("people", ColumnType::Integer),
            ("visits", ColumnType::Integer),
            ("yuan", ColumnType::Decimal(2)),
        ];
        let schema = Schema(columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec());
        let pairs = |text: &str| {
            let parsed = check_expression(text, &schema).unwrap();
            parsed.added_pairs().iter().map(|(a, b)| format!("{a}+{b}")).collect::<Vec<_>>()
        };
        assert_eq!(pairs("people + visits"), ["people+visits"]);
        assert_eq!(pairs("yuan - people > 3"), ["yuan+people"]);
        assert_eq!(pairs("people + visits + yuan"), ["people+yuan", "people+visits"]);
        assert!(pairs("people * 10000 + yuan > people").is_empty());
        assert!(pairs("people >= visits").is_empty());
    }
}
