//! Moving plots, primitives and lights with the mouse: from a scene and a gesture to the edit that performs it.
//!
//! Drag distances (`way`) are in pixels of the image area, x to the right and y down. Rotations and scalings are
//! about the centre of the object; a drag over the length of the image is half a turn. A moved object follows the
//! pointer.

use super::navigate::in_image_plane;
use crate::scene::{
    Camera, Edit, Geometry, GeometryUpdate, Light, LightShape, LightUpdate, Positions, Scene, about_center,
};
use glam::{DAffine3, DVec3, Mat3, Vec2, Vec3};
use std::f32::consts::PI;

/// The object that a gesture applies to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selected {
    Geometry(String),
    Primitive { geometry: String, index: usize },
    Light(String),
}

/// How a drag changes the selected object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ObjectMove {
    /// Rotates about the camera's X axis (drag up and down) and its Y axis (left and right).
    RotateXy,
    /// Rotates about the camera's X axis (drag up and down) and its view axis (left and right).
    RotateXz,
    /// Moves in the plane of the view.
    MoveXy,
    /// Moves left and right, and along the view direction: away for a drag up.
    MoveXz,
    /// Moves a parallelogram light along its normal: forward for a drag up, back for a drag down.
    AlongNormal,
    /// Scales by 1 - dy / height.
    Scale,
}

/// Largest factor, up or down, by which one gesture changes a size.
const MOST_AT_ONCE: f32 = 10.0;

/// The edit of a gesture. `None` if the object does not exist, has nothing that can be rotated or scaled, or if the
/// scene would refuse the result.
pub fn edit(
    scene: &Scene,
    camera: &Camera,
    what: &Selected,
    gesture: ObjectMove,
    way: Vec2,
    size: Vec2,
) -> Option<Edit> {
    let edit = match what {
        Selected::Light(name) => light(name, scene.lights.get(name)?, camera, gesture, way, size)?,
        Selected::Geometry(name) => {
            let plot = scene.geometries.get(name)?;
            let center = plot.transform.transform_point3(plot.local_bounds().center());
            let (linear, shift) = motion(camera, center, gesture, way, size)?;
            let shift = DAffine3::from_translation(shift.as_dvec3());
            let transform = shift * about_center(linear.as_dmat3(), center);
            Edit::TransformGeometry { name: name.clone(), transform }
        }
        Selected::Primitive { geometry, index } => {
            primitive(geometry, scene.geometries.get(geometry)?, *index, camera, gesture, way, size)?
        }
    };
    // Cloning a scene is cheap, because clones share their buffers.
    scene.clone().apply(&edit).is_ok().then_some(edit)
}

/// The linear map about `center` and the translation, in world space, of a gesture.
fn motion(camera: &Camera, center: DVec3, gesture: ObjectMove, way: Vec2, size: Vec2) -> Option<(Mat3, Vec3)> {
    let (right, up, forward) = camera.basis();
    let depth = camera.depth(center);
    // An object behind the eye moves as one at the depth of the target.
    let depth = if depth > 0.0 { depth } else { camera.distance() };
    let turn = way * (PI / size);
    let about = |axis: Vec3, angle: f32| Mat3::from_axis_angle(axis, angle % (2.0 * PI));
    let (linear, shift) = match gesture {
        ObjectMove::RotateXy => (about(right, turn.y) * about(up, turn.x), Vec3::ZERO),
        ObjectMove::RotateXz => (about(right, turn.y) * about(forward, turn.x), Vec3::ZERO),
        ObjectMove::MoveXy => (Mat3::IDENTITY, in_image_plane(camera, way, size, depth)),
        ObjectMove::MoveXz => {
            let across = in_image_plane(camera, Vec2::new(way.x, 0.0), size, depth);
            let pixel = 2.0 * camera.half_height_at(depth) / size.y;
            (Mat3::IDENTITY, across - forward * (way.y * pixel))
        }
        ObjectMove::Scale => (Mat3::from_diagonal(Vec3::splat(factor(way, size))), Vec3::ZERO),
        ObjectMove::AlongNormal => return None,
    };
    (linear.is_finite() && shift.is_finite()).then_some((linear, shift))
}

fn factor(way: Vec2, size: Vec2) -> f32 {
    (1.0 - way.y / size.y).clamp(1.0 / MOST_AT_ONCE, MOST_AT_ONCE)
}

fn light(name: &str, light: &Light, camera: &Camera, gesture: ObjectMove, way: Vec2, size: Vec2) -> Option<Edit> {
    let update = match light.shape {
        LightShape::Spherical { radius } => {
            if matches!(gesture, ObjectMove::RotateXy | ObjectMove::RotateXz) {
                return None;
            }
            let (_, shift) = motion(camera, light.pos, gesture, way, size)?;
            match gesture {
                ObjectMove::Scale => LightUpdate { radius: Some(radius * factor(way, size)), ..LightUpdate::default() },
                _ => LightUpdate { pos: Some(light.pos + shift.as_dvec3()), ..LightUpdate::default() },
            }
        }
        LightShape::Parallelogram { u, v } => {
            let center = light.pos + ((u + v) * 0.5).as_dvec3();
            if gesture == ObjectMove::AlongNormal {
                let depth = camera.depth(center).max(0.0);
                let pixel = 2.0 * camera.half_height_at(depth) / size.y;
                let shift = u.cross(v).normalize_or_zero() * (-way.y * pixel);
                LightUpdate { pos: Some(light.pos + shift.as_dvec3()), ..LightUpdate::default() }
            } else {
                let (linear, shift) = motion(camera, center, gesture, way, size)?;
                if linear == Mat3::IDENTITY {
                    LightUpdate { pos: Some(light.pos + shift.as_dvec3()), ..LightUpdate::default() }
                } else {
                    let (u, v) = (linear * u, linear * v);
                    let pos = center - ((u + v) * 0.5).as_dvec3();
                    LightUpdate { pos: Some(pos), u: Some(u), v: Some(v), ..LightUpdate::default() }
                }
            }
        }
    };
    Some(Edit::UpdateLight { name: name.to_string(), light: update })
}

/// A changed copy of the plot's data that the gesture affects.
fn primitive(
    name: &str,
    plot: &Geometry,
    index: usize,
    camera: &Camera,
    gesture: ObjectMove,
    way: Vec2,
    size: Vec2,
) -> Option<Edit> {
    if index >= plot.primitives() {
        return None;
    }
    let in_plot = plot.body(index).middle();
    // Coordinates are relative to the plot's origin, as in the data rows.
    let middle = (in_plot - plot.pos.origin()).as_vec3();
    let world = plot.transform;
    let in_world = world.transform_point3(in_plot);
    let (linear, shift) = motion(camera, in_world, gesture, way, size)?;
    let (to_world, to_plot) = (world.matrix3.as_mat3(), world.matrix3.inverse().as_mat3());
    let shift = to_plot * shift;
    let linear = (linear != Mat3::IDENTITY).then(|| to_plot * linear * to_world);
    if linear.is_some() && plot.kind.is_const_size() {
        return None; // it shares its size and direction with all other primitives
    }
    let mut data = GeometryUpdate::default();
    let mut rows = plot.pos.relative().to_vec();
    for node in plot.nodes_of(index) {
        let pos = Vec3::from(rows[node]);
        rows[node] = linear.map_or(pos + shift, |linear| middle + linear * (pos - middle)).to_array();
        let Some(linear) = linear else { continue };
        for &channel in plot.kind.shape().row().channels {
            let values = data.values[channel].as_ref().unwrap_or(&plot[channel]);
            let old = values.vector(node);
            let new = match channel.row().width {
                // A size has no direction: only scaling changes it.
                1 if gesture == ObjectMove::Scale => old.map(|r| r * factor(way, size)),
                1 => old,
                _ => (linear * Vec3::from(old)).to_array(),
            };
            if new != old {
                data.values[channel] = Some(values.with(plot.count(), node, new));
            }
        }
    }
    if rows != plot.pos.relative()[..] {
        data.pos = Some(Positions::relative_to(plot.pos.origin(), rows.into()));
    }
    if data.pos.is_none() && data.values.iter().all(|(_, values)| values.is_none()) {
        return None;
    }
    Some(Edit::UpdateData { name: name.to_string(), data })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Bounds, CameraKind, Channel, GeometryKind, Shape, Values};

    const SIZE: Vec2 = Vec2::new(800.0, 600.0);
    const KINDS: [GeometryKind; 3] =
        [GeometryKind::ParticleSet, GeometryKind::Parallelograms, GeometryKind::Parallelepipeds];

    fn scene(kind: GeometryKind) -> Scene {
        let mut scene = Scene::default();
        let data = GeometryUpdate {
            kind: Some(kind),
            pos: Some([[0.0, 0.0, 0.0], [1.0, 0.5, -2.0], [-1.0, 0.0, 1.0]].into()),
            values: [(Channel::R, Values::one(0.3))].into(),
            ..GeometryUpdate::default()
        };
        scene.apply(&Edit::SetData { name: "plot".into(), data }).unwrap();
        let transform = DAffine3::from_rotation_y(0.4) * DAffine3::from_scale(DVec3::splat(1.5));
        scene.apply(&Edit::TransformGeometry { name: "plot".into(), transform }).unwrap();
        scene.lights.insert("lamp".into(), Light { pos: DVec3::new(2.0, 1.0, 0.0), ..Light::default() });
        let shape = LightShape::Parallelogram { u: Vec3::Y, v: Vec3::new(-1.0, 0.0, 1.0) };
        scene.lights.insert("panel".into(), Light { shape, pos: DVec3::new(-2.0, 1.0, 0.0), ..Light::default() });
        scene
    }

    fn camera(kind: CameraKind) -> Camera {
        Camera { kind, eye: DVec3::new(3.0, 4.0, 9.0), target: DVec3::new(0.5, 0.0, 0.0), ..Camera::default() }
    }

    fn everything() -> [Selected; 4] {
        [
            Selected::Geometry("plot".into()),
            Selected::Primitive { geometry: "plot".into(), index: 1 },
            Selected::Light("lamp".into()),
            Selected::Light("panel".into()),
        ]
    }

    /// Corners of a primitive in world space; for a sphere the centre, and a point at the distance of the radius.
    fn corners(plot: &Geometry, index: usize) -> Vec<DVec3> {
        let pos = plot.pos.get(index).unwrap();
        let edges = plot.kind.shape().edges().iter();
        let edges: Vec<DVec3> = edges.map(|&edge| Vec3::from(plot[edge].vector(index)).as_dvec3()).collect();
        let mut corners = vec![pos, pos + edges.iter().sum::<DVec3>()];
        corners.extend(edges.iter().map(|&edge| pos + edge));
        if edges.is_empty() {
            corners.push(pos + DVec3::X * f64::from(plot[Channel::R].scalar(index)));
        }
        corners.into_iter().map(|p| plot.transform.transform_point3(p)).collect()
    }

    /// Centre and size of an object.
    fn place(scene: &Scene, what: &Selected) -> (DVec3, f64) {
        let around = |points: &[DVec3]| {
            let mut bounds = Bounds::EMPTY;
            points.iter().for_each(|&p| bounds.add(p));
            bounds
        };
        match what {
            Selected::Light(name) => match scene.lights[name].shape {
                LightShape::Spherical { radius } => (scene.lights[name].pos, radius.into()),
                LightShape::Parallelogram { u, v } => {
                    (scene.lights[name].pos + ((u + v) * 0.5).as_dvec3(), u.length().into())
                }
            },
            Selected::Geometry(name) => {
                let plot = &scene.geometries[name];
                let center = plot.transform.transform_point3(plot.local_bounds().center());
                (center, plot.transform.matrix3.determinant().cbrt())
            }
            Selected::Primitive { geometry, index } => {
                let corners = corners(&scene.geometries[geometry], *index);
                match scene.geometries[geometry].kind.shape() {
                    Shape::Sphere => (corners[0], corners[2].distance(corners[0])),
                    _ => (around(&corners[..2]).center(), corners[2].distance(corners[0])),
                }
            }
        }
    }

    fn seen_at(camera: &Camera, point: DVec3) -> Vec2 {
        let (x, y) = camera.project(point, SIZE.x / SIZE.y).unwrap();
        Vec2::new(x + 1.0, 1.0 - y) * 0.5 * SIZE
    }

    fn after(scene: &Scene, camera: &Camera, what: &Selected, gesture: ObjectMove, way: Vec2) -> Option<Scene> {
        let edit = edit(scene, camera, what, gesture, way, SIZE)?;
        let mut next = scene.clone();
        next.apply(&edit).unwrap();
        Some(next)
    }

    #[test]
    fn what_is_moved_follows_the_pointer() {
        let way = Vec2::new(31.0, -47.0);
        for kind in KINDS {
            for camera in [CameraKind::Pinhole, CameraKind::Ortho].map(camera) {
                for what in everything() {
                    let scene = scene(kind);
                    let (before, size) = place(&scene, &what);
                    let next = after(&scene, &camera, &what, ObjectMove::MoveXy, way).unwrap();
                    let (now, size_now) = place(&next, &what);
                    let moved = seen_at(&camera, now) - seen_at(&camera, before);
                    assert!((moved - way).length() < 0.05, "{kind:?} {what:?}: {moved}");
                    assert!((camera.depth(now) - camera.depth(before)).abs() < 1e-4 && (size_now - size).abs() < 1e-5);
                    // In depth, a drag up moves away.
                    let next = after(&scene, &camera, &what, ObjectMove::MoveXz, Vec2::new(0.0, -60.0)).unwrap();
                    let away = camera.depth(place(&next, &what).0) - camera.depth(before);
                    let expected = 0.2 * camera.half_height_at(camera.depth(before));
                    assert!((away - expected).abs() < 1e-4, "{what:?}: {away} is not {expected}");
                }
            }
        }
    }

    #[test]
    fn only_the_selected_primitive_changes() {
        for kind in KINDS {
            let scene = scene(kind);
            let what = Selected::Primitive { geometry: "plot".into(), index: 1 };
            for gesture in [ObjectMove::MoveXy, ObjectMove::Scale] {
                let next = after(&scene, &camera(CameraKind::Pinhole), &what, gesture, Vec2::new(9.0, 50.0)).unwrap();
                let (old, new) = (&scene.geometries["plot"], &next.geometries["plot"]);
                for i in [0, 2] {
                    assert_eq!(corners(old, i), corners(new, i), "{kind:?} {gesture:?}");
                }
                assert_ne!(corners(old, 1), corners(new, 1));
            }
        }
    }

    #[test]
    fn scaling_and_turning_keep_the_middle() {
        for kind in KINDS {
            for what in everything() {
                let (scene, camera) = (scene(kind), camera(CameraKind::Pinhole));
                let (middle, size) = place(&scene, &what);
                let next = after(&scene, &camera, &what, ObjectMove::Scale, Vec2::new(5.0, 150.0)).unwrap();
                let (now, size_now) = place(&next, &what);
                assert!(now.abs_diff_eq(middle, 1e-4), "{what:?}: {now} is not {middle}");
                assert!((size_now / size - 0.75).abs() < 1e-4, "{kind:?} {what:?}: {size_now} of {size}");
                for gesture in [ObjectMove::RotateXy, ObjectMove::RotateXz] {
                    let round = matches!(&what, Selected::Primitive { .. }) && kind == GeometryKind::ParticleSet;
                    let next = after(&scene, &camera, &what, gesture, Vec2::new(200.0, 30.0));
                    if round || what == Selected::Light("lamp".into()) {
                        assert!(next.is_none(), "a ball cannot be turned");
                        continue;
                    }
                    let (now, size_now) = place(next.as_ref().unwrap(), &what);
                    assert!(now.abs_diff_eq(middle, 1e-4) && (size_now / size - 1.0).abs() < 1e-4, "{what:?}");
                    assert_ne!(next.unwrap(), scene);
                }
            }
        }
    }

    #[test]
    fn a_turn_goes_with_the_pointer() {
        // Half the image to the right is a quarter of a turn, which moves the front to the right.
        let (scene, camera) = (scene(KINDS[0]), Camera::default());
        let what = Selected::Geometry("plot".into());
        let turn = |gesture, way| match edit(&scene, &camera, &what, gesture, way, SIZE).unwrap() {
            Edit::TransformGeometry { transform, .. } => transform.matrix3.as_mat3(),
            _ => panic!("a plot is transformed"),
        };
        assert!((turn(ObjectMove::RotateXy, Vec2::new(400.0, 0.0)) * Vec3::Z).abs_diff_eq(Vec3::X, 1e-5));
        assert!((turn(ObjectMove::RotateXy, Vec2::new(0.0, 300.0)) * Vec3::Z).abs_diff_eq(Vec3::NEG_Y, 1e-5));
        // About the view direction, it is clockwise.
        assert!((turn(ObjectMove::RotateXz, Vec2::new(400.0, 0.0)) * Vec3::Y).abs_diff_eq(Vec3::X, 1e-5));
    }

    #[test]
    fn only_a_panel_moves_along_its_normal() {
        let (scene, camera) = (scene(KINDS[0]), camera(CameraKind::Pinhole));
        for what in everything() {
            let next = after(&scene, &camera, &what, ObjectMove::AlongNormal, Vec2::new(0.0, -60.0));
            if what == Selected::Light("panel".into()) {
                let shift = next.unwrap().lights["panel"].pos - scene.lights["panel"].pos;
                // u x v
                let normal = DVec3::new(1.0, 0.0, 1.0).normalize();
                assert!(shift.normalize().abs_diff_eq(normal, 1e-5) && shift.length() > 0.1, "{shift}");
            } else {
                assert!(next.is_none(), "{what:?}");
            }
        }
    }

    #[test]
    fn what_cannot_be_changed_makes_no_edit() {
        let camera = camera(CameraKind::Pinhole);
        let mut scene = scene(KINDS[0]);
        for what in [Selected::Geometry("no".into()), Selected::Light("no".into())] {
            assert!(edit(&scene, &camera, &what, ObjectMove::MoveXy, Vec2::ONE, SIZE).is_none());
        }
        let gone = Selected::Primitive { geometry: "plot".into(), index: 3 };
        assert!(edit(&scene, &camera, &gone, ObjectMove::MoveXy, Vec2::ONE, SIZE).is_none());
        let gestures = [
            ObjectMove::RotateXy,
            ObjectMove::RotateXz,
            ObjectMove::MoveXy,
            ObjectMove::MoveXz,
            ObjectMove::AlongNormal,
            ObjectMove::Scale,
        ];
        // Whatever the numbers, a returned edit is one that the scene accepts.
        for what in everything() {
            for gesture in gestures {
                for way in [Vec2::splat(f32::NAN), Vec2::splat(1e38), Vec2::splat(f32::INFINITY), Vec2::ONE] {
                    for size in [SIZE, Vec2::ZERO] {
                        if let Some(edit) = edit(&scene, &camera, &what, gesture, way, size) {
                            scene.clone().apply(&edit).unwrap();
                        }
                    }
                }
            }
        }
        // All primitives of this kind have one size.
        let data = GeometryUpdate {
            kind: Some(GeometryKind::ParticleSetConstSize),
            values: [(Channel::R, Values::one(0.2))].into(),
            ..GeometryUpdate::default()
        };
        scene.apply(&Edit::SetData { name: "plot".into(), data }).unwrap();
        let one = Selected::Primitive { geometry: "plot".into(), index: 0 };
        assert!(edit(&scene, &camera, &one, ObjectMove::Scale, Vec2::ONE, SIZE).is_none());
        assert!(edit(&scene, &camera, &one, ObjectMove::MoveXy, Vec2::ONE, SIZE).is_some());
    }
}
