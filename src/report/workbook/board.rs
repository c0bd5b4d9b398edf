//! 红黑榜: the first and the last of each group by each key indicator, in words; colour only
//! repeats them.

use rust_xlsxwriter::{Color, Format, Worksheet};

use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::{Context, selection};
use crate::definition::Indicator;
use crate::model::Figure;
use crate::report::chart::palette;
use crate::report::text;

const LAST: u16 = 5;
const WIDTHS: [f64; 6] = [6.0, 22.0, 9.5, 11.0, 32.0, 32.0];
const DEFAULT: [&str; 2] = ["C00000", "404040"];

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let settings = &context.inputs.definition.settings.report;
    let places = settings.board_places.max(1);
    let mut sheet = Sheet::new(name, Paper::Portrait, &WIDTHS)?;
    sheet.line("红黑榜", LAST, Line::Heading)?;
    let header = sheet.row;
    let (first, last) = (format!("红榜（前 {places} 名）"), format!("黑榜（后 {places} 名）"));
    sheet.header_row(&["专题", "指标", "组别", "组内中位数", &first, &last])?;
    let default = DEFAULT.map(str::to_owned);
    let configured = &settings.board_palette;
    let colors = palette(if configured.len() < 2 { &default } else { configured }, 2);
    let looks: Vec<Format> = colors
        .iter()
        .map(|color| sheet.styles.text(false).clone().set_font_color(Color::RGB(color.code())))
        .collect();
    let groups = selection::groups(context);
    for indicator in selection::ranked_key(context) {
        for group in &groups {
            row(context, &mut sheet, indicator, group, (places, &looks))?;
        }
    }
    if sheet.row == header + 1 {
        sheet.line("本期没有可列的指标。", LAST, Line::Note)?;
    } else {
        sheet.worksheet.autofilter(header, 0, sheet.row - 1, LAST)?;
    }
    sheet.line(
        &format!("注：在组内比较。好于本单位的不足 {places} 个，列红榜；差于本单位的不足 {places} 个，列黑榜；同数的一并列出；两者都是的不列，各单位相同的不列榜。△为小基数；同数的分子、分母见“排名明细”。列红榜不等于达到目标，列黑榜不等于未达到目标。"),
        LAST,
        Line::Note,
    )?;
    sheet.signatures(LAST)?;
    sheet.worksheet.set_repeat_rows(header, header)?;
    sheet.worksheet.set_freeze_panes(header + 1, 2)?;
    sheet.finish(LAST)
}

fn row(
    context: &Context,
    sheet: &mut Sheet,
    indicator: &Indicator,
    group: &str,
    (places, looks): (usize, &[Format]),
) -> anyhow::Result<()> {
    let figures = selection::of_group(context, indicator, group);
    let ranked: Vec<&Figure> = figures.into_iter().filter(|f| f.place.is_some()).collect();
    // One unit is not first among others.
    if ranked.len() < 2 {
        return Ok(());
    }
    let [first, last] = ends(&ranked, places);
    let at = sheet.row;
    sheet.center((at, 0), selection::programme(context, indicator), false)?;
    sheet.text((at, 1), &indicator.title, false)?;
    sheet.center((at, 2), group, false)?;
    match context.index.median(&indicator.id, group) {
        Some(median) => {
            let text = format!("{median}{}", indicator.measure());
            sheet.center((at, 3), &text, false)?;
        }
        None => sheet.center((at, 3), text::NONE, false)?,
    }
    for ((column, units), look) in (4..).zip([first, last]).zip(looks) {
        let words = match units.as_slice() {
            [] => "各单位相同，不列".to_owned(),
            units => named(indicator, units),
        };
        sheet.text_as((at, column), &words, look)?;
    }
    sheet.row += 1;
    Ok(())
}

/// The first and the last, as far as they can be told apart.
fn ends<'f>(ranked: &[&'f Figure], places: usize) -> [Vec<&'f Figure>; 2] {
    let place = |f: &Figure| f.place.as_ref().map_or(0, |p| p.place);
    let better = |f: &Figure| ranked.iter().filter(|o| place(o) < place(f)).count();
    let worse = |f: &Figure| ranked.iter().filter(|o| place(o) > place(f)).count();
    let (first, last) = (|f: &Figure| better(f) < places, |f: &Figure| worse(f) < places);
    let chosen = |keep: &dyn Fn(&Figure) -> bool| {
        ranked.iter().copied().filter(|f| keep(f)).collect::<Vec<_>>()
    };
    [chosen(&|f| first(f) && !last(f)), chosen(&|f| last(f) && !first(f))]
}

/// `辽阳镇 95.0%(19/20)（达目标）`; units of one place together: `辽阳镇、麻田镇 2 个单位 100.0%`.
fn named(indicator: &Indicator, units: &[&Figure]) -> String {
    let place = |f: &Figure| f.place.as_ref().map(|p| p.place);
    let alike = units.chunk_by(|a, b| place(a) == place(b));
    alike.map(|same| of_place(indicator, same)).collect::<Vec<_>>().join("；")
}

fn of_place(indicator: &Indicator, same: &[&Figure]) -> String {
    let Some(first) = same.first() else { return String::new() };
    let name = |f: &&Figure| {
        let small = f.place.as_ref().is_some_and(|p| p.small_base);
        format!("{}{}", f.unit, if small { "△" } else { "" })
    };
    let names = same.iter().map(name).collect::<Vec<_>>().join("、");
    let value = match same {
        [only] => text::value_with_base(only),
        many => format!("{} 个单位 {}", many.len(), text::value(first)),
    };
    let met = match text::meets_target(indicator, first) {
        Some(true) => "（达目标）",
        Some(false) => "（未达目标）",
        None => "",
    };
    format!("{names} {value}{met}")
}
