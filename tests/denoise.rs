//! What denoisers achieve: the animation's image after four passes, nearly as good as after thousands.

mod support;

use glam::{DVec3, Vec3};
use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::{Develop, Device};
use plotrt::frame::Frame;
use plotrt::scene::{CameraUpdate, Channel, Edit, GeometryKind, GeometryUpdate, LightUpdate, Postproc, Scene, Values};
use support::oidn_is_there;

/// The middle of the animation's image at time `t`: as its script sets it up, 500 pixels high, but cut to `size`.
fn animation(t: f32, size: u32) -> Scene {
    let step = 0.5;
    let wave = |x: f32| 0.5 * step * (1.0 + x.sin());
    let pia = std::f32::consts::PI / 5.0;
    let pos: Vec<[f32; 3]> = (0..1000).map(|i| [i / 100, i / 10 % 10, i % 10].map(|k| k as f32 * step)).collect();
    let each = |edge: &dyn Fn(&[f32; 3]) -> [f32; 3]| Values::each(pos.iter().map(edge).collect::<Vec<_>>());
    let data = GeometryUpdate {
        kind: Some(GeometryKind::Parallelepipeds),
        values: [
            (Channel::U, each(&|p| [t.cos(), t.sin(), 0.0].map(|c| c * wave(pia * p[0] + 1.7 * t)))),
            (Channel::V, each(&|p| [-t.sin(), t.cos(), 0.0].map(|c| c * wave(pia * p[1] + 1.3 * t)))),
            (Channel::W, each(&|p| [0.0, 0.0, wave(2.0 * pia * p[2] + t)])),
        ]
        .into(),
        pos: Some(pos.iter().copied().collect()),
        ..GeometryUpdate::default()
    };
    let fov = 2.0 * (20.0f32.to_radians().tan() * size as f32 / 500.0).atan().to_degrees();
    let camera = CameraUpdate { eye: Some(DVec3::splat(10.0)), fov: Some(fov), ..CameraUpdate::default() };
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

fn frame(scene: &Scene, seed: u64, passes: u32) -> Frame {
    frame_at(scene, seed, passes, true)
}

fn frame_at(scene: &Scene, seed: u64, passes: u32, complete: bool) -> Frame {
    let mut device = CpuDevice::new(0).unwrap();
    device.apply(scene).unwrap();
    device.restart(seed);
    assert_eq!(device.trace_more(passes, &CancelToken::new()).unwrap(), passes);
    device.develop(complete, Develop { linear: true, ..Develop::default() }).unwrap()
}

fn image(scene: &Scene, seed: u64, passes: u32) -> Vec<f32> {
    frame(scene, seed, passes).linear
}

/// The displayed values, in [0, 1].
fn shown(frame: &Frame) -> Vec<f32> {
    frame.rgba8.chunks(4).flat_map(|pixel| &pixel[..3]).map(|&level| f32::from(level) / 255.0).collect()
}

fn with(scene: &Scene, stage: Postproc) -> Scene {
    let mut scene = scene.clone();
    scene.apply(&Edit::AddPostproc(stage)).unwrap();
    scene
}

/// Root mean square of the difference.
fn rmse(a: &[f32], b: &[f32]) -> f64 {
    let square: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum();
    (square / a.len() as f64).sqrt()
}

const SIZE: u32 = 128;

/// `image` moved to the right by one pixel.
fn shifted(image: &[f32]) -> Vec<f32> {
    let rows = image.chunks(3 * SIZE as usize);
    rows.flat_map(|row| row[..3].iter().chain(&row[..row.len() - 3])).copied().collect()
}

/// Requires that denoising removes at least half of an error, and that this comparison can fail.
fn assert_half(what: &str, noisy: &[f32], clean: &[f32], reference: &[f32]) {
    let (noise, error) = (rmse(noisy, reference), rmse(clean, reference));
    println!("{what}: an error of {noise} became {error}, a ratio of {}", error / noise);
    assert!(error <= 0.5 * noise, "{what}: an error of {noise} became {error}");
    // The comparison must detect an image that is off by a pixel, and one that is slightly dark.
    assert!(rmse(&shifted(clean), reference) > 0.5 * noise);
    assert!(rmse(&clean.iter().map(|v| 0.9 * v).collect::<Vec<f32>>(), reference) > 0.5 * noise);
}

const TIMES: [f32; 2] = [0.08, 0.7];

#[test]
fn four_passes_have_at_most_half_the_error() {
    let mut stages = vec![Postproc::DenoiserBuiltin];
    if oidn_is_there() {
        stages.push(Postproc::OiDenoiserHdr);
    }
    for t in TIMES {
        let raw = animation(t, SIZE);
        let reference = image(&raw, 1, 256);
        let noisy = image(&raw, 2, 4);
        for &stage in &stages {
            let clean = image(&with(&raw, stage), 2, 4);
            assert_half(&format!("{} at t = {t}", stage.name()), &noisy, &clean, &reference);
        }
    }
}

#[test]
fn open_image_denoise_after_tone_mapping_halves_the_error_of_what_is_shown() {
    if !oidn_is_there() {
        return;
    }
    for t in TIMES {
        let scene = animation(t, SIZE);
        let reference = shown(&frame(&with(&scene, Postproc::Gamma), 1, 256));
        let noisy = frame(&with(&scene, Postproc::Gamma), 2, 4);
        let clean = frame(&with(&scene, Postproc::OiDenoiser), 2, 4);
        assert_half(&format!("OIDenoiser at t = {t}"), &shown(&noisy), &shown(&clean), &reference);
        assert_eq!(clean.linear, noisy.linear, "the linear image comes before");
    }
}

#[test]
fn open_image_denoise_before_tone_mapping_changes_the_linear_image() {
    if !oidn_is_there() {
        return;
    }
    let mut scene = with(&animation(0.7, SIZE), Postproc::OiDenoiserHdr);
    // Displayed values are clipped, denoised ones are not.
    scene.variables.tonemap_exposure = 4.0;
    let clean = frame(&scene, 2, 4);
    let brightest = |frame: &Frame| frame.linear.iter().copied().fold(0.0f32, f32::max);
    assert!(brightest(&clean) > 0.5);
    let expect = |x: f32| (255.0 * (4.0 * x).clamp(0.0, 1.0).powf(1.0 / 2.2) + 0.5) as u8;
    for (pixel, linear) in clean.rgba8.chunks(4).zip(clean.linear.chunks(3)) {
        assert!(pixel.iter().zip(linear).all(|(level, x)| level.abs_diff(expect(*x)) <= 1), "{pixel:?} for {linear:?}");
    }
}

#[test]
fn open_image_denoise_applies_start_and_blend() {
    if !oidn_is_there() {
        return;
    }
    let scene = animation(0.7, SIZE);
    for stage in [Postproc::OiDenoiser, Postproc::OiDenoiserHdr] {
        let values = |frame: &Frame| if stage == Postproc::OiDenoiser { shown(frame) } else { frame.linear.clone() };
        let raw = frame(&with(&scene, Postproc::Gamma), 2, 4);
        let mut denoised = with(&scene, stage);
        let clean = frame(&denoised, 2, 4);
        assert_ne!(clean.rgba8, raw.rgba8);
        assert_eq!(clean.noise, raw.noise, "noise is that of the film");

        denoised.variables.denoiser_start = 5;
        assert_eq!(frame_at(&denoised, 2, 4, false).rgba8, raw.rgba8, "before its start");
        assert_eq!(frame(&denoised, 2, 4), clean, "complete all the same");
        denoised.variables.denoiser_start = 4;
        denoised.variables.denoiser_blend = 1.0;
        assert_eq!(frame(&denoised, 2, 4), raw);
        denoised.variables.denoiser_blend = 0.25;
        let (mixed, clean, raw) = (values(&frame(&denoised, 2, 4)), values(&clean), values(&raw));
        for ((m, r), d) in mixed.iter().zip(&raw).zip(&clean) {
            // Display values have steps of 8 bits.
            assert!((m - (0.25 * r + 0.75 * d)).abs() < 1.0 / 255.0, "{m}");
        }
    }
}
