//! Charts on the page: each in its programme, and the map of who stands where on the first screen.

use super::PageContext;
use super::html::{Html, Picture};
use crate::report::chart::{Chart, Data};

/// The heat map of most units, which stands here instead of in its programme.
pub(super) fn map<'a>(context: &PageContext<'a>) -> Option<&'a Chart<'a>> {
    let cells = |chart: &Chart| match &chart.data {
        Data::Heatmap(map) => map.rows().count() * map.columns.len(),
        _ => 0,
    };
    // Of equals the first.
    context.charts.iter().rev().max_by_key(|chart| cells(chart)).filter(|chart| cells(chart) > 0)
}

pub(super) fn of_chart(html: &mut Html, chart: &Chart) {
    html.raw("<figure class=\"chart\"><div class=\"scroll\" tabindex=\"0\" role=\"region\" ");
    html.raw("aria-label=\"图：").text(&chart.headline).raw("\">");
    html.picture(&Picture::of_chart(chart)).raw("</div></figure>");
}
