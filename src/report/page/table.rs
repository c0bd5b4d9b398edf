//! A programme's tables, each a figure with its caption and its notes.

use super::PageContext;
use super::html::Html;
use super::render;
use crate::definition::{Programme, TableSpec};
use crate::report::table::declared::{self, Labels};
use crate::report::table::{Medium, Table};

/// One declared table, and its matrices.
pub(super) fn declared(
    context: &PageContext,
    html: &mut Html,
    programme: &Programme,
    (spec, labels): (&TableSpec, Labels),
) {
    for table in declared::tables(context.index, Medium::Page, (programme, spec), labels) {
        write(context, html, &table);
    }
}

fn write(context: &PageContext, html: &mut Html, table: &Table) {
    html.raw("<figure class=\"table\"><figcaption><h3>").text(&table.title).raw("</h3>");
    html.raw("<p class=\"measure\">").text(&table.measure).raw("</p></figcaption>");
    render::grid(context, html, table, "sortable");
    if let [mark, notes @ ..] = table.notes.as_slice() {
        html.raw("<div class=\"notes\">").element("p", mark).raw("<ol>");
        notes.iter().for_each(|note| {
            html.element("li", note);
        });
        html.raw("</ol></div>");
    }
    html.raw("</figure>");
}
