//! Messages on stderr, results on stdout.

use crate::{Error, ErrorKind, script};
use indicatif::ProgressBar;
use std::io::{self, IsTerminal, Write};
use std::sync::{Mutex, PoisonError};

/// Prints an error with its place, its source line and its hint.
pub fn error(error: &Error) {
    // After Ctrl-C no message is needed.
    if error.kind == ErrorKind::Interrupted && error.hint.is_none() {
        note("interrupted");
        return;
    }
    note(&script::render_error(error, colored()));
}

/// The progress bar on the screen, so that messages can be printed above it.
static BAR: Mutex<Option<ProgressBar>> = Mutex::new(None);

/// Messages are printed above this bar from now on; `None`: the bar is gone.
pub fn show_bar(bar: Option<ProgressBar>) {
    *BAR.lock().unwrap_or_else(PoisonError::into_inner) = bar;
}

/// Prints something without tearing the bar.
pub fn above_bar(print: impl FnOnce()) {
    let bar = BAR.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match bar {
        Some(bar) => bar.suspend(print),
        None => print(),
    }
}

/// Prints a line on stderr, above the progress bar if there is one.
pub fn note(text: &str) {
    above_bar(|| {
        // If stderr is gone, there is no place to report it.
        let _ = writeln!(io::stderr().lock(), "{text}");
    });
}

/// Prints a warning in the form of an error.
pub fn warning(warning: &Error) {
    note(&script::render_warning(warning, colored()));
}

/// Whether stderr gets colours: on a terminal, unless the user does not want them (no-color.org).
pub fn colored() -> bool {
    io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// Prints a result on stdout. A closed pipe (`| head`) is not an error.
pub fn result(text: &str) -> crate::Result<()> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::file(format!("cannot write to standard output: {error}"))
                .hint("check where the output goes to, and that the disk there is not full"))
        }
        _ => Ok(()),
    }
}
