//! Rules about a unit's own figure: compared exactly, in every period of its series.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use crate::definition::{
    Better, Condition, Definition, Diagnosis, Indicator, IndicatorKind, changed, measured,
};
use crate::model::placeholders::{fill, placeholders};
use crate::model::{Absent, Decimal, Evidence, Figure, Point, Rational, Status, Unit};

use super::{Dues, Gap, Met};

/// Indicator, dimension (empty: by unit), unit code.
type Subject<'a> = (&'a str, &'a str, &'a str);

pub(super) struct Figures<'a> {
    definition: &'a Definition,
    dues: &'a Dues<'a>,
    by_unit: BTreeMap<Subject<'a>, &'a Figure>,
}

impl<'a> Figures<'a> {
    pub(super) fn new(
        definition: &'a Definition,
        figures: &'a [Figure],
        dues: &'a Dues<'a>,
    ) -> Self {
        let mut by_unit = BTreeMap::new();
        for figure in figures.iter().filter(|figure| figure.class.is_none()) {
            if let Some(unit) = unit_of(definition, figure) {
                let key = (figure.indicator.as_str(), figure.dimension.as_str(), unit);
                by_unit.insert(key, figure);
            }
        }
        Self { definition, dues, by_unit }
    }

    pub(super) fn get(&self, rule: &Diagnosis, indicator: &str, unit: &Unit) -> Option<&'a Figure> {
        let subject = match &rule.answers {
            Some(code) if *code == unit.code => &self.definition.settings.county_code,
            Some(_) => return None,
            None => &unit.code,
        };
        let key: Subject = (indicator, &rule.by, subject);
        self.by_unit.get(&key).copied()
    }

    /// Can the rule be asked of the unit? Of a figure only where there is one.
    pub(super) fn has_base(&self, rule: &Diagnosis, unit: &Unit) -> bool {
        let Some(indicator) = &rule.indicator else { return true };
        let figure = self.get(rule, indicator, unit);
        figure.is_some_and(|f| f.series.iter().any(|point| point.exact.is_some()))
    }

    /// Of what is absent from a figure, what belongs to a row.
    pub(super) fn absent_below<'f>(
        &'f self,
        figure: &'f Figure,
        row: &'f Unit,
    ) -> impl Iterator<Item = &'f Absent> {
        let units = &self.definition.units;
        figure.lineage.absent.iter().filter(|absent| units.row_code(&absent.unit) == row.code)
    }

    pub(super) fn met(&self, rule: &Diagnosis, indicator: &str, unit: &Unit) -> Option<Met> {
        let indicator = self.definition.indicator(indicator)?;
        let figure = self.get(rule, &indicator.id, unit)?;
        let asked = Asked { figures: self, rule, indicator, unit };
        let (row, gaps) = asked.counted_back(&figure.series);
        let (latest, oldest) = (row.first()?, row.last()?);
        Some(Met {
            programme: Some(figure.programme.clone()),
            seen: asked.seen(figure, latest),
            threshold: asked.threshold(figure, latest),
            periods: row.len(),
            latest: latest.period.clone(),
            since: oldest.period.clone(),
            gaps,
            evidence: vec![Evidence::Figure(figure.id.clone())],
        })
    }
}

/// The unit (or county) that a figure is about: its own, or the unit that its category names.
fn unit_of<'a>(definition: &'a Definition, figure: &'a Figure) -> Option<&'a str> {
    let county = figure.unit_code == definition.settings.county_code;
    if figure.dimension.is_empty() {
        return Some(figure.unit_code.as_str());
    }
    let mut rows = definition.units.rows().filter(|_| county);
    let named = rows.find(|(_, unit)| unit.name == figure.category);
    named.map(|(_, unit)| unit.code.as_str())
}

/// One rule asked of one unit.
struct Asked<'a> {
    figures: &'a Figures<'a>,
    rule: &'a Diagnosis,
    indicator: &'a Indicator,
    unit: &'a Unit,
}

impl Asked<'_> {
    /// The points that meet the rule, from the latest back to the first that does not, and the
    /// periods among them of which nothing is known.
    fn counted_back<'p>(&self, series: &'p [Point]) -> (Vec<&'p Point>, Vec<Gap>) {
        let (mut row, mut gaps) = (Vec::new(), Vec::new());
        for (at, point) in series.iter().enumerate().rev() {
            let before = at.checked_sub(1).and_then(|before| series.get(before));
            if self.meets(point, before) {
                row.push(point);
            } else if let Some(gap) = self.gap(point) {
                gaps.push(gap);
            } else {
                break;
            }
            if point.break_before {
                break;
            }
        }
        (row, gaps)
    }

    /// A period that the unit owes and of which its figure says nothing.
    fn gap(&self, point: &Point) -> Option<Gap> {
        let dues = self.figures.dues;
        let forms = self.figures.definition.forms_behind(self.indicator);
        // With a dimension, one unit reports about all: it is not this one that is absent.
        let own = self.rule.by.is_empty() && self.rule.answers.is_none();
        let unit = Some(self.unit).filter(|_| own);
        point.status.is_partial().then(|| dues.gap(&forms, &point.period, unit))?
    }

    /// What the rule asks: of a number meant for the whole year, the part due by then.
    fn asked_of(&self, number: Decimal, point: &Point) -> Rational {
        self.indicator.due_by(number, &point.period)
    }

    /// `不低于 60%`, `不低于时序进度 75%（全年 100%）`.
    fn threshold(&self, figure: &Figure, point: &Point) -> String {
        let whole = self.rule.threshold(&figure.measure);
        let (word, number) = match (self.indicator.pace, self.rule.condition()) {
            _ if !self.rule.standard.is_empty() => return whole,
            (Some(_), Some(Condition::Below(least))) => ("不低于", least),
            (Some(_), Some(Condition::Above(most))) => ("不高于", most),
            _ => return whole,
        };
        let due = self.asked_of(number, point).round(self.indicator.decimals);
        let (due, year) = (measured(due, &figure.measure), measured(number, &figure.measure));
        format!("{word}时序进度 {due}（全年 {year}）")
    }

    fn meets(&self, point: &Point, before: Option<&Point>) -> bool {
        let least = Decimal::integer(self.rule.least_base.into());
        let small = self.rule.least_base > 0 && point.base.is_none_or(|base| base < least);
        let Some(value) = usable(point).filter(|_| !small) else { return false };
        match self.rule.condition() {
            Some(Condition::Below(least)) => value < self.asked_of(least, point),
            Some(Condition::Above(most)) => value > self.asked_of(most, point),
            Some(Condition::Equals(other)) => value == other.to_rational(),
            Some(Condition::Worsens(size)) => {
                let then = before.filter(|_| point.joins()).and_then(usable);
                then.is_some_and(|then| self.worse_by(then, value) >= size.to_rational())
            }
            Some(Condition::Last(count)) => {
                let (ahead, of) = self.standing(point, value);
                of > count && of - ahead <= count
            }
            None => false,
        }
    }

    /// How much worse the value is than the one before; negative when it is better.
    fn worse_by(&self, then: Rational, now: Rational) -> Rational {
        match self.indicator.better {
            Better::Lower => now.minus(then),
            Better::Higher | Better::Neither => then.minus(now),
        }
    }

    /// How many of the group were better in that period, of how many with a value.
    fn standing(&self, point: &Point, value: Rational) -> (usize, usize) {
        let better = match self.indicator.better {
            Better::Lower => Ordering::Less,
            Better::Higher | Better::Neither => Ordering::Greater,
        };
        let rows = self.figures.definition.units.rows();
        let values: Vec<Rational> = rows
            .filter(|(_, unit)| unit.group == self.unit.group)
            .filter_map(|(_, unit)| self.figures.get(self.rule, &self.indicator.id, unit))
            .filter_map(|figure| figure.series.iter().find(|p| p.period == point.period))
            .filter_map(usable)
            .collect();
        let ahead = values.iter().filter(|other| (*other).cmp(&value) == better).count();
        (ahead, values.len())
    }

    /// `33.3%（2/6）`, with what a reader must know of it.
    fn seen(&self, figure: &Figure, point: &Point) -> String {
        let value = point.value.map(|value| measured(value, &figure.measure)).unwrap_or_default();
        let mut notes = Vec::new();
        // The figure's own period may be a gap: what was last known is said with its period.
        let is_own = point.period == figure.period;
        let words = self.words(figure, point);
        // The mean of one is itself.
        let base = figure.denominator.filter(|base| {
            self.indicator.kind() == IndicatorKind::Ratio || *base != Decimal::integer(1)
        });
        let base = base.filter(|_| is_own && words.is_none());
        if let (Some(numerator), Some(denominator)) = (figure.numerator, base) {
            notes.push(format!("{numerator}/{denominator}"));
        }
        notes.extend(self.worsened(figure, point));
        if let (Some(Condition::Last(_)), Some(exact)) = (self.rule.condition(), point.exact) {
            let (ahead, of) = self.standing(point, exact);
            notes.push(format!("{}第 {} 位，共 {of} 个", self.unit.group, ahead + 1));
        }
        notes.extend((!is_own).then(|| point.period.title()));
        if point.status == Status::Provisional {
            notes.push(Status::Provisional.title().to_owned());
        }
        let notes =
            if notes.is_empty() { String::new() } else { format!("（{}）", notes.join("，")) };
        words.unwrap_or(value) + &notes
    }

    /// The rule's own words for the figure; `None` when it has none, or not for this period.
    fn words(&self, figure: &Figure, point: &Point) -> Option<String> {
        let template = self.rule.words.as_str();
        let own = point.period == figure.period;
        let (numerator, denominator) = (figure.numerator, figure.denominator);
        let of_parts = |name: &str| matches!(name, "numerator" | "denominator" | "rest");
        if template.is_empty() || (!own && placeholders(template).any(of_parts)) {
            return None;
        }
        let word = |name: &str| match name {
            "number" => point.value.map(|value| value.to_string()),
            "value" => point.value.map(|value| measured(value, &figure.measure)),
            "size" => point.value.map(|value| measured(value.size(), &figure.measure)),
            "numerator" => numerator.map(|number| number.to_string()),
            "denominator" => denominator.map(|number| number.to_string()),
            "rest" => Some(denominator?.minus(numerator?).to_string()),
            _ => None,
        };
        Some(fill(template, word))
    }

    /// `比上期变差 14.7 个百分点`, of the printed values, where the rule asks for the change.
    fn worsened(&self, figure: &Figure, point: &Point) -> Option<String> {
        let Some(Condition::Worsens(_)) = self.rule.condition() else { return None };
        let at = figure.series.iter().position(|p| p.period == point.period)?;
        let then = figure.series.get(at.checked_sub(1)?)?.value?;
        let difference = point.value?.minus(then);
        let size = difference.size();
        let word = if difference.units < 0 { "下降" } else { "上升" };
        Some(format!("比上期{word} {}", changed(size, &figure.measure)))
    }
}

/// A value that may accuse: nothing that the unit owes is absent from it.
fn usable(point: &Point) -> Option<Rational> {
    point.exact.filter(|_| !point.status.is_partial())
}
