//! The county's series: lines with gaps where a period is missing and where the 口径 changes.

use std::collections::BTreeMap;

use super::axis::{PlotArea, ValueAxis};
use super::data::{Chart, Trend, TrendLine};
use super::placing::{Obstacles, spread};
use super::scene::{Anchor, MARGIN, SMALL, SOFT, Scene, Shape, WIDTH, wrap};
use crate::model::{Decimal, Period, Point, Status};
use crate::report::color::{self, Color, WHITE};

const PLOT_HEIGHT: i32 = 520;
/// Widest name at the end of a line.
const NAME_ROOM: i32 = 300;

/// A line with its colour and its number, which gives the markers their shape.
type Line<'a> = (&'a TrendLine<'a>, Color, usize);

pub(super) fn scene(chart: &Chart, data: &Trend) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    // Different measures never share an axis: one panel each.
    let mut measures: Vec<&str> = Vec::new();
    for line in &data.lines {
        if !measures.contains(&line.measure) {
            measures.push(line.measure);
        }
    }
    let colors = color::lines(data.lines.len());
    for measure in measures {
        let numbered = data.lines.iter().zip(&colors).enumerate();
        let lines: Vec<Line> = numbered
            .filter(|(_, (line, _))| line.measure == measure)
            .map(|(i, (line, color))| (line, *color, i))
            .collect();
        panel(&mut scene, measure, &lines, data.lines.len() > 1);
    }
    if data.lines.iter().flat_map(|l| l.points).any(is_hollow) {
        scene.line("空心点：该期数据待核实或不完整。", SMALL, false, SOFT);
    }
    scene.height += MARGIN / 2;
    scene
}

fn is_hollow(point: &Point) -> bool {
    point.value.is_some() && matches!(point.status, Status::Provisional | Status::Incomplete)
}

fn panel(scene: &mut Scene, measure: &str, lines: &[Line], several: bool) {
    let mut periods: Vec<Period> =
        lines.iter().flat_map(|(l, ..)| l.points.iter().map(|p| p.period.clone())).collect();
    periods.sort();
    periods.dedup();
    let values: Vec<Decimal> =
        lines.iter().flat_map(|(l, ..)| l.points.iter().filter_map(|p| p.value)).collect();
    let values = ValueAxis::new(&values);
    let middle = scene.height + SMALL.line_height() / 2;
    let unit = unit(measure, lines, several, values.low > 0.0);
    scene.label((MARGIN, middle), Anchor::Start, SMALL, SOFT, &unit);
    let unit = scene.labels.last().map(super::scene::ChartLabel::bounds);
    scene.height += SMALL.line_height() + 36;

    let ends: Vec<Vec<String>> = lines.iter().map(|(line, ..)| end(line)).collect();
    let named = lines.len() > 1;
    let end_room = ends.iter().flatten().map(|n| SMALL.width(n)).max().unwrap_or(0);
    let tick_room = values.ticks().iter().map(|(_, t)| SMALL.width(t)).max().unwrap_or(0);
    let frame = PlotArea {
        left: MARGIN + tick_room + 84,
        right: WIDTH - MARGIN - if named { end_room + 50 } else { 60 },
        top: scene.height,
        bottom: scene.height + PLOT_HEIGHT,
        values,
        periods,
    };
    let grid = frame.grid(scene);
    let behind_lines = scene.shapes.len();
    frame.time_axis(scene);
    let mut obstacles = Obstacles {
        grid,
        inside: (MARGIN + tick_room + 20, frame.top - 40, frame.right + 44, frame.bottom - 4),
        labels: unit.into_iter().collect(),
        ..Obstacles::default()
    };
    breaks(scene, &frame, lines, &mut obstacles);
    for (line, color, _) in lines {
        polylines(scene, &frame, line, *color, &mut obstacles);
    }
    for line in lines {
        markers(scene, &frame, line, &mut obstacles);
    }
    for (line, color, _) in lines {
        numbers(scene, &frame, (line, color.darker()), lines.len(), &mut obstacles);
    }
    if named {
        names(scene, &frame, lines, &ends);
    }
    let backing = obstacles.backing().map(|shape| (shape, None));
    scene.shapes.splice(behind_lines..behind_lines, backing);
    scene.height = frame.bottom + 2 * SMALL.line_height() + 44;
}

/// `单位：%`, or the name of the only line in a panel of several, and a warning when the axis
/// does not begin at zero.
fn unit(measure: &str, lines: &[Line], several: bool, cut: bool) -> String {
    let unit = match (lines, several) {
        ([(only, ..)], true) if measure.is_empty() => only.title.clone(),
        ([(only, ..)], true) => format!("{}（{measure}）", only.title),
        _ if measure.is_empty() => String::new(),
        _ => format!("单位：{measure}"),
    };
    if cut { format!("{unit}　纵轴不从 0 起").trim_start().to_owned() } else { unit }
}

/// Name and last value, for the end of a line.
fn end(line: &TrendLine) -> Vec<String> {
    let last = line.points.iter().rev().find_map(|p| p.value);
    let value = last.map(|v| format!(" {v}")).unwrap_or_default();
    wrap(&format!("{}{value}", line.title), SMALL, NAME_ROOM)
}

/// Names at the ends of the lines, moved apart where lines end together.
fn names(scene: &mut Scene, frame: &PlotArea, lines: &[Line], ends: &[Vec<String>]) {
    let last_of = |line: &TrendLine| {
        let (i, value) =
            line.points.iter().enumerate().rev().find_map(|(i, p)| Some((i, p.value?)))?;
        let at = frame.periods.iter().position(|p| *p == line.points[i].period)?;
        Some((frame.x(at), frame.y(value.to_f64_for_display())))
    };
    let found: Vec<(usize, (i32, i32))> =
        lines.iter().enumerate().filter_map(|(i, (line, ..))| Some((i, last_of(line)?))).collect();
    let wanted: Vec<(i32, i32)> =
        found.iter().map(|(i, (_, y))| (*y, SMALL.line_height() * ends[*i].len() as i32)).collect();
    let middles = spread(&wanted, (frame.top - 30, frame.bottom + 10));
    for ((i, (x, y)), middle) in found.into_iter().zip(middles) {
        let color = lines[i].1;
        let left = frame.right + 48;
        if middle != y || x < frame.right {
            let points = vec![(x + 14, y), (left - 8, middle)];
            scene.shape(Shape::Line { points, width: 2, color });
        }
        scene.lines((left, middle), SMALL, color.darker(), &ends[i]);
    }
}

/// A dashed line where the 口径 changes, with the series' name if there are several.
fn breaks(scene: &mut Scene, frame: &PlotArea, lines: &[Line], obstacles: &mut Obstacles) {
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
        obstacles.stretches.push([(x, frame.top - 10), (x, frame.bottom)]);
        let label = if titles.len() == lines.len() {
            "口径变化".to_owned()
        } else {
            format!("口径变化（{}）", titles.join("、"))
        };
        let half = SMALL.width(&label) / 2;
        let middle = frame.top - 14 - SMALL.line_height() / 2;
        let center = x.clamp(MARGIN + half, WIDTH - MARGIN - half);
        scene.label((center, middle), Anchor::Middle, SMALL, SOFT, &label);
        obstacles.labels.extend(scene.labels.last().map(super::scene::ChartLabel::bounds));
    }
}

fn polylines(
    scene: &mut Scene,
    frame: &PlotArea,
    line: &TrendLine,
    color: Color,
    obstacles: &mut Obstacles,
) {
    let mut runs: Vec<Vec<(i32, i32)>> = vec![Vec::new()];
    for (i, period) in frame.periods.iter().enumerate() {
        let point = line.points.iter().find(|p| p.period == *period);
        let Some((point, value)) = point.and_then(|p| p.value.map(|v| (p, v))) else {
            // A gap: a period without value, or one that this series does not have.
            runs.push(Vec::new());
            continue;
        };
        if !point.joins() {
            runs.push(Vec::new());
        }
        if let Some(run) = runs.last_mut() {
            run.push((frame.x(i), frame.y(value.to_f64_for_display())));
        }
    }
    for points in runs.into_iter().filter(|run| run.len() > 1) {
        obstacles.stretches.extend(points.windows(2).map(|pair| [pair[0], pair[1]]));
        scene.shape(Shape::Line { points, width: 4, color });
    }
}

fn markers(
    scene: &mut Scene,
    frame: &PlotArea,
    (line, color, i): &Line,
    obstacles: &mut Obstacles,
) {
    for point in line.points {
        let Some(at) = frame.periods.iter().position(|p| *p == point.period) else { continue };
        let x = frame.x(at);
        let Some(value) = point.value else {
            let middle = frame.bottom - SMALL.line_height() / 2 - 4;
            scene.label((x, middle), Anchor::Middle, SMALL, SOFT, "缺");
            obstacles.labels.extend(scene.labels.last().map(super::scene::ChartLabel::bounds));
            continue;
        };
        let y = frame.y(value.to_f64_for_display());
        let mut tip = format!("{} {} {value}{}", line.title, point.period.title(), line.measure);
        if is_hollow(point) {
            tip = format!("{tip}（{}）", point.status.title());
        }
        scene.marked(&line.figure.id, tip, |scene| {
            scene.shape(marker((x, y), 10, *color, *i));
            if is_hollow(point) {
                scene.shape(marker((x, y), 5, WHITE, *i));
            }
        });
        obstacles.markers.push((x - 11, y - 11, x + 11, y + 11));
    }
}

/// The value at each point of one or two lines; of more, wherever there is room. The ends of
/// several lines have their values in their names.
fn numbers(
    scene: &mut Scene,
    frame: &PlotArea,
    (line, color): (&TrendLine, Color),
    lines: usize,
    obstacles: &mut Obstacles,
) {
    let last = line.points.iter().rposition(|p| p.value.is_some());
    let crowded = frame.periods.len() > 14;
    for (i, point) in line.points.iter().enumerate() {
        let at = frame.periods.iter().position(|p| *p == point.period);
        let (Some(at), Some(value)) = (at, point.value) else { continue };
        let is_last = Some(i) == last;
        if (is_last && lines > 1) || (crowded && !is_last) {
            continue;
        }
        // Below where the line comes from above and goes up again.
        let neighbour = |at: Option<usize>| at.and_then(|at| line.points.get(at)?.value);
        let (before, after) = (neighbour(i.checked_sub(1)), neighbour(Some(i + 1)));
        let higher = |other: Option<Decimal>| other.is_some_and(|other| other > value);
        let lower = |other: Option<Decimal>| other.is_some_and(|other| other < value);
        let below = (higher(before) || higher(after)) && !lower(before) && !lower(after);
        let point = (frame.x(at), frame.y(value.to_f64_for_display()));
        obstacles.set(scene, point, (&value.to_string(), color), (!below, lines == 1));
    }
}

/// Each series has its own shape as well as its own colour.
fn marker((x, y): (i32, i32), size: i32, color: Color, shape: usize) -> Shape {
    match shape % 4 {
        0 => Shape::Circle { center: (x, y), radius: size - 1, color },
        1 => {
            let side = 2 * size - 3;
            Shape::Rect { x: x - side / 2, y: y - side / 2, width: side, height: side, color }
        }
        2 => Shape::Polygon {
            points: vec![
                (x, y - size - 1),
                (x + size + 1, y + size - 1),
                (x - size - 1, y + size - 1),
            ],
            color,
        },
        _ => {
            let reach = size + 2;
            Shape::Polygon {
                points: vec![(x, y - reach), (x + reach, y), (x, y + reach), (x - reach, y)],
                color,
            }
        }
    }
}
