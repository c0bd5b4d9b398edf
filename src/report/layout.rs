//! How the figures of a declared table fall into columns, and what stands around them: the
//! same for every renderer.

use super::chart::is_quotient;
use super::index::Index;
use super::text;
use crate::definition::{Definition, Indicator, IndicatorKind, TableSpec};
use crate::model::{Class, Figure, Status};

/// The columns of one indicator in a table.
pub(super) enum Block<'a> {
    /// Only the value.
    Value(&'a Indicator),
    /// Numerator, denominator, value.
    Quotient(&'a Indicator),
    /// Base, then count and share of each class.
    Classes(&'a Indicator, Vec<&'a Class>),
}

impl<'a> Block<'a> {
    pub(super) fn new(index: &Index<'a>, indicator: &'a Indicator) -> Self {
        let classes = index.classes(&indicator.id);
        if !classes.is_empty() {
            Self::Classes(indicator, classes)
        } else if is_quotient(indicator) {
            Self::Quotient(indicator)
        } else {
            Self::Value(indicator)
        }
    }

    pub(super) fn indicator(&self) -> &'a Indicator {
        match self {
            Self::Value(i) | Self::Quotient(i) | Self::Classes(i, _) => i,
        }
    }
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
        .partition(|indicator| indicator.kind != IndicatorKind::Transition)
}

/// `单位：个、%`
pub(super) fn measures(blocks: &[Block]) -> String {
    let mut measures: Vec<&str> = Vec::new();
    for block in blocks {
        let measure = block.indicator().measure();
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
        if figure.lineage.absent.iter().any(|a| a.unit == figure.unit_code) {
            continue; // The cells say 未报 or 退回.
        }
        match figure.status {
            Status::Provisional => add(text::status(figure)),
            Status::Incomplete => add(format!("不完整 {}", text::completeness(figure))),
            Status::Break | Status::Normal | Status::Missing => {}
        }
        if figure.place.as_ref().is_some_and(|p| p.small_base) {
            add("小基数".to_owned());
        }
    }
    remarks.join("，")
}

/// Base, period and completeness of each indicator, then the table's own note.
pub(super) fn notes(
    definition: &Definition,
    index: &Index,
    table: &TableSpec,
    blocks: &[Block],
) -> Vec<String> {
    let mut lines = Vec::new();
    for block in blocks {
        let indicator = block.indicator();
        let mut parts = Vec::new();
        let base = text::base(indicator);
        if !base.is_empty() {
            parts.push(format!("口径为{base}"));
        }
        parts.extend((!indicator.note.is_empty()).then(|| indicator.note.clone()));
        let target = text::target(indicator);
        parts.extend((!target.is_empty()).then_some(target));
        match index.headline(&indicator.id) {
            Some(figure) => {
                parts.push(format!("数据期 {}", text::period(definition, &figure.period)));
                parts.push(text::completeness_line(definition, figure));
            }
            None if indicator.is_collectable() => parts.push("未到期或无数据".to_owned()),
            None => parts.push(format!("无法收集：{}", indicator.reason)),
        }
        lines.push(format!("{}：{}。", indicator.title, parts.join("；")));
    }
    if !table.note.is_empty() {
        lines.push(format!("说明：{}", table.note));
    }
    lines
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
