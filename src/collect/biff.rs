//! Walks all records of an .xls workbook before a reader takes values from it.
//!
//! The stream is a chain of records (type, length, content) without a checksum: one wrong length
//! and everything behind it is something else, which a reader skips or believes. But the format
//! says much twice. Whatever is said twice is compared here, and a workbook that contradicts itself
//! is refused as a whole: a part of it would be a wrong number.

use std::collections::{BTreeMap, BTreeSet};

use super::ole::{Damage, Ole};
use super::workbook::Refusal;
use crate::model::codes::{ENCRYPTED_FILE, UNREADABLE_FILE, UNSUPPORTED_FORMAT};

mod kind {
    pub(super) const FORMULA: u16 = 0x06;
    pub(super) const EOF: u16 = 0x0a;
    pub(super) const FILEPASS: u16 = 0x2f;
    pub(super) const CONTINUE: u16 = 0x3c;
    pub(super) const CODEPAGE: u16 = 0x42;
    pub(super) const UNCALCED: u16 = 0x5e;
    pub(super) const BOUNDSHEET: u16 = 0x85;
    pub(super) const MULRK: u16 = 0xbd;
    pub(super) const MULBLANK: u16 = 0xbe;
    pub(super) const RSTRING: u16 = 0xd6;
    pub(super) const DBCELL: u16 = 0xd7;
    pub(super) const XF: u16 = 0xe0;
    pub(super) const MERGECELLS: u16 = 0xe5;
    pub(super) const SST: u16 = 0xfc;
    pub(super) const LABELSST: u16 = 0xfd;
    pub(super) const DIMENSIONS: u16 = 0x200;
    pub(super) const BLANK: u16 = 0x201;
    pub(super) const NUMBER: u16 = 0x203;
    pub(super) const LABEL: u16 = 0x204;
    pub(super) const BOOLERR: u16 = 0x205;
    pub(super) const STRING: u16 = 0x207;
    pub(super) const ROW: u16 = 0x208;
    pub(super) const RK: u16 = 0x27e;
    pub(super) const FORMAT: u16 = 0x41e;
    pub(super) const BOF: u16 = 0x809;
    /// What may stand between a formula and its text.
    pub(super) const BEHIND_FORMULA: [u16; 5] = [0x21, 0x91, 0x221, 0x236, 0x4bc];
    /// Types that no reader looks at take the place of records that are not to be read.
    pub(super) const IGNORED: u16 = 0x64;
}

/// All record types of BIFF5 and BIFF8 below 0x0800; above that only later additions are found.
/// Writers may have types of their own, but not among the cells.
const KNOWN: &[(u16, u16)] = &[
    (0x06, 0x06),
    (0x0a, 0x0a),
    (0x0c, 0x23),
    (0x25, 0x2b),
    (0x2f, 0x2f),
    (0x31, 0x33),
    (0x3c, 0x42),
    (0x4d, 0x4d),
    (0x50, 0x5f),
    (0x60, 0x6a),
    (0x7d, 0x9e),
    (0xa0, 0xa3),
    (0xa9, 0xc5),
    (0xc6, 0xff),
    (0x100, 0x103),
    (0x122, 0x122),
    (0x137, 0x162),
    (0x191, 0x1c2),
    (0x200, 0x201),
    (0x203, 0x205),
    (0x207, 0x208),
    (0x20b, 0x20b),
    (0x221, 0x221),
    (0x225, 0x225),
    (0x236, 0x236),
    (0x23e, 0x23e),
    (0x27e, 0x27e),
    (0x293, 0x293),
    (0x418, 0x418),
    (0x41e, 0x41e),
    (0x43c, 0x43c),
    (0x4bc, 0x4bc),
    (0x800, 0x8ff),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SheetKind {
    Cells,
    Chart,
    Macros,
}

/// A sheet as the workbook lists it.
#[derive(Debug)]
pub(super) struct SheetEntry {
    pub name: String,
    pub kind: SheetKind,
    pub hidden: bool,
    /// Cells that hold a value, ascending.
    pub filled: Vec<(u32, u16)>,
    /// Formulas whose result is the empty text: a reader may or may not give them.
    pub empty_texts: BTreeSet<(u32, u16)>,
    /// The writer did not compute the formulas: it leaves that to whoever opens the file.
    pub stale: bool,
}

/// A workbook stream that does not contradict itself.
#[derive(Debug)]
pub(super) struct CheckedStream {
    /// 5 or 8.
    pub version: u8,
    pub codepage: Option<u16>,
    pub sheets: Vec<SheetEntry>,
    /// The stream without the content of what is not to be read: charts, macros, hidden sheets.
    pub stream: Vec<u8>,
    /// How many cells show a text of the shared table: as the workbook counts, and in truth. Some
    /// writers forget to count cells that they remove or copy.
    pub texts: (u32, u32),
}

/// Where a stream contradicts itself, and how.
struct Fault {
    at: usize,
    what: String,
}

fn fault<T>(at: usize, what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { at, what: what.into() })
}

struct Record<'s> {
    at: usize,
    kind: u16,
    data: &'s [u8],
    /// 1 in a sheet itself, more in what is embedded there.
    depth: usize,
}

impl Record<'_> {
    fn u16(&self, at: usize) -> Result<u16, Fault> {
        match self.data.get(at..at + 2) {
            Some(raw) => Ok(u16::from_le_bytes([raw[0], raw[1]])),
            None => self.wrong_length(),
        }
    }

    fn u32(&self, at: usize) -> Result<u32, Fault> {
        Ok(u32::from(self.u16(at)?) | u32::from(self.u16(at + 2)?) << 16)
    }

    fn has_length(&self, lengths: &[usize]) -> Result<(), Fault> {
        if lengths.contains(&self.data.len()) { Ok(()) } else { self.wrong_length() }
    }

    fn wrong_length<T>(&self) -> Result<T, Fault> {
        fault(self.at, format!("记录 {:#06x} 的长度 {} 不对", self.kind, self.data.len()))
    }
}

/// BOF to EOF, with everything in between.
struct Substream<'s> {
    at: usize,
    /// What its BOF says it is.
    kind: u16,
    records: Vec<Record<'s>>,
}

/// The stream of the workbook: where a file is for old and new programs, it holds two of them.
pub(super) fn workbook_stream(ole: &Ole) -> Result<Option<Vec<u8>>, Damage> {
    match ole.stream("Workbook")? {
        Some(stream) => Ok(Some(stream)),
        None => ole.stream("Book"),
    }
}

/// Is the workbook locked with a password? Looks no further than needed.
pub(super) fn is_encrypted(stream: &[u8]) -> bool {
    let mut at = 0;
    while let Ok(record) = record(stream, at, 1) {
        match record.kind {
            kind::FILEPASS => return true,
            kind::EOF => return false,
            _ => at += 4 + record.data.len(),
        }
    }
    false
}

pub(super) fn check(stream: &[u8]) -> Result<CheckedStream, Refusal> {
    let first = stream.get(..8).unwrap_or_default();
    let version = match first {
        [0x09, 0x08, _, _, 0, 6, 5, 0] => 8,
        [0x09, 0x08, _, _, 0, 5, 5, 0] => 5,
        [0x09, 0 | 2 | 4, ..] => {
            let message = "这是早期 Excel 文件（Excel 4.0 及以前）";
            return Err(Refusal::new(UNSUPPORTED_FORMAT, message));
        }
        _ => return Err(refusal(&Fault { at: 0, what: "开头不是工作簿".into() })),
    };
    if is_encrypted(stream) {
        return Err(Refusal::new(ENCRYPTED_FILE, "文件设有打开密码"));
    }
    checked(stream, version).map_err(|fault| refusal(&fault))
}

fn refusal(fault: &Fault) -> Refusal {
    let message = format!(
        "工作簿内部已损坏：{}（数据流第 {} 字节）；损坏的工作簿整本不读",
        fault.what, fault.at
    );
    Refusal::new(UNREADABLE_FILE, message)
}

fn checked(stream: &[u8], version: u8) -> Result<CheckedStream, Fault> {
    let substreams = substreams(stream)?;
    let Some((globals, parts)) = substreams.split_first() else {
        return fault(0, "没有内容");
    };
    let globals = read_globals(globals, version)?;
    let mut by_offset: BTreeMap<usize, &Substream> = parts.iter().map(|p| (p.at, p)).collect();
    let mut checked = CheckedStream {
        version,
        codepage: globals.codepage,
        sheets: Vec::new(),
        stream: stream.to_vec(),
        texts: (0, 0),
    };
    let mut names = BTreeSet::new();
    let mut texts_shown = 0u32;
    let mut edges = RowEdges::default();
    for listed in &globals.listed {
        let Some(part) = by_offset.remove(&listed.offset) else {
            let what =
                format!("目录说工作表“{}”在第 {} 字节，那里没有", listed.name, listed.offset);
            return fault(listed.at, what);
        };
        if part.kind != listed.begins_with {
            return fault(part.at, format!("工作表“{}”与目录所说的种类不符", listed.name));
        }
        if !names.insert(listed.name.to_lowercase()) {
            return fault(listed.at, format!("有两张工作表都叫“{}”", listed.name));
        }
        let mut entry = SheetEntry {
            name: listed.name.clone(),
            kind: listed.kind,
            hidden: listed.hidden,
            filled: Vec::new(),
            empty_texts: BTreeSet::new(),
            stale: false,
        };
        if listed.kind == SheetKind::Cells {
            let name = listed.name.clone();
            let named = |f: Fault| Fault { what: format!("工作表“{name}”{}", f.what), ..f };
            let cells = SheetWalk::new(version, &globals).walk(part).map_err(named)?;
            texts_shown += cells.texts;
            cells.compare_rows(&name, &mut edges).map_err(named)?;
            entry.filled = cells.filled();
            entry.stale = cells.is_stale();
            entry.empty_texts = cells.empty_texts;
        }
        if entry.hidden || entry.kind != SheetKind::Cells {
            for record in part.records.iter().filter(|r| !matches!(r.kind, kind::BOF | kind::EOF)) {
                let kind = kind::IGNORED.to_le_bytes();
                checked.stream[record.at..record.at + 2].copy_from_slice(&kind);
            }
        }
        checked.sheets.push(entry);
    }
    edges.judge()?;
    if let Some(unlisted) = by_offset.keys().next() {
        return fault(*unlisted, "有一张工作表不在目录中");
    }
    checked.texts = (globals.texts_counted, texts_shown);
    Ok(checked)
}

const CUT: &str = "数据在这里断了，没有结束标志";

fn record(stream: &[u8], at: usize, depth: usize) -> Result<Record<'_>, Fault> {
    let Some(&[t0, t1, l0, l1]) = stream.get(at..at + 4) else {
        return fault(at, CUT);
    };
    let length = usize::from(u16::from_le_bytes([l0, l1]));
    match stream.get(at + 4..at + 4 + length) {
        Some(data) => Ok(Record { at, kind: u16::from_le_bytes([t0, t1]), data, depth }),
        None => fault(at, CUT),
    }
}

/// The whole stream as substreams, one directly behind the other; zeros may follow the last.
fn substreams(stream: &[u8]) -> Result<Vec<Substream<'_>>, Fault> {
    let mut found = Vec::new();
    let mut at = 0;
    while stream[at..].iter().any(|byte| *byte != 0) {
        let mut part = Substream { at, kind: 0, records: Vec::new() };
        let mut depth = 0;
        loop {
            let record = record(stream, at, depth)?;
            at += 4 + record.data.len();
            match record.kind {
                kind::BOF => {
                    if depth == 0 {
                        part.kind = record.u16(2)?;
                    }
                    depth += 1;
                }
                _ if depth == 0 => return fault(part.at, "工作表没有开头标志"),
                0 if record.data.is_empty() => return fault(record.at, CUT),
                kind::EOF => {
                    record.has_length(&[0])?;
                    depth -= 1;
                }
                _ => {}
            }
            part.records.push(Record { depth, ..record });
            if depth == 0 {
                break;
            }
        }
        found.push(part);
    }
    Ok(found)
}

struct Listed {
    at: usize,
    offset: usize,
    name: String,
    kind: SheetKind,
    begins_with: u16,
    hidden: bool,
}

/// What the workbook says about all its sheets.
#[derive(Default)]
struct Globals {
    codepage: Option<u16>,
    listed: Vec<Listed>,
    styles: u16,
    /// Strings in the shared table, and how often cells are said to show one.
    texts: u32,
    texts_counted: u32,
}

fn read_globals(part: &Substream, version: u8) -> Result<Globals, Fault> {
    let mut globals = Globals::default();
    let mut table = false;
    for (number, record) in part.records.iter().enumerate() {
        match record.kind {
            kind::CODEPAGE => globals.codepage = Some(record.u16(0)?),
            kind::XF => {
                record.has_length(&[if version == 8 { 20 } else { 16 }])?;
                globals.styles += 1;
            }
            kind::FORMAT => record.has_length(&[text_end(record, 2, 2, version)?])?,
            kind::BOUNDSHEET => globals.listed.push(listed(record, version)?),
            kind::SST => {
                if std::mem::replace(&mut table, true) {
                    return fault(record.at, "有两张文字表");
                }
                let more = part.records[number + 1..].iter();
                let more = more.take_while(|r| r.kind == kind::CONTINUE).map(|r| r.data);
                let pieces: Vec<&[u8]> = std::iter::once(record.data).chain(more).collect();
                (globals.texts_counted, globals.texts) = (record.u32(0)?, record.u32(4)?);
                count_texts(&pieces, globals.texts)
                    .map_or_else(|| fault(record.at, "文字表与登记的条数不符"), Ok)?;
            }
            _ => {}
        }
    }
    if globals.listed.is_empty() {
        return fault(part.at, "目录中没有工作表");
    }
    Ok(globals)
}

fn listed(record: &Record, version: u8) -> Result<Listed, Fault> {
    let (offset, hidden, kind) = (record.u32(0)?, record.u16(4)? & 0x3f, record.u16(4)? >> 8);
    let (kind, begins_with) = match kind {
        0 => (SheetKind::Cells, 0x10),
        1 => (SheetKind::Macros, 0x40),
        2 => (SheetKind::Chart, 0x20),
        6 => (SheetKind::Macros, 0x06),
        _ => return fault(record.at, "目录中有不认识的工作表种类"),
    };
    let end = text_end(record, 6, 1, version)?;
    if end != record.data.len() || hidden > 2 {
        return record.wrong_length();
    }
    let raw = &record.data[if version == 8 { 8 } else { 7 }..];
    let name = match (version, record.data[7] & 1) {
        (8, 1) => encoding_rs::UTF_16LE.decode_without_bom_handling(raw).0.into_owned(),
        (8, _) => raw.iter().map(|byte| char::from(*byte)).collect(),
        _ => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
    };
    let offset = offset as usize;
    Ok(Listed { at: record.at, offset, name, kind, begins_with, hidden: hidden > 0 })
}

/// Where a text ends that begins at `at` with its length in `size` bytes.
fn text_end(record: &Record, at: usize, size: usize, version: u8) -> Result<usize, Fault> {
    let length = if size == 1 { record.u16(at)? & 0xff } else { record.u16(at)? };
    let length = usize::from(length);
    if version == 5 {
        return Ok(at + size + length);
    }
    let Some(flags) = record.data.get(at + size) else {
        // An empty text may do without flags.
        return if length == 0 { Ok(at + size) } else { record.wrong_length() };
    };
    Ok(at + size + 1 + length * if flags & 1 == 1 { 2 } else { 1 })
}

/// Reads the strings of a shared table to its very end, if there are exactly `count`.
fn count_texts(pieces: &[&[u8]], count: u32) -> Option<()> {
    let mut pieces = pieces.iter();
    let mut rest = pieces.next()?.get(8..)?;
    for _ in 0..count {
        if rest.is_empty() {
            rest = pieces.next()?;
        }
        let length = u16::from_le_bytes([*rest.first()?, *rest.get(1)?]);
        let mut flags = *rest.get(2)?;
        rest = &rest[3..];
        let mut behind = 0usize;
        if flags & 8 != 0 {
            behind += 4 * usize::from(u16::from_le_bytes([*rest.first()?, *rest.get(1)?]));
            rest = &rest[2..];
        }
        if flags & 4 != 0 {
            let raw = rest.get(..4)?;
            behind += u32::from_le_bytes([raw[0], raw[1], raw[2], raw[3]]) as usize;
            rest = &rest[4..];
        }
        let mut left = usize::from(length);
        while left > 0 {
            let wide = 1 + usize::from(flags & 1);
            let here = left.min(rest.len() / wide);
            rest = &rest[here * wide..];
            left -= here;
            if left > 0 {
                // A character is never split; each piece says anew how wide its characters are.
                if !rest.is_empty() {
                    return None;
                }
                let piece = pieces.next()?;
                flags = *piece.first()?;
                rest = &piece[1..];
            }
        }
        while behind > 0 {
            if rest.is_empty() {
                rest = pieces.next()?;
            }
            let here = behind.min(rest.len());
            rest = &rest[here..];
            behind -= here;
        }
    }
    (rest.is_empty() && pieces.next().is_none()).then_some(())
}

/// What the ROW record of a row says, and which cells the row has.
#[derive(Default)]
struct Row {
    /// First column and the one behind the last, if the row has a ROW record.
    declared: Option<(u16, u16)>,
    cells: Option<(u16, u16)>,
}

/// How well rows and blocks of rows tell where they begin and end, over the whole workbook. Some
/// writers do not know; where the writer does, what says otherwise has lost or won a cell.
#[derive(Default)]
struct RowEdges {
    right_ends: usize,
    wrong_end: Vec<Fault>,
    /// Right ones that are not simply the first column, which many writers always say.
    right_firsts: usize,
    wrong_first: Vec<Fault>,
    right_blocks: usize,
    wrong_block: Vec<Fault>,
}

impl RowEdges {
    fn judge(self) -> Result<(), Fault> {
        for (right, wrong) in [
            (self.right_ends, self.wrong_end),
            (self.right_firsts, self.wrong_first),
            (self.right_blocks, self.wrong_block),
        ] {
            if right > wrong.len()
                && let Some(fault) = wrong.into_iter().next()
            {
                return Err(fault);
            }
        }
        Ok(())
    }
}

/// One sheet of cells, compared with what it says about itself.
struct SheetWalk<'g> {
    version: u8,
    globals: &'g Globals,
    /// First row and the one behind the last, likewise columns.
    dimensions: Option<(u32, u32, u16, u16)>,
    rows: BTreeMap<u32, Row>,
    /// Every cell with its place in the stream, and whether it holds a value, in stream order.
    cells: Vec<(u32, u16, usize, bool)>,
    empty_texts: BTreeSet<(u32, u16)>,
    /// Formulas, and those of them that are to be computed when the file is opened.
    formulas: usize,
    to_compute: usize,
    uncalculated: bool,
    texts: u32,
    row_records: BTreeSet<usize>,
    /// Blocks of rows whose beginning is where they say, and the others.
    right_blocks: usize,
    wrong_blocks: Vec<usize>,
}

impl<'g> SheetWalk<'g> {
    fn new(version: u8, globals: &'g Globals) -> Self {
        Self {
            version,
            globals,
            dimensions: None,
            rows: BTreeMap::new(),
            cells: Vec::new(),
            empty_texts: BTreeSet::new(),
            formulas: 0,
            to_compute: 0,
            uncalculated: false,
            texts: 0,
            row_records: BTreeSet::new(),
            right_blocks: 0,
            wrong_blocks: Vec::new(),
        }
    }

    fn walk(mut self, part: &Substream) -> Result<Self, Fault> {
        let records: Vec<&Record> = part.records.iter().filter(|r| r.depth == 1).collect();
        let mut last_cell = 0;
        // Unknown records behind the range, which stands before the cells.
        let mut unknown: Vec<usize> = Vec::new();
        for (number, record) in records.iter().enumerate() {
            let cells = self.cells.len();
            self.record(record, &records[number + 1..])?;
            if self.cells.len() > cells {
                last_cell = number;
            }
            let is_it = |(low, high): &(u16, u16)| (*low..=*high).contains(&record.kind);
            if self.dimensions.is_some() && !KNOWN.iter().any(is_it) {
                unknown.push(number);
            }
        }
        // Among the cells, or directly behind the last one, it was a cell.
        if let Some(number) = unknown.first().filter(|number| **number <= last_cell + 1) {
            let record = records[*number];
            return fault(
                record.at,
                format!("的单元格之间有记录 {:#06x}，没有这种记录", record.kind),
            );
        }
        self.compare_cells()?;
        Ok(self)
    }

    /// Libraries store zeros and mark all their formulas; Excel marks those that change by
    /// themselves, such as today's date.
    fn is_stale(&self) -> bool {
        self.uncalculated || self.formulas > 0 && self.formulas == self.to_compute
    }

    fn filled(&self) -> Vec<(u32, u16)> {
        let filled = self.cells.iter().filter(|cell| cell.3);
        let mut filled: Vec<(u32, u16)> = filled.map(|cell| (cell.0, cell.1)).collect();
        filled.sort_unstable();
        filled
    }

    fn record(&mut self, record: &Record, behind: &[&Record]) -> Result<(), Fault> {
        match record.kind {
            kind::DIMENSIONS => return self.dimensions_record(record),
            kind::ROW => {
                record.has_length(&[16])?;
                let row = self.rows.entry(u32::from(record.u16(0)?)).or_default();
                let declared = (record.u16(2)?, record.u16(4)?);
                if row.declared.replace(declared).is_some() {
                    return fault(record.at, "的一行说了两次");
                }
                self.row_records.insert(record.at);
            }
            kind::DBCELL => {
                let first = record.at.checked_sub(record.u32(0)? as usize);
                match first.filter(|at| self.row_records.contains(at)) {
                    Some(_) => self.right_blocks += 1,
                    None => self.wrong_blocks.push(record.at),
                }
            }
            kind::UNCALCED => self.uncalculated = true,
            kind::MERGECELLS => record.has_length(&[2 + 8 * usize::from(record.u16(0)?)])?,
            kind::STRING => record.has_length(&[text_end(record, 0, 2, self.version)?])?,
            _ => return self.cell_record(record, behind),
        }
        Ok(())
    }

    fn dimensions_record(&mut self, record: &Record) -> Result<(), Fault> {
        let said = if self.version == 8 {
            // Some writers add two bytes.
            record.has_length(&[14, 16])?;
            (record.u32(0)?, record.u32(4)?, record.u16(8)?, record.u16(10)?)
        } else {
            record.has_length(&[10])?;
            (record.u16(0)?.into(), record.u16(2)?.into(), record.u16(4)?, record.u16(6)?)
        };
        let (first_row, end_row, first_column, end_column) = said;
        let ordered = end_row == 0 || first_row <= end_row && first_column <= end_column;
        if !ordered || end_row > 1 << 16 || end_column > 256 {
            return fault(record.at, "的范围不可能这样");
        }
        if self.dimensions.replace(said).is_some() || !self.cells.is_empty() {
            return fault(record.at, "的范围说了两次，或者说在单元格之后");
        }
        Ok(())
    }

    fn cell_record(&mut self, record: &Record, behind: &[&Record]) -> Result<(), Fault> {
        match record.kind {
            kind::RK => record.has_length(&[10])?,
            kind::NUMBER => record.has_length(&[14])?,
            kind::BOOLERR => record.has_length(&[8])?,
            kind::BLANK => {
                record.has_length(&[6])?;
                return self.cell(record, 0, false);
            }
            kind::LABEL => record.has_length(&[text_end(record, 6, 2, self.version)?])?,
            kind::RSTRING => {
                let end = text_end(record, 6, 2, self.version)?;
                let (size, each) = if self.version == 8 { (2, 4) } else { (1, 2) };
                let runs = record.data.get(end).map_or(0, |n| usize::from(*n));
                record.has_length(&[end + size + each * runs])?;
            }
            kind::LABELSST => {
                record.has_length(&[10])?;
                if record.u32(6)? >= self.globals.texts {
                    return fault(record.at, "的一格指向文字表中没有的文字");
                }
                self.texts += 1;
            }
            kind::MULRK | kind::MULBLANK => {
                let each = if record.kind == kind::MULRK { 6 } else { 2 };
                let last = record.u16(record.data.len().saturating_sub(2))?;
                let count = usize::from(last.wrapping_sub(record.u16(2)?)) + 1;
                record.has_length(&[6 + each * count])?;
                for i in 0..count {
                    self.cell_at(record, i, 4 + each * i, record.kind == kind::MULRK)?;
                }
                return Ok(());
            }
            kind::FORMULA => self.formula(record, behind)?,
            _ => return Ok(()),
        }
        self.cell(record, 0, true)
    }

    /// A formula has the length that its tokens say, and a text behind it if that is its result.
    fn formula(&mut self, record: &Record, behind: &[&Record]) -> Result<(), Fault> {
        let tokens = 22 + usize::from(record.u16(20)?);
        let Some(code) = record.data.get(22..tokens) else { return record.wrong_length() };
        // Constants of arrays and remembered areas stand behind the tokens.
        let has_more = code.iter().any(|b| matches!(b & 0x1f, 0x00 | 0x06 | 0x07) && b & 0x60 != 0);
        if record.data.len() > tokens && !has_more {
            return record.wrong_length();
        }
        self.formulas += 1;
        self.to_compute += usize::from(record.u16(14)? & 3 != 0);
        let next = behind.iter().find(|r| !kind::BEHIND_FORMULA.contains(&r.kind));
        let has_text = next.is_some_and(|r| r.kind == kind::STRING);
        let wants_text = match record.data[6..14] {
            [what, .., 0xff, 0xff] => {
                if what == 3 {
                    self.empty_texts.insert((u32::from(record.u16(0)?), record.u16(2)?));
                }
                what == 0
            }
            _ => false,
        };
        if wants_text != has_text {
            return fault(record.at, "的一个公式与其结果不符");
        }
        Ok(())
    }

    fn cell(&mut self, record: &Record, step: usize, filled: bool) -> Result<(), Fault> {
        self.cell_at(record, step, 4, filled)
    }

    /// One cell: `step` columns right of the record's, with its style at `style`.
    fn cell_at(
        &mut self,
        record: &Record,
        step: usize,
        style: usize,
        filled: bool,
    ) -> Result<(), Fault> {
        let (row, column) = (u32::from(record.u16(0)?), usize::from(record.u16(2)?) + step);
        if record.u16(style)? >= self.globals.styles {
            return fault(record.at, format!("第 {} 行有一格用了没有的格式", row + 1));
        }
        let column = match u16::try_from(column) {
            Ok(column) if column < 256 => column,
            _ => return fault(record.at, format!("第 {} 行有一格在表外", row + 1)),
        };
        let inside =
            self.dimensions.is_none_or(|(first_row, end_row, first_column, end_column)| {
                (first_row..end_row).contains(&row) && (first_column..end_column).contains(&column)
            });
        if !inside {
            return fault(record.at, format!("第 {} 行有一格在工作表自称的范围之外", row + 1));
        }
        let cells = self.rows.entry(row).or_default().cells.get_or_insert((column, column));
        *cells = (cells.0.min(column), cells.1.max(column));
        self.cells.push((row, column, record.at, filled));
        Ok(())
    }

    /// Do nearly all rows with cells have a ROW record? Writers do it for all or hardly any.
    fn rows_are_declared(&self) -> bool {
        let with_cells = self.rows.values().filter(|row| row.cells.is_some());
        let (declared, silent): (Vec<&Row>, Vec<&Row>) =
            with_cells.partition(|row| row.declared.is_some());
        declared.len() > silent.len()
    }

    /// No cell twice; in order, where the writer keeps order.
    fn compare_cells(&self) -> Result<(), Fault> {
        let in_order =
            |pair: &&[(u32, u16, usize, bool)]| (pair[0].0, pair[0].1) < (pair[1].0, pair[1].1);
        let disorder = self.cells.windows(2).find(|pair| !in_order(pair));
        if let Some([_, (row, _, at, _)]) = disorder.filter(|_| self.rows_are_declared()) {
            return fault(*at, format!("第 {} 行有一格不在应在的位置", row + 1));
        }
        let mut seen = BTreeSet::new();
        match self.cells.iter().find(|(row, column, ..)| !seen.insert((*row, *column))) {
            Some((row, _, at, _)) => fault(*at, format!("第 {} 行有一格写了两次", row + 1)),
            None => Ok(()),
        }
    }

    /// Compares what ROW records say about the first and the last cell of their rows.
    fn compare_rows(&self, sheet: &str, edges: &mut RowEdges) -> Result<(), Fault> {
        if !self.rows_are_declared() {
            return Ok(());
        }
        edges.right_blocks += self.right_blocks;
        let what = || format!("工作表“{sheet}”有一块行缺少内容，或者多出来了");
        edges
            .wrong_block
            .extend(self.wrong_blocks.iter().map(|at| Fault { at: *at, what: what() }));
        let at = self.row_records.first().copied().unwrap_or_default();
        if self.dimensions.is_none() {
            return fault(at, "没有说明范围");
        }
        for (number, row) in &self.rows {
            let Some((first, end)) = row.declared else {
                return fault(at, format!("第 {} 行有单元格而没有行", number + 1));
            };
            let what = || {
                let what = format!("工作表“{sheet}”第 {} 行缺少单元格，或者多出来了", number + 1);
                Fault { at, what }
            };
            let Some((least, most)) = row.cells else {
                // xlwt gives one column to rows that have no cell.
                edges.wrong_end.extend((end > first && end > 1).then(what));
                continue;
            };
            if end == most + 1 {
                edges.right_ends += 1
            } else {
                edges.wrong_end.push(what())
            }
            edges.right_firsts += usize::from(first == least && first > 0);
            edges.wrong_first.extend((first != least).then(what));
        }
        Ok(())
    }
}
