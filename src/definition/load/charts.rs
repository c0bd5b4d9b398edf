//! Do a chart's kind and its indicators fit together?

use super::names::{self, Id};
use super::{Problems, SourceLine};
use crate::definition::{ChartKind, ChartSpec, Definition, Indicator, IndicatorKind, Programme};

pub(super) fn check(
    definition: &Definition,
    programme: &Programme,
    file: &SourceLine,
    problems: &mut Problems,
) {
    for (number, chart) in programme.charts.iter().enumerate() {
        let place = file.nth("chart", number);
        names::id(Id::Lower, "图 id", &chart.id, &place.key("id"), problems);
        let mut add = |key: &str, what: &str| {
            problems.add(&place.key(key), format!("图 “{}” {what}", chart.id));
        };
        if !chart.labels.is_empty() && chart.labels.len() != chart.indicators.len() {
            let (labels, indicators) = (chart.labels.len(), chart.indicators.len());
            add(
                "labels",
                &format!("的 labels 有 {labels} 个，indicators 有 {indicators} 个，应相同"),
            );
        }
        if let Some(what) = wrong_number(chart) {
            add("indicators", &what);
        }
        for id in &chart.indicators {
            let indicator = definition.indicator(id);
            if let Some(what) = indicator.and_then(|i| misfit(definition, chart.kind, i)) {
                add("indicators", &what);
            }
        }
    }
}

fn wrong_number(chart: &ChartSpec) -> Option<String> {
    let (kind, given) = (chart.kind.title(), chart.indicators.len());
    match chart.kind {
        ChartKind::Heatmap => (!(2..=10).contains(&given))
            .then(|| format!("是{kind}，应有 2 至 10 个指标，现有 {given} 个")),
        ChartKind::Trend => (given == 0).then(|| format!("是{kind}，至少应有 1 个指标")),
        _ => (given != 1).then(|| format!("是{kind}，应只有 1 个指标，现有 {given} 个")),
    }
}

/// Why an indicator cannot be drawn so, with what can.
fn misfit(definition: &Definition, kind: ChartKind, indicator: &Indicator) -> Option<String> {
    let (id, has) = (&indicator.id, indicator.kind().title());
    let only = |wanted: IndicatorKind| {
        (indicator.kind() != wanted).then(|| {
            let (kind, wanted) = (kind.title(), wanted.title());
            format!("是{kind}，应用{wanted}指标，“{id}” 是{has}")
        })
    };
    let several = matches!(
        indicator.kind(),
        IndicatorKind::Distribution | IndicatorKind::Funnel | IndicatorKind::Transition
    );
    match kind {
        ChartKind::Matrix => only(IndicatorKind::Transition).or_else(|| {
            let form = definition.form(&indicator.form)?;
            let list = definition.codelist_of(form.field(indicator.computation.of()?)?)?;
            (!list.ordered).then(|| {
                format!("是{}，要分升降：“{id}” 的代码表应由好到差（ordered = true）", kind.title())
            })
        }),
        ChartKind::Stacked if counts_diseases(indicator) => None,
        ChartKind::Stacked => only(IndicatorKind::Distribution),
        ChartKind::Funnel => only(IndicatorKind::Funnel),
        // The shares of a transition have different bases: no line may set them side by side.
        ChartKind::Trend => (indicator.kind() == IndicatorKind::Transition)
            .then(|| format!("不能用变动矩阵指标 “{id}”，请用变动矩阵图（matrix）或表")),
        ChartKind::Bars | ChartKind::Heatmap | ChartKind::Slope if several => {
            Some(format!("是{}，应用每个单位一个数的指标，“{id}” 是{has}", kind.title()))
        }
        ChartKind::Heatmap | ChartKind::Slope if !indicator.by.iter().any(|b| b == "unit") => {
            Some(format!("是{}，指标 “{id}” 的 by 应有 \"unit\"", kind.title()))
        }
        _ => None,
    }
}

/// Problems by disease are a distribution, too.
fn counts_diseases(indicator: &Indicator) -> bool {
    indicator.kind() == IndicatorKind::Problems && indicator.computation.of().is_some()
}
