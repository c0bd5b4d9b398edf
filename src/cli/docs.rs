//! `dangtong docs`: writes the reference pages of a pipeline, and the schemas of definition files.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, ensure};

use super::arguments::DocsOptions;
use crate::definition::{self, GENERATED};
use crate::pipeline;

pub(super) fn docs(options: &DocsOptions) -> anyhow::Result<u8> {
    let definition = pipeline::load(&options.pipeline.folder)?;
    let refused = definition::dry_run(&definition);
    ensure!(refused.is_empty(), "程序内部错误：\n  {}", refused.join("\n  "));
    let mut pages = definition::reference(&definition);
    pages.extend(definition::schemas());
    for (name, text) in &pages {
        let path = options.out.join(name);
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("不能建立 {}", folder.display()))?;
        }
        std::fs::write(&path, text).with_context(|| format!("不能写入 {}", path.display()))?;
        say!("{}", path.display());
    }
    let folder = format!("programmes/{}", definition.settings.id);
    remove_stale(&options.out, &folder, &pages)?;
    Ok(0)
}

/// Removes our own pages of programmes that are no longer defined.
fn remove_stale(out: &Path, folder: &str, pages: &BTreeMap<String, String>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(out.join(folder))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        if pages.contains_key(&format!("{folder}/{name}")) || !name.ends_with(".md") {
            continue;
        }
        if std::fs::read_to_string(&path).is_ok_and(|text| text.starts_with(GENERATED)) {
            std::fs::remove_file(&path).with_context(|| format!("不能删除 {}", path.display()))?;
            say!("已删除 {}", path.display());
        }
    }
    Ok(())
}
