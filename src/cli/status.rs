//! `dangtong` alone, inside a workspace: what is in, what is missing, what to do next.

use std::path::Path;

use super::arguments::SourceOptions;
use super::{check, prepare, workspace};
use crate::audit::{FINAL, MANIFEST};
use crate::collect::hand_in_folders;
use crate::model::Period;
use crate::month::freeze::FinalRecord;
use crate::pipeline;

/// So many periods are listed; the latest matter.
const SHOWN: usize = 6;

pub(super) fn status() -> anyhow::Result<u8> {
    let source = SourceOptions::of_workspace();
    let definition = pipeline::load(&source.pipeline.folder)?;
    let settings = &definition.settings;
    say!("{}　{}", settings.county_name, settings.title);
    say!(
        "定义：单位 {} 个，工作项目 {} 项，报表 {} 张，审核 {} 条，指标 {} 个",
        definition.units.leaves().count(),
        definition.programmes.len(),
        definition.forms.len(),
        definition.checks.len(),
        definition.indicators.len()
    );
    let returns = workspace::place("returns");
    let folders =
        if returns.is_dir() { hand_in_folders(&returns, &definition)?.periods } else { Vec::new() };
    if folders.is_empty() {
        say!("收表：{} 里还没有以报告期命名的文件夹", returns.display());
        say!(
            "下一步：dangtong template --period <报告期> 印出表样发给各单位；收回的放进 {}",
            returns.join("<报告期>").display()
        );
        return Ok(0);
    }
    let reports = workspace::place("reports");
    for period in folders.iter().rev().take(SHOWN).rev() {
        say!("  {}　{}", period.title(), report_state(&reports, period)?);
    }
    let checked = pipeline::check(prepare(&source)?)?;
    check::print_units(&checked);
    check::print_summary(&checked);
    say!("下一步：{}", check::next_step(&checked, &returns));
    Ok(check::exit_code(&checked))
}

fn report_state(reports: &Path, period: &Period) -> anyhow::Result<&'static str> {
    let report = reports.join(period.to_string());
    Ok(if FinalRecord::read(&report.join(FINAL))?.is_some() {
        "已定稿"
    } else if report.join(MANIFEST).is_file() {
        "有报告（征求意见稿）"
    } else {
        "没有报告"
    })
}
