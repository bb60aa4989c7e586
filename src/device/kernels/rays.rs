//! Rays and hits as the kernels take them: single precision, relative to the kernels' origin.

use bytemuck::{Pod, Zeroable};

/// `Ray` of `kernels/core/hit.h`.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct KernelRay {
    pub origin: [f32; 3],
    pub dir: [f32; 3],
}

/// `Hit` of `kernels/core/hit.h`; `instance` is [`NO_INSTANCE`] for a miss.
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
#[repr(C)]
pub struct KernelHit {
    pub t: f32,
    pub instance: u32,
    pub primitive: u32,
    pub face: u32,
    pub u: f32,
    pub v: f32,
}

/// The instance of a miss: `kNoInstance`.
pub const NO_INSTANCE: u32 = u32::MAX;

impl KernelHit {
    pub const MISS: KernelHit =
        KernelHit { t: f32::INFINITY, instance: NO_INSTANCE, primitive: 0, face: 0, u: 0.0, v: 0.0 };
}
