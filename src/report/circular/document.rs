//! The circular as a Word document, laid out as official papers are (GB/T 9704): A4, type area
//! 156 × 225 mm, title 2号 小标宋 centred, text 3号 仿宋, 一、黑体, （一）楷体.

use docx_rs::{
    AlignmentType, Docx, FieldCharType, Footer, InstrPAGE, InstrText, LineSpacing, LineSpacingType,
    PageMargin, Paragraph, Run, SpecialIndentType, Tab, TabValueType, Table, TableBorder,
    TableBorderPosition, TableBorders, TableCell, TableCellMargins, TableLayoutType,
    TablePositionProperty, TableRow, WidthType,
};

use super::typesetting::{
    LINE, SIZE_2, SIZE_3, SIZE_4, TWO_CHARACTERS, TYPE_AREA, indented, line, run, run_fonts,
    spaced, title,
};
use super::{CircularText, Material, tables};
use crate::definition::{Attachment, Fonts};

/// The document, not yet packed; with the alternative texts of its pictures, in order.
pub(super) fn document(material: &Material, circular: &CircularText) -> (Docx, Vec<String>) {
    let fonts = &material.frame.fonts;
    let mut docx = Docx::new()
        .page_size(11_906, 16_838)
        .page_margin(PageMargin {
            top: 2_098,
            left: 1_588,
            bottom: 1_984,
            right: 1_474,
            header: 851,
            footer: 1_304,
            gutter: 0,
        })
        .default_fonts(run_fonts(&fonts.body))
        .default_size(SIZE_3)
        .footer(footer(fonts, AlignmentType::Right))
        .even_footer(footer(fonts, AlignmentType::Left));
    for paragraph in body(fonts, circular) {
        docx = docx.add_paragraph(paragraph);
    }
    let mut alternatives = Vec::new();
    for (number, attachment) in (1..).zip(&material.frame.attachments) {
        docx = docx.add_paragraph(attachment_mark(fonts, number)).add_paragraph(title(
            fonts,
            &attachment.title,
            36,
        ));
        docx = content(material, attachment, docx, &mut alternatives);
    }
    if !circular.imprint.is_empty() {
        docx = docx.add_table(imprint(&circular.imprint)).add_paragraph(last_line());
    }
    (docx, alternatives)
}

fn content(
    material: &Material,
    attachment: &Attachment,
    docx: Docx,
    alternatives: &mut Vec<String>,
) -> Docx {
    use crate::definition::AttachmentKind::{Charts, KeyFigures, Problems, Rankings};
    match attachment.kind {
        KeyFigures => tables::key_figures(material, attachment, docx),
        Rankings => tables::rankings(material, attachment, docx),
        Problems => tables::problems(material, docx),
        Charts => tables::charts(material, attachment, docx, alternatives),
    }
}

fn notice(fonts: &Fonts, text: &str) -> Paragraph {
    let run = run(text).fonts(run_fonts(&fonts.subheading));
    spaced().align(AlignmentType::Center).add_run(run)
}

fn body(fonts: &Fonts, circular: &CircularText) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    if !circular.doc_no.is_empty() {
        paragraphs.push(line(&circular.doc_no).align(AlignmentType::Center));
    }
    paragraphs.push(title(fonts, &circular.title, SIZE_2));
    // What is not there takes no line.
    let notices = [&circular.notice, &circular.stage].into_iter().filter(|text| !text.is_empty());
    paragraphs.extend(notices.map(|text| notice(fonts, text)));
    // 主送 stands flush left.
    paragraphs.push(line(&circular.addressee));
    paragraphs.extend(circular.lead.iter().map(|paragraph| indented(fonts, "", &paragraph.text)));
    for section in &circular.sections {
        let run = run(&section.heading).fonts(run_fonts(&fonts.heading));
        paragraphs.push(spaced().add_run(run).first_line_chars(200).keep_next(true).indent(
            None,
            Some(SpecialIndentType::FirstLine(TWO_CHARACTERS)),
            None,
            None,
        ));
        let own = section.paragraphs.iter();
        paragraphs.extend(own.map(|p| indented(fonts, &p.heading, &p.text)));
    }
    // 落款 never stands alone on a page.
    if let Some(last) = paragraphs.pop() {
        paragraphs.push(last.keep_next(true));
    }
    paragraphs.extend(closing(circular));
    paragraphs
}

/// 附件 one line below the text, then 落款 and date at the right.
fn closing(circular: &CircularText) -> Vec<Paragraph> {
    let mut paragraphs = Vec::new();
    if !circular.attachments.is_empty() {
        paragraphs.push(line("").keep_next(true));
    }
    for (number, name) in (1..).zip(&circular.attachments) {
        let first = number == 1;
        let text =
            if first { format!("附件：{number}. {name}") } else { format!("{number}. {name}") };
        let left = TWO_CHARACTERS + if first { 0 } else { 960 };
        paragraphs.push(line(&text).indent(Some(left), None, None, None).keep_next(true));
    }
    paragraphs.push(line("").keep_next(true));
    let right = |text: &str, characters: i32| {
        line(text).align(AlignmentType::Right).indent(None, None, Some(320 * characters), None)
    };
    paragraphs.push(right(&circular.signed, 2).keep_next(true));
    paragraphs.push(right(&circular.date, 4));
    paragraphs
}

/// 版记 at the foot of the last page: 4号 between rules, one character from either edge.
fn imprint(lines: &[(String, String)]) -> Table {
    let row = |(left, right): &(String, String)| {
        let text = run(left).size(SIZE_4);
        let text = if right.is_empty() { text } else { text.add_tab().add_text(right) };
        let paragraph = Paragraph::new()
            .line_spacing(LineSpacing::new().line(LINE).line_rule(LineSpacingType::Exact))
            .indent(Some(280), None, Some(280), None)
            .add_tab(Tab::new().val(TabValueType::Right).pos(TYPE_AREA as usize - 280))
            .add_run(text);
        TableRow::new(vec![TableCell::new().add_paragraph(paragraph)])
    };
    let rule = |at, size| TableBorder::new(at).size(size);
    // The outer rules 0.35 mm, those between 0.25 mm.
    let rules = TableBorders::with_empty()
        .set(rule(TableBorderPosition::Top, 8))
        .set(rule(TableBorderPosition::Bottom, 8))
        .set(rule(TableBorderPosition::InsideH, 6));
    let foot = TablePositionProperty::new()
        .horizontal_anchor("margin")
        .position_x_alignment("center")
        .vertical_anchor("margin")
        .position_y_alignment("bottom");
    Table::new(lines.iter().map(row).collect())
        .set_grid(vec![TYPE_AREA as usize])
        .layout(TableLayoutType::Fixed)
        .width(TYPE_AREA as usize, WidthType::Dxa)
        .margins(TableCellMargins::new().margin(0, 0, 0, 0))
        .set_borders(rules)
        .position(foot)
}

/// A table is not the last of a document.
fn last_line() -> Paragraph {
    Paragraph::new().line_spacing(LineSpacing::new().line(20).line_rule(LineSpacingType::Exact))
}

/// `附件1` flush left on a new page.
fn attachment_mark(fonts: &Fonts, number: usize) -> Paragraph {
    let run = run(&format!("附件{number}")).fonts(run_fonts(&fonts.heading));
    spaced().add_run(run).page_break_before(true).keep_next(true)
}

/// `— 1 —`, 4号, one character from the outer edge.
fn footer(fonts: &Fonts, side: AlignmentType) -> Footer {
    let styled = |run: Run| run.fonts(run_fonts(&fonts.number)).size(SIZE_4);
    let number = Run::new()
        .add_field_char(FieldCharType::Begin, false)
        .add_instr_text(InstrText::PAGE(InstrPAGE::new()))
        .add_field_char(FieldCharType::Separate, false)
        .add_text("1")
        .add_field_char(FieldCharType::End, false);
    let paragraph = Paragraph::new()
        .align(side)
        .indent(Some(280), None, Some(280), None)
        .add_run(styled(run("— ")))
        .add_run(styled(number))
        .add_run(styled(run(" —")));
    Footer::new().add_paragraph(paragraph)
}
