//! Returns that are somebody's copy: of the unit's own last one (G-10), of another unit's (G-19).

use std::collections::BTreeMap;

use super::indices;
use crate::definition::{FieldType, Form};
use crate::model::{Column, FactTable, Period, ReturnFacts, Value, Wording};
use crate::validate::context::{Context, Output};

/// Fewer numbers than this may well be the same by chance as last period …
const NUMBERS_OF_A_COPY: usize = 3;
/// … or, where words were changed, than this …
const NUMBERS_OF_A_TABLE: usize = 10;
/// … and fewer cells of their own as those of a neighbour.
const CELLS_OF_A_COPY: u32 = 6;

/// Every cell as last period, or every number though words were changed.
pub(super) fn of_last_period(
    form: &Form,
    facts: &ReturnFacts,
    earlier: &ReturnFacts,
    period_before: &Period,
) -> Option<Wording> {
    let key = indices(form, &form.primary_key);
    let told = |index: usize, value: &Value| !key.contains(&index) && is_nonzero(value);
    let numbers = cells(facts, told);
    let every_cell = facts.columns == earlier.columns && numbers >= NUMBERS_OF_A_COPY;
    let every_number = || {
        let mut columns = form.fields.iter().zip(facts.columns.iter().zip(earlier.columns.iter()));
        numbers >= NUMBERS_OF_A_TABLE
            && columns.all(|(field, (now, then))| !field.kind.is_number() || now == then)
    };
    let (what, how) = match every_cell {
        true => ("栏目", "逐格"),
        false if every_number() => ("数字", "所有数字"),
        false => return None,
    };
    let (rows, before) = (facts.rows.len(), period_before.title());
    Some(Wording {
        seen: format!("{rows} 行全部{what}与上期相同"),
        expected: "与上期不完全相同".to_owned(),
        message: format!("本期与上期（{before}）{how}相同，疑为照抄上期"),
    })
}

/// Every cell as another unit's: which of the two sent the other's cannot be told.
pub(in crate::validate) fn of_another_unit(
    context: &Context,
    form: &Form,
    now: &FactTable,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-19").filter(|tuned| tuned.covers(form)) else { return };
    let fewest = usize::try_from(tuned.at_least(CELLS_OF_A_COPY)).unwrap_or(usize::MAX);
    let coded = |index: usize| form.fields[index].kind == FieldType::Code;
    let own = |index: usize, value: &Value| match value {
        Value::Text(_) => !coded(index),
        Value::Date(_) => true,
        other => is_nonzero(other),
    };
    // The first row sorts out nearly all.
    let mut alike: BTreeMap<(usize, Vec<String>), Vec<&ReturnFacts>> = BTreeMap::new();
    for facts in &now.returns {
        let first = facts.columns.iter().filter(|column| !column.is_empty());
        let first = first.map(|column| column.get(0).to_string()).collect();
        alike.entry((facts.rows.len(), first)).or_default().push(facts);
    }
    for returns in alike.values() {
        for facts in returns {
            let same =
                |other: &&&ReturnFacts| other.unit != facts.unit && other.columns == facts.columns;
            let others: Vec<&str> = returns
                .iter()
                .filter(same)
                .map(|other| context.definition.units.name(&other.unit))
                .collect();
            let copied = !others.is_empty() && cells(facts, own) >= fewest;
            if !copied {
                output.tally("G-19").passed += 1;
                continue;
            }
            output.tally("G-19").failed += 1;
            let others = others.join("、");
            let said = Wording {
                seen: format!("{} 行全部栏目与{others}相同", facts.rows.len()),
                expected: "各单位不完全相同".to_owned(),
                message: format!("与{others}的报表逐格相同，疑为报错单位或照抄"),
            };
            output.findings.push(context.failed(&tuned, facts, facts.sheet_location(), said));
        }
    }
}

/// How many cells are of that kind.
fn cells(facts: &ReturnFacts, kind: impl Fn(usize, &Value) -> bool) -> usize {
    let in_column = |(index, column): (usize, &Column)| {
        (0..column.len()).filter(|&row| kind(index, &column.get(row))).count()
    };
    facts.columns.iter().enumerate().map(in_column).sum()
}

fn is_nonzero(value: &Value) -> bool {
    match value {
        Value::Integer(number) => *number != 0,
        Value::Decimal(number) => !number.is_zero(),
        _ => false,
    }
}
