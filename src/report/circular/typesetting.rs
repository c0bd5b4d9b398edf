//! How official papers look (GB/T 9704): sizes, lines and the kinds of paragraphs.

use docx_rs::{
    AlignmentType, LineSpacing, LineSpacingType, Paragraph, Run, RunFonts, SpecialIndentType,
};

use crate::definition::Fonts;

/// Sizes in half points: 2号, 3号, 4号, 小四, 五号.
pub(super) const SIZE_2: usize = 44;
pub(super) const SIZE_3: usize = 32;
pub(super) const SIZE_4: usize = 28;
pub(super) const SIZE_5: usize = 21;

/// 28 pt: 22 lines a page.
pub(super) const LINE: i32 = 560;
/// 156 mm, in twentieths of a point.
pub(super) const TYPE_AREA: u16 = 8_844;
/// Two characters of 3号, in twentieths of a point.
pub(super) const TWO_CHARACTERS: i32 = 640;

pub(super) fn title(fonts: &Fonts, text: &str, size: usize) -> Paragraph {
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

pub(super) fn indented(fonts: &Fonts, heading: &str, text: &str) -> Paragraph {
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

pub(super) fn line(text: &str) -> Paragraph {
    spaced().add_run(run(text))
}

pub(super) fn spaced() -> Paragraph {
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
