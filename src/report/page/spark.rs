//! Small trend lines: the shape of a series beside its number. Gaps stay gaps, and a change of
//! 口径 breaks the line.

use super::html::{Html, Picture};
use crate::model::{Figure, Point};

const WIDTH: i64 = 96;
const HEIGHT: i64 = 24;
const MARGIN: i64 = 3;

/// The series of a figure; `None` when there is nothing to compare.
pub(super) fn line(figure: &Figure) -> Option<Picture> {
    let series = &figure.series;
    let known: Vec<f64> =
        series.iter().filter_map(|p| p.value).map(|v| v.to_f64_for_display()).collect();
    if known.len() < 2 {
        return None;
    }
    let (low, high) = known.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    let place = |at: usize, value: f64| {
        let steps = (series.len() - 1).max(1) as f64;
        let x = MARGIN as f64 + at as f64 / steps * (WIDTH - 2 * MARGIN) as f64;
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        let y = (HEIGHT - MARGIN) as f64 - share * (HEIGHT - 2 * MARGIN) as f64;
        (x.round() as i64, y.round() as i64)
    };
    let mut html = Html::default();
    html.raw("<svg class=\"spark\" role=\"img\" viewBox=\"0 0 96 24\"><title>");
    html.text(in_words(figure)).raw("</title>");
    let mut last = None;
    for segment in segments(series) {
        html.raw("<polyline points=\"");
        for (at, value) in segment {
            let (x, y) = place(at, value);
            html.text(x).raw(",").text(y).raw(" ");
            last = Some((x, y));
        }
        html.raw("\"/>");
    }
    if let Some((x, y)) = last {
        html.raw("<circle cx=\"").text(x).raw("\" cy=\"").text(y).raw("\" r=\"2.5\"/>");
    }
    html.raw("</svg>");
    Some(Picture::new(html))
}

/// Runs of known values without a gap or a break between them.
fn segments(series: &[Point]) -> Vec<Vec<(usize, f64)>> {
    let mut segments: Vec<Vec<(usize, f64)>> = vec![Vec::new()];
    for (at, point) in series.iter().enumerate() {
        if !point.joins() || point.whole_value().is_none() {
            segments.push(Vec::new());
        }
        if let (Some(value), Some(segment)) = (point.whole_value(), segments.last_mut()) {
            segment.push((at, value.to_f64_for_display()));
        }
    }
    segments.retain(|s| !s.is_empty());
    segments
}

/// `走势：2013-01 81.2% 至 2013-10 88.9%`; the panel lists all points.
fn in_words(figure: &Figure) -> String {
    let mut known = figure.series.iter().filter_map(|p| Some((&p.period, p.whole_value()?)));
    let Some((from, first)) = known.next() else { return String::new() };
    let (to, last) = known.next_back().unwrap_or((from, first));
    let measure = &figure.measure;
    format!("走势：{from} {first}{measure} 至 {to} {last}{measure}")
}
