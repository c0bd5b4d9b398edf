//! What checked texts become: typed nodes and plans over unique column names.
//!
//! Inside polars there are only three physical types. Integers, decimals (as units of their last
//! place) and dates (as day numbers) are all `Int64`, so that nothing is ever rounded.

use super::ColumnType;

/// How a value is held inside polars.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Physical {
    Integer,
    Boolean,
    Text,
}

impl ColumnType {
    pub(super) fn physical(self) -> Physical {
        match self {
            Self::Integer | Self::Decimal(_) | Self::Date => Physical::Integer,
            Self::Boolean => Physical::Boolean,
            Self::Text => Physical::Text,
        }
    }

    /// Decimal places of a number.
    pub(super) fn places(self) -> Option<u8> {
        match self {
            Self::Integer => Some(0),
            Self::Decimal(places) => Some(places),
            Self::Date | Self::Boolean | Self::Text => None,
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    Add,
    Subtract,
    Multiply,
}

impl Operation {
    pub(super) fn sign(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
        }
    }
}

/// Where the literal part of a LIKE pattern must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Match {
    Start,
    End,
    Anywhere,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aggregate {
    CountRows,
    Count,
    CountDistinct,
    Sum,
    Minimum,
    Maximum,
}

/// An expression whose types agree.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node {
    /// By its unique name.
    Column(String),
    /// An integer, the units of a decimal, or a day number.
    Integer(i64),
    Boolean(bool),
    Text(String),
    Null(Physical),
    Compare(Comparator, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    IsNull(Box<Node>),
    Arithmetic(Operation, Box<Node>, Box<Node>),
    Case {
        branches: Vec<(Node, Node)>,
        otherwise: Box<Node>,
    },
    Coalesce(Vec<Node>),
    Like(Match, Box<Node>, String),
    Length(Box<Node>),
    /// Only until its SELECT is planned: then a column of the grouped table.
    Aggregate(Aggregate, Option<Box<Node>>),
}

impl Node {
    pub(super) fn boxed(self) -> Box<Self> {
        Box::new(self)
    }

    pub(super) fn is_literal(&self) -> bool {
        matches!(self, Self::Integer(_) | Self::Boolean(_) | Self::Text(_) | Self::Null(_))
    }

    /// The nodes directly below.
    pub(super) fn children(&self) -> Vec<&Self> {
        match self {
            Self::Column(_)
            | Self::Integer(_)
            | Self::Boolean(_)
            | Self::Text(_)
            | Self::Null(_) => Vec::new(),
            Self::Compare(_, a, b)
            | Self::And(a, b)
            | Self::Or(a, b)
            | Self::Arithmetic(_, a, b) => vec![a, b],
            Self::Not(a) | Self::IsNull(a) | Self::Like(_, a, _) | Self::Length(a) => vec![a],
            Self::Case { branches, otherwise } => {
                let mut all: Vec<&Self> = branches.iter().flat_map(|(c, v)| [c, v]).collect();
                all.push(otherwise);
                all
            }
            Self::Coalesce(values) => values.iter().collect(),
            Self::Aggregate(_, value) => value.iter().map(Box::as_ref).collect(),
        }
    }

    /// Is there such a node in the tree?
    pub(super) fn any(&self, test: &dyn Fn(&Self) -> bool) -> bool {
        test(self) || self.children().into_iter().any(|child| child.any(test))
    }

    /// Replaces nodes from the top down; a replaced node is not entered.
    pub(super) fn replace(self, by: &mut dyn FnMut(&Self) -> Option<Self>) -> Self {
        if let Some(node) = by(&self) {
            return node;
        }
        let mut each = |node: Box<Self>| node.replace(by).boxed();
        match self {
            Self::Compare(op, a, b) => Self::Compare(op, each(a), each(b)),
            Self::And(a, b) => Self::And(each(a), each(b)),
            Self::Or(a, b) => Self::Or(each(a), each(b)),
            Self::Arithmetic(op, a, b) => Self::Arithmetic(op, each(a), each(b)),
            Self::Not(a) => Self::Not(each(a)),
            Self::IsNull(a) => Self::IsNull(each(a)),
            Self::Like(place, a, text) => Self::Like(place, each(a), text),
            Self::Length(a) => Self::Length(each(a)),
            Self::Case { branches, otherwise } => Self::Case {
                branches: branches
                    .into_iter()
                    .map(|(condition, value)| (condition.replace(by), value.replace(by)))
                    .collect(),
                otherwise: otherwise.replace(by).boxed(),
            },
            Self::Coalesce(values) => {
                Self::Coalesce(values.into_iter().map(|value| value.replace(by)).collect())
            }
            other => other,
        }
    }
}

/// Where rows come from.
#[derive(Debug, Clone)]
pub(super) enum RowPlan {
    /// A table given to the query.
    Table(String),
    /// A WITH table, by number, computed once.
    Shared(usize),
    Select(Box<SelectPlan>),
    /// UNION ALL: columns by position, types already equal.
    Union(Vec<RowPlan>),
}

#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) input: RowPlan,
    pub(super) columns: Vec<Input>,
}

/// A column that is read: its name in the table, and its own name among all columns at work.
#[derive(Debug, Clone)]
pub(super) struct Input {
    pub(super) column: String,
    pub(super) unique: String,
    pub(super) kind: ColumnType,
}

impl Input {
    /// A column under its own name.
    pub(super) fn plain(name: &str, kind: ColumnType) -> Self {
        Self { column: name.to_owned(), unique: name.to_owned(), kind }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum JoinKind {
    Inner,
    Left,
    /// With a table of exactly one row.
    Cross,
}

#[derive(Debug, Clone)]
pub(super) struct Join {
    pub(super) kind: JoinKind,
    /// (key among the tables before, key in the joined table).
    pub(super) keys: Vec<(Node, Node)>,
}

#[derive(Debug, Clone)]
pub(super) struct Grouping {
    pub(super) keys: Vec<(String, Node)>,
    pub(super) aggregates: Vec<(String, Aggregate, Option<Node>)>,
}

#[derive(Debug, Clone)]
pub(super) struct SelectPlan {
    pub(super) sources: Vec<Source>,
    /// `joins[i]` adds `sources[i + 1]`.
    pub(super) joins: Vec<Join>,
    /// `x IN (SELECT …)` of the WHERE clause.
    pub(super) members: Vec<(Node, RowPlan)>,
    pub(super) filter: Option<Node>,
    pub(super) grouping: Option<Grouping>,
    pub(super) output: Vec<(String, Node)>,
    pub(super) distinct: bool,
}

/// A plan with the WITH tables that it shares.
#[derive(Debug, Clone)]
pub(super) struct QueryPlan {
    pub(super) shared: Vec<RowPlan>,
    pub(super) body: RowPlan,
}
