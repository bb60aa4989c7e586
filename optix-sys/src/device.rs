//! Devices: contexts, their properties and their log.

use crate::handles::{bits, enumeration};
use std::ffi::{c_char, c_void};

/// Log callback. `level` is 1 (fatal) to 4 (print); called from whatever thread makes the call that is logged.
pub type OptixLogCallback =
    Option<unsafe extern "C" fn(level: u32, tag: *const c_char, message: *const c_char, data: *mut c_void)>;

enumeration! {
    /// Properties that `optixDeviceContextGetProperty` returns; each is an `unsigned int`.
    OptixDeviceProperty: u32 {
        LIMIT_MAX_TRACE_DEPTH = 0x2001,
        LIMIT_MAX_TRAVERSABLE_GRAPH_DEPTH = 0x2002,
        LIMIT_MAX_PRIMITIVES_PER_GAS = 0x2003,
        LIMIT_MAX_INSTANCES_PER_IAS = 0x2004,
        /// 0: no ray-tracing cores; otherwise ten times their generation.
        RTCORE_VERSION = 0x2005,
        LIMIT_MAX_INSTANCE_ID = 0x2006,
        LIMIT_NUM_BITS_INSTANCE_VISIBILITY_MASK = 0x2007,
        LIMIT_MAX_SBT_RECORDS_PER_GAS = 0x2008,
        LIMIT_MAX_SBT_OFFSET = 0x2009,
        SHADER_EXECUTION_REORDERING = 0x200A,
    }

    /// Validation at run time, which costs time, for debugging.
    OptixDeviceContextValidationMode: u32 {
        OFF = 0,
        ALL = 0xFFFF_FFFF,
    }
}

bits! {
    /// Values of [`OptixDeviceProperty::SHADER_EXECUTION_REORDERING`].
    OptixDevicePropertyShaderExecutionReorderingFlags {
        NONE = 0,
        STANDARD = 1 << 0,
    }
}

/// Options of a context; the default logs nothing and validates nothing.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixDeviceContextOptions {
    pub log_callback_function: OptixLogCallback,
    pub log_callback_data: *mut c_void,
    pub log_callback_level: i32,
    pub validation_mode: OptixDeviceContextValidationMode,
}

impl Default for OptixDeviceContextOptions {
    fn default() -> Self {
        OptixDeviceContextOptions {
            log_callback_function: None,
            log_callback_data: std::ptr::null_mut(),
            log_callback_level: 0,
            validation_mode: OptixDeviceContextValidationMode::OFF,
        }
    }
}
