//! G-02 parts and wholes, G-04 应 and 实, G-14 rates out of the ordinary.

use std::cmp::Ordering;

use super::indices;
use crate::definition::{FieldType, Form};
use crate::model::{Decimal, ReturnFacts, Wording};
use crate::validate::context::{Context, Output, Tuned};
use crate::validate::message::shown_cells;

/// One comparison inside a row: the left side must not be above (or must equal) the right.
struct Comparison {
    left: Vec<usize>,
    right: usize,
    equal: bool,
}

pub(super) fn check_parts(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-02").filter(|tuned| tuned.covers(form)) else { return };
    let mut comparisons = Vec::new();
    for (index, field) in form.fields.iter().enumerate() {
        let whole = field.part_of.as_deref().and_then(|name| form.field_index(name));
        if let Some(right) = whole.filter(|_| tuned.covers_field(form, field)) {
            comparisons.push(Comparison { left: vec![index], right, equal: false });
        }
    }
    for parts in &form.parts {
        let Some(right) = form.field_index(&parts.whole) else { continue };
        if tuned.covers_field(form, &form.fields[right]) {
            let left = indices(form, &parts.of);
            comparisons.push(Comparison { left, right, equal: parts.complete });
        }
    }
    for comparison in &comparisons {
        compare_rows(context, &tuned, form, facts, comparison, output);
    }
}

pub(super) fn check_due(context: &Context, form: &Form, facts: &ReturnFacts, output: &mut Output) {
    let Some(tuned) = context.tuned("G-04").filter(|tuned| tuned.covers(form)) else { return };
    for (index, field) in form.fields.iter().enumerate() {
        let due = field.due.as_deref().and_then(|name| form.field_index(name));
        if let Some(right) = due.filter(|_| tuned.covers_field(form, field)) {
            let comparison = Comparison { left: vec![index], right, equal: false };
            compare_rows(context, &tuned, form, facts, &comparison, output);
        }
    }
}

fn compare_rows(
    context: &Context,
    tuned: &Tuned,
    form: &Form,
    facts: &ReturnFacts,
    comparison: &Comparison,
    output: &mut Output,
) {
    let code = tuned.check.code;
    let Comparison { left, right, equal } = comparison;
    for row in 0..facts.rows.len() {
        let parts: Vec<Decimal> =
            left.iter().filter_map(|&field| facts.columns[field].number(row)).collect();
        let sum = parts.iter().copied().fold(Decimal::ZERO, Decimal::plus);
        let whole = facts.columns[*right].number(row);
        let complete = parts.len() == left.len();
        let verdict = match whole.map(|whole| sum.cmp(&whole)) {
            // Too much already, whatever the blanks are.
            Some(Ordering::Greater) if !parts.is_empty() => Some(false),
            Some(order) if complete => Some(!equal || order == Ordering::Equal),
            _ => None,
        };
        match (verdict, whole) {
            (Some(false), Some(whole)) => {
                output.tally(code).failed += 1;
                let mut fields = left.clone();
                fields.push(*right);
                let sum_of = if left.len() > 1 { "各分项之和" } else { "该数" };
                let whole_title = &form.fields[*right].title;
                let part_title = &form.fields[left[0]].title;
                let difference = sum.minus(whole);
                let relation = if *equal { "应等于" } else { "应不大于" };
                let message = if left.len() > 1 {
                    format!("“{whole_title}”的各分项之和为 {sum}，{relation} {whole}")
                } else {
                    format!("“{part_title}” {sum} {relation}“{whole_title}” {whole}")
                };
                let said = Wording {
                    seen: shown_cells(form, facts, row, &fields),
                    expected: format!(
                        "{sum_of}={sum}，{relation}“{whole_title}”={whole}，相差 {difference}"
                    ),
                    message,
                };
                let location = facts.location(row, &fields);
                output.findings.push(context.failed(tuned, facts, location, said));
            }
            (Some(_), _) => output.tally(code).passed += 1,
            (None, _) => output.tally(code).not_evaluated += 1,
        }
    }
}

/// Per cents without declared limits that lie outside 0–100: perhaps right, worth a look.
pub(super) fn check_rates(
    context: &Context,
    form: &Form,
    facts: &ReturnFacts,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-14").filter(|tuned| tuned.covers(form)) else { return };
    for (index, field) in form.fields.iter().enumerate() {
        let limits = &field.constraints;
        let limited = limits.minimum.is_some() || limits.maximum.is_some();
        if field.kind != FieldType::Percent || limited || !tuned.covers_field(form, field) {
            continue;
        }
        for row in 0..facts.rows.len() {
            let Some(rate) = facts.columns[index].number(row) else { continue };
            if rate < Decimal::ZERO || rate > Decimal::integer(100) {
                output.tally("G-14").failed += 1;
                let said = Wording {
                    seen: shown_cells(form, facts, row, &[index]),
                    expected: "一般在 0 到 100 之间".to_owned(),
                    message: format!("“{}”为 {rate}%，在 0 到 100 之外", field.title),
                };
                let location = facts.location(row, &[index]);
                output.findings.push(context.failed(&tuned, facts, location, said));
            } else {
                output.tally("G-14").passed += 1;
            }
        }
    }
}
