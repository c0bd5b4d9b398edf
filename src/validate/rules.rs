//! Row rules (表内): a row passes if the rule holds.

use std::collections::BTreeMap;

use anyhow::Context as _;

use super::accepted::Ready;
use super::context::{Context, Output};
use super::message::{Comparison, RowView, is_identifier, quoted_titles, rule_in_words};
use crate::definition::{Check, Definition, Form, MissingPolicy, form_schema};
use crate::model::placeholders::fill;
use crate::model::{CellRef, Column, Finding, Location, ReturnFacts, Wording};
use crate::sql::{self, Asked, Engine, Expression};

/// How many cells a finding about many rows shows.
const CELLS_SHOWN: usize = 5;

/// The row rules of a form.
fn checks_of<'d>(definition: &'d Definition, form: &'d Form) -> impl Iterator<Item = &'d Check> {
    let asked = |check: &&Check| {
        check.form == form.id && check.parsed_rule.is_some() && check.is_collectable()
    };
    definition.checks.iter().filter(asked)
}

/// What all row rules of a form say of these rows: of each check its rule, then its condition.
pub(super) fn evaluated(
    definition: &Definition,
    form: &Form,
    ready: &Ready,
    engine: &dyn Engine,
) -> anyhow::Result<Vec<Column>> {
    let expressions: Vec<&Expression> = checks_of(definition, form)
        .flat_map(|check| check.parsed_rule.iter().chain(&check.parsed_when))
        .collect();
    let asked = Asked { source: &form.id, frame: &ready.frame };
    engine.rows(asked, &expressions).with_context(|| format!("计算报表“{}”的审核公式", form.title))
}

/// Judges the rows of a form by what was evaluated of them.
pub(super) fn check_rows(
    context: &Context,
    form: &Form,
    ready: &Ready,
    results: Vec<Column>,
    output: &mut Output,
) -> anyhow::Result<()> {
    if ready.table.is_empty() {
        return Ok(());
    }
    let mut results = results.into_iter();
    for check in checks_of(context.definition, form) {
        let Some(rule) = &check.parsed_rule else { continue };
        let holds = results.next().context("审核公式缺少计算结果")?;
        let asked = match check.parsed_when {
            Some(_) => Some(results.next().context("审核公式缺少计算结果")?),
            None => None,
        };
        let judged = judge(check, rule, &holds, asked.as_ref(), ready);
        let tally = output.tally(&check.code);
        tally.passed += judged.passed;
        tally.failed += judged.failed.len();
        tally.not_evaluated += judged.not_evaluated.len() + judged.unknown;
        report_failures(context, form, check, rule, ready, &judged.failed, output)?;
        report_not_evaluated(context, form, check, rule, ready, &judged.not_evaluated, output);
    }
    Ok(())
}

#[derive(Default)]
struct Judged {
    passed: usize,
    failed: Vec<usize>,
    not_evaluated: Vec<usize>,
    /// Neither true nor false under SQL logic; says nothing.
    unknown: usize,
}

fn judge(
    check: &Check,
    rule: &Expression,
    holds: &Column,
    asked: Option<&Column>,
    ready: &Ready,
) -> Judged {
    let named: Vec<&Column> = rule.columns.iter().filter_map(|name| ready.column(name)).collect();
    let mut judged = Judged::default();
    for row in 0..ready.table.len() {
        if asked.is_some_and(|asked| asked.truth(row) != Some(true)) {
            continue;
        }
        let blank = named.iter().any(|column| column.is_missing(row));
        match (holds.truth(row), check.missing) {
            (_, MissingPolicy::Skip) if blank => judged.not_evaluated.push(row),
            (_, MissingPolicy::Fail) if blank => judged.failed.push(row),
            (Some(true), _) => judged.passed += 1,
            (Some(false), _) | (None, MissingPolicy::Fail) => judged.failed.push(row),
            (None, MissingPolicy::Skip) => judged.not_evaluated.push(row),
            (None, MissingPolicy::AsIs) => judged.unknown += 1,
        }
    }
    judged
}

fn report_failures(
    context: &Context,
    form: &Form,
    check: &Check,
    rule: &Expression,
    ready: &Ready,
    rows: &[usize],
    output: &mut Output,
) -> anyhow::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let expectation = Expectation::of(context, form, check, rule, ready)?;
    for &row in rows {
        let view = RowView { form, table: &ready.table, frame: &ready.frame, row };
        output.findings.push(failure(context, check, rule, view, |view| expectation.text(view)));
    }
    Ok(())
}

/// A failed row as a finding.
fn failure(
    context: &Context,
    check: &Check,
    rule: &Expression,
    view: RowView,
    expected: impl Fn(RowView) -> String,
) -> Finding {
    let fields = shown_fields(view.form, check, &rule.columns);
    let value = |name: &str| view.value(context.definition, name);
    let said = Wording {
        seen: if check.seen.is_empty() { view.seen(&fields) } else { fill(&check.seen, value) },
        expected: if check.expected.is_empty() {
            expected(view)
        } else {
            fill(&check.expected, value)
        },
        message: fill(&check.message, value),
    };
    let (facts, row) = view.origin();
    context.of_return(check.head(), facts, facts.location(row, &fields), said)
}

/// The fields whose cells a finding shows: those that the check names, else those of the rule.
pub(super) fn shown_fields(form: &Form, check: &Check, columns: &[String]) -> Vec<usize> {
    let names = if check.cells.is_empty() { columns } else { &check.cells };
    let mut fields = Vec::new();
    for field in names.iter().filter_map(|name| form.field_behind(name)) {
        if !fields.contains(&field) {
            fields.push(field);
        }
    }
    if check.cells.is_empty() {
        // As they stand on the sheet, not by name.
        fields.sort_unstable();
    }
    fields
}

/// What a failed row should have been, where the rule itself says it.
enum Expectation {
    Nothing,
    /// The rule in the words of the form.
    Words(String),
    /// `field = derived column`: the derived value.
    Derived {
        title: String,
        column: String,
    },
    /// Both sides of a balance, and the imbalance.
    Sides {
        left: Column,
        right: Column,
        equal: bool,
    },
}

impl Expectation {
    fn of(
        context: &Context,
        form: &Form,
        check: &Check,
        rule: &Expression,
        ready: &Ready,
    ) -> anyhow::Result<Self> {
        if !check.expected.is_empty() {
            return Ok(Self::Nothing);
        }
        let words = || rule_in_words(form, &rule.text).map_or(Self::Nothing, Self::Words);
        let Some(comparison) = Comparison::of(&rule.text) else { return Ok(words()) };
        if comparison.operator == "=" {
            for (field, column) in
                [(comparison.left, comparison.right), (comparison.right, comparison.left)]
            {
                if let Some(field) = form.field(field)
                    && is_identifier(column)
                    && form.field(column).is_none()
                    && ready.column(column).is_some()
                {
                    let title = field.title.clone();
                    return Ok(Self::Derived { title, column: column.to_owned() });
                }
            }
        }
        // Day numbers mean nothing to a reader.
        let days = |c: &String| c.ends_with("__day") || c.ends_with("__workday");
        if !comparison.is_arithmetic() || rule.columns.iter().any(days) {
            return Ok(words());
        }
        let schema = form_schema(form, context.definition);
        let side = |text: &str| sql::check_expression(text, &schema).ok();
        let (Some(left), Some(right)) = (side(comparison.left), side(comparison.right)) else {
            return Ok(words());
        };
        let mut sides = sql::evaluate(&ready.frame, &[&left, &right])?;
        let (Some(right), Some(left)) = (sides.pop(), sides.pop()) else { return Ok(words()) };
        Ok(Self::Sides { left, right, equal: comparison.operator == "=" })
    }

    fn text(&self, view: RowView) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Words(words) => format!("应满足：{words}"),
            Self::Derived { title, column } => {
                let value = view.frame.column(column).map(|c| c.get(view.row).to_string());
                match value {
                    Some(value) if !value.is_empty() => format!("{title}应为{value}"),
                    _ => String::new(),
                }
            }
            Self::Sides { left, right, equal } => {
                match (left.number(view.row), right.number(view.row)) {
                    (Some(left), Some(right)) => {
                        let should = if *equal { "两边应相等：" } else { "" };
                        let difference = left.minus(right);
                        format!("{should}左边={left}，右边={right}，相差 {difference}")
                    }
                    _ => String::new(),
                }
            }
        }
    }
}

/// One finding a return, naming the blank fields and the first cells.
fn report_not_evaluated(
    context: &Context,
    form: &Form,
    check: &Check,
    rule: &Expression,
    ready: &Ready,
    rows: &[usize],
    output: &mut Output,
) {
    let mut by_return: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for &row in rows {
        by_return.entry(ready.table.place(row).0).or_default().push(row);
    }
    for rows in by_return.values() {
        let Some(&first) = rows.first() else { continue };
        let (facts, _) = ready.table.origin(first);
        let gaps = Gaps::of(form, rule, ready, facts, rows);
        let said = Wording { message: gaps.message(form, rows.len()), ..Wording::default() };
        let finding = context.of_return(check.head(), facts, gaps.location(facts), said);
        output.findings.push(finding.not_evaluated(gaps.remedy(form)));
    }
}

/// Why rows of one return could not be evaluated.
#[derive(Default)]
struct Gaps {
    absent_columns: Vec<usize>,
    blank: Vec<usize>,
    /// Filled, but nothing could be derived from them.
    underivable: Vec<usize>,
    cells: Vec<CellRef>,
}

impl Gaps {
    fn of(
        form: &Form,
        rule: &Expression,
        ready: &Ready,
        facts: &ReturnFacts,
        rows: &[usize],
    ) -> Self {
        let mut gaps = Self::default();
        let add = |list: &mut Vec<usize>, field: usize| {
            if !list.contains(&field) {
                list.push(field);
            }
        };
        for &row in rows {
            let (_, inner) = ready.table.origin(row);
            for name in &rule.columns {
                let Some(column) = ready.column(name) else { continue };
                if !column.is_missing(row) {
                    continue;
                }
                let Some(field) = form.field_behind(name) else { continue };
                if facts.column_at.get(field).copied().flatten().is_none() {
                    add(&mut gaps.absent_columns, field);
                    continue;
                }
                if facts.columns[field].is_missing(inner) {
                    add(&mut gaps.blank, field);
                } else {
                    add(&mut gaps.underivable, field);
                }
                for cell in facts.location(inner, &[field]).cells {
                    if gaps.cells.len() < CELLS_SHOWN && !gaps.cells.contains(&cell) {
                        gaps.cells.push(cell);
                    }
                }
            }
        }
        gaps
    }

    fn location(&self, facts: &ReturnFacts) -> Location {
        Location { cells: self.cells.clone(), ..facts.sheet_location() }
    }

    fn message(&self, form: &Form, rows: usize) -> String {
        let mut reasons = Vec::new();
        if !self.absent_columns.is_empty() {
            reasons.push(format!("报表没有{}栏", quoted_titles(form, &self.absent_columns)));
        }
        if !self.blank.is_empty() {
            reasons.push(format!("{}为空", quoted_titles(form, &self.blank)));
        }
        if !self.underivable.is_empty() {
            let titles = quoted_titles(form, &self.underivable);
            reasons.push(format!("由{titles}无法推算（不在等次、分数线或节假日表范围内）"));
        }
        if reasons.is_empty() {
            reasons.push("算不出结果".to_owned());
        }
        format!("{rows} 行未评估：{}", reasons.join("；"))
    }

    fn remedy(&self, form: &Form) -> String {
        let mut fields: Vec<usize> = self.absent_columns.clone();
        fields.extend(&self.blank);
        if fields.is_empty() {
            return "核对所填内容后重新审核".to_owned();
        }
        format!("补填{}后重新审核", quoted_titles(form, &fields))
    }
}
