//! The two sides of a figure: numbers of all rows, and the data rows and fields behind them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::definition::{Form, Register};
use crate::model::{Contribution, Decimal, Period};

use super::layout::{Layout, Slot};
use super::standing::Standing;
use super::tally::Tally;

/// Numerators or denominators of all rows.
pub(super) struct Side {
    origin: Origin,
    /// Numbers a slot; 1 when all classes share one.
    classes: usize,
    numbers: Vec<Option<Decimal>>,
    rows: Vec<Vec<u32>>,
    field_lists: BTreeMap<Option<usize>, Arc<[String]>>,
}

/// The source of a side, as figures name it.
#[derive(Debug, Clone, Default)]
pub(super) struct Origin {
    /// A form id, `register:<name>` or `units`.
    pub(super) name: String,
    pub(super) period: Option<Period>,
    /// What the expressions read.
    fields: Vec<String>,
    /// Field of each dimension, shown too with the figures of a category.
    dimension_fields: Vec<Option<String>>,
}

/// When a source says something of a slot.
#[derive(Debug, Clone, Copy)]
pub(super) enum Presence<'p> {
    /// With returns of the slot's unit (or of any, for the county).
    Returns(Option<&'p Standing>),
    Always,
}

impl Presence<'_> {
    pub(super) fn covers(self, slot: Slot) -> bool {
        match self {
            Self::Always => true,
            Self::Returns(None) => false,
            Self::Returns(Some(standing)) => {
                slot.unit.map_or_else(|| standing.any_used(), |unit| standing.used(unit))
            }
        }
    }
}

impl Origin {
    pub(super) fn of_form<'c>(
        form: &Form,
        period: &Period,
        layout: &Layout,
        columns: impl IntoIterator<Item = &'c str>,
    ) -> Self {
        let dimensions = layout.dimensions.iter();
        Self {
            name: form.id.clone(),
            period: Some(period.clone()),
            fields: shown_fields(form, columns),
            dimension_fields: dimensions
                .map(|d| form.field(source_field(form, &d.field)).map(|f| f.name.clone()))
                .collect(),
        }
    }

    pub(super) fn of_units(layout: &Layout) -> Self {
        let dimension_fields = vec![None; layout.dimensions.len()];
        let fields = vec!["code".to_owned(), "name".to_owned()];
        Self { name: "units".into(), period: None, fields, dimension_fields }
    }

    pub(super) fn of_register<'c>(
        register: &Register,
        layout: &Layout,
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
            name: format!("register:{}", register.name),
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
        Self { origin, classes, numbers, rows, field_lists }
    }

    /// From one tally a slot and class. `places` is `None` for counts.
    /// `known` says to which slots the source can be attributed at all.
    pub(super) fn of_tallies(
        origin: Origin,
        tallies: Vec<Tally>,
        places: Option<u8>,
        slots: &[Slot],
        known: Option<&[bool]>,
        presence: Presence,
    ) -> Self {
        let classes = (tallies.len() / slots.len().max(1)).max(1);
        let number = |(at, tally): (usize, &Tally)| {
            let place = at / classes;
            let attributed = known.is_none_or(|known| known[place]);
            let number = places.map_or_else(|| Some(tally.count()), |p| tally.sum(p));
            number.filter(|_| attributed && presence.covers(slots[place]))
        };
        let numbers = tallies.iter().enumerate().map(number).collect();
        let rows = tallies.into_iter().map(|tally| tally.rows).collect();
        Self::new(origin, numbers, rows, classes)
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
        })
    }

    fn index(&self, place: usize, class: usize) -> usize {
        if self.classes == 1 { place } else { place * self.classes + class }
    }
}

/// The fields that columns stand for, in form order. Rows that are only counted are shown by
/// their key.
fn shown_fields<'c>(form: &Form, columns: impl IntoIterator<Item = &'c str>) -> Vec<String> {
    let named: Vec<&str> = columns.into_iter().map(|c| source_field(form, c)).collect();
    let fields = || form.fields.iter().map(|f| &f.name);
    let found: Vec<String> = fields().filter(|f| named.contains(&f.as_str())).cloned().collect();
    if !found.is_empty() {
        return found;
    }
    let key: Vec<String> = fields().filter(|f| form.primary_key.contains(f)).cloned().collect();
    if key.is_empty() { fields().take(1).cloned().collect() } else { key }
}

/// The field from which a column is made: `score__rating_band` is read from `score`.
fn source_field<'n>(form: &'n Form, column: &'n str) -> &'n str {
    if form.field(column).is_some() {
        return column;
    }
    let name = column.split("__").next().unwrap_or(column);
    form.derive.iter().find(|d| d.name == name).map_or(name, |d| &d.to)
}
