//! What kind of number each indicator is: as declared, as its fields say, or as its form does.

use super::{Problems, SourceLine};
use crate::definition::{Computation, Definition, Form, Indicator};
use crate::model::ColumnType;
use crate::model::Nature;
use crate::sql::Expression;

/// Settles the nature of every indicator, those made of others last.
pub(super) fn settle(definition: &mut Definition, places: &[SourceLine], problems: &mut Problems) {
    let mut indicators = std::mem::take(&mut definition.indicators);
    for (indicator, place) in indicators.iter_mut().zip(places) {
        if !indicator.is_made_of_others() {
            settle_own(indicator, definition.form(&indicator.form), place, problems);
        }
        if indicator.pace.is_some() && indicator.nature() != Nature::Ytd {
            let message = "pace 只用于本年累计数（nature = \"ytd\"）：全年的目标按已过去的月份折算";
            problems.add(place, format!("指标 {}: {message}", indicator.id));
        }
    }
    // Each round settles at least one more level of indicators made of others.
    for _ in 0..indicators.len() {
        let open = (0..indicators.len()).filter(|&at| indicators[at].nature.is_none());
        let found: Vec<(usize, Nature)> =
            open.filter_map(|at| Some((at, of_operands(&indicators[at], &indicators)?))).collect();
        if found.is_empty() {
            break;
        }
        for (at, nature) in found {
            indicators[at].nature = Some(nature);
        }
    }
    definition.indicators = indicators;
}

fn settle_own(
    indicator: &mut Indicator,
    form: Option<&Form>,
    place: &SourceLine,
    problems: &mut Problems,
) {
    let cumulative = form.map(|form| cumulative(indicator, form)).unwrap_or_default();
    if let (Computation::Sum { added }, Some(declared), [only]) =
        (&indicator.computation, indicator.nature, cumulative.as_slice())
        && declared != Nature::Ytd
        && added.text.trim() == only.as_str()
    {
        let message = format!(
            "指标 {}: nature 为 {}（{}），而求和的列 “{only}” 是年内累计数（cumulative），应为 ytd",
            indicator.id,
            declared.id(),
            declared.title()
        );
        problems.add(place, message);
    }
    let implied = (!cumulative.is_empty()).then_some(Nature::Ytd);
    let by_form = form.and_then(|form| form.nature);
    indicator.nature = Some(indicator.nature.or(implied).or(by_form).unwrap_or_default());
}

/// Year-to-date fields that the indicator adds up, on either side.
fn cumulative(indicator: &Indicator, form: &Form) -> Vec<String> {
    let adds = |e: &&Expression| matches!(e.result, ColumnType::Integer | ColumnType::Decimal(_));
    let read = indicator.computation.terms().into_iter();
    let read = read.filter_map(|term| term.parsed.as_ref()).filter(adds);
    let is_cumulative = |name: &&String| form.field(name).is_some_and(|field| field.cumulative);
    read.flat_map(|e| &e.columns).filter(is_cumulative).cloned().collect()
}

/// What all operands are; of a mixture the nature that compares with neither the end of last
/// year nor over its restart.
fn of_operands(indicator: &Indicator, all: &[Indicator]) -> Option<Nature> {
    let nature = |id: &str| all.iter().find(|i| i.id == id).and_then(|i| i.nature);
    let natures: Option<Vec<Nature>> = indicator.operands().into_iter().map(nature).collect();
    let natures = natures?;
    let first = *natures.first()?;
    Some(if natures.iter().all(|one| *one == first) {
        first
    } else if natures.contains(&Nature::Ytd) {
        Nature::Ytd
    } else {
        Nature::Flow
    })
}
