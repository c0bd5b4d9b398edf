//! `dangtong check`: who has reported, what is wrong, and what to do next; no report.

use std::path::Path;

use anyhow::Context;

use super::arguments::CheckOptions;
use super::{left_to_the_system, prepare, terminal};
use crate::audit::WORKING_PAPERS;
use crate::model::arrivals::FILE;
use crate::model::codes;
use crate::model::{Arrival, Finding, Level, Outcome, Receipt, ReturnCounts, Timeliness};
use crate::month::standing::{Open, by_unit, open};
use crate::month::{arrivals, findings as listing};
use crate::pipeline::{self, Checked};
use crate::publish::{SetAside, apart, working};

pub(super) fn check(options: &CheckOptions) -> anyhow::Result<u8> {
    let prepared = prepare(&options.source)?;
    if options.json {
        let checked = pipeline::check(prepared)?;
        terminal::json(&as_json(&checked))?;
        return Ok(exit_code(&checked));
    }
    apart(&options.reports.out, &prepared.returns)?;
    let returns = prepared.returns.clone();
    let today = arrivals::today();
    let (checked, new) =
        terminal::progress("正在读取和审核", || pipeline::check_arrivals(prepared, today))?;
    if options.all {
        for line in findings(&checked).flat_map(|f| listing::lines(&checked.definition, f)) {
            say!("{line}");
        }
    }
    print_units(&checked);
    print_summary(&checked);
    record(&returns.join(checked.folder.to_string()), &new, today);
    write_working_papers(&checked, &options.reports.out)?;
    say!("下一步：{}", next_step(&checked, &returns));
    let code = exit_code(&checked);
    left_to_the_system(checked);
    Ok(code)
}

/// Keeps when files arrived. A folder that cannot be written is no reason not to check.
fn record(folder: &Path, new: &[Arrival], today: i32) {
    if new.is_empty() {
        return;
    }
    let written = register(&folder.join(FILE))
        .and_then(|there| arrivals::with_lines(there.as_deref(), new, today))
        .and_then(|bytes| working::put(folder, FILE, &bytes));
    match written {
        Ok(()) => say!("收件：新登记 {} 个文件，写在 {}", new.len(), folder.join(FILE).display()),
        Err(error) => terminal::warning("收到日期没有登记", &error),
    }
}

/// What is registered so far. A file that is there and cannot be read is never written over.
fn register(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("{} 不能读取", path.display())),
    }
}

/// Writes ledger, reminders and findings beside the report.
pub(super) fn write_working_papers(checked: &Checked, out: &Path) -> anyhow::Result<()> {
    let below = Path::new(&checked.folder.to_string()).join(WORKING_PAPERS);
    let folder = out.join(&below);
    let files = pipeline::working_papers(checked)?;
    if files.is_empty() {
        return Ok(());
    }
    let set_aside = working::renew(out, &below, &files)?;
    let names: Vec<&str> = files.keys().map(String::as_str).collect();
    say!("收报材料：{}（{}）", folder.display(), names.join("、"));
    for SetAside { name, backup } in &set_aside {
        tell!("提示：{name} 写出以后被改动过，改动过的已另存为 {backup}");
    }
    Ok(())
}

pub(super) fn next_step(checked: &Checked, returns: &Path) -> String {
    let Checked { definition, validated, folder, .. } = checked;
    let again = format!("dangtong check --period {folder}");
    match open(definition, validated, folder) {
        Open { missing: 0, rejected: 0, county: 0, queries: 0 } => format!(
            "已报齐，没有待核实的。用 dangtong run --period {folder} 出报告，看过以后用 dangtong freeze {folder} 定稿"
        ),
        Open { missing: 0, rejected: 0, county: 0, queries } => format!(
            "已报齐。{queries} 项待核实：用 dangtong slips --period {folder} 生成退回单，请有关单位在上面写明原因后交回（或登记到 审核说明.csv）；也可以先用 dangtong run --period {folder} 出征求意见稿"
        ),
        Open { missing: 0, rejected: 0, county, .. } => {
            format!("先处理不属于哪一张报表的 {county} 项强制（见 审核意见.txt），再运行 {again}")
        }
        _ => format!(
            "把 催报.txt 发给各单位（有退回的，用 dangtong slips --period {folder} 生成退回单一并发回）；新报来的放进 {}，再运行 {again}",
            returns.join(folder.to_string()).display()
        ),
    }
}

/// Findings of the report's folder.
fn findings(checked: &Checked) -> impl Iterator<Item = &Finding> {
    checked.validated.findings.iter().filter(|f| f.folder == checked.folder)
}

/// Of earlier folders what this machine could not read this time. What is wrong with a file there was
/// said in its month.
fn unread_before(checked: &Checked) -> impl Iterator<Item = &Finding> {
    let is_unread = |f: &&Finding| [codes::READER_FAILED, codes::NO_ACCESS].contains(&&*f.code);
    let findings = checked.validated.findings.iter();
    findings.filter(|f| f.folder != checked.folder).filter(is_unread)
}

fn receipts(checked: &Checked) -> impl Iterator<Item = &Receipt> {
    checked.validated.receipts.iter().filter(|r| r.folder == checked.folder)
}

/// A line a unit.
pub(super) fn print_units(checked: &Checked) {
    say!("收报情况：");
    for standing in by_unit(&checked.definition, &checked.validated, &checked.folder) {
        say!("  {}：{}", standing.unit.name, standing.in_words());
    }
}

/// Counts, one line each.
pub(super) fn print_summary(checked: &Checked) {
    let settings = &checked.definition.settings;
    say!("{} {} {}", settings.county_name, settings.report.title, checked.folder.title());
    for name in &checked.skipped {
        tell!("提示：报表目录里的 {name} 不是以报告期命名的文件夹，没有读取");
    }
    for finding in unread_before(checked) {
        let Finding { location, message, remedy, .. } = finding;
        tell!("提示：{} 这一次没有读成，其中的数没有用上：{message}。{remedy}", location.file);
    }
    let returns = ReturnCounts::of(receipts(checked).filter(|r| r.owed));
    say!(
        "收报：应报 {} 份，通过 {} 份，待核实 {} 份，退回 {} 份，未报 {} 份，{}",
        returns.owed,
        returns.accepted - returns.queried,
        returns.queried,
        returns.rejected,
        returns.missing,
        returns.lateness.in_words(),
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
