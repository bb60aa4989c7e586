//! Converts the scene to the kernels' structs, for all devices. Arrays of plots are not copied: the structs point into
//! the scene's own buffers, which this keeps alive. A device with its own memory replaces the addresses.

pub mod camera;
pub mod light;
mod material;
mod texture;

use super::layout::*;
use crate::scene::{Channel, Geometry, Scene, Texture, origin_near};
use crate::{Error, Result};
use glam::{Affine3A, DAffine3, DVec3, Vec3};
use std::sync::Arc;

pub use texture::byte_values;

const _: () = assert!(CHANNELS == crate::scene::CHANNELS.len(), "the kernels have all channels");

/// The kernels' view of a scene, with all that it points to.
#[derive(Default)]
pub struct Upload {
    pub(super) data: SceneData,
    /// The world point that is the kernels' origin: near the camera's target.
    pub(super) origin: DVec3,
    /// The data of each visible plot.
    pub(super) geometries: Vec<GeometryData>,
    /// The instance of each of `geometries`, in the same order.
    pub(super) instances: Vec<InstanceData>,
    pub(super) lights: Vec<LightData>,
    pub(super) materials: Vec<MaterialData>,
    pub(super) textures: Vec<TextureData>,
    /// Names of `geometries`, and owners of the buffers that they point into.
    pub(super) plots: Vec<(String, Arc<Geometry>)>,
    /// Names of `textures`, and owners of the texels that they point to.
    // The CPU only needs them alive.
    #[cfg_attr(not(feature = "optix"), allow(dead_code))]
    pub(super) images: Vec<(String, Texture)>,
}

// SAFETY: the pointers are to buffers that the struct owns or shares and nobody writes.
unsafe impl Send for Upload {}

impl Upload {
    /// Fails when a plot's arrays don't fit together.
    pub fn new(scene: &Scene) -> Result<Upload> {
        let view = scene.view();
        let origin = kernel_origin(scene, view.eye);
        let mut upload = Upload {
            origin,
            materials: scene.materials.values().map(|m| material::data(scene, m)).collect::<Result<_>>()?,
            textures: scene.textures.values().map(texture::data).collect(),
            images: scene.textures.iter().map(|(name, image)| (name.clone(), image.clone())).collect(),
            lights: scene.lights.values().map(|light| light::data(light, origin)).collect(),
            ..Upload::default()
        };
        for (name, plot) in &scene.geometries {
            upload.add_plot(scene, name, plot)?;
        }
        let (width, height) = scene.size;
        let (path_seg_min, path_seg_max) = scene.variables.path_seg_range;
        upload.data = SceneData {
            geometries: upload.geometries.as_ptr(),
            instances: upload.instances.as_ptr(),
            lights: upload.lights.as_ptr(),
            materials: upload.materials.as_ptr(),
            textures: upload.textures.as_ptr(),
            byte_values: byte_values().as_ptr(),
            instance_count: upload.instances.len() as u32,
            light_count: upload.lights.len() as u32,
            camera: camera::data(&view, origin, width as f32 / height as f32),
            ambient: scene.ambient.into(),
            background: scene.background.into(),
            scene_epsilon: scene.variables.scene_epsilon,
            path_seg_min: path_seg_min.max(1),
            path_seg_max: path_seg_max.max(1),
            width,
            height,
            ..SceneData::default()
        };
        Ok(upload)
    }

    /// The kernels' scene, valid as long as this upload lives and is not changed.
    pub fn data(&self) -> &SceneData {
        &self.data
    }

    pub fn set_seed(&mut self, seed: u64) {
        self.data.seed = seed;
    }

    fn add_plot(&mut self, scene: &Scene, name: &str, plot: &Arc<Geometry>) -> Result<()> {
        let geometry = geometry_data(name, plot)?;
        let material = scene.materials.get_index_of(&plot.material).ok_or_else(|| {
            Error::device(format!("plot \"{name}\" has the material \"{}\", which does not exist", plot.material))
        })?;
        // An empty plot, and one that is scaled flat in the world, has nothing to hit.
        let place = self.place(plot);
        let inverse = place.inverse();
        let (place, inverse) = (single(&place), single(&inverse));
        if geometry.count == 0 || !inverse.is_finite() || !place.is_finite() {
            return Ok(());
        }
        self.instances.push(InstanceData {
            world_from_object: row_major(&place),
            object_from_world: row_major(&inverse),
            geometry: self.geometries.len() as u32,
            material: material as u32,
            identity: u32::from(place == Affine3A::IDENTITY),
            pad: 0,
        });
        self.geometries.push(geometry);
        self.plots.push((name.to_string(), plot.clone()));
        Ok(())
    }

    /// The transform from a plot's rows to the kernels' world: each of the two has its own origin.
    fn place(&self, plot: &Geometry) -> DAffine3 {
        if plot.transform == DAffine3::IDENTITY {
            return DAffine3::from_translation(plot.pos.origin() - self.origin);
        }
        let translation = plot.transform.transform_point3(plot.pos.origin()) - self.origin;
        DAffine3 { translation, ..plot.transform }
    }
}

/// The origin of the plot that is nearest to the eye, if the eye is far from the scene's origin by comparison: there the
/// numbers of single precision are densest where the most detail is seen.
fn kernel_origin(scene: &Scene, eye: DVec3) -> DVec3 {
    let origins = scene.geometries.values().map(|plot| plot.transform.transform_point3(plot.pos.origin()));
    let nearest = origins.min_by(|a, b| a.distance_squared(eye).total_cmp(&b.distance_squared(eye)));
    match nearest {
        Some(nearest) if origin_near(eye, nearest.distance(eye)) != DVec3::ZERO => nearest,
        _ => DVec3::ZERO,
    }
}

fn geometry_data(name: &str, plot: &Geometry) -> Result<GeometryData> {
    let elements = plot.count();
    if u32::try_from(elements).is_err() {
        return Err(Error::device(format!("plot \"{name}\" has {elements} positions, more than {}", u32::MAX)));
    }
    let shape = plot.kind.shape();
    let mut attribute = [Attribute::default(); CHANNELS];
    attribute[Channel::Pos as usize] = Attribute { data: plot.pos.relative().as_ptr().cast(), stride: 3, pad: 0 };
    for (channel, values) in plot.data.iter() {
        // Arrays that a shape does not use may be left from another shape with another number of positions.
        if !shape.uses(channel) && channel != Channel::Color {
            continue;
        }
        if values.is_each() && values.len() != elements {
            let (name_of, n) = (channel.name(), values.len());
            return Err(Error::device(format!(
                "plot \"{name}\" has {elements} positions, but {n} values of `{name_of}`"
            )));
        }
        attribute[channel as usize] =
            Attribute { data: values.numbers().as_ptr(), stride: values.stride() as u32, pad: 0 };
    }
    Ok(GeometryData {
        attribute,
        shape: shape as u32,
        count: plot.primitives() as u32,
        elements: elements as u32,
        step: plot.kind.row().step as u32,
        accel: std::ptr::null(),
    })
}

impl From<Vec3> for Float3 {
    fn from(v: Vec3) -> Self {
        v.to_array().into()
    }
}

fn single(m: &DAffine3) -> Affine3A {
    Affine3A::from_mat3_translation(m.matrix3.as_mat3(), m.translation.as_vec3())
}

fn row_major(m: &Affine3A) -> [f32; 12] {
    let (x, y, z, t) = (m.matrix3.x_axis, m.matrix3.y_axis, m.matrix3.z_axis, m.translation);
    [x.x, y.x, z.x, t.x, x.y, y.y, z.y, t.y, x.z, y.z, z.z, t.z]
}
