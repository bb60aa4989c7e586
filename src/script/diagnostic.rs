//! Rhai's errors as errors of this program: fact, place, remedy, in our words.

use super::api;
use super::limits::Budget;
use super::script::Script;
use crate::error::CallSite;
use crate::{Error, Place};
use rhai::{EvalAltResult, ParseError, Position};

/// An error of the compiler.
pub(super) fn parse_error(error: &ParseError, file: &str, text: &str) -> Error {
    let result = Error::script(error.err_type().to_string());
    match error.position().line() {
        None => result,
        Some(line) => result.at(Place {
            file: file.to_string(),
            line,
            column: error.position().position().unwrap_or(0),
            source: text.lines().nth(line - 1).map(str::to_string),
        }),
    }
}

/// An error of running code: of the top level of the unit `file`, or of a callback (`called`) in it, whose own call
/// is no place in the script.
pub(super) fn run_error(
    error: Box<EvalAltResult>,
    script: &Script,
    budget: &Budget,
    file: &str,
    called: bool,
) -> Error {
    let place = |file: &str, pos: Position| script.unit(file).and_then(|u| u.place(pos));
    let mut file = file.to_string();
    let mut error = error;
    let mut calls = Vec::new();
    while let EvalAltResult::ErrorInFunctionCall(function, source, inner, pos) = *error {
        if let Some(place) = place(&file, pos) {
            calls.push(CallSite { function, place });
        }
        if !source.is_empty() {
            file = source;
        }
        error = inner;
    }
    let pos = error.position();
    let mut result = match *error {
        EvalAltResult::ErrorTerminated(..) => budget.error(),
        EvalAltResult::ErrorRuntime(value, _) => match value.try_cast_result::<Error>() {
            Ok(error) => error,
            Err(value) => Error::script(value.to_string()),
        },
        mut other => {
            let ours = match &other {
                EvalAltResult::ErrorFunctionNotFound(signature, _) => api::not_found(signature),
                _ => None,
            };
            other.set_position(Position::NONE);
            ours.unwrap_or_else(|| Error::script(other.to_string()))
        }
    };
    if let Some(place) = place(&file, pos) {
        result = result.at(place);
    }
    if called && !calls.is_empty() {
        calls.remove(0);
    }
    calls.reverse();
    result.calls = calls;
    result
}
