//! `dangtong list`: what a pipeline defines.

use super::arguments::{ListKind, ListOptions};
use super::terminal;
use crate::definition::{Check, Definition};
use crate::model::{Builtin, builtins};
use crate::pipeline;

pub(super) fn list(options: &ListOptions) -> anyhow::Result<u8> {
    let definition = pipeline::load(&options.pipeline.folder)?;
    let (columns, rows) = table(&definition, options.what);
    if options.json {
        let object = |row: &Vec<String>| {
            let pairs = columns.iter().zip(row);
            pairs.map(|(k, v)| ((*k).to_owned(), v.clone().into())).collect()
        };
        let rows: Vec<serde_json::Map<String, serde_json::Value>> =
            rows.iter().map(object).collect();
        terminal::json(&rows)?;
    } else {
        for row in rows {
            say!("{}", row.join("  "));
        }
    }
    Ok(0)
}

fn table(definition: &Definition, what: ListKind) -> (&'static [&'static str], Vec<Vec<String>>) {
    match what {
        ListKind::Programmes => (
            &["id", "number", "title"],
            definition
                .programmes
                .iter()
                .map(|p| vec![p.id.clone(), p.number.clone(), p.title.clone()])
                .collect(),
        ),
        ListKind::Forms => (
            &["id", "number", "title", "frequency"],
            definition
                .forms
                .iter()
                .map(|f| {
                    let frequency = f.frequency.title().to_owned();
                    vec![f.id.clone(), f.number.clone(), f.title.clone(), frequency]
                })
                .collect(),
        ),
        ListKind::Checks => (
            &["code", "level", "scope", "form", "title", "status"],
            definition.checks.iter().map(of_pipeline).chain(builtins().map(built_in)).collect(),
        ),
        ListKind::Builtins => (
            &["code", "level", "scope", "form", "title", "status"],
            builtins().map(built_in).collect(),
        ),
        ListKind::Indicators => (
            &["id", "form", "title", "measure", "base"],
            definition
                .indicators
                .iter()
                .map(|i| {
                    let measure = i.measure().to_owned();
                    vec![
                        i.id.clone(),
                        i.form.clone(),
                        i.title.clone(),
                        measure,
                        i.base_title.clone(),
                    ]
                })
                .collect(),
        ),
        ListKind::Diagnoses => (
            &["id", "disease", "title", "source", "no_problem"],
            definition
                .diagnoses
                .iter()
                .map(|d| {
                    vec![
                        d.id.clone(),
                        d.disease.clone(),
                        d.title.clone(),
                        d.source(),
                        definition.threshold(d),
                    ]
                })
                .collect(),
        ),
        ListKind::Units => (
            &["code", "name", "group", "kind", "assumed"],
            definition
                .units
                .all()
                .iter()
                .map(|u| {
                    let assumed = if u.assumed { "推定" } else { "" };
                    vec![
                        u.code.clone(),
                        u.name.clone(),
                        u.group.clone(),
                        u.kind.clone(),
                        assumed.to_owned(),
                    ]
                })
                .collect(),
        ),
        ListKind::Codelists => (
            &["id", "title", "codes"],
            definition
                .codelists
                .iter()
                .map(|(id, list)| {
                    let codes: Vec<&str> = list.codes.iter().map(|c| c.code.as_str()).collect();
                    vec![id.clone(), list.title.clone(), codes.join("/")]
                })
                .collect(),
        ),
    }
}

fn of_pipeline(check: &Check) -> Vec<String> {
    let status = if check.is_collectable() { "" } else { "不可收集" };
    vec![
        check.code.clone(),
        check.level.title().to_owned(),
        check.scope().title().to_owned(),
        check.form.clone(),
        check.title.clone(),
        status.to_owned(),
    ]
}

/// Every form's; the same columns as a check of the pipeline.
fn built_in(check: &Builtin) -> Vec<String> {
    [check.code, check.level.title(), check.scope.title(), "*", check.title, "内置"]
        .map(str::to_owned)
        .into()
}
