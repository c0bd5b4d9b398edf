//! 上期: the one answer to which period of a form comes before another.

use std::collections::BTreeSet;
use std::mem::discriminant;

use super::Form;
use crate::model::{Frequency, Period};

impl Form {
    /// The calendar's period before; of a form with rounds the round before, of the same kind.
    /// A monthly, quarterly … form has rounds at even distances: `None` across a wider one.
    pub fn previous_period(&self, period: &Period) -> Option<Period> {
        if self.rounds.is_empty() {
            return period.previous();
        }
        let kind = discriminant(period);
        let declared = self.rounds.iter().map(|round| &round.period);
        let rounds: BTreeSet<&Period> = declared.filter(|p| discriminant(*p) == kind).collect();
        let before = *rounds.iter().rev().find(|round| **round < period)?;
        let distances = rounds.iter().zip(rounds.iter().skip(1));
        let step = distances.filter_map(|(one, next)| next.steps_since(one)).min();
        let even = !matches!(self.frequency, Frequency::Annual | Frequency::Once);
        let hole = even && period.steps_since(before).zip(step).is_some_and(|(d, step)| d > step);
        (!hole).then(|| before.clone())
    }
}
