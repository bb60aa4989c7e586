//! Denoisers on the GPU: OptiX's, if its weights are installed, and its replacement otherwise.

use crate::gpu::{image, on_gpu, ready, trace};
use crate::scenes::{cloud, room};
use crate::support::*;
use glam::DVec3;
use libtest_mimic::Trial;
use plotrt::ErrorKind;
use plotrt::device::Device;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::optix::OptixDevice;
use plotrt::scene::*;

pub fn trials() -> Vec<Trial> {
    vec![on_gpu(
        "denoiser::the_denoiser_of_optix_works_or_reports_why_not",
        the_denoiser_of_optix_works_or_reports_why_not,
    )]
}

/// Root mean square of the difference.
fn error(a: &[f32], b: &[f32]) -> f64 {
    (a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>() / a.len() as f64).sqrt()
}

fn frame_of(device: &mut dyn Device, scene: &Scene, passes: u32) -> Vec<f32> {
    trace(ready(device, scene), passes);
    image(device).linear
}

fn the_denoiser_of_optix_works_or_reports_why_not(mut gpu: OptixDevice) {
    let mut raw = room((200, 150));
    add(&mut raw, "plot", cloud(GeometryKind::Parallelepipeds, 60, 0.5, 4));
    let with = |stage| Scene { postproc: vec![stage], ..raw.clone() };
    let frame = |gpu: &mut OptixDevice, scene: &Scene, passes| {
        trace(ready(gpu, scene), passes);
        image(gpu)
    };
    let noisy = frame(&mut gpu, &raw, 4).linear;
    let reference = frame(&mut gpu, &raw, 1024).linear;
    let noise = error(&noisy, &reference);
    let scene = with(Postproc::DenoiserHdr);
    match gpu.apply(&scene) {
        Ok(_) => {
            let clean = frame(&mut gpu, &scene, 4).linear;
            let ratio = error(&clean, &reference) / noise;
            println!("OptiX's denoiser leaves {ratio} of the error");
            assert!(ratio < 0.5, "{ratio}");
            let mut mixed = scene.clone();
            mixed.variables.denoiser_blend = 0.25;
            for (m, (r, d)) in frame(&mut gpu, &mixed, 4).linear.iter().zip(noisy.iter().zip(&clean)) {
                assert!((m - (0.25 * r + 0.75 * d)).abs() < 1e-3 * (1.0 + r.abs()));
            }
            for kind in DenoiserKind::ALL {
                let mut seen = scene.clone();
                seen.variables.denoiser_kind = kind;
                let left = error(&frame(&mut gpu, &seen, 4).linear, &reference) / noise;
                println!("{}: {left}", kind.name());
                assert!(left < 0.9, "{}: {left}", kind.name());
            }
            // The temporal model with a moving camera, and the image without it afterwards.
            gpu.look_back(true);
            let mut moving = scene.clone();
            for step in 0..4 {
                moving.cameras["camera"].eye += DVec3::new(0.02, 0.0, 0.01);
                let still = Scene { postproc: Vec::new(), ..moving.clone() };
                gpu.apply(&moving).unwrap();
                gpu.restart(step);
                trace(&mut gpu, 4);
                let clean = image(&mut gpu).linear;
                let mut other = CpuDevice::new(0).unwrap();
                let reference = frame_of(&mut other, &still, 256);
                let left = error(&clean, &reference) / error(&frame_of(&mut other, &still, 4), &reference);
                println!("step {step} of the camera: {left}");
                assert!(left < 0.6, "step {step}: {left}");
            }
            gpu.look_back(false);
            assert!(frame(&mut gpu, &scene, 4).linear == clean, "nothing is left of the images before");
        }
        Err(error) => {
            eprintln!("skipped in part: {error}");
            assert_eq!(error.kind, ErrorKind::Device);
            let start = "`DenoiserHDR` is not available: OptiX's denoiser does not work: optixDenoiserCreate";
            assert!(error.message.starts_with(start), "{error}");
            assert!(error.hint.is_some_and(|hint| hint.contains("nvoptix.bin")));
            assert!(frame(&mut gpu, &raw, 4).linear == noisy, "the device goes on");
        }
    }
    for stage in denoisers().into_iter().chain([Postproc::Denoiser]).filter(|stage| *stage != Postproc::OiDenoiser) {
        let ratio = error(&frame(&mut gpu, &with(stage), 4).linear, &reference) / noise;
        println!("{} leaves {ratio} of the error", stage.name());
        assert!(ratio < 0.6, "{}: {ratio}", stage.name());
    }
}
