//! Programs: modules, groups, pipelines, the shader binding table.

use crate::accel::OptixPrimitiveType;
use crate::handles::{CUdeviceptr, OptixModule, bits, enumeration};
use std::ffi::{c_char, c_void};

/// Every record of a shader binding table begins with this many bytes, which `optixSbtRecordPackHeader` fills.
pub const OPTIX_SBT_RECORD_HEADER_SIZE: usize = 32;
pub const OPTIX_SBT_RECORD_ALIGNMENT: usize = 16;
/// [`OptixModuleCompileOptions::max_register_count`]: the compiler decides.
pub const OPTIX_COMPILE_DEFAULT_MAX_REGISTER_COUNT: i32 = 0;
pub const OPTIX_COMPILE_DEFAULT_MAX_PAYLOAD_TYPE_COUNT: usize = 8;
pub const OPTIX_COMPILE_DEFAULT_MAX_PAYLOAD_VALUE_COUNT: usize = 32;

enumeration! {
    OptixCompileOptimizationLevel: u32 {
        DEFAULT = 0,
        LEVEL_0 = 0x2340,
        LEVEL_1 = 0x2341,
        LEVEL_2 = 0x2342,
        LEVEL_3 = 0x2343,
    }

    OptixCompileDebugLevel: u32 {
        DEFAULT = 0,
        NONE = 0x2350,
        MINIMAL = 0x2351,
        MODERATE = 0x2353,
        FULL = 0x2352,
    }

    OptixModuleCompileState: u32 {
        NOT_STARTED = 0x2360,
        STARTED = 0x2361,
        IMPENDING_FAILURE = 0x2362,
        FAILED = 0x2363,
        COMPLETED = 0x2364,
    }

    OptixProgramGroupKind: u32 {
        RAYGEN = 0x2421,
        MISS = 0x2422,
        EXCEPTION = 0x2423,
        HITGROUP = 0x2424,
        CALLABLES = 0x2425,
    }
}

bits! {
    OptixTraversableGraphFlags {
        ALLOW_ANY = 0,
        ALLOW_SINGLE_GAS = 1 << 0,
        ALLOW_SINGLE_LEVEL_INSTANCING = 1 << 1,
    }

    OptixExceptionFlags {
        NONE = 0,
        STACK_OVERFLOW = 1 << 0,
        TRACE_DEPTH = 1 << 1,
        USER = 1 << 2,
    }

    OptixProgramGroupFlags {
        NONE = 0,
    }

    OptixCurveEndcapFlags {
        DEFAULT = 0,
        ON = 1 << 0,
    }

    OptixRayFlags {
        NONE = 0,
        DISABLE_ANYHIT = 1 << 0,
        ENFORCE_ANYHIT = 1 << 1,
        TERMINATE_ON_FIRST_HIT = 1 << 2,
        DISABLE_CLOSESTHIT = 1 << 3,
        CULL_BACK_FACING_TRIANGLES = 1 << 4,
        CULL_FRONT_FACING_TRIANGLES = 1 << 5,
        CULL_DISABLED_ANYHIT = 1 << 6,
        CULL_ENFORCED_ANYHIT = 1 << 7,
        FORCE_OPACITY_MICROMAP_2_STATE = 1 << 10,
    }

    /// The type of payload that a trace call and a program agree on.
    OptixPayloadTypeID {
        DEFAULT = 0,
        ID_0 = 1 << 0,
        ID_1 = 1 << 1,
        ID_2 = 1 << 2,
        ID_3 = 1 << 3,
        ID_4 = 1 << 4,
        ID_5 = 1 << 5,
        ID_6 = 1 << 6,
        ID_7 = 1 << 7,
    }

    /// Which programs read and write a payload value.
    OptixPayloadSemantics {
        TRACE_CALLER_NONE = 0,
        TRACE_CALLER_READ = 1,
        TRACE_CALLER_WRITE = 2,
        TRACE_CALLER_READ_WRITE = 3,
        CH_NONE = 0,
        CH_READ = 1 << 2,
        CH_WRITE = 2 << 2,
        CH_READ_WRITE = 3 << 2,
        MS_NONE = 0,
        MS_READ = 1 << 4,
        MS_WRITE = 2 << 4,
        MS_READ_WRITE = 3 << 4,
        AH_NONE = 0,
        AH_READ = 1 << 6,
        AH_WRITE = 2 << 6,
        AH_READ_WRITE = 3 << 6,
        IS_NONE = 0,
        IS_READ = 1 << 8,
        IS_WRITE = 2 << 8,
        IS_READ_WRITE = 3 << 8,
    }
}

/// A launch parameter that the compiler may treat as constant.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixModuleCompileBoundValueEntry {
    pub pipeline_param_offset_in_bytes: usize,
    pub size_in_bytes: usize,
    pub bound_value_ptr: *const c_void,
    pub annotation: *const c_char,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixPayloadType {
    pub num_payload_values: u32,
    /// [`OptixPayloadSemantics`], one for each value.
    pub payload_semantics: *const u32,
}

/// The default is the driver's choice for release builds.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixModuleCompileOptions {
    pub max_register_count: i32,
    pub opt_level: OptixCompileOptimizationLevel,
    pub debug_level: OptixCompileDebugLevel,
    pub bound_values: *const OptixModuleCompileBoundValueEntry,
    pub num_bound_values: u32,
    pub num_payload_types: u32,
    pub payload_types: *const OptixPayloadType,
}

impl Default for OptixModuleCompileOptions {
    fn default() -> Self {
        OptixModuleCompileOptions {
            max_register_count: OPTIX_COMPILE_DEFAULT_MAX_REGISTER_COUNT,
            opt_level: OptixCompileOptimizationLevel::DEFAULT,
            debug_level: OptixCompileDebugLevel::DEFAULT,
            bound_values: std::ptr::null(),
            num_bound_values: 0,
            num_payload_types: 0,
            payload_types: std::ptr::null(),
        }
    }
}

/// The same for all modules of a pipeline.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixPipelineCompileOptions {
    pub uses_motion_blur: i32,
    /// [`OptixTraversableGraphFlags`].
    pub traversable_graph_flags: u32,
    /// 32-bit registers; 0 if the modules declare payload types.
    pub num_payload_values: i32,
    pub num_attribute_values: i32,
    /// [`OptixExceptionFlags`].
    pub exception_flags: u32,
    pub pipeline_launch_params_variable_name: *const c_char,
    /// [`OptixPrimitiveTypeFlags`](crate::OptixPrimitiveTypeFlags).
    pub uses_primitive_type_flags: u32,
    pub allow_opacity_micromaps: i32,
}

impl Default for OptixPipelineCompileOptions {
    fn default() -> Self {
        OptixPipelineCompileOptions {
            uses_motion_blur: 0,
            traversable_graph_flags: OptixTraversableGraphFlags::ALLOW_ANY,
            num_payload_values: 0,
            num_attribute_values: 0,
            exception_flags: OptixExceptionFlags::NONE,
            pipeline_launch_params_variable_name: std::ptr::null(),
            uses_primitive_type_flags: 0,
            allow_opacity_micromaps: 0,
        }
    }
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixPipelineLinkOptions {
    /// Maximum depth of nested trace calls.
    pub max_trace_depth: u32,
}

/// A program by module and name; both null for none.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixProgramGroupSingleModule {
    pub module: OptixModule,
    pub entry_function_name: *const c_char,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixProgramGroupHitgroup {
    pub module_ch: OptixModule,
    pub entry_function_name_ch: *const c_char,
    pub module_ah: OptixModule,
    pub entry_function_name_ah: *const c_char,
    pub module_is: OptixModule,
    pub entry_function_name_is: *const c_char,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixProgramGroupCallables {
    pub module_dc: OptixModule,
    pub entry_function_name_dc: *const c_char,
    pub module_cc: OptixModule,
    pub entry_function_name_cc: *const c_char,
}

/// The programs of a group, by its kind.
#[repr(C)]
#[derive(Clone, Copy)]
pub union OptixProgramGroupPrograms {
    pub raygen: OptixProgramGroupSingleModule,
    pub miss: OptixProgramGroupSingleModule,
    pub exception: OptixProgramGroupSingleModule,
    pub callables: OptixProgramGroupCallables,
    pub hitgroup: OptixProgramGroupHitgroup,
}

#[repr(C)]
#[derive(Clone, Copy)]
pub struct OptixProgramGroupDesc {
    pub kind: OptixProgramGroupKind,
    /// [`OptixProgramGroupFlags`].
    pub flags: u32,
    pub programs: OptixProgramGroupPrograms,
}

impl OptixProgramGroupDesc {
    fn new(kind: OptixProgramGroupKind) -> Self {
        // SAFETY: handles and pointers, of which all may be null.
        let programs = unsafe { std::mem::zeroed() };
        OptixProgramGroupDesc { kind, flags: OptixProgramGroupFlags::NONE, programs }
    }

    pub fn raygen(raygen: OptixProgramGroupSingleModule) -> Self {
        let mut desc = Self::new(OptixProgramGroupKind::RAYGEN);
        desc.programs.raygen = raygen;
        desc
    }

    pub fn miss(miss: OptixProgramGroupSingleModule) -> Self {
        let mut desc = Self::new(OptixProgramGroupKind::MISS);
        desc.programs.miss = miss;
        desc
    }

    pub fn exception(exception: OptixProgramGroupSingleModule) -> Self {
        let mut desc = Self::new(OptixProgramGroupKind::EXCEPTION);
        desc.programs.exception = exception;
        desc
    }

    pub fn hitgroup(hitgroup: OptixProgramGroupHitgroup) -> Self {
        let mut desc = Self::new(OptixProgramGroupKind::HITGROUP);
        desc.programs.hitgroup = hitgroup;
        desc
    }

    pub fn callables(callables: OptixProgramGroupCallables) -> Self {
        let mut desc = Self::new(OptixProgramGroupKind::CALLABLES);
        desc.programs.callables = callables;
        desc
    }
}

/// No program.
macro_rules! null_by_default {
    ($($name:ident),*) => {$(
        impl Default for $name {
            fn default() -> Self {
                // SAFETY: handles and pointers, of which all may be null.
                unsafe { std::mem::zeroed() }
            }
        }
    )*};
}

null_by_default!(
    OptixProgramGroupSingleModule,
    OptixProgramGroupHitgroup,
    OptixProgramGroupCallables,
    OptixProgramGroupOptions
);

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixProgramGroupOptions {
    /// Null: the module's only one.
    pub payload_type: *const OptixPayloadType,
}

/// Addresses of the records of each kind, on the device.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixShaderBindingTable {
    pub raygen_record: CUdeviceptr,
    pub exception_record: CUdeviceptr,
    pub miss_record_base: CUdeviceptr,
    pub miss_record_stride_in_bytes: u32,
    pub miss_record_count: u32,
    pub hitgroup_record_base: CUdeviceptr,
    pub hitgroup_record_stride_in_bytes: u32,
    pub hitgroup_record_count: u32,
    pub callables_record_base: CUdeviceptr,
    pub callables_record_stride_in_bytes: u32,
    pub callables_record_count: u32,
}

/// Bytes of stack for the programs of a group.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixStackSizes {
    pub css_rg: u32,
    pub css_ms: u32,
    pub css_ch: u32,
    pub css_ah: u32,
    pub css_is: u32,
    pub css_cc: u32,
    pub dss_dc: u32,
}

/// Which built-in intersection program `optixBuiltinISModuleGet` returns. Triangles need none.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixBuiltinISOptions {
    pub builtin_is_module_type: OptixPrimitiveType,
    pub uses_motion_blur: i32,
    /// [`OptixBuildFlags`](crate::OptixBuildFlags) of the acceleration structures that are traced.
    pub build_flags: u32,
    /// [`OptixCurveEndcapFlags`].
    pub curve_endcap_flags: u32,
}
