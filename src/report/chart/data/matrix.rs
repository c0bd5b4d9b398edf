//! From which code to which: the county's transition matrix.

use crate::definition::Indicator;
use crate::model::{Decimal, Figure};
use crate::report::index::Index;

pub(in crate::report) struct Matrix<'a> {
    /// Best first.
    pub(in crate::report) codes: Vec<&'a str>,
    /// A line a code then, a figure a code now.
    pub(in crate::report) lines: Vec<Vec<&'a Figure>>,
}

pub(super) fn matrix<'a>(index: &Index<'a>, indicator: &'a Indicator) -> Option<Matrix<'a>> {
    let definition = index.inputs.definition;
    let field = definition.form(&indicator.form)?.field(indicator.computation.of()?)?;
    let codes: Vec<&str> =
        definition.codelist_of(field)?.codes.iter().map(|c| c.code.as_str()).collect();
    let figures: Vec<&Figure> =
        index.headlines(&indicator.id).filter(|f| f.class.is_some()).collect();
    let complete = !codes.is_empty() && figures.len() == codes.len() * codes.len();
    let moved = figures.iter().any(|f| f.numerator.is_some_and(|n| !n.is_zero()));
    let lines = figures.chunks(codes.len().max(1)).map(<[&Figure]>::to_vec).collect();
    (complete && moved).then_some(Matrix { codes, lines })
}

/// A cell's place against the diagonal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::chart) enum Move {
    Up,
    Stayed,
    Down,
}

impl Move {
    pub(in crate::report::chart) fn of(then: usize, now: usize) -> Self {
        match now.cmp(&then) {
            std::cmp::Ordering::Less => Self::Up,
            std::cmp::Ordering::Equal => Self::Stayed,
            std::cmp::Ordering::Greater => Self::Down,
        }
    }
}

impl Matrix<'_> {
    /// Every figure with its code then and now.
    pub(in crate::report::chart) fn cells(&self) -> impl Iterator<Item = (usize, usize, &Figure)> {
        self.lines.iter().enumerate().flat_map(|(then, line)| {
            line.iter().enumerate().map(move |(now, figure)| (then, now, *figure))
        })
    }

    pub(in crate::report::chart) fn sum(&self, wanted: impl Fn(usize, usize) -> bool) -> Decimal {
        self.cells()
            .filter(|(then, now, _)| wanted(*then, *now))
            .filter_map(|(.., figure)| figure.numerator)
            .fold(Decimal::ZERO, Decimal::plus)
    }

    pub(in crate::report::chart) fn moved(&self, wanted: Move) -> Decimal {
        self.sum(|then, now| Move::of(then, now) == wanted)
    }

    /// `419 个中 96 个上升、40 个下降、283 个不变`.
    pub(super) fn finding(&self) -> String {
        let [up, down, same] = [Move::Up, Move::Down, Move::Stayed].map(|m| self.moved(m));
        let all = self.sum(|_, _| true);
        format!("{all} 个中 {up} 个上升、{down} 个下降、{same} 个不变")
    }

    pub(super) fn words(&self) -> Vec<String> {
        self.cells()
            .filter_map(|(then, now, figure)| {
                Some(format!("{}→{} {}", self.codes[then], self.codes[now], figure.numerator?))
            })
            .collect()
    }
}
