//! `dangtong init`: a workspace that runs at once, to be made one's own line by line.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use super::arguments::InitOptions;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        &[$(($name, include_str!(concat!("../../assets/workspace/", $name)))),*]
    };
}

/// What is written. Empty folders come with what goes into them.
const FILES: &[(&str, &str)] = files![
    "README.md",
    "pipeline/pipeline.toml",
    "pipeline/codelists.toml",
    "pipeline/circular.toml",
    "pipeline/holidays.csv",
    "pipeline/programmes/branch.toml",
    "pipeline/tests/branch.toml",
    "pipeline/registers/unit.csv",
    "pipeline/registers/说明.md",
    "returns/2026-01/城关镇.csv",
    "returns/2026-01/东川乡.csv",
    "returns/2026-01/南岭乡.csv",
    "returns/2026-01/县直机关工委.csv",
    "returns/2026-01/收件.csv",
    "returns/2026-02/城关镇.csv",
    "returns/2026-02/东川乡.csv",
    "returns/2026-02/县直机关工委.csv",
    "returns/2026-02/收件.csv",
];

/// How the county is called in the files until it has a name.
const COUNTY: &str = "示例县";

pub(super) fn init(options: &InitOptions) -> anyhow::Result<u8> {
    let folder = &options.folder;
    let county = options.county.trim();
    if county.is_empty() || county.contains(|c: char| c.is_control() || "\"\\;,".contains(c)) {
        bail!("--county 写县名，如 青河县；不能空着，不能有引号、逗号、分号");
    }
    refuse_used(folder)?;
    for (name, text) in FILES {
        let path = folder.join(name);
        let cannot = || format!("{} 不能写入", path.display());
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).with_context(cannot)?;
        }
        fs::write(&path, text.replace(COUNTY, county)).with_context(cannot)?;
    }
    say!("工作文件夹：{}", folder.display());
    for (name, what) in [
        ("README.md", "先看这个"),
        ("pipeline/", "本县的定义：单位名录、报表、审核、指标、图、通报，每行有说明"),
        ("returns/", "收到的报表，一个月一个文件夹；现在里面是示例"),
    ] {
        say!("  {name}  {what}");
    }
    say!("下一步：cd {}，再运行 dangtong", folder.display());
    Ok(0)
}

/// Nothing that is there is ever written over.
fn refuse_used(folder: &Path) -> anyhow::Result<()> {
    match fs::read_dir(folder) {
        Ok(mut entries) => match entries.next() {
            Some(_) => bail!("{} 里已有文件，没有改动。请换一个新的文件夹名", folder.display()),
            None => Ok(()),
        },
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) => Err(error).with_context(|| format!("{} 不能使用", folder.display())),
    }
}
