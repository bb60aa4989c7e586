//! The card's memory, and cards that do not exist.

use crate::gpu::{image, on_gpu, ready, trace};
use crate::scenes::{SIZE, cloud, room};
use crate::support::*;
use libtest_mimic::Trial;
use plotrt::ErrorKind;
use plotrt::device::Device;
use plotrt::device::optix::OptixDevice;
use plotrt::scene::*;

pub fn trials() -> Vec<Trial> {
    vec![
        on_gpu(
            "memory::a_scene_too_large_for_the_card_is_an_error_and_keeps_the_old_one",
            a_scene_too_large_for_the_card_is_an_error_and_keeps_the_old_one,
        ),
        on_gpu("memory::a_moving_plot_takes_no_more_memory_with_time", a_moving_plot_takes_no_more_memory_with_time),
        Trial::test("memory::a_card_that_is_not_there_is_an_error", || {
            a_card_that_is_not_there_is_an_error();
            Ok(())
        }),
    ]
}

fn a_scene_too_large_for_the_card_is_an_error_and_keeps_the_old_one(mut gpu: OptixDevice) {
    let mut scene = room(SIZE);
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 1000, 0.1, 1));
    trace(ready(&mut gpu, &scene), 4);
    let before = image(&mut gpu).linear;
    let mut large = scene.clone();
    add(&mut large, "large", cloud(GeometryKind::ParticleSet, 3_000_000, 0.01, 2));
    // Allocates nearly all of the card's memory.
    let mut hoard = Vec::new();
    let mut bytes = 1usize << 36;
    while bytes >= 1 << 24 {
        // SAFETY: nobody reads it.
        match unsafe { cust::memory::DeviceBuffer::<u8>::uninitialized(bytes) } {
            Ok(buffer) => hoard.push(buffer),
            Err(_) => bytes /= 2,
        }
    }
    let error = gpu.apply(&large).unwrap_err();
    println!("{error}");
    assert_eq!(error.kind, ErrorKind::Limit);
    assert!(error.message.contains("too little memory") && error.message.contains("MiB are free"), "{error}");
    let mut wide = scene.clone();
    wide.size = (8000, 8000);
    let error = gpu.apply(&wide).unwrap_err();
    println!("{error}");
    assert!(error.message.contains("8000x8000"), "{error}");
    gpu.restart(7);
    trace(&mut gpu, 4);
    assert!(image(&mut gpu).linear == before);
    drop(hoard);
    gpu.apply(&large).unwrap();
    gpu.restart(7);
    trace(&mut gpu, 1);
}

fn a_moving_plot_takes_no_more_memory_with_time(mut gpu: OptixDevice) {
    let taken = |gpu: &OptixDevice, what: &str| {
        let mebibytes = gpu.memory_in_use().unwrap() >> 20;
        println!("{what}: {mebibytes} MiB");
        mebibytes
    };
    let mut scene = room((1920, 1080));
    ready(&mut gpu, &scene);
    taken(&gpu, "one plot");
    trace(&mut gpu, 1);
    taken(&gpu, "one plot, traced");
    add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 1000, 0.0084, 9));
    ready(&mut gpu, &scene);
    trace(&mut gpu, 1);
    taken(&gpu, "two plots, traced");
    let mut after = Vec::new();
    for step in 0..6 {
        add(&mut scene, "plot", cloud(GeometryKind::ParticleSet, 1_000_000, 0.0084, step));
        gpu.apply(&scene).unwrap();
        gpu.restart(1);
        trace(&mut gpu, 1);
        image(&mut gpu);
        after.push(taken(&gpu, "a million spheres, traced"));
    }
    assert_eq!(after[5], after[3], "{after:?}");
}

fn a_card_that_is_not_there_is_an_error() {
    let error = OptixDevice::new(99).err().expect("nobody has a hundred cards");
    assert_eq!(error.kind, ErrorKind::Device);
    assert!(error.hint.is_some(), "{error}");
}
