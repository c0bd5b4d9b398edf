//! The manual of the definition files: every key with its value, default and meaning, the choices
//! that a value has, and which keys go with which kind. Keys, values and defaults are the schema's;
//! the meanings in Chinese are `meanings.toml`, and nowhere else.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

use super::{Page, code, escape};
use crate::definition::grammar::{Deadline, Grammar, TaskDay};
use crate::definition::{keys, schema};
use crate::model::{Decimal, Period};

const MEANINGS: &str = include_str!("meanings.toml");

/// One set of definitions with something of every kind; a test loads it. A line `#| Kind words`
/// begins an example of a kind, which ends at the next or at a heading in the file.
const EXAMPLES: [&str; 5] = [
    include_str!("../../../docs/example/pipeline.toml"),
    include_str!("../../../docs/example/programmes/example.toml"),
    include_str!("../../../docs/example/circular.toml"),
    include_str!("../../../docs/example/codelists.toml"),
    include_str!("../../../docs/example/tests/example.toml"),
];

/// What an example shows, and its text.
type Example = (&'static str, &'static str);

fn examples_of(kind: &str) -> Vec<Example> {
    let blocks = EXAMPLES.iter().flat_map(|file| file.split("#| ").skip(1));
    let example = |block: &'static str| {
        let (head, text) = block.split_once('\n')?;
        let (of, words) = head.split_once(' ').unwrap_or((head, ""));
        let text = text.split("\n# ----").next().unwrap_or(text);
        (of == kind).then_some((words, text.trim_end()))
    };
    blocks.filter_map(example).collect()
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Meanings {
    kind: Vec<Kind>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    of: String,
    title: String,
    #[serde(default)]
    keys: BTreeMap<String, String>,
    #[serde(default)]
    choices: BTreeMap<String, String>,
}

fn meanings() -> Vec<Kind> {
    // Compiled in; a test reads it.
    toml::from_str(MEANINGS).map(|m: Meanings| m.kind).unwrap_or_default()
}

/// Everything that has a name in the schemas, the files themselves included.
fn described() -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for (file, schema) in schema::all() {
        let mut root = schema.as_value().clone();
        if let Some(Value::Object(named)) = root.get_mut("$defs").map(Value::take) {
            found.extend(named);
        }
        // A file of code lists has no keys of its own: names alone.
        match file {
            "pipeline" => found.insert("Pipeline".to_owned(), root),
            "programme" => found.insert("Programme".to_owned(), root),
            "cases" => found.insert("CaseFile".to_owned(), root),
            "circular" => found.insert("Circular".to_owned(), root),
            _ => None,
        };
    }
    found
}

/// `定义手册.md`.
pub(super) fn page() -> String {
    let mut page = Page::new("定义手册");
    page.paragraph(
        "给写定义的人查的：每一种定义有哪些键，值怎样写，不写是什么，是什么意思。一步一步的做法见\
         [新县上手](新县上手.md)；逐行注释的例子是 `dangtong init` 建的 `pipeline/`。\
         这里的例子合起来是一套能装载的定义（源码的 `docs/example/`，测试装载它）。\
         句子里的词见 [sentences.md](sentences.md)，公式和查询见 [sql-profile.md](sql-profile.md)，\
         内置审核见 [checks.md](checks.md)。",
    );
    errors(&mut page);
    let described = described();
    let kinds = meanings();
    for kind in kinds.iter().filter(|kind| !kind.keys.is_empty()) {
        page.heading(2, &kind.title);
        if let Some(schema) = described.get(&kind.of) {
            key_table(kind, schema, &described, &kinds, &mut page);
        }
        if let Some((_, always, variants)) = keys::all().iter().find(|(of, ..)| *of == kind.of) {
            variant_table(always, variants, &mut page);
        }
        for (words, text) in examples_of(&kind.of) {
            let colon = if words.is_empty() { "" } else { "，" };
            page.paragraph(&format!("例{colon}{}：\n\n```toml\n{text}\n```\n", escape(words)));
        }
    }
    page.heading(2, "可选的值");
    for kind in kinds.iter().filter(|kind| !kind.choices.is_empty()) {
        page.heading(3, &kind.title);
        let choices = described.get(&kind.of).map(choices).unwrap_or_default();
        let row = |choice: &String| vec![code(choice), escape(&meaning(&kind.choices, choice))];
        page.table(&["值", "意思"], choices.iter().map(row));
    }
    written_values(&mut page);
    registers(&mut page);
    page.text
}

/// What loading says of a value that it does not take.
fn errors(page: &mut Page) {
    page.heading(2, "写错了会说什么");
    page.paragraph(
        "装载时先读完全部文件，一次说出所有的问题；有一处不对就不运行，不会带着错的定义出数。\
         每条都有文件、行号、错在哪里和可以怎样写：",
    );
    let rows = [
        ["键名写错", "列出这里可用的键"],
        ["必须写的键没有写", "缺少哪个键"],
        ["这一种用不着的键", "“写了也不起作用，请删去”，并列出用这个键的种类和本种类可用的键"],
        ["值的类型不对（如该写整数的写了文字）", "写了什么，应是什么"],
        ["不在可选的值之中", "写了什么，可以写哪几个"],
        ["有写法的值（期限、报告期、数）不合写法", "是什么，怎样写，举例"],
        ["引用的报表、栏、指标、代码表不存在", "没有这个名字，以及可用的名字"],
        ["式子或查询不通", "式子在哪里断了，可用的栏"],
    ];
    page.table(&["错在", "会说"], rows.map(|row| row.map(str::to_owned).to_vec()));
}

fn key_table(
    kind: &Kind,
    schema: &Value,
    described: &BTreeMap<String, Value>,
    kinds: &[Kind],
    page: &mut Page,
) {
    let required = required(schema);
    let (first, then): (Vec<_>, Vec<_>) =
        properties(schema).into_iter().partition(|(key, _)| required.contains(key));
    let row = |(key, value): (&str, &Value)| {
        let default = match value.get("default") {
            _ if required.contains(&key) => "必须写".to_owned(),
            None | Some(Value::Null) => String::new(),
            Some(default) => default_of(default),
        };
        vec![
            code(key),
            value_of(value, described, kinds),
            default,
            escape(&meaning(&kind.keys, key)),
        ]
    };
    page.table(&["键", "值", "不写是", "意思"], first.into_iter().chain(then).map(row));
}

fn variant_table(always: &[&'static str], variants: &[keys::Keys], page: &mut Page) {
    if always.is_empty() {
        page.paragraph("各种另外的键：");
    } else {
        page.paragraph(&format!("不论哪一种：{}。各种另外的键：", listed(always.iter())));
    }
    let row = |keys: &keys::Keys| {
        let may = keys.may.iter().copied().flatten();
        vec![code(keys.is), listed(keys.needs.iter()), listed(may)]
    };
    page.table(&["种类", "必须写", "可以写"], variants.iter().map(row));
}

fn meaning(of: &BTreeMap<String, String>, name: &str) -> String {
    of.get(name).cloned().unwrap_or_default()
}

fn properties(schema: &Value) -> Vec<(&str, &Value)> {
    let properties = schema.get("properties").and_then(Value::as_object);
    properties.into_iter().flatten().map(|(key, value)| (key.as_str(), value)).collect()
}

fn required(schema: &Value) -> Vec<&str> {
    let required = schema.get("required").and_then(Value::as_array);
    required.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The values that a choice may have.
fn choices(schema: &Value) -> Vec<String> {
    let many = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    many.flat_map(choices)
        .chain(schema.get("const").and_then(Value::as_str).map(str::to_owned))
        .chain(
            schema
                .get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
                .map(str::to_owned),
        )
        .collect()
}

fn default_of(value: &Value) -> String {
    match value {
        Value::String(text) if text.is_empty() => String::new(),
        Value::Array(items) if items.is_empty() => String::new(),
        Value::Object(items) if items.is_empty() => String::new(),
        Value::Array(items) => items.iter().map(default_of).collect::<Vec<_>>().join("、"),
        Value::String(text) => escape(text),
        other => code(&other.to_string()),
    }
}

/// A value in words: its type, its choices, or the kind that describes it.
fn value_of(value: &Value, described: &BTreeMap<String, Value>, kinds: &[Kind]) -> String {
    if let Some(name) = value.get("$ref").and_then(Value::as_str) {
        return referred(name.trim_start_matches("#/$defs/"), described, kinds);
    }
    if let Some(either) = value.get("anyOf").and_then(Value::as_array) {
        let either = either.iter().filter(|of| of.get("type") != Some(&"null".into()));
        return either.map(|of| value_of(of, described, kinds)).collect::<Vec<_>>().join(" 或 ");
    }
    let inner = |key: &str| value.get(key).map(|of| value_of(of, described, kinds));
    let kind = match value.get("type") {
        Some(Value::Array(of)) => of.first().and_then(Value::as_str),
        of => of.and_then(Value::as_str),
    };
    match kind {
        Some("string") => "文字".to_owned(),
        Some("integer") => "整数".to_owned(),
        Some("number") => "小数".to_owned(),
        Some("boolean") => "true 或 false".to_owned(),
        Some("array") => format!("几个：{}", inner("items").unwrap_or_default()),
        Some("object") => {
            format!("{{ 名 = 值 }}：{}", inner("additionalProperties").unwrap_or_default())
        }
        _ => String::new(),
    }
}

fn referred(name: &str, described: &BTreeMap<String, Value>, kinds: &[Kind]) -> String {
    let Some(schema) = described.get(name) else { return String::new() };
    let choices = choices(schema);
    if !choices.is_empty() {
        return choices.iter().map(|choice| code(choice)).collect::<Vec<_>>().join("、");
    }
    match kinds.iter().find(|kind| kind.of == name) {
        Some(kind) => format!("见“{}”", escape(&kind.title)),
        None => value_of(schema, described, kinds),
    }
}

/// Values that have a grammar.
fn written_values(page: &mut Page) {
    page.heading(2, "有写法的值");
    fn written<T: Grammar>(keys: &str) -> Vec<String> {
        vec![keys.to_owned(), T::WHAT.to_owned(), T::WRITTEN.to_owned()]
    }
    let rows = [
        written::<Deadline>("报表的 due"),
        written::<TaskDay>("通报的 deadline 和 days"),
        written::<Period>(
            "breaks、[[form.round]] 的 period 和 folder（也可为 [[campaign]] 的 id）",
        ),
        written::<Decimal>("minimum、maximum、band 的 from、part 的 full、below、above、equals"),
    ];
    page.table(&["用在", "是什么", "写法"], rows);
}

/// The registers are tables, not TOML: the page that explains them is the workspace's.
fn registers(page: &mut Page) {
    page.heading(2, "registers/*.csv 登记册的栏");
    let text = include_str!("../../../assets/workspace/pipeline/registers/说明.md");
    let body = text.split_once("\n## ").map_or(text, |(_, body)| body);
    page.paragraph(&format!("### {}", body.replace("\n## ", "\n### ")));
}

fn listed<'k>(keys: impl Iterator<Item = &'k &'static str>) -> String {
    keys.map(|key| code(key)).collect::<Vec<_>>().join("、")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// `Kind.key` of all keys and choices that the schemas have.
    fn of_schemas() -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for (name, schema) in described() {
            let keys = properties(&schema).into_iter().map(|(key, _)| key.to_owned());
            names.extend(keys.chain(choices(&schema)).map(|key| format!("{name}.{key}")));
        }
        names
    }

    #[test]
    fn every_key_and_choice_has_a_meaning_and_none_is_left_over() {
        let read: Meanings = toml::from_str(MEANINGS).unwrap();
        let mut told = BTreeSet::new();
        for kind in &read.kind {
            for (key, meaning) in kind.keys.iter().chain(&kind.choices) {
                assert!(!meaning.trim().is_empty(), "{}.{key} says nothing", kind.of);
                assert!(told.insert(format!("{}.{key}", kind.of)), "{}.{key} twice", kind.of);
            }
        }
        let schemas = of_schemas();
        let missing: Vec<_> = schemas.difference(&told).collect();
        let left_over: Vec<_> = told.difference(&schemas).collect();
        assert!(
            missing.is_empty() && left_over.is_empty(),
            "missing in meanings.toml: {missing:?}\nof no schema: {left_over:?}"
        );
    }

    /// The examples are those of a pipeline that loads, and each kind of thing is among them.
    #[test]
    fn there_is_an_example_of_every_kind_and_all_of_them_load() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/example");
        let definition =
            crate::definition::load(&folder).unwrap_or_else(|problems| panic!("{problems:#?}"));
        let cases = crate::definition::load_cases(&folder, &definition);
        assert!(cases.is_ok_and(|cases| !cases.is_empty()));
        let all = EXAMPLES.concat();
        for (of, _, variants) in keys::all() {
            for keys in variants {
                let said = keys.is.split('（').next().unwrap_or(keys.is);
                assert!(
                    all.contains(said) || of == "BuiltinTuning",
                    "no example of {of} {}",
                    keys.is
                );
            }
        }
        let kinds = meanings();
        let missing: Vec<String> = kinds
            .iter()
            .flat_map(|kind| kind.choices.keys().map(|choice| format!("\"{choice}\"")))
            .filter(|choice| !all.contains(choice))
            .collect();
        assert!(missing.is_empty(), "no example of {missing:?}");
        let items = EXAMPLES.iter().flat_map(|file| file.lines());
        let items = items.filter(|line| line.starts_with("[[")).collect::<BTreeSet<_>>();
        for item in items {
            let kind = kinds.iter().find(|kind| kind.title.starts_with(item)).expect(item);
            assert!(!examples_of(&kind.of).is_empty(), "{item}");
        }
    }

    #[test]
    fn every_key_stands_in_the_section_of_its_kind() {
        let page = page();
        for kind in meanings() {
            let heading = format!(" {}\n", escape(&kind.title));
            let section = page.split(&heading).nth(1).unwrap_or_default();
            let section = section.split("\n#").next().unwrap_or_default();
            for (key, meaning) in kind.keys.iter().chain(&kind.choices) {
                let row = section.lines().find(|line| line.starts_with(&format!("| `{key}` |")));
                let row = row.unwrap_or_else(|| panic!("{} has no row for {key}", kind.title));
                assert!(row.contains(&escape(meaning)), "{row}");
            }
        }
    }
}
