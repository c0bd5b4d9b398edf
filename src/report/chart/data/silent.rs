//! Which charts say nothing: a rule of the settings, so that a chart is left out for a reason that
//! can be named, and the same in every month.

use std::collections::BTreeMap;

use super::{Bars, Data, Slope, Stacked, Trend};
use crate::definition::SilentCharts;
use crate::model::{Decimal, Figure, Point, Rational};
use crate::report::text;

/// Why a chart says nothing; `None` if it says something. Its numbers stand in the table, and what
/// is remarkable about them in the reason.
pub(in crate::report::chart) fn silence(rule: &SilentCharts, data: &Data) -> Option<String> {
    match data {
        Data::Bars(bars) => of_bars(rule, bars),
        Data::Stacked(stacked) => of_stacked(rule, stacked),
        Data::Trend(trend) => of_trend(rule, trend),
        Data::Slope(slope) => of_slope(rule, slope),
        Data::Heatmap(heatmap) => few(rule, heatmap.rows().count(), "个单位"),
        Data::Funnel(_) | Data::Matrix(_) => None,
    }
}

fn few(rule: &SilentCharts, count: usize, of: &str) -> Option<String> {
    (count < rule.fewest).then(|| format!("只有 {count} {of}"))
}

fn of_bars(rule: &SilentCharts, bars: &Bars) -> Option<String> {
    let known: Vec<(&str, &Figure, Decimal)> = bars
        .bars()
        .filter_map(|bar| Some((bar.name.as_str(), bar.figure, bar.figure.value?)))
        .collect();
    if let Some(reason) = few(rule, known.len(), "个单位有数") {
        return Some(reason);
    }
    let mut counts: BTreeMap<Decimal, usize> = BTreeMap::new();
    for (.., value) in &known {
        *counts.entry(*value).or_default() += 1;
    }
    let (same, most) = counts.iter().max_by_key(|(_, count)| **count)?;
    let (lowest, highest) = (counts.keys().next()?, counts.keys().next_back()?);
    let measure = bars.indicator.measure();
    if 100 * most >= rule.equal_percent * known.len() {
        let others = known.iter().filter(|(.., value)| value != same);
        let others: Vec<String> =
            others.map(|(name, figure, _)| format!("{name} {}", text::value(figure))).collect();
        let all = known.len();
        return Some(match others.as_slice() {
            [] => format!("{all} 个单位都是 {same}{measure}"),
            _ => format!("{all} 个单位中 {most} 个是 {same}{measure}，{}", others.join("、")),
        });
    }
    let hundredths =
        |value: Decimal, by: u32| value.to_rational().times(Rational::new(by.into(), 1));
    // A target between them tells them apart.
    let has = |met: bool| bars.bars().any(|bar| bar.meets_target == Some(met));
    let near = *lowest > Decimal::ZERO
        && !(has(true) && has(false))
        && hundredths(highest.minus(*lowest), 100)
            < hundredths(*highest, rule.least_spread_percent);
    near.then(|| format!("各单位相差很小，{lowest}{measure}至 {highest}{measure}"))
}

fn of_stacked(rule: &SilentCharts, stacked: &Stacked) -> Option<String> {
    let (_, parts) = stacked.rows.split_first()?;
    if parts.is_empty() {
        // One bar of many codes is a composition; of one or two it is a number.
        return few(rule, stacked.classes.len(), "类");
    }
    let bases: Vec<Decimal> = parts
        .iter()
        .filter_map(|row| row.figures.iter().flatten().find_map(|f| f.denominator))
        .filter(|base| !base.is_zero())
        .collect();
    if let Some(reason) = few(rule, bases.len(), "行有数") {
        return Some(reason);
    }
    let least = Decimal::integer(rule.least_base.into());
    let small = bases.iter().filter(|base| **base < least).count();
    (2 * small >= bases.len() && small > 0)
        .then(|| format!("{} 行中 {small} 行基数不足 {least}", bases.len()))
}

fn of_trend(rule: &SilentCharts, trend: &Trend) -> Option<String> {
    let values =
        |points: &[Point]| -> Vec<Decimal> { points.iter().filter_map(|p| p.value).collect() };
    let longest = trend.lines.iter().map(|line| values(line.points).len()).max().unwrap_or(0);
    let flat = trend.lines.iter().all(|line| {
        let values = values(line.points);
        values.windows(2).all(|pair| pair[0] == pair[1])
    });
    few(rule, longest, "期有数")
        .or_else(|| (flat && rule.fewest > 1).then(|| "各期相同".to_owned()))
}

fn of_slope(rule: &SilentCharts, slope: &Slope) -> Option<String> {
    let all = slope.lines().count();
    let moved = slope.lines().filter(|line| line.now != line.then);
    let moved: Vec<String> =
        moved.map(|line| format!("{} {}", line.name, slope.values(line))).collect();
    few(rule, all, "个单位可比").or_else(|| {
        let why = few(rule, moved.len(), "个单位有变化")?;
        Some(if moved.is_empty() { why } else { format!("{why}：{}", moved.join("、")) })
    })
}
