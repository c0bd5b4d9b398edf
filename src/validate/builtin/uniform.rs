//! G-11: answers that are all the same in a long return, as mass filling gives them.

use crate::definition::{FieldType, Form};
use crate::model::{Column, Decimal, ReturnFacts, Wording};
use crate::validate::context::{Context, Output, Tuned};

pub(super) fn check(context: &Context, form: &Form, facts: &ReturnFacts, output: &mut Output) {
    let Some(tuned) = context.tuned("G-11").filter(|tuned| tuned.covers(form)) else { return };
    let fewest = usize::try_from(tuned.at_least(10)).unwrap_or(usize::MAX);
    let rows = facts.rows.len();
    if rows < fewest {
        return;
    }
    let failures = output.findings.len();
    for (index, field) in form.fields.iter().enumerate() {
        if !tuned.covers_field(form, field) {
            continue;
        }
        let column = &facts.columns[index];
        let graded = context.definition.codelist_of(field).is_some_and(|list| list.ordered);
        let answer = if graded {
            single_text(column, fewest)
        } else if field.kind == FieldType::Percent {
            single_number(column, Decimal::integer(100), fewest).then(|| "100%".to_owned())
        } else {
            None
        };
        if let Some(answer) = answer {
            let cells: Vec<_> = facts
                .location(0, &[index])
                .cells
                .into_iter()
                .chain(facts.location(rows - 1, &[index]).cells)
                .collect();
            let location = crate::model::Location { cells, ..facts.sheet_location() };
            let said = Wording {
                seen: format!("{}全部为“{answer}”", field.title),
                expected: "各行不完全相同".to_owned(),
                message: format!(
                    "{rows} 行的“{}”全部为“{answer}”，请核实是否批量填充",
                    field.title
                ),
            };
            output.findings.push(context.failed(&tuned, facts, location, said));
        }
    }
    if let Some(said) = all_zero(&tuned, form, facts) {
        output.findings.push(context.failed(&tuned, facts, facts.sheet_location(), said));
    }
    let failed = output.findings.len() - failures;
    let tally = output.tally("G-11");
    tally.failed += failed;
    tally.passed += usize::from(failed == 0);
}

/// The one text that fills a column, if at least `fewest` cells are filled and none differs.
fn single_text(column: &Column, fewest: usize) -> Option<String> {
    let mut filled = column.iter_texts().flatten();
    let first = filled.next()?;
    let (mut count, mut alike) = (1, true);
    for value in filled {
        count += 1;
        alike &= value == first;
    }
    (count >= fewest && alike).then(|| first.to_owned())
}

fn single_number(column: &Column, number: Decimal, fewest: usize) -> bool {
    let values: Vec<Decimal> = (0..column.len()).filter_map(|row| column.number(row)).collect();
    values.len() >= fewest && values.iter().all(|&value| value == number)
}

/// Every number of the return is zero.
fn all_zero(tuned: &Tuned, form: &Form, facts: &ReturnFacts) -> Option<Wording> {
    let mut numbers = 0;
    for (index, field) in form.fields.iter().enumerate() {
        if !field.kind.is_number() || !tuned.covers_field(form, field) {
            continue;
        }
        for row in 0..facts.rows.len() {
            match facts.columns[index].number(row) {
                Some(number) if number.is_zero() => numbers += 1,
                Some(_) => return None,
                None => {}
            }
        }
    }
    (numbers > 0).then(|| Wording {
        seen: format!("{numbers} 个数字全部为 0"),
        expected: "不全部为 0".to_owned(),
        message: format!("全表 {numbers} 个数字都是 0，请核实"),
    })
}
