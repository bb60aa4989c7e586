//! Memory for nodes and leaves: aligned to cache lines, and in huge pages where the system has them, since rays access
//! it at random and would miss the page table at every step.

use crate::Result;
use crate::cancel::CancelToken;
use bytemuck::Zeroable;
use rayon::prelude::*;
use std::alloc::{self, Layout};
use std::ops::{Deref, DerefMut};
use std::ptr::NonNull;

const CACHE_LINE: usize = 64;
const HUGE_PAGE: usize = 2 << 20;
/// Bytes that a thread clears at a time.
const BLOCK: usize = 1 << 20;

/// An array whose contents are lost when it is resized.
pub struct Buffer<T> {
    start: NonNull<T>,
    len: usize,
    capacity: usize,
}

// SAFETY: it owns what it points to.
unsafe impl<T: Send> Send for Buffer<T> {}
unsafe impl<T: Sync> Sync for Buffer<T> {}

impl<T: Zeroable + Copy + Send + Sync> Buffer<T> {
    /// Makes this an array of `len` zeros, or an empty one when cancelled: the first access to much memory takes long.
    /// Memory that is much larger than needed is freed.
    pub fn reset(&mut self, len: usize, cancel: &CancelToken) -> Result<()> {
        self.len = 0;
        if len > self.capacity || len < self.capacity / 2 {
            *self = Buffer::with_capacity(len);
        }
        let bytes = len * size_of::<T>();
        // SAFETY: that much is allocated, and zeros are a value of any `Zeroable`. They are written as bytes, because
        // fresh memory is not initialised.
        let memory =
            unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr().cast::<std::mem::MaybeUninit<u8>>(), bytes) };
        memory.par_chunks_mut(BLOCK).try_for_each(|block| {
            cancel.check()?;
            block.fill(std::mem::MaybeUninit::new(0));
            Ok(())
        })?;
        self.len = len;
        Ok(())
    }

    fn with_capacity(capacity: usize) -> Self {
        let Some(layout) = layout::<T>(capacity) else { return Buffer::default() };
        // SAFETY: the layout has a size.
        let memory = unsafe { alloc::alloc(layout) };
        let Some(start) = NonNull::new(memory.cast::<T>()) else { alloc::handle_alloc_error(layout) };
        if layout.align() >= HUGE_PAGE {
            use_huge_pages(memory, layout.size());
        }
        Buffer { start, len: 0, capacity }
    }
}

impl<T> Buffer<T> {
    /// Bytes that are allocated.
    pub fn memory(&self) -> usize {
        self.capacity * size_of::<T>()
    }
}

/// The layout of an allocation; `None` for an empty one.
fn layout<T>(capacity: usize) -> Option<Layout> {
    let bytes = capacity * size_of::<T>();
    let align = if bytes >= 2 * HUGE_PAGE { HUGE_PAGE } else { CACHE_LINE.max(align_of::<T>()) };
    (bytes > 0).then(|| Layout::from_size_align(bytes, align).expect("capacities stem from counts below 2^32"))
}

impl<T> Default for Buffer<T> {
    fn default() -> Self {
        Buffer { start: NonNull::dangling(), len: 0, capacity: 0 }
    }
}

impl<T> Drop for Buffer<T> {
    fn drop(&mut self) {
        if let Some(layout) = layout::<T>(self.capacity) {
            // SAFETY: allocated with the same layout; the values need no drop, since they are `Copy`.
            unsafe { alloc::dealloc(self.start.as_ptr().cast(), layout) };
        }
    }
}

impl<T> Deref for Buffer<T> {
    type Target = [T];
    fn deref(&self) -> &[T] {
        // SAFETY: `len` values are initialised.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T> DerefMut for Buffer<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: `len` values are initialised.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

/// Asks for huge pages. This is advice only: without them the code works with small pages.
fn use_huge_pages(start: *mut u8, bytes: usize) {
    #[cfg(target_os = "linux")]
    {
        use std::ffi::{c_int, c_void};
        unsafe extern "C" {
            fn madvise(start: *mut c_void, bytes: usize, advice: c_int) -> c_int;
        }
        const MADV_HUGEPAGE: c_int = 14;
        // SAFETY: the range is ours, and the advice does not change what it holds.
        unsafe { madvise(start.cast(), bytes / HUGE_PAGE * HUGE_PAGE, MADV_HUGEPAGE) };
    }
    #[cfg(not(target_os = "linux"))]
    let _ = (start, bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_zero_and_aligned_whatever_was_there() {
        let mut buffer = Buffer::<u32>::default();
        for len in [0, 1, 1000, 999, 3_000_000, 2_000_000, 10, 0, 4] {
            buffer.reset(len, &CancelToken::new()).unwrap();
            assert_eq!(buffer.len(), len);
            assert!(buffer.iter().all(|&x| x == 0));
            assert!(len == 0 || (buffer.as_ptr() as usize).is_multiple_of(CACHE_LINE));
            buffer.fill(7);
        }
        let cancel = CancelToken::new();
        cancel.cancel();
        assert!(buffer.reset(3, &cancel).is_err());
        assert_eq!(buffer.len(), 0);
    }
}
