//! The way from `dangtong` to an engine that speaks Spark Connect (Apache Spark, Sail).
//!
//! A program of its own, so that the engine's client is compiled only by who uses one, and so that
//! `dangtong` can end it when the engine does not answer. One line of JSON in, one line out:
//! a table (a file of Parquet that the engine can open) and one statement; rows of texts.

use std::io::{BufRead, Write};
use std::process::ExitCode;

use serde::{Deserialize, Serialize};
use spark_connect::SparkSession;
use spark_connect::row::Value;

#[derive(Deserialize)]
struct Question {
    /// The name that the statement gives to the table.
    table: String,
    file: String,
    statement: String,
}

#[derive(Serialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    /// What the engine calls itself.
    Engine(String),
    Rows(Vec<Vec<Option<String>>>),
    Error(String),
}

fn main() -> ExitCode {
    let Some(url) = std::env::args().nth(1) else {
        say(&Answer::Error("usage: dangtong-spark sc://host:port".to_owned()));
        return ExitCode::from(2);
    };
    match answer_all(&url) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&Answer::Error(error));
            ExitCode::from(2)
        }
    }
}

/// Until there are no more questions.
fn answer_all(url: &str) -> Result<(), String> {
    let session = SparkSession::builder().remote(url).get_or_create().map_err(text)?;
    say(&Answer::Engine(version(&session)?));
    let mut known = (String::new(), String::new());
    for line in std::io::stdin().lock().lines() {
        let question: Question = serde_json::from_str(&line.map_err(text)?).map_err(text)?;
        let table = (question.table, question.file);
        let answer = registered(&session, &mut known, table)
            .and_then(|()| answered(&session, &question.statement));
        say(&answer.map_or_else(Answer::Error, Answer::Rows));
    }
    Ok(())
}

/// Asked as a statement: some engines know only so what they are.
fn version(session: &SparkSession) -> Result<String, String> {
    let rows = answered(session, "SELECT version()")?;
    rows.into_iter().flatten().next().flatten().ok_or_else(|| "no version".to_owned())
}

/// Gives a file the name by which statements call it, unless it has it.
fn registered(
    session: &SparkSession,
    known: &mut (String, String),
    table: (String, String),
) -> Result<(), String> {
    if *known != table {
        let rows = session.read().parquet(&table.1);
        rows.create_or_replace_temp_view(&table.0).map_err(text)?;
        *known = table;
    }
    Ok(())
}

fn answered(session: &SparkSession, statement: &str) -> Result<Vec<Vec<Option<String>>>, String> {
    let rows = session.sql(statement).map_err(text)?.collect().map_err(text)?;
    rows.iter().map(|row| row.values().iter().map(value).collect()).collect()
}

/// Integers and decimals by their digits; nothing else is asked for.
fn value(value: &Value) -> Result<Option<String>, String> {
    Ok(Some(match value {
        Value::Null => return Ok(None),
        Value::Bool(truth) => truth.to_string(),
        Value::Byte(number) => number.to_string(),
        Value::Short(number) => number.to_string(),
        Value::Integer(number) => number.to_string(),
        Value::Long(number) => number.to_string(),
        Value::Decimal { value, .. } => value.clone(),
        Value::String(text) => text.clone(),
        other => return Err(format!("a value of a kind that was not asked for: {other:?}")),
    }))
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}

fn say(answer: &Answer) {
    if let Ok(line) = serde_json::to_string(answer) {
        let mut out = std::io::stdout().lock();
        // Nobody listens any more: the next question will not come either.
        let _ = writeln!(out, "{line}").and_then(|()| out.flush());
    }
}
