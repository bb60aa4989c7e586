//! PLY files, version 1.0: a header in text, then elements (vertices, faces, …) with named properties, in text or
//! binary.
//!
//! Each element is a group of columns. A list property whose lists are equally long is an array of two axes; other
//! lists are a group of `values` and `offsets`.

use super::growing::room;
use super::source::{BLOCK, Source};
use super::{Block, Column, Columns, Dtype, Values};
use crate::Result;

/// Headers have some hundred bytes; comments may make them longer.
const LONGEST_HEADER: usize = 1 << 20;
/// Characters of a number in text.
const LONGEST_WORD: usize = 256;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Ascii,
    LittleEndian,
    BigEndian,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raw {
    I8,
    U8,
    I16,
    U16,
    I32,
    U32,
    F32,
    F64,
}

impl Raw {
    fn of(name: &str) -> Option<Raw> {
        Some(match name {
            "char" | "int8" => Raw::I8,
            "uchar" | "uint8" => Raw::U8,
            "short" | "int16" => Raw::I16,
            "ushort" | "uint16" => Raw::U16,
            "int" | "int32" => Raw::I32,
            "uint" | "uint32" => Raw::U32,
            "float" | "float32" => Raw::F32,
            "double" | "float64" => Raw::F64,
            _ => return None,
        })
    }

    const fn size(self) -> usize {
        match self {
            Raw::I8 | Raw::U8 => 1,
            Raw::I16 | Raw::U16 => 2,
            Raw::I32 | Raw::U32 | Raw::F32 => 4,
            Raw::F64 => 8,
        }
    }

    const fn dtype(self) -> Dtype {
        match self {
            Raw::F32 => Dtype::F32,
            Raw::F64 => Dtype::F64,
            _ => Dtype::I64,
        }
    }
}

/// Bytes of one number as an integer or a float; a float is exact in `f64`.
#[inline]
fn decode_int(raw: Raw, big: bool, bytes: &[u8]) -> i64 {
    let mut word = [0; 4];
    let size = raw.size().min(4);
    for (i, byte) in bytes.iter().take(size).enumerate() {
        word[if big { size - 1 - i } else { i }] = *byte;
    }
    let value = u32::from_le_bytes(word);
    match raw {
        Raw::I8 => i64::from(value as u8 as i8),
        Raw::I16 => i64::from(value as u16 as i16),
        Raw::I32 => i64::from(value as i32),
        _ => i64::from(value),
    }
}

#[derive(Debug, PartialEq)]
struct Property {
    name: String,
    raw: Raw,
    /// The type of the length that stands before each list.
    list: Option<Raw>,
}

#[derive(Debug, PartialEq)]
struct Element {
    name: String,
    count: usize,
    /// Line of the header, from 1.
    line: usize,
    properties: Vec<Property>,
}

impl Element {
    /// Bytes that each of it takes at least.
    fn least(&self, encoding: Encoding) -> usize {
        let size = |p: &Property| match (encoding, p.list) {
            // A digit, and a blank or the end of the line.
            (Encoding::Ascii, _) => 2,
            (_, Some(length)) => length.size(),
            (_, None) => p.raw.size(),
        };
        self.properties.iter().map(size).sum()
    }
}

pub(super) fn load(source: &Source<'_>) -> Result<Columns> {
    let (encoding, elements, begin, lines) = header(source)?;
    let mut reader = Reader { source, at: begin, buffer: Vec::new(), next: 0, line: lines + 1 };
    let mut out = Columns::new();
    for element in elements {
        if element.properties.is_empty() {
            continue;
        }
        let least = (element.count as u128) * element.least(encoding) as u128;
        // The last number of a text needs no blank after it.
        let there = reader.left() + u64::from(encoding == Encoding::Ascii);
        if least > u128::from(there) {
            let Element { name, count, line, .. } = &element;
            return Err(source
                .error(format_args!("line {line}: {count} of `{name}` take at least {least} bytes; {there} are left"))
                .hint("the file is cut off, or its header is wrong"));
        }
        let lists = element.properties.iter().any(|p| p.list.is_some());
        let group = match encoding {
            Encoding::Ascii => text(&mut reader, &element)?,
            _ if lists => rows(&mut reader, &element, encoding == Encoding::BigEndian)?,
            _ => records(&mut reader, &element, encoding == Encoding::BigEndian)?,
        };
        out.insert(element.name, Column::Group(group));
    }
    Ok(out)
}

/// The encoding, the elements, the byte where their data begins, and the number of lines before it.
fn header(source: &Source<'_>) -> Result<(Encoding, Vec<Element>, u64, usize)> {
    let mut text = Vec::new();
    let mut at = 0;
    let mut line = 0;
    let mut encoding = None;
    let mut elements: Vec<Element> = Vec::new();
    loop {
        let Some(length) = text[at..].iter().position(|&b| b == b'\n') else {
            let more = (1 << 12).min(source.len() as usize - text.len());
            if more == 0 || text.len() > LONGEST_HEADER {
                let hint = "it ends with a line `end_header`";
                return Err(source.error(format_args!("line {}: the header has no end", line + 1)).hint(hint));
            }
            let begin = text.len();
            text.resize(begin + more, 0);
            source.read_at(&mut text[begin..], begin as u64)?;
            if begin == 0 && !text.starts_with(b"ply") {
                return Err(source.error_at(0, "expected `ply`, with which all PLY files begin"));
            }
            continue;
        };
        let content = String::from_utf8_lossy(&text[at..at + length]).into_owned();
        at += length + 1;
        line += 1;
        let fail = |problem: String| source.error(format_args!("line {line}: {problem}"));
        let words: Vec<&str> = content.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["ply"] if line == 1 => {}
            _ if line == 1 => return Err(fail("expected `ply` alone".into())),
            ["comment" | "obj_info", ..] | [] => {}
            ["format", name, "1.0"] => {
                encoding = Some(match *name {
                    "ascii" => Encoding::Ascii,
                    "binary_little_endian" => Encoding::LittleEndian,
                    "binary_big_endian" => Encoding::BigEndian,
                    _ => {
                        return Err(fail(format!(
                            "`{name}`; expected ascii, binary_little_endian or binary_big_endian"
                        )));
                    }
                });
            }
            ["element", name, count] => {
                let Ok(count) = count.parse() else {
                    return Err(fail(format!("`{count}`; expected how many `{name}` there are")));
                };
                if elements.iter().any(|e| e.name == *name) {
                    return Err(fail(format!("the element `{name}` is there twice")));
                }
                elements.push(Element { name: name.to_string(), count, line, properties: Vec::new() });
            }
            ["property", kind @ .., name] => {
                let known = |word: &str| Raw::of(word).ok_or_else(|| fail(format!("`{word}` is no type")));
                let (raw, list) = match kind {
                    [raw] => (known(raw)?, None),
                    ["list", length, raw] => (known(raw)?, Some(known(length)?)),
                    _ => return Err(fail("expected `property TYPE NAME` or `property list TYPE TYPE NAME`".into())),
                };
                if list.is_some_and(|length| length.dtype() != Dtype::I64) {
                    return Err(fail("the length of a list is no integer".into()));
                }
                let Some(element) = elements.last_mut() else {
                    return Err(fail("a property before the first element".into()));
                };
                if element.properties.iter().any(|p| p.name == *name) {
                    return Err(fail(format!("the property `{name}` is there twice")));
                }
                element.properties.push(Property { name: name.to_string(), raw, list });
            }
            ["end_header"] => break,
            [word, ..] => {
                return Err(fail(format!("`{word}`; expected format, comment, element, property or end_header")));
            }
        }
    }
    let encoding = encoding.ok_or_else(|| source.error("the header has no line `format … 1.0`"))?;
    Ok((encoding, elements, at as u64, line))
}

/// Reads on through the file.
struct Reader<'r, 'a> {
    source: &'r Source<'a>,
    /// Byte of the file after the buffer.
    at: u64,
    buffer: Vec<u8>,
    /// What of the buffer comes next.
    next: usize,
    /// Line in text, from 1.
    line: usize,
}

impl Reader<'_, '_> {
    /// Byte of the file that comes next.
    fn offset(&self) -> u64 {
        self.at - (self.buffer.len() - self.next) as u64
    }

    fn left(&self) -> u64 {
        self.source.len().saturating_sub(self.offset())
    }

    /// Has at least `wanted` bytes in the buffer, or all that are left.
    fn fill(&mut self, wanted: usize) -> Result<()> {
        let have = self.buffer.len() - self.next;
        if have >= wanted {
            return Ok(());
        }
        self.buffer.drain(..self.next);
        self.next = 0;
        let left = self.source.len().saturating_sub(self.at);
        let more = left.min((wanted - have).max(BLOCK) as u64) as usize;
        self.buffer.resize(have + more, 0);
        self.source.read_at(&mut self.buffer[have..], self.at)?;
        self.at += more as u64;
        Ok(())
    }

    fn bytes(&mut self, count: usize, what: impl FnOnce() -> String) -> Result<&[u8]> {
        if count as u64 > self.left() {
            let (offset, left) = (self.offset(), self.left());
            return Err(self
                .source
                .error_at(offset, format_args!("{} take {count} bytes; {left} are left", what()))
                .hint("the file is cut off, or its header is wrong"));
        }
        self.fill(count)?;
        let begin = self.next;
        self.next += count;
        Ok(&self.buffer[begin..begin + count])
    }

    /// What stands before the next blank.
    fn word(&mut self) -> Result<&[u8]> {
        loop {
            self.fill(LONGEST_WORD + 1)?;
            match self.buffer.get(self.next) {
                Some(b'\n') => self.line += 1,
                Some(byte) if byte.is_ascii_whitespace() => {}
                Some(_) => break,
                None => {
                    let line = self.line;
                    return Err(self.source.error(format_args!("line {line}: the file ends; expected a number")));
                }
            }
            self.next += 1;
        }
        let rest = &self.buffer[self.next..];
        let rest = &rest[..rest.len().min(LONGEST_WORD)];
        let length = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        let begin = self.next;
        self.next += length;
        Ok(&self.buffer[begin..begin + length])
    }

    fn number<T>(&mut self, expected: &str, parse: impl FnOnce(&[u8]) -> Option<T>) -> Result<T> {
        let word = self.word()?;
        if let Some(value) = parse(word) {
            return Ok(value);
        }
        let shown = String::from_utf8_lossy(word).into_owned();
        Err(self.source.error(format_args!("line {}: `{shown}`; expected {expected}", self.line)))
    }

    fn int(&mut self) -> Result<i64> {
        self.number("an integer", |word| std::str::from_utf8(word).ok()?.parse().ok())
    }

    fn float<T: fast_float2::FastFloat>(&mut self) -> Result<T> {
        self.number("a number", |word| fast_float2::parse(word.strip_prefix(b"+").unwrap_or(word)).ok())
    }
}

/// Binary elements of equal size.
fn records(reader: &mut Reader<'_, '_>, element: &Element, big: bool) -> Result<Columns> {
    let source = reader.source;
    let stride = element.least(Encoding::LittleEndian);
    let new = |p: &Property| source.zero_values(p.raw.dtype(), element.count);
    let mut columns = element.properties.iter().map(new).collect::<Result<Vec<Values>>>()?;
    let per_block = (BLOCK / stride.max(1)).max(1);
    let mut done = 0;
    while done < element.count && stride > 0 {
        let rows = per_block.min(element.count - done);
        let block = reader.bytes(rows * stride, || format!("{rows} of `{}`", element.name))?;
        let mut begin = 0;
        for (column, property) in columns.iter_mut().zip(&element.properties) {
            let cells = block.chunks_exact(stride).map(|row| &row[begin..]);
            store(column, done, cells, property.raw, big);
            begin += property.raw.size();
        }
        done += rows;
    }
    let named = columns.into_iter().zip(&element.properties);
    Ok(named.map(|(values, p)| (p.name.clone(), line_of(values))).collect())
}

/// Puts the numbers that the cells begin with into a column, from `done` on.
fn store<'b>(column: &mut Values, done: usize, cells: impl Iterator<Item = &'b [u8]>, raw: Raw, big: bool) {
    fn each<'b, T>(out: &mut [T], cells: impl Iterator<Item = &'b [u8]>, decode: impl Fn(&[u8]) -> T) {
        for (out, cell) in out.iter_mut().zip(cells) {
            *out = decode(cell);
        }
    }
    match column {
        Values::F32(v) => each(&mut v[done..], cells, |cell| decode_f32(big, cell)),
        Values::F64(v) => each(&mut v[done..], cells, |cell| decode_f64(big, cell)),
        // The type is known outside of the loop.
        Values::I64(v) => match raw {
            Raw::U8 => each(&mut v[done..], cells, |cell| cell.first().map_or(0, |b| i64::from(*b))),
            Raw::I32 => each(&mut v[done..], cells, |cell| decode_int(Raw::I32, big, cell)),
            _ => each(&mut v[done..], cells, |cell| decode_int(raw, big, cell)),
        },
        Values::Bool(_) => {}
    }
}

#[inline]
fn decode_f32(big: bool, cell: &[u8]) -> f32 {
    let bytes = cell.first_chunk().copied().unwrap_or_default();
    if big { f32::from_be_bytes(bytes) } else { f32::from_le_bytes(bytes) }
}

#[inline]
fn decode_f64(big: bool, cell: &[u8]) -> f64 {
    let bytes = cell.first_chunk().copied().unwrap_or_default();
    if big { f64::from_be_bytes(bytes) } else { f64::from_le_bytes(bytes) }
}

fn line_of(values: Values) -> Column {
    Column::Array(Block { shape: vec![values.len()], values })
}

/// A property whose numbers come one by one.
struct Collected {
    values: Values,
    lists: Option<Lists>,
}

/// Where the lists of a property begin.
enum Lists {
    /// All have this length; `None` before the first.
    Equal(Option<usize>),
    /// Where each begins, and the end of the last.
    Offsets(Vec<i64>),
}

impl Collected {
    fn new(property: &Property) -> Self {
        let values = match property.raw.dtype() {
            Dtype::F32 => Values::F32(Vec::new()),
            Dtype::F64 => Values::F64(Vec::new()),
            Dtype::I64 | Dtype::Bool => Values::I64(Vec::new()),
        };
        Collected { values, lists: property.list.map(|_| Lists::Equal(None)) }
    }

    fn room(&mut self, more: usize, source: &Source<'_>) -> Result<()> {
        match &mut self.values {
            Values::F32(v) => room(v, more, source),
            Values::F64(v) => room(v, more, source),
            Values::I64(v) => room(v, more, source),
            Values::Bool(v) => room(v, more, source),
        }
    }

    /// Notes that the list of row `row` begins here and has this length.
    fn list(&mut self, row: usize, length: usize, source: &Source<'_>) -> Result<()> {
        let Some(lists) = &mut self.lists else { return Ok(()) };
        if let Lists::Equal(known) = lists {
            if *known.get_or_insert(length) == length {
                return Ok(());
            }
            let before = known.unwrap_or(0);
            let mut offsets = Vec::new();
            room(&mut offsets, row + 2, source)?;
            offsets.extend((0..=row).map(|r| (r * before) as i64));
            *lists = Lists::Offsets(offsets);
        }
        if let Lists::Offsets(offsets) = lists {
            room(offsets, 1, source)?;
            offsets.push(offsets.last().copied().unwrap_or(0) + length as i64);
        }
        Ok(())
    }

    fn push_raw(&mut self, bytes: &[u8], raw: Raw, big: bool) {
        match &mut self.values {
            Values::F32(v) => v.extend(bytes.chunks_exact(4).map(|b| decode_f32(big, b))),
            Values::F64(v) => v.extend(bytes.chunks_exact(8).map(|b| decode_f64(big, b))),
            Values::I64(v) => v.extend(bytes.chunks_exact(raw.size()).map(|b| decode_int(raw, big, b))),
            Values::Bool(_) => {}
        }
    }

    fn finish(self, rows: usize) -> Column {
        match self.lists {
            None => line_of(self.values),
            Some(Lists::Equal(length)) => {
                Column::Array(Block { shape: vec![rows, length.unwrap_or(0)], values: self.values })
            }
            Some(Lists::Offsets(offsets)) => Column::Group(Columns::from([
                ("values".to_string(), line_of(self.values)),
                ("offsets".to_string(), line_of(Values::I64(offsets))),
            ])),
        }
    }
}

fn finished(element: &Element, columns: Vec<Collected>) -> Columns {
    let named = columns.into_iter().zip(&element.properties);
    named.map(|(column, p)| (p.name.clone(), column.finish(element.count))).collect()
}

/// The length of a list, if it can be one.
fn checked_length(reader: &Reader<'_, '_>, place: impl FnOnce() -> String, length: i64, least: usize) -> Result<usize> {
    let there = reader.left();
    match usize::try_from(length) {
        Ok(n) if n as u128 * least as u128 <= u128::from(there) + 1 => Ok(n),
        _ => {
            let error = reader.source.error(format_args!("{}: a list of {length}; {there} bytes are left", place()));
            Err(error.hint("the file is cut off, or its header is wrong"))
        }
    }
}

/// Binary elements with lists in them.
fn rows(reader: &mut Reader<'_, '_>, element: &Element, big: bool) -> Result<Columns> {
    let source = reader.source;
    let mut columns: Vec<Collected> = element.properties.iter().map(Collected::new).collect();
    for row in 0..element.count {
        for (column, property) in columns.iter_mut().zip(&element.properties) {
            let what = || format!("`{}` of `{}` {row}", property.name, element.name);
            let mut count = 1;
            if let Some(length) = property.list {
                let found = decode_int(length, big, reader.bytes(length.size(), what)?);
                let offset = reader.offset();
                count = checked_length(reader, || format!("byte {offset}"), found, property.raw.size())?;
                column.list(row, count, source)?;
            }
            column.room(count, source)?;
            let bytes = reader.bytes(count * property.raw.size(), what)?;
            column.push_raw(bytes, property.raw, big);
        }
    }
    Ok(finished(element, columns))
}

/// Elements in text.
fn text(reader: &mut Reader<'_, '_>, element: &Element) -> Result<Columns> {
    let source = reader.source;
    let mut columns: Vec<Collected> = element.properties.iter().map(Collected::new).collect();
    for row in 0..element.count {
        for (column, property) in columns.iter_mut().zip(&element.properties) {
            let mut count = 1;
            if property.list.is_some() {
                let found = reader.int()?;
                let line = reader.line;
                count = checked_length(reader, || format!("line {line}"), found, 2)?;
                column.list(row, count, source)?;
            }
            column.room(count, source)?;
            for _ in 0..count {
                match &mut column.values {
                    Values::F32(v) => v.push(reader.float()?),
                    Values::F64(v) => v.push(reader.float()?),
                    Values::I64(v) => v.push(reader.int()?),
                    Values::Bool(_) => {}
                }
            }
        }
    }
    Ok(finished(element, columns))
}
