//! Wording shared by tables and charts: how a figure, its base and its completeness read.

use std::collections::{BTreeMap, BTreeSet};

use super::Inputs;
use crate::definition::{Better, Definition, Form, Indicator, Programme, written_together};
use crate::model::{
    Absent, AbsentReason, Change, Decimal, Figure, GroupPlace, Nature, Period, Status, Unit, Units,
    difference_measure,
};

/// Printed where there is no number.
pub(super) const NONE: &str = "—";

/// `88.9%`, `16个`, or `—`.
pub(super) fn value(figure: &Figure) -> String {
    figure.value.map_or_else(|| NONE.to_owned(), |v| format!("{v}{}", figure.measure))
}

/// `16/18`; empty when the figure is not a quotient.
pub(super) fn fraction(figure: &Figure) -> String {
    match (figure.numerator, figure.denominator) {
        (Some(n), Some(d)) => format!("{n}/{d}"),
        _ => String::new(),
    }
}

/// `88.9%（16/18）`: no rate without its base.
pub(super) fn value_with_base(figure: &Figure) -> String {
    let fraction = fraction(figure);
    if fraction.is_empty() { value(figure) } else { format!("{}（{fraction}）", value(figure)) }
}

/// Why a figure has no value: 未报, 退回, 无基数 or 无数据.
pub(super) fn why_empty(figure: &Figure) -> &'static str {
    match figure.all_absent() {
        Some(reason) => reason.title(),
        None if figure.denominator.is_some_and(Decimal::is_zero) => "无基数",
        None => "无数据",
    }
}

/// `18/18`: units in the figure of those expected.
pub(super) fn completeness(figure: &Figure) -> String {
    format!("{}/{}", figure.units_used, figure.units_expected)
}

/// `未报：石匣乡、龙泉乡；退回：羊角乡；缺项：城区`; empty when nobody is absent.
pub(super) fn absent_units(definition: &Definition, figure: &Figure) -> String {
    let names = |reason: AbsentReason| {
        let of_reason = figure.lineage.absent.iter().filter(|a| a.reason == reason);
        let names = absent_names(definition, figure, of_reason);
        (!names.is_empty()).then(|| format!("{}：{}", reason.title(), names.join("、")))
    };
    AbsentReason::ALL.into_iter().filter_map(names).collect::<Vec<_>>().join("；")
}

/// Why no row has a page of its own; `None` where each has.
pub(super) fn without_pages(inputs: &Inputs) -> Option<String> {
    let most = inputs.definition.settings.report.pages_a_unit;
    let rows = inputs.definition.units.rows_in(inputs.folder).count();
    (rows > most).then(|| {
        format!("单位有 {rows} 个，超过 {most} 个，不再一单位一页（pages_a_unit）；各单位自己的报告用 run --at 作。")
    })
}

/// What the sheet with a page a unit is called: 一委一单, above counties that all are of one kind 一县一单.
pub(super) fn unit_pages_title(units: &Units) -> String {
    let one = match unit_kind(units) {
        COMMITTEE => "委",
        UNIT => "地",
        kind => kind,
    };
    format!("一{one}一单")
}

const COMMITTEE: &str = "党委";
const UNIT: &str = "单位";

/// What the rows of the report are: committees, or, above, what all those below are.
pub(super) fn unit_kind(units: &Units) -> &str {
    let groups: BTreeSet<&str> = units.rows().map(|(_, unit)| unit.group.as_str()).collect();
    match groups.first() {
        _ if !units.has_levels() => COMMITTEE,
        Some(group) if groups.len() == 1 && group.chars().count() == 1 => group,
        _ => UNIT,
    }
}

/// Where the report of a unit that reports itself stands, seen from the report above it.
pub(super) fn report_of(unit: &Unit, folder: &Period) -> String {
    format!("../{}/{folder}/report.html", unit.code)
}

/// Whom a figure lacks, each once: of one of the rows its units, of the whole the rows, with how many
/// units where there are some below: `甲县（3 个单位）`.
pub(super) fn absent_names<'a>(
    definition: &Definition,
    figure: &Figure,
    absent: impl Iterator<Item = &'a Absent>,
) -> Vec<String> {
    let units = &definition.units;
    if figure.unit_code == definition.settings.county_code {
        return row_names(units, absent.map(|absent| absent.unit.as_str()));
    }
    let mut names: Vec<String> = Vec::new();
    for absent in absent {
        let name = units.get(&absent.unit).map_or(&absent.unit, |unit| &unit.name);
        if !names.contains(name) {
            names.push(name.clone());
        }
    }
    names
}

/// The rows of units, each once, in the order in which they come.
pub(super) fn row_names<'a>(units: &Units, codes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut rows: Vec<(usize, BTreeSet<usize>)> = Vec::new();
    let mut known: BTreeMap<usize, usize> = BTreeMap::new();
    for unit in codes.map(|code| units.order(code)) {
        let Some(row) = units.row_of(unit) else { continue };
        let at = *known.entry(row).or_insert_with(|| {
            rows.push((row, BTreeSet::new()));
            rows.len() - 1
        });
        rows[at].1.insert(unit);
    }
    let name = |(row, below): &(usize, BTreeSet<usize>)| {
        let name = &units.all()[*row].name;
        match units.is_level(*row) {
            true => format!("{name}（{} 个单位）", below.len()),
            false => name.clone(),
        }
    };
    rows.iter().map(name).collect()
}

/// `正常`, `待核实 3 项`, `不完整，待核实 3 项` …
pub(super) fn status(figure: &Figure) -> String {
    let title = figure.status.title();
    match (figure.status, figure.open_queries) {
        (_, 0) => title.to_owned(),
        (Status::Provisional, n) => format!("{title} {n} 项"),
        (_, n) => format!("{title}，待核实 {n} 项"),
    }
}

/// `已计入 17/18 个单位（不完整），未报：石匣乡`.
pub(super) fn completeness_line(definition: &Definition, figure: &Figure) -> String {
    let mut line = format!("已计入 {} 个单位", completeness(figure));
    if figure.status != Status::Normal {
        line += &format!("（{}）", status(figure));
    }
    let absent = absent_units(definition, figure);
    if !absent.is_empty() {
        line += &format!("，{absent}");
    }
    line
}

/// The base in words, for rates; empty for counts without a base.
pub(super) fn base(indicator: &Indicator) -> &str {
    &indicator.base_title
}

/// The texts of a definition as written (技术口径), for whoever checks a figure.
pub(super) fn technical(indicator: &Indicator) -> String {
    written_together(indicator.as_written())
}

/// `F05 基层党组织分类定级表`; the id when the form is unknown.
pub(super) fn form_title(definition: &Definition, id: &str) -> String {
    definition.form(id).map_or_else(|| id.to_owned(), Form::numbered_title)
}

/// `P11　各等次分布`: a title below a programme's number.
pub(super) fn numbered(programme: &Programme, title: &str) -> String {
    match programme.number.as_str() {
        "" => title.to_owned(),
        number => format!("{number}　{title}"),
    }
}

/// `P11　基层党组织分类定级`
pub(super) fn programme_title(programme: &Programme) -> String {
    numbered(programme, &programme.title)
}

/// The number of an indicator's programme, or its title.
pub(super) fn programme_label<'d>(definition: &'d Definition, indicator: &Indicator) -> &'d str {
    match definition.programme(&indicator.programme) {
        Some(programme) if programme.number.is_empty() => &programme.title,
        Some(programme) => &programme.number,
        None => "",
    }
}

/// `↑2`, `↓1`, `持平`; a dash without a place before.
pub(super) fn movement(place: &GroupPlace) -> String {
    let Some(before) = place.previous else { return NONE.to_owned() };
    match before.cmp(&place.place) {
        std::cmp::Ordering::Greater => format!("↑{}", before - place.place),
        std::cmp::Ordering::Less => format!("↓{}", place.place - before),
        std::cmp::Ordering::Equal => "持平".to_owned(),
    }
}
/// `目标 80%`, `目标不高于 3`, `全年目标 100%`; empty without a target.
pub(super) fn target(indicator: &Indicator) -> String {
    if indicator.target.is_empty() {
        return String::new();
    }
    let whole = if indicator.pace.is_some() { "全年" } else { "" };
    let most = if indicator.better == Better::Lower { "不高于" } else { "" };
    format!("{whole}目标{most} {}", indicator.target)
}

/// The target as asked of a figure's period: `80%`, `时序进度 75%（全年 100%）`; empty without one.
pub(super) fn target_of(indicator: &Indicator, figure: &Figure) -> String {
    match (indicator.pace, indicator.target_printed(&figure.period)) {
        (Some(_), Some(due)) => {
            let sign = if indicator.target.ends_with('%') { "%" } else { "" };
            format!("时序进度 {due}{sign}（全年 {}）", indicator.target)
        }
        _ => indicator.target.clone(),
    }
}

/// `已达到` or `未达到`; empty without a target.
pub(super) fn met(indicator: &Indicator, figure: &Figure) -> &'static str {
    match indicator.meets_target(figure) {
        Some(true) => "已达到",
        Some(false) => "未达到",
        None => "",
    }
}

/// `80% 已达到`; a dash without a target.
pub(super) fn target_cell(indicator: &Indicator, figure: &Figure) -> String {
    match target_of(indicator, figure).as_str() {
        "" => NONE.to_owned(),
        target => format!("{target} {}", met(indicator, figure)).trim_end().to_owned(),
    }
}

/// `目标 80%，未达到`; nothing without a target.
pub(super) fn target_met(indicator: &Indicator, figure: &Figure) -> Option<String> {
    let target = match indicator.pace {
        Some(_) => target_of(indicator, figure),
        None => target(indicator),
    };
    let parts: Vec<&str> =
        [target.as_str(), met(indicator, figure)].into_iter().filter(|p| !p.is_empty()).collect();
    (!target.is_empty()).then(|| parts.join("，"))
}

/// What the comparison with the period before is called.
pub(super) fn previous_title(figure: &Figure) -> &'static str {
    match &figure.previous {
        Some(_) if figure.nature == Nature::Ytd => "本期新增",
        Some(change) if !change.called.is_empty() => "比上轮",
        Some(change) if !figure.is_adjacent(change) => "比上轮",
        _ => "环比",
    }
}

/// The period before, as it is spoken of: 上月; an earlier round by its name.
pub(super) fn previous_period(figure: &Figure) -> String {
    match &figure.previous {
        Some(change) if !change.called.is_empty() => change.called.clone(),
        Some(change) if !figure.is_adjacent(change) => change.period.title(),
        _ => format!("上{}", period_word(figure)),
    }
}

/// 月, 季, 半年, 年 or 期
fn period_word(figure: &Figure) -> &'static str {
    match figure.period {
        Period::Month(..) => "月",
        Period::Quarter(..) => "季",
        Period::Half(..) => "半年",
        Period::Year(_) => "年",
        Period::Campaign(_) => "期",
    }
}

/// `比上期升 2.3 个百分点`, `比上年同期少 4 个`, `与上期持平`; empty without comparison.
pub(super) fn change(against: &str, figure: &Figure, change: Option<&Change>) -> String {
    let Some(change) = change else { return String::new() };
    if let Some(obstacle) = change.obstacle {
        return format!("{}，不与{against}比较", obstacle.title());
    }
    let Some(difference) = change.difference else { return String::new() };
    if difference.is_zero() {
        return format!("与{against}持平");
    }
    let size = difference.size();
    let up = difference.units > 0;
    match difference_measure(&figure.measure) {
        own if own == figure.measure => {
            format!("比{against}{} {size}{own}", if up { "增" } else { "减" })
        }
        points => format!("比{against}{} {size} {points}", if up { "升" } else { "降" }),
    }
}

/// `环比 +5.2%`; of a number that more than doubled, `环比由 1 到 20`: a rate of a small base says
/// nothing. Nothing without growth.
pub(super) fn growth(word: &str, figure: &Figure, change: &Change) -> Option<String> {
    let growth = change.growth.filter(|_| change.then != figure.value)?;
    let sign = if growth.units > 0 { "+" } else { "" };
    match (change.then, figure.value) {
        (Some(then), Some(now)) if growth > Decimal::integer(100) => {
            Some(format!("{word}由 {then} 到 {now}"))
        }
        _ => Some(format!("{word} {sign}{growth}%")),
    }
}

/// A period of a campaign by its title, others as they read.
pub(super) fn period(definition: &Definition, period: &Period) -> String {
    if let Period::Campaign(id) = period
        && let Some(campaign) = definition.settings.campaigns.iter().find(|c| c.id == *id)
    {
        return campaign.title.clone();
    }
    period.title()
}

/// Width in columns of a fixed-pitch font: Han characters and full-width signs take two.
pub(super) fn columns(text: &str) -> usize {
    text.lines().map(|line| line.chars().map(char_columns).sum()).max().unwrap_or(0)
}

fn char_columns(c: char) -> usize {
    let code = u32::from(c);
    if code < 0x1100 {
        return 1;
    }
    let wide = matches!(code,
        0x1100..=0x115F | 0x2018..=0x201D | 0x2014 | 0x2026 | 0x2160..=0x217F | 0x2190..=0x21FF
        | 0x2460..=0x24FF | 0x25A0..=0x25FF | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3
        | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF01..=0xFF60 | 0xFFE0..=0xFFE6
        | 0x1F300..=0x1FAFF | 0x20000..=0x3FFFD);
    if wide { 2 } else { 1 }
}

/// Text from returns is text in XML too: no markup, and a space for what is no character.
pub(super) fn in_markup(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_in_markup_is_no_markup() {
        assert_eq!(in_markup("a<b>\"&\u{1b}c"), "a&lt;b&gt;&quot;&amp; c");
    }

    #[test]
    fn han_text_is_two_columns_a_character() {
        assert_eq!(columns("左权县2013"), 10);
        assert_eq!(columns("一行\n第二行长"), 8);
    }
}
