//! Kinds of indicators: which rows make the numerator and the denominator, and the value.

mod transition;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use crate::definition::{Denominator, Form, Indicator, IndicatorKind, OtherDenominator};
use crate::model::{Column, ColumnType, Contribution, Decimal, Period, Rational};
use crate::sql::Expression;

use super::counted::{Counted, Excluded};
use super::layout::{Layout, Slot};
use super::plan::{Item, Plan};
use super::side::{Origin, Side};
use super::source::Source;
use super::standing::Standing;
use super::table::{Cell, Table};
use super::tally::{Pass, RowSlots, Tally, Values};
use super::timeline::Due;
use transition::Earlier;

/// Evaluated rows by source name and period (of the form, or at which the register is valid).
pub(super) type Sources = BTreeMap<(String, Period), Source>;

/// The figures of an indicator with rows of its own. `beside`: units left out besides those that
/// it cannot count.
pub(super) fn compute<'p>(
    plan: &'p Plan<'p>,
    sources: &Sources,
    item: &'p Item<'p>,
    due: &Due,
    beside: &Excluded,
) -> anyhow::Result<Table<'p>> {
    let indicator = item.indicator;
    let form = plan.definition.form(&indicator.form).context("指标的表不存在")?;
    let standing = plan.standing(&form.id, &due.period).context("表的报告期没有台账")?;
    let other = other_standing(plan, indicator, due);
    let register = &plan.definition.units;
    let standings = [Some(standing), other].into_iter().flatten().collect();
    let blanks = &plan.validated.blanks;
    let counted = Counted::new(standings, blanks, &indicator.id, register, beside);
    let units = standing.listed();
    let layout = &item.layout;
    let slots = layout.slots(&units);
    let covered = slots.iter().map(|&slot| covers(standing, &counted, layout, slot)).collect();
    let left_out = left_out(plan, indicator, due);
    // Rows are remembered only where they are published.
    let keep_rows = plan.current(item).is_some_and(|current| current.period == due.period);
    let excluded = &counted.excluded;
    let work = Work {
        plan,
        sources,
        layout,
        indicator,
        form,
        due,
        units,
        slots,
        covered,
        excluded,
        left_out,
        keep_rows,
    };
    let sides = work.sides().with_context(|| format!("计算指标 {}", indicator.id))?;
    let ((numerators, denominators), earlier) = sides;
    let cells = work.cells(&numerators, denominators.as_ref(), earlier.as_ref());
    Ok(Table::new(plan, item, &due.period, cells, counted))
}

/// Returns besides the indicator's own that have a part in it: of the form that it is divided by,
/// or of the period from which its rows have moved.
fn other_standing<'p>(plan: &'p Plan, indicator: &Indicator, due: &Due) -> Option<&'p Standing> {
    if let Some(then) = transition::matched_due(plan, indicator, due) {
        return plan.standing(&indicator.form, &then.period);
    }
    let Some(Denominator::Other(other)) = &indicator.denominator else { return None };
    let form = other.form.as_deref()?;
    plan.standing(form, &plan.timeline(form)?.latest_by(&due.folder)?.period)
}

/// Does the figure say something of a slot: is the slot's unit counted (or any, for the county)?
fn covers(standing: &Standing, counted: &Counted, layout: &Layout, slot: Slot) -> bool {
    let dimension = slot.category.map(|(d, _)| layout.dimensions[d].field.as_str());
    let counts = |unit: usize| {
        let excluded = match dimension {
            None => counted.excluded.unit(unit),
            Some(field) => counted.excluded.unit_in(unit, field),
        };
        standing.used(unit) && !excluded
    };
    slot.unit.map_or_else(|| (0..standing.units.len()).any(counts), counts)
}

/// Rows of the indicator's own form that its definition leaves out because of a blank.
fn left_out(plan: &Plan, indicator: &Indicator, due: &Due) -> BTreeSet<usize> {
    let blanks = plan.validated.blanks.of(&indicator.form, &due.period, &indicator.id);
    let by_unit: BTreeMap<&str, &BTreeSet<usize>> =
        blanks.map(|(unit, blanks)| (unit, &blanks.left_out)).collect();
    let table = plan.validated.facts.table(&indicator.form, &due.period);
    let Some(table) = table.filter(|_| !by_unit.is_empty()) else { return BTreeSet::new() };
    let is_out = |row: &usize| {
        let (facts, own_row) = table.origin(*row);
        by_unit.get(facts.unit.as_str()).is_some_and(|rows| rows.contains(&own_row))
    };
    (0..table.len()).filter(is_out).collect()
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
    /// Aligned with the slots.
    covered: Vec<bool>,
    excluded: &'w Excluded,
    /// Rows of the own form.
    left_out: BTreeSet<usize>,
    keep_rows: bool,
}

/// Numerators and denominators.
type Sides = (Side, Option<Side>);

impl<'p> Work<'p, '_> {
    /// The indicator's own rows.
    fn rows(&self) -> anyhow::Result<Rows<'_>> {
        let filter = parsed(&self.indicator.filter, &self.indicator.parsed_filter)?;
        let source = self.sources.get(&(self.form.id.clone(), self.due.period.clone()));
        Ok(Rows { source, filter, own: true })
    }

    fn sides(&self) -> anyhow::Result<(Sides, Option<Earlier>)> {
        let indicator = self.indicator;
        let numerator = parsed(&indicator.numerator, &indicator.parsed_numerator)?;
        let rows = self.rows()?;
        if indicator.kind == IndicatorKind::Transition {
            return self.transition(&rows);
        }
        let sides = match indicator.kind {
            IndicatorKind::Count => {
                if numerator.is_some_and(|n| n.result != ColumnType::Boolean) {
                    bail!("count 的 numerator 应得到是/否");
                }
                (self.added(&rows, numerator)?, None)
            }
            IndicatorKind::Sum => (self.added(&rows, numerator)?, None),
            IndicatorKind::Ratio => {
                (self.added(&rows, numerator)?, Some(self.denominators(&rows)?))
            }
            IndicatorKind::Mean => {
                let (sums, counts) = self.mean(&rows, numerator, None)?;
                (sums, Some(counts))
            }
            IndicatorKind::TrimmedMean => {
                let (sums, counts) = self.mean(&rows, numerator, Some(indicator.trim))?;
                (sums, Some(counts))
            }
            IndicatorKind::Distribution => {
                let (counts, base) = self.distribution(&rows)?;
                (counts, Some(base))
            }
            IndicatorKind::Funnel => {
                let (steps, first) = self.funnel(&rows)?;
                (steps, Some(first))
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
                let slots = self.row_slots(source, rows.own);
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
                Some(values) if values.kind() == ColumnType::Boolean => Values::Truth(values),
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

    fn denominators(&self, rows: &Rows) -> anyhow::Result<Side> {
        let other = match &self.indicator.denominator {
            None => bail!("缺少 denominator"),
            Some(Denominator::Expression(text)) => {
                let expression = self.indicator.parsed_denominator.as_ref();
                let expression = expression.with_context(|| format!("没有解析:{text}"))?;
                return self.added(rows, Some(expression));
            }
            Some(Denominator::Other(other)) => other,
        };
        match (&other.form, &other.register, other.units.as_deref()) {
            (Some(form), None, None) => self.other_form(form, other),
            (None, Some(register), None) => self.register(register, other),
            (None, None, Some("expected")) => Ok(self.expected_units()),
            _ => bail!("denominator 应是 form、register、units = \"expected\" 三者之一"),
        }
    }

    /// Rows of another form, in its period due by then.
    fn other_form(&self, id: &str, other: &OtherDenominator) -> anyhow::Result<Side> {
        let form = self.plan.definition.form(id).with_context(|| format!("表 {id} 不存在"))?;
        let clock = self.plan.timeline(id);
        let Some(due) = clock.and_then(|clock| clock.latest_by(&self.due.folder)) else {
            let nothing = vec![None; self.slots.len()];
            return Ok(Side::new(Origin::default(), nothing, Vec::new(), 1));
        };
        let standing = self.plan.standing(id, &due.period);
        let sent = |slot: &Slot| {
            standing.is_some_and(|s| slot.unit.map_or_else(|| s.any_used(), |unit| s.used(unit)))
        };
        let both = self.slots.iter().zip(&self.covered);
        let covered: Vec<bool> = both.map(|(slot, &covered)| covered && sent(slot)).collect();
        let source = self.sources.get(&(id.to_owned(), due.period.clone()));
        let origin = Origin::of_form(form, &due.period, self.layout, columns_of(other));
        self.elsewhere(origin, source, other, &covered)
    }

    fn register(&self, name: &str, other: &OtherDenominator) -> anyhow::Result<Side> {
        let register = self.plan.definition.registers.get(name);
        let register = register.with_context(|| format!("登记册 {name} 不存在"))?;
        let origin = Origin::of_register(register, self.layout, columns_of(other));
        let source = self.sources.get(&(origin.name.clone(), self.due.period.clone()));
        self.elsewhere(origin, source, other, &self.covered)
    }

    /// Rows counted or summed in another form or in a register.
    fn elsewhere(
        &self,
        origin: Origin,
        source: Option<&Source>,
        other: &OtherDenominator,
        covered: &[bool],
    ) -> anyhow::Result<Side> {
        let filter = parsed(&other.filter, &other.parsed_filter)?;
        let rows = Rows { source, filter, own: false };
        let sum = other.sum_at(&self.due.period);
        if sum.is_none() && !other.sum_to_date.is_empty() {
            bail!("{} 不是年内的报告期，sum_to_date 无从取数", self.due.period);
        }
        let (values, places) = rows.result(sum)?.map_or(Ok((Values::Rows, None)), Values::of)?;
        let known = source.map(|source| self.row_slots(source, false).known);
        let tallies = self.tallies(&rows, values, false)?;
        Ok(Side::of_tallies(origin, tallies, places, known.as_deref(), covered))
    }

    /// The units that owe the indicator's form: all of them, or the row's own.
    fn expected_units(&self) -> Side {
        let of = |slot: &Slot| -> Vec<u32> {
            let here = |unit: &&usize| slot.unit.is_none_or(|own| own == **unit);
            let counted = |unit: &&usize| !self.excluded.unit(**unit);
            let owing = self.due.owing.iter().filter(here).filter(counted);
            owing.map(|&unit| unit as u32).collect()
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
        let slots = self.row_slots(source, rows.own);
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

    fn row_slots(&self, source: &Source, own: bool) -> RowSlots {
        let all_units = self.plan.definition.units.all().len();
        let nothing = BTreeSet::new();
        let left_out = if own { &self.left_out } else { &nothing };
        RowSlots::new(self.layout, source, &self.units, all_units, self.excluded, left_out)
    }

    /// A side from the indicator's own form.
    fn side<'c>(
        &self,
        columns: impl IntoIterator<Item = &'c str>,
        tallies: Vec<Tally>,
        places: Option<u8>,
    ) -> Side {
        let origin = Origin::of_form(self.form, &self.due.period, self.layout, columns);
        Side::of_tallies(origin, tallies, places, None, &self.covered)
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
            // Nothing to compare with is missing too; a change of 口径 is said as such.
            let alone = self.indicator.compares_rows()
                && numerators.number(place, 0).is_none()
                && !self.is_broken();
            let missing = !self.covered[place] || alone;
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
                cells.push(Cell { key, numerator, denominator, exact, value, missing, lineage });
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
    /// Those of the indicator's own form.
    own: bool,
}

impl<'w> Rows<'w> {
    /// The evaluated expression; `None` without rows or without expression.
    fn result(&self, expression: Option<&Expression>) -> anyhow::Result<Option<&'w Column>> {
        match (self.source, expression) {
            (Some(source), Some(expression)) => source.result(expression).map(Some),
            _ => Ok(None),
        }
    }

    fn filter_values(&self) -> anyhow::Result<Option<&'w Column>> {
        match self.result(self.filter)? {
            None => Ok(None),
            Some(values) if values.kind() == ColumnType::Boolean => Ok(Some(values)),
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
    other.expressions().flat_map(|e| e.columns.iter().map(String::as_str))
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
