//! Horizontal bars of shares that make 100 %, labelled inside; all counts at the right.

use super::data::{Chart, Stacked};
use super::scene::{Anchor, BODY, INK, MARGIN, SMALL, SOFT, Scene, WHITE, WIDTH, palette, wrap};
use crate::model::{Decimal, Figure};
use crate::report::text;

const NAME_ROOM: i32 = 420;
const BAR: i32 = 40;
const GAP: i32 = 14;

pub(super) fn scene(chart: &Chart, data: &Stacked) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let colors = palette(data.palette, data.classes.len());

    // Legend in the order of the segments.
    let mut at = MARGIN;
    for (class, color) in data.classes.iter().zip(&colors) {
        let width = 34 + SMALL.width(&class.title) + 36;
        if at + width > WIDTH - MARGIN && at > MARGIN {
            at = MARGIN;
            scene.height += SMALL.line_height() + 6;
        }
        let middle = scene.height + SMALL.line_height() / 2;
        scene.rect((at, middle - 12), (24, 24), *color);
        scene.label((at + 34, middle), Anchor::Start, SMALL, INK, &class.title);
        at += width;
    }
    scene.height += SMALL.line_height() + 18;

    let names: Vec<Vec<String>> =
        data.rows.iter().map(|(name, _)| wrap(name, BODY, NAME_ROOM)).collect();
    let counts: Vec<String> = data.rows.iter().map(|(_, figures)| counts(figures)).collect();
    let name_room = names.iter().flatten().map(|n| BODY.width(n)).max().unwrap_or(0);
    let count_room = counts.iter().map(|c| SMALL.width(c)).max().unwrap_or(0);
    let left = MARGIN + name_room + 20;
    let right = (WIDTH - MARGIN - count_room - 20).max(left + 300);
    let heading = (right + 20, scene.height + SMALL.line_height() / 2);
    scene.label(heading, Anchor::Start, SMALL, SOFT, "各档数（合计）");
    let heading_end = heading.0 + SMALL.width("各档数（合计）");
    if heading_end > WIDTH - MARGIN
        && let Some(label) = scene.labels.last_mut()
    {
        (label.x, label.anchor) = (WIDTH - MARGIN, Anchor::End);
    }
    scene.height += SMALL.line_height() + 6;

    for (i, (((_, figures), lines), counts)) in
        data.rows.iter().zip(&names).zip(&counts).enumerate()
    {
        let height = (BODY.line_height() * lines.len() as i32).max(BAR) + GAP;
        let middle = scene.height + height / 2;
        let mut line_middle = middle - BODY.line_height() * (lines.len() as i32 - 1) / 2;
        for line in lines {
            scene.label((MARGIN, line_middle), Anchor::Start, BODY, INK, line);
            if i == 0
                && let Some(label) = scene.labels.last_mut()
            {
                label.bold = true;
            }
            line_middle += BODY.line_height();
        }
        segments(&mut scene, (left, right), middle, figures, &colors);
        scene.label((right + 20, middle), Anchor::Start, SMALL, SOFT, counts);
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
    figures: &[Option<&Figure>],
    colors: &[super::scene::Color],
) {
    let number = |f: &Figure| f.numerator.map_or(0.0, Decimal::to_f64_for_display).max(0.0);
    let total: f64 = figures.iter().flatten().map(|f| number(f)).sum();
    if total <= 0.0 {
        let reason = figures.iter().flatten().next().map_or("无数据", |f| text::why_empty(f));
        scene.label((left, middle), Anchor::Start, SMALL, SOFT, reason);
        return;
    }
    let mut passed = 0.0;
    let x = |passed: f64| left + (passed / total * f64::from(right - left)).round() as i32;
    for (figure, color) in figures.iter().zip(colors) {
        let Some(figure) = figure else { continue };
        let from = x(passed);
        passed += number(figure);
        let to = x(passed);
        scene.rect((from, middle - BAR / 2), (to - from, BAR), *color);
        if to < right {
            scene.rect((to - 1, middle - BAR / 2), (2, BAR), WHITE);
        }
        let share = text::value(figure);
        let center = ((from + to) / 2, middle);
        // Too narrow for its share: the counts at the right have it.
        let fitting = Some(share).filter(|label| SMALL.width(label) + 10 <= to - from);
        if let Some(label) = fitting {
            scene.label(center, Anchor::Middle, SMALL, color.contrast(), &label);
        }
    }
}

/// `54 / 323 / 107 / 49（533）`: all counts, also of segments too narrow for a label.
fn counts(figures: &[Option<&Figure>]) -> String {
    let known: Vec<String> = figures
        .iter()
        .map(|f| {
            f.and_then(|f| f.numerator).map_or_else(|| text::NONE.to_owned(), |n| n.to_string())
        })
        .collect();
    let base = figures.iter().flatten().find_map(|f| f.denominator);
    match base {
        Some(base) => format!("{}（{base}）", known.join(" / ")),
        None => known.join(" / "),
    }
}
