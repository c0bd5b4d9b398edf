//! 收报情况: rows by forms, a word each; of a row with units below it how many returns are there of
//! how many, and whether it has handed up.

use std::collections::BTreeSet;

use super::{Align, Cell, List, Medium, Table};
use crate::model::codes::is_refusal;
use crate::model::{Receipt, ReturnCounts, Unit};
use crate::report::index::Index;
use crate::report::returns;
use crate::report::text;

/// Tables of at most so many forms side by side, all about as wide.
pub(in crate::report) fn tables<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    most: usize,
) -> Vec<Table<'a>> {
    let known = index.inputs.definition.forms.iter().map(|form| form.id.as_str());
    let forms: Vec<&str> =
        known.filter(|id| index.inputs.receipts().any(|r| r.form == *id)).collect();
    let each = forms.len().div_ceil(forms.len().div_ceil(most).max(1)).max(1);
    let mut tables: Vec<Table> =
        forms.chunks(each).map(|forms| table(index, medium, forms)).collect();
    if tables.is_empty() {
        tables.push(Table {
            empty: "本期没有应报或收到的报表。", ..table(index, medium, &[])
        });
    }
    if let Some(first) = tables.first_mut() {
        first.title = "收报情况".to_owned();
        first.lead.push(ReturnCounts::of(index.inputs.receipts()).summary());
    }
    if let Some(last) = tables.last_mut() {
        last.notes.push("注：空格为不应报。每份报表的日期、行数、文件见“收报明细”。".to_owned());
    }
    tables
}

fn table<'a>(index: &'a Index<'a>, medium: Medium, forms: &[&'a str]) -> Table<'a> {
    let mut list = List::<&Unit>::new(medium);
    list.serial().sheet(6.0);
    list.center("组别", |unit| Cell::words(&unit.group)).sheet(10.0);
    list.column(Align::Name, "单位", |unit| Cell::words(&unit.name)).sheet(22.0);
    let units = &index.inputs.definition.units;
    if units.has_levels() {
        list.center("上交", move |unit| Cell::words(handed_up(index, unit))).sheet(10.0);
    }
    for &form in forms {
        let title = text::form_title(index.inputs.definition, form);
        list.center(&title, move |unit| {
            let own = index.receipts_of(&unit.code).iter().filter(|receipt| receipt.form == form);
            if units.is_level(units.order(&unit.code)) {
                return Cell::words(ReturnCounts::of(own.copied()).in_cell());
            }
            let word = |r: &&Receipt| returns::disorder(r).unwrap_or_else(|| "已收".to_owned());
            Cell::words(own.map(word).collect::<Vec<_>>().join("、"))
        })
        .sheet_free();
    }
    list.table("", rows(index))
}

/// Has a row handed up what its units reported? Why not, if it has not.
fn handed_up(index: &Index, row: &Unit) -> String {
    let units = &index.inputs.definition.units;
    if !units.is_level(units.order(&row.code)) {
        return String::new();
    }
    let not_taken = index.findings_of(&row.code).iter().filter(|f| is_refusal(&f.code));
    let titles: BTreeSet<&str> = not_taken.map(|finding| finding.title.as_str()).collect();
    match titles.is_empty() {
        true => "已上交".to_owned(),
        false => titles.into_iter().collect::<Vec<_>>().join("；"),
    }
}

/// Rows of which a unit owes or sent something, in group order.
fn rows<'a>(index: &Index<'a>) -> Vec<&'a Unit> {
    let all = index.inputs.definition.units.rows().map(|(_, unit)| unit);
    let units: Vec<&Unit> = all.filter(|unit| !index.receipts_of(&unit.code).is_empty()).collect();
    index.in_group_order(units)
}
