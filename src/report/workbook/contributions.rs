//! 变化分解: the contributions of all units to the change of each key indicator. They add up to
//! the exact change; what rounding leaves is shown.

use std::collections::{BTreeMap, BTreeSet};

use rust_xlsxwriter::Worksheet;

use super::WorkbookContext;
use super::page::Paper;
use super::render::stored;
use super::sheet::Sheet;
use super::style::{LineLook, change_format, value_format};
use crate::model::{Decimal, Rational, Unit, column_letters};
use crate::report::contribution::Decomposition;

/// Indicators side by side on a page.
const INDICATORS_A_PAGE: usize = 12;
const WIDTH: f64 = 9.5;
const LAST: u16 = 1 + INDICATORS_A_PAGE as u16;

pub(super) fn sheet(context: &WorkbookContext, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &[10.0, 22.0])?.linked(&context.origins);
    sheet.narrowest = WIDTH;
    sheet.widen(LAST, WIDTH);
    for (i, part) in context.changes.chunks(INDICATORS_A_PAGE).enumerate() {
        let continued = if i > 0 { "（续）" } else { "" };
        sheet.keep_together();
        sheet.line(&format!("各单位对变化的贡献{continued}"), LAST, LineLook::Heading)?;
        part_at(context, &mut sheet, part)?;
        sheet.row += 1;
    }
    sheet.line(
        "注：单位列为贡献，占比类为百分点；公式见“方法与口径”。“未分到单位”为县级数中不能归到某一单位的部分；“舍入差”为印出的增减与各行（舍入后）之和的差，只由舍入产生。单位本期或上期未计入县级数的，其贡献含计入与否的差别；空格为该单位没有此项指标。",
        LAST,
        LineLook::Note,
    )?;
    sheet.finish_unprinted(LAST)
}

fn part_at(
    context: &WorkbookContext,
    sheet: &mut Sheet,
    part: &[Decomposition],
) -> anyhow::Result<()> {
    let header = sheet.row;
    let mut titles = vec!["组别", "单位"];
    titles.extend(part.iter().map(|d| d.indicator.title.as_str()));
    sheet.header_row(&titles)?;
    sheet.height(header, 48.0);
    let units: Vec<&Unit> = rows(context, part);
    let first = header + 1;
    let words = ["上期", "本期", "增减（印出）"];
    for (row, word) in (first..).zip(words) {
        label(sheet, row, "", word, true)?;
    }
    let from = first + words.len() as u32;
    for (row, unit) in (from..).zip(&units) {
        label(sheet, row, &unit.group, &unit.name, false)?;
    }
    let rest = from + units.len() as u32;
    for (row, word) in (rest..).zip(["未分到单位", "贡献合计", "舍入差"]) {
        label(sheet, row, "", word, true)?;
    }
    for (column, change) in (2..).zip(part) {
        column_at(sheet, (first, column), change, &units)?;
    }
    sheet.row = rest + 3;
    Ok(())
}

fn label(sheet: &mut Sheet, row: u32, group: &str, name: &str, total: bool) -> anyhow::Result<()> {
    sheet.center((row, 0), group, total)?;
    sheet.text((row, 1), name, total)
}

/// Units with a contribution to any of these, in group order.
fn rows<'a>(context: &WorkbookContext<'a>, part: &[Decomposition<'a>]) -> Vec<&'a Unit> {
    let contributing: BTreeSet<&str> =
        part.iter().flat_map(|d| d.units.iter().map(|(unit, _)| unit.code.as_str())).collect();
    let all = context.inputs.definition.units.all().iter();
    let units: Vec<&Unit> = all.filter(|unit| contributing.contains(unit.code.as_str())).collect();
    context.index.in_group_order(units)
}

fn column_at(
    sheet: &mut Sheet,
    (first, column): (u32, u16),
    change: &Decomposition,
    units: &[&Unit],
) -> anyhow::Result<()> {
    let measure = if change.county.measure == "%" { "%" } else { "" };
    let then = change.then;
    sheet.number_as((first, column), stored(then, measure), &value_format(then, measure), true)?;
    sheet.origin((first + 1, column), change.county)?;
    if let Some(now) = change.county.value {
        let format = value_format(now, measure);
        sheet.number_as((first + 1, column), stored(now, measure), &format, true)?;
    }
    let signed = |value: Decimal| change_format(value, "");
    let difference = change.difference;
    sheet.number_as((first + 2, column), difference, &signed(difference), true)?;
    let mut sum = Decimal::new(0, change.places);
    let mut row = first + 3;
    let contributions: BTreeMap<&str, &Rational> =
        change.units.iter().map(|(unit, exact)| (unit.code.as_str(), exact)).collect();
    for unit in units {
        match contributions.get(unit.code.as_str()) {
            Some(exact) => {
                let contribution = exact.round(change.places);
                sum = sum.plus(contribution);
                sheet.number_as((row, column), contribution, &signed(contribution), false)?;
            }
            None => sheet.text((row, column), "", false)?,
        }
        row += 1;
    }
    let rest = change.rest.round(change.places);
    sum = sum.plus(rest);
    sheet.number_as((row, column), rest, &signed(rest), true)?;
    let letters = column_letters(column);
    // Rows of the sheet are counted from one.
    let (from, to) = (first + 4, row + 1);
    let formula = format!("=ROUND(SUM({letters}{from}:{letters}{to}),{})", change.places);
    sheet.formula((row + 1, column), &formula, &sum.to_string(), &signed(sum), true)?;
    let residual = difference.minus(sum);
    let formula = format!(
        "=ROUND({letters}{printed}-{letters}{sum},{places})",
        printed = first + 3,
        sum = row + 2,
        places = residual.places
    );
    sheet.formula((row + 2, column), &formula, &residual.to_string(), &signed(residual), true)
}
