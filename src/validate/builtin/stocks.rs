//! G-08 opening and closing stocks, G-09 cumulative numbers: this period against the last.

use std::collections::BTreeMap;

use super::{indices, rows_by_key};
use crate::definition::Form;
use crate::model::{Decimal, FactTable, Location, Period, ReturnFacts, Wording};
use crate::validate::context::{Context, Output, Tuned};
use crate::validate::message::shown_cells;

/// 上期 of a form, as accepted.
pub(in crate::validate) struct LastPeriod<'a> {
    pub period: Option<Period>,
    pub table: Option<&'a FactTable>,
    /// Did the unit owe the form then?
    pub owed: &'a dyn Fn(&str) -> bool,
}

impl LastPeriod<'_> {
    /// Units of this period whose last return is not there though it was owed.
    fn lacks(&self, unit: &str) -> bool {
        let present = self.table.is_some_and(|t| t.has_unit(unit));
        !present && (self.owed)(unit)
    }

    /// That there is nothing to compare with.
    fn absence(&self) -> String {
        match &self.period {
            Some(period) => format!("未评估：没有上期（{}）审核通过的报表", period.title()),
            None => "未评估：没有上期".to_owned(),
        }
    }
}

/// A number of this period's row and the one of the last period to hold it against.
struct Pair<'a> {
    facts: &'a ReturnFacts,
    row: usize,
    field: usize,
    now: Decimal,
    before: Decimal,
}

pub(in crate::validate) fn openings(
    context: &Context,
    form: &Form,
    now: &FactTable,
    earlier: &LastPeriod,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-08").filter(|tuned| tuned.covers(form)) else { return };
    let pairs: Vec<(usize, usize)> = form
        .stocks
        .iter()
        .filter_map(|s| Some((form.field_index(&s.opening)?, form.field_index(&s.closing)?)))
        .filter(|&(opening, _)| tuned.covers_field(form, &form.fields[opening]))
        .collect();
    compare(context, &tuned, form, now, earlier, &pairs, output, |pair, closing| {
        let period = earlier.period.as_ref().map(Period::title).unwrap_or_default();
        (pair.now != pair.before).then(|| {
            let (now, before) = (pair.now, pair.before);
            let difference = now.minus(before);
            let (opening, closing) = (&form.fields[pair.field].title, &form.fields[closing].title);
            Wording {
                seen: shown_cells(form, pair.facts, pair.row, &[pair.field]),
                expected: format!("上期（{period}）“{closing}”={before}，相差 {difference}"),
                message: format!("“{opening}” {now} 与上期“{closing}” {before} 不符"),
            }
        })
    });
}

pub(in crate::validate) fn falling_cumulatives(
    context: &Context,
    form: &Form,
    now: &FactTable,
    earlier: &LastPeriod,
    output: &mut Output,
) {
    let Some(tuned) = context.tuned("G-09").filter(|tuned| tuned.covers(form)) else { return };
    let this_year = now.returns.first().and_then(|facts| facts.period.year());
    // Cumulative numbers begin anew with the year.
    if this_year.is_none() || earlier.period.as_ref().and_then(Period::year) != this_year {
        return;
    }
    let pairs: Vec<(usize, usize)> = form
        .fields
        .iter()
        .enumerate()
        .filter(|(_, field)| field.cumulative && tuned.covers_field(form, field))
        .map(|(index, _)| (index, index))
        .collect();
    compare(context, &tuned, form, now, earlier, &pairs, output, |pair, _| {
        (pair.now < pair.before).then(|| {
            let (now, before) = (pair.now, pair.before);
            let title = &form.fields[pair.field].title;
            Wording {
                seen: shown_cells(form, pair.facts, pair.row, &[pair.field]),
                expected: format!("不小于上期累计 {before}，相差 {}", now.minus(before)),
                message: format!("累计数“{title}” {now} 小于上期的 {before}"),
            }
        })
    });
}

/// Matches rows by unit and by the part of the key that is not itself compared.
#[expect(clippy::too_many_arguments, reason = "two checks share everything but their verdict")]
fn compare<'a>(
    context: &Context,
    tuned: &Tuned,
    form: &Form,
    now: &'a FactTable,
    earlier: &LastPeriod,
    pairs: &[(usize, usize)],
    output: &mut Output,
    verdict: impl Fn(&Pair<'a>, usize) -> Option<Wording>,
) {
    let Some(first) = now.returns.first().filter(|_| !pairs.is_empty()) else { return };
    let code = tuned.check.code;
    let Some(before) = earlier.table.filter(|table| !table.returns.is_empty()) else {
        let said = Wording { message: earlier.absence(), ..Wording::default() };
        let finding = context.of_form(tuned, form, &first.period, Location::default(), said);
        output.findings.push(finding.not_evaluated("首期没有上期数据的，无须处理"));
        return;
    };
    let compared = |field: &usize| pairs.iter().any(|(a, b)| a == field || b == field);
    let key: Vec<usize> =
        indices(form, &form.primary_key).into_iter().filter(|field| !compared(field)).collect();
    let rows_before = rows_by_key(before, &key);
    let mut unmatched: BTreeMap<usize, usize> = BTreeMap::new();
    for ((unit, found), &row) in &rows_by_key(now, &key) {
        let (facts, inner) = now.origin(row);
        let match_before = rows_before.get(&(unit.clone(), found.clone()));
        if match_before.is_none() {
            *unmatched.entry(now.place(row).0).or_default() += 1;
        }
        for &(field, field_before) in pairs {
            let current = now.columns[field].number(row);
            let then = match_before.and_then(|&row| before.columns[field_before].number(row));
            let (Some(current), Some(then)) = (current, then) else {
                output.tally(code).not_evaluated += 1;
                continue;
            };
            let pair = Pair { facts, row: inner, field, now: current, before: then };
            match verdict(&pair, field_before) {
                None => output.tally(code).passed += 1,
                Some(said) => {
                    output.tally(code).failed += 1;
                    let location = facts.location(inner, &[field]);
                    output.findings.push(context.failed(tuned, facts, location, said));
                }
            }
        }
    }
    for (facts, rows) in unmatched.into_iter().map(|(index, rows)| (&now.returns[index], rows)) {
        // New rows of a unit that has reported before are simply new.
        if earlier.lacks(&facts.unit) {
            let message = format!("{rows} 行未评估：本单位上期报表未报或退回");
            let remedy = "补报上期报表后重新审核";
            let place = facts.sheet_location();
            output.findings.push(context.not_evaluated(tuned, facts, place, message, remedy));
        }
    }
}
