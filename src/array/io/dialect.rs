//! The dialect of a text table: separators, comments, quotes, header; and where its cells and rows end.

use super::Format;
use super::LoadOptions;
use super::cell::{Cell, Missing, Seen, Syntax};
use memchr::memchr;
use std::borrow::Cow;
use std::collections::HashSet;

/// Rows from which the separator is inferred.
const SHOWN: usize = 20;

/// The separator of cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Byte(u8),
    /// Any number of spaces and tabs.
    Blanks,
}

impl Separator {
    /// The name of the separator in messages.
    pub fn shown(self) -> String {
        match self {
            Separator::Byte(b'\t') => "a tab".to_string(),
            Separator::Byte(byte) => format!("`{}`", char::from(byte)),
            Separator::Blanks => "blanks".to_string(),
        }
    }
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dialect {
    pub separator: Separator,
    /// The start of a comment line.
    pub comment: Option<u8>,
    /// The last character of a line: LF, which may follow CR, or CR alone.
    pub end: u8,
    pub syntax: Syntax,
}

/// One cell in the file.
#[derive(Debug, PartialEq)]
pub(super) struct Field<'b> {
    /// The text without quotes and surrounding blanks.
    pub text: Cow<'b, [u8]>,
    /// Where the next cell or row begins.
    pub next: usize,
    /// Whether it is the last of its row.
    pub last: bool,
    /// Whether it is quoted, and so may contain anything.
    pub quoted: bool,
}

impl Dialect {
    /// Whether this byte is ignored around a cell.
    fn is_blank(&self, byte: u8) -> bool {
        byte == b' ' || (byte == b'\t' && self.separator != Separator::Byte(b'\t'))
    }

    pub fn skip_blanks(&self, bytes: &[u8], mut at: usize) -> usize {
        while bytes.get(at).is_some_and(|b| self.is_blank(*b)) {
            at += 1;
        }
        at
    }

    /// Where the next line begins, if this one holds no row: blank, or a comment.
    #[inline]
    pub fn skipped_line(&self, bytes: &[u8], at: usize) -> Option<usize> {
        // Most rows begin with something else.
        match bytes.get(at) {
            Some(byte) if *byte == self.end => return Some(at + 1),
            Some(byte) if Some(*byte) == self.comment => return Some(self.line_end(bytes, at)),
            Some(b'\r') => {}
            Some(byte) if self.is_blank(*byte) => {}
            _ => return None,
        }
        let mut begin = self.skip_blanks(bytes, at);
        if bytes.get(begin).copied().is_some_and(|byte| Some(byte) == self.comment) {
            return Some(self.line_end(bytes, begin));
        }
        while bytes.get(begin) == Some(&b'\r') && self.end != b'\r' {
            begin += 1;
        }
        match bytes.get(begin) {
            None => Some(begin),
            Some(byte) if *byte == self.end => Some(begin + 1),
            _ => None,
        }
    }

    /// The cell that begins at `at`. `None` if its quote is not closed.
    pub fn field<'b>(&self, bytes: &'b [u8], at: usize) -> Option<Field<'b>> {
        let begin = self.skip_blanks(bytes, at);
        if bytes.get(begin) == Some(&b'"') {
            return self.quoted(bytes, begin);
        }
        let end = match self.separator {
            Separator::Byte(byte) => memchr::memchr2(byte, self.end, &bytes[begin..]),
            Separator::Blanks => memchr::memchr3(b' ', b'\t', self.end, &bytes[begin..]),
        };
        let end = end.map_or(bytes.len(), |length| begin + length);
        let mut text_end = end;
        while text_end > begin && (bytes[text_end - 1] == b'\r' || self.is_blank(bytes[text_end - 1])) {
            text_end -= 1;
        }
        Some(self.ended(bytes, Cow::Borrowed(&bytes[begin..text_end]), end, false))
    }

    fn quoted<'b>(&self, bytes: &'b [u8], quote: usize) -> Option<Field<'b>> {
        let mut text = Cow::Borrowed(&bytes[quote + 1..quote + 1]);
        let mut at = quote + 1;
        loop {
            let end = at + memchr(b'"', &bytes[at..])?;
            let piece = &bytes[at..end];
            if text.is_empty() {
                text = Cow::Borrowed(piece);
            } else {
                text.to_mut().extend_from_slice(piece);
            }
            at = end + 1;
            if bytes.get(at) != Some(&b'"') {
                break;
            }
            // A doubled quote is one quote.
            text.to_mut().push(b'"');
            at += 1;
        }
        // Text between the closing quote and the separator belongs to the cell.
        let rest = match self.separator {
            Separator::Byte(byte) => memchr::memchr2(byte, self.end, &bytes[at..]),
            Separator::Blanks => memchr::memchr3(b' ', b'\t', self.end, &bytes[at..]),
        };
        let end = rest.map_or(bytes.len(), |length| at + length);
        let rest = bytes[at..end].trim_ascii_end();
        if !rest.is_empty() {
            text.to_mut().extend_from_slice(rest);
        }
        Some(self.ended(bytes, text, end, true))
    }

    /// The cell whose separator is at `end`.
    fn ended<'b>(&self, bytes: &'b [u8], text: Cow<'b, [u8]>, end: usize, quoted: bool) -> Field<'b> {
        let mut next = end;
        if self.separator == Separator::Blanks {
            next = self.skip_blanks(bytes, end);
            while bytes.get(next) == Some(&b'\r') && matches!(bytes.get(next + 1), Some(b'\r' | b'\n')) {
                next += 1;
            }
        }
        match bytes.get(next) {
            None => Field { text, next, last: true, quoted },
            Some(byte) if *byte == self.end => Field { text, next: next + 1, last: true, quoted },
            Some(_) if self.separator == Separator::Blanks => Field { text, next, last: false, quoted },
            Some(_) => Field { text, next: next + 1, last: false, quoted },
        }
    }

    /// Where the next row begins. `None` if a quote in this one is not closed; `whole` means that `bytes` end where the
    /// file does, otherwise a row without an end counts as not closed, too.
    pub fn row_end(&self, bytes: &[u8], at: usize, whole: bool) -> Option<usize> {
        let end = self.line_end(bytes, at);
        let ended = |end: usize| (whole || bytes[..end].last() == Some(&self.end)).then_some(end);
        if memchr(b'"', &bytes[at..end]).is_none() {
            return ended(end);
        }
        let mut at = at;
        loop {
            let field = self.field(bytes, at)?;
            at = field.next;
            if field.last {
                return ended(at);
            }
        }
    }

    /// All cells of the row at `at`, and where the next row begins.
    pub fn row<'b>(&self, bytes: &'b [u8], mut at: usize) -> Option<(Vec<Cow<'b, [u8]>>, usize)> {
        let mut cells = Vec::new();
        loop {
            let field = self.field(bytes, at)?;
            cells.push(field.text);
            at = field.next;
            if field.last {
                return Some((cells, at));
            }
        }
    }

    /// Where the line after this one begins.
    pub fn line_end(&self, bytes: &[u8], at: usize) -> usize {
        memchr(self.end, &bytes[at..]).map_or(bytes.len(), |length| at + length + 1)
    }

    /// The rows of the first lines, without comments and blank lines.
    fn rows<'b>(&'b self, head: &'b [u8]) -> impl Iterator<Item = Vec<Cow<'b, [u8]>>> {
        let mut at = 0;
        std::iter::from_fn(move || {
            while let Some(next) = self.skipped_line(head, at)
                && at < head.len()
            {
                at = next;
            }
            if at >= head.len() {
                return None;
            }
            let (cells, next) = self.row(head, at)?;
            at = next;
            Some(cells)
        })
    }
}

/// The line end, by the first one outside of quotes; LF if there is none.
pub(super) fn end_of_lines(head: &[u8]) -> u8 {
    let mut quoted = false;
    for at in memchr::memchr3_iter(b'"', b'\n', b'\r', head) {
        match head[at] {
            b'"' => quoted = !quoted,
            b'\r' if !quoted => {
                // There may be two CR before LF.
                let next = head[at..].iter().find(|b| **b != b'\r');
                return if next == Some(&b'\n') || (next.is_none() && at + 1 < head.len()) { b'\n' } else { b'\r' };
            }
            b'\n' if !quoted => return b'\n',
            _ => {}
        }
    }
    b'\n'
}

/// The separator that a first line such as `sep=;` specifies, as spreadsheets write it, and where the next line begins.
pub(super) fn separator_line(bytes: &[u8], end: u8) -> Option<(u8, usize)> {
    let length = memchr(end, bytes).unwrap_or(bytes.len());
    // The separator itself may be a tab.
    let line = bytes[..length].strip_suffix(b"\r").unwrap_or(&bytes[..length]);
    let (line, closing) = line.strip_prefix(b"\"").map_or((line, 0), |rest| (rest, 1));
    let (name, rest) = line.split_at_checked(4)?;
    match rest {
        [byte] if closing == 0 && name.eq_ignore_ascii_case(b"sep=") => Some((*byte, bytes.len().min(length + 1))),
        [byte, b'"'] if closing == 1 && name.eq_ignore_ascii_case(b"sep=") => {
            Some((*byte, bytes.len().min(length + 1)))
        }
        _ => None,
    }
}

/// Infers the dialect of a table from its first lines; also returns what is ambiguous, with the options that resolve
/// it.
///
/// `named` is the separator that the file itself specifies.
pub(super) fn guess(
    head: &[u8],
    end: u8,
    named: Option<u8>,
    format: Format,
    options: &LoadOptions,
) -> (Dialect, Option<String>) {
    // Files of MATLAB and TeX have this sign at the start.
    let percent = format == Format::Txt && head.trim_ascii_start().first() == Some(&b'%');
    let comment = Some(options.comment.unwrap_or(if percent { b'%' } else { b'#' }));
    let decimal = options.decimal.unwrap_or(b'.');
    let syntax = Syntax { decimal, thousands: options.thousands, missing: None };
    let mut dialect = Dialect { separator: Separator::Blanks, comment, end, syntax };
    dialect.separator = match (options.delimiter.or(named), format) {
        (Some(b' '), _) => Separator::Blanks,
        (Some(byte), _) => Separator::Byte(byte),
        (None, Format::Tsv) => Separator::Byte(b'\t'),
        (None, _) => guess_separator(head, &dialect, format, options),
    };
    let mut doubt = None;
    if options.decimal.is_none() && options.thousands.is_none() && dialect.separator != Separator::Byte(b',') {
        match commas(head, &dialect) {
            Commas::Decimal => dialect.syntax.decimal = b',',
            Commas::Unclear(number) if dialect.separator == Separator::Byte(b';') => {
                dialect.syntax.decimal = b',';
                doubt = Some(format!(
                    "the comma of `{number}` is taken to stand before decimals; `thousands: \",\"` takes it as a mark \
                     between digits, `decimal: \",\"` settles it"
                ));
            }
            Commas::Unclear(_) | Commas::None => {}
        }
    }
    dialect.syntax.missing = options.missing.as_ref().map(|texts| Missing::new(texts, dialect.syntax.decimal));
    (dialect, doubt)
}

/// The character that occurs equally often in all of the first rows; otherwise the one that is most frequent in the
/// first row, or blanks where rows are numbers only if separated by blanks.
fn guess_separator(head: &[u8], dialect: &Dialect, format: Format, options: &LoadOptions) -> Separator {
    const CANDIDATES: [u8; 4] = [b'\t', b';', b',', b'|'];
    const COMMA: usize = 2;
    let mut first: Option<[usize; 4]> = None;
    let mut equal = [true; 4];
    // Which of them stand in quotes, and which outside of them beside something that is not a digit.
    let (mut in_quotes, mut beside_words) = ([false; 4], [false; 4]);
    let lines = head.split(|&b| b == dialect.end).map(<[u8]>::trim_ascii);
    let rows = lines.filter(|line| !line.is_empty() && line.first().copied() != dialect.comment).take(SHOWN);
    let mut text = &[][..];
    for (index, line) in rows.enumerate() {
        let mut counts = [0; 4];
        let mut quoted = false;
        for (at, byte) in line.iter().enumerate() {
            quoted ^= *byte == b'"';
            let Some(i) = CANDIDATES.iter().position(|c| c == byte) else { continue };
            if quoted {
                in_quotes[i] = true;
                continue;
            }
            counts[i] += 1;
            let digit = |at: Option<usize>| at.and_then(|at| line.get(at)).is_some_and(u8::is_ascii_digit);
            beside_words[i] |= !(digit(at.checked_sub(1)) && digit(Some(at + 1)));
        }
        let first = first.get_or_insert(counts);
        if index == 0 {
            text = line;
        }
        // A line with an open quote is part of a row.
        if !quoted {
            equal.iter_mut().zip(counts.iter().zip(&*first)).for_each(|(equal, (a, b))| *equal &= a == b);
        }
    }
    let counts = first.unwrap_or_default();
    let is = |option: Option<u8>, i: usize| option == Some(CANDIDATES[i]);
    let groups = |i: usize| options.thousands == Some(char::from(CANDIDATES[i]));
    let free = |i: &usize| !is(options.decimal, *i) && !is(options.comment, *i) && !groups(*i);
    // A mark in numbers can be the separator as well if numbers with it are in quotes. Few numbers may be so large that
    // their digits are grouped, and then the names show it.
    let also = |i: &usize| !is(options.comment, *i) && (in_quotes[*i] || (groups(*i) && beside_words[*i]));
    let alike = |i: &usize| equal[*i] && counts[*i] > 0;
    let numbers = |separator: Separator, decimal: u8| {
        let syntax = Syntax { decimal, ..dialect.syntax.clone() };
        all_numbers(head, &Dialect { separator, syntax, ..dialect.clone() })
    };
    let decimal = dialect.syntax.decimal;
    let groups_no_blanks = options.thousands != Some(' ');
    let blanks = || groups_no_blanks && numbers(Separator::Blanks, decimal);
    if let Some(i) = (0..4).filter(free).find(alike) {
        // In a text file a tab may be one of many blanks. Any other character that all rows have separates them.
        let found = Separator::Byte(CANDIDATES[i]);
        let tab = CANDIDATES[i] == b'\t' && format == Format::Txt;
        let reads = || numbers(found, decimal) || (options.decimal.is_none() && numbers(found, b','));
        return if tab && !reads() && blanks() { Separator::Blanks } else { found };
    }
    let most = (0..4).filter(free).max_by_key(|&i| counts[i]).filter(|&i| counts[i] > 0);
    let other = || (0..4).filter(also).find(alike);
    let found = match most.or_else(other) {
        Some(i) => Separator::Byte(CANDIDATES[i]),
        None if format == Format::Txt && text.contains(&b' ') && groups_no_blanks => {
            return Separator::Blanks;
        }
        // Of one column, no cell may be split at a mark in its numbers.
        None => Separator::Byte([COMMA, 1, 0].into_iter().find(free).map_or(b'\t', |i| CANDIDATES[i])),
    };
    let reads = numbers(found, decimal)
        || (options.decimal.is_none() && found != Separator::Byte(b',') && numbers(found, b','));
    // Only in a text file are blanks so likely that a comma may stand before decimals.
    let commas = || {
        format == Format::Txt
            && options.decimal.is_none()
            && options.thousands.is_none()
            && numbers(Separator::Blanks, b',')
    };
    if !reads && (blanks() || commas()) { Separator::Blanks } else { found }
}

/// Whether the first rows, except a header, have the same number of cells, all numbers, at least two in each.
fn all_numbers(head: &[u8], dialect: &Dialect) -> bool {
    let rows: Vec<_> = dialect.rows(head).take(SHOWN).collect();
    let below = if rows.len() > 1 { &rows[1..] } else { &rows[..] };
    let width = below.first().map_or(0, Vec::len);
    let mut found = false;
    width > 1
        && below.iter().all(|row| {
            row.len() == width
                && row.iter().all(|cell| {
                    let cell = Cell::of(cell, &dialect.syntax);
                    found |= cell.seen().has_numbers();
                    !matches!(cell, Cell::Text | Cell::Bool(_))
                })
        })
        && found
}

/// The role of commas in cells that are numbers with them.
#[derive(Debug, PartialEq)]
enum Commas {
    /// No commas; or there are numbers with points, too.
    None,
    Decimal,
    /// Three digits follow each, so that they may separate groups of digits. The first such number.
    Unclear(String),
}

fn commas(head: &[u8], dialect: &Dialect) -> Commas {
    let comma = Syntax { decimal: b',', ..Syntax::POINT };
    let thousands = Syntax { thousands: Some(','), ..Syntax::POINT };
    let mut found = Commas::None;
    for cell in dialect.rows(head).take(SHOWN).flatten() {
        let is_float = |syntax| matches!(Cell::of(&cell, syntax), Cell::Float(v) if v.is_finite());
        if cell.contains(&b'.') && is_float(&Syntax::POINT) {
            return Commas::None;
        }
        if !cell.contains(&b',') || !is_float(&comma) {
            continue;
        }
        if !matches!(Cell::of(&cell, &thousands), Cell::Int(_)) {
            found = Commas::Decimal;
        } else if found == Commas::None {
            found = Commas::Unclear(String::from_utf8_lossy(&cell).into_owned());
        }
    }
    found
}

/// The kinds of a column's cells after the first row.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tally {
    pub seen: Seen,
    /// Numbers and truth values.
    pub values: u32,
    pub texts: u32,
    /// Texts that begin with a digit, such as dates and numbers in other notations.
    digits: u32,
}

impl Tally {
    pub fn add(&mut self, text: &[u8], cell: Cell) {
        self.seen.add(cell.seen());
        match cell {
            Cell::Int(_) | Cell::Float(_) | Cell::Bool(_) => self.values += 1,
            Cell::Text => {
                self.texts += 1;
                self.digits += u32::from(begins_with_digit(text));
            }
            Cell::Missing | Cell::Perhaps(_) => {}
        }
    }

    fn is_of_values(&self) -> bool {
        self.values > self.texts
    }

    fn is_of_digits(&self) -> bool {
        self.values + self.digits > self.texts - self.digits
    }
}

fn begins_with_digit(text: &[u8]) -> bool {
    text.first().is_some_and(u8::is_ascii_digit)
}

/// Whether the first row has names, and why that is ambiguous.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Header {
    pub is_names: bool,
    pub doubt: Option<&'static str>,
}

/// Text above values is a name, unless there are values above values; and so is a row of text alone. `second` is the
/// row after the first.
pub(super) fn header(
    first: &[Cow<'_, [u8]>],
    second: Option<&[Cow<'_, [u8]>]>,
    below: &[Tally],
    syntax: &Syntax,
) -> Header {
    let cells: Vec<Cell> = first.iter().map(|cell| Cell::of(cell, syntax)).collect();
    let above =
        |is: &dyn Fn(Cell) -> bool| cells.iter().zip(below).any(|(cell, tally)| is(*cell) && tally.is_of_values());
    let is_value = |cell: Cell| match cell {
        Cell::Int(_) | Cell::Float(_) | Cell::Bool(_) => true,
        Cell::Perhaps(value) => !value.is_nan(),
        Cell::Missing | Cell::Text => false,
    };
    let values_above = above(&is_value);
    let above_digits = |((text, cell), tally): ((&Cow<'_, [u8]>, &Cell), &Tally)| {
        *cell == Cell::Text && !begins_with_digit(text) && tally.is_of_digits()
    };
    let words_above = above(&|cell| cell == Cell::Text) || first.iter().zip(&cells).zip(below).any(above_digits);
    let is_number = |cell: &Cell| matches!(cell, Cell::Int(_) | Cell::Float(_));
    let is_word = |(text, cell): (&Cow<'_, [u8]>, &Cell)| *cell == Cell::Text && !begins_with_digit(text);
    let mixed = cells.iter().any(is_number) && first.iter().zip(&cells).any(is_word);
    let second: Option<Vec<Cell>> = second.map(|row| row.iter().map(|cell| Cell::of(cell, syntax)).collect());
    if is_axis(first, &cells, second.as_deref(), below) {
        let doubt = "whole numbers that rise like years or indices are taken as the names of the columns; `header: true` \
                     settles it, `header: false` takes them as values";
        return Header { is_names: true, doubt: Some(doubt) };
    }
    if values_above {
        let doubt = "text beside numbers is taken as a row of values; `header: false` settles it, `header: true` takes \
                     the row as the names of the columns";
        return Header { is_names: false, doubt: (words_above || mixed).then_some(doubt) };
    }
    if mixed {
        // The numbers stand above texts.
        let doubt = if words_above {
            "text beside numbers is taken as the names of the columns; `header: true` settles it, `header: false` takes \
             it as values"
        } else {
            "text beside numbers is taken as a row of values; `header: false` settles it, `header: true` takes the row \
             as the names of the columns"
        };
        return Header { is_names: words_above, doubt: Some(doubt) };
    }
    let mut names = HashSet::new();
    let words = first
        .iter()
        .zip(&cells)
        .all(|(text, cell)| *cell == Cell::Text && !begins_with_digit(text) && names.insert(text));
    let doubt = "text above text is taken as the names of the columns; `header: true` settles it, `header: false` takes \
                 it as values";
    let doubtful = !words_above && below.iter().any(|tally| !tally.seen.is_empty());
    Header { is_names: words_above || words, doubt: (words && doubtful).then_some(doubt) }
}

/// Whether a first row of texts and whole numbers that rise has the names of columns, such as years.
fn is_axis(first: &[Cow<'_, [u8]>], cells: &[Cell], second: Option<&[Cell]>, below: &[Tally]) -> bool {
    let Some(second) = second else { return false };
    if below.iter().all(|tally| tally.seen.is_empty()) {
        return false;
    }
    // Above the indices of its rows, pandas writes nothing.
    let corner = first.first().is_some_and(|text| text.is_empty());
    let beside = &cells[usize::from(corner)..];
    let is_number = |cell: &Cell| !matches!(cell, Cell::Text);
    let numbers: Vec<Cell> = beside.iter().copied().filter(is_number).collect();
    let has_words = corner || numbers.len() < beside.len();
    let rises = numbers.iter().all(|cell| matches!(cell, Cell::Int(_)))
        && numbers.windows(2).all(|pair| matches!(pair, [Cell::Int(a), Cell::Int(b)] if a < b));
    if !has_words || !rises {
        return false;
    }
    let is_year = |cell: &Cell| matches!(cell, Cell::Int(year) if (1500..=2200).contains(year));
    let years = numbers.iter().all(is_year);
    match numbers.as_slice() {
        [] => false,
        [only] => {
            // A single year may be a value, and is if there is another below, or if the text beside it is above numbers.
            let single = cells.iter().zip(second).zip(below).all(|((cell, second), tally)| match cell {
                Cell::Text => !tally.is_of_values(),
                _ => cell != only || !is_year(second),
            });
            (years && single) || (*only == Cell::Int(0) && second.last() != Some(only))
        }
        _ if years || corner => true,
        // Rows of values may rise, too.
        _ => is_scale(&numbers) && cells[0] == Cell::Text && !is_scale(&second[1.min(second.len())..]),
    }
}

/// Whether the row after the names has texts above numbers, and no values: units, most likely. Texts that
/// begin with a digit are numbers in another notation, or dates.
pub(super) fn is_of_units(row: &[Cow<'_, [u8]>], below: &[Tally], syntax: &Syntax) -> bool {
    let cells = || row.iter().map(|cell| Cell::of(cell, syntax));
    // The row itself is included in the tally.
    let above = |(cell, tally): (Cell, &Tally)| cell == Cell::Text && tally.texts == 1 && tally.values > 0;
    row.len() == below.len()
        && !row.iter().any(|text| begins_with_digit(text))
        && cells().all(|cell| matches!(cell, Cell::Text | Cell::Missing | Cell::Perhaps(_)))
        && cells().zip(below).any(above)
}

/// Whether these are integers that rise in equal steps, or rise and may be years; a single one is index 0.
fn is_scale(cells: &[Cell]) -> bool {
    let whole = |cell: &Cell| if let Cell::Int(value) = cell { Some(*value) } else { None };
    let Some(numbers) = cells.iter().map(whole).collect::<Option<Vec<i64>>>() else { return false };
    let steps = || numbers.windows(2).map(|pair| pair[1].saturating_sub(pair[0]));
    match numbers.as_slice() {
        [] => false,
        [only] => *only == 0,
        [first, second, ..] => {
            let evenly = steps().all(|step| step == second.saturating_sub(*first));
            steps().all(|step| step > 0) && (evenly || numbers.iter().all(|year| (1500..=2200).contains(year)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Dialect =
        Dialect { separator: Separator::Byte(b','), comment: None, end: b'\n', syntax: Syntax::POINT };

    fn row(dialect: &Dialect, text: &str) -> Vec<String> {
        let (cells, end) = dialect.row(text.as_bytes(), 0).unwrap();
        assert_eq!(end, text.len(), "{text:?}");
        cells.iter().map(|cell| String::from_utf8(cell.to_vec()).unwrap()).collect()
    }

    #[test]
    fn cells_lose_blanks_and_quotes() {
        assert_eq!(row(&COMMAS, "a, b ,c\r\n"), ["a", "b", "c"]);
        assert_eq!(row(&COMMAS, ",\n"), ["", ""]);
        assert_eq!(row(&COMMAS, "\"a,b\",\"say \"\"no\"\"\", \"two\nlines\" \n"), ["a,b", "say \"no\"", "two\nlines"]);
        assert_eq!(row(&COMMAS, "\"\"\"\",\"\",5\" pipe"), ["\"", "", "5\" pipe"]);
        let blanks = Dialect { separator: Separator::Blanks, ..COMMAS };
        assert_eq!(row(&blanks, "  1\t 2   3  \r\n"), ["1", "2", "3"]);
        assert_eq!(row(&blanks, "\"a b\" 2"), ["a b", "2"]);
        let tabs = Dialect { separator: Separator::Byte(b'\t'), ..COMMAS };
        assert_eq!(row(&tabs, "\t a\t\n"), ["", "a", ""]);
        assert!(COMMAS.row(b"1,\"open", 0).is_none());
    }

    #[test]
    fn rows_end_after_their_quotes() {
        let text = b"1,\"a\nb\"\n2,c\n";
        assert_eq!(COMMAS.row_end(text, 0, false), Some(8));
        assert_eq!(COMMAS.row_end(text, 8, false), Some(12));
        assert_eq!(COMMAS.row_end(b"1,2", 0, false), None);
        assert_eq!(COMMAS.row_end(b"1,2", 0, true), Some(3));
        assert_eq!(COMMAS.row_end(b"1,\"2\n", 0, true), None);
    }

    #[test]
    fn separators_are_inferred() {
        let found = |text: &str, format| guess(text.as_bytes(), b'\n', None, format, &LoadOptions::default()).0;
        let separator = |text, format| found(text, format).separator;
        assert_eq!(separator("a,b\n1,2\n", Format::Csv), Separator::Byte(b','));
        assert_eq!(separator("# a;b;c\na;b\n1,5;2,5\n", Format::Csv), Separator::Byte(b';'));
        assert_eq!(separator("a\tb, c\n1\t2\n", Format::Csv), Separator::Byte(b'\t'));
        assert_eq!(separator("\"x;y\",b\n\"z\",2\n", Format::Csv), Separator::Byte(b','));
        assert_eq!(separator("1\n2\n", Format::Csv), Separator::Byte(b','));
        assert_eq!(separator("1 2\n3 4\n", Format::Txt), Separator::Blanks);
        assert_eq!(separator("1,2\n3,4\n", Format::Txt), Separator::Byte(b','));
        assert_eq!(separator("1,2\n3,4\n", Format::Tsv), Separator::Byte(b'\t'));
        assert_eq!(separator("1 2\n3 4\n", Format::Csv), Separator::Blanks);
        assert_eq!(separator("x y\n1,5 2,5\n3,5 4\n", Format::Txt), Separator::Blanks);
        assert_eq!(separator("1\t 2  3\n4\t 5  6\n", Format::Txt), Separator::Blanks);
        assert_eq!(separator("a b,1\nc d,2\n", Format::Csv), Separator::Byte(b','));
        assert_eq!(separator("1, 2, 3\n4, 5, 6\n", Format::Txt), Separator::Byte(b','));
        let decimal = |text, format| found(text, format).syntax.decimal;
        assert_eq!(decimal("a;b\n1,5;2\n", Format::Csv), b',');
        assert_eq!(decimal("a;b\n1.5;2,5\n", Format::Csv), b'.');
        assert_eq!(decimal("a,b\n1,5\n", Format::Csv), b'.');
        assert_eq!(decimal("a\tb\n1,5\t2\n", Format::Tsv), b',');
        assert_eq!(decimal("a\tb\n1,500\t2\n", Format::Tsv), b'.');
        let (dialect, doubt) = guess(b"a;b\n1,500;2\n", b'\n', None, Format::Csv, &LoadOptions::default());
        assert_eq!(dialect.syntax.decimal, b',');
        assert!(doubt.is_some_and(|doubt| doubt.starts_with("the comma of `1,500` is taken")));
        assert_eq!(found("% x y\n1 2\n", Format::Txt).comment, Some(b'%'));
        assert_eq!(found("% x y\n1 2\n", Format::Csv).comment, Some(b'#'));
    }

    #[test]
    fn lines_end_as_the_first_one_does() {
        for (text, end) in [
            ("a\nb\r", b'\n'),
            ("a\r\nb", b'\n'),
            ("a\r\r\nb", b'\n'),
            ("a\rb\n", b'\r'),
            ("\"a\nb\"\rc\r", b'\r'),
            ("\"a\rb\"\nc\n", b'\n'),
            ("a", b'\n'),
            ("a\r", b'\r'),
        ] {
            assert_eq!(end_of_lines(text.as_bytes()), end, "{text:?}");
        }
        let old = Dialect { end: b'\r', ..COMMAS };
        assert_eq!(row(&old, "a,b\r"), ["a", "b"]);
        assert_eq!(old.row_end(b"1,2\r3,4\r", 4, false), Some(8));
        assert_eq!(old.skipped_line(b"\r1", 0), Some(1));
        assert_eq!(COMMAS.skipped_line(b" \r\r\n1", 0), Some(4));
    }

    #[test]
    fn a_first_line_may_name_the_separator() {
        assert_eq!(separator_line(b"sep=;\r\na;b", b'\n'), Some((b';', 7)));
        assert_eq!(separator_line(b"SEP=\t\na", b'\n'), Some((b'\t', 6)));
        assert_eq!(separator_line(b"\"sep=,\"\ra", b'\r'), Some((b',', 8)));
        assert_eq!(separator_line(b"sep=;", b'\n'), Some((b';', 5)));
        for text in ["sep=\n", "sep=ab\n", "sepa;b\n", "", "\"sep=;\n"] {
            assert_eq!(separator_line(text.as_bytes(), b'\n'), None, "{text:?}");
        }
    }

    /// Whether there are names, and whether that is ambiguous.
    fn found(rows: &[&str]) -> (bool, bool) {
        let rows: Vec<_> = rows.iter().map(|text| COMMAS.row(text.as_bytes(), 0).unwrap().0).collect();
        let mut below = vec![Tally::default(); rows[0].len()];
        for row in &rows[1..] {
            below.iter_mut().zip(row).for_each(|(tally, cell)| tally.add(cell, Cell::of(cell, &Syntax::POINT)));
        }
        let header = header(&rows[0], rows.get(1).map(Vec::as_slice), &below, &Syntax::POINT);
        (header.is_names, header.doubt.is_some())
    }

    #[test]
    fn headers_are_text_above_numbers() {
        let (names, values, in_doubt) = ((true, false), (false, false), true);
        assert_eq!(found(&["x,y", "1,2.5"]), names);
        assert_eq!(found(&["x,?", "1,2.5"]), names);
        assert_eq!(found(&["name,size", "a,1", "b,2"]), names);
        // Units, or one bad cell among many.
        assert_eq!(found(&["x,y", "m,s", "1,2", "3,4"]), names);
        assert_eq!(found(&["day,town", "2020-01-01,Linz"]), names);
        assert_eq!(found(&["name,town", "Anna,Linz"]), (true, in_doubt));
        assert_eq!(found(&["x,y"]), names);
        assert_eq!(found(&["name,name", "a,b"]), values);
        assert_eq!(found(&["Paris,5", "Rome,6"]), (false, in_doubt));
        assert_eq!(found(&["2020-01-01", "2020-01-02"]), values);
        assert_eq!(found(&["1,2", "3,4"]), values);
        for gap in ["?", "-", "--", ".", "NA", "null", "1.#QNAN", "****", ""] {
            assert_eq!(found(&[&format!("1.5,{gap}"), "3.0,4.0"]), values, "{gap}");
            assert_eq!(found(&[&format!("{gap},{gap}"), "3.0,4.0"]), values, "{gap}");
        }
        assert_eq!(found(&["1.0D+00,2.0d0", "3.0D+00,4.0D+00"]), values);
        assert_eq!(found(&["1.5,bad", "3.0,4.0"]), (false, in_doubt));
        assert_eq!(found(&["x,2000", "1,2.5"]), (false, in_doubt));
        // Years, and the indices that pandas writes.
        assert_eq!(found(&["land,2000,2010,2020", "A,1,2,4"]), (true, in_doubt));
        assert_eq!(found(&["land,1990,1995,2010", "A,1,2,4"]), (true, in_doubt));
        assert_eq!(found(&["A,1,2,4", "B,2,1,3"]), (false, in_doubt));
        assert_eq!(found(&[",0,1", "0,5.5,6"]), (true, in_doubt));
        assert_eq!(found(&[",0", "0,5.5"]), (true, in_doubt));
        assert_eq!(found(&[",0,1", "0,0,1"]), (true, in_doubt));
        assert_eq!(found(&["land,2019,2020", "A,10,12"]), (true, in_doubt));
        assert_eq!(found(&["land,2020", "A,10"]), (true, in_doubt));
        assert_eq!(found(&["Anna,1990", "Bob,1985"]), (false, in_doubt));
        assert_eq!(found(&["x,5", "1,abc"]), (true, in_doubt));
        assert_eq!(found(&["a,1,2,3", "b,2,3,4"]), (false, in_doubt));
    }
}
