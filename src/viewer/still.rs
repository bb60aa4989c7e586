//! The image that is traced to be saved, in a size and with passes of its own.

use crate::engine::Control;

pub(super) struct Still {
    /// Size of the image; `None`: that of the displayed one.
    size: Option<(u32, u32)>,
    passes: u32,
    /// Passes that were traced and their number, while one is traced.
    progress: Option<(u32, u32)>,
}

impl Still {
    pub fn new(size: Option<(u32, u32)>, passes: u32) -> Still {
        Still { size, passes, progress: None }
    }

    /// Starts an image; `shown` is the size of the displayed one. `None` if there is no image yet.
    pub fn start(&mut self, shown: Option<(u32, u32)>) -> Option<Control> {
        let size = self.size.or(shown)?;
        self.progress = Some((0, self.passes));
        Some(Control::Still { size, passes: self.passes })
    }

    pub fn set_progress(&mut self, done: u32, of: u32) {
        self.progress = Some((done, of));
    }

    /// The image was finished or cancelled.
    pub fn end(&mut self) {
        self.progress = None;
    }

    /// The command that cancels the image, if one is traced.
    pub fn cancel(&self) -> Option<Control> {
        self.progress.map(|_| Control::StopStill)
    }

    pub fn progress(&self) -> Option<String> {
        let (done, of) = self.progress?;
        Some(format!("tracing the image to save: {done} of {of} passes (Esc cancels)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_is_the_given_one_or_that_of_the_display() {
        for (given, shown, expected) in [
            (None, Some((4, 3)), Some((4, 3))),
            (Some((64, 48)), Some((4, 3)), Some((64, 48))),
            (Some((64, 48)), None, Some((64, 48))),
            (None, None, None),
        ] {
            let mut still = Still::new(given, 20);
            let size = still.start(shown).map(|command| match command {
                Control::Still { size, passes: 20 } => size,
                _ => panic!("an image with its passes"),
            });
            assert_eq!(size, expected);
            assert_eq!(still.progress().is_some(), expected.is_some());
        }
    }

    #[test]
    fn it_reports_its_progress_and_can_be_cancelled_while_it_is_traced() {
        let mut still = Still::new(None, 20);
        assert!(still.cancel().is_none());
        still.start(Some((4, 3)));
        still.set_progress(7, 20);
        assert!(still.progress().unwrap().contains("7 of 20 passes"));
        assert!(matches!(still.cancel(), Some(Control::StopStill)));
        still.end();
        assert!(still.cancel().is_none() && still.progress().is_none());
    }
}
