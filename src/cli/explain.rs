//! `dangtong explain`: one definition in words, with `--full` everything it draws on.

use std::collections::BTreeSet;

use super::arguments::ExplainOptions;
use crate::definition::{
    Check, CodeList, DISEASES, Definition, Described, Diagnosis, Form, Indicator, Programme,
    Register,
};
use crate::model::{Builtin, FAMILIES, builtins};
use crate::pipeline;

pub(super) fn explain(options: &ExplainOptions) -> anyhow::Result<u8> {
    let definition = pipeline::load(&options.pipeline.folder)?;
    let id = options.id.as_str();
    let mut draws_on = BTreeSet::new();
    let shown = explain_computed(id, &definition, &mut draws_on) + explain_listed(id, &definition);
    anyhow::ensure!(
        shown > 0,
        "没有编号为 “{id}” 的定义。用 dangtong list checks、builtins、indicators、diagnoses、forms 等查看全部编号"
    );
    if options.full {
        draws_on.remove(id);
        explain_all(&draws_on, &definition);
    }
    Ok(0)
}

/// What is computed and what it draws on; gives how many things have that id.
fn explain_computed(id: &str, definition: &Definition, draws_on: &mut BTreeSet<String>) -> usize {
    let checks = definition.checks.iter().filter(|c| c.code == id || c.name == id);
    let of_check = checks.map(|check| {
        explain_check(check, definition);
        draws_on.insert(check.form.clone());
        let interval = check.interval.as_ref().and_then(|i| i.parsed.as_ref());
        for table in check.parsed_violations.iter().chain(interval).flat_map(|q| &q.tables) {
            let form = definition.form_of_table(table).map(|(form, _)| &form.id);
            draws_on.insert(form.unwrap_or(table).clone());
        }
    });
    let mut shown = of_check.count();
    let diagnosis = definition.diagnoses.iter().find(|d| d.id == id);
    if let Some(diagnosis) = diagnosis {
        say!("诊断 {} {}", diagnosis.id, diagnosis.title);
        items(&diagnosis.described(definition));
        draws_on.insert(DISEASES.to_owned());
        shown += 1;
    }
    let looked_at = diagnosis.and_then(|d| definition.indicator(d.indicator.as_deref()?));
    for indicator in definition.indicator(id).into_iter().chain(looked_at) {
        explain_indicator(indicator, definition);
        draws_on.insert(indicator.form.clone());
        if let Some(other) = indicator.divided_by() {
            draws_on.extend(other.form.iter().chain(&other.register).cloned());
        }
        shown += 1;
    }
    if let Some(form) = definition.forms.iter().find(|f| f.id == id || f.number == id) {
        explain_form(form, definition);
        draws_on.extend(form.fields.iter().filter_map(|f| f.codelist.clone()));
        shown += 1;
    }
    shown
}

/// What stands for itself.
fn explain_listed(id: &str, definition: &Definition) -> usize {
    let programme = definition.programmes.iter().find(|p| p.id == id || p.number == id);
    let programmes = programme.map(|programme| explain_programme(programme, definition));
    let lists = definition.codelists.get(id).map(|list| explain_codelist(id, list));
    let registers = definition.registers.get(id).map(explain_register);
    let builtins = builtins().filter(|check| check.code == id || check.name == id);
    let families = FAMILIES.iter().filter(|(letter, _)| *letter == id);
    programmes.iter().chain(&lists).chain(&registers).count()
        + builtins.map(|check| explain_builtin(check, definition)).count()
        + families.map(|(letter, about)| explain_family(letter, about)).count()
}

fn explain_all(names: &BTreeSet<String>, definition: &Definition) {
    let mut lists = BTreeSet::new();
    for form in names.iter().filter_map(|name| definition.form(name)) {
        say!("");
        explain_form(form, definition);
        lists.extend(form.fields.iter().filter_map(|f| f.codelist.clone()));
    }
    for register in names.iter().filter_map(|name| definition.registers.get(name)) {
        say!("");
        explain_register(register);
    }
    lists.extend(names.iter().filter(|n| definition.codelists.contains_key(*n)).cloned());
    for (id, list) in lists.iter().filter_map(|id| Some((id, definition.codelists.get(id)?))) {
        say!("");
        explain_codelist(id, list);
    }
}

fn line(label: &str, text: &str) {
    if !text.trim().is_empty() {
        for (n, line) in text.trim().lines().enumerate() {
            if n == 0 {
                say!("  {label}：{line}");
            } else {
                say!("    {line}");
            }
        }
    }
}

fn items(items: &Described) {
    items.plain().for_each(|(label, text)| line(label, &text));
}

fn explain_check(check: &Check, definition: &Definition) {
    say!("审核 {} {}", check.code, check.title);
    items(&check.described(definition, false));
}

fn explain_indicator(indicator: &Indicator, definition: &Definition) {
    say!("指标 {} {}", indicator.id, indicator.title);
    items(&indicator.described(definition));
}

fn explain_form(form: &Form, definition: &Definition) {
    say!("报表 {}", form.heading());
    items(&form.described(definition));
    say!("  列：");
    for field in &form.fields {
        let mut notes = vec![field.kind.title().to_owned()];
        if field.kind.is_fractional() {
            notes.push(format!("{} 位小数", field.decimals));
        }
        notes.extend((!field.unit.is_empty()).then(|| field.unit.clone()));
        notes.extend(field.codelist.as_ref().map(|list| format!("代码表 {list}")));
        notes.extend(field.required.then(|| "必有".to_owned()));
        notes.extend(field.personal.then(|| "个人信息".to_owned()));
        notes.extend((field.origin == "design").then(|| "本项目增设".to_owned()));
        say!("    {} {}（{}）", field.name, field.title, notes.join("，"));
    }
}

fn explain_programme(programme: &Programme, definition: &Definition) {
    say!("工作项目 {} {} {}", programme.id, programme.number, programme.title);
    line("说明", &programme.note);
    let of = |owner: &str| owner == programme.id;
    for form in definition.forms.iter().filter(|f| of(&f.programme)) {
        line("报表", &format!("{} {}", form.id, form.title));
    }
    for check in definition.checks.iter().filter(|c| of(&c.programme)) {
        line("审核", &format!("{} {} {}", check.code, check.level.title(), check.title));
    }
    for indicator in definition.indicators.iter().filter(|i| of(&i.programme)) {
        line("指标", &format!("{} {}", indicator.id, indicator.title));
    }
    for diagnosis in definition.diagnoses.iter().filter(|d| of(&d.programme)) {
        let Diagnosis { id, disease, title, .. } = diagnosis;
        line("诊断", &format!("{id} {disease} {title}"));
    }
    for sentence in definition.sentences.iter().filter(|s| of(&s.programme)) {
        let text: String = sentence.text.lines().map(str::trim).collect();
        line(&format!("通报·{}", sentence.section.title()), &text);
    }
}

fn explain_codelist(id: &str, list: &CodeList) {
    say!("代码表 {id} {}", list.title);
    for code in &list.codes {
        let synonyms = if code.synonyms.is_empty() {
            String::new()
        } else {
            format!("（也写作 {}）", code.synonyms.join("、"))
        };
        say!("  {} {}{synonyms}", code.id, code.code);
    }
}

fn explain_register(register: &Register) {
    say!("登记册 {} {}：{} 行", register.name, register.title, register.rows.len());
    line("列", &register.columns.join("、"));
}

fn explain_family(letter: &str, about: &str) {
    say!("内置审核 {letter}　{about}");
    for check in builtins().filter(|b| b.code.starts_with(letter)) {
        line(&format!("{} {} {}", check.code, check.level.title(), check.title), check.checks);
        line("  处理", check.remedy);
    }
}

fn explain_builtin(check: &Builtin, definition: &Definition) {
    say!("内置审核 {} {}（{}）", check.code, check.title, check.name);
    line("级别", check.level.title());
    line("范围", check.scope.title());
    line("内容", check.checks);
    line("处理", check.remedy);
    line("依据", check.basis);
    if let Some((letter, _)) = FAMILIES.iter().find(|(letter, _)| check.code.starts_with(letter)) {
        line("同类", &format!("dangtong explain {letter}"));
    }
    if let Some(tuning) = definition.settings.builtin.get(check.code) {
        line("本管线的调整", &tuning.in_words());
    }
}
