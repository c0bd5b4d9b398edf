//! `dangtong freeze`: makes a report final.

use std::path::Path;

use anyhow::{Context, bail, ensure};

use super::arguments::{FreezeOptions, SourceOptions};
use super::{prepare, terminal};
use crate::audit::{self, FINAL, MANIFEST, Manifest};
use crate::model::{Exception, Stage, sha256};
use crate::month::freeze::{FinalRecord, RECORD, excused, obstacles};
use crate::pipeline::{self, Checked, Report};
use crate::publish::{DraftReport, working};

pub(super) fn freeze(options: &FreezeOptions) -> anyhow::Result<u8> {
    if let Some(other) = options.source.period.as_ref().filter(|other| **other != options.of) {
        bail!("要定稿的是 {} 还是 {other}？报告期只写一次，不用 --period", options.of);
    }
    let source = SourceOptions { period: Some(options.of.clone()), ..options.source.clone() };
    let prepared = prepare(&source)?;
    let folder = prepared.folder.clone();
    let report = options.reports.out.join(folder.to_string());
    let finals = report.join(FINAL);
    let manifest = audit::read_manifest(&report)
        .with_context(|| format!("还没有报告可以定稿，请先运行 dangtong run --period {folder}"))?;
    let stage = &manifest.predicate.build_definition.external_parameters.stage;
    if let Stage::Final { .. } = stage {
        bail!(
            "{} 的报告已经是{}。有更正、补报的，先用 dangtong run --period {folder} 出修订稿，再定稿",
            folder.title(),
            stage.title()
        );
    }
    let edition = FinalRecord::read(&finals)?.map_or(1, |record| record.edition + 1);
    let (name, county) = (folder.to_string(), prepared.county());
    let draft = DraftReport::begin(&options.reports.out, &name, &prepared.returns, county)?;
    let (mut computed, now) = terminal::progress("正在核对报告", || {
        let mut computed = pipeline::compute(prepared)?;
        computed.stage = stage.clone();
        let now = pipeline::render(&computed)?;
        anyhow::Ok((computed, now))
    })?;
    let checked = &computed.checked;
    refuse_moved(&report, &manifest, checked, &now)?;
    let open = obstacles(&checked.definition, &checked.validated, &folder);
    let exceptions = excused(&checked.definition, &open, &options.except, &options.why)?;
    computed.stage = Stage::Final { edition, exceptions: exceptions.clone() };
    let outputs = pipeline::render(&computed)?.files;
    let digest = outputs.get(MANIFEST).map(|bytes| sha256(bytes)).unwrap_or_default();
    let record = FinalRecord {
        schema: 1,
        period: folder.to_string(),
        edition,
        manifest: digest,
        exceptions,
    };
    // The record comes before the report: if it ends here, the next run finds the report final.
    working::store(&record.copy(&finals), &outputs)?;
    working::put(&finals, RECORD, &record.to_json()?)?;
    let published = draft.publish(&outputs)?;
    say!("{} 已{}：{}", folder.title(), computed.stage.title(), published.folder.display());
    for words in Exception::in_words(&record.exceptions) {
        say!("  例外：{words}");
    }
    say!("存本：{}", record.copy(&finals).display());
    say!("以后再运行 dangtong run --period {folder}，与定稿不同的，出修订稿和修订表");
    Ok(0)
}

/// Only what somebody has looked at becomes final: the report as it stands.
fn refuse_moved(
    report: &Path,
    manifest: &Manifest,
    checked: &Checked,
    now: &Report,
) -> anyhow::Result<()> {
    let recomputed = audit::Recomputed { reviewed: checked.reviewed(), outputs: &now.files };
    let verdict = audit::verify(report, manifest, &recomputed)?;
    ensure!(
        verdict.exit_code() == 0,
        "{} 与现在的报表、定义或程序不一致（{} 处，用 dangtong audit verify 查看），请重新运行 dangtong run --period {}，看过以后再定稿",
        report.display(),
        verdict.differences.len(),
        checked.folder
    );
    Ok(())
}
