//! How many problems: figures of the diagnosis itself, by unit, disease and rule.
//!
//! They open to the problems that they count. A unit whose returns are absent may have problems
//! that nobody could see, so its count is marked as incomplete; likewise provisional.

use std::collections::{BTreeMap, BTreeSet};

use crate::analyse::ranking::shared_places;
use crate::definition::{
    Better, Code, DISEASES, Definition, Diagnosis, Indicator, IndicatorKind, RULE_DIMENSION,
    Reporting,
};
use crate::model::{
    Absent, AbsentReason, Class, Decimal, DiagnosedProblem, Figure, GroupPlace, Origins, Period,
    Point, Rational, Receipt, ReturnState, Status, Timeliness, Unit, Validated,
};

use super::Dues;
use super::figures::Figures;

/// Adds the figures of the indicators that count problems, in definition order.
pub fn count_problems(
    definition: &Definition,
    validated: &Validated,
    folder: &Period,
    problems: &[DiagnosedProblem],
    figures: &mut Vec<Figure>,
) -> anyhow::Result<()> {
    let counted = |i: &&Indicator| i.kind() == IndicatorKind::Problems && i.is_collectable();
    let indicators: Vec<&Indicator> = definition.indicators.iter().filter(counted).collect();
    if indicators.is_empty() {
        return Ok(());
    }
    let diagnosed: Vec<&Unit> = definition
        .units
        .rows_in(folder)
        .filter(|unit| definition.diagnoses.iter().any(|rule| definition.asks(rule, unit)))
        .collect();
    let dues = Dues::new(definition, validated, folder)?;
    let seen = Figures::new(definition, figures, &dues);
    let mut receipts: BTreeMap<&str, Vec<&Receipt>> = BTreeMap::new();
    for receipt in &validated.receipts {
        receipts.entry(definition.units.row_code(&receipt.unit)).or_default().push(receipt);
    }
    let mut standings = BTreeMap::new();
    for &unit in &diagnosed {
        let own = receipts.get(unit.code.as_str()).map_or(&[][..], Vec::as_slice);
        let is_level = definition.units.is_level(definition.units.order(&unit.code));
        let rests_on = |rule: &&Diagnosis| !is_level || definition.asks(rule, unit);
        for rule in definition.diagnoses.iter().filter(rests_on) {
            let standing = Grounds::of(unit, rule, &seen, own, folder);
            standings.insert((unit.code.as_str(), rule.id.as_str()), standing);
        }
    }
    let counting = Counting { definition, folder, problems, standings, diagnosed };
    let mut added: Vec<Figure> = Vec::new();
    for indicator in indicators {
        added.extend(counting.figures(indicator));
    }
    figures.extend(added);
    let order: BTreeMap<&str, usize> =
        definition.indicators.iter().map(|i| i.id.as_str()).zip(0..).collect();
    figures.sort_by_key(|figure| order.get(figure.indicator.as_str()).copied());
    Ok(())
}

/// What a rule rests on for a unit: returns that are absent or open to query.
#[derive(Default)]
struct Grounds {
    absent: Vec<Absent>,
    /// 核实 open by return (unit, form, period).
    queries: BTreeMap<(String, String, Period), usize>,
    provisional: bool,
    /// Whether a return was late cannot be said, and the rule asks for it.
    unjudged: bool,
}

impl Grounds {
    fn of(
        unit: &Unit,
        rule: &Diagnosis,
        figures: &Figures,
        receipts: &[&Receipt],
        folder: &Period,
    ) -> Self {
        let mut standing = Self::default();
        if !rule.finding.is_empty() {
            let owed = |r: &&Receipt| r.owed && r.folder == *folder && !r.state.accepted();
            let absent = receipts.iter().copied().filter(owed).map(|receipt| {
                let rejected = receipt.state == ReturnState::Rejected;
                let reason = if rejected { AbsentReason::Rejected } else { AbsentReason::Missing };
                Absent {
                    unit: receipt.unit.clone(),
                    form: receipt.form.clone(),
                    reason,
                    cells: Vec::new(),
                }
            });
            standing.absent.extend(absent);
        }
        let unjudged = |r: &Receipt| {
            r.owed && r.folder == *folder && matches!(r.timeliness, Timeliness::Unjudged(_))
        };
        standing.unjudged = rule.reporting.contains(&Reporting::Late)
            && receipts.iter().any(|receipt| unjudged(receipt));
        let figure = rule.indicator.as_deref().and_then(|id| figures.get(rule, id, unit));
        let Some(figure) = figure else { return standing };
        standing.absent.extend(figures.absent_below(figure, unit).cloned());
        standing.provisional =
            figure.status == Status::Provisional && figure.unit_code == unit.code;
        let parts = figure.lineage.numerator.iter().chain(&figure.lineage.denominator);
        let read: BTreeSet<(&str, &Period)> =
            parts.filter_map(|p| Some((p.source.as_str(), p.period.as_ref()?))).collect();
        let open = |r: &&Receipt| {
            r.state == ReturnState::Queried && read.contains(&(r.form.as_str(), &r.period))
        };
        for receipt in receipts.iter().copied().filter(open) {
            let key = (receipt.unit.clone(), receipt.form.clone(), receipt.period.clone());
            standing.queries.insert(key, receipt.queries);
        }
        standing
    }

    fn add(&mut self, other: &Self) {
        for absent in &other.absent {
            if !self.absent.contains(absent) {
                self.absent.push(absent.clone());
            }
        }
        self.queries.extend(other.queries.clone());
        self.provisional |= other.provisional;
        self.unjudged |= other.unjudged;
    }
}

/// The problems being counted.
struct Counting<'a> {
    definition: &'a Definition,
    folder: &'a Period,
    problems: &'a [DiagnosedProblem],
    diagnosed: Vec<&'a Unit>,
    /// By unit code and rule.
    standings: BTreeMap<(&'a str, &'a str), Grounds>,
}

impl Counting<'_> {
    /// The county's figures, then those of each breakdown.
    fn figures(&self, indicator: &Indicator) -> Vec<Figure> {
        let by = |name: &str| indicator.by.iter().any(|by| by == name);
        let mut figures = self.classes(indicator, None);
        if by("unit") {
            let units = self.diagnosed.iter();
            figures.extend(units.flat_map(|unit| self.classes(indicator, Some(unit))));
        }
        if by(RULE_DIMENSION) {
            let rules = self.definition.diagnoses.iter();
            figures.extend(rules.map(|rule| self.of_rule(indicator, rule)));
        }
        if indicator.is_ranked() && indicator.computation.of().is_none() {
            rank(indicator, &mut figures);
        }
        figures
    }

    /// One figure, or one a disease.
    fn classes(&self, indicator: &Indicator, unit: Option<&Unit>) -> Vec<Figure> {
        let of_unit = |p: &&DiagnosedProblem| unit.is_none_or(|unit| unit.code == p.unit_code);
        let all: Vec<&DiagnosedProblem> = self.problems.iter().filter(of_unit).collect();
        let Some(diseases) =
            indicator.computation.of().and(self.definition.codelists.get(DISEASES))
        else {
            return vec![self.figure(indicator, unit, None, &all)];
        };
        let share = |disease: &Code| {
            let of: Vec<&DiagnosedProblem> =
                all.iter().filter(|p| p.disease == disease.code).copied().collect();
            let figure = self.figure(indicator, unit, None, &of);
            let exact = (!all.is_empty()).then(|| {
                let scaled = of.len() as i128 * i128::from(indicator.scale());
                Rational::new(scaled, all.len() as i128)
            });
            let class = Class { id: disease.id.clone(), title: disease.code.clone() };
            with_value(
                Figure {
                    id: format!("{}@{}", figure.id, disease.id),
                    class: Some(class),
                    denominator: Some(count(all.len())),
                    ..figure
                },
                exact,
                indicator.decimals,
            )
        };
        diseases.codes.iter().map(share).collect()
    }

    /// How many units meet a rule.
    fn of_rule(&self, indicator: &Indicator, rule: &Diagnosis) -> Figure {
        let met: Vec<&DiagnosedProblem> =
            self.problems.iter().filter(|p| p.rule == rule.id).collect();
        let figure = self.figure(indicator, None, Some(rule), &met);
        Figure {
            id: format!("{}@{}", figure.id, rule.id),
            dimension: RULE_DIMENSION.to_owned(),
            category: rule.title.clone(),
            ..figure
        }
    }

    /// What one rule, or all of them, rest on for a unit.
    fn standing(&self, unit: &Unit, rule: Option<&Diagnosis>) -> Grounds {
        let mut all = Grounds::default();
        let wanted = |d: &&Diagnosis| rule.is_none_or(|rule| rule.id == d.id);
        for d in self.definition.diagnoses.iter().filter(wanted) {
            if let Some(one) = self.standings.get(&(unit.code.as_str(), d.id.as_str())) {
                all.add(one);
            }
        }
        all
    }

    fn figure(
        &self,
        indicator: &Indicator,
        unit: Option<&Unit>,
        rule: Option<&Diagnosis>,
        problems: &[&DiagnosedProblem],
    ) -> Figure {
        let settings = &self.definition.settings;
        let units: Vec<&Unit> = unit.map_or_else(|| self.diagnosed.clone(), |unit| vec![unit]);
        let standings: Vec<Grounds> = units.iter().map(|unit| self.standing(unit, rule)).collect();
        let missing = |s: &&Grounds| s.absent.iter().any(|a| a.reason == AbsentReason::Missing);
        let missing = standings.iter().filter(missing).count();
        let absent: Vec<Absent> = standings.iter().flat_map(|s| s.absent.clone()).collect();
        let unseen = standings.iter().filter(|s| s.unjudged || !s.absent.is_empty()).count();
        let status = match unseen {
            0 if standings.iter().any(|s| s.provisional) => Status::Provisional,
            0 => Status::Normal,
            _ => Status::Incomplete,
        };
        let unit_code = unit.map_or(&settings.county_code, |unit| &unit.code).clone();
        let figure = Figure {
            id: format!("{}@{unit_code}", indicator.id),
            programme: indicator.programme.clone(),
            indicator: indicator.id.clone(),
            title: indicator.title.clone(),
            period: self.folder.clone(),
            unit_code,
            unit: unit.map_or(&settings.county_name, |unit| &unit.name).clone(),
            group: unit.map(|unit| unit.group.clone()).unwrap_or_default(),
            dimension: String::new(),
            category: String::new(),
            class: None,
            numerator: Some(count(problems.len())),
            denominator: None,
            exact: None,
            value: None,
            decimals: indicator.decimals,
            nature: indicator.nature(),
            scored: None,
            weight: None,
            measure: indicator.measure().to_owned(),
            units_expected: units.len(),
            units_reported: units.len() - missing,
            units_used: units.len() - unseen,
            status,
            open_queries: standings.iter().flat_map(|s| s.queries.values()).sum(),
            previous: None,
            year_ago: None,
            year_begin: None,
            series: Vec::new(),
            place: None,
            lineage: Origins {
                absent,
                problems: problems.iter().map(|p| p.id.clone()).collect(),
                ..Origins::default()
            },
        };
        let exact = Rational::new(problems.len() as i128, 1);
        with_value(figure, Some(exact), indicator.decimals)
    }
}

/// Printed value and series: past lists are not diagnosed again.
fn with_value(figure: Figure, exact: Option<Rational>, decimals: u8) -> Figure {
    let value = exact.map(|exact| exact.round(decimals));
    let point = Point {
        period: figure.period.clone(),
        value,
        exact,
        base: figure.denominator,
        status: figure.status,
        break_before: false,
        restart_before: false,
    };
    Figure { exact, value, series: vec![point], ..figure }
}

fn count(number: usize) -> Decimal {
    Decimal::new(number as i128, 0)
}

/// Places of the units inside their groups.
fn rank(indicator: &Indicator, figures: &mut [Figure]) {
    let mut groups: BTreeMap<String, Vec<(u32, Rational)>> = BTreeMap::new();
    for (number, figure) in (0..).zip(figures.iter()).filter(|(_, f)| !f.group.is_empty()) {
        let members = groups.entry(figure.group.clone()).or_default();
        members.extend(figure.exact.map(|exact| (number, exact)));
    }
    for (group, members) in groups {
        for (number, rank) in shared_places(&members, indicator.better == Better::Lower) {
            let Some(figure) = figures.get_mut(number as usize) else { continue };
            figure.place = Some(GroupPlace {
                group: group.clone(),
                place: rank.place,
                of: rank.of,
                tied: rank.tied,
                small_base: false,
                previous: None,
            });
        }
    }
}
