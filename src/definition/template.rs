//! Sentence templates: Chinese text with words such as `{{ value("studio_opened_rate") }}`.
//!
//! The only module that names the template engine. A template is checked when the pipeline is
//! loaded: its syntax, its words, their arguments. What the words say is not decided here: the
//! report answers them ([`Vocabulary`]), and a word without an answer drops the sentence.

use std::collections::BTreeMap;
use std::sync::Arc;

use minijinja::value::{Kwargs, Rest};
use minijinja::{Environment, Error, ErrorKind, UndefinedBehavior, Value};

use super::words::{Call, FILTERS, VARIABLES, WORDS, word};

/// A checked template.
#[derive(Debug, Clone)]
pub struct Template {
    source: String,
    /// Every word that the text may say, in order.
    pub calls: Vec<Call>,
}

/// What a word says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    Text(String),
    Names(Vec<String>),
    Truth(bool),
    Number(usize),
}

/// Answers the words of templates.
pub trait Vocabulary: Send + Sync {
    /// What the word says, or why it cannot be said.
    fn answer(&self, call: &Call) -> Result<Answer, String>;

    /// The value of a variable, e.g. `county`.
    fn variable(&self, name: &str) -> String;
}

impl Template {
    /// Checks syntax and vocabulary; problems in Chinese.
    pub fn parse(text: &str) -> Result<Self, Vec<String>> {
        // Lines are for the reader of the definition; Chinese text has no spaces at their ends.
        let source: String = text.lines().map(str::trim).collect();
        let environment = environment();
        let template = environment
            .template_from_str(&source)
            .map_err(|_| vec!["{{ }}、{% %} 没有成对，或里面写得不完整".to_owned()])?;
        let mut problems = Vec::new();
        let mut names: Vec<String> = template.undeclared_variables(false).into_iter().collect();
        names.sort();
        for name in names {
            if word(&name).is_none() && !VARIABLES.iter().any(|(v, _)| *v == name) {
                problems.push(format!("没有“{name}”这个词，可用的有：{}", choices()));
            }
        }
        let mut calls = Vec::new();
        for code in code_blocks(&source) {
            for found in scan(code) {
                match found {
                    Ok(call) => calls.push(call),
                    Err(problem) => problems.push(problem),
                }
            }
        }
        drop(template);
        if problems.is_empty() { Ok(Self { source, calls }) } else { Err(problems) }
    }

    /// The text, or why it cannot be said.
    pub fn render(&self, vocabulary: &Arc<dyn Vocabulary>) -> Result<String, String> {
        let mut environment = environment();
        for word in WORDS {
            let (name, vocabulary) = (word.name, vocabulary.clone());
            environment.add_function(name, move |arguments: Rest<Value>, options: Kwargs| {
                let call = Call {
                    word: name.to_owned(),
                    arguments: arguments.iter().map(ToString::to_string).collect(),
                    options: options
                        .args()
                        .map(|key| Ok((key.to_owned(), options.get::<String>(key)?)))
                        .collect::<Result<_, Error>>()?,
                };
                options.assert_all_used()?;
                match vocabulary.answer(&call) {
                    Ok(Answer::Text(text)) => Ok(Value::from(text)),
                    Ok(Answer::Names(names)) => Ok(Value::from(names)),
                    Ok(Answer::Truth(truth)) => Ok(Value::from(truth)),
                    Ok(Answer::Number(number)) => Ok(Value::from(number)),
                    Err(reason) => Err(Error::new(ErrorKind::InvalidOperation, reason)),
                }
            });
        }
        for (name, _) in VARIABLES {
            environment.add_global(*name, vocabulary.variable(name));
        }
        environment
            .render_str(&self.source, ())
            .map_err(|error| error.detail().map_or_else(|| error.to_string(), str::to_owned))
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::empty();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.add_filter(
        "clause",
        |text: String| {
            if text.is_empty() { text } else { format!("，{text}") }
        },
    );
    environment.add_filter("names", |names: Vec<String>, most: Option<usize>| {
        let most = most.unwrap_or(usize::MAX);
        if names.len() <= most {
            return names.join("、");
        }
        format!("{}等{}个", names.get(..most).unwrap_or_default().join("、"), names.len())
    });
    environment.add_filter("count", |names: Vec<String>| names.len());
    environment
}

fn choices() -> String {
    let words = WORDS.iter().map(|word| word.name);
    words.chain(VARIABLES.iter().map(|(name, _)| *name)).collect::<Vec<_>>().join("、")
}

/// What stands between `{{ }}` and `{% %}`.
fn code_blocks(source: &str) -> Vec<&str> {
    let mut blocks = Vec::new();
    let mut rest = source;
    while let Some(start) = rest.find("{{").into_iter().chain(rest.find("{%")).min() {
        let close = if rest[start..].starts_with("{{") { "}}" } else { "%}" };
        let code = &rest[start + 2..];
        let end = code.find(close).unwrap_or(code.len());
        blocks.push(&code[..end]);
        rest = code.get(end + 2..).unwrap_or_default();
    }
    blocks
}

#[derive(Debug, Clone, PartialEq)]
enum Token {
    Name(String),
    Text(String),
    Number(String),
    Sign(char),
}

fn tokens(code: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut characters = code.chars().peekable();
    while let Some(c) = characters.next() {
        let mut take = |first: Option<char>, belongs: &dyn Fn(char) -> bool| {
            let mut text: String = first.into_iter().collect();
            while let Some(next) = characters.next_if(|c| belongs(*c)) {
                text.push(next);
            }
            text
        };
        match c {
            '"' | '\'' => {
                tokens.push(Token::Text(take(None, &|next| next != c)));
                characters.next();
            }
            c if c.is_ascii_digit() || c == '-' => {
                tokens.push(Token::Number(take(Some(c), &|c| c.is_ascii_digit() || c == '.')));
            }
            c if c.is_alphabetic() || c == '_' => {
                tokens.push(Token::Name(take(Some(c), &|c| c.is_alphanumeric() || c == '_')));
            }
            c if c.is_whitespace() => {}
            c => tokens.push(Token::Sign(c)),
        }
    }
    tokens
}

/// The words used in a block, each checked against its signature, and the filters.
fn scan(code: &str) -> Vec<Result<Call, String>> {
    let tokens = tokens(code);
    let mut found = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let Token::Name(name) = token else { continue };
        let before = at.checked_sub(1).and_then(|at| tokens.get(at));
        if before == Some(&Token::Sign('|')) {
            if !FILTERS.iter().any(|(filter, _)| filter == name) {
                let names: Vec<&str> = FILTERS.iter().map(|(filter, _)| *filter).collect();
                found.push(Err(format!("没有过滤器“{name}”，可用的有：{}", names.join("、"))));
            }
        } else if let Some(word) = word(name) {
            found.push(match arguments(tokens.get(at + 1..).unwrap_or_default()) {
                Some((arguments, options)) => {
                    let call = Call { word: name.clone(), arguments, options };
                    word.check(&call).map(|()| call)
                }
                None => Err(format!("{name} 的参数只能是带引号的文字或数：{}", word.usage)),
            });
        }
    }
    found
}

type Arguments = (Vec<String>, BTreeMap<String, String>);

/// `("id", 3, class="好")`; `None` when it is not of this form.
fn arguments(tokens: &[Token]) -> Option<Arguments> {
    let (first, mut rest) = tokens.split_first()?;
    let (mut arguments, mut options) = (Vec::new(), BTreeMap::new());
    if *first != Token::Sign('(') {
        return None;
    }
    loop {
        match rest {
            [Token::Sign(')'), ..] => return Some((arguments, options)),
            [Token::Sign(','), tail @ ..] => rest = tail,
            [Token::Text(text) | Token::Number(text), tail @ ..] => {
                arguments.push(text.clone());
                rest = tail;
            }
            [Token::Name(key), Token::Sign('='), Token::Text(text), tail @ ..] => {
                options.insert(key.clone(), text.clone());
                rest = tail;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> String {
        Template::parse(text).map(|_| ()).unwrap_err().join("\n")
    }

    #[test]
    fn a_template_knows_the_words_it_may_say() {
        let text = r#"全县{% if has("a", ">", 0) %}{{ value("a", class="好") }}
            {{ compare("b", "previous")|clause }}{% endif %}。"#;
        let template = Template::parse(text).unwrap();
        let said: Vec<(&str, Option<&str>)> =
            template.calls.iter().map(|c| (c.word.as_str(), c.indicator())).collect();
        assert_eq!(said, [("has", Some("a")), ("value", Some("a")), ("compare", Some("b"))]);
        assert_eq!(template.calls[1].options["class"], "好");
    }

    #[test]
    fn what_a_template_cannot_mean_is_refused_with_the_choices() {
        assert!(problems("{{ value(\"a\" }}").contains("没有成对"));
        assert!(problems("{{ valu(\"a\") }}").contains("没有“valu”这个词，可用的有：value、"));
        assert!(problems("{{ value(\"a\")|klause }}").contains("可用的有：clause、"));
        assert!(problems("{{ value() }}").contains("value(\"指标\""));
        assert!(problems("{{ compare(\"a\", \"last\") }}").contains("previous"));
        assert!(problems("{{ value(county) }}").contains("带引号"));
    }

    struct Echo;

    impl Vocabulary for Echo {
        fn answer(&self, call: &Call) -> Result<Answer, String> {
            match call.word.as_str() {
                "value" => Ok(Answer::Text("4个".to_owned())),
                "units" => Ok(Answer::Names(["甲", "乙", "丙"].map(str::to_owned).to_vec())),
                "compare" => Ok(Answer::Text(String::new())),
                _ => Err("没有数".to_owned()),
            }
        }

        fn variable(&self, _: &str) -> String {
            "某县".to_owned()
        }
    }

    #[test]
    fn empty_clauses_leave_no_comma_and_a_missing_figure_drops_the_text() {
        let echo: Arc<dyn Vocabulary> = Arc::new(Echo);
        let say = |text: &str| Template::parse(text).unwrap().render(&echo);
        let text = "{{ county }}有{{ value(\"a\") }}{{ compare(\"a\", \"previous\")|clause }}。";
        assert_eq!(say(text).unwrap(), "某县有4个。");
        let names = "{% set all = units(\"a\", \"=\", 0) %}{{ all|names(2) }}，{{ all|count }}个。";
        assert_eq!(say(names).unwrap(), "甲、乙等3个，3个。");
        assert_eq!(say("{{ fraction(\"a\") }}。"), Err("没有数".to_owned()));
    }
}
