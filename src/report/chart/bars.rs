//! Ranked horizontal bars: a block a group, with place, name, bar, value and base.
//!
//! Values stand in columns right of the bars, so that neither the target's line nor the
//! county's ever runs through a number.

use super::data::{Bar, Bars, Chart};
use super::scene::{Anchor, BODY, MARGIN, RULE, SMALL, SOFT, Scene, TRACK, WIDTH, legend, wrap};
use crate::model::Decimal;
use crate::report::color::{BAD, Color, GOOD, INK};
use crate::report::text;

const NAME_ROOM: i32 = 420;
const PLACE_ROOM: i32 = 56;
const BAR: i32 = 30;
const GAP: i32 = 14;
const COLUMN_GAP: i32 = 14;

pub(super) fn scene(chart: &Chart, data: &Bars) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let frame = Frame::new(data);
    let lines = lines(data, &frame);
    flags(&mut scene, &lines);

    for (i, (group, bars)) in data.groups.iter().enumerate() {
        if data.groups.len() > 1 && !group.is_empty() {
            scene.height += if i == 0 { 0 } else { 14 };
            scene.heading(&format!("{group}（{} 个单位）", bars.len()));
        }
        let top = scene.height;
        for bar in bars {
            row(&mut scene, &frame, bar);
        }
        let bottom = scene.height;
        if frame.lowest < 0.0 {
            scene.rect((frame.x(0.0) - 1, top), (2, bottom - top), RULE);
        }
        for line in &lines {
            scene.dashes(line.x, (top + GAP / 4, bottom - GAP / 4), line.color);
        }
    }
    scene.height += 16;
    let used = |met: bool| data.bars().any(|b| b.meets_target == Some(met));
    if used(false) {
        let target = text::target(data.indicator);
        let entries = [(true, GOOD, "达到"), (false, BAD, "未达")];
        let entries = entries.into_iter().filter(|(met, ..)| used(*met));
        legend(&mut scene, entries.map(|(_, color, word)| (color, format!("{word}{target}"))));
    } else if data.bars().any(|b| b.is_named) {
        legend(&mut scene, std::iter::once((BAD, data.worst().to_owned())));
    }
    scene.height += MARGIN / 2;
    scene
}

/// Where the columns are, and how values become places.
struct Frame {
    names_at: i32,
    left: i32,
    right: i32,
    values_end: i32,
    bases_at: i32,
    notes_at: i32,
    lowest: f64,
    span: f64,
}

impl Frame {
    fn new(data: &Bars) -> Self {
        let widest = |text: &dyn Fn(&Bar) -> String| {
            data.bars().map(|b| SMALL.width(&text(b))).max().unwrap_or(0)
        };
        let column = |room: i32| if room > 0 { room + COLUMN_GAP } else { 0 };
        let notes_at = WIDTH - MARGIN - widest(&|b| b.notes());
        let bases_at = notes_at - column(widest(&|b| text::fraction(b.figure)));
        let values_end = bases_at - COLUMN_GAP;
        let ranked = data.bars().any(|b| !b.place().is_empty());
        let names_at = MARGIN + if ranked { PLACE_ROOM } else { 0 };
        let names = data.bars().flat_map(|b| wrap(&b.name, BODY, NAME_ROOM));
        let left = names_at + names.map(|n| BODY.width(&n)).max().unwrap_or(0) + 20;
        let right = (values_end - widest(&|b| b.value()) - 20).max(left + 200);

        let target = data.target().filter(|_| data.is_judged());
        let values = || data.bars().filter_map(|b| b.figure.value);
        let highest = values().chain(target).map(Decimal::to_f64_for_display).fold(0.0, f64::max);
        let lowest = values().map(Decimal::to_f64_for_display).fold(0.0, f64::min);
        let percent = data.indicator.measure() == "%";
        let top = if percent && highest > 40.0 && highest <= 100.0 { 100.0 } else { highest };
        let span = if top > lowest { top - lowest } else { 1.0 };
        Self { names_at, left, right, values_end, bases_at, notes_at, lowest, span }
    }

    fn x(&self, value: f64) -> i32 {
        let room = f64::from(self.right - self.left);
        self.left + ((value - self.lowest) / self.span * room).round() as i32
    }
}

fn row(scene: &mut Scene, frame: &Frame, bar: &Bar) {
    let lines = wrap(&bar.name, BODY, NAME_ROOM);
    let height = (BODY.line_height() * lines.len() as i32).max(BAR) + GAP;
    let middle = scene.height + height / 2;
    scene.lines((frame.names_at, middle), BODY, INK, &lines);
    if bar.is_named {
        scene.embolden();
    }
    let place_end = (MARGIN + PLACE_ROOM - 16, middle);
    scene.label(place_end, Anchor::End, BODY, SOFT, &bar.place());
    let color = if bar.figure.value.is_some() { INK } else { SOFT };
    let tip = format!("{} {}", bar.name, bar.label());
    scene.marked(&bar.figure.id, tip, |scene| {
        if let Some(value) = bar.figure.value {
            let top = middle - BAR / 2;
            scene.rect((frame.left, top), (frame.right - frame.left, BAR), TRACK);
            let (zero, end) = (frame.x(0.0), frame.x(value.to_f64_for_display()));
            scene.rect((zero.min(end), top), ((end - zero).abs(), BAR), bar.color());
        }
        scene.label((frame.values_end, middle), Anchor::End, SMALL, color, &bar.value());
    });
    let fraction = text::fraction(bar.figure);
    if bar.figure.value.is_some() {
        scene.label((frame.bases_at, middle), Anchor::Start, SMALL, SOFT, &fraction);
    }
    scene.label((frame.notes_at, middle), Anchor::Start, SMALL, SOFT, &bar.notes());
    scene.height += height;
}

/// A value to compare with, drawn through all bars.
struct Reference {
    x: i32,
    label: String,
    color: Color,
}

/// The target's and the county's, from left to right.
fn lines(data: &Bars, frame: &Frame) -> Vec<Reference> {
    let mut lines = Vec::new();
    let line = |value: Decimal, label: String, color: Color| Reference {
        x: frame.x(value.to_f64_for_display()),
        label,
        color,
    };
    if let Some(target) = data.target().filter(|_| data.is_judged()) {
        lines.push(line(target, text::target(data.indicator), BAD));
    }
    let percent = data.indicator.measure() == "%";
    if let Some(value) = data.county.and_then(|f| f.value).filter(|_| percent) {
        lines.push(line(value, format!("{} {value}%", data.county_name), SOFT));
    }
    lines.sort_by_key(|l| l.x);
    lines
}

/// Each line's name as a flag on its pole: the left one's to the left, the other's to the
/// right. One that has no room on its side turns round and flies higher than the other.
fn flags(scene: &mut Scene, lines: &[Reference]) {
    let leftmost = lines.len() > 1;
    let turned: Vec<bool> = lines
        .iter()
        .enumerate()
        .map(|(i, line)| {
            let room = SMALL.width(&line.label) + 10;
            if leftmost && i == 0 { line.x - room < MARGIN } else { line.x + room > WIDTH - MARGIN }
        })
        .collect();
    let two_rows = lines.len() > 1 && turned.contains(&true);
    let foot = scene.height + SMALL.line_height() * if two_rows { 2 } else { 1 };
    for (i, (line, turned)) in lines.iter().zip(turned).enumerate() {
        let top = if two_rows && turned { scene.height } else { foot - SMALL.line_height() };
        let to_left = (leftmost && i == 0) != turned;
        let (x, anchor) =
            if to_left { (line.x - 10, Anchor::End) } else { (line.x + 10, Anchor::Start) };
        let middle = top + SMALL.line_height() / 2;
        scene.label((x, middle), anchor, SMALL, line.color, &line.label);
        scene.dashes(line.x, (top + 4, foot + 4), line.color);
    }
    scene.height = if lines.is_empty() { scene.height } else { foot + 8 };
}
