//! Open Image Denoise as foreign functions: the few that are used, loaded at run time.
//!
//! The names and types are those of its C interface, version 2.

use crate::{Error, Result};
use std::ffi::{CStr, OsStr, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Environment variable with the library's path, or that of its folder. `none`: act as if there were no library.
const VARIABLE: &str = "PLOTRT_OIDN";
const NONE: &str = "none";
/// Names that the system's loader looks up; the first that exists is used.
#[cfg(windows)]
const NAMES: &[&str] = &["OpenImageDenoise.dll"];
#[cfg(target_os = "macos")]
const NAMES: &[&str] = &["libOpenImageDenoise.2.dylib", "libOpenImageDenoise.dylib"];
#[cfg(not(any(windows, target_os = "macos")))]
const NAMES: &[&str] = &["libOpenImageDenoise.so.2"];

/// A device or a filter; null for none.
pub type Handle = *mut c_void;
/// Called repeatedly with the share of the work that is done, on any thread; false stops the work.
pub type Monitor = unsafe extern "C" fn(data: *mut c_void, done: f64) -> bool;

/// `OIDN_DEVICE_TYPE_CPU`.
pub const CPU: c_int = 1;
/// `OIDN_FORMAT_FLOAT3`.
pub const FLOAT3: c_int = 3;
/// `OIDN_QUALITY_FAST`, which is known from [`FAST_SINCE`] on, and `OIDN_QUALITY_HIGH`.
pub const FAST: c_int = 4;
pub const HIGH: c_int = 6;
pub const FAST_SINCE: c_int = 20300;
/// `OIDN_ERROR_NONE`, `OIDN_ERROR_OUT_OF_MEMORY`, `OIDN_ERROR_CANCELLED`.
pub const NO_ERROR: c_int = 0;
pub const OUT_OF_MEMORY: c_int = 4;
pub const CANCELLED: c_int = 6;

macro_rules! functions {
    ($($field:ident = $name:literal: fn($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The functions. Calls are as unsafe as in C.
        pub struct Functions {
            $(pub $field: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
            /// Path at which the library was found, for messages.
            pub path: String,
            /// Declared after the functions, which must be dropped before the library.
            _library: libloading::Library,
        }

        impl Functions {
            fn of(library: libloading::Library, path: String) -> Result<Functions, libloading::Error> {
                // SAFETY: these are the types of the functions of those names.
                unsafe {
                    Ok(Functions {
                        $($field: *library.get(concat!($name, "\0").as_bytes())?,)*
                        path,
                        _library: library,
                    })
                }
            }
        }
    };
}

functions! {
    new_device = "oidnNewDevice": fn(c_int) -> Handle;
    set_device_int = "oidnSetDeviceInt": fn(Handle, *const c_char, c_int);
    set_device_bool = "oidnSetDeviceBool": fn(Handle, *const c_char, bool);
    device_int = "oidnGetDeviceInt": fn(Handle, *const c_char) -> c_int;
    commit_device = "oidnCommitDevice": fn(Handle);
    device_error = "oidnGetDeviceError": fn(Handle, *mut *const c_char) -> c_int;
    release_device = "oidnReleaseDevice": fn(Handle);
    new_filter = "oidnNewFilter": fn(Handle, *const c_char) -> Handle;
    // Name, address, format, width, height, offset, and the strides of pixels and rows: 0 for dense.
    set_image = "oidnSetSharedFilterImage":
        fn(Handle, *const c_char, *mut c_void, c_int, usize, usize, usize, usize, usize);
    set_filter_bool = "oidnSetFilterBool": fn(Handle, *const c_char, bool);
    set_filter_int = "oidnSetFilterInt": fn(Handle, *const c_char, c_int);
    set_monitor = "oidnSetFilterProgressMonitorFunction": fn(Handle, Option<Monitor>, *mut c_void);
    commit_filter = "oidnCommitFilter": fn(Handle);
    execute_filter = "oidnExecuteFilter": fn(Handle);
    release_filter = "oidnReleaseFilter": fn(Handle);
}

/// Opens the library once; later calls return the same result. It is never closed.
pub fn load() -> Result<&'static Functions> {
    static LIBRARY: OnceLock<Result<Functions>> = OnceLock::new();
    LIBRARY.get_or_init(|| find(std::env::var_os(VARIABLE).as_deref())).as_ref().map_err(Clone::clone)
}

/// Opens the library; `setting` is the value of [`VARIABLE`].
fn find(setting: Option<&OsStr>) -> Result<Functions> {
    let missing = |reason: String| {
        Error::device(format!("Open Image Denoise cannot be opened: {reason}"))
            .hint(format!("install its version 2, or let {VARIABLE} name its library or the folder that it is in"))
    };
    match setting {
        Some(setting) if setting == NONE => {
            Err(Error::device(format!("Open Image Denoise is turned off by {VARIABLE}={NONE}"))
                .hint(format!("unset {VARIABLE}")))
        }
        Some(setting) if !setting.is_empty() => {
            let path = Path::new(setting);
            let paths =
                if path.is_dir() { NAMES.iter().map(|name| path.join(name)).collect() } else { vec![path.into()] };
            first(paths).map_err(|reason| missing(format!("{VARIABLE}={}: {reason}", path.display())))
        }
        _ => first(candidates()).map_err(missing),
    }
}

/// Where to look for the library if no path is given: where the loader looks, beside this program, and in the folder
/// `lib` beside the program's own, which is where the library looks for its parts.
fn candidates() -> Vec<PathBuf> {
    let program = std::env::current_exe().ok();
    let folder = program.as_deref().and_then(Path::parent);
    let folders = folder.into_iter().flat_map(|folder| [folder.to_path_buf(), folder.join("../lib")]);
    let near = folders.flat_map(|folder| NAMES.iter().map(move |name| folder.join(name))).filter(|path| path.is_file());
    NAMES.iter().map(PathBuf::from).chain(near).collect()
}

/// Opens the first candidate that can be opened; if none can, returns why the first cannot.
fn first(paths: Vec<PathBuf>) -> Result<Functions, String> {
    let mut reason = None;
    for path in paths {
        match open(&path) {
            Ok(functions) => return Ok(functions),
            Err(error) => reason = reason.or(Some(error)),
        }
    }
    Err(reason.unwrap_or_else(|| "there is no candidate to open".into()))
}

fn open(path: &Path) -> Result<Functions, String> {
    // SAFETY: the initialisers of this library have no preconditions.
    let library = unsafe { libloading::Library::new(path) }.map_err(|error| error.to_string())?;
    Functions::of(library, path.display().to_string())
        .map_err(|error| format!("{} is another version: {error}", path.display()))
}

impl Functions {
    /// The last error of a device, or of this thread for the null device; reading it clears it.
    ///
    /// # Safety
    /// The device must be alive.
    pub unsafe fn error(&self, device: Handle) -> Option<(c_int, String)> {
        let mut text = std::ptr::null();
        // SAFETY: writes the address of a text that lives until the next call.
        unsafe {
            let code = (self.device_error)(device, &mut text);
            let text = if text.is_null() { "no reason given".into() } else { CStr::from_ptr(text).to_string_lossy() };
            (code != NO_ERROR).then(|| (code, text.into_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    fn refused(setting: &str) -> Error {
        find(Some(OsStr::new(setting))).err().expect("there is no such library")
    }

    #[test]
    fn what_cannot_be_opened_says_where_it_was_looked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().display().to_string();
        let error = refused(&path);
        assert_eq!(error.kind, ErrorKind::Device);
        let start = format!("Open Image Denoise cannot be opened: PLOTRT_OIDN={path}: ");
        assert!(error.message.starts_with(&start) && error.message.contains(NAMES[0]), "{error}");
        assert!(error.hint.unwrap().contains("PLOTRT_OIDN"));
        let file = folder.path().join("text.so");
        std::fs::write(&file, "no library").unwrap();
        assert!(refused(&file.display().to_string()).message.contains("text.so"));
    }

    #[test]
    fn a_library_that_is_another_one_is_refused() {
        // The C library is in every program, and has none of the functions.
        let other = if cfg!(target_os = "linux") { "libc.so.6" } else { return };
        assert!(refused(other).message.contains("libc.so.6 is another version: "), "{}", refused(other));
    }

    #[test]
    fn it_can_be_turned_off() {
        assert_eq!(refused("none").message, "Open Image Denoise is turned off by PLOTRT_OIDN=none");
    }
}
