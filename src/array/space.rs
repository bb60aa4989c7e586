//! The resources of arrays: a memory limit and threads, which all arrays of a script share, and the scope of a running
//! call: when to stop, and the state of its random numbers.

use super::values::{Element, Values};
use crate::cancel::CancelToken;
use crate::{Error, Result, memory};
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

/// Memory limit and threads of the arrays of one script, shared by all of its views.
pub struct Space {
    /// Memory limit of the arrays, bytes.
    limit: usize,
    used: AtomicUsize,
    /// Number of threads; 0: those of rayon's own pool.
    threads: usize,
    pool: OnceLock<Option<rayon::ThreadPool>>,
    /// Buffers of dropped arrays, for reuse: arrays that every frame computes anew get memory that is already mapped,
    /// which takes half as long as fresh memory.
    left: Mutex<Vec<Values>>,
}

/// Smallest buffer, in bytes, that is worth keeping.
const KEPT_FROM: usize = 1 << 20;
/// Most buffers that are kept.
const KEPT: usize = 16;

impl Space {
    /// `limit` in bytes; `threads` compute, 0 for one for each core.
    pub fn new(limit: usize, threads: usize) -> Space {
        Space { limit, used: AtomicUsize::new(0), threads, pool: OnceLock::new(), left: Mutex::default() }
    }

    /// Half of the machine's memory, bytes; 4 GiB where the system does not report it.
    pub fn default_limit() -> usize {
        static LIMIT: OnceLock<usize> = OnceLock::new();
        *LIMIT.get_or_init(|| {
            let text = std::fs::read_to_string("/proc/meminfo").unwrap_or_default();
            let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:"));
            let kib = total.and_then(|rest| rest.split_whitespace().next()?.parse::<usize>().ok());
            kib.map_or(4 << 30, |kib| kib.saturating_mul(512))
        })
    }

    /// Bytes that the arrays use now.
    pub fn used(&self) -> usize {
        self.used.load(Relaxed)
    }

    /// Bytes that arrays may still use.
    pub fn unused(&self) -> usize {
        self.limit.saturating_sub(self.used())
    }

    /// Runs `f` where rayon's loops use the threads of this space.
    pub fn install<R: Send>(&self, f: impl FnOnce() -> R + Send) -> R {
        let build = || rayon::ThreadPoolBuilder::new().num_threads(self.threads).build().ok();
        match self.pool.get_or_init(|| if self.threads == 0 { None } else { build() }) {
            Some(pool) => pool.install(f),
            None => f(),
        }
    }

    /// Number of threads.
    pub(super) fn threads(&self) -> usize {
        if self.threads == 0 { rayon::current_num_threads() } else { self.threads }
    }

    fn left(&self) -> MutexGuard<'_, Vec<Values>> {
        self.left.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the buffer of a dropped array, or frees it if it is not worth keeping.
    fn keep(&self, values: Values) -> Option<Values> {
        let bytes = values.bytes();
        let used = self.used();
        let most = (used / 2).saturating_add(64 << 20).min(self.limit.saturating_sub(used));
        let mut left = self.left();
        if bytes < KEPT_FROM || left.iter().fold(bytes, |sum, values| sum.saturating_add(values.bytes())) > most {
            return Some(values);
        }
        left.push(values);
        (left.len() > KEPT).then(|| left.remove(0))
    }

    /// A buffer that has room for `count` elements, and not much more.
    fn kept<T: Element>(&self, count: usize) -> Option<Vec<T>> {
        if count.saturating_mul(size_of::<T>()) < KEPT_FROM {
            return None;
        }
        let mut left = self.left();
        let fits = |values: &Values| {
            let room = values.bytes() / size_of::<T>();
            values.dtype() == T::DTYPE && room >= count && room <= count.saturating_add(count / 8)
        };
        let at = left.iter().position(fits)?;
        let values = left.remove(at);
        memory::set_aside(-(values.bytes() as isize));
        T::unwrap(values)
    }

    fn reserve(self: &Arc<Self>, bytes: usize) -> Result<Reserved> {
        let mut used = self.used.load(Relaxed);
        loop {
            let Some(wanted) = used.checked_add(bytes).filter(|wanted| *wanted <= self.limit) else {
                self.left().drain(..).for_each(free);
                return Err(self.too_large(bytes, used));
            };
            match self.used.compare_exchange_weak(used, wanted, Relaxed, Relaxed) {
                Ok(_) => return Ok(Reserved { space: self.clone(), bytes }),
                Err(now) => used = now,
            }
        }
    }

    fn too_large(&self, bytes: usize, used: usize) -> Error {
        Error::limit(format!(
            "an array of {} is over the limit of {} for all arrays, of which {} are in use",
            size(bytes),
            size(self.limit),
            size(used)
        ))
        .hint("use fewer elements or `float32`, keep fewer arrays, or raise `--max-memory`")
    }
}

impl fmt::Debug for Space {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Space({} of {})", size(self.used()), size(self.limit))
    }
}

/// A number of bytes for messages.
fn size(bytes: usize) -> String {
    match bytes {
        0..0x400 => format!("{bytes} B"),
        0x400..0x10_0000 => format!("{:.1} KiB", bytes as f64 / 1024.0),
        0x10_0000..0x4000_0000 => format!("{:.1} MiB", bytes as f64 / (1024.0 * 1024.0)),
        _ => format!("{:.2} GiB", bytes as f64 / (1024.0 * 1024.0 * 1024.0)),
    }
}

/// A reservation of a part of the limit, released on drop.
struct Reserved {
    space: Arc<Space>,
    bytes: usize,
}

impl Drop for Reserved {
    fn drop(&mut self) {
        let used = &self.space.used;
        let before = used.fetch_update(Relaxed, Relaxed, |used| Some(used.saturating_sub(self.bytes)));
        debug_assert!(before.is_ok_and(|used| used >= self.bytes), "more bytes are given back than were reserved");
    }
}

/// Elements that count against the limit of a space, and not as memory of the script's other values.
pub struct Buffer {
    values: Values,
    reserved: Reserved,
}

impl Buffer {
    /// Wraps existing elements; fails if they exceed the limit.
    pub fn new(values: Values) -> Result<Buffer> {
        let bytes = values.bytes();
        let reserved = Scope::current().space.reserve(bytes)?;
        memory::set_aside(bytes as isize);
        Ok(Buffer { values, reserved })
    }

    pub fn values(&self) -> &Values {
        &self.values
    }

    pub(super) fn values_mut(&mut self) -> &mut Values {
        &mut self.values
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let values = std::mem::replace(&mut self.values, Values::Bool(Vec::new()));
        if let Some(values) = self.reserved.space.keep(values.emptied()) {
            free(values);
        }
    }
}

/// Returns a buffer that did not count to the allocator, which is about to subtract it.
fn free(values: Values) {
    memory::set_aside(-(values.bytes() as isize));
    drop(values);
}

/// Fails if this many more bytes would exceed the limit.
pub(super) fn check_room(bytes: usize) -> Result<()> {
    Scope::current().space.reserve(bytes).map(drop)
}

/// Allocates `count` elements that are about to be written. Fails over the limit, or where the machine has no more.
pub(super) fn room<T: Element>(count: usize) -> Result<Vec<T>> {
    let space = Scope::current().space;
    let bytes = count.saturating_mul(size_of::<T>());
    // The buffer that is made of it makes its own reservation.
    check_room(bytes)?;
    if let Some(vec) = space.kept::<T>(count) {
        return Ok(vec);
    }
    let mut vec = Vec::new();
    vec.try_reserve_exact(count).map_err(|_| {
        Error::limit(format!("the machine has no room for an array of {}", size(bytes)))
            .hint("use fewer elements or `float32`")
    })?;
    Ok(vec)
}

/// When a long computation has to stop. Cheap to clone; polled by all threads that take part.
#[derive(Clone, Debug, Default)]
pub struct Watch {
    pub cancel: CancelToken,
    /// The deadline, and the error for when it has passed.
    pub deadline: Option<(Instant, Arc<Error>)>,
}

impl Watch {
    /// Whether to stop; polling costs some 30 ns.
    pub fn stops(&self) -> bool {
        self.cancel.is_cancelled() || self.deadline.as_ref().is_some_and(|(end, _)| Instant::now() >= *end)
    }

    /// Fails if the computation has to stop, for polling with `?`.
    pub fn check(&self) -> Result<()> {
        self.cancel.check()?;
        match &self.deadline {
            Some((end, error)) if Instant::now() >= *end => Err(Error::clone(error)),
            _ => Ok(()),
        }
    }
}

/// The scope of a script's call for the arrays that it computes.
#[derive(Clone, Debug)]
pub struct Scope {
    pub space: Arc<Space>,
    pub watch: Watch,
    /// The seed of the call's random numbers: a function of the run's seed, callback and round.
    pub seed: u64,
    /// Whether hints about slow code are reported.
    pub tells_costs: bool,
}

/// A scope, and how many seeds have been taken from it.
type Lent = Option<Rc<(Scope, Cell<u64>)>>;

thread_local! {
    static SCOPE: RefCell<Lent> = const { RefCell::new(None) };
}

impl Scope {
    /// Makes `self` the scope of this thread until the guard is dropped.
    pub fn enter(self) -> ScopeGuard {
        let before = SCOPE.with(|scope| scope.replace(Some(Rc::new((self, Cell::new(0))))));
        ScopeGuard { before }
    }

    /// The scope of the running call; without one there are no limits.
    pub fn current() -> Scope {
        static FREE: OnceLock<Arc<Space>> = OnceLock::new();
        let lent = SCOPE.with(|scope| scope.borrow().as_ref().map(|s| s.0.clone()));
        lent.unwrap_or_else(|| Scope {
            space: FREE.get_or_init(|| Arc::new(Space::new(usize::MAX, 0))).clone(),
            watch: Watch::default(),
            seed: 0,
            tells_costs: false,
        })
    }

    /// A seed for one array of random numbers: a new one at each call of this function.
    pub(super) fn next_seed() -> u64 {
        thread_local!(static CALLS: Cell<u64> = const { Cell::new(0) });
        let count = |calls: &Cell<u64>| calls.replace(calls.get().wrapping_add(1));
        SCOPE.with(|scope| match scope.borrow().as_ref() {
            Some(lent) => crate::random::mix(lent.0.seed ^ crate::random::mix(count(&lent.1))),
            None => crate::random::mix(CALLS.with(count)),
        })
    }
}

/// Ends the scope on drop.
pub struct ScopeGuard {
    before: Lent,
}

impl Drop for ScopeGuard {
    fn drop(&mut self) {
        let before = self.before.take();
        SCOPE.with(|scope| *scope.borrow_mut() = before);
    }
}
