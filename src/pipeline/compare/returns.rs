//! The returns of two reports: found again by content, told apart as corrected or late, and laid
//! out in a folder for each state that is computed between the two.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};

use crate::audit::{Dependency, Manifest};
use crate::model::{Period, arrivals, sha256};

/// Deeper folders are not searched; collecting does not read them either.
const DEPTH: usize = 9;

/// Files of a report's returns: path below the returns root → where it stands, and what the
/// manifest says of it.
#[derive(Debug, Clone, Default)]
pub(super) struct Located {
    files: BTreeMap<String, (PathBuf, Dependency)>,
    /// The hand-in folders that the report read.
    folders: BTreeSet<String>,
}

/// From the old returns to the new ones.
pub(super) struct Changes {
    /// Names of the files, as reports print them.
    pub corrected: Vec<String>,
    pub late: Vec<String>,
    /// The old returns with what was corrected, without what came late.
    pub with_corrected: Located,
}

impl Located {
    /// Finds every file that a manifest names, by its content. What stands beside was not read.
    pub(super) fn find(root: &Path, manifest: &Manifest, option: &str) -> anyhow::Result<Self> {
        let definition = &manifest.predicate.build_definition;
        let returns = |d: &&Dependency| d.name.starts_with("returns/");
        let mut missing: BTreeMap<(String, u64), Vec<&Dependency>> = BTreeMap::new();
        for dependency in definition.resolved_dependencies.iter().filter(returns) {
            let key = (dependency.digest.sha256.clone(), dependency.annotations.size);
            missing.entry(key).or_default().push(dependency);
        }
        let sizes: BTreeSet<u64> = missing.keys().map(|(_, size)| *size).collect();
        let folders = &definition.external_parameters.folders;
        let named: BTreeMap<String, u64> = missing
            .values()
            .flatten()
            .map(|d| (printed(d).to_owned(), d.annotations.size))
            .collect();
        let mut located = Self { folders: folders.iter().cloned().collect(), ..Self::default() };
        for folder in folders {
            for (path, full) in files_below(&root.join(folder), folder, 0) {
                let size = std::fs::metadata(&full).map_or(0, |metadata| metadata.len());
                let then = named.get(&path).filter(|&&then| is_list(&path) && then < size);
                let size = then.copied().unwrap_or(size);
                if !sizes.contains(&size) {
                    continue;
                }
                let Ok(digest) = beginning(&full, size).map(|bytes| sha256(&bytes)) else {
                    continue;
                };
                let Some(alike) = missing.get_mut(&(digest, size)) else { continue };
                // Of equal files, first the one of the same name.
                let own = alike.iter().position(|dependency| printed(dependency) == path);
                if !alike.is_empty() {
                    let dependency = alike.remove(own.unwrap_or(0));
                    located.files.insert(path, (full, dependency.clone()));
                }
            }
        }
        let lost: Vec<&str> = missing.values().flatten().map(|d| printed(d)).collect();
        let more = if lost.len() > 5 { " …" } else { "" };
        ensure!(
            lost.is_empty(),
            "{} 里没有报告所用的 {} 个文件（或已改动）：{}{more}；请用 --{option}returns 指明生成报告时的报表目录",
            root.display(),
            lost.len(),
            lost.iter().take(5).copied().collect::<Vec<_>>().join("、"),
        );
        Ok(located)
    }

    /// As a manifest names them, wherever they are.
    pub(super) fn named(manifest: &Manifest) -> Self {
        let definition = &manifest.predicate.build_definition;
        let returns = definition.resolved_dependencies.iter();
        let returns = returns.filter(|dependency| dependency.name.starts_with("returns/"));
        Self {
            files: returns.map(|d| (printed(d).to_owned(), (PathBuf::new(), d.clone()))).collect(),
            folders: definition.external_parameters.folders.iter().cloned().collect(),
        }
    }

    pub(super) fn has_folder(&self, folder: &str) -> bool {
        self.folders.contains(folder)
    }

    /// The files of the folders up to a period's.
    pub(super) fn until(&self, period: &str) -> Self {
        let last = Period::parse(period);
        let inside = |folder: &str| folder == period || Period::parse(folder) <= last;
        let of = |path: &str| path.split_once('/').is_some_and(|(folder, _)| inside(folder));
        let files = self.files.iter().filter(|(path, _)| of(path));
        let folders = self.folders.iter().filter(|folder| inside(folder));
        Self {
            files: files.map(|(path, file)| (path.clone(), file.clone())).collect(),
            folders: folders.cloned().collect(),
        }
    }

    /// `unit form period` of every return recognised.
    fn returns(&self) -> BTreeSet<&String> {
        self.files.values().flat_map(|(_, dependency)| &dependency.annotations.returns).collect()
    }

    /// A file that has only returns that the other side has, too, takes the place of another; any
    /// other is late, or withdrawn.
    pub(super) fn changes(&self, new: &Self) -> Changes {
        let (then, now) = (self.returns(), new.returns());
        let among = |dependency: &Dependency, known: &BTreeSet<&String>| {
            dependency.annotations.returns.iter().all(|named| known.contains(named))
        };
        let mut changes =
            Changes { corrected: Vec::new(), late: Vec::new(), with_corrected: self.clone() };
        let paths: BTreeSet<&String> = self.files.keys().chain(new.files.keys()).collect();
        for path in paths {
            match (self.files.get(path), new.files.get(path)) {
                (Some((_, before)), Some((_, after))) if before.digest == after.digest => {}
                (None, Some((_, added))) if !among(added, &then) => {
                    changes.late.push(printed(added).to_owned());
                }
                (_, Some(file)) => {
                    changes.corrected.push(printed(&file.1).to_owned());
                    changes.with_corrected.files.insert(path.clone(), file.clone());
                }
                (Some((_, gone)), None) => {
                    let how = if among(gone, &now) { "已被替代" } else { "撤回" };
                    changes.corrected.push(format!("{}（{how}）", printed(gone)));
                    changes.with_corrected.files.remove(path);
                }
                (None, None) => {}
            }
        }
        changes
    }
}

/// Lines are only ever added to 收件.csv: what it was when a report was made is how it begins now.
fn is_list(path: &str) -> bool {
    path.rsplit('/').next() == Some(arrivals::FILE)
}

fn beginning(file: &Path, size: u64) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(file)?.take(size).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn printed(dependency: &Dependency) -> &str {
    dependency.name.trim_start_matches("returns/")
}

/// Regular files below a folder, with their paths below the returns root.
fn files_below(full: &Path, path: &str, depth: usize) -> Vec<(String, PathBuf)> {
    let Ok(entries) = std::fs::read_dir(full) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let name = entry.file_name();
        let (Ok(kind), Some(name)) = (entry.file_type(), name.to_str()) else { continue };
        let path = format!("{path}/{name}");
        if kind.is_dir() && depth < DEPTH {
            found.extend(files_below(&entry.path(), &path, depth + 1));
        } else if kind.is_file() {
            found.push((path, entry.path()));
        }
    }
    found.sort();
    found
}

/// Folders of returns that are laid out for one computation each; gone when dropped.
#[derive(Debug, Default)]
pub(super) struct Mixed {
    count: Cell<u32>,
}

impl Mixed {
    fn root() -> PathBuf {
        std::env::temp_dir().join(format!("dangtong-compare-{}", std::process::id()))
    }

    /// A returns folder with these files and nothing else.
    pub(super) fn lay_out(&self, located: &Located) -> anyhow::Result<PathBuf> {
        self.count.set(self.count.get() + 1);
        let root = Self::root().join(self.count.get().to_string());
        let cannot = || format!("不能在 {} 里摆放报表", root.display());
        // A folder without files was read, too.
        for folder in &located.folders {
            std::fs::create_dir_all(root.join(folder)).with_context(cannot)?;
        }
        for (path, (from, dependency)) in &located.files {
            let to = root.join(path);
            if let Some(parent) = to.parent() {
                std::fs::create_dir_all(parent).with_context(cannot)?;
            }
            let size = dependency.annotations.size;
            let whole = std::fs::metadata(from).is_ok_and(|metadata| metadata.len() == size);
            if !whole || std::fs::hard_link(from, &to).is_err() {
                let bytes = beginning(from, size).with_context(cannot)?;
                std::fs::write(&to, bytes).with_context(cannot)?;
            }
        }
        Ok(root)
    }
}

impl Drop for Mixed {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(Self::root());
    }
}
