//! Bounds of what is read from one file: far above any real return.

pub(super) const FILE_BYTES: u64 = 64 << 20;
pub(super) const ARCHIVE_ENTRIES: usize = 1_000;
/// Characters of a number format; Excel takes 255.
pub(super) const FORMAT_CODE: usize = 1_000;
pub(super) const PART_BYTES: u64 = 128 << 20;
pub(super) const ARCHIVE_BYTES: u64 = 256 << 20;
/// Files that unpack to more are read one at a time.
pub(super) const LARGE_BYTES: u64 = 16 << 20;
/// Parts above this size are also checked for their ratio.
pub(super) const SUSPECT_BYTES: u64 = 16 << 20;
pub(super) const RATIO: u64 = 150;
pub(super) const CELLS: usize = 3_000_000;
pub(super) const ROWS: u32 = crate::model::MOST_ROWS;
pub(super) const COLUMNS: u32 = crate::model::MOST_COLUMNS;
pub(super) const TEXT_BYTES: usize = 64 << 20;
/// Excel allows 32,767 characters in a cell, and 8,192 in a formula.
pub(super) const CELL_BYTES: usize = 5 * 32_768;
pub(super) const SHEETS: usize = 1_000;
/// Tables of one file, whatever the sheet.
pub(super) const TABLES: usize = 1_000;
pub(super) const HEADER_COLUMNS: usize = 1_024;
pub(super) const MERGED_REGIONS: usize = 50_000;
