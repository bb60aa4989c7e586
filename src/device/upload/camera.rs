//! A camera as the kernels read it.

use crate::device::layout::CameraData;
use crate::scene::Camera;
use glam::DVec3;

/// `origin`: the kernels' origin; `aspect`: width divided by height.
pub fn data(camera: &Camera, origin: DVec3, aspect: f32) -> CameraData {
    let (right, up, forward) = camera.basis();
    let half_height = camera.half_height();
    CameraData {
        eye: (camera.eye - origin).as_vec3().into(),
        right: right.into(),
        up: up.into(),
        forward: forward.into(),
        half_width: half_height * aspect,
        half_height,
        aperture_radius: camera.aperture_radius,
        focus_distance: camera.focal_scale * camera.distance(),
        kind: camera.kind as u32,
    }
}
