//! Which indicators a sheet shows, and what is said of a figure in several sheets.

use super::Context;
use crate::definition::Indicator;
use crate::model::{Figure, GroupPlace};
use crate::report::{layout, text};

/// A page holds no more lines.
const ONE_PAGE: usize = 40;

/// The county's figures of 一页通: as the settings say, or the first two of each programme.
pub(super) fn one_page<'a>(context: &Context<'a>) -> Vec<(&'a Indicator, &'a Figure)> {
    let definition = context.inputs.definition;
    let named = &definition.settings.report.one_page;
    let indicators: Vec<&Indicator> = if named.is_empty() {
        let mut taken: Vec<(&str, usize)> = Vec::new();
        let first_two = |indicator: &&'a Indicator| match taken.last_mut() {
            Some((programme, count)) if *programme == indicator.programme => {
                *count += 1;
                *count <= 2
            }
            _ => {
                taken.push((&indicator.programme, 1));
                true
            }
        };
        layout::key(definition).into_iter().filter(first_two).collect()
    } else {
        named.iter().filter_map(|id| definition.indicator(id)).collect()
    };
    let single =
        |i: &'a Indicator| Some((i, context.index.headline(&i.id).filter(|f| f.class.is_none())?));
    indicators.into_iter().filter_map(single).take(ONE_PAGE).collect()
}

/// Indicators by which units are ranked.
pub(super) fn ranked<'a>(context: &Context<'a>) -> impl Iterator<Item = &'a Indicator> {
    let indicators = context.inputs.definition.indicators.iter();
    indicators.filter(|i| i.is_collectable() && i.is_ranked())
}

/// Ranked key indicators: those of the boards and of the pages of the units.
pub(super) fn ranked_key<'a>(context: &Context<'a>) -> Vec<&'a Indicator> {
    let all: Vec<&Indicator> = ranked(context).collect();
    if all.iter().any(|i| i.key) { all.into_iter().filter(|i| i.key).collect() } else { all }
}

/// An indicator's figures of the units of a group, by place; those without a place last.
pub(super) fn of_group<'a>(
    context: &Context<'a>,
    indicator: &Indicator,
    group: &str,
) -> Vec<&'a Figure> {
    let county = context.index.county();
    let mut figures: Vec<&Figure> = context
        .index
        .of(&indicator.id)
        .iter()
        .filter(|f| f.unit_code != county && f.group == group)
        .filter(|f| f.dimension.is_empty() && f.class.is_none())
        .copied()
        .collect();
    let units = &context.inputs.definition.units;
    figures.sort_by_key(|f| {
        (f.place.as_ref().map_or(usize::MAX, |p| p.place), units.order(&f.unit_code))
    });
    figures
}

/// Groups that have ranked units, in the report's order.
pub(super) fn groups(context: &Context) -> Vec<String> {
    let ranked: Vec<&Indicator> = ranked(context).collect();
    let figures = || {
        let of = ranked.iter().flat_map(|i| context.index.of(&i.id));
        of.filter(|f| f.place.is_some()).map(|f| f.group.as_str())
    };
    let mut order = context.index.group_order(figures());
    order.retain(|group| figures().any(|g| g == group));
    order
}

/// `↑2`, `↓1`, `持平`; a dash without a place before.
pub(super) fn movement(place: &GroupPlace) -> String {
    let Some(before) = place.previous else { return text::NONE.to_owned() };
    match before.cmp(&place.place) {
        std::cmp::Ordering::Greater => format!("↑{}", before - place.place),
        std::cmp::Ordering::Less => format!("↓{}", place.place - before),
        std::cmp::Ordering::Equal => "持平".to_owned(),
    }
}

/// `80% 已达到`; a dash without a target.
pub(super) fn target(indicator: &Indicator, figure: &Figure) -> String {
    if indicator.target.is_empty() {
        return text::NONE.to_owned();
    }
    let met = match text::meets_target(indicator, figure) {
        Some(true) => " 达到",
        Some(false) => " 未达到",
        None => "",
    };
    format!("{}{met}", text::target_of(indicator, figure))
}

/// The number of an indicator's programme, or its title.
pub(super) fn programme<'a>(context: &Context<'a>, indicator: &Indicator) -> &'a str {
    match context.inputs.definition.programme(&indicator.programme) {
        Some(programme) if programme.number.is_empty() => &programme.title,
        Some(programme) => &programme.number,
        None => "",
    }
}
