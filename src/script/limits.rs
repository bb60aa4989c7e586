//! Limits of one call of a script: time, operations, depth, size of values.
//!
//! Rhai reports a limit that it enforces itself without the place. So when time is up, [`Budget`] first makes the
//! next use of a variable fail, which has a place, and stops the script hard only if that does not help.

use super::callback::Callback;
use crate::array::Space;
use crate::cancel::CancelToken;
use crate::{Error, memory};
use std::sync::atomic::{AtomicIsize, AtomicU8, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Limits of a script. The defaults are the same in debug and release builds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Operations of one call of a callback (an operation is about one node of the syntax tree); 0 (default): no limit
    /// but the time.
    pub max_operations: u64,
    /// Nested calls of script functions. Default 64.
    pub call_levels: usize,
    /// Nesting of expressions and blocks. Default 64.
    pub expr_depth: usize,
    /// Bytes that the values of a script may take. Default 512 MiB.
    ///
    /// Needs the counter of [`crate::memory`]; where it is not installed, the next three limits hold for every
    /// value instead.
    pub memory: usize,
    /// Bytes that all numeric arrays of a script may take. Default: half of the machine's memory.
    pub arrays: usize,
    /// Bytes of a string that one function makes. Default 16 MiB.
    pub string_size: usize,
    /// Elements of an array, or bytes of a blob, that one function makes. Default 16 Mi.
    pub array_size: usize,
    /// Entries of one object map. Default 1 Mi.
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
            memory: 512 << 20,
            arrays: Space::default_limit(),
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
        // Operations are counted by `Budget`, which can report the place.
        engine.set_max_operations(0);
        engine.set_max_call_levels(self.call_levels + 2);
        engine.set_max_expr_depths(self.expr_depth, self.expr_depth);
        // 0 means "no limit" in Rhai.
        let sizes = [self.string_size, self.array_size, self.map_size];
        let [string, array, map] = if memory::counts() { [0; 3] } else { sizes };
        engine.set_max_string_size(string);
        engine.set_max_array_size(array);
        engine.set_max_map_size(map);
        engine.set_max_variables(self.variables);
        engine.set_max_functions(self.functions);
        engine.set_max_modules(self.modules);
    }
}

const GOES_ON: u8 = 0;
const CANCELLED: u8 = 1;
const OUT_OF_TIME: u8 = 2;
const OUT_OF_OPERATIONS: u8 = 3;
const OUT_OF_MEMORY: u8 = 4;

/// Operations between two readings of the clock.
const CHECK_EVERY: u64 = 256;
/// Operations from the moment at which a call should fail to the moment at which it is stopped.
const GRACE: u64 = 128;

/// The budget of the running call; one per host.
pub(super) struct Budget {
    epoch: Instant,
    cancel: Mutex<CancelToken>,
    /// The running callback, for messages.
    callback: Mutex<Option<Callback>>,
    /// Nanoseconds after `epoch`.
    deadline: AtomicU64,
    timeout_ns: AtomicU64,
    max_operations: u64,
    operations: AtomicU64,
    call_levels: usize,
    max_memory: isize,
    /// Bytes that the values of the script took before this call.
    kept: AtomicIsize,
    /// Bytes allocated by the running thread when this call began.
    held_before: AtomicIsize,
    verdict: AtomicU8,
    /// Count of operations when the call was found to be over its limit.
    verdict_at: AtomicU64,
}

impl Budget {
    pub fn new(limits: &Limits) -> Self {
        let max_operations = limits.max_operations;
        Budget {
            operations: AtomicU64::new(0),
            call_levels: limits.call_levels,
            max_memory: isize::try_from(limits.memory).unwrap_or(isize::MAX / 2),
            kept: AtomicIsize::new(0),
            held_before: AtomicIsize::new(0),
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
        self.operations.store(0, Relaxed);
        self.held_before.store(memory::held(), Relaxed);
    }

    /// Ends a call after which the values of the script take `kept` bytes.
    pub fn end(&self, kept: usize) {
        self.kept.store(isize::try_from(kept).unwrap_or(isize::MAX), Relaxed);
    }

    /// Bytes that the values of the script take now.
    fn memory(&self) -> isize {
        self.kept.load(Relaxed).wrapping_add(memory::held()).wrapping_sub(self.held_before.load(Relaxed))
    }

    fn now(&self) -> u64 {
        u64::try_from(self.epoch.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    /// Called at every operation; true stops the script at once.
    #[inline]
    pub fn stops(&self) -> bool {
        // Only the thread of the call counts. Rhai's own count begins anew in closures and modules.
        let operations = self.operations.load(Relaxed) + 1;
        self.operations.store(operations, Relaxed);
        // A single operation can double the memory in use, so it is checked each time.
        let memory = self.memory();
        if !operations.is_multiple_of(CHECK_EVERY) && operations < self.max_operations && memory < self.max_memory {
            return self.spent() && operations > self.verdict_at.load(Relaxed) + GRACE;
        }
        self.check(operations, memory)
    }

    #[cold]
    fn check(&self, operations: u64, memory: isize) -> bool {
        if self.spent() {
            return operations > self.verdict_at.load(Relaxed) + GRACE || memory >= self.max_memory.saturating_mul(2);
        }
        let verdict = if self.cancel.lock().unwrap_or_else(PoisonError::into_inner).is_cancelled() {
            CANCELLED
        } else if operations >= self.max_operations {
            OUT_OF_OPERATIONS
        } else if memory >= self.max_memory {
            OUT_OF_MEMORY
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

    /// Rhai reports no place when calls nest too deep, so the limit is enforced here, one level earlier.
    #[inline]
    pub fn is_too_deep(&self, level: usize) -> bool {
        level > self.call_levels
    }

    pub fn too_deep(&self) -> Error {
        Error::limit(format!("function calls nest deeper than {}", self.call_levels))
            .hint("check for a function that calls itself endlessly")
    }

    /// Why the call was stopped.
    pub fn error(&self) -> Error {
        let callback = *self.callback.lock().unwrap_or_else(PoisonError::into_inner);
        let what = called(callback);
        match self.verdict.load(Relaxed) {
            OUT_OF_OPERATIONS => Error::limit(format!("{what} used more than {} operations", self.max_operations))
                .hint("check for an endless loop, or raise `--max-operations`"),
            OUT_OF_TIME => took_too_long(callback, Duration::from_nanos(self.timeout_ns.load(Relaxed))),
            OUT_OF_MEMORY => {
                let mib = self.max_memory >> 20;
                Error::limit(format!("the values of the script take more than {mib} MiB"))
                    .hint("check for a value that grows in every call, or in an endless loop")
            }
            _ => Error::interrupted(),
        }
    }
}

/// The running callback, in the words of messages (`None`: the top level).
fn called(callback: Option<Callback>) -> String {
    callback.map_or("the top level".to_string(), |c| format!("`{}`", c.name()))
}

/// A call was stopped because it took longer than `limit`.
pub(crate) fn took_too_long(callback: Option<Callback>, limit: Duration) -> Error {
    let error = Error::limit(format!("{} took longer than {} s", called(callback), limit.as_secs_f64()));
    error.hint(match callback {
        None => "check for an endless loop; otherwise only set up variables there, and do the work in `init`",
        Some(Callback::Init) => {
            "check for an endless loop; otherwise prepare less there, or with arrays: element by element is the \
             slowest way (`check` has a limit of its own, `--timeout`)"
        }
        Some(_) => {
            "check for an endless loop, or raise `compute_timeout` (milliseconds), \
             `rt.set_param(#{ compute_timeout: 60000 })`, and for `check` its `--timeout`"
        }
    })
}
