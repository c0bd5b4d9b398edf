//! Looks into a zip container before anything parses it, because sizes and counts in a file may
//! lie, and two parts may have one name.

use std::borrow::Cow;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Cursor, Write};

use flate2::{Crc, Decompress, FlushDecompress, Status};
use zip::CompressionMethod;

use super::bounds;
use super::workbook::Refusal;
use crate::model::codes::{CONTRADICTION, ENCRYPTED_FILE, UNREADABLE_FILE, UNSAFE_FILE};

const BROKEN: &str = "压缩包内部有错，文件可能已损坏";

/// The list of parts that stands at the end of a zip container.
pub(super) struct Directory<'a> {
    bytes: &'a [u8],
    zip: zip::ZipArchive<Cursor<&'a [u8]>>,
}

impl<'a> Directory<'a> {
    /// `None` where the list cannot be read.
    pub(super) fn read(bytes: &'a [u8]) -> Option<Self> {
        let zip = zip::ZipArchive::new(Cursor::new(bytes)).ok()?;
        Some(Self { bytes, zip })
    }

    /// Names of parts as they are looked up; those that are no text are left out.
    pub(super) fn names(&self) -> impl Iterator<Item = String> {
        self.zip.file_names().filter_map(Result::ok).map(|name| looked_up(&name))
    }

    /// What the parts claim to unpack to: the claim is held against them when they are unpacked.
    pub(super) fn unpacked_size(&self) -> u64 {
        self.zip.decompressed_size().and_then(|size| u64::try_from(size).ok()).unwrap_or(0)
    }
}

/// A part's name without letter case, with `/`.
fn looked_up(name: &str) -> String {
    let name = name.to_lowercase();
    if name.contains('\\') { name.replace('\\', "/") } else { name }
}

/// A zip container whose parts are inflated only up to the bounds.
pub(super) struct Archive<'a> {
    bytes: &'a [u8],
    zip: zip::ZipArchive<Cursor<&'a [u8]>>,
    /// One for all parts: to make one costs more than most parts.
    inflater: Decompress,
    /// The content of the part that was read last, in memory that serves for all parts.
    content: Vec<u8>,
    /// Lower-case path with `/` → index.
    names: BTreeMap<String, usize>,
    /// Names that two parts have but for the letter case.
    doubled: BTreeSet<String>,
    inflated: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let broken = || Refusal::new(UNREADABLE_FILE, "文件不完整（压缩目录读不出来）");
        Directory::read(bytes).ok_or_else(broken).and_then(Self::of)
    }

    pub(super) fn of(directory: Directory<'a>) -> Result<Self, Refusal> {
        let Directory { bytes, mut zip } = directory;
        if zip.len() > bounds::ARCHIVE_ENTRIES {
            return Err(Refusal::new(UNSAFE_FILE, format!("文件内含 {} 个部件，过多", zip.len())));
        }
        if zip.has_duplicate_names() {
            return Err(Refusal::new(
                CONTRADICTION,
                "压缩包内有两个同名的部件，分不清以哪一个为准",
            ));
        }
        let (mut names, mut doubled) = (BTreeMap::new(), BTreeSet::new());
        let mut total = 0u64;
        for index in 0..zip.len() {
            let entry =
                zip.by_index_raw(index).map_err(|_| Refusal::new(UNREADABLE_FILE, BROKEN))?;
            if entry.encrypted() {
                return Err(Refusal::new(ENCRYPTED_FILE, "压缩包内的部件设有密码"));
            }
            let (size, packed) = (entry.size(), entry.compressed_size().max(1));
            total = total.saturating_add(size);
            let name = match entry.name() {
                Ok(name) => looked_up(&name),
                Err(_) => return Err(Refusal::new(UNREADABLE_FILE, BROKEN)),
            };
            if size > bounds::PART_BYTES || total > bounds::ARCHIVE_BYTES {
                return Err(Refusal::new(UNSAFE_FILE, format!("解压后过大（{name}）")));
            }
            if size > bounds::SUSPECT_BYTES && size / packed > bounds::RATIO {
                return Err(Refusal::new(
                    UNSAFE_FILE,
                    format!("压缩比异常（{name}：{} 倍）", size / packed),
                ));
            }
            match names.entry(name) {
                Entry::Occupied(known) => {
                    doubled.insert(known.key().clone());
                }
                Entry::Vacant(free) => {
                    free.insert(index);
                }
            }
        }
        let (inflater, content) = (Decompress::new(false), Vec::new());
        Ok(Self { bytes, zip, inflater, content, names, doubled, inflated: 0 })
    }

    /// The content of a part, `None` when there is none of that name (in any letter case).
    pub(super) fn part(&mut self, name: &str) -> Result<Option<&[u8]>, Refusal> {
        let name = &name.to_lowercase();
        let Some(&index) = self.names.get(name) else { return Ok(None) };
        if self.doubled.contains(name) {
            return Err(Refusal::new(
                CONTRADICTION,
                format!("压缩包内有两个名为 {name} 的部件（只差大小写），分不清以哪一个为准"),
            ));
        }
        let broken =
            || Refusal::new(UNREADABLE_FILE, format!("部件 {name} 解压失败，文件可能已损坏"));
        let entry = self.zip.by_index_raw(index).map_err(|_| broken())?;
        let declared = usize::try_from(entry.size()).map_err(|_| broken())?;
        let (method, sum) = (entry.compression(), entry.crc32());
        let stored = stored(self.bytes, entry.data_start(), entry.compressed_size());
        drop(entry);
        let content = &mut self.content;
        content.clear();
        let is_read = stored.is_some_and(|stored| match method {
            CompressionMethod::Stored => {
                content.extend_from_slice(stored);
                true
            }
            CompressionMethod::Deflated => {
                inflate(&mut self.inflater, stored, declared, content).is_some()
            }
            _ => false,
        });
        // What inflates beyond its declared size lies.
        if !is_read || content.len() > declared {
            return Err(broken());
        }
        self.inflated = self.inflated.saturating_add(content.len() as u64);
        if self.inflated > bounds::ARCHIVE_BYTES {
            return Err(Refusal::new(UNSAFE_FILE, format!("解压后过大（{name}）")));
        }
        let mut crc = Crc::new();
        crc.update(content);
        if crc.sum() == sum { Ok(Some(content)) } else { Err(broken()) }
    }

    /// Inflates everything once, so that a reader which trusts sizes can be let loose.
    pub(super) fn inflate_all(&mut self) -> Result<(), Refusal> {
        let names: Vec<String> = self.names.keys().cloned().collect();
        for name in names {
            self.part(&name)?;
        }
        Ok(())
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str)
    }

    /// The container with other contents of some parts, by their lower-case names, and with more
    /// parts at its end. All others are copied as they are packed.
    pub(super) fn with_parts(
        &mut self,
        changed: &BTreeMap<String, String>,
        more: &[(String, String)],
    ) -> Result<Vec<u8>, Refusal> {
        let broken = |_| Refusal::new(UNREADABLE_FILE, BROKEN);
        let changed: BTreeMap<usize, &String> = changed
            .iter()
            .filter_map(|(name, text)| Some((*self.names.get(name)?, text)))
            .collect();
        // No clock: the same workbook is the same bytes.
        let options =
            zip::write::SimpleFileOptions::default().last_modified_time(zip::DateTime::default());
        let mut package = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let write = |package: &mut zip::ZipWriter<_>, name: String, text: &str| {
            package.start_file(name, options).map_err(broken)?;
            let written = package.write_all(text.as_bytes());
            written.map_err(|_| Refusal::new(UNREADABLE_FILE, BROKEN))
        };
        for index in 0..self.zip.len() {
            let entry = self.zip.by_index_raw(index).map_err(broken)?;
            match changed.get(&index) {
                Some(text) => {
                    let name = entry.name().map_err(broken)?.into_owned();
                    write(&mut package, name, text)?;
                }
                None => package.raw_copy_file(entry).map_err(broken)?,
            }
        }
        for (name, text) in more {
            write(&mut package, name.clone(), text)?;
        }
        Ok(package.finish().map_err(broken)?.into_inner())
    }

    /// The content of a part as text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<Cow<'_, str>>, Refusal> {
        let Some(bytes) = self.part(name)? else { return Ok(None) };
        let garbled = || Refusal::new(UNREADABLE_FILE, format!("部件 {name} 的文字编码已损坏"));
        decode(bytes).map(Some).ok_or_else(garbled)
    }
}

/// The bytes of a part as they are packed.
fn stored(bytes: &[u8], from: Option<u64>, length: u64) -> Option<&[u8]> {
    let from = usize::try_from(from?).ok()?;
    bytes.get(from..from.checked_add(usize::try_from(length).ok()?)?)
}

/// Inflates a part straight into memory: so much of it that one which is longer than it declares is
/// known to lie. `None` where it cannot be inflated.
fn inflate(
    inflater: &mut Decompress,
    stored: &[u8],
    declared: usize,
    content: &mut Vec<u8>,
) -> Option<()> {
    /// What a part claims beyond is believed when it comes.
    const AT_ONCE: usize = 64 << 20;
    let most = declared.checked_add(1)?;
    content.reserve_exact(most.min(AT_ONCE));
    inflater.reset(false);
    loop {
        let rest = stored.get(usize::try_from(inflater.total_in()).ok()?..)?;
        let status = inflater.decompress_vec(rest, content, FlushDecompress::Finish).ok()?;
        if status == Status::StreamEnd || content.len() >= most {
            return Some(());
        }
        if content.len() < content.capacity() {
            return None;
        }
        content.reserve_exact(content.len().min(most - content.len()));
    }
}

/// The package with its macro sheets declared as charts, which the reader knows to leave alone;
/// at a macro sheet it gives up the whole workbook.
pub(super) fn macro_sheets_as_charts(bytes: &[u8]) -> Result<Cow<'_, [u8]>, Refusal> {
    const KINDS: [&str; 3] = ["/xlMacrosheet", "/xlIntlMacrosheet", "macrosheets/"];
    let mut archive = Archive::open(bytes)?;
    let relations: Vec<String> =
        archive.names().filter(|name| name.ends_with(".rels")).map(str::to_owned).collect();
    let mut renamed = BTreeMap::new();
    for name in relations {
        let text = archive.text(&name)?.unwrap_or_default();
        if KINDS.iter().any(|kind| text.contains(kind)) {
            let [kind, other_kind, folder] = KINDS;
            let text = text.replace(kind, "/chartsheet").replace(other_kind, "/chartsheet");
            renamed.insert(name, text.replace(folder, "chartsheets/"));
        }
    }
    if renamed.is_empty() {
        return Ok(Cow::Borrowed(bytes));
    }
    archive.with_parts(&renamed, &[]).map(Cow::Owned)
}

/// XML text in UTF-8, in UTF-16 with a byte order mark, or in the encoding that it names itself.
fn decode(bytes: &[u8]) -> Option<Cow<'_, str>> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Some(Cow::Borrowed(text));
    }
    let marked = encoding_rs::Encoding::for_bom(bytes).map(|(encoding, _)| encoding);
    let (text, _, damaged) = marked.or_else(|| named_encoding(bytes))?.decode(bytes);
    (!damaged).then_some(text)
}

/// `<?xml version="1.0" encoding="GB2312"?>`
fn named_encoding(bytes: &[u8]) -> Option<&'static encoding_rs::Encoding> {
    let head = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes)).into_owned();
    let declaration = head.split("?>").next()?;
    let (_, value) = declaration.split_once("encoding=")?;
    let name = value.trim_matches(['"', '\'']).split(['"', '\'']).next()?;
    encoding_rs::Encoding::for_label(name.as_bytes())
}
