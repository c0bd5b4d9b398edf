//! A column as it is written down: its type, then its values one by one. It is read on every run
//! for every column of every return, so nothing is copied on the way.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, SeqAccess, Visitor};
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
            ColumnType::Text => listed(to, self.0.len(), self.0.iter_texts()),
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
            ColumnType::Text => both.next_element_seed(Texts)?,
            _ => {
                let numbers = both.next_element::<Vec<Option<i64>>>()?;
                numbers.map(|numbers| Column::numbers(kind, numbers))
            }
        };
        column.ok_or_else(absent)
    }
}

/// Texts go from the bytes that are read straight into the column.
struct Texts;

impl<'de> DeserializeSeed<'de> for Texts {
    type Value = Column;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Column, D::Error> {
        from.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Texts {
    type Value = Column;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("texts")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut all: A) -> Result<Column, A::Error> {
        let mut failure = None;
        let next = || match all.next_element::<Option<&'de str>>() {
            Ok(text) => text,
            Err(error) => {
                failure = Some(error);
                None
            }
        };
        let texts = Column::texts(std::iter::from_fn(next));
        failure.map_or(Ok(texts), Err)
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
