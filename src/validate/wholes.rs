//! All returns of a form, of every folder, as one table: its columns are derived once and its row
//! rules evaluated once; a folder's returns are a part of it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use rayon::prelude::*;

use super::accepted::Ready;
use super::rules;
use crate::definition::{Definition, Form};
use crate::model::{Collected, Column, FactTable, Period, ReturnFacts, in_unit_order};
use crate::sql::Engine;

/// By form.
pub(super) struct Wholes(BTreeMap<String, Whole>);

struct Whole {
    table: Arc<FactTable>,
    /// What the row rules say, as [`rules::evaluated`] gives it.
    results: Vec<Column>,
    /// The returns of each folder.
    folders: BTreeMap<Period, Range<usize>>,
}

impl Wholes {
    /// Of the returns received in these folders.
    pub(super) fn new(
        definition: &Definition,
        collected: &Collected,
        folders: &[Period],
        engine: &dyn Engine,
    ) -> anyhow::Result<Self> {
        let mut by_form: BTreeMap<&str, Vec<Arc<ReturnFacts>>> = BTreeMap::new();
        for facts in collected.returns.iter().filter(|facts| folders.contains(&facts.folder)) {
            by_form.entry(facts.form.as_str()).or_default().push(facts.clone());
        }
        let forms: Vec<(&Form, Vec<Arc<ReturnFacts>>)> = by_form
            .into_iter()
            .filter_map(|(id, returns)| Some((definition.form(id)?, returns)))
            .collect();
        let wholes: Vec<(String, Whole)> = forms
            .into_par_iter()
            .map(|(form, returns)| {
                Ok((form.id.clone(), Whole::new(definition, form, returns, engine)?))
            })
            .collect::<anyhow::Result<_>>()?;
        Ok(Self(wholes.into_iter().collect()))
    }

    /// A form's returns of one folder, with what the row rules say of them; `None` without any.
    pub(super) fn part(&self, form: &str, folder: &Period) -> Option<(FactTable, Vec<Column>)> {
        let whole = self.0.get(form)?;
        let returns = whole.folders.get(folder)?.clone();
        let rows = whole.table.rows_of(&returns);
        let part = |column: &Column| column.slice(rows.start, rows.len());
        Some((whole.table.part(returns), whole.results.iter().map(part).collect()))
    }
}

impl Whole {
    fn new(
        definition: &Definition,
        form: &Form,
        mut returns: Vec<Arc<ReturnFacts>>,
        engine: &dyn Engine,
    ) -> anyhow::Result<Self> {
        in_unit_order(&definition.units, &mut returns);
        returns.sort_by(|a, b| a.folder.cmp(&b.folder));
        let mut folders: BTreeMap<Period, Range<usize>> = BTreeMap::new();
        for (at, facts) in returns.iter().enumerate() {
            folders.entry(facts.folder.clone()).or_insert(at..at).end = at + 1;
        }
        let table = Arc::new(FactTable::new(&form.id, &form.column_types(), returns));
        let ready = Ready::new(definition, form, table.clone())?;
        let results = rules::evaluated(definition, form, &ready, engine)?;
        Ok(Self { table, results, folders })
    }
}
