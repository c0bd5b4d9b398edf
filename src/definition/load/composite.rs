//! Cross-checks of composite scores: parts that exist, weights that sum to 100.

use std::collections::BTreeSet;

use super::names::Id;
use super::{Problems, SourceLine};
use crate::definition::{Better, Computation, Definition, Indicator, IndicatorKind, Part};
use crate::model::Decimal;

/// Checks one indicator and fills in what its parts inherit.
pub(super) fn resolve_composite(
    definition: &mut Definition,
    number: usize,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let indicator = &definition.indicators[number];
    let mut found = Vec::new();
    if let Computation::Composite { parts, groups, .. } = &indicator.computation
        && indicator.is_collectable()
    {
        found = problems_of(indicator, (parts, groups), definition);
    }
    for (at, message) in found {
        problems.add(&at.of(place), format!("指标 {}: {message}", indicator.id));
    }
    let titles: Vec<String> = indicator
        .computation
        .parts()
        .iter()
        .map(|part| {
            definition.indicator(&part.indicator).map_or_else(String::new, |i| i.title.clone())
        })
        .collect();
    let computation = &mut definition.indicators[number].computation;
    let Computation::Composite { parts, .. } = computation else { return };
    for (part, title) in parts.iter_mut().zip(titles) {
        part.parsed_full = Decimal::parse(&part.full);
        if part.title.is_empty() {
            part.title = title;
        }
    }
}

/// What of a composite indicator is wrong.
enum At {
    Key(&'static str),
    /// A key of the part of that number.
    Part(usize, &'static str),
}

impl At {
    fn of(&self, indicator: &SourceLine) -> SourceLine {
        match self {
            Self::Key(key) => indicator.key(key),
            Self::Part(number, key) => indicator.nth("part", *number).key(key),
        }
    }
}

fn problems_of(
    indicator: &Indicator,
    (parts, scored): (&[Part], &[String]),
    definition: &Definition,
) -> Vec<(At, String)> {
    let mut found = Vec::new();
    if indicator.by != ["unit"] {
        found.push((At::Key("by"), "综合得分按单位计算，应写 by = [\"unit\"]".to_owned()));
    }
    let weights: u64 = parts.iter().map(|part| u64::from(part.weight)).sum();
    if !parts.is_empty() && weights != 100 {
        found.push((At::Key("part"), format!("各 part 的 weight 之和为 {weights}，应为 100")));
    }
    let groups = definition.unit_groups();
    for group in scored.iter().filter(|group| !groups.contains(group.as_str())) {
        let choices: Vec<&str> = groups.iter().copied().collect();
        let choices = choices.join("、");
        let message = format!("groups 的 “{group}” 不是单位的组别，现有：{choices}");
        found.push((At::Key("groups"), message));
    }
    let mut ids = BTreeSet::new();
    for (number, part) in parts.iter().enumerate() {
        let mut add = |key, message| found.push((At::Part(number, key), message));
        if let Some(problem) = Id::Lower.problem(&part.id) {
            add("id", format!("part 的 id {problem}"));
        }
        if !ids.insert(&part.id) {
            add("id", format!("part 的 id “{}” 重复", part.id));
        }
        if parts[..number].iter().any(|other| other.indicator == part.indicator) {
            let message = format!("part “{}”: 指标 “{}” 已经计过分", part.id, part.indicator);
            add("indicator", message);
        }
        check_part(part, definition, &mut |key, text| {
            add(key, format!("part “{}”: {text}", part.id));
        });
    }
    found
}

fn check_part(part: &Part, definition: &Definition, add: &mut impl FnMut(&'static str, String)) {
    if part.weight == 0 {
        add("weight", "weight 应为 1 至 100 的整数".to_owned());
    }
    if Decimal::parse(&part.full).is_none_or(|full| full <= Decimal::ZERO) {
        add("full", format!("full “{}” 应为大于 0 的数", part.full));
    }
    if part.better == Better::Neither {
        add("better", "better 应为 higher 或 lower".to_owned());
    }
    let Some(of) = definition.indicator(&part.indicator) else {
        return add("indicator", format!("指标 “{}” 不存在", part.indicator));
    };
    if !of.is_collectable() {
        return add("indicator", format!("指标 “{}” 不可收集，不能计分，请换一个", of.id));
    }
    use IndicatorKind::{Distribution, Funnel, Transition};
    if matches!(of.kind(), Distribution | Funnel | Transition) {
        let message = format!("指标 “{}” 是{}，每个单位不止一个数", of.id, of.kind().title());
        add("indicator", message);
    }
    // A derived indicator without `by` has the rows of what it is derived from.
    let by_unit = of.by.iter().any(|by| by == "unit");
    let inherits = of.kind() == IndicatorKind::Derived && of.by.is_empty();
    if !by_unit && !inherits {
        add("indicator", format!("指标 “{}” 没有按单位分组（by 中应有 unit）", of.id));
    }
    if of.better != Better::Neither && of.better != part.better {
        let (of_title, title) = (of.better.title(), part.better.title());
        add("better", format!("指标 “{}” {of_title}，计分却是{title}", of.id));
    }
}
