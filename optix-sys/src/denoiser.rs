//! The denoiser.

use crate::handles::{CUdeviceptr, enumeration};

enumeration! {
    OptixPixelFormat: u32 {
        HALF1 = 0x220A,
        HALF2 = 0x2207,
        HALF3 = 0x2201,
        HALF4 = 0x2202,
        FLOAT1 = 0x220B,
        FLOAT2 = 0x2208,
        FLOAT3 = 0x2203,
        FLOAT4 = 0x2204,
        UCHAR3 = 0x2205,
        UCHAR4 = 0x2206,
        INTERNAL_GUIDE_LAYER = 0x2209,
    }

    OptixDenoiserModelKind: u32 {
        LDR = 0x2322,
        HDR = 0x2323,
        AOV = 0x2324,
        TEMPORAL = 0x2325,
        TEMPORAL_AOV = 0x2326,
        UPSCALE2X = 0x2327,
        TEMPORAL_UPSCALE2X = 0x2328,
    }

    OptixDenoiserAlphaMode: u32 {
        COPY = 0,
        DENOISE = 1,
    }

    OptixDenoiserAOVType: u32 {
        NONE = 0,
        BEAUTY = 0x7000,
        SPECULAR = 0x7001,
        REFLECTION = 0x7002,
        REFRACTION = 0x7003,
        DIFFUSE = 0x7004,
    }
}

/// An image on the device; null data for none.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixImage2D {
    pub data: CUdeviceptr,
    /// Width in pixels.
    pub width: u32,
    pub height: u32,
    pub row_stride_in_bytes: u32,
    /// Stride of a pixel; 0 means tightly packed.
    pub pixel_stride_in_bytes: u32,
    pub format: OptixPixelFormat,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixDenoiserOptions {
    pub guide_albedo: u32,
    pub guide_normal: u32,
    pub denoise_alpha: OptixDenoiserAlphaMode,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixDenoiserGuideLayer {
    pub albedo: OptixImage2D,
    /// Normals in camera space.
    pub normal: OptixImage2D,
    /// Flow in pixels, from the previous image to the present one.
    pub flow: OptixImage2D,
    pub previous_output_internal_guide_layer: OptixImage2D,
    pub output_internal_guide_layer: OptixImage2D,
    /// Trustworthiness of the flow, 0 to 1; null: it is trusted everywhere.
    pub flow_trustworthiness: OptixImage2D,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixDenoiserLayer {
    pub input: OptixImage2D,
    pub previous_output: OptixImage2D,
    pub output: OptixImage2D,
    pub kind: OptixDenoiserAOVType,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct OptixDenoiserParams {
    /// One float on the device, or null: 1.
    pub hdr_intensity: CUdeviceptr,
    /// Share of the input in the output, 0 to 1.
    pub blend_factor: f32,
    /// Three floats on the device, or null.
    pub hdr_average_color: CUdeviceptr,
    pub temporal_mode_use_previous_layers: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct OptixDenoiserSizes {
    pub state_size_in_bytes: usize,
    pub with_overlap_scratch_size_in_bytes: usize,
    pub without_overlap_scratch_size_in_bytes: usize,
    pub overlap_window_size_in_pixels: u32,
    pub compute_average_color_size_in_bytes: usize,
    pub compute_intensity_size_in_bytes: usize,
    pub internal_guide_layer_pixel_size_in_bytes: usize,
}
