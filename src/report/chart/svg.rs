//! A scene as SVG that stands in a web page: real text to be found and copied, no fixed size,
//! every mark with its figure and a tooltip.

use std::fmt::Write;

use super::scene::{Anchor, ChartLabel, ChartMark, DASH, Scene, Shape, WIDTH};
use crate::report::color::Color;
use crate::report::text::in_markup;

const FONTS: &str = "Noto Sans SC, Noto Sans CJK SC, Source Han Sans SC, Microsoft YaHei, \
                     SimHei, sans-serif";

/// `id` makes the ids in the picture unique in a page of many.
pub(super) fn svg(scene: &Scene, id: &str) -> String {
    let mut out = format!(
        "<svg role=\"img\" aria-labelledby=\"{id}-title {id}-desc\" \
         viewBox=\"0 0 {WIDTH} {height}\" font-family=\"{FONTS}\">\n\
         <title id=\"{id}-title\">{title}</title>\n<desc id=\"{id}-desc\">{description}</desc>\n\
         <path fill=\"#fff\" d=\"M0 0h{WIDTH}v{height}H0z\"/>\n",
        height = scene.height,
        title = in_markup(&scene.title),
        description = in_markup(&scene.description),
    );
    for run in scene.shapes.chunk_by(|a, b| a.1 == b.1) {
        marked(&mut out, scene, run[0].1, &draw_all(run.iter().map(|(shape, _)| shape)));
    }
    // Labels of one style share a group; they do not overlap, so their order is free.
    let mut labels: Vec<&ChartLabel> = scene.labels.iter().collect();
    labels.sort_by_key(|label| style(label));
    for group in labels.chunk_by(|a, b| style(a) == style(b)) {
        let _ = writeln!(out, "<g {}>", attributes(group[0]));
        for label in group {
            let text = format!(
                "<text x=\"{}\" y=\"{}\">{}</text>",
                label.x,
                label.baseline,
                in_markup(&label.text)
            );
            marked(&mut out, scene, label.mark, &text);
        }
        out += "</g>\n";
    }
    out + "</svg>\n"
}

/// The same picture as a file of its own, of the PNG's size.
pub(super) fn document(inline: &str, scene: &Scene) -> String {
    let rest = inline.strip_prefix("<svg ").unwrap_or(inline);
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" \
         width=\"{WIDTH}\" height=\"{}\" {rest}",
        scene.height
    )
}

fn marked(out: &mut String, scene: &Scene, mark: Option<usize>, content: &str) {
    let _ = match mark.and_then(|i| scene.marks.get(i)) {
        Some(ChartMark { figure, tip }) => writeln!(
            out,
            "<g data-figure=\"{}\"><title>{}</title>{content}</g>",
            in_markup(figure),
            in_markup(tip)
        ),
        None => writeln!(out, "{content}"),
    };
}

fn style(label: &ChartLabel) -> (u16, bool, Color, &'static str) {
    let anchor = match label.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    (u16::MAX - label.size.0, !label.bold, label.color, anchor)
}

fn attributes(label: &ChartLabel) -> String {
    let (.., anchor) = style(label);
    let weight = if label.bold { " font-weight=\"bold\"" } else { "" };
    let fill = hex(label.color);
    let em = label.size.em();
    format!("font-size=\"{em:.1}\" fill=\"{fill}\" text-anchor=\"{anchor}\"{weight}")
}

/// Neighbouring rectangles of one colour share a path.
fn draw_all<'s>(shapes: impl Iterator<Item = &'s Shape>) -> String {
    let mut out = String::new();
    let mut open: Option<Color> = None;
    for shape in shapes {
        let fill = match shape {
            Shape::Rect { color, .. } => Some(*color),
            _ => None,
        };
        if open.is_some() && open != fill {
            out += "\"/>";
        }
        match shape {
            Shape::Rect { x, y, width, height, color } => {
                if open != fill {
                    let _ = write!(out, "<path fill=\"{}\" d=\"", hex(*color));
                }
                let _ = write!(out, "M{x} {y}h{width}v{height}H{x}z");
            }
            other => out += &draw(other),
        }
        open = fill;
    }
    if open.is_some() {
        out += "\"/>";
    }
    out
}

fn draw(shape: &Shape) -> String {
    match shape {
        Shape::Rect { x, y, width, height, color } => {
            format!("<path fill=\"{}\" d=\"M{x} {y}h{width}v{height}H{x}z\"/>", hex(*color))
        }
        Shape::Line { points, width, color } => format!(
            "<path fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" d=\"{}\"/>",
            hex(*color),
            path(points)
        ),
        Shape::Polygon { points, color } => {
            format!("<path fill=\"{}\" d=\"{}z\"/>", hex(*color), path(points))
        }
        Shape::Dashes { x, top, bottom, color } => format!(
            "<path stroke=\"{}\" stroke-width=\"3\" stroke-dasharray=\"{} {}\" d=\"M{x} {top}V{bottom}\"/>",
            hex(*color),
            DASH.0,
            DASH.1
        ),
        Shape::Circle { center: (x, y), radius, color } => {
            format!("<circle fill=\"{}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>", hex(*color))
        }
    }
}

fn path(points: &[(i32, i32)]) -> String {
    let mut path = String::new();
    for (i, (x, y)) in points.iter().enumerate() {
        let _ = write!(path, "{}{x} {y}", if i == 0 { 'M' } else { 'L' });
    }
    path
}

fn hex(color: Color) -> String {
    let Color(r, g, b) = color;
    if [r, g, b].iter().all(|c| c / 16 == c % 16) {
        return format!("#{:x}{:x}{:x}", r % 16, g % 16, b % 16);
    }
    format!("#{:06x}", color.code())
}
