//! Notes on cells: the part with their texts and the old drawing in which each has its box. Notes that
//! are there stay; a cell that has one keeps it.

use std::collections::{BTreeMap, BTreeSet};

use super::sheet::MarkedSheet;
use super::splice::{Splice, TagKind, Tags, escaped};
use super::unfit;
use crate::collect::workbook::Refusal;
use crate::model::{CellRef, Mark};

const AUTHOR: &str = "审核";
/// Width of a box and height of a line of it, in pixels.
const BOX: f64 = 320.0;
const LINE: usize = 24;

pub(super) fn comments(marks: &BTreeMap<CellRef, Mark>) -> String {
    let list: String = marks.iter().map(|(at, mark)| comment(*at, mark, 0, "")).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<comments xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><authors><author>{AUTHOR}</author></authors><commentList>{list}</commentList></comments>"
    )
}

fn comment(at: CellRef, mark: &Mark, author: usize, p: &str) -> String {
    format!(
        "<{p}comment ref=\"{at}\" authorId=\"{author}\"><{p}text><{p}r><{p}t xml:space=\"preserve\">{}</{p}t></{p}r></{p}text></{p}comment>",
        escaped(&mark.note)
    )
}

/// The part with more notes, and the cells that had none.
pub(super) fn more_comments<'m>(
    xml: &str,
    marks: &'m BTreeMap<CellRef, Mark>,
) -> Result<(String, BTreeMap<CellRef, &'m Mark>), Refusal> {
    let mut tags = Tags::new(xml);
    let (mut authors, mut there) = (0, BTreeSet::new());
    let (mut authors_end, mut list_end, mut prefix) = (None, None, String::new());
    while let Some(tag) = tags.next()? {
        match (tag.depth, tag.kind) {
            (0, TagKind::Begin) => prefix = tag.prefix(),
            (1, TagKind::End) if tag.is("authors") => authors_end = Some(tag.range.start),
            (1, TagKind::End) if tag.is("commentList") => list_end = Some(tag.range.start),
            (2, TagKind::Begin | TagKind::Empty) if tag.is("author") => authors += 1,
            (2, TagKind::Begin | TagKind::Empty) if tag.is("comment") => {
                there.extend(tag.attribute("ref").and_then(|at| CellRef::parse(&at)));
            }
            _ => {}
        }
    }
    let (Some(authors_end), Some(list_end)) = (authors_end, list_end) else {
        return Err(unfit("批注读不懂"));
    };
    let own = marks.iter().filter(|(at, _)| !there.contains(at));
    let own: BTreeMap<CellRef, &Mark> = own.map(|(at, mark)| (*at, mark)).collect();
    let list: String = own.iter().map(|(at, mark)| comment(*at, mark, authors, &prefix)).collect();
    let mut splice = Splice::new(xml);
    splice.insert(authors_end, format!("<{prefix}author>{AUTHOR}</{prefix}author>"));
    splice.insert(list_end, list);
    Ok((splice.finish()?, own))
}

/// The kind of shape that a note is.
const KIND: &str = "_x0000_t202";
const KIND_DEFINED: &str = "<v:shapetype id=\"_x0000_t202\" coordsize=\"21600,21600\" o:spt=\"202\" path=\"m,l,21600r21600,l21600,xe\"><v:stroke joinstyle=\"miter\"/><v:path gradientshapeok=\"t\" o:connecttype=\"rect\"/></v:shapetype>";
const NAMESPACES: &str = "xmlns:v=\"urn:schemas-microsoft-com:vml\" xmlns:o=\"urn:schemas-microsoft-com:office:office\" xmlns:x=\"urn:schemas-microsoft-com:office:excel\"";

/// A drawing for the boxes of a sheet's notes; `number` tells it from those of other sheets.
pub(super) fn drawing(number: usize, boxes: &str) -> String {
    format!(
        "<xml {NAMESPACES}><o:shapelayout v:ext=\"edit\"><o:idmap v:ext=\"edit\" data=\"{number}\"/></o:shapelayout>{KIND_DEFINED}{boxes}</xml>"
    )
}

/// The drawing with more boxes. Excel writes it in a way that is not always XML.
pub(super) fn more_drawing(drawing: &str, boxes: &str) -> Result<String, Refusal> {
    let end = drawing.rfind("</xml>").ok_or_else(|| unfit("批注的图形读不懂"))?;
    let (before, after) = drawing.split_at(end);
    let is_known = drawing.contains(&format!("id=\"{KIND}\""));
    let boxes = format!("{}{boxes}", if is_known { "" } else { KIND_DEFINED });
    // Other prefixes may be in use there: each element names the namespaces itself.
    let named = boxes
        .replace("<v:shapetype ", &format!("<v:shapetype {NAMESPACES} "))
        .replace("<v:shape ", &format!("<v:shape {NAMESPACES} "));
    Ok(format!("{before}{named}{after}"))
}

/// One box a note, to the right of its cell, numbered from `first` on.
pub(super) fn boxes<'m>(
    marks: impl Iterator<Item = (CellRef, &'m Mark)>,
    sheet: &MarkedSheet,
    first: usize,
) -> String {
    let mut boxes = String::new();
    for (number, (at, mark)) in (first..).zip(marks) {
        let lines = mark.note.lines().map(|line| 1 + line.chars().count() / 26).sum::<usize>();
        let (left, top) = (u32::from(at.column) + 1, at.row.saturating_sub(1));
        let right = columns_right(sheet, left);
        let bottom = top + u32::try_from((lines.max(2) * LINE).div_ceil(20)).unwrap_or(8) + 1;
        boxes += &format!(
            "<v:shape id=\"_x0000_s{number}\" type=\"#{KIND}\" style=\"position:absolute;visibility:hidden\" fillcolor=\"#ffffe1\" o:insetmode=\"auto\"><v:fill color2=\"#ffffe1\"/><v:shadow on=\"t\" color=\"black\" obscured=\"t\"/><v:path o:connecttype=\"none\"/><v:textbox style=\"mso-direction-alt:auto\"><div style=\"text-align:left\"></div></v:textbox><x:ClientData ObjectType=\"Note\"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{left}, 10, {top}, 4, {right}, 10, {bottom}, 4</x:Anchor><x:AutoFill>False</x:AutoFill><x:Row>{}</x:Row><x:Column>{}</x:Column></x:ClientData></v:shape>",
            at.row, at.column
        );
    }
    boxes
}

/// The column in which a box ends that begins in this one.
fn columns_right(sheet: &MarkedSheet, left: u32) -> u32 {
    /// More of them fit on no screen.
    const MOST: u32 = 40;
    let width = |column: u32| {
        let stated = sheet.widths.iter().find(|(from, to, _)| (*from..=*to).contains(&column));
        stated.map_or(64.0, |(_, _, characters)| characters * 7.0 + 5.0)
    };
    let (mut column, mut pixels) = (left, 0.0);
    while pixels < BOX && column < left + MOST {
        pixels += width(column);
        column += 1;
    }
    column
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Level;

    #[test]
    fn notes_that_are_there_stay_and_cells_that_have_one_keep_it() {
        let mark = |note: &str| Mark { level: Level::Error, note: note.to_owned() };
        let at = |text: &str| CellRef::parse(text).unwrap();
        let marks = BTreeMap::from([(at("B2"), mark("甲<乙")), (at("C3"), mark("丙"))]);
        let own = "<comments><authors><author>他</author></authors><commentList><comment ref=\"C3\" authorId=\"0\"><text/></comment></commentList></comments>";
        let (xml, added) = more_comments(own, &marks).unwrap();
        assert_eq!(added.keys().copied().collect::<Vec<_>>(), [at("B2")]);
        assert_eq!(
            xml,
            "<comments><authors><author>他</author><author>审核</author></authors><commentList><comment ref=\"C3\" authorId=\"0\"><text/></comment><comment ref=\"B2\" authorId=\"1\"><text><r><t xml:space=\"preserve\">甲&lt;乙</t></r></text></comment></commentList></comments>"
        );
        // What our own writer makes is understood again.
        assert!(more_comments(&comments(&marks), &marks).unwrap().1.is_empty());
        assert!(more_comments("<comments/>", &marks).is_err());
        let drawn = more_drawing("<xml><br></xml>", "<v:shape />").unwrap();
        assert!(
            drawn.starts_with("<xml><br><v:shapetype xmlns:v=") && drawn.ends_with(" /></xml>")
        );
    }
}
