//! The program that benchmarks compare camera rays with gives correct normals.

use crate::gpu::{on_gpu, ready};
use crate::support::*;
use libtest_mimic::Trial;
use plotrt::device::optix::OptixDevice;
use plotrt::scene::CameraKind;

pub fn trials() -> Vec<Trial> {
    vec![on_gpu("bare::normals_of_spheres", normals_of_spheres)]
}

fn normals_of_spheres(mut gpu: OptixDevice) {
    const SIDE: usize = 100;
    let mut scene = world((SIDE as u32, SIDE as u32), camera(CameraKind::Ortho, [0.0, 0.0, 5.0], [0.0; 3], 40.0));
    // The view is as high and as wide as the sphere.
    let radius = 5.0 * 20.0f32.to_radians().tan();
    add(&mut scene, "ball", sphere([0.0; 3], radius));
    ready(&mut gpu, &scene);
    let bare = gpu.bare().unwrap();
    assert!(gpu.run_bare(&bare, 2).unwrap() > 0.0);
    let normals = gpu.bare_normals(&bare).unwrap();
    for (i, normal) in normals.iter().enumerate() {
        let place = |k: usize| (k as f32 + 0.5) * 2.0 / SIDE as f32 - 1.0;
        let (x, y) = (place(i % SIDE), -place(i / SIDE));
        let left = 1.0 - x * x - y * y;
        let expected = if left > 0.0 { [x, y, left.sqrt()] } else { [0.0; 3] };
        let off = (0..3).map(|k| (normal[k] - expected[k]).abs()).fold(0.0, f32::max);
        assert!(off < 1e-3 || left.abs() < 1e-3, "({x}, {y}): {normal:?}, not {expected:?}");
    }
    drop(bare);
    add(&mut scene, "block", parallelepiped([0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]));
    ready(&mut gpu, &scene);
    assert!(gpu.bare().err().is_some_and(|error| error.message.contains("spheres only")));
}
