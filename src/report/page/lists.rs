//! Lists: problems, findings, and 方法与口径.

use super::Context;
use super::figure;
use super::html::Html;
use crate::definition::{Better, Indicator};
use crate::model::{DiagnosedProblem, Evidence, Finding, Level, Outcome, Status};
use crate::report::text;

/// A row a problem, with links to the figures it rests on.
pub(super) fn problems<'p>(
    context: &Context,
    html: &mut Html,
    problems: impl Iterator<Item = &'p DiagnosedProblem>,
) {
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"问题清单\">");
    html.raw("<table class=\"sortable\"><thead><tr>");
    for title in ["单位", "症状", "问题", "情况", "标准", "持续", "起始", "依据"] {
        html.raw("<th scope=\"col\">").raw(title).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for problem in problems {
        html.raw("<tr><th scope=\"row\">");
        context.unit_link(html, &problem.unit_code);
        html.raw("</th><td>").text(&problem.disease).raw("</td><td>").text(&problem.title);
        html.raw("<small>").text(&problem.text).raw("</small></td><td>").text(&problem.seen);
        html.raw("</td><td>").text(&problem.threshold).raw("</td><td class=\"n\">");
        html.text(&problem.lasting);
        if !problem.gaps.is_empty() {
            html.raw("<small>").text(&problem.gaps).raw("</small>");
        }
        html.raw("</td><td>");
        html.text(text::period(context.definition(), &problem.since)).raw("</td><td>");
        for evidence in &problem.evidence {
            piece(context, html, evidence);
        }
        html.raw("</td></tr>");
    }
    html.raw("</tbody></table></div>");
}

fn piece(context: &Context, html: &mut Html, evidence: &Evidence) {
    match evidence {
        Evidence::Figure(id) => {
            let figure = context.inputs.figures.iter().find(|f| f.id == *id);
            let title = figure.map_or(id.as_str(), |f| f.title.as_str());
            html.raw("<a class=\"piece\" href=\"#f=").text(id).raw("\">").text(title);
            html.raw("</a>");
        }
        Evidence::Finding { code, location, .. } => {
            html.raw("<span class=\"piece\">").text(code).raw("：").text(location);
            html.raw("</span>");
        }
        Evidence::Return { state, form, folder, file } => {
            let form = text::form_title(context.definition(), form);
            let place = if file.is_empty() { folder.to_string() } else { file.clone() };
            html.raw("<span class=\"piece\">").text(state).raw("：").text(form);
            html.raw(" ").text(place).raw("</span>");
        }
    }
}

/// A row a finding.
pub(super) fn findings<'f>(
    context: &Context,
    html: &mut Html,
    label: &str,
    findings: impl Iterator<Item = &'f Finding>,
) {
    let definition = context.definition();
    html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"").text(label);
    html.raw("：审核结果\"><table class=\"sortable findings\"><thead><tr>");
    for title in ["级别", "单位", "报表", "检查", "情况", "应为", "位置", "处理意见", "结果"]
    {
        html.raw("<th scope=\"col\">").raw(title).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for finding in findings {
        html.raw("<tr data-level=\"").text(finding.level.id()).raw("\" data-unit=\"");
        html.text(&finding.unit).raw("\" data-outcome=\"").text(finding.outcome.id());
        html.raw("\"><td><span class=\"level ").raw(match finding.level {
            Level::Error => "error",
            Level::Query => "query",
            Level::Hint => "hint",
        });
        html.raw("\">").text(finding.level.title()).raw("</span></td><td>");
        html.text(definition.units.name(&finding.unit)).raw("</td><td>");
        if !finding.form.is_empty() {
            html.text(text::form_title(definition, &finding.form));
        }
        html.raw("</td><td>").text(&finding.title).raw("<small>").text(&finding.code);
        html.raw("</small></td><td>").text(&finding.message);
        if !finding.seen.is_empty() {
            html.raw("<small>").text(&finding.seen).raw("</small>");
        }
        html.raw("</td><td>").text(&finding.expected).raw("</td><td class=\"place\">");
        html.text(&finding.location).raw("</td><td>").text(&finding.remedy).raw("</td><td>");
        html.raw(finding.outcome.title()).raw("</td></tr>");
    }
    html.raw("</tbody></table></div>");
}

/// 审核结果: all findings of the report's folder, to be filtered.
pub(super) fn findings_section(context: &Context, html: &mut Html) {
    html.raw("<section class=\"page\" id=\"findings\"><h2 tabindex=\"-1\">审核结果</h2>");
    let all: Vec<&Finding> = context.inputs.findings().collect();
    let count = |level: Level| all.iter().filter(|f| f.level == level).count();
    html.raw("<p class=\"lead\">本期审核发现 ").text(all.len()).raw(" 项：");
    for (at, level) in [Level::Error, Level::Query, Level::Hint].into_iter().enumerate() {
        html.raw(if at > 0 { "，" } else { "" }).raw(level.title()).raw(" ");
        html.text(count(level)).raw(" 项");
    }
    html.raw("。强制——不改正不接收，退回填报单位；核实——须书面说明，说明前数字为待核实；提示——供参考。</p>");
    if !all.is_empty() {
        filters(context, html, &all);
        findings(context, html, "全部单位", all.into_iter());
    }
    html.raw("</section>");
}

fn filters(context: &Context, html: &mut Html, all: &[&Finding]) {
    html.raw("<form class=\"filters\" id=\"filters\" hidden>");
    html.raw("<label>级别 <select name=\"level\"><option value=\"\">全部</option>");
    for level in [Level::Error, Level::Query, Level::Hint] {
        html.raw("<option value=\"").raw(level.id()).raw("\">").raw(level.title());
        html.raw("</option>");
    }
    html.raw(
        "</select></label> <label>单位 <select name=\"unit\"><option value=\"\">全部</option>",
    );
    for unit in context.definition().units.all() {
        if all.iter().any(|f| f.unit == unit.code) {
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

/// 方法与口径: what the letters mean, then every indicator as defined.
pub(super) fn methods_section(context: &Context, html: &mut Html) {
    html.raw("<section class=\"page\" id=\"methods\"><h2 tabindex=\"-1\">方法与口径</h2><ul>");
    html.raw("<li>数字状态：");
    let letters =
        [Status::Normal, Status::Provisional, Status::Incomplete, Status::Break, Status::Missing];
    for (at, status) in letters.into_iter().enumerate() {
        html.raw(if at > 0 { "，" } else { "" }).raw(status.code()).raw(" ").raw(status.title());
    }
    html.raw("。</li><li>合计数直接由各单位上报的行汇总，不由各单位的比率平均。占比按四舍五入，只在最后舍入一次；百分点为印出的占比之差。“—”为无基数，不作零计；空白是缺数，不是零。</li>");
    html.raw("<li>未报、退回的报表不计入；缺一个应报单位的数字标为“不完整”，并列出单位。</li>");
    html.raw("<li>排名只在组内，按未舍入的数，同数同名次，其后名次顺延。</li></ul>");
    for (anchor, programme) in context.programmes() {
        let own: Vec<&Indicator> = context
            .definition()
            .indicators
            .iter()
            .filter(|i| i.programme == programme.id)
            .collect();
        if own.is_empty() {
            continue;
        }
        html.raw("<h3><a href=\"#").text(anchor).raw("\">");
        html.text(super::programme_title(programme)).raw("</a></h3>");
        html.raw("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"");
        html.text(&programme.title).raw("的指标定义\"><table class=\"methods\"><thead><tr>");
        figure::titles(html, &["指标", "定义", "计量单位", "方向、目标", "说明"], &[]);
        html.raw("</tr></thead><tbody>");
        for indicator in own {
            definition_row(context, html, indicator);
        }
        html.raw("</tbody></table></div>");
    }
    html.raw("</section>");
}

fn definition_row(context: &Context, html: &mut Html, indicator: &Indicator) {
    html.raw("<tr id=\"i-").text(&indicator.id).raw("\"><th scope=\"row\">");
    html.text(&indicator.title).raw("<small>").text(&indicator.id).raw("</small></th><td>");
    html.text(text::definition_text(context.definition(), indicator)).raw("</td><td>");
    html.text(indicator.measure()).raw("</td><td>");
    let target = text::target(indicator);
    html.raw(match indicator.better {
        Better::Neither => "",
        better => better.title(),
    });
    html.raw(if indicator.better != Better::Neither && !target.is_empty() { "，" } else { "" });
    html.text(target).raw("</td><td>");
    let mut notes = Vec::new();
    notes.extend((!indicator.note.is_empty()).then(|| indicator.note.clone()));
    if !indicator.breaks.is_empty() {
        notes.push(format!("{} 起口径变化", indicator.breaks_in_words()));
    }
    if !indicator.is_collectable() {
        notes.push(format!("无法收集：{}", indicator.reason));
    }
    html.text(notes.join("；")).raw("</td></tr>");
}
