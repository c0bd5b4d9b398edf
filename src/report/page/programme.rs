//! A section a programme: its charts, its tables, its notes.

use super::html::{Html, Picture};
use super::{PageContext, table};
use crate::definition::Programme;
use crate::report::chart::{self, Chart};
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
    for chart in context.charts.iter().filter(|c| c.programme == programme.id) {
        picture(html, chart);
    }
    for sentence in chart::absent(programme, context.charts, context.index) {
        html.raw("<p class=\"note\">").text(&sentence).raw("</p>");
    }
    html.raw("</section>");
}

fn picture(html: &mut Html, chart: &Chart) {
    html.raw("<figure class=\"chart\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" ");
    html.raw("aria-label=\"图：").text(&chart.headline).raw("\">");
    html.picture(&Picture::of_chart(chart)).raw("</div></figure>");
}
