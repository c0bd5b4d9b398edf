//! Why a figure stands where it stands, in words: which units moved the county's, and what moved
//! in a unit's own. The contributions are those of 变化说明.

use super::contribution::{self, Decomposition};
use super::index::Index;
use super::{rows, wording};
use crate::definition::{Indicator, changed};
use crate::model::{DiagnosedProblem, Figure, Rational, Unit};

/// Units named as those that moved a figure.
const NAMED: usize = 2;

/// Which rows a problem is about, and what moved in the figure that it rests on; empty when nothing
/// can be said.
pub(super) fn of_problem(index: &Index, problem: &DiagnosedProblem) -> String {
    let Some(figure) = rows::figure_of(index, problem) else { return String::new() };
    let moved = if figure.unit_code == index.county() && figure.dimension.is_empty() {
        index.inputs.definition.indicator(&figure.indicator).and_then(|i| of_county(index, i))
    } else {
        None
    };
    let rows = rows::at_fault(index, problem).map(|rows| format!("涉及{rows}"));
    let moved = moved.or_else(|| of_parts(figure));
    rows.into_iter().chain(moved).collect::<Vec<_>>().join("；")
}

/// `比上月下降57.1个百分点（由5/5到3/7）`; nothing where nothing moved.
fn of_parts(figure: &Figure) -> Option<String> {
    let change = wording::change(figure, "previous")
        .filter(|c| c.difference.is_some_and(|difference| !difference.is_zero()))?;
    let said = wording::compare(figure, "previous");
    let point = figure.series.iter().find(|p| p.period == change.period)?;
    let parts = figure.numerator.zip(figure.denominator).zip(point.base.zip(point.exact));
    let Some(((numerator, denominator), (base, exact))) = parts else { return Some(said) };
    // The numerator then, of a rate: the exact value of its base.
    let scale = if figure.measure == "%" { Some(100) } else { None };
    let then =
        scale.and_then(|scale| exact.times(base.to_rational()).divided_by(Rational::new(scale, 1)));
    let Some(then) = then.map(|then| then.round(numerator.places)) else { return Some(said) };
    Some(format!("{said}（由{then}/{base}到{numerator}/{denominator}）"))
}

/// `主要是辽阳镇拉低9.8个百分点、县直机关拉低7.7个百分点`: the units that moved a county figure most, the way it
/// went.
pub(super) fn of_county(index: &Index, indicator: &Indicator) -> Option<String> {
    let change = contribution::decompose(index, indicator)?;
    let up = change.difference.units > 0;
    let named = movers(&change, up);
    (!change.difference.is_zero() && !named.is_empty())
        .then(|| format!("主要是{}", named.join("、")))
}

/// The units that contributed most in that direction, the largest first.
fn movers(change: &Decomposition, up: bool) -> Vec<String> {
    let mut movers: Vec<&(&Unit, Rational)> =
        change.units.iter().filter(|(_, c)| is_that_way(*c, up)).collect();
    // Stable: the register's order among equals.
    movers.sort_by(|a, b| if up { b.1.cmp(&a.1) } else { a.1.cmp(&b.1) });
    let places = change.difference.places;
    let rate = change.county.measure == "%";
    let word = match (rate, up) {
        (true, true) => "拉高",
        (true, false) => "拉低",
        (false, true) => "增加",
        (false, false) => "减少",
    };
    let said = |(unit, part): &&(&Unit, Rational)| {
        let size = part.round(places).size();
        let measure = changed(size, &change.county.measure);
        (!size.is_zero()).then(|| wording::unspaced(&format!("{}{word}{measure}", unit.name)))
    };
    movers.iter().filter_map(said).take(NAMED).collect()
}

fn is_that_way(part: Rational, up: bool) -> bool {
    if up { part > Rational::ZERO } else { part < Rational::ZERO }
}
