//! The OptiX device against the CPU: the same pictures, the same promises.
//!
//! The executable can be copied to a machine with a GPU, without cargo and the sources. Without a GPU its tests do
//! nothing and say so; `PLOTRT_TEST_DEVICE=optix` makes that a failure.
#![cfg(feature = "optix")]

mod support;

use glam::{Affine3A, Vec3};
use plotrt::ErrorKind;
use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::optix::OptixDevice;
use plotrt::device::{Develop, Device};
use plotrt::frame::Frame;
use plotrt::scene::*;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use support::statistics::{Random, estimate, same_image};
use support::*;

/// The device, with the lock that keeps tests from using the card at the same time; `None` where there is none.
fn optix() -> Option<(OptixDevice, MutexGuard<'static, ()>)> {
    static CARD: Mutex<()> = Mutex::new(());
    let lock = CARD.lock().unwrap_or_else(PoisonError::into_inner);
    match OptixDevice::new(0) {
        Ok(device) => Some((device, lock)),
        Err(error) => {
            assert!(std::env::var("PLOTRT_TEST_DEVICE").as_deref() != Ok("optix"), "no device: {error}");
            eprintln!("skipped: {error}");
            None
        }
    }
}

fn ready<'a>(device: &'a mut dyn Device, scene: &Scene) -> &'a mut dyn Device {
    device.apply(scene, &everything(scene)).unwrap();
    device.restart(7);
    device
}

fn trace(device: &mut dyn Device, passes: u32) {
    assert_eq!(device.trace(passes, &CancelToken::new()).unwrap(), passes);
}

fn picture(device: &mut dyn Device) -> Frame {
    device.develop(true, Develop { linear: true }).unwrap()
}

/// Many primitives of one shape in [-1.5, 1.5]^3, each with values of its own.
fn cloud(kind: GeometryKind, count: usize, size: f32, seed: u64) -> Geometry {
    let mut random = Random::new(seed);
    let mut vectors = |scale: f32| -> Arc<[[f32; 3]]> {
        (0..count).map(|_| std::array::from_fn(|_| random.range(-scale, scale))).collect()
    };
    let pos = vectors(1.5);
    let [u, v, w] = [vectors(size), vectors(size), vectors(size)];
    let color: Arc<[[f32; 3]]> = vectors(0.4).iter().map(|c| c.map(|c| c + 0.5)).collect();
    let r: Arc<[f32]> = (0..count).map(|_| random.range(0.1, 1.0) * size).collect();
    Geometry {
        r: PerPrimitive::Each(r),
        u: PerPrimitive::Each(u),
        v: PerPrimitive::Each(v),
        w: PerPrimitive::Each(w),
        color: PerPrimitive::Each(color),
        ..Geometry::new(kind, pos)
    }
}

/// A floor under a lamp and a blue sky.
fn room(size: (u32, u32), kind: CameraKind) -> Scene {
    let mut scene = world(size, camera(kind, [4.0, 3.0, 6.0], [0.0; 3], 40.0));
    scene.ambient = Vec3::new(0.1, 0.2, 0.3);
    scene.background = Vec3::new(0.3, 0.2, 0.1);
    scene.variables.path_seg_range = (2, 6);
    scene.lights.insert("lamp".into(), sphere_light([3.0, 5.0, 1.0], 0.7, 20.0));
    add(&mut scene, "floor", parallelogram([-5.0, -1.6, -5.0], [0.0, 0.0, 10.0], [10.0, 0.0, 0.0]));
    scene
}

const SIZE: (u32, u32) = (64, 64);

/// Scenes that between them have every shape, camera, light and material.
fn parity_scenes() -> Vec<(String, Scene)> {
    let mut scenes = Vec::new();
    let shapes = [
        ("spheres", cloud(GeometryKind::ParticleSet, 300, 0.25, 1)),
        ("parallelograms", cloud(GeometryKind::Parallelograms, 300, 0.4, 2)),
        ("parallelepipeds", cloud(GeometryKind::Parallelepipeds, 300, 0.3, 3)),
    ];
    for (name, plot) in shapes {
        let mut scene = room(SIZE, CameraKind::Pinhole);
        add(&mut scene, "plot", plot.clone());
        scenes.push((name.to_string(), scene.clone()));
        let turned = Affine3A::from_scale_rotation_translation(
            Vec3::new(1.0, 0.4, -0.8),
            glam::Quat::from_rotation_z(0.7) * glam::Quat::from_rotation_x(0.3),
            Vec3::new(0.2, 0.4, -0.1),
        );
        add(&mut scene, "plot", Geometry { transform: turned, ..plot });
        scenes.push((format!("{name}, placed"), scene));
    }
    for kind in [CameraKind::ThinLens, CameraKind::Ortho] {
        let mut scene = room(SIZE, kind);
        add(&mut scene, "plot", cloud(GeometryKind::Parallelepipeds, 200, 0.3, 4));
        scenes.push((format!("camera {kind:?}"), scene));
    }
    let with_materials = |materials: [(&str, Material); 2]| {
        let mut scene = room(SIZE, CameraKind::Pinhole);
        for (i, (name, material)) in materials.into_iter().enumerate() {
            scene.materials.insert(name.into(), material);
            let plot = cloud(GeometryKind::ParticleSet, 100, 0.4, 5 + i as u64);
            add(&mut scene, name, Geometry { material: name.into(), ..plot });
        }
        scene
    };
    let of_kind = |kind| Material { kind, color: Vec3::new(0.9, 0.6, 0.7), ..Material::default() };
    let shining = [("flat", of_kind(MaterialKind::Flat)), ("cosine", of_kind(MaterialKind::Cosine))];
    scenes.push(("flat and cosine".into(), with_materials(shining)));
    let rough = |roughness| Material { roughness, ..of_kind(MaterialKind::Diffuse) };
    scenes.push(("rough".into(), with_materials([("rough", rough(0.4)), ("rougher", rough(2.0))])));

    let panel = parallelogram_light([-3.0, 3.0, 1.0], [2.0, 0.0, 0.0], [0.0, 1.0, 2.0], 5.0);
    for in_geometry in [true, false] {
        let mut scene = room(SIZE, CameraKind::Pinhole);
        scene.lights.insert("panel".into(), Light { in_geometry, ..panel.clone() });
        let small = Light { in_geometry, ..sphere_light([-1.0, 2.0, 2.0], 0.3, 30.0) };
        scene.lights.insert("small".into(), small);
        add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 200, 0.3, 8));
        scenes.push((format!("three lights, in the way: {in_geometry}"), scene));
    }
    let mut scene = room(SIZE, CameraKind::Pinhole);
    for i in 0..40 {
        let x = i as f32 * 0.17 - 3.4;
        let mut block = parallelepiped([x, 0.3, -1.0], [0.4, 0.1, 0.0], [0.0, 0.5, 0.2], [0.1, 0.0, 0.6]);
        block.transform = Affine3A::from_rotation_y(0.3 * x);
        add(&mut scene, &format!("block {i}"), block);
        add(&mut scene, &format!("ball {i}"), sphere([x, (x * 1.7).sin() * 0.5, x * x * 0.2], 0.2));
    }
    scenes.push(("many plots".into(), scene));
    scenes.push(("nothing but a floor".into(), room(SIZE, CameraKind::Pinhole)));
    let mut nothing = room(SIZE, CameraKind::Pinhole);
    nothing.geometries.clear();
    scenes.push(("nothing".into(), nothing));
    scenes
}

const IMAGES: u32 = 16;
const PASSES: u32 = 16;

#[test]
fn pictures_are_those_of_the_cpu() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut cpu = CpuDevice::new(0).unwrap();
    for (name, scene) in parity_scenes() {
        let a = estimate(&mut gpu, &scene, IMAGES, PASSES);
        let b = estimate(&mut cpu, &scene, IMAGES, PASSES);
        if let Err(difference) = same_image(&a, &b) {
            panic!("{name}: {difference}");
        }
        println!("{name}: the same");
    }
}

#[test]
fn small_mistakes_would_be_seen() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut cpu = CpuDevice::new(0).unwrap();
    let (_, right) = parity_scenes().swap_remove(0);
    let reference = estimate(&mut cpu, &right, IMAGES, PASSES);
    let mut albedo = right.clone();
    albedo.materials["diffuse"].color *= 0.98;
    let mut light = right.clone();
    light.lights.clear();
    let mut ambient = right;
    ambient.ambient *= 1.05;
    for (what, scene) in [("albedo", albedo), ("missing light", light), ("ambient", ambient)] {
        let wrong = estimate(&mut gpu, &scene, IMAGES, PASSES);
        assert!(same_image(&wrong, &reference).is_err(), "{what}");
    }
}

/// Random numbers and arithmetic are shared, so all but a few paths are the same to rounding.
#[test]
fn paths_are_those_of_the_cpu() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut cpu = CpuDevice::new(0).unwrap();
    for (name, scene) in parity_scenes() {
        let [a, b] = [&mut gpu as &mut dyn Device, &mut cpu].map(|device| {
            trace(ready(device, &scene), 1);
            picture(device)
        });
        let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-3 * (1.0 + a.abs());
        let same = a.linear.iter().zip(&b.linear).filter(|&pair| close(pair)).count();
        let share = same as f64 / a.linear.len() as f64;
        println!("{name}: {:.2} % of the values are the same", 100.0 * share);
        assert!(share > 0.97, "{name}: {share}");
    }
}

#[test]
fn passes_can_be_cut_into_calls_anyhow() {
    let Some((mut gpu, _lock)) = optix() else { return };
    // Small enough that samples wait in slots where there are several passes in a call, as guides do, too.
    let (_, mut scene) = parity_scenes().swap_remove(0);
    scene.postproc = vec![Postproc::Denoiser];
    trace(ready(&mut gpu, &scene), 211);
    let at_once = picture(&mut gpu);
    ready(&mut gpu, &scene);
    for passes in [1, 1, 2, 3, 4, 100, 100] {
        trace(&mut gpu, passes);
    }
    let in_parts = picture(&mut gpu);
    assert_eq!(in_parts.linear, at_once.linear);
    assert_eq!(in_parts.rgba8, at_once.rgba8);
    gpu.restart(8);
    trace(&mut gpu, 211);
    assert_ne!(picture(&mut gpu).linear, at_once.linear);
    gpu.restart(7);
    trace(&mut gpu, 211);
    assert_eq!(picture(&mut gpu).linear, at_once.linear);
    drop(gpu);
    let mut again = OptixDevice::new(0).unwrap();
    trace(ready(&mut again, &scene), 211);
    assert_eq!(picture(&mut again).linear, at_once.linear);
}

#[test]
fn a_cancelled_pass_leaves_no_trace() {
    let Some((mut gpu, _lock)) = optix() else { return };
    // Passes long enough to be cut into several launches.
    let mut scene = room((3000, 2000), CameraKind::Pinhole);
    scene.variables.path_seg_range = (64, 64);
    scene.ambient = Vec3::ONE;
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 100_000, 0.05, 1));
    ready(&mut gpu, &scene);
    trace(&mut gpu, 1);
    let mut total = 1;
    for delay in [20u64, 45, 70] {
        let cancel = CancelToken::new();
        let done = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_millis(delay));
                cancel.cancel();
            });
            gpu.trace(100_000, &cancel).unwrap()
        });
        assert!(done < 100_000);
        total += done;
    }
    println!("{total} passes of a long kind");
    let cancelled = picture(&mut gpu);
    assert_eq!(cancelled.passes, total);
    gpu.restart(7);
    trace(&mut gpu, total);
    assert!(picture(&mut gpu).linear == cancelled.linear, "after {total} passes");
}

/// A float that sums up 100 000 times the same number is off by as much as one part in 250.
#[test]
fn many_passes_sum_up_exactly() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut scene = world((4, 4), camera(CameraKind::Pinhole, [0.0, 0.0, 5.0], [0.0; 3], 40.0));
    scene.background = Vec3::new(0.95, 0.3, 0.1);
    trace(ready(&mut gpu, &scene), 100_000);
    let frame = picture(&mut gpu);
    for (mean, exact) in frame.linear.iter().zip(scene.background.to_array().iter().cycle()) {
        assert!((mean / exact - 1.0).abs() < 1e-4, "{mean} for {exact}");
    }
    assert!(frame.noise < 1e-4, "a constant has no noise, not {}", frame.noise);
    assert_eq!(frame.passes, 100_000);
}

/// Moves, recolours, resizes, adds and deletes: the picture is that of a device that never knew another scene.
#[test]
fn changes_give_what_a_new_scene_gives() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut fresh = OptixDevice::new(0).unwrap();
    let mut scene = room(SIZE, CameraKind::Pinhole);
    add(&mut scene, "still", cloud(GeometryKind::Parallelepipeds, 100, 0.2, 9));
    add(&mut scene, "moving", cloud(GeometryKind::ParticleSet, 100_000, 0.03, 0));
    let mut held = Scene::default();
    let mut refits = 0;
    for step in 0..24 {
        let plot = scene.geometries["moving"].clone();
        match step {
            0 => {}
            5 => add(&mut scene, "moving", cloud(GeometryKind::ParticleSet, 70_000, 0.03, 5)),
            8 => add(&mut scene, "moving", Geometry { color: PerPrimitive::All([0.5; 3]), ..(*plot).clone() }),
            9 => scene.size = (80, 50),
            12 => {
                scene.geometries.shift_remove("still");
            }
            14 => add(&mut scene, "still", cloud(GeometryKind::Parallelograms, 100, 0.2, 9)),
            16 => scene.lights["lamp"].color *= 0.5,
            18 => {
                let place = Affine3A::from_translation(Vec3::X);
                add(&mut scene, "moving", Geometry { transform: place, ..(*plot).clone() });
            }
            _ => {
                // Now and then everything is shuffled.
                let pos: Arc<[[f32; 3]]> = match step % 7 {
                    6 => cloud(GeometryKind::ParticleSet, plot.pos.len(), 0.03, 100 + step).pos,
                    _ => plot.pos.iter().map(|p| [p[0] * 0.99, p[1] + 0.003 * (9.0 * p[0]).sin(), p[2]]).collect(),
                };
                add(&mut scene, "moving", Geometry { pos, ..(*plot).clone() });
            }
        }
        let applied = gpu.apply(&scene, &ChangeSet::between(&held, &scene)).unwrap();
        refits += applied.refitted.len();
        if step % 7 == 6 {
            assert_eq!(applied.rebuilt, ["moving"], "shuffled in step {step}");
        }
        match step {
            8 | 9 | 16 | 18 => {
                assert!(applied.refitted.is_empty() && applied.rebuilt.is_empty(), "{step}: {applied:?}")
            }
            12 => assert!(applied.rebuilt.is_empty(), "{applied:?}"),
            14 => assert_eq!(applied.rebuilt, ["still"]),
            5 => assert_eq!(applied.rebuilt, ["moving"]),
            _ => assert!(!applied.refitted.contains(&"still".into()), "{step}: {applied:?}"),
        }
        held = scene.clone();
        gpu.restart(step);
        trace(&mut gpu, 4);
        ready(&mut fresh, &scene);
        fresh.restart(step);
        trace(&mut fresh, 4);
        // A device that is asked for the whole scene again.
        assert!(picture(&mut gpu).linear == picture(&mut fresh).linear, "step {step}");
    }
    assert!(refits > 5, "{refits}");
}

/// Arrays that were sent ahead are found, those of a scene that never comes are given up, and the picture is the same.
#[test]
fn data_can_be_sent_ahead() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut fresh = OptixDevice::new(0).unwrap();
    let mut scene = room(SIZE, CameraKind::Pinhole);
    add(&mut scene, "plot", cloud(GeometryKind::Parallelepipeds, 20_000, 0.05, 1));
    trace(ready(&mut gpu, &scene), 2);
    let prefetch = gpu.prefetcher().unwrap();
    let mut held = scene.clone();
    for step in 2..6 {
        let mut abandoned = scene.clone();
        add(&mut abandoned, "plot", cloud(GeometryKind::Parallelepipeds, 20_000, 0.05, 100 + step));
        let now = scene.geometries["plot"].clone();
        let pos: Arc<[[f32; 3]]> = now.pos.iter().map(|p| p.map(|x| x * 0.99)).collect();
        let u = PerPrimitive::Each(now.u.values().iter().map(|u| u.map(|x| x * 1.01)).collect());
        add(&mut scene, "plot", Geometry { pos, u, ..(*now).clone() });
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| {
                for scene in [&abandoned, &scene, &scene] {
                    prefetch.prefetch(scene, &CancelToken::new());
                }
            });
            trace(&mut gpu, 20);
            sending.join().unwrap();
        });
        let applied = gpu.apply(&scene, &ChangeSet::between(&held, &scene)).unwrap();
        assert_eq!(applied.sent_ahead, 2, "step {step}: positions and one edge");
        held = scene.clone();
        gpu.restart(7);
        trace(&mut gpu, 4);
        trace(ready(&mut fresh, &scene), 4);
        assert!(picture(&mut gpu).linear == picture(&mut fresh).linear, "step {step}");
    }
    let cancelled = CancelToken::new();
    cancelled.cancel();
    let mut next = scene.clone();
    add(&mut next, "plot", cloud(GeometryKind::Parallelepipeds, 20_000, 0.05, 9));
    prefetch.prefetch(&next, &cancelled);
    assert_eq!(gpu.apply(&next, &ChangeSet::between(&held, &next)).unwrap().sent_ahead, 0);
    drop(gpu);
    // It outlives the device.
    prefetch.prefetch(&scene, &CancelToken::new());
}

#[test]
fn pictures_are_developed_as_on_the_cpu() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut cpu = CpuDevice::new(0).unwrap();
    for chain in [vec![], vec![Postproc::Gamma], vec![Postproc::Denoiser], vec![Postproc::Denoiser, Postproc::Gamma]] {
        for blend in [0.0, 0.3] {
            let mut scene = room((97, 61), CameraKind::Pinhole);
            // What shines by itself has no noise but at edges, so both films are nearly the same.
            scene.materials.insert("cosine".into(), Material { kind: MaterialKind::Cosine, ..Material::default() });
            let plot = cloud(GeometryKind::Parallelepipeds, 60, 0.5, 4);
            add(&mut scene, "plot", Geometry { material: "cosine".into(), ..plot });
            scene.postproc = chain.clone();
            scene.variables.denoiser_blend = blend;
            scene.variables.tonemap_exposure = 0.8;
            let [a, b] = [&mut gpu as &mut dyn Device, &mut cpu].map(|device| {
                trace(ready(device, &scene), 8);
                picture(device)
            });
            assert_eq!((a.width, a.height, a.passes), (b.width, b.height, b.passes));
            assert!((a.noise / b.noise - 1.0).abs() < 0.02, "noise {} and {}", a.noise, b.noise);
            let far = a.rgba8.iter().zip(&b.rgba8).filter(|(a, b)| a.abs_diff(**b) > 1).count();
            assert!(far * 50 < a.rgba8.len(), "{chain:?}, {blend}: {far} of {} values differ", a.rgba8.len());
            println!("{chain:?}, blend {blend}: {far} of {} values differ", a.rgba8.len());
        }
    }
}

#[test]
fn a_change_that_is_cancelled_keeps_the_old_scene() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut scene = room(SIZE, CameraKind::Pinhole);
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 50_000, 0.05, 1));
    trace(ready(&mut gpu, &scene), 4);
    let before = picture(&mut gpu).linear;
    let mut next = scene.clone();
    add(&mut next, "plot", cloud(GeometryKind::ParticleSet, 50_000, 0.05, 2));
    let cancel = CancelToken::new();
    gpu.interrupt_by(&cancel);
    cancel.cancel();
    let error = gpu.apply(&next, &ChangeSet::between(&scene, &next)).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Interrupted);
    gpu.interrupt_by(&CancelToken::new());
    gpu.restart(7);
    trace(&mut gpu, 4);
    assert!(picture(&mut gpu).linear == before);
    gpu.apply(&next, &ChangeSet::between(&scene, &next)).unwrap();
    gpu.restart(7);
    trace(&mut gpu, 4);
    assert!(picture(&mut gpu).linear != before);
}

#[test]
fn a_scene_too_large_for_the_card_is_an_error_and_keeps_the_old_one() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let mut scene = room(SIZE, CameraKind::Pinhole);
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 1000, 0.1, 1));
    trace(ready(&mut gpu, &scene), 4);
    let before = picture(&mut gpu).linear;
    let mut large = scene.clone();
    add(&mut large, "large", cloud(GeometryKind::ParticleSet, 3_000_000, 0.01, 2));
    // All but a little of the card's memory.
    let mut hoard = Vec::new();
    let mut bytes = 1usize << 36;
    while bytes >= 1 << 24 {
        // SAFETY: nobody reads it.
        match unsafe { cust::memory::DeviceBuffer::<u8>::uninitialized(bytes) } {
            Ok(buffer) => hoard.push(buffer),
            Err(_) => bytes /= 2,
        }
    }
    let error = gpu.apply(&large, &ChangeSet::between(&scene, &large)).unwrap_err();
    println!("{error}");
    assert_eq!(error.kind, ErrorKind::Limit);
    assert!(error.message.contains("too little memory") && error.message.contains("MiB are free"), "{error}");
    let mut wide = scene.clone();
    wide.size = (8000, 8000);
    let error = gpu.apply(&wide, &ChangeSet::between(&scene, &wide)).unwrap_err();
    println!("{error}");
    assert!(error.message.contains("8000x8000"), "{error}");
    gpu.restart(7);
    trace(&mut gpu, 4);
    assert!(picture(&mut gpu).linear == before);
    drop(hoard);
    gpu.apply(&large, &ChangeSet::between(&scene, &large)).unwrap();
    gpu.restart(7);
    trace(&mut gpu, 1);
}

#[test]
fn a_moving_plot_takes_no_more_memory_with_time() {
    let Some((mut gpu, _lock)) = optix() else { return };
    let taken = |gpu: &OptixDevice, what: &str| {
        let mebibytes = gpu.memory_in_use().unwrap() >> 20;
        println!("{what}: {mebibytes} MiB");
        mebibytes
    };
    let mut scene = room((1920, 1080), CameraKind::Pinhole);
    ready(&mut gpu, &scene);
    taken(&gpu, "one plot");
    trace(&mut gpu, 1);
    taken(&gpu, "one plot, traced");
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 1000, 0.0084, 9));
    ready(&mut gpu, &scene);
    trace(&mut gpu, 1);
    taken(&gpu, "two plots, traced");
    let mut held = scene.clone();
    let mut after = Vec::new();
    for step in 0..6 {
        add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 1_000_000, 0.0084, step));
        gpu.apply(&scene, &ChangeSet::between(&held, &scene)).unwrap();
        gpu.restart(1);
        trace(&mut gpu, 1);
        picture(&mut gpu);
        held = scene.clone();
        after.push(taken(&gpu, "a million spheres, traced"));
    }
    assert_eq!(after[5], after[3], "{after:?}");
}

#[test]
fn a_card_that_is_not_there_is_an_error() {
    let error = OptixDevice::new(99).err().expect("nobody has a hundred cards");
    assert_eq!(error.kind, ErrorKind::Device);
    assert!(error.hint.is_some(), "{error}");
}
