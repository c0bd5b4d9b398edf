//! What a file is, by its content: clerks rename `.et` to `.xls` and HTML to `.xls`.

use super::biff;
use super::guard::{Archive, Directory};
use super::ole::{self, Ole};
use super::workbook::Refusal;
use crate::model::codes::{ENCRYPTED_FILE, UNREADABLE_FILE, UNSUPPORTED_FORMAT};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    /// Also `.xlsm`.
    Xlsx,
    Xlsb,
    Ods,
    Xls,
    Csv,
    /// An encrypted .xlsx or .xlsb: perhaps with the password that Excel has built in.
    Protected,
}

/// A file, known by its content.
pub(super) struct Sniffed<'a> {
    pub format: Format,
    pub bytes: &'a [u8],
    /// Of a zip container: read to know the format, and not again.
    directory: Option<Directory<'a>>,
}

impl<'a> Sniffed<'a> {
    /// `name` only decides for text that is damaged or no table.
    pub(super) fn new(name: &str, bytes: &'a [u8]) -> Result<Self, Refusal> {
        if bytes.starts_with(b"PK\x03\x04") {
            let what = "文件不完整（压缩目录读不出来），可能没有传完";
            let broken = || Refusal::new(UNREADABLE_FILE, what);
            let directory = Directory::read(bytes).ok_or_else(broken)?;
            let format = archive(&directory)?;
            return Ok(Self { format, bytes, directory: Some(directory) });
        }
        format(name, bytes).map(|format| Self { format, bytes, directory: None })
    }

    /// How much the file claims to hold: what it unpacks to, if it is an archive.
    pub(super) fn unpacked_size(&self) -> u64 {
        let unpacked = self.directory.as_ref().map_or(0, Directory::unpacked_size);
        unpacked.max(self.bytes.len() as u64)
    }

    pub(super) fn archive(self) -> Result<Archive<'a>, Refusal> {
        match self.directory {
            Some(directory) => Archive::of(directory),
            None => Archive::open(self.bytes),
        }
    }
}

/// What is in hand-in folders and can be no return: what it is, and what to ask its sender for.
#[derive(Clone, Copy)]
struct Stranger {
    is: &'static str,
    ask: &'static str,
}

impl Stranger {
    fn refusal(self) -> Refusal {
        Refusal::new(UNSUPPORTED_FORMAT, self.is).asking(self.ask)
    }
}

const fn stranger(is: &'static str, ask: &'static str) -> Stranger {
    Stranger { is, ask }
}

const SAVE_AS: &str = "请用 Excel 或 WPS 打开，另存为 .xlsx 后重报";
const COPY: &str = "请把其中的表填进工作簿（.xlsx）后重报；不是报表的请移出收表文件夹";
const REMOVE: &str = "请移出收表文件夹";
const PICTURE: Stranger = stranger(
    "这是图片或影像，其中的数读不出来",
    "请报拍照、扫描以前的那个工作簿；签字盖章的照片请移出收表文件夹",
);
const PACKED: Stranger =
    stranger("这是压缩包（RAR、7z、ZIP 等）", "请解压后把里面的报表放进收表文件夹，压缩包移出");
const FIXED_PAGES: Stranger = stranger(
    "这是版式文件（PDF、OFD），不是工作簿",
    "请报生成它的那个工作簿；不是报表的请移出收表文件夹",
);
const OLD_EXCEL: Stranger = stranger("这是没有容器的早期 Excel 文件（Excel 4.0 及以前）", SAVE_AS);
const WORD: Stranger = stranger("这是 Word 文档，不是工作簿", COPY);
const SLIDES: Stranger = stranger("这是演示文稿，不是工作簿", COPY);

/// What else lies in hand-in folders, by how it begins.
const OTHER_FILES: &[(&[u8], Stranger)] = &[
    (b"%PDF", FIXED_PAGES),
    (b"Rar!\x1a\x07", PACKED),
    (b"7z\xbc\xaf\x27\x1c", PACKED),
    (b"\x1f\x8b", PACKED),
    (b"BZh", PACKED),
    (b"\xfd7zXZ", PACKED),
    (b"PK\x05\x06", stranger("这是空的压缩包，里面没有报表", REMOVE)),
    (b"\xff\xd8\xff", PICTURE),
    (b"\x89PNG", PICTURE),
    (b"GIF8", PICTURE),
    (b"BM", PICTURE),
    (b"II*\0", PICTURE),
    (b"MM\0*", PICTURE),
    (b"\x4c\0\0\0\x01\x14\x02\0", stranger("这是快捷方式，不是文件本身", "请报它所指的文件")),
    (b"[InternetShortcut]", stranger("这是网址快捷方式，不是文件本身", REMOVE)),
    (b"MZ", stranger("这是程序，不是工作簿", "请勿打开，移出收表文件夹，并检查是否中毒")),
    (b"\x09\x08", OLD_EXCEL),
    (b"\x09\x04", OLD_EXCEL),
    (b"{\\rtf", stranger("这是 RTF 文档，不是工作簿", COPY)),
];

/// Texts that are no tables, by how they begin in lower case.
fn other_text(head: &str) -> Option<Stranger> {
    let is_mail = ["mime-version:", "from:", "received:", "return-path:", "date:", "subject:"];
    if is_mail.iter().any(|begin| head.starts_with(begin)) && head.contains("content-") {
        let web_page = head.contains("multipart/related") || head.contains("<saved by");
        return Some(if web_page {
            stranger("这是单个文件网页（MHTML）改名的文件", SAVE_AS)
        } else {
            stranger("这是电子邮件，不是工作簿", "请把附件里的报表放进收表文件夹，邮件移出")
        });
    }
    if head.starts_with("id;p") {
        return Some(stranger("这是 SYLK 交换文件，不是工作簿", SAVE_AS));
    }
    if !head.starts_with('<') {
        return None;
    }
    Some(if head.contains("<uof:") || head.contains("uof.xsd") {
        stranger("这是标文通（UOF）文档", "请用 WPS 打开，另存为 .xlsx 后重报")
    } else if head.contains("urn:schemas-microsoft-com:office:spreadsheet") {
        stranger("这是“XML 表格 2003”，不是真正的 .xls 工作簿", SAVE_AS)
    } else {
        stranger("这是网页（HTML）改名的文件，不是真正的 .xls 工作簿", SAVE_AS)
    })
}

/// Files that programs leave behind while they edit, download or unpack.
pub(super) fn is_temporary(name: &str) -> bool {
    let lower = name.to_lowercase();
    let ends = [".tmp", ".temp", ".part", ".partial", ".crdownload", ".download", ".td", ".xltd"];
    // Excel saves into a file of eight hexadecimal digits and renames it at the end.
    let saved_halfway = name.len() == 8
        && name.bytes().all(|b| b.is_ascii_hexdigit())
        && name.contains(|c: char| c.is_ascii_alphabetic());
    ends.iter().any(|end| lower.ends_with(end)) || saved_halfway
}

/// What systems lay into folders for themselves, and marks of files that are open.
pub(super) fn is_system(name: &str) -> bool {
    let names = [
        "thumbs.db",
        "ehthumbs.db",
        "desktop.ini",
        "icon\r",
        "__macosx",
        "$recycle.bin",
        "system volume information",
        "@eadir",
    ];
    name.starts_with("~$") || name.starts_with('.') || names.contains(&name.to_lowercase().as_str())
}

/// The format of what is no zip container.
fn format(name: &str, bytes: &[u8]) -> Result<Format, Refusal> {
    if bytes.is_empty() {
        return Err(Refusal::new(UNREADABLE_FILE, "文件是空的（0 字节）"));
    }
    if bytes.starts_with(ole::SIGNATURE) {
        return container(bytes);
    }
    let known = OTHER_FILES.iter().find(|(magic, _)| bytes.starts_with(magic));
    let is_film = bytes.get(4..8) == Some(b"ftyp") || bytes.starts_with(b"RIFF");
    let stranger = known.map(|(_, stranger)| *stranger).or_else(|| other_text(&lower_head(bytes)));
    if let Some(stranger) = stranger.or(is_film.then_some(PICTURE)) {
        return Err(stranger.refusal());
    }
    let text_name = [".csv", ".tsv", ".txt"].iter().any(|e| name.to_lowercase().ends_with(e));
    if text_name && !bytes.iter().take(4096).any(|&b| b == 0)
        || super::delimited::is_text_table(bytes)
    {
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

/// An OLE container: the names at its top tell what is inside, not those of embedded documents.
fn container(bytes: &[u8]) -> Result<Format, Refusal> {
    let damaged = |damage: &str| Refusal::new(UNREADABLE_FILE, damage);
    let ole = Ole::open(bytes).map_err(damaged)?;
    if ole.has("EncryptedPackage") || ole.has("EncryptionInfo") {
        return Ok(Format::Protected);
    }
    if ole.has("WordDocument") {
        return Err(WORD.refusal());
    }
    if ole.has("PowerPoint Document") {
        return Err(SLIDES.refusal());
    }
    match biff::workbook_stream(&ole).map_err(damaged)? {
        Some(stream) if biff::is_encrypted(&stream) => {
            let what = "文件设有打开密码；打开时并不问密码的，是 Excel 保护工作簿时自带的加密";
            Err(Refusal::new(ENCRYPTED_FILE, what))
        }
        Some(_) => Ok(Format::Xls),
        None => {
            let ask = "如果是 WPS 表格（.et），请在 WPS 中另存为 .xlsx 后重报；不是报表的请移出收表文件夹";
            Err(stranger("容器中没有 Excel 工作簿", ask).refusal())
        }
    }
}

/// A zip archive: the names of its parts tell what is inside.
fn archive(directory: &Directory) -> Result<Format, Refusal> {
    let names: Vec<String> = directory.names().take(super::bounds::ARCHIVE_ENTRIES).collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    let has_under = |folder: &str| names.iter().any(|n| n.starts_with(folder));
    if names.iter().any(|n| n.ends_with("workbook.bin")) {
        return Ok(Format::Xlsb);
    }
    if has("content.xml") {
        return Ok(Format::Ods);
    }
    if has("ofd.xml") {
        return Err(FIXED_PAGES.refusal());
    }
    if has("index/document.iwa") {
        let ask = "请在 Numbers 中导出为 Excel（.xlsx）后重报";
        return Err(stranger("这是苹果 Numbers 表格", ask).refusal());
    }
    if has_under("word/") {
        return Err(WORD.refusal());
    }
    if has_under("ppt/") {
        return Err(SLIDES.refusal());
    }
    if has("_rels/.rels") || has("[content_types].xml") || has_under("xl/") {
        return Ok(Format::Xlsx);
    }
    Err(PACKED.refusal())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_workbook_is_told_by_what_it_is() {
        for (bytes, what) in [
            (&b"Rar!\x1a\x07\x01\0abc"[..], "压缩包"),
            (b"7z\xbc\xaf\x27\x1c\0\x04", "压缩包"),
            (b"\xff\xd8\xff\xe0\0\x10JFIF", "图片"),
            (b"\x89PNG\r\n\x1a\n", "图片"),
            (b"\0\0\0\x18ftypheic", "图片"),
            (b"%PDF-1.4", "PDF"),
            (b"\x4c\0\0\0\x01\x14\x02\0\0", "快捷方式"),
            (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n", "MHTML"),
            (b"From: a\r\nContent-Type: text/plain\r\n", "电子邮件"),
            (b"<?xml version=\"1.0\"?><uof:UOF xmlns:uof=\"x\">", "UOF"),
        ] {
            let refusal = format("报表.xls", bytes).unwrap_err();
            assert_eq!(refusal.code, UNSUPPORTED_FORMAT, "{}", refusal.message);
            assert!(refusal.message.contains(what), "{}", refusal.message);
        }
    }

    #[test]
    fn what_programs_and_systems_leave_behind_is_known() {
        for name in ["A1B2C3D0", "A1B2C3D0.tmp", "~WRL0001.tmp", "石匣乡.xlsx.crdownload"] {
            assert!(is_temporary(name), "{name}");
        }
        for name in ["~$石匣乡.xlsx", ".DS_Store", "Thumbs.db", "__MACOSX", ".~lock.石匣乡.ods#"]
        {
            assert!(is_system(name), "{name}");
        }
        for name in ["石匣乡.xlsx", "20131025", "报表"] {
            assert!(!is_system(name), "{name}");
        }
        assert!(!is_temporary("石匣乡.xls") && !is_temporary("20131025.xls"));
    }

    #[test]
    fn plain_text_and_markup_are_told_apart() {
        assert_eq!(format("a.csv", "单位,人数\n".as_bytes()), Ok(Format::Csv));
        assert_eq!(format("a.xls", b"<html><table>").unwrap_err().code, UNSUPPORTED_FORMAT);
        assert_eq!(format("a.xlsx", b"").unwrap_err().code, UNREADABLE_FILE);
        assert_eq!(format("a.xlsx", b"\x01\x02\x03random").unwrap_err().code, UNREADABLE_FILE);
    }
}
