//! Runs every expression and query of a pipeline once on empty tables.
//!
//! Loading types them and finds every mistake that a definition can make; this finds what the
//! engine would refuse although they are typed: a mistake of the program. It takes longer than
//! all the rest of loading, so `dangtong docs` and the tests do it, and not every run.

use super::{Definition, tables_schema};
use crate::sql::{Expression, Query};

/// What the engine refuses, by the check or indicator whose it is.
pub fn dry_run(definition: &Definition) -> Vec<String> {
    let tables = tables_schema(definition);
    let expressions = expressions(definition)
        .map(|(owner, expression)| (owner, &expression.text, expression.dry_run()));
    let queries =
        queries(definition).map(|(owner, query)| (owner, &query.text, query.dry_run(&tables)));
    let refused = |(owner, text, result): (&str, &String, anyhow::Result<()>)| {
        let error = result.err()?;
        Some(format!("{owner}：“{text}”在空表上试算失败：{error:#}"))
    };
    expressions.chain(queries).filter_map(refused).collect()
}

fn expressions(definition: &Definition) -> impl Iterator<Item = (&str, &Expression)> {
    let checks = definition.checks.iter().flat_map(|check| {
        let parsed = check.parsed_rule.iter().chain(&check.parsed_when);
        parsed.map(|expression| (check.code.as_str(), expression))
    });
    let indicators = definition.indicators.iter().flat_map(|indicator| {
        indicator.expressions().map(|expression| (indicator.id.as_str(), expression))
    });
    checks.chain(indicators)
}

fn queries(definition: &Definition) -> impl Iterator<Item = (&str, &Query)> {
    definition.checks.iter().flat_map(|check| {
        let interval = check.interval.as_ref().and_then(|interval| interval.parsed.as_ref());
        check.parsed_violations.iter().chain(interval).map(|query| (check.code.as_str(), query))
    })
}
