//! A scene as PNG, through the drawing library.
//!
//! Text is set glyph by glyph, because the library forgets each glyph's left side bearing
//! (full-width brackets would stand wrong) and draws every glyph anew.

use std::collections::BTreeMap;

use anyhow::anyhow;
use plotters::backend::BitMapBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Rectangle};
use plotters::style::{Color as _, FontDesc, FontFamily, FontStyle, RGBColor};

use super::scene::{Anchor, ChartLabel, DASH, Scene, Shape, Size, WIDTH};
use crate::report::color::Color;
use crate::report::font;

/// A picture of shapes alone.
pub(super) fn shapes(
    shapes: &[(Shape, Option<usize>)],
    (width, height): (u32, u32),
) -> anyhow::Result<Vec<u8>> {
    encode(&drawn(shapes, width, height)?, width, height)
}

fn drawn(shapes: &[(Shape, Option<usize>)], width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
    let mut pixels = vec![0xFF; width as usize * height as usize * 3];
    let area = BitMapBackend::with_buffer(&mut pixels, (width, height)).into_drawing_area();
    draw_shapes(&area, shapes)?;
    area.present().map_err(|e| anyhow!("绘图失败：{e}"))?;
    drop(area);
    Ok(pixels)
}

pub(super) fn png(scene: &Scene) -> anyhow::Result<Vec<u8>> {
    let (width, height) = size(scene)?;
    let mut pixels = drawn(&scene.shapes, width, height)?;
    let mut typesetter = Typesetter { pixels: &mut pixels, width, height, glyphs: BTreeMap::new() };
    for label in &scene.labels {
        typesetter.set(label)?;
    }
    encode(&pixels, width, height)
}

/// A palette makes the file a third as large and faster to write.
fn encode(pixels: &[u8], width: u32, height: u32) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    let (palette, indices) = indexed(pixels, width as usize);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
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
    encoder.write_header()?.write_image_data(&indices)?;
    Ok(bytes)
}

/// Palette and indices. Few colours are used, but the rims of slanting lines have many shades:
/// where there are more than 256, the rarest take the nearest of the others.
fn indexed(pixels: &[u8], width: usize) -> (Vec<u8>, Vec<u8>) {
    let pixels = pixels.as_chunks::<3>().0;
    // Most lines of a chart are the line above once more: each is looked at once.
    let lines: Vec<&[[u8; 3]]> = pixels.chunks(width.max(1)).collect();
    let mut found = Colors::default();
    // Runs of one colour: which, and how long.
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for same in lines.chunk_by(|a, b| a == b) {
        for run in same[0].chunk_by(|a, b| a == b) {
            runs.push((found.add(run[0], run.len() * same.len()), run.len()));
        }
    }
    let mut order: Vec<usize> = (0..found.colors.len()).collect();
    order.sort_by_key(|&at| (std::cmp::Reverse(found.colors[at].1), found.colors[at].0));
    let palette: Vec<[u8; 3]> = order.iter().take(256).map(|&at| found.colors[at].0).collect();
    let distance = |a: [u8; 3], b: [u8; 3]| -> u32 {
        a.iter().zip(b).map(|(a, b)| u32::from(a.abs_diff(b)).pow(2)).sum()
    };
    let nearest = |color: [u8; 3]| -> u8 {
        let indices = 0..=u8::MAX;
        let near = palette.iter().zip(indices).min_by_key(|(other, _)| distance(**other, color));
        near.map_or(0, |(_, index)| index)
    };
    let mut index = vec![0u8; found.colors.len()];
    for (place, &at) in order.iter().enumerate() {
        index[at] = u8::try_from(place).unwrap_or_else(|_| nearest(found.colors[at].0));
    }
    let mut indices = Vec::with_capacity(pixels.len());
    let mut runs = runs.into_iter();
    for same in lines.chunk_by(|a, b| a == b) {
        let line = indices.len()..indices.len() + same[0].len();
        while indices.len() < line.end
            && let Some((at, length)) = runs.next()
        {
            indices.resize(indices.len() + length, index[at]);
        }
        for _ in 1..same.len() {
            indices.extend_from_within(line.clone());
        }
    }
    (palette.concat(), indices)
}

/// The colours of a picture, in the order in which they appear, with the number of their pixels.
struct Colors {
    colors: Vec<([u8; 3], usize)>,
    places: BTreeMap<[u8; 3], usize>,
    /// The place of the last colour of each kind: neighbouring pixels have few colours.
    recent: [Option<([u8; 3], usize)>; 64],
}

impl Default for Colors {
    fn default() -> Self {
        Self { colors: Vec::new(), places: BTreeMap::new(), recent: [None; 64] }
    }
}

impl Colors {
    /// The place of a colour, which has so many pixels more.
    fn add(&mut self, color: [u8; 3], pixels: usize) -> usize {
        let kind = usize::from(color[0] ^ color[1].rotate_left(2) ^ color[2].rotate_left(4)) % 64;
        let known = self.recent[kind].filter(|(recent, _)| *recent == color);
        let at = known
            .map_or_else(|| *self.places.entry(color).or_insert(self.colors.len()), |(_, at)| at);
        self.recent[kind] = Some((color, at));
        match self.colors.get_mut(at) {
            Some((_, count)) => *count += pixels,
            None => self.colors.push((color, pixels)),
        }
        at
    }
}

fn size(scene: &Scene) -> anyhow::Result<(u32, u32)> {
    Ok((u32::try_from(WIDTH)?, u32::try_from(scene.height)?))
}

fn rgb(color: Color) -> RGBColor {
    RGBColor(color.0, color.1, color.2)
}

fn draw_shapes(
    area: &DrawingArea<BitMapBackend, Shift>,
    shapes: &[(Shape, Option<usize>)],
) -> anyhow::Result<()> {
    let failed = |e| anyhow!("绘图失败：{e}");
    let rectangle = |x: i32, y: i32, width: i32, height: i32, color: Color| {
        Rectangle::new([(x, y), (x + width, y + height)], rgb(color).filled())
    };
    for (shape, _) in shapes {
        match shape {
            Shape::Rect { x, y, width, height, color } => {
                area.draw(&rectangle(*x, *y, *width, *height, *color)).map_err(failed)?;
            }
            Shape::Line { points, width, color } => area
                .draw(&PathElement::new(points.as_slice(), rgb(*color).stroke_width(*width)))
                .map_err(failed)?,
            Shape::Polygon { points, color } => {
                area.draw(&Polygon::new(points.as_slice(), rgb(*color).filled())).map_err(failed)?
            }
            Shape::Circle { center, radius, color } => {
                area.draw(&Circle::new(*center, *radius, rgb(*color).filled())).map_err(failed)?
            }
            Shape::Dashes { x, top, bottom, color } => {
                for y in (*top..*bottom).step_by((DASH.0 + DASH.1) as usize) {
                    let length = DASH.0.min(bottom - y);
                    area.draw(&rectangle(x - 1, y, 3, length, *color)).map_err(failed)?;
                }
            }
        }
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
    fn set(&mut self, label: &ChartLabel) -> anyhow::Result<()> {
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
