//! The log on stderr.

use super::args::OutputArgs;
use std::io::{self, Write};
use std::time::Instant;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::prelude::*;

/// Where the host logs what scripts print.
const SCRIPT: &str = "script";

/// Starts the log. What a script prints is shown unless `--quiet` or a lower level says otherwise.
pub fn start(args: &OutputArgs) {
    let level = match (args.log, args.quiet) {
        (Some(level), _) => level,
        (None, true) => LevelFilter::ERROR,
        (None, false) => LevelFilter::WARN,
    };
    let script = if args.log.is_none() && !args.quiet { LevelFilter::INFO } else { level };
    let targets = Targets::new().with_default(level).with_target(SCRIPT, script);
    let layer = fmt::layer()
        .with_timer(Clock((level > LevelFilter::INFO).then(Instant::now)))
        .with_ansi(super::report::colored())
        .with_target(level > LevelFilter::INFO)
        .with_writer(|| AboveBar(Vec::new()));
    // A program that embeds this crate may have set up its own log: then that one stays.
    let _ = tracing_subscriber::registry().with(layer.with_filter(targets)).try_init();
}

/// Seconds since the log began, where details are logged; otherwise nothing.
struct Clock(Option<Instant>);

impl FormatTime for Clock {
    fn format_time(&self, writer: &mut Writer<'_>) -> std::fmt::Result {
        match self.0 {
            Some(begin) => write!(writer, "{:9.4} s", begin.elapsed().as_secs_f64()),
            None => Ok(()),
        }
    }
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
