//! `dangtong draft`: what the definition of a form might be, from the form itself.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;

use anyhow::Context;

use super::arguments::DraftOptions;
use super::{reader, terminal};
use crate::collect;

pub(super) fn draft(options: &DraftOptions) -> anyhow::Result<u8> {
    let file = &options.file;
    let bytes = std::fs::read(file).with_context(|| format!("{} 不能读取", file.display()))?;
    let name = file.file_name().unwrap_or(file.as_os_str()).to_string_lossy();
    let text = collect::draft(&reader()?, &name, &bytes)?;
    match &options.out {
        Some(out) => {
            put(out, &text)?;
            say!("草稿：{}", out.display());
            say!(
                "下一步：逐项核对，改好的放进 pipeline/programmes/，再用 dangtong list forms 检查"
            );
        }
        None => terminal::block(&text),
    }
    Ok(0)
}

/// Nothing that is there is written over.
fn put(out: &Path, text: &str) -> anyhow::Result<()> {
    let new = OpenOptions::new().write(true).create_new(true).open(out);
    let mut new =
        new.with_context(|| format!("{} 已存在或不能写入，请换一个 --out", out.display()))?;
    new.write_all(text.as_bytes()).with_context(|| format!("{} 不能写入", out.display()))
}
