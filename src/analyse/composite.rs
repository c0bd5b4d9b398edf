//! Composite scores: the points of every part, unit by unit, and their exact sum.

use crate::definition::{Computation, NotOwed, Part};
use crate::model::{Decimal, Rational};

use super::counted::Counted;
use super::layout::FigureKey;
use super::plan::{Item, Plan};
use super::table::{AllFigures, BareFigure, PeriodFigures, merged, operand_tables};
use super::timeline::Due;

/// The figures of a composite: a total and one figure a part, for the county and for each row of
/// which a unit owes or sent something, if all of these units are scored.
pub(super) fn compose<'p>(
    plan: &'p Plan,
    tables: &AllFigures<'p>,
    item: &Item,
    due: &Due,
) -> PeriodFigures<'p> {
    let operands = operand_tables(plan, tables, item, due);
    let counted = Counted::together(operands.iter().flatten().map(|table| &table.counted));
    let register = &plan.definition.units;
    let units = register.all();
    let Computation::Composite { parts, groups, if_not_owed } = &item.indicator.computation else {
        return PeriodFigures::over(plan, item, &due.period, Vec::new(), counted, &|_| false);
    };
    let scored = |unit: usize| groups.is_empty() || groups.contains(&units[unit].group);
    let active = |unit: &usize| {
        counted.standings.iter().any(|s| s.units[*unit].expected || s.units[*unit].used)
    };
    let mut cells = Vec::new();
    let whole = (0..units.len()).filter(active).all(scored);
    let county = whole.then_some(None);
    let members = register.rows().map(|(row, _)| row).filter(|row| {
        let mut own = register.leaves_of(*row).iter().copied().filter(active).peekable();
        own.peek().is_some() && own.all(scored)
    });
    for unit in county.into_iter().chain(members.map(Some)) {
        let one = unit.filter(|row| !register.is_level(*row));
        let row = Row { item, parts, if_not_owed: *if_not_owed, operands: &operands, unit, one };
        cells.extend(row.cells());
    }
    if !whole {
        cells.insert(0, BareFigure { missing: false, ..BareFigure::nothing() });
    }
    if counted.standings.is_empty() {
        cells = vec![BareFigure::nothing()];
    }
    PeriodFigures::over(plan, item, &due.period, cells, counted, &scored)
}

/// A row's parts and total, or the county's.
struct Row<'r, 'p> {
    item: &'r Item<'r>,
    parts: &'r [Part],
    if_not_owed: NotOwed,
    /// Aligned with the parts.
    operands: &'r [Option<&'r PeriodFigures<'p>>],
    unit: Option<usize>,
    /// The unit, if it is one: what it does not owe is not asked of it.
    one: Option<usize>,
}

impl Row<'_, '_> {
    /// The total first, then the parts that count.
    fn cells(&self) -> Vec<BareFigure> {
        let mut parts = Vec::new();
        let (mut sum, mut weights) = (Some(Rational::new(0, 1)), 0);
        let all = self.parts.iter().zip(self.operands).zip(&self.item.layout.classes);
        for ((part, table), &class) in all {
            if self.if_not_owed == NotOwed::Exclude && !self.owes(*table) {
                continue;
            }
            let cell = self.part(part, *table, class);
            weights += i128::from(part.weight);
            // Never a total over fewer parts, nor one that does not fit.
            sum = sum.zip(cell.exact).and_then(|(sum, points)| sum.checked_plus(points));
            parts.push(cell);
        }
        let scale = Rational::new(100, weights);
        let exact = sum.and_then(|sum| sum.checked_times(scale));
        let total = BareFigure {
            key: self.key(None),
            numerator: None,
            denominator: Some(Decimal::new(weights, 0)),
            exact,
            value: exact.map(|exact| exact.round(self.item.indicator.decimals)),
            missing: exact.is_none(),
            lineage: (
                merged(&parts, |cell| &cell.lineage.0),
                merged(&parts, |cell| &cell.lineage.1),
            ),
        };
        [total].into_iter().chain(parts).collect()
    }

    /// Beside the points stand the value that was scored, as printed, and the weight.
    fn part(&self, part: &Part, table: Option<&PeriodFigures>, class: u32) -> BareFigure {
        let source = table.and_then(|table| table.get(self.key(None)));
        let exact = source.and_then(|cell| cell.exact).and_then(|exact| part.points(exact));
        BareFigure {
            key: self.key(Some(class)),
            numerator: source.and_then(|cell| cell.value),
            denominator: Some(Decimal::new(part.weight.into(), 0)),
            exact,
            value: exact.map(|exact| exact.round(self.item.indicator.decimals)),
            missing: source.is_none_or(|cell| cell.missing),
            lineage: source.map(|cell| cell.lineage.clone()).unwrap_or_default(),
        }
    }

    /// Does the unit owe a return behind the part, or has it sent one?
    fn owes(&self, table: Option<&PeriodFigures>) -> bool {
        let Some(unit) = self.one else { return true };
        let standings = table.map_or(&[][..], |table| &table.counted.standings);
        standings.iter().any(|s| s.units[unit].expected || s.units[unit].used)
    }

    fn key(&self, class: Option<u32>) -> FigureKey {
        FigureKey { unit: self.unit.map(|unit| unit as u32), category: None, class }
    }
}
