//! Expressions: syntax tree → typed node. What is not listed here is not in the profile.

use std::cell::RefCell;
use std::collections::BTreeSet;

use sqlparser::ast::{
    BinaryOperator, CaseWhen, DataType, Expr, Ident, TypedString, UnaryOperator, Value,
};

use super::node::{Comparison, Match, Node, Operation, Physical};
use super::refuse::{choices, refuse, type_name};
use super::{ColumnType, Refusal};
use crate::model::{Decimal, day_number};

/// Chains such as `a + b + …` may be this long.
const DEEPEST: usize = 120;
/// More decimal places than this do not fit into 64 bits with anything before the point.
const MOST_PLACES: u8 = 15;

/// A node with its type; `None` is the type of a bare NULL.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) node: Node,
    pub(super) kind: Option<ColumnType>,
}

impl Typed {
    pub(super) fn new(node: Node, kind: ColumnType) -> Self {
        Self { node, kind: Some(kind) }
    }

    fn boolean(node: Node) -> Self {
        Self::new(node, ColumnType::Boolean)
    }
}

/// The tables whose columns an expression may name.
#[derive(Debug, Default)]
pub(super) struct Scope {
    pub(super) sources: Vec<Names>,
    /// (source, column) named so far.
    pub(super) used: RefCell<BTreeSet<(usize, String)>>,
}

#[derive(Debug, Clone)]
pub(super) struct Names {
    /// `None`: columns stand alone, as in row expressions.
    pub(super) alias: Option<String>,
    pub(super) columns: Vec<(String, ColumnType)>,
}

impl Scope {
    /// The name of a column that no other column of the SELECT has.
    pub(super) fn unique(&self, source: usize, column: &str) -> String {
        match self.sources[source].alias {
            None => column.to_owned(),
            Some(_) => format!("{source}.{column}"),
        }
    }

    fn take(&self, source: usize, column: &str, kind: ColumnType) -> Typed {
        self.used.borrow_mut().insert((source, column.to_owned()));
        Typed::new(Node::Column(self.unique(source, column)), kind)
    }

    fn bare(&self, ident: &Ident) -> Result<Typed, Refusal> {
        let name = &ident.value;
        let mut found = Vec::new();
        for (index, source) in self.sources.iter().enumerate() {
            found.extend(source.columns.iter().filter(|(c, _)| c == name).map(|c| (index, c)));
        }
        match found.as_slice() {
            [(index, (column, kind))] => Ok(self.take(*index, column, *kind)),
            [] => {
                let all = self.sources.iter().flat_map(|s| &s.columns).map(|(c, _)| c.as_str());
                let quoted = if ident.quote_style.is_some() {
                    "(双引号括的是列名,文字要用单引号)"
                } else {
                    ""
                };
                refuse(format!("没有列“{name}”{quoted}。可用的列:{}", choices(name, all)))
            }
            several => {
                let owners: Vec<String> = several
                    .iter()
                    .filter_map(|(index, _)| self.sources[*index].alias.as_deref())
                    .map(|alias| format!("{alias}.{name}"))
                    .collect();
                refuse(format!("几张表都有列“{name}”。请写明是哪张表的:{}", owners.join("、")))
            }
        }
    }

    fn qualified(&self, table: &Ident, ident: &Ident) -> Result<Typed, Refusal> {
        let is_it = |s: &Names| s.alias.as_deref() == Some(table.value.as_str());
        let Some(index) = self.sources.iter().position(is_it) else {
            let aliases: Vec<&str> =
                self.sources.iter().filter_map(|s| s.alias.as_deref()).collect();
            if aliases.is_empty() {
                return refuse(format!(
                    "“{}.{}”:行内表达式只写列名,不写表名",
                    table.value, ident.value
                ));
            }
            return refuse(format!(
                "这里没有表“{}”。可用的表:{}",
                table.value,
                choices(&table.value, aliases)
            ));
        };
        let columns = &self.sources[index].columns;
        match columns.iter().find(|(c, _)| *c == ident.value) {
            Some((column, kind)) => Ok(self.take(index, column, *kind)),
            None => refuse(format!(
                "表“{}”没有列“{}”。可用的列:{}",
                table.value,
                ident.value,
                choices(&ident.value, columns.iter().map(|(c, _)| c.as_str()))
            )),
        }
    }
}

/// Walks one expression. Copies differ in what is allowed below.
#[derive(Clone, Copy)]
pub(super) struct Walker<'a> {
    pub(super) scope: &'a Scope,
    pub(super) aggregates: bool,
    pub(super) windows: bool,
    pub(super) depth: usize,
}

impl<'a> Walker<'a> {
    /// Columns only: no SUM, no OVER.
    pub(super) fn of_rows(scope: &'a Scope) -> Self {
        Self { scope, aggregates: false, windows: false, depth: 0 }
    }

    pub(super) fn walk(&self, tree: &Expr) -> Result<Typed, Refusal> {
        if self.depth > DEEPEST {
            return refuse(format!("一条表达式里的运算超过 {DEEPEST} 层。请拆成几条"));
        }
        let below = Self { depth: self.depth + 1, ..*self };
        match tree {
            Expr::Nested(inner) => below.walk(inner),
            Expr::Identifier(ident) => self.scope.bare(ident),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, column] => self.scope.qualified(table, column),
                _ => refuse(format!("“{tree}”:只能写 表.列")),
            },
            Expr::Value(value) => literal(&value.value),
            Expr::TypedString(text) => date_literal(text),
            Expr::UnaryOp { op, expr } => below.unary(op, expr),
            Expr::BinaryOp { left, op, right } => below.binary(left, op, right),
            Expr::IsNull(inner) => {
                Ok(Typed::boolean(Node::IsNull(below.walk(inner)?.node.boxed())))
            }
            Expr::IsNotNull(inner) => {
                let test = Node::IsNull(below.walk(inner)?.node.boxed());
                Ok(Typed::boolean(Node::Not(test.boxed())))
            }
            Expr::Between { expr, negated, low, high } => {
                let value = below.walk(expr)?;
                let from = compare(Comparison::GreaterOrEqual, value.clone(), below.walk(low)?)?;
                let to = compare(Comparison::LessOrEqual, value, below.walk(high)?)?;
                Ok(negate_if(*negated, Node::And(from.boxed(), to.boxed())))
            }
            Expr::InList { expr, list, negated } => below.in_list(expr, list, *negated),
            Expr::Like { negated, any: false, expr, pattern, escape_char: None } => {
                below.like(expr, pattern, *negated)
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                below.case(operand.as_deref(), conditions, else_result.as_deref())
            }
            Expr::Function(function) => below.function(function),
            other => refuse(outside(other)),
        }
    }

    /// The expression must be a condition.
    pub(super) fn condition(&self, tree: &Expr) -> Result<Node, Refusal> {
        let typed = self.walk(tree)?;
        match typed.kind {
            Some(ColumnType::Boolean) => Ok(typed.node),
            None => Ok(Node::Null(Physical::Boolean)),
            Some(kind) => refuse(format!(
                "“{tree}”是{},这里要写条件(结果为是或否),例如 {tree} IS NOT NULL",
                type_name(kind)
            )),
        }
    }

    fn unary(&self, op: &UnaryOperator, inner: &Expr) -> Result<Typed, Refusal> {
        match op {
            UnaryOperator::Not => Ok(Typed::boolean(Node::Not(self.condition(inner)?.boxed()))),
            UnaryOperator::Minus => {
                let typed = self.walk(inner)?;
                let kind = number(&typed, inner)?;
                Ok(Typed::new(minus(typed.node), kind))
            }
            UnaryOperator::Plus => {
                let typed = self.walk(inner)?;
                number(&typed, inner)?;
                Ok(typed)
            }
            other => refuse(format!("不能用运算符“{other}”")),
        }
    }

    fn binary(&self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<Typed, Refusal> {
        use BinaryOperator as B;
        let comparison = match op {
            B::And | B::Or => {
                let (a, b) = (self.condition(left)?.boxed(), self.condition(right)?.boxed());
                let is_and = matches!(op, B::And);
                return Ok(Typed::boolean(if is_and { Node::And(a, b) } else { Node::Or(a, b) }));
            }
            B::Plus => return self.arithmetic(Operation::Add, left, right),
            B::Minus => return self.arithmetic(Operation::Subtract, left, right),
            B::Multiply => return self.arithmetic(Operation::Multiply, left, right),
            B::Eq => Comparison::Equal,
            B::NotEq => Comparison::NotEqual,
            B::Lt => Comparison::Less,
            B::LtEq => Comparison::LessOrEqual,
            B::Gt => Comparison::Greater,
            B::GtEq => Comparison::GreaterOrEqual,
            B::Divide | B::Modulo | B::DuckIntegerDivide | B::MyIntegerDivide => {
                return refuse(format!(
                    "不能用除法“{op}”:会丢位数。比较请改写成乘法,例如 a * 100 >= b * 80;比率请用指标"
                ));
            }
            B::StringConcat => {
                return refuse("不能用“||”拼接文字。提示语请写在 message 里,用 {字段} 引用");
            }
            other => {
                return refuse(format!(
                    "不能用运算符“{other}”。可用:= <> < <= > >= + - * AND OR NOT"
                ));
            }
        };
        let (a, b) = (self.walk(left)?, self.walk(right)?);
        compare(comparison, a, b).map(Typed::boolean)
    }

    fn arithmetic(
        &self,
        operation: Operation,
        left: &Expr,
        right: &Expr,
    ) -> Result<Typed, Refusal> {
        let (a, b) = (self.walk(left)?, self.walk(right)?);
        if a.kind == Some(ColumnType::Date) || b.kind == Some(ColumnType::Date) {
            return refuse(
                "日期不能加减:各数据库结果不同。算天数请用 列名__day(日序号),\
                 算工作日请用 列名__workday,加年月日请在报表里用 derive",
            );
        }
        let (x, y) = (number(&a, left)?, number(&b, right)?);
        let (p, q) = (x.places().unwrap_or(0), y.places().unwrap_or(0));
        if operation == Operation::Multiply {
            let places = p + q;
            let kind = numeric_type(places)?;
            return Ok(Typed::new(fold(operation, a.node, b.node)?, kind));
        }
        let kind = if p.max(q) == 0 && x == ColumnType::Integer && y == ColumnType::Integer {
            ColumnType::Integer
        } else {
            ColumnType::Decimal(p.max(q))
        };
        let (a, b) = (align(a, kind)?, align(b, kind)?);
        Ok(Typed::new(fold(operation, a, b)?, kind))
    }

    fn in_list(&self, value: &Expr, list: &[Expr], negated: bool) -> Result<Typed, Refusal> {
        if list.is_empty() {
            return refuse("IN 后面的括号里没有值");
        }
        let typed = self.walk(value)?;
        let mut tests = Vec::with_capacity(list.len());
        for item in list {
            let item = self.walk(item)?;
            if item.kind.is_none() {
                return refuse("IN 的括号里不能有 NULL:结果永远不为“否”。请另写 OR … IS NULL");
            }
            tests.push(compare(Comparison::Equal, typed.clone(), item)?);
        }
        Ok(negate_if(negated, any_of(tests)))
    }

    fn like(&self, value: &Expr, pattern: &Expr, negated: bool) -> Result<Typed, Refusal> {
        let typed = self.walk(value)?;
        if typed.kind != Some(ColumnType::Text) {
            return refuse(format!("LIKE 只用于文字,“{value}”不是文字"));
        }
        let Node::Text(text) = self.walk(pattern)?.node else {
            return refuse("LIKE 后面要写单引号括起的文字,例如 LIKE '张%'");
        };
        let core = text.trim_matches('%');
        if core.is_empty() || core.contains(['%', '_', '\\']) {
            return refuse(format!(
                "LIKE '{text}':只能写 '开头%'、'%结尾'、'%中间%' 三种,不能用“_”“\\”和中间的“%”"
            ));
        }
        let (starts_open, ends_open) = (text.starts_with('%'), text.ends_with('%'));
        let node = match (starts_open, ends_open) {
            (false, false) => Node::Compare(
                Comparison::Equal,
                typed.node.boxed(),
                Node::Text(text.clone()).boxed(),
            ),
            (false, true) => Node::Like(Match::Start, typed.node.boxed(), core.to_owned()),
            (true, false) => Node::Like(Match::End, typed.node.boxed(), core.to_owned()),
            (true, true) => Node::Like(Match::Anywhere, typed.node.boxed(), core.to_owned()),
        };
        Ok(negate_if(negated, node))
    }

    fn case(
        &self,
        operand: Option<&Expr>,
        conditions: &[CaseWhen],
        otherwise: Option<&Expr>,
    ) -> Result<Typed, Refusal> {
        let operand = operand.map(|tree| self.walk(tree)).transpose()?;
        let mut tests = Vec::new();
        let mut values = Vec::new();
        for CaseWhen { condition, result } in conditions {
            tests.push(match &operand {
                None => self.condition(condition)?,
                Some(value) => compare(Comparison::Equal, value.clone(), self.walk(condition)?)?,
            });
            values.push(self.walk(result)?);
        }
        let null = Typed { node: Node::Null(Physical::Integer), kind: None };
        values.push(otherwise.map_or(Ok(null), |tree| self.walk(tree))?);
        let kind = common("CASE 的各个结果", &values)?;
        let mut values: Vec<Node> =
            values.into_iter().map(|value| align(value, kind)).collect::<Result<_, _>>()?;
        let otherwise = values.pop().unwrap_or(Node::Null(kind.physical())).boxed();
        let branches = tests.into_iter().zip(values).collect();
        Ok(Typed::new(Node::Case { branches, otherwise }, kind))
    }
}

/// `a OR b OR …` as a balanced tree.
fn any_of(mut tests: Vec<Node>) -> Node {
    while tests.len() > 1 {
        let mut pairs = Vec::with_capacity(tests.len().div_ceil(2));
        let mut rest = tests.into_iter();
        while let Some(first) = rest.next() {
            pairs.push(match rest.next() {
                Some(second) => Node::Or(first.boxed(), second.boxed()),
                None => first,
            });
        }
        tests = pairs;
    }
    tests.pop().unwrap_or(Node::Boolean(false))
}

fn negate_if(negated: bool, node: Node) -> Typed {
    Typed::boolean(if negated { Node::Not(node.boxed()) } else { node })
}

pub(super) fn minus(node: Node) -> Node {
    match node {
        Node::Integer(value) if value != i64::MIN => Node::Integer(-value),
        other => Node::Arithmetic(Operation::Subtract, Node::Integer(0).boxed(), other.boxed()),
    }
}

pub(super) fn compare(op: Comparison, a: Typed, b: Typed) -> Result<Node, Refusal> {
    let (Some(x), Some(y)) = (a.kind, b.kind) else {
        return refuse("与 NULL 比较的结果永远不为“是”。请用 IS NULL 或 IS NOT NULL");
    };
    let common = match (x.places(), y.places()) {
        (Some(p), Some(q)) => ColumnType::Decimal(p.max(q)),
        _ if x == y => x,
        _ => return refuse(cannot_compare(x, y)),
    };
    if common == ColumnType::Boolean && !matches!(op, Comparison::Equal | Comparison::NotEqual) {
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
            "。文字请用单引号括起,例如 '01'"
        }
        (ColumnType::Boolean, _) | (_, ColumnType::Boolean) => {
            "。“是/否”列直接写列名,或写 = TRUE、= FALSE"
        }
        _ => "",
    };
    format!("{}不能与{}比较{remedy}", type_name(x), type_name(y))
}

/// The one type of several values; numbers take the most places.
pub(super) fn common(what: &str, values: &[Typed]) -> Result<ColumnType, Refusal> {
    let mut kind: Option<ColumnType> = None;
    for next in values.iter().filter_map(|value| value.kind) {
        kind = Some(match kind {
            None => next,
            Some(known) if known == next => known,
            Some(known) => match (known.places(), next.places()) {
                (Some(p), Some(q)) => ColumnType::Decimal(p.max(q)),
                _ => {
                    return refuse(format!(
                        "{what}类型不一致:{}与{}",
                        type_name(known),
                        type_name(next)
                    ));
                }
            },
        });
    }
    kind.map_or_else(|| refuse(format!("{what}全是 NULL,看不出类型")), Ok)
}

/// The same value with the places of `kind`; a bare NULL takes its type.
pub(super) fn align(value: Typed, kind: ColumnType) -> Result<Node, Refusal> {
    let Some(own) = value.kind else { return Ok(Node::Null(kind.physical())) };
    let (Some(from), Some(to)) = (own.places(), kind.places()) else { return Ok(value.node) };
    if to <= from {
        return Ok(value.node);
    }
    numeric_type(to)?;
    fold(Operation::Multiply, value.node, Node::Integer(10i64.pow(u32::from(to - from))))
}

/// Literals are computed at once, so that an overflow is found when the definition loads.
fn fold(operation: Operation, a: Node, b: Node) -> Result<Node, Refusal> {
    if let (Node::Integer(x), Node::Integer(y)) = (&a, &b) {
        let result = match operation {
            Operation::Add => x.checked_add(*y),
            Operation::Subtract => x.checked_sub(*y),
            Operation::Multiply => x.checked_mul(*y),
        };
        return result.map(Node::Integer).ok_or_else(|| Refusal("数字太大,超出 18 位".into()));
    }
    Ok(Node::Arithmetic(operation, a.boxed(), b.boxed()))
}

fn numeric_type(places: u8) -> Result<ColumnType, Refusal> {
    match places {
        0 => Ok(ColumnType::Integer),
        1..=MOST_PLACES => Ok(ColumnType::Decimal(places)),
        _ => refuse(format!("小数位数达到 {places} 位,最多 {MOST_PLACES} 位。请减少相乘的小数")),
    }
}

pub(super) fn number(typed: &Typed, tree: &Expr) -> Result<ColumnType, Refusal> {
    match typed.kind {
        Some(kind) if kind.places().is_some() => Ok(kind),
        Some(kind) => refuse(format!("“{tree}”是{},不能做加减乘", type_name(kind))),
        None => refuse("NULL 不能做加减乘"),
    }
}

fn literal(value: &Value) -> Result<Typed, Refusal> {
    match value {
        Value::Number(text, false) => number_literal(text),
        Value::SingleQuotedString(text) => {
            Ok(Typed::new(Node::Text(text.clone()), ColumnType::Text))
        }
        Value::Boolean(value) => Ok(Typed::boolean(Node::Boolean(*value))),
        Value::Null => Ok(Typed { node: Node::Null(Physical::Integer), kind: None }),
        other => refuse(format!(
            "不能写“{other}”。可用:整数、小数、单引号括起的文字、DATE '2013-10-25'、TRUE、FALSE、NULL"
        )),
    }
}

fn number_literal(text: &str) -> Result<Typed, Refusal> {
    let wrong = || Refusal(format!("数字“{text}”读不懂或太大。请写成 80 或 0.5 的样子,最多 18 位"));
    let value = Decimal::parse(text).ok_or_else(wrong)?;
    if text.ends_with('.') || value.places > MOST_PLACES {
        return Err(wrong());
    }
    let units = i64::try_from(value.units).map_err(|_| wrong())?;
    Ok(Typed::new(Node::Integer(units), numeric_type(value.places)?))
}

fn date_literal(typed: &TypedString) -> Result<Typed, Refusal> {
    if typed.data_type != DataType::Date || typed.uses_odbc_syntax {
        return refuse(format!("不能写“{typed}”。日期写成 DATE '2013-10-25'"));
    }
    let Value::SingleQuotedString(text) = &typed.value.value else {
        return refuse("日期写成 DATE '2013-10-25'");
    };
    let well_formed = text.len() == 10
        && text.bytes().enumerate().all(|(at, byte)| match at {
            4 | 7 => byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    let date: Option<jiff::civil::Date> = if well_formed { text.parse().ok() } else { None };
    match date {
        Some(date) => Ok(Typed::new(Node::Integer(i64::from(day_number(date))), ColumnType::Date)),
        None => refuse(format!("没有“{text}”这一天。日期写成 DATE '2013-10-25'")),
    }
}

/// Why a syntax node is not in the profile, and what to write.
fn outside(tree: &Expr) -> String {
    let why = match tree {
        Expr::InSubquery { negated: true, .. } => {
            "不能用 NOT IN (SELECT …):子查询里有一个空值,结果就一行也没有。\
             请写 LEFT JOIN …,再用 WHERE 右表的列 IS NULL"
        }
        Expr::InSubquery { .. } => {
            "IN (SELECT …) 只能单独作 WHERE 的一个条件(用 AND 相连),不能放在 OR、NOT、CASE 里。\
             请改用 JOIN"
        }
        Expr::Exists { .. } => "不能用 EXISTS。请用 IN (SELECT …);“没有”请用 LEFT JOIN … IS NULL",
        Expr::Subquery(_) => "不能把子查询当作一个值。请用 WITH 求出,再 JOIN 或 CROSS JOIN",
        Expr::Cast { .. } | Expr::Convert { .. } => {
            "不能转换类型(CAST):整数与小数自动精确换算,日期请写 DATE '2013-10-25'"
        }
        Expr::Ceil { .. } | Expr::Floor { .. } => "不能取整:会丢位数。请保留小数直接比较",
        Expr::Interval(_) => "不能用 INTERVAL。算天数请用 列名__day,加年月日请在报表里用 derive",
        Expr::ILike { .. } | Expr::SimilarTo { .. } | Expr::RLike { .. } => {
            "不能用模糊匹配。只可用 LIKE '开头%'、'%结尾'、'%中间%'"
        }
        Expr::Like { .. } => "LIKE 不能带 ANY 或 ESCAPE",
        Expr::IsTrue(_) | Expr::IsNotTrue(_) | Expr::IsFalse(_) | Expr::IsNotFalse(_) => {
            "不能用 IS TRUE、IS FALSE。请直接写条件,或写 NOT 条件"
        }
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => {
            "不能用 IS DISTINCT FROM。请写 a <> b OR a IS NULL …"
        }
        Expr::Extract { .. } => "不能从日期取年月日。年月请用 month 类型的字段或 period 列",
        Expr::Substring { .. } | Expr::Trim { .. } | Expr::Position { .. } => {
            "不能截取文字。开头、结尾请用 LIKE"
        }
        Expr::Tuple(_) => "不能用几列一组的写法 (a, b)。请逐列比较,用 AND 相连",
        _ => "不在可用的写法之内。可用的写法见 docs/sql-profile.md",
    };
    let text = tree.to_string();
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("“{short}{more}”:{why}")
}
