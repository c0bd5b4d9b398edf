//! What each row below a header is: data, a total, or something that only looks like a row.

use super::header::Block;
use super::text::compact;
use super::typing::known_code;
use super::workbook::{Cell, CellValue, Sheet, Shown};
use crate::definition::{Definition, Form};

#[derive(Debug, Clone, Copy)]
pub(super) struct Line<'s> {
    pub row: u32,
    pub cells: &'s [Cell],
}

/// A 合计, 小计 or 总计 row.
#[derive(Debug, Clone)]
pub(super) struct TotalLine<'s> {
    pub line: Line<'s>,
    pub label: String,
    pub kind: TotalKind,
    /// Data rows above it in the block.
    pub data_above: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TotalKind {
    /// 小计
    Group,
    /// 合计
    Whole,
    /// 总计, 共计: over everything, also over 合计.
    Grand,
}

/// The rows of one block, sorted out.
#[derive(Debug, Default)]
pub(super) struct Lines<'s> {
    pub data: Vec<Line<'s>>,
    pub totals: Vec<TotalLine<'s>>,
    /// 其中 rows, column numbers, group headings.
    pub ignored: Vec<u32>,
    /// Rows below the footer that look like data.
    pub outside: Vec<u32>,
    /// Where the footer begins.
    pub footer: Option<u32>,
    /// The table says 无 and nothing else.
    pub declared_empty: bool,
}

/// Which field each sheet column of a block has.
pub(super) struct ColumnMap {
    fields: Vec<Option<usize>>,
    pub mapped: usize,
}

impl ColumnMap {
    pub(super) fn new(block: &Block) -> Self {
        let width = block.columns.iter().map(|c| usize::from(c.column) + 1).max().unwrap_or(0);
        let mut fields = vec![None; width];
        for column in &block.columns {
            fields[usize::from(column.column)] = column.field;
        }
        let mapped = fields.iter().flatten().count();
        Self { fields, mapped }
    }

    pub(super) fn field(&self, column: u16) -> Option<usize> {
        self.fields.get(usize::from(column)).copied().flatten()
    }
}

pub(super) fn sort_out<'s>(
    sheet: &'s Sheet,
    block: &Block,
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> Lines<'s> {
    let mut lines = Lines::default();
    let mut first = true;
    let mut nil_rows = 0;
    for (row, cells) in sheet.rows() {
        let skipped = block.skip.iter().any(|&(from, to)| (from..=to).contains(&row));
        if row <= block.last_row || row >= block.end_row || skipped {
            continue;
        }
        let mapped = cells.iter().filter(|c| columns.field(c.column).is_some()).count();
        let leading = cells.iter().find_map(text_of).unwrap_or_default();
        if lines.footer.is_some() || super::context::is_footer(leading) && text_leads(cells) {
            let looks_like_data = !super::context::is_footer(leading)
                && (mapped >= 2.max(columns.mapped.div_ceil(2))
                    || holds_numbers(cells, columns, form));
            if lines.footer.is_some() && looks_like_data {
                lines.outside.push(row);
            }
            lines.footer.get_or_insert(row);
            continue;
        }
        let line = Line { row, cells };
        if mapped == 0 {
            if let Some((label, kind)) = total_label(cells, columns, form, definition) {
                lines.totals.push(TotalLine { line, label, kind, data_above: lines.data.len() });
            }
            continue;
        }
        if std::mem::take(&mut first) && is_number_row(cells) {
            lines.ignored.push(row);
        } else if let Some((label, kind)) = total_label(cells, columns, form, definition) {
            lines.totals.push(TotalLine { line, label, kind, data_above: lines.data.len() });
        } else if is_of_which(leading, cells, columns, form, definition)
            || is_group_heading(sheet, cells, columns)
        {
            lines.ignored.push(row);
        } else if cells.iter().all(|c| text_of(c).is_some_and(|t| compact(t) == "无")) {
            nil_rows += 1;
        } else {
            lines.data.push(line);
        }
    }
    lines.declared_empty = nil_rows > 0 && lines.data.is_empty();
    if nil_rows > 0 && !lines.declared_empty {
        // A row of 无 among data is data that cannot be read.
        lines.outside.extend(
            sheet
                .rows()
                .map(|(row, _)| row)
                .filter(|&row| row > block.last_row && row < block.end_row && is_nil(sheet, row)),
        );
    }
    lines
}

fn is_nil(sheet: &Sheet, row: u32) -> bool {
    let from = sheet.cells.partition_point(|c| c.row < row);
    let to = sheet.cells.partition_point(|c| c.row <= row);
    sheet.cells[from..to].iter().all(|c| text_of(c).is_some_and(|t| compact(t) == "无"))
}

fn text_of(cell: &Cell) -> Option<&str> {
    match &cell.value {
        CellValue::Text(text) => Some(text),
        _ => None,
    }
}

/// Is a number typed where the form has numbers? A date beside a signature is none.
fn holds_numbers(cells: &[Cell], columns: &ColumnMap, form: &Form) -> bool {
    cells.iter().any(|cell| {
        let field = columns.field(cell.column).map(|i| &form.fields[i]);
        field.is_some_and(|f| f.kind.is_number())
            && cell.shown != Shown::Date
            && match &cell.value {
                CellValue::Number(_) => true,
                // In a CSV file every number is text; longer ones are telephones and dates.
                CellValue::Text(text) => {
                    let text = compact(text);
                    text.len() <= 6 && text.parse::<i64>().is_ok()
                }
                _ => false,
            }
    })
}

fn text_leads(cells: &[Cell]) -> bool {
    cells.first().is_some_and(|c| text_of(c).is_some())
}

/// Does the label cell hold a value that its column allows as data (an item named 合计)?
fn is_allowed(
    cell: &Cell,
    text: &str,
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> bool {
    let field = columns.field(cell.column).map(|i| &form.fields[i]);
    let list = field.and_then(|f| definition.codelist_of(f));
    list.is_some_and(|list| known_code(list, text).is_some())
}

/// The label of a total row: one of the first two texts of the row.
fn total_label(
    cells: &[Cell],
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> Option<(String, TotalKind)> {
    for cell in cells.iter().filter(|c| text_of(c).is_some()).take(2) {
        let typed = text_of(cell)?;
        let text = compact(typed);
        let stem = text.trim_end_matches([':', '、']);
        let kind = match stem {
            "合计" | "总数" | "全县合计" | "本页合计" => Some(TotalKind::Whole),
            "总计" | "共计" | "全县总计" => Some(TotalKind::Grand),
            "小计" => Some(TotalKind::Group),
            _ if stem.chars().count() > 12 => None,
            _ if stem.ends_with("小计") => Some(TotalKind::Group),
            _ if stem.ends_with("合计") => Some(TotalKind::Whole),
            _ if stem.ends_with("总计") => Some(TotalKind::Grand),
            _ => None,
        };
        if let Some(kind) = kind
            && !is_allowed(cell, stem, columns, form, definition)
            && !has_own_key(cells, cell, columns, form)
        {
            return Some((typed.to_owned(), kind));
        }
    }
    None
}

/// Is every key field of the row filled, and not just by the label? Then it is data, whatever
/// an item of it is called (党员 · 总数 · 党员总数).
fn has_own_key(cells: &[Cell], label: &Cell, columns: &ColumnMap, form: &Form) -> bool {
    let of = |cell: &Cell| columns.field(cell.column).map(|i| form.fields[i].name.as_str());
    let typed = |name: &String| cells.iter().any(|c| of(c) == Some(name));
    let label_is_key = of(label).is_some_and(|name| form.primary_key.iter().any(|k| k == name));
    !form.primary_key.is_empty()
        && form.primary_key.iter().all(typed)
        && (form.primary_key.len() > 1 || !label_is_key)
}

/// `其中:女` as a row: a part of the row above, never a row of its own.
fn is_of_which(
    leading: &str,
    cells: &[Cell],
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> bool {
    let text = compact(leading);
    let marked = text == "其中" || text.starts_with("其中:");
    let label = cells.iter().find(|c| text_of(c).is_some());
    marked && !label.is_some_and(|c| is_allowed(c, &text, columns, form, definition))
}

/// `甲 乙 1 2 3`: the row of column numbers under a header.
fn is_number_row(cells: &[Cell]) -> bool {
    let mut expected: Option<i64> = None;
    let (mut numbers, mut marks) = (0, 0);
    for cell in cells {
        let text = super::typing::raw_text(cell, false);
        let text = compact(&text);
        let text = text.trim_matches(['(', ')', '[', ']']);
        if matches!(text, "甲" | "乙" | "丙" | "丁" | "戊" | "己" | "栏次" | "栏号") {
            marks += 1;
            continue;
        }
        let Ok(number) = text.parse::<i64>() else { return false };
        if expected.is_some_and(|e| e != number) || expected.is_none() && number != 1 {
            return false;
        }
        expected = Some(number + 1);
        numbers += 1;
    }
    numbers >= 3 || numbers >= 2 && marks > 0
}

/// One text merged over several columns: `一、乡镇`.
fn is_group_heading(sheet: &Sheet, cells: &[Cell], columns: &ColumnMap) -> bool {
    let [only] = cells else { return false };
    let is_text = text_of(only).is_some();
    let wide = sheet.region(only.row, only.column).is_some_and(|r| {
        usize::from(r.last_column - r.first_column) + 1 >= 3.max(columns.mapped / 2)
    });
    is_text && wide
}
