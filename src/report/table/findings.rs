//! 审核结果: a row a finding, made for filtering.

use super::{Align, Cell, List, Medium, Table, Tone};
use crate::model::{Finding, Level, Outcome};
use crate::report::index::Index;
use crate::report::text;

/// All findings of the report's folder.
pub(in crate::report) fn all<'a>(index: &'a Index<'a>, medium: Medium) -> Table<'a> {
    let mut table = table(index, medium, "审核结果", index.inputs.findings());
    let count = |level: Level, outcome: Outcome| {
        index.inputs.findings().filter(|f| f.level == level && f.outcome == outcome).count()
    };
    table.lead.push(format!(
        "强制 {} 项；核实 {} 项待说明、{} 项已说明；提示 {} 项；未评估 {} 项。",
        count(Level::Error, Outcome::Fail),
        count(Level::Query, Outcome::Fail),
        count(Level::Query, Outcome::Explained),
        count(Level::Hint, Outcome::Fail),
        index.inputs.findings().filter(|f| f.outcome == Outcome::NotEvaluated).count(),
    ));
    table
}

/// A unit's own.
pub(in crate::report) fn of_unit<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    (code, name): (&str, &str),
) -> Table<'a> {
    let own = index.findings_of(code).iter().copied();
    table(index, medium, &format!("{name}：审核结果"), own)
}

fn table<'a>(
    index: &'a Index<'a>,
    medium: Medium,
    title: &str,
    findings: impl Iterator<Item = &'a Finding>,
) -> Table<'a> {
    let definition = index.inputs.definition;
    let level = |f: &&Finding| Cell::words(f.level.title()).toned(Tone::Level(f.level));
    let mut list = List::<&Finding>::new(medium);
    list.serial().sheet(5.5);
    list.center("级别", level).sheet(6.0).page();
    list.center("结果", |f| Cell::words(f.outcome.title())).sheet(8.0).page();
    list.left("单位", |f| Cell::words(definition.units.name(&f.unit))).sheet(12.0).whole_page();
    list.left("报表", |f| Cell::words(text::form_title(definition, &f.form))).sheet(16.0).page();
    list.center("报告期", |f| Cell::words(text::period(definition, &f.period))).sheet(12.0);
    list.left("审核内容", |f| Cell::words(&f.title)).sheet(16.0).page();
    list.center("代码", |f| Cell::words(&f.code)).sheet(9.0).small();
    list.center("类型", |f| Cell::words(f.scope.title())).sheet(6.0);
    list.left("情况", |f| Cell::words(&f.message)).sheet(30.0).page();
    list.left("所见", |f| Cell::words(&f.seen)).sheet(14.0).small();
    list.left("应为", |f| Cell::words(&f.expected)).sheet(12.0).page();
    list.left("文件", |f| Cell::words(&*f.location.file)).sheet(20.0);
    list.left("工作表", |f| Cell::words(&*f.location.sheet)).sheet(11.0);
    list.left("单元格", |f| Cell::words(f.location.cells_text())).sheet(9.0);
    list.column(Align::Remark, "位置", |f| Cell::words(f.location.to_string())).page();
    list.left("处理意见", |f| Cell::words(&f.remedy)).sheet(24.0).page();
    list.filtered_by(|f| [f.level.id(), &f.unit, f.outcome.id()]);
    let mut table = list.table(title, findings);
    table.empty = "本期各表审核通过，没有问题。";
    table
}
