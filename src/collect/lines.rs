//! What each row below a header is: data, a total, a sentence, or something that only looks like
//! a row.

use super::block::{Block, ColumnMap, has_own_key, is_wide};
use super::furniture::{self, Numbering};
use super::sentences;
use super::text::compact;
use super::typing::known_code;
use super::workbook::{Cell, CellValue, Sheet, Shown};
use crate::definition::{Definition, Form};

#[derive(Debug, Clone, Copy)]
pub(super) struct SheetLine<'s> {
    pub row: u32,
    pub cells: &'s [Cell],
}

/// A 合计, 小计 or 总计 row.
#[derive(Debug, Clone)]
pub(super) struct TotalLine<'s> {
    pub line: SheetLine<'s>,
    pub label: String,
    pub kind: TotalKind,
    /// Data rows above it in the block.
    pub data_above: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TotalKind {
    /// 小计
    Group,
    /// 本页小计: over the rows from this one on.
    Page { from: usize },
    /// 合计
    Whole,
    /// 总计, 共计: over everything, also over 合计.
    Grand,
}

/// The rows of one block, sorted out.
#[derive(Debug, Default)]
pub(super) struct Lines<'s> {
    pub data: Vec<SheetLine<'s>>,
    pub totals: Vec<TotalLine<'s>>,
    /// Rows that are no data, with what they are.
    pub skipped: Vec<(u32, Skipped)>,
    /// The row under the header that may number the columns or be data; it is among the data.
    pub unclear: Option<u32>,
    /// Rows that say something in words; those of the footers are not among them.
    pub sentences: Vec<u32>,
    /// Rows below the footer that look like data, in order.
    pub outside: Vec<u32>,
    /// Cells of rows that hold nothing in a column with a title.
    pub stray: Vec<(u32, u16)>,
    /// Rows of each footer, the second one excluded: one a page.
    pub footers: Vec<(u32, u32)>,
    /// The table says 无 and nothing else.
    pub declared_empty: bool,
}

impl Lines<'_> {
    /// The rows that may say something in words, in order.
    pub(super) fn worded<'a>(&'a self, sheet: &'a Sheet) -> impl Iterator<Item = &'a [Cell]> {
        let sentences = self.sentences.iter().map(|&row| (row, row + 1));
        let mut ranges: Vec<(u32, u32)> = sentences.chain(self.footers.iter().copied()).collect();
        ranges.sort_unstable();
        let outside = |cells: &&[Cell]| self.outside.binary_search(&cells[0].row).is_ok();
        let rows = ranges.into_iter().flat_map(|(first, end)| sheet.rows_between(first, end));
        rows.filter(move |cells| !outside(cells))
    }
}

/// Why a row is no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Skipped {
    /// Column numbers that are certainly no data: 甲 乙 1 2.
    PrintedNumbers,
    /// Numbers in the order of the columns, which could be data.
    ColumnNumbers,
    UnitsOfMeasure,
    /// The titles and the header of the next printed page.
    PageBreak,
    Carried,
    PageMark,
    OfWhich,
    GroupHeading,
    /// Prepared, with formulas that give nothing but zeros.
    Prepared,
    /// Compared with the rows above it, like every total.
    UnnamedTotal,
}

impl Skipped {
    /// What every official form has under its titles and what is certainly no data: not worth a
    /// word in every file for ever.
    pub(super) fn is_of_the_printed_form(self) -> bool {
        matches!(self, Self::PrintedNumbers | Self::UnitsOfMeasure)
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::PrintedNumbers | Self::ColumnNumbers => "栏号",
            Self::UnitsOfMeasure => "计量单位",
            Self::PageBreak => "每页重复的标题和表头",
            Self::Carried => "转页的累计",
            Self::PageMark => "页码、续表、以下空白等",
            Self::OfWhich => "其中项",
            Self::GroupHeading => "分组标题",
            Self::Prepared => "预留的空行（只有公式）",
            Self::UnnamedTotal => "没有写明“合计”的合计行",
        }
    }
}

pub(super) fn sort_out<'s>(
    sheet: &'s Sheet,
    block: &Block,
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> Lines<'s> {
    let mut sorter = Sorter {
        sheet,
        block,
        columns,
        form,
        definition,
        lines: Lines::default(),
        under_header: true,
        page: None,
        page_from: 0,
        in_footer: false,
        nil_rows: Vec::new(),
    };
    for cells in sheet.rows_between(block.last_row + 1, block.end_row) {
        sorter.row(SheetLine { row: cells[0].row, cells });
    }
    sorter.finish()
}

struct Sorter<'a, 's> {
    sheet: &'s Sheet,
    block: &'a Block,
    columns: &'a ColumnMap,
    form: &'a Form,
    definition: &'a Definition,
    lines: Lines<'s>,
    /// Only column numbers and units of measure since the header.
    under_header: bool,
    /// First row of the page break that was last seen.
    page: Option<u32>,
    /// The first data row of the page.
    page_from: usize,
    in_footer: bool,
    nil_rows: Vec<u32>,
}

impl<'s> Sorter<'_, 's> {
    fn row(&mut self, line: SheetLine<'s>) {
        let SheetLine { row, cells } = line;
        if self.block.flat {
            return self.flat_row(line);
        }
        let pages = &self.block.skip[..];
        let page = pages[..pages.partition_point(|(from, _)| *from <= row)].last();
        if let Some(&(first, _)) = page.filter(|(_, to)| row <= *to) {
            if self.page.replace(first) != Some(first) {
                self.under_header = true;
                self.page_from = self.lines.data.len();
                self.close_footer(first);
            }
            return self.skip(row, Skipped::PageBreak);
        }
        let leading = cells.iter().find_map(Cell::text).unwrap_or_default();
        let labelled = super::surroundings::is_footer(leading);
        if self.in_footer || labelled && text_leads(cells) {
            return self.footer(line, labelled);
        }
        let under_header = self.under_header;
        if under_header && self.is_under_header(cells) {
            return;
        }
        self.under_header = false;
        let (columns, form) = (self.columns, self.form);
        if let Some((label, kind)) = total_label(cells, columns, form, self.definition) {
            let kind = match kind {
                TotalKind::Page { .. } => {
                    let from = std::mem::replace(&mut self.page_from, self.lines.data.len());
                    TotalKind::Page { from }
                }
                other => other,
            };
            let data_above = self.lines.data.len();
            self.lines.totals.push(TotalLine { line, label, kind, data_above });
        } else if says_none(cells, columns) {
            self.nil_rows.push(row);
        } else if furniture::is_carried(cells, columns, form) {
            self.skip(row, Skipped::Carried);
        } else if furniture::is_page_row(cells) {
            self.skip(row, Skipped::PageMark);
        } else if sentences::is_sentence_row(self.sheet, cells, columns, form) {
            self.lines.sentences.push(row);
        } else if cells.iter().all(|c| columns.field(c.column).is_none()) {
            // 序号 alone is a line that was prepared and not used.
            let stray = cells.iter().filter(|c| !columns.has_title(c.column));
            self.lines.stray.extend(stray.map(|c| (row, c.column)));
            if cells.iter().any(|c| c.text().is_some_and(|t| t.chars().any(char::is_alphabetic))) {
                self.skip(row, Skipped::GroupHeading);
            }
        } else if is_of_which(leading, cells, columns, form, self.definition) {
            self.skip(row, Skipped::OfWhich);
        } else if is_group_heading(self.sheet, cells, columns) {
            self.skip(row, Skipped::GroupHeading);
        } else if self.is_prepared(cells) {
            self.skip(row, Skipped::Prepared);
        } else {
            self.lines.data.push(line);
        }
    }

    /// A row that was laid flat holds nothing but its values.
    fn flat_row(&mut self, line: SheetLine<'s>) {
        let data_above = self.lines.data.len();
        match total_label(line.cells, self.columns, self.form, self.definition) {
            Some((label, kind)) => {
                self.lines.totals.push(TotalLine { line, label, kind, data_above });
            }
            None => self.lines.data.push(line),
        }
    }

    fn skip(&mut self, row: u32, what: Skipped) {
        self.lines.skipped.push((row, what));
    }

    /// Column numbers and units of measure directly under the titles.
    fn is_under_header(&mut self, cells: &[Cell]) -> bool {
        let row = cells[0].row;
        if furniture::names_units(cells, self.columns, self.form) {
            self.skip(row, Skipped::UnitsOfMeasure);
            return true;
        }
        match furniture::column_numbers(cells, self.columns, self.form, self.definition) {
            Some(Numbering::Printed) => {
                self.skip(row, Skipped::PrintedNumbers);
                true
            }
            Some(Numbering::Likely) => {
                self.skip(row, Skipped::ColumnNumbers);
                true
            }
            Some(Numbering::Unclear) => {
                self.lines.unclear.get_or_insert(row);
                false
            }
            None => false,
        }
    }

    fn footer(&mut self, line: SheetLine<'s>, labelled: bool) {
        let SheetLine { row, cells } = line;
        let (columns, form) = (self.columns, self.form);
        let mapped = cells.iter().filter(|c| columns.field(c.column).is_some()).count();
        let looks_like_data =
            mapped >= 2.max(columns.mapped.div_ceil(2)) || holds_numbers(cells, columns, form);
        // Two numbers behind a word that signs are a row of data that begins with that word.
        let numbers =
            cells.iter().filter(|cell| holds_numbers(std::slice::from_ref(*cell), columns, form));
        let is_data = if labelled {
            mapped >= columns.mapped.div_ceil(2) && numbers.count() >= 2
        } else {
            self.in_footer && looks_like_data
        };
        if is_data && !furniture::is_page_row(cells) {
            self.lines.outside.push(row);
        }
        if !self.in_footer {
            self.lines.footers.push((row, self.block.end_row));
        }
        self.in_footer = true;
    }

    fn close_footer(&mut self, before: u32) {
        if std::mem::take(&mut self.in_footer)
            && let Some((_, end)) = self.lines.footers.last_mut()
        {
            *end = before;
        }
    }

    /// A spare row of a prepared form: nobody typed anything into it, every formula gives zero,
    /// and no key says what it would be the row of. A zero that waits for its computation says
    /// nothing.
    fn is_prepared(&self, cells: &[Cell]) -> bool {
        let computed = |cell: &Cell| self.sheet.formula_at(cell.row, cell.column).is_some();
        let is_zero =
            |cell: &Cell| matches!(cell.value, CellValue::Number(number) if number == 0.0);
        let keyed = |cell: &Cell| {
            let name = self.columns.field(cell.column).map(|i| &self.form.fields[i].name);
            name.is_some_and(|name| self.form.primary_key.contains(name)) && !is_zero(cell)
        };
        let counts = |cell: &&Cell| !self.columns.counts_lines(cell.column);
        !self.sheet.stale
            && !self.form.primary_key.is_empty()
            && cells.iter().filter(counts).all(|c| is_zero(c) && !keyed(c) && computed(c))
    }

    fn finish(mut self) -> Lines<'s> {
        self.lines.declared_empty = !self.nil_rows.is_empty() && self.lines.data.is_empty();
        if !self.lines.declared_empty {
            // A row of 无 among data is data that cannot be read.
            self.lines.outside.extend(self.nil_rows);
            self.lines.outside.sort_unstable();
        }
        self.lines
    }
}

/// 无 and nothing else, behind the number of the line if it has one.
fn says_none(cells: &[Cell], columns: &ColumnMap) -> bool {
    let counts = |c: &&Cell| columns.counts_lines(c.column) && c.text().is_none();
    let mut said = cells.iter().filter(|c| !counts(c)).peekable();
    said.peek().is_some() && said.all(|c| c.text().is_some_and(|t| compact(t) == "无"))
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
    cells.first().is_some_and(|c| c.text().is_some())
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

/// What a label says that its row adds up.
fn total_kind(label: &str) -> Option<TotalKind> {
    match label {
        _ if furniture::is_page_total(label) => Some(TotalKind::Page { from: 0 }),
        "合计" | "合计数" | "总数" | "全县合计" => Some(TotalKind::Whole),
        "总计" | "共计" | "全县总计" => Some(TotalKind::Grand),
        "小计" => Some(TotalKind::Group),
        _ if label.chars().count() > 12 => None,
        _ if label.ends_with("小计") => Some(TotalKind::Group),
        _ if label.ends_with("合计") => Some(TotalKind::Whole),
        _ if label.ends_with("总计") => Some(TotalKind::Grand),
        _ => None,
    }
}

/// The label of a total row: one of the first two texts of the row.
fn total_label(
    cells: &[Cell],
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> Option<(String, TotalKind)> {
    for cell in cells.iter().filter(|c| c.text().is_some()).take(2) {
        let typed = cell.text()?;
        let text = compact(typed);
        let text = text.trim_end_matches([':', '、']);
        // 合计(4个)
        let before_brackets = || Some(text.strip_suffix(')')?.rsplit_once('(')?.0);
        let kind = total_kind(text).or_else(|| total_kind(before_brackets()?));
        if let Some(kind) = kind
            && !is_allowed(cell, text, columns, form, definition)
            && !has_own_key(cells, cell, columns, form)
        {
            return Some((typed.to_owned(), kind));
        }
    }
    None
}

/// `其中:女` as a row: a part of the row above, never a row of its own. Where rows are items it
/// is one, and an item that nobody declared is blamed at its cell.
fn is_of_which(
    leading: &str,
    cells: &[Cell],
    columns: &ColumnMap,
    form: &Form,
    definition: &Definition,
) -> bool {
    let text = compact(leading);
    let marked = text == "其中" || text.starts_with("其中:");
    let label = cells.iter().find(|c| c.text().is_some());
    let names_item = label.and_then(|c| columns.field(c.column)).is_some_and(|at| {
        form.items.as_ref().is_some_and(|items| items.field == form.fields[at].name)
    });
    marked && !names_item && !label.is_some_and(|c| is_allowed(c, &text, columns, form, definition))
}

/// One text merged over several columns: `一、乡镇`.
fn is_group_heading(sheet: &Sheet, cells: &[Cell], columns: &ColumnMap) -> bool {
    matches!(cells, [only] if only.text().is_some() && is_wide(sheet, only, columns))
}
