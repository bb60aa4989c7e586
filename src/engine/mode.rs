//! The modes of a run. What differs between them is in [`Policy`], one value for each mode: the rest of the engine asks
//! the policy and never the mode.

use super::frames::Frames;
use super::sink::Delivery;
use std::time::Duration;

/// Frames of a batch that may wait to be written while the next one is traced.
const FRAMES_AHEAD: usize = 2;

/// How rounds are driven, and how frames and errors are handled.
#[derive(Debug, Clone)]
pub enum Mode {
    /// A window shows the run: the image refines block by block, a newer frame replaces older ones, and a failed
    /// callback pauses `compute` and `update_data` instead of ending the run.
    Interactive,
    /// One round for each frame; every requested frame is delivered, and the first error ends the run.
    Batch(Frames),
    /// Only the top level and `init` run; images come from the script's own `rt.render` calls.
    Once,
    /// Rounds with every callback, continuing after errors, which are collected: one for each callback.
    Check {
        /// Number of rounds to run.
        rounds: u64,
    },
}

/// Which rounds follow the setup.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Rounds {
    None,
    /// One for each number up to the last of the frames, which alone are traced.
    Frames(Frames),
    Count(u64),
    /// Rounds while there is work, until the run is closed.
    UntilClosed,
}

/// What a failure of a callback or of the device leads to, and one of the script's setup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Failures {
    EndRun,
    /// It is reported, and pauses `compute` and `update_data`.
    PauseCallbacks,
    /// It is reported, and the run continues.
    Collect,
}

/// What a mode decides.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Policy {
    pub rounds: Rounds,
    pub failures: Failures,
    /// What [`super::Engine::events`] does when its reader is behind.
    pub delivery: Delivery,
    /// An image is refined over several rounds and is shown on the way, and the viewer's commands interrupt its passes.
    /// Otherwise every round traces one complete image, which is sent at the end of the round.
    pub refines: bool,
    /// The parameters of the script and the statistics of every round are reported.
    pub reports_rounds: bool,
    /// Images may depend on earlier ones, and so on timing.
    pub looks_back: bool,
    /// Frames before the last one are left out, so that the image callbacks must not change what others read.
    pub frames_stand_apart: bool,
    /// Only errors are of interest: `rt.render` traces one pass, and no callback may take longer than the setup.
    pub is_trial: bool,
}

impl Mode {
    pub(super) fn policy(&self) -> Policy {
        let every_frame = Delivery::All { queue: FRAMES_AHEAD };
        match self {
            Mode::Interactive => Policy {
                rounds: Rounds::UntilClosed,
                failures: Failures::PauseCallbacks,
                delivery: Delivery::LatestWins,
                refines: true,
                reports_rounds: true,
                looks_back: true,
                frames_stand_apart: false,
                is_trial: false,
            },
            Mode::Batch(frames) => Policy {
                rounds: Rounds::Frames(frames.clone()),
                failures: Failures::EndRun,
                delivery: every_frame,
                refines: false,
                reports_rounds: false,
                looks_back: false,
                frames_stand_apart: frames.is_partial(),
                is_trial: false,
            },
            Mode::Once => Policy {
                rounds: Rounds::None,
                failures: Failures::EndRun,
                delivery: every_frame,
                refines: false,
                reports_rounds: false,
                looks_back: false,
                frames_stand_apart: false,
                is_trial: false,
            },
            Mode::Check { rounds } => Policy {
                rounds: Rounds::Count(*rounds),
                failures: Failures::Collect,
                delivery: every_frame,
                refines: false,
                reports_rounds: false,
                looks_back: false,
                frames_stand_apart: false,
                is_trial: true,
            },
        }
    }
}

impl Failures {
    /// Whether a script whose setup fails, or that does not compile completely, is run as far as it goes.
    pub fn continue_setup(self) -> bool {
        match self {
            Failures::EndRun | Failures::PauseCallbacks => false,
            Failures::Collect => true,
        }
    }
}

impl Policy {
    /// The time limit of a callback whose script allows `compute_timeout`.
    pub fn callback_limit(&self, compute_timeout: Duration, setup_timeout: Duration) -> Duration {
        if self.is_trial { compute_timeout.min(setup_timeout) } else { compute_timeout }
    }

    /// Passes to trace for a call of `rt.render` that requests `passes`.
    pub fn render_passes(&self, passes: u32) -> u32 {
        if self.is_trial { 1 } else { passes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_window_may_depend_on_timing() {
        let batch = Mode::Batch(Frames::range(0, 9)).policy();
        for policy in [batch, Mode::Once.policy(), Mode::Check { rounds: 3 }.policy()] {
            assert!(!policy.looks_back && !policy.refines, "{policy:?}");
            assert!(matches!(policy.delivery, Delivery::All { .. }), "{policy:?}");
        }
        let window = Mode::Interactive.policy();
        assert!(window.looks_back && window.refines);
        assert_eq!(window.delivery, Delivery::LatestWins);
    }

    #[test]
    fn frames_stand_apart_where_one_before_the_last_is_not_traced() {
        assert!(!Mode::Batch(Frames::range(0, 9)).policy().frames_stand_apart);
        assert!(Mode::Batch(Frames::range(5, 9)).policy().frames_stand_apart);
    }

    #[test]
    fn a_check_limits_what_a_run_leaves_to_the_script() {
        let (short, long) = (Duration::from_secs(1), Duration::from_secs(60));
        let (check, batch) = (Mode::Check { rounds: 1 }.policy(), Mode::Batch(Frames::range(0, 0)).policy());
        assert_eq!(check.callback_limit(long, short), short);
        assert_eq!(check.callback_limit(short, long), short);
        assert_eq!(batch.callback_limit(long, short), long);
        assert_eq!((check.render_passes(64), batch.render_passes(64)), (1, 64));
    }
}
