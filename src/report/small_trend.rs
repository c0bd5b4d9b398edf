//! The shape of a series beside its number: where its points stand in a small box. Gaps stay
//! gaps, and a change of 口径 breaks the line.

use crate::model::{Figure, Point};

/// Width, height and the margin inside.
pub(super) type Room = (i64, i64, i64);

/// Runs of points that a line joins, oldest first; `None` when there is nothing to compare.
pub(super) fn shape(
    figure: &Figure,
    (width, height, margin): Room,
) -> Option<Vec<Vec<(i64, i64)>>> {
    let series = &figure.series;
    let known: Vec<f64> =
        series.iter().filter_map(|p| p.value).map(|v| v.to_f64_for_display()).collect();
    if known.len() < 2 {
        return None;
    }
    let (low, high) = known.iter().fold((f64::MAX, f64::MIN), |(l, h), &v| (l.min(v), h.max(v)));
    let place = |(at, value): (usize, f64)| {
        let steps = (series.len() - 1).max(1) as f64;
        let x = margin as f64 + at as f64 / steps * (width - 2 * margin) as f64;
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        let y = (height - margin) as f64 - share * (height - 2 * margin) as f64;
        (x.round() as i64, y.round() as i64)
    };
    Some(segments(series).into_iter().map(|run| run.into_iter().map(place).collect()).collect())
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
