//! 一页通: the judgement, and the figures that need attention most, with who is behind in them.

use super::{Align, Cell, List, Medium, Table};
use crate::definition::{IndicatorKind, Time};
use crate::model::{Figure, ReturnCounts};
use crate::report::index::Index;
use crate::report::judgement::{self, Elsewhere, Noted};
use crate::report::{selection, text, wording};

pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let definition = index.inputs.definition;
    let mut list = List::<Noted<'a>>::new(medium);
    list.serial().sheet(4.0);
    list.column(Align::Name, "指标", |n| Cell::words(n.indicator.full_title())).sheet(19.0);
    let folder = index.inputs.folder;
    let period = move |figure: &Figure| wording::period(&figure.period, folder, Time::During);
    list.center("数据期", move |n| Cell::words(period(n.figure))).sheet(9.5);
    list.number("本期", |n| Cell::value(n.figure)).sheet(8.0);
    list.center("分子/分母", |n| Cell::base(n.figure)).sheet(12.0);
    list.number("比上期", |n| {
        let against = text::previous_period(n.figure);
        Cell::change(n.indicator, n.figure, (&against, n.figure.previous.as_ref())).with_arrow()
    })
    .sheet(7.5);
    list.center("走势", |n| Cell::drawn(n.figure)).sheet(14.5);
    list.center("目标", |n| Cell::words(text::target_cell(n.indicator, n.figure))).sheet(11.5);
    list.left("落后的单位", |n| Cell::words(behind(n))).sheet(24.0);
    let period = text::period(definition, index.inputs.folder);
    let title = format!("{}党建数据一页通（{period}）", definition.settings.county_name);
    let mut table = list.table(title, judgement::noted(index));
    let judged = judgement::lines(index, &Elsewhere::default()).into_iter();
    table.lead.extend(judged.map(|(about, line)| format!("{about}：{line}。")));
    table.lead.push(format!("完整性：{}", ReturnCounts::of(index.inputs.receipts()).summary()));
    table.empty = "本期没有可列的指标。";
    table.notes.extend(overall(index));
    table.notes.push(note(index));
    table
}

/// `14/18个：桐峪镇、麻田镇…`
fn behind(noted: &Noted) -> String {
    match noted.behind.as_slice() {
        [] => text::NONE.to_owned(),
        units => format!("{}/{}个：{}", units.len(), noted.of, units.join("、")),
    }
}

/// The overall ranking of each group, from the composite scores.
fn overall(index: &Index) -> Vec<String> {
    let composites = selection::ranked(index).filter(|i| i.kind() == IndicatorKind::Composite);
    let mut lines = Vec::new();
    for indicator in composites {
        let ranked = selection::by_place(index, indicator);
        for group in ranked.chunk_by(|a, b| a.group == b.group) {
            let placed = group.iter().filter_map(|figure| {
                let place = figure.place.as_ref()?;
                Some(format!("{}.{} {}", place.place, figure.unit, text::value(figure)))
            });
            let placed: Vec<String> = placed.collect();
            if let (Some(first), true) = (group.first(), placed.len() > 1) {
                let period = text::period(index.inputs.definition, &first.period);
                let title = format!("综合得分排名（{}，{period}）", first.group);
                lines.push(format!("{title}：{}", placed.join("　")));
            }
        }
    }
    lines
}

/// By which rules the figures were chosen.
fn note(index: &Index) -> String {
    let rule = &index.inputs.definition.settings.report.attention;
    format!(
        "注：所列指标按规则选出，从最要注意的排起：未达目标每差 1%计 {} 分，比上期变差每 1 个百分点（个数为 1%）计 {} 分，落后单位每占 1%计 {} 分；不足 {} 项的，补变好最多的。落后的单位为列入问题清单的，没有规则的为未达目标的。比上期为增减，占比为百分点；↑↓只表示方向。走势在口径变化处断开。其余指标见“主要指标”。",
        rule.target, rule.change, rule.behind, rule.least
    )
}
