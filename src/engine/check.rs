//! `plotrt check`: finds the errors that occur when the script runs, without tracing anything.

use super::config::EngineConfig;
use super::event::Event;
use super::handle::Engine;
use super::mode::Mode;
use crate::device::null::NullDevice;
use crate::script::{Permissions, Script};
use crate::{Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

/// The findings of a dry run, in order of appearance and without duplicates.
#[derive(Debug, Default)]
pub struct DryRun {
    pub errors: Vec<Error>,
    pub warnings: Vec<Error>,
}

/// Runs the top level, `init` and `rounds` rounds of all callbacks on the null device, continuing after failed
/// callbacks. Files that the script saves go to a temporary folder that is removed. No call may take longer than
/// `limit`, and a callback that exceeded it is not called again. A script that does not compile completely is not
/// run.
pub fn dry_run(script: Arc<Script>, rounds: u64, limit: Duration, read: Vec<std::path::PathBuf>) -> DryRun {
    let failed = |error| DryRun { errors: vec![error], warnings: Vec::new() };
    if !script.is_whole() {
        return DryRun::default();
    }
    let aside = match tempfile::tempdir() {
        Ok(aside) => aside,
        Err(e) => return failed(Error::file(format!("no temporary folder can be made: {e}")).hint("set TMPDIR")),
    };
    let out_dir = aside.path().to_path_buf();
    let permissions = Permissions { write: vec![out_dir.clone()], out_dir, read, dry_run: true };
    let config = EngineConfig {
        permissions: Arc::new(permissions),
        setup_timeout: limit,
        ..EngineConfig::new(Mode::Check { rounds })
    };
    let engine = match Engine::start(script, Box::new(NullDevice::new()), config) {
        Ok(engine) => engine,
        Err(error) => return failed(error),
    };
    let mut found = DryRun::default();
    while let Some(event) = engine.events().next() {
        let error = match event {
            Event::Error(error) => error,
            Event::Warning(warning) => {
                found.warnings.push(warning);
                continue;
            }
            Event::Finished(Err(error)) if error.kind != ErrorKind::Interrupted => error,
            _ => continue,
        };
        if !found.errors.iter().any(|known| (&known.message, &known.place) == (&error.message, &error.place)) {
            found.errors.push(error);
        }
    }
    found
}
