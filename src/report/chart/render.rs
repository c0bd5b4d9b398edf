//! A scene as PNG and SVG, through the drawing library's two backends.
//!
//! Shapes go the same way in both. Text in PNG is set glyph by glyph, because the library
//! forgets each glyph's left side bearing (full-width brackets would stand wrong) and draws
//! every glyph anew; SVG keeps real text, to be found and copied.

use std::collections::BTreeMap;

use anyhow::anyhow;
use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBColor, TextStyle};

use super::scene::{Anchor, Color, Label, Scene, Shape, Size, WIDTH};
use crate::report::font;

const FONTS: &str = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, \
                     SimHei, sans-serif";

const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

pub(super) fn png(scene: &Scene) -> anyhow::Result<Vec<u8>> {
    let (width, height) = size(scene)?;
    let mut pixels = vec![0xFF; width as usize * height as usize * 3];
    {
        let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
        draw_shapes(&area, &scene.shapes)?;
        area.present().map_err(|e| anyhow!("绘图失败：{e}"))?;
    }
    let mut typesetter = Typesetter { pixels: &mut pixels, width, height, glyphs: BTreeMap::new() };
    for label in &scene.labels {
        typesetter.set(label)?;
    }
    encode(&pixels, width, height)
}

/// Few colours are used, so a palette makes the file a third as large and faster to write;
/// a picture with more than 256 colours stays as it is.
fn encode(pixels: &[u8], width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    let indexed = indexed(pixels, width as usize * 3);
    let data = match &indexed {
        Some((palette, indices)) => {
            encoder.set_color(png::ColorType::Indexed);
            encoder.set_palette(palette.as_slice());
            indices.as_slice()
        }
        None => {
            encoder.set_color(png::ColorType::Rgb);
            pixels
        }
    };
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fast);
    encoder.set_filter(png::FilterType::Up);
    // 2 × 96 dots an inch.
    let per_metre = 7559;
    encoder.set_pixel_dims(Some(png::PixelDimensions {
        xppu: per_metre,
        yppu: per_metre,
        unit: png::Unit::Meter,
    }));
    encoder.write_header()?.write_image_data(data)?;
    Ok(bytes)
}

fn indexed(pixels: &[u8], line: usize) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut known: BTreeMap<[u8; 3], u8> = BTreeMap::new();
    let mut palette = Vec::new();
    let mut indices: Vec<u8> = Vec::with_capacity(pixels.len() / 3);
    let mut last: Option<([u8; 3], u8)> = None;
    let mut above: &[u8] = &[];
    for row in pixels.chunks(line.max(3)) {
        // Most lines of a chart are the line above once more.
        if row == above {
            let from = indices.len() - row.len() / 3;
            indices.extend_from_within(from..);
            continue;
        }
        above = row;
        for pixel in row.as_chunks::<3>().0 {
            let index = match last {
                Some((color, index)) if color == *pixel => index,
                _ => match known.get(pixel) {
                    Some(&index) => index,
                    None => {
                        let index = u8::try_from(known.len()).ok()?;
                        known.insert(*pixel, index);
                        palette.extend_from_slice(pixel);
                        index
                    }
                },
            };
            last = Some((*pixel, index));
            indices.push(index);
        }
    }
    Some((palette, indices))
}

pub(super) fn svg(scene: &Scene) -> anyhow::Result<Vec<u8>> {
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, size(scene)?).into_drawing_area();
        let failed = |e| anyhow!("绘图失败：{e}");
        area.fill(&RGBColor(255, 255, 255)).map_err(failed)?;
        draw_shapes(&area, &scene.shapes)?;
        for label in &scene.labels {
            let style = if label.bold { FontStyle::Bold } else { FontStyle::Normal };
            let h_pos = match label.anchor {
                Anchor::Start => HPos::Left,
                Anchor::Middle => HPos::Center,
                Anchor::End => HPos::Right,
            };
            let font =
                FontDesc::new(FontFamily::Name(font::FAMILY), f64::from(label.size.0), style);
            let color = rgb(label.color);
            let style = TextStyle::from(font).color(&color).pos(Pos::new(h_pos, VPos::Top));
            // The backend puts the baseline 0.76 em below the position.
            let y = label.baseline - (label.size.em() * 0.76).round() as i32;
            let drawable: String = label.text.chars().filter(|c| !c.is_control()).collect();
            area.draw_text(&drawable, &style, (label.x, y)).map_err(failed)?;
        }
        area.present().map_err(failed)?;
    }
    let text = text
        .replace(&format!("font-family=\"{}\"", font::FAMILY), &format!("font-family=\"{FONTS}\""))
        .replacen("<svg ", &format!("{DECLARATION}<svg role=\"img\" "), 1);
    // After the declaration and the opening tag.
    let head = text.match_indices(">\n").nth(1).map_or(0, |(at, _)| at + 2);
    let (head, body) = text.split_at(head);
    let about = format!(
        "<title>{}</title>\n<desc>{}</desc>\n",
        escape(&scene.title),
        escape(&scene.description)
    );
    Ok([head, &about, body].concat().into_bytes())
}

fn escape(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_control())
        .map(|c| match c {
            '&' => "&amp;".to_owned(),
            '<' => "&lt;".to_owned(),
            '>' => "&gt;".to_owned(),
            other => other.to_string(),
        })
        .collect()
}

fn size(scene: &Scene) -> anyhow::Result<(u32, u32)> {
    Ok((u32::try_from(WIDTH)?, u32::try_from(scene.height)?))
}

fn rgb(color: Color) -> RGBColor {
    RGBColor(color.0, color.1, color.2)
}

fn draw_shapes<B: DrawingBackend>(
    area: &DrawingArea<B, Shift>,
    shapes: &[Shape],
) -> anyhow::Result<()> {
    for shape in shapes {
        let drawn = match shape {
            Shape::Rect { x, y, width, height, color } => area
                .draw(&Rectangle::new([(*x, *y), (x + width, y + height)], rgb(*color).filled())),
            Shape::Line { points, width, color } => {
                area.draw(&PathElement::new(points.as_slice(), rgb(*color).stroke_width(*width)))
            }
            Shape::Polygon { points, color } => {
                area.draw(&Polygon::new(points.as_slice(), rgb(*color).filled()))
            }
            Shape::Circle { center, radius, color } => {
                area.draw(&Circle::new(*center, *radius, rgb(*color).filled()))
            }
        };
        drawn.map_err(|e| anyhow!("绘图失败：{e}"))?;
    }
    Ok(())
}

/// Ink of one glyph: pixel (right of its first ink, below the baseline) and coverage.
type Ink = Vec<(i32, i32, f32)>;

struct Typesetter<'a> {
    pixels: &'a mut [u8],
    width: u32,
    height: u32,
    glyphs: BTreeMap<(Size, char), Ink>,
}

impl Typesetter<'_> {
    fn set(&mut self, label: &Label) -> anyhow::Result<()> {
        let em = label.size.em();
        let width = font::width(&label.text, em);
        let mut pen = label.x as f32
            - match label.anchor {
                Anchor::Start => 0.0,
                Anchor::Middle => width / 2.0,
                Anchor::End => width,
            };
        for c in label.text.chars().filter(|c| !c.is_control()) {
            let x = (pen + font::bearing(c, em)).floor() as i32;
            self.glyph(label.size, c)?;
            let ink = self.glyphs.get(&(label.size, c)).map_or(&[][..], Vec::as_slice);
            for &(dx, dy, coverage) in ink {
                let at = (x + dx, label.baseline + dy);
                blend(self.pixels, (self.width, self.height), at, label.color, coverage);
                if label.bold {
                    let beside = (at.0 + 1, at.1);
                    blend(self.pixels, (self.width, self.height), beside, label.color, coverage);
                }
            }
            pen += font::advance(c, em);
        }
        Ok(())
    }

    /// Draws a glyph once; from then on its ink is known.
    fn glyph(&mut self, size: Size, c: char) -> anyhow::Result<()> {
        if self.glyphs.contains_key(&(size, c)) {
            return Ok(());
        }
        // The library sets the baseline half a size below the origin; sizes are even.
        let half = i32::from(size.0) / 2;
        let font =
            FontDesc::new(FontFamily::Name(font::FAMILY), f64::from(size.0), FontStyle::Normal);
        let mut ink = Vec::new();
        font.draw(&font::drawable(c).to_string(), (0, 0), |x, y, coverage| {
            // Sixteen shades are enough for the eye, and keep the palette small.
            let shade = (coverage.clamp(0.0, 1.0) * 15.0).round() / 15.0;
            if shade > 0.0 {
                ink.push((x, y - half, shade));
            }
            Ok::<(), std::convert::Infallible>(())
        })
        .map_err(|e| anyhow!("字形“{c}”无法绘制：{e}"))?
        .map_err(|never| match never {})?;
        self.glyphs.insert((size, c), ink);
        Ok(())
    }
}

fn blend(
    pixels: &mut [u8],
    (width, height): (u32, u32),
    (x, y): (i32, i32),
    color: Color,
    coverage: f32,
) {
    let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return };
    if x >= width || y >= height {
        return;
    }
    let at = (y as usize * width as usize + x as usize) * 3;
    let Some(pixel) = pixels.get_mut(at..at + 3) else { return };
    for (channel, ink) in pixel.iter_mut().zip([color.0, color.1, color.2]) {
        let mixed = f32::from(*channel) + (f32::from(ink) - f32::from(*channel)) * coverage;
        *channel = mixed.round() as u8;
    }
}
