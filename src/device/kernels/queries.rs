//! Single answers of the kernels: the rays of cameras, and where rays meet lights. So whatever a camera or a light is, the
//! viewer sees what images show.

use super::best;
use crate::device::Ray;
use crate::device::layout;
use crate::device::upload::{camera, light};
use crate::scene::{Camera, Light};
use glam::Vec3;

/// The ray through a point of the image, its direction a unit vector. `x`, `y`: from -1 at the left and the bottom edge to
/// 1 at the right and the top edge; `aspect`: width divided by height. Where a camera has a lens, the ray through its
/// centre.
pub fn camera_ray(view: &Camera, x: f32, y: f32, aspect: f32) -> Ray {
    // With the eye as the kernels' origin, single precision is enough wherever the eye is.
    let data = camera::data(&Camera { aperture_radius: 0.0, ..view.clone() }, view.eye, aspect);
    let mut ray = layout::Ray { origin: [0.0; 3].into(), dir: [0.0; 3].into() };
    // SAFETY: reads the camera and writes the ray.
    unsafe { (best().queries.camera_ray)(&data, 0.5 + 0.5 * x, 0.5 - 0.5 * y, &mut ray) };
    let (origin, dir): ([f32; 3], [f32; 3]) = (ray.origin.into(), ray.dir.into());
    Ray { origin: view.eye + Vec3::from(origin).as_dvec3(), dir: dir.into() }
}

/// The distance at which a ray meets a light, from either side; the ray's direction is a unit vector.
pub fn light_distance(lamp: &Light, ray: &Ray) -> Option<f32> {
    let data = light::data(lamp, ray.origin);
    let ray = layout::Ray { origin: [0.0; 3].into(), dir: ray.dir.to_array().into() };
    // SAFETY: only reads its arguments.
    let distance = unsafe { (best().queries.light_distance)(&data, &ray) };
    distance.is_finite().then_some(distance)
}
