//! The styles of a workbook with a few more: each look of a cell that is marked once more with a
//! coloured ground, and the looks of the added page.

use std::collections::BTreeMap;
use std::ops::Range;

use super::splice::{Splice, TagKind, Tags, with_attribute};
use super::unfit;
use crate::collect::workbook::Refusal;
use crate::model::{HEAD_GROUND, Level, ground};

/// Looks of the added page, behind those that are there.
#[derive(Debug, Clone, Copy)]
pub(super) enum Look {
    Title,
    Head,
    Cell,
    Error,
    Query,
}

const PAGE_LOOKS: usize = 5;

impl Look {
    pub(super) fn of(level: Level) -> Self {
        if level == Level::Error { Self::Error } else { Self::Query }
    }
}

/// The looks of a workbook: how many it has, and which marked ones are wanted.
pub(super) struct Looks {
    there: usize,
    marked: BTreeMap<(usize, bool), usize>,
}

impl Looks {
    pub(super) fn new(styles: &str) -> Result<Self, Refusal> {
        let (mut tags, mut there) = (Tags::new(styles), 0);
        let mut inside = false;
        while let Some(tag) = tags.next()? {
            if tag.depth == 1 {
                inside = tag.kind == TagKind::Begin && tag.is("cellXfs");
            }
            there += usize::from(inside && tag.depth == 2 && tag.begins("xf"));
        }
        Ok(Self { there, marked: BTreeMap::new() })
    }

    pub(super) fn page(&self, look: Look) -> usize {
        self.there + look as usize
    }

    /// The number of a look with the ground of a level.
    pub(super) fn marked(&mut self, look: usize, level: Level) -> Result<usize, Refusal> {
        if look >= self.there {
            return Err(unfit("单元格的样式不在样式表里"));
        }
        let next = self.there + PAGE_LOOKS + self.marked.len();
        Ok(*self.marked.entry((look, level == Level::Error)).or_insert(next))
    }

    /// The part with all of them.
    pub(super) fn written(self, styles: &str) -> Result<String, Refusal> {
        let lists = Lists::read(styles, self.there)?;
        let mut splice = Splice::new(styles);
        let (fonts, fills) = (lists.fonts.count, lists.fills.count);
        let p = &lists.prefix;
        let bold = |size: &str| {
            format!("<{p}font><{p}b/><{p}sz val=\"{size}\"/><{p}name val=\"Arial\"/></{p}font>")
        };
        lists.fonts.append(&mut splice, 2, bold("10") + &bold("14"))?;
        let solid = |rgb: u32| {
            let colours = format!("<{p}fgColor rgb=\"FF{rgb:06X}\"/><{p}bgColor indexed=\"64\"/>");
            format!(
                "<{p}fill><{p}patternFill patternType=\"solid\">{colours}</{p}patternFill></{p}fill>"
            )
        };
        let grounds = [HEAD_GROUND, ground(Level::Error), ground(Level::Query)].map(solid);
        lists.fills.append(&mut splice, 3, grounds.concat())?;
        let side = |name| format!("<{p}{name} style=\"thin\"><{p}color auto=\"1\"/></{p}{name}>");
        let sides = ["left", "right", "top", "bottom"].map(side).concat();
        let grid = format!("<{p}border>{sides}<{p}diagonal/></{p}border>");
        lists.borders.append(&mut splice, 1, grid)?;

        let border = lists.borders.count;
        let framed = |font: usize, fill: usize| {
            format!(
                "<{p}xf numFmtId=\"49\" fontId=\"{font}\" fillId=\"{fill}\" borderId=\"{border}\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\" applyFill=\"1\" applyBorder=\"1\" applyAlignment=\"1\"><{p}alignment vertical=\"center\" wrapText=\"1\"/></{p}xf>"
            )
        };
        let title = format!(
            "<{p}xf numFmtId=\"49\" fontId=\"{}\" fillId=\"0\" borderId=\"0\" xfId=\"0\" applyNumberFormat=\"1\" applyFont=\"1\"/>",
            fonts + 1
        );
        // In the order of `Look`.
        let mut looks = vec![
            title,
            framed(fonts, fills),
            framed(0, 0),
            framed(0, fills + 1),
            framed(0, fills + 2),
        ];
        let mut marked: Vec<(usize, usize, bool)> =
            self.marked.into_iter().map(|((look, is_error), at)| (at, look, is_error)).collect();
        marked.sort_unstable();
        for (_, look, is_error) in marked {
            let (tag, whole) = lists.looks.get(look).ok_or_else(|| unfit("样式表读不懂"))?;
            let (tag, rest) = (splice.of(tag)?, splice.of(&(tag.end..whole.end))?);
            let fill = fills + if is_error { 1 } else { 2 };
            let tag = with_attribute(tag, "fillId", &fill.to_string());
            looks.push(with_attribute(&tag, "applyFill", "1") + rest);
        }
        lists.xfs.append(&mut splice, looks.len(), looks.concat())?;
        splice.finish()
    }
}

/// One list of the part.
#[derive(Default)]
struct List {
    count: usize,
    tag: Range<usize>,
    end: Option<usize>,
}

impl List {
    fn append(&self, splice: &mut Splice, more: usize, items: String) -> Result<(), Refusal> {
        let end = self.end.ok_or_else(|| unfit("样式表不全"))?;
        let tag = with_attribute(splice.of(&self.tag)?, "count", &(self.count + more).to_string());
        splice.replace(self.tag.clone(), tag);
        splice.insert(end, items);
        Ok(())
    }
}

#[derive(Default)]
struct Lists {
    prefix: String,
    fonts: List,
    fills: List,
    borders: List,
    xfs: List,
    /// Of each look its start tag and the whole of it.
    looks: Vec<(Range<usize>, Range<usize>)>,
}

impl Lists {
    fn read(styles: &str, most: usize) -> Result<Self, Refusal> {
        let mut lists = Self { looks: Vec::with_capacity(most), ..Self::default() };
        let mut tags = Tags::new(styles);
        let mut inside = String::new();
        while let Some(tag) = tags.next()? {
            match tag.depth {
                0 => lists.prefix = tag.prefix(),
                1 => {
                    let known = ["fonts", "fills", "borders", "cellXfs"];
                    let name = known.into_iter().find(|name| tag.is(name)).unwrap_or_default();
                    inside =
                        if tag.kind == TagKind::Begin { name.to_owned() } else { String::new() };
                    let Some(list) = lists.named(name) else { continue };
                    match tag.kind {
                        TagKind::End => list.end = Some(tag.range.start),
                        _ if list.end.is_some() => return Err(unfit("样式表里有一项出现两次")),
                        _ => list.tag = tag.range,
                    }
                }
                2 if tag.kind != TagKind::End => {
                    if let Some(list) = lists.named(&inside) {
                        list.count += 1;
                    }
                    if inside == "cellXfs" {
                        lists.looks.push((tag.range.clone(), tag.range));
                    }
                }
                2 if inside == "cellXfs" => {
                    if let Some((_, whole)) = lists.looks.last_mut() {
                        whole.end = tag.range.end;
                    }
                }
                _ => {}
            }
        }
        if lists.looks.len() == most { Ok(lists) } else { Err(unfit("样式表读不懂")) }
    }

    fn named(&mut self, name: &str) -> Option<&mut List> {
        match name {
            "fonts" => Some(&mut self.fonts),
            "fills" => Some(&mut self.fills),
            "borders" => Some(&mut self.borders),
            "cellXfs" => Some(&mut self.xfs),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLES: &str = r#"<styleSheet xmlns="m"><numFmts count="1"><numFmt numFmtId="164" formatCode="0.00"/></numFmts>
<fonts count="1"><font><sz val="11"/></font></fonts><fills count="2"><fill/><fill/></fills>
<borders count="1"><border/></borders><cellStyleXfs count="1"><xf numFmtId="0"/></cellStyleXfs>
<cellXfs count="2"><xf numFmtId="0" fillId="0"/><xf numFmtId="164" fontId="0"><alignment wrapText="1"/></xf></cellXfs></styleSheet>"#;

    #[test]
    fn a_marked_look_keeps_everything_but_the_ground() {
        let mut looks = Looks::new(STYLES).unwrap();
        assert_eq!(looks.page(Look::Title), 2);
        assert_eq!(looks.marked(1, Level::Error).unwrap(), 7);
        assert_eq!(looks.marked(0, Level::Query).unwrap(), 8);
        assert_eq!(looks.marked(1, Level::Error).unwrap(), 7);
        assert!(looks.marked(2, Level::Error).is_err());
        let written = looks.written(STYLES).unwrap();
        // Grounds of the head, of 强制 and of 核实 follow the two fills that are there.
        assert!(written.contains(
            r#"<xf numFmtId="164" fontId="0" fillId="3" applyFill="1"><alignment wrapText="1"/></xf><xf numFmtId="0" fillId="4" applyFill="1"/></cellXfs>"#
        ), "{written}");
        for list in [
            r#"<fonts count="3">"#,
            r#"<fills count="5">"#,
            r#"<borders count="2">"#,
            r#"<cellXfs count="9">"#,
        ] {
            assert!(written.contains(list), "{list}: {written}");
        }
        assert!(written.starts_with(&STYLES[..STYLES.find("<fonts").unwrap()]));
    }

    #[test]
    fn a_part_that_lacks_a_list_is_left_alone() {
        for (from, to) in [("<fills", "<gills"), ("</fills", "</gills"), ("cellXfs", "xfs")] {
            let styles = STYLES.replace(from, to);
            let looks = Looks::new(&styles);
            assert!(looks.and_then(|looks| looks.written(&styles)).is_err(), "{from}");
        }
    }
}
