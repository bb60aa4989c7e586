//! The structs and tables of functions that cross between Rust and the kernels, defined here only:
//! `cargo xtask layout` writes `kernels/layout.h` from this file, and from the enums of kinds in `src/scene`.
//!
//! Plain data only: fixed-width integers, floats, pointers, and pads with names. The structs hold raw pointers without
//! lifetimes: the code that fills one keeps its targets alive and unchanged for as long as a kernel may read them. Kinds
//! are fields of type `u32`, named after their enum.
//!
//! `cargo xtask layout` also compiles this file, so it uses nothing else of the crate.

use bytemuck::{Pod, Zeroable};
use std::ffi::{c_char, c_void};
use std::ptr;

/// Three numbers: a point, a vector, or linear RGB.
#[repr(C)]
#[derive(Debug, Clone, Copy, Default, PartialEq, Pod, Zeroable)]
pub struct Float3 {
    pub x: f32,
    pub y: f32,
    pub z: f32,
}

impl From<[f32; 3]> for Float3 {
    fn from([x, y, z]: [f32; 3]) -> Self {
        Float3 { x, y, z }
    }
}

impl From<Float3> for [f32; 3] {
    fn from(v: Float3) -> Self {
        [v.x, v.y, v.z]
    }
}

impl std::ops::Index<usize> for Float3 {
    type Output = f32;
    fn index(&self, axis: usize) -> &f32 {
        [&self.x, &self.y, &self.z][axis]
    }
}

/// One array of a plot: element i starts at data[i * stride]; stride 0 means one value for all.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    pub data: *const f32,
    /// In floats.
    pub stride: u32,
    /// Keeps the size a multiple of 8 on all targets.
    pub pad: u32,
}

impl Default for Attribute {
    fn default() -> Self {
        Attribute { data: ptr::null(), stride: 0, pad: 0 }
    }
}

/// Number of channels.
pub const CHANNELS: usize = 6;

/// A plot in its own coordinates.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct GeometryData {
    /// The data, by Channel; null where the shape does not use it.
    pub attribute: [Attribute; CHANNELS],
    /// Shape
    pub shape: u32,
    /// Number of primitives.
    pub count: u32,
    /// Number of elements of each array: positions. A primitive may have several.
    pub elements: u32,
    /// Elements from the first of a primitive to the first of the next.
    pub step: u32,
    /// The device's own acceleration structure of this plot.
    pub accel: *const c_void,
}

/// A plot placed in the world. Matrices are row-major 3x4.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct InstanceData {
    pub world_from_object: [f32; 12],
    pub object_from_world: [f32; 12],
    pub geometry: u32,
    pub material: u32,
    /// 1: both matrices are the identity, rays need no transformation.
    pub identity: u32,
    pub pad: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct CameraData {
    pub eye: Float3,
    /// With `up` and `forward` orthonormal.
    pub right: Float3,
    pub up: Float3,
    pub forward: Float3,
    /// Of the image plane at distance 1 (perspective), in scene units (Ortho).
    pub half_width: f32,
    pub half_height: f32,
    pub aperture_radius: f32,
    /// From the eye along `forward`.
    pub focus_distance: f32,
    /// CameraKind
    pub kind: u32,
}

#[repr(C)]
#[derive(Debug, Clone, Copy, Default)]
pub struct LightData {
    /// Centre (spherical), corner (parallelogram).
    pub pos: Float3,
    /// Parallelogram only.
    pub u: Float3,
    pub v: Float3,
    /// Unit, parallelogram only: points to the side that emits.
    pub normal: Float3,
    /// Linear RGB.
    pub radiance: Float3,
    /// Spherical only.
    pub radius: f32,
    pub area: f32,
    /// LightKind
    pub kind: u32,
    /// Seen by camera rays, and occludes other rays.
    pub in_geometry: u32,
}

/// Values of a material: one for each MaterialSlot.
pub const MATERIAL_VALUES: usize = 2;
/// MaterialData::texture of a slot without a texture.
pub const NO_TEXTURE: u32 = u32::MAX;

#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct MaterialData {
    /// MaterialKind
    pub kind: u32,
    /// The value of each MaterialSlot; a number is in `x`.
    pub value: [Float3; MATERIAL_VALUES],
    /// Index of the texture that multiplies the value, or NO_TEXTURE.
    pub texture: [u32; MATERIAL_VALUES],
}

impl Default for MaterialData {
    /// Values of 0, and no textures.
    fn default() -> Self {
        MaterialData { kind: 0, value: [Float3::default(); MATERIAL_VALUES], texture: [NO_TEXTURE; MATERIAL_VALUES] }
    }
}

/// An image: see kernels/texture/texture.h.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct TextureData {
    /// The channels of all texels, row by row from the top: u8 or f32, as the format says.
    pub texels: *const c_void,
    pub width: u32,
    pub height: u32,
    /// 1, 2 or 4
    pub channels: u32,
    /// TexelFormat
    pub format: u32,
    /// AddressMode
    pub address: u32,
    /// FilterMode
    pub filter: u32,
}

/// Everything that the path loop reads.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct SceneData {
    pub geometries: *const GeometryData,
    pub instances: *const InstanceData,
    pub lights: *const LightData,
    pub materials: *const MaterialData,
    pub textures: *const TextureData,
    /// What the 256 bytes stand for: linear, and after that encoded by the curve of sRGB.
    pub byte_values: *const f32,
    /// The device's own acceleration structure over the instances.
    pub accel: *const c_void,
    pub instance_count: u32,
    pub light_count: u32,
    pub camera: CameraData,
    /// Radiance of scattered rays that leave the scene.
    pub ambient: Float3,
    /// Radiance of camera rays that leave the scene.
    pub background: Float3,
    pub scene_epsilon: f32,
    pub path_seg_min: u32,
    pub path_seg_max: u32,
    pub width: u32,
    pub height: u32,
    /// The seed of the image.
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
            textures: ptr::null(),
            byte_values: ptr::null(),
            accel: ptr::null(),
            instance_count: 0,
            light_count: 0,
            camera: CameraData::default(),
            ambient: Float3::default(),
            background: Float3::default(),
            scene_epsilon: 0.0,
            path_seg_min: 1,
            path_seg_max: 1,
            width: 0,
            height: 0,
            seed: 0,
        }
    }
}

/// A plane of the film: sums over the samples of each pixel, PLANE_FLOATS a pixel, rows from the top. Those beside the
/// radiance are of the first hit; samples that hit nothing add nothing to them.
#[repr(u32)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Plane {
    /// RGB, and the squares of the luminance.
    Radiance,
    /// RGB, and the number of samples that hit something (coverage).
    Albedo,
    /// Camera-space normal, and the depth (distance along the camera's axis).
    Normal,
}

/// Number of planes.
pub const PLANES: usize = 3;
/// Floats of a pixel, in every plane: a GPU reads them at once.
pub const PLANE_FLOATS: usize = 4;

/// The film of a device.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct FilmData {
    /// Indexed by Plane; null for a plane that the film does not have.
    pub plane: [*mut f32; PLANES],
}

/// Pixels x0 <= x < x1, y0 <= y < y1; rows from the top.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tile {
    pub x0: u32,
    pub y0: u32,
    pub x1: u32,
    pub y1: u32,
}

/// A ray with all t > 0.
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
pub struct Ray {
    pub origin: Float3,
    /// Unit in the world; transformed into an instance it is not normalised, so that `t` stays the same.
    pub dir: Float3,
}

/// Hit::instance of a miss; nothing else of it is set.
pub const NO_INSTANCE: u32 = u32::MAX;

/// The nearest hit of a ray. Which faces and coordinates a shape has is documented in its header (kernels/shape).
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq, Pod, Zeroable)]
pub struct Hit {
    pub t: f32,
    pub instance: u32,
    /// Index in the plot.
    pub primitive: u32,
    pub face: u32,
    /// Coordinates on the face.
    pub u: f32,
    pub v: f32,
}

// The CPU's acceleration structures: see kernels/cpu/bvh.h.

/// Children of a node.
pub const TREE_WIDTH: usize = 8;
/// Bit of a slot that refers to a leaf.
pub const LEAF_BIT: u32 = 0x8000_0000;
/// A slot that refers to nothing.
pub const NOTHING: u32 = u32::MAX;
/// Entries of the traversal stack for each of the two levels; the builder keeps trees shallow enough.
pub const LEVEL_STACK: u32 = 256;

/// A node of an 8-wide tree, 256 bytes. Empty slots have lo = infinity, hi = -infinity.
#[repr(C, align(64))]
#[derive(Debug, Clone, Copy, Pod, Zeroable)]
pub struct BvhNode {
    /// Axis, lo and hi, slot.
    pub bounds: [[[f32; TREE_WIDTH]; 2]; 3],
    pub child: [u32; TREE_WIDTH],
    /// 8 * node + slot; NOTHING for the root.
    pub parent: u32,
    pub pad: [u32; 7],
}

/// The tree of a plot: what GeometryData::accel points to on the CPU.
#[repr(C)]
#[derive(Debug)]
pub struct BvhData {
    pub nodes: *mut BvhNode,
    /// Leaves of the plot's shape.
    pub leaves: *mut c_void,
    /// NOTHING: no primitives.
    pub root: u32,
    /// 1: the tree does not fit into the caches, so that prefetching pays.
    pub large: u32,
}

// SAFETY: the pointers are to buffers of the tree that owns this value; traversal only reads, and no two threads refit
// the same nodes.
unsafe impl Send for BvhData {}
unsafe impl Sync for BvhData {}

/// A tree over the instances, one per leaf: what SceneData::accel points to on the CPU.
#[repr(C)]
#[derive(Debug)]
pub struct TopBvhData {
    pub nodes: *const BvhNode,
    pub root: u32,
    pub pad: u32,
}

// SAFETY: as for `BvhData`; nothing is written.
unsafe impl Send for TopBvhData {}
unsafe impl Sync for TopBvhData {}

// The functions of the kernels that are compiled for the host, one table for each instruction set. Every function can
// be called from any number of threads at once.

/// A tile and the passes to trace of it.
#[repr(C)]
pub struct TraceJob {
    pub scene: *const SceneData,
    pub film: FilmData,
    pub tile: Tile,
    /// Index of the first pass, from 0.
    pub first_sample: u32,
    pub sample_count: u32,
    /// Polled; not 0 means stop.
    pub cancel: *const u32,
    /// Set by the kernel: rays that were traced.
    pub rays: u64,
}

/// Floats of a stage's data.
pub const STAGE_VALUES: usize = 8;

/// A stage of post-processing that works on single pixels (kernels/film/post.h).
#[repr(C)]
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StageData {
    /// StageKind
    pub kind: u32,
    pub value: [f32; STAGE_VALUES],
}

/// What the denoiser works on.
#[repr(C)]
pub struct DenoiseJob {
    /// With all planes; only read.
    pub film: FilmData,
    /// RGB, interleaved: the means, replaced by the denoised image.
    pub linear: *mut f32,
    pub width: u32,
    pub height: u32,
    pub passes: u32,
    /// 0: only denoised, 1: only raw.
    pub blend: f32,
    /// Polled; not 0 means stop, with the rows unchanged.
    pub cancel: *const u32,
}

// SAFETY: plain pointers; each call writes the rows of `linear` that are passed to it, and reads no others.
unsafe impl Sync for DenoiseJob {}

/// The functions that develop the film (kernels/cpu/develop.h).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DevelopTable {
    pub mean: unsafe extern "C" fn(radiance: *const f32, linear: *mut f32, count: u32, passes: u32) -> f64,
    /// Applies stages to a row of RGB, interleaved; `y` is its index.
    pub stages: unsafe extern "C" fn(stages: *const StageData, stage_count: u32, pixels: *mut f32, width: u32, y: u32),
    /// A row of RGB, interleaved, to opaque RGBA with 8 bits a channel.
    pub quantise: unsafe extern "C" fn(pixels: *const f32, rgba: *mut u8, width: u32),
    pub denoise_scratch: unsafe extern "C" fn(width: u32, rows: u32) -> u64,
    pub denoise_rows: unsafe extern "C" fn(job: *const DenoiseJob, scratch: *mut f32, begin: u32, end: u32),
}

/// The functions of the trees (kernels/cpu/bvh_table.h). All but `bounds` write to the tree that is passed to them.
#[repr(C)]
pub struct BvhTable {
    pub bounds:
        unsafe extern "C" fn(geometry: *const GeometryData, order: *const u32, first: u32, count: u32, out: *mut f32),
    /// Size of a leaf in bytes.
    pub leaf_size: unsafe extern "C" fn(shape: u32) -> u32,
    /// Floats of a packed primitive on a GPU.
    pub packed_floats: unsafe extern "C" fn(shape: u32) -> u32,
    /// Primitives of a leaf.
    pub leaf_capacity: unsafe extern "C" fn(shape: u32) -> u32,
    pub refit: unsafe extern "C" fn(geometry: *const GeometryData, bvh: *const BvhData, begin: u32, end: u32) -> f64,
    pub fill_leaf:
        unsafe extern "C" fn(geometry: *const GeometryData, bvh: *const BvhData, leaf: u32, bounds: *mut f32),
    pub closest:
        unsafe extern "C" fn(scene: *const SceneData, rays: *const Ray, tmax: *const f32, hits: *mut Hit, count: usize),
    pub occluded:
        unsafe extern "C" fn(scene: *const SceneData, rays: *const Ray, tmax: *const f32, out: *mut u32, count: usize),
    /// `closest` by the brute-force reference; null without the feature `testing`.
    pub closest_reference: Option<
        unsafe extern "C" fn(scene: *const SceneData, rays: *const Ray, tmax: *const f32, hits: *mut Hit, count: usize),
    >,
    /// `closest` for runs of TREE_WIDTH rays; `count` is a multiple of that.
    pub closest_runs:
        unsafe extern "C" fn(scene: *const SceneData, rays: *const Ray, tmax: *const f32, hits: *mut Hit, count: usize),
}

/// A single kernel for the tests. `in` and `out` are arrays of floats; kernels/probe.h documents the meaning of each.
#[repr(C)]
pub struct Probe {
    pub name: *const c_char,
    /// Floats per item.
    pub inputs: u32,
    pub outputs: u32,
    pub run: unsafe extern "C" fn(scene: *const SceneData, input: *const f32, output: *mut f32, count: u32),
}

/// Single answers of the kernels for the host (kernels/cpu/queries.h).
#[repr(C)]
pub struct QueryTable {
    /// The ray through a point of the image, in widths from the left and heights from the top.
    pub camera_ray: unsafe extern "C" fn(camera: *const CameraData, x: f32, y: f32, ray: *mut Ray),
    /// The distance at which a ray meets a light, or infinity.
    pub light_distance: unsafe extern "C" fn(light: *const LightData, ray: *const Ray) -> f32,
    /// Standard errors of the luminance of pixels after at least two passes, from their sums.
    pub noise: unsafe extern "C" fn(radiance: *const f32, noise: *mut f32, count: u32, passes: u32),
}

/// All functions of one instruction set.
#[repr(C)]
pub struct KernelTable {
    pub variant: *const c_char,
    /// Empty without the feature `testing`.
    pub probes: *const Probe,
    pub probe_count: u32,
    pub develop: &'static DevelopTable,
    pub trace_tile: unsafe extern "C" fn(job: *mut TraceJob) -> u32,
    /// For the tests, null without the feature `testing`: the brute-force reference, or a deliberate fault; `strategy`
    /// is a LightStrategy.
    pub trace_for_tests: Option<unsafe extern "C" fn(job: *mut TraceJob, strategy: u32) -> u32>,
    pub bvh: &'static BvhTable,
    pub queries: &'static QueryTable,
}

// SAFETY: the tables are constants of the program, and their functions can be called from any thread.
unsafe impl Sync for KernelTable {}

// Arguments of the GPU's programs and kernels. All pointers are to device memory.

/// Threads of a block of every kernel that is not an OptiX program; blocks and grids are one-dimensional.
pub const BLOCK: u32 = 256;
/// Threads of a launch for each multiprocessor: sufficient for all.
pub const THREADS: u32 = 2048;
/// Floats of an axis-aligned box in the format of acceleration structures: lo, hi. All are NaN for a primitive that
/// cannot be hit.
pub const BOUNDS_FLOATS: u32 = 6;
/// Floats of a ray of IntersectParams: origin, direction, maximum distance.
pub const RAY_FLOATS: u32 = 7;
/// Floats of a pixel of the denoiser's scratch space.
pub const DENOISE_FLOATS: u32 = 18;

/// The launch parameters of every OptiX program but ray queries; the constant is called `params` in every module.
///
/// Threads take pieces of work until none is left, so a launch is one-dimensional and as wide as the number of threads
/// that the GPU runs at once, whatever the size of the tile.
///
/// In the scene, `accel` is the handle of a traversable: of the structure over the instances, in which index i is
/// instance i of the scene; or, if the scene has one instance whose transform is the identity, of the geometry itself,
/// which is faster. Each geometry's `accel` points to its primitives as prepare_geometry packs them.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct LaunchParams {
    pub scene: SceneData,
    pub film: FilmData,
    pub tile: Tile,
    /// Index of the first pass, from 0.
    pub first_sample: u32,
    pub sample_count: u32,
    /// Index of the next piece of work: 0 when the launch begins.
    pub next: *mut u32,
    /// Slots of samples that wait to be added to the film, PLANE_FLOATS for each plane that the film has: the first plane
    /// of the first pass for all pixels of the image, then of the second, and so on, then the next plane. Null: samples
    /// are added at once, and a piece of work is all samples of a pixel instead of one.
    pub slots: *mut f32,
}

/// `params` of intersect.cu, which is its own pipeline. A launch is as wide as there are rays.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IntersectParams {
    pub scene: SceneData,
    /// RAY_FLOATS each.
    pub rays: *const f32,
    pub hits: *mut Hit,
    /// 1: any hit will do, not the nearest.
    pub any: u32,
    pub pad: u32,
}

/// Data of a hit group's record in the shader binding table: one record per geometry, and the record's index is the
/// `sbtOffset` of the geometry's instances. The header before it takes 32 bytes.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct HitGroupData {
    /// The geometry's `accel`.
    pub primitives: *const c_void,
}

/// The kernel prepare_geometry, one thread per primitive: packs the primitives and computes their bounds.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct PrepareJob {
    /// `accel` is not read.
    pub geometry: GeometryData,
    /// Aligned to 16 bytes.
    pub primitives: *mut f32,
    /// BOUNDS_FLOATS each.
    pub bounds: *mut f32,
}

/// The kernels that develop the film, one thread per pixel: see film.cu.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct DevelopJob {
    pub film: FilmData,
    /// Sums of earlier blocks of samples; null pointers: none.
    pub aside: FilmData,
    /// RGB, interleaved.
    pub linear: *mut f32,
    /// 8 bits a channel, opaque.
    pub rgba: *mut u8,
    /// DENOISE_FLOATS a pixel, aligned to 16 bytes; for the denoiser.
    pub scratch: *mut f32,
    /// One per block of develop_mean; the first is the sum after sum_noise.
    pub noise: *mut f64,
    /// The stages that turn the linear image into the one that is shown.
    pub stages: *const StageData,
    pub width: u32,
    pub height: u32,
    /// In film and aside together, at least 1.
    pub passes: u32,
    pub stage_count: u32,
    /// Share of the means in the denoised image, in [0, 1).
    pub blend: f32,
    pub pad: u32,
}

/// The kernel denoise_flow, one thread per pixel: where pixels were in the previous image.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct FlowJob {
    pub now: CameraData,
    pub before: CameraData,
    /// 2 per pixel: see film/flow.h.
    pub flow: *mut f32,
    /// How far the flow can be trusted, in [0, 1].
    pub trust: *mut f32,
    /// 1: only the camera has changed; otherwise the flow is not trusted at all.
    pub still: u32,
    pub pad: u32,
}

/// Size and alignment of structs as Rust sees them: `cargo xtask layout` writes a `static_assert` for each, and fails
/// where one is missing here.
macro_rules! sizes {
    ($($name:ident),* $(,)?) => {
        pub const SIZES: &[(&str, usize, usize)] =
            &[$((stringify!($name), size_of::<$name>(), align_of::<$name>())),*];
    };
}
sizes!(
    Float3,
    Attribute,
    GeometryData,
    InstanceData,
    CameraData,
    LightData,
    MaterialData,
    TextureData,
    SceneData,
    FilmData,
    Tile,
    Ray,
    Hit,
    BvhNode,
    BvhData,
    TopBvhData,
    TraceJob,
    StageData,
    DenoiseJob,
    DevelopTable,
    BvhTable,
    Probe,
    QueryTable,
    KernelTable,
    LaunchParams,
    IntersectParams,
    HitGroupData,
    PrepareJob,
    DevelopJob,
    FlowJob,
);
