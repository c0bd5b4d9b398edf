//! The added page: what was found, a row each, with an empty cell for what the unit has to say.

use std::slice;

use super::MAIN;
use super::splice::escaped;
use super::styles::{Look, Looks};
use crate::model::{ADDED_HEADER, AddedPage, CellRef, Level};

/// Ground of its tab: it stands behind the unit's own sheets.
const TAB: &str = "FFC00000";

pub(super) fn written(page: &AddedPage, looks: &Looks) -> String {
    let cols: String = (1..)
        .zip(&page.columns)
        .map(|(number, (_, width))| {
            format!("<col min=\"{number}\" max=\"{number}\" width=\"{width}\" customWidth=\"1\"/>")
        })
        .collect();
    let titles: Vec<String> = page.columns.iter().map(|(title, _)| (*title).to_owned()).collect();
    let mut rows = row(0, slice::from_ref(&page.title), None, |_| looks.page(Look::Title));
    rows += &row(1, slice::from_ref(&page.about), None, |_| 0);
    rows += &row(ADDED_HEADER, &titles, None, |_| looks.page(Look::Head));
    for (number, added) in (ADDED_HEADER + 1..).zip(&page.rows) {
        let last = page.columns.len().saturating_sub(1);
        let mut texts = added.texts.clone();
        texts.resize(last + 1, String::new());
        // A 强制 is not explained but put right.
        let look = |column: usize| match column {
            0 => looks.page(Look::of(added.level)),
            column if column == last && added.level != Level::Error => looks.page(Look::Query),
            _ => looks.page(Look::Cell),
        };
        rows += &row(number, &texts, Some(added.height), look);
    }
    let below = ADDED_HEADER + 1;
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>\n<worksheet xmlns=\"{MAIN}\"><sheetPr><tabColor rgb=\"{TAB}\"/><pageSetUpPr fitToPage=\"1\"/></sheetPr><sheetViews><sheetView workbookViewId=\"0\"><pane ySplit=\"{below}\" topLeftCell=\"A{}\" activePane=\"bottomLeft\" state=\"frozen\"/></sheetView></sheetViews><sheetFormatPr defaultRowHeight=\"15\"/><cols>{cols}</cols><sheetData>{rows}</sheetData><pageMargins left=\"0.5\" right=\"0.5\" top=\"0.6\" bottom=\"0.6\" header=\"0.3\" footer=\"0.3\"/><pageSetup paperSize=\"9\" fitToHeight=\"0\" orientation=\"landscape\"/></worksheet>",
        below + 1
    )
}

fn row(
    number: u32,
    texts: &[String],
    height: Option<f64>,
    look: impl Fn(usize) -> usize,
) -> String {
    let cell = |(column, text): (u16, &String)| {
        let (at, look) = (CellRef::new(number, column), look(usize::from(column)));
        match text.is_empty() {
            true => format!("<c r=\"{at}\" s=\"{look}\"/>"),
            false => format!(
                "<c r=\"{at}\" s=\"{look}\" t=\"inlineStr\"><is><t xml:space=\"preserve\">{}</t></is></c>",
                escaped(text)
            ),
        }
    };
    let cells: String = (0u16..).zip(texts).map(cell).collect();
    let height = height.map_or(String::new(), |h| format!(" ht=\"{h}\" customHeight=\"1\""));
    format!("<row r=\"{}\"{height}>{cells}</row>", number + 1)
}
