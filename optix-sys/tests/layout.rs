//! The layout of every structure, and the order of the function table, on 64-bit systems, where the driver exists.
//!
//! The numbers are those that a C compiler computes from OptiX 8.0's own declarations.
#![cfg(target_pointer_width = "64")]

use optix_sys::*;
use std::mem::{align_of, offset_of, size_of};

macro_rules! layout {
    ($name:ident: $size:literal, $alignment:literal; $($field:ident: $offset:literal),*) => {{
        // Fails to compile when a field is missing from the list.
        #[allow(dead_code)]
        fn all_fields_are_listed($name { $($field: _),* }: $name) {}
        assert_eq!(size_of::<$name>(), $size, concat!("size of ", stringify!($name)));
        assert_eq!(align_of::<$name>(), $alignment, concat!("alignment of ", stringify!($name)));
        $(assert_eq!(
            offset_of!($name, $field),
            $offset,
            concat!("offset of ", stringify!($name), "::", stringify!($field))
        );)*
    }};
}

#[test]
fn structures_lie_as_the_driver_sees_them() {
    layout!(OptixDeviceContextOptions: 24, 8; log_callback_function: 0, log_callback_data: 8, log_callback_level: 16, validation_mode: 20);
    layout!(OptixBuildInputOpacityMicromap: 48, 8; indexing_mode: 0, opacity_micromap_array: 8, index_buffer: 16, index_size_in_bytes: 24, index_stride_in_bytes: 28, index_offset: 32, num_micromap_usage_counts: 36, micromap_usage_counts: 40);
    layout!(OptixBuildInputDisplacementMicromap: 96, 8; indexing_mode: 0, displacement_micromap_array: 8, displacement_micromap_index_buffer: 16, vertex_directions_buffer: 24, vertex_bias_and_scale_buffer: 32, triangle_flags_buffer: 40, displacement_micromap_index_offset: 48, displacement_micromap_index_stride_in_bytes: 52, displacement_micromap_index_size_in_bytes: 56, vertex_direction_format: 60, vertex_direction_stride_in_bytes: 64, vertex_bias_and_scale_format: 68, vertex_bias_and_scale_stride_in_bytes: 72, triangle_flags_stride_in_bytes: 76, num_displacement_micromap_usage_counts: 80, displacement_micromap_usage_counts: 88);
    layout!(OptixBuildInputTriangleArray: 240, 8; vertex_buffers: 0, num_vertices: 8, vertex_format: 12, vertex_stride_in_bytes: 16, index_buffer: 24, num_index_triplets: 32, index_format: 36, index_stride_in_bytes: 40, pre_transform: 48, flags: 56, num_sbt_records: 64, sbt_index_offset_buffer: 72, sbt_index_offset_size_in_bytes: 80, sbt_index_offset_stride_in_bytes: 84, primitive_index_offset: 88, transform_format: 92, opacity_micromap: 96, displacement_micromap: 144);
    layout!(OptixBuildInputCurveArray: 80, 8; curve_type: 0, num_primitives: 4, vertex_buffers: 8, num_vertices: 16, vertex_stride_in_bytes: 20, width_buffers: 24, width_stride_in_bytes: 32, normal_buffers: 40, normal_stride_in_bytes: 48, index_buffer: 56, index_stride_in_bytes: 64, flag: 68, primitive_index_offset: 72, endcap_flags: 76);
    layout!(OptixBuildInputSphereArray: 72, 8; vertex_buffers: 0, vertex_stride_in_bytes: 8, num_vertices: 12, radius_buffers: 16, radius_stride_in_bytes: 24, single_radius: 28, flags: 32, num_sbt_records: 40, sbt_index_offset_buffer: 48, sbt_index_offset_size_in_bytes: 56, sbt_index_offset_stride_in_bytes: 60, primitive_index_offset: 64);
    layout!(OptixAabb: 24, 4; min_x: 0, min_y: 4, min_z: 8, max_x: 12, max_y: 16, max_z: 20);
    layout!(OptixBuildInputCustomPrimitiveArray: 56, 8; aabb_buffers: 0, num_primitives: 8, stride_in_bytes: 12, flags: 16, num_sbt_records: 24, sbt_index_offset_buffer: 32, sbt_index_offset_size_in_bytes: 40, sbt_index_offset_stride_in_bytes: 44, primitive_index_offset: 48);
    layout!(OptixBuildInputInstanceArray: 16, 8; instances: 0, num_instances: 8, instance_stride: 12);
    layout!(OptixInstance: 80, 8; transform: 0, instance_id: 48, sbt_offset: 52, visibility_mask: 56, flags: 60, traversable_handle: 64, pad: 72);
    layout!(OptixMotionOptions: 12, 4; num_keys: 0, flags: 2, time_begin: 4, time_end: 8);
    layout!(OptixAccelBuildOptions: 20, 4; build_flags: 0, operation: 4, motion_options: 8);
    layout!(OptixAccelBufferSizes: 24, 8; output_size_in_bytes: 0, temp_size_in_bytes: 8, temp_update_size_in_bytes: 16);
    layout!(OptixAccelEmitDesc: 16, 8; result: 0, kind: 8);
    layout!(OptixModuleCompileBoundValueEntry: 32, 8; pipeline_param_offset_in_bytes: 0, size_in_bytes: 8, bound_value_ptr: 16, annotation: 24);
    layout!(OptixPayloadType: 16, 8; num_payload_values: 0, payload_semantics: 8);
    layout!(OptixModuleCompileOptions: 40, 8; max_register_count: 0, opt_level: 4, debug_level: 8, bound_values: 16, num_bound_values: 24, num_payload_types: 28, payload_types: 32);
    layout!(OptixPipelineCompileOptions: 40, 8; uses_motion_blur: 0, traversable_graph_flags: 4, num_payload_values: 8, num_attribute_values: 12, exception_flags: 16, pipeline_launch_params_variable_name: 24, uses_primitive_type_flags: 32, allow_opacity_micromaps: 36);
    layout!(OptixPipelineLinkOptions: 4, 4; max_trace_depth: 0);
    layout!(OptixProgramGroupSingleModule: 16, 8; module: 0, entry_function_name: 8);
    layout!(OptixProgramGroupHitgroup: 48, 8; module_ch: 0, entry_function_name_ch: 8, module_ah: 16, entry_function_name_ah: 24, module_is: 32, entry_function_name_is: 40);
    layout!(OptixProgramGroupCallables: 32, 8; module_dc: 0, entry_function_name_dc: 8, module_cc: 16, entry_function_name_cc: 24);
    layout!(OptixProgramGroupOptions: 8, 8; payload_type: 0);
    layout!(OptixShaderBindingTable: 64, 8; raygen_record: 0, exception_record: 8, miss_record_base: 16, miss_record_stride_in_bytes: 24, miss_record_count: 28, hitgroup_record_base: 32, hitgroup_record_stride_in_bytes: 40, hitgroup_record_count: 44, callables_record_base: 48, callables_record_stride_in_bytes: 56, callables_record_count: 60);
    layout!(OptixStackSizes: 28, 4; css_rg: 0, css_ms: 4, css_ch: 8, css_ah: 12, css_is: 16, css_cc: 20, dss_dc: 24);
    layout!(OptixBuiltinISOptions: 16, 4; builtin_is_module_type: 0, uses_motion_blur: 4, build_flags: 8, curve_endcap_flags: 12);
    layout!(OptixImage2D: 32, 8; data: 0, width: 8, height: 12, row_stride_in_bytes: 16, pixel_stride_in_bytes: 20, format: 24);
    layout!(OptixDenoiserOptions: 12, 4; guide_albedo: 0, guide_normal: 4, denoise_alpha: 8);
    layout!(OptixDenoiserGuideLayer: 192, 8; albedo: 0, normal: 32, flow: 64, previous_output_internal_guide_layer: 96, output_internal_guide_layer: 128, flow_trustworthiness: 160);
    layout!(OptixDenoiserLayer: 104, 8; input: 0, previous_output: 32, output: 64, kind: 96);
    layout!(OptixDenoiserParams: 32, 8; hdr_intensity: 0, blend_factor: 8, hdr_average_color: 16, temporal_mode_use_previous_layers: 24);
    layout!(OptixDenoiserSizes: 56, 8; state_size_in_bytes: 0, with_overlap_scratch_size_in_bytes: 8, without_overlap_scratch_size_in_bytes: 16, overlap_window_size_in_pixels: 24, compute_average_color_size_in_bytes: 32, compute_intensity_size_in_bytes: 40, internal_guide_layer_pixel_size_in_bytes: 48);
    layout!(OptixBuildInput: 1032, 8; kind: 0, data: 8);
    layout!(OptixProgramGroupDesc: 56, 8; kind: 0, flags: 4, programs: 8);
}

#[test]
fn functions_stand_in_the_driver_s_order() {
    let names = [
        "optixGetErrorName",
        "optixGetErrorString",
        "optixDeviceContextCreate",
        "optixDeviceContextDestroy",
        "optixDeviceContextGetProperty",
        "optixDeviceContextSetLogCallback",
        "optixDeviceContextSetCacheEnabled",
        "optixDeviceContextSetCacheLocation",
        "optixDeviceContextSetCacheDatabaseSizes",
        "optixDeviceContextGetCacheEnabled",
        "optixDeviceContextGetCacheLocation",
        "optixDeviceContextGetCacheDatabaseSizes",
        "optixModuleCreate",
        "optixModuleCreateWithTasks",
        "optixModuleGetCompilationState",
        "optixModuleDestroy",
        "optixBuiltinISModuleGet",
        "optixTaskExecute",
        "optixProgramGroupCreate",
        "optixProgramGroupDestroy",
        "optixProgramGroupGetStackSize",
        "optixPipelineCreate",
        "optixPipelineDestroy",
        "optixPipelineSetStackSize",
        "optixAccelComputeMemoryUsage",
        "optixAccelBuild",
        "optixAccelGetRelocationInfo",
        "optixCheckRelocationCompatibility",
        "optixAccelRelocate",
        "optixAccelCompact",
        "optixAccelEmitProperty",
        "optixConvertPointerToTraversableHandle",
        "optixOpacityMicromapArrayComputeMemoryUsage",
        "optixOpacityMicromapArrayBuild",
        "optixOpacityMicromapArrayGetRelocationInfo",
        "optixOpacityMicromapArrayRelocate",
        "optixDisplacementMicromapArrayComputeMemoryUsage",
        "optixDisplacementMicromapArrayBuild",
        "optixSbtRecordPackHeader",
        "optixLaunch",
        "optixDenoiserCreate",
        "optixDenoiserDestroy",
        "optixDenoiserComputeMemoryResources",
        "optixDenoiserSetup",
        "optixDenoiserInvoke",
        "optixDenoiserComputeIntensity",
        "optixDenoiserComputeAverageColor",
        "optixDenoiserCreateWithUserModel",
    ];
    assert_eq!(OptixFunctionTable::NAMES, names);
    assert_eq!(size_of::<OptixFunctionTable>(), 8 * names.len());
    assert_eq!(offset_of!(OptixFunctionTable, optixModuleCreate), 8 * 12);
    assert_eq!(offset_of!(OptixFunctionTable, optixDenoiserCreateWithUserModel), 8 * 47);
}
