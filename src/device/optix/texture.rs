//! The texels of one texture on the card.

use super::arrivals::{Arrivals, Source};
use super::gpu::Gpu;
use super::memory::{Memory, Pool};
use super::staging::Staging;
use crate::Result;
use crate::scene::Texture;
use optix_sys::CUdeviceptr;
use std::sync::Arc;

/// Texels that are on the card, or for which it has memory.
pub struct CardTexture {
    memory: Arc<Memory>,
    /// Keeps the array alive at its address.
    image: Texture,
}

/// Whether the texels have to be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Presence {
    /// On the card before.
    Kept,
    /// Sent ahead.
    Arrived,
    Missing,
}

impl CardTexture {
    /// The memory for a texture; `held` are those that are on the card. Arrays are compared by address: nobody writes one
    /// that a texture holds.
    pub fn new(
        gpu: &Gpu,
        pool: &Pool,
        arrivals: &Arrivals,
        name: &str,
        image: &Texture,
        held: &[CardTexture],
    ) -> Result<(CardTexture, Presence)> {
        let source = Source::of(image.texels().bytes());
        let (memory, presence) = match held.iter().find(|held| held.source() == source) {
            Some(held) => (held.memory.clone(), Presence::Kept),
            None => match arrivals.take(source) {
                Some(memory) => (Arc::new(memory), Presence::Arrived),
                None => {
                    let memory = pool.take(gpu, source.bytes(), &format!("texture \"{name}\""))?;
                    (Arc::new(memory), Presence::Missing)
                }
            },
        };
        Ok((CardTexture { memory, image: image.clone() }, presence))
    }

    /// Sends the texels.
    ///
    /// # Safety
    /// Nothing that runs on the card uses the memory.
    pub unsafe fn upload(&self, staging: &mut Staging) -> Result<()> {
        // SAFETY: as required of the caller; the memory is large enough.
        unsafe { staging.upload(self.memory.address(), self.image.texels().bytes()) }
    }

    pub fn address(&self) -> CUdeviceptr {
        self.memory.address()
    }

    pub fn source(&self) -> Source {
        Source::of(self.image.texels().bytes())
    }
}
