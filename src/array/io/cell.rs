//! What the text of one cell of a table means, and what that makes of its column.

/// The meaning of one cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Cell {
    Missing,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text,
}

/// What a column becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Bool,
    /// Truth values, of which some are missing: 1, 0 and NaN.
    BoolOrMissing,
    Int,
    Float,
    Text,
    /// It is not asked for.
    Skipped,
}

/// The kinds of cells that a column has, as a set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Seen(u8);

impl Seen {
    pub const MISSING: Seen = Seen(1);
    pub const BOOL: Seen = Seen(2);
    pub const INT: Seen = Seen(4);
    pub const FLOAT: Seen = Seen(8);
    pub const TEXT: Seen = Seen(16);

    pub fn add(&mut self, other: Seen) {
        self.0 |= other.0;
    }

    pub fn has(self, other: Seen) -> bool {
        self.0 & other.0 != 0
    }

    /// Nothing but empty cells.
    pub fn is_empty(self) -> bool {
        self.0 & !Seen::MISSING.0 == 0
    }

    /// The narrowest kind that holds all of them. Missing numbers are NaN, so that integers become floats; truth
    /// values among numbers are text. A column of missing cells is one of floats.
    pub fn kind(self) -> Kind {
        let numbers = self.has(Seen(Seen::INT.0 | Seen::FLOAT.0));
        match self {
            _ if self.has(Seen::TEXT) || (self.has(Seen::BOOL) && numbers) => Kind::Text,
            _ if self.has(Seen::BOOL) => {
                if self.has(Seen::MISSING) {
                    Kind::BoolOrMissing
                } else {
                    Kind::Bool
                }
            }
            Seen::INT => Kind::Int,
            _ => Kind::Float,
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
            Cell::Text => Seen::TEXT,
        }
    }

    /// Of the text of a cell without blanks around it. `decimal` is what stands before the decimals.
    ///
    /// Integers of more than 64 bits are floats.
    pub fn of(text: &[u8], decimal: u8) -> Cell {
        let Some(&first) = text.first() else { return Cell::Missing };
        if first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.' | b',') {
            if let Some((value, length)) = int(text)
                && length == text.len()
            {
                return Cell::Int(value);
            }
            if let Some(value) = float(text, decimal) {
                return Cell::Float(value);
            }
        }
        match text {
            b"true" | b"True" | b"TRUE" => Cell::Bool(true),
            b"false" | b"False" | b"FALSE" => Cell::Bool(false),
            b"NA" | b"N/A" | b"n/a" | b"<NA>" | b"#N/A" | b"#NA" | b"NaN" | b"nan" | b"NAN" | b"-NaN" | b"-nan"
            | b"+nan" | b"null" | b"NULL" | b"None" => Cell::Missing,
            b"inf" | b"Inf" | b"INF" | b"+inf" | b"+Inf" | b"infinity" | b"Infinity" | b"+Infinity" => {
                Cell::Float(f64::INFINITY)
            }
            b"-inf" | b"-Inf" | b"-INF" | b"-infinity" | b"-Infinity" => Cell::Float(f64::NEG_INFINITY),
            _ => Cell::Text,
        }
    }
}

/// The integer that a text begins with, and how many characters it has; `None` where there is none, or it may have
/// more than 64 bits.
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
    // The library takes names of infinity, too; and there is one sign at most.
    let begins = text.strip_prefix(b"-").unwrap_or(text).first().is_some_and(|b| b.is_ascii_digit() || *b == decimal);
    let ends = text.last().is_some_and(|b| b.is_ascii_digit() || *b == decimal);
    if !begins || !ends || (signed && text.starts_with(b"-")) {
        return None;
    }
    if decimal == b'.' {
        return fast_float2::parse(text).ok();
    }
    let mut with_point = [0; 64];
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
    fn cells_mean_what_they_say() {
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
            ("-", Cell::Text),
            ("+-1", Cell::Text),
            ("++1.5", Cell::Text),
            ("1.5.2", Cell::Text),
            ("1e", Cell::Text),
            ("2024-01-05", Cell::Text),
            ("0x10", Cell::Text),
            ("1_000", Cell::Text),
            ("1,5", Cell::Text),
            ("Paris", Cell::Text),
        ] {
            assert_eq!(Cell::of(text.as_bytes(), b'.'), cell, "{text}");
        }
        assert_eq!(Cell::of(b"-1,5e2", b','), Cell::Float(-150.0));
        assert_eq!(Cell::of(b"12", b','), Cell::Int(12));
        assert_eq!(Cell::of(b"1.5", b','), Cell::Text);
    }

    #[test]
    fn a_column_is_as_narrow_as_its_cells_allow() {
        let kind = |cells: &[Seen]| {
            let mut seen = Seen::default();
            cells.iter().for_each(|cell| seen.add(*cell));
            seen.kind()
        };
        assert_eq!(kind(&[]), Kind::Float);
        assert_eq!(kind(&[Seen::MISSING]), Kind::Float);
        assert_eq!(kind(&[Seen::INT]), Kind::Int);
        assert_eq!(kind(&[Seen::INT, Seen::MISSING]), Kind::Float);
        assert_eq!(kind(&[Seen::INT, Seen::FLOAT]), Kind::Float);
        assert_eq!(kind(&[Seen::BOOL]), Kind::Bool);
        assert_eq!(kind(&[Seen::BOOL, Seen::MISSING]), Kind::BoolOrMissing);
        assert_eq!(kind(&[Seen::BOOL, Seen::INT]), Kind::Text);
        assert_eq!(kind(&[Seen::FLOAT, Seen::TEXT]), Kind::Text);
    }
}
