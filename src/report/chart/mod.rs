//! Charts: what they show ([`data`]), how they are laid out ([`bars`], [`stacked`], [`trend`],
//! [`funnel`], [`heatmap`], [`slope`], [`matrix`] give a [`scene`]), and how they become pictures ([`png`], [`svg`]).
//!
//! A chart's title says the finding with its number; its subtitle gives base, period and
//! completeness. Colours are safe for the colour-blind and never carry meaning alone.

mod axis;
mod bars;
mod data;
mod funnel;
mod heatmap;
mod matrix;
mod placing;
mod png;
mod scene;
mod slope;
mod small;
mod stacked;
mod svg;
mod trend;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub(super) use axis::{ValueAxis, short as short_period};
pub(super) use data::{
    Bar, Bars, Chart, Data, Funnel, Heatmap, Matrix, Slope, Stacked, TrendLine, is_quotient,
};
pub(super) use funnel::label as funnel_label;
pub(super) use small::small_trend;

use super::index::Index;
use crate::cache::Cache;
use crate::definition::Programme;

/// Four A4 pages: in a taller picture nobody finds a unit, and its table says the same.
const TALLEST: i32 = 10_000;

/// All charts of all programmes that have data, in report order; those that say nothing or are too
/// tall to be looked at are not drawn, but noted in the index.
pub(super) fn charts<'a>(index: &mut Index<'a>) -> Vec<Chart<'a>> {
    let definition = index.inputs.definition;
    let mut drawn = Vec::new();
    for programme in &definition.programmes {
        for spec in &programme.charts {
            let Some(chart) = data::chart(index, programme, spec) else { continue };
            let rule = &definition.settings.report.silent_charts;
            let too_tall = (scene(&chart).height > TALLEST).then(|| "行数太多".to_owned());
            match too_tall.or_else(|| data::silence(rule, &chart.data)) {
                None => drawn.push(chart),
                Some(why) => index.undrawn.push((spec, why)),
            }
        }
    }
    drawn
}

/// Why charts of a programme are not there, a sentence a reason.
pub(super) fn absent(programme: &Programme, drawn: &[Chart], index: &Index) -> Vec<String> {
    let absent = programme.charts.iter().filter(|spec| !drawn.iter().any(|c| c.id == spec.id));
    let (mut empty, mut undrawn) = (Vec::new(), Vec::new());
    for spec in absent {
        match index.undrawn(&spec.id) {
            Some(reason) => undrawn.push(reason),
            None => empty.push(spec.title.clone()),
        }
    }
    [("未到期或无数据，本期不作图", empty), ("看不出什么，不作图，数字见表", undrawn)]
        .into_iter()
        .filter(|(_, titles)| !titles.is_empty())
        .map(|(reason, titles)| format!("{reason}：{}。", titles.join("、")))
        .collect()
}

/// Path and bytes.
type File = (String, Vec<u8>);

/// Path of a chart's picture in the report.
pub(super) fn png_file(id: &str) -> String {
    format!("charts/{id}.png")
}

/// `charts/<id>.png` and `charts/<id>.svg` of each chart.
pub(super) fn files(charts: &[Chart], cache: &Cache) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    super::font::register()?;
    let drawn: Vec<anyhow::Result<[File; 2]>> = charts
        .par_iter()
        .map(|chart| {
            let scene = scene(chart);
            let standing_alone = svg::document(&svg::svg(&scene, chart.id), &scene);
            let svg_file = format!("charts/{}.svg", chart.id);
            let picture = known_or_drawn(&scene, cache)?;
            Ok([(png_file(chart.id), picture), (svg_file, standing_alone.into_bytes())])
        })
        .collect();
    let mut files = BTreeMap::new();
    for pair in drawn {
        files.extend(pair?);
    }
    Ok(files)
}

/// A picture depends on nothing but its scene; the font is part of the program.
fn known_or_drawn(scene: &scene::Scene, cache: &Cache) -> anyhow::Result<Vec<u8>> {
    let entry = cache.entry(&[b"picture", format!("{scene:?}").as_bytes()]);
    if let Some(known) = entry.get() {
        return Ok(known);
    }
    let picture = png::png(scene)?;
    entry.put(&picture);
    Ok(picture)
}

/// A chart as an element of a web page: no fixed size, real text, every mark with its figure's
/// id in `data-figure` and a tooltip.
pub(super) fn inline_svg(chart: &Chart) -> String {
    svg::svg(&scene(chart), chart.id)
}

/// Characters that some chart needs and the font lacks.
pub(super) fn missing_characters(charts: &[Chart]) -> Vec<char> {
    let texts: String = charts.iter().map(|c| scene(c).text()).collect();
    super::font::missing_characters(&texts)
}

fn scene(chart: &Chart) -> scene::Scene {
    match &chart.data {
        Data::Bars(data) => bars::scene(chart, data),
        Data::Stacked(data) => stacked::scene(chart, data),
        Data::Trend(data) => trend::scene(chart, data),
        Data::Funnel(data) => funnel::scene(chart, data),
        Data::Heatmap(data) => heatmap::scene(chart, data),
        Data::Slope(data) => slope::scene(chart, data),
        Data::Matrix(data) => matrix::scene(chart, data),
    }
}
