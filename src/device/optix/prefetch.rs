//! Sends arrays of the next scene to the card while it traces the present one.

use super::arrivals::{Arrivals, Arrived, Source};
use super::gpu::Gpu;
use super::memory::Pool;
use super::plot;
use super::staging::Staging;
use crate::Result;
use crate::cancel::CancelToken;
use crate::device::Prefetch;
use crate::device::upload::Upload;
use crate::scene::Scene;
use std::sync::{Arc, Mutex, PoisonError};

/// Sends arrays ahead. Lives as long as the device, or longer.
pub struct Prefetcher {
    arrivals: Arrivals,
    /// Uploads on a stream of its own.
    staging: Mutex<Staging>,
    pool: Pool,
    /// Last: everything above lives in its context.
    gpu: Arc<Gpu>,
}

impl Prefetcher {
    pub fn new(gpu: &Arc<Gpu>, pool: &Pool, arrivals: &Arrivals) -> Result<Prefetcher> {
        gpu.enter()?;
        Ok(Prefetcher {
            arrivals: arrivals.clone(),
            staging: Mutex::new(Staging::new()?),
            pool: pool.clone(),
            gpu: gpu.clone(),
        })
    }

    fn send(&self, scene: &Scene, cancel: &CancelToken) -> Result<()> {
        self.gpu.enter()?;
        let upload = Upload::new(scene)?;
        let mut staging = self.staging.lock().unwrap_or_else(PoisonError::into_inner);
        staging.cancel = cancel.clone();
        for ((name, plot), host) in upload.plots.iter().zip(&upload.geometries) {
            for source in plot::sources(host).into_iter().flatten() {
                // SAFETY: the plot has the array.
                unsafe { self.send_array(&mut staging, name, source, plot)? };
            }
        }
        for (name, image) in &upload.images {
            // SAFETY: the texture has the array.
            unsafe { self.send_array(&mut staging, name, Source::of(image.texels().bytes()), image)? };
        }
        Ok(())
    }

    /// Sends an array that the card lacks.
    ///
    /// # Safety
    /// `owner` keeps it alive.
    unsafe fn send_array<T: Clone + Send + 'static>(
        &self,
        staging: &mut Staging,
        name: &str,
        source: Source,
        owner: &T,
    ) -> Result<()> {
        if !self.arrivals.is_missing(source) {
            return Ok(());
        }
        let memory = self.pool.take(&self.gpu, source.bytes(), name)?;
        // SAFETY: the array lives; nothing uses the new memory yet. If sending fails, the memory returns to the pool only
        // when the transfers that were begun have ended.
        let sent = unsafe { staging.upload(memory.address(), source.as_bytes()) };
        staging.finish()?;
        sent?;
        self.arrivals.push(Arrived { source, memory, _owner: Box::new(owner.clone()) });
        Ok(())
    }
}

impl Drop for Prefetcher {
    fn drop(&mut self) {
        // Memory is returned to the card that is current. An error here cannot be reported.
        let _ = self.gpu.enter();
    }
}

impl Prefetch for Prefetcher {
    fn prefetch(&self, scene: &Scene, cancel: &CancelToken) {
        if let Err(error) = self.send(scene, cancel) {
            tracing::debug!(%error, "nothing sent ahead");
        }
    }
}
