//! Optical flow from an earlier image, compared with projections by matrices, and of panoramas by angles.

use crate::probe_with;
use crate::support::statistics::Random;
use glam::{Mat4, Vec3, Vec4};
use plotrt::device::layout::{CameraData, SceneData};
use plotrt::scene::{CAMERAS, CameraKind, View};
use std::f32::consts::{FRAC_PI_2, PI};

const SIZE: (u32, u32) = (300, 200);
const HALF: (f32, f32) = (0.75, 0.5);
const EYE: Vec3 = Vec3::new(3.0, 2.0, 6.0);

/// Unit vectors (right, up, forward) of a view from [`EYE`] to the origin.
fn axes() -> (Vec3, Vec3, Vec3) {
    let forward = -EYE.normalize();
    let right = forward.cross(Vec3::Y).normalize();
    (right, right.cross(forward), forward)
}

/// A camera at [`EYE`] that looks at the origin.
fn camera(kind: CameraKind) -> CameraData {
    let (right, up, forward) = axes();
    let scale = match kind.row().view {
        View::Perspective | View::Around => 1.0,
        View::Parallel => 4.0,
    };
    CameraData {
        eye: EYE.into(),
        right: right.into(),
        up: up.into(),
        forward: forward.into(),
        half_width: scale * HALF.0,
        half_height: scale * HALF.1,
        kind: kind as u32,
        ..CameraData::default()
    }
}

/// Where a camera at `eye` with the same axes sees a point, in pixels from the top left corner.
fn seen(view: View, eye: Vec3, point: Vec3) -> (f32, f32) {
    let (right, up, forward) = axes();
    let row = |axis: Vec3| axis.extend(-axis.dot(eye));
    let to_view = Mat4::from_rows(row(right), row(up), row(forward), Vec4::W);
    // A matrix that divides by the distance along the axis, or by 1.
    let (x, y) = match view {
        View::Perspective => {
            let lens = Mat4::from_rows(Vec4::X / HALF.0, Vec4::Y / HALF.1, Vec4::Z, Vec4::Z);
            let p = (lens * to_view).project_point3(point);
            (p.x, p.y)
        }
        View::Parallel => {
            let lens = Mat4::from_scale(Vec3::new(0.25 / HALF.0, 0.25 / HALF.1, 1.0));
            let p = (lens * to_view).project_point3(point);
            (p.x, p.y)
        }
        View::Around => {
            let p = to_view.transform_point3(point);
            (p.x.atan2(p.z) / PI, p.normalize().y.asin() / FRAC_PI_2)
        }
    };
    ((x + 1.0) * 0.5 * SIZE.0 as f32, (1.0 - y) * 0.5 * SIZE.1 as f32)
}

/// The flow of a point that is seen at (x, y), from where a camera shifted by `shift` saw it; `None` if it did not.
fn flow(scene: &SceneData, (x, y): (f32, f32), depth: f32, shift: Vec3) -> Option<(f32, f32)> {
    let [fx, fy, is_known] = probe_with("flow", scene, &[x, y, depth, shift.x, shift.y, shift.z])[..] else {
        panic!("three numbers")
    };
    assert!(is_known == 1.0 || (fx, fy) == (0.0, 0.0));
    (is_known == 1.0).then_some((fx, fy))
}

fn scene(kind: CameraKind) -> SceneData {
    SceneData { camera: camera(kind), width: SIZE.0, height: SIZE.1, ..SceneData::default() }
}

#[test]
fn flow_leads_from_where_a_point_was_seen() {
    let mut random = Random::new(3);
    let forward = axes().2;
    for kind in CAMERAS.map(|row| row.kind) {
        let (view, scene) = (kind.row().view, scene(kind));
        let (mut known, mut unknown, mut around) = (0, 0, 0);
        for _ in 0..1000 {
            let mut within = |size: f32| Vec3::from_array(std::array::from_fn(|_| random.range(-size, size)));
            let (point, shift) = match view {
                View::Perspective | View::Parallel => (within(1.2), within(2.5)),
                // On all sides of both eyes.
                View::Around => (EYE + within(1.0).normalize() * 6.0, within(2.5)),
            };
            let ((x, y), (bx, by)) = (seen(view, EYE, point), seen(view, EYE + shift, point));
            let depth = match view {
                View::Perspective | View::Parallel => (point - EYE).dot(forward),
                View::Around => (point - EYE).length(),
            };
            let found = flow(&scene, (x, y), depth, shift);
            let edge = [bx, by, SIZE.0 as f32 - bx, SIZE.1 as f32 - by].into_iter().fold(f32::MAX, f32::min);
            match view {
                View::Perspective | View::Parallel if edge.abs() < 0.01 => continue,
                View::Perspective | View::Parallel => {
                    assert_eq!(found.is_some(), edge > 0.0, "{kind:?}: {bx}, {by}");
                }
                // At the poles, right and left have no meaning.
                View::Around if by.min(SIZE.1 as f32 - by) < 2.0 => continue,
                View::Around => assert!(found.is_some(), "{bx}, {by}: all directions are in view"),
            }
            let Some((fx, fy)) = found else {
                unknown += 1;
                continue;
            };
            known += usize::from((x - bx).abs() + (y - by).abs() > 1.0);
            // The left edge of a panorama is the right one.
            let width = SIZE.0 as f32;
            let turns = match view {
                View::Perspective | View::Parallel => 0.0,
                View::Around => ((fx - (x - bx)) / width).round(),
            };
            around += usize::from((x - bx).abs() > 0.5 * width);
            let off = (fx - (x - bx) - turns * width, fy - (y - by));
            assert!(off.0.abs() < 0.01 && off.1.abs() < 0.01, "{kind:?}: {fx}, {fy}: {x}, {y}, {bx}, {by}");
        }
        let behind = flow(&scene, (150.0, 100.0), 1.0, 3.0 * forward);
        match view {
            View::Perspective | View::Parallel => {
                assert!(known > 300 && unknown > 10, "{kind:?}: {known} and {unknown}");
                assert_eq!(behind, None, "a point behind the earlier camera was not seen");
            }
            View::Around => {
                assert!(known > 900 && around > 20, "{known} and {around}");
                assert!(behind.is_some_and(|(x, _)| (x.abs() - 150.0).abs() < 0.01), "{behind:?}: at the edge");
            }
        }
    }
}
