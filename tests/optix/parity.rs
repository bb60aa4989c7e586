//! The same images on both devices, and the faults that the comparison must detect.

use crate::gpu::{image, on_gpu, ready, trace};
use crate::scenes::{IMAGES, PASSES, Parity, find, names};
use crate::support::statistics::{Estimate, estimate_by, same_image};
use libtest_mimic::Trial;
use plotrt::device::cpu::{CpuDevice, LightStrategy};
use plotrt::device::optix::OptixDevice;
use plotrt::device::{Develop, Device};
use plotrt::scene::*;
use std::sync::Arc;

pub fn trials() -> Vec<Trial> {
    let mut trials = Vec::new();
    for name in names() {
        let scene = name.clone();
        trials.push(on_gpu(format!("parity::{name}"), move |gpu| same_images(gpu, &find(&scene))));
        trials.push(Trial::test(format!("mistakes::{name}"), move || {
            mistakes_are_seen(&find(&name));
            Ok(())
        }));
    }
    trials
}

fn same_images(mut gpu: OptixDevice, parity: &Parity) {
    let mut cpu = CpuDevice::new(0).unwrap();
    let of_gpu = look(&mut gpu, parity, &parity.scene, 1000);
    let of_cpu = look(&mut cpu, parity, &parity.scene, 2000);
    same_image(&of_gpu, &of_cpu).unwrap();
    same_paths(&mut gpu, &mut cpu, &parity.scene);
}

/// 256 passes of a scene. The seeds of the images are `first_seed` and those that follow: images of two devices have to
/// be independent of each other, or their difference would be smaller than their variances predict.
fn look(device: &mut dyn Device, parity: &Parity, scene: &Scene, first_seed: u64) -> Estimate {
    let shown = parity.shown;
    estimate_by(device, scene, IMAGES, PASSES, first_seed, |device| match shown {
        false => device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap().linear,
        true => {
            let image = device.develop(true, Develop::default()).unwrap().rgba8;
            image.chunks(4).flat_map(|p| [p[0], p[1], p[2]]).map(|c| f32::from(c) / 255.0).collect()
        }
    })
}

/// Random numbers and arithmetic are shared, so with one seed all but a few paths are the same up to rounding.
fn same_paths(gpu: &mut OptixDevice, cpu: &mut CpuDevice, scene: &Scene) {
    let linear = Scene { postproc: Vec::new(), ..scene.clone() };
    let [a, b] = [gpu as &mut dyn Device, cpu].map(|device| {
        trace(ready(device, &linear), 1);
        image(device)
    });
    let close = |(a, b): (&f32, &f32)| (a - b).abs() <= 1e-3 * (1.0 + a.abs());
    let same = a.linear.iter().zip(&b.linear).filter(|&pair| close(pair)).count();
    let share = same as f64 / a.linear.len() as f64;
    assert!(share > 0.97, "only {share} of the values are the same");
}

/// Each fault is rendered, or made in the rendered image, as another device might make it: with its own seeds, and as
/// many passes as parity takes.
fn mistakes_are_seen(parity: &Parity) {
    let mut cpu = CpuDevice::new(0).unwrap();
    let right = look(&mut cpu, parity, &parity.scene, 2000);
    let again = look(&mut cpu, parity, &parity.scene, 1000);
    same_image(&again, &right).unwrap_or_else(|error| panic!("the same scene: {error}"));

    let mut albedo = parity.scene.clone();
    let plot = Geometry::clone(&albedo.geometries[parity.tested]);
    let darker = |c: [f32; 3]| c.map(|c| 0.98 * c);
    let color: Vec<[f32; 3]> = (0..plot.count()).map(|i| darker(plot[Channel::Color].vector(i))).collect();
    albedo.geometries.insert(parity.tested.into(), Arc::new(plot.with(Channel::Color, color)));
    let mut light = parity.scene.clone();
    light.lights.pop();
    for (what, scene) in [("an albedo that is 2 % off", albedo), ("a missing light", light)] {
        let wrong = look(&mut cpu, parity, &scene, 1000);
        assert!(same_image(&wrong, &right).is_err(), "{what} is not seen");
    }
    cpu.use_reference(Some(LightStrategy::WrongNormals));
    let wrong = look(&mut cpu, parity, &parity.scene, 1000);
    assert!(same_image(&wrong, &right).is_err(), "flipped normals are not seen");

    let row = 3 * parity.scene.size.0 as usize;
    let changed = |change: &dyn Fn(&mut Vec<f32>)| {
        let mut image = again.clone();
        image.images.iter_mut().for_each(change);
        same_image(&image, &right).is_err()
    };
    let swapped = |image: &mut Vec<f32>| {
        let (above, below) = image.split_at_mut(33 * row);
        above[32 * row..].swap_with_slice(&mut below[..row]);
    };
    assert!(changed(&swapped), "two swapped rows");
    assert!(changed(&|image| image.iter_mut().skip(1).step_by(3).for_each(|c| *c *= 0.98)), "one channel");
    assert!(changed(&|image| image[7] = f32::NAN), "NaN");
    let mut once = again.clone();
    once.images[3][7] = f32::NAN;
    assert!(same_image(&once, &right).is_err(), "NaN in one image");
}
