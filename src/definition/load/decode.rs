//! TOML text → typed items, one by one, so that one bad item does not hide the others.

use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{Decoded, Inner, Outline, Placed, Problems, SourceLine};
use crate::definition::keys::{self, BuiltinOf, DenominatorOf, FieldOf, Keyed};
use crate::definition::{
    Check, Circular, CodeList, Diagnosis, Form, Indicator, IndicatorSpec, Programme, Sentence,
    Settings,
};
use crate::model::builtin;

type Item<'a> = Spanned<DeValue<'a>>;

/// A definition file: its text, and where its lines begin.
struct Source<'a> {
    path: Arc<str>,
    text: &'a str,
    /// Offsets of the line breaks.
    breaks: Vec<usize>,
}

impl<'a> Source<'a> {
    fn new(path: &str, text: &'a str) -> Self {
        let breaks = text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(at, _)| at);
        Self { path: path.into(), text, breaks: breaks.collect() }
    }

    fn line_of(&self, offset: usize) -> usize {
        self.breaks.partition_point(|&at| at < offset) + 1
    }

    fn place(&self, offset: usize) -> SourceLine {
        SourceLine::line(&self.path, self.line_of(offset))
    }

    fn outline(&self, at: usize, value: &DeValue<'_>) -> Outline {
        let inner = match value {
            DeValue::Table(table) => {
                let keys = table.iter().map(|(key, item)| {
                    let name = key.get_ref().as_ref().into();
                    (name, self.outline(key.span().start, item.get_ref()))
                });
                Some(Inner::Keys(keys.collect()))
            }
            DeValue::Array(items) => {
                let items = items.iter().map(|i| self.outline(i.span().start, i.get_ref()));
                Some(Inner::Items(items.collect()))
            }
            _ => None,
        };
        Outline { line: self.line_of(at), inner: inner.map(Arc::new) }
    }
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
        (", expected one of ", "，可用的有 "),
        (", there are no fields", ""),
        ("`, `", "`、`"),
        (", expected a string", "，应为加引号的文字"),
        (", expected a sequence", "，应为列表 […]"),
        (", expected a boolean", "，应为 true 或 false"),
        (", expected a map", "，应为表 {…}"),
        (", expected struct", "，应为表 {…}"),
        (", expected usize", "，应为不小于 0 的整数"),
        (", expected u8", "，应为 0 至 255 的整数"),
        (", expected u16", "，应为不小于 0 的整数"),
        (", expected u32", "，应为不小于 0 的整数"),
        (", expected i", "，应为整数 i"),
        (", expected", "，应为"),
        (" integer `", " 整数 `"),
        (" floating point `", " 小数 `"),
        (" boolean `", " 是/否 `"),
        (" string \"", " 文字 \""),
        (" sequence", " 列表"),
        (" map", " 表"),
        ("wanted", "应为"),
    ] {
        text = text.replace(from, to);
    }
    text
}

/// What the library says of a text that is no TOML, by how its message begins; and what to do.
const SYNTAX: &[(&str, &str)] = &[
    ("invalid unquoted key", "等号左边有汉字或标点的，要加引号，如 \"党员数\" = 5；标点要用半角"),
    ("duplicate key", "同一个键或同一个 [ … ] 写了两次，请删去一个"),
    ("string values must be quoted", "文字要加半角引号，如 title = \"月报\""),
    ("missing opening quote", "文字要用一对半角引号括起来"),
    ("invalid basic string", "引号没有成对，或文字中间换了行；文字里的引号写成 \\\""),
    ("invalid multi-line basic string", "三个引号的文字没有结束，请在末尾补上三个引号"),
    ("missing assignment", "键和值之间缺少 ="),
    ("extra assignment", "多了一个 ="),
    ("extra `=`", "多了一个 ="),
    ("key with no value", "等号右边没有值；文字要加引号"),
    ("missing value", "等号右边没有值；文字要加引号"),
    ("missing comma", "两项之间缺少逗号，或前面的 [ 没有用 ] 结束"),
    ("extra comma", "多了一个逗号"),
    ("unclosed array table", "[[ 没有用 ]] 结束"),
    ("unclosed array", "[ 没有用 ] 结束"),
    ("unclosed inline table", "{ 没有用 } 结束"),
    ("unclosed table", "[ 没有用 ] 结束"),
    ("unexpected leading zero", "数前面不能有 0；要保留 0 的写成文字，加引号"),
    ("carriage return", "换行不完整，请用记事本另存一次"),
];

/// A message of the library in our users' words; one that is not listed is said with where to look.
fn syntax_in_chinese(message: &str) -> String {
    match SYNTAX.iter().find(|(begins, _)| message.starts_with(begins)) {
        Some((_, chinese)) => (*chinese).to_owned(),
        None => format!("这里读不通，请看引号、逗号、括号是否成对，是否用了全角标点（{message}）"),
    }
}

/// Parses a document. Of what does not parse the first place is said: the others mostly follow from it.
fn document<'a>(source: &Source<'a>, problems: &mut Problems) -> Option<DeTable<'a>> {
    let (table, errors) = DeTable::parse_recoverable(source.text);
    let Some(error) = errors.first() else { return Some(table.into_inner()) };
    let place =
        error.span().map_or_else(|| SourceLine::file(&source.path), |s| source.place(s.start));
    problems.add(&place, format!("TOML 语法错误：{}", syntax_in_chinese(error.message())));
    problems.torn = true;
    None
}

fn decode<'a, T: Deserialize<'a> + Decode>(
    source: &Source,
    item: Item<'a>,
    problems: &mut Problems,
) -> Option<Placed<T>> {
    let start = item.span().start;
    let outline = source.outline(start, item.get_ref());
    let place = SourceLine { file: source.path.clone(), outline };
    match T::deserialize(ValueDeserializer::from(item)) {
        Ok(item) => {
            item.refuse_misfits(&place, problems);
            Some(Placed { place, item })
        }
        Err(error) => {
            let at = error.span().map_or(place, |span| source.place(span.start));
            let mut message = in_chinese(error.message());
            if message.starts_with("未知的键") {
                message.extend(T::APART.iter().map(|key| format!("、`{key}`")));
            }
            problems.add(&at, message);
            problems.unread = true;
            None
        }
    }
}

/// An item of a definition file: what of its keys only its kind can judge.
pub(super) trait Decode {
    /// Keys of the file that are decoded apart.
    const APART: &'static [&'static str] = &[];

    fn refuse_misfits(&self, _: &SourceLine, _: &mut Problems) {}
}

fn refuse_misfits<T: Keyed>(item: &T, place: &SourceLine, problems: &mut Problems) {
    for misfit in keys::misfits(item, place.outline.keys().iter().map(|(key, _)| &**key)) {
        let at = misfit.key.map_or_else(|| place.clone(), |key| place.key(&key));
        problems.add(&at, misfit.message);
    }
}

impl Decode for Settings {
    fn refuse_misfits(&self, place: &SourceLine, problems: &mut Problems) {
        let place = place.key("builtin");
        for code in self.builtin.keys() {
            let at = place.key(code);
            if builtin(code).is_none() {
                let message = format!(
                    "没有内置审核 “{code}”，编码如 G-10；用 dangtong list builtins 查看全部编码"
                );
                problems.add(&at, message);
            }
            refuse_misfits(&BuiltinOf(code), &at, problems);
        }
    }
}

impl Decode for CodeList {}
impl Decode for Sentence {}

impl Decode for Form {
    fn refuse_misfits(&self, place: &SourceLine, problems: &mut Problems) {
        for (number, field) in self.fields.iter().enumerate() {
            refuse_misfits(&FieldOf(&self.id, field), &place.nth("field", number), problems);
        }
    }
}

impl Decode for Check {
    fn refuse_misfits(&self, place: &SourceLine, problems: &mut Problems) {
        refuse_misfits(self, place, problems);
    }
}

impl Decode for IndicatorSpec {
    fn refuse_misfits(&self, place: &SourceLine, problems: &mut Problems) {
        refuse_misfits(self, place, problems);
        if let Some(denominator) = DenominatorOf::new(self) {
            refuse_misfits(&denominator, &place.key("denominator"), problems);
        }
    }
}

impl Decode for Diagnosis {
    fn refuse_misfits(&self, place: &SourceLine, problems: &mut Problems) {
        refuse_misfits(self, place, problems);
    }
}

impl Decode for Programme {
    const APART: &'static [&'static str] = &["form", "check", "indicator", "diagnosis", "sentence"];

    fn refuse_misfits(&self, place: &SourceLine, problems: &mut Problems) {
        for (number, chart) in self.charts.iter().enumerate() {
            refuse_misfits(chart, &place.nth("chart", number), problems);
        }
    }
}

impl Decode for Circular {
    fn refuse_misfits(&self, place: &SourceLine, problems: &mut Problems) {
        for (number, attachment) in self.attachments.iter().enumerate() {
            refuse_misfits(attachment, &place.nth("attachment", number), problems);
        }
    }
}

/// The whole table as one item.
fn whole(table: DeTable<'_>) -> Item<'_> {
    Spanned::new(0..0, DeValue::Table(table))
}

/// A file that is one item.
pub(super) fn file<T: DeserializeOwned + Decode>(
    path: &str,
    text: &str,
    problems: &mut Problems,
) -> Option<Placed<T>> {
    let source = Source::new(path, text);
    let table = document(&source, problems)?;
    decode(&source, whole(table), problems)
}

pub(super) fn codelists(
    path: &str,
    text: &str,
    problems: &mut Problems,
) -> Vec<(String, Placed<CodeList>)> {
    let source = Source::new(path, text);
    let table = document(&source, problems).into_iter();
    table
        .flatten()
        .filter_map(|(key, item)| {
            Some((key.into_inner().into_owned(), decode(&source, item, problems)?))
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
    let source = Source::new(path, text);
    let Some(mut table) = document(&source, problems) else { return };
    let mut take = |key: &str, problems: &mut Problems| -> Vec<Item<'_>> {
        match table.remove(key).map(Spanned::into_inner) {
            None => Vec::new(),
            Some(DeValue::Array(items)) => items.into_iter().collect(),
            Some(_) => {
                problems.add(&SourceLine::file(path), format!("“{key}” 应写成 [[{key}]]"));
                Vec::new()
            }
        }
    };
    let [forms, checks, indicators, diagnoses, sentences] =
        ["form", "check", "indicator", "diagnosis", "sentence"].map(|key| take(key, problems));
    let own = || stem.to_owned();
    decoded.forms.extend(all(&source, forms, problems, |form: &mut Form| form.programme = own()));
    for check in all(&source, checks, problems, |check: &mut Check| check.programme = own()) {
        decoded.checks.extend(expand(check, problems));
    }
    let indicators =
        all(&source, indicators, problems, |spec: &mut IndicatorSpec| spec.programme = own());
    let settled = |Placed { place, item }| Placed { place, item: Indicator::from(item) };
    decoded.indicators.extend(indicators.into_iter().map(settled));
    let diagnoses = all(&source, diagnoses, problems, |d: &mut Diagnosis| d.programme = own());
    decoded.diagnoses.extend(diagnoses);
    decoded.sentences.extend(all(&source, sentences, problems, |sentence: &mut Sentence| {
        sentence.programme = own();
    }));
    if let Some(programme) = decode::<Programme>(&source, whole(table), problems) {
        if programme.item.id != stem {
            let message = format!("id = “{}” 应与文件名 “{stem}” 相同", programme.item.id);
            problems.add(&programme.place.key("id"), message);
        }
        decoded.programmes.push(programme);
    }
}

/// The items of a programme that can be read; each is told whose it is.
fn all<'a, T: Deserialize<'a> + Decode>(
    source: &Source,
    items: Vec<Item<'a>>,
    problems: &mut Problems,
    own: impl Fn(&mut T),
) -> Vec<Placed<T>> {
    let mut all: Vec<Placed<T>> =
        items.into_iter().filter_map(|item| decode(source, item, problems)).collect();
    all.iter_mut().for_each(|placed| own(&mut placed.item));
    all
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
    let at = check.place.key("for_each");
    if rounds == 0 {
        let message =
            format!("审核 {}: for_each 的列表是空的，这条审核一次也不做", check.item.code);
        problems.add(&at, message);
    }
    let texts =
        filled(&mut check.item.clone()).into_iter().map(|text| text.clone()).collect::<Vec<_>>();
    for name in check.item.for_each.keys() {
        let hole = format!("{{{name}}}");
        if !texts.iter().any(|text| text.contains(&hole)) {
            let message = format!(
                "审核 {}: for_each 的 {name} 没有用到，同样的审核会做 {rounds} 次；请在公式里写 {hole}",
                check.item.code
            );
            problems.add(&at, message);
        }
    }
    (0..rounds)
        .map(|round| {
            let fill = |text: &str| {
                check.item.for_each.iter().fold(text.to_owned(), |text, (name, values)| {
                    text.replace(&format!("{{{name}}}"), &values[round])
                })
            };
            let mut one = check.clone();
            filled(&mut one.item).into_iter().for_each(|text| *text = fill(text));
            one
        })
        .collect()
}

/// The texts of a check in which `for_each` fills its values.
fn filled(check: &mut Check) -> Vec<&mut String> {
    let queries = [&mut check.rule, &mut check.when, &mut check.violations].into_iter().flatten();
    let interval = check.interval.iter_mut().map(|interval| &mut interval.query);
    let lists = check.cells.iter_mut().chain(&mut check.needs);
    let texts = [&mut check.message, &mut check.remedy, &mut check.seen, &mut check.expected];
    queries.chain(interval).chain(lists).chain(texts).collect()
}
