//! The measurements of one scene, in an order in which none disturbs the next.

use super::{Config, Convergence, Figures};
use crate::cancel::CancelToken;
use crate::device::film::Planes;
use crate::device::{Applied, Develop, Device};
use crate::frame::Frame;
use crate::scene::{Channel, Edit, GeometryUpdate, Postproc, Scene, Values};
use crate::{Error, Result};
use std::time::Instant;

/// Repetitions of a measurement whose median is reported.
const REPEATS: usize = 5;
const SEED: u64 = 1;
const REFERENCE_SEED: u64 = 2;

/// Runs all measurements; the frame is the image after the given number of passes.
pub(super) fn measure(config: &Config, device: &mut dyn Device) -> Result<(Figures, Frame)> {
    let data = config.case.data(config.count);
    let arrays_mb = bytes(&data) as f64 / 1e6;

    let clock = Instant::now();
    let mut scene = config.case.scene(data.clone())?;
    scene.size = config.size;
    scene.variables.path_seg_range = config.path_seg_range;
    scene.postproc = vec![Postproc::Gamma];
    // For the denoiser, below.
    device.require_planes(Planes::ALL);
    device.apply(&scene)?;
    device.restart(SEED);
    let setup_s = clock.elapsed().as_secs_f64();

    let first_pass_s = trace(device, 1)?;
    let device_mib = device.memory_in_use().map(|bytes| bytes >> 20);
    // The first may still be learning how fast the device is.
    let pass_ms = pass_ms(device, config.passes)?;
    let single_pass_ms = self::pass_ms(device, 1)?;
    device.restart(SEED);
    trace(device, config.passes)?;
    let frame = device.develop(true, Develop { linear: true, ..Develop::default() })?;
    let peak_mb = peak_mb();

    let develop_ms = develop_ms(device)?;
    let denoise_ms = {
        let mut denoised = scene.clone();
        denoised.postproc = vec![Postproc::DenoiserBuiltin];
        denoised.variables.denoiser_start = 1;
        // Only the chain changes: the film stays.
        device.apply(&denoised)?;
        let with = self::develop_ms(device)?;
        device.apply(&scene)?;
        with - develop_ms
    };

    let convergence = match config.reference_passes {
        0 => Vec::new(),
        passes => converge(device, config.passes, passes)?,
    };

    // Back and forth, so that every repetition moves everything.
    let there = config.case.moved(&data);
    let mut back = GeometryUpdate { pos: there.pos.as_ref().and(data.pos.clone()), ..GeometryUpdate::default() };
    for (channel, values) in back.values.iter_mut() {
        *values = there.values[channel].as_ref().and(data.values[channel].clone());
    }
    let mut moves = Vec::new();
    let mut applied = Applied::default();
    for i in 0..REPEATS {
        let data = if i % 2 == 0 { &there } else { &back };
        let (ms, what) = edit(device, &mut scene, data)?;
        moves.push(ms);
        applied = what;
    }
    let mut rebuilds = Vec::new();
    for i in 0..REPEATS {
        rebuilds.push(edit(device, &mut scene, &first(&data, config.count - 1 - i))?.0);
    }

    // All primitives again.
    scene.apply(&Edit::SetData { name: "data".into(), data })?;
    let moving_image_ms = moving_image_ms(device, &mut scene, [&there, &back])?;

    let (width, height) = config.size;
    let pixels = f64::from(width) * f64::from(height);
    let info = device.info();
    let figures = Figures {
        case: config.case,
        device: info.name.clone(),
        threads: info.threads,
        width,
        height,
        primitives: config.count,
        passes: config.passes,
        path_seg_range: config.path_seg_range,
        setup_s,
        first_pass_s,
        pass_ms,
        single_pass_ms,
        mpixels_per_s: pixels / pass_ms / 1e3,
        mean: mean(&frame),
        peak_mb,
        arrays_mb,
        device_mib,
        move_ms: median(moves),
        moved_by: if applied.rebuilt.is_empty() { "refitted" } else { "rebuilt" },
        rebuild_ms: median(rebuilds),
        moving_image_ms,
        develop_ms,
        denoise_ms,
        convergence,
    };
    Ok((figures, frame))
}

/// Seconds that a number of passes take.
fn trace(device: &mut dyn Device, passes: u32) -> Result<f64> {
    let clock = Instant::now();
    let done = device.trace_more(passes, &CancelToken::new())?;
    match done == passes {
        true => Ok(clock.elapsed().as_secs_f64()),
        false => Err(Error::device(format!("{done} passes of {passes} were traced"))),
    }
}

/// Milliseconds of a pass in blocks of so many. The first block, of a scene whose speed is not known yet, does not count.
fn pass_ms(device: &mut dyn Device, passes: u32) -> Result<f64> {
    let mut blocks = Vec::new();
    for _ in 0..=REPEATS {
        device.restart(SEED);
        blocks.push(trace(device, passes)? * 1e3 / f64::from(passes));
    }
    Ok(median(blocks.split_off(1)))
}

/// Milliseconds of an image of one pass, when each shows other data, which is staged as `compute` stages it: while the
/// image before is traced.
fn moving_image_ms(device: &mut dyn Device, scene: &mut Scene, data: [&GeometryUpdate; 2]) -> Result<f64> {
    let prefetch = device.prefetcher();
    let mut times = Vec::new();
    device.apply(scene)?;
    for i in 0..4 * REPEATS {
        let clock = Instant::now();
        let mut next = scene.clone();
        std::thread::scope(|scope| -> Result<()> {
            let compute = scope.spawn(|| -> Result<Scene> {
                // New buffers each time, as a script would have.
                next.apply(&Edit::UpdateData { name: "data".into(), data: fresh(data[i % 2]) })?;
                if let Some(prefetch) = &prefetch {
                    prefetch.prefetch(&next, &CancelToken::new());
                }
                Ok(next)
            });
            device.restart(SEED + i as u64);
            trace(device, 1)?;
            device.develop(true, Develop::default())?;
            let next = compute.join().unwrap_or_else(|_| Err(Error::device("the computing thread died")))?;
            device.apply(&next)?;
            *scene = next;
            Ok(())
        })?;
        times.push(clock.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times))
}

/// The same numbers in other buffers.
fn fresh(data: &GeometryUpdate) -> GeometryUpdate {
    let mut copy =
        GeometryUpdate { pos: data.pos.as_ref().map(|pos| pos.relative()[..].into()), ..GeometryUpdate::default() };
    for (channel, values) in copy.values.iter_mut() {
        *values = data.values[channel].as_ref().map(Values::copied);
    }
    copy
}

fn develop_ms(device: &mut dyn Device) -> Result<f64> {
    let mut times = Vec::new();
    for _ in 0..REPEATS {
        let clock = Instant::now();
        device.develop(true, Develop::default())?;
        times.push(clock.elapsed().as_secs_f64() * 1e3);
    }
    Ok(median(times))
}

/// Milliseconds from an edit to a device that is ready for the first ray.
fn edit(device: &mut dyn Device, scene: &mut Scene, data: &GeometryUpdate) -> Result<(f64, Applied)> {
    let clock = Instant::now();
    scene.apply(&Edit::UpdateData { name: "data".into(), data: data.clone() })?;
    let applied = device.apply(scene)?;
    device.restart(SEED);
    Ok((clock.elapsed().as_secs_f64() * 1e3, applied))
}

fn converge(device: &mut dyn Device, passes: u32, reference_passes: u32) -> Result<Vec<Convergence>> {
    device.restart(REFERENCE_SEED);
    trace(device, reference_passes)?;
    let reference = device.develop(true, Develop { linear: true, ..Develop::default() })?.linear;
    device.restart(SEED);
    let (mut done, mut seconds, mut errors) = (0, 0.0, Vec::new());
    for exponent in 0.. {
        let next = 1 << exponent;
        if next > passes {
            break;
        }
        seconds += trace(device, next - done)?;
        done = next;
        let picture = device.develop(false, Develop { linear: true, ..Develop::default() })?.linear;
        let square: f64 = picture.iter().zip(&reference).map(|(a, b)| f64::from(a - b).powi(2)).sum();
        errors.push(Convergence { passes: done, seconds, rmse: (square / picture.len() as f64).sqrt() });
    }
    Ok(errors)
}

/// The first `count` primitives of a plot.
fn first(data: &GeometryUpdate, count: usize) -> GeometryUpdate {
    let mut cut = GeometryUpdate {
        pos: data.pos.as_ref().map(|pos| pos.relative()[..count].into()),
        ..GeometryUpdate::default()
    };
    for (channel, values) in cut.values.iter_mut() {
        *values = data.values[channel].as_ref().map(|values| values.first(count));
    }
    cut
}

/// Bytes of the arrays that the caller holds.
fn bytes(data: &GeometryUpdate) -> usize {
    let pos = data.pos.as_ref().map_or(0, |pos| size_of_val(&**pos.relative()));
    let arrays = data
        .values
        .iter()
        .filter_map(|(channel, values)| values.as_ref().filter(|_| channel != Channel::Color).and_then(Values::array));
    pos + arrays.map(|array| size_of_val(&**array)).sum::<usize>()
}

fn mean(frame: &Frame) -> [f64; 3] {
    let pixels = frame.linear.len() / 3;
    let channel = |c: usize| frame.linear.iter().skip(c).step_by(3).map(|&x| f64::from(x)).sum::<f64>();
    std::array::from_fn(|c| channel(c) / pixels as f64)
}

pub(super) fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Largest resident set of the process so far, where the system reports it.
fn peak_mb() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024.0 / 1e6)
}
