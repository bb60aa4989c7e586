//! Auxiliary buffers and ray queries, as the viewer uses them.

use crate::gpu::{on_gpu, ready, trace};
use crate::scenes::{cloud, ordinary, room, special};
use crate::support::*;
use glam::{DAffine3, DVec3, Vec3};
use libtest_mimic::Trial;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::film::Planes;
use plotrt::device::optix::OptixDevice;
use plotrt::device::{Develop, Device, Hit, Ray};
use plotrt::frame::{Frame, Guides};
use plotrt::scene::*;
use plotrt::viewer::channel;

pub fn trials() -> Vec<Trial> {
    let mut trials = vec![
        on_gpu("rays::auxiliary_buffers_agree", guides_agree),
        on_gpu("rays::auxiliary_buffers_of_many_passes_agree", guides_of_many_passes_agree),
        on_gpu("rays::hits_agree", hits_agree),
        on_gpu("rays::hits_follow_the_scene", hits_follow_the_scene),
        on_gpu("rays::rays_not_finite_or_without_direction_hit_nothing", not_finite_or_without_direction),
    ];
    trials.push(Trial::test("rays::the_comparisons_can_fail", || {
        comparisons_can_fail();
        Ok(())
    }));
    trials
}

fn developed(device: &mut dyn Device) -> Frame {
    device.develop(true, Develop { linear: true, guides: true }).unwrap()
}

/// The fraction of values that differ by more than a thousandth. A ray that grazes an edge may hit something else.
fn apart(a: &[f32], b: &[f32]) -> f64 {
    assert_eq!(a.len(), b.len());
    let same = |a: f32, b: f32| a == b || (a - b).abs() <= 1e-3 * a.abs().max(b.abs()).max(1.0);
    a.iter().zip(b).filter(|(a, b)| !same(**a, **b)).count() as f64 / a.len() as f64
}

/// Names and fractions of the buffers that differ too much.
fn compare(a: &Guides, b: &Guides) -> Vec<(&'static str, f64)> {
    assert_eq!((a.width, a.height), (b.width, b.height));
    // Noise is that of whole paths: one that scatters differently changes it.
    let parts = [
        ("albedo", apart(&a.albedo, &b.albedo), 0.01),
        ("normal", apart(&a.normal, &b.normal), 0.01),
        ("depth", apart(&a.depth, &b.depth), 0.01),
        ("coverage", apart(&a.coverage, &b.coverage), 0.01),
        ("noise", apart(&a.noise, &b.noise), 0.1),
    ];
    println!("{parts:?}");
    parts.into_iter().filter(|(_, share, most)| share > most).map(|(name, share, _)| (name, share)).collect()
}

fn guides_agree(mut gpu: OptixDevice) {
    let mut cpu = CpuDevice::new(0).unwrap();
    for mut scene in [ordinary(), special(), room((33, 21))] {
        scene.variables.path_seg_range = (2, 2);
        let [a, b] = [&mut gpu as &mut dyn Device, &mut cpu].map(|device| {
            device.require_planes(Planes::ALL);
            let device = ready(device, &scene);
            assert_eq!(developed(device).guides, Some(Guides::of_nothing(scene.size.0, scene.size.1)));
            trace(device, 16);
            let with = developed(device);
            let without = device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap();
            assert_eq!(without, Frame { guides: None, ..with.clone() }, "guides change nothing");
            with.guides.unwrap()
        });
        assert_eq!(compare(&a, &b), []);
        assert!(a.coverage.contains(&1.0) && a.noise.iter().any(|noise| *noise > 0.0));
    }
}

fn guides_of_many_passes_agree(mut gpu: OptixDevice) {
    let mut scene = room((9, 7));
    scene.variables.path_seg_range = (1, 1);
    let [a, b] = [&mut gpu as &mut dyn Device, &mut CpuDevice::new(0).unwrap()].map(|device| {
        device.require_planes(Planes::ALL);
        trace(ready(device, &scene), 4100);
        developed(device).guides.unwrap()
    });
    assert_eq!(compare(&a, &b), []);
    assert!(a.coverage.iter().all(|c| *c <= 1.0) && a.coverage.iter().any(|c| *c > 0.9));
}

/// Moved plots, an empty one before them, and all shapes.
fn plots() -> Scene {
    let mut scene = room((160, 120));
    let mut empty = sphere([0.0; 3], 1.0);
    empty.pos = Vec::new().into();
    add(&mut scene, "empty", empty);
    for (i, kind) in
        [GeometryKind::ParticleSet, GeometryKind::Parallelograms, GeometryKind::Parallelepipeds].into_iter().enumerate()
    {
        let mut plot = cloud(kind, 2000, 0.15, i as u64);
        plot.transform = DAffine3::from_rotation_y(f64::from(i as u32)) * DAffine3::from_scale(DVec3::splat(0.9));
        add(&mut scene, kind.name(), plot);
    }
    scene
}

fn rays_of(scene: &Scene) -> Vec<Ray> {
    channel::rays(&scene.view(), scene.size)
}

/// Number of hits that differ.
fn others(a: &[Option<Hit>], b: &[Option<Hit>]) -> usize {
    assert_eq!(a.len(), b.len());
    let same = |a: &Option<Hit>, b: &Option<Hit>| match (a, b) {
        (Some(a), Some(b)) => {
            (a.plot, a.primitive, a.face) == (b.plot, b.primitive, b.face) && (a.t / b.t - 1.0).abs() < 1e-4
        }
        (a, b) => a.is_none() && b.is_none(),
    };
    a.iter().zip(b).filter(|(a, b)| !same(a, b)).count()
}

fn hits_agree(mut gpu: OptixDevice) {
    let mut cpu = CpuDevice::new(0).unwrap();
    // A structure over several plots, and that of a single one.
    let mut one = world((160, 120), room((160, 120)).view());
    add(&mut one, "plot", cloud(GeometryKind::Parallelepipeds, 2000, 0.2, 3));
    for scene in [plots(), one] {
        let rays = rays_of(&scene);
        let [a, b] =
            [&mut gpu as &mut dyn Device, &mut cpu].map(|device| ready(device, &scene).closest(&rays).unwrap());
        let wrong = others(&a, &b);
        let met = b.iter().flatten().count();
        println!("{wrong} of {} hits differ, {met} meet something", a.len());
        assert!(wrong * 500 < a.len() && met * 5 > a.len());
        assert!(others(&a, &b[1..].iter().chain(&b[..1]).copied().collect::<Vec<_>>()) * 10 > a.len());
    }
    // More rays than one launch takes.
    let scene = plots();
    let rays = rays_of(&Scene { size: (1200, 1000), ..scene.clone() });
    let hits = ready(&mut gpu, &scene).closest(&rays).unwrap();
    assert_eq!(hits.len(), rays.len());
    assert_eq!(&hits[1_100_000..], gpu.closest(&rays[1_100_000..]).unwrap());
}

fn hits_follow_the_scene(mut gpu: OptixDevice) {
    gpu.require_planes(Planes::ALL);
    let mut scene = plots();
    let rays = rays_of(&scene);
    let before = ready(&mut gpu, &scene).closest(&rays).unwrap();
    trace(&mut gpu, 2);
    scene.geometries.shift_remove("empty");
    let mut plot = (*scene.geometries["ParticleSet"]).clone();
    plot.pos = plot.pos.relative().iter().map(|p| [p[0] + 0.3, p[1], p[2]]).collect();
    add(&mut scene, "ParticleSet", plot);
    gpu.apply(&scene).unwrap();
    gpu.restart(1);
    let after = gpu.closest(&rays).unwrap();
    let expected = ready(&mut CpuDevice::new(0).unwrap(), &scene).closest(&rays).unwrap();
    assert!(others(&after, &expected) * 500 < rays.len());
    assert!(others(&after, &before) * 10 > rays.len());
    // Ray queries leave the film unchanged.
    trace(&mut gpu, 3);
    let asked = developed(&mut gpu);
    gpu.restart(1);
    trace(&mut gpu, 3);
    assert_eq!(developed(&mut gpu).linear, asked.linear);
}

fn not_finite_or_without_direction(mut gpu: OptixDevice) {
    let good = Ray { origin: DVec3::Z * 5.0, dir: Vec3::NEG_Z };
    assert!(gpu.closest(&[good]).is_err(), "there is no scene yet");
    let mut scene = world((8, 8), camera(CameraKind::Pinhole, [0.0, 0.0, 5.0], [0.0; 3], 40.0));
    assert_eq!(ready(&mut gpu, &scene).closest(&[good]).unwrap(), [None], "nothing to meet");
    add(&mut scene, "ball", sphere([0.0; 3], 1.0));
    ready(&mut gpu, &scene);
    let bad = [
        Ray { dir: Vec3::ZERO, ..good },
        Ray { dir: Vec3::new(f32::NAN, 0.0, -1.0), ..good },
        Ray { origin: DVec3::X * f64::INFINITY, ..good },
    ];
    assert_eq!(gpu.closest(&bad).unwrap(), [None; 3]);
    let hit = gpu.closest(&[good]).unwrap()[0].unwrap();
    assert!((hit.plot, hit.primitive) == (0, 0) && (hit.t - 4.0).abs() < 1e-4);
    assert_eq!(gpu.closest(&[]).unwrap(), []);
}

fn comparisons_can_fail() {
    let scene = ordinary();
    let mut cpu = CpuDevice::new(0).unwrap();
    cpu.require_planes(Planes::ALL);
    trace(ready(&mut cpu, &scene), 4);
    let guides = developed(&mut cpu).guides.unwrap();
    assert_eq!(compare(&guides, &guides), []);
    let mut wrong = guides.clone();
    wrong.normal.iter_mut().for_each(|n| *n = -*n);
    wrong.depth.iter_mut().for_each(|depth| *depth *= 1.01);
    wrong.noise.iter_mut().for_each(|noise| *noise += 0.1);
    assert_eq!(compare(&guides, &wrong).iter().map(|part| part.0).collect::<Vec<_>>(), ["normal", "depth", "noise"]);
    let hit = Hit { plot: 1, primitive: 2, face: 3, t: 4.0 };
    for other in [
        Some(Hit { plot: 2, ..hit }),
        Some(Hit { primitive: 1, ..hit }),
        Some(Hit { face: 0, ..hit }),
        Some(Hit { t: 4.1, ..hit }),
        None,
    ] {
        assert_eq!(others(&[Some(hit)], &[other]), 1);
    }
    assert_eq!(others(&[Some(hit), None], &[Some(hit), None]), 0);
}
