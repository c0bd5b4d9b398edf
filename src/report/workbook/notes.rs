//! 注 below a table: base, target, period and completeness of its indicators.

use super::table::Block;
use super::{Context, composite};
use crate::definition::{Indicator, TableSpec};
use crate::report::text;

/// What all share is said once; then a line an indicator with something of its own to say,
/// then the table's own note.
pub(super) fn notes(context: &Context, table: &TableSpec, blocks: &[Block]) -> Vec<String> {
    let mut indicators: Vec<&Indicator> = Vec::new();
    for block in blocks {
        // A distribution may stand in several blocks.
        if !indicators.iter().any(|i| i.id == block.indicator().id) {
            indicators.push(block.indicator());
        }
    }
    let standings: Vec<String> = indicators.iter().map(|i| standing(context, i)).collect();
    let shared = standings.first().filter(|first| standings.iter().all(|s| s == *first));
    let mut lines = Vec::new();
    if let Some(shared) = shared {
        lines.push(format!("注：{shared}。"));
    }
    for (indicator, standing) in indicators.iter().zip(&standings) {
        let mut parts = own_words(indicator);
        if shared.is_none() {
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

/// Base, note and target.
fn own_words(indicator: &Indicator) -> Vec<String> {
    let base = text::base(indicator);
    let target = text::target(indicator);
    let base = (!base.is_empty()).then(|| format!("口径为{base}"));
    let note = (!indicator.note.is_empty()).then(|| indicator.note.clone());
    let target = (!target.is_empty()).then_some(target);
    [base, note, composite::notes(indicator), target].into_iter().flatten().collect()
}

/// Period and completeness, or why there is nothing.
fn standing(context: &Context, indicator: &Indicator) -> String {
    let definition = context.inputs.definition;
    match context.index.headline(&indicator.id) {
        Some(figure) => format!(
            "数据期 {}，{}",
            text::period(definition, &figure.period),
            text::completeness_line(definition, figure)
        ),
        None if indicator.is_collectable() => "未到期或无数据".to_owned(),
        None => format!("无法收集：{}", indicator.reason),
    }
}
