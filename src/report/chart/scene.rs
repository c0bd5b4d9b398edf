//! A laid-out picture in pixels: shapes and texts in drawing order, before any backend.

use crate::report::color::{Color, INK};
use crate::report::font;

/// Width of every chart in pixels: twice what a page shows, so that print is sharp.
pub(super) const WIDTH: i32 = 1600;
pub(super) const MARGIN: i32 = 56;

pub(super) const SOFT: Color = Color(0x55, 0x55, 0x55);
pub(super) const RULE: Color = Color(0xD5, 0xD5, 0xD5);
/// Behind a row's bar, to lead the eye to its value.
pub(super) const TRACK: Color = Color(0xF1, 0xF1, 0xF1);

/// Size of a text. The drawing library wants 1.24 em, and an even number keeps baselines exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Size(pub(super) u16);

pub(super) const TITLE: Size = Size(50);
pub(super) const HEADING: Size = Size(36);
pub(super) const BODY: Size = Size(34);
pub(super) const SMALL: Size = Size(30);

impl Size {
    pub(super) fn em(self) -> f32 {
        f32::from(self.0) / 1.24
    }

    pub(super) fn line_height(self) -> i32 {
        i32::from(self.0) * 11 / 10
    }

    pub(super) fn width(self, text: &str) -> i32 {
        font::width(text, self.em()).ceil() as i32
    }

    /// From the middle of a line to its baseline.
    pub(super) fn drop(self) -> i32 {
        (self.em() * 0.36).round() as i32
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

#[derive(Debug, Clone)]
pub(super) struct ChartLabel {
    pub(super) x: i32,
    pub(super) baseline: i32,
    pub(super) anchor: Anchor,
    pub(super) size: Size,
    pub(super) bold: bool,
    pub(super) color: Color,
    pub(super) text: String,
    /// Which of the scene's marks it belongs to.
    pub(super) mark: Option<usize>,
}

impl ChartLabel {
    /// Left, top, right, bottom.
    pub(super) fn bounds(&self) -> (i32, i32, i32, i32) {
        let width = self.size.width(&self.text);
        let left = match self.anchor {
            Anchor::Start => self.x,
            Anchor::Middle => self.x - width / 2,
            Anchor::End => self.x - width,
        };
        let em = self.size.em();
        let (up, down) = ((em * 0.88) as i32, (em * 0.14) as i32);
        (left, self.baseline - up, left + width, self.baseline + down)
    }
}

#[derive(Debug, Clone)]
pub(super) enum Shape {
    Rect {
        x: i32,
        y: i32,
        width: i32,
        height: i32,
        color: Color,
    },
    Line {
        points: Vec<(i32, i32)>,
        width: u32,
        color: Color,
    },
    Polygon {
        points: Vec<(i32, i32)>,
        color: Color,
    },
    Circle {
        center: (i32, i32),
        radius: i32,
        color: Color,
    },
    /// A vertical line, [`DASH`] on and off.
    Dashes {
        x: i32,
        top: i32,
        bottom: i32,
        color: Color,
    },
}

pub(super) const DASH: (i32, i32) = (12, 8);

/// What a bar, segment, point or cell stands for.
#[derive(Debug, Clone)]
pub(super) struct ChartMark {
    pub(super) figure: String,
    /// Shown when pointed at: whose value, with its base.
    pub(super) tip: String,
}

/// A picture whose height grows as things are placed.
#[derive(Debug, Clone)]
pub(super) struct Scene {
    pub(super) height: i32,
    /// Shapes in drawing order, each with the mark that it belongs to.
    pub(super) shapes: Vec<(Shape, Option<usize>)>,
    pub(super) labels: Vec<ChartLabel>,
    pub(super) marks: Vec<ChartMark>,
    marking: Option<usize>,
    pub(super) title: String,
    pub(super) description: String,
}

impl Scene {
    /// Title and subtitle; `height` is where the chart may begin.
    pub(super) fn new(title: &str, subtitle: &[String], description: &str) -> Self {
        let mut scene = Self {
            height: MARGIN,
            shapes: Vec::new(),
            labels: Vec::new(),
            marks: Vec::new(),
            marking: None,
            title: title.to_owned(),
            description: description.to_owned(),
        };
        let room = WIDTH - 2 * MARGIN;
        for line in title_lines(title, room) {
            scene.line(&line, TITLE, true, INK);
        }
        scene.height += 8;
        for line in subtitle.iter().flat_map(|s| wrap(s, SMALL, room)) {
            scene.line(&line, SMALL, false, SOFT);
        }
        scene.height += 20;
        scene
    }

    /// One line of text at the left margin, moving down.
    pub(super) fn line(&mut self, text: &str, size: Size, bold: bool, color: Color) {
        let baseline = self.height + size.line_height() / 2 + size.drop();
        self.labels.push(ChartLabel {
            x: MARGIN,
            baseline,
            anchor: Anchor::Start,
            size,
            bold,
            color,
            text: text.to_owned(),
            mark: self.marking,
        });
        self.height += size.line_height();
    }

    /// A text whose line is centred vertically on `middle`.
    pub(super) fn label(
        &mut self,
        (x, middle): (i32, i32),
        anchor: Anchor,
        size: Size,
        color: Color,
        text: &str,
    ) {
        if text.is_empty() {
            return;
        }
        self.labels.push(ChartLabel {
            x,
            baseline: middle + size.drop(),
            anchor,
            size,
            bold: false,
            color,
            text: text.to_owned(),
            mark: self.marking,
        });
    }

    /// Several lines at the same left edge, together centred vertically on `middle`.
    pub(super) fn lines(
        &mut self,
        (x, middle): (i32, i32),
        size: Size,
        color: Color,
        lines: &[String],
    ) {
        let mut at = middle - size.line_height() * (lines.len().max(1) as i32 - 1) / 2;
        for line in lines {
            self.label((x, at), Anchor::Start, size, color, line);
            at += size.line_height();
        }
    }

    /// The bold title of a group of rows.
    pub(super) fn heading(&mut self, text: &str) {
        let middle = self.height + HEADING.line_height() / 2;
        self.label((MARGIN, middle), Anchor::Start, HEADING, INK, text);
        self.embolden();
        self.height += HEADING.line_height() + 6;
    }

    /// Makes the label just set bold.
    pub(super) fn embolden(&mut self) {
        if let Some(label) = self.labels.last_mut() {
            label.bold = true;
        }
    }

    /// Whatever is drawn meanwhile stands for this figure.
    pub(super) fn marked(&mut self, figure: &str, tip: String, draw: impl FnOnce(&mut Self)) {
        self.marking = Some(self.marks.len());
        self.marks.push(ChartMark { figure: figure.to_owned(), tip });
        draw(self);
        self.marking = None;
    }

    pub(super) fn shape(&mut self, shape: Shape) {
        self.shapes.push((shape, self.marking));
    }

    pub(super) fn rect(&mut self, (x, y): (i32, i32), (width, height): (i32, i32), color: Color) {
        if width > 0 && height > 0 {
            self.shape(Shape::Rect { x, y, width, height, color });
        }
    }

    /// A dashed vertical line.
    pub(super) fn dashes(&mut self, x: i32, (top, bottom): (i32, i32), color: Color) {
        self.shape(Shape::Dashes { x, top, bottom, color });
    }

    /// Everything written in the picture.
    pub(super) fn text(&self) -> String {
        self.labels.iter().map(|l| l.text.as_str()).collect()
    }
}

/// Coloured squares with what they mean, in as many lines as needed.
pub(super) fn legend(scene: &mut Scene, entries: impl Iterator<Item = (Color, String)>) {
    let mut at = MARGIN;
    for (color, text) in entries {
        let width = 34 + SMALL.width(&text) + 36;
        if at + width > WIDTH - MARGIN && at > MARGIN {
            at = MARGIN;
            scene.height += SMALL.line_height() + 6;
        }
        let middle = scene.height + SMALL.line_height() / 2;
        scene.rect((at, middle - 12), (24, 24), color);
        scene.label((at + 34, middle), Anchor::Start, SMALL, INK, &text);
        at += width;
    }
    scene.height += SMALL.line_height();
}

/// A title's lines: broken behind a comma or colon where two such lines fit, else into lines of
/// much the same length, so that no word stands alone.
fn title_lines(title: &str, room: i32) -> Vec<String> {
    // A viewer's true bold is a little wider than ours.
    let room = room * 95 / 100;
    let lines = wrap(title, TITLE, room);
    if lines.len() == 2 {
        let cuts = title.char_indices().filter(|(_, c)| "：，；".contains(*c));
        let pairs = cuts.map(|(at, c)| title.split_at(at + c.len_utf8()));
        let widths = |(a, b): &(&str, &str)| (TITLE.width(a), TITLE.width(b.trim()));
        let fitting = pairs.filter(|pair| widths(pair).0 <= room && widths(pair).1 <= room);
        if let Some((a, b)) = fitting.min_by_key(|pair| (widths(pair).0 - widths(pair).1).abs()) {
            return vec![a.to_owned(), b.trim().to_owned()];
        }
    }
    let narrower = (1..20).map(|i| room - room * i / 40);
    let as_many = narrower.map(|room| wrap(title, TITLE, room));
    as_many.take_while(|found| found.len() == lines.len()).last().unwrap_or(lines)
}

/// Breaks a text into lines that fit, between Han characters or at spaces; marks that may not
/// begin a line stay with the character before.
pub(super) fn wrap(text: &str, size: Size, room: i32) -> Vec<String> {
    let em = size.em();
    let room = room as f32;
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in words(text) {
        if !line.is_empty() && font::width(&line, em) + font::width(word.trim_end(), em) > room {
            lines.push(line.trim_end().to_owned());
            line.clear();
        }
        // A single word wider than the line is broken anywhere.
        if font::width(&word, em) > room {
            for c in word.chars() {
                if font::width(&line, em) + font::advance(c, em) > room {
                    lines.push(std::mem::take(&mut line));
                }
                line.push(c);
            }
        } else {
            line += word.trim_start_matches(|c| line.is_empty() && c == ' ');
        }
    }
    if !line.trim_end().is_empty() || lines.is_empty() {
        lines.push(line.trim_end().to_owned());
    }
    lines
}

/// Pieces that stay together: runs of ASCII, or a Han character with the marks behind it.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut previous: Option<char> = None;
    for c in text.chars() {
        let joins = match previous {
            None => false,
            Some(p) => {
                "，。、；：？！）》”’%)」』】〕".contains(c)
                    || "（《“‘(「『【〔".contains(p)
                    || (p.is_ascii() && p != ' ' && c.is_ascii())
                    // A number and its unit.
                    || (p.is_ascii_digit() && "分个人名项条篇次期村户件家年月".contains(c))
            }
        };
        match words.last_mut() {
            Some(word) if joins => word.push(c),
            _ => words.push(c.to_string()),
        }
        previous = Some(c);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_fit_and_do_not_begin_with_a_comma() {
        let text = "组织覆盖率：左权县 38.07%(1948/5117)，最低 石匣乡 12.5%(1/8)，“十八个”单位";
        for room in [200, 300, 500, 900] {
            let lines = wrap(text, BODY, room);
            for line in &lines {
                assert!(BODY.width(line) <= room + 1, "{line} in {room}");
                assert!(!line.starts_with(['，', '。', '%', ')', '”']), "{line}");
            }
            let joined: String = lines.concat().replace(' ', "");
            assert_eq!(joined, text.replace(' ', ""));
        }
    }

    #[test]
    fn a_title_has_no_lonely_last_word() {
        let room = WIDTH - 2 * MARGIN;
        let text = "结果运用构成（按层级）：无 78.2%（172/220），提醒谈话 11.4%（25/220）";
        let lines = title_lines(text, room);
        assert_eq!(
            lines,
            ["结果运用构成（按层级）：无 78.2%（172/220），", "提醒谈话 11.4%（25/220）"]
        );
        let scored = title_lines(&format!("{}83.80分", "村级书记平均综合得分".repeat(4)), room);
        assert!(scored.last().unwrap().chars().count() > 10, "{scored:?}");
        assert!(scored.last().unwrap().ends_with("83.80分"), "{scored:?}");
        assert_eq!(title_lines("短", room), ["短"]);
    }
}
