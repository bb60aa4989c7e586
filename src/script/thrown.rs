//! Errors of ours as errors of Rhai, from which the diagnostics unwrap them.

use crate::{Error, ErrorKind, Result};
use rhai::{Dynamic, EvalAltResult, Position};

/// The error of a native function. A script can catch it.
pub(super) fn thrown(error: Error, pos: Position) -> Box<EvalAltResult> {
    EvalAltResult::ErrorRuntime(Dynamic::from(error), pos).into()
}

/// The result of a native function. Scripts can catch all errors but an interruption.
pub(super) fn throw<T>(result: Result<T>, pos: Position) -> Result<T, Box<EvalAltResult>> {
    result.map_err(|error| match error.kind {
        ErrorKind::Interrupted => EvalAltResult::ErrorTerminated(Dynamic::from(error), pos).into(),
        _ => thrown(error, pos),
    })
}
