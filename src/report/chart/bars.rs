//! Ranked horizontal bars: a block a group, with place, name, bar, value and base.

use super::data::{Bar, Bars, Chart};
use super::scene::{
    Anchor, BLUE, BODY, HEADING, INK, MARGIN, ORANGE, RULE, SMALL, SOFT, Scene, WHITE, WIDTH, wrap,
};
use crate::model::Decimal;
use crate::report::text;

const NAME_ROOM: i32 = 420;
const PLACE_ROOM: i32 = 56;
const BAR: i32 = 30;
const GAP: i32 = 14;

pub(super) fn scene(chart: &Chart, data: &Bars) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let bars: Vec<&Bar> = data.groups.iter().flat_map(|(_, b)| b).collect();
    let ranked = bars.iter().any(|b| !b.place().is_empty());
    let names: Vec<Vec<String>> = bars.iter().map(|b| wrap(&b.name, BODY, NAME_ROOM)).collect();
    let name_room = names.iter().flatten().map(|n| BODY.width(n)).max().unwrap_or(0);
    let label_room = bars.iter().map(|b| SMALL.width(&b.label())).max().unwrap_or(0);
    let names_at = MARGIN + if ranked { PLACE_ROOM } else { 0 };
    let left = names_at + name_room + 20;
    let right = (WIDTH - MARGIN - label_room - 16).max(left + 200);

    let target =
        data.indicator.target_value().filter(|_| bars.iter().any(|b| b.meets_target.is_some()));
    let values = || bars.iter().filter_map(|b| b.figure.value);
    let highest = values().chain(target).map(Decimal::to_f64_for_display).fold(0.0, f64::max);
    let lowest = values().map(Decimal::to_f64_for_display).fold(0.0, f64::min);
    let percent = data.indicator.measure() == "%";
    let top_value = if percent && highest > 40.0 && highest <= 100.0 { 100.0 } else { highest };
    let span = if top_value > lowest { top_value - lowest } else { 1.0 };
    let x = |value: f64| left + ((value - lowest) / span * f64::from(right - left)).round() as i32;

    // Lines' names above the plot, so that they never cross a bar's label.
    let county = data.county.and_then(|f| f.value);
    let mut lines = Vec::new();
    if let Some(target) = target {
        lines.push((x(target.to_f64_for_display()), text::target(data.indicator), ORANGE));
    }
    if let Some(value) = county.filter(|_| percent) {
        let label = format!("{} {value}%", data.county_name);
        lines.push((x(value.to_f64_for_display()), label, SOFT));
    }
    for (at, label, color) in &lines {
        let half = SMALL.width(label) / 2;
        let middle = scene.height + SMALL.line_height() / 2;
        let center = (*at).clamp(left + half, WIDTH - MARGIN - half);
        scene.label((center, middle), Anchor::Middle, SMALL, *color, label);
        scene.height += SMALL.line_height();
    }
    let top = scene.height + 4;
    scene.height = top + 8;

    let mut drawn = Vec::new();
    let mut labels = Vec::new();
    let mut name_lines = names.iter();
    let mut first = true;
    for (group, bars) in &data.groups {
        if data.groups.len() > 1 && !group.is_empty() {
            scene.height += if first { 0 } else { 14 };
            let middle = scene.height + HEADING.line_height() / 2;
            let title = format!("{group}（{} 个单位）", bars.len());
            scene.label((MARGIN, middle), Anchor::Start, HEADING, INK, &title);
            if let Some(label) = scene.labels.last_mut() {
                label.bold = true;
            }
            scene.height += HEADING.line_height() + 6;
        }
        first = false;
        for bar in bars {
            let lines = name_lines.next().map_or(&[][..], Vec::as_slice);
            let height = (BODY.line_height() * lines.len().max(1) as i32).max(BAR) + GAP;
            let middle = scene.height + height / 2;
            let mut line_middle = middle - BODY.line_height() * (lines.len().max(1) as i32 - 1) / 2;
            for line in lines {
                scene.label((names_at, line_middle), Anchor::Start, BODY, INK, line);
                line_middle += BODY.line_height();
            }
            let place = bar.place();
            let place_at = (MARGIN + PLACE_ROOM - 16, middle);
            scene.label(place_at, Anchor::End, BODY, SOFT, &place);
            let mut label_at = x(0.0_f64.max(lowest));
            if let Some(value) = bar.figure.value {
                let (zero, end) = (x(0.0), x(value.to_f64_for_display()));
                let color = if bar.meets_target == Some(false) { ORANGE } else { BLUE };
                drawn.push(((zero.min(end), middle - BAR / 2), ((end - zero).abs(), BAR), color));
                label_at = end.max(zero);
            }
            let color = if bar.figure.value.is_some() { INK } else { SOFT };
            let at = (label_at + 12, middle);
            let label = bar.label();
            scene.label(at, Anchor::Start, SMALL, color, &label);
            labels.push(((at.0 - 6, middle - 16), (SMALL.width(&label) + 12, 32)));
            scene.height += height;
        }
    }
    let bottom = scene.height + 4;
    scene.rect((x(0.0) - 1, top), (2, bottom - top), RULE);
    for (at, size, color) in drawn {
        scene.rect(at, size, color);
    }
    for (at, _, color) in lines {
        scene.dashes(at, (top, bottom), color);
    }
    // The dashed lines pass behind the labels.
    for (at, size) in labels {
        scene.rect(at, size, WHITE);
    }
    scene.height = bottom + 16;
    legend(&mut scene, data, &bars);
    scene.height += MARGIN / 2;
    scene
}

/// What the two colours mean, when both are used.
fn legend(scene: &mut Scene, data: &Bars, bars: &[&Bar]) {
    let short = bars.iter().any(|b| b.meets_target == Some(false));
    if !short {
        return;
    }
    let target = text::target(data.indicator);
    let mut at = MARGIN;
    let middle = scene.height + SMALL.line_height() / 2;
    for (color, word) in [(BLUE, "达到"), (ORANGE, "未达")] {
        scene.rect((at, middle - 11), (22, 22), color);
        let label = format!("{word}{target}");
        scene.label((at + 32, middle), Anchor::Start, SMALL, SOFT, &label);
        at += 32 + SMALL.width(&label) + 40;
    }
    scene.height += SMALL.line_height();
}
