//! What a form that is handed out holds already, and what its cells may be filled with: only what
//! the definition says is the same as in the last period, so nothing is filled in for a unit.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Definition, Field, Form, Referent};
use crate::model::{Facts, Period, ReturnFacts, Value, sha256};

/// `headings = [{ title = "活动情况", over = ["visits", "forums"] }]`: a title over neighbouring
/// columns of the printed form.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heading {
    pub title: String,
    pub over: Vec<String>,
}

/// What a cell may be filled with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choices {
    pub values: Vec<String>,
    /// Nothing else can be right. What refers to rows that may come with the same hand-in is open.
    pub closed: bool,
}

/// A unit's rows of an earlier period.
struct Earlier<'f> {
    facts: &'f ReturnFacts,
    /// It is the period just before: its closing stocks are this one's openings.
    just_before: bool,
}

impl Form {
    /// Changes whenever a unit would see another form: a mark by which an old one is known.
    pub fn edition(&self) -> String {
        let paper = self.on_paper();
        let fields = if self.unpivot.is_some() { &paper.fields } else { &self.fields };
        let columns = fields.iter().map(|f| format!("{}\t{}\t{:?}\n", f.title, f.unit, f.kind));
        let text = format!("{}\n{}\n{}", self.number, self.title, columns.collect::<String>());
        sha256(text.as_bytes()).chars().take(12).collect()
    }

    /// The title over a column.
    pub fn heading_over(&self, field: &Field) -> Option<&str> {
        let heading = self.headings.iter().find(|h| h.over.contains(&field.name))?;
        Some(&heading.title)
    }

    /// Do rows of one period go on in the next?
    fn goes_on(&self) -> bool {
        !self.carried.is_empty() || !self.stocks.is_empty()
    }

    /// Fields that may be filled in already when the form is handed out.
    pub fn prefilled(&self) -> BTreeSet<usize> {
        let openings = self.stocks.iter().filter_map(|stock| self.field_index(&stock.opening));
        self.standing().into_iter().chain(openings).collect()
    }

    /// Fields that stand in a new form as they stood: the key, and what is declared. Names of persons
    /// may be among them: the form is the unit's own, made from its own last return.
    fn standing(&self) -> BTreeSet<usize> {
        let names = self.primary_key.iter().chain(&self.carried);
        names.filter_map(|name| self.field_index(name)).collect()
    }
}

impl Definition {
    /// The rows that a unit's form has when it is handed out: a value a field.
    pub fn rows_to_hand_out(
        &self,
        form: &Form,
        period: &Period,
        unit: &str,
        facts: &Facts,
    ) -> Vec<Vec<Value>> {
        let earlier = earlier(form, period, unit, facts);
        if let Some(items) = self.items_of(form, period) {
            return item_rows(form, &items, earlier.as_ref());
        }
        let Some(earlier) = earlier.filter(|_| form.goes_on()) else { return Vec::new() };
        (0..earlier.facts.rows.len()).map(|row| carried_row(form, &earlier, row)).collect()
    }

    /// What a cell of a column may be filled with; `None` where anything of its type may stand.
    pub fn choices(
        &self,
        field: &Field,
        period: &Period,
        unit: &str,
        facts: &Facts,
    ) -> Option<Choices> {
        if let Some(list) = self.codelist_of(field) {
            let codes = list.valid_in(period).map(|code| code.code.clone());
            let none = field.missing_values.first().cloned();
            return Some(Choices { values: codes.chain(none).collect(), closed: true });
        }
        let targets = self.targets(field).unwrap_or_default();
        let mut values = Vec::new();
        for target in &targets {
            match target {
                Referent::Register(register, column) => {
                    let own = register.unit_column().and_then(|name| register.column_index(name));
                    let rows = register.valid_rows(period).into_iter();
                    let of = |row: usize, column: usize| register.rows[row].get(column);
                    let is_own = |row: &usize| {
                        own.is_none_or(|own| of(*row, own).is_some_and(|u| u == unit))
                    };
                    values.extend(rows.filter(is_own).filter_map(|row| of(row, *column).cloned()));
                }
                Referent::Form(other, column) => {
                    let latest = latest_of(other, unit, facts);
                    let column = latest.and_then(|facts| facts.columns.get(*column));
                    let texts = column.into_iter().flat_map(|column| column.iter_texts());
                    values.extend(texts.flatten().map(str::to_owned));
                }
            }
        }
        values.extend(field.missing_values.first().filter(|_| !values.is_empty()).cloned());
        let mut seen = BTreeSet::new();
        values.retain(|value| !value.is_empty() && seen.insert(value.clone()));
        let closed = targets.iter().all(|target| matches!(target, Referent::Register(..)));
        (!values.is_empty()).then_some(Choices { values, closed })
    }
}

fn of_unit<'f>(
    form: &Form,
    period: &Period,
    unit: &str,
    facts: &'f Facts,
) -> Option<&'f ReturnFacts> {
    let table = facts.table(&form.id, period)?;
    table.of_unit(unit).next().map(AsRef::as_ref)
}

fn latest_of<'f>(form: &Form, unit: &str, facts: &'f Facts) -> Option<&'f ReturnFacts> {
    facts.periods(&form.id).filter_map(|period| of_unit(form, period, unit, facts)).last()
}

/// The unit's accepted return of the period before; if there is none, the latest before that.
fn earlier<'f>(form: &Form, period: &Period, unit: &str, facts: &'f Facts) -> Option<Earlier<'f>> {
    let before = form.previous_period(period);
    if let Some(facts) = before.and_then(|before| of_unit(form, &before, unit, facts)) {
        return Some(Earlier { facts, just_before: true });
    }
    let past = facts.periods(&form.id).filter(|past| *past < period);
    let facts = past.filter_map(|past| of_unit(form, past, unit, facts)).last()?;
    Some(Earlier { facts, just_before: false })
}

fn value(facts: &ReturnFacts, field: usize, row: usize) -> Value {
    facts.columns.get(field).map_or(Value::Missing, |column| column.get(row))
}

fn carried_row(form: &Form, earlier: &Earlier, row: usize) -> Vec<Value> {
    let mut values = vec![Value::Missing; form.fields.len()];
    for field in form.standing() {
        values[field] = value(earlier.facts, field, row);
    }
    for stock in form.stocks.iter().filter(|_| earlier.just_before) {
        let at = (form.field_index(&stock.opening), form.field_index(&stock.closing));
        if let (Some(opening), Some(closing)) = at {
            values[opening] = value(earlier.facts, closing, row);
        }
    }
    values
}

/// Each item once, among each combination of the other keys of the earlier return.
fn item_rows(form: &Form, items: &[&str], earlier: Option<&Earlier>) -> Vec<Vec<Value>> {
    let of = form.items.as_ref().and_then(|items| form.field_index(&items.field));
    let Some(of) = of else { return Vec::new() };
    let others: Vec<usize> =
        form.primary_key.iter().filter_map(|n| form.field_index(n)).filter(|&i| i != of).collect();
    let mut groups: Vec<Vec<Value>> = Vec::new();
    for row in 0..earlier.map_or(0, |earlier| earlier.facts.rows.len()) {
        let Some(Earlier { facts, .. }) = earlier else { break };
        let group: Vec<Value> = others.iter().map(|&field| value(facts, field, row)).collect();
        if !groups.contains(&group) {
            groups.push(group);
        }
    }
    if groups.is_empty() {
        groups.push(vec![Value::Missing; others.len()]);
    }
    let mut rows = Vec::new();
    for group in groups {
        for item in items {
            let mut values = vec![Value::Missing; form.fields.len()];
            for (&field, value) in others.iter().zip(&group) {
                values[field] = value.clone();
            }
            values[of] = Value::Text((*item).into());
            rows.push(values);
        }
    }
    rows
}
