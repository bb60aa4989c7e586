//! Ctrl-C: the first one ends the run in order, the second one immediately.

use crate::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, Once, PoisonError};

type Stop = Box<dyn Fn() + Send>;

static STOP: Mutex<Option<Stop>> = Mutex::new(None);
static ASKED: AtomicBool = AtomicBool::new(false);

/// Calls `stop` at the first Ctrl-C (or request to terminate); a second one ends the process.
pub fn on_interrupt(stop: impl Fn() + Send + 'static) {
    static INSTALL: Once = Once::new();
    *STOP.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(stop));
    INSTALL.call_once(|| {
        let installed = ctrlc::set_handler(|| {
            if ASKED.swap(true, Ordering::SeqCst) {
                std::process::exit(i32::from(ErrorKind::Interrupted.exit_code()));
            }
            if let Some(stop) = &*STOP.lock().unwrap_or_else(PoisonError::into_inner) {
                stop();
            }
        });
        if let Err(error) = installed {
            tracing::warn!("Ctrl-C will end the process without cleaning up: {error}");
        }
    });
}
