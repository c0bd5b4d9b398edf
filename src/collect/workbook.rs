//! A workbook as every format gives it: visible sheets of typed cells with their addresses, what
//! is merged, what is hidden, and how each number is shown.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::bounds;
use super::merged::{Merged, Region};
use crate::model::{CellRef, shared_text};

/// How a number is shown, as far as the format tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Shown {
    /// The file format does not tell.
    Unknown,
    General,
    /// Decimal places, and digits forced before the point (`000` shows 7 as 007).
    Number {
        places: u8,
        digits: u8,
    },
    /// Decimal places of the per cent.
    Percent {
        places: u8,
    },
    Date,
    Text,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) enum CellValue {
    Text(#[serde(with = "shared_text")] Arc<str>),
    Number(#[serde(with = "exact_bits")] f64),
    Boolean(bool),
    /// As printed: `#REF!`.
    Error(Box<str>),
}

/// A cell that holds something.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Cell {
    pub row: u32,
    pub column: u16,
    pub shown: Shown,
    pub value: CellValue,
}

impl Cell {
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            CellValue::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// What an uncomputed formula holds in the place of a result.
const UNCOMPUTED: &str = "未计算的公式";

impl CellValue {
    /// What a formula without a stored result has for a value: it is no blank.
    pub(super) fn uncomputed() -> Self {
        Self::Error(UNCOMPUTED.into())
    }
}

impl Cell {
    /// A formula whose result is not stored in the file.
    pub(super) fn is_uncomputed(&self) -> bool {
        matches!(&self.value, CellValue::Error(what) if &**what == UNCOMPUTED)
    }
}

/// Why a value that could be read is not certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Doubt {
    /// What is stored could not be read: what the cell shows was taken instead.
    ShownInstead,
    /// The cell is struck through, as one does with what no longer holds.
    Struck,
    /// The cell shows another number than it stores, or none.
    ShowsOther,
    /// The cell shows its number in 千, 万, 亿 or 元, or as a percentage.
    ShowsIn(char),
    /// The cell shows a date without its day.
    DayUnseen,
    /// The cell shows a date without its month.
    MonthUnseen,
    /// The cell shows a date without its year.
    YearUnseen,
}

/// One worksheet.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Sheet {
    pub name: String,
    /// Hidden sheets are not read: only their name is known.
    pub hidden: bool,
    /// Non-empty cells by row, then column.
    pub cells: Vec<Cell>,
    pub merged: Merged,
    /// Does the format tell what is merged?
    pub merges_known: bool,
    /// Inclusive ranges, ascending and apart.
    pub hidden_rows: Vec<(u32, u32)>,
    pub hidden_columns: Vec<(u16, u16)>,
    /// Rows are hidden unless they say otherwise: then these are the rows that are visible.
    pub rows_hidden_by_default: bool,
    pub visible_rows: Vec<u32>,
    /// Does the format tell what is hidden?
    pub hidden_known: bool,
    /// Date serials count from 1904.
    pub from_1904: bool,
    /// All cells are text because the format has nothing else (csv).
    pub only_text: bool,
    /// How many values each row has, where separators say so (csv).
    pub widths: Vec<u16>,
    /// The text ends behind a value, without the end of a line (csv).
    pub open_end: bool,
    /// (row, column, formula) of cells whose value is computed; ordered like the cells.
    pub formulas: Vec<(u32, u16, Box<str>)>,
    /// The file itself says that its stored results are not up to date.
    pub stale: bool,
    /// Cells, in order, whose value could be read and still is not certain.
    pub doubts: Vec<(CellRef, Doubt)>,
    /// What forbids to use the returns on this sheet.
    pub flaws: Vec<Flaw>,
}

/// Two cells of one address.
pub(super) const SAME_ADDRESS: &str = "这个地址的单元格出现两次";
/// More of them in one sheet tell nothing new.
pub(super) const MOST_FLAWS: usize = 20;

impl Sheet {
    pub(super) fn new(name: String) -> Self {
        Self {
            name,
            hidden: false,
            cells: Vec::new(),
            merged: Merged::default(),
            merges_known: true,
            hidden_rows: Vec::new(),
            hidden_columns: Vec::new(),
            rows_hidden_by_default: false,
            visible_rows: Vec::new(),
            hidden_known: true,
            from_1904: false,
            only_text: false,
            widths: Vec::new(),
            open_end: false,
            formulas: Vec::new(),
            stale: false,
            doubts: Vec::new(),
            flaws: Vec::new(),
        }
    }

    /// Notes that the file contradicts itself; without a place, about the sheet.
    pub(super) fn contradicts(&mut self, at: Option<CellRef>, what: &str) {
        let place = at.map_or(String::new(), |at| format!("{at}："));
        let at = at.unwrap_or(CellRef::new(0, 0));
        let found = Flaw {
            code: super::codes::CONTRADICTION.to_owned(),
            row: at.row,
            column: at.column,
            message: format!("{place}{what}，分不清以哪一个为准"),
        };
        if self.flaws.len() < MOST_FLAWS && !self.flaws.contains(&found) {
            self.flaws.push(found);
        }
    }

    /// Puts everything into reading order. Two cells at one address contradict each other.
    pub(super) fn order(&mut self) {
        let key = |c: &Cell| (c.row, c.column);
        if !self.cells.is_sorted_by_key(key) {
            self.cells.sort_by_key(key);
        }
        let pairs = self.cells.windows(2).filter(|pair| key(&pair[0]) == key(&pair[1]));
        let twice: Vec<CellRef> = pairs.map(|p| CellRef::new(p[0].row, p[0].column)).collect();
        for at in twice {
            self.contradicts(Some(at), SAME_ADDRESS);
        }
        self.cells.dedup_by_key(|c| (c.row, c.column));
        if !self.formulas.is_sorted_by_key(|f| (f.0, f.1)) {
            self.formulas.sort_by_key(|f| (f.0, f.1));
        }
        join_ranges(&mut self.hidden_rows);
        join_ranges(&mut self.hidden_columns);
        self.visible_rows.sort_unstable();
        self.doubts.sort_unstable();
    }

    /// Takes in what is merged. Excel itself never lets two regions overlap.
    pub(super) fn merge(&mut self, regions: Vec<Region>) -> Result<(), Refusal> {
        if regions.len() > bounds::MERGED_REGIONS {
            let message = format!("合并单元格多于 {} 处", bounds::MERGED_REGIONS);
            return Err(Refusal::new(super::codes::UNSAFE_FILE, message));
        }
        let (merged, overlapping) = Merged::new(regions);
        self.merged = merged;
        for at in overlapping {
            self.contradicts(Some(at), "合并的区域与另一处合并的区域重叠");
        }
        Ok(())
    }

    /// Another value takes the place of what a cell holds; `None` empties it.
    pub(super) fn put(&mut self, at: CellRef, shown: Shown, value: Option<CellValue>) {
        let key = (at.row, at.column);
        let put = value.map(|value| Cell { row: at.row, column: at.column, shown, value });
        match self.cells.binary_search_by_key(&key, |c| (c.row, c.column)) {
            Ok(place) => drop(self.cells.splice(place..=place, put)),
            Err(place) => drop(self.cells.splice(place..place, put)),
        }
        self.formulas.retain(|f| (f.0, f.1) != key);
        self.doubts.retain(|(cell, _)| *cell != at);
    }

    /// What is not certain about a cell.
    pub(super) fn doubts_at(&self, row: u32, column: u16) -> impl Iterator<Item = Doubt> + '_ {
        let at = CellRef::new(row, column);
        let from = self.doubts.partition_point(|(cell, _)| *cell < at);
        self.doubts[from..].iter().take_while(move |(cell, _)| *cell == at).map(|(_, doubt)| *doubt)
    }

    /// Rows that hold something, with their cells.
    pub(super) fn rows(&self) -> impl Iterator<Item = (u32, &[Cell])> {
        self.cells.chunk_by(|a, b| a.row == b.row).map(|cells| (cells[0].row, cells))
    }

    pub(super) fn cell(&self, row: u32, column: u16) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&(row, column), |c| (c.row, c.column)).ok()?;
        self.cells.get(at)
    }

    /// The filled rows from `first` to before `end`.
    pub(super) fn rows_between(&self, first: u32, end: u32) -> impl Iterator<Item = &[Cell]> {
        let from = self.cells.partition_point(|c| c.row < first);
        let to = self.cells.partition_point(|c| c.row < end).max(from);
        self.cells[from..to].chunk_by(|a, b| a.row == b.row)
    }

    /// The formula of a cell, if it is computed.
    pub(super) fn formula_at(&self, row: u32, column: u16) -> Option<&str> {
        let at = self.formulas.binary_search_by_key(&(row, column), |f| (f.0, f.1)).ok()?;
        self.formulas.get(at).map(|f| &*f.2)
    }

    pub(super) fn is_row_hidden(&self, row: u32) -> bool {
        if self.rows_hidden_by_default {
            return self.visible_rows.binary_search(&row).is_err();
        }
        is_inside(&self.hidden_rows, row)
    }

    pub(super) fn is_column_hidden(&self, column: u16) -> bool {
        is_inside(&self.hidden_columns, column)
    }

    /// The formulas of the rows from `first` to before `end`.
    pub(super) fn formulas_of(&self, first: u32, end: u32) -> &[(u32, u16, Box<str>)] {
        let from = self.formulas.partition_point(|f| f.0 < first);
        let to = self.formulas.partition_point(|f| f.0 < end).max(from);
        &self.formulas[from..to]
    }
}

/// Makes ascending ranges of inclusive ones that may touch or overlap.
fn join_ranges<T: Copy + Ord + Into<u64>>(ranges: &mut Vec<(T, T)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, before| {
        let joins = next.0.into() <= before.1.into() + 1;
        if joins {
            before.1 = before.1.max(next.1);
        }
        joins
    });
}

fn is_inside<T: Copy + Ord>(ranges: &[(T, T)], place: T) -> bool {
    let beginning = ranges.partition_point(|(first, _)| *first <= place);
    beginning.checked_sub(1).is_some_and(|at| place <= ranges[at].1)
}

/// A place of which nobody can say what it holds, though the rest of the sheet was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Flaw {
    pub code: String,
    pub row: u32,
    pub column: u16,
    pub message: String,
}

/// What was noticed about the file, though it was read: a code of [`super::codes`] and the words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Remark {
    pub code: String,
    pub message: String,
}

impl Remark {
    /// A sheet that is a chart or holds macros is no return.
    pub(super) fn sheet_without_cells(name: &str) -> Self {
        let message = format!("“{name}”是图表或宏表，未读取");
        Self { code: super::codes::SHEET_WITHOUT_CELLS.to_owned(), message }
    }
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Workbook {
    pub sheets: Vec<Sheet>,
    pub remarks: Vec<Remark>,
    pub template: Option<TemplateStamp>,
}

/// What a workbook says of the forms from which it was made (`model::handout`). Anybody may write
/// such properties: nothing is read by them, they only say what to compare with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct TemplateStamp {
    /// Code of the unit that it was made for.
    pub unit: String,
    /// The hand-in folder that it was made for.
    pub folder: String,
    /// Id of a form → its edition.
    pub editions: BTreeMap<String, String>,
}

impl Workbook {
    /// The workbook, unless it has more sheets than any return.
    pub(super) fn bounded(self) -> Result<Self, Refusal> {
        let sheets = self.sheets.len();
        if sheets > bounds::SHEETS {
            let message = format!("工作簿有 {sheets} 张工作表，多于 {} 张", bounds::SHEETS);
            return Err(Refusal::new(super::codes::UNSAFE_FILE, message));
        }
        Ok(self)
    }
}

/// Why a file was not read: a code of [`super::codes`] and what was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Refusal {
    pub code: String,
    pub message: String,
    /// What is asked for, where that is not what the code asks for everywhere.
    pub remedy: Option<String>,
}

impl Refusal {
    pub(super) fn new(code: &str, message: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), remedy: None }
    }

    pub(super) fn asking(self, remedy: &str) -> Self {
        Self { remedy: Some(remedy.to_owned()), ..self }
    }
}

/// Counts what is kept of one file and refuses beyond the bounds.
#[derive(Debug, Default)]
pub(super) struct Meter {
    cells: usize,
    text: usize,
}

impl Meter {
    /// Checks one more cell, also an empty one.
    pub(super) fn count(&mut self, row: u32, column: u32, text: usize) -> Result<(), Refusal> {
        self.cells += 1;
        self.text += text;
        let outside = row >= bounds::ROWS || column >= bounds::COLUMNS || text > bounds::CELL_BYTES;
        if outside || self.cells > bounds::CELLS || self.text > bounds::TEXT_BYTES {
            return Err(Refusal::new(
                super::codes::UNSAFE_FILE,
                format!("单元格多于 {} 个，或地址、文字超出工作表所能有的", bounds::CELLS),
            ));
        }
        Ok(())
    }
}

/// Numbers cross the process border bit by bit: no digit may change on the way.
mod exact_bits {
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(number: &f64, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_u64(number.to_bits())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<f64, D::Error> {
        u64::deserialize(from).map(f64::from_bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn number_formats_tell_places_percent_and_padding() {
        let shown = Shown::from_format_code;
        assert_eq!(shown("General"), Shown::General);
        assert_eq!(shown("0"), Shown::Number { places: 0, digits: 1 });
        assert_eq!(shown("#,##0.00_);[Red](#,##0.00)"), Shown::Number { places: 2, digits: 1 });
        assert_eq!(shown("0.0%"), Shown::Percent { places: 1 });
        assert_eq!(shown("0\"人\""), Shown::Number { places: 0, digits: 1 });
        assert_eq!(shown("000000"), Shown::Number { places: 0, digits: 6 });
        assert_eq!(shown("yyyy\"年\"m\"月\""), Shown::Date);
        assert_eq!(shown("[$-804]yyyy/m/d"), Shown::Date);
        assert_eq!(shown("@"), Shown::Text);
        assert_eq!(shown("0.00E+00"), Shown::General);
        assert_eq!(shown("[$-804]General"), Shown::General);
        assert_eq!(shown("G/通用格式"), Shown::General);
        assert_eq!(shown("# ?/?"), Shown::General);
        assert_eq!(shown("[Red]0.0"), Shown::Number { places: 1, digits: 1 });
        for code in ["e\"年\"m\"月\"", "m/d", "h:mm", "[h]:mm:ss", "[DBNum1]m\"月\"", "aaaa"] {
            assert_eq!(shown(code), Shown::Date, "{code}");
        }
    }

    #[test]
    fn numbers_cross_the_process_border_unchanged() {
        let cell = Cell {
            row: 3,
            column: 2,
            shown: Shown::General,
            value: CellValue::Number(82.350_000_000_000_01),
        };
        let sent = serde_json::to_string(&cell).unwrap();
        assert_eq!(serde_json::from_str::<Cell>(&sent).unwrap(), cell);
    }
}
