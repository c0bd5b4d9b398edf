//! What a chart shows: the figures chosen and ordered, with headline, subtitle and alt text.
//! Drawn charts and the workbook's native charts are made from the same data.

mod heatmap;
mod matrix;
mod silent;
mod slope;

use std::collections::BTreeSet;

use crate::definition::{Better, ChartKind, ChartSpec, Indicator, IndicatorKind, Programme};
use crate::model::{Class, Decimal, Figure, Point, Rational, Status};
use crate::report::color::{self, Color};
use crate::report::index::{FigureRow, Index};
use crate::report::text;

pub(in crate::report) use heatmap::Heatmap;
pub(super) use heatmap::{HeatColumn, HeatRow, Standing, cell};
pub(in crate::report) use matrix::Matrix;
pub(super) use matrix::Move;
pub(super) use silent::silence;
pub(in crate::report) use slope::Slope;
pub(super) use slope::{SlopeLine, Turn};

pub(in crate::report) struct Chart<'a> {
    pub(in crate::report) id: &'a str,
    pub(in crate::report) programme: &'a str,
    /// The finding, with its number.
    pub(in crate::report) headline: String,
    /// Base, period, completeness.
    pub(in crate::report) subtitle: Vec<String>,
    pub(in crate::report) alt: String,
    pub(in crate::report) data: Data<'a>,
}

pub(in crate::report) enum Data<'a> {
    Bars(Bars<'a>),
    Stacked(Stacked<'a>),
    Trend(Trend<'a>),
    Funnel(Funnel<'a>),
    Heatmap(Heatmap<'a>),
    Slope(Slope<'a>),
    Matrix(Matrix<'a>),
}

/// Ranked bars, inside groups.
pub(in crate::report) struct Bars<'a> {
    pub(in crate::report) indicator: &'a Indicator,
    pub(in crate::report) county: Option<&'a Figure>,
    pub(in crate::report) county_name: &'a str,
    /// Group title (empty for a single group) and bars, who is behind first.
    pub(in crate::report) groups: Vec<(String, Vec<Bar<'a>>)>,
}

pub(in crate::report) struct Bar<'a> {
    pub(in crate::report) name: String,
    pub(in crate::report) figure: &'a Figure,
    pub(in crate::report) meets_target: Option<bool>,
    /// The title names it as the last.
    pub(super) is_named: bool,
}

impl<'a> Bars<'a> {
    pub(super) fn bars(&self) -> impl Iterator<Item = &Bar<'a>> {
        self.groups.iter().flat_map(|(_, bars)| bars)
    }

    /// The target as printed: of a target for the year what is due by the bars' period.
    pub(in crate::report) fn target(&self) -> Option<Decimal> {
        let figure = self.county.or_else(|| self.bars().next().map(|bar| bar.figure))?;
        self.indicator.target_printed(&figure.period)
    }

    /// What the last of them is.
    pub(super) fn worst(&self) -> &'static str {
        if self.indicator.better == Better::Lower { "最高" } else { "最低" }
    }

    /// Is any bar above or below a target?
    pub(super) fn is_judged(&self) -> bool {
        self.bars().any(|b| b.meets_target.is_some())
    }
}

impl Bar<'_> {
    /// `1`, or empty when not ranked, or alone.
    pub(in crate::report) fn place(&self) -> String {
        let place = self.figure.place.as_ref().filter(|place| place.of > 1);
        place.map(|p| p.place.to_string()).unwrap_or_default()
    }

    pub(in crate::report) fn color(&self) -> Color {
        match self.meets_target {
            Some(true) => color::GOOD,
            Some(false) => color::BAD,
            None if self.is_named => color::BAD,
            None => color::PLAIN,
        }
    }

    /// `88.9%`, or why there is nothing.
    pub(in crate::report) fn value(&self) -> String {
        match self.figure.value {
            Some(_) => text::value(self.figure),
            None => text::why_empty(self.figure).to_owned(),
        }
    }

    /// `小基数 待核实`, or empty.
    pub(super) fn notes(&self) -> String {
        let mut notes = Vec::new();
        if self.figure.has_small_base() {
            notes.push("小基数");
        }
        if self.figure.status == Status::Provisional {
            notes.push("待核实");
        }
        notes.join(" ")
    }

    /// `88.9%（16/18） 小基数`, or why there is nothing.
    pub(in crate::report) fn label(&self) -> String {
        let value = match self.figure.value {
            Some(_) => text::value_with_base(self.figure),
            None => self.value(),
        };
        format!("{value} {}", self.notes()).trim_end().to_owned()
    }
}

/// Rows of shares that make 100 %.
pub(in crate::report) struct Stacked<'a> {
    pub(in crate::report) classes: Vec<&'a Class>,
    /// One a class.
    pub(in crate::report) colors: Vec<Color>,
    /// The county first.
    pub(in crate::report) rows: Vec<StackedRow<'a>>,
}

pub(in crate::report) struct StackedRow<'a> {
    pub(in crate::report) name: String,
    /// Empty for the county and for what is not a unit.
    pub(super) group: String,
    /// One a class.
    pub(in crate::report) figures: Vec<Option<&'a Figure>>,
}

impl Stacked<'_> {
    pub(super) fn group_count(&self) -> usize {
        let groups: BTreeSet<&str> = self.rows.iter().map(|r| r.group.as_str()).collect();
        groups.iter().filter(|g| !g.is_empty()).count()
    }
}

/// Series of the county.
pub(in crate::report) struct Trend<'a> {
    pub(in crate::report) lines: Vec<TrendLine<'a>>,
}

pub(in crate::report) struct TrendLine<'a> {
    pub(in crate::report) title: String,
    pub(in crate::report) measure: &'a str,
    /// Whose series it is.
    pub(super) figure: &'a Figure,
    pub(in crate::report) points: &'a [Point],
}

impl TrendLine<'_> {
    /// Every point: `入党申请人 2013年9月 1203人`.
    fn words(&self) -> impl Iterator<Item = String> {
        self.points.iter().map(|point| {
            let value = point.value.map(|value| format!("{value}{}", self.measure));
            let value = value.unwrap_or_else(|| "缺".to_owned());
            format!("{} {} {value}", self.title, point.period.title())
        })
    }
}

/// Ordered steps.
pub(in crate::report) struct Funnel<'a> {
    pub(in crate::report) steps: Vec<&'a Figure>,
}

pub(super) fn chart<'a>(
    index: &Index<'a>,
    programme: &'a Programme,
    spec: &'a ChartSpec,
) -> Option<Chart<'a>> {
    let definition = index.inputs.definition;
    let indicators: Vec<&Indicator> =
        spec.indicators.iter().filter_map(|id| definition.indicator(id)).collect();
    let mut data = shown(index, spec, &indicators)?;
    let finding = finding(index, &indicators, &mut data);
    let headline =
        if finding.is_empty() { spec.title.clone() } else { format!("{}：{finding}", spec.title) };
    let subtitle = match &data {
        Data::Heatmap(heatmap) => heatmap.notes(),
        _ => subtitle(index, &indicators, &data),
    };
    let alt = alt_text(&headline, &subtitle, &data);
    Some(Chart { id: &spec.id, programme: &programme.id, headline, subtitle, alt, data })
}

fn shown<'a>(
    index: &Index<'a>,
    spec: &'a ChartSpec,
    indicators: &[&'a Indicator],
) -> Option<Data<'a>> {
    let first = *indicators.first()?;
    Some(match spec.kind {
        ChartKind::Bars => Data::Bars(bars(index, first, &spec.by)?),
        ChartKind::Stacked => Data::Stacked(stacked(index, first, &spec.by)?),
        ChartKind::Trend => Data::Trend(trend(index, indicators)?),
        ChartKind::Funnel => Data::Funnel(funnel(index, first)?),
        ChartKind::Heatmap => Data::Heatmap(heatmap::heatmap(index, indicators, &spec.labels)?),
        ChartKind::Slope => {
            Data::Slope(slope::slope(index, first, spec.against.unwrap_or_default())?)
        }
        ChartKind::Matrix => Data::Matrix(matrix::matrix(index, first)?),
    })
}

/// What a chart says, in its title; whoever a title names is marked.
fn finding(index: &Index, indicators: &[&Indicator], data: &mut Data) -> String {
    match (data, indicators) {
        (Data::Bars(bars), _) => bars_finding(bars),
        (Data::Stacked(_), [first, ..]) => stacked_finding(index, first),
        (Data::Trend(_), [only]) => trend_finding(index, only),
        (Data::Trend(_) | Data::Stacked(_), several) => several_finding(index, several),
        (Data::Funnel(funnel), _) => funnel_finding(&funnel.steps),
        (Data::Heatmap(heatmap), _) => heatmap.finding(),
        (Data::Slope(slope), _) => slope.finding(),
        (Data::Matrix(matrix), _) => matrix.finding(),
    }
}

fn bars<'a>(index: &Index<'a>, indicator: &'a Indicator, by: &str) -> Option<Bars<'a>> {
    let bar = |row: &FigureRow| {
        let figure = index.get(&indicator.id, row, None)?;
        let name = row.title(index.county());
        let meets_target = indicator.meets_target(figure);
        Some(Bar { name, figure, meets_target, is_named: false })
    };
    let rows = index.rows(&[indicator], by).into_iter();
    let mut groups = in_groups(rows.filter_map(|row| Some((bar(&row)?, row.group))));
    let has_value = groups.iter().flat_map(|(_, bars)| bars).any(|b| b.figure.value.is_some());
    if !has_value {
        return None;
    }
    for (_, bars) in &mut groups {
        // Stable: equals stay in register order. Without a value: last.
        bars.sort_by(|a, b| match (a.figure.before_rounding(), b.figure.before_rounding()) {
            (Some(a), Some(b)) if indicator.better == Better::Higher => a.cmp(&b),
            (Some(a), Some(b)) => b.cmp(&a),
            (a, b) => b.is_some().cmp(&a.is_some()),
        });
    }
    let county = index.headline(&indicator.id);
    let county_name = &index.inputs.definition.settings.county_name;
    Some(Bars { indicator, county, county_name, groups })
}

/// Group by group, in the order in which the groups come.
fn in_groups<T>(all: impl Iterator<Item = (T, String)>) -> Vec<(String, Vec<T>)> {
    let mut groups: Vec<(String, Vec<T>)> = Vec::new();
    for (one, group) in all {
        match groups.iter_mut().find(|(known, _)| *known == group) {
            Some((_, members)) => members.push(one),
            None => groups.push((group, vec![one])),
        }
    }
    groups
}

/// The county's value, and who is behind; whoever is named is marked.
fn bars_finding(bars: &mut Bars) -> String {
    let mut parts = Vec::new();
    if let Some(county) = bars.county.filter(|f| f.value.is_some()) {
        parts.push(format!("{} {}", bars.county_name, text::value_with_base(county)));
    }
    let short = bars.bars().filter(|b| b.meets_target == Some(false)).count();
    if bars.is_judged() {
        let target = text::target(bars.indicator);
        parts.push(if short == 0 {
            format!("各单位均达{target}")
        } else {
            format!("{short} 个单位未达{target}")
        });
    } else if let Some((worst, last)) = last_place(bars) {
        parts.push(last);
        for bar in bars.groups.iter_mut().flat_map(|(_, bars)| bars) {
            bar.is_named = bar.figure.value == Some(worst);
        }
    }
    parts.join("，")
}

/// The weakest value, with the unit or units that have it; none without a direction.
fn last_place(bars: &Bars) -> Option<(Decimal, String)> {
    let all: Vec<&Bar> = bars.bars().collect();
    let word = bars.worst();
    if bars.indicator.better == Better::Neither {
        return None;
    }
    let values = all.iter().filter_map(|b| b.figure.value);
    let worst =
        if bars.indicator.better == Better::Lower { values.max()? } else { values.min()? };
    let names: Vec<&str> =
        all.iter().filter(|b| b.figure.value == Some(worst)).map(|b| b.name.as_str()).collect();
    if names.len() == all.len() {
        return None;
    }
    let measure = &bars.indicator.measure();
    let said = match names.as_slice() {
        [only] => format!("{word} {only} {worst}{measure}"),
        [a, b] => format!("{word} {a}、{b} {worst}{measure}"),
        many => format!("{} 个单位{word}（{worst}{measure}）", many.len()),
    };
    Some((worst, said))
}

fn stacked<'a>(index: &Index<'a>, indicator: &'a Indicator, by: &str) -> Option<Stacked<'a>> {
    let classes = index.classes(&indicator.id);
    let mut rows = Vec::new();
    let county = index.county_row();
    for row in std::iter::once(county).chain(index.rows(&[indicator], by)) {
        let figures: Vec<Option<&Figure>> =
            classes.iter().map(|c| index.get(&indicator.id, &row, Some(c))).collect();
        if figures.iter().any(Option::is_some) {
            let name = row.title(index.county());
            rows.push(StackedRow { name, group: row.group, figures });
        }
    }
    let any = rows.iter().flat_map(|r| &r.figures).flatten().any(|f| f.value.is_some());
    if !any || classes.is_empty() {
        return None;
    }
    let ordered = is_ordered(index, indicator);
    if ordered && matches!(by, "" | "unit") {
        behind_first(&mut rows);
    }
    let colors = if ordered {
        color::ordered(classes.len())
    } else {
        color::kinds(classes.len(), &largest_first(&rows))
    };
    Some(Stacked { classes, colors, rows })
}

/// Numbers of the classes, that with the most in the first row (the county's) first.
fn largest_first(rows: &[StackedRow]) -> Vec<usize> {
    let counts = rows.first().map(|row| row.figures.as_slice()).unwrap_or_default();
    let mut classes: Vec<usize> = (0..counts.len()).collect();
    classes.sort_by_key(|&i| std::cmp::Reverse(counts[i].and_then(|f| f.numerator)));
    classes
}

/// Inside each group the larger share of the worst class comes first, then of the next worst;
/// equals stay in register order, who has nothing comes last. The county stays on top.
fn behind_first(rows: &mut [StackedRow]) {
    let shares = |row: &StackedRow| -> Vec<Option<Rational>> {
        row.figures.iter().rev().map(|f| f.and_then(Figure::before_rounding)).collect()
    };
    for group in rows.chunk_by_mut(|a, b| a.group == b.group) {
        group.sort_by_key(|row| std::cmp::Reverse(shares(row)));
    }
}

/// Do the classes go from best to worst?
fn is_ordered(index: &Index, indicator: &Indicator) -> bool {
    let definition = index.inputs.definition;
    definition
        .form(&indicator.form)
        .and_then(|form| form.field(indicator.computation.of()?))
        .and_then(|field| definition.codelist_of(field))
        .is_some_and(|list| list.ordered)
}

/// Best and worst of ordered classes; the two largest of others.
fn stacked_finding(index: &Index, indicator: &Indicator) -> String {
    let mut shares: Vec<&Figure> =
        index.headlines(&indicator.id).filter(|f| f.class.is_some() && f.value.is_some()).collect();
    if !is_ordered(index, indicator) {
        // Equal shares keep the order of the code list.
        shares.sort_by_key(|f| std::cmp::Reverse(f.value));
        shares.truncate(2);
    }
    let share = |f: &Figure| format!("{} {}", class_title(f), text::value_with_base(f));
    match shares.as_slice() {
        [] => String::new(),
        [only] => share(only),
        [first, .., last] => format!("{}，{}", share(first), share(last)),
    }
}

fn trend<'a>(index: &Index<'a>, indicators: &[&'a Indicator]) -> Option<Trend<'a>> {
    let keep = index.inputs.definition.settings.report.series_points.max(2);
    let mut lines = Vec::new();
    for indicator in indicators {
        for figure in index.headlines(&indicator.id) {
            let title = match &figure.class {
                Some(class) => format!("{} {}", indicator.title, class.title),
                None => indicator.title.clone(),
            };
            let from = figure.series.len().saturating_sub(keep);
            let points = &figure.series[from..];
            if points.iter().any(|p| p.value.is_some()) {
                lines.push(TrendLine { title, measure: &figure.measure, figure, points });
            }
        }
    }
    (!lines.is_empty()).then_some(Trend { lines })
}

fn trend_finding(index: &Index, indicator: &Indicator) -> String {
    let Some(figure) = index.headline(&indicator.id).filter(|f| f.value.is_some()) else {
        return String::new();
    };
    let change = [
        text::change("上期", figure, figure.previous.as_ref()),
        text::change("上年同期", figure, figure.year_ago.as_ref()),
    ]
    .into_iter()
    .find(|c| !c.is_empty());
    let now = format!("{} {}", figure.period.title(), text::value_with_base(figure));
    change.map_or(now.clone(), |change| format!("{now}，{change}"))
}

/// Every series of a trend with its latest value.
fn several_finding(index: &Index, indicators: &[&Indicator]) -> String {
    let figures: Vec<(&Indicator, &Figure)> = indicators
        .iter()
        .filter_map(|&i| Some((i, index.headline(&i.id).filter(|f| f.value.is_some())?)))
        .collect();
    let Some((_, first)) = figures.first() else { return String::new() };
    let values: Vec<String> =
        figures.iter().map(|(i, f)| format!("{} {}", i.title, text::value(f))).collect();
    format!("{} {}", first.period.title(), values.join("，"))
}

fn funnel<'a>(index: &Index<'a>, indicator: &Indicator) -> Option<Funnel<'a>> {
    let steps: Vec<&Figure> =
        index.headlines(&indicator.id).filter(|f| f.class.is_some()).collect();
    let begun = steps.iter().any(|f| f.numerator.is_some_and(|n| !n.is_zero()));
    begun.then_some(Funnel { steps })
}

fn funnel_finding(steps: &[&Figure]) -> String {
    let (Some(first), Some(last)) = (steps.first(), steps.last()) else { return String::new() };
    let step = |f: &Figure| {
        let title = class_title(f);
        let count = f.numerator.map_or_else(|| text::NONE.to_owned(), |n| n.to_string());
        format!("{title} {count}")
    };
    format!("{}，{}，占 {}", step(first), step(last), text::value(last))
}

fn subtitle(index: &Index, indicators: &[&Indicator], data: &Data) -> Vec<String> {
    let definition = index.inputs.definition;
    let mut lines = Vec::new();
    for indicator in indicators.iter().filter(|indicator| !text::base(indicator).is_empty()) {
        let whose = if indicators.len() == 1 { "" } else { &indicator.title };
        lines.push(format!("{whose}口径：{}", text::base(indicator)));
    }
    if let Some(figure) = indicators.first().and_then(|i| index.headline(&i.id)) {
        lines.push(format!(
            "数据期：{}　{}",
            text::period(definition, &figure.period),
            text::completeness_line(definition, figure)
        ));
    }
    match data {
        Data::Slope(slope) => lines.extend(slope.notes()),
        Data::Matrix(_) => lines.push("各格为个数和占上次该等次的比例。".to_owned()),
        _ => {}
    }
    lines
}

/// What a reader without the picture needs: headline, base and the values in order.
fn alt_text(headline: &str, subtitle: &[String], data: &Data) -> String {
    let class = |f: &&Figure| format!("{} {}", class_title(f), text::value_with_base(f));
    let values: Vec<String> = match data {
        Data::Bars(bars) => {
            bars.bars().map(|bar| format!("{} {}", bar.name, bar.label())).collect()
        }
        Data::Stacked(stacked) => {
            let county = stacked.rows.iter().take(1);
            county.flat_map(|row| row.figures.iter().flatten()).map(class).collect()
        }
        Data::Trend(trend) => trend.lines.iter().flat_map(TrendLine::words).collect(),
        Data::Heatmap(heatmap) => heatmap.words(),
        Data::Slope(slope) => slope.words(),
        Data::Matrix(matrix) => matrix.words(),
        Data::Funnel(funnel) => funnel.steps.iter().map(class).collect(),
    };
    let about: Vec<&str> = subtitle.iter().map(|s| s.trim_end_matches('。')).collect();
    format!("{headline}。{}。{}。", about.join("；"), values.join("，"))
}

/// Code or step that a figure counts; empty for none.
pub(super) fn class_title(figure: &Figure) -> &str {
    figure.class.as_ref().map_or("", |c| c.title.as_str())
}

/// Is a figure of this indicator a quotient whose parts are shown beside it?
pub(in crate::report) fn is_quotient(indicator: &Indicator) -> bool {
    matches!(
        indicator.kind(),
        IndicatorKind::Ratio
            | IndicatorKind::Mean
            | IndicatorKind::TrimmedMean
            | IndicatorKind::Distribution
            | IndicatorKind::Funnel
    )
}
