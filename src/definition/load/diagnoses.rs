//! Cross-checks of diagnoses: what a rule looks at exists, and its numbers and texts are sound.

use super::names::{Id, unique};
use super::{Problems, SourceLine, county};
use crate::definition::{
    Better, Condition, DISEASES, Definition, Diagnosis, Indicator, IndicatorKind, PLACEHOLDERS,
    RULE_DIMENSION, WORDS,
};
use crate::model::placeholders::placeholders;
use crate::model::{Decimal, builtin};

pub(super) fn check(definition: &Definition, places: &[SourceLine], problems: &mut Problems) {
    let ids = definition.diagnoses.iter().map(|d| d.id.as_str()).zip(places);
    unique("诊断", ids, problems);
    for (diagnosis, place) in definition.diagnoses.iter().zip(places) {
        let mut add = |key: &str, message: String| {
            problems.add(&place.key(key), format!("诊断 {}: {message}", diagnosis.id));
        };
        check_names(diagnosis, definition, &mut add);
        let sources = [
            diagnosis.indicator.is_some(),
            !diagnosis.finding.is_empty(),
            !diagnosis.reporting.is_empty(),
        ];
        if sources.iter().filter(|&&s| s).count() != 1 {
            add("id", "indicator、finding、reporting 应当且只应有一个".into());
            continue;
        }
        if diagnosis.indicator.is_some() {
            check_figure(diagnosis, definition, &mut add);
        } else {
            check_counted(diagnosis, definition, &mut add);
        }
    }
}

/// An indicator that counts problems.
pub(super) fn check_count(indicator: &Indicator, place: &SourceLine, problems: &mut Problems) {
    let mut add =
        |message: String| problems.add(place, format!("指标 {}: {message}", indicator.id));
    if indicator.computation.of().is_some_and(|of| of != DISEASES) {
        add(format!("of 只能为 {DISEASES}"));
    }
    for by in indicator.by.iter().filter(|by| !matches!(by.as_str(), "unit" | RULE_DIMENSION)) {
        add(format!("by 的 “{by}” 应为 unit 或 rule"));
    }
}

fn check_names(diagnosis: &Diagnosis, definition: &Definition, add: &mut impl FnMut(&str, String)) {
    Id::Lower
        .problem(&diagnosis.id)
        .into_iter()
        .for_each(|problem| add("id", format!("id {problem}")));
    if definition.indicator(&diagnosis.id).is_some() {
        add("id", "已有同名指标，溯源时分不清，请换一个 id".into());
    }
    match definition.codelists.get(DISEASES) {
        None => add("disease", format!("codelists.toml 里没有代码表 {DISEASES}（病症及其次序）")),
        Some(list) if list.position(&diagnosis.disease).is_none() => {
            let choices: Vec<&str> = list.codes.iter().map(|c| c.code.as_str()).collect();
            add(
                "disease",
                format!("病症 “{}” 不存在，现有：{}", diagnosis.disease, choices.join("、")),
            );
        }
        Some(_) => {}
    }
    let texts: [(&str, &str, &[&str]); 2] =
        [("text", &diagnosis.text, &PLACEHOLDERS), ("words", &diagnosis.words, &WORDS)];
    for (key, text, known) in texts {
        for name in placeholders(text).filter(|name| !known.contains(name)) {
            let choices: Vec<String> = known.iter().map(|name| format!("{{{name}}}")).collect();
            add(key, format!("{key} 的 {{{name}}} 不可用，可用的有 {}", choices.join("、")));
        }
    }
    if diagnosis.periods == 0 {
        add("periods", "periods 至少为 1".into());
    }
}

fn check_figure(
    diagnosis: &Diagnosis,
    definition: &Definition,
    add: &mut impl FnMut(&str, String),
) {
    let numbers = [
        ("below", &diagnosis.below),
        ("above", &diagnosis.above),
        ("equals", &diagnosis.equals),
        ("worsens", &diagnosis.worsens),
    ];
    let given = numbers.iter().filter(|(_, n)| n.is_some()).count();
    if given + usize::from(diagnosis.last.is_some()) != 1 {
        add("indicator", "below、above、equals、worsens、last 应当且只应有一个".into());
    }
    for (key, text) in numbers.into_iter().filter_map(|(key, n)| Some((key, n.as_ref()?))) {
        if Decimal::parse(text).is_none() {
            add(key, format!("{key} 的 “{text}” 不是数"));
        }
    }
    if let Some(code) = &diagnosis.answers {
        if let Some(problem) = county::unknown_unit(code, definition) {
            add("answers", format!("answers 的 {problem}"));
        }
        if !diagnosis.by.is_empty() || diagnosis.last.is_some() {
            add("answers", "answers 说的是全县的数字，不能与 by、last 同用".into());
        }
    }
    if let Some(id) = diagnosis.headline.as_ref().filter(|id| definition.indicator(id).is_none()) {
        add("headline", format!("headline 的指标 “{id}” 不存在"));
    }
    let (periods, furthest) = (diagnosis.periods, definition.settings.report.series_points);
    if periods > furthest {
        let message = format!(
            "periods = {periods}，而 pipeline.toml 的 series_points = {furthest}，看不到那么远，永远不会成立"
        );
        add("periods", message);
    }
    if diagnosis.last == Some(0) {
        add("last", "last 至少为 1".into());
    }
    check_indicator(diagnosis, definition, add);
}

/// The indicator has what the rule asks for.
fn check_indicator(
    diagnosis: &Diagnosis,
    definition: &Definition,
    add: &mut impl FnMut(&str, String),
) {
    let id = diagnosis.indicator.as_deref().unwrap_or_default();
    let Some(indicator) = definition.indicator(id) else {
        let usable: Vec<&str> = definition
            .indicators
            .iter()
            .filter(|i| has_one_figure_a_unit(i) && breaks_down(i, diagnosis))
            .map(|i| i.id.as_str())
            .collect();
        add("indicator", format!("指标 “{id}” 不存在，可用的有 {}", usable.join("、")));
        return;
    };
    if !indicator.is_collectable() {
        add("indicator", format!("指标 {id} 不可收集，不能用于诊断，请换一个"));
    }
    if !has_one_figure_a_unit(indicator) {
        let kind = indicator.kind().title();
        add("indicator", format!("指标 {id}（{kind}）的一个单位没有唯一的数字，不能用于诊断"));
    }
    if diagnosis.answers.is_none() && !breaks_down(indicator, diagnosis) {
        let by = if diagnosis.by.is_empty() { "unit" } else { &diagnosis.by };
        add("indicator", format!("指标 {id} 没有按 {by} 分组，现有：{}", indicator.by.join("、")));
    }
    let has_base = matches!(
        indicator.kind(),
        IndicatorKind::Ratio | IndicatorKind::Mean | IndicatorKind::TrimmedMean
    );
    if diagnosis.least_base > 0 && !has_base {
        add("least_base", format!("指标 {id} 没有分母，不能用 least_base"));
    }
    // Of both, that there are two is told already.
    let good_side = match (indicator.better, &diagnosis.below, &diagnosis.above) {
        (Better::Higher, None, Some(_)) => Some(("above", "below")),
        (Better::Lower, Some(_), None) => Some(("below", "above")),
        _ => None,
    };
    if let Some((key, instead)) = good_side {
        let title = indicator.better.title();
        add(key, format!("指标 {id} {title}，{key} 说的是好的一边，应写 {instead}"));
    }
    let ranked = matches!(diagnosis.condition(), Some(Condition::Last(_) | Condition::Worsens(_)));
    if ranked && indicator.better == Better::Neither {
        add("indicator", format!("指标 {id} 没有方向（better），排不出先后"));
    }
}

fn has_one_figure_a_unit(indicator: &Indicator) -> bool {
    use IndicatorKind::{Count, Derived, Mean, Ratio, Sum, TrimmedMean};
    matches!(indicator.kind(), Count | Sum | Ratio | Mean | TrimmedMean | Derived)
}

/// Derived indicators without `by` have all rows of what they are derived from.
fn breaks_down(indicator: &Indicator, diagnosis: &Diagnosis) -> bool {
    let wanted = if diagnosis.by.is_empty() { "unit" } else { &diagnosis.by };
    let inherits = indicator.kind() == IndicatorKind::Derived && indicator.by.is_empty();
    inherits || indicator.by.iter().any(|by| by == wanted)
}

fn check_counted(
    diagnosis: &Diagnosis,
    definition: &Definition,
    add: &mut impl FnMut(&str, String),
) {
    if diagnosis.count == Some(0) {
        add("count", "count 至少为 1".into());
    }
    let unknown = |code: &&String| definition.check(code).is_none() && builtin(code).is_none();
    for code in diagnosis.finding.iter().filter(unknown) {
        add("finding", format!("审核 “{code}” 不存在；用 dangtong list checks 查看全部编码"));
    }
}
