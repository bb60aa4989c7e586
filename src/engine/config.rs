//! Configuration of a run.

use super::mode::Mode;
use super::observe::Observer;
use super::sink::Sink;
use crate::script::Permissions;
use std::sync::Arc;
use std::time::Duration;

/// Settings of the engine beside the script and the device.
#[derive(Clone)]
pub struct EngineConfig {
    pub mode: Mode,
    /// Passes of a complete image, each frame of a batch included (default: the scene's `max_accumulation_frames`).
    pub passes: Option<u32>,
    /// Image size in pixels, which overrides `rt.resize`.
    pub size: Option<(u32, u32)>,
    /// Seed of the run, for the noise and for random orientations.
    pub seed: u64,
    /// Use the same noise in every image.
    pub lock_noise: bool,
    /// Fill [`crate::frame::Frame::linear`] of the delivered frames even if no callback reads it.
    pub linear: bool,
    /// Time limit of the top level, and of `init` without its `rt.render` calls; in [`Mode::Check`], of every
    /// callback. Default 30 s.
    pub setup_timeout: Duration,
    /// In [`Mode::Interactive`], the maximum number of rounds per second while `compute` runs or no pass is left to
    /// trace; above 0. Default 60.
    pub most_rounds: f64,
    pub permissions: Arc<Permissions>,
    /// Receives every step, for tests and diagnostics.
    pub observer: Option<Arc<dyn Observer>>,
    /// Sinks that receive all events of the run beside [`super::Engine::events`]. A sink belongs to one run.
    pub sinks: Vec<Sink>,
}

impl EngineConfig {
    /// The defaults: seed 0, the script's size and passes, no files.
    pub fn new(mode: Mode) -> Self {
        EngineConfig {
            mode,
            passes: None,
            size: None,
            seed: 0,
            lock_noise: false,
            linear: false,
            setup_timeout: Duration::from_secs(30),
            most_rounds: 60.0,
            permissions: Arc::default(),
            observer: None,
            sinks: Vec::new(),
        }
    }
}
