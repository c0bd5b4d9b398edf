//! 主要指标: the county's key figures with base, comparisons, completeness and status.

use rust_xlsxwriter::Worksheet;

use super::Context;
use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::style::{change_format, value_format};
use super::value::stored;
use crate::definition::Indicator;
use crate::model::{Change, Figure, column_letters};
use crate::report::{layout, text};

const TITLES: [&str; 15] = [
    "序号",
    "指标",
    "口径（分母）",
    "数据期",
    "分子",
    "分母",
    "本期",
    "上期",
    "比上期增减",
    "上年同期",
    "同比增减",
    "年初",
    "比年初增减",
    "计入单位",
    "状态与说明",
];
const LAST: u16 = 14;
const WIDTHS: [f64; 15] =
    [5.0, 20.0, 18.0, 11.0, 9.0, 9.0, 8.5, 8.5, 13.0, 8.5, 13.0, 8.5, 13.0, 7.0, 23.0];
const VALUE: u16 = 6;

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let inputs = context.inputs;
    let mut sheet = Sheet::new(name, Paper::Landscape, &WIDTHS)?.linked(&context.origins);
    let settings = &inputs.definition.settings;
    let period = text::period(inputs.definition, inputs.folder);
    sheet.line(&format!("{}主要指标（{period}）", settings.county_name), LAST, Line::Heading)?;
    let header = sheet.row;
    sheet.header_row(&TITLES)?;
    let mut number = 0;
    for indicator in layout::key(context.inputs.definition) {
        let figures: Vec<&Figure> = context.index.headlines(&indicator.id).collect();
        if figures.is_empty() {
            number += 1;
            not_available(&mut sheet, number, indicator)?;
        }
        for figure in figures {
            number += 1;
            figure_row(context, &mut sheet, number, indicator, figure)?;
        }
    }
    let last_row = sheet.row;
    sheet.row += 1;
    sheet.line(
        "注：比上期、同比、比年初为印出数之差，占比之差单位为百分点；本年累计数比上期的差是本期新增，不与年初比；按轮次报送的与上一轮比。没有可比数据、数据不全或口径已变的不比较。",
        LAST,
        Line::Note,
    )?;
    sheet.signatures(LAST)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.worksheet.set_freeze_panes(header + 1, 2)?;
    if last_row > header + 1 {
        sheet.worksheet.autofilter(header, 0, last_row - 1, LAST)?;
    }
    sheet.finish(LAST)
}

/// Nothing is due yet, or nothing has come: said, not left out.
fn not_available(sheet: &mut Sheet, number: usize, indicator: &Indicator) -> anyhow::Result<()> {
    let row = sheet.row;
    sheet.ordinal((row, 0), number)?;
    sheet.text((row, 1), &indicator.title, false)?;
    sheet.text((row, 2), text::base(indicator), false)?;
    for column in 3..LAST {
        sheet.center((row, column), text::NONE, false)?;
    }
    sheet.text((row, LAST), "未到期或无数据", false)?;
    sheet.row += 1;
    Ok(())
}

fn figure_row(
    context: &Context,
    sheet: &mut Sheet,
    number: usize,
    indicator: &Indicator,
    figure: &Figure,
) -> anyhow::Result<()> {
    let row = sheet.row;
    let title = match &figure.class {
        Some(class) => format!("{}：{}", indicator.title, class.title),
        None => indicator.title.clone(),
    };
    sheet.ordinal((row, 0), number)?;
    sheet.text((row, 1), &title, false)?;
    sheet.text((row, 2), text::base(indicator), false)?;
    sheet.center((row, 3), &text::period(context.inputs.definition, &figure.period), false)?;
    sheet.optional((row, 4), figure.numerator, false)?;
    sheet.optional((row, 5), figure.denominator, false)?;
    sheet.value((row, VALUE), figure, indicator.scale(), Some((4, 5)), false)?;
    let comparisons = [
        (text::previous_title(figure), figure.previous.as_ref()),
        ("同比", figure.year_ago.as_ref()),
        ("比年初", figure.year_begin.as_ref()),
    ];
    let mut notes = vec![format!("{}（{}）", text::status(figure), figure.status.code())];
    // The round before is named: it is not the period before.
    if let Some(round) = figure.previous.as_ref().filter(|c| !figure.is_adjacent(c)) {
        let period = text::period(context.inputs.definition, &round.period);
        notes.push(format!("上期为{period}"));
    }
    for (column, (word, change)) in (VALUE + 1..).step_by(2).zip(comparisons) {
        comparison(sheet, (row, column), figure, change)?;
        match change {
            Some(Change { obstacle: Some(obstacle), .. }) => {
                notes.push(format!("{word}：{}，不可比", obstacle.title()));
            }
            Some(Change { growth: Some(growth), .. }) => {
                let sign = if growth.units > 0 { "+" } else { "" };
                notes.push(format!("{word} {sign}{growth}%"));
            }
            _ => {}
        }
    }
    sheet.center((row, LAST - 1), &text::completeness(figure), false)?;
    notes.extend(text::target_met(indicator, figure));
    let absent = text::absent_units(context.inputs.definition, &figure.lineage.absent);
    if !absent.is_empty() {
        notes.push(absent);
    }
    sheet.text((row, LAST), &notes.join("；"), false)?;
    sheet.row += 1;
    Ok(())
}

/// The value then, and the live difference of the two printed values.
fn comparison(
    sheet: &mut Sheet,
    (row, column): (u32, u16),
    figure: &Figure,
    change: Option<&Change>,
) -> anyhow::Result<()> {
    let then = change.and_then(|c| c.then);
    let Some(then) = then else {
        sheet.center((row, column), text::NONE, false)?;
        return sheet.center((row, column + 1), text::NONE, false);
    };
    let measure = &figure.measure;
    sheet.number_as((row, column), stored(then, measure), &value_format(then, measure), false)?;
    let at = (row, column + 1);
    let Some(difference) = change.and_then(|c| c.difference) else {
        return sheet.center(at, text::NONE, false);
    };
    let format = change_format(difference, measure);
    if figure.value.map(|now| now.minus(then)) != Some(difference) {
        return sheet.number_as(at, difference, &format, false);
    }
    let (now, before) = (column_letters(VALUE), column_letters(column));
    let row = row + 1;
    let factor = if measure == "%" { "*100" } else { "" };
    let places = difference.places;
    let formula = format!("=ROUND(({now}{row}-{before}{row}){factor},{places})");
    sheet.formula(at, &formula, &difference.to_string(), &format, false)
}
