//! Uploads from the host to the card through pinned memory, on a stream of its own.
//!
//! The card fetches from pinned memory by itself while the processor fills the next piece; from other memory the driver
//! copies first.

use super::gpu::cuda;
use crate::cancel::CancelToken;
use crate::{Error, Result};
use cust::event::{Event, EventFlags};
use cust::memory::LockedBuffer;
use cust::stream::{Stream, StreamFlags, StreamWaitEventFlags};
use optix_sys::CUdeviceptr;
use rayon::prelude::*;

/// Bytes of a piece: large enough that the cost of starting a copy is negligible.
const PIECE: usize = 4 << 20;
/// Bytes that are worth a thread.
const SHARE: usize = 1 << 19;
const WORK: &str = "uploading the scene";

/// Two pieces of pinned memory that alternate.
pub struct Staging {
    stream: Stream,
    slots: [Slot; 2],
    next: usize,
    /// The token that [`Staging::upload`] polls.
    pub cancel: CancelToken,
}

struct Slot {
    memory: Option<LockedBuffer<u8>>,
    /// Recorded when the card has fetched its contents.
    fetched: Event,
}

impl Staging {
    pub fn new() -> Result<Staging> {
        let failed = |error| cuda(WORK, error);
        let slot = || -> Result<Slot> {
            Ok(Slot { memory: None, fetched: Event::new(EventFlags::DISABLE_TIMING).map_err(failed)? })
        };
        let stream = Stream::new(StreamFlags::NON_BLOCKING, None).map_err(failed)?;
        Ok(Staging { stream, slots: [slot()?, slot()?], next: 0, cancel: CancelToken::new() })
    }

    /// Copies `bytes` to the card; they may change again when this returns. The card has them after [`Staging::join`].
    /// Fails when cancelled, with a part of them copied.
    ///
    /// # Safety
    /// There are as many bytes at `to`, and nothing that runs on the card uses them.
    pub unsafe fn upload(&mut self, to: CUdeviceptr, bytes: &[u8]) -> Result<()> {
        for (i, piece) in bytes.chunks(PIECE).enumerate() {
            if self.cancel.is_cancelled() {
                return Err(Error::interrupted());
            }
            // SAFETY: as required of the caller.
            unsafe { self.upload_at_once(to + (i * PIECE) as u64, piece)? };
        }
        Ok(())
    }

    /// Copies `bytes` to the card as [`Staging::upload`] does, and cannot be cancelled.
    ///
    /// # Safety
    /// The same as for [`Staging::upload`].
    pub unsafe fn upload_at_once(&mut self, to: CUdeviceptr, bytes: &[u8]) -> Result<()> {
        for (i, piece) in bytes.chunks(PIECE).enumerate() {
            let slot = &mut self.slots[self.next];
            self.next = 1 - self.next;
            slot.fetched.synchronize().map_err(|error| cuda(WORK, error))?;
            let memory = slot.hold(piece.len())?;
            match piece.len() {
                0..=SHARE => memory.copy_from_slice(piece),
                _ => memory.par_chunks_mut(SHARE).zip(piece.par_chunks(SHARE)).for_each(|(to, from)| {
                    to.copy_from_slice(from);
                }),
            }
            // SAFETY: as required of the caller; the slot is filled again only after `fetched`.
            let result = unsafe {
                cust::sys::cuMemcpyHtoDAsync_v2(
                    to + (i * PIECE) as u64,
                    memory.as_ptr().cast(),
                    piece.len(),
                    self.stream.as_inner(),
                )
            };
            super::gpu::raw(WORK, result)?;
            slot.fetched.record(&self.stream).map_err(|error| cuda(WORK, error))?;
        }
        Ok(())
    }

    /// Waits until the card has fetched everything.
    pub fn finish(&self) -> Result<()> {
        self.stream.synchronize().map_err(|error| cuda(WORK, error))
    }

    /// Makes `stream` wait for all uploads so far.
    pub fn join(&self, stream: &Stream) -> Result<()> {
        let wait = || {
            let done = Event::new(EventFlags::DISABLE_TIMING)?;
            done.record(&self.stream)?;
            stream.wait_event(done, StreamWaitEventFlags::DEFAULT)
        };
        wait().map_err(|error| cuda(WORK, error))
    }
}

impl Slot {
    /// Allocates that many bytes of pinned memory.
    fn hold(&mut self, bytes: usize) -> Result<&mut [u8]> {
        if self.memory.as_ref().is_none_or(|memory| memory.len() < bytes) {
            self.memory = None;
            // SAFETY: bytes are written before anything reads them.
            let memory = unsafe { LockedBuffer::uninitialized(bytes.next_power_of_two().max(1 << 16)) };
            self.memory = Some(memory.map_err(|error| cuda(WORK, error))?);
        }
        let memory = self.memory.as_mut().map(|memory| &mut memory[..bytes]);
        Ok(memory.unwrap_or_default())
    }
}
