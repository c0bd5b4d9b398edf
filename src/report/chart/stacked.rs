//! Horizontal bars of shares that make 100 %, labelled inside; what they are shares of at the right.

use super::data::{Chart, Stacked, StackedRow, class_title};
use super::scene::{Anchor, BODY, MARGIN, SMALL, SOFT, Scene, WIDTH, legend, wrap};
use crate::model::{Decimal, Figure};
use crate::report::color::{Color, INK};
use crate::report::text;

const NAME_ROOM: i32 = 420;
const BAR: i32 = 40;
const GAP: i32 = 14;
const TOTAL: &str = "合计";

pub(super) fn scene(chart: &Chart, data: &Stacked) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let colors = &data.colors;
    legend(&mut scene, entries(data).into_iter());
    scene.height += 18;

    let names = data.rows.iter().flat_map(|row| wrap(&row.name, BODY, NAME_ROOM));
    let name_room = names.map(|n| BODY.width(&n)).max().unwrap_or(0);
    let total_room = data.rows.iter().map(|r| SMALL.width(&total(&r.figures))).max().unwrap_or(0);
    let left = MARGIN + name_room + 20;
    let right = (WIDTH - MARGIN - total_room.max(SMALL.width(TOTAL)) - 20).max(left + 300);
    let middle = scene.height + SMALL.line_height() / 2;
    scene.label((right + 20, middle), Anchor::Start, SMALL, SOFT, TOTAL);
    scene.height += SMALL.line_height() + 6;

    let grouped = data.group_count() > 1;
    let mut group = "";
    for (i, row) in data.rows.iter().enumerate() {
        if grouped && row.group != group {
            group = &row.group;
            scene.height += 8;
            scene.heading(group);
        }
        let lines = wrap(&row.name, BODY, NAME_ROOM);
        let height = (BODY.line_height() * lines.len() as i32).max(BAR) + GAP;
        let middle = scene.height + height / 2;
        scene.lines((MARGIN, middle), BODY, INK, &lines);
        if i == 0 {
            scene.embolden();
        }
        segments(&mut scene, (left, right), middle, row, colors);
        scene.label((right + 20, middle), Anchor::Start, SMALL, SOFT, &total(&row.figures));
        // The whole county stands apart from its parts.
        scene.height += height + if i == 0 && data.rows.len() > 1 { 12 } else { 0 };
    }
    scene.height += MARGIN / 2;
    scene
}

fn segments(
    scene: &mut Scene,
    (left, right): (i32, i32),
    middle: i32,
    row: &StackedRow,
    colors: &[Color],
) {
    let number = |f: &Figure| f.numerator.map_or(0.0, Decimal::to_f64_for_display).max(0.0);
    let known = || row.figures.iter().flatten();
    let total: f64 = known().map(|f| number(f)).sum();
    if total <= 0.0 {
        let reason = known().next().map_or("无数据", |f| text::why_empty(f));
        scene.label((left, middle), Anchor::Start, SMALL, SOFT, reason);
        return;
    }
    let mut passed = 0.0;
    let x = |passed: f64| left + (passed / total * f64::from(right - left)).round() as i32;
    for (figure, color) in row.figures.iter().zip(colors) {
        let Some(figure) = figure else { continue };
        let from = x(passed);
        passed += number(figure);
        let to = x(passed);
        let tip = format!("{} {} {}", row.name, class_title(figure), text::value_with_base(figure));
        // A gap before the next.
        let width = if to < right { to - from - 2 } else { to - from };
        scene.marked(&figure.id, tip, |scene| {
            scene.rect((from, middle - BAR / 2), (width, BAR), *color);
        });
        let share = text::value(figure);
        // Too narrow for its share: the table has it.
        if SMALL.width(&share) + 10 <= to - from {
            let center = (i32::midpoint(from, to), middle);
            scene.label(center, Anchor::Middle, SMALL, color.contrast(), &share);
        }
    }
}

/// What the row's shares are shares of.
fn total(figures: &[Option<&Figure>]) -> String {
    let base = figures.iter().flatten().find_map(|f| f.denominator);
    base.map_or_else(|| text::NONE.to_owned(), |base| base.to_string())
}

/// In the order of the segments; those of one colour together, with the last of them.
fn entries(data: &Stacked) -> Vec<(Color, String)> {
    let mut entries: Vec<(Color, String)> = Vec::new();
    for (class, color) in data.classes.iter().zip(&data.colors) {
        match entries.iter().position(|(known, _)| known == color) {
            Some(at) => {
                let (color, titles) = entries.remove(at);
                entries.push((color, format!("{titles}、{}", class.title)));
            }
            None => entries.push((*color, class.title.clone())),
        }
    }
    entries
}
