//! What one call of a script may use: time, operations, depth, size of values.
//!
//! Rhai reports a limit that it enforces itself without the place. So when time is up, [`Budget`] first makes the
//! next use of a variable fail, which has a place, and stops the script hard only if that does not help.

use super::Callback;
use crate::Error;
use crate::cancel::CancelToken;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Limits of a script. The defaults are the same in debug and release builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Operations of one call of a callback (an operation is about one node of the syntax tree); 0 (default): as
    /// many as the time allows.
    pub max_operations: u64,
    /// Nested calls of script functions. Default 64.
    pub call_levels: usize,
    /// Nesting of expressions and blocks. Default 64.
    pub expr_depth: usize,
    /// Bytes of one string. Default 16 MiB.
    pub string_size: usize,
    /// Elements of one array, nested ones included; also bytes of a blob. Default 16 Mi.
    pub array_size: usize,
    /// Entries of one object map, nested ones included. Default 1 Mi.
    pub map_size: usize,
    /// Variables in scope at one time. Default 4096.
    pub variables: usize,
    /// Functions of one file. Default 4096.
    pub functions: usize,
    /// Modules that one script imports. Default 256.
    pub modules: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            max_operations: 0,
            call_levels: 64,
            expr_depth: 64,
            string_size: 16 << 20,
            array_size: 16 << 20,
            map_size: 1 << 20,
            variables: 4096,
            functions: 4096,
            modules: 256,
        }
    }
}

impl Limits {
    pub(super) fn apply(&self, engine: &mut rhai::Engine) {
        // Operations are counted by `Budget`, which can tell the place.
        engine.set_max_operations(0);
        engine.set_max_call_levels(self.call_levels);
        engine.set_max_expr_depths(self.expr_depth, self.expr_depth);
        engine.set_max_string_size(self.string_size);
        engine.set_max_array_size(self.array_size);
        engine.set_max_map_size(self.map_size);
        engine.set_max_variables(self.variables);
        engine.set_max_functions(self.functions);
        engine.set_max_modules(self.modules);
    }
}

const GOES_ON: u8 = 0;
const CANCELLED: u8 = 1;
const OUT_OF_TIME: u8 = 2;
const OUT_OF_OPERATIONS: u8 = 3;

/// Operations between two looks at the clock.
const CHECK_EVERY: u64 = 256;
/// Operations from the moment at which a call should fail to the moment at which it is stopped.
const GRACE: u64 = 128;

/// The budget of the running call; one per host.
pub(super) struct Budget {
    epoch: Instant,
    cancel: Mutex<CancelToken>,
    /// What is running, for messages.
    callback: Mutex<Option<Callback>>,
    /// Nanoseconds after `epoch`.
    deadline: AtomicU64,
    timeout_ns: AtomicU64,
    max_operations: u64,
    verdict: AtomicU8,
    /// Count of operations at the verdict.
    verdict_at: AtomicU64,
}

impl Budget {
    pub fn new(max_operations: u64) -> Self {
        Budget {
            epoch: Instant::now(),
            cancel: Mutex::default(),
            callback: Mutex::default(),
            deadline: AtomicU64::new(u64::MAX),
            timeout_ns: AtomicU64::new(0),
            max_operations: if max_operations == 0 { u64::MAX } else { max_operations },
            verdict: AtomicU8::new(GOES_ON),
            verdict_at: AtomicU64::new(0),
        }
    }

    /// Begins a call (`None`: the top level).
    pub fn start(&self, callback: Option<Callback>, cancel: &CancelToken, timeout: Duration) {
        *self.cancel.lock().unwrap_or_else(PoisonError::into_inner) = cancel.clone();
        *self.callback.lock().unwrap_or_else(PoisonError::into_inner) = callback;
        let timeout = u64::try_from(timeout.as_nanos()).unwrap_or(u64::MAX);
        self.timeout_ns.store(timeout, Relaxed);
        self.deadline.store(self.now().saturating_add(timeout), Relaxed);
        self.verdict.store(GOES_ON, Relaxed);
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Called at every operation; true stops the script at once.
    #[inline]
    pub fn stops(&self, operations: u64) -> bool {
        if operations % CHECK_EVERY != 0 && operations < self.max_operations {
            return self.verdict.load(Relaxed) != GOES_ON && operations > self.verdict_at.load(Relaxed) + GRACE;
        }
        self.check(operations)
    }

    fn check(&self, operations: u64) -> bool {
        if self.verdict.load(Relaxed) != GOES_ON {
            return operations > self.verdict_at.load(Relaxed) + GRACE;
        }
        let verdict = if self.cancel.lock().unwrap_or_else(PoisonError::into_inner).is_cancelled() {
            CANCELLED
        } else if operations >= self.max_operations {
            OUT_OF_OPERATIONS
        } else if self.now() >= self.deadline.load(Relaxed) {
            OUT_OF_TIME
        } else {
            GOES_ON
        };
        self.verdict_at.store(operations, Relaxed);
        self.verdict.store(verdict, Relaxed);
        false
    }

    /// True once the call is over its budget or cancelled: the next thing with a place should fail with
    /// [`Budget::error`].
    #[inline]
    pub fn spent(&self) -> bool {
        self.verdict.load(Relaxed) != GOES_ON
    }

    /// Why the call was stopped.
    pub fn error(&self) -> Error {
        let callback = *self.callback.lock().unwrap_or_else(PoisonError::into_inner);
        let what = callback.map_or("the top level".to_string(), |c| format!("`{}`", c.name()));
        match self.verdict.load(Relaxed) {
            OUT_OF_OPERATIONS => Error::limit(format!("{what} used more than {} operations", self.max_operations))
                .hint("is there an endless loop? otherwise raise `--max-operations`"),
            OUT_OF_TIME => {
                let seconds = self.timeout_ns.load(Relaxed) as f64 * 1e-9;
                Error::limit(format!("{what} took longer than {seconds} s")).hint(
                    "is there an endless loop? otherwise raise `compute_timeout` (milliseconds): \
                     `rt.set_param(#{ compute_timeout: 60000 })`",
                )
            }
            _ => Error::interrupted(),
        }
    }
}
