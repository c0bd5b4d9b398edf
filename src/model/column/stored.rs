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
