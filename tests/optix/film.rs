//! Passes: how they are divided into calls and launches, cancelled, summed and developed.

use crate::gpu::{image, on_gpu, ready, trace};
use crate::scenes::{cloud, ordinary, room};
use crate::support::*;
use glam::Vec3;
use libtest_mimic::Trial;
use plotrt::cancel::CancelToken;
use plotrt::device::Device;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::film::{Planes, SUM_BLOCK};
use plotrt::device::optix::OptixDevice;
use plotrt::scene::*;

pub fn trials() -> Vec<Trial> {
    vec![
        on_gpu("film::passes_can_be_divided_into_calls_arbitrarily", passes_can_be_divided_into_calls_arbitrarily),
        on_gpu("film::sums_of_several_devices_are_those_of_one", sums_of_several_devices_are_those_of_one),
        on_gpu("film::planes_that_are_not_read_are_not_kept", planes_that_are_not_read_are_not_kept),
        on_gpu("film::a_cancelled_pass_leaves_the_film_unchanged", a_cancelled_pass_leaves_the_film_unchanged),
        on_gpu("film::many_passes_sum_up_exactly", many_passes_sum_up_exactly),
        on_gpu("film::images_are_developed_as_on_the_cpu", images_are_developed_as_on_the_cpu),
    ]
}

fn passes_can_be_divided_into_calls_arbitrarily(mut gpu: OptixDevice) {
    // Small enough that samples, with their auxiliary values, wait in slots where there are several passes in a call.
    let mut scene = ordinary();
    scene.postproc = vec![Postproc::DenoiserBuiltin];
    trace(ready(&mut gpu, &scene), 211);
    let at_once = image(&mut gpu);
    ready(&mut gpu, &scene);
    for passes in [1, 1, 2, 3, 4, 100, 100] {
        trace(&mut gpu, passes);
    }
    let in_parts = image(&mut gpu);
    assert_eq!(in_parts.linear, at_once.linear);
    assert_eq!(in_parts.rgba8, at_once.rgba8);
    gpu.restart(8);
    trace(&mut gpu, 211);
    assert_ne!(image(&mut gpu).linear, at_once.linear);
    gpu.restart(7);
    trace(&mut gpu, 211);
    assert_eq!(image(&mut gpu).linear, at_once.linear);
    drop(gpu);
    let mut again = OptixDevice::new(0).unwrap();
    trace(ready(&mut again, &scene), 211);
    assert_eq!(image(&mut again).linear, at_once.linear);
}

/// A film that several devices fill, a block each, has the bits of one that a single device fills.
fn sums_of_several_devices_are_those_of_one(mut gpu: OptixDevice) {
    let mut scene = room((9, 7));
    scene.postproc = vec![Postproc::DenoiserBuiltin];
    let passes = 2 * SUM_BLOCK + 50;
    let traced = |gpu: &mut OptixDevice, samples: std::ops::Range<u32>| {
        ready(gpu, &scene).trace(samples, &CancelToken::new()).unwrap();
        gpu.sums().unwrap()
    };
    let whole = traced(&mut gpu, 0..passes);
    let parts: Vec<_> = [0..SUM_BLOCK, SUM_BLOCK..2 * SUM_BLOCK, 2 * SUM_BLOCK..passes - 7]
        .into_iter()
        .map(|samples| traced(&mut gpu, samples))
        .collect();
    ready(&mut gpu, &scene);
    for sums in &parts {
        gpu.add_sums(sums).unwrap();
    }
    trace(&mut gpu, 7);
    assert!(gpu.sums().unwrap() == whole);
    // The processor goes on with the card's sums.
    let mut cpu = CpuDevice::new(0).unwrap();
    ready(&mut cpu, &scene);
    for sums in &parts {
        cpu.add_sums(sums).unwrap();
    }
    assert!(cpu.sums().unwrap().planes.iter().zip(&whole.planes).all(|(a, b)| a.is_some() == b.is_some()));
    assert!(gpu.add_sums(&parts[0]).is_err());
}

/// Without a denoiser the film has one plane only, and the same image.
fn planes_that_are_not_read_are_not_kept(mut gpu: OptixDevice) {
    let scene = ordinary();
    trace(ready(&mut gpu, &scene), 5);
    let few = (image(&mut gpu), gpu.sums().unwrap().planes.map(|plane| plane.is_some()));
    gpu.require_planes(Planes::ALL);
    trace(ready(&mut gpu, &scene), 5);
    let all = (image(&mut gpu), gpu.sums().unwrap().planes.map(|plane| plane.is_some()));
    assert_eq!((few.1, all.1), ([true, false, false], [true; 3]));
    assert_eq!(few.0, all.0);
}

fn a_cancelled_pass_leaves_the_film_unchanged(mut gpu: OptixDevice) {
    // Passes long enough to be cut into several launches.
    let mut scene = room((3000, 2000));
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
            gpu.trace_more(100_000, &cancel).unwrap()
        });
        assert!(done < 100_000);
        total += done;
    }
    println!("{total} passes of a long kind");
    let cancelled = image(&mut gpu);
    assert_eq!(cancelled.passes, total);
    gpu.restart(7);
    trace(&mut gpu, total);
    assert!(image(&mut gpu).linear == cancelled.linear, "after {total} passes");
}

/// A float that sums the same number 100 000 times is off by as much as one part in 250.
fn many_passes_sum_up_exactly(mut gpu: OptixDevice) {
    let mut scene = world((4, 4), camera(CameraKind::Pinhole, [0.0, 0.0, 5.0], [0.0; 3], 40.0));
    scene.background = Vec3::new(0.95, 0.3, 0.1);
    trace(ready(&mut gpu, &scene), 100_000);
    let frame = image(&mut gpu);
    for (mean, exact) in frame.linear.iter().zip(scene.background.to_array().iter().cycle()) {
        assert!((mean / exact - 1.0).abs() < 1e-4, "{mean} for {exact}");
    }
    assert!(frame.noise < 1e-4, "a constant has no noise, not {}", frame.noise);
    assert_eq!(frame.passes, 100_000);
}

fn images_are_developed_as_on_the_cpu(mut gpu: OptixDevice) {
    let mut cpu = CpuDevice::new(0).unwrap();
    let chains = [None, Some(Postproc::Gamma)].into_iter().chain(denoisers().into_iter().map(Some));
    for chain in chains.map(|stage| stage.into_iter().collect::<Vec<_>>()) {
        for blend in [0.0, 0.3] {
            let mut scene = room((97, 61));
            // Luminous surfaces have no noise but at edges, so both films are nearly the same.
            scene.materials.insert("cosine".into(), Material::new(MaterialKind::Cosine));
            let plot = cloud(GeometryKind::Parallelepipeds, 60, 0.5, 4);
            add(&mut scene, "plot", Geometry { material: "cosine".into(), ..plot });
            scene.postproc = chain.clone();
            scene.variables.denoiser_blend = blend;
            scene.variables.tonemap_exposure = 0.8;
            let [a, b] = [&mut gpu as &mut dyn Device, &mut cpu].map(|device| {
                trace(ready(device, &scene), 8);
                image(device)
            });
            assert_eq!((a.width, a.height, a.passes), (b.width, b.height, b.passes));
            assert!((a.noise / b.noise - 1.0).abs() < 0.02, "noise {} and {}", a.noise, b.noise);
            let far = a.rgba8.iter().zip(&b.rgba8).filter(|(a, b)| a.abs_diff(**b) > 1).count();
            assert!(far * 50 < a.rgba8.len(), "{chain:?}, {blend}: {far} of {} values differ", a.rgba8.len());
            println!("{chain:?}, blend {blend}: {far} of {} values differ", a.rgba8.len());
        }
    }
}
