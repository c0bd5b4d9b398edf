//! How one figure reads in a cell: a link that opens it.

use super::html::Html;
use crate::definition::{Better, Indicator};
use crate::model::{Change, Figure, Obstacle};
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
pub(super) fn base(html: &mut Html, figure: &Figure) {
    let fraction = text::fraction(figure);
    if figure.value.is_some() && !fraction.is_empty() {
        html.raw("<small>").text(fraction).raw("</small>");
    }
}

/// The value with its measure, or the reason why there is none, as a link with its base.
pub(super) fn value_with_base(html: &mut Html, figure: &Figure) {
    let value = match figure.value {
        Some(_) => text::value(figure),
        None => text::why_empty(figure).to_owned(),
    };
    link(html, figure, &value);
    base(html, figure);
}

fn cell_class(indicator: &Indicator, figure: &Figure) -> &'static str {
    match text::meets_target(indicator, figure) {
        Some(true) => "n met",
        Some(false) => "n unmet",
        None => "n",
    }
}

/// A cell with the change against another period: arrow and size, with the whole sentence for
/// who asks.
pub(super) fn change_cell(
    html: &mut Html,
    indicator: &Indicator,
    figure: &Figure,
    (against, change): (&str, Option<&Change>),
) {
    let sentence = text::change(against, figure, change);
    let Some(difference) = change.and_then(|c| c.difference) else {
        let obstacle = change.and_then(|c| c.obstacle);
        let word = obstacle.map_or(text::NONE, Obstacle::title);
        html.raw("<td class=\"n\">").text(word).raw("</td>");
        return;
    };
    if difference.is_zero() {
        html.raw("<td class=\"n same\">持平</td>");
        return;
    }
    let up = difference.units > 0;
    let class = match indicator.better {
        Better::Neither => "n",
        Better::Higher if up => "n good",
        Better::Lower if !up => "n good",
        Better::Higher | Better::Lower => "n bad",
    };
    html.raw("<td class=\"").raw(class).raw("\" title=\"").text(sentence).raw("\">");
    html.raw(if up { "↑ " } else { "↓ " });
    let measure = if figure.measure == "%" { " 百分点" } else { &figure.measure };
    html.text(difference.to_string().trim_start_matches('-')).text(measure).raw("</td>");
}

/// Header cells; those above numbers stand to the right.
pub(super) fn titles(html: &mut Html, titles: &[&'static str], numeric: &[&'static str]) {
    for title in titles {
        let right = numeric.contains(title);
        html.raw(if right { "<th scope=\"col\" class=\"n\">" } else { "<th scope=\"col\">" });
        html.raw(title).raw("</th>");
    }
}
