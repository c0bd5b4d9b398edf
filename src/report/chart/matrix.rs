//! Where those of each code have gone: counts, the diagonal outlined, better and worse apart.

use super::data::{Chart, Matrix, Move};
use super::scene::{
    Anchor, BODY, HEADING, MARGIN, RULE, SMALL, SOFT, Scene, TITLE, TRACK, WIDTH, legend,
};
use crate::model::{Decimal, Figure};
use crate::report::color::{BAD, BAD_TINT, GOOD, GOOD_TINT, INK};
use crate::report::text;

const ROW: i32 = 104;
const GAP: i32 = 6;

pub(super) fn scene(chart: &Chart, data: &Matrix) -> Scene {
    let mut scene = Scene::new(&chart.headline, &chart.subtitle, &chart.alt);
    let entries = [
        (GOOD_TINT, "▲ 上升", Move::Up),
        (RULE, "不变", Move::Stayed),
        (BAD_TINT, "▼ 下降", Move::Down),
    ];
    legend(
        &mut scene,
        entries
            .into_iter()
            .map(|(color, word, which)| (color, format!("{word} {} 个", data.moved(which)))),
    );
    scene.height += 20;

    let names = data.codes.iter().map(|code| BODY.width(&then(code))).max().unwrap_or(0);
    let left = MARGIN + names.max(BODY.width("本次合计")) + 30;
    let width = (WIDTH - MARGIN - left) / (data.codes.len() as i32 + 1);
    let center = |column: usize| left + width * column as i32 + (width - GAP) / 2;
    let middle = scene.height + BODY.line_height() / 2;
    for (i, code) in data.codes.iter().enumerate() {
        scene.label((center(i), middle), Anchor::Middle, BODY, INK, &format!("本次{code}"));
    }
    scene.label((center(data.codes.len()), middle), Anchor::Middle, BODY, SOFT, "上次合计");
    scene.height += BODY.line_height() + 10;

    for (i, (code, line)) in data.codes.iter().zip(&data.lines).enumerate() {
        let middle = scene.height + (ROW - GAP) / 2;
        scene.label((MARGIN, middle), Anchor::Start, BODY, INK, &then(code));
        for (j, figure) in line.iter().enumerate() {
            let corner = (left + width * j as i32, scene.height);
            cell(&mut scene, data, (i, j), figure, (corner, (width - GAP, ROW - GAP)));
        }
        let total = data.sum(|then, _| then == i).to_string();
        scene.label((center(data.codes.len()), middle), Anchor::Middle, HEADING, SOFT, &total);
        scene.height += ROW;
    }
    let middle = scene.height + BODY.line_height() / 2 + 6;
    scene.label((MARGIN, middle), Anchor::Start, BODY, SOFT, "本次合计");
    let all = data.sum(|_, _| true);
    let totals = (0..data.codes.len()).map(|i| data.sum(|_, now| now == i)).chain([all]);
    for (i, total) in totals.enumerate() {
        scene.label((center(i), middle), Anchor::Middle, HEADING, SOFT, &total.to_string());
    }
    scene.height += BODY.line_height() + 20 + MARGIN / 2;
    scene
}

fn then(code: &str) -> String {
    format!("上次{code}")
}

/// Count, and below it its share of those that had the code then.
fn cell(
    scene: &mut Scene,
    data: &Matrix,
    (then, now): (usize, usize),
    figure: &Figure,
    ((x, y), (width, height)): ((i32, i32), (i32, i32)),
) {
    let which = Move::of(then, now);
    let count = figure.numerator.unwrap_or(Decimal::ZERO);
    let (color, mark, ink) = match which {
        _ if count.is_zero() => (TRACK, "", SOFT),
        Move::Up => (GOOD_TINT, "▲", GOOD.darker()),
        Move::Stayed => (TRACK, "", INK),
        Move::Down => (BAD_TINT, "▼", BAD.darker()),
    };
    let (from, to) = (data.codes[then], data.codes[now]);
    let tip = format!("{from}→{to} {count} 个，{}", text::value_with_base(figure));
    scene.marked(&figure.id, tip, |scene| {
        if which == Move::Stayed {
            scene.rect((x, y), (width, height), SOFT);
            scene.rect((x + 3, y + 3), (width - 6, height - 6), RULE);
        } else {
            scene.rect((x, y), (width, height), color);
        }
    });
    let center = x + width / 2;
    let ink_of_count = if count.is_zero() { SOFT } else { INK };
    let at = (center, y + 38);
    scene.label(at, Anchor::Middle, TITLE, ink_of_count, &count.to_string());
    scene.embolden();
    scene.label((x + 14, y + 26), Anchor::Start, SMALL, ink, mark);
    if !count.is_zero() {
        scene.label((center, y + 76), Anchor::Middle, SMALL, SOFT, &text::value(figure));
    }
}
