//! `dangtong fmt`: lays definition files out in the common style.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use super::arguments::FmtOptions;
use crate::definition;

pub(super) fn fmt(options: &FmtOptions) -> anyhow::Result<u8> {
    let files = files(&options.pipeline.folder)?;
    let mut others = 0;
    for path in &files {
        let shown = path.display();
        let text = std::fs::read_to_string(path).with_context(|| format!("不能读取 {shown}"))?;
        let laid_out = match definition::formatted(&text) {
            Ok(laid_out) => laid_out,
            Err(why) => {
                bail!("{shown} 没有整理：{why}；请先运行 dangtong list forms 查看定义的错误")
            }
        };
        if laid_out == text {
            continue;
        }
        others += 1;
        if options.check {
            say!("{shown} 不是统一的写法");
        } else {
            std::fs::write(path, laid_out).with_context(|| format!("不能写入 {shown}"))?;
            say!("{shown} 已整理");
        }
    }
    if others == 0 {
        say!("{} 个文件都是统一的写法", files.len());
    }
    Ok(u8::from(options.check && others > 0))
}

/// The programmes of a pipeline, in the order of their names.
fn files(pipeline: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let folder = pipeline.join("programmes");
    let entries = std::fs::read_dir(&folder)
        .with_context(|| format!("{} 读不出来，请用 --pipeline 指明管线目录", folder.display()))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
