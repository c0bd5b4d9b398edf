//! Opens an OLE container (.xls, and what is encrypted): a small file system of sectors whose
//! chains may lie, loop or end too early. Only what lies at its top belongs to the document;
//! storages below hold embedded documents with streams of the same names.

use std::collections::BTreeSet;

/// What an OLE container begins with.
pub(super) const SIGNATURE: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
/// Sector numbers from here on are marks (end of chain, free, …).
const MARKS: u32 = 0xffff_fffa;
const NO_ENTRY: u32 = 0xffff_ffff;
const ENTRY: usize = 128;
const MINI_SECTOR: usize = 64;

/// Why a container cannot be used, in words for the finding.
pub(super) type Damage = &'static str;

#[derive(Debug)]
struct Entry {
    name: String,
    is_stream: bool,
    start: u32,
    size: u64,
}

/// A container with its directory read.
#[derive(Debug)]
pub(super) struct Ole<'a> {
    bytes: &'a [u8],
    sector: usize,
    fat: Vec<u32>,
    /// Streams below this size lie in the mini stream.
    cutoff: u64,
    mini: Vec<u8>,
    mini_fat: Vec<u32>,
    /// The entries at the top.
    top: Vec<Entry>,
}

impl<'a> Ole<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, Damage> {
        const SHORT: Damage = "容器的文件头不完整";
        let word = |at: usize| u32_at(bytes, at).ok_or(SHORT);
        if !bytes.starts_with(SIGNATURE) || bytes.len() < 512 {
            return Err(SHORT);
        }
        let sector = match bytes[30] {
            9 => 512,
            12 => 4096,
            _ => return Err("容器的扇区大小不合规定"),
        };
        let mut ole = Self {
            bytes,
            sector,
            fat: Vec::new(),
            cutoff: u64::from(word(56)?),
            mini: Vec::new(),
            mini_fat: Vec::new(),
            top: Vec::new(),
        };
        ole.fat = ole.read_fat(word(44)?, word(68)?)?;
        let directory = ole.chain(word(48)?, None)?;
        let root = entry(&directory, 0).ok_or("容器没有目录")?;
        if word(64)? > 0 {
            ole.mini_fat = words(&ole.chain(word(60)?, None)?);
            ole.mini = ole.chain(root.0.start, Some(root.0.size))?;
        }
        ole.top = top_entries(&directory, root.1.child)?;
        Ok(ole)
    }

    /// Is there an entry of that name (in any letter case) at the top?
    pub(super) fn has(&self, name: &str) -> bool {
        self.top.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// A stream at the top, whole; `None` when there is none of that name.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, Damage> {
        let is_it = |e: &&Entry| e.is_stream && e.name.eq_ignore_ascii_case(name);
        let Some(entry) = self.top.iter().find(is_it) else { return Ok(None) };
        if entry.size >= self.cutoff {
            return self.chain(entry.start, Some(entry.size)).map(Some);
        }
        let size = usize::try_from(entry.size).unwrap_or(usize::MAX);
        let sector = |id: u32| {
            let at = id as usize * MINI_SECTOR;
            self.mini.get(at..(at + MINI_SECTOR).min(self.mini.len()))
        };
        follow(entry.start, Some(size), &self.mini_fat, sector).map(Some)
    }

    fn sector(&self, id: u32) -> Option<&'a [u8]> {
        let at = (id as usize).checked_add(1)?.checked_mul(self.sector)?;
        // The last sector of a file may be shorter than a sector.
        self.bytes.get(at..(at + self.sector).min(self.bytes.len()))
    }

    fn chain(&self, start: u32, size: Option<u64>) -> Result<Vec<u8>, Damage> {
        let size = size.map(|size| usize::try_from(size).unwrap_or(usize::MAX));
        follow(start, size, &self.fat, |id| self.sector(id))
    }

    /// The table of chains: 109 of its sectors are named in the header, the others in a list of
    /// sectors of their own.
    fn read_fat(&self, count: u32, first_list: u32) -> Result<Vec<u32>, Damage> {
        const BROKEN: Damage = "容器的扇区表不完整，文件可能没有传完";
        let mut ids = words(&self.bytes[76..512]);
        let (mut list, mut seen) = (first_list, BTreeSet::new());
        while list < MARKS {
            if !seen.insert(list) {
                return Err(BROKEN);
            }
            let mut more = words(self.sector(list).ok_or(BROKEN)?);
            list = more.pop().ok_or(BROKEN)?;
            ids.append(&mut more);
        }
        ids.retain(|id| *id < MARKS);
        if ids.len() < count as usize {
            return Err(BROKEN);
        }
        let mut fat = Vec::new();
        for id in ids {
            fat.extend(words(self.sector(id).ok_or(BROKEN)?));
        }
        Ok(fat)
    }
}

/// Follows a chain to its end, or until it holds `size` bytes.
fn follow<'s>(
    start: u32,
    size: Option<usize>,
    table: &[u32],
    sector: impl Fn(u32) -> Option<&'s [u8]>,
) -> Result<Vec<u8>, Damage> {
    const CUT: Damage = "容器中的数据在中间断了，文件可能没有传完";
    let mut content = Vec::new();
    let mut id = start;
    let mut sectors = 0;
    while id < MARKS && size.is_none_or(|size| content.len() < size) {
        sectors += 1;
        if sectors > table.len() {
            return Err("容器中的扇区链首尾相接，没有尽头");
        }
        content.extend_from_slice(sector(id).ok_or(CUT)?);
        id = *table.get(id as usize).ok_or(CUT)?;
    }
    if let Some(size) = size {
        if content.len() < size {
            return Err(CUT);
        }
        content.truncate(size);
    }
    Ok(content)
}

/// Neighbours and children of a directory entry.
struct Links {
    left: u32,
    right: u32,
    child: u32,
}

fn entry(directory: &[u8], index: u32) -> Option<(Entry, Links)> {
    let at = (index as usize).checked_mul(ENTRY)?;
    let raw = directory.get(at..at + ENTRY)?;
    let units: Vec<u16> = raw[..64]
        .chunks_exact(2)
        .map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
        .take_while(|unit| *unit != 0)
        .collect();
    let word = |at| u32_at(raw, at);
    let entry = Entry {
        name: String::from_utf16_lossy(&units),
        is_stream: raw[66] == 2,
        start: word(116)?,
        // The upper half is not reliable in containers of small sectors.
        size: u64::from(word(120)?),
    };
    Some((entry, Links { left: word(68)?, right: word(72)?, child: word(76)? }))
}

/// The entries of the tree below `root`, which is one level of the container.
fn top_entries(directory: &[u8], root: u32) -> Result<Vec<Entry>, Damage> {
    const BROKEN: Damage = "容器的目录互相矛盾";
    let (mut top, mut seen, mut waiting) = (Vec::new(), BTreeSet::new(), vec![root]);
    while let Some(index) = waiting.pop() {
        if index == NO_ENTRY {
            continue;
        }
        if !seen.insert(index) {
            return Err(BROKEN);
        }
        let (entry, links) = entry(directory, index).ok_or(BROKEN)?;
        top.push(entry);
        waiting.extend([links.left, links.right]);
    }
    Ok(top)
}

/// A container that holds one stream and nothing else, for a reader that is not to look further.
pub(super) fn only_stream(name: &str, content: &[u8]) -> Vec<u8> {
    const SECTOR: usize = 512;
    const END: u32 = 0xffff_fffe;
    const FAT: u32 = 0xffff_fffd;
    const LIST: u32 = 0xffff_fffc;
    const IN_HEADER: usize = 109;
    const IN_LIST: usize = SECTOR / 4 - 1;
    const CUTOFF: usize = 4096;
    // Smaller streams would have to lie in the mini stream: zeros fill them up.
    let size = content.len().max(CUTOFF);
    let data = size.div_ceil(SECTOR);
    let (mut fats, mut lists) = (0, 0);
    while (data + 1 + fats + lists).div_ceil(SECTOR / 4) > fats {
        fats += 1;
        lists = fats.saturating_sub(IN_HEADER).div_ceil(IN_LIST);
    }
    let (directory, first_fat) = (data, data + 1);
    let first_list = first_fat + fats;
    let mut table: Vec<u32> = (1..=data as u32).collect();
    if let Some(last) = table.last_mut() {
        *last = END;
    }
    table.push(END);
    table.resize(table.len() + fats, FAT);
    table.resize(table.len() + lists, LIST);
    table.resize(fats * (SECTOR / 4), NO_ENTRY);

    let mut out = SIGNATURE.to_vec();
    out.resize(24, 0);
    for half in [0x3e_u16, 3, 0xfffe, 9, 6, 0, 0, 0, 0, 0] {
        out.extend(half.to_le_bytes());
    }
    let list_start = if lists == 0 { END } else { first_list as u32 };
    for word in [fats as u32, directory as u32, 0, CUTOFF as u32, END, 0, list_start, lists as u32]
    {
        out.extend(word.to_le_bytes());
    }
    let ids: Vec<u32> = (first_fat..first_list).map(|id| id as u32).collect();
    let named = ids.iter().copied().chain(std::iter::repeat(NO_ENTRY)).take(IN_HEADER);
    out.extend(named.flat_map(u32::to_le_bytes));
    out.extend(content);
    out.resize(SECTOR * (1 + data), 0);
    out.extend(entry_bytes("Root Entry", 5, 1, END, 0));
    out.extend(entry_bytes(name, 2, NO_ENTRY, 0, size as u32));
    out.resize(SECTOR * (2 + data), 0);
    out.extend(table.iter().flat_map(|id| id.to_le_bytes()));
    for (number, chunk) in ids.get(IN_HEADER..).unwrap_or_default().chunks(IN_LIST).enumerate() {
        let next = if number + 1 == lists { END } else { (first_list + number + 1) as u32 };
        let padded = chunk.iter().copied().chain(std::iter::repeat(NO_ENTRY)).take(IN_LIST);
        out.extend(padded.chain([next]).flat_map(u32::to_le_bytes));
    }
    out
}

fn entry_bytes(name: &str, kind: u8, child: u32, start: u32, size: u32) -> Vec<u8> {
    let mut out: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = out.len() as u16 + 2;
    out.resize(64, 0);
    out.extend(length.to_le_bytes());
    out.extend([kind, 1]);
    for word in [NO_ENTRY, NO_ENTRY, child] {
        out.extend(word.to_le_bytes());
    }
    out.resize(116, 0);
    out.extend(start.to_le_bytes());
    out.extend(u64::from(size).to_le_bytes());
    out
}

fn words(bytes: &[u8]) -> Vec<u32> {
    bytes.chunks_exact(4).map(|c| u32::from_le_bytes([c[0], c[1], c[2], c[3]])).collect()
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let raw = bytes.get(at..at + 4)?;
    Some(u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_comes_back_whole_whatever_its_size() {
        // 8 MB need more table sectors than the header can name.
        for size in [1, 4095, 4096, 70_000, 8 << 20] {
            let content: Vec<u8> = (0..size).map(|i| (i % 251) as u8).collect();
            let file = only_stream("Workbook", &content);
            let ole = Ole::open(&file).unwrap();
            assert!(ole.has("workbook") && !ole.has("Book"));
            let read = ole.stream("Workbook").unwrap().unwrap();
            assert!(read.starts_with(&content), "{size}");
        }
    }

    #[test]
    fn a_container_that_ends_too_early_is_refused() {
        let file = only_stream("Workbook", &[7; 9000]);
        // The last sector is the table of chains, of which the end says nothing.
        for end in (0..file.len() - 400).step_by(100) {
            let read = Ole::open(&file[..end]).and_then(|ole| ole.stream("Workbook"));
            assert!(read.is_err(), "{end}");
        }
    }
}
