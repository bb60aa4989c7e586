//! What a round has cost: for overlays and `--stats`.

use super::event::Timings;
use std::time::{Duration, Instant};

/// One round in a window.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
pub struct RoundStats {
    /// Number of the round.
    pub round: u64,
    /// Passes of the last picture, and how many were traced in this round.
    pub passes: u32,
    pub traced: u32,
    /// Passes of a complete picture.
    pub full: u32,
    /// Mean time of the passes of this round, seconds; 0 where there was none.
    pub seconds_per_pass: f64,
    /// Parts of the round, seconds.
    pub timings: Timings,
    /// Rays of all kinds that were traced in a second; `None` where the device does not count them.
    pub rays_per_second: Option<f64>,
    /// Primitives of all plots.
    pub primitives: u64,
    /// Mean over the pixels of the standard error of the luminance; `None` before the second pass.
    pub noise: Option<f32>,
    /// Bytes of the device's own memory that are in use; `None` where it has none.
    pub device_memory: Option<u64>,
    /// Pictures since the start that were replaced before anyone saw them.
    pub dropped: u64,
    /// What ran when, on the two threads, in the order of their beginnings.
    pub spans: Vec<Span>,
}

/// A thread of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    Raytrace,
    Compute,
}

/// One piece of work of a round.
#[derive(Debug, Clone, PartialEq, serde::Serialize)]
pub struct Span {
    pub lane: Lane,
    /// A callback, `trace`, `develop` or `sync`.
    pub name: &'static str,
    /// Seconds since the round began.
    pub begin: f64,
    pub end: f64,
}

/// A round under way.
pub(super) struct Clock {
    begin: Instant,
    spans: Vec<Span>,
}

impl Clock {
    pub fn start(begin: Instant) -> Clock {
        Clock { begin, spans: Vec::new() }
    }

    /// Work that began then and has just ended.
    pub fn ended(&mut self, lane: Lane, name: &'static str, begin: Instant) {
        self.lasted(lane, name, begin, begin.elapsed());
    }

    /// Work that began then and took so long.
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
