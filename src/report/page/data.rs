//! What opens on the page: every figure with definition, comparisons, series, place and the
//! cells it came from, as JSON, compressed (zlib) and in base64.

use std::collections::BTreeMap;
use std::io::{BufWriter, IntoInnerError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use flate2::{Compression, write::ZlibEncoder};
use serde::Serialize;

use super::PageContext;
use crate::definition::Indicator;
use crate::lineage::{self, Lineage, UsedRows};
use crate::model::{Absent, Change, Decimal, Figure, GroupPlace, Obstacle, Period, Point};
use crate::report::text;

#[derive(Serialize)]
struct Data<'a> {
    schema: u32,
    county: &'a str,
    /// The unit whose page it is, if it is of one alone.
    #[serde(skip_serializing_if = "str::is_empty")]
    alone: &'a str,
    /// Code → (name, group), of units and county, in register order.
    units: Vec<(&'a str, &'a str, &'a str)>,
    /// As written in figures and in words.
    periods: Vec<(String, String)>,
    indicators: Vec<Entry<'a>>,
    figures: Vec<FigureEntry<'a>>,
    /// Periods of series: lists of indices, shared by figures.
    grids: Vec<Vec<usize>>,
    parts: Vec<PartEntry<'a>>,
    tables: Vec<TableEntry<'a>>,
}

/// An indicator in words.
#[derive(Serialize)]
struct Entry<'a> {
    id: &'a str,
    title: &'a str,
    /// Name of the section that shows it.
    section: String,
    kind: &'static str,
    words: String,
    /// The same as written.
    technical: String,
    base: &'a str,
    note: &'a str,
    better: &'static str,
    target: String,
    breaks: Vec<String>,
}

#[derive(Serialize)]
struct FigureEntry<'a> {
    id: &'a str,
    /// Index of the indicator.
    of: usize,
    unit: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    category: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    class: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    group: &'a str,
    period: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    numerator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    denominator: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    measure: &'a str,
    /// Why there is no value.
    #[serde(skip_serializing_if = "str::is_empty")]
    empty: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    met: Option<bool>,
    status: &'static str,
    state: String,
    /// Expected, reported, used.
    counts: [usize; 3],
    /// 环比 (or 比上轮, 本期新增), 同比, 比年初: period, value then, sentence.
    changes: Vec<ChangeEntry>,
    /// Grid, values (`|` between), status letters, where the line breaks: 1 at a change of 口径, 2
    /// where a year-to-date value begins anew.
    #[serde(skip_serializing_if = "Option::is_none")]
    series: Option<(usize, String, String, String)>,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<&'a GroupPlace>,
    numerator_parts: Vec<usize>,
    denominator_parts: Vec<usize>,
    /// Unit, form, reason, and the blank cells.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    absent: Vec<(&'a str, String, &'static str, Vec<String>)>,
}

#[derive(Serialize)]
struct ChangeEntry {
    against: &'static str,
    period: usize,
    then: Option<String>,
    difference: Option<String>,
    growth: Option<String>,
    /// Why the two do not compare.
    #[serde(skip_serializing_if = "Option::is_none")]
    obstacle: Option<&'static str>,
}

/// Rows of one table: table, fields (indices), rows as in `lineage.json`, and how many rows are not
/// listed.
#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
struct PartEntry<'a>(usize, Vec<usize>, &'a str, u64);

#[derive(Serialize)]
struct TableEntry<'a> {
    source: &'a str,
    title: &'a str,
    period: &'a str,
    /// Titles.
    fields: Vec<&'a str>,
    returns: Vec<ReturnEntry<'a>>,
    /// Return and sheet row of each row.
    rows: &'a [(usize, u32)],
    /// Raw texts, a list a field.
    cells: Vec<&'a [Option<String>]>,
    /// Field and row of each cell that does not stand where the return's columns say.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    places: BTreeMap<usize, &'a BTreeMap<usize, String>>,
}

/// Unit, file, sheet, column letters of each field (empty: the return lacks the column).
#[derive(Serialize)]
struct ReturnEntry<'a>(&'a str, &'a str, &'a str, Vec<&'a str>);

/// Level 5 of zlib: the best takes four times as long, for eight per cent.
const COMPRESSION: Compression = Compression::new(5);

pub(super) fn packed(context: &PageContext) -> anyhow::Result<String> {
    let mut encoder = BufWriter::new(ZlibEncoder::new(Vec::new(), COMPRESSION));
    serde_json::to_writer(&mut encoder, &data(context))?;
    let encoder = encoder.into_inner().map_err(IntoInnerError::into_error)?;
    Ok(STANDARD.encode(encoder.finish()?))
}

fn data<'a>(context: &PageContext<'a>) -> Data<'a> {
    let definition = context.definition();
    let inputs = context.inputs;
    let lineage = context.lineage;
    let settings = &definition.settings;
    let mut lists = Lists::default();
    let figures =
        inputs.figures.iter().filter_map(|f| figure(context, lineage, &mut lists, f)).collect();
    let units = lineage.units.iter();
    let title = |p: &Period| (p.to_string(), text::period(definition, p));
    Data {
        schema: 1,
        county: &settings.county_code,
        alone: context.alone.map_or("", |unit| unit.code.as_str()),
        units: std::iter::once((settings.county_code.as_str(), settings.county_name.as_str(), ""))
            .chain(units.map(|u| (u.code.as_str(), u.name.as_str(), u.group.as_str())))
            .collect(),
        periods: lists.periods.iter().map(title).collect(),
        indicators: lists.indicators.iter().map(|i| entry(context, i)).collect(),
        figures,
        grids: lists.grids,
        parts: lists.parts,
        tables: lineage.tables.iter().map(table).collect(),
    }
}

fn entry<'a>(context: &PageContext<'a>, indicator: &'a Indicator) -> Entry<'a> {
    let shown = context.programmes.iter().find(|(_, p)| p.id == indicator.programme);
    Entry {
        id: &indicator.id,
        title: &indicator.title,
        section: shown.map(|(anchor, _)| anchor.clone()).unwrap_or_default(),
        kind: indicator.kind().title(),
        words: context.definition().in_words(indicator),
        technical: text::technical(indicator),
        base: text::base(indicator),
        note: &indicator.note,
        better: indicator.better.title(),
        target: text::target(indicator),
        breaks: indicator.breaks.iter().map(ToString::to_string).collect(),
    }
}

/// What figures share, each kept once, in the order of first use.
#[derive(Default)]
struct Lists<'a> {
    indicators: Vec<&'a Indicator>,
    indicator_at: BTreeMap<&'a str, usize>,
    periods: Vec<Period>,
    grids: Vec<Vec<usize>>,
    parts: Vec<PartEntry<'a>>,
    part_at: BTreeMap<PartEntry<'a>, usize>,
}

impl<'a> Lists<'a> {
    fn indicator(&mut self, indicator: &'a Indicator) -> usize {
        *self.indicator_at.entry(&indicator.id).or_insert_with(|| {
            self.indicators.push(indicator);
            self.indicators.len() - 1
        })
    }

    fn period(&mut self, period: &Period) -> usize {
        index_of(&mut self.periods, period)
    }

    fn part(&mut self, lineage: &Lineage, part: &'a UsedRows) -> usize {
        let fields = lineage.tables.get(part.table).map(|t| {
            let used = |f: &&String| part.fields.contains(f) || t.is_key(f);
            (0..).zip(t.fields.keys()).filter(|(_, f)| used(f)).map(|(i, _)| i).collect()
        });
        let entry = PartEntry(part.table, fields.unwrap_or_default(), &part.rows, part.unlisted);
        *self.part_at.entry(entry).or_insert_with_key(|entry| {
            self.parts.push(entry.clone());
            self.parts.len() - 1
        })
    }
}

fn index_of<T: PartialEq + Clone>(list: &mut Vec<T>, item: &T) -> usize {
    list.iter().position(|one| one == item).unwrap_or_else(|| {
        list.push(item.clone());
        list.len() - 1
    })
}

fn figure<'a>(
    context: &PageContext<'a>,
    lineage: &'a Lineage,
    lists: &mut Lists<'a>,
    figure: &'a Figure,
) -> Option<FigureEntry<'a>> {
    let definition = context.definition();
    let indicator = definition.indicator(&figure.indicator)?;
    let number = |d: Option<Decimal>| d.map(|d| d.to_string());
    let mut changes = Vec::new();
    let previous = text::previous_title(figure);
    for (against, one) in
        [(previous, &figure.previous), ("同比", &figure.year_ago), ("比年初", &figure.year_begin)]
    {
        changes.extend(one.as_ref().map(|one| change(lists, against, one)));
    }
    let parts = lineage.figures.get(&figure.id);
    let mut indices = |parts: Option<&'a Vec<UsedRows>>| -> Vec<usize> {
        parts.into_iter().flatten().map(|p| lists.part(lineage, p)).collect()
    };
    let numerator_parts = indices(parts.map(|l| &l.numerator));
    let denominator_parts = indices(parts.map(|l| &l.denominator));
    let absent = |a: &'a Absent| {
        let form = text::form_title(definition, &a.form);
        let cells = a.cells.iter().map(ToString::to_string).collect();
        (definition.units.name(&a.unit), form, a.reason.title(), cells)
    };
    Some(FigureEntry {
        id: &figure.id,
        of: lists.indicator(indicator),
        unit: &figure.unit_code,
        category: &figure.category,
        class: figure.class.as_ref().map_or("", |c| c.title.as_str()),
        group: &figure.group,
        period: lists.period(&figure.period),
        numerator: number(figure.numerator),
        denominator: number(figure.denominator),
        value: number(figure.value),
        measure: &figure.measure,
        empty: if figure.value.is_none() { text::why_empty(figure) } else { "" },
        met: indicator.meets_target(figure),
        status: figure.status.code(),
        state: text::status(figure),
        counts: [figure.units_expected, figure.units_reported, figure.units_used],
        changes,
        series: series(lists, figure),
        place: figure.place.as_ref(),
        numerator_parts,
        denominator_parts,
        absent: figure.lineage.absent.iter().map(absent).collect(),
    })
}

fn change(lists: &mut Lists<'_>, against: &'static str, change: &Change) -> ChangeEntry {
    ChangeEntry {
        against,
        period: lists.period(&change.period),
        then: change.then.map(|d| d.to_string()),
        difference: change.difference.map(|d| d.to_string()),
        growth: change.growth.map(|d| d.to_string()),
        obstacle: change.obstacle.map(Obstacle::title),
    }
}

fn series(lists: &mut Lists<'_>, figure: &Figure) -> Option<(usize, String, String, String)> {
    if figure.series.is_empty() {
        return None;
    }
    let grid: Vec<usize> = figure.series.iter().map(|p| lists.period(&p.period)).collect();
    let value = |d: Option<Decimal>| d.map(|d| d.to_string()).unwrap_or_default();
    let values: Vec<String> = figure.series.iter().map(|p| value(p.value)).collect();
    let letters = figure.series.iter().map(|p| p.status.code()).collect();
    let joint = |p: &Point| match (p.break_before, p.joins()) {
        (true, _) => '1',
        (false, false) => '2',
        (false, true) => '0',
    };
    let breaks = figure.series.iter().map(joint).collect();
    Some((index_of(&mut lists.grids, &grid), values.join("|"), letters, breaks))
}

fn table(table: &lineage::UsedTable) -> TableEntry<'_> {
    let returns = table.returns.iter().map(|own| {
        let letters = table.fields.keys().map(|f| own.columns.get(f).map_or("", String::as_str));
        ReturnEntry(&own.unit_name, &own.file, &own.sheet, letters.collect())
    });
    let cells = |field| table.cells.get(field).map_or(&[][..], Vec::as_slice);
    TableEntry {
        returns: returns.collect(),
        cells: table.fields.keys().map(cells).collect(),
        source: &table.source,
        title: &table.title,
        period: &table.period,
        fields: table.fields.values().map(String::as_str).collect(),
        rows: &table.rows,
        places: (table.fields.keys().enumerate())
            .filter_map(|(at, field)| Some((at, table.places.get(field)?)))
            .collect(),
    }
}
