//! Units by indicators: value, colour and mark in each cell, groups apart.

use super::axis::short;
use super::data::{Chart, HeatColumn, HeatRow, Heatmap, Standing, cell};
use super::scene::{Anchor, BODY, MARGIN, SMALL, SOFT, Scene, TRACK, WIDTH, legend, wrap};
use crate::model::Period;
use crate::report::color::{BAD, BAD_TINT, Color, GOOD, GOOD_TINT, INK};

const NAME_ROOM: i32 = 300;
const ROW: i32 = 44;
const GAP: i32 = 4;

pub(super) fn scene(chart: &Chart, data: &Heatmap) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let names = data.rows().flat_map(|row| wrap(&row.name, BODY, NAME_ROOM));
    let name_room = names.chain([data.county_name.to_owned()]).map(|n| BODY.width(&n)).max();
    let left = MARGIN + name_room.unwrap_or(0) + 20;
    let width = (WIDTH - MARGIN - left) / data.columns.len().max(1) as i32;
    let columns = Columns { left, width };

    key(&mut scene, data);
    titles(&mut scene, data, &columns);
    county(&mut scene, data, &columns);
    let named = data.named();
    for (group, rows) in &data.groups {
        if data.groups.len() > 1 && !group.is_empty() {
            scene.height += 8;
            scene.heading(group);
        }
        for row in rows {
            line(&mut scene, data, &columns, (row, named.contains(&row.name.as_str())));
        }
    }
    scene.height += MARGIN / 2;
    scene
}

struct Columns {
    left: i32,
    width: i32,
}

impl Columns {
    fn left(&self, column: usize) -> i32 {
        self.left + self.width * column as i32
    }

    fn middle(&self, column: usize) -> i32 {
        self.left(column) + self.width / 2
    }
}

fn look(standing: Standing) -> (Color, &'static str, Color) {
    match standing {
        Standing::Front => (GOOD_TINT, "▲", GOOD.darker()),
        Standing::Rear => (BAD_TINT, "▼", BAD.darker()),
        Standing::Middle | Standing::None => (TRACK, "", SOFT),
    }
}

/// What colours and marks mean, as far as they occur.
fn key(scene: &mut Scene, data: &Heatmap) {
    let entries = [
        (Standing::Front, "▲ 居前（组内前三分之一）"),
        (Standing::Middle, "居中，或不评"),
        (Standing::Rear, "▼ 居后（组内后三分之一，且未达目标）"),
    ];
    let occurs =
        |standing: Standing| data.rows().any(|row| data.cells(row).any(|(.., s)| s == standing));
    let entries = entries.into_iter().filter(|(standing, _)| occurs(*standing));
    legend(scene, entries.map(|(standing, text)| (look(standing).0, text.to_owned())));
    if data.rows().any(|row| data.cells(row).any(|(_, f, _)| cell(f).ends_with('*'))) {
        scene.line("* 待核实", SMALL, false, SOFT);
    }
    scene.height += 14;
}

/// Titles of the columns on a common foot, their periods below.
fn titles(scene: &mut Scene, data: &Heatmap, columns: &Columns) {
    let wrapped: Vec<Vec<String>> =
        data.columns.iter().map(|c| wrap(c.title, SMALL, columns.width - 12)).collect();
    let most = wrapped.iter().map(Vec::len).max().unwrap_or(0) as i32;
    let foot = scene.height + most * SMALL.line_height();
    let latest = data.columns.iter().filter_map(|c| c.period).max();
    for (i, (column, lines)) in data.columns.iter().zip(&wrapped).enumerate() {
        let mut top = foot - lines.len() as i32 * SMALL.line_height();
        for line in lines {
            let middle = (columns.middle(i), top + SMALL.line_height() / 2);
            scene.label(middle, Anchor::Middle, SMALL, INK, line);
            top += SMALL.line_height();
        }
        let middle = (columns.middle(i), foot + SMALL.line_height() / 2);
        scene.label(middle, Anchor::Middle, SMALL, SOFT, &period(column, latest));
    }
    scene.height = foot + SMALL.line_height() + 10;
}

/// Without the year where it is the latest column's.
fn period(column: &HeatColumn, latest: Option<&Period>) -> String {
    match column.period {
        Some(period) if period.year() == latest.and_then(Period::year) => short(period),
        Some(period) => period.title(),
        None => String::new(),
    }
}

fn county(scene: &mut Scene, data: &Heatmap, columns: &Columns) {
    let middle = scene.height + ROW / 2;
    scene.label((MARGIN, middle), Anchor::Start, BODY, INK, data.county_name);
    scene.embolden();
    for (i, column) in data.columns.iter().enumerate() {
        let Some(figure) = column.county else { continue };
        let tip = format!("{} {} {}", data.county_name, column.title, cell(figure));
        scene.marked(&figure.id, tip, |scene| {
            scene.label((columns.middle(i), middle), Anchor::Middle, SMALL, INK, &cell(figure));
            scene.embolden();
        });
    }
    scene.height += ROW + 6;
}

fn line(scene: &mut Scene, data: &Heatmap, columns: &Columns, (row, is_named): (&HeatRow, bool)) {
    let lines = wrap(&row.name, BODY, NAME_ROOM);
    let height = (BODY.line_height() * lines.len() as i32).max(ROW);
    let middle = scene.height + height / 2;
    scene.lines((MARGIN, middle), BODY, INK, &lines);
    if is_named {
        scene.embolden();
    }
    for (i, (column, figure)) in data.columns.iter().zip(&row.figures).enumerate() {
        let Some(figure) = *figure else {
            // The unit does not owe the form.
            scene.label((columns.middle(i), middle), Anchor::Middle, SMALL, SOFT, "／");
            continue;
        };
        let (color, mark, ink) = look(Standing::of(column.indicator, figure));
        let tip = format!("{} {} {}", row.name, column.title, base(figure));
        let known = figure.value.is_some();
        let room = if mark.is_empty() { 0 } else { 12 };
        let center = (columns.middle(i) + room, middle - GAP / 2);
        scene.marked(&figure.id, tip, |scene| {
            if known {
                let at = (columns.left(i), scene.height);
                scene.rect(at, (columns.width - GAP, height - GAP), color);
            } else {
                scene.label(center, Anchor::Middle, SMALL, SOFT, &cell(figure));
            }
        });
        if known {
            let at = (columns.left(i) + 8, middle - GAP / 2);
            scene.label(at, Anchor::Start, SMALL, ink, mark);
            scene.label(center, Anchor::Middle, SMALL, INK, &cell(figure));
        }
    }
    scene.height += height;
}

fn base(figure: &crate::model::Figure) -> String {
    match figure.value {
        Some(_) => crate::report::text::value_with_base(figure),
        None => cell(figure),
    }
}
