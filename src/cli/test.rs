//! `dangtong test`: the checks on a county's own good and bad rows.

use std::path::{Path, PathBuf};

use anyhow::Context;

use super::arguments::TestOptions;
use super::{reader, terminal};
use crate::definition::load_cases;
use crate::pipeline::rehearse::rehearse;
use crate::pipeline::{self, DefinitionProblems};

/// 1 when an example did not do what it should.
pub(super) fn test(options: &TestOptions) -> anyhow::Result<u8> {
    let definition = pipeline::load(&options.pipeline.folder)?;
    let cases = load_cases(&options.pipeline.folder, &definition).map_err(DefinitionProblems)?;
    if cases.is_empty() {
        anyhow::bail!(
            "{} 里没有例子。写法见 dangtong init 建的 pipeline/tests/branch.toml",
            options.pipeline.folder.join("tests").display()
        );
    }
    let scratch = Scratch::new()?;
    let reader = reader()?;
    let rehearsal = terminal::progress("正在逐条试审核", || {
        rehearse(&definition, &cases, &reader, &scratch.0)
    })?;
    for failure in &rehearsal.failures {
        say!("{}:{}: {}  {}", failure.file, failure.line, failure.check, failure.message);
    }
    let wrong = rehearsal.failures.len();
    say!(
        "试了 {} 个例子，{} 个如预期，{wrong} 个不如预期",
        rehearsal.examples,
        rehearsal.examples - wrong
    );
    for (what, codes) in [("应通过", &rehearsal.without_good), ("应指出", &rehearsal.without_bad)]
    {
        if !codes.is_empty() {
            say!("还没有{what}的例子：{}", codes.join("、"));
        }
    }
    Ok(u8::from(wrong > 0))
}

/// A folder for the returns of the examples, gone when the job is over.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let name = format!("dangtong-test-{}", std::process::id());
        let folder: &Path = &std::env::temp_dir().join(name);
        std::fs::create_dir(folder)
            .with_context(|| format!("临时文件夹 {} 不能建立", folder.display()))?;
        Ok(Self(folder.to_path_buf()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed harms nobody: no later run uses it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
