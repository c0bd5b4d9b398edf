//! G-17: a code that refers to a row of a register or of another form must be that of one; and a
//! code of a list that is taken from a register must be valid in the period.

use std::collections::{BTreeMap, BTreeSet};

use crate::definition::{CodeList, Duty, Form, Referent, Register};
use crate::model::{
    Column, FactTable, Location, PERSONAL, Period, ReturnFacts, Validity, Wording, date_text,
};
use crate::validate::context::{Context, Output, Tuned};

/// The accepted rows of the forms that a form refers to, as they stand in a folder.
pub(in crate::validate) trait Others {
    /// The period that the form means in this folder, and its accepted rows.
    fn rows(&self, form: &Form) -> Option<(&Period, &FactTable)>;
    /// What a unit owes of it.
    fn duty(&self, form: &Form, period: &Period, unit: &str) -> anyhow::Result<Duty>;
}

pub(in crate::validate) fn references(
    context: &Context,
    form: &Form,
    returns: &[&ReturnFacts],
    others: &dyn Others,
    output: &mut Output,
) -> anyhow::Result<()> {
    let Some(tuned) = context.tuned("G-17").filter(|tuned| tuned.covers(form)) else {
        return Ok(());
    };
    for (index, field) in form.fields.iter().enumerate() {
        if !tuned.covers_field(form, field) {
            continue;
        }
        // The loader refuses what cannot be found.
        let targets = context.definition.targets(field).unwrap_or_default();
        let of_field = OfField { context, tuned: &tuned, form, index };
        let listed = context.definition.codelist_of(field).filter(|list| list.register.is_some());
        if targets.is_empty() && listed.is_none() {
            continue;
        }
        // Returns of one period share what is known.
        let mut by_period: BTreeMap<&Period, Vec<&ReturnFacts>> = BTreeMap::new();
        for facts in returns {
            by_period.entry(&facts.period).or_default().push(facts);
        }
        for (period, returns) in by_period {
            if let Some(list) = listed {
                of_field.in_list(list, period, &returns, output);
            }
            if !targets.is_empty() {
                of_field.in_targets(&targets, period, &returns, others, output)?;
            }
        }
    }
    Ok(())
}

/// One column of one form.
struct OfField<'a> {
    context: &'a Context<'a>,
    tuned: &'a Tuned<'a>,
    form: &'a Form,
    index: usize,
}

impl OfField<'_> {
    /// Values that are on none of the rows referred to.
    fn in_targets(
        &self,
        targets: &[Referent],
        period: &Period,
        returns: &[&ReturnFacts],
        others: &dyn Others,
        output: &mut Output,
    ) -> anyhow::Result<()> {
        let mut known: BTreeSet<&str> = BTreeSet::new();
        for target in targets {
            match *target {
                Referent::Register(register, column) => {
                    known.extend(register.values(column, period))
                }
                Referent::Form(other, column) => known.extend(values(others, other, column)),
            }
        }
        for facts in returns {
            let strangers = self.strangers(facts, &known);
            if let Some(reason) = self.unknowable(facts, &strangers, targets, others)? {
                let rows: Vec<usize> = strangers.values().flatten().copied().collect();
                output.tally("G-17").not_evaluated += rows.len();
                output.findings.push(self.context.not_evaluated(
                    self.tuned,
                    facts,
                    self.location(facts, &rows),
                    format!("未评估“{}”所指的代码：{reason}", self.title()),
                    "补报或更正所缺报表后重新审核",
                ));
                continue;
            }
            self.hold(facts, &strangers, output, |value| {
                let why = targets.iter().map(|target| match *target {
                    Referent::Register(register, column) => {
                        not_in_register(register, column, value, period)
                    }
                    Referent::Form(other, _) => {
                        let its = others.rows(other).map(|(its, _)| its.title());
                        format!(
                            "不在“{}”（{}）审核通过的行中",
                            other.title,
                            its.unwrap_or_default()
                        )
                    }
                });
                why.collect::<Vec<_>>().join("，也")
            });
        }
        Ok(())
    }

    /// Codes of a list that is taken from a register, used outside their dates.
    fn in_list(
        &self,
        list: &CodeList,
        period: &Period,
        returns: &[&ReturnFacts],
        output: &mut Output,
    ) {
        let known = list.valid_in(period).map(|code| code.code.as_str()).collect();
        for facts in returns {
            self.hold(facts, &self.strangers(facts, &known), output, |value| {
                let code = list.codes.iter().find(|code| code.code == value);
                let dates = code.map(|code| code.valid).unwrap_or_default();
                outside(&format!("代码表“{}”", list.title), dates, period)
            });
        }
    }

    /// Why values that are not found cannot be judged, if so.
    fn unknowable(
        &self,
        facts: &ReturnFacts,
        strangers: &BTreeMap<String, Vec<usize>>,
        targets: &[Referent],
        others: &dyn Others,
    ) -> anyhow::Result<Option<String>> {
        for target in targets.iter().filter(|_| !strangers.is_empty()) {
            if let Referent::Form(other, _) = *target
                && let Some(reason) = self.missing(facts, other, others)?
            {
                return Ok(Some(reason));
            }
        }
        Ok(None)
    }

    /// Why a code that is not found may yet be somebody's: the rows of the unit itself are not
    /// there, or, when it does not owe the other form, those of some unit that does.
    fn missing(
        &self,
        facts: &ReturnFacts,
        other: &Form,
        others: &dyn Others,
    ) -> anyhow::Result<Option<String>> {
        let Some((period, table)) = others.rows(other) else {
            return Ok(Some(format!("尚无“{}”", other.title)));
        };
        let sent = |unit: &str| table.has_unit(unit);
        if sent(&facts.unit) {
            return Ok(None);
        }
        let reason =
            |who: &str| Some(format!("{who}“{}”（{}）未报或退回", other.title, period.title()));
        if others.duty(other, period, &facts.unit)? != Duty::Free {
            return Ok(reason("本单位"));
        }
        for unit in self.context.definition.units.all() {
            if !sent(&unit.code) && others.duty(other, period, &unit.code)? != Duty::Free {
                return Ok(reason(&unit.name));
            }
        }
        Ok(None)
    }

    /// Values that are not among the known ones, with their rows.
    fn strangers(
        &self,
        facts: &ReturnFacts,
        known: &BTreeSet<&str>,
    ) -> BTreeMap<String, Vec<usize>> {
        let mut strangers: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        let Some(column) = facts.columns.get(self.index) else { return strangers };
        for (row, value) in column.iter_texts().enumerate() {
            if let Some(value) = value.filter(|value| !known.contains(value)) {
                strangers.entry(value.to_owned()).or_default().push(row);
            }
        }
        strangers
    }

    /// One finding a value that is nobody's.
    fn hold(
        &self,
        facts: &ReturnFacts,
        strangers: &BTreeMap<String, Vec<usize>>,
        output: &mut Output,
        why: impl Fn(&str) -> String,
    ) {
        let failed: usize = strangers.values().map(Vec::len).sum();
        let blank = |row: &usize| facts.columns[self.index].is_missing(*row);
        let filled = (0..facts.rows.len()).filter(|row| !blank(row)).count();
        let tally = output.tally("G-17");
        tally.failed += failed;
        tally.passed += filled - failed;
        for (value, rows) in strangers {
            let personal = self.form.fields[self.index].personal;
            let shown = if personal { PERSONAL } else { value.as_str() };
            let said = Wording {
                seen: format!("{}={shown}", self.title()),
                expected: "登记册或所指报表中的代码".to_owned(),
                message: format!("“{}”{shown} {}", self.title(), why(value)),
            };
            let place = self.location(facts, rows);
            output.findings.push(self.context.failed(self.tuned, facts, place, said));
        }
    }

    fn title(&self) -> &str {
        &self.form.fields[self.index].title
    }

    fn location(&self, facts: &ReturnFacts, rows: &[usize]) -> Location {
        let cells = rows.iter().flat_map(|&row| facts.location(row, &[self.index]).cells).collect();
        Location { cells, ..facts.sheet_location() }
    }
}

/// The values of a form's field on its accepted rows.
fn values<'a>(
    others: &'a dyn Others,
    form: &Form,
    field: usize,
) -> impl Iterator<Item = &'a str> + use<'a> {
    let column = others.rows(form).and_then(|(_, table)| table.columns.get(field));
    column.into_iter().flat_map(Column::iter_texts).flatten()
}

fn not_in_register(register: &Register, column: usize, value: &str, period: &Period) -> String {
    let place = register.called();
    let its = |row: &usize| register.rows[*row].get(column).is_some_and(|v| v == value);
    let mut dates: Vec<Validity> =
        (0..register.rows.len()).filter(its).map(|row| register.validity(row)).collect();
    dates.sort_by_key(|dates| dates.from);
    // The last that had begun, else the first that will.
    let begun = |dates: &&Validity| dates.from <= period.last_day();
    match dates.iter().rfind(begun).or(dates.first()) {
        Some(dates) => outside(&place, *dates, period),
        None => format!("不在{place}中"),
    }
}

/// A row that exists, but not on the last day of the period.
fn outside(place: &str, dates: Validity, period: &Period) -> String {
    let day = |day: Option<i32>, word: &str| day.map(|day| format!("{} {word}", date_text(day)));
    let dates: Vec<String> =
        [day(dates.from, "起用"), day(dates.to, "停用")].into_iter().flatten().collect();
    format!("在{place}中 {}，{}末无效", dates.join("、"), period.title())
}
