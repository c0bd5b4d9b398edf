//! Then and now: a panel a group, a line a unit, both ends labelled.

use super::data::{Chart, Slope, SlopeLine, Turn};
use super::placing::spread;
use super::scene::{Anchor, HEADING, MARGIN, RULE, SMALL, SOFT, Scene, Shape, WIDTH, legend, wrap};
use crate::model::Decimal;
use crate::report::color::{BAD, Color, GOOD, INK};

/// Panels side by side.
const ACROSS: usize = 3;
const APART: i32 = 40;
const NAME_ROOM: i32 = 150;
const HEIGHT: i32 = 560;

pub(super) fn scene(chart: &Chart, data: &Slope) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let entries = [Turn::Better, Turn::Same, Turn::Worse];
    let used = entries.into_iter().filter(|turn| data.lines().any(|l| data.turn(l) == *turn));
    legend(&mut scene, used.map(|turn| (color(turn), word(turn).to_owned())));
    scene.height += 20;

    let ends = || data.lines().flat_map(|l| [l.then, l.now]).map(Decimal::to_f64_for_display);
    let (low, high) = (ends().fold(f64::MAX, f64::min), ends().fold(f64::MIN, f64::max));
    for groups in data.groups.chunks(ACROSS) {
        let width = (WIDTH - 2 * MARGIN - APART * (groups.len() as i32 - 1)) / groups.len() as i32;
        let heights = groups.iter().map(|(_, lines)| {
            lines.iter().map(|l| SMALL.line_height() * label(l).len() as i32).sum::<i32>()
        });
        let height = heights.max().unwrap_or(0).max(HEIGHT);
        let top = scene.height;
        for (i, (group, lines)) in groups.iter().enumerate() {
            scene.height = top;
            let left = MARGIN + (width + APART) * i as i32;
            let span = if high > low { high - low } else { 1.0 };
            let panel = Panel { left, right: left + width, height, low, span };
            panel.draw(&mut scene, data, group, lines);
        }
    }
    scene.height += MARGIN / 2;
    scene
}

fn color(turn: Turn) -> Color {
    match turn {
        Turn::Better => GOOD,
        Turn::Worse => BAD,
        Turn::Same => SOFT,
    }
}

fn word(turn: Turn) -> &'static str {
    match turn {
        Turn::Better => "好转",
        Turn::Worse => "变差",
        Turn::Same => "持平",
    }
}

/// `52.6 羊角乡`, in as many lines as the name needs.
fn label(line: &SlopeLine) -> Vec<String> {
    wrap(&format!("{} {}", line.now, line.name), SMALL, NAME_ROOM + 70)
}

struct Panel {
    left: i32,
    right: i32,
    height: i32,
    low: f64,
    span: f64,
}

impl Panel {
    fn draw(&self, scene: &mut Scene, data: &Slope, group: &str, lines: &[SlopeLine]) {
        let middle = scene.height + HEADING.line_height() / 2;
        scene.label((self.left, middle), Anchor::Start, HEADING, INK, group);
        scene.embolden();
        scene.height += HEADING.line_height() + 8;

        let thens: Vec<String> = lines.iter().map(|l| l.then.to_string()).collect();
        let nows: Vec<Vec<String>> = lines.iter().map(label).collect();
        let room = |widths: &mut dyn Iterator<Item = i32>| widths.max().unwrap_or(0) + 44;
        let from = self.left + room(&mut thens.iter().map(|t| SMALL.width(t)));
        let to = self.right - room(&mut nows.iter().flatten().map(|n| SMALL.width(n)));
        let middle = scene.height + SMALL.line_height() / 2;
        for (x, period) in [(from, data.then), (to, data.now)] {
            scene.label((x, middle), Anchor::Middle, SMALL, SOFT, &period.title());
        }
        scene.height += SMALL.line_height() + 14;
        let top = scene.height;
        for x in [from, to] {
            scene.rect((x - 1, top - 8), (2, self.height + 16), RULE);
        }

        let y = |value: Decimal| {
            let share = (value.to_f64_for_display() - self.low) / self.span;
            top + self.height - 16 - (share * f64::from(self.height - 32)).round() as i32
        };
        let inside = (top - 8, top + self.height + 8);
        let one = SMALL.line_height();
        let left_ends: Vec<_> = lines.iter().map(|l| (y(l.then), one)).collect();
        let right_ends: Vec<_> =
            lines.iter().zip(&nows).map(|(l, n)| (y(l.now), one * n.len() as i32)).collect();
        let left_middles = spread(&left_ends, inside);
        let right_middles = spread(&right_ends, inside);
        for (i, line) in lines.iter().enumerate() {
            let color = color(data.turn(line));
            let is_named = data.named().is_some_and(|named| named.name == line.name);
            let (start, end) = ((from, y(line.then)), (to, y(line.now)));
            scene.marked(&line.figure.id, data.tip(line), |scene| {
                scene.shape(Shape::Line {
                    points: vec![start, end],
                    width: if is_named { 8 } else { 4 },
                    color,
                });
                for center in [start, end] {
                    scene.shape(Shape::Circle { center, radius: 8, color });
                }
            });
            // From the point to its label, where that had to move.
            let leaders = [
                (from - 10, from - 30, start.1, left_middles[i]),
                (to + 10, to + 30, end.1, right_middles[i]),
            ];
            for (x, label_x, y, label_y) in leaders {
                if y != label_y {
                    let points = vec![(x, y), (label_x, label_y)];
                    scene.shape(Shape::Line { points, width: 2, color: RULE });
                }
            }
            let at = (from - 36, left_middles[i]);
            scene.label(at, Anchor::End, SMALL, color.darker(), &thens[i]);
            scene.lines((to + 36, right_middles[i]), SMALL, color.darker(), &nows[i]);
            if is_named {
                scene.embolden();
            }
        }
        scene.height = top + self.height + 24;
    }
}
