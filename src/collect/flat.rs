//! Forms that are no table: titles beside their values, or below each other with a column for each
//! row. They are laid flat, as a table under a header, and read like any other; what was found is
//! then said at the cells that it came from.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{Block, HeaderColumn};
use super::header::Titles;
use super::surroundings::is_footer;
use super::text::{compact, title_key, title_keys, without_unit};
use super::workbook::{Cell, Sheet};
use crate::definition::{Form, Layout};
use crate::model::{CellRef, Finding, ReturnFacts};

/// A form laid flat.
#[derive(Debug, Clone)]
pub(super) struct Flat {
    pub sheet: Sheet,
    pub block: Block,
    /// Cell of the flat sheet → cell that it was.
    places: BTreeMap<CellRef, CellRef>,
    /// Cells of which nobody can say what they belong to.
    pub stray: Vec<CellRef>,
    /// Rows that hold one text and no title: what stands below it belongs together.
    pub headings: Vec<u32>,
}

/// The forms of a sheet that are no tables: where each stands, and laid flat.
pub(super) fn find_flat(sheet: &Sheet, forms: &[Form], titles: &Titles) -> Vec<(Block, Flat)> {
    let laid = forms.iter().enumerate().filter(|(_, form)| form.layout != Layout::Table);
    laid.filter_map(|(index, form)| one(sheet, index, form, titles)).collect()
}

fn one(sheet: &Sheet, index: usize, form: &Form, titles: &Titles) -> Option<(Block, Flat)> {
    let heads = |text: &str| titles.headed_by(text).first() == Some(&index);
    let named = |cells: &&[Cell]| cells.iter().filter_map(Cell::text).any(heads);
    let heading = sheet.rows().map(|(_, cells)| cells).find(named);
    let title_row = match heading {
        Some(cells) => cells[0].row,
        None if heads(&sheet.name) => 0,
        None => return None,
    };
    let labels = Labels::new(form);
    let below = sheet.rows_between(title_row + u32::from(heading.is_some()), u32::MAX);
    let mut region: Vec<&[Cell]> = Vec::new();
    let mut end_row = u32::MAX;
    for cells in below {
        let known = cells.iter().any(|cell| labels.field(cell).is_some());
        let leads = |cells: &[Cell]| cells.first().and_then(Cell::text).is_some_and(is_footer);
        let other = |text: &str| titles.headed_by(text).first().is_some_and(|&f| f != index);
        let another = cells.len() == 1 && cells.iter().filter_map(Cell::text).any(other);
        if !region.is_empty() && !known && (leads(cells) || another) {
            end_row = cells[0].row;
            break;
        }
        if known || !region.is_empty() {
            region.push(cells);
        }
    }
    let first_row = region.first()?.first()?.row;
    let mut layer = Layer { sheet, form, labels, records: Records::default() };
    match form.layout {
        Layout::Transposed => layer.transposed(&region),
        _ => region.iter().for_each(|cells| layer.pairs(cells)),
    }
    let block = Block {
        form: index,
        rivals: Vec::new(),
        first_row,
        last_row: first_row,
        columns: Vec::new(),
        repeated: Vec::new(),
        title_row,
        end_row,
        flat: true,
        skip: Vec::new(),
    };
    Some((block, layer.records.flat(sheet, form, index)))
}

/// The titles of a form.
struct Labels {
    by_key: BTreeMap<String, usize>,
    units: Vec<String>,
}

impl Labels {
    fn new(form: &Form) -> Self {
        let mut by_key = BTreeMap::new();
        for (index, field) in form.fields.iter().enumerate() {
            for title in std::iter::once(&field.title).chain(&field.aliases) {
                for key in title_keys(title, &field.unit) {
                    by_key.entry(key).or_insert(index);
                }
            }
        }
        Self { by_key, units: form.fields.iter().map(|field| field.unit.clone()).collect() }
    }

    /// The field whose title stands in a cell, perhaps with its unit of measure.
    fn field(&self, cell: &Cell) -> Option<usize> {
        let text = compact(cell.text()?);
        let bare = |unit: &str| self.by_key.get(&title_key(&without_unit(&text, unit).0)).copied();
        let plain = self.by_key.get(&title_key(&text)).copied();
        plain.or_else(|| bare("")).or_else(|| {
            (self.units.iter().enumerate())
                .find_map(|(index, unit)| bare(unit).filter(|found| *found == index))
        })
    }
}

struct Layer<'a> {
    sheet: &'a Sheet,
    form: &'a Form,
    labels: Labels,
    records: Records<'a>,
}

impl<'a> Layer<'a> {
    /// The column behind a cell, or behind the region that it is merged into.
    fn behind(&self, cell: &Cell) -> u16 {
        let region = self.sheet.merged.at(cell.row, cell.column);
        region.map_or(cell.column, |region| region.last_column).saturating_add(1)
    }

    /// A title beside several lines.
    fn is_heading(&self, cell: &Cell) -> bool {
        let region = self.sheet.merged.at(cell.row, cell.column);
        cell.text().is_some() && region.is_some_and(|r| r.last_row > r.first_row)
    }

    /// One line of titles with their values.
    fn pairs(&mut self, cells: &'a [Cell]) {
        let mut at = 0;
        while let Some(cell) = cells.get(at) {
            at += 1;
            let field = self.labels.field(cell);
            let place = CellRef::new(cell.row, self.behind(cell));
            let next = cells.get(at).filter(|next| next.column == place.column);
            let value = next.filter(|next| self.labels.field(next).is_none());
            match (field, value) {
                (Some(_), value) => {
                    at += usize::from(value.is_some());
                    let again = self.form.repeats && self.records.has_in_last(field);
                    self.records.pair(field, cell, value, place, again);
                }
                (None, _) if cell.text().is_some() && cells.len() == 1 => {
                    self.records.headings.push(cell.row);
                }
                (None, _) if self.is_heading(cell) => {}
                // A title that the form does not have, with what it says.
                (None, Some(value)) if cell.text().is_some() => {
                    at += 1;
                    self.records.pair(None, cell, Some(value), place, false);
                }
                (None, _) => self.records.stray.push(CellRef::new(cell.row, cell.column)),
            }
        }
    }

    /// A row a column, from titles that stand below each other.
    fn transposed(&mut self, region: &[&'a [Cell]]) {
        let titles = || {
            let cells = region.iter().flat_map(|cells| cells.iter());
            cells.filter(|cell| self.labels.field(cell).is_some())
        };
        let Some(label_column) = titles().map(|title| title.column).min() else { return };
        let behind = titles().map(|title| self.behind(title)).max().unwrap_or(label_column + 1);
        let columns: BTreeSet<u16> = (region.iter().flat_map(|cells| cells.iter()))
            .map(|cell| cell.column)
            .filter(|column| *column >= behind)
            .collect();
        for (number, &column) in columns.iter().enumerate() {
            for cells in region {
                let title = cells.iter().find(|cell| cell.column == label_column);
                let value = cells.iter().find(|cell| cell.column == column);
                let Some(title) = title.filter(|title| title.text().is_some()) else {
                    self.records.stray.extend(value.map(|v| CellRef::new(v.row, v.column)));
                    continue;
                };
                let field = self.labels.field(title);
                if furniture_of_columns(title) && field.is_none() {
                    continue;
                }
                let place = CellRef::new(title.row, column);
                let first = self.records.is_first_of(number);
                self.records.pair(field, title, value, place, first);
            }
        }
    }
}

/// 甲, 栏次: the line numbers its columns and says nothing of them.
fn furniture_of_columns(title: &Cell) -> bool {
    title.text().is_some_and(|text| matches!(&*compact(text), "甲" | "栏次" | "序号" | "行次"))
}

/// What was found: titles, and a row for each record.
#[derive(Default)]
struct Records<'a> {
    /// Titles in the order in which they were met; of an unknown one its text.
    titles: Vec<(Result<usize, String>, &'a Cell)>,
    /// (row, title, value, where the value stands or would stand)
    values: Vec<(u32, u16, Option<&'a Cell>, CellRef)>,
    rows: u32,
    stray: Vec<CellRef>,
    headings: Vec<u32>,
}

impl<'a> Records<'a> {
    fn is_first_of(&self, number: usize) -> bool {
        self.rows as usize == number
    }

    fn has_in_last(&self, field: Option<usize>) -> bool {
        let known = |(row, title, ..): &(u32, u16, Option<&Cell>, CellRef)| {
            *row == self.rows && self.titles[usize::from(*title)].0.as_ref().ok() == field.as_ref()
        };
        field.is_some() && self.values.iter().any(known)
    }

    /// `begins`: the pair is the first of another row.
    fn pair(
        &mut self,
        field: Option<usize>,
        title: &'a Cell,
        value: Option<&'a Cell>,
        place: CellRef,
        begins: bool,
    ) {
        if begins || self.rows == 0 {
            self.rows += 1;
        }
        let text = || title.text().map(compact).unwrap_or_default().into_owned();
        let key = field.ok_or_else(text);
        // A title that is met twice in one row is a second column: nobody can say which counts.
        let taken = |at: usize| {
            let mut of_row = self.values.iter().rev().take_while(|v| v.0 == self.rows);
            of_row.any(|(_, title, ..)| usize::from(*title) == at)
        };
        let known = (0..self.titles.len()).find(|&at| self.titles[at].0 == key && !taken(at));
        let at = known.unwrap_or_else(|| {
            self.titles.push((key, title));
            self.titles.len() - 1
        });
        let column = u16::try_from(at).unwrap_or(u16::MAX);
        self.values.push((self.rows, column, value, place));
    }

    fn flat(self, sheet: &Sheet, form: &Form, index: usize) -> Flat {
        let mut flat = Sheet {
            from_1904: sheet.from_1904,
            only_text: sheet.only_text,
            stale: sheet.stale,
            merges_known: sheet.merges_known,
            hidden_known: sheet.hidden_known,
            ..Sheet::new(sheet.name.clone())
        };
        let mut places = BTreeMap::new();
        let copy = |cell: &Cell, at: CellRef, flat: &mut Sheet| {
            flat.cells.push(Cell { row: at.row, column: at.column, ..cell.clone() });
            if let Some(formula) = sheet.formula_at(cell.row, cell.column) {
                flat.formulas.push((at.row, at.column, formula.into()));
            }
            flat.doubts.extend(sheet.doubts_at(cell.row, cell.column).map(|doubt| (at, doubt)));
        };
        let (mut columns, mut repeated, mut taken) = (Vec::new(), Vec::new(), BTreeSet::new());
        for (column, (key, title)) in (0u16..).zip(&self.titles) {
            let at = CellRef::new(0, column);
            copy(title, at, &mut flat);
            places.insert(at, CellRef::new(title.row, title.column));
            let claimed = key.as_ref().ok().copied();
            let field = claimed.filter(|field| taken.insert(*field));
            repeated.extend(claimed.filter(|_| field.is_none()).map(|field| (field, column)));
            let own_unit = field.map_or("", |field| form.fields[field].unit.as_str());
            let text = title.text().map(compact).unwrap_or_default();
            let unit = without_unit(&text, own_unit).1;
            let title = text.into_owned();
            columns.push(HeaderColumn { column, title, unit, field, row: 0, counts_lines: false });
        }
        for (row, column, value, place) in self.values {
            let at = CellRef::new(row, column);
            places.insert(at, place);
            if let Some(value) = value {
                copy(value, at, &mut flat);
            }
        }
        hide(sheet, &mut flat, &places);
        flat.order();
        let block = Block {
            form: index,
            rivals: Vec::new(),
            first_row: 0,
            last_row: 0,
            columns,
            repeated,
            title_row: 0,
            end_row: u32::MAX,
            flat: true,
            skip: Vec::new(),
        };
        Flat { sheet: flat, block, places, stray: self.stray, headings: self.headings }
    }
}

/// A row of the flat sheet is hidden if one of its cells was.
fn hide(sheet: &Sheet, flat: &mut Sheet, places: &BTreeMap<CellRef, CellRef>) {
    for (at, was) in places {
        if sheet.is_row_hidden(was.row) || sheet.is_column_hidden(was.column) {
            flat.hidden_rows.push((at.row, at.row));
        }
    }
}

impl Flat {
    /// Says the facts at the cells that they came from.
    pub(super) fn place(&self, facts: &mut ReturnFacts) {
        let real = |at: CellRef| self.places.get(&at).copied().unwrap_or(at);
        for field in 0..facts.columns.len() {
            let Some(column) = facts.column_at[field] else { continue };
            let cells: Vec<CellRef> =
                facts.rows.iter().map(|&row| real(CellRef::new(row, column))).collect();
            facts.column_at[field] = cells.first().map(|at| at.column);
            facts.placed.insert(field, cells);
        }
        for total in &mut facts.totals {
            let row = total.row;
            for (_, column, _) in &mut total.values {
                let at = real(CellRef::new(row, *column));
                (*column, total.row) = (at.column, at.row);
            }
        }
        let first = |row: usize| facts.placed.values().filter_map(|cells| cells.get(row)).min();
        let rows = (0..facts.rows.len()).map(|row| first(row).map_or(0, |at| at.row)).collect();
        facts.rows = rows;
        let formulas = std::mem::take(&mut facts.formulas).into_iter();
        facts.formulas = formulas.map(|(at, formula)| (real(at), formula)).collect();
    }

    /// Says a finding at the cells that it came from; what has none is about the sheet.
    pub(super) fn say(&self, finding: &mut Finding) {
        let cells = std::mem::take(&mut finding.location.cells).into_iter();
        finding.location.cells = cells.filter_map(|at| self.places.get(&at).copied()).collect();
    }
}
