//! NumPy's format for one array: a header in the syntax of Python, then the elements.
//!
//! The format is described in NumPy's documentation, "NPY format" (`numpy.lib.format`): versions 1.0 to 3.0. Elements
//! are converted to the four types of arrays here: all integers to `int64`, `float16` to `float32`. Texts become a list
//! of texts.

use super::source::{BLOCK, Source};
use super::{Block, Column, Texts, Values, WriteError, elements};
use crate::array::Watch;
use crate::{Error, Result};
use bytemuck::Zeroable;
use rayon::prelude::*;
use std::io::{self, Read, Write};

/// Elements of a band, a part of an array that fits the processor's cache.
const BAND: usize = 1 << 17;
/// Most runs of a file that bands consist of: with more of them the pieces would be short.
const BAND_RUNS: usize = 512;

const MAGIC: &[u8; 6] = b"\x93NUMPY";
/// Headers of arrays that can be read take some 100 bytes; a record type may need more.
const LONGEST_HEADER: u64 = 1 << 20;
/// NumPy has at most this many axes.
const MOST_AXES: usize = 64;
/// Most characters of an element of a text array.
const LONGEST_TEXT: usize = 1 << 20;
/// Elements begin at a multiple of this many bytes, so that they can be memory-mapped.
const ALIGNMENT: usize = 64;

/// Type of an element in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raw {
    Bool,
    I8,
    I16,
    I32,
    I64,
    U8,
    U16,
    U32,
    U64,
    F16,
    F32,
    F64,
    /// Texts of up to this many characters of four bytes each.
    Utf32(usize),
    /// Texts of up to this many bytes.
    Bytes(usize),
}

impl Raw {
    const fn size(self) -> usize {
        match self {
            Raw::Bool | Raw::I8 | Raw::U8 => 1,
            Raw::I16 | Raw::U16 | Raw::F16 => 2,
            Raw::I32 | Raw::U32 | Raw::F32 => 4,
            Raw::I64 | Raw::U64 | Raw::F64 => 8,
            Raw::Utf32(length) => 4 * length,
            Raw::Bytes(length) => length,
        }
    }
}

/// The header.
#[derive(Debug, Clone, PartialEq)]
struct Header {
    raw: Raw,
    big_endian: bool,
    /// The first axis is the fastest.
    fortran: bool,
    shape: Vec<usize>,
    /// Bytes up to the first element.
    length: u64,
}

/// The source of the elements.
enum Payload<'p> {
    /// The file itself, from this byte on.
    File(u64),
    /// A decompressor's output.
    Stream(&'p mut dyn Read),
}

pub(super) fn load(source: &Source<'_>) -> Result<Column> {
    let mut start = vec![0; source.len().min(12) as usize];
    source.read_at(&mut start, 0)?;
    let fail = |offset: u64, problem: &str| with_remedy(source.error_at(offset, problem));
    let (at, header_len) = preamble(&start).map_err(|(offset, problem)| fail(offset, &problem))?;
    let length = at + header_len;
    if length > source.len() {
        return Err(cut_off(source, length, source.len()));
    }
    let mut text = vec![0; header_len as usize];
    source.read_at(&mut text, at)?;
    let header = parse(&text, at).map_err(|(offset, problem)| fail(offset, &problem))?;
    let data = checked_size(source, &header)?;
    let there = source.len() - length;
    if there < data {
        return Err(cut_off(source, length + data, source.len()));
    }
    if there > data {
        return Err(source
            .error_at(
                length + data,
                format_args!("{} more bytes than an array of shape {} takes", there - data, shape_text(&header.shape)),
            )
            .hint("a file that holds several arrays is written with `numpy.savez`, as `.npz`"));
    }
    read(source, &header, Payload::File(length), &fail)
}

/// Reads a member of an archive with a declared size of `size` bytes. `fail` makes an error from a byte of the member.
pub(super) fn load_member(
    source: &Source<'_>,
    stream: &mut dyn Read,
    size: u64,
    fail: &dyn Fn(u64, &str) -> Error,
) -> Result<Column> {
    let broken = |at: u64, e: io::Error| fail(at, &stream_problem(&e));
    let mut start = [0; 12];
    let shortest = &mut start[..10];
    stream.read_exact(shortest).map_err(|e| broken(0, e))?;
    if shortest[6] > 1 {
        stream.read_exact(&mut start[10..]).map_err(|e| broken(10, e))?;
    }
    let used = if start[6] > 1 { 12 } else { 10 };
    let (at, header_len) = preamble(&start[..used]).map_err(|(offset, problem)| fail(offset, &problem))?;
    if at + header_len > size {
        return Err(fail(at, &format!("a header of {header_len} bytes in a member of {size} bytes")));
    }
    let mut text = vec![0; header_len as usize];
    stream.read_exact(&mut text).map_err(|e| broken(at, e))?;
    let header = parse(&text, at).map_err(|(offset, problem)| fail(offset, &problem))?;
    let data = checked_size(source, &header)?;
    if header.length + data != size {
        let (shape, found) = (shape_text(&header.shape), size - header.length);
        return Err(fail(header.length, &format!("{found} bytes of elements; shape {shape} takes {data}")));
    }
    let column = read(source, &header, Payload::Stream(stream), fail)?;
    // The checksum is compared at the end.
    let end = stream.read(&mut [0]).map_err(|e| broken(size, e))?;
    if end != 0 {
        return Err(fail(size, "more bytes than the archive's directory states"));
    }
    Ok(column)
}

/// Adds a hint to an error without one.
pub(super) fn with_remedy(error: Error) -> Error {
    match error.message.contains("; save ") || error.message.contains("; expected integers") {
        true => error,
        false => error.hint("it is damaged, or no file of NumPy: write it anew with `numpy.save`"),
    }
}

fn cut_off(source: &Source<'_>, wanted: u64, there: u64) -> Error {
    source
        .error_at(there, format_args!("the file ends here, {} bytes early", wanted - there))
        .hint(format!("its header states {wanted} bytes; the file was cut off"))
}

fn stream_problem(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it ends early".into(),
        _ => format!("it is damaged: {error}"),
    }
}

/// Bytes of all elements, if the number does not overflow.
fn checked_size(source: &Source<'_>, header: &Header) -> Result<u64> {
    let count = elements(&header.shape).and_then(|n| (n as u64).checked_mul(header.raw.size() as u64));
    // Rust limits allocations to `isize`.
    let fits = elements(&header.shape).and_then(|n| n.checked_mul(8)).is_some_and(|n| n <= isize::MAX as usize);
    count.filter(|_| fits).ok_or_else(|| {
        with_remedy(source.error(format_args!("shape {} has too many elements", shape_text(&header.shape))))
    })
}

/// A shape in the syntax of Python.
fn shape_text(shape: &[usize]) -> String {
    let axes: Vec<String> = shape.iter().map(usize::to_string).collect();
    match axes.as_slice() {
        [one] => format!("({one},)"),
        many => format!("({})", many.join(", ")),
    }
}

type Parsed<T> = std::result::Result<T, (u64, String)>;

/// Where the header begins, and how many bytes it has, from the first 10 bytes, or 12.
fn preamble(start: &[u8]) -> Parsed<(u64, u64)> {
    if start.len() < 10 || !start.starts_with(MAGIC) {
        return Err((0, "expected `\\x93NUMPY`, with which all npy files begin".into()));
    }
    let (at, length) = match start[6] {
        1 => (10, u64::from(u16::from_le_bytes([start[8], start[9]]))),
        2 | 3 => match start[8..] {
            [a, b, c, d, ..] => (12, u64::from(u32::from_le_bytes([a, b, c, d]))),
            _ => return Err((8, "the file ends in its first 12 bytes".into())),
        },
        other => return Err((6, format!("version {other} of the npy format; expected 1, 2 or 3"))),
    };
    if length > LONGEST_HEADER {
        return Err((8, format!("a header of {length} bytes; expected at most {LONGEST_HEADER}")));
    }
    Ok((at, length))
}

/// Parses the header's text, which begins at byte `at`.
fn parse(text: &[u8], at: u64) -> Parsed<Header> {
    let mut cursor = Cursor { text, at, next: 0 };
    let (mut descr, mut fortran, mut shape) = (None, None, None);
    cursor.expect(b'{', "`{`")?;
    while !cursor.accept(b'}') {
        let key_at = cursor.offset();
        let key = cursor.string()?;
        cursor.expect(b':', "`:`")?;
        match key.as_str() {
            "descr" => descr = Some(cursor.descr()?),
            "fortran_order" => fortran = Some(cursor.truth()?),
            "shape" => shape = Some(cursor.shape()?),
            _ => return Err((key_at, format!("`{key}`; expected `descr`, `fortran_order` or `shape`"))),
        }
        if !cursor.accept(b',') {
            cursor.expect(b'}', "`,` or `}`")?;
            break;
        }
    }
    let missing = |name: &str| (at, format!("the header has no `{name}`"));
    let (raw, big_endian) = descr.ok_or_else(|| missing("descr"))?;
    Ok(Header {
        raw,
        big_endian,
        fortran: fortran.ok_or_else(|| missing("fortran_order"))?,
        shape: shape.ok_or_else(|| missing("shape"))?,
        length: at + text.len() as u64,
    })
}

struct Cursor<'t> {
    text: &'t [u8],
    /// Byte of the file where `text` begins.
    at: u64,
    next: usize,
}

impl Cursor<'_> {
    /// The next byte of the header after blanks.
    fn offset(&mut self) -> u64 {
        while self.text.get(self.next).is_some_and(u8::is_ascii_whitespace) {
            self.next += 1;
        }
        self.at + self.next as u64
    }

    fn peek(&mut self) -> Option<u8> {
        self.offset();
        self.text.get(self.next).copied()
    }

    fn accept(&mut self, wanted: u8) -> bool {
        let found = self.peek() == Some(wanted);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, wanted: u8, name: &str) -> Parsed<()> {
        if self.accept(wanted) { Ok(()) } else { self.wrong(&format!("{name} in the header")) }
    }

    fn wrong<T>(&mut self, expected: &str) -> Parsed<T> {
        let found = match self.peek() {
            None => "the header ends".to_string(),
            Some(byte) if byte.is_ascii_graphic() => format!("`{}`", char::from(byte)),
            Some(byte) => format!("`{}`", byte.escape_ascii()),
        };
        Err((self.offset(), format!("{found}; expected {expected}")))
    }

    /// A string in either kind of quotes. Headers that can be read here contain no backslashes.
    fn string(&mut self) -> Parsed<String> {
        let Some(quote @ (b'\'' | b'"')) = self.peek() else { return self.wrong("a quoted name in the header") };
        let begin = self.next + 1;
        let Some(length) = self.text[begin..].iter().position(|&b| b == quote) else {
            return Err((self.offset(), "a quote that is never closed".into()));
        };
        self.next = begin + length + 1;
        Ok(String::from_utf8_lossy(&self.text[begin..begin + length]).into_owned())
    }

    fn word(&mut self) -> &str {
        self.offset();
        let begin = self.next;
        while self.text.get(self.next).is_some_and(u8::is_ascii_alphanumeric) {
            self.next += 1;
        }
        std::str::from_utf8(&self.text[begin..self.next]).unwrap_or_default()
    }

    fn truth(&mut self) -> Parsed<bool> {
        let at = self.offset();
        match self.word() {
            "True" => Ok(true),
            "False" => Ok(false),
            other => Err((at, format!("`{other}`; expected `True` or `False`"))),
        }
    }

    fn shape(&mut self) -> Parsed<Vec<usize>> {
        self.expect(b'(', "`(`")?;
        let mut axes = Vec::new();
        while !self.accept(b')') {
            let at = self.offset();
            if axes.len() == MOST_AXES {
                return Err((at, format!("more than {MOST_AXES} axes")));
            }
            // Python 2 wrote long integers with an `L`.
            let word = self.word();
            let digits = word.strip_suffix('L').unwrap_or(word);
            match digits.parse::<usize>() {
                Ok(axis) => axes.push(axis),
                Err(_) => return Err((at, format!("`{word}`; expected the length of an axis"))),
            }
            if !self.accept(b',') {
                self.expect(b')', "`,` or `)`")?;
                break;
            }
        }
        Ok(axes)
    }

    /// The type of the elements, and whether their highest byte comes first.
    fn descr(&mut self) -> Parsed<(Raw, bool)> {
        let at = self.offset();
        if self.peek() == Some(b'[') {
            return Err((
                at,
                "records (a structured type), which an array here cannot hold; save each field by \
                             itself, for example with `numpy.savez`"
                    .into(),
            ));
        }
        let descr = self.string()?;
        let (order, kind) = match descr.as_bytes() {
            [order @ (b'<' | b'>' | b'=' | b'|'), ..] => (*order, &descr[1..]),
            _ => (b'=', descr.as_str()),
        };
        let raw = match kind {
            "b1" | "?" => Raw::Bool,
            "i1" => Raw::I8,
            "i2" => Raw::I16,
            "i4" => Raw::I32,
            "i8" => Raw::I64,
            "u1" => Raw::U8,
            "u2" => Raw::U16,
            "u4" => Raw::U32,
            "u8" => Raw::U64,
            "f2" => Raw::F16,
            "f4" => Raw::F32,
            "f8" => Raw::F64,
            _ if text_length(kind, "U").is_some() => Raw::Utf32(text_length(kind, "U").unwrap_or(1)),
            _ if text_length(kind, "S").is_some() => Raw::Bytes(text_length(kind, "S").unwrap_or(1)),
            _ => return Err((at, format!("elements of type `{descr}`{}", unreadable(kind)))),
        };
        Ok((raw, order == b'>' || (order == b'=' && cfg!(target_endian = "big"))))
    }
}

/// The length of a text type's elements.
fn text_length(kind: &str, letter: &str) -> Option<usize> {
    kind.strip_prefix(letter)?.parse().ok().filter(|length| (1..=LONGEST_TEXT).contains(length))
}

/// Why a type cannot be read, and how to convert it.
fn unreadable(kind: &str) -> &'static str {
    match kind.bytes().next() {
        Some(b'c') => " (complex); save real and imaginary part, `a.real` and `a.imag`",
        Some(b'O') => " (Python objects), which only Python can read; save numbers, `a.astype(float)`",
        Some(b'U' | b'S' | b'a') => {
            " (text of no length, or of more than a million characters); save it as a column of a CSV file"
        }
        Some(b'M' | b'm') => " (times); save numbers, `a.astype('int64')`",
        Some(b'V') => " (bytes without a meaning); save each field by itself",
        Some(b'f') => "; save it as float64, `a.astype(float)`",
        _ => "; expected integers, floats or bools",
    }
}

/// An array element that can be decoded.
trait Element: Zeroable + Copy + Send + Sync {
    /// The elements as bytes, where any bytes are valid.
    fn bytes(elements: &mut [Self]) -> Option<&mut [u8]>;
}

impl Element for bool {
    fn bytes(_: &mut [bool]) -> Option<&mut [u8]> {
        None
    }
}

macro_rules! plain_elements {
    ($($type:ty),*) => {$(
        impl Element for $type {
            fn bytes(elements: &mut [$type]) -> Option<&mut [u8]> {
                Some(bytemuck::cast_slice_mut(elements))
            }
        }
    )*};
}
plain_elements!(i64, f32, f64);

/// Decodes the bytes of elements; fails with the index of one that does not fit.
type Decode<T> = fn(&[u8], &mut [T]) -> std::result::Result<(), usize>;

/// A [`Decode`] from a function of the bytes of one element.
macro_rules! decode {
    ($from:expr) => {
        |bytes, out| {
            let (elements, _) = bytes.as_chunks();
            for (out, element) in out.iter_mut().zip(elements) {
                *out = $from(*element);
            }
            Ok(())
        }
    };
}

/// Both byte orders of a type.
macro_rules! ordered {
    ($big:expr, $raw:ty, $convert:expr) => {
        if $big {
            decode!(|b| $convert(<$raw>::from_be_bytes(b)))
        } else {
            decode!(|b| $convert(<$raw>::from_le_bytes(b)))
        }
    };
}

fn unsigned<const BIG: bool>(bytes: &[u8], out: &mut [i64]) -> std::result::Result<(), usize> {
    let (elements, _) = bytes.as_chunks();
    for (i, (out, element)) in out.iter_mut().zip(elements).enumerate() {
        let value = if BIG { u64::from_be_bytes(*element) } else { u64::from_le_bytes(*element) };
        *out = i64::try_from(value).map_err(|_| i)?;
    }
    Ok(())
}

fn read(
    source: &Source<'_>,
    header: &Header,
    payload: Payload<'_>,
    fail: &dyn Fn(u64, &str) -> Error,
) -> Result<Column> {
    let big = header.big_endian;
    let job = Job { source, header, fail };
    // Elements with the same representation in file and memory need no decoding.
    let same = big == cfg!(target_endian = "big");
    let values = match header.raw {
        Raw::Bool => Values::Bool(job.elements(payload, false, decode!(|[b]: [u8; 1]| b != 0))?),
        Raw::I8 => Values::I64(job.elements(payload, false, decode!(|b| i64::from(i8::from_le_bytes(b))))?),
        Raw::U8 => Values::I64(job.elements(payload, false, decode!(|b| i64::from(u8::from_le_bytes(b))))?),
        Raw::I16 => Values::I64(job.elements(payload, false, ordered!(big, i16, i64::from))?),
        Raw::U16 => Values::I64(job.elements(payload, false, ordered!(big, u16, i64::from))?),
        Raw::I32 => Values::I64(job.elements(payload, false, ordered!(big, i32, i64::from))?),
        Raw::U32 => Values::I64(job.elements(payload, false, ordered!(big, u32, i64::from))?),
        Raw::I64 => Values::I64(job.elements(payload, same, ordered!(big, i64, i64::from))?),
        Raw::U64 => {
            Values::I64(job.elements(payload, false, if big { unsigned::<true> } else { unsigned::<false> })?)
        }
        Raw::F16 => Values::F32(job.elements(payload, false, ordered!(big, half::f16, f32::from))?),
        Raw::F32 => Values::F32(job.elements(payload, same, ordered!(big, f32, f32::from))?),
        Raw::F64 => Values::F64(job.elements(payload, same, ordered!(big, f64, f64::from))?),
        Raw::Utf32(_) | Raw::Bytes(_) => return job.texts(payload),
    };
    Ok(Column::Array(Block { shape: header.shape.clone(), values }))
}

/// Adds the characters of four bytes each, without the trailing zeros. `None` if they are not valid text.
fn utf32(element: &[u8], big: bool, out: &mut String) -> Option<()> {
    let (characters, _) = element.as_chunks::<4>();
    let length = characters.iter().rposition(|c| *c != [0; 4]).map_or(0, |last| last + 1);
    for bytes in &characters[..length] {
        out.push(char::from_u32(if big { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) })?);
    }
    Some(())
}

struct Job<'j, 'a> {
    source: &'j Source<'a>,
    header: &'j Header,
    fail: &'j dyn Fn(u64, &str) -> Error,
}

impl Job<'_, '_> {
    fn elements<T: Element>(&self, payload: Payload<'_>, same: bool, decode: Decode<T>) -> Result<Vec<T>> {
        let size = self.header.raw.size();
        let count = elements(&self.header.shape).unwrap_or(0);
        let mut out: Vec<T> = self.source.zeros(count)?;
        let per_block = BLOCK / size;
        let axes = self.header.shape.iter().filter(|&&axis| axis > 1).count();
        if self.header.fortran && axes > 1 && count > 0 {
            match payload {
                Payload::File(begin) if out.len() / self.header.shape[0] <= BAND_RUNS => {
                    self.turned_bands(begin, same, decode, &mut out)?;
                }
                payload => self.turned(payload, decode, &mut out)?,
            }
            return Ok(out);
        }
        match payload {
            Payload::File(begin) => {
                let source = self.source;
                let outcomes = out.par_chunks_mut(per_block).enumerate().map_init(Vec::new, |buffer, (i, part)| {
                    let at = begin + (i * per_block * size) as u64;
                    if same && let Some(bytes) = T::bytes(part) {
                        return source.read_at(bytes, at).map(|()| None);
                    }
                    buffer.resize(part.len() * size, 0);
                    source.read_at(buffer, at)?;
                    Ok(decode(buffer, part).err().map(|bad| i * per_block + bad))
                });
                self.all_well(outcomes)?;
            }
            Payload::Stream(stream) => {
                let mut buffer = Vec::new();
                for (i, part) in out.chunks_mut(per_block).enumerate() {
                    self.source.check()?;
                    let at = self.header.length + (i * per_block * size) as u64;
                    let broken = |e: io::Error| (self.fail)(at, &stream_problem(&e));
                    if same && let Some(bytes) = T::bytes(part) {
                        stream.read_exact(bytes).map_err(broken)?;
                        continue;
                    }
                    buffer.resize(part.len() * size, 0);
                    stream.read_exact(&mut buffer).map_err(broken)?;
                    decode(&buffer, part).map_err(|bad| self.too_large(i * per_block + bad))?;
                }
            }
        }
        Ok(out)
    }

    /// Texts, each padded with zeros to the size of the longest.
    fn texts(&self, mut payload: Payload<'_>) -> Result<Column> {
        let header = self.header;
        if header.shape.len() > 1 {
            let problem = format!("texts in an array of {} axes", header.shape.len());
            return Err((self.fail)(header.length, &problem).hint("save them as a list, `a.ravel()`"));
        }
        let size = header.raw.size();
        let count = elements(&header.shape).unwrap_or(0);
        let per_block = (BLOCK / size).max(1);
        let (mut texts, mut buffer, mut text) = (Texts::default(), Vec::new(), String::new());
        let mut done = 0;
        while done < count {
            self.source.check()?;
            let at = header.length + (done * size) as u64;
            let part = per_block.min(count - done);
            buffer.resize(part * size, 0);
            match &mut payload {
                Payload::File(begin) => self.source.read_at(&mut buffer, *begin + (done * size) as u64)?,
                Payload::Stream(stream) => {
                    stream.read_exact(&mut buffer).map_err(|e| (self.fail)(at, &stream_problem(&e)))?;
                }
            }
            for (i, element) in buffer.chunks_exact(size).enumerate() {
                text.clear();
                let whole = match header.raw {
                    Raw::Utf32(_) => utf32(element, header.big_endian, &mut text),
                    _ => {
                        let length = element.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
                        std::str::from_utf8(&element[..length]).ok().map(|utf8| text.push_str(utf8))
                    }
                };
                whole.ok_or_else(|| {
                    (self.fail)(at + (i * size) as u64, &format!("element {} is no text in Unicode", done + i))
                })?;
                texts.push_counted(&text, self.source)?;
            }
            done += part;
        }
        Ok(match (header.shape.is_empty(), texts.get(0)) {
            (true, Some(text)) => Column::Word(text.to_string()),
            _ => Column::Text(texts),
        })
    }

    /// Fails with the first failed outcome: an error, or the index of an element that is too large.
    fn all_well(&self, outcomes: impl ParallelIterator<Item = Result<Option<usize>>>) -> Result<()> {
        match outcomes.find_map_first(Result::transpose) {
            None => Ok(()),
            Some(outcome) => Err(self.too_large(outcome?)),
        }
    }

    fn too_large(&self, element: usize) -> Error {
        let at = self.header.length + (element * self.header.raw.size()) as u64;
        (self.fail)(at, &format!("element {element} is too large for an integer of 64 bits with a sign"))
            .hint("save it as float64, `a.astype(float)`")
    }

    /// Reads elements in Fortran order into an array in C order: bands of rows of the array on all threads, each from a
    /// piece of every run of the file.
    fn turned_bands<T: Element>(&self, begin: u64, same: bool, decode: Decode<T>, out: &mut [T]) -> Result<()> {
        let (source, size, shape) = (self.source, self.header.raw.size(), &self.header.shape);
        let run = shape[0];
        let stride = out.len() / run;
        let rows = (BAND / stride).clamp(BAND / BAND_RUNS, run.max(BAND / BAND_RUNS));
        let outcomes = out.par_chunks_mut(rows * stride).enumerate().map_init(
            || (Vec::new(), Vec::new()),
            |(raw, piece): &mut (Vec<u8>, Vec<T>), (i, band)| {
                let count = band.len() / stride;
                piece.resize(count, T::zeroed());
                for r in 0..stride {
                    let first = r * run + i * rows;
                    let at = begin + (first * size) as u64;
                    if same && let Some(bytes) = T::bytes(piece) {
                        source.read_at(bytes, at)?;
                    } else {
                        raw.resize(count * size, 0);
                        source.read_at(raw, at)?;
                        if let Err(bad) = decode(raw, piece) {
                            return Ok(Some(first + bad));
                        }
                    }
                    let place = turned_place(&shape[1..], r);
                    band.chunks_exact_mut(stride).zip(&*piece).for_each(|(row, &x)| row[place] = x);
                }
                Ok(None)
            },
        );
        self.all_well(outcomes)
    }

    /// The same for a stream, or for many runs.
    ///
    /// The file is a sequence of runs along the first axis. A block has many whole runs, or a piece of one; it is
    /// written in the order of the array, so that its writes are close together.
    fn turned<T: Element>(&self, mut payload: Payload<'_>, decode: Decode<T>, out: &mut [T]) -> Result<()> {
        let size = self.header.raw.size();
        let shape = &self.header.shape;
        let run = shape[0];
        let stride = out.len() / run;
        let most = BLOCK / size;
        let (pieces, runs) = if run > most { (run.div_ceil(most), 1) } else { (1, most / run) };
        let mut raw = Vec::new();
        let mut decoded: Vec<T> = Vec::new();
        let mut places = Vec::new();
        let mut first = 0;
        while first < stride {
            let count = runs.min(stride - first);
            places.clear();
            places.extend((first..first + count).map(|r| turned_place(&shape[1..], r)));
            for piece in 0..pieces {
                let begin = piece * most;
                let rows = if pieces == 1 { run } else { most.min(run - begin) };
                let done = first * run + begin;
                let at = (done * size) as u64;
                raw.resize(count * rows * size, 0);
                match &mut payload {
                    Payload::File(start) => self.source.read_at(&mut raw, *start + at)?,
                    Payload::Stream(stream) => {
                        self.source.check()?;
                        stream
                            .read_exact(&mut raw)
                            .map_err(|e| (self.fail)(self.header.length + at, &stream_problem(&e)))?;
                    }
                }
                decoded.clear();
                decoded.resize(count * rows, T::zeroed());
                decode(&raw, &mut decoded).map_err(|bad| self.too_large(done + bad))?;
                for i in 0..rows {
                    let row = &mut out[(begin + i) * stride..][..stride];
                    for (r, &place) in places.iter().enumerate() {
                        row[place] = decoded[r * rows + i];
                    }
                }
            }
            first += count;
        }
        Ok(())
    }
}

/// The index of the `r`-th run of the file among the runs of an array in C order. `axes` are the lengths of all axes
/// but the first.
fn turned_place(axes: &[usize], mut r: usize) -> usize {
    let mut stride: usize = axes.iter().product();
    let mut place = 0;
    for &axis in axes {
        stride /= axis;
        place += r % axis * stride;
        r /= axis;
    }
    place
}

/// Writes an array, version 1.0, little-endian, in C order.
pub(super) fn save(
    file: &mut dyn Write,
    shape: &[usize],
    values: &Values,
    watch: &Watch,
) -> std::result::Result<(), WriteError> {
    let descr = match values {
        Values::Bool(_) => "|b1",
        Values::I64(_) => "<i8",
        Values::F32(_) => "<f4",
        Values::F64(_) => "<f8",
    };
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {}, }}", shape_text(shape));
    let unpadded = MAGIC.len() + 4 + text.len() + 1;
    let padding = unpadded.next_multiple_of(ALIGNMENT) - unpadded;
    text.extend(std::iter::repeat_n(' ', padding));
    text.push('\n');
    file.write_all(MAGIC)?;
    file.write_all(&[1, 0])?;
    // At most 64 axes of 20 digits: far below the 65 535 bytes of version 1.0.
    file.write_all(&(text.len() as u16).to_le_bytes())?;
    file.write_all(text.as_bytes())?;
    match values {
        Values::Bool(v) => in_pieces(file, v, watch, |v| [u8::from(*v)]),
        Values::I64(v) => in_pieces(file, v, watch, |v| v.to_le_bytes()),
        Values::F32(v) => in_pieces(file, v, watch, |v| v.to_le_bytes()),
        Values::F64(v) => in_pieces(file, v, watch, |v| v.to_le_bytes()),
    }
}

fn in_pieces<T, const N: usize>(
    file: &mut dyn Write,
    values: &[T],
    watch: &Watch,
    bytes: impl Fn(&T) -> [u8; N],
) -> std::result::Result<(), WriteError> {
    let mut buffer = Vec::with_capacity(BLOCK.min(values.len() * N));
    for piece in values.chunks(BLOCK / N) {
        watch.check()?;
        buffer.clear();
        buffer.extend(piece.iter().flat_map(&bytes));
        file.write_all(&buffer)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_as_numpy_and_others_write_them() {
        let header = |text: &str| parse(text.as_bytes(), 10).map(|h| (h.raw, h.big_endian, h.fortran, h.shape));
        let usual = "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 4), }     \n";
        assert_eq!(header(usual).unwrap(), (Raw::F64, false, false, vec![3, 4]));
        let other = "{\"shape\":(5L,),\"fortran_order\":True,\"descr\":\">u2\"}";
        assert_eq!(header(other).unwrap(), (Raw::U16, true, true, vec![5]));
        assert_eq!(header("{'descr': '|b1', 'fortran_order': False, 'shape': ()}").unwrap().3, Vec::<usize>::new());
        for (text, offset, problem) in [
            ("", 10, "the header ends; expected `{` in the header"),
            ("{'descr': '<f8', 'fortran_order': False}", 10, "the header has no `shape`"),
            ("{'descr' '<f8'}", 19, "`'`; expected `:` in the header"),
            ("{'descr': '<f8', 'fortran_order': 1, 'shape': ()}", 44, "`1`; expected `True` or `False`"),
            ("{'shape': (3, x)}", 24, "`x`; expected the length of an axis"),
            ("{'shape': (-3,)}", 21, "``; expected the length of an axis"),
            ("{'what': 1}", 11, "`what`; expected `descr`, `fortran_order` or `shape`"),
            ("{'descr': '<f8}", 20, "a quote that is never closed"),
        ] {
            assert_eq!(header(text).unwrap_err(), (offset, problem.to_string()), "{text}");
        }
    }

    #[test]
    fn runs_are_placed_by_their_indices() {
        // Axes (2, 3): the file has (0,0) (1,0) (0,1) (1,1) (0,2) (1,2).
        let places: Vec<usize> = (0..6).map(|r| turned_place(&[2, 3], r)).collect();
        assert_eq!(places, [0, 3, 1, 4, 2, 5]);
    }
}
