//! Which indicators and units the tables show, and in which order.

use super::index::{Index, is_whole};
use crate::definition::{Definition, Indicator};
use crate::model::Figure;

/// Key indicators; all, if a pipeline names none.
pub(super) fn key(definition: &Definition) -> Vec<&Indicator> {
    let all = || definition.indicators.iter().filter(|i| i.is_collectable());
    if all().any(|i| i.key) { all().filter(|i| i.key).collect() } else { all().collect() }
}

/// An indicator with the figure that is shown of it.
pub(super) type ShownFigure<'a> = (&'a Indicator, &'a Figure);

/// A page holds no more lines.
const ONE_PAGE: usize = 40;

/// The county's figures of 一页通: as the settings say, or the first two of each programme.
pub(super) fn one_page<'a>(index: &Index<'a>) -> Vec<ShownFigure<'a>> {
    let definition = index.inputs.definition;
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
        key(definition).into_iter().filter(first_two).collect()
    } else {
        named.iter().filter_map(|id| definition.indicator(id)).collect()
    };
    let single = |i: &'a Indicator| Some((i, index.headline(&i.id).filter(|f| f.class.is_none())?));
    indicators.into_iter().filter_map(single).take(ONE_PAGE).collect()
}

/// Are the figure's data handed in with this report, and not said before?
pub(super) fn is_new(index: &Index, indicator: &Indicator, figure: &Figure) -> bool {
    let forms = index.inputs.definition.forms_behind(indicator);
    forms.iter().any(|form| index.is_handed_in(form, &figure.period))
}

/// Indicators by which units are ranked.
pub(super) fn ranked<'a>(index: &Index<'a>) -> impl Iterator<Item = &'a Indicator> {
    let indicators = index.inputs.definition.indicators.iter();
    indicators.filter(|i| i.is_collectable() && i.is_ranked())
}

/// Ranked key indicators: those of the boards and of the pages of the units.
pub(super) fn ranked_key<'a>(index: &Index<'a>) -> Vec<&'a Indicator> {
    let all: Vec<&Indicator> = ranked(index).collect();
    if all.iter().any(|i| i.key) { all.into_iter().filter(|i| i.key).collect() } else { all }
}

/// An indicator's figures of the units, in group order, by place; those without a place last.
pub(super) fn by_place<'a>(index: &Index<'a>, indicator: &Indicator) -> Vec<&'a Figure> {
    let county = index.county();
    let mut figures: Vec<&Figure> = index.of(&indicator.id).to_vec();
    figures.retain(|figure| figure.unit_code != county && is_whole(figure));
    let groups = index
        .inputs
        .definition
        .settings
        .report
        .group_order(figures.iter().map(|f| f.group.as_str()));
    let units = &index.inputs.definition.units;
    figures.sort_by_key(|f| {
        let group = groups.iter().position(|group| *group == f.group);
        let place = f.place.as_ref().map_or(usize::MAX, |place| place.place);
        (group, place, units.order(&f.unit_code))
    });
    figures
}

/// Groups that have ranked units, in the report's order.
pub(super) fn groups(index: &Index) -> Vec<String> {
    let ranked: Vec<&Indicator> = ranked(index).collect();
    let figures = || {
        let of = ranked.iter().flat_map(|i| index.of(&i.id));
        of.filter(|f| f.place.is_some()).map(|f| f.group.as_str())
    };
    let mut order = index.inputs.definition.settings.report.group_order(figures());
    order.retain(|group| figures().any(|g| g == group));
    order
}
