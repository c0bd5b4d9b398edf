//! Forms whose rows are items: the items of a code list or register, each exactly once.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Definition, Form, Referent};
use crate::model::{Column, ColumnType, Period, ReturnFacts, Value};

/// `items = { field = "wind" }`: the column names what a row is about, and a return has every
/// item exactly once (with further key columns: once for each of their combinations).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Items {
    /// A key column with a code list or with `refers_to` a register.
    pub field: String,
    /// A row too few or too many sends the return back (G-16 强制).
    #[serde(default)]
    pub every_row: bool,
}

/// The rest of a key: fields with their values, as text.
pub(super) type Beside = Vec<(usize, String)>;

/// An item that a return lacks.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct MissingItem {
    pub item: String,
    /// The other key columns (by number) of the rows among which it is missing.
    pub beside: Vec<(usize, String)>,
}

impl Definition {
    /// The items of a form that are valid in a period, in their own order; `None` when its rows
    /// are not items.
    pub fn items_of(&self, form: &Form, period: &Period) -> Option<Vec<&str>> {
        let field = form.field(&form.items.as_ref()?.field)?;
        if let Some(list) = self.codelist_of(field) {
            return Some(list.valid_in(period).map(|code| code.code.as_str()).collect());
        }
        let targets = self.targets(field).unwrap_or_default();
        let [Referent::Register(register, column)] = targets[..] else { return None };
        let value = |row: usize| register.rows[row].get(column).map_or("", String::as_str);
        Some(register.valid_rows(period).into_iter().map(value).collect())
    }

    /// The items that an accepted return lacks, in the order of its rows and of the items.
    pub fn missing_items(&self, form: &Form, facts: &ReturnFacts) -> Vec<MissingItem> {
        let Some(items) = self.items_of(form, &facts.period) else { return Vec::new() };
        let Some(of) = form.items.as_ref().and_then(|items| form.field_index(&items.field)) else {
            return Vec::new();
        };
        let others: Vec<usize> = form
            .primary_key
            .iter()
            .filter_map(|name| form.field_index(name))
            .filter(|&index| index != of)
            .collect();
        // Groups in the order in which they first appear.
        let mut groups: Vec<(Beside, Vec<String>)> = Vec::new();
        for row in 0..facts.rows.len() {
            let text = |index: usize| facts.columns.get(index).map(|column| column.get(row));
            let beside: Vec<(usize, String)> = others
                .iter()
                .map(|&index| (index, text(index).unwrap_or(Value::Missing).to_string()))
                .collect();
            let item = text(of).unwrap_or(Value::Missing).to_string();
            match groups.iter_mut().find(|(known, _)| *known == beside) {
                Some((_, there)) => there.push(item),
                None => groups.push((beside, vec![item])),
            }
        }
        if groups.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        let mut missing = Vec::new();
        for (beside, there) in groups {
            let lacking = items.iter().filter(|item| !there.iter().any(|t| t == *item));
            missing.extend(
                lacking
                    .map(|item| MissingItem { item: (*item).to_owned(), beside: beside.clone() }),
            );
        }
        missing
    }

    /// The rows that an accepted return lacks: the item and the other keys, all else blank.
    pub fn missing_rows(&self, form: &Form, facts: &ReturnFacts) -> ReturnFacts {
        let missing = self.missing_items(form, facts);
        let of = form.items.as_ref().and_then(|items| form.field_index(&items.field));
        let text_of = |lacking: &'_ MissingItem, field: usize| -> Option<String> {
            let beside = lacking.beside.iter().find(|(other, _)| *other == field);
            let text = if of == Some(field) { Some(&lacking.item) } else { beside.map(|(_, t)| t) };
            text.filter(|text| !text.is_empty()).cloned()
        };
        let column = |(field, column): (usize, &Column)| match column.kind() {
            ColumnType::Text => Column::texts(missing.iter().map(|row| text_of(row, field))),
            kind => Column::blanks(kind, missing.len()),
        };
        let columns = facts.columns.iter().enumerate().map(column).collect();
        ReturnFacts {
            columns,
            rows: vec![0; missing.len()],
            placed: std::collections::BTreeMap::new(),
            column_at: vec![None; facts.column_at.len()],
            raw: Vec::new(),
            shown_places: Vec::new(),
            totals: Vec::new(),
            ..facts.clone()
        }
    }
}
