//! The document around the sections: head, banner, contents, panel, data and script.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::html::Html;
use super::{PageContext, compare, data, home, lists, programme, unit};
use crate::report::{color, returns, text};

const STYLE: &str = include_str!("../../../assets/page/page.css");
const SCRIPT: &str = include_str!("../../../assets/page/page.js");

pub(super) fn page(context: &PageContext) -> anyhow::Result<Vec<u8>> {
    let mut html = Html::default();
    head(context, &mut html);
    banner(context, &mut html);
    html.raw("<div class=\"columns\">");
    contents(context, &mut html);
    html.raw("<main id=\"main\">\n");
    match context.alone {
        Some(unit) => unit::alone(context, &mut html, unit),
        None => home::section(context, &mut html),
    }
    for (anchor, one) in &context.programmes {
        html.raw("\n");
        programme::section(context, &mut html, anchor, one);
    }
    if context.alone.is_none() {
        html.raw("\n");
        compare::section(&mut html);
    }
    if context.has_sections() {
        for one in &context.units {
            html.raw("\n");
            unit::section(context, &mut html, one);
        }
    } else {
        html.raw("\n");
        unit::on_demand(&mut html, context.units.len());
    }
    html.raw("\n");
    lists::findings_section(context, &mut html);
    html.raw("\n");
    lists::methods_section(context, &mut html);
    html.raw("</main></div>\n");
    footer(context, &mut html);
    html.raw("<dialog id=\"panel\" aria-labelledby=\"panel-title\"></dialog>\n");
    html.raw("<script type=\"text/plain\" id=\"data\">").text(data::packed(context)?);
    html.raw("</script>\n<script>").raw(SCRIPT).raw("</script>\n</body>\n</html>\n");
    Ok(html.into_bytes())
}

/// The policy allows this one script and nothing from anywhere else.
fn head(context: &PageContext, html: &mut Html) {
    let settings = &context.definition().settings;
    let hash = STANDARD.encode(Sha256::digest(SCRIPT.as_bytes()));
    html.raw("<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head>\n<meta charset=\"utf-8\">\n");
    html.raw("<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; ");
    html.raw("script-src 'sha256-").text(hash).raw("'; style-src 'unsafe-inline'; ");
    html.raw("img-src data:; base-uri 'none'; form-action 'none'\">\n");
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    html.raw("<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
    html.text(&settings.report.title).raw(" ");
    if let Some(unit) = context.alone {
        html.text(&unit.name).raw(" ");
    }
    html.text(text::period(context.definition(), context.inputs.folder));
    html.raw("</title>\n<style>").raw(STYLE);
    colors(html);
    html.raw("</style>\n</head>\n<body>\n");
}

/// The colours of what is judged, which the script draws with.
fn colors(html: &mut Html) {
    html.raw(":root { --reached: #").text(format_args!("{:06x}", color::GOOD.code()));
    html.raw("; --missed: #").text(format_args!("{:06x}", color::BAD.code()));
    html.raw("; --unjudged: #").text(format_args!("{:06x}", color::PLAIN.code()));
    html.raw("; }\n");
}

fn banner(context: &PageContext, html: &mut Html) {
    let report = &context.definition().settings.report;
    html.raw("<a class=\"skip\" href=\"#main\">跳到正文</a>\n<header><div class=\"banner\"><div>");
    html.raw("<h1>").text(&report.title).raw("</h1><p>");
    html.text(text::period(context.definition(), context.inputs.folder));
    html.raw("　").text(&report.organisation).raw("</p></div>");
    html.raw("<form class=\"search\" id=\"search\" role=\"search\" hidden>");
    html.raw("<label for=\"query\">查找指标、单位</label>");
    html.raw("<input type=\"search\" id=\"query\" autocomplete=\"off\" ");
    let programme = context.definition().programmes.first().map_or("", |p| p.title.as_str());
    let unit = context.alone.or(context.units.first().copied());
    let unit = unit.map_or("", |unit| unit.name.as_str());
    html.raw("placeholder=\"如：").text(programme).raw(" ").text(unit).raw("\">");
    html.raw("<div id=\"results\" hidden></div></form></div>");
    if !report.notice.is_empty() {
        html.raw("<p class=\"notice\">").text(&report.notice).raw("</p>");
    }
    if let Some(unit) = context.alone {
        html.raw("<p class=\"notice\">本页只发").text(&unit.name);
        html.raw("：只有本单位的数字、问题和出处，全县只列总数，没有其他单位的内容。</p>");
    }
    let stage = returns::stage(context.inputs);
    html.raw("<p class=\"notice draft\"><strong>").text(&stage).raw("</strong></p>");
    html.raw("</header>\n");
}

fn contents(context: &PageContext, html: &mut Html) {
    html.raw(
        "<nav class=\"contents\" aria-label=\"目录\"><details open><summary>目录</summary><ul>",
    );
    html.raw("<li><a href=\"#home\">概览</a></li>");
    if context.alone.is_none() {
        html.raw("<li><a href=\"#compare\">自选比较</a></li>");
    }
    html.raw("</ul>");
    if !context.programmes.is_empty() {
        html.raw("<h2>专题</h2><ul>");
        for (anchor, one) in &context.programmes {
            html.raw("<li><a href=\"#").text(anchor).raw("\">").text(text::programme_title(one));
            html.raw("</a></li>");
        }
        html.raw("</ul>");
    }
    let has_sections = context.has_sections();
    if !has_sections {
        html.raw("<h2>单位</h2><ul><li><a href=\"#unit\">各单位</a></li></ul>");
    }
    let mut group = None;
    for unit in
        context.index.in_group_order(context.units.clone()).into_iter().filter(|_| has_sections)
    {
        if group != Some(&unit.group) {
            html.raw(if group.is_some() { "</ul>" } else { "" }).raw("<h2>");
            html.text(if unit.group.is_empty() { "单位" } else { &unit.group });
            html.raw("</h2><ul class=\"units\">");
            group = Some(&unit.group);
        }
        html.raw("<li><a href=\"#u").text(&unit.code).raw("\">").text(&unit.name);
        html.raw("</a></li>");
    }
    html.raw(if group.is_some() { "</ul>" } else { "" });
    html.raw("<h2>附</h2><ul><li><a href=\"#findings\">审核结果</a></li>");
    html.raw("<li><a href=\"#methods\">方法与口径</a></li></ul></details></nav>\n");
}

fn footer(context: &PageContext, html: &mut Html) {
    let report = &context.definition().settings.report;
    html.raw("<footer><p>").text(&report.organisation).raw("　").text(&report.title).raw("　");
    html.text(text::period(context.definition(), context.inputs.folder));
    html.raw("</p><p>本页不联网，可用 U 盘拷贝；数字与工作簿、figures.csv 同源。");
    html.raw("<button type=\"button\" id=\"print-all\" hidden>打印全部</button></p>");
    html.raw("</footer>\n<noscript><p class=\"notice\">浏览器未启用脚本：表格可以阅读，但数字不能点开。</p></noscript>\n");
}
