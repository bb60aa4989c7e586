//! Light transport on the CPU: kernel by kernel, and as images whose correct values are known without tracing.

#[path = "../support/mod.rs"]
mod support;

mod device;
mod elsewhere;
mod flow;
mod math;
mod rays;
mod sampling;
mod texture;
mod transport;

use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::kernels;
use plotrt::device::layout::{KernelTable, SceneData};
use plotrt::device::{Develop, Device};
use plotrt::scene::Scene;

fn first_variant() -> &'static KernelTable {
    kernels::best()
}

fn variants() -> Vec<&'static str> {
    kernels::variants().iter().map(|v| v.name()).collect()
}

/// Runs a kernel that needs no scene. All variants must give the same bits.
fn probe(name: &str, input: &[f32]) -> Vec<f32> {
    probe_with(name, &SceneData::default(), input)
}

/// Runs a kernel with a scene, which must be complete in the parts that the probe reads.
fn probe_with(name: &str, scene: &SceneData, input: &[f32]) -> Vec<f32> {
    let all: Vec<Vec<f32>> = kernels::variants()
        .iter()
        // SAFETY: the tests pass scenes whose pointers are to living arrays.
        .map(|kernels| unsafe { kernels.probe(name, scene, input) })
        .collect();
    let bits = |values: &Vec<f32>| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
    assert!(all.iter().all(|v| bits(v) == bits(&all[0])), "variants differ in {name}");
    all.into_iter().next().unwrap()
}

/// Linear RGB of every pixel. 0 `threads`: all; `variant` "": the best.
fn render(scene: &Scene, passes: u32, threads: usize, variant: &str) -> Vec<f32> {
    let mut device = CpuDevice::with_variant(threads, variant).unwrap();
    device.apply(scene).unwrap();
    device.restart(7);
    assert_eq!(device.trace_more(passes, &CancelToken::new()).unwrap(), passes);
    device.develop(true, Develop { linear: true, ..Develop::default() }).unwrap().linear
}
