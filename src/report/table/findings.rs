//! 审核结果: a row a finding, made for filtering.

use std::collections::BTreeMap;

use super::{Align, Cell, List, Medium, PERIOD, Table, Tone};
use crate::model::{Finding, Level, Outcome, Units};
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
    let units = &definition.units;
    let level = |f: &Said| Cell::words(f.finding.level.title()).toned(Tone::Level(f.finding.level));
    let mut list = List::<Said>::new(medium);
    list.serial().sheet(5.5);
    list.center("级别", level).sheet(6.0).page();
    list.center("结果", |f| Cell::words(f.finding.outcome.title())).sheet(8.0).page();
    list.left("单位", |f| Cell::words(units.name(row_of(units, f.finding))))
        .sheet(12.0)
        .whole_page();
    list.left("报表", |f| Cell::words(text::form_title(definition, &f.finding.form)))
        .sheet(16.0)
        .page();
    list.center("报告期", |f| Cell::words(text::period(definition, &f.finding.period)))
        .sheet(PERIOD);
    list.left("审核内容", |f| Cell::words(&f.finding.title)).sheet(16.0).page();
    list.center("代码", |f| Cell::words(&f.finding.code)).sheet(9.0).small();
    list.center("类型", |f| Cell::words(f.finding.scope.title())).sheet(6.0);
    list.left("情况", |f| Cell::words(f.message(units))).sheet(30.0).page();
    list.left("所见", |f| Cell::words(&f.finding.seen)).sheet(14.0).small();
    list.left("应为", |f| Cell::words(&f.finding.expected)).sheet(12.0).page();
    list.left("文件", |f| Cell::words(&*f.finding.location.file)).sheet(20.0);
    list.left("工作表", |f| Cell::words(&*f.finding.location.sheet)).sheet(11.0);
    list.left("单元格", |f| Cell::words(f.finding.location.cells_text())).sheet(9.0);
    list.column(Align::Remark, "位置", |f| Cell::words(f.finding.location.to_string())).page();
    list.left("处理意见", |f| Cell::words(&f.finding.remedy)).sheet(24.0).page();
    list.filtered_by(|f| [f.finding.level.id(), row_of(units, f.finding), f.finding.outcome.id()]);
    let mut table = list.table(title, said(units, findings));
    table.empty = "本期各表审核通过，没有问题。";
    table
}

/// A finding, or the first of several alike in the returns of a row's units.
struct Said<'a> {
    finding: &'a Finding,
    alike: usize,
}

impl Said<'_> {
    fn message(&self, units: &Units) -> String {
        let message = &self.finding.message;
        match units.row_code(&self.finding.unit) == self.finding.unit {
            true => message.clone(),
            false => {
                format!("共 {} 项，如{}：{message}", self.alike, units.name(&self.finding.unit))
            }
        }
    }
}

fn row_of<'a>(units: &'a Units, finding: &'a Finding) -> &'a str {
    units.row_code(&finding.unit)
}

/// Findings of a row's own as they are; those of units below it counted by check, form and outcome:
/// each stands in findings.csv and in the row's own report.
fn said<'a>(units: &Units, findings: impl Iterator<Item = &'a Finding>) -> Vec<Said<'a>> {
    let mut all: Vec<Said> = Vec::new();
    let mut known: BTreeMap<_, usize> = BTreeMap::new();
    for finding in findings {
        let row = units.row_code(&finding.unit);
        if row != finding.unit {
            let key =
                (row.to_owned(), &finding.code, &finding.form, finding.level, finding.outcome);
            if let Some(&at) = known.get(&key) {
                all[at].alike += 1;
                continue;
            }
            known.insert(key, all.len());
        }
        all.push(Said { finding, alike: 1 });
    }
    all
}
