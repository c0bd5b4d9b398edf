//! A table on the page: figures and units are links, small print stands below what it belongs to.

use super::PageContext;
use super::html::Html;
use super::spark;
use crate::model::difference_measure;
use crate::report::table::{
    Align, Body, Cell, Content, Head, Link, Row, Table, Target, Tone, spans,
};

/// The table alone; its title is what a screen reader calls it.
pub(super) fn table(context: &PageContext, html: &mut Html, table: &Table, class: &'static str) {
    if table.is_empty() {
        html.raw("<p class=\"note\">").text(table.empty).raw("</p>");
        return;
    }
    grid(context, html, table, class);
    for line in &table.notes {
        html.raw("<p class=\"note\">").text(line).raw("</p>");
    }
}

/// Columns and rows.
pub(super) fn grid(context: &PageContext, html: &mut Html, table: &Table, class: &'static str) {
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
    html.text(&table.title).raw("\"><table class=\"").raw(class).raw("\">");
    let heads: Vec<&Head> = table.columns.iter().filter(|head| !head.below).collect();
    write_heads(html, &heads);
    for body in &table.bodies {
        write_body(context, html, table, (body, heads.len()));
    }
    html.raw("</table></div>");
}

/// In one line, or in two where something stands over several.
fn write_heads(html: &mut Html, heads: &[&Head]) {
    let two = heads.iter().any(|head| !head.over.is_empty());
    html.raw("<thead><tr>");
    for span in spans(heads) {
        match span.as_slice() {
            [head] if head.over.is_empty() => write_head(html, head, two),
            under => {
                html.raw("<th scope=\"colgroup\" colspan=\"").text(under.len()).raw("\">");
                html.text(&under[0].over).raw("</th>");
            }
        }
    }
    if two {
        html.raw("</tr><tr>");
        let under = heads.iter().filter(|head| !head.over.is_empty());
        under.for_each(|head| write_head(html, head, false));
    }
    html.raw("</tr></thead>");
}

fn write_head(html: &mut Html, head: &Head, tall: bool) {
    html.raw("<th scope=\"col\"");
    html.class(&[if head.align == Align::Number { "n" } else { "" }]);
    html.raw(if tall { " rowspan=\"2\">" } else { ">" }).text(&head.title).raw("</th>");
}

fn write_body(
    context: &PageContext,
    html: &mut Html,
    table: &Table,
    (body, columns): (&Body, usize),
) {
    let total = body.rows.iter().all(|row| row.total) && body.heading.is_none();
    html.raw(if total { "<tbody class=\"total\">" } else { "<tbody>" });
    if let Some(heading) = &body.heading {
        html.raw("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"").text(columns);
        html.raw("\">");
        link(context, html, heading.to, &heading.words);
        html.raw("</th></tr>");
    }
    for row in &body.rows {
        write_row(context, html, table, row);
    }
    html.raw("</tbody>");
}

fn write_row(context: &PageContext, html: &mut Html, table: &Table, row: &Row) {
    html.raw("<tr");
    for cell in &row.cells {
        if let Some(Target::DefinitionOf(id)) = cell.to {
            html.raw(" id=\"i-").text(id).raw("\"");
        }
    }
    let names = [" data-level=\"", " data-unit=\"", " data-outcome=\""];
    for (name, value) in names.into_iter().zip(row.filter).filter(|(_, value)| !value.is_empty()) {
        html.raw(name).text(value).raw("\"");
    }
    html.raw(">");
    let mut cells = table.columns.iter().zip(&row.cells).peekable();
    while let Some((head, cell)) = cells.next() {
        let mut below = Vec::new();
        while let Some((_, small)) = cells.next_if(|(head, _)| head.below) {
            below.push(small);
        }
        write_cell(context, html, head, cell, &below);
    }
    html.raw("</tr>");
}

fn write_cell(context: &PageContext, html: &mut Html, head: &Head, cell: &Cell, below: &[&Cell]) {
    html.raw(if head.align == Align::Name { "<th scope=\"row\"" } else { "<td" });
    let kind = match head.align {
        Align::Number => "n",
        Align::Remark => "remark",
        Align::Name | Align::Left | Align::Center => "",
    };
    html.class(&[kind, tone(cell.tone)]);
    if !cell.said.is_empty() {
        html.raw(" title=\"").text(&cell.said).raw("\"");
    }
    html.raw(">");
    content(context, html, cell);
    for small in below.iter().map(|cell| cell.text()).filter(|text| !text.is_empty()) {
        html.element("small", small);
    }
    html.raw(if head.align == Align::Name { "</th>" } else { "</td>" });
}

fn tone(tone: Tone) -> &'static str {
    match tone {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Same => "same",
        Tone::First => "first",
        Tone::Last => "last",
        Tone::Met => "met",
        Tone::Unmet => "unmet",
        Tone::Plain | Tone::Level(_) => "",
    }
}

fn content(context: &PageContext, html: &mut Html, cell: &Cell) {
    match &cell.content {
        Content::Pieces(pieces) => pieces.iter().for_each(|one| piece(context, html, one)),
        Content::Trend(figure) | Content::Drawn(figure) => {
            if let Some(picture) = spark::line(figure) {
                html.picture(&picture);
            }
        }
        Content::Change { by, .. } if by.is_zero() => {
            html.raw("持平");
        }
        Content::Change { by, measure, .. } => {
            html.raw(if by.units > 0 { "↑ " } else { "↓ " });
            html.text(by.to_string().trim_start_matches('-'));
            match difference_measure(measure) {
                own if own == *measure => html.text(own),
                points => html.text(" ").text(points.trim_start_matches('个')),
            };
        }
        Content::Words(words) => match cell.tone {
            Tone::Level(level) => {
                html.raw("<span").class(&["level", level.id()]).raw(">").text(words).raw("</span>");
            }
            _ => link(context, html, cell.to, words),
        },
        Content::Ordinal(_) | Content::Number(..) | Content::Value { .. } => {
            link(context, html, cell.to, &cell.text());
        }
    }
}

fn link(context: &PageContext, html: &mut Html, to: Option<Target>, words: &str) {
    match to.and_then(|to| address(context, to)) {
        Some(address) => {
            html.raw("<a href=\"#").text(address).raw("\">").text(words).raw("</a>");
        }
        None => {
            html.text(words);
        }
    }
}

/// Where a target stands on the page.
fn address(context: &PageContext, target: Target) -> Option<String> {
    match target {
        Target::Figure(id) => Some(format!("f={id}")),
        Target::Unit(code) => context.has_page(code).then(|| format!("u{code}")),
        Target::Programme(id) => {
            context.programmes.iter().find(|(_, one)| one.id == id).map(|(at, _)| at.clone())
        }
        Target::Sheet(_) | Target::DefinitionOf(_) => None,
    }
}

/// A line of its own.
fn piece(context: &PageContext, html: &mut Html, links: &[Link]) {
    match links {
        [Link { words, to: Some(Target::Figure(id)) }] => {
            html.raw("<a class=\"piece\" href=\"#f=").text(id).raw("\">").text(words).raw("</a>");
        }
        links => {
            html.raw("<span class=\"piece\">");
            links.iter().for_each(|one| link(context, html, one.to, &one.words));
            html.raw("</span>");
        }
    }
}
