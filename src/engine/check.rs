//! `plotrt check`: what goes wrong when the script runs, found without tracing anything.

use super::{Engine, EngineConfig, Event, Mode};
use crate::device::null::NullDevice;
use crate::script::{Permissions, Script};
use crate::{Error, ErrorKind};
use std::sync::Arc;
use std::time::Duration;

/// Runs the top level, `init` and `rounds` rounds of all callbacks on the null device, on past failing callbacks.
/// Gives the errors in the order in which they appeared, each once; files that the script saves go nowhere. No call
/// may take longer than `limit`, and one that has is not repeated. A script that is not whole does not run.
pub fn dry_run(script: Arc<Script>, rounds: u64, limit: Duration, read: Vec<std::path::PathBuf>) -> Vec<Error> {
    if !script.is_whole() {
        return Vec::new();
    }
    let aside = match tempfile::tempdir() {
        Ok(aside) => aside,
        Err(e) => return vec![Error::file(format!("no temporary folder can be made: {e}")).hint("set TMPDIR")],
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
        Err(error) => return vec![error],
    };
    let mut errors: Vec<Error> = Vec::new();
    while let Some(event) = engine.events().next() {
        let error = match event {
            Event::Error(error) => error,
            Event::Finished(Err(error)) if error.kind != ErrorKind::Interrupted => error,
            _ => continue,
        };
        if !errors.iter().any(|known| (&known.message, &known.place) == (&error.message, &error.place)) {
            errors.push(error);
        }
    }
    errors
}
