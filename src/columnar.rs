//! Named columns as the bytes of a Parquet file, and back.
//!
//! The bytes depend on nothing but the columns: no clock, no name of a library.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use anyhow::{Context, bail};
use bytes::Bytes;
use parquet::basic::{Compression, LogicalType, Repetition, Type as Physical};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, Int32Type, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{ColumnDescriptor, Type, TypePtr};

use crate::model::{Column, ColumnType};

/// Columns of one length, by name.
pub type Table = Vec<(String, Column)>;

/// Digits of a number of 64 bits that always fit.
const PRECISION: i32 = 18;

pub fn to_bytes(table: &Table) -> anyhow::Result<Vec<u8>> {
    let fields: Vec<TypePtr> =
        table.iter().map(|(name, column)| field(name, column.kind())).collect::<Result<_, _>>()?;
    let schema = Type::group_type_builder("facts").with_fields(fields).build()?;
    let properties = WriterProperties::builder()
        .set_created_by("dangtong".to_owned())
        .set_compression(Compression::SNAPPY)
        .build();
    let mut writer = SerializedFileWriter::new(Vec::new(), Arc::new(schema), properties.into())?;
    let mut group = writer.next_row_group()?;
    for (_, column) in table {
        let mut to = group.next_column()?.context("Parquet 的列数不符")?;
        write_column(column, &mut to)?;
        to.close()?;
    }
    group.close()?;
    Ok(writer.into_inner()?)
}

fn field(name: &str, kind: ColumnType) -> Result<TypePtr, parquet::errors::ParquetError> {
    let (physical, logical) = match kind {
        ColumnType::Integer => (Physical::INT64, None),
        ColumnType::Decimal(places) => {
            (Physical::INT64, Some(LogicalType::decimal(places.into(), PRECISION)))
        }
        ColumnType::Date => (Physical::INT32, Some(LogicalType::Date)),
        ColumnType::Boolean => (Physical::BOOLEAN, None),
        ColumnType::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    let mut builder = Type::primitive_type_builder(name, physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical);
    if let ColumnType::Decimal(places) = kind {
        builder = builder.with_precision(PRECISION).with_scale(places.into());
    }
    Ok(Arc::new(builder.build()?))
}

fn write_column(column: &Column, to: &mut SerializedColumnWriter) -> anyhow::Result<()> {
    match column.kind() {
        ColumnType::Integer | ColumnType::Decimal(_) => {
            put::<Int64Type>(to, column.iter_integers())
        }
        ColumnType::Date => {
            let days = column.iter_integers().map(|day| day.and_then(|d| i32::try_from(d).ok()));
            put::<Int32Type>(to, days)
        }
        ColumnType::Boolean => put::<BoolType>(to, column.iter_truths()),
        ColumnType::Text => {
            put::<ByteArrayType>(to, column.iter_texts().map(|text| text.map(ByteArray::from)))
        }
    }
}

fn put<T: DataType>(
    to: &mut SerializedColumnWriter,
    values: impl Iterator<Item = Option<T::T>>,
) -> anyhow::Result<()> {
    let (mut present, mut levels) = (Vec::new(), Vec::new());
    for value in values {
        levels.push(i16::from(value.is_some()));
        present.extend(value);
    }
    to.typed::<T>().write_batch(&present, Some(&levels), None)?;
    Ok(())
}

/// The columns of a file. One that no program of ours wrote may be anything.
pub fn of_bytes(bytes: Vec<u8>) -> anyhow::Result<Table> {
    let read = catch_unwind(AssertUnwindSafe(|| read_all(bytes)));
    read.unwrap_or_else(|_| bail!("不是完好的 Parquet 文件"))
}

fn read_all(bytes: Vec<u8>) -> anyhow::Result<Table> {
    let reader = SerializedFileReader::new(Bytes::from(bytes))?;
    let descriptors = reader.metadata().file_metadata().schema_descr().columns().to_vec();
    let mut parts: Vec<Vec<Column>> = vec![Vec::new(); descriptors.len()];
    for number in 0..reader.num_row_groups() {
        let group = reader.get_row_group(number)?;
        let rows = usize::try_from(group.metadata().num_rows())?;
        for (at, descriptor) in descriptors.iter().enumerate() {
            let kind = kind(descriptor)?;
            parts[at].push(read_column(kind, rows, group.get_column_reader(at)?)?);
        }
    }
    descriptors
        .iter()
        .zip(&parts)
        .map(|(descriptor, parts)| {
            let column = Column::joined(kind(descriptor)?, parts);
            Ok((descriptor.name().to_owned(), column))
        })
        .collect()
}

fn kind(descriptor: &ColumnDescriptor) -> anyhow::Result<ColumnType> {
    let is_decimal = matches!(descriptor.logical_type_ref(), Some(LogicalType::Decimal(_)));
    Ok(match descriptor.physical_type() {
        Physical::INT64 if is_decimal => {
            ColumnType::Decimal(u8::try_from(descriptor.type_scale())?)
        }
        Physical::INT64 => ColumnType::Integer,
        Physical::INT32 => ColumnType::Date,
        Physical::BOOLEAN => ColumnType::Boolean,
        Physical::BYTE_ARRAY => ColumnType::Text,
        other => bail!("列 {} 的类型 {other} 不是本程序写的", descriptor.name()),
    })
}

fn read_column(kind: ColumnType, rows: usize, from: ColumnReader) -> anyhow::Result<Column> {
    Ok(match from {
        ColumnReader::Int64ColumnReader(reader) => Column::numbers(kind, take(reader, rows)?),
        ColumnReader::Int32ColumnReader(reader) => Column::dates(take(reader, rows)?),
        ColumnReader::BoolColumnReader(reader) => Column::booleans(take(reader, rows)?),
        ColumnReader::ByteArrayColumnReader(reader) => {
            let texts: Vec<Option<ByteArray>> = take(reader, rows)?;
            let text = |bytes: &Option<ByteArray>| {
                bytes.as_ref().map(|bytes| Ok(bytes.as_utf8()?.to_owned())).transpose()
            };
            let texts: Vec<Option<String>> =
                texts.iter().map(text).collect::<anyhow::Result<_>>()?;
            Column::texts(texts)
        }
        _ => bail!("有本程序不写的列类型"),
    })
}

/// All values of a column, blanks in their places.
fn take<T: DataType>(
    mut reader: parquet::column::reader::ColumnReaderImpl<T>,
    rows: usize,
) -> anyhow::Result<Vec<Option<T::T>>> {
    let (mut levels, mut present) = (Vec::new(), Vec::new());
    while levels.len() < rows {
        let (records, ..) =
            reader.read_records(rows - levels.len(), Some(&mut levels), None, &mut present)?;
        anyhow::ensure!(records > 0, "行数比文件所说的少");
    }
    let mut present = present.into_iter();
    Ok(levels.iter().map(|&level| if level > 0 { present.next() } else { None }).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_every_kind_come_back_and_give_the_same_bytes() {
        let table: Table = vec![
            ("integer".into(), Column::integers([Some(-7), None, Some(i64::MAX)])),
            (
                "decimal".into(),
                Column::numbers(ColumnType::Decimal(2), [None, Some(8235), Some(0)]),
            ),
            ("date".into(), Column::dates([Some(16_000), Some(-1), None])),
            ("truth".into(), Column::booleans([Some(true), None, Some(false)])),
            ("text".into(), Column::texts([Some("左权县"), Some(""), None])),
        ];
        let bytes = to_bytes(&table).unwrap();
        assert_eq!(bytes, to_bytes(&table).unwrap());
        assert_eq!(of_bytes(bytes.clone()).unwrap(), table);
        let empty: Table = vec![("text".into(), Column::empty(ColumnType::Text))];
        assert_eq!(of_bytes(to_bytes(&empty).unwrap()).unwrap(), empty);
        for cut in [0, 4, bytes.len() / 2, bytes.len() - 1] {
            assert!(of_bytes(bytes[..cut].to_vec()).is_err(), "cut at {cut}");
        }
    }
}
