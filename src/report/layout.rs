//! What stands around the figures of a declared table: remarks on its rows, notes below it.

use super::index::{FigureRow, Index};
use super::table::columns::ColumnBlock;
use super::text;
use crate::definition::{
    Definition, GROUP_DIMENSION, Indicator, IndicatorKind, RULE_DIMENSION, TableSpec,
};
use crate::model::{Class, Decimal, Figure, Status};

/// The breakdown's name: the title of its field.
pub(super) fn dimension_title<'d>(
    definition: &'d Definition,
    indicators: &[&Indicator],
    dimension: &str,
) -> &'d str {
    if dimension == RULE_DIMENSION {
        return "诊断规则";
    }
    if dimension == GROUP_DIMENSION {
        return "组别";
    }
    indicators
        .iter()
        .filter_map(|indicator| definition.form(&indicator.form))
        .find_map(|form| form.column_title(dimension))
        .unwrap_or_default()
}

/// The indicators of a table: those that share its rows, and transitions, each a matrix.
pub(super) fn indicators<'a>(
    definition: &'a Definition,
    table: &TableSpec,
) -> (Vec<&'a Indicator>, Vec<&'a Indicator>) {
    table
        .indicators
        .iter()
        .filter_map(|id| definition.indicator(id))
        .partition(|indicator| indicator.kind() != IndicatorKind::Transition)
}

/// `单位：个、%`
pub(super) fn measures(all: &[ColumnBlock]) -> String {
    let mut measures: Vec<&str> = Vec::new();
    for columns in all {
        let measure = columns.indicator().measure();
        if !measure.is_empty() && !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    if measures.is_empty() { String::new() } else { format!("单位：{}", measures.join("、")) }
}

/// What a reader must know of a row's figures before using them, each remark once.
pub(super) fn remarks(figures: &[&Figure]) -> String {
    let mut remarks: Vec<String> = Vec::new();
    for figure in figures {
        let mut add = |remark: String| {
            if !remarks.contains(&remark) {
                remarks.push(remark);
            }
        };
        if figure.all_absent().is_some() {
            continue; // The cells say 未报 or 退回.
        }
        match figure.status {
            Status::Provisional => add(text::status(figure)),
            Status::Incomplete => add(format!("不完整 {}", text::completeness(figure))),
            Status::Break | Status::Normal | Status::Missing => {}
        }
        if figure.has_small_base() {
            add("小基数".to_owned());
        }
    }
    remarks.join("，")
}

/// The remarks on a row of a table.
pub(super) fn row_remarks(index: &Index, row: &FigureRow, all: &[ColumnBlock]) -> String {
    let figures: Vec<&Figure> =
        all.iter().flat_map(|columns| columns.figures(index, row)).collect();
    let mut said = vec![remarks(&figures)];
    for columns in all.iter().filter(|columns| columns.is_composite()) {
        let weights = columns.figures(index, row).first().and_then(|total| total.weight);
        if let Some(weights) = weights.filter(|w| *w != Decimal::integer(100)) {
            said.push(format!("按 {weights} 分权重折算"));
        }
    }
    said.retain(|remark| !remark.is_empty());
    said.join("，")
}

/// What is to be noted below a table: first the period and completeness that most indicators
/// share; then a line an indicator with something of its own to say; then the
/// table's own note.
pub(super) fn notes(
    definition: &Definition,
    index: &Index,
    table: &TableSpec,
    all: &[ColumnBlock],
) -> Vec<String> {
    let mut indicators: Vec<&Indicator> = Vec::new();
    for columns in all {
        // A distribution may stand in several pieces.
        if !indicators.iter().any(|i| i.id == columns.indicator().id) {
            indicators.push(columns.indicator());
        }
    }
    let standings: Vec<String> =
        indicators.iter().map(|i| standing(definition, index, i)).collect();
    let shared = most_common(&standings);
    let all = shared.is_some_and(|shared| standings.iter().all(|standing| standing == shared));
    let other = if all { "" } else { "除另有说明的外，" };
    let mut lines: Vec<String> = shared.iter().map(|shared| format!("{other}{shared}。")).collect();
    for (indicator, standing) in indicators.iter().zip(&standings) {
        let mut parts = own_words(indicator);
        if shared != Some(standing) {
            parts.push(standing.clone());
        }
        if !parts.is_empty() {
            lines.push(format!("{}：{}。", indicator.title, parts.join("；")));
        }
    }
    if !table.note.is_empty() {
        lines.push(format!("说明：{}", table.note));
    }
    lines
}

/// What most say, if more than one does; of equals what is said first.
fn most_common(all: &[String]) -> Option<&String> {
    let count = |one: &&String| all.iter().filter(|other| other == one).count();
    let most = all.iter().map(|one| count(&one)).max()?;
    all.iter().find(|one| count(one) == most).filter(|_| most > 1 || all.len() == 1)
}

/// Base, note, rules of scoring and target.
fn own_words(indicator: &Indicator) -> Vec<String> {
    let base = text::base(indicator);
    let target = text::target(indicator);
    let base = (!base.is_empty()).then(|| format!("口径为{base}"));
    let note = (!indicator.note.is_empty()).then(|| indicator.note.clone());
    let target = (!target.is_empty()).then_some(target);
    [base, note, scoring(indicator), target].into_iter().flatten().collect()
}

fn scoring(indicator: &Indicator) -> Option<String> {
    let rules = indicator.scoring();
    let words: Vec<String> = rules
        .into_iter()
        .map(|(label, rule)| if label == "计分" { rule } else { format!("{label}：{rule}") })
        .collect();
    let exact = "得分按未舍入的数计算，总分是各项得分之和一次舍入，与所列各项之和可能相差末位";
    (!words.is_empty()).then(|| format!("{}；{exact}", words.join("；")))
}

/// Period and completeness, or why there is nothing.
fn standing(definition: &Definition, index: &Index, indicator: &Indicator) -> String {
    match index.headline(&indicator.id) {
        Some(figure) => format!(
            "数据期 {}，{}",
            text::period(definition, &figure.period),
            text::completeness_line(definition, figure)
        ),
        None if indicator.is_collectable() => "未到期或无数据".to_owned(),
        None => format!("无法收集：{}", indicator.reason()),
    }
}

/// Between the two codes in the title of a transition's class.
const ARROW: char = '→';

/// The classes of a transition grouped by the code they start from, in order, each with the
/// code that it leads to.
pub(super) fn by_code_then<'a>(classes: &[&'a Class]) -> Vec<(&'a str, Vec<(&'a str, &'a Class)>)> {
    let mut lines: Vec<(&str, Vec<(&str, &Class)>)> = Vec::new();
    for &class in classes {
        let (then, now) = class.title.split_once(ARROW).unwrap_or((&class.title, ""));
        match lines.last_mut() {
            Some((code, line)) if *code == then => line.push((now, class)),
            _ => lines.push((then, vec![(now, class)])),
        }
    }
    lines
}
