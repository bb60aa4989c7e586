//! The log on stderr.

use super::args::OutputArgs;
use std::io::{self, Write};
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt::{self, time::uptime};
use tracing_subscriber::prelude::*;

/// Where the host logs what scripts print.
const SCRIPT: &str = "script";
/// A library that warns of folders that are gone, which the watcher deals with.
const NOTIFY: &str = "notify";

/// Starts the log. What a script prints is shown unless `--quiet` or a lower level says otherwise.
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
    // When things happen, in seconds since the start, is told with details only.
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
        super::progress::above_bar(|| {
            // There is nowhere left to report that stderr is gone.
            let _ = io::stderr().lock().write_all(&self.0);
        });
    }
}
