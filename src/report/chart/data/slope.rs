//! One indicator then and now.

use crate::definition::{Against, Better, Indicator};
use crate::model::{Change, Decimal, Figure, Period};
use crate::report::index::Index;
use crate::report::text;

pub(in crate::report) struct Slope<'a> {
    pub(in crate::report) indicator: &'a Indicator,
    pub(in crate::report) then: &'a Period,
    pub(in crate::report) now: &'a Period,
    /// Group title and lines, highest now first.
    pub(in crate::report) groups: Vec<(String, Vec<SlopeLine<'a>>)>,
    /// Units without one of the two values.
    pub(in crate::report::chart) without: Vec<String>,
}

pub(in crate::report) struct SlopeLine<'a> {
    pub(in crate::report) name: String,
    pub(in crate::report::chart) figure: &'a Figure,
    pub(in crate::report) then: Decimal,
    pub(in crate::report) now: Decimal,
}

/// From worse to better, or not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::report::chart) enum Turn {
    Better,
    Worse,
    Same,
}

pub(super) fn slope<'a>(
    index: &Index<'a>,
    indicator: &'a Indicator,
    against: Against,
) -> Option<Slope<'a>> {
    let change = |figure: &'a Figure| -> Option<&'a Change> {
        match against {
            Against::Previous => figure.previous.as_ref(),
            Against::YearAgo => figure.year_ago.as_ref(),
        }
    };
    let mut groups: Vec<(String, Vec<SlopeLine>)> = Vec::new();
    let (mut without, mut periods) = (Vec::new(), None);
    for row in index.rows(&[indicator], "unit") {
        let Some(figure) = index.get(&indicator.id, &row, None) else { continue };
        let name = row.title(index.county());
        let compared = change(figure).filter(|c| c.obstacle.is_none());
        let then = compared.and_then(|c| Some((&c.period, c.then?)));
        let (Some(now), Some((period, then))) = (figure.value, then) else {
            without.push(name);
            continue;
        };
        periods = periods.or(Some((period, &figure.period)));
        let line = SlopeLine { name, figure, then, now };
        match groups.iter_mut().find(|(group, _)| *group == row.group) {
            Some((_, lines)) => lines.push(line),
            None => groups.push((row.group, vec![line])),
        }
    }
    let (then, now) = periods?;
    for (_, lines) in &mut groups {
        // Stable: equals stay in register order.
        lines.sort_by_key(|line| std::cmp::Reverse(line.now));
    }
    Some(Slope { indicator, then, now, groups, without })
}

impl<'a> Slope<'a> {
    pub(in crate::report) fn lines(&self) -> impl Iterator<Item = &SlopeLine<'a>> {
        self.groups.iter().flat_map(|(_, lines)| lines)
    }

    pub(in crate::report::chart) fn turn(&self, line: &SlopeLine) -> Turn {
        let rose = line.now > line.then;
        match (line.now == line.then, self.indicator.better) {
            (true, _) => Turn::Same,
            (false, Better::Lower) if rose => Turn::Worse,
            (false, Better::Lower) => Turn::Better,
            (false, _) if rose => Turn::Better,
            (false, _) => Turn::Worse,
        }
    }

    /// `18 个单位中 11 个升、5 个降、2 个持平；降幅最大 羊角乡（60.0% → 52.6%）`: the largest turn
    /// for the worse, or if there is none for the better.
    pub(super) fn finding(&self) -> String {
        let all = self.lines().count();
        let count = |test: &dyn Fn(&SlopeLine) -> bool| self.lines().filter(|l| test(l)).count();
        let (up, down) = (count(&|l| l.now > l.then), count(&|l| l.now < l.then));
        let parts = [(up, "升"), (down, "降"), (all - up - down, "持平")];
        let parts = parts.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} 个{word}"));
        let finding = format!("{all} 个单位中 {}", parts.collect::<Vec<_>>().join("、"));
        match self.named() {
            Some(line) => {
                let word = if line.now > line.then { "升幅" } else { "降幅" };
                format!("{finding}；{word}最大 {}（{}）", line.name, self.values(line))
            }
            None => finding,
        }
    }

    /// Whom the title names.
    pub(in crate::report::chart) fn named(&self) -> Option<&SlopeLine<'a>> {
        [Turn::Worse, Turn::Better].into_iter().find_map(|turn| self.largest(turn))
    }

    /// The line that changed most in this sense, unless several did.
    fn largest(&self, turn: Turn) -> Option<&SlopeLine<'a>> {
        let size = |l: &SlopeLine| l.now.minus(l.then).size();
        let turned = || self.lines().filter(|l| self.turn(l) == turn);
        let most = turned().map(size).max()?;
        let mut largest = turned().filter(|l| size(l) == most);
        largest.next().filter(|_| largest.next().is_none())
    }

    /// `60.0% → 52.6%`.
    pub(in crate::report::chart) fn values(&self, line: &SlopeLine) -> String {
        let measure = self.indicator.measure();
        format!("{}{measure} → {}{measure}", line.then, line.now)
    }

    pub(super) fn notes(&self) -> Vec<String> {
        let mut notes = vec![format!("比较：{} → {}", self.then.title(), self.now.title())];
        if !self.without.is_empty() {
            let reason = format!("两期数据不全或口径变化、未画：{}", self.without.join("、"));
            notes.push(reason);
        }
        notes
    }

    pub(super) fn words(&self) -> Vec<String> {
        self.lines().map(|l| format!("{} {}", l.name, self.values(l))).collect()
    }

    pub(in crate::report::chart) fn tip(&self, line: &SlopeLine) -> String {
        let change = text::value_with_base(line.figure);
        let (then, measure) = (self.then.title(), self.indicator.measure());
        format!("{} {then} {}{measure} → {} {change}", line.name, line.then, self.now.title())
    }
}
