//! The columns of a Parquet file.
//!
//! Integers become `int64`; with missing values they become floats with NaN, and so do truth values. Dates and times
//! become seconds (since 1970, or of the day) as floats, and so do durations, which only the Arrow schema in the file
//! distinguishes from integers; decimals become floats. Columns of lists cannot be read.

use super::source::{Source, read_some_at};
use super::{Block, Column, Columns, Dtype, Texts, Values, arrow, picked, unique};
use crate::array::Watch;
use crate::{Error, Result};
use bytes::Bytes;
use parquet::basic::{Compression, ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, Length, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use rayon::prelude::*;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::sync::Arc;

/// Values that are decoded at a time; the stop signal is polled in between.
const BATCH: usize = 1 << 16;
const SECONDS_IN_DAY: f64 = 86_400.0;

/// The file in the form that the library requires, which takes ownership.
struct SharedFile {
    file: Arc<File>,
    len: u64,
    watch: Watch,
}

/// Reads sequentially from a position of the file.
struct From {
    file: Arc<File>,
    at: u64,
}

impl Read for From {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let n = read_some_at(&self.file, buffer, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Length for SharedFile {
    fn len(&self) -> u64 {
        self.len
    }
}

impl ChunkReader for SharedFile {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> parquet::errors::Result<Self::T> {
        Ok(BufReader::new(From { file: self.file.clone(), at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        if self.watch.stops() {
            return Err(ParquetError::General("interrupted".into()));
        }
        if start.checked_add(length as u64).is_none_or(|end| end > self.len) {
            let problem = format!("{length} bytes at byte {start} of a file of {} bytes", self.len);
            return Err(ParquetError::EOF(problem));
        }
        let mut buffer = vec![0; length];
        From { file: self.file.clone(), at: start }.read_exact(&mut buffer)?;
        Ok(buffer.into())
    }
}

pub(super) fn load(source: &Source<'_>, wanted: Option<&[String]>) -> Result<Columns> {
    let mut mark = [0; 4];
    if source.len() >= 8 {
        source.read_at(&mut mark, 0)?;
    }
    if &mark != b"PAR1" {
        return Err(source
            .error_at(0, "expected `PAR1`, with which all Parquet files begin")
            .hint("is its ending right? Encrypted files begin with `PARE`, and are not read"));
    }
    let shared = SharedFile { file: Arc::new(source.handle()?), len: source.len(), watch: source.watch().clone() };
    // The library may panic on damaged files.
    let read = std::panic::AssertUnwindSafe(|| columns(source, shared, wanted));
    std::panic::catch_unwind(read).unwrap_or_else(|_| Err(source.error("it is damaged").hint("write it anew")))
}

fn columns(source: &Source<'_>, shared: SharedFile, wanted: Option<&[String]>) -> Result<Columns> {
    let reader = SerializedFileReader::new(shared).map_err(|e| damaged(source, "", &e))?;
    let metadata = reader.metadata();
    let rows = metadata.row_groups().iter().try_fold(0usize, |sum, group| {
        usize::try_from(group.num_rows())
            .ok()
            .and_then(|n| sum.checked_add(n))
            .filter(|&n| n <= isize::MAX as usize / 32)
    });
    let rows = rows.ok_or_else(|| source.error("a number of rows that cannot be"))?;
    let schema = metadata.file_metadata().schema_descr();
    let paths: Vec<String> = schema.columns().iter().map(|c| c.path().string()).collect();
    let names = unique(paths.clone());
    let metadata_texts = metadata.file_metadata().key_value_metadata();
    let arrow_schema =
        metadata_texts.and_then(|texts| texts.iter().find(|text| text.key == arrow::KEY)?.value.as_deref());
    let durations = arrow_schema.map(arrow::durations).unwrap_or_default();
    let picked = picked(source.path(), wanted, names.iter().map(String::as_str))?;
    let read: Vec<Result<Column>> = picked
        .par_iter()
        .map(|&index| {
            let name = &names[index];
            let kind = ValueKind::of(&schema.column(index)).map_err(|problem| {
                source
                    .error(format_args!("the column `{name}` holds {problem}"))
                    .hint("choose those that can be read with `columns`")
            })?;
            let kind = match durations.get(&paths[index]) {
                Some(per_second) if kind == ValueKind::Int => ValueKind::Divided(*per_second),
                _ => kind,
            };
            for group in metadata.row_groups() {
                let unread = match group.columns().get(index).map(|chunk| chunk.compression()) {
                    Some(Compression::BROTLI(_)) => "Brotli",
                    Some(Compression::LZO) => "LZO",
                    _ => continue,
                };
                return Err(source
                    .error(format_args!("the column `{name}` is compressed with {unread}, which is not read"))
                    .hint(
                        "write the file with another codec, for example `df.to_parquet(path, compression=\"zstd\")`",
                    ));
            }
            let mut target = Target::new(source, kind, name, rows)?;
            for group in 0..metadata.num_row_groups() {
                let library = |e: ParquetError| damaged(source, name, &e);
                let group = reader.get_row_group(group).map_err(library)?;
                target.add(group.get_column_reader(index).map_err(library)?)?;
            }
            target.finish()
        })
        .collect();
    // The first error in the order of the file, whatever the threads' order.
    picked.iter().zip(read).map(|(&index, column)| Ok((names[index].clone(), column?))).collect()
}

fn damaged(source: &Source<'_>, column: &str, error: &ParquetError) -> Error {
    // The library's message begins with a word that is less informative than the file name.
    let text = error.to_string();
    let problem = text.split_once(": ").map_or(text.as_str(), |(_, problem)| problem).trim();
    match column {
        "" => source.error(format_args!("it is no Parquet file that can be read: {problem}")),
        name => source.error(format_args!("the column `{name}` cannot be read: {problem}")),
    }
    .hint("it is damaged or cut off: write it anew, or leave the column out with `columns`")
}

/// The logical type of a column's values.
#[derive(Debug, Clone, Copy, PartialEq)]
enum ValueKind {
    Bool,
    Int,
    /// Unsigned 32 bits, stored in an `i32`.
    Unsigned32,
    /// Unsigned 64 bits, stored in an `i64`.
    Unsigned64,
    /// An integer or its bytes, to be divided by this.
    Divided(f64),
    /// An integer, to be multiplied by this.
    Multiplied(f64),
    F16,
    F32,
    F64,
    /// Days and nanoseconds.
    Int96,
    Text,
}

impl ValueKind {
    fn of(column: &ColumnDescriptor) -> std::result::Result<ValueKind, String> {
        if column.max_rep_level() > 0 {
            return Err("lists".into());
        }
        let per_second = |unit: &TimeUnit| match unit {
            TimeUnit::MILLIS => 1e3,
            TimeUnit::MICROS => 1e6,
            TimeUnit::NANOS => 1e9,
        };
        let logical = column.logical_type_ref();
        let converted = column.converted_type();
        let decimal = matches!(logical, Some(LogicalType::Decimal(_))) || converted == ConvertedType::DECIMAL;
        let divisor = 10f64.powi(column.type_scale());
        Ok(match column.physical_type() {
            Type::BOOLEAN => ValueKind::Bool,
            Type::FLOAT => ValueKind::F32,
            Type::DOUBLE => ValueKind::F64,
            Type::INT96 => ValueKind::Int96,
            Type::INT32 | Type::INT64 => match (logical, converted) {
                _ if decimal => ValueKind::Divided(divisor),
                (Some(LogicalType::Date), _) | (_, ConvertedType::DATE) => ValueKind::Multiplied(SECONDS_IN_DAY),
                (Some(LogicalType::Timestamp(t)), _) => ValueKind::Divided(per_second(&t.unit)),
                (Some(LogicalType::Time(t)), _) => ValueKind::Divided(per_second(&t.unit)),
                (_, ConvertedType::TIME_MILLIS | ConvertedType::TIMESTAMP_MILLIS) => ValueKind::Divided(1e3),
                (_, ConvertedType::TIME_MICROS | ConvertedType::TIMESTAMP_MICROS) => ValueKind::Divided(1e6),
                (Some(LogicalType::Integer(int)), _) if !int.is_signed => {
                    if int.bit_width == 64 {
                        ValueKind::Unsigned64
                    } else {
                        ValueKind::Unsigned32
                    }
                }
                (_, ConvertedType::UINT_64) => ValueKind::Unsigned64,
                (_, ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32) => ValueKind::Unsigned32,
                _ => ValueKind::Int,
            },
            Type::BYTE_ARRAY if decimal => ValueKind::Divided(divisor),
            Type::BYTE_ARRAY => ValueKind::Text,
            Type::FIXED_LEN_BYTE_ARRAY if decimal => ValueKind::Divided(divisor),
            Type::FIXED_LEN_BYTE_ARRAY if matches!(logical, Some(LogicalType::Float16)) => ValueKind::F16,
            Type::FIXED_LEN_BYTE_ARRAY => return Err("bytes, neither numbers nor text".into()),
        })
    }

    fn dtype(self) -> Dtype {
        match self {
            ValueKind::Bool => Dtype::Bool,
            ValueKind::Int | ValueKind::Unsigned32 | ValueKind::Unsigned64 => Dtype::I64,
            ValueKind::F16 | ValueKind::F32 => Dtype::F32,
            ValueKind::Divided(_) | ValueKind::Multiplied(_) | ValueKind::F64 | ValueKind::Int96 | ValueKind::Text => {
                Dtype::F64
            }
        }
    }
}

/// A column that is being read.
struct Target<'t, 'a> {
    source: &'t Source<'a>,
    kind: ValueKind,
    name: &'t str,
    rows: usize,
    /// Number of values that have been read.
    done: usize,
    values: Values,
    texts: Texts,
}

impl<'t, 'a> Target<'t, 'a> {
    fn new(source: &'t Source<'a>, kind: ValueKind, name: &'t str, rows: usize) -> Result<Self> {
        // Text columns grow as they are read.
        let length = if kind == ValueKind::Text { 0 } else { rows };
        let values = source.zero_values(kind.dtype(), length)?;
        Ok(Target { source, kind, name, rows, done: 0, values, texts: Texts::default() })
    }

    fn add(&mut self, reader: ColumnReader) -> Result<()> {
        let kind = self.kind;
        match reader {
            ColumnReader::BoolColumnReader(r) => self.read(r, |t, v| t.set_bool(*v)),
            ColumnReader::Int32ColumnReader(r) => self.read(r, |t, v: &i32| match kind {
                ValueKind::Unsigned32 => t.set_int(i64::from(*v as u32)),
                _ => t.set_scaled(i64::from(*v)),
            }),
            ColumnReader::Int64ColumnReader(r) => self.read(r, |t, v: &i64| match kind {
                ValueKind::Unsigned64 if *v < 0 => Err(t.too_large(*v as u64)),
                _ => t.set_scaled(*v),
            }),
            ColumnReader::Int96ColumnReader(r) => self.read(r, |t, v| t.set_float(seconds(v))),
            ColumnReader::FloatColumnReader(r) => self.read(r, |t, v| t.set_single(*v)),
            ColumnReader::DoubleColumnReader(r) => self.read(r, |t, v| t.set_float(*v)),
            ColumnReader::ByteArrayColumnReader(r) => self.read(r, |t, v: &ByteArray| match kind {
                ValueKind::Divided(divisor) => t.set_float(integer(v.data()) / divisor),
                _ => t.set_text(v),
            }),
            ColumnReader::FixedLenByteArrayColumnReader(r) => self.read(r, |t, v: &FixedLenByteArray| match kind {
                ValueKind::Divided(divisor) => t.set_float(integer(v.data()) / divisor),
                _ => {
                    let bytes = v.data().first_chunk().copied().unwrap_or_default();
                    t.set_single(half::f16::from_le_bytes(bytes).to_f32())
                }
            }),
        }
    }

    fn read<T: DataType>(
        &mut self,
        mut reader: ColumnReaderImpl<T>,
        set: impl Fn(&mut Self, &T::T) -> Result<()>,
    ) -> Result<()> {
        let mut values = Vec::new();
        let mut levels = Vec::new();
        loop {
            self.source.check()?;
            values.clear();
            levels.clear();
            let read = reader.read_records(BATCH, Some(&mut levels), None, &mut values);
            let (records, ..) = read.map_err(|e| damaged(self.source, self.name, &e))?;
            if records == 0 {
                return Ok(());
            }
            if records > self.rows - self.done {
                return Err(self.wrong_count("more"));
            }
            if levels.is_empty() {
                for value in &values {
                    set(self, value)?;
                    self.done += 1;
                }
                continue;
            }
            // A value is present where all levels of its path are.
            let full = levels.iter().copied().max().unwrap_or(0);
            let whole = values.len() == levels.len();
            let mut next = values.iter();
            for level in &levels {
                match next.as_slice() {
                    [value, ..] if whole || *level == full => {
                        set(self, value)?;
                        next.next();
                    }
                    _ => self.set_missing()?,
                }
                self.done += 1;
            }
        }
    }

    fn set_bool(&mut self, value: bool) -> Result<()> {
        match &mut self.values {
            Values::Bool(v) => put(v, self.done, value),
            Values::F64(v) => put(v, self.done, f64::from(u8::from(value))),
            Values::I64(_) | Values::F32(_) => {}
        }
        Ok(())
    }

    fn set_int(&mut self, value: i64) -> Result<()> {
        match &mut self.values {
            Values::I64(v) => put(v, self.done, value),
            Values::F64(v) => put(v, self.done, value as f64),
            Values::Bool(_) | Values::F32(_) => {}
        }
        Ok(())
    }

    fn set_scaled(&mut self, value: i64) -> Result<()> {
        match self.kind {
            ValueKind::Divided(by) => self.set_float(value as f64 / by),
            ValueKind::Multiplied(by) => self.set_float(value as f64 * by),
            _ => self.set_int(value),
        }
    }

    fn set_single(&mut self, value: f32) -> Result<()> {
        if let Values::F32(v) = &mut self.values {
            put(v, self.done, value);
        }
        Ok(())
    }

    fn set_float(&mut self, value: f64) -> Result<()> {
        if let Values::F64(v) = &mut self.values {
            put(v, self.done, value);
        }
        Ok(())
    }

    fn set_text(&mut self, bytes: &ByteArray) -> Result<()> {
        let Ok(text) = std::str::from_utf8(bytes.data()) else {
            let (name, row) = (self.name, self.done);
            return Err(self
                .source
                .error(format_args!("the column `{name}` has bytes in row {row} that are no text in UTF-8"))
                .hint("choose the other columns with `columns`"));
        };
        self.texts.push_counted(text, self.source)
    }

    fn set_missing(&mut self) -> Result<()> {
        if self.kind == ValueKind::Text {
            return self.texts.push_counted("", self.source);
        }
        if let Values::Bool(_) | Values::I64(_) = &self.values {
            let mut floats: Vec<f64> = self.source.zeros(self.rows)?;
            let size = self.values.dtype().size();
            match &self.values {
                Values::Bool(v) => floats.iter_mut().zip(v).for_each(|(f, v)| *f = f64::from(u8::from(*v))),
                Values::I64(v) => floats.iter_mut().zip(v).for_each(|(f, v)| *f = *v as f64),
                Values::F32(_) | Values::F64(_) => {}
            }
            self.values = Values::F64(floats);
            self.source.release((self.rows * size) as u64);
        }
        match &mut self.values {
            Values::F32(v) => put(v, self.done, f32::NAN),
            Values::F64(v) => put(v, self.done, f64::NAN),
            Values::Bool(_) | Values::I64(_) => {}
        }
        Ok(())
    }

    fn too_large(&self, value: u64) -> Error {
        let (name, row) = (self.name, self.done);
        self.source
            .error(format_args!("the column `{name}` has {value} in row {row}, too large for 64 bits with a sign"))
            .hint("store it as float64")
    }

    fn wrong_count(&self, how: &str) -> Error {
        let (name, rows) = (self.name, self.rows);
        self.source.error(format_args!("the column `{name}` has {how} values than the {rows} rows of the file"))
    }

    fn finish(self) -> Result<Column> {
        if self.done != self.rows {
            return Err(self.wrong_count("fewer"));
        }
        Ok(match self.kind {
            ValueKind::Text => Column::Text(self.texts),
            _ => Column::Array(Block { shape: vec![self.rows], values: self.values }),
        })
    }
}

fn put<T>(values: &mut [T], at: usize, value: T) {
    if let Some(place) = values.get_mut(at) {
        *place = value;
    }
}

/// An integer of any length, the highest byte first, in two's complement.
fn integer(bytes: &[u8]) -> f64 {
    let negative = bytes.first().is_some_and(|b| *b >= 0x80);
    let magnitude = bytes.iter().fold(0.0, |sum, b| sum * 256.0 + f64::from(if negative { !*b } else { *b }));
    if negative { -magnitude - 1.0 } else { magnitude }
}

/// Seconds since 1970 from a Julian day and nanoseconds.
fn seconds(value: &Int96) -> f64 {
    const DAY_OF_1970: f64 = 2_440_588.0;
    let &[low, high, day] = value.data() else { return f64::NAN };
    let nanoseconds = (u64::from(high) << 32) | u64::from(low);
    (f64::from(day as i32) - DAY_OF_1970) * SECONDS_IN_DAY + nanoseconds as f64 / 1e9
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn decimals_are_twos_complement() {
        assert_eq!(integer(&[]), 0.0);
        assert_eq!(integer(&[0x01, 0x00]), 256.0);
        assert_eq!(integer(&[0xFF, 0xFF]), -1.0);
        assert_eq!(integer(&[0xFF, 0x00]), -256.0);
        assert_eq!(integer(&(-12345i128).to_be_bytes()), -12345.0);
    }
}
