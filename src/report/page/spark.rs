//! Small trend lines on the page.

use super::html::{Html, Picture};
use crate::model::Figure;
use crate::report::small_trend;

const WIDTH: i64 = 96;
const HEIGHT: i64 = 24;
const MARGIN: i64 = 3;

/// The series of a figure; `None` when there is nothing to compare.
pub(super) fn line(figure: &Figure) -> Option<Picture> {
    let runs = small_trend::shape(figure, (WIDTH, HEIGHT, MARGIN))?;
    let mut html = Html::default();
    html.raw("<svg class=\"spark\" role=\"img\" viewBox=\"0 0 96 24\"><title>");
    html.text(in_words(figure)).raw("</title>");
    let mut last = None;
    for run in runs {
        html.raw("<polyline points=\"");
        for (x, y) in run {
            html.text(x).raw(",").text(y).raw(" ");
            last = Some((x, y));
        }
        html.raw("\"/>");
    }
    if let Some((x, y)) = last {
        html.raw("<circle cx=\"").text(x).raw("\" cy=\"").text(y).raw("\" r=\"2.5\"/>");
    }
    html.raw("</svg>");
    Some(Picture::new(html))
}

/// `走势：2013-01 81.2% 至 2013-10 88.9%`; the panel lists all points.
fn in_words(figure: &Figure) -> String {
    let mut known = figure.series.iter().filter_map(|p| Some((&p.period, p.whole_value()?)));
    let Some((from, first)) = known.next() else { return String::new() };
    let (to, last) = known.next_back().unwrap_or((from, first));
    let measure = &figure.measure;
    format!("走势：{from} {first}{measure} 至 {to} {last}{measure}")
}
