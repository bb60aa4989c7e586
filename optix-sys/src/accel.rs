//! Acceleration structures: build inputs and options.

use crate::handles::{CUdeviceptr, OptixTraversableHandle, bits, enumeration};
use std::fmt;

/// Output and temporary buffers of builds start at multiples of this many bytes.
pub const OPTIX_ACCEL_BUFFER_BYTE_ALIGNMENT: u64 = 128;
pub const OPTIX_INSTANCE_BYTE_ALIGNMENT: u64 = 16;
pub const OPTIX_AABB_BUFFER_BYTE_ALIGNMENT: u64 = 8;
pub const OPTIX_GEOMETRY_TRANSFORM_BYTE_ALIGNMENT: u64 = 16;
pub const OPTIX_TRANSFORM_BYTE_ALIGNMENT: u64 = 64;

bits! {
    /// Flags of each record of a build input.
    OptixGeometryFlags {
        NONE = 0,
        DISABLE_ANYHIT = 1 << 0,
        REQUIRE_SINGLE_ANYHIT_CALL = 1 << 1,
        DISABLE_TRIANGLE_FACE_CULLING = 1 << 2,
    }

    OptixInstanceFlags {
        NONE = 0,
        DISABLE_TRIANGLE_FACE_CULLING = 1 << 0,
        FLIP_TRIANGLE_FACING = 1 << 1,
        DISABLE_ANYHIT = 1 << 2,
        ENFORCE_ANYHIT = 1 << 3,
        FORCE_OPACITY_MICROMAP_2_STATE = 1 << 4,
        DISABLE_OPACITY_MICROMAPS = 1 << 5,
    }

    OptixBuildFlags {
        NONE = 0,
        ALLOW_UPDATE = 1 << 0,
        ALLOW_COMPACTION = 1 << 1,
        PREFER_FAST_TRACE = 1 << 2,
        PREFER_FAST_BUILD = 1 << 3,
        ALLOW_RANDOM_VERTEX_ACCESS = 1 << 4,
        ALLOW_RANDOM_INSTANCE_ACCESS = 1 << 5,
        ALLOW_OPACITY_MICROMAP_UPDATE = 1 << 6,
        ALLOW_DISABLE_OPACITY_MICROMAPS = 1 << 7,
    }

    OptixMotionFlags {
        NONE = 0,
        START_VANISH = 1 << 0,
        END_VANISH = 1 << 1,
    }

    /// The kinds of primitives in a pipeline's scenes; 0 means custom primitives and triangles.
    OptixPrimitiveTypeFlags {
        CUSTOM = 1 << 0,
        ROUND_QUADRATIC_BSPLINE = 1 << 1,
        ROUND_CUBIC_BSPLINE = 1 << 2,
        ROUND_LINEAR = 1 << 3,
        ROUND_CATMULLROM = 1 << 4,
        FLAT_QUADRATIC_BSPLINE = 1 << 5,
        SPHERE = 1 << 6,
        ROUND_CUBIC_BEZIER = 1 << 7,
        TRIANGLE = 1 << 31,
        DISPLACED_MICROMESH_TRIANGLE = 1 << 30,
    }
}

enumeration! {
    OptixIndicesFormat: u32 {
        NONE = 0,
        UNSIGNED_SHORT3 = 0x2102,
        UNSIGNED_INT3 = 0x2103,
    }

    OptixVertexFormat: u32 {
        NONE = 0,
        FLOAT3 = 0x2121,
        FLOAT2 = 0x2122,
        HALF3 = 0x2123,
        HALF2 = 0x2124,
        SNORM16_3 = 0x2125,
        SNORM16_2 = 0x2126,
    }

    OptixTransformFormat: u32 {
        NONE = 0,
        MATRIX_FLOAT12 = 0x21E1,
    }

    OptixPrimitiveType: u32 {
        CUSTOM = 0x2500,
        ROUND_QUADRATIC_BSPLINE = 0x2501,
        ROUND_CUBIC_BSPLINE = 0x2502,
        ROUND_LINEAR = 0x2503,
        ROUND_CATMULLROM = 0x2504,
        FLAT_QUADRATIC_BSPLINE = 0x2505,
        SPHERE = 0x2506,
        ROUND_CUBIC_BEZIER = 0x2507,
        TRIANGLE = 0x2531,
        DISPLACED_MICROMESH_TRIANGLE = 0x2532,
    }

    OptixBuildInputType: u32 {
        TRIANGLES = 0x2141,
        CUSTOM_PRIMITIVES = 0x2142,
        INSTANCES = 0x2143,
        INSTANCE_POINTERS = 0x2144,
        CURVES = 0x2145,
        SPHERES = 0x2146,
    }

    OptixBuildOperation: u32 {
        BUILD = 0x2161,
        UPDATE = 0x2162,
    }

    OptixAccelPropertyType: u32 {
        /// A `u64`.
        COMPACTED_SIZE = 0x2181,
        /// One [`OptixAabb`] for each motion key.
        AABBS = 0x2182,
    }

    OptixTraversableType: u32 {
        STATIC_TRANSFORM = 0x21C1,
        MATRIX_MOTION_TRANSFORM = 0x21C2,
        SRT_MOTION_TRANSFORM = 0x21C3,
    }

    /// How a triangle was hit; custom primitives report hit kinds from 0 to 127.
    OptixHitKind: u32 {
        TRIANGLE_FRONT_FACE = 0xFE,
        TRIANGLE_BACK_FACE = 0xFF,
    }

    OptixOpacityMicromapArrayIndexingMode: u32 {
        NONE = 0,
        LINEAR = 1,
        INDEXED = 2,
    }

    OptixDisplacementMicromapArrayIndexingMode: u32 {
        NONE = 0,
        LINEAR = 1,
        INDEXED = 2,
    }
}

/// Part of [`OptixBuildInputTriangleArray`]; zero is "none".
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixBuildInputOpacityMicromap {
    pub indexing_mode: OptixOpacityMicromapArrayIndexingMode,
    pub opacity_micromap_array: CUdeviceptr,
    pub index_buffer: CUdeviceptr,
    pub index_size_in_bytes: u32,
    pub index_stride_in_bytes: u32,
    pub index_offset: u32,
    pub num_micromap_usage_counts: u32,
    pub micromap_usage_counts: *const std::ffi::c_void,
}

/// Part of [`OptixBuildInputTriangleArray`]; zero is "none".
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixBuildInputDisplacementMicromap {
    pub indexing_mode: OptixDisplacementMicromapArrayIndexingMode,
    pub displacement_micromap_array: CUdeviceptr,
    pub displacement_micromap_index_buffer: CUdeviceptr,
    pub vertex_directions_buffer: CUdeviceptr,
    pub vertex_bias_and_scale_buffer: CUdeviceptr,
    pub triangle_flags_buffer: CUdeviceptr,
    pub displacement_micromap_index_offset: u32,
    pub displacement_micromap_index_stride_in_bytes: u32,
    pub displacement_micromap_index_size_in_bytes: u32,
    pub vertex_direction_format: u32,
    pub vertex_direction_stride_in_bytes: u32,
    pub vertex_bias_and_scale_format: u32,
    pub vertex_bias_and_scale_stride_in_bytes: u32,
    pub triangle_flags_stride_in_bytes: u32,
    pub num_displacement_micromap_usage_counts: u32,
    pub displacement_micromap_usage_counts: *const std::ffi::c_void,
}

/// Triangles, intersected by the driver.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixBuildInputTriangleArray {
    /// One buffer for each motion key.
    pub vertex_buffers: *const CUdeviceptr,
    pub num_vertices: u32,
    pub vertex_format: OptixVertexFormat,
    pub vertex_stride_in_bytes: u32,
    pub index_buffer: CUdeviceptr,
    pub num_index_triplets: u32,
    pub index_format: OptixIndicesFormat,
    pub index_stride_in_bytes: u32,
    pub pre_transform: CUdeviceptr,
    /// [`OptixGeometryFlags`], one for each record.
    pub flags: *const u32,
    pub num_sbt_records: u32,
    pub sbt_index_offset_buffer: CUdeviceptr,
    pub sbt_index_offset_size_in_bytes: u32,
    pub sbt_index_offset_stride_in_bytes: u32,
    pub primitive_index_offset: u32,
    pub transform_format: OptixTransformFormat,
    pub opacity_micromap: OptixBuildInputOpacityMicromap,
    pub displacement_micromap: OptixBuildInputDisplacementMicromap,
}

/// Curves, intersected by the driver.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixBuildInputCurveArray {
    pub curve_type: OptixPrimitiveType,
    pub num_primitives: u32,
    pub vertex_buffers: *const CUdeviceptr,
    pub num_vertices: u32,
    pub vertex_stride_in_bytes: u32,
    pub width_buffers: *const CUdeviceptr,
    pub width_stride_in_bytes: u32,
    pub normal_buffers: *const CUdeviceptr,
    pub normal_stride_in_bytes: u32,
    pub index_buffer: CUdeviceptr,
    pub index_stride_in_bytes: u32,
    pub flag: u32,
    pub primitive_index_offset: u32,
    pub endcap_flags: u32,
}

/// Spheres, intersected by the driver.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixBuildInputSphereArray {
    pub vertex_buffers: *const CUdeviceptr,
    pub vertex_stride_in_bytes: u32,
    pub num_vertices: u32,
    pub radius_buffers: *const CUdeviceptr,
    pub radius_stride_in_bytes: u32,
    pub single_radius: i32,
    pub flags: *const u32,
    pub num_sbt_records: u32,
    pub sbt_index_offset_buffer: CUdeviceptr,
    pub sbt_index_offset_size_in_bytes: u32,
    pub sbt_index_offset_stride_in_bytes: u32,
    pub primitive_index_offset: u32,
}

/// An axis-aligned box. One with NaN, or with a maximum below the minimum, is not hit.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OptixAabb {
    pub min_x: f32,
    pub min_y: f32,
    pub min_z: f32,
    pub max_x: f32,
    pub max_y: f32,
    pub max_z: f32,
}

/// Boxes whose contents an intersection program of the pipeline tests.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixBuildInputCustomPrimitiveArray {
    /// One buffer of [`OptixAabb`] for each motion key.
    pub aabb_buffers: *const CUdeviceptr,
    pub num_primitives: u32,
    pub stride_in_bytes: u32,
    /// [`OptixGeometryFlags`], one for each record.
    pub flags: *const u32,
    pub num_sbt_records: u32,
    pub sbt_index_offset_buffer: CUdeviceptr,
    pub sbt_index_offset_size_in_bytes: u32,
    pub sbt_index_offset_stride_in_bytes: u32,
    pub primitive_index_offset: u32,
}

/// Instances: [`OptixInstance`], or pointers to them.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct OptixBuildInputInstanceArray {
    pub instances: CUdeviceptr,
    pub num_instances: u32,
    /// Stride in bytes; 0 means tightly packed.
    pub instance_stride: u32,
}

/// The contents of a build input, by its type.
#[repr(C)]
#[derive(Clone, Copy)]
pub union OptixBuildInputData {
    pub triangle_array: OptixBuildInputTriangleArray,
    pub curve_array: OptixBuildInputCurveArray,
    pub sphere_array: OptixBuildInputSphereArray,
    pub custom_primitive_array: OptixBuildInputCustomPrimitiveArray,
    pub instance_array: OptixBuildInputInstanceArray,
    pub pad: [u8; 1024],
}

/// One input of an acceleration structure.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct OptixBuildInput {
    pub kind: OptixBuildInputType,
    pub data: OptixBuildInputData,
}

impl OptixBuildInput {
    fn new(kind: OptixBuildInputType) -> Self {
        OptixBuildInput { kind, data: OptixBuildInputData { pad: [0; 1024] } }
    }

    pub fn triangles(triangle_array: OptixBuildInputTriangleArray) -> Self {
        let mut input = Self::new(OptixBuildInputType::TRIANGLES);
        input.data.triangle_array = triangle_array;
        input
    }

    pub fn curves(curve_array: OptixBuildInputCurveArray) -> Self {
        let mut input = Self::new(OptixBuildInputType::CURVES);
        input.data.curve_array = curve_array;
        input
    }

    pub fn spheres(sphere_array: OptixBuildInputSphereArray) -> Self {
        let mut input = Self::new(OptixBuildInputType::SPHERES);
        input.data.sphere_array = sphere_array;
        input
    }

    pub fn custom_primitives(custom_primitive_array: OptixBuildInputCustomPrimitiveArray) -> Self {
        let mut input = Self::new(OptixBuildInputType::CUSTOM_PRIMITIVES);
        input.data.custom_primitive_array = custom_primitive_array;
        input
    }

    pub fn instances(instance_array: OptixBuildInputInstanceArray) -> Self {
        let mut input = Self::new(OptixBuildInputType::INSTANCES);
        input.data.instance_array = instance_array;
        input
    }
}

impl fmt::Debug for OptixBuildInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OptixBuildInput").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// Zeroes: "nothing" in every field.
macro_rules! zeroed_by_default {
    ($($name:ident),*) => {$(
        impl Default for $name {
            fn default() -> Self {
                // SAFETY: numbers and pointers, of which all may be zero.
                unsafe { std::mem::zeroed() }
            }
        }
    )*};
}

zeroed_by_default!(
    OptixBuildInputOpacityMicromap,
    OptixBuildInputDisplacementMicromap,
    OptixBuildInputTriangleArray,
    OptixBuildInputCurveArray,
    OptixBuildInputSphereArray,
    OptixBuildInputCustomPrimitiveArray,
    OptixBuildInputInstanceArray
);

/// An acceleration structure with a transform.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OptixInstance {
    /// Transform from object to world coordinates, row-major 3x4.
    pub transform: [f32; 12],
    pub instance_id: u32,
    pub sbt_offset: u32,
    pub visibility_mask: u32,
    /// [`OptixInstanceFlags`].
    pub flags: u32,
    pub traversable_handle: OptixTraversableHandle,
    pub pad: [u32; 2],
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OptixMotionOptions {
    /// Number of motion keys; 0 or 1: nothing moves.
    pub num_keys: u16,
    /// [`OptixMotionFlags`].
    pub flags: u16,
    pub time_begin: f32,
    pub time_end: f32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OptixAccelBuildOptions {
    /// [`OptixBuildFlags`]; the same for a build and its updates.
    pub build_flags: u32,
    pub operation: OptixBuildOperation,
    pub motion_options: OptixMotionOptions,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixAccelBufferSizes {
    pub output_size_in_bytes: usize,
    pub temp_size_in_bytes: usize,
    pub temp_update_size_in_bytes: usize,
}

/// A property that a build computes in addition to its output.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixAccelEmitDesc {
    /// Address on the device.
    pub result: CUdeviceptr,
    pub kind: OptixAccelPropertyType,
}
