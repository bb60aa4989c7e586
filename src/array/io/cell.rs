//! Parses the cells of a table and infers the types of its columns.

/// The meaning of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// A number in a column of numbers, or NaN if the text is a missing-value sign; a text in any other column.
    Perhaps(f64),
    Text,
}

/// How numbers and gaps are written in a table.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Syntax {
    /// The decimal mark.
    pub decimal: u8,
    /// The mark between groups of digits.
    pub thousands: Option<char>,
    /// Texts for missing values, in addition to the names that always are. `None`: a few signs are, in columns of
    /// numbers.
    pub missing: Option<Missing>,
}

/// Texts for missing values.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Missing {
    texts: Vec<String>,
    /// Those of the texts that are numbers, which are compared by value.
    numbers: Vec<f64>,
}

impl Missing {
    pub fn new(texts: &[String], decimal: u8) -> Missing {
        let syntax = Syntax { decimal, ..Syntax::POINT };
        let number = |text: &String| match Cell::of(text.trim().as_bytes(), &syntax) {
            Cell::Int(value) => Some(value as f64),
            Cell::Float(value) => Some(value),
            _ => None,
        };
        let numbers = texts.iter().filter_map(number).collect();
        Missing { texts: texts.iter().map(|text| text.trim().to_string()).collect(), numbers }
    }

    pub fn has_text(&self, text: &[u8]) -> bool {
        self.texts.iter().any(|missing| missing.as_bytes() == text)
    }

    #[inline]
    pub fn has_number(&self, value: f64) -> bool {
        self.numbers.contains(&value)
    }
}

impl Syntax {
    /// A decimal point, and no other marks.
    pub const POINT: Syntax = Syntax { decimal: b'.', thousands: None, missing: None };

    #[inline]
    pub fn is_missing_number(&self, value: f64) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.has_number(value))
    }

    pub fn is_missing_text(&self, text: &[u8]) -> bool {
        self.missing.as_ref().is_some_and(|missing| missing.has_text(text))
    }
}

/// The type of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CellKind {
    Bool,
    /// Truth values with some missing: 1, 0 and NaN.
    BoolOrMissing,
    Int,
    Float,
    Text,
    /// The column was not selected.
    Skipped,
}

/// The kinds of cells in a column, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seen(u8);

impl Seen {
    pub const MISSING: Seen = Seen(1);
    pub const BOOL: Seen = Seen(2);
    pub const INT: Seen = Seen(4);
    pub const FLOAT: Seen = Seen(8);
    pub const TEXT: Seen = Seen(16);
    pub const PERHAPS: Seen = Seen(32);
    const NUMBER: Seen = Seen(4 | 8);

    pub fn add(&mut self, other: Seen) {
        self.0 |= other.0;
    }

    pub fn has(self, other: Seen) -> bool {
        self.0 & other.0 != 0
    }

    /// Only empty cells.
    pub fn is_empty(self) -> bool {
        self.0 & !Seen::MISSING.0 == 0
    }

    /// Whether there were numbers.
    pub fn has_numbers(self) -> bool {
        self.has(Seen::NUMBER)
    }

    /// The narrowest type that holds all of them. Missing numbers are NaN, so that integers become floats; truth values
    /// mixed with numbers are text. A column of missing cells is one of floats.
    pub fn kind(self) -> CellKind {
        let (numbers, truths) = (self.has_numbers(), self.has(Seen::BOOL));
        match self {
            _ if self.has(Seen::TEXT) || (truths && numbers) => CellKind::Text,
            _ if self.has(Seen::PERHAPS) && !truths && !numbers => CellKind::Text,
            _ if truths => {
                if self.has(Seen(Seen::MISSING.0 | Seen::PERHAPS.0)) {
                    CellKind::BoolOrMissing
                } else {
                    CellKind::Bool
                }
            }
            Seen::INT => CellKind::Int,
            _ => CellKind::Float,
        }
    }
}

impl Cell {
    pub fn seen(self) -> Seen {
        match self {
            Cell::Missing => Seen::MISSING,
            Cell::Bool(_) => Seen::BOOL,
            Cell::Int(_) => Seen::INT,
            Cell::Float(_) => Seen::FLOAT,
            Cell::Perhaps(_) => Seen::PERHAPS,
            Cell::Text => Seen::TEXT,
        }
    }

    /// Parses the text of a cell, without surrounding blanks.
    ///
    /// Integers of more than 64 bits become floats.
    pub fn of(text: &[u8], syntax: &Syntax) -> Cell {
        if syntax.is_missing_text(text) {
            return Cell::Missing;
        }
        match Cell::plain(text, syntax) {
            Cell::Int(value) if syntax.is_missing_number(value as f64) => Cell::Missing,
            Cell::Float(value) if syntax.is_missing_number(value) => Cell::Missing,
            // If missing values are specified, these signs are not.
            Cell::Perhaps(value) if value.is_nan() && syntax.missing.is_some() => Cell::Text,
            cell => cell,
        }
    }

    fn plain(text: &[u8], syntax: &Syntax) -> Cell {
        let Some(&first) = text.first() else { return Cell::Missing };
        // The typographic minus sign.
        if let Some(rest) = text.strip_prefix("\u{2212}".as_bytes())
            && rest.first().is_some_and(|b| b.is_ascii_digit() || *b == syntax.decimal)
            && rest.len() < LONGEST
        {
            return Cell::plain(&[b"-", rest].concat(), syntax);
        }
        if first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.' | b',') {
            if let Some((value, length)) = int(text)
                && length == text.len()
            {
                return Cell::Int(value);
            }
            if let Some(value) = float(text, syntax.decimal) {
                return Cell::Float(value);
            }
            if let Some(cell) = grouped(text, syntax).or_else(|| fortran(text)).or_else(|| windows(text)) {
                return cell;
            }
        }
        match text {
            b"true" | b"True" | b"TRUE" => Cell::Bool(true),
            b"false" | b"False" | b"FALSE" => Cell::Bool(false),
            b"NA" | b"N/A" | b"n/a" | b"<NA>" | b"#N/A" | b"#NA" | b"#N/A N/A" | b"NaN" | b"nan" | b"NAN" | b"-NaN"
            | b"-nan" | b"+nan" | b"+NaN" | b"null" | b"NULL" | b"None" => Cell::Missing,
            b"inf" | b"Inf" | b"INF" | b"+inf" | b"+Inf" | b"infinity" | b"Infinity" | b"+Infinity" => {
                Cell::Float(f64::INFINITY)
            }
            b"-inf" | b"-Inf" | b"-INF" | b"-infinity" | b"-Infinity" => Cell::Float(f64::NEG_INFINITY),
            b"?" | b"-" | b"--" | b"---" | b"." | b".." | b"..." => Cell::Perhaps(f64::NAN),
            // Fortran fills a field with asterisks where a number does not fit; a single one may mark a footnote.
            _ if text.iter().all(|b| *b == b'*') => {
                if text.len() > 1 {
                    Cell::Missing
                } else {
                    Cell::Perhaps(f64::NAN)
                }
            }
            _ => Cell::Text,
        }
    }
}

/// The options of `load`, in the syntax of scripts, with which this text would be a number.
pub(super) fn number_elsewhere(text: &[u8]) -> Option<String> {
    const WAYS: [(u8, Option<char>); 9] = [
        (b'.', Some(',')),
        (b',', None),
        (b',', Some('.')),
        (b'.', Some(' ')),
        (b'.', Some('\'')),
        (b'.', Some('\u{a0}')),
        (b'.', Some('\u{202f}')),
        (b',', Some(' ')),
        (b',', Some('\u{a0}')),
    ];
    let (decimal, thousands) = WAYS.into_iter().find(|&(decimal, thousands)| {
        let syntax = Syntax { decimal, thousands, missing: None };
        matches!(Cell::of(text, &syntax), Cell::Int(_) | Cell::Float(_))
    })?;
    Some(match (decimal, thousands) {
        (b',', Some(mark)) => format!("`decimal: \",\", thousands: \"{}\"`", written(mark)),
        (_, Some(mark)) => format!("`thousands: \"{}\"`", written(mark)),
        _ => "`decimal: \",\"`".to_string(),
    })
}

/// A character in the syntax of scripts, so that invisible ones are visible.
fn written(mark: char) -> String {
    if mark.is_ascii() { mark.to_string() } else { format!("\\u{:04x}", u32::from(mark)) }
}

/// Characters of the longest number that is rewritten before it is parsed.
const LONGEST: usize = 64;

/// A number with grouped digits: three in each group, but two or three in the middle, as in India, and one to three in
/// the first.
fn grouped(text: &[u8], syntax: &Syntax) -> Option<Cell> {
    let mut encoded = [0; 4];
    let mark = syntax.thousands?.encode_utf8(&mut encoded).as_bytes();
    let signed = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let ends = |b: &u8| *b == syntax.decimal || matches!(b, b'e' | b'E');
    let end = text[signed..].iter().position(ends).map_or(text.len(), |length| signed + length);
    let mut plain = Vec::with_capacity(text.len().min(LONGEST));
    plain.extend_from_slice(&text[..signed]);
    let mut rest = &text[signed..end];
    let mut groups = 0;
    loop {
        let length = memchr::memmem::find(rest, mark);
        let group = &rest[..length.unwrap_or(rest.len())];
        let fits = match (groups, length) {
            (0, _) => (1..=3).contains(&group.len()),
            (_, None) => group.len() == 3,
            _ => matches!(group.len(), 2 | 3),
        };
        if !fits || plain.len() > LONGEST || !group.iter().all(u8::is_ascii_digit) {
            return None;
        }
        plain.extend_from_slice(group);
        groups += 1;
        match length {
            Some(length) => rest = &rest[length + mark.len()..],
            None => break,
        }
    }
    if groups < 2 {
        return None;
    }
    plain.extend_from_slice(&text[end..]);
    match int(&plain) {
        Some((value, length)) if length == plain.len() => Some(Cell::Int(value)),
        _ => float(&plain, syntax.decimal).map(Cell::Float),
    }
}

/// A number in Fortran's notation: an exponent in double precision (`1.0D+00`), or one of three digits, for which it
/// omits the letter (`1.0-100`). The second could also be a range, such as `1.5-100`.
fn fortran(text: &[u8]) -> Option<Cell> {
    let point = memchr::memchr(b'.', text)?;
    let mark = point + text[point..].iter().position(|b| matches!(b, b'd' | b'D' | b'q' | b'Q' | b'-' | b'+'))?;
    let (mantissa, exponent) = (&text[..mark], &text[mark..]);
    let lettered = exponent[0].is_ascii_alphabetic();
    let exponent = &exponent[usize::from(lettered)..];
    let digits = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent);
    if !digits.iter().all(u8::is_ascii_digit) || digits.is_empty() || (!lettered && digits.len() != 3) {
        return None;
    }
    let mut plain = [0; LONGEST];
    let length = mantissa.len() + 1 + exponent.len();
    let plain = plain.get_mut(..length)?;
    plain[..mark].copy_from_slice(mantissa);
    plain[mark] = b'e';
    plain[mark + 1..].copy_from_slice(exponent);
    let value = float(plain, b'.')?;
    Some(if lettered { Cell::Float(value) } else { Cell::Perhaps(value) })
}

/// NaN or infinity in the notation of older C libraries of Windows, such as `1.#QNAN` and `-1.#INF00`.
fn windows(text: &[u8]) -> Option<Cell> {
    let (negative, text) = match text.strip_prefix(b"-") {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix(b"+").unwrap_or(text)),
    };
    let mut name = text.strip_prefix(b"1.#")?;
    while let [rest @ .., b'0'] = name {
        name = rest;
    }
    match name {
        b"INF" => Some(Cell::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY })),
        b"QNAN" | b"SNAN" | b"NAN" | b"IND" | b"IO" | b"J" | b"QO" => Some(Cell::Missing),
        _ => None,
    }
}

/// The integer at the start of a text, and how many characters it has; `None` where there is none, or it may have more
/// than 64 bits.
#[inline]
pub(super) fn int(text: &[u8]) -> Option<(i64, usize)> {
    let signed = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let mut value = 0i64;
    let mut at = signed;
    while let Some(digit) = text.get(at).map(|b| b.wrapping_sub(b'0')).filter(|d| *d < 10) {
        // 18 digits always fit.
        if at - signed == 18 {
            return long_int(text);
        }
        value = value * 10 + i64::from(digit);
        at += 1;
    }
    if at == signed {
        return None;
    }
    Some((if text[0] == b'-' { -value } else { value }, at))
}

fn long_int(text: &[u8]) -> Option<(i64, usize)> {
    let signed = usize::from(matches!(text.first(), Some(b'-' | b'+')));
    let digits = text[signed..].iter().take_while(|b| b.is_ascii_digit()).count();
    let length = signed + digits;
    Some((std::str::from_utf8(&text[..length]).ok()?.parse().ok()?, length))
}

fn float(text: &[u8], decimal: u8) -> Option<f64> {
    let signed = text.starts_with(b"+");
    let text = text.strip_prefix(b"+").unwrap_or(text);
    // The library accepts names of infinity, too, and several signs must be refused.
    let begins = text.strip_prefix(b"-").unwrap_or(text).first().is_some_and(|b| b.is_ascii_digit() || *b == decimal);
    let ends = text.last().is_some_and(|b| b.is_ascii_digit() || *b == decimal);
    if !begins || !ends || (signed && text.starts_with(b"-")) {
        return None;
    }
    if decimal == b'.' {
        return fast_float2::parse(text).ok();
    }
    let mut with_point = [0; LONGEST];
    let with_point = with_point.get_mut(..text.len())?;
    for (to, from) in with_point.iter_mut().zip(text) {
        *to = match *from {
            b'.' => return None,
            byte if byte == decimal => b'.',
            byte => byte,
        };
    }
    fast_float2::parse(&*with_point).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_parsed_by_their_notation() {
        for (text, cell) in [
            ("", Cell::Missing),
            ("NA", Cell::Missing),
            ("nan", Cell::Missing),
            ("true", Cell::Bool(true)),
            ("FALSE", Cell::Bool(false)),
            ("0", Cell::Int(0)),
            ("-12", Cell::Int(-12)),
            ("+7", Cell::Int(7)),
            ("007", Cell::Int(7)),
            ("9223372036854775807", Cell::Int(i64::MAX)),
            ("-9223372036854775808", Cell::Int(i64::MIN)),
            ("9223372036854775808", Cell::Float(9223372036854775808.0)),
            ("1.5", Cell::Float(1.5)),
            (".5", Cell::Float(0.5)),
            ("5.", Cell::Float(5.0)),
            ("+2.5e-3", Cell::Float(0.0025)),
            ("-inf", Cell::Float(f64::NEG_INFINITY)),
            ("1e999", Cell::Float(f64::INFINITY)),
            ("+-1", Cell::Text),
            ("++1.5", Cell::Text),
            ("1.5.2", Cell::Text),
            ("1e", Cell::Text),
            ("2024-01-05", Cell::Text),
            ("0x10", Cell::Text),
            ("1_000", Cell::Text),
            ("1,5", Cell::Text),
            ("Paris", Cell::Text),
            ("1.0D+00", Cell::Float(1.0)),
            ("-2.5d-3", Cell::Float(-0.0025)),
            ("+.5D0", Cell::Float(0.5)),
            ("1.D2", Cell::Float(100.0)),
            ("1.0-100", Cell::Perhaps(1e-100)),
            ("-1.25+123", Cell::Perhaps(-1.25e123)),
            ("1D3", Cell::Text),
            ("1.0D", Cell::Text),
            ("1.0D+", Cell::Text),
            ("1.5-2", Cell::Text),
            ("1.5-2000", Cell::Text),
            ("1.2.3-100", Cell::Text),
            ("********", Cell::Missing),
            ("1.#QNAN", Cell::Missing),
            ("-1.#IND00", Cell::Missing),
            ("1.#INF", Cell::Float(f64::INFINITY)),
            ("-1.#INF00", Cell::Float(f64::NEG_INFINITY)),
            ("\u{2212}5", Cell::Int(-5)),
            ("\u{2212}.5", Cell::Float(-0.5)),
            ("\u{2212}", Cell::Text),
            ("\u{2212}-5", Cell::Text),
            ("1.#", Cell::Text),
            ("66,040", Cell::Text),
        ] {
            assert_eq!(Cell::of(text.as_bytes(), &Syntax::POINT), cell, "{text}");
        }
        for text in ["?", "-", "--", ".", "*"] {
            let cell = Cell::of(text.as_bytes(), &Syntax::POINT);
            assert!(matches!(cell, Cell::Perhaps(value) if value.is_nan()), "{text}: {cell:?}");
        }
        let comma = Syntax { decimal: b',', ..Syntax::POINT };
        assert_eq!(Cell::of(b"-1,5e2", &comma), Cell::Float(-150.0));
        assert_eq!(Cell::of(b"12", &comma), Cell::Int(12));
        assert_eq!(Cell::of(b"1.5", &comma), Cell::Text);
    }

    #[test]
    fn digits_stand_in_groups() {
        let english = Syntax { thousands: Some(','), ..Syntax::POINT };
        for (text, cell) in [
            ("66,040,229", Cell::Int(66_040_229)),
            ("-1,234.5", Cell::Float(-1234.5)),
            ("12,34,567", Cell::Int(1_234_567)),
            ("1,234e2", Cell::Float(123_400.0)),
            ("999", Cell::Int(999)),
            ("1,5", Cell::Text),
            ("1,2345", Cell::Text),
            ("1234,567", Cell::Text),
            ("1,234,", Cell::Text),
            (",123", Cell::Text),
            ("1.5,000", Cell::Text),
        ] {
            assert_eq!(Cell::of(text.as_bytes(), &english), cell, "{text}");
        }
        let german = Syntax { decimal: b',', thousands: Some('.'), missing: None };
        assert_eq!(Cell::of(b"1.234.567,5", &german), Cell::Float(1_234_567.5));
        assert_eq!(Cell::of(b"1.234", &german), Cell::Int(1234));
        let french = Syntax { decimal: b',', thousands: Some('\u{202f}'), missing: None };
        assert_eq!(Cell::of("12\u{202f}345,5".as_bytes(), &french), Cell::Float(12345.5));
        for (text, options) in [
            ("66,040", Some("`thousands: \",\"`")),
            ("1,5", Some("`decimal: \",\"`")),
            ("1.234,5", Some("`decimal: \",\", thousands: \".\"`")),
            ("1\u{a0}234", Some("`thousands: \"\\u00a0\"`")),
            ("Paris", None),
        ] {
            assert_eq!(number_elsewhere(text.as_bytes()).as_deref(), options, "{text}");
        }
    }

    #[test]
    fn missing_values_can_be_specified() {
        let list = ["-999".to_string(), "x".to_string()];
        let syntax = Syntax { missing: Some(Missing::new(&list, b'.')), ..Syntax::POINT };
        for text in ["-999", "-999.0", "x", "NA", ""] {
            assert_eq!(Cell::of(text.as_bytes(), &syntax), Cell::Missing, "{text}");
        }
        assert_eq!(Cell::of(b"-99", &syntax), Cell::Int(-99));
        assert_eq!(Cell::of(b"?", &syntax), Cell::Text);
    }

    #[test]
    fn a_column_is_as_narrow_as_its_cells_allow() {
        let kind = |cells: &[Seen]| {
            let mut seen = Seen::default();
            cells.iter().for_each(|cell| seen.add(*cell));
            seen.kind()
        };
        assert_eq!(kind(&[]), CellKind::Float);
        assert_eq!(kind(&[Seen::MISSING]), CellKind::Float);
        assert_eq!(kind(&[Seen::INT]), CellKind::Int);
        assert_eq!(kind(&[Seen::INT, Seen::MISSING]), CellKind::Float);
        assert_eq!(kind(&[Seen::INT, Seen::FLOAT]), CellKind::Float);
        assert_eq!(kind(&[Seen::BOOL]), CellKind::Bool);
        assert_eq!(kind(&[Seen::BOOL, Seen::MISSING]), CellKind::BoolOrMissing);
        assert_eq!(kind(&[Seen::BOOL, Seen::INT]), CellKind::Text);
        assert_eq!(kind(&[Seen::FLOAT, Seen::TEXT]), CellKind::Text);
        assert_eq!(kind(&[Seen::PERHAPS]), CellKind::Text);
        assert_eq!(kind(&[Seen::PERHAPS, Seen::MISSING]), CellKind::Text);
        assert_eq!(kind(&[Seen::PERHAPS, Seen::INT]), CellKind::Float);
        assert_eq!(kind(&[Seen::PERHAPS, Seen::BOOL]), CellKind::BoolOrMissing);
        assert_eq!(kind(&[Seen::PERHAPS, Seen::INT, Seen::TEXT]), CellKind::Text);
    }
}
