//! A return against the form that was handed out for it, where its workbook remembers one: another
//! edition, another unit's or month's, columns that are gone or moved, totals that were typed over.

use super::{Received, Shared};
use crate::collect::block::Block;
use crate::collect::findings::{Subject, clipped, quoted, with};
use crate::collect::lines::{Lines, TotalKind};
use crate::collect::reading::{CELLS_SHOWN, column_gone};
use crate::collect::workbook::{CellValue, Sheet, TemplateStamp};
use crate::definition::Form;
use crate::model::codes;
use crate::model::{CellRef, Finding, Period, ReturnFacts};

/// Did nobody fill in more than stood in the form when it was handed out? Where a blank says that
/// there is nothing, it may be filled in all the same.
pub(super) fn is_untouched(template: &TemplateStamp, form: &Form, facts: &ReturnFacts) -> bool {
    let prefilled = form.prefilled();
    let blank = |field: &usize| {
        let raw = facts.raw.get(*field).is_none_or(|raw| raw.iter().all(Option::is_none));
        let column = facts.columns.get(*field);
        raw && column.is_none_or(|column| (0..column.len()).all(|row| column.is_missing(row)))
    };
    let mut asked = (0..form.fields.len()).filter(|field| !prefilled.contains(field));
    template.editions.contains_key(&form.id)
        && !facts.rows.is_empty()
        && asked.clone().any(|field| form.fields[field].blank.is_none())
        && asked.all(|field| blank(&field))
}

/// A return and what it came from.
pub(super) struct Drift<'a> {
    pub template: &'a TemplateStamp,
    pub sheet: &'a Sheet,
    pub block: &'a Block,
    pub lines: &'a Lines<'a>,
    pub form: &'a Form,
    pub subject: &'a Subject,
    pub shared: &'a Shared<'a>,
}

impl Drift<'_> {
    /// What differs; nothing for a form that was not handed out in this workbook.
    pub(super) fn findings(&self, unit: Option<&str>, received: &Received) -> Vec<Finding> {
        let Some(edition) = self.template.editions.get(&self.form.id) else { return Vec::new() };
        let mut findings: Vec<Finding> = Vec::new();
        findings.extend(self.of_another(unit, &received.folder));
        if *edition == self.form.edition() {
            findings.extend(self.columns_gone());
            findings.extend(self.columns_moved());
        } else {
            // What the old form did not ask for cannot be missed.
            let message = format!("所用的“{}”表样是旧版，发出以后栏目改过", self.form.title);
            findings.push(self.subject.finding(codes::OLD_EDITION, Vec::new(), message));
        }
        findings.extend(self.totals_typed_over());
        findings
    }

    /// Names and opening stocks stand in a form already: those of its unit and period.
    fn of_another(&self, unit: Option<&str>, folder: &Period) -> Option<Finding> {
        let units = &self.shared.definition.units;
        let other_unit =
            units.get(&self.template.unit).filter(|u| unit.is_some_and(|own| own != u.code));
        let folder_of = Period::parse_regular(&self.template.folder);
        let other_folder = folder_of.filter(|other| other != folder);
        let of: Vec<String> = (other_unit.map(|unit| unit.name.clone()).into_iter())
            .chain(other_folder.map(|folder| folder.title()))
            .collect();
        if of.is_empty() {
            return None;
        }
        let seen = of.join(" ");
        let message = format!("所用的表样是发给{seen}的，预填的内容是它的");
        Some(with(self.subject.finding(codes::OTHERS_TEMPLATE, Vec::new(), message), seen, ""))
    }

    /// Columns that nothing else misses: without a word their numbers would be gone.
    fn columns_gone(&self) -> impl Iterator<Item = Finding> {
        let present = |field: usize| self.block.columns.iter().any(|c| c.field == Some(field));
        let fields = self.form.fields.iter().enumerate();
        let gone = fields.filter(move |(i, f)| !present(*i) && !f.required && !f.filled);
        gone.map(|(field, _)| {
            let definition = self.shared.definition;
            column_gone(codes::COLUMN_GONE, self.block, self.form, field, definition, self.subject)
        })
    }

    fn columns_moved(&self) -> Option<Finding> {
        let mut furthest = 0;
        let mut moved: Vec<(CellRef, String)> = Vec::new();
        for column in &self.block.columns {
            let Some(field) = column.field else { continue };
            if field < furthest {
                let title = clipped(&column.title, self.shared.definition);
                moved.push((CellRef::new(column.row, column.column), title));
            }
            furthest = furthest.max(field);
        }
        let titles: Vec<&str> = moved.iter().map(|(_, title)| title.as_str()).collect();
        let cells = moved.iter().take(CELLS_SHOWN).map(|(at, _)| *at).collect();
        let message = format!("{}不在表样原来的位置", quoted(&titles));
        (!moved.is_empty()).then(|| self.subject.finding(codes::COLUMNS_MOVED, cells, message))
    }

    /// Numbers where the form had the formula of a total.
    fn totals_typed_over(&self) -> Option<Finding> {
        let whole = self.lines.totals.iter().filter(|total| total.kind == TotalKind::Whole);
        let additive = |column: u16| {
            let mut columns = self.block.columns.iter();
            let field = columns.find(|c| c.column == column).and_then(|c| c.field);
            field.is_some_and(|field| self.form.fields[field].is_additive())
        };
        let typed: Vec<CellRef> = whole
            .flat_map(|total| total.line.cells)
            .filter(|cell| matches!(cell.value, CellValue::Number(_)) && additive(cell.column))
            .filter(|cell| self.sheet.formula_at(cell.row, cell.column).is_none())
            .map(|cell| CellRef::new(cell.row, cell.column))
            .collect();
        let message = format!("合计行有 {} 处公式被数字覆盖", typed.len());
        let cells = typed.iter().take(CELLS_SHOWN).copied().collect();
        (!typed.is_empty()).then(|| self.subject.finding(codes::TOTAL_TYPED_OVER, cells, message))
    }
}
