//! Text tables: values with separators, one row per line.
//!
//! A file is read twice, in parallel both times. The first scan finds where rows begin, counts them, and samples some
//! in every part of the file to infer the types of the columns; the second reads all cells directly into their columns.
//! Where a cell does not fit its column's inferred type, the second scan is repeated with the wider type, of which
//! there are few. Quotes may contain line ends, so that a file with quotes is counted sequentially.

use super::cell::{self, Cell, CellKind, Seen};
use super::dialect::{self, Dialect, Field, Separator, Tally};
use super::source::{BLOCK, Reserved, Source};
use super::{
    Block, Column, Columns, Format, Header, LoadOptions, Loaded, Part, PartData, Texts, Values, WriteError, picked,
    unique,
};
use crate::array::Watch;
use crate::{Error, Result};
use memchr::{memchr, memchr_iter, memrchr};
use rayon::prelude::*;
use std::borrow::Cow;
use std::io::Write;
use std::marker::PhantomData;
use std::path::Path;

/// Bytes at the start of the file from which header, separators and comments are inferred; more where rows are longer.
const HEAD: usize = 1 << 16;
/// Rows at the start, and in each part of the file, from which the types of columns are inferred.
const SAMPLE: usize = 64;
/// Rows and lines longer than this are counted against the memory limit.
const LONG: usize = 64 << 20;
/// Bytes of text that are counted together.
const TEXT_STEP: usize = 1 << 16;
/// Rows in which a text column is searched for numbers in other notations.
const SEARCHED: usize = 1 << 16;
/// Most characters of a cell in a warning.
const SHOWN: usize = 40;

/// A part of the file that holds whole rows.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Piece {
    begin: u64,
    end: u64,
    rows: usize,
    /// Number of line ends in it.
    lines: usize,
}

/// A part and the kinds of its sampled cells; `None` where quotes may contain line ends.
type Counted = Option<(Piece, Vec<Seen>)>;

/// The properties of the file that follow from its start.
struct Head {
    dialect: Dialect,
    /// Names of the columns, if the first row has them.
    names: Option<Vec<String>>,
    /// Cells of a row.
    width: usize,
    /// Line of the first row, from 1; other rows are compared with it.
    first_line: usize,
    /// Where the rows begin, and in which line.
    begin: u64,
    line: usize,
    seen: Vec<Seen>,
    /// The first row seems to have units, and a warning was given.
    has_units: bool,
}

impl Head {
    fn end(&self) -> u8 {
        self.dialect.end
    }
}

pub(super) fn load(source: &Source<'_>, format: Format, options: &LoadOptions) -> Result<Loaded> {
    let head = head(source, format, options)?;
    let (pieces, sampled) = pieces(source, &head)?;
    let rows = pieces.iter().try_fold(0usize, |sum, piece| sum.checked_add(piece.rows));
    let rows = rows.filter(|n| n.checked_mul(head.width).is_some_and(|n| n <= isize::MAX as usize / 32));
    let rows = rows.ok_or_else(|| source.error("a number of rows that cannot be"))?;
    let mut seen = head.seen.clone();
    seen.iter_mut().zip(sampled).for_each(|(seen, more)| seen.add(more));
    let table = Table { source, head: &head, pieces: &pieces, rows };
    tracing::info!("{}", described(source, &head, rows));
    if head.names.is_none() && options.columns.is_none() {
        if rows == 0 {
            return Err(source.error("it has no rows").hint("expected rows of numbers, with or without names above"));
        }
        if let Some(block) = table.array(&mut seen)? {
            return Ok(Loaded::Array(block));
        }
    }
    table.columns(seen, options.columns.as_deref()).map(Loaded::Columns)
}

/// How the file is read, for the log.
fn described(source: &Source<'_>, head: &Head, rows: usize) -> String {
    let dialect = &head.dialect;
    let mut out = format!(
        "`{}`: {rows} rows of {} cells from line {} on, separated by {}, decimals after `{}`",
        source.path().display(),
        head.width,
        head.line,
        dialect.separator.shown(),
        char::from(dialect.syntax.decimal)
    );
    out += match head.names.is_some() {
        true => ", with names",
        false => ", without names",
    };
    if let Some(mark) = dialect.syntax.thousands {
        out += &format!(", digits grouped by `{mark}`");
    }
    if let Some(comment) = dialect.comment {
        out += &format!(", remarks after `{}`", char::from(comment));
    }
    out + if dialect.end == b'\r' { ", lines ended by CR" } else { "" }
}

/// Refuses characters that cannot be decimal or grouping marks.
pub(super) fn check_marks(decimal: Option<u8>, thousands: Option<char>) -> Result<()> {
    if decimal.is_some_and(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'+' | b' ' | b'\t')) {
        return Err(Error::script("`decimal` is a character that numbers have elsewhere").hint("it is \".\" or \",\""));
    }
    let Some(mark) = thousands else { return Ok(()) };
    if mark.is_ascii_alphanumeric() || matches!(mark, '"' | '-' | '+' | '\n' | '\r') {
        return Err(Error::script("`thousands` is a character that numbers have elsewhere")
            .hint("it is \",\", \".\", \"'\" or \" \""));
    }
    if mark == char::from(decimal.unwrap_or(b'.')) {
        return Err(Error::script("`thousands` and `decimal` are the same character")
            .hint("give both, for example `thousands: \".\", decimal: \",\"`"));
    }
    Ok(())
}

/// Refuses contradictory options.
fn check(options: &LoadOptions) -> Result<()> {
    for (name, byte) in [("delimiter", options.delimiter), ("comment", options.comment), ("decimal", options.decimal)] {
        if byte.is_some_and(|b| !b.is_ascii() || b == b'"' || b == b'\n' || b == b'\r') {
            return Err(Error::script(format!("`{name}` is no character that can stand there"))
                .hint("name one such as \",\", \";\" or \"\\t\""));
        }
    }
    check_marks(options.decimal, options.thousands)?;
    let conflict = |problem: &str, hint: &str| Err(Error::script(problem).hint(hint));
    if options.thousands == Some(' ') && options.delimiter == Some(b' ') {
        return conflict("`thousands` and `delimiter` are both blanks", "such cells cannot be told apart");
    }
    if options.decimal.is_some() && options.decimal == options.delimiter {
        return conflict("`decimal` and `delimiter` are the same character", "give two that differ");
    }
    if options.comment.is_some() && options.comment == options.delimiter {
        return conflict("`comment` and `delimiter` are the same character", "give two that differ");
    }
    match options.header {
        Some(Header::Line(0)) => {
            return conflict("`header` is 0, and lines are counted from 1", "`header: true` takes the first row");
        }
        Some(Header::Line(line)) if line <= options.skip => {
            let problem = format!("`header` is line {line}, and `skip` leaves out {}", options.skip);
            return conflict(&problem, "give one of them: what stands above the names is left out anyway");
        }
        Some(Header::None) if options.units == Some(true) && options.names.is_none() => {
            return conflict(
                "`units` is a row below names, and `header: false` says that there are none",
                "give one of them",
            );
        }
        _ => {}
    }
    if let Some(names) = &options.names
        && let Some(name) = names.iter().enumerate().find_map(|(i, name)| names[..i].contains(name).then_some(name))
    {
        return Err(Error::script(format!("`names` has `{name}` twice")).hint("each column has a name of its own"));
    }
    Ok(())
}

fn head(source: &Source<'_>, format: Format, options: &LoadOptions) -> Result<Head> {
    check(options)?;
    let mut bytes = Vec::new();
    loop {
        let wanted = (bytes.len() * 2).max(HEAD) as u64;
        let length = wanted.min(source.len()) as usize;
        if length > LONG {
            source.take(length as u64, || "its first row".to_string())?;
        }
        let begin = bytes.len();
        bytes.resize(length, 0);
        source.read_at(&mut bytes[begin..], begin as u64)?;
        let whole = length as u64 == source.len();
        if begin == 0 {
            check_text(source, &bytes)?;
        }
        if let Some((head, doubts)) = try_head(source, &bytes, whole, format, options)? {
            doubts.iter().for_each(|doubt| source.warn(doubt));
            return Ok(head);
        }
    }
}

/// Recognises binary formats by their first bytes.
fn check_text(source: &Source<'_>, bytes: &[u8]) -> Result<()> {
    if bytes.starts_with(b"\xFF\xFE") || bytes.starts_with(b"\xFE\xFF") {
        return Err(source.error("it is text in UTF-16; expected UTF-8").hint("save it as UTF-8, or as CSV UTF-8"));
    }
    for (mark, what, hint) in [
        (&b"\x1F\x8B"[..], "it is compressed with gzip", "unpack it, for example with `gunzip`"),
        (b"PK\x03\x04", "it is a zip archive, or a spreadsheet", "unpack it, or save the table as CSV"),
    ] {
        if bytes.starts_with(mark) {
            return Err(source.error(format_args!("{what}; expected text")).hint(hint));
        }
    }
    match memchr(0, bytes) {
        Some(at) => Err(source.error_at(at as u64, "a byte 0; expected text").hint("is its ending right?")),
        None => Ok(()),
    }
}

/// What is ambiguous in a file, with the options that resolve it.
type Doubts = Vec<String>;

/// `None` if more of the file must be read.
fn try_head(
    source: &Source<'_>,
    bytes: &[u8],
    whole: bool,
    format: Format,
    options: &LoadOptions,
) -> Result<Option<(Head, Doubts)>> {
    let no_rows = || source.error("it has no rows").hint("expected rows of numbers, with or without names above");
    let top = if bytes.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
    let end = dialect::end_of_lines(&bytes[top..]);
    // An incomplete last line would mislead.
    let shown = if whole { bytes.len() } else { memrchr(end, bytes).map_or(0, |end| end + 1) };
    let mut at = top.min(shown);
    let named = dialect::separator_line(&bytes[at..shown], end);
    if let Some((_, next)) = named {
        at += next;
    }
    let above = match options.header {
        Some(Header::Line(line)) => line - 1,
        _ => options.skip,
    };
    if above > 0 {
        let mut ends = memchr_iter(end, &bytes[..shown]);
        match ends.nth(above - 1) {
            Some(end) => at = at.max(end + 1),
            None if !whole => return Ok(None),
            None => {
                let lines =
                    memchr_iter(end, bytes).count() + usize::from(bytes.last().is_some_and(|last| *last != end));
                let option = if options.skip < above { "header" } else { "skip" };
                return Err(source
                    .error(format_args!("it has {lines} lines, of which {above} are to be left out"))
                    .hint(format!("give a smaller `{option}`")));
            }
        }
    }
    let (mut dialect, doubt) =
        dialect::guess(&bytes[at..shown], end, named.map(|(separator, _)| separator), format, options);
    let mut doubts: Doubts = doubt.into_iter().collect();
    while at < shown
        && let Some(next) = dialect.skipped_line(&bytes[..shown], at)
    {
        at = next;
    }
    let line_of = |at: usize| 1 + memchr_iter(end, &bytes[..at]).count();
    let line = line_of(at);
    if at == shown {
        return if whole { Err(no_rows()) } else { Ok(None) };
    }
    // In a spreadsheet's table, `#` after the first rows is part of a cell.
    if options.comment.is_none() && format != Format::Txt {
        dialect.comment = None;
    }
    let Some(first_end) = dialect.row_end(bytes, at, whole) else {
        return if whole { Err(never_closed(source, line)) } else { Ok(None) };
    };
    let Some((first, _)) = dialect.row(&bytes[..first_end], at) else { return Err(never_closed(source, line)) };
    let width = first.len();
    let mut below = vec![Tally::default(); width];
    let mut next = first_end;
    let mut rows = 0;
    // The row after the first, where it begins and where it ends.
    let mut second = None;
    while rows < SAMPLE && next < bytes.len() {
        if let Some(end) = dialect.skipped_line(bytes, next) {
            next = end;
            continue;
        }
        // Rows of another length are reported when all are read.
        let Some(end) = dialect.row_end(bytes, next, whole) else { break };
        let is_second = second.is_none();
        if is_second && let Some((cells, _)) = dialect.row(&bytes[..end], next) {
            second = Some((cells, next, end));
        }
        // Units are not values.
        if !(is_second && options.units == Some(true)) {
            look(&dialect, &bytes[..end], next, &mut below, Tally::add);
        }
        next = end;
        rows += 1;
    }
    if rows == 0 && !whole {
        return Ok(None);
    }
    let has_names = match options.header {
        Some(Header::None) => false,
        Some(Header::First | Header::Line(_)) => true,
        None if options.units == Some(true) => {
            // With given names, the file may still have units.
            let is_value = |cell: &Cow<'_, [u8]>| Cell::of(cell, &dialect.syntax).seen().has_numbers();
            options.names.is_none() || second.as_ref().is_some_and(|(cells, ..)| !cells.iter().any(is_value))
        }
        None => {
            let second = second.as_ref().map(|(cells, ..): &(Vec<_>, usize, usize)| cells.as_slice());
            let found = dialect::header(&first, second, &below, &dialect.syntax);
            if let Some(doubt) = found.doubt {
                doubts.push(format!("line {line}: {doubt}"));
            }
            found.is_names
        }
    };
    let mut names = if has_names { Some(names(source, &first, line)?) } else { None };
    if let Some(given) = &options.names {
        if given.len() != width {
            return Err(Error::script(format!(
                "`{}`: line {line} has {width} cells, and `names` has {}",
                source.path().display(),
                given.len()
            ))
            .hint("`names` names every column; `columns` chooses some of them"));
        }
        names = Some(given.clone());
    }
    let mut begin = if has_names { first_end } else { at };
    if options.units == Some(true) {
        begin = match (&second, has_names) {
            (Some((.., end)), true) => *end,
            (None, true) => begin,
            (second, false) => {
                if let Some((_, at, end)) = second {
                    look(&dialect, &bytes[..*end], *at, &mut below, Tally::add);
                }
                first_end
            }
        };
    }
    let mut has_units = false;
    if has_names
        && options.units.is_none()
        && let Some((cells, at, _)) = &second
        && dialect::is_of_units(cells, &below, &dialect.syntax)
    {
        has_units = true;
        doubts.push(format!(
            "line {}: a row of texts below the names, above numbers, makes texts of them; `units: true` leaves it out",
            line_of(*at)
        ));
    }
    if begin == at {
        look(&dialect, &bytes[..first_end], at, &mut below, Tally::add);
    }
    let seen = below.iter().map(|tally| tally.seen).collect();
    let line_of_rows = line_of(begin);
    let head =
        Head { dialect, names, width, first_line: line, begin: begin as u64, line: line_of_rows, seen, has_units };
    Ok(Some((head, doubts)))
}

fn never_closed(source: &Source<'_>, line: usize) -> Error {
    source
        .error(format_args!("line {line}: a quote in this row is never closed"))
        .hint("a quote that is meant is written twice, in a cell between quotes")
}

/// Names for columns: those of the file, with numbers added where they are missing or repeated.
fn names(source: &Source<'_>, cells: &[Cow<'_, [u8]>], line: usize) -> Result<Vec<String>> {
    let name = |(i, cell): (usize, &Cow<'_, [u8]>)| {
        let text = std::str::from_utf8(cell).map_err(|_| not_utf8(source, line, &format!("name {}", i + 1)))?;
        Ok(if text.is_empty() { numbered(i) } else { text.to_string() })
    };
    Ok(unique(cells.iter().enumerate().map(name).collect::<Result<_>>()?))
}

fn numbered(index: usize) -> String {
    format!("column_{}", index + 1)
}

fn not_utf8(source: &Source<'_>, line: usize, what: &str) -> Error {
    source
        .error(format_args!("line {line}: {what} is no text in UTF-8"))
        .hint("convert the file, for example with `iconv -f latin1 -t utf-8`")
}

/// Adds the kinds of a row's cells.
fn look<T>(dialect: &Dialect, bytes: &[u8], mut at: usize, seen: &mut [T], add: impl Fn(&mut T, &[u8], Cell)) {
    for seen in seen {
        let Some(field) = dialect.field(bytes, at) else { return };
        add(seen, &field.text, Cell::of(&field.text, &dialect.syntax));
        at = field.next;
        if field.last {
            return;
        }
    }
}

/// Cuts the file into parts of whole rows and counts them; also returns the kinds of the sampled cells.
fn pieces(source: &Source<'_>, head: &Head) -> Result<(Vec<Piece>, Vec<Seen>)> {
    let nominal: Vec<u64> = (head.begin..source.len()).step_by(BLOCK).collect();
    let begins: Vec<Result<u64>> = nominal
        .par_iter()
        .map(|&at| if at == head.begin { Ok(at) } else { line_after(source, head.end(), at - 1) })
        .collect();
    let mut begins = begins.into_iter().collect::<Result<Vec<u64>>>()?;
    begins.push(source.len());
    begins.dedup();
    let counted: Vec<Result<Counted>> = begins
        .par_windows(2)
        .map_init(Vec::new, |buffer, range| {
            let bytes = part(source, buffer, range[0], range[1])?;
            if memchr(b'"', bytes).is_some() {
                return Ok(None);
            }
            let mut seen = vec![Seen::default(); head.width];
            let piece = count(head, bytes, range[0], &mut seen);
            Ok(Some((piece, seen)))
        })
        .collect();
    let mut pieces = Vec::with_capacity(counted.len());
    let mut seen = vec![Seen::default(); head.width];
    for counted in counted {
        let Some((piece, more)) = counted? else { return pieces_in_order(source, head) };
        pieces.push(piece);
        seen.iter_mut().zip(more).for_each(|(seen, more)| seen.add(more));
    }
    Ok((pieces, seen))
}

/// Where the first line after byte `at` begins.
fn line_after(source: &Source<'_>, line_end: u8, mut at: u64) -> Result<u64> {
    const STEP: usize = 1 << 14;
    let mut buffer = [0; STEP];
    while at < source.len() {
        let length = STEP.min((source.len() - at) as usize);
        source.read_at(&mut buffer[..length], at)?;
        if let Some(end) = memchr(line_end, &buffer[..length]) {
            return Ok(at + end as u64 + 1);
        }
        at += length as u64;
    }
    Ok(source.len())
}

/// Reads a part of the file.
fn part<'b>(source: &Source<'_>, buffer: &'b mut Vec<u8>, begin: u64, end: u64) -> Result<&'b [u8]> {
    let length = (end - begin) as usize;
    if length > LONG && length > buffer.len() {
        source.take((length - buffer.len()) as u64, || format!("rows of {length} bytes"))?;
    }
    if length > buffer.len() {
        // Growing would double it, and keep the old one for a while.
        *buffer = Vec::new();
        *buffer = vec![0; length];
    }
    source.read_at(&mut buffer[..length], begin)?;
    Ok(&buffer[..length])
}

/// Counts rows in lines without quotes.
fn count(head: &Head, bytes: &[u8], begin: u64, seen: &mut [Seen]) -> Piece {
    let mut piece = Piece { begin, end: begin + bytes.len() as u64, rows: 0, lines: 0 };
    let mut line = 0;
    for end in memchr_iter(head.end(), bytes) {
        piece.lines += 1;
        if head.dialect.skipped_line(bytes, line).is_none() {
            if piece.rows < SAMPLE {
                look(&head.dialect, &bytes[..end], line, seen, |seen, _, cell| seen.add(cell.seen()));
            }
            piece.rows += 1;
        }
        line = end + 1;
    }
    // The last line of a file may have no line end.
    if line < bytes.len() && head.dialect.skipped_line(bytes, line).is_none() {
        piece.rows += 1;
    }
    piece
}

/// The same as [`pieces`], where quotes may contain line ends.
fn pieces_in_order(source: &Source<'_>, head: &Head) -> Result<(Vec<Piece>, Vec<Seen>)> {
    let mut pieces = Vec::new();
    let mut seen = vec![Seen::default(); head.width];
    let mut begin = head.begin;
    let mut line = head.line;
    let mut length = BLOCK as u64;
    let mut buffer = Vec::new();
    while begin < source.len() {
        let end = begin.saturating_add(length).min(source.len());
        let whole = end == source.len();
        let bytes = part(source, &mut buffer, begin, end)?;
        let mut at = 0;
        let mut piece = Piece { begin, end: begin, rows: 0, lines: 0 };
        while at < bytes.len() {
            if let Some(next) = head.dialect.skipped_line(bytes, at) {
                if !whole && next == bytes.len() && bytes.last() != Some(&head.end()) {
                    break;
                }
                at = next;
                continue;
            }
            let Some(next) = head.dialect.row_end(bytes, at, whole) else {
                if whole {
                    let line = line + memchr_iter(head.end(), &bytes[..at]).count();
                    return Err(never_closed(source, line));
                }
                break;
            };
            if piece.rows < SAMPLE {
                look(&head.dialect, &bytes[..next], at, &mut seen, |seen, _, cell| seen.add(cell.seen()));
            }
            piece.rows += 1;
            at = next;
        }
        if at == 0 {
            // A row that is longer than the block.
            length = length.saturating_mul(2);
            continue;
        }
        piece.end = begin + at as u64;
        piece.lines = memchr_iter(head.end(), &bytes[..at]).count();
        line += piece.lines;
        begin = piece.end;
        length = BLOCK as u64;
        pieces.push(piece);
    }
    Ok((pieces, seen))
}

/// The destination of the cells of one piece.
enum Slot<'b> {
    Bool(&'b mut [bool]),
    I64(&'b mut [i64]),
    F64(&'b mut [f64]),
    Text(&'b mut Texts),
    Skipped,
}

impl Slot<'_> {
    #[inline]
    fn put_int(&mut self, at: usize, value: i64) {
        match self {
            Slot::I64(v) => put(v, at, value),
            Slot::F64(v) => put(v, at, value as f64),
            Slot::Bool(_) | Slot::Text(_) | Slot::Skipped => {}
        }
    }
    #[inline]
    fn put_float(&mut self, at: usize, value: f64) {
        if let Slot::F64(v) = self {
            put(v, at, value);
        }
    }
    fn put_bool(&mut self, at: usize, value: bool) {
        match self {
            Slot::Bool(v) => put(v, at, value),
            Slot::F64(v) => put(v, at, f64::from(u8::from(value))),
            Slot::I64(_) | Slot::Text(_) | Slot::Skipped => {}
        }
    }
}

#[inline]
fn put<T>(values: &mut [T], at: usize, value: T) {
    if let Some(place) = values.get_mut(at) {
        *place = value;
    }
}

/// Splits the first `n` elements off a slice.
fn split<'b, T>(rest: &mut &'b mut [T], n: usize) -> &'b mut [T] {
    let (first, others) = std::mem::take(rest).split_at_mut(n);
    *rest = others;
    first
}

/// The slots of all pieces in one column of `each` elements per row.
fn slots<'b>(values: &'b mut Storage, pieces: &[Piece], each: usize) -> Vec<Slot<'b>> {
    macro_rules! cut {
        ($values:expr, $slot:path) => {{
            let mut rest = $values.as_mut_slice();
            pieces.iter().map(|piece| $slot(split(&mut rest, piece.rows * each))).collect()
        }};
    }
    match values {
        Storage::Values(Values::Bool(v)) => cut!(v, Slot::Bool),
        Storage::Values(Values::I64(v)) => cut!(v, Slot::I64),
        Storage::Values(Values::F64(v)) => cut!(v, Slot::F64),
        Storage::Text(v) => v.iter_mut().map(Slot::Text).collect(),
        Storage::Values(Values::F32(_)) | Storage::Skipped => pieces.iter().map(|_| Slot::Skipped).collect(),
    }
}

/// The memory of one column.
enum Storage {
    Values(Values),
    /// The texts of each piece.
    Text(Vec<Texts>),
    Skipped,
}

impl Storage {
    /// Allocates `length` elements for all pieces together.
    fn new(reserved: &Reserved<'_, '_>, kind: CellKind, length: usize, pieces: &[Piece]) -> Result<Storage> {
        Ok(match kind {
            CellKind::Bool => Storage::Values(Values::Bool(reserved.zeros(length)?)),
            CellKind::Int => Storage::Values(Values::I64(reserved.zeros(length)?)),
            CellKind::Float | CellKind::BoolOrMissing => Storage::Values(Values::F64(reserved.zeros(length)?)),
            CellKind::Text => {
                let bytes = length as u64 * size_of::<usize>() as u64;
                reserved.take(bytes, || format!("{length} texts"))?;
                Storage::Text(pieces.iter().map(|_| Texts::default()).collect())
            }
            CellKind::Skipped => Storage::Skipped,
        })
    }
}

/// The memory layout of columns.
trait Layout<'b> {
    fn kind(&self, column: usize) -> CellKind;
    fn slot(&mut self, column: usize) -> &mut Slot<'b>;
    /// The index in the slot.
    fn place(&self, row: usize, column: usize) -> usize;
}

/// All cells in one array, row after row.
struct Rows<'b> {
    kind: CellKind,
    width: usize,
    slot: Slot<'b>,
}

impl<'b> Layout<'b> for Rows<'b> {
    #[inline]
    fn kind(&self, _: usize) -> CellKind {
        self.kind
    }
    #[inline]
    fn slot(&mut self, _: usize) -> &mut Slot<'b> {
        &mut self.slot
    }
    #[inline]
    fn place(&self, row: usize, column: usize) -> usize {
        row * self.width + column
    }
}

/// Each column in its own array.
struct Apart<'b> {
    kinds: &'b [CellKind],
    slots: Vec<Slot<'b>>,
}

impl<'b> Layout<'b> for Apart<'b> {
    #[inline]
    fn kind(&self, column: usize) -> CellKind {
        self.kinds[column]
    }
    #[inline]
    fn slot(&mut self, column: usize) -> &mut Slot<'b> {
        &mut self.slots[column]
    }
    #[inline]
    fn place(&self, row: usize, _: usize) -> usize {
        row
    }
}

/// The memory of all columns.
fn common_kind(columns: &[Seen]) -> CellKind {
    let mut all = Seen::default();
    columns.iter().for_each(|seen| all.add(*seen));
    all.kind()
}

struct Table<'t, 'a> {
    source: &'t Source<'a>,
    head: &'t Head,
    pieces: &'t [Piece],
    rows: usize,
}

impl Table<'_, '_> {
    /// Reads all columns as one array, if all cells are numbers or all are truth values. `seen` receives other kinds.
    fn array(&self, seen: &mut [Seen]) -> Result<Option<Block>> {
        let width = self.head.width;
        loop {
            let kind = common_kind(seen);
            if kind == CellKind::Text {
                return Ok(None);
            }
            // The memory of this attempt is released if another one must follow.
            let reserved = self.source.reserve();
            let mut storage = Storage::new(&reserved, kind, self.rows * width, self.pieces)?;
            let layouts = slots(&mut storage, self.pieces, width).into_iter();
            let layouts = layouts.map(|slot| Rows { kind, width, slot }).collect();
            let found = self.read(layouts, &reserved)?;
            seen.iter_mut().zip(found).for_each(|(seen, more)| seen.add(more));
            if common_kind(seen) != kind {
                drop(storage);
                continue;
            }
            reserved.keep();
            let Storage::Values(values) = storage else { return Ok(None) };
            // A single column becomes an array of one axis.
            let shape = if width == 1 { vec![self.rows] } else { vec![self.rows, width] };
            return Ok(Some(Block { shape, values }));
        }
    }

    /// Reads each column.
    fn columns(&self, mut seen: Vec<Seen>, wanted: Option<&[String]>) -> Result<Columns> {
        let width = self.head.width;
        let names = self.head.names.clone().unwrap_or_else(|| (0..width).map(numbered).collect());
        let picked = picked(self.source.path(), wanted, names.iter().map(String::as_str))?;
        let mut is_wanted = vec![false; width];
        picked.iter().for_each(|&index| is_wanted[index] = true);
        let kinds = |seen: &[Seen]| -> Vec<CellKind> {
            let both = seen.iter().zip(&is_wanted);
            both.map(|(seen, wanted)| if *wanted { seen.kind() } else { CellKind::Skipped }).collect()
        };
        loop {
            let kinds_now = kinds(&seen);
            let reserved = self.source.reserve();
            let new = |kind: &CellKind| Storage::new(&reserved, *kind, self.rows, self.pieces);
            let mut storage = kinds_now.iter().map(new).collect::<Result<Vec<_>>>()?;
            let mut layouts: Vec<Apart<'_>> =
                self.pieces.iter().map(|_| Apart { kinds: &kinds_now, slots: Vec::with_capacity(width) }).collect();
            for storage in &mut storage {
                let slots = slots(storage, self.pieces, 1);
                layouts.iter_mut().zip(slots).for_each(|(layout, slot)| layout.slots.push(slot));
            }
            let found = self.read(layouts, &reserved)?;
            seen.iter_mut().zip(found).for_each(|(seen, more)| seen.add(more));
            if kinds(&seen) != kinds_now {
                drop(storage);
                continue;
            }
            reserved.keep();
            let mut named = Vec::with_capacity(width);
            for storage in storage {
                named.push(match storage {
                    Storage::Values(values) => Some(Column::Array(Block { shape: vec![self.rows], values })),
                    Storage::Text(pieces) => Some(Column::Text(Texts::joined(pieces, self.source)?)),
                    Storage::Skipped => None,
                });
            }
            let take = |&index: &usize| Some((names[index].clone(), named[index].take()?));
            let columns: Columns = picked.iter().filter_map(take).collect();
            for &index in &picked {
                if let Some(Column::Text(texts)) = columns.get(&names[index]) {
                    self.explain_texts(&names[index], texts, seen[index])?;
                }
            }
            let types = columns.iter().map(|(name, column)| match column {
                Column::Array(block) => format!("`{name}` {}", block.values.dtype().name()),
                _ => format!("`{name}` texts"),
            });
            tracing::info!("`{}`: {}", self.source.path().display(), types.collect::<Vec<_>>().join(", "));
            return Ok(columns);
        }
    }

    /// Warns if a column has become texts although most of its cells are numbers, or would be numbers with other
    /// options.
    fn explain_texts(&self, name: &str, texts: &Texts, seen: Seen) -> Result<()> {
        let syntax = &self.head.dialect.syntax;
        let (mut numbers, mut others, mut first) = (0, 0, None);
        // Where the sample had no number, the first text is sufficient.
        let searched = if seen.has_numbers() { SEARCHED } else { 1 };
        for (row, text) in texts.iter().enumerate().take(searched) {
            match Cell::of(text.as_bytes(), syntax) {
                Cell::Int(_) | Cell::Float(_) => numbers += 1,
                Cell::Text => {
                    others += 1;
                    first.get_or_insert((row, text));
                }
                Cell::Missing | Cell::Bool(_) | Cell::Perhaps(_) => {}
            }
        }
        let (row, text) = match first {
            Some(first) => first,
            // The text comes after all those rows.
            None if numbers == SEARCHED => {
                let late = |(_, text): &(usize, &str)| Cell::of(text.as_bytes(), syntax) == Cell::Text;
                let Some(found) = texts.iter().enumerate().skip(SEARCHED).find(late) else { return Ok(()) };
                others += 1;
                found
            }
            None => return Ok(()),
        };
        let way = cell::number_elsewhere(text.as_bytes());
        if (numbers <= others && way.is_none()) || (row == 0 && self.head.has_units) {
            return Ok(());
        }
        let mut shown: String = text.chars().take(SHOWN).collect();
        if shown.len() < text.len() {
            shown.push('…');
        }
        let line = self.line_of_row(row)?;
        let shown = shown.escape_debug();
        let way = way.map_or_else(
            || format!("`missing: [\"{shown}\"]` takes it as a gap"),
            |way| format!("{way} reads it as a number"),
        );
        self.source.warn(format_args!("line {line}: the column `{name}` is texts because of \"{shown}\"; {way}"));
        Ok(())
    }

    /// The line in which a row begins, from 1.
    fn line_of_row(&self, row: usize) -> Result<usize> {
        let dialect = &self.head.dialect;
        let (mut left, mut line) = (row, self.head.line);
        for piece in self.pieces {
            if left >= piece.rows {
                left -= piece.rows;
                line += piece.lines;
                continue;
            }
            let mut buffer = Vec::new();
            let bytes = part(self.source, &mut buffer, piece.begin, piece.end)?;
            let mut at = 0;
            while at < bytes.len() {
                if let Some(next) = dialect.skipped_line(bytes, at) {
                    at = next;
                    continue;
                }
                if left == 0 {
                    break;
                }
                left -= 1;
                at = dialect.row_end(bytes, at, true).unwrap_or(bytes.len());
            }
            return Ok(line + memchr_iter(dialect.end, &bytes[..at]).count());
        }
        Ok(line)
    }

    /// Reads all cells. Returns the kinds of cells that do not fit their column's type.
    fn read<'b, L: Layout<'b> + Send>(&self, layouts: Vec<L>, reserved: &Reserved<'_, '_>) -> Result<Vec<Seen>> {
        let line = |index: usize| self.head.line + self.pieces[..index].iter().map(|p| p.lines).sum::<usize>();
        let found: Vec<Result<Vec<Seen>>> = layouts
            .into_par_iter()
            .enumerate()
            .map_init(Vec::new, |buffer, (index, layout)| {
                let piece = self.pieces[index];
                let bytes = part(self.source, buffer, piece.begin, piece.end)?;
                let mut reader = PieceReader {
                    table: self,
                    reserved,
                    bytes,
                    layout,
                    found: vec![Seen::default(); self.head.width],
                    text: 0,
                    first_line: || line(index),
                    slots: PhantomData,
                };
                reader.read(piece.rows)?;
                Ok(reader.found)
            })
            .collect();
        let mut seen = vec![Seen::default(); self.head.width];
        // The first error in the order of the file.
        for found in found {
            seen.iter_mut().zip(found?).for_each(|(seen, more)| seen.add(more));
        }
        Ok(seen)
    }
}

struct PieceReader<'r, 'a, 'b, L, F> {
    table: &'r Table<'r, 'a>,
    reserved: &'r Reserved<'r, 'a>,
    bytes: &'r [u8],
    layout: L,
    found: Vec<Seen>,
    /// Bytes of text that are not yet counted.
    text: usize,
    first_line: F,
    slots: PhantomData<Slot<'b>>,
}

impl<'b, L: Layout<'b>, F: Fn() -> usize> PieceReader<'_, '_, 'b, L, F> {
    fn read(&mut self, rows: usize) -> Result<()> {
        let table = self.table;
        let dialect = &table.head.dialect;
        let mut at = 0;
        let mut row = 0;
        while at < self.bytes.len() {
            if let Some(next) = dialect.skipped_line(self.bytes, at) {
                at = next;
                continue;
            }
            if row == rows {
                return Err(self.changed());
            }
            at = self.row(dialect, at, row)?;
            row += 1;
        }
        self.count_text(0)?;
        if row == rows { Ok(()) } else { Err(self.changed()) }
    }

    fn changed(&self) -> Error {
        self.table.source.error("it changed while it was read").hint("load it when nothing writes to it")
    }

    fn line(&self, at: usize) -> usize {
        (self.first_line)() + memchr_iter(self.table.head.end(), &self.bytes[..at]).count()
    }

    /// Reads the row that begins at `begin`; returns where the next one does.
    #[inline]
    fn row(&mut self, dialect: &Dialect, begin: usize, row: usize) -> Result<usize> {
        let width = self.table.head.width;
        let mut at = begin;
        for column in 0..width {
            let is_last = column + 1 == width;
            let kind = self.layout.kind(column);
            if matches!(kind, CellKind::Int | CellKind::Float)
                && let Some(next) = self.number(dialect, kind, at, row, column, is_last)
            {
                at = next;
                continue;
            }
            let Some(field) = dialect.field(self.bytes, at) else {
                return Err(never_closed(self.table.source, self.line(begin)));
            };
            if field.last != is_last {
                return Err(self.ragged(dialect, begin));
            }
            at = field.next;
            self.cell(dialect, kind, &field, row, column, begin)?;
        }
        Ok(at)
    }

    /// Reads a number in the usual notation. Returns where the next cell or row begins; `None` if it needs the general
    /// parser.
    #[inline]
    fn number(
        &mut self,
        dialect: &Dialect,
        kind: CellKind,
        at: usize,
        row: usize,
        column: usize,
        is_last: bool,
    ) -> Option<usize> {
        let bytes = self.bytes;
        let begin = if bytes.get(at) == Some(&b' ') { dialect.skip_blanks(bytes, at) } else { at };
        let place = self.layout.place(row, column);
        if kind == CellKind::Int {
            let (value, length) = cell::int(&bytes[begin..])?;
            let next = after(dialect, bytes, begin + length, is_last)?;
            if dialect.syntax.is_missing_number(value as f64) {
                return None;
            }
            self.layout.slot(column).put_int(place, value);
            return Some(next);
        }
        // Names of infinity and NaN are left to the general parser.
        if dialect.syntax.decimal != b'.' || !matches!(bytes.get(begin)?, b'0'..=b'9' | b'-' | b'.') {
            return None;
        }
        let (value, length) = fast_float2::parse_partial::<f64, _>(&bytes[begin..]).ok()?;
        let next = after(dialect, bytes, begin + length, is_last)?;
        if dialect.syntax.is_missing_number(value) {
            return None;
        }
        self.layout.slot(column).put_float(place, value);
        Some(next)
    }

    fn cell(
        &mut self,
        dialect: &Dialect,
        kind: CellKind,
        field: &Field<'_>,
        row: usize,
        column: usize,
        begin: usize,
    ) -> Result<()> {
        let place = self.layout.place(row, column);
        let text = &*field.text;
        match kind {
            CellKind::Skipped => return Ok(()),
            CellKind::Text => {
                if !field.quoted && memchr::memchr2(b'\r', b'\n', text).is_some() {
                    return Err(self.mixed_ends(begin, column));
                }
                let text = if dialect.syntax.is_missing_text(text) { &[] } else { text };
                let Ok(text) = std::str::from_utf8(text) else {
                    let what = format!("cell {}", column + 1);
                    return Err(not_utf8(self.table.source, self.line(begin), &what));
                };
                self.count_text(text.len())?;
                // Rows are pushed in order.
                if let Slot::Text(v) = self.layout.slot(column) {
                    v.push(text);
                }
                return Ok(());
            }
            CellKind::Bool | CellKind::BoolOrMissing | CellKind::Int | CellKind::Float => {}
        }
        let cell = Cell::of(text, &dialect.syntax);
        self.found[column].add(cell.seen());
        let slot = self.layout.slot(column);
        match cell {
            Cell::Missing => slot.put_float(place, f64::NAN),
            Cell::Bool(value) => slot.put_bool(place, value),
            Cell::Int(value) => slot.put_int(place, value),
            Cell::Float(value) | Cell::Perhaps(value) => slot.put_float(place, value),
            Cell::Text => {}
        }
        Ok(())
    }

    /// Counts text against the limit, many cells at a time, since all threads share the counter.
    fn count_text(&mut self, more: usize) -> Result<()> {
        self.text += more;
        if self.text > TEXT_STEP || more == 0 {
            let bytes = std::mem::take(&mut self.text);
            self.reserved.take(bytes as u64, || "its texts".to_string())?;
        }
        Ok(())
    }

    fn mixed_ends(&self, begin: usize, column: usize) -> Error {
        let (line, cell) = (self.line(begin), column + 1);
        let (found, usual) = if self.table.head.end() == b'\r' { ("LF", "CR") } else { ("CR", "LF") };
        self.table
            .source
            .error(format_args!(
                "line {line}: cell {cell} has {found} in it, a line end; the first line ends with {usual}"
            ))
            .hint("let all lines end alike, for example with `dos2unix` or `mac2unix`; or put the cell in quotes")
    }

    fn ragged(&self, dialect: &Dialect, begin: usize) -> Error {
        let head = self.table.head;
        let found = dialect.row(self.bytes, begin).map_or(0, |(cells, _)| cells.len());
        let cells = |n: usize| if n == 1 { "1 cell".to_string() } else { format!("{n} cells") };
        let (found, width, first) = (cells(found), head.width, head.first_line);
        let separator = dialect.separator.shown();
        let hint = match self.bytes[begin..].first() {
            Some(mark @ (b'#' | b'%' | b'!')) => {
                format!("`comment: \"{}\"` leaves out lines that begin with it", char::from(*mark))
            }
            _ => format!(
                "cells are taken to be separated by {separator}; `delimiter` names another, `skip` leaves out lines at the top"
            ),
        };
        self.table
            .source
            .error(format_args!("line {}: {found}; expected {width}, as in line {first}", self.line(begin)))
            .hint(hint)
    }
}

/// Where the next cell or row begins, if a cell ends at `end`.
#[inline]
fn after(dialect: &Dialect, bytes: &[u8], end: usize, is_last: bool) -> Option<usize> {
    let next = bytes.get(end).copied();
    if is_last {
        return match next {
            Some(byte) if byte == dialect.end => Some(end + 1),
            Some(b'\r') if bytes.get(end + 1) == Some(&b'\n') && dialect.end == b'\n' => Some(end + 2),
            None => Some(end),
            _ => None,
        };
    }
    match dialect.separator {
        Separator::Byte(byte) => (next == Some(byte)).then_some(end + 1),
        Separator::Blanks => {
            let begin = dialect.skip_blanks(bytes, end);
            (begin > end && !matches!(bytes.get(begin), None | Some(b'\n' | b'\r'))).then_some(begin)
        }
    }
}

/// The separator of a file that is written.
pub(super) fn separator(format: Format) -> u8 {
    match format {
        Format::Tsv => b'\t',
        Format::Txt => b' ',
        _ => b',',
    }
}

/// Writes one number per line, or a row of an array of two axes.
pub(super) fn save_array(
    file: &mut impl Write,
    separator: u8,
    shape: &[usize],
    values: &Values,
    watch: &Watch,
) -> std::result::Result<(), WriteError> {
    let width = shape.get(1).copied().unwrap_or(1);
    let mut line = Vec::new();
    for row in 0..values.len().checked_div(width).unwrap_or(0) {
        for column in 0..width {
            if column > 0 {
                line.push(separator);
            }
            write_value(&mut line, values, row * width + column)?;
        }
        end_line(file, &mut line, watch)?;
    }
    file.write_all(&line)?;
    Ok(())
}

/// A column of a table to write: its name, and the source of its cells.
pub(super) struct TableColumn<'a> {
    name: String,
    data: PartData<'a>,
    /// The index of the number in a row, and the numbers per row.
    part: (usize, usize),
}

/// The columns of a table, one for each number in a row of a column.
pub(super) fn table<'a>(path: &Path, parts: &[Part<'a>]) -> Result<Vec<TableColumn<'a>>> {
    let shown = path.display();
    let mut columns = Vec::new();
    let mut length: Option<(usize, &str)> = None;
    for part in parts {
        let (rows, width) = match part.data {
            PartData::Text(texts) => (texts.len(), None),
            PartData::Array([rows], _) => (*rows, None),
            PartData::Array([rows, width], _) => (*rows, Some(*width)),
            PartData::Array(shape, _) => {
                return Err(Error::script(format!(
                    "`{shown}`: `{}` has {} axes; a column has one or two",
                    part.name,
                    shape.len()
                ))
                .hint("reshape it, or save it as `.npz`"));
            }
        };
        match length {
            Some((others, name)) if others != rows => {
                return Err(Error::script(format!(
                    "`{shown}`: `{}` has {rows} rows and `{name}` has {others}",
                    part.name
                ))
                .hint("columns of a table are equally long; save others as `.npz`"));
            }
            _ => length = Some((rows, part.name)),
        }
        match width {
            None => columns.push(TableColumn { name: part.name.to_string(), data: part.data, part: (0, 1) }),
            Some(width) => columns.extend((0..width).map(|i| TableColumn {
                name: format!("{}_{i}", part.name),
                data: part.data,
                part: (i, width),
            })),
        }
    }
    Ok(columns)
}

/// Writes a table with a header of names.
pub(super) fn save_columns(
    file: &mut impl Write,
    separator: u8,
    columns: &[TableColumn<'_>],
    watch: &Watch,
) -> std::result::Result<(), WriteError> {
    let mut line = Vec::new();
    for (index, column) in columns.iter().enumerate() {
        if index > 0 {
            line.push(separator);
        }
        write_text(&mut line, &column.name, separator);
    }
    line.push(b'\n');
    let rows = columns.first().map_or(0, |column| match column.data {
        PartData::Text(texts) => texts.len(),
        PartData::Array(shape, _) => shape.first().copied().unwrap_or(0),
    });
    for row in 0..rows {
        for (index, column) in columns.iter().enumerate() {
            if index > 0 {
                line.push(separator);
            }
            match column.data {
                PartData::Text(texts) => write_text(&mut line, texts.get(row).unwrap_or_default(), separator),
                PartData::Array(_, values) => write_value(&mut line, values, row * column.part.1 + column.part.0)?,
            }
        }
        end_line(file, &mut line, watch)?;
    }
    file.write_all(&line)?;
    Ok(())
}

/// Ends a line, and flushes the buffer if it is large.
fn end_line(file: &mut impl Write, line: &mut Vec<u8>, watch: &Watch) -> std::result::Result<(), WriteError> {
    line.push(b'\n');
    if line.len() >= TEXT_STEP {
        watch.check()?;
        file.write_all(line)?;
        line.clear();
    }
    Ok(())
}

/// The shortest digits that are read back as the same number.
fn write_value(line: &mut Vec<u8>, values: &Values, at: usize) -> std::io::Result<()> {
    match values {
        Values::Bool(v) => write!(line, "{}", v.get(at).copied().unwrap_or_default()),
        Values::I64(v) => write!(line, "{}", v.get(at).copied().unwrap_or_default()),
        Values::F32(v) => write!(line, "{:?}", v.get(at).copied().unwrap_or_default()),
        Values::F64(v) => write!(line, "{:?}", v.get(at).copied().unwrap_or_default()),
    }
}

/// A text, in quotes where it would be ambiguous.
fn write_text(line: &mut Vec<u8>, text: &str, separator: u8) {
    let separates = |b| b == separator || (separator == b' ' && b == b'\t');
    let plain = !text.is_empty()
        && !text.bytes().any(|b| separates(b) || b == b'"' || b == b'\n' || b == b'\r')
        && !text.starts_with([' ', '\t', '#'])
        && !text.ends_with([' ', '\t']);
    if plain {
        line.extend_from_slice(text.as_bytes());
        return;
    }
    line.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}
