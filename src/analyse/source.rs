//! The rows that indicators read: each form and period evaluated once, all expressions together.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;

use crate::definition::{Definition, Form, Register, form_columns, register_columns};
use crate::model::{Column, ColumnType, Period, Validated};
use crate::sql::{self, Expression, Frame};

/// What indicators want from a form or register, the same in all periods.
#[derive(Debug, Default)]
pub(super) struct Wanted<'a> {
    /// By text: the same text over the same rows is the same expression.
    pub(super) expressions: BTreeMap<&'a str, &'a Expression>,
    /// Columns by which rows are grouped, or matched with those of another period.
    pub(super) coded: BTreeSet<&'a str>,
}

/// Evaluated rows of one form in one period, or of one register.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) len: usize,
    /// Register rows; `None` where row numbers are those of the fact table.
    row_numbers: Option<Vec<u32>>,
    /// Index of each row's unit; `None` when rows cannot be attributed to units.
    pub(super) units: Option<Vec<Option<u32>>>,
    results: BTreeMap<String, Column>,
    coded: BTreeMap<String, Column>,
}

impl Source {
    /// The accepted rows of a form; `None` when there is no table.
    pub(super) fn of_form(
        form: &Form,
        period: &Period,
        wanted: &Wanted,
        definition: &Definition,
        validated: &Validated,
    ) -> anyhow::Result<Option<Self>> {
        let Some(table) = validated.facts.table(&form.id, period) else { return Ok(None) };
        let columns = form_columns(form, table, definition);
        let unit_of_return: Vec<Option<u32>> =
            table.returns.iter().map(|r| unit_index(definition, &r.unit)).collect();
        let spans = table.spans().zip(unit_of_return);
        let units = Some(spans.flat_map(|((_, rows), unit)| rows.map(move |_| unit)).collect());
        let place = || format!("{}({})", form.title, period);
        let (results, coded) =
            evaluate(columns, table.len(), wanted).with_context(|| format!("计算{}", place()))?;
        Ok(Some(Self { len: table.len(), row_numbers: None, units, results, coded }))
    }

    /// The rows of a register that are valid in a period.
    pub(super) fn of_register(
        register: &Register,
        period: &Period,
        wanted: &Wanted,
        definition: &Definition,
    ) -> anyhow::Result<Self> {
        let rows = register.valid_rows(period);
        let unit_column = register.unit_column().and_then(|name| register.column_index(name));
        let units = unit_column.map(|column| {
            let code = |&row: &usize| register.rows[row].get(column).map_or("", String::as_str);
            rows.iter().map(|row| unit_index(definition, code(row))).collect()
        });
        let columns = register_columns(register, period);
        let (results, coded) = evaluate(&columns, rows.len(), wanted)
            .with_context(|| format!("计算登记册 {}", register.name))?;
        Ok(Self {
            len: rows.len(),
            row_numbers: Some(rows.iter().map(|&row| row as u32).collect()),
            units,
            results,
            coded,
        })
    }

    pub(super) fn row_number(&self, row: usize) -> u32 {
        self.row_numbers.as_ref().map_or(row as u32, |numbers| numbers[row])
    }

    pub(super) fn result(&self, expression: &Expression) -> anyhow::Result<&Column> {
        self.results
            .get(&expression.text)
            .with_context(|| format!("表达式没有计算:{}", expression.text))
    }

    /// A column as it stands, of those by which rows are grouped or matched.
    pub(super) fn column(&self, name: &str) -> Option<&Column> {
        self.coded.get(name)
    }

    /// The position of each row's code in the list; `None` when the source lacks the column.
    pub(super) fn code_positions(&self, field: &str, codes: &[String]) -> Option<Vec<Option<u32>>> {
        let position =
            |code: &str| codes.iter().position(|c| c == code).map(|position| position as u32);
        let column = self.coded.get(field)?;
        Some(match column.kind() {
            ColumnType::Text => column.iter_texts().map(|v| v.and_then(position)).collect(),
            ColumnType::Boolean => column
                .iter_truths()
                .map(|v| v.and_then(|v| position(if v { "是" } else { "否" })))
                .collect(),
            _ => return None,
        })
    }
}

fn unit_index(definition: &Definition, code: &str) -> Option<u32> {
    u32::try_from(definition.units.order(code)).ok()
}

type Evaluated = (BTreeMap<String, Column>, BTreeMap<String, Column>);

/// Evaluates all expressions at once; only the columns that they read are handed over.
fn evaluate(
    columns: &[(String, Column)],
    len: usize,
    wanted: &Wanted,
) -> anyhow::Result<Evaluated> {
    let coded = columns
        .iter()
        .filter(|(name, _)| wanted.coded.contains(name.as_str()))
        .map(|(name, column)| (name.clone(), column.clone()))
        .collect();
    let expressions: Vec<&Expression> = wanted.expressions.values().copied().collect();
    let values = if len == 0 || expressions.is_empty() {
        expressions.iter().map(|e| Column::empty(e.result)).collect()
    } else {
        let read: BTreeSet<&str> =
            expressions.iter().flat_map(|e| e.columns.iter().map(String::as_str)).collect();
        // An expression without columns still needs rows to be as long as.
        let first = columns.first().map(|(name, _)| name.clone());
        let columns = columns
            .iter()
            .filter(|(name, _)| read.contains(name.as_str()) || Some(name) == first.as_ref())
            .cloned()
            .collect();
        sql::evaluate(&Frame::new(columns)?, &expressions)?
    };
    let texts = expressions.iter().map(|e| e.text.clone());
    Ok((texts.zip(values).collect(), coded))
}
