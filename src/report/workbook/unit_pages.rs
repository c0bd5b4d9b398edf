//! 一委一单: a page a unit, with its ranked key figures against group median and target, its
//! place and change of place, its trend, its returns and its problems.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::style::value_format;
use super::value::stored;
use super::{Context, cover, one_page, selection};
use crate::definition::Indicator;
use crate::model::{Figure, Unit};
use crate::report::returns::Counts;
use crate::report::text;

pub(super) const TITLE: &str = "一委一单";

const TITLES: [&str; 11] = [
    "专题",
    "指标",
    "分子",
    "分母",
    "本期",
    "组内中位数",
    "目标",
    "比上期",
    "组内名次",
    "升降",
    "走势",
];
const LAST: u16 = 10;
const WIDTHS: [f64; 11] = [6.0, 22.0, 7.5, 7.5, 9.0, 10.0, 12.5, 9.0, 10.5, 6.5, 12.0];

/// Rows above the first line of figures: heading, group and returns, column titles.
const ABOVE: u32 = 3;

/// A unit's page.
pub(super) struct Page<'a> {
    unit: &'a Unit,
    figures: Vec<(&'a Indicator, &'a Figure)>,
}

/// Units with ranked key figures, in group order.
pub(super) fn pages<'a>(context: &Context<'a>) -> Vec<Page<'a>> {
    let ranked = selection::ranked_key(context);
    let groups = selection::groups(context);
    let mut pages: Vec<Page> = context
        .inputs
        .definition
        .units
        .valid_in(context.inputs.folder)
        .filter(|unit| groups.contains(&unit.group))
        .map(|unit| {
            let own = |&i: &&'a Indicator| Some((i, context.index.of_unit(&i.id, &unit.code)?));
            Page { unit, figures: ranked.iter().filter_map(own).collect() }
        })
        .filter(|page| page.figures.iter().any(|(_, f)| f.place.is_some()))
        .collect();
    // Stable: units of a group stay in register order.
    pages.sort_by_key(|page| groups.iter().position(|g| *g == page.unit.group));
    pages
}

/// Figures of the pages, for their trend lines.
pub(super) fn figures<'a>(pages: &[Page<'a>]) -> Vec<&'a Figure> {
    pages.iter().flat_map(|page| page.figures.iter().map(|(_, f)| *f)).collect()
}

/// Where each page begins. Pages are as long as their figures and problems, so the rows are
/// known before the sheet is written.
pub(super) fn rows<'a>(context: &Context<'a>) -> Vec<(&'a Unit, u32)> {
    let mut next = 0;
    context
        .unit_pages
        .iter()
        .map(|page| {
            let begins = next;
            let below = notes(context, page).len() + problems(context, page.unit).len() + 1;
            next += ABOVE + (page.figures.len() + below) as u32;
            (page.unit, begins)
        })
        .collect()
}

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Portrait, &WIDTHS)?.linked(&context.origins);
    for page in &context.unit_pages {
        page_at(context, &mut sheet, page)?;
    }
    sheet.finish(LAST)
}

fn page_at(context: &Context, sheet: &mut Sheet, page: &Page) -> anyhow::Result<()> {
    let definition = context.inputs.definition;
    let unit = page.unit;
    sheet.new_page();
    let period = text::period(definition, context.inputs.folder);
    sheet.line(&format!("{}（{period}）", unit.name), LAST, Line::Heading)?;
    let receipts = context.index.receipts_of(&unit.code).iter().copied();
    let standing = format!("组别：{}。{}", unit.group, Counts::of(receipts).summary());
    sheet.line(&standing, LAST, Line::Note)?;
    sheet.header_row(&TITLES)?;
    for (indicator, figure) in &page.figures {
        row(context, sheet, indicator, figure)?;
    }
    for line in problems(context, unit).iter().chain(&notes(context, page)) {
        sheet.line(line, LAST, Line::Note)?;
    }
    sheet.signatures(LAST)
}

fn row(
    context: &Context,
    sheet: &mut Sheet,
    indicator: &Indicator,
    figure: &Figure,
) -> anyhow::Result<()> {
    let at = sheet.row;
    sheet.center((at, 0), selection::programme(context, indicator), false)?;
    sheet.text((at, 1), &indicator.title, false)?;
    sheet.optional((at, 2), figure.numerator, false)?;
    sheet.optional((at, 3), figure.denominator, false)?;
    sheet.value((at, 4), figure, indicator.scale(), Some((2, 3)), false)?;
    match context.index.median(&indicator.id, &figure.group) {
        Some(median) => {
            let format = value_format(median, &figure.measure);
            sheet.number_as((at, 5), stored(median, &figure.measure), &format, false)?;
        }
        None => sheet.center((at, 5), text::NONE, false)?,
    }
    sheet.center((at, 6), &selection::target(indicator, figure), false)?;
    one_page::change(sheet, (at, 7), figure.previous.as_ref())?;
    let (place, moved) = match &figure.place {
        Some(place) => {
            let tied = if place.tied { " 并列" } else { "" };
            let small = if place.small_base { "△" } else { "" };
            let words = format!("{}/{}{tied}{small}", place.place, place.of);
            (words, selection::movement(place))
        }
        None => (text::NONE.to_owned(), text::NONE.to_owned()),
    };
    sheet.center((at, 8), &place, false)?;
    sheet.center((at, 9), &moved, false)?;
    context.sparks.insert(sheet, (at, 10), figure)?;
    sheet.row += 1;
    Ok(())
}

/// Its diagnosed problems, each a sentence; nothing without diagnosis.
fn problems(context: &Context, unit: &Unit) -> Vec<String> {
    if !context.diagnoses {
        return Vec::new();
    }
    let own = context.index.problems_of(&unit.code);
    if own.is_empty() {
        return vec!["问题：本期未诊断出问题。".to_owned()];
    }
    let sentence = |(i, p): (usize, &&crate::model::DiagnosedProblem)| {
        format!("问题 {}（{}）：{}", i + 1, p.disease, p.text)
    };
    own.iter().enumerate().map(sentence).collect()
}

/// Returns that are not in order, what was written on them, and what the columns mean.
fn notes(context: &Context, page: &Page) -> Vec<String> {
    let definition = context.inputs.definition;
    let mut lines = Vec::new();
    let returns: Vec<String> = context
        .index
        .receipts_of(&page.unit.code)
        .iter()
        .filter_map(|r| {
            let title = definition.form(&r.form).map_or(r.form.as_str(), |f| f.title.as_str());
            let state = cover::disorder(r)?;
            Some(format!("《{title}》{state}"))
        })
        .collect();
    if !returns.is_empty() {
        lines.push(format!("报表：{}。", returns.join("，")));
    }
    for (facts, sentence) in context.inputs.sentences() {
        if facts.unit == page.unit.code {
            let title = text::form_title(definition, &facts.form);
            lines.push(format!("《{title}》表上文字：{}", sentence.text));
        }
    }
    lines.push("注：只列分组排名的主要指标，其余见各专题表；组内中位数按未舍入的数取；△为小基数，名次仅供参考；比上期为增减，占比为百分点，本年累计数的是本期新增，按轮次报送的与上一轮比；升降为比上期的位次。".to_owned());
    lines
}
