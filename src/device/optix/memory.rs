//! Memory on the card: allocated from a pool, and returned to it.
//!
//! Allocating and freeing the driver's memory waits for the card each time, and an animation that moves plots needs
//! buffers of the same sizes every frame.

use super::gpu::{Gpu, raw};
use crate::{Error, Result};
use bytemuck::Pod;
use optix_sys::CUdeviceptr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Sizes and addresses are multiples of this.
const GRAIN: usize = 256;
/// Smaller blocks are not worth freeing.
const LARGE: usize = 1 << 20;
/// Blocks that were unused for this many changes of the scene are freed.
const OLDEST: u32 = 2;

/// A block of the card's memory, of at least the requested size.
#[derive(Debug)]
pub struct Memory {
    address: CUdeviceptr,
    bytes: usize,
    pool: Pool,
}

impl Memory {
    pub fn address(&self) -> CUdeviceptr {
        self.address
    }

    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Waits until the card has finished, and fills `items` from the start of this block.
    ///
    /// # Panics
    /// If `items` is larger than this block.
    pub fn fetch<T: Pod>(&self, gpu: &Gpu, mut items: Vec<T>) -> Result<Vec<T>> {
        const WORK: &str = "fetching data from the GPU";
        let bytes = size_of_val(&items[..]);
        assert!(bytes <= self.bytes);
        // SAFETY: as many bytes in both, of which any are a value; they have arrived when the stream has ended.
        let result = unsafe {
            cust::sys::cuMemcpyDtoHAsync_v2(items.as_mut_ptr().cast(), self.address, bytes, gpu.stream.as_inner())
        };
        raw(WORK, result)?;
        gpu.finish(WORK)?;
        Ok(items)
    }
}

impl Drop for Memory {
    fn drop(&mut self) {
        self.pool.blocks().push(Free { address: self.address, bytes: self.bytes, age: 0 });
    }
}

#[derive(Debug)]
struct Free {
    address: CUdeviceptr,
    bytes: usize,
    age: u32,
}

impl Drop for Free {
    fn drop(&mut self) {
        // SAFETY: memory of the driver that nobody uses any more. Nothing can be done about an error.
        let _ = unsafe { cust::sys::cuMemFree_v2(self.address) };
    }
}

/// The pool of blocks. Clones share it. It belongs to the card that was current when it was made.
#[derive(Debug, Clone, Default)]
pub struct Pool {
    free: Arc<Mutex<Vec<Free>>>,
}

impl Pool {
    fn blocks(&self) -> MutexGuard<'_, Vec<Free>> {
        // The list stays valid if another thread panicked.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A block for `what`, which an error names; its contents are arbitrary.
    pub fn take(&self, gpu: &Gpu, bytes: usize, what: &str) -> Result<Memory> {
        let bytes = bytes.max(1).next_multiple_of(GRAIN);
        if let Some((address, bytes)) = self.reuse(bytes) {
            return Ok(Memory { address, bytes, pool: self.clone() });
        }
        let mut address = 0;
        // SAFETY: writes the address of the new memory, or fails.
        let mut allocate = || unsafe { cust::sys::cuMemAlloc_v2(&mut address, bytes) };
        if allocate() as u32 != cuda_lazy::CUDA_SUCCESS {
            self.blocks().clear();
            raw(what, allocate()).map_err(|error| explain(error, gpu, bytes, what))?;
        }
        Ok(Memory { address, bytes, pool: self.clone() })
    }

    /// A copy of plain data, complete before any work that is enqueued later.
    pub fn send<T: Copy>(&self, gpu: &Gpu, items: &[T]) -> Result<Memory> {
        const WORK: &str = "sending data to the GPU";
        let bytes = size_of_val(items);
        let memory = self.take(gpu, bytes, WORK)?;
        // SAFETY: the block is large enough. Copies from memory that is not pinned are taken before the call returns.
        let result = unsafe {
            cust::sys::cuMemcpyHtoDAsync_v2(memory.address, items.as_ptr().cast(), bytes, gpu.stream.as_inner())
        };
        raw(WORK, result)?;
        Ok(memory)
    }

    /// The smallest block that fits without wasting much.
    fn reuse(&self, bytes: usize) -> Option<(CUdeviceptr, usize)> {
        let mut blocks = self.blocks();
        let fits = |block: &Free| (bytes..=bytes + bytes / 4 + (1 << 16)).contains(&block.bytes);
        let (i, _) = blocks.iter().enumerate().filter(|(_, b)| fits(b)).min_by_key(|(_, b)| b.bytes)?;
        let block = std::mem::ManuallyDrop::new(blocks.swap_remove(i));
        Some((block.address, block.bytes))
    }

    /// Frees blocks that were not used for some time, and all large ones if nothing moves, because they will not be
    /// needed soon. Must be called once for each change of the scene.
    pub fn tidy(&self, moving: bool) {
        self.blocks().retain_mut(|block| {
            block.age += 1;
            block.age <= OLDEST && (moving || block.bytes < LARGE)
        });
    }
}

/// Adds to "too little memory" how much was requested and how much is free.
fn explain(error: Error, gpu: &Gpu, bytes: usize, what: &str) -> Error {
    let (crate::ErrorKind::Limit, Ok((free, total))) = (error.kind, gpu.memory()) else { return error };
    let mebibytes = |bytes: u64| bytes.div_ceil(1 << 20);
    let message = format!(
        "the GPU has too little memory for {what}: {} MiB are wanted, {} of {} MiB are free",
        mebibytes(bytes as u64),
        free >> 20,
        total >> 20
    );
    Error { message, ..error }
}
