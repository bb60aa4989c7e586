//! Changes of the scene.

use crate::gpu::{image, on_gpu, ready, trace};
use crate::scenes::{SIZE, cloud, room};
use crate::support::*;
use glam::{DAffine3, DVec3};
use libtest_mimic::Trial;
use plotrt::ErrorKind;
use plotrt::cancel::CancelToken;
use plotrt::device::Device;
use plotrt::device::optix::OptixDevice;
use plotrt::scene::*;

pub fn trials() -> Vec<Trial> {
    vec![
        on_gpu("change::changes_give_what_a_new_scene_gives", changes_give_what_a_new_scene_gives),
        on_gpu("change::data_can_be_sent_ahead", data_can_be_sent_ahead),
        on_gpu("change::textures_are_sent_once", textures_are_sent_once),
        on_gpu(
            "change::a_change_that_is_cancelled_keeps_the_old_scene",
            a_change_that_is_cancelled_keeps_the_old_scene,
        ),
    ]
}

/// Moves, recolours, resizes, adds and deletes: the image is that of a device that never held another scene.
fn changes_give_what_a_new_scene_gives(mut gpu: OptixDevice) {
    let mut fresh = OptixDevice::new(0).unwrap();
    let mut scene = room(SIZE);
    add(&mut scene, "still", cloud(GeometryKind::Parallelepipeds, 100, 0.2, 9));
    add(&mut scene, "moving", cloud(GeometryKind::ParticleSet, 100_000, 0.03, 0));
    let mut refits = 0;
    for step in 0..24 {
        let plot = scene.geometries["moving"].clone();
        match step {
            0 => {}
            5 => add(&mut scene, "moving", cloud(GeometryKind::ParticleSet, 70_000, 0.03, 5)),
            8 => add(&mut scene, "moving", (*plot).clone().with(Channel::Color, [0.5; 3])),
            9 => scene.size = (80, 50),
            12 => {
                scene.geometries.shift_remove("still");
            }
            14 => add(&mut scene, "still", cloud(GeometryKind::Parallelograms, 100, 0.2, 9)),
            16 => scene.lights["lamp"].color *= 0.5,
            18 => {
                let place = DAffine3::from_translation(DVec3::X);
                add(&mut scene, "moving", Geometry { transform: place, ..(*plot).clone() });
            }
            _ => {
                // Sometimes all plots are reordered.
                let pos: Positions = match step % 7 {
                    6 => cloud(GeometryKind::ParticleSet, plot.pos.len(), 0.03, 100 + step).pos,
                    _ => plot
                        .pos
                        .relative()
                        .iter()
                        .map(|p| [p[0] * 0.99, p[1] + 0.003 * (9.0 * p[0]).sin(), p[2]])
                        .collect(),
                };
                add(&mut scene, "moving", Geometry { pos, ..(*plot).clone() });
            }
        }
        let applied = gpu.apply(&scene).unwrap();
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
        gpu.restart(step);
        trace(&mut gpu, 4);
        ready(&mut fresh, &scene);
        fresh.restart(step);
        trace(&mut fresh, 4);
        // A device that receives the whole scene again.
        assert!(image(&mut gpu).linear == image(&mut fresh).linear, "step {step}");
    }
    assert!(refits > 5, "{refits}");
}

/// Arrays that were sent ahead are found, those of a scene that is never applied are freed, and the image is the same.
fn data_can_be_sent_ahead(mut gpu: OptixDevice) {
    let mut fresh = OptixDevice::new(0).unwrap();
    let mut scene = room(SIZE);
    add(&mut scene, "plot", cloud(GeometryKind::Parallelepipeds, 20_000, 0.05, 1));
    trace(ready(&mut gpu, &scene), 2);
    let prefetch = gpu.prefetcher().unwrap();
    for step in 2..6 {
        let mut abandoned = scene.clone();
        add(&mut abandoned, "plot", cloud(GeometryKind::Parallelepipeds, 20_000, 0.05, 100 + step));
        let now = scene.geometries["plot"].clone();
        let pos = now.pos.relative().iter().map(|p| p.map(|x| x * 0.99)).collect();
        let u: Vec<[f32; 3]> = now[Channel::U].vectors().iter().map(|u| u.map(|x| x * 1.01)).collect();
        add(&mut scene, "plot", Geometry { pos, ..(*now).clone() }.with(Channel::U, u));
        std::thread::scope(|scope| {
            let sending = scope.spawn(|| {
                for scene in [&abandoned, &scene, &scene] {
                    prefetch.prefetch(scene, &CancelToken::new());
                }
            });
            trace(&mut gpu, 20);
            sending.join().unwrap();
        });
        let applied = gpu.apply(&scene).unwrap();
        assert_eq!(applied.sent_ahead, 2, "step {step}: positions and one edge");
        gpu.restart(7);
        trace(&mut gpu, 4);
        trace(ready(&mut fresh, &scene), 4);
        assert!(image(&mut gpu).linear == image(&mut fresh).linear, "step {step}");
    }
    let cancelled = CancelToken::new();
    cancelled.cancel();
    let mut next = scene.clone();
    add(&mut next, "plot", cloud(GeometryKind::Parallelepipeds, 20_000, 0.05, 9));
    prefetch.prefetch(&next, &cancelled);
    assert_eq!(gpu.apply(&next).unwrap().sent_ahead, 0);
    drop(gpu);
    // The prefetch outlives the device.
    prefetch.prefetch(&scene, &CancelToken::new());
}

/// A texture is sent when it is new or changed, ahead if there is time, and never again.
fn textures_are_sent_once(mut gpu: OptixDevice) {
    let mut fresh = OptixDevice::new(0).unwrap();
    let mut scene = room(SIZE);
    let texture = |seed: u64| {
        let mut random = crate::support::statistics::Random::new(seed);
        let pixels: Vec<f32> = (0..64 * 64 * 3).map(|_| random.next()).collect();
        Texture::new(64, 64, 3, Texels::Floats(pixels.into()), false).unwrap()
    };
    scene.apply(&Edit::SetTexture { name: "picture".into(), texture: texture(1) }).unwrap();
    let material = MaterialUpdate::default().with_texture(MaterialSlot::Color, "picture");
    scene.apply(&Edit::SetupMaterial { name: "diffuse".into(), material }).unwrap();
    ready(&mut gpu, &scene);
    let prefetch = gpu.prefetcher().unwrap();
    for step in 0..4 {
        // The card has it: there is nothing to send.
        prefetch.prefetch(&scene, &CancelToken::new());
        scene.lights["lamp"].color *= 0.9;
        assert_eq!(gpu.apply(&scene).unwrap().sent_ahead, 0, "step {step}");
        let changed = Edit::SetTexture { name: "picture".into(), texture: texture(10 + step) };
        scene.apply(&changed).unwrap();
        if step % 2 == 0 {
            prefetch.prefetch(&scene, &CancelToken::new());
        }
        assert_eq!(gpu.apply(&scene).unwrap().sent_ahead, usize::from(step % 2 == 0), "step {step}");
        gpu.restart(7);
        trace(&mut gpu, 4);
        trace(ready(&mut fresh, &scene), 4);
        assert!(image(&mut gpu).linear == image(&mut fresh).linear, "step {step}");
    }
}

fn a_change_that_is_cancelled_keeps_the_old_scene(mut gpu: OptixDevice) {
    let mut scene = room(SIZE);
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 50_000, 0.05, 1));
    trace(ready(&mut gpu, &scene), 4);
    let before = image(&mut gpu).linear;
    let mut next = scene.clone();
    add(&mut next, "plot", cloud(GeometryKind::ParticleSet, 50_000, 0.05, 2));
    let cancel = CancelToken::new();
    gpu.interrupt_by(&cancel);
    cancel.cancel();
    let error = gpu.apply(&next).unwrap_err();
    assert_eq!(error.kind, ErrorKind::Interrupted);
    gpu.interrupt_by(&CancelToken::new());
    gpu.restart(7);
    trace(&mut gpu, 4);
    assert!(image(&mut gpu).linear == before);
    gpu.apply(&next).unwrap();
    gpu.restart(7);
    trace(&mut gpu, 4);
    assert!(image(&mut gpu).linear != before);
}
