//! The state of the run and of its image, for the title.

use crate::engine::{FrameEvent, RunState};

/// The latest state, and the passes of the latest image.
#[derive(Default)]
pub(super) struct Status {
    state: RunState,
    /// Passes, and seconds per pass.
    image: Option<(u32, f64)>,
}

impl Status {
    /// Takes a new state; returns true if the run was resumed.
    pub fn set_state(&mut self, state: RunState) -> bool {
        let before = std::mem::replace(&mut self.state, state);
        before.paused && !state.paused
    }

    pub fn set_image(&mut self, event: &FrameEvent) {
        self.image = Some((event.frame.passes, event.seconds_per_pass));
    }

    pub fn is_idle(&self) -> bool {
        self.state.idle
    }

    /// The part of the title after the name of the run; `None` before the first image.
    pub fn title(&self) -> Option<String> {
        let (passes, seconds_per_pass) = self.image?;
        let state = match self.state {
            RunState { paused: true, complete: true, .. } => "paused, complete",
            RunState { paused: true, .. } => "paused, refining",
            RunState { complete: true, idle: true, .. } => "complete",
            _ => "running",
        };
        let plural = if passes == 1 { "pass" } else { "passes" };
        let moved = if self.state.moved { ", camera moved" } else { "" };
        Some(format!("{passes} {plural}, {:.1} ms per pass, {state}{moved}", seconds_per_pass * 1000.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Timings;
    use crate::frame::Frame;
    use std::sync::Arc;

    #[test]
    fn the_title_has_passes_speed_and_state() {
        let mut status = Status::default();
        assert_eq!(status.title(), None);
        let frame = Arc::new(Frame { passes: 1, ..Frame::default() });
        let (scene, timings) = (Arc::default(), Timings::default());
        status.set_image(&FrameEvent { number: 0, frame, scene, timings, seconds_per_pass: 0.0123 });
        let running = RunState::default();
        for (state, expected) in [
            (running, "1 pass, 12.3 ms per pass, running"),
            (RunState { complete: true, ..running }, "1 pass, 12.3 ms per pass, running"),
            (RunState { complete: true, idle: true, ..running }, "1 pass, 12.3 ms per pass, complete"),
            (
                RunState { paused: true, moved: true, ..running },
                "1 pass, 12.3 ms per pass, paused, refining, camera moved",
            ),
            (RunState { paused: true, complete: true, ..running }, "1 pass, 12.3 ms per pass, paused, complete"),
        ] {
            assert!(!status.set_state(state));
            assert_eq!(status.title().as_deref(), Some(expected));
        }
        assert!(status.set_state(running), "resumed");
    }
}
