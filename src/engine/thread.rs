//! The threads of a run: how they are started, and what their panics become.

use crate::script::Host;
use crate::{Error, Result};
use std::any::Any;
use std::thread::JoinHandle;

/// Starts a thread with a stack large enough for callbacks.
pub(super) fn spawn(name: &str, body: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    std::thread::Builder::new()
        .name(name.into())
        .stack_size(Host::STACK_SIZE)
        .spawn(body)
        .map_err(|e| Error::limit(format!("the thread `{name}` cannot be started: {e}")).hint("end other programs"))
}

/// Converts a caught panic into an error.
pub(super) fn panicked(payload: &(dyn Any + Send)) -> Error {
    let what = payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    Error::script(format!("internal error: {what}"))
        .hint("this is a fault of plotrt: please report it together with the script")
}
