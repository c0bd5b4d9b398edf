//! Kinds of indicators: which rows make the numerator and the denominator, and the value.

mod transition;

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Context;

use crate::definition::{Form, Indicator};
use crate::model::{Contribution, Decimal, Period, Rational, RowsOf, Units};

use super::ask::{Ask, Divisor, Method, OtherRows, Total};
use super::counted::{Counted, Excluded};
use super::layout::{Divisions, Slot};
use super::matching::{breaks_before, matched_due};
use super::plan::{Item, Plan};
use super::side::{Origin, Side};
use super::source::{PeriodRows, Sources};
use super::standing::FormStanding;
use super::table::{BareFigure, PeriodFigures};
use super::tally::{Classes, Keep, Slots, Tally};
use super::timeline::Due;
use transition::MovedFrom;

/// The figures of an indicator with rows of its own. `beside`: units left out besides those that
/// it cannot count.
pub(super) fn compute<'p>(
    plan: &'p Plan<'p>,
    sources: &Sources,
    item: &'p Item<'p>,
    due: &Due,
    beside: &Excluded,
) -> anyhow::Result<PeriodFigures<'p>> {
    let indicator = item.indicator;
    let form = plan.definition.form(&indicator.form).context("指标的表不存在")?;
    let standing = plan.standing(&form.id, &due.period).context("表的报告期没有台账")?;
    let other = other_standing(plan, item, due);
    let register = &plan.definition.units;
    let standings = [Some(standing), other].into_iter().flatten().collect();
    let blanks = &plan.validated.blanks;
    let counted = Counted::new(standings, blanks, &indicator.id, register, beside);
    let layout = &item.layout;
    let listed = standing.listed();
    let row_of = |unit: &usize| register.row_of(*unit).unwrap_or(*unit);
    let rows: Vec<usize> = listed.iter().map(row_of).collect::<BTreeSet<_>>().into_iter().collect();
    let of_row = |(place, row): (usize, &usize)| {
        register.leaves_of(*row).iter().map(move |&unit| (unit, place)).collect::<Vec<_>>()
    };
    let slots = layout.slots(&rows);
    let covers = |&slot: &Slot| covers(standing, &counted, (layout, register), slot);
    let covered = slots.iter().map(covers).collect();
    let published = plan.current(item).is_some_and(|current| current.period == due.period);
    let work = Work {
        plan,
        sources,
        layout,
        indicator,
        form,
        due,
        places: rows.iter().enumerate().flat_map(of_row).collect(),
        listed,
        rows: rows.iter().map(|row| register.is_level(*row)).collect(),
        slots,
        covered,
        excluded: &counted.excluded,
        published,
    };
    let kind = item.kind.as_ref().context("没有自己的数据行")?;
    let sides = work.sides(kind).with_context(|| format!("计算指标 {}", indicator.id))?;
    let ((numerators, denominators), earlier) = sides;
    let cells = work.cells(&numerators, denominators.as_ref(), earlier.as_ref());
    Ok(PeriodFigures::new(plan, item, &due.period, cells, counted))
}

/// Returns besides the indicator's own that have a part in it: of the form that it is divided by,
/// or of the period from which its rows have moved.
fn other_standing<'p>(plan: &'p Plan, item: &Item, due: &Due) -> Option<&'p FormStanding> {
    if let Some(then) = matched_due(plan, item.indicator, due) {
        return plan.standing(&item.indicator.form, &then.period);
    }
    let form = item.kind.as_ref()?.divisor_form()?;
    plan.standing(form, &plan.timeline(form)?.latest_by(&due.folder)?.period)
}

/// Does the figure say something of a slot: is any of the units that it is about counted?
fn covers(
    standing: &FormStanding,
    counted: &Counted,
    (layout, units): (&Divisions, &Units),
    slot: Slot,
) -> bool {
    let dimension = slot.category.map(|(d, _)| layout.dimensions[d].field.as_str());
    let counts = |unit: usize| {
        let excluded = match dimension {
            None => counted.excluded.unit(unit),
            Some(field) => counted.excluded.unit_in(unit, field),
        };
        standing.used(unit) && !excluded
    };
    concerned(slot, layout, units).any(counts)
}

/// The units that a slot is about and that hand in returns.
fn concerned<'u>(
    slot: Slot,
    layout: &'u Divisions,
    units: &'u Units,
) -> Box<dyn Iterator<Item = usize> + 'u> {
    let of = move |unit: &usize| layout.concerns(slot, *unit, units);
    match slot.unit {
        Some(row) => Box::new(units.leaves_of(row).iter().copied().filter(of)),
        None => Box::new((0..units.all().len()).filter(of)),
    }
}

/// One indicator in one period.
struct Work<'p, 'w> {
    plan: &'p Plan<'p>,
    sources: &'w Sources,
    layout: &'w Divisions,
    indicator: &'w Indicator,
    form: &'p Form,
    due: &'w Due,
    /// Units that owe the form or whose rows are in it.
    listed: Vec<usize>,
    /// The place of the row of each unit of a row with such a unit.
    places: BTreeMap<usize, usize>,
    /// Of each row: are there units below it?
    rows: Vec<bool>,
    slots: Vec<Slot>,
    /// Aligned with the slots.
    covered: Vec<bool>,
    excluded: &'w Excluded,
    /// Are these the figures of the report's own period?
    published: bool,
}

/// Numerators and denominators.
type Sides = (Side, Option<Side>);

impl Work<'_, '_> {
    fn sides(&self, kind: &Method) -> anyhow::Result<(Sides, Option<MovedFrom>)> {
        let sides = match kind {
            Method::Added { numerator, denominator } => {
                let denominator = denominator.as_ref().map(|divisor| match divisor {
                    Divisor::Own(ask) => Ok(self.added(ask)),
                    Divisor::Elsewhere(elsewhere) => self.elsewhere(elsewhere),
                    Divisor::ExpectedUnits => Ok(self.expected_units()),
                });
                (self.added(numerator), denominator.transpose()?)
            }
            Method::Mean { numbers, trim } => {
                let (sums, counts) = self.mean(numbers, *trim);
                (sums, Some(counts))
            }
            Method::Distribution { rows } => {
                let codes = &self.layout.class_codes;
                let tallies = self.tallies(rows, Classes::Codes(codes));
                let base = tallies.chunks(codes.len().max(1)).map(Tally::together).collect();
                let side = |tallies| self.side(rows.columns.iter().copied(), tallies, rows.total);
                (side(tallies), Some(side(base)))
            }
            Method::Classes { classes, base } => (self.classes(classes), Some(self.added(base))),
            Method::Transition { rows, matched } => return self.transition(rows, *matched),
        };
        Ok((sides, None))
    }

    /// The rows of a source in a period; `None` without any.
    fn part(&self, source: &str, period: &Period) -> Option<PeriodRows<'_>> {
        self.sources.get(source)?.period(period)
    }

    fn slots(&self) -> Slots<'_> {
        let Self { layout, places, rows, excluded, .. } = self;
        Slots { layout, places, rows, excluded }
    }

    /// The units that a slot is about and that hand in returns.
    fn concerned(&self, slot: Slot) -> impl Iterator<Item = usize> {
        concerned(slot, self.layout, &self.plan.definition.units)
    }

    /// Rows are remembered only where they are published, and listed only as far as they can be
    /// shipped or are asked for.
    fn keep(&self, part: PeriodRows) -> Keep {
        match self.published {
            false => Keep::Nothing,
            true if self.plan.lists(self.indicator, part.len()) => Keep::Rows,
            true => Keep::Count,
        }
    }

    /// Of the indicator's own rows.
    fn tallies(&self, ask: &Ask, classes: Classes) -> Vec<Tally> {
        match self.part(&ask.source, &self.due.period) {
            Some(part) => self.slots().tallies(part, ask, classes, self.keep(part)),
            None => vec![Tally::default(); self.slots.len() * classes.count()],
        }
    }

    /// Rows counted or values summed, in the indicator's own form.
    fn added(&self, ask: &Ask) -> Side {
        let tallies = self.tallies(ask, Classes::One);
        self.side(ask.columns.iter().copied(), tallies, ask.total)
    }

    fn mean(&self, ask: &Ask, trim: Option<usize>) -> (Side, Side) {
        let part = self.part(&ask.source, &self.due.period);
        let tallies = match (trim, part) {
            (Some(trim), Some(part)) => {
                let all = self.slots().tallies(part, ask, Classes::One, Keep::Values);
                let keep = self.keep(part);
                all.into_iter().map(|tally| tally.trim(trim, keep)).collect()
            }
            _ => self.tallies(ask, Classes::One),
        };
        let columns = || ask.columns.iter().copied();
        let counts = self.side(columns(), tallies.clone(), Total::Rows);
        (self.side(columns(), tallies, ask.total), counts)
    }

    /// A measure a class, all with one kind of total.
    fn classes(&self, classes: &[Ask]) -> Side {
        let all: Vec<Vec<Tally>> =
            classes.iter().map(|class| self.tallies(class, Classes::One)).collect();
        let slots = 0..self.slots.len();
        let tallies =
            slots.flat_map(|slot| all.iter().map(move |class| class[slot].clone())).collect();
        let columns = classes.iter().flat_map(|class| class.columns.iter().copied());
        let totals: Vec<Total> = classes.iter().map(|class| class.total).collect();
        let origin = Origin::of_form(self.form, &self.due.period, self.layout, columns);
        Side::of_tallies(origin, tallies, &totals, None, &self.covered)
    }

    /// Rows of another form, in its period due by then, or of a register.
    fn elsewhere(&self, elsewhere: &OtherRows) -> anyhow::Result<Side> {
        let ask = elsewhere.ask_at(&self.due.period)?;
        let columns = elsewhere.other.expressions().flat_map(|e| &e.columns).map(String::as_str);
        if let RowsOf::Register(name) = RowsOf::named(&ask.source) {
            let register = self.plan.definition.registers.get(name);
            let register = register.with_context(|| format!("登记册 {name} 不存在"))?;
            let origin = Origin::of_register(register, self.layout, columns);
            let part = self.part(&ask.source, &self.due.period);
            return Ok(self.attributed(origin, part, ask, &self.covered));
        }
        let id = &ask.source;
        let form = self.plan.definition.form(id).with_context(|| format!("表 {id} 不存在"))?;
        let clock = self.plan.timeline(id);
        let Some(due) = clock.and_then(|clock| clock.latest_by(&self.due.folder)) else {
            let nothing = vec![None; self.slots.len()];
            return Ok(Side::new(Origin::default(), nothing, Vec::new(), 1));
        };
        let standing = self.plan.standing(id, &due.period);
        let sent =
            |slot: &Slot| standing.is_some_and(|s| self.concerned(*slot).any(|unit| s.used(unit)));
        let both = self.slots.iter().zip(&self.covered);
        let covered: Vec<bool> = both.map(|(slot, &covered)| covered && sent(slot)).collect();
        let origin = Origin::of_form(form, &due.period, self.layout, columns);
        Ok(self.attributed(origin, self.part(id, &due.period), ask, &covered))
    }

    /// A side from rows elsewhere, which may not tell units or codes apart.
    fn attributed(
        &self,
        origin: Origin,
        part: Option<PeriodRows>,
        ask: &Ask,
        covered: &[bool],
    ) -> Side {
        let known = part.map(|part| self.slots().known(part, ask));
        let tallies = match part {
            Some(part) => self.slots().tallies(part, ask, Classes::One, self.keep(part)),
            None => vec![Tally::default(); self.slots.len()],
        };
        Side::of_tallies(origin, tallies, &[ask.total], known.as_deref(), covered)
    }

    /// The units that owe the indicator's form: all of them, or the row's own.
    fn expected_units(&self) -> Side {
        let of = |slot: &Slot| -> Vec<u32> {
            let counted = |unit: &usize| {
                self.due.owing.binary_search(unit).is_ok() && !self.excluded.unit(*unit)
            };
            self.concerned(*slot).filter(counted).map(|unit| unit as u32).collect()
        };
        let rows: Vec<Vec<u32>> = self.slots.iter().map(of).collect();
        let count = |units: &Vec<u32>| Some(Decimal::new(units.len() as i128, 0));
        let numbers = rows.iter().map(count).collect();
        Side::new(Origin::of_units(self.layout), numbers, rows, 1)
    }

    /// A side from the indicator's own form.
    fn side<'c>(
        &self,
        columns: impl IntoIterator<Item = &'c str>,
        tallies: Vec<Tally>,
        total: Total,
    ) -> Side {
        let origin = Origin::of_form(self.form, &self.due.period, self.layout, columns);
        Side::of_tallies(origin, tallies, &[total], None, &self.covered)
    }

    fn cells(
        &self,
        numerators: &Side,
        denominators: Option<&Side>,
        earlier: Option<&MovedFrom>,
    ) -> Vec<BareFigure> {
        let classes = self.layout.classes.len().max(1);
        let mut cells = Vec::with_capacity(self.slots.len() * classes);
        for (place, &slot) in self.slots.iter().enumerate() {
            // A group of units that have nothing to do with the form has no row.
            let is_listed = |unit: usize| self.listed.binary_search(&unit).is_ok();
            if self.layout.is_of_group(slot) && !self.concerned(slot).any(is_listed) {
                continue;
            }
            // Nothing to compare with is missing too; a change of 口径 is said as such.
            let alone = self.indicator.compares_rows()
                && numerators.number(place, 0).is_none()
                && !breaks_before(self.plan, self.indicator, self.due);
            let missing = !self.covered[place] || alone;
            for class in 0..classes {
                let numerator = numerators.number(place, class);
                let denominator = denominators.and_then(|d| d.number(place, class));
                let exact = self.value(numerator, denominator, denominators.is_some());
                let rows = |side: &Side| -> Vec<Contribution> {
                    let own = self.published.then(|| side.contribution(place, class, slot));
                    let own = own.flatten();
                    let then = earlier.zip(own.as_ref()).map(|(e, own)| e.contribution(own));
                    own.into_iter().chain(then).collect()
                };
                let lineage = (rows(numerators), denominators.map(rows).unwrap_or_default());
                let value = exact.map(|exact| exact.round(self.indicator.decimals));
                let key = self.layout.key(slot, class);
                cells.push(BareFigure {
                    key,
                    numerator,
                    denominator,
                    exact,
                    value,
                    missing,
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
        let has_classes = !self.layout.classes.is_empty();
        let scaled = numerator?.to_rational().times(self.indicator.factor());
        // Classes with scale 1 show their counts; the base stands beside.
        if !divided || has_classes && self.indicator.scale() == 1 {
            return Some(scaled);
        }
        scaled.divided_by(denominator?.to_rational())
    }
}
