//! Ordered steps as centred bars: what is left after each.

use super::data::{Chart, Funnel, class_title};
use super::scene::{Anchor, BODY, MARGIN, RULE, Scene, Shape, WIDTH, wrap};
use crate::model::{Decimal, Figure};
use crate::report::color::{INK, PLAIN};
use crate::report::text;

const BAR: i32 = 64;
const GAP: i32 = 26;
const NAME_ROOM: i32 = 420;

pub(super) fn scene(chart: &Chart, data: &Funnel) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let names: Vec<Vec<String>> =
        data.steps.iter().map(|f| wrap(class_title(f), BODY, NAME_ROOM)).collect();
    let labels: Vec<String> = data.steps.iter().map(|f| label(f)).collect();
    let name_room = names.iter().flatten().map(|n| BODY.width(n)).max().unwrap_or(0);
    let label_room = labels.iter().map(|l| BODY.width(l)).max().unwrap_or(0);
    let left = MARGIN + name_room + 24;
    let right = WIDTH - MARGIN - label_room - 24;
    let center = i32::midpoint(left, right);
    let number = |f: &Figure| f.numerator.map_or(0.0, Decimal::to_f64_for_display).max(0.0);
    let most = data.steps.iter().map(|f| number(f)).fold(0.0, f64::max);

    let mut before: Option<(i32, i32)> = None;
    for ((figure, lines), label) in data.steps.iter().zip(&names).zip(&labels) {
        let height = (BODY.line_height() * lines.len() as i32).max(BAR);
        let middle = scene.height + height / 2;
        let share = if most > 0.0 { number(figure) / most } else { 0.0 };
        let half = (share * f64::from(right - left) / 2.0).round() as i32;
        let (top, bottom) = (middle - BAR / 2, middle + BAR / 2);
        if let Some((half_before, bottom_before)) = before {
            scene.shape(Shape::Polygon {
                points: vec![
                    (center - half_before, bottom_before),
                    (center + half_before, bottom_before),
                    (center + half, top),
                    (center - half, top),
                ],
                color: RULE,
            });
        }
        scene.marked(&figure.id, format!("{} {label}", class_title(figure)), |scene| {
            scene.rect((center - half, top), ((2 * half).max(2), BAR), PLAIN);
        });
        scene.lines((MARGIN, middle), BODY, INK, lines);
        scene.label((right + 24, middle), Anchor::Start, BODY, INK, label);
        before = Some((half, bottom));
        scene.height += height + GAP;
    }
    scene.height += MARGIN / 2;
    scene
}

/// `16（88.9%）`: the count and its share of the first step.
pub(in crate::report) fn label(figure: &Figure) -> String {
    match figure.numerator {
        Some(n) => format!("{n}（{}）", text::value(figure)),
        None => text::why_empty(figure).to_owned(),
    }
}
