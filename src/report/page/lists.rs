//! Lists: problems, findings, and 方法与口径.

use std::collections::BTreeSet;

use super::PageContext;
use super::html::Html;
use super::render;
use crate::model::{Finding, Level, Outcome};
use crate::report::table::{definitions, findings};

/// 审核结果: all findings of the report's folder, to be filtered.
pub(super) fn findings_section(context: &PageContext, html: &mut Html) {
    html.raw("<section class=\"page\" id=\"findings\"><h2 tabindex=\"-1\">审核结果</h2>");
    let all: Vec<&Finding> = context.inputs.findings().collect();
    let table = findings::all(context.index, context.medium());
    for line in &table.lead {
        html.raw("<p class=\"lead\">").text(line).text(definitions::LEVELS).raw("</p>");
    }
    if !all.is_empty() {
        filters(context, html, &all);
    }
    render::table(context, html, &table, "sortable findings");
    html.raw("</section>");
}

fn filters(context: &PageContext, html: &mut Html, all: &[&Finding]) {
    html.raw("<form class=\"filters\" id=\"filters\" hidden>");
    html.raw("<label>级别 <select name=\"level\"><option value=\"\">全部</option>");
    for level in [Level::Error, Level::Query, Level::Hint] {
        html.raw("<option value=\"").raw(level.id()).raw("\">").raw(level.title());
        html.raw("</option>");
    }
    html.raw(
        "</select></label> <label>单位 <select name=\"unit\"><option value=\"\">全部</option>",
    );
    let units = &context.definition().units;
    let said: BTreeSet<&str> = all.iter().map(|finding| units.row_code(&finding.unit)).collect();
    for unit in units.all() {
        if said.contains(unit.code.as_str()) {
            html.raw("<option value=\"").text(&unit.code).raw("\">").text(&unit.name);
            html.raw("</option>");
        }
    }
    html.raw(
        "</select></label> <label>结果 <select name=\"outcome\"><option value=\"\">全部</option>",
    );
    for outcome in [Outcome::Fail, Outcome::Explained, Outcome::NotEvaluated] {
        html.raw("<option value=\"").raw(outcome.id()).raw("\">").raw(outcome.title());
        html.raw("</option>");
    }
    html.raw("</select></label> <label>含有 <input type=\"text\" name=\"text\"></label> ");
    html.raw("<output></output></form>");
}

/// 方法与口径: how figures are made and read, then every indicator as defined.
pub(super) fn methods_section(context: &PageContext, html: &mut Html) {
    html.raw("<section class=\"page\" id=\"methods\"><h2 tabindex=\"-1\">方法与口径</h2>");
    for line in definitions::method(context.index, context.medium())
        .into_iter()
        .chain(definitions::legend())
    {
        html.raw("<p class=\"method\">").text(line).raw("</p>");
    }
    render::table(context, html, &definitions::all(context.index, context.medium()), "methods");
    html.raw("</section>");
}
