//! The NVIDIA driver: whether it works, its cards, and hints for users where it does not.

use crate::{Error, Result};
use cust::device::Device as Card;
use cust::error::CudaError;
use optix_sys::{LoadError, OLDEST_DRIVER, OptixFunctionTable};
use std::sync::Mutex;

/// Opens the driver; fails with the cause where none works.
pub fn start() -> Result<()> {
    cuda_lazy::load().map_err(|error| {
        Error::device(format!("there is no NVIDIA driver: {error}"))
            .hint(format!("install NVIDIA's driver, {OLDEST_DRIVER} or newer; in a container, pass the GPU in"))
    })?;
    // Some drivers fail when several threads initialise them at once.
    static STARTING: Mutex<()> = Mutex::new(());
    let _alone = STARTING.lock();
    cust::init(cust::CudaFlags::empty()).map_err(|error| match error {
        CudaError::NoDevice => Error::device("the NVIDIA driver finds no GPU")
            .hint("check that one is installed, and that CUDA_VISIBLE_DEVICES does not hide it"),
        other => Error::device(format!("the NVIDIA driver does not start: {}", describe(other)))
            .hint("`nvidia-smi` reports more; after an update of the driver, restart the machine"),
    })
}

/// Describes a CUDA error. Its `Display` is not used: that panics in `to_string` where the driver does not know the
/// code, or is missing.
pub fn describe(error: CudaError) -> String {
    cuda_lazy::describe(error as u32)
}

/// Number of cards. The driver has been initialised.
pub fn card_count() -> Result<u32> {
    match Card::num_devices() {
        Ok(0) => Err(Error::device("the NVIDIA driver finds no GPU")),
        Ok(count) => Ok(count),
        Err(error) => Err(Error::device(format!("the NVIDIA driver does not list its GPUs: {}", describe(error)))),
    }
}

/// The card with that index.
pub fn card(index: u32) -> Result<Card> {
    let count = card_count()?;
    if index >= count {
        let known = if count == 1 { "only optix:0".to_string() } else { format!("optix:0 to optix:{}", count - 1) };
        return Err(Error::device(format!("there is no optix:{index}")).hint(format!("there is {known}")));
    }
    Card::get_device(index).map_err(|error| Error::device(format!("optix:{index} cannot be used: {}", describe(error))))
}

/// OptiX's functions.
pub fn optix() -> Result<&'static OptixFunctionTable> {
    optix_sys::load().map_err(|error| load_error(&error, cuda_lazy::driver_version().as_deref()))
}

fn load_error(error: &LoadError, driver: Option<&str>) -> Error {
    let fact = Error::device(match (error, driver) {
        (LoadError::UnsupportedAbi, Some(version)) => format!("driver {version} does not fit: {error}"),
        _ => error.to_string(),
    });
    match error {
        LoadError::LibraryNotFound(_) => fact.hint(
            "it is part of NVIDIA's driver; in a container, set NVIDIA_DRIVER_CAPABILITIES to `all`, or to a list with \
             `graphics` in it",
        ),
        LoadError::UnsupportedAbi => fact.hint(format!("install a driver of version {OLDEST_DRIVER} or newer")),
        LoadError::EntrySymbolNotFound(_) | LoadError::Refused(_) => fact.hint("reinstall NVIDIA's driver"),
    }
}

/// The driver's version, for users: `"580.159.04 (CUDA 13.0)"`.
pub fn version() -> String {
    let cuda = cust::CudaApiVersion::get().map(|version| format!("CUDA {}.{}", version.major(), version.minor()));
    match (cuda_lazy::driver_version(), cuda) {
        (Some(driver), Ok(cuda)) => format!("{driver} ({cuda})"),
        (Some(driver), Err(_)) => driver,
        (None, Ok(cuda)) => cuda,
        (None, Err(_)) => "of unknown version".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use optix_sys::OptixResult;

    #[test]
    fn each_cause_has_its_name_and_remedy() {
        let missing = load_error(&LoadError::LibraryNotFound("no such file".into()), Some("580.1"));
        assert_eq!(missing.kind, ErrorKind::Device);
        assert!(missing.message.contains(optix_sys::LIBRARY), "{missing}");
        assert!(missing.hint.unwrap().contains("NVIDIA_DRIVER_CAPABILITIES"));
        let old = load_error(&LoadError::UnsupportedAbi, Some("525.60"));
        assert!(old.message.contains("525.60") && old.message.contains("ABI 87"), "{old}");
        assert!(old.hint.unwrap().contains("535"));
        let refused = load_error(&LoadError::Refused(OptixResult::ERROR_UNKNOWN), None);
        assert!(refused.message.contains("OPTIX_ERROR_UNKNOWN"), "{refused}");
    }

    #[test]
    fn without_a_driver_the_missing_library_is_named() {
        if cuda_lazy::load().is_err() {
            let error = start().unwrap_err();
            assert!(error.message.contains(cuda_lazy::LIBRARY), "{error}");
            assert!(error.hint.unwrap().contains("535"));
        }
    }
}
