//! Finds figures by what they say: indicator, unit, breakdown, class.

use std::collections::{BTreeMap, BTreeSet};

use super::Inputs;
use crate::definition::{ChartSpec, Definition, Indicator, Reviewed};
use crate::model::{
    Class, Decimal, DiagnosedProblem, Figure, Finding, Period, Rational, Receipt, Unit,
};

/// Indicator, unit code, dimension, category, class id (empty for none).
type Key<'a> = (&'a str, &'a str, &'a str, &'a str, &'a str);

/// All figures of the report, with the orders in which they are shown.
pub(super) struct Index<'a> {
    pub(super) inputs: Inputs<'a>,
    definition: &'a Definition,
    by_key: BTreeMap<Key<'a>, &'a Figure>,
    by_indicator: BTreeMap<&'a str, Vec<&'a Figure>>,
    /// Indicator and group → the median of its units' values.
    medians: BTreeMap<(&'a str, &'a str), Decimal>,
    /// Code of a row → its returns of the report's folder, unit by unit, in form order.
    receipts: BTreeMap<&'a str, Vec<&'a Receipt>>,
    /// Code of a row → findings of the report's folder, in reading order.
    findings: BTreeMap<&'a str, Vec<&'a Finding>>,
    by_id: BTreeMap<&'a str, &'a Figure>,
    /// Forms and periods of what is due in the report's folder.
    due: BTreeSet<(&'a str, &'a Period)>,
    /// Unit code → what was diagnosed of it.
    problems: BTreeMap<&'a str, Vec<&'a DiagnosedProblem>>,
    /// Charts that are not drawn although there are data, with the reason.
    pub(super) undrawn: Vec<(&'a ChartSpec, String)>,
}

impl<'a> Index<'a> {
    pub(super) fn new(inputs: &Inputs<'a>) -> Self {
        let Inputs { reviewed: Reviewed { definition, .. }, figures, .. } = *inputs;
        let by_indicator = by(figures.iter(), |figure| &figure.indicator);
        let mut by_key = BTreeMap::new();
        for figure in figures {
            let class = figure.class.as_ref().map_or("", |c| c.id.as_str());
            let key: Key =
                (&figure.indicator, &figure.unit_code, &figure.dimension, &figure.category, class);
            by_key.entry(key).or_insert(figure);
        }
        let units = &definition.units;
        let owed = inputs.receipts().filter(|receipt| receipt.owed);
        let due = owed.map(|receipt| (receipt.form.as_str(), &receipt.period)).collect();
        let by_id = figures.iter().map(|figure| (figure.id.as_str(), figure)).collect();
        Self {
            inputs: *inputs,
            definition,
            by_key,
            medians: medians(definition, &by_indicator),
            by_indicator,
            receipts: by(inputs.receipts(), |receipt| units.row_code(&receipt.unit)),
            findings: by(inputs.findings(), |finding| units.row_code(&finding.unit)),
            by_id,
            due,
            problems: by(inputs.problems.iter(), |problem| &problem.unit_code),
            undrawn: Vec::new(),
        }
    }

    /// Why a chart is not drawn: `题目（原因）`; `None` where it is, or has no data.
    pub(super) fn undrawn(&self, chart: &str) -> Option<String> {
        let (spec, why) = self.undrawn.iter().find(|(spec, _)| spec.id == chart)?;
        Some(format!("{}（{why}）", spec.title))
    }

    pub(super) fn receipts_of(&self, unit: &str) -> &[&'a Receipt] {
        self.receipts.get(unit).map_or(&[], Vec::as_slice)
    }

    pub(super) fn findings_of(&self, unit: &str) -> &[&'a Finding] {
        self.findings.get(unit).map_or(&[], Vec::as_slice)
    }

    /// Is the form for that period due in the report's own folder?
    pub(super) fn is_handed_in(&self, form: &str, period: &Period) -> bool {
        self.due.contains(&(form, period))
    }

    pub(super) fn figure(&self, id: &str) -> Option<&'a Figure> {
        self.by_id.get(id).copied()
    }

    pub(super) fn problems_of(&self, unit: &str) -> &[&'a DiagnosedProblem] {
        self.problems.get(unit).map_or(&[], Vec::as_slice)
    }

    /// The median of a group's units: of the exact values, rounded once as the values are.
    pub(super) fn median(&self, indicator: &str, group: &str) -> Option<Decimal> {
        self.medians.get(&(indicator, group)).copied()
    }

    /// A unit's own figure, without breakdown or class.
    pub(super) fn of_unit(&self, indicator: &str, unit: &str) -> Option<&'a Figure> {
        self.by_key.get(&(indicator, unit, "", "", "")).copied()
    }

    pub(super) fn county(&self) -> &'a str {
        &self.definition.settings.county_code
    }

    /// All figures of an indicator, in definition order.
    pub(super) fn of(&self, indicator: &str) -> &[&'a Figure] {
        self.by_indicator.get(indicator).map_or(&[], Vec::as_slice)
    }

    pub(super) fn get(
        &self,
        indicator: &str,
        row: &FigureRow,
        class: Option<&Class>,
    ) -> Option<&'a Figure> {
        let class = class.map_or("", |c| c.id.as_str());
        let key: Key = (indicator, &row.unit, &row.dimension, &row.category, class);
        self.by_key.get(&key).copied()
    }

    /// The county's own figure; for distributions and funnels the first class.
    pub(super) fn headline(&self, indicator: &str) -> Option<&'a Figure> {
        self.headlines(indicator).next()
    }

    /// The county's own figures: one, or one a class.
    pub(super) fn headlines(&self, indicator: &str) -> impl Iterator<Item = &'a Figure> {
        let county = self.county();
        self.of(indicator)
            .iter()
            .copied()
            .filter(move |f| f.unit_code == county && f.dimension.is_empty())
    }

    /// Classes of a distribution or funnel, in the order of its figures; empty for others.
    pub(super) fn classes(&self, indicator: &str) -> Vec<&'a Class> {
        let mut classes: Vec<&Class> = Vec::new();
        for class in self.of(indicator).iter().filter_map(|f| f.class.as_ref()) {
            if !classes.iter().any(|c| c.id == class.id) {
                classes.push(class);
            }
        }
        classes
    }

    /// Rows of a table over `by`, without the county's own row: units in group order, then
    /// register order; categories in the order of the figures.
    pub(super) fn rows(&self, indicators: &[&Indicator], by: &str) -> Vec<FigureRow> {
        let by = if by.is_empty() { "unit" } else { by };
        let (with_units, dimension) = match by.split_once('*') {
            Some(("unit", dimension)) => (true, dimension),
            Some((dimension, _)) => (true, dimension),
            None if by == "unit" => (true, ""),
            None => (false, by),
        };
        let mut rows: Vec<FigureRow> = Vec::new();
        let mut known: BTreeSet<[&str; 5]> = BTreeSet::new();
        for indicator in indicators {
            for figure in self.of(&indicator.id) {
                let is_unit = figure.unit_code != self.county();
                if figure.dimension != dimension || is_unit != with_units {
                    continue;
                }
                let Figure { unit_code, unit, group, dimension, category, .. } = figure;
                if known.insert([unit_code, unit, group, dimension, category]) {
                    rows.push(FigureRow {
                        unit: unit_code.clone(),
                        unit_name: unit.clone(),
                        group: group.clone(),
                        dimension: dimension.clone(),
                        category: category.clone(),
                    });
                }
            }
        }
        if with_units {
            let groups =
                self.definition.settings.report.group_order(rows.iter().map(|r| r.group.as_str()));
            // Stable: categories of a unit keep their order.
            rows.sort_by_cached_key(|row| {
                let group = groups.iter().position(|g| *g == row.group);
                (group, self.definition.units.order(&row.unit))
            });
        }
        rows
    }

    /// Units group by group; those of a group keep their order.
    pub(super) fn in_group_order(&self, mut units: Vec<&'a Unit>) -> Vec<&'a Unit> {
        let present = units.iter().map(|unit| unit.group.as_str());
        let groups = self.definition.settings.report.group_order(present);
        units.sort_by_key(|unit| groups.iter().position(|group| *group == unit.group));
        units
    }

    /// The county's row of a table.
    pub(super) fn county_row(&self) -> FigureRow {
        FigureRow {
            unit: self.county().to_owned(),
            unit_name: self.definition.settings.county_name.clone(),
            ..FigureRow::default()
        }
    }
}

/// Of a unit or the county as a whole: without breakdown or class.
pub(super) fn is_whole(figure: &Figure) -> bool {
    figure.dimension.is_empty() && figure.class.is_none()
}

/// Together what has the same key, each in its order.
fn by<'a, T>(
    all: impl Iterator<Item = &'a T>,
    key: impl Fn(&'a T) -> &'a str,
) -> BTreeMap<&'a str, Vec<&'a T>> {
    let mut together: BTreeMap<&str, Vec<&T>> = BTreeMap::new();
    all.for_each(|one| together.entry(key(one)).or_default().push(one));
    together
}

/// Of each indicator and group.
fn medians<'a>(
    definition: &Definition,
    by_indicator: &BTreeMap<&'a str, Vec<&'a Figure>>,
) -> BTreeMap<(&'a str, &'a str), Decimal> {
    let county = definition.settings.county_code.as_str();
    let mut medians = BTreeMap::new();
    for (&id, figures) in by_indicator {
        let Some(indicator) = definition.indicator(id) else { continue };
        let mut values: BTreeMap<&str, Vec<Rational>> = BTreeMap::new();
        for figure in figures.iter().filter(|f| f.unit_code != county && is_whole(f)) {
            values.entry(&figure.group).or_default().extend(figure.before_rounding());
        }
        let found = values.into_iter().filter_map(|(group, values)| {
            Some(((id, group), median(values)?.round(indicator.decimals)))
        });
        medians.extend(found);
    }
    medians
}

/// The middle of the values, or of the two in the middle.
fn median(mut values: Vec<Rational>) -> Option<Rational> {
    values.sort();
    let upper = *values.get(values.len() / 2)?;
    let lower = *values.get((values.len() - 1) / 2)?;
    lower.plus(upper).divided_by(Rational::new(2, 1))
}

/// What a table row or a bar stands for.
#[derive(Debug, Clone, Default)]
pub(super) struct FigureRow {
    pub(super) unit: String,
    pub(super) unit_name: String,
    pub(super) group: String,
    pub(super) dimension: String,
    pub(super) category: String,
}

impl FigureRow {
    /// As printed: the unit, the category, or both.
    pub(super) fn title(&self, county: &str) -> String {
        if self.category.is_empty() {
            self.unit_name.clone()
        } else if self.unit == county {
            self.category.clone()
        } else {
            format!("{} {}", self.unit_name, self.category)
        }
    }
}
