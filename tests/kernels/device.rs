//! Guarantees of the device: the same bits however it is run, and a cancelled pass leaves the film unchanged.

use crate::support::*;
use crate::{render, variants};
use glam::Vec3;
use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::film::{FilmSums, SUM_BLOCK};
use plotrt::device::{Develop, Device};
use plotrt::scene::{CameraKind, Channel, Material, MaterialSlot, Postproc, Scene};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

/// A scene with every kind of shape, material and light.
fn busy_scene(size: (u32, u32)) -> Scene {
    let mut scene = world(size, camera(CameraKind::ThinLens, [4.0, 3.0, 6.0], [0.0; 3], 45.0));
    scene.ambient = glam::Vec3::new(0.1, 0.2, 0.3);
    scene.background = glam::Vec3::new(0.3, 0.2, 0.1);
    scene.variables.path_seg_range = (2, 6);
    scene.materials.insert("diffuse".into(), Material::default().with(MaterialSlot::Roughness, Vec3::splat(0.4)));
    scene.lights.insert("lamp".into(), sphere_light([3.0, 5.0, 1.0], 0.7, 20.0));
    scene.lights.insert("panel".into(), parallelogram_light([-3.0, 3.0, 1.0], [2.0, 0.0, 0.0], [0.0, 1.0, 2.0], 5.0));
    add(&mut scene, "floor", parallelogram([-5.0, -1.0, -5.0], [0.0, 0.0, 10.0], [10.0, 0.0, 0.0]));
    for i in 0..6 {
        let x = i as f32 - 2.5;
        add(&mut scene, &format!("ball {i}"), sphere([x, (x * 1.7).sin() * 0.5, x * x * 0.2], 0.4));
        let mut block = parallelepiped([x, 0.3, -1.0], [0.4, 0.1, 0.0], [0.0, 0.5, 0.2], [0.1, 0.0, 0.6]);
        block.transform = glam::DAffine3::from_rotation_y(f64::from(0.3 * x));
        add(&mut scene, &format!("block {i}"), block);
    }
    scene
}

#[test]
fn threads_and_instruction_sets_give_the_same_bits() {
    let scene = busy_scene((70, 45));
    let reference = render(&scene, 5, 1, "");
    assert!(reference.iter().any(|&c| c > 0.5), "there is something to compare");
    for variant in variants() {
        for threads in [1, 2, 7] {
            assert_eq!(render(&scene, 5, threads, variant), reference, "{variant}, {threads} threads");
        }
    }
    let mut other = busy_scene((70, 45));
    other.variables.scene_epsilon *= 1.5;
    assert_ne!(render(&other, 5, 1, ""), reference, "the comparison sees a change in the last digits");
}

fn linear(device: &mut CpuDevice) -> Vec<f32> {
    device.develop(false, Develop { linear: true, ..Develop::default() }).unwrap().linear
}

fn ready(scene: &Scene) -> CpuDevice {
    let mut device = CpuDevice::new(2).unwrap();
    device.apply(scene).unwrap();
    device.restart(7);
    device
}

#[test]
fn passes_can_be_divided_into_calls_arbitrarily() {
    let scene = busy_scene((40, 30));
    let mut at_once = ready(&scene);
    at_once.trace_more(11, &CancelToken::new()).unwrap();
    let mut in_parts = ready(&scene);
    for passes in [1, 1, 2, 3, 4] {
        assert_eq!(in_parts.trace_more(passes, &CancelToken::new()).unwrap(), passes);
    }
    assert_eq!(linear(&mut at_once), linear(&mut in_parts));
}

#[test]
fn a_cancelled_pass_leaves_the_film_unchanged() {
    let scene = busy_scene((160, 120));
    let mut device = ready(&scene);
    let mut interrupted = 0;
    let mut total = 0;
    for delay in 0..12u64 {
        let cancel = CancelToken::new();
        let done = std::thread::scope(|scope| {
            scope.spawn(|| {
                std::thread::sleep(std::time::Duration::from_micros(3000 * delay));
                cancel.cancel();
            });
            device.trace_more(100_000, &cancel).unwrap()
        });
        total += done;
        interrupted += u32::from(done < 100_000);
    }
    assert_eq!(interrupted, 12);
    let mut fresh = ready(&scene);
    assert_eq!(fresh.trace_more(total, &CancelToken::new()).unwrap(), total);
    assert_eq!(linear(&mut device), linear(&mut fresh), "after {total} passes");
    let frame = device.develop(false, Develop::default()).unwrap();
    assert_eq!(frame.passes, total);
}

/// A float that sums the same number 100 000 times is off by as much as one part in 250.
#[test]
fn many_passes_sum_up_exactly() {
    let mut scene = world((1, 1), camera(CameraKind::Pinhole, [0.0, 0.0, 5.0], [0.0; 3], 40.0));
    scene.background = glam::Vec3::new(0.95, 0.3, 0.1);
    let mut device = CpuDevice::new(1).unwrap();
    device.apply(&scene).unwrap();
    device.restart(7);
    let passes = 100_000;
    assert_eq!(device.trace_more(passes, &CancelToken::new()).unwrap(), passes);
    let frame = device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap();
    for (mean, exact) in frame.linear.iter().zip(scene.background.to_array()) {
        assert!((mean / exact - 1.0).abs() < 1e-4, "{mean} for {exact}");
    }
    assert!(frame.noise < 1e-4, "a constant has no noise, not {}", frame.noise);
    // The sum that a plain accumulation would give.
    let naive = (0..passes).fold(0.0f32, |sum, _| sum + 0.95) / passes as f32;
    assert!((naive / 0.95 - 1.0).abs() > 1e-4, "{naive}");
}

#[test]
fn many_passes_can_be_cut_into_calls_anyhow() {
    let scene = busy_scene((5, 4));
    let mut at_once = ready(&scene);
    at_once.trace_more(4200, &CancelToken::new()).unwrap();
    let mut in_parts = ready(&scene);
    for passes in [4090, 7, 103] {
        assert_eq!(in_parts.trace_more(passes, &CancelToken::new()).unwrap(), passes);
    }
    assert_eq!(linear(&mut at_once), linear(&mut in_parts));
    // A restarted image does not depend on those before.
    in_parts.restart(7);
    in_parts.trace_more(2, &CancelToken::new()).unwrap();
    let mut fresh = ready(&scene);
    fresh.trace_more(2, &CancelToken::new()).unwrap();
    assert_eq!(linear(&mut in_parts), linear(&mut fresh));
}

/// A film that several devices fill, a block each, has the bits of one that a single device fills.
#[test]
fn sums_of_several_devices_are_those_of_one() {
    let mut scene = busy_scene((5, 4));
    scene.postproc.push(Postproc::DenoiserBuiltin);
    let passes = 2 * SUM_BLOCK + 100;
    let mut one = ready(&scene);
    one.trace(0..passes, &CancelToken::new()).unwrap();
    let whole = one.sums().unwrap();
    assert_eq!((whole.samples.clone(), whole.planes.iter().flatten().count()), (0..passes, 3));

    let blocks = [0..SUM_BLOCK, SUM_BLOCK..2 * SUM_BLOCK, 2 * SUM_BLOCK..passes - 7];
    let parts: Vec<FilmSums> = blocks
        .into_iter()
        .enumerate()
        .map(|(threads, samples)| {
            let mut device = CpuDevice::new(threads + 1).unwrap();
            device.apply(&scene).unwrap();
            device.restart(7);
            device.trace(samples, &CancelToken::new()).unwrap();
            device.sums().unwrap()
        })
        .collect();
    let mut group = ready(&scene);
    for sums in &parts {
        group.add_sums(sums).unwrap();
    }
    // The last block can be traced to its end here.
    assert_eq!(group.trace_more(7, &CancelToken::new()).unwrap(), 7);
    assert!(group.sums().unwrap() == whole);
    assert_eq!(linear(&mut group), linear(&mut one));
    // Sums in another order, and of films of another kind, are refused, and the film stays as it is.
    assert!(group.add_sums(&parts[0]).is_err());
    let mut other = CpuDevice::new(1).unwrap();
    for (size, stages) in [((4, 5), vec![Postproc::DenoiserBuiltin]), ((5, 4), Vec::new())] {
        other.apply(&Scene { size, postproc: stages, ..scene.clone() }).unwrap();
        other.restart(7);
        group.restart(7);
        assert!(group.add_sums(&other.sums().unwrap()).is_err(), "{size:?}");
    }
    // The comparison can fail: two sums of half a block each are not the sum of the block.
    let [first, second] = [0..SUM_BLOCK / 2, SUM_BLOCK / 2..SUM_BLOCK].map(|samples| {
        one.restart(7);
        one.trace(0..samples.end, &CancelToken::new()).unwrap();
        one.sums().unwrap()
    });
    let halves = |sums: &FilmSums| sums.planes[0].clone().unwrap();
    let added = halves(&first).iter().zip(halves(&second)).all(|(half, whole)| half + half == whole);
    assert!(!added);
}

#[test]
fn a_film_has_only_the_planes_that_are_read() {
    let scene = busy_scene((9, 7));
    let planes = |device: &mut CpuDevice| device.sums().unwrap().planes.map(|plane| plane.is_some());
    let mut device = ready(&scene);
    device.trace(0..4, &CancelToken::new()).unwrap();
    assert_eq!(planes(&mut device), [true, false, false]);
    let error = device.develop(true, Develop { guides: true, ..Develop::default() }).unwrap_err();
    assert_eq!(error.message, "the film has no plane of albedo");
    let radiance = linear(&mut device);
    // A denoiser reads the other planes, too: the film begins again with them.
    let denoised = Scene { postproc: vec![Postproc::DenoiserBuiltin], ..scene.clone() };
    device.apply(&denoised).unwrap();
    assert_eq!((planes(&mut device), device.samples()), ([true; 3], 0..0));
    device.restart(7);
    device.trace(0..4, &CancelToken::new()).unwrap();
    // Without it, nothing has to be traced again.
    device.apply(&scene).unwrap();
    assert_eq!((device.samples(), linear(&mut device)), (0..4, radiance));
    assert!(device.develop(true, Develop { guides: true, ..Develop::default() }).unwrap().guides.is_some());
}

#[test]
fn images_of_one_pixel_and_of_one_line_are_denoised() {
    for stage in denoisers() {
        for size in [(1, 1), (1, 9), (17, 1)] {
            let mut scene = busy_scene(size);
            scene.postproc.push(stage);
            let mut device = ready(&scene);
            device.trace_more(4, &CancelToken::new()).unwrap();
            let frame = device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap();
            assert_eq!(frame.linear.len(), 3 * (size.0 * size.1) as usize);
            assert!(frame.linear.iter().all(|c| c.is_finite()) && frame.linear.iter().any(|&c| c > 0.0), "{size:?}");
            assert!(frame.rgba8.chunks(4).any(|pixel| pixel[..3] != [0; 3]), "{stage:?}, {size:?}");
        }
    }
}

/// Calls `work` repeatedly, cancelled at once, then later and later, until it completes; returns how often it did not.
fn cancel_later_and_later<T>(mut work: impl FnMut(&CancelToken) -> plotrt::Result<T>) -> (u32, T) {
    for attempt in 0..500 {
        let cancel = CancelToken::new();
        let delay = std::time::Duration::from_micros(u64::from(attempt) * u64::from(attempt) * 20);
        let done = AtomicBool::new(false);
        let result = std::thread::scope(|scope| {
            if attempt == 0 {
                cancel.cancel();
            }
            scope.spawn(|| {
                let begin = std::time::Instant::now();
                while begin.elapsed() < delay && !done.load(Relaxed) {
                    std::thread::yield_now();
                }
                cancel.cancel();
            });
            let result = work(&cancel);
            done.store(true, Relaxed);
            result
        });
        match result {
            Ok(result) => return (attempt, result),
            Err(error) => assert_eq!(error.kind, plotrt::ErrorKind::Interrupted, "{error}"),
        }
    }
    panic!("it should get to its end some day");
}

#[test]
fn a_cancelled_apply_keeps_the_last_scene() {
    let scatter = |seed: f32| -> Vec<[f32; 3]> {
        let wave = |i: usize, f: f32| (i as f32 * f + seed).sin() * 3.0;
        (0..100_000).map(|i| [wave(i, 0.37), wave(i, 1.13), wave(i, 2.71)]).collect()
    };
    let with_cloud = |name: &str, positions: Vec<[f32; 3]>, size| {
        let mut scene = busy_scene(size);
        let mut cloud = sphere([0.0; 3], 0.01);
        cloud.pos = positions.into();
        add(&mut scene, name, cloud);
        scene
    };
    let old = with_cloud("cloud", scatter(0.0), (60, 40));
    let moved = with_cloud("cloud", scatter(0.001), (60, 40));
    let elsewhere = with_cloud("another cloud", scatter(5.0), (50, 50));
    let image = |device: &mut CpuDevice| {
        device.restart(7);
        device.trace_more(2, &CancelToken::new()).unwrap();
        linear(device)
    };
    let (expected, mut device) = (image(&mut ready(&old)), ready(&old));
    for new in [&moved, &elsewhere] {
        assert_ne!(image(&mut ready(new)), expected, "the comparison sees which scene it is");
        device.apply(&old).unwrap();
        let (interrupted, _) = cancel_later_and_later(|cancel| {
            device.interrupt_by(cancel);
            let result = device.apply(new);
            device.interrupt_by(&CancelToken::new());
            if result.is_err() {
                assert!(image(&mut device) == expected, "the old scene is what is traced");
            }
            result
        });
        assert!(interrupted > 0);
        assert!(image(&mut device) == image(&mut ready(new)), "a change that was not cancelled is complete");
    }
}

#[test]
fn a_cancelled_apply_need_not_be_followed_by_tracing() {
    let scene = busy_scene((20, 20));
    let mut device = CpuDevice::new(2).unwrap();
    let cancel = CancelToken::new();
    cancel.cancel();
    device.interrupt_by(&cancel);
    // The same before there was any scene.
    for _ in 0..2 {
        assert!(device.apply(&scene).is_err());
        assert_eq!(device.trace_more(2, &CancelToken::new()).unwrap(), 2);
    }
    device.interrupt_by(&CancelToken::new());
    device.apply(&scene).unwrap();
    device.restart(7);
    device.trace_more(2, &CancelToken::new()).unwrap();
    let mut fresh = ready(&scene);
    fresh.trace_more(2, &CancelToken::new()).unwrap();
    assert_eq!(linear(&mut device), linear(&mut fresh));
}

#[test]
fn a_cancelled_develop_changes_nothing() {
    for stage in denoisers() {
        let mut scene = busy_scene((400, 300));
        scene.postproc.push(stage);
        let mut device = ready(&scene);
        device.trace_more(4, &CancelToken::new()).unwrap();
        let expected = device.develop(false, Develop { linear: true, ..Develop::default() }).unwrap();
        let (interrupted, frame) = cancel_later_and_later(|cancel| {
            device.interrupt_by(cancel);
            device.develop(false, Develop { linear: true, ..Develop::default() })
        });
        assert!(interrupted > 0);
        assert!(frame == expected, "{stage:?}");
    }
}

#[test]
fn a_cancelled_token_traces_nothing() {
    let scene = busy_scene((20, 20));
    let mut device = ready(&scene);
    let cancel = CancelToken::new();
    cancel.cancel();
    assert_eq!(device.trace_more(3, &cancel).unwrap(), 0);
    assert_eq!(device.develop(false, Develop::default()).unwrap().passes, 0);
}

#[test]
fn a_plot_that_does_not_fit_together_is_an_error_and_keeps_the_last_scene() {
    let scene = busy_scene((20, 20));
    let mut device = ready(&scene);
    device.trace_more(2, &CancelToken::new()).unwrap();
    let before = linear(&mut device);
    let mut broken = scene.clone();
    let plot = sphere([0.0; 3], 1.0).with(Channel::R, vec![1.0, 2.0]);
    add(&mut broken, "broken", plot);
    let error = device.apply(&broken).unwrap_err();
    assert_eq!(error.to_string(), "plot \"broken\" has 1 positions, but 2 values of `r`");
    device.restart(7);
    device.trace_more(2, &CancelToken::new()).unwrap();
    assert_eq!(linear(&mut device), before);
}

/// Edges may remain from when the plot had another shape and size.
#[test]
fn arrays_that_a_shape_does_not_use_may_have_any_length() {
    let view = camera(CameraKind::Pinhole, [0.0, 0.0, 5.0], [0.0; 3], 40.0);
    let edges = || vec![[1.0, 0.0, 0.0]; 9];
    for plot in [sphere([0.0; 3], 1.0), parallelogram([0.0; 3], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0])] {
        let mut scene = world((4, 4), view.clone());
        scene.background = glam::Vec3::ONE;
        add(&mut scene, "plot", plot.clone());
        let expected = render(&scene, 2, 1, "");
        let mut left = plot;
        for edge in [Channel::U, Channel::V, Channel::W] {
            if !left.kind.shape().uses(edge) {
                left = left.with(edge, edges());
            }
        }
        add(&mut scene, "plot", left);
        assert_eq!(render(&scene, 2, 1, ""), expected);
    }
}

#[test]
fn empty_scenes_and_plots_show_the_background() {
    let mut scene = world((5, 3), camera(CameraKind::Pinhole, [0.0, 0.0, 5.0], [0.0; 3], 40.0));
    scene.background = glam::Vec3::new(0.25, 0.5, 0.75);
    let expected = [0.25, 0.5, 0.75].repeat(15);
    assert_eq!(render(&scene, 2, 1, ""), expected);
    let mut nothing = sphere([0.0; 3], 1.0);
    nothing.pos = Vec::new().into();
    add(&mut scene, "nothing", nothing);
    let mut flat = sphere([0.0; 3], 1.0);
    flat.transform = glam::DAffine3::from_scale(glam::DVec3::ZERO);
    add(&mut scene, "squeezed to a point", flat);
    assert_eq!(render(&scene, 2, 1, ""), expected);
}

/// Chains and single segments are of one shape, but take other steps through the positions.
#[test]
fn a_plot_of_another_kind_is_that_kind_at_once() {
    let view = camera(CameraKind::Pinhole, [0.0, 0.0, 9.0], [0.0; 3], 40.0);
    let pos: Vec<[f32; 3]> = (0..8).map(|i| [i as f32 - 3.5, (i * i % 5) as f32 - 2.0, 0.0]).collect();
    // All share one buffer of positions.
    let first = plotrt::scene::Geometry::new(plotrt::scene::GeometryKind::ParticleSet, pos).with(Channel::R, 0.3);
    let plot = |kind| plotrt::scene::Geometry { kind, ..first.clone() };
    let scene = |kind| {
        let mut scene = world((32, 24), view.clone());
        scene.ambient = Vec3::ONE;
        add(&mut scene, "plot", plot(kind));
        scene
    };
    use plotrt::scene::GeometryKind::{ParticleSet, SegmentChain, Segments};
    let mut device = ready(&scene(ParticleSet));
    for kind in [SegmentChain, Segments, SegmentChain, ParticleSet, Segments] {
        device.apply(&scene(kind)).unwrap();
        device.restart(7);
        device.trace_more(2, &CancelToken::new()).unwrap();
        let mut fresh = ready(&scene(kind));
        fresh.trace_more(2, &CancelToken::new()).unwrap();
        assert_eq!(linear(&mut device), linear(&mut fresh), "{kind:?}");
    }
}
