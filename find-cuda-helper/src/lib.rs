//! Replaces the crate of the same name that `cust` calls when it is built.
//!
//! The original looks for an installed CUDA toolkit, panics where there is none, and links `libcuda`. Here the driver's
//! functions come from `cuda-lazy`, which opens the driver at run time, so there is nothing to find and nothing to link.
//! A program outside this workspace that depends on `cust` through plotrt repeats the patch in its own `Cargo.toml`.

/// The function that `cust` and `cust_raw` call in their build scripts.
pub fn include_cuda() {}
