//! A unit: its returns, its problems, its ranked and key figures against target and group. A
//! section of the report's page, or the first screen of a page of its own.

use super::PageContext;
use super::home::{folded, tiles};
use super::html::Html;
use super::render;
use crate::model::{ReturnCounts, Unit};
use crate::report::table::{findings, problems, receipts, unit as unit_table};
use crate::report::text;

pub(super) fn section(context: &PageContext, html: &mut Html, unit: &Unit) {
    html.raw("<section class=\"page\" id=\"u").text(&unit.code).raw("\">");
    heading(html, unit);
    own_report(context, html, unit);
    if returns(context, html, unit) {
        sentences(context, html, unit);
        findings(context, html, unit);
    }
    problems(context, html, unit);
    figures(context, html, unit);
    html.raw("</section>");
}

/// Where one unit of many is shown: chosen by its name or a link, made by the script of what stands
/// elsewhere on the page and of the figures that open.
pub(super) fn on_demand(html: &mut Html, units: usize) {
    html.raw(
        "<section class=\"page\" id=\"unit\"><h2 tabindex=\"-1\">各单位</h2><p class=\"note\">共 ",
    );
    html.text(units).raw(
        " 个单位，打开哪个，列出哪个（须启用脚本）；发给各单位的网页用 dangtong page 生成。</p>",
    );
    html.raw(
        "<form class=\"filters\" id=\"units\" hidden><label>单位名称含有 <input type=\"search\" ",
    );
    html.raw("name=\"name\" autocomplete=\"off\"></label><output></output></form>");
    html.raw("<ul id=\"found\"></ul><div id=\"of-unit\"></div></section>");
}

/// The first screen of the page that a unit is sent: what it has to do stands first. All of its
/// findings have a section of their own.
pub(super) fn alone(context: &PageContext, html: &mut Html, unit: &Unit) {
    html.raw("<section class=\"page\" id=\"home\">");
    heading(html, unit);
    let asked = unit_table::asked(context.index, unit);
    if asked.is_empty() {
        html.raw("<p class=\"lead\">报表都已通过，没有诊断出问题，没有要办的事。</p>");
    } else {
        html.raw("<h3>要办的事</h3><ul class=\"judgement\">");
        for (what, line) in asked {
            html.raw("<li><strong>").text(what).raw("</strong>：").text(line).raw("。</li>");
        }
        html.raw("</ul>");
    }
    problems(context, html, unit);
    returns(context, html, unit);
    sentences(context, html, unit);
    let (telling, sound) = unit_table::telling_and_sound(context.index, context.medium(), unit);
    for (title, table) in [("需要注意的指标", telling), ("其他指标", sound)] {
        if !table.is_empty() {
            folded(html, title, |html| render::table(context, html, &table, "key"));
        }
    }
    html.raw("</section>");
}

fn heading(html: &mut Html, unit: &Unit) {
    html.raw("<h2 tabindex=\"-1\">").text(&unit.name);
    if !unit.group.is_empty() {
        html.raw("<small>").text(&unit.group).raw("</small>");
    }
    html.raw("</h2>");
}

/// Of a unit that reports itself: the way down.
fn own_report(context: &PageContext, html: &mut Html, unit: &Unit) {
    let units = &context.definition().units;
    if units.is_level(units.order(&unit.code)) {
        let report = text::report_of(unit, context.inputs.folder);
        html.raw("<p class=\"note\"><a href=\"").text(&report).raw("\">");
        html.text(&unit.name).raw("自己的报告</a>（放在 ").text(&report).raw(" 时打得开）</p>");
    }
}

fn problems(context: &PageContext, html: &mut Html, unit: &Unit) {
    let problems = problems::of_unit(context.index, context.medium(), &unit.code);
    if !problems.is_empty() {
        html.raw("<h3>问题</h3>");
        render::table(context, html, &problems, "problems sortable");
    }
}

/// How its returns stand, if it has any.
fn returns(context: &PageContext, html: &mut Html, unit: &Unit) -> bool {
    let receipts = || context.index.receipts_of(&unit.code).iter().copied();
    if receipts().next().is_none() {
        return false;
    }
    html.raw("<h3>收报情况</h3>");
    tiles(html, &ReturnCounts::of(receipts()));
    html.raw("<details><summary>每份报表</summary>");
    let name = (unit.code.as_str(), unit.name.as_str());
    let table = receipts::of_unit(context.index, context.medium(), name);
    render::table(context, html, &table, "sortable");
    html.raw("</details>");
    true
}

fn findings(context: &PageContext, html: &mut Html, unit: &Unit) {
    let name = (unit.code.as_str(), unit.name.as_str());
    let findings = findings::of_unit(context.index, context.medium(), name);
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
    let table = unit_table::figures(context.index, context.medium(), unit);
    if !table.is_empty() {
        html.raw("<h3>主要指标和排名指标</h3>");
        render::table(context, html, &table, "key");
    }
}
