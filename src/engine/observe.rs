//! What happened when: steps of a run as they are taken, for tests and diagnostics.

use crate::script::Callback;
use std::sync::{Mutex, PoisonError};

/// One step of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Moment {
    /// A callback is about to run, on the thread that runs it.
    Begin(Callback),
    /// What `compute` is given.
    Delta(u32),
    /// A callback has ended, well or not.
    End(Callback),
    /// A block of passes is about to be traced.
    Trace { passes: u32 },
    /// A block has been traced: passes on the film.
    Traced { total: u32 },
    /// The film has been developed: what callbacks and viewers see.
    Developed { complete: bool },
    /// The views of the script's state have been made equal.
    Merged,
    /// The sync point: all edits of the round are in force.
    Synced,
    /// The film has been emptied for an image of this seed.
    Restarted { seed: u64 },
    /// Nothing is left to do: both threads sleep until something is asked of them.
    Sleep,
}

/// Is told each step. Called on the engine's threads, so what it does delays them.
pub trait Observer: Send + Sync {
    fn at(&self, round: u64, moment: Moment);
}

/// An observer that keeps everything it is told, in order.
#[derive(Debug, Default)]
pub struct Recorder(Mutex<Vec<(u64, Moment)>>);

impl Recorder {
    pub fn new() -> Self {
        Self::default()
    }
    /// All steps so far, with the round each belongs to.
    pub fn entries(&self) -> Vec<(u64, Moment)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Observer for Recorder {
    fn at(&self, round: u64, moment: Moment) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push((round, moment));
    }
}
