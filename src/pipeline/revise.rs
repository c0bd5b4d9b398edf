//! A report that was made final, held against what is computed now: 修订表.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::Checked;
use super::compare::{ComparedReport, Moved, ReportComparison, compare, outline};
use crate::audit;
use crate::report::{Revision, revisions};

/// What changed since the final edition.
#[derive(Debug)]
pub struct Revised {
    pub revisions: Vec<Revision>,
    /// 修订表.xlsx
    pub table: Vec<u8>,
}

/// Compares the copy of the final edition with the report that has just taken its place.
pub fn revise(
    checked: &Checked,
    edition: u32,
    copy: &Path,
    report: &Path,
    sources: (PathBuf, PathBuf),
    reader: &Path,
) -> anyhow::Result<Revised> {
    let (returns, pipeline) = sources;
    let side = |report: &Path| ComparedReport {
        report: report.to_path_buf(),
        returns: returns.clone(),
        pipeline: pipeline.clone(),
    };
    // What was published is what the copy says only if it is as it was written.
    audit::untouched(copy, &audit::read_manifest(copy)?)
        .with_context(|| format!("定稿的存本 {} 被改动过，请从备份恢复", copy.display()))?;
    // How much each cause did is computed from the very files of the final edition; without them
    // the manifests still say what changed.
    let (comparison, why_not) = match compare(&side(copy), &side(report), reader) {
        Ok(comparison) => (comparison, None),
        Err(error) => (outline(copy, report)?, Some(error)),
    };
    let mut notes = files_changed(&comparison);
    notes.extend(
        why_not
            .map(|error| format!("定稿时所用的文件已不全，有几种原因的，分不出各占多少：{error}")),
    );
    let rows: Vec<Revision> = comparison.moved.iter().map(revision).collect();
    let table = revisions(&checked.definition, &checked.folder, edition, &rows, &notes)?;
    Ok(Revised { revisions: rows, table })
}

fn files_changed(comparison: &ReportComparison) -> Vec<String> {
    let line = |what: &str, files: &[String]| {
        (!files.is_empty()).then(|| format!("{what}：{}。", files.join("、")))
    };
    [
        line("更正、替换、撤回的文件", &comparison.corrected),
        line("补报的文件", &comparison.late),
        line("改动的定义", &comparison.definitions),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn revision(moved: &Moved) -> Revision {
    let text = |value: &Option<String>| match value {
        Some(value) => format!("{value}{}", moved.measure),
        None => String::new(),
    };
    let by = moved.causes.iter().map(|by| match &by.difference {
        Some(difference) => format!("{} {difference}", by.cause.title()),
        None => by.cause.title().to_owned(),
    });
    Revision {
        figure: moved.title.clone(),
        published: text(&moved.from),
        now: text(&moved.to),
        difference: moved.difference.clone().unwrap_or_default(),
        why: by.collect::<Vec<_>>().join("；"),
    }
}
