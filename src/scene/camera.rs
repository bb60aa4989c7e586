//! Cameras.

use super::{check_range, check_vector};
use crate::{Error, Result};
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

/// At (0, 0, 10), looking at the origin.
impl Default for Camera {
    fn default() -> Self {
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

impl CameraKind {
    /// The name in scripts.
    pub fn name(self) -> &'static str {
        match self {
            CameraKind::Pinhole => "Pinhole",
            CameraKind::ThinLens => "ThinLens",
            CameraKind::Ortho => "Ortho",
        }
    }
}

impl Camera {
    /// Unit vectors (right, up, forward) of the view. Where `up` lies along the view, another one is taken, so that
    /// looking straight down works.
    pub fn basis(&self) -> (Vec3, Vec3, Vec3) {
        let forward = (self.target - self.eye).normalize_or(Vec3::NEG_Z);
        let side = forward.cross(self.up.normalize_or(Vec3::Y));
        let right = if side.length_squared() > 1e-10 {
            side.normalize()
        } else {
            // Looking along `up`: what lies behind becomes the top of the picture, -Z for a view down the Y axis.
            let top = if forward.z.abs() < 0.9 { Vec3::NEG_Z } else { Vec3::Y };
            forward.cross(top).normalize_or(Vec3::X)
        };
        (right, right.cross(forward), forward)
    }

    /// This camera with the given values.
    pub(super) fn updated(&self, update: &CameraUpdate) -> Result<Camera> {
        let camera = Camera {
            kind: update.kind.unwrap_or(self.kind),
            eye: update.eye.unwrap_or(self.eye),
            target: update.target.unwrap_or(self.target),
            up: update.up.unwrap_or(self.up),
            fov: update.fov.unwrap_or(self.fov),
            aperture_radius: update.aperture_radius.unwrap_or(self.aperture_radius),
            focal_scale: update.focal_scale.unwrap_or(self.focal_scale),
        };
        camera.check()?;
        Ok(camera)
    }

    fn check(&self) -> Result<()> {
        for (name, vector) in [("eye", self.eye), ("target", self.target), ("up", self.up)] {
            check_vector(name, vector)?;
        }
        if self.eye == self.target {
            let p = self.eye;
            return Err(Error::script(format!("`eye` and `target` are the same point, [{}, {}, {}]", p.x, p.y, p.z))
                .hint("a camera wants a direction to look in"));
        }
        if self.up == Vec3::ZERO {
            return Err(Error::script("`up` is [0, 0, 0], it wants a direction").hint("the default is [0, 1, 0]"));
        }
        check_range("fov", self.fov, self.fov > 0.0 && self.fov < 180.0, "degrees above 0 and below 180")?;
        check_range("aperture_radius", self.aperture_radius, self.aperture_radius >= 0.0, "at least 0")?;
        check_range("focal_scale", self.focal_scale, self.focal_scale > 0.0, "above 0")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_along_up_has_a_basis() {
        for eye in [Vec3::Y * 5.0, Vec3::NEG_Y * 5.0, Vec3::new(1.0, 2.0, 3.0)] {
            let (right, up, forward) = Camera { eye, ..Camera::default() }.basis();
            for axis in [right, up, forward] {
                assert!((axis.length() - 1.0).abs() < 1e-5, "{eye}");
            }
            assert!(right.cross(up).abs_diff_eq(-forward, 1e-5), "{eye}: right-handed, the viewer on +Z");
        }
        // A map seen from above: X to the right, -Z up.
        let (right, up, _) = Camera { eye: Vec3::Y * 5.0, ..Camera::default() }.basis();
        assert!(right.abs_diff_eq(Vec3::X, 1e-5) && up.abs_diff_eq(Vec3::NEG_Z, 1e-5));
    }
}
