//! A light as the kernels read it.

use crate::device::layout::LightData;
use crate::scene::{Light, LightShape};
use glam::{DVec3, Vec3};

/// `origin`: the kernels' origin.
pub fn data(light: &Light, origin: DVec3) -> LightData {
    let common = LightData {
        pos: (light.pos - origin).as_vec3().into(),
        radiance: light.color.into(),
        in_geometry: u32::from(light.in_geometry),
        kind: light.kind() as u32,
        ..LightData::default()
    };
    match light.shape {
        LightShape::Spherical { radius } => {
            LightData { radius, area: 4.0 * std::f32::consts::PI * radius * radius, ..common }
        }
        LightShape::Parallelogram { u, v } => LightData {
            u: u.into(),
            v: v.into(),
            normal: unit_normal(u, v).into(),
            area: u.as_dvec3().cross(v.as_dvec3()).length() as f32,
            ..common
        },
    }
}

/// The normal of edges of any length: the square of the product of short ones would underflow.
fn unit_normal(u: Vec3, v: Vec3) -> Vec3 {
    let scale = u.abs().max_element().max(v.abs().max_element());
    if scale > 0.0 { (u / scale).cross(v / scale).normalize_or_zero() } else { Vec3::ZERO }
}
