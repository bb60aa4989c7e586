//! Moving plots, primitives and lights with the mouse: from a scene and a gesture to the edit that performs it.
//!
//! Drag distances (`way`) are in pixels of the image area, x to the right and y down. Rotations and scalings are
//! about the centre of the object; a drag over the length of the image is half a turn. A moved object follows the
//! pointer.

use super::navigate::following;
use crate::scene::{
    Camera, Edit, Geometry, GeometryUpdate, Light, LightShape, LightUpdate, Positions, Scene, View, about_center,
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
    /// Rotates about the camera's X axis (drag up and down) and its Y axis (left and right). A camera that looks all
    /// around has the axes of one that looks at the object.
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
    let (right, up, forward) = axes_at(camera, center);
    let turn = way * (PI / size);
    let about = |axis: Vec3, angle: f32| Mat3::from_axis_angle(axis, angle % (2.0 * PI));
    let (linear, shift) = match gesture {
        ObjectMove::RotateXy => (about(right, turn.y) * about(up, turn.x), Vec3::ZERO),
        ObjectMove::RotateXz => (about(right, turn.y) * about(forward, turn.x), Vec3::ZERO),
        ObjectMove::MoveXy => (Mat3::IDENTITY, following(camera, center, way, size)),
        ObjectMove::MoveXz => {
            let across = following(camera, center, Vec2::new(way.x, 0.0), size);
            // An object behind the eye moves as one at the depth of the target.
            let depth = camera.depth(center);
            let depth = if depth > 0.0 { depth } else { camera.distance() };
            let pixel = 2.0 * camera.half_height_at(depth) / size.y;
            (Mat3::IDENTITY, across - forward * (way.y * pixel))
        }
        ObjectMove::Scale => (Mat3::from_diagonal(Vec3::splat(factor(way, size))), Vec3::ZERO),
        ObjectMove::AlongNormal => return None,
    };
    (linear.is_finite() && shift.is_finite()).then_some((linear, shift))
}

/// Unit vectors to the right, up and away of what is seen at `point`: the axes of the camera, or those of the ray to the
/// point where the view is all around.
fn axes_at(camera: &Camera, point: DVec3) -> (Vec3, Vec3, Vec3) {
    let (right, up, forward) = camera.basis();
    match camera.view() {
        View::Perspective | View::Parallel => (right, up, forward),
        View::Around => {
            let forward = (point - camera.eye).as_vec3().normalize_or(forward);
            let right = forward.cross(up).normalize_or(right);
            (right, right.cross(forward), forward)
        }
    }
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
    use crate::scene::{CAMERAS, CameraKind, Channel, GeometryKind, Shape, Values};

    const SIZE: Vec2 = Vec2::new(800.0, 600.0);

    fn kinds() -> impl Iterator<Item = GeometryKind> {
        GeometryKind::ALL.iter().map(|row| row.kind)
    }

    fn scene(kind: GeometryKind) -> Scene {
        let mut scene = Scene::default();
        let data = GeometryUpdate {
            kind: Some(kind),
            pos: Some([[0.0, 0.0, 0.0], [1.0, 0.5, -2.0], [-1.0, 0.0, 1.0], [0.5, 1.5, 0.7]].into()),
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

    /// One of each kind, and of those that look all around also some that have the objects at the side and behind.
    fn cameras() -> Vec<Camera> {
        let of_kind = |kind: CameraKind| match kind.row().view {
            View::Perspective | View::Parallel => vec![camera(kind)],
            View::Around => [DVec3::ZERO, DVec3::new(10.0, 3.0, 0.0), DVec3::new(6.0, 9.0, 18.0)]
                .map(|target| Camera { target, ..camera(kind) })
                .into(),
        };
        CAMERAS.iter().flat_map(|row| of_kind(row.kind)).collect()
    }

    fn everything() -> [Selected; 4] {
        [
            Selected::Geometry("plot".into()),
            Selected::Primitive { geometry: "plot".into(), index: 1 },
            Selected::Light("lamp".into()),
            Selected::Light("panel".into()),
        ]
    }

    /// The corners of a primitive in world space, or the centres of its balls, of which the middle is that of the
    /// primitive; and its size.
    fn corners(plot: &Geometry, index: usize) -> (Vec<DVec3>, f64) {
        let nodes = plot.nodes_of(index);
        let (first, pos) = (nodes.start, plot.pos.at(nodes.start));
        let edges = plot.kind.shape().edges().iter().map(|&edge| pos + Vec3::from(plot[edge].vector(first)).as_dvec3());
        let radius = f64::from(plot[Channel::R].scalar(first));
        let (corners, size): (Vec<DVec3>, f64) = match plot.kind.shape() {
            Shape::Sphere => (vec![pos], radius),
            Shape::Parallelogram | Shape::Parallelepiped => {
                let both = |all: Vec<DVec3>, end: DVec3| all.iter().flat_map(|&p| [p, p + (end - pos)]).collect();
                let corners: Vec<DVec3> = edges.fold(vec![pos], both);
                (corners.clone(), corners[0].distance(corners[1]))
            }
            Shape::Tetrahedron => {
                let corners: Vec<DVec3> = [pos].into_iter().chain(edges).collect();
                (corners.clone(), corners[0].distance(corners[1]))
            }
            Shape::Segment => {
                let ends: Vec<DVec3> = nodes.map(|node| plot.pos.at(node)).collect();
                (ends.clone(), ends[0].distance(ends[1]) + radius)
            }
        };
        (corners.into_iter().map(|p| plot.transform.transform_point3(p)).collect(), size)
    }

    /// A node of a plot: its position, and its values of the channels that primitives are made of.
    fn node(plot: &Geometry, node: usize) -> (DVec3, Vec<[f32; 3]>) {
        let channels = plot.kind.shape().row().channels;
        (plot.pos.at(node), channels.iter().map(|&channel| plot[channel].vector(node)).collect())
    }

    /// Centre and size of an object.
    fn place(scene: &Scene, what: &Selected) -> (DVec3, f64) {
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
                let (corners, size) = corners(&scene.geometries[geometry], *index);
                (corners.iter().sum::<DVec3>() / corners.len() as f64, size)
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
        for kind in kinds() {
            for camera in cameras() {
                for what in everything() {
                    let scene = scene(kind);
                    let (before, size) = place(&scene, &what);
                    let next = after(&scene, &camera, &what, ObjectMove::MoveXy, way).unwrap();
                    let (now, size_now) = place(&next, &what);
                    let mut off = seen_at(&camera, now) - seen_at(&camera, before) - way;
                    match camera.view() {
                        View::Perspective | View::Parallel => {}
                        // The left edge is the right one.
                        View::Around => off.x -= (off.x / SIZE.x).round() * SIZE.x,
                    }
                    assert!(off.length() < 0.05, "{kind:?} {what:?} {camera:?}: {off}");
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
        for kind in kinds() {
            let scene = scene(kind);
            let what = Selected::Primitive { geometry: "plot".into(), index: 1 };
            for gesture in [ObjectMove::MoveXy, ObjectMove::Scale] {
                let next = after(&scene, &camera(CameraKind::Pinhole), &what, gesture, Vec2::new(9.0, 50.0));
                if kind.is_const_size() && gesture == ObjectMove::Scale {
                    assert!(next.is_none(), "{kind:?}: all have one size");
                    continue;
                }
                let next = next.unwrap();
                let (old, new) = (&scene.geometries["plot"], &next.geometries["plot"]);
                // Segments of a chain share their nodes.
                for i in 0..old.count() {
                    let is_same = node(old, i) == node(new, i);
                    assert_eq!(is_same, !old.nodes_of(1).contains(&i), "{kind:?} {gesture:?}: node {i}");
                }
            }
        }
    }

    #[test]
    fn scaling_and_turning_keep_the_middle() {
        for kind in kinds() {
            for what in everything() {
                let (scene, camera) = (scene(kind), camera(CameraKind::Pinhole));
                let (middle, size) = place(&scene, &what);
                let is_primitive = matches!(&what, Selected::Primitive { .. });
                let next = after(&scene, &camera, &what, ObjectMove::Scale, Vec2::new(5.0, 150.0));
                if is_primitive && kind.is_const_size() {
                    assert!(next.is_none(), "{kind:?}: all have one size");
                    continue;
                }
                let next = next.unwrap();
                let (now, size_now) = place(&next, &what);
                assert!(now.abs_diff_eq(middle, 1e-4), "{what:?}: {now} is not {middle}");
                assert!((size_now / size - 0.75).abs() < 1e-4, "{kind:?} {what:?}: {size_now} of {size}");
                for gesture in [ObjectMove::RotateXy, ObjectMove::RotateXz] {
                    let round = is_primitive && kind.shape() == Shape::Sphere;
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
        let (scene, camera) = (scene(GeometryKind::ParticleSet), Camera::default());
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
        let (scene, camera) = (scene(GeometryKind::ParticleSet), camera(CameraKind::Pinhole));
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
        let mut scene = scene(GeometryKind::ParticleSet);
        for what in [Selected::Geometry("no".into()), Selected::Light("no".into())] {
            assert!(edit(&scene, &camera, &what, ObjectMove::MoveXy, Vec2::ONE, SIZE).is_none());
        }
        let gone = Selected::Primitive { geometry: "plot".into(), index: 4 };
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
        let ways = [Vec2::splat(f32::NAN), Vec2::splat(1e38), Vec2::splat(f32::INFINITY), Vec2::ONE];
        for (camera, what) in cameras().iter().flat_map(|camera| everything().map(|what| (camera, what))) {
            for (gesture, way) in gestures.iter().flat_map(|gesture| ways.map(|way| (*gesture, way))) {
                for size in [SIZE, Vec2::ZERO] {
                    if let Some(edit) = edit(&scene, camera, &what, gesture, way, size) {
                        scene.clone().apply(&edit).unwrap();
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
