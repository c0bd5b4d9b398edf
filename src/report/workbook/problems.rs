//! 问题清单: diagnosed problems with figure, threshold, duration and evidence.

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use crate::model::{DiagnosedProblem, Evidence};
use crate::report::text;

const TITLES: [&str; 10] =
    ["序号", "病症", "组别", "单位", "问题", "表述", "数字", "标准", "持续", "依据"];
const LAST: u16 = 9;
const WIDTHS: [f64; 10] = [5.5, 8.0, 9.0, 13.0, 16.0, 50.0, 14.0, 14.0, 15.0, 26.0];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?;
    sheet.line("问题清单", LAST, Line::Heading)?;
    let problems = context.inputs.problems;
    if problems.is_empty() {
        sheet.line("本期未诊断出问题。", LAST, Line::Note)?;
        return sheet.finish(LAST);
    }
    let mut diseases: Vec<(&str, usize)> = Vec::new();
    for problem in problems {
        match diseases.iter_mut().find(|(disease, _)| *disease == problem.disease) {
            Some((_, count)) => *count += 1,
            None => diseases.push((&problem.disease, 1)),
        }
    }
    let counts: Vec<String> = diseases.iter().map(|(d, n)| format!("{d} {n} 项")).collect();
    let summary = format!("本期诊断出问题 {} 项：{}。", problems.len(), counts.join("，"));
    sheet.line(&summary, LAST, Line::Note)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for (number, problem) in (1..).zip(problems) {
        row(context, &mut sheet, number, problem)?;
    }
    sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    sheet.signatures(LAST)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.worksheet.set_freeze_panes(header + 1, 0)?;
    sheet.finish(LAST)
}

fn row(
    context: &Context,
    sheet: &mut Sheet,
    number: usize,
    problem: &DiagnosedProblem,
) -> anyhow::Result<()> {
    let at = sheet.row;
    sheet.ordinal((at, 0), number)?;
    sheet.center((at, 1), &problem.disease, false)?;
    sheet.center((at, 2), &problem.group, false)?;
    sheet.text((at, 3), &problem.unit, false)?;
    sheet.text((at, 4), &problem.title, false)?;
    sheet.text((at, 5), &problem.text, false)?;
    sheet.center((at, 6), &problem.seen, false)?;
    sheet.center((at, 7), &problem.threshold, false)?;
    let since = text::period(context.inputs.definition, &problem.since);
    let mut lasting = format!("{}，自 {since}", problem.lasting);
    if !problem.gaps.is_empty() {
        lasting += &format!("（{}）", problem.gaps);
    }
    sheet.center((at, 8), &lasting, false)?;
    let words: Vec<String> = problem.evidence.iter().map(|e| evidence(context, e)).collect();
    let figures = problem.evidence.iter().filter_map(|e| match e {
        Evidence::Figure(id) => context.origins.target(id),
        Evidence::Finding { .. } | Evidence::Return { .. } => None,
    });
    // A cell has one link; figures open to their cells in 溯源.
    match figures.into_iter().next() {
        Some(target) => sheet.link((at, LAST), &target, &words.join("；"))?,
        None => sheet.text((at, LAST), &words.join("；"), false)?,
    }
    sheet.row += 1;
    Ok(())
}

fn evidence(context: &Context, evidence: &Evidence) -> String {
    match evidence {
        Evidence::Figure(id) => {
            let figure = context.inputs.figures.iter().find(|f| f.id == *id);
            format!("溯源 {}", figure.map_or(id.as_str(), |f| f.title.as_str()))
        }
        other => other.to_string(),
    }
}
