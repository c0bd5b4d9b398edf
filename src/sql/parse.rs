//! Text → syntax tree, to the end of the text, and nothing but one expression or SELECT.

use sqlparser::ast::{Expr, Ident, Query, Statement};
use sqlparser::dialect::GenericDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer, Whitespace};

use super::Refusal;
use super::refuse::refuse;

/// Nested deeper than any rule that a person can read.
const DEEPEST: usize = 50;
/// Longer than any rule that a person can read.
const LONGEST: usize = 20_000;

pub(super) struct Parsed<T> {
    pub(super) tree: T,
    /// Where a name follows the word AS.
    named: Vec<Location>,
}

impl<T> Parsed<T> {
    /// Was this alias introduced by the word AS? Without it a stray word becomes a name.
    pub(super) fn follows_as(&self, alias: &Ident) -> bool {
        self.named.contains(&alias.span.start)
    }
}

/// Where the words that follow AS begin.
fn named(tokens: &[TokenWithSpan]) -> Vec<Location> {
    let is_as = |token: &Token| matches!(token, Token::Word(word) if word.keyword == Keyword::AS);
    let words = tokens.iter().filter(|token| !matches!(token.token, Token::Whitespace(_)));
    let following = words.clone().skip(1);
    let pairs = words.zip(following).filter(|(word, _)| is_as(&word.token));
    pairs.map(|(_, following)| following.span.start).collect()
}

pub(super) fn expression(text: &str) -> Result<Parsed<Expr>, Refusal> {
    let tokens = tokens(text)?;
    let named = named(&tokens);
    let mut parser = parser(tokens);
    let tree = parser.parse_expr().map_err(|error| unreadable(&error))?;
    let next = parser.next_token();
    if next.token != Token::EOF {
        return refuse(format!(
            "表达式到此已完整，后面多出“{}”（第 {} 行第 {} 列）。只写一个表达式；两个条件之间用 AND 或 OR",
            next.token, next.span.start.line, next.span.start.column
        ));
    }
    Ok(Parsed { tree, named })
}

pub(super) fn query(text: &str) -> Result<Parsed<Box<Query>>, Refusal> {
    let tokens = tokens(text)?;
    let named = named(&tokens);
    let mut parser = parser(tokens);
    let statement = parser.parse_statement().map_err(|error| unreadable(&error))?;
    while parser.consume_token(&Token::SemiColon) {}
    let next = parser.next_token();
    if next.token != Token::EOF {
        return refuse(format!(
            "查询到此已完整，后面多出“{}”（第 {} 行第 {} 列）。只能写一条 SELECT",
            next.token, next.span.start.line, next.span.start.column
        ));
    }
    let Statement::Query(tree) = statement else {
        let words: Vec<String> =
            statement.to_string().split_whitespace().take(2).map(str::to_owned).collect();
        return refuse(format!(
            "“{}”不是查询。只能写一条 SELECT（前面可以有 WITH）",
            words.join(" ")
        ));
    };
    Ok(Parsed { tree, named })
}

fn parser(tokens: Vec<TokenWithSpan>) -> Parser<'static> {
    Parser::new(&GenericDialect {}).with_recursion_limit(DEEPEST).with_tokens_with_locations(tokens)
}

fn tokens(text: &str) -> Result<Vec<TokenWithSpan>, Refusal> {
    if text.trim().is_empty() {
        return refuse("表达式是空的");
    }
    if text.len() > LONGEST {
        return refuse(format!("写法过长（超过 {LONGEST} 字节）。请拆成几条"));
    }
    if let Some(sign) = full_width_sign(text) {
        return refuse(format!("引号以外有全角符号“{sign}”。请改为半角符号"));
    }
    let tokens = Tokenizer::new(&GenericDialect {}, text).tokenize_with_location();
    let mut tokens = tokens.map_err(|error| {
        Refusal(format!(
            "第 {} 行第 {} 列读不懂：引号或符号不完整。文字用半角单引号括起",
            error.location.line, error.location.column
        ))
    })?;
    // What is between words says nothing; a comment may be a hint, which is refused.
    let space = |token: &Token| {
        matches!(
            token,
            Token::Whitespace(Whitespace::Space | Whitespace::Newline | Whitespace::Tab)
        )
    };
    tokens.retain(|token| !space(&token.token));
    Ok(tokens)
}

/// The first full-width sign outside quotes: typed with a Chinese input method by mistake.
fn full_width_sign(text: &str) -> Option<char> {
    let mut quote: Option<char> = None;
    for sign in text.chars() {
        match quote {
            Some(open) if sign == open => quote = None,
            Some(_) => {}
            None if matches!(sign, '\'' | '"') => quote = Some(sign),
            None if sign.is_ascii() => {}
            None if "，。；：（）“”‘’＝＞＜≥≤≠＋－×÷＊、　".contains(sign) =>
            {
                return Some(sign);
            }
            None => {}
        }
    }
    None
}

fn unreadable(error: &ParserError) -> Refusal {
    let message = match error {
        ParserError::TokenizerError(message) | ParserError::ParserError(message) => message,
        ParserError::RecursionLimitExceeded => {
            return Refusal(format!("括号或条件嵌套超过 {DEEPEST} 层。请拆成几条"));
        }
    };
    let found = message.rsplit_once("found: ").map_or(message.as_str(), |(_, rest)| rest);
    let (what, place) = found.split_once(" at Line: ").unwrap_or((found, ""));
    let place = place.replace(", Column: ", " 行第 ");
    let place = if place.is_empty() { String::new() } else { format!("（第 {place} 列）") };
    let what = if what == "EOF" { "结尾" } else { what };
    Refusal(format!("在“{what}”处{place}读不懂：写法不完整，或这里不能用这个词"))
}
