//! Lights with a place and a shape.

use glam::Vec3;

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum LightShape {
    /// `radius` in scene units, above 0. Default 1.
    Spherical { radius: f32 },
    /// `pos` is a corner; emits to the side of `u` x `v`, black behind.
    Parallelogram { u: Vec3, v: Vec3 },
}

#[derive(Debug, Clone, PartialEq)]
pub struct Light {
    pub shape: LightShape,
    /// Centre of a sphere, corner of a parallelogram.
    pub pos: Vec3,
    /// Emitted radiance, linear RGB, at least 0. Default (10, 10, 10).
    pub color: Vec3,
    /// Whether camera rays see the light's own surface. Default true.
    pub in_geometry: bool,
}

/// What `setup_light` and `update_light` change: `None` leaves a value as it is (or at its default).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LightUpdate {
    pub shape: Option<LightShape>,
    pub pos: Option<Vec3>,
    pub color: Option<Vec3>,
    pub radius: Option<f32>,
    pub u: Option<Vec3>,
    pub v: Option<Vec3>,
    pub in_geometry: Option<bool>,
}
