//! Result codes of calls.

use std::fmt;

/// The result of every call; 0 is success.
#[repr(transparent)]
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[must_use]
pub struct OptixResult(pub u32);

macro_rules! results {
    ($($value:ident = $number:literal,)*) => {
        impl OptixResult {
            $(pub const $value: OptixResult = OptixResult($number);)*

            /// The name in the C interface, such as `OPTIX_ERROR_INVALID_VALUE`; `None` for a number that OptiX 8.0
            /// does not define.
            pub fn name(self) -> Option<&'static str> {
                match self.0 {
                    $($number => Some(concat!("OPTIX_", stringify!($value))),)*
                    _ => None,
                }
            }
        }
    };
}

results! {
    SUCCESS = 0,
    ERROR_INVALID_VALUE = 7001,
    ERROR_HOST_OUT_OF_MEMORY = 7002,
    ERROR_INVALID_OPERATION = 7003,
    ERROR_FILE_IO_ERROR = 7004,
    ERROR_INVALID_FILE_FORMAT = 7005,
    ERROR_DISK_CACHE_INVALID_PATH = 7010,
    ERROR_DISK_CACHE_PERMISSION_ERROR = 7011,
    ERROR_DISK_CACHE_DATABASE_ERROR = 7012,
    ERROR_DISK_CACHE_INVALID_DATA = 7013,
    ERROR_LAUNCH_FAILURE = 7050,
    ERROR_INVALID_DEVICE_CONTEXT = 7051,
    ERROR_CUDA_NOT_INITIALIZED = 7052,
    ERROR_VALIDATION_FAILURE = 7053,
    ERROR_INVALID_INPUT = 7200,
    ERROR_INVALID_LAUNCH_PARAMETER = 7201,
    ERROR_INVALID_PAYLOAD_ACCESS = 7202,
    ERROR_INVALID_ATTRIBUTE_ACCESS = 7203,
    ERROR_INVALID_FUNCTION_USE = 7204,
    ERROR_INVALID_FUNCTION_ARGUMENTS = 7205,
    ERROR_PIPELINE_OUT_OF_CONSTANT_MEMORY = 7250,
    ERROR_PIPELINE_LINK_ERROR = 7251,
    ERROR_ILLEGAL_DURING_TASK_EXECUTE = 7270,
    ERROR_INTERNAL_COMPILER_ERROR = 7299,
    ERROR_DENOISER_MODEL_NOT_SET = 7300,
    ERROR_DENOISER_NOT_INITIALIZED = 7301,
    ERROR_NOT_COMPATIBLE = 7400,
    ERROR_PAYLOAD_TYPE_MISMATCH = 7500,
    ERROR_PAYLOAD_TYPE_RESOLUTION_FAILED = 7501,
    ERROR_PAYLOAD_TYPE_ID_INVALID = 7502,
    ERROR_NOT_SUPPORTED = 7800,
    ERROR_UNSUPPORTED_ABI_VERSION = 7801,
    ERROR_FUNCTION_TABLE_SIZE_MISMATCH = 7802,
    ERROR_INVALID_ENTRY_FUNCTION_OPTIONS = 7803,
    ERROR_LIBRARY_NOT_FOUND = 7804,
    ERROR_ENTRY_SYMBOL_NOT_FOUND = 7805,
    ERROR_LIBRARY_UNLOAD_FAILURE = 7806,
    ERROR_DEVICE_OUT_OF_MEMORY = 7807,
    ERROR_CUDA_ERROR = 7900,
    ERROR_INTERNAL_ERROR = 7990,
    ERROR_UNKNOWN = 7999,
}

impl OptixResult {
    /// `Err` for all but success; `call` is the name of the function that returned this.
    pub fn check(self, call: &'static str) -> Result<(), Error> {
        if self == OptixResult::SUCCESS { Ok(()) } else { Err(Error { call, result: self }) }
    }
}

impl fmt::Display for OptixResult {
    /// Name and number: `OPTIX_ERROR_INVALID_VALUE (7001)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "OptiX error {}", self.0),
        }
    }
}

impl fmt::Debug for OptixResult {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A call that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Error {
    /// Name of the function.
    pub call: &'static str,
    pub result: OptixResult,
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} failed: {}", self.call, self.result)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_failed_and_how() {
        assert_eq!(OptixResult::SUCCESS.check("optixLaunch"), Ok(()));
        let error = OptixResult(7050).check("optixLaunch").unwrap_err();
        assert_eq!(error.to_string(), "optixLaunch failed: OPTIX_ERROR_LAUNCH_FAILURE (7050)");
        let newer = OptixResult(7877).check("optixLaunch").unwrap_err();
        assert_eq!(newer.to_string(), "optixLaunch failed: OptiX error 7877");
    }
}
