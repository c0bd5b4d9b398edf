//! The bundled font: which characters it has, and how wide they are.
//!
//! Charts are drawn from this font only, so that they look the same on every machine. The
//! drawing library neither tells whether a glyph exists nor where its ink begins, so both are
//! read here from the font's `cmap` and `hmtx` tables.

use std::sync::LazyLock;

use plotters::style::{FontStyle, register_font};

/// The name under which the font is registered with the drawing library.
pub(super) const FAMILY: &str = "dangtong-noto";

/// Drawn in place of a character that the font does not have.
pub(super) const REPLACEMENT: char = '〓';

static BYTES: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-subset.otf");

/// Advance width and left side bearing, in font units.
#[derive(Debug, Clone, Copy)]
struct Metrics {
    advance: u16,
    bearing: i16,
}

struct Table {
    units_per_em: f32,
    /// By code point, up to the last that the font has.
    characters: Vec<Option<Metrics>>,
}

impl Table {
    fn get(&self, c: char) -> Option<Metrics> {
        self.characters.get(c as usize).copied().flatten()
    }
}

static TABLE: LazyLock<Table> =
    LazyLock::new(|| read(BYTES).unwrap_or(Table { units_per_em: 1000.0, characters: Vec::new() }));

static REGISTERED: LazyLock<bool> =
    LazyLock::new(|| register_font(FAMILY, FontStyle::Normal, BYTES).is_ok());

/// Makes the font known to the drawing library, once.
pub(super) fn register() -> anyhow::Result<()> {
    anyhow::ensure!(*REGISTERED, "内置字库无法读取：程序文件可能已损坏，请重新安装");
    Ok(())
}

/// Characters of a text that charts cannot draw, each once, in order of first use.
pub fn missing_characters(text: &str) -> Vec<char> {
    let mut missing = Vec::new();
    for c in text.chars() {
        if !c.is_control() && TABLE.get(c).is_none() && !missing.contains(&c) {
            missing.push(c);
        }
    }
    missing
}

/// The character that is drawn: itself, or the replacement mark.
pub(super) fn drawable(c: char) -> char {
    if TABLE.get(c).is_some() { c } else { REPLACEMENT }
}

/// Width of a text in pixels; `em` is the size of the letters in pixels.
pub(super) fn width(text: &str, em: f32) -> f32 {
    text.chars().map(|c| advance(c, em)).sum()
}

pub(super) fn advance(c: char, em: f32) -> f32 {
    metrics(c).map_or(em, |m| f32::from(m.advance) * em / TABLE.units_per_em)
}

/// From the pen position to the leftmost ink, in pixels.
pub(super) fn bearing(c: char, em: f32) -> f32 {
    metrics(c).map_or(0.0, |m| f32::from(m.bearing) * em / TABLE.units_per_em)
}

fn metrics(c: char) -> Option<Metrics> {
    TABLE.get(c).or_else(|| TABLE.get(REPLACEMENT))
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<usize> {
    let value: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(value)).ok()
}

fn read(font: &[u8]) -> Option<Table> {
    let table = |tag: &[u8; 4]| -> Option<&[u8]> {
        let count = usize::from(u16_at(font, 4)?);
        (0..count).map(|i| 12 + 16 * i).find(|&at| font.get(at..at + 4) == Some(tag)).and_then(
            |at| {
                let (start, length) = (u32_at(font, at + 8)?, u32_at(font, at + 12)?);
                font.get(start..start + length)
            },
        )
    };
    let (head, hhea, hmtx, cmap) =
        (table(b"head")?, table(b"hhea")?, table(b"hmtx")?, table(b"cmap")?);
    let long_metrics = usize::from(u16_at(hhea, 34)?);
    let of_glyph = |glyph: usize| -> Option<Metrics> {
        let advance = u16_at(hmtx, 4 * glyph.min(long_metrics - 1))?;
        let bearing_at = if glyph < long_metrics {
            4 * glyph + 2
        } else {
            4 * long_metrics + 2 * (glyph - long_metrics)
        };
        Some(Metrics { advance, bearing: u16_at(hmtx, bearing_at)?.cast_signed() })
    };
    // Segmented coverage (format 12) is the only form that has all characters.
    let subtables = usize::from(u16_at(cmap, 2)?);
    let segments = (0..subtables)
        .filter_map(|i| u32_at(cmap, 4 + 8 * i + 4))
        .find(|&at| u16_at(cmap, at) == Some(12))?;
    let mut characters = Vec::new();
    for i in 0..u32_at(cmap, segments + 12)? {
        let at = segments + 16 + 12 * i;
        let (first, last, glyph) =
            (u32_at(cmap, at)?, u32_at(cmap, at + 4)?, u32_at(cmap, at + 8)?);
        if last > char::MAX as usize {
            return None;
        }
        characters.resize(characters.len().max(last + 1), None);
        let segment = characters.get_mut(first..=last).unwrap_or_default();
        for (glyph, place) in (glyph..).zip(segment) {
            *place = Some(of_glyph(glyph)?);
        }
    }
    Some(Table { units_per_em: f32::from(u16_at(head, 18)?), characters })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_font_has_the_standard_characters_and_our_signs() {
        assert_eq!(TABLE.characters.iter().flatten().count(), 8406);
        let text = "左权县桐峪镇麻田镇拐儿镇“两室”三评——〔2013〕1号…·％‰±×÷≤≥≠→↑↓▲▼●○★☆①②③Ⅰ№㎡℃￥";
        assert_eq!(missing_characters(text), Vec::<char>::new());
        assert_eq!(missing_characters("龘a龘\u{1F600}\n"), vec!['龘', '\u{1F600}']);
        assert_eq!(drawable('\u{1F600}'), REPLACEMENT);
    }

    #[test]
    fn han_characters_are_one_em_wide_and_brackets_begin_late() {
        assert!((width("左权县", 20.0) - 60.0).abs() < 0.01);
        assert!(width("abc123", 20.0) < 6.0 * 13.0);
        assert!(bearing('（', 20.0) > 10.0, "the ink of a full-width bracket is on the right");
    }
}
