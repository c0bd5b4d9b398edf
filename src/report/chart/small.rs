//! Small trend lines as pictures: not every program shows a spreadsheet's own.

use super::png;
use super::scene::Shape;
use crate::model::Figure;
use crate::report::color::{INK, PLAIN};
use crate::report::small_trend;

/// Pixels: twice what is shown, so that print is sharp.
const SIZE: (u32, u32) = (192, 48);
const MARGIN: i64 = 8;

/// The picture of a figure's series; `None` when there is nothing to compare.
pub(in crate::report) fn small_trend(figure: &Figure) -> anyhow::Result<Option<Vec<u8>>> {
    let room = (i64::from(SIZE.0), i64::from(SIZE.1), MARGIN);
    let Some(runs) = small_trend::shape(figure, room) else { return Ok(None) };
    let mut shapes = Vec::new();
    let mut last = None;
    for run in &runs {
        let mut points = Vec::new();
        for (x, y) in run {
            points.push((i32::try_from(*x)?, i32::try_from(*y)?));
        }
        last = points.last().copied();
        shapes.push((Shape::Line { points, width: 3, color: PLAIN }, None));
    }
    let end = last.map(|center| (Shape::Circle { center, radius: 5, color: INK }, None));
    shapes.extend(end);
    png::shapes(&shapes, SIZE).map(Some)
}
