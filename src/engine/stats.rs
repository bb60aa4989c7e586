//! Statistics of a round, for overlays and `--stats`.

/// Seconds spent in the parts of a round. In a window, `compute` and `update` are those of the previous round,
/// because an image is shown before they have ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, serde::Serialize)]
pub struct Timings {
    /// Tracing the block of passes.
    pub trace: f64,
    /// Developing the film, with all post-processing stages.
    pub post: f64,
    /// The callback `compute`, which runs at the same time as the two above.
    pub compute: f64,
    /// The callback `update_data` and the sync point.
    pub update: f64,
    /// Time from the beginning of the round until the frame was sent.
    pub total: f64,
}

/// Statistics of one round in a window.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct RoundStats {
    /// Index of the round.
    pub round: u64,
    /// Passes of the last image, and number of passes traced in this round.
    pub passes: u32,
    pub traced: u32,
    /// Passes of a complete image.
    pub full: u32,
    /// Mean time of a pass of this round, seconds; 0 if none was traced.
    pub seconds_per_pass: f64,
    /// Times of the parts of the round, seconds.
    pub timings: Timings,
    /// Rays of all kinds traced per second; `None` if the device does not count them.
    pub rays_per_second: Option<f64>,
    /// Number of primitives of all plots.
    pub primitives: u64,
    /// Mean over the pixels of the standard error of the luminance; `None` before the second pass.
    pub noise: Option<f32>,
    /// Bytes of the device's own memory in use; `None` for devices without own memory.
    pub device_memory: Option<u64>,
    /// Images since the start that were replaced before they were shown.
    pub dropped: u64,
    /// Work on the two threads, ordered by start time.
    pub spans: Vec<Span>,
}

/// One of the two threads of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    Raytrace,
    Compute,
}

/// A span of work on one thread.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Span {
    pub lane: Lane,
    /// A callback, `trace`, `develop` or `sync`.
    pub name: &'static str,
    /// Seconds since the round began.
    pub begin: f64,
    pub end: f64,
}

/// Work of a device since it was opened.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(super) struct Counts {
    pub passes: u64,
    /// Time to trace the passes.
    pub seconds: f64,
    /// Rays of all kinds; `None` if the device does not count them.
    pub rays: Option<u64>,
}
