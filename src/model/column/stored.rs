//! A column as it is written down: its type, then its values one by one, of texts each different one
//! once. It is read on every run, so nothing is copied on the way.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error, SeqAccess, Visitor};
use serde::ser::{SerializeSeq, SerializeTuple, Serializer};
use serde::{Deserialize, Serialize};

use super::{Column, ColumnType};

impl Serialize for Column {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        let mut both = to.serialize_tuple(2)?;
        both.serialize_element(&self.kind)?;
        both.serialize_element(&Values(self))?;
        both.end()
    }
}

struct Values<'c>(&'c Column);

impl Serialize for Values<'_> {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0.kind {
            ColumnType::Boolean => listed(to, self.0.len(), self.0.iter_truths()),
            ColumnType::Text => Coded::of(self.0).serialize(to),
            _ => listed(to, self.0.len(), self.0.iter_integers()),
        }
    }
}

/// `collect_seq` does not know how many there are of what is flattened.
fn listed<S: Serializer, T: Serialize>(
    to: S,
    length: usize,
    values: impl Iterator<Item = T>,
) -> Result<S::Ok, S::Error> {
    let mut list = to.serialize_seq(Some(length))?;
    for value in values {
        list.serialize_element(&value)?;
    }
    list.end()
}

impl<'de> Deserialize<'de> for Column {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_tuple(2, TypeAndValues)
    }
}

struct TypeAndValues;

impl<'de> Visitor<'de> for TypeAndValues {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a type and values")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut both: A) -> Result<Column, A::Error> {
        let absent = || A::Error::invalid_length(0, &self);
        let kind: ColumnType = both.next_element()?.ok_or_else(absent)?;
        let column = match kind {
            ColumnType::Boolean => both.next_element::<Vec<Option<bool>>>()?.map(Column::booleans),
            ColumnType::Text => both.next_element::<Coded>()?.map(Coded::column),
            _ => {
                let numbers = both.next_element::<Vec<Option<i64>>>()?;
                numbers.map(|numbers| Column::numbers(kind, numbers))
            }
        };
        column.ok_or_else(absent)
    }
}

/// Texts, each different one once, and of each row the number of its text: most are codes and names.
#[derive(Serialize, Deserialize)]
struct Coded<'t> {
    #[serde(borrow)]
    texts: Vec<&'t str>,
    /// From 1; 0 is blank.
    of_each: Vec<usize>,
}

impl<'t> Coded<'t> {
    fn of(column: &'t Column) -> Self {
        let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
        let mut texts = Vec::new();
        let mut number = |text: &'t str| {
            *numbers.entry(text).or_insert_with(|| {
                texts.push(text);
                texts.len()
            })
        };
        let of_each = column.iter_texts().map(|text| text.map_or(0, &mut number)).collect();
        Self { texts, of_each }
    }

    fn column(self) -> Column {
        let texts = Column::texts(self.texts.into_iter().map(Some));
        // No text has the number before the first.
        texts.take(self.of_each.into_iter().map(|number| number.wrapping_sub(1)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One of each type, with blanks.
    fn columns() -> Vec<Column> {
        let numbers = [Some(-7), None, Some(i64::MAX)];
        let words = ["石匣乡", "", "一段比十二个字节长得多的文字"].map(Some);
        vec![
            Column::integers(numbers),
            Column::numbers(ColumnType::Decimal(2), numbers),
            Column::dates([Some(15_993), None, Some(-1)]),
            Column::booleans([Some(true), None, Some(false)]),
            Column::texts(words.into_iter().chain([None])),
        ]
    }

    #[test]
    fn a_column_is_read_as_it_was_written_also_a_part_of_one() {
        for column in columns() {
            for column in [column.slice(1, 2), column.slice(0, 0), column] {
                let written = postcard::to_allocvec(&column).unwrap();
                let read: Column = postcard::from_bytes(&written).unwrap();
                assert!(read == column && read.kind() == column.kind(), "{column:?}");
                // Cut anywhere it is none.
                let cut = &written[..written.len() - 1];
                assert!(postcard::from_bytes::<Column>(cut).is_err(), "{column:?}");
            }
        }
    }

    #[test]
    fn parts_laid_end_to_end_are_what_they_were_and_of_nothing_comes_an_empty_column() {
        for column in columns() {
            let (kind, rows) = (column.kind(), column.len());
            let copies = [column.take(0..1), column.take(1..rows), column.take(0..0)];
            assert!(Column::joined(kind, &copies) == column, "{column:?}");
            assert!(Column::joined(kind, &copies[2..]) == Column::empty(kind), "{column:?}");
            assert!(Column::joined(kind, []) == Column::empty(kind), "{column:?}");
        }
    }
}
