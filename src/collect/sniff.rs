//! What a file is, by its content: clerks rename `.et` to `.xls` and HTML to `.xls`.

use super::codes::{ENCRYPTED_FILE, UNREADABLE_FILE, UNSUPPORTED_FORMAT};
use super::workbook::Refusal;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Also `.xlsm`.
    Xlsx,
    Xlsb,
    Ods,
    Xls,
    Csv,
}

impl Format {
    pub(super) fn id(self) -> &'static str {
        match self {
            Self::Xlsx => "xlsx",
            Self::Xlsb => "xlsb",
            Self::Ods => "ods",
            Self::Xls => "xls",
            Self::Csv => "csv",
        }
    }
}

const OLE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// The format of a file's content. `name` only decides for plain text, which every text file is.
pub(super) fn format(name: &str, bytes: &[u8]) -> Result<Format, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(UNREADABLE_FILE, "文件是空的（0 字节）"));
    }
    if bytes.starts_with(OLE) {
        return ole(bytes);
    }
    if bytes.starts_with(b"PK\x03\x04") {
        return archive(bytes);
    }
    let unsupported = |what: &str| Err(Refusal::new(UNSUPPORTED_FORMAT, what));
    if bytes.starts_with(b"%PDF") {
        return unsupported("这是 PDF 文件，不是工作簿");
    }
    if bytes.starts_with(b"\x09\x08") || bytes.starts_with(b"\x09\x04") {
        return unsupported("这是没有容器的早期 Excel 文件（Excel 4.0 及以前）");
    }
    if bytes.starts_with(b"{\\rtf") {
        return unsupported("这是 RTF 文档，不是工作簿");
    }
    let head = lower_head(bytes);
    let is_markup = head.starts_with('<');
    if is_markup && (head.contains("urn:schemas-microsoft-com:office:spreadsheet")) {
        return unsupported("这是“XML 表格 2003”，不是真正的 .xls 工作簿");
    }
    if is_markup {
        return unsupported("这是网页（HTML）改名的文件，不是真正的 .xls 工作簿");
    }
    let text_name = [".csv", ".tsv", ".txt"].iter().any(|e| name.to_lowercase().ends_with(e));
    if text_name && !bytes.iter().take(4096).any(|&b| b == 0) {
        return Ok(Format::Csv);
    }
    Err(Refusal::new(UNREADABLE_FILE, "无法判断这是什么文件，内容可能已损坏"))
}

/// The beginning as lower-case text without byte order mark and leading white space.
fn lower_head(bytes: &[u8]) -> String {
    let head = &bytes[..bytes.len().min(2048)];
    let text = if head.starts_with(&[0xff, 0xfe]) {
        encoding_rs::UTF_16LE.decode(head).0.into_owned()
    } else {
        String::from_utf8_lossy(head).into_owned()
    };
    text.trim_start_matches('\u{feff}').trim_start().to_lowercase()
}

/// An OLE container: its directory names tell what is inside.
fn ole(bytes: &[u8]) -> Result<Format, Refusal> {
    let has = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).chain([0, 0]).collect();
        // Directory entries are 128 bytes, aligned; the name comes first.
        bytes.chunks_exact(128).any(|entry| entry.starts_with(&wide))
    };
    if has("EncryptedPackage") || has("EncryptionInfo") {
        return Err(Refusal::new(ENCRYPTED_FILE, "文件设有打开密码"));
    }
    if has("WordDocument") {
        return Err(Refusal::new(UNSUPPORTED_FORMAT, "这是 Word 文档，不是工作簿"));
    }
    if has("PowerPoint Document") {
        return Err(Refusal::new(UNSUPPORTED_FORMAT, "这是演示文稿，不是工作簿"));
    }
    if let Some(stream) = biff_stream(bytes)
        && stream.encrypted
    {
        return Err(Refusal::new(ENCRYPTED_FILE, "文件设有打开密码"));
    }
    if has("Workbook") || has("Book") || has("WORKBOOK") || has("BOOK") {
        return Ok(Format::Xls);
    }
    Err(Refusal::new(
        UNSUPPORTED_FORMAT,
        "容器中没有 Excel 工作簿；如果是 WPS 表格（.et），请在 WPS 中另存为 .xlsx",
    ))
}

/// What the beginning of the BIFF stream says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct BiffHead {
    /// 5 or 8.
    pub version: u8,
    pub codepage: Option<u16>,
    pub encrypted: bool,
}

/// Finds the globals of the workbook stream: streams begin at a sector, sectors at 512 bytes.
pub(super) fn biff_stream(bytes: &[u8]) -> Option<BiffHead> {
    let start = (512..bytes.len()).step_by(512).find(|&at| {
        // BOF of workbook globals: type 0x0809, version 0x0500 or 0x0600, substream 0x0005.
        matches!(bytes.get(at..at + 8), Some([0x09, 0x08, _, 0, 0, 5 | 6, 5, 0]))
    })?;
    let mut head =
        BiffHead { version: if bytes[start + 5] == 6 { 8 } else { 5 }, ..BiffHead::default() };
    let mut at = start;
    // The first records all stand in the first sectors; stop at anything that looks wrong.
    for _ in 0..40 {
        let Some(&[t0, t1, l0, l1]) = bytes.get(at..at + 4) else { break };
        let (kind, length) = (u16::from_le_bytes([t0, t1]), u16::from_le_bytes([l0, l1]));
        let data = bytes.get(at + 4..at + 4 + usize::from(length)).unwrap_or_default();
        match (kind, data) {
            (0x002f, [a, b, ..]) if (*a, *b) != (0, 0) || head.version == 5 => {
                head.encrypted = true;
            }
            (0x0042, [a, b]) => head.codepage = Some(u16::from_le_bytes([*a, *b])),
            (0x000a, _) => break,
            _ => {}
        }
        at += 4 + usize::from(length);
        if at > start + 4096 {
            break;
        }
    }
    Some(head)
}

/// A zip archive: the names of its parts tell what is inside.
fn archive(bytes: &[u8]) -> Result<Format, Refusal> {
    let broken = |_| Refusal::new(UNREADABLE_FILE, "文件不完整（压缩目录读不出来），可能没有传完");
    let archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(broken)?;
    let names: Vec<String> = archive
        .file_names()
        .filter_map(Result::ok)
        .take(super::workbook::bounds::ARCHIVE_ENTRIES)
        .map(|name| name.replace('\\', "/").to_lowercase())
        .collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    let has_under = |folder: &str| names.iter().any(|n| n.starts_with(folder));
    if names.iter().any(|n| n.ends_with("workbook.bin")) {
        return Ok(Format::Xlsb);
    }
    if has("content.xml") {
        return Ok(Format::Ods);
    }
    if has_under("word/") || has_under("ppt/") {
        return Err(Refusal::new(UNSUPPORTED_FORMAT, "这是 Word 文档或演示文稿，不是工作簿"));
    }
    if has("_rels/.rels") || has("[content_types].xml") || has_under("xl/") {
        return Ok(Format::Xlsx);
    }
    Err(Refusal::new(UNSUPPORTED_FORMAT, "这是压缩包，请解压后把里面的报表放进收表文件夹"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_text_and_markup_are_told_apart() {
        assert_eq!(format("a.csv", "单位,人数\n".as_bytes()), Ok(Format::Csv));
        assert_eq!(format("a.xls", b"<html><table>").unwrap_err().code, UNSUPPORTED_FORMAT);
        assert_eq!(format("a.xlsx", b"").unwrap_err().code, UNREADABLE_FILE);
        assert_eq!(format("a.xlsx", b"\x01\x02\x03random").unwrap_err().code, UNREADABLE_FILE);
    }
}
