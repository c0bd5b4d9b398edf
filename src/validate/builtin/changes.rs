//! G-10: numbers that jump against the last period, and returns copied from it.

use std::cmp::Ordering;

use super::copies;
use crate::definition::Form;
use crate::model::{Column, Decimal, FactTable, Frequency, Period, ReturnFacts, Wording};
use crate::validate::context::{Context, Output, Tuned};

pub(in crate::validate) fn abnormal_changes(
    context: &Context,
    form: &Form,
    now: &FactTable,
    before: &FactTable,
    period_before: &Period,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-10").filter(|tuned| tuned.covers(form)) else { return };
    // Events and single rounds have no level that could jump.
    if matches!(form.frequency, Frequency::Event | Frequency::Once) {
        return;
    }
    for facts in &now.returns {
        let mut same_unit = before.of_unit(&facts.unit);
        let (Some(earlier), None) = (same_unit.next(), same_unit.next()) else { continue };
        let copied = is_frequent(form)
            .then(|| copies::of_last_period(form, facts, earlier, period_before))
            .flatten();
        let said = copied.or_else(|| jumped(&tuned, form, facts, earlier, period_before));
        match said {
            None => output.tally("G-10").passed += 1,
            Some(said) => {
                output.tally("G-10").failed += 1;
                let place = facts.sheet_location();
                output.findings.push(context.failed(&tuned, facts, place, said));
            }
        }
    }
}

fn is_frequent(form: &Form) -> bool {
    matches!(form.frequency, Frequency::Monthly | Frequency::Quarterly)
}

/// Fields whose sum over the return changed by the given per cent and amount.
fn jumped(
    tuned: &Tuned,
    form: &Form,
    facts: &ReturnFacts,
    earlier: &ReturnFacts,
    period_before: &Period,
) -> Option<Wording> {
    // What a month does swings more than what a year counts.
    let (percent, amount) = if is_frequent(form) { (50, 20) } else { (20, 5) };
    let percent = i128::from(tuned.percent(percent));
    let amount = Decimal::integer(i64::from(tuned.at_least(amount)));
    let mut changes = Vec::new();
    for (index, field) in form.fields.iter().enumerate() {
        let key = form.primary_key.contains(&field.name);
        // Cumulative numbers grow by nature.
        if key || !field.is_additive() || field.cumulative || !tuned.covers_field(form, field) {
            continue;
        }
        let (Some(now), Some(then)) = (sum(&facts.columns[index]), sum(&earlier.columns[index]))
        else {
            continue;
        };
        let change = now.minus(then);
        let size = magnitude(change);
        let relative = Decimal::new(size.units * 100, size.places);
        let limit = Decimal::new(magnitude(then).units * percent, then.places);
        if size.units > 0 && size >= amount && relative.cmp(&limit) != Ordering::Less {
            changes.push((field.title.as_str(), then, now));
        }
    }
    if changes.is_empty() {
        return None;
    }
    let list = |text: &dyn Fn(&(&str, Decimal, Decimal)) -> String| {
        changes.iter().map(text).collect::<Vec<_>>().join("，")
    };
    Some(Wording {
        seen: list(&|(title, _, now)| format!("{title}合计={now}")),
        expected: list(&|(title, then, _)| format!("{title}上期={then}")),
        message: format!(
            "与上期（{}）相比变化异常：{}",
            period_before.title(),
            list(&|(title, then, now)| format!("{title} {then}→{now}"))
        ),
    })
}

fn magnitude(number: Decimal) -> Decimal {
    Decimal::new(number.units.abs(), number.places)
}

/// Sum of the values that are there; `None` when there is none.
fn sum(column: &Column) -> Option<Decimal> {
    let values = (0..column.len()).filter_map(|row| column.number(row));
    values.fold(None, |sum: Option<Decimal>, value| Some(sum.map_or(value, |sum| sum.plus(value))))
}
