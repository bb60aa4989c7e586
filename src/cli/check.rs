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

/// How many similar mistakes are shown in full.
const SHOWN_ALIKE: usize = 3;

/// How many lines below the name of a function its arguments are searched.
const LINES_OF_CALL: usize = 50;

/// How many line numbers of further similar mistakes are listed.
const SHOWN_LINES: usize = 10;

/// How often a watch polls for an interruption.
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
    // Before the first check, so that no save is missed meanwhile.
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

/// The files of the script, and its mistakes.
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
    let options = config::options(&args.sets, &args.limits, &permissions);
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
        // Most errors of the run were found in the text already.
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
    Err(Failed(without_repetitions(problems)))
}

/// Of similar mistakes the first few, the last of them with the lines of the others.
fn without_repetitions(problems: Vec<Error>) -> Vec<Error> {
    let is_alike = |a: &Error, b: &Error| a.message == b.message && a.hint == b.hint && a.kind == b.kind;
    let mut shown: Vec<Error> = Vec::new();
    let mut rest: Vec<(usize, Vec<Error>)> = Vec::new();
    for (i, problem) in problems.iter().enumerate() {
        let alike = || problems.iter().enumerate().filter(|(_, other)| is_alike(problem, other));
        let before = alike().filter(|(j, _)| *j < i).count();
        // A single further one is as short in full as its line number.
        if before < SHOWN_ALIKE || alike().count() <= SHOWN_ALIKE + 1 {
            shown.push(problem.clone());
            if before + 1 == SHOWN_ALIKE {
                rest.push((shown.len() - 1, alike().skip(SHOWN_ALIKE).map(|(_, other)| other.clone()).collect()));
            }
        }
    }
    for (at, others) in rest {
        if others.len() > 1 {
            let line = |error: &Error| error.place.as_ref().map_or("?".to_string(), |place| place.line.to_string());
            let mut lines: Vec<String> = others.iter().map(line).collect();
            lines.dedup();
            if lines.len() > SHOWN_LINES {
                lines.truncate(SHOWN_LINES);
                lines.push("…".into());
            }
            let more = format!("the same {} more times, in lines {}", others.len(), lines.join(", "));
            let hint = shown[at].hint.take().map_or(more.clone(), |hint| format!("{hint}; {more}"));
            shown[at].hint = Some(hint);
        }
    }
    shown
}

/// Whether a mistake found in the text and an error of the run are the same; one may have a more exact place.
fn is_same(seen: &Error, failed: &Error) -> bool {
    let (Some(at), Some(bt)) = (&seen.place, &failed.place) else { return seen.message == failed.message };
    // In a call of several lines, an argument is below the name of the function.
    let in_call = at.file == bt.file && (bt.line..bt.line + LINES_OF_CALL).contains(&at.line);
    let same_line = at.file == bt.file && at.line == bt.line;
    same_line && at.column == bt.column || in_call && seen.message == failed.message
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Place;

    fn at(line: usize, column: usize, message: &str) -> Error {
        let place = Place { file: "a.rhai".into(), line, column, source: None };
        Error::script(message).hint("do it").at(place)
    }

    #[test]
    fn what_repeats_is_shown_three_times_and_then_counted() {
        let many: Vec<Error> = (1..=20).map(|line| at(line, 1, "same")).chain([at(30, 1, "other")]).collect();
        let shown = without_repetitions(many);
        let lines: Vec<usize> = shown.iter().map(|e| e.place.as_ref().unwrap().line).collect();
        assert_eq!(lines, [1, 2, 3, 30]);
        let hint = shown[2].hint.as_deref().unwrap();
        assert_eq!(hint, "do it; the same 17 more times, in lines 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, …");
        assert_eq!(shown[0].hint.as_deref(), Some("do it"));
        let few: Vec<Error> = (1..=4).map(|line| at(line, 1, "same")).collect();
        assert_eq!(without_repetitions(few.clone()), few);
    }

    #[test]
    fn an_argument_below_its_call_is_the_mistake_of_the_call() {
        assert!(is_same(&at(5, 9, "m"), &at(3, 4, "m")));
        assert!(is_same(&at(5, 9, "m"), &at(5, 9, "other words")));
        assert!(!is_same(&at(2, 9, "m"), &at(3, 4, "m")));
        assert!(!is_same(&at(5, 9, "m"), &at(3, 4, "n")));
    }
}
