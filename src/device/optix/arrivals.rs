//! Which arrays the card has: those of its scene, and those that were sent ahead.
//!
//! An array is identified by its address on the host: nobody writes one that a plot or a texture holds, and both sides keep theirs
//! alive.

use super::memory::Memory;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// An array of the host, identified by its address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Source {
    data: *const u8,
    bytes: usize,
}

// SAFETY: an address; the code that reads from it guarantees that it is valid.
unsafe impl Send for Source {}
unsafe impl Sync for Source {}

impl Source {
    pub fn new(data: *const u8, bytes: usize) -> Source {
        Source { data, bytes }
    }

    pub fn of(array: &[u8]) -> Source {
        Source::new(array.as_ptr(), array.len())
    }

    pub fn bytes(self) -> usize {
        self.bytes
    }

    /// # Safety
    /// The array lives, and nobody writes it.
    pub unsafe fn as_bytes<'a>(self) -> &'a [u8] {
        // SAFETY: as required of the caller.
        unsafe { std::slice::from_raw_parts(self.data, self.bytes) }
    }
}

/// The arrays that the device holds and those sent ahead; shared by the device and its [`Prefetch`](crate::device::Prefetch) object.
#[derive(Clone, Default)]
pub struct Arrivals {
    inner: Arc<Mutex<Inner>>,
}

#[derive(Default)]
struct Inner {
    held: HashSet<Source>,
    arrived: Vec<Arrived>,
}

pub struct Arrived {
    pub source: Source,
    pub memory: Memory,
    /// Keeps the array alive at its address.
    pub _owner: Box<dyn Send>,
}

impl Arrivals {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // The lists stay valid if another thread panicked.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn push(&self, array: Arrived) {
        self.lock().arrived.push(array);
    }

    /// The card's copy of an array, if it was sent ahead.
    pub fn take(&self, source: Source) -> Option<Memory> {
        let arrived = &mut self.lock().arrived;
        let i = arrived.iter().position(|array| array.source == source)?;
        Some(arrived.swap_remove(i).memory)
    }

    /// Sets the arrays that the device now holds; arrays sent ahead that are not among them are freed.
    pub fn settle(&self, held: HashSet<Source>) {
        let given_up = {
            let mut inner = self.lock();
            inner.held = held;
            std::mem::take(&mut inner.arrived)
        };
        drop(given_up);
    }

    pub fn is_missing(&self, source: Source) -> bool {
        let inner = self.lock();
        !inner.held.contains(&source) && inner.arrived.iter().all(|array| array.source != source)
    }
}
