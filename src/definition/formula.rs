//! Formulas of derived indicators: `value_of("id")`, numbers, `+ - * /` and parentheses.
//!
//! Parsed once, at load; exact arithmetic, so that the order of evaluation cannot show.

use anyhow::{Context, bail};

use crate::model::{Decimal, Rational};

/// A parsed formula.
#[derive(Debug, Clone)]
pub struct Formula {
    root: Node,
    /// Indicator ids in order of first use; [`Node::Operand`] points into it.
    pub operands: Vec<String>,
}

#[derive(Debug, Clone)]
enum Node {
    Number(Rational),
    Operand(usize),
    Negative(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Plus,
    Minus,
    Times,
    DividedBy,
}

fn measure<'m>(
    node: &Node,
    operands: &[Option<&'m str>],
) -> Result<Option<&'m str>, (&'m str, &'m str)> {
    match node {
        Node::Number(_) => Ok(None),
        Node::Operand(at) => Ok(operands.get(*at).copied().flatten()),
        Node::Negative(inner) => measure(inner, operands),
        Node::Binary(operator, a, b) => {
            let (a, b) = (measure(a, operands)?, measure(b, operands)?);
            match (operator, a, b) {
                (Operator::Times | Operator::DividedBy, ..) => Ok(None),
                (_, Some(a), Some(b)) if a != b => Err((a, b)),
                _ => Ok(a.or(b)),
            }
        }
    }
}

/// Deeper nesting than any formula needs; bounds the recursion.
const DEEPEST: usize = 64;

impl Formula {
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let mut parser = Parser { rest: text, operands: Vec::new(), depth: 0 };
        let root = parser.sum().with_context(|| format!("公式无法识别：{text}"))?;
        if !parser.rest.trim_start().is_empty() {
            bail!("公式无法识别：{text}（“{}”处多余）", parser.rest.trim());
        }
        if parser.operands.is_empty() {
            bail!("公式没有引用任何指标：{text}");
        }
        Ok(Self { root, operands: parser.operands })
    }

    /// The measure that sums and differences keep, of those of the operands; or two that cannot be
    /// added. Of products and quotients it is not known.
    pub fn measure<'m>(
        &self,
        operands: &[Option<&'m str>],
    ) -> Result<Option<&'m str>, (&'m str, &'m str)> {
        measure(&self.root, operands)
    }

    /// The exact value. `Ok(None)` when an operand is missing or a divisor is zero.
    pub fn evaluate(&self, values: &[Option<Rational>]) -> Result<Option<Rational>, TooLarge> {
        evaluate(&self.root, values)
    }
}

/// The exact result does not fit: there is no value, and never a wrong one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooLarge;

fn evaluate(node: &Node, values: &[Option<Rational>]) -> Result<Option<Rational>, TooLarge> {
    Ok(match node {
        Node::Number(number) => Some(*number),
        Node::Operand(index) => values.get(*index).copied().flatten(),
        Node::Negative(inner) => {
            let zero = Rational::new(0, 1);
            evaluate(inner, values)?.map(|value| zero.minus(value))
        }
        Node::Binary(operator, left, right) => {
            let (Some(left), Some(right)) = (evaluate(left, values)?, evaluate(right, values)?)
            else {
                return Ok(None);
            };
            if matches!(operator, Operator::DividedBy) && right.numerator() == 0 {
                return Ok(None);
            }
            Some(combine(*operator, left, right).ok_or(TooLarge)?)
        }
    })
}

/// Exact, or `None` when the integers would overflow.
fn combine(operator: Operator, left: Rational, right: Rational) -> Option<Rational> {
    match operator {
        Operator::Plus => left.checked_plus(right),
        Operator::Minus => left.checked_minus(right),
        Operator::Times => left.checked_times(right),
        Operator::DividedBy => left.checked_divide(right),
    }
}

struct Parser<'a> {
    rest: &'a str,
    operands: Vec<String>,
    depth: usize,
}

impl Parser<'_> {
    /// product { (+|-) product }
    fn sum(&mut self) -> anyhow::Result<Node> {
        let mut left = self.product()?;
        loop {
            let operator = match self.peek() {
                Some('+') => Operator::Plus,
                Some('-') => Operator::Minus,
                _ => return Ok(left),
            };
            self.skip(1);
            left = Node::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
    }

    /// factor { (*|/) factor }
    fn product(&mut self) -> anyhow::Result<Node> {
        let mut left = self.factor()?;
        loop {
            let operator = match self.peek() {
                Some('*') => Operator::Times,
                Some('/') => Operator::DividedBy,
                _ => return Ok(left),
            };
            self.skip(1);
            left = Node::Binary(operator, Box::new(left), Box::new(self.factor()?));
        }
    }

    /// - factor | ( sum ) | number | value_of("id")
    fn factor(&mut self) -> anyhow::Result<Node> {
        self.depth += 1;
        if self.depth > DEEPEST {
            bail!("括号或负号的层数超过 {DEEPEST}");
        }
        let node = match self.peek() {
            Some('-') => {
                self.skip(1);
                Node::Negative(Box::new(self.factor()?))
            }
            Some('(') => {
                self.skip(1);
                let inner = self.sum()?;
                self.expect(')')?;
                inner
            }
            Some(c) if c.is_ascii_digit() || c == '.' => self.number()?,
            _ => self.operand()?,
        };
        self.depth -= 1;
        Ok(node)
    }

    fn number(&mut self) -> anyhow::Result<Node> {
        let is_part = |c: char| c.is_ascii_digit() || c == '.';
        let end = self.rest.find(|c| !is_part(c)).unwrap_or(self.rest.len());
        let text = &self.rest[..end];
        let number = Decimal::parse(text).with_context(|| format!("“{text}”不是数"))?;
        self.skip(end);
        Ok(Node::Number(number.to_rational()))
    }

    fn operand(&mut self) -> anyhow::Result<Node> {
        let Some(rest) = self.rest.strip_prefix("value_of") else {
            bail!("“{}”处应为 value_of(\"指标\")、数或括号", self.place());
        };
        self.rest = rest;
        self.expect('(')?;
        let quote = self.peek().filter(|c| matches!(c, '"' | '\''));
        let quote = quote.context("value_of 的指标编号应加引号")?;
        self.skip(1);
        let end = self.rest.find(quote).context("value_of 的引号没有结束")?;
        let id = self.rest[..end].to_owned();
        self.skip(end + 1);
        self.expect(')')?;
        let index = self.operands.iter().position(|known| *known == id).unwrap_or_else(|| {
            self.operands.push(id);
            self.operands.len() - 1
        });
        Ok(Node::Operand(index))
    }

    /// The next character that is not a space; the spaces before it are consumed.
    fn peek(&mut self) -> Option<char> {
        self.rest = self.rest.trim_start();
        self.rest.chars().next()
    }

    /// Consumes bytes that are known to be ASCII or whole.
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    /// What stands where reading ended.
    fn place(&self) -> &str {
        if self.rest.is_empty() { "结尾" } else { self.rest }
    }

    fn expect(&mut self, wanted: char) -> anyhow::Result<()> {
        if self.peek() != Some(wanted) {
            bail!("“{}”处缺少“{wanted}”", self.place());
        }
        self.skip(wanted.len_utf8());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, values: &[Option<Rational>]) -> Option<String> {
        let formula = Formula::parse(text).unwrap();
        formula.evaluate(values).unwrap().map(|v| v.round(3).to_string())
    }

    #[test]
    fn formulas_follow_the_usual_precedence() {
        let values = [Some(Rational::new(1, 3)), Some(Rational::new(5, 1)), None];
        assert_eq!(value(r#"1 + 2 * 3 - 8 / 4 + 0 * value_of("a")"#, &values).unwrap(), "5.000");
        assert_eq!(value(r#"(value_of("a") + value_of('b')) * 3"#, &values).unwrap(), "16.000");
        assert_eq!(value(r#"-value_of("a") * 0.5"#, &values).unwrap(), "-0.167");
        assert_eq!(value(r#"10 - 3 - 2 - 0 * value_of("a")"#, &values).unwrap(), "5.000");
        // The same id twice is one operand.
        assert_eq!(value(r#"value_of("a") / value_of("a")"#, &values).unwrap(), "1.000");
    }

    #[test]
    fn missing_operands_and_zero_divisors_give_nothing() {
        let values = [Some(Rational::new(1, 3)), None];
        assert_eq!(value(r#"value_of("a") + value_of("b")"#, &values), None);
        assert_eq!(value(r#"value_of("a") / (2 - 2)"#, &values), None);
    }

    #[test]
    fn everything_else_is_refused() {
        for text in
            ["", "1 +", "1 + 2", "value_of(a)", "value_of(\"a\"", "1 2", "(1", "1..2", "a", "全县"]
        {
            assert!(Formula::parse(text).is_err(), "{text}");
        }
        assert!(Formula::parse(&"(".repeat(10_000)).is_err());
    }

    #[test]
    fn a_result_that_does_not_fit_is_no_wrong_number() {
        let huge = Some(Rational::new(i128::MAX, 1));
        let formula = Formula::parse(r#"value_of("a") * 2"#).unwrap();
        assert_eq!(formula.evaluate(&[huge]), Err(TooLarge));
    }
}
