//! Where cameras and lights go when the script does not say: around what there is to see.

use super::{Bounds, Camera, CameraKind, Light, LightShape, Scene};
use glam::Vec3;

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
            camera.eye = camera.target + DEFAULT_DIRECTION;
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
            let d = corner - center;
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
        self.eye = center - forward * (distance * FIT_MARGIN * scale / DEFAULT_FIT_SCALE);
    }
}

impl Light {
    /// Moves the light to where `fit` says, as `camera` sees it; a parallelogram is also turned towards the target.
    pub fn fit(&mut self, camera: &Camera, fit: LightFit) {
        let center = fitted_center(camera, fit);
        if let LightShape::Parallelogram { u, v } = &mut self.shape {
            // Turned so that u x v points to the target, v lies level, and the sides keep their lengths.
            let normal = (camera.target - center).normalize_or(Vec3::NEG_Z);
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

    fn place(&mut self, center: Vec3) {
        self.pos = match self.shape {
            LightShape::Spherical { .. } => center,
            LightShape::Parallelogram { u, v } => center - (u + v) * 0.5,
        };
    }
}

fn fitted_center(camera: &Camera, fit: LightFit) -> Vec3 {
    let (right, up, forward) = camera.basis();
    let (h, v) = (fit.horizontal_rot.to_radians(), fit.vertical_rot.to_radians());
    let level = right * libm::sinf(h) - forward * libm::cosf(h);
    let direction = level * libm::cosf(v) + up * libm::sinf(v);
    camera.target + direction * (camera.eye.distance(camera.target) * fit.dist_scale)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{CameraUpdate, Edit, GeometryData, GeometryKind, PerPrimitive};

    fn spread() -> Scene {
        let mut scene = Scene::default();
        let data = GeometryData {
            kind: Some(GeometryKind::Parallelepipeds),
            pos: Some([[-3.0, 0.0, 1.0], [5.0, 2.0, -7.0]].into()),
            u: Some(PerPrimitive::All([1.0, 0.0, 0.0])),
            v: Some(PerPrimitive::All([0.0, -2.0, 0.0])),
            w: Some(PerPrimitive::All([0.0, 0.0, 1.0])),
            ..GeometryData::default()
        };
        scene.apply(&Edit::SetData { name: "p".into(), data }).unwrap();
        scene
    }

    /// Largest coordinate of the corners in the picture, where 1 is the edge of the picture.
    fn reach(camera: &Camera, bounds: Bounds, aspect: f32) -> f32 {
        let (right, up, forward) = camera.basis();
        let half = (camera.fov.to_radians() * 0.5).tan();
        let mut most = 0.0f32;
        for corner in bounds.corners() {
            let d = corner - camera.eye;
            let depth =
                if camera.kind == CameraKind::Ortho { camera.eye.distance(camera.target) } else { d.dot(forward) };
            assert!(d.dot(forward) > 0.0, "a corner lies behind the eye");
            most = most.max(d.dot(right).abs() / (depth * half * aspect)).max(d.dot(up).abs() / (depth * half));
        }
        most
    }

    #[test]
    fn a_fitted_camera_sees_every_corner_and_fills_the_picture() {
        let mut scene = spread();
        let bounds = scene.bounds(None);
        assert_eq!(bounds, Bounds { lo: Vec3::new(-3.0, -2.0, -7.0), hi: Vec3::new(6.0, 2.0, 2.0) });
        for kind in [CameraKind::Pinhole, CameraKind::ThinLens, CameraKind::Ortho] {
            for size in [(800, 600), (100, 900), (900, 100)] {
                for eye in [Vec3::new(1.0, 2.0, 3.0), Vec3::Y, Vec3::NEG_Z, Vec3::new(-5.0, 0.1, 0.0)] {
                    scene.size = size;
                    let mut camera = Camera { kind, eye: eye * 0.01, ..Camera::default() };
                    camera.fit(bounds, scene.aspect(), DEFAULT_FIT_SCALE);
                    let reach = reach(&camera, bounds, scene.aspect());
                    assert!(reach < 1.0 && reach > 0.4, "{kind:?} {size:?} {eye}: {reach}");
                }
            }
        }
    }

    #[test]
    fn a_new_camera_without_an_eye_sees_everything() {
        let mut scene = spread();
        let bounds = scene.bounds(None);
        for target in [None, Some(Vec3::new(5.0, 1.0, 0.0))] {
            for kind in [CameraKind::Pinhole, CameraKind::Ortho] {
                let update = CameraUpdate { kind: Some(kind), target, fov: Some(20.0), ..CameraUpdate::default() };
                scene
                    .apply(&Edit::SetupCamera {
                        name: format!("{target:?}{kind:?}"),
                        camera: update,
                        make_current: true,
                    })
                    .unwrap();
                let camera = scene.view();
                assert_eq!((camera.target, camera.fov), (target.unwrap_or(bounds.center()), 20.0));
                assert!(reach(&camera, bounds, scene.aspect()) < 1.0);
            }
        }
    }

    #[test]
    fn scale_moves_the_eye_away_in_proportion() {
        let bounds = spread().bounds(None);
        let mut near = Camera::default();
        near.fit(bounds, 1.0, 2.5);
        let mut far = near.clone();
        far.fit(bounds, 1.0, 5.0);
        assert!((far.eye.distance(far.target) / near.eye.distance(near.target) - 2.0).abs() < 1e-5);
    }

    #[test]
    fn a_light_is_fitted_right_of_and_above_the_eye() {
        let camera = Camera { eye: Vec3::new(0.0, 0.0, 10.0), ..Camera::default() };
        let mut light = Light::default();
        light.fit(&camera, LightFit::default());
        assert!((light.pos.length() - 15.0).abs() < 1e-3);
        assert!((light.pos.y - 15.0 * 25f32.to_radians().sin()).abs() < 1e-3);
        assert!(light.pos.x > 0.0 && (light.pos.x - light.pos.z).abs() < 1e-3);
    }

    #[test]
    fn a_fitted_rectangle_shines_on_the_target() {
        let camera = Camera { eye: Vec3::new(3.0, 4.0, 10.0), ..Camera::default() };
        let shape = LightShape::Parallelogram { u: Vec3::Y * 2.0, v: Vec3::NEG_X * 3.0 };
        let mut light = Light { shape, ..Light::default() };
        light.fit(&camera, LightFit::default());
        let LightShape::Parallelogram { u, v } = light.shape else { panic!("the shape changed") };
        let to_target = camera.target - (light.pos + (u + v) * 0.5);
        assert!(u.cross(v).normalize().dot(to_target.normalize()) > 0.9999);
        assert!((u.length() - 2.0).abs() < 1e-4 && (v.length() - 3.0).abs() < 1e-4);
    }
}
