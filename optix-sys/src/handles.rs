//! Handles, and how enumerations of C are declared.

use std::ffi::c_void;

/// Of the CUDA driver: a context; null means the current one.
pub type CUcontext = *mut c_void;
/// Of the CUDA driver: a stream; null is the default one.
pub type CUstream = *mut c_void;
/// Of the CUDA driver: an address on the device.
pub type CUdeviceptr = u64;

/// What rays are traced against: an acceleration structure or a transform.
pub type OptixTraversableHandle = u64;
/// A mask that rays and instances are matched by; 8 bits are in use.
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

        /// Null.
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
    /// OptiX on one device.
    OptixDeviceContext;
    /// Programs compiled from one input.
    OptixModule;
    /// Programs that take one place in a shader binding table.
    OptixProgramGroup;
    /// Program groups linked for launching.
    OptixPipeline;
    /// A denoiser with its model.
    OptixDenoiser;
    /// A piece of the compilation of a module.
    OptixTask;
}

/// An enumeration of C: a number with named values, so that one which a newer driver returns is a value, too.
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
