//! Observers: a log of the steps of a run, for tests and diagnostics.

use crate::script::Callback;
use std::sync::{Mutex, PoisonError};

/// One step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A callback is about to run, on the thread that runs it.
    Begin(Callback),
    /// The `delta` argument passed to `compute`.
    Delta(u32),
    /// A callback has ended, with or without an error.
    End(Callback),
    /// A block of passes is about to be traced.
    Trace { passes: u32 },
    /// A block has been traced; `total` is the number of passes on the film.
    Traced { total: u32 },
    /// The film has been developed into the image that callbacks and viewers get.
    Developed { complete: bool },
    /// The two threads' views of the script's state have been merged.
    Merged,
    /// The sync point: all edits of the round are committed.
    Synced,
    /// The film has been emptied for an image with this seed.
    Restarted { seed: u64 },
    /// Nothing is left to do: both threads sleep until the next command.
    Sleep,
}

/// Receives every step of a run. It is called on the engine's threads and so delays them.
pub trait Observer: Send + Sync {
    fn at(&self, round: u64, moment: Moment);
}

/// An observer that records every step in order.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Vec<(u64, Moment)>>);

impl Recorder {
    pub fn new() -> Self {
        Self::default()
    }
    /// All steps so far, each with the index of its round.
    pub fn entries(&self) -> Vec<(u64, Moment)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Recorder {
    fn at(&self, round: u64, moment: Moment) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((round, moment));
    }
}
