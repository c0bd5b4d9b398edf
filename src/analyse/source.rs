//! The rows that indicators read: of each form or register one table over all periods, evaluated
//! and grouped once for everything that is asked of it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use anyhow::Context;

use crate::definition::{
    Form, Indicator, KEY_COLUMN, Register, form_columns, form_schema, register_columns,
    register_schema,
};
use crate::model::{Blanks, Column, ColumnType, FactTable, Period, RowsOf, Units};
use crate::sql::{Added, Asked, Frame, GroupPlan, Groups, Measure, Schema};

use super::ask::{Questions, earlier_column, left_out_column};
use super::matching::{matched_due, matched_rows};
use super::plan::Plan;

/// Evaluated and grouped rows by source name.
pub(super) type Sources = BTreeMap<String, RowSource>;

/// One form's accepted rows, or one register's, in all periods that are needed.
pub(super) struct RowSource {
    /// Number of each period that has a table.
    periods: BTreeMap<Period, usize>,
    /// The first row of each period.
    starts: Vec<usize>,
    /// Of all periods.
    rows: usize,
    /// Row numbers of a register; of a form they count from the period's first row.
    register_rows: Option<Vec<u32>>,
    /// Can rows be attributed to units?
    has_units: bool,
    /// Is each row a unit? Then the row of one says nothing of it.
    is_of_units: bool,
    /// By text: number of each measure.
    measures: BTreeMap<String, usize>,
    /// Of each measure, row by row.
    numbers: Vec<Column>,
    /// By the columns by which they are grouped, besides period and unit.
    sets: BTreeMap<Vec<String>, Set>,
    /// By indicator and period: for each row, the one that it was in the period before.
    matched: MatchedRows,
}

struct Set {
    groups: Groups,
    /// The groups of each period.
    spans: Vec<Range<usize>>,
    /// Where each measure's sums stand.
    places: BTreeMap<usize, usize>,
}

/// The rows of one period.
#[derive(Clone, Copy)]
pub(super) struct PeriodRows<'s> {
    source: &'s RowSource,
    period: usize,
}

/// Rows of a period with the same unit and codes, and what a measure adds up to in them.
pub(super) struct Group<'s> {
    part: PeriodRows<'s>,
    keys: &'s [Column],
    at: usize,
    pub(super) added: Added,
    rows: &'s [u32],
    numbers: &'s Column,
}

/// Key columns before the coded ones.
const PERIOD: &str = "#period";
const UNIT: &str = "#unit";

impl RowSource {
    /// The accepted rows of a form.
    pub(super) fn of_form(
        form: &Form,
        periods: &BTreeSet<&Period>,
        wanted: &Questions,
        plan: &Plan,
    ) -> anyhow::Result<Self> {
        let (definition, facts) = (plan.definition, &plan.validated.facts);
        let tables: Vec<FormTable> = periods
            .iter()
            .filter_map(|&period| Some((period, facts.table(&form.id, period)?.as_ref())))
            .collect();
        let part = |&(period, table): &FormTable<'_>| OnePeriod {
            period: period.clone(),
            rows: table.len(),
            columns: form_columns(form, table, definition).to_vec(),
        };
        let parts = tables.iter().map(part).collect();
        let mut joined = Joined::new(parts, form_schema(form, definition));
        joined.units = Some(units_of(&tables, &definition.units));
        for indicator in &wanted.leaving_out {
            let rows = left_out(&tables, &indicator.id, &plan.validated.blanks);
            joined.extra.insert(left_out_column(&indicator.id), rows);
        }
        let mut matched = BTreeMap::new();
        for indicator in &wanted.matching {
            let codes = matched_codes(&tables, form, indicator, plan, &mut matched);
            joined.extra.insert(earlier_column(&indicator.id), codes);
        }
        let source = joined.grouped(&form.id, wanted, plan);
        let source = source.with_context(|| format!("计算{}", form.title))?;
        Ok(Self { matched, ..source })
    }

    /// The rows of a register that are valid in each period; of the register of units those that hand
    /// in returns, each its own unit's.
    pub(super) fn of_register(
        register: &Register,
        periods: &BTreeSet<&Period>,
        wanted: &Questions,
        plan: &Plan,
    ) -> anyhow::Result<Self> {
        let definition = plan.definition;
        let is_of_units = register.name == definition.settings.unit_register;
        let units = &definition.units;
        let kept: Vec<usize> = (0..register.rows.len())
            .filter(|&row| !is_of_units || units.hands_in(register.get(row, KEY_COLUMN)))
            .collect();
        let register = &register.only(&kept);
        let valid: Vec<Vec<usize>> = periods.iter().map(|p| register.valid_rows(p)).collect();
        let part = |(&period, rows): (&&Period, &Vec<usize>)| OnePeriod {
            period: period.clone(),
            rows: rows.len(),
            columns: register_columns(register, period),
        };
        let parts = periods.iter().zip(&valid).map(part).collect();
        let mut table = Joined::new(parts, register_schema(register));
        let own = is_of_units.then_some(KEY_COLUMN);
        let unit_column =
            own.or(register.unit_column()).and_then(|name| register.column_index(name));
        table.units = unit_column.map(|column| {
            let unit = |&row: &usize| {
                let code = register.rows[row].get(column).map_or("", String::as_str);
                units.get(code)?;
                i64::try_from(units.order(code)).ok()
            };
            Column::integers(valid.iter().flatten().map(unit))
        });
        let source = table.grouped(&RowsOf::Register(&register.name).to_string(), wanted, plan);
        let mut source = source.with_context(|| format!("计算登记册 {}", register.name))?;
        source.register_rows = Some(valid.iter().flatten().map(|&row| kept[row] as u32).collect());
        source.is_of_units = is_of_units;
        Ok(source)
    }

    /// `None` when there is no table.
    pub(super) fn period(&self, period: &Period) -> Option<PeriodRows<'_>> {
        self.periods.get(period).map(|&period| PeriodRows { source: self, period })
    }

    /// For each row of an indicator in a period, the one that it was in the period before.
    pub(super) fn matched(&self, indicator: &str, period: &Period) -> Option<&[Option<u32>]> {
        self.matched.get(&(indicator.to_owned(), period.clone())).map(Vec::as_slice)
    }
}

impl<'s> PeriodRows<'s> {
    /// Rows of the period.
    pub(super) fn len(self) -> usize {
        let RowSource { starts, rows, .. } = self.source;
        starts.get(self.period + 1).unwrap_or(rows) - starts[self.period]
    }

    pub(super) fn has_units(self) -> bool {
        self.source.has_units
    }

    pub(super) fn is_of_units(self) -> bool {
        self.source.is_of_units
    }

    /// The groups of this period by some columns; `None` when the source lacks one of them.
    pub(super) fn groups(
        self,
        columns: &[String],
        measure: &Measure,
    ) -> Option<impl Iterator<Item = Group<'s>>> {
        let set = self.source.sets.get(columns)?;
        let measure = *self.source.measures.get(measure.text())?;
        let place = *set.places.get(&measure)?;
        let span = set.spans.get(self.period)?.clone();
        Some(span.map(move |at| Group {
            part: self,
            keys: &set.groups.keys,
            at,
            added: set.groups.added[place][at],
            rows: &set.groups.rows[at],
            numbers: &self.source.numbers[measure],
        }))
    }
}

impl<'s> Group<'s> {
    /// Index of the unit; `None` when rows cannot be attributed.
    pub(super) fn unit(&self) -> Option<u32> {
        self.keys.get(1)?.integer(self.at).and_then(|unit| u32::try_from(unit).ok())
    }

    /// The code of one of the columns by which it is grouped.
    pub(super) fn code(&self, column: usize) -> Option<&'s str> {
        self.keys.get(column + 2)?.text(self.at)
    }

    /// Numbers of the rows that have one, with their row numbers.
    pub(super) fn used(&self) -> impl Iterator<Item = (i64, u32)> {
        let PeriodRows { source, period } = self.part;
        let start = source.starts[period];
        self.rows.iter().filter_map(move |&row| {
            let value = self.numbers.integer(row as usize)?;
            let number = match &source.register_rows {
                Some(numbers) => numbers[row as usize],
                None => row - start as u32,
            };
            Some((value, number))
        })
    }
}

/// A period and the accepted rows of a form in it.
type FormTable<'t> = (&'t Period, &'t FactTable);

/// Rows matched with those of the period before, by indicator and period.
type MatchedRows = BTreeMap<(String, Period), Vec<Option<u32>>>;

/// The index of each row's unit.
fn units_of(tables: &[FormTable], units: &Units) -> Column {
    let of_table = |(_, table): &FormTable| -> Vec<Option<i64>> {
        let unit = |code: &str| {
            i64::try_from(units.order(code)).ok().filter(|_| units.get(code).is_some())
        };
        let spans = table.spans().map(|(facts, rows)| (unit(&facts.unit), rows.len()));
        spans.flat_map(|(unit, rows)| std::iter::repeat_n(unit, rows)).collect()
    };
    Column::integers(tables.iter().flat_map(of_table))
}

/// Is each row left out by an indicator because of a blank?
fn left_out(tables: &[FormTable], indicator: &str, blanks: &Blanks) -> Column {
    let of_table = |&(period, table): &FormTable| -> Vec<Option<bool>> {
        let by_unit: BTreeMap<&str, &BTreeSet<usize>> = blanks
            .of(&table.form, period, indicator)
            .map(|(unit, blanks)| (unit, &blanks.left_out))
            .collect();
        let is_out = |unit: &str, row| by_unit.get(unit).is_some_and(|rows| rows.contains(&row));
        let spans = table.spans();
        spans
            .flat_map(|(facts, rows)| {
                (0..rows.len()).map(|row| Some(is_out(&facts.unit, row))).collect::<Vec<_>>()
            })
            .collect()
    };
    Column::booleans(tables.iter().flat_map(of_table))
}

/// The code that each row had in the period before. Notes which row that was.
fn matched_codes(
    tables: &[FormTable],
    form: &Form,
    indicator: &Indicator,
    plan: &Plan,
    matched: &mut MatchedRows,
) -> Column {
    let field = indicator.computation.of().unwrap_or_default();
    let mut all: Vec<Option<Arc<str>>> = Vec::new();
    for &(period, now) in tables {
        let due = plan.timeline(&form.id).and_then(|clock| clock.at(period));
        let before = due.and_then(|due| matched_due(plan, indicator, due));
        let then = before.and_then(|due| plan.validated.facts.table(&form.id, &due.period));
        let Some(then) = then else {
            all.extend(std::iter::repeat_n(None, now.len()));
            continue;
        };
        let rows = matched_rows(now, then, form, &plan.definition.units);
        let columns = form_columns(form, then, plan.definition);
        let codes = columns.iter().find(|(name, _)| name == field).map(|(_, codes)| texts(codes));
        let code = |row: &Option<u32>| codes.as_ref()?.text((*row)? as usize).map(Arc::from);
        all.extend(rows.iter().map(code));
        matched.insert((indicator.id.clone(), period.clone()), rows);
    }
    Column::texts(all)
}

/// One period's table before it is joined to the others.
struct OnePeriod {
    period: Period,
    rows: usize,
    columns: Vec<(String, Column)>,
}

/// The tables of all periods, one below the other.
struct Joined {
    parts: Vec<OnePeriod>,
    schema: Schema,
    units: Option<Column>,
    /// Columns that only some indicator has.
    extra: BTreeMap<String, Column>,
}

impl Joined {
    fn new(parts: Vec<OnePeriod>, schema: Schema) -> Self {
        Self { parts, schema, units: None, extra: BTreeMap::new() }
    }

    fn column(&self, name: &str) -> Option<Column> {
        if let Some(extra) = self.extra.get(name) {
            return Some(extra.clone());
        }
        let (_, kind) = self.schema.0.iter().find(|(column, _)| column == name)?;
        let of_part = |part: &'_ OnePeriod| part.columns.iter().position(|(c, _)| c == name);
        let parts = self.parts.iter().filter_map(|part| Some(&part.columns[of_part(part)?].1));
        Some(Column::joined(*kind, parts))
    }

    /// A column whose values tell rows apart, as text.
    fn codes(&self, name: &str) -> Option<Column> {
        let column = self.column(name)?;
        matches!(column.kind(), ColumnType::Text | ColumnType::Boolean).then(|| texts(&column))
    }

    /// Answers everything that is asked of a source.
    fn grouped(self, source: &str, wanted: &Questions, plan: &Plan) -> anyhow::Result<RowSource> {
        let mut starts = Vec::with_capacity(self.parts.len());
        let mut end = 0;
        for part in &self.parts {
            starts.push(end);
            end += part.rows;
        }
        let mut columns = self.keys(end);
        for name in wanted.measures.iter().flat_map(Measure::columns) {
            let column = self.column(name).with_context(|| format!("缺少列 {name}"))?;
            columns.insert(name.to_owned(), column);
        }
        let mut asked: Vec<(&Vec<String>, Vec<String>, Vec<usize>)> = Vec::new();
        for (fields, measures) in &wanted.sets {
            let name = |field: &String| format!("#by:{field}");
            let codes: Option<Vec<(String, Column)>> =
                fields.iter().map(|field| Some((name(field), self.codes(field)?))).collect();
            // A register without the column cannot be told apart by it.
            let Some(codes) = codes else { continue };
            columns.extend(codes);
            let keys = [PERIOD, UNIT].map(str::to_owned).into_iter().chain(fields.iter().map(name));
            asked.push((fields, keys.collect(), measures.iter().copied().collect()));
        }
        let (numbers, groups) = if end == 0 {
            (Vec::new(), asked.iter().map(|_| Groups::default()).collect())
        } else {
            let sets: Vec<(Vec<&str>, Vec<usize>)> = asked
                .iter()
                .map(|(_, keys, m)| (keys.iter().map(String::as_str).collect(), m.clone()))
                .collect();
            let measures: Vec<&Measure> = wanted.measures.iter().collect();
            let frame = Frame::new(columns.into_iter().collect())?;
            let rows = self.parts.iter().any(|part| plan.looks_at(source, part.rows));
            let asked = GroupPlan { measures: &measures, sets: &sets, rows };
            plan.engine.grouped(Asked { source, frame: &frame }, &asked)?
        };
        let sets = asked.into_iter().zip(groups).map(|((fields, _, measures), groups)| {
            (fields.clone(), Set::new(groups, &measures, starts.len()))
        });
        let measures = wanted.measures.iter().zip(0..);
        Ok(RowSource {
            sets: sets.collect(),
            periods: self.parts.into_iter().map(|part| part.period).zip(0..).collect(),
            starts,
            rows: end,
            has_units: self.units.is_some(),
            is_of_units: false,
            measures: measures.map(|(measure, at)| (measure.text().to_owned(), at)).collect(),
            numbers,
            register_rows: None,
            matched: BTreeMap::new(),
        })
    }

    /// The keys of every grouping: period and unit.
    fn keys(&self, rows: usize) -> BTreeMap<String, Column> {
        let periods = self.parts.iter().zip(0i64..);
        let periods = periods.flat_map(|(part, at)| std::iter::repeat_n(Some(at), part.rows));
        let units = self.units.clone();
        let units = units.unwrap_or_else(|| Column::blanks(ColumnType::Integer, rows));
        BTreeMap::from([(PERIOD.to_owned(), Column::integers(periods)), (UNIT.to_owned(), units)])
    }
}

impl Set {
    fn new(groups: Groups, measures: &[usize], periods: usize) -> Self {
        let mut spans = vec![0..0; periods];
        if let Some(period_of) = groups.keys.first() {
            for at in 0..groups.rows.len() {
                let period = period_of.integer(at).and_then(|period| usize::try_from(period).ok());
                if let Some(span) = period.and_then(|period| spans.get_mut(period)) {
                    // Groups are sorted by period first.
                    let first = if span.start == span.end { at } else { span.start };
                    *span = first..at + 1;
                }
            }
        }
        let places = measures.iter().enumerate().map(|(place, &measure)| (measure, place));
        Self { groups, spans, places: places.collect() }
    }
}

/// A coded column as text: yes and no in the words of the code lists.
fn texts(column: &Column) -> Column {
    match column.kind() {
        ColumnType::Boolean => {
            Column::texts(column.iter_truths().map(|v| v.map(|v| if v { "是" } else { "否" })))
        }
        _ => column.clone(),
    }
}
