//! How a text table is written: separators, comments, quotes, header; and where its cells and rows end.

use super::Format;
use super::LoadOptions;
use super::cell::{Cell, Seen};
use memchr::memchr;
use std::borrow::Cow;
use std::collections::HashSet;

/// Rows from which the separator is found out.
const SHOWN: usize = 20;

/// What stands between two cells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Separator {
    Byte(u8),
    /// Any number of spaces and tabs.
    Blanks,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dialect {
    pub separator: Separator,
    /// What begins a line that is a remark.
    pub comment: Option<u8>,
    pub decimal: u8,
}

/// One cell as it is written.
#[derive(Debug, PartialEq)]
pub(super) struct Field<'b> {
    /// Without quotes and blanks around it.
    pub text: Cow<'b, [u8]>,
    /// Where the next cell or row begins.
    pub next: usize,
    /// It is the last of its row.
    pub last: bool,
}

impl Dialect {
    /// Whether this byte may stand around a cell without meaning anything.
    fn is_blank(&self, byte: u8) -> bool {
        byte == b' ' || (byte == b'\t' && self.separator != Separator::Byte(b'\t'))
    }

    pub fn skip_blanks(&self, bytes: &[u8], mut at: usize) -> usize {
        while bytes.get(at).is_some_and(|b| self.is_blank(*b)) {
            at += 1;
        }
        at
    }

    /// Where the line after this one begins, if this one holds no row: blank, or a remark.
    #[inline]
    pub fn skipped_line(&self, bytes: &[u8], at: usize) -> Option<usize> {
        // Most rows begin with something that is neither.
        match bytes.get(at) {
            Some(b'\n') => return Some(at + 1),
            Some(byte) if Some(*byte) == self.comment => return Some(line_end(bytes, at)),
            Some(b'\r') => {}
            Some(byte) if self.is_blank(*byte) => {}
            _ => return None,
        }
        let begin = self.skip_blanks(bytes, at);
        match &bytes[begin..] {
            [] => Some(begin),
            [b'\n', ..] => Some(begin + 1),
            [b'\r', b'\n', ..] => Some(begin + 2),
            [b'\r'] => Some(begin + 1),
            [byte, ..] if Some(*byte) == self.comment => Some(line_end(bytes, begin)),
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
            Separator::Byte(byte) => memchr::memchr2(byte, b'\n', &bytes[begin..]),
            Separator::Blanks => memchr::memchr3(b' ', b'\t', b'\n', &bytes[begin..]),
        };
        let end = end.map_or(bytes.len(), |length| begin + length);
        let mut text_end = end;
        while text_end > begin && (bytes[text_end - 1] == b'\r' || self.is_blank(bytes[text_end - 1])) {
            text_end -= 1;
        }
        Some(self.ended(bytes, Cow::Borrowed(&bytes[begin..text_end]), end))
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
            // Two quotes are one that is meant.
            text.to_mut().push(b'"');
            at += 1;
        }
        // What stands between the quote and the separator belongs to the cell.
        let rest = match self.separator {
            Separator::Byte(byte) => memchr::memchr2(byte, b'\n', &bytes[at..]),
            Separator::Blanks => memchr::memchr3(b' ', b'\t', b'\n', &bytes[at..]),
        };
        let end = rest.map_or(bytes.len(), |length| at + length);
        let rest = bytes[at..end].trim_ascii_end();
        if !rest.is_empty() {
            text.to_mut().extend_from_slice(rest);
        }
        Some(self.ended(bytes, text, end))
    }

    /// The cell whose separator is at `end`.
    fn ended<'b>(&self, bytes: &'b [u8], text: Cow<'b, [u8]>, end: usize) -> Field<'b> {
        let mut next = end;
        if self.separator == Separator::Blanks {
            next = self.skip_blanks(bytes, end);
            if bytes[next..].starts_with(b"\r\n") {
                next += 1;
            }
        }
        match bytes.get(next) {
            None => Field { text, next, last: true },
            Some(b'\n') => Field { text, next: next + 1, last: true },
            Some(_) if self.separator == Separator::Blanks => Field { text, next, last: false },
            Some(_) => Field { text, next: next + 1, last: false },
        }
    }

    /// Where the row after this one begins. `None` if a quote in it is not closed; `whole` says that `bytes` end where
    /// the file does, otherwise a row without an end is not closed, too.
    pub fn row_end(&self, bytes: &[u8], at: usize, whole: bool) -> Option<usize> {
        let end = line_end(bytes, at);
        let ended = |end: usize| (whole || bytes[..end].ends_with(b"\n")).then_some(end);
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
}

/// Where the line after this one begins.
fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length + 1)
}

/// Finds out how a table is written from its first lines, comments and blank lines at the top left out.
pub(super) fn guess(head: &[u8], format: Format, options: &LoadOptions) -> Dialect {
    let comment = Some(options.comment.unwrap_or(b'#'));
    let separator = match (options.delimiter, format) {
        (Some(b' '), _) => Separator::Blanks,
        (Some(byte), _) => Separator::Byte(byte),
        (None, Format::Tsv) => Separator::Byte(b'\t'),
        (None, _) => guess_separator(head, comment, format),
    };
    let mut dialect = Dialect { separator, comment, decimal: options.decimal.unwrap_or(b'.') };
    if options.decimal.is_none() && separator == Separator::Byte(b';') && has_decimal_commas(head, &dialect) {
        dialect.decimal = b',';
    }
    dialect
}

/// The character that all of the first rows have equally often; otherwise the one that the first row has most often.
fn guess_separator(head: &[u8], comment: Option<u8>, format: Format) -> Separator {
    const CANDIDATES: [u8; 4] = [b'\t', b';', b',', b'|'];
    let mut first: Option<[usize; 4]> = None;
    let mut equal = [true; 4];
    let lines = head.split(|&b| b == b'\n').map(<[u8]>::trim_ascii);
    let rows = lines.filter(|line| !line.is_empty() && line.first().copied() != comment).take(SHOWN);
    let mut text = &[][..];
    for (index, line) in rows.enumerate() {
        let mut counts = [0; 4];
        let mut quoted = false;
        for byte in line {
            quoted ^= *byte == b'"';
            if let Some(i) = CANDIDATES.iter().position(|c| c == byte && !quoted) {
                counts[i] += 1;
            }
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
    let alike = (0..4).find(|&i| equal[i] && counts[i] > 0);
    let most = (0..4).max_by_key(|&i| counts[i]).filter(|&i| counts[i] > 0);
    match alike.or(most) {
        Some(i) => Separator::Byte(CANDIDATES[i]),
        None if format == Format::Txt && text.contains(&b' ') => Separator::Blanks,
        None => Separator::Byte(b','),
    }
}

/// Whether cells of the first rows are numbers with a comma, and none with a point.
fn has_decimal_commas(head: &[u8], dialect: &Dialect) -> bool {
    let mut at = 0;
    let mut commas = false;
    let mut rows = 0;
    while rows < SHOWN && at < head.len() {
        if let Some(next) = dialect.skipped_line(head, at) {
            at = next;
            continue;
        }
        let Some((cells, next)) = dialect.row(head, at) else { break };
        for cell in cells {
            let is_float = |decimal| matches!(Cell::of(&cell, decimal), Cell::Float(v) if v.is_finite());
            if is_float(b'.') && cell.contains(&b'.') {
                return false;
            }
            commas |= is_float(b',') && cell.contains(&b',');
        }
        at = next;
        rows += 1;
    }
    commas
}

/// Whether the first row has names: text above other things, or text alone.
pub(super) fn is_header(first: &[Cow<'_, [u8]>], below: &[Seen], decimal: u8) -> bool {
    let is_text = |cell: &[u8]| Cell::of(cell, decimal) == Cell::Text;
    let above = first.iter().zip(below).any(|(cell, seen)| is_text(cell) && !seen.is_empty() && !seen.has(Seen::TEXT));
    let mut names = HashSet::new();
    above || first.iter().all(|cell| is_text(cell) && names.insert(cell))
}

#[cfg(test)]
mod tests {
    use super::*;

    const COMMAS: Dialect = Dialect { separator: Separator::Byte(b','), comment: None, decimal: b'.' };

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
    fn separators_are_found_out() {
        let found = |text: &str, format| guess(text.as_bytes(), format, &LoadOptions::default());
        let separator = |text, format| found(text, format).separator;
        assert_eq!(separator("a,b\n1,2\n", Format::Csv), Separator::Byte(b','));
        assert_eq!(separator("# a;b;c\na;b\n1,5;2,5\n", Format::Csv), Separator::Byte(b';'));
        assert_eq!(separator("a\tb, c\n1\t2\n", Format::Csv), Separator::Byte(b'\t'));
        assert_eq!(separator("\"x;y\",b\n\"z\",2\n", Format::Csv), Separator::Byte(b','));
        assert_eq!(separator("1\n2\n", Format::Csv), Separator::Byte(b','));
        assert_eq!(separator("1 2\n3 4\n", Format::Txt), Separator::Blanks);
        assert_eq!(separator("1,2\n3,4\n", Format::Txt), Separator::Byte(b','));
        assert_eq!(separator("1,2\n3,4\n", Format::Tsv), Separator::Byte(b'\t'));
        assert_eq!(found("a;b\n1,5;2\n", Format::Csv).decimal, b',');
        assert_eq!(found("a;b\n1.5;2,5\n", Format::Csv).decimal, b'.');
        assert_eq!(found("a,b\n1,5\n", Format::Csv).decimal, b'.');
    }

    #[test]
    fn headers_are_text_above_numbers() {
        let is = |first: &[&str], below: &[Seen]| {
            let cells: Vec<Cow<'_, [u8]>> = first.iter().map(|c| Cow::Borrowed(c.as_bytes())).collect();
            is_header(&cells, below, b'.')
        };
        assert!(is(&["x", "y"], &[Seen::INT, Seen::FLOAT]));
        assert!(is(&["x", "2000"], &[Seen::INT, Seen::FLOAT]));
        assert!(is(&["name", "town"], &[Seen::TEXT, Seen::TEXT]));
        assert!(!is(&["name", "name"], &[Seen::TEXT, Seen::TEXT]));
        assert!(!is(&["Paris", "5"], &[Seen::TEXT, Seen::INT]));
        assert!(!is(&["1", "2"], &[Seen::INT, Seen::INT]));
    }
}
