//! The command line: arguments as typed, resolved into a configuration, one file per command.
//!
//! Results go to stdout (`--json` lines, `api`, `devices`, `completions`), everything else to stderr.

mod api;
mod args;
mod bench;
mod check;
mod completions;
mod config;
mod devices;
mod interrupt;
mod log;
mod new;
mod progress;
mod render;
mod report;
#[cfg(feature = "window")]
mod run;

use crate::Error;
use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version are errors of clap, too. A closed pipe is not worth an error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let outcome = match cli.command {
        Command::New(args) => new::run(&args),
        #[cfg(feature = "window")]
        Command::Run(args) => run::run(&args),
        Command::Render(args) => render::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Api(args) => api::run(&args),
        Command::Devices(args) => devices::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Completions(args) => completions::run(&args),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            for error in &failed.0 {
                report::error(error);
            }
            ExitCode::from(failed.exit_code())
        }
    }
}

/// Why a command failed: at least one error, the first one decides the exit code.
#[derive(Debug)]
struct Failed(Vec<Error>);

impl Failed {
    fn exit_code(&self) -> u8 {
        self.0.first().map_or(1, |error| error.kind.exit_code())
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Failed(vec![error])
    }
}

/// The result of a command.
type Outcome = std::result::Result<(), Failed>;
