//! Counts the memory that each thread allocates, so that a script that grows without limit is stopped before the
//! machine is out of memory.
//!
//! Rhai can limit sizes itself, but it counts all elements of an array again at each method call on it: filling an
//! array of 100 000 numbers would take minutes. A program that runs scripts should install this counter instead:
//!
//! ```no_run
//! #[global_allocator]
//! static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;
//! ```
//!
//! Without it, the script host falls back to Rhai's own, slower limits.
//!
//! For large blocks the system is asked for large pages, because allocating page by page takes longer than most
//! operations on an array.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    /// Bytes allocated minus bytes freed by this thread; negative if it frees what others have allocated.
    static HELD: Cell<isize> = const { Cell::new(0) };
}

/// The system's allocator with a counter for each thread.
pub struct Counting;

fn add(bytes: isize) {
    // The thread may be ending, with its counters already destroyed.
    let _ = HELD.try_with(|held| held.set(held.get().wrapping_add(bytes)));
}

/// Minimum size of blocks that are worth the system call, bytes.
const LARGE: usize = 4 << 20;

/// Requests large pages for a block that is about to be filled.
fn advise(block: *mut u8, size: usize) {
    #[cfg(target_os = "linux")]
    if size >= LARGE && !block.is_null() {
        const PAGE: usize = 4096;
        let begin = block.addr().next_multiple_of(PAGE);
        let end = (block.addr() + size) / PAGE * PAGE;
        // SAFETY: the range is inside of the block; the advice changes no contents, and one that the system does not
        // take has no effect.
        unsafe { libc::madvise(block.with_addr(begin).cast(), end - begin, libc::MADV_HUGEPAGE) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (block, size, LARGE);
}

// SAFETY: every call is forwarded to `System` unchanged; the counter is a plain `Cell` without a destructor and
// allocates nothing, and so does the advice. Sizes fit `isize`, as `Layout` guarantees.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as isize);
        let block = unsafe { System.alloc(layout) };
        advise(block, layout.size());
        block
    }
    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        add(layout.size() as isize);
        let block = unsafe { System.alloc_zeroed(layout) };
        advise(block, layout.size());
        block
    }
    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        add(-(layout.size() as isize));
        unsafe { System.dealloc(pointer, layout) }
    }
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        add(size as isize - layout.size() as isize);
        let block = unsafe { System.realloc(pointer, layout, size) };
        advise(block, size);
        block
    }
}

/// Bytes that this thread has allocated and not freed.
pub fn held() -> isize {
    HELD.try_with(Cell::get).unwrap_or(0)
}

/// Subtracts bytes that this thread has allocated from its count, or adds them back if negative: for data with a
/// limit of its own.
pub fn set_aside(bytes: isize) {
    if counts_cached() {
        add(bytes.wrapping_neg());
    }
}

fn counts_cached() -> bool {
    static COUNTS: std::sync::OnceLock<bool> = std::sync::OnceLock::new();
    *COUNTS.get_or_init(counts)
}

/// Whether the program has installed the counter.
pub fn counts() -> bool {
    let before = held();
    let probe = std::hint::black_box(Box::new([0u8; 64]));
    let counted = held() != before;
    drop(probe);
    counted
}
/// Bytes of main memory used by this process; `None` if the system does not report them.
pub fn of_process() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}
