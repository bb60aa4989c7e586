//! A card, with what all work on it uses.

use super::gpu::Gpu;
use super::memory::Pool;
use super::programs::Kernels;
use std::sync::Arc;

pub struct Card {
    /// The CUDA kernels.
    pub kernels: Kernels,
    pub pool: Pool,
    /// Last: everything above lives in its context.
    pub gpu: Arc<Gpu>,
}
