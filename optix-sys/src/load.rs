//! Loads the function table from the driver's library.

use crate::{OPTIX_ABI_VERSION, OptixFunctionTable, OptixResult};
use libloading::Library;
use std::ffi::c_void;
use std::fmt;
use std::sync::OnceLock;

/// The driver's library, as the system's loader looks it up.
pub const LIBRARY: &str = if cfg!(windows) { "nvoptix.dll" } else { "libnvoptix.so.1" };
/// The first driver branch with [`OPTIX_ABI_VERSION`].
pub const OLDEST_DRIVER: u32 = 535;

/// Why OptiX cannot be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoadError {
    /// There is no [`LIBRARY`], or it cannot be opened; with the message of the system's loader. Containers have it
    /// when `NVIDIA_DRIVER_CAPABILITIES` contains `graphics` (or is `all`).
    LibraryNotFound(String),
    /// The library has no `optixQueryFunctionTable`; with the message of the system's loader.
    EntrySymbolNotFound(String),
    /// The driver is older than [`OLDEST_DRIVER`], or so new that it no longer supports ABI 87.
    UnsupportedAbi,
    /// The driver refuses for another reason.
    Refused(OptixResult),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LoadError::LibraryNotFound(reason) => write!(f, "OptiX's library {LIBRARY} cannot be opened: {reason}"),
            LoadError::EntrySymbolNotFound(reason) => {
                write!(f, "OptiX's library {LIBRARY} has no function table: {reason}")
            }
            LoadError::UnsupportedAbi => write!(
                f,
                "the driver's OptiX does not know ABI {OPTIX_ABI_VERSION}, which drivers from {OLDEST_DRIVER} on have"
            ),
            LoadError::Refused(result) => write!(f, "the driver's OptiX does not return its functions: {result}"),
        }
    }
}

impl std::error::Error for LoadError {}

/// The driver's functions: opened once, and never closed; later calls return the same result.
pub fn load() -> Result<&'static OptixFunctionTable, LoadError> {
    static TABLE: OnceLock<Result<OptixFunctionTable, LoadError>> = OnceLock::new();
    TABLE.get_or_init(open).as_ref().map_err(Clone::clone)
}

/// ABI, number of options, their keys, their values, the table and its size in bytes.
type Query = unsafe extern "C" fn(i32, u32, *mut u32, *mut *const c_void, *mut c_void, usize) -> OptixResult;

fn open() -> Result<OptixFunctionTable, LoadError> {
    let library = open_library()?;
    // SAFETY: this is the type of the function of that name.
    let query = unsafe { library.get::<Query>(b"optixQueryFunctionTable\0") }
        .map_err(|error| LoadError::EntrySymbolNotFound(error.to_string()))?;
    let mut functions = [0usize; OptixFunctionTable::LENGTH];
    // SAFETY: no options, and a table of as many bytes as is passed.
    let result = unsafe {
        query(
            OPTIX_ABI_VERSION,
            0,
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            functions.as_mut_ptr().cast(),
            size_of_val(&functions),
        )
    };
    match result {
        OptixResult::SUCCESS if !functions.contains(&0) => {
            // The library must stay open: the table outlives everything.
            std::mem::forget(library);
            // SAFETY: as many pointers as the table has fields, none of them null, in the order of ABI 87.
            Ok(unsafe { std::mem::transmute::<[usize; OptixFunctionTable::LENGTH], OptixFunctionTable>(functions) })
        }
        OptixResult::SUCCESS | OptixResult::ERROR_UNSUPPORTED_ABI_VERSION => Err(LoadError::UnsupportedAbi),
        other => Err(LoadError::Refused(other)),
    }
}

#[cfg(not(windows))]
fn open_library() -> Result<Library, LoadError> {
    // SAFETY: the driver's initialisers are those that any program runs that uses OptiX.
    unsafe { Library::new(LIBRARY) }.map_err(|error| LoadError::LibraryNotFound(error.to_string()))
}

/// Drivers for Windows keep the library in their own folder, beside their OpenGL, and not on the search path.
#[cfg(windows)]
fn open_library() -> Result<Library, LoadError> {
    use std::path::{Path, PathBuf};

    // SAFETY: the same as on other systems.
    let open = |path: &Path| unsafe { Library::new(path) };
    let system = PathBuf::from(std::env::var_os("SystemRoot").unwrap_or_else(|| "C:\\Windows".into())).join("System32");
    let first = match open(&system.join(LIBRARY)) {
        Ok(library) => return Ok(library),
        Err(error) => error,
    };
    let packages = std::fs::read_dir(system.join("DriverStore").join("FileRepository")).into_iter().flatten().flatten();
    let mut candidates: Vec<(std::time::SystemTime, PathBuf)> = packages
        .map(|package| package.path().join(LIBRARY))
        .filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path)))
        .collect();
    // Packages of replaced drivers may remain: the newest first.
    candidates.sort_by(|a, b| b.0.cmp(&a.0));
    candidates.iter().find_map(|(_, path)| open(path).ok()).ok_or_else(|| LoadError::LibraryNotFound(first.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_say_what_is_missing() {
        let text = LoadError::LibraryNotFound("no such file".into()).to_string();
        assert!(text.contains(LIBRARY) && text.contains("no such file"), "{text}");
        let text = LoadError::UnsupportedAbi.to_string();
        assert!(text.contains("ABI 87") && text.contains("535"), "{text}");
    }

    #[test]
    fn loading_twice_gives_the_same() {
        match (load(), load()) {
            (Ok(a), Ok(b)) => assert!(std::ptr::eq(a, b)),
            (Err(a), Err(b)) => assert_eq!(a, b),
            (a, b) => panic!("{a:?} {b:?}"),
        }
    }
}
