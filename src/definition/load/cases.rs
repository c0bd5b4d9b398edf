//! Reads `tests/*.toml` of a pipeline: every check, form, column and unit that they name exists.

use std::path::Path;

use super::{Problem, Problems, SourceLine, decode, entries};
use crate::definition::cases::{Case, CaseFile, PlacedCase, TypedRow};
use crate::definition::{Definition, Form};
use crate::model::builtin;
use crate::model::text::system_reason;

/// The folder of the cases inside a pipeline.
pub(super) const FOLDER: &str = "tests";

impl decode::Decode for CaseFile {}

/// All cases in the order of their files, or everything that is wrong in them.
pub fn load_cases(
    directory: &Path,
    definition: &Definition,
) -> Result<Vec<PlacedCase>, Vec<Problem>> {
    let mut problems = Problems::default();
    let mut cases = Vec::new();
    for (name, full) in entries(&directory.join(FOLDER)) {
        if full.extension().is_none_or(|ending| ending != "toml") {
            continue;
        }
        let path = format!("{FOLDER}/{name}");
        match std::fs::read_to_string(&full) {
            Ok(text) => file(&path, &text, definition, &mut cases, &mut problems),
            Err(error) => {
                let message = format!("不能读取：{}", system_reason(&error));
                problems.add(&SourceLine::file(&path), message);
            }
        }
    }
    if problems.all.is_empty() { Ok(cases) } else { Err(problems.all) }
}

fn file(
    path: &str,
    text: &str,
    definition: &Definition,
    cases: &mut Vec<PlacedCase>,
    problems: &mut Problems,
) {
    let text = text.trim_start_matches('\u{feff}');
    let Some(read) = decode::file::<CaseFile>(path, text, problems) else { return };
    let (place, file) = (read.place, read.item);
    for (form, row) in &file.base {
        let at = place.key("base").key(form);
        if let Some(form) = known_form(form, definition, &at, problems) {
            known_columns(form, row, &at, problems);
        }
    }
    for (number, case) in file.cases.iter().enumerate() {
        let at = place.nth("case", number);
        cases.extend(placed(case, &file, definition, &at, problems));
    }
}

fn placed(
    case: &Case,
    file: &CaseFile,
    definition: &Definition,
    at: &SourceLine,
    problems: &mut Problems,
) -> Option<PlacedCase> {
    let checked = definition.check(&case.check).map(|check| check.form.as_str());
    if checked.is_none() && builtin(&case.check).is_none() {
        let message = format!("没有审核 “{}”，用 dangtong list checks 查看全部编号", case.check);
        problems.add(&at.key("check"), message);
        return None;
    }
    if case.good.is_empty() && case.bad.is_empty() {
        problems.add(
            at,
            "good 和 bad 都没有写，什么也没有试：请写应通过的行（good）和应指出的行（bad）",
        );
    }
    let named = if case.form.is_empty() { checked.unwrap_or_default() } else { &case.form };
    if named.is_empty() {
        problems.add(at, format!("{} 是内置审核，请写明用哪一张报表试：form = \"…\"", case.check));
        return None;
    }
    let form = known_form(named, definition, at, problems)?;
    for row in case.good.iter().chain(&case.bad).flat_map(|example| example.rows()) {
        known_columns(form, row, at, problems);
    }
    for given in &case.given {
        if let Some(form) = known_form(&given.form, definition, at, problems) {
            given.rows.iter().for_each(|row| known_columns(form, row, at, problems));
        }
        if !given.unit.is_empty() {
            known_unit(&given.unit, definition, at, problems);
        }
    }
    let period = case.period.clone().unwrap_or_else(|| file.period.clone());
    let unit = if case.unit.is_empty() {
        first_owing(form, definition, at, problems)?
    } else {
        known_unit(&case.unit, definition, at, problems)?
    };
    Some(PlacedCase {
        file: at.file.to_string(),
        line: at.outline.line,
        case: case.clone(),
        period,
        form: form.id.clone(),
        unit,
        base: file.base.clone(),
    })
}

fn known_form<'d>(
    id: &str,
    definition: &'d Definition,
    at: &SourceLine,
    problems: &mut Problems,
) -> Option<&'d Form> {
    let form = definition.form(id);
    if form.is_none() {
        let ids: Vec<&str> = definition.forms.iter().map(|form| form.id.as_str()).collect();
        problems.add(at, format!("没有报表 “{id}”，现有：{}", ids.join("、")));
    }
    form
}

fn known_columns(form: &Form, row: &TypedRow, at: &SourceLine, problems: &mut Problems) {
    for name in row.keys().filter(|name| form.field(name).is_none()) {
        let names: Vec<&str> = form.fields.iter().map(|field| field.name.as_str()).collect();
        let message = format!("报表 {} 没有列 “{name}”，现有：{}", form.id, names.join("、"));
        problems.add(at, message);
    }
}

/// The code of the unit that a name or a code means.
fn known_unit(
    text: &str,
    definition: &Definition,
    at: &SourceLine,
    problems: &mut Problems,
) -> Option<String> {
    let mut units = definition.units.all().iter();
    let found = units.find(|unit| unit.name == text || unit.code == text);
    if found.is_none() {
        problems.add(at, format!("单位名录里没有 “{text}”，请写全称或代码"));
    }
    found.map(|unit| unit.code.clone())
}

fn first_owing(
    form: &Form,
    definition: &Definition,
    at: &SourceLine,
    problems: &mut Problems,
) -> Option<String> {
    let found = definition.units_named_by(form).into_iter().next();
    if found.is_none() {
        problems.add(at, format!("没有单位应报 {}，请写明 unit", form.id));
    }
    found.map(|unit| unit.code.clone())
}
