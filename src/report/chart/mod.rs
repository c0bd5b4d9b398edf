//! Charts: what they show ([`data`]), how they are laid out ([`bars`], [`stacked`], [`trend`],
//! [`funnel`] give a [`scene`]), and how they become PNG and SVG ([`render`]).
//!
//! A chart's title says the finding with its number; its subtitle gives base, period and
//! completeness. Colours are safe for the colour-blind and never carry meaning alone.

mod bars;
mod data;
mod funnel;
mod render;
mod scene;
mod stacked;
mod trend;

use std::collections::BTreeMap;

use rayon::prelude::*;

pub(super) use data::{Bar, Bars, Chart, Data, Funnel, Stacked, TrendLine, is_quotient};
pub(super) use scene::palette;

use super::Inputs;
use super::index::Index;

/// All charts of all programmes that have data, in report order.
pub(super) fn charts<'a>(inputs: &Inputs<'a>, index: &Index<'a>) -> Vec<Chart<'a>> {
    let definition = inputs.definition;
    definition
        .programmes
        .iter()
        .flat_map(|p| p.charts.iter().map(move |spec| (p, spec)))
        .filter_map(|(programme, spec)| data::chart(definition, index, programme, spec))
        .collect()
}

/// Path and bytes.
type File = (String, Vec<u8>);

/// `charts/<id>.png` and `charts/<id>.svg` of each chart.
pub(super) fn files(charts: &[Chart]) -> anyhow::Result<BTreeMap<String, Vec<u8>>> {
    super::font::register()?;
    let drawn: Vec<anyhow::Result<[File; 2]>> = charts
        .par_iter()
        .map(|chart| {
            let scene = scene(chart);
            let name = |extension| format!("charts/{}.{extension}", chart.id);
            Ok([(name("png"), render::png(&scene)?), (name("svg"), render::svg(&scene)?)])
        })
        .collect();
    let mut files = BTreeMap::new();
    for pair in drawn {
        files.extend(pair?);
    }
    Ok(files)
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
    }
}
