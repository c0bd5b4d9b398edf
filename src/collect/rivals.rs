//! In what two returns that claim the same place differ, cell by cell, so that the clerk sees which
//! of them is meant without opening both.

use std::collections::BTreeMap;

use super::file::DraftReturn;
use super::findings::beginning;
use crate::definition::{Definition, Form};
use crate::model::{Column, PERSONAL, ReturnFacts};

/// Differences that are told; more of them mean another table.
const MOST: usize = 10;

/// What stands differently in the other return, in words.
pub(super) fn compared(definition: &Definition, own: &DraftReturn, other: &DraftReturn) -> String {
    let name = if own.facts.file == other.facts.file {
        other.facts.sheet.to_string()
    } else {
        other.facts.file.rsplit('/').next().unwrap_or_default().to_owned()
    };
    let Some(form) = definition.form(&own.facts.form) else { return String::new() };
    let found = Comparison { definition, form, own: &own.facts, other: &other.facts }.differences();
    if found.is_empty() {
        return format!("；与“{name}”各格的值都相同，留哪一份都一样");
    }
    let told: Vec<&str> = found.iter().take(MOST).map(String::as_str).collect();
    let more = if found.len() > MOST { "等" } else { "" };
    format!("；与“{name}”有 {} 处不同：{}{more}", found.len(), told.join("、"))
}

/// Do two returns say the same, cell by cell?
pub(super) fn same_values(definition: &Definition, own: &DraftReturn, other: &DraftReturn) -> bool {
    definition.form(&own.facts.form).is_some_and(|form| {
        let comparison = Comparison { definition, form, own: &own.facts, other: &other.facts };
        comparison.differences().is_empty()
    })
}

struct Comparison<'a> {
    definition: &'a Definition,
    form: &'a Form,
    own: &'a ReturnFacts,
    other: &'a ReturnFacts,
}

impl Comparison<'_> {
    fn differences(&self) -> Vec<String> {
        let (own, other) = (self.rows_by_key(self.own), self.rows_by_key(self.other));
        let mut found = Vec::new();
        for (key, &row) in &own {
            match other.get(key) {
                Some(&there) => self.in_row(row, there, &mut found),
                None => found.push((row, format!("第 {} 行只在本表", self.own.rows[row] + 1))),
            }
        }
        let only = other.iter().filter(|(key, _)| !own.contains_key(*key));
        found.extend(
            only.map(|(_, &row)| (row, format!("对方第 {} 行本表没有", self.other.rows[row] + 1))),
        );
        found.sort();
        found.into_iter().map(|(_, text)| text).collect()
    }

    /// Rows by what names them; which of several of one name is told by their order.
    fn rows_by_key(&self, facts: &ReturnFacts) -> BTreeMap<(Vec<String>, usize), usize> {
        let columns: Vec<&Column> = self
            .form
            .primary_key
            .iter()
            .filter_map(|name| facts.columns.get(self.form.field_index(name)?))
            .collect();
        let mut seen: BTreeMap<Vec<String>, usize> = BTreeMap::new();
        let mut rows = BTreeMap::new();
        for row in 0..facts.rows.len() {
            let key: Vec<String> = columns.iter().map(|c| c.get(row).to_string()).collect();
            let nth = seen.entry(key.clone()).or_default();
            rows.insert((key, *nth), row);
            *nth += 1;
        }
        rows
    }

    fn in_row(&self, row: usize, there: usize, found: &mut Vec<(usize, String)>) {
        for (index, field) in self.form.fields.iter().enumerate() {
            let of = |facts: &ReturnFacts, row| facts.columns.get(index).map(|c| c.get(row));
            if of(self.own, row) == of(self.other, there) {
                continue;
            }
            let place = self.own.location(row, &[index]).cells_text();
            let shown = |facts: &ReturnFacts, row| match facts.raw_text(row, index) {
                None => "空白".to_owned(),
                Some(_) if field.personal => PERSONAL.to_owned(),
                Some(text) => format!("“{}”", beginning(&text, 20, "…", self.definition)),
            };
            let (own, other) = (shown(self.own, row), shown(self.other, there));
            found.push((row, format!("{place} {}{own}，对方{other}", field.title)));
        }
    }
}
