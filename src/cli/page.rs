//! `dangtong page`: what each unit is sent of the report, a page of its own without the others.

use std::path::Path;

use super::arguments::UnitOptions;
use super::{prepare, run, terminal};
use crate::audit::{FINAL, WORKING_PAPERS};
use crate::month::freeze::FinalRecord;
use crate::pipeline;
use crate::publish::{SetAside, apart, working};

pub(super) fn write(options: &UnitOptions) -> anyhow::Result<u8> {
    let prepared = prepare(&options.source)?;
    apart(&options.reports.out, &prepared.returns)?;
    let folder = prepared.folder.clone();
    let record = FinalRecord::read(&options.reports.out.join(folder.to_string()).join(FINAL))?;
    let pages = terminal::progress("正在计算和排版", || {
        let computed = pipeline::compute(prepared)?;
        // Only the whole report tells whether it still is what was made final.
        let computed = match &record {
            Some(_) => run::rendered(computed, record.as_ref())?.0,
            None => computed,
        };
        pipeline::unit_pages(&computed, options.unit.as_deref())
    })?;
    let below = Path::new(&folder.to_string()).join(WORKING_PAPERS).join("单位页");
    if options.unit.is_none() {
        for name in working::retire(&options.reports.out, &below, &pages)? {
            tell!("提示：{name} 的单位本期没有报表和数字，已删去");
        }
    }
    if pages.is_empty() {
        say!("{} 没有可以写成单位页的报表和数字", folder.title());
        return Ok(0);
    }
    let set_aside = working::renew(&options.reports.out, &below, &pages)?;
    say!("单位页：{}", options.reports.out.join(&below).display());
    for name in pages.keys() {
        say!("  {name}");
    }
    for SetAside { name, backup } in &set_aside {
        tell!("提示：{name} 写出以后被改动过，改动过的已另存为 {backup}");
    }
    say!("下一步：各发各的单位；每个网页只有这个单位自己的内容，不联网，用浏览器打开");
    Ok(0)
}
