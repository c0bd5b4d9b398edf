//! The circular as a Word document, laid out as official papers are (GB/T 9704): A4, type area
//! 156 × 225 mm, title 2号 小标宋 centred, text 3号 仿宋, 一、黑体, （一）楷体.

use docx_rs::{
    AlignmentType, Docx, FieldCharType, Footer, InstrPAGE, InstrText, LineSpacing, LineSpacingType,
    PageMargin, Paragraph, Run, RunFonts, SpecialIndentType,
};

use super::Circular;
use super::tables;
use crate::definition::{Attachment, Circular as Frame, Fonts};
use crate::report::Inputs;
use crate::report::chart::Chart;
use crate::report::index::Index;

/// Sizes in half points: 2号, 3号, 4号, 小四, 五号.
pub(super) const SIZE_2: usize = 44;
pub(super) const SIZE_3: usize = 32;
const SIZE_4: usize = 28;
pub(super) const SIZE_5: usize = 21;

/// 28 pt: 22 lines a page.
const LINE: i32 = 560;
/// Two characters of 3号, in twentieths of a point.
const TWO_CHARACTERS: i32 = 640;

/// What a document is made from.
pub(super) struct Material<'a> {
    pub(super) inputs: &'a Inputs<'a>,
    pub(super) index: &'a Index<'a>,
    pub(super) charts: &'a [Chart<'a>],
    /// Path → bytes of drawn charts.
    pub(super) drawn: &'a std::collections::BTreeMap<String, Vec<u8>>,
    pub(super) frame: &'a Frame,
}

/// The document, not yet packed; with the alternative texts of its pictures, in order.
pub(super) fn document(material: &Material, circular: &Circular) -> (Docx, Vec<String>) {
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

fn body(fonts: &Fonts, circular: &Circular) -> Vec<Paragraph> {
    let mut paragraphs =
        vec![title(fonts, &circular.title, SIZE_2), notice(fonts, &circular.notice)];
    if !circular.draft.is_empty() {
        paragraphs.push(notice(fonts, &circular.draft));
    }
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
fn closing(circular: &Circular) -> Vec<Paragraph> {
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

/// `附件1` flush left on a new page.
fn attachment_mark(fonts: &Fonts, number: usize) -> Paragraph {
    let run = run(&format!("附件{number}")).fonts(run_fonts(&fonts.heading));
    spaced().add_run(run).page_break_before(true).keep_next(true)
}

fn title(fonts: &Fonts, text: &str, size: usize) -> Paragraph {
    let run = run(text).fonts(run_fonts(&fonts.title)).size(size);
    let spacing = LineSpacing::new().line(680).line_rule(LineSpacingType::Exact).after(120);
    Paragraph::new().add_run(run).align(AlignmentType::Center).line_spacing(spacing)
}

/// A smaller heading over a table or picture.
pub(super) fn subtitle(fonts: &Fonts, text: &str) -> Paragraph {
    let run = run(text).fonts(run_fonts(&fonts.heading)).size(24);
    let spacing = LineSpacing::new().before(160).after(60);
    Paragraph::new().add_run(run).align(AlignmentType::Center).line_spacing(spacing).keep_next(true)
}

/// A note under a table.
pub(super) fn note(text: &str) -> Paragraph {
    Paragraph::new()
        .add_run(run(text).size(SIZE_5))
        .line_spacing(LineSpacing::new().before(60).after(60))
}

fn indented(fonts: &Fonts, heading: &str, text: &str) -> Paragraph {
    // Not justified: readers that never break before a bracket would tear the line apart.
    let mut paragraph = spaced().align(AlignmentType::Left).first_line_chars(200).indent(
        None,
        Some(SpecialIndentType::FirstLine(TWO_CHARACTERS)),
        None,
        None,
    );
    if !heading.is_empty() {
        paragraph = paragraph.add_run(run(heading).fonts(run_fonts(&fonts.subheading)));
    }
    paragraph.add_run(run(text))
}

fn line(text: &str) -> Paragraph {
    spaced().add_run(run(text))
}

fn spaced() -> Paragraph {
    Paragraph::new()
        .line_spacing(LineSpacing::new().line(LINE).line_rule(LineSpacingType::Exact))
        .size(SIZE_3)
}

/// Text is always text: characters that XML forbids are left out.
pub(super) fn run(text: &str) -> Run {
    let clean: String = text.chars().filter(|c| !c.is_control()).collect();
    Run::new().add_text(clean)
}

pub(super) fn run_fonts(name: &str) -> RunFonts {
    // Western letters and digits in the same font: official papers do not mix.
    RunFonts::new().ascii(name).hi_ansi(name).east_asia(name).cs(name)
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
