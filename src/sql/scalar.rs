//! Expressions: syntax tree → typed node. What is not listed here is not in the profile.

use sqlparser::ast::{BinaryOperator, CaseWhen, Expr, UnaryOperator};

use super::literal::{date_literal, literal};
use super::names::{Reach, TypedNode};
use super::node::{Comparator, Match, Node, Operation, Physical};
use super::refuse::{refuse, type_name};
use super::typing::{align, common, compare, fold, minus, number, numeric_type};
use super::{ColumnType, Refusal};

/// Chains such as `a + b + …` may be this long.
const DEEPEST: usize = 120;

/// Walks one expression. Copies differ in what is allowed below.
#[derive(Clone, Copy)]
pub(super) struct Walker<'a> {
    pub(super) scope: &'a Reach<'a>,
    pub(super) aggregates: bool,
    pub(super) depth: usize,
}

impl<'a> Walker<'a> {
    /// Columns only: no SUM, no OVER.
    pub(super) fn of_rows(scope: &'a Reach<'a>) -> Self {
        Self { scope, aggregates: false, depth: 0 }
    }

    pub(super) fn walk(&self, tree: &Expr) -> Result<TypedNode, Refusal> {
        if self.depth > DEEPEST {
            return refuse(format!("一条表达式里的运算超过 {DEEPEST} 层。请拆成几条"));
        }
        let below = Self { depth: self.depth + 1, ..*self };
        match tree {
            Expr::Nested(inner) => below.walk(inner),
            Expr::Identifier(ident) => self.scope.bare(ident),
            Expr::CompoundIdentifier(parts) => match parts.as_slice() {
                [table, column] => self.scope.qualified(table, column),
                _ => refuse(format!("“{tree}”：只能写 表.列")),
            },
            Expr::Value(value) => literal(&value.value),
            Expr::TypedString(text) => date_literal(text),
            Expr::UnaryOp { op, expr } => below.unary(op, expr),
            Expr::BinaryOp { left, op, right } => below.binary(left, op, right),
            Expr::IsNull(inner) => {
                Ok(TypedNode::boolean(Node::IsNull(below.walk(inner)?.node.boxed())))
            }
            Expr::IsNotNull(inner) => {
                let test = Node::IsNull(below.walk(inner)?.node.boxed());
                Ok(TypedNode::boolean(Node::Not(test.boxed())))
            }
            Expr::Between { expr, negated, low, high } => {
                let value = below.walk(expr)?;
                let from = compare(Comparator::GreaterOrEqual, value.clone(), below.walk(low)?)?;
                let to = compare(Comparator::LessOrEqual, value, below.walk(high)?)?;
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
                "“{tree}”是{}，这里要写条件（结果为是或否），例如 {tree} IS NOT NULL",
                type_name(kind)
            )),
        }
    }

    fn unary(&self, op: &UnaryOperator, inner: &Expr) -> Result<TypedNode, Refusal> {
        match op {
            UnaryOperator::Not => Ok(TypedNode::boolean(Node::Not(self.condition(inner)?.boxed()))),
            UnaryOperator::Minus => {
                let typed = self.walk(inner)?;
                let kind = number(&typed, inner)?;
                Ok(TypedNode::new(minus(typed.node), kind))
            }
            UnaryOperator::Plus => {
                let typed = self.walk(inner)?;
                number(&typed, inner)?;
                Ok(typed)
            }
            other => refuse(format!("不能用运算符“{other}”")),
        }
    }

    fn binary(&self, left: &Expr, op: &BinaryOperator, right: &Expr) -> Result<TypedNode, Refusal> {
        use BinaryOperator as B;
        let comparison = match op {
            B::And | B::Or => {
                let (a, b) = (self.condition(left)?.boxed(), self.condition(right)?.boxed());
                let is_and = matches!(op, B::And);
                return Ok(TypedNode::boolean(if is_and {
                    Node::And(a, b)
                } else {
                    Node::Or(a, b)
                }));
            }
            B::Plus => return self.arithmetic(Operation::Add, left, right),
            B::Minus => return self.arithmetic(Operation::Subtract, left, right),
            B::Multiply => return self.arithmetic(Operation::Multiply, left, right),
            B::Eq => Comparator::Equal,
            B::NotEq => Comparator::NotEqual,
            B::Lt => Comparator::Less,
            B::LtEq => Comparator::LessOrEqual,
            B::Gt => Comparator::Greater,
            B::GtEq => Comparator::GreaterOrEqual,
            B::Divide | B::Modulo | B::DuckIntegerDivide | B::MyIntegerDivide => {
                return refuse(format!(
                    "不能用除法“{op}”：会丢位数。比较请改写成乘法，例如 a * 100 >= b * 80；比率请用指标"
                ));
            }
            B::StringConcat => {
                return refuse("不能用“||”拼接文字。提示语请写在 message 里，用 {字段} 引用");
            }
            other => {
                return refuse(format!(
                    "不能用运算符“{other}”。可用：= <> < <= > >= + - * AND OR NOT"
                ));
            }
        };
        let (a, b) = (self.walk(left)?, self.walk(right)?);
        compare(comparison, a, b).map(TypedNode::boolean)
    }

    fn arithmetic(
        &self,
        operation: Operation,
        left: &Expr,
        right: &Expr,
    ) -> Result<TypedNode, Refusal> {
        let (a, b) = (self.walk(left)?, self.walk(right)?);
        if a.kind == Some(ColumnType::Date) || b.kind == Some(ColumnType::Date) {
            return refuse(
                "日期不能加减：各数据库结果不同。算天数请用 列名__day（日序号），\
                 算工作日请用 列名__workday，加年月日请在报表里用 derive",
            );
        }
        let (x, y) = (number(&a, left)?, number(&b, right)?);
        let (p, q) = (x.places().unwrap_or(0), y.places().unwrap_or(0));
        if operation == Operation::Multiply {
            let places = p + q;
            let kind = numeric_type(places)?;
            return Ok(TypedNode::new(fold(operation, a.node, b.node)?, kind));
        }
        let kind = if p.max(q) == 0 && x == ColumnType::Integer && y == ColumnType::Integer {
            ColumnType::Integer
        } else {
            ColumnType::Decimal(p.max(q))
        };
        let (a, b) = (align(a, kind)?, align(b, kind)?);
        Ok(TypedNode::new(fold(operation, a, b)?, kind))
    }

    fn in_list(&self, value: &Expr, list: &[Expr], negated: bool) -> Result<TypedNode, Refusal> {
        if list.is_empty() {
            return refuse("IN 后面的括号里没有值");
        }
        let typed = self.walk(value)?;
        let mut tests = Vec::with_capacity(list.len());
        for item in list {
            let item = self.walk(item)?;
            if item.kind.is_none() {
                return refuse("IN 的括号里不能有 NULL：结果永远不为“否”。请另写 OR … IS NULL");
            }
            tests.push(compare(Comparator::Equal, typed.clone(), item)?);
        }
        Ok(negate_if(negated, any_of(tests)))
    }

    fn like(&self, value: &Expr, pattern: &Expr, negated: bool) -> Result<TypedNode, Refusal> {
        let typed = self.walk(value)?;
        if typed.kind != Some(ColumnType::Text) {
            return refuse(format!("LIKE 只用于文字，“{value}”不是文字"));
        }
        let Node::Text(text) = self.walk(pattern)?.node else {
            return refuse("LIKE 后面要写单引号括起的文字，例如 LIKE '张%'");
        };
        let core = text.trim_matches('%');
        if core.is_empty() || core.contains(['%', '_', '\\']) {
            return refuse(format!(
                "LIKE '{text}'：只能写 '开头%'、'%结尾'、'%中间%' 三种，不能用“_”“\\”和中间的“%”"
            ));
        }
        let (starts_open, ends_open) = (text.starts_with('%'), text.ends_with('%'));
        let node = match (starts_open, ends_open) {
            (false, false) => Node::Compare(
                Comparator::Equal,
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
    ) -> Result<TypedNode, Refusal> {
        let operand = operand.map(|tree| self.walk(tree)).transpose()?;
        let mut tests = Vec::new();
        let mut values = Vec::new();
        for CaseWhen { condition, result } in conditions {
            tests.push(match &operand {
                None => self.condition(condition)?,
                Some(value) => compare(Comparator::Equal, value.clone(), self.walk(condition)?)?,
            });
            values.push(self.walk(result)?);
        }
        let null = TypedNode { node: Node::Null(Physical::Integer), kind: None };
        values.push(otherwise.map_or(Ok(null), |tree| self.walk(tree))?);
        let kind = common("CASE 的各个结果", &values)?;
        let mut values: Vec<Node> =
            values.into_iter().map(|value| align(value, kind)).collect::<Result<_, _>>()?;
        let otherwise = values.pop().unwrap_or(Node::Null(kind.physical())).boxed();
        let branches = tests.into_iter().zip(values).collect();
        Ok(TypedNode::new(Node::Case { branches, otherwise }, kind))
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

fn negate_if(negated: bool, node: Node) -> TypedNode {
    TypedNode::boolean(if negated { Node::Not(node.boxed()) } else { node })
}

/// Why a syntax node is not in the profile, and what to write.
fn outside(tree: &Expr) -> String {
    let why = match tree {
        Expr::InSubquery { negated: true, .. } => {
            "不能用 NOT IN (SELECT …)：子查询里有一个空值，结果就一行也没有。\
             请写 LEFT JOIN …，再用 WHERE 右表的列 IS NULL"
        }
        Expr::InSubquery { .. } => {
            "IN (SELECT …) 只能单独作 WHERE 的一个条件（用 AND 相连），不能放在 OR、NOT、CASE 里。\
             请改用 JOIN"
        }
        Expr::Exists { .. } => "不能用 EXISTS。请用 IN (SELECT …)；“没有”请用 LEFT JOIN … IS NULL",
        Expr::Subquery(_) => "不能把子查询当作一个值。请用 WITH 求出，再 JOIN 或 CROSS JOIN",
        Expr::Cast { .. } | Expr::Convert { .. } => {
            "不能转换类型（CAST）：整数与小数自动精确换算，日期请写 DATE '2013-10-25'"
        }
        Expr::Ceil { .. } | Expr::Floor { .. } => "不能取整：会丢位数。请保留小数直接比较",
        Expr::Interval(_) => "不能用 INTERVAL。算天数请用 列名__day，加年月日请在报表里用 derive",
        Expr::ILike { .. } | Expr::SimilarTo { .. } | Expr::RLike { .. } => {
            "不能用模糊匹配。只可用 LIKE '开头%'、'%结尾'、'%中间%'"
        }
        Expr::Like { .. } => "LIKE 不能带 ANY 或 ESCAPE",
        Expr::IsTrue(_) | Expr::IsNotTrue(_) | Expr::IsFalse(_) | Expr::IsNotFalse(_) => {
            "不能用 IS TRUE、IS FALSE。请直接写条件，或写 NOT 条件"
        }
        Expr::IsDistinctFrom(..) | Expr::IsNotDistinctFrom(..) => {
            "不能用 IS DISTINCT FROM。请写 a <> b OR a IS NULL …"
        }
        Expr::Extract { .. } => "不能从日期取年月日。年月请用 month 类型的字段或 period 列",
        Expr::Substring { .. } | Expr::Trim { .. } | Expr::Position { .. } => {
            "不能截取文字。开头、结尾请用 LIKE"
        }
        Expr::Tuple(_) => "不能用几列一组的写法 (a, b)。请逐列比较，用 AND 相连",
        _ => "不在可用的写法之内。可用的写法见 docs/sql-profile.md",
    };
    let text = tree.to_string();
    let short: String = text.chars().take(40).collect();
    let more = if short.len() < text.len() { "…" } else { "" };
    format!("“{short}{more}”：{why}")
}
