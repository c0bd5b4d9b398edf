//! Blanks that indicators need: in every accepted return, the cells without which an indicator
//! cannot count the unit (G-15), and the rows that a definition leaves out because of a blank.
//!
//! Whether a blank matters is asked of the typed expressions: a condition that another cell
//! already decides needs no blank, a sum needs all its cells.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use anyhow::Context as _;
use rayon::prelude::*;

use super::accepted::{AcceptedSoFar, Ready};
use super::context::{Context, Output};
use crate::definition::{BlankMeans, Denominator, Form, Indicator};
use crate::model::{
    Blanks, Column, ColumnType, FactTable, Finding, Location, Period, ReturnBlanks, ReturnFacts,
    Wording,
};
use crate::sql::{self, Expression};

/// How many indicators a finding names.
const NAMED: usize = 3;

/// Looks at the returns that were accepted in this folder, each in its form's table.
pub(super) fn check(
    context: &Context,
    accepted: &BTreeSet<(String, Period)>,
    history: &mut AcceptedSoFar,
    blanks: &mut Blanks,
    output: &mut Output,
) -> anyhow::Result<()> {
    let definition = context.definition;
    let forms: Vec<(&Form, &Period)> =
        accepted.iter().filter_map(|(id, period)| Some((definition.form(id)?, period))).collect();
    let dated = forms.iter().map(|(form, period)| (*form, (*period).clone()));
    history.make_ready(definition, dated)?;
    let mut tables: Vec<(&Form, &Ready)> = Vec::with_capacity(forms.len());
    for (form, period) in forms {
        tables.extend(history.ready(&form.id, period).map(|ready| (form, &**ready)));
    }
    let found: Vec<TableBlanks> = tables
        .par_iter()
        .map(|(form, ready)| {
            let place = || format!("查找报表“{}”的空白", form.title);
            of_table(context, form, ready).with_context(place)
        })
        .collect::<anyhow::Result<_>>()?;
    for ((form, ready), mut found) in tables.iter().zip(found) {
        let fresh = ready.table.returns.iter().filter(|facts| facts.folder == *context.folder);
        for facts in fresh {
            let own = found.returns.remove(&facts.unit).unwrap_or_default();
            output.findings.extend(findings(context, form, facts, own.cells));
            blanks.set(&form.id, &facts.period, &facts.unit, own.blanks);
        }
    }
    Ok(())
}

/// By unit code.
#[derive(Default)]
struct TableBlanks {
    returns: BTreeMap<String, Found>,
}

#[derive(Default)]
struct Found {
    blanks: ReturnBlanks,
    /// (row of the return, field) → titles of the indicators that need it.
    cells: BTreeMap<(usize, usize), Vec<String>>,
}

/// What an indicator reads of a form's rows.
struct Need<'a> {
    indicator: &'a Indicator,
    /// Its own rows, not those that another form's indicator is divided by.
    own: bool,
    filter: Option<&'a Expression>,
    /// What is counted or added.
    values: Vec<&'a Expression>,
    /// Rows for which it is no are in no base, whatever else they lack.
    base: Option<&'a Expression>,
    /// Columns whose codes or keys are read as they stand.
    codes: Vec<&'a str>,
    /// Columns by which the rows are told apart.
    dimensions: BTreeSet<&'a str>,
}

impl<'a> Need<'a> {
    fn of(indicator: &'a Indicator, form: &'a Form) -> Vec<Self> {
        let parts = indicator.by.iter().flat_map(|by| by.split('*')).map(str::trim);
        let dimensions: BTreeSet<&str> =
            parts.filter(|part| form.field_behind(part).is_some()).collect();
        let mut needs = Vec::new();
        if indicator.form == form.id {
            let terms = indicator.computation.terms().into_iter();
            let base = match indicator.computation.denominator() {
                Some(Denominator::OfRows(base)) => base.counting_condition(),
                _ => None,
            };
            let keys = indicator.compares_rows().then_some(&form.primary_key);
            let keys = keys.into_iter().flatten().map(String::as_str);
            needs.push(Self {
                indicator,
                own: true,
                filter: indicator.filter.as_ref().and_then(|filter| filter.parsed.as_ref()),
                values: terms.filter_map(|term| term.parsed.as_ref()).collect(),
                base,
                codes: indicator.coded_columns().chain(keys).collect(),
                dimensions: dimensions.clone(),
            });
        }
        if let Some(other) = indicator.divided_by()
            && other.form.as_deref() == Some(&form.id)
        {
            needs.push(Self {
                indicator,
                own: false,
                filter: other.filter.as_ref().and_then(|filter| filter.parsed.as_ref()),
                // A plan by parts of the year is whole or it is none.
                values: {
                    let sum = other.sum.iter().filter_map(|sum| sum.parsed.as_ref());
                    sum.chain(other.parsed_to_date.last()).collect()
                },
                base: None,
                codes: Vec::new(),
                dimensions,
            });
        }
        needs
    }

    fn expressions(&self) -> impl Iterator<Item = &'a Expression> {
        self.filter.into_iter().chain(self.values.iter().copied())
    }

    /// For each expression (the filter first): blank columns, and when they make it unknown.
    fn unknown_by(&self, is_blank: &dyn Fn(&str) -> bool) -> Vec<Vec<(&'a str, Expression)>> {
        let of = |expression: &'a Expression| {
            let columns = expression.columns.iter().filter(|column| is_blank(column));
            let by = |column: &'a String| {
                Some((column.as_str(), expression.unknown_by(&|name| name == column)?))
            };
            columns.filter_map(by).collect()
        };
        self.expressions().map(of).collect()
    }

    fn columns(&self) -> impl Iterator<Item = &str> {
        let read = self.expressions().flat_map(|e| e.columns.iter().map(String::as_str));
        read.chain(self.codes.iter().copied()).chain(self.dimensions.iter().copied())
    }
}

/// A need with everything evaluated that its rows depend on.
struct Asked<'a> {
    need: Need<'a>,
    filter: Option<Vec<Option<bool>>>,
    base: Option<Vec<Option<bool>>>,
    values: Vec<Column>,
    /// For each expression (the filter first): blank columns and the rows that they make unknown.
    unknown: Vec<Vec<UnknownBy<'a>>>,
}

/// A blank column, and for each row whether it makes the value unknown.
type UnknownBy<'a> = (&'a str, Vec<Option<bool>>);

fn of_table(context: &Context, form: &Form, ready: &Ready) -> anyhow::Result<TableBlanks> {
    let blank_columns: BTreeSet<&str> = ready
        .frame
        .columns()
        .filter(|(name, column)| form.field_behind(name).is_some() && column.has_missing())
        .map(|(name, _)| name)
        .collect();
    let mut found = TableBlanks::default();
    let indicators = &context.definition.indicators;
    let collectable = indicators.iter().filter(|indicator| indicator.is_collectable());
    for need in collectable.flat_map(|indicator| Need::of(indicator, form)) {
        let is_blank = |column: &str| blank_columns.contains(column);
        if !need.columns().any(is_blank) {
            continue;
        }
        let unknown = need.unknown_by(&is_blank);
        let read = || need.codes.iter().chain(&need.dimensions);
        // Often nothing can be unknown: the definition asks whether the cell is blank.
        if unknown.iter().all(Vec::is_empty) && !read().any(|column| is_blank(column)) {
            continue;
        }
        let asked = Asked::new(need, unknown, ready)?;
        for row in 0..ready.table.len() {
            asked.row(form, ready, row, &mut found);
        }
    }
    missing_items(context, form, ready, &mut found)?;
    Ok(found)
}

/// The row of an item that a return lacks (G-16 says so) is a row of blanks: it stops every
/// indicator that does not leave it out for what is known of it.
fn missing_items(
    context: &Context,
    form: &Form,
    ready: &Ready,
    found: &mut TableBlanks,
) -> anyhow::Result<()> {
    let definition = context.definition;
    let returns: Vec<Arc<ReturnFacts>> = ready
        .table
        .returns
        .iter()
        .map(|facts| definition.missing_rows(form, facts))
        .filter(|facts| !facts.rows.is_empty())
        .map(Arc::new)
        .collect();
    if returns.is_empty() {
        return Ok(());
    }
    let table = FactTable::new(&form.id, &form.column_types(), returns);
    let absent = Ready::new(definition, form, Arc::new(table))?;
    let collectable = definition.indicators.iter().filter(|i| i.is_collectable());
    for need in collectable.flat_map(|indicator| Need::of(indicator, form)) {
        let conditions: Vec<&Expression> = need.filter.into_iter().chain(need.base).collect();
        let conditions: Vec<Vec<Option<bool>>> = sql::evaluate(&absent.frame, &conditions)?
            .into_iter()
            .map(truth)
            .collect::<anyhow::Result<_>>()?;
        for row in 0..absent.table.len() {
            if conditions.iter().any(|condition| condition[row] == Some(false)) {
                continue;
            }
            let (facts, _) = absent.table.origin(row);
            let entry = found.returns.entry(facts.unit.clone()).or_default();
            let blanks = entry.blanks.entry(need.indicator.id.clone()).or_default();
            blanks.stops.insert(facts.sheet_location());
        }
    }
    Ok(())
}

impl<'a> Asked<'a> {
    /// Evaluates everything at once.
    fn new(
        need: Need<'a>,
        conditions: Vec<Vec<(&'a str, Expression)>>,
        ready: &Ready,
    ) -> anyhow::Result<Self> {
        let plain: Vec<&Expression> = need.expressions().chain(need.base).collect();
        let unknown = conditions.iter().flatten().map(|(_, condition)| condition);
        let all: Vec<&Expression> = plain.iter().copied().chain(unknown).collect();
        let mut values = sql::evaluate(&ready.frame, &all)?;
        let mut rows = values.split_off(plain.len()).into_iter();
        let base = need.base.and_then(|_| values.pop()).map(truth).transpose()?;
        let filter = need.filter.map(|_| truth(values.remove(0))).transpose()?;
        let mut unknown = Vec::with_capacity(conditions.len());
        for columns in &conditions {
            let named = columns.iter().zip(rows.by_ref());
            unknown.push(
                named
                    .map(|((c, _), rows)| Ok((*c, truth(rows)?)))
                    .collect::<anyhow::Result<_>>()?,
            );
        }
        Ok(Self { need, filter, base, values, unknown })
    }

    /// What a row lacks.
    fn row(&self, form: &Form, ready: &Ready, row: usize, found: &mut TableBlanks) {
        let unknown = |at: usize| {
            let columns = self.unknown.get(at).into_iter().flatten();
            columns.filter(move |(_, rows)| rows[row] == Some(true)).map(|(column, _)| *column)
        };
        let mut lacking: BTreeSet<&str> = BTreeSet::new();
        let first_value = usize::from(self.filter.is_some());
        if self.filter.is_some() {
            lacking.extend(unknown(0));
        }
        if lacking.is_empty() {
            let considered = self.filter.as_ref().is_none_or(|filter| filter[row] == Some(true));
            let outside = self.base.as_ref().is_some_and(|base| base[row] == Some(false));
            if !considered || outside {
                return;
            }
            lacking.extend((first_value..self.unknown.len()).flat_map(unknown));
            lacking.extend(self.blank_among(ready, row, self.need.codes.iter().copied()));
        }
        let means = |column: &str| self.need.indicator.blank_in(form, column);
        let (facts, own_row) = ready.table.origin(row);
        let mut note = |columns: Vec<&str>, dimension: bool| {
            let entry = found.returns.entry(facts.unit.clone()).or_default();
            let id = self.need.indicator.id.clone();
            for column in columns {
                let Some(field) = form.field_behind(column) else { continue };
                let place = facts.location(own_row, &[field]);
                let blanks = entry.blanks.entry(id.clone()).or_default();
                if dimension {
                    blanks.unclassified.entry(column.to_owned()).or_default().insert(place);
                } else {
                    blanks.stops.insert(place);
                }
                let titles = entry.cells.entry((own_row, field)).or_default();
                if !titles.contains(&self.need.indicator.title) {
                    titles.push(self.need.indicator.title.clone());
                }
            }
        };
        let unknown = |column: &&str| matches!(means(column), None | Some(BlankMeans::Nothing));
        let stopping: Vec<&str> = lacking.iter().copied().filter(unknown).collect();
        if !stopping.is_empty() {
            note(stopping, false);
        } else if lacking.iter().any(|column| means(column) == Some(BlankMeans::Skip)) {
            if self.need.own {
                let entry = found.returns.entry(facts.unit.clone()).or_default();
                let blanks = entry.blanks.entry(self.need.indicator.id.clone()).or_default();
                blanks.left_out.insert(own_row);
            }
        } else if self.counts(row) {
            let dimensions = self.need.dimensions.iter().copied();
            let blank = self.blank_among(ready, row, dimensions);
            note(blank.into_iter().filter(unknown).collect(), true);
        }
    }

    fn blank_among<'c>(
        &self,
        ready: &Ready,
        row: usize,
        columns: impl Iterator<Item = &'c str>,
    ) -> Vec<&'c str> {
        let missing = |name: &&str| ready.column(name).is_some_and(|c| c.is_missing(row));
        columns.filter(missing).collect()
    }

    /// Does the row add anything to any side?
    fn counts(&self, row: usize) -> bool {
        let adds = |column: &Column| match column.kind() {
            ColumnType::Boolean => column.truth(row) == Some(true),
            _ => column.number(row).is_some_and(|number| !number.is_zero()),
        };
        self.values.is_empty() || self.values.iter().any(adds)
    }
}

fn truth(column: Column) -> anyhow::Result<Vec<Option<bool>>> {
    match column.kind() {
        ColumnType::Boolean => Ok(column.iter_truths().collect()),
        _ => anyhow::bail!("条件应得到是/否"),
    }
}

/// One finding a cell, with the indicators that it keeps from counting the unit.
fn findings(
    context: &Context,
    form: &Form,
    facts: &Arc<ReturnFacts>,
    cells: BTreeMap<(usize, usize), Vec<String>>,
) -> Vec<Finding> {
    let Some(tuned) = context.tuned("G-15") else { return Vec::new() };
    if !tuned.covers(form) {
        return Vec::new();
    }
    let finding = |((row, field), titles): ((usize, usize), Vec<String>)| {
        let title = &form.fields[field].title;
        let seen = facts.raw_text(row, field);
        let lacks = match &seen {
            None => format!("“{title}”为空"),
            Some(_) if facts.columns[field].is_missing(row) => format!("“{title}”没有填写实数"),
            // A derived column: a date outside the calendar, a value below the lowest band.
            Some(_) => format!("“{title}”不能换算成所需的数"),
        };
        let location: Location = facts.location(row, &[field]);
        let said = Wording {
            seen: seen.filter(|_| !form.fields[field].personal).unwrap_or_default(),
            expected: "指标所需的数".to_owned(),
            message: format!("{lacks}，{}不计本单位", listed(&titles)),
        };
        context.failed(&tuned, facts, location, said)
    };
    cells.into_iter().map(finding).collect()
}

fn listed(titles: &[String]) -> String {
    let shown: Vec<String> = titles.iter().take(NAMED).map(|title| format!("“{title}”")).collect();
    let more = if titles.len() > NAMED {
        format!("等 {} 项指标", titles.len())
    } else {
        String::new()
    };
    format!("{}{more}", shown.join("、"))
}
