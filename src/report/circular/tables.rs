//! Attachments of the circular: key figures, rankings, the problem list, charts.

use docx_rs::{
    AlignmentType, Docx, LineSpacing, LineSpacingType, Paragraph, Pic, Run, Shading, Table,
    TableAlignmentType, TableCell, TableCellMargins, TableLayoutType, TableRow, VAlignType,
    WidthType,
};

use super::typesetting::{SIZE_5, note, run, run_fonts, subtitle};
use super::{Material, wording};
use crate::definition::{Attachment, Indicator, Time};
use crate::model::{Figure, Period, Receipt, ReturnState, Timeliness};
use crate::report::chart::{TOO_TALL, png_file};
use crate::report::text;

/// Column title, width in twentieths of a point, alignment.
type Column = (&'static str, usize, AlignmentType);

const LEFT: AlignmentType = AlignmentType::Left;
const CENTER: AlignmentType = AlignmentType::Center;

/// The width of the type area: 156 mm.
const EMU_WIDTH: u32 = 156 * 36_000;

pub(super) fn key_figures(material: &Material, attachment: &Attachment, docx: Docx) -> Docx {
    let definition = material.inputs.definition;
    let all = || definition.indicators.iter().filter(|i| i.is_collectable());
    let shown: Vec<&Indicator> = if attachment.indicators.is_empty() {
        all().filter(|i| i.key).collect()
    } else {
        attachment.indicators.iter().filter_map(|id| definition.indicator(id)).collect()
    };
    let mut rows = Vec::new();
    for indicator in shown {
        for figure in material.index.headlines(&indicator.id).filter(|f| f.value.is_some()) {
            let title = match &figure.class {
                Some(class) => format!("{}：{}", indicator.title, class.title),
                None => indicator.title.clone(),
            };
            rows.push(vec![
                (rows.len() + 1).to_string(),
                title,
                base(material, indicator, figure),
                wording::period(&figure.period, material.inputs.folder, Time::During),
                text::value(figure),
                or_none(text::fraction(figure)),
                or_none(difference(figure)),
            ]);
        }
    }
    let columns = [
        ("序号", 560, CENTER),
        ("指标", 1_850, LEFT),
        ("口径（分母）和说明", 1_800, LEFT),
        ("数据期", 1_130, CENTER),
        ("本期", 1_000, CENTER),
        ("分子/分母", 1_650, CENTER),
        ("比上期", 850, CENTER),
    ];
    let docx = docx.add_table(table(material, &columns, &rows));
    docx.add_paragraph(note(
        "注：比率为分子除以分母，四舍五入；比上期为本期与上一个数据期印出的数之差，比率之差为百分点；缺数、不完整或口径已变的不比较。",
    ))
}

/// The base in words, and what is wrong with the figure.
fn base(material: &Material, indicator: &Indicator, figure: &Figure) -> String {
    let mut marks = wording::Marks::default();
    let definition = material.inputs.definition;
    marks.add(figure, |absent| definition.units.name(&absent.unit).to_owned());
    format!("{}{}", text::base(indicator), marks.text())
}

/// `+2.3`, `-4`; empty when nothing compares.
fn difference(figure: &Figure) -> String {
    let change = wording::change(figure, "previous");
    change.and_then(|change| change.difference).map_or_else(String::new, |difference| {
        format!("{}{difference}", if difference.units > 0 { "+" } else { "" })
    })
}

fn or_none(text: String) -> String {
    if text.is_empty() { text::NONE.to_owned() } else { text }
}

pub(super) fn rankings(material: &Material, attachment: &Attachment, mut docx: Docx) -> Docx {
    let definition = material.inputs.definition;
    let fonts = &material.frame.fonts;
    for indicator in attachment.indicators.iter().filter_map(|id| definition.indicator(id)) {
        let figures = ranked(material, indicator);
        let Some(first) = figures.first() else { continue };
        let period = text::period(definition, &first.period);
        let rows: Vec<Vec<String>> = figures
            .iter()
            .filter_map(|figure| {
                let place = figure.place.as_ref()?;
                let remark = match (place.tied, place.small_base) {
                    (true, true) => "并列，小基数",
                    (true, false) => "并列",
                    (false, true) => "小基数",
                    (false, false) => "",
                };
                Some(vec![
                    place.group.clone(),
                    place.place.to_string(),
                    figure.unit.clone(),
                    text::value(figure),
                    or_none(text::fraction(figure)),
                    place.previous.map_or_else(|| text::NONE.to_owned(), |p| p.to_string()),
                    remark.to_owned(),
                ])
            })
            .collect();
        let columns = [
            ("组别", 1_300, CENTER),
            ("名次", 700, CENTER),
            ("单位", 1_900, LEFT),
            ("数值", 1_300, CENTER),
            ("分子/分母", 1_544, CENTER),
            ("上期名次", 1_000, CENTER),
            ("备注", 1_100, LEFT),
        ];
        docx = docx
            .add_paragraph(subtitle(fonts, &format!("{}（{period}）", indicator.title)))
            .add_table(table(material, &columns, &rows));
    }
    docx.add_paragraph(note("注：在组内按未舍入的数排名，同数同名次，其后名次顺延（1、2、2、4）。"))
}

/// Ranked units in group order, by place, then register order.
fn ranked<'a>(material: &Material<'a>, indicator: &Indicator) -> Vec<&'a Figure> {
    let units = &material.inputs.definition.units;
    let groups = &material.inputs.definition.settings.report.groups;
    let mut figures: Vec<&Figure> = material.index.of(&indicator.id).to_vec();
    figures.retain(|f| f.place.is_some() && f.dimension.is_empty() && f.class.is_none());
    figures.sort_by_key(|f| {
        let place = f.place.as_ref().map_or(usize::MAX, |p| p.place);
        (groups.iter().position(|g| *g == f.group), place, units.order(&f.unit_code))
    });
    figures
}

/// 问题清单: returns first, then diagnosed problems.
pub(super) fn problems(material: &Material, docx: Docx) -> Docx {
    let folder = material.inputs.folder;
    let short = |period: &Period| wording::period(period, folder, Time::During);
    let mut rows = returns(material);
    for problem in material.inputs.problems {
        rows.push([
            problem.unit.clone(),
            problem.disease.clone(),
            problem.title.clone(),
            format!("{}（标准：{}）", problem.seen, problem.threshold),
            short(&problem.since),
        ]);
    }
    if rows.is_empty() {
        return docx.add_paragraph(note("本期没有列入清单的问题。"));
    }
    let rows: Vec<Vec<String>> = (1..)
        .zip(rows)
        .map(|(number, row): (usize, _)| std::iter::once(number.to_string()).chain(row).collect())
        .collect();
    let columns = [
        ("序号", 600, CENTER),
        ("单位", 1_200, LEFT),
        ("类别", 1_100, CENTER),
        ("问题", 2_300, LEFT),
        ("具体情况", 2_444, LEFT),
        ("起始期", 1_200, CENTER),
    ];
    docx.add_table(table(material, &columns, &rows))
}

fn returns(material: &Material) -> Vec<[String; 5]> {
    let definition = material.inputs.definition;
    let mut receipts: Vec<&Receipt> = material.inputs.receipts().filter(|r| r.owed).collect();
    receipts.sort_by_key(|receipt| definition.units.order(&receipt.unit));
    let folder = material.inputs.folder;
    let short = |period: &Period| wording::period(period, folder, Time::During);
    let word = |receipt: &Receipt| match receipt.state {
        ReturnState::Missing | ReturnState::Rejected | ReturnState::Queried => {
            Some(receipt.state.title())
        }
        _ if receipt.timeliness == Timeliness::Late => Some(receipt.timeliness.title()),
        _ => None,
    };
    let row = |receipt: &&Receipt| {
        let form = definition.form(&receipt.form);
        Some([
            definition.units.name(&receipt.unit).to_owned(),
            "报表报送".to_owned(),
            word(receipt)?.to_owned(),
            form.map_or_else(|| receipt.form.clone(), |form| form.title.clone()),
            short(&receipt.period),
        ])
    };
    receipts.iter().filter_map(row).collect()
}

pub(super) fn charts(
    material: &Material,
    attachment: &Attachment,
    mut docx: Docx,
    alternatives: &mut Vec<String>,
) -> Docx {
    for id in &attachment.charts {
        let chart = material.charts.iter().find(|chart| chart.id == *id);
        if let Some(spec) = material.index.too_tall(id) {
            docx = docx.add_paragraph(note(&format!("{}：{TOO_TALL}。", spec.title)));
            continue;
        }
        let bytes = material.drawn.get(&png_file(id));
        let (Some(chart), Some(bytes)) = (chart, bytes) else { continue };
        let Some((width, height)) = png_size(bytes) else { continue };
        let (width, height) = fitted(width, height);
        let pic = Pic::new_with_dimensions(bytes.clone(), 1, 1)
            .id(format!("rIdImage{}", alternatives.len() + 1))
            .size(width, height);
        let paragraph = Paragraph::new()
            .align(AlignmentType::Center)
            .line_spacing(LineSpacing::new().before(120))
            .add_run(Run::new().add_image(pic));
        docx = docx.add_paragraph(paragraph);
        alternatives.push(chart.alt.clone());
    }
    let has_note = |id: &String| material.index.too_tall(id).is_some();
    if alternatives.is_empty() && !attachment.charts.iter().any(has_note) {
        return docx.add_paragraph(note("本期没有可画的图。"));
    }
    docx
}

/// Width and height from the header of a PNG.
fn png_size(bytes: &[u8]) -> Option<(u32, u32)> {
    let at = |from: usize| -> Option<u32> {
        Some(u32::from_be_bytes(bytes.get(from..from + 4)?.try_into().ok()?))
    };
    Some((at(16)?, at(20)?))
}

/// As wide as the type area, but no taller than 105 mm: two pictures a page.
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let tall = 105 * 36_000;
    let scale = |a: u32, b: u32, c: u32| {
        u32::try_from(u64::from(a) * u64::from(b) / u64::from(c.max(1))).unwrap_or(a)
    };
    let at_full_width = scale(EMU_WIDTH, height, width);
    if at_full_width <= tall {
        (EMU_WIDTH, at_full_width)
    } else {
        (scale(tall, width, height), tall)
    }
}

/// A table with full grid and a header row; the header repeats on every page.
fn table(material: &Material, columns: &[Column], rows: &[Vec<String>]) -> Table {
    let head = &material.frame.fonts.heading;
    let header: Vec<TableCell> = columns
        .iter()
        .map(|(title, width, _)| {
            let run = run(title).fonts(run_fonts(head));
            cell(run, *width, CENTER).shading(Shading::new().fill("F2F2F2"))
        })
        .collect();
    let mut all = vec![TableRow::new(header).cant_split()];
    for row in rows {
        let cells = columns.iter().zip(row);
        let cells = cells.map(|((_, width, side), text)| cell(run(text), *width, *side));
        all.push(TableRow::new(cells.collect()).cant_split());
    }
    Table::new(all)
        .set_grid(columns.iter().map(|(_, width, _)| *width).collect())
        .layout(TableLayoutType::Fixed)
        .width(columns.iter().map(|(_, width, _)| width).sum(), WidthType::Dxa)
        .align(TableAlignmentType::Center)
        .margins(TableCellMargins::new().margin(10, 60, 10, 60))
}

fn cell(run: Run, width: usize, side: AlignmentType) -> TableCell {
    let paragraph = Paragraph::new()
        .align(side)
        .line_spacing(LineSpacing::new().line(260).line_rule(LineSpacingType::AtLeast))
        // Also the paragraph mark: an empty cell is as tall as a full one.
        .size(SIZE_5)
        .add_run(run.size(SIZE_5));
    TableCell::new()
        .width(width, WidthType::Dxa)
        .vertical_align(VAlignType::Center)
        .add_paragraph(paragraph)
}
