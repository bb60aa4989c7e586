//! The one error type of the crate: fact, place in the script, hint.
//!
//! A message is lower-case and has no full stop; it states the fact. The hint states the remedy.

use std::fmt;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The kind of an error, on which other programs can act: each kind is one exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ErrorKind {
    /// A mistake in the script.
    Script,
    /// A mistake in the command line.
    Usage,
    /// The chosen device is not available, or failed.
    Device,
    /// A file could not be read or written, or the disk is full.
    File,
    /// A limit on operations, time or memory was reached.
    Limit,
    /// The user interrupted the work.
    Interrupted,
}

impl ErrorKind {
    /// The exit code of a process that ends with this kind of error (0 is success).
    pub fn exit_code(self) -> u8 {
        match self {
            ErrorKind::Script => 1,
            ErrorKind::Usage => 2,
            ErrorKind::Device => 3,
            ErrorKind::File => 4,
            ErrorKind::Limit => 5,
            ErrorKind::Interrupted => 130,
        }
    }
}

/// A place in a script: enough for an editor to jump there and for a message to show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Path of the script or module as the user would type it.
    pub file: String,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1; 0 when only the line is known.
    pub column: usize,
    /// The text of that line, without its line end.
    pub source: Option<String>,
}

/// Another place that belongs to an error, such as a calling function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// A short description of the place.
    pub text: String,
    pub place: Place,
}

/// An error that a user sees: fact, place, hint, and other places (calling functions, innermost first).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
    pub hint: Option<String>,
    pub place: Option<Place>,
    pub notes: Vec<Note>,
}

impl Error {
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error { kind, message: message.into(), hint: None, place: None, notes: Vec::new() }
    }
    pub fn script(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Script, message)
    }
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }
    pub fn device(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Device, message)
    }
    pub fn file(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::File, message)
    }
    pub fn limit(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Limit, message)
    }
    pub fn interrupted() -> Self {
        Self::new(ErrorKind::Interrupted, "interrupted")
    }
    /// Adds the remedy.
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
    /// Adds another place.
    pub fn note(mut self, text: impl Into<String>, place: Place) -> Self {
        self.notes.push(Note { text: text.into(), place });
        self
    }
    /// Adds the place, unless there is a more exact one already.
    pub fn at(mut self, place: Place) -> Self {
        self.place.get_or_insert(place);
        self
    }
}

impl fmt::Display for Error {
    /// One line: `file:line:column: message`; the hint is left to the caller's layout.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(p) = &self.place {
            write!(f, "{}:{}:{}: ", p.file, p.line, p.column)?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The known name nearest to a misspelt one, if one is near enough to be meant.
pub fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = name.to_lowercase();
    known
        .into_iter()
        .map(|k| (strsim::damerau_levenshtein(&folded, &k.to_lowercase()), k))
        // All one-letter names are equally near, and so are all short names that differ by two letters.
        .filter(|(distance, k)| *distance <= (k.len().max(name.len()) / 3).max(1) && *distance < k.len())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, k)| k)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn only_what_may_be_meant_is_proposed() {
        let known = ["floor", "some", "end", "color", "c", "pos", "Denoiser", "max_accumulation_frames"];
        for (name, meant) in [
            ("flor", Some("floor")),
            ("colour", Some("color")),
            ("psos", Some("pos")),
            ("Denoise", Some("Denoiser")),
            ("max_acumulation_frame", Some("max_accumulation_frames")),
            ("foo", None),
            ("nope", None),
            ("rand", None),
            ("x", None),
        ] {
            assert_eq!(nearest(name, known), meant, "{name}");
        }
    }
}
