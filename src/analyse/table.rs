//! One indicator in one period: numerator, denominator and value of every row and class.

use std::collections::BTreeMap;

use crate::definition::GROUP_DIMENSION;
use crate::model::{Contribution, Decimal, Origins, Period, Rational, Status, Unit};

use super::counted::{Completeness, Counted};
use super::layout::FigureKey;
use super::plan::{Item, Plan};
use super::timeline::Due;

/// One figure of a period, before comparisons.
#[derive(Debug, Clone)]
pub(super) struct BareFigure {
    pub(super) key: FigureKey,
    pub(super) numerator: Option<Decimal>,
    pub(super) denominator: Option<Decimal>,
    pub(super) exact: Option<Rational>,
    pub(super) value: Option<Decimal>,
    /// There is nothing to compute from: no return.
    pub(super) missing: bool,
    /// Rows, for the report's own period only.
    pub(super) lineage: (Vec<Contribution>, Vec<Contribution>),
}

impl BareFigure {
    /// The county's row of an indicator for which nothing is due or nothing came.
    pub(super) fn nothing() -> Self {
        Self {
            key: FigureKey { unit: None, category: None, class: None },
            numerator: None,
            denominator: None,
            exact: None,
            value: None,
            missing: true,
            lineage: (Vec::new(), Vec::new()),
        }
    }
}

/// The rows behind several cells, each once.
pub(super) fn merged<'c>(
    cells: impl IntoIterator<Item = &'c BareFigure>,
    side: fn(&BareFigure) -> &[Contribution],
) -> Vec<Contribution> {
    let mut all: Vec<Contribution> = Vec::new();
    for contribution in cells.into_iter().flat_map(side) {
        if !all.contains(contribution) {
            all.push(contribution.clone());
        }
    }
    all
}

/// Of the county, and of its rows.
struct Completenesses {
    county: Completeness,
    rows: BTreeMap<u32, Completeness>,
}

/// All figures of an indicator in one period.
pub(super) struct PeriodFigures<'p> {
    pub(super) period: Period,
    pub(super) cells: Vec<BareFigure>,
    /// Returns that the indicator draws on, and the units that it counts.
    pub(super) counted: Counted<'p>,
    /// The 口径 changes with this period.
    pub(super) breaks_here: bool,
    index: BTreeMap<FigureKey, usize>,
    whole: Completenesses,
    /// By category, where blanks keep some units' rows from being told apart.
    by_category: BTreeMap<u32, Completenesses>,
}

impl<'p> PeriodFigures<'p> {
    pub(super) fn new(
        plan: &'p Plan,
        item: &Item,
        period: &Period,
        cells: Vec<BareFigure>,
        counted: Counted<'p>,
    ) -> Self {
        Self::over(plan, item, period, cells, counted, &|_| true)
    }

    /// With some units only behind the rows of several.
    pub(super) fn over(
        plan: &'p Plan,
        item: &Item,
        period: &Period,
        cells: Vec<BareFigure>,
        counted: Counted<'p>,
        belongs: &dyn Fn(usize) -> bool,
    ) -> Self {
        let register = &plan.definition.units;
        let all: Vec<usize> = (0..register.all().len()).filter(|unit| belongs(*unit)).collect();
        let completeness = |dimension: Option<&str>| {
            let row = |(row, _): (usize, &Unit)| {
                let of_row = if register.is_level(row) {
                    let mut members = register.leaves_of(row).to_vec();
                    members.retain(|unit| belongs(*unit));
                    counted.of_several(&members, dimension, register)
                } else {
                    counted.of_unit(row, dimension, register)
                };
                (row as u32, of_row)
            };
            let rows = register.rows().map(row).collect();
            Completenesses { county: counted.of_several(&all, dimension, register), rows }
        };
        let mut by_category = BTreeMap::new();
        for dimension in counted.blank_dimensions() {
            let dimensions = item.layout.dimensions.iter().filter(|d| d.field == dimension);
            for &category in dimensions.flat_map(|d| &d.categories) {
                by_category.insert(category, completeness(Some(dimension)));
            }
        }
        // A group of units is whole if its own units are.
        for dimension in item.layout.dimensions.iter().filter(|d| d.field == GROUP_DIMENSION) {
            for (code, &category) in dimension.categories.iter().enumerate() {
                let of_group = |unit: &&usize| dimension.group_of(**unit) == Some(code);
                let members: Vec<usize> = all.iter().filter(of_group).copied().collect();
                let county = counted.of_several(&members, None, register);
                by_category.insert(category, Completenesses { county, rows: BTreeMap::new() });
            }
        }
        let whole = completeness(None);
        let before = plan
            .clock(item)
            .and_then(|clock| clock.before(period).map(|d| d.period.clone()))
            .or_else(|| period.previous());
        let breaks_here = item.breaks.contains(period)
            || before.is_some_and(|before| item.breaks_between(&before, period));
        Self {
            period: period.clone(),
            index: cells.iter().enumerate().map(|(at, cell)| (cell.key, at)).collect(),
            whole,
            by_category,
            cells,
            counted,
            breaks_here,
        }
    }

    pub(super) fn get(&self, key: FigureKey) -> Option<&BareFigure> {
        self.index.get(&key).and_then(|&at| self.cells.get(at))
    }

    pub(super) fn completeness(&self, key: FigureKey) -> &Completeness {
        let told_apart = key.category.and_then(|category| self.by_category.get(&category));
        let all = told_apart.unwrap_or(&self.whole);
        key.unit.and_then(|row| all.rows.get(&row)).unwrap_or(&all.county)
    }

    /// The weightiest of what holds.
    pub(super) fn status(&self, cell: &BareFigure) -> Status {
        let complete = self.completeness(cell.key);
        if cell.missing {
            Status::Missing
        } else if !complete.absent.is_empty() {
            Status::Incomplete
        } else if complete.open_queries > 0 {
            Status::Provisional
        } else if self.breaks_here {
            Status::Break
        } else {
            Status::Normal
        }
    }

    pub(super) fn lineage(&self, cell: &BareFigure) -> Origins {
        let (numerator, denominator) = cell.lineage.clone();
        let absent = self.completeness(cell.key).absent.clone();
        Origins { numerator, denominator, absent, problems: Vec::new() }
    }
}

/// Computed tables by item and period.
pub(super) type AllFigures<'p> = BTreeMap<(usize, Period), PeriodFigures<'p>>;

/// The tables that an item is made of, each in its period due by then.
pub(super) fn operand_tables<'t, 'p>(
    plan: &Plan,
    tables: &'t AllFigures<'p>,
    item: &Item,
    due: &Due,
) -> Vec<Option<&'t PeriodFigures<'p>>> {
    let operands = item.derivation.iter().flat_map(|d| &d.operands);
    let table = |operand: &Option<usize>| {
        let operand = (*operand)?;
        let its = plan.clock(&plan.items[operand])?.latest_by(&due.folder)?;
        tables.get(&(operand, its.period.clone()))
    };
    operands.map(table).collect()
}
