//! Cameras.

use super::Scene;
use glam::Vec3;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CameraKind {
    /// Perspective.
    Pinhole,
    /// Perspective through a thin lens: depth of field (`"DoF"` and `"ThinLens"` in scripts).
    ThinLens,
    /// Orthographic: the view is as high as a perspective one of the same `fov` is at the target.
    Ortho,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Camera {
    pub kind: CameraKind,
    pub eye: Vec3,
    /// The point looked at, in the centre of the picture.
    pub target: Vec3,
    pub up: Vec3,
    /// Vertical field of view, degrees, in (0, 180). Default 35.
    pub fov: f32,
    /// Radius of the lens, scene units, at least 0. Default 0.1.
    pub aperture_radius: f32,
    /// Focus distance divided by the distance from eye to target, above 0. Default 1.
    pub focal_scale: f32,
}

/// What `setup_camera` and `update_camera` change: `None` leaves a value as it is (or at its default).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CameraUpdate {
    pub kind: Option<CameraKind>,
    pub eye: Option<Vec3>,
    pub target: Option<Vec3>,
    pub up: Option<Vec3>,
    pub fov: Option<f32>,
    pub aperture_radius: Option<f32>,
    pub focal_scale: Option<f32>,
}

impl Camera {
    /// A pinhole camera that sees all geometry.
    pub fn fitted(_scene: &Scene) -> Camera {
        // Replaced by the fit in `fit.rs`.
        Camera {
            kind: CameraKind::Pinhole,
            eye: Vec3::new(0.0, 0.0, 10.0),
            target: Vec3::ZERO,
            up: Vec3::Y,
            fov: 35.0,
            aperture_radius: 0.1,
            focal_scale: 1.0,
        }
    }
}
