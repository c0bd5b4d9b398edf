//! Looks into a zip container before anything parses it, because sizes and counts in a file may
//! lie: a false shared-string count alone makes a reader reserve a hundred gigabytes.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::codes::{ENCRYPTED_FILE, UNREADABLE_FILE, UNSAFE_FILE};
use super::workbook::{Refusal, bounds};

/// A zip container whose parts are inflated only up to the bounds.
pub(super) struct Archive<'a> {
    zip: zip::ZipArchive<Cursor<&'a [u8]>>,
    /// Lower-case path with `/` → index.
    names: BTreeMap<String, usize>,
    inflated: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Refusal> {
        let broken = |_| Refusal::new(UNREADABLE_FILE, "文件不完整（压缩目录读不出来）");
        let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).map_err(broken)?;
        if zip.len() > bounds::ARCHIVE_ENTRIES {
            return Err(Refusal::new(UNSAFE_FILE, format!("文件内含 {} 个部件，过多", zip.len())));
        }
        let mut names = BTreeMap::new();
        let mut total = 0u64;
        for index in 0..zip.len() {
            let entry = zip
                .by_index_raw(index)
                .map_err(|e| Refusal::new(UNREADABLE_FILE, e.to_string()))?;
            if entry.encrypted() {
                return Err(Refusal::new(ENCRYPTED_FILE, "压缩包内的部件设有密码"));
            }
            let (size, packed) = (entry.size(), entry.compressed_size().max(1));
            total = total.saturating_add(size);
            let name = match entry.name() {
                Ok(name) => name.replace('\\', "/").to_lowercase(),
                Err(e) => return Err(Refusal::new(UNREADABLE_FILE, e.to_string())),
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
            names.entry(name).or_insert(index);
        }
        Ok(Self { zip, names, inflated: 0 })
    }

    /// The content of a part, `None` when there is none of that name (in any letter case).
    pub(super) fn part(&mut self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        let Some(&index) = self.names.get(&name.to_lowercase()) else { return Ok(None) };
        let broken = |e: &dyn std::fmt::Display| {
            Refusal::new(UNREADABLE_FILE, format!("部件 {name} 解压失败：{e}"))
        };
        let entry = self.zip.by_index(index).map_err(|e| broken(&e))?;
        let packed = entry.compressed_size().max(1);
        // What inflates beyond its declared size lies; one byte more is enough to know.
        let declared = entry.size();
        let mut content = Vec::with_capacity(usize::try_from(declared).unwrap_or(0).min(64 << 20));
        entry.take(declared + 1).read_to_end(&mut content).map_err(|e| broken(&e))?;
        let real = content.len() as u64;
        self.inflated = self.inflated.saturating_add(real);
        if real > declared || self.inflated > bounds::ARCHIVE_BYTES {
            return Err(Refusal::new(
                UNSAFE_FILE,
                format!("部件 {name} 解压后与所称大小不符（{declared} 字节，压缩 {packed} 字节）"),
            ));
        }
        Ok(Some(content))
    }

    /// Inflates everything once, so that a reader which trusts sizes can be let loose.
    pub(super) fn inflate_all(&mut self) -> Result<(), Refusal> {
        let names: Vec<String> = self.names.keys().cloned().collect();
        for name in names {
            self.part(&name)?;
        }
        Ok(())
    }

    /// The content of a part as text.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        Ok(self.part(name)?.map(decode))
    }

    /// Refuses a shared-string table that claims far more strings than it has.
    pub(super) fn check_shared_strings(&mut self, name: &str) -> Result<(), Refusal> {
        let Some(text) = self.text(name)? else { return Ok(()) };
        let mut reader = Reader::from_str(&text);
        let claimed = loop {
            match reader.read_event() {
                Ok(Event::Start(e) | Event::Empty(e)) if e.local_name().as_ref() == "sst" => {
                    break attribute(&e, "uniqueCount").and_then(|v| v.trim().parse::<u64>().ok());
                }
                Ok(Event::Eof) | Err(_) => break None,
                Ok(_) => {}
            }
        };
        // Counts opening and closing tags: an upper bound is all that is needed.
        let possible = text.matches("si>").count() as u64 + text.matches("<si").count() as u64;
        if claimed.is_some_and(|claimed| claimed > possible + 100_000) {
            return Err(Refusal::new(
                UNSAFE_FILE,
                format!("共享字符串自称 {} 条，实际不超过 {possible} 条", claimed.unwrap_or(0)),
            ));
        }
        Ok(())
    }
}

/// XML text in UTF-8, or UTF-16 with a byte order mark.
fn decode(bytes: Vec<u8>) -> String {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        let (text, _, _) = encoding_rs::UTF_16LE.decode(&bytes);
        return text.into_owned();
    }
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(e) => String::from_utf8_lossy(e.as_bytes()).into_owned(),
    }
}

/// The value of an attribute by its local name, unescaped.
pub(super) fn attribute(element: &BytesStart, name: &str) -> Option<String> {
    element.attributes().with_checks(false).flatten().find_map(|a| {
        let matches = a.key.local_name().as_ref() == name;
        matches.then(|| {
            let plain = quick_xml::escape::unescape(&a.value);
            plain.map_or_else(|_| a.value.to_string(), |v| v.into_owned())
        })
    })
}

/// An XML boolean attribute that is present and true.
pub(super) fn is_true(element: &BytesStart, name: &str) -> bool {
    element.attributes().with_checks(false).flatten().any(|a| {
        a.key.local_name().as_ref() == name && matches!(a.value.as_ref(), "1" | "true" | "on")
    })
}
