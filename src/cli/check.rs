//! `plotrt check`: all mistakes of a script at once, without tracing.

use super::args::{CheckArgs, OutputArgs};
use super::{Failed, Outcome, config, interrupt, log, report};
use crate::script::{self, Permissions, Script, Severity, source_files};
use crate::watch::Watcher;
use crate::{Error, Result, engine};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

/// Rounds in which every callback runs: in the first one `update_data` has not run yet, in the second one it has,
/// and the third one finds what only accumulates.
const ROUNDS: u64 = 3;

/// How often a watch looks whether it was interrupted.
const LOOK: Duration = Duration::from_millis(100);

pub fn run(args: &CheckArgs) -> Outcome {
    log::start(&OutputArgs { quiet: args.quiet, json: false, log: None });
    if args.watch { watch(args) } else { check(args).1 }
}

/// Checks now and whenever a file is saved, until Ctrl-C.
fn watch(args: &CheckArgs) -> Outcome {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    interrupt::on_interrupt(move || flag.store(true, Relaxed));
    let mut watcher = Watcher::new();
    // Before the first look, so that nothing is missed that is saved meanwhile.
    watcher.watch(source_files(&args.script));
    loop {
        let (files, outcome) = check(args);
        if let Err(failed) = outcome {
            failed.0.iter().for_each(report::error);
        }
        watcher.watch(files);
        if !args.quiet {
            report::note(&format!("watching {}; Ctrl-C ends", args.script.display()));
        }
        while watcher.wait(LOOK).is_empty() {
            if interrupted.load(Relaxed) {
                return Err(Error::interrupted().into());
            }
        }
    }
}

/// The files that matter to the script, and what is wrong with it.
fn check(args: &CheckArgs) -> (Vec<PathBuf>, Outcome) {
    match load(args) {
        Ok((script, permissions)) => {
            let outcome = problems(args, script.clone(), &permissions);
            (script.files(), outcome)
        }
        Err(error) => (source_files(&args.script), Err(error.into())),
    }
}

fn load(args: &CheckArgs) -> Result<(Arc<Script>, Arc<Permissions>)> {
    let allowed = config::permissions(&args.script, Path::new("."), &args.allow_read, &[])?;
    let permissions = Arc::new(Permissions { dry_run: true, ..Permissions::clone(&allowed) });
    let options = config::options(&args.sets, args.max_operations, args.max_memory, &permissions);
    Ok((Script::load_for_check(&args.script, options)?, permissions))
}

fn problems(args: &CheckArgs, script: Arc<Script>, permissions: &Permissions) -> Outcome {
    let (warnings, errors): (Vec<_>, Vec<_>) =
        script::check(&script)?.into_iter().partition(|finding| finding.severity == Severity::Warning);
    if !args.quiet {
        warnings.iter().for_each(|finding| report::warning(&finding.error));
    }
    let mut problems: Vec<Error> = errors.into_iter().map(|finding| finding.error).collect();
    let run = engine::dry_run(script, ROUNDS, args.timeout, permissions.read.clone());
    if !args.quiet {
        run.warnings.iter().for_each(report::warning);
    }
    for error in run.errors {
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
