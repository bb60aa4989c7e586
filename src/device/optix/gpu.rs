//! One card with its CUDA and OptiX contexts, and the conversion of their errors to plotrt's.

use super::driver::{self, describe};
use crate::{Error, ErrorKind, Result};
use cust::context::{Context, CurrentContext};
use cust::device::DeviceAttribute;
use cust::error::CudaError;
use cust::stream::{Stream, StreamFlags};
use optix_sys::*;
use std::cell::RefCell;
use std::ffi::{CStr, c_char, c_void};
use std::time::Instant;

/// An open card.
pub struct Gpu {
    pub name: String,
    pub optix: &'static OptixFunctionTable,
    pub context: OptixDeviceContext,
    pub multiprocessors: u32,
    /// Bytes of memory that were free after both contexts were created.
    pub free_at_first: u64,
    /// The stream of kernels and launches.
    pub stream: Stream,
    /// Declared after everything that must be dropped before it.
    cuda: Context,
}

impl Gpu {
    /// Opens the card with that index.
    pub fn open(index: u32) -> Result<Gpu> {
        let begin = Instant::now();
        driver::start()?;
        let card = driver::card(index)?;
        let optix = driver::optix()?;
        let name = card.name().unwrap_or_else(|_| "NVIDIA GPU".into());
        let refused = |error| match error {
            CudaError::OutOfMemory => Error::device(format!("optix:{index} has no memory left for another program"))
                .hint("`nvidia-smi` lists the programs that use it"),
            other => Error::device(format!("optix:{index} cannot be used: {}", describe(other))),
        };
        let multiprocessors = card.get_attribute(DeviceAttribute::MultiprocessorCount).map_err(refused)?;
        let multiprocessors = u32::try_from(multiprocessors).unwrap_or(1);
        let cuda = Context::new(card).map_err(refused)?;
        let stream = Stream::new(StreamFlags::NON_BLOCKING, None).map_err(refused)?;
        let mut context = OptixDeviceContext::NULL;
        let options = OptixDeviceContextOptions {
            log_callback_function: Some(log),
            log_callback_level: LOG_LEVEL,
            validation_mode: match std::env::var_os("PLOTRT_OPTIX_VALIDATION") {
                Some(_) => OptixDeviceContextValidationMode::ALL,
                None => OptixDeviceContextValidationMode::OFF,
            },
            ..Default::default()
        };
        // SAFETY: the CUDA context is current, and outlives this one: it is dropped later.
        let created = unsafe { (optix.optixDeviceContextCreate)(cuda.as_raw().cast(), &options, &mut context) };
        check("optixDeviceContextCreate", created)?;
        tracing::debug!(took = ?begin.elapsed(), "GPU open");
        let mut gpu = Gpu { name, optix, context, multiprocessors, free_at_first: 0, stream, cuda };
        gpu.free_at_first = gpu.memory()?.0;
        Ok(gpu)
    }

    /// Makes this card the current one of the thread. Must be called first in every method that may run on any thread.
    pub fn enter(&self) -> Result<()> {
        CurrentContext::set_current(&self.cuda).map_err(|error| cuda("choosing the GPU", error))
    }

    /// Waits until the card has finished its work.
    pub fn finish(&self, what: &'static str) -> Result<()> {
        self.stream.synchronize().map_err(|error| cuda(what, error))
    }

    /// Free and total memory of the card, bytes.
    pub fn memory(&self) -> Result<(u64, u64)> {
        let (mut free, mut total) = (0, 0);
        // SAFETY: writes the two numbers.
        let result = unsafe { cust::sys::cuMemGetInfo_v2(&mut free, &mut total) };
        raw("asking for the GPU's memory", result)?;
        Ok((free as u64, total as u64))
    }

    /// A property of the card that OptiX reports.
    pub fn property(&self, property: OptixDeviceProperty) -> Result<u32> {
        let mut value = 0u32;
        // SAFETY: all properties are 32 bits wide.
        let result = unsafe {
            (self.optix.optixDeviceContextGetProperty)(
                self.context,
                property,
                (&raw mut value).cast(),
                size_of::<u32>(),
            )
        };
        check("optixDeviceContextGetProperty", result)?;
        Ok(value)
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        // An error here cannot be reported.
        if self.enter().is_ok() {
            // SAFETY: nothing uses it any more.
            let _ = unsafe { (self.optix.optixDeviceContextDestroy)(self.context) };
        }
    }
}

/// Log level: fatal, error and warning, without status messages.
const LOG_LEVEL: i32 = 3;

thread_local! {
    /// OptiX's last error message on the thread whose call failed.
    static LAST_ERROR: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// The log callback of OptiX.
unsafe extern "C" fn log(level: u32, tag: *const c_char, message: *const c_char, _: *mut c_void) {
    // SAFETY: texts that live during the call.
    let (tag, message) = unsafe { (CStr::from_ptr(tag), CStr::from_ptr(message)) };
    let (tag, message) = (tag.to_string_lossy(), message.to_string_lossy());
    tracing::debug!(level, "OptiX, {tag}: {}", message.trim_end());
    if level <= 2 {
        let detail = message.trim_end().trim_end_matches('.').to_string();
        // Thread-local storage is gone while the thread ends.
        let _ = LAST_ERROR.try_with(|last| *last.borrow_mut() = Some(detail));
    }
}

/// Converts the result of an OptiX call to plotrt's error.
pub fn check(call: &'static str, result: OptixResult) -> Result<()> {
    let detail = LAST_ERROR.take();
    let Err(error) = result.check(call) else { return Ok(()) };
    if result == OptixResult::ERROR_DEVICE_OUT_OF_MEMORY {
        return Err(out_of_memory(call));
    }
    Err(Error::device(match detail {
        Some(detail) => format!("{error}: {detail}"),
        None => error.to_string(),
    }))
}

/// Converts a CUDA error to plotrt's error; `what` names the work: "tracing".
pub fn cuda(what: &str, error: CudaError) -> Error {
    match error {
        CudaError::OutOfMemory => out_of_memory(what),
        other => Error::device(format!("{what} failed on the GPU: {}", describe(other))),
    }
}

/// Converts the result of a CUDA driver function to plotrt's error.
pub fn raw(what: &str, result: cust::sys::CUresult) -> Result<()> {
    match result as u32 {
        cuda_lazy::CUDA_SUCCESS => Ok(()),
        code if code == CudaError::OutOfMemory as u32 => Err(out_of_memory(what)),
        code => Err(Error::device(format!("{what} failed on the GPU: {}", cuda_lazy::describe(code)))),
    }
}

fn out_of_memory(what: &str) -> Error {
    Error::new(ErrorKind::Limit, format!("the GPU has too little memory for {what}"))
        .hint("use fewer primitives or a smaller image, or end other programs that use the GPU")
}
