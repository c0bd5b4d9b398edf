//! TOML text → typed items, one by one, so that one bad item does not hide the others.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{Decoded, Place, Placed, Problems};
use crate::definition::{Check, CodeList, Diagnosis, Form, Indicator, Programme, Sentence};

type Item<'a> = Spanned<DeValue<'a>>;

fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes().iter().take(offset).filter(|&&b| b == b'\n').count() + 1
}

/// serde's English in the words of our users; names and choices stay as they are.
fn in_chinese(message: &str) -> String {
    let mut text = message.to_owned();
    for (from, to) in [
        ("unknown field", "未知的键"),
        ("unknown variant", "未知的取值"),
        ("missing field", "缺少必填的键"),
        ("duplicate key", "键重复"),
        ("invalid type:", "类型不符："),
        ("invalid value:", "取值不符："),
        ("expected one of", "可用的有"),
        (", expected", ",应为"),
        ("wanted", "应为"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// Parses a document; syntax errors become problems and the readable rest is still returned.
fn document<'a>(path: &str, text: &'a str, problems: &mut Problems) -> DeTable<'a> {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in errors {
        let line = error.span().map_or(0, |span| line_of(text, span.start));
        let place = Place { file: path.to_owned(), line };
        problems.add(&place, format!("TOML 语法错误：{}", error.message()));
    }
    table.into_inner()
}

fn decode<'a, T: Deserialize<'a>>(
    path: &str,
    text: &str,
    item: Item<'a>,
    problems: &mut Problems,
) -> Option<Placed<T>> {
    let line = line_of(text, item.span().start);
    match T::deserialize(ValueDeserializer::from(item)) {
        Ok(item) => Some(Placed { place: Place { file: path.to_owned(), line }, item }),
        Err(error) => {
            let line = error.span().map_or(line, |span| line_of(text, span.start));
            let place = Place { file: path.to_owned(), line };
            problems.add(&place, in_chinese(error.message()));
            None
        }
    }
}

/// The whole table as one item.
fn whole(table: DeTable<'_>) -> Item<'_> {
    Spanned::new(0..0, DeValue::Table(table))
}

/// A file that is one item.
pub(super) fn file<T: DeserializeOwned>(
    path: &str,
    text: &str,
    problems: &mut Problems,
) -> Option<Placed<T>> {
    let table = document(path, text, problems);
    decode(path, text, whole(table), problems)
}

pub(super) fn codelists(
    path: &str,
    text: &str,
    problems: &mut Problems,
) -> Vec<(String, Placed<CodeList>)> {
    let table = document(path, text, problems);
    table
        .into_iter()
        .filter_map(|(key, item)| {
            Some((key.into_inner().into_owned(), decode(path, text, item, problems)?))
        })
        .collect()
}

/// A programme file: its own keys, then its forms, checks, indicators, diagnoses, sentences.
pub(super) fn programme(
    path: &str,
    stem: &str,
    text: &str,
    decoded: &mut Decoded,
    problems: &mut Problems,
) {
    let mut table = document(path, text, problems);
    let mut take = |key: &str, problems: &mut Problems| -> Vec<Item<'_>> {
        match table.remove(key).map(Spanned::into_inner) {
            None => Vec::new(),
            Some(DeValue::Array(items)) => items.into_iter().collect(),
            Some(_) => {
                problems.add(&Place::file(path), format!("“{key}” 应写成 [[{key}]]"));
                Vec::new()
            }
        }
    };
    let (forms, checks, indicators, diagnoses, sentences) = (
        take("form", problems),
        take("check", problems),
        take("indicator", problems),
        take("diagnosis", problems),
        take("sentence", problems),
    );
    for item in forms {
        if let Some(mut form) = decode::<Form>(path, text, item, problems) {
            form.item.programme = stem.to_owned();
            decoded.forms.push(form);
        }
    }
    for item in checks {
        if let Some(mut check) = decode::<Check>(path, text, item, problems) {
            check.item.programme = stem.to_owned();
            decoded.checks.extend(expand(check, problems));
        }
    }
    for item in indicators {
        if let Some(mut indicator) = decode::<Indicator>(path, text, item, problems) {
            indicator.item.programme = stem.to_owned();
            decoded.indicators.push(indicator);
        }
    }
    for item in diagnoses {
        if let Some(mut diagnosis) = decode::<Diagnosis>(path, text, item, problems) {
            diagnosis.item.programme = stem.to_owned();
            decoded.diagnoses.push(diagnosis);
        }
    }
    for item in sentences {
        if let Some(mut sentence) = decode::<Sentence>(path, text, item, problems) {
            sentence.item.programme = stem.to_owned();
            decoded.sentences.push(sentence);
        }
    }
    let chart_lines: Vec<usize> = match table.get("chart").map(Spanned::get_ref) {
        Some(DeValue::Array(items)) => {
            items.iter().map(|item| line_of(text, item.span().start)).collect()
        }
        _ => Vec::new(),
    };
    if let Some(mut programme) = decode::<Programme>(path, text, whole(table), problems) {
        if programme.item.id != stem {
            let message = format!("id = “{}” 应与文件名 “{stem}” 相同", programme.item.id);
            problems.add(&Place::file(path), message);
        }
        for (chart, line) in programme.item.charts.iter_mut().zip(chart_lines) {
            chart.line = line;
        }
        decoded.programmes.push(programme);
    }
}

/// `for_each = { col = […] }`: the same check once a value; several lists go in step.
fn expand(check: Placed<Check>, problems: &mut Problems) -> Vec<Placed<Check>> {
    let Some(rounds) = check.item.for_each.values().map(Vec::len).next() else {
        return vec![check];
    };
    if check.item.for_each.values().any(|values| values.len() != rounds) {
        problems.add(&check.place, format!("{}: for_each 的各列表长度应相同", check.item.code));
        return Vec::new();
    }
    (0..rounds)
        .map(|round| {
            let fill = |text: &str| {
                check.item.for_each.iter().fold(text.to_owned(), |text, (name, values)| {
                    text.replace(&format!("{{{name}}}"), &values[round])
                })
            };
            let mut one = check.clone();
            let item = &mut one.item;
            for text in [&mut item.rule, &mut item.when, &mut item.violations].into_iter().flatten()
            {
                *text = fill(text);
            }
            if let Some(interval) = &mut item.interval {
                interval.query = fill(&interval.query);
            }
            for text in item.cells.iter_mut().chain(&mut item.needs) {
                *text = fill(text);
            }
            for text in [&mut item.message, &mut item.remedy, &mut item.seen, &mut item.expected] {
                *text = fill(text);
            }
            one
        })
        .collect()
}
