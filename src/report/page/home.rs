//! 概览: the judgement, the map of who stands where and the problems; then what the circular says of the whole, who
//! has reported, key figures, and first and last of each group. What is long can be folded.

use super::PageContext;
use super::figure;
use super::html::Html;
use super::picture;
use super::render;
use crate::definition::SectionKind;
use crate::model::ReturnCounts;
use crate::report::circular::Paragraph;
use crate::report::judgement;
use crate::report::returns::{self, Count};
use crate::report::table::{Medium, board, counts, key_figures, problems};
use crate::report::text;

pub(super) fn section(context: &PageContext, html: &mut Html) {
    html.raw("<section class=\"page\" id=\"home\"><h2 tabindex=\"-1\">概览</h2>");
    html.raw("<ul class=\"judgement\">");
    for (about, line) in judgement::lines(context.index, &judgement::Elsewhere::default()) {
        html.raw("<li><strong>").text(about).raw("</strong>：").text(line).raw("。</li>");
    }
    html.raw("</ul>");
    if let Some(chart) = picture::map(context) {
        picture::of_chart(html, chart);
    }
    problems(context, html);
    situation(context, html);
    receipts(context, html);
    self::key_figures(context, html);
    self::board(context, html);
    html.raw("</section>");
}

/// What is long can be folded; it is open where there is room, or no script.
pub(super) fn folded(html: &mut Html, title: &str, write: impl FnOnce(&mut Html)) {
    html.raw("<details class=\"fold\" open><summary><h3>").text(title).raw("</h3></summary>");
    write(html);
    html.raw("</details>");
}

/// 主要情况: the circular's first section, each paragraph with the figures that it states.
fn situation(context: &PageContext, html: &mut Html) {
    let Some(circular) = context.circular else { return };
    let overall = circular.sections.iter().filter(|s| s.kind == SectionKind::Overall);
    let mut paragraphs = overall.flat_map(|s| &s.paragraphs).peekable();
    if paragraphs.peek().is_none() {
        return;
    }
    folded(html, "主要情况", |html| paragraphs.for_each(|one| said(context, html, one)));
}

/// A paragraph with the figures that it states.
fn said(context: &PageContext, html: &mut Html, paragraph: &Paragraph) {
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

/// The counts as large numbers.
pub(super) fn tiles(html: &mut Html, counts: &ReturnCounts) {
    html.raw("<dl class=\"tiles\">");
    for (title, count) in ReturnCounts::TITLES.into_iter().zip(counts.columns()) {
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
    let all = ReturnCounts::of(context.inputs.receipts());
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
    let problems = problems::all(context.index, Medium::Page);
    html.raw("<p class=\"lead\">").text(problems.lead.concat()).raw("</p>");
    folded(html, &format!("问题清单（{} 条）", context.inputs.problems.len()), |html| {
        render::table(context, html, &problems, "problems sortable");
    });
}

fn key_figures(context: &PageContext, html: &mut Html) {
    folded(html, "主要指标", |html| {
        render::table(context, html, &key_figures::all(context.index, Medium::Page), "key");
    });
    html.raw("<p class=\"note\">点击任一数字，可看口径、历史、名次、每个出处单元格和未计入的单位。蓝色为向好，橙色为变差。</p>");
}

/// The first and the last of each group for every ranked key indicator.
fn board(context: &PageContext, html: &mut Html) {
    let table = board::all(context.index, Medium::Page);
    if table.is_empty() {
        return;
    }
    folded(html, &table.title, |html| render::table(context, html, &table, "board"));
}
