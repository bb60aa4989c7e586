//! OptiX 8.0 as foreign functions, without SDK or toolkit: the types, and the function table, which the driver provides
//! at run time.
//!
//! OptiX is part of NVIDIA's display driver. A program asks `libnvoptix.so.1` (`nvoptix.dll`) for the function table of
//! one version of the interface. This crate knows version 87, which drivers from 535 on have. Building needs nothing of
//! NVIDIA's, and a program that uses this crate starts on machines without a driver: [`load()`] then returns what is
//! missing.
//!
//! Names are those of the C interface: [`OptixBuildInput`] is `OptixBuildInput`, fields are in snake case, and a
//! constant such as `OPTIX_BUILD_FLAG_ALLOW_UPDATE` is [`OptixBuildFlags::ALLOW_UPDATE`]. The meaning of the fields,
//! and the preconditions of each call, are in NVIDIA's programming guide and API reference of OptiX 8.0. CUDA's handles
//! are plain [`CUcontext`], [`CUstream`] and [`CUdeviceptr`], so that any crate for CUDA fits.
//!
//! Opacity and displacement micromaps, relocation and user models of the denoiser are not declared; their places in the
//! table are kept.
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let optix = optix_sys::load()?;
//! let mut context = optix_sys::OptixDeviceContext::NULL;
//! // SAFETY: a null CUcontext means the current one, which a crate for CUDA has made.
//! let result = unsafe {
//!     (optix.optixDeviceContextCreate)(std::ptr::null_mut(), &Default::default(), &mut context)
//! };
//! result.check("optixDeviceContextCreate")?;
//! # Ok(())
//! # }
//! ```

mod accel;
mod denoiser;
mod device;
mod handles;
mod load;
mod pipeline;
mod result;
mod table;

pub use accel::*;
pub use denoiser::*;
pub use device::*;
pub use handles::*;
pub use load::{LIBRARY, LoadError, OLDEST_DRIVER, load};
pub use pipeline::*;
pub use result::{Error, OptixResult};
pub use table::OptixFunctionTable;

/// The version of the interface: OptiX 8.0.
pub const OPTIX_ABI_VERSION: i32 = 87;
