//! Messages to the user: on the terminal, and over the image.

use super::overlay;
use crate::Error;
use crate::output::Panel;
use std::time::{Duration, Instant};

/// How long a note such as "saved" is shown over the image.
const NOTE_TIME: Duration = Duration::from_secs(4);

/// Output of the viewer to the terminal.
pub trait Terminal {
    fn note(&self, text: &str);
    fn error(&self, error: &Error);
    fn warning(&self, warning: &Error);
    /// Prints a result that the user requested, such as a call to paste.
    fn result(&self, text: &str);
}

/// The last note and the last error, which are shown over the image.
pub(super) struct Messages<'a> {
    terminal: &'a dyn Terminal,
    /// The note, and when it was made.
    note: Option<(String, Instant)>,
    /// The error, and a hint on what to do.
    fault: Option<(String, &'static str)>,
}

impl<'a> Messages<'a> {
    pub fn new(terminal: &'a dyn Terminal) -> Messages<'a> {
        Messages { terminal, note: None, fault: None }
    }

    /// Shows a note over the image, for a while.
    pub fn note(&mut self, text: impl Into<String>) {
        self.note = Some((text.into(), Instant::now()));
    }

    /// Shows a note, and prints it on the terminal.
    pub fn report(&mut self, text: String) {
        self.terminal.note(&text);
        self.note(text);
    }

    /// Shows a requested result, and prints it on the terminal.
    pub fn result(&mut self, text: String) {
        self.terminal.result(&text);
        self.note(text);
    }

    pub fn warning(&mut self, warning: &Error) {
        self.terminal.warning(warning);
        self.note(format!("warning: {warning}"));
    }

    /// Shows an error, with what follows from it or what to do, until it is cleared.
    pub fn fault(&mut self, error: &Error, note: &'static str) {
        self.terminal.error(error);
        let source = error.place.as_ref().and_then(|place| place.source.as_deref());
        let source = source.map(|line| format!("\n    {}", line.trim())).unwrap_or_default();
        let hint = error.hint.as_ref().map(|hint| format!("\nhint: {hint}")).unwrap_or_default();
        self.fault = Some((format!("{error}{source}{hint}"), note));
    }

    pub fn clear_fault(&mut self) {
        self.fault = None;
    }

    /// The panels of the messages. `progress` is shown instead of the note.
    pub fn panels(&mut self, progress: Option<&str>, now: Instant) -> Vec<Panel> {
        self.note.take_if(|(_, since)| now.saturating_duration_since(*since) > NOTE_TIME);
        let note = progress.or(self.note.as_ref().map(|(note, _)| note.as_str())).map(overlay::note);
        let fault = self.fault.as_ref().map(|(fault, note)| overlay::fault(fault, note));
        note.into_iter().chain(fault).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::{PanelId, Row};
    use std::cell::RefCell;

    #[derive(Default)]
    struct Printed(RefCell<Vec<String>>);

    impl Terminal for Printed {
        fn note(&self, text: &str) {
            self.0.borrow_mut().push(format!("note {text}"));
        }
        fn error(&self, error: &Error) {
            self.0.borrow_mut().push(format!("error {error}"));
        }
        fn warning(&self, warning: &Error) {
            self.0.borrow_mut().push(format!("warning {warning}"));
        }
        fn result(&self, text: &str) {
            self.0.borrow_mut().push(format!("result {text}"));
        }
    }

    fn texts(panels: &[Panel]) -> Vec<(PanelId, String)> {
        let text = |panel: &Panel| match &panel.rows[0] {
            Row::Text { text, .. } => text.clone(),
            row => panic!("{row:?}"),
        };
        panels.iter().map(|panel| (panel.id, text(panel))).collect()
    }

    #[test]
    fn notes_go_after_a_while_and_errors_when_they_are_cleared() {
        let printed = Printed::default();
        let mut messages = Messages::new(&printed);
        let now = Instant::now();
        assert_eq!(texts(&messages.panels(None, now)), []);
        messages.note("paused");
        messages.fault(&Error::script("no plot `a`").hint("did you mean `b`?"), "space resumes");
        let fault = (PanelId::Fault, "no plot `a`\nhint: did you mean `b`?".to_string());
        assert_eq!(texts(&messages.panels(None, now)), [(PanelId::Note, "paused".into()), fault.clone()]);
        assert_eq!(texts(&messages.panels(Some("3 of 9"), now))[0].1, "3 of 9");
        assert_eq!(texts(&messages.panels(None, now + 2 * NOTE_TIME)), [fault]);
        messages.clear_fault();
        assert_eq!(texts(&messages.panels(None, now)), []);
        assert_eq!(*printed.0.borrow(), ["error no plot `a`"], "a note on the display is not printed");
    }

    #[test]
    fn reports_results_and_warnings_are_shown_and_printed() {
        let printed = Printed::default();
        let mut messages = Messages::new(&printed);
        let mut shown = Vec::new();
        messages.report("saved a.png".into());
        shown.extend(texts(&messages.panels(None, Instant::now())));
        messages.result("rt.move();".into());
        shown.extend(texts(&messages.panels(None, Instant::now())));
        messages.warning(&Error::script("no light"));
        shown.extend(texts(&messages.panels(None, Instant::now())));
        let shown: Vec<_> = shown.into_iter().map(|(_, text)| text).collect();
        assert_eq!(shown, ["saved a.png", "rt.move();", "warning: no light"]);
        assert_eq!(*printed.0.borrow(), ["note saved a.png", "result rt.move();", "warning no light"]);
    }
}
