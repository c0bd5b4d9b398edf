//! Checks: their rules and queries over the columns that there are, and texts that name what is
//! there to be printed.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::cells;
use super::expressions::{Wanted, expression, query, type_title};
use super::names::Id;
use super::{Places, Problems, SourceLine};
use crate::definition::{Check, Definition, Form, Interval, IntervalOperation, TableRole};
use crate::model::placeholders::placeholders;
use crate::model::{ColumnType, Scope, builtin};
use crate::sql::{self, Schema};

pub(super) fn resolve(
    definition: &mut Definition,
    places: &Places,
    tables: &BTreeMap<String, Schema>,
    problems: &mut Problems,
) {
    let mut checks = std::mem::take(&mut definition.checks);
    let resolve = |(check, place): (&mut Check, &SourceLine)| {
        let mut found = Problems::default();
        resolve_check(check, place, definition, tables, &mut found);
        found
    };
    let placed = checks.par_iter_mut().zip(&places.checks);
    let found: Vec<Problems> = placed.map(resolve).collect();
    found.into_iter().for_each(|found| problems.extend(found));
    definition.checks = checks;
}

fn resolve_check(
    check: &mut Check,
    place: &SourceLine,
    definition: &Definition,
    tables: &BTreeMap<String, Schema>,
    problems: &mut Problems,
) {
    let code = check.code.clone();
    let Some(form) = definition.form(&check.form) else {
        problems.add(place, format!("审核 {code}: 报表 “{}” 不存在", check.form));
        return;
    };
    check_texts(check, form, place, problems);
    if !check.is_collectable() {
        check.scope.get_or_insert(Scope::Form);
        return;
    }
    let Some(schema) = tables.get(&form.id) else { return };
    let what = format!("审核 {code}");
    if let Err(message) = cells::rewrite(check, form, definition) {
        problems.add(&place.key("rule"), format!("{what}: {message}"));
        return;
    }
    let parse = |key: &str, text: &Option<String>, problems: &mut Problems| {
        let (text, at) = (text.as_ref()?, place.key(key));
        expression(text, schema, Wanted::Truth, &what, &at, problems)
    };
    // A rule over cells is its query.
    let rule = check.rule.clone().filter(|_| check.cells_of.is_empty());
    check.parsed_rule = parse("rule", &rule, problems);
    check.parsed_when = parse("when", &check.when, problems);
    check.parsed_violations = check
        .violations
        .as_ref()
        .and_then(|q| query(q, tables, &what, &place.key("violations"), problems));
    check_needs(check, definition, &place.key("needs"), problems);
    if let Some(interval) = &mut check.interval {
        interval.parsed = query(&interval.query, tables, &what, place, problems);
        check_columns(interval, &what, place, problems);
    }
    check_placeholders(check, schema, place, problems);
    check_subject(check, form, place, problems);
    let interval = check.interval.as_ref().and_then(|interval| interval.parsed.as_ref());
    for parsed in check.parsed_violations.iter().chain(interval) {
        for message in
            personal_results(parsed, form, definition).into_iter().chain(mistyped(parsed))
        {
            problems.add(place, format!("{what}: {message}"));
        }
    }
    let scope = scope_of(check, definition);
    check.scope.get_or_insert(scope);
}

/// The query of an interval gives all that is compared.
fn check_columns(interval: &Interval, what: &str, place: &SourceLine, problems: &mut Problems) {
    let Some(parsed) = &interval.parsed else { return };
    let mut wanted = vec!["unit", "_row", "printed", "printed_half", "a", "a_half"];
    if interval.operation != IntervalOperation::Equal {
        wanted.extend(["b", "b_half"]);
    }
    wanted.retain(|name| !parsed.columns.iter().any(|(column, _)| column == name));
    if !wanted.is_empty() {
        problems.add(place, format!("{what}: interval 的查询缺少列 {}", wanted.join("、")));
    }
}

/// Results that say whom to blame, or that are computed with, have the type that is read: one of
/// another type would blame nobody.
fn mistyped(query: &sql::Query) -> Vec<String> {
    let wanted = |name: &str, kind: ColumnType| match name {
        "unit" => (kind == ColumnType::Text, "文字（单位代码）"),
        "_row" => (kind == ColumnType::Integer, "整数（本表的 _row）"),
        "printed" | "printed_half" | "a" | "a_half" | "b" | "b_half" => {
            (Wanted::Number.takes(kind), "数")
        }
        _ => (true, ""),
    };
    let mistyped = |(name, kind): &(String, ColumnType)| {
        let (fits, wanted) = wanted(name, *kind);
        let is = type_title(*kind);
        (!fits).then(|| format!("查询的结果列 {name} 应为{wanted}，实为{is}"))
    };
    query.columns.iter().filter_map(mistyped).collect()
}

/// The names in braces in a check's texts.
fn templates(check: &Check) -> impl Iterator<Item = &str> {
    [&check.message, &check.seen, &check.expected].into_iter().flat_map(|text| placeholders(text))
}

/// A message that prints numbers prints at least one of those that the rule compares.
fn check_subject(check: &Check, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let Some(rule) = &check.parsed_rule else { return };
    let asked: BTreeSet<usize> = [rule]
        .into_iter()
        .chain(&check.parsed_when)
        .flat_map(|rows| &rows.columns)
        .filter_map(|column| form.field_behind(column))
        .collect();
    let is_number = |at: &usize| form.fields[*at].kind.is_number();
    // A number may also name the row.
    let compared =
        |name: &&str| form.primary_key.iter().chain(&check.cells).all(|other| other != name);
    let printed: Vec<usize> = placeholders(&check.message)
        .filter(compared)
        .filter_map(|name| form.field_behind(name))
        .filter(is_number)
        .collect();
    if !printed.is_empty()
        && asked.iter().any(is_number)
        && !printed.iter().any(|at| asked.contains(at))
    {
        let names: Vec<&str> = asked.iter().map(|&at| form.fields[at].name.as_str()).collect();
        let message = format!(
            "审核 {}: message 里的数都不是 rule 所比的栏，rule 看的是 {}",
            check.code,
            names.join("、")
        );
        problems.add(&place.key("message"), message);
    }
}

/// What a check's texts name is there to be printed: a column of its form, or of its query.
fn check_placeholders(check: &Check, schema: &Schema, place: &SourceLine, problems: &mut Problems) {
    let interval = check.interval.as_ref().map(|interval| interval.parsed.as_ref());
    let queries = [check.violations.as_ref().map(|_| check.parsed_violations.as_ref()), interval];
    // The columns of a query that is refused are not known.
    let Some(queries) = queries.into_iter().flatten().collect::<Option<Vec<_>>>() else { return };
    let fixed = ["unit", "unit_name", "seen", "expected", "period", "range"];
    let of_queries = queries.iter().flat_map(|query| &query.columns);
    let known: BTreeSet<&str> =
        schema.0.iter().chain(of_queries).map(|(name, _)| name.as_str()).chain(fixed).collect();
    for name in templates(check).filter(|name| !known.contains(name)) {
        let message = format!(
            "审核 {}: 文字里的 “{{{name}}}” 不是报表 {} 的列，也不是查询的结果列",
            check.code, check.form
        );
        problems.add(place, message);
    }
}

/// `needs` names forms (or fields of forms) that exist: of others nothing could be missing.
fn check_needs(
    check: &Check,
    definition: &Definition,
    place: &SourceLine,
    problems: &mut Problems,
) {
    for need in &check.needs {
        let (table, field) = need.split_once('.').unwrap_or((need, ""));
        let message = match definition.form_of_table(table) {
            None => format!("needs 的 “{need}” 不是报表，应写作“报表”或“报表.列”"),
            Some((form, _)) if !field.is_empty() && form.field(field).is_none() => {
                let fields: Vec<&str> = form.fields.iter().map(|f| f.name.as_str()).collect();
                format!("needs 的 “{need}” 不存在，{} 的列有：{}", form.id, fields.join("、"))
            }
            Some(_) => continue,
        };
        problems.add(place, format!("审核 {}: {message}", check.code));
    }
}

/// Results of a query that would print a personal field under a name of their own. A field of
/// the check's form under its own name is masked where it is printed.
fn personal_results(query: &sql::Query, form: &Form, definition: &Definition) -> Vec<String> {
    let mut found = Vec::new();
    for ((result, _), shown) in query.columns.iter().zip(&query.shows) {
        if form.is_personal(result) {
            continue;
        }
        for (table, column) in shown {
            if definition.form_of_table(table).is_some_and(|(owner, _)| owner.is_personal(column)) {
                found.push(format!(
                    "查询的结果列 “{result}” 会印出个人信息 {table}.{column}，个人信息只能用于条件和连接"
                ));
            }
        }
    }
    found
}

/// 跨期 if another period is read, 表间 if another table is read, else 表内.
fn scope_of(check: &Check, definition: &Definition) -> Scope {
    let query = check
        .parsed_violations
        .as_ref()
        .or_else(|| check.interval.as_ref().and_then(|i| i.parsed.as_ref()));
    let Some(query) = query else { return Scope::Form };
    let other_periods = |table: &String| {
        definition.form_of_table(table).is_some_and(|(_, role)| role != TableRole::Current)
    };
    if query.tables.iter().any(other_periods) {
        Scope::Periods
    } else if query.tables.iter().any(|t| *t != check.form) {
        Scope::Forms
    } else {
        Scope::Form
    }
}

fn check_texts(check: &Check, form: &Form, place: &SourceLine, problems: &mut Problems) {
    let code = &check.code;
    let mut add = |message: String| problems.add(place, format!("审核 {code}: {message}"));
    if builtin(code).is_some() {
        add(format!("code “{code}” 是内置审核的编码，请换一个"));
    }
    for (key, kind, text) in [("code", Id::Code, &check.code), ("name", Id::Lower, &check.name)] {
        kind.problem(text).into_iter().for_each(|problem| add(format!("{key} {problem}")));
    }
    for (key, text) in [
        ("title", &check.title),
        ("message", &check.message),
        ("remedy", &check.remedy),
        ("basis", &check.basis),
    ] {
        if text.trim().is_empty() {
            add(format!("{key} 是空的"));
        }
    }
    let fields: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
    let mut add_at = |key: &str, message: String| {
        problems.add(&place.key(key), format!("审核 {code}: {message}"));
    };
    for name in check.cells.iter().filter(|name| !fields.contains(&name.as_str())) {
        let choices = fields.join("、");
        let message = format!("cells 提到的列 “{name}” 不在报表 {} 中，现有：{choices}", form.id);
        add_at("cells", message);
    }
    for name in templates(check).filter(|name| form.is_personal(name)) {
        add_at("message", format!("文字里不能出现个人信息列 “{name}”，请改用单元格位置"));
    }
}
