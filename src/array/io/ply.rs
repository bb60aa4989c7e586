//! PLY files, version 1.0: a header in text, then elements (vertices, faces, …) with named properties, in text or
//! binary.
//!
//! Each element becomes a group of columns. A list property whose lists are equally long becomes an array of two axes;
//! other lists become a group of `values` and `offsets`. Integer colours are scaled to 0 to 1.

use super::source::{BLOCK, Source, room};
use super::{Block, Column, Columns, Dtype, Values};
use crate::{Error, Result};
use memchr::memchr;

/// Headers have some hundred bytes; comments may make them longer.
const LONGEST_HEADER: usize = 1 << 20;
/// Lines longer than this are counted against the memory limit.
const LONG: usize = 64 << 20;
/// Most characters of a word in an error.
const SHOWN: usize = 40;

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

    /// The smallest and the largest integer; `None` for floats.
    const fn range(self) -> Option<(i64, i64)> {
        Some(match self {
            Raw::I8 => (i8::MIN as i64, i8::MAX as i64),
            Raw::U8 => (0, u8::MAX as i64),
            Raw::I16 => (i16::MIN as i64, i16::MAX as i64),
            Raw::U16 => (0, u16::MAX as i64),
            Raw::I32 => (i32::MIN as i64, i32::MAX as i64),
            Raw::U32 => (0, u32::MAX as i64),
            Raw::F32 | Raw::F64 => return None,
        })
    }

    const fn dtype(self) -> Dtype {
        match self {
            Raw::F32 => Dtype::F32,
            Raw::F64 => Dtype::F64,
            _ => Dtype::I64,
        }
    }
}

/// Decodes the bytes of one number as an integer or a float; a float is exact in `f64`.
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
    /// The type of the length before each list.
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
    /// Minimum bytes of each element.
    fn least(&self, encoding: Encoding) -> usize {
        let size = |p: &Property| p.list.map_or(p.raw.size(), Raw::size);
        match encoding {
            // A digit and the line end: missing numbers are reported when the line is read.
            Encoding::Ascii => 2,
            _ => self.properties.iter().map(size).sum(),
        }
    }
}

impl Element {
    /// Whether a property is a colour: by its name, which may have a prefix; single letters only where all three are
    /// present.
    fn is_colour(&self, property: &Property) -> bool {
        const WHOSE: [&str; 3] = ["diffuse_", "ambient_", "specular_"];
        let name = property.name.as_str();
        let name = WHOSE.iter().find_map(|whose| name.strip_prefix(whose)).unwrap_or(name);
        let letters = || ["r", "g", "b"].iter().all(|letter| self.properties.iter().any(|p| p.name == *letter));
        match name {
            "red" | "green" | "blue" | "alpha" => true,
            "r" | "g" | "b" | "a" => letters(),
            _ => false,
        }
    }

    /// The columns, with colours scaled to 0 to 1.
    fn scaled(&self, mut columns: Columns) -> Columns {
        for property in self.properties.iter().filter(|p| p.list.is_none() && self.is_colour(p)) {
            let Some((_, most)) = property.raw.range() else { continue };
            if let Some(Column::Array(block)) = columns.get_mut(&property.name)
                && let Values::I64(v) = &mut block.values
            {
                // In place.
                let scaled = std::mem::take(v).into_iter().map(|value| value as f64 / most as f64);
                block.values = Values::F64(scaled.collect());
            }
        }
        columns
    }
}

/// Reads a file; `raw` keeps integer colours.
pub(super) fn load(source: &Source<'_>, raw: bool) -> Result<Columns> {
    let Top { encoding, elements, begin, lines, end } = header(source)?;
    let mut reader = Reader { source, at: begin, buffer: Vec::new(), next: 0, line: lines, end, counted: LONG };
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
        let group = if raw { group } else { element.scaled(group) };
        out.insert(element.name, Column::Group(group));
    }
    reader.finish(encoding)?;
    Ok(out)
}

/// The contents of the header.
struct Top {
    encoding: Encoding,
    elements: Vec<Element>,
    /// The byte where the data begins, and the number of lines before it.
    begin: u64,
    lines: usize,
    /// The last character of each line.
    end: u8,
}

fn header(source: &Source<'_>) -> Result<Top> {
    let mut text = Vec::new();
    let mut at = 0;
    let mut line = 0;
    let mut encoding = None;
    let mut elements: Vec<Element> = Vec::new();
    let mut end = b'\n';
    loop {
        let Some(length) = memchr(end, &text[at..]) else {
            let more = (1 << 12).min(source.len() as usize - text.len());
            if more == 0 || text.len() > LONGEST_HEADER {
                let hint = "it ends with a line `end_header`";
                return Err(source.error(format_args!("line {}: the header has no end", line + 1)).hint(hint));
            }
            let begin = text.len();
            text.resize(begin + more, 0);
            source.read_at(&mut text[begin..], begin as u64)?;
            if begin == 0 {
                if !text.starts_with(b"ply") {
                    let error = source.error_at(0, "expected `ply`, with which all PLY files begin");
                    return Err(error.hint("is its ending right?"));
                }
                // Lines end with LF, CR and LF, or CR.
                if text.get(3) == Some(&b'\r') && text.get(4) != Some(&b'\n') {
                    end = b'\r';
                }
            }
            continue;
        };
        let content = String::from_utf8_lossy(&text[at..at + length]).into_owned();
        at += length + 1;
        line += 1;
        let fail = |problem: String| {
            let hint = "a header has lines such as `element vertex 8` and `property float x`";
            source.error(format_args!("line {line}: {problem}")).hint(hint)
        };
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
    let encoding = encoding.ok_or_else(|| {
        source.error("the header has no line `format … 1.0`").hint("write `format ascii 1.0` below `ply`")
    })?;
    Ok(Top { encoding, elements, begin: at as u64, lines: line, end })
}

/// Reads the file sequentially.
struct Reader<'r, 'a> {
    source: &'r Source<'a>,
    /// Byte of the file after the buffer.
    at: u64,
    buffer: Vec<u8>,
    /// The unread part of the buffer.
    next: usize,
    /// Number of text lines before the unread part.
    line: usize,
    /// The last character of each line.
    end: u8,
    /// Bytes of a line that are counted, or need not be.
    counted: usize,
}

impl Reader<'_, '_> {
    /// Position in the file of the next byte.
    fn offset(&self) -> u64 {
        self.at - (self.buffer.len() - self.next) as u64
    }

    fn left(&self) -> u64 {
        self.source.len().saturating_sub(self.offset())
    }

    /// Fills the buffer with at least `wanted` bytes, or all that are left.
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

    /// The next line that is not blank, and its number; `None` at the end of the file.
    fn text_line(&mut self) -> Result<Option<(usize, &[u8])>> {
        loop {
            let mut searched = 0;
            let length = loop {
                if let Some(length) = memchr(self.end, &self.buffer[self.next + searched..]) {
                    break searched + length;
                }
                searched = self.buffer.len() - self.next;
                if self.at >= self.source.len() {
                    break searched;
                }
                if searched >= self.counted {
                    self.source.take(self.counted as u64, || format!("a line of more than {searched} bytes"))?;
                    self.counted *= 2;
                }
                self.fill(searched + searched.max(BLOCK))?;
            };
            let begin = self.next;
            self.next = self.buffer.len().min(begin + length + 1);
            if begin == self.buffer.len() {
                return Ok(None);
            }
            self.line += 1;
            if !self.buffer[begin..begin + length].trim_ascii().is_empty() {
                return Ok(Some((self.line, &self.buffer[begin..begin + length])));
            }
        }
    }

    /// Requires that only blanks follow the last element.
    fn finish(&mut self, encoding: Encoding) -> Result<()> {
        let source = self.source;
        let hint = "the header declares fewer elements or properties than there are";
        if encoding == Encoding::Ascii {
            let Some((line, text)) = self.text_line()? else { return Ok(()) };
            let count = words(text).count();
            let values = if count == 1 { "1 value".to_string() } else { format!("{count} values") };
            return Err(source.error(format_args!("line {line}: {values} after the last element")).hint(hint));
        }
        let (at, left) = (self.offset(), self.left());
        // Some programs end the file with a line end.
        if left <= 2 {
            self.fill(2)?;
            if self.buffer[self.next..].trim_ascii().is_empty() {
                return Ok(());
            }
        }
        let bytes = if left == 1 { "1 byte".to_string() } else { format!("{left} bytes") };
        Err(source.error_at(at, format_args!("{bytes} after the last element")).hint(hint))
    }
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> + Clone {
    line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
}

/// One line of text.
struct Line<'l, 'a> {
    source: &'l Source<'a>,
    number: usize,
    text: &'l [u8],
}

impl Line<'_, '_> {
    fn wrong(&self, word: &[u8], expected: &str) -> Error {
        let mut shown: String = String::from_utf8_lossy(word).chars().take(SHOWN).collect();
        if shown.len() < word.len() {
            shown.push('…');
        }
        self.source
            .error(format_args!("line {}: `{shown}`; expected {expected}", self.number))
            .hint("the line does not have what the header declares")
    }

    fn int(&self, word: &[u8], raw: Raw) -> Result<i64> {
        let (least, most) = raw.range().unwrap_or((i64::MIN, i64::MAX));
        let value = std::str::from_utf8(word).ok().and_then(|word| word.parse().ok());
        value
            .filter(|value| (least..=most).contains(value))
            .ok_or_else(|| self.wrong(word, &format!("an integer from {least} to {most}")))
    }

    fn float<T: fast_float2::FastFloat>(&self, word: &[u8]) -> Result<T> {
        let plain = word.strip_prefix(b"+").unwrap_or(word);
        fast_float2::parse(plain).map_err(|_| self.wrong(word, "a number"))
    }

    /// The error of a wrong number of values for an element.
    fn wrong_count(&self, element: &Element) -> Error {
        let count = words(self.text).count();
        let values = if count == 1 { "1 value".to_string() } else { format!("{count} values") };
        let mut all = words(self.text);
        let mut declared = 0usize;
        for property in &element.properties {
            let first = all.next();
            declared = declared.saturating_add(1);
            if property.list.is_some() {
                let length = first.and_then(|word| std::str::from_utf8(word).ok()?.parse::<usize>().ok());
                declared = declared.saturating_add(length.unwrap_or(0));
                (0..length.unwrap_or(0)).take_while(|_| all.next().is_some()).for_each(drop);
            }
        }
        let names: Vec<&str> = element.properties.iter().take(8).map(|p| p.name.as_str()).collect();
        let more = if names.len() < element.properties.len() { ", …" } else { "" };
        let line = self.number;
        let which = if element.properties.iter().any(|p| p.list.is_some()) { "this" } else { "each" };
        self.source
            .error(format_args!("line {line}: {values}; {which} `{}` has {declared}", element.name))
            .hint(format!("each element is one line with what the header declares: {}{more}", names.join(", ")))
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

/// Writes the numbers at the start of each element to a column, from `done` on.
fn store<'b>(column: &mut Values, done: usize, cells: impl Iterator<Item = &'b [u8]>, raw: Raw, big: bool) {
    fn each<'b, T>(out: &mut [T], cells: impl Iterator<Item = &'b [u8]>, decode: impl Fn(&[u8]) -> T) {
        for (out, cell) in out.iter_mut().zip(cells) {
            *out = decode(cell);
        }
    }
    match column {
        Values::F32(v) => each(&mut v[done..], cells, |cell| decode_f32(big, cell)),
        Values::F64(v) => each(&mut v[done..], cells, |cell| decode_f64(big, cell)),
        // The type is matched outside of the loop.
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

/// A property whose numbers are read one by one.
struct Collected {
    values: Values,
    lists: Option<Lists>,
}

/// The offsets of a list property.
enum Lists {
    /// The common length of all lists; `None` before the first.
    Equal(Option<usize>),
    /// The start of each list, and the end of the last.
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

    /// Registers that the list of row `row` begins here and has this length.
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

/// The length of a list, if it is valid.
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

/// Elements in text, one in each line.
fn text(reader: &mut Reader<'_, '_>, element: &Element) -> Result<Columns> {
    /// Lines between two polls of the stop signal.
    const POLL: usize = 1 << 14;
    let source = reader.source;
    let mut columns: Vec<Collected> = element.properties.iter().map(Collected::new).collect();
    for row in 0..element.count {
        if row % POLL == 0 {
            source.check()?;
        }
        let lines = reader.line;
        let Some((number, text)) = reader.text_line()? else {
            return Err(source
                .error(format_args!(
                    "line {}: the file ends after {row} of {} `{}`",
                    lines, element.count, element.name
                ))
                .hint("the file is cut off, or its header is wrong"));
        };
        let line = Line { source, number, text };
        let mut words = words(text);
        for (column, property) in columns.iter_mut().zip(&element.properties) {
            let mut count = 1;
            if let Some(length) = property.list {
                let word = words.next().ok_or_else(|| line.wrong_count(element))?;
                let found = line.int(word, length)?;
                // A word takes at least one character.
                count = usize::try_from(found)
                    .map_err(|_| line.wrong(word, "the length of a list"))
                    .and_then(|n| if n <= text.len() { Ok(n) } else { Err(line.wrong_count(element)) })?;
                column.list(row, count, source)?;
            }
            column.room(count, source)?;
            for _ in 0..count {
                let word = words.next().ok_or_else(|| line.wrong_count(element))?;
                match &mut column.values {
                    Values::F32(v) => v.push(line.float(word)?),
                    Values::F64(v) => v.push(line.float(word)?),
                    Values::I64(v) => v.push(line.int(word, property.raw)?),
                    Values::Bool(_) => {}
                }
            }
        }
        if words.next().is_some() {
            return Err(line.wrong_count(element));
        }
    }
    Ok(finished(element, columns))
}
