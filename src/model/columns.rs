//! The columns of a return or of a table: rows that stand together in one table, of which nothing
//! is copied. A single column of them is cut when somebody looks at it.

use std::fmt;
use std::ops::{Index, Range};
use std::sync::{Arc, OnceLock};

use serde::de::Deserializer;
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::{Column, ColumnType};

/// Columns of one length.
#[derive(Clone, Default)]
pub struct Columns {
    table: Arc<Vec<Column>>,
    rows: Range<usize>,
    /// The rows of each column, where they are not all rows of the table.
    cut: OnceLock<Vec<OnceLock<Column>>>,
}

impl Columns {
    /// How many columns.
    pub fn len(&self) -> usize {
        self.table.len()
    }

    pub fn is_empty(&self) -> bool {
        self.table.is_empty()
    }

    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    pub fn get(&self, field: usize) -> Option<&Column> {
        let column = self.table.get(field)?;
        if self.is_whole() {
            return Some(column);
        }
        let cut = self.cut.get_or_init(|| vec![OnceLock::new(); self.len()]).get(field)?;
        Some(cut.get_or_init(|| column.slice(self.rows.start, self.rows.len())))
    }

    pub fn iter(&self) -> impl Iterator<Item = &Column> {
        (0..self.len()).filter_map(|field| self.get(field))
    }

    /// Are they all rows of their table?
    pub fn is_whole(&self) -> bool {
        self.rows == (0..self.table.first().map_or(0, Column::len))
    }

    /// Some of the rows.
    pub fn part(&self, rows: Range<usize>) -> Self {
        let from = self.rows.start;
        let rows = from + rows.start..from + rows.end;
        Self { table: self.table.clone(), rows, cut: OnceLock::new() }
    }

    /// The rows of all parts, in their order; `types`: one a column. Of parts that stand beside each
    /// other in a table, nothing is copied.
    pub fn joined<'c>(types: &[ColumnType], parts: impl IntoIterator<Item = &'c Self>) -> Self {
        let mut runs: Vec<Self> = Vec::new();
        for part in parts.into_iter().filter(|part| part.rows() > 0) {
            match runs.last_mut() {
                Some(run) if run.goes_on_with(part) => run.rows.end = part.rows.end,
                _ => runs.push(part.part(0..part.rows())),
            }
        }
        match runs.as_slice() {
            [run] if run.len() == types.len() => run.clone(),
            runs => {
                let column = |(field, &kind): (usize, &ColumnType)| {
                    Column::joined(kind, runs.iter().filter_map(|run| run.get(field)))
                };
                types.iter().enumerate().map(column).collect()
            }
        }
    }

    fn goes_on_with(&self, next: &Self) -> bool {
        Arc::ptr_eq(&self.table, &next.table) && self.rows.end == next.rows.start
    }
}

impl From<Vec<Column>> for Columns {
    fn from(columns: Vec<Column>) -> Self {
        let rows = 0..columns.first().map_or(0, Column::len);
        Self { table: Arc::new(columns), rows, cut: OnceLock::new() }
    }
}

impl FromIterator<Column> for Columns {
    fn from_iter<I: IntoIterator<Item = Column>>(columns: I) -> Self {
        columns.into_iter().collect::<Vec<_>>().into()
    }
}

impl Index<usize> for Columns {
    type Output = Column;

    fn index(&self, field: usize) -> &Column {
        self.get(field).unwrap_or_else(|| &self.table[field])
    }
}

impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl PartialEq for Columns {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.iter().eq(other.iter())
    }
}

impl Serialize for Columns {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.iter().collect::<Vec<_>>().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Columns {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Vec::<Column>::deserialize(from).map(Self::from)
    }
}

/// Parts of tables as they are written down: each table once.
#[derive(Debug, Serialize, Deserialize)]
pub struct StoredTables {
    tables: Vec<Vec<Column>>,
    /// Of each part its table and rows.
    parts: Vec<(usize, Range<usize>)>,
}

impl StoredTables {
    /// Parts of one table should follow each other: of any other order it is written more often.
    pub fn of<'c>(parts: impl IntoIterator<Item = &'c Columns>) -> Self {
        let mut tables: Vec<&Arc<Vec<Column>>> = Vec::new();
        let mut written = Vec::new();
        for part in parts {
            let table = tables.iter().position(|table| Arc::ptr_eq(table, &part.table));
            let table = table.unwrap_or_else(|| {
                tables.push(&part.table);
                tables.len() - 1
            });
            written.push((table, part.rows.clone()));
        }
        Self { tables: tables.into_iter().map(|table| table.to_vec()).collect(), parts: written }
    }

    /// The parts as they were; `None` when one is of no table.
    pub fn parts(self) -> Option<Vec<Columns>> {
        let tables: Vec<Columns> = self.tables.into_iter().map(Columns::from).collect();
        let part = |(table, rows): (usize, Range<usize>)| {
            let table = tables.get(table)?;
            (rows.start <= rows.end && rows.end <= table.rows()).then(|| table.part(rows))
        };
        self.parts.into_iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPES: [ColumnType; 2] = [ColumnType::Integer, ColumnType::Text];

    /// Rows numbered from one on, with a word that is blank in every third.
    fn numbered(rows: Range<i64>) -> Columns {
        let words = rows.clone().map(|n| (n % 3 != 0).then(|| format!("第{n}行")));
        [Column::integers(rows.map(Some)), Column::texts(words)].into_iter().collect()
    }

    #[test]
    fn rows_that_stand_together_are_not_copied_and_others_are_laid_side_by_side() {
        let table = numbered(0..10);
        let (first, second) = (table.part(0..4), table.part(4..9));
        let together = Columns::joined(&TYPES, [&first, &second]);
        assert!(Arc::ptr_eq(&together.table, &table.table));
        assert_eq!(together, numbered(0..9));
        // A part of a part is a part of the table.
        assert_eq!(second.part(1..3), numbered(5..7));
        // Between two tables, and where rows are missing between, values are laid side by side.
        let other = numbered(20..22);
        let apart = Columns::joined(&TYPES, [&second, &other, &first]);
        let rows = [4, 5, 6, 7, 8, 20, 21, 0, 1, 2, 3].map(Some);
        assert_eq!(apart[0], Column::integers(rows));
        assert_eq!(apart[1].text(5), Some("第20行"));
        assert_eq!(apart[1].text(7), None);
        assert!(apart.is_whole());
        let nothing = Columns::joined(&TYPES, [&table.part(3..3)]);
        assert_eq!((nothing.len(), nothing.rows()), (2, 0));
    }

    #[test]
    fn tables_are_written_once_and_read_as_the_parts_that_they_were() {
        let (table, other) = (numbered(0..6), numbered(30..31));
        let parts = [table.part(0..2), other.clone(), table.part(2..6), table.part(6..6)];
        let tables = StoredTables::of(&parts);
        assert_eq!(tables.tables.len(), 2);
        let written = postcard::to_allocvec(&tables).unwrap();
        let read: StoredTables = postcard::from_bytes(&written).unwrap();
        assert_eq!(read.parts().unwrap(), parts);
        let beyond =
            StoredTables { tables: vec![other.iter().cloned().collect()], parts: vec![(0, 0..2)] };
        assert!(beyond.parts().is_none());
    }
}
