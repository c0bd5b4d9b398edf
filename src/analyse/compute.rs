//! Kinds of indicators: which rows make the numerator and the denominator, and the value.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, bail};

use crate::definition::{Denominator, Form, Indicator, IndicatorKind, OtherDenominator, Register};
use crate::model::{Column, Contribution, Decimal, Period, Rational};
use crate::sql::{ColumnType, Expression};

use super::layout::Slot;
use super::plan::{Item, Plan};
use super::source::Source;
use super::standing::Standing;
use super::table::{Cell, Table};
use super::tally::{Pass, RowSlots, Tally, Values};
use super::timeline::Due;

/// Evaluated rows by source name and period (of the form, or at which the register is valid).
pub(super) type Sources = BTreeMap<(String, Period), Source>;

/// Numerators or denominators of all rows, and the data rows behind them.
struct Side {
    source: String,
    period: Option<Period>,
    fields: Vec<String>,
    /// Field of the source for each dimension, shown with figures of a category.
    dimension_fields: Vec<Option<String>>,
    /// Numbers a slot; 1 when all classes share one.
    classes: usize,
    numbers: Vec<Option<Decimal>>,
    rows: Vec<Vec<u32>>,
}

/// The figures of an indicator that is not derived.
pub(super) fn compute<'p>(
    plan: &'p Plan,
    sources: &Sources,
    item: &Item,
    due: &Due,
    keep_rows: bool,
) -> anyhow::Result<Table<'p>> {
    let indicator = item.indicator;
    let form = plan.definition.form(&indicator.form).context("指标的表不存在")?;
    let standing = plan.standing(&form.id, &due.period).context("表的报告期没有台账")?;
    let units = standing.listed();
    let work = Work {
        plan,
        sources,
        item,
        indicator,
        form,
        due,
        slots: item.layout.slots(&units),
        units,
        standing,
        keep_rows,
    };
    let (numerators, denominators, other) =
        work.sides().with_context(|| format!("计算指标 {}", indicator.id))?;
    let cells = work.cells(&numerators, denominators.as_ref());
    let standings = [Some(standing), other].into_iter().flatten().collect();
    Ok(Table::new(plan, item, &due.period, cells, standings))
}

struct Work<'p, 'w> {
    plan: &'p Plan<'p>,
    sources: &'w Sources,
    item: &'w Item<'w>,
    indicator: &'w Indicator,
    form: &'p Form,
    due: &'w Due,
    units: Vec<usize>,
    slots: Vec<Slot>,
    standing: &'p Standing,
    keep_rows: bool,
}

/// Numerators, denominators, and the returns of another form if it has a part in them.
type Sides<'p> = (Side, Option<Side>, Option<&'p Standing>);

impl<'p> Work<'p, '_> {
    fn sides(&self) -> anyhow::Result<Sides<'p>> {
        let indicator = self.indicator;
        let main = self.sources.get(&(self.form.id.clone(), self.due.period.clone()));
        let filter = parsed(indicator.filter.as_ref(), indicator.parsed_filter.as_ref(), "where")?;
        let numerator =
            parsed(indicator.numerator.as_ref(), indicator.parsed_numerator.as_ref(), "numerator")?;
        let rows = Rows { source: main, filter };
        Ok(match indicator.kind {
            IndicatorKind::Count | IndicatorKind::Sum => {
                let counts = indicator.kind == IndicatorKind::Count;
                if counts && numerator.is_some_and(|n| n.result != ColumnType::Boolean) {
                    bail!("count 的 numerator 应得到是/否");
                }
                (self.added(&rows, numerator)?, None, None)
            }
            IndicatorKind::Ratio => {
                let (denominators, other) = self.denominators(&rows)?;
                (self.added(&rows, numerator)?, Some(denominators), other)
            }
            IndicatorKind::Mean | IndicatorKind::TrimmedMean => {
                let numerator = numerator.context("缺少 numerator")?;
                let trim = match indicator.kind {
                    IndicatorKind::TrimmedMean => Some(indicator.trim),
                    _ => None,
                };
                let (sums, counts) = self.mean(&rows, numerator, trim)?;
                (sums, Some(counts), None)
            }
            IndicatorKind::Distribution => {
                let (counts, base) = self.distribution(&rows)?;
                (counts, Some(base), None)
            }
            IndicatorKind::Funnel => {
                let (steps, first) = self.funnel(&rows)?;
                (steps, Some(first), None)
            }
            IndicatorKind::Derived => bail!("派生指标没有数据行"),
        })
    }

    /// Rows counted or values summed.
    fn added(&self, rows: &Rows, expression: Option<&Expression>) -> anyhow::Result<Side> {
        let column = rows.result(expression)?;
        let (values, places) = column.map_or(Ok((Values::Rows, None)), Values::of)?;
        let tallies = self.tallies(rows, values, false)?;
        self.side(self.form_part(rows, expression), tallies, places)
    }

    fn mean(
        &self,
        rows: &Rows,
        numerator: &Expression,
        trim: Option<usize>,
    ) -> anyhow::Result<(Side, Side)> {
        let column = rows.result(Some(numerator))?;
        let (values, places) = column.map_or(Ok((Values::Rows, 0)), Values::as_numbers)?;
        let mut tallies = self.tallies(rows, values, trim.is_some())?;
        if let Some(trim) = trim {
            tallies = tallies.into_iter().map(|tally| tally.trim(trim)).collect();
        }
        let part = || self.form_part(rows, Some(numerator));
        let counts = self.side(part(), tallies.clone(), None)?;
        Ok((self.side(part(), tallies, Some(places))?, counts))
    }

    fn distribution(&self, rows: &Rows) -> anyhow::Result<(Side, Side)> {
        let field = self.indicator.of.as_deref().context("缺少 of")?;
        let codes = &self.item.layout.class_codes;
        let count = codes.len();
        let tallies = match rows.source {
            None => vec![Tally::default(); self.slots.len() * count],
            Some(source) => {
                let classes = source
                    .code_positions(field, codes)
                    .with_context(|| format!("没有字段 {field}"))?;
                self.pass(source, rows, Values::Rows, |pass| {
                    pass.run_by_class(Some(&classes), count)
                })?
            }
        };
        let mut base = vec![Tally::default(); self.slots.len()];
        for (slot, total) in base.iter_mut().enumerate() {
            for tally in &tallies[slot * count..(slot + 1) * count] {
                total.used += tally.used;
                total.rows.extend_from_slice(&tally.rows);
            }
            total.rows.sort_unstable();
        }
        let mut part = self.form_part(rows, None);
        part.fields = self.form_fields([field].into_iter().chain(rows.filter_columns()));
        Ok((self.side(part.clone(), tallies, None)?, self.side(part, base, None)?))
    }

    fn funnel(&self, rows: &Rows) -> anyhow::Result<(Side, Side)> {
        let steps = &self.indicator.steps;
        let mut by_step = Vec::new();
        let mut columns = Vec::new();
        for step in steps {
            let expression = parsed(Some(&step.filter), step.parsed.as_ref(), "step.where")?;
            let values = match rows.result(expression)? {
                None => Values::Rows,
                Some(Column::Boolean(values)) => Values::Truth(values),
                Some(_) => bail!("步骤 {} 的 where 应得到是/否", step.id),
            };
            by_step.push(self.tallies(rows, values, false)?);
            columns.extend(expression.iter().flat_map(|e| e.columns.iter().map(String::as_str)));
        }
        let first = by_step.first().cloned().context("漏斗没有步骤")?;
        let slots = 0..self.slots.len();
        let tallies =
            slots.flat_map(|slot| by_step.iter().map(move |step| step[slot].clone())).collect();
        let mut part = self.form_part(rows, None);
        part.fields = self.form_fields(columns.into_iter().chain(rows.filter_columns()));
        Ok((self.side(part.clone(), tallies, None)?, self.side(part, first, None)?))
    }

    fn denominators(&self, rows: &Rows) -> anyhow::Result<(Side, Option<&'p Standing>)> {
        let other = match &self.indicator.denominator {
            None => return Ok((self.added(rows, None)?, None)),
            Some(Denominator::Expression(text)) => {
                let expression =
                    parsed(Some(text), self.indicator.parsed_denominator.as_ref(), "denominator")?;
                return Ok((self.added(rows, expression)?, None));
            }
            Some(Denominator::Other(other)) => other,
        };
        match (&other.form, &other.register, other.units.as_deref()) {
            (Some(form), None, None) => self.other_form(form, other),
            (None, Some(register), None) => Ok((self.register(register, other)?, None)),
            (None, None, Some("expected")) => Ok((self.expected_units(), None)),
            _ => bail!("denominator 应是 form、register、units = \"expected\" 三者之一"),
        }
    }

    fn other_form(
        &self,
        id: &str,
        other: &OtherDenominator,
    ) -> anyhow::Result<(Side, Option<&'p Standing>)> {
        let form = self.plan.definition.form(id).with_context(|| format!("表 {id} 不存在"))?;
        let clock = self.plan.timeline(id);
        let Some(due) = clock.and_then(|clock| clock.latest_by(&self.due.folder)) else {
            let part = Part { source: id.to_owned(), ..Part::default() };
            return Ok((part.filled(vec![None; self.slots.len()], Vec::new(), 1), None));
        };
        let standing = self.plan.standing(id, &due.period);
        let source = self.sources.get(&(id.to_owned(), due.period.clone()));
        let dimensions = &self.item.layout.dimensions;
        let part = Part {
            source: id.to_owned(),
            period: Some(due.period.clone()),
            fields: fields_of(form, columns_of(other)),
            dimension_fields: dimensions
                .iter()
                .map(|d| fields_of(form, [d.field.as_str()]).into_iter().next())
                .collect(),
            standing,
            ..Part::default()
        };
        Ok((self.other_side(part, source, other)?, standing))
    }

    fn register(&self, name: &str, other: &OtherDenominator) -> anyhow::Result<Side> {
        let register = self.plan.definition.registers.get(name);
        let register = register.with_context(|| format!("登记册 {name} 不存在"))?;
        let key = format!("register:{name}");
        let source = self.sources.get(&(key.clone(), self.due.period.clone()));
        let dimensions = &self.item.layout.dimensions;
        let part = Part {
            source: key,
            fields: register_fields(register, columns_of(other)),
            dimension_fields: dimensions
                .iter()
                .map(|d| register.column_index(&d.field).map(|_| d.field.clone()))
                .collect(),
            always: true,
            ..Part::default()
        };
        self.other_side(part, source, other)
    }

    /// Rows counted or summed in another form or in a register.
    fn other_side(
        &self,
        mut part: Part<'p>,
        source: Option<&Source>,
        other: &OtherDenominator,
    ) -> anyhow::Result<Side> {
        let filter = parsed(other.filter.as_ref(), other.parsed_filter.as_ref(), "where")?;
        let sum = parsed(other.sum.as_ref(), other.parsed_sum.as_ref(), "sum")?;
        let rows = Rows { source, filter };
        let column = rows.result(sum)?;
        let (values, places) = column.map_or(Ok((Values::Rows, None)), Values::of)?;
        if let Some(source) = source {
            part.known = self.row_slots(source).known;
        }
        let tallies = self.tallies(&rows, values, false)?;
        self.side(part, tallies, places)
    }

    fn expected_units(&self) -> Side {
        let owing = &self.due.owing;
        let of = |slot: &Slot| -> Vec<u32> {
            owing.iter().filter(|&&u| slot.unit.is_none_or(|s| s == u)).map(|&u| u as u32).collect()
        };
        let rows: Vec<Vec<u32>> = self.slots.iter().map(of).collect();
        let numbers = rows.iter().map(|units| Some(Decimal::new(units.len() as i128, 0))).collect();
        let part = Part { source: "units".into(), ..Part::default() };
        part.filled(numbers, rows, 1)
    }

    fn tallies(
        &self,
        rows: &Rows,
        values: Values,
        keep_values: bool,
    ) -> anyhow::Result<Vec<Tally>> {
        match rows.source {
            None => Ok(vec![Tally::default(); self.slots.len()]),
            Some(source) => {
                self.pass(source, rows, values, |pass| Pass { keep_values, ..*pass }.run())
            }
        }
    }

    fn pass(
        &self,
        source: &Source,
        rows: &Rows,
        values: Values,
        run: impl FnOnce(&Pass) -> Vec<Tally>,
    ) -> anyhow::Result<Vec<Tally>> {
        let slots = self.row_slots(source);
        let filter = rows.filter_values()?;
        let keep_rows = self.keep_rows;
        Ok(run(&Pass { source, slots: &slots, filter, values, keep_rows, keep_values: false }))
    }

    fn row_slots(&self, source: &Source) -> RowSlots {
        let all_units = self.plan.definition.units.all().len();
        RowSlots::new(&self.item.layout, source, &self.units, all_units)
    }

    /// The indicator's own form as a source.
    fn form_part(&self, rows: &Rows, expression: Option<&Expression>) -> Part<'p> {
        let columns = expression.iter().flat_map(|e| e.columns.iter().map(String::as_str));
        let dimensions = &self.item.layout.dimensions;
        Part {
            source: self.form.id.clone(),
            period: Some(self.due.period.clone()),
            fields: self.form_fields(columns.chain(rows.filter_columns())),
            dimension_fields: dimensions
                .iter()
                .map(|d| fields_of(self.form, [d.field.as_str()]).into_iter().next())
                .collect(),
            standing: Some(self.standing),
            ..Part::default()
        }
    }

    fn form_fields<'c>(&self, columns: impl IntoIterator<Item = &'c str>) -> Vec<String> {
        fields_of(self.form, columns)
    }

    /// Numbers of tallies, where the source has returns of the slot's unit.
    fn side(&self, part: Part, tallies: Vec<Tally>, places: Option<u8>) -> anyhow::Result<Side> {
        let classes = tallies.len() / self.slots.len().max(1);
        let mut numbers = Vec::with_capacity(tallies.len());
        for (at, tally) in tallies.iter().enumerate() {
            let slot = at / classes.max(1);
            let number = places.map_or_else(|| Some(tally.count()), |p| tally.sum(p));
            numbers.push(number.filter(|_| part.has(slot, self.slots[slot])));
        }
        let rows = tallies.into_iter().map(|tally| tally.rows).collect();
        Ok(part.filled(numbers, rows, classes))
    }

    fn cells(&self, numerators: &Side, denominators: Option<&Side>) -> Vec<Cell> {
        let classes = self.item.layout.classes.len().max(1);
        let mut cells = Vec::with_capacity(self.slots.len() * classes);
        let mut fields = FieldLists::default();
        for (place, &slot) in self.slots.iter().enumerate() {
            let missing = !part_has(Some(self.standing), slot);
            for class in 0..classes {
                let numerator = numerators.number(place, class);
                let denominator = denominators.and_then(|d| d.number(place, class));
                let exact = self.value(numerator, denominator, denominators.is_some());
                let mut contribution = |side: &Side, which| {
                    let known = self.keep_rows && side.number(place, class).is_some();
                    known.then(|| side.contribution(place, class, slot, &mut fields, which))
                };
                cells.push(Cell {
                    key: self.item.layout.key(slot, class),
                    numerator,
                    denominator,
                    exact,
                    value: exact.map(|exact| exact.round(self.indicator.decimals)),
                    missing,
                    lineage: (
                        contribution(numerators, 0).into_iter().collect(),
                        denominators.and_then(|d| contribution(d, 1)).into_iter().collect(),
                    ),
                });
            }
        }
        cells
    }

    /// The one division, exact; rounding follows once.
    fn value(
        &self,
        numerator: Option<Decimal>,
        denominator: Option<Decimal>,
        divided: bool,
    ) -> Option<Rational> {
        let counted =
            matches!(self.indicator.kind, IndicatorKind::Distribution | IndicatorKind::Funnel)
                && self.indicator.scale() == 1;
        let scaled =
            numerator?.to_rational().times(Rational::new(self.indicator.scale().into(), 1));
        if !divided || counted {
            return Some(scaled);
        }
        scaled.divided_by(denominator?.to_rational())
    }
}

/// The rows of a source that are considered.
struct Rows<'w> {
    source: Option<&'w Source>,
    filter: Option<&'w Expression>,
}

impl<'w> Rows<'w> {
    /// The evaluated expression; `None` without rows or without expression.
    fn result(&self, expression: Option<&Expression>) -> anyhow::Result<Option<&'w Column>> {
        match (self.source, expression) {
            (Some(source), Some(expression)) => source.result(expression).map(Some),
            _ => Ok(None),
        }
    }

    fn filter_values(&self) -> anyhow::Result<Option<&'w [Option<bool>]>> {
        match self.result(self.filter)? {
            None => Ok(None),
            Some(Column::Boolean(values)) => Ok(Some(values)),
            Some(_) => bail!("where 应得到是/否"),
        }
    }

    fn filter_columns(&self) -> impl Iterator<Item = &'w str> + use<'w> {
        self.filter.into_iter().flat_map(|f| f.columns.iter().map(String::as_str))
    }
}

/// Where numbers come from, before they are known.
#[derive(Clone, Default)]
struct Part<'p> {
    source: String,
    period: Option<Period>,
    fields: Vec<String>,
    dimension_fields: Vec<Option<String>>,
    /// Whose returns are in it.
    standing: Option<&'p Standing>,
    /// Known without returns (registers).
    always: bool,
    /// Slots to which the source can be attributed; empty: all.
    known: Vec<bool>,
}

impl Part<'_> {
    fn has(&self, place: usize, slot: Slot) -> bool {
        self.known.get(place).copied().unwrap_or(true)
            && (self.always || part_has(self.standing, slot))
    }

    fn filled(self, numbers: Vec<Option<Decimal>>, rows: Vec<Vec<u32>>, classes: usize) -> Side {
        let Self { source, period, fields, dimension_fields, .. } = self;
        Side { source, period, fields, dimension_fields, classes, numbers, rows }
    }
}

fn part_has(standing: Option<&Standing>, slot: Slot) -> bool {
    standing.is_some_and(|s| slot.unit.map_or_else(|| s.any_used(), |unit| s.used(unit)))
}

/// Field lists are shared between the figures of an indicator.
type FieldLists = BTreeMap<(u8, Option<usize>), Arc<[String]>>;

impl Side {
    fn place(&self, slot: usize, class: usize) -> usize {
        if self.classes == 1 { slot } else { slot * self.classes + class }
    }

    fn number(&self, slot: usize, class: usize) -> Option<Decimal> {
        self.numbers.get(self.place(slot, class)).copied().flatten()
    }

    fn contribution(
        &self,
        place: usize,
        class: usize,
        slot: Slot,
        lists: &mut FieldLists,
        which: u8,
    ) -> Contribution {
        let dimension = slot.category.map(|(dimension, _)| dimension);
        let fields = lists.entry((which, dimension)).or_insert_with(|| {
            let extra = dimension.and_then(|d| self.dimension_fields.get(d).cloned().flatten());
            let extra = extra.filter(|field| !self.fields.contains(field));
            self.fields.iter().cloned().chain(extra).collect()
        });
        Contribution {
            source: self.source.clone(),
            period: self.period.clone(),
            fields: fields.clone(),
            rows: self.rows.get(self.place(place, class)).cloned().unwrap_or_default(),
        }
    }
}

/// Columns that a denominator elsewhere reads.
fn columns_of(other: &OtherDenominator) -> impl Iterator<Item = &str> {
    [&other.parsed_filter, &other.parsed_sum]
        .into_iter()
        .flatten()
        .flat_map(|e| e.columns.iter().map(String::as_str))
}

/// The parsed form of an expression that the definition gives.
fn parsed<'e>(
    text: Option<&String>,
    expression: Option<&'e Expression>,
    what: &str,
) -> anyhow::Result<Option<&'e Expression>> {
    match (text, expression) {
        (Some(text), None) => bail!("{what} 没有解析:{text}"),
        (_, expression) => Ok(expression),
    }
}

/// The fields that columns stand for, in form order: `score__rating_band` is read from `score`.
/// Rows that are only counted are shown by their key.
fn fields_of<'c>(form: &Form, columns: impl IntoIterator<Item = &'c str>) -> Vec<String> {
    let source = |column: &'c str| {
        let name = column.split("__").next().unwrap_or(column);
        let derived = form.derive.iter().find(|d| d.name == name);
        if form.field(column).is_some() { column } else { derived.map_or(name, |d| &d.to) }
            .to_owned()
    };
    let named: Vec<String> = columns.into_iter().map(source).collect();
    let fields = || form.fields.iter().map(|f| &f.name);
    let found: Vec<String> = fields().filter(|f| named.contains(f)).cloned().collect();
    if !found.is_empty() {
        return found;
    }
    let key: Vec<String> = fields().filter(|f| form.primary_key.contains(f)).cloned().collect();
    if key.is_empty() { fields().take(1).cloned().collect() } else { key }
}

fn register_fields<'c>(
    register: &Register,
    columns: impl IntoIterator<Item = &'c str>,
) -> Vec<String> {
    let named: Vec<&str> = columns.into_iter().collect();
    let all = || register.columns.iter();
    let found: Vec<String> = all().filter(|c| named.contains(&c.as_str())).cloned().collect();
    if found.is_empty() { all().take(1).cloned().collect() } else { found }
}
