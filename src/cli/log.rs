//! The log on stderr.

use super::args::OutputArgs;
use std::io::{self, Write};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, time::uptime};
use tracing_subscriber::prelude::*;

/// The log target of the output of scripts.
const SCRIPT: &str = "script";
/// A library that warns of missing folders, which the watcher handles itself.
const NOTIFY: &str = "notify";

/// Starts the log. The output of scripts is shown except with `--quiet` or a lower level.
pub fn start(args: &OutputArgs) {
    let level = match (args.log, args.quiet) {
        (Some(level), _) => level,
        (None, true) => LevelFilter::ERROR,
        (None, false) => LevelFilter::WARN,
    };
    let script = if args.log.is_none() && !args.quiet { LevelFilter::INFO } else { level };
    let notify = if level > LevelFilter::INFO { level } else { LevelFilter::OFF };
    let targets = Targets::new().with_default(level).with_target(SCRIPT, script).with_target(NOTIFY, notify);
    let detailed = level > LevelFilter::INFO;
    let layer =
        fmt::layer().with_ansi(super::report::colored()).with_target(detailed).with_writer(|| AboveBar(Vec::new()));
    // Times, in seconds since the start, are printed from `debug` on only.
    let layer = if detailed { layer.with_timer(uptime()).boxed() } else { layer.without_time().boxed() };
    // A program that embeds this crate may have set up its own log: then that one stays.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
}

/// Collects one event and prints it without tearing the progress bar.
struct AboveBar(Vec<u8>);

impl Write for AboveBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for AboveBar {
    fn drop(&mut self) {
        super::report::above_bar(|| {
            // If stderr is gone, there is no place to report it.
            let _ = io::stderr().lock().write_all(&self.0);
        });
    }
}
