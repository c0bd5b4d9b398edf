//! 主要指标: the county's key figures with base, comparisons, completeness and what is to be known.

use super::{Align, Body, Cell, Link, List, Medium, PERIOD, Table, Target};
use crate::definition::{Indicator, Time};
use crate::model::{Change, Figure, Status};
use crate::report::index::Index;
use crate::report::{selection, text, wording};

/// An indicator, or one class of it; without a figure nothing is due yet, or nothing has come.
struct Entry<'a> {
    indicator: &'a Indicator,
    figure: Option<&'a Figure>,
}

/// The key figures of the report, programme by programme.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let definition = index.inputs.definition;
    let key = selection::key(definition);
    let mut list = list(index, medium);
    let mut bodies = Vec::new();
    for own in key.chunk_by(|a, b| a.programme == b.programme) {
        let heading = own.first().and_then(|i| definition.programme(&i.programme));
        let heading =
            heading.map(|p| Link::new(text::programme_title(p), Target::Programme(&p.id)));
        let entries = own.iter().flat_map(|&indicator| entries(index, indicator));
        let rows = entries.map(|entry| list.row(&entry)).collect();
        bodies.push(Body { heading, rows });
    }
    let settings = &definition.settings;
    let period = text::period(definition, index.inputs.folder);
    let mut table = list.of_bodies(format!("{}主要指标（{period}）", settings.county_name), bodies);
    table.notes.push(NOTE.to_owned());
    table
}

const NOTE: &str = "注：比上期、同比、比年初为印出数之差，占比之差单位为百分点；本年累计数比上期的差是本期新增，不与年初比；按轮次报送的与上一轮比。没有可比数据、数据不全或口径已变的不比较。";

/// Those of an attachment that have a value.
pub(in crate::report) fn attached<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    indicators: &[&'a Indicator],
) -> Table<'a> {
    let definition = index.inputs.definition;
    let known = |entry: &Entry| entry.figure.is_some_and(|figure| figure.value.is_some());
    let mut list = list(index, medium);
    let mut bodies = Vec::new();
    for own in indicators.chunk_by(|a, b| a.programme == b.programme) {
        let entries = own.iter().flat_map(|&indicator| entries(index, indicator)).filter(known);
        let rows: Vec<_> = entries.map(|entry| list.row(&entry)).collect();
        let programme = own.first().and_then(|i| definition.programme(&i.programme));
        let heading = programme.map(|p| Link::plain(p.title.clone()));
        bodies.extend((!rows.is_empty()).then_some(Body { heading, rows }));
    }
    let mut table = list.of_bodies("主要指标", bodies);
    table.notes.push("注：比率为分子除以分母，四舍五入；比上期为本期与上一个数据期印出的数之差，比率之差为百分点；缺数、不完整或口径已变的不比较。".to_owned());
    table
}

fn entries<'a>(index: &'a Index<'a>, indicator: &'a Indicator) -> Vec<Entry<'a>> {
    let figures = index.headlines(&indicator.id);
    let known: Vec<Entry> =
        figures.map(|figure| Entry { indicator, figure: Some(figure) }).collect();
    if known.is_empty() { vec![Entry { indicator, figure: None }] } else { known }
}

fn list<'a>(index: &'a Index<'a>, medium: Medium) -> List<'a, Entry<'a>> {
    let definition = index.inputs.definition;
    let mut list = List::<Entry<'a>>::new(medium);
    list.serial().sheet(5.0).circular(560);
    list.column(Align::Name, "指标", move |e| title(medium, e)).sheet(24.0).page().circular(1_850);
    list.left("口径（分母）", |e| Cell::words(text::base(e.indicator))).sheet(23.0);
    list.left("口径和说明", |e| base(index, e)).circular(1_800);
    let period = |figure: &Figure| Cell::words(text::period(definition, &figure.period));
    list.center("数据期", move |e| known(e, period)).sheet(PERIOD);
    list.center("数据期", |e| short_period(index, e)).circular(1_130);
    list.number("分子", |e| known(e, |figure| Cell::optional(figure.numerator))).sheet(9.0);
    list.number("分母", |e| known(e, |figure| Cell::optional(figure.denominator))).sheet(9.0);
    let scale = |entry: &Entry| entry.indicator.scale();
    list.number("本期", move |e| known(e, |f| Cell::value(f).ratio_of(2, 1, scale(e))))
        .sheet(8.5)
        .page()
        .circular(1_000);
    list.center("分子/分母", move |e| known(e, |figure| fraction(medium, figure)))
        .small()
        .circular(1_650);
    // The values then, and the differences; each so many columns after the value now.
    list.number("上期", |e| then(e, |f| f.previous.as_ref())).sheet(8.5);
    list.number("比上期", move |e| {
        change(medium, e, 2, |f| (text::previous_period(f), &f.previous))
    })
    .sheet(13.0)
    .page()
    .circular(850);
    list.number("上年同期", |e| then(e, |f| f.year_ago.as_ref())).sheet(8.5);
    list.number("同比", move |e| change(medium, e, 4, |f| ("上年同期".to_owned(), &f.year_ago)))
        .sheet(13.0)
        .page();
    list.number("年初", |e| then(e, |f| f.year_begin.as_ref())).sheet(8.5);
    list.number("比年初", move |e| change(medium, e, 6, |f| ("年初".to_owned(), &f.year_begin)))
        .sheet(13.0)
        .page();
    list.left("走势", |e| e.figure.map_or_else(Cell::default, Cell::trend)).page();
    list.center("计入单位", |e| known(e, |figure| Cell::words(text::completeness(figure))))
        .sheet(7.0)
        .page();
    list.left("状态与说明", move |e| Cell::words(notes(index, medium, e))).sheet(26.0).page();
    list
}

fn known<'a>(entry: &Entry<'a>, cell: impl Fn(&'a Figure) -> Cell<'a>) -> Cell<'a> {
    entry.figure.map_or_else(Cell::none, cell)
}

/// A sheet has no headings: what stands under none needs its whole name.
fn title<'a>(medium: Medium, entry: &Entry<'a>) -> Cell<'a> {
    let title = match medium {
        Medium::Workbook => entry.indicator.full_title(),
        Medium::Page | Medium::UnitPage | Medium::Circular => &entry.indicator.title,
    };
    Cell::words(match entry.figure.and_then(|figure| figure.class.as_ref()) {
        Some(class) => format!("{title}：{}", class.title),
        None => title.to_owned(),
    })
}

/// The base in words, and what is wrong with the figure.
fn base<'a>(index: &Index, entry: &Entry<'a>) -> Cell<'a> {
    let mut marks = wording::Marks::default();
    if let Some(figure) = entry.figure {
        let definition = index.inputs.definition;
        marks.add(figure, |absent| text::absent_names(definition, figure, absent));
    }
    Cell::words(format!("{}{}", text::base(entry.indicator), marks.text()))
}

fn short_period<'a>(index: &Index, entry: &Entry<'a>) -> Cell<'a> {
    let folder = index.inputs.folder;
    known(entry, |figure| Cell::words(wording::period(&figure.period, folder, Time::During)))
}

/// A circular has a column for it, which is not left empty.
fn fraction<'a>(medium: Medium, figure: &'a Figure) -> Cell<'a> {
    match text::fraction(figure).as_str() {
        "" if medium == Medium::Circular => Cell::none(),
        _ => Cell::base(figure),
    }
}

fn then<'a>(entry: &Entry<'a>, change: impl Fn(&'a Figure) -> Option<&'a Change>) -> Cell<'a> {
    known(entry, |figure| match change(figure).and_then(|change| change.then) {
        Some(then) => Cell::number(then, &figure.measure),
        None => Cell::none(),
    })
}

/// The difference of the printed values, `back` columns after the value now.
fn change<'a>(
    medium: Medium,
    entry: &Entry<'a>,
    back: u16,
    of: impl Fn(&'a Figure) -> (String, &'a Option<Change>),
) -> Cell<'a> {
    known(entry, |figure| {
        let (against, change) = of(figure);
        let change = change.as_ref();
        let cell = Cell::change(entry.indicator, figure, (&against, change));
        let (then, difference) = (change.and_then(|c| c.then), change.and_then(|c| c.difference));
        match figure.value.zip(then).map(|(now, then)| now.minus(then)) {
            // A circular's column is too narrow for why.
            _ if difference.is_none() && medium == Medium::Circular => Cell::none(),
            live if live.is_some() && live == difference => cell.difference_of(back, 1),
            _ => cell,
        }
    })
}

/// Status, growth, target and who is absent; on the page, which has no column for it, also the
/// period where it is not the report's.
fn notes(index: &Index, medium: Medium, entry: &Entry) -> String {
    let definition = index.inputs.definition;
    let Some(figure) = entry.figure else { return "未到期或无数据".to_owned() };
    let mut notes = Vec::new();
    if medium.is_page() && figure.period != *index.inputs.folder {
        notes.push(format!("数据期 {}", text::period(definition, &figure.period)));
    }
    if figure.status != Status::Normal {
        notes.push(format!("{}（{}）", text::status(figure), figure.status.code()));
    }
    // The round before is named: it is not the period before.
    if let Some(round) = figure.previous.as_ref().filter(|c| !figure.is_adjacent(c)) {
        notes.push(format!("上期为{}", text::period(definition, &round.period)));
    }
    for (word, change) in [
        (text::previous_title(figure), &figure.previous),
        ("同比", &figure.year_ago),
        ("比年初", &figure.year_begin),
    ] {
        notes.extend(change.as_ref().and_then(|change| text::growth(word, figure, change)));
    }
    notes.extend(text::target_met(entry.indicator, figure));
    let absent = text::absent_units(definition, figure);
    notes.extend((!absent.is_empty()).then_some(absent));
    notes.join("；")
}
