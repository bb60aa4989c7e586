//! What the denoiser is for: the animation's picture after four passes, nearly as good as after thousands.

use glam::Vec3;
use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::{Develop, Device};
use plotrt::scene::{
    CameraUpdate, ChangeSet, Edit, GeometryData, GeometryKind, LightUpdate, PerPrimitive, Postproc, Scene,
};

/// The middle of the animation's picture at time `t`: as its script sets it up, 500 pixels high, but cut to `size`.
fn animation(t: f32, size: u32) -> Scene {
    let step = 0.5;
    let wave = |x: f32| 0.5 * step * (1.0 + x.sin());
    let pia = std::f32::consts::PI / 5.0;
    let pos: Vec<[f32; 3]> = (0..1000).map(|i| [i / 100, i / 10 % 10, i % 10].map(|k| k as f32 * step)).collect();
    let each = |edge: &dyn Fn(&[f32; 3]) -> [f32; 3]| Some(PerPrimitive::Each(pos.iter().map(edge).collect()));
    let data = GeometryData {
        kind: Some(GeometryKind::Parallelepipeds),
        u: each(&|p| [t.cos(), t.sin(), 0.0].map(|c| c * wave(pia * p[0] + 1.7 * t))),
        v: each(&|p| [-t.sin(), t.cos(), 0.0].map(|c| c * wave(pia * p[1] + 1.3 * t))),
        w: each(&|p| [0.0, 0.0, wave(2.0 * pia * p[2] + t)]),
        pos: Some(pos.iter().copied().collect()),
        ..GeometryData::default()
    };
    let fov = 2.0 * (20.0f32.to_radians().tan() * size as f32 / 500.0).atan().to_degrees();
    let camera = CameraUpdate { eye: Some(Vec3::splat(10.0)), fov: Some(fov), ..CameraUpdate::default() };
    let light =
        LightUpdate { color: Some(10.0 * Vec3::new(0.99, 0.95, 0.91)), radius: Some(4.0), ..LightUpdate::default() };
    let mut scene = Scene::default();
    for edit in [
        Edit::Resize(size, size),
        Edit::SetData { name: "plot".into(), data },
        Edit::SetupCamera { name: "cam1".into(), camera, make_current: true },
        Edit::SetupLight { name: "light1".into(), light },
        Edit::SetAmbient(Vec3::new(0.1, 0.2, 0.3)),
        Edit::SetBackground(Vec3::ZERO),
    ] {
        scene.apply(&edit).unwrap();
    }
    scene
}

fn picture(scene: &Scene, seed: u64, passes: u32) -> Vec<f32> {
    let mut device = CpuDevice::new(0).unwrap();
    device.apply(scene, &ChangeSet::between(&Scene::default(), scene)).unwrap();
    device.restart(seed);
    assert_eq!(device.trace(passes, &CancelToken::new()).unwrap(), passes);
    device.develop(true, Develop { linear: true }).unwrap().linear
}

/// Root of the mean square of the difference.
fn rmse(a: &[f32], b: &[f32]) -> f64 {
    let square: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    (square / a.len() as f64).sqrt()
}

const SIZE: u32 = 128;

/// `picture` moved to the right by one pixel.
fn shifted(picture: &[f32]) -> Vec<f32> {
    let rows = picture.chunks(3 * SIZE as usize);
    rows.flat_map(|row| row[..3].iter().chain(&row[..row.len() - 3])).copied().collect()
}

#[test]
fn four_passes_have_at_most_half_the_error() {
    for t in [0.08, 0.7] {
        let raw = animation(t, SIZE);
        let mut denoised = raw.clone();
        denoised.apply(&Edit::AddPostproc(Postproc::Denoiser)).unwrap();
        let reference = picture(&raw, 1, 256);
        let noisy = rmse(&picture(&raw, 2, 4), &reference);
        let clean = picture(&denoised, 2, 4);
        let error = rmse(&clean, &reference);
        assert!(error <= 0.5 * noisy, "at t = {t} an error of {noisy} became {error}");
        // Such a comparison must see what it is about: a picture that is off by a pixel, one that is a little dark.
        assert!(rmse(&shifted(&clean), &reference) > 0.5 * noisy);
        assert!(rmse(&clean.iter().map(|v| 0.9 * v).collect::<Vec<f32>>(), &reference) > 0.5 * noisy);
    }
}
