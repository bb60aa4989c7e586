//! Rows of the film to rows of an image. Mirrors `kernels/cpu/develop.h` and `kernels/cpu/denoise.h`.

use crate::device::layout::FilmData;

/// Entry points of the kernels, one table per instruction set. Mirrors `DevelopTable` in `kernels/cpu/develop.h`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DevelopTable {
    pub mean: unsafe extern "C" fn(radiance: *const f32, linear: *mut f32, count: u32, passes: u32) -> f64,
    pub display:
        unsafe extern "C" fn(linear: *const f32, shown: *mut f32, count: u32, exposure: f32, inverse_gamma: f32),
    pub tonemap: unsafe extern "C" fn(linear: *const f32, rgba: *mut u8, count: u32, exposure: f32, inverse_gamma: f32),
    pub clamp: unsafe extern "C" fn(linear: *const f32, rgba: *mut u8, count: u32),
    pub denoise_scratch: unsafe extern "C" fn(width: u32, rows: u32) -> u64,
    pub denoise_rows: unsafe extern "C" fn(job: *const DenoiseJob, scratch: *mut f32, begin: u32, end: u32),
}

/// Mirrors `DenoiseJob` in `kernels/cpu/denoise.h`.
#[repr(C)]
pub struct DenoiseJob {
    /// All planes; only read.
    pub film: FilmData,
    pub linear: *mut f32,
    pub width: u32,
    pub height: u32,
    pub passes: u32,
    pub blend: f32,
    pub cancel: *const u32,
}

// SAFETY: plain pointers; each call writes the rows of `linear` that are passed to it, and reads no others.
unsafe impl Sync for DenoiseJob {}
