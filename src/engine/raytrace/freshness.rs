//! What the film and the image that is shown are worth: whether the image must start afresh, be prepared or be developed
//! again, and whether it can be traced at all.

/// Freshness of the image. A new one starts afresh and has not been shown.
#[derive(Debug)]
pub(super) struct Freshness {
    /// The image must start afresh at the next opportunity.
    restart: bool,
    /// The film must be developed again although no pass is traced.
    develop: bool,
    /// The next round only prepares the next image, without tracing, because functions or parameters have changed.
    prepare: bool,
    /// Tracing has failed, and is not tried again before the image starts afresh.
    failed: bool,
    /// An image of the present size has been shown.
    shown: bool,
}

impl Freshness {
    pub fn new() -> Self {
        Freshness { restart: true, develop: false, prepare: false, failed: false, shown: false }
    }

    /// Requests that the image start afresh.
    pub fn request_restart(&mut self) {
        self.restart = true;
    }

    pub fn restart_is_requested(&self) -> bool {
        self.restart
    }

    /// Takes the request to start afresh.
    pub fn take_restart(&mut self) -> bool {
        std::mem::take(&mut self.restart)
    }

    /// The image has started afresh: the film is empty.
    pub fn restarted(&mut self, size_changed: bool) {
        (self.failed, self.develop) = (false, false);
        self.shown &= !size_changed;
    }

    /// The film is to be developed in another way. An empty film need not be.
    pub fn development_changed(&mut self, passes: u32) {
        self.develop = passes > 0;
    }

    pub fn must_develop(&self) -> bool {
        self.develop
    }

    pub fn developed(&mut self) {
        self.develop = false;
    }

    /// Functions or parameters of the running script have changed, and the next image must show that soon.
    pub fn script_changed(&mut self, callbacks_run: bool) {
        self.shown = false;
        if callbacks_run {
            // The scene that the old functions have prepared is not worth tracing.
            self.prepare = true;
        } else {
            // Without `compute` and `update_data`, only a fresh image causes the image callbacks to be called.
            self.restart = true;
        }
    }

    pub fn must_prepare(&self) -> bool {
        self.prepare
    }

    /// A round begins, which prepares the next image.
    pub fn prepared(&mut self) {
        self.prepare = false;
    }

    /// Tracing or developing has failed.
    pub fn tracing_failed(&mut self) {
        self.failed = true;
    }

    pub fn has_failed(&self) -> bool {
        self.failed
    }

    pub fn image_shown(&mut self) {
        self.shown = true;
    }

    /// What has been shown is not an image of the present scene or size.
    pub fn forget_shown(&mut self) {
        self.shown = false;
    }

    pub fn is_shown(&self) -> bool {
        self.shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restart_is_carried_out_once_and_ends_what_concerned_the_old_film() {
        let mut image = Freshness::new();
        assert!(image.take_restart() && !image.take_restart());
        image.tracing_failed();
        image.development_changed(3);
        image.request_restart();
        assert!(image.restart_is_requested() && image.has_failed() && image.must_develop());
        image.restarted(false);
        assert!(!image.has_failed() && !image.must_develop());
    }

    #[test]
    fn an_image_of_another_size_has_not_been_shown() {
        let mut image = Freshness::new();
        image.image_shown();
        image.restarted(false);
        assert!(image.is_shown());
        image.restarted(true);
        assert!(!image.is_shown());
    }

    #[test]
    fn only_a_film_with_passes_is_developed_again() {
        let mut image = Freshness::new();
        image.development_changed(0);
        assert!(!image.must_develop());
        image.development_changed(1);
        assert!(image.must_develop());
        image.developed();
        assert!(!image.must_develop());
    }

    #[test]
    fn a_changed_script_shows_by_its_callbacks_or_else_by_a_fresh_image() {
        for callbacks_run in [true, false] {
            let mut image = Freshness::new();
            image.take_restart();
            image.image_shown();
            image.script_changed(callbacks_run);
            assert!(!image.is_shown());
            assert_eq!((image.must_prepare(), image.restart_is_requested()), (callbacks_run, !callbacks_run));
            image.prepared();
            assert!(!image.must_prepare());
        }
    }
}
