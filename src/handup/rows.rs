//! Rows of returns as columns, each row with its file, sheet and row, and back.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context;
use serde::{Deserialize, Serialize};

use super::personal::{Numbered, stand_ins};
use super::records::named;
use crate::columnar::Table;
use crate::definition::{Definition, Form};
use crate::model::{
    CellRef, Column, ColumnType, Period, ReturnFacts, ReturnSentence, TotalRow, Value,
    column_letters,
};

/// What a cell's number format or text shows, beside its value.
const RAW: &str = "__raw";
const PLACES: &str = "__places";

/// A return without its rows.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ReturnHead {
    pub form: String,
    pub unit: String,
    pub period: Period,
    pub folder: Period,
    pub file: String,
    pub sheet: String,
    /// Do its rows count?
    pub accepted: bool,
    pub rows: usize,
    /// The letters of each field's column in the sheet; empty when the return lacks it.
    columns: Vec<String>,
    /// Fields without a column of their own: the cell of each row.
    placed: Vec<(usize, Vec<CellRef>)>,
    filed_on: Option<i32>,
    totals: Vec<TotalRow>,
    formulas: Vec<(CellRef, String)>,
    sentences: Vec<ReturnSentence>,
}

impl ReturnHead {
    /// Without the formulas of fields that stay with the county.
    pub(super) fn of(facts: &ReturnFacts, accepted: bool, staying: &BTreeSet<usize>) -> Self {
        let letters = |at: &Option<u16>| at.map(column_letters).unwrap_or_default();
        let hidden: Vec<u16> = facts
            .column_at
            .iter()
            .enumerate()
            .filter(|(field, _)| staying.contains(field))
            .filter_map(|(_, at)| *at)
            .collect();
        let apart: BTreeSet<CellRef> = facts
            .placed
            .iter()
            .filter(|(field, _)| staying.contains(field))
            .flat_map(|(_, cells)| cells.iter().copied())
            .collect();
        let is_shown = |cell: &CellRef| !hidden.contains(&cell.column) && !apart.contains(cell);
        Self {
            form: facts.form.clone(),
            unit: facts.unit.clone(),
            period: facts.period.clone(),
            folder: facts.folder.clone(),
            file: facts.file.to_string(),
            sheet: facts.sheet.to_string(),
            accepted,
            rows: facts.rows.len(),
            columns: facts.column_at.iter().map(letters).collect(),
            placed: facts.placed.clone().into_iter().collect(),
            filed_on: facts.filed_on,
            totals: facts.totals.clone(),
            formulas: facts
                .formulas
                .iter()
                .filter(|(cell, _)| is_shown(cell))
                .map(|(cell, formula)| (*cell, formula.to_string()))
                .collect(),
            sentences: facts.sentences.clone(),
        }
    }
}

/// The rows of returns of one form, in their order.
pub(super) fn to_table(
    definition: &Definition,
    form: &Form,
    returns: &[(usize, &Arc<ReturnFacts>)],
    staying: &BTreeSet<usize>,
    hidden: &mut Option<Numbered>,
) -> anyhow::Result<Table> {
    let mut table = places(returns);
    let all: Vec<Arc<ReturnFacts>> = returns.iter().map(|(_, facts)| (*facts).clone()).collect();
    let mut stand_ins = if hidden.is_some() {
        stand_ins(definition, form, staying, &all)?
    } else {
        BTreeMap::new()
    };
    for (index, field) in form.fields.iter().enumerate() {
        let parts = returns.iter().filter_map(|(_, facts)| facts.columns.get(index));
        let column = Column::joined(field.column_type(), parts);
        if let (true, Some(numbered)) = (staying.contains(&index), hidden.as_mut()) {
            let given = stand_ins.remove(&index);
            let given = given.unwrap_or_else(|| numbered.column(&form.id, index, &column));
            table.push((field.name.clone(), given));
            continue;
        }
        let masked = |text: &str| definition.without_numbers(text).into_owned();
        let column = match (column.kind(), hidden.is_some()) {
            (ColumnType::Text, true) => {
                Column::texts(column.iter_texts().map(|text| text.map(masked)))
            }
            _ => column,
        };
        table.push((field.name.clone(), column));
        let cells = || {
            returns.iter().flat_map(|(_, facts)| (0..facts.rows.len()).map(move |row| (facts, row)))
        };
        let raw = cells().map(|(facts, row)| {
            let text = facts.raw.get(index)?.get(row)?.as_deref()?;
            Some(if hidden.is_some() { masked(text) } else { text.to_owned() })
        });
        let raw = Column::texts(raw);
        if raw.iter_texts().flatten().next().is_some() {
            table.push((format!("{}{RAW}", field.name), raw));
        }
        let places = cells().map(|(facts, row)| {
            facts.shown_places.get(index)?.get(row).copied().flatten().map(i64::from)
        });
        let places = Column::integers(places);
        if places.iter_integers().flatten().next().is_some() {
            table.push((format!("{}{PLACES}", field.name), places));
        }
    }
    Ok(table)
}

/// Where each row stands: the number of its return, unit, period, file, sheet, and row as Excel
/// counts.
fn places(returns: &[(usize, &Arc<ReturnFacts>)]) -> Table {
    let texts = |text: &dyn Fn(&ReturnFacts) -> String| {
        let each = returns
            .iter()
            .flat_map(|(_, facts)| std::iter::repeat_n(Some(text(facts)), facts.rows.len()));
        Column::texts(each)
    };
    let numbers = returns.iter().flat_map(|(number, facts)| {
        std::iter::repeat_n(i64::try_from(*number).ok(), facts.rows.len())
    });
    let rows = returns
        .iter()
        .flat_map(|(_, facts)| facts.rows.iter().map(|&row| Some(i64::from(row) + 1)));
    vec![
        ("_return".to_owned(), Column::integers(numbers)),
        ("_unit".to_owned(), texts(&|facts| facts.unit.clone())),
        ("_period".to_owned(), texts(&|facts| facts.period.to_string())),
        ("_file".to_owned(), texts(&|facts| facts.file.to_string())),
        ("_sheet".to_owned(), texts(&|facts| facts.sheet.to_string())),
        (ROW.to_owned(), Column::integers(rows)),
    ]
}

const ROW: &str = "_row";

/// The returns of one form, in the order of its rows.
pub(super) fn of_table(
    form: &Form,
    heads: Vec<ReturnHead>,
    table: &Table,
    below: &str,
) -> anyhow::Result<Vec<ReturnFacts>> {
    let rows = named(table, ROW, ColumnType::Integer)?;
    let mut columns = Vec::new();
    for field in &form.fields {
        let beside = |ending: &str, kind| {
            named(table, &format!("{}{ending}", field.name), kind).ok().cloned()
        };
        columns.push(FieldColumns {
            values: named(table, &field.name, field.column_type())?.clone(),
            raw: beside(RAW, ColumnType::Text),
            places: beside(PLACES, ColumnType::Integer),
        });
    }
    let all: usize = heads.iter().map(|head| head.rows).sum();
    anyhow::ensure!(all == rows.len(), "行数与各份报表所记不符");
    let mut from = 0;
    let mut returns = Vec::new();
    for head in heads {
        let end = from + head.rows;
        returns.push(of_head(head, rows, &columns, from, below)?);
        from = end;
    }
    Ok(returns)
}

struct FieldColumns {
    values: Column,
    raw: Option<Column>,
    places: Option<Column>,
}

fn of_head(
    head: ReturnHead,
    rows: &Column,
    columns: &[FieldColumns],
    from: usize,
    below: &str,
) -> anyhow::Result<ReturnFacts> {
    let own = from..from + head.rows;
    let row = |at: usize| {
        let number = rows.integer(at).and_then(|row| u32::try_from(row - 1).ok());
        number.context("有一行没有行号")
    };
    let column_at = head
        .columns
        .iter()
        .map(|letters| CellRef::parse(&format!("{letters}1")).map(|cell| cell.column));
    let sentence = |mut sentence: ReturnSentence| {
        sentence.location.file = under(below, &sentence.location.file);
        sentence
    };
    Ok(ReturnFacts {
        file: under(below, &head.file),
        sheet: head.sheet.into(),
        columns: columns.iter().map(|field| field.values.slice(from, head.rows)).collect(),
        column_at: column_at.collect(),
        rows: own.clone().map(row).collect::<anyhow::Result<_>>()?,
        raw: columns.iter().map(|field| texts_of(field.raw.as_ref(), own.clone())).collect(),
        shown_places: columns
            .iter()
            .map(|field| places_of(field.places.as_ref(), own.clone()))
            .collect(),
        placed: head.placed.into_iter().collect(),
        totals: head.totals,
        filed_on: head.filed_on,
        formulas: head
            .formulas
            .into_iter()
            .map(|(cell, formula)| (cell, formula.into_boxed_str()))
            .collect::<BTreeMap<_, _>>(),
        sentences: head.sentences.into_iter().map(sentence).collect(),
        form: head.form,
        unit: head.unit,
        period: head.period,
        folder: head.folder,
    })
}

/// A path as the level above knows it.
pub(super) fn under(below: &str, path: &str) -> Arc<str> {
    if below.is_empty() || path.is_empty() { path.into() } else { format!("{below}/{path}").into() }
}

fn texts_of(column: Option<&Column>, own: std::ops::Range<usize>) -> Vec<Option<Box<str>>> {
    let Some(column) = column else { return Vec::new() };
    let texts: Vec<Option<Box<str>>> = own.map(|row| column.text(row).map(Into::into)).collect();
    if texts.iter().any(Option::is_some) { texts } else { Vec::new() }
}

fn places_of(column: Option<&Column>, own: std::ops::Range<usize>) -> Vec<Option<u8>> {
    let Some(column) = column else { return Vec::new() };
    let place = |row| match column.get(row) {
        Value::Integer(places) => u8::try_from(places).ok(),
        _ => None,
    };
    let places: Vec<Option<u8>> = own.map(place).collect();
    if places.iter().any(Option::is_some) { places } else { Vec::new() }
}
