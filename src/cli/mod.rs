//! The command line: arguments as typed, resolved into a configuration, one file per command.
//!
//! Stdout holds what was asked for (`--json` lines, `api`, `devices`, `completions`), stderr everything else.

mod args;
mod bench;
mod completions;
mod devices;
mod progress;
mod report;

use crate::Error;
use args::{Cli, Command};
use clap::Parser;
use std::process::ExitCode;

/// Runs the command that the process was started with.
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help and version come this way, too. A closed pipe is not worth an error.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let result = match cli.command {
        Command::Run(_) | Command::Render(_) | Command::Check(_) | Command::Api(_) => {
            Err(Error::script("this command waits for the script host").into())
        }
        Command::Devices(args) => devices::run(&args),
        Command::Bench(args) => bench::run(&args),
        Command::Completions(args) => completions::run(&args),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(errors) => {
            for error in &errors.0 {
                report::error(error);
            }
            ExitCode::from(errors.exit_code())
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

/// What a command returns.
type Outcome = std::result::Result<(), Failed>;
