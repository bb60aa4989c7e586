//! `plotrt completions`.

use super::args::{Cli, CompletionsArgs};
use super::{Outcome, report};
use clap::CommandFactory;

pub fn run(args: &CompletionsArgs) -> Outcome {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "plotrt", &mut script);
    Ok(report::result(&String::from_utf8_lossy(&script))?)
}
