//! What a block says about itself: findings of its header, its odd rows and what is hidden.

use super::BlockReader;
use crate::collect::block::Block;
use crate::collect::findings::{Subject, clipped, with};
use crate::collect::lines::{Lines, Skipped};
use crate::collect::surroundings::segments;
use crate::collect::text::compact;
use crate::collect::typing::{self, CellRemark};
use crate::collect::workbook::Cell;
use crate::definition::{Definition, Field, FieldType, Form, Hidden};
use crate::model::codes;
use crate::model::handout::ASKS_FOR_NONE;
use crate::model::{CellRef, Finding, Level, PERSONAL, builtin};

/// More findings of one kind in one return help nobody.
pub(super) const MOST_OF_A_KIND: usize = 100;
/// Cells shown for notes that are counted.
pub(in crate::collect) const CELLS_SHOWN: usize = 5;

impl BlockReader<'_> {
    pub(super) fn problem(
        &mut self,
        code: &'static str,
        field: usize,
        cell: &Cell,
        expected: &str,
    ) {
        let at = CellRef::new(cell.row, cell.column);
        let seen = self.seen(field, cell);
        self.raise(code, field, at, seen, expected);
    }

    pub(super) fn seen(&self, field: usize, cell: &Cell) -> String {
        if self.form.fields[field].personal {
            return PERSONAL.to_owned();
        }
        clipped(&typing::raw_text(cell, self.sheet.from_1904), self.definition)
    }

    pub(super) fn raise(
        &mut self,
        code: &'static str,
        field: usize,
        at: CellRef,
        seen: String,
        expected: &str,
    ) {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        if *count > MOST_OF_A_KIND {
            return;
        }
        let title = &self.form.fields[field].title;
        let what = builtin(code).map_or("", |c| c.title);
        let message = if seen.is_empty() {
            format!("“{title}”{what}")
        } else {
            format!("“{title}”填“{seen}”：{what}")
        };
        let finding = self.subject.finding(code, vec![at], message);
        self.findings.push(with(finding, seen, expected));
    }

    pub(super) fn note(&mut self, code: &'static str, field: Option<usize>, at: CellRef) {
        let noted = self.notes.entry((code, field)).or_default();
        noted.count += 1;
        if noted.cells.len() < CELLS_SHOWN {
            noted.cells.push(at);
        }
    }

    pub(super) fn remark(&mut self, remark: CellRemark, field: usize, cell: &Cell) {
        let at = CellRef::new(cell.row, cell.column);
        let is_note = builtin(remark.code).is_some_and(|c| c.level == Level::Hint);
        if is_note {
            self.note(remark.code, None, at);
        } else if remark.code == codes::MISSING_MARK {
            self.note(remark.code, Some(field), at);
        } else {
            self.problem(remark.code, field, cell, &remark.expected);
        }
    }

    pub(super) fn header_findings(&mut self) {
        let header_cell = |column: u16, row: u32| vec![CellRef::new(row, column)];
        // A column that stands where a field is missed is named with that.
        let replaces = |index: &usize| self.block.in_place_of(*index, self.form.fields.len());
        let renamed: Vec<u16> =
            self.missing_fields().iter().filter_map(replaces).map(|column| column.column).collect();
        for column in &self.block.columns {
            let named = renamed.contains(&column.column);
            if column.field.is_none() && !column.counts_lines && !named {
                let title = clipped(&column.title, self.definition);
                let repeated = self.block.repeated.iter().find(|(_, c)| *c == column.column);
                let (code, message) = match repeated {
                    Some(&(field, _)) => {
                        let title = &self.form.fields[field].title;
                        let message = format!("“{title}”在表头出现两次，分不清采用哪一列");
                        (codes::REPEATED_COLUMN, message)
                    }
                    None => {
                        let message = format!("“{title}”不是“{}”的栏目，未读取", self.form.title);
                        (codes::UNKNOWN_COLUMN, message)
                    }
                };
                let at = header_cell(column.column, column.row);
                self.findings.push(with(self.subject.finding(code, at, message), title, ""));
            }
            if let (Some(field), Some(unit)) = (column.field, &column.unit) {
                let field = &self.form.fields[field];
                if let Some(expected) = other_unit(field, unit) {
                    let at = CellRef::new(column.row, column.column);
                    self.findings.push(unit_unlike(self.subject, at, field, unit, &expected));
                }
            }
        }
        let (block, form, definition) = (self.block, self.form, self.definition);
        for index in self.missing_fields() {
            let code = codes::MISSING_COLUMN;
            self.findings.push(column_gone(code, block, form, index, definition, self.subject));
        }
        self.units_above();
        if !self.block.rivals.is_empty() {
            let first = self.block.columns.first().map_or(0, |c| c.column);
            let at = header_cell(first, self.block.first_row);
            let (title, rivals) = (&self.form.title, self.block.rivals.len());
            let message = format!("表头与“{title}”和另外 {rivals} 张表同样相符");
            self.findings.push(self.subject.finding(codes::FORM_AMBIGUOUS, at, message));
        }
    }

    /// Fields that must have a column and have none.
    fn missing_fields(&self) -> Vec<usize> {
        let fields = self.form.fields.iter().zip(&self.column_at).enumerate();
        let missing = fields.filter(|(_, (f, at))| at.is_none() && (f.required || f.filled));
        missing.map(|(index, _)| index).collect()
    }

    /// `单位：元` above the table, where a column without a unit of its own counts in 万元.
    fn units_above(&mut self) {
        let rows = self.sheet.rows_between(self.block.title_row, self.block.first_row);
        let mut stated: Vec<(CellRef, String)> = Vec::new();
        for cell in rows.flatten() {
            let Some(text) = cell.text().map(compact) else { continue };
            for segment in segments(&text).iter().filter(|s| s.label.may_measure()) {
                let words = segment.value.split(['、', ',', ';', '/']).map(str::to_owned);
                let at = CellRef::new(cell.row, cell.column);
                stated.extend(words.filter(|word| !word.is_empty()).map(|word| (at, word)));
            }
        }
        for column in self.block.columns.iter().filter(|column| column.unit.is_none()) {
            let Some(field) = column.field.map(|index| &self.form.fields[index]) else { continue };
            let declared = compact(&field.unit);
            let base = |unit: &str| unit.trim_start_matches(['千', '万', '亿']).to_owned();
            if declared.is_empty() || stated.iter().any(|(_, word)| *word == declared) {
                continue;
            }
            let other = stated.iter().find(|(_, word)| base(word) == base(&declared));
            if let Some((at, unit)) = other {
                self.findings.push(unit_unlike(self.subject, *at, field, unit, &declared));
            }
        }
    }

    pub(super) fn check_lines(&mut self, lines: &Lines) {
        let units = lines.skipped.iter().filter(|(_, what)| *what == Skipped::UnitsOfMeasure);
        for cell in units.flat_map(|&(row, _)| self.sheet.rows_between(row, row + 1)).flatten() {
            let field = self.columns.field(cell.column).map(|index| &self.form.fields[index]);
            let (Some(field), Some(text)) = (field, cell.text().map(compact)) else { continue };
            let unit = text.trim_matches(['(', ')']);
            if let Some(expected) =
                other_unit(field, unit).filter(|_| unit.chars().any(char::is_alphabetic))
            {
                let at = CellRef::new(cell.row, cell.column);
                self.findings.push(unit_unlike(self.subject, at, field, unit, &expected));
            }
        }
        let at = |rows: &[u32], column: u16| {
            rows.iter().take(CELLS_SHOWN).map(|&row| CellRef::new(row, column)).collect::<Vec<_>>()
        };
        let first = self.block.columns.first().map_or(0, |c| c.column);
        if let Some(row) = lines.unclear {
            let message = format!("第 {} 行既像栏号，又像数据，分不清是哪一种", row + 1);
            let finding = self.subject.finding(codes::NUMBERS_OR_DATA, at(&[row], first), message);
            self.findings.push(finding);
        }
        if !lines.outside.is_empty() {
            let message = format!("表尾之后还有 {} 行像是数据，未读取", lines.outside.len());
            self.findings.push(self.subject.finding(
                codes::ROWS_OUTSIDE,
                at(&lines.outside, first),
                message,
            ));
        }
        let unanswered = lines.data.is_empty() && !lines.declared_empty && self.asks_for_none();
        if lines.data.is_empty() && (!self.form.may_be_empty || unanswered) {
            let none = if unanswered { "，也没有填“无”" } else { "" };
            let message = format!("“{}”没有一行数据{none}", self.form.title);
            self.findings.push(self.subject.finding(codes::EMPTY_RETURN, Vec::new(), message));
        }
        let unknown = |cell: &&Cell| !self.columns.has_title(cell.column);
        let beside = lines.data.iter().flat_map(|l| l.cells).filter(unknown);
        let beside = beside.map(|cell| (cell.row, cell.column));
        let mut stray: Vec<CellRef> = Vec::new();
        let mut count = 0;
        for (row, column) in beside.chain(lines.stray.iter().copied()) {
            count += 1;
            if stray.len() < CELLS_SHOWN {
                stray.push(CellRef::new(row, column));
            }
        }
        if count > 0 {
            let message = format!("没有栏名的列中有 {count} 个单元格有内容，未读取");
            self.findings.push(self.subject.finding(codes::DATA_WITHOUT_HEADER, stray, message));
        }
    }

    /// Does the form ask for the word 无 where there is nothing?
    fn asks_for_none(&self) -> bool {
        let above = self.sheet.rows_between(self.block.title_row, self.block.first_row);
        let asks = |text: &str| compact(text).contains(&*compact(ASKS_FOR_NONE));
        above.flat_map(|cells| cells.iter()).filter_map(Cell::text).any(asks)
    }

    pub(super) fn hidden_findings(&mut self, lines: &Lines) {
        let rows: Vec<u32> =
            lines.data.iter().map(|l| l.row).filter(|&row| self.sheet.is_row_hidden(row)).collect();
        let refuse = self.form.hidden == Hidden::Refuse;
        let first = self.block.columns.first().map_or(0, |c| c.column);
        if !rows.is_empty() {
            let code = if refuse { codes::HIDDEN_REFUSED } else { codes::HIDDEN_ROWS };
            let cells = rows.iter().take(CELLS_SHOWN).map(|&r| CellRef::new(r, first)).collect();
            let taken = if refuse { "本表不收" } else { "已计入" };
            let message = format!("{} 个隐藏行中有数据，{taken}", rows.len());
            self.findings.push(self.subject.finding(code, cells, message));
        }
        for column in &self.block.columns {
            let Some(field) = column.field else { continue };
            let holds_data =
                || lines.data.iter().any(|l| l.cells.iter().any(|c| c.column == column.column));
            if self.sheet.is_column_hidden(column.column) && holds_data() {
                let code = if refuse { codes::HIDDEN_REFUSED } else { codes::HIDDEN_COLUMNS };
                let title = &self.form.fields[field].title;
                let taken = if refuse { "本表不收" } else { "已计入" };
                let cells = vec![CellRef::new(column.row, column.column)];
                let message = format!("“{title}”一列被隐藏，其中有数据，{taken}");
                self.findings.push(self.subject.finding(code, cells, message));
            }
        }
    }
}

/// A column of the form that is not on the sheet, with what stands in its place.
pub(in crate::collect) fn column_gone(
    code: &str,
    block: &Block,
    form: &Form,
    field: usize,
    definition: &Definition,
    subject: &Subject,
) -> Finding {
    let title = &form.fields[field].title;
    let other = block.in_place_of(field, form.fields.len());
    let seen = other.map(|column| clipped(&column.title, definition)).unwrap_or_default();
    let renamed = other.map_or(String::new(), |_| format!("，它的位置上写的是“{seen}”"));
    let at = other.map(|column| CellRef::new(column.row, column.column)).into_iter().collect();
    let finding = subject.finding(code, at, format!("表头没有“{title}”一栏{renamed}"));
    with(finding, seen, title)
}

fn unit_unlike(
    subject: &Subject,
    at: CellRef,
    field: &Field,
    unit: &str,
    expected: &str,
) -> Finding {
    let message = format!("“{}”的计量单位写成“{unit}”，规定为“{expected}”", field.title);
    with(subject.finding(codes::COLUMN_UNIT, vec![at], message), unit, expected)
}

/// The declared unit when a header states one of another scale: 元 for 万元, or `%` for a count.
pub(super) fn other_unit(field: &Field, header: &str) -> Option<String> {
    if field.kind == FieldType::Percent {
        return (header != "%").then(|| "%".to_owned());
    }
    let declared = crate::collect::text::compact(&field.unit).into_owned();
    if declared.is_empty() || declared == header {
        return None;
    }
    let scale =
        |unit: &str| unit.chars().next().filter(|c| matches!(c, '千' | '万' | '亿' | '%' | '‰'));
    (scale(&declared) != scale(header)).then_some(declared)
}
