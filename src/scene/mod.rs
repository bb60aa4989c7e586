//! The scene: plain data, the edits that change it, and the change set between two states of it.
//!
//! A [`Scene`] is a value: cloning it is cheap (large buffers are shared), and an edit makes a new state. It does not
//! depend on devices or Rhai. Units: lengths are scene units, angles are radians unless a field states degrees, colours
//! are linear RGB.

mod bounds;
mod camera;
mod change;
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
mod reuse;
mod rotation;

pub use bounds::Bounds;
pub use camera::{CAMERAS, Camera, CameraKind, CameraRow, CameraUpdate, View};
pub use change::ChangeSet;
pub use doubt::{Doubt, dominating};
pub use edges::Edges;
pub use edit::{Edit, MAX_PIXELS, MAX_SIDE, check_size};
pub use fit::{DEFAULT_FIT_SCALE, FIT_FILL, LightFit, Plots, Reach};
pub use geometry::{DEFAULT_COLOR, DEFAULT_R, Geometry, GeometryKind, GeometryUpdate, PerPrimitive, Shape};
pub use light::{LIGHTS, Light, LightKind, LightRow, LightShape, LightUpdate};
pub use material::{
    Bright, MATERIALS, Material, MaterialKind, MaterialRow, MaterialSlot, MaterialUpdate, SLOTS, SlotRow, SlotType,
};
pub use params::{DenoiserKind, LightShading, MAX_PATH_SEGMENTS, Params, Postproc, Variables};
pub use pending::Pending;
pub use positions::{Positions, bounds_of, origin_near};
pub use rotation::{about_center, rotation_xyz, rotation_yxz};

use crate::{Error, Result, error};
use glam::{DVec3, Vec3};
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

/// Numbers of a scene are at most this large, so that their squares and products stay finite.
pub const MAX_MAGNITUDE: f32 = 1e18;

/// The error "there is no light `lamp`", with the nearest known name, or all of them.
pub fn unknown_name<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a String>) -> Error {
    let known: Vec<&str> = known.into_iter().map(String::as_str).collect();
    let error = Error::script(format!("there is no {what} `{name}`"));
    match error::nearest(name, known.iter().copied()) {
        Some(near) => error.hint(format!("did you mean `{near}`?")),
        None if known.is_empty() => error.hint("none has been made so far: make it first, for example in `init`"),
        None => error.hint(format!("known: `{}`", known.join("`, `"))),
    }
}

fn check_range(name: &str, value: f32, ok: bool, wanted: &str) -> Result<()> {
    if ok && value.abs() <= MAX_MAGNITUDE {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is {value}, it wants {wanted}")))
}

fn check_vector(name: &str, v: Vec3) -> Result<()> {
    if v.abs().max_element() <= MAX_MAGNITUDE && v.is_finite() {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is [{}, {}, {}], it wants finite numbers", v.x, v.y, v.z)))
}

fn check_point(name: &str, p: DVec3) -> Result<()> {
    if p.abs().max_element() <= f64::from(MAX_MAGNITUDE) && p.is_finite() {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is [{}, {}, {}], it wants finite numbers", p.x, p.y, p.z)))
}

fn check_color(name: &str, v: Vec3) -> Result<()> {
    check_vector(name, v)?;
    if v.min_element() >= 0.0 {
        return Ok(());
    }
    Err(Error::script(format!("`{name}` is [{}, {}, {}], it wants at least 0", v.x, v.y, v.z)))
}
