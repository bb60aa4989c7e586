//! `plotrt bench`: how fast the scenes of [`scenes`] are set up, traced, changed and developed on this machine.

mod bare;
mod measure;
mod scenes;

use super::args::{BenchArgs, Case};
use super::{Outcome, report};
use crate::device;
use crate::output;
use serde::Serialize;
use std::fmt::Write;

/// Measurements to make, resolved from the arguments.
struct Config {
    case: Case,
    count: usize,
    size: (u32, u32),
    passes: u32,
    path_seg_range: (u32, u32),
    reference_passes: u32,
}

/// All figures of one scene. Times are medians where something is done several times.
#[derive(Debug, Serialize)]
struct Figures {
    case: Case,
    device: String,
    threads: usize,
    width: u32,
    height: u32,
    primitives: usize,
    passes: u32,
    path_seg_range: (u32, u32),
    /// Seconds from the caller's packed arrays to a scene that rays can be traced in.
    setup_s: f64,
    /// The first pass, seconds.
    first_pass_s: f64,
    /// A pass in a block of `passes`, and one that is traced alone, milliseconds.
    pass_ms: f64,
    single_pass_ms: f64,
    mpixels_per_s: f64,
    /// Mean of the image, linear RGB.
    mean: [f64; 3],
    /// Largest resident set up to the last pass (Linux only), and the caller's arrays in it, MB.
    peak_mb: Option<f64>,
    arrays_mb: f64,
    /// The device's own memory for the scene, beyond its contexts, MiB.
    device_mib: Option<u64>,
    /// Milliseconds from a staged edit to the first ray: all primitives moved; one primitive fewer.
    move_ms: f64,
    moved_by: &'static str,
    rebuild_ms: f64,
    /// An image of one pass of which all primitives have moved since the one before, the next arrays being sent
    /// meanwhile, milliseconds.
    moving_image_ms: f64,
    /// Milliseconds from the film to an image: with exposure and gamma only; added by plotrt's own denoiser.
    develop_ms: f64,
    denoise_ms: f64,
    /// Error against a converged image of the same device, after 1, 2, 4 ... passes.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    convergence: Vec<Convergence>,
}

#[derive(Debug, Serialize)]
struct Convergence {
    passes: u32,
    seconds: f64,
    /// Root of the mean square over pixels and channels, linear radiance.
    rmse: f64,
}

pub fn run(args: &BenchArgs) -> Outcome {
    if args.bare {
        return bare::run(args);
    }
    let cases = match args.case {
        Some(case) => vec![case],
        None => vec![Case::Seed, Case::Spheres, Case::Boxes],
    };
    for case in cases {
        let config = Config {
            case,
            count: args.count.filter(|_| case != Case::Seed).unwrap_or(case.default_count()),
            size: args.size.map_or(case.size(), |size| (size.0, size.1)),
            passes: args.passes,
            path_seg_range: args.path_seg_range,
            reference_passes: args.reference,
        };
        let mut device = device::open(&args.device, args.threads)?;
        let (figures, frame) = measure::measure(&config, device.as_mut())?;
        if let Some(path) = &args.out {
            output::save_frame(&frame, path)?;
        }
        let text = match args.json {
            true => serde_json::to_string(&figures).map_err(|e| crate::Error::file(e.to_string()))? + "\n",
            false => describe(&figures),
        };
        report::result(&text)?;
    }
    Ok(())
}

fn describe(f: &Figures) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        // Writing to a string does not fail.
        let _ = writeln!(text, "  {name:<28}{value}");
    };
    line("primitives", f.primitives.to_string());
    line("arrays to scene", format!("{:.3} s", f.setup_s));
    line("first pass", format!("{:.3} s", f.first_pass_s));
    line("pass", format!("{:.3} ms, {:.2} Mpixel/s; alone {:.3} ms", f.pass_ms, f.mpixels_per_s, f.single_pass_ms));
    line("mean radiance", format!("{:.5} {:.5} {:.5}", f.mean[0], f.mean[1], f.mean[2]));
    let peak = f.peak_mb.map_or("unknown".into(), |mb| format!("{mb:.0} MB"));
    line("peak memory", format!("{peak}, the caller's arrays {:.0} MB", f.arrays_mb));
    if let Some(mib) = f.device_mib {
        line("device memory", format!("{mib} MiB"));
    }
    line("all moved, to first ray", format!("{:.1} ms ({})", f.move_ms, f.moved_by));
    line("one fewer, to first ray", format!("{:.1} ms", f.rebuild_ms));
    line("all moved, image", format!("{:.2} ms, {:.1} a second", f.moving_image_ms, 1e3 / f.moving_image_ms));
    line("develop", format!("{:.1} ms, denoiser {:.1} ms", f.develop_ms, f.denoise_ms));
    for c in &f.convergence {
        line(&format!("error after {} passes", c.passes), format!("{:.6} in {:.3} s", c.rmse, c.seconds));
    }
    let (least, most) = f.path_seg_range;
    // A GPU has no threads to choose.
    let threads = if f.threads > 0 { format!(", {} threads", f.threads) } else { String::new() };
    format!(
        "{:?}, {}x{}, {} passes, {least} to {most} segments; {}{threads}\n{text}",
        f.case, f.width, f.height, f.passes, f.device
    )
}
