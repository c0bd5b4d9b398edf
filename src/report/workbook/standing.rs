//! 收报情况: units by forms, a word each.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::{Context, cover};
use crate::model::{Receipt, Unit};
use crate::report::returns::Counts;
use crate::report::text;

/// Forms side by side on a page.
const FORMS_A_PAGE: usize = 14;
const WIDTH: f64 = 8.5;

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &[6.0, 10.0, 22.0])?;
    sheet.narrowest = WIDTH;
    let forms = forms(context);
    let pieces = forms.len().div_ceil(FORMS_A_PAGE).max(1);
    let each = forms.len().div_ceil(pieces).max(1);
    let last = 2 + each as u16;
    sheet.widen(last, WIDTH);
    sheet.line("收报情况", last, Line::Heading)?;
    sheet.line(&Counts::of(context.inputs.receipts()).summary(), last, Line::Note)?;
    let units = units(context);
    for part in forms.chunks(each) {
        sheet.keep_together();
        part_at(context, &mut sheet, part, &units)?;
        sheet.row += 1;
    }
    if forms.is_empty() {
        sheet.line("本期没有应报或收到的报表。", last, Line::Note)?;
    }
    sheet.line("注：空格为不应报。每份报表的日期、行数、文件见“收报明细”。", last, Line::Note)?;
    sheet.signatures(last)?;
    sheet.finish(last)
}

/// Ids of the forms owed or received, in definition order.
fn forms<'a>(context: &Context<'a>) -> Vec<&'a str> {
    let known = context.inputs.definition.forms.iter().map(|f| f.id.as_str());
    known.filter(|id| context.inputs.receipts().any(|r| r.form == *id)).collect()
}

/// Units that owe or sent something, in group order.
fn units<'a>(context: &Context<'a>) -> Vec<&'a Unit> {
    let definition = context.inputs.definition;
    let mut units: Vec<&Unit> = definition
        .units
        .all()
        .iter()
        .filter(|u| !context.index.receipts_of(&u.code).is_empty())
        .collect();
    let groups = context.index.group_order(units.iter().map(|u| u.group.as_str()));
    units.sort_by_key(|unit| groups.iter().position(|g| *g == unit.group));
    units
}

fn part_at(
    context: &Context,
    sheet: &mut Sheet,
    forms: &[&str],
    units: &[&Unit],
) -> anyhow::Result<()> {
    let definition = context.inputs.definition;
    let header = sheet.row;
    let names: Vec<String> = forms.iter().map(|id| text::form_title(definition, id)).collect();
    let mut titles = vec!["序号", "组别", "单位"];
    titles.extend(names.iter().map(String::as_str));
    sheet.header_row(&titles)?;
    let longest = names.iter().map(|n| text::columns(n)).max().unwrap_or(0);
    sheet.height(header, 14.0 * (longest as f64 / 6.0).ceil().max(2.0) + 4.0);
    for (number, unit) in (1..).zip(units) {
        let at = sheet.row;
        sheet.ordinal((at, 0), number)?;
        sheet.center((at, 1), &unit.group, false)?;
        sheet.text((at, 2), &unit.name, false)?;
        for (column, form) in (3..).zip(forms) {
            let own =
                context.index.receipts_of(&unit.code).iter().copied().filter(|r| r.form == *form);
            let words: Vec<String> = own.map(word).collect();
            sheet.center((at, column), &words.join("、"), false)?;
        }
        sheet.row += 1;
    }
    Ok(())
}

fn word(receipt: &Receipt) -> String {
    cover::disorder(receipt).unwrap_or_else(|| "已收".to_owned())
}
