//! A programme's tables: 合计 first, then a row a unit or category, each group a body of its own
//! so that sorting never mixes groups.

use super::PageContext;
use super::figure;
use super::html::Html;
use crate::definition::{Indicator, TableSpec};
use crate::model::{Class, Figure};
use crate::report::index::Row;
use crate::report::layout::{self, ColumnBlock, ScoreParts};
use crate::report::text;

/// One declared table: its common part, then its matrices.
pub(super) fn declared(context: &PageContext, html: &mut Html, table: &TableSpec) {
    let (plain, matrices) = layout::indicators(context.definition(), table);
    if !plain.is_empty() || matrices.is_empty() {
        plain_table(context, html, table, &plain);
    }
    for indicator in matrices {
        matrix(context, html, table, indicator);
    }
}

fn plain_table(
    context: &PageContext,
    html: &mut Html,
    table: &TableSpec,
    indicators: &[&Indicator],
) {
    let blocks: Vec<ColumnBlock> =
        indicators.iter().map(|i| ColumnBlock::new(context.index, i)).collect();
    let rows = context.index.rows(indicators, &table.by);
    let county = context.index.county_row();
    let remarked = std::iter::once(&county)
        .chain(&rows)
        .any(|row| !layout::row_remarks(context.index, row, &blocks).is_empty());
    let width = 1 + blocks.iter().map(columns).sum::<usize>() + usize::from(remarked);
    begin(html, &table.title, &layout::measures(&blocks));
    header(html, label(table), &blocks, remarked);
    html.raw("<tbody class=\"total\">");
    body_row(context, html, &county, &blocks, remarked);
    html.raw("</tbody>");
    let mut group = None;
    for row in &rows {
        if group != Some(&row.group) {
            begin_group(html, group.is_some(), &row.group, &rows, width);
            group = Some(&row.group);
        }
        body_row(context, html, row, &blocks, remarked);
    }
    html.raw(if group.is_some() { "</tbody>" } else { "" });
    finish(context, html, table, &blocks);
}

/// A line a code then, a column a code now.
fn matrix(context: &PageContext, html: &mut Html, table: &TableSpec, indicator: &Indicator) {
    let classes = context.index.classes(&indicator.id);
    let lines = layout::by_code_then(&classes);
    let now: Vec<&str> = lines
        .first()
        .map(|(_, line)| line.iter().map(|(now, _)| *now).collect())
        .unwrap_or_default();
    let title = match table.indicators.as_slice() {
        [_] => table.title.clone(),
        _ => format!("{}：{}", table.title, indicator.title),
    };
    let blocks = [ColumnBlock::Classes(indicator, classes.clone())];
    begin(html, &title, &layout::measures(&blocks));
    html.raw("<thead><tr><th scope=\"col\">").text(label(table));
    html.raw("</th><th scope=\"col\">原为</th><th scope=\"col\">原有数</th>");
    for code in &now {
        html.raw("<th scope=\"col\" class=\"n\">现为").text(code).raw("</th>");
    }
    html.raw("</tr></thead>");
    let rows = context.index.rows(&[indicator], &table.by);
    let county = context.index.county_row();
    for row in std::iter::once(&county).chain(&rows) {
        html.raw(if *row == county { "<tbody class=\"total\">" } else { "<tbody>" });
        for (code, line) in &lines {
            html.raw("<tr>");
            row_header(context, html, row);
            html.raw("<td>").text(code).raw("</td>");
            let line: Vec<&Class> = line.iter().map(|(_, class)| *class).collect();
            class_cells(context, html, indicator, row, &line);
            html.raw("</tr>");
        }
        html.raw("</tbody>");
    }
    finish(context, html, table, &blocks);
}

/// Above numbers.
const NUMERIC: &str = " class=\"n\"";

fn label(table: &TableSpec) -> &'static str {
    match table.by.as_str() {
        "" | "unit" => "单位",
        by if by.contains('*') => "单位、类别",
        _ => "类别",
    }
}

fn begin(html: &mut Html, title: &str, measures: &str) {
    html.raw("<figure class=\"table\"><figcaption><h3>").text(title).raw("</h3>");
    html.raw("<p class=\"measure\">").text(measures).raw("</p></figcaption>");
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"").text(title);
    html.raw("\"><table class=\"sortable\">");
}

fn finish(context: &PageContext, html: &mut Html, table: &TableSpec, blocks: &[ColumnBlock]) {
    html.raw("</table></div>");
    let notes = layout::notes(context.definition(), context.index, table, blocks);
    html.raw("<div class=\"notes\"><p>注：");
    if blocks.iter().any(|b| !b.indicator().target.is_empty()) {
        html.raw("✓ 为达到目标，✗ 为未达到目标。");
    }
    html.raw("</p><ol>");
    for note in notes {
        html.element("li", note);
    }
    html.raw("</ol></div></figure>");
}

fn columns(block: &ColumnBlock) -> usize {
    match block {
        ColumnBlock::Value(_) | ColumnBlock::Quotient(_) => 1,
        ColumnBlock::Classes(_, classes) => 1 + classes.len(),
        ColumnBlock::Parts(_, parts) => parts.parts.len() + 2,
    }
}

fn header(html: &mut Html, label: &'static str, blocks: &[ColumnBlock], remarked: bool) {
    let two = blocks.iter().any(|b| matches!(b, ColumnBlock::Classes(..) | ColumnBlock::Parts(..)));
    let tall = if two { " rowspan=\"2\"" } else { "" };
    let leaf = |html: &mut Html, class: &'static str, title: &str| {
        html.raw("<th scope=\"col\"").raw(class).raw(tall).raw(">").text(title).raw("</th>");
    };
    html.raw("<thead><tr>");
    leaf(html, "", label);
    for block in blocks {
        let indicator = block.indicator();
        match block {
            ColumnBlock::Value(_) | ColumnBlock::Quotient(_) => {
                leaf(html, NUMERIC, &titled(indicator))
            }
            ColumnBlock::Classes(..) | ColumnBlock::Parts(..) => {
                html.raw("<th scope=\"colgroup\" colspan=\"").text(columns(block)).raw("\">");
                html.text(&indicator.title).raw("</th>");
            }
        }
    }
    if remarked {
        leaf(html, "", "备注");
    }
    html.raw("</tr>");
    if two {
        html.raw("<tr>");
        for block in blocks {
            let titles = match block {
                ColumnBlock::Value(_) | ColumnBlock::Quotient(_) => continue,
                ColumnBlock::Classes(_, classes) => std::iter::once("基数".to_owned())
                    .chain(classes.iter().map(|class| class.title.clone()))
                    .collect(),
                ColumnBlock::Parts(_, parts) => composite_titles(parts),
            };
            for title in titles {
                html.raw("<th scope=\"col\" class=\"n\">").text(title).raw("</th>");
            }
        }
        html.raw("</tr>");
    }
    html.raw("</thead>");
}

/// `开通率`, `观摩点数（个）`
fn titled(indicator: &Indicator) -> String {
    match indicator.measure() {
        "" | "%" => indicator.title.clone(),
        measure => format!("{}（{measure}）", indicator.title),
    }
}

fn begin_group(html: &mut Html, after_another: bool, group: &str, rows: &[Row], width: usize) {
    html.raw(if after_another { "</tbody><tbody>" } else { "<tbody>" });
    if group.is_empty() {
        return;
    }
    let mut units: Vec<&str> =
        rows.iter().filter(|r| r.group == group).map(|r| r.unit.as_str()).collect();
    units.dedup();
    html.raw("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"").text(width).raw("\">");
    html.text(group).raw("（").text(units.len()).raw(" 个）</th></tr>");
}

fn row_header(context: &PageContext, html: &mut Html, row: &Row) {
    let county = context.index.county();
    html.raw("<th scope=\"row\">");
    if *row == context.index.county_row() {
        html.raw("合计");
    } else if row.category.is_empty() && context.has_page(&row.unit) {
        html.raw("<a href=\"#u").text(&row.unit).raw("\">").text(&row.unit_name).raw("</a>");
    } else {
        html.text(row.title(county));
    }
    html.raw("</th>");
}

fn composite_titles(parts: &ScoreParts) -> Vec<String> {
    let own = parts.parts.iter().map(|(part, _)| layout::part_title(part));
    own.chain(["总分".to_owned(), "组内名次".to_owned()]).collect()
}

/// Points of each part with the value they are for, then total and place.
fn composite_cells(
    context: &PageContext,
    html: &mut Html,
    indicator: &Indicator,
    row: &Row,
    parts: &ScoreParts,
) {
    for (_, class) in &parts.parts {
        html.raw("<td class=\"n\">");
        let points = class.and_then(|c| context.index.get(&indicator.id, row, Some(c)));
        if let Some(points) = points {
            figure::link(html, points, &figure::shown(points));
            if let Some(value) = points.scored {
                html.raw("<small>").text(value).raw("</small>");
            }
        }
        html.raw("</td>");
    }
    let Some(total) = context.index.get(&indicator.id, row, None) else {
        html.raw("<td></td><td></td>");
        return;
    };
    figure::cell(html, indicator, total, false);
    html.raw("<td class=\"n\">");
    match &total.place {
        Some(place) => html.text(place.place),
        None => html.raw(text::NONE),
    };
    html.raw("</td>");
}

fn body_row(
    context: &PageContext,
    html: &mut Html,
    row: &Row,
    blocks: &[ColumnBlock],
    remarked: bool,
) {
    html.raw("<tr>");
    row_header(context, html, row);
    for block in blocks {
        let indicator = block.indicator();
        if let ColumnBlock::Classes(_, classes) = block {
            class_cells(context, html, indicator, row, classes);
        } else if let ColumnBlock::Parts(_, parts) = block {
            composite_cells(context, html, indicator, row, parts);
        } else if let Some(figure) = context.index.get(&indicator.id, row, None) {
            figure::cell(html, indicator, figure, matches!(block, ColumnBlock::Quotient(_)));
        } else {
            html.raw("<td></td>");
        }
    }
    if remarked {
        let remarks = layout::row_remarks(context.index, row, blocks);
        html.raw("<td class=\"remark\">").text(remarks).raw("</td>");
    }
    html.raw("</tr>");
}

/// Base, then count and share of each class.
fn class_cells(
    context: &PageContext,
    html: &mut Html,
    indicator: &Indicator,
    row: &Row,
    classes: &[&Class],
) {
    let figures: Vec<Option<&Figure>> =
        classes.iter().map(|c| context.index.get(&indicator.id, row, Some(c))).collect();
    let base = figures.iter().flatten().find_map(|f| f.denominator);
    html.raw("<td class=\"n\">").text(base.map(|d| d.to_string()).unwrap_or_default());
    html.raw("</td>");
    for figure in &figures {
        html.raw("<td class=\"n\">");
        if let Some(figure) = figure {
            match figure.numerator {
                Some(count) => {
                    figure::link(html, figure, &count.to_string());
                    html.raw("<small>").text(text::value(figure)).raw("</small>");
                }
                None => figure::link(html, figure, &figure::shown(figure)),
            }
        }
        html.raw("</td>");
    }
}
