//! Where on a sheet a table stands: its title, its header, its rows, without knowing any form.

use crate::collect::dates::{self, Stated};
use crate::collect::furniture;
use crate::collect::header::{band_columns, is_row_number, merged_end};
use crate::collect::surroundings::{is_footer, segments};
use crate::collect::text::{compact, is_unit_of_measure};
use crate::collect::workbook::{Cell, Sheet};
use crate::definition::Layout;
use crate::model::CellRef;

/// Taller headers are read nowhere.
const TALLEST: u32 = 4;
/// A header stands at the top.
const SEARCHED: usize = 40;

/// A text and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub text: String,
    pub at: CellRef,
}

/// A column with its titles from top to bottom, and what it has.
#[derive(Debug)]
pub(super) struct Titled<'s> {
    pub column: u16,
    pub path: Vec<(u32, String)>,
    /// By row.
    pub cells: Vec<Option<&'s Cell>>,
    /// In the 合计 row.
    pub total: Option<&'s Cell>,
}

impl<'s> Titled<'s> {
    pub(super) fn new(column: u16, path: Vec<(u32, String)>) -> Self {
        Self { column, path, cells: Vec::new(), total: None }
    }

    /// The place of its lowest title.
    pub(super) fn at(&self) -> CellRef {
        CellRef::new(self.path.last().map_or(0, |(row, _)| *row), self.column)
    }
}

#[derive(Debug)]
pub(super) struct DraftedTable<'s> {
    pub sheet: &'s Sheet,
    pub layout: Layout,
    pub title: Option<Found>,
    pub period: Option<(Stated, CellRef)>,
    /// Without 序号.
    pub columns: Vec<Titled<'s>>,
    /// How many.
    pub rows: usize,
    /// There is a 合计 row.
    pub totalled: bool,
}

impl<'s> DraftedTable<'s> {
    /// With what the lines above it say.
    pub(super) fn under(
        sheet: &'s Sheet,
        above: &[(u32, &[Cell])],
        columns: Vec<Titled<'s>>,
    ) -> Self {
        let (title, period) = (title_of(above), period_of(above));
        let layout = Layout::Table;
        Self { sheet, layout, title, period, columns, rows: 0, totalled: false }
    }
}

fn cell_in(cells: &[Cell], column: u16) -> Option<&Cell> {
    cells.binary_search_by_key(&column, |cell| cell.column).ok().map(|at| &cells[at])
}

/// The first table of a sheet.
pub(super) fn table_on(sheet: &Sheet) -> Option<DraftedTable<'_>> {
    let rows: Vec<(u32, &[Cell])> = sheet.rows().collect();
    let width = rows.iter().map(|(_, cells)| covered(sheet, cells)).max()?;
    let at = rows.iter().take(SEARCHED).position(|(_, cells)| is_header(sheet, cells, width))?;
    let at = at - usize::from(at > 0 && is_upper_title(&rows[at - 1], rows[at].0));
    let first = rows[at].0;
    let last = header_end(sheet, &rows, at);
    let columns = band_columns(sheet, first, last).into_iter();
    let columns: Vec<Titled> = columns
        .filter(|(_, path)| !is_row_number(path))
        .map(|(column, path)| {
            Titled::new(
                column,
                path.into_iter().map(|(row, text)| (row, text.to_owned())).collect(),
            )
        })
        .collect();
    let mut table = DraftedTable::under(sheet, &rows[..at], columns);
    let below = rows.partition_point(|(row, _)| *row <= last);
    fill(&mut table, &rows[below..]);
    Some(table)
}

/// How many columns the cells of a row reach over.
fn covered(sheet: &Sheet, cells: &[Cell]) -> usize {
    let span = |cell: &Cell| {
        let region = sheet.merged.at(cell.row, cell.column);
        region.map_or(1, |r| usize::from(r.last_column - r.first_column) + 1)
    };
    // A title merged over everything is one text.
    if cells.len() < 2 { cells.len() } else { cells.iter().map(span).sum() }
}

/// A text that labels nothing that stands around tables, and is no period.
pub(super) fn is_title(cell: &Cell) -> bool {
    cell.text().is_some_and(|text| {
        let compacted = compact(text);
        let labelled = compacted.contains(':') && !segments(&compacted).is_empty();
        !labelled && dates::period(&compacted).is_none()
    })
}

/// Titles directly above the row that spans the table, with blanks where they reach over others.
fn is_upper_title((row, cells): &(u32, &[Cell]), below: u32) -> bool {
    row + 1 == below && cells.len() >= 2 && cells.iter().all(is_title)
}

/// Texts only, none of them a label of what stands around tables, over most of the width.
fn is_header(sheet: &Sheet, cells: &[Cell], width: usize) -> bool {
    cells.len() >= 2
        && cells.iter().all(is_title)
        && !cells[0].text().is_some_and(is_footer)
        && covered(sheet, cells) * 5 >= width * 3
}

/// The last row of the header that begins in a row: what titles are merged down to, and the titles
/// below those that reach over several columns.
fn header_end(sheet: &Sheet, rows: &[(u32, &[Cell])], at: usize) -> u32 {
    let first = rows[at].0;
    let mut last = merged_end(sheet, first, first);
    for (row, cells) in rows[at + 1..].iter().take_while(|(row, _)| *row < first + TALLEST) {
        if *row <= last {
            continue;
        }
        let texts = cells.iter().all(|cell| cell.text().is_some());
        if *row != last + 1 || !texts || is_furniture(cells) || !has_children(sheet, cells, last) {
            break;
        }
        last = merged_end(sheet, first, *row);
    }
    last.min(first + TALLEST - 1)
}

/// Do the cells stand below titles over several columns, and nowhere else?
fn has_children(sheet: &Sheet, cells: &[Cell], last: u32) -> bool {
    let below = |cell: &Cell| match sheet.merged.at(last, cell.column) {
        Some(region) => region.last_row == last && region.last_column > region.first_column,
        // Where nothing is merged, a title reaches over the blanks on its right.
        None => {
            let blank = |column: u16| sheet.cell(last, column).is_none();
            blank(cell.column) || blank(cell.column + 1)
        }
    };
    let under_blank = |cell: &Cell| sheet.cell(last, cell.column).is_none();
    cells.len() >= 2 && cells.iter().all(below) && cells.iter().any(under_blank)
}

/// Column numbers or measures under the titles.
fn is_furniture(cells: &[Cell]) -> bool {
    let measure = |cell: &Cell| {
        cell.text().is_some_and(|text| {
            is_unit_of_measure(compact(text).trim_matches(['(', ')']))
                || compact(text) == "计量单位"
        })
    };
    furniture::only_numbers_columns(cells) || cells.len() >= 2 && cells.iter().all(measure)
}

/// What the table is called: the first text above the header that ends as titles do, else the
/// longest; no label, no period, no sentence.
fn title_of(above: &[(u32, &[Cell])]) -> Option<Found> {
    let cells = above.iter().flat_map(|(_, cells)| *cells);
    let texts = cells.filter_map(|cell| {
        let text = cell.text()?;
        let title = without_period(&compact(text));
        let at = CellRef::new(cell.row, cell.column);
        let sentence = title.contains([',', ';', '。', ':']) || title.starts_with("附件");
        let long = title.chars().count() >= 3;
        (is_title(cell) && long && !sentence).then_some(Found { text: title, at })
    });
    let is_named = |found: &Found| {
        let bare = found.text.trim_end_matches(')');
        ["表", "报", "台账", "册", "单"].iter().any(|end| bare.ends_with(end))
    };
    // Of equally telling ones the first: `max_by_key` would give the last.
    let rank = |found: &Found| {
        (is_named(found), found.text.chars().count() * usize::from(!is_named(found)))
    };
    texts.reduce(|best, next| if rank(&next) > rank(&best) { next } else { best })
}

/// `2013年10月党代表工作室月报` is the title of every month.
fn without_period(text: &str) -> String {
    let year = text.match_indices('年').find(|(at, _)| {
        text.get(at.wrapping_sub(4)..*at).is_some_and(|y| y.bytes().all(|b| b.is_ascii_digit()))
    });
    let Some((at, _)) = year else { return text.to_owned() };
    let mut rest = &text[at + '年'.len_utf8()..];
    for mark in [
        "上半年",
        "下半年",
        "第一季度",
        "第二季度",
        "第三季度",
        "第四季度",
        "一季度",
        "二季度",
        "三季度",
        "四季度",
        "度",
    ] {
        rest = rest.strip_prefix(mark).unwrap_or(rest);
    }
    let after_digits = rest.trim_start_matches(|c: char| c.is_ascii_digit());
    rest = after_digits.strip_prefix(['月', '季']).unwrap_or(rest);
    let rest = rest.strip_prefix("份").or(rest.strip_prefix("度")).unwrap_or(rest);
    let title = format!("{}{rest}", &text[..at - 4]);
    title.replace("()", "")
}

fn period_of(above: &[(u32, &[Cell])]) -> Option<(Stated, CellRef)> {
    above.iter().flat_map(|(_, cells)| *cells).find_map(|cell| {
        let stated = dates::period_inside(cell.text()?)?;
        matches!(stated, Stated::Period(_)).then_some((stated, CellRef::new(cell.row, cell.column)))
    })
}

/// Sorts out the rows below the header up to the signatures.
fn fill<'s>(table: &mut DraftedTable<'s>, rows: &[(u32, &'s [Cell])]) {
    let own = |table: &DraftedTable, cells: &[Cell]| {
        cells.iter().filter(|c| table.columns.iter().any(|t| t.column == c.column)).count()
    };
    let (mut data, mut headings, mut total): (Vec<&'s [Cell]>, Vec<&'s [Cell]>, Option<_>) =
        Default::default();
    let mut under_header = true;
    for (_, cells) in rows {
        let leading = cells.iter().find_map(Cell::text).unwrap_or_default();
        if is_footer(leading) && cells.first().is_some_and(|c| c.text().is_some()) {
            break;
        }
        if under_header && is_furniture(cells) || furniture::is_page_row(cells) {
            continue;
        }
        under_header = false;
        if own(table, cells) == 0 {
            continue;
        }
        if is_total(cells) {
            total = Some(*cells);
        } else if is_heading_row(table, cells) {
            headings.push(cells);
        } else {
            data.push(cells);
        }
    }
    // A blank form whose lines have names: they head nothing.
    let rows = if data.is_empty() { headings } else { data };
    for titled in &mut table.columns {
        titled.cells = rows.iter().map(|cells| cell_in(cells, titled.column)).collect();
        titled.total = total.and_then(|cells| cell_in(cells, titled.column));
    }
    (table.rows, table.totalled) = (rows.len(), total.is_some());
}

/// One text over a table of several columns: 一、乡镇.
fn is_heading_row(table: &DraftedTable, cells: &[Cell]) -> bool {
    matches!(cells, [only] if only.text().is_some()) && table.columns.len() > 1
}

pub(super) fn is_total(cells: &[Cell]) -> bool {
    let labels = cells.iter().filter_map(Cell::text).take(2);
    labels.into_iter().any(|text| {
        let text = compact(text);
        text.chars().count() <= 8
            && ["合计", "总计", "共计", "小计"].iter().any(|total| text.ends_with(total))
    })
}
