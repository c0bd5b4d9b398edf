//! The county's series: lines with gaps where a period is missing and where the 口径 changes.

use std::collections::BTreeMap;

use super::data::{Chart, Trend, TrendLine};
use super::scene::{
    Anchor, BODY, Color, INK, MARGIN, RULE, SMALL, SOFT, Scene, Shape, WHITE, WIDTH, palette,
};
use crate::model::{Decimal, Period};

const PLOT_HEIGHT: i32 = 520;

pub(super) fn scene(chart: &Chart, data: &Trend) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    // Different measures never share an axis: one panel each.
    let mut measures: Vec<&str> = Vec::new();
    for line in &data.lines {
        if !measures.contains(&line.measure) {
            measures.push(line.measure);
        }
    }
    let colors = palette(&[], data.lines.len());
    for measure in measures {
        let lines: Vec<(&TrendLine, Color, usize)> = data
            .lines
            .iter()
            .zip(&colors)
            .enumerate()
            .filter(|(_, (line, _))| line.measure == measure)
            .map(|(i, (line, color))| (line, *color, i))
            .collect();
        panel(&mut scene, measure, &lines, data.lines.len() > 1);
    }
    scene.height += MARGIN / 2;
    scene
}

struct Frame {
    left: i32,
    right: i32,
    top: i32,
    bottom: i32,
    low: f64,
    high: f64,
    periods: Vec<Period>,
}

impl Frame {
    fn x(&self, period: usize) -> i32 {
        let steps = (self.periods.len().max(2) - 1) as i32;
        if self.periods.len() == 1 {
            return (self.left + self.right) / 2;
        }
        self.left + (self.right - self.left) * period as i32 / steps
    }

    fn y(&self, value: f64) -> i32 {
        let share = (value - self.low) / (self.high - self.low);
        self.bottom - (share * f64::from(self.bottom - self.top)).round() as i32
    }
}

fn panel(scene: &mut Scene, measure: &str, lines: &[(&TrendLine, Color, usize)], several: bool) {
    let mut periods: Vec<Period> =
        lines.iter().flat_map(|(l, ..)| l.points.iter().map(|p| p.period.clone())).collect();
    periods.sort();
    periods.dedup();
    let values: Vec<f64> = lines
        .iter()
        .flat_map(|(l, ..)| l.points.iter().filter_map(|p| p.value))
        .map(Decimal::to_f64_for_display)
        .collect();
    let (low, high, step) = axis(&values);

    let names = lines.iter().map(|(l, ..)| SMALL.width(&l.title)).max().unwrap_or(0);
    // Names beside the last points if there is room, else in a legend above.
    let beside = lines.len() > 1 && names <= 360;
    if lines.len() > 1 && !beside {
        for (line, color, i) in lines {
            let middle = scene.height + SMALL.line_height() / 2;
            marker(scene, (MARGIN + 12, middle), *color, *i);
            scene.label((MARGIN + 36, middle), Anchor::Start, SMALL, INK, &line.title);
            scene.height += SMALL.line_height();
        }
    }
    let unit = match (lines, several) {
        ([(only, ..)], true) if measure.is_empty() => only.title.clone(),
        ([(only, ..)], true) => format!("{}（{measure}）", only.title),
        _ if measure.is_empty() => String::new(),
        _ => format!("单位：{measure}"),
    };
    let middle = scene.height + SMALL.line_height() / 2;
    scene.label((MARGIN, middle), Anchor::Start, SMALL, SOFT, &unit);
    scene.height += SMALL.line_height() + 36;

    let tick = |value: f64| tick_text(value, step);
    let mut ticks = Vec::new();
    let mut value = low;
    while value <= high + step / 2.0 {
        ticks.push(value);
        value += step;
    }
    let tick_room = ticks.iter().map(|&t| SMALL.width(&tick(t))).max().unwrap_or(0);
    let frame = Frame {
        left: MARGIN + tick_room + 84,
        right: WIDTH - MARGIN - if beside { names + 40 } else { 60 },
        top: scene.height,
        bottom: scene.height + PLOT_HEIGHT,
        low,
        high,
        periods,
    };
    for &value in &ticks {
        let y = frame.y(value);
        scene.rect((frame.left - 30, y), (frame.right - frame.left + 60, 2), RULE);
        let at = (frame.left - 42, y);
        scene.label(at, Anchor::End, SMALL, SOFT, &tick(value));
    }
    let behind_lines = scene.shapes.len();
    time_axis(scene, &frame);
    breaks(scene, &frame, lines);
    let mut placed: Vec<(i32, i32, i32, i32)> = Vec::new();
    let mut name_tops: Vec<i32> = Vec::new();
    let labelled = lines.len() <= 2 && frame.periods.len() <= 14;
    for (line, color, i) in lines {
        polylines(scene, &frame, line, *color);
        points(scene, &frame, line, (*color, *i), labelled, &mut placed);
    }
    // Grid lines do not run through labels.
    let halos = placed.iter().map(|&(left, top, right, bottom)| Shape::Rect {
        x: left - 4,
        y: top,
        width: right - left + 8,
        height: bottom - top,
        color: WHITE,
    });
    scene.shapes.splice(behind_lines..behind_lines, halos);
    if beside {
        for (line, color, _) in lines {
            let Some(last) = line.points.iter().rev().find_map(|p| p.value) else { continue };
            let mut y = frame.y(last.to_f64_for_display());
            while name_tops.iter().any(|t| (t - y).abs() < SMALL.line_height()) {
                y -= 4;
            }
            name_tops.push(y);
            scene.label((frame.right + 30, y), Anchor::Start, SMALL, color.darker(), &line.title);
        }
    }
    scene.height = frame.bottom + 2 * BODY.line_height() + 24;
}

fn time_axis(scene: &mut Scene, frame: &Frame) {
    // Every n-th label if they would touch, always counted back from the last.
    let texts: Vec<String> = frame.periods.iter().map(ToString::to_string).collect();
    let widest = texts.iter().map(|t| SMALL.width(t)).max().unwrap_or(0) + 16;
    let room = if texts.len() > 1 { frame.x(1) - frame.x(0) } else { i32::MAX };
    let every = (widest / room.max(1) + 1) as usize;
    for (i, text) in texts.iter().enumerate() {
        let shown = (texts.len() - 1 - i).is_multiple_of(every);
        scene.rect((frame.x(i) - 1, frame.bottom), (2, if shown { 10 } else { 6 }), SOFT);
        if shown {
            let at = (frame.x(i), frame.bottom + 14 + SMALL.line_height() / 2);
            scene.label(at, Anchor::Middle, SMALL, INK, text);
        }
    }
}

/// A dashed line where the 口径 changes, with the series' name if there are several.
fn breaks(scene: &mut Scene, frame: &Frame, lines: &[(&TrendLine, Color, usize)]) {
    let mut at: BTreeMap<&Period, Vec<&str>> = BTreeMap::new();
    for (line, ..) in lines {
        for point in line.points.iter().filter(|p| p.break_before) {
            at.entry(&point.period).or_default().push(&line.title);
        }
    }
    for (period, titles) in at {
        let Some(i) = frame.periods.iter().position(|p| p == period).filter(|&i| i > 0) else {
            continue;
        };
        let x = i32::midpoint(frame.x(i - 1), frame.x(i));
        scene.dashes(x, (frame.top - 10, frame.bottom), SOFT);
        let label = if titles.len() == lines.len() {
            "口径变化".to_owned()
        } else {
            format!("口径变化（{}）", titles.join("、"))
        };
        let half = SMALL.width(&label) / 2;
        let middle = frame.top - 10 - SMALL.line_height() / 2;
        let center = x.clamp(MARGIN + half, WIDTH - MARGIN - half);
        scene.label((center, middle), Anchor::Middle, SMALL, SOFT, &label);
    }
}

fn polylines(scene: &mut Scene, frame: &Frame, line: &TrendLine, color: Color) {
    let mut run: Vec<(i32, i32)> = Vec::new();
    let mut flush = |run: &mut Vec<(i32, i32)>| {
        if run.len() > 1 {
            scene.shapes.push(Shape::Line { points: run.clone(), width: 4, color });
        }
        run.clear();
    };
    let mut previous: Option<usize> = None;
    for (i, period) in frame.periods.iter().enumerate() {
        let point = line.points.iter().find(|p| p.period == *period);
        let Some((point, value)) = point.and_then(|p| p.value.map(|v| (p, v))) else {
            // A gap: a period without value, or one that this series does not have.
            flush(&mut run);
            continue;
        };
        let adjacent = previous.is_some_and(|before| before + 1 == i);
        if point.break_before || !adjacent {
            flush(&mut run);
        }
        run.push((frame.x(i), frame.y(value.to_f64_for_display())));
        previous = Some(i);
    }
    flush(&mut run);
}

fn points(
    scene: &mut Scene,
    frame: &Frame,
    line: &TrendLine,
    (color, shape): (Color, usize),
    labelled: bool,
    placed: &mut Vec<(i32, i32, i32, i32)>,
) {
    let last = line.points.iter().rposition(|p| p.value.is_some());
    for (i, point) in line.points.iter().enumerate() {
        let Some(at) = frame.periods.iter().position(|p| *p == point.period) else { continue };
        let Some(value) = point.value else {
            let middle = frame.bottom - SMALL.line_height() / 2 - 4;
            scene.label((frame.x(at), middle), Anchor::Middle, SMALL, SOFT, "缺");
            continue;
        };
        let (x, y) = (frame.x(at), frame.y(value.to_f64_for_display()));
        marker(scene, (x, y), color, shape);
        if !labelled && Some(i) != last {
            continue;
        }
        // Above the point (below, where the line comes from above), else on the other side,
        // else further away: never over another label.
        let neighbour = |at: Option<usize>| at.and_then(|at| line.points.get(at)?.value);
        let higher = |other: Option<Decimal>| other.is_some_and(|other| other > value);
        let lower = |other: Option<Decimal>| other.is_some_and(|other| other < value);
        let (before, after) = (neighbour(i.checked_sub(1)), neighbour(Some(i + 1)));
        let below = (higher(before) || higher(after)) && !lower(before) && !lower(after);
        let sign = if below { -1 } else { 1 };
        let offsets = [-30, 32, -62, 64, -94, 96].map(|offset| offset * sign);
        for (n, offset) in offsets.into_iter().enumerate() {
            scene.label((x, y + offset), Anchor::Middle, SMALL, color.darker(), &value.to_string());
            let Some(bounds) = scene.labels.last().map(super::scene::Label::bounds) else { break };
            let free = placed.iter().all(|b| !overlaps(*b, bounds)) && bounds.3 < frame.bottom - 2;
            if free || n + 1 == offsets.len() {
                placed.push(bounds);
                break;
            }
            scene.labels.pop();
        }
    }
}

fn overlaps(a: (i32, i32, i32, i32), b: (i32, i32, i32, i32)) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

/// Each series has its own shape as well as its own colour.
fn marker(scene: &mut Scene, (x, y): (i32, i32), color: Color, shape: usize) {
    let shape = match shape % 4 {
        0 => Shape::Circle { center: (x, y), radius: 9, color },
        1 => Shape::Rect { x: x - 8, y: y - 8, width: 17, height: 17, color },
        2 => Shape::Polygon { points: vec![(x, y - 11), (x + 11, y + 9), (x - 11, y + 9)], color },
        _ => Shape::Polygon {
            points: vec![(x, y - 12), (x + 12, y), (x, y + 12), (x - 12, y)],
            color,
        },
    };
    scene.shapes.push(shape);
}

/// Lowest and highest tick and their distance: 1, 2 or 5 times a power of ten, from zero unless
/// the values lie close together far from it.
fn axis(values: &[f64]) -> (f64, f64, f64) {
    let high = values.iter().copied().fold(f64::MIN, f64::max);
    let low = values.iter().copied().fold(f64::MAX, f64::min);
    let from_zero = low <= 0.0 || high <= 0.0 || low < high * 0.7;
    let (bottom, top) = if from_zero { (low.min(0.0), high.max(0.0)) } else { (low, high) };
    let span = if top > bottom { top - bottom } else { top.abs().max(1.0) };
    let rough = span / 4.0;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        // Quarters only where ticks stay whole numbers.
        .filter(|m| *m != 2.5 || power >= 10.0)
        .map(|m| m * power)
        .find(|s| *s >= rough)
        .unwrap_or(power * 10.0);
    let mut low = (bottom / step).floor() * step;
    // Room for a label below the lowest point.
    if !from_zero && bottom - low < step / 2.0 {
        low -= step;
    }
    let mut high = (top / step).ceil() * step;
    if high <= low {
        high = low + step;
    }
    (low, high, step)
}

fn tick_text(value: f64, step: f64) -> String {
    let places = (-step.log10().floor()).clamp(0.0, 6.0) as usize;
    let text = format!("{value:.places$}");
    if text.trim_start_matches('-').chars().all(|c| c == '0' || c == '.') {
        return "0".to_owned();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_enclose_the_values() {
        assert_eq!(axis(&[12.0, 38.0]), (0.0, 40.0, 10.0));
        assert_eq!(axis(&[91.2, 95.9]), (90.0, 96.0, 2.0));
        assert_eq!(axis(&[0.0, 0.0]), (0.0, 0.5, 0.5));
        assert_eq!(axis(&[-3.0, 5.0]), (-4.0, 6.0, 2.0));
        assert_eq!(tick_text(0.30000000000000004, 0.1), "0.3");
        assert_eq!(tick_text(-0.0, 5.0), "0");
    }
}
