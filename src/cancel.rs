//! A cheap "stop now" that long work polls.

use crate::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// Shared by all who may stop a piece of work and all who do it. Clones are the same token.
///
/// The flag is a `u32` so that the kernels can poll it through a pointer.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicU32>);

impl CancelToken {
    pub fn new() -> Self {
        Self::default()
    }
    /// Asks the work to stop; it does so at its next poll.
    pub fn cancel(&self) {
        self.0.store(1, Ordering::Release);
    }
    /// Makes the token usable for the next piece of work.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Release);
    }
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }
    /// Fails with [`Error::interrupted`] once the work is to stop: for polling with `?`.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::interrupted()) } else { Ok(()) }
    }
    /// For kernels: valid as long as this token or a clone of it lives; non-zero means stop.
    pub fn as_ptr(&self) -> *const u32 {
        self.0.as_ptr()
    }
}
