//! Single kernels and single rays, with the same inputs on both devices.
//!
//! The GPU's kernels contract multiplications with additions and use the fast division and square root, which are off
//! by up to 2 units in the last place. So outputs differ by some of [`EPS`](crate::inputs::EPS), times the kernel's
//! amplification of an error: `bounds` of each comparison gives the bound in absolute terms. Where an output jumps (at
//! the edge of a shape, between two lights) the GPU may give the CPU's output for inputs within the distance of
//! `nudge`.

use crate::gpu::on_gpu;
use crate::scenes::{Choice, choices};
use crate::specs::{INTERSECT, Item, Spec, specs};
use crate::support::statistics::Random;
use libtest_mimic::Trial;
use plotrt::device::Device;
use plotrt::device::cpu::CpuDevice;
use plotrt::device::kernels::{ProbeInfo, variants};
use plotrt::device::layout::{Hit, NOTHING, Ray};
use plotrt::device::optix::OptixDevice;
use plotrt::device::optix::probe::Probes;
use plotrt::scene::{GeometryKind, Postproc, Scene};

/// Number of inputs to try in search of one whose outputs match at a jump.
const NEARBY: usize = 512;
/// At most one item of this many may remain undecided.
const MOST_LEFT_TO_CHANCE: usize = 200;

pub fn trials() -> Vec<Trial> {
    let mut trials: Vec<Trial> = specs()
        .into_iter()
        .map(|spec| on_gpu(format!("probes::{}", spec.name), move |mut gpu| agree_on_gpu(spec, &mut gpu)))
        .collect();
    trials.push(on_gpu("probes::any_hit_is_found_where_there_is_a_nearest", any_hit));
    for spec in specs() {
        trials.push(Trial::test(format!("probes::the_comparison_can_fail::{}", spec.name), move || {
            comparison_can_fail(spec);
            Ok(())
        }));
        trials.push(Trial::test(format!("probes::the_comparison_allows_for_rounding::{}", spec.name), move || {
            comparison_allows_for_rounding(spec);
            Ok(())
        }));
    }
    for (name, test) in [
        ("every_kernel_that_can_be_probed_is_compared", every_probe_is_compared as fn()),
        ("every_name_has_probes", every_name_has_probes),
    ] {
        trials.push(Trial::test(format!("probes::{name}"), move || {
            test();
            Ok(())
        }));
    }
    trials
}

/// The probes in which the code of a name is run; `None`: the name has none yet. Names that are handled by the shared
/// code of the path loop have an empty list.
fn probes_of(choice: Choice) -> Option<Vec<String>> {
    if choice.option == "geom" {
        let shape = GeometryKind::ALL.iter().find(|row| row.name == choice.name)?.shape;
        return Some(vec![format!("shape_{}", shape.name()), INTERSECT.into(), "surface".into()]);
    }
    let probes: &[&str] = match (choice.option, choice.name) {
        // These run with the scene of each name.
        ("cam_type", _) => &["camera"],
        ("light_type", _) => &["light", "light_ray", "choose_light"],
        ("shader", "Flat") => &["flat"],
        ("shader", "Cosine") => &["cosine"],
        // These run with each kind that scatters.
        ("shader", _) => &["bsdf", "bsdf_eval"],
        ("addr_mode" | "filter_mode", _) => &["texture", "surface"],
        ("stage", name) => match Postproc::ALL.into_iter().find(|stage| stage.name() == name)?.on_pixels() {
            Some(_) => &["stage"],
            // A filter over the whole image: its images are compared.
            None => &[],
        },
        ("light_shading", "Soft" | "Hard") => &[],
        ("set_ambient" | "set_background", _) => &[],
        _ => return None,
    };
    Some(probes.iter().map(|name| name.to_string()).collect())
}

fn every_name_has_probes() {
    for choice in choices() {
        let probes = probes_of(choice).unwrap_or_else(|| panic!("{choice} has no probes: see CONTRIBUTING.md"));
        for name in probes {
            assert!(specs().into_iter().any(|spec| spec.name == name), "{choice}: there is no probe `{name}`");
        }
    }
    assert!(probes_of(Choice { option: "geom", name: "Torus" }).is_none());
}

fn every_probe_is_compared() {
    let kernels = variants()[0].probes();
    for kernel in &kernels {
        assert!(specs().into_iter().any(|spec| spec.name == kernel.name), "probe `{}` is not compared", kernel.name);
    }
    for spec in specs() {
        let known = spec.name == INTERSECT || kernels.iter().any(|kernel| kernel.name == spec.name);
        assert!(known, "there is no kernel `{}`", spec.name);
    }
}

fn kernel(name: &str) -> ProbeInfo {
    let intersect = ProbeInfo { name: INTERSECT, inputs: 7, outputs: 6 };
    let known = variants()[0].probes().into_iter().chain([intersect]).find(|kernel| kernel.name == name);
    known.unwrap_or_else(|| panic!("no kernel `{name}`"))
}

fn rays(input: &[f32]) -> Vec<(Ray, f32)> {
    let ray = |r: &[f32]| (Ray { origin: [r[0], r[1], r[2]].into(), dir: [r[3], r[4], r[5]].into() }, r[6]);
    input.chunks(7).map(ray).collect()
}

fn floats(hits: &[Hit]) -> Vec<f32> {
    hits.iter().flat_map(|h| [h.t, h.instance as f32, h.primitive as f32, h.face as f32, h.u, h.v]).collect()
}

fn run_on_cpu(cpu: &mut CpuDevice, kernel: &ProbeInfo, input: &[f32]) -> Vec<f32> {
    match kernel.name {
        INTERSECT => floats(&cpu.nearest(&rays(input)).unwrap()),
        name => cpu.probe(name, input),
    }
}

fn run_on_gpu(gpu: &mut OptixDevice, probes: &Probes, kernel: &ProbeInfo, input: &[f32]) -> Vec<f32> {
    match kernel.name {
        INTERSECT => floats(&gpu.nearest(&rays(input), false).unwrap()),
        _ => probes.run(gpu, kernel, input).unwrap(),
    }
}

/// The result of comparing two sets of outputs.
struct Compared {
    items: usize,
    /// The error of the worst item, in units of the bound.
    apart: f64,
    /// Inputs and outputs of the worst item.
    at: String,
    /// Items that had to be compared with nearby inputs.
    nudged: usize,
    /// Items that cannot be compared.
    left_to_chance: usize,
}

/// The end of a segment is the start of the next in a chain: both have the same ball, and rounding decides. Such hits
/// count as those of the next.
fn joined(spec: &Spec, scene: &Scene, outputs: &[f32]) -> Vec<f32> {
    let mut outputs = outputs.to_vec();
    if spec.name != INTERSECT {
        return outputs;
    }
    for hit in outputs.chunks_mut(6) {
        let Some((_, plot)) = scene.geometries.get_index(hit[1] as usize) else { continue };
        let is_chain = plot.kind.shape().row().nodes > 1 && plot.kind.row().step == 1;
        if is_chain && hit[4] == 1.0 && (hit[2] as usize) + 1 < plot.primitives() {
            (hit[2], hit[4]) = (hit[2] + 1.0, 0.0);
        }
    }
    outputs
}

fn compare(spec: &Spec, cpu: &mut CpuDevice, scene: &Scene, input: &[f32], ours: &[f32], theirs: &[f32]) -> Compared {
    let [ours, theirs] = [ours, theirs].map(|outputs| joined(spec, scene, outputs));
    let kernel = kernel(spec.name);
    let mut compared = Compared { items: 0, apart: 0.0, at: String::new(), nudged: 0, left_to_chance: 0 };
    let items = input.chunks(kernel.inputs).zip(ours.chunks(kernel.outputs)).zip(theirs.chunks(kernel.outputs));
    let mut random = Random::new(99);
    for ((input, ours), theirs) in items {
        compared.items += 1;
        let mut apart = spec.apart(&[Item { scene, input, output: ours }], theirs);
        if apart > 1.0 {
            let Some(nudges) = (spec.nudge)(&Item { scene, input, output: ours }, theirs) else {
                compared.left_to_chance += 1;
                continue;
            };
            compared.nudged += 1;
            let mut nearby = Vec::new();
            for i in 0..NEARBY * usize::from(!nudges.is_empty()) {
                // To the corners of nearby bodies, and into them.
                let mut share = || random.range(-1.0, 1.0);
                let mut share = || if i % 2 == 0 { share().signum() } else { share() };
                nearby.extend(nudged(input, &nudges, &mut share));
            }
            let outputs = joined(spec, scene, &run_on_cpu(cpu, &kernel, &nearby));
            let moved = nearby.chunks(kernel.inputs).zip(outputs.chunks(kernel.outputs));
            let own = [Item { scene, input, output: ours }];
            let all: Vec<Item> =
                own.into_iter().chain(moved.map(|(input, output)| Item { scene, input, output })).collect();
            apart = spec.apart(&all, theirs);
        }
        if apart > compared.apart {
            compared.apart = apart;
            compared.at = format!("{input:?}: {ours:?} and {theirs:?}");
        }
    }
    compared
}

fn nudged(input: &[f32], nudges: &[(usize, f32)], share: &mut dyn FnMut() -> f32) -> Vec<f32> {
    let mut moved = input.to_vec();
    for &(column, by) in nudges {
        moved[column] += by * share();
    }
    moved
}

fn agree_on_gpu(spec: &Spec, gpu: &mut OptixDevice) {
    let probes = Probes::new(gpu).unwrap();
    let mut cpu = CpuDevice::new(0).unwrap();
    let mut failures = Vec::new();
    for (i, scene) in (spec.scenes)().into_iter().enumerate() {
        for device in [gpu as &mut dyn Device, &mut cpu] {
            device.apply(&scene).unwrap();
            device.restart(7);
        }
        let input = (spec.inputs)(&scene, &mut cpu, &mut Random::new(i as u64));
        let kernel = kernel(spec.name);
        let ours = run_on_cpu(&mut cpu, &kernel, &input);
        let theirs = run_on_gpu(gpu, &probes, &kernel, &input);
        let Compared { items, apart, at, nudged, left_to_chance } =
            compare(spec, &mut cpu, &scene, &input, &ours, &theirs);
        println!(
            "{} {i}: {items} items, {apart:.3} of what is allowed, {nudged} by what is nearby, {left_to_chance} not",
            spec.name
        );
        if apart > 1.0 {
            failures.push(format!("scene {i}: {apart} times what is allowed at {at}"));
        }
        if left_to_chance * MOST_LEFT_TO_CHANCE > items {
            failures.push(format!("scene {i}: {left_to_chance} of {items} items cannot be compared"));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Outputs that are off by a thousandth are detected in each column.
fn comparison_can_fail(spec: &Spec) {
    let kernel = kernel(spec.name);
    let mut cpu = CpuDevice::new(0).unwrap();
    let mut seen = vec![false; kernel.outputs];
    for (i, scene) in (spec.scenes)().into_iter().enumerate() {
        cpu.apply(&scene).unwrap();
        cpu.restart(7);
        let input = (spec.inputs)(&scene, &mut cpu, &mut Random::new(i as u64));
        let ours = run_on_cpu(&mut cpu, &kernel, &input);
        let same = compare(spec, &mut cpu, &scene, &input, &ours, &ours);
        assert!(same.apart < 1e-6, "outputs are {} times what is allowed from themselves: {}", same.apart, same.at);
        for (column, seen) in seen.iter_mut().enumerate() {
            // As many items as are quick to run.
            let some = 200.min(input.len() / kernel.inputs);
            let input = &input[..some * kernel.inputs];
            let ours = &ours[..some * kernel.outputs];
            let mut wrong = ours.to_vec();
            for value in wrong.iter_mut().skip(column).step_by(kernel.outputs) {
                *value += 1e-3 * value.abs().max(1e-3);
            }
            *seen |= compare(spec, &mut cpu, &scene, input, ours, &wrong).apart > 1.0;
        }
    }
    assert!(seen.iter().all(|&seen| seen), "a wrong output is not seen: {seen:?}");
}

/// Outputs of inputs that are nudged by half of the permitted distance are accepted.
fn comparison_allows_for_rounding(spec: &Spec) {
    let kernel = kernel(spec.name);
    let mut cpu = CpuDevice::new(0).unwrap();
    for (i, scene) in (spec.scenes)().into_iter().enumerate() {
        cpu.apply(&scene).unwrap();
        cpu.restart(7);
        let mut random = Random::new(i as u64);
        let input = (spec.inputs)(&scene, &mut cpu, &mut random);
        let ours = run_on_cpu(&mut cpu, &kernel, &input);
        let items = input.chunks(kernel.inputs).zip(ours.chunks(kernel.outputs));
        let rounded = items.flat_map(|(input, output)| {
            let nudges = (spec.nudge)(&Item { scene: &scene, input, output }, output).unwrap_or_default();
            nudged(input, &nudges, &mut || random.range(-0.5, 0.5))
        });
        let theirs = run_on_cpu(&mut cpu, &kernel, &rounded.collect::<Vec<f32>>());
        let Compared { apart, at, .. } = compare(spec, &mut cpu, &scene, &input, &ours, &theirs);
        assert!(apart <= 1.0, "scene {i}: {apart} times what is allowed at {at}");
    }
}

/// Rays that may end at any hit find one where, and only where, there is a nearest.
fn any_hit(mut gpu: OptixDevice) {
    let mut cpu = CpuDevice::new(0).unwrap();
    let spec = specs().into_iter().find(|spec| spec.name == INTERSECT).unwrap();
    for scene in (spec.scenes)() {
        gpu.apply(&scene).unwrap();
        cpu.apply(&scene).unwrap();
        let rays = rays(&(spec.inputs)(&scene, &mut cpu, &mut Random::new(5)));
        let nearest = gpu.nearest(&rays, false).unwrap();
        let any: Vec<bool> = gpu.nearest(&rays, true).unwrap().iter().map(|hit| hit.instance != NOTHING).collect();
        assert!(any.iter().any(|&any| any) && !any.iter().all(|&any| any));
        for ((any, nearest), ray) in any.iter().zip(&nearest).zip(&rays) {
            assert_eq!(*any, nearest.t < f32::INFINITY, "{ray:?}");
        }
    }
}
