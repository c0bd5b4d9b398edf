//! A sheet whose marked cells have another look, and that may have notes.

use std::collections::BTreeMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use super::splice::{PlacedTag, Splice, TagKind, Tags, with_attribute};
use super::styles::Looks;
use super::{RELATIONS, unfit};
use crate::collect::workbook::Refusal;
use crate::model::{CellRef, Level, Mark};

/// A column and what is found there.
type MarkedCell = (u16, Level);

/// A sheet with its marks, and what its notes need to know of it.
pub(super) struct MarkedSheet {
    pub xml: String,
    /// Id of the relationship to the drawing of its notes, if it has notes already.
    pub drawing: Option<String>,
    /// How much of the part stands behind the place of a relationship to a drawing.
    behind: usize,
    prefix: String,
    /// Widths in characters of the columns from first to last, zero-based, where they are stated.
    pub widths: Vec<(u32, u32, f64)>,
}

/// Elements that stand behind the relationship to the drawing.
const BEHIND: [&str; 10] = [
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
    "AlternateContent",
    "worksheet",
];

/// Changes the looks of the marked cells; those that are not there yet are added empty.
pub(super) fn marked(
    xml: &str,
    marks: &BTreeMap<CellRef, Mark>,
    looks: &mut Looks,
) -> Result<MarkedSheet, Refusal> {
    let mut by_row: BTreeMap<u32, Vec<MarkedCell>> = BTreeMap::new();
    for (at, mark) in marks {
        by_row.entry(at.row).or_default().push((at.column, mark.level));
    }
    let rows: Vec<_> = by_row.into_iter().collect();
    let mut marker = Marker {
        splice: Splice::new(xml),
        looks,
        rows: rows.into_iter().peekable(),
        cells: Vec::new().into_iter().peekable(),
        row: None,
        row_look: None,
        column: None,
        columns: Vec::new(),
        widths: Vec::new(),
        prefix: String::new(),
    };
    let mut tags = Tags::new(xml);
    let (mut in_data, mut after_data) = (false, false);
    let (mut drawing, mut drawing_at) = (None, None);
    while let Some(tag) = tags.next()? {
        match tag.depth {
            0 if tag.kind == TagKind::Begin => marker.prefix = tag.prefix(),
            1 if tag.is("sheetData") => match tag.kind {
                TagKind::Begin if after_data => return Err(unfit("工作表的内容出现两次")),
                TagKind::Begin => in_data = true,
                TagKind::End => {
                    marker.rows_before(u32::MAX, tag.range.start)?;
                    (in_data, after_data) = (false, true);
                }
                TagKind::Empty => return Err(unfit("工作表是空的")),
            },
            1 if tag.begins("legacyDrawing") => drawing = tag.attribute("id"),
            2 if tag.begins("col") => marker.column_look(&tag),
            2 if in_data && tag.is("row") => marker.row(&tag)?,
            3 if in_data && tag.begins("c") => marker.cell(&tag)?,
            _ => {}
        }
        let behind = tag.depth < 2 && BEHIND.iter().any(|name| tag.is(name));
        if after_data && behind && drawing_at.is_none() {
            drawing_at = Some(tag.range.start);
        }
    }
    let behind = xml.len() - drawing_at.ok_or_else(|| unfit("工作表不完整"))?;
    let Marker { splice, widths, prefix, .. } = marker;
    Ok(MarkedSheet { xml: splice.finish()?, drawing, behind, prefix, widths })
}

impl MarkedSheet {
    /// Names the drawing of its notes.
    pub(super) fn with_drawing(&self, id: &str) -> Result<String, Refusal> {
        let at = self.xml.len().saturating_sub(self.behind);
        let mut splice = Splice::new(&self.xml);
        let prefix = &self.prefix;
        splice
            .insert(at, format!("<{prefix}legacyDrawing xmlns:r=\"{RELATIONS}\" r:id=\"{id}\"/>"));
        splice.finish()
    }
}

struct Marker<'a, 'x> {
    splice: Splice<'x>,
    looks: &'a mut Looks,
    /// Marked rows that have not come yet, and marked cells of the row that is read.
    rows: Peekable<IntoIter<(u32, Vec<MarkedCell>)>>,
    cells: Peekable<IntoIter<MarkedCell>>,
    row: Option<u32>,
    row_look: Option<usize>,
    column: Option<u16>,
    /// Looks of whole columns, zero-based: first, last, look.
    columns: Vec<(u32, u32, usize)>,
    widths: Vec<(u32, u32, f64)>,
    prefix: String,
}

impl Marker<'_, '_> {
    fn column_look(&mut self, tag: &PlacedTag) {
        let place = |name| tag.number(name).and_then(|n| n.checked_sub(1));
        let (Some(first), Some(last)) = (place("min"), place("max")) else { return };
        if let Some(look) = tag.number("style") {
            self.columns.push((first, last, look as usize));
        }
        if let Some(width) = tag.attribute("width").and_then(|width| width.parse().ok()) {
            self.widths.push((first, last, width));
        }
    }

    /// The look of a cell that is not there.
    fn look_of_empty(&self, column: u16) -> usize {
        let column = u32::from(column);
        let of_column = self.columns.iter().find(|(from, to, _)| (*from..=*to).contains(&column));
        self.row_look.or(of_column.map(|(_, _, look)| *look)).unwrap_or(0)
    }

    fn empty_cell(&mut self, row: u32, column: u16, level: Level) -> Result<String, Refusal> {
        let look = self.looks.marked(self.look_of_empty(column), level)?;
        Ok(format!("<{}c r=\"{}\" s=\"{look}\"/>", self.prefix, CellRef::new(row, column)))
    }

    /// Adds marked rows that are not there, before the row that is.
    fn rows_before(&mut self, row: u32, at: usize) -> Result<(), Refusal> {
        self.row_look = None;
        while let Some((missing, cells)) = self.rows.next_if(|(marked, _)| *marked < row) {
            let mut text = String::new();
            for (column, level) in cells {
                text += &self.empty_cell(missing, column, level)?;
            }
            let (p, number) = (self.prefix.clone(), missing + 1);
            self.splice.insert(at, format!("<{p}row r=\"{number}\">{text}</{p}row>"));
        }
        Ok(())
    }

    fn row(&mut self, tag: &PlacedTag) -> Result<(), Refusal> {
        if tag.kind == TagKind::End {
            return self.cells_before(u32::MAX, tag.range.start);
        }
        let row = tag.number("r").and_then(|row| row.checked_sub(1));
        let row = row.filter(|row| self.row.is_none_or(|last| last < *row));
        let row = row.ok_or_else(|| unfit("工作表的行没有按行号排列"))?;
        self.rows_before(row, tag.range.start)?;
        self.row = Some(row);
        self.column = None;
        self.row_look = tag.number("s").map(|look| look as usize);
        let marked = self.rows.next_if(|(marked, _)| *marked == row);
        self.cells = marked.map(|(_, cells)| cells).unwrap_or_default().into_iter().peekable();
        if tag.kind == TagKind::Empty && self.cells.peek().is_some() {
            let begin = self.splice.of(&tag.range)?.trim_end_matches("/>").to_owned() + ">";
            self.splice.replace(tag.range.clone(), begin);
            self.cells_before(u32::MAX, tag.range.end)?;
            self.splice.insert(tag.range.end, format!("</{}row>", self.prefix));
        }
        Ok(())
    }

    fn cells_before(&mut self, column: u32, at: usize) -> Result<(), Refusal> {
        let Some(row) = self.row else { return Ok(()) };
        while let Some((missing, level)) = self.cells.next_if(|(c, _)| u32::from(*c) < column) {
            let cell = self.empty_cell(row, missing, level)?;
            self.splice.insert(at, cell);
        }
        Ok(())
    }

    fn cell(&mut self, tag: &PlacedTag) -> Result<(), Refusal> {
        let at = tag.attribute("r").and_then(|at| CellRef::parse(&at));
        let at =
            at.filter(|at| Some(at.row) == self.row && self.column.is_none_or(|c| c < at.column));
        let at = at.ok_or_else(|| unfit("工作表的单元格没有按地址排列"))?;
        self.column = Some(at.column);
        self.cells_before(at.column.into(), tag.range.start)?;
        if let Some((_, level)) = self.cells.next_if(|(marked, _)| *marked == at.column) {
            let look = self.looks.marked(tag.number("s").unwrap_or(0) as usize, level)?;
            let written = with_attribute(self.splice.of(&tag.range)?, "s", &look.to_string());
            self.splice.replace(tag.range.clone(), written);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLES: &str = "<s><cellXfs><xf/><xf/><xf/><xf/></cellXfs></s>";

    fn mark(xml: &str, cells: &[&str]) -> Result<MarkedSheet, Refusal> {
        let mark = |at: &&str| {
            (CellRef::parse(at).unwrap(), Mark { level: Level::Query, note: String::new() })
        };
        marked(xml, &cells.iter().map(mark).collect(), &mut Looks::new(STYLES).unwrap())
    }

    #[test]
    fn cells_get_another_look_and_missing_ones_are_added_where_they_belong() {
        let sheet = r#"<worksheet><cols><col min="3" max="4" style="2" width="9"/></cols><sheetData><row r="2" s="3">
<c r="B2" s="1" t="s"><v>0</v></c><c r="D2"><v>7</v></c></row><row r="5"/></sheetData><pageMargins/><extLst/></worksheet>"#;
        let marked = mark(sheet, &["A2", "B2", "D2", "E2", "C3", "B5", "A9"]).unwrap();
        // Looks 0 to 3 are there, 4 to 8 are the added page's; a row's look stands before a column's.
        assert_eq!(
            marked.xml,
            r#"<worksheet><cols><col min="3" max="4" style="2" width="9"/></cols><sheetData><row r="2" s="3">
<c r="A2" s="9"/><c r="B2" s="10" t="s"><v>0</v></c><c r="D2" s="11"><v>7</v></c><c r="E2" s="9"/></row><row r="3"><c r="C3" s="12"/></row><row r="5"><c r="B5" s="11"/></row><row r="9"><c r="A9" s="11"/></row></sheetData><pageMargins/><extLst/></worksheet>"#
        );
        assert_eq!(marked.widths, [(2, 3, 9.0)]);
        let drawn = marked.with_drawing("rId7").unwrap();
        assert!(drawn.contains("<pageMargins/><legacyDrawing "), "{drawn}");
        assert!(drawn.ends_with("r:id=\"rId7\"/><extLst/></worksheet>"), "{drawn}");
    }

    #[test]
    fn a_sheet_that_does_not_say_where_its_cells_stand_is_left_alone() {
        for data in [
            r#"<row><c r="A1"/></row>"#,
            r#"<row r="2"/><row r="1"/>"#,
            r#"<row r="1"><c/></row>"#,
            r#"<row r="1"><c r="B1"/><c r="A1"/></row>"#,
            r#"<row r="1"><c r="A2"/></row>"#,
            r#"<row r="1"><c r="A1" s="4"/></row>"#,
        ] {
            let xml = format!("<worksheet><sheetData>{data}</sheetData></worksheet>");
            assert!(mark(&xml, &["A1"]).is_err(), "{data}");
        }
        assert!(mark("<worksheet><sheetData/></worksheet>", &["A1"]).is_err());
        assert!(mark("<worksheet><sheetData><row r=\"1\"/>", &["A1"]).is_err());
    }
}
