//! Turns one block of a sheet into the typed rows of a return, with findings for whatever could
//! not be read with certainty.

mod remarks;
mod sums;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::block::{Block, ColumnMap};
use super::findings::{Subject, with};
use super::lines::{Lines, SheetLine, TotalKind, TotalLine, sort_out};
use super::text::compact;
use super::typing::{self, ReadAs, Reading, Typed};
use super::workbook::{Cell, CellValue, Doubt, Sheet, Shown};
use crate::definition::{Definition, Field, FieldType, Form};
use crate::model::codes;
use crate::model::{
    CellRef, ColumnBuilder, ColumnType, Decimal, Finding, ReturnFacts, TotalRow, builtin,
    column_letters, date_text,
};
use remarks::MOST_OF_A_KIND;
pub(super) use remarks::{CELLS_SHOWN, column_gone};

/// What the rows of a block gave.
pub(super) struct BlockReading<'s> {
    pub facts: ReturnFacts,
    pub findings: Vec<Finding>,
    pub lines: Lines<'s>,
}

/// Reads the rows of a block. The facts carry unit and period of the subject.
pub(super) fn read_block<'s>(
    sheet: &'s Sheet,
    block: &Block,
    definition: &Definition,
    form: &Form,
    subject: &Subject,
) -> BlockReading<'s> {
    let columns = ColumnMap::new(block);
    let mut lines = sort_out(sheet, block, &columns, form, definition);
    let mut reader = BlockReader::new(sheet, block, definition, form, subject, &columns, &lines);
    reader.name_totals(&mut lines);
    reader.header_findings();
    reader.check_lines(&lines);
    for line in &lines.data {
        reader.data_row(line);
    }
    let totals = reader.totals(&lines);
    reader.hidden_findings(&lines);
    let (facts, mut findings) = reader.finish(totals, &lines);
    findings.extend(sums::like_totals(&facts, form, subject));
    BlockReading { facts, findings, lines }
}

/// The code of a counted remark and, where each column is counted apart, its field.
type NoteKind = (&'static str, Option<usize>);

/// How many cells a remark concerns, and the first of them.
#[derive(Debug, Default)]
struct Counted {
    count: usize,
    cells: Vec<CellRef>,
}

struct BlockReader<'a> {
    sheet: &'a Sheet,
    block: &'a Block,
    definition: &'a Definition,
    form: &'a Form,
    subject: &'a Subject,
    columns: &'a ColumnMap,
    targets: Vec<ReadAs<'a>>,
    column_at: Vec<Option<u16>>,
    /// Least and greatest value of each number field.
    ranges: Vec<(Option<Decimal>, Option<Decimal>)>,
    values: Vec<ColumnBuilder>,
    /// The data rows so far.
    rows: usize,
    /// One entry a row, of a field up to the last row that has one.
    raw: Vec<Vec<Option<Box<str>>>>,
    places: Vec<Vec<Option<u8>>>,
    /// Cells covered by a vertically merged region → its first cell.
    covered: BTreeMap<(u32, u16), (u32, u16)>,
    /// First cells of regions merged over several number columns.
    wide: BTreeSet<(u32, u16)>,
    /// Cells that are blank because a number is merged over them: the number is blamed.
    under_number: BTreeSet<(u32, u16)>,
    findings: Vec<Finding>,
    /// Findings a code so far, for the cap.
    counts: BTreeMap<&'static str, usize>,
    /// Counted remarks.
    notes: BTreeMap<NoteKind, Counted>,
}

impl<'a> BlockReader<'a> {
    fn new(
        sheet: &'a Sheet,
        block: &'a Block,
        definition: &'a Definition,
        form: &'a Form,
        subject: &'a Subject,
        columns: &'a ColumnMap,
        lines: &Lines,
    ) -> Self {
        let mut column_at = vec![None; form.fields.len()];
        let mut header_percent = vec![false; form.fields.len()];
        for column in &block.columns {
            if let Some(i) = column.field {
                column_at[i] = Some(column.column);
                header_percent[i] =
                    column.unit.as_deref() == Some("%") || column.title.ends_with('%');
            }
        }
        let targets = form
            .fields
            .iter()
            .zip(&header_percent)
            .map(|(field, &header_percent)| ReadAs {
                field,
                codes: definition.codelist_of(field),
                header_percent,
                from_1904: sheet.from_1904,
                only_text: sheet.only_text,
            })
            .collect();
        let (fields, rows) = (form.fields.len(), lines.data.len());
        let types = form.column_types().into_iter();
        let mut reader = Self {
            sheet,
            block,
            definition,
            form,
            subject,
            columns,
            targets,
            column_at,
            ranges: form.fields.iter().map(Field::range).collect(),
            values: types.map(|kind| ColumnBuilder::new(kind, rows)).collect(),
            rows: 0,
            raw: vec![Vec::new(); fields],
            places: vec![Vec::new(); fields],
            covered: BTreeMap::new(),
            wide: BTreeSet::new(),
            under_number: BTreeSet::new(),
            findings: Vec::new(),
            counts: BTreeMap::new(),
            notes: BTreeMap::new(),
        };
        reader.find_covered();
        reader
    }

    /// Text columns are filled down inside a merged region, and only there.
    fn find_covered(&mut self) {
        for region in self.sheet.merged.beginning_in(self.block.last_row + 1, self.block.end_row) {
            let (first, column) = (region.first_row, region.first_column);
            let last = region.last_column.min(column.saturating_add(255));
            let over = (column..=last).filter_map(|c| self.columns.field(c));
            if over.filter(|&f| self.form.fields[f].kind.is_number()).count() > 1 {
                self.wide.insert((first, column));
                // Words over them leave them blank.
                if self.sheet.cell(first, column).is_some_and(holds_digits) {
                    self.under_number.extend((column + 1..=last).map(|c| (first, c)));
                }
            }
            let tall = region.last_row > first && region.last_row - first < 10_000;
            let Some(field) = self.columns.field(column).filter(|_| tall) else {
                continue;
            };
            let Some(cell) = self.sheet.cell(first, column) else { continue };
            if self.form.fields[field].kind.is_number() {
                self.problem(codes::NUMBER_IN_MERGE, field, cell, "每行一个数");
                self.under_number.extend((first + 1..=region.last_row).map(|row| (row, column)));
            } else {
                self.covered.extend(
                    (first + 1..=region.last_row).map(|row| ((row, column), (first, column))),
                );
            }
        }
    }

    fn data_row(&mut self, line: &SheetLine<'a>) {
        self.rows += 1;
        self.values.iter_mut().for_each(ColumnBuilder::push_missing);
        let mut bad = vec![false; self.form.fields.len()];
        let mut undecided: Vec<(usize, &Cell, Decimal, Option<u8>)> = Vec::new();
        for cell in line.cells {
            let Some(field) = self.columns.field(cell.column) else { continue };
            if self.wide.contains(&(cell.row, cell.column)) && holds_digits(cell) {
                // One number across several columns: nobody can say whose it is.
                bad[field] = true;
                self.keep_raw(field, cell);
                self.problem(codes::NUMBER_IN_MERGE, field, cell, "每列一个数");
                continue;
            }
            self.doubts(field, cell);
            self.data_cell(field, cell, &mut bad, &mut undecided);
        }
        // What is merged from above, where the row has nothing of its own.
        if !self.covered.is_empty() {
            for field in 0..self.column_at.len() {
                let Some(column) = self.column_at[field] else { continue };
                let Some(&(row, column)) = self.covered.get(&(line.row, column)) else { continue };
                if let Some(cell) = self.sheet.cell(row, column) {
                    self.data_cell(field, cell, &mut bad, &mut undecided);
                }
            }
        }
        for (field, cell, value, places) in undecided {
            self.decide(field, cell, value, places, &mut bad);
        }
        for (field, definition) in self.form.fields.iter().enumerate() {
            if let Some(column) = self.column_at[field].filter(|_| definition.filled && !bad[field])
                && self.values[field].is_last_missing()
                && !self.under_number.contains(&(line.row, column))
            {
                let at = CellRef::new(line.row, column);
                self.raise(codes::BLANK_CELL, field, at, String::new(), "不得空白");
            }
        }
    }

    fn data_cell<'c>(
        &mut self,
        field: usize,
        cell: &'c Cell,
        bad: &mut [bool],
        undecided: &mut Vec<(usize, &'c Cell, Decimal, Option<u8>)>,
    ) {
        let Reading { typed, remark } = typing::read(cell, &self.targets[field]);
        if let Some(remark) = remark {
            // A mark instead of a number leaves it missing, which a filled field may not be.
            bad[field] = typed == Typed::Missing && remark.code != codes::MISSING_MARK;
            self.remark(remark, field, cell);
        }
        if let Typed::AmbiguousPercent(value, places) = typed {
            undecided.push((field, cell, value, places));
            return;
        }
        self.set(field, cell, typed, bad);
    }

    /// What the file itself makes doubtful about a stored value.
    fn doubts(&mut self, field: usize, cell: &Cell) {
        // An error is wrong, stale or not.
        let is_error = matches!(cell.value, CellValue::Error(_));
        if self.sheet.stale && !is_error && self.is_computed(cell) {
            self.problem(codes::STALE_RESULT, field, cell, "重新计算后的结果");
        }
        let at = CellRef::new(cell.row, cell.column);
        let kind = self.form.fields[field].kind;
        let mut in_part = false;
        for doubt in self.sheet.doubts_at(cell.row, cell.column) {
            match doubt {
                Doubt::ShownInstead => self.problem(codes::SHOWN_INSTEAD, field, cell, ""),
                Doubt::Struck => self.note(codes::STRUCK_OUT, None, at),
                Doubt::ShowsIn(scale) if self.counts_in(field, scale) => {}
                Doubt::ShowsOther | Doubt::ShowsIn(_) if kind != FieldType::Boolean => {
                    self.problem(codes::SHOWS_OTHER, field, cell, "显示的与所存的相同");
                }
                Doubt::DayUnseen => in_part |= kind == FieldType::Date,
                Doubt::MonthUnseen | Doubt::YearUnseen => {
                    in_part |= matches!(kind, FieldType::Date | FieldType::Month);
                }
                Doubt::ShowsOther | Doubt::ShowsIn(_) => {}
            }
        }
        if in_part {
            self.note(codes::DATE_IN_PART, Some(field), at);
        }
    }

    /// Is it in this that the field counts?
    fn counts_in(&self, field: usize, scale: char) -> bool {
        let field = &self.form.fields[field];
        let is_percent = field.kind == FieldType::Percent && matches!(scale, '%' | '％');
        compact(&field.unit).starts_with(scale) || is_percent
    }

    /// Does the cell hold a formula's stored result?
    fn is_computed(&self, cell: &Cell) -> bool {
        !cell.is_uncomputed() && self.sheet.formula_at(cell.row, cell.column).is_some()
    }

    fn decide(
        &mut self,
        field: usize,
        cell: &Cell,
        value: Decimal,
        places: Option<u8>,
        bad: &mut [bool],
    ) {
        let definition = &self.form.fields[field];
        let decided = definition.ratio_of.as_ref().and_then(|[numerator, denominator]| {
            let last = |name: &str| {
                let column = &self.values[self.form.field_index(name)?];
                column.last_number().filter(|_| column.kind() == ColumnType::Integer)
            };
            typing::decide_percent(value, last(numerator)?, last(denominator)?)
        });
        let Some(percent) = decided else {
            bad[field] = true;
            self.keep_raw(field, cell);
            self.problem(codes::PERCENT_AMBIGUOUS, field, cell, "如 95%");
            return;
        };
        let places = if percent == value { places } else { places.map(|p| p.saturating_sub(2)) };
        match typing::fit_exactly(percent, definition) {
            Ok(units) => {
                self.note(codes::PERCENT_DECIDED, None, CellRef::new(cell.row, cell.column));
                self.set(field, cell, Typed::Decimal(units, places), bad);
            }
            Err(remark) => {
                bad[field] = true;
                self.keep_raw(field, cell);
                self.remark(remark, field, cell);
            }
        }
    }

    /// G-03: the number stays, the return is sent back.
    fn check_range(&mut self, field: usize, cell: &Cell, value: Decimal) {
        let (minimum, maximum) = self.ranges[field];
        let expected = match (minimum, maximum) {
            (Some(least), _) if value < least => format!("不小于 {least}"),
            (_, Some(most)) if value > most => format!("不大于 {most}"),
            _ => return,
        };
        self.problem(codes::OUTSIDE_RANGE, field, cell, &expected);
    }

    /// Puts the value into the last row and keeps what was typed, where it prints otherwise.
    fn set(&mut self, field: usize, cell: &Cell, typed: Typed, bad: &mut [bool]) {
        match typed {
            Typed::Integer(v) => self.check_range(field, cell, Decimal::integer(v)),
            Typed::Decimal(v, _) => {
                let places = self.form.fields[field].decimals;
                self.check_range(field, cell, Decimal::new(v.into(), places));
            }
            _ => {}
        }
        let column = &mut self.values[field];
        let shown_differs = match (column.kind(), typed) {
            (ColumnType::Integer, Typed::Integer(v)) => {
                column.set_last_number(v);
                !matches!(&cell.value, CellValue::Number(_))
                    && !is_text(cell, |t| t == v.to_string())
            }
            (ColumnType::Decimal(places), Typed::Decimal(v, shown)) => {
                column.set_last_number(v);
                set_last(&mut self.places[field], self.rows, shown);
                // Compared as printed, with all places.
                typing::raw_text(cell, false) != Decimal::new(v.into(), places).to_string()
            }
            (ColumnType::Date, Typed::Date(v)) => {
                column.set_last_number(v.into());
                let stored =
                    matches!(cell.value, CellValue::Number(_)) && cell.shown == Shown::Date;
                !stored && !is_text(cell, |t| t == date_text(v))
            }
            (ColumnType::Boolean, Typed::Boolean(v)) => {
                column.set_last_truth(v);
                !is_text(cell, |t| t == if v { "是" } else { "否" })
            }
            (ColumnType::Text, Typed::Text(v)) => {
                let same = match &cell.value {
                    CellValue::Text(text) => Arc::ptr_eq(text, &v) || **text == *v,
                    _ => typing::raw_text(cell, self.sheet.from_1904) == *v,
                };
                column.set_last_text(v);
                !same
            }
            (ColumnType::Text, Typed::Ditto) => {
                match column.text_above() {
                    Some(text) => {
                        column.set_last_text(text);
                        let at = CellRef::new(cell.row, cell.column);
                        self.note(codes::DITTO_MARK, None, at);
                    }
                    None => {
                        bad[field] = true;
                        self.problem(
                            codes::CODE_UNKNOWN,
                            field,
                            cell,
                            "上一行没有内容，请直接填写",
                        );
                    }
                }
                true
            }
            // Missing, though something is typed.
            _ => true,
        };
        if shown_differs {
            self.keep_raw(field, cell);
        }
    }

    fn keep_raw(&mut self, field: usize, cell: &Cell) {
        let typed = typing::raw_text(cell, self.sheet.from_1904).into_boxed_str();
        set_last(&mut self.raw[field], self.rows, Some(typed));
    }

    // Totals.

    fn totals(&mut self, lines: &Lines<'a>) -> Vec<TotalRow> {
        let covered = covered_rows(&lines.totals, lines.data.len());
        let mut totals = Vec::new();
        for (total, (first, end)) in lines.totals.iter().zip(covered) {
            let mut values = Vec::new();
            for cell in total.line.cells {
                let Some(field) = self.columns.field(cell.column) else { continue };
                let definition = &self.form.fields[field];
                if !definition.kind.is_number() {
                    continue;
                }
                let stale = self.sheet.stale && self.is_computed(cell);
                if (cell.is_uncomputed() || stale)
                    && self.adds_up(cell, &lines.data[first..end], &lines.totals)
                {
                    // It will say what we compute: nobody typed a number that could differ.
                    continue;
                }
                if cell.is_uncomputed() || stale {
                    // A total is only compared: without a result there is nothing to compare.
                    let at = CellRef::new(cell.row, cell.column);
                    self.note(codes::TOTAL_NOT_COMPUTED, None, at);
                    continue;
                }
                let Reading { typed, remark } = typing::read(cell, &self.targets[field]);
                if let Some(remark) = remark
                    && remark.code != codes::MISSING_MARK
                    && definition.is_additive()
                {
                    self.remark(remark, field, cell);
                }
                match typed {
                    Typed::Integer(v) => values.push((field, cell.column, Decimal::integer(v))),
                    Typed::Decimal(v, _) => {
                        values.push((
                            field,
                            cell.column,
                            Decimal::new(v.into(), definition.decimals),
                        ));
                    }
                    _ => {}
                }
            }
            totals.push(TotalRow {
                row: total.line.row,
                label: total.label.clone(),
                subtotal: matches!(total.kind, TotalKind::Group | TotalKind::Page { .. }),
                first,
                end,
                step: 1,
                values,
            });
        }
        totals
    }

    /// Does a formula add up its own column over exactly these rows (and empty ones)?
    fn adds_up(&self, cell: &Cell, rows: &[SheetLine], totals: &[TotalLine]) -> bool {
        let formula = self.sheet.formula_at(cell.row, cell.column);
        let Some((first, last)) = formula.and_then(|f| summed_rows(f, cell.column)) else {
            return false;
        };
        let inside = |row: u32| (first..=last).contains(&row);
        // With another total among them, rows would count twice.
        rows.iter().all(|line| inside(line.row)) && !totals.iter().any(|t| inside(t.line.row))
    }

    fn finish(mut self, totals: Vec<TotalRow>, lines: &Lines) -> (ReturnFacts, Vec<Finding>) {
        for (&code, &count) in &self.counts {
            if count > MOST_OF_A_KIND {
                let title = builtin(code).map_or("", |c| c.title);
                let message = format!("“{title}”另有 {} 处，未逐一列出", count - MOST_OF_A_KIND);
                self.findings.push(self.subject.finding(code, Vec::new(), message));
            }
        }
        for (&(code, field), Counted { count, cells }) in &self.notes {
            let title = builtin(code).map_or("", |c| c.title);
            let more = if *count > cells.len() { "（列出前几处）" } else { "" };
            let column =
                field.map_or(String::new(), |f| format!("“{}”", self.form.fields[f].title));
            let message = format!("{column}{title} {count} 处{more}");
            let finding = self.subject.finding(code, cells.clone(), message);
            let seen = match (field, cells.first()) {
                (Some(f), Some(at)) => {
                    self.sheet.cell(at.row, at.column).map_or(String::new(), |c| self.seen(f, c))
                }
                _ => String::new(),
            };
            self.findings.push(with(finding, seen, ""));
        }
        for raw in &mut self.raw {
            if !raw.is_empty() {
                raw.resize(self.rows, None);
            }
        }
        for (places, field) in self.places.iter_mut().zip(&self.form.fields) {
            if !field.kind.is_fractional() || places.iter().all(Option::is_none) {
                *places = Vec::new();
            } else {
                places.resize(self.rows, None);
            }
        }
        let totals_at = totals.iter().map(|t| t.row);
        let rows: BTreeSet<u32> = lines.data.iter().map(|l| l.row).chain(totals_at).collect();
        let own =
            |row: u32, column: u16| rows.contains(&row) && self.columns.field(column).is_some();
        let formulas = self
            .sheet
            .formulas_of(self.block.last_row + 1, self.block.end_row)
            .iter()
            .filter(|(row, column, _)| own(*row, *column))
            .map(|(row, column, formula)| (CellRef::new(*row, *column), formula.clone()))
            .collect();
        let facts = ReturnFacts {
            form: self.form.id.clone(),
            unit: self.subject.unit.clone(),
            period: self.subject.period.clone(),
            folder: self.subject.folder.clone(),
            file: self.subject.file.clone(),
            sheet: self.subject.sheet.clone(),
            columns: self.values.into_iter().map(ColumnBuilder::finish).collect(),
            column_at: self.column_at,
            rows: lines.data.iter().map(|l| l.row).collect(),
            placed: BTreeMap::new(),
            raw: self.raw,
            shown_places: self.places,
            totals,
            filed_on: None,
            formulas,
            sentences: Vec::new(),
        };
        (facts, self.findings)
    }
}

/// The zero-based rows of `SUM(D6:D25)` over one column, also where nothing typed gives nothing:
/// `IF(COUNT(D6:D25)=0,"",SUM(D6:D25))`.
fn summed_rows(formula: &str, column: u16) -> Option<(u32, u32)> {
    let plain: String = formula.chars().filter(|c| *c != '$').collect();
    let plain = plain.trim_start_matches('=');
    let sum = match plain.split_once(r#"=0,"","#) {
        Some((asked, sum)) => {
            let range = asked.strip_prefix("IF(COUNT(")?.strip_suffix(')')?;
            sum.strip_suffix(')').filter(|sum| *sum == format!("SUM({range})"))?
        }
        None => plain,
    };
    let (from, to) = sum.strip_prefix("SUM(")?.strip_suffix(')')?.split_once(':')?;
    let letters = column_letters(column);
    let row = |end: &str| end.strip_prefix(&letters)?.parse::<u32>().ok()?.checked_sub(1);
    Some((row(from)?, row(to)?))
}

/// The entry of the last of so many rows.
fn set_last<T: Clone>(entries: &mut Vec<Option<T>>, rows: usize, entry: Option<T>) {
    entries.resize(rows, None);
    if let Some(last) = entries.last_mut() {
        *last = entry;
    }
}

fn is_text(cell: &Cell, same: impl Fn(&str) -> bool) -> bool {
    matches!(&cell.value, CellValue::Text(text) if same(text))
}

fn holds_digits(cell: &Cell) -> bool {
    match &cell.value {
        CellValue::Number(_) => true,
        CellValue::Text(text) => text.contains(char::is_numeric),
        _ => false,
    }
}

/// Which data rows each total covers, half open.
fn covered_rows(totals: &[TotalLine], rows: usize) -> Vec<(usize, usize)> {
    // Where totals stand above their rows, the first line is a total.
    let on_top = totals.first().is_some_and(|t| t.data_above == 0) && rows > 0;
    let mut covered = Vec::with_capacity(totals.len());
    let mut group_from = 0;
    let mut whole = (0, 0);
    for (i, total) in totals.iter().enumerate() {
        let at = total.data_above;
        let range = match total.kind {
            TotalKind::Group if on_top => {
                let next = totals[i + 1..].iter().find(|t| t.kind == TotalKind::Group);
                (at, next.map_or(rows, |t| t.data_above))
            }
            TotalKind::Group => (std::mem::replace(&mut group_from, at), at),
            TotalKind::Page { from } => (from, at),
            TotalKind::Grand => (0, if at == 0 { rows } else { at }),
            // 合计 above its rows covers all of them.
            TotalKind::Whole if at == 0 => (0, rows),
            // 合计 once more without a row between them says the same again.
            TotalKind::Whole if at == whole.1 => whole,
            TotalKind::Whole => {
                whole = (whole.1, at);
                whole
            }
        };
        covered.push(range);
    }
    covered
}

#[cfg(test)]
mod tests;
