//! Cameras.

use super::check::{check_point, check_range, check_vector};
use crate::{Error, Result};
use glam::{DVec3, Vec3};
use std::f32::consts::{FRAC_PI_2, PI};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u32)]
pub enum CameraKind {
    /// Perspective.
    Pinhole,
    /// Perspective through a thin lens: depth of field.
    ThinLens,
    /// Orthographic: the view is as high as a perspective one of the same `fov` is at the target.
    Ortho,
    /// All directions from the eye, equirectangular.
    Panoramic,
}

/// Where a camera looks from and to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// The rays come from the eye, and the image is `fov` high.
    Perspective,
    /// The rays are parallel, and the image is as high as a perspective one is at the target.
    Parallel,
    /// The rays go from the eye into all directions.
    Around,
}

/// A row of the table of kinds.
#[derive(Debug, Clone, Copy)]
pub struct CameraRow {
    pub kind: CameraKind,
    /// The name in scripts, and PlotOptiX's.
    pub name: &'static str,
    /// Another name.
    pub alias: Option<&'static str>,
    pub view: View,
    /// Whether it has a lens, which blurs what is out of focus.
    pub lens: bool,
    /// For the reference, in the words of scripts.
    pub doc: &'static str,
}

/// One row for each [`CameraKind`], in its order.
pub const CAMERAS: [CameraRow; 4] = [
    CameraRow {
        kind: CameraKind::Pinhole,
        name: "Pinhole",
        alias: None,
        view: View::Perspective,
        lens: false,
        doc: "`Pinhole`: perspective.",
    },
    CameraRow {
        kind: CameraKind::ThinLens,
        name: "ThinLens",
        alias: Some("DoF"),
        view: View::Perspective,
        lens: true,
        doc: "`DoF`, also called `ThinLens`: perspective with depth of field.",
    },
    CameraRow {
        kind: CameraKind::Ortho,
        name: "Ortho",
        alias: None,
        view: View::Parallel,
        lens: false,
        doc: "`Ortho`: parallel rays, as high a view as a perspective one has at the target.",
    },
    CameraRow {
        kind: CameraKind::Panoramic,
        name: "Panoramic",
        alias: None,
        view: View::Around,
        lens: false,
        doc: "`Panoramic`: all directions from the eye, 360 degrees wide and 180 high; the target is in the middle.",
    },
];

// A kind is the index of its row.
const _: () = {
    let mut i = 0;
    while i < CAMERAS.len() {
        assert!(CAMERAS[i].kind as usize == i);
        i += 1;
    }
};

#[derive(Debug, Clone, PartialEq)]
pub struct Camera {
    pub kind: CameraKind,
    pub eye: DVec3,
    /// The point looked at, in the centre of the image.
    pub target: DVec3,
    pub up: Vec3,
    /// Vertical field of view, degrees, in (0, 180). Default 35.
    pub fov: f32,
    /// Radius of the lens, scene units, at least 0. Default 0.1.
    pub aperture_radius: f32,
    /// Focus distance divided by the distance from eye to target, above 0. Default 1.
    pub focal_scale: f32,
}

/// The values that `setup_camera` and `update_camera` change: `None` keeps a value (or its default).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CameraUpdate {
    pub kind: Option<CameraKind>,
    pub eye: Option<DVec3>,
    pub target: Option<DVec3>,
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
            eye: DVec3::new(0.0, 0.0, 10.0),
            target: DVec3::ZERO,
            up: Vec3::Y,
            fov: 35.0,
            aperture_radius: 0.1,
            focal_scale: 1.0,
        }
    }
}

impl CameraKind {
    pub fn row(self) -> &'static CameraRow {
        const ROWS: &[CameraRow] = &CAMERAS;
        &ROWS[self as usize]
    }

    /// The name in scripts.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    pub fn from_name(name: &str) -> Option<CameraKind> {
        CAMERAS.iter().find(|row| row.name == name || row.alias == Some(name)).map(|row| row.kind)
    }
}

impl Camera {
    /// The vector from the eye to the target, scene units.
    pub fn sight(&self) -> Vec3 {
        (self.target - self.eye).as_vec3()
    }

    /// Distance from the eye to the target, scene units.
    pub fn distance(&self) -> f32 {
        self.sight().length()
    }

    /// Unit vectors (right, up, forward) of the view. Where `up` is parallel to the view direction, another one is
    /// used, so that looking straight down works.
    pub fn basis(&self) -> (Vec3, Vec3, Vec3) {
        let forward = normalized(self.sight());
        let side = forward.cross(self.up.normalize_or(Vec3::Y));
        let right = if side.length_squared() > 1e-10 {
            side.normalize()
        } else {
            // The view is along `up`: the direction behind the eye becomes the top of the image, -Z for a view down the
            // Y axis.
            let top = if forward.z.abs() < 0.9 { Vec3::NEG_Z } else { Vec3::Y };
            forward.cross(top).normalize_or(Vec3::X)
        };
        (right, right.cross(forward), forward)
    }

    pub fn view(&self) -> View {
        self.kind.row().view
    }

    /// Half the height of the view: for parallel rays in scene units, for others divided by the distance.
    pub fn half_height(&self) -> f32 {
        // The script API promises the same pixels on every system, so the system's tangent is not used.
        let slope = libm::tanf(self.fov.to_radians() * 0.5);
        match self.view() {
            View::Perspective => slope,
            View::Parallel => slope * self.distance(),
            View::Around => FRAC_PI_2,
        }
    }

    /// Half the height of the view at a [`Camera::depth`], scene units.
    pub fn half_height_at(&self, depth: f32) -> f32 {
        match self.view() {
            View::Parallel => self.half_height(),
            View::Perspective | View::Around => self.half_height() * depth,
        }
    }

    /// Distance of a point from the eye, scene units: along the axis, and negative behind the eye; of a view all around,
    /// which has no axis, in any direction.
    pub fn depth(&self, point: DVec3) -> f32 {
        let to = (point - self.eye).as_vec3();
        match self.view() {
            View::Perspective | View::Parallel => to.dot(self.basis().2),
            View::Around => to.length(),
        }
    }

    /// Where in the image a point is seen, from -1 at the left and the bottom edge to 1 at the right and the top edge;
    /// `None` for points that are not in front of the eye. (The rays of a camera are the kernels':
    /// [`camera_ray`](crate::device::camera_ray). The scene, which knows no device, has the way back, for fitting.)
    pub fn project(&self, point: DVec3, aspect: f32) -> Option<(f32, f32)> {
        let (right, up, forward) = self.basis();
        let to = (point - self.eye).as_vec3();
        let depth = to.dot(forward);
        if self.view() == View::Around {
            let (x, y) = (to.dot(right), to.dot(up));
            let aside = libm::atan2f(x, depth) / PI;
            return (to != Vec3::ZERO).then(|| (aside, libm::atan2f(y, libm::hypotf(x, depth)) / FRAC_PI_2));
        }
        let half = self.half_height_at(depth);
        (depth > 0.0).then(|| (to.dot(right) / (half * aspect), to.dot(up) / half))
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

    /// Fails where a value is out of its range, and where eye and target are one point.
    pub fn check(&self) -> Result<()> {
        check_point("eye", self.eye)?;
        check_point("target", self.target)?;
        check_vector("up", self.up)?;
        if self.sight() == Vec3::ZERO {
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

/// Normalises any vector but zero, however short: the square of a short one underflows.
fn normalized(v: Vec3) -> Vec3 {
    let scale = v.abs().max_element();
    if scale > 0.0 { (v / scale).normalize_or(Vec3::NEG_Z) } else { Vec3::NEG_Z }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn looking_along_up_has_a_basis() {
        for eye in [DVec3::Y * 5.0, DVec3::NEG_Y * 5.0, DVec3::new(1.0, 2.0, 3.0)] {
            let (right, up, forward) = Camera { eye, ..Camera::default() }.basis();
            for axis in [right, up, forward] {
                assert!((axis.length() - 1.0).abs() < 1e-5, "{eye}");
            }
            assert!(right.cross(up).abs_diff_eq(-forward, 1e-5), "{eye}: right-handed, +Z towards the eye");
        }
        // A map seen from above: X to the right, -Z up.
        let (right, up, _) = Camera { eye: DVec3::Y * 5.0, ..Camera::default() }.basis();
        assert!(right.abs_diff_eq(Vec3::X, 1e-5) && up.abs_diff_eq(Vec3::NEG_Z, 1e-5));
    }
}
