//! An expression in Chinese words, said from its typed nodes: what a reader sees who knows the form
//! and no SQL. Columns are called by their titles.

use super::node::{Comparator, Match, Node, Operation};
use super::{ColumnType, Expression};
use crate::model::{Decimal, date_of};

/// What a column is called.
type Titles<'t> = &'t dyn Fn(&str) -> String;

impl Expression {
    /// `等次为“好”或“较好”且得分不低于 80`.
    pub fn in_words(&self, titles: Titles) -> String {
        Saying { expression: self, titles }.say(&self.node)
    }
}

struct Saying<'t> {
    expression: &'t Expression,
    titles: Titles<'t>,
}

impl Saying<'_> {
    fn say(&self, node: &Node) -> String {
        self.say_as(node, self.kind(node))
    }

    /// `kind`: of the number, where the node itself does not know it.
    fn say_as(&self, node: &Node, kind: Option<ColumnType>) -> String {
        match node {
            Node::Column(name) if self.kind(node) == Some(ColumnType::Boolean) => {
                format!("{}为“是”", (self.titles)(name))
            }
            Node::Column(name) => (self.titles)(name),
            Node::Integer(units) => number(*units, kind),
            Node::Boolean(true) => "全部".to_owned(),
            Node::Boolean(false) => "无".to_owned(),
            Node::Text(text) => format!("“{text}”"),
            Node::Null(_) => "空白".to_owned(),
            Node::Compare(comparison, a, b) => self.comparison(*comparison, a, b),
            Node::And(..) => self.chain(node, "且"),
            Node::Or(..) => self.alternatives(node),
            Node::Not(inner) => self.negation(inner),
            Node::IsNull(inner) => format!("{}空白", self.name(inner)),
            Node::Arithmetic(operation, a, b) => self.arithmetic(*operation, a, b, kind),
            Node::Case { branches, otherwise } => self.cases(branches, otherwise, kind),
            Node::Coalesce(values) => match values.as_slice() {
                [value, instead] => {
                    format!("{}（空白作 {}）", self.name(value), self.say_as(instead, kind))
                }
                several => {
                    let all: Vec<String> = several.iter().map(|v| self.name(v)).collect();
                    format!("{}中第一个不空白的", all.join("、"))
                }
            },
            Node::Like(place, inner, text) => {
                let inner = self.name(inner);
                match place {
                    Match::Start => format!("{inner}以“{text}”开头"),
                    Match::End => format!("{inner}以“{text}”结尾"),
                    Match::Anywhere => format!("{inner}含“{text}”"),
                }
            }
            Node::Length(inner) => format!("{}的字数", self.name(inner)),
            Node::Aggregate(..) => "合计".to_owned(),
        }
    }

    /// A column that is named and not judged: a condition of one says it is true.
    fn name(&self, node: &Node) -> String {
        match node {
            Node::Column(name) => (self.titles)(name),
            other => self.say(other),
        }
    }

    /// What kind of value a node is, as far as its columns tell.
    fn kind(&self, node: &Node) -> Option<ColumnType> {
        match node {
            Node::Column(name) => {
                self.expression.inputs.iter().find(|i| i.unique == *name).map(|i| i.kind)
            }
            Node::Arithmetic(Operation::Multiply, a, b) => {
                let places = |node| self.kind(node).and_then(ColumnType::places).unwrap_or(0);
                Some(match places(a) + places(b) {
                    0 => ColumnType::Integer,
                    places => ColumnType::Decimal(places),
                })
            }
            Node::Arithmetic(_, a, b) => self.kind(a).or_else(|| self.kind(b)),
            Node::Case { branches, otherwise } => {
                branches.iter().find_map(|(_, v)| self.kind(v)).or_else(|| self.kind(otherwise))
            }
            Node::Coalesce(values) => values.iter().find_map(|value| self.kind(value)),
            Node::Length(_) => Some(ColumnType::Integer),
            _ => None,
        }
    }

    fn comparison(&self, comparison: Comparator, a: &Node, b: &Node) -> String {
        let kind = self.kind(a).or_else(|| self.kind(b));
        let word = match (comparison, kind) {
            (Comparator::Equal, Some(ColumnType::Integer | ColumnType::Decimal(_))) => "等于 ",
            (Comparator::Equal, _) => "为",
            (Comparator::NotEqual, _) => "不为",
            (Comparator::Less, Some(ColumnType::Date)) => "早于 ",
            (Comparator::LessOrEqual, Some(ColumnType::Date)) => "不晚于 ",
            (Comparator::Greater, Some(ColumnType::Date)) => "晚于 ",
            (Comparator::GreaterOrEqual, Some(ColumnType::Date)) => "不早于 ",
            (Comparator::Less, _) => "小于 ",
            (Comparator::LessOrEqual, _) => "不超过 ",
            (Comparator::Greater, _) => "大于 ",
            (Comparator::GreaterOrEqual, _) => "不低于 ",
        };
        let side = |node: &Node| match node {
            Node::Column(name) => (self.titles)(name),
            other => self.say_as(other, kind),
        };
        format!("{}{word}{}", side(a), side(b))
    }

    fn chain(&self, node: &Node, word: &str) -> String {
        let mut parts = Vec::new();
        flatten(node, &mut parts, true);
        let part = |part: &&Node| match part {
            Node::Or(..) if !self.is_choice(part) => format!("（{}）", self.say(part)),
            other => self.say(other),
        };
        parts.iter().map(part).collect::<Vec<_>>().join(word)
    }

    /// `等次为“好”或“较好”`, or conditions with 或 between them.
    fn alternatives(&self, node: &Node) -> String {
        let mut parts = Vec::new();
        flatten(node, &mut parts, false);
        let mut said: Vec<String> = Vec::new();
        let mut last: Option<&Node> = None;
        for part in parts {
            match part {
                Node::Compare(Comparator::Equal, a, b) => {
                    match (last == Some(a), said.last_mut()) {
                        (true, Some(before)) => {
                            *before += &format!("或{}", self.say_as(b, self.kind(a)));
                        }
                        _ => said.push(self.say(part)),
                    }
                    last = Some(a);
                }
                Node::And(..) => {
                    said.push(format!("（{}）", self.say(part)));
                    last = None;
                }
                other => {
                    said.push(self.say(other));
                    last = None;
                }
            }
        }
        said.join("或")
    }

    /// Is it one column with one of several values?
    fn is_choice(&self, node: &Node) -> bool {
        let mut parts = Vec::new();
        flatten(node, &mut parts, false);
        let column = |part: &&Node| match part {
            Node::Compare(Comparator::Equal, a, _) => Some((**a).clone()),
            _ => None,
        };
        let first = parts.first().and_then(column);
        first.is_some() && parts.iter().all(|part| column(part) == first)
    }

    fn negation(&self, inner: &Node) -> String {
        match inner {
            Node::IsNull(value) => format!("{}已填", self.name(value)),
            Node::Column(name) => format!("{}为“否”", (self.titles)(name)),
            Node::Or(..) if self.is_choice(inner) => self.say(inner).replacen('为', "不为", 1),
            Node::Like(..) => format!("不是{}", self.say(inner)),
            other => format!("不是（{}）", self.say(other)),
        }
    }

    fn arithmetic(
        &self,
        operation: Operation,
        a: &Node,
        b: &Node,
        kind: Option<ColumnType>,
    ) -> String {
        let sign = match operation {
            Operation::Add => "＋",
            Operation::Subtract => "－",
            Operation::Multiply => "×",
        };
        // Factors keep their own places; what is added has those of the sum.
        let inherits = operation != Operation::Multiply;
        let side = |node: &Node, binds: bool| {
            let said = match self.kind(node).or(kind.filter(|_| inherits)) {
                _ if matches!(node, Node::Column(_)) => self.name(node),
                kind => self.say_as(node, kind),
            };
            let sum = matches!(node, Node::Arithmetic(Operation::Add | Operation::Subtract, ..));
            if sum && binds { format!("（{said}）") } else { said }
        };
        let product = operation == Operation::Multiply;
        format!("{}{sign}{}", side(a, product), side(b, product || sign == "－"))
    }

    /// `等次为“好”的记 1，其余记 0`.
    fn cases(
        &self,
        branches: &[(Node, Node)],
        otherwise: &Node,
        kind: Option<ColumnType>,
    ) -> String {
        let value = |node: &Node| match node {
            Node::Integer(units) => format!("记 {}", number(*units, kind)),
            Node::Null(_) => "不计".to_owned(),
            other => format!("取{}", self.say_as(other, kind)),
        };
        let mut parts: Vec<String> = branches
            .iter()
            .map(|(condition, then)| format!("{}的{}", self.say(condition), value(then)))
            .collect();
        parts.push(format!("其余{}", value(otherwise)));
        parts.join("，")
    }
}

/// The parts of a chain of 且 or 或.
fn flatten<'n>(node: &'n Node, parts: &mut Vec<&'n Node>, and: bool) {
    match node {
        Node::And(a, b) if and => [a, b].into_iter().for_each(|n| flatten(n, parts, and)),
        Node::Or(a, b) if !and => [a, b].into_iter().for_each(|n| flatten(n, parts, and)),
        other => parts.push(other),
    }
}

/// A literal: units of its last place, a day, or a whole number.
fn number(units: i64, kind: Option<ColumnType>) -> String {
    match kind {
        Some(ColumnType::Date) => i32::try_from(units).ok().and_then(date_of).map_or_else(
            || units.to_string(),
            |date| format!("{}年{}月{}日", date.year(), date.month(), date.day()),
        ),
        Some(ColumnType::Decimal(places)) => {
            let said = Decimal::new(units.into(), places).to_string();
            said.trim_end_matches('0').trim_end_matches('.').to_owned()
        }
        _ => units.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Schema, check_expression};
    use crate::model::ColumnType::{Boolean, Date, Decimal, Integer, Text};

    #[test]
    fn an_expression_says_itself_in_words() {
        let schema = Schema(
            [
                ("grade", Text, "等次"),
                ("score", Decimal(2), "得分"),
                ("absent", Boolean, "缺席"),
                ("held_on", Date, "召开日期"),
                ("visits", Integer, "走访次数"),
            ]
            .map(|(name, kind, _)| (name.to_owned(), kind))
            .into(),
        );
        let titles = |name: &str| {
            let known = [
                ("grade", "等次"),
                ("score", "得分"),
                ("absent", "缺席"),
                ("held_on", "召开日期"),
                ("visits", "走访次数"),
            ];
            known.iter().find(|(id, _)| *id == name).unwrap().1.to_owned()
        };
        for (text, words) in [
            ("grade IN ('好', '较好')", "等次为“好”或“较好”"),
            ("grade NOT IN ('好', '较好')", "等次不为“好”或“较好”"),
            ("score >= 80 AND NOT absent", "得分不低于 80且缺席为“否”"),
            ("score >= 0.5", "得分不低于 0.5"),
            ("held_on IS NOT NULL", "召开日期已填"),
            ("held_on <= DATE '2013-10-25'", "召开日期不晚于 2013年10月25日"),
            ("CASE WHEN grade = '好' THEN visits ELSE 0 END", "等次为“好”的取走访次数，其余记 0"),
            (
                "(grade = '好' OR absent) AND visits > 2",
                "（等次为“好”或缺席为“是”）且走访次数大于 2",
            ),
            ("visits * (visits - 1)", "走访次数×（走访次数－1）"),
            ("COALESCE(visits, 0)", "走访次数（空白作 0）"),
            ("grade LIKE '%镇'", "等次以“镇”结尾"),
        ] {
            let expression = check_expression(text, &schema).unwrap();
            assert_eq!(expression.in_words(&titles), words, "{text}");
        }
    }
}
