//! `plotrt check`: all mistakes of a script at once, without tracing.

use super::args::{CheckArgs, OutputArgs};
use super::{Failed, Outcome, config, log, report};
use crate::script::{self, Permissions, Script, Severity};
use crate::{Error, engine};
use std::path::Path;
use std::sync::Arc;

/// Rounds in which every callback runs: in the first one `update_data` has not run yet, in the second one it has,
/// and the third one finds what only accumulates.
const ROUNDS: u64 = 3;

pub fn run(args: &CheckArgs) -> Outcome {
    log::start(&OutputArgs { quiet: args.quiet, json: false, log: None });
    let allowed = config::permissions(&args.script, Path::new("."), &args.allow_read, &[])?;
    let permissions = Arc::new(Permissions { dry_run: true, ..Permissions::clone(&allowed) });
    let options = config::options(&args.sets, args.max_operations, args.max_memory, &permissions);
    let script = Script::load_for_check(&args.script, options)?;
    let (warnings, errors): (Vec<_>, Vec<_>) =
        script::check(&script)?.into_iter().partition(|finding| finding.severity == Severity::Warning);
    if !args.quiet {
        warnings.iter().for_each(|finding| report::warning(&finding.error));
    }
    let mut problems: Vec<Error> = errors.into_iter().map(|finding| finding.error).collect();
    for error in engine::dry_run(script, ROUNDS, args.timeout, permissions.read.clone()) {
        // Most of what fails when run was seen in the text already.
        if !problems.iter().any(|known| is_same(known, &error)) {
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

/// Whether two errors are one mistake: that one place is known better than the other, makes no difference.
fn is_same(a: &Error, b: &Error) -> bool {
    let (Some(at), Some(bt)) = (&a.place, &b.place) else { return a.message == b.message };
    let same_line = at.file == bt.file && at.line == bt.line;
    same_line && (at.column == bt.column || a.message == b.message)
}
