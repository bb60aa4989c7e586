//! File names with a frame number in them.

use crate::{Error, Result};
use std::path::PathBuf;

/// A file name as given to `--out`: literal text with at most one placeholder for the frame number.
///
/// The number is written `{}` or `{:04}` (as in Rust), `%d` or `%04d` (as in C); `{{`, `}}` and `%%` stand for the
/// characters themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    /// Minimum number of digits, padded with zeros; `None` if the name has no number.
    digits: Option<usize>,
    after: String,
}

/// Larger widths can only be mistakes: frame numbers have at most 20 digits.
const MAX_DIGITS: usize = 20;

impl Pattern {
    /// Parses a pattern.
    pub fn parse(text: &str) -> Result<Pattern> {
        let mut pattern = Pattern { before: String::new(), digits: None, after: String::new() };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let (literal, length) = match first {
                '{' if rest.starts_with("{{") => ('{', 2),
                '}' if rest.starts_with("}}") => ('}', 2),
                '%' if rest.starts_with("%%") => ('%', 2),
                '{' | '}' | '%' => match number(rest) {
                    Some((digits, length)) => {
                        if pattern.digits.replace(digits).is_some() {
                            return Err(Error::usage(format!("`{text}` has more than one place for the frame number"))
                                .hint("keep one of them"));
                        }
                        rest = &rest[length..];
                        continue;
                    }
                    // A single percent sign is common in file names, a single brace is a mistake.
                    None if first == '%' => ('%', 1),
                    None => {
                        return Err(Error::usage(format!("`{text}` has a brace that is not a place for a number"))
                            .hint("write the frame number as `{:04}` or `%04d`, and a brace as `{{` or `}}`"));
                    }
                },
                other => (other, other.len_utf8()),
            };
            let part = if pattern.digits.is_none() { &mut pattern.before } else { &mut pattern.after };
            part.push(literal);
            rest = &rest[length..];
        }
        Ok(pattern)
    }

    /// Whether different frames have different names.
    pub fn is_numbered(&self) -> bool {
        self.digits.is_some()
    }

    /// The file name of one frame.
    pub fn path(&self, frame: u64) -> PathBuf {
        match self.digits {
            Some(digits) => PathBuf::from(format!("{}{frame:0digits$}{}", self.before, self.after)),
            None => PathBuf::from(&self.before),
        }
    }

    /// A name to suggest if one name was given for several frames: the same name with a frame number.
    pub fn with_number(&self) -> String {
        let path = PathBuf::from(&self.before);
        let ending = path.extension().map(|e| format!(".{}", e.to_string_lossy())).unwrap_or_default();
        format!("{}{{:04}}{ending}", self.before.strip_suffix(&ending).unwrap_or(&self.before))
    }
}

/// Parses a placeholder at the start of `text`: the number of digits, and the length of the placeholder.
fn number(text: &str) -> Option<(usize, usize)> {
    let (inner, length) = if let Some(rest) = text.strip_prefix('{') {
        let inner = &rest[..rest.find('}')?];
        let format = if inner.is_empty() { inner } else { inner.strip_prefix(':')? };
        (format, inner.len() + 2)
    } else {
        let rest = text.strip_prefix('%')?;
        let inner = &rest[..rest.find(|c: char| !c.is_ascii_digit())?];
        rest[inner.len()..].starts_with('d').then_some((inner, inner.len() + 2))?
    };
    if inner.is_empty() {
        return Some((0, length));
    }
    // Padding with spaces (`%4d`) would put spaces into file names.
    let digits: usize = inner.strip_prefix('0')?.parse().ok()?;
    (digits <= MAX_DIGITS).then_some((digits, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(pattern: &str, frame: u64) -> String {
        Pattern::parse(pattern).unwrap().path(frame).to_str().unwrap().to_string()
    }

    #[test]
    fn numbers_are_written_in_both_notations() {
        assert_eq!(name("a{:04}.png", 7), "a0007.png");
        assert_eq!(name("a%04d.png", 7), "a0007.png");
        assert_eq!(name("a{}.png", 7), "a7.png");
        assert_eq!(name("%d.png", 7), "7.png");
        assert_eq!(name("out/{:02}/ä.png", 123), "out/123/ä.png");
        assert_eq!(name("{:03}%%{{}}.png", 1), "001%{}.png");
        assert_eq!(name("50%.png", 1), "50%.png");
        assert!(Pattern::parse("%d").unwrap().is_numbered());
        assert!(!Pattern::parse("100%%d.png").unwrap().is_numbered());
    }

    #[test]
    fn mistakes_are_usage_errors() {
        for (pattern, fact) in [
            ("{}{}.png", "more than one place"),
            ("%d-{:04}.png", "more than one place"),
            ("a{.png", "a brace that is not"),
            ("a}.png", "a brace that is not"),
            ("{frame}.png", "a brace that is not"),
            ("{:4}.png", "a brace that is not"),
            ("{:099}.png", "a brace that is not"),
        ] {
            let error = Pattern::parse(pattern).unwrap_err();
            assert!(error.message.contains(fact), "{pattern}: {error}");
            assert_eq!(error.kind, crate::ErrorKind::Usage);
        }
    }

    #[test]
    fn a_name_without_number_gets_one_proposed() {
        assert_eq!(Pattern::parse("out/a.b.png").unwrap().with_number(), "out/a.b{:04}.png");
        assert_eq!(Pattern::parse("a").unwrap().with_number(), "a{:04}");
    }
}
