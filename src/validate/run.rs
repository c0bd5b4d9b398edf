//! One query about to run: its result, whom a row of it blames, and the finding that says so.

use std::collections::BTreeSet;
use std::sync::Arc;

use anyhow::Context as _;

use super::accepted::Ready;
use super::context::Context;
use super::message::{RowView, printed};
use super::rules::shown_fields;
use super::tables::FolderTables;
use crate::definition::{Check, Form, Interval};
use crate::model::placeholders::fill;
use crate::model::{Column, Finding, PERSONAL, Period, Value, Wording};
use crate::sql::{self, Query};

/// One check about to run.
pub(super) struct Run<'a> {
    pub context: &'a Context<'a>,
    pub check: &'a Check,
    pub form: &'a Form,
    pub query: &'a Query,
    /// Instead of violations.
    pub interval: Option<&'a Interval>,
    /// The accepted rows of the check's own form.
    pub own: Arc<Ready>,
    pub period: Period,
    /// Units that sent the form in this folder, accepted or not.
    pub senders: BTreeSet<&'a str>,
}

impl Run<'_> {
    /// What the query gives.
    pub(super) fn rows(&self, tables: &FolderTables) -> anyhow::Result<QueryRows> {
        let columns = sql::select(self.query, &tables.frames(&self.query.tables, &self.period))
            .with_context(|| format!("执行审核公式 {}（{}）", self.check.code, self.check.title))?;
        Ok(QueryRows { columns })
    }

    /// A finding of this check that blames the county.
    pub(super) fn finding(&self, said: Wording) -> Finding {
        Finding {
            period: self.period.clone(),
            form: self.form.id.clone(),
            ..Finding::new(self.check.head(), self.context.folder, said)
        }
    }

    /// The row of the check's own form that a result row blames.
    pub(super) fn blamed_row(&self, rows: &QueryRows, row: usize) -> Option<RowView<'_>> {
        let number = rows.number(row, "_row")?;
        let row = usize::try_from(number).ok().filter(|&row| row < self.own.table.len())?;
        Some(RowView { form: self.form, table: &self.own.table, frame: &self.own.frame, row })
    }

    /// A failed result row as a finding; `extra` gives further placeholders.
    pub(super) fn fail(&self, rows: &QueryRows, row: usize, extra: &[(&str, String)]) -> Finding {
        let definition = self.context.definition;
        let view = self.blamed_row(rows, row);
        let unit = match view {
            Some(view) => view.origin().0.unit.clone(),
            None => rows.text(row, "unit").unwrap_or_default(),
        };
        let value = |name: &str| -> Option<String> {
            if let Some((_, text)) = extra.iter().find(|(key, _)| *key == name) {
                return Some(text.clone());
            }
            if matches!(name, "unit" | "unit_name") {
                let county = unit.is_empty().then_some(definition.settings.county_name.as_str());
                return Some(county.unwrap_or_else(|| definition.units.name(&unit)).to_owned());
            }
            if self.form.is_personal(name) {
                return Some(PERSONAL.to_owned());
            }
            view.and_then(|view| view.value(definition, name))
                .or_else(|| rows.value(row, name).map(|value| printed(&value)))
        };
        let fields = shown_fields(self.form, self.check, &[]);
        let given = |name: &str| {
            let extra = extra.iter().find(|(key, _)| *key == name).map(|(_, text)| text.clone());
            extra.or_else(|| rows.text(row, name)).unwrap_or_default()
        };
        let seen = if !self.check.seen.is_empty() {
            fill(&self.check.seen, value)
        } else {
            let given = given("seen");
            match view {
                Some(view) if given.is_empty() => view.seen(&fields),
                _ => given,
            }
        };
        let expected = if self.check.expected.is_empty() {
            given("expected")
        } else {
            fill(&self.check.expected, value)
        };
        let said = Wording { seen, expected, message: fill(&self.check.message, value) };
        let mut finding = Finding { unit, ..self.finding(said) };
        if let Some(view) = view {
            let (facts, inner) = view.origin();
            finding.location = facts.location(inner, &fields);
            finding.period = facts.period.clone();
        } else if let Some(facts) = self.own.table.of_unit(&finding.unit).next() {
            finding.location = facts.sheet_location();
            finding.period = facts.period.clone();
        }
        finding
    }
}

/// The result of a query.
pub(super) struct QueryRows {
    columns: Vec<(String, Column)>,
}

impl QueryRows {
    #[cfg(test)]
    pub(super) fn new(columns: Vec<(String, Column)>) -> Self {
        Self { columns }
    }

    pub(super) fn len(&self) -> usize {
        self.columns.first().map_or(0, |(_, column)| column.len())
    }

    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|(column, _)| column == name).map(|(_, column)| column)
    }

    fn value(&self, row: usize, name: &str) -> Option<Value> {
        self.column(name).map(|column| column.get(row))
    }

    fn text(&self, row: usize, name: &str) -> Option<String> {
        self.value(row, name).filter(|value| *value != Value::Missing).map(|v| v.to_string())
    }

    fn number(&self, row: usize, name: &str) -> Option<i64> {
        match self.value(row, name)? {
            Value::Integer(number) => Some(number),
            _ => None,
        }
    }
}
