//! `dangtong slips`: what goes back to the units, in workbooks in which they see and explain it.

use std::path::Path;

use super::arguments::UnitOptions;
use super::{prepare, reader};
use crate::audit::WORKING_PAPERS;
use crate::pipeline::{self, slips::slips};
use crate::publish::{SetAside, apart, working};

pub(super) fn write(options: &UnitOptions) -> anyhow::Result<u8> {
    let prepared = prepare(&options.source)?;
    apart(&options.reports.out, &prepared.returns)?;
    let returns = prepared.returns.clone();
    let checked = pipeline::check(prepared)?;
    let made = slips(&checked, &returns, &reader()?, options.unit.as_deref())?;
    for left_out in &made.left_out {
        tell!("提示：没有退回单：{left_out}");
    }
    let below = Path::new(&checked.folder.to_string()).join(WORKING_PAPERS).join("退回单");
    if options.unit.is_none() {
        for name in working::retire(&options.reports.out, &below, &made.files)? {
            tell!("提示：{name} 的问题都已解决，已删去");
        }
    }
    if made.files.is_empty() {
        say!("{} 没有要退回的报表", checked.folder.title());
        return Ok(0);
    }
    let set_aside = working::renew(&options.reports.out, &below, &made.files)?;
    say!("退回单：{}", options.reports.out.join(&below).display());
    for (name, findings) in &made.findings {
        say!("  {name}（{findings} 项）");
    }
    for SetAside { name, backup } in &set_aside {
        tell!("提示：{name} 写出以后被改动过，改动过的已另存为 {backup}");
    }
    say!(
        "下一步：发给各单位；改正的报表（强制）和填了“说明”的退回单（核实）收回后放进 {}，运行 dangtong check --period {}",
        returns.join(checked.folder.to_string()).display(),
        checked.folder
    );
    Ok(0)
}
