//! 概览: who has reported, key figures, first and last of each group, problems, and what the
//! circular says of the whole.

use super::PageContext;
use super::figure;
use super::html::Html;
use super::render;
use crate::definition::SectionKind;
use crate::report::returns::{self, Count, Counts};
use crate::report::table::{Medium, board, counts, key_figures, problems};
use crate::report::text;

pub(super) fn section(context: &PageContext, html: &mut Html) {
    html.raw("<section class=\"page\" id=\"home\"><h2 tabindex=\"-1\">概览</h2>");
    receipts(context, html);
    self::key_figures(context, html);
    self::board(context, html);
    problems(context, html);
    situation(context, html);
    html.raw("</section>");
}

/// 主要情况: the circular's first section, each paragraph with the figures that it states.
fn situation(context: &PageContext, html: &mut Html) {
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
    for (title, count) in Counts::TITLES.into_iter().zip(counts.columns()) {
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

fn receipts(context: &PageContext, html: &mut Html) {
    let all = Counts::of(context.inputs.receipts());
    html.raw("<h3>收报情况</h3>");
    tiles(html, &all);
    html.raw("<p class=\"note\">退回和未报的不计入统计，有关指标标为“不完整”。</p>");
    absent(context, html);
    html.raw("<details><summary>各单位收报情况</summary>");
    render::table(context, html, &counts::all(context.index, Medium::Page), "sortable");
    html.raw("</details>");
}

/// Who is missing or sent back, by name and form.
fn absent(context: &PageContext, html: &mut Html) {
    for (state, names) in returns::absent(context.inputs) {
        html.raw("<p><strong>").text(state).raw("</strong>：");
        html.text(names).raw("。</p>");
    }
}

/// 问题清单, if the pipeline diagnoses any.
fn problems(context: &PageContext, html: &mut Html) {
    if context.inputs.problems.is_empty() {
        return;
    }
    html.raw("<h3>问题清单</h3>");
    let problems = problems::all(context.index, Medium::Page);
    html.raw("<p class=\"lead\">").text(problems.lead.concat()).raw("</p>");
    render::table(context, html, &problems, "sortable");
}

fn key_figures(context: &PageContext, html: &mut Html) {
    html.raw("<h3>主要指标</h3>");
    render::table(context, html, &key_figures::all(context.index, Medium::Page), "key");
    html.raw("<p class=\"note\">点击任一数字，可看口径、历史、名次、每个出处单元格和未计入的单位。绿色为向好，红色为变差。</p>");
}

/// The first and the last of each group for every ranked key indicator.
fn board(context: &PageContext, html: &mut Html) {
    let table = board::all(context.index, Medium::Page);
    if table.is_empty() {
        return;
    }
    html.raw("<h3>").text(&table.title).raw("</h3>");
    render::table(context, html, &table, "board");
}
