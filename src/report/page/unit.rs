//! A section a unit: its returns, its problems, its ranked and key figures against median and
//! target.

use super::Context;
use super::figure;
use super::home::tiles;
use super::html::Html;
use super::lists;
use super::spark;
use crate::definition::Indicator;
use crate::model::{Figure, Unit};
use crate::report::returns::Counts;
use crate::report::{layout, text};

pub(super) fn section(context: &Context, html: &mut Html, unit: &Unit) {
    html.raw("<section class=\"page\" id=\"u").text(&unit.code);
    html.raw("\"><h2 tabindex=\"-1\">").text(&unit.name);
    if !unit.group.is_empty() {
        html.raw("<small>").text(&unit.group).raw("</small>");
    }
    html.raw("</h2>");
    returns(context, html, unit);
    let problems = context.index.problems_of(&unit.code);
    if !problems.is_empty() {
        html.raw("<h3>问题</h3>");
        lists::problems(context, html, problems.iter().copied());
    }
    figures(context, html, unit);
    html.raw("</section>");
}

fn returns(context: &Context, html: &mut Html, unit: &Unit) {
    let receipts = || context.index.receipts_of(&unit.code).iter().copied();
    if receipts().next().is_none() {
        return;
    }
    html.raw("<h3>收报情况</h3>");
    tiles(html, &Counts::of(receipts()));
    html.raw("<details><summary>每份报表</summary><div class=\"scroll\" tabindex=\"0\" ");
    html.raw("role=\"region\" aria-label=\"").text(&unit.name).raw("的报表\"><table ");
    html.raw("class=\"sortable\"><thead><tr>");
    for title in ["报表", "报告期", "状态", "收到日期", "按时", "行数", "强制", "待核实", "文件"]
    {
        html.raw("<th scope=\"col\">").raw(title).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for receipt in receipts() {
        let definition = context.definition();
        html.raw("<tr><th scope=\"row\">").text(text::form_title(definition, &receipt.form));
        html.raw("</th><td>").text(text::period(definition, &receipt.period)).raw("</td><td>");
        html.text(receipt.state.title()).raw(if receipt.owed { "" } else { "（不应报）" });
        let received = receipt.received_on.map(crate::model::date_text);
        html.raw("</td><td>").text(received.as_deref().unwrap_or(text::NONE)).raw("</td><td>");
        html.raw(receipt.timeliness.title());
        html.raw("</td>");
        for count in [receipt.rows, receipt.errors, receipt.queries] {
            html.raw("<td class=\"n\">").text(count).raw("</td>");
        }
        html.raw("<td class=\"place\">").text(&receipt.file).raw("</td></tr>");
    }
    html.raw("</tbody></table></div></details>");
    sentences(context, html, unit);
    let findings: Vec<_> = context.inputs.findings().filter(|f| f.unit == unit.code).collect();
    if !findings.is_empty() {
        html.raw("<details><summary>审核结果（").text(findings.len()).raw(" 项）</summary>");
        lists::findings(context, html, &unit.name, findings.into_iter());
        html.raw("</details>");
    }
}

/// What the unit wrote above and below its tables.
fn sentences(context: &Context, html: &mut Html, unit: &Unit) {
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

fn figures(context: &Context, html: &mut Html, unit: &Unit) {
    let mut body = Html::default();
    for (anchor, programme) in context.programmes() {
        let own: Vec<(&Indicator, &Figure)> = context
            .definition()
            .indicators
            .iter()
            .filter(|i| i.programme == programme.id && (i.key || i.is_ranked()))
            .filter_map(|i| Some((i, context.index.of_unit(&i.id, &unit.code)?)))
            .collect();
        if own.is_empty() {
            continue;
        }
        body.raw("<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"8\"><a href=\"#");
        body.text(anchor).raw("\">").text(super::programme_title(programme)).raw("</a></th></tr>");
        for (indicator, figure) in own {
            row(context, &mut body, indicator, figure);
        }
        body.raw("</tbody>");
    }
    if body.is_empty() {
        return;
    }
    html.raw("<h3>主要指标和排名指标</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" ");
    html.raw("aria-label=\"").text(&unit.name).raw("的指标\"><table class=\"key\"><thead><tr>");
    for title in ["指标", "本期", "组内中位数", "目标", "组内名次", "比上期", "走势", "说明"]
    {
        html.raw("<th scope=\"col\">").raw(title).raw("</th>");
    }
    html.raw("</tr></thead>").append(&body);
    html.raw("</table></div><p class=\"note\">注：组内中位数按未舍入的数取，有并列名次的其后顺延；本单位全部指标可用上方查找框输入单位名查看。</p>");
}

fn row(context: &Context, html: &mut Html, indicator: &Indicator, figure: &Figure) {
    html.raw("<tr><th scope=\"row\">").text(&indicator.title).raw("</th>");
    html.raw("<td class=\"n\">");
    figure::value_with_base(html, figure);
    let median = context
        .index
        .median(&indicator.id, &figure.group)
        .map_or_else(|| text::NONE.to_owned(), |m| format!("{m}{}", figure.measure));
    html.raw("</td><td class=\"n\">").text(median).raw("</td>");
    html.raw(match text::meets_target(indicator, figure) {
        Some(true) => "<td class=\"n met\"><span>",
        Some(false) => "<td class=\"n unmet\"><span>",
        None => "<td class=\"n\"><span>",
    });
    let target = text::target(indicator);
    html.text(target.trim_start_matches("目标").trim_start()).raw("</span>");
    html.raw("</td><td class=\"n\">");
    match &figure.place {
        Some(place) => {
            html.text(place.place).raw("/").text(place.of);
            html.raw(if place.tied { "（并列）" } else { "" });
            if let Some(before) = place.previous.filter(|b| *b != place.place) {
                html.raw("<small>上期第 ").text(before).raw("</small>");
            }
        }
        None => {
            html.raw(text::NONE);
        }
    }
    html.raw("</td>");
    let previous = text::previous_period(figure);
    figure::change_cell(html, indicator, figure, (&previous, figure.previous.as_ref()));
    html.raw("<td>");
    if let Some(picture) = spark::line(figure) {
        html.picture(&picture);
    }
    html.raw("</td><td class=\"remark\">");
    html.text(layout::remarks(&[figure])).raw("</td></tr>");
}
