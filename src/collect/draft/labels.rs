//! Sheets that are no tables: titles beside their values, or titles below each other with a column
//! for each row. They are told from tables by titles that go down a column instead of across a row.

use std::collections::BTreeMap;

use super::columns::says_what;
use super::sheet::{DraftedTable, Titled, is_title, is_total};
use crate::collect::dates;
use crate::collect::furniture;
use crate::collect::surroundings::is_footer;
use crate::collect::text::compact;
use crate::collect::workbook::{Cell, Sheet};
use crate::definition::Layout;

/// Fewer lines could be a header of several rows.
const FEWEST_LINES: usize = 3;

type Lines<'a, 's> = &'a [(u32, &'s [Cell])];

pub(super) fn labelled(sheet: &Sheet) -> Option<DraftedTable<'_>> {
    let rows: Vec<(u32, &[Cell])> = sheet.rows().collect();
    let begins = |cells: &[Cell]| cells.first().is_some_and(|c| is_label(c) && !spans(sheet, c));
    let first = rows.iter().position(|(_, cells)| begins(cells))?;
    // Lines above of the same columns belong to it, whatever their titles are: 党组织书记.
    let label_column = rows[first].1.first()?.column;
    let alike = |(_, cells): &&(u32, &[Cell])| {
        let starts = cells.first().is_some_and(|c| c.column == label_column && is_title(c));
        starts && cells.len() >= 2 && dates::period_inside(cells[1].text().unwrap_or("")).is_none()
    };
    let at = first - rows[..first].iter().rev().take_while(alike).count();
    let ends = |cells: &[Cell]| cells.first().and_then(Cell::text).is_some_and(is_footer);
    let end = rows[at..].iter().position(|(_, cells)| ends(cells)).map_or(rows.len(), |n| at + n);
    let lines: Vec<(u32, &[Cell])> = (rows[at..end].iter())
        .filter(|(_, cells)| !furniture::only_numbers_columns(cells) && cells[0].text().is_some())
        .copied()
        .collect();
    if lines.len() < FEWEST_LINES {
        return None;
    }
    let label_columns = label_columns(&lines);
    let mut table = DraftedTable::under(sheet, &rows[..at], Vec::new());
    match label_columns.as_slice() {
        [] => return None,
        [only] if last_column(&lines) > only + 1 => transposed(&mut table, &lines, *only)?,
        several => pairs(&mut table, &lines, several)?,
    }
    Some(table)
}

fn is_label(cell: &Cell) -> bool {
    is_title(cell) && cell.text().is_some_and(|text| says_what(&compact(text)))
}

/// A title over the whole sheet names it.
fn spans(sheet: &Sheet, cell: &Cell) -> bool {
    let region = sheet.merged.at(cell.row, cell.column);
    region.is_some_and(|region| region.last_column > region.first_column + 1)
}

fn last_column(lines: Lines) -> u16 {
    lines.iter().flat_map(|(_, cells)| *cells).map(|cell| cell.column).max().unwrap_or(0)
}

/// Columns of texts, nearly all of which are titles, in nearly all lines.
fn label_columns(lines: Lines) -> Vec<u16> {
    let mut seen: BTreeMap<u16, (usize, usize, bool)> = BTreeMap::new();
    for cell in lines.iter().flat_map(|(_, cells)| *cells) {
        let (count, titles, texts) = seen.entry(cell.column).or_insert((0, 0, true));
        *count += 1;
        *titles += usize::from(is_label(cell));
        *texts &= cell.text().is_some();
    }
    let is = |(count, titles, texts): &(usize, usize, bool)| {
        *texts && titles * 5 >= count * 3 && count * 2 >= lines.len()
    };
    seen.into_iter().filter(|(_, told)| is(told)).map(|(column, _)| column).collect()
}

/// A title, then its value, one or more times a line.
fn pairs<'s>(table: &mut DraftedTable<'s>, lines: Lines<'_, 's>, labels: &[u16]) -> Option<()> {
    let header = ["数", "内容", "情况"];
    let is_header = |cell: &Cell| {
        is_label(cell) || cell.text().is_some_and(|text| header.contains(&&*compact(text)))
    };
    // Two labels side by side are titles of columns; so is one beside the first.
    let first = lines.first()?.1.iter().find(|cell| !labels.contains(&cell.column));
    if labels.windows(2).any(|two| two[1] == two[0] + 1) || first.is_some_and(is_header) {
        return None;
    }
    for (row, cells) in lines {
        let mut cells = cells.iter().peekable();
        while let Some(label) = cells.next() {
            if !labels.contains(&label.column) {
                return None;
            }
            let value = cells.next_if(|cell| !labels.contains(&cell.column));
            let text = compact(label.text()?).into_owned();
            let known =
                table.columns.iter_mut().find(|titled| titled.path.iter().any(|(_, t)| *t == text));
            let titled = match known {
                Some(titled) => titled,
                None => {
                    table.columns.push(Titled::new(label.column, vec![(*row, text)]));
                    table.columns.last_mut()?
                }
            };
            titled.cells.push(value);
        }
    }
    table.rows = table.columns.iter().map(|titled| titled.cells.len()).max()?;
    let rows = table.rows;
    table.columns.iter_mut().for_each(|titled| titled.cells.resize(rows, None));
    table.layout = Layout::KeyValue;
    Some(())
}

/// A name in the first line of each column, and below it what belongs to that name.
fn transposed<'s>(table: &mut DraftedTable<'s>, lines: Lines<'_, 's>, labels: u16) -> Option<()> {
    let named = lines.first()?.1.iter().filter(|cell| cell.column > labels);
    let (sums, named): (Vec<&Cell>, Vec<&Cell>) =
        named.partition(|cell| is_total(std::slice::from_ref(*cell)));
    let differ = |at: usize| !named[..at].iter().any(|cell| cell.text() == named[at].text());
    // Names that are titles themselves are a header.
    let names =
        |(at, cell): (usize, &&Cell)| cell.text().is_some() && !is_label(cell) && differ(at);
    let key = ["名称", "姓名", "支部", "单位", "村", "社区", "编号"];
    let first = compact(lines.first()?.1.first()?.text()?);
    if !key.iter().any(|word| first.ends_with(word)) || !named.iter().enumerate().all(names) {
        return None;
    }
    let total = sums.first().map(|cell| cell.column);
    let records = named.iter().map(|cell| cell.column);
    let records: Vec<u16> = records.collect();
    for (row, cells) in lines {
        let cell = |column: u16| cells.iter().find(|cell| cell.column == column);
        let Some(text) = cell(labels).and_then(Cell::text) else { continue };
        let mut titled = Titled::new(labels, vec![(*row, compact(text).into_owned())]);
        titled.cells = records.iter().map(|&column| cell(column)).collect();
        titled.total = total.and_then(cell);
        table.columns.push(titled);
    }
    (table.rows, table.totalled) = (records.len(), total.is_some());
    table.layout = Layout::Transposed;
    (table.rows > 1).then_some(())
}
