//! Tries a county's checks on its own good and bad rows. Each example is written down as a return and
//! goes the whole way of a real one, so that nothing is said here that a report would not say.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::{Checked, check, prepared};
use crate::definition::{Definition, Example, Field, Form, Layout, PlacedCase, Typed, TypedRow};
use crate::model::{Finding, Level, Outcome, Period};

/// The check that finds absent lines.
const ITEMS_ARE_THERE: &str = "G-16";

/// An example that did not do what it should.
#[derive(Debug)]
pub struct Failure {
    pub file: String,
    pub line: usize,
    pub check: String,
    pub message: String,
}

/// What all cases came to.
#[derive(Debug, Default)]
pub struct Rehearsal {
    pub examples: usize,
    pub failures: Vec<Failure>,
    /// Checks of the pipeline of which no example must pass, or none must fail.
    pub without_good: Vec<String>,
    pub without_bad: Vec<String>,
}

/// Tries all cases; `scratch` is an empty folder that may be written into.
pub fn rehearse(
    definition: &Definition,
    cases: &[PlacedCase],
    reader: &Path,
    scratch: &Path,
) -> anyhow::Result<Rehearsal> {
    let mut rehearsal = Rehearsal::default();
    for placed in cases {
        let good = placed.case.good.iter().map(|example| (example, true));
        let bad = placed.case.bad.iter().map(|example| (example, false));
        for (example, passes) in good.chain(bad) {
            let returns = scratch.join(rehearsal.examples.to_string());
            rehearsal.examples += 1;
            let checked = report(definition, placed, example, reader, &returns)?;
            fs::remove_dir_all(&returns).with_context(|| returns.display().to_string())?;
            if let Some(message) = verdict(&checked, placed, passes) {
                rehearsal.failures.push(Failure {
                    file: placed.file.clone(),
                    line: placed.line,
                    check: placed.case.check.clone(),
                    message: format!("{}：{message}", in_words(example)),
                });
            }
        }
    }
    let has = |code: &str, some: fn(&PlacedCase) -> bool| {
        cases.iter().any(|placed| placed.case.check == code && some(placed))
    };
    let mut codes: Vec<&str> = definition
        .checks
        .iter()
        .filter(|check| check.is_collectable())
        .map(|check| check.code.as_str())
        .collect();
    codes.dedup();
    for code in codes {
        if !has(code, |placed| !placed.case.good.is_empty()) {
            rehearsal.without_good.push(code.to_owned());
        }
        if !has(code, |placed| !placed.case.bad.is_empty()) {
            rehearsal.without_bad.push(code.to_owned());
        }
    }
    Ok(rehearsal)
}

/// Hands in the example and what is given beside it, and checks the folder.
fn report(
    definition: &Definition,
    placed: &PlacedCase,
    example: &Example,
    reader: &Path,
    returns: &Path,
) -> anyhow::Result<Checked> {
    let PlacedCase { case, period, form, unit, .. } = placed;
    let mut last = hand_in(definition, placed, returns, (form, unit, period), example.rows())?;
    for given in &case.given {
        let period = given.period.as_ref().unwrap_or(period);
        let known = |text: &str| {
            let mut units = definition.units.all().iter();
            units.find(|u| u.name == text || u.code == text).map(|u| u.code.clone())
        };
        let unit = known(&given.unit).unwrap_or_else(|| unit.clone());
        let folder =
            hand_in(definition, placed, returns, (&given.form, &unit, period), &given.rows)?;
        last = last.max(folder);
    }
    let prepared = prepared(
        definition.clone(),
        returns.to_path_buf(),
        Some(&last.to_string()),
        reader.to_path_buf(),
    )?;
    check(prepared)
}

/// Writes one return as a text table; gives the hand-in folder.
fn hand_in(
    definition: &Definition,
    placed: &PlacedCase,
    returns: &Path,
    (form, unit, period): (&str, &str, &Period),
    rows: &[TypedRow],
) -> anyhow::Result<Period> {
    let form = definition.form(form).with_context(|| format!("没有报表 {form}"))?;
    let owed = form.owed_for(period);
    let owed = owed.first().with_context(|| {
        format!(
            "{}:{}: 报表 {} 没有 {} 这一期，请改 period",
            placed.file, placed.line, form.id, period
        )
    })?;
    let folder = returns.join(owed.folder.to_string());
    let cannot = || format!("{} 不能写入", folder.display());
    fs::create_dir_all(&folder).with_context(cannot)?;
    let about_absence = placed.case.check == ITEMS_ARE_THERE;
    let told = (placed.base.get(&form.id), rows);
    let rows = completed(definition, form, &owed.period, told, about_absence);
    let text = table(form, definition.units.name(unit), &owed.period, &rows);
    let file: PathBuf = folder.join(format!("{unit}-{}-{}.csv", form.id, owed.period));
    fs::write(&file, text).with_context(cannot)?;
    Ok(owed.folder.clone())
}

fn table(form: &Form, unit: &str, period: &Period, rows: &[TypedRow]) -> String {
    let quoted = |text: &String| format!("\"{}\"", text.replace('"', "\"\""));
    let mut lines = vec![
        vec![form.title.clone()],
        vec![format!("填报单位：{unit}"), format!("报告期：{}", period.title())],
    ];
    lines.extend(on_paper(form, rows));
    let line = |cells: &Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(",") + "\n";
    lines.iter().map(line).collect()
}

/// The rows as the form has them on paper, with its titles.
fn on_paper(form: &Form, rows: &[TypedRow]) -> Vec<Vec<String>> {
    let cell = |row: &TypedRow, name: &str| row.get(name).map_or(String::new(), Typed::text);
    let titled = |field: &Field| field.title.clone();
    match (form.layout, &form.unpivot) {
        (Layout::KeyValue, _) => {
            let pair = |row, field: &Field| vec![titled(field), cell(row, &field.name)];
            let pairs = |row| form.fields.iter().map(move |field| pair(row, field));
            rows.iter().flat_map(pairs).collect()
        }
        (Layout::Transposed, _) => {
            let values = |field: &Field| rows.iter().map(|row| cell(row, &field.name)).collect();
            let line = |field| [vec![titled(field)], values(field)].concat();
            form.fields.iter().map(line).collect()
        }
        (Layout::Table, Some(unpivot)) => {
            let beside: Vec<&Field> = form.fields_beside(unpivot).map(|(_, field)| field).collect();
            let codes = || unpivot.columns.iter();
            let mut lines = vec![
                beside.iter().map(|f| titled(f)).chain(codes().map(|c| c.title.clone())).collect(),
            ];
            let key = |row: &TypedRow| -> Vec<String> {
                beside.iter().map(|f| cell(row, &f.name)).collect()
            };
            let mut keys: Vec<Vec<String>> = Vec::new();
            for own in rows.iter().map(key) {
                if !keys.contains(&own) {
                    keys.push(own);
                }
            }
            for own in keys {
                let in_code = |code: &str| {
                    let is =
                        |row: &&TypedRow| key(row) == own && cell(row, &unpivot.dimension) == code;
                    rows.iter().find(is).map_or(String::new(), |row| cell(row, &unpivot.value))
                };
                lines.push(own.iter().cloned().chain(codes().map(|c| in_code(&c.code))).collect());
            }
            lines
        }
        (Layout::Table, None) => {
            let line = |row| form.fields.iter().map(|field| cell(row, &field.name)).collect();
            let header = form.fields.iter().map(titled).collect();
            std::iter::once(header).chain(rows.iter().map(line)).collect()
        }
    }
}

/// The example's rows with what `base` says, and rows of `base` for the lines and columns that the
/// form always has; none of them without `base`, or where the example is about what is absent.
fn completed(
    definition: &Definition,
    form: &Form,
    period: &Period,
    (base, rows): (Option<&TypedRow>, &[TypedRow]),
    about_absence: bool,
) -> Vec<TypedRow> {
    let Some(base) = base else { return rows.to_vec() };
    let with_base =
        |row: &TypedRow| base.clone().into_iter().chain(row.clone()).collect::<TypedRow>();
    let mut rows: Vec<TypedRow> = rows.iter().map(with_base).collect();
    if about_absence {
        return rows;
    }
    let items = definition.items_of(form, period).unwrap_or_default();
    let items = items.iter().map(|item| (*item).to_owned()).collect();
    if let Some(declared) = &form.items {
        complete(&mut rows, base, &declared.field, items, |_, _| true);
    }
    if let Some(unpivot) = &form.unpivot {
        let beside: Vec<&Field> = form.fields_beside(unpivot).map(|(_, field)| field).collect();
        let same =
            |a: &TypedRow, b: &TypedRow| beside.iter().all(|f| a.get(&f.name) == b.get(&f.name));
        let codes: Vec<String> = unpivot.columns.iter().map(|column| column.code.clone()).collect();
        for line in rows.clone() {
            let base: TypedRow = (line.into_iter().filter(|(name, _)| *name != unpivot.value))
                .chain(base.get_key_value(&unpivot.value).map(|(n, v)| (n.clone(), v.clone())))
                .collect();
            complete(&mut rows, &base, &unpivot.dimension, codes.clone(), same);
        }
    }
    rows
}

/// Adds a row of `base` for each code that no row of the same line has.
fn complete(
    rows: &mut Vec<TypedRow>,
    base: &TypedRow,
    column: &str,
    codes: Vec<String>,
    same_line: impl Fn(&TypedRow, &TypedRow) -> bool,
) {
    for code in codes.into_iter().map(Typed::Text) {
        if !rows.iter().any(|row| same_line(row, base) && row.get(column) == Some(&code)) {
            let mut row = base.clone();
            row.insert(column.to_owned(), code);
            rows.push(row);
        }
    }
}

/// What is not as it should be; `None` if all is.
fn verdict(checked: &Checked, placed: &PlacedCase, passes: bool) -> Option<String> {
    let code = placed.case.check.as_str();
    let own = |outcome: Outcome| {
        let mut findings = checked.validated.findings.iter();
        findings.find(move |f| f.code == code && f.unit == placed.unit && f.outcome == outcome)
    };
    let failed = own(Outcome::Fail);
    match (failed, passes) {
        (Some(finding), true) => return Some(format!("应通过，却指出：{}", finding.message)),
        (Some(_), false) => return None,
        (None, _) => {}
    }
    let said = own(Outcome::NotEvaluated).map(|f| format!("这条审核没有评估：{}", f.message));
    let said = said.or_else(|| unread(checked, placed));
    match (said, passes) {
        (None, true) => None,
        (None, false) => Some("应指出，却通过了".to_owned()),
        (Some(why), true) => Some(format!("应通过，但{why}")),
        (Some(why), false) => Some(format!("应指出，但{why}")),
    }
}

/// Why the example never came to its check: another 强制 had sent it back.
fn unread(checked: &Checked, placed: &PlacedCase) -> Option<String> {
    let blocks = |f: &&Finding| {
        f.level == Level::Error
            && f.outcome == Outcome::Fail
            && f.code != placed.case.check
            && (f.unit == placed.unit || f.unit.is_empty())
            && !f.code.starts_with("R-")
    };
    let finding = checked.validated.findings.iter().find(blocks)?;
    Some(format!("先被 {} 退回：{}", finding.code, finding.message))
}

/// `应到 = 10，实到 = 11`
fn in_words(example: &Example) -> String {
    let mut text = String::new();
    for (number, row) in example.rows().iter().enumerate() {
        text.push_str(if number > 0 { "；" } else { "" });
        for (at, (name, typed)) in row.iter().enumerate() {
            let _ = write!(text, "{}{name} = {}", if at > 0 { "，" } else { "" }, typed.text());
        }
    }
    if text.is_empty() { "（与 base 相同的行）".to_owned() } else { text }
}
