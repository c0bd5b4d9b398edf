//! The report folder on disk: written beside its place, put there in one step, and never at the
//! cost of what a user put or changed in it.
//!
//! At every moment the target is a whole report or, on file systems that cannot exchange two
//! folders, beside its place under a name from which the next run puts it back.

pub mod working;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::audit;
use crate::handup::{HANDUP_MANIFEST, HandupManifest};
use crate::model::sha256;
use crate::system;

/// A report folder being written; dropped unfinished, it leaves nothing.
#[derive(Debug)]
pub struct DraftReport {
    out: PathBuf,
    name: String,
    partial: PathBuf,
}

/// A report in its place.
#[derive(Debug)]
pub struct Published {
    pub folder: PathBuf,
    /// Files that were in the folder and are not ours, relative to it; they stay.
    pub kept: Vec<String>,
    pub set_aside: Vec<SetAside>,
}

/// A file of ours that somebody changed.
#[derive(Debug)]
pub struct SetAside {
    pub name: String,
    /// What it is called now.
    pub backup: String,
}

impl DraftReport {
    /// Proves that the destination can be written, before any work, and holds no report of somebody
    /// else than `county`. `returns` is what the report is made from: neither folder may lie in the
    /// other.
    pub fn begin(out: &Path, name: &str, returns: &Path, county: &str) -> anyhow::Result<Self> {
        apart(out, returns)?;
        let cannot = || format!("输出目录 {} 不能写入", out.display());
        fs::create_dir_all(out).with_context(cannot)?;
        put_back(out, name);
        let target = out.join(name);
        if target.exists() && !target.join(audit::MANIFEST).is_file() {
            let beside =
                |entry: &fs::DirEntry| entry.file_name().to_str().is_some_and(audit::is_beside);
            let foreign = fs::read_dir(&target)
                .map_or(true, |mut all| all.any(|entry| !entry.is_ok_and(|e| beside(&e))));
            if foreign {
                bail!(
                    "{} 已存在，但不是 dangtong 的报告，不会覆盖。请换一个 --out 或移走它",
                    target.display()
                );
            }
        }
        let manifest = audit::read_manifest(&target).ok();
        let owner = manifest
            .map(|manifest| manifest.predicate.build_definition.external_parameters.county)
            .unwrap_or_default();
        if !owner.is_empty() && owner != county {
            bail!(
                "{} 是 {owner} 的报告，不会被 {county} 的覆盖。请换一个 --out，如 --out {}",
                target.display(),
                out.join(county).display()
            );
        }
        remove_abandoned(out, name);
        let partial = out.join(format!(".{name}.partial-{}", std::process::id()));
        fs::create_dir_all(&partial).with_context(cannot)?;
        Ok(Self { out: out.to_owned(), name: name.to_owned(), partial })
    }

    /// Writes all files, takes over what is the user's, and puts the folder in its place.
    pub fn publish(self, outputs: &BTreeMap<String, Vec<u8>>) -> anyhow::Result<Published> {
        let target = self.out.join(&self.name);
        for (name, bytes) in outputs {
            let path = self.partial.join(name);
            make_parent(&path)?;
            fs::write(&path, bytes).with_context(|| format!("不能写入 {}", path.display()))?;
        }
        // One report at a time: what is taken over must still be there when the folder is replaced.
        // Some network file systems know no locks; two runs at once are rare enough there.
        let lock = File::open(&self.out).and_then(|out| out.lock().map(|()| out));
        let (kept, set_aside) = take_over(&target, &self.partial, outputs)
            .with_context(|| format!("不能保留 {} 里的文件", target.display()))?;
        sync(&self.partial, outputs.keys())
            .with_context(|| format!("不能写入 {}", self.partial.display()))?;
        put_in_place(&self.partial, &target, &aside(&self.out, &self.name))
            .with_context(|| format!("不能把报告放到 {}", target.display()))?;
        sync_folder(&self.out);
        drop(lock);
        Ok(Published { folder: target, kept, set_aside })
    }
}

/// Puts what is handed up in its place in one step. The folder is all ours: what somebody added to it
/// or changed in it would go up unseen, so it is refused.
pub fn hand_up(
    out: &Path,
    name: &str,
    returns: &Path,
    files: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<PathBuf> {
    apart(out, returns)?;
    let cannot = || format!("上交目录 {} 不能写入", out.display());
    fs::create_dir_all(out).with_context(cannot)?;
    put_back(out, name);
    remove_abandoned(out, name);
    let target = out.join(name);
    if let Some(foreign) = foreign(&target) {
        bail!(
            "{} 里的 {foreign} 不是上次上交的数据，不会覆盖。请换一个 --facts 或移走它",
            target.display()
        );
    }
    let name = name.to_owned();
    let partial = out.join(format!(".{name}.partial-{}", std::process::id()));
    fs::create_dir_all(&partial).with_context(cannot)?;
    let draft = DraftReport { out: out.to_owned(), name, partial };
    for (name, bytes) in files {
        let path = draft.partial.join(name);
        make_parent(&path)?;
        fs::write(&path, bytes).with_context(|| format!("不能写入 {}", path.display()))?;
    }
    sync(&draft.partial, files.keys())?;
    put_in_place(&draft.partial, &target, &aside(out, &draft.name))
        .with_context(|| format!("不能把数据放到 {}", target.display()))?;
    sync_folder(out);
    Ok(target)
}

/// The name of a file that no earlier hand-up of ours wrote.
fn foreign(target: &Path) -> Option<String> {
    let mut ours = BTreeSet::from([HANDUP_MANIFEST.to_owned()]);
    if let Ok(bytes) = fs::read(target.join(HANDUP_MANIFEST))
        && let Ok(manifest) = serde_json::from_slice::<HandupManifest>(&bytes)
    {
        ours.extend(manifest.files.into_iter().map(|file| file.path));
    }
    let mut open = vec![target.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                open.push(path);
                continue;
            }
            let name = path.strip_prefix(target).unwrap_or(&path).to_string_lossy().into_owned();
            if !ours.contains(&name) {
                return Some(name);
            }
        }
    }
    None
}

impl Drop for DraftReport {
    fn drop(&mut self) {
        // After a publish this is the report that was replaced; otherwise an unfinished one.
        let _ = fs::remove_dir_all(&self.partial);
    }
}

/// Refuses to write where is read: a report among the returns would be read as returns.
pub fn apart(out: &Path, returns: &Path) -> anyhow::Result<()> {
    if lies_in(out, returns)? || lies_in(returns, out)? {
        bail!(
            "输出目录 {} 与收表目录 {} 一个在另一个之内。写出的文件不能放在收表目录里，也不能包住它，请换一个 --out",
            out.display(),
            returns.display()
        );
    }
    Ok(())
}

/// Is a place, which need not be there yet, the folder or inside it?
pub fn lies_in(place: &Path, folder: &Path) -> anyhow::Result<bool> {
    Ok(real(place)?.starts_with(real(folder)?))
}

/// The path without links, also of a folder that is not there yet.
fn real(path: &Path) -> anyhow::Result<PathBuf> {
    let absolute =
        std::path::absolute(path).with_context(|| format!("不能确定 {} 在哪里", path.display()))?;
    let there = absolute.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(&absolute);
    let rest = absolute.strip_prefix(there).unwrap_or(Path::new(""));
    Ok(there.canonicalize().unwrap_or_else(|_| there.to_owned()).join(rest))
}

fn make_parent(path: &Path) -> anyhow::Result<()> {
    let Some(parent) = path.parent() else { return Ok(()) };
    fs::create_dir_all(parent).with_context(|| format!("不能建立 {}", parent.display()))
}

/// Puts the user's files of the old report, and ours that were changed, beside the new files.
fn take_over(
    old: &Path,
    new: &Path,
    outputs: &BTreeMap<String, Vec<u8>>,
) -> anyhow::Result<(Vec<String>, Vec<SetAside>)> {
    let ours: BTreeMap<String, String> = match audit::read_manifest(old) {
        Ok(manifest) => manifest.subject.into_iter().map(|s| (s.name, s.digest.sha256)).collect(),
        Err(_) => BTreeMap::new(),
    };
    let (mut kept, mut set_aside) = (Vec::new(), Vec::new());
    for name in entries(old, old)? {
        let Some(text) = name.to_str().map(|text| text.replace('\\', "/")) else {
            bail!("{} 的名称不是 UTF-8，请先移走", name.display());
        };
        let path = old.join(&name);
        if text == audit::MANIFEST {
            continue;
        }
        if outputs.contains_key(&text) || ours.contains_key(&text) {
            let bytes = content(&path);
            let same = |digest: &String| bytes.as_ref().is_some_and(|b| sha256(b) == *digest);
            if outputs.get(&text) == bytes.as_ref() || ours.get(&text).is_some_and(same) {
                continue;
            }
            let free = |name: &str| !new.join(name).exists() && !old.join(name).exists();
            let backup = backup_name(&text, free)?;
            carry(&path, &new.join(&backup))?;
            set_aside.push(SetAside { name: text, backup });
        } else {
            carry(&path, &new.join(&name))?;
            if !audit::is_beside(&text) {
                kept.push(text);
            }
        }
    }
    Ok((kept, set_aside))
}

/// A name under which a changed file of ours can be kept.
fn backup_name(name: &str, is_free: impl Fn(&str) -> bool) -> anyhow::Result<String> {
    let names = (1..).map(|n| match n {
        1 => format!("{name}.bak"),
        n => format!("{name}.bak{n}"),
    });
    let free = names.take(10_000).find(|name| is_free(name));
    free.with_context(|| format!("{name} 的旧本太多，请先移走"))
}

/// `None`: not a plain file, or not readable; then it is not known to be as we wrote it.
fn content(path: &Path) -> Option<Vec<u8>> {
    fs::symlink_metadata(path).ok().filter(fs::Metadata::is_file)?;
    fs::read(path).ok()
}

/// All that is no folder below one, and folders without anything in them; sorted.
fn entries(root: &Path, folder: &Path) -> io::Result<Vec<PathBuf>> {
    let listed = match fs::read_dir(folder) {
        Ok(listed) => listed,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let mut found = Vec::new();
    for entry in listed {
        let entry = entry?;
        let path = entry.path();
        let below = if entry.file_type()?.is_dir() { entries(root, &path)? } else { Vec::new() };
        match below.is_empty() {
            true => found.extend(path.strip_prefix(root).map(Path::to_owned)),
            false => found.extend(below),
        }
    }
    found.sort();
    Ok(found)
}

/// The same file under another name; a copy where there are no hard links.
fn carry(from: &Path, to: &Path) -> anyhow::Result<()> {
    make_parent(to)?;
    let kind = fs::symlink_metadata(from)?.file_type();
    if kind.is_dir() {
        return Ok(fs::create_dir_all(to)?);
    }
    if fs::hard_link(from, to).is_ok() {
        return Ok(());
    }
    if !kind.is_file() {
        bail!("{} 不是普通文件，请先移走", from.display());
    }
    fs::copy(from, to).map(drop).with_context(|| format!("不能另存 {}", from.display()))
}

/// What is written is on the disk before anything is replaced by it.
fn sync<'a>(folder: &Path, names: impl Iterator<Item = &'a String>) -> io::Result<()> {
    let mut folders = BTreeSet::from([folder.to_owned()]);
    for name in names {
        let path = folder.join(name);
        File::open(&path)?.sync_all()?;
        folders.extend(path.parent().map(Path::to_owned));
    }
    for folder in folders {
        sync_folder(&folder);
    }
    Ok(())
}

/// Not every file system can, and what it holds is there all the same.
fn sync_folder(folder: &Path) {
    let _ = File::open(folder).and_then(|folder| folder.sync_all());
}

/// Where the old report stands while it is replaced, if two folders cannot be exchanged.
fn aside(out: &Path, name: &str) -> PathBuf {
    out.join(format!(".{name}.replaced"))
}

fn put_in_place(partial: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    if !target.exists() {
        return fs::rename(partial, target);
    }
    if system::exchange(partial, target)? {
        return Ok(());
    }
    rename_twice(partial, target, aside)
}

/// For file systems without exchange: between the renames the old report is aside (`put_back`).
fn rename_twice(partial: &Path, target: &Path, aside: &Path) -> io::Result<()> {
    fs::rename(target, aside)?;
    if let Err(error) = fs::rename(partial, target) {
        fs::rename(aside, target)?;
        return Err(error);
    }
    fs::remove_dir_all(aside)
}

/// Mends what a run left that was stopped between the two renames, or just after them.
fn put_back(out: &Path, name: &str) {
    let (target, aside) = (out.join(name), aside(out, name));
    if !aside.exists() {
        return;
    }
    let _ = match target.exists() {
        true => fs::remove_dir_all(&aside),
        false => fs::rename(&aside, &target),
    };
}

/// Removes partial folders whose writer no longer runs (it was killed).
fn remove_abandoned(out: &Path, name: &str) {
    let prefix = format!(".{name}.partial-");
    let Ok(entries) = fs::read_dir(out) else { return };
    for entry in entries.flatten() {
        let file_name = entry.file_name();
        let Some(rest) = file_name.to_str().and_then(|n| n.strip_prefix(&prefix)) else { continue };
        let running = rest.parse().is_ok_and(system::is_running);
        if !running {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folders {
        out: tempfile::TempDir,
    }

    impl Folders {
        /// An old report in its place and a new one beside it.
        fn new() -> Self {
            let out = tempfile::tempdir().unwrap();
            for (folder, text) in [("2013-10", "old"), (".2013-10.partial-1", "new")] {
                fs::create_dir(out.path().join(folder)).unwrap();
                fs::write(out.path().join(folder).join("report"), text).unwrap();
            }
            Self { out }
        }

        fn path(&self, name: &str) -> PathBuf {
            self.out.path().join(name)
        }

        /// What is in the folder, and the report in it.
        fn state(&self) -> (Vec<String>, String) {
            let listed = fs::read_dir(self.out.path()).unwrap();
            let mut names: Vec<String> =
                listed.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            (names, fs::read_to_string(self.path("2013-10/report")).unwrap_or_default())
        }
    }

    #[test]
    fn without_exchange_two_renames_do_the_same() {
        let folders = Folders::new();
        let aside = super::aside(folders.out.path(), "2013-10");
        rename_twice(&folders.path(".2013-10.partial-1"), &folders.path("2013-10"), &aside)
            .unwrap();
        assert_eq!(folders.state(), (vec!["2013-10".to_owned()], "new".to_owned()));
    }

    #[test]
    fn a_run_killed_between_the_renames_is_mended_by_the_next() {
        // After the first rename.
        let folders = Folders::new();
        let aside = super::aside(folders.out.path(), "2013-10");
        fs::rename(folders.path("2013-10"), &aside).unwrap();
        put_back(folders.out.path(), "2013-10");
        assert_eq!(folders.state().1, "old");
        // After the second.
        let folders = Folders::new();
        let aside = super::aside(folders.out.path(), "2013-10");
        fs::rename(folders.path("2013-10"), &aside).unwrap();
        fs::rename(folders.path(".2013-10.partial-1"), folders.path("2013-10")).unwrap();
        put_back(folders.out.path(), "2013-10");
        assert_eq!(folders.state(), (vec!["2013-10".to_owned()], "new".to_owned()));
    }

    #[test]
    fn a_second_rename_that_fails_leaves_the_old_report() {
        let folders = Folders::new();
        let aside = super::aside(folders.out.path(), "2013-10");
        let missing = folders.path("not-there");
        assert!(rename_twice(&missing, &folders.path("2013-10"), &aside).is_err());
        assert_eq!(folders.state().1, "old");
    }
}
