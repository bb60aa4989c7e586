//! The scene: plain data, the edits that change it, and the change set between two states of it.
//!
//! A [`Scene`] is a value: cloning it is cheap (large buffers are shared), and an edit makes a new state. It does not
//! depend on devices or Rhai. Units: lengths are scene units, angles are radians unless a field states degrees, colours
//! are linear RGB.

mod body;
mod bounds;
mod camera;
mod change;
mod channel;
mod check;
mod denoiser_kind;
mod doubt;
mod edges;
mod edit;
mod fit;
mod geometry;
mod light;
mod material;
mod params;
mod pending;
mod positions;
mod postproc;
mod reuse;
mod rotation;
mod setting;
mod shape;
mod texture;
mod variables;

pub use body::Body;
pub use bounds::{Bounds, origin_near};
pub use camera::{CAMERAS, Camera, CameraKind, CameraRow, CameraUpdate, View};
pub use change::ChangeSet;
pub use channel::{CHANNELS, Channel, ChannelRow, Channels, DEFAULT_COLOR, DEFAULT_R, Element, Values};
pub use check::{MAX_MAGNITUDE, MAX_PIXELS, MAX_SIDE, check_size, unknown_name};
pub use denoiser_kind::DenoiserKind;
pub use doubt::{Doubt, dominating};
pub use edges::Edges;
pub use edit::Edit;
pub use fit::{DEFAULT_FIT_SCALE, FIT_FILL, LightFit, Plots, Reach};
pub use geometry::{Geometry, GeometryUpdate};
pub use light::{LIGHTS, Light, LightKind, LightRow, LightShape, LightUpdate};
pub use material::{
    Bright, MATERIALS, Material, MaterialKind, MaterialRow, MaterialSlot, MaterialUpdate, SLOTS, SlotRow, SlotType,
};
pub use params::{LightShading, Params};
pub use pending::Pending;
pub use positions::{Positions, bounds_of};
pub use postproc::{Denoising, Postproc, StageKind, Work, is_tone_mapped, on_pixels};
pub use rotation::{about_center, rotation_xyz, rotation_yxz};
pub use setting::{Setting, SettingType, SettingValue};
pub use shape::{GeometryKind, KindRow, LATER_KINDS, Regular, SHAPES, Shape, ShapeRow};
pub use texture::{
    ADDRESS_MODES, AddressMode, AddressRow, FILTER_MODES, FilterMode, FilterRow, TexelFormat, Texels, Texture,
    srgb_to_linear,
};
pub use variables::{MAX_PATH_SEGMENTS, Variables};

use glam::Vec3;
use indexmap::IndexMap;
use std::sync::Arc;

/// Everything that is rendered, and how it is rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Scene {
    /// Image size in pixels, each at least 1.
    pub size: (u32, u32),
    /// Named plots, in the order in which they were created.
    pub geometries: IndexMap<String, Arc<Geometry>>,
    pub cameras: IndexMap<String, Camera>,
    /// Name of the current camera; `None` only while no camera exists.
    pub current_camera: Option<String>,
    pub lights: IndexMap<String, Light>,
    /// Named materials; always holds `"diffuse"`.
    pub materials: IndexMap<String, Material>,
    pub textures: IndexMap<String, Texture>,
    /// Radiance of scattered rays that leave the scene.
    pub ambient: Vec3,
    /// Radiance of camera rays that leave the scene.
    pub background: Vec3,
    pub params: Params,
    pub variables: Variables,
    /// Post-processing stages, in the order in which they run.
    pub postproc: Vec<Postproc>,
    /// Cameras and lights to be fitted as soon as there is a plot.
    pub pending: Pending,
}

/// 800x600, one diffuse material, no camera, no light, ambient (0.86, 0.89, 0.94), black background.
impl Default for Scene {
    fn default() -> Self {
        Scene {
            size: (800, 600),
            geometries: IndexMap::new(),
            cameras: IndexMap::new(),
            current_camera: None,
            lights: IndexMap::new(),
            materials: IndexMap::from([("diffuse".to_string(), Material::default())]),
            textures: IndexMap::new(),
            ambient: Vec3::new(0.86, 0.89, 0.94),
            background: Vec3::ZERO,
            params: Params::default(),
            variables: Variables::default(),
            postproc: Vec::new(),
            pending: Pending::default(),
        }
    }
}

impl Scene {
    /// The current camera, or the default one, fitted to the scene, when none exists.
    pub fn view(&self) -> Camera {
        self.current_camera.as_ref().and_then(|name| self.camera(name)).unwrap_or_else(|| Camera::fitted(self))
    }
}
