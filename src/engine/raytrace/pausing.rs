//! Whether `compute` and `update_data` are called, and which failures have been reported since they were resumed.

use crate::script::Callback;
use std::collections::HashSet;

/// Who has paused `compute` and `update_data`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PausedBy {
    Viewer,
    Script,
    Failure,
}

/// Source of a failure that does not end the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum FailureSource {
    Callback(Callback),
    /// Two callbacks wrote the same variable.
    ScriptState,
    Device,
}

/// Pausing of `compute` and `update_data`. A failure pauses them and is reported once until they are resumed.
#[derive(Debug, Default)]
pub(super) struct Pausing {
    by: Option<PausedBy>,
    /// The next round runs the callbacks although they are paused.
    stepping: bool,
    reported: HashSet<FailureSource>,
}

impl Pausing {
    pub fn pause(&mut self, by: PausedBy) {
        self.by = Some(by);
    }

    pub fn resume(&mut self) {
        self.by = None;
        self.reported.clear();
    }

    pub fn toggle_by_viewer(&mut self) {
        if self.is_paused() { self.resume() } else { self.pause(PausedBy::Viewer) }
    }

    /// Lets the callbacks run in the next round.
    pub fn step(&mut self) {
        self.reported.clear();
        self.stepping = true;
    }

    /// A round has ended: if it was a step, the callbacks are paused.
    pub fn end_step(&mut self) {
        if std::mem::take(&mut self.stepping) {
            self.pause(PausedBy::Viewer);
        }
    }

    /// Pauses the callbacks after a failure. Returns whether it must be reported.
    pub fn fail(&mut self, source: FailureSource) -> bool {
        self.pause(PausedBy::Failure);
        self.reported.insert(source)
    }

    /// The functions of the script were replaced, which may have mended a failure.
    pub fn functions_replaced(&mut self) {
        self.reported.clear();
        if self.by == Some(PausedBy::Failure) {
            self.by = None;
        }
    }

    /// The script has begun anew. Only the viewer's pause stays.
    pub fn script_began_anew(&mut self) {
        self.reported.clear();
        if self.by != Some(PausedBy::Viewer) {
            self.by = None;
        }
    }

    pub fn is_paused(&self) -> bool {
        self.by.is_some()
    }

    /// Whether the callbacks run in the present round.
    pub fn lets_run(&self) -> bool {
        !self.is_paused() || self.stepping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FAILURE: FailureSource = FailureSource::Callback(Callback::Compute);

    #[test]
    fn a_failure_pauses_and_is_reported_once_until_the_callbacks_are_resumed() {
        let mut pausing = Pausing::default();
        assert!(pausing.lets_run());
        assert!(pausing.fail(FAILURE) && !pausing.lets_run());
        assert!(!pausing.fail(FAILURE) && pausing.fail(FailureSource::Device));
        pausing.resume();
        assert!(pausing.lets_run() && pausing.fail(FAILURE));
        pausing.step();
        assert!(pausing.fail(FAILURE));
    }

    #[test]
    fn a_step_runs_one_round_and_leaves_the_pause_of_the_viewer() {
        let mut pausing = Pausing::default();
        pausing.pause(PausedBy::Script);
        pausing.step();
        assert!(pausing.is_paused() && pausing.lets_run());
        pausing.end_step();
        assert!(!pausing.lets_run());
        pausing.script_began_anew();
        assert!(pausing.is_paused(), "paused by the viewer now");
        pausing.resume();
        pausing.end_step();
        assert!(pausing.lets_run(), "there was no step");
    }

    #[test]
    fn an_edit_resumes_after_a_failure_and_a_new_beginning_after_the_script_too() {
        let after = |by, change: fn(&mut Pausing)| {
            let mut pausing = Pausing::default();
            pausing.pause(by);
            change(&mut pausing);
            pausing.is_paused()
        };
        let all = [PausedBy::Viewer, PausedBy::Script, PausedBy::Failure];
        assert_eq!(all.map(|by| after(by, Pausing::functions_replaced)), [true, true, false]);
        assert_eq!(all.map(|by| after(by, Pausing::script_began_anew)), [true, false, false]);
        assert_eq!(all.map(|by| after(by, Pausing::toggle_by_viewer)), [false; 3]);
    }
}
