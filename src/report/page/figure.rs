//! How one figure reads in a cell: a link that opens it.

use super::html::Html;
use crate::definition::Indicator;
use crate::model::Figure;
use crate::report::text;

/// A link to a figure's panel around the given text.
pub(super) fn link(html: &mut Html, figure: &Figure, shown: &str) {
    html.raw("<a href=\"#f=").text(&figure.id).raw("\">").text(shown).raw("</a>");
}

/// The printed value; shares with `%`, other measures stand in the column's header. Without a
/// value the reason.
pub(super) fn shown(figure: &Figure) -> String {
    match figure.value {
        Some(value) if figure.measure == "%" => format!("{value}%"),
        Some(value) => value.to_string(),
        None => text::why_empty(figure).to_owned(),
    }
}

/// A cell with the value as a link, its base below it if wanted, and whether the target is met.
pub(super) fn cell(html: &mut Html, indicator: &Indicator, figure: &Figure, with_base: bool) {
    html.raw("<td class=\"").raw(cell_class(indicator, figure)).raw("\">");
    link(html, figure, &shown(figure));
    if with_base {
        base(html, figure);
    }
    html.raw("</td>");
}

/// Numerator and denominator in small print, where there is a quotient.
fn base(html: &mut Html, figure: &Figure) {
    let fraction = text::fraction(figure);
    if figure.value.is_some() && !fraction.is_empty() {
        html.raw("<small>").text(fraction).raw("</small>");
    }
}

fn cell_class(indicator: &Indicator, figure: &Figure) -> &'static str {
    match text::meets_target(indicator, figure) {
        Some(true) => "n met",
        Some(false) => "n unmet",
        None => "n",
    }
}
