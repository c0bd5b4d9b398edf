//! Attachments of the circular: key figures, rankings, the problem list, charts.

use docx_rs::{AlignmentType, Docx, LineSpacing, Paragraph, Pic, Run};

use super::typesetting::{note, subtitle};
use super::{Material, render};
use crate::definition::{Attachment, Indicator};
use crate::report::chart::png_file;
use crate::report::selection;
use crate::report::table::{Medium, key_figures as key, problem_kinds, ranking};

const CIRCULAR: Medium = Medium::Circular;

/// The width of the type area: 156 mm.
const EMU_WIDTH: u32 = 156 * 36_000;

/// The indicators that an attachment names; the key ones where it names none.
fn shown<'a>(material: &Material<'a>, attachment: &Attachment) -> Vec<&'a Indicator> {
    let definition = material.inputs.definition;
    let named = attachment.indicators.iter().filter_map(|id| definition.indicator(id));
    let named: Vec<&Indicator> = named.collect();
    if named.is_empty() { selection::key(definition) } else { named }
}

pub(super) fn key_figures(material: &Material, attachment: &Attachment, docx: Docx) -> Docx {
    let table = key::attached(material.index, CIRCULAR, &shown(material, attachment));
    render::table(&material.frame.fonts, docx, &table)
}

pub(super) fn rankings(material: &Material, attachment: &Attachment, mut docx: Docx) -> Docx {
    let fonts = &material.frame.fonts;
    for indicator in shown(material, attachment).into_iter().filter(|one| one.is_ranked()) {
        let Some(table) = ranking::of_indicator(material.index, CIRCULAR, indicator) else {
            continue;
        };
        docx = render::table(fonts, docx.add_paragraph(subtitle(fonts, &table.title)), &table);
    }
    docx.add_paragraph(note(ranking::NOTE))
}

pub(super) fn problems(material: &Material, docx: Docx) -> Docx {
    render::table(&material.frame.fonts, docx, &problem_kinds::all(material.index))
}

pub(super) fn charts(
    material: &Material,
    attachment: &Attachment,
    mut docx: Docx,
    alternatives: &mut Vec<String>,
) -> Docx {
    for id in &attachment.charts {
        let chart = material.charts.iter().find(|chart| chart.id == *id);
        if let Some(reason) = material.index.undrawn(id) {
            docx = docx.add_paragraph(note(&format!("不作图，数字见表：{reason}。")));
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
    let has_note = |id: &String| material.index.undrawn(id).is_some();
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

/// As wide as the type area, but no taller than 95 mm: two pictures a page, also below the title.
fn fitted(width: u32, height: u32) -> (u32, u32) {
    let tall = 95 * 36_000;
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
