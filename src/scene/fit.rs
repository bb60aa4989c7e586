//! Where cameras and lights go when the script does not say: around what there is to see.

use super::{Bounds, Camera, CameraKind, Light, LightShape, Scene};
use glam::{DVec3, Vec3};

/// `scale` of `camera_fit` at which the view holds the bounds with a small margin.
pub const DEFAULT_FIT_SCALE: f32 = 2.5;
/// Space around a fitted scene, as a factor on the distance.
const FIT_MARGIN: f32 = 1.1;
/// From the target to the eye where nothing says otherwise: a little from the right and from above.
const DEFAULT_DIRECTION: Vec3 = Vec3::new(0.4, 0.35, 1.0);

/// Where `light_fit` puts a light.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LightFit {
    /// Degrees to the right of the eye, as seen from the target.
    pub horizontal_rot: f32,
    /// Degrees above the eye, as seen from the target.
    pub vertical_rot: f32,
    /// Distance from the target, relative to the eye's.
    pub dist_scale: f32,
}

impl Default for LightFit {
    fn default() -> Self {
        LightFit { horizontal_rot: 45.0, vertical_rot: 25.0, dist_scale: 1.5 }
    }
}

impl Scene {
    /// The box around all geometry, or around one plot; empty when there is none.
    pub fn bounds(&self, geometry: Option<&str>) -> Bounds {
        let chosen = self.geometries.iter().filter(|(name, _)| geometry.is_none_or(|wanted| wanted == *name));
        chosen.fold(Bounds::EMPTY, |bounds, (_, g)| bounds.union(g.world_bounds()))
    }

    /// Width divided by height of the picture.
    pub fn aspect(&self) -> f32 {
        self.size.0 as f32 / self.size.1 as f32
    }
}

impl Camera {
    /// A pinhole camera that sees all geometry.
    pub fn fitted(scene: &Scene) -> Camera {
        let mut camera = Camera::default();
        let bounds = scene.bounds(None);
        if !bounds.is_empty() {
            camera.eye = camera.target + DEFAULT_DIRECTION.as_dvec3();
            camera.fit(bounds, scene.aspect(), DEFAULT_FIT_SCALE);
        }
        camera
    }

    /// Looks at the centre of `bounds` from the present direction, as near as shows all of it at the default
    /// `scale`; the distance grows in proportion to `scale`.
    pub fn fit(&mut self, bounds: Bounds, aspect: f32, scale: f32) {
        let (right, up, forward) = self.basis();
        let tan_y = libm::tanf(self.fov.to_radians() * 0.5);
        let tan_x = tan_y * aspect;
        let center = bounds.center();
        let mut distance = 0.0f32;
        for corner in bounds.corners() {
            let d = (corner - center).as_vec3();
            let sideways = (d.dot(right).abs() / tan_x).max(d.dot(up).abs() / tan_y);
            let nearer = -d.dot(forward);
            distance = distance.max(match self.kind {
                // All rays are parallel: the distance sets the height of the view, and keeps the eye outside.
                CameraKind::Ortho => sideways.max(nearer),
                CameraKind::Pinhole | CameraKind::ThinLens => sideways + nearer,
            });
        }
        if distance <= 0.0 {
            distance = 1.0; // one point: any distance shows it
        }
        self.target = center;
        self.eye = center - (forward * (distance * FIT_MARGIN * scale / DEFAULT_FIT_SCALE)).as_dvec3();
    }
}

impl Light {
    /// Moves the light to where `fit` says, as `camera` sees it; a parallelogram is also turned towards the target.
    pub fn fit(&mut self, camera: &Camera, fit: LightFit) {
        let center = fitted_center(camera, fit);
        if let LightShape::Parallelogram { u, v } = &mut self.shape {
            // Turned so that u x v points to the target, v lies level, and the sides keep their lengths.
            let normal = (camera.target - center).as_vec3().normalize_or(Vec3::NEG_Z);
            let level = normal.cross(camera.basis().1).normalize_or(normal.any_orthonormal_vector());
            *v = level * v.length();
            *u = level.cross(normal) * u.length();
        }
        self.place(center);
    }

    /// Moves the light to where `fit` says, and leaves a parallelogram's edges as they are.
    pub fn place_by_fit(&mut self, camera: &Camera, fit: LightFit) {
        self.place(fitted_center(camera, fit));
    }

    fn place(&mut self, center: DVec3) {
        self.pos = match self.shape {
            LightShape::Spherical { .. } => center,
            LightShape::Parallelogram { u, v } => center - ((u + v) * 0.5).as_dvec3(),
        };
    }
}

fn fitted_center(camera: &Camera, fit: LightFit) -> DVec3 {
    let (right, up, forward) = camera.basis();
    let (h, v) = (fit.horizontal_rot.to_radians(), fit.vertical_rot.to_radians());
    let level = right * libm::sinf(h) - forward * libm::cosf(h);
    let direction = level * libm::cosf(v) + up * libm::sinf(v);
    camera.target + (direction * (camera.distance() * fit.dist_scale)).as_dvec3()
}
