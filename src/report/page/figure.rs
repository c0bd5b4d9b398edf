//! How one figure reads in a cell: a link that opens it.

use super::html::Html;
use crate::model::Figure;

/// A link to a figure's panel around the given text.
pub(super) fn link(html: &mut Html, figure: &Figure, shown: &str) {
    html.raw("<a href=\"#f=").text(&figure.id).raw("\">").text(shown).raw("</a>");
}
