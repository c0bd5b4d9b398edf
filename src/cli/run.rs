//! `dangtong run`: the whole job.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use super::arguments::RunOptions;
use super::{check, engine, left_to_the_system, prepare_from, reader, terminal};
use crate::audit::{FINAL, MANIFEST, WORKING_PAPERS};
use crate::model::{Stage, sha256};
use crate::month::freeze::FinalRecord;
use crate::pipeline::revise::{Revised, revise};
use crate::pipeline::{self, Computed, Report, Revision};
use crate::publish::{DraftReport, SetAside, working};

pub(super) fn run(options: &RunOptions) -> anyhow::Result<u8> {
    let mut prepared = prepare_from(&options.source, &options.handups)?;
    if let Some(url) = &options.engine {
        prepared = prepared.on(Arc::new(engine::open(url, &options.tuning)?));
    }
    let county = prepared.county().to_owned();
    let (out, folder) = (&options.reports.out, prepared.folder.to_string());
    let draft = DraftReport::begin(out, &folder, &prepared.returns, &county)?;
    let returns = prepared.returns.clone();
    let target = options.reports.out.join(prepared.folder.to_string());
    let record = FinalRecord::read(&target.join(FINAL))?;
    let (computed, report) = terminal::progress("正在读取、计算和排版", || {
        let computed = pipeline::compute(prepared)?.without_engine();
        rendered(computed, record.as_ref())
    })?;
    let published = draft.publish(&report.files)?;
    print_report(&computed, &report, &published.folder);
    if let Err(error) = check::write_working_papers(&computed.checked, &options.reports.out) {
        terminal::warning("收报材料没有写出", &error);
    }
    if let (Stage::Revised { edition }, Some(record), true) =
        (&computed.stage, &record, options.handups.facts.is_empty())
    {
        let copy = record.copy(&target.join(FINAL));
        let sources = (returns, options.source.pipeline.folder.clone());
        let checked = &computed.checked;
        let revised = revise(checked, *edition, &copy, &target, sources, &reader()?);
        if let Err(error) =
            revised.and_then(|revised| write_revisions(&options.reports.out, &computed, revised))
        {
            terminal::warning("修订表没有写出", &error);
        }
    }
    for SetAside { name, backup } in &published.set_aside {
        tell!("提示：{name} 写出以后被改动过，改动过的已另存为 {backup}");
    }
    if !published.kept.is_empty() {
        tell!("提示：报告目录中不是本程序写的文件原样保留：{}", published.kept.join("、"));
    }
    tell_of_absent_reports(&computed, &options.reports.out);
    tell_left_out(&report);
    let code = check::exit_code(&computed.checked);
    left_to_the_system((computed, report));
    Ok(code)
}

/// What was computed, and the files of the report.
fn print_report(computed: &Computed, report: &Report, folder: &Path) {
    check::print_summary(&computed.checked);
    say!("指标：{} 个数字", computed.figures.len());
    if !computed.checked.definition.diagnoses.is_empty() {
        let units: BTreeSet<&str> =
            computed.problems.iter().map(|p| p.unit_code.as_str()).collect();
        say!("诊断：{} 条问题，涉及 {} 个单位", computed.problems.len(), units.len());
    }
    say!("报告（{}）：{}", computed.stage.title(), folder.display());
    for name in report.files.keys().filter(|name| !name.contains('/')) {
        say!("  {name}");
    }
    for folder in ["charts", "audit"] {
        let prefix = format!("{folder}/");
        let count = report.files.keys().filter(|name| name.starts_with(&prefix)).count();
        say!("  {folder}/（{count} 个文件）");
    }
}

/// Charts and sentences that are not there.
fn tell_left_out(report: &Report) {
    if !report.undrawn.is_empty() {
        let undrawn = &report.undrawn;
        let titles: Vec<&str> = undrawn.iter().map(|(title, _)| title.as_str()).collect();
        tell!(
            "提示：有 {} 幅图看不出什么，没有画，原因见目录：{}",
            undrawn.len(),
            titles.join("、")
        );
    }
    let omitted = &report.omitted;
    if !omitted.is_empty() {
        let reasons: Vec<String> = omitted.iter().map(ToString::to_string).collect();
        tell!("提示：通报有 {} 句因缺数没有写：{}", omitted.len(), reasons.join("；"));
    }
}

/// Units that report themselves, and whose reports the page links to, though they do not stand there.
fn tell_of_absent_reports(computed: &Computed, out: &Path) {
    let (units, folder) =
        (&computed.checked.definition.units, &computed.checked.folder.to_string());
    let of = |code: &str| out.join(code).join(folder);
    let levels = units.rows().filter(|(row, _)| units.is_level(*row));
    let absent: Vec<&str> = levels
        .filter(|(_, unit)| !of(&unit.code).join("report.html").is_file())
        .map(|(_, unit)| unit.name.as_str())
        .collect();
    if !absent.is_empty() {
        tell!(
            "提示：下级自己的报告不在旁边，网页里打不开：{}；把它的报告放在 {}，或用 run --at 单位 --out {} 作一份",
            absent.join("、"),
            of("代码").display(),
            out.join("代码").display()
        );
    }
}

/// The report and how final it is: as a draft; or as it was made final, if that is what it still is; or as a revision of it.
pub(super) fn rendered(
    mut computed: Computed,
    record: Option<&FinalRecord>,
) -> anyhow::Result<(Computed, Report)> {
    let Some(record) = record else {
        let report = pipeline::render(&computed)?;
        return Ok((computed, report));
    };
    computed.stage = record.stage();
    let report = pipeline::render(&computed)?;
    let manifest = report.files.get(MANIFEST).map(|bytes| sha256(bytes));
    if manifest.as_ref() == Some(&record.manifest) {
        return Ok((computed, report));
    }
    computed.stage = Stage::Revised { edition: record.edition };
    let report = pipeline::render(&computed)?;
    Ok((computed, report))
}

/// So many figures that moved are said; all stand in the table.
const MOVED_SHOWN: usize = 10;

fn write_revisions(out: &Path, computed: &Computed, revised: Revised) -> anyhow::Result<()> {
    let below = Path::new(&computed.checked.folder.to_string()).join(WORKING_PAPERS);
    let name = "修订表.xlsx";
    working::renew(out, &below, &BTreeMap::from([(name.to_owned(), revised.table)]))?;
    let all = revised.revisions.len();
    say!("与定稿比较：{all} 个数字有变动，见 {}", out.join(below).join(name).display());
    for Revision { figure, published, now, why, .. } in revised.revisions.iter().take(MOVED_SHOWN) {
        let [published, now] =
            [published, now].map(|v| if v.is_empty() { "—" } else { v.as_str() });
        say!("  {figure}：{published} → {now}（{why}）");
    }
    if all > MOVED_SHOWN {
        say!("  …… 其余 {} 个见修订表", all - MOVED_SHOWN);
    }
    Ok(())
}
