//! A table on a sheet: where it stands, its columns and which field each has.

use super::workbook::{Cell, Sheet};
use crate::definition::Form;

/// One column under a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HeaderColumn {
    pub column: u16,
    /// As typed, parent and leaf joined by `/`.
    pub title: String,
    /// Unit of measure in brackets of the leaf title.
    pub unit: Option<String>,
    pub field: Option<usize>,
    /// Row of the leaf title.
    pub row: u32,
    /// 序号 and the like: counts lines, holds no data.
    pub counts_lines: bool,
}

/// A header band and the form that it heads.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub form: usize,
    /// Other forms that match exactly as well.
    pub rivals: Vec<usize>,
    pub first_row: u32,
    pub last_row: u32,
    pub columns: Vec<HeaderColumn>,
    /// Fields that two columns claim: (field, second column).
    pub repeated: Vec<(usize, u16)>,
    /// First row of the titles above the header.
    pub title_row: u32,
    /// First row that belongs to the next block, or beyond the sheet.
    pub end_row: u32,
    /// Laid flat from titles beside values: every row is data or a total, none is furniture.
    pub flat: bool,
    /// Titles and header of each further printed page, inclusive rows.
    pub skip: Vec<(u32, u32)>,
}

impl Block {
    /// The last row of the header of its last page.
    pub(super) fn last_header_row(&self) -> u32 {
        self.skip.last().map_or(self.last_row, |(_, last)| *last)
    }

    /// The column without a field that stands where the form has this one: its old title may have
    /// been changed. Known only where as many such columns stand between the neighbours as fields
    /// are missing there.
    pub(super) fn in_place_of(&self, field: usize, fields: usize) -> Option<&HeaderColumn> {
        let place = |wanted: usize| self.columns.iter().position(|c| c.field == Some(wanted));
        let before = (0..field).rev().find_map(|f| place(f).map(|at| (f + 1, at + 1)));
        let after = (field + 1..fields).find_map(|f| place(f).map(|at| (f, at)));
        let ((first, from), (end, to)) =
            (before.unwrap_or((0, 0)), after.unwrap_or((fields, self.columns.len())));
        let repeated = |c: &HeaderColumn| self.repeated.iter().any(|(_, at)| *at == c.column);
        let foreign: Vec<&HeaderColumn> = self
            .columns
            .get(from..to)?
            .iter()
            .filter(|c| c.field.is_none() && !c.counts_lines && !repeated(c))
            .collect();
        (foreign.len() == end - first).then(|| foreign[field - first])
    }
}

/// Which field each sheet column of a block has.
pub(super) struct ColumnMap {
    fields: Vec<Option<usize>>,
    pub mapped: usize,
    /// Columns that have a title.
    titled: Vec<bool>,
    /// 序号
    counting: Vec<bool>,
}

impl ColumnMap {
    pub(super) fn new(block: &Block) -> Self {
        let width = block.columns.iter().map(|c| usize::from(c.column) + 1).max().unwrap_or(0);
        let mut fields = vec![None; width];
        let (mut titled, mut counting) = (vec![false; width], vec![false; width]);
        for column in &block.columns {
            let at = usize::from(column.column);
            (fields[at], titled[at], counting[at]) = (column.field, true, column.counts_lines);
        }
        let mapped = fields.iter().flatten().count();
        Self { fields, mapped, titled, counting }
    }

    /// Does the column only count lines?
    pub(super) fn counts_lines(&self, column: u16) -> bool {
        self.counting.get(usize::from(column)).copied().unwrap_or(false)
    }

    pub(super) fn has_title(&self, column: u16) -> bool {
        self.titled.get(usize::from(column)).copied().unwrap_or(false)
    }

    /// Columns that have a field, with the field.
    pub(super) fn iter(&self) -> impl Iterator<Item = (u16, usize)> + Clone {
        (0..).zip(&self.fields).filter_map(|(column, field)| field.map(|f| (column, f)))
    }

    pub(super) fn field(&self, column: u16) -> Option<usize> {
        self.fields.get(usize::from(column)).copied().flatten()
    }
}

/// Is every key field of the row filled, and not just by the label? Then it is data, whatever
/// an item of it is called (党员 · 总数 · 党员总数).
pub(super) fn has_own_key(cells: &[Cell], label: &Cell, columns: &ColumnMap, form: &Form) -> bool {
    let of = |cell: &Cell| columns.field(cell.column).map(|i| form.fields[i].name.as_str());
    let typed = |name: &String| cells.iter().any(|c| of(c) == Some(name));
    let label_is_key = of(label).is_some_and(|name| form.primary_key.iter().any(|k| k == name));
    !form.primary_key.is_empty()
        && form.primary_key.iter().all(typed)
        && (form.primary_key.len() > 1 || !label_is_key)
}

/// Is the cell merged over several columns of the table?
pub(super) fn is_wide(sheet: &Sheet, cell: &Cell, columns: &ColumnMap) -> bool {
    sheet.merged.at(cell.row, cell.column).is_some_and(|r| {
        usize::from(r.last_column - r.first_column) + 1 >= 3.max(columns.mapped / 2)
    })
}
