//! Ray queries: that the scene's cameras give the kernels' rays, and that a device finds the right hits.

use crate::support::statistics::Random;
use crate::support::*;
use glam::{DVec3, Vec3};
use plotrt::device::cpu::CpuDevice;
use plotrt::device::{Device, Hit, Ray, camera_ray};
use plotrt::scene::{CAMERAS, Camera, CameraKind, Channel, Scene, Values};

fn ready(scene: &Scene, threads: usize) -> CpuDevice {
    let mut device = CpuDevice::new(threads).unwrap();
    device.apply(scene).unwrap();
    device.restart(3);
    device
}

fn vector(v: &[f32]) -> Vec3 {
    Vec3::from_slice(v)
}

#[test]
fn cameras_make_the_rays_of_the_kernels() {
    let (width, height) = (320u32, 200u32);
    let views = CAMERAS.iter().flat_map(|row| {
        // For a lens, the ray through its centre.
        let view = |eye, target, fov| Camera { aperture_radius: 0.0, ..camera(row.kind, eye, target, fov) };
        [
            view([3.0, 2.0, 7.0], [0.5, 0.0, 0.0], 40.0),
            view([-3.0, 2.0, 7.0], [0.5, 0.0, 0.0], 25.0),
            view([0.0, 9.0, 0.0], [0.5, 0.0, 0.0], 90.0),
            view([0.0, 5.0, 0.0], [0.0; 3], 60.0),
        ]
    });
    for view in views {
        let device = ready(&world((width, height), view.clone()), 1);
        let aspect = width as f32 / height as f32;
        let mut upside_down = 0;
        for (x, y) in [(0, 0), (319, 0), (0, 199), (319, 199), (160, 100), (17, 131)] {
            for sample in 0..4 {
                let numbers = [x as f32, y as f32];
                let place = device.probe("sample", &[numbers[0], numbers[1], 0.0, sample as f32]);
                let kernel = device.probe("camera", &[numbers[0], numbers[1], sample as f32]);
                let x = (numbers[0] + place[0]) * 2.0 / width as f32 - 1.0;
                let y = 1.0 - (numbers[1] + place[1]) * 2.0 / height as f32;
                let Ray { origin, dir } = camera_ray(&view, x, y, aspect);
                let origin = origin.as_vec3();
                assert!(origin.abs_diff_eq(vector(&kernel[..3]), 1e-5), "{view:?} at ({x}, {y}): {origin} {kernel:?}");
                assert!(dir.abs_diff_eq(vector(&kernel[3..]), 1e-5), "{view:?} at ({x}, {y}): {dir} {kernel:?}");
                let point = vector(&kernel[..3]) + vector(&kernel[3..]) * 4.0;
                let (px, py) = view.project(point.as_dvec3(), aspect).unwrap();
                assert!((px - x).abs() < 1e-4 && (py - y).abs() < 1e-4, "({px}, {py}) is not ({x}, {y})");
                let Ray { origin, dir } = camera_ray(&view, x, -y, aspect);
                let same = origin.as_vec3().abs_diff_eq(vector(&kernel[..3]), 1e-5)
                    && dir.abs_diff_eq(vector(&kernel[3..]), 1e-5);
                upside_down += u32::from(!same);
            }
        }
        assert!(upside_down > 15, "the comparison detects an image that is upside down");
    }
}

/// Plots without primitives before and between those that have some.
fn some_plots() -> Scene {
    let mut scene = world((8, 8), camera(CameraKind::Pinhole, [0.0, 0.0, 9.0], [0.0; 3], 40.0));
    let mut empty = sphere([0.0; 3], 1.0);
    empty.pos = Vec::new().into();
    add(&mut scene, "empty", empty.clone());
    let mut random = Random::new(1);
    let mut between = |low: f32, high: f32| low + (high - low) * random.next();
    let mut balls = sphere([0.0; 3], 1.0);
    balls.pos = (0..300).map(|_| [between(-3.0, 3.0), between(-3.0, 3.0), between(-3.0, 3.0)]).collect();
    balls[Channel::R] = Values::each((0..300).map(|_| between(0.05, 0.4)).collect::<Vec<f32>>());
    add(&mut scene, "balls", balls.clone());
    add(&mut scene, "empty too", empty);
    balls.pos = balls.pos.relative().iter().take(50).copied().collect();
    balls[Channel::R] = Values::one(0.2);
    balls.transform = glam::DAffine3::from_translation(DVec3::new(0.0, 0.5, 1.0));
    add(&mut scene, "moved", balls);
    // A light is not geometry.
    scene.lights.insert("lamp".into(), sphere_light([0.0, 0.0, 5.0], 2.0, 1.0));
    scene
}

fn some_rays(count: usize) -> Vec<Ray> {
    let mut random = Random::new(2);
    let mut point = |size: f32| Vec3::from_array([(); 3].map(|()| (2.0 * random.next() - 1.0) * size));
    let mut ray = || {
        let origin = point(6.0);
        Ray { origin: origin.as_dvec3(), dir: (point(4.0) - origin).normalize() }
    };
    (0..count).map(|_| ray()).collect()
}

/// The expected hit, by testing every sphere.
fn by_hand(scene: &Scene, ray: &Ray) -> Option<Hit> {
    let (origin, dir) = (ray.origin, ray.dir.as_dvec3());
    let mut nearest: Option<Hit> = None;
    for (plot, geometry) in scene.geometries.values().enumerate() {
        for (i, pos) in geometry.pos.iter().enumerate() {
            let to = geometry.transform.transform_point3(pos) - origin;
            let middle = to.dot(dir);
            let left = f64::from(geometry[Channel::R].scalar(i)).powi(2) - (to - dir * middle).length_squared();
            if left < 0.0 {
                continue;
            }
            let Some(t) = [middle - left.sqrt(), middle + left.sqrt()].into_iter().find(|t| *t > 0.0) else { continue };
            if nearest.is_none_or(|hit| t < f64::from(hit.t)) {
                nearest = Some(Hit { plot: plot as u32, primitive: i as u32, face: 0, t: t as f32 });
            }
        }
    }
    nearest
}

#[test]
fn ray_queries_find_the_nearest_hits() {
    let scene = some_plots();
    let rays = some_rays(5000);
    let hits = ready(&scene, 2).closest(&rays).unwrap();
    assert_eq!(hits, ready(&scene, 1).closest(&rays).unwrap());
    let same = |a: &Option<Hit>, b: &Option<Hit>| match (a, b) {
        (Some(a), Some(b)) => (a.plot, a.primitive) == (b.plot, b.primitive) && (a.t - b.t).abs() < 1e-3,
        (a, b) => a.is_none() && b.is_none(),
    };
    let wrong = hits.iter().zip(&rays).filter(|(hit, ray)| !same(hit, &by_hand(&scene, ray))).count();
    // Only rays that graze a sphere may differ.
    assert!(wrong < 5, "{wrong} of {} differ", rays.len());
    let plots = |number| hits.iter().flatten().filter(|hit| hit.plot == number).count();
    assert_eq!((plots(0), plots(2)), (0, 0));
    assert!(plots(1) > 1000 && plots(3) > 100 && hits.iter().any(|hit| hit.is_none()));
    let shifted = hits.iter().skip(1).zip(&rays).filter(|(hit, ray)| !same(hit, &by_hand(&scene, ray))).count();
    assert!(shifted > 1000, "the comparison sees other hits");
}

#[test]
fn a_hit_follows_the_scene() {
    let mut scene = some_plots();
    let mut device = ready(&scene, 2);
    let rays = some_rays(500);
    let before = device.closest(&rays).unwrap();
    // The same plots, with other indices.
    scene.geometries.shift_remove("empty");
    device.apply(&scene).unwrap();
    let after = device.closest(&rays).unwrap();
    let number = |hit: &Option<Hit>| hit.map(|hit| hit.plot);
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(number(before).map(|plot| plot - 1), number(after));
    }
}

#[test]
fn rays_not_finite_or_without_direction_hit_nothing() {
    let scene = some_plots();
    let mut device = ready(&scene, 2);
    let ball = scene.geometries["balls"].pos.get(0).unwrap();
    let good = Ray { origin: ball, dir: Vec3::NEG_Z };
    let bad = [
        Ray { dir: Vec3::ZERO, ..good },
        Ray { dir: Vec3::new(f32::NAN, 0.0, -1.0), ..good },
        Ray { dir: Vec3::Y * f32::INFINITY, ..good },
        Ray { origin: DVec3::NAN, ..good },
        Ray { origin: DVec3::new(f64::NEG_INFINITY, 0.0, 0.0), ..good },
    ];
    assert!(device.closest(&[good]).unwrap()[0].is_some());
    assert_eq!(device.closest(&bad).unwrap(), [None; 5]);
    assert_eq!(device.closest(&[]).unwrap(), []);
    assert_eq!(CpuDevice::new(1).unwrap().closest(&[good]).unwrap(), [None], "there is no scene yet");
    let mut null = plotrt::device::null::NullDevice::new();
    assert_eq!(null.closest(&[good, good]).unwrap(), [None, None]);
}
