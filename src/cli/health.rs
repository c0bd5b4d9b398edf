//! `dangtong health`: what all periods say about the checks themselves (规则体检).

use super::arguments::HealthOptions;
use super::{prepare, terminal};
use crate::month::health::{CheckHealth, health};
use crate::pipeline;

pub(super) fn print(options: &HealthOptions) -> anyhow::Result<u8> {
    let checked = pipeline::check(prepare(&options.source)?)?;
    let odd = health(&checked.definition, &checked.validated);
    if options.json {
        let object = |check: &CheckHealth| {
            serde_json::json!({
                "code": check.code, "title": check.title, "oddity": check.oddity.title(),
                "folders": check.folders, "fired_in": check.fired_in, "failed": check.failed,
                "explained": check.explained, "not_evaluated": check.not_evaluated,
            })
        };
        terminal::json(&odd.iter().map(object).collect::<Vec<_>>())?;
        return Ok(0);
    }
    let all = checked.definition.checks.iter().filter(|check| check.is_collectable()).count();
    say!("规则体检，截至 {}：审核 {all} 条，值得一看的 {} 条", checked.folder.title(), odd.len());
    for group in odd.chunk_by(|a, b| a.oddity == b.oddity) {
        let Some(first) = group.first() else { continue };
        let oddity = first.oddity;
        say!("{}（{} 条）——{}", oddity.title(), group.len(), oddity.advice());
        for check in group {
            say!(
                "  {} {}：收到报表 {} 期，触发 {} 期；未通过 {} 项，已说明 {} 项，未评估 {} 项",
                check.code,
                check.title,
                check.folders,
                check.fired_in,
                check.failed,
                check.explained,
                check.not_evaluated
            );
        }
    }
    Ok(0)
}
