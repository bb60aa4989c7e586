//! A cancellation flag that is cheap to poll.

use crate::{Error, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A cancellation token, shared by those who may cancel a piece of work and those who do it. Clones are the same
/// token.
///
/// The flag is a `u32` so that the kernels can poll it through a pointer.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicU32>);

impl CancelToken {
    pub fn new() -> Self {
        Self::default()
    }
    /// Cancels the work, which stops at its next poll.
    pub fn cancel(&self) {
        self.0.store(1, Ordering::Release);
    }
    /// Clears the flag for the next piece of work.
    pub fn reset(&self) {
        self.0.store(0, Ordering::Release);
    }
    pub fn is_cancelled(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }
    /// Fails with [`Error::interrupted`] if the token is cancelled: for polling with `?`.
    pub fn check(&self) -> Result<()> {
        if self.is_cancelled() { Err(Error::interrupted()) } else { Ok(()) }
    }
    /// Pointer for kernels: valid as long as this token or a clone of it lives; non-zero means cancelled.
    pub fn as_ptr(&self) -> *const u32 {
        self.0.as_ptr()
    }
}
