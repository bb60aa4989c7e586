//! Events: what a run reports to its viewer, such as frames, errors, its state and its end.

use super::stats::{RoundStats, Timings};
use crate::device::Hit;
use crate::frame::Frame;
use crate::scene::Scene;
use crate::script::{Edited, ParamInfo};
use crate::{Error, Result};
use std::sync::Arc;

/// An image to show or to write, with the scene and the times that belong to it.
#[derive(Debug, Clone)]
pub struct FrameEvent {
    /// Index of the round; in a batch, the frame number.
    pub number: u64,
    pub frame: Arc<Frame>,
    /// The traced scene: the script's scene with the viewer's camera, exposure and other overrides.
    pub scene: Arc<Scene>,
    pub timings: Timings,
    /// Mean time of one pass of this block, seconds.
    pub seconds_per_pass: f64,
}

/// State of a run for the window's title.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RunState {
    /// `compute` and `update_data` exist but are not called at present.
    pub paused: bool,
    /// The image is complete.
    pub complete: bool,
    /// Nothing is left to do until the next command.
    pub idle: bool,
    /// The viewer's camera is used instead of the script's.
    pub moved: bool,
}

/// Counts and duration of a finished run.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Summary {
    /// Finished rounds.
    pub rounds: u64,
    /// Complete frames that were sent.
    pub frames: u64,
    /// Images traced by `rt.render`.
    pub renders: u64,
    /// Seconds from the start of the run to its end.
    pub seconds: f64,
}

/// What a run reports.
#[derive(Debug, Clone)]
pub enum Event {
    Frame(FrameEvent),
    /// A failure after which the run continues (in a window, or in a check).
    Error(Error),
    /// A probable mistake in the script: reported once in a run for each place and topic.
    Warning(Error),
    State(RunState),
    /// The parameters of the script: sent after its top level has run and whenever one was set.
    Params(Vec<ParamInfo>),
    /// The run continues with an edited script; switching to it took `seconds`.
    Reloaded {
        edited: Edited,
        seconds: f64,
    },
    /// Timings and counts of a round in a window.
    Round(Box<RoundStats>),
    /// The first hit of each ray of [`super::Control::Pick`], in the order of the rays.
    Picked {
        id: u64,
        hits: Vec<Option<Hit>>,
    },
    /// Progress of the image of [`super::Control::Still`], in passes.
    StillAt {
        done: u32,
        of: u32,
    },
    /// The finished image of [`super::Control::Still`]; `None` if it was cancelled.
    Still(Option<Arc<Frame>>),
    /// The last event of every run.
    Finished(Result<Summary>),
}
