//! `#[repr(C)]` mirrors of `kernels/layout.h` and `kernels/optix/params.h`. A test compares size, alignment and every
//! offset with the values that the C++ side reports.
//!
//! The structs hold raw pointers without lifetimes: the code that fills one keeps its targets alive and unchanged for
//! as long as a kernel may read them.

use std::ffi::c_void;
use std::ptr;

#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Float3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

impl From<glam::Vec3> for Float3 {
    fn from(v: glam::Vec3) -> Self {
        Float3 { x: v.x, y: v.y, z: v.z }
    }
}

/// Values of `GeometryData::shape`.
pub const SPHERE: u32 = 0;
pub const PARALLELOGRAM: u32 = 1;
pub const PARALLELEPIPED: u32 = 2;
/// Values of `CameraData::kind`.
pub const PINHOLE: u32 = 0;
pub const THIN_LENS: u32 = 1;
pub const ORTHO: u32 = 2;
/// Values of `LightData::kind`.
pub const LIGHT_PARALLELOGRAM: u32 = 0;
pub const LIGHT_SPHERICAL: u32 = 1;
/// Values of `MaterialData::kind`.
pub const FLAT: u32 = 0;
pub const COSINE: u32 = 1;
pub const DIFFUSE: u32 = 2;

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    pub data: *const f32,
    /// Stride in floats; 0 means one value for all.
    pub stride: u32,
    pub pad: u32,
}

impl Default for Attribute {
    fn default() -> Self {
        Attribute { data: ptr::null(), stride: 0, pad: 0 }
    }
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct GeometryData {
    pub pos: Attribute,
    pub r: Attribute,
    pub u: Attribute,
    pub v: Attribute,
    pub w: Attribute,
    pub color: Attribute,
    pub shape: u32,
    pub count: u32,
    pub accel: *const c_void,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct InstanceData {
    /// Row-major 3x4.
    pub world_from_object: [f32; 12],
    pub object_from_world: [f32; 12],
    pub geometry: u32,
    pub material: u32,
    pub identity: u32,
    pub pad: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct CameraData {
    pub eye: Float3,
    pub right: Float3,
    pub up: Float3,
    pub forward: Float3,
    pub half_width: f32,
    pub half_height: f32,
    pub aperture_radius: f32,
    pub focus_distance: f32,
    pub kind: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LightData {
    pub pos: Float3,
    pub u: Float3,
    pub v: Float3,
    pub normal: Float3,
    pub radiance: Float3,
    pub radius: f32,
    pub area: f32,
    pub kind: u32,
    pub in_geometry: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct MaterialData {
    pub color: Float3,
    pub roughness: f32,
    pub kind: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SceneData {
    pub geometries: *const GeometryData,
    pub instances: *const InstanceData,
    pub lights: *const LightData,
    pub materials: *const MaterialData,
    pub accel: *const c_void,
    pub geometry_count: u32,
    pub instance_count: u32,
    pub light_count: u32,
    pub material_count: u32,
    pub camera: CameraData,
    pub ambient: Float3,
    pub background: Float3,
    pub scene_epsilon: f32,
    pub path_seg_min: u32,
    pub path_seg_max: u32,
    pub light_shading: u32,
    pub width: u32,
    pub height: u32,
    pub seed: u64,
}

impl Default for SceneData {
    /// An empty scene of size 0x0.
    fn default() -> Self {
        SceneData {
            geometries: ptr::null(),
            instances: ptr::null(),
            lights: ptr::null(),
            materials: ptr::null(),
            accel: ptr::null(),
            geometry_count: 0,
            instance_count: 0,
            light_count: 0,
            material_count: 0,
            camera: CameraData::default(),
            ambient: Float3::default(),
            background: Float3::default(),
            scene_epsilon: 0.0,
            path_seg_min: 1,
            path_seg_max: 1,
            light_shading: 0,
            width: 0,
            height: 0,
            seed: 0,
        }
    }
}

/// A plane of the film: sums over the samples of each pixel, 4 floats a pixel. Those beside the radiance are of the
/// first hit; samples that hit nothing add nothing to them.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plane {
    /// RGB, and the squares of the luminance.
    Radiance = 0,
    /// RGB, and the number of samples that hit something (coverage).
    Albedo = 1,
    /// Camera-space normal, and the depth (distance along the camera's axis).
    Normal = 2,
}

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct FilmData {
    /// Indexed by [`Plane`]; null for a plane that the film does not have.
    pub plane: [*mut f32; 3],
}

#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    pub x0: u32,
    pub y0: u32,
    pub x1: u32,
    pub y1: u32,
}

/// The constant `params` of an OptiX launch. This and the following structs mirror `kernels/optix/params.h`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LaunchParams {
    pub scene: SceneData,
    pub film: FilmData,
    pub tile: Tile,
    pub first_sample: u32,
    pub sample_count: u32,
    /// Index of the next piece of work: 0 when the launch begins.
    pub next: *mut u32,
    /// Slots for samples that will be added to the film later; null: samples are added at once.
    pub slots: *mut f32,
}

/// `params` of the pipeline for ray queries.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IntersectParams {
    pub scene: SceneData,
    pub rays: *const f32,
    pub hits: *mut c_void,
    pub any: u32,
    pub pad: u32,
}

/// Data of a hit group's record in the shader binding table.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HitGroupData {
    pub primitives: *const c_void,
}

/// Argument of the kernel `prepare_geometry`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PrepareJob {
    pub geometry: GeometryData,
    pub primitives: *mut f32,
    pub bounds: *mut f32,
}

/// Argument of the kernels that develop the film.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DevelopJob {
    pub film: FilmData,
    pub aside: FilmData,
    pub linear: *mut f32,
    pub rgba: *mut u8,
    pub scratch: *mut f32,
    pub noise: *mut f64,
    pub width: u32,
    pub height: u32,
    pub passes: u32,
    pub tonemapped: u32,
    pub exposure: f32,
    pub inverse_gamma: f32,
    pub blend: f32,
    pub pad: u32,
}

/// Argument of the kernel `denoise_flow`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct FlowJob {
    pub now: CameraData,
    pub before: CameraData,
    pub flow: *mut f32,
    pub trust: *mut f32,
    pub still: u32,
    pub pad: u32,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::kernels::develop::{DenoiseJob, DevelopTable};
    use crate::device::kernels::rays::{KernelHit as Hit, KernelRay as Ray};
    use crate::device::kernels::trees::{BvhTable, Node as BvhNode, RawBvh as Bvh, RawTopBvh as TopBvh};
    use crate::device::kernels::{self, KernelTable, LayoutTable, ProbeTable, TraceJob};
    use crate::device::kernels::{ProbeRaw as Probe, StructLayoutRaw as StructLayout};
    use std::mem::{align_of, offset_of, size_of};

    struct Layout {
        name: &'static str,
        size: usize,
        alignment: usize,
        offsets: Vec<usize>,
    }

    macro_rules! layout {
        ($type:ident { $($field:ident),* }) => {{
            // Fails to compile when a field is missing from the list.
            #[allow(dead_code)]
            fn all_fields_are_listed($type { $($field: _),* }: $type) {}
            Layout {
                name: stringify!($type),
                size: size_of::<$type>(),
                alignment: align_of::<$type>(),
                offsets: vec![$(offset_of!($type, $field)),*],
            }
        }};
    }

    fn layouts() -> Vec<Layout> {
        vec![
            layout!(Float3 { x, y, z }),
            layout!(Attribute { data, stride, pad }),
            layout!(GeometryData { pos, r, u, v, w, color, shape, count, accel }),
            layout!(InstanceData { world_from_object, object_from_world, geometry, material, identity, pad }),
            layout!(CameraData {
                eye,
                right,
                up,
                forward,
                half_width,
                half_height,
                aperture_radius,
                focus_distance,
                kind
            }),
            layout!(LightData { pos, u, v, normal, radiance, radius, area, kind, in_geometry }),
            layout!(MaterialData { color, roughness, kind }),
            layout!(SceneData {
                geometries,
                instances,
                lights,
                materials,
                accel,
                geometry_count,
                instance_count,
                light_count,
                material_count,
                camera,
                ambient,
                background,
                scene_epsilon,
                path_seg_min,
                path_seg_max,
                light_shading,
                width,
                height,
                seed
            }),
            layout!(FilmData { plane }),
            layout!(Tile { x0, y0, x1, y1 }),
            layout!(TraceJob { scene, film, tile, first_sample, sample_count, cancel, rays }),
            layout!(BvhNode { bounds, child, parent, pad }),
            layout!(Bvh { nodes, leaves, root, large }),
            layout!(TopBvh { nodes, root, pad }),
            layout!(Ray { origin, dir }),
            layout!(Hit { t, instance, primitive, face, u, v }),
            layout!(DenoiseJob { film, linear, width, height, passes, blend, cancel }),
            layout!(DevelopTable { mean, display, tonemap, clamp, denoise_scratch, denoise_rows }),
            layout!(BvhTable {
                node_size,
                sphere_leaf,
                frame_leaf,
                level_stack,
                bounds,
                refit,
                fill_leaf,
                closest,
                occluded,
                closest_reference,
                closest_runs
            }),
            layout!(LaunchParams { scene, film, tile, first_sample, sample_count, next, slots }),
            layout!(IntersectParams { scene, rays, hits, any, pad }),
            layout!(HitGroupData { primitives }),
            layout!(PrepareJob { geometry, primitives, bounds }),
            layout!(DevelopJob {
                film,
                aside,
                linear,
                rgba,
                scratch,
                noise,
                width,
                height,
                passes,
                tonemapped,
                exposure,
                inverse_gamma,
                blend,
                pad
            }),
            layout!(StructLayout { name, size, alignment, offsets, offset_count }),
            layout!(LayoutTable { structs, count }),
            layout!(Probe { name, inputs, outputs, run }),
            layout!(ProbeTable { probes, count }),
            layout!(KernelTable { variant, layout, probes, develop, trace_tile, trace_for_tests, bvh }),
            layout!(FlowJob { now, before, flow, trust, still, pad }),
        ]
    }

    #[test]
    fn rust_and_cpp_see_the_same_layout() {
        for kernels in kernels::variants() {
            let theirs = kernels.struct_layouts();
            let ours = layouts();
            assert_eq!(ours.len(), theirs.len(), "{}", kernels.name());
            for (our, their) in ours.iter().zip(theirs) {
                assert_eq!(our.name, their.name);
                assert_eq!(our.size, their.size, "size of {}", our.name);
                assert_eq!(our.alignment, their.alignment, "alignment of {}", our.name);
                assert_eq!(our.offsets, their.offsets, "offsets of {}", our.name);
            }
        }
    }
}
