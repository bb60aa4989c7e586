//! Cost of arrays in scripts: `cargo bench --bench array`. Compare with NumPy on the same machine, one after the other:
//! `benches/array_peer.py`.
//!
//! The compute step is that of `scripts/animation.rhai`, in three lines of array arithmetic: run as a script, and as
//! explicit loops in Rust on the same threads.

use plotrt::array::reduce::{self, Reduction};
use plotrt::array::{ArrayShape, NdArray, index, make, random, sort};
use plotrt::cancel::CancelToken;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::{Develop, Device};
use plotrt::scene::Scene;
use plotrt::script::{CallContext, Callback, Host, Script, ScriptOptions};
use rayon::prelude::*;
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

#[global_allocator]
static ALLOCATOR: plotrt::memory::Counting = plotrt::memory::Counting;

const TIMEOUT: Duration = Duration::from_secs(60);
const RUNS: usize = 21;

const SCRIPT: &str = r#"
let n = param("n", 10);
let a = 5.0;
let s = a / n;
let i = arange(n) * s;
let xyz = mgrid(i, i, i);
let pia = PI() / a;
let t = 0.0;
let u = (); let v = (); let w = ();
fn init(rt) {
    rt.resize(500, 500);
    rt.set_data("plot", #{ pos: xyz, r: 0.1, geom: "Parallelepipeds" });
    rt.setup_camera("cam1", #{ eye: [10, 10, 10], fov: 40 });
    rt.setup_light("light1", #{ color: [9.9, 9.5, 9.1], radius: 4 });
    rt.set_ambient([0.1, 0.2, 0.3]);
}
fn compute(rt, delta) {
    t += 0.02 * delta;
    let cost = cos(t);
    let sint = sin(t);
    u = (s * 0.5 * (1 + sin(pia * xyz.x + 1.7 * t))).col * [cost, sint, 0];
    v = (s * 0.5 * (1 + sin(pia * xyz.y + 1.3 * t))).col * [-sint, cost, 0];
    w = (0.5 * (1 + sin(2 * pia * xyz.z + t))).col * [0, 0, s];
}
fn update_data(rt) { rt.update_data("plot", #{ u: u, v: v, w: w }); }
"#;

fn main() -> plotrt::Result<()> {
    println!("{} threads", rayon::current_num_threads());
    for n in [10usize, 100] {
        let sets = vec![("n".to_string(), n.to_string())];
        let script = Script::from_source("bench", SCRIPT, Path::new(""), ScriptOptions { sets, ..Default::default() })?;
        let mut host = Host::new(&script)?;
        host.run_top_level(&CancelToken::new(), TIMEOUT)?;
        let mut scene = Scene::default();
        let mut call = |callback: Callback, scene: &mut Scene| {
            let context = CallContext::new(callback, scene.clone());
            let (context, result) = host.call(context, 4, TIMEOUT);
            *scene = context.scene;
            result
        };
        call(Callback::Init, &mut scene)?;
        let boxes = n * n * n;
        time(&format!("compute, {boxes} boxes, script"), || call(Callback::Compute, &mut scene));
        time(&format!("update_data, {boxes} boxes, script"), || call(Callback::UpdateData, &mut scene));
        frames(boxes, &mut scene, call)?;
        let positions = positions(n)?;
        let mut t = 0.0;
        let mut before = None;
        time(&format!("compute, {boxes} boxes, by hand, libm"), || {
            t += 0.08;
            before = Some(by_hand(&positions, n, t, libm::sin));
        });
        time(&format!("compute, {boxes} boxes, by hand, system's sine"), || {
            t += 0.08;
            before = Some(by_hand(&positions, n, t, f64::sin));
        });
        black_box(&before);
    }
    let line = ArrayShape::line(10_000_000);
    time("random, 10 M", || random::uniform(line, 0.0, 1.0, 7));
    let x = random::uniform(line, 0.0, 1.0, 7)?;
    time("sum, 10 M", || reduce::all(Reduction::Sum, &x));
    time("sort, 10 M", || sort::sort(&x, 0));
    time("argsort, 10 M", || sort::argsort(&x, 0));
    let half = index::Index::Span { start: None, stop: None, step: 2 };
    time("every second element, copied, 10 M", || index::get(&x, std::slice::from_ref(&half))?.to_vec::<f64>());
    Ok(())
}

/// The parts of a frame of the animation on the CPU device, one after the other, up to its first pass.
fn frames(
    boxes: usize,
    scene: &mut Scene,
    mut call: impl FnMut(Callback, &mut Scene) -> plotrt::Result<()>,
) -> plotrt::Result<()> {
    let mut device = CpuDevice::new(0)?;
    let names = ["compute", "update_data", "to the device", "one pass", "develop"];
    let mut times = names.map(|_| Vec::new());
    for frame in 0..=RUNS {
        let mut clock = Instant::now();
        let mut lap = |part: usize| {
            // The first frame builds everything.
            if frame > 0 {
                times[part].push(clock.elapsed().as_secs_f64() * 1e3);
            }
            clock = Instant::now();
        };
        call(Callback::Compute, scene)?;
        lap(0);
        call(Callback::UpdateData, scene)?;
        lap(1);
        device.apply(scene)?;
        lap(2);
        device.restart(frame as u64);
        device.trace_more(1, &CancelToken::new())?;
        lap(3);
        black_box(device.develop(true, Develop::default())?);
        lap(4);
    }
    for (name, mut times) in names.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        println!("a frame of {boxes} moving boxes: {name:<15} {:12.3} ms (median)", times[RUNS / 2]);
    }
    Ok(())
}

fn time<R>(name: &str, mut f: impl FnMut() -> R) {
    let mut times = Vec::with_capacity(RUNS);
    for _ in 0..RUNS {
        let begin = Instant::now();
        let result = black_box(f());
        times.push(begin.elapsed().as_secs_f64() * 1e3);
        drop(result);
    }
    times.sort_by(f64::total_cmp);
    println!("{name:<48} {:9.3} ms (median of {RUNS}: {:.3})", times[0], times[RUNS / 2]);
}

fn positions(n: usize) -> plotrt::Result<Vec<f64>> {
    let axis = make::linspace(0.0, 5.0, n, false)?;
    let grids = make::meshgrid(&[axis.clone(), axis.clone(), axis], false)?;
    let flat: plotrt::Result<Vec<NdArray>> = grids.iter().map(|g| g.reshaped(ArrayShape::line(g.size()))).collect();
    index::stack(&flat?, 1)?.to_vec()
}

/// The compute step as loops, one kind of edge after the other.
fn by_hand(positions: &[f64], n: usize, t: f64, sine: fn(f64) -> f64) -> [Vec<f64>; 3] {
    let s = 5.0 / n as f64;
    let pia = std::f64::consts::PI / 5.0;
    let (cost, sint) = (libm::cos(t), libm::sin(t));
    let edges = |axis: usize, factor: f64, phase: f64, half: f64, direction: [f64; 3]| {
        let mut out = vec![0.0; positions.len()];
        let portions = out.par_chunks_mut(3 * 4096).zip(positions.par_chunks(3 * 4096));
        portions.for_each(|(out, positions)| {
            for (out, position) in out.chunks_exact_mut(3).zip(positions.chunks_exact(3)) {
                let length = half * (1.0 + sine(factor * position[axis] + phase));
                for (out, direction) in out.iter_mut().zip(direction) {
                    *out = length * direction;
                }
            }
        });
        out
    };
    [
        edges(0, pia, 1.7 * t, 0.5 * s, [cost, sint, 0.0]),
        edges(1, pia, 1.3 * t, 0.5 * s, [-sint, cost, 0.0]),
        edges(2, 2.0 * pia, t, 0.5, [0.0, 0.0, s]),
    ]
}
