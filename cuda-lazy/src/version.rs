//! The version of the display driver, which the CUDA driver itself does not report.

use libloading::Library;
use std::ffi::{CStr, c_char};

/// The driver's management library.
const LIBRARY: &str = if cfg!(windows) { "nvml.dll" } else { "libnvidia-ml.so.1" };
/// Longest version text that it returns, with the terminating zero.
const LENGTH: u32 = 80;

/// Version of the display driver, such as `"580.65.06"`; `None` where it cannot be determined.
///
/// Queries NVIDIA's management library, which takes some milliseconds.
pub fn driver_version() -> Option<String> {
    from_management_library().or_else(from_kernel_module)
}

fn from_management_library() -> Option<String> {
    type Plain = unsafe extern "C" fn() -> i32;
    type Version = unsafe extern "C" fn(*mut c_char, u32) -> i32;
    // SAFETY: the library's initialisers are harmless, the functions have these types, and the buffer has as many bytes
    // as is passed and is zero before.
    unsafe {
        let library = Library::new(LIBRARY).ok()?;
        let start = library.get::<Plain>(b"nvmlInit_v2\0").ok()?;
        let stop = library.get::<Plain>(b"nvmlShutdown\0").ok()?;
        let version = library.get::<Version>(b"nvmlSystemGetDriverVersion\0").ok()?;
        if start() != 0 {
            return None;
        }
        let mut text = [0u8; LENGTH as usize];
        let failed = version(text.as_mut_ptr().cast(), LENGTH) != 0;
        stop();
        let text = CStr::from_bytes_until_nul(&text).ok()?.to_str().ok()?;
        (!failed && !text.is_empty()).then(|| text.to_string())
    }
}

/// Linux only: the first word with a dot in the line that the kernel module shows.
fn from_kernel_module() -> Option<String> {
    let text = std::fs::read_to_string("/proc/driver/nvidia/version").ok()?;
    version_in(&text).map(str::to_string)
}

fn version_in(text: &str) -> Option<&str> {
    let is_version = |word: &&str| word.contains('.') && word.chars().all(|c| c.is_ascii_digit() || c == '.');
    text.lines().next()?.split_whitespace().find(is_version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_the_kernel_module_s_line() {
        let text = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023\nGCC 12.2";
        assert_eq!(version_in(text), Some("535.104.05"));
        assert_eq!(version_in("NVRM"), None);
        assert_eq!(version_in(""), None);
    }
}
