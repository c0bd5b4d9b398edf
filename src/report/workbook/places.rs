//! 排名: the places of all units inside their groups, a row an indicator, with change of place.

use rust_xlsxwriter::Worksheet;

use super::page::Paper;
use super::sheet::{Line, Sheet};
use super::{Context, selection};
use crate::definition::Indicator;
use crate::model::{Figure, Unit};
use crate::report::text;

/// Units side by side on a page.
const UNITS_A_PAGE: usize = 10;
const NARROW: f64 = 8.0;

pub(super) fn sheet(context: &Context, name: &str) -> anyhow::Result<Worksheet> {
    let mut sheet = Sheet::new(name, Paper::Portrait, &[6.0, 26.0])?.linked(&context.origins);
    sheet.narrowest = NARROW;
    let ranked: Vec<&Indicator> = selection::ranked(context).collect();
    let last = 1 + UNITS_A_PAGE as u16;
    sheet.widen(last, NARROW);
    for group in selection::groups(context) {
        let units = context.inputs.definition.units.valid_in(context.inputs.folder);
        let units: Vec<&Unit> = units.filter(|unit| unit.group == group).collect();
        // One unit alone has no places.
        if units.len() < 2 {
            continue;
        }
        for part in units.chunks(UNITS_A_PAGE) {
            part_at(context, &mut sheet, &ranked, (&group, part), last)?;
            sheet.row += 1;
        }
    }
    sheet.line(
        "注：在组内按未舍入的数排名，“并”为同数同名次，其后名次顺延（1、2、2、4）；↑↓为比上期升降的位次，“平”为与上期相同，没有箭头的上期未排名；“△”为小基数，名次仅供参考；“—”为不排名。数值见“排名明细”。",
        last,
        Line::Note,
    )?;
    sheet.signatures(last)?;
    sheet.finish(last)
}

fn part_at(
    context: &Context,
    sheet: &mut Sheet,
    ranked: &[&Indicator],
    (group, units): (&str, &[&Unit]),
    last: u16,
) -> anyhow::Result<()> {
    sheet.keep_together();
    let title =
        if group.is_empty() { "各单位名次".to_owned() } else { format!("{group}名次") };
    sheet.line(&title, last, Line::Heading)?;
    let mut titles = vec!["专题", "指标"];
    titles.extend(units.iter().map(|u| u.name.as_str()));
    sheet.header_row(&titles)?;
    for indicator in ranked {
        let figures: Vec<Option<&Figure>> =
            units.iter().map(|u| context.index.of_unit(&indicator.id, &u.code)).collect();
        if !figures.iter().flatten().any(|f| f.place.is_some()) {
            continue;
        }
        let at = sheet.row;
        sheet.center((at, 0), selection::programme(context, indicator), false)?;
        sheet.text((at, 1), &indicator.title, false)?;
        for (column, figure) in (2..).zip(figures) {
            if let Some(figure) = figure {
                sheet.origin((at, column), figure)?;
            }
            let words = figure.map_or_else(|| text::NONE.to_owned(), place);
            sheet.center((at, column), &words, false)?;
        }
        sheet.row += 1;
    }
    Ok(())
}

/// `并2↑1△`
fn place(figure: &Figure) -> String {
    let Some(place) = &figure.place else { return text::NONE.to_owned() };
    let tied = if place.tied { "并" } else { "" };
    let moved = match place.previous {
        None => String::new(),
        Some(before) if before == place.place => "平".to_owned(),
        Some(_) => selection::movement(place),
    };
    let small = if place.small_base { "△" } else { "" };
    format!("{tied}{}{moved}{small}", place.place)
}
