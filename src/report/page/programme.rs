//! A section a programme: its charts, its tables, its notes.

use super::html::{Html, Picture};
use super::{Context, programme_title, table};
use crate::definition::Programme;
use crate::report::chart::Chart;

pub(super) fn section(context: &Context, html: &mut Html, anchor: &str, programme: &Programme) {
    html.raw("<section class=\"page\" id=\"").text(anchor).raw("\"><h2 tabindex=\"-1\">");
    html.text(programme_title(programme)).raw("</h2>");
    if !programme.note.is_empty() {
        html.raw("<p class=\"lead\">").text(&programme.note).raw("</p>");
    }
    for spec in &programme.tables {
        table::declared(context, html, spec);
    }
    let drawn: Vec<&Chart> =
        context.charts.iter().filter(|c| c.programme == programme.id).collect();
    for chart in &drawn {
        picture(html, chart);
    }
    let missing: Vec<&str> = programme
        .charts
        .iter()
        .filter(|spec| !drawn.iter().any(|c| c.id == spec.id))
        .map(|spec| spec.title.as_str())
        .collect();
    if !missing.is_empty() {
        html.raw("<p class=\"note\">未到期或无数据，本期不作图：").text(missing.join("、"));
        html.raw("。</p>");
    }
    html.raw("</section>");
}

fn picture(html: &mut Html, chart: &Chart) {
    html.raw("<figure class=\"chart\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" ");
    html.raw("aria-label=\"图：").text(&chart.headline).raw("\">");
    html.picture(&Picture::of_chart(chart)).raw("</div></figure>");
}
