//! 排名明细: every ranked indicator, a row a unit, inside groups; made for filtering.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::{Context, selection};
use crate::definition::Indicator;
use crate::model::Figure;
use crate::report::text;

const TITLES: [&str; 11] = [
    "指标",
    "口径（分母）",
    "组别",
    "名次",
    "单位",
    "分子",
    "分母",
    "值",
    "上期名次",
    "名次变化",
    "备注",
];
const LAST: u16 = 10;
const WIDTHS: [f64; 11] = [20.0, 28.0, 10.0, 7.0, 24.0, 8.0, 8.0, 10.0, 9.0, 9.0, 18.0];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?.linked(&context.origins);
    sheet.line("组内排名明细", LAST, Line::Heading)?;
    sheet.line(
        "本表供查阅、筛选，不随报告打印（打印区域只有这几行），打印用“排名”。在组内按未舍入的数排名，同数同名次，其后名次顺延（1、2、2、4）；小基数为分母低于规定值，名次仅供参考。",
        LAST,
        Line::Note,
    )?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    for indicator in selection::ranked(context) {
        for figure in ranked(context, indicator) {
            row(&mut sheet, indicator, figure)?;
        }
    }
    if sheet.row == header + 1 {
        sheet.line("本期没有排名的指标。", LAST, Line::Note)?;
    } else {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.worksheet.set_freeze_panes(header + 1, 0)?;
    sheet.finish_reference(header, LAST)
}

/// Units of an indicator in group order, then by place; those without a place last.
fn ranked<'a>(context: &'a Context, indicator: &Indicator) -> Vec<&'a Figure> {
    let index = context.index;
    let mut figures: Vec<&Figure> = index
        .rows(&[indicator], "unit")
        .iter()
        .filter_map(|row| index.get(&indicator.id, row, None))
        .collect();
    let groups = index.group_order(figures.iter().map(|f| f.group.as_str()));
    figures.sort_by_key(|f| {
        let place = f.place.as_ref().map_or(usize::MAX, |p| p.place);
        (groups.iter().position(|g| *g == f.group), place)
    });
    figures
}

fn row(sheet: &mut Sheet, indicator: &Indicator, figure: &Figure) -> anyhow::Result<()> {
    let at = sheet.row;
    sheet.text((at, 0), &indicator.title, false)?;
    sheet.text((at, 1), text::base(indicator), false)?;
    sheet.center((at, 2), &figure.group, false)?;
    sheet.text((at, 4), &figure.unit, false)?;
    sheet.optional((at, 5), figure.numerator, false)?;
    sheet.optional((at, 6), figure.denominator, false)?;
    sheet.value((at, 7), figure, indicator.scale(), Some((5, 6)), false)?;
    let mut remarks = Vec::new();
    if let Some(place) = &figure.place {
        sheet.ordinal((at, 3), place.place)?;
        if place.tied {
            remarks.push("并列".to_owned());
        }
        if place.small_base {
            remarks.push("小基数".to_owned());
        }
        match place.previous {
            Some(before) => sheet.ordinal((at, 8), before)?,
            None => sheet.center((at, 8), text::NONE, false)?,
        }
        sheet.center((at, 9), &selection::movement(place), false)?;
    } else {
        sheet.center((at, 3), text::NONE, false)?;
        sheet.center((at, 8), text::NONE, false)?;
        sheet.center((at, 9), text::NONE, false)?;
        remarks.push(format!("不排名：{}", text::why_empty(figure)));
    }
    if figure.open_queries > 0 {
        remarks.push(format!("待核实 {} 项", figure.open_queries));
    }
    sheet.text((at, LAST), &remarks.join("，"), false)?;
    sheet.row += 1;
    Ok(())
}
