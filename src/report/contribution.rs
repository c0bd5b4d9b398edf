//! What each unit contributed to the change of a county figure since the period before.
//!
//! Counts and sums: the unit's own change. Ratios and means R = s·N/D: with the county's N₀/D₀
//! before and D₁ now,
//!
//!   c(u) = s·[Δn(u) − (N₀/D₀)·Δd(u)] / D₁
//!
//! is what the unit's numerator grew beyond its base at the county's former rate. The c(u) add
//! up to R₁ − R₀ exactly, because N₀ = (N₀/D₀)·D₀; a unit in which nothing changed has none.

use super::index::Index;
use crate::definition::{Indicator, IndicatorKind};
use crate::model::{Decimal, Figure, Rational, Unit};

/// The change of one county figure, by unit.
pub(super) struct Decomposition<'a> {
    pub(super) indicator: &'a Indicator,
    pub(super) county: &'a Figure,
    /// The printed value before, and the difference of the printed values.
    pub(super) then: Decimal,
    pub(super) difference: Decimal,
    /// Exact contributions of the units that have a figure, in register order.
    pub(super) units: Vec<(&'a Unit, Rational)>,
    /// What no unit's figures account for.
    pub(super) rest: Rational,
    /// Places with which contributions are printed.
    pub(super) places: u8,
}

impl Decomposition<'_> {
    pub(super) fn is_still(&self) -> bool {
        let still = |c: Rational| c == Rational::ZERO;
        self.difference.is_zero() && still(self.rest) && self.units.iter().all(|(_, c)| still(*c))
    }
}

/// Numerator and denominator; the value itself over one for counts and sums.
#[derive(Clone, Copy)]
struct Quotient {
    numerator: Rational,
    denominator: Rational,
}

const ZERO: Quotient = Quotient { numerator: Rational::ZERO, denominator: Rational::ZERO };

/// `None`: nothing to compare with, or a kind that has no parts.
pub(super) fn decompose<'a>(
    index: &Index<'a>,
    indicator: &'a Indicator,
) -> Option<Decomposition<'a>> {
    let ratio = match indicator.kind() {
        IndicatorKind::Ratio | IndicatorKind::Mean => true,
        IndicatorKind::Count | IndicatorKind::Sum => false,
        _ => return None,
    };
    let county = index.headline(&indicator.id)?;
    let change = county.previous.as_ref()?;
    let (then, difference) = (change.then?, change.difference?);
    let scale = Rational::new(indicator.scale().into(), 1);
    let (all, before) = both(county, ratio, scale)?;
    let rate =
        if ratio { before.numerator.divided_by(before.denominator)? } else { Rational::ZERO };
    let share = |now: Quotient, then: Quotient| {
        let numerator = now.numerator.minus(then.numerator);
        if !ratio {
            return Some(numerator);
        }
        let expected = rate.times(now.denominator.minus(then.denominator));
        numerator.minus(expected).times(scale).divided_by(all.denominator)
    };
    let exact = share(all, before)?;
    let mut rest = exact;
    let mut units = Vec::new();
    for (_, unit) in index.inputs.definition.units.rows() {
        let Some(figure) = index.of_unit(&indicator.id, &unit.code) else { continue };
        // A unit that is not in the county's figure of a period has no part in it.
        let (now, then) = both(figure, ratio, scale).unwrap_or((ZERO, ZERO));
        let contribution = share(now, then)?;
        rest = rest.minus(contribution);
        units.push((unit, contribution));
    }
    let places = match indicator.kind() {
        IndicatorKind::Count | IndicatorKind::Sum => difference.places,
        _ => indicator.decimals + 1,
    };
    (!units.is_empty()).then_some(Decomposition {
        indicator,
        county,
        then,
        difference,
        units,
        rest,
        places,
    })
}

/// The parts of a figure now and in the period that its county is compared with.
fn both(figure: &Figure, ratio: bool, scale: Rational) -> Option<(Quotient, Quotient)> {
    let change = figure.previous.as_ref()?;
    let point = figure.series.iter().find(|p| p.period == change.period);
    if !ratio {
        let count = |value: Option<Rational>| Quotient {
            numerator: value.unwrap_or(Rational::ZERO),
            denominator: Rational::ZERO,
        };
        let now = figure.before_rounding();
        let then = point.and_then(|p| p.exact).or(change.then.map(Decimal::to_rational));
        return Some((count(now), count(then)));
    }
    let now = match (figure.numerator, figure.denominator) {
        (Some(n), Some(d)) => Quotient { numerator: n.to_rational(), denominator: d.to_rational() },
        _ => ZERO,
    };
    let then = match point.and_then(|p| Some((p.exact?, p.base?.to_rational()))) {
        Some((exact, base)) => {
            Quotient { numerator: exact.times(base).divided_by(scale)?, denominator: base }
        }
        None => ZERO,
    };
    Some((now, then))
}
