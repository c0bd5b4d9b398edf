//! 变化说明: what changed since the period before, and which units drive it or hold it back.

use rust_xlsxwriter::Worksheet;

use super::WorkbookContext;
use super::contribution::{Decomposition, decompose};
use super::page::Paper;
use super::render::stored;
use super::sheet::{LineLook, Sheet};
use super::style::{change_format, value_format};
use crate::model::{Rational, column_letters};
use crate::report::{selection, text};

const TITLES: [&str; 7] = ["专题", "指标", "上期", "本期", "增减", "主要推动", "主要拖累"];
const LAST: u16 = 6;
const WIDTHS: [f64; 7] = [6.0, 24.0, 10.0, 10.0, 15.0, 44.0, 44.0];

/// Units named in each direction.
const NAMED: usize = 3;

/// Key indicators that changed.
pub(super) fn moved<'a>(context: &WorkbookContext<'a>) -> Vec<Decomposition<'a>> {
    let key = selection::key(context.inputs.definition).into_iter();
    key.filter_map(|i| decompose(context, i)).filter(|d| !d.is_still()).collect()
}

pub(super) fn sheet(context: &WorkbookContext, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?.linked(&context.origins);
    sheet.line("比上期的变化和推动单位", LAST, LineLook::Heading)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for change in &context.changes {
        row(context, &mut sheet, change)?;
    }
    if sheet.row == header + 1 {
        sheet.line("本期没有可与上期比较且有变化的主要指标。", LAST, LineLook::Note)?;
    }
    for line in notes(context) {
        sheet.line(&line, LAST, LineLook::Note)?;
    }
    sheet.signatures(LAST)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.worksheet.set_freeze_panes(header + 1, 2)?;
    sheet.finish(LAST)
}

fn row(context: &WorkbookContext, sheet: &mut Sheet, change: &Decomposition) -> anyhow::Result<()> {
    let at = sheet.row;
    let measure = &change.county.measure;
    sheet.center(
        (at, 0),
        text::programme_label(context.inputs.definition, change.indicator),
        false,
    )?;
    sheet.text((at, 1), &change.indicator.title, false)?;
    let then = change.then;
    sheet.number_as((at, 2), stored(then, measure), &value_format(then, measure), false)?;
    sheet.value((at, 3), change.county, 1, None, false)?;
    let (now, before) = (column_letters(3), column_letters(2));
    let factor = if measure == "%" { "*100" } else { "" };
    let formula = format!(
        "=ROUND(({now}{row}-{before}{row}){factor},{places})",
        row = at + 1,
        places = change.difference.places
    );
    let format = change_format(change.difference, measure);
    sheet.formula((at, 4), &formula, &change.difference.to_string(), &format, false)?;
    let exact = change.units.iter().fold(change.rest, |sum, (_, c)| sum.plus(*c));
    let up = exact >= Rational::ZERO;
    sheet.text((at, 5), &leaders(change, up), false)?;
    sheet.text((at, 6), &leaders(change, !up), false)?;
    sheet.row += 1;
    Ok(())
}

/// The largest contributions in one direction, by size.
fn leaders(change: &Decomposition, up: bool) -> String {
    let zero = Rational::ZERO;
    let mut units: Vec<_> =
        change.units.iter().filter(|(_, c)| if up { *c > zero } else { *c < zero }).collect();
    // Stable: equals stay in register order.
    units.sort_by(|(_, a), (_, b)| if up { b.cmp(a) } else { a.cmp(b) });
    let named: Vec<String> = units
        .iter()
        .take(NAMED)
        .map(|(unit, c)| {
            let sign = if up { "+" } else { "" };
            format!("{} {sign}{}", unit.name, c.round(change.places))
        })
        .collect();
    match units.len() {
        0 => text::NONE.to_owned(),
        n if n > NAMED => format!("{} 等 {n} 个单位", named.join("、")),
        _ => named.join("、"),
    }
}

fn notes(context: &WorkbookContext) -> Vec<String> {
    let mut still = Vec::new();
    let mut without = Vec::new();
    for indicator in selection::key(context.inputs.definition) {
        match decompose(context, indicator) {
            Some(change) if change.is_still() => still.push(indicator.title.as_str()),
            Some(_) => {}
            None => without.push(indicator.title.as_str()),
        }
    }
    let mut lines = vec![
        "注：贡献的单位与增减相同（占比为百分点）。个数、总数的贡献为该单位的增减；比率、平均数的贡献＝〔分子增减－上期县率×分母增减〕÷本期县分母，各单位之和正好等于县的变化。推动指与县的变化同向，拖累指反向。全部单位见“变化分解”。".to_owned(),
    ];
    if !still.is_empty() {
        lines.push(format!("与上期相同：{}。", still.join("、")));
    }
    if !without.is_empty() {
        lines.push(format!("没有可比的上期，或不能按单位分解：{}。", without.join("、")));
    }
    lines
}
