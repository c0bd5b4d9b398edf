//! `dangtong list`: what a pipeline defines.

use super::arguments::{ListKind, ListOptions};
use super::terminal;
use crate::definition::{Check, CodeList, Definition, Diagnosis};
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

const CHECK_COLUMNS: &[&str] = &["code", "level", "scope", "form", "title", "status"];

fn table(definition: &Definition, what: ListKind) -> (&'static [&'static str], Vec<Vec<String>>) {
    match what {
        ListKind::Programmes => (
            &["id", "number", "title"],
            rows(&definition.programmes, |p| [&p.id, &p.number, &p.title]),
        ),
        ListKind::Forms => (
            &["id", "number", "title", "frequency"],
            rows(&definition.forms, |f| [&f.id, &f.number, &f.title, f.frequency.title()]),
        ),
        ListKind::Checks => {
            let mut all = rows(&definition.checks, of_pipeline);
            all.extend(rows(builtins(), built_in));
            (CHECK_COLUMNS, all)
        }
        ListKind::Builtins => (CHECK_COLUMNS, rows(builtins(), built_in)),
        ListKind::Indicators => (
            &["id", "form", "title", "measure", "base"],
            rows(&definition.indicators, |i| {
                [&i.id, &i.form, &i.title, i.measure(), &i.base_title]
            }),
        ),
        ListKind::Diagnoses => {
            let row = |d: &Diagnosis| {
                let Diagnosis { id, disease, title, .. } = d.clone();
                vec![id, disease, title, d.source(), definition.threshold(d)]
            };
            let columns = &["id", "disease", "title", "source", "no_problem"];
            (columns, definition.diagnoses.iter().map(row).collect())
        }
        ListKind::Units => (
            &["code", "name", "group", "kind", "assumed"],
            rows(definition.units.all(), |u| {
                let assumed = if u.assumed { "推定" } else { "" };
                [&u.code, &u.name, &u.group, &u.kind, assumed]
            }),
        ),
        ListKind::Codelists => {
            let row = |(id, list): (&String, &CodeList)| {
                let codes: Vec<&str> = list.codes.iter().map(|c| c.code.as_str()).collect();
                vec![id.clone(), list.title.clone(), codes.join("/")]
            };
            (&["id", "title", "codes"], definition.codelists.iter().map(row).collect())
        }
    }
}

/// A row of texts for each.
fn rows<'d, T: 'd, const N: usize>(
    all: impl IntoIterator<Item = &'d T>,
    row: impl Fn(&'d T) -> [&'d str; N],
) -> Vec<Vec<String>> {
    all.into_iter().map(|one| row(one).map(str::to_owned).into()).collect()
}

fn of_pipeline(check: &Check) -> [&str; 6] {
    let status = if check.is_collectable() { "" } else { "不可收集" };
    let (level, scope) = (check.level.title(), check.scope().title());
    [&check.code, level, scope, &check.form, &check.title, status]
}

/// Every form's; the same columns as a check of the pipeline.
fn built_in(check: &Builtin) -> [&str; 6] {
    [check.code, check.level.title(), check.scope.title(), "*", check.title, "内置"]
}
