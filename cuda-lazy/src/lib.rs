//! The functions of the CUDA driver, defined here as symbols of the program instead of linked from `libcuda`.
//!
//! Crates such as `cust` declare `cuInit` and similar functions as foreign functions and expect the linker to find them
//! in `libcuda`, which ties a program to machines that have an NVIDIA driver, and its build to those with a CUDA
//! toolkit. This crate defines the same symbols. Each opens the driver (`libcuda.so.1`, `nvcuda.dll`) when it is first
//! called and forwards the call, so one binary builds and starts anywhere:
//!
//! - without a driver every function returns `CUDA_ERROR_NO_DEVICE`; [`load`] returns the reason;
//! - a function that the driver is too old (or too new) to have returns `CUDA_ERROR_NOT_SUPPORTED`;
//! - an error code that came after CUDA 11 becomes `CUDA_ERROR_UNKNOWN`: `cust_raw` declares the codes as a Rust `enum`,
//!   and a value outside of it would be undefined behaviour.
//!
//! Call [`load`] once, before anything else: that also makes the linker keep the symbols. The functions defined are those
//! that `cust` 0.3 declares and calls.
//!
//! ```
//! match cuda_lazy::load() {
//!     Ok(()) => println!("there is a CUDA driver"),
//!     Err(error) => println!("{error}"),
//! }
//! ```

mod functions;
mod version;

pub use version::driver_version;

use libloading::Library;
use std::ffi::{CStr, c_char};
use std::fmt;
use std::sync::OnceLock;

/// The result code of the driver's functions.
pub type CUresult = u32;

pub const CUDA_SUCCESS: CUresult = 0;
/// The result of all functions when there is no driver.
pub const CUDA_ERROR_NO_DEVICE: CUresult = 100;
/// The result of a function that the driver does not have.
pub const CUDA_ERROR_NOT_SUPPORTED: CUresult = 801;
/// The replacement of codes that `cust_raw` does not know.
pub const CUDA_ERROR_UNKNOWN: CUresult = 999;

/// The driver's library, as the system's loader looks it up.
pub const LIBRARY: &str = if cfg!(windows) { "nvcuda.dll" } else { "libcuda.so.1" };

/// Why there is no driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError {
    /// The message of the system's loader.
    pub reason: String,
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the CUDA driver's library {LIBRARY} cannot be opened: {}", self.reason)
    }
}

impl std::error::Error for LoadError {}

/// Opens the driver's library, once; later calls return the same result. It is never closed: contexts outlive any
/// scope.
///
/// An open library does not imply a device, or a working driver: `cuInit` reports that.
pub fn load() -> Result<(), LoadError> {
    functions::keep();
    driver().map(|_| ()).map_err(Clone::clone)
}

fn driver() -> Result<&'static Library, &'static LoadError> {
    static DRIVER: OnceLock<Result<Library, LoadError>> = OnceLock::new();
    // SAFETY: the driver's initialisers are those that any program runs that links the driver.
    let open = || unsafe { Library::new(LIBRARY) }.map_err(|error| LoadError { reason: error.to_string() });
    DRIVER.get_or_init(open).as_ref()
}

/// Describes an error code for users: `"out of memory (CUDA error 2)"`. Works without a driver, too.
pub fn describe(code: CUresult) -> String {
    let mut text: *const c_char = std::ptr::null();
    // SAFETY: writes a pointer to a constant of the driver, or fails.
    let found = unsafe { functions::cuGetErrorString(code, &mut text) } == CUDA_SUCCESS && !text.is_null();
    match code {
        // SAFETY: as above.
        _ if found => format!("{} (CUDA error {code})", unsafe { CStr::from_ptr(text) }.to_string_lossy()),
        CUDA_ERROR_NO_DEVICE => format!("no CUDA-capable device is detected (CUDA error {code})"),
        _ => format!("CUDA error {code}"),
    }
}

/// Looks a function up in the driver; the error is the code that its caller receives.
///
/// # Safety
/// `F` is the type of that function.
unsafe fn find<F: Copy>(name: &str) -> Result<F, CUresult> {
    let driver = driver().map_err(|_| CUDA_ERROR_NO_DEVICE)?;
    // SAFETY: the caller is responsible for the type; the library is never closed.
    unsafe { driver.get::<F>(name.as_bytes()) }.map(|f| *f).map_err(|_| CUDA_ERROR_NOT_SUPPORTED)
}

/// The codes that `cust_raw` 0.11 knows, and `CUDA_ERROR_UNKNOWN` for all others.
const fn known(code: CUresult) -> CUresult {
    match code {
        0..=8 | 34 | 100..=102 | 200..=202 | 205..=224 | 300..=304 | 400 | 401 | 500 | 600 => code,
        700..=705 | 708..=720 | 800..=809 | 900..=911 => code,
        _ => CUDA_ERROR_UNKNOWN,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_names_the_code_with_a_driver_or_without() {
        assert!(describe(2).contains("CUDA error 2"), "{}", describe(2));
        assert!(describe(CUDA_ERROR_NO_DEVICE).contains("no CUDA-capable device"));
    }

    #[test]
    fn codes_of_newer_drivers_become_unknown() {
        assert_eq!(known(CUDA_SUCCESS), CUDA_SUCCESS);
        assert_eq!(known(2), 2);
        assert_eq!(known(999), CUDA_ERROR_UNKNOWN);
        for newer in [9, 36, 46, 103, 225, 706, 707, 721, 912, 915] {
            assert_eq!(known(newer), CUDA_ERROR_UNKNOWN, "{newer}");
        }
    }
}
