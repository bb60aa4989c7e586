//! Optical flow from an earlier image, compared with projections by matrices.

use crate::probe_with;
use crate::support::statistics::Random;
use glam::{Mat4, Vec3, Vec4};
use plotrt::device::layout::{CameraData, SceneData};
use plotrt::scene::CameraKind;

const SIZE: (u32, u32) = (300, 200);
const HALF: (f32, f32) = (0.75, 0.5);

/// A camera at `eye` that looks at the origin.
fn camera(kind: u32, eye: Vec3) -> (CameraData, Mat4) {
    let forward = -eye.normalize();
    let right = forward.cross(Vec3::Y).normalize();
    let up = right.cross(forward);
    let scale = if kind == CameraKind::Ortho as u32 { 4.0 } else { 1.0 };
    let (half_width, half_height) = (scale * HALF.0, scale * HALF.1);
    let data = CameraData {
        eye: eye.into(),
        right: right.into(),
        up: up.into(),
        forward: forward.into(),
        half_width,
        half_height,
        kind,
        ..CameraData::default()
    };
    (data, project(kind, eye, forward, up))
}

/// A projection matrix that divides by the distance along the axis, or by 1.
fn project(kind: u32, eye: Vec3, forward: Vec3, up: Vec3) -> Mat4 {
    let row = |axis: Vec3| axis.extend(-axis.dot(eye));
    let view = Mat4::from_rows(row(forward.cross(up)), row(up), row(forward), Vec4::W);
    let lens = match kind {
        kind if kind == CameraKind::Ortho as u32 => Mat4::from_scale(Vec3::new(0.25 / HALF.0, 0.25 / HALF.1, 1.0)),
        _ => Mat4::from_rows(Vec4::X / HALF.0, Vec4::Y / HALF.1, Vec4::Z, Vec4::Z),
    };
    lens * view
}

/// The projected point, in pixels from the top left corner.
fn seen(matrix: Mat4, point: Vec3) -> (f32, f32) {
    let p = matrix.project_point3(point);
    ((p.x + 1.0) * 0.5 * SIZE.0 as f32, (1.0 - p.y) * 0.5 * SIZE.1 as f32)
}

#[test]
fn flow_is_the_difference_of_two_projections() {
    let mut random = Random::new(3);
    for kind in [CameraKind::Pinhole as u32, CameraKind::Ortho as u32] {
        let eye = Vec3::new(3.0, 2.0, 6.0);
        let (data, now) = camera(kind, eye);
        let vec = |v: plotrt::device::layout::Float3| Vec3::new(v.x, v.y, v.z);
        let (forward, up) = (vec(data.forward), vec(data.up));
        let scene = SceneData { camera: data, width: SIZE.0, height: SIZE.1, ..SceneData::default() };
        let (mut known, mut unknown) = (0, 0);
        for _ in 0..1000 {
            let mut within = |size: f32| Vec3::from_array(std::array::from_fn(|_| random.range(-size, size)));
            let (point, shift) = (within(1.2), within(2.5));
            let (x, y) = seen(now, point);
            let depth = (point - eye).dot(forward);
            let before = project(kind, eye + shift, forward, up);
            let (bx, by) = seen(before, point);
            let [fx, fy, is_known] = probe_with("flow", &scene, &[x, y, depth, shift.x, shift.y, shift.z])[..] else {
                panic!("three numbers")
            };
            let edge = [bx, by, SIZE.0 as f32 - bx, SIZE.1 as f32 - by].into_iter().fold(f32::MAX, f32::min);
            if edge.abs() < 0.01 {
                continue;
            }
            assert_eq!(is_known == 1.0, edge > 0.0, "{bx}, {by}");
            if edge > 0.0 {
                known += usize::from((x - bx).abs() + (y - by).abs() > 1.0);
                assert!(
                    (fx - (x - bx)).abs() < 0.01 && (fy - (y - by)).abs() < 0.01,
                    "{fx}, {fy}: {x}, {y}, {bx}, {by}"
                );
            } else {
                unknown += 1;
                assert_eq!((fx, fy), (0.0, 0.0));
            }
        }
        assert!(known > 300 && unknown > 20, "{known} and {unknown}");
        // Points behind the earlier camera were not seen.
        let behind =
            probe_with("flow", &scene, &[150.0, 100.0, 1.0, 3.0 * forward.x, 3.0 * forward.y, 3.0 * forward.z]);
        assert_eq!(behind[2], 0.0);
    }
}
