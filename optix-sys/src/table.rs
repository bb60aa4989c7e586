//! The function table of ABI 87, in the driver's order.

use crate::*;
use std::ffi::{c_char, c_void};

macro_rules! table {
    ($($(#[$doc:meta])* $name:ident: fn($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?;)*) => {
        /// All functions of the interface. Calls are as unsafe as in C: the driver checks handles and options only in
        /// part, and works on addresses of the device in the order of the streams passed to it.
        #[repr(C)]
        #[derive(Debug, Clone, Copy)]
        #[allow(non_snake_case)]
        pub struct OptixFunctionTable {
            $($(#[$doc])* pub $name: unsafe extern "C" fn($($argument: $type),*) $(-> $result)?,)*
        }

        impl OptixFunctionTable {
            /// Number of functions.
            pub const LENGTH: usize = [$(stringify!($name)),*].len();
            /// Their names, in order.
            pub const NAMES: [&'static str; Self::LENGTH] = [$(stringify!($name)),*];
        }
    };
}

table! {
    optixGetErrorName: fn(result: OptixResult) -> *const c_char;
    optixGetErrorString: fn(result: OptixResult) -> *const c_char;

    optixDeviceContextCreate: fn(
        from: CUcontext, options: *const OptixDeviceContextOptions, context: *mut OptixDeviceContext,
    ) -> OptixResult;
    optixDeviceContextDestroy: fn(context: OptixDeviceContext) -> OptixResult;
    optixDeviceContextGetProperty: fn(
        context: OptixDeviceContext, property: OptixDeviceProperty, value: *mut c_void, bytes: usize,
    ) -> OptixResult;
    optixDeviceContextSetLogCallback: fn(
        context: OptixDeviceContext, callback: OptixLogCallback, data: *mut c_void, level: u32,
    ) -> OptixResult;
    optixDeviceContextSetCacheEnabled: fn(context: OptixDeviceContext, enabled: i32) -> OptixResult;
    optixDeviceContextSetCacheLocation: fn(context: OptixDeviceContext, location: *const c_char) -> OptixResult;
    optixDeviceContextSetCacheDatabaseSizes: fn(
        context: OptixDeviceContext, low_water_mark: usize, high_water_mark: usize,
    ) -> OptixResult;
    optixDeviceContextGetCacheEnabled: fn(context: OptixDeviceContext, enabled: *mut i32) -> OptixResult;
    optixDeviceContextGetCacheLocation: fn(
        context: OptixDeviceContext, location: *mut c_char, bytes: usize,
    ) -> OptixResult;
    optixDeviceContextGetCacheDatabaseSizes: fn(
        context: OptixDeviceContext, low_water_mark: *mut usize, high_water_mark: *mut usize,
    ) -> OptixResult;

    /// `input` is PTX or OptiX-IR.
    optixModuleCreate: fn(
        context: OptixDeviceContext, module_options: *const OptixModuleCompileOptions,
        pipeline_options: *const OptixPipelineCompileOptions, input: *const c_char, input_bytes: usize,
        log: *mut c_char, log_bytes: *mut usize, module: *mut OptixModule,
    ) -> OptixResult;
    /// Begins a compilation whose tasks may run on several threads.
    optixModuleCreateWithTasks: fn(
        context: OptixDeviceContext, module_options: *const OptixModuleCompileOptions,
        pipeline_options: *const OptixPipelineCompileOptions, input: *const c_char, input_bytes: usize,
        log: *mut c_char, log_bytes: *mut usize, module: *mut OptixModule, first_task: *mut OptixTask,
    ) -> OptixResult;
    optixModuleGetCompilationState: fn(module: OptixModule, state: *mut OptixModuleCompileState) -> OptixResult;
    optixModuleDestroy: fn(module: OptixModule) -> OptixResult;
    optixBuiltinISModuleGet: fn(
        context: OptixDeviceContext, module_options: *const OptixModuleCompileOptions,
        pipeline_options: *const OptixPipelineCompileOptions, options: *const OptixBuiltinISOptions,
        module: *mut OptixModule,
    ) -> OptixResult;
    optixTaskExecute: fn(
        task: OptixTask, additional: *mut OptixTask, most_additional: u32, additional_count: *mut u32,
    ) -> OptixResult;

    optixProgramGroupCreate: fn(
        context: OptixDeviceContext, descriptions: *const OptixProgramGroupDesc, count: u32,
        options: *const OptixProgramGroupOptions, log: *mut c_char, log_bytes: *mut usize,
        groups: *mut OptixProgramGroup,
    ) -> OptixResult;
    optixProgramGroupDestroy: fn(group: OptixProgramGroup) -> OptixResult;
    optixProgramGroupGetStackSize: fn(
        group: OptixProgramGroup, sizes: *mut OptixStackSizes, pipeline: OptixPipeline,
    ) -> OptixResult;
    optixPipelineCreate: fn(
        context: OptixDeviceContext, pipeline_options: *const OptixPipelineCompileOptions,
        link_options: *const OptixPipelineLinkOptions, groups: *const OptixProgramGroup, count: u32,
        log: *mut c_char, log_bytes: *mut usize, pipeline: *mut OptixPipeline,
    ) -> OptixResult;
    optixPipelineDestroy: fn(pipeline: OptixPipeline) -> OptixResult;
    optixPipelineSetStackSize: fn(
        pipeline: OptixPipeline, direct_callable_from_traversal: u32, direct_callable_from_state: u32,
        continuation: u32, max_traversable_graph_depth: u32,
    ) -> OptixResult;

    optixAccelComputeMemoryUsage: fn(
        context: OptixDeviceContext, options: *const OptixAccelBuildOptions, inputs: *const OptixBuildInput,
        count: u32, sizes: *mut OptixAccelBufferSizes,
    ) -> OptixResult;
    optixAccelBuild: fn(
        context: OptixDeviceContext, stream: CUstream, options: *const OptixAccelBuildOptions,
        inputs: *const OptixBuildInput, count: u32, temp: CUdeviceptr, temp_bytes: usize, output: CUdeviceptr,
        output_bytes: usize, handle: *mut OptixTraversableHandle, emitted: *const OptixAccelEmitDesc,
        emitted_count: u32,
    ) -> OptixResult;
    optixAccelGetRelocationInfo: fn();
    optixCheckRelocationCompatibility: fn();
    optixAccelRelocate: fn();
    optixAccelCompact: fn(
        context: OptixDeviceContext, stream: CUstream, input: OptixTraversableHandle, output: CUdeviceptr,
        output_bytes: usize, handle: *mut OptixTraversableHandle,
    ) -> OptixResult;
    optixAccelEmitProperty: fn(
        context: OptixDeviceContext, stream: CUstream, handle: OptixTraversableHandle,
        emitted: *const OptixAccelEmitDesc,
    ) -> OptixResult;
    optixConvertPointerToTraversableHandle: fn(
        context: OptixDeviceContext, pointer: CUdeviceptr, kind: OptixTraversableType,
        handle: *mut OptixTraversableHandle,
    ) -> OptixResult;
    optixOpacityMicromapArrayComputeMemoryUsage: fn();
    optixOpacityMicromapArrayBuild: fn();
    optixOpacityMicromapArrayGetRelocationInfo: fn();
    optixOpacityMicromapArrayRelocate: fn();
    optixDisplacementMicromapArrayComputeMemoryUsage: fn();
    optixDisplacementMicromapArrayBuild: fn();

    /// Writes the first [`OPTIX_SBT_RECORD_HEADER_SIZE`] bytes of a record, on the host.
    optixSbtRecordPackHeader: fn(group: OptixProgramGroup, header: *mut c_void) -> OptixResult;
    optixLaunch: fn(
        pipeline: OptixPipeline, stream: CUstream, params: CUdeviceptr, params_bytes: usize,
        sbt: *const OptixShaderBindingTable, width: u32, height: u32, depth: u32,
    ) -> OptixResult;

    optixDenoiserCreate: fn(
        context: OptixDeviceContext, model: OptixDenoiserModelKind, options: *const OptixDenoiserOptions,
        denoiser: *mut OptixDenoiser,
    ) -> OptixResult;
    optixDenoiserDestroy: fn(denoiser: OptixDenoiser) -> OptixResult;
    optixDenoiserComputeMemoryResources: fn(
        denoiser: OptixDenoiser, width: u32, height: u32, sizes: *mut OptixDenoiserSizes,
    ) -> OptixResult;
    optixDenoiserSetup: fn(
        denoiser: OptixDenoiser, stream: CUstream, width: u32, height: u32, state: CUdeviceptr, state_bytes: usize,
        scratch: CUdeviceptr, scratch_bytes: usize,
    ) -> OptixResult;
    optixDenoiserInvoke: fn(
        denoiser: OptixDenoiser, stream: CUstream, params: *const OptixDenoiserParams, state: CUdeviceptr,
        state_bytes: usize, guides: *const OptixDenoiserGuideLayer, layers: *const OptixDenoiserLayer,
        layer_count: u32, offset_x: u32, offset_y: u32, scratch: CUdeviceptr, scratch_bytes: usize,
    ) -> OptixResult;
    optixDenoiserComputeIntensity: fn(
        denoiser: OptixDenoiser, stream: CUstream, image: *const OptixImage2D, intensity: CUdeviceptr,
        scratch: CUdeviceptr, scratch_bytes: usize,
    ) -> OptixResult;
    optixDenoiserComputeAverageColor: fn(
        denoiser: OptixDenoiser, stream: CUstream, image: *const OptixImage2D, color: CUdeviceptr,
        scratch: CUdeviceptr, scratch_bytes: usize,
    ) -> OptixResult;
    optixDenoiserCreateWithUserModel: fn();
}
