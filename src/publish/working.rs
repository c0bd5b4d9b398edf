//! Working papers: files that the program renews in a folder in which people work too. What
//! somebody changed there is set aside under another name, and nothing else in it is touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::Context;

use super::{SetAside, backup_name, content, make_parent, sync, sync_folder};
use crate::model::sha256;

/// What was last written into the folder: name → SHA-256.
const RECORD: &str = ".dangtong.json";

/// Writes files into a folder below `root`, each in one step. Names hold no folders.
pub fn renew(
    root: &Path,
    below: &Path,
    files: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<Vec<SetAside>> {
    fs::create_dir_all(root).with_context(|| format!("不能建立 {}", root.display()))?;
    // Not while a report's folder is replaced, which these files move with.
    let _lock = fs::File::open(root).and_then(|root| root.lock().map(|()| root));
    renewed(&root.join(below), files)
}

/// Removes from a folder what the program once wrote there and writes no longer, unless somebody
/// changed it; gives the names.
pub fn retire(
    root: &Path,
    below: &Path,
    still: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<Vec<String>> {
    let folder = root.join(below);
    let mut ours = recorded(&folder);
    let gone: Vec<String> =
        ours.keys().filter(|name| !still.contains_key(*name)).cloned().collect();
    if gone.is_empty() {
        return Ok(gone);
    }
    let _lock = fs::File::open(root).and_then(|root| root.lock().map(|()| root));
    let mut removed = Vec::new();
    for name in gone {
        let path = folder.join(&name);
        let there = content(&path).map(|bytes| sha256(&bytes));
        if there.is_some() && there == ours.remove(&name) {
            let cannot = || format!("不能删去 {}，可能正在别的程序中打开", path.display());
            fs::remove_file(&path).with_context(cannot)?;
            removed.push(name);
        }
    }
    record(&folder, &ours)?;
    Ok(removed)
}

/// What was last written into a folder. Without a readable record nothing is known to be ours, and
/// whatever differs is kept.
fn recorded(folder: &Path) -> BTreeMap<String, String> {
    let bytes = fs::read(folder.join(RECORD)).ok();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

fn record(folder: &Path, ours: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let mut text = serde_json::to_vec_pretty(ours)?;
    text.push(b'\n');
    put(folder, RECORD, &text)?;
    sync_folder(folder);
    Ok(())
}

fn renewed(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Vec<SetAside>> {
    fs::create_dir_all(folder).with_context(|| format!("不能建立 {}", folder.display()))?;
    let mut ours = recorded(folder);
    let mut set_aside = Vec::new();
    for (name, bytes) in files {
        let path = folder.join(name);
        if fs::symlink_metadata(&path).is_ok() {
            let there = content(&path);
            if there.as_ref() == Some(bytes) {
                ours.insert(name.clone(), sha256(bytes));
                continue;
            }
            let digest = there.map(|bytes| sha256(&bytes));
            if digest.as_ref() != ours.get(name) || digest.is_none() {
                let backup = backup_name(name, |name| !folder.join(name).exists())?;
                fs::rename(&path, folder.join(&backup))
                    .with_context(|| format!("不能另存 {}", path.display()))?;
                set_aside.push(SetAside { name: name.clone(), backup });
            }
        }
        put(folder, name, bytes)?;
        ours.insert(name.clone(), sha256(bytes));
    }
    record(folder, &ours)?;
    Ok(set_aside)
}

/// Writes a folder of files, which may lie in folders, whole or not at all. What an interrupted
/// run left in its place is of no edition and goes.
pub fn store(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<()> {
    let partial = folder.with_extension("partial");
    for left in [&partial, folder] {
        if fs::symlink_metadata(left).is_ok() {
            fs::remove_dir_all(left).with_context(|| format!("不能清除 {}", left.display()))?;
        }
    }
    for (name, bytes) in files {
        let path = partial.join(name);
        make_parent(&path)?;
        fs::write(&path, bytes).with_context(|| format!("不能写入 {}", path.display()))?;
    }
    sync(&partial, files.keys())
        .and_then(|()| fs::rename(&partial, folder))
        .with_context(|| format!("不能写入 {}", folder.display()))
}

/// Puts one file in its place, whole or not at all.
pub fn put(folder: &Path, name: &str, bytes: &[u8]) -> anyhow::Result<()> {
    let partial = folder.join(format!(".{name}.partial"));
    let path = folder.join(name);
    let written = fs::write(&partial, bytes)
        .and_then(|()| fs::File::open(&partial)?.sync_all())
        .and_then(|()| fs::rename(&partial, &path));
    if written.is_err() {
        let _ = fs::remove_file(&partial);
    }
    written.with_context(|| format!("不能写入 {}，可能正在别的程序中打开", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_somebody_changed_is_set_aside_and_what_we_wrote_is_renewed() {
        let folder = tempfile::tempdir().unwrap();
        let files =
            |text: &str| BTreeMap::from([("台账.txt".to_owned(), text.as_bytes().to_vec())]);
        let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
        assert!(renewed(folder.path(), &files("一")).unwrap().is_empty());
        assert!(renewed(folder.path(), &files("二")).unwrap().is_empty());
        assert_eq!(read("台账.txt"), "二");
        fs::write(folder.path().join("台账.txt"), "批注").unwrap();
        let aside = renewed(folder.path(), &files("三")).unwrap();
        assert_eq!((aside.len(), aside[0].backup.as_str()), (1, "台账.txt.bak"));
        assert_eq!((read("台账.txt").as_str(), read("台账.txt.bak").as_str()), ("三", "批注"));
    }
}
