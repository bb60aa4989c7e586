//! `plotrt check`: all mistakes of a script at once, without tracing.

use super::args::{CheckArgs, OutputArgs};
use super::{Failed, Outcome, config, log, report};
use crate::script::{self, Severity};
use crate::{Error, engine};
use std::path::Path;

/// Rounds in which every callback runs: in the first one `update_data` has not run yet, in the second one it has,
/// and the third one finds what only accumulates.
const ROUNDS: u64 = 3;

pub fn run(args: &CheckArgs) -> Outcome {
    log::start(&OutputArgs { quiet: args.quiet, json: false, log: None });
    let permissions = config::permissions(&args.script, Path::new("."), &args.allow_read, &[])?;
    let script = config::load(&args.script, &args.sets, args.max_operations, &permissions)?;
    let (warnings, errors): (Vec<_>, Vec<_>) =
        script::check(&script)?.into_iter().partition(|finding| finding.severity == Severity::Warning);
    if !args.quiet {
        warnings.iter().for_each(|finding| report::warning(&finding.error));
    }
    let mut problems: Vec<Error> = errors.into_iter().map(|finding| finding.error).collect();
    for error in engine::dry_run(script, ROUNDS, args.timeout, permissions.read.clone()) {
        // Most of what fails when run was seen in the text already.
        if !problems.iter().any(|known| known.message == error.message || same_place(known, &error)) {
            problems.push(error);
        }
    }
    if problems.is_empty() {
        if !args.quiet {
            report::note(&format!("{}: no problems found", args.script.display()));
        }
        return Ok(());
    }
    Err(Failed(problems))
}

fn same_place(a: &Error, b: &Error) -> bool {
    matches!((&a.place, &b.place), (Some(a), Some(b)) if a.file == b.file && a.line == b.line && a.column == b.column)
}
