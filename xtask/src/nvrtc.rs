//! NVIDIA's run-time compiler: one pinned version, fetched as a Python package and opened as a library.
//!
//! The version decides which drivers accept the output: 12.2 writes PTX 8.2, which drivers from 535 on accept.

use anyhow::{Context, Result, bail, ensure};
use libloading::Library;
use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, ptr};

const PACKAGE: &str = "nvidia-cuda-nvrtc-cu12";
const VERSION: &str = "12.2.140";
/// Hashes of the packages for Linux and for Windows, both x86-64: there are no others. pip chooses the one that fits.
const SHA256: [&str; 2] = [
    "b1cdcae6443cb7cdcfb5d1bf51896a148c9f82f9e65b27db9ab095eaed689aa7",
    "757cae04ac6de8d87ae44ecde8b02cf08b31a7b5b539eb982825d7808b2b946d",
];

/// The last is the compiler. It opens the one before by its bare name, and finds it because it is already loaded.
#[cfg(windows)]
const LIBRARIES: [&str; 2] =
    ["nvidia/cuda_nvrtc/bin/nvrtc-builtins64_122.dll", "nvidia/cuda_nvrtc/bin/nvrtc64_120_0.dll"];
#[cfg(not(windows))]
const LIBRARIES: [&str; 2] =
    ["nvidia/cuda_nvrtc/lib/libnvrtc-builtins.so.12.2", "nvidia/cuda_nvrtc/lib/libnvrtc.so.12"];

type Program = *mut c_void;

/// The functions of the library that are used, under their original names.
pub struct Nvrtc {
    create: unsafe extern "C" fn(
        *mut Program,
        *const c_char,
        *const c_char,
        c_int,
        *const *const c_char,
        *const *const c_char,
    ) -> c_int,
    compile: unsafe extern "C" fn(Program, c_int, *const *const c_char) -> c_int,
    log_size: unsafe extern "C" fn(Program, *mut usize) -> c_int,
    log: unsafe extern "C" fn(Program, *mut c_char) -> c_int,
    ptx_size: unsafe extern "C" fn(Program, *mut usize) -> c_int,
    ptx: unsafe extern "C" fn(Program, *mut c_char) -> c_int,
    destroy: unsafe extern "C" fn(*mut Program) -> c_int,
    _libraries: Vec<Library>,
}

impl Nvrtc {
    /// Opens the compiler, after fetching it into `cache` if it is not there.
    pub fn open(cache: &Path) -> Result<Nvrtc> {
        let folder = cache.join(VERSION);
        if !folder.is_dir() {
            fetch(cache, &folder)?;
        }
        let mut libraries = Vec::new();
        for name in LIBRARIES {
            let path = folder.join(name);
            // SAFETY: the library of the pinned package; its initialisers have no preconditions.
            let library = unsafe { Library::new(&path) }.with_context(|| {
                format!("cannot open {}; remove {} to fetch it again", path.display(), folder.display())
            })?;
            libraries.push(library);
        }
        let library = libraries.last().context("no library is named for this system")?;
        // SAFETY: the types are those of nvrtc.h, and the libraries live as long as the pointers.
        unsafe {
            Ok(Nvrtc {
                create: *library.get(b"nvrtcCreateProgram\0")?,
                compile: *library.get(b"nvrtcCompileProgram\0")?,
                log_size: *library.get(b"nvrtcGetProgramLogSize\0")?,
                log: *library.get(b"nvrtcGetProgramLog\0")?,
                ptx_size: *library.get(b"nvrtcGetPTXSize\0")?,
                ptx: *library.get(b"nvrtcGetPTX\0")?,
                destroy: *library.get(b"nvrtcDestroyProgram\0")?,
                _libraries: libraries,
            })
        }
    }

    /// The PTX of a source; warnings are errors.
    pub fn compile(&self, name: &str, source: &str, options: &[&str]) -> Result<String> {
        let (name, source) = (CString::new(name)?, CString::new(source)?);
        let options = options.iter().map(|&option| CString::new(option)).collect::<Result<Vec<_>, _>>()?;
        let options: Vec<_> = options.iter().map(|option| option.as_ptr()).collect();
        let mut program = ptr::null_mut();
        // SAFETY: all strings end in a zero and outlive the calls; no headers are given.
        let created =
            unsafe { (self.create)(&mut program, source.as_ptr(), name.as_ptr(), 0, ptr::null(), ptr::null()) };
        ensure!(created == 0, "NVRTC cannot create a program (code {created})");
        // SAFETY: `program` was created above; there are as many options as is passed.
        let compiled = unsafe { (self.compile)(program, options.len() as c_int, options.as_ptr()) };
        let log = self.text(program, self.log_size, self.log);
        let ptx = if compiled == 0 { self.text(program, self.ptx_size, self.ptx) } else { Ok(String::new()) };
        // SAFETY: destroyed once, and not used after.
        unsafe { (self.destroy)(&mut program) };
        let log = log?;
        if compiled != 0 || !log.trim().is_empty() {
            bail!("{}", log.trim());
        }
        ptx
    }

    fn text(
        &self,
        program: Program,
        size_of: unsafe extern "C" fn(Program, *mut usize) -> c_int,
        copy: unsafe extern "C" fn(Program, *mut c_char) -> c_int,
    ) -> Result<String> {
        let mut size = 0;
        // SAFETY: the program lives; the size includes the terminating zero, and the copy fills as much.
        let bytes = unsafe {
            ensure!(size_of(program, &mut size) == 0, "NVRTC does not tell how long its output is");
            let mut bytes = vec![0u8; size.max(1)];
            ensure!(copy(program, bytes.as_mut_ptr().cast()) == 0, "NVRTC does not return its output");
            bytes
        };
        Ok(CStr::from_bytes_until_nul(&bytes)?.to_str()?.to_owned())
    }
}

/// Downloads the package, whose hash pip verifies, and unpacks it into `folder`.
fn fetch(cache: &Path, folder: &Path) -> Result<()> {
    eprintln!("fetching {PACKAGE} {VERSION} (23 MB) with pip");
    fs::create_dir_all(cache)?;
    let requirements = cache.join("requirements.txt");
    let hashes: String = SHA256.iter().map(|hash| format!(" --hash=sha256:{hash}")).collect();
    fs::write(&requirements, format!("{PACKAGE}=={VERSION}{hashes}\n"))?;
    let wheels = cache.join("wheels");
    python(&[
        "-m".as_ref(),
        "pip".as_ref(),
        "download".as_ref(),
        "--quiet".as_ref(),
        "--no-deps".as_ref(),
        "--only-binary=:all:".as_ref(),
        "--require-hashes".as_ref(),
        "--requirement".as_ref(),
        requirements.as_ref(),
        "--dest".as_ref(),
        wheels.as_ref(),
    ])?;
    let wheel = find_wheel(&wheels)?;
    // Unpacked elsewhere and renamed, so that an interrupted download is not used.
    let unpacked = cache.join("unpacked");
    if unpacked.exists() {
        fs::remove_dir_all(&unpacked)?;
    }
    python(&["-m".as_ref(), "zipfile".as_ref(), "-e".as_ref(), wheel.as_ref(), unpacked.as_ref()])?;
    fs::rename(&unpacked, folder)?;
    fs::remove_dir_all(&wheels)?;
    Ok(())
}

fn find_wheel(folder: &Path) -> Result<PathBuf> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "whl") {
            return Ok(path);
        }
    }
    bail!("pip left no package in {}", folder.display())
}

fn python(arguments: &[&std::ffi::OsStr]) -> Result<()> {
    let program = if cfg!(windows) { "python" } else { "python3" };
    let status = Command::new(program)
        .args(arguments)
        .status()
        .with_context(|| format!("cannot run {program}, which fetches the compiler; install Python and its pip"))?;
    ensure!(
        status.success(),
        "{program} failed ({status}); fetching the compiler needs Python, its pip and the network"
    );
    Ok(())
}
