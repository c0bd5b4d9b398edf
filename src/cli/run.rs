//! `dangtong run`: the whole job.

use std::collections::BTreeSet;

use super::arguments::RunOptions;
use super::{check, prepare, terminal};
use crate::pipeline;
use crate::publish::{DraftReport, SetAside};

pub(super) fn run(options: &RunOptions) -> anyhow::Result<u8> {
    let prepared = prepare(&options.source)?;
    let draft = DraftReport::begin(&options.out, &prepared.folder.to_string(), &prepared.returns)?;
    let (computed, report) = terminal::progress("正在读取、计算和排版", || {
        let computed = pipeline::compute(prepared)?;
        let report = pipeline::render(&computed)?;
        anyhow::Ok((computed, report))
    })?;
    let published = draft.publish(&report.files)?;
    check::print_summary(&computed.checked);
    say!("指标：{} 个数字", computed.figures.len());
    if !computed.checked.definition.diagnoses.is_empty() {
        let units: BTreeSet<&str> =
            computed.problems.iter().map(|p| p.unit_code.as_str()).collect();
        say!("诊断：{} 条问题，涉及 {} 个单位", computed.problems.len(), units.len());
    }
    say!("报告：{}", published.folder.display());
    for name in report.files.keys().filter(|name| !name.contains('/')) {
        say!("  {name}");
    }
    for folder in ["charts", "audit"] {
        let prefix = format!("{folder}/");
        let count = report.files.keys().filter(|name| name.starts_with(&prefix)).count();
        say!("  {folder}/ ({count} 个文件)");
    }
    if let Err(error) = check::write_working_papers(&computed.checked, &options.out) {
        terminal::warning("收报材料没有写出", &error);
    }
    for SetAside { name, backup } in &published.set_aside {
        tell!("提示：{name} 写出以后被改动过，改动过的已另存为 {backup}");
    }
    if !published.kept.is_empty() {
        tell!("提示：报告目录中不是本程序写的文件原样保留：{}", published.kept.join("、"));
    }
    for title in &report.too_tall {
        tell!("提示：有一幅图行数太多，没有画，数字见表：{title}");
    }
    let omitted = &report.omitted;
    if !omitted.is_empty() {
        let reasons: Vec<String> = omitted.iter().map(ToString::to_string).collect();
        tell!("提示：通报有 {} 句因缺数没有写：{}", omitted.len(), reasons.join("；"));
    }
    Ok(check::exit_code(&computed.checked))
}
