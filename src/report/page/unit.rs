//! A section a unit: its returns, its problems, its ranked and key figures against median and
//! target.

use super::PageContext;
use super::home::tiles;
use super::html::Html;
use super::render;
use crate::model::Unit;
use crate::report::returns::Counts;
use crate::report::table::{Medium, findings, problems, receipts, unit as unit_table};
use crate::report::text;

pub(super) fn section(context: &PageContext, html: &mut Html, unit: &Unit) {
    html.raw("<section class=\"page\" id=\"u").text(&unit.code);
    html.raw("\"><h2 tabindex=\"-1\">").text(&unit.name);
    if !unit.group.is_empty() {
        html.raw("<small>").text(&unit.group).raw("</small>");
    }
    html.raw("</h2>");
    returns(context, html, unit);
    let problems = problems::of_unit(context.index, Medium::Page, &unit.code);
    if !problems.is_empty() {
        html.raw("<h3>问题</h3>");
        render::table(context, html, &problems, "sortable");
    }
    figures(context, html, unit);
    html.raw("</section>");
}

fn returns(context: &PageContext, html: &mut Html, unit: &Unit) {
    let receipts = || context.index.receipts_of(&unit.code).iter().copied();
    if receipts().next().is_none() {
        return;
    }
    html.raw("<h3>收报情况</h3>");
    tiles(html, &Counts::of(receipts()));
    html.raw("<details><summary>每份报表</summary>");
    let name = (unit.code.as_str(), unit.name.as_str());
    let table = receipts::of_unit(context.index, Medium::Page, name);
    render::table(context, html, &table, "sortable");
    html.raw("</details>");
    sentences(context, html, unit);
    let findings = findings::of_unit(context.index, Medium::Page, name);
    if !findings.is_empty() {
        html.raw("<details><summary>审核结果（").text(findings.rows().count());
        html.raw(" 项）</summary>");
        render::table(context, html, &findings, "sortable findings");
        html.raw("</details>");
    }
}

/// What the unit wrote above and below its tables.
fn sentences(context: &PageContext, html: &mut Html, unit: &Unit) {
    let own: Vec<_> =
        context.inputs.sentences().filter(|(facts, _)| facts.unit == unit.code).collect();
    if own.is_empty() {
        return;
    }
    html.raw("<h3>表上文字</h3><ul>");
    for (facts, sentence) in own {
        html.raw("<li>").text(&sentence.text).raw("<small>");
        html.text(text::form_title(context.definition(), &facts.form)).raw("　");
        html.text(&sentence.location).raw("</small></li>");
    }
    html.raw("</ul>");
}

fn figures(context: &PageContext, html: &mut Html, unit: &Unit) {
    let table = unit_table::figures(context.index, Medium::Page, unit);
    if !table.is_empty() {
        html.raw("<h3>主要指标和排名指标</h3>");
        render::table(context, html, &table, "key");
    }
}
