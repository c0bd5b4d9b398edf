//! Columns that stay with the county: personal ones, and free text, into which names are typed. A text becomes a number that tells equal from unequal
//! inside its column. A day or number becomes blank, unless an indicator reads it: then a stand-in
//! takes its place, the plainest one that gives every indicator the same answer.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::definition::{Definition, Field, FieldType, Form, Indicator, OwedWhen, form_columns};
use crate::model::{Column, ColumnType, FactTable, ReturnFacts};
use crate::sql::{self, Expression, Frame};

/// Days to stand for a day of birth: the first tells one side of an age from the other and no more,
/// those that follow are for rows with several ages. 1900, 2100, then every tenth year.
const STAND_INS: [i64; 12] =
    [-25_567, 47_482, -10_958, -7_305, -3_653, 0, 3_652, 7_305, 10_957, 14_610, 18_262, 21_915];

/// The numbers given so far, by form and field.
#[derive(Debug, Default)]
pub(super) struct Numbered {
    texts: BTreeMap<(String, usize), BTreeMap<String, usize>>,
}

impl Numbered {
    /// Numbered in the order in which the texts come, so that nothing can be told from their order.
    pub(super) fn column(&mut self, form: &str, field: usize, column: &Column) -> Column {
        let known = self.texts.entry((form.to_owned(), field)).or_default();
        let mut number = |text: &str| {
            let next = known.len() + 1;
            *known.entry(text.to_owned()).or_insert(next)
        };
        let numbers: Vec<Option<String>> =
            column.iter_texts().map(|text| Some(format!("#{}", number(text?)))).collect();
        Column::texts(numbers)
    }
}

/// The fields of a form that stay with the county.
pub(super) fn staying_fields(definition: &Definition, form: &Form) -> BTreeSet<usize> {
    let stays = |(index, field): (usize, &Field)| {
        let goes = field.handed_up.unwrap_or_else(|| !is_idle_text(definition, form, index));
        (field.personal || !goes).then_some(index)
    };
    form.fields.iter().enumerate().filter_map(stays).collect()
}

/// Is it free text that nothing above the county reads?
fn is_idle_text(definition: &Definition, form: &Form, index: usize) -> bool {
    let field = &form.fields[index];
    let is_free = field.kind == FieldType::Text
        && field.codelist.is_none()
        && field.refers_to.is_none()
        && form.called != field.name
        && !form.primary_key.contains(&field.name);
    let is_its = |column: &String| form.field_behind(column) == Some(index);
    let mut duties = definition.forms.iter().filter_map(|other| other.owed_when.as_ref());
    let decides = |when: &OwedWhen| {
        let filter = when.parsed_filter.iter().flat_map(|filter| &filter.columns);
        when.form.as_ref() == Some(&form.id) && when.unit.iter().chain(filter).any(is_its)
    };
    is_free && reading(definition, form, &[index]).is_empty() && !duties.any(decides)
}

/// For each field that stays and is no text: what is handed up in its place.
pub(super) fn stand_ins(
    definition: &Definition,
    form: &Form,
    staying: &BTreeSet<usize>,
    returns: &[Arc<ReturnFacts>],
) -> anyhow::Result<BTreeMap<usize, Column>> {
    let rows = returns.iter().map(|facts| facts.rows.len()).sum();
    let is_text = |field: &usize| form.fields[*field].column_type() == ColumnType::Text;
    let hidden: Vec<usize> = staying.iter().filter(|field| !is_text(field)).copied().collect();
    let reading = reading(definition, form, &hidden);
    let read = |field: usize| {
        let reads = |column: &String| form.field_behind(column) == Some(field);
        reading.iter().any(|expression| expression.columns.iter().any(reads))
    };
    let (read, unread): (Vec<usize>, Vec<usize>) = hidden.iter().partition(|field| read(**field));
    let blank = |field: usize| Column::blanks(form.fields[field].column_type(), rows);
    let mut columns: BTreeMap<usize, Column> =
        unread.into_iter().map(|field| (field, blank(field))).collect();
    if read.is_empty() {
        return Ok(columns);
    }
    let answers = |returns: Vec<Arc<ReturnFacts>>| -> anyhow::Result<Vec<Column>> {
        let table = FactTable::new(&form.id, &form.column_types(), returns);
        let frame = Frame::new(form_columns(form, &table, definition).to_vec())?;
        sql::evaluate(&frame, &reading)
    };
    let real = answers(returns.to_vec())?;
    let mut chosen: Vec<Option<i64>> = vec![None; rows];
    for day in STAND_INS {
        let given = answers(replaced(returns, &read, Some(day)))?;
        for (row, chosen) in chosen.iter_mut().enumerate().filter(|(_, c)| c.is_none()) {
            let same = real.iter().zip(&given).all(|(a, b)| a.get(row) == b.get(row));
            *chosen = Some(day).filter(|_| same);
        }
    }
    for field in read {
        let kind = form.fields[field].column_type();
        let own = Column::joined(kind, returns.iter().filter_map(|r| r.columns.get(field)));
        let kept = (0..rows).map(|row| chosen[row].filter(|_| !own.is_missing(row)));
        columns.insert(field, Column::numbers(kind, kept));
    }
    Ok(columns)
}

/// Expressions of indicators that read one of these fields.
fn reading<'d>(definition: &'d Definition, form: &Form, fields: &[usize]) -> Vec<&'d Expression> {
    let hidden =
        |column: &String| form.field_behind(column).is_some_and(|field| fields.contains(&field));
    let own = definition.indicators.iter().filter(|indicator| indicator.form == form.id);
    let others = definition.indicators.iter().filter_map(Indicator::divided_by);
    let others = others.filter(|other| other.form.as_deref() == Some(&form.id));
    let all = own
        .flat_map(|indicator| indicator.own_expressions())
        .chain(others.flat_map(|other| other.expressions()));
    all.filter(|expression| expression.columns.iter().any(hidden)).collect()
}

/// The returns with one value in all rows of some fields.
fn replaced(
    returns: &[Arc<ReturnFacts>],
    fields: &[usize],
    value: Option<i64>,
) -> Vec<Arc<ReturnFacts>> {
    let one = |facts: &Arc<ReturnFacts>| {
        let mut facts = ReturnFacts::clone(facts);
        let column = |(field, column): (usize, &Column)| match fields.contains(&field) {
            true => Column::numbers(column.kind(), std::iter::repeat_n(value, column.len())),
            false => column.clone(),
        };
        facts.columns = facts.columns.iter().enumerate().map(column).collect();
        Arc::new(facts)
    };
    returns.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_stays_equal_and_nothing_else_is_left() {
        let mut numbered = Numbered::default();
        let first =
            numbered.column("review", 1, &Column::texts([Some("张三"), None, Some("李四")]));
        let second = numbered.column("review", 1, &Column::texts([Some("李四"), Some("王五")]));
        assert_eq!(first, Column::texts([Some("#1"), None, Some("#2")]));
        assert_eq!(second, Column::texts([Some("#2"), Some("#3")]));
    }
}
