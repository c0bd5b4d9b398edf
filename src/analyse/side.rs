//! The two sides of a figure: numbers of all rows, and the data rows and fields behind them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::definition::{Form, Register};
use crate::model::{Contribution, Decimal, Period, RowsOf};

use super::ask::Total;
use super::layout::{Divisions, Slot};
use super::tally::Tally;

/// Numerators or denominators of all rows.
pub(super) struct Side {
    origin: Origin,
    /// Numbers a slot; 1 when all classes share one.
    classes: usize,
    numbers: Vec<Option<Decimal>>,
    rows: Vec<Vec<u32>>,
    /// How many rows each number has that are not listed.
    unlisted: Vec<u64>,
    field_lists: BTreeMap<Option<usize>, Arc<[String]>>,
}

/// The source of a side, as figures name it.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// [`RowsOf`] as text.
    pub(super) name: String,
    pub(super) period: Option<Period>,
    /// What the expressions read.
    fields: Vec<String>,
    /// Field of each dimension, shown too with the figures of a category.
    dimension_fields: Vec<Option<String>>,
}

impl Origin {
    pub(super) fn of_form<'c>(
        form: &Form,
        period: &Period,
        layout: &Divisions,
        columns: impl IntoIterator<Item = &'c str>,
    ) -> Self {
        let dimensions = layout.dimensions.iter();
        Self {
            name: form.id.clone(),
            period: Some(period.clone()),
            fields: shown_fields(form, columns),
            dimension_fields: dimensions
                .map(|d| form.field_behind(&d.field).map(|f| form.fields[f].name.clone()))
                .collect(),
        }
    }

    pub(super) fn of_units(layout: &Divisions) -> Self {
        let dimension_fields = vec![None; layout.dimensions.len()];
        let fields = vec!["code".to_owned(), "name".to_owned()];
        Self { name: RowsOf::Units.to_string(), period: None, fields, dimension_fields }
    }

    pub(super) fn of_register<'c>(
        register: &Register,
        layout: &Divisions,
        columns: impl IntoIterator<Item = &'c str>,
    ) -> Self {
        let named: Vec<&str> = columns.into_iter().collect();
        let all = || register.columns.iter();
        let mut fields: Vec<String> =
            all().filter(|c| named.contains(&c.as_str())).cloned().collect();
        if fields.is_empty() {
            fields.extend(all().next().cloned());
        }
        let dimensions = layout.dimensions.iter();
        Self {
            name: RowsOf::Register(&register.name).to_string(),
            period: None,
            fields,
            dimension_fields: dimensions
                .map(|d| register.column_index(&d.field).map(|_| d.field.clone()))
                .collect(),
        }
    }
}

impl Side {
    pub(super) fn new(
        origin: Origin,
        numbers: Vec<Option<Decimal>>,
        rows: Vec<Vec<u32>>,
        classes: usize,
    ) -> Self {
        let list = |extra: Option<&String>| -> Arc<[String]> {
            let extra = extra.filter(|field| !origin.fields.contains(field));
            origin.fields.iter().chain(extra).cloned().collect()
        };
        let dimensions = origin.dimension_fields.iter().enumerate();
        let field_lists = dimensions
            .map(|(dimension, field)| (Some(dimension), list(field.as_ref())))
            .chain([(None, list(None))])
            .collect();
        Self { origin, classes, numbers, rows, unlisted: Vec::new(), field_lists }
    }

    /// From one tally a slot and class; `totals`: one a class, or one for all.
    /// `known` says to which slots the source can be attributed at all, `covered` of which slots
    /// it says something.
    pub(super) fn of_tallies(
        origin: Origin,
        tallies: Vec<Tally>,
        totals: &[Total],
        known: Option<&[bool]>,
        covered: &[bool],
    ) -> Self {
        let classes = (tallies.len() / covered.len().max(1)).max(1);
        let total = |at: usize| totals[at % totals.len()];
        let number = |(at, tally): (usize, &Tally)| {
            let place = at / classes;
            let attributed = known.is_none_or(|known| known[place]);
            tally.total(total(at)).filter(|_| attributed && covered[place])
        };
        let numbers = tallies.iter().enumerate().map(number).collect();
        let unlisted = tallies.iter().map(|tally| tally.unlisted).collect();
        let rows = tallies.into_iter().map(|tally| tally.rows).collect();
        Self { unlisted, ..Self::new(origin, numbers, rows, classes) }
    }

    pub(super) fn number(&self, place: usize, class: usize) -> Option<Decimal> {
        self.numbers.get(self.index(place, class)).copied().flatten()
    }

    /// The rows behind a number; `None` when there is no number.
    pub(super) fn contribution(
        &self,
        place: usize,
        class: usize,
        slot: Slot,
    ) -> Option<Contribution> {
        self.number(place, class)?;
        Some(Contribution {
            source: self.origin.name.clone(),
            period: self.origin.period.clone(),
            fields: self.field_lists.get(&slot.category.map(|(d, _)| d))?.clone(),
            rows: self.rows.get(self.index(place, class)).cloned().unwrap_or_default(),
            unlisted: self.unlisted.get(self.index(place, class)).copied().unwrap_or_default(),
        })
    }

    fn index(&self, place: usize, class: usize) -> usize {
        if self.classes == 1 { place } else { place * self.classes + class }
    }
}

/// The fields that columns stand for, in form order. Rows that are only counted are shown by
/// their key.
fn shown_fields<'c>(form: &Form, columns: impl IntoIterator<Item = &'c str>) -> Vec<String> {
    let named: BTreeSet<usize> =
        columns.into_iter().filter_map(|column| form.field_behind(column)).collect();
    if !named.is_empty() {
        return named.into_iter().map(|field| form.fields[field].name.clone()).collect();
    }
    let fields = || form.fields.iter().map(|f| &f.name);
    let key: Vec<String> = fields().filter(|f| form.primary_key.contains(f)).cloned().collect();
    if key.is_empty() { fields().take(1).cloned().collect() } else { key }
}
