//! `dangtong check`: findings and reporting status, no report.

use std::collections::BTreeMap;

use super::arguments::CheckOptions;
use super::{prepare, terminal};
use crate::model::{Finding, Lateness, Level, Outcome, Receipt, ReturnState, Timeliness};
use crate::pipeline::{self, Checked};

pub(super) fn check(options: &CheckOptions) -> anyhow::Result<u8> {
    let checked = pipeline::check(prepare(&options.source)?)?;
    if options.json {
        terminal::json(&as_json(&checked))?;
        return Ok(exit_code(&checked));
    }
    for finding in findings(&checked) {
        print_finding(&checked, finding);
    }
    print_status(&checked);
    print_summary(&checked);
    Ok(exit_code(&checked))
}

/// Findings of the report's folder.
fn findings(checked: &Checked) -> impl Iterator<Item = &Finding> {
    checked.validated.findings.iter().filter(|f| f.folder == checked.folder)
}

fn receipts(checked: &Checked) -> impl Iterator<Item = &Receipt> {
    checked.validated.receipts.iter().filter(|r| r.folder == checked.folder)
}

fn print_finding(checked: &Checked, finding: &Finding) {
    let unit = checked.definition.units.name(&finding.unit);
    let unit = if unit.is_empty() { "全县" } else { unit };
    let outcome = match finding.outcome {
        Outcome::Fail => String::new(),
        other => format!("（{}）", other.title()),
    };
    say!("{} {} {unit}：{}{outcome}", finding.level.title(), finding.code, finding.title);
    say!("    {}", finding.message);
    let place = finding.location.to_string();
    if !place.is_empty() {
        say!("    位置：{place}");
    }
    for (label, text) in
        [("填报", &finding.seen), ("应为", &finding.expected), ("处理", &finding.remedy)]
    {
        if !text.is_empty() {
            say!("    {label}：{text}");
        }
    }
}

fn print_status(checked: &Checked) {
    let mut by_unit: BTreeMap<usize, Vec<&Receipt>> = BTreeMap::new();
    for receipt in receipts(checked) {
        by_unit.entry(checked.definition.units.order(&receipt.unit)).or_default().push(receipt);
    }
    say!("收报情况：");
    for list in by_unit.values() {
        let Some(first) = list.first() else { continue };
        let states: Vec<String> = list
            .iter()
            .map(|r| {
                let title =
                    checked.definition.form(&r.form).map_or(r.form.as_str(), |f| f.title.as_str());
                let late = match r.timeliness {
                    Timeliness::Late => "，迟报",
                    Timeliness::Unjudged(_) => "，无法判断是否迟报",
                    _ => "",
                };
                format!("{title} {}{late}", r.state.title())
            })
            .collect();
        say!("  {}：{}", checked.definition.units.name(&first.unit), states.join("；"));
    }
}

/// Counts, one line each.
pub(super) fn print_summary(checked: &Checked) {
    let settings = &checked.definition.settings;
    say!("{} {} {}", settings.county_name, settings.report.title, checked.folder.title());
    for name in &checked.skipped {
        tell!("提示：报表目录里的 {name} 不是以报告期命名的文件夹，没有读取");
    }
    let owed: Vec<&Receipt> = receipts(checked).filter(|r| r.owed).collect();
    let count = |state: ReturnState| owed.iter().filter(|r| r.state == state).count();
    say!(
        "收报：应报 {} 份，通过 {} 份，待核实 {} 份，退回 {} 份，未报 {} 份，{}",
        owed.len(),
        count(ReturnState::Clean) + count(ReturnState::Explained),
        count(ReturnState::Queried),
        count(ReturnState::Rejected),
        count(ReturnState::Missing),
        Lateness::of(owed.iter().copied()).in_words(),
    );
    let tally = |level: Level, outcome: Outcome| {
        findings(checked).filter(|f| f.level == level && f.outcome == outcome).count()
    };
    say!(
        "审核：强制 {} 项，核实 {} 项（另有已说明 {} 项），提示 {} 项，未评估 {} 项",
        tally(Level::Error, Outcome::Fail),
        tally(Level::Query, Outcome::Fail),
        tally(Level::Query, Outcome::Explained),
        tally(Level::Hint, Outcome::Fail),
        findings(checked).filter(|f| f.outcome == Outcome::NotEvaluated).count(),
    );
}

/// 1 when a return of the folder is rejected or missing, or another 强制 is open.
pub(super) fn exit_code(checked: &Checked) -> u8 {
    let open = findings(checked).any(Finding::rejects);
    let absent = receipts(checked).any(|r| r.owed && !r.state.accepted());
    u8::from(open || absent)
}

fn as_json(checked: &Checked) -> serde_json::Value {
    let finding = |f: &Finding| {
        serde_json::json!({
            "level": f.level.id(), "code": f.code, "title": f.title, "scope": f.scope.title(),
            "period": f.period.to_string(), "unit": f.unit, "form": f.form,
            "file": &*f.location.file, "sheet": &*f.location.sheet,
            "cell": f.location.cells_text(), "seen": f.seen, "expected": f.expected,
            "message": f.message, "remedy": f.remedy, "outcome": f.outcome.id(),
        })
    };
    let receipt = |r: &Receipt| {
        serde_json::json!({
            "unit": r.unit, "form": r.form, "period": r.period.to_string(),
            "state": r.state.title(), "owed": r.owed, "file": &*r.file, "rows": r.rows,
            "on_time": match r.timeliness {
                Timeliness::OnTime => Some(true),
                Timeliness::Late => Some(false),
                _ => None,
            },
            "timeliness": r.timeliness.title(), "errors": r.errors, "queries": r.queries,
        })
    };
    serde_json::json!({
        "schema": 1,
        "period": checked.folder.to_string(),
        "findings": findings(checked).map(finding).collect::<Vec<_>>(),
        "receipts": receipts(checked).map(receipt).collect::<Vec<_>>(),
    })
}
