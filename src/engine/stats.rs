//! Statistics of a round, for overlays and `--stats`.

use super::event::Timings;
use std::time::{Duration, Instant};

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

/// Collects the spans of the present round.
pub(super) struct Clock {
    begin: Instant,
    spans: Vec<Span>,
}

impl Clock {
    pub fn start(begin: Instant) -> Clock {
        Clock { begin, spans: Vec::new() }
    }

    /// Adds work that began at `begin` and has just ended.
    pub fn ended(&mut self, lane: Lane, name: &'static str, begin: Instant) {
        self.lasted(lane, name, begin, begin.elapsed());
    }

    /// Adds work that began at `begin` and took `took`.
    pub fn lasted(&mut self, lane: Lane, name: &'static str, begin: Instant, took: Duration) {
        let begin = begin.saturating_duration_since(self.begin).as_secs_f64();
        self.spans.push(Span { lane, name, begin, end: begin + took.as_secs_f64() });
    }

    pub fn finish(&mut self) -> Vec<Span> {
        let mut spans = std::mem::take(&mut self.spans);
        spans.sort_by(|a, b| a.begin.total_cmp(&b.begin));
        spans
    }
}
