//! 概览: who has reported, key figures, first and last of each group, problems, and what the
//! circular says of the whole.

use super::Context;
use super::figure;
use super::html::Html;
use super::spark;
use crate::definition::{Indicator, SectionKind};
use crate::model::Figure;
use crate::report::returns::{self, Count, Counts};
use crate::report::{layout, text};

pub(super) fn section(context: &Context, html: &mut Html) {
    html.raw("<section class=\"page\" id=\"home\"><h2 tabindex=\"-1\">概览</h2>");
    receipts(context, html);
    key_figures(context, html);
    first_and_last(context, html);
    problems(context, html);
    situation(context, html);
    html.raw("</section>");
}

/// 主要情况: the circular's first section, each paragraph with the figures that it states.
fn situation(context: &Context, html: &mut Html) {
    let Some(circular) = context.circular else { return };
    let overall = circular.sections.iter().filter(|s| s.kind == SectionKind::Overall);
    let mut paragraphs = overall.flat_map(|s| &s.paragraphs).peekable();
    if paragraphs.peek().is_none() {
        return;
    }
    html.raw("<h3>主要情况</h3>");
    for paragraph in paragraphs {
        html.raw("<p class=\"said\">");
        if !paragraph.heading.is_empty() {
            html.raw("<strong>").text(&paragraph.heading).raw("</strong>");
        }
        html.text(&paragraph.text).raw("<small>");
        let named = |id: &String| context.inputs.figures.iter().find(|f| f.id == *id);
        for (at, stated) in paragraph.figures.iter().filter_map(named).enumerate() {
            html.raw(if at > 0 { "、" } else { "出处：" });
            figure::link(html, stated, &format!("{} {}", stated.title, text::value(stated)));
        }
        html.raw("</small></p>");
    }
}

/// The counts as large numbers.
pub(super) fn tiles(html: &mut Html, counts: &Counts) {
    html.raw("<dl class=\"tiles\">");
    for (title, count) in counts.columns() {
        let bad = !matches!(count, Count::Number(0));
        html.raw(if bad && matches!(title, "退回" | "未报" | "迟报") {
            "<div class=\"warn\">"
        } else {
            "<div>"
        });
        html.element("dt", title).raw("<dd>").text(&count);
        html.raw(if matches!(count, Count::Number(_)) {
            "<span>份</span></dd></div>"
        } else {
            "</dd></div>"
        });
    }
    html.raw("</dl>");
}

fn receipts(context: &Context, html: &mut Html) {
    let all = Counts::of(context.inputs.receipts());
    html.raw("<h3>收报情况</h3>");
    tiles(html, &all);
    html.raw("<p class=\"note\">退回和未报的不计入统计，有关指标标为“不完整”。</p>");
    absent(context, html);
    html.raw("<details><summary>各单位收报情况</summary><div class=\"scroll\" tabindex=\"0\" ");
    html.raw("role=\"region\" aria-label=\"各单位收报情况\"><table class=\"sortable\">");
    html.raw("<thead><tr><th scope=\"col\">单位</th><th scope=\"col\">组别</th>");
    for (title, _) in all.columns() {
        html.raw("<th scope=\"col\">").text(title).raw("</th>");
    }
    html.raw("</tr></thead><tbody>");
    for (code, counts) in returns::by_unit(context.inputs) {
        let unit = context.definition().units.get(code);
        html.raw("<tr><th scope=\"row\">");
        context.unit_link(html, code);
        html.raw("</th><td>").text(unit.map_or("", |u| u.group.as_str())).raw("</td>");
        for (_, count) in counts.columns() {
            html.raw("<td class=\"n\">").text(&count).raw("</td>");
        }
        html.raw("</tr>");
    }
    html.raw("</tbody></table></div></details>");
}

/// Who is missing or sent back, by name and form.
fn absent(context: &Context, html: &mut Html) {
    for (state, names) in returns::absent(context.inputs) {
        html.raw("<p><strong>").text(state).raw("</strong>：");
        html.text(names).raw("。</p>");
    }
}

/// 问题清单, if the pipeline diagnoses any.
fn problems(context: &Context, html: &mut Html) {
    if context.inputs.problems.is_empty() {
        return;
    }
    html.raw("<h3>问题清单</h3>");
    super::lists::problems(context, html, context.inputs.problems.iter());
}

fn key_figures(context: &Context, html: &mut Html) {
    html.raw("<h3>主要指标</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" ");
    html.raw("aria-label=\"主要指标\"><table class=\"key\"><thead><tr>");
    for title in ["指标", "本期", "比上期", "同比", "比年初", "走势", "计入单位", "说明"]
    {
        html.raw("<th scope=\"col\">").raw(title).raw("</th>");
    }
    html.raw("</tr></thead>");
    for (anchor, programme) in context.programmes() {
        let own: Vec<&Indicator> = layout::key(context.definition())
            .into_iter()
            .filter(|i| i.programme == programme.id)
            .collect();
        if own.is_empty() {
            continue;
        }
        html.raw("<tbody><tr class=\"group\"><th scope=\"rowgroup\" colspan=\"8\"><a href=\"#");
        html.text(anchor).raw("\">").text(super::programme_title(programme)).raw("</a></th></tr>");
        for indicator in own {
            let mut figures = context.index.headlines(&indicator.id).peekable();
            if figures.peek().is_none() {
                html.raw("<tr><th scope=\"row\">").text(&indicator.title).raw("</th>");
                html.raw("<td colspan=\"7\">未到期或无数据</td></tr>");
            }
            for figure in figures {
                key_row(context, html, indicator, figure);
            }
        }
        html.raw("</tbody>");
    }
    html.raw("</table></div><p class=\"note\">注：点击任一数字，可看口径、历史、名次、每个出处单元格和未计入的单位。比上期、同比、比年初为印出数之差，占比之差单位为百分点；本年累计数比上期的差是本期新增，不与年初比；按轮次报送的与上一轮比；绿色为向好，红色为变差；没有可比数据、数据不全或口径已变的不比较。</p>");
}

fn key_row(context: &Context, html: &mut Html, indicator: &Indicator, figure: &Figure) {
    html.raw("<tr><th scope=\"row\">").text(&indicator.title);
    if let Some(class) = &figure.class {
        html.raw("：").text(&class.title);
    }
    html.raw("</th><td class=\"n\">");
    figure::value_with_base(html, figure);
    html.raw("</td>");
    let previous = text::previous_period(figure);
    for change in [
        (previous.as_str(), figure.previous.as_ref()),
        ("上年同期", figure.year_ago.as_ref()),
        ("年初", figure.year_begin.as_ref()),
    ] {
        figure::change_cell(html, indicator, figure, change);
    }
    html.raw("<td>");
    if let Some(picture) = spark::line(figure) {
        html.picture(&picture);
    }
    html.raw("</td><td class=\"n\">").text(text::completeness(figure)).raw("</td><td>");
    html.text(remarks(context, indicator, figure)).raw("</td></tr>");
}

/// Period if older than the report's, target, status, who is absent.
fn remarks(context: &Context, indicator: &Indicator, figure: &Figure) -> String {
    let mut remarks = Vec::new();
    if figure.period != *context.inputs.folder {
        let period = text::period(context.definition(), &figure.period);
        remarks.push(format!("数据期 {period}"));
    }
    remarks.extend(text::target_met(indicator, figure));
    if figure.status != crate::model::Status::Normal {
        remarks.push(text::status(figure));
    }
    let absent = text::absent_units(context.definition(), &figure.lineage.absent);
    remarks.extend((!absent.is_empty()).then_some(absent));
    remarks.join("；")
}

/// The first and the last of each group for every ranked key indicator.
fn first_and_last(context: &Context, html: &mut Html) {
    let ranked: Vec<&Indicator> =
        layout::key(context.definition()).into_iter().filter(|i| i.is_ranked()).collect();
    let mut body = Html::default();
    for indicator in ranked {
        let figures = context.index.of(&indicator.id);
        let groups = figures.iter().filter_map(|f| f.place.as_ref()).map(|p| p.group.as_str());
        let mut first_row = true;
        for group in context.index.group_order(groups) {
            let own: Vec<&Figure> = figures
                .iter()
                .copied()
                .filter(|f| f.dimension.is_empty() && f.class.is_none())
                .filter(|f| f.place.as_ref().is_some_and(|p| p.group == group))
                .collect();
            let place = |f: &&Figure| f.place.as_ref().map_or(0, |p| p.place);
            let last = own.iter().map(place).max().unwrap_or(0);
            // Nobody is last where all are first.
            if last < 2 {
                continue;
            }
            body.raw("<tr><th scope=\"row\">");
            if first_row {
                body.text(&indicator.title);
            } else {
                body.raw("<span class=\"again\">").text(&indicator.title).raw("</span>");
            }
            first_row = false;
            body.raw("</th><td>").text(&group).raw("</td>");
            for (class, wanted) in [("<td class=\"first\">", 1), ("<td class=\"last\">", last)] {
                body.raw(class);
                named(&mut body, own.iter().copied().filter(|f| place(f) == wanted));
                body.raw("</td>");
            }
            body.raw("</tr>");
        }
    }
    if body.is_empty() {
        return;
    }
    html.raw("<h3>组内首位和末位</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" ");
    html.raw("aria-label=\"组内首位和末位\"><table><thead><tr><th scope=\"col\">指标</th>");
    html.raw("<th scope=\"col\">组别</th><th scope=\"col\">首位</th>");
    html.raw("<th scope=\"col\">末位</th></tr></thead><tbody>");
    html.append(&body).raw("</tbody></table></div>");
    html.raw("<p class=\"note\">注：只在组内比较，按未舍入的数排名；全组并列的不列。</p>");
}

/// `辽阳镇 100.0%、桐峪镇 100.0%`; more than four are counted.
fn named<'a>(html: &mut Html, figures: impl Iterator<Item = &'a Figure>) {
    let figures: Vec<&Figure> = figures.collect();
    let all = figures.len();
    let shown = if all > 4 { 3 } else { all };
    for (at, figure) in figures.into_iter().take(shown).enumerate() {
        html.raw(if at > 0 { "、" } else { "" }).text(&figure.unit).raw(" ");
        figure::link(html, figure, &text::value(figure));
    }
    if all > shown {
        html.raw(" 等 ").text(all).raw(" 个单位并列");
    }
}
