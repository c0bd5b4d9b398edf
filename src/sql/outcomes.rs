//! What a condition can come to, given what its columns can hold: one that no row can meet, or that
//! every row meets, is a mistake in a definition that no number would ever show.
//!
//! Blanks are left out of account: they make a condition unknown, never true or false.

use std::collections::{BTreeMap, BTreeSet};

use super::node::{Comparator, Node, Operation, RowPlan, SelectPlan};
use super::{Expression, Query};

/// What a column can hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    Any,
    /// From, to, in units of the column's last place.
    Numbers(Option<i128>, Option<i128>),
    Texts(BTreeSet<String>),
}

/// A text that a column is compared with and never holds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnknownText {
    /// Empty for the expression's own.
    pub table: String,
    pub column: String,
    pub text: String,
}

type DomainOf<'d> = &'d dyn Fn(&str) -> Domain;
/// Table, column and domain behind a name of the plan.
type Named<'n> = &'n dyn Fn(&str) -> Option<(String, String, Domain)>;

/// Can there be a row for which each of these conditions holds, or does not, as it says?
pub fn is_possible(assumed: &[(&Expression, bool)], domain: DomainOf) -> bool {
    let mut columns = Assumed { domain, narrowed: BTreeMap::new() };
    // Twice: what stands later narrows what stands before it.
    let mut twice = assumed.iter().chain(assumed);
    twice.all(|(condition, wanted)| columns.assume(&condition.node, *wanted))
}

impl Expression {
    pub fn strangers(&self, domain: DomainOf) -> BTreeSet<UnknownText> {
        let mut found = BTreeSet::new();
        let named = |name: &str| Some((String::new(), name.to_owned(), domain(name)));
        strangers(&self.node, &named, &mut found);
        found
    }
}

impl Query {
    /// Of all conditions on columns of its tables.
    pub fn strangers(&self, domain: &dyn Fn(&str, &str) -> Domain) -> BTreeSet<UnknownText> {
        let mut found = BTreeSet::new();
        for plan in self.plan.shared.iter().chain([&self.plan.body]) {
            of_plan(plan, domain, &mut found);
        }
        found
    }
}

fn of_plan(
    plan: &RowPlan,
    domain: &dyn Fn(&str, &str) -> Domain,
    found: &mut BTreeSet<UnknownText>,
) {
    match plan {
        RowPlan::Table(_) | RowPlan::Shared(_) => {}
        RowPlan::Union(parts) => parts.iter().for_each(|part| of_plan(part, domain, found)),
        RowPlan::Select(select) => {
            let named = |name: &str| {
                let (table, column) = column_of(select, name)?;
                Some((table.to_owned(), column.to_owned(), domain(table, column)))
            };
            let keys = select.grouping.iter().flat_map(|g| g.keys.iter().map(|(_, node)| node));
            let added =
                select.grouping.iter().flat_map(|g| &g.aggregates).filter_map(|a| a.2.as_ref());
            let output = select.output.iter().map(|(_, node)| node);
            for node in select.filter.iter().chain(keys).chain(added).chain(output) {
                strangers(node, &named, found);
            }
            let inputs = select.sources.iter().map(|source| &source.input);
            for below in inputs.chain(select.members.iter().map(|(_, plan)| plan)) {
                of_plan(below, domain, found);
            }
        }
    }
}

/// The table's column behind a unique name; `None` if it is computed.
fn column_of<'p>(select: &'p SelectPlan, name: &str) -> Option<(&'p str, &'p str)> {
    select.sources.iter().find_map(|source| {
        let RowPlan::Table(table) = &source.input else { return None };
        let input = source.columns.iter().find(|input| input.unique == name)?;
        Some((table.as_str(), input.column.as_str()))
    })
}

fn strangers(node: &Node, named: Named, found: &mut BTreeSet<UnknownText>) {
    if let Node::Compare(_, a, b) = node
        && let (Node::Column(name), Node::Text(text)) | (Node::Text(text), Node::Column(name)) =
            (&**a, &**b)
        && let Some((table, column, Domain::Texts(known))) = named(name)
        && !known.contains(text)
    {
        found.insert(UnknownText { table, column, text: text.clone() });
    }
    node.children().into_iter().for_each(|child| strangers(child, named, found));
}

/// What the columns can hold where something is assumed of a row.
#[derive(Clone)]
struct Assumed<'d> {
    domain: DomainOf<'d>,
    narrowed: BTreeMap<String, Domain>,
}

impl Assumed<'_> {
    /// Takes it that a condition comes to `wanted`, and narrows what the columns hold; `false` when
    /// that cannot be. What is not understood can be anything.
    fn assume(&mut self, node: &Node, wanted: bool) -> bool {
        match node {
            Node::Boolean(value) => *value == wanted,
            Node::Null(_) => false,
            Node::Not(inner) => self.assume(inner, !wanted),
            Node::And(a, b) if wanted => self.assume(a, true) && self.assume(b, true),
            Node::Or(a, b) if !wanted => self.assume(a, false) && self.assume(b, false),
            Node::And(a, b) | Node::Or(a, b) => {
                [a, b].into_iter().any(|side| self.clone().assume(side, wanted))
            }
            Node::Compare(comparison, a, b) => {
                let comparison = if wanted { *comparison } else { opposite(*comparison) };
                self.compare(comparison, a, b)
            }
            Node::IsNull(value) => {
                !(value.is_literal() && wanted != matches!(**value, Node::Null(_)))
            }
            _ => true,
        }
    }

    fn compare(&mut self, comparison: Comparator, a: &Node, b: &Node) -> bool {
        use Comparator::{Equal, Greater, GreaterOrEqual, Less, LessOrEqual, NotEqual};
        if a == b {
            return matches!(comparison, Equal | LessOrEqual | GreaterOrEqual);
        }
        match comparison {
            Greater => return self.compare(Less, b, a),
            GreaterOrEqual => return self.compare(LessOrEqual, b, a),
            Equal | NotEqual | Less | LessOrEqual => {}
        }
        match (self.values(a), self.values(b)) {
            (Domain::Numbers(low, high), Domain::Numbers(from, to)) => {
                let strict = i128::from(comparison == Less);
                match comparison {
                    NotEqual => !(low.is_some() && [low, high, from, to].iter().all(|n| *n == low)),
                    Equal => self.within(a, from, to) && self.within(b, low, high),
                    _ => {
                        self.within(a, None, to.map(|to| to - strict))
                            && self.within(b, low.map(|low| low + strict), None)
                    }
                }
            }
            (Domain::Texts(these), Domain::Texts(those)) => match comparison {
                Equal => {
                    let both: BTreeSet<String> = these.intersection(&those).cloned().collect();
                    self.one_of(a, &both) && self.one_of(b, &both)
                }
                NotEqual => {
                    let without = |all: &BTreeSet<String>, one: &BTreeSet<String>| {
                        let is_one = |text: &&String| one.len() == 1 && one.contains(*text);
                        all.iter().filter(|text| !is_one(text)).cloned().collect::<BTreeSet<_>>()
                    };
                    self.one_of(a, &without(&these, &those))
                        && self.one_of(b, &without(&those, &these))
                }
                _ => true,
            },
            _ => true,
        }
    }

    /// Keeps what lies in the range; `false` when nothing does.
    fn within(&mut self, node: &Node, from: Option<i128>, to: Option<i128>) -> bool {
        let Domain::Numbers(low, high) = self.values(node) else { return true };
        let low = low.max(from);
        let high = [high, to].into_iter().flatten().min();
        if low.zip(high).is_some_and(|(low, high)| low > high) {
            return false;
        }
        match node {
            Node::Column(name) => {
                self.narrowed.insert(name.clone(), Domain::Numbers(low, high));
                true
            }
            Node::Arithmetic(Operation::Multiply, value, by) => match **by {
                Node::Integer(by) if by > 0 => {
                    let by = i128::from(by);
                    let up = low.map(|low| -(-low).div_euclid(by));
                    self.within(value, up, high.map(|high| high.div_euclid(by)))
                }
                _ => true,
            },
            _ => true,
        }
    }

    fn one_of(&mut self, node: &Node, texts: &BTreeSet<String>) -> bool {
        if let Node::Column(name) = node {
            self.narrowed.insert(name.clone(), Domain::Texts(texts.clone()));
        }
        !texts.is_empty()
    }

    /// What a value can be.
    fn values(&self, node: &Node) -> Domain {
        match node {
            Node::Column(name) => {
                self.narrowed.get(name).cloned().unwrap_or_else(|| (self.domain)(name))
            }
            Node::Integer(value) => {
                Domain::Numbers(Some(i128::from(*value)), Some(i128::from(*value)))
            }
            Node::Text(text) => Domain::Texts(BTreeSet::from([text.clone()])),
            Node::Length(_) => Domain::Numbers(Some(0), None),
            Node::Arithmetic(operation, a, b) => match (self.values(a), self.values(b)) {
                (Domain::Numbers(low, high), Domain::Numbers(from, to)) => {
                    reckon(*operation, (low, high), (from, to))
                }
                _ => Domain::Any,
            },
            _ => Domain::Any,
        }
    }
}

type Span = (Option<i128>, Option<i128>);

fn reckon(operation: Operation, (low, high): Span, (from, to): Span) -> Domain {
    let both = |a: Option<i128>, b: Option<i128>, by: fn(i128, i128) -> Option<i128>| {
        a.zip(b).and_then(|(a, b)| by(a, b))
    };
    match operation {
        Operation::Add => {
            Domain::Numbers(both(low, from, i128::checked_add), both(high, to, i128::checked_add))
        }
        Operation::Subtract => {
            Domain::Numbers(both(low, to, i128::checked_sub), both(high, from, i128::checked_sub))
        }
        // Of numbers that are not negative: the others would need all four products.
        Operation::Multiply if low >= Some(0) && from >= Some(0) => {
            Domain::Numbers(both(low, from, i128::checked_mul), both(high, to, i128::checked_mul))
        }
        Operation::Multiply => Domain::Numbers(None, None),
    }
}

fn opposite(comparison: Comparator) -> Comparator {
    match comparison {
        Comparator::Equal => Comparator::NotEqual,
        Comparator::NotEqual => Comparator::Equal,
        Comparator::Less => Comparator::GreaterOrEqual,
        Comparator::LessOrEqual => Comparator::Greater,
        Comparator::Greater => Comparator::LessOrEqual,
        Comparator::GreaterOrEqual => Comparator::Less,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{ColumnType, Schema, check_expression, check_query};
    use super::*;

    fn schema() -> Schema {
        let columns = [
            ("n", ColumnType::Integer),
            ("rank", ColumnType::Integer),
            ("m", ColumnType::Decimal(1)),
            ("grade", ColumnType::Text),
            ("name", ColumnType::Text),
            ("yes", ColumnType::Boolean),
        ];
        Schema(columns.map(|(name, kind)| (name.to_owned(), kind)).to_vec())
    }

    fn domain(column: &str) -> Domain {
        match column {
            "n" => Domain::Numbers(Some(0), None),
            "rank" => Domain::Numbers(Some(1), Some(4)),
            // 0.0 to 100.0
            "m" => Domain::Numbers(Some(0), Some(1000)),
            "grade" => Domain::Texts(["好", "中", "差"].map(str::to_owned).into()),
            _ => Domain::Any,
        }
    }

    /// Whether it can hold and can fail.
    fn outcomes(text: &str) -> (bool, bool) {
        let parsed = check_expression(text, &schema()).unwrap();
        let possible = |wanted| is_possible(&[(&parsed, wanted)], &domain);
        (possible(true), possible(false))
    }

    #[test]
    fn a_condition_that_may_go_either_way_is_told_from_one_that_may_not() {
        for open in [
            "n > 3",
            "n > 0 AND n < 2",
            "rank <= 2",
            "m >= 100",
            "m < 0.1",
            "grade = '好'",
            "grade IN ('好', '中')",
            "name = '任何'",
            "yes",
            "NOT yes OR n = 0",
            "n IS NULL",
            "n * 2 = m",
            "COALESCE(n, 0) < 0",
            "CASE WHEN yes THEN n ELSE rank END > 9",
        ] {
            assert_eq!(outcomes(open), (true, true), "{open}");
        }
        for never in [
            "n < 0",
            "n > 3 AND n < 2",
            "n < 2 AND n > 3",
            "rank > 4",
            "m > 100",
            "grade = '好' AND grade = '中'",
            "grade NOT IN ('好', '中', '差')",
            "n <> n",
            "n + rank < 1",
            "1 = 2",
        ] {
            assert_eq!(outcomes(never), (false, true), "{never}");
        }
        for always in [
            "n >= 0",
            "n >= n",
            "n >= 2 OR n < 5",
            "rank <= 9",
            "m <= 100",
            "grade IN ('好', '中', '差')",
            "grade <> '坏'",
            "1 = 1",
        ] {
            assert_eq!(outcomes(always), (true, false), "{always}");
        }
    }

    #[test]
    fn texts_that_a_column_never_holds_are_named() {
        let found = |text| {
            let parsed = check_expression(text, &schema()).unwrap();
            parsed.strangers(&domain).into_iter().map(|s| s.text).collect::<Vec<_>>()
        };
        assert_eq!(found("grade = '优' OR grade IN ('好', '良')"), ["优", "良"]);
        assert!(found("name = '优' AND grade <> '差'").is_empty());
        let tables = BTreeMap::from([("t".to_owned(), schema())]);
        let text = "WITH s AS (SELECT grade, n FROM t WHERE grade <> '优') \
                    SELECT s.n FROM s JOIN t ON t.n = s.n WHERE t.grade = '良' AND s.grade = '劣'";
        let query = check_query(text, &tables).unwrap();
        let strangers = query.strangers(&|table, column| match table {
            "t" => domain(column),
            _ => Domain::Any,
        });
        let named = strangers.iter().map(|s| format!("{}.{} {}", s.table, s.column, s.text));
        assert_eq!(named.collect::<Vec<_>>(), ["t.grade 优", "t.grade 良"]);
    }
}
