//! The one walk over the returns folder: the only list of what is read, and the only place that
//! opens what it lists.
//!
//! Only regular files are opened. Links, pipes, devices, sockets, folders too deep and names that
//! are no text are named in a finding and left alone: a link may lead anywhere, a pipe never ends.
//! A file is read once, up to a bound; what is parsed is what was hashed.

use std::ffi::OsStr;
use std::fs::{DirEntry, FileType};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;

use super::bounds;
use super::findings::Subject;
use super::sniff;
use super::workbook::Refusal;
use crate::definition::Definition;
use crate::model::codes::{NAME_UNREADABLE, NO_ACCESS, NOT_A_FILE, TEMPORARY_FILE, UNSAFE_FILE};
use crate::model::text::system_reason;
use crate::model::{Finding, Period};
use crate::system;

/// Folders inside folders: nobody sorts returns deeper, and a loop of mounts would never end.
const DEPTH: usize = 8;

/// What stands at the top of the returns folder.
#[derive(Debug, Default)]
pub struct HandInFolders {
    /// Oldest first.
    pub periods: Vec<Period>,
    /// Names of what is no hand-in folder and is not read.
    pub others: Vec<String>,
}

/// Lists the top of the returns folder. What is wrong with a hand-in folder is said when it is read.
pub fn hand_in_folders(returns: &Path, definition: &Definition) -> anyhow::Result<HandInFolders> {
    let cannot = || {
        format!("报表目录 {} 不能读取。请用 --returns 指定含各期文件夹的目录", returns.display())
    };
    let mut found = HandInFolders::default();
    for entry in std::fs::read_dir(returns).with_context(cannot)? {
        let entry = entry.with_context(cannot)?;
        let kind = entry.file_type().with_context(cannot)?;
        let name = shown(&entry.file_name());
        if sniff::is_system(&name) {
            continue;
        }
        let campaign = |name: &String| definition.settings.campaigns.iter().any(|c| c.id == *name);
        match Period::parse_regular(&name) {
            Some(period) if !kind.is_file() => found.periods.push(period),
            None if !kind.is_file() && campaign(&name) => {
                found.periods.push(Period::Campaign(name))
            }
            _ => found.others.push(definition.without_numbers(&name).into_owned()),
        }
    }
    found.periods.sort();
    found.others.sort();
    Ok(found)
}

/// A file in a hand-in folder.
#[derive(Debug, Clone)]
pub(super) struct Received {
    /// Relative to the returns root, with `/`.
    pub path: Arc<str>,
    full: PathBuf,
    pub folder: Period,
}

impl Received {
    pub(super) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The name without its extension.
    pub(super) fn stem(&self) -> &str {
        let name = self.name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The whole content, or why there is none.
    pub(super) fn load(&self) -> Result<Vec<u8>, Refusal> {
        let unreadable = |error: io::Error| {
            Refusal::new(NO_ACCESS, format!("文件读不出来：{}", system_reason(&error)))
        };
        // Something else may have taken the place of the regular file that the walk has seen.
        let file = system::open_plain(&self.full).map_err(unreadable)?;
        let metadata = file.metadata().map_err(unreadable)?;
        if let Some(refusal) = irregular(metadata.file_type()) {
            return Err(refusal);
        }
        let mut size = metadata.len();
        let mut content = Vec::new();
        if size <= bounds::FILE_BYTES {
            content.reserve_exact(usize::try_from(size).unwrap_or(0));
            // It may grow while it is read.
            file.take(bounds::FILE_BYTES + 1).read_to_end(&mut content).map_err(unreadable)?;
            size = content.len() as u64;
        }
        if size > bounds::FILE_BYTES {
            let (size, limit) = (size >> 20, bounds::FILE_BYTES >> 20);
            let message = format!("文件有 {size} MB，大于 {limit} MB，不像是报表，未读取");
            return Err(Refusal::new(UNSAFE_FILE, message));
        }
        Ok(content)
    }
}

/// Why something is not opened, unless it is a regular file.
fn irregular(kind: FileType) -> Option<Refusal> {
    let what = match kind {
        _ if kind.is_file() => return None,
        _ if kind.is_symlink() => "是链接，不是文件本身",
        _ if kind.is_dir() => "是文件夹",
        _ => system::kind(kind),
    };
    Some(Refusal::new(NOT_A_FILE, format!("{what}，未读取")))
}

/// What one hand-in folder holds.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    folder: &'a Period,
    /// By path.
    pub files: Vec<Received>,
    pub findings: Vec<Finding>,
}

impl<'a> Walk<'a> {
    /// Walks through a hand-in folder and the folders below it; one that is not there is a gap.
    pub(super) fn through(returns: &Path, folder: &'a Period) -> Self {
        let mut walk = Self { folder, files: Vec::new(), findings: Vec::new() };
        let path = folder.to_string();
        let full = returns.join(&path);
        match std::fs::symlink_metadata(&full) {
            Ok(metadata) if metadata.is_dir() => walk.directory(&full, &path, 0),
            Ok(metadata) => {
                walk.leave(&path, irregular(metadata.file_type()).unwrap_or_else(no_folder))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => walk.unreadable(&path, &error),
        }
        walk.files.sort_by(|a, b| a.path.cmp(&b.path));
        walk
    }

    fn directory(&mut self, full: &Path, path: &str, depth: usize) {
        if depth > DEPTH {
            let message = format!("文件夹套了 {DEPTH} 层以上，里面的没有读取");
            return self.leave(path, Refusal::new(UNSAFE_FILE, message));
        }
        let entries: io::Result<Vec<DirEntry>> =
            std::fs::read_dir(full).and_then(Iterator::collect);
        let mut entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.unreadable(path, &error),
        };
        entries.sort_by_key(DirEntry::file_name);
        for entry in entries {
            let name = entry.file_name();
            let own = format!("{path}/{}", shown(&name));
            if sniff::is_system(&shown(&name)) {
                continue;
            }
            match entry.file_type() {
                _ if name.to_str().is_none() => self.leave(&own, name_is_no_text(&name)),
                Ok(kind) if kind.is_dir() => self.directory(&entry.path(), &own, depth + 1),
                Ok(kind) => match irregular(kind) {
                    Some(refusal) => self.leave(&own, refusal),
                    None => self.file(own, entry.path()),
                },
                Err(error) => self.unreadable(&own, &error),
            }
        }
    }

    fn file(&mut self, path: String, full: PathBuf) {
        let received = Received { path: path.into(), full, folder: self.folder.clone() };
        if sniff::is_temporary(received.name()) {
            let refusal = Refusal::new(TEMPORARY_FILE, "程序留下的临时文件，未读取");
            return self.leave(&received.path, refusal);
        }
        self.files.push(received);
    }

    fn unreadable(&mut self, path: &str, error: &io::Error) {
        let message = format!("读不出来：{}", system_reason(error));
        self.leave(path, Refusal::new(NO_ACCESS, message));
    }

    /// Names what is not read.
    fn leave(&mut self, path: &str, refusal: Refusal) {
        self.findings.push(Subject::file(&path.into(), self.folder).refused(refusal));
    }
}

fn no_folder() -> Refusal {
    Refusal::new(NOT_A_FILE, "不是文件夹，未读取")
}

/// The archive programs of another system write Chinese names in GB18030.
fn name_is_no_text(name: &OsStr) -> Refusal {
    let (text, _, damaged) = encoding_rs::GB18030.decode(name.as_encoded_bytes());
    let likely = if damaged { String::new() } else { format!("（像是“{text}”）") };
    let message = format!("名字不是 UTF-8 编码{likely}，未读取；多半是在别的系统上压缩的");
    Refusal::new(NAME_UNREADABLE, message)
}

/// A name as text; bytes that are none stand there as `\xb1`.
fn shown(name: &OsStr) -> String {
    let chunks = name.as_encoded_bytes().utf8_chunks();
    chunks.fold(String::new(), |mut text, chunk| {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().map(|byte| format!("\\x{byte:02x}")));
        text
    })
}
