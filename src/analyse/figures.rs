//! Figures of the report's period: names, ids, comparisons, places and lineage put together.

use std::collections::BTreeSet;

use anyhow::bail;

use crate::definition::IndicatorKind;
use crate::model::{Class, Figure};

use super::counted::Counted;
use super::history::History;
use super::layout::Category;
use super::plan::{Item, Plan};
use super::ranking::places;
use super::table::{AllFigures, BareFigure, PeriodFigures};

/// The figures of one indicator, in table order.
pub(super) fn figures(plan: &Plan, tables: &AllFigures, number: usize) -> Vec<Figure> {
    let item = &plan.items[number];
    let current = plan.current(item);
    let Some(table) = current.and_then(|due| tables.get(&(number, due.period.clone()))) else {
        // 未到期: nothing is due yet. The row says so instead of being absent.
        let cell = BareFigure::nothing();
        let table =
            PeriodFigures::new(plan, item, plan.report, vec![cell.clone()], Counted::default());
        return vec![named(plan, item, &table, &cell)];
    };
    let period = &table.period;
    let before = plan.clock(item).and_then(|clock| clock.previous(period));
    let comparable = before.filter(|before| !item.breaks_between(before, period));
    let previous = comparable.and_then(|before| tables.get(&(number, before)));
    let places = places(item, table, previous, &plan.definition.units);
    let history = History::new(plan, tables, (number, item), table);
    let figure = |cell: &BareFigure| {
        let mut figure = named(plan, item, table, cell);
        figure.previous = history.previous(cell);
        figure.year_ago = history.year_ago(cell);
        figure.year_begin = history.year_begin(cell);
        figure.series = history.series(cell.key);
        if let (Some(unit), None, None) = (cell.key.unit, cell.key.category, cell.key.class) {
            figure.place = places.get(&unit).cloned();
        }
        figure
    };
    table.cells.iter().map(figure).collect()
}

/// A figure without its other periods.
fn named(plan: &Plan, item: &Item, table: &PeriodFigures, cell: &BareFigure) -> Figure {
    let indicator = item.indicator;
    let settings = &plan.definition.settings;
    let unit = cell.key.unit.and_then(|unit| plan.definition.units.all().get(unit as usize));
    let unit_code = unit.map_or(&settings.county_code, |u| &u.code).clone();
    let category = cell.key.category.and_then(|c| plan.names.categories.get(c as usize));
    let class = cell.key.class.and_then(|c| plan.names.classes.get(c as usize));
    let complete = table.completeness(cell.key);
    let scores = indicator.kind() == IndicatorKind::Composite;
    Figure {
        id: figure_id(item, &unit_code, category, class),
        programme: indicator.programme.clone(),
        indicator: indicator.id.clone(),
        title: indicator.title.clone(),
        period: table.period.clone(),
        unit_code,
        unit: unit.map_or(&settings.county_name, |u| &u.name).clone(),
        group: unit.map(|u| u.group.clone()).unwrap_or_default(),
        dimension: category.map(|c| c.field.clone()).unwrap_or_default(),
        category: category.map(|c| c.code.clone()).unwrap_or_default(),
        class: class.cloned(),
        numerator: cell.numerator.filter(|_| !scores),
        denominator: cell.denominator.filter(|_| !scores),
        exact: cell.exact,
        value: cell.value,
        decimals: indicator.decimals,
        nature: indicator.nature(),
        scored: cell.numerator.filter(|_| scores),
        weight: cell.denominator.filter(|_| scores),
        measure: measure(item).to_owned(),
        units_expected: complete.expected,
        units_reported: complete.reported,
        units_used: complete.used,
        status: table.status(cell),
        open_queries: complete.open_queries,
        previous: None,
        year_ago: None,
        year_begin: None,
        series: Vec::new(),
        place: None,
        lineage: table.lineage(cell),
    }
}

/// `indicator@unit_code[@category][@class]`
fn figure_id(
    item: &Item,
    unit_code: &str,
    category: Option<&Category>,
    class: Option<&Class>,
) -> String {
    let mut id = format!("{}@{unit_code}", item.indicator.id);
    if let Some(category) = category {
        id.push('@');
        let prefixed = |d: &&super::layout::Dimension| d.field == category.field && d.prefixed;
        if item.layout.dimensions.iter().any(|d| prefixed(&d)) {
            id.push_str(&category.field);
            id.push('.');
        }
        id.push_str(&category.id);
    }
    if let Some(class) = class {
        id.push('@');
        id.push_str(&class.id);
    }
    id
}

/// Shares of classes are per cent, whatever is counted.
fn measure<'i>(item: &'i Item) -> &'i str {
    let shares = matches!(
        item.indicator.kind(),
        IndicatorKind::Distribution | IndicatorKind::Funnel | IndicatorKind::Transition
    );
    if shares && item.indicator.scale() == 100 { "%" } else { item.indicator.measure() }
}

/// Two figures with one id could not be told apart in an audit.
pub(super) fn refuse_equal_ids(figures: &[Figure]) -> anyhow::Result<()> {
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<&str> =
        figures.iter().map(|f| f.id.as_str()).filter(|id| !seen.insert(*id)).collect();
    if twice.is_empty() {
        return Ok(());
    }
    let shown: Vec<&str> = twice.iter().copied().take(10).collect();
    bail!("{} 个指标编号重复，请改指标、代码表或步骤的 id：{}", twice.len(), shown.join("、"))
}
