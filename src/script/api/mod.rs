//! The script API as one table: from an entry come registration, `plotrt api`, the reference in `docs/`, the
//! editor definitions and the test that runs its example.

/// Makes the script API known to an engine.
pub fn register(_engine: &mut rhai::Engine) {}
