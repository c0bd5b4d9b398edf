//! Kinds of indicators: which rows make the numerator and the denominator, and the value.

mod transition;

use std::collections::BTreeMap;

use anyhow::{Context, bail};

use crate::definition::{Denominator, Form, Indicator, IndicatorKind, OtherDenominator};
use crate::model::{Column, Contribution, Decimal, Period, Rational};
use crate::sql::{ColumnType, Expression};

use super::layout::{Layout, Slot};
use super::plan::{Item, Plan};
use super::side::{Origin, Presence, Side};
use super::source::Source;
use super::standing::Standing;
use super::table::{Cell, Table};
use super::tally::{Pass, RowSlots, Tally, Values};
use super::timeline::Due;
use transition::Earlier;

/// Evaluated rows by source name and period (of the form, or at which the register is valid).
pub(super) type Sources = BTreeMap<(String, Period), Source>;

/// The figures of an indicator with rows of its own.
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
    let slots = item.layout.slots(&units);
    let layout = &item.layout;
    let work =
        Work { plan, sources, layout, indicator, form, due, slots, units, standing, keep_rows };
    let context = || format!("计算指标 {}", indicator.id);
    let pairing = work.pairing().with_context(context)?;
    let ((numerators, denominators, other), earlier) =
        work.sides(pairing.as_ref()).with_context(context)?;
    let mut cells = work.cells(&numerators, denominators.as_ref(), earlier.as_ref());
    if let Some(pairing) = &pairing {
        let classes = work.layout.classes.len().max(1);
        for (cell, at) in cells.iter_mut().zip(0..) {
            cell.half = pairing.left_out[at / classes];
        }
    }
    let standings = [Some(standing), other].into_iter().flatten().collect();
    Ok(Table::new(plan, item, &due.period, cells, standings))
}

/// One indicator in one period.
struct Work<'p, 'w> {
    plan: &'p Plan<'p>,
    sources: &'w Sources,
    layout: &'w Layout,
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
    /// The indicator's own rows.
    fn rows(&self) -> anyhow::Result<Rows<'_>> {
        let filter = parsed(&self.indicator.filter, &self.indicator.parsed_filter)?;
        let source = self.sources.get(&(self.form.id.clone(), self.due.period.clone()));
        Ok(Rows { source, filter, whole: None })
    }

    /// A ratio of two numbers of the same row needs both: with one of them blank the row would
    /// count on one side only. `None` for other indicators, also those that choose their rows
    /// themselves (CASE).
    fn pairing(&self) -> anyhow::Result<Option<Pairing>> {
        let indicator = self.indicator;
        let chooses = |text: &str| text.to_ascii_uppercase().contains("CASE");
        let (Some(above), Some(Denominator::Expression(below))) =
            (&indicator.numerator, &indicator.denominator)
        else {
            return Ok(None);
        };
        if indicator.kind != IndicatorKind::Ratio || chooses(above) || chooses(below) {
            return Ok(None);
        }
        let rows = self.rows()?;
        let numerator = rows.result(indicator.parsed_numerator.as_ref())?;
        let denominator = rows.result(indicator.parsed_denominator.as_ref())?;
        let is_number = |c: &Column| matches!(c, Column::Integer(_) | Column::Decimal { .. });
        let (Some(source), Some(numerator), Some(denominator)) =
            (rows.source, numerator.filter(|c| is_number(c)), denominator.filter(|c| is_number(c)))
        else {
            return Ok(None);
        };
        let filter = rows.filter_values()?;
        let considered = |row: usize| filter.is_none_or(|filter| filter[row] == Some(true));
        // Beside a blank, a zero adds nothing to either side: no harm in counting it.
        let half = |row: usize| match (numerator.number(row), denominator.number(row)) {
            (Some(one), None) | (None, Some(one)) => !one.is_zero(),
            _ => false,
        };
        let mask = |wanted: &dyn Fn(usize) -> bool| -> Vec<Option<bool>> {
            (0..source.len).map(|row| Some(considered(row) && wanted(row))).collect()
        };
        let halves = mask(&half);
        let slots = self.row_slots(source);
        let pass = Pass {
            source,
            slots: &slots,
            filter: Some(&halves),
            values: Values::Rows,
            keep_rows: false,
            keep_values: false,
        };
        let left_out = pass.run().iter().map(|tally| !tally.count().is_zero()).collect();
        Ok(Some(Pairing { whole: mask(&|row| !half(row)), left_out }))
    }

    fn sides(&self, pairing: Option<&Pairing>) -> anyhow::Result<(Sides<'p>, Option<Earlier>)> {
        let indicator = self.indicator;
        let numerator = parsed(&indicator.numerator, &indicator.parsed_numerator)?;
        let rows = Rows { whole: pairing.map(|p| p.whole.as_slice()), ..self.rows()? };
        if indicator.kind == IndicatorKind::Transition {
            return self.transition(&rows);
        }
        let sides = match indicator.kind {
            IndicatorKind::Count => {
                if numerator.is_some_and(|n| n.result != ColumnType::Boolean) {
                    bail!("count 的 numerator 应得到是/否");
                }
                (self.added(&rows, numerator)?, None, None)
            }
            IndicatorKind::Sum => (self.added(&rows, numerator)?, None, None),
            IndicatorKind::Ratio => {
                let (denominators, other) = self.denominators(&rows)?;
                (self.added(&rows, numerator)?, Some(denominators), other)
            }
            IndicatorKind::Mean => {
                let (sums, counts) = self.mean(&rows, numerator, None)?;
                (sums, Some(counts), None)
            }
            IndicatorKind::TrimmedMean => {
                let (sums, counts) = self.mean(&rows, numerator, Some(indicator.trim))?;
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
            IndicatorKind::Derived
            | IndicatorKind::Composite
            | IndicatorKind::Transition
            | IndicatorKind::Problems => {
                bail!("没有自己的数据行")
            }
        };
        Ok((sides, None))
    }

    /// Rows counted or values summed, in the indicator's own form.
    fn added(&self, rows: &Rows, expression: Option<&Expression>) -> anyhow::Result<Side> {
        let (values, places) =
            rows.result(expression)?.map_or(Ok((Values::Rows, None)), Values::of)?;
        let tallies = self.tallies(rows, values, false)?;
        Ok(self.side(rows.columns(expression), tallies, places))
    }

    fn mean(
        &self,
        rows: &Rows,
        numerator: Option<&Expression>,
        trim: Option<usize>,
    ) -> anyhow::Result<(Side, Side)> {
        let numerator = numerator.context("缺少 numerator")?;
        let column = rows.result(Some(numerator))?;
        let (values, places) = column.map_or(Ok((Values::Rows, 0)), Values::as_numbers)?;
        let mut tallies = self.tallies(rows, values, trim.is_some())?;
        if let Some(trim) = trim {
            tallies = tallies.into_iter().map(|tally| tally.trim(trim)).collect();
        }
        let counts = self.side(rows.columns(Some(numerator)), tallies.clone(), None);
        Ok((self.side(rows.columns(Some(numerator)), tallies, Some(places)), counts))
    }

    fn distribution(&self, rows: &Rows) -> anyhow::Result<(Side, Side)> {
        let field = self.indicator.of.as_deref().context("缺少 of")?;
        let codes = &self.layout.class_codes;
        let tallies = match rows.source {
            None => vec![Tally::default(); self.slots.len() * codes.len()],
            Some(source) => {
                let classes = source.code_positions(field, codes);
                let classes = classes.with_context(|| format!("没有代码字段 {field}"))?;
                let slots = self.row_slots(source);
                let pass = self.pass(source, &slots, rows, Values::Rows)?;
                pass.run_by_class(Some(&classes), codes.len())
            }
        };
        let base = tallies.chunks(codes.len().max(1)).map(Tally::together).collect();
        let columns = || [field].into_iter().chain(rows.columns(None));
        Ok((self.side(columns(), tallies, None), self.side(columns(), base, None)))
    }

    fn funnel(&self, rows: &Rows) -> anyhow::Result<(Side, Side)> {
        let mut by_step = Vec::new();
        let mut columns: Vec<&str> = rows.columns(None).collect();
        for step in &self.indicator.steps {
            let condition = step.parsed.as_ref();
            let condition = condition.with_context(|| format!("没有解析:{}", step.filter))?;
            let values = match rows.result(Some(condition))? {
                None => Values::Rows,
                Some(Column::Boolean(values)) => Values::Truth(values),
                Some(_) => bail!("步骤 {} 的 where 应得到是/否", step.id),
            };
            by_step.push(self.tallies(rows, values, false)?);
            columns.extend(condition.columns.iter().map(String::as_str));
        }
        let first = by_step.first().cloned().context("漏斗没有步骤")?;
        let slots = 0..self.slots.len();
        let tallies =
            slots.flat_map(|slot| by_step.iter().map(move |step| step[slot].clone())).collect();
        let all = || columns.iter().copied();
        Ok((self.side(all(), tallies, None), self.side(all(), first, None)))
    }

    fn denominators(&self, rows: &Rows) -> anyhow::Result<(Side, Option<&'p Standing>)> {
        let other = match &self.indicator.denominator {
            None => bail!("缺少 denominator"),
            Some(Denominator::Expression(text)) => {
                let expression = self.indicator.parsed_denominator.as_ref();
                let expression = expression.with_context(|| format!("没有解析:{text}"))?;
                return Ok((self.added(rows, Some(expression))?, None));
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

    /// Rows of another form, in its period due by then.
    fn other_form(
        &self,
        id: &str,
        other: &OtherDenominator,
    ) -> anyhow::Result<(Side, Option<&'p Standing>)> {
        let form = self.plan.definition.form(id).with_context(|| format!("表 {id} 不存在"))?;
        let clock = self.plan.timeline(id);
        let Some(due) = clock.and_then(|clock| clock.latest_by(&self.due.folder)) else {
            let nothing = vec![None; self.slots.len()];
            return Ok((Side::new(Origin::default(), nothing, Vec::new(), 1), None));
        };
        let standing = self.plan.standing(id, &due.period);
        let source = self.sources.get(&(id.to_owned(), due.period.clone()));
        let origin = Origin::of_form(form, &due.period, self.layout, columns_of(other));
        let side = self.elsewhere(origin, source, other, Presence::Returns(standing))?;
        Ok((side, standing))
    }

    fn register(&self, name: &str, other: &OtherDenominator) -> anyhow::Result<Side> {
        let register = self.plan.definition.registers.get(name);
        let register = register.with_context(|| format!("登记册 {name} 不存在"))?;
        let origin = Origin::of_register(register, self.layout, columns_of(other));
        let source = self.sources.get(&(origin.name.clone(), self.due.period.clone()));
        self.elsewhere(origin, source, other, Presence::Always)
    }

    /// Rows counted or summed in another form or in a register.
    fn elsewhere(
        &self,
        origin: Origin,
        source: Option<&Source>,
        other: &OtherDenominator,
        presence: Presence,
    ) -> anyhow::Result<Side> {
        let filter = parsed(&other.filter, &other.parsed_filter)?;
        let rows = Rows { source, filter, whole: None };
        let sum = parsed(&other.sum, &other.parsed_sum)?;
        let (values, places) = rows.result(sum)?.map_or(Ok((Values::Rows, None)), Values::of)?;
        let known = source.map(|source| self.row_slots(source).known);
        let tallies = self.tallies(&rows, values, false)?;
        let (slots, known) = (&self.slots, known.as_deref());
        Ok(Side::of_tallies(origin, tallies, places, slots, known, presence))
    }

    /// The units that owe the indicator's form: all of them, or the row's own.
    fn expected_units(&self) -> Side {
        let of = |slot: &Slot| -> Vec<u32> {
            let here = |unit: &&usize| slot.unit.is_none_or(|own| own == **unit);
            self.due.owing.iter().filter(here).map(|&unit| unit as u32).collect()
        };
        let rows: Vec<Vec<u32>> = self.slots.iter().map(of).collect();
        let count = |units: &Vec<u32>| Some(Decimal::new(units.len() as i128, 0));
        let numbers = rows.iter().map(count).collect();
        Side::new(Origin::of_units(self.layout), numbers, rows, 1)
    }

    fn tallies(
        &self,
        rows: &Rows,
        values: Values,
        keep_values: bool,
    ) -> anyhow::Result<Vec<Tally>> {
        let Some(source) = rows.source else {
            return Ok(vec![Tally::default(); self.slots.len()]);
        };
        let slots = self.row_slots(source);
        Ok(Pass { keep_values, ..self.pass(source, &slots, rows, values)? }.run())
    }

    fn pass<'a>(
        &self,
        source: &'a Source,
        slots: &'a RowSlots,
        rows: &Rows<'a>,
        values: Values<'a>,
    ) -> anyhow::Result<Pass<'a>> {
        let (filter, keep_rows) = (rows.filter_values()?, self.keep_rows);
        Ok(Pass { source, slots, filter, values, keep_rows, keep_values: false })
    }

    fn row_slots(&self, source: &Source) -> RowSlots {
        let all_units = self.plan.definition.units.all().len();
        RowSlots::new(self.layout, source, &self.units, all_units)
    }

    /// A side from the indicator's own form.
    fn side<'c>(
        &self,
        columns: impl IntoIterator<Item = &'c str>,
        tallies: Vec<Tally>,
        places: Option<u8>,
    ) -> Side {
        let origin = Origin::of_form(self.form, &self.due.period, self.layout, columns);
        let presence = Presence::Returns(Some(self.standing));
        Side::of_tallies(origin, tallies, places, &self.slots, None, presence)
    }

    fn cells(
        &self,
        numerators: &Side,
        denominators: Option<&Side>,
        earlier: Option<&Earlier>,
    ) -> Vec<Cell> {
        let classes = self.layout.classes.len().max(1);
        let mut cells = Vec::with_capacity(self.slots.len() * classes);
        for (place, &slot) in self.slots.iter().enumerate() {
            let returned = Presence::Returns(Some(self.standing)).covers(slot);
            // Nothing to compare with is missing too; a change of 口径 is said as such.
            let alone = self.indicator.compares_rows()
                && numerators.number(place, 0).is_none()
                && !self.is_broken();
            let missing = !returned || alone;
            for class in 0..classes {
                let numerator = numerators.number(place, class);
                let denominator = denominators.and_then(|d| d.number(place, class));
                let exact = self.value(numerator, denominator, denominators.is_some());
                let rows = |side: &Side| -> Vec<Contribution> {
                    let own = self.keep_rows.then(|| side.contribution(place, class, slot));
                    let own = own.flatten();
                    let then = earlier.zip(own.as_ref()).map(|(e, own)| e.contribution(own));
                    own.into_iter().chain(then).collect()
                };
                let lineage = (rows(numerators), denominators.map(rows).unwrap_or_default());
                let value = exact.map(|exact| exact.round(self.indicator.decimals));
                let key = self.layout.key(slot, class);
                let half = false;
                cells.push(Cell {
                    key,
                    numerator,
                    denominator,
                    exact,
                    value,
                    missing,
                    half,
                    lineage,
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
        let scale = self.indicator.scale();
        let has_classes = !self.layout.classes.is_empty();
        let scaled = numerator?.to_rational().times(Rational::new(scale.into(), 1));
        // Classes with scale 1 show their counts; the base stands beside.
        if !divided || has_classes && scale == 1 {
            return Some(scaled);
        }
        scaled.divided_by(denominator?.to_rational())
    }
}

/// The rows of a source that are considered.
struct Rows<'w> {
    source: Option<&'w Source>,
    filter: Option<&'w Expression>,
    /// The rows to consider, filter included, where some are left out besides.
    whole: Option<&'w [Option<bool>]>,
}

/// Rows of a ratio that have both numbers, and the slots in which some have only one.
struct Pairing {
    whole: Vec<Option<bool>>,
    left_out: Vec<bool>,
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
        if self.whole.is_some() {
            return Ok(self.whole);
        }
        match self.result(self.filter)? {
            None => Ok(None),
            Some(Column::Boolean(values)) => Ok(Some(values)),
            Some(_) => bail!("where 应得到是/否"),
        }
    }

    /// Columns that the expression and the filter read.
    fn columns<'c>(&self, expression: Option<&'c Expression>) -> impl Iterator<Item = &'c str>
    where
        'w: 'c,
    {
        [expression, self.filter]
            .into_iter()
            .flatten()
            .flat_map(|e| e.columns.iter().map(String::as_str))
    }
}

/// Columns that a denominator elsewhere reads.
fn columns_of(other: &OtherDenominator) -> impl Iterator<Item = &str> {
    [&other.parsed_filter, &other.parsed_sum]
        .into_iter()
        .flatten()
        .flat_map(|e| e.columns.iter().map(String::as_str))
}

/// The checked form of an expression, where the definition gives one.
fn parsed<'e>(
    text: &Option<String>,
    expression: &'e Option<Expression>,
) -> anyhow::Result<Option<&'e Expression>> {
    match (text, expression) {
        (Some(text), None) => bail!("没有解析:{text}"),
        (_, expression) => Ok(expression.as_ref()),
    }
}
