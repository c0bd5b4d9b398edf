//! What changed in a return, cell by cell: what the report's lineage recorded against what is read
//! now, and whether the return still counts.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Recomputed;
use crate::definition::Definition;
use crate::lineage::{self, Lineage, UsedTable};
use crate::model::{CellRef, Period, Receipt, ReturnFacts};

/// A return in a changed file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReturnChange {
    /// `甲镇 办件月报 2013年10月`
    pub title: String,
    /// Of what the report's figures read; empty when the report did not count the return.
    pub cells: Vec<CellChange>,
    /// The report counted it.
    pub counted: bool,
    /// Its state now; empty when it is no longer found.
    pub state: String,
    /// What keeps it from counting now.
    pub blocked_by: Vec<String>,
}

/// A cell that is read otherwise; `None` is blank.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CellChange {
    pub cell: String,
    pub title: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

/// `unit form period`, as the manifest names a return, with titles.
pub(super) fn title(definition: &Definition, named: &str) -> String {
    let parts: Vec<&str> = named.splitn(3, ' ').collect();
    let &[unit, form, period] = parts.as_slice() else { return named.to_owned() };
    let form = definition.form(form).map_or(form, |form| form.title.as_str());
    format!("{} {form} {}", definition.units.name(unit), Period::parse(period).title())
}

/// Each return that was or is recognised in a file.
pub(super) fn changes<'r>(
    path: &str,
    recognised: impl Iterator<Item = &'r String>,
    recomputed: &Recomputed,
    lineage: Option<&Lineage>,
) -> Vec<ReturnChange> {
    let all: BTreeSet<&String> = recognised.collect();
    all.into_iter().map(|named| change(path, named, recomputed, lineage)).collect()
}

fn change(
    path: &str,
    named: &str,
    recomputed: &Recomputed,
    lineage: Option<&Lineage>,
) -> ReturnChange {
    let parts: Vec<&str> = named.splitn(3, ' ').collect();
    let (unit, form, period) = match parts.as_slice() {
        &[unit, form, period] => (unit, form, period),
        _ => ("", "", ""),
    };
    let is_it = |u: &str, f: &str, p: &Period, file: &str| {
        u == unit && f == form && p.to_string() == period && file == path
    };
    let now = recomputed.reviewed.collected.returns.iter();
    let now = now.map(|facts| &**facts).find(|r| is_it(&r.unit, &r.form, &r.period, &r.file));
    let receipts = recomputed.reviewed.validated.receipts.iter();
    let receipt = receipts.clone().find(|r| is_it(&r.unit, &r.form, &r.period, &r.file));
    let tables = lineage.into_iter().flat_map(|lineage| &lineage.tables);
    let then =
        tables.filter(|table| table.source == form && table.period == period).find_map(|t| {
            let at = t.returns.iter().position(|r| r.unit == unit && r.file == path)?;
            Some(Then { table: t, at })
        });
    let cells =
        then.as_ref().zip(now).map(|(then, now)| then.cells(recomputed.reviewed.definition, now));
    ReturnChange {
        title: title(recomputed.reviewed.definition, named),
        cells: cells.unwrap_or_default(),
        counted: then.is_some(),
        state: receipt.map(|r| r.state.title().to_owned()).unwrap_or_default(),
        blocked_by: receipt.map(|r| blocked_by(recomputed, r)).unwrap_or_default(),
    }
}

/// Codes of what sends a return back.
fn blocked_by(recomputed: &Recomputed, receipt: &Receipt) -> Vec<String> {
    let own = recomputed.reviewed.validated.findings.iter().filter(|f| {
        f.rejects()
            && (&f.unit, &f.form) == (&receipt.unit, &receipt.form)
            && f.location.file == receipt.file
    });
    let codes: BTreeSet<&String> = own.map(|finding| &finding.code).collect();
    codes.into_iter().cloned().collect()
}

/// A return as the report read it.
struct Then<'a> {
    table: &'a UsedTable,
    /// Index into the table's returns.
    at: usize,
}

impl Then<'_> {
    fn cells(&self, definition: &Definition, now: &ReturnFacts) -> Vec<CellChange> {
        let Some(form) = definition.form(&now.form) else { return Vec::new() };
        let rows = self.table.rows.iter().enumerate().filter(|(_, (at, _))| *at == self.at);
        let then: Vec<(usize, u32)> = rows.map(|(row, &(_, sheet_row))| (row, sheet_row)).collect();
        let fresh = now.rows.iter().map(|row| row + 1);
        let sheet_rows: BTreeSet<u32> = then.iter().map(|(_, row)| *row).chain(fresh).collect();
        let mut changed = Vec::new();
        // From left to right.
        let mut fields: Vec<(usize, &Vec<Option<String>>)> = self
            .table
            .cells
            .iter()
            .filter_map(|(field, column)| Some((form.field_index(field)?, column)))
            .collect();
        fields.sort_by_key(|(index, _)| now.column_at.get(*index).copied().flatten());
        for sheet_row in sheet_rows {
            let before = then.iter().find(|(_, row)| *row == sheet_row).map(|(row, _)| *row);
            let after = now.rows.iter().position(|row| row + 1 == sheet_row);
            for &(index, column) in &fields {
                let from = before.and_then(|row| column.get(row).cloned().flatten());
                let to = after.and_then(|row| lineage::raw_text(definition, form, now, row, index));
                if from != to {
                    let column = now.column_at.get(index).copied().flatten();
                    let plain = column.map(|column| CellRef::new(sheet_row - 1, column));
                    let at = after.and_then(|row| now.cell(row, index)).or(plain);
                    let at = at.map(|at| at.to_string());
                    let title = form.fields[index].title.clone();
                    changed.push(CellChange { cell: at.unwrap_or_default(), title, from, to });
                }
            }
        }
        changed
    }
}
