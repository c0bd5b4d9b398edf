//! The plan: in which order indicators are computed, for which periods, from which sources.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};

use crate::definition::{
    Computation, Definition, Form, Formula, GROUP_DIMENSION, Indicator, IndicatorKind,
};
use crate::model::{Period, Validated};
use crate::sql::Engine;

use super::ask::{Method, Questions};
use super::layout::{Breakdown, DivisionNumbers, Divisions};
use super::standing::{FormStanding, Receipts};
use super::timeline::{Due, Timeline, folders};

/// One collectable indicator, prepared.
pub(super) struct Item<'a> {
    pub(super) indicator: &'a Indicator,
    pub(super) layout: Divisions,
    /// How its rows make its figures; `None` when it has none of its own.
    pub(super) kind: Option<Method<'a>>,
    /// Some of its rows are not counted because of a blank.
    pub(super) leaves_out: bool,
    /// Indicators made of others.
    pub(super) derivation: Option<Derivation<'a>>,
    /// Id of the form whose due periods are the indicator's; `None` when there is none.
    pub(super) clock: Option<&'a str>,
    /// Its own 口径 changes and those of what it is derived from.
    pub(super) breaks: BTreeSet<Period>,
    /// Periods for which the indicator is computed.
    pub(super) needed: BTreeSet<Period>,
}

pub(super) struct Derivation<'a> {
    pub(super) rule: Combination<'a>,
    /// Items, aligned with the formula's operands or with the parts; `None` when an operand is
    /// not collectable.
    pub(super) operands: Vec<Option<usize>>,
}

/// How the operands make a figure.
#[derive(Debug, Clone, Copy)]
pub(super) enum Combination<'a> {
    Formula(&'a Formula),
    /// Points of weighted parts.
    Composite,
}

pub(super) struct Plan<'a> {
    pub(super) definition: &'a Definition,
    pub(super) validated: &'a Validated,
    pub(super) report: &'a Period,
    /// What adds rows up.
    pub(super) engine: &'a dyn Engine,
    /// Indicators whose rows are listed, however many there are.
    listed: BTreeSet<&'a str>,
    /// In definition order.
    pub(super) items: Vec<Item<'a>>,
    /// Indices of `items`, derived ones after what they need.
    pub(super) order: Vec<usize>,
    pub(super) names: DivisionNumbers,
    timelines: BTreeMap<&'a str, Timeline<'a>>,
    standings: BTreeMap<&'a str, BTreeMap<Period, FormStanding>>,
}

impl<'a> Plan<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        validated: &'a Validated,
        report: &'a Period,
        engine: &'a dyn Engine,
    ) -> anyhow::Result<Self> {
        let folders = folders(validated, report);
        let receipts = Receipts::new(validated);
        let mut timelines: BTreeMap<&str, Timeline> = BTreeMap::new();
        let mut standings = BTreeMap::new();
        for form in &definition.forms {
            let timeline = Timeline::new(form, &folders, definition, validated)?;
            let standing = |due: &Due| {
                let standing = FormStanding::new(&form.id, due, &receipts, &definition.units);
                (due.period.clone(), standing)
            };
            standings.insert(form.id.as_str(), timeline.due.iter().map(standing).collect());
            timelines.insert(form.id.as_str(), timeline);
        }
        let mut names = DivisionNumbers::default();
        let mut items = Vec::new();
        let from_rows = |i: &&Indicator| i.is_collectable() && i.kind() != IndicatorKind::Problems;
        for indicator in definition.indicators.iter().filter(from_rows) {
            let due = timelines.get(indicator.form.as_str()).and_then(|t| t.latest_by(report));
            let at = due.map_or(report, |due| &due.period);
            items.push(Item::new(indicator, definition, validated, at, &mut names)?);
        }
        let mut plan = Self {
            definition,
            validated,
            report,
            engine,
            listed: BTreeSet::new(),
            items,
            order: Vec::new(),
            names,
            timelines,
            standings,
        };
        plan.link()?;
        plan.need();
        Ok(plan)
    }

    /// Lists the rows of an indicator and of what it is made of, however many there are.
    pub(super) fn list_rows_of(&mut self, indicator: &'a str) {
        if !self.listed.insert(indicator) {
            return;
        }
        let made_of = self.definition.indicator(indicator).into_iter().flat_map(|i| i.operands());
        made_of.collect::<Vec<_>>().into_iter().for_each(|operand| self.list_rows_of(operand));
    }

    /// Are the rows of an indicator listed, in a table of so many rows?
    pub(super) fn lists(&self, indicator: &Indicator, rows: usize) -> bool {
        rows <= self.definition.settings.report.rows_listed
            || self.listed.contains(indicator.id.as_str())
    }

    /// Are the rows of any indicator listed, or looked at, in a table of so many rows?
    pub(super) fn looks_at(&self, source: &str, rows: usize) -> bool {
        let of_source = self.items.iter().filter_map(|item| Some((item, item.kind.as_ref()?)));
        let asks = |kind: &Method| kind.asks().iter().any(|ask| ask.source == source);
        let of_source = of_source.filter(|(_, kind)| asks(kind));
        of_source.into_iter().any(|(item, kind)| {
            matches!(kind, Method::Mean { trim: Some(_), .. }) || self.lists(item.indicator, rows)
        })
    }

    pub(super) fn timeline(&self, form: &str) -> Option<&Timeline<'a>> {
        self.timelines.get(form)
    }

    /// The due periods of an indicator.
    pub(super) fn clock(&self, item: &Item) -> Option<&Timeline<'a>> {
        self.timeline(item.clock?)
    }

    /// The period that the report shows.
    pub(super) fn current(&self, item: &Item) -> Option<&Due> {
        self.clock(item)?.latest_by(self.report)
    }

    pub(super) fn standing(&self, form: &str, period: &Period) -> Option<&FormStanding> {
        self.standings.get(form)?.get(period)
    }

    /// What is asked of each form and register.
    pub(super) fn wanted(&self) -> BTreeMap<&str, Questions<'a>> {
        let mut all: BTreeMap<&str, Questions<'a>> = BTreeMap::new();
        for item in &self.items {
            let Some(kind) = &item.kind else { continue };
            for ask in kind.asks() {
                all.entry(ask.source.as_str()).or_default().add(ask, &item.layout);
            }
            let Some(own) = all.get_mut(item.indicator.form.as_str()) else { continue };
            if item.leaves_out {
                own.leaving_out.push(item.indicator);
            }
            if item.indicator.compares_rows() {
                own.matching.push(item.indicator);
            }
        }
        all
    }

    /// Derived indicators: operands, order, period and breaks of what they are derived from.
    fn link(&mut self) -> anyhow::Result<()> {
        let numbers: BTreeMap<&str, usize> =
            self.items.iter().enumerate().map(|(n, i)| (i.indicator.id.as_str(), n)).collect();
        for item in &mut self.items {
            let Some(derivation) = &mut item.derivation else { continue };
            for id in item.indicator.operands() {
                if self.definition.indicator(id).is_none() {
                    bail!("指标 {} 引用了不存在的指标 {id}", item.indicator.id);
                }
                derivation.operands.push(numbers.get(id).copied());
            }
        }
        let mut marks = vec![Mark::New; self.items.len()];
        for item in 0..self.items.len() {
            visit(item, &self.items, &mut marks, &mut self.order)?;
        }
        for at in 0..self.order.len() {
            self.inherit(self.order[at]);
        }
        Ok(())
    }

    fn inherit(&mut self, number: usize) {
        let Some(derivation) = &self.items[number].derivation else { return };
        let operands: Vec<usize> = derivation.operands.iter().copied().flatten().collect();
        // The clock is that of the operand handed in last: the others are "as due by then".
        let clock = operands
            .iter()
            .filter_map(|&operand| {
                let due = self.current(&self.items[operand])?;
                Some((&due.folder, &due.period, self.items[operand].clock))
            })
            .reduce(|best, next| if (next.0, next.1) > (best.0, best.1) { next } else { best })
            .and_then(|(_, _, clock)| clock);
        let breaks: Vec<Period> =
            operands.iter().flat_map(|&operand| self.items[operand].breaks.clone()).collect();
        let first = operands.first().map(|&operand| self.items[operand].layout.clone());
        let item = &mut self.items[number];
        item.clock = clock;
        item.breaks.extend(breaks);
        if item.indicator.kind() == IndicatorKind::Composite {
            return;
        }
        if let Some(mut layout) = first {
            if !item.indicator.by.is_empty() {
                layout.breakdowns = named_breakdowns(&item.indicator.by, &layout);
                layout.add_rows(self.definition);
            }
            item.layout = layout;
        }
    }

    /// Which periods are computed: those of the series and of the comparisons.
    fn need(&mut self) {
        let points = self.definition.settings.report.series_points;
        for &number in self.order.iter().rev() {
            let item = &self.items[number];
            let mut needed = item.needed.clone();
            if let (Some(clock), Some(current)) = (self.clock(item), self.current(item)) {
                let period = &current.period;
                needed.extend(clock.series(period, points).iter().map(|d| d.period.clone()));
                let compared = [clock.previous(period), period.year_ago(), period.year_begin()];
                needed.extend(compared.into_iter().flatten().filter(|p| clock.at(p).is_some()));
            }
            let mut below = Vec::new();
            if let (Some(derivation), Some(clock)) = (&item.derivation, self.clock(item)) {
                for due in needed.iter().filter_map(|period| clock.at(period)) {
                    for &operand in derivation.operands.iter().flatten() {
                        let its = self.clock(&self.items[operand]);
                        let period = its.and_then(|clock| clock.latest_by(&due.folder));
                        below.extend(period.map(|due| (operand, due.period.clone())));
                    }
                }
            }
            self.items[number].needed = needed;
            for (operand, period) in below {
                self.items[operand].needed.insert(period);
            }
        }
    }
}

impl<'a> Item<'a> {
    fn new(
        indicator: &'a Indicator,
        definition: &'a Definition,
        validated: &Validated,
        at: &Period,
        names: &mut DivisionNumbers,
    ) -> anyhow::Result<Self> {
        let leaves_out = validated.blanks.leave_out(&indicator.form, &indicator.id);
        let kind =
            Method::of(indicator, leaves_out).with_context(|| format!("指标 {}", indicator.id))?;
        let breaks = indicator.breaks.iter().cloned().collect();
        let needed = BTreeSet::new();
        if indicator.is_made_of_others() {
            let (rule, layout) = match &indicator.computation {
                Computation::Derived { formula: Some(formula), .. } => {
                    (Combination::Formula(formula), Divisions::default())
                }
                Computation::Derived { .. } => bail!("指标 {} 没有公式", indicator.id),
                _ => (Combination::Composite, Divisions::of_parts(indicator, names)),
            };
            let derivation = Some(Derivation { rule, operands: Vec::new() });
            return Ok(Self {
                indicator,
                layout,
                kind,
                leaves_out,
                derivation,
                clock: None,
                breaks,
                needed,
            });
        }
        let form: &'a Form = definition
            .form(&indicator.form)
            .with_context(|| format!("指标 {} 的表 {} 不存在", indicator.id, indicator.form))?;
        let layout = Divisions::new(indicator, form, definition, at, names)?;
        let clock = Some(form.id.as_str());
        Ok(Self { indicator, layout, kind, leaves_out, derivation: None, clock, breaks, needed })
    }

    /// Does the 口径 change after `then`, up to and including `now`?
    pub(super) fn breaks_between(&self, then: &Period, now: &Period) -> bool {
        self.breaks.iter().any(|b| then < b && b <= now)
    }
}

/// Of the operand's dimensions, those that the derived indicator asks for.
fn named_breakdowns(by: &[String], layout: &Divisions) -> Vec<Breakdown> {
    let dimension = |name: &str| layout.dimensions.iter().position(|d| d.field == name);
    let breakdown = |by: &String| {
        let parts: Vec<&str> = by.split('*').map(str::trim).collect();
        match parts.as_slice() {
            ["unit"] => Some(Breakdown::Unit),
            [GROUP_DIMENSION] => dimension(GROUP_DIMENSION).map(Breakdown::Group),
            [field] => dimension(field).map(Breakdown::Field),
            ["unit", field] | [field, "unit"] => dimension(field).map(Breakdown::Cross),
            _ => None,
        }
    };
    by.iter().filter_map(breakdown).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    New,
    Open,
    Done,
}

/// Depth first: what an item needs, then the item.
fn visit(
    number: usize,
    items: &[Item],
    marks: &mut [Mark],
    order: &mut Vec<usize>,
) -> anyhow::Result<()> {
    match marks[number] {
        Mark::Done => return Ok(()),
        Mark::Open => bail!("指标 {} 循环引用自己", items[number].indicator.id),
        Mark::New => marks[number] = Mark::Open,
    }
    let operands = items[number].derivation.iter().flat_map(|d| d.operands.iter().flatten());
    for &operand in operands {
        visit(operand, items, marks, order)?;
    }
    marks[number] = Mark::Done;
    order.push(number);
    Ok(())
}
