//! Cross-checks of what ties forms to each other's rows and to registers: `refers_to`,
//! `owed_when`, `items`, and code lists that are taken from a register.

use std::collections::{BTreeMap, BTreeSet};

use super::expressions::{Wanted, expression};
use super::{Placed, Problems, SourceLine};
use crate::definition::{
    Code, CodeList, Definition, Field, Form, KEY_COLUMN, Referent, Register, no_register,
    register_schema,
};
use crate::model::ColumnType;
use crate::sql::Schema;

/// Fills the code lists that are taken from registers.
pub(super) fn fill_codelists(
    lists: &mut [(String, Placed<CodeList>)],
    registers: &BTreeMap<String, Register>,
    problems: &mut Problems,
) {
    for (name, list) in lists {
        let Some(source) = &list.item.register else { continue };
        let at = list.place.key("register");
        let Some(register) = registers.get(source) else {
            let message = format!("代码表 {name}: {}", no_register(source, registers));
            problems.add(&at, message);
            continue;
        };
        if !list.item.codes.is_empty() {
            let message = format!("代码表 {name}: codes 和 register 只能有一个");
            problems.add(&at, message);
        }
        if register.column_index("name").is_none() {
            let message = format!("代码表 {name}: 登记册 {source} 没有 name 列");
            problems.add(&at, message);
        }
        let code = |row: usize| {
            let aliases = register.get(row, "aliases").split(';').map(str::trim);
            Code {
                code: register.get(row, "name").to_owned(),
                id: register.get(row, KEY_COLUMN).to_owned(),
                synonyms: aliases.filter(|a| !a.is_empty()).map(str::to_owned).collect(),
                valid: register.validity(row),
            }
        };
        list.item.codes = (0..register.rows.len()).map(code).collect();
    }
}

/// Names: what columns refer to, what items are, what a duty follows from.
pub(super) fn check(definition: &Definition, places: &[SourceLine], problems: &mut Problems) {
    for (form, place) in definition.forms.iter().zip(places) {
        for (number, field) in form.fields.iter().enumerate() {
            if let Err(message) = definition.targets(field) {
                let message = format!("报表 {}.{}: refers_to {message}", form.id, field.name);
                problems.add(&place.nth("field", number).key("refers_to"), message);
            }
        }
        let mut add = |key: &str, message: String| {
            problems.add(&place.key(key), format!("报表 {}: {message}", form.id));
        };
        check_items(form, definition, &mut |message| add("items", message));
        check_called(form, &mut |message| add("called", message));
        check_owed_when(form, definition, &mut |message| add("owed_when", message));
    }
}

/// Rows are never called by a person's name, nor by what derives from one.
fn check_called(form: &Form, add: &mut impl FnMut(String)) {
    // What stays home would be named by the number that is handed up in its place.
    let fits = |field: &&Field| {
        field.column_type() == ColumnType::Text && !field.personal && field.handed_up != Some(false)
    };
    if form.called.is_empty() || form.field(&form.called).as_ref().is_some_and(fits) {
        return;
    }
    let choices: Vec<&str> = form.fields.iter().filter(fits).map(|f| f.name.as_str()).collect();
    let called = &form.called;
    add(format!(
        "called 的 “{called}” 应为要上交、不是个人信息的代码或文字列，可用的：{}",
        choices.join("、")
    ));
}

fn check_items(form: &Form, definition: &Definition, add: &mut impl FnMut(String)) {
    let Some(items) = &form.items else { return };
    let sound = |name: &str| {
        form.field(name).is_some_and(|field| {
            definition.codelist_of(field).is_some()
                || matches!(definition.targets(field).as_deref(), Ok([Referent::Register(..)]))
        })
    };
    if !form.primary_key.contains(&items.field) || !sound(&items.field) {
        let choices: Vec<&str> =
            form.primary_key.iter().map(String::as_str).filter(|name| sound(name)).collect();
        let choices = if choices.is_empty() { "没有".to_owned() } else { choices.join("、") };
        add(format!(
            "items 的 field “{}” 应为主键中有代码表、或 refers_to 登记册的列，可用的：{choices}",
            items.field
        ));
    }
}

fn check_owed_when(form: &Form, definition: &Definition, add: &mut impl FnMut(String)) {
    let Some(when) = &form.owed_when else { return };
    match (&when.form, &when.register) {
        (Some(id), None) => {
            let Some(source) = definition.form(id) else {
                let choices: Vec<&str> = definition.forms.iter().map(|f| f.id.as_str()).collect();
                add(format!("owed_when 的报表 “{id}” 不存在，现有：{}", choices.join("、")));
                return;
            };
            if let Some(unit) = when.unit.as_ref().filter(|unit| source.field(unit).is_none()) {
                let names: Vec<&str> = source.fields.iter().map(|f| f.name.as_str()).collect();
                let names = names.join("、");
                add(format!("owed_when 的 unit “{unit}” 不是报表 {id} 的列，现有：{names}"));
            }
            if follows_from_itself(form, definition) {
                add("owed_when 绕了一圈：应报与否不能由自己决定".to_owned());
            }
        }
        (None, Some(name)) => {
            let Some(register) = definition.registers.get(name) else {
                add(format!("owed_when 的{}", no_register(name, &definition.registers)));
                return;
            };
            let column = when.unit.as_deref().or(register.unit_column());
            if column.and_then(|column| register.column_index(column)).is_none() {
                let names = register.columns.join("、");
                add(format!("owed_when 应以 unit 写明登记册 {name} 的单位代码列，现有：{names}"));
            }
        }
        _ => add("owed_when 应有 form 或 register 之一".to_owned()),
    }
}

fn follows_from_itself(form: &Form, definition: &Definition) -> bool {
    let mut seen = BTreeSet::new();
    let mut next = Some(form);
    while let Some(current) = next {
        if !seen.insert(&current.id) {
            return true;
        }
        let source = current.owed_when.as_ref().and_then(|when| when.form.as_deref());
        next = source.and_then(|id| definition.form(id));
    }
    false
}

/// Parses the conditions of `owed_when`.
pub(super) fn resolve(
    definition: &mut Definition,
    places: &[SourceLine],
    tables: &BTreeMap<String, Schema>,
    problems: &mut Problems,
) {
    let mut forms = std::mem::take(&mut definition.forms);
    for (form, place) in forms.iter_mut().zip(places) {
        let Some(when) = &mut form.owed_when else { continue };
        let Some(text) = &when.filter else { continue };
        let registers = &definition.registers;
        let schema = match (&when.form, &when.register) {
            (Some(source), _) => tables.get(source).cloned(),
            (_, Some(name)) => registers.get(name).map(register_schema),
            _ => None,
        };
        let Some(schema) = schema else { continue };
        let what = format!("报表 {}: owed_when", form.id);
        let at = place.key("owed_when");
        when.parsed_filter = expression(text, &schema, Wanted::Truth, &what, &at, problems);
    }
    definition.forms = forms;
    for (form, place) in definition.forms.iter().zip(places) {
        let Some(when) = &form.owed_when else { continue };
        let Some(source) = when.form.as_deref().and_then(|id| definition.form(id)) else {
            continue;
        };
        for field in source.undeclared_blanks(when.parsed_filter.iter()) {
            let message = format!("报表 {}: owed_when {}", form.id, source.blank_undeclared(field));
            problems.add(&place.key("owed_when"), message);
        }
    }
}
