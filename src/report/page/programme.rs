//! A section a programme: its charts, its tables, its notes.

use super::html::Html;
use super::{PageContext, picture, table};
use crate::definition::Programme;
use crate::report::chart;
use crate::report::table::declared::Labels;
use crate::report::text;

pub(super) fn section(context: &PageContext, html: &mut Html, anchor: &str, programme: &Programme) {
    html.raw("<section class=\"page\" id=\"").text(anchor).raw("\"><h2 tabindex=\"-1\">");
    html.text(text::programme_title(programme)).raw("</h2>");
    if !programme.note.is_empty() {
        html.raw("<p class=\"lead\">").text(&programme.note).raw("</p>");
    }
    let labels = Labels::of(context.index, programme);
    for spec in &programme.tables {
        table::declared(context, html, programme, (spec, labels));
    }
    let above = picture::map(context).map(|chart| chart.id);
    for chart in context.charts.iter().filter(|c| c.programme == programme.id) {
        if above == Some(chart.id) {
            html.raw("<p class=\"note\"><a href=\"#home\">").text(&chart.headline);
            html.raw("（图在概览）</a></p>");
        } else {
            picture::of_chart(html, chart);
        }
    }
    for sentence in chart::absent(programme, context.charts, context.index) {
        html.raw("<p class=\"note\">").text(&sentence).raw("</p>");
    }
    html.raw("</section>");
}
