//! Where something stands: file › sheet ! cell.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// Rows and columns of a sheet of Excel.
pub const MOST_ROWS: u32 = 1 << 20;
pub const MOST_COLUMNS: u32 = 1 << 14;

/// A cell address inside one sheet, zero-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CellRef {
    pub row: u32,
    pub column: u16,
}

impl CellRef {
    pub fn new(row: u32, column: u16) -> Self {
        Self { row, column }
    }

    /// `F12`, `$f$12`; `None` is no address that a sheet has.
    pub fn parse(text: &str) -> Option<Self> {
        let (letters, digits) = text.split_at(text.bytes().position(|b| b.is_ascii_digit())?);
        let fixed = letters.bytes().take_while(|b| *b == b'$').count();
        let letters = &letters.as_bytes()[fixed..];
        let letters = letters.strip_suffix(b"$").unwrap_or(letters);
        let mut column = 0u32;
        for byte in letters {
            let letter = byte.to_ascii_uppercase();
            let value = letter.checked_sub(b'A').filter(|v| *v < 26)?;
            column = column.checked_mul(26)?.checked_add(u32::from(value) + 1)?;
        }
        let column = column.checked_sub(1).filter(|&column| column < MOST_COLUMNS)?;
        let row = digits.parse::<u32>().ok()?.checked_sub(1).filter(|&row| row < MOST_ROWS)?;
        Some(Self { row, column: u16::try_from(column).ok()? })
    }
}

/// Printed as in Excel: `F12`.
impl fmt::Display for CellRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", column_letters(self.column), self.row + 1)
    }
}

/// Excel's letters of a zero-based column: 0 → `A`, 26 → `AA`.
pub fn column_letters(column: u16) -> String {
    let mut rest = u32::from(column) + 1;
    let mut letters = Vec::new();
    while rest > 0 {
        let digit = (rest - 1) % 26;
        letters.push(char::from(b'A' + digit as u8));
        rest = (rest - 1) / 26;
    }
    letters.iter().rev().collect()
}

/// A place to point at. `file` is relative to the returns root, with `/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Location {
    #[serde(with = "super::shared_text")]
    pub file: Arc<str>,
    /// Empty when the whole file is meant.
    #[serde(with = "super::shared_text")]
    pub sheet: Arc<str>,
    /// The cells shown, most telling first; empty when the whole sheet is meant.
    pub cells: Vec<CellRef>,
}

impl Location {
    pub fn file(file: &str) -> Self {
        Self { file: file.into(), ..Self::default() }
    }

    /// The cells as text, separated by a space: `F12 G12`.
    pub fn cells_text(&self) -> String {
        self.cells.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
    }
}

impl Default for CellRef {
    fn default() -> Self {
        Self::new(0, 0)
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.sheet.is_empty() {
            write!(f, " › {}", self.sheet)?;
        }
        if !self.cells.is_empty() {
            write!(f, " ! {}", self.cells_text())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_read_as_excel_prints_them() {
        assert_eq!(CellRef::new(11, 5).to_string(), "F12");
        let place = |row, column| Some(CellRef::new(row, column));
        assert_eq!(CellRef::parse("B3"), place(2, 1));
        assert_eq!(CellRef::parse("$b$3"), place(2, 1));
        assert_eq!(CellRef::parse("XFD1"), place(0, 16_383));
        for text in ["", "B", "3", "ZZZZ1", "A0", "A1B", "A1048577"] {
            assert_eq!(CellRef::parse(text), None, "{text}");
        }
        assert_eq!(column_letters(25), "Z");
        assert_eq!(column_letters(26), "AA");
        assert_eq!(column_letters(16383), "XFD");
    }
}
