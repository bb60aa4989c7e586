//! Handles, and how enumerations of C are declared.

use std::ffi::c_void;

/// A context of the CUDA driver; null means the current one.
pub type CUcontext = *mut c_void;
/// A stream of the CUDA driver; null is the default one.
pub type CUstream = *mut c_void;
/// An address on the device, of the CUDA driver.
pub type CUdeviceptr = u64;

/// The target of a trace call: an acceleration structure or a transform.
pub type OptixTraversableHandle = u64;
/// A mask that selects instances for a ray; 8 bits are in use.
pub type OptixVisibilityMask = u32;

macro_rules! handle {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub struct $name(pub *mut c_void);

        impl $name {
            pub const NULL: $name = $name(std::ptr::null_mut());

            pub fn is_null(self) -> bool {
                self.0.is_null()
            }
        }

        /// The null handle.
        impl Default for $name {
            fn default() -> Self {
                $name::NULL
            }
        }

        // SAFETY: the driver allows calls with a handle from any thread.
        unsafe impl Send for $name {}
        unsafe impl Sync for $name {}
    )*};
}

handle! {
    /// An OptiX context on one device.
    OptixDeviceContext;
    /// Programs compiled from one input.
    OptixModule;
    /// Programs for one record of a shader binding table.
    OptixProgramGroup;
    /// Program groups linked for launching.
    OptixPipeline;
    /// A denoiser with its model.
    OptixDenoiser;
    /// A task of the compilation of a module.
    OptixTask;
}

/// An enumeration of C: a number with named values, so that an unknown one from a newer driver is a value, too.
macro_rules! enumeration {
    ($($(#[$doc:meta])* $name:ident: $number:ty { $($(#[$value_doc:meta])* $value:ident = $constant:expr,)* })*) => {$(
        $(#[$doc])*
        #[repr(transparent)]
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
        pub struct $name(pub $number);

        impl $name {
            $($(#[$value_doc])* pub const $value: $name = $name($constant);)*
        }
    )*};
}

/// Named bits of a field of flags, as plain numbers that `|` joins.
macro_rules! bits {
    ($($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $constant:expr,)* })*) => {$(
        $(#[$doc])*
        pub struct $name;

        impl $name {
            $($(#[$value_doc])* pub const $value: u32 = $constant;)*
        }
    )*};
}

pub(crate) use {bits, enumeration};
